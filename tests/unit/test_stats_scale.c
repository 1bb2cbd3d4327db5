/* Scaling: tables that can be checked by hand, and what must not change an outcome. */
#include "stats/scale.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(array) ((int64_t)(sizeof(array) / sizeof *(array)))

static void assert_same(const double *a, const double *b, int64_t count)
{
    for (int64_t i = 0; i < count; i++) {
        if (isnan(a[i]) || isnan(b[i]))
            assert_true(isnan(a[i]) && isnan(b[i]));
        else if (a[i] != b[i])
            fail_msg("row %d: %.17g is not %.17g", (int)i, a[i], b[i]);
    }
}

static void assert_near(const double *a, const double *b, int64_t count, double tolerance)
{
    for (int64_t i = 0; i < count; i++) {
        if (isnan(b[i]))
            assert_true(isnan(a[i]));
        else if (!(fabs(a[i] - b[i]) <= tolerance))
            fail_msg("row %d: %.17g is not %.17g", (int)i, a[i], b[i]);
    }
}

static void scale(rm_scale method, int direction, const double *values, double *scaled,
                  int64_t count)
{
    rm_scaling scaling = {.method = method, .direction = direction, .a = 2.0, .b = 10.0};
    rm_error err;
    assert_int_equal(rm_scaling_fit(&scaling, values, count, NULL, &err), RM_OK);
    assert_int_equal(rm_scaling_apply(&scaling, values, scaled, count, &err), RM_OK);
    rm_scaling_clear(&scaling);
}

/* Values 2 4 4 8 and a missing one: mean 4.5, squares 6.25 + 0.25 + 0.25 + 12.25 = 19, sd
 * sqrt(19/3) */
static const double table[] = {4.0, NAN, 2.0, 8.0, 4.0};

static void test_tables(void **state)
{
    (void)state;
    double sd = sqrt(19.0 / 3.0);
    const double minmax[] = {1.0 / 3.0, NAN, 0.0, 1.0, 1.0 / 3.0};
    const double minmax_down[] = {2.0 / 3.0, NAN, 1.0, 0.0, 2.0 / 3.0};
    const double zscore[] = {-0.5 / sd, NAN, -2.5 / sd, 3.5 / sd, -0.5 / sd};
    const double zscore_down[] = {0.5 / sd, NAN, 2.5 / sd, -3.5 / sd, 0.5 / sd};
    const double rank[] = {2, NAN, 1, 4, 2};
    const double rank_down[] = {2, NAN, 4, 1, 2};
    const double percentile[] = {0.5, NAN, 0.0, 1.0, 0.5};
    const double percentile_down[] = {0.5, NAN, 1.0, 0.0, 0.5};
    const double fixed[] = {0.25, NAN, 0.0, 0.75, 0.25};
    const double fixed_down[] = {0.75, NAN, 1.0, 0.25, 0.75};
    double out[COUNT(table)];

    scale(RM_SCALE_MINMAX, 1, table, out, COUNT(table));
    assert_near(out, minmax, COUNT(table), 1e-15);
    scale(RM_SCALE_MINMAX, -1, table, out, COUNT(table));
    assert_near(out, minmax_down, COUNT(table), 1e-15);
    scale(RM_SCALE_ZSCORE, 1, table, out, COUNT(table));
    assert_near(out, zscore, COUNT(table), 1e-15);
    scale(RM_SCALE_ZSCORE, -1, table, out, COUNT(table));
    assert_near(out, zscore_down, COUNT(table), 1e-15);
    scale(RM_SCALE_RANK, 1, table, out, COUNT(table));
    assert_same(out, rank, COUNT(table));
    scale(RM_SCALE_RANK, -1, table, out, COUNT(table));
    assert_same(out, rank_down, COUNT(table));
    scale(RM_SCALE_PERCENTILE, 1, table, out, COUNT(table));
    assert_same(out, percentile, COUNT(table));
    scale(RM_SCALE_PERCENTILE, -1, table, out, COUNT(table));
    assert_same(out, percentile_down, COUNT(table));
    scale(RM_SCALE_FIXED, 1, table, out, COUNT(table));
    assert_same(out, fixed, COUNT(table));
    scale(RM_SCALE_FIXED, -1, table, out, COUNT(table));
    assert_same(out, fixed_down, COUNT(table));
}

static void test_parameters(void **state)
{
    (void)state;
    rm_scaling scaling = {.method = RM_SCALE_MINMAX, .direction = -1};
    assert_int_equal(rm_scaling_fit(&scaling, table, COUNT(table), NULL, NULL), RM_OK);
    assert_true(scaling.a == 2.0 && scaling.b == 8.0);
    assert_int_equal(scaling.count, 4);
    assert_false(scaling.constant);
    assert_null(scaling.sorted);
    scaling.method = RM_SCALE_ZSCORE;
    assert_int_equal(rm_scaling_fit(&scaling, table, COUNT(table), NULL, NULL), RM_OK);
    assert_true(scaling.a == 4.5 && fabs(scaling.b - sqrt(19.0 / 3.0)) < 1e-15);
    scaling.method = RM_SCALE_PERCENTILE;
    assert_int_equal(rm_scaling_fit(&scaling, table, COUNT(table), NULL, NULL), RM_OK);
    const double sorted[] = {-8.0, -4.0, -4.0, -2.0};
    assert_same(scaling.sorted, sorted, 4);
    assert_true(isnan(scaling.a) && isnan(scaling.b));
    rm_scaling_clear(&scaling);
    assert_null(scaling.sorted);
    rm_scaling_clear(&scaling);
    rm_scaling_clear(NULL);
}

/* Fitted on 2 4 4 8, applied to others. */
static void test_other_data(void **state)
{
    (void)state;
    const double other[] = {-1.0, 2.0, 3.0, 4.0, 5.0, 8.0, 100.0, NAN};
    const double minmax[] = {0, 0, 1.0 / 6, 1.0 / 3, 0.5, 1, 1, NAN};
    /* between 2 (rank 1) and 4 (rank 2), then between 4 (rank 2) and 8 (rank 4) */
    const double rank[] = {1, 1, 1.5, 2, 2.5, 4, 4, NAN};
    const double percentile[] = {0, 0, 0.25, 0.5, 0.625, 1, 1, NAN};
    const double percentile_down[] = {1, 1, 0.75, 0.5, 0.375, 0, 0, NAN};
    double out[COUNT(other)];
    const struct {
        int method, direction;
        const double *expected;
    } cases[] = {{RM_SCALE_MINMAX, 1, minmax},
                 {RM_SCALE_RANK, 1, rank},
                 {RM_SCALE_PERCENTILE, 1, percentile},
                 {RM_SCALE_PERCENTILE, -1, percentile_down}};

    for (int c = 0; c < 4; c++) {
        rm_scaling scaling = {.method = cases[c].method, .direction = cases[c].direction};
        assert_int_equal(rm_scaling_fit(&scaling, table, COUNT(table), NULL, NULL), RM_OK);
        assert_int_equal(rm_scaling_apply(&scaling, other, out, COUNT(other), NULL), RM_OK);
        assert_near(out, cases[c].expected, COUNT(other), 1e-15);
        rm_scaling_clear(&scaling);
    }
    rm_scaling fixed = {.method = RM_SCALE_FIXED, .direction = -1, .a = 0.0, .b = 4.0};
    const double expected[] = {1, 0.5, 0.25, 0, 0, 0, 0, NAN};
    assert_int_equal(rm_scaling_fit(&fixed, NULL, 0, NULL, NULL), RM_OK);
    assert_int_equal(rm_scaling_apply(&fixed, other, out, COUNT(other), NULL), RM_OK);
    assert_same(out, expected, COUNT(other));
}

/* Ties at both ends: the percentile of the lowest is then above 0. */
static void test_tied_ends(void **state)
{
    (void)state;
    const double values[] = {5, 1, 5, 1, 3};
    const double percentile[] = {0.875, 0.125, 0.875, 0.125, 0.5};
    const double other[] = {0, 1, 2, 4, 5, 6};
    const double others[] = {0.125, 0.125, 0.3125, 0.6875, 0.875, 0.875};
    double out[6];
    rm_scaling scaling = {.method = RM_SCALE_PERCENTILE, .direction = 1};
    assert_int_equal(rm_scaling_fit(&scaling, values, 5, NULL, NULL), RM_OK);
    assert_int_equal(rm_scaling_apply(&scaling, values, out, 5, NULL), RM_OK);
    assert_same(out, percentile, 5);
    assert_int_equal(rm_scaling_apply(&scaling, other, out, 6, NULL), RM_OK);
    assert_same(out, others, 6);
    rm_scaling_clear(&scaling);
}

static void test_nothing_to_scale(void **state)
{
    (void)state;
    const double none[] = {NAN, NAN, NAN}, one[] = {NAN, 7.0, NAN}, same[] = {7.0, 7.0, NAN};
    const double zeros[] = {0.0, -0.0, 0.0};
    const struct {
        const double *values;
        int64_t count, present;
    } cases[] = {{NULL, 0, 0},    {none, 3, 0}, {one, 3, 1},
                 {one + 1, 1, 1}, {same, 3, 2}, {zeros, 3, 3}};

    for (int c = 0; c < 6; c++) {
        for (int method = RM_SCALE_MINMAX; method <= RM_SCALE_PERCENTILE; method++) {
            double out[3] = {9, 9, 9};
            rm_scaling scaling = {.method = method, .direction = 1};
            assert_int_equal(rm_scaling_fit(&scaling, cases[c].values, cases[c].count, NULL, NULL),
                             RM_OK);
            assert_true(scaling.constant);
            assert_int_equal(scaling.count, cases[c].present);
            assert_int_equal(rm_scaling_apply(&scaling, cases[c].values, out, cases[c].count, NULL),
                             RM_OK);
            for (int64_t i = 0; i < cases[c].count; i++)
                assert_true(isnan(out[i]));
            rm_scaling_clear(&scaling);
        }
    }
    rm_scaling fixed = {.method = RM_SCALE_FIXED, .direction = 1, .a = 0.0, .b = 14.0};
    double out[3];
    assert_int_equal(rm_scaling_fit(&fixed, same, 3, NULL, NULL), RM_OK);
    assert_false(fixed.constant);
    assert_int_equal(rm_scaling_apply(&fixed, same, out, 3, NULL), RM_OK);
    assert_true(out[0] == 0.5 && out[1] == 0.5 && isnan(out[2]));
}

/* Parameters read from an earlier result, which has no column for "constant". */
static void test_useless_parameters(void **state)
{
    (void)state;
    const rm_scaling useless[] = {
        {.method = RM_SCALE_MINMAX, .direction = 1, .a = 7, .b = 7, .count = 1},
        {.method = RM_SCALE_MINMAX, .direction = 1, .a = NAN, .b = NAN, .count = 1},
        {.method = RM_SCALE_ZSCORE, .direction = -1, .a = 7, .b = 0, .count = 1},
        {.method = RM_SCALE_ZSCORE, .direction = -1, .a = 7, .b = NAN, .count = 1},
        {.method = RM_SCALE_PERCENTILE, .direction = 1},
    };
    for (int c = 0; c < 5; c++) {
        double out[2] = {9, 9};
        assert_int_equal(rm_scaling_apply(&useless[c], table + 2, out, 2, NULL), RM_OK);
        assert_true(isnan(out[0]) && isnan(out[1]));
    }
}

static void test_refusals(void **state)
{
    (void)state;
    const double infinite[] = {1.0, NAN, -INFINITY}, huge[] = {-1.7e308, 1.7e308};
    double out[3] = {9, 9, 9};
    rm_error err;

    for (int method = RM_SCALE_MINMAX; method <= RM_SCALE_FIXED; method++) {
        rm_scaling scaling = {.method = method, .direction = 1, .a = 1, .b = 2};
        assert_int_equal(rm_scaling_fit(&scaling, infinite, 3, NULL, &err), RM_EINVAL);
        assert_int_equal(err.row, 2);
        assert_string_equal(err.message,
                            "the value of row 2 is infinite; give a number, or NaN for missing");
        assert_true(scaling.a == 1 && scaling.b == 2 && !scaling.sorted);
        assert_int_equal(rm_scaling_apply(&scaling, infinite, out, 3, &err), RM_EINVAL);
        assert_true(out[0] == 9 && out[1] == 9);
    }
    rm_scaling scaling = {.method = RM_SCALE_MINMAX, .direction = 0};
    assert_int_equal(rm_scaling_fit(&scaling, table, 5, NULL, &err), RM_EINVAL);
    assert_string_equal(err.message, "the direction of a scaling is +1 or -1, not 0");
    scaling.direction = 1;
    assert_int_equal(rm_scaling_fit(&scaling, huge, 2, NULL, &err), RM_EINVAL);
    assert_string_equal(err.message, "the values lie further apart than a double can hold");
    scaling.method = RM_SCALE_ZSCORE;
    assert_int_equal(rm_scaling_fit(&scaling, huge, 2, NULL, &err), RM_EINVAL);
    scaling.method = 5;
    assert_int_equal(rm_scaling_fit(&scaling, table, 5, NULL, &err), RM_EINVAL);
    assert_string_equal(err.message, "scaling method 5 does not exist");
    const double bounds[][2] = {{1, 1}, {2, 1}, {NAN, 1}, {0, INFINITY}, {-1.7e308, 1.7e308}};
    for (int b = 0; b < 5; b++) {
        rm_scaling fixed = {
            .method = RM_SCALE_FIXED, .direction = 1, .a = bounds[b][0], .b = bounds[b][1]};
        assert_int_equal(rm_scaling_fit(&fixed, table, 5, NULL, &err), RM_EINVAL);
        assert_string_equal(err.message,
                            "the bounds of a fixed scale must be two numbers, the lower one first");
    }
}

/* A small generator of its own: the test must not lean on the library. */
static double draw(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (double)(*state >> 33);
}

enum { MANY = 3000 };

static void make_values(double *values)
{
    uint64_t seed = 7;
    for (int i = 0; i < MANY; i++) {
        double x = draw(&seed);
        values[i] = fmod(x, 17.0) == 0.0 ? NAN : fmod(x, 1000.0) * 0.1 - 30.0;
    }
}

static void test_permutation(void **state)
{
    (void)state;
    static double values[MANY], turned[MANY], scaled[MANY], scaled_turned[MANY];
    make_values(values);
    for (int i = 0; i < MANY; i++)
        turned[(i * 1009 + 5) % MANY] = values[i];
    for (int method = RM_SCALE_MINMAX; method <= RM_SCALE_FIXED; method++) {
        scale(method, -1, values, scaled, MANY);
        scale(method, -1, turned, scaled_turned, MANY);
        for (int i = 0; i < MANY; i++)
            assert_same(&scaled[i], &scaled_turned[(i * 1009 + 5) % MANY], 1);
    }
}

/* A power of two as factor changes no digit of the outcome. */
static void test_factor(void **state)
{
    (void)state;
    static double values[MANY], larger[MANY], scaled[MANY], scaled_larger[MANY];
    make_values(values);
    for (int i = 0; i < MANY; i++)
        larger[i] = values[i] * 0x1p70;
    for (int method = RM_SCALE_MINMAX; method <= RM_SCALE_PERCENTILE; method++) {
        scale(method, 1, values, scaled, MANY);
        scale(method, 1, larger, scaled_larger, MANY);
        assert_same(scaled, scaled_larger, MANY);
    }
}

static void test_rank_against_counting(void **state)
{
    (void)state;
    static double values[MANY], rank[MANY], percentile[MANY];
    make_values(values);
    scale(RM_SCALE_RANK, 1, values, rank, MANY);
    scale(RM_SCALE_PERCENTILE, 1, values, percentile, MANY);
    for (int i = 0; i < MANY; i++) {
        int64_t below = 0, equal = 0, present = 0;
        for (int j = 0; j < MANY; j++) {
            below += values[j] < values[i];
            equal += values[j] == values[i];
            present += !isnan(values[j]);
        }
        if (isnan(values[i])) {
            assert_true(isnan(rank[i]) && isnan(percentile[i]));
            continue;
        }
        assert_true(rank[i] == (double)(below + 1));
        double mean_rank = (double)below + 0.5 * (double)(equal + 1);
        assert_true(percentile[i] == (mean_rank - 1.0) / (double)(present - 1));
    }
}

static void test_in_place(void **state)
{
    (void)state;
    for (int method = RM_SCALE_MINMAX; method <= RM_SCALE_FIXED; method++) {
        double out[COUNT(table)], same[COUNT(table)];
        memcpy(same, table, sizeof same);
        scale(method, 1, table, out, COUNT(table));
        scale(method, 1, same, same, COUNT(table));
        assert_same(same, out, COUNT(table));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tables),           cmocka_unit_test(test_parameters),
        cmocka_unit_test(test_other_data),       cmocka_unit_test(test_tied_ends),
        cmocka_unit_test(test_nothing_to_scale), cmocka_unit_test(test_useless_parameters),
        cmocka_unit_test(test_refusals),         cmocka_unit_test(test_permutation),
        cmocka_unit_test(test_factor),           cmocka_unit_test(test_rank_against_counting),
        cmocka_unit_test(test_in_place),
    };
    return cmocka_run_group_tests_name("stats_scale", tests, NULL, NULL);
}
