#include "geo/place.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "geo/join.h"
#include "shapes.h"

static void check_place(const rm_geometry *g, int64_t feature, double x, double y)
{
    double xs[16], ys[16];

    assert_true(g->features <= 16);
    OK(rm_place_points(g, xs, ys, NULL));
    assert_true(xs[feature] == x && ys[feature] == y);
}

static void test_by_hand(void **state)
{
    rm_geometry g = {0};

    (void)state;
    OK(rm_geometry_add_point(&g, 3, 4, NULL));
    SHAPE(&g, RM_KIND_LINE, 0, 0, 10, 0);             /* no vertex inside: an end */
    SHAPE(&g, RM_KIND_LINE, 0, 0, 4, 1, 9, 0, 10, 0); /* the vertex nearest to the middle */
    add_rectangle(&g, 0, 0, 10, 4);
    SHAPE(&g, RM_KIND_POLYGON, 0, 0, 10, 0, 10, 10, 8, 10, 8, 2, 2, 2, 2, 10, 0, 10, 0, 0); /* U */
    add_rectangle(&g, 0, 0, 10, 10);
    RING(&g, 2, 2, 9, 2, 9, 8, 2, 8, 2, 2);                 /* the wider side of a hole */
    SHAPE(&g, RM_KIND_POLYGON, 5, 5, 9, 5, 7, 5, 5, 5);     /* flat */
    OK(rm_geometry_add_feature(&g, RM_KIND_POLYGON, NULL)); /* nothing */
    check_place(&g, 0, 3, 4);
    check_place(&g, 1, 0, 0);
    check_place(&g, 2, 4, 1);
    check_place(&g, 3, 5, 2);
    check_place(&g, 4, 1, 6);
    check_place(&g, 5, 1, 5);
    check_place(&g, 6, 5, 5);
    double x[16], y[16];
    OK(rm_place_points(&g, x, y, NULL));
    assert_true(isnan(x[7]) && isnan(y[7]));
    rm_geometry_clear(&g);
}

static void test_points_of_many_parts(void **state)
{
    rm_geometry g = {0};

    (void)state;
    open_feature(&g, RM_KIND_POINT);
    RING(&g, 0, 0);
    for (int i = 1; i < 4; i++) {
        OK(rm_geometry_add_part(&g, NULL));
        RING(&g, (double)i * i, 0.0);
    }
    check_place(&g, 0, 4, 0); /* the mean is 3.5 */
    rm_geometry_clear(&g);
}

/* The same place as GEOS gives, for shapes of every kind; inside, for every polygon. */
static void test_against_geos(void **state)
{
    enum { COUNT = 3000 };
    static double x[COUNT], y[COUNT];
    rm_geometry g = {0};
    draws d = {13, 0};
    GEOSContextHandle_t h = GEOS_init_r();

    (void)state;
    for (int i = 0; i < COUNT; i++) {
        if (i % 3 == 0)
            add_star(&g, &d, 155000, 463000, draw(&d, 1, 100), 3 + draw_below(&d, 60), 1.0);
        else
            add_anything(&g, &d, draw(&d, 10000, 290000), draw(&d, 306000, 619000),
                         draw(&d, 1, 1000));
    }
    OK(rm_place_points(&g, x, y, NULL));
    for (int i = 0; i < COUNT; i++) {
        GEOSGeometry *shape = to_geos(h, &g, i), *point = GEOSPointOnSurface_r(h, shape);
        double px, py;

        GEOSGeomGetX_r(h, point, &px);
        GEOSGeomGetY_r(h, point, &py);
        assert_true(fabs(x[i] - px) <= 1e-9 && fabs(y[i] - py) <= 1e-9);
        if (g.kind[i] == RM_KIND_POLYGON && i % 3 != 0)
            assert_int_equal(rm_point_in_polygon(&g, i, x[i], y[i]), RM_INSIDE);
        GEOSGeom_destroy_r(h, shape);
        GEOSGeom_destroy_r(h, point);
    }
    GEOS_finish_r(h);
    rm_geometry_clear(&g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_by_hand),
        cmocka_unit_test(test_points_of_many_parts),
        cmocka_unit_test(test_against_geos),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
