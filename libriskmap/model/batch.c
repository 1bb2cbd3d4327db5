#include "model/batch.h"

#include "base/date.h"
#include "data/keep.h"
#include "geo/place.h"
#include "geo/valid.h"
#include "model/values.h"

#include <math.h>
#include <string.h>

static rm_status apply_layer_filter(rm_batch *batch, const rm_filter *filter, rm_error *err)
{
    rm_rows *rows = &batch->rows;
    int64_t count = rows->table.rows, kept = 0;
    if (!filter) {
        memset(batch->used, 1, (size_t)count);
        batch->counted.read += count;
        return RM_OK;
    }
    RM_TRY(rm_filter_apply(filter, &rows->table, batch->used, err));
    for (int64_t r = 0; r < count; r++) {
        kept += batch->used[r];
        if (!batch->used[r] && rows->geometry.features)
            rows->geometry.kind[r] = RM_KIND_NONE; /* nothing more to check there */
    }
    batch->counted.read += kept;
    batch->counted.filtered += count - kept;
    return rm_rows_drop_issues(rows, batch->used, err);
}

static bool covers_only(const rm_layer_plan *plan)
{
    for (int32_t t = 0; t < plan->task_count; t++)
        if (plan->tasks[t].kind != RM_TASK_COVER)
            return false;
    return plan->task_count > 0;
}

static rm_status reject_unusable_geometry(rm_batch *batch, const rm_layer_plan *plan, rm_error *err)
{
    rm_rows *rows = &batch->rows;
    bool polygons = covers_only(plan);
    for (int64_t r = 0; r < rows->table.rows; r++) {
        if (!batch->used[r])
            continue;
        rm_kind kind = rows->geometry.kind[r];
        batch->used[r] = kind != RM_KIND_NONE;
        if (polygons && batch->used[r] && kind != RM_KIND_POLYGON) {
            batch->used[r] = 0;
            RM_TRY(
                rm_issues_add(&rows->issues, RM_ISSUE_NOT_POLYGON, rows->ids[r], 0, 0, NULL, err));
        }
    }
    return RM_OK;
}

const rm_layer_counts rm_no_counts = {.first_date = RM_NO_DATE, .last_date = RM_NO_DATE};

/* Reports without rules: those that stand where lost coordinates come to lie are counted as they
 * pass. */
static void count_lost(rm_batch *batch, const rm_model *model, const rm_model_layer *layer)
{
    const rm_rows *rows = &batch->rows;
    bool reports = layer->time || (layer->origin && strcmp(layer->origin, "reported") == 0);
    if (!reports || layer->reported || !rm_reports_in_rd(model->crs))
        return;
    for (int64_t r = 0; r < rows->table.rows; r++) {
        if (!batch->used[r] || !rm_reports_at_known_place(&rows->geometry, r))
            continue;
        if (batch->counted.lost++ == 0 || rows->ids[r] < batch->counted.first_lost)
            batch->counted.first_lost = rows->ids[r];
    }
}

/* A date that lies ahead is no date; by its rule such a report may count where none is needed. */
static rm_status date_ahead(rm_batch *batch, int64_t row, bool keep, rm_error *err)
{
    rm_issues *issues = &batch->rows.issues;
    batch->used[row] = keep;
    return rm_issues_add(issues, keep ? RM_ISSUE_FUTURE_KEPT : RM_ISSUE_FUTURE,
                         batch->rows.ids[row], 0, 0, NULL, err);
}

static rm_status date_rows(rm_batch *batch, const rm_layer_plan *plan, bool keep_future,
                           int32_t as_of, rm_error *err)
{
    if (plan->time_column < 0)
        return RM_OK;
    rm_rows *rows = &batch->rows;
    const rm_column *column = &rows->table.columns[plan->time_column];
    rm_layer_counts *counted = &batch->counted;
    for (int64_t r = 0; r < rows->table.rows; r++) {
        batch->date[r] = rm_column_date(column, r, NULL);
        if (!batch->used[r])
            continue;
        bool none = batch->date[r] == RM_NO_DATE;
        if (!none && batch->date[r] > as_of) {
            RM_TRY(date_ahead(batch, r, keep_future && !plan->needs_date, err));
            continue;
        }
        if (none && plan->needs_date) {
            batch->used[r] = 0;
            RM_TRY(rm_issues_add(&rows->issues, RM_ISSUE_NO_DATE, rows->ids[r], 0, 0, NULL, err));
            continue;
        }
        if (!none && (counted->first_date == RM_NO_DATE || batch->date[r] < counted->first_date))
            counted->first_date = batch->date[r];
        if (!none && batch->date[r] > counted->last_date) /* RM_NO_DATE is the least of all */
            counted->last_date = batch->date[r];
    }
    return RM_OK;
}

static void keep_within_dates(uint8_t *counts, const rm_batch *batch, const rm_indicator *indicator)
{
    for (int64_t r = 0; r < batch->rows.table.rows; r++) {
        int32_t date = batch->date[r];
        if ((indicator->from != RM_NO_DATE && date < indicator->from) ||
            (indicator->until != RM_NO_DATE && date > indicator->until))
            counts[r] = 0;
    }
}

static rm_status fill_values(double *value, rm_batch *batch, const rm_task *task,
                             const uint8_t *counts, int32_t as_of, rm_error *err)
{
    rm_rows *rows = &batch->rows;
    const rm_column *column = &rows->table.columns[task->field];
    for (int64_t r = 0; r < rows->table.rows; r++) {
        if (!counts[r])
            continue;
        bool bad = false;
        value[r] =
            task->age ? rm_value_age(column, r, as_of, &bad) : rm_column_number(column, r, &bad);
        if (isinf(value[r])) {
            value[r] = NAN;
            bad = true;
        }
        if (bad)
            RM_TRY(rm_issues_add(&rows->issues, RM_ISSUE_NO_NUMBER, rows->ids[r], 0, 0,
                                 column->name, err));
    }
    return RM_OK;
}

static void weigh_by_age(double *value, const rm_batch *batch, double half_life, int32_t as_of,
                         bool has_field)
{
    for (int64_t r = 0; r < batch->rows.table.rows; r++) {
        if (batch->date[r] == RM_NO_DATE)
            continue;
        double weight = exp2(-((double)as_of - batch->date[r]) / half_life);
        value[r] = has_field ? value[r] * weight : weight;
    }
}

static bool has_values(const rm_model *model, const rm_task *task)
{
    return task->field >= 0 ||
           (task->dated && model->indicators[task->indicator].half_life_days > 0);
}

static rm_status view_task(rm_batch *batch, const rm_model *model, const rm_layer_plan *plan,
                           int32_t number, int32_t as_of, rm_error *err)
{
    const rm_task *task = &plan->tasks[number];
    const rm_indicator *indicator = &model->indicators[task->indicator];
    int64_t rows = batch->rows.table.rows;
    uint8_t *counts = batch->counts + number * rows;
    double *value = batch->value + number * rows;
    memcpy(counts, batch->used, (size_t)rows);
    if (indicator->filter && !task->second) {
        RM_TRY(rm_filter_apply(indicator->filter, &batch->rows.table, batch->mask, err));
        for (int64_t r = 0; r < rows; r++)
            counts[r] &= batch->mask[r];
    }
    if (task->dated)
        keep_within_dates(counts, batch, indicator);
    if (task->field >= 0)
        RM_TRY(fill_values(value, batch, task, counts, as_of, err));
    if (task->dated && indicator->half_life_days > 0)
        weigh_by_age(value, batch, indicator->half_life_days, as_of, task->field >= 0);
    return RM_OK;
}

static rm_status make_room(rm_batch *batch, const rm_layer_plan *plan, rm_error *err)
{
    int64_t rows = batch->rows.table.rows;
    RM_TRY(RM_GROW(&batch->used, &batch->used_capacity, rows, err));
    RM_TRY(RM_GROW(&batch->mask, &batch->mask_capacity, rows, err));
    RM_TRY(RM_GROW(&batch->skip, &batch->skip_capacity, rows, err));
    if (plan->time_column >= 0)
        RM_TRY(RM_GROW(&batch->date, &batch->date_capacity, rows, err));
    RM_TRY(RM_GROW(&batch->counts, &batch->counts_capacity, rows * plan->task_count, err));
    return RM_GROW(&batch->value, &batch->value_capacity, rows * plan->task_count, err);
}

rm_status rm_batch_prepare(rm_batch *batch, const rm_model *model, const rm_layer_plan *plan,
                           const rm_run_request *request, int worker, rm_error *err)
{
    int32_t as_of = request->as_of;
    int64_t used = 0, read = batch->counted.read;
    RM_TRY(make_room(batch, plan, err));
    const rm_model_layer *layer = &model->layers[plan->layer];
    RM_TRY(apply_layer_filter(batch, layer->filter, err));
    RM_TRY(rm_rows_clean(&batch->rows, request->progress, worker, err));
    RM_TRY(reject_unusable_geometry(batch, plan, err));
    RM_TRY(date_rows(batch, plan, layer->reports.keep_future, as_of, err));
    count_lost(batch, model, layer);
    for (int64_t r = 0; r < batch->rows.table.rows; r++)
        used += batch->used[r];
    batch->counted.used += used;
    batch->counted.rejected += batch->counted.read - read - used;
    for (int32_t t = 0; t < plan->task_count; t++)
        RM_TRY(view_task(batch, model, plan, t, as_of, err));
    return RM_OK;
}

rm_batch_view rm_batch_view_of(const rm_batch *batch, const rm_model *model,
                               const rm_layer_plan *plan, int32_t task)
{
    int64_t rows = batch->rows.table.rows;
    return (rm_batch_view){
        .counts = batch->counts + task * rows,
        .value = has_values(model, &plan->tasks[task]) ? batch->value + task * rows : NULL};
}

/* A row that no task of this meeting counts needs no search. */
static void skip_what_nobody_counts(rm_batch *batch, const rm_layer_plan *plan, int32_t meeting)
{
    int64_t rows = batch->rows.table.rows;
    memset(batch->skip, 1, (size_t)rows);
    for (int32_t t = 0; t < plan->task_count; t++)
        if (plan->tasks[t].meeting == meeting)
            for (int64_t r = 0; r < rows; r++)
                batch->skip[r] &= !batch->counts[t * rows + r];
}

rm_status rm_batch_meet(rm_batch *batch, const rm_layer_plan *plan, int32_t meeting,
                        const rm_join *join, rm_error *err)
{
    const rm_meeting *how = &plan->meetings[meeting];
    const rm_geometry *geometry = &batch->rows.geometry;
    int64_t rows = batch->rows.table.rows;
    batch->hits.count = 0;
    skip_what_nobody_counts(batch, plan, meeting);
    if (how->touching && how->within_m > 0)
        return rm_join_touching_within(join, geometry, batch->skip, how->within_m, &batch->hits,
                                       err);
    if (how->touching)
        return rm_join_touching(join, geometry, batch->skip, &batch->hits, err);
    const double *x = geometry->x, *y = geometry->y;
    if (!rm_geometry_is_points(geometry)) {
        RM_TRY(RM_GROW(&batch->x, &batch->x_capacity, rows, err));
        RM_TRY(RM_GROW(&batch->y, &batch->y_capacity, rows, err));
        RM_TRY(rm_place_points(geometry, batch->x, batch->y, err));
        x = batch->x;
        y = batch->y;
    }
    if (how->within_m > 0)
        return rm_join_within(join, x, y, batch->skip, rows, how->within_m, &batch->hits, err);
    return rm_join_points(join, x, y, batch->skip, rows, &batch->hits, err);
}

void rm_layer_counts_add(rm_layer_counts *sum, const rm_layer_counts *counts)
{
    sum->filtered += counts->filtered;
    sum->read += counts->read;
    sum->used += counts->used;
    sum->rejected += counts->rejected;
    if (counts->lost > 0 && (sum->lost == 0 || counts->first_lost < sum->first_lost))
        sum->first_lost = counts->first_lost;
    sum->lost += counts->lost;
    if (counts->first_date != RM_NO_DATE &&
        (sum->first_date == RM_NO_DATE || counts->first_date < sum->first_date))
        sum->first_date = counts->first_date;
    if (counts->last_date > sum->last_date)
        sum->last_date = counts->last_date;
}

void rm_batch_clear(rm_batch *batch)
{
    rm_rows_clear(&batch->rows);
    rm_release(batch->used);
    rm_release(batch->mask);
    rm_release(batch->date);
    rm_release(batch->x);
    rm_release(batch->y);
    rm_release(batch->counts);
    rm_release(batch->value);
    rm_release(batch->skip);
    rm_release(batch->hits.items);
    rm_release(batch->sorted);
    *batch = (rm_batch){0};
}
