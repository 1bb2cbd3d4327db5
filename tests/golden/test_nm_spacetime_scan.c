/* Golden case nm-spacetime-scan: SaTScan 10.3.2 on the brain cancer of New Mexico, whole lists. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scan_check.h"

enum { COUNTIES = 32, YEARS = 19 };

typedef struct mexico {
    double x[COUNTIES], y[COUNTIES], population[COUNTIES];
    int32_t id[COUNTIES]; /* less 1, of each row */
    int32_t county[512], year[512], cases[512];
    int64_t rows;
} mexico;

static int by_text(const void *left, const void *right)
{
    char a[16], b[16];
    snprintf(a, sizeof a, "%d", *(const int32_t *)left + 1);
    snprintf(b, sizeof b, "%d", *(const int32_t *)right + 1);
    return strcmp(a, b);
}

/* Counties in the order of their ids as texts, as SaTScan has them: it decides ties. */
static void read_mexico(mexico *data)
{
    csv_table places, cases;
    int32_t row_of[COUNTIES];
    if (!csv_read(&places, "nm-spacetime-scan/input_locations.csv"))
        skip();
    if (!csv_read(&cases, "nm-spacetime-scan/input_cases.csv"))
        skip();
    assert_int_equal(places.rows, COUNTIES);
    for (int i = 0; i < COUNTIES; i++) {
        assert_int_equal((int)cell(&places, i, "id"), i + 1);
        data->id[i] = i;
    }
    qsort(data->id, COUNTIES, sizeof *data->id, by_text);
    for (int i = 0; i < COUNTIES; i++) {
        row_of[data->id[i]] = i;
        data->x[i] = cell(&places, data->id[i], "x");
        data->y[i] = cell(&places, data->id[i], "y");
        data->population[i] = cell(&places, data->id[i], "population");
    }
    assert_true(cases.rows > 0 && cases.rows <= 512);
    data->rows = cases.rows;
    for (int r = 0; r < cases.rows; r++) {
        data->county[r] = row_of[(int)cell(&cases, r, "id") - 1];
        data->year[r] = (int32_t)cell(&cases, r, "t") - 1;
        data->cases[r] = (int32_t)cell(&cases, r, "cases");
    }
    csv_free(&places);
    csv_free(&cases);
}

static rm_scan *scan_mexico(const mexico *data, double share, double time_share)
{
    rm_scan *scan = NULL;
    rm_scan_options options = RM_SCAN_OPTIONS_INIT;
    rm_error err;
    options.max_population_share = share;
    options.max_time_share = time_share;
    options.replicates = 9999;
    assert_int_equal(rm_scan_space_time_rows(&scan, data->x, data->y, data->population, 0,
                                             data->county, data->year, data->cases, data->rows,
                                             COUNTIES, YEARS, &options, &err),
                     RM_OK);
    return scan;
}

/* The whole list, in its order; what we list beyond it is what its maker leaves out, a p-value
 * of 1. */
static void check_list(const rm_scan *scan, const mexico *data, const csv_table *table)
{
    rm_scan_summary about;
    rm_scan_about(scan, &about);
    assert_true(about.clusters >= table->rows && table->rows > 0);
    for (int i = 0; i < about.clusters; i++) {
        rm_scan_cluster cluster;
        int32_t ids[COUNTIES];
        assert_int_equal(rm_scan_cluster_at(scan, i, &cluster, NULL), RM_OK);
        if (i >= table->rows) {
            assert_true(cluster.p > 0.999);
            continue;
        }
        for (int32_t m = 0; m < cluster.area_count; m++)
            ids[m] = data->id[rm_scan_cluster_members(scan, i)[m]];
        assert_int_equal(data->id[cluster.centre] + 1, (int)cell(table, i, "centre_id"));
        assert_int_equal(cluster.area_count, (int)cell(table, i, "n_areas"));
        check_members(ids, cluster.area_count, csv_text(table, i, csv_column(table, "ids")), ";");
        assert_int_equal(cluster.t_start + 1, (int)cell(table, i, "t_start"));
        assert_int_equal(cluster.t_end + 1, (int)cell(table, i, "t_end"));
        assert_int_equal(cluster.cases, (int)cell(table, i, "cases"));
        assert_true(fabs(cluster.llr - cell(table, i, "llr")) <= 1e-9);
        assert_true(fabs(cluster.llr - cell(table, i, "llr_printed")) <= 1e-6);
        assert_true(fabs(cluster.expected - cell(table, i, "expected")) <= 1e-9 * cluster.expected);
        assert_true(fabs(cluster.relative_risk - cell(table, i, "rr")) <= 1e-9);
        assert_true(fabs(cluster.relative_risk - cell(table, i, "rr_printed")) <= 0.005 + 1e-9);
        check_p(cluster.p, cell(table, i, "p_value"), about.replicates);
    }
}

static void compare(double share, double time_share, int longest, const char *path)
{
    mexico data;
    csv_table table;
    rm_scan_summary about;
    read_mexico(&data);
    if (!csv_read(&table, path))
        skip();
    rm_scan *scan = scan_mexico(&data, share, time_share);
    rm_scan_about(scan, &about);
    assert_int_equal(about.longest, longest);
    check_list(scan, &data, &table);
    csv_free(&table);
    rm_scan_free(scan);
}

static void test_expected_s50_t50(void **state)
{
    (void)state;
    compare(0.5, 0.5, 9, "nm-spacetime-scan/expected_s50_t50.csv");
}

static void test_expected_s25_t30(void **state)
{
    (void)state;
    compare(0.25, 0.3, 5, "nm-spacetime-scan/expected_s25_t30.csv");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_expected_s50_t50),
        cmocka_unit_test(test_expected_s25_t30),
    };
    return cmocka_run_group_tests_name("golden_nm_spacetime_scan", tests, NULL, NULL);
}
