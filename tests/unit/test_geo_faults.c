/* Join, tree, places and repair with every allocation made to fail in turn: an error, no leak, and
 * outputs untouched. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "failing.h"

#include "geo/join.h"
#include "geo/place.h"
#include "geo/rtree.h"
#include "geo/valid.h"
#include "shapes.h"

enum { COUNT = 100, INVALID = 40 };
static rm_geometry shapes; /* of all kinds */
static double xs[COUNT], ys[COUNT];

static void make_shapes(void)
{
    draws d = {1, 0};

    for (int i = 0; i < COUNT; i++) {
        xs[i] = draw(&d, 0, 1000);
        ys[i] = draw(&d, 0, 1000);
        add_anything(&shapes, &d, xs[i], ys[i], draw(&d, 1, 60));
    }
}

static rm_status join_once(rm_error *err)
{
    rm_join *join = NULL;
    rm_hits hits = {0};
    rm_status status = rm_join_build(&join, &shapes, 1, err);

    if (status != RM_OK)
        assert_null(join);
    if (status == RM_OK)
        status = rm_join_points(join, xs, ys, NULL, COUNT, &hits, err);
    if (status == RM_OK)
        status = rm_join_touching(join, &shapes, NULL, &hits, err);
    if (status == RM_OK)
        status = rm_join_within(join, xs, ys, NULL, COUNT, 50.0, &hits, err);
    if (status == RM_OK)
        status = rm_join_touching_within(join, &shapes, NULL, 10.0, &hits, err);
    rm_hits_clear(&hits);
    rm_join_free(join);
    return status;
}

static double keep_bound(void *context, int32_t item, double bound)
{
    (void)context;
    (void)item;
    return bound;
}

static rm_status tree_once(rm_error *err)
{
    static rm_box boxes[2000];
    rm_rtree *tree = NULL;

    for (int i = 0; i < 2000; i++)
        boxes[i] = (rm_box){1, 1, 2, 2};
    rm_status status = rm_rtree_build(&tree, boxes, 2000, 1, err);
    if (status == RM_OK)
        status = rm_rtree_nearest(tree, boxes[0], INFINITY, keep_bound, NULL, err);
    else
        assert_null(tree);
    rm_rtree_free(tree);
    return status;
}

static rm_status place_once(rm_error *err)
{
    double x[COUNT], y[COUNT];

    return rm_place_points(&shapes, x, y, err);
}

/* The rows are copied first, while there is memory. */
static rm_status repair_once(rm_error *err)
{
    int64_t failures = fail_after;
    rm_rows rows = {0};

    fail_after = INT64_MAX;
    for (int i = 0; i < INVALID; i++) {
        SHAPE(&rows.geometry, RM_KIND_POLYGON, 0, 0, 10 + i, 10, 10, 0, 0, 10, 0, 0);
        OK(rm_rows_add_id(&rows, i, i, NULL));
    }
    fail_after = failures;
    rm_status status = rm_rows_make_valid(&rows, err);
    assert_int_equal(rows.geometry.features, INVALID);
    if (status == RM_OK)
        assert_int_equal(rows.issues.count, INVALID);
    rm_rows_clear(&rows);
    return status;
}

static void test_join(void **state)
{
    (void)state;
    torture(join_once, 20);
}

static void test_tree(void **state)
{
    (void)state;
    torture(tree_once, 5);
}

static void test_place(void **state)
{
    (void)state;
    torture(place_once, 1);
}

static void test_repair(void **state)
{
    (void)state;
    torture(repair_once, INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_join),
        cmocka_unit_test(test_tree),
        cmocka_unit_test(test_place),
        cmocka_unit_test(test_repair),
    };
    make_shapes();
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    rm_geometry_clear(&shapes);
    return failed;
}
