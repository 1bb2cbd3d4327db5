#include "data/geometry.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>
#include <geos_c.h>

static rm_error err;

#define OK(call) assert_int_equal((call), RM_OK)

static void add_polygon(rm_geometry *g, const double *x, const double *y, int64_t count)
{
    OK(rm_geometry_add_feature(g, RM_KIND_POLYGON, &err));
    OK(rm_geometry_add_part(g, &err));
    OK(rm_geometry_add_ring(g, x, y, count, &err));
}

/* A square of side `side` with its lower left corner at (x, y), anticlockwise and closed. */
static void add_square(rm_geometry *g, double x, double y, double side)
{
    const double xs[] = {x, x + side, x + side, x, x};
    const double ys[] = {y, y, y + side, y + side, y};
    add_polygon(g, xs, ys, 5);
}

static void add_hole(rm_geometry *g, double x, double y, double side)
{
    const double xs[] = {x, x, x + side, x + side, x};
    const double ys[] = {y, y + side, y + side, y, y};
    OK(rm_geometry_add_ring(g, xs, ys, 5, &err));
}

static void test_build_offsets(void **state)
{
    (void)state;
    rm_geometry g = {0};
    OK(rm_geometry_add_point(&g, 1.0, 2.0, &err));
    add_square(&g, 0.0, 0.0, 10.0);
    add_hole(&g, 1.0, 1.0, 2.0);
    OK(rm_geometry_add_part(&g, &err));
    add_hole(&g, 20.0, 0.0, 3.0);
    OK(rm_geometry_add_feature(&g, RM_KIND_LINE, &err));
    const int32_t feature_part[] = {0, 1, 3, 3};
    const int32_t part_ring[] = {0, 1, 3, 4};
    const int32_t ring_point[] = {0, 1, 6, 11, 16};
    assert_int_equal(g.features, 3);
    assert_memory_equal(g.feature_part, feature_part, sizeof feature_part);
    assert_memory_equal(g.part_ring, part_ring, sizeof part_ring);
    assert_memory_equal(g.ring_point, ring_point, sizeof ring_point);
    assert_int_equal(g.kind[0], RM_KIND_POINT);
    assert_int_equal(g.kind[1], RM_KIND_POLYGON);
    assert_int_equal(g.kind[2], RM_KIND_NONE); /* no parts, whatever was asked for */
    rm_geometry_clear(&g);
    assert_null(g.x);
}

static void test_many_features_grow(void **state)
{
    (void)state;
    rm_geometry g = {0};
    for (int i = 0; i < 10000; i++) {
        OK(rm_geometry_add_point(&g, i, -i, &err));
        add_square(&g, i, i, 1.0);
    }
    assert_int_equal(g.points, 60000);
    for (int i = 0; i < 10000; i++) {
        int64_t point = g.ring_point[g.part_ring[g.feature_part[2 * i]]];
        assert_true(g.x[point] == i && g.y[point] == -i);
        assert_true(rm_geometry_area(&g, 2 * i + 1) == 1.0);
    }
    rm_geometry_clear(&g);
}

static void test_is_points(void **state)
{
    (void)state;
    rm_geometry g = {0};
    const double x[] = {1.0, 2.0}, y[] = {3.0, 4.0};
    assert_true(rm_geometry_is_points(&g));
    OK(rm_geometry_add_point(&g, 1.0, 2.0, &err));
    OK(rm_geometry_add_feature(&g, RM_KIND_POINT, &err));
    OK(rm_geometry_add_part(&g, &err));
    OK(rm_geometry_add_ring(&g, x, y, 1, &err));
    assert_true(rm_geometry_is_points(&g));
    OK(rm_geometry_add_feature(&g, RM_KIND_NONE, &err));
    assert_false(rm_geometry_is_points(&g));
    /* a multipoint of two makes the counts equal again, but feature i is not coordinate i */
    OK(rm_geometry_add_feature(&g, RM_KIND_POINT, &err));
    for (int i = 0; i < 2; i++) {
        OK(rm_geometry_add_part(&g, &err));
        OK(rm_geometry_add_ring(&g, x + i, y + i, 1, &err));
    }
    assert_int_equal(g.points, g.features);
    assert_false(rm_geometry_is_points(&g));
    rm_geometry_reset(&g);
    assert_true(rm_geometry_is_points(&g));
    OK(rm_geometry_add_feature(&g, RM_KIND_LINE, &err));
    OK(rm_geometry_add_part(&g, &err));
    OK(rm_geometry_add_ring(&g, x, y, 1, &err));
    assert_false(rm_geometry_is_points(&g));
    rm_geometry_clear(&g);
}

static void test_area_of_shells_less_holes(void **state)
{
    (void)state;
    rm_geometry g = {0};
    add_square(&g, 200000.0, 500000.0, 10.0);
    add_hole(&g, 200001.0, 500001.0, 2.0);
    OK(rm_geometry_add_part(&g, &err));
    add_hole(&g, 200020.0, 500000.0, 3.0); /* a clockwise shell counts as any other */
    assert_true(rm_geometry_area(&g, 0) == 105.0);
    OK(rm_geometry_add_point(&g, 1.0, 1.0, &err));
    OK(rm_geometry_add_feature(&g, RM_KIND_NONE, &err));
    assert_true(rm_geometry_area(&g, 1) == 0.0);
    assert_true(rm_geometry_area(&g, 2) == 0.0);
    rm_geometry_clear(&g);
}

static void test_area_of_open_ring_counts_as_closed(void **state)
{
    (void)state;
    rm_geometry g = {0};
    const double x[] = {0.0, 4.0, 5.0, 1.0}, y[] = {0.0, 1.0, 6.0, 7.0};
    add_polygon(&g, x, y, 4);
    const double cx[] = {0.0, 4.0, 5.0, 1.0, 0.0}, cy[] = {0.0, 1.0, 6.0, 7.0, 0.0};
    add_polygon(&g, cx, cy, 5);
    assert_true(rm_geometry_area(&g, 0) == rm_geometry_area(&g, 1));
    assert_true(rm_geometry_area(&g, 0) == 24.0);
    rm_geometry_clear(&g);
}

/* A thin sliver far from the origin, whose area is known exactly: it is a parallelogram. The plain
 * shoelace formula is wrong in its third digit here. */
static void test_area_keeps_digits_of_sliver(void **state)
{
    (void)state;
    rm_geometry g = {0};
    const double width = 0x1p-20;
    const double x[] = {155000.0, 155100.0, 155100.0 + width, 155000.0 + width, 155000.0};
    const double y[] = {463000.0, 463100.0, 463100.0, 463000.0, 463000.0};
    add_polygon(&g, x, y, 5);
    assert_true(rm_geometry_area(&g, 0) == 100.0 * width);
    rm_geometry_clear(&g);
}

/* Pseudo-random star of n corners around (cx, cy); coordinates are multiples of 1 mm. */
static void make_star(double *x, double *y, int n, double cx, double cy, unsigned seed)
{
    for (int i = 0; i < n; i++) {
        seed = seed * 1664525U + 1013904223U;
        double radius = 20.0 + (seed >> 16) % 1000 / 10.0;
        double angle = 6.283185307179586 * i / n;
        x[i] = round((cx + radius * cos(angle)) * 1024.0) / 1024.0;
        y[i] = round((cy + radius * sin(angle)) * 1024.0) / 1024.0;
    }
    x[n] = x[0];
    y[n] = y[0];
}

static double long_area(const double *x, const double *y, int n)
{
    long double sum = 0.0L;
    for (int i = 1; i + 1 < n; i++)
        sum += (long double)(x[i] - x[0]) * (y[i + 1] - y[0]) -
               (long double)(x[i + 1] - x[0]) * (y[i] - y[0]);
    return (double)(fabsl(sum) / 2.0L);
}

static void test_area_does_not_change_under_shift_and_turn(void **state)
{
    (void)state;
    enum { n = 57 };
    double x[n + 1], y[n + 1], sx[n + 1], sy[n + 1];
    for (unsigned seed = 1; seed < 50; seed++) {
        rm_geometry g = {0};
        make_star(x, y, n, 200000.0, 500000.0, seed);
        add_polygon(&g, x, y, n + 1);
        for (int i = 0; i <= n; i++) { /* a quarter turn, and a shift by a power of two */
            sx[i] = -y[i];
            sy[i] = x[i] + 131072.0;
        }
        add_polygon(&g, sx, sy, n + 1);
        for (int i = 0; i <= n; i++) { /* turned round, and begun elsewhere */
            sx[i] = x[(2 * n - i + 17) % n];
            sy[i] = y[(2 * n - i + 17) % n];
        }
        add_polygon(&g, sx, sy, n + 1);
        double area = rm_geometry_area(&g, 0);
        assert_true(fabs(area - long_area(x, y, n + 1)) <= 2e-16 * area);
        assert_true(rm_geometry_area(&g, 1) == area);
        assert_true(rm_geometry_area(&g, 2) == area);
        rm_geometry_clear(&g);
    }
}

static void test_area_agrees_with_geos(void **state)
{
    (void)state;
    enum { n = 101 };
    double x[n + 1], y[n + 1], area;
    GEOSContextHandle_t geos = GEOS_init_r();
    rm_geometry g = {0};
    make_star(x, y, n, 90000.0, 430000.0, 7);
    add_polygon(&g, x, y, n + 1);
    add_hole(&g, 89999.0, 429999.0, 2.0);
    uint8_t wkb[4096];
    int64_t size = rm_geometry_wkb(&g, 0, false, NULL);
    assert_true(size > 0 && size <= (int64_t)sizeof wkb);
    assert_int_equal(rm_geometry_wkb(&g, 0, false, wkb), size);
    GEOSGeometry *theirs = GEOSGeomFromWKB_buf_r(geos, wkb, (size_t)size);
    assert_non_null(theirs);
    assert_int_equal(GEOSArea_r(geos, theirs, &area), 1);
    assert_true(fabs(area - rm_geometry_area(&g, 0)) < 1e-9 * area);
    GEOSGeom_destroy_r(geos, theirs);
    GEOS_finish_r(geos);
    rm_geometry_clear(&g);
}

static void test_box_and_extent(void **state)
{
    (void)state;
    rm_geometry g = {0};
    assert_true(rm_box_is_empty(rm_geometry_extent(&g)));
    OK(rm_geometry_add_feature(&g, RM_KIND_NONE, &err));
    assert_true(rm_box_is_empty(rm_geometry_extent(&g)));
    assert_true(rm_box_is_empty(rm_geometry_box(&g, 0)));
    add_square(&g, 3.0, 4.0, 2.0);
    OK(rm_geometry_add_point(&g, -7.0, 100.0, &err));
    rm_box box = rm_geometry_box(&g, 1);
    assert_true(box.xmin == 3.0 && box.ymin == 4.0 && box.xmax == 5.0 && box.ymax == 6.0);
    box = rm_geometry_extent(&g);
    assert_true(box.xmin == -7.0 && box.ymin == 4.0 && box.xmax == 5.0 && box.ymax == 100.0);
    g.kind[2] = RM_KIND_NONE; /* its coordinate stays, but counts no more */
    assert_true(rm_box_is_empty(rm_geometry_box(&g, 2)));
    assert_true(rm_geometry_extent(&g).xmin == 3.0);
    rm_geometry_clear(&g);
}

static void assert_same_feature(const rm_geometry *a, int64_t fa, const rm_geometry *b, int64_t fb)
{
    uint8_t left[1024], right[1024];
    int64_t size = rm_geometry_wkb(a, fa, false, NULL);
    assert_int_equal(rm_geometry_wkb(b, fb, false, NULL), size);
    assert_true(size <= (int64_t)sizeof left);
    rm_geometry_wkb(a, fa, false, left);
    rm_geometry_wkb(b, fb, false, right);
    assert_memory_equal(left, right, (size_t)size);
}

static void make_mix(rm_geometry *g)
{
    OK(rm_geometry_add_feature(g, RM_KIND_NONE, &err));
    add_square(g, 0.0, 0.0, 10.0);
    add_hole(g, 1.0, 1.0, 1.0);
    OK(rm_geometry_add_part(g, &err));
    add_hole(g, 30.0, 0.0, 5.0);
    OK(rm_geometry_add_point(g, 5.0, 6.0, &err));
    add_square(g, 50.0, 0.0, 10.0);
}

static void test_copies(void **state)
{
    (void)state;
    rm_geometry from = {0}, to = {0};
    make_mix(&from);
    for (int64_t i = from.features - 1; i >= 0; i--)
        OK(rm_geometry_add_copy(&to, &from, i, &err));
    for (int64_t i = 0; i < from.features; i++)
        assert_same_feature(&from, i, &to, from.features - 1 - i);
    OK(rm_geometry_add_all(&to, &from, &err));
    for (int64_t i = 0; i < from.features; i++)
        assert_same_feature(&from, i, &to, from.features + i);
    for (int round = 0; round < 20; round++) /* of itself, while its arrays move */
        OK(rm_geometry_add_copy(&to, &to, 2, &err));
    assert_same_feature(&from, 1, &to, to.features - 1);
    assert_false(rm_geometry_is_points(&to));
    rm_geometry_reset(&to);
    OK(rm_geometry_add_copy(&to, &from, 2, &err));
    assert_true(rm_geometry_is_points(&to));
    from.kind[1] = RM_KIND_NONE;
    OK(rm_geometry_add_copy(&to, &from, 1, &err)); /* what is unused is not copied */
    assert_int_equal(to.points, 1);
    rm_geometry_clear(&from);
    rm_geometry_clear(&to);
    OK(rm_geometry_add_all(&to, &from, &err));
    assert_int_equal(to.features, 0);
}

static void test_close_rings(void **state)
{
    (void)state;
    rm_geometry g = {0};
    rm_issues issues = {0};
    const int64_t ids[] = {11, 12, 13, 14, 15, 16, 17};
    const double x[] = {0.0, 4.0, 4.0, 0.0, 0.0}, y[] = {0.0, 0.0, 4.0, 4.0, 0.0};
    const double y_near[] = {0.0, 0.0, 4.0, 4.0, 0.0009}, y_far[] = {0.0, 0.0, 4.0, 4.0, 0.35};
    add_polygon(&g, x, y, 5);
    add_polygon(&g, x, y_near, 5);
    add_polygon(&g, x, y_far, 5);
    add_polygon(&g, x, y, 3);
    OK(rm_geometry_add_feature(&g, RM_KIND_LINE, &err));
    OK(rm_geometry_add_part(&g, &err));
    OK(rm_geometry_add_ring(&g, x, y, 2, &err));
    OK(rm_geometry_add_part(&g, &err));
    OK(rm_geometry_add_ring(&g, x, y, 1, &err));
    OK(rm_geometry_add_point(&g, 1.0, 1.0, &err));
    OK(rm_geometry_add_feature(&g, RM_KIND_LINE, &err)); /* open, as lines are */
    OK(rm_geometry_add_part(&g, &err));
    OK(rm_geometry_add_ring(&g, x, y, 2, &err));
    OK(rm_geometry_close_rings(&g, ids, &issues, &err));
    const uint8_t kinds[] = {RM_KIND_POLYGON, RM_KIND_POLYGON, RM_KIND_NONE, RM_KIND_NONE,
                             RM_KIND_NONE,    RM_KIND_POINT,   RM_KIND_LINE};
    assert_memory_equal(g.kind, kinds, sizeof kinds);
    assert_int_equal(issues.count, 4);
    assert_int_equal(issues.items[0].code, RM_ISSUE_CLOSED);
    assert_int_equal(issues.items[0].feature, 12);
    assert_true(issues.items[0].a == 0.0009);
    assert_true(g.y[9] == 0.0);
    assert_int_equal(issues.items[1].code, RM_ISSUE_UNCLOSED);
    assert_true(issues.items[1].a == 0.35);
    assert_int_equal(issues.items[2].code, RM_ISSUE_TOO_FEW_POINTS);
    assert_true(issues.items[2].a == 3.0 && issues.items[2].b == 4.0);
    assert_int_equal(issues.items[3].code, RM_ISSUE_TOO_FEW_POINTS);
    assert_int_equal(issues.items[3].feature, 15);
    OK(rm_geometry_close_rings(&g, ids, &issues, &err)); /* nothing is left to find */
    assert_int_equal(issues.count, 4);
    rm_issues_clear(&issues);
    rm_geometry_clear(&g);
}

static void test_more_than_int32_is_refused(void **state)
{
    (void)state;
    rm_geometry g = {0};
    OK(rm_geometry_add_feature(&g, RM_KIND_LINE, &err));
    OK(rm_geometry_add_part(&g, &err));
    assert_int_equal(rm_geometry_open_ring(&g, (int64_t)INT32_MAX + 1, &err), RM_ELIMIT);
    assert_non_null(strstr(err.message, "2147483647"));
    assert_int_equal(g.rings, 0);
    assert_int_equal(g.points, 0);
    rm_geometry_clear(&g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_build_offsets),
        cmocka_unit_test(test_many_features_grow),
        cmocka_unit_test(test_is_points),
        cmocka_unit_test(test_area_of_shells_less_holes),
        cmocka_unit_test(test_area_of_open_ring_counts_as_closed),
        cmocka_unit_test(test_area_keeps_digits_of_sliver),
        cmocka_unit_test(test_area_does_not_change_under_shift_and_turn),
        cmocka_unit_test(test_area_agrees_with_geos),
        cmocka_unit_test(test_box_and_extent),
        cmocka_unit_test(test_copies),
        cmocka_unit_test(test_close_rings),
        cmocka_unit_test(test_more_than_int32_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
