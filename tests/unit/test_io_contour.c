/* The polygons of a raster above levels: by hand, against the formula of a cone, and on noise with
 * GEOS as the judge. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <geos_c.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "geo_oracle.h"

#include "io/raster/contour.h"

#define N NAN

static rm_grid grid_of(int64_t columns, int64_t rows)
{
    return (rm_grid){200000.0, 500000.0, 25.0, columns, rows};
}

static GEOSContextHandle_t geos;

static int start_geos(void **state)
{
    (void)state;
    geos = GEOS_init_r();
    return geos ? 0 : -1;
}

static int stop_geos(void **state)
{
    (void)state;
    GEOS_finish_r(geos);
    return 0;
}

static rm_geometry contour(const float *values, const rm_grid *grid, const double *levels,
                           int32_t count)
{
    rm_geometry out = {0};
    rm_error err = {0};
    if (rm_contour(&out, values, grid, levels, count, NULL, &err) != RM_OK)
        fail_msg("%s", err.message);
    assert_int_equal(out.features, count);
    return out;
}

/* Valid, and every centre on its side. */
static void assert_sound(const rm_geometry *g, int64_t f, const float *values, const rm_grid *grid,
                         double level)
{
    GEOSGeometry *area = geos_feature(geos, g, f);
    const GEOSPreparedGeometry *prepared = GEOSPrepare_r(geos, area);
    if (GEOSisValid_r(geos, area) != 1)
        fail_msg("level %g: %s", level, GEOSisValidReason_r(geos, area));
    for (int64_t i = 0; i < grid->rows * grid->columns; i++) {
        double x = grid->left + ((double)(i % grid->columns) + 0.5) * grid->cell;
        double y = grid->top - ((double)(i / grid->columns) + 0.5) * grid->cell;
        GEOSGeometry *centre = GEOSGeom_createPointFromXY_r(geos, x, y);
        bool inside = GEOSPreparedContains_r(geos, prepared, centre) == 1;
        bool touches = GEOSPreparedIntersects_r(geos, prepared, centre) == 1;
        bool above = (double)values[i] > level;
        if (inside != above || touches != above)
            fail_msg("level %g: the centre of cell %d is %s", level, (int)i,
                     touches ? "inside" : "outside");
        GEOSGeom_destroy_r(geos, centre);
    }
    GEOSPreparedGeom_destroy_r(geos, prepared);
    GEOSGeom_destroy_r(geos, area);
}

static void assert_nested(const rm_geometry *g, int64_t lower, int64_t higher)
{
    GEOSGeometry *a = geos_feature(geos, g, lower), *b = geos_feature(geos, g, higher);
    double within = 0.0;
    GEOSGeometry *rest = GEOSDifference_r(geos, b, a);
    assert_non_null(rest);
    GEOSArea_r(geos, rest, &within);
    if (within > 1e-6)
        fail_msg("%g of the higher level lies outside the lower", within);
    GEOSGeom_destroy_r(geos, rest);
    GEOSGeom_destroy_r(geos, a);
    GEOSGeom_destroy_r(geos, b);
}

static void test_one_cell_is_its_square(void **state)
{
    (void)state;
    const float value = 5.0f;
    rm_grid grid = grid_of(1, 1);
    const double levels[] = {4.0, 5.0, 6.0};
    rm_geometry g = contour(&value, &grid, levels, 3);
    assert_int_equal(g.kind[0], RM_KIND_POLYGON);
    assert_int_equal(g.points, 5);
    assert_float_equal(rm_geometry_area(&g, 0), 625.0, 0.0);
    assert_int_equal(g.kind[1], RM_KIND_NONE); /* equal is not above */
    assert_int_equal(g.kind[2], RM_KIND_NONE);
    rm_geometry_clear(&g);
}

static void test_a_peak_is_a_diamond(void **state)
{
    (void)state;
    const float values[] = {0, 0, 0, 0, 8, 0, 0, 0, 0};
    rm_grid grid = grid_of(3, 3);
    const double levels[] = {2.0, 4.0};
    rm_geometry g = contour(values, &grid, levels, 2);
    assert_int_equal(g.parts, 2);
    assert_int_equal(g.points, 10);
    /* diagonals of 2 * 0.75 and 2 * 0.5 cells */
    assert_float_equal(rm_geometry_area(&g, 0), 0.5 * 37.5 * 37.5, 1e-9);
    assert_float_equal(rm_geometry_area(&g, 1), 0.5 * 25.0 * 25.0, 1e-9);
    rm_geometry_clear(&g);
}

static void test_a_saddle_is_joined_by_its_mean(void **state)
{
    (void)state;
    const float values[] = {8, 0, 0, 8};
    rm_grid grid = grid_of(2, 2);
    const double levels[] = {3.9, 4.1};
    rm_geometry g = contour(values, &grid, levels, 2);
    assert_int_equal(g.feature_part[1] - g.feature_part[0], 1);
    assert_int_equal(g.feature_part[2] - g.feature_part[1], 2);
    assert_nested(&g, 0, 1);
    rm_geometry_clear(&g);
}

static void test_all_above_is_the_raster(void **state)
{
    (void)state;
    float values[7 * 4];
    rm_grid grid = grid_of(7, 4);
    const double levels[] = {0.0, -INFINITY, INFINITY};
    for (int i = 0; i < 28; i++)
        values[i] = 1.0f + (float)i;
    rm_geometry g = contour(values, &grid, levels, 3);
    assert_float_equal(rm_geometry_area(&g, 0), 28 * 625.0, 0.0);
    assert_float_equal(rm_geometry_area(&g, 1), 28 * 625.0, 0.0);
    assert_int_equal(g.kind[2], RM_KIND_NONE);
    assert_int_equal(g.points, 10); /* straight borders have no corners between */
    rm_geometry_clear(&g);
}

static void test_nodata_is_a_hole_with_the_border_of_its_cell(void **state)
{
    (void)state;
    const float values[] = {3, 3, 3, 3, N, 3, 3, 3, 3};
    rm_grid grid = grid_of(3, 3);
    const double level = 1.0;
    rm_geometry g = contour(values, &grid, &level, 1);
    assert_int_equal(g.parts, 1);
    assert_int_equal(g.rings, 2);
    assert_float_equal(rm_geometry_area(&g, 0), 8 * 625.0, 0.0);
    assert_sound(&g, 0, values, &grid, level);
    rm_geometry_clear(&g);
}

static void test_cells_that_meet_in_a_corner_do_not_touch(void **state)
{
    (void)state;
    const float apart[] = {3, N, N, 3}, around[] = {3, 3, 3, 3, N, 3, 3, 3, N};
    rm_grid grid = grid_of(2, 2), larger = grid_of(3, 3);
    const double level = 1.0;
    rm_geometry g = contour(apart, &grid, &level, 1);
    assert_int_equal(g.parts, 2);
    assert_sound(&g, 0, apart, &grid, level);
    assert_float_equal(rm_geometry_area(&g, 0), 2 * 625.0, 1e-3 * 625.0);
    rm_geometry_clear(&g);
    g = contour(around, &larger, &level, 1);
    assert_sound(&g, 0, around, &larger, level);
    assert_float_equal(rm_geometry_area(&g, 0), 7 * 625.0, 1e-3 * 625.0);
    rm_geometry_clear(&g);
}

static void test_islands_in_lakes_in_islands(void **state)
{
    (void)state;
    enum { SIDE = 41 };
    float values[SIDE * SIDE];
    rm_grid grid = grid_of(SIDE, SIDE);
    const double level = 0.5;
    for (int i = 0; i < SIDE * SIDE; i++) {
        int dx = abs(i % SIDE - SIDE / 2), dy = abs(i / SIDE - SIDE / 2);
        values[i] = (float)((dx > dy ? dx : dy) / 3 % 2);
    }
    rm_geometry g = contour(values, &grid, &level, 1);
    assert_int_equal(g.parts, 3); /* frames at 3, 9 and 15 cells from the middle */
    assert_int_equal(g.rings, 6);
    assert_sound(&g, 0, values, &grid, level);
    rm_geometry_clear(&g);
}

/* A spiral: a hole whose western neighbour in the row is itself, many times over. */
static void test_combs_that_hold_one_another(void **state)
{
    (void)state;
    const char *const rows[] = {
        "###############", "#.............#", "#.###########.#", "#.#.........#.#",
        "#.#.#######.#.#", "#.#.#.....#.#.#", "#.#.#.###.#...#", "#.#.#...#.#.#.#",
        "#.#.#####.#.###", "#.#.......#...#", "#.#########.#.#", "#...........#.#",
        "###############",
    };
    float values[15 * 13];
    rm_grid grid = grid_of(15, 13);
    const double level = 0.5;
    for (int i = 0; i < 15 * 13; i++)
        values[i] = rows[i / 15][i % 15] == '#' ? 1.0f : 0.0f;
    rm_geometry g = contour(values, &grid, &level, 1);
    assert_sound(&g, 0, values, &grid, level);
    rm_geometry_clear(&g);
}

/* Chords of a circle of radius r lie at most h^2 / (4 r) within it, and the surface between
 * centres at most h^2 / (8 r) beside the cone: together under h^2 / r * 0.4 along the circle. */
static void test_area_of_a_cone(void **state)
{
    (void)state;
    enum { SIDE = 201 };
    float *values = malloc(sizeof(float) * SIDE * SIDE);
    rm_grid grid = grid_of(SIDE, SIDE);
    const double levels[] = {10.0, 30.0, 55.5, 80.0, 95.0};
    for (int i = 0; i < SIDE * SIDE; i++)
        values[i] = (float)(100.0 - hypot(i % SIDE - 100.3, i / SIDE - 99.6));
    rm_geometry g = contour(values, &grid, levels, 5);
    for (int l = 0; l < 5; l++) {
        double radius = 25.0 * (100.0 - levels[l]), pi = 3.14159265358979;
        assert_int_equal(g.feature_part[l + 1] - g.feature_part[l], 1);
        assert_float_equal(rm_geometry_area(&g, l), pi * radius * radius,
                           0.4 * 625.0 / radius * 2.0 * pi * radius);
        assert_sound(&g, l, values, &grid, levels[l]);
        if (l > 0)
            assert_nested(&g, l - 1, l);
    }
    rm_geometry_clear(&g);
    free(values);
}

static void test_area_of_a_bump_cut_by_the_edge(void **state)
{
    (void)state;
    enum { SIDE = 120 };
    float *values = malloc(sizeof(float) * SIDE * SIDE);
    rm_grid grid = grid_of(SIDE, SIDE);
    const double level = 0.5;
    for (int i = 0; i < SIDE * SIDE; i++) { /* its top in the south-west corner of the raster */
        double x = i % SIDE + 0.5, y = SIDE - i / SIDE - 0.5;
        values[i] = (float)exp(-(x * x + y * y) / (2.0 * 40.0 * 40.0));
    }
    rm_geometry g = contour(values, &grid, &level, 1);
    double radius = 25.0 * 40.0 * sqrt(2.0 * log(2.0));
    double area = 3.14159265358979 * radius * radius / 4.0;
    assert_float_equal(rm_geometry_area(&g, 0), area, 1e-3 * area);
    assert_sound(&g, 0, values, &grid, level);
    rm_geometry_clear(&g);
    free(values);
}

/* Few different values, many of them equal to a level, and holes of nodata. */
static void noise(float *values, int count, dice *d, int kinds, double missing)
{
    for (int i = 0; i < count; i++)
        values[i] = roll(d, 0.0, 1.0) < missing ? N
                    : kinds                     ? (float)roll_below(d, kinds)
                                                : (float)roll(d, 0.0, 4.0);
}

static void test_noise(void **state)
{
    (void)state;
    enum { COLUMNS = 23, ROWS = 17 };
    float values[COLUMNS * ROWS];
    const double levels[] = {-1.0, 0.0, 0.5, 1.0, 1.5, 2.0, 3.0};
    rm_grid grid = grid_of(COLUMNS, ROWS);
    dice d = {.seed = 11};
    for (int round = 0; round < 60; round++) {
        noise(values, COLUMNS * ROWS, &d,
              round % 3 == 0   ? 0
              : round % 3 == 1 ? 2
                               : 5,
              round % 4 * 0.12);
        rm_geometry g = contour(values, &grid, levels, 7);
        for (int l = 0; l < 7; l++) {
            assert_sound(&g, l, values, &grid, levels[l]);
            if (l > 0)
                assert_nested(&g, l - 1, l);
        }
        rm_geometry_clear(&g);
    }
}

/* A quarter turn takes the polygons along; a move by a power of two moves them. */
static void test_turned_and_moved(void **state)
{
    (void)state;
    enum { COLUMNS = 19, ROWS = 14 };
    float values[COLUMNS * ROWS], turned[COLUMNS * ROWS];
    rm_grid grid = {0.0, 0.0, 2.0, COLUMNS, ROWS}, around = {0.0, 0.0, 2.0, ROWS, COLUMNS};
    const double level = 1.5;
    dice d = {.seed = 5};
    noise(values, COLUMNS * ROWS, &d, 0, 0.1);
    for (int r = 0; r < ROWS; r++)
        for (int c = 0; c < COLUMNS; c++)
            turned[(COLUMNS - 1 - c) * ROWS + r] = values[r * COLUMNS + c];
    rm_geometry a = contour(values, &grid, &level, 1), b = contour(turned, &around, &level, 1);
    grid.left += 4096.0;
    rm_geometry c = contour(values, &grid, &level, 1);
    assert_int_equal(a.rings, b.rings);
    assert_int_equal(a.points, b.points);
    assert_float_equal(rm_geometry_area(&a, 0), rm_geometry_area(&b, 0), 1e-9);
    assert_int_equal(a.points, c.points);
    for (int64_t p = 0; p < a.points; p++) {
        assert_float_equal(a.x[p] + 4096.0, c.x[p], 1e-11);
        assert_float_equal(a.y[p], c.y[p], 0.0);
    }
    rm_geometry_clear(&a);
    rm_geometry_clear(&b);
    rm_geometry_clear(&c);
}

static void test_infinite_values(void **state)
{
    (void)state;
    const float values[] = {0, INFINITY, -INFINITY, INFINITY, N, 0, 2, -INFINITY, INFINITY};
    rm_grid grid = grid_of(3, 3);
    const double levels[] = {1.0, 3.0};
    rm_geometry g = contour(values, &grid, levels, 2);
    assert_sound(&g, 0, values, &grid, levels[0]);
    assert_sound(&g, 1, values, &grid, levels[1]);
    rm_geometry_clear(&g);
}

static void test_nothing_but_nodata(void **state)
{
    (void)state;
    const float values[] = {N, N, N, N, N, N};
    rm_grid grid = grid_of(2, 3);
    const double level = -1.0;
    rm_geometry g = contour(values, &grid, &level, 1);
    assert_int_equal(g.kind[0], RM_KIND_NONE);
    rm_geometry_clear(&g);
}

static void assert_refused(rm_grid grid, double level, const char *message)
{
    const float values[4] = {0, 1, 2, 3};
    rm_geometry out = {0};
    rm_error err = {0};
    assert_int_equal(rm_contour(&out, values, &grid, &level, 1, NULL, &err), RM_EINVAL);
    assert_non_null(strstr(err.message, message));
    assert_int_equal(out.features, 0);
}

static void test_refusals(void **state)
{
    (void)state;
    assert_refused(grid_of(2, 2), N, "level 0 is not a number");
    assert_refused(grid_of(0, 2), 1.0, "no cells");
    assert_refused((rm_grid){0.0, 0.0, -1.0, 2, 2}, 1.0, "no cells");
    assert_refused((rm_grid){0.0, N, 1.0, 2, 2}, 1.0, "not finite");
    assert_refused((rm_grid){6e5, 0.0, 1e-8, 2, 2}, 1.0, "too small");
}

static int stop_at_once(double fraction, const char *message, void *user)
{
    (void)message, (void)user;
    return fraction > 0.4;
}

static void test_cancel(void **state)
{
    (void)state;
    float values[64 * 200] = {1.0f};
    rm_grid grid = grid_of(64, 200);
    const double levels[] = {0.5, 0.25};
    rm_geometry out = {0};
    rm_progress progress;
    rm_error err = {0};
    rm_progress_start(&progress, stop_at_once, NULL);
    assert_int_equal(rm_contour(&out, values, &grid, levels, 2, &progress, &err), RM_ECANCELLED);
    assert_int_equal(out.features, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_cell_is_its_square),
        cmocka_unit_test(test_a_peak_is_a_diamond),
        cmocka_unit_test(test_a_saddle_is_joined_by_its_mean),
        cmocka_unit_test(test_all_above_is_the_raster),
        cmocka_unit_test(test_nodata_is_a_hole_with_the_border_of_its_cell),
        cmocka_unit_test(test_cells_that_meet_in_a_corner_do_not_touch),
        cmocka_unit_test(test_islands_in_lakes_in_islands),
        cmocka_unit_test(test_combs_that_hold_one_another),
        cmocka_unit_test(test_area_of_a_cone),
        cmocka_unit_test(test_area_of_a_bump_cut_by_the_edge),
        cmocka_unit_test(test_noise),
        cmocka_unit_test(test_turned_and_moved),
        cmocka_unit_test(test_infinite_values),
        cmocka_unit_test(test_nothing_but_nodata),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_cancel),
    };
    return cmocka_run_group_tests_name("io_contour", tests, start_geos, stop_geos);
}
