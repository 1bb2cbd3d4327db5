/* From tallies to the indicators' raw values. */
#ifndef RM_MODEL_VALUES_H
#define RM_MODEL_VALUES_H

#include "model/run.h"
#include "model/tally.h"

/* The tallies of one indicator: evidence, and for rate and share the denominator. */
typedef struct rm_measured {
    rm_tally *first, *second; /* second may be NULL */
    const rm_geometry *areas;
    const double *ground_m2; /* area of what was looked at: the areas, or their buffers */
    int64_t count;
    const rm_rate_prior *prior; /* of an earlier result, or NULL: fitted here */
} rm_measured;

/* Fills value, features, missing (and prior) of an outcome whose arrays exist. */
rm_status rm_values_compute(rm_outcome *outcome, const rm_indicator *indicator,
                            const rm_measured *measured, const rm_run_request *request,
                            rm_error *err);
/* The same for an indicator of the areas' own field. */
rm_status rm_values_own(rm_outcome *outcome, const rm_indicator *indicator, const rm_column *column,
                        const int64_t *ids, int64_t count, int32_t as_of, rm_issues *issues,
                        rm_error *err);
/* The age in whole or, for fractional years, fractional calendar years; NaN when unknown: building
 * years 1005 and 9999 are sentinels, and years to come no ages. *bad: there was something,
 * unusable. */
double rm_value_age(const rm_column *column, int64_t row, int32_t as_of, bool *bad);

#endif
