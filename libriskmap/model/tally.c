#include "model/tally.h"

#include "stats/aggregate.h"

#include <math.h>

rm_status rm_tally_start(rm_tally *tally, const rm_task *task, bool weighted, int64_t areas,
                         const rm_join *join, rm_error *err)
{
    *tally = (rm_tally){0};
    if (task->kind == RM_TASK_COVER)
        return rm_cover_new(&tally->cover, join, err);
    if (task->kind == RM_TASK_NEAREST)
        return RM_OK;
    RM_TRY(RM_NEW_ZERO(&tally->features, areas, err));
    if (task->field >= 0)
        RM_TRY(RM_NEW_ZERO(&tally->missing, areas, err));
    if (task->kind == RM_TASK_TALLY && (task->field >= 0 || weighted))
        RM_TRY(RM_NEW_ZERO(&tally->sum, areas, err));
    return RM_OK;
}

static inline void count_one(int32_t *counter)
{
    *counter += *counter < INT32_MAX;
}

void rm_tally_fold(rm_tally *tally, const rm_batch_view *view, const rm_hit *hits, int64_t count)
{
    for (int64_t h = 0; h < count; h++) {
        int32_t row = hits[h].row, area = hits[h].area;
        if (!view->counts[row])
            continue;
        if (view->value) {
            double value = view->value[row];
            if (isnan(value)) {
                count_one(&tally->missing[area]);
                continue;
            }
            rm_sum_add(&tally->sum[area], value);
        }
        count_one(&tally->features[area]);
    }
}

rm_status rm_tally_keep(rm_tally *tally, const rm_batch_view *view, const rm_hit *hits,
                        int64_t count, rm_error *err)
{
    RM_TRY(RM_GROW(&tally->kept, &tally->kept_capacity, tally->kept_count + count, err));
    for (int64_t h = 0; h < count; h++) {
        int32_t row = hits[h].row, area = hits[h].area;
        if (!view->counts[row])
            continue;
        if (isnan(view->value[row])) {
            count_one(&tally->missing[area]);
            continue;
        }
        count_one(&tally->features[area]);
        tally->kept[tally->kept_count++] = (rm_kept){area, view->value[row]};
    }
    return RM_OK;
}

rm_status rm_tally_medians(rm_tally *tally, double *medians, int64_t areas, rm_error *err)
{
    int64_t *start = NULL;
    double *values = NULL;
    rm_status status = RM_NEW_ZERO(&start, areas + 1, err);
    if (status == RM_OK)
        status = RM_NEW(&values, tally->kept_count, err);
    if (status == RM_OK) {
        for (int64_t k = 0; k < tally->kept_count; k++)
            start[tally->kept[k].area + 1]++;
        for (int64_t a = 0; a < areas; a++)
            start[a + 1] += start[a];
        for (int64_t k = 0; k < tally->kept_count; k++)
            values[start[tally->kept[k].area]++] = tally->kept[k].value;
        /* start[a] is now the end of area a */
        for (int64_t a = 0, first = 0; a < areas; first = start[a++])
            medians[a] = rm_median(values + first, start[a] - first);
    }
    rm_release(values);
    rm_release(start);
    return status;
}

void rm_tally_clear(rm_tally *tally)
{
    rm_release(tally->features);
    rm_release(tally->missing);
    rm_release(tally->sum);
    rm_release(tally->kept);
    rm_geometry_clear(&tally->near);
    rm_cover_free(tally->cover);
    *tally = (rm_tally){0};
}
