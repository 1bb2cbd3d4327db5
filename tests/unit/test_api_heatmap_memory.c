/* Heat maps of layers in memory: the same, to the bit, as of the files they were read from; what is
 * refused, and stopping half-way. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "heatmaps.h"

#include "riskmap/riskmap.h"

#include <string.h>

static char points_file[512], area_file[512], degrees[512], reports[512], addresses[512];
static char odd_reports[512], odd_addresses[512];
static rm_error err;

/* ---- the data ---- */

static void keep(char path[512], const char *name)
{
    snprintf(path, 512, "%s", scratch_path(name));
}

/* Reports of which every other one has no place but an address, and those addresses. */
static void write_reports(const char *path, const char *head, bool dated)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fprintf(file, "%s\n", head);
    for (int i = 0; i < POINTS; i++) {
        if (i % 2)
            fprintf(file, ";;99%02dAB;%d", i, i + 1);
        else
            fprintf(file, "%d;%d;;", 200000 + 31 * i, 475100 + 23 * i);
        if (dated)
            fprintf(file, ";2024-01-%02d;2024-03-%02d", 1 + i % 28, 1 + i % 28);
        fprintf(file, "\n");
    }
    assert_int_equal(fclose(file), 0);
}

static void write_addresses(const char *path, const char *head)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fprintf(file, "%s\n", head);
    for (int i = 0; i < POINTS; i++)
        fprintf(file, "%d;%d;99%02dAB;%d\n", 200100 + 29 * i, 476500 - 27 * i, i, i + 1);
    assert_int_equal(fclose(file), 0);
}

static void write_degrees(void)
{
    FILE *file = fopen(degrees, "w");
    assert_non_null(file);
    fprintf(file, "{\"type\": \"FeatureCollection\", \"features\": [");
    for (int i = 0; i < POINTS; i++)
        fprintf(file,
                "%s\n{\"type\": \"Feature\", \"properties\": {\"n\": %d}, \"geometry\": {\"type\": "
                "\"Point\", \"coordinates\": [%.7f, %.7f]}}",
                i ? "," : "", i, 6.0 + 0.0003 * (i % 11), 52.2 + 0.0002 * (i % 17));
    fprintf(file, "]}\n");
    assert_int_equal(fclose(file), 0);
}

static int setup(void **state)
{
    if (scratch_setup(state) != 0)
        return -1;
    heat_points points = some_points();
    write_points("points.csv", &points);
    write_area("area.geojson");
    keep(points_file, "points.csv");
    keep(area_file, "area.geojson");
    keep(degrees, "degrees.geojson");
    keep(reports, "reports.csv");
    keep(addresses, "addresses.csv");
    keep(odd_reports, "odd.csv");
    keep(odd_addresses, "odder.csv");
    write_degrees();
    write_reports(reports, "x;y;postcode;huisnummer;datum melding;datum afgehandeld", true);
    write_addresses(addresses, "rd_x;rd_y;postcode;huisnummer");
    write_reports(odd_reports, "x;y;a;b", false); /* told by what stands in them */
    write_addresses(odd_addresses, "rd_x;rd_y;a;b");
    return 0;
}

static int teardown(void **state)
{
    return scratch_teardown(state);
}

static rm_layer *read_as(const char *path, const char *crs)
{
    rm_layer *layer = NULL;
    rm_read_options options = RM_READ_OPTIONS_INIT;
    options.crs = crs;
    options.column_count = -1;
    if (rm_layer_read(&layer, path, &options, &err) != RM_OK)
        fail_msg("%s", err.message);
    return layer;
}

static rm_layer *read_layer(const char *path)
{
    return read_as(path, strstr(path, ".csv") ? "EPSG:28992" : NULL);
}

static rm_heatmap *make(const char *points, const rm_heatmap_options *options)
{
    rm_heatmap *map = NULL;
    if (rm_heatmap_make(&map, points, options, &err) != RM_OK)
        fail_msg("%s", err.message);
    return map;
}

/* ---- the same map ---- */

static void assert_same_account(const rm_heatmap *a, const rm_heatmap *b)
{
    rm_heatmap_facts p, q;
    rm_heatmap_facts_of(a, &p);
    rm_heatmap_facts_of(b, &q);
    assert_string_equal(p.time, q.time);
    assert_string_equal(p.crs, q.crs);
    assert_true(p.bandwidth == q.bandwidth && p.shielded == q.shielded);
    assert_true(p.total == q.total && p.filtered == q.filtered && p.left_out == q.left_out);
    assert_true(p.read == q.read && p.used == q.used && p.rejected == q.rejected);
    assert_true(p.undated == q.undated && p.ahead == q.ahead && p.spot == q.spot);
    assert_true(p.placed_by_address == q.placed_by_address && p.not_placed == q.not_placed);
}

/* Each of the layers from memory instead of its file, on one thread and on more, and all of them.
 * The map does not need the layers once it is made. */
static void check(const char *points, const rm_heatmap_options *files)
{
    rm_heatmap *expected = make(points, files);
    for (int32_t threads = 1; threads <= 4; threads *= 2)
        for (int which = 0; which < 5; which++) {
            bool all = which == 4;
            rm_heatmap_options from = *files;
            rm_layer *layers[4] = {NULL};
            const char *source = points;
            from.threads = threads;
            if (which == 0 || all) {
                from.memory_points = layers[0] = read_layer(points);
                source = NULL;
            }
            if ((which == 1 || all) && from.boundaries) {
                from.memory_boundaries = layers[1] = read_layer(from.boundaries);
                from.boundaries = NULL;
            }
            if ((which == 2 || all) && from.per) {
                from.memory_per = layers[2] = read_layer(from.per);
                from.per = NULL;
            }
            if ((which == 3 || all) && from.locate) {
                from.memory_locate = layers[3] = read_layer(from.locate);
                from.locate = NULL;
            }
            rm_heatmap *map = make(source, &from);
            for (int l = 0; l < 4; l++)
                rm_layer_free(layers[l]);
            assert_same_map(expected, map);
            assert_same_account(expected, map);
            rm_heatmap_free(map);
        }
    rm_heatmap_free(expected);
}

static void test_points(void **state)
{
    rm_heatmap_options options = some_options();
    (void)state;
    check(points_file, &options);
    options.where = "weight > 0.5";
    options.weight = "weight";
    options.half_life_days = 10; /* the only field of dates is found */
    check(points_file, &options);
    options = some_options();
    options.leave_out_duplicates = options.leave_out_spots = 1;
    options.distinct = RM_COUNT_ONE_A_WEEK;
    check(points_file, &options);
    options = some_options();
    options.bandwidth_by = RM_BANDWIDTH_CROSS_VALIDATION;
    options.adaptive = 1;
    check(points_file, &options);
}

/* From degrees, which the layer states itself. */
static void test_another_crs(void **state)
{
    rm_heatmap_options options = some_options();
    (void)state;
    options.crs = NULL;
    check(degrees, &options);
    /* `crs` is for points that state none: it does not replace what a layer in memory says */
    rm_heatmap *expected = make(degrees, &options);
    options.crs = "EPSG:28992";
    options.memory_points = read_layer(degrees);
    rm_heatmap *map = make(NULL, &options);
    assert_same_map(expected, map);
    rm_heatmap_free(map);
    rm_layer_free((rm_layer *)(uintptr_t)options.memory_points);
    rm_heatmap_free(expected);
}

static void test_crs_given(void **state)
{
    rm_heatmap_options options = some_options();
    heat_points points = some_points();
    rm_layer *layer = NULL;
    (void)state;
    rm_heatmap *expected = make(points_file, &options);
    assert_int_equal(rm_layer_from_points(&layer, points.x, points.y, POINTS, NULL, &err), RM_OK);
    options.memory_points = layer;
    rm_heatmap *map = make("", &options);
    assert_same_map(expected, map);
    rm_heatmap_free(map);
    rm_heatmap_free(expected);
    rm_layer_free(layer);
}

static void test_boundaries_and_per(void **state)
{
    rm_heatmap_options options = some_options();
    (void)state;
    options.boundaries = area_file;
    options.edge = RM_EDGE_DIGGLE;
    check(points_file, &options);
    options.edge = RM_EDGE_UNIFORM;
    options.within = "EAST";
    check(points_file, &options);
    options = some_options();
    options.per = addresses;
    options.per_where = "huisnummer > 3";
    options.per_floor = 0;
    check(points_file, &options);
    options.boundaries = area_file;
    options.compare_until = FIRST_DAY + 20;
    options.time = "day";
    check(points_file, &options);
}

/* By names, and by what stands in columns whose names say nothing; the date of two, too. */
static void test_locate(void **state)
{
    rm_heatmap_options options = some_options();
    rm_heatmap_facts facts;
    (void)state;
    options.locate = addresses;
    options.half_life_days = 30;
    rm_heatmap *map = make(reports, &options);
    rm_heatmap_facts_of(map, &facts);
    assert_int_equal(facts.placed_by_address, POINTS / 2);
    assert_string_equal(facts.time, "datum melding");
    rm_heatmap_free(map);
    check(reports, &options);
    options.half_life_days = 0;
    options.locate = odd_addresses;
    check(odd_reports, &options);
}

static void test_shielded(void **state)
{
    rm_heatmap_options options = some_options();
    rm_layer *layer = read_layer(points_file);
    rm_heatmap_facts facts;
    struct stat about;
    (void)state;
    options.memory_points = layer;
    for (options.open = 0; options.open < 2; options.open++) {
        rm_heatmap *map = make(NULL, &options);
        rm_heatmap_facts_of(map, &facts);
        assert_int_equal(facts.shielded, !options.open);
        assert_int_equal(rm_heatmap_write_raster(map, 0, scratch_path("a.tif"), NULL, &err), RM_OK);
        assert_int_equal(stat(scratch_path("a.tif"), &about), 0);
        assert_true(((about.st_mode & 0777) == 0600) == !options.open);
        assert_int_equal(unlink(scratch_path("a.tif")), 0);
        assert_int_equal(unlink(scratch_path("a.qml")), 0);
        rm_heatmap_free(map);
    }
    rm_layer_free(layer);
}

/* ---- what is refused ---- */

static void refused(const char *points, const rm_heatmap_options *options, rm_status code,
                    const char *words)
{
    rm_heatmap *map = NULL;
    rm_status status = rm_heatmap_make(&map, points, options, &err);
    if (status != code || !strstr(err.message, words) || strchr(err.message, '\n'))
        fail_msg("%d, not %d: \"%s\", not \"%s\"", status, code, err.message, words);
    assert_null(map);
}

static void test_given_twice(void **state)
{
    rm_layer *points = read_layer(points_file), *areas = read_layer(area_file);
    rm_heatmap_options options = some_options();
    (void)state;
    refused(NULL, &options, RM_EINVAL, "give their path, or memory_points");
    refused("", NULL, RM_EINVAL, "there is no source of points");
    options.memory_points = points;
    refused(points_file, &options, RM_EINVAL, "both points and memory_points are given");
    options.x = "x";
    refused(NULL, &options, RM_EINVAL,
            "x is for a layer in a file, and memory_points is in memory");
    options.x = NULL;
    options.y = "y";
    refused(NULL, &options, RM_EINVAL, "y is for a layer in a file");
    options.y = NULL;
    options.layer = "points";
    refused(NULL, &options, RM_EINVAL, "layer is for a layer in a file");
    options.layer = NULL;
    options.memory_boundaries = areas;
    options.boundaries = area_file;
    refused(NULL, &options, RM_EINVAL, "both boundaries and memory_boundaries are given");
    options.boundaries = NULL;
    options.boundaries_layer = "area";
    refused(NULL, &options, RM_EINVAL, "boundaries_layer is for");
    options.boundaries_layer = NULL;
    options.memory_per = points;
    options.per = points_file;
    refused(NULL, &options, RM_EINVAL, "both per and memory_per are given");
    options.per = NULL;
    options.per_layer = "points";
    refused(NULL, &options, RM_EINVAL, "per_layer is for");
    options.per_layer = NULL;
    options.memory_locate = points;
    options.locate = addresses;
    refused(NULL, &options, RM_EINVAL, "both locate and memory_locate are given");
    options.locate = NULL;
    options.locate_layer = "addresses";
    refused(NULL, &options, RM_EINVAL, "locate_layer is for");
    rm_layer_free(points);
    rm_layer_free(areas);
}

static void test_no_crs(void **state)
{
    static const double x[] = {200000, 200100}, y[] = {475000, 475100};
    rm_layer *nowhere = NULL;
    rm_heatmap_options options = some_options();
    (void)state;
    assert_int_equal(rm_layer_from_points(&nowhere, x, y, 2, NULL, &err), RM_OK);
    options.crs = NULL;
    options.memory_points = nowhere;
    refused(NULL, &options, RM_ECRS,
            "the layer of points in memory states no coordinate reference system: give it when");
    options = some_options();
    options.memory_boundaries = nowhere;
    refused(points_file, &options, RM_ECRS, "study area: the layer in memory states no");
    options.memory_boundaries = NULL;
    options.memory_per = nowhere;
    refused(points_file, &options, RM_ECRS,
            "the layer to count per: the layer in memory states no");
    options.memory_per = NULL;
    options.memory_locate = nowhere;
    refused(reports, &options, RM_ECRS, "the address layer: the layer in memory states no");
    rm_layer_free(nowhere);
}

static void test_not_there(void **state)
{
    rm_layer *points = read_layer(points_file), *areas = read_layer(area_file);
    rm_heatmap_options options = some_options();
    (void)state;
    options.memory_points = points;
    options.weight = "wieght";
    refused(NULL, &options, RM_ENOTFOUND, "did you mean \"weight\"?");
    options.weight = NULL;
    options.where = "wieght > 1";
    refused(NULL, &options, RM_ENOTFOUND, "did you mean \"weight\"?");
    options.where = NULL;
    options.memory_boundaries = areas;
    options.within = "north";
    refused(NULL, &options, RM_ENOTFOUND,
            "no feature of the layer in memory is called \"north\" in any of its text fields");
    options.within = NULL;
    options.memory_boundaries = points;
    refused(NULL, &options, RM_EINVAL, "the layer in memory has no polygon to be the study area");
    options.memory_boundaries = NULL;
    options.memory_locate = areas;
    refused(NULL, &options, RM_ENOTFOUND, "has no columns with an address");
    options.memory_locate = NULL;
    options.memory_points = areas;
    options.half_life_days = 3;
    refused(NULL, &options, RM_EINVAL, "needs to know which field holds the date");
    rm_layer_free(points);
    rm_layer_free(areas);
}

/* A table of a result has rows and no geometry. */
static void test_no_geometry(void **state)
{
    rm_heatmap_options options = some_options();
    rm_model *model = NULL;
    rm_result *result = NULL;
    rm_layer *table = NULL;
    const char *examples = getenv("RISKMAP_EXAMPLES");
    char path[4096];
    (void)state;
    assert_non_null(examples);
    snprintf(path, sizeof path, "%s/models/vakantieparken.json", examples);
    assert_int_equal(rm_model_read(&model, path, &err), RM_OK);
    assert_int_equal(rm_run(&result, model, NULL, &err), RM_OK);
    assert_int_equal(rm_result_table(&table, result, "contributions", NULL, &err), RM_OK);
    options.memory_points = table;
    refused(NULL, &options, RM_EINVAL, "the layer of points in memory has no geometry");
    options.memory_points = NULL;
    options.memory_per = table;
    refused(points_file, &options, RM_EINVAL, "the layer to count per: the layer in memory has no");
    rm_layer_free(table);
    rm_result_free(result);
    rm_model_free(model);
}

/* ---- stopping ---- */

typedef struct stopping {
    int calls, stop_at;
} stopping;

static int stop_at(double fraction, const char *message, void *user)
{
    stopping *stop = user;
    (void)message;
    assert_true(fraction >= 0 && fraction <= 1);
    return stop->calls++ == stop->stop_at;
}

static void test_stopped(void **state)
{
    rm_layer *points = read_layer(reports), *areas = read_layer(area_file);
    rm_layer *homes = read_layer(addresses);
    bool stopped = true;
    (void)state;
    for (int at = 0; stopped; at++) {
        rm_heatmap_options options = some_options();
        stopping stop = {.stop_at = at};
        rm_heatmap *map = NULL;
        options.memory_points = points;
        options.memory_boundaries = areas;
        options.memory_per = options.memory_locate = homes;
        options.progress = stop_at;
        options.progress_user = &stop;
        rm_status status = rm_heatmap_make(&map, NULL, &options, &err);
        stopped = stop.calls > at;
        assert_int_equal(status, stopped ? RM_ECANCELLED : RM_OK);
        assert_true((map != NULL) == !stopped);
        assert_true(stopped || at > 5);
        rm_heatmap_free(map);
    }
    rm_layer_free(points);
    rm_layer_free(areas);
    rm_layer_free(homes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_points),      cmocka_unit_test(test_another_crs),
        cmocka_unit_test(test_crs_given),   cmocka_unit_test(test_boundaries_and_per),
        cmocka_unit_test(test_locate),      cmocka_unit_test(test_shielded),
        cmocka_unit_test(test_given_twice), cmocka_unit_test(test_no_crs),
        cmocka_unit_test(test_not_there),   cmocka_unit_test(test_no_geometry),
        cmocka_unit_test(test_stopped),
    };
    return cmocka_run_group_tests_name("api_heatmap_memory", tests, setup, teardown);
}
