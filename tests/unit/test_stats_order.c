/* Sorting and exact sums. */
#include "stats/order.h"

#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static int by_value_then_place(const void *a, const void *b)
{
    const double *x = *(const double *const *)a, *y = *(const double *const *)b;
    return *x < *y ? -1 : *x > *y ? 1 : x < y ? -1 : 1;
}

static uint64_t step(uint64_t *seed)
{
    return *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
}

static void test_sort(void **state)
{
    (void)state;
    enum { MOST = 5000 };
    static double values[MOST];
    static const double *pointers[MOST];
    const int sizes[] = {0, 1, 2, 47, 48, 49, 1000, MOST};
    uint64_t seed = 3;

    for (int kind = 0; kind < 3; kind++) {
        for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
            int64_t present = 0, found = -1;
            for (int i = 0; i < sizes[s]; i++) {
                uint64_t bits = step(&seed);
                if (kind == 0) /* any bits at all */
                    memcpy(&values[i], &bits, sizeof bits);
                else /* few values, many ties, both zeros; or all equal */
                    values[i] =
                        kind == 1 ? (double)((int64_t)(bits >> 60) - 8) * 0.0 + (double)(bits >> 61)
                                  : 4.0;
                if (isinf(values[i]))
                    values[i] = 0.0;
                if (!isnan(values[i]))
                    pointers[present++] = &values[i];
            }
            qsort(pointers, (size_t)present, sizeof *pointers, by_value_then_place);
            rm_keyed *sorted = NULL;
            assert_int_equal(rm_sort_present(&sorted, &found, values, sizes[s], "x", NULL, NULL),
                             RM_OK);
            assert_int_equal(found, present);
            for (int64_t i = 0; i < present; i++) {
                assert_int_equal(sorted[i].index, pointers[i] - values);
                assert_true(rm_keyed_value(sorted[i]) == *pointers[i]);
            }
            rm_release(sorted);
        }
    }
}

static void test_zeros_are_equal(void **state)
{
    (void)state;
    const double values[] = {0.0, -0.0, -1.0, -0.0};
    rm_keyed *sorted = NULL;
    int64_t present;
    assert_int_equal(rm_sort_present(&sorted, &present, values, 4, "x", NULL, NULL), RM_OK);
    assert_int_equal(sorted[0].index, 2);
    assert_int_equal(sorted[1].index, 0);
    assert_int_equal(sorted[2].index, 1);
    assert_int_equal(sorted[3].index, 3);
    assert_true(sorted[1].key == sorted[3].key);
    rm_release(sorted);
}

static void test_refusals(void **state)
{
    (void)state;
    const double values[] = {0.0, NAN, INFINITY};
    rm_keyed *sorted = NULL;
    int64_t present = -5;
    rm_error err;
    assert_int_equal(rm_sort_present(&sorted, &present, values, 3, "the score", NULL, &err),
                     RM_EINVAL);
    assert_null(sorted);
    assert_int_equal(present, -5);
    assert_int_equal(err.row, 2);
    assert_string_equal(err.message,
                        "the score of row 2 is infinite; give a number, or NaN for missing");
    assert_int_equal(
        rm_sort_present(&sorted, &present, values, INT64_C(3000000000), "x", NULL, &err),
        RM_ELIMIT);
    assert_int_equal(rm_refuse_infinite(values, 2, "x", NULL), RM_OK);
}

static double sum_of(const double *values, int count)
{
    rm_exact sum = {0};
    for (int i = 0; i < count; i++)
        rm_exact_add(&sum, values[i]);
    return rm_exact_value(&sum);
}

static void test_exact_sums(void **state)
{
    (void)state;
    const double lost[] = {1e100, 1.0, -1e100}, tenths[] = {.1, .1, .1, .1, .1, .1, .1, .1, .1, .1};
    const double tie[] = {1.0, 0x1p-53, 0x1p-106}, down[] = {1.0, 0x1p-53, -0x1p-106};
    const double large[] = {DBL_MAX, DBL_MAX, -DBL_MAX};
    assert_true(sum_of(NULL, 0) == 0.0);
    assert_true(sum_of(lost, 3) == 1.0);
    assert_true(sum_of(tenths, 10) == 1.0);
    assert_true(sum_of(tie, 2) == 1.0); /* half-way goes to the even one */
    assert_true(sum_of(tie, 3) == 1.0 + DBL_EPSILON);
    assert_true(sum_of(down, 3) == 1.0);
    assert_true(isnan(sum_of(large, 3)));
}

/* Values over the whole range, whose exact sum is known because each comes back with its sign
 * turned. */
static void test_sum_order(void **state)
{
    (void)state;
    enum { PAIRS = 400 };
    double values[2 * PAIRS + 1];
    uint64_t seed = 11;
    for (int i = 0; i < PAIRS; i++) {
        values[2 * i] = ldexp((double)(step(&seed) >> 11), (int)(step(&seed) >> 33) % 900 - 500);
        values[2 * i + 1] = -values[2 * i];
    }
    values[2 * PAIRS] = 0.375;
    for (int round = 0; round < 50; round++) {
        assert_true(sum_of(values, 2 * PAIRS + 1) == 0.375);
        for (int i = 2 * PAIRS; i > 0; i--) {
            int j = (int)(step(&seed) >> 33) % (i + 1);
            double keep = values[i];
            values[i] = values[j];
            values[j] = keep;
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sort),      cmocka_unit_test(test_zeros_are_equal),
        cmocka_unit_test(test_refusals),  cmocka_unit_test(test_exact_sums),
        cmocka_unit_test(test_sum_order),
    };
    return cmocka_run_group_tests_name("stats_order", tests, NULL, NULL);
}
