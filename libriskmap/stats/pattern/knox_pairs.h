/* Listing the pairs of events that are close in space. */
#ifndef RM_STATS_KNOX_PAIRS_H
#define RM_STATS_KNOX_PAIRS_H

#include "base/parallel.h"
#include "stats/pattern/knox.h"
#include "stats/pattern/pairs.h"

#include <math.h>

enum { RM_MOST_PAIRS = 1 << 28, RM_PAIRS_A_TICK = 1 << 18 };

/* Pairs as places in the order of the strips, band after band. Zero it first. */
typedef struct rm_close_pairs {
    int32_t (*pair)[2];
    int64_t *begin; /* [bands + 1]: where each band begins */
} rm_close_pairs;

/* The pairs with edge[0] <= d < edge[bands], in finite bands; bands may be 0. strips were made with
 * a reach of edge[bands]. RM_ELIMIT above 2^28 pairs. */
rm_status rm_close_pairs_list(rm_close_pairs *out, const rm_strips *strips, const double *edge,
                              int32_t bands, int32_t metric, int threads, rm_progress *progress,
                              rm_error *err);
void rm_close_pairs_clear(rm_close_pairs *pairs);

static inline double rm_distance(double dx, double dy, int32_t metric)
{
    return metric == RM_MANHATTAN ? fabs(dx) + fabs(dy) : sqrt(dx * dx + dy * dy);
}

static inline double rm_pair_distance(const rm_strips *s, int64_t i, int64_t j, int32_t metric)
{
    return rm_distance(s->x[i] - s->x[j], s->y[i] - s->y[j], metric);
}

/* RM_EINVAL for bands that are none, too many, not ascending, negative or NaN. what: "distance" or
 * "day". */
rm_status rm_bands_check(rm_knox_bands bands, const char *what, rm_error *err);
/* RM_EINVAL with its row for a missing day. */
rm_status rm_days_check(const rm_events *events, rm_error *err);

#endif
