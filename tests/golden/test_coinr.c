/* Scaling and aggregation against COINr on its ASEM data (golden/coinr-asem). The committed twins,
 * worked by hand, are tests/unit/test_stats_scale.c and test_stats_aggregate.c. */
#include "stats/aggregate.h"
#include "stats/scale.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "csv.h"

#define TOLERANCE 1e-9 /* as its README states */
enum { UNITS = 51, MEMBERS = 16, NODES = 64 };

static csv_table input, structure;

static void assert_near(double got, double expected, const char *what)
{
    if (isnan(expected) ? !isnan(got)
                        : !(fabs(got - expected) <= TOLERANCE * fmax(1.0, fabs(expected))))
        fail_msg("%s: %.17g is not %.17g", what, got, expected);
}

static int setup(void **state)
{
    (void)state;
    if (csv_read(&input, "coinr-asem/input_indicators.csv") &&
        !csv_read(&structure, "coinr-asem/input_structure.csv"))
        return -1;
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    csv_free(&input);
    csv_free(&structure);
    return 0;
}

static int node_of(const char *name)
{
    for (int row = 0; row < structure.rows; row++) {
        if (strcmp(csv_text(&structure, row, 0), name) == 0)
            return row;
    }
    return -1;
}

/* Scales indicator `node` of the structure as the library does. */
static void scale(double *scaled, int node, rm_scale method)
{
    int column = csv_column(&input, csv_text(&structure, node, 0));
    rm_scaling scaling = {
        .method = method,
        .direction = (int)csv_number(&structure, node, csv_column(&structure, "Direction"))};
    rm_error err;
    assert_true(column > 0);
    for (int i = 0; i < UNITS; i++)
        scaled[i] = csv_number(&input, i, column);
    assert_int_equal(rm_scaling_fit(&scaling, scaled, UNITS, NULL, &err), RM_OK);
    assert_int_equal(rm_scaling_apply(&scaling, scaled, scaled, UNITS, &err), RM_OK);
    rm_scaling_clear(&scaling);
}

static int compare_scaled(const char *file, rm_scale method, double factor, double offset)
{
    csv_table expected;
    double scaled[UNITS];
    int compared = 0;
    assert_true(csv_read(&expected, file));
    assert_int_equal(expected.rows, UNITS);
    for (int node = 0; node < structure.rows; node++) {
        if (csv_number(&structure, node, 1) != 1.0)
            continue;
        int column = csv_column(&expected, csv_text(&structure, node, 0));
        assert_true(column > 0);
        scale(scaled, node, method);
        for (int i = 0; i < UNITS; i++)
            assert_near(offset + factor * scaled[i], csv_number(&expected, i, column), file);
        compared++;
    }
    csv_free(&expected);
    return compared;
}

static void test_normalisation(void **state)
{
    (void)state;
    if (!input.text)
        skip();
    assert_int_equal(input.rows, UNITS);
    assert_int_equal(
        compare_scaled("coinr-asem/expected_norm_minmax_0_100.csv", RM_SCALE_MINMAX, 100, 0), 49);
    compare_scaled("coinr-asem/expected_norm_minmax_1_100.csv", RM_SCALE_MINMAX, 99, 1);
    compare_scaled("coinr-asem/expected_norm_dist2max.csv", RM_SCALE_MINMAX, 1, 0);
    compare_scaled("coinr-asem/expected_norm_zscore.csv", RM_SCALE_ZSCORE, 1, 0);
    compare_scaled("coinr-asem/expected_norm_rank_asc_min.csv", RM_SCALE_RANK, 1, 0);
}

/* COINr gives ties their lowest rank, the library the mean of their ranks: all cells are compared
 * by way of the rank, those without a tie directly. */
static void test_percentile(void **state)
{
    (void)state;
    csv_table expected;
    double rank[UNITS], percentile[UNITS];
    int direct = 0;
    if (!input.text)
        skip();
    assert_int_equal(
        compare_scaled("coinr-asem/expected_norm_percentrank.csv", RM_SCALE_RANK, 0.02, -0.02), 49);
    assert_true(csv_read(&expected, "coinr-asem/expected_norm_percentrank.csv"));
    for (int node = 0; node < structure.rows; node++) {
        if (csv_number(&structure, node, 1) != 1.0)
            continue;
        int column = csv_column(&expected, csv_text(&structure, node, 0));
        scale(rank, node, RM_SCALE_RANK);
        scale(percentile, node, RM_SCALE_PERCENTILE);
        for (int i = 0; i < UNITS; i++) {
            int equals = 0;
            for (int j = 0; j < UNITS; j++)
                equals += rank[i] == rank[j];
            if (equals == 1)
                assert_near(percentile[i], csv_number(&expected, i, column), "percentile");
            else
                assert_near(percentile[i],
                            csv_number(&expected, i, column) + 0.01 * (double)(equals - 1), "tied");
            direct += equals == 1;
        }
    }
    assert_true(direct > 1500);
    csv_free(&expected);
}

/* Aggregates the members of `parent`, whose values are there already, into values[parent]. */
static void aggregate(double (*values)[UNITS], int parent, int weights, bool geometric)
{
    const double *members[MEMBERS];
    double weight[MEMBERS];
    int count = 0;
    rm_aggregation options = {
        .geometric = geometric, .reweight = true, .min_coverage = 0.0, .floor = 0.5};
    int64_t floored;
    rm_error err;
    for (int node = 0; node < structure.rows; node++) {
        if (strcmp(csv_text(&structure, node, 2), csv_text(&structure, parent, 0)) != 0)
            continue;
        assert_true(count < MEMBERS);
        members[count] = values[node];
        weight[count++] = csv_number(&structure, node, weights);
    }
    assert_true(count > 1);
    assert_int_equal(rm_aggregate(values[parent], NULL, NULL, members, weight, count, UNITS,
                                  &options, &floored, &err),
                     RM_OK);
    assert_int_equal(floored, 0);
}

static void compare_aggregates(const char *file, const char *weights, bool geometric)
{
    static double values[NODES][UNITS];
    csv_table expected;
    int32_t rank[UNITS];
    assert_true(csv_read(&expected, file));
    assert_true(structure.rows <= NODES);
    for (int node = 0; node < structure.rows; node++) {
        if (csv_number(&structure, node, 1) != 1.0)
            continue;
        scale(values[node], node, RM_SCALE_MINMAX);
        for (int i = 0; i < UNITS; i++) /* the geometric case uses 1..100, the other 0..100 */
            values[node][i] = geometric ? 1.0 + 99.0 * values[node][i] : 100.0 * values[node][i];
    }
    for (int level = 2; level <= 4; level++) {
        for (int node = 0; node < structure.rows; node++) {
            if (csv_number(&structure, node, 1) != (double)level)
                continue;
            int column = csv_column(&expected, csv_text(&structure, node, 0));
            assert_true(column > 0);
            aggregate(values, node, csv_column(&structure, weights), geometric);
            for (int i = 0; i < UNITS; i++)
                assert_near(values[node][i], csv_number(&expected, i, column), file);
        }
    }
    assert_int_equal(rm_rank_descending(rank, values[node_of("Index")], UNITS, NULL, NULL), RM_OK);
    for (int i = 0; i < UNITS; i++)
        assert_int_equal(rank[i],
                         (int)csv_number(&expected, i, csv_column(&expected, "rank_Index")));
    csv_free(&expected);
}

static void test_aggregation(void **state)
{
    (void)state;
    if (!input.text)
        skip();
    compare_aggregates("coinr-asem/expected_agg_arith_equal.csv", "Weight", false);
    compare_aggregates("coinr-asem/expected_agg_arith_weight2.csv", "Weight2", false);
    compare_aggregates("coinr-asem/expected_agg_geom_equal.csv", "Weight", true);
    compare_aggregates("coinr-asem/expected_agg_geom_weight2.csv", "Weight2", true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_normalisation),
        cmocka_unit_test(test_percentile),
        cmocka_unit_test(test_aggregation),
    };
    return cmocka_run_group_tests_name("golden_coinr", tests, setup, teardown);
}
