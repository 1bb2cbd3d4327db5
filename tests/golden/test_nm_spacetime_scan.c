/* Golden case nm-spacetime-scan: SaTScan 10.3.2 on the brain cancer of New Mexico. Its lists go on,
 * behind the best zones of the centres, with cylinders that are not the best of their centre and
 * share areas with more likely ones at other times: those are compared by their figures. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scan_check.h"

#include "stats/scan_bounds.h"

enum { COUNTIES = 32, YEARS = 19 };

typedef struct mexico {
    double x[COUNTIES], y[COUNTIES], population[COUNTIES];
    int32_t county[512], year[512], cases[512];
    int64_t rows;
} mexico;

static void read_mexico(mexico *data)
{
    csv_table places, cases;
    if (!csv_read(&places, "nm-spacetime-scan/input_locations.csv"))
        skip();
    if (!csv_read(&cases, "nm-spacetime-scan/input_cases.csv"))
        skip();
    assert_int_equal(places.rows, COUNTIES);
    for (int i = 0; i < COUNTIES; i++) {
        assert_int_equal((int)cell(&places, i, "id"), i + 1);
        data->x[i] = cell(&places, i, "x");
        data->y[i] = cell(&places, i, "y");
        data->population[i] = cell(&places, i, "population");
    }
    assert_true(cases.rows > 0 && cases.rows <= 512);
    data->rows = cases.rows;
    for (int r = 0; r < cases.rows; r++) {
        data->county[r] = (int32_t)cell(&cases, r, "id") - 1;
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

/* A listed cylinder, whether or not it is among our clusters: its areas are a circle of ours, and
 * its cases, its figures and its p-value against our maxima are those of the table. */
static void check_cylinder(const rm_scan *scan, const mexico *data, const rm_scan_zones *zones,
                           const csv_table *table, int row)
{
    const rm_scan_centre *centre = &zones->centre[(int)cell(table, row, "centre_id") - 1];
    int32_t count = (int32_t)cell(table, row, "n_areas"), cases = 0;
    int first = (int)cell(table, row, "t_start") - 1, last = (int)cell(table, row, "t_end") - 1;
    rm_scan_summary about;
    rm_scan_about(scan, &about);
    assert_true(count <= centre->count && last - first < about.longest);
    check_members(centre->member, count, csv_text(table, row, csv_column(table, "ids")), ";");
    for (int64_t r = 0; r < data->rows; r++) {
        bool inside = data->year[r] >= first && data->year[r] <= last;
        for (int32_t m = 0; m < count && inside; m++)
            cases += centre->member[m] == data->county[r] ? data->cases[r] : 0;
    }
    assert_int_equal(cases, (int)cell(table, row, "cases"));
    rm_scan_model model = {.zones = zones,
                           .steps = YEARS,
                           .longest = about.longest,
                           .cases = (int32_t)about.cases,
                           .min_cases = 2};
    double expected = rm_scan_expected(&model, centre->population[count - 1], last - first);
    double llr = rm_scan_llr(&model, false, cases, expected), all = (double)about.cases;
    assert_true(fabs(expected - cell(table, row, "expected")) <= 1e-9 * expected);
    assert_true(fabs(llr - cell(table, row, "llr")) <= 1e-9);
    assert_true(fabs(llr - cell(table, row, "llr_printed")) <= 1e-6);
    assert_true(fabs(cases / expected / ((all - cases) / (all - expected)) -
                     cell(table, row, "rr")) <= 1e-9);
    int32_t reached = 0;
    for (int32_t r = 0; r < about.replicates; r++)
        reached += rm_scan_maxima(scan)[r] >= llr;
    check_p((reached + 1.0) / (about.replicates + 1.0), cell(table, row, "p_value"),
            about.replicates);
    /* no better cylinder stands on this centre without being found */
    rm_scan_cluster best;
    assert_int_equal(rm_scan_centre_at(scan, (int)cell(table, row, "centre_id") - 1, &best, NULL),
                     RM_OK);
    assert_true(best.llr >= llr);
}

/* The clusters that both lists must have: those which are the best of their centre. */
static void check_first(const rm_scan *scan, const csv_table *table, int clusters)
{
    for (int i = 0; i < clusters; i++) {
        rm_scan_cluster cluster;
        assert_int_equal(rm_scan_cluster_at(scan, i, &cluster, NULL), RM_OK);
        assert_int_equal(cluster.centre + 1, (int)cell(table, i, "centre_id"));
        assert_int_equal(cluster.area_count, (int)cell(table, i, "n_areas"));
        check_members(rm_scan_cluster_members(scan, i), cluster.area_count,
                      csv_text(table, i, csv_column(table, "ids")), ";");
        assert_int_equal(cluster.t_start + 1, (int)cell(table, i, "t_start"));
        assert_int_equal(cluster.t_end + 1, (int)cell(table, i, "t_end"));
        assert_int_equal(cluster.cases, (int)cell(table, i, "cases"));
        assert_true(fabs(cluster.llr - cell(table, i, "llr")) <= 1e-9);
        assert_true(fabs(cluster.llr - cell(table, i, "llr_printed")) <= 1e-6);
        assert_true(fabs(cluster.expected - cell(table, i, "expected")) <= 1e-9 * cluster.expected);
        assert_true(fabs(cluster.relative_risk - cell(table, i, "rr")) <= 1e-9);
        assert_true(fabs(cluster.relative_risk - cell(table, i, "rr_printed")) <= 0.005 + 1e-9);
        check_p(cluster.p, cell(table, i, "p_value"), 9999);
    }
}

static void compare(double share, double time_share, int longest, int clusters, const char *path)
{
    mexico data;
    csv_table table;
    rm_scan_summary about;
    rm_scan_zones zones;
    rm_scan_reach reach = {.share = share, .radius = INFINITY};
    double total = 0.0;
    read_mexico(&data);
    if (!csv_read(&table, path))
        skip();
    rm_scan *scan = scan_mexico(&data, share, time_share);
    rm_scan_about(scan, &about);
    assert_int_equal(about.longest, longest);
    for (int i = 0; i < COUNTIES; i++)
        total += data.population[i];
    assert_int_equal(rm_scan_zones_make(&zones, data.x, data.y, data.population, total, COUNTIES,
                                        &reach, 1, NULL, NULL),
                     RM_OK);
    check_first(scan, &table, clusters);
    for (int i = 0; i < table.rows; i++)
        check_cylinder(scan, &data, &zones, &table, i);
    rm_scan_zones_clear(&zones);
    csv_free(&table);
    rm_scan_free(scan);
}

static void test_expected_s50_t50(void **state)
{
    (void)state;
    compare(0.5, 0.5, 9, 2, "nm-spacetime-scan/expected_s50_t50.csv");
}

static void test_expected_s25_t30(void **state)
{
    (void)state;
    compare(0.25, 0.3, 5, 3, "nm-spacetime-scan/expected_s25_t30.csv");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_expected_s50_t50),
        cmocka_unit_test(test_expected_s25_t30),
    };
    return cmocka_run_group_tests_name("golden_nm_spacetime_scan", tests, NULL, NULL);
}
