#include "model/evidence.h"

#include "base/date.h"
#include "base/file.h"
#include "base/parallel.h"

#include <string.h>

/* Areas are locked by stripes, so that workers fold into different ones at the same time: stripe s
 * is the areas from s << shift on. */
enum { STRIPES = 64 };

static int stripe_shift(int64_t areas)
{
    int shift = 0;
    while ((areas - 1) >> shift >= STRIPES)
        shift++;
    return shift;
}

typedef struct rm_reading {
    rm_pass *pass;
    const rm_model *model;
    const rm_layer_plan *plan;
    const rm_ground *ground;
    const rm_run_request *request;
    rm_source *source;
    rm_batch *batches;     /* [workers] */
    rm_mutex *source_lock; /* for a source that takes one caller at a time */
    rm_mutex *gather_lock; /* issues, medians, nearest */
    rm_mutex *stripe_lock[STRIPES];
    rm_layer_counts counted;
    atomic_bool stop;
    int workers;
} rm_reading;

/* *fraction: how far the source is, for worker 0; another may be writing it once the
 * lock is free. */
static rm_status next_rows(rm_reading *reading, int worker, double *fraction, rm_error *err)
{
    rm_source *source = reading->source;
    rm_rows *rows = &reading->batches[worker].rows;
    bool alone = source->cursors == 1;
    if (alone)
        rm_mutex_lock(reading->source_lock);
    rm_status status = source->next(source, alone ? 0 : worker, rows, err);
    if (worker == 0)
        *fraction = source->fraction;
    if (alone)
        rm_mutex_unlock(reading->source_lock);
    return status;
}

/* Sorts the hits by stripe; start[s] .. start[s + 1] - 1 are those of stripe s. */
static rm_status sort_by_stripe(rm_batch *batch, int64_t areas, int64_t start[STRIPES + 1],
                                rm_error *err)
{
    int64_t at[STRIPES] = {0};
    const rm_hit *hits = batch->hits.items;
    int64_t count = batch->hits.count;
    int shift = stripe_shift(areas);
    RM_TRY(RM_GROW(&batch->sorted, &batch->sorted_capacity, count, err));
    for (int64_t h = 0; h < count; h++)
        at[hits[h].area >> shift]++;
    start[0] = 0;
    for (int s = 0; s < STRIPES; s++) {
        start[s + 1] = start[s] + at[s];
        at[s] = start[s];
    }
    for (int64_t h = 0; h < count; h++)
        batch->sorted[at[hits[h].area >> shift]++] = hits[h];
    return RM_OK;
}

static void fold_stripe(rm_reading *reading, rm_batch *batch, int32_t meeting, const rm_hit *hits,
                        int64_t count)
{
    for (int32_t t = 0; t < reading->plan->task_count; t++) {
        const rm_task *task = &reading->plan->tasks[t];
        if (task->meeting != meeting || task->kind != RM_TASK_TALLY)
            continue;
        rm_batch_view view = rm_batch_view_of(batch, reading->model, reading->plan, t);
        rm_tally_fold(&reading->pass->tallies[t], &view, hits, count);
    }
}

static rm_status keep_medians(rm_reading *reading, rm_batch *batch, int32_t meeting, rm_error *err)
{
    rm_status status = RM_OK;
    for (int32_t t = 0; t < reading->plan->task_count && status == RM_OK; t++) {
        const rm_task *task = &reading->plan->tasks[t];
        if (task->meeting != meeting || task->kind != RM_TASK_MEDIAN)
            continue;
        rm_batch_view view = rm_batch_view_of(batch, reading->model, reading->plan, t);
        rm_mutex_lock(reading->gather_lock);
        status = rm_tally_keep(&reading->pass->tallies[t], &view, batch->hits.items,
                               batch->hits.count, err);
        rm_mutex_unlock(reading->gather_lock);
    }
    return status;
}

static rm_status meet_and_fold(rm_reading *reading, rm_batch *batch, int32_t meeting, int worker,
                               rm_error *err)
{
    int64_t start[STRIPES + 1], areas = reading->ground->areas->rows.table.rows;
    RM_TRY(rm_batch_meet(batch, reading->plan, meeting, reading->ground->join, err));
    RM_TRY(keep_medians(reading, batch, meeting, err));
    RM_TRY(sort_by_stripe(batch, areas, start, err));
    /* workers begin at different stripes, so that they seldom wait for one another */
    for (int i = 0; i < STRIPES; i++) {
        int s = (i + worker * STRIPES / reading->workers) % STRIPES;
        if (start[s] == start[s + 1])
            continue;
        rm_mutex_lock(reading->stripe_lock[s]);
        fold_stripe(reading, batch, meeting, batch->sorted + start[s], start[s + 1] - start[s]);
        rm_mutex_unlock(reading->stripe_lock[s]);
    }
    return RM_OK;
}

static rm_status keep_geometry(rm_reading *reading, rm_batch *batch, int32_t task, rm_error *err)
{
    rm_tally *tally = &reading->pass->tallies[task];
    rm_batch_view view = rm_batch_view_of(batch, reading->model, reading->plan, task);
    const rm_geometry *geometry = &batch->rows.geometry;
    if (reading->plan->tasks[task].kind == RM_TASK_COVER) {
        for (int64_t r = 0; r < batch->rows.table.rows; r++)
            batch->skip[r] = !view.counts[r];
        return rm_cover_add(tally->cover, geometry, batch->skip, 1, NULL, err);
    }
    rm_status status = RM_OK;
    rm_mutex_lock(reading->gather_lock);
    for (int64_t r = 0; r < batch->rows.table.rows && status == RM_OK; r++)
        if (view.counts[r])
            status = rm_geometry_add_copy(&tally->near, geometry, r, err);
    rm_mutex_unlock(reading->gather_lock);
    return status;
}

static rm_status take_issues(rm_reading *reading, rm_issues *issues, rm_error *err)
{
    if (issues->count == 0)
        return RM_OK;
    rm_mutex_lock(reading->gather_lock);
    rm_status status = rm_issues_take(reading->pass->issues, issues, reading->plan->layer, err);
    rm_mutex_unlock(reading->gather_lock);
    return status;
}

static rm_status take_batch(rm_reading *reading, int worker, rm_error *err)
{
    rm_batch *batch = &reading->batches[worker];
    RM_TRY(rm_batch_prepare(batch, reading->model, reading->plan, reading->request, worker, err));
    for (int32_t m = 0; m < reading->plan->meeting_count; m++)
        RM_TRY(meet_and_fold(reading, batch, m, worker, err));
    for (int32_t t = 0; t < reading->plan->task_count; t++)
        if (reading->plan->tasks[t].meeting < 0)
            RM_TRY(keep_geometry(reading, batch, t, err));
    return take_issues(reading, &batch->rows.issues, err);
}

static rm_status read_until_done(rm_reading *reading, int worker, rm_error *err)
{
    const char *name = reading->model->layers[reading->plan->layer].name;
    rm_rows *rows = &reading->batches[worker].rows;
    double fraction = 0.0;
    while (!atomic_load(&reading->stop)) {
        RM_TRY(next_rows(reading, worker, &fraction, err));
        if (rows->table.rows == 0)
            return take_issues(reading, &rows->issues, err); /* the driver's last words */
        RM_TRY(take_batch(reading, worker, err));
        if (worker == 0)
            RM_TRY(rm_progress_report(reading->request->progress, fraction, name, err));
    }
    return RM_OK;
}

static rm_status work(void *context, int worker, rm_error *err)
{
    rm_reading *reading = context;
    rm_status status = read_until_done(reading, worker, err);
    if (status != RM_OK)
        atomic_store(&reading->stop, true);
    return status;
}

static rm_status make_locks(rm_reading *reading, rm_error *err)
{
    RM_TRY(rm_mutex_new(&reading->source_lock, err));
    RM_TRY(rm_mutex_new(&reading->gather_lock, err));
    for (int s = 0; s < STRIPES; s++)
        RM_TRY(rm_mutex_new(&reading->stripe_lock[s], err));
    return RM_OK;
}

static void finish_provenance(rm_reading *reading)
{
    rm_provenance *provenance = reading->pass->provenance;
    *provenance = reading->source->provenance;
    reading->source->provenance = (rm_provenance){0};
    provenance->filtered += reading->counted.filtered; /* rules for reports filter before */
    provenance->read = reading->counted.read;
    provenance->used = reading->counted.used;
    provenance->rejected = reading->counted.rejected;
    provenance->first_date = reading->counted.first_date;
    provenance->last_date = reading->counted.last_date;
    provenance->shielded = reading->model->layers[reading->plan->layer].shielded;
    rm_provenance *addresses = reading->pass->addresses;
    if (!addresses || addresses->source)
        return;
    *addresses = reading->source->addresses;
    reading->source->addresses = (rm_provenance){0};
    addresses->first_date = addresses->last_date = RM_NO_DATE;
    addresses->shielded =
        reading->model->layers[reading->model->layers[reading->plan->layer].locate].shielded;
}

static rm_status check_filters(const rm_reading *reading, rm_error *err)
{
    const rm_table *columns = &reading->source->columns;
    const rm_model *model = reading->model;
    const rm_model_layer *layer = &model->layers[reading->plan->layer];
    rm_status status = layer->filter ? rm_filter_check(layer->filter, columns, err) : RM_OK;
    if (status != RM_OK)
        return rm_fail_within(err, status, "where");
    for (int32_t t = 0; t < reading->plan->task_count; t++) {
        const rm_indicator *indicator = &model->indicators[reading->plan->tasks[t].indicator];
        if (reading->plan->tasks[t].second || !indicator->filter)
            continue;
        status = rm_filter_check(indicator->filter, columns, err);
        if (status != RM_OK)
            return rm_fail_within(err, status, "indicator \"%s\", where", indicator->name);
    }
    return RM_OK;
}

static rm_status read_source(rm_reading *reading, rm_error *err)
{
    int threads = reading->request->threads, cursors = reading->source->cursors;
    if (cursors > 1 && cursors < threads)
        threads = cursors;
    RM_TRY(check_filters(reading, err));
    RM_TRY(make_locks(reading, err));
    RM_TRY(RM_NEW_ZERO(&reading->batches, threads, err));
    reading->workers = threads;
    for (int w = 0; w < threads; w++)
        reading->batches[w].counted = rm_no_counts;
    RM_TRY(rm_workers(threads, work, reading, err));
    RM_TRY(reading->source->finish(reading->source, err));
    for (int w = 0; w < threads; w++)
        rm_layer_counts_add(&reading->counted, &reading->batches[w].counted);
    finish_provenance(reading);
    if (reading->counted.lost == 0)
        return RM_OK;
    rm_issues spot = {0};
    rm_status status =
        rm_reports_list_spot(&spot, reading->counted.first_lost, reading->counted.lost,
                             reading->counted.used, true, false, err);
    if (status == RM_OK)
        status = take_issues(reading, &spot, err);
    rm_issues_clear(&spot);
    return status;
}

/* What is in memory knows its own CRS and has its geometry: what the model says of its file does
 * not hold for it. */
static rm_status resolve_memory(rm_request *out, char **source, const rm_layer *memory,
                                const rm_model_layer *layer, rm_error *err)
{
    out->memory = memory;
    out->layer = out->x = out->y = NULL;
    if (memory->crs)
        out->crs = NULL;
    RM_TRY(rm_copy_text(source, layer->name, err));
    out->source = *source;
    return RM_OK;
}

/* An override from the command line stands beside the user and not beside the model, and names its
 * own layer. */
static rm_status resolve(rm_request *out, char **source, const rm_model *model,
                         const rm_model_layer *layer, const rm_run_request *request, rm_error *err)
{
    out->layer = layer->layer;
    for (int32_t o = 0; o < request->override_count; o++) {
        if (strcmp(request->overrides[o].layer, layer->name) != 0)
            continue;
        if (request->overrides[o].memory)
            return resolve_memory(out, source, request->overrides[o].memory, layer, err);
        if (strchr(request->overrides[o].source, '|'))
            out->layer = NULL;
        RM_TRY(rm_copy_text(source, request->overrides[o].source, err));
        out->source = *source;
        return RM_OK;
    }
    RM_TRY(rm_path_beside(source, model->path ? model->path : "", layer->source, err));
    out->source = *source;
    return RM_OK;
}

static rm_request request_of(const rm_model *model, const rm_model_layer *layer,
                             const rm_run_request *request)
{
    return (rm_request){.crs = layer->crs,
                        .x = layer->x,
                        .y = layer->y,
                        .geometry = true,
                        .target_crs = model->crs,
                        .only_best = request->only_best,
                        .shielded = layer->shielded,
                        .threads = request->threads,
                        .profile = layer->profile,
                        .as_of = request->as_of};
}

static rm_status want_addresses(rm_wanted *wanted, const rm_model *model,
                                const rm_model_layer *layer, const rm_run_request *request,
                                rm_error *err)
{
    const rm_model_layer *addresses = &model->layers[layer->locate];
    int32_t fields = addresses->filter ? rm_filter_field_count(addresses->filter) : 0;
    wanted->locate = request_of(model, addresses, request);
    RM_TRY(resolve(&wanted->locate, &wanted->locate_source, model, addresses, request, err));
    RM_TRY(RM_NEW(&wanted->locate_columns, fields, err));
    for (int32_t f = 0; f < fields; f++)
        wanted->locate_columns[f] = rm_filter_field(addresses->filter, f);
    wanted->locate.columns = wanted->locate_columns;
    wanted->locate.column_count = fields;
    wanted->locate.filter = addresses->filter;
    wanted->request.locate = &wanted->locate;
    wanted->request.address = (rm_address_fields){.postcode = layer->postcode,
                                                  .number = layer->number,
                                                  .letter = layer->letter,
                                                  .addition = layer->addition,
                                                  .line = layer->address_line,
                                                  .street = layer->street,
                                                  .place = layer->place};
    return RM_OK;
}

static rm_status fill_wanted(rm_wanted *wanted, const rm_model *model, const rm_layer_plan *plan,
                             const rm_run_request *request, rm_error *err)
{
    const rm_model_layer *layer = &model->layers[plan->layer];
    wanted->request = request_of(model, layer, request);
    wanted->request.columns = plan->columns;
    wanted->request.column_count = plan->column_count;
    RM_TRY(resolve(&wanted->request, &wanted->source, model, layer, request, err));
    if (layer->reported) {
        wanted->reports = layer->reports;
        wanted->reports.time_column = plan->time_column;
        wanted->reports.filter = layer->filter;
        wanted->request.reports = &wanted->reports;
    }
    return layer->locate < 0 ? RM_OK : want_addresses(wanted, model, layer, request, err);
}

rm_status rm_wanted_make(rm_wanted *out, const rm_model *model, const rm_layer_plan *plan,
                         const rm_run_request *request, rm_error *err)
{
    *out = (rm_wanted){0};
    rm_status status = fill_wanted(out, model, plan, request, err);
    if (status != RM_OK)
        rm_wanted_clear(out);
    return status;
}

void rm_wanted_clear(rm_wanted *wanted)
{
    rm_release(wanted->source);
    rm_release(wanted->locate_source);
    rm_release(wanted->locate_columns);
    *wanted = (rm_wanted){0};
}

/* Nothing may be left out by extent for a nearest without a bound, nor where reports outside count
 * in the share of a spot. */
static rm_status open_source(rm_reading *reading, rm_error *err)
{
    rm_wanted wanted;
    RM_TRY(rm_wanted_make(&wanted, reading->model, reading->plan, reading->request, err));
    rm_box extent = reading->ground->extent;
    double reach = reading->plan->reach_m;
    extent = (rm_box){extent.xmin - reach, extent.ymin - reach, extent.xmax + reach,
                      extent.ymax + reach};
    bool everything = reading->plan->unbounded;
    if (wanted.request.reports) {
        wanted.reports.has_region = true;
        wanted.reports.region = extent;
        everything = !wanted.reports.drop_outside;
    }
    wanted.request.extent = everything ? NULL : &extent;
    rm_status status = reading->request->open(reading->request->open_context, &wanted.request,
                                              &reading->source, err);
    rm_wanted_clear(&wanted);
    return status;
}

static void close_reading(rm_reading *reading)
{
    for (int w = 0; reading->batches && w < reading->workers; w++)
        rm_batch_clear(&reading->batches[w]);
    rm_release(reading->batches);
    rm_mutex_free(reading->source_lock);
    rm_mutex_free(reading->gather_lock);
    for (int s = 0; s < STRIPES; s++)
        rm_mutex_free(reading->stripe_lock[s]);
    rm_source_free(reading->source);
}

rm_status rm_evidence_read(rm_pass *pass, const rm_model *model, const rm_layer_plan *plan,
                           const rm_ground *ground, const rm_run_request *request, rm_error *err)
{
    rm_reading reading = {
        .pass = pass, .model = model, .plan = plan, .ground = ground, .request = request};
    reading.counted = rm_no_counts;
    rm_status status = open_source(&reading, err);
    if (status == RM_OK)
        status = read_source(&reading, err);
    if (status != RM_OK && status != RM_ECANCELLED)
        rm_fail_within(err, status, "layer \"%s\"", model->layers[plan->layer].name);
    close_reading(&reading);
    return status;
}
