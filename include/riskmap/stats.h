/* Statistics on plain arrays. Part of riskmap.h. NaN means missing; infinities are RM_EINVAL. All
 * are thread-safe: they touch nothing but their arguments. */
#ifndef RISKMAP_STATS_H
#define RISKMAP_STATS_H

#include "riskmap/status.h"

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/** How raw values come to one scale; the direction is applied first (METHOD: COINr). */
enum {
    RM_MINMAX = 0,     /**< (x - min) / (max - min) */
    RM_ZSCORE = 1,     /**< (x - mean) / sd, sd with n - 1 */
    RM_RANK = 2,       /**< ascending, ties the lowest number */
    RM_PERCENTILE = 3, /**< (rank - 1) / (n - 1), ties averaged */
    RM_FIXED = 4       /**< (x - lower) / (upper - lower), kept within 0..1 */
};

/**
 * scaled[i] from values[i]; may be the same array. direction: +1 or -1. lower and upper: bounds of
 * RM_FIXED, lower < upper; not looked at otherwise. One value everywhere gives NaN everywhere.
 * progress may be NULL.
 */
RM_API rm_status rm_scale_values(double *scaled, const double *values, int64_t count,
                                 int32_t method, int32_t direction, double lower, double upper,
                                 rm_progress_fn progress, void *progress_user, rm_error *err);

/**
 * Weighted mean of `indicators` arrays scaled[k][count], over the indicators present: linear
 * (geometric = 0) sum w s / sum w, or exp(sum w ln s / sum w) with s raised to at least `floor`.
 * Areas whose weight present is below min_coverage of the whole get NaN.
 */
RM_API rm_status rm_combine(double *score, const double *const *scaled, const double *weight,
                            int32_t indicators, int64_t count, int32_t geometric,
                            double min_coverage, double floor, rm_error *err);

/** rank[i]: 1 for the highest, ties the lowest number, 0 for NaN. */
RM_API rm_status rm_ranks(int32_t *rank, const double *score, int64_t count, rm_error *err);

#ifdef __cplusplus
}
#endif
#endif
