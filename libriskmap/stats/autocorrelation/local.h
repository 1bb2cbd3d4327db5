/* What local Moran and local G have in common: filling the caller's arrays. */
#ifndef RM_STATS_LOCAL_H
#define RM_STATS_LOCAL_H

#include "riskmap/autocorrelation.h"
#include "stats/autocorrelation/permute.h"

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
/* What an item of the lattice comes to; called by any thread. */
typedef rm_local_item (*rm_local_fn)(const void *context, int64_t item);
/* Writes what the caller wants of every item, NaN in rows without a value, and the two numbers. */
rm_status rm_local_write(const rm_local_out *out, const rm_lattice *lattice, rm_local_fn of,
                         const void *context, int threads, rm_error *err);

#endif
