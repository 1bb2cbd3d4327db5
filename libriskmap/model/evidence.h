/* One pass over one layer of evidence, for all the indicators that ask something of it. */
#ifndef RM_MODEL_EVIDENCE_H
#define RM_MODEL_EVIDENCE_H

#include "model/batch.h"

/* The areas and what evidence is laid over them with. */
typedef struct rm_ground {
    const rm_layer *areas;
    const rm_join *join;
    rm_box extent;
} rm_ground;

typedef struct rm_pass {
    rm_tally *tallies;         /* [plan->task_count], started by the caller */
    rm_issues *issues;         /* the layer's issues are added */
    rm_provenance *provenance; /* filled */
} rm_pass;

/* Opens the layer, reads all of it once with request->threads workers, folds it
 * into the tallies. */
rm_status rm_evidence_read(rm_pass *pass, const rm_model *model, const rm_layer_plan *plan,
                           const rm_ground *ground, const rm_run_request *request, rm_error *err);

/* What a layer of the model is asked for as a source; *resolved is the path, owned
 * by the caller. */
rm_status rm_evidence_request(rm_request *out, char **resolved, const rm_model *model,
                              const rm_layer_plan *plan, const rm_run_request *request,
                              rm_error *err);

#endif
