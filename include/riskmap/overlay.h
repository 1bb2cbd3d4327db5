/* Laying evidence over areas: the kernels behind the indicators, on layers. Part of riskmap.h.
 *
 * Both layers must be in the same projected CRS: RM_ECRS when they state different ones, and where
 * something is measured when its coordinates are not metres; not checked where none is stated.
 * Arrays have one entry per feature of `areas`, and are untouched on failure. Coordinates must be
 * below 1e7 in size for the stated precision. All may return RM_EINVAL, RM_ECRS, RM_ELIMIT,
 * RM_ECANCELLED and RM_ENOMEM. */
#ifndef RISKMAP_OVERLAY_H
#define RISKMAP_OVERLAY_H

#include "riskmap/layer.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Options of laying over; NULL for all of it. Begin with RM_OVERLAY_OPTIONS_INIT or
 * rm_overlay_options_init. */
typedef struct rm_overlay_options {
    uint32_t size;   /**< sizeof(rm_overlay_options) */
    int32_t threads; /**< 0: as many as there are cores; the outcome is the same */
    /** Called about every 0.05 s and at least every 0.1 s, unless an area and a feature alone take
     * longer: with a million coordinates on either side they may. */
    rm_progress_fn progress;
    void *progress_user;
} rm_overlay_options;
/* clang-format off */
#define RM_OVERLAY_OPTIONS_INIT {sizeof(rm_overlay_options), 0, NULL, NULL}
/* clang-format on */
RM_API void rm_overlay_options_init(rm_overlay_options *options);

/**
 * counts[area] = how many features lie in it; lines and polygons by a point on their surface. Areas
 * are closed and may overlap: a point on a shared border counts in both. Areas that are no polygons
 * get 0. Decided by exact arithmetic.
 */
RM_API rm_status rm_count_in_areas(int64_t *counts, const rm_layer *areas, const rm_layer *evidence,
                                   const rm_overlay_options *options, rm_error *err);

/**
 * m2[area] = area of the union of polygon evidence inside it, in square units of the CRS; relative
 * error about 1e-12. With sum_overlaps not 0, evidence that overlaps itself counts as often as it
 * does (a sum of intersection areas).
 */
RM_API rm_status rm_cover_of_areas(double *m2, const rm_layer *areas, const rm_layer *evidence,
                                   int32_t sum_overlaps, const rm_overlay_options *options,
                                   rm_error *err);

/**
 * metres[area] = distance from each feature of `areas` (point, line or polygon) to the nearest
 * feature of evidence; 0 when they touch or one holds the other, NaN without geometry or without
 * evidence.
 */
RM_API rm_status rm_nearest_to_areas(double *metres, const rm_layer *areas,
                                     const rm_layer *evidence, const rm_overlay_options *options,
                                     rm_error *err);

#ifdef __cplusplus
}
#endif
#endif
