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
    rm_provenance *addresses;  /* of the layer's address layer: filled where it was not read as a
                                  layer of its own; NULL: it has none */
} rm_pass;

/* Opens the layer, reads all of it once with request->threads workers, folds it
 * into the tallies. */
rm_status rm_evidence_read(rm_pass *pass, const rm_model *model, const rm_layer_plan *plan,
                           const rm_ground *ground, const rm_run_request *request, rm_error *err);

/* What a layer of the model is asked for as a source, and what the request points to: it stays
 * where it was made. */
typedef struct rm_wanted {
    rm_request request;
    rm_request locate;       /* of the address layer, where there is one */
    rm_report_rules reports; /* where the layer states them */
    char *source, *locate_source;
    const char **locate_columns;
} rm_wanted;

rm_status rm_wanted_make(rm_wanted *out, const rm_model *model, const rm_layer_plan *plan,
                         const rm_run_request *request, rm_error *err);
void rm_wanted_clear(rm_wanted *wanted);

#endif
