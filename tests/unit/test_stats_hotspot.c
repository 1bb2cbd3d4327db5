/* False discovery, bins and classes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "stats/autocorrelation/hotspot.h"

#include <math.h>

/* R: p.adjust(c(0.01, 0.04, NA, 0.03, 0.005, 0.5, 0.03), "BH") */
static void test_adjusted_is_what_r_gives(void **state)
{
    const double p[] = {0.01, 0.04, NAN, 0.03, 0.005, 0.5, 0.03};
    const double expected[] = {0.03, 0.048, NAN, 0.045, 0.03, 0.5, 0.045};
    double adjusted[7];
    (void)state;
    assert_int_equal(rm_adjust_p(adjusted, p, 7, NULL), RM_OK);
    for (int i = 0; i < 7; i++) {
        assert_true(isnan(p[i]) == isnan(adjusted[i]));
        assert_true(isnan(p[i]) || fabs(adjusted[i] - expected[i]) < 1e-15);
    }
}

static void test_adjusted_in_place_and_of_nothing(void **state)
{
    double p[] = {0.9, 0.8, 1.0}, none[] = {NAN};
    (void)state;
    assert_int_equal(rm_adjust_p(p, p, 3, NULL), RM_OK);
    for (int i = 0; i < 3; i++)
        assert_true(p[i] == 1.0);
    assert_int_equal(rm_adjust_p(p, p, 0, NULL), RM_OK);
    assert_int_equal(rm_adjust_p(none, none, 1, NULL), RM_OK);
    assert_true(isnan(none[0]));
}

/* The definition: the smallest q at which the step-up procedure rejects. */
static void test_adjusted_by_definition(void **state)
{
    enum { TESTS = 40 };
    double p[TESTS], adjusted[TESTS];
    (void)state;
    for (int i = 0; i < TESTS; i++)
        p[i] = (i * 17 % TESTS + 1) * (i * 17 % TESTS + 1) / 1700.0;
    assert_int_equal(rm_adjust_p(adjusted, p, TESTS, NULL), RM_OK);
    for (int i = 0; i < TESTS; i++) {
        double best = 1.0;
        for (int j = 0; j < TESTS; j++) { /* p[j] as the last one that is rejected */
            int rank = 0;
            for (int k = 0; k < TESTS; k++)
                rank += p[k] <= p[j];
            double q = p[j] * TESTS / rank;
            best = p[j] >= p[i] && q < best ? q : best;
        }
        assert_true(fabs(adjusted[i] - best) <= 1e-14);
    }
}

static void test_p_out_of_range(void **state)
{
    const double high[] = {0.5, 1.5}, low[] = {-0.1}, infinite[] = {0.1, 0.2, INFINITY};
    double adjusted[3] = {7, 7, 7};
    rm_error err;
    (void)state;
    assert_int_equal(rm_adjust_p(adjusted, high, 2, &err), RM_EINVAL);
    assert_string_equal(err.message, "p of row 1 lies outside 0 to 1");
    assert_int_equal(err.row, 1);
    assert_int_equal(rm_adjust_p(adjusted, low, 1, &err), RM_EINVAL);
    assert_int_equal(err.row, 0);
    assert_int_equal(rm_adjust_p(adjusted, infinite, 3, &err), RM_EINVAL);
    assert_int_equal(err.row, 2);
    assert_true(adjusted[0] == 7.0 && adjusted[1] == 7.0 && adjusted[2] == 7.0);
}

static void test_bins(void **state)
{
    const double z[] = {3, -3, 2, -2, 1.7, -1.7, 1, -1, 0, NAN, 2, 2, 2};
    const double p[] = {.009, .0099, .01, .049, .05, .0999, .1, .5, 1, .01, NAN, .05, 0};
    const int8_t expected[] = {3, -3, 2, -2, 1, -1, 0, 0, 0, RM_NO_BIN, RM_NO_BIN, 1, 3};
    int8_t bins[13];
    (void)state;
    rm_bin_items(bins, z, p, 13);
    assert_memory_equal(bins, expected, 13);
}

static void test_classes(void **state)
{
    uint8_t quadrant[] = {1, 2, 3, 4, 1, 2, RM_LISA_UNDEFINED, RM_LISA_NO_NEIGHBOURS};
    const double p[] = {.05, .01, .0501, 0, 1, NAN, NAN, NAN};
    const uint8_t expected[] = {1, 2, 0, 4, 0, 0, RM_LISA_UNDEFINED, RM_LISA_NO_NEIGHBOURS};
    (void)state;
    rm_classify_items(quadrant, quadrant, p, 8, 0.05);
    assert_memory_equal(quadrant, expected, 8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_adjusted_is_what_r_gives),
        cmocka_unit_test(test_adjusted_in_place_and_of_nothing),
        cmocka_unit_test(test_adjusted_by_definition),
        cmocka_unit_test(test_p_out_of_range),
        cmocka_unit_test(test_bins),
        cmocka_unit_test(test_classes),
    };
    return cmocka_run_group_tests_name("stats_hotspot", tests, NULL, NULL);
}
