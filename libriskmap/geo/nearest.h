/* The distance from areas to the nearest evidence. */
#ifndef RM_GEO_NEAREST_H
#define RM_GEO_NEAREST_H

#include "base/parallel.h"
#include "data/geometry.h"

/* distance[area] = least distance in metres between area (point, line or polygon) and any feature
 * of evidence (any kind); 0 when they touch or one holds the other. NaN for areas without geometry
 * and when there is no evidence at all. Packed R-tree over runs of segments; exact on doubles.
 * which (may be NULL) gets the nearest feature (the lowest number among equals), -1 where NaN. */
rm_status rm_nearest_distances(double *distance, int32_t *which, const rm_geometry *areas,
                               const rm_geometry *evidence, int threads, rm_progress *progress,
                               rm_error *err);

#endif
