/* A weighted mean of scaled indicators, and what each of them contributed. */
#ifndef RM_STATS_AGGREGATE_H
#define RM_STATS_AGGREGATE_H

#include "base/memory.h"

typedef struct rm_aggregation {
    bool geometric;      /* exp(sum w ln s / sum w) instead of sum w s / sum w */
    bool reweight;       /* over the indicators present; otherwise any missing one gives NaN */
    double min_coverage; /* weight present / total weight below this (by over 1e-12) gives NaN */
    double floor;        /* geometric: scaled values below it count as it; > 0 */
} rm_aggregation;

/* scaled[k][i]: indicator k of area i. contribution[k][i] (contribution and each of its members may
 * be NULL) adds up, over k, to score[i] (geometric: to its logarithm); NaN where the indicator is
 * missing or there is no score. coverage (may be NULL) is weight present / total weight. floored
 * (may be NULL) counts the cells of scored areas that were raised to the floor. Zero weights are
 * allowed, not all of them; an indicator of weight zero contributes 0 and is never missed.
 * RM_EINVAL with its area for an infinite scaled value. Not checked: that scaled values share one
 * range. */
rm_status rm_aggregate(double *score, double *coverage, double *const *contribution,
                       const double *const *scaled, const double *weight, int32_t indicators,
                       int64_t count, const rm_aggregation *options, int64_t *floored,
                       rm_error *err);

/* Rank 1 is the highest; ties take the lowest number, and what differs by no more than the rounding
 * of a sum (1e-12, relative above 1) is tied; NaN gets rank 0. Returns how many are ranked
 * through *ranked (may be NULL). */
rm_status rm_rank_descending(int32_t *rank, const double *score, int64_t count, int64_t *ranked,
                             rm_error *err);

/* class[i] = 1 + the number of breaks <= score, but for rounding as above (so 5 classes for 4
 * ascending breaks); 0 for NaN. */
void rm_classify(int32_t *class_, const double *score, int64_t count, const double *breaks,
                 int32_t break_count);
/* Breaks at the quantiles p (0..1) of the present scores (type 7 of Hyndman and Fan 1996); NaN when
 * none is present. */
rm_status rm_quantiles(double *breaks, const double *p, int32_t break_count, const double *values,
                       int64_t count, rm_error *err);
/* The median of the values that are not NaN; NaN for none. The mean of the middle two when even.
 * Reorders values; takes time linear in count. */
double rm_median(double *values, int64_t count);

#endif
