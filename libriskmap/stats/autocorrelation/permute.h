/* Conditional permutations of lattice data: each item keeps its value, and as many values as it has
 * neighbours are drawn for them, without replacement, from all the others. */
#ifndef RM_STATS_PERMUTE_H
#define RM_STATS_PERMUTE_H

#include "base/parallel.h"
#include "riskmap/autocorrelation.h"
#include "stats/autocorrelation/lattice.h"

/* What came of them, [items] each. The sum is that over an item's neighbours of weight times z,
 * weights as given. 0 and NaN for items without neighbours. */
typedef struct rm_permuted {
    int32_t *larger;   /* permuted sums at least as large as the observed one */
    int32_t *smaller;  /* at most as large: equal ones are in both */
    int32_t *drawn;    /* permutations made */
    double *mean, *sd; /* of the permuted sums; sd with drawn - 1. NULL when not asked for */
} rm_permuted;
void rm_permuted_clear(rm_permuted *permuted);

/* By draws, seed, permutations and threads of `options`. A draw depends on seed, item and number
 * alone. moments: mean and sd too. */
rm_status rm_permute(rm_permuted *out, const rm_lattice *lattice,
                     const rm_autocorrelation_options *options, bool moments, rm_progress *progress,
                     rm_error *err);

typedef struct rm_permuted_p {
    double ge, le, folded, two_sided;
} rm_permuted_p;
/* NaN when nothing was drawn. */
rm_permuted_p rm_permuted_p_of(int64_t larger, int64_t smaller, int64_t drawn);

#endif
