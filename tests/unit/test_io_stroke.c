/* Circular arcs become short straight pieces that keep the area. */
#define _GNU_SOURCE
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include <cmocka.h>

#include "formats.h"

static rm_geometry stroke(const char *wkt, rm_issue_code *verdict)
{
    rm_geometry g = {0};
    OGRGeometryH curve = NULL;
    char *text = (char *)(uintptr_t)wkt;
    assert_int_equal(OGR_G_CreateFromWkt(&text, NULL, &curve), OGRERR_NONE);
    uint8_t *wkb = malloc((size_t)OGR_G_WkbSize(curve));
    OGR_G_ExportToIsoWkb(curve, wkbNDR, wkb);
    assert_int_equal(rm_stroke(NULL, wkb, OGR_G_WkbSize(curve), &g, verdict, &err), RM_OK);
    free(wkb);
    OGR_G_DestroyGeometry(curve);
    return g;
}

static void expect_area(const char *wkt, double exact)
{
    rm_issue_code verdict;
    rm_geometry g = stroke(wkt, &verdict);
    assert_int_equal(verdict, RM_ISSUE_CODES);
    assert_int_equal(g.kind[0], RM_KIND_POLYGON);
    double area = rm_geometry_area(&g, 0);
    if (fabs(area - exact) > 1e-9 * exact + 1e-9)
        fail_msg("%.60s: %.12g instead of %.12g", wkt, area, exact);
    rm_geometry_clear(&g);
}

static void strokes_keep_the_area(void **state)
{
    (void)state;
    const double pi = acos(-1.0);
    expect_area("CURVEPOLYGON (CIRCULARSTRING (100 0,-100 0,100 0))", pi * 1e4);
    expect_area("CURVEPOLYGON (CIRCULARSTRING (10 0,0 10,-10 0,0 -10,10 0))", pi * 100);
    expect_area("CURVEPOLYGON (COMPOUNDCURVE (CIRCULARSTRING (10 0,0 10,-10 0),(-10 0,10 0)))",
                pi * 50);
    /* the other way round */
    expect_area("CURVEPOLYGON (COMPOUNDCURVE (CIRCULARSTRING (-10 0,0 10,10 0),(10 0,-10 0)))",
                pi * 50);
    /* a flat segment, of which a fixed step would lose a share that does not shrink with it */
    double r = (100 * 100 + 0.1 * 0.1) / (2 * 0.1), half = asin(100 / r);
    expect_area("CURVEPOLYGON (COMPOUNDCURVE (CIRCULARSTRING (-100 0,0 0.1,100 0),(100 0,-100 0)))",
                r * r * (half - sin(half) * cos(half)));
    /* a crescent: both sides are arcs */
    expect_area("CURVEPOLYGON (COMPOUNDCURVE (CIRCULARSTRING (-10 0,0 10,10 0),"
                "CIRCULARSTRING (10 0,0 0,-10 0)))",
                pi * 50);
    expect_area("CURVEPOLYGON ((0 0,10 0,10 10,0 10,0 0),CIRCULARSTRING (6 5,4 5,6 5))", 100 - pi);
    expect_area("MULTISURFACE (CURVEPOLYGON (CIRCULARSTRING (1 0,-1 0,1 0)),"
                "((10 0,20 0,20 10,10 10,10 0)))",
                pi + 100);
    /* far from the origin, as all coordinates in RD are */
    expect_area("CURVEPOLYGON (CIRCULARSTRING (155010 463000,154990 463000,155010 463000))",
                pi * 100);
}

static void neighbours_share_their_arc(void **state)
{
    (void)state;
    rm_issue_code verdict;
    rm_geometry a =
        stroke("CIRCULARSTRING (155000 463000,155007.1 463003.3,155010 463010)", &verdict);
    rm_geometry b =
        stroke("CIRCULARSTRING (155010 463010,155007.1 463003.3,155000 463000)", &verdict);
    assert_int_equal(a.points, b.points);
    assert_true(a.points > 50);
    for (int64_t i = 0; i < a.points; i++) {
        assert_true(a.x[i] == b.x[b.points - 1 - i] && a.y[i] == b.y[b.points - 1 - i]);
        if (i > 0) /* one after the other, in short steps */
            assert_true(hypot(a.x[i] - a.x[i - 1], a.y[i] - a.y[i - 1]) < 0.5);
    }
    rm_geometry_clear(&a);
    rm_geometry_clear(&b);
}

static void odd_curves(void **state)
{
    (void)state;
    static const struct {
        const char *wkt;
        int kind;
        int64_t points;
    } cases[] = {
        {"CIRCULARSTRING (0 0,5 0,10 0)", RM_KIND_LINE, 3},
        {"CIRCULARSTRING (0 0,0 0,0 0)", RM_KIND_LINE, 3},
        {"COMPOUNDCURVE ((0 0,1 1),(1 1,2 0))", RM_KIND_LINE, 3},
        {"MULTICURVE ((0 0,1 1),CIRCULARSTRING (0 0,5 0,10 0))", RM_KIND_LINE, 5},
        {"CURVEPOLYGON EMPTY", RM_KIND_NONE, 0},
        {"GEOMETRYCOLLECTION (POINT (1 1),CIRCULARSTRING (0 0,1 1,2 0))", RM_KIND_NONE, 0},
        {"GEOMETRYCOLLECTION (CURVEPOLYGON ((0 0,1 0,1 1,0 0)))", RM_KIND_POLYGON, 4},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        rm_issue_code verdict;
        rm_geometry g = stroke(cases[i].wkt, &verdict);
        if (g.features != 1 || g.kind[0] != cases[i].kind || g.points != cases[i].points)
            fail_msg("%s: kind %d, %d points", cases[i].wkt, g.kind[0], (int)g.points);
        assert_int_equal(verdict != RM_ISSUE_CODES, cases[i].kind == RM_KIND_NONE);
        rm_geometry_clear(&g);
    }
    rm_geometry g = {0};
    rm_issue_code verdict;
    uint8_t wkb[9 + 3 * 16] = {1, 8, 0, 0, 0, 3};
    double bad[6] = {0, 0, NAN, 1, 2, INFINITY};
    memcpy(wkb + 9, bad, sizeof bad);
    assert_int_equal(rm_stroke(NULL, wkb, sizeof wkb, &g, &verdict, &err), RM_OK);
    assert_int_equal(verdict, RM_ISSUE_NOT_FINITE);
    assert_int_equal(rm_stroke(NULL, wkb, sizeof wkb - 1, &g, &verdict, &err), RM_OK);
    assert_int_equal(verdict, RM_ISSUE_MALFORMED);
    assert_int_equal(g.features, 2);
    rm_geometry_clear(&g);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scratch_setup, scratch_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(strokes_keep_the_area),
        TEST(neighbours_share_their_arc),
        TEST(odd_curves),
    };
    GDALAllRegister();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
