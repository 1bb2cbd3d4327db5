/* Exact distances between segments, on doubles. */
#ifndef RM_GEO_DISTANCE_H
#define RM_GEO_DISTANCE_H

#include "data/geometry.h"
#include "geo/robust.h"

#include <math.h>

/* Squared distances are in square units of the CRS and carry the rounding of a few operations.
 * Where "0 exactly" is said, touching is decided by rm_orient. */

/* Squared distance between two boxes that are not empty; 0 when they touch. */
static inline double rm_box_distance2(rm_box a, rm_box b)
{
    double dx = rm_max(rm_max(a.xmin - b.xmax, b.xmin - a.xmax), 0.0);
    double dy = rm_max(rm_max(a.ymin - b.ymax, b.ymin - a.ymax), 0.0);

    return dx * dx + dy * dy;
}

static inline rm_box rm_segment_box(double ax, double ay, double bx, double by)
{
    return (rm_box){rm_min(ax, bx), rm_min(ay, by), rm_max(ax, bx), rm_max(ay, by)};
}

/* From point p to segment a-b, which may be of length 0. */
static inline double rm_point_segment_distance2(double px, double py, double ax, double ay,
                                                double bx, double by)
{
    double ux = bx - ax, uy = by - ay, vx = px - ax, vy = py - ay;
    double along = ux * vx + uy * vy, length2 = ux * ux + uy * uy;

    if (!(along > 0.0))
        return vx * vx + vy * vy;
    if (!(along < length2)) {
        vx = px - bx;
        vy = py - by;
        return vx * vx + vy * vy;
    }
    if (ux == 0.0 || uy == 0.0) /* no rounding where none is needed: rectangles abound */
        return ux == 0.0 ? vx * vx : vy * vy;
    double across = rm_orient(ax, ay, bx, by, px, py);
    return across * across / length2;
}

/* The least squared distance from point p to the edges between `edges` + 1 coordinates in a row,
 * and from `count` points to segment a-b, at least one of them: the least, to the last bit, of what
 * rm_point_segment_distance2 gives, several at a time. */
double rm_point_path_distance2(double px, double py, const double *x, const double *y,
                               int32_t edges);
double rm_points_segment_distance2(const double *x, const double *y, int32_t count, double ax,
                                   double ay, double bx, double by);

/* Whether the closed segments a-b and c-d have a point in common; either may be of length 0. */
bool rm_segments_touch(double ax, double ay, double bx, double by, double cx, double cy, double dx,
                       double dy);
/* Squared distance between the closed segments a-b and c-d; 0 exactly when they touch. */
double rm_segment_distance2(double ax, double ay, double bx, double by, double cx, double cy,
                            double dx, double dy);

#endif
