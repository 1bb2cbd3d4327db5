/* The values of a heat map made in one call against the density of the same points, both through
 * the public API; and what may not change them. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "heatmaps.h"

#include "data/layer.h"

#include <string.h>

static heat_points points;
static const char *const FILES[] = {"points.csv", "other.csv", "area.geojson"};

static int setup(void **state)
{
    if (scratch_setup(state) != 0)
        return -1;
    points = some_points();
    write_points("points.csv", &points);
    write_area("area.geojson");
    return 0;
}

/* ---- against the density ---- */

static rm_density_options density_of(const rm_heatmap_options *map)
{
    rm_density_options o = RM_DENSITY_OPTIONS_INIT;
    o.kernel = map->kernel;
    o.threads = 2;
    o.bandwidth = map->bandwidth;
    return o;
}

static double *density(const rm_heatmap *map, const heat_points *from, const rm_density_options *o)
{
    rm_grid grid = grid_of(map);
    rm_error err = {0};
    double *out = malloc((size_t)(grid.columns * grid.rows) * sizeof *out);
    if (rm_density_grid(out, &grid, from->x, from->y, from->count, o, &err) != RM_OK)
        fail_msg("%s", err.message);
    return out;
}

/* share: what the two may differ, of the value; 0: nothing, to the last bit. */
static void assert_values(const rm_heatmap *map, int32_t period, const double *expected,
                          double unit, double share)
{
    float *values = values_of(map, period);
    int64_t drawn = 0;
    for (int64_t i = 0; i < cells_of(map); i++) {
        float value = (float)(expected[i] * unit);
        if (isnan(values[i]) != isnan(value) ||
            (!isnan(value) && fabs((double)values[i] - value) > share * value))
            fail_msg("cell %lld: %.9g, not %.9g", (long long)i, values[i], value);
        drawn += values[i] > 0;
    }
    assert_true(drawn > 100);
    free(values);
}

static void check_density(const rm_heatmap_options *options, const rm_density_options *o,
                          double share)
{
    rm_heatmap *map = make_map("points.csv", options);
    double *expected = density(map, &points, o);
    assert_values(map, 0, expected, 1e6, share);
    free(expected);
    rm_heatmap_free(map);
}

static void test_kernels(void **state)
{
    (void)state;
    for (int32_t kernel = RM_KERNEL_QUARTIC; kernel <= RM_KERNEL_UNIFORM; kernel++) {
        rm_heatmap_options options = some_options();
        options.kernel = kernel;
        rm_density_options o = density_of(&options);
        check_density(&options, &o, 0);
    }
}

static void test_weights(void **state)
{
    rm_heatmap_options options = some_options();
    rm_density_options o = density_of(&options);
    (void)state;
    options.weight = "weight";
    o.weights = points.weight;
    check_density(&options, &o, 0);
}

static void test_half_life(void **state)
{
    rm_heatmap_options options = some_options();
    rm_density_options o = density_of(&options);
    double ages[POINTS], weights[POINTS];
    rm_error err = {0};
    (void)state;
    options.half_life_days = 30;
    options.weight = "weight";
    for (int i = 0; i < POINTS; i++)
        ages[i] = options.as_of - points.day[i];
    assert_int_equal(rm_half_life_weights(weights, ages, POINTS, 30, &err), RM_OK);
    for (int i = 0; i < POINTS; i++)
        weights[i] *= points.weight[i];
    o.weights = weights;
    check_density(&options, &o, 0);
}

static void adapt(double *bandwidths, const rm_heatmap_options *options, const double *weights)
{
    rm_adaptive_options how = RM_ADAPTIVE_OPTIONS_INIT;
    rm_error err = {0};
    how.pilot = options->bandwidth / sqrt(8); /* the gaussian that is as wide as the quartic */
    how.trim = 5;
    how.weights = weights;
    assert_int_equal(rm_bandwidth_adaptive(bandwidths, points.x, points.y, POINTS,
                                           options->bandwidth, &how, &err),
                     RM_OK);
}

static void test_adaptive(void **state)
{
    rm_heatmap_options options = some_options();
    rm_density_options o = density_of(&options);
    double bandwidths[POINTS];
    (void)state;
    options.adaptive = 1;
    adapt(bandwidths, &options, NULL);
    o.bandwidths = bandwidths;
    check_density(&options, &o, 0);
    options.weight = "weight";
    adapt(bandwidths, &options, points.weight);
    o.weights = points.weight;
    check_density(&options, &o, 0);
}

static void test_chosen_bandwidth(void **state)
{
    rm_heatmap_options options = some_options();
    rm_validation_options how = RM_VALIDATION_OPTIONS_INIT;
    rm_heatmap_facts facts;
    rm_bandwidth_fit fit;
    double bandwidth;
    rm_error err = {0};
    (void)state;
    options.bandwidth_by = RM_BANDWIDTH_RULE;
    options.weight = "weight";
    assert_int_equal(rm_bandwidth_rule(&bandwidth, points.x, points.y, points.weight, POINTS,
                                       RM_KERNEL_QUARTIC, RM_RULE_DISTANCE, &err),
                     RM_OK);
    rm_heatmap *map = make_map("points.csv", &options);
    rm_heatmap_facts_of(map, &facts);
    assert_true(facts.bandwidth == bandwidth && facts.by_rule && isnan(facts.score));
    rm_heatmap_free(map);
    options.bandwidth_by = RM_BANDWIDTH_CROSS_VALIDATION;
    how.criterion = RM_VALIDATE_LIKELIHOOD;
    how.weights = points.weight;
    assert_int_equal(rm_bandwidth_cross_validate(&fit, points.x, points.y, POINTS,
                                                 RM_KERNEL_QUARTIC, &how, &err),
                     RM_OK);
    map = make_map("points.csv", &options);
    rm_heatmap_facts_of(map, &facts);
    assert_true(facts.bandwidth == fit.bandwidth && facts.score == fit.score);
    assert_true(!facts.by_rule && facts.at_end == fit.at_end);
    rm_heatmap_free(map);
}

static rm_density_options within(rm_density_options o, int32_t edge, int64_t *outside)
{
    o.edge = edge;
    o.ring_x = AREA_X;
    o.ring_y = AREA_Y;
    o.ring_starts = AREA_RINGS;
    o.ring_count = 3;
    o.outside = outside;
    return o;
}

/* The rings are read in another order than they are given here, so the mass differs in its last
 * bits. */
static void test_edges(void **state)
{
    rm_heatmap_options options = some_options();
    char area[512];
    double bandwidths[POINTS];
    int64_t outside;
    (void)state;
    snprintf(area, sizeof area, "%s", scratch_path("area.geojson"));
    options.boundaries = area;
    options.weight = "weight";
    for (int32_t edge = RM_EDGE_UNIFORM; edge <= RM_EDGE_DIGGLE; edge++) {
        rm_density_options o = within(density_of(&options), edge, &outside);
        o.weights = points.weight;
        options.edge = edge;
        check_density(&options, &o, 1e-6);
        assert_true(outside > 0 && outside < POINTS / 2);
    }
    options.adaptive = 1;
    options.weight = NULL;
    /* only the points inside make the pilot */
    heat_points inside = {.count = 0};
    rm_density_options o = within(density_of(&options), RM_EDGE_DIGGLE, NULL);
    for (int i = 0; i < POINTS; i++) {
        double ignored;
        rm_error err = {0};
        if (rm_density_places(&ignored, &points.x[i], &points.y[i], 1, &points.x[i], &points.y[i],
                              1, &o, &err) != RM_OK)
            continue;
        inside.x[inside.count] = points.x[i];
        inside.y[inside.count++] = points.y[i];
    }
    assert_int_equal(inside.count, POINTS - outside);
    rm_adaptive_options how = RM_ADAPTIVE_OPTIONS_INIT;
    rm_error err = {0};
    how.pilot = options.bandwidth / sqrt(8);
    how.trim = 5;
    assert_int_equal(rm_bandwidth_adaptive(bandwidths, inside.x, inside.y, inside.count,
                                           options.bandwidth, &how, &err),
                     RM_OK);
    o.bandwidths = bandwidths;
    rm_heatmap *map = make_map("points.csv", &options);
    double *expected = density(map, &inside, &o);
    assert_values(map, 0, expected, 1e6, 1e-6);
    free(expected);
    rm_heatmap_free(map);
}

/* Without a correction the map is what it is without boundaries, blank outside. */
static void test_boundaries(void **state)
{
    rm_heatmap_options options = some_options();
    rm_density_options plain = density_of(&options);
    char area[512];
    int64_t outside, west = 0, both = 0;
    (void)state;
    snprintf(area, sizeof area, "%s", scratch_path("area.geojson"));
    options.boundaries = area;
    rm_heatmap *map = make_map("points.csv", &options);
    double *expected = density(map, &points, &plain);
    rm_density_options cut = within(plain, RM_EDGE_UNIFORM, &outside);
    double *mask = density(map, &points, &cut);
    for (int64_t i = 0; i < cells_of(map); i++) {
        both += !isnan(mask[i]);
        if (isnan(mask[i]))
            expected[i] = NAN;
    }
    assert_values(map, 0, expected, 1e6, 0);
    rm_grid grid = grid_of(map);
    options.within = "WEST"; /* in any case */
    options.extent[0] = grid.left;
    options.extent[1] = grid.top - (double)grid.rows * grid.cell;
    options.extent[2] = grid.left + (double)grid.columns * grid.cell;
    options.extent[3] = grid.top;
    rm_heatmap *named = make_map("points.csv", &options);
    float *all = values_of(map, 0), *part = values_of(named, 0);
    assert_int_equal(cells_of(map), cells_of(named));
    for (int64_t i = 0; i < cells_of(map); i++) {
        west += !isnan(part[i]);
        assert_true(isnan(part[i]) || part[i] == all[i]);
    }
    assert_true(west > both / 2 && west < both);
    free(all);
    free(part);
    free(expected);
    free(mask);
    rm_heatmap_free(named);
    rm_heatmap_free(map);
}

static heat_points of_days(int32_t from, int32_t until)
{
    heat_points out = {.count = 0};
    for (int i = 0; i < POINTS; i++)
        if (points.day[i] >= from && points.day[i] <= until) {
            out.x[out.count] = points.x[i];
            out.y[out.count++] = points.y[i];
        }
    return out;
}

static void test_two_periods(void **state)
{
    rm_heatmap_options options = some_options();
    const int32_t days[2][2] = {{FIRST_DAY + 40, FIRST_DAY + 89}, {FIRST_DAY, FIRST_DAY + 39}};
    int64_t counted = 0;
    (void)state;
    options.from = days[0][0];
    options.until = days[0][1];
    options.compare_from = days[1][0];
    options.compare_until = days[1][1];
    rm_density_options o = density_of(&options);
    rm_heatmap *map = make_map("points.csv", &options);
    for (int32_t p = 0; p < 2; p++) {
        rm_heatmap_period period;
        rm_error err = {0};
        heat_points those = of_days(days[p][0], days[p][1]);
        double *expected = density(map, &those, &o), highest = 0;
        assert_values(map, p, expected, 1e6, 0);
        for (int64_t i = 0; i < cells_of(map); i++)
            highest = fmax(highest, (float)(expected[i] * 1e6));
        assert_int_equal(rm_heatmap_period_at(map, p, &period, &err), RM_OK);
        assert_true(period.from == days[p][0] && period.until == days[p][1]);
        assert_true(period.points == those.count && period.weight == those.count);
        assert_true(period.highest == highest);
        counted += period.points;
        free(expected);
    }
    assert_int_equal(counted, POINTS);
    rm_heatmap_free(map);
}

static void test_per(void **state)
{
    rm_heatmap_options options = some_options();
    rm_density_options o = density_of(&options);
    heat_points other = some_points();
    char path[512];
    rm_error err = {0};
    (void)state;
    for (int i = 0; i < POINTS; i++)
        other.x[i] += i % 16;
    /* a table that shows its CRS by what stands in x and y */
    write_points("other.csv", &other);
    snprintf(path, sizeof path, "%s", scratch_path("other.csv"));
    options.per = path;
    options.per_units = 50;
    options.per_floor = 8;
    rm_heatmap *map = make_map("points.csv", &options);
    double *above = density(map, &points, &o), *below = density(map, &other, &o);
    assert_int_equal(rm_density_ratio(above, above, below, cells_of(map), 50, 8 / 1e6, &err),
                     RM_OK);
    assert_values(map, 0, above, 1, 0);
    free(above);
    free(below);
    rm_heatmap_free(map);
}

/* ---- what may not change a map ---- */

/* 0 to VARIANTS: everything that is summed over the points. */
enum { VARIANTS = 6 };

static rm_heatmap_options variant(int number)
{
    static char area[512];
    rm_heatmap_options options = some_options();
    snprintf(area, sizeof area, "%s", scratch_path("area.geojson"));
    options.weight = "weight";
    options.kernel = number == 1 ? RM_KERNEL_GAUSSIAN : RM_KERNEL_QUARTIC;
    if (number == 2)
        options.bandwidth_by = RM_BANDWIDTH_RULE;
    if (number == 3)
        options.bandwidth_by = RM_BANDWIDTH_CROSS_VALIDATION;
    options.adaptive = number == 4;
    if (number == 5) {
        options.boundaries = area;
        options.edge = RM_EDGE_DIGGLE;
        options.half_life_days = 20;
    }
    return options;
}

static void test_threads(void **state)
{
    (void)state;
    for (int v = 0; v < VARIANTS; v++) {
        rm_heatmap_options options = variant(v);
        rm_heatmap *one = make_map("points.csv", &options);
        for (options.threads = 2; options.threads <= 4; options.threads *= 2) {
            rm_heatmap *more = make_map("points.csv", &options);
            assert_same_map(one, more);
            rm_heatmap_free(more);
        }
        rm_heatmap_free(one);
    }
}

static void test_order(void **state)
{
    heat_points turned = {.count = POINTS};
    (void)state;
    for (int i = 0; i < POINTS; i++) {
        int from = (i * 29 + 11) % POINTS;
        turned.x[i] = points.x[from];
        turned.y[i] = points.y[from];
        turned.weight[i] = points.weight[from];
        turned.day[i] = points.day[from];
    }
    write_points("other.csv", &turned);
    for (int v = 0; v < VARIANTS; v++) {
        rm_heatmap_options options = variant(v);
        rm_heatmap *one = make_map("points.csv", &options),
                   *other = make_map("other.csv", &options);
        rm_heatmap_facts a, b;
        rm_heatmap_facts_of(one, &a);
        rm_heatmap_facts_of(other, &b);
        if (a.bandwidth != b.bandwidth)
            fail_msg("variant %d: bandwidth %.17g, not %.17g", v, b.bandwidth, a.bandwidth);
        assert_same_map(one, other);
        rm_heatmap_free(one);
        rm_heatmap_free(other);
    }
}

/* By whole cells and powers of two, so that nothing is rounded. */
static void test_shift(void **state)
{
    heat_points moved = points;
    rm_heatmap_options options = variant(0);
    (void)state;
    for (int i = 0; i < POINTS; i++) {
        moved.x[i] -= 32768;
        moved.y[i] += 8192;
    }
    write_points("other.csv", &moved);
    for (int32_t kernel = RM_KERNEL_QUARTIC; kernel <= RM_KERNEL_UNIFORM; kernel++) {
        options.kernel = kernel;
        rm_heatmap *one = make_map("points.csv", &options),
                   *other = make_map("other.csv", &options);
        rm_grid a = grid_of(one), b = grid_of(other);
        assert_true(b.left == a.left - 32768 && b.top == a.top + 8192);
        assert_true(a.columns == b.columns && a.rows == b.rows);
        float *p = values_of(one, 0), *q = values_of(other, 0);
        assert_memory_equal(p, q, (size_t)cells_of(one) * sizeof *p);
        free(p);
        free(q);
        rm_heatmap_free(one);
        rm_heatmap_free(other);
    }
}

/* (x, y) -> (-y, x) about a corner of a cell: row r becomes a column counted from the left, and
 * columns rows. Sums run along rows, so the last bits may differ. */
static void test_quarter_turn(void **state)
{
    heat_points turned = points;
    rm_heatmap_options options = variant(0);
    (void)state;
    for (int i = 0; i < POINTS; i++) {
        turned.x[i] = ORIGIN_X - (points.y[i] - ORIGIN_Y);
        turned.y[i] = ORIGIN_Y + (points.x[i] - ORIGIN_X);
    }
    write_points("other.csv", &turned);
    rm_heatmap *one = make_map("points.csv", &options), *other = make_map("other.csv", &options);
    rm_grid a = grid_of(one), b = grid_of(other);
    float *p = values_of(one, 0), *q = values_of(other, 0);
    assert_true(a.columns == b.rows && a.rows == b.columns);
    for (int64_t r = 0; r < a.rows; r++)
        for (int64_t c = 0; c < a.columns; c++) {
            /* what was north is west now, and west south */
            float from = p[r * a.columns + c];
            float to = q[(b.rows - 1 - c) * b.columns + r];
            assert_true(fabs((double)from - to) <= 2e-7 * from);
        }
    free(p);
    free(q);
    rm_heatmap_free(one);
    rm_heatmap_free(other);
}

static void test_double_weights(void **state)
{
    heat_points doubled = points;
    (void)state;
    for (int i = 0; i < POINTS; i++)
        doubled.weight[i] *= 2;
    write_points("other.csv", &doubled);
    for (int v = 0; v < VARIANTS; v++) {
        rm_heatmap_options options = variant(v);
        if (options.bandwidth_by == RM_BANDWIDTH_RULE)
            continue; /* to the rule, twice the weight is twice the points */
        rm_heatmap *one = make_map("points.csv", &options), *two = make_map("other.csv", &options);
        float *p = values_of(one, 0), *q = values_of(two, 0);
        assert_int_equal(cells_of(one), cells_of(two));
        for (int64_t i = 0; i < cells_of(one); i++)
            if (!(isnan(p[i]) && isnan(q[i])) && q[i] != 2 * p[i])
                fail_msg("variant %d, cell %lld: %.9g, not twice %.9g", v, (long long)i, q[i],
                         p[i]);
        free(p);
        free(q);
        rm_heatmap_free(one);
        rm_heatmap_free(two);
    }
}

/* ---- contours, and what is no weight ---- */

static void write_text(const char *name, const char *text)
{
    FILE *file = fopen(scratch_path(name), "w");
    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
}

static int stop_at_once(double fraction, const char *message, void *user)
{
    (void)fraction, (void)message, (void)user;
    return 1;
}

/* The same polygons and numbers as in the file. */
static void test_contours_as_a_layer(void **state)
{
    rm_heatmap_options options = some_options();
    rm_heatmap *map = make_map("points.csv", &options);
    rm_heatmap_write_options write = RM_HEATMAP_WRITE_INIT;
    rm_read_options reading = RM_READ_OPTIONS_INIT;
    rm_layer *ours = NULL, *theirs = NULL, *none = NULL;
    rm_error err = {0};
    (void)state;
    reading.column_count = -1;
    assert_int_equal(rm_heatmap_contours(&ours, map, 0, NULL, NULL, &err), RM_OK);
    assert_int_equal(rm_heatmap_write_contours(map, 0, scratch_path("a.gpkg"), &write, &err),
                     RM_OK);
    assert_int_equal(rm_layer_read(&theirs, scratch_path("a.gpkg"), &reading, &err), RM_OK);
    assert_int_equal(unlink(scratch_path("a.gpkg")), 0);
    assert_int_equal(rm_heatmap_contours(NULL, map, 0, NULL, NULL, &err), RM_EINVAL);
    assert_int_equal(rm_heatmap_contours(&none, map, 1, NULL, NULL, &err), RM_EINVAL);
    assert_int_equal(rm_heatmap_contours(&none, NULL, 0, NULL, NULL, &err), RM_EINVAL);
    assert_int_equal(rm_heatmap_contours(&none, map, 0, stop_at_once, NULL, &err), RM_ECANCELLED);
    assert_null(none);
    rm_heatmap_free(map); /* the layer outlives it */
    const rm_rows *a = &ours->rows, *b = &theirs->rows;
    assert_string_equal(ours->name, "contours");
    assert_string_equal(ours->crs, "EPSG:28992");
    assert_int_equal(a->table.rows, 3);
    assert_int_equal(a->table.count, 4);
    assert_int_equal(b->table.count, 4);
    assert_int_equal(a->geometry.features, 3);
    for (int64_t r = 0; r < 3; r++) {
        assert_int_equal(a->ids[r], b->ids[r]);
        assert_true(rm_geometry_area(&a->geometry, r) == rm_geometry_area(&b->geometry, r));
        for (int32_t c = 0; c < 4; c++) {
            assert_string_equal(a->table.columns[c].name, b->table.columns[c].name);
            assert_true(rm_column_number(&a->table.columns[c], r, NULL) ==
                        rm_column_number(&b->table.columns[c], r, NULL));
        }
    }
    assert_true(rm_geometry_area(&a->geometry, 0) > rm_geometry_area(&a->geometry, 2));
    rm_layer_free(ours);
    rm_layer_free(theirs);
}

/* A text is no weight; texts of which some are numbers are. */
static void test_weight_that_is_no_number(void **state)
{
    rm_heatmap_options options = some_options();
    (void)state;
    for (int threads = 1; threads <= 4; threads *= 2) {
        options.threads = threads;
        write_text("texts.csv", "x,y,kind,mixed,empty\n200100,475100,fire,2,\n"
                                "200300,475200,theft,none,\n200200,475300,,1.5,\n");
        options.weight = "kind";
        rm_heatmap *map = NULL;
        rm_error err = {0};
        assert_int_equal(rm_heatmap_make(&map, scratch_path("texts.csv"), &options, &err),
                         RM_EINVAL);
        assert_string_equal(err.message, "field kind holds text, and a weight is a number: name a "
                                         "field with numbers");
        assert_null(map);
        options.weight = "mixed";
        rm_heatmap_facts facts;
        map = make_map("texts.csv", &options);
        rm_heatmap_facts_of(map, &facts);
        assert_true(facts.used == 2 && facts.unweighted == 1);
        rm_heatmap_free(map);
        write_text("dates.geojson",
                   "{\"type\": \"FeatureCollection\", \"features\": [{\"type\": \"Feature\", "
                   "\"properties\": {\"day\": \"2026-01-02\"}, \"geometry\": {\"type\": "
                   "\"Point\", \"coordinates\": [6.1, 52.2]}}]}");
        options.weight = "day";
        options.crs = NULL;
        assert_int_equal(rm_heatmap_make(&map, scratch_path("dates.geojson"), &options, &err),
                         RM_EINVAL);
        assert_non_null(strstr(err.message, "field day holds dates, and a weight is a number"));
        options.crs = "EPSG:28992";
    }
    assert_int_equal(unlink(scratch_path("texts.csv")), 0);
    assert_int_equal(unlink(scratch_path("dates.geojson")), 0);
}

static int teardown(void **state)
{
    for (size_t f = 0; f < sizeof FILES / sizeof *FILES; f++)
        (void)unlink(scratch_path(FILES[f]));
    assert_int_equal(scratch_count(NULL), 0);
    return scratch_teardown(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kernels),
        cmocka_unit_test(test_weights),
        cmocka_unit_test(test_half_life),
        cmocka_unit_test(test_adaptive),
        cmocka_unit_test(test_chosen_bandwidth),
        cmocka_unit_test(test_edges),
        cmocka_unit_test(test_boundaries),
        cmocka_unit_test(test_two_periods),
        cmocka_unit_test(test_per),
        cmocka_unit_test(test_threads),
        cmocka_unit_test(test_order),
        cmocka_unit_test(test_shift),
        cmocka_unit_test(test_quarter_turn),
        cmocka_unit_test(test_double_weights),
        cmocka_unit_test(test_contours_as_a_layer),
        cmocka_unit_test(test_weight_that_is_no_number),
    };
    return cmocka_run_group_tests_name("api_heatmap_values", tests, setup, teardown);
}
