/* Reading Columbus: values and pairs of neighbours by the id of the area, 1 to 49. */
#ifndef RM_TESTS_GOLDEN_COLUMBUS_H
#define RM_TESTS_GOLDEN_COLUMBUS_H

#include "base/weights.h"
#include "riskmap/autocorrelation.h"

#include "csv.h"

enum { AREAS = 49, LINKS = 400 };

typedef struct links {
    rm_weights weights;
    int64_t start[AREAS + 1];
    int32_t to[LINKS];
} links;

/* From a table of i,j sorted by i and then j, which is checked. */
static int read_links(links *out, const char *path, int areas)
{
    csv_table table;
    if (!csv_read(&table, path))
        return 0;
    int row = 0;
    for (int i = 1; i <= areas; i++) {
        out->start[i - 1] = row;
        for (; row < table.rows && (int)csv_number(&table, row, 0) == i; row++) {
            out->to[row] = (int32_t)csv_number(&table, row, 1) - 1;
            assert_true(row == out->start[i - 1] || out->to[row - 1] < out->to[row]);
        }
    }
    out->start[areas] = row;
    assert_int_equal(row, table.rows);
    csv_free(&table);
    out->weights = (rm_weights){.count = areas, .start = out->start, .to = out->to};
    return 1;
}

static void read_column(double *out, const csv_table *table, const char *name)
{
    int column = csv_column(table, name);
    if (column < 0)
        fail_msg("there is no column %s", name);
    assert_int_equal(table->rows, AREAS);
    for (int i = 0; i < AREAS; i++) {
        assert_int_equal((int)csv_number(table, i, 0), i + 1);
        out[i] = csv_number(table, i, column);
    }
}

/* tolerance: relative to the expected value, plus `absolute`. */
static void assert_column(const double *got, const csv_table *table, const char *name,
                          double relative, double absolute)
{
    double expected[AREAS];
    read_column(expected, table, name);
    for (int i = 0; i < AREAS; i++) {
        if (!(fabs(got[i] - expected[i]) <= relative * fabs(expected[i]) + absolute))
            fail_msg("%s of area %d: %.17g is not %.17g", name, i + 1, got[i], expected[i]);
    }
}

/* The cell of a row whose first two cells are `weights` and `style`. */
static double of_whole(const csv_table *table, const char *weights, const char *style,
                       const char *name)
{
    for (int row = 0; row < table->rows; row++) {
        if (strcmp(csv_text(table, row, 0), weights) == 0 &&
            strcmp(csv_text(table, row, 1), style) == 0)
            return csv_number(table, row, csv_column(table, name));
    }
    fail_msg("there is no row %s %s", weights, style);
    return NAN;
}

#endif
