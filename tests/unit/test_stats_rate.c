/* Rates: a table worked by hand, and the edges. */
#include "stats/rate.h"

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
    rm_rate_prior prior = {7, 7, 7};
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table),       cmocka_unit_test(test_missing_and_small),
        cmocka_unit_test(test_no_variance), cmocka_unit_test(test_nothing),
        cmocka_unit_test(test_refusals),    cmocka_unit_test(test_order),
    };
    return cmocka_run_group_tests_name("stats_rate", tests, NULL, NULL);
}
