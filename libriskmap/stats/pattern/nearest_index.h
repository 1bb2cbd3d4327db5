/* The nearest other point of every point, and what the mean distance says about the pattern. */
#ifndef RM_STATS_NEAREST_INDEX_H
#define RM_STATS_NEAREST_INDEX_H

#include "base/parallel.h"
#include "stats/window.h"

/* What a point is nearest to. */
typedef struct rm_near {
    double distance, second; /* second: NaN where there are 2 points */
    int32_t nearest;         /* of those equally near the lowest row */
} rm_near;

/* Of each point, by its row; either may be NULL. RM_EDATA with fewer than 2 points. On failure they
 * hold anything. */
rm_status rm_nearest_points(rm_near *near, double *distance, const double *x, const double *y,
                            int64_t count, int threads, rm_progress *progress, rm_error *err);

/* From the distances. perimeter = 0: no correction, NaN; and NaN for what rm_nearest_cdf adds. */
rm_status rm_nearest_judge(rm_nearest_result *out, const double *distance, int64_t count,
                           double area, double perimeter, rm_progress *progress, rm_error *err);

/* The members cdf_mean and cdf_ratio of *out, which the distances made. steps: 0 or a grid. */
rm_status rm_nearest_cdf(rm_nearest_result *out, const double *distance, const double *x,
                         const double *y, const rm_window *window, int32_t steps, int threads,
                         rm_progress *progress, rm_error *err);

#endif
