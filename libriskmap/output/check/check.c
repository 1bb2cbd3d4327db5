#include "output/check/check.h"

#include "base/date.h"
#include "base/text.h"
#include "io/gdal/env.h"
#include "io/open.h"
#include "model/evidence.h"
#include "model/plan.h"

#include "riskmap/model.h"

#include <math.h>
#include <string.h>

typedef struct checking {
    rm_checklist *list;
    const rm_model *model;
    const rm_run_request *request;
    char *areas_problem; /* stops every indicator; said last, so that each shows its own first */
} checking;

/* One layer's plan while its source is looked at. */
typedef struct probing {
    checking *all;
    const rm_layer_plan *plan;
    rm_checked_source *layer;
    rm_request wanted;
    rm_source *source; /* with all columns, or with none where one of them is missing */
    bool *lacks;       /* [plan->column_count] */
} probing;

static bool is_fatal(rm_status status)
{
    return status == RM_ENOMEM || status == RM_ECANCELLED;
}

static rm_status add_finding(checking *all, const char *layer, const char *indicator,
                             const char *message, rm_error *err)
{
    rm_checklist *list = all->list;
    int64_t capacity = list->finding_count;
    RM_TRY(RM_GROW(&list->findings, &capacity, (int64_t)list->finding_count + 1, err));
    rm_finding *finding = &list->findings[list->finding_count++];
    *finding = (rm_finding){0};
    RM_TRY(rm_copy_text(&finding->layer, layer, err));
    RM_TRY(rm_copy_text(&finding->indicator, indicator, err));
    return rm_copy_text(&finding->message, message, err);
}

static rm_status keep_first(char **problem, const char *message, rm_error *err)
{
    return *problem ? RM_OK : rm_copy_text(problem, message, err);
}

/* The same trouble may come up twice where a layer is both area and evidence. */
static bool is_known(const checking *all, const char *layer, const char *message)
{
    for (int32_t f = 0; f < all->list->finding_count; f++)
        if (strcmp(all->list->findings[f].message, message) == 0 && all->list->findings[f].layer &&
            strcmp(all->list->findings[f].layer, layer) == 0)
            return true;
    return false;
}

static rm_status layer_problem(probing *probe, const char *message, rm_error *err)
{
    RM_TRY(keep_first(&probe->layer->problem, message, err));
    if (is_known(probe->all, probe->layer->name, message))
        return RM_OK;
    return add_finding(probe->all, probe->layer->name, NULL, message, err);
}

static rm_status indicator_problem(checking *all, int32_t number, const char *layer,
                                   const char *message, rm_error *err)
{
    rm_checked_measure *indicator = &all->list->indicators[number];
    if (indicator->problem)
        return RM_OK;
    RM_TRY(rm_copy_text(&indicator->problem, message, err));
    return rm_copy_text(&indicator->problem_layer, layer, err);
}

/* Everything that stands on the layer: all indicators for the areas, else those that name it. */
static rm_status stop_indicators(probing *probe, const char *message, rm_error *err)
{
    checking *all = probe->all;
    if (probe->layer->areas)
        RM_TRY(keep_first(&all->areas_problem, message, err));
    for (int32_t t = 0; t < probe->plan->task_count; t++)
        RM_TRY(indicator_problem(all, probe->plan->tasks[t].indicator, probe->layer->name, message,
                                 err));
    return RM_OK;
}

static rm_status whole_layer_problem(probing *probe, const char *message, rm_error *err)
{
    RM_TRY(layer_problem(probe, message, err));
    return stop_indicators(probe, message, err);
}

static rm_status try_open(const probing *probe, const rm_request *wanted, rm_source **out,
                          rm_error *err)
{
    return probe->all->request->open(probe->all->request->open_context, wanted, out, err);
}

static bool filter_uses(const rm_filter *filter, const char *field)
{
    for (int32_t f = 0; filter && f < rm_filter_field_count(filter); f++)
        if (strcmp(rm_filter_field(filter, f), field) == 0)
            return true;
    return false;
}

/* Whether the layer as a whole needs a column, whatever the indicators: its own where, the areas'
 * id and name. */
static bool layer_needs(const probing *probe, const char *column)
{
    const rm_model *model = probe->all->model;
    if (filter_uses(model->layers[probe->plan->layer].filter, column))
        return true;
    return probe->layer->areas && probe->plan->task_count == 0 &&
           ((model->areas_id && strcmp(model->areas_id, column) == 0) ||
            (model->areas_name && strcmp(model->areas_name, column) == 0));
}

static bool task_needs(const probing *probe, const rm_task *task, int32_t column)
{
    const rm_indicator *indicator = &probe->all->model->indicators[task->indicator];
    return task->field == column || (task->dated && probe->plan->time_column == column) ||
           (!task->second && filter_uses(indicator->filter, probe->plan->columns[column]));
}

static rm_status column_problem(probing *probe, int32_t column, const char *message, rm_error *err)
{
    checking *all = probe->all;
    const rm_layer_plan *plan = probe->plan;
    const char *name = plan->columns[column];
    RM_TRY(layer_problem(probe, message, err));
    if (layer_needs(probe, name))
        return stop_indicators(probe, message, err);
    for (int32_t t = 0; t < plan->task_count; t++)
        if (task_needs(probe, &plan->tasks[t], column))
            RM_TRY(
                indicator_problem(all, plan->tasks[t].indicator, probe->layer->name, message, err));
    for (int32_t k = 0; k < all->model->indicator_count && probe->layer->areas; k++) {
        const rm_indicator *indicator = &all->model->indicators[k];
        if (indicator->of < 0 && strcmp(indicator->field, name) == 0)
            RM_TRY(indicator_problem(all, k, probe->layer->name, message, err));
    }
    return RM_OK;
}

/* Which of the columns keep the source from being opened: each is asked for alone. */
static rm_status probe_columns(probing *probe, const char *first_message, rm_error *err)
{
    bool found = false;
    for (int32_t c = 0; c < probe->plan->column_count; c++) {
        rm_error why;
        rm_source *source = NULL;
        rm_request alone = probe->wanted;
        alone.columns = &probe->plan->columns[c];
        alone.column_count = 1;
        rm_status status = try_open(probe, &alone, &source, &why);
        rm_source_free(source);
        if (status == RM_OK)
            continue;
        if (is_fatal(status))
            return rm_fail(err, status, "%s", why.message);
        found = probe->lacks[c] = true;
        RM_TRY(column_problem(probe, c, why.message, err));
    }
    return found ? RM_OK : whole_layer_problem(probe, first_message, err);
}

/* Opens with all columns, and where that fails with none, to tell what is wrong with which. */
static rm_status open_columns(probing *probe, rm_error *why, bool *columns_fail)
{
    *columns_fail = false;
    rm_status status = try_open(probe, &probe->wanted, &probe->source, why);
    if (status == RM_OK || is_fatal(status) || probe->plan->column_count == 0)
        return status;
    rm_request bare = probe->wanted;
    rm_error bare_why;
    bare.column_count = 0;
    rm_status bare_status = try_open(probe, &bare, &probe->source, &bare_why);
    if (bare_status == RM_OK) {
        *columns_fail = true;
        return RM_OK; /* why tells of the columns */
    }
    *why = bare_why;
    return bare_status;
}

/* Where the CRS stands in the way that is said, and the rest is looked at without it. */
static rm_status open_source(probing *probe, rm_error *err)
{
    rm_error why;
    bool columns_fail;
    rm_status status = open_columns(probe, &why, &columns_fail);
    if (status == RM_ECRS) {
        RM_TRY(whole_layer_problem(probe, why.message, err));
        probe->wanted.target_crs = NULL;
        status = open_columns(probe, &why, &columns_fail);
        if (status != RM_OK && !is_fatal(status))
            return RM_OK;
    }
    if (is_fatal(status))
        return rm_fail(err, status, "%s", why.message);
    if (status != RM_OK)
        return whole_layer_problem(probe, why.message, err);
    return columns_fail ? probe_columns(probe, why.message, err) : RM_OK;
}

/* As rm_filter_check would say it in a run; columns that are known to be missing were reported. */
static rm_status check_filter(const probing *probe, const rm_filter *filter, rm_error *why)
{
    for (int32_t c = 0; c < probe->plan->column_count; c++)
        if (probe->lacks[c] && filter_uses(filter, probe->plan->columns[c]))
            return RM_OK;
    return rm_filter_check(filter, &probe->source->columns, why);
}

static rm_status check_filters(probing *probe, rm_error *err)
{
    checking *all = probe->all;
    rm_error why;
    const rm_filter *own = all->model->layers[probe->plan->layer].filter;
    rm_status status = own ? check_filter(probe, own, &why) : RM_OK;
    if (is_fatal(status))
        return rm_fail(err, status, "%s", why.message);
    if (status != RM_OK) {
        rm_fail_within(&why, why.code, "where");
        RM_TRY(whole_layer_problem(probe, why.message, err));
    }
    for (int32_t t = 0; t < probe->plan->task_count; t++) {
        const rm_task *task = &probe->plan->tasks[t];
        const rm_indicator *indicator = &all->model->indicators[task->indicator];
        if (task->second || !indicator->filter)
            continue;
        status = check_filter(probe, indicator->filter, &why);
        if (is_fatal(status))
            return rm_fail(err, status, "%s", why.message);
        if (status == RM_OK)
            continue;
        rm_fail_within(&why, why.code, "where");
        RM_TRY(add_finding(all, probe->layer->name, indicator->name, why.message, err));
        RM_TRY(indicator_problem(all, task->indicator, NULL, why.message, err));
    }
    return RM_OK;
}

/* Where a column is missing the source stands open without any: filters are then looked at with the
 * columns that are there. */
static rm_status reopen_with_present(probing *probe, rm_error *err)
{
    const char **present = NULL;
    int32_t count = 0;
    rm_error why;
    RM_TRY(RM_NEW(&present, probe->plan->column_count, err));
    for (int32_t c = 0; c < probe->plan->column_count; c++)
        if (!probe->lacks[c])
            present[count++] = probe->plan->columns[c];
    rm_request wanted = probe->wanted;
    rm_source *source = NULL;
    wanted.columns = present;
    wanted.column_count = count;
    rm_status status = try_open(probe, &wanted, &source, &why);
    rm_release(present);
    if (status != RM_OK)
        return is_fatal(status) ? rm_fail(err, status, "%s", why.message)
                                : whole_layer_problem(probe, why.message, err);
    rm_source_free(probe->source);
    probe->source = source;
    return RM_OK;
}

static bool holds_no_polygons(const char *geometry_type)
{
    return geometry_type && !strstr(geometry_type, "Polygon") &&
           (strstr(geometry_type, "Point") || strstr(geometry_type, "String") ||
            strstr(geometry_type, "Curve"));
}

static rm_status check_geometry(probing *probe, rm_error *err)
{
    checking *all = probe->all;
    const rm_checked_source *layer = probe->layer;
    if (layer->areas && layer->features == 0)
        RM_TRY(whole_layer_problem(probe, "the layer is empty: there are no areas to score", err));
    if (!holds_no_polygons(layer->geometry_type))
        return RM_OK;
    if (layer->areas && probe->plan->task_count == 0) {
        rm_error text;
        rm_fail(&text, RM_EDATA, "areas must be polygons, and these are of type %.40s",
                layer->geometry_type);
        RM_TRY(whole_layer_problem(probe, text.message, err));
    }
    for (int32_t t = 0; t < probe->plan->task_count; t++) {
        const rm_indicator *indicator = &all->model->indicators[probe->plan->tasks[t].indicator];
        const rm_measure_rule *rule = rm_measure_rule_of(indicator->measure);
        if (!rule->polygons)
            continue;
        rm_error text;
        rm_fail(&text, RM_EDATA, "%s needs polygons, and layer \"%.80s\" is of type %.40s",
                rule->name, layer->name, layer->geometry_type);
        RM_TRY(add_finding(all, layer->name, indicator->name, text.message, err));
        RM_TRY(indicator_problem(all, probe->plan->tasks[t].indicator, NULL, text.message, err));
    }
    return RM_OK;
}

/* How many features, and of which type: known to the driver without reading, or not at all. */
static rm_status take_listing(rm_checked_source *layer, const char *source, const char *name,
                              rm_error *err)
{
    rm_listing listing = {0};
    rm_error why;
    rm_status status = rm_list(&listing, source, &why);
    if (status != RM_OK)
        return status == RM_ENOMEM ? rm_fail_memory(err) : RM_OK;
    for (int32_t l = 0; l < listing.count && status == RM_OK; l++) {
        const rm_listed_layer *listed = &listing.layers[l];
        if (listing.count > 1 && (!name || strcmp(listed->name, name) != 0))
            continue;
        layer->features = listed->features;
        status = rm_copy_text(&layer->geometry_type, listed->geometry_type, err);
        break;
    }
    rm_listing_clear(&listing);
    return status;
}

/* The same of a layer in memory, in GDAL's words. */
static rm_status take_memory(rm_checked_source *layer, const rm_layer *memory, rm_error *err)
{
    static const char *const names[][2] = {[RM_KIND_POINT] = {"Point", "Multi Point"},
                                           [RM_KIND_LINE] = {"Line String", "Multi Line String"},
                                           [RM_KIND_POLYGON] = {"Polygon", "Multi Polygon"}};
    const rm_geometry *g = &memory->rows.geometry;
    int kind = RM_KIND_NONE;
    bool several = false, mixed = false;
    for (int64_t f = 0; f < g->features; f++) {
        if (g->kind[f] == RM_KIND_NONE)
            continue;
        mixed = mixed || (kind != RM_KIND_NONE && kind != g->kind[f]);
        several = several || g->feature_part[f + 1] - g->feature_part[f] > 1;
        kind = g->kind[f];
    }
    layer->features = memory->rows.table.rows;
    return rm_copy_text(&layer->geometry_type,
                        mixed || kind == RM_KIND_NONE ? "Unknown (any)" : names[kind][several],
                        err);
}

static rm_status take_provenance(probing *probe, rm_error *err)
{
    rm_checked_source *layer = probe->layer;
    const rm_provenance *provenance = &probe->source->provenance;
    if (layer->opened)
        return RM_OK;
    layer->opened = true;
    if (probe->wanted.target_crs)
        layer->crs_accuracy_m = provenance->crs_accuracy_m;
    RM_TRY(rm_copy_text(&layer->driver, provenance->driver, err));
    RM_TRY(rm_copy_text(&layer->crs, provenance->crs, err));
    RM_TRY(rm_copy_text(&layer->crs_operation, provenance->crs_operation, err));
    RM_TRY(rm_copy_text(&layer->missing_grid, provenance->missing_grid, err));
    if (probe->wanted.memory)
        return take_memory(layer, probe->wanted.memory, err);
    return take_listing(layer, probe->wanted.source, provenance->layer, err);
}

static rm_status probe_source(probing *probe, rm_error *err)
{
    RM_TRY(RM_NEW_ZERO(&probe->lacks, probe->plan->column_count, err));
    RM_TRY(open_source(probe, err));
    if (!probe->source)
        return RM_OK;
    RM_TRY(take_provenance(probe, err));
    for (int32_t c = 0; c < probe->plan->column_count; c++)
        if (probe->lacks[c]) {
            RM_TRY(reopen_with_present(probe, err));
            break;
        }
    RM_TRY(check_filters(probe, err));
    return check_geometry(probe, err);
}

static void list_fields(rm_text *fields, const rm_layer_plan *plan)
{
    for (int32_t c = 0; c < plan->column_count; c++) {
        bool known = false;
        for (const char *at = fields->data; at && !known; at = strchr(at, ',')) {
            at += *at == ',' ? 2 : 0;
            size_t length = strlen(plan->columns[c]);
            known = strncmp(at, plan->columns[c], length) == 0 &&
                    (at[length] == ',' || at[length] == '\0');
        }
        if (known)
            continue;
        rm_text_add(fields, fields->length > 0 ? ", " : "");
        rm_text_add(fields, plan->columns[c]);
    }
}

static rm_status check_layer(checking *all, const rm_layer_plan *plan, rm_error *err)
{
    probing probe = {.all = all, .plan = plan, .layer = &all->list->layers[plan->layer]};
    rm_wanted asked;
    RM_TRY(rm_progress_report(all->request->progress, (double)plan->layer / all->model->layer_count,
                              probe.layer->name, err));
    list_fields(&probe.layer->fields, plan);
    RM_TRY(rm_text_status(&probe.layer->fields, err));
    RM_TRY(rm_wanted_make(&asked, all->model, plan, all->request, err));
    probe.wanted = asked.request;
    probe.wanted.threads = 1;
    rm_status status = RM_OK;
    if (!probe.layer->source) {
        status = rm_copy_text(&probe.layer->source, asked.source, err);
        if (status == RM_OK)
            rm_redact(probe.layer->source);
    }
    if (status == RM_OK)
        status = probe_source(&probe, err);
    rm_source_free(probe.source);
    rm_release(probe.lacks);
    rm_wanted_clear(&asked);
    return status;
}

static rm_status start_list(checking *all, rm_error *err)
{
    rm_checklist *list = all->list;
    const rm_model *model = all->model;
    RM_TRY(RM_NEW_ZERO(&list->layers, model->layer_count, err));
    list->layer_count = model->layer_count;
    for (int32_t l = 0; l < model->layer_count; l++) {
        list->layers[l].shielded = model->layers[l].shielded;
        list->layers[l].features = -1;
        list->layers[l].data_date = RM_NO_DATE;
        list->layers[l].crs_accuracy_m = NAN;
        list->layers[l].areas = l == model->areas_layer;
        list->layers[l].used = l == model->areas_layer;
        RM_TRY(rm_copy_text(&list->layers[l].name, model->layers[l].name, err));
    }
    RM_TRY(RM_NEW_ZERO(&list->indicators, model->indicator_count, err));
    list->indicator_count = model->indicator_count;
    for (int32_t k = 0; k < model->indicator_count; k++) {
        const rm_indicator *indicator = &model->indicators[k];
        list->indicators[k].weight = indicator->weight;
        list->indicators[k].measure = rm_measure_rule_of(indicator->measure)->name;
        RM_TRY(rm_copy_text(&list->indicators[k].name, indicator->name, err));
        RM_TRY(rm_copy_text(&list->indicators[k].label, indicator->label, err));
        RM_TRY(rm_copy_text(&list->indicators[k].label_en, indicator->label_en, err));
    }
    return RM_OK;
}

static rm_status check_all(checking *all, const rm_plan *plan, rm_error *err)
{
    RM_TRY(check_layer(all, &plan->areas, err));
    for (int32_t e = 0; e < plan->evidence_count; e++) {
        int32_t addresses = all->model->layers[plan->evidence[e].layer].locate;
        all->list->layers[plan->evidence[e].layer].used = true;
        if (addresses >= 0)
            all->list->layers[addresses].used = true;
        RM_TRY(check_layer(all, &plan->evidence[e], err));
    }
    for (int32_t l = 0; l < all->model->layer_count; l++) {
        rm_layer_plan alone;
        if (all->list->layers[l].source)
            continue;
        /* nobody uses it, or only for its addresses */
        RM_TRY(rm_layer_plan_make(&alone, all->model, l, err));
        rm_status status = check_layer(all, &alone, err);
        rm_layer_plan_clear(&alone);
        RM_TRY(status);
    }
    for (int32_t k = 0; k < all->list->indicator_count && all->areas_problem; k++)
        RM_TRY(indicator_problem(all, k, all->list->layers[all->model->areas_layer].name,
                                 all->areas_problem, err));
    return rm_progress_report(all->request->progress, 1, NULL, err);
}

rm_status rm_check_model(rm_checklist **out, const rm_model *model, const rm_run_request *request,
                         rm_error *err)
{
    rm_plan plan = {0};
    checking all = {.model = model, .request = request};
    RM_TRY(RM_NEW_ZERO(&all.list, 1, err));
    rm_status status = start_list(&all, err);
    if (status == RM_OK)
        status = rm_plan_make(&plan, model, err);
    if (status == RM_OK)
        status = check_all(&all, &plan, err);
    rm_plan_clear(&plan);
    rm_release(all.areas_problem);
    if (status == RM_OK)
        *out = all.list;
    else
        rm_checklist_clear(all.list);
    return status;
}

int32_t rm_checklist_problems(const rm_checklist *checklist)
{
    int32_t count = 0;
    for (int32_t l = 0; l < checklist->layer_count; l++)
        count += checklist->layers[l].used && checklist->layers[l].problem;
    for (int32_t k = 0; k < checklist->indicator_count; k++)
        count += checklist->indicators[k].problem != NULL;
    return count;
}

static void release_texts(char *const *texts, size_t count)
{
    for (size_t t = 0; t < count; t++)
        rm_release(texts[t]);
}

void rm_checklist_clear(rm_checklist *checklist)
{
    if (!checklist)
        return;
    for (int32_t l = 0; l < checklist->layer_count; l++) {
        rm_checked_source *layer = &checklist->layers[l];
        char *texts[] = {layer->name,          layer->source,  layer->driver,
                         layer->geometry_type, layer->crs,     layer->crs_operation,
                         layer->missing_grid,  layer->problem, layer->dated_by};
        release_texts(texts, sizeof texts / sizeof *texts);
        rm_text_clear(&layer->fields);
    }
    for (int32_t k = 0; k < checklist->indicator_count; k++) {
        rm_checked_measure *indicator = &checklist->indicators[k];
        char *texts[] = {indicator->name, indicator->label, indicator->label_en, indicator->problem,
                         indicator->problem_layer};
        release_texts(texts, sizeof texts / sizeof *texts);
    }
    for (int32_t f = 0; f < checklist->finding_count; f++) {
        char *texts[] = {checklist->findings[f].layer, checklist->findings[f].indicator,
                         checklist->findings[f].message};
        release_texts(texts, sizeof texts / sizeof *texts);
    }
    for (int32_t f = 0; f < checklist->field_count; f++) {
        rm_release(checklist->fields[f].layer);
        rm_release(checklist->fields[f].field);
    }
    rm_release(checklist->fields);
    rm_release(checklist->layers);
    rm_release(checklist->indicators);
    rm_release(checklist->findings);
    rm_release(checklist);
}
