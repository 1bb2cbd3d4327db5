/* The C API of hot spots: the statistic against the same through the other public headers, options
 * of older versions, what is refused and in which words, accessors out of range, and stopping. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scratch.h"

#include "riskmap/hotspots.h"
#include "riskmap/layer.h"
#include "riskmap/rates.h"

#include <limits.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

enum { SIDE = 7, AREAS = SIDE * SIDE, INPUTS = 2, METRES = 128 };

static const double X = 200000, Y = 475000;
static char areas[512], points[512];
static double value[AREAS], homes[AREAS];
static int counted[AREAS], outside = 4;

/* ---- the data ---- */

/* Number of the cell that stands at row, column of the file: turned, or in another order. */
typedef struct layout {
    double x, y;
    bool quarter_turn, backwards;
} layout;

static void write_square(FILE *file, int cell, const layout *as, bool first)
{
    double corner[4][2];
    static const int step[5][2] = {{0, 0}, {1, 0}, {1, 1}, {0, 1}, {0, 0}};
    for (int k = 0; k < 4; k++) {
        double dx = METRES * (cell % SIDE + step[k][0]), dy = METRES * (cell / SIDE + step[k][1]);
        corner[k][0] = as->x + (as->quarter_turn ? -dy : dx);
        corner[k][1] = as->y + (as->quarter_turn ? dx : dy);
    }
    fprintf(file, "%s{\"type\": \"Feature\", \"properties\": {\"code\": \"C%02d\", \"naam\": ", //
            first ? "" : ",\n", cell);
    fprintf(file, "\"vak %d\", \"n\": ", cell);
    if (isnan(value[cell]))
        fprintf(file, "null");
    else
        fprintf(file, "%.17g", value[cell]);
    fprintf(file, ", \"homes\": %.17g}, \"geometry\": {\"type\": \"Polygon\", \"coordinates\": [[",
            homes[cell]);
    for (int k = 0; k < 5; k++)
        fprintf(file, "%s[%.1f, %.1f]", k ? ", " : "", corner[k % 4][0], corner[k % 4][1]);
    fprintf(file, "]]}}");
}

static void write_areas(const char *name, const layout *as)
{
    FILE *file = fopen(scratch_path(name), "w");
    assert_non_null(file);
    fprintf(file, "{\"type\": \"FeatureCollection\", \"crs\": {\"type\": \"name\", \"properties\": "
                  "{\"name\": \"urn:ogc:def:crs:EPSG::28992\"}}, \"features\": [\n");
    for (int k = 0; k < AREAS; k++)
        write_square(file, as->backwards ? AREAS - 1 - k : k, as, k == 0);
    fprintf(file, "]}\n");
    assert_int_equal(fclose(file), 0);
}

static void write_points(void)
{
    FILE *file = fopen(points, "w");
    assert_non_null(file);
    fprintf(file, "x,y\n");
    for (int a = 0; a < AREAS; a++)
        for (int k = 0; k < counted[a]; k++)
            fprintf(file, "%.2f,%.2f\n", X + METRES * (a % SIDE) + 10 + k,
                    Y + METRES * (a / SIDE) + 20 + 2 * k);
    for (int k = 0; k < outside; k++)
        fprintf(file, "%.2f,%.2f\n", X - 50 - k, Y);
    assert_int_equal(fclose(file), 0);
}

/* Noise with a warm corner; one area without a value. */
static int setup(void **state)
{
    uint32_t random = 7;
    const layout plain = {.x = X, .y = Y};
    if (scratch_setup(state) != 0)
        return -1;
    snprintf(areas, sizeof areas, "%s", scratch_path("areas.geojson"));
    snprintf(points, sizeof points, "%s", scratch_path("points.csv"));
    for (int a = 0; a < AREAS; a++) {
        random = random * 1664525u + 1013904223u;
        bool warm = a % SIDE < 3 && a / SIDE < 3;
        counted[a] = (int)(random >> 24) % 5 + (warm ? 9 : 0);
        value[a] = counted[a] + 0.25 * (double)((random >> 16) % 4);
        homes[a] = 100 + 3 * (double)((random >> 8) % 50);
    }
    value[AREAS - 1] = NAN;
    write_areas("areas.geojson", &plain);
    write_points();
    return 0;
}

static rm_hotspots_options some_options(void)
{
    rm_hotspots_options options = RM_HOTSPOTS_OPTIONS_INIT;
    options.threads = 1;
    options.id = "code";
    options.name = "naam";
    options.field = "n";
    options.p_by = RM_P_OWN;
    options.permutations = 199;
    options.seed = 5;
    return options;
}

static rm_hotspots *make(const char *source, const rm_hotspots_options *options)
{
    rm_hotspots *hotspots = NULL;
    rm_error err = {0};
    if (rm_hotspots_make(&hotspots, source, options, &err) != RM_OK)
        fail_msg("%s", err.message);
    return hotspots;
}

static rm_hotspot at(const rm_hotspots *hotspots, int64_t area)
{
    rm_hotspot out;
    rm_error err = {0};
    assert_int_equal(rm_hotspots_at(hotspots, area, &out, &err), RM_OK);
    return out;
}

static bool same(double a, double b)
{
    return (isnan(a) && isnan(b)) || a == b;
}

static void refused(const rm_hotspots_options *options, rm_status code, const char *words)
{
    rm_hotspots *hotspots = NULL;
    rm_error err = {0};
    rm_status status = rm_hotspots_make(&hotspots, areas, options, &err);
    if (status != code || !strstr(err.message, words) || strchr(err.message, '\n'))
        fail_msg("%d, not %d: \"%s\", not \"%s\"", status, code, err.message, words);
    assert_int_equal(err.code, code);
    assert_null(hotspots);
}

/* ---- against the other headers ---- */

static rm_weights *neighbours(const rm_hotspots_options *options)
{
    rm_layer *layer = NULL;
    rm_weights *weights = NULL;
    double x[AREAS], y[AREAS];
    rm_error err = {0};
    rm_contiguity_options how = RM_CONTIGUITY_OPTIONS_INIT;
    assert_int_equal(rm_layer_read(&layer, areas, NULL, &err), RM_OK);
    assert_int_equal(rm_layer_places(x, y, layer, NULL, NULL, &err), RM_OK);
    rm_status status = RM_OK;
    how.kind = options->neighbours == RM_NEIGHBOURS_ROOK ? RM_CONTIGUITY_ROOK : RM_CONTIGUITY_QUEEN;
    if (options->neighbours == RM_NEIGHBOURS_BAND)
        status = rm_weights_band(&weights, x, y, AREAS, options->metres, NULL, &err);
    else if (options->neighbours == RM_NEIGHBOURS_NEAREST)
        status = rm_weights_nearest(&weights, x, y, AREAS, options->nearest, NULL, &err);
    else
        status = rm_weights_contiguity(&weights, layer, &how, &err);
    assert_int_equal(status, RM_OK);
    rm_layer_free(layer);
    return weights;
}

typedef struct expected {
    double statistic[AREAS], z[AREAS], p[AREAS], corrected[AREAS];
    uint8_t quadrant[AREAS];
} expected;

static void compute(expected *out, const rm_hotspots_options *options, const double *values)
{
    rm_autocorrelation_options how = RM_AUTOCORRELATION_OPTIONS_INIT;
    rm_local_out local = RM_LOCAL_OUT_INIT;
    rm_weights *weights = neighbours(options);
    rm_error err = {0};
    how.seed = options->seed;
    how.threads = 2;
    how.draws = options->p_by == RM_P_SHARED ? RM_DRAWS_SHARED : RM_DRAWS_OWN;
    how.permutations = options->permutations;
    local.statistic = out->statistic;
    local.z = out->z;
    local.quadrant = out->quadrant;
    if (options->p_by == RM_P_ANALYTIC)
        local.p = out->p;
    else
        local.p_two_sided = out->p;
    rm_status status = options->statistic == RM_HOTSPOTS_GI_STAR
                           ? rm_local_g(&local, weights, values, AREAS, 1, &how, &err)
                           : rm_local_moran(&local, weights, values, AREAS, &how, &err);
    if (status != RM_OK)
        fail_msg("%s", err.message);
    assert_int_equal(rm_false_discovery(out->corrected, out->p, AREAS, &err), RM_OK);
    rm_weights_free(weights);
}

static int32_t class_of(const expected *from, const rm_hotspots_options *options, int area)
{
    const double *p = options->uncorrected ? from->p : from->corrected;
    int8_t bin;
    uint8_t class_;
    rm_error err = {0};
    if (options->statistic == RM_HOTSPOTS_GI_STAR) {
        assert_int_equal(rm_hotspot_bins(&bin, &from->z[area], &p[area], 1, &err), RM_OK);
        return bin;
    }
    assert_int_equal(rm_lisa_classes(&class_, &from->quadrant[area], &p[area], 1, 0.05, &err),
                     RM_OK);
    return class_;
}

static void check(const rm_hotspots_options *options, const double *values)
{
    static expected right;
    rm_hotspots_facts facts;
    int64_t hot = 0, cold = 0, links = 0;
    rm_hotspots *hotspots = make(areas, options);
    compute(&right, options, values);
    assert_int_equal(rm_hotspots_count(hotspots), AREAS);
    for (int a = 0; a < AREAS; a++) {
        rm_hotspot area = at(hotspots, a);
        char id[8];
        snprintf(id, sizeof id, "C%02d", a);
        assert_string_equal(area.id, id);
        assert_true(same(area.value, values[a]));
        assert_true(same(area.statistic, right.statistic[a]) && same(area.z, right.z[a]));
        assert_true(same(area.p, right.p[a]) && same(area.p_corrected, right.corrected[a]));
        assert_int_equal(area.class_, class_of(&right, options, a));
        bool gi = options->statistic == RM_HOTSPOTS_GI_STAR;
        hot += gi ? area.class_ > 0 : area.class_ == RM_LISA_HIGH_HIGH;
        cold += gi ? area.class_ < 0 && area.class_ != RM_NO_BIN : area.class_ == RM_LISA_LOW_LOW;
        links += area.neighbours;
    }
    rm_hotspots_facts_of(hotspots, &facts);
    assert_true(facts.hot == hot && facts.cold == cold && facts.links == links);
    rm_hotspots_free(hotspots);
}

static void test_statistics(void **state)
{
    (void)state;
    for (int32_t statistic = 0; statistic <= RM_HOTSPOTS_LOCAL_MORAN; statistic++)
        for (int32_t neighbours_by = 0; neighbours_by <= RM_NEIGHBOURS_NEAREST; neighbours_by++)
            for (int32_t p_by = RM_P_OWN; p_by <= RM_P_ANALYTIC; p_by++) {
                rm_hotspots_options options = some_options();
                options.statistic = statistic;
                options.neighbours = neighbours_by;
                options.metres = 1.5 * METRES;
                options.nearest = 5;
                options.p_by = p_by;
                options.uncorrected = statistic == 1;
                check(&options, value);
            }
}

static void test_shared_draws(void **state)
{
    rm_hotspots_options options = some_options();
    (void)state;
    options.p_by = RM_P_SHARED;
    options.permutations = 999;
    refused(&options, RM_EINVAL, "a shared table needs 99999 or more");
    options.permutations = 0;
    check(&options, value);
}

static void test_counts(void **state)
{
    rm_hotspots_options options = some_options();
    rm_hotspots_facts facts;
    double values[AREAS];
    int64_t all = 0;
    (void)state;
    options.field = NULL;
    options.count = points;
    for (int a = 0; a < AREAS; a++) {
        values[a] = counted[a];
        all += counted[a];
    }
    check(&options, values);
    rm_hotspots *hotspots = make(areas, &options);
    rm_hotspots_facts_of(hotspots, &facts);
    assert_true(facts.counted == all && facts.uncounted == outside && facts.missing == 0);
    assert_true(isnan(at(hotspots, 0).exposure) && isnan(facts.rate_mean));
    rm_hotspots_free(hotspots);
}

static void test_rates(void **state)
{
    rm_hotspots_options options = some_options();
    double values[AREAS], events[AREAS];
    rm_error err = {0};
    (void)state;
    options.field = NULL;
    options.count = points;
    options.per_field = "homes";
    options.per_units = 100;
    for (int a = 0; a < AREAS; a++)
        events[a] = counted[a];
    assert_int_equal(rm_rates(values, events, homes, AREAS, 0, RM_RATE_GLOBAL, &err), RM_OK);
    for (int a = 0; a < AREAS; a++)
        values[a] *= 100;
    check(&options, values);
}

/* ---- what may not change it ---- */

static void assert_same(const rm_hotspots *a, const rm_hotspots *b, bool backwards)
{
    for (int64_t i = 0; i < AREAS; i++) {
        rm_hotspot one = at(a, i), other = at(b, backwards ? AREAS - 1 - i : i);
        assert_string_equal(one.id, other.id);
        assert_true(same(one.value, other.value));
        assert_true(one.class_ == other.class_ && one.neighbours == other.neighbours);
        /* sums run over the neighbours in the order of the file */
        double near_ = backwards ? 1e-12 * (fabs(one.z) + 1) : 0;
        assert_true((isnan(one.z) && isnan(other.z)) || fabs(one.z - other.z) <= near_);
        assert_true(backwards || (same(one.p, other.p) && same(one.statistic, other.statistic)));
    }
}

static void test_threads(void **state)
{
    (void)state;
    for (int32_t statistic = 0; statistic <= RM_HOTSPOTS_LOCAL_MORAN; statistic++) {
        rm_hotspots_options options = some_options();
        options.statistic = statistic;
        rm_hotspots *one = make(areas, &options);
        for (options.threads = 2; options.threads <= 4; options.threads *= 2) {
            rm_hotspots *more = make(areas, &options);
            assert_same(one, more, false);
            rm_hotspots_free(more);
        }
        rm_hotspots_free(one);
    }
}

/* Moved by a power of two, turned, and in another order (of which drawn permutations depend). */
static void test_layout(void **state)
{
    const layout other[] = {{.x = X - 32768, .y = Y + 8192},
                            {.x = X, .y = Y, .quarter_turn = true},
                            {.x = X, .y = Y, .backwards = true}};
    (void)state;
    for (int k = 0; k < 3; k++) {
        rm_hotspots_options options = some_options();
        options.p_by = other[k].backwards ? RM_P_ANALYTIC : RM_P_OWN;
        write_areas("other.geojson", &other[k]);
        rm_hotspots *one = make(areas, &options),
                    *two = make(scratch_path("other.geojson"), &options);
        assert_same(one, two, other[k].backwards);
        rm_hotspots_free(one);
        rm_hotspots_free(two);
    }
    assert_int_equal(unlink(scratch_path("other.geojson")), 0);
}

/* ---- options ---- */

static void test_size(void **state)
{
    rm_hotspots_options options = some_options(), by_call = {0};
    const uint32_t wrong[] = {0, 4, offsetof(rm_hotspots_options, layer) - 1, 4097, UINT32_MAX};
    (void)state;
    rm_hotspots_options_init(&by_call);
    assert_int_equal(by_call.size, sizeof by_call);
    assert_true(by_call.per_units == 1000 && by_call.nearest == 8 && by_call.seed == 1);
    for (size_t w = 0; w < sizeof wrong / sizeof *wrong; w++) {
        options.size = wrong[w];
        refused(&options, RM_EINVAL, "begin with RM_HOTSPOTS_OPTIONS_INIT");
    }
    /* of an older version: what lies behind its end is not looked at */
    rm_hotspots_options whole = some_options();
    options = some_options();
    whole.p_by = options.p_by = RM_P_ANALYTIC;
    memset((char *)&options + offsetof(rm_hotspots_options, permutations), 0xff,
           sizeof options - offsetof(rm_hotspots_options, permutations));
    refused(&options, RM_EINVAL, "permutations is -1");
    options.size = offsetof(rm_hotspots_options, permutations);
    rm_hotspots *older = make(areas, &options), *now = make(areas, &whole);
    assert_same(older, now, false);
    rm_hotspots_free(older);
    rm_hotspots_free(now);
}

#define REFUSED(member, to, code, words)                                                           \
    do {                                                                                           \
        rm_hotspots_options wrong = some_options();                                                \
        wrong.member = to;                                                                         \
        refused(&wrong, code, words);                                                              \
    } while (0)

static void test_refusals(void **state)
{
    (void)state;
    refused(NULL, RM_EINVAL, "give either the field");
    REFUSED(statistic, -1, RM_EINVAL, "statistic -1 does not exist");
    REFUSED(statistic, 2, RM_EINVAL, "statistic 2 does not exist");
    REFUSED(neighbours, -1, RM_EINVAL, "neighbours -1 does not exist");
    REFUSED(neighbours, 4, RM_EINVAL, "neighbours 4 does not exist");
    REFUSED(p_by, -1, RM_EINVAL, "p_by -1 does not exist");
    REFUSED(p_by, 3, RM_EINVAL, "p_by 3 does not exist");
    REFUSED(field, NULL, RM_EINVAL, "give either the field");
    REFUSED(count, points, RM_EINVAL, "give either the field");
    REFUSED(per_units, 0, RM_EINVAL, "per_units is 0");
    REFUSED(per_units, NAN, RM_EINVAL, "per_units is nan");
    REFUSED(threads, -1, RM_EINVAL, "threads is -1");
    REFUSED(threads, 65, RM_EINVAL, "threads is 65");
    REFUSED(tolerance_m, -1, RM_EINVAL, "the tolerance is -1 m");
    REFUSED(tolerance_m, NAN, RM_EINVAL, "the tolerance is nan m");
    REFUSED(permutations, -1, RM_EINVAL, "permutations is -1");
    REFUSED(permutations, 10000000, RM_EINVAL, "to 9,999,999");
    REFUSED(neighbours, RM_NEIGHBOURS_BAND, RM_EINVAL, "the band of neighbours is 0 m");
    REFUSED(field, "nn", RM_ENOTFOUND, "nn");
    REFUSED(id, "cod", RM_ENOTFOUND, "did you mean \"code\"?");
    REFUSED(where, "n >", RM_EMODEL, "where: ");
    REFUSED(where, "n > 1000", RM_EINVAL, "holds no areas that pass the condition");
    REFUSED(target_crs, "EPSG:4326", RM_ECRS, "metres");
    REFUSED(per, "/nowhere/at/all.csv", RM_ENOTFOUND, "the points to count per");
    rm_hotspots_options wrong = some_options();
    wrong.per = points;
    wrong.per_field = "homes";
    refused(&wrong, RM_EINVAL, "a field or points to count, not both");
    wrong = some_options();
    wrong.neighbours = RM_NEIGHBOURS_BAND;
    wrong.metres = INFINITY;
    refused(&wrong, RM_EINVAL, "the band of neighbours is inf m");
    wrong = some_options();
    wrong.neighbours = RM_NEIGHBOURS_NEAREST;
    wrong.nearest = 0;
    refused(&wrong, RM_EINVAL, "nearest is 0; at least 1");
    wrong.nearest = AREAS;
    refused(&wrong, RM_EINVAL, "49");
    wrong = some_options();
    wrong.field = NULL;
    wrong.count = "/nowhere/at/all.csv";
    refused(&wrong, RM_ENOTFOUND, "the points to count: ");
    wrong = some_options();
    wrong.where = "code = 'C00'"; /* an area alone */
    refused(&wrong, RM_EDATA, "no two of the 1 areas are neighbours");
}

static void test_no_arguments(void **state)
{
    rm_hotspots_options options = some_options();
    rm_hotspots *hotspots = NULL;
    rm_error err = {0};
    (void)state;
    assert_int_equal(rm_hotspots_make(NULL, areas, &options, &err), RM_EINVAL);
    assert_int_equal(rm_hotspots_make(&hotspots, NULL, &options, &err), RM_EINVAL);
    assert_int_equal(rm_hotspots_make(&hotspots, "", &options, &err), RM_EINVAL);
    assert_non_null(strstr(err.message, "no source of areas"));
    assert_int_equal(rm_hotspots_make(&hotspots, "", &options, NULL), RM_EINVAL);
    assert_null(hotspots);
    rm_hotspots_free(NULL);
}

static void test_constant(void **state)
{
    const layout plain = {.x = X, .y = Y};
    double kept[AREAS];
    rm_hotspots_options options = some_options();
    rm_hotspots *hotspots = NULL;
    rm_error err = {0};
    (void)state;
    memcpy(kept, value, sizeof kept);
    for (int a = 0; a < AREAS; a++)
        value[a] = 3;
    write_areas("other.geojson", &plain);
    for (int a = 0; a < AREAS; a++)
        value[a] = NAN;
    write_areas("empty.geojson", &plain);
    memcpy(value, kept, sizeof kept);
    for (options.statistic = 0; options.statistic < 2; options.statistic++) {
        assert_int_equal(rm_hotspots_make(&hotspots, scratch_path("other.geojson"), &options, &err),
                         RM_EINVAL);
        assert_non_null(strstr(err.message, "all values are the same"));
        assert_int_not_equal(
            rm_hotspots_make(&hotspots, scratch_path("empty.geojson"), &options, &err), RM_OK);
    }
    assert_null(hotspots);
    assert_int_equal(unlink(scratch_path("other.geojson")), 0);
    assert_int_equal(unlink(scratch_path("empty.geojson")), 0);
}

/* ---- accessors ---- */

static void test_accessors(void **state)
{
    rm_hotspots_options options = some_options();
    rm_hotspots *hotspots = make(areas, &options);
    const int64_t wrong[] = {-1, AREAS, INT64_MIN, INT64_MAX};
    rm_hotspot area = {.feature = -5};
    char text[64] = "x";
    rm_error err = {0};
    (void)state;
    for (int w = 0; w < 4; w++) {
        assert_int_equal(rm_hotspots_at(hotspots, wrong[w], &area, &err), RM_EINVAL);
        assert_non_null(strstr(err.message, "there are 49, counted from 0"));
    }
    assert_int_equal(area.feature, -5);
    assert_int_equal(rm_hotspots_at(NULL, 0, &area, &err), RM_EINVAL);
    assert_int_equal(rm_hotspots_at(hotspots, 0, NULL, &err), RM_EINVAL);
    assert_int_equal(rm_hotspots_class_text(hotspots, 3, "fy", text, sizeof text, &err), RM_EINVAL);
    assert_int_equal(rm_hotspots_class_text(hotspots, 3, "en", NULL, 9, &err), RM_EINVAL);
    assert_int_equal(rm_hotspots_class_text(hotspots, 3, "en", text, 0, &err), RM_EINVAL);
    assert_int_equal(rm_hotspots_class_text(NULL, 3, "en", text, 9, &err), RM_EINVAL);
    assert_string_equal(text, "x");
    assert_int_equal(rm_hotspots_class_text(hotspots, 3, "en", text, sizeof text, &err), RM_OK);
    assert_string_equal(text, "hot spot, 99% confidence");
    assert_int_equal(rm_hotspots_class_text(hotspots, 3, NULL, text, 8, &err), RM_OK);
    assert_string_equal(text, "hotspot");
    const int32_t none[] = {4, -4, RM_NO_BIN, INT32_MIN, INT32_MAX};
    for (int n = 0; n < 5; n++) {
        assert_int_equal(rm_hotspots_class_text(hotspots, none[n], "en", text, sizeof text, &err),
                         RM_OK);
        assert_string_equal(text, "no value");
    }
    rm_hotspots_free(hotspots);
}

static void test_writing(void **state)
{
    rm_hotspots_options options = some_options();
    rm_hotspots *hotspots = make(areas, &options);
    rm_error err = {0};
    struct stat about;
    char file[512];
    (void)state;
    snprintf(file, sizeof file, "%s", scratch_path("a.gpkg"));
    assert_int_equal(rm_hotspots_write(NULL, file, 0, NULL, &err), RM_EINVAL);
    assert_int_equal(rm_hotspots_write(hotspots, NULL, 0, NULL, &err), RM_EINVAL);
    assert_int_equal(rm_hotspots_write(hotspots, "", 0, NULL, &err), RM_EINVAL);
    assert_int_equal(rm_hotspots_write(hotspots, file, 0, "fy", &err), RM_EINVAL);
    assert_int_equal(rm_hotspots_write(hotspots, "/nowhere/at/all.gpkg", 0, NULL, &err),
                     RM_ENOTFOUND);
    assert_int_equal(rm_hotspots_write(hotspots, scratch_path("a.shp"), 1, NULL, &err), RM_EINVAL);
    assert_non_null(strstr(err.message, "a GeoPackage is written as .gpkg; give the name such an"));
    assert_int_equal(scratch_count(NULL), INPUTS);
    assert_int_equal(rm_hotspots_write(hotspots, file, 0, NULL, &err), RM_OK);
    assert_int_equal(rm_hotspots_write(hotspots, file, 0, "en", &err), RM_EEXISTS);
    assert_int_equal(rm_hotspots_write(hotspots, file, 1, "en", &err), RM_OK);
    assert_int_equal(stat(file, &about), 0);
    assert_int_equal(about.st_mode & 0777, 0600);
    assert_int_equal(unlink(file), 0);
    assert_int_equal(scratch_count(NULL), INPUTS);
    rm_hotspots_free(hotspots);
}

static void assert_source_kept(const rm_hotspots *hotspots, const char *target)
{
    struct stat before, after;
    rm_error err = {0};
    assert_int_equal(stat(target, &before), 0);
    assert_int_equal(rm_hotspots_write(hotspots, target, 1, NULL, &err), RM_EINVAL);
    assert_non_null(strstr(err.message, "is one of the files that were read"));
    assert_int_equal(stat(target, &after), 0);
    assert_true(before.st_ino == after.st_ino && before.st_size == after.st_size);
}

/* ---- layers in memory ---- */

static rm_layer *read_layer(const char *path)
{
    rm_layer *layer = NULL;
    rm_read_options options = RM_READ_OPTIONS_INIT;
    rm_error err = {0};
    options.crs = path == points ? "EPSG:28992" : NULL;
    options.column_count = -1;
    if (rm_layer_read(&layer, path, &options, &err) != RM_OK)
        fail_msg("%s", err.message);
    return layer;
}

static void test_memory(void **state)
{
    (void)state;
    for (int counts = 0; counts < 2; counts++)
        for (int32_t threads = 1; threads <= 4; threads *= 2) {
            rm_hotspots_options options = some_options();
            options.where = "homes > 101";
            if (counts) {
                options.field = NULL;
                options.count = options.per = points;
                options.count_where = "y < 475300";
            }
            rm_hotspots *files = make(areas, &options);
            rm_layer *polygons = read_layer(areas), *places = read_layer(points);
            options.threads = threads;
            options.memory_areas = polygons;
            if (counts) {
                options.count = options.per = NULL;
                options.memory_count = options.memory_per = places;
            }
            rm_hotspots *memory = make(NULL, &options);
            rm_layer_free(polygons);
            rm_layer_free(places);
            assert_int_equal(rm_hotspots_count(files), rm_hotspots_count(memory));
            for (int64_t a = 0; a < rm_hotspots_count(files); a++) {
                rm_hotspot one = at(files, a), other = at(memory, a);
                assert_string_equal(one.id, other.id);
                assert_true(one.feature == other.feature && one.class_ == other.class_);
                assert_true(same(one.value, other.value) && same(one.exposure, other.exposure));
                assert_true(same(one.z, other.z) && same(one.p_corrected, other.p_corrected));
            }
            rm_hotspots_free(files);
            rm_hotspots_free(memory);
        }
}

static void test_sources_are_not_written_over(void **state)
{
    rm_hotspots_options options = some_options();
    char link[512];
    (void)state;
    options.field = NULL;
    options.count = points;
    snprintf(link, sizeof link, "%s", scratch_path("link.gpkg"));
    assert_int_equal(symlink("areas.geojson", link), 0);
    rm_hotspots *hotspots = make(areas, &options);
    assert_source_kept(hotspots, areas);
    assert_source_kept(hotspots, points);
    assert_source_kept(hotspots, link);
    rm_hotspots_free(hotspots);
    rm_layer *polygons = read_layer(areas), *places = read_layer(points);
    options.memory_areas = polygons;
    options.memory_count = places;
    options.count = NULL;
    hotspots = make(NULL, &options);
    rm_layer_free(polygons);
    rm_layer_free(places);
    assert_source_kept(hotspots, areas);
    assert_source_kept(hotspots, points);
    rm_hotspots_free(hotspots);
    assert_int_equal(unlink(link), 0);
}

static void not_made(const char *source, const rm_hotspots_options *options, rm_status code,
                     const char *words)
{
    rm_hotspots *hotspots = NULL;
    rm_error err = {0};
    rm_status status = rm_hotspots_make(&hotspots, source, options, &err);
    if (status != code || !strstr(err.message, words) || strchr(err.message, '\n'))
        fail_msg("%d, not %d: \"%s\", not \"%s\"", status, code, err.message, words);
    assert_null(hotspots);
}

/* Known before the points are read. */
static void test_fields_that_are_no_numbers(void **state)
{
    rm_hotspots_options options = some_options();
    (void)state;
    options.field = "naam";
    not_made(areas, &options, RM_EINVAL,
             "field naam holds text, and the value of an area is a number: name a field with");
    options.field = NULL;
    options.count = "/nowhere/at/all.csv";
    options.per_field = "code";
    not_made(areas, &options, RM_EINVAL,
             "field code holds text, and what a value is divided by is a number: name a field");
}

static void test_memory_refusals(void **state)
{
    rm_layer *polygons = read_layer(areas), *places = read_layer(points), *nowhere = NULL;
    rm_hotspots_options options = some_options();
    rm_error err = {0};
    (void)state;
    assert_int_equal(rm_layer_from_points(&nowhere, &X, &Y, 1, NULL, &err), RM_OK);
    not_made(NULL, &options, RM_EINVAL, "give their path, or memory_areas");
    options.memory_areas = polygons;
    not_made(areas, &options, RM_EINVAL, "both areas and memory_areas are given");
    options.layer = "areas";
    not_made(NULL, &options, RM_EINVAL, "layer is for a layer in a file");
    options.layer = NULL;
    options.memory_count = places;
    not_made(NULL, &options, RM_EINVAL, "give either the field");
    options.field = NULL;
    options.count = points;
    not_made(NULL, &options, RM_EINVAL, "both count and memory_count are given");
    options.count = NULL;
    options.count_layer = "points";
    not_made(NULL, &options, RM_EINVAL, "count_layer is for");
    options.count_layer = NULL;
    options.memory_per = places;
    options.per_field = "homes";
    not_made(NULL, &options, RM_EINVAL, "the exposure is a field or points to count, not both");
    options.per_field = NULL;
    options.per = points;
    not_made(NULL, &options, RM_EINVAL, "both per and memory_per are given");
    options.per = NULL;
    options.memory_per = nowhere;
    not_made(NULL, &options, RM_ECRS, "the points to count per: the layer in memory states no");
    options.memory_per = NULL;
    options.memory_count = nowhere;
    not_made(NULL, &options, RM_ECRS, "the points to count: the layer in memory states no");
    options.memory_count = NULL;
    options.field = "m";
    not_made(NULL, &options, RM_ENOTFOUND, "the layer of areas in memory");
    options.memory_areas = nowhere;
    not_made(NULL, &options, RM_ECRS, "the layer of areas in memory states no");
    rm_layer_free(polygons);
    rm_layer_free(places);
    rm_layer_free(nowhere);
}

/* Cell by cell what is read back from the file. */
static void assert_same_table(const rm_layer *a, const rm_layer *b)
{
    double one[4], other[4];
    assert_int_equal(rm_layer_field_count(a), 12);
    assert_int_equal(rm_layer_field_count(b), 12);
    assert_int_equal(rm_layer_feature_count(a), AREAS);
    assert_int_equal(rm_layer_feature_count(b), AREAS);
    assert_string_equal(rm_layer_crs(a), rm_layer_crs(b));
    rm_layer_extent(a, one);
    rm_layer_extent(b, other);
    assert_memory_equal(one, other, sizeof one);
    for (int32_t f = 0; f < 12; f++) {
        assert_string_equal(rm_layer_field_name(a, f), rm_layer_field_name(b, f));
        for (int64_t r = 0; r < AREAS; r++) {
            int64_t p_size = 0, q_size = 0;
            const char *p = rm_layer_text(a, r, f, &p_size);
            const char *q = rm_layer_text(b, r, f, &q_size);
            assert_true(same(rm_layer_number(a, r, f), rm_layer_number(b, r, f)));
            assert_true(!p == !q && p_size == q_size);
            assert_true(!p || memcmp(p, q, (size_t)p_size) == 0);
        }
    }
}

static void test_as_layer(void **state)
{
    (void)state;
    for (int32_t statistic = 0; statistic <= RM_HOTSPOTS_LOCAL_MORAN; statistic++)
        for (int english = 0; english < 2; english++) {
            rm_hotspots_options options = some_options();
            const char *language = english ? "en" : NULL;
            rm_layer *layer = NULL, *written = NULL, *none = NULL;
            rm_read_options all = RM_READ_OPTIONS_INIT;
            rm_error err = {0};
            options.statistic = statistic;
            all.column_count = -1;
            rm_hotspots *hotspots = make(areas, &options);
            assert_int_equal(rm_hotspots_write(hotspots, scratch_path("a.gpkg"), 0, language, &err),
                             RM_OK);
            assert_int_equal(rm_hotspots_layer(&layer, hotspots, language, &err), RM_OK);
            assert_int_equal(rm_hotspots_layer(&none, hotspots, "fy", &err), RM_EINVAL);
            assert_int_equal(rm_hotspots_layer(&none, NULL, NULL, &err), RM_EINVAL);
            assert_int_equal(rm_hotspots_layer(NULL, hotspots, NULL, &err), RM_EINVAL);
            assert_null(none);
            rm_hotspots_free(hotspots); /* it is outlived */
            assert_int_equal(rm_layer_read(&written, scratch_path("a.gpkg"), &all, &err), RM_OK);
            assert_same_table(layer, written);
            rm_layer_free(written);
            rm_layer_free(layer);
            assert_int_equal(unlink(scratch_path("a.gpkg")), 0);
        }
}

/* ---- stopping ---- */

typedef struct stopping {
    int calls, stop_at;
    double last;
} stopping;

static int stop_at(double fraction, const char *message, void *user)
{
    stopping *stop = user;
    (void)message;
    assert_true(fraction >= stop->last && fraction <= 1);
    stop->last = fraction;
    return stop->calls++ == stop->stop_at;
}

static void test_stopped(void **state)
{
    bool reached = true;
    char other[512];
    (void)state;
    /* so that no two areas have the same rate */
    snprintf(other, sizeof other, "%s", scratch_path("other.csv"));
    FILE *file = fopen(other, "w");
    assert_non_null(file);
    fprintf(file, "x,y\n");
    for (int a = 0; a < AREAS; a++)
        for (int k = 0; k <= a; k++)
            fprintf(file, "%.2f,%.2f\n", X + METRES * (a % SIDE) + 10,
                    Y + METRES * (a / SIDE) + 20);
    assert_int_equal(fclose(file), 0);
    for (int call = 0; reached; call++) {
        rm_hotspots_options options = some_options();
        stopping stop = {.stop_at = call};
        rm_hotspots *hotspots = NULL;
        rm_error err = {0};
        options.field = NULL;
        options.count = points;
        options.per = other;
        options.progress = stop_at;
        options.progress_user = &stop;
        rm_status status = rm_hotspots_make(&hotspots, areas, &options, &err);
        bool stopped = stop.calls > call;
        if (status != (stopped ? RM_ECANCELLED : RM_OK))
            fail_msg("stopped at call %d: %d, \"%s\"", call, status, err.message);
        assert_int_equal(stop.calls, stopped ? call + 1 : stop.calls);
        assert_true((hotspots != NULL) == (status == RM_OK));
        rm_hotspots_free(hotspots);
        reached = stopped;
        assert_true(reached || call > 3);
    }
    assert_int_equal(unlink(other), 0);
}

static int teardown(void **state)
{
    (void)unlink(areas);
    (void)unlink(points);
    assert_int_equal(scratch_count(NULL), 0);
    return scratch_teardown(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_statistics),
        cmocka_unit_test(test_shared_draws),
        cmocka_unit_test(test_counts),
        cmocka_unit_test(test_rates),
        cmocka_unit_test(test_threads),
        cmocka_unit_test(test_layout),
        cmocka_unit_test(test_size),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_no_arguments),
        cmocka_unit_test(test_constant),
        cmocka_unit_test(test_accessors),
        cmocka_unit_test(test_writing),
        cmocka_unit_test(test_memory),
        cmocka_unit_test(test_memory_refusals),
        cmocka_unit_test(test_as_layer),
        cmocka_unit_test(test_stopped),
        cmocka_unit_test(test_sources_are_not_written_over),
        cmocka_unit_test(test_fields_that_are_no_numbers),
    };
    return cmocka_run_group_tests_name("api_hotspots", tests, setup, teardown);
}
