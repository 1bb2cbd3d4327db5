#include "feature_distance.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "geo/join.h"
#include "shapes.h"

static void test_segments_that_touch(void **state)
{
    static const struct {
        double p[8];
        bool touch;
    } cases[] = {
        {{0, 0, 2, 2, 0, 2, 2, 0}, true},    /* cross */
        {{0, 0, 2, 0, 1, 0, 1, 5}, true},    /* end on the inside */
        {{0, 0, 2, 0, 2, 0, 3, 1}, true},    /* end on end */
        {{0, 0, 2, 0, 1, 0, 3, 0}, true},    /* overlap on one line */
        {{0, 0, 1, 0, 2, 0, 3, 0}, false},   /* apart on one line */
        {{0, 0, 2, 0, 0, 1, 2, 1}, false},   /* parallel */
        {{0, 0, 4, 4, 3, 2, 4, 0}, false},   /* boxes overlap */
        {{1, 1, 1, 1, 0, 0, 2, 2}, true},    /* a point on a segment */
        {{1, 1, 1, 1, 0, 0, 2, 1.5}, false}, /* a point beside one */
        {{1, 1, 1, 1, 1, 1, 1, 1}, true},    /* two equal points */
        {{0, 0, 1, 0, 1, 0, 1, 0}, true},    /* a point on an end */
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const double *p = cases[i].p;

        assert_int_equal(rm_segments_touch(p[0], p[1], p[2], p[3], p[4], p[5], p[6], p[7]),
                         cases[i].touch);
        assert_int_equal(rm_segments_touch(p[6], p[7], p[4], p[5], p[2], p[3], p[0], p[1]),
                         cases[i].touch);
        assert_int_equal(rm_segment_distance2(p[0], p[1], p[2], p[3], p[4], p[5], p[6], p[7]) ==
                             0.0,
                         cases[i].touch);
    }
}

static void test_distances_by_hand(void **state)
{
    (void)state;
    assert_true(rm_point_segment_distance2(3, 4, 0, 0, 0, 0) == 25);
    assert_true(rm_point_segment_distance2(5, 1, 0, 0, 10, 0) == 1);
    assert_true(rm_point_segment_distance2(13, 4, 0, 0, 10, 0) == 25);
    assert_true(rm_point_segment_distance2(-3, 4, 0, 0, 10, 0) == 25);
    /* exact beside an upright edge of a length that is no binary fraction */
    assert_true(rm_point_segment_distance2(5, 0.05, 0, 0, 0, 0.1) == 25);
    assert_true(rm_segment_distance2(0, 0, 10, 0, 4, 3, 6, 2) == 4);
    assert_true(rm_box_distance2((rm_box){0, 0, 1, 1}, (rm_box){4, 5, 6, 6}) == 25);
    assert_true(rm_box_distance2((rm_box){0, 0, 1, 1}, (rm_box){1, 0.5, 6, 6}) == 0);
}

/* Coordinates among which upright and flat edges, edges of no length and points on edges abound. */
static double grid_or_any(draws *d)
{
    double value = draw(d, 0, 8);

    return 200000 + (draw_below(d, 3) ? floor(value) : value);
}

static void test_several_at_a_time(void **state)
{
    draws d = {23, 0};
    double x[41], y[41];
    int zeros = 0;

    (void)state;
    for (int round = 0; round < 20000; round++) {
        int count = 1 + draw_below(&d, 40);
        double px = grid_or_any(&d), py = grid_or_any(&d), qx = grid_or_any(&d),
               qy = grid_or_any(&d), to_path = INFINITY, to_segment = INFINITY;

        for (int i = 0; i <= count; i++) {
            x[i] = grid_or_any(&d);
            y[i] = grid_or_any(&d);
        }
        if (draw_below(&d, 4) == 0) { /* but for rounding on an edge */
            double along = draw(&d, 0, 1);

            px = x[0] + along * (x[1] - x[0]);
            py = y[0] + along * (y[1] - y[0]);
        }
        for (int i = 0; i < count; i++) {
            to_path =
                fmin(to_path, rm_point_segment_distance2(px, py, x[i], y[i], x[i + 1], y[i + 1]));
            to_segment = fmin(to_segment, rm_point_segment_distance2(x[i], y[i], px, py, qx, qy));
        }
        assert_true(rm_point_path_distance2(px, py, x, y, count) == to_path);
        assert_true(rm_points_segment_distance2(x, y, count, px, py, qx, qy) == to_segment);
        zeros += to_path == 0.0;
    }
    assert_true(zeros > 100);
}

static void test_point_in_polygon_sides(void **state)
{
    rm_geometry g = {0};

    (void)state;
    SHAPE(&g, RM_KIND_POLYGON, 0, 0, 10, 0, 10, 10, 5, 5, 0, 10, 0, 0);
    RING(&g, 2, 2, 2, 4, 4, 4, 4, 2, 2, 2);
    static const struct {
        double x, y;
        rm_side side;
    } cases[] = {
        {1, 1, RM_INSIDE},     {3, 3, RM_OUTSIDE},   {5, 8, RM_OUTSIDE}, {5, 5, RM_BORDER},
        {0, 0, RM_BORDER},     {10, 10, RM_BORDER},  {2, 3, RM_BORDER},  {4, 4, RM_BORDER},
        {7.5, 7.5, RM_BORDER}, {9, 5, RM_INSIDE},    {1, 5, RM_INSIDE},  {-1, 5, RM_OUTSIDE},
        {11, 10, RM_OUTSIDE},  {-1, 10, RM_OUTSIDE}, {5, 0, RM_BORDER},  {11, 0, RM_OUTSIDE},
        {5, 4, RM_INSIDE},     {1, 4, RM_INSIDE},    {3, 2, RM_BORDER},  {1, 2, RM_INSIDE},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(rm_point_in_polygon(&g, 0, cases[i].x, cases[i].y), cases[i].side);
    rm_geometry_clear(&g);
}

static void make_features(rm_geometry *g, uint64_t seed, int count)
{
    draws d = {seed, 0};

    for (int i = 0; i < count; i++) {
        double x = draw(&d, 0, 100), y = draw(&d, 0, 100);

        add_anything(g, &d, x, y, draw(&d, 0.5, 40));
    }
}

static void test_features_against_geos(void **state)
{
    rm_geometry g = {0};
    GEOSContextHandle_t h = GEOS_init_r();
    int touching = 0;

    (void)state;
    make_features(&g, 5, 90);
    for (int64_t i = 0; i < g.features; i++) {
        GEOSGeometry *a = to_geos(h, &g, i);

        for (int64_t j = 0; j < g.features; j++) {
            GEOSGeometry *b = to_geos(h, &g, j);
            double expected = -1, got = sqrt(feature_distance2(&g, i, &g, j, INFINITY));

            assert_int_equal(GEOSDistance_r(h, a, b, &expected), 1);
            assert_true(fabs(got - expected) <= 1e-9);
            assert_int_equal(feature_distance2(&g, i, &g, j, 0) == 0, GEOSIntersects_r(h, a, b));
            touching += got == 0;
            GEOSGeom_destroy_r(h, b);
        }
        GEOSGeom_destroy_r(h, a);
    }
    assert_true(touching > 500 && touching < 7000);
    GEOS_finish_r(h);
    rm_geometry_clear(&g);
}

static void test_bound_and_symmetry(void **state)
{
    rm_geometry g = {0};

    (void)state;
    make_features(&g, 6, 60);
    for (int64_t i = 0; i < g.features; i++) {
        for (int64_t j = 0; j < g.features; j++) {
            double d2 = feature_distance2(&g, i, &g, j, INFINITY);

            assert_true(feature_distance2(&g, j, &g, i, INFINITY) == d2);
            assert_true(feature_distance2(&g, i, &g, j, d2) == d2);
            if (d2 > 0)
                assert_true(feature_distance2(&g, i, &g, j, 0.999 * d2) == INFINITY);
        }
    }
    rm_geometry_clear(&g);
}

static void test_no_geometry_is_far(void **state)
{
    rm_geometry g = {0};

    (void)state;
    OK(rm_geometry_add_feature(&g, RM_KIND_POLYGON, NULL));
    add_rectangle(&g, 0, 0, 1, 1);
    assert_true(feature_distance2(&g, 0, &g, 1, INFINITY) == INFINITY);
    assert_true(feature_distance2(&g, 1, &g, 0, INFINITY) == INFINITY);
    assert_true(feature_distance2(&g, 0, &g, 1, 0) == INFINITY);
    rm_geometry_clear(&g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_segments_that_touch),   cmocka_unit_test(test_distances_by_hand),
        cmocka_unit_test(test_several_at_a_time),     cmocka_unit_test(test_point_in_polygon_sides),
        cmocka_unit_test(test_features_against_geos), cmocka_unit_test(test_bound_and_symmetry),
        cmocka_unit_test(test_no_geometry_is_far),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
