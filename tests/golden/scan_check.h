/* What the golden cases of the scans have in common: a scan against a table of clusters. */
#ifndef RM_TESTS_GOLDEN_SCAN_CHECK_H
#define RM_TESTS_GOLDEN_SCAN_CHECK_H

#include "csv.h"

#include "riskmap/scan.h"

/* The README's rule for p-values by Monte Carlo, m_ref = 99,999. */
static void check_p(double p, double reference, int m)
{
    double spread = sqrt(reference * (1.0 - reference) * (1.0 / m + 1.0 / 99999.0));
    assert_true(fabs(p - reference) <= 4.0 * spread + 2.0 / (m + 1.0));
}

/* ids: numbers with `separators` between them, rows counted from 1. */
static void check_members(const int32_t *members, int32_t count, const char *ids,
                          const char *separators)
{
    for (int32_t i = 0; i < count; i++) {
        char *end;
        assert_int_equal(members[i] + 1, strtol(ids, &end, 10));
        assert_true(end > ids);
        ids = end + strspn(end, separators);
    }
    assert_int_equal(*ids, '\0');
}

static double cell(const csv_table *table, int row, const char *column)
{
    int c = csv_column(table, column);
    assert_true(c >= 0);
    return csv_number(table, row, c);
}

#endif
