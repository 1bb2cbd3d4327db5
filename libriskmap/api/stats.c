#include "riskmap/stats.h"

#include "base/parallel.h"
#include "stats/aggregate.h"
#include "stats/scale.h"

#include <string.h>

static rm_status check_arrays(bool present, int64_t count, rm_error *err)
{
    if (count < 0 || (count > 0 && !present))
        return rm_fail(err, RM_EINVAL, "an array is NULL, or count is %lld", (long long)count);
    return RM_OK;
}

enum { VALUES_A_CHUNK = 4096 };

typedef struct applying {
    const rm_scaling *scaling;
    const double *values;
    double *scaled;
} applying;

static rm_status apply_chunk(void *context, int64_t begin, int64_t end, int worker, rm_error *err)
{
    const applying *a = context;
    (void)worker;
    return rm_scaling_apply(a->scaling, a->values + begin, a->scaled + begin, end - begin, err);
}

/* By way of another array, as scaled may be values, and stays as it is when this is stopped. */
static rm_status apply(double *scaled, const rm_scaling *scaling, const double *values,
                       int64_t count, rm_progress *progress, rm_error *err)
{
    double *made = NULL;
    RM_TRY(RM_NEW(&made, count, err));
    applying a = {scaling, values, made};
    rm_status status =
        rm_parallel(count, VALUES_A_CHUNK, 1, apply_chunk, &a, progress, "scaling", err);
    if (status == RM_OK && count > 0)
        memcpy(scaled, made, (size_t)count * sizeof *made);
    rm_release(made);
    return status;
}

rm_status rm_scale_values(double *scaled, const double *values, int64_t count, int32_t method,
                          int32_t direction, double lower, double upper, rm_progress_fn progress,
                          void *progress_user, rm_error *err)
{
    rm_progress telling;
    RM_TRY(check_arrays(scaled && values, count, err));
    if (method < RM_MINMAX || method > RM_FIXED)
        return rm_fail(err, RM_EINVAL, "method %d does not exist; RM_MINMAX to RM_FIXED", method);
    rm_scaling scaling = {.method = method, .direction = direction, .a = lower, .b = upper};
    rm_progress_start(&telling, progress, progress_user);
    rm_status status = rm_scaling_fit(&scaling, values, count, &telling, err);
    if (status == RM_OK)
        status = apply(scaled, &scaling, values, count, &telling, err);
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
