#include "model/plan.h"

#include "base/date.h"

#include <string.h>

static rm_status add_column(rm_layer_plan *plan, const char *name, int32_t *out, rm_error *err)
{
    for (int32_t c = 0; c < plan->column_count; c++)
        if (strcmp(plan->columns[c], name) == 0) {
            *out = c;
            return RM_OK;
        }
    const char **columns =
        rm_resize(plan->columns, (size_t)(plan->column_count + 1) * sizeof *columns);
    if (!columns)
        return rm_fail_memory(err);
    plan->columns = columns;
    plan->columns[plan->column_count] = name;
    *out = plan->column_count++;
    return RM_OK;
}

static rm_status add_filter_columns(rm_layer_plan *plan, const rm_filter *filter, rm_error *err)
{
    int32_t ignored;
    for (int32_t f = 0; filter && f < rm_filter_field_count(filter); f++)
        RM_TRY(add_column(plan, rm_filter_field(filter, f), &ignored, err));
    return RM_OK;
}

static rm_status start_layer(rm_layer_plan *plan, const rm_model *model, int32_t layer,
                             rm_error *err)
{
    *plan = (rm_layer_plan){.layer = layer, .time_column = -1};
    RM_TRY(add_filter_columns(plan, model->layers[layer].filter, err));
    if (model->layers[layer].time)
        RM_TRY(add_column(plan, model->layers[layer].time, &plan->time_column, err));
    return RM_OK;
}

static rm_status find_meeting(rm_layer_plan *plan, bool touching, double within_m, int32_t *out,
                              rm_error *err)
{
    for (int32_t m = 0; m < plan->meeting_count; m++)
        if (plan->meetings[m].touching == touching && plan->meetings[m].within_m == within_m) {
            *out = m;
            return RM_OK;
        }
    rm_meeting *meetings =
        rm_resize(plan->meetings, (size_t)(plan->meeting_count + 1) * sizeof *meetings);
    if (!meetings)
        return rm_fail_memory(err);
    plan->meetings = meetings;
    plan->meetings[plan->meeting_count] = (rm_meeting){touching, within_m};
    *out = plan->meeting_count++;
    return RM_OK;
}

static rm_task_kind kind_of(rm_measure measure)
{
    switch (measure) {
    case RM_MEASURE_MEDIAN:
        return RM_TASK_MEDIAN;
    case RM_MEASURE_COVER:
        return RM_TASK_COVER;
    case RM_MEASURE_NEAREST:
        return RM_TASK_NEAREST;
    default:
        return RM_TASK_TALLY;
    }
}

/* second: the denominator, which sees neither the indicator's where nor (for a rate) its dates. */
static rm_status add_task(rm_layer_plan *plan, const rm_model *model, int32_t number, bool second,
                          rm_error *err)
{
    const rm_indicator *indicator = &model->indicators[number];
    bool exposure = second && indicator->measure == RM_MEASURE_RATE;
    rm_task task = {.indicator = number,
                    .second = second,
                    .kind = kind_of(indicator->measure),
                    .meeting = -1,
                    .field = -1,
                    .age = indicator->measure == RM_MEASURE_AGE};
    if (task.kind == RM_TASK_TALLY || task.kind == RM_TASK_MEDIAN)
        RM_TRY(find_meeting(plan, indicator->intersects && !exposure, indicator->within_m,
                            &task.meeting, err));
    if (indicator->field && !second)
        RM_TRY(add_column(plan, indicator->field, &task.field, err));
    if (!second)
        RM_TRY(add_filter_columns(plan, indicator->filter, err));
    task.dated = !exposure && (indicator->from != RM_NO_DATE || indicator->until != RM_NO_DATE ||
                               indicator->half_life_days > 0);
    plan->needs_date |= task.dated;
    plan->unbounded |= task.kind == RM_TASK_NEAREST;
    if (indicator->within_m > plan->reach_m)
        plan->reach_m = indicator->within_m;
    rm_task *tasks = rm_resize(plan->tasks, (size_t)(plan->task_count + 1) * sizeof *tasks);
    if (!tasks)
        return rm_fail_memory(err);
    plan->tasks = tasks;
    plan->tasks[plan->task_count++] = task;
    return RM_OK;
}

static rm_status evidence_layer(rm_plan *plan, const rm_model *model, int32_t layer,
                                rm_layer_plan **out, rm_error *err)
{
    for (int32_t e = 0; e < plan->evidence_count; e++)
        if (plan->evidence[e].layer == layer) {
            *out = &plan->evidence[e];
            return RM_OK;
        }
    *out = &plan->evidence[plan->evidence_count];
    rm_status status = start_layer(*out, model, layer, err);
    plan->evidence_count++; /* also on failure, so that it is cleared */
    return status;
}

static rm_status plan_indicator(rm_plan *plan, const rm_model *model, int32_t number, rm_error *err)
{
    const rm_indicator *indicator = &model->indicators[number];
    plan->own_field[number] = -1;
    if (indicator->of < 0)
        return add_column(&plan->areas, indicator->field, &plan->own_field[number], err);
    rm_layer_plan *layer;
    RM_TRY(evidence_layer(plan, model, indicator->of, &layer, err));
    RM_TRY(add_task(layer, model, number, false, err));
    if (indicator->measure == RM_MEASURE_SHARE)
        return add_task(layer, model, number, true, err);
    if (indicator->measure != RM_MEASURE_RATE)
        return RM_OK;
    RM_TRY(evidence_layer(plan, model, indicator->per, &layer, err));
    return add_task(layer, model, number, true, err);
}

static rm_status plan_all(rm_plan *plan, const rm_model *model, rm_error *err)
{
    RM_TRY(RM_NEW_ZERO(&plan->own_field, model->indicator_count, err));
    RM_TRY(RM_NEW_ZERO(&plan->evidence, model->layer_count, err));
    RM_TRY(start_layer(&plan->areas, model, model->areas_layer, err));
    plan->id_column = plan->name_column = -1;
    if (model->areas_id)
        RM_TRY(add_column(&plan->areas, model->areas_id, &plan->id_column, err));
    if (model->areas_name)
        RM_TRY(add_column(&plan->areas, model->areas_name, &plan->name_column, err));
    for (int32_t k = 0; k < model->indicator_count; k++)
        RM_TRY(plan_indicator(plan, model, k, err));
    return RM_OK;
}

rm_status rm_plan_make(rm_plan *out, const rm_model *model, rm_error *err)
{
    rm_plan plan = {0};
    rm_status status = plan_all(&plan, model, err);
    if (status == RM_OK)
        *out = plan;
    else
        rm_plan_clear(&plan);
    return status;
}

void rm_layer_plan_clear(rm_layer_plan *plan)
{
    rm_release(plan->columns);
    rm_release(plan->meetings);
    rm_release(plan->tasks);
    *plan = (rm_layer_plan){0};
}

rm_status rm_layer_plan_make(rm_layer_plan *out, const rm_model *model, int32_t layer,
                             rm_error *err)
{
    rm_layer_plan plan;
    rm_status status = start_layer(&plan, model, layer, err);
    if (status == RM_OK)
        *out = plan;
    else
        rm_layer_plan_clear(&plan);
    return status;
}

void rm_plan_clear(rm_plan *plan)
{
    rm_layer_plan_clear(&plan->areas);
    for (int32_t e = 0; e < plan->evidence_count; e++)
        rm_layer_plan_clear(&plan->evidence[e]);
    rm_release(plan->evidence);
    rm_release(plan->own_field);
    *plan = (rm_plan){0};
}
