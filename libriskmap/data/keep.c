#include "data/keep.h"

#include <stdlib.h>

static int compare_ids(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

rm_status rm_rows_drop_issues(rm_rows *rows, const uint8_t *mask, rm_error *err)
{
    if (rows->issues.count == 0)
        return RM_OK;
    int64_t *gone = NULL, count = 0;
    RM_TRY(RM_NEW(&gone, rows->table.rows, err));
    for (int64_t r = 0; r < rows->table.rows; r++)
        if (!mask[r])
            gone[count++] = rows->ids[r];
    qsort(gone, (size_t)count, sizeof *gone, compare_ids);
    int64_t kept = 0;
    for (int64_t i = 0; i < rows->issues.count; i++) {
        rm_issue *issue = &rows->issues.items[i];
        if (bsearch(&issue->feature, gone, (size_t)count, sizeof *gone, compare_ids))
            rm_release(issue->text);
        else
            rows->issues.items[kept++] = *issue;
    }
    rows->issues.count = kept;
    rm_release(gone);
    return RM_OK;
}

rm_status rm_rows_keep(rm_rows *rows, const uint8_t *mask, rm_error *err)
{
    rm_rows kept = {0};
    rm_status status = rm_rows_drop_issues(rows, mask, err);
    if (status == RM_OK)
        status = rm_table_copy_columns(&kept.table, &rows->table, err);
    for (int64_t r = 0; r < rows->table.rows && status == RM_OK; r++)
        if (mask[r])
            status = rm_rows_add_copy(&kept, rows, r, err);
    if (status != RM_OK) {
        rm_rows_clear(&kept);
        return status;
    }
    kept.issues = rows->issues;
    rows->issues = (rm_issues){0};
    rm_rows_clear(rows);
    *rows = kept;
    return RM_OK;
}
