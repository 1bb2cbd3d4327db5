/* Feature ids that stand in a column of the rows. */
#include "data/layer.h"

#include <stdlib.h>
#include <string.h>

static int compare_ids(const void *left, const void *right)
{
    int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;
    return (a > b) - (a < b);
}

static int64_t ascending(const int64_t *ids, int64_t count)
{
    int64_t i = 1;
    while (i < count && ids[i - 1] < ids[i])
        i++;
    return i;
}

/* Mostly they ascend; those of rows that were sorted otherwise are looked at in a sorted copy. */
static rm_status all_differ(bool *out, const int64_t *ids, int64_t count, rm_error *err)
{
    int64_t *sorted = NULL;
    *out = ascending(ids, count) >= count;
    if (*out)
        return RM_OK;
    RM_TRY(RM_NEW(&sorted, count, err));
    memcpy(sorted, ids, (size_t)count * sizeof *sorted);
    qsort(sorted, (size_t)count, sizeof *sorted, compare_ids);
    *out = ascending(sorted, count) >= count;
    rm_release(sorted);
    return RM_OK;
}

/* Why its numbers cannot tell the features apart; NULL when they can. */
static rm_status find_fault(const char **why, const rm_column *column, int64_t count, rm_error *err)
{
    bool differ = true;
    *why = NULL;
    for (int64_t row = 0; row < count && !*why; row++)
        if (rm_column_missing(column, row))
            *why = "a row has none";
        else if (column->data.i64[row] < 0)
            *why = "one is below 0";
    if (!*why)
        RM_TRY(all_differ(&differ, column->data.i64, count, err));
    if (!differ)
        *why = "two rows have the same";
    return RM_OK;
}

static void drop_column(rm_table *table, int32_t number)
{
    rm_column *column = &table->columns[number];
    rm_release(column->name);
    rm_release(column->valid);
    rm_release(column->data.any);
    table->count--;
    memmove(column, column + 1, (size_t)(table->count - number) * sizeof *column);
}

rm_status rm_rows_take_ids(rm_rows *rows, int32_t number, rm_error *err)
{
    const char *why;
    rm_column *column = &rows->table.columns[number];
    RM_TRY(find_fault(&why, column, rows->table.rows, err));
    if (why)
        return rm_issues_add(&rows->issues, RM_ISSUE_FID, -1, 0.0, 0.0, why, err);
    for (int64_t i = 0; i < rows->issues.count; i++) {
        rm_issue *issue = &rows->issues.items[i];
        if (issue->feature >= 0)
            issue->feature = column->data.i64[issue->feature];
    }
    if (rows->table.rows > 0) { /* the old ids leave with the column */
        int64_t *ids = rows->ids, capacity = rows->ids_capacity;
        rows->ids = column->data.i64;
        rows->ids_capacity = column->data_capacity;
        column->data.i64 = ids;
        column->data_capacity = capacity;
    }
    drop_column(&rows->table, number);
    return RM_OK;
}
