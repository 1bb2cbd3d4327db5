/* Kernel density with every allocation made to fail in turn: an error, no leak, outputs untouched.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "failing.h"

#include "stats/density/bandwidth.h"
#include "stats/density/edge.h"

enum { MANY = 60 };
static double x[MANY], y[MANY];
static const rm_density_points points = {x, y, NULL, NULL, MANY};
static const rm_grid grid = {0, 400, 10, 40, 40};

static rm_status rows_of(int32_t kernel, double bandwidth, const char *how, rm_error *err)
{
    rm_surface *surface = NULL;
    double out[40 * 40];
    rm_status status = rm_surface_new(&surface, &grid, &points, kernel, bandwidth, 2, NULL, err);
    if (status == RM_OK)
        status = rm_surface_force(surface, how, err);
    if (status == RM_OK)
        status = rm_surface_rows(out, surface, 0, 40, 2, NULL, err);
    rm_surface_free(surface);
    return status;
}

static rm_status scatter(rm_error *err)
{
    return rows_of(RM_KERNEL_QUARTIC, 50, "scatter", err);
}

static rm_status sweep(rm_error *err)
{
    return rows_of(RM_KERNEL_QUARTIC, 300, "sweep", err);
}

static rm_status separable(rm_error *err)
{
    return rows_of(RM_KERNEL_GAUSSIAN, 70, "separable", err);
}

static rm_status at(rm_error *err)
{
    double out[MANY] = {-5};
    rm_status status = rm_density_at(out, x, y, MANY, &points, 0, 50, 2, NULL, err);
    assert_true(status == RM_OK || out[0] == -5);
    return status;
}

static rm_status edge(rm_error *err)
{
    static const double ring_x[] = {0, 400, 400, 0}, ring_y[] = {0, 0, 400, 400};
    static const int64_t start[] = {0, 4};
    const rm_edge_rings rings = {ring_x, ring_y, start, 1};
    rm_edge *area = NULL;
    double out[MANY] = {-5};
    rm_status status = rm_edge_new(&area, &rings, 50, NULL, err);
    if (status == RM_OK)
        status = rm_edge_mass(out, area, x, y, MANY, 0, 50, NULL, 2, NULL, err);
    assert_true(status == RM_OK || out[0] == -5);
    rm_edge_free(area);
    return status;
}

static rm_status rule(rm_error *err)
{
    double h = -5;
    rm_status status = rm_rule_bandwidth(&h, &points, 0, RM_RULE_ROBUST, err);
    if (status == RM_OK)
        status = rm_rule_bandwidth(&h, &points, 0, RM_RULE_DISTANCE, err);
    else
        assert_true(h == -5);
    return status;
}

static rm_status validate(rm_error *err)
{
    rm_bandwidth_fit fit = {.bandwidth = -5};
    rm_validation how = {0, 0, 50, 80};
    rm_status status = rm_validate_bandwidth(&fit, &points, &how, 1, NULL, err);
    assert_true(status == RM_OK || fit.bandwidth == -5);
    return status;
}

static rm_status adaptive(rm_error *err)
{
    double h[MANY] = {-5};
    rm_status status = rm_adaptive_bandwidths(h, &points, 50, 50, 2, 1, NULL, err);
    assert_true(status == RM_OK || h[0] == -5);
    return status;
}

static void test_all(void **state)
{
    rm_status (*const calls[])(rm_error *) = {scatter, sweep,    separable, at,
                                              edge,    validate, rule,      adaptive};
    (void)state;
    for (int i = 0; i < MANY; i++) {
        x[i] = i * 37 % 400 + 1;
        y[i] = i * 101 % 400 + 1;
    }
    for (int c = 0; c < 8; c++)
        torture(calls[c], 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_all)};
    return cmocka_run_group_tests_name("stats_density_faults", tests, NULL, NULL);
}
