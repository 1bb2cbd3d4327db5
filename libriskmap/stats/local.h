/* What local Moran and local G have in common: writing the caller's arrays. */
#ifndef RM_STATS_LOCAL_H
#define RM_STATS_LOCAL_H

#include "riskmap/autocorrelation.h"
#include "stats/permute.h"

typedef struct rm_local_item {
    double statistic, expected, variance, z;
    rm_permuted_p p;
    double permuted_mean, permuted_sd;
    uint8_t quadrant;
} rm_local_item;

rm_local_item rm_local_item_none(uint8_t quadrant); /* NaN all over */
/* Whether the caller wants anything that takes permutations. */
bool rm_local_wants_permutations(const rm_local_out *out);
bool rm_local_wants_moments(const rm_local_out *out); /* of the permutations */
/* NaN in every row, and the two numbers. */
void rm_local_begin(const rm_local_out *out, const rm_lattice *lattice);
void rm_local_put(const rm_local_out *out, int64_t row, const rm_local_item *item);

#endif
