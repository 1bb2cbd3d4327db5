/* The edges of large polygon features by rows, so that a window or a point meets few of them. */
#ifndef RM_GEO_BANDS_H
#define RM_GEO_BANDS_H

#include "geo/join.h"
#include "geo/slab.h"

/* Rows of one feature: as high as its edges are on average, so an edge stands in about two. */
typedef struct rm_band_head {
    double bottom, scale; /* row of y = (y - bottom) * scale, kept within the rows */
    int64_t first_row;
    int32_t rows;
} rm_band_head;

/* Start with {0}. Borrows the geometry. Features of up to 64 edges have no rows: reading all of
 * them is as fast. */
typedef struct rm_bands {
    const rm_geometry *geometry;
    int32_t *head_of; /* [features] number of the head, or -1; NULL when no feature is large */
    rm_band_head *heads;
    int64_t head_count;
    int64_t *row_start; /* [rows + 1] */
    int32_t *edges;     /* the coordinate that an edge begins at */
} rm_bands;

/* Progress ticks. */
rm_status rm_bands_build(rm_bands *bands, const rm_geometry *geometry, rm_progress *progress,
                         rm_error *err);
void rm_bands_clear(rm_bands *bands);

static inline bool rm_bands_has(const rm_bands *bands, int64_t feature)
{
    return bands->head_of && bands->head_of[feature] >= 0;
}

/* Adds the edges of a feature that matter in the slab's window, as its next owner. */
rm_status rm_bands_feed(const rm_bands *bands, int64_t feature, rm_slab *slab, rm_error *err);
/* As rm_point_in_polygon. */
rm_side rm_bands_side(const rm_bands *bands, int64_t feature, double x, double y);

#endif
