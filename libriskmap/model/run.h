/* From a model to scores: the whole flow, on sources that somebody else opens. */
#ifndef RM_MODEL_RUN_H
#define RM_MODEL_RUN_H

#include "base/inputs.h"
#include "base/progress.h"
#include "data/source.h"
#include "model/labels.h"
#include "model/model.h"
#include "stats/rate/rate.h"
#include "stats/scale.h"

/* Everything known about one indicator after a run. Arrays have one entry per area. */
typedef struct rm_outcome {
    double *value;        /* in the indicator's unit; NaN: missing */
    double *scaled;       /* NaN: missing */
    double *contribution; /* NaN: missing or no score */
    int32_t *features;    /* evidence behind the value */
    int32_t *missing;     /* evidence that lacked the field */
    rm_scaling scaling;
    rm_rate_prior prior; /* rate with shrinkage */
} rm_outcome;

typedef struct rm_pillar {
    const char *name; /* borrowed from the model */
    double *score;
    int32_t *rank;
} rm_pillar;

struct rm_result {
    rm_model *model; /* its own copy */
    int32_t as_of;
    bool shielded;
    bool referenced;           /* scaled with the parameters of an earlier result */
    char *command, *reference; /* as asked for, or NULL */
    rm_layer *areas;
    rm_labels ids, names;
    double *area_m2; /* NaN without geometry */
    double *score, *coverage;
    int32_t *rank, *class_;
    int32_t *order; /* area numbers by rank, then by place in the source; [ranked] */
    int64_t ranked;
    double *breaks;       /* [model->class_count] as used: the model's, or quantiles */
    rm_outcome *outcomes; /* [model->indicator_count] */
    rm_pillar *pillars;
    int32_t pillar_count;
    rm_issues issues;
    rm_provenance *layers; /* [model->layer_count]; source is NULL for a layer nobody named */
    rm_inputs inputs;      /* filled by who writes it */
};
typedef struct rm_result rm_result;

typedef struct rm_override {
    const char *layer, *source;
    const rm_layer *memory; /* instead of source; NULL: none */
} rm_override;

typedef struct rm_run_request {
    int threads; /* 1.. */
    bool only_best;
    int32_t as_of; /* a date, never RM_NO_DATE */
    const rm_override *overrides;
    int32_t override_count;
    const char *reference, *command; /* or NULL */
    rm_open_fn open;
    void *open_context;
    rm_progress *progress;
} rm_run_request;

rm_status rm_model_run(rm_result **out, const rm_model *model, const rm_run_request *request,
                       rm_error *err);
void rm_result_clear(rm_result *result); /* frees it; NULL allowed */

#endif
