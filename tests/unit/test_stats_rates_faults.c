/* Rates, changes and back-tests with every allocation made to fail in turn: an error, no leak,
 * outputs untouched. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "failing.h"

#include "base/weights.h"
#include "riskmap/backtest.h"
#include "riskmap/rates.h"

enum { MANY = 100 };
static double events[MANY], exposure[MANY];
static rm_weights weights;

static rm_status local(rm_error *err)
{
    double rate[MANY] = {-5};
    rm_status status =
        rm_rates_local(rate, NULL, NULL, events, exposure, MANY, &weights, NULL, NULL, err);
    if (status != RM_OK)
        assert_true(rate[0] == -5);
    return status;
}

static rm_status intervals(rm_error *err)
{
    double lower[MANY] = {-5}, upper[MANY] = {-5};
    rm_exact_options options = RM_EXACT_OPTIONS_INIT;
    options.threads = 1;
    rm_status status = rm_rate_intervals(NULL, lower, upper, events, exposure, MANY, &options, err);
    if (status != RM_OK)
        assert_true(lower[0] == -5 && upper[0] == -5);
    return status;
}

static rm_status change(rm_error *err)
{
    double p[MANY] = {-5};
    rm_change wanted = RM_CHANGE_INIT;
    rm_exact_options options = RM_EXACT_OPTIONS_INIT;
    options.threads = 1;
    wanted.two_sided = p;
    rm_status status =
        rm_rate_change(&wanted, events, exposure, events, exposure, MANY, &options, err);
    if (status != RM_OK)
        assert_true(p[0] == -5);
    return status;
}

static rm_status curve(rm_error *err)
{
    static rm_backtest_step map[MANY], plain[MANY];
    map[0].pai = plain[0].pai = -5;
    rm_status status =
        rm_backtest_curve(map, plain, exposure, events, events, NULL, MANY, NULL, err);
    if (status != RM_OK)
        assert_true(map[0].pai == -5 && plain[0].pai == -5);
    return status;
}

static void test_all(void **state)
{
    rm_status (*const calls[])(rm_error *) = {local, intervals, change, curve};
    const int at_least[] = {1, 2, 1, 20};
    int32_t from[MANY], to[MANY];
    (void)state;
    for (int i = 0; i < MANY; i++) {
        events[i] = i * 37 % 11;
        exposure[i] = 5 + i * 13 % 17;
        from[i] = i;
        to[i] = (i + 1) % MANY;
    }
    assert_int_equal(rm_weights_from_list(&weights, MANY, from, to, NULL, MANY, NULL, NULL), RM_OK);
    for (int c = 0; c < 4; c++)
        torture(calls[c], at_least[c]);
    rm_weights_clear(&weights);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_all)};
    return cmocka_run_group_tests_name("stats_rates_faults", tests, NULL, NULL);
}
