/* Back-testing against ptools and scikit-learn on burglaries in Chicago, and on the examples of
 * ptools itself (golden/backtest-pai). Committed twin: tests/unit/test_stats_backtest.c. */
#include "riskmap/backtest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "csv.h"

#define TOLERANCE 1e-12 /* as its README states; relative above 1 */
enum { MOST = 270 };

typedef struct cells {
    int count;
    double id[MOST], prediction[MOST], events[MOST], before[MOST], area[MOST];
} cells;

static void assert_close(double got, double expected, const char *what)
{
    if (!(fabs(got - expected) <= TOLERANCE * fmax(1.0, fabs(expected))))
        fail_msg("%s: %.17g is not %.17g", what, got, expected);
}

static void read_column(double *to, const csv_table *table, const char *name)
{
    int column = csv_column(table, name);
    assert_true(column >= 0);
    for (int i = 0; i < table->rows; i++)
        to[i] = csv_number(table, i, column);
}

static void read_or_skip(cells *out, const char *path, const char *area, const char *before)
{
    csv_table table;
    if (!csv_read(&table, path))
        skip();
    assert_in_range(table.rows, 1, MOST);
    out->count = table.rows;
    read_column(out->id, &table, "id");
    read_column(out->prediction, &table, "pred");
    read_column(out->events, &table, "obs");
    read_column(out->area, &table, area);
    read_column(out->before, &table, before);
    csv_free(&table);
}

static double member(const rm_backtest_step *step, const char *name, const cells *data, int place)
{
    if (strcmp(name, "Order") == 0)
        return place + 1;
    if (strcmp(name, "id") == 0)
        return data->id[step->cell];
    const struct {
        const char *name;
        double value;
    } members[] = {{"Count", step->events},
                   {"CumCount", step->cum_events},
                   {"PCumCount", step->hit_rate},
                   {"Pred", step->prediction},
                   {"CumPred", step->cum_prediction},
                   {"Area", step->area},
                   {"CumArea", step->cum_area},
                   {"PCumArea", step->area_share},
                   {"PAI", step->pai},
                   {"PEI", step->pei},
                   {"RRI", step->rri_predicted}};
    for (size_t m = 0; m < sizeof members / sizeof *members; m++)
        if (strcmp(name, members[m].name) == 0)
            return members[m].value;
    fail_msg("column %s is not known", name);
    return NAN;
}

/* Every cell of a table of ptools. */
static void check_table(const cells *data, const double *before, const char *path, int32_t ties)
{
    static rm_backtest_step steps[MOST];
    csv_table table;
    rm_backtest_options options = RM_BACKTEST_OPTIONS_INIT;
    options.ties = ties;
    assert_int_equal(rm_backtest_curve(steps, NULL, data->prediction, data->events, before,
                                       data->area, data->count, &options, NULL),
                     RM_OK);
    assert_int_equal(csv_read(&table, path), 1);
    assert_int_equal(table.rows, data->count);
    assert_int_equal(table.columns, 13);
    for (int i = 0; i < table.rows; i++)
        for (int c = 0; c < table.columns; c++) {
            const char *name = table.cells[c];
            assert_close(member(&steps[i], name, data, i), csv_number(&table, i, c), name);
        }
    csv_free(&table);
}

static void test_curve(void **state)
{
    cells data;
    (void)state;
    read_or_skip(&data, "backtest-pai/input.csv", "area", "train_count");
    check_table(&data, data.before, "backtest-pai/expected.csv", RM_TIES_AVERAGED);
    check_table(&data, NULL, "backtest-pai/expected.csv", RM_TIES_WORST);
}

/* Two cells are tied; ptools puts the one with the fewest events first. */
static void test_ptools_example(void **state)
{
    cells data;
    (void)state;
    read_or_skip(&data, "backtest-pai/input_ptools_doc6.csv", "const", "obs");
    check_table(&data, NULL, "backtest-pai/expected_ptools_doc6.csv", RM_TIES_WORST);
}

static void test_ptools_test(void **state)
{
    cells data;
    (void)state;
    read_or_skip(&data, "backtest-pai/input_ptools_test3.csv", "const", "obs");
    check_table(&data, NULL, "backtest-pai/expected_ptools_test3.csv", RM_TIES_WORST);
    check_table(&data, NULL, "backtest-pai/expected_ptools_test3.csv", RM_TIES_AVERAGED);
}

static void test_top_cells(void **state)
{
    static rm_backtest_step steps[MOST];
    cells data;
    csv_table table;
    (void)state;
    read_or_skip(&data, "backtest-pai/input.csv", "area", "train_count");
    assert_int_equal(csv_read(&table, "backtest-pai/expected_topk.csv"), 1);
    assert_int_equal(table.rows, 8);
    assert_int_equal(table.columns, 8);
    assert_int_equal(rm_backtest_curve(steps, NULL, data.prediction, data.events, data.before,
                                       data.area, data.count, NULL, NULL),
                     RM_OK);
    for (int i = 0; i < table.rows; i++) {
        int k = (int)csv_number(&table, i, csv_column(&table, "k"));
        const rm_backtest_step *step = &steps[k - 1];
        double share = k / (double)MOST;
        rm_backtest_share out;
        assert_int_equal(rm_backtest_shares(&out, NULL, &share, 1, data.prediction, data.events,
                                            data.before, data.area, data.count, NULL, NULL),
                         RM_OK);
        assert_int_equal(out.cells, k);
        const double got[][8] = {{k, step->cum_events, step->hit_rate, step->area_share, step->pai,
                                  step->pei, step->rri_before, step->rri_predicted},
                                 {k, step->cum_events, out.hit_rate, out.area_share, out.pai,
                                  out.pei, out.rri_before, out.rri_predicted},
                                 {k, step->cum_events, out.hit_rate_at, out.share, out.pai_at,
                                  out.pei_at, out.rri_before, out.rri_predicted}};
        for (int way = 0; way < 3; way++)
            for (int c = 0; c < 8; c++)
                assert_close(got[way][c], csv_number(&table, i, c), table.cells[c]);
    }
    csv_free(&table);
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median_of(const double *values, int count)
{
    double sorted[MOST];
    memcpy(sorted, values, (size_t)count * sizeof *values);
    qsort(sorted, (size_t)count, sizeof *sorted, by_size);
    return 0.5 * (sorted[(count - 1) / 2] + sorted[count / 2]);
}

static double score_at(const cells *data, const char *name)
{
    rm_backtest_options options = RM_BACKTEST_OPTIONS_INIT;
    rm_backtest_scores scores;
    rm_backtest_share out;
    double share = 0.0;
    if (strstr(name, "_gt_median"))
        options.threshold = median_of(data->events, data->count);
    assert_int_equal(rm_backtest_score(&scores, NULL, data->prediction, data->events, NULL,
                                       data->area, data->count, &options, NULL),
                     RM_OK);
    if (strncmp(name, "auc_cell_", 9) == 0)
        return scores.auc_cells;
    if (strcmp(name, "average_precision_any_event") == 0)
        return scores.average_precision;
    if (strncmp(name, "auc_event_weighted", 18) == 0 || strncmp(name, "auc_capture_curve", 17) == 0)
        return scores.auc_events;
    if (sscanf(name, "hit_rate_top_%lf", &share) != 1 &&
        sscanf(name, "hit_rate_%lf", &share) != 1 && sscanf(name, "k_%lf", &share) != 1)
        fail_msg("%s is not known", name);
    assert_int_equal(rm_backtest_shares(&out, NULL, &share, 1, data->prediction, data->events, NULL,
                                        data->area, data->count, NULL, NULL),
                     RM_OK);
    if (name[0] == 'k')
        return (double)out.cells;
    return strstr(name, "_interpolated") ? out.hit_rate_at : out.hit_rate;
}

static void test_scores(void **state)
{
    cells data;
    csv_table table;
    (void)state;
    read_or_skip(&data, "backtest-pai/input.csv", "area", "train_count");
    assert_int_equal(csv_read(&table, "backtest-pai/expected_auc.csv"), 1);
    assert_int_equal(table.rows, 20);
    for (int i = 0; i < table.rows; i++)
        assert_close(score_at(&data, csv_text(&table, i, 0)), csv_number(&table, i, 1),
                     csv_text(&table, i, 0));
    csv_free(&table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_curve),       cmocka_unit_test(test_ptools_example),
        cmocka_unit_test(test_ptools_test), cmocka_unit_test(test_top_cells),
        cmocka_unit_test(test_scores),
    };
    return cmocka_run_group_tests_name("golden_backtest_pai", tests, NULL, NULL);
}
