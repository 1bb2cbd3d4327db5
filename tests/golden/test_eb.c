/* Global empirical Bayes against spdep's EBest on Marshall's Auckland data (golden/auckland-eb).
 * Its committed twin, worked by hand, is tests/unit/test_stats_rate.c. */
#include "stats/rate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "csv.h"

#define TOLERANCE 1e-10 /* relative, as its README states */

static void assert_relative(double got, double expected)
{
    if (!(fabs(got - expected) <= TOLERANCE * fabs(expected)))
        fail_msg("%.17g is not %.17g", got, expected);
}

static double statistic(const csv_table *table, const char *name)
{
    for (int row = 0; row < table->rows; row++) {
        if (strcmp(csv_text(table, row, 0), name) == 0)
            return csv_number(table, row, 1);
    }
    fail_msg("%s is not in the table", name);
    return NAN;
}

static void test_auckland(void **state)
{
    (void)state;
    csv_table table, global;
    if (!csv_read(&table, "auckland-eb/expected.csv"))
        skip();
    if (!csv_read(&global, "auckland-eb/expected_global.csv"))
        fail_msg("half a golden case");
    enum { MOST = 200 };
    double cases[MOST], base[MOST], raw[MOST], smooth[MOST];
    assert_int_equal(table.rows, 167);
    for (int i = 0; i < table.rows; i++) {
        cases[i] = csv_number(&table, i, csv_column(&table, "cases"));
        base[i] = csv_number(&table, i, csv_column(&table, "base"));
    }
    rm_rate_prior prior;
    rm_error err;
    assert_int_equal(rm_rate_fit(&prior, cases, base, table.rows, &err), RM_OK);
    assert_relative(prior.mean, statistic(&global, "global_m"));
    assert_relative(prior.variance, statistic(&global, "global_a"));
    assert_int_equal(prior.areas, 167);
    rm_rate_apply(raw, cases, base, table.rows, 0.0, NULL);
    rm_rate_apply(smooth, cases, base, table.rows, 0.0, &prior);
    for (int i = 0; i < table.rows; i++) {
        assert_relative(raw[i], csv_number(&table, i, csv_column(&table, "raw")));
        assert_relative(smooth[i], csv_number(&table, i, csv_column(&table, "eb_global")));
    }
    csv_free(&global);
    csv_free(&table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_auckland)};
    return cmocka_run_group_tests_name("golden_eb", tests, NULL, NULL);
}
