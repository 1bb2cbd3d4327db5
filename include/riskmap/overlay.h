/* Laying evidence over areas: the kernels behind the indicators, on layers. Part of riskmap.h.
 *
 * Both layers must be in the same projected CRS (RM_ECRS when they state different ones; not
 * checked when one states none). Arrays have one entry per feature of `areas`. threads: 0 takes all
 * cores; the outcome does not depend on it. Coordinates must be below 1e7 in size for the stated
 * precision. */
#ifndef RISKMAP_OVERLAY_H
#define RISKMAP_OVERLAY_H

#include "riskmap/layer.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * counts[area] = how many features lie in it; lines and polygons by a point on their surface. Areas
 * are closed and may overlap: a point on a shared border counts in both. Areas that are no polygons
 * get 0. Decided by exact arithmetic.
 */
RM_API rm_status rm_count_in_areas(int64_t *counts, const rm_layer *areas, const rm_layer *evidence,
                                   int32_t threads, rm_error *err);

/**
 * m2[area] = area of the union of polygon evidence inside it, in square units of the CRS; relative
 * error about 1e-12. With sum_overlaps not 0, evidence that overlaps itself counts as often as it
 * does (a sum of intersection areas).
 */
RM_API rm_status rm_cover_of_areas(double *m2, const rm_layer *areas, const rm_layer *evidence,
                                   int32_t sum_overlaps, int32_t threads, rm_error *err);

/**
 * metres[area] = distance from each feature of `areas` (point, line or polygon) to the nearest
 * feature of evidence; 0 when they touch or one holds the other, NaN without geometry or without
 * evidence.
 */
RM_API rm_status rm_nearest_to_areas(double *metres, const rm_layer *areas,
                                     const rm_layer *evidence, int32_t threads, rm_error *err);

#ifdef __cplusplus
}
#endif
#endif
