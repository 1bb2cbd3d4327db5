/* The C API of heat maps: options of older versions, what is refused and in which words, accessors
 * out of range, files whole or not at all, and stopping half-way. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "heatmaps.h"

#include "output/picture/picture.h"

#include "fonts.h"

#include <limits.h>
#include <string.h>

static heat_points points;
static char source[512], area[512];
enum { INPUTS = 2 };

static int setup(void **state)
{
    if (scratch_setup(state) != 0)
        return -1;
    points = some_points();
    write_points("points.csv", &points);
    write_area("area.geojson");
    snprintf(source, sizeof source, "%s", scratch_path("points.csv"));
    snprintf(area, sizeof area, "%s", scratch_path("area.geojson"));
    return 0;
}

/* Coarse, so that it is quick to make and write. */
static rm_heatmap_options quick(void)
{
    rm_heatmap_options options = some_options();
    options.cell = 64;
    return options;
}

static void write_text(const char *name, const char *text)
{
    FILE *file = fopen(scratch_path(name), "w");
    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
}

static void refused(const rm_heatmap_options *options, rm_status code, const char *words)
{
    rm_heatmap *map = NULL;
    rm_error err = {0};
    rm_status status = rm_heatmap_make(&map, source, options, &err);
    if (status != code || !strstr(err.message, words) || strchr(err.message, '\n'))
        fail_msg("%d, not %d: \"%s\", not \"%s\"", status, code, err.message, words);
    assert_int_equal(err.code, code);
    assert_null(map);
}

/* ---- options ---- */

static void test_size(void **state)
{
    rm_heatmap_options options = RM_HEATMAP_OPTIONS_INIT, by_call = {0};
    const uint32_t wrong[] = {0, 4, offsetof(rm_heatmap_options, layer) - 1, 4097, UINT32_MAX};
    (void)state;
    rm_heatmap_options_init(&by_call);
    assert_int_equal(by_call.size, sizeof by_call);
    assert_true(by_call.from == INT32_MIN && by_call.as_of == INT32_MIN);
    assert_true(by_call.bandwidth_by == RM_BANDWIDTH_RULE && by_call.per_units == 1000);
    for (size_t w = 0; w < sizeof wrong / sizeof *wrong; w++) {
        options.size = wrong[w];
        refused(&options, RM_EINVAL, "begin with RM_HEATMAP_OPTIONS_INIT");
    }
    rm_heatmap_write_options write = RM_HEATMAP_WRITE_INIT, write_by_call = {0};
    rm_heatmap_write_init(&write_by_call);
    assert_int_equal(write_by_call.size, sizeof write);
    assert_true(write_by_call.classes == 5 && write_by_call.width == 1600);
    write.size = 3;
    rm_error err = {0};
    options = quick();
    rm_heatmap *map = make_map("points.csv", &options);
    assert_int_equal(rm_heatmap_write_raster(map, 0, scratch_path("a.tif"), &write, &err),
                     RM_EINVAL);
    assert_non_null(strstr(err.message, "begin with RM_HEATMAP_WRITE_INIT"));
    assert_int_equal(scratch_count(NULL), INPUTS);
    rm_heatmap_free(map);
}

/* What comes behind the end of an older struct is not looked at: here it would be refused. */
static void test_older_struct(void **state)
{
    rm_heatmap_options options = some_options(), whole = some_options();
    (void)state;
    memset((char *)&options + offsetof(rm_heatmap_options, per_units), 0xff,
           sizeof options - offsetof(rm_heatmap_options, per_units));
    refused(&options, RM_EINVAL, "per_units is");
    options.size = offsetof(rm_heatmap_options, per_units);
    rm_heatmap *older = make_map("points.csv", &options), *now = make_map("points.csv", &whole);
    assert_same_map(older, now);
    rm_heatmap_free(older);
    rm_heatmap_free(now);
}

/* A newer one is larger than this library knows. */
static void test_newer_struct(void **state)
{
    struct {
        rm_heatmap_options known;
        char more[64];
    } newer = {.known = some_options()};
    rm_heatmap_options whole = some_options();
    (void)state;
    memset(newer.more, 0xff, sizeof newer.more);
    newer.known.size = sizeof newer;
    rm_heatmap *map = make_map("points.csv", &newer.known), *now = make_map("points.csv", &whole);
    assert_same_map(map, now);
    rm_heatmap_free(map);
    rm_heatmap_free(now);
}

static void test_no_options(void **state)
{
    rm_heatmap *map = NULL;
    rm_heatmap_facts facts;
    rm_error err = {0};
    (void)state;
    assert_int_equal(rm_heatmap_make(&map, source, NULL, &err), RM_OK);
    rm_heatmap_facts_of(map, &facts);
    assert_true(facts.by_rule && facts.shielded && facts.periods == 1);
    assert_string_equal(facts.crs, "EPSG:28992");
    assert_string_equal(facts.guessed_crs, "EPSG:28992");
    assert_string_equal(facts.time, "");
    assert_true(facts.total == POINTS && facts.used == POINTS && facts.rejected == 0);
    assert_int_equal(rm_heatmap_write_raster(map, 0, scratch_path("a.tif"), NULL, &err), RM_OK);
    assert_int_equal(unlink(scratch_path("a.tif")), 0);
    assert_int_equal(unlink(scratch_path("a.qml")), 0);
    rm_heatmap_free(map);
    rm_heatmap_free(NULL);
}

static void test_no_arguments(void **state)
{
    rm_heatmap *map = NULL;
    rm_error err = {0};
    (void)state;
    assert_int_equal(rm_heatmap_make(NULL, source, NULL, &err), RM_EINVAL);
    assert_non_null(strstr(err.message, "out must not be NULL"));
    assert_int_equal(rm_heatmap_make(&map, NULL, NULL, &err), RM_EINVAL);
    assert_non_null(strstr(err.message, "no source of points"));
    assert_int_equal(rm_heatmap_make(&map, "", NULL, &err), RM_EINVAL);
    assert_int_equal(rm_heatmap_make(&map, "", NULL, NULL), RM_EINVAL);
    assert_int_equal(rm_heatmap_make(&map, scratch_path("none.csv"), NULL, &err), RM_ENOTFOUND);
    assert_null(map);
}

/* ---- what is refused ---- */

#define REFUSED(member, value, code, words)                                                        \
    do {                                                                                           \
        rm_heatmap_options wrong = some_options();                                                 \
        wrong.member = value;                                                                      \
        refused(&wrong, code, words);                                                              \
    } while (0)

static void test_numbers(void **state)
{
    (void)state;
    REFUSED(threads, -1, RM_EINVAL, "threads is -1");
    REFUSED(threads, 65, RM_EINVAL, "threads is 65; 0 (all cores) to 64");
    REFUSED(half_life_days, -1, RM_EINVAL, "the half-life is -1 days");
    REFUSED(half_life_days, NAN, RM_EINVAL, "the half-life is nan");
    REFUSED(half_life_days, INFINITY, RM_EINVAL, "the half-life is inf");
    REFUSED(per_units, 0, RM_EINVAL, "per_units is 0");
    REFUSED(per_units, NAN, RM_EINVAL, "per_units is nan");
    REFUSED(per_floor, -1, RM_EINVAL, "per_floor is -1");
    REFUSED(per_floor, INFINITY, RM_EINVAL, "per_floor is inf");
}

static void test_kinds(void **state)
{
    (void)state;
    REFUSED(kernel, -1, RM_EINVAL, "kernel -1 does not exist");
    REFUSED(kernel, 5, RM_EINVAL, "kernel 5 does not exist");
    REFUSED(edge, 3, RM_EINVAL, "edge 3 does not exist");
    REFUSED(edge, -1, RM_EINVAL, "edge -1 does not exist");
    REFUSED(edge, RM_EDGE_DIGGLE, RM_EINVAL, "needs a study area: give boundaries");
    REFUSED(within, "west", RM_EINVAL, "\"west\" is looked for in a layer of boundaries");
    REFUSED(distinct, 3, RM_EINVAL, "distinct 3 does not exist");
    REFUSED(distinct, -1, RM_EINVAL, "distinct -1 does not exist");
    rm_heatmap_options bad = some_options();
    char path[512];
    bad.boundaries = area;
    bad.edge = RM_EDGE_UNIFORM;
    bad.adaptive = 1;
    refused(&bad, RM_EINVAL, "with adaptive ones take RM_EDGE_DIGGLE");
    bad = some_options();
    bad.boundaries = area;
    bad.within = "north";
    refused(&bad, RM_ENOTFOUND, "is called \"north\"");
    bad.within = NULL;
    snprintf(path, sizeof path, "%s", scratch_path("line.geojson"));
    write_text("line.geojson",
               "{\"type\": \"LineString\", \"coordinates\": [[5.5, 52.2], [5.6, 52.3]]}");
    bad.boundaries = path;
    refused(&bad, RM_EINVAL, "no polygon to be the study area");
    assert_int_equal(unlink(path), 0);
}

static void test_bandwidths(void **state)
{
    const double bad[] = {0, -1, NAN, INFINITY, -INFINITY};
    (void)state;
    REFUSED(bandwidth_by, 3, RM_EINVAL, "bandwidth_by 3 does not exist");
    REFUSED(bandwidth_by, -1, RM_EINVAL, "bandwidth_by -1 does not exist");
    for (size_t b = 0; b < sizeof bad / sizeof *bad; b++) {
        REFUSED(bandwidth, bad[b], RM_EINVAL, "it must be above 0, such as 500");
        if (bad[b] != 0)
            REFUSED(cell, bad[b], RM_EINVAL, "0 for a twentieth of the bandwidth");
    }
    REFUSED(cell, 1e-4, RM_ELIMIT, "Take a larger cell");
    REFUSED(cell, 5e-324, RM_ELIMIT, "Take a larger cell");
}

/* A bandwidth may be smaller than a cell and larger than the map. */
static void test_odd_bandwidths(void **state)
{
    const double bandwidths[] = {0.5, 1e6};
    (void)state;
    for (int b = 0; b < 2; b++) {
        rm_heatmap_options options = quick();
        const double extent[] = {ORIGIN_X, ORIGIN_Y, ORIGIN_X + SPAN, ORIGIN_Y + SPAN};
        memcpy(options.extent, extent, sizeof extent);
        options.bandwidth = bandwidths[b];
        rm_heatmap *map = make_map("points.csv", &options);
        float *values = values_of(map, 0);
        assert_int_equal(cells_of(map), 25 * 25);
        for (int i = 0; i < 25 * 25; i++)
            assert_true(b == 0 ? values[i] >= 0 : values[i] > 0 && values[i] < 1e-3);
        free(values);
        rm_heatmap_free(map);
    }
}

static void test_extent(void **state)
{
    const double bad[][4] = {
        {1, 0, 0, 1}, {0, 1, 1, 1},          {NAN, 0, 1, 1},         {0, 0, INFINITY, 1},
        {0, 0, 1, 0}, {-1e308, 0, 1e308, 1}, {0, -INFINITY, 1, NAN},
    };
    (void)state;
    for (size_t b = 0; b < sizeof bad / sizeof *bad; b++) {
        rm_heatmap_options options = some_options();
        memcpy(options.extent, bad[b], sizeof bad[b]);
        refused(&options, RM_EINVAL, "give xmin, ymin, xmax, ymax in metres");
    }
    rm_heatmap_options options = some_options();
    options.extent[2] = options.extent[3] = 1e9;
    refused(&options, RM_ELIMIT, "are too many: the map would span");
}

static void test_periods(void **state)
{
    rm_heatmap_options bad = some_options();
    (void)state;
    bad.from = 10;
    bad.until = 9;
    refused(&bad, RM_EINVAL, "the period ends before it begins");
    bad = some_options();
    bad.compare_from = 10;
    bad.compare_until = 9;
    refused(&bad, RM_EINVAL, "the period to compare with ends before it begins");
}

static void test_fields(void **state)
{
    (void)state;
    REFUSED(weight, "wieght", RM_ENOTFOUND, "weight");
    REFUSED(time, "dya", RM_ENOTFOUND, "day");
    REFUSED(where, "weight >", RM_EMODEL, "where: ");
    REFUSED(where, "wieght > 1", RM_ENOTFOUND, "did you mean \"weight\"?");
    REFUSED(per, "/nowhere/at/all.csv", RM_ENOTFOUND, "the layer to count per");
    REFUSED(boundaries, "/nowhere/at/all.gpkg", RM_ENOTFOUND, "study area");
    REFUSED(target_crs, "EPSG:4326", RM_ECRS, "metres");
    REFUSED(target_crs, "EPSG:0", RM_ECRS, "EPSG:0");
}

/* The name of a layer is taken in any case, and so is its field of dates. */
static void test_layer_in_another_case(void **state)
{
    rm_heatmap_options options = quick();
    rm_heatmap_facts facts;
    (void)state;
    options.layer = "POINTS";
    options.half_life_days = 10;
    rm_heatmap *map = make_map("points.csv", &options);
    rm_heatmap_facts_of(map, &facts);
    assert_string_equal(facts.time, "day");
    rm_heatmap_free(map);
    options = quick();
    options.boundaries = area;
    options.boundaries_layer = "AREA";
    options.within = "east";
    rm_heatmap_free(make_map("points.csv", &options));
}

/* ---- points that make no ordinary map ---- */

static rm_heatmap *map_of(const heat_points *of, const rm_heatmap_options *options)
{
    write_points("other.csv", of);
    rm_heatmap *map = make_map("other.csv", options);
    assert_int_equal(unlink(scratch_path("other.csv")), 0);
    return map;
}

static void all_of(const rm_heatmap *map, float value)
{
    float *values = values_of(map, 0);
    for (int64_t i = 0; i < cells_of(map); i++)
        assert_true(values[i] == value);
    free(values);
}

static void test_no_points(void **state)
{
    rm_heatmap_options options = quick();
    rm_heatmap_period period;
    rm_error err = {0};
    (void)state;
    options.time = "day";
    options.from = FIRST_DAY + 1000;
    refused(&options, RM_EINVAL, "there are no points");
    options.boundaries = area;
    rm_heatmap *map = make_map("points.csv", &options);
    assert_int_equal(rm_heatmap_period_at(map, 0, &period, &err), RM_OK);
    assert_true(period.points == 0 && period.weight == 0 && period.highest == 0);
    rm_heatmap_write_options write = RM_HEATMAP_WRITE_INIT;
    assert_int_equal(rm_heatmap_write_raster(map, 0, scratch_path("a.tif"), &write, &err), RM_OK);
    assert_int_equal(rm_heatmap_write_classes(map, 0, scratch_path("c.tif"), &write, &err), RM_OK);
    assert_int_equal(rm_heatmap_write_contours(map, 0, scratch_path("a.gpkg"), &write, &err),
                     RM_OK);
    rm_heatmap_free(map);
    assert_int_equal(unlink(scratch_path("a.tif")), 0);
    assert_int_equal(unlink(scratch_path("a.qml")), 0);
    assert_int_equal(unlink(scratch_path("c.tif")), 0);
    assert_int_equal(unlink(scratch_path("c.qml")), 0);
    assert_int_equal(unlink(scratch_path("a.gpkg")), 0);
    options.bandwidth_by = RM_BANDWIDTH_RULE;
    refused(&options, RM_EDATA, "");
}

static void test_one_place(void **state)
{
    rm_heatmap_options options = quick();
    heat_points same = {.count = 5};
    (void)state;
    for (int i = 0; i < 5; i++) {
        same.x[i] = ORIGIN_X + 40;
        same.y[i] = ORIGIN_Y + 40;
        same.weight[i] = 0;
    }
    rm_heatmap *map = map_of(&same, &options);
    rm_heatmap_facts facts;
    rm_heatmap_facts_of(map, &facts);
    assert_true(facts.spot == 5 && cells_of(map) == 9 * 9);
    rm_heatmap_free(map);
    options.weight = "weight"; /* none weighs anything */
    map = map_of(&same, &options);
    all_of(map, 0);
    rm_heatmap_free(map);
    write_points("other.csv", &same);
    options.weight = NULL;
    for (options.bandwidth_by = RM_BANDWIDTH_RULE;
         options.bandwidth_by <= RM_BANDWIDTH_CROSS_VALIDATION; options.bandwidth_by++) {
        rm_error err = {0};
        map = NULL;
        assert_int_equal(rm_heatmap_make(&map, scratch_path("other.csv"), &options, &err),
                         RM_EDATA);
        assert_null(map);
        assert_true(err.message[0]);
    }
    assert_int_equal(unlink(scratch_path("other.csv")), 0);
}

/* Rows without a date or weight are told and do not count. */
static void test_account(void **state)
{
    rm_heatmap_options options = quick();
    rm_heatmap_facts facts;
    (void)state;
    FILE *file = fopen(scratch_path("other.csv"), "w");
    assert_non_null(file);
    fprintf(file, "x,y,weight,day\n%s%s%s%s%s", "200000,475000,1,2024-01-05\n",
            "200100,475000,1,never\n", "200200,475000,-1,2024-01-05\n",
            "200300,475000,,2024-01-05\n", "200400,475000,1,2031-01-05\n");
    assert_int_equal(fclose(file), 0);
    options.weight = "weight";
    options.half_life_days = 10;
    rm_heatmap *map = make_map("other.csv", &options);
    rm_heatmap_facts_of(map, &facts);
    assert_true(facts.read == 5 && facts.used == 1 && facts.rejected == 4);
    assert_true(facts.undated == 1 && facts.ahead == 1 && facts.unweighted == 2);
    rm_heatmap_free(map);
    assert_int_equal(unlink(scratch_path("other.csv")), 0);
}

/* ---- accessors ---- */

static void test_accessors(void **state)
{
    rm_heatmap_options options = quick();
    rm_heatmap *map = make_map("points.csv", &options);
    const int32_t wrong[] = {-1, 1, INT32_MIN, INT32_MAX};
    rm_heatmap_period period = {.points = -5};
    float value = -5;
    rm_error err = {0};
    (void)state;
    for (size_t w = 0; w < 4; w++) {
        assert_int_equal(rm_heatmap_period_at(map, wrong[w], &period, &err), RM_EINVAL);
        assert_non_null(strstr(err.message, "there are 1, counted from 0"));
        assert_int_equal(rm_heatmap_values(&value, map, wrong[w], &err), RM_EINVAL);
        assert_int_equal(rm_heatmap_write_raster(map, wrong[w], "a.tif", NULL, &err), RM_EINVAL);
    }
    assert_true(period.points == -5 && value == -5);
    assert_int_equal(rm_heatmap_period_at(NULL, 0, &period, &err), RM_EINVAL);
    assert_int_equal(rm_heatmap_period_at(map, 0, NULL, &err), RM_EINVAL);
    assert_int_equal(rm_heatmap_values(NULL, map, 0, &err), RM_EINVAL);
    assert_non_null(strstr(err.message, "no array for the values"));
    assert_int_equal(rm_heatmap_values(&value, NULL, 0, &err), RM_EINVAL);
    rm_heatmap_free(map);
}

/* ---- writing ---- */

typedef rm_status (*write_fn)(const rm_heatmap *, int32_t, const char *,
                              const rm_heatmap_write_options *, rm_error *);

enum { WRITERS = 4 };

static const struct {
    write_fn write;
    const char *name, *beside;
} WRITE[WRITERS] = {{rm_heatmap_write_raster, "a.tif", "a.qml"},
                    {rm_heatmap_write_classes, "c.tif", "c.qml"},
                    {rm_heatmap_write_contours, "a.gpkg", NULL},
                    {rm_heatmap_write_picture, "a.png", NULL}};

static int writers(void)
{
    return rm_picture_possible() ? WRITERS : WRITERS - 1;
}

static rm_heatmap_write_options small_picture(void)
{
    rm_heatmap_write_options options = RM_HEATMAP_WRITE_INIT;
    options.width = 400;
    options.height = 300;
    options.threads = 1;
    return options;
}

static void not_written(const rm_heatmap *map, int writer, const rm_heatmap_write_options *options,
                        const char *words)
{
    rm_error err = {0};
    rm_status status = WRITE[writer].write(map, 0, scratch_path(WRITE[writer].name), options, &err);
    if (status != RM_EINVAL || !strstr(err.message, words))
        fail_msg("%d: \"%s\", not \"%s\"", status, err.message, words);
    assert_int_equal(scratch_count(NULL), INPUTS);
}

static void test_write_refusals(void **state)
{
    rm_heatmap_options options = quick();
    rm_heatmap *map = make_map("points.csv", &options);
    const char *const sources[] = {area, NULL};
    int32_t kinds[] = {RM_CONTEXT_ROAD, 6};
    rm_error err = {0};
    (void)state;
    for (int w = 0; w < writers(); w++) {
        rm_heatmap_write_options bad = small_picture();
        bad.classes = 2;
        not_written(map, w, &bad, "classes is 2; 3 to 9");
        bad.classes = 10;
        not_written(map, w, &bad, "classes is 10");
        bad = small_picture();
        bad.context_count = -1;
        not_written(map, w, &bad, "context_count is -1");
        bad.context_count = 2;
        not_written(map, w, &bad, "the sources are missing");
        bad.context_sources = sources;
        not_written(map, w, &bad, "context 1 has no source");
        bad.context_count = 1;
        bad.context_kinds = kinds + 1;
        not_written(map, w, &bad, "context 0 is of kind 6");
        bad = small_picture();
        bad.threads = 65;
        not_written(map, w, &bad, "threads is 65");
        bad = small_picture();
        bad.language = "fy";
        not_written(map, w, &bad, "fy");
        assert_int_equal(WRITE[w].write(map, 0, NULL, NULL, &err), RM_EINVAL);
        assert_int_equal(WRITE[w].write(map, 0, "", NULL, &err), RM_EINVAL);
        assert_non_null(strstr(err.message, "no path to write to"));
        assert_int_equal(WRITE[w].write(NULL, 0, "a", NULL, &err), RM_EINVAL);
        char nowhere[64];
        snprintf(nowhere, sizeof nowhere, "/nowhere/at/all/%s", WRITE[w].name);
        assert_int_equal(WRITE[w].write(map, 0, nowhere, NULL, &err), RM_ENOTFOUND);
    }
    if (rm_picture_possible()) {
        rm_heatmap_write_options bad = small_picture();
        bad.width = 10;
        not_written(map, 3, &bad, "pixels wide and high");
        bad = small_picture();
        const char *const none[] = {"/nowhere/at/all.gpkg"};
        bad.context_sources = none;
        bad.context_count = 1;
        assert_int_equal(rm_heatmap_write_picture(map, 0, scratch_path("a.png"), &bad, &err),
                         RM_ENOTFOUND);
        assert_non_null(strstr(err.message, "context: "));
    }
    rm_heatmap_free(map);
}

static void assert_text(const char *name, const char *expected)
{
    char text[16] = "";
    FILE *file = fopen(scratch_path(name), "r");
    assert_non_null(file);
    assert_non_null(fgets(text, sizeof text, file));
    assert_int_equal(fclose(file), 0);
    assert_string_equal(text, expected);
}

/* What is there stays as it was, also where only the style is in the way. */
static void test_overwrite(void **state)
{
    rm_heatmap_options options = quick();
    rm_heatmap *map = make_map("points.csv", &options);
    rm_error err = {0};
    (void)state;
    for (int w = 0; w < writers(); w++)
        for (int beside = 0; beside < 2; beside++) {
            rm_heatmap_write_options write = small_picture();
            const char *name = beside ? WRITE[w].beside : WRITE[w].name;
            if (!name)
                continue;
            write_text(name, "mine");
            assert_int_equal(WRITE[w].write(map, 0, scratch_path(WRITE[w].name), &write, &err),
                             RM_EEXISTS);
            assert_text(name, "mine");
            assert_int_equal(scratch_count(NULL), INPUTS + 1);
            write.overwrite = 1;
            assert_int_equal(WRITE[w].write(map, 0, scratch_path(WRITE[w].name), &write, &err),
                             RM_OK);
            assert_int_equal(scratch_count(NULL), INPUTS + (WRITE[w].beside ? 2 : 1));
            assert_int_equal(unlink(scratch_path(WRITE[w].name)), 0);
            if (WRITE[w].beside)
                assert_int_equal(unlink(scratch_path(WRITE[w].beside)), 0);
        }
    rm_heatmap_free(map);
}

/* A picture called .jpg would be a PNG all the same. */
static void test_another_ending(void **state)
{
    static const char *const words[WRITERS] = {
        "a raster is written as .tif or .tiff", "a raster is written as .tif or .tiff",
        "a GeoPackage is written as .gpkg", "a picture is written as .png"};
    static const char *const others[] = {"a.jpg", "a.qml", "a", "a.shp"};
    rm_heatmap_options options = quick();
    rm_heatmap *map = make_map("points.csv", &options);
    rm_heatmap_write_options write = small_picture();
    rm_error err = {0};
    (void)state;
    write.overwrite = 1;
    for (int w = 0; w < writers(); w++)
        for (int o = 0; o < 4; o++) {
            assert_int_equal(WRITE[w].write(map, 0, scratch_path(others[o]), &write, &err),
                             RM_EINVAL);
            assert_non_null(strstr(err.message, words[w]));
        }
    assert_int_equal(scratch_count(NULL), INPUTS);
    assert_int_equal(rm_heatmap_write_raster(map, 0, scratch_path("a.TIFF"), &write, &err), RM_OK);
    assert_int_equal(unlink(scratch_path("a.TIFF")), 0);
    assert_int_equal(unlink(scratch_path("a.qml")), 0);
    rm_heatmap_free(map);
}

static void assert_source_kept(const rm_heatmap *map, const char *target)
{
    rm_heatmap_write_options write = small_picture();
    struct stat before, after;
    rm_error err = {0};
    write.overwrite = 1;
    assert_int_equal(stat(target, &before), 0);
    for (int w = 0; w < writers(); w++) {
        assert_int_equal(WRITE[w].write(map, 0, target, &write, &err), RM_EINVAL);
        assert_non_null(strstr(err.message, "is one of the files that were read"));
    }
    assert_int_equal(stat(target, &after), 0);
    assert_true(before.st_ino == after.st_ino && before.st_size == after.st_size);
}

/* Not even when asked, nor under another name, nor when it was read by a call of its own. */
static void test_sources_are_not_written_over(void **state)
{
    rm_heatmap_options options = quick();
    rm_read_options reading = RM_READ_OPTIONS_INIT;
    rm_layer *layer = NULL;
    rm_error err = {0};
    (void)state;
    options.boundaries = area;
    options.per = options.locate = NULL;
    assert_int_equal(symlink("points.csv", scratch_path("link.tif")), 0);
    rm_heatmap *map = make_map("points.csv", &options);
    assert_source_kept(map, source);
    assert_source_kept(map, scratch_path("link.tif"));
    assert_source_kept(map, area);
    rm_heatmap_free(map);
    reading.crs = "EPSG:28992";
    assert_int_equal(rm_layer_read(&layer, source, &reading, &err), RM_OK);
    options = quick();
    options.crs = NULL;
    options.memory_points = layer;
    options.bandwidth = 300;
    assert_int_equal(rm_heatmap_make(&map, NULL, &options, &err), RM_OK);
    rm_layer_free(layer);
    assert_source_kept(map, source);
    rm_heatmap_free(map);
    options = quick();
    options.per = area;
    map = make_map("points.csv", &options);
    assert_source_kept(map, area);
    rm_heatmap_free(map);
    assert_int_equal(unlink(scratch_path("link.tif")), 0);
}

/* ---- stopping ---- */

typedef struct stopping {
    int calls, stop_at;
    bool rises; /* the fraction has to */
    double last;
} stopping;

static int stop_at(double fraction, const char *message, void *user)
{
    stopping *stop = user;
    assert_true(fraction >= 0 && fraction <= 1);
    if (stop->rises && fraction < stop->last)
        fail_msg("from %g to %g: %s", stop->last, fraction, message);
    stop->last = fraction;
    return stop->calls++ == stop->stop_at;
}

static void check_stopped(rm_status status, const rm_error *err, const stopping *stop)
{
    bool stopped = stop->calls > stop->stop_at;
    if (status != (stopped ? RM_ECANCELLED : RM_OK))
        fail_msg("stopped at call %d: %d, \"%s\"", stop->stop_at, status, err->message);
    assert_int_equal(stop->calls, stopped ? stop->stop_at + 1 : stop->calls);
}

static void test_stopped_making(void **state)
{
    bool reached = true;
    (void)state;
    for (int at = 0; reached; at++) {
        rm_heatmap_options options = quick();
        stopping stop = {.stop_at = at, .rises = true};
        rm_heatmap *map = NULL;
        rm_error err = {0};
        options.boundaries = area;
        options.edge = RM_EDGE_DIGGLE;
        options.adaptive = 1;
        options.half_life_days = 10;
        options.per = source;
        options.compare_until = FIRST_DAY + 20;
        options.bandwidth_by = RM_BANDWIDTH_CROSS_VALIDATION;
        options.progress = stop_at;
        options.progress_user = &stop;
        rm_status status = rm_heatmap_make(&map, source, &options, &err);
        check_stopped(status, &err, &stop);
        assert_true((map != NULL) == (status == RM_OK));
        rm_heatmap_free(map);
        reached = status != RM_OK;
        assert_true(reached || at > 8);
    }
}

static void test_stopped_writing(void **state)
{
    rm_heatmap_options options = quick();
    rm_heatmap *map = make_map("points.csv", &options);
    (void)state;
    for (int w = 0; w < writers(); w++) {
        bool reached = true;
        for (int at = 0; reached; at++) {
            rm_heatmap_write_options write = small_picture();
            stopping stop = {.stop_at = at};
            rm_error err = {0};
            write.progress = stop_at;
            write.progress_user = &stop;
            rm_status status = WRITE[w].write(map, 0, scratch_path(WRITE[w].name), &write, &err);
            check_stopped(status, &err, &stop);
            reached = status != RM_OK;
            if (reached)
                assert_int_equal(scratch_count(NULL), INPUTS);
            assert_true(reached || at > 0);
        }
        assert_int_equal(unlink(scratch_path(WRITE[w].name)), 0);
        if (WRITE[w].beside)
            assert_int_equal(unlink(scratch_path(WRITE[w].beside)), 0);
    }
    rm_heatmap_free(map);
}

static int teardown(void **state)
{
    (void)unlink(source);
    (void)unlink(area);
    assert_int_equal(scratch_count(NULL), 0);
    forget_fonts();
    return scratch_teardown(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_size),
        cmocka_unit_test(test_older_struct),
        cmocka_unit_test(test_newer_struct),
        cmocka_unit_test(test_no_options),
        cmocka_unit_test(test_no_arguments),
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_kinds),
        cmocka_unit_test(test_bandwidths),
        cmocka_unit_test(test_odd_bandwidths),
        cmocka_unit_test(test_extent),
        cmocka_unit_test(test_periods),
        cmocka_unit_test(test_fields),
        cmocka_unit_test(test_layer_in_another_case),
        cmocka_unit_test(test_no_points),
        cmocka_unit_test(test_one_place),
        cmocka_unit_test(test_account),
        cmocka_unit_test(test_accessors),
        cmocka_unit_test(test_write_refusals),
        cmocka_unit_test(test_overwrite),
        cmocka_unit_test(test_another_ending),
        cmocka_unit_test(test_sources_are_not_written_over),
        cmocka_unit_test(test_stopped_making),
        cmocka_unit_test(test_stopped_writing),
    };
    return cmocka_run_group_tests_name("api_heatmap", tests, setup, teardown);
}
