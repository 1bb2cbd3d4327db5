/* Which evidence lies in which areas. The areas stay, the evidence streams past. */
#ifndef RM_GEO_JOIN_H
#define RM_GEO_JOIN_H

#include "base/progress.h"
#include "data/geometry.h"

/* Areas made ready for joins: a uniform grid whose cells know "wholly in area a" or hold a short
 * list of candidates, and per area its edges by rows (y bands), so that a point meets about ten
 * edges. Read-only after building: any number of threads may join at once. Borrows the geometry.
 * Area features that are no polygons are never hit by points (points and lines as areas: use
 * within). Progress ticks (rm_progress_tick). */
typedef struct rm_join rm_join;
rm_status rm_join_build(rm_join **out, const rm_geometry *areas, int threads, rm_progress *progress,
                        rm_error *err);
void rm_join_free(rm_join *join);
/* Extent of all areas. */
rm_box rm_join_extent(const rm_join *join);

typedef struct rm_hit {
    int32_t area;
    int32_t row;
} rm_hit;
typedef struct rm_hits {
    rm_hit *items;
    int64_t count, capacity;
} rm_hits;
void rm_hits_clear(rm_hits *hits);

/* Appends a hit for every area that a point lies in; areas are closed, so their border counts. Rows
 * with skip[row] != 0 or NaN coordinates are passed over. Hits come in no fixed order, each once.
 */
rm_status rm_join_points(const rm_join *join, const double *x, const double *y, const uint8_t *skip,
                         int64_t count, rm_hits *hits, rm_error *err);
/* The same for any number of points, a batch at a time: fn gets the hits of each, whose rows count
 * from `first`. Progress (may be NULL) ticks with the message before every batch. Ends at the first
 * status of fn that is not RM_OK. */
typedef rm_status (*rm_join_hits_fn)(void *context, int64_t first, const rm_hit *hits,
                                     int64_t count, rm_error *err);
rm_status rm_join_each(const rm_join *join, const double *x, const double *y, int64_t count,
                       rm_progress *progress, const char *message, rm_join_hits_fn fn,
                       void *context, rm_error *err);
/* Hits for every area that a feature (point, line, polygon) touches, the border included. */
rm_status rm_join_touching(const rm_join *join, const rm_geometry *evidence, const uint8_t *skip,
                           rm_hits *hits, rm_error *err);
/* Hits for every area within `metres` of a point (exact distance, 0 inside; <= counts). */
rm_status rm_join_within(const rm_join *join, const double *x, const double *y, const uint8_t *skip,
                         int64_t count, double metres, rm_hits *hits, rm_error *err);
/* As within, for features of any kind, by their exact distance to the area. */
rm_status rm_join_touching_within(const rm_join *join, const rm_geometry *evidence,
                                  const uint8_t *skip, double metres, rm_hits *hits, rm_error *err);

typedef enum rm_side { RM_OUTSIDE, RM_BORDER, RM_INSIDE } rm_side;
/* Where a point lies with regard to one polygon feature, by all its edges and
 * the exact predicate. */
rm_side rm_point_in_polygon(const rm_geometry *geometry, int64_t feature, double x, double y);

#endif
