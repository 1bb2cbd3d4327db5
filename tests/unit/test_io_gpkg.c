/* The GeoPackage reader beside the GDAL reader: they must say the same of every file. */
#define _GNU_SOURCE
#include "base/file.h"
#include "base/parallel.h"
#include "base/text.h"

#include <locale.h>
#include <math.h>
#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "layers.h"
#include "scratch.h"

static rm_error err;

static const char *keep_path(const char *name)
{
    static char kept[600];
    snprintf(kept, sizeof kept, "%s", scratch_path(name));
    return kept;
}

static void run_sql(const char *path, const char *sql)
{
    sqlite3 *db = NULL;
    char *message = NULL;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    if (sqlite3_exec(db, sql, NULL, NULL, &message) != SQLITE_OK)
        fail_msg("%s: %s", sql, message);
    sqlite3_close(db);
}

/* Reads by both readers and compares everything; returns what came. */
static rm_text read_alike(const rm_request *request)
{
    rm_layer *ours = NULL, *theirs = NULL;
    rm_error our_err = {0}, their_err = {0};
    rm_status our_status = read_layer(&ours, rm_open_geopackage, request, &our_err);
    rm_status their_status = read_layer(&theirs, rm_open_gdal, request, &their_err);
    if (our_status != their_status)
        fail_msg("%s: ours %d %s, theirs %d %s", request->source, (int)our_status, our_err.message,
                 (int)their_status, their_err.message);
    rm_text a = {0};
    if (our_status != RM_OK) {
        assert_string_equal(our_err.message, their_err.message);
        rm_text_add(&a, our_err.message);
        return a;
    }
    a = render_layer(ours);
    rm_text b = render_layer(theirs);
    assert_string_equal(a.data ? a.data : "", b.data ? b.data : "");
    for (int32_t c = 0; c < request->column_count; c++) {
        assert_int_equal(ours->rows.table.columns[c].type, theirs->rows.table.columns[c].type);
        assert_string_equal(ours->rows.table.columns[c].name, request->columns[c]);
    }
    const rm_provenance *p = &ours->provenance, *q = &theirs->provenance;
    assert_int_equal(p->total, q->total);
    assert_int_equal(p->outside, q->outside);
    assert_string_equal(p->layer, q->layer);
    assert_string_equal(p->driver, q->driver);
    assert_string_equal(p->fingerprint, q->fingerprint);
    assert_string_equal(p->crs ? p->crs : "", q->crs ? q->crs : "");
    assert_string_equal(p->crs_operation ? p->crs_operation : "",
                        q->crs_operation ? q->crs_operation : "");
    rm_text_clear(&b);
    rm_layer_free(ours);
    rm_layer_free(theirs);
    return a;
}

static const made_feature mixed[] = {
    {"POINT (155000 463000)",
     {"1", "9007199254740993", "1.5", "caf\xC3\xA9", "2024-02-29", "2024/02/29 13:14:15.678", "1"}},
    {"POLYGON ((1000 400000,1100 400000,1100 400100,1000 400000),(1050 400010,1060 400010,1060 "
     "400020,1050 400010))",
     {NULL}},
    {NULL, {"-5", "-9007199254740993", "1e300", "", "1969-12-31", "1969/12/31 23:59:59", "0"}},
    {"POINT EMPTY", {"0", "0", "0", "x", "1970-01-01", "1970/01/01 00:00:00", "1"}},
    {"POLYGON EMPTY", {NULL}},
    {"MULTIPOLYGON (((1000 400000,1100 400000,1100 400100,1000 400000)),((2000 400000,2100 "
     "400000,2100 400100,2000 400000)))",
     {"7"}},
    {"LINESTRING Z (155000 463000 1,155100 463000 2)", {NULL, NULL, NULL, "z"}},
    {"MULTIPOINT ZM ((155000 463000 1 2),(155100 463000 2 3))", {NULL, NULL, NULL, "zm"}},
    {"POINT M (155000.25 463000.75 9)", {NULL, NULL, NULL, "m"}},
    {"GEOMETRYCOLLECTION (POINT (155000 463000),LINESTRING (155000 463000,155001 463001))", {NULL}},
    {"GEOMETRYCOLLECTION (POINT (155000 463000),POINT (155001 463001))", {NULL}},
    {"CURVEPOLYGON (COMPOUNDCURVE (CIRCULARSTRING (155000 463000,155010 463010,155020 "
     "463000),(155020 463000,155000 463000)))",
     {NULL, NULL, NULL, "curve"}},
    {"CIRCULARSTRING (155000 463000,155010 463010,155020 463000)", {NULL}},
};
static const made_layer mixed_layer = {"alles",
                                       28992,
                                       wkbUnknown,
                                       {{"i", "int"},
                                        {"b", "big"},
                                        {"r", "real"},
                                        {"t", "text"},
                                        {"d", "date"},
                                        {"w", "time"},
                                        {"o", "bool"}},
                                       mixed,
                                       sizeof mixed / sizeof mixed[0]};
static const char *const mixed_columns[] = {"t", "i", "b", "r", "d", "w", "o"};

static void all_types_alike(void **state)
{
    (void)state;
    const char *path = keep_path("t.gpkg");
    assert_true(make_file(path, "GPKG", &mixed_layer, 1, NULL));
    rm_request request = {.source = path,
                          .columns = mixed_columns,
                          .column_count = 7,
                          .geometry = true,
                          .threads = 1};
    rm_text got = read_alike(&request);
    assert_non_null(strstr(got.data, "1 point ((155000 463000)) [caf\xC3\xA9] 1 9007199254740993 "
                                     "1.5 d19782 1709212455678 1\n"));
    assert_non_null(strstr(got.data, "3 none [] -5 -9007199254740993 1e+300 d-1 -1000 0\n"));
    assert_non_null(strstr(got.data, "7 line ((155000 463000,155100 463000)) [z]"));
    assert_non_null(strstr(got.data, "8 point ((155000 463000)) ((155100 463000)) [zm]"));
    assert_non_null(strstr(got.data, "!3 no-geometry\n!4 no-geometry\n!5 no-geometry\n"));
    assert_non_null(strstr(got.data, "!10 mixed-collection\n"));
    assert_non_null(strstr(got.data, "12 polygon ((155000 463000,"));
    rm_text_clear(&got);
    /* and brought to the model's CRS, by four cursors */
    request.target_crs = "EPSG:28992";
    request.threads = 4;
    got = read_alike(&request);
    rm_text_clear(&got);
    request.target_crs = "EPSG:4258";
    got = read_alike(&request);
    rm_text_clear(&got);
    /* attributes alone */
    request.geometry = false;
    got = read_alike(&request);
    assert_non_null(strstr(got.data, "10 - - - - - - -\n"));
    rm_text_clear(&got);
    assert_int_equal(scratch_count(NULL), 1);
}

/* A circle's area tells how finely it was stroked. */
static void curves_are_stroked(void **state)
{
    (void)state;
    static const made_feature circle[] = {
        {"CURVEPOLYGON (CIRCULARSTRING (155100 463000,154900 463000,155100 463000))", {NULL}}};
    static const made_layer layer = {"c", 28992, wkbCurvePolygon, {{NULL}}, circle, 1};
    const char *path = keep_path("t.gpkg");
    assert_true(make_file(path, "GPKG", &layer, 1, NULL));
    rm_request request = {.source = path, .geometry = true, .target_crs = "EPSG:28992"};
    rm_layer *got = NULL;
    assert_int_equal(read_layer(&got, rm_open_geopackage, &request, &err), RM_OK);
    double area = rm_geometry_area(&got->rows.geometry, 0), exact = acos(-1.0) * 10000.0;
    assert_true(area < exact && area > exact * (1 - 1e-4));
    assert_int_equal(got->rows.issues.count, 0);
    rm_layer_free(got);
}

static void make_points(const char *path, int count, double step)
{
    made_feature *features = calloc((size_t)count, sizeof *features);
    char(*texts)[64] = calloc((size_t)count, sizeof *texts);
    for (int i = 0; i < count; i++) {
        snprintf(texts[i], sizeof texts[i], "POINT (%d %d)", (int)(20000 + i % 250 * step),
                 (int)(400000 + i / 250 * step));
        features[i] = (made_feature){texts[i], {"7"}};
    }
    made_layer layer = {"punten", 28992, wkbPoint, {{"n", "int"}}, features, count};
    assert_true(make_file(path, "GPKG", &layer, 1, NULL));
    free(features);
    free(texts);
}

/* GDAL's triggers need functions that plain SQLite lacks. */
static const char drop_triggers[] =
    "DROP TRIGGER rtree_punten_geom_insert; DROP TRIGGER rtree_punten_geom_update1;"
    "DROP TRIGGER rtree_punten_geom_update2; DROP TRIGGER rtree_punten_geom_update3;"
    "DROP TRIGGER rtree_punten_geom_update4; DROP TRIGGER rtree_punten_geom_delete;";

static void check_extent(const char *path, rm_box extent, int threads, int64_t rows)
{
    rm_request request = {.source = path,
                          .geometry = true,
                          .target_crs = "EPSG:28992",
                          .extent = &extent,
                          .threads = threads};
    rm_layer *got = NULL;
    rm_text text = read_alike(&request);
    assert_int_equal(read_layer(&got, rm_open_geopackage, &request, &err), RM_OK);
    assert_int_equal(got->rows.table.rows, rows);
    assert_int_equal(got->provenance.total - got->provenance.outside, rows);
    rm_layer_free(got);
    rm_text_clear(&text);
}

static void extent_is_exact_with_and_without_index(void **state)
{
    (void)state;
    const char *path = keep_path("t.gpkg");
    make_points(path, 5000, 100);
    for (int without = 0; without < 2; without++) {
        for (int threads = 1; threads <= 2; threads++) {
            check_extent(path, (rm_box){20000, 400000, 20500, 400300}, threads, 24);
            check_extent(path, (rm_box){20000.5, 400000.5, 20500.5, 400300.5}, threads, 15);
            check_extent(path, (rm_box){20001, 400001, 20099, 400099}, threads, 0);
            check_extent(path, (rm_box){0, 300000, 300000, 600000}, threads, 5000);
            check_extent(path, (rm_box){100000, 500000, 100001, 500001}, threads, 0);
        }
        if (!without)
            run_sql(path, "DELETE FROM gpkg_extensions WHERE extension_name='gpkg_rtree_index'");
    }
}

/* What has no place, or a place outside the area of use, is delivered whatever the extent. */
static void extent_hides_nothing(void **state)
{
    (void)state;
    const char *path = keep_path("t.gpkg");
    static const made_feature few[] = {
        {"POINT (20000 400000)", {NULL}},  {NULL, {NULL}},
        {"POINT (250000 500000)", {NULL}}, {"POINT (250100 500000)", {NULL}},
        {"POINT EMPTY", {NULL}},           {"POINT (5.5 52.5)", {NULL}}};
    made_layer layer = {"punten", 28992, wkbPoint, {{NULL}}, few, 6};
    assert_true(make_file(path, "GPKG", &layer, 1, NULL));
    check_extent(path, (rm_box){19000, 399000, 21000, 401000}, 1, 4);
    unlink(path);
    layer.features = few + 2;
    layer.count = 4;
    assert_true(make_file(path, "GPKG", &layer, 1, NULL));
    check_extent(path, (rm_box){19000, 399000, 21000, 401000}, 1, 2);
}

static void all_lonlat_labelled_rd_is_an_error(void **state)
{
    (void)state;
    const char *path = keep_path("t.gpkg");
    static const made_feature few[] = {{"POINT (5.5 52.5)", {NULL}}, {"POINT (6.5 52.25)", {NULL}}};
    made_layer layer = {"punten", 28992, wkbPoint, {{NULL}}, few, 2};
    assert_true(make_file(path, "GPKG", &layer, 1, NULL));
    rm_box extent = {19000, 399000, 21000, 401000};
    rm_request request = {
        .source = path, .geometry = true, .target_crs = "EPSG:28992", .extent = &extent};
    rm_text got = read_alike(&request);
    assert_non_null(strstr(got.data, "longitude/latitude: set \"crs\": \"EPSG:4258\""));
    rm_text_clear(&got);
    /* and doing what it says helps */
    request.crs = "EPSG:4258";
    request.extent = NULL;
    got = read_alike(&request);
    assert_non_null(strstr(got.data, "1 point ((16"));
    rm_text_clear(&got);
}

static void broken_index_is_an_error(void **state)
{
    (void)state;
    const char *path = keep_path("t.gpkg");
    make_points(path, 5000, 100);
    run_sql(path, drop_triggers);
    run_sql(path, "UPDATE punten SET fid = 100000 WHERE fid = 1");
    rm_box extent = {20000, 400000, 20500, 400300};
    rm_request request = {
        .source = path, .geometry = true, .target_crs = "EPSG:28992", .extent = &extent};
    rm_layer *got = NULL;
    assert_int_equal(read_layer(&got, rm_open_geopackage, &request, &err), RM_EFORMAT);
    assert_non_null(strstr(err.message, "make the index anew"));
}

typedef struct gathering {
    rm_source *source;
    rm_rows rows[4];
    int64_t count[4], sum[4];
} gathering;

static rm_status gather(void *context, int worker, rm_error *error)
{
    gathering *g = context;
    while (worker < g->source->cursors) {
        rm_rows *rows = &g->rows[worker];
        RM_TRY(g->source->next(g->source, worker, rows, error));
        if (rows->table.rows == 0)
            break;
        for (int64_t i = 0; i < rows->table.rows; i++)
            g->sum[worker] += rows->ids[i] % 1000003;
        g->count[worker] += rows->table.rows;
    }
    return RM_OK;
}

static void check_cursors(const char *path, int threads, int64_t count, int64_t sum)
{
    rm_request request = {
        .source = path, .geometry = true, .target_crs = "EPSG:28992", .threads = threads};
    gathering g = {0};
    int64_t got = 0, got_sum = 0;
    assert_int_equal(rm_open_geopackage(&request, &g.source, &err), RM_OK);
    assert_in_range(g.source->cursors, 1, threads);
    assert_int_equal(rm_workers(threads, gather, &g, &err), RM_OK);
    assert_int_equal(g.source->finish(g.source, &err), RM_OK);
    for (int i = 0; i < 4; i++) {
        got += g.count[i];
        got_sum += g.sum[i];
        rm_rows_clear(&g.rows[i]);
    }
    assert_int_equal(got, count);
    assert_int_equal(got_sum, sum);
    assert_int_equal(g.source->provenance.total, count);
    rm_source_free(g.source);
}

/* Ids from one end of 64 bits to the other, dense, sparse and in clumps. */
static void every_row_comes_once(void **state)
{
    (void)state;
    static const char *const moves[] = {
        NULL,
        "UPDATE punten SET fid = -fid",
        "UPDATE punten SET fid = fid * 100000000000 WHERE fid % 3 = 0",
        "UPDATE punten SET fid = 9223372036854775807 WHERE fid = (SELECT max(fid) FROM punten); "
        "UPDATE punten SET fid = -9223372036854775807 - 1 WHERE fid = (SELECT min(fid) FROM "
        "punten)",
        "DELETE FROM punten WHERE fid NOT IN (-9223372036854775807 - 1, 9223372036854775807)",
        "DELETE FROM punten"};
    const char *path = keep_path("t.gpkg");
    make_points(path, 100000, 10);
    run_sql(path, drop_triggers);
    for (size_t m = 0; m < sizeof moves / sizeof moves[0]; m++) {
        if (moves[m])
            run_sql(path, moves[m]);
        sqlite3 *db = NULL;
        sqlite3_stmt *all = NULL;
        int64_t count = 0, sum = 0;
        assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
        sqlite3_prepare_v2(db, "SELECT fid FROM punten", -1, &all, NULL);
        for (; sqlite3_step(all) == SQLITE_ROW; count++)
            sum += sqlite3_column_int64(all, 0) % 1000003;
        sqlite3_finalize(all);
        sqlite3_close(db);
        for (int threads = 1; threads <= 4; threads *= 2)
            check_cursors(path, threads, count, sum);
    }
}

static void cells_of_another_type(void **state)
{
    (void)state;
    const char *path = keep_path("t.gpkg");
    static const char *const no_index[] = {"SPATIAL_INDEX=NO", NULL};
    assert_true(make_file(path, "GPKG", &mixed_layer, 1, (char **)no_index));
    run_sql(path,
            "DELETE FROM alles WHERE fid > 3;"
            "UPDATE alles SET i = 'abc', b = '12', r = 'x', t = 5, d = 'soon', w = 3, o = 1.0 "
            "WHERE fid = 1;"
            "UPDATE alles SET i = 2.5, b = 3.0, r = '2.5', t = x'00ff', d = '20240229', w = "
            "'2024-02-29' WHERE fid = 2;"
            "UPDATE alles SET i = x'01', t = 2.5, d = 20240229, w = '2024-02-29T01:02Z', r = "
            "'1,5' WHERE fid = 3");
    rm_request request = {.source = path, .columns = mixed_columns, .column_count = 7};
    rm_layer *got = NULL;
    assert_int_equal(read_layer(&got, rm_open_geopackage, &request, &err), RM_OK);
    rm_text text = render_layer(got);
    assert_string_equal(text.data, "1 [5] - 12 - - - 1\n"
                                   "2 - - 3 2.5 - 1709164800000 -\n"
                                   "3 [2.5] - -9007199254740993 - - 1709168520000 0\n");
    rm_text_clear(&text);
    rm_layer_free(got);
}

static void bad_text_and_bad_blobs(void **state)
{
    (void)state;
    const char *path = keep_path("t.gpkg");
    static const made_feature few[] = {{"POINT (155000 463000)", {"a"}},
                                       {"POINT (155000 463000)", {"a"}},
                                       {"POINT (155000 463000)", {"a"}},
                                       {"POINT (155000 463000)", {"a"}},
                                       {"POINT (155000 463000)", {"a"}}};
    made_layer layer = {"punten", 28992, wkbPoint, {{"t", "text"}}, few, 5};
    static const char *const columns[] = {"t"};
    assert_true(make_file(path, "GPKG", &layer, 1, NULL));
    run_sql(path, drop_triggers);
    run_sql(path,
            "UPDATE punten SET t = CAST(x'636166e9' AS TEXT) WHERE fid = 1;"
            "UPDATE punten SET geom = x'47500001' WHERE fid = 2;"
            "UPDATE punten SET geom = x'58580001404b1f0001010000000000000000000000' WHERE fid "
            "= 3;"
            "UPDATE punten SET geom = x'47500001407100000101000000000000000000f07f0000000000"
            "00f07f' WHERE fid = 4;"
            "UPDATE punten SET geom = x'' WHERE fid = 5;");
    rm_request request = {.source = path, .columns = columns, .column_count = 1, .geometry = true};
    rm_layer *got = NULL;
    assert_int_equal(read_layer(&got, rm_open_geopackage, &request, &err), RM_OK);
    rm_text text = render_layer(got);
    assert_string_equal(text.data,
                        "1 point ((155000 463000)) [caf\xEF\xBF\xBD]\n2 none [a]\n3 none "
                        "[a]\n4 none [a]\n5 none [a]\n!1 bad-text\n!2 malformed\n!3 "
                        "malformed\n!4 not-finite\n!5 no-geometry\n");
    rm_text_clear(&text);
    rm_layer_free(got);
}

static bool is_plain(const rm_request *request)
{
    rm_source *source = NULL;
    if (rm_open_geopackage(request, &source, &err) != RM_OK)
        fail_msg("%s", err.message);
    bool plain = source != NULL;
    rm_source_free(source);
    return plain;
}

static void what_is_not_plain_goes_to_gdal(void **state)
{
    (void)state;
    const char *path = keep_path("t.gpkg");
    make_points(path, 10, 100);
    run_sql(
        path,
        "CREATE VIEW zicht AS SELECT * FROM punten WHERE fid < 4;"
        "INSERT INTO gpkg_contents (table_name, data_type, identifier, srs_id) VALUES ('zicht', "
        "'features', 'zicht', 28992);"
        "INSERT INTO gpkg_geometry_columns VALUES ('zicht', 'geom', 'POINT', 28992, 0, 0);"
        "CREATE TABLE sleutel (k TEXT PRIMARY KEY, n INTEGER);"
        "INSERT INTO gpkg_contents (table_name, data_type, identifier) VALUES ('sleutel', "
        "'attributes', 'sleutel');"
        "CREATE TABLE blobs (fid INTEGER PRIMARY KEY, n INTEGER, foto BLOB);"
        "INSERT INTO gpkg_contents (table_name, data_type, identifier) VALUES ('blobs', "
        "'attributes', 'blobs');");
    static const char *const number[] = {"n"}, *const photo[] = {"foto"};
    rm_request request = {.source = path, .geometry = true, .layer = "punten"};
    assert_true(is_plain(&request));
    request.layer = "zicht";
    assert_false(is_plain(&request));
    rm_layer *got = NULL;
    assert_int_equal(read_layer(&got, open_any, &request, &err), RM_OK);
    assert_int_equal(got->rows.table.rows, 3);
    rm_layer_free(got);
    request =
        (rm_request){.source = path, .layer = "sleutel", .columns = number, .column_count = 1};
    assert_false(is_plain(&request));
    request.layer = "blobs";
    assert_true(is_plain(&request));
    request.columns = photo;
    assert_false(is_plain(&request));
    got = NULL;
    assert_int_equal(read_layer(&got, open_any, &request, &err), RM_EUNSUPPORTED);
    assert_non_null(strstr(err.message, "foto"));
    request.layer = "nergens";
    assert_false(is_plain(&request));
    request.source = keep_path("t.txt");
    FILE *file = fopen(request.source, "w");
    fputs("no database at all, though long enough to look at\n", file);
    fclose(file);
    assert_false(is_plain(&request));
}

static void make_two(const char *path)
{
    static const made_feature few[] = {{"POINT (155000 463000)", {"1"}}};
    static const made_layer layers[] = {
        {"parken", 28992, wkbPoint, {{"naam", "text"}}, few, 1},
        {"wegen", 28992, wkbPoint, {{"typeweg", "text"}, {"nummer", "int"}}, few, 1}};
    assert_true(make_file(path, "GPKG", layers, 2, NULL));
}

static rm_status try_open(const rm_request *request)
{
    rm_layer *got = NULL;
    rm_status status = read_layer(&got, open_any, request, &err);
    rm_layer_free(got);
    return status;
}

static void layers_and_fields_by_name(void **state)
{
    (void)state;
    const char *path = keep_path("t.gpkg");
    static const char *const wrong[] = {"typweg"}, *const right[] = {"TypeWeg"};
    char both[700];
    make_two(path);
    rm_request request = {.source = path, .geometry = true};
    assert_int_equal(try_open(&request), RM_ENOTFOUND);
    assert_non_null(strstr(err.message, "holds 2 layers"));
    assert_non_null(strstr(err.message, "\"parken\", \"wegen\""));
    request.layer = "weegn";
    assert_int_equal(try_open(&request), RM_ENOTFOUND);
    assert_non_null(strstr(err.message, "did you mean \"wegen\"?"));
    request.layer = "bestemmingsplannen";
    assert_int_equal(try_open(&request), RM_ENOTFOUND);
    assert_non_null(strstr(err.message, "it has \"parken\", \"wegen\""));
    request.layer = "WEGEN";
    assert_int_equal(try_open(&request), RM_OK);
    request.columns = wrong;
    request.column_count = 1;
    assert_int_equal(try_open(&request), RM_ENOTFOUND);
    assert_non_null(strstr(err.message, "did you mean \"typeweg\"?"));
    request.columns = right;
    assert_int_equal(try_open(&request), RM_OK);
    /* as QGIS names layers, unless the request does */
    snprintf(both, sizeof both, "%s|layername=wegen|geometrytype=Point", path);
    request.source = both;
    request.layer = NULL;
    assert_int_equal(try_open(&request), RM_OK);
    request.layer = "parken";
    assert_int_equal(try_open(&request), RM_ENOTFOUND);
}

/* A table of styles, as QGIS saves it, and tables without geometry do not make
 * a choice necessary. */
static void the_only_layer_with_geometry(void **state)
{
    (void)state;
    const char *path = keep_path("t.gpkg");
    make_points(path, 10, 100);
    run_sql(path, "CREATE TABLE layer_styles (id INTEGER PRIMARY KEY, styleName TEXT);"
                  "INSERT INTO gpkg_contents (table_name, data_type, identifier) VALUES "
                  "('layer_styles', 'attributes', 'layer_styles');");
    rm_request request = {.source = path, .geometry = true, .target_crs = "EPSG:28992"};
    rm_text got = read_alike(&request);
    assert_non_null(strstr(got.data, "10 point"));
    rm_text_clear(&got);
    request.geometry = false;
    got = read_alike(&request);
    rm_text_clear(&got);
    run_sql(path, "CREATE TABLE lijst (id INTEGER PRIMARY KEY, n TEXT);"
                  "INSERT INTO gpkg_contents (table_name, data_type, identifier) VALUES ('lijst', "
                  "'attributes', 'lijst');");
    request.geometry = true;
    got = read_alike(&request);
    rm_text_clear(&got);
    request.geometry = false;
    assert_int_equal(try_open(&request), RM_ENOTFOUND);
    request = (rm_request){.source = path, .layer = "lijst", .geometry = true};
    assert_int_equal(try_open(&request), RM_EDATA);
    assert_non_null(strstr(err.message, "has no geometry"));
}

static void wal_files_get_no_company(void **state)
{
    (void)state;
    const char *path = keep_path("een %#?'map.gpkg"); /* also a name that needs care in a URI */
    make_points(path, 10, 100);
    run_sql(path, drop_triggers);
    run_sql(path, "PRAGMA journal_mode = WAL; UPDATE punten SET n = 8;");
    assert_int_equal(scratch_count(NULL), 1);
    rm_request request = {.source = path, .geometry = true, .threads = 2};
    assert_true(is_plain(&request));
    rm_text got = read_alike(&request);
    rm_text_clear(&got);
    rm_listing list = {0};
    assert_int_equal(rm_list(&list, path, &err), RM_OK);
    rm_listing_clear(&list);
    assert_int_equal(scratch_count(NULL), 1);
    /* while another program writes, nothing of what it wrote is lost */
    sqlite3 *db = NULL;
    static const char *const columns[] = {"n"};
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, "UPDATE punten SET n = 9", NULL, NULL, NULL), SQLITE_OK);
    request.columns = columns;
    request.column_count = 1;
    assert_false(is_plain(&request));
    rm_layer *layer = NULL;
    assert_int_equal(read_layer(&layer, open_any, &request, &err), RM_OK);
    assert_int_equal(layer->rows.table.columns[0].data.i64[0], 9);
    rm_layer_free(layer);
    sqlite3_close(db);
}

static void damaged_files(void **state)
{
    (void)state;
    const char *path = keep_path("t.gpkg");
    make_points(path, 20000, 10);
    FILE *file = fopen(path, "r+b");
    assert_int_equal(fseek(file, 0, SEEK_END), 0);
    long size = ftell(file);
    /* overwrite the middle of the file, where rows are */
    assert_int_equal(fseek(file, size / 3, SEEK_SET), 0);
    for (long i = 0; i < size / 3; i++)
        fputc(0x5a, file);
    fclose(file);
    rm_request request = {.source = path, .geometry = true};
    rm_status status = try_open(&request);
    assert_true(status == RM_EFORMAT || status == RM_EIO);
    assert_non_null(strstr(err.message, "t.gpkg"));
}

/* GDAL and this reader on real files with null, empty and three-dimensional geometries. */
static void real_files_alike(void **state)
{
    (void)state;
    static const char *const names[] = {"3d-geoms", "attributes",           "bag-temporal",
                                        "bag",      "fake-addresses-crs84", "null-empty-geoms",
                                        "roads"};
    const char *shared = getenv("RISKMAP_SHARED");
    int read = 0;
    for (size_t f = 0; f < sizeof names / sizeof names[0]; f++) {
        char path[1024];
        snprintf(path, sizeof path, "%s/data/bag/gpkg/%s.gpkg", shared ? shared : "", names[f]);
        if (!shared || access(path, R_OK) != 0)
            continue;
        rm_listing list = {0};
        assert_int_equal(rm_list(&list, path, &err), RM_OK);
        for (int32_t l = 0; l < list.count; l++) {
            const rm_listed_layer *layer = &list.layers[l];
            const char *columns[64];
            for (int32_t c = 0; c < layer->columns.count; c++)
                columns[c] = layer->columns.columns[c].name;
            rm_request request = {.source = path,
                                  .layer = layer->name,
                                  .columns = columns,
                                  .column_count = layer->columns.count,
                                  .threads = 2};
            request.geometry = strcmp(layer->geometry_type, "None") != 0;
            request.target_crs = "EPSG:28992";
            request.crs = layer->crs ? NULL : "EPSG:28992";
            read++;
            if (strcmp(layer->name, "buildings") == 0) { /* blobs of SpatiaLite: GDAL knows them */
                rm_layer *buildings = NULL;
                assert_false(is_plain(&request));
                assert_int_equal(read_layer(&buildings, open_any, &request, &err), RM_OK);
                assert_int_equal(buildings->rows.geometry.kind[0], RM_KIND_POLYGON);
                rm_layer_free(buildings);
                continue;
            }
            rm_text got = read_alike(&request);
            rm_text_clear(&got);
            request.target_crs = NULL;
            got = read_alike(&request);
            rm_text_clear(&got);
        }
        rm_listing_clear(&list);
    }
    if (read == 0) {
        printf("skipped: no GeoPackages in RISKMAP_SHARED\n");
        skip();
    }
    assert_true(read >= 14);
}

int main(void)
{
    (void)setlocale(LC_ALL, "");
#define SCRATCH(test) cmocka_unit_test_setup_teardown(test, scratch_setup, scratch_teardown)
    const struct CMUnitTest tests[] = {
        SCRATCH(all_types_alike),
        SCRATCH(curves_are_stroked),
        SCRATCH(extent_is_exact_with_and_without_index),
        SCRATCH(extent_hides_nothing),
        SCRATCH(all_lonlat_labelled_rd_is_an_error),
        SCRATCH(broken_index_is_an_error),
        SCRATCH(every_row_comes_once),
        SCRATCH(cells_of_another_type),
        SCRATCH(bad_text_and_bad_blobs),
        SCRATCH(what_is_not_plain_goes_to_gdal),
        SCRATCH(layers_and_fields_by_name),
        SCRATCH(the_only_layer_with_geometry),
        SCRATCH(wal_files_get_no_company),
        SCRATCH(damaged_files),
        cmocka_unit_test(real_files_alike),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
