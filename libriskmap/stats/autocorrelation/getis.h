/* Getis and Ord's G, of the whole map and of each item. Definitions and outputs: see
 * riskmap/autocorrelation.h. */
#ifndef RM_STATS_GETIS_H
#define RM_STATS_GETIS_H

#include "base/parallel.h"
#include "riskmap/autocorrelation.h"
#include "stats/autocorrelation/lattice.h"

/* Options as in stats/autocorrelation/moran.h. */
rm_status rm_getis_global(rm_global *out, const rm_lattice *lattice,
                          const rm_autocorrelation_options *options, rm_progress *progress,
                          rm_error *err);
rm_status rm_getis_local(const rm_local_out *out, const rm_lattice *lattice, bool star,
                         const rm_autocorrelation_options *options, rm_progress *progress,
                         rm_error *err);

#endif
