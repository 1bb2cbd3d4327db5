/* Knox, near repeats, nearest neighbours and Ripley's K with every allocation made to fail in turn:
 * an error, no leak, outputs untouched. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "failing.h"

#include "riskmap/pattern.h"

enum { MANY = 60 };
static double x[MANY], y[MANY];
static int32_t day[MANY];
static const double space[] = {0.5, 2, 4}, time_edges[] = {0, 3};

static rm_status knox(rm_error *err)
{
    int64_t observed[2] = {-5, -5};
    rm_knox_options options = RM_KNOX_OPTIONS_INIT;
    options.threads = 1;
    options.permutations = 5;
    rm_status status = rm_knox(observed, NULL, NULL, NULL, NULL, x, y, day, MANY, space, 2,
                               time_edges, 1, &options, err);
    assert_true(status == RM_OK || observed[0] == -5);
    return status;
}

static rm_status repeats(rm_error *err)
{
    int64_t found = -5;
    rm_status status = rm_near_repeats(NULL, NULL, NULL, 0, &found, x, y, day, MANY, space,
                                       time_edges, RM_MANHATTAN, err);
    assert_true(status == RM_OK || found == -5);
    return status;
}

static rm_status nearest(rm_error *err)
{
    rm_nearest_result out = {.count = -5};
    rm_status status = rm_nearest_index(&out, x, y, MANY, 100, 40, 1, err);
    assert_true(status == RM_OK || out.count == -5);
    return status;
}

static rm_status within(rm_error *err)
{
    const double wx[] = {0, 10, 10, 0}, wy[] = {0, 0, 10, 10};
    const int64_t ring[] = {0, 4};
    const rm_pattern_window window = {wx, wy, ring, 1};
    rm_nearest_result out = {.count = -5};
    rm_status status = rm_nearest_index_within(&out, x, y, MANY, &window, 0, 1, err);
    assert_true(status == RM_OK || out.count == -5);
    return status;
}

static rm_status ripley(rm_error *err)
{
    const double wx[] = {0, 10, 10, 0}, wy[] = {0, 0, 10, 10}, r[] = {1, 2};
    const int64_t ring[] = {0, 4};
    const rm_pattern_window window = {wx, wy, ring, 1};
    double l[2] = {-5, -5};
    rm_ripley_options options = RM_RIPLEY_OPTIONS_INIT;
    options.threads = 1;
    options.simulations = 2;
    rm_status status =
        rm_ripley_envelope(NULL, l, NULL, NULL, r, 2, x, y, MANY, &window, &options, err);
    assert_true(status == RM_OK || l[0] == -5);
    return status;
}

static void test_all(void **state)
{
    (void)state;
    for (int i = 0; i < MANY; i++) {
        x[i] = i * 37 % 100 / 10.0;
        y[i] = i * 53 % 100 / 10.0;
        day[i] = i * 7 % 20;
    }
    torture(knox, 15);
    torture(repeats, 8);
    torture(nearest, 3);
    torture(within, 12);
    torture(ripley, 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_all)};
    return cmocka_run_group_tests_name("stats_pattern_faults", tests, NULL, NULL);
}
