#include "geo/rtree.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "geo/distance.h"
#include "shapes.h"

#include <string.h>

static rm_box *make_boxes(uint64_t seed, int count, double size)
{
    rm_box *boxes = malloc((size_t)(count + 1) * sizeof *boxes);
    draws d = {seed, 0};

    for (int i = 0; i < count; i++) {
        double x = draw(&d, 155000, 156000), y = draw(&d, 463000, 464000);

        boxes[i] = i % 11 == 10 ? RM_BOX_EMPTY
                                : (rm_box){x, y, x + draw(&d, 0, size), y + draw(&d, 0, size)};
    }
    return boxes;
}

typedef struct seen {
    uint8_t count[5000];
    int visits, stop_after;
    const rm_box *boxes;
    rm_box box;
    double best, last;
    int best_item;
} seen;

static bool mark(void *context, int32_t item)
{
    seen *s = context;

    s->count[item]++;
    return ++s->visits != s->stop_after;
}

static void test_query_against_brute_force(void **state)
{
    static const int counts[] = {0, 1, 2, 15, 16, 17, 255, 256, 257, 4000};

    (void)state;
    for (size_t c = 0; c < sizeof counts / sizeof *counts; c++) {
        int count = counts[c], found = 0;
        rm_box *boxes = make_boxes(c + 1, count, 30);
        rm_rtree *tree = NULL;
        draws d = {77, 0};

        OK(rm_rtree_build(&tree, boxes, count, 1 + (int)c % 3, NULL, NULL));
        for (int q = 0; q < 200; q++) {
            seen s = {.stop_after = -1};
            double x = draw(&d, 154900, 156100), y = draw(&d, 462900, 464100);
            rm_box box = {x, y, x + draw(&d, 0, 100), y + draw(&d, 0, 100)};

            rm_rtree_query(tree, box, mark, &s);
            for (int i = 0; i < count; i++) {
                bool touches = !rm_box_is_empty(boxes[i]) && rm_box_touches(boxes[i], box);

                assert_true(s.count[i] <= 1);
                assert_true(!touches || s.count[i] == 1);
                found += touches;
                /* outward rounding of float32 near 463000 is 1/32 */
                rm_box wide = {box.xmin - 0.07, box.ymin - 0.07, box.xmax + 0.07, box.ymax + 0.07};
                assert_true(touches || s.count[i] == 0 ||
                            (!rm_box_is_empty(boxes[i]) && rm_box_touches(boxes[i], wide)));
            }
        }
        assert_true(count < 256 || found > 100);
        rm_rtree_free(tree);
        free(boxes);
    }
}

/* float32 rounds these coordinates by up to 1/64: the corner of a box must still find it. */
static void test_corners_are_found(void **state)
{
    rm_box *boxes = make_boxes(5, 3000, 1e-3);
    rm_rtree *tree = NULL;

    (void)state;
    OK(rm_rtree_build(&tree, boxes, 3000, 1, NULL, NULL));
    for (int i = 0; i < 3000; i++) {
        seen low = {.stop_after = -1}, high = {.stop_after = -1};
        rm_box b = boxes[i];

        if (rm_box_is_empty(b))
            continue;
        rm_rtree_query(tree, (rm_box){b.xmin - 9, b.ymin - 9, b.xmin, b.ymin}, mark, &low);
        rm_rtree_query(tree, (rm_box){b.xmax, b.ymax, b.xmax + 9, b.ymax + 9}, mark, &high);
        assert_true(low.count[i] == 1 && high.count[i] == 1);
    }
    rm_rtree_free(tree);
    free(boxes);
}

static void test_query_stops(void **state)
{
    rm_box *boxes = make_boxes(3, 1000, 10);
    rm_rtree *tree = NULL;
    seen s = {.stop_after = 7}, all = {.stop_after = -1}, none = {.stop_after = -1};

    (void)state;
    OK(rm_rtree_build(&tree, boxes, 1000, 1, NULL, NULL));
    rm_rtree_query(tree, (rm_box){-INFINITY, -INFINITY, INFINITY, INFINITY}, mark, &s);
    assert_int_equal(s.visits, 7);
    rm_rtree_query(tree, (rm_box){-INFINITY, -INFINITY, INFINITY, INFINITY}, mark, &all);
    assert_int_equal(all.visits, 1000 - 1000 / 11);
    rm_rtree_query(tree, RM_BOX_EMPTY, mark, &none);
    assert_int_equal(none.visits, 0);
    rm_rtree_free(tree);
    rm_rtree_free(NULL);
    free(boxes);
}

static double measure(void *context, int32_t item, double bound)
{
    seen *s = context;
    double d2 = rm_box_distance2(s->boxes[item], s->box);

    s->visits++;
    s->count[item]++;
    if (d2 < s->best || (d2 == s->best && item < s->best_item)) {
        s->best = d2;
        s->best_item = item;
    }
    return s->best < bound ? s->best : bound;
}

static void test_nearest_against_brute_force(void **state)
{
    rm_box *boxes = make_boxes(9, 4000, 5);
    rm_rtree *tree = NULL;
    draws d = {78, 0};
    int visits = 0;

    (void)state;
    OK(rm_rtree_build(&tree, boxes, 4000, 2, NULL, NULL));
    for (int q = 0; q < 500; q++) {
        double x = draw(&d, 154000, 157000), y = draw(&d, 462000, 465000);
        seen s = {.boxes = boxes, .box = {x, y, x + q % 7, y}, .best = INFINITY, .best_item = -1};
        int nearest = -1;

        OK(rm_rtree_nearest(tree, s.box, INFINITY, measure, &s, NULL));
        for (int i = 0; i < 4000; i++) {
            if (!rm_box_is_empty(boxes[i]) &&
                (nearest < 0 ||
                 rm_box_distance2(boxes[i], s.box) < rm_box_distance2(boxes[nearest], s.box)))
                nearest = i;
        }
        assert_int_equal(s.best_item, nearest);
        visits += s.visits;
    }
    assert_true(visits < 500 * 40); /* it is a search and no scan */
    rm_rtree_free(tree);
    free(boxes);
}

static double count_only(void *context, int32_t item, double bound)
{
    seen *s = context;

    assert_true(rm_box_distance2(s->boxes[item], s->box) >= s->last);
    s->last = 0.999 * rm_box_distance2(s->boxes[item], s->box);
    s->visits++;
    return bound;
}

static void test_nearest_order_ties_and_bound(void **state)
{
    static rm_box boxes[3000];
    rm_rtree *tree = NULL;

    (void)state;
    for (int i = 0; i < 3000; i++)
        boxes[i] = i < 1000 ? (rm_box){10, 0, 10, 0} : (rm_box){20 + i, 0, 20 + i, 0};
    OK(rm_rtree_build(&tree, boxes, 3000, 1, NULL, NULL));
    /* a thousand equals, and a queue that outgrows the stack */
    seen s = {.boxes = boxes, .box = {0, 0, 0, 0}};
    OK(rm_rtree_nearest(tree, s.box, 100, count_only, &s, NULL));
    assert_int_equal(s.visits, 1000);
    s = (seen){.boxes = boxes, .box = {0, 0, 0, 0}};
    OK(rm_rtree_nearest(tree, s.box, INFINITY, count_only, &s, NULL));
    assert_int_equal(s.visits, 3000);
    s = (seen){.boxes = boxes, .box = {0, 0, 0, 0}};
    OK(rm_rtree_nearest(tree, s.box, 99.9, count_only, &s, NULL));
    assert_int_equal(s.visits, 0);
    rm_rtree_free(tree);
}

static void test_around_against_brute_force(void **state)
{
    rm_box *boxes = make_boxes(9, 4000, 5);
    rm_rtree *tree = NULL;
    draws d = {79, 0};

    (void)state;
    OK(rm_rtree_build(&tree, boxes, 4000, 2, NULL, NULL));
    for (int q = 0; q < 500; q++) {
        double x = draw(&d, 154000, 157000), y = draw(&d, 462000, 465000);
        double bound = q % 5 == 0 ? INFINITY : draw(&d, 0, 40000), least = INFINITY;
        seen s = {.boxes = boxes, .box = {x, y, x + q % 7, y}, .best = INFINITY, .best_item = -1};

        rm_rtree_around(tree, s.box, bound, measure, &s);
        for (int i = 0; i < 4000; i++) {
            if (!rm_box_is_empty(boxes[i]))
                least = fmin(least, rm_box_distance2(boxes[i], s.box));
            assert_true(s.count[i] <= 1);
        }
        if (least <= bound)
            assert_true(s.best == least);
        else /* 1/16 for the boxes in float32, whose corners may both be off */
            assert_true(s.visits == 0 || sqrt(least) <= sqrt(bound) * (1 + 2e-6) + 0.0625);
    }
    seen none = {.boxes = boxes, .box = {155000, 463000, 155000, 463000}};
    rm_rtree_around(tree, none.box, -1.0, measure, &none);
    rm_rtree_around(tree, RM_BOX_EMPTY, INFINITY, measure, &none);
    assert_int_equal(none.visits, 0);
    rm_rtree_free(tree);
    free(boxes);
}

static bool mark_within(void *context, int32_t item, bool whole)
{
    seen *s = context;

    s->count[item] += whole ? 2 : 1;
    return ++s->visits != s->stop_after;
}

static double farthest2(rm_box box, double x, double y)
{
    double dx = fmax(fabs(x - box.xmin), fabs(x - box.xmax));
    double dy = fmax(fabs(y - box.ymin), fabs(y - box.ymax));

    return dx * dx + dy * dy;
}

static void test_within_against_brute_force(void **state)
{
    rm_box *boxes = make_boxes(9, 4000, 5);
    rm_rtree *tree = NULL;
    draws d = {80, 0};
    int whole = 0, partly = 0;

    (void)state;
    OK(rm_rtree_build(&tree, boxes, 4000, 2, NULL, NULL));
    for (int q = 0; q < 500; q++) {
        double x = draw(&d, 155000, 156000), y = draw(&d, 463000, 464000);
        double distance = q % 50 == 0 ? 0 : draw(&d, 0, 60);
        seen s = {.stop_after = -1};

        rm_rtree_within(tree, x, y, distance, mark_within, &s);
        for (int i = 0; i < 4000; i++) {
            bool empty = rm_box_is_empty(boxes[i]);
            double d2 = empty ? INFINITY : rm_box_distance2(boxes[i], (rm_box){x, y, x, y});

            assert_true(!empty || s.count[i] == 0);
            assert_true(d2 > distance * distance || s.count[i] > 0);
            assert_true(s.count[i] == 0 || sqrt(d2) <= distance * (1 + 2e-6) + 0.0625);
            if (s.count[i] == 2)
                assert_true(farthest2(boxes[i], x, y) <= distance * distance);
            else if (s.count[i] == 1)
                assert_true(sqrt(farthest2(boxes[i], x, y)) >= distance * (1 - 2e-6) - 0.0625);
            whole += s.count[i] == 2;
            partly += s.count[i] == 1;
        }
    }
    assert_true(whole > 1000 && partly > 1000);
    seen s = {.stop_after = 7};
    rm_rtree_within(tree, 155500, 463500, INFINITY, mark_within, &s);
    assert_int_equal(s.visits, 7);
    rm_rtree_free(tree);
    free(boxes);
}

static void test_too_many(void **state)
{
    rm_rtree *tree = NULL;
    rm_error err = {0};

    (void)state;
    assert_int_equal(rm_rtree_build(&tree, NULL, (int64_t)INT32_MAX + 1, 1, NULL, &err), RM_ELIMIT);
    assert_null(tree);
    assert_non_null(strstr(err.message, "2147483648 features to index"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_query_against_brute_force),
        cmocka_unit_test(test_corners_are_found),
        cmocka_unit_test(test_query_stops),
        cmocka_unit_test(test_nearest_against_brute_force),
        cmocka_unit_test(test_nearest_order_ties_and_bound),
        cmocka_unit_test(test_around_against_brute_force),
        cmocka_unit_test(test_within_against_brute_force),
        cmocka_unit_test(test_too_many),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
