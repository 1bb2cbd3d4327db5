#include "data/geometry.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static rm_error err;

#define OK(call) assert_int_equal((call), RM_OK)

enum { Z = 1000, M = 2000, ZM = 3000 };

/* WKB under construction, in the byte order that `big` asks for. */
typedef struct builder {
    uint8_t bytes[8192];
    int64_t size;
    bool big;
} builder;

static void put(builder *b, const void *value, int size)
{
    const uint8_t *bytes = value; /* tests run on little-endian machines alone */
    for (int i = 0; i < size; i++)
        b->bytes[b->size++] = bytes[b->big ? size - 1 - i : i];
}

static void number(builder *b, uint32_t value)
{
    put(b, &value, 4);
}

static void head(builder *b, uint32_t type)
{
    b->bytes[b->size++] = !b->big;
    number(b, type);
}

static void xy(builder *b, double x, double y)
{
    put(b, &x, 8);
    put(b, &y, 8);
}

static void point(builder *b, double x, double y)
{
    head(b, 1);
    xy(b, x, y);
}

static void line(builder *b, int count)
{
    head(b, 2);
    number(b, (uint32_t)count);
    for (int i = 0; i < count; i++)
        xy(b, i, 2.0 * i);
}

static void ring(builder *b, double at, double side)
{
    number(b, 5);
    xy(b, at, at);
    xy(b, at + side, at);
    xy(b, at + side, at + side);
    xy(b, at, at + side);
    xy(b, at, at);
}

static void polygon(builder *b, uint32_t type, double at)
{
    head(b, type);
    number(b, 1);
    ring(b, at, 1.0);
}

/* Reads what was built behind whatever g holds. */
static rm_issue_code feed(rm_geometry *g, const builder *b)
{
    rm_issue_code verdict = (rm_issue_code)-1;
    bool curve = true;
    int64_t before = g->features;
    OK(rm_geometry_add_wkb(g, b->bytes, b->size, &verdict, &curve, &err));
    assert_false(curve);
    assert_int_equal(g->features, before + 1);
    assert_int_equal(g->kind[before] == RM_KIND_NONE, verdict != RM_ISSUE_CODES);
    assert_int_equal(g->feature_part[before + 1], g->parts);
    return verdict;
}

static void assert_verdict(const builder *b, rm_issue_code expected)
{
    rm_geometry g = {0};
    OK(rm_geometry_add_point(&g, 9.0, 9.0, &err));
    assert_int_equal(feed(&g, b), expected);
    assert_true(g.x[0] == 9.0 && g.feature_part[1] == 1 && g.ring_point[1] == 1);
    if (expected != RM_ISSUE_CODES)
        assert_int_equal(g.points, 1); /* nothing half-read stays behind */
    rm_geometry_clear(&g);
}

static void assert_shape(const builder *b, rm_kind kind, int parts, int rings, int points)
{
    rm_geometry g = {0};
    assert_int_equal(feed(&g, b), RM_ISSUE_CODES);
    assert_int_equal(g.kind[0], kind);
    assert_int_equal(g.parts, parts);
    assert_int_equal(g.rings, rings);
    assert_int_equal(g.points, points);
    assert_int_equal(g.part_ring[parts], rings);
    assert_int_equal(g.ring_point[rings], points);
    rm_geometry_clear(&g);
}

static void test_point_in_every_dress(void **state)
{
    (void)state;
    static const struct {
        uint32_t type;
        int dimensions;
        bool srid;
    } cases[] = {
        {1, 2, false},           {1 + Z, 3, false},       {1 + M, 3, false},
        {1 + ZM, 4, false},      {0x80000001U, 3, false}, {0x40000001U, 3, false},
        {0xC0000001U, 4, false}, {0x20000001U, 2, true},  {0xE0000001U, 4, true},
    };
    for (size_t i = 0; i < 2 * sizeof cases / sizeof *cases; i++) {
        builder b = {.big = i % 2};
        rm_geometry g = {0};
        head(&b, cases[i / 2].type);
        if (cases[i / 2].srid)
            number(&b, 28992);
        xy(&b, 155000.25, 463000.5);
        double other = NAN; /* Z and M may be anything */
        for (int d = 2; d < cases[i / 2].dimensions; d++)
            put(&b, &other, 8);
        assert_int_equal(feed(&g, &b), RM_ISSUE_CODES);
        assert_int_equal(g.kind[0], RM_KIND_POINT);
        assert_true(g.x[0] == 155000.25 && g.y[0] == 463000.5);
        assert_true(rm_geometry_is_points(&g));
        rm_geometry_clear(&g);
    }
}

static void test_lines_and_polygons(void **state)
{
    (void)state;
    for (int big = 0; big < 2; big++) {
        builder b = {.big = big};
        line(&b, 3);
        assert_shape(&b, RM_KIND_LINE, 1, 1, 3);
        b.size = 0;
        head(&b, 3);
        number(&b, 2);
        ring(&b, 0.0, 10.0);
        ring(&b, 2.0, 1.0);
        assert_shape(&b, RM_KIND_POLYGON, 1, 2, 10);
        rm_geometry g = {0};
        feed(&g, &b);
        assert_true(rm_geometry_area(&g, 0) == 99.0);
        rm_geometry_clear(&g);
    }
}

static void test_multi_kinds(void **state)
{
    (void)state;
    builder b = {0};
    head(&b, 4);
    number(&b, 2);
    point(&b, 1.0, 2.0);
    b.big = true; /* members have a byte order of their own */
    point(&b, 3.0, 4.0);
    b.big = false;
    assert_shape(&b, RM_KIND_POINT, 2, 2, 2);
    b.size = 0;
    head(&b, 5);
    number(&b, 2);
    line(&b, 2);
    line(&b, 4);
    assert_shape(&b, RM_KIND_LINE, 2, 2, 6);
    const uint32_t outer[] = {6, 12, 15, 16}, inner[] = {3, 3, 3, 17};
    for (size_t i = 0; i < 4; i++) {
        b.size = 0;
        head(&b, outer[i]);
        number(&b, 2);
        polygon(&b, inner[i], 0.0);
        polygon(&b, inner[i], 5.0);
        assert_shape(&b, RM_KIND_POLYGON, 2, 2, 10);
    }
    b.size = 0;
    polygon(&b, 17, 0.0);
    assert_shape(&b, RM_KIND_POLYGON, 1, 1, 5);
    b.size = 0;
    head(&b, 11); /* a MultiCurve of straight lines */
    number(&b, 1);
    line(&b, 2);
    assert_shape(&b, RM_KIND_LINE, 1, 1, 2);
}

static void test_collections(void **state)
{
    (void)state;
    builder b = {0};
    head(&b, 7);
    number(&b, 2);
    polygon(&b, 3, 0.0);
    head(&b, 7);
    number(&b, 1);
    head(&b, 6);
    number(&b, 1);
    polygon(&b, 3, 5.0);
    assert_shape(&b, RM_KIND_POLYGON, 2, 2, 10);
    b.size = 0;
    head(&b, 7);
    number(&b, 2);
    point(&b, 1.0, 1.0);
    line(&b, 2);
    assert_verdict(&b, RM_ISSUE_MIXED_COLLECTION);
    b.size = 0;
    head(&b, 7); /* what is empty does not mix */
    number(&b, 3);
    line(&b, 0);
    point(&b, NAN, NAN);
    polygon(&b, 3, 0.0);
    assert_shape(&b, RM_KIND_POLYGON, 1, 1, 5);
}

static void test_empty_is_no_geometry(void **state)
{
    (void)state;
    builder b = {0};
    assert_verdict(&b, RM_ISSUE_NO_GEOMETRY);
    point(&b, NAN, NAN);
    assert_verdict(&b, RM_ISSUE_NO_GEOMETRY);
    for (uint32_t type = 2; type <= 7; type++) {
        b.size = 0;
        head(&b, type);
        number(&b, 0);
        assert_verdict(&b, RM_ISSUE_NO_GEOMETRY);
    }
    b.size = 0;
    head(&b, 3); /* a polygon of one empty ring */
    number(&b, 1);
    number(&b, 0);
    assert_verdict(&b, RM_ISSUE_NO_GEOMETRY);
    rm_geometry g = {0};
    rm_issue_code verdict;
    bool curve;
    OK(rm_geometry_add_wkb(&g, NULL, 0, &verdict, &curve, &err));
    assert_int_equal(verdict, RM_ISSUE_NO_GEOMETRY);
    assert_int_equal(g.features, 1);
    rm_geometry_clear(&g);
}

static void test_empty_parts_are_skipped(void **state)
{
    (void)state;
    builder b = {0};
    head(&b, 6);
    number(&b, 3);
    head(&b, 3);
    number(&b, 0);
    polygon(&b, 3, 0.0);
    head(&b, 3);
    number(&b, 2); /* an empty hole */
    ring(&b, 5.0, 1.0);
    number(&b, 0);
    assert_shape(&b, RM_KIND_POLYGON, 2, 2, 10);
}

static void test_not_finite(void **state)
{
    (void)state;
    const double bad[] = {NAN, INFINITY, -INFINITY};
    for (int i = 0; i < 3; i++)
        for (int axis = 0; axis < 2; axis++)
            for (int big = 0; big < 2; big++) {
                builder b = {.big = big};
                point(&b, axis == 0 ? bad[i] : 1.0, axis == 1 ? bad[i] : 1.0);
                assert_verdict(&b, RM_ISSUE_NOT_FINITE);
                b.size = 0;
                head(&b, 2);
                number(&b, 3);
                xy(&b, 1.0, 1.0);
                xy(&b, axis == 0 ? bad[i] : 1.0, axis == 1 ? bad[i] : 1.0);
                xy(&b, 1.0, 1.0);
                assert_verdict(&b, RM_ISSUE_NOT_FINITE);
            }
}

static void test_curves_are_handed_back(void **state)
{
    (void)state;
    for (int nested = 0; nested < 2; nested++)
        for (uint32_t type = 8; type <= 10; type++) {
            builder b = {0};
            rm_geometry g = {0};
            rm_issue_code verdict;
            bool curve = false;
            OK(rm_geometry_add_point(&g, 9.0, 9.0, &err));
            if (nested) {
                head(&b, type == 10 ? 12 : 11);
                number(&b, 2);
                if (type == 10)
                    polygon(&b, 3, 0.0);
                else
                    line(&b, 2);
            }
            head(&b, type);
            number(&b, 0);
            OK(rm_geometry_add_wkb(&g, b.bytes, b.size, &verdict, &curve, &err));
            assert_true(curve);
            assert_int_equal(g.features, 1);
            assert_int_equal(g.points, 1);
            assert_int_equal(g.feature_part[1], 1);
            assert_true(rm_geometry_is_points(&g));
            rm_geometry_clear(&g);
        }
}

static void test_every_cut_is_malformed(void **state)
{
    (void)state;
    for (int kind = 0; kind < 4; kind++) {
        builder b = {0};
        if (kind == 0)
            point(&b, 1.0, 2.0);
        else if (kind == 1)
            line(&b, 3);
        else if (kind == 2)
            polygon(&b, 3, 1.0);
        else {
            head(&b, 7);
            number(&b, 2);
            polygon(&b, 3, 1.0);
            polygon(&b, 3, 4.0);
        }
        int64_t size = b.size;
        for (b.size = size - 1; b.size > 0; b.size--)
            assert_verdict(&b, RM_ISSUE_MALFORMED);
        b.size = size + 1; /* and a byte too many */
        assert_verdict(&b, RM_ISSUE_MALFORMED);
    }
}

static void test_bad_types_and_counts(void **state)
{
    (void)state;
    const uint32_t types[] = {0, 13, 14, 18, 999, 1000, 4001, 0x1fffffff};
    builder b = {0};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        b.size = 0;
        head(&b, types[i]);
        number(&b, 0);
        assert_verdict(&b, RM_ISSUE_MALFORMED);
    }
    for (uint32_t type = 2; type <= 7; type++) {
        b.size = 0;
        head(&b, type);
        number(&b, 0xffffffffU); /* no memory may be asked for on such a word */
        assert_verdict(&b, RM_ISSUE_MALFORMED);
    }
    b.size = 0;
    head(&b, 3);
    number(&b, 1);
    number(&b, 0x10000000U);
    assert_verdict(&b, RM_ISSUE_MALFORMED);
    b.size = 0;
    point(&b, 1.0, 2.0);
    b.bytes[0] = 2; /* no byte order */
    assert_verdict(&b, RM_ISSUE_MALFORMED);
    b.size = 0;
    head(&b, 6); /* a multipolygon holds no points */
    number(&b, 1);
    point(&b, 1.0, 2.0);
    assert_verdict(&b, RM_ISSUE_MALFORMED);
    b.size = 0;
    head(&b, 3); /* an empty shell with a hole in it */
    number(&b, 2);
    number(&b, 0);
    ring(&b, 0.0, 1.0);
    assert_verdict(&b, RM_ISSUE_MALFORMED);
}

static void nest(builder *b, int depth)
{
    for (int i = 0; i < depth; i++) {
        head(b, 7);
        number(b, 1);
    }
    point(b, 1.0, 2.0);
}

static void test_depth_is_limited(void **state)
{
    (void)state;
    builder b = {0};
    nest(&b, 31);
    assert_shape(&b, RM_KIND_POINT, 1, 1, 1);
    b.size = 0;
    nest(&b, 32);
    assert_verdict(&b, RM_ISSUE_MALFORMED);
    b.size = 0;
    nest(&b, 800);
    assert_verdict(&b, RM_ISSUE_MALFORMED);
}

static void test_written_bytes(void **state)
{
    (void)state;
    static const uint8_t plain[] = {1,    1,    0, 0, 0, 0, 0, 0, 0, 0,   0,
                                    0xf0, 0x3f, 0, 0, 0, 0, 0, 0, 0, 0x40};
    static const uint8_t multi[] = {1, 4, 0, 0, 0, 1, 0, 0, 0};
    static const uint8_t none[] = {1, 6, 0, 0, 0, 0, 0, 0, 0};
    uint8_t out[64];
    rm_geometry g = {0};
    OK(rm_geometry_add_point(&g, 1.0, 2.0, &err));
    OK(rm_geometry_add_feature(&g, RM_KIND_NONE, &err));
    assert_int_equal(rm_geometry_wkb(&g, 0, false, NULL), sizeof plain);
    assert_int_equal(rm_geometry_wkb(&g, 0, false, out), sizeof plain);
    assert_memory_equal(out, plain, sizeof plain);
    assert_int_equal(rm_geometry_wkb(&g, 0, true, out), sizeof multi + sizeof plain);
    assert_memory_equal(out, multi, sizeof multi);
    assert_memory_equal(out + sizeof multi, plain, sizeof plain);
    assert_int_equal(rm_geometry_wkb(&g, 1, false, out), sizeof none);
    assert_memory_equal(out, none, sizeof none);
    g.kind[0] = RM_KIND_NONE; /* out of use in place */
    assert_int_equal(rm_geometry_wkb(&g, 0, true, out), sizeof none);
    assert_memory_equal(out, none, sizeof none);
    rm_geometry_clear(&g);
}

static void test_round_trip(void **state)
{
    (void)state;
    builder b = {0};
    rm_geometry g = {0};
    head(&b, 6);
    number(&b, 2);
    head(&b, 3);
    number(&b, 2);
    ring(&b, 0.0, 10.0);
    ring(&b, 2.0, 1.0);
    polygon(&b, 3, 20.0);
    feed(&g, &b);
    builder written = {0};
    written.size = rm_geometry_wkb(&g, 0, false, written.bytes);
    assert_int_equal(written.size, b.size);
    assert_memory_equal(written.bytes, b.bytes, (size_t)b.size);
    b.size = 0;
    line(&b, 4);
    feed(&g, &b);
    written.size = rm_geometry_wkb(&g, 1, false, written.bytes);
    assert_memory_equal(written.bytes, b.bytes, (size_t)b.size);
    written.size = rm_geometry_wkb(&g, 1, true, written.bytes);
    assert_int_equal(written.size, b.size + 9);
    assert_int_equal(written.bytes[1], 5);
    rm_geometry_clear(&g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_point_in_every_dress),
        cmocka_unit_test(test_lines_and_polygons),
        cmocka_unit_test(test_multi_kinds),
        cmocka_unit_test(test_collections),
        cmocka_unit_test(test_empty_is_no_geometry),
        cmocka_unit_test(test_empty_parts_are_skipped),
        cmocka_unit_test(test_not_finite),
        cmocka_unit_test(test_curves_are_handed_back),
        cmocka_unit_test(test_every_cut_is_malformed),
        cmocka_unit_test(test_bad_types_and_counts),
        cmocka_unit_test(test_depth_is_limited),
        cmocka_unit_test(test_written_bytes),
        cmocka_unit_test(test_round_trip),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
