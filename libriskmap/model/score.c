#include "model/score.h"

#include "stats/aggregate.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static rm_status scale_one(rm_result *result, int32_t number, int64_t count, rm_error *err)
{
    const rm_indicator *indicator = &result->model->indicators[number];
    rm_outcome *outcome = &result->outcomes[number];
    rm_scaling *scaling = &outcome->scaling;
    if (!result->referenced) {
        *scaling = (rm_scaling){.method = (int32_t)indicator->scale,
                                .direction = indicator->direction,
                                .a = indicator->bounds[0],
                                .b = indicator->bounds[1]};
        RM_TRY(rm_scaling_fit(scaling, outcome->value, count, NULL, err));
    }
    if (scaling->constant && scaling->count > 0)
        RM_TRY(rm_issues_add(&result->issues, RM_ISSUE_CONSTANT, -1, 0, 0, indicator->name, err));
    return rm_scaling_apply(scaling, outcome->value, outcome->scaled, count, err);
}

/* The outcomes of one pillar, or of all with pillar == NULL, as arrays that rm_aggregate takes. */
typedef struct rm_chosen {
    const double **scaled;
    double **contribution;
    double *weight;
    int32_t count;
} rm_chosen;

static rm_status choose(rm_chosen *out, const rm_result *result, const char *pillar, rm_error *err)
{
    const rm_model *model = result->model;
    RM_TRY(RM_NEW(&out->scaled, model->indicator_count, err));
    RM_TRY(RM_NEW(&out->contribution, model->indicator_count, err));
    RM_TRY(RM_NEW(&out->weight, model->indicator_count, err));
    for (int32_t k = 0; k < model->indicator_count; k++) {
        if (pillar && strcmp(model->indicators[k].pillar, pillar) != 0)
            continue;
        out->scaled[out->count] = result->outcomes[k].scaled;
        out->contribution[out->count] = pillar ? NULL : result->outcomes[k].contribution;
        out->weight[out->count++] = model->indicators[k].weight;
    }
    return RM_OK;
}

static bool weightless(const rm_chosen *chosen)
{
    for (int32_t k = 0; k < chosen->count; k++)
        if (chosen->weight[k] > 0)
            return false;
    return true;
}

static rm_status aggregate(rm_result *result, const char *pillar, double *score, double *coverage,
                           rm_error *err)
{
    const rm_model *model = result->model;
    int64_t count = result->areas->rows.table.rows;
    rm_aggregation options = {.geometric = model->geometric,
                              .reweight = model->reweight,
                              .min_coverage = model->min_coverage,
                              .floor = model->floor};
    rm_chosen chosen = {0};
    rm_status status = choose(&chosen, result, pillar, err);
    if (status == RM_OK && pillar && weightless(&chosen)) {
        for (int64_t a = 0; a < count; a++)
            score[a] = NAN; /* a pillar that only informs has no sub-score */
    } else if (status == RM_OK) {
        status = rm_aggregate(score, coverage, chosen.contribution, chosen.scaled, chosen.weight,
                              chosen.count, count, &options, NULL, err);
    }
    rm_release(chosen.scaled);
    rm_release(chosen.contribution);
    rm_release(chosen.weight);
    return status;
}

static rm_status score_pillars(rm_result *result, int64_t count, rm_error *err)
{
    const rm_model *model = result->model;
    RM_TRY(RM_NEW_ZERO(&result->pillars, model->indicator_count, err));
    for (int32_t k = 0; k < model->indicator_count; k++) {
        const char *name = model->indicators[k].pillar;
        int32_t p = 0;
        while (p < result->pillar_count && strcmp(result->pillars[p].name, name) != 0)
            p++;
        if (p < result->pillar_count)
            continue;
        rm_pillar *pillar = &result->pillars[result->pillar_count++];
        pillar->name = name;
        RM_TRY(RM_NEW(&pillar->score, count, err));
        RM_TRY(RM_NEW(&pillar->rank, count, err));
        RM_TRY(aggregate(result, name, pillar->score, NULL, err));
        /* what has no score of its own is not ranked by a part of it either */
        for (int64_t a = 0; a < count; a++)
            if (isnan(result->score[a]))
                pillar->score[a] = NAN;
        RM_TRY(rm_rank_descending(pillar->rank, pillar->score, count, NULL, err));
    }
    return RM_OK;
}

typedef struct rm_ranked {
    int32_t rank, area;
} rm_ranked;

static int compare_ranked(const void *a, const void *b)
{
    const rm_ranked *x = a, *y = b;
    if (x->rank != y->rank)
        return x->rank < y->rank ? -1 : 1;
    return (x->area > y->area) - (x->area < y->area);
}

static rm_status put_in_order(rm_result *result, int64_t count, rm_error *err)
{
    rm_ranked *ranked = NULL;
    RM_TRY(RM_NEW(&result->order, result->ranked, err));
    RM_TRY(RM_NEW(&ranked, result->ranked, err));
    int64_t n = 0;
    for (int64_t a = 0; a < count; a++)
        if (result->rank[a] > 0)
            ranked[n++] = (rm_ranked){result->rank[a], (int32_t)a};
    qsort(ranked, (size_t)n, sizeof *ranked, compare_ranked);
    for (int64_t i = 0; i < n; i++)
        result->order[i] = ranked[i].area;
    rm_release(ranked);
    return RM_OK;
}

/* z-scores have no fixed bounds, so the model's breaks are then shares of the areas. */
static rm_status classify(rm_result *result, int64_t count, rm_error *err)
{
    const rm_model *model = result->model;
    bool quantiles = false;
    for (int32_t k = 0; k < model->indicator_count; k++)
        quantiles |= model->indicators[k].scale == RM_SCALE_ZSCORE ||
                     model->indicators[k].scale == RM_SCALE_RANK;
    RM_TRY(RM_NEW(&result->breaks, model->class_count, err));
    RM_TRY(RM_NEW(&result->class_, count, err));
    if (quantiles)
        RM_TRY(rm_quantiles(result->breaks, model->classes, model->class_count, result->score,
                            count, err));
    else
        memcpy(result->breaks, model->classes, (size_t)model->class_count * sizeof(double));
    rm_classify(result->class_, result->score, count, result->breaks, model->class_count);
    return RM_OK;
}

static rm_status report_floor(rm_result *result, int64_t count, rm_error *err)
{
    const rm_model *model = result->model;
    for (int32_t k = 0; k < model->indicator_count; k++) {
        int64_t raised = 0;
        for (int64_t a = 0; a < count && model->indicators[k].weight > 0; a++)
            raised += !isnan(result->score[a]) && result->outcomes[k].scaled[a] < model->floor;
        if (raised)
            RM_TRY(rm_issues_add(&result->issues, RM_ISSUE_FLOOR, -1, (double)raised, 0,
                                 model->indicators[k].name, err));
    }
    return RM_OK;
}

rm_status rm_score_all(rm_result *result, rm_error *err)
{
    int64_t count = result->areas->rows.table.rows;
    for (int32_t k = 0; k < result->model->indicator_count; k++)
        RM_TRY(scale_one(result, k, count, err));
    RM_TRY(RM_NEW(&result->score, count, err));
    RM_TRY(RM_NEW(&result->coverage, count, err));
    RM_TRY(RM_NEW(&result->rank, count, err));
    RM_TRY(aggregate(result, NULL, result->score, result->coverage, err));
    if (result->model->geometric)
        RM_TRY(report_floor(result, count, err));
    RM_TRY(rm_rank_descending(result->rank, result->score, count, &result->ranked, err));
    RM_TRY(score_pillars(result, count, err));
    RM_TRY(put_in_order(result, count, err));
    return classify(result, count, err);
}
