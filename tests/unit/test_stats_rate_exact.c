/* Exact intervals and the change between two periods: the figures from practice, R's poisson.test,
 * and every bad input. */
#include "riskmap/rates.h"
#include "riskmap/stats.h"
#include "stats/rate/exact.h"
#include "stats/rate/probability.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "telling.h"

static void assert_relative(double got, double expected, double tolerance)
{
    if (!(fabs(got - expected) <= tolerance * fabs(expected)))
        fail_msg("%.17g is not %.17g", got, expected);
}

/* Rounded as it was written down. */
static void assert_written(double got, double written, double last_digit)
{
    if (!(fabs(got - written) <= 0.5 * last_digit))
        fail_msg("%.17g is not written as %g", got, written);
}

/* ---- Deventer's reports against the country, itself included (the field guide's figures) ------
 */

static const double country[] = {13466, 12722, 10241}, deventer[] = {67, 58, 75};

/* 2022 beside the years first..last together. */
static rm_exact_change against(int first, int last, bool by_likelihood)
{
    double c1 = 0.0, e1 = 0.0;
    for (int year = first; year <= last; year++) {
        c1 += deventer[year - 2020];
        e1 += country[year - 2020];
    }
    return rm_exact_compare(c1, e1, deventer[2], country[2], 0.025, true, by_likelihood);
}

static void test_reports_against_2020(void **state)
{
    (void)state;
    rm_exact_change change = against(2020, 2020, false);
    assert_written(change.expected, 50.95, 0.01);
    assert_written(change.ratio, 1.472, 0.001);
    assert_written(change.greater, 0.0132, 0.0001);
    assert_written(change.two_sided, 0.026, 0.001);
    assert_true(change.two_sided == 2.0 * change.greater);
}

static void test_reports_against_2021(void **state)
{
    (void)state;
    rm_exact_change change = against(2021, 2021, false);
    assert_written(change.expected, 46.69, 0.01);
    assert_written(change.ratio, 1.606, 0.001);
    assert_written(change.greater, 0.0041, 0.0001);
    assert_written(change.two_sided, 0.0083, 0.0001);
}

static void test_reports_against_2020_and_2021_pooled(void **state)
{
    (void)state;
    rm_exact_change change = against(2020, 2021, false);
    assert_written(change.expected, 48.88, 0.01);
    assert_written(change.ratio, 1.534, 0.001);
    assert_written(change.greater, 0.0025, 0.0001);
    assert_written(change.two_sided, 0.0050, 0.0001);
}

static void test_reports_two_sided_by_likelihood(void **state)
{
    (void)state;
    assert_written(against(2020, 2020, true).two_sided, 0.0221, 0.0001);
    assert_written(against(2021, 2021, true).two_sided, 0.0068, 0.0001);
    assert_written(against(2020, 2021, true).two_sided, 0.0045, 0.0001);
}

static void test_reports_by_fixed_mean_poisson_too_sure(void **state)
{
    (void)state;
    double p = rm_poisson_at_least(deventer[2], against(2020, 2020, false).expected);
    assert_written(p, 0.00095, 0.00001);
    assert_true(p < against(2020, 2020, false).greater / 10.0);
}

static void test_reports_without_the_area_in_the_country(void **state)
{
    (void)state;
    rm_exact_change change = rm_exact_compare(67, 13466 - 67, 75, 10241 - 75, 0.025, true, false);
    assert_written(change.ratio, 1.475, 0.001);
    assert_written(change.greater, 0.0128, 0.0001);
}

/* poisson.test(c(75, 67), c(10241, 13466)) of R 4.2.2 */
static void test_reports_as_r_has_them(void **state)
{
    (void)state;
    rm_exact_change change = against(2020, 2020, true);
    assert_relative(change.ratio, 1.47191491036177, 1e-12);
    assert_relative(change.lower, 1.04454653023176, 1e-12);
    assert_relative(change.upper, 2.07781355190250, 1e-12);
    assert_relative(change.two_sided, 0.0221445674872096, 1e-12);
    assert_relative(change.greater, 0.0132337054455675, 1e-12);
    assert_relative(change.less, 0.991511378620663, 1e-12);
    change = rm_exact_compare(67, 13466, 75, 10241, 0.05, true, false);
    assert_relative(change.lower, 1.10128831880091, 1e-12);
    assert_relative(change.upper, 1.96949005834189, 1e-12);
}

/* ---- one comparison ------------------------------------------------------------------------- */

/* 0 before, 3 after, and the other way round; R as above. */
static void test_none_on_one_side(void **state)
{
    (void)state;
    rm_exact_change change = rm_exact_compare(0, 5, 3, 2, 0.025, true, false);
    assert_true(isinf(change.ratio) && isinf(change.upper) && change.expected == 0.0);
    assert_relative(change.lower, 1.03307838757723, 1e-12);
    assert_relative(change.greater, 8.0 / 343.0, 1e-14);
    assert_true(change.less == 1.0);
    change = rm_exact_compare(4, 5, 0, 2, 0.025, true, false);
    assert_true(change.ratio == 0.0 && change.lower == 0.0 && change.greater == 1.0);
    assert_relative(change.upper, 3.78716714841468, 1e-12);
    assert_relative(change.less, 625.0 / 2401.0, 1e-14);
    assert_relative(change.two_sided, 1250.0 / 2401.0, 1e-14);
}

static void test_none_at_all(void **state)
{
    (void)state;
    for (int likelihood = 0; likelihood < 2; likelihood++) {
        rm_exact_change change = rm_exact_compare(0, 5, 0, 2, 0.025, true, likelihood);
        assert_true(isnan(change.ratio) && change.expected == 0.0);
        assert_true(change.lower == 0.0 && isinf(change.upper));
        assert_true(change.greater == 1.0 && change.less == 1.0 && change.two_sided == 1.0);
    }
}

/* The interval leaves out 1 exactly when the doubled p is below what is left of confidence. */
static void test_interval_agrees_with_doubled_p(void **state)
{
    (void)state;
    int outside = 0;
    for (int c1 = 0; c1 < 25; c1++)
        for (int c2 = 0; c2 < 25; c2++) {
            rm_exact_change change = rm_exact_compare(c1, 3, c2, 2, 0.025, true, false);
            bool out = change.lower > 1.0 || change.upper < 1.0;
            assert_true(out == (change.two_sided < 0.05));
            outside += out;
        }
    assert_in_range(outside, 100, 500);
}

/* Turned round, ratios and bounds are one over each other and the sides change places. Exposures a
 * thousand times as large change nothing. */
static void test_turned_and_scaled(void **state)
{
    (void)state;
    for (int c = 1; c < 200; c += 7) {
        rm_exact_change there = rm_exact_compare(c, 3.5, 60, 2.25, 0.025, true, false);
        rm_exact_change back = rm_exact_compare(60, 2.25, c, 3.5, 0.025, true, false);
        rm_exact_change large = rm_exact_compare(c, 3500, 60, 2250, 0.025, true, false);
        assert_relative(there.ratio * back.ratio, 1.0, 1e-14);
        assert_relative(there.lower * back.upper, 1.0, 1e-12);
        assert_relative(there.greater, back.less, 1e-12);
        assert_relative(there.two_sided, back.two_sided, 1e-12);
        assert_relative(large.two_sided, there.two_sided, 1e-12);
        assert_relative(large.upper, there.upper, 1e-12);
    }
    rm_exact_change huge = rm_exact_compare(3, 1.5e308, 4, 1.5e308, 0.025, true, false);
    assert_relative(huge.greater, 0.5, 1e-14);
}

/* ---- many areas ----------------------------------------------------------------------------- */

enum { MANY = 1000 };

typedef struct answers {
    double expected[MANY], ratio[MANY], lower[MANY], upper[MANY], greater[MANY], less[MANY],
        two_sided[MANY];
} answers;

static rm_change into(answers *all)
{
    rm_change change = RM_CHANGE_INIT;
    change.expected = all->expected;
    change.ratio = all->ratio;
    change.lower = all->lower;
    change.upper = all->upper;
    change.greater = all->greater;
    change.less = all->less;
    change.two_sided = all->two_sided;
    return change;
}

static void make_counts(double *c1, double *e1, double *c2, double *e2)
{
    for (int i = 0; i < MANY; i++) {
        c1[i] = i * 37 % 101;
        c2[i] = i * 53 % 97;
        e1[i] = 1000 + i % 7;
        e2[i] = i % 50 == 3 ? 0 : 900 + i % 11;
    }
    c1[5] = c2[6] = e1[7] = e2[8] = NAN;
}

static void test_many_by_any_number_of_threads(void **state)
{
    static double c1[MANY], e1[MANY], c2[MANY], e2[MANY];
    static answers one, other;
    rm_exact_options options = RM_EXACT_OPTIONS_INIT;
    rm_change change = into(&one), change_other = into(&other);
    (void)state;
    make_counts(c1, e1, c2, e2);
    options.threads = 1;
    assert_int_equal(rm_rate_change(&change, c1, e1, c2, e2, MANY, &options, NULL), RM_OK);
    for (int i = 0; i < MANY; i++) {
        rm_exact_change own =
            rm_exact_compare(c1[i], e1[i], c2[i], e2[i], 0.5 * (1.0 - 0.95), true, false);
        bool none = (i >= 5 && i <= 8) || i % 50 == 3;
        assert_true(isnan(one.two_sided[i]) == none && isnan(one.lower[i]) == none);
        assert_true(none || (one.lower[i] == own.lower && one.greater[i] == own.greater));
    }
    for (options.threads = 2; options.threads <= 4; options.threads += 2) {
        memset(&other, 0, sizeof other);
        assert_int_equal(rm_rate_change(&change_other, c1, e1, c2, e2, MANY, &options, NULL),
                         RM_OK);
        assert_memory_equal(&one, &other, sizeof one);
    }
}

static void test_only_what_is_wanted(void **state)
{
    const double c1[] = {67}, e1[] = {13466}, c2[] = {75}, e2[] = {10241};
    double p = -5;
    rm_change change = RM_CHANGE_INIT;
    rm_exact_options options = RM_EXACT_OPTIONS_INIT;
    (void)state;
    assert_int_equal(rm_rate_change(&change, c1, e1, c2, e2, 1, NULL, NULL), RM_OK);
    change.two_sided = &p;
    options.two_sided = RM_TWO_SIDED_LIKELIHOOD;
    assert_int_equal(rm_rate_change(&change, c1, e1, c2, e2, 1, &options, NULL), RM_OK);
    assert_written(p, 0.0221, 0.0001);
    assert_int_equal(rm_rate_change(&change, NULL, NULL, NULL, NULL, 0, NULL, NULL), RM_OK);
}

static void refused(const double *c1, const double *e1, const double *c2, const double *e2,
                    const char *message)
{
    double p[2] = {-5, -5};
    rm_change change = RM_CHANGE_INIT;
    rm_error err;
    change.two_sided = p;
    assert_int_equal(rm_rate_change(&change, c1, e1, c2, e2, 2, NULL, &err), RM_EINVAL);
    assert_string_equal(err.message, message);
    assert_int_equal(err.row, 1);
    assert_true(p[0] == -5 && p[1] == -5);
}

static void test_change_refusals(void **state)
{
    const double good[] = {1, 2}, negative[] = {1, -2}, half[] = {1, 2.5},
                 infinite[] = {1, INFINITY};
    const double huge[] = {1, 4294967296.0};
    (void)state;
    refused(negative, good, good, good, "the count before of row 1 is negative");
    refused(good, good, negative, good, "the count after of row 1 is negative");
    refused(good, negative, good, good, "the exposure before of row 1 is negative");
    refused(good, good, good, negative, "the exposure after of row 1 is negative");
    refused(
        half, good, good, good,
        "the count before of row 1 is not a whole number; exact methods are for counts, not for "
        "weighted ones");
    refused(good, good, infinite, good,
            "the count after of row 1 is infinite; give a number, or NaN for missing");
    refused(good, infinite, good, good,
            "the exposure before of row 1 is infinite; give a number, or NaN for missing");
    refused(good, good, huge, good, "the count after of row 1 is above 2147483648");
}

static void test_option_refusals(void **state)
{
    const double one[] = {1};
    double p = -5;
    rm_change change = RM_CHANGE_INIT;
    rm_error err;
    const double confidences[] = {0.0, 1.0, -0.5, 95.0, NAN};
    rm_exact_options options = RM_EXACT_OPTIONS_INIT;
    (void)state;
    change.two_sided = &p;
    for (int i = 0; i < 5; i++) {
        options.confidence = confidences[i];
        assert_int_equal(rm_rate_change(&change, one, one, one, one, 1, &options, &err), RM_EINVAL);
        assert_non_null(strstr(err.message, "; give a number between 0 and 1, like 0.95"));
    }
    rm_exact_options_init(&options);
    options.two_sided = 2;
    assert_int_equal(rm_rate_change(&change, one, one, one, one, 1, &options, &err), RM_EINVAL);
    assert_string_equal(err.message,
                        "two_sided is 2; RM_TWO_SIDED_DOUBLED or RM_TWO_SIDED_LIKELIHOOD");
    rm_exact_options_init(&options);
    options.threads = 65;
    assert_int_equal(rm_rate_change(&change, one, one, one, one, 1, &options, &err), RM_EINVAL);
    assert_string_equal(err.message, "threads is 65; 0 (all cores) to 64");
    options.size = 0;
    assert_int_equal(rm_rate_change(&change, one, one, one, one, 1, &options, &err), RM_EINVAL);
    assert_string_equal(err.message,
                        "rm_exact_options.size is 0; begin with RM_EXACT_OPTIONS_INIT");
    change.size = 1;
    assert_int_equal(rm_rate_change(&change, one, one, one, one, 1, NULL, &err), RM_EINVAL);
    assert_string_equal(err.message, "rm_change.size is 1; begin with RM_CHANGE_INIT");
    assert_int_equal(rm_rate_change(NULL, one, one, one, one, 1, NULL, &err), RM_EINVAL);
    assert_int_equal(rm_rate_change(&change, one, one, one, NULL, 1, NULL, &err), RM_EINVAL);
    assert_string_equal(err.message, "an array is NULL, or count is 1");
    assert_true(p == -5);
}

static int stop(double fraction, const char *message, void *user)
{
    (void)fraction;
    (void)message;
    return ++*(int *)user > 1;
}

static void test_cancelled(void **state)
{
    static double c1[MANY], e1[MANY], c2[MANY], e2[MANY];
    double lower[MANY] = {-5}, upper[MANY] = {-5};
    int asked = 0;
    rm_change change = RM_CHANGE_INIT;
    rm_exact_options options = RM_EXACT_OPTIONS_INIT;
    (void)state;
    make_counts(c1, e1, c2, e2);
    options.progress = stop;
    options.progress_user = &asked;
    change.lower = lower;
    assert_int_equal(rm_rate_change(&change, c1, e1, c2, e2, MANY, &options, NULL), RM_ECANCELLED);
    asked = 0;
    assert_int_equal(rm_rate_intervals(NULL, lower, upper, c1, e1, MANY, &options, NULL),
                     RM_ECANCELLED);
    assert_true(lower[0] == -5 && upper[0] == -5);
}

/* ---- intervals ------------------------------------------------------------------------------ */

/* 0: upper -log 0.025; 75: by mpmath; 12 on 3: R's poisson.test, also at 99 %. */
static void test_intervals(void **state)
{
    const double events[] = {0, 75, 12, NAN, 4}, exposure[] = {1, 1, 3, 1, 0};
    double rate[5], lower[5], upper[5];
    rm_exact_options options = RM_EXACT_OPTIONS_INIT;
    (void)state;
    assert_int_equal(rm_rate_intervals(rate, lower, upper, events, exposure, 5, NULL, NULL), RM_OK);
    assert_true(rate[0] == 0.0 && lower[0] == 0.0 && rate[1] == 75.0 && rate[2] == 4.0);
    assert_relative(upper[0], 3.6888794541139363, 1e-13);
    assert_relative(lower[1], 58.992257701451452, 1e-13);
    assert_relative(upper[1], 94.013149448832768, 1e-13);
    assert_relative(lower[2], 2.06685836957407, 1e-12);
    assert_relative(upper[2], 6.98719501605898, 1e-12);
    for (int i = 3; i < 5; i++)
        assert_true(isnan(rate[i]) && isnan(lower[i]) && isnan(upper[i]));
    options.confidence = 0.99;
    assert_int_equal(rm_rate_intervals(NULL, lower, upper, events, exposure, 5, &options, NULL),
                     RM_OK);
    assert_relative(lower[2], 1.64770558370691, 1e-12);
    assert_relative(upper[2], 8.04831372207614, 1e-12);
}

/* What the interval promises: just so much of the distribution lies beyond each of its ends. */
static void test_intervals_hold_what_they_promise(void **state)
{
    double lower, upper;
    (void)state;
    for (double n = 1.0; n < 1e12; n = floor(n * 3.7) + 1.0) {
        rm_exact_poisson(&lower, &upper, n, 0.025);
        assert_true(lower < n && n < upper);
        assert_relative(rm_poisson_at_least(n, lower), 0.025, 1e-9);
        assert_relative(rm_poisson_at_most(n, upper), 0.025, 1e-9);
    }
}

static void test_intervals_of_many(void **state)
{
    static double events[MANY], exposure[MANY], twice[MANY], spare[MANY], other[MANY];
    static double lower[MANY], upper[MANY], half_lower[MANY], half_upper[MANY];
    rm_exact_options options = RM_EXACT_OPTIONS_INIT;
    (void)state;
    make_counts(events, exposure, spare, other);
    for (int i = 0; i < MANY; i++)
        twice[i] = 2.0 * exposure[i];
    options.threads = 1;
    assert_int_equal(rm_rate_intervals(NULL, lower, upper, events, exposure, MANY, &options, NULL),
                     RM_OK);
    options.threads = 4;
    assert_int_equal(
        rm_rate_intervals(spare, half_lower, half_upper, events, twice, MANY, &options, NULL),
        RM_OK);
    for (int i = 0; i < MANY; i++) {
        assert_true(isnan(lower[i]) ? isnan(half_lower[i]) : 2.0 * half_lower[i] == lower[i]);
        assert_true(isnan(upper[i]) ? isnan(half_upper[i]) : 2.0 * half_upper[i] == upper[i]);
    }
}

static void test_interval_refusals(void **state)
{
    const double good[] = {1, 2}, negative[] = {-1, 2}, half[] = {1, 0.5};
    double lower[2] = {-5}, upper[2];
    rm_error err;
    (void)state;
    assert_int_equal(rm_rate_intervals(NULL, lower, upper, negative, good, 2, NULL, &err),
                     RM_EINVAL);
    assert_string_equal(err.message, "the number of events of row 0 is negative");
    assert_int_equal(rm_rate_intervals(NULL, lower, upper, half, good, 2, NULL, &err), RM_EINVAL);
    assert_string_equal(err.message, "the number of events of row 1 is not a whole number; exact "
                                     "methods are for counts, not for weighted ones");
    assert_int_equal(rm_rate_intervals(NULL, lower, upper, good, negative, 2, NULL, &err),
                     RM_EINVAL);
    assert_string_equal(err.message, "the exposure of row 0 is negative");
    assert_int_equal(rm_rate_intervals(NULL, lower, NULL, good, good, 2, NULL, &err), RM_EINVAL);
    assert_int_equal(rm_rate_intervals(NULL, lower, upper, good, good, -2, NULL, &err), RM_EINVAL);
    assert_string_equal(err.message, "an array is NULL, or count is -2");
    assert_true(lower[0] == -5);
    assert_int_equal(rm_rate_intervals(NULL, lower, upper, good, good, 0, NULL, &err), RM_OK);
}

/* ---- the thin functions around the other kernels -------------------------------------------- */

static void test_other_refusals(void **state)
{
    const double good[] = {1, 2}, half[] = {1, 0.5};
    double out[2] = {-5, -5};
    rm_error err;
    (void)state;
    assert_int_equal(rm_rates(out, good, good, 2, 0.0, 3, &err), RM_EINVAL);
    assert_string_equal(err.message,
                        "method 3 does not exist; RM_RATE_CRUDE to RM_RATE_GLOBAL_BINOMIAL");
    assert_int_equal(rm_rates(out, good, half, 2, 0.0, RM_RATE_GLOBAL_BINOMIAL, &err), RM_EINVAL);
    assert_int_equal(err.row, 1);
    assert_int_equal(rm_rates(NULL, good, good, 2, 0.0, 0, &err), RM_EINVAL);
    assert_int_equal(rm_rate_deviates(out, good, NULL, 2, &err), RM_EINVAL);
    assert_int_equal(rm_probability_map(out, NULL, NULL, NULL, half, good, 2, NULL, NULL, &err),
                     RM_EINVAL);
    assert_non_null(strstr(err.message, "is not a whole number"));
    assert_int_equal(rm_rates_local(out, NULL, NULL, good, good, 2, NULL, NULL, NULL, &err),
                     RM_EINVAL);
    assert_string_equal(err.message, "there are 2 areas, but weights of 0");
    assert_true(out[0] == -5 && out[1] == -5);
}

/* ---- stopping ---- */

enum { LONG = 20000 };
static double long_events[LONG], long_exposure[LONG], long_out[LONG];

static void make_long(void)
{
    for (int i = 0; i < LONG; i++) {
        long_events[i] = i % 7;
        long_exposure[i] = 1 + i % 11;
        long_out[i] = -1.0;
    }
}

/* What is written is written on success alone. */
static rm_status look_at_long(rm_status status)
{
    assert_true((status == RM_OK) == (long_out[LONG - 1] != -1.0));
    return status;
}

static rm_status map_long(telling *told, rm_error *err)
{
    make_long();
    return look_at_long(rm_probability_map(NULL, NULL, long_out, NULL, long_events, long_exposure,
                                           LONG, tell, told, err));
}

static rm_status scale_long(telling *told, rm_error *err)
{
    make_long();
    return look_at_long(
        rm_scale_values(long_out, long_events, LONG, RM_PERCENTILE, 1, 0, 0, tell, told, err));
}

static rm_status shrink_long(telling *told, rm_error *err)
{
    static int32_t from[LONG - 1], to[LONG - 1];
    rm_weights *weights = NULL;
    make_long();
    for (int32_t i = 0; i + 1 < LONG; i++) {
        from[i] = i;
        to[i] = i + 1;
    }
    assert_int_equal(
        rm_weights_from_links(&weights, LONG, from, to, NULL, LONG - 1, NULL, NULL, err), RM_OK);
    rm_status status = rm_rates_local(long_out, NULL, NULL, long_events, long_exposure, LONG,
                                      weights, tell, told, err);
    rm_weights_free(weights);
    return look_at_long(status);
}

static void test_can_be_stopped(void **state)
{
    (void)state;
    assert_can_be_stopped(map_long);
    assert_can_be_stopped(scale_long);
    assert_can_be_stopped(shrink_long);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reports_against_2020),
        cmocka_unit_test(test_reports_against_2021),
        cmocka_unit_test(test_reports_against_2020_and_2021_pooled),
        cmocka_unit_test(test_reports_two_sided_by_likelihood),
        cmocka_unit_test(test_reports_by_fixed_mean_poisson_too_sure),
        cmocka_unit_test(test_reports_without_the_area_in_the_country),
        cmocka_unit_test(test_reports_as_r_has_them),
        cmocka_unit_test(test_none_on_one_side),
        cmocka_unit_test(test_none_at_all),
        cmocka_unit_test(test_interval_agrees_with_doubled_p),
        cmocka_unit_test(test_turned_and_scaled),
        cmocka_unit_test(test_many_by_any_number_of_threads),
        cmocka_unit_test(test_only_what_is_wanted),
        cmocka_unit_test(test_change_refusals),
        cmocka_unit_test(test_option_refusals),
        cmocka_unit_test(test_cancelled),
        cmocka_unit_test(test_intervals),
        cmocka_unit_test(test_intervals_hold_what_they_promise),
        cmocka_unit_test(test_intervals_of_many),
        cmocka_unit_test(test_interval_refusals),
        cmocka_unit_test(test_other_refusals),
        cmocka_unit_test(test_can_be_stopped),
    };
    return cmocka_run_group_tests_name("stats_rate_exact", tests, NULL, NULL);
}
