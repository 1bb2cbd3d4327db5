/* Layers in memory: their columns without a copy, and GeoJSON that is a text. */
#define _GNU_SOURCE
#include "riskmap/riskmap.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <cpl_conv.h>

#include "telling.h"

static rm_error err;
#define OK(call)                                                                                   \
    do {                                                                                           \
        if ((call) != RM_OK)                                                                       \
            fail_msg("%s", err.message);                                                           \
    } while (0)

/* GDAL must not find a text any more. */
static void assert_no_text_left(void)
{
    assert_null(CPLGetThreadLocalConfigOption("RISKMAP_MEMORY_TEXT", NULL));
}

static rm_layer *read_text(const char *text, const char *crs)
{
    rm_layer *layer = NULL;
    OK(rm_layer_from_geojson(&layer, text, strlen(text), crs, NULL, NULL, &err));
    assert_no_text_left();
    return layer;
}

static void refuse(const char *text, size_t length, const char *crs, rm_status status,
                   const char *message)
{
    rm_layer *layer = NULL;
    assert_int_equal(rm_layer_from_geojson(&layer, text, length, crs, NULL, NULL, &err), status);
    if (!strstr(err.message, message))
        fail_msg("\"%s\" does not say \"%s\"", err.message, message);
    assert_null(layer);
    assert_no_text_left();
}

#define POINT_AT(x, y) "{\"type\":\"Point\",\"coordinates\":[" #x "," #y "]}"
#define FEATURE(id, properties, geometry)                                                          \
    "{\"type\":\"Feature\",\"id\":" #id ",\"properties\":{" properties "},\"geometry\":" geometry  \
    "}"
#define COLLECTION(features) "{\"type\":\"FeatureCollection\",\"features\":[" features "]}"

static const char all_types[] = COLLECTION(
    FEATURE(7,
            "\"n\":1,\"r\":0.5,\"t\":\"a\",\"d\":\"2024-01-02\",\"dt\":\"2024-01-02T03:04:05\","
            "\"u\":\"14:05:00\",\"l\":[1,2]",
            POINT_AT(1, 2)) "," FEATURE(9,
                                        "\"n\":null,\"r\":null,\"t\":null,\"d\":null,\"dt\":null,"
                                        "\"u\":null,\"l\":null",
                                        "null"));

static rm_column_view column(const rm_layer *layer, const char *name)
{
    rm_column_view view = {0};
    for (int32_t f = 0; f < rm_layer_field_count(layer); f++)
        if (strcmp(rm_layer_field_name(layer, f), name) == 0) {
            OK(rm_layer_column(layer, f, &view, &err));
            return view;
        }
    fail_msg("there is no field %s", name);
    return view;
}

static void assert_view(rm_column_view view, int32_t type)
{
    assert_int_equal(view.type, type);
    assert_int_equal(view.count, 2);
    assert_int_equal(view.missing, 1);
    assert_int_equal(view.offsets != NULL, type == RM_COLUMN_TEXT);
    assert_non_null(view.validity);
    assert_int_equal(view.validity[0] & 3, 1);
}

static void assert_first_text(rm_column_view view, const char *text)
{
    assert_view(view, RM_COLUMN_TEXT);
    assert_int_equal(view.offsets[0], 0);
    assert_int_equal(view.offsets[1], strlen(text));
    assert_int_equal(view.offsets[2], strlen(text));
    assert_memory_equal(view.values, text, strlen(text));
}

static void test_columns_where_they_lie(void **state)
{
    (void)state;
    rm_layer *layer = read_text(all_types, NULL);
    rm_column_view view = column(layer, "n");
    assert_view(view, RM_COLUMN_INT64);
    assert_int_equal(((const int64_t *)view.values)[0], 1);
    assert_int_equal(((const int64_t *)view.values)[1], 0);
    view = column(layer, "r");
    assert_view(view, RM_COLUMN_DOUBLE);
    assert_true(((const double *)view.values)[0] == 0.5);
    assert_true(isnan(((const double *)view.values)[1]));
    view = column(layer, "d");
    assert_view(view, RM_COLUMN_DATE);
    assert_int_equal(((const int32_t *)view.values)[0], 19724);
    view = column(layer, "dt");
    assert_view(view, RM_COLUMN_DATETIME);
    assert_int_equal(((const int64_t *)view.values)[0], 19724LL * 86400000 + 11045000);
    assert_first_text(column(layer, "t"), "a");
    assert_first_text(column(layer, "u"), "14:05:00");
    assert_first_text(column(layer, "l"), "1,2");
    assert_ptr_equal(column(layer, "t").values, column(layer, "t").values);
    assert_int_equal(rm_layer_fids(layer)[0], 7);
    assert_int_equal(rm_layer_fids(layer)[1], 9);
    assert_int_equal(rm_layer_column(layer, 7, &view, &err), RM_EINVAL);
    assert_string_equal(err.message, "field 7 does not exist; there are 7");
    assert_int_equal(rm_layer_column(layer, -1, &view, &err), RM_EINVAL);
    rm_layer_free(layer);
}

static void test_columns_without_rows(void **state)
{
    (void)state;
    rm_layer *layer = read_text(all_types, NULL), *none = NULL;
    struct ArrowArrayStream stream;
    OK(rm_layer_to_arrow(layer, &stream, &err)); /* its schema alone */
    struct ArrowArray batch;
    assert_int_equal(stream.get_next(&stream, &batch), 0);
    batch.release(&batch);
    OK(rm_layer_from_arrow(&none, &stream, NULL, NULL, NULL, &err));
    assert_int_equal(rm_layer_feature_count(none), 0);
    assert_int_equal(rm_layer_field_count(none), 7);
    assert_non_null(rm_layer_fids(none));
    for (int32_t f = 0; f < 7; f++) {
        rm_column_view view;
        OK(rm_layer_column(none, f, &view, &err));
        assert_non_null(view.values);
        assert_null(view.validity);
        assert_int_equal(view.count + view.missing, 0);
        if (view.type == RM_COLUMN_TEXT)
            assert_int_equal(view.offsets[0], 0);
    }
    rm_layer_free(none);
    rm_layer_free(layer);
}

static void test_geojson_of_every_kind(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int features, issues;
        double xmax;
    } cases[] = {
        {COLLECTION(""), 0, 0, NAN},
        {COLLECTION(FEATURE(1, "\"a\":1", POINT_AT(5, 52)) "," FEATURE(2, "", POINT_AT(6, 52))), 2,
         0, 6},
        {FEATURE(1, "\"a\":1", POINT_AT(5, 52)), 1, 0, 5},
        {" \r\n\t" POINT_AT(5, 52) "\n", 1, 0, 5},
        {"\xEF\xBB\xBF" POINT_AT(5, 52), 1, 0, 5},
        {"{\"coordinates\":[5,52],\"type\":\"Point\"}", 1, 0, 5},
        {"{\"type\":\"GeometryCollection\",\"geometries\":[" POINT_AT(5, 52) "," POINT_AT(6,
                                                                                          52) "]}",
         1, 0, 6},
        {"{\"type\":\"GeometryCollection\",\"geometries\":[" POINT_AT(
             5, 52) ",{\"type\":\"LineString\",\"coordinates\":[[5,52],[6,53]]}]}",
         1, 1, NAN}, /* points and lines together */
        {"{\"type\":\"Polygon\",\"coordinates\":[[[0,0],[2,2],[2,0],[0,2],[0,0]]]}", 1, 1, 2},
        {COLLECTION(FEATURE(1, "\"a\":1", "null")), 1, 1, NAN},
    };
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        double extent[4];
        rm_layer *layer = read_text(cases[c].text, NULL);
        assert_int_equal(rm_layer_feature_count(layer), cases[c].features);
        assert_int_equal(rm_layer_issue_count(layer), cases[c].issues);
        assert_string_equal(rm_layer_crs(layer), "EPSG:4326");
        rm_layer_extent(layer, extent);
        assert_true(extent[2] == cases[c].xmax || (isnan(extent[2]) && isnan(cases[c].xmax)));
        rm_layer_free(layer);
    }
}

static void test_whose_crs_it_is(void **state)
{
    (void)state;
    static const char stated[] =
        "{\"type\":\"FeatureCollection\",\"crs\":{\"type\":\"name\",\"properties\":{\"name\":"
        "\"urn:ogc:def:crs:EPSG::28992\"}},\"features\":[" FEATURE(1, "",
                                                                   POINT_AT(200000, 450000)) "]}";
    static const struct {
        const char *text, *given, *crs;
    } cases[] = {{POINT_AT(5, 52), NULL, "EPSG:4326"},
                 {POINT_AT(200000, 450000), "EPSG:28992", "EPSG:28992"},
                 {stated, NULL, "EPSG:28992"},
                 {stated, "EPSG:7415", "EPSG:28992"}};
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        rm_layer *layer = read_text(cases[c].text, cases[c].given);
        assert_string_equal(rm_layer_crs(layer), cases[c].crs);
        rm_layer_free(layer);
    }
    refuse(stated, strlen(stated), "EPSG:28993", RM_ECRS, "EPSG:28993");
}

/* The text ends where it is said to, and needs no NUL. */
static void test_the_length_counts(void **state)
{
    (void)state;
    static const char text[] = COLLECTION(FEATURE(1, "", POINT_AT(5, 52))) "rubbish";
    size_t length = strlen(text) - strlen("rubbish");
    rm_layer *layer = NULL;
    char *copy = malloc(length); /* so that a reader past the end is found out */
    memcpy(copy, text, length);
    OK(rm_layer_from_geojson(&layer, copy, length, NULL, NULL, NULL, &err));
    assert_int_equal(rm_layer_feature_count(layer), 1);
    free(copy);
    assert_int_equal(rm_layer_feature_count(layer), 1);
    rm_layer_free(layer);
    refuse(text, strlen(text), NULL, RM_EFORMAT, "the GeoJSON text is damaged: line 1, character");
}

static void test_what_is_no_geojson(void **state)
{
    (void)state;
    static const char nothing[] = "the text is no GeoJSON: its \"type\"";
    static const char *const wrong[][2] = {
        {"", "the GeoJSON text is empty"},
        {" \n", "the GeoJSON text is empty"},
        {"geheim", "the text is no GeoJSON: it does not begin with {"},
        {"[1,2]", "it does not begin with {"},
        {"<kml/>", "it does not begin with {"},
        {"{\"geheim\":1}", nothing},
        {"{\"type\":\"Topology\",\"objects\":{\"geheim\":{}}}", nothing},
        {"{\"geometryType\":\"esriGeometryPoint\",\"features\":[]}", nothing},
        {"{\"type\":\"FeatureCollection\",\"features\":[{\"type\":\"Feature\",\"properties\":"
         "{\"a\":geheim}}]}",
         "damaged: line 1, character"},
        {"{\"type\":\"FeatureCollection\",\n\"features\":[{]}", "damaged: line 2, character 14"},
    };
    for (size_t w = 0; w < sizeof wrong / sizeof *wrong; w++) {
        refuse(wrong[w][0], strlen(wrong[w][0]), NULL, RM_EFORMAT, wrong[w][1]);
        assert_null(strstr(err.message, "geheim"));
    }
    refuse(NULL, 3, NULL, RM_EINVAL, "there is no GeoJSON text");
    refuse("{\0}", 3, NULL, RM_EFORMAT, "");
}

/* Cut off anywhere it is refused, and what is said quotes nothing of it. */
static void test_cut_off_anywhere(void **state)
{
    (void)state;
    static const char text[] = COLLECTION(FEATURE(7, "\"geheim\":\"geheim\"", POINT_AT(1, 2)));
    for (size_t length = 0; length + 1 < sizeof text - 1; length++) {
        refuse(text, length, NULL, RM_EFORMAT, "");
        assert_null(strstr(err.message, "geheim"));
    }
    refuse(text, sizeof text - 2, NULL, RM_EFORMAT,
           "where something is not closed: is it cut off?");
}

/* GDAL quotes what it cannot read; here neither message nor issue does. */
static void test_issues_quote_nothing(void **state)
{
    (void)state;
    bool none = false, withheld = false;
    rm_layer *layer = read_text(
        COLLECTION(FEATURE(4, "\"a\":1", "{\"type\":\"Point\",\"coordinates\":[\"geheim\",52]}")),
        NULL);
    assert_int_equal(rm_layer_feature_count(layer), 1);
    for (int64_t i = 0; i < rm_layer_issue_count(layer); i++) {
        rm_layer_issue issue;
        OK(rm_layer_issue_at(layer, i, &issue, &err));
        assert_null(strstr(issue.message, "geheim"));
        none = none || (strcmp(issue.code, "no-geometry") == 0 && issue.feature == 4);
        withheld = withheld || strstr(issue.message, "withheld");
    }
    assert_true(none && withheld);
    rm_layer_free(layer);
}

/* More features than are read at a time, equal to the same file on disk. */
static void test_as_a_file_is_read(void **state)
{
    (void)state;
    enum { COUNT = 40000 };
    char path[] = "/tmp/riskmap-test-XXXXXX.geojson", *text = malloc((size_t)COUNT * 160);
    char *at = text + sprintf(text, "{\"type\":\"FeatureCollection\",\"features\":[");
    for (int i = 0; i < COUNT; i++)
        at +=
            sprintf(at,
                    "%s{\"type\":\"Feature\",\"properties\":{\"n\":%d,\"t\":\"a%d\"},\"geometry\":"
                    "{\"type\":\"Point\",\"coordinates\":[%d.5,%d]}}",
                    i ? "," : "", i, i % 100, i % 180, i % 90);
    at += sprintf(at, "]}");
    int file = mkstemps(path, 8);
    assert_true(file >= 0);
    FILE *stream = fdopen(file, "wb");
    assert_int_equal(fwrite(text, 1, (size_t)(at - text), stream), (size_t)(at - text));
    fclose(stream);
    rm_layer *memory = NULL, *disk = NULL;
    rm_read_options options = RM_READ_OPTIONS_INIT;
    options.column_count = -1;
    OK(rm_layer_from_geojson(&memory, text, (size_t)(at - text), NULL, NULL, NULL, &err));
    OK(rm_layer_read(&disk, path, &options, &err));
    remove(path);
    free(text);
    assert_int_equal(rm_layer_feature_count(memory), COUNT);
    assert_int_equal(rm_layer_feature_count(disk), COUNT);
    for (int32_t f = 0; f < 2; f++) {
        rm_column_view a, b;
        OK(rm_layer_column(memory, f, &a, &err));
        OK(rm_layer_column(disk, f, &b, &err));
        assert_int_equal(a.type, b.type);
        size_t size = a.type == RM_COLUMN_TEXT ? (size_t)a.offsets[COUNT] : COUNT * sizeof(int64_t);
        assert_memory_equal(a.values, b.values, size);
    }
    assert_memory_equal(rm_layer_fids(memory), rm_layer_fids(disk), COUNT * sizeof(int64_t));
    double x[2][4];
    rm_layer_extent(memory, x[0]);
    rm_layer_extent(disk, x[1]);
    assert_memory_equal(x[0], x[1], sizeof x[0]);
    rm_layer_free(memory);
    rm_layer_free(disk);
}

/* A code however it is written; a definition without one is kept, as its name says too little. */
static void test_the_crs_of_a_file(void **state)
{
    (void)state;
    static const char laea[] = "+proj=laea +lat_0=52 +lon_0=5 +datum=WGS84 +units=m +type=crs";
    static const char text[] = POINT_AT(5, 52);
    static const struct {
        const char *crs, *target, *says;
    } cases[] = {{NULL, NULL, "EPSG:4326"},
                 {"epsg:4258", NULL, "EPSG:4258"},
                 {NULL, "urn:ogc:def:crs:EPSG::28992", "EPSG:28992"},
                 {laea, NULL, laea},
                 {"EPSG:4258", laea, laea}};
    char path[] = "/tmp/riskmap-test-XXXXXX.geojson";
    int file = mkstemps(path, 8);
    assert_true(file >= 0);
    FILE *stream = fdopen(file, "wb");
    assert_int_equal(fwrite(text, 1, sizeof text - 1, stream), sizeof text - 1);
    fclose(stream);
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        rm_layer *layer = NULL;
        double x, y;
        rm_read_options options = RM_READ_OPTIONS_INIT;
        options.crs = cases[c].crs;
        options.target_crs = cases[c].target;
        OK(rm_layer_read(&layer, path, &options, &err));
        assert_string_equal(rm_layer_crs(layer), cases[c].says);
        assert_int_equal(rm_layer_places(&x, &y, layer, NULL, NULL, &err), c < 2 ? RM_ECRS : RM_OK);
        rm_layer_free(layer);
    }
    remove(path);
}

/* ---- stopping ---- */

static rm_status read_many(telling *told, rm_error *why)
{
    enum { MANY = 40000 };
    static const char point[] = FEATURE(1, "\"a\":1", POINT_AT(5, 52)) ",";
    size_t size = sizeof point - 1;
    char *text = malloc(MANY * size + 100), *at = text;
    at += sprintf(at, "{\"type\":\"FeatureCollection\",\"features\":[");
    for (int i = 0; i < MANY; i++)
        memcpy(at + (size_t)i * size, point, size);
    at += MANY * size - 1; /* the last comma */
    at += sprintf(at, "]}");
    rm_layer *layer = NULL;
    rm_status status =
        rm_layer_from_geojson(&layer, text, (size_t)(at - text), NULL, tell, told, why);
    if (status == RM_OK)
        assert_int_equal(rm_layer_feature_count(layer), MANY);
    rm_layer_free(layer);
    free(text);
    assert_no_text_left();
    return status;
}

static void test_geojson_can_be_stopped(void **state)
{
    (void)state;
    assert_can_be_stopped(read_many);
}

/* What is told may itself read a text. */
static int read_another(double fraction, const char *message, void *user)
{
    rm_layer *layer = NULL;
    (void)fraction, (void)message;
    ++*(int *)user;
    static const char text[] = COLLECTION(FEATURE(3, "", POINT_AT(1, 2)));
    OK(rm_layer_from_geojson(&layer, text, sizeof text - 1, NULL, NULL, NULL, &err));
    assert_int_equal(rm_layer_fids(layer)[0], 3);
    rm_layer_free(layer);
    return 0;
}

static void test_a_text_within_a_text(void **state)
{
    (void)state;
    rm_layer *layer = NULL;
    int calls = 0;
    static const char text[] =
        COLLECTION(FEATURE(8, "", POINT_AT(1, 2)) "," FEATURE(9, "", POINT_AT(1, 2)));
    OK(rm_layer_from_geojson(&layer, text, sizeof text - 1, NULL, read_another, &calls, &err));
    assert_int_equal(rm_layer_fids(layer)[1], 9);
    assert_true(calls > 1);
    rm_layer_free(layer);
    assert_no_text_left();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_columns_where_they_lie), cmocka_unit_test(test_columns_without_rows),
        cmocka_unit_test(test_geojson_of_every_kind),  cmocka_unit_test(test_whose_crs_it_is),
        cmocka_unit_test(test_the_length_counts),      cmocka_unit_test(test_what_is_no_geojson),
        cmocka_unit_test(test_cut_off_anywhere),       cmocka_unit_test(test_issues_quote_nothing),
        cmocka_unit_test(test_as_a_file_is_read),      cmocka_unit_test(test_the_crs_of_a_file),
        cmocka_unit_test(test_geojson_can_be_stopped), cmocka_unit_test(test_a_text_within_a_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
