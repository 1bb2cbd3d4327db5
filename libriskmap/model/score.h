/* From raw values to scores, ranks and classes. */
#ifndef RM_MODEL_SCORE_H
#define RM_MODEL_SCORE_H

#include "model/run.h"

/* Scales every outcome (with scalings already fitted when result->referenced), aggregates, ranks,
 * classifies; fills all of the result that depends on it. */
rm_status rm_score_all(rm_result *result, rm_error *err);

#endif
