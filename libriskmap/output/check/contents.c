/* How far fields are filled, how old the data are, and what the gaps do to the score. */
#include "base/date.h"
#include "base/file.h"
#include "io/about.h"
#include "io/reader.h"
#include "model/evidence.h"
#include "model/plan.h"
#include "model/values.h"
#include "output/check/check.h"

#include <math.h>
#include <string.h>

enum { SECONDS_A_DAY = 86400 };

typedef struct reckoning {
    rm_checklist *list;
    const rm_model *model;
    const rm_run_request *request;
    const rm_plan *plan;
    double complete_from, total_weight;
} reckoning;

/* One layer while it is read. */
typedef struct filling {
    reckoning *all;
    const rm_layer_plan *plan;
    rm_source *source;
    rm_rows rows;
    uint8_t *mask;
    int64_t mask_capacity;
    int64_t passed, *filled; /* [plan->column_count] */
    int32_t newest;
    int64_t areas, below;
} filling;

static bool is_fatal(rm_status status)
{
    return status == RM_ENOMEM || status == RM_ECANCELLED;
}

/* ---- reading ---- */

static bool uses(const rm_filter *filter, const char *field)
{
    for (int32_t f = 0; filter && f < rm_filter_field_count(filter); f++)
        if (strcmp(rm_filter_field(filter, f), field) == 0)
            return true;
    return false;
}

/* Whether a column of the plan is there for an indicator, and not for a name or the layer's own
 * where. */
static bool serves_indicator(const reckoning *all, const rm_layer_plan *plan, int32_t column)
{
    for (int32_t t = 0; t < plan->task_count; t++) {
        const rm_task *task = &plan->tasks[t];
        if (task->field == column || (task->dated && plan->time_column == column) ||
            (!task->second &&
             uses(all->model->indicators[task->indicator].filter, plan->columns[column])))
            return true;
    }
    for (int32_t k = 0; plan == &all->plan->areas && k < all->model->indicator_count; k++)
        if (all->plan->own_field[k] == column)
            return true;
    return false;
}

/* The weight of the indicators that this area misses for its own fields alone. */
static double missing_weight(const reckoning *all, const rm_table *table, int64_t row)
{
    double weight = 0;
    for (int32_t k = 0; k < all->model->indicator_count; k++) {
        int32_t own = all->plan->own_field[k];
        if (own < 0 || all->list->indicators[k].problem)
            continue;
        bool age = all->model->indicators[k].measure == RM_MEASURE_AGE;
        double value = age ? rm_value_age(&table->columns[own], row, all->request->as_of, NULL)
                           : rm_column_number(&table->columns[own], row, NULL);
        if (isnan(value))
            weight += all->model->indicators[k].weight;
    }
    return weight;
}

static void count_rows(filling *fill)
{
    const rm_table *table = &fill->rows.table;
    const reckoning *all = fill->all;
    bool areas = fill->plan == &all->plan->areas;
    for (int64_t row = 0; row < table->rows; row++) {
        if (!fill->mask[row])
            continue;
        fill->passed++;
        for (int32_t c = 0; c < table->count; c++)
            fill->filled[c] += rm_column_filled(&table->columns[c], row);
        if (fill->plan->time_column >= 0) {
            int32_t date = rm_column_date(&table->columns[fill->plan->time_column], row, NULL);
            if (date != RM_NO_DATE && date <= all->request->as_of && date > fill->newest)
                fill->newest = date;
        }
        if (areas) {
            double lost = missing_weight(all, table, row) / all->total_weight;
            fill->areas++;
            /* with room for the rounding of the sums */
            fill->below +=
                1 - all->list->effect.lost_share - lost < all->model->min_coverage - 1e-9;
        }
    }
}

static rm_status read_rows(filling *fill, rm_error *err)
{
    const rm_filter *filter = fill->all->model->layers[fill->plan->layer].filter;
    for (;;) {
        RM_TRY(fill->source->next(fill->source, 0, &fill->rows, err));
        int64_t rows = fill->rows.table.rows;
        if (rows == 0)
            return RM_OK;
        RM_TRY(RM_GROW(&fill->mask, &fill->mask_capacity, rows, err));
        memset(fill->mask, 1, (size_t)rows);
        if (filter)
            RM_TRY(rm_filter_apply(filter, &fill->rows.table, fill->mask, err));
        count_rows(fill);
        RM_TRY(rm_progress_report(fill->all->request->progress, fill->source->fraction,
                                  fill->all->model->layers[fill->plan->layer].name, err));
    }
}

/* Attributes alone: no place, no address, no rule for reports. */
static rm_status open_plain(filling *fill, rm_error *err)
{
    rm_wanted wanted;
    RM_TRY(rm_wanted_make(&wanted, fill->all->model, fill->plan, fill->all->request, err));
    rm_request plain = wanted.request;
    plain.geometry = false;
    plain.target_crs = NULL;
    plain.extent = NULL;
    plain.locate = NULL;
    plain.reports = NULL;
    plain.threads = 1;
    rm_status status =
        fill->all->request->open(fill->all->request->open_context, &plain, &fill->source, err);
    rm_wanted_clear(&wanted);
    return status;
}

/* ---- what it comes to ---- */

static rm_status add_field(reckoning *all, const char *layer, const char *field, int64_t rows,
                           int64_t filled, bool *enough, rm_error *err)
{
    rm_checklist *list = all->list;
    int64_t capacity = list->field_count;
    RM_TRY(RM_GROW(&list->fields, &capacity, (int64_t)list->field_count + 1, err));
    rm_filled_field *out = &list->fields[list->field_count++];
    *enough = rows == 0 || (double)filled >= all->complete_from * (double)rows;
    *out = (rm_filled_field){.rows = rows, .filled = filled, .enough = *enough};
    RM_TRY(rm_copy_text(&out->layer, layer, err));
    return rm_copy_text(&out->field, field, err);
}

static rm_status date_layer(rm_checked_source *layer, int32_t date, const char *by,
                            const char *field, rm_error *err)
{
    rm_text text = {0};
    if (date == RM_NO_DATE || layer->data_date != RM_NO_DATE)
        return RM_OK;
    layer->data_date = date;
    rm_text_add(&text, by);
    rm_text_add(&text, field);
    if (rm_text_status(&text, err) != RM_OK) {
        rm_text_clear(&text);
        return RM_ENOMEM;
    }
    layer->dated_by = text.data;
    return RM_OK;
}

static rm_status take_filling(filling *fill, rm_error *err)
{
    reckoning *all = fill->all;
    const rm_layer_plan *plan = fill->plan;
    rm_checked_source *layer = &all->list->layers[plan->layer];
    for (int32_t c = 0; c < plan->column_count; c++) {
        bool enough;
        if (!serves_indicator(all, plan, c))
            continue;
        RM_TRY(add_field(all, layer->name, plan->columns[c], fill->passed, fill->filled[c], &enough,
                         err));
        layer->incomplete |= !enough;
    }
    if (plan->time_column >= 0)
        RM_TRY(date_layer(layer, fill->newest, "field ", plan->columns[plan->time_column], err));
    if (plan == &all->plan->areas) {
        all->list->effect.areas = fill->areas;
        all->list->effect.below = fill->below;
    }
    return RM_OK;
}

/* What cannot be read was found before, or will be by the run. */
static rm_status fill_layer(reckoning *all, const rm_layer_plan *plan, rm_error *err)
{
    filling fill = {.all = all, .plan = plan, .newest = RM_NO_DATE};
    rm_error why = {0};
    bool areas = plan == &all->plan->areas;
    if (!all->list->layers[plan->layer].opened || (plan->column_count == 0 && !areas))
        return RM_OK;
    RM_TRY(RM_NEW_ZERO(&fill.filled, plan->column_count, err));
    rm_status status = open_plain(&fill, &why);
    if (status == RM_OK)
        status = read_rows(&fill, &why);
    if (status == RM_OK)
        status = take_filling(&fill, err);
    else if (is_fatal(status))
        rm_fail(err, status, "%s", why.message);
    rm_source_free(fill.source);
    rm_rows_clear(&fill.rows);
    rm_release(fill.mask);
    rm_release(fill.filled);
    return is_fatal(status) ? status : RM_OK;
}

/* Where the rows have no date of their own: what the metadata say, else when the file was made. */
static rm_status date_by_file(reckoning *all, int32_t number, rm_error *err)
{
    rm_checked_source *layer = &all->list->layers[number];
    rm_layer_plan bare = {.layer = number, .time_column = -1};
    rm_wanted wanted;
    rm_about about = {.date = RM_NO_DATE};
    char *path = NULL, *inside = NULL;
    int64_t bytes, modified;
    if (!layer->opened || layer->data_date != RM_NO_DATE)
        return RM_OK;
    RM_TRY(rm_wanted_make(&wanted, all->model, &bare, all->request, err));
    if (wanted.request.memory) { /* no file and no metadata stand behind it */
        rm_wanted_clear(&wanted);
        return RM_OK;
    }
    rm_status status = rm_split_source(wanted.source, &path, &inside, err);
    if (status == RM_OK)
        status =
            rm_about_read(&about, path, inside ? inside : all->model->layers[number].layer, err);
    if (status == RM_OK)
        status = date_layer(layer, about.date, "metadata", "", err);
    if (status == RM_OK && rm_file_stat(path, &bytes, &modified, NULL) == RM_OK)
        status = date_layer(layer, (int32_t)(modified / SECONDS_A_DAY), "file", "", err);
    rm_about_clear(&about);
    rm_wanted_clear(&wanted);
    rm_release(path);
    rm_release(inside);
    return status;
}

static rm_status date_all(reckoning *all, rm_error *err)
{
    for (int32_t l = 0; l < all->list->layer_count; l++) {
        rm_checked_source *layer = &all->list->layers[l];
        if (layer->used)
            RM_TRY(date_by_file(all, l, err));
        layer->max_age_days = all->model->layers[l].max_age_days;
        layer->too_old = layer->max_age_days > 0 && layer->data_date != RM_NO_DATE &&
                         (double)all->request->as_of - layer->data_date > layer->max_age_days;
    }
    return RM_OK;
}

/* ---- weights ---- */

static bool needs_layer(const rm_model *model, const rm_indicator *indicator, int32_t number)
{
    if (number == model->areas_layer || indicator->of == number || indicator->per == number)
        return true;
    bool by_address = indicator->of >= 0 && model->layers[indicator->of].locate == number;
    return by_address || (indicator->per >= 0 && model->layers[indicator->per].locate == number);
}

/* Whether an area may miss its value for what lies in and around it. */
static bool may_be_unknown(rm_measure measure)
{
    return measure == RM_MEASURE_MEAN || measure == RM_MEASURE_MEDIAN ||
           measure == RM_MEASURE_SHARE || measure == RM_MEASURE_RATE || measure == RM_MEASURE_AGE ||
           measure == RM_MEASURE_NEAREST;
}

static void reckon_weights(reckoning *all)
{
    rm_check_effect *effect = &all->list->effect;
    const rm_model *model = all->model;
    double lost = 0;
    *effect = (rm_check_effect){.min_coverage = model->min_coverage, .areas = -1, .below = -1};
    for (int32_t k = 0; k < model->indicator_count; k++)
        all->total_weight += model->indicators[k].weight;
    for (int32_t k = 0; k < model->indicator_count; k++) {
        const rm_indicator *indicator = &model->indicators[k];
        for (int32_t l = 0; l < model->layer_count; l++)
            if (needs_layer(model, indicator, l))
                all->list->layers[l].weight_share += indicator->weight / all->total_weight;
        if (all->list->indicators[k].problem) {
            lost += indicator->weight;
            effect->fallen++;
        } else if (indicator->of >= 0 && may_be_unknown(indicator->measure)) {
            effect->at_least = 1;
        }
    }
    effect->lost_share = lost / all->total_weight;
    effect->coverage = 1 - effect->lost_share;
}

static void forget(rm_checklist *list)
{
    for (int32_t f = 0; f < list->field_count; f++) {
        rm_release(list->fields[f].layer);
        rm_release(list->fields[f].field);
    }
    rm_release(list->fields);
    list->fields = NULL;
    list->field_count = 0;
    for (int32_t l = 0; l < list->layer_count; l++) {
        rm_checked_source *layer = &list->layers[l];
        rm_release(layer->dated_by);
        layer->dated_by = NULL;
        layer->data_date = RM_NO_DATE;
        layer->weight_share = 0;
        layer->too_old = layer->incomplete = false;
    }
}

rm_status rm_checklist_read(rm_checklist *list, const rm_model *model,
                            const rm_run_request *request, double complete_from, rm_error *err)
{
    rm_plan plan = {0};
    reckoning all = {.list = list,
                     .model = model,
                     .request = request,
                     .plan = &plan,
                     .complete_from = complete_from};
    forget(list);
    RM_TRY(rm_plan_make(&plan, model, err));
    reckon_weights(&all);
    rm_status status = fill_layer(&all, &plan.areas, err);
    for (int32_t e = 0; e < plan.evidence_count && status == RM_OK; e++)
        status = fill_layer(&all, &plan.evidence[e], err);
    if (status == RM_OK)
        status = date_all(&all, err);
    rm_plan_clear(&plan);
    return status == RM_OK ? rm_progress_report(request->progress, 1, NULL, err) : status;
}
