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

#include "geo/contiguity.h"
#include "geo/join.h"
#include "geo/neighbours.h"
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

static rm_status pass_over(void *context, int64_t first, const rm_hit *hits, int64_t count,
                           rm_error *err)
{
    (void)context, (void)first, (void)hits, (void)count, (void)err;
    return RM_OK;
}

static rm_status join_once(rm_error *err)
{
    rm_join *join = NULL;
    rm_hits hits = {0};
    rm_status status = rm_join_build(&join, &shapes, 1, NULL, err);

    if (status != RM_OK)
        assert_null(join);
    if (status == RM_OK)
        status = rm_join_points(join, xs, ys, NULL, COUNT, &hits, err);
    if (status == RM_OK)
        status = rm_join_each(join, xs, ys, COUNT, NULL, NULL, pass_over, NULL, err);
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
    rm_status status = rm_rtree_build(&tree, boxes, 2000, 1, NULL, err);
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

/* Polygons alone, of which some share a border of edges shorter than the tolerance. */
static rm_geometry polygons;

static void make_polygons(void)
{
    draws d = {2, 0};

    for (int i = 0; i < COUNT; i++)
        add_star(&polygons, &d, draw(&d, 0, 1000), draw(&d, 0, 1000), 60, 100, 0.0);
}

static rm_status contiguity_once(rm_error *err)
{
    rm_weights weights = {0};
    rm_status status = RM_OK;

    for (int32_t kind = RM_CONTIGUITY_QUEEN; kind <= RM_CONTIGUITY_ROOK && status == RM_OK;
         kind++) {
        status = rm_contiguity(&weights, &polygons, kind, 5.0, 1, NULL, err);
        if (status != RM_OK)
            assert_null(weights.start);
        rm_weights_clear(&weights);
    }
    return status;
}

static rm_status neighbours_once(rm_error *err)
{
    static const int32_t from[] = {0, 2, 1}, to[] = {1, 0, 2};
    static const double weight[] = {1, 2, 3};
    rm_linking how = {.weight = RM_WEIGHT_INVERSE_DISTANCE, .threads = 1};
    rm_weights band = {0}, nearest = {0}, list = {0};
    int64_t components;
    rm_status status = rm_neighbours_band(&band, xs, ys, COUNT, 200, &how, err);

    if (status == RM_OK)
        status = rm_neighbours_nearest(&nearest, xs, ys, COUNT, 5, &how, err);
    if (status == RM_OK)
        status = rm_weights_from_list(&list, 3, from, to, weight, 3, NULL, err);
    if (status == RM_OK)
        status = rm_weights_find_components(NULL, &components, &list, err);
    rm_weights_clear(&band);
    rm_weights_clear(&nearest);
    rm_weights_clear(&list);
    return status;
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
    rm_status status = rm_rows_make_valid(&rows, NULL, 0, err);
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

static void test_contiguity(void **state)
{
    (void)state;
    torture(contiguity_once, 30);
}

static void test_neighbours(void **state)
{
    (void)state;
    torture(neighbours_once, 20);
}

static void test_repair(void **state)
{
    (void)state;
    torture(repair_once, INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_join),       cmocka_unit_test(test_tree),
        cmocka_unit_test(test_place),      cmocka_unit_test(test_contiguity),
        cmocka_unit_test(test_neighbours), cmocka_unit_test(test_repair),
    };
    make_shapes();
    make_polygons();
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    rm_geometry_clear(&shapes);
    rm_geometry_clear(&polygons);
    return failed;
}
