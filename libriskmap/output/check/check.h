/* What a model will make of its sources: the very plan and requests of a run, opened
 * and not read. */
#ifndef RM_OUTPUT_CHECK_H
#define RM_OUTPUT_CHECK_H

#include "base/text.h"
#include "model/run.h"

#include "riskmap/inspect.h"

/* Texts are owned and may be NULL. */
typedef struct rm_checked_source {
    char *name, *source, *driver, *geometry_type, *crs, *crs_operation, *missing_grid, *problem;
    rm_text fields;
    double crs_accuracy_m;
    int64_t features;
    bool opened, used, areas, shielded;
    /* by rm_checklist_read */
    char *dated_by; /* what data_date is the date of */
    int32_t data_date;
    double max_age_days, weight_share;
    bool too_old, incomplete;
} rm_checked_source;

/* How far a field that indicators use is filled. */
typedef struct rm_filled_field {
    char *layer, *field;
    int64_t rows, filled;
    bool enough;
} rm_filled_field;

typedef struct rm_checked_measure {
    char *name, *label, *label_en, *problem, *problem_layer;
    const char *measure;
    double weight;
} rm_checked_measure;

typedef struct rm_finding {
    char *layer, *indicator, *message;
} rm_finding;

struct rm_checklist {
    rm_checked_source *layers; /* as in the model */
    int32_t layer_count;
    rm_checked_measure *indicators;
    int32_t indicator_count;
    rm_finding *findings;
    int32_t finding_count;
    rm_filled_field *fields;
    int32_t field_count;
    rm_check_effect effect;
};

/* request->open is called for every layer, request->reference is not looked at. */
rm_status rm_check_model(rm_checklist **out, const rm_model *model, const rm_run_request *request,
                         rm_error *err);
/* Reads the fields that indicators use, and reckons what the gaps do to the score. Once. */
rm_status rm_checklist_read(rm_checklist *list, const rm_model *model,
                            const rm_run_request *request, double complete_from, rm_error *err);
int32_t rm_checklist_problems(const rm_checklist *checklist);
void rm_checklist_clear(rm_checklist *checklist); /* frees it; NULL allowed */

#endif
