/* Ripley's K in a study area, and what complete randomness makes of it. */
#ifndef RM_STATS_RIPLEY_H
#define RM_STATS_RIPLEY_H

#include "base/parallel.h"
#include "stats/window.h"

/* What is asked for. Borrowed. */
typedef struct rm_ripley {
    const double *r; /* ascending, not negative */
    int64_t r_count;
    const rm_window *window;
    int32_t correction; /* RM_RIPLEY_NONE.. */
    double max_weight;
} rm_ripley;

/* RM_EINVAL for distances that are missing, negative, not finite or not ascending, an unknown
 * correction, a largest weight below 1. */
rm_status rm_ripley_check(const rm_ripley *how, rm_error *err);

/* k[r_count]. RM_EDATA with fewer than 2 points, RM_EINVAL with its row for one outside. */
rm_status rm_ripley_curve(double *k, const rm_ripley *how, const double *x, const double *y,
                          int64_t count, int threads, rm_progress *progress, rm_error *err);

/* Simulated patterns of `count` points. low and high [r_count] are the rank-th lowest and highest L
 * at each r; out is judged against `observed`, the points' own L. */
typedef struct rm_ripley_runs {
    int32_t simulations, rank;
    uint64_t seed;
    int threads;
} rm_ripley_runs;
rm_status rm_ripley_simulate(rm_ripley_result *out, double *low, double *high,
                             const double *observed, int64_t count, const rm_ripley *how,
                             const rm_ripley_runs *runs, rm_progress *progress, rm_error *err);

/* sqrt(k / pi), which may be the same array. */
void rm_ripley_l(double *l, const double *k, int64_t count);

#endif
