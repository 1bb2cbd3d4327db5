#define _GNU_SOURCE
#include "base/text.h"
#include "io/crs.h"

#include <locale.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static rm_error err;

static rm_crs_route find(const char *source, const char *target)
{
    rm_crs_route route = {0};
    rm_status status = rm_crs_route_find(&route, source, target, false, &err);
    if (status != RM_OK)
        fail_msg("%s", err.message);
    return route;
}

static rm_crs_transformer *transformer(const rm_crs_route *route)
{
    rm_crs_transformer *made = NULL;
    assert_int_equal(rm_crs_transformer_new(&made, route, &err), RM_OK);
    return made;
}

static void same_crs_needs_nothing(void **state)
{
    (void)state;
    rm_crs_route route = find("EPSG:28992", "EPSG:28992");
    assert_null(route.operation);
    assert_null(route.pipeline);
    assert_null(route.missing_grid);
    assert_true(route.accuracy_m == 0);
    assert_string_equal(route.source, "EPSG:28992");
    assert_false(route.source_geographic);
    rm_crs_transformer *t = transformer(&route);
    assert_false(rm_crs_transforms(t));
    double x = 1.25, y = 2.5;
    rm_crs_transform(t, &x, &y, 1);
    assert_true(x == 1.25 && y == 2.5);
    rm_crs_transformer_free(t);
    rm_crs_route_clear(&route);
}

static void area_of_use_is_in_target_units(void **state)
{
    (void)state;
    rm_crs_route route = find("EPSG:28992", "EPSG:28992");
    /* 3.2 .. 7.22 E, 50.75 .. 53.7 N, and the corners of the country well inside */
    assert_true(route.target_use.xmin > -20000 && route.target_use.xmin < 10000);
    assert_true(route.target_use.xmax > 276000 && route.target_use.xmax < 300000);
    assert_true(route.target_use.ymin > 290000 && route.target_use.ymin < 306000);
    assert_true(route.target_use.ymax > 625000 && route.target_use.ymax < 640000);
    rm_crs_route_clear(&route);
    route = find("EPSG:4258", "EPSG:4258");
    assert_true(route.source_geographic);
    assert_true(route.target_use.xmax < 180 && route.target_use.ymax < 91);
    rm_crs_route_clear(&route);
}

static void amersfoort(const char *source)
{
    rm_crs_route route = find(source, "EPSG:28992");
    rm_crs_transformer *t = transformer(&route);
    double x = 5.387203657, y = 52.155172897;
    rm_crs_transform(t, &x, &y, 1);
    assert_true(hypot(x - 155000, y - 463000) < 0.25);
    rm_crs_transformer_free(t);
    rm_crs_route_clear(&route);
}

static void longitude_comes_first(void **state)
{
    (void)state;
    static const char *const sources[] = {
        "EPSG:4258", "EPSG:4326", "OGC:CRS84", "CRS84", "urn:ogc:def:crs:EPSG::4326",
        "EPSG:4937", "EPSG:4979"};
    for (size_t i = 0; i < sizeof sources / sizeof sources[0]; i++)
        amersfoort(sources[i]);
}

static void dutch_wgs84_is_taken_for_etrs89(void **state)
{
    (void)state;
    rm_crs_route plain = find("EPSG:4258", "EPSG:28992"), taken = find("EPSG:4326", "EPSG:28992");
    assert_string_equal(plain.pipeline, taken.pipeline);
    assert_non_null(strstr(taken.operation, "EPSG:4326 taken as EPSG:4258; "));
    assert_string_equal(taken.operation + strlen("EPSG:4326 taken as EPSG:4258; "),
                        plain.operation);
    assert_string_equal(taken.source, "EPSG:4326");
    assert_true(taken.accuracy_m == plain.accuracy_m);
    rm_crs_route_clear(&taken);
    rm_crs_route_clear(&plain);
    /* elsewhere it stays what it is */
    taken = find("EPSG:4326", "EPSG:32616");
    assert_null(strstr(taken.operation, "taken"));
    assert_true(taken.accuracy_m == 0);
    rm_crs_route_clear(&taken);
}

/* Without the Dutch grid, as on a machine that has just been set up. */
static void without_grid_the_route_says_so(void **state)
{
    (void)state;
    unsetenv("PROJ_DATA");
    unsetenv("PROJ_LIB");
    rm_crs_route route = find("EPSG:4258", "EPSG:28992");
    if (!route.missing_grid) {
        rm_crs_route_clear(&route);
        printf("skipped: this machine has the Dutch grid\n");
        skip();
    }
    assert_string_equal(route.missing_grid, "nl_nsgi_rdtrans2018.tif");
    /* better, or not stated: that depends on the year of the EPSG tables */
    assert_false(route.missing_accuracy_m >= route.accuracy_m);
    assert_true(route.accuracy_m == 0.25);
    rm_crs_route_clear(&route);
    assert_int_equal(rm_crs_route_find(&route, "EPSG:4258", "EPSG:28992", true, &err), RM_ECRS);
    assert_non_null(strstr(err.message, "nl_nsgi_rdtrans2018.tif"));
    assert_non_null(strstr(err.message, "projsync --file"));
    assert_non_null(strstr(err.message, "PROJ_DATA"));
    assert_null(route.source);
    /* only_best asks nothing where nothing better exists */
    assert_int_equal(rm_crs_route_find(&route, "EPSG:28992", "EPSG:28992", true, &err), RM_OK);
    rm_crs_route_clear(&route);
}

static void check_golden(const char *path, double tolerance)
{
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    rm_crs_route route = find("EPSG:4258", "EPSG:28992");
    rm_crs_transformer *t = transformer(&route);
    char line[512];
    int checked = 0;
    double worst = 0;
    assert_non_null(fgets(line, sizeof line, file));
    while (fgets(line, sizeof line, file)) {
        double v[7];
        char *cell = strtok(line, ",");
        for (int i = 0; i < 7 && cell; i++, cell = strtok(NULL, ","))
            if (!rm_parse_double(cell, (int64_t)strlen(cell), false, &v[i]))
                v[i] = NAN;
        double lat = v[1], lon = v[2], x = lon, y = lat;
        if (lon < 3.2 || lon > 7.22 || lat < 50.75 || lat > 53.7)
            continue;
        rm_crs_transform(t, &x, &y, 1);
        double miss = hypot(x - v[4], y - v[5]);
        worst = miss > worst ? miss : worst;
        checked++;
    }
    fclose(file);
    rm_crs_transformer_free(t);
    rm_crs_route_clear(&route);
    assert_in_range(checked, 1000, 5000);
    if (!(worst <= tolerance))
        fail_msg("%d points, the worst %g m off, allowed %g m", checked, worst, tolerance);
}

static void rdnaptrans_golden(void **state)
{
    (void)state;
    const char *shared = getenv("RISKMAP_SHARED");
    char path[1024], grids[1024];
    snprintf(path, sizeof path, "%s/golden/rdnaptrans/expected.csv", shared ? shared : "");
    snprintf(grids, sizeof grids, "%s/data/rdnaptrans", shared ? shared : "");
    FILE *file = shared ? fopen(path, "r") : NULL;
    if (!file) {
        printf("skipped: no golden points in RISKMAP_SHARED\n");
        skip();
    }
    fclose(file);
    setenv("PROJ_DATA", grids,
           1); /* a folder with grids alone: the database is found all the same */
    rm_crs_route route = find("EPSG:4258", "EPSG:28992");
    assert_null(route.missing_grid);
    assert_true(route.accuracy_m == 0.001);
    rm_crs_route_clear(&route);
    assert_int_equal(rm_crs_route_find(&route, "EPSG:4326", "EPSG:28992", true, &err), RM_OK);
    rm_crs_route_clear(&route);
    check_golden(path, 0.001);
    unsetenv("PROJ_DATA");
    check_golden(path, 0.25);
}

static void unknown_definitions_are_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {"EPSG:99999", "28992",     "",
                                      "nonsense",   "EPSG:9282", "+proj=nothing"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        rm_crs_route route = {0};
        assert_int_equal(rm_crs_route_find(&route, bad[i], "EPSG:28992", false, &err), RM_ECRS);
        assert_non_null(strstr(err.message, "EPSG:28992"));
        assert_null(strchr(err.message, '\n'));
        assert_null(route.source);
        char *text = NULL;
        assert_int_equal(rm_crs_code(&text, bad[i], &err), RM_ECRS);
        assert_null(text);
    }
}

static void names_and_texts(void **state)
{
    (void)state;
    char *text = NULL, *json = NULL;
    assert_int_equal(rm_crs_code(&text, "EPSG:28992", &err), RM_OK);
    assert_string_equal(text, "EPSG:28992");
    rm_release(text);
    assert_int_equal(rm_crs_projjson(&json, "EPSG:28992", &err), RM_OK);
    assert_true(json[0] == '{' && strstr(json, "\"ProjectedCRS\"") && !strchr(json, '\n'));
    assert_int_equal(rm_crs_code(&text, json, &err), RM_OK);
    assert_string_equal(text, "EPSG:28992");
    rm_release(text);
    rm_release(json);
    /* RD with heights is RD */
    assert_int_equal(rm_crs_code(&text, "EPSG:7415", &err), RM_OK);
    assert_string_equal(text, "EPSG:28992");
    rm_release(text);
}

/* RD as shapefiles carry it, without a code and with a datum shift of its own. */
static void esri_rd_is_recognised(void **state)
{
    (void)state;
    static const char wkt[] =
        "PROJCS[\"RD_New\",GEOGCS[\"GCS_Amersfoort\",DATUM[\"D_Amersfoort\",SPHEROID["
        "\"Bessel_1841\",6377397.155,299.1528128]],PRIMEM[\"Greenwich\",0.0],UNIT[\"Degree\","
        "0.0174532925199433]],PROJECTION[\"Double_Stereographic\"],PARAMETER[\"False_Easting\","
        "155000.0],PARAMETER[\"False_Northing\",463000.0],PARAMETER[\"Central_Meridian\","
        "5.38763888888889],PARAMETER[\"Scale_Factor\",0.9999079],PARAMETER[\"Latitude_Of_Origin\","
        "52.15616055555555],UNIT[\"Meter\",1.0]]";
    char *code = NULL;
    assert_int_equal(rm_crs_code(&code, wkt, &err), RM_OK);
    assert_string_equal(code, "EPSG:28992");
    rm_release(code);
    rm_crs_route route = find(wkt, "EPSG:28992");
    assert_null(route.operation);
    rm_crs_route_clear(&route);
}

/* MapInfo's RD, which lost its datum on the way. */
static void rd_without_its_datum_is_rd(void **state)
{
    (void)state;
    static const char wkt[] =
        "PROJCS[\"unnamed\",GEOGCS[\"unnamed\",DATUM[\"WGS_1984\",SPHEROID[\"WGS 84\",6378137,"
        "298.257223563]],PRIMEM[\"Greenwich\",0],UNIT[\"degree\",0.0174532925199433]],PROJECTION["
        "\"Oblique_Stereographic\"],PARAMETER[\"latitude_of_origin\",52.1561605555556],PARAMETER["
        "\"central_meridian\",5.38763888888889],PARAMETER[\"scale_factor\",0.9999079],PARAMETER["
        "\"false_easting\",155000],PARAMETER[\"false_northing\",463000],UNIT[\"metre\",1]]";
    rm_crs_route route = find(wkt, "EPSG:28992");
    assert_null(route.operation);
    assert_string_equal(route.source, "EPSG:28992");
    rm_crs_route_clear(&route);
}

/* Rows as a reader has them: points with ids and one column. */
static rm_rows make_points(const double (*xy)[2], int count)
{
    rm_rows rows = {0};
    assert_int_equal(rm_table_add_column(&rows.table, "t", RM_TEXT, &err), RM_OK);
    assert_int_equal(rm_table_add_column(&rows.table, "n", RM_INT64, &err), RM_OK);
    assert_int_equal(rm_table_add_column(&rows.table, "d", RM_DATE, &err), RM_OK);
    for (int i = 0; i < count; i++) {
        char text[16];
        int length = snprintf(text, sizeof text, "row %d", 100 + i);
        assert_int_equal(rm_rows_add_id(&rows, i, 100 + i, &err), RM_OK);
        assert_int_equal(rm_geometry_add_point(&rows.geometry, xy[i][0], xy[i][1], &err), RM_OK);
        rm_column *c = rows.table.columns;
        assert_int_equal(i % 3 == 1 ? rm_column_add_missing(&c[0], i, &err)
                                    : rm_column_add_text(&c[0], i, text, length, &err),
                         RM_OK);
        assert_int_equal(rm_column_add_int64(&c[1], i, 100 + i, &err), RM_OK);
        assert_int_equal(rm_column_add_date(&c[2], i, 100 + i, &err), RM_OK);
        rows.table.rows++;
    }
    return rows;
}

static void check_row(const rm_rows *rows, int64_t row, int64_t id)
{
    char text[16];
    snprintf(text, sizeof text, "row %d", (int)id);
    const rm_column *c = rows->table.columns;
    assert_int_equal(rows->ids[row], id);
    assert_int_equal(c[1].data.i64[row], id);
    assert_int_equal(c[2].data.i32[row], id);
    assert_int_equal(rm_column_missing(&c[0], row), (id - 100) % 3 == 1);
    int64_t length;
    const char *got = rm_column_text(&c[0], row, &length);
    if ((id - 100) % 3 != 1)
        assert_true(length == (int64_t)strlen(text) && memcmp(got, text, (size_t)length) == 0);
}

static void rows_outside_are_counted_and_rejected(void **state)
{
    (void)state;
    static const double xy[][2] = {{100000, 400000}, {155000, 463000}, {0, 0},
                                   {160000, 470000}, {5.4, 52.1},      {155001, 463001},
                                   {250000, 600000}, {155002, 463002}};
    rm_box extent = {150000, 460000, 165000, 475000};
    rm_crs_route route = find("EPSG:28992", "EPSG:28992");
    rm_crs_transformer *t = transformer(&route);
    rm_rows rows = make_points(xy, 8);
    assert_int_equal(rm_issues_add(&rows.issues, RM_ISSUE_BAD_TEXT, 100, 0, 0, "x", &err), RM_OK);
    assert_int_equal(rm_issues_add(&rows.issues, RM_ISSUE_BAD_TEXT, 101, 0, 0, "x", &err), RM_OK);
    rm_crs_seen seen = {0};
    int64_t outside = 0;
    assert_int_equal(rm_crs_place_rows(&rows, t, &route, &extent, &outside, &seen, &err), RM_OK);
    assert_int_equal(outside, 2);
    assert_int_equal(rows.table.rows, 6);
    assert_int_equal(rows.geometry.features, 6);
    assert_true(rm_geometry_is_points(&rows.geometry));
    static const int ids[] = {101, 102, 103, 104, 105, 107};
    for (int i = 0; i < 6; i++) {
        check_row(&rows, i, ids[i]);
        bool gone = ids[i] == 102 || ids[i] == 104;
        assert_int_equal(rows.geometry.kind[i], gone ? RM_KIND_NONE : RM_KIND_POINT);
        if (!gone)
            assert_true(rows.geometry.x[i] == xy[ids[i] - 100][0]);
    }
    assert_int_equal(seen.inside, 6);
    assert_int_equal(seen.missed, 2);
    assert_int_equal(rows.issues.count, 3); /* not that of the row that was left out */
    rm_issues_sort(&rows.issues);
    assert_int_equal(rows.issues.items[0].feature, 101);
    assert_int_equal(rows.issues.items[1].code, RM_ISSUE_OUTSIDE_CRS);
    assert_int_equal(rows.issues.items[2].feature, 104);
    assert_int_equal(rm_crs_judge(&seen, &route, "x", &err), RM_OK);
    rm_rows_clear(&rows);
    rm_crs_transformer_free(t);
    rm_crs_route_clear(&route);
}

static void add_polygon(rm_geometry *g, double x, double y, int rings)
{
    double px[5] = {x, x + 100, x + 100, x, x}, py[5] = {y, y, y + 100, y + 100, y};
    assert_int_equal(rm_geometry_add_feature(g, RM_KIND_POLYGON, &err), RM_OK);
    for (int part = 0; part < 2; part++) {
        assert_int_equal(rm_geometry_add_part(g, &err), RM_OK);
        for (int i = 0; i < rings; i++)
            assert_int_equal(rm_geometry_add_ring(g, px, py, 5, &err), RM_OK);
        for (int i = 0; i < 5; i++)
            px[i] += 300;
    }
}

/* Leaving rows out of polygons gives the same as adding only the others. */
static void polygons_close_ranks(void **state)
{
    (void)state;
    rm_box extent = {150000, 460000, 165000, 475000};
    rm_crs_route route = find("EPSG:28992", "EPSG:28992");
    rm_crs_transformer *t = transformer(&route);
    for (unsigned pattern = 0; pattern < 128; pattern++) {
        rm_rows rows = {0};
        rm_geometry want = {0};
        for (int i = 0; i < 7; i++) {
            bool in = pattern >> i & 1;
            double x = in ? 155000 + 1000 * i : 200000 + 1000 * i;
            assert_int_equal(rm_rows_add_id(&rows, i, i, &err), RM_OK);
            rows.table.rows++;
            if (i == 3) { /* without geometry: always stays */
                assert_int_equal(rm_geometry_add_feature(&rows.geometry, RM_KIND_NONE, &err),
                                 RM_OK);
                assert_int_equal(rm_geometry_add_feature(&want, RM_KIND_NONE, &err), RM_OK);
                continue;
            }
            add_polygon(&rows.geometry, x, 463000, 1 + i % 3);
            if (in)
                add_polygon(&want, x, 463000, 1 + i % 3);
        }
        rm_crs_seen seen = {0};
        int64_t outside = 0;
        assert_int_equal(rm_crs_place_rows(&rows, t, &route, &extent, &outside, &seen, &err),
                         RM_OK);
        const rm_geometry *g = &rows.geometry;
        assert_int_equal(outside + rows.table.rows, 7);
        assert_int_equal(g->features, want.features);
        assert_int_equal(g->parts, want.parts);
        assert_int_equal(g->rings, want.rings);
        assert_int_equal(g->points, want.points);
        assert_memory_equal(g->feature_part, want.feature_part,
                            (size_t)(want.features + 1) * sizeof(int32_t));
        assert_memory_equal(g->kind, want.kind, (size_t)want.features);
        if (want.parts > 0) {
            assert_memory_equal(g->part_ring, want.part_ring,
                                (size_t)(want.parts + 1) * sizeof(int32_t));
            assert_memory_equal(g->ring_point, want.ring_point,
                                (size_t)(want.rings + 1) * sizeof(int32_t));
            assert_memory_equal(g->x, want.x, (size_t)want.points * sizeof(double));
            assert_memory_equal(g->y, want.y, (size_t)want.points * sizeof(double));
        }
        rm_rows_clear(&rows);
        rm_geometry_clear(&want);
    }
    rm_crs_transformer_free(t);
    rm_crs_route_clear(&route);
}

/* What the judge says about one point read under a wrong label. */
static void judged(const char *label, double x, double y, const char *says)
{
    rm_crs_route route = find(label, "EPSG:28992");
    rm_crs_transformer *t = transformer(&route);
    const double xy[1][2] = {{x, y}};
    rm_rows rows = make_points(xy, 1);
    rm_crs_seen seen = {0};
    int64_t outside = 0;
    assert_int_equal(rm_crs_place_rows(&rows, t, &route, NULL, &outside, &seen, &err), RM_OK);
    assert_int_equal(rows.geometry.kind[0], RM_KIND_NONE);
    assert_int_equal(rm_crs_judge(&seen, &route, "reports.csv", &err), RM_ECRS);
    if (!strstr(err.message, says) || !strstr(err.message, "reports.csv"))
        fail_msg("expected \"%s\" in: %s", says, err.message);
    rm_rows_clear(&rows);
    rm_crs_transformer_free(t);
    rm_crs_route_clear(&route);
}

static void judge_names_the_plausible_reading(void **state)
{
    (void)state;
    judged("EPSG:28992", 6.1, 52.25, "longitude/latitude: set \"crs\": \"EPSG:4258\"");
    judged("EPSG:28992", 52.25, 6.1, "latitude/longitude, swapped");
    judged("EPSG:4258", 52.25, 6.1, "latitude and longitude are swapped");
    judged("EPSG:4258", 207000, 475000, "RD New: set \"crs\": \"EPSG:28992\"");
    judged("EPSG:28992", 475000, 207000, "x and y swapped");
    judged("EPSG:28992", 679000, 6850000, "EPSG:3857");
    judged("EPSG:28992", 0, 0, "state the right \"crs\"");
    judged("EPSG:4326", -90.05, 35.15, "state the right \"crs\"");
}

int main(void)
{
    (void)setlocale(LC_ALL, "");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(same_crs_needs_nothing),
        cmocka_unit_test(area_of_use_is_in_target_units),
        cmocka_unit_test(longitude_comes_first),
        cmocka_unit_test(dutch_wgs84_is_taken_for_etrs89),
        cmocka_unit_test(without_grid_the_route_says_so),
        cmocka_unit_test(rdnaptrans_golden),
        cmocka_unit_test(unknown_definitions_are_refused),
        cmocka_unit_test(names_and_texts),
        cmocka_unit_test(esri_rd_is_recognised),
        cmocka_unit_test(rd_without_its_datum_is_rd),
        cmocka_unit_test(rows_outside_are_counted_and_rejected),
        cmocka_unit_test(polygons_close_ranks),
        cmocka_unit_test(judge_names_the_plausible_reading),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
