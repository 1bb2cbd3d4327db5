/* The nearest other point of every point, and what the mean distance says about the pattern. */
#ifndef RM_STATS_NEAREST_INDEX_H
#define RM_STATS_NEAREST_INDEX_H

#include "base/parallel.h"
#include "stats/window.h"

/* nearest[i]: the other point nearest to i, of those equally near the lowest; distance[i];
 * second[i]: the distance of the second nearest, NaN where there are 2 points. Each may be NULL.
 * RM_EDATA with fewer than 2 points. */
rm_status rm_nearest_points(int64_t *nearest, double *distance, double *second, const double *x,
                            const double *y, int64_t count, int threads, rm_error *err);

/* From the distances. perimeter = 0: no correction, NaN; and NaN for what rm_nearest_cdf adds. */
rm_status rm_nearest_judge(rm_nearest_result *out, const double *distance, int64_t count,
                           double area, double perimeter, rm_error *err);

/* The members cdf_mean and cdf_ratio of *out, which the distances made. steps: 0 or a grid. */
rm_status rm_nearest_cdf(rm_nearest_result *out, const double *distance, const double *x,
                         const double *y, const rm_window *window, int32_t steps, int threads,
                         rm_error *err);

#endif
