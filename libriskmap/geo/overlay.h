/* Areas of intersection, straight from the flat rings. Nothing is constructed: both outlines are
 * cut into horizontal slabs between the heights where something changes and the lengths inside are
 * integrated, so near-coincident edges cost only the sliver between them. */
#ifndef RM_GEO_OVERLAY_H
#define RM_GEO_OVERLAY_H

#include "base/parallel.h"
#include "geo/join.h"

/* Calls pair(area, feature, m2) for every area and polygon feature of evidence whose interiors meet
 * (m2 > 0; slivers no larger than the rounding of the coordinates do not count), from worker
 * threads, `worker` telling which; a feature wholly in an area by the join's grid is taken without
 * cutting. Order is not fixed. */
typedef rm_status (*rm_pair_fn)(void *context, int worker, int32_t area, int32_t feature, double m2,
                                rm_error *err);
rm_status rm_overlay_pairs(const rm_join *join, const rm_geometry *evidence, int threads,
                           rm_pair_fn pair, void *context, rm_progress *progress, rm_error *err);

/* The area of the union of polygon evidence inside each area: evidence is clipped to the areas'
 * boxes as it streams by and kept as loose edges, memory for what lies in areas alone. add may be
 * called by several threads at once (it locks inside), each with threads = 1 and its own progress
 * or none; rows with skip[row] != 0 (skip may be NULL) are passed over. finish is called once: m2
 * and the number of features that overlap with a positive area, per area. */
typedef struct rm_cover rm_cover;
rm_status rm_cover_new(rm_cover **out, const rm_join *join, rm_error *err);
rm_status rm_cover_add(rm_cover *cover, const rm_geometry *evidence, const uint8_t *skip,
                       int threads, rm_progress *progress, rm_error *err);
rm_status rm_cover_finish(rm_cover *cover, double *m2, int64_t *features, int threads,
                          rm_progress *progress, rm_error *err);
void rm_cover_free(rm_cover *cover);

/* Pairs of areas whose interiors overlap by more than tolerance m2 (each pair once, a < b). The
 * areas are valid polygons; what is none may be missed. */
rm_status rm_overlay_self(const rm_join *join, double tolerance, int threads, rm_pair_fn pair,
                          void *context, rm_progress *progress, rm_error *err);

/* Buffers polygon features by metres through GEOS (64 segments a quadrant) into out, one feature
 * each; RM_KIND_NONE for what is no polygon or vanishes under a negative buffer. out is replaced,
 * and untouched on failure. Used for cover and density with within_m. */
rm_status rm_buffer(rm_geometry *out, const rm_geometry *areas, double metres, int threads,
                    rm_error *err);

#endif
