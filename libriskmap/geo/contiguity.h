/* Which polygons lie against each other. */
#ifndef RM_GEO_CONTIGUITY_H
#define RM_GEO_CONTIGUITY_H

#include "base/parallel.h"
#include "base/weights.h"
#include "data/geometry.h"

#include "riskmap/weights.h"

/* kind: RM_CONTIGUITY_QUEEN or RM_CONTIGUITY_ROOK, as riskmap/weights.h defines them; tolerance in
 * units of the coordinates, finite and not below 0. Symmetric weights of 1, the same for any number
 * of threads. Features without geometry have no neighbours; RM_EDATA with the row for points and
 * lines. */
rm_status rm_contiguity(rm_weights *out, const rm_geometry *areas, int32_t kind, double tolerance,
                        int threads, rm_progress *progress, rm_error *err);

#endif
