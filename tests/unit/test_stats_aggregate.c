/* Weighted means, ranks, classes, quantiles, medians: tables that can be checked by hand. */
#include "stats/aggregate.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void assert_close(double a, double b)
{
    if (isnan(b) ? !isnan(a) : !(fabs(a - b) <= 1e-12))
        fail_msg("%.17g is not %.17g", a, b);
}

static const rm_aggregation linear = {.reweight = true, .min_coverage = 0.6};

/* Three indicators, weights 2, 1, 1, five areas: whole, one missing, two missing, all missing,
 * zeros. */
static const double first[] = {0.5, 0.5, NAN, NAN, 0.0};
static const double second[] = {1.0, NAN, NAN, NAN, 0.0};
static const double third[] = {0.25, 0.25, 1.0, NAN, 0.0};
static const double *const scaled[] = {first, second, third};
static const double weight[] = {2, 1, 1};

static void test_linear(void **state)
{
    (void)state;
    double score[5], coverage[5], a[5], b[5], c[5];
    double *const contribution[] = {a, b, c};
    const double scores[] = {0.5625, 1.25 / 3.0, NAN, NAN, 0.0};
    const double coverages[] = {1.0, 0.75, 0.25, 0.0, 1.0};
    const double parts[3][5] = {{0.25, 1.0 / 3.0, NAN, NAN, 0},
                                {0.25, NAN, NAN, NAN, 0},
                                {0.0625, 0.25 / 3.0, NAN, NAN, 0}};
    int64_t floored = -1;
    rm_error err;
    assert_int_equal(
        rm_aggregate(score, coverage, contribution, scaled, weight, 3, 5, &linear, &floored, &err),
        RM_OK);
    assert_int_equal(floored, 0);
    for (int i = 0; i < 5; i++) {
        assert_close(score[i], scores[i]);
        assert_true(coverage[i] == coverages[i]);
        for (int k = 0; k < 3; k++)
            assert_close(contribution[k][i], parts[k][i]);
    }
}

static void test_options(void **state)
{
    (void)state;
    double score[5], part[5];
    double *const some[] = {NULL, part, NULL};
    rm_aggregation options = {.reweight = false, .min_coverage = 0.0};
    const double strict[] = {0.5625, NAN, NAN, NAN, 0.0};
    assert_int_equal(rm_aggregate(score, NULL, NULL, scaled, weight, 3, 5, &options, NULL, NULL),
                     RM_OK);
    for (int i = 0; i < 5; i++)
        assert_close(score[i], strict[i]);
    options.reweight = true;
    const double any[] = {0.5625, 1.25 / 3.0, 1.0, NAN, 0.0};
    assert_int_equal(rm_aggregate(score, NULL, some, scaled, weight, 3, 5, &options, NULL, NULL),
                     RM_OK);
    for (int i = 0; i < 5; i++)
        assert_close(score[i], any[i]);
    assert_close(part[0], 0.25);
}

/* 0.7 of 1.0 in tenths is 0.7 although the sum of seven tenths is not. */
static void test_coverage_border(void **state)
{
    (void)state;
    const double there[] = {1.0}, gone[] = {NAN};
    const double *columns[10];
    double tenths[10], score[1], coverage[1];
    for (int k = 0; k < 10; k++) {
        columns[k] = k < 3 ? gone : there;
        tenths[k] = 0.1;
    }
    rm_aggregation options = {.reweight = true, .min_coverage = 0.7};
    assert_int_equal(
        rm_aggregate(score, coverage, NULL, columns, tenths, 10, 1, &options, NULL, NULL), RM_OK);
    assert_close(score[0], 1.0);
    columns[3] = gone;
    assert_int_equal(
        rm_aggregate(score, coverage, NULL, columns, tenths, 10, 1, &options, NULL, NULL), RM_OK);
    assert_true(isnan(score[0]));
    assert_close(coverage[0], 0.6);
}

static void test_weight_zero(void **state)
{
    (void)state;
    const double x[] = {0.5, NAN, 0.5}, y[] = {0.9, 0.9, NAN};
    const double *const columns[] = {x, y};
    const double weights[] = {1, 0};
    const rm_aggregation strict = {.reweight = false, .min_coverage = 0.0};
    double score[3], coverage[3], a[3], b[3];
    double *const contribution[] = {a, b};
    assert_int_equal(
        rm_aggregate(score, coverage, contribution, columns, weights, 2, 3, &strict, NULL, NULL),
        RM_OK);
    assert_true(score[0] == 0.5 && isnan(score[1]) && score[2] == 0.5);
    assert_true(coverage[0] == 1.0 && coverage[1] == 0.0 && coverage[2] == 1.0);
    assert_true(a[0] == 0.5 && b[0] == 0.0 && isnan(a[1]) && isnan(b[1]) && isnan(b[2]));
}

/* exp((2 ln 0.25 + ln 1 + ln 0.0625) / 4) = exp(-2 ln 2) = 0.25; below the floor of 0.0625 counts
 * as it. */
static void test_geometric(void **state)
{
    (void)state;
    const double x[] = {0.25, 0.25, NAN}, y[] = {1, 1, NAN}, z[] = {0.0625, 0.0, -3.0};
    const double *const columns[] = {x, y, z};
    const rm_aggregation options = {
        .geometric = true, .reweight = true, .min_coverage = 0.5, .floor = 0.0625};
    double score[3], a[3], b[3], c[3];
    double *const contribution[] = {a, b, c};
    int64_t floored = -1;
    assert_int_equal(
        rm_aggregate(score, NULL, contribution, columns, weight, 3, 3, &options, &floored, NULL),
        RM_OK);
    assert_close(score[0], 0.25);
    assert_close(score[1], 0.25);
    assert_true(isnan(score[2]));
    assert_int_equal(floored, 1);
    assert_close(a[0], -log(2.0));
    assert_close(b[0], 0.0);
    assert_close(a[0] + b[0] + c[0], log(score[0]));
}

enum { AREAS = 2000, INDICATORS = 13 };
static double column[INDICATORS][AREAS], part[INDICATORS][AREAS];

static void make_columns(const double **columns, double **parts, double *weights)
{
    uint64_t seed = 5;
    for (int k = 0; k < INDICATORS; k++) {
        columns[k] = column[k];
        parts[k] = part[k];
        weights[k] = 0.1 * (double)(k + 1);
        for (int i = 0; i < AREAS; i++) {
            seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
            column[k][i] = (seed >> 60) == 0 ? NAN : (double)(seed >> 11) * 0x1p-53;
        }
    }
}

static void test_contributions_add_up(void **state)
{
    (void)state;
    const double *columns[INDICATORS];
    double *parts[INDICATORS], weights[INDICATORS];
    static double score[AREAS], coverage[AREAS];
    make_columns(columns, parts, weights);
    for (int geometric = 0; geometric < 2; geometric++) {
        rm_aggregation options = {
            .geometric = geometric, .reweight = true, .min_coverage = 0.6, .floor = 0.01};
        assert_int_equal(rm_aggregate(score, coverage, parts, columns, weights, INDICATORS, AREAS,
                                      &options, NULL, NULL),
                         RM_OK);
        int scored = 0;
        for (int i = 0; i < AREAS; i++) {
            double sum = 0.0, value = 0.0, present = 0.0;
            for (int k = 0; k < INDICATORS; k++) {
                assert_true(isnan(part[k][i]) == (isnan(column[k][i]) || isnan(score[i])));
                sum += isnan(part[k][i]) ? 0.0 : part[k][i];
                if (isnan(column[k][i]))
                    continue;
                double x = column[k][i] < 0.01 ? 0.01 : column[k][i];
                value += weights[k] * (geometric ? log(x) : column[k][i]);
                present += weights[k];
            }
            if (isnan(score[i])) {
                assert_true(coverage[i] < 0.6);
                continue;
            }
            scored++;
            assert_close(coverage[i], present / 9.1);
            assert_close(geometric ? exp(sum) : sum, score[i]);
            assert_close(geometric ? exp(value / present) : value / present, score[i]);
        }
        assert_true(scored > AREAS / 2 && scored < AREAS);
    }
}

static void test_permutation(void **state)
{
    (void)state;
    const double *columns[INDICATORS];
    double *parts[INDICATORS], weights[INDICATORS];
    static double turned[INDICATORS][AREAS], score[AREAS], score_turned[AREAS];
    static int32_t rank[AREAS], rank_turned[AREAS];
    make_columns(columns, parts, weights);
    assert_int_equal(
        rm_aggregate(score, NULL, NULL, columns, weights, INDICATORS, AREAS, &linear, NULL, NULL),
        RM_OK);
    for (int k = 0; k < INDICATORS; k++) {
        for (int i = 0; i < AREAS; i++)
            turned[k][(i * 7 + 3) % AREAS] = column[k][i];
        columns[k] = turned[k];
    }
    assert_int_equal(rm_aggregate(score_turned, NULL, NULL, columns, weights, INDICATORS, AREAS,
                                  &linear, NULL, NULL),
                     RM_OK);
    assert_int_equal(rm_rank_descending(rank, score, AREAS, NULL, NULL), RM_OK);
    assert_int_equal(rm_rank_descending(rank_turned, score_turned, AREAS, NULL, NULL), RM_OK);
    for (int i = 0; i < AREAS; i++) {
        int j = (i * 7 + 3) % AREAS;
        assert_true(score[i] == score_turned[j] || (isnan(score[i]) && isnan(score_turned[j])));
        assert_int_equal(rank[i], rank_turned[j]);
    }
}

static void test_refusals(void **state)
{
    (void)state;
    const double infinite[] = {0.0, INFINITY};
    const double *const columns[] = {infinite};
    const double one[] = {1}, minus[] = {-1}, none[] = {0}, nan[] = {NAN}, huge[] = {1e308, 1e308};
    double score[2] = {9, 9};
    rm_error err;
    rm_aggregation options = linear;
    assert_int_equal(rm_aggregate(score, NULL, NULL, columns, one, 1, 2, &linear, NULL, &err),
                     RM_EINVAL);
    assert_int_equal(err.row, 1);
    assert_string_equal(
        err.message, "a scaled indicator of row 1 is infinite; give a number, or NaN for missing");
    assert_int_equal(rm_aggregate(score, NULL, NULL, columns, minus, 1, 1, &linear, NULL, &err),
                     RM_EINVAL);
    assert_string_equal(err.message, "the weight of indicator 0 is not a number of 0 or more");
    assert_int_equal(rm_aggregate(score, NULL, NULL, columns, nan, 1, 1, &linear, NULL, &err),
                     RM_EINVAL);
    assert_int_equal(rm_aggregate(score, NULL, NULL, columns, none, 1, 1, &linear, NULL, &err),
                     RM_EINVAL);
    assert_string_equal(err.message,
                        "the 1 weights add up to nothing usable; give at least one above 0");
    assert_int_equal(rm_aggregate(score, NULL, NULL, columns, one, 0, 1, &linear, NULL, &err),
                     RM_EINVAL);
    const double *const twice[] = {first, second};
    assert_int_equal(rm_aggregate(score, NULL, NULL, twice, huge, 2, 1, &linear, NULL, &err),
                     RM_EINVAL);
    options.min_coverage = 1.5;
    assert_int_equal(rm_aggregate(score, NULL, NULL, columns, one, 1, 1, &options, NULL, &err),
                     RM_EINVAL);
    assert_string_equal(err.message, "min_coverage must lie between 0 and 1");
    options = (rm_aggregation){.geometric = true, .floor = 0.0};
    assert_int_equal(rm_aggregate(score, NULL, NULL, columns, one, 1, 1, &options, NULL, &err),
                     RM_EINVAL);
    assert_string_equal(err.message, "the floor of a geometric mean must be above 0");
    assert_true(score[0] == 9 && score[1] == 9);
    assert_int_equal(rm_aggregate(NULL, NULL, NULL, columns, one, 1, 0, &linear, NULL, &err),
                     RM_OK);
}

static void test_ranks(void **state)
{
    (void)state;
    const double score[] = {0.3, NAN, 0.9, 0.3, 0.1, 0.9, -0.0, 0.0}, infinite[] = {INFINITY};
    const int32_t expected[] = {3, 0, 1, 3, 5, 1, 6, 6};
    int32_t rank[8];
    int64_t ranked = -1;
    assert_int_equal(rm_rank_descending(rank, score, 8, &ranked, NULL), RM_OK);
    assert_memory_equal(rank, expected, sizeof expected);
    assert_int_equal(ranked, 7);
    assert_int_equal(rm_rank_descending(rank, NULL, 0, &ranked, NULL), RM_OK);
    assert_int_equal(ranked, 0);
    assert_int_equal(rm_rank_descending(rank, score + 1, 1, &ranked, NULL), RM_OK);
    assert_int_equal(rank[0], 0);
    assert_int_equal(rm_rank_descending(rank, infinite, 1, NULL, NULL), RM_EINVAL);
}

/* Equal contributions added up in another order. */
static void test_rounding_decides_no_rank(void **state)
{
    (void)state;
    const double score[] = {0.1 + 0.2, 0.3, 0.3 - 1e-11, 4.96 + 9e-13, 4.96}, breaks[] = {0.3};
    const int32_t expected[] = {3, 3, 5, 1, 1};
    double low = 0.7 - 0.4;
    int32_t rank[5], class_;
    assert_true(score[0] > score[1] && low < 0.3);
    assert_int_equal(rm_rank_descending(rank, score, 5, NULL, NULL), RM_OK);
    assert_memory_equal(rank, expected, sizeof expected);
    rm_classify(&class_, &low, 1, breaks, 1);
    assert_int_equal(class_, 2);
}

static void test_classes(void **state)
{
    (void)state;
    const double score[] = {NAN, -1, 0.2, 0.39, 0.4, 0.8, 7}, breaks[] = {0.2, 0.4, 0.6, 0.8};
    const int32_t expected[] = {0, 1, 2, 2, 3, 5, 5};
    int32_t class_[7];
    rm_classify(class_, score, 7, breaks, 4);
    assert_memory_equal(class_, expected, sizeof expected);
    rm_classify(class_, score, 2, NULL, 0);
    assert_true(class_[0] == 0 && class_[1] == 1);
}

/* Type 7 of 1 2 4 8: p = 0.5 lies half-way between the second and the third. */
static void test_quantiles(void **state)
{
    (void)state;
    const double values[] = {8, NAN, 1, 4, 2}, p[] = {0, 0.25, 0.5, 0.9, 1};
    const double expected[] = {1, 1.75, 3, 6.8, 8}, bad[] = {0.5, 1.01};
    double breaks[5];
    rm_error err;
    assert_int_equal(rm_quantiles(breaks, p, 5, values, 5, NULL), RM_OK);
    for (int b = 0; b < 5; b++)
        assert_close(breaks[b], expected[b]);
    assert_int_equal(rm_quantiles(breaks, p, 5, values + 1, 1, NULL), RM_OK);
    assert_true(isnan(breaks[0]) && isnan(breaks[4]));
    assert_int_equal(rm_quantiles(breaks, p, 5, values, 1, NULL), RM_OK);
    assert_true(breaks[0] == 8 && breaks[2] == 8 && breaks[4] == 8);
    assert_int_equal(rm_quantiles(breaks, bad, 2, values, 5, &err), RM_EINVAL);
    assert_string_equal(err.message, "quantile 1 does not lie between 0 and 1");
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static void test_median(void **state)
{
    (void)state;
    double odd[] = {3, 1, 2}, even[] = {4, 1, 3, 2}, with_gaps[] = {NAN, 7, NAN, 5}, gaps[] = {NAN};
    double huge[] = {0x1.8p1023, 0x1.4p1023};
    assert_true(rm_median(odd, 3) == 2);
    assert_true(rm_median(even, 4) == 2.5);
    assert_true(rm_median(with_gaps, 4) == 6);
    assert_true(isnan(rm_median(gaps, 1)) && isnan(rm_median(NULL, 0)));
    assert_true(rm_median(huge, 2) == 0x1.6p1023);
    enum { MOST = 999 };
    double values[MOST], sorted[MOST];
    uint64_t seed = 1;
    for (int kind = 0; kind < 4; kind++) {
        for (int count = 1; count <= MOST; count += kind == 0 ? 1 : 83) {
            for (int i = 0; i < count; i++) {
                seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
                values[i] = kind == 0   ? (double)(seed >> 11)
                            : kind == 1 ? (double)(seed >> 61)
                            : kind == 2 ? (double)i
                                        : (double)-i;
            }
            memcpy(sorted, values, sizeof sorted);
            qsort(sorted, (size_t)count, sizeof *sorted, ascending);
            double expected =
                count % 2 ? sorted[count / 2] : 0.5 * (sorted[count / 2 - 1] + sorted[count / 2]);
            assert_true(rm_median(values, count) == expected);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_linear),          cmocka_unit_test(test_options),
        cmocka_unit_test(test_coverage_border), cmocka_unit_test(test_weight_zero),
        cmocka_unit_test(test_geometric),       cmocka_unit_test(test_contributions_add_up),
        cmocka_unit_test(test_permutation),     cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_ranks),           cmocka_unit_test(test_rounding_decides_no_rank),
        cmocka_unit_test(test_classes),         cmocka_unit_test(test_quantiles),
        cmocka_unit_test(test_median),
    };
    return cmocka_run_group_tests_name("stats_aggregate", tests, NULL, NULL);
}
