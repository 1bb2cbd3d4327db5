/* What comes through GDAL: the same rows whatever the format, nothing left beside the input,
 * nothing from the network, and a clear word on every bad input. */
#define _GNU_SOURCE
#include "base/text.h"

#include <cpl_conv.h>
#include <cpl_error.h>
#include <locale.h>
#include <math.h>
#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "layers.h"
#include "scratch.h"

static rm_error err;

static const char *keep_path(const char *name)
{
    static char kept[4][600];
    static int next;
    next = (next + 1) % 4;
    snprintf(kept[next], sizeof kept[next], "%s", scratch_path(name));
    return kept[next];
}

static void run_sql(const char *path, const char *sql)
{
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
}

static void write_text(const char *path, const char *text)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static rm_status try_open(const rm_request *request)
{
    rm_layer *got = NULL;
    rm_status status = read_layer(&got, open_any, request, &err);
    rm_layer_free(got);
    return status;
}

static void expect(const rm_request *request, rm_status status, const char *says)
{
    rm_status got = try_open(request);
    if (got != status || (status != RM_OK && !strstr(err.message, says)))
        fail_msg("expected %d with \"%s\", got %d: %s", (int)status, says, (int)got,
                 got ? err.message : "");
    if (status != RM_OK)
        assert_null(strchr(err.message, '\n'));
}

static rm_layer *must_read(const rm_request *request)
{
    rm_layer *got = NULL;
    if (read_layer(&got, open_any, request, &err) != RM_OK)
        fail_msg("%s: %s", request->source, err.message);
    return got;
}

static const made_feature places[] = {
    {"POINT (155000.25 463000.5)", {"caf\xC3\xA9", "5", "1.5", "1950-01-01"}},
    {"POINT (100000 400000)", {"twee", "-2147483648", "-0.25", "1969-12-31"}},
    {"POINT (200000 500000)", {"0193100000012345", "0", "12345.678", "1970-01-01"}},
    {"POINT (155000 463000)", {NULL, NULL, NULL, NULL}},
    {"POINT (250000 600000)", {"vijf", "2147483647", "1000000", "2024-02-29"}},
};
static const made_layer places_layer = {
    "plaatsen", 28992,
    wkbPoint,   {{"naam", "text"}, {"aantal", "int"}, {"maat", "real"}, {"datum", "date"}},
    places,     5};
static const char *const place_columns[] = {"NAAM", "aantal", "maat", "datum"};
static const char *const place_rows[] = {
    " point ((155000.25 463000.5)) [caf\xC3\xA9] 5 1.5 d-7305\n",
    " point ((100000 400000)) [twee] -2147483648 -0.25 d-1\n",
    " point ((200000 500000)) [0193100000012345] 0 12345.678 d0\n",
    " point ((155000 463000)) - - - -\n",
    " point ((250000 600000)) [vijf] 2147483647 1000000 d19782\n"};

typedef struct format {
    const char *driver, *file;
    bool dates_are_times; /* it knows no dates alone */
    bool no_nulls;        /* what is missing is 0 or empty there */
} format;
static const format formats[] = {
    {"GPKG", "p.gpkg", false, false},       {"ESRI Shapefile", "p.shp", false, false},
    {"GeoJSON", "p.geojson", false, false}, {"GeoJSONSeq", "p.geojsonl", false, false},
    {"FlatGeobuf", "p.fgb", true, false},   {"GML", "p.gml", false, false},
    {"MapInfo File", "p.tab", false, true}, {"SQLite", "p.sqlite", false, false}};

static void check_format(const format *f, bool through_gdal)
{
    const char *path = keep_path(f->file);
    /* with an index, FlatGeobuf puts the features in another order */
    static const char *const in_order[] = {"SPATIAL_INDEX=NO", NULL};
    bool reorders = strcmp(f->driver, "FlatGeobuf") == 0;
    if (!make_file(path, f->driver, &places_layer, 1, reorders ? (char **)in_order : NULL)) {
        printf("%s is not written by this GDAL\n", f->driver);
        return;
    }
    int before = scratch_count(NULL);
    rm_request request = {.source = path,
                          .columns = place_columns,
                          .column_count = 4,
                          .geometry = true,
                          .target_crs = "EPSG:28992",
                          .threads = 4};
    if (strcmp(f->driver, "GeoJSONSeq") == 0) /* it brings everything to lon/lat */
        request.target_crs = NULL;
    rm_layer *got = NULL;
    if (read_layer(&got, through_gdal ? rm_open_gdal : open_any, &request, &err) != RM_OK)
        fail_msg("%s: %s", f->driver, err.message);
    assert_int_equal(got->rows.table.rows, 5);
    assert_int_equal(got->provenance.total, 5);
    assert_string_equal(got->provenance.driver, f->driver);
    assert_int_equal(scratch_count(NULL), before);
    for (int i = 0; i < 5; i++) {
        rm_text text = {0};
        if (f->no_nulls && i == 3)
            continue;
        if (strcmp(f->driver, "MapInfo File") == 0) { /* about a centimetre there */
            got->rows.geometry.x[i] = round(got->rows.geometry.x[i] * 4) / 4;
            got->rows.geometry.y[i] = round(got->rows.geometry.y[i] * 4) / 4;
        }
        if (strcmp(f->driver, "GeoJSONSeq") == 0)
            got->rows.geometry.features = 0; /* rounded to 7 decimals there */
        rm_column *dates = &got->rows.table.columns[3];
        int32_t date = rm_column_date(dates, i, NULL);
        static const int32_t days[] = {-7305, -1, 0, INT32_MIN, 19782};
        assert_int_equal(dates->type, f->dates_are_times ? RM_DATETIME : RM_DATE);
        if (date != days[i])
            fail_msg("%s: row %d has date %d", f->driver, i, (int)date);
        got->rows.table.count = f->dates_are_times ? 3 : 4;
        render_row(&text, got, i);
        got->rows.table.count = 4;
        const char *want = place_rows[i] + (got->rows.geometry.features ? 0 : 6);
        if (got->rows.geometry.features == 0)
            want = strstr(place_rows[i], "))") + 2;
        const char *have = strchr(text.data, ' ');
        size_t length = strlen(have) - 1;
        if (strncmp(have, want, length) != 0)
            fail_msg("%s: expected%shave%s", f->driver, want, have);
        rm_text_clear(&text);
    }
    rm_layer_free(got);
}

static void formats_alike(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++)
        check_format(&formats[i], true);
}

static void formats_alike_by_the_front_door(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++)
        check_format(&formats[i], false);
}

/* Only the wanted columns come, in the order asked for. */
static void columns_in_the_order_of_the_request(void **state)
{
    (void)state;
    static const char *const columns[] = {"maat", "naam"};
    const char *path = keep_path("p.fgb");
    assert_true(make_file(path, "FlatGeobuf", &places_layer, 1, NULL));
    rm_request request = {.source = path, .columns = columns, .column_count = 2};
    rm_layer *got = must_read(&request);
    assert_int_equal(got->rows.table.count, 2);
    assert_int_equal(got->rows.table.columns[0].type, RM_FLOAT64);
    assert_int_equal(got->rows.table.columns[1].type, RM_TEXT);
    assert_int_equal(got->rows.geometry.features, 0);
    rm_layer_free(got);
    request.columns = NULL;
    request.column_count = 0;
    got = must_read(&request);
    assert_int_equal(got->rows.table.rows, 5);
    rm_layer_free(got);
}

/* GDAL before 3.8.3 turned true into false in its own Arrow code. */
static void booleans_are_sound(void **state)
{
    (void)state;
    static const char *const files[][2] = {
        {"GPKG", "b.gpkg"}, {"FlatGeobuf", "b.fgb"}, {"GeoJSON", "b.geojson"}};
    static const char *const columns[] = {"aan"};
    made_feature features[40];
    for (int i = 0; i < 40; i++)
        features[i] = (made_feature){"POINT (155000 463000)", {i * 7 % 5 < 3 ? "1" : "0"}};
    made_layer layer = {"b", 28992, wkbPoint, {{"aan", "bool"}}, features, 40};
    static const char *const unordered[] = {"SPATIAL_INDEX=NO", NULL};
    for (int f = 0; f < 3; f++) {
        const char *path = keep_path(files[f][1]);
        char **options = f < 2 ? (char **)unordered : NULL;
        assert_true(make_file(path, files[f][0], &layer, 1, options));
        rm_request request = {
            .source = path, .columns = columns, .column_count = 1, .geometry = true};
        rm_layer *got = NULL;
        assert_int_equal(read_layer(&got, rm_open_gdal, &request, &err), RM_OK);
        for (int i = 0; i < 40; i++)
            assert_int_equal(got->rows.table.columns[0].data.i64[i], i * 7 % 5 < 3);
        rm_layer_free(got);
    }
}

static void empty_layers_end(void **state)
{
    (void)state;
    static const char *const files[][2] = {{"FlatGeobuf", "e.fgb"},
                                           {"GPKG", "e.gpkg"},
                                           {"ESRI Shapefile", "e.shp"},
                                           {"GeoJSON", "e.geojson"}};
    made_layer layer = {"e", 28992, wkbPoint, {{"naam", "text"}}, NULL, 0};
    for (int f = 0; f < 4; f++) {
        const char *path = keep_path(files[f][1]);
        assert_true(make_file(path, files[f][0], &layer, 1, NULL));
        rm_request request = {.source = path, .geometry = true, .target_crs = "EPSG:28992"};
        rm_layer *got = NULL;
        assert_int_equal(read_layer(&got, rm_open_gdal, &request, &err), RM_OK);
        assert_int_equal(got->rows.table.rows, 0);
        rm_layer_free(got);
    }
}

static void names_that_do_not_exist(void **state)
{
    (void)state;
    static const char *const wrong[] = {"aantall"};
    const char *path = keep_path("p.geojson");
    assert_true(make_file(path, "GeoJSON", &places_layer, 1, NULL));
    rm_request request = {.source = keep_path("q.geojson"), .geometry = true};
    expect(&request, RM_ENOTFOUND, "did you mean \"p.geojson\"?");
    request.source = "/nergens/te/vinden.geojson";
    expect(&request, RM_ENOTFOUND, "does not exist");
    request.source = path;
    request.layer = "plaatse";
    expect(&request, RM_ENOTFOUND, "did you mean \"plaatsen\"?");
    request.layer = "wegen";
    expect(&request, RM_ENOTFOUND, "it has \"plaatsen\"");
    request.layer = NULL;
    request.columns = wrong;
    request.column_count = 1;
    expect(&request, RM_ENOTFOUND, "did you mean \"aantal\"?");
}

static void files_that_are_something_else(void **state)
{
    (void)state;
    static const char vrt[] = "<OGRVRTDataSource><OGRVRTLayer name=\"x\"><SrcDataSource>/etc/passwd"
                              "</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>";
    rm_request request = {.geometry = true};
    request.source = keep_path("a.geojson");
    write_text(request.source, vrt);
    expect(&request, RM_EFORMAT, "cannot be opened as a layer");
    request.source = keep_path("a.vrt");
    write_text(request.source, vrt);
    expect(&request, RM_EFORMAT, "cannot be opened as a layer");
    request.source = keep_path("b.geojson");
    write_text(request.source, "{\"type\": \"FeatureCollection\", \"features\": [ {\"type\"");
    expect(&request, RM_EFORMAT, "b.geojson");
    request.source = keep_path("leeg.gpkg");
    write_text(request.source, "");
    expect(&request, RM_EFORMAT, "leeg.gpkg");
    request.source = keep_path("tekst.shp");
    write_text(request.source, "tekst");
    expect(&request, RM_EFORMAT, "tekst.shp");
}

static void nothing_comes_from_the_network(void **state)
{
    (void)state;
    static const char *const sources[] = {"ftp://example.invalid/a.geojson",
                                          "/vsicurl/https://example.invalid/a.gpkg",
                                          "/vsizip//vsicurl/http://example.invalid/a.zip",
                                          "/vsis3/emmer/a.gpkg",
                                          "ftp://user:geheim@example.invalid/a.gpkg",
                                          "/vsistdin/"};
    for (size_t i = 0; i < sizeof sources / sizeof sources[0]; i++) {
        rm_request request = {.source = sources[i], .geometry = true};
        expect(&request, RM_EUNSUPPORTED, "not on this machine");
        assert_null(strstr(err.message, "geheim"));
        rm_listing list = {0};
        assert_int_equal(rm_list(&list, sources[i], &err), RM_EUNSUPPORTED);
    }
    rm_request request = {.source = "PG:dbname=x password=geheim", .geometry = true};
    assert_int_not_equal(try_open(&request), RM_OK);
    assert_null(strstr(err.message, "geheim"));
}

static void crs_missing_and_wrong(void **state)
{
    (void)state;
    static const made_feature lonlat[] = {{"POINT (5.5 52.5)", {NULL}}, {"POINT (6 52)", {NULL}}};
    static const made_feature swapped[] = {{"POINT (52.5 5.5)", {NULL}}, {"POINT (52 6)", {NULL}}};
    made_layer layer = {"p", 0, wkbPoint, {{"naam", "text"}}, places, 5};
    const char *path = keep_path("zonder.shp");
    assert_true(make_file(path, "ESRI Shapefile", &layer, 1, NULL));
    rm_request request = {.source = path, .geometry = true, .target_crs = "EPSG:28992"};
    expect(&request, RM_ECRS, "states no coordinate reference system: state it as crs");
    request.crs = "EPSG:28992";
    expect(&request, RM_OK, "");
    request.crs = "EPSG:0";
    expect(&request, RM_ECRS, "EPSG:0");
    request.crs = NULL;
    layer = (made_layer){"p", 28992, wkbPoint, {{"naam", "text"}}, lonlat, 2};
    request.source = keep_path("lonlat.shp");
    assert_true(make_file(request.source, "ESRI Shapefile", &layer, 1, NULL));
    expect(&request, RM_ECRS, "longitude/latitude: set \"crs\": \"EPSG:4258\"");
    request.crs = "EPSG:4258";
    expect(&request, RM_OK, "");
    request.crs = NULL;
    layer = (made_layer){"p", 4326, wkbPoint, {{"naam", "text"}}, swapped, 2};
    request.source = keep_path("swapped.shp");
    assert_true(make_file(request.source, "ESRI Shapefile", &layer, 1, NULL));
    expect(&request, RM_ECRS, "latitude and longitude are swapped");
    layer = (made_layer){"p", 4326, wkbPoint, {{"naam", "text"}}, places, 5};
    request.source = keep_path("rd.fgb");
    assert_true(make_file(request.source, "FlatGeobuf", &layer, 1, NULL));
    expect(&request, RM_ECRS, "RD New: set \"crs\": \"EPSG:28992\"");
}

/* A few wrong ones among good ones are rejected, each by name. */
static void single_features_are_rejected(void **state)
{
    (void)state;
    static const made_feature mixed[] = {{"POINT (155000 463000)", {NULL}},
                                         {"POINT (5.5 52.5)", {NULL}},
                                         {NULL, {NULL}},
                                         {"POINT EMPTY", {NULL}},
                                         {"POINT (155000 463000)", {NULL}},
                                         {"POINT (155000 463000)", {NULL}},
                                         {"POINT ZM (155001 463001 3 4)", {NULL}}};
    made_layer layer = {"p", 28992, wkbUnknown, {{"naam", "text"}}, mixed, 7};
    static const char *const unordered[] = {"SPATIAL_INDEX=NO", NULL};
    const char *path = keep_path("p.gpkg");
    assert_true(make_file(path, "GPKG", &layer, 1, (char **)unordered));
    run_sql(path,
            "UPDATE p SET geom = x'47500001407100000101000000000000000000f07f0000000070421c41'"
            " WHERE fid = 5;"
            "UPDATE p SET geom = x'475000014071000001010000000000000000f00241000000000000f8ff'"
            " WHERE fid = 6;");
    rm_request request = {.source = path, .geometry = true, .target_crs = "EPSG:28992"};
    static const open_fn readers[] = {rm_open_gdal, rm_open_geopackage};
    for (int i = 0; i < 2; i++) {
        rm_layer *got = NULL;
        assert_int_equal(read_layer(&got, readers[i], &request, &err), RM_OK);
        rm_text text = render_layer(got);
        assert_string_equal(text.data,
                            "1 point ((155000 463000))\n2 none\n3 none\n4 none\n5 none\n6 none\n7 "
                            "point ((155001 463001))\n!2 outside-crs\n!3 no-geometry\n!4 "
                            "no-geometry\n!5 not-finite\n!6 not-finite\n");
        rm_text_clear(&text);
        rm_layer_free(got);
    }
}

static void curves_through_gml(void **state)
{
    (void)state;
    static const made_feature circle[] = {
        {"CURVEPOLYGON (CIRCULARSTRING (155100 463000,154900 463000,155100 463000))", {NULL}}};
    made_layer layer = {"c", 28992, wkbCurvePolygon, {{"naam", "text"}}, circle, 1};
    const char *path = keep_path("c.gml");
    assert_true(make_file(path, "GML", &layer, 1, NULL));
    unlink(scratch_path("c.xsd")); /* without its schema the driver would write a .gfs */
    int before = scratch_count(NULL);
    rm_request request = {.source = path, .geometry = true, .target_crs = "EPSG:28992"};
    rm_layer *got = must_read(&request);
    double area = rm_geometry_area(&got->rows.geometry, 0), exact = acos(-1.0) * 10000.0;
    assert_true(fabs(area - exact) <= exact * 1e-9);
    assert_int_equal(scratch_count(NULL), before);
    rm_layer_free(got);
}

static void copy_compressed(const char *from, const char *to)
{
    char bytes[4096];
    size_t n;
    FILE *in = fopen(from, "rb");
    VSILFILE *out = VSIFOpenL(to, "wb");
    assert_true(in && out);
    while ((n = fread(bytes, 1, sizeof bytes, in)) > 0)
        assert_int_equal(VSIFWriteL(bytes, 1, n, out), n);
    fclose(in);
    VSIFCloseL(out);
}

static void compressed_files_stay_alone(void **state)
{
    (void)state;
    const char *plain = keep_path("p.gml");
    char target[700];
    assert_true(make_file(plain, "GML", &places_layer, 1, NULL));
    unlink(scratch_path("p.xsd"));
    const char *path = keep_path("p.gml.gz");
    snprintf(target, sizeof target, "/vsigzip/%s", path);
    copy_compressed(plain, target);
    unlink(scratch_path("p.gml.gz.properties"));
    int before = scratch_count(NULL);
    rm_request request = {.source = path, .geometry = true, .target_crs = "EPSG:28992"};
    rm_layer *got = must_read(&request);
    assert_int_equal(got->rows.table.rows, 5);
    assert_non_null(got->provenance.fingerprint);
    assert_int_equal(scratch_count(NULL), before);
    rm_layer_free(got);
}

static void archives(void **state)
{
    (void)state;
    const char *plain = keep_path("p.geojson");
    char path[600], member[700];
    assert_true(make_file(plain, "GeoJSON", &places_layer, 1, NULL));
    snprintf(path, sizeof path, "%s", scratch_path("een.zip"));
    snprintf(member, sizeof member, "/vsizip/%s/map/parken.geojson", path);
    copy_compressed(plain, member);
    rm_request request = {.source = path, .geometry = true, .target_crs = "EPSG:28992"};
    rm_layer *got = must_read(&request);
    assert_int_equal(got->rows.table.rows, 5);
    assert_non_null(strstr(got->provenance.fingerprint, "size "));
    rm_layer_free(got);
    snprintf(member, sizeof member, "/vsizip/%s/map/wegen.geojson", path);
    copy_compressed(plain, member);
    expect(&request, RM_ENOTFOUND, "holds 2 files");
    assert_non_null(strstr(err.message, "een.zip/map/parken.geojson"));
    request.layer = "wegen";
    expect(&request, RM_OK, "");
    request.layer = "huizen";
    expect(&request, RM_ENOTFOUND, "holds 2 files");
    request.layer = NULL;
    snprintf(member, sizeof member, "%s/map/wegen.geojson", path);
    request.source = member;
    got = must_read(&request);
    assert_non_null(strstr(got->provenance.fingerprint, "size "));
    rm_layer_free(got);
    rm_listing list = {0};
    assert_int_equal(rm_list(&list, path, &err), RM_OK);
    assert_int_equal(list.count, 2);
    assert_string_equal(list.layers[1].name, "wegen");
    rm_listing_clear(&list);
    snprintf(path, sizeof path, "%s", scratch_path("tekst.zip"));
    snprintf(member, sizeof member, "/vsizip/%s/lees.doc", path);
    copy_compressed(plain, member);
    request.source = path;
    expect(&request, RM_EFORMAT, "holds no file that can be read as a layer");
}

static void layers_without_geometry(void **state)
{
    (void)state;
    made_layer layer = {"lijst", 0, wkbNone, {{"naam", "text"}}, places, 0};
    static const char *const columns[] = {"naam"};
    const char *path = keep_path("l.gpkg");
    assert_true(make_file(path, "GPKG", &layer, 1, NULL));
    rm_request request = {.source = path, .geometry = true, .target_crs = "EPSG:28992"};
    expect(&request, RM_EDATA, "layer \"lijst\" has no geometry");
    request = (rm_request){.source = path, .columns = columns, .column_count = 1};
    expect(&request, RM_OK, "");
}

/* GML in lat/lon order, as the standard has it, comes with the longitude first. */
static void latitude_first_is_turned_round(void **state)
{
    (void)state;
    const char *path = keep_path("l.gml");
    write_text(path,
               "<?xml version=\"1.0\"?><c:FeatureCollection xmlns:c=\"http://c\" "
               "xmlns:gml=\"http://www.opengis.net/gml/3.2\"><c:featureMember><c:p "
               "gml:id=\"a\"><c:naam>x</c:naam><c:g><gml:Point "
               "srsName=\"urn:ogc:def:crs:EPSG::4258\"><gml:pos>52.25 "
               "6.5</gml:pos></gml:Point></c:g></c:p></c:featureMember></c:FeatureCollection>");
    rm_request request = {.source = path, .geometry = true, .target_crs = "EPSG:4258"};
    rm_layer *got = must_read(&request);
    assert_true(got->rows.geometry.x[0] == 6.5 && got->rows.geometry.y[0] == 52.25);
    rm_layer_free(got);
    assert_int_equal(scratch_count(NULL), 1);
}

static void times_keep_their_clock(void **state)
{
    (void)state;
    static const char *const columns[] = {"t"};
    const char *path = keep_path("t.geojson");
    write_text(path, "{\"type\":\"FeatureCollection\",\"features\":["
                     "{\"type\":\"Feature\",\"properties\":{\"t\":\"2024-07-01T23:30:00+02:00\"},"
                     "\"geometry\":{\"type\":\"Point\",\"coordinates\":[6,52]}},"
                     "{\"type\":\"Feature\",\"properties\":{\"t\":\"2024-07-01T23:30:00Z\"},"
                     "\"geometry\":{\"type\":\"Point\",\"coordinates\":[6,52]}},"
                     "{\"type\":\"Feature\",\"properties\":{\"t\":\"1960-07-01T23:30:00\"},"
                     "\"geometry\":{\"type\":\"Point\",\"coordinates\":[6,52]}}]}");
    rm_request request = {.source = path, .columns = columns, .column_count = 1, .geometry = true};
    rm_layer *got = must_read(&request);
    const rm_column *t = &got->rows.table.columns[0];
    assert_int_equal(t->type, RM_DATETIME);
    assert_true(t->data.i64[0] == INT64_C(1719876600000));
    assert_true(t->data.i64[1] == INT64_C(1719876600000));
    assert_true(t->data.i64[2] == INT64_C(-299809800000));
    rm_layer_free(got);
}

static void extent_is_exact(void **state)
{
    (void)state;
    rm_box extent = {99999, 399999, 155000, 463000};
    for (int f = 0; f < 2; f++) {
        const char *path = keep_path(f ? "p.fgb" : "p.shp");
        assert_true(make_file(path, f ? "FlatGeobuf" : "ESRI Shapefile", &places_layer, 1, NULL));
        rm_request request = {
            .source = path, .geometry = true, .target_crs = "EPSG:28992", .extent = &extent};
        rm_layer *got = must_read(&request);
        assert_int_equal(got->rows.table.rows, 2);
        assert_int_equal(got->provenance.total, 5);
        assert_int_equal(got->provenance.outside, 3);
        rm_layer_free(got);
    }
}

static void unclosed_gml(const char *path)
{
    write_text(path, "<?xml version=\"1.0\"?><c:FeatureCollection xmlns:c=\"http://c\" "
                     "xmlns:gml=\"http://www.opengis.net/gml\"><gml:featureMember><c:p><c:naam>"
                     "geheim</c:naam><c:g><gml:Polygon srsName=\"EPSG:28992\"><gml:outerBoundaryIs>"
                     "<gml:LinearRing><gml:coordinates>155000,463000 155100,463000 "
                     "155100,463100</gml:coordinates></gml:LinearRing></gml:outerBoundaryIs>"
                     "</gml:Polygon></c:g></c:p></gml:featureMember></c:FeatureCollection>");
}

static void warnings_become_issues(void **state)
{
    (void)state;
    const char *path = keep_path("w.gml");
    unclosed_gml(path);
    for (int shielded = 0; shielded < 2; shielded++) {
        rm_request request = {.source = path,
                              .geometry = true,
                              .target_crs = "EPSG:28992",
                              .shielded = shielded != 0};
        rm_layer *got = must_read(&request);
        assert_int_equal(got->rows.issues.count, 1);
        const rm_issue *issue = &got->rows.issues.items[0];
        assert_int_equal(issue->code, RM_ISSUE_SOURCE);
        assert_int_equal(issue->feature, -1);
        assert_non_null(strstr(issue->text, shielded ? "withheld" : "ring"));
        rm_layer_free(got);
    }
}

static void cut_off_files(void **state)
{
    (void)state;
    made_feature many[300];
    for (int i = 0; i < 300; i++)
        many[i] = places[i % 5];
    made_layer layer = places_layer;
    layer.features = many;
    layer.count = 300;
    static const char *const files[][2] = {
        {"ESRI Shapefile", "c.shp"}, {"FlatGeobuf", "c.fgb"}, {"GeoJSON", "c.geojson"}};
    for (int f = 0; f < 3; f++) {
        const char *path = keep_path(files[f][1]);
        assert_true(make_file(path, files[f][0], &layer, 1, NULL));
        struct stat info;
        assert_int_equal(stat(path, &info), 0);
        assert_int_equal(truncate(path, info.st_size / 2), 0);
        rm_request request = {.source = path, .geometry = true};
        rm_layer *got = NULL;
        rm_status status = read_layer(&got, open_any, &request, &err);
        /* either an error, or every feature is there and those that are damaged are issues */
        if (status == RM_OK) {
            assert_int_equal(got->rows.table.rows, 300);
            assert_true(got->rows.issues.count > 100);
        } else {
            assert_true(status == RM_EIO || status == RM_EFORMAT);
            assert_non_null(strstr(err.message, files[f][1]));
        }
        rm_layer_free(got);
    }
}

static void secrets_are_covered(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"PG:host=a password=geheim user=b", "PG:host=a password=*** user=b"},
        {"PG:password='ge heim' x=1", "PG:password='***' x=1"},
        {"http://u:geheim@h/x?token=abcdef&y=1", "http://u:***@h/x?token=***&y=1"},
        {"https://h/x?API_KEY=z", "https://h/x?API_KEY=*"},
        {"PWD=geheim;DSN=x", "PWD=***"},
        {"monkey=ape", "monkey=ape"},
        {"/data/parken.gpkg", "/data/parken.gpkg"},
        {"password=", "password="},
        {"a://b", "a://b"},
        {"", ""}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[128];
        snprintf(text, sizeof text, "%s", cases[i][0]);
        rm_redact(text);
        assert_string_equal(text, cases[i][1]);
    }
}

static void ears_hear_and_leave_no_trace(void **state)
{
    (void)state;
    rm_gdal_ears outer, inner;
    CPLSetThreadLocalConfigOption("OGR_GPKG_NUM_THREADS", "3"); /* the caller's own */
    rm_gdal_enter(&outer);
    assert_string_equal(CPLGetConfigOption("CPL_VSIL_GZIP_WRITE_PROPERTIES", ""), "NO");
    CPLError(CE_Warning, CPLE_AppDefined, "one\ntwo");
    rm_gdal_enter(&inner);
    CPLError(CE_Failure, CPLE_AppDefined, "failed pwd=geheim\r\nnext");
    CPLError(CE_Warning, CPLE_AppDefined, "inner");
    CPLError(CE_Warning, CPLE_AppDefined, "inner");
    rm_gdal_leave(&inner);
    CPLError(CE_Debug, CPLE_None, "debug");
    assert_string_equal(CPLGetConfigOption("CPL_VSIL_GZIP_WRITE_PROPERTIES", ""), "NO");
    rm_gdal_leave(&outer);
    assert_string_equal(outer.heard, "");
    assert_int_equal(outer.warnings, 1);
    assert_string_equal(outer.warned[0], "one two");
    assert_string_equal(inner.heard, "failed pwd=***  next");
    assert_int_equal(inner.warnings, 2);
    assert_int_equal(inner.warned_count, 1);
    assert_null(CPLGetThreadLocalConfigOption("CPL_VSIL_GZIP_WRITE_PROPERTIES", NULL));
    assert_string_equal(CPLGetThreadLocalConfigOption("OGR_GPKG_NUM_THREADS", ""), "3");
    CPLSetThreadLocalConfigOption("OGR_GPKG_NUM_THREADS", NULL);
}

static void listing(void **state)
{
    (void)state;
    const char *path = keep_path("l.gpkg");
    static const made_feature none[] = {{NULL, {"x"}}};
    made_layer layers[2] = {places_layer, {"lijst", 0, wkbNone, {{"naam", "text"}}, none, 1}};
    assert_true(make_file(path, "GPKG", layers, 2, NULL));
    rm_listing list = {0};
    assert_int_equal(rm_list(&list, path, &err), RM_OK);
    assert_string_equal(list.driver, "GPKG");
    assert_int_equal(list.count, 2);
    assert_string_equal(list.layers[0].name, "plaatsen");
    assert_string_equal(list.layers[0].geometry_type, "Point");
    assert_string_equal(list.layers[0].crs, "EPSG:28992");
    assert_int_equal(list.layers[0].features, 5);
    assert_int_equal(list.layers[0].columns.count, 4);
    assert_int_equal(list.layers[0].columns.columns[3].type, RM_DATE);
    assert_string_equal(list.layers[1].geometry_type, "None");
    assert_null(list.layers[1].crs);
    rm_listing_clear(&list);
    assert_int_equal(rm_list(&list, keep_path("m.gpkg"), &err), RM_ENOTFOUND);
    assert_int_equal(scratch_count(NULL), 1);
}

typedef struct real {
    const char *path, *layer, *driver;
    int64_t rows;
} real;

static void real_files(void **state)
{
    (void)state;
    static const real files[] = {
        {"holiday-parks/vakantieparken_final.zip", NULL, "ESRI Shapefile", 3770},
        {"business-parks/ibis_rijssen_holten_2017.geojson", NULL, "GeoJSON", 22},
        {"boundaries/gemeenten_zonder_water.geojson", NULL, "GeoJSON", 342},
        {"nature/natura2000_natura.geojson", NULL, "GeoJSON", 33},
        {"bgt/bgt_otterlo_2020-08-05.zip", "bgt_wegdeel", "GML", 2444},
        {"bgt/bgt_otterlo_2020-08-05.zip/bgt_waterdeel.gml", NULL, "GML", 1163},
        {"bag/lvbag-doesburg-0221/0221PND15092020.zip", NULL, "LVBAG", 13098},
        {"bag/lvbag-doesburg-0221/BAGNLDL-15092020-small.zip", "9999VBO15092020", "LVBAG", 5},
    };
    const char *shared = getenv("RISKMAP_SHARED");
    int read = 0;
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        char path[1024];
        snprintf(path, sizeof path, "%s/data/holiday-parks", shared ? shared : "");
        if (!shared || access(path, R_OK) != 0)
            continue;
        snprintf(path, sizeof path, "%s/data/%s", shared, files[i].path);
        rm_request request = {.source = path,
                              .layer = files[i].layer,
                              .geometry = true,
                              .target_crs = "EPSG:28992",
                              .profile = "none"};
        rm_layer *got = must_read(&request);
        assert_string_equal(got->provenance.driver, files[i].driver);
        assert_int_equal(got->rows.table.rows, files[i].rows);
        assert_int_equal(got->rows.geometry.features, files[i].rows);
        rm_box box = rm_geometry_extent(&got->rows.geometry);
        assert_true(box.xmin > 0 && box.xmax < 300000 && box.ymin > 300000 && box.ymax < 640000);
        rm_layer_free(got);
        read++;
    }
    if (read == 0) {
        printf("skipped: no files in RISKMAP_SHARED\n");
        skip();
    }
}

int main(void)
{
    (void)setlocale(LC_ALL, "");
#define SCRATCH(test) cmocka_unit_test_setup_teardown(test, scratch_setup, scratch_teardown)
    const struct CMUnitTest tests[] = {
        SCRATCH(formats_alike),
        SCRATCH(formats_alike_by_the_front_door),
        SCRATCH(columns_in_the_order_of_the_request),
        SCRATCH(booleans_are_sound),
        SCRATCH(empty_layers_end),
        SCRATCH(names_that_do_not_exist),
        SCRATCH(files_that_are_something_else),
        cmocka_unit_test(nothing_comes_from_the_network),
        SCRATCH(crs_missing_and_wrong),
        SCRATCH(single_features_are_rejected),
        SCRATCH(curves_through_gml),
        SCRATCH(compressed_files_stay_alone),
        SCRATCH(archives),
        SCRATCH(layers_without_geometry),
        SCRATCH(latitude_first_is_turned_round),
        SCRATCH(times_keep_their_clock),
        SCRATCH(extent_is_exact),
        SCRATCH(warnings_become_issues),
        SCRATCH(cut_off_files),
        cmocka_unit_test(secrets_are_covered),
        cmocka_unit_test(ears_hear_and_leave_no_trace),
        SCRATCH(listing),
        cmocka_unit_test(real_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
