/* What follows from a profile for the rows of a source: what is in force, ids, lists, areas and
 * values that stand for "missing", by every reader. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "failing.h"

#include "base/date.h"
#include "profiles.h"

static void test_current_on_a_day(void **state)
{
    (void)state;
    static const struct {
        int year, month, day; /* 0: none */
        int64_t rows, ended;
        const char *first;
    } DAYS[] = {
        {0, 0, 0, 3, 6, "[1986] [Pand in gebruik]"},
        {2026, 1, 1, 3, 6, "[1986] [Pand in gebruik]"},
        {2020, 3, 1, 2, 7, "[1986] [Pand in gebruik]"},  /* the new one begins on the day */
        {2020, 2, 29, 2, 7, "[1985] [Pand in gebruik]"}, /* the old one holds the day before */
        {2009, 1, 1, 0, 9, NULL},
    };
    static const char *const wanted[] = {"bouwjaar", "status"};
    write_text(scratch_path("lvbag.csv"), LVBAG);
    for (size_t d = 0; d < sizeof DAYS / sizeof *DAYS; d++) {
        rm_request request = request_of(scratch_path("lvbag.csv"), wanted, 2);
        if (DAYS[d].year)
            request.as_of = rm_date_from_civil(DAYS[d].year, DAYS[d].month, DAYS[d].day);
        rm_layer *layer = read_with(&request);
        assert_int_equal(layer->provenance.total, 9);
        assert_int_equal(layer->provenance.ended, DAYS[d].ended);
        assert_int_equal(layer->rows.table.rows, DAYS[d].rows);
        assert_int_equal(layer->rows.table.count, 2);
        assert_int_equal(layer->rows.issues.count, 0);
        if (DAYS[d].first)
            assert_cells(layer, 0, DAYS[d].first);
        rm_layer_free(layer);
    }
}

/* A source with no column at all wanted is filtered all the same. */
static void test_current_without_columns(void **state)
{
    (void)state;
    write_text(scratch_path("lvbag.csv"), LVBAG);
    rm_request request = request_of(scratch_path("lvbag.csv"), NULL, 0);
    rm_layer *layer = read_with(&request);
    assert_int_equal(layer->rows.table.rows, 3);
    assert_int_equal(layer->rows.table.count, 0);
    assert_int_equal(layer->provenance.ended, 6);
    rm_layer_free(layer);
}

static void test_what_is_unknown_stays(void **state)
{
    (void)state;
    static const char *const wanted[] = {"brk.perceel.grootte", "identificatie"};
    write_text(
        scratch_path("perceel.csv"),
        "identificatie_lokaal_id,kadastrale_gemeente_code,sectie,perceelnummer,"
        "kadastrale_grootte_waarde,status_historie_waarde,eind_geldigheid\n"
        "1,9,A,1,100,Geldig,\n2,9,A,2,200,,\n3,9,A,3,300,Vervallen,\n4,9,A,4,400, GELDIG ,\n"
        "5,9,A,5,500,Geldig,2021-05-05\n6,9,A,6,600,Geldig,onleesbaar\n7,9,A,7,700,Geldig,  \n");
    rm_request request = request_of(scratch_path("perceel.csv"), wanted, 2);
    rm_layer *layer = read_with(&request);
    assert_int_equal(layer->provenance.ended, 3);
    assert_int_equal(layer->rows.table.rows, 4);
    assert_cells(layer, 1, "[200] [2]");
    assert_cells(layer, 2, "[400] [4]");
    assert_cells(layer, 3, "[700] [7]");
    rm_layer_free(layer);
}

static made_feature buildings[6000];

/* Made in a plain way: every third has ended, every fifth building year is a sentinel. */
static void make_buildings(const char *path, const char *driver)
{
    static char ids[6000][24], years[6000][8], wkt[6000][64];
    made_layer made = {.name = "pand",
                       .epsg = 28992,
                       .type = wkbPoint,
                       .fields = {{"lokaalID", "text"},
                                  {"identificatieBAGPND", "big"},
                                  {"bgt-status", "text"},
                                  {"eindRegistratie", "text"},
                                  {"bouwjaar", "int"}},
                       .features = buildings,
                       .count = 6000};
    for (int i = 0; i < 6000; i++) {
        snprintf(ids[i], sizeof ids[i], "%d", 100000 + i); /* zeros are gone */
        snprintf(years[i], sizeof years[i], "%d", i % 5 ? 1900 + i % 100 : 9999);
        snprintf(wkt[i], sizeof wkt[i], "POINT (%d %d)", 150000 + i, 450000 + i);
        buildings[i] = (made_feature){
            wkt[i],
            {"G9999.x", ids[i], "bestaand", i % 3 == 0 ? "2020-01-01T00:00:00" : NULL, years[i]}};
    }
    assert_true(make_file(path, driver, &made, 1, NULL));
}

static rm_status open_gdal(const rm_request *request, rm_source **out, rm_error *error)
{
    return rm_open_gdal(request, out, error);
}

static void test_alike_by_every_reader(void **state)
{
    (void)state;
    static const char *const wanted[] = {"bgt.pand.bag_pand", "bgt.pand.status", "bouwjaar"};
    make_buildings(scratch_path("bgt.gpkg"), "GPKG");
    rm_box box = {150000, 450000, 150999.5, 451000};
    rm_text first = {0};
    for (int round = 0; round < 8; round++) {
        rm_layer *layer = NULL;
        rm_request request = request_of(scratch_path("bgt.gpkg"), wanted, 3);
        request.geometry = true;
        request.target_crs = "EPSG:28992";
        request.threads = 1 << round % 3;
        request.extent = round < 4 ? NULL : &box;
        assert_int_equal(read_layer(&layer, round % 4 == 3 ? open_gdal : open_any, &request, &err),
                         RM_OK);
        const rm_provenance *p = &layer->provenance;
        assert_int_equal(p->total, 6000);
        assert_int_equal(p->outside, round < 4 ? 0 : 5000);
        assert_int_equal(p->ended, round < 4 ? 2000 : 334);
        assert_int_equal(layer->rows.table.rows, 6000 - p->outside - p->ended);
        assert_int_equal(layer->rows.geometry.features, layer->rows.table.rows);
        assert_int_equal(layer->rows.table.count, 3);
        assert_int_equal(layer->rows.table.columns[0].type, RM_TEXT);
        assert_cells(layer, row_of(layer, 2), "[0000000000100001] [bestaand] 1901");
        rm_text rendered = render_layer(layer);
        if (round % 4 == 0) {
            rm_text_clear(&first);
            first = rendered;
        } else {
            assert_string_equal(rendered.data, first.data);
            rm_text_clear(&rendered);
        }
        rm_layer_free(layer);
    }
    rm_text_clear(&first);
}

/* The driver's Arrow batches give other types than its fields do, and batches. */
static void test_by_arrow(void **state)
{
    (void)state;
    static const char *const wanted[] = {"bag_pand"};
    make_buildings(scratch_path("bgt.fgb"), "FlatGeobuf");
    rm_request request = request_of(scratch_path("bgt.fgb"), wanted, 1);
    request.geometry = true;
    rm_layer *layer = read_with(&request);
    assert_int_equal(layer->provenance.ended, 2000);
    assert_int_equal(layer->rows.table.rows, 4000);
    for (int64_t row = 0; row < layer->rows.table.rows; row++) {
        int64_t length;
        (void)rm_column_text(&layer->rows.table.columns[0], row, &length);
        assert_int_equal(length, 16);
    }
    rm_layer_free(layer);
}

/* Nothing to do, nothing done: the plan says so, and the columns are the driver's own. */
static void test_costs_nothing_where_there_is_nothing_to_do(void **state)
{
    (void)state;
    static const struct {
        const char *wanted;
        bool active, staged;
    } CASES[] = {{"status", false, false},
                 {"aantal_verblijfsobjecten", false, false},
                 {"bouwjaar", true, false},
                 {"identificatie", true, false}};
    for (size_t c = 0; c < sizeof CASES / sizeof *CASES; c++) {
        rm_profile_plan plan = {0};
        rm_table have = {0}, delivered = {0};
        rm_table_add_column(&have, "identificatie", RM_TEXT, NULL);
        rm_table_add_column(&have, "bouwjaar", RM_INT64, NULL);
        rm_table_add_column(&have, "status", RM_TEXT, NULL);
        rm_table_add_column(&have, "gebruiksdoel", RM_TEXT, NULL);
        rm_table_add_column(&have, "aantal_verblijfsobjecten", RM_INT64, NULL);
        rm_request request = request_of("x", &CASES[c].wanted, 1);
        assert_int_equal(rm_profile_plan_make(&plan, &request, "pand", &have, "x", &err), RM_OK);
        assert_int_equal(rm_profile_plan_settle(&plan, &delivered, &err), RM_OK);
        assert_int_equal(plan.active, CASES[c].active);
        assert_int_equal(plan.staged, CASES[c].staged);
        assert_int_equal(plan.read.count, 1);
        rm_profile_plan_clear(&plan);
        rm_table_clear(&have);
        rm_table_clear(&delivered);
    }
}

static void test_sentinels_become_missing(void **state)
{
    (void)state;
    static const char *const wanted[] = {"bouwjaar", "identificatie"};
    write_text(scratch_path("light.csv"), LIGHT);
    rm_request request = request_of(scratch_path("light.csv"), wanted, 2);
    rm_layer *layer = read_with(&request);
    assert_cells(layer, 0, "[1985] [9999100000000001]");
    assert_cells(layer, 1, "- [9999100000000002]");
    assert_cells(layer, 2, "- [9999100000000003]");
    rm_layer_free(layer);
    request.counted = true;
    layer = read_with(&request);
    assert_cells(layer, 1, "[9999] [9999100000000002]");
    rm_layer_free(layer);
}

static void test_sentinels_of_statistics(void **state)
{
    (void)state;
    static const made_feature features[] = {
        {NULL, {"BU99990000", "Dorp", "GM9999", "1200", "-99997", "50"}},
        {NULL, {"BU99990001", "Water", "GM0000", "-99997", "-99995", "-99998.5"}},
        {NULL, {"BU99990002", "Veld", "gm0000", "-99999999", "12", NULL}},
    };
    const made_layer made = {.name = "buurten",
                             .type = wkbNone,
                             .fields = {{"buurtcode", "text"},
                                        {"buurtnaam", "text"},
                                        {"gemeentecode", "text"},
                                        {"aantal_inwoners", "int"},
                                        {"bevolkingsdichtheid_inwoners_per_km2", "int"},
                                        {"oppervlakte_totaal_in_ha", "real"}},
                             .features = features,
                             .count = 3};
    static const char *const wanted[] = {"gemeentecode", "cbs.buurt.inwoners",
                                         "cbs.buurt.dichtheid", "cbs.buurt.oppervlakte",
                                         "oppervlakte_totaal_in_ha"};
    assert_true(make_file(scratch_path("cbs.gpkg"), "GPKG", &made, 1, NULL));
    rm_request request = request_of(scratch_path("cbs.gpkg"), wanted, 5);
    rm_layer *layer = read_with(&request);
    assert_cells(layer, 0, "[GM9999] 1200 - 500000 50");
    assert_cells(layer, 1, "- - -99995 - -");
    assert_cells(layer, 2, "- - 12 - -");
    rm_layer_free(layer);
}

/* Of a source that nobody knows, -99997 may be a number like any other. */
static void test_sentinels_are_those_of_the_source(void **state)
{
    (void)state;
    static const char *const wanted[] = {"saldo", "bouwjaar"};
    write_text(scratch_path("plain.csv"), "saldo,bouwjaar\n-100000,9999\n");
    rm_request request = request_of(scratch_path("plain.csv"), wanted, 2);
    rm_layer *layer = read_with(&request);
    assert_cells(layer, 0, "[-100000] [9999]");
    assert_null(layer->provenance.profile);
    rm_layer_free(layer);
}

static void test_ids_are_text(void **state)
{
    (void)state;
    static const struct {
        const char *cell, *expected;
    } IDS[] = {{"0221100000312938", "[0221100000312938]"},
               {"221100000312938", "[0221100000312938]"},
               {"221100000312938.0", "[0221100000312938]"},
               {" 221100000312938 ", "[0221100000312938]"},
               {"NL.IMBAG.Pand.0221100000312938", "[0221100000312938]"},
               {"P-12", "[P-12]"},
               {"12345678901234567890", "[12345678901234567890]"},
               {"", "-"},
               {"  ", "-"}};
    const char *wanted = "identificatie";
    for (size_t i = 0; i < sizeof IDS / sizeof *IDS; i++) {
        char text[512];
        snprintf(text, sizeof text,
                 "identificatie,bouwjaar,status,gebruiksdoel,aantal_verblijfsobjecten\n\"%s\",1,"
                 "x,y,1\n",
                 IDS[i].cell);
        write_text(scratch_path("light.csv"), text);
        rm_request request = request_of(scratch_path("light.csv"), &wanted, 1);
        rm_layer *layer = read_with(&request);
        assert_cells(layer, 0, IDS[i].expected);
        rm_layer_free(layer);
    }
}

static void test_lists(void **state)
{
    (void)state;
    static const struct {
        const char *purposes, *buildings, *expected;
    } LISTS[] = {
        {"woonfunctie", "9999100000000001", "[woonfunctie] [9999100000000001]"},
        {"overige gebruiksfunctie,winkelfunctie", "9999100000000001,9999100000000002",
         "[overige gebruiksfunctie,winkelfunctie] [9999100000000001,9999100000000002]"},
        {"woonfunctie, winkelfunctie ,sportfunctie", "22110, 22111",
         "[woonfunctie,winkelfunctie,sportfunctie] [0000000000022110,0000000000022111]"},
        {"[ \"\"woonfunctie\"\", \"\"winkelfunctie\"\" ]", "{9999100000000001}",
         "[woonfunctie,winkelfunctie] [9999100000000001]"},
        {"[]", "NL.IMBAG.Pand.9999100000000001,NL.IMBAG.Pand.9999100000000002",
         "- [9999100000000001,9999100000000002]"},
    };
    static const char *const wanted[] = {"gebruiksdoel", "bag.verblijfsobject.pand"};
    for (size_t i = 0; i < sizeof LISTS / sizeof *LISTS; i++) {
        char text[512];
        snprintf(text, sizeof text,
                 "identificatie;oppervlakte;status;gebruiksdoel;huisnummer;postcode;"
                 "pand_identificatie\n1;2;x;\"%s\";4;9999ZZ;\"%s\"\n",
                 LISTS[i].purposes, LISTS[i].buildings);
        write_text(scratch_path("vbo.csv"), text);
        rm_request request = request_of(scratch_path("vbo.csv"), wanted, 2);
        rm_layer *layer = read_with(&request);
        assert_cells(layer, 0, LISTS[i].expected);
        rm_layer_free(layer);
    }
}

/* JSON has numbers for ids and lists of its own. */
static void test_geojson(void **state)
{
    (void)state;
    static const char *const wanted[] = {"bag.verblijfsobject.identificatie", "gebruiksdoel",
                                         "pand", "woonplaats", "oppervlakte"};
    write_text(scratch_path("vbo.geojson"),
               "{\"type\":\"FeatureCollection\",\"features\":[{\"type\":\"Feature\",\"properties\":"
               "{\"identificatie\":9999010000000001,\"oppervlakte\":80,\"status\":\"x\","
               "\"gebruiksdoel\":[\"woonfunctie\",\"winkelfunctie\"],\"huisnummer\":4,"
               "\"postcode\":\"9999ZZ\",\"pand_identificatie\":[\"228100000000001\"],"
               "\"woonplaats_naam\":\"Woldermark\"},"
               "\"geometry\":{\"type\":\"Point\",\"coordinates\":[6,52]}}]}");
    rm_request request = request_of(scratch_path("vbo.geojson"), wanted, 5);
    rm_layer *layer = read_with(&request);
    assert_cells(layer, 0,
                 "[9999010000000001] [woonfunctie,winkelfunctie] [0228100000000001] [Woldermark] "
                 "80");
    rm_layer_free(layer);
}

/* A spreadsheet makes numbers of ids. */
static void test_workbook(void **state)
{
    (void)state;
    static const made_feature features[] = {
        {NULL, {"9999001", "999900100001", "De Fictie", "9999ZZ", NULL}},
        {NULL, {"9999002", "999900200001", "Woldermark Bouw", "9999ZZ", "2020-12-31"}},
    };
    const made_layer made = {.name = "Blad1",
                             .type = wkbNone,
                             .fields = {{"KvK-nummer", "big"},
                                        {"Vestigingsnummer", "big"},
                                        {"Handelsnaam", "text"},
                                        {"Postcode", "text"},
                                        {"Einddatum", "text"}},
                             .features = features,
                             .count = 2};
    static const char *const wanted[] = {"kvk.vestiging.kvknummer", "vestigingsnummer",
                                         "kvk.vestiging.naam"};
    assert_true(make_file(scratch_path("kvk.xlsx"), "XLSX", &made, 1, NULL));
    rm_request request = request_of(scratch_path("kvk.xlsx"), wanted, 3);
    rm_layer *layer = read_with(&request);
    assert_int_equal(layer->provenance.ended, 1);
    assert_int_equal(layer->rows.table.rows, 1);
    assert_cells(layer, 0, "[09999001] [999900100001] [De Fictie]");
    rm_layer_free(layer);
}

static void test_areas_in_square_metres(void **state)
{
    (void)state;
    static const char *const wanted[] = {"ibis.terrein.oppervlakte_bruto", "HA_BRUTO",
                                         "oppervlakte_netto"};
    write_text(scratch_path("ha.csv"), "RIN_NUMMER;PLAN_NAAM;HA_BRUTO;HA_NETTO\n"
                                       "1;a;23,61;10\n2;b;;x\n");
    rm_request request = request_of(scratch_path("ha.csv"), wanted, 3);
    rm_layer *layer = read_with(&request);
    assert_cells(layer, 0, "236100 [23,61] 100000");
    assert_cells(layer, 1, "- - -");
    rm_layer_free(layer);
    write_text(scratch_path("m2.csv"), "RINNUMMER;BEDRIJVENT;OPPBRUTO\n1;a;236100\n");
    request = request_of(scratch_path("m2.csv"), wanted, 1);
    layer = read_with(&request);
    assert_cells(layer, 0, "[236100]");
    rm_layer_free(layer);
}

static rm_status fill_rows(rm_rows *rows, rm_error *error)
{
    for (int64_t row = 0; row < 4; row++) {
        RM_TRY(rm_rows_add_id(rows, row, row, error));
        for (int32_t c = 0; c < rows->table.count; c++) {
            rm_column *column = &rows->table.columns[c];
            if (column->type == RM_INT64)
                RM_TRY(rm_column_add_int64(column, row, 9999, error));
            else
                RM_TRY(
                    rm_column_add_text(column, row, row < 2 ? "" : "a, b", row < 2 ? 0 : 4, error));
        }
        rows->table.rows++;
    }
    return RM_OK;
}

static rm_status one_batch(rm_error *error)
{
    static const char *const wanted[] = {"identificatie", "bag.pand.bouwjaar", "gebruiksdoel"};
    static const struct {
        const char *name;
        rm_type type;
    } FIELDS[] = {{"identificatie", RM_INT64},  {"oorspronkelijkBouwjaar", RM_INT64},
                  {"gebruiksdoel", RM_TEXT},    {"voorkomenIdentificatie", RM_INT64},
                  {"beginGeldigheid", RM_TEXT}, {"tijdstipInactiefLV", RM_TEXT}};
    rm_profile_plan plan = {0};
    rm_profile_stage stage = {0};
    rm_rows rows = {0};
    rm_table have = {0}, delivered = {0};
    int64_t ended = 0;
    rm_status status = RM_OK;
    for (size_t f = 0; f < sizeof FIELDS / sizeof *FIELDS && status == RM_OK; f++)
        status = rm_table_add_column(&have, FIELDS[f].name, FIELDS[f].type, error);
    rm_request request = request_of("x", wanted, 3);
    if (status == RM_OK)
        status = rm_profile_plan_make(&plan, &request, "Pand", &have, "x", error);
    if (status == RM_OK)
        status = rm_profile_plan_settle(&plan, &delivered, error);
    if (status == RM_OK)
        status = rm_table_copy_columns(&rows.table, &delivered, error);
    if (status == RM_OK)
        status = rm_profile_before(&plan, &stage, &rows, error);
    if (status == RM_OK)
        status = fill_rows(&rows, error);
    if (status == RM_OK)
        status = rm_profile_after(&plan, &stage, &rows, &ended, error);
    if (status == RM_OK) {
        assert_int_equal(ended, 2);
        assert_int_equal(rows.table.rows, 2);
        assert_int_equal(rows.table.count, 3);
        assert_true(rm_column_missing(&rows.table.columns[1], 1));
    }
    rm_table_clear(&have);
    rm_table_clear(&delivered);
    rm_rows_clear(&rows);
    rm_profile_stage_clear(&stage);
    rm_profile_plan_clear(&plan);
    return status;
}

static void test_without_memory(void **state)
{
    (void)state;
    torture(one_batch, 30);
}

static int compare_texts(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* How many values of a column differ from all others. */
static int64_t count_different(const rm_column *column, int64_t rows)
{
    char **values = calloc((size_t)rows + 1, sizeof *values);
    int64_t different = rows > 0;
    for (int64_t row = 0; row < rows; row++) {
        int64_t length;
        const char *text = rm_column_text(column, row, &length);
        values[row] = strndup(text, (size_t)length);
    }
    qsort(values, (size_t)rows, sizeof *values, compare_texts);
    for (int64_t row = 1; row < rows; row++)
        different += strcmp(values[row], values[row - 1]) != 0;
    for (int64_t row = 0; row < rows; row++)
        free(values[row]);
    free(values);
    return different;
}

static int64_t count_value(const rm_column *column, int64_t rows, const char *pattern)
{
    int64_t count = 0;
    for (int64_t row = 0; row < rows; row++) {
        int64_t length;
        const char *text = rm_column_text(column, row, &length);
        count += rm_name_fits(text, length, pattern);
    }
    return count;
}

/* 13,098 records of 7,797 buildings, each with one occurrence that has not ended; 402 of those are
 * demolished, never built or wrongly entered. */
static void test_doesburg(void **state)
{
    (void)state;
    char path[1024];
    static const char *const wanted[] = {"bag.pand.identificatie", "bag.pand.status", "bouwjaar"};
    if (!find_shared(path, sizeof path, "bag/lvbag-doesburg-0221/0221PND15092020.zip"))
        skip();
    rm_request request = request_of(path, wanted, 3);
    rm_layer *layer = read_with(&request);
    const rm_column *columns = layer->rows.table.columns;
    int64_t rows = layer->rows.table.rows;
    assert_string_equal(layer->provenance.profile, "lvbag.pand");
    assert_int_equal(layer->provenance.total, 13098);
    assert_int_equal(layer->provenance.ended, 13098 - 7395);
    assert_int_equal(rows, 7395);
    assert_int_equal(count_different(&columns[0], rows), 7395);
    assert_int_equal(count_value(&columns[1], rows, "pand in gebruik*"), 7207);
    assert_int_equal(count_value(&columns[1], rows, "bouwvergunning verleend"), 168);
    assert_int_equal(count_value(&columns[1], rows, "*gesloopt,niet*"), 0);
    rm_layer_free(layer);

    /* with the day of the extract it is the same; on an earlier day there is one of each still */
    request.as_of = rm_date_from_civil(2020, 9, 15);
    layer = read_with(&request);
    assert_int_equal(layer->rows.table.rows, 7395);
    rm_layer_free(layer);
    request.as_of = rm_date_from_civil(2015, 6, 1);
    layer = read_with(&request);
    rows = layer->rows.table.rows;
    assert_true(rows > 6000 && rows < 7500);
    assert_int_equal(count_different(&layer->rows.table.columns[0], rows), rows);
    rm_layer_free(layer);

    request.profile = "none";
    request.columns = (const char *const[]){"identificatie", "eindGeldigheid"};
    request.column_count = 2;
    layer = read_with(&request);
    assert_int_equal(layer->rows.table.rows, 13098);
    assert_int_equal(count_different(layer->rows.table.columns, 13098), 7797);
    int64_t standing = 0;
    for (int64_t row = 0; row < 13098; row++)
        standing += rm_column_missing(&layer->rows.table.columns[1], row);
    assert_int_equal(standing, 7797);
    rm_layer_free(layer);
}

static void test_otterlo(void **state)
{
    (void)state;
    char path[1024];
    static const char *const wanted[] = {"bgt.pand.bag_pand", "bgt.pand.status"};
    if (!find_shared(path, sizeof path, "bgt/bgt_otterlo_2020-08-05.zip/bgt_pand.gml"))
        skip();
    rm_request request = request_of(path, wanted, 2);
    request.geometry = true;
    rm_layer *layer = read_with(&request);
    assert_string_equal(layer->provenance.profile, "bgt.pand");
    assert_int_equal(layer->provenance.total, 2273);
    assert_int_equal(layer->provenance.ended, 562);
    assert_int_equal(layer->rows.table.rows, 1711);
    assert_true(count_value(&layer->rows.table.columns[0], 1711, "0228100*") > 1500);
    assert_int_equal(count_value(&layer->rows.table.columns[0], 1711, "228100*"), 0);
    rm_layer_free(layer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_current_on_a_day),
        cmocka_unit_test(test_current_without_columns),
        cmocka_unit_test(test_what_is_unknown_stays),
        cmocka_unit_test(test_alike_by_every_reader),
        cmocka_unit_test(test_by_arrow),
        cmocka_unit_test(test_costs_nothing_where_there_is_nothing_to_do),
        cmocka_unit_test(test_sentinels_become_missing),
        cmocka_unit_test(test_sentinels_of_statistics),
        cmocka_unit_test(test_sentinels_are_those_of_the_source),
        cmocka_unit_test(test_ids_are_text),
        cmocka_unit_test(test_lists),
        cmocka_unit_test(test_geojson),
        cmocka_unit_test(test_workbook),
        cmocka_unit_test(test_areas_in_square_metres),
        cmocka_unit_test(test_without_memory),
        cmocka_unit_test(test_doesburg),
        cmocka_unit_test(test_otterlo),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
