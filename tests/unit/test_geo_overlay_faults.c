/* Overlay, cover, buffers and nearest with every allocation made to fail in turn: an error and no
 * leak, and the same outcome as ever once there is memory again. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "failing.h"

#include "geo/nearest.h"
#include "geo/overlay.h"
#include "geo_oracle.h"

/* Polygons of all kinds, one with so many corners that it gets rows and tiles. */
static rm_geometry areas, evidence, few;
static rm_join *join;

static rm_status add_up(void *context, int worker, int32_t area, int32_t feature, double m2,
                        rm_error *err)
{
    (void)worker;
    (void)area;
    (void)feature;
    (void)err;
    *(double *)context += m2;
    return RM_OK;
}

static rm_status pairs(double *sum, rm_error *err)
{
    return rm_overlay_pairs(join, &evidence, 1, add_up, sum, NULL, err);
}

static rm_status self(double *sum, rm_error *err)
{
    return rm_overlay_self(join, 0.0, 1, add_up, sum, NULL, err);
}

static rm_status cover(double *sum, rm_error *err)
{
    rm_cover *c;
    double m2[64];
    int64_t features[64];

    RM_TRY(rm_cover_new(&c, join, err));
    rm_status status = rm_cover_add(c, &evidence, NULL, 1, NULL, err);
    if (status == RM_OK)
        status = rm_cover_finish(c, m2, features, 1, NULL, err);
    for (int64_t i = 0; i < areas.features && status == RM_OK; i++)
        *sum += m2[i];
    rm_cover_free(c);
    return status;
}

static rm_status nearest(double *sum, rm_error *err)
{
    double distance[64];

    RM_TRY(rm_nearest_distances(distance, NULL, &areas, &evidence, 1, NULL, err));
    for (int64_t i = 0; i < areas.features; i++)
        *sum += distance[i];
    return RM_OK;
}

static rm_status buffer(double *sum, rm_error *err)
{
    rm_geometry out = {0};

    RM_TRY(rm_buffer(&out, &few, 5.0, 1, err));
    for (int64_t i = 0; i < out.features; i++)
        *sum += rm_geometry_area(&out, i);
    rm_geometry_clear(&out);
    return RM_OK;
}

static rm_status (*sum_up)(double *sum, rm_error *err);
static double expected;

static rm_status sum_once(rm_error *err)
{
    double sum = 0.0;
    rm_status status = sum_up(&sum, err);

    assert_true(status != RM_OK || sum == expected);
    return status;
}

static void torture_sum(rm_status (*sum)(double *sum, rm_error *err), int at_least)
{
    int64_t before = alive;

    sum_up = sum;
    expected = 0.0;
    assert_int_equal(sum(&expected, NULL), RM_OK);
    assert_int_equal(alive, before);
    torture(sum_once, at_least);
}

static void every_allocation_fails_once(void **state)
{
    (void)state;
    torture_sum(pairs, 15);
    torture_sum(self, 5);
    torture_sum(cover, 25);
    torture_sum(nearest, 20);
    torture_sum(buffer, 40);
}

static int set_up(void **state)
{
    dice d = {12, 0};

    (void)state;
    for (int i = 0; i < 12; i++)
        add_any_polygon(&areas, &d, roll(&d, 1000, 1300), roll(&d, 1000, 1300), 150);
    add_star(&areas, &d, 1150, 1150, 100, 150, 900);
    for (int i = 0; i < 40; i++)
        add_any_polygon(&evidence, &d, roll(&d, 1000, 1300), roll(&d, 1000, 1300), 60);
    add_star(&evidence, &d, 1150, 1150, 129, 130, 4500);
    for (int i = 0; i < 4; i++)
        add_any_polygon(&few, &d, 300 * i, 0, 150);
    return rm_join_build(&join, &areas, 1, NULL, NULL);
}

static int tear_down(void **state)
{
    (void)state;
    rm_join_free(join);
    rm_geometry_clear(&areas);
    rm_geometry_clear(&evidence);
    rm_geometry_clear(&few);
    return alive == 0 ? 0 : -1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_allocation_fails_once)};

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
