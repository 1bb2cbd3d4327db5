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
} rm_checked_source;

typedef struct rm_checked_measure {
    char *name, *label, *label_en, *problem, *problem_layer;
    const char *measure;
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
};

/* request->open is called for every layer, request->reference is not looked at. */
rm_status rm_check_model(rm_checklist **out, const rm_model *model, const rm_run_request *request,
                         rm_error *err);
int32_t rm_checklist_problems(const rm_checklist *checklist);
void rm_checklist_clear(rm_checklist *checklist); /* frees it; NULL allowed */

#endif
