/* Empirical Bayes, the probability map and the EB deviates against spdep on Marshall's Auckland
 * data (golden/auckland-eb). The committed twins, worked by hand, are tests/unit/test_stats_rate.c
 * and test_stats_rate_local.c. */
#include "base/weights.h"
#include "riskmap/rates.h"
#include "stats/rate/rate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "csv.h"

#define TOLERANCE 1e-10 /* relative, as its README states */
enum { AREAS = 167, MOST_LINKS = 2000 };

typedef struct auckland {
    csv_table table, global;
    double cases[AREAS], base[AREAS];
    rm_weights queen;
} auckland;

static void assert_relative(double got, double expected)
{
    if (!(fabs(got - expected) <= TOLERANCE * fabs(expected)))
        fail_msg("%.17g is not %.17g", got, expected);
}

static double statistic(const auckland *data, const char *name)
{
    for (int row = 0; row < data->global.rows; row++) {
        if (strcmp(csv_text(&data->global, row, 0), name) == 0)
            return csv_number(&data->global, row, 1);
    }
    fail_msg("%s is not in the table", name);
    return NAN;
}

static void assert_column(const auckland *data, const char *name, const double *got)
{
    int column = csv_column(&data->table, name);
    assert_true(column >= 0);
    for (int i = 0; i < AREAS; i++)
        assert_relative(got[i], csv_number(&data->table, i, column));
}

static void read_queen(auckland *data)
{
    csv_table pairs;
    int32_t from[MOST_LINKS], to[MOST_LINKS];
    assert_int_equal(csv_read(&pairs, "auckland-eb/queen_pairs.csv"), 1);
    assert_in_range(pairs.rows, 500, MOST_LINKS);
    for (int row = 0; row < pairs.rows; row++) {
        from[row] = (int32_t)csv_number(&pairs, row, 0) - 1; /* ids are 1 to 167, in order */
        to[row] = (int32_t)csv_number(&pairs, row, 1) - 1;
    }
    assert_int_equal(
        rm_weights_from_list(&data->queen, AREAS, from, to, NULL, pairs.rows, NULL, NULL), RM_OK);
    csv_free(&pairs);
}

static int set_up(void **state)
{
    static auckland data;
    *state = NULL;
    if (!csv_read(&data.table, "auckland-eb/expected.csv"))
        return 0;
    assert_int_equal(csv_read(&data.global, "auckland-eb/expected_global.csv"), 1);
    assert_int_equal(data.table.rows, AREAS);
    for (int i = 0; i < AREAS; i++) {
        assert_int_equal((int)csv_number(&data.table, i, csv_column(&data.table, "id")), i + 1);
        data.cases[i] = csv_number(&data.table, i, csv_column(&data.table, "cases"));
        data.base[i] = csv_number(&data.table, i, csv_column(&data.table, "base"));
    }
    read_queen(&data);
    *state = &data;
    return 0;
}

static int tear_down(void **state)
{
    auckland *data = *state;
    if (!data)
        return 0;
    rm_weights_clear(&data->queen);
    csv_free(&data->global);
    csv_free(&data->table);
    return 0;
}

static const auckland *data_or_skip(void **state)
{
    if (!*state)
        skip();
    return *state;
}

static void test_prior(void **state)
{
    const auckland *data = data_or_skip(state);
    rm_rate_prior prior;
    assert_int_equal(rm_rate_fit(&prior, data->cases, data->base, AREAS, NULL), RM_OK);
    assert_relative(prior.mean, statistic(data, "global_m"));
    assert_relative(prior.variance, statistic(data, "global_a"));
    assert_int_equal(prior.areas, AREAS);
}

static void test_rates(void **state)
{
    const auckland *data = data_or_skip(state);
    const char *const column[] = {"raw", "eb_global", "eb_global_binomial"};
    double rate[AREAS];
    for (int32_t method = RM_RATE_CRUDE; method <= RM_RATE_GLOBAL_BINOMIAL; method++) {
        assert_int_equal(rm_rates(rate, data->cases, data->base, AREAS, 0.0, method, NULL), RM_OK);
        assert_column(data, column[method], rate);
    }
}

static void test_local(void **state)
{
    const auckland *data = data_or_skip(state);
    double rate[AREAS], mean[AREAS], variance[AREAS];
    assert_int_equal(rm_rates_local(rate, mean, variance, data->cases, data->base, AREAS,
                                    &data->queen, NULL, NULL, NULL),
                     RM_OK);
    assert_column(data, "local_m", mean);
    assert_column(data, "local_a", variance);
    assert_column(data, "eb_local", rate);
}

static void test_probability_map(void **state)
{
    const auckland *data = data_or_skip(state);
    double expected[AREAS], risk[AREAS], at_most[AREAS], at_least[AREAS];
    assert_int_equal(rm_probability_map(expected, risk, at_most, at_least, data->cases, data->base,
                                        AREAS, NULL, NULL, NULL),
                     RM_OK);
    for (int i = 0; i < AREAS; i++)
        risk[i] *= 100.0;
    assert_column(data, "probmap_expected", expected);
    assert_column(data, "probmap_relrisk", risk);
    assert_column(data, "probmap_pmap", at_most);
    for (int i = 0; i < AREAS; i++) { /* the two hold n itself in common */
        double own = exp(data->cases[i] * log(expected[i]) - expected[i]);
        for (int k = 2; k <= (int)data->cases[i]; k++)
            own /= k;
        assert_true(fabs(at_most[i] + at_least[i] - 1.0 - own) < 1e-14);
    }
}

/* Moran's I of the deviates, weights row-standardised. */
static void test_eb_moran(void **state)
{
    const auckland *data = data_or_skip(state);
    double z[AREAS], mean = 0.0, squares = 0.0, products = 0.0;
    assert_int_equal(rm_rate_deviates(z, data->cases, data->base, AREAS, NULL), RM_OK);
    for (int i = 0; i < AREAS; i++)
        mean += z[i] / AREAS;
    int with_neighbours = 0;
    for (int i = 0; i < AREAS; i++) {
        int64_t begin = data->queen.start[i], end = data->queen.start[i + 1];
        double lag = 0.0;
        for (int64_t k = begin; k < end; k++)
            lag += (z[data->queen.to[k]] - mean) / (double)(end - begin);
        squares += (z[i] - mean) * (z[i] - mean);
        products += (z[i] - mean) * lag;
        with_neighbours += end > begin;
    }
    assert_int_equal(with_neighbours, AREAS);
    assert_relative(products / squares, statistic(data, "EB_moran_I"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_prior),    cmocka_unit_test(test_rates),
        cmocka_unit_test(test_local),    cmocka_unit_test(test_probability_map),
        cmocka_unit_test(test_eb_moran),
    };
    return cmocka_run_group_tests_name("golden_auckland_eb", tests, set_up, tear_down);
}
