/* Scaling with the parameters of an earlier result, so that scores may be compared over time. */
#ifndef RM_MODEL_REFERENCE_H
#define RM_MODEL_REFERENCE_H

#include "model/run.h"

/* Fits result->outcomes[].scaling and .prior from the earlier result at request->reference.
 * RM_EMODEL when an indicator is missing there or was measured or scaled otherwise. */
rm_status rm_reference_read(rm_result *result, const rm_run_request *request, rm_error *err);

#endif
