/* Moran's I, of the whole map and of each item, and Geary's C. Definitions and outputs: see
 * riskmap/autocorrelation.h. */
#ifndef RM_STATS_MORAN_H
#define RM_STATS_MORAN_H

#include "base/parallel.h"
#include "riskmap/autocorrelation.h"
#include "stats/autocorrelation/lattice.h"

/* Sums over all links of weights in a style. */
typedef struct rm_link_sums {
    double s0, s1, s2;
    double cross;    /* sum of w_ij z_i z_j */
    double contrast; /* sum of w_ij (z_i - z_j)^2 */
    double product;  /* sum of w_ij x_i x_j, x in units of `unit` */
} rm_link_sums;
rm_status rm_sum_links(rm_link_sums *out, const rm_lattice *lattice, int32_t style, double unit,
                       int threads, rm_progress *progress, rm_error *err);

/* The statistic with its z and p: z = (statistic - expected) / sqrt(variance), NaN for variance 0.
 */
rm_global rm_global_of(double statistic, double expected, double variance, const rm_link_sums *sums,
                       const rm_lattice *lattice);

/* Of `options` these look at style, assumption, scale, variance, draws, permutations, threads and
 * seed, all within their range. */
rm_status rm_moran_global(rm_global *out, const rm_lattice *lattice,
                          const rm_autocorrelation_options *options, rm_progress *progress,
                          rm_error *err);
rm_status rm_geary_global(rm_global *out, const rm_lattice *lattice,
                          const rm_autocorrelation_options *options, rm_progress *progress,
                          rm_error *err);
rm_status rm_moran_local(const rm_local_out *out, const rm_lattice *lattice,
                         const rm_autocorrelation_options *options, rm_progress *progress,
                         rm_error *err);

#endif
