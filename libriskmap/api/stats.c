#include "riskmap/stats.h"

#include "stats/aggregate.h"
#include "stats/scale.h"

#include <string.h>

static rm_status check_arrays(bool present, int64_t count, rm_error *err)
{
    if (count < 0 || (count > 0 && !present))
        return rm_fail(err, RM_EINVAL, "an array is NULL, or count is %lld", (long long)count);
    return RM_OK;
}

rm_status rm_scale_values(double *scaled, const double *values, int64_t count, int32_t method,
                          int32_t direction, double lower, double upper, rm_error *err)
{
    RM_TRY(check_arrays(scaled && values, count, err));
    if (method < RM_MINMAX || method > RM_FIXED)
        return rm_fail(err, RM_EINVAL, "method %d does not exist; RM_MINMAX to RM_FIXED", method);
    rm_scaling scaling = {.method = method, .direction = direction, .a = lower, .b = upper};
    rm_status status = rm_scaling_fit(&scaling, values, count, err);
    if (status == RM_OK)
        status = rm_scaling_apply(&scaling, values, scaled, count, err);
    rm_scaling_clear(&scaling);
    return status;
}

rm_status rm_combine(double *score, const double *const *scaled, const double *weight,
                     int32_t indicators, int64_t count, int32_t geometric, double min_coverage,
                     double floor, rm_error *err)
{
    double **none = NULL;
    RM_TRY(check_arrays(score && scaled && weight, count, err));
    if (indicators < 1)
        return rm_fail(err, RM_EINVAL, "there are %d indicators; at least 1 is needed", indicators);
    rm_aggregation options = {.geometric = geometric != 0,
                              .reweight = true,
                              .min_coverage = min_coverage,
                              .floor = floor};
    RM_TRY(RM_NEW_ZERO(&none, indicators, err));
    rm_status status =
        rm_aggregate(score, NULL, none, scaled, weight, indicators, count, &options, NULL, err);
    rm_release(none);
    return status;
}

rm_status rm_ranks(int32_t *rank, const double *score, int64_t count, rm_error *err)
{
    RM_TRY(check_arrays(rank && score, count, err));
    return rm_rank_descending(rank, score, count, NULL, err);
}
