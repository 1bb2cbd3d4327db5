/* Knox, near repeats, nearest neighbours and Ripley's K with every allocation made to fail in turn,
 * and stopped at every report: an error, no leak, outputs untouched. */
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

static int reports, stop_at = -1; /* -1: never */

static int stop_in_time(double fraction, const char *message, void *user)
{
    (void)fraction;
    (void)message;
    (void)user;
    return reports++ == stop_at;
}

/* Stops at each report in turn. */
static void stop(rm_status (*once)(rm_error *err), int at_least)
{
    for (stop_at = 0;; stop_at++) {
        rm_error why = {0};
        int64_t before = alive;
        reports = 0;
        rm_status status = once(&why);
        assert_int_equal(alive, before);
        if (reports <= stop_at) {
            assert_int_equal(status, RM_OK);
            break;
        }
        assert_int_equal(status, RM_ECANCELLED);
        assert_int_equal(why.code, RM_ECANCELLED);
        assert_int_equal(reports, stop_at + 1);
    }
    assert_true(stop_at >= at_least);
    stop_at = -1;
}

static rm_status knox(rm_error *err)
{
    int64_t observed[2] = {-5, -5};
    rm_knox_options options = RM_KNOX_OPTIONS_INIT;
    options.threads = 1;
    options.permutations = 5;
    options.progress = stop_in_time;
    rm_status status = rm_knox(observed, NULL, NULL, NULL, NULL, x, y, day, MANY, space, 2,
                               time_edges, 1, &options, err);
    assert_true(status == RM_OK || observed[0] == -5);
    return status;
}

static rm_status repeats(rm_error *err)
{
    int64_t found = -5, earlier = -5, later = -5;
    double distance = -5;
    rm_knox_options options = RM_KNOX_OPTIONS_INIT;
    options.metric = RM_MANHATTAN;
    options.threads = 1;
    options.progress = stop_in_time;
    rm_status status = rm_near_repeats(&earlier, &later, &distance, 1, &found, x, y, day, MANY,
                                       space, time_edges, &options, err);
    assert_true(status == RM_OK || (found == -5 && earlier == -5 && later == -5 && distance < 0));
    return status;
}

static rm_nearest_options nearest_options(void)
{
    rm_nearest_options options = RM_NEAREST_OPTIONS_INIT;
    options.threads = 1;
    options.progress = stop_in_time;
    return options;
}

static rm_status neighbours(rm_error *err)
{
    int64_t near[MANY] = {-5};
    double distance[MANY] = {-5}, second[MANY] = {-5};
    const rm_nearest_options options = nearest_options();
    rm_status status = rm_nearest_neighbours(near, distance, second, x, y, MANY, &options, err);
    assert_true(status == RM_OK || (near[0] == -5 && distance[0] == -5 && second[0] == -5));
    return status;
}

static rm_status nearest(rm_error *err)
{
    rm_nearest_result out = {.count = -5};
    const rm_nearest_options options = nearest_options();
    rm_status status = rm_nearest_index(&out, x, y, MANY, 100, 40, &options, err);
    assert_true(status == RM_OK || out.count == -5);
    return status;
}

static rm_status within(rm_error *err)
{
    const double wx[] = {0, 10, 10, 0}, wy[] = {0, 0, 10, 10};
    const int64_t ring[] = {0, 4};
    const rm_pattern_window window = {wx, wy, ring, 1};
    rm_nearest_result out = {.count = -5};
    const rm_nearest_options options = nearest_options();
    rm_status status = rm_nearest_index_within(&out, x, y, MANY, &window, &options, err);
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
    options.progress = stop_in_time;
    rm_status status =
        rm_ripley_envelope(NULL, l, NULL, NULL, r, 2, x, y, MANY, &window, &options, err);
    assert_true(status == RM_OK || l[0] == -5);
    return status;
}

static int setup(void **state)
{
    (void)state;
    for (int i = 0; i < MANY; i++) {
        x[i] = i * 37 % 100 / 10.0;
        y[i] = i * 53 % 100 / 10.0;
        day[i] = i * 7 % 20;
    }
    return 0;
}

static void test_memory(void **state)
{
    (void)state;
    torture(knox, 16);
    torture(repeats, 13);
    torture(neighbours, 3);
    torture(nearest, 3);
    torture(within, 14);
    torture(ripley, 20);
}

/* The first report, and the beginning and end of each loop over threads. */
static void test_stopping(void **state)
{
    (void)state;
    stop(knox, 6);
    stop(repeats, 5);
    stop(neighbours, 3);
    stop(nearest, 3);
    stop(within, 5);
    stop(ripley, 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_memory),
                                       cmocka_unit_test(test_stopping)};
    return cmocka_run_group_tests_name("stats_pattern_faults", tests, setup, NULL);
}
