/* Directed segments, with what is above a level on their left, put together to polygons. */
#ifndef RM_IO_RASTER_CONTOUR_RINGS_H
#define RM_IO_RASTER_CONTOUR_RINGS_H

#include "base/progress.h"
#include "data/geometry.h"

/* Where a segment begins or ends; the same place has the same key, whoever comes upon it. */
typedef struct rm_contour_point {
    int64_t key;
    double x, y;
    bool corner; /* of a cell: may lie within a straight border */
} rm_contour_point;

typedef struct rm_contour_rings {
    int64_t points;
    rm_contour_point *point; /* [points] */
    int32_t *next;           /* [points] where the segment from a point leads; -1: not known yet */
    int64_t point_capacity, next_capacity;
    int32_t *slot; /* hash of keys: index of a point, or -1 */
    int64_t slots; /* a power of 2 */
    int64_t segments;
    int32_t *from;   /* [segments] the point it starts from, square after square */
    int32_t *square; /* [segments] column of its square */
    int32_t *row;    /* [segments] row of its square */
    int64_t from_capacity, square_capacity, row_capacity;
    rm_progress *progress; /* ticks in what takes long, and hears how far rm_contour_finish is; may
                              be NULL */
} rm_contour_rings;

#define RM_CONTOUR_MESSAGE "contours"

rm_status rm_contour_add(rm_contour_rings *rings, const rm_contour_point *from,
                         const rm_contour_point *to, int64_t row, int64_t column, rm_error *err);
/* Adds the feature; the segments must close. */
rm_status rm_contour_finish(rm_geometry *out, const rm_contour_rings *rings, rm_error *err);
/* Empties, keeps the memory. */
rm_status rm_contour_reset(rm_contour_rings *rings, rm_error *err);
void rm_contour_clear(rm_contour_rings *rings);

#endif
