/* Golden case ny8-kulldorff: the spatial scan of SaTScan 10.3.2 and of its published 9.6 output on
 * the leukaemia of New York. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scan_check.h"

enum { TRACTS = 281 };

static rm_scan *scan_tracts(double share, int32_t replicates)
{
    csv_table table;
    double x[TRACTS], y[TRACTS], population[TRACTS];
    int32_t cases[TRACTS];
    rm_scan_options options = RM_SCAN_OPTIONS_INIT;
    rm_scan *scan = NULL;
    rm_error err;
    if (!csv_read(&table, "ny8-kulldorff/input.csv"))
        skip();
    assert_int_equal(table.rows, TRACTS);
    for (int i = 0; i < TRACTS; i++) {
        assert_int_equal((int)cell(&table, i, "id"), i + 1);
        x[i] = cell(&table, i, "x");
        y[i] = cell(&table, i, "y");
        population[i] = cell(&table, i, "population");
        cases[i] = (int32_t)cell(&table, i, "cases");
    }
    csv_free(&table);
    options.max_population_share = share;
    options.replicates = replicates;
    assert_int_equal(rm_scan_space(&scan, x, y, population, cases, TRACTS, &options, &err), RM_OK);
    return scan;
}

static void compare_centres(double share, const char *path)
{
    csv_table table;
    rm_scan *scan = scan_tracts(share, 0);
    rm_error err;
    if (!csv_read(&table, path))
        skip();
    assert_int_equal(table.rows, TRACTS);
    for (int i = 0; i < table.rows; i++) {
        rm_scan_cluster best;
        assert_int_equal(
            rm_scan_centre_at(scan, (int)cell(&table, i, "centre_id") - 1, &best, &err), RM_OK);
        assert_int_equal(best.zones, (int)cell(&table, i, "n_zones"));
        assert_true(fabs(best.llr - cell(&table, i, "llr")) <= 1e-9);
        assert_true(isnan(best.p));
        if (best.llr == 0.0) /* the table names the smallest zone then; we name none */
            continue;
        assert_int_equal(best.area_count, (int)cell(&table, i, "n_zone"));
        assert_int_equal(best.cases, (int)cell(&table, i, "cases"));
        assert_true(best.population == cell(&table, i, "population"));
        assert_true(fabs(best.expected - cell(&table, i, "expected")) <= 1e-9);
    }
    csv_free(&table);
    rm_scan_free(scan);
}

static void test_expected_centres_50pct(void **state)
{
    (void)state;
    compare_centres(0.5, "ny8-kulldorff/expected_centres_50pct.csv");
}

static void test_expected_centres_10pct(void **state)
{
    (void)state;
    compare_centres(0.1, "ny8-kulldorff/expected_centres_10pct.csv");
}

/* Every cluster of the table, in its order; what we list beyond it is what its makers leave out,
 * a p-value of 1. */
static void check_clusters(const rm_scan *scan, const csv_table *table, const char *llr,
                           const char *printed_llr)
{
    rm_scan_summary about;
    rm_scan_cluster cluster;
    rm_error err;
    rm_scan_about(scan, &about);
    assert_true(about.clusters >= table->rows && table->rows > 0);
    for (int32_t i = 0; i < about.clusters; i++) {
        assert_int_equal(rm_scan_cluster_at(scan, i, &cluster, &err), RM_OK);
        if (i >= table->rows) {
            assert_true(cluster.p > 0.999);
            continue;
        }
        assert_int_equal(cluster.centre + 1, (int)cell(table, i, "centre_id"));
        assert_int_equal(cluster.area_count, (int)cell(table, i, "n_areas"));
        check_members(rm_scan_cluster_members(scan, i), cluster.area_count,
                      csv_text(table, i, csv_column(table, "ids")), ";");
        assert_int_equal(cluster.cases, (int)cell(table, i, "cases"));
        assert_true(fabs(cluster.llr - cell(table, i, printed_llr)) <= 1e-6);
        assert_true(fabs(cluster.llr - cell(table, i, llr)) <= 1e-6);
        assert_true(fabs(cluster.expected - cell(table, i, "expected")) <= 1e-9 * cluster.expected);
        assert_true(fabs(cluster.relative_risk - cell(table, i, "rr")) <= 1e-9);
        assert_true(fabs(cluster.relative_risk - cell(table, i, "rr_printed")) <= 0.005 + 1e-9);
        check_p(cluster.p, cell(table, i, "p_value"), about.replicates);
    }
}

static void compare_clusters(double share, const char *path)
{
    csv_table table;
    rm_scan *scan = scan_tracts(share, 9999);
    if (!csv_read(&table, path))
        skip();
    check_clusters(scan, &table, "llr", "llr");
    for (int i = 0; i < table.rows; i++) {
        rm_scan_cluster cluster;
        assert_int_equal(rm_scan_cluster_at(scan, i, &cluster, NULL), RM_OK);
        assert_true(cluster.population == cell(&table, i, "population"));
        assert_true(fabs(cluster.observed_expected - cell(&table, i, "obs_exp")) <= 1e-9);
    }
    csv_free(&table);
    rm_scan_free(scan);
}

static void test_expected_clusters_50pct(void **state)
{
    (void)state;
    compare_clusters(0.5, "ny8-kulldorff/expected_clusters_50pct.csv");
}

static void test_expected_clusters_10pct(void **state)
{
    (void)state;
    compare_clusters(0.1, "ny8-kulldorff/expected_clusters_10pct.csv");
}

/* "  Number of cases.......: 100" after `from`: the text behind the colon; *from moves on. */
static const char *field(const char **from, const char *name)
{
    const char *found = strstr(*from, name);
    assert_non_null(found);
    found = strchr(found, ':');
    assert_non_null(found);
    *from = found + 1;
    return found + 2;
}

static double number(const char **from, const char *name)
{
    return strtod(field(from, name), NULL);
}

static void read_text(char *text, size_t size, const char *path)
{
    const char *shared = getenv("RISKMAP_SHARED");
    char name[4096];
    snprintf(name, sizeof name, "%s/golden/%s", shared ? shared : "", path);
    FILE *file = shared ? fopen(name, "rb") : NULL;
    if (!file) {
        printf("skipped: golden/%s is not there (RISKMAP_SHARED)\n", path);
        skip();
    }
    size_t got = fread(text, 1, size - 1, file);
    fclose(file);
    text[got] = '\0';
}

/* What SaTScan 9.6 printed, from 999 replicates. */
static void compare_published(double share, const char *path, int clusters)
{
    static char text[65536];
    rm_scan *scan = scan_tracts(share, 999);
    read_text(text, sizeof text, path);
    const char *at = strstr(text, "CLUSTERS DETECTED");
    assert_non_null(at);
    for (int i = 0; i < clusters; i++) {
        rm_scan_cluster cluster;
        char ids[1024];
        assert_int_equal(rm_scan_cluster_at(scan, i, &cluster, NULL), RM_OK);
        const char *list = field(&at, "Location IDs included");
        const char *end = strstr(list, "  Overlap with");
        assert_true(end && (size_t)(end - list) < sizeof ids);
        memcpy(ids, list, (size_t)(end - list));
        ids[end - list] = '\0';
        check_members(rm_scan_cluster_members(scan, i), cluster.area_count, ids, ", \r\n");
        double radius = strtod(strchr(field(&at, "Coordinates / radius"), '/') + 1, NULL);
        assert_true(fabs(cluster.radius - radius) <= 0.05 * radius); /* two digits */
        assert_true(cluster.population == number(&at, "Population"));
        assert_int_equal(cluster.cases, (int)number(&at, "Number of cases"));
        assert_true(fabs(cluster.expected - number(&at, "Expected cases")) <= 0.005 + 1e-9);
        assert_true(fabs(cluster.observed_expected - number(&at, "Observed / expected")) <=
                    0.005 + 1e-9);
        assert_true(fabs(cluster.relative_risk - number(&at, "Relative risk")) <= 0.005 + 1e-9);
        assert_true(fabs(cluster.llr - number(&at, "Log likelihood ratio")) <= 1e-6);
        double p = number(&at, "P-value");
        assert_true(fabs(p - cluster.p) <=
                    4.0 * sqrt(p * (1.0 - p) * (1.0 / 999 + 1.0 / 999)) + 2.0 / 1000);
    }
    rm_scan_free(scan);
}

static void test_published_satscan96_50pct(void **state)
{
    (void)state;
    compare_published(0.5, "ny8-kulldorff/published_satscan96_50pct.txt", 6);
}

static void test_published_satscan96_10pct(void **state)
{
    (void)state;
    compare_published(0.1, "ny8-kulldorff/published_satscan96_10pct.txt", 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_expected_centres_50pct),
        cmocka_unit_test(test_expected_centres_10pct),
        cmocka_unit_test(test_expected_clusters_50pct),
        cmocka_unit_test(test_expected_clusters_10pct),
        cmocka_unit_test(test_published_satscan96_50pct),
        cmocka_unit_test(test_published_satscan96_10pct),
    };
    return cmocka_run_group_tests_name("golden_ny8_kulldorff", tests, NULL, NULL);
}
