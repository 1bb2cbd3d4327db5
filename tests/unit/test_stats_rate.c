/* Rates: a table worked by hand, and the edges. */
#include "stats/rate/rate.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void assert_close(double a, double b)
{
    if (isnan(b) ? !isnan(a) : !(fabs(a - b) <= 1e-15))
        fail_msg("%.17g is not %.17g", a, b);
}

/* Three areas with exposure 10, 20, 10 and 2, 2, 6 events: b = 10/40 = 1/4, p = 0.2, 0.1, 0.6;
 * s2 = (10 * 0.05^2 + 20 * 0.15^2 + 10 * 0.35^2) / 40 = (0.025 + 0.45 + 1.225) / 40 = 0.0425;
 * mean exposure 40/3, b / mean = 0.01875; a = 0.02375.
 * Estimates: b + a (p - b) / (a + b/x), with a + b/x = 0.04875, 0.03625, 0.04875. */
static const double events[] = {2, 2, 6}, exposure[] = {10, 20, 10};

static void test_table(void **state)
{
    (void)state;
    rm_rate_prior prior;
    double rate[3];
    assert_int_equal(rm_rate_fit(&prior, events, exposure, 3, NULL), RM_OK);
    assert_close(prior.mean, 0.25);
    assert_close(prior.variance, 0.02375);
    assert_int_equal(prior.areas, 3);
    rm_rate_apply(rate, events, exposure, 3, 0.0, &prior);
    assert_close(rate[0], 0.25 - 0.02375 * 0.05 / 0.04875);
    assert_close(rate[1], 0.25 - 0.02375 * 0.15 / 0.03625);
    assert_close(rate[2], 0.25 + 0.02375 * 0.35 / 0.04875);
    rm_rate_apply(rate, events, exposure, 3, 0.0, NULL);
    assert_close(rate[0], 0.2);
    assert_close(rate[1], 0.1);
    assert_close(rate[2], 0.6);
}

static void test_missing_and_small(void **state)
{
    (void)state;
    const double n[] = {2, NAN, 2, 5, 1, 6, 0}, x[] = {10, 4, 20, 0, NAN, 10, 0};
    rm_rate_prior prior;
    double rate[7];
    assert_int_equal(rm_rate_fit(&prior, n, x, 7, NULL), RM_OK);
    assert_close(prior.mean, 0.25);
    assert_close(prior.variance, 0.02375);
    assert_int_equal(prior.areas, 3);
    rm_rate_apply(rate, n, x, 7, 15.0, &prior);
    for (int i = 0; i < 7; i++)
        assert_true(isnan(rate[i]) == (i != 2));
    rm_rate_apply(rate, n, x, 7, 10.0, NULL);
    assert_close(rate[0], 0.2);
    assert_true(isnan(rate[1]) && isnan(rate[3]) && isnan(rate[4]) && isnan(rate[6]));
}

/* Equal rates have no variance between them; none at all has a mean of 0: 0/0 must not come out. */
static void test_no_variance(void **state)
{
    (void)state;
    const double n[] = {1, 2, 3}, none[] = {0, 0, 0}, x[] = {10, 20, 30};
    rm_rate_prior prior;
    double rate[3];
    assert_int_equal(rm_rate_fit(&prior, n, x, 3, NULL), RM_OK);
    assert_true(prior.variance == 0.0);
    rm_rate_apply(rate, n, x, 3, 0.0, &prior);
    for (int i = 0; i < 3; i++)
        assert_close(rate[i], 0.1);
    assert_int_equal(rm_rate_fit(&prior, none, x, 3, NULL), RM_OK);
    rm_rate_apply(rate, none, x, 3, 0.0, &prior);
    for (int i = 0; i < 3; i++)
        assert_true(rate[i] == 0.0);
}

static void test_nothing(void **state)
{
    (void)state;
    const double zero[] = {0, 0}, n[] = {1, 2};
    rm_rate_prior prior;
    double rate[2] = {9, 9};
    assert_int_equal(rm_rate_fit(&prior, NULL, NULL, 0, NULL), RM_OK);
    assert_true(isnan(prior.mean) && prior.variance == 0.0 && prior.areas == 0);
    assert_int_equal(rm_rate_fit(&prior, n, zero, 2, NULL), RM_OK);
    assert_true(isnan(prior.mean));
    rm_rate_apply(rate, n, zero, 2, 0.0, &prior);
    assert_true(isnan(rate[0]) && isnan(rate[1]));
    assert_int_equal(rm_rate_fit(&prior, n + 1, n, 1, NULL), RM_OK); /* one area is its own mean */
    rm_rate_apply(rate, n + 1, n, 1, 0.0, &prior);
    assert_close(rate[0], 2.0);
}

static void test_refusals(void **state)
{
    (void)state;
    const double good[] = {1, 2}, negative[] = {1, -2}, infinite[] = {INFINITY, 1};
    rm_rate_prior prior = {.mean = 7, .variance = 7, .areas = 7};
    rm_error err;
    assert_int_equal(rm_rate_fit(&prior, negative, good, 2, &err), RM_EINVAL);
    assert_string_equal(err.message, "the number of events of row 1 is negative");
    assert_int_equal(err.row, 1);
    assert_int_equal(rm_rate_fit(&prior, good, negative, 2, &err), RM_EINVAL);
    assert_string_equal(err.message, "the exposure of row 1 is negative");
    assert_int_equal(rm_rate_fit(&prior, good, infinite, 2, &err), RM_EINVAL);
    assert_string_equal(err.message,
                        "the exposure of row 0 is infinite; give a number, or NaN for missing");
    assert_true(prior.mean == 7 && prior.variance == 7 && prior.areas == 7);
}

static void test_order(void **state)
{
    (void)state;
    enum { MANY = 500 };
    double n[MANY], x[MANY], turned_n[MANY], turned_x[MANY];
    for (int i = 0; i < MANY; i++) {
        n[i] = 0.1 * (double)(i * 37 % 101);
        x[i] = 0.3 * (double)(i * 53 % 97);
        turned_n[(i * 7 + 3) % MANY] = n[i];
        turned_x[(i * 7 + 3) % MANY] = x[i];
    }
    rm_rate_prior prior, turned;
    assert_int_equal(rm_rate_fit(&prior, n, x, MANY, NULL), RM_OK);
    assert_int_equal(rm_rate_fit(&turned, turned_n, turned_x, MANY, NULL), RM_OK);
    assert_true(prior.mean == turned.mean && prior.variance == turned.variance);
    assert_true(prior.variance > 0.0);
}

/* 4 of 10, 2 of 20 and 6 of 10: b = 12/40 = 0.3, s2 = (10 * 0.1^2 + 20 * 0.2^2 + 10 * 0.3^2) / 40 =
 * 1.8 / 40 = 0.045; v = 0.21, mean exposure 40/3, excess = 0.045 - 0.01575 = 0.02925. r for x = 10:
 * 0.2925 / (9 * 0.045 + 0.21 * 0.25) = 0.2925 / 0.4575; for x = 20: 0.585 / (19 * 0.045 - 0.105) =
 * 0.585 / 0.75. */
static void test_binomial(void **state)
{
    (void)state;
    const double n[] = {4, 2, 6, NAN, 1}, x[] = {10, 20, 10, 5, 0}, even[] = {3, 6, 3};
    rm_rate_prior prior;
    double rate[5];
    assert_int_equal(rm_rate_fit(&prior, n, x, 5, NULL), RM_OK);
    assert_close(prior.spread, 0.045);
    assert_close(prior.mean_exposure, 40.0 / 3.0);
    rm_rate_apply_binomial(rate, n, x, 5, 0.0, &prior);
    assert_close(rate[0], 0.3 + 0.1 * 0.2925 / 0.4575);
    assert_close(rate[1], 0.3 - 0.2 * 0.585 / 0.75);
    assert_close(rate[2], 0.3 + 0.3 * 0.2925 / 0.4575);
    assert_true(isnan(rate[3]) && isnan(rate[4]));
    rm_rate_apply_binomial(rate, n, x, 5, 15.0, &prior);
    assert_true(isnan(rate[0]) && !isnan(rate[1]));
    assert_int_equal(rm_rate_fit(&prior, even, x, 3, NULL), RM_OK);
    rm_rate_apply_binomial(rate, even, x, 3, 0.0, &prior); /* spdep would have negative shares */
    for (int i = 0; i < 3; i++)
        assert_close(rate[i], 0.3);
}

static void test_binomial_refusals(void **state)
{
    (void)state;
    const double n[] = {1, 5, NAN}, x[] = {10, 4, 0.5}, zero[] = {0, 0, 0}, half[] = {1, 1, 0.5};
    rm_error err;
    assert_int_equal(rm_rate_check_binomial(n, x, 3, &err), RM_EINVAL);
    assert_string_equal(err.message, "row 1 has more events than exposure, which is not binomial; "
                                     "take the Poisson method");
    assert_int_equal(rm_rate_check_binomial(zero, half, 3, &err), RM_EINVAL);
    assert_string_equal(err.message,
                        "the exposure of row 2 is below 1; binomial events need an exposure in "
                        "units that each can have one");
    assert_int_equal(err.row, 2);
    assert_int_equal(rm_rate_check_binomial(n, zero, 3, &err), RM_OK);
}

/* The first table again: b = 1/4, a = 0.02375, a + b / x = 0.04875, 0.03625, 0.04875. */
static void test_deviates(void **state)
{
    (void)state;
    const double none[] = {0, 0, 0}, gap[] = {2, NAN, 6};
    rm_rate_prior prior;
    double z[3];
    assert_int_equal(rm_rate_fit(&prior, events, exposure, 3, NULL), RM_OK);
    rm_rate_deviate(z, events, exposure, 3, &prior);
    assert_close(z[0], -0.05 / sqrt(0.04875));
    assert_close(z[1], -0.15 / sqrt(0.03625));
    assert_close(z[2], 0.35 / sqrt(0.04875));
    rm_rate_deviate(z, gap, exposure, 3, &prior);
    assert_true(isnan(z[1]) && !isnan(z[2]));
    assert_int_equal(rm_rate_fit(&prior, none, exposure, 3, NULL), RM_OK);
    rm_rate_deviate(z, none, exposure, 3, &prior);
    for (int i = 0; i < 3; i++)
        assert_true(z[i] == 0.0);
}

/* 1 and 3 events on 2 and 2: 2 are expected of each; P(X <= 1) = 3 e^-2, P(X >= 3) = 1 - 5 e^-2. */
static void test_stand_out(void **state)
{
    (void)state;
    const double n[] = {1, 3, 4, NAN}, x[] = {2, 2, 0, 7}, none[] = {0, 0, 0, 0};
    double expected[4], risk[4], at_most[4], at_least[4];
    rm_rate_prior prior;
    assert_int_equal(rm_rate_fit(&prior, n, x, 4, NULL), RM_OK);
    rm_rate_stand_out(expected, risk, at_most, at_least, n, x, 4, &prior);
    assert_close(expected[0], 2.0);
    assert_close(risk[1], 1.5);
    assert_close(at_most[0], 3.0 * exp(-2.0));
    assert_close(at_least[1], 1.0 - 5.0 * exp(-2.0));
    for (int i = 2; i < 4; i++)
        assert_true(isnan(expected[i]) && isnan(risk[i]) && isnan(at_most[i]) &&
                    isnan(at_least[i]));
    assert_int_equal(rm_rate_fit(&prior, none, x, 4, NULL), RM_OK);
    rm_rate_stand_out(expected, risk, at_most, at_least, none, x, 4, &prior);
    assert_true(expected[0] == 0.0 && isnan(risk[0]) && at_most[0] == 1.0 && at_least[0] == 1.0);
    rm_rate_stand_out(NULL, NULL, NULL, NULL, n, x, 4, &prior);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table),       cmocka_unit_test(test_missing_and_small),
        cmocka_unit_test(test_no_variance), cmocka_unit_test(test_nothing),
        cmocka_unit_test(test_refusals),    cmocka_unit_test(test_order),
        cmocka_unit_test(test_binomial),    cmocka_unit_test(test_binomial_refusals),
        cmocka_unit_test(test_deviates),    cmocka_unit_test(test_stand_out),
    };
    return cmocka_run_group_tests_name("stats_rate", tests, NULL, NULL);
}
