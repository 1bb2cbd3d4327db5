/* Knox tables and the closed Knox test against numpy, the Near Repeat Calculator's published tables
 * and R's surveillance, on 522 arsons (golden/chicago-knox). Its committed twin is
 * tests/unit/test_stats_knox.c. */
#include "base/date.h"
#include "riskmap/pattern.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "csv.h"

enum { EVENTS = 522, RUNS = 9999, MOST = 64 };
static double x[EVENTS], y[EVENTS];
static int32_t day[EVENTS];

static int read_events(void)
{
    csv_table table;
    if (!csv_read(&table, "chicago-knox/input.csv"))
        return 0;
    assert_int_equal(table.rows, EVENTS);
    for (int i = 0; i < EVENTS; i++) {
        int year, month, number;
        x[i] = csv_number(&table, i, csv_column(&table, "x"));
        y[i] = csv_number(&table, i, csv_column(&table, "y"));
        assert_int_equal(sscanf(csv_text(&table, i, csv_column(&table, "date")), "%d-%d-%d", &year,
                                &month, &number),
                         3);

        day[i] = rm_date_from_civil(year, month, number);
    }
    csv_free(&table);
    return 1;
}

static void assert_relative(double got, double expected, double tolerance)
{
    if (!(fabs(got - expected) <= tolerance * fabs(expected)))
        fail_msg("%.17g is not %.17g", got, expected);
}

/* The rule of the golden folder, both sides having made RUNS permutations. */
static void assert_same_p(double got, double expected)
{
    double room = 4 * sqrt(expected * (1 - expected) * 2.0 / RUNS) + 2.0 / (RUNS + 1);
    if (!(fabs(got - expected) <= room))
        fail_msg("p %.6f is not %.6f within %.6f", got, expected, room);
}

static void check_case(const char *name, int32_t metric, const double *space, int space_bands,
                       const double *time, int time_bands)
{
    int64_t observed[MOST];
    double expected[MOST], ratio[MOST], mean[MOST], p[MOST];
    rm_knox_options options = RM_KNOX_OPTIONS_INIT;
    csv_table table;
    rm_error err;
    int cell = 0;
    if (!read_events() || !csv_read(&table, "chicago-knox/expected.csv"))
        skip();
    options.metric = metric;
    options.permutations = RUNS;
    if (rm_knox(observed, expected, ratio, mean, p, x, y, day, EVENTS, space, space_bands, time,
                time_bands, &options, &err) != RM_OK)
        fail_msg("%s", err.message);
    for (int row = 0; row < table.rows; row++) {
        if (strcmp(csv_text(&table, row, csv_column(&table, "case")), name) != 0)
            continue;
        int s = cell / time_bands, t = cell % time_bands;
        assert_string_equal(csv_text(&table, row, csv_column(&table, "metric")),
                            metric == RM_MANHATTAN ? "manhattan" : "euclidean");
        assert_true(csv_number(&table, row, csv_column(&table, "s_from")) == space[s]);
        assert_true(csv_number(&table, row, csv_column(&table, "s_to")) == space[s + 1]);
        assert_true(csv_number(&table, row, csv_column(&table, "t_from")) == time[t]);
        assert_true(csv_number(&table, row, csv_column(&table, "t_to")) == time[t + 1]);
        assert_true((double)observed[cell] ==
                    csv_number(&table, row, csv_column(&table, "observed")));
        double exact = csv_number(&table, row, csv_column(&table, "expected_exact"));
        assert_relative(expected[cell], exact, 1e-10);
        assert_relative(ratio[cell], csv_number(&table, row, csv_column(&table, "ratio_exact")),
                        1e-10);
        assert_same_p(p[cell], csv_number(&table, row, csv_column(&table, "p_value")));
        /* The variance of a count is near its mean for rare pairs and below the smaller of row and
         * column for the others; both runs have its error. */
        double spread = sqrt(fmin(exact, 1000.0)) + 0.1;
        double room = 6 * spread * sqrt(2.0 / RUNS);
        double theirs = csv_number(&table, row, csv_column(&table, "perm_mean"));
        if (!(fabs(mean[cell] - theirs) <= room))
            fail_msg("cell %d: mean %g is not %g", cell, mean[cell], theirs);
        cell++;
    }
    assert_int_equal(cell, space_bands * time_bands);
    csv_free(&table);
}

static void test_contents(void **state)
{
    (void)state;
    const double space[] = {0, 0.01, 200, 400, 600, INFINITY}, time[] = {0, 1, 2, 3, INFINITY};
    check_case("nrc_contents", RM_MANHATTAN, space, 5, time, 4);
}

static void test_labels(void **state)
{
    (void)state;
    const double space[] = {0, 0.01, 201, 401, 601, INFINITY}, time[] = {0, 2, 3, 4, INFINITY};
    check_case("nrc_labels", RM_MANHATTAN, space, 5, time, 4);
}

static void test_euclidean(void **state)
{
    (void)state;
    const double space[] = {0, 0.001, 200, 400, 600, 800, INFINITY};
    const double time[] = {0, 7, 14, 21, 28, INFINITY};
    check_case("euclid_200m_7d", RM_EUCLIDEAN, space, 6, time, 5);
}

/* The last table of published_nrc13_tables.txt: four rows, "1, Same location,,2,,8,". */
static void read_published(int64_t counts[16])
{
    const char *shared = getenv("RISKMAP_SHARED");
    char name[4096], line[256];
    int row = -1;
    snprintf(name, sizeof name, "%s/golden/chicago-knox/published_nrc13_tables.txt", shared);
    FILE *file = fopen(name, "r");
    assert_non_null(file);
    memset(counts, 0, 16 * sizeof *counts);
    while (fgets(line, sizeof line, file)) {
        if (strstr(line, "Observed frequencies distribution"))
            row = 0;
        if (row < 0 || line[0] < '1' || line[0] > '4')
            continue;
        assert_int_equal(line[0] - '1', row);
        const char *cell = strchr(strchr(line, ',') + 1, ',');
        for (int t = 0; t < 4 && cell; t++) {
            counts[4 * row + t] = strtoll(cell + 1, NULL, 10);
            cell = strchr(cell + 1, ',');
        }
        row++;
    }
    fclose(file);
    assert_int_equal(row, 4);
}

/* One pair of 399.96 m is in the band above the one that holds it, as the README says; the table
 * leaves the last row out. */
static void test_published(void **state)
{
    (void)state;
    const double space[] = {0, 0.01, 200, 400, 600, INFINITY}, time[] = {0, 1, 2, 3, INFINITY};
    rm_knox_options options = RM_KNOX_OPTIONS_INIT;
    int64_t observed[20], published[16], moved = 0;
    rm_error err;
    if (!read_events())
        skip();
    read_published(published);
    options.metric = RM_MANHATTAN;
    options.permutations = 0;
    assert_int_equal(rm_knox(observed, NULL, NULL, NULL, NULL, x, y, day, EVENTS, space, 5, time, 4,
                             &options, &err),
                     RM_OK);
    for (int cell = 0; cell < 16; cell++) {
        int64_t off = observed[cell] - published[cell];
        moved += off;
        assert_int_equal(off, cell == 11 ? 1 : cell == 15 ? -1 : 0);
    }
    assert_int_equal(moved, 0);
}

static void test_surveillance(void **state)
{
    (void)state;
    csv_table table;
    rm_error err;
    rm_knox_options options = RM_KNOX_OPTIONS_INIT;
    if (!read_events() || !csv_read(&table, "chicago-knox/expected_surveillance.csv"))
        skip();
    options.permutations = RUNS;
    assert_int_equal(table.rows, 4);
    for (int row = 0; row < table.rows; row++) {
        rm_knox_result got;
        double metres = csv_number(&table, row, csv_column(&table, "eps_s"));
        double days = csv_number(&table, row, csv_column(&table, "eps_t"));
        assert_int_equal(rm_knox_test(&got, x, y, day, EVENTS, metres, days, &options, &err),
                         RM_OK);
        assert_true((double)got.close ==
                    csv_number(&table, row, csv_column(&table, "close_pairs")));
        assert_relative(got.expected, csv_number(&table, row, csv_column(&table, "expected")),
                        1e-10);
        assert_same_p(got.p, csv_number(&table, row, csv_column(&table, "p_mc9999")));
        assert_relative(got.p_above, csv_number(&table, row, csv_column(&table, "p_poisson")),
                        1e-10);
    }
    csv_free(&table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_contents),     cmocka_unit_test(test_labels),
        cmocka_unit_test(test_euclidean),    cmocka_unit_test(test_published),
        cmocka_unit_test(test_surveillance),
    };
    return cmocka_run_group_tests_name("golden_chicago_knox", tests, NULL, NULL);
}
