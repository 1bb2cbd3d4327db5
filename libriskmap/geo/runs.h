/* Features as short runs of segments, in an order in which neighbours lie near one another. */
#ifndef RM_GEO_RUNS_H
#define RM_GEO_RUNS_H

#include "base/progress.h"
#include "data/geometry.h"

enum { RM_RUN_SEGMENTS = 8, RM_RUN_ROOM = RM_RUN_SEGMENTS + 2, RM_AHEAD = 16 };

/* A few segments in a row of one ring or line, or a single point. */
typedef struct rm_segment_run {
    int32_t begin; /* its first coordinate */
    int32_t feature;
    uint8_t points;
    bool first; /* of its part: it stands for the part where "inside or not" is the question */
    bool whole; /* it is all of a polygon, and so tells what is inside */
} rm_segment_run;

/* The runs of all features with copies of their coordinates, both in the order of rm_order_nearby,
 * so that what is looked for together lies together in memory. Start with {0}. */
typedef struct rm_runs {
    rm_segment_run *items; /* begin counts in x and y */
    rm_box *boxes;
    double *x,
        *y; /* RM_RUN_ROOM may be read from any coordinate on, so that loops are of one length */
    double size; /* of no coordinate more than this */
    int64_t count;
} rm_runs;

/* Progress ticks. */
rm_status rm_runs_build(rm_runs *runs, const rm_geometry *geometry, int threads,
                        rm_progress *progress, rm_error *err);
void rm_runs_clear(rm_runs *runs);

/* The runs of one feature in the coordinates of its geometry, of at most `longest` segments (below
 * 255). */
int64_t rm_runs_of_feature(const rm_geometry *geometry, int64_t feature, int32_t longest);
void rm_runs_write(const rm_geometry *geometry, int64_t feature, int32_t longest,
                   rm_segment_run *items, rm_box *boxes);
/* A polygon that is one run of rm_runs. */
bool rm_is_one_run(const rm_geometry *geometry, int64_t feature);

/* order[i] = a feature, those at a small distance at a small distance in order, too.
 * Progress ticks. */
rm_status rm_order_nearby(int32_t **order, const rm_geometry *geometry, int threads,
                          rm_progress *progress, rm_error *err);

/* That order jumps about in memory: asks now for the coordinates of a feature that comes RM_AHEAD
 * places later. */
static inline void rm_fetch_ahead(const rm_geometry *geometry, int64_t feature)
{
#if defined(__GNUC__)
    if (geometry->kind[feature] != RM_KIND_NONE) {
        int32_t begin = geometry->ring_point[geometry->part_ring[geometry->feature_part[feature]]];

        __builtin_prefetch(geometry->x + begin);
        __builtin_prefetch(geometry->y + begin);
    }
#else
    (void)geometry;
    (void)feature;
#endif
}

#endif
