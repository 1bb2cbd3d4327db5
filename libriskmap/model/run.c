#include "model/run.h"

#include "model/areas.h"
#include "model/evidence.h"
#include "model/reference.h"
#include "model/score.h"
#include "model/values.h"

#include "riskmap/model.h"

#include <math.h>
#include <string.h>

/* What a run holds while it lasts; the result is what remains. */
typedef struct rm_running {
    rm_result *result;
    const rm_run_request *request;
    rm_plan plan;
    rm_join *join;
    rm_tally *first, *second; /* [indicators] */
    rm_join **buffer_join;    /* [indicators] cover with within_m: the buffers' own join */
    rm_geometry *buffers;     /* [indicators] */
    double **buffer_m2;       /* [indicators] cover and density with within_m */
} rm_running;

static bool needs_buffer(const rm_indicator *indicator)
{
    return indicator->within_m > 0 &&
           (indicator->measure == RM_MEASURE_COVER || indicator->measure == RM_MEASURE_DENSITY);
}

static rm_status make_outcomes(rm_running *running, rm_error *err)
{
    rm_result *result = running->result;
    int64_t areas = result->areas->rows.table.rows, count = result->model->indicator_count;
    RM_TRY(RM_NEW_ZERO(&result->outcomes, count, err));
    for (int64_t k = 0; k < count; k++) {
        rm_outcome *outcome = &result->outcomes[k];
        RM_TRY(RM_NEW(&outcome->value, areas, err));
        RM_TRY(RM_NEW(&outcome->scaled, areas, err));
        RM_TRY(RM_NEW(&outcome->contribution, areas, err));
        RM_TRY(RM_NEW_ZERO(&outcome->features, areas, err));
        RM_TRY(RM_NEW_ZERO(&outcome->missing, areas, err));
        outcome->prior = (rm_rate_prior){.mean = NAN, .variance = NAN};
    }
    return RM_OK;
}

static rm_status make_buffers(rm_running *running, rm_error *err)
{
    const rm_model *model = running->result->model;
    const rm_geometry *areas = &running->result->areas->rows.geometry;
    RM_TRY(RM_NEW_ZERO(&running->buffers, model->indicator_count, err));
    RM_TRY(RM_NEW_ZERO(&running->buffer_join, model->indicator_count, err));
    RM_TRY(RM_NEW_ZERO(&running->buffer_m2, model->indicator_count, err));
    for (int32_t k = 0; k < model->indicator_count; k++) {
        const rm_indicator *indicator = &model->indicators[k];
        if (!needs_buffer(indicator))
            continue;
        RM_TRY(rm_buffer(&running->buffers[k], areas, indicator->within_m,
                         running->request->threads, err));
        RM_TRY(RM_NEW(&running->buffer_m2[k], areas->features, err));
        for (int64_t a = 0; a < areas->features; a++)
            running->buffer_m2[k][a] = rm_geometry_area(&running->buffers[k], a);
        if (indicator->measure == RM_MEASURE_COVER)
            RM_TRY(rm_join_build(&running->buffer_join[k], &running->buffers[k],
                                 running->request->threads, NULL, err));
    }
    return RM_OK;
}

static rm_status start_tallies(rm_running *running, const rm_layer_plan *plan, rm_tally *tallies,
                               rm_error *err)
{
    const rm_model *model = running->result->model;
    for (int32_t t = 0; t < plan->task_count; t++) {
        const rm_task *task = &plan->tasks[t];
        rm_join *buffered = running->buffer_join[task->indicator];
        bool weighted = task->dated && model->indicators[task->indicator].half_life_days > 0;
        RM_TRY(rm_tally_start(&tallies[t], task, weighted, running->result->areas->rows.table.rows,
                              buffered ? buffered : running->join, err));
    }
    return RM_OK;
}

static rm_status report_no_evidence(rm_result *result, int32_t layer, rm_error *err)
{
    RM_TRY(rm_issues_add(&result->issues, RM_ISSUE_NO_EVIDENCE, -1, 0, 0, NULL, err));
    result->issues.items[result->issues.count - 1].layer = layer;
    return RM_OK;
}

/* Reads one layer and hands its tallies to the indicators they belong to. */
static rm_status read_layer(rm_running *running, const rm_layer_plan *plan, rm_error *err)
{
    rm_result *result = running->result;
    rm_ground ground = {
        .areas = result->areas, .join = running->join, .extent = rm_join_extent(running->join)};
    rm_pass pass = {.issues = &result->issues, .provenance = &result->layers[plan->layer]};
    int32_t addresses = result->model->layers[plan->layer].locate;
    if (addresses >= 0)
        pass.addresses = &result->layers[addresses];
    RM_TRY(RM_NEW_ZERO(&pass.tallies, plan->task_count, err));
    rm_status status = start_tallies(running, plan, pass.tallies, err);
    if (status == RM_OK)
        status = rm_evidence_read(&pass, result->model, plan, &ground, running->request, err);
    for (int32_t t = 0; t < plan->task_count; t++) {
        const rm_task *task = &plan->tasks[t];
        *(task->second ? &running->second[task->indicator] : &running->first[task->indicator]) =
            pass.tallies[t];
    }
    rm_release(pass.tallies);
    if (status == RM_OK && pass.provenance->used == 0)
        status = report_no_evidence(result, plan->layer, err);
    return status;
}

static rm_status read_evidence(rm_running *running, rm_error *err)
{
    int32_t layers = running->plan.evidence_count;
    for (int32_t e = 0; e < layers; e++) {
        rm_progress_stage(running->request->progress, 0.1 + 0.7 * e / layers,
                          0.1 + 0.7 * (e + 1) / layers);
        RM_TRY(read_layer(running, &running->plan.evidence[e], err));
    }
    return RM_OK;
}

static rm_status measure_one(rm_running *running, int32_t number, rm_error *err)
{
    rm_result *result = running->result;
    const rm_indicator *indicator = &result->model->indicators[number];
    const rm_rows *areas = &result->areas->rows;
    rm_outcome *outcome = &result->outcomes[number];
    if (indicator->of < 0)
        return rm_values_own(outcome, indicator,
                             &areas->table.columns[running->plan.own_field[number]], areas->ids,
                             areas->table.rows, running->request->as_of, &result->issues, err);
    rm_measured measured = {.first = &running->first[number],
                            .second = &running->second[number],
                            .areas = &areas->geometry,
                            .ground_m2 = running->buffer_m2[number] ? running->buffer_m2[number]
                                                                    : result->area_m2,
                            .count = areas->table.rows,
                            .prior = result->referenced ? &outcome->prior : NULL};
    rm_status status = rm_values_compute(outcome, indicator, &measured, running->request, err);
    return status == RM_OK ? RM_OK
                           : rm_fail_within(err, status, "indicator \"%s\"", indicator->name);
}

/* Where there is no area, nothing was found because nobody could look; that is not zero. */
static void leave_out_areas_without_geometry(rm_result *result)
{
    const rm_geometry *areas = &result->areas->rows.geometry;
    for (int32_t k = 0; k < result->model->indicator_count; k++)
        for (int64_t a = 0; a < areas->features; a++)
            if (areas->kind[a] == RM_KIND_NONE)
                result->outcomes[k].value[a] = NAN;
}

static rm_status measure(rm_running *running, rm_error *err)
{
    int32_t count = running->result->model->indicator_count;
    for (int32_t k = 0; k < count; k++) {
        rm_progress_stage(running->request->progress, 0.8 + 0.15 * k / count,
                          0.8 + 0.15 * (k + 1) / count);
        RM_TRY(measure_one(running, k, err));
        /* evidence that was kept is of no more use; the next indicator may need the room */
        rm_tally_clear(&running->first[k]);
        rm_tally_clear(&running->second[k]);
    }
    leave_out_areas_without_geometry(running->result);
    return RM_OK;
}

static void note_shielding(rm_result *result)
{
    const rm_model_layer *layers = result->model->layers;
    for (int32_t l = 0; l < result->model->layer_count; l++)
        if (result->layers[l].source)
            result->shielded |=
                layers[l].shielded || (layers[l].locate >= 0 && layers[layers[l].locate].shielded);
}

static rm_status run_all(rm_running *running, const rm_model *model, rm_error *err)
{
    rm_result *result = running->result;
    const rm_run_request *request = running->request;
    RM_TRY(rm_model_from_text(&result->model, model->text, (int64_t)strlen(model->text),
                              model->path, err));
    RM_TRY(rm_copy_text(&result->command, request->command, err));
    RM_TRY(rm_copy_text(&result->reference, request->reference, err));
    RM_TRY(RM_NEW_ZERO(&result->layers, model->layer_count, err));
    RM_TRY(rm_plan_make(&running->plan, result->model, err));
    rm_progress_stage(request->progress, 0.0, 0.04);
    RM_TRY(rm_progress_report(request->progress, 0.0, model->layers[model->areas_layer].name, err));
    RM_TRY(rm_areas_read(result, &running->plan, request, err));
    rm_progress_stage(request->progress, 0.04, 0.05);
    RM_TRY(rm_join_build(&running->join, &result->areas->rows.geometry, request->threads,
                         request->progress, err));
    rm_progress_stage(request->progress, 0.05, 0.1);
    RM_TRY(
        rm_areas_report_overlaps(result, running->join, request->threads, request->progress, err));
    RM_TRY(make_outcomes(running, err));
    RM_TRY(make_buffers(running, err));
    RM_TRY(RM_NEW_ZERO(&running->first, model->indicator_count, err));
    RM_TRY(RM_NEW_ZERO(&running->second, model->indicator_count, err));
    if (request->reference)
        RM_TRY(rm_reference_read(result, request, err));
    RM_TRY(read_evidence(running, err));
    RM_TRY(measure(running, err));
    rm_join_free(running->join); /* nothing is laid over the areas any more: room for the scores */
    running->join = NULL;
    RM_TRY(rm_score_all(result, err));
    note_shielding(result);
    rm_issues_sort(&result->issues);
    rm_progress_stage(request->progress, 0.95, 1.0);
    return rm_progress_report(request->progress, 1.0, NULL, err);
}

static void running_clear(rm_running *running)
{
    int32_t count = running->result->model ? running->result->model->indicator_count : 0;
    for (int32_t k = 0; k < count; k++) {
        if (running->first)
            rm_tally_clear(&running->first[k]);
        if (running->second)
            rm_tally_clear(&running->second[k]);
        if (running->buffer_join)
            rm_join_free(running->buffer_join[k]);
        if (running->buffers)
            rm_geometry_clear(&running->buffers[k]);
        if (running->buffer_m2)
            rm_release(running->buffer_m2[k]);
    }
    rm_release(running->first);
    rm_release(running->second);
    rm_release(running->buffer_join);
    rm_release(running->buffers);
    rm_release(running->buffer_m2);
    rm_join_free(running->join);
    rm_plan_clear(&running->plan);
}

rm_status rm_model_run(rm_result **out, const rm_model *model, const rm_run_request *request,
                       rm_error *err)
{
    rm_running running = {.request = request};
    RM_TRY(RM_NEW_ZERO(&running.result, 1, err));
    running.result->as_of = request->as_of;
    rm_status status = run_all(&running, model, err);
    running_clear(&running);
    if (status == RM_OK)
        *out = running.result;
    else
        rm_result_clear(running.result);
    return status;
}

static void outcomes_clear(rm_result *result)
{
    for (int32_t k = 0; result->outcomes && k < result->model->indicator_count; k++) {
        rm_outcome *outcome = &result->outcomes[k];
        rm_release(outcome->value);
        rm_release(outcome->scaled);
        rm_release(outcome->contribution);
        rm_release(outcome->features);
        rm_release(outcome->missing);
        rm_scaling_clear(&outcome->scaling);
    }
    rm_release(result->outcomes);
    for (int32_t p = 0; p < result->pillar_count; p++) {
        rm_release(result->pillars[p].score);
        rm_release(result->pillars[p].rank);
    }
    rm_release(result->pillars);
}

void rm_result_clear(rm_result *result)
{
    if (!result)
        return;
    outcomes_clear(result);
    for (int32_t l = 0; result->layers && l < result->model->layer_count; l++)
        rm_provenance_clear(&result->layers[l]);
    rm_release(result->layers);
    rm_labels_clear(&result->ids);
    rm_labels_clear(&result->names);
    rm_layer_free(result->areas);
    rm_release(result->command);
    rm_release(result->reference);
    rm_release(result->area_m2);
    rm_release(result->score);
    rm_release(result->coverage);
    rm_release(result->rank);
    rm_release(result->class_);
    rm_release(result->order);
    rm_release(result->breaks);
    rm_issues_clear(&result->issues);
    rm_inputs_clear(&result->inputs);
    rm_model_free(result->model);
    rm_release(result);
}
