/* How wide a kernel: by rule, by cross-validation, and one for each point. */
#ifndef RM_STATS_BANDWIDTH_H
#define RM_STATS_BANDWIDTH_H

#include "stats/density/density.h"

/* The bandwidth of a kernel whose standard deviation along each axis is 1: the factor from the
 * sigma of a gaussian. A kernel (1 - u)^p within R has R^2 / (2 p + 4) as its variance along an
 * axis. */
double rm_bandwidth_factor(int32_t kernel);

/* See rm_bandwidth_rule of riskmap/density.h. points->bandwidth is not looked at. */
rm_status rm_rule_bandwidth(double *bandwidth, const rm_density_points *points, int32_t kernel,
                            int32_t rule, rm_error *err);

/* Of the sigma of a gaussian. */
typedef struct rm_validation {
    int32_t criterion, leave;
    double lowest, highest; /* sigma; 0: a 128th and twice of what the reference rule gives */
} rm_validation;

/* out->bandwidth is a sigma. See rm_bandwidth_cross_validate. */
rm_status rm_validate_bandwidth(rm_bandwidth_fit *out, const rm_density_points *points,
                                const rm_validation *how, int threads, rm_progress *progress,
                                rm_error *err);

/* The criterion at one sigma: the lower, the better. INFINITY where a point that is left out gets
 * no density at all. */
rm_status rm_validation_score(double *score, const rm_density_points *points, int32_t criterion,
                              int32_t leave, double sigma, int threads, rm_progress *progress,
                              rm_error *err);

/* See rm_bandwidth_adaptive. */
rm_status rm_adaptive_bandwidths(double *bandwidths, const rm_density_points *points, double pilot,
                                 double global, double trim, int threads, rm_progress *progress,
                                 rm_error *err);

/* weights[i] = 2^(-age_days[i] / half_life). RM_EINVAL: a half-life that is not above 0, an age
 * that is negative or not finite, with its row. */
rm_status rm_half_life(double *weights, const double *age_days, int64_t count, double half_life,
                       rm_error *err);

#endif
