/* What rm_inspect counts, against files small enough to count by hand and a large one counted
 * twice. */
#define _GNU_SOURCE
#include "base/date.h"
#include "base/text.h"
#include "output/inspect/recognise.h"

#include "riskmap/riskmap.h"

#include <gdal.h>
#include <math.h>
#include <ogr_api.h>
#include <ogr_srs_api.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "scratch.h"

static void write_text(const char *name, const char *text)
{
    FILE *file = fopen(scratch_path(name), "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, strlen(text), file), strlen(text));
    assert_int_equal(fclose(file), 0);
}

/* A collection of features in RD, or in longitude and latitude. */
static void write_geojson(const char *name, bool rd, const char *const *geometries, int count)
{
    rm_text out = {0};
    rm_text_add(&out, "{\"type\": \"FeatureCollection\",");
    if (rd)
        rm_text_add(&out, "\"crs\": {\"type\": \"name\", \"properties\": {\"name\": "
                          "\"urn:ogc:def:crs:EPSG::28992\"}},");
    rm_text_add(&out, "\"features\": [");
    for (int g = 0; g < count; g++)
        rm_text_addf(&out,
                     "%s{\"type\": \"Feature\", \"properties\": {\"nr\": %d}, \"geometry\": %s}",
                     g ? ",\n" : "", g, geometries[g]);
    rm_text_add(&out, "]}\n");
    write_text(name, out.data);
    rm_text_clear(&out);
}

static rm_inspection *inspect_with(const char *path, const rm_inspect_options *options)
{
    rm_error err = {0};
    rm_inspection *found = NULL;
    if (rm_inspect(&found, path, options, &err) != RM_OK)
        fail_msg("%s", err.message);
    return found;
}

static rm_inspection *inspect(const char *name, const char *crs)
{
    rm_inspect_options options = RM_INSPECT_OPTIONS_INIT;
    options.crs = crs;
    options.threads = 1;
    return inspect_with(scratch_path(name), &options);
}

static rm_inspected_layer layer_of(const rm_inspection *found, int32_t number)
{
    rm_inspected_layer out;
    assert_int_equal(rm_inspection_layer(found, number, &out, NULL), RM_OK);
    return out;
}

static rm_inspected_field field_of(const rm_inspection *found, int32_t layer, const char *name)
{
    rm_inspected_field out;
    for (int32_t f = 0; f < layer_of(found, layer).field_count; f++) {
        assert_int_equal(rm_inspection_field(found, layer, f, &out, NULL), RM_OK);
        if (strcmp(out.name, name) == 0)
            return out;
    }
    fail_msg("there is no field %s", name);
    return out;
}

static const char REPORTS[] = "nr;datum;bedrag;bouwjaar;gemeente;x;y\n"
                              "001;31-12-2023;1,50;1005;GM0000;200000;500000\n"
                              "002;2024-02-29;-99997;1930;GM0150;200100,5;500100\n"
                              "003;30-02-2024;-3;9999;  ;201000;501000\n"
                              "004;;12.345,25;1650;gm0000;202000;502000\n"
                              "005;1-1-1950;twee; ;;203000;503000\n";

static void assert_field(const rm_inspected_field *field, int64_t missing, int64_t sentinels,
                         int64_t numbers, int64_t dates)
{
    assert_int_equal(field->missing, missing);
    assert_int_equal(field->sentinels, sentinels);
    assert_int_equal(field->numbers, numbers);
    assert_int_equal(field->dates, dates);
}

static void test_text_is_counted_and_never_shown(void **state)
{
    (void)state;
    write_text("reports.csv", REPORTS);
    rm_inspection *found = inspect("reports.csv", "EPSG:28992");
    rm_inspected_layer layer = layer_of(found, 0);
    assert_int_equal(rm_inspection_layer_count(found), 1);
    assert_string_equal(layer.name, "reports");
    assert_string_equal(layer.geometry_type, "Point");
    assert_string_equal(layer.problem, "");
    assert_string_equal(layer.taken_for_en, "reports: date and coordinates");
    assert_int_equal(layer.features, 5);
    assert_int_equal(layer.without_geometry + layer.invalid + layer.outside + layer.bad_rows, 0);
    assert_string_equal(layer.crs, "EPSG:28992");
    assert_string_equal(layer.crs_operation, "");
    assert_string_equal(layer.crs_problem, "");
    assert_true(layer.crs_accuracy_m == 0);
    assert_true(layer.extent[0] == 200000 && layer.extent[1] == 500000);
    assert_true(layer.extent[2] == 203000 && layer.extent[3] == 503000);

    rm_inspected_field field = field_of(found, 0, "datum");
    assert_field(&field, 1, 0, 0, 3);
    assert_int_equal(field.first_date, rm_date_from_civil(1950, 1, 1));
    assert_int_equal(field.last_date, rm_date_from_civil(2024, 2, 29));
    field = field_of(found, 0, "bouwjaar");
    assert_field(&field, 1, 2, 2, 0);
    assert_true(field.lowest == 1650 && field.highest == 1930);
    field = field_of(found, 0, "gemeente");
    assert_field(&field, 2, 2, 0, 0);
    assert_true(isnan(field.lowest) && isnan(field.highest));
    assert_int_equal(field.first_date, INT32_MIN);
    field = field_of(found, 0, "nr");
    assert_field(&field, 0, 0, 5, 0);
    assert_true(field.lowest == 1 && field.highest == 5);
    rm_inspection_free(found);
}

static void test_numbers_leave_sentinels_aside(void **state)
{
    (void)state;
    write_text("reports.csv", REPORTS);
    rm_inspection *found = inspect("reports.csv", "EPSG:28992");
    rm_inspected_field field = field_of(found, 0, "bedrag");
    assert_int_equal(field.missing, 0);
    assert_int_equal(field.sentinels, 1);
    assert_true(field.lowest == -3);
    rm_inspection_free(found);
}

static void test_a_source_without_a_crs_is_read_as_it_is(void **state)
{
    (void)state;
    write_text("reports.csv", REPORTS);
    rm_inspection *found = inspect("reports.csv", NULL);
    rm_inspected_layer layer = layer_of(found, 0);
    assert_string_equal(layer.crs, "");
    assert_non_null(strstr(layer.crs_problem, "states no coordinate reference system"));
    assert_string_equal(layer.looks_like, "EPSG:28992");
    assert_true(isnan(layer.crs_accuracy_m));
    assert_int_equal(layer.features, 5);
    assert_true(layer.extent[2] == 203000);
    rm_inspection_free(found);
}

static void test_degrees_labelled_rd(void **state)
{
    (void)state;
    write_text("ll.csv", "naam;x;y\na;6,1;52,2\nb;6,2;52,3\nc;;\n");
    rm_inspection *found = inspect("ll.csv", "EPSG:28992");
    rm_inspected_layer layer = layer_of(found, 0);
    assert_non_null(strstr(layer.crs_problem, "look like longitude/latitude"));
    assert_string_equal(layer.looks_like, "EPSG:4258");
    assert_int_equal(layer.features, 3);
    assert_int_equal(layer.outside, 2);
    assert_int_equal(layer.without_geometry, 1);
    assert_true(layer.extent[0] == 6.1 && layer.extent[3] == 52.3);
    rm_inspection_free(found);

    write_text("swapped.csv", "naam;x;y\na;500000;200000\nb;500100;200100\n");
    found = inspect("swapped.csv", "EPSG:28992");
    layer = layer_of(found, 0); /* read the other way around */
    assert_string_equal(layer.looks_like, "");
    assert_int_equal(layer.outside, 0);
    assert_true(layer.extent[0] == 200000 && layer.extent[1] == 500000);
    rm_inspection_free(found);
}

static void test_single_features_outside(void **state)
{
    (void)state;
    write_text("mixed.csv", "naam;x;y\na;200000;500000\nb;6,2;52,3\nc;;\nd;200010;500010\n");
    rm_inspection *found = inspect("mixed.csv", "EPSG:28992");
    rm_inspected_layer layer = layer_of(found, 0);
    assert_string_equal(layer.crs_problem, "");
    assert_int_equal(layer.outside, 1);
    assert_int_equal(layer.without_geometry, 1);
    assert_true(layer.extent[0] == 200000 && layer.extent[2] == 200010);
    rm_inspection_free(found);
}

static void test_rows_with_more_cells_than_the_header(void **state)
{
    (void)state;
    write_text("rows.csv", "naam;x;y\na;200000;500000\nb;200010\nc;200020;500020;9;9\n");
    rm_inspection *found = inspect("rows.csv", "EPSG:28992");
    rm_inspected_layer layer = layer_of(found, 0);
    assert_int_equal(layer.features, 3);
    assert_int_equal(layer.bad_rows, 1);
    assert_int_equal(layer.without_geometry, 2);
    rm_inspection_free(found);
}

static const char *const FAULTY[] = {
    "{\"type\": \"Polygon\", \"coordinates\": [[[0,1e5],[10,1e5],[10,100010],[0,100010],[0,1e5]]]}",
    /* bow tie; a hole outside its shell; a ring open by 3 m; nothing */
    "{\"type\": \"Polygon\", \"coordinates\": "
    "[[[1e5,4e5],[100010,400010],[100010,4e5],[1e5,400010],"
    "[1e5,4e5]]]}",
    "{\"type\": \"Polygon\", \"coordinates\": [[[1e5,4e5],[100010,4e5],[100010,400010],[1e5,4e5]],"
    "[[100020,4e5],[100022,4e5],[100022,400002],[100020,4e5]]]}",
    "{\"type\": \"Polygon\", \"coordinates\": "
    "[[[1e5,4e5],[100010,4e5],[100010,400010],[100003,4e5]]]}",
    "null",
    "{\"type\": \"Polygon\", \"coordinates\": "
    "[[[1e5,4e5],[100010,4e5],[100010,400010],[1e5,4e5]]]}"};

static void test_faulty_polygons(void **state)
{
    (void)state;
    write_geojson("faulty.geojson", true, FAULTY, 6);
    rm_inspection *found = inspect("faulty.geojson", NULL);
    rm_inspected_layer layer = layer_of(found, 0);
    assert_string_equal(layer.crs, "EPSG:28992");
    assert_int_equal(layer.features, 6);
    assert_int_equal(layer.outside, 1); /* the first lies in the sea, south of RD's area of use */
    assert_int_equal(layer.invalid, 3);
    assert_int_equal(layer.without_geometry, 1);
    rm_inspected_field field = field_of(found, 0, "nr");
    assert_string_equal(field.type, "integer");
    assert_field(&field, 0, 0, 6, 0);
    rm_inspection_free(found);
}

static void test_degrees_are_brought_to_rd(void **state)
{
    (void)state;
    const char *point = "{\"type\": \"Point\", \"coordinates\": [5.387206, 52.155174]}";
    write_geojson("amersfoort.geojson", false, &point, 1);
    rm_inspection *found = inspect("amersfoort.geojson", NULL);
    rm_inspected_layer layer = layer_of(found, 0);
    assert_string_equal(layer.crs, "EPSG:4326");
    assert_non_null(strstr(layer.crs_operation, "taken as EPSG:4258"));
    assert_true(fabs(layer.extent[0] - 155000) < 15 && fabs(layer.extent[1] - 463000) < 15);
    /* with the grid on this machine it is exact, without it the grid is named */
    if (layer.missing_grid[0]) {
        assert_string_equal(layer.missing_grid, "nl_nsgi_rdtrans2018.tif");
        assert_true(layer.crs_accuracy_m > 0.01);
    } else {
        assert_true(layer.crs_accuracy_m <= 0.01);
    }
    rm_inspection_free(found);
}

static void test_another_target(void **state)
{
    (void)state;
    write_text("reports.csv", REPORTS);
    rm_inspect_options options = RM_INSPECT_OPTIONS_INIT;
    options.crs = "EPSG:28992";
    options.target_crs = "EPSG:4258";
    rm_inspection *found = inspect_with(scratch_path("reports.csv"), &options);
    rm_inspected_layer layer = layer_of(found, 0);
    assert_true(layer.extent[0] > 5 && layer.extent[2] < 7);
    assert_true(layer.extent[1] > 52 && layer.extent[3] < 53);
    rm_inspection_free(found);
}

static void refuse(const char *path, const rm_inspect_options *options, rm_status code,
                   const char *message)
{
    rm_error err = {0};
    rm_inspection *found = (rm_inspection *)&err; /* must stay what it was */
    assert_int_equal(rm_inspect(&found, path, options, &err), code);
    assert_ptr_equal(found, &err);
    if (!strstr(err.message, message))
        fail_msg("\"%s\" lacks \"%s\"", err.message, message);
}

static void test_what_cannot_be_looked_at(void **state)
{
    (void)state;
    rm_inspect_options options = RM_INSPECT_OPTIONS_INIT;
    write_text("reports.csv", REPORTS);
    refuse(scratch_path("report.csv"), NULL, RM_ENOTFOUND, "did you mean \"reports.csv\"?");
    options.layer = "reprots";
    refuse(scratch_path("reports.csv"), &options, RM_ENOTFOUND, "did you mean \"reports\"?");
    options.layer = NULL;
    options.crs = "EPSG:99";
    refuse(scratch_path("reports.csv"), &options, RM_ECRS, "EPSG:99");
    options.crs = NULL;
    options.target_crs = "EPSG:0";
    refuse(scratch_path("reports.csv"), &options, RM_ECRS, "EPSG:0");
    options.target_crs = NULL;
    options.threads = 65;
    refuse(scratch_path("reports.csv"), &options, RM_EINVAL, "threads is 65");
    options = (rm_inspect_options){0};
    refuse(scratch_path("reports.csv"), &options, RM_EINVAL, "RM_INSPECT_OPTIONS_INIT");
    refuse("", NULL, RM_EINVAL, "no source");
    write_text("notes.xyz", "no layer at all\n");
    refuse(scratch_path("notes.xyz"), NULL, RM_EFORMAT, "notes.xyz");
    rm_inspection *found = inspect("reports.csv", NULL);
    rm_inspected_layer layer;
    rm_inspected_field field;
    assert_int_equal(rm_inspection_layer(found, 1, &layer, NULL), RM_EINVAL);
    assert_int_equal(rm_inspection_layer(found, -1, &layer, NULL), RM_EINVAL);
    assert_int_equal(rm_inspection_field(found, 0, 7, &field, NULL), RM_EINVAL);
    assert_int_equal(rm_inspection_field(found, 1, 0, &field, NULL), RM_EINVAL);
    rm_inspection_free(found);
    rm_inspection_free(NULL);
}

static int stop_at_once(double fraction, const char *message, void *user)
{
    (void)fraction, (void)message;
    return ++*(int *)user >= 2;
}

static void test_cancel(void **state)
{
    (void)state;
    int calls = 0;
    rm_inspect_options options = RM_INSPECT_OPTIONS_INIT;
    options.progress = stop_at_once;
    options.progress_user = &calls;
    write_text("reports.csv", REPORTS);
    refuse(scratch_path("reports.csv"), &options, RM_ECANCELLED, "");
    assert_int_equal(calls, 2);
}

/* A GeoPackage of `count` points, enough for several batches, in the order of a stride. */
static void write_many(const char *name, int count, int stride)
{
    OGRSpatialReferenceH rd = OSRNewSpatialReference(NULL);
    GDALAllRegister();
    OSRImportFromEPSG(rd, 28992);
    GDALDatasetH data =
        GDALCreate(GDALGetDriverByName("GPKG"), scratch_path(name), 0, 0, 0, GDT_Unknown, NULL);
    assert_non_null(data);
    assert_int_equal(GDALDatasetStartTransaction(data, FALSE), OGRERR_NONE);
    OGRLayerH layer = GDALDatasetCreateLayer(data, "punten", rd, wkbPoint, NULL);
    OGRFieldDefnH value = OGR_Fld_Create("waarde", OFTReal),
                  year = OGR_Fld_Create("bouwjaar", OFTInteger);
    OGR_L_CreateField(layer, value, TRUE);
    OGR_L_CreateField(layer, year, TRUE);
    for (int i = 0; i < count; i++) {
        int k = (int)((int64_t)i * stride % count);
        OGRFeatureH feature = OGR_F_Create(OGR_L_GetLayerDefn(layer));
        OGRGeometryH point = OGR_G_CreateGeometry(wkbPoint);
        OGR_G_SetPoint_2D(point, 0, k % 1000 == 0 ? 1 : 100000 + k % 977, 400000 + k % 613);
        if (k % 50 != 0)
            OGR_F_SetGeometry(feature, point);
        if (k % 7 != 0)
            OGR_F_SetFieldDouble(feature, 0, k % 11 == 0 ? -99997.0 : k / 4.0);
        OGR_F_SetFieldInteger(feature, 1, k % 13 == 0 ? 1005 : 1900 + k % 120);
        assert_int_equal(OGR_L_CreateFeature(layer, feature), OGRERR_NONE);
        OGR_G_DestroyGeometry(point);
        OGR_F_Destroy(feature);
    }
    assert_int_equal(GDALDatasetCommitTransaction(data), OGRERR_NONE);
    GDALClose(data);
    OGR_Fld_Destroy(value);
    OGR_Fld_Destroy(year);
    OSRDestroySpatialReference(rd);
}

/* The same, counted one by one. */
static void assert_many(const rm_inspection *found, int count)
{
    int64_t none = 0, nulls = 0, sentinels = 0, years = 0;
    double highest = 0;
    for (int k = 0; k < count; k++) {
        none += k % 50 == 0;
        nulls += k % 7 == 0;
        sentinels += k % 7 != 0 && k % 11 == 0;
        years += k % 13 == 0;
        if (k % 7 != 0 && k % 11 != 0)
            highest = k / 4.0;
    }
    rm_inspected_layer layer = layer_of(found, 0);
    assert_int_equal(layer.features, count);
    assert_int_equal(layer.without_geometry, none);
    assert_true(layer.extent[0] == 100000 && layer.extent[2] == 100976);
    assert_true(layer.extent[1] == 400000 && layer.extent[3] == 400612);
    rm_inspected_field field = field_of(found, 0, "waarde");
    assert_field(&field, nulls, sentinels, count - nulls - sentinels, 0);
    assert_string_equal(field.type, "real");
    assert_true(field.lowest == 0.25 && field.highest == highest);
    field = field_of(found, 0, "bouwjaar");
    assert_field(&field, 0, years, count - years, 0);
    assert_true(field.lowest == 1900 && field.highest == 2019);
}

static void test_many_rows_by_any_number_of_threads(void **state)
{
    enum { COUNT = 100003 };
    (void)state;
    rm_inspect_options options = RM_INSPECT_OPTIONS_INIT;
    write_many("many.gpkg", COUNT, 1);
    write_many("shuffled.gpkg", COUNT, 54321);
    for (int threads = 1; threads <= 8; threads *= 2) {
        options.threads = threads;
        rm_inspection *found = inspect_with(scratch_path("many.gpkg"), &options);
        assert_many(found, COUNT);
        rm_inspection_free(found);
    }
    rm_inspection *found = inspect_with(scratch_path("shuffled.gpkg"), &options);
    assert_string_equal(rm_inspection_driver(found), "GPKG");
    assert_many(found, COUNT);
    rm_inspection_free(found);
}

static const struct known {
    const char *layer, *fields, *expected;
} KNOWN[] = {
    {"pand", "identificatie bouwjaar status gebruiksdoel oppervlakte_min aantal_verblijfsobjecten",
     "BAG light: pand"},
    {"x", "IDENTIFICATIE OPPERVLAKTE STATUS GEBRUIKSDOEL HUISNUMMER POSTCODE PAND_IDENTIFICATIE",
     "BAG light: verblijfsobject"},
    {"ligplaats", "identificatie status openbare_ruimte_naam huisnummer", "BAG light: ligplaats"},
    {"woonplaats", "identificatie woonplaats status", "BAG light: woonplaats"},
    {"perceel",
     "identificatie_lokaal_id kadastrale_gemeente_code sectie perceelnummer "
     "kadastrale_grootte_waarde",
     "BRK: perceel"},
    {"Perceel",
     "identificatie sectie perceelnummer kadastraleGrootte|TypeOppervlak|waarde "
     "a|aKRKadastraleGemeenteCode|AKRKadastraleGemeenteCode|code",
     "BRK: perceel"},
    {"Perceel", "identificatie sectie perceelnummer", ""},
    {"BuildingPart", "lokaalID identificatieBAGPND", "BGT: pand"},
    {"OndersteunendWaterdeel", "lokaalID bgt-status class plus-type",
     "BGT: ondersteunend waterdeel"},
    {"Waterdeel", "lokaalID bgt-status class plus-type", "BGT: waterdeel"},
    {"TrafficArea", "lokaalID bgt-status function plus-functieWegdeel", "BGT: wegdeel"},
    {"Plaats", "lokaalID bebouwdeKom naamNL", "TOP10NL: plaats"},
    {"wegdeel", "lokaalid typeweg naam", "TOP10NL: wegdeel"},
    {"buurten", "buurtcode buurtnaam wijkcode gemeentecode gemeentenaam aantal_inwoners",
     "CBS: buurten"},
    {"wijken", "wijkcode wijknaam gemeentecode gemeentenaam aantal_inwoners", "CBS: wijken"},
    {"gemeenten", "gemeentecode gemeentenaam water aantal_inwoners", "CBS: gemeenten"},
    {"t", "RINNUMMER BEDRIJVENT", "IBIS: bedrijventerreinen"},
    {"t", "RIN_NUMMER PLAN_NAAM", "IBIS: bedrijventerreinen"},
    {"t", "RIN_NUMMERS PLAN_NAAM", ""},
    {"Pand", "oorspronkelijkBouwjaar voorkomenIdentificatie beginGeldigheid tijdstipInactiefLV",
     "LVBAG: Pand"},
    {"m", "datum x y", "meldingen: datum en coördinaten"},
    {"m", "pleegdatum postcode huisnummer", "meldingen: datum en adres"},
    {"m", "datum postcode", ""},
    {"areas", "id name score rank class coverage", "riskmap: resultaat"},
    {"", "", ""},
};

static void test_recognised_by_names(void **state)
{
    (void)state;
    for (size_t k = 0; k < sizeof KNOWN / sizeof *KNOWN; k++) {
        rm_table columns = {0};
        char fields[256];
        snprintf(fields, sizeof fields, "%s", KNOWN[k].fields);
        for (char *name = strtok(fields, " "); name; name = strtok(NULL, " "))
            assert_int_equal(rm_table_add_column(&columns, name, RM_TEXT, NULL), RM_OK);
        const char *found = rm_recognise(KNOWN[k].layer, &columns, false);
        if (strcmp(found, KNOWN[k].expected) != 0)
            fail_msg("%s: %s is taken for \"%s\"", KNOWN[k].layer, KNOWN[k].fields, found);
        rm_table_clear(&columns);
    }
}

static void test_sentinels_hold_where_they_are_meant(void **state)
{
    (void)state;
    unsigned any = rm_sentinels_of("aantal"), year = rm_sentinels_of("oorspronkelijkBouwjaar");
    assert_true(rm_is_sentinel(any, -99997) && rm_is_sentinel(any, -99999999));
    assert_false(rm_is_sentinel(any, -99996) || rm_is_sentinel(any, 1005) ||
                 rm_is_sentinel(any, 9999));
    assert_true(rm_is_sentinel(year, 1005) && rm_is_sentinel(year, 9999));
    assert_false(rm_is_sentinel(year, 1006) || rm_is_sentinel(year, NAN));
    assert_true(rm_is_sentinel_text(any, "GM0000", 6));
    assert_false(rm_is_sentinel_text(any, "GM0001", 6) || rm_is_sentinel_text(any, "GM00000", 7));
}

static void test_real_sources(void **state)
{
    static const struct {
        const char *file, *taken_for;
        int64_t features;
    } REAL[] = {
        {"data/holiday-parks/vakantieparken_final.zip", "vakantieparken (onderzoekslijst)", 3770},
        {"data/business-parks/ibis_rijssen_holten_2017.geojson", "IBIS: bedrijventerreinen", 22},
        {"data/brk/input-v5/files/kadastralekaart_perceel.gml", "BRK: perceel", 11},
        /* 13098 records, of which 5703 are history */
        {"data/bag/lvbag-doesburg-0221/0221PND15092020.zip", "LVBAG: Pand", 7395},
        {"data/addresses/bag_adressen_doesburg_2018-11.csv.gz", "adressen met coördinaten", 5872},
    };
    (void)state;
    const char *shared = getenv("RISKMAP_SHARED");
    char path[1024];
    snprintf(path, sizeof path, "%s/data", shared ? shared : "");
    if (!shared || access(path, R_OK) != 0) {
        print_message("skipped: RISKMAP_SHARED names no folder with the real data\n");
        skip();
    }
    for (size_t r = 0; r < sizeof REAL / sizeof *REAL; r++) {
        snprintf(path, sizeof path, "%s/%s", shared, REAL[r].file);
        rm_inspection *found = inspect_with(path, NULL);
        rm_inspected_layer layer = layer_of(found, 0);
        assert_string_equal(layer.problem, "");
        assert_string_equal(layer.taken_for, REAL[r].taken_for);
        assert_int_equal(layer.features, REAL[r].features);
        assert_int_equal(layer.outside, 0);
        rm_inspection_free(found);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text_is_counted_and_never_shown),
        cmocka_unit_test(test_numbers_leave_sentinels_aside),
        cmocka_unit_test(test_a_source_without_a_crs_is_read_as_it_is),
        cmocka_unit_test(test_degrees_labelled_rd),
        cmocka_unit_test(test_single_features_outside),
        cmocka_unit_test(test_rows_with_more_cells_than_the_header),
        cmocka_unit_test(test_faulty_polygons),
        cmocka_unit_test(test_degrees_are_brought_to_rd),
        cmocka_unit_test(test_another_target),
        cmocka_unit_test(test_what_cannot_be_looked_at),
        cmocka_unit_test(test_cancel),
        cmocka_unit_test(test_many_rows_by_any_number_of_threads),
        cmocka_unit_test(test_recognised_by_names),
        cmocka_unit_test(test_sentinels_hold_where_they_are_meant),
        cmocka_unit_test(test_real_sources),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
