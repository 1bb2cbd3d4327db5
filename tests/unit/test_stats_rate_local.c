/* Local empirical Bayes on tables worked by hand, and what must not matter. */
#include "stats/rate/rate.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void assert_close(double a, double b)
{
    if (isnan(b) ? !isnan(a) : !(fabs(a - b) <= 1e-15 + 1e-14 * fabs(b)))
        fail_msg("%.17g is not %.17g", a, b);
}

/* Areas 0 and 1 are neighbours, 2 is an island, 3 and 4 are neighbours. */
static void make_weights(rm_weights *weights, const double *weight)
{
    const int32_t from[] = {0, 1, 3, 4}, to[] = {1, 0, 4, 3};
    assert_int_equal(rm_weights_from_list(weights, 5, from, to, weight, 4, NULL, NULL), RM_OK);
}

/* The neighbourhood of 0 and of 1: 10 and 30 events on 10 and 10: b = 2, s2 = (10 + 10) / 20 = 1,
 * a = 1 - 2 / 10 = 0.8, a + b / x = 1, so 2 +- 0.8. The island: its own rate, without variance. Of
 * 3 and 4: 2 and 4 on 1 and 3: b = 1.5, s2 = (0.25 + 3 / 36) / 4 = 1 / 12 < b / 2, so a = 0. */
static void test_by_hand(void **state)
{
    const double events[] = {10, 30, 7, 2, 4}, exposure[] = {10, 10, 2, 1, 3};
    const double rates[] = {1.2, 2.8, 3.5, 1.5, 1.5}, means[] = {2, 2, 3.5, 1.5, 1.5};
    const double variances[] = {0.8, 0.8, 0, 0, 0};
    double rate[5], mean[5], variance[5];
    rm_weights weights;
    (void)state;
    make_weights(&weights, NULL);
    assert_int_equal(rm_rate_local(rate, mean, variance, events, exposure, &weights, NULL, NULL),
                     RM_OK);
    for (int i = 0; i < 5; i++) {
        assert_close(rate[i], rates[i]);
        assert_close(mean[i], means[i]);
        assert_close(variance[i], variances[i]);
    }
    assert_int_equal(rm_rate_local(rate, NULL, NULL, events, exposure, &weights, NULL, NULL),
                     RM_OK);
    assert_close(rate[1], 2.8);
    rm_weights_clear(&weights);
}

/* A link of weight 0 is none; any other weight counts as 1. */
static void test_weights_of_zero(void **state)
{
    const double events[] = {10, 30, 7, 2, 4}, exposure[] = {10, 10, 2, 1, 3};
    const double weight[] = {0, 5, 0.01, 1};
    double rate[5];
    rm_weights weights;
    (void)state;
    make_weights(&weights, weight);
    assert_int_equal(rm_rate_local(rate, NULL, NULL, events, exposure, &weights, NULL, NULL),
                     RM_OK);
    assert_close(rate[0], 1.0);
    assert_close(rate[1], 2.8);
    assert_close(rate[3], 1.5);
    rm_weights_clear(&weights);
}

/* What has no rate gets none, and is no neighbour of any other. Nothing anywhere: 0, not 0/0. */
static void test_missing_and_nothing(void **state)
{
    const double events[] = {10, NAN, 7, 0, 0}, exposure[] = {10, 10, 0, 1, 3};
    const double none[] = {0, 0, 0, 0, 0}, all[] = {1, 2, 3, 4, 5};
    double rate[5], mean[5], variance[5];
    rm_weights weights;
    (void)state;
    make_weights(&weights, NULL);
    assert_int_equal(rm_rate_local(rate, mean, variance, events, exposure, &weights, NULL, NULL),
                     RM_OK);
    assert_close(rate[0], 1.0);
    assert_true(isnan(rate[1]) && isnan(mean[1]) && isnan(variance[1]));
    assert_true(isnan(rate[2]) && isnan(mean[2]));
    assert_true(rate[3] == 0.0 && mean[3] == 0.0 && variance[3] == 0.0);
    assert_int_equal(rm_rate_local(rate, NULL, NULL, none, all, &weights, NULL, NULL), RM_OK);
    for (int i = 0; i < 5; i++)
        assert_true(rate[i] == 0.0);
    rm_weights_clear(&weights);
    assert_int_equal(rm_weights_from_list(&weights, 0, NULL, NULL, NULL, 0, NULL, NULL), RM_OK);
    assert_int_equal(rm_rate_local(rate, NULL, NULL, none, all, &weights, NULL, NULL), RM_OK);
    rm_weights_clear(&weights);
}

static void test_refusals(void **state)
{
    const double good[] = {1, 2, 3, 4, 5}, negative[] = {1, 2, 3, -4, 5};
    const double infinite[] = {1, 2, INFINITY, 4, 5}, huge[] = {1e308, 1e308, 1, 1, 1};
    double rate[5] = {-5};
    rm_weights weights;
    rm_error err;
    (void)state;
    make_weights(&weights, NULL);
    assert_int_equal(rm_rate_local(rate, NULL, NULL, negative, good, &weights, NULL, &err),
                     RM_EINVAL);
    assert_string_equal(err.message, "the number of events of row 3 is negative");
    assert_int_equal(rm_rate_local(rate, NULL, NULL, good, infinite, &weights, NULL, &err),
                     RM_EINVAL);
    assert_string_equal(err.message,
                        "the exposure of row 2 is infinite; give a number, or NaN for missing");
    assert_int_equal(rm_rate_local(rate, NULL, NULL, huge, good, &weights, NULL, &err), RM_EINVAL);
    assert_string_equal(err.message,
                        "events or exposures around row 0 are too large to make a prior rate from");
    assert_true(rate[0] == -5);
    rm_weights_clear(&weights);
}

enum { MANY = 60 };

static void make_ring(rm_weights *weights, const int *place)
{
    int32_t from[4 * MANY], to[4 * MANY];
    int links = 0;
    for (int i = 0; i < MANY; i++)
        for (int step = -2; step <= 2; step++)
            if (step != 0) {
                from[links] = place[i];
                to[links++] = place[(i + step + MANY) % MANY];
            }
    assert_int_equal(rm_weights_from_list(weights, MANY, from, to, NULL, links, NULL, NULL), RM_OK);
}

/* The order of the areas does not matter, and exposures twice as large halve everything. */
static void test_order_and_units(void **state)
{
    double events[MANY], exposure[MANY], turned_events[MANY], turned_exposure[MANY], twice[MANY];
    double rate[MANY], turned[MANY], halved[MANY];
    int same[MANY], place[MANY], shrunk = 0;
    rm_weights weights, turned_weights;
    (void)state;
    for (int i = 0; i < MANY; i++) {
        same[i] = i;
        place[i] = (i * 7 + 3) % MANY;
        events[i] = i * 37 % 101;
        exposure[i] = 1.5 + i * 53 % 29;
        twice[i] = 2.0 * exposure[i];
        turned_events[place[i]] = events[i];
        turned_exposure[place[i]] = exposure[i];
    }
    make_ring(&weights, same);
    make_ring(&turned_weights, place);
    rm_rate_local(rate, NULL, NULL, events, exposure, &weights, NULL, NULL);
    rm_rate_local(turned, NULL, NULL, turned_events, turned_exposure, &turned_weights, NULL, NULL);
    rm_rate_local(halved, NULL, NULL, events, twice, &weights, NULL, NULL);
    for (int i = 0; i < MANY; i++) {
        assert_true(fabs(turned[place[i]] / rate[i] - 1.0) < 1e-13);
        assert_true(2.0 * halved[i] == rate[i]);
        shrunk += rate[i] != events[i] / exposure[i];
    }
    assert_true(shrunk > MANY / 2);
    rm_weights_clear(&weights);
    rm_weights_clear(&turned_weights);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_by_hand),
        cmocka_unit_test(test_weights_of_zero),
        cmocka_unit_test(test_missing_and_nothing),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_order_and_units),
    };
    return cmocka_run_group_tests_name("stats_rate_local", tests, NULL, NULL);
}
