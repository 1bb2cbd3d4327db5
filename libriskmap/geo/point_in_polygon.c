#include "geo/join_index.h"
#include "geo/robust.h"

#include <math.h>

/* Heights are taken half open, so that a vertex at the point's own height counts once. */
bool rm_cross_edges(const double *x, const double *y, int32_t count, double px, double py,
                    unsigned *crossings)
{
    for (int32_t i = 0; i < count; i++) {
        double ax = x[i], ay = y[i], bx = x[i + 1], by = y[i + 1];

        if ((ay > py) == (by > py)) {
            /* a point on such an edge is its start, or lies on a horizontal edge */
            if (ay == py && (ax == px || (by == py && (ax < px) == (px < bx))))
                return true;
            continue;
        }
        if (ax > px && bx > px) {
            *crossings += 1;
        } else if (!(ax < px && bx < px)) {
            double side = rm_orient(ax, ay, bx, by, px, py);

            if (side == 0.0)
                return true;
            *crossings += (side > 0.0) == (by > ay);
        }
    }
    return false;
}

rm_side rm_point_in_polygon(const rm_geometry *geometry, int64_t feature, double x, double y)
{
    int32_t ring = geometry->part_ring[geometry->feature_part[feature]];
    int32_t end = geometry->part_ring[geometry->feature_part[feature + 1]];
    unsigned crossings = 0;

    for (; ring < end; ring++) {
        int32_t begin = geometry->ring_point[ring];
        int32_t count = geometry->ring_point[ring + 1] - begin - 1;

        if (rm_cross_edges(geometry->x + begin, geometry->y + begin, count, x, y, &crossings))
            return RM_BORDER;
    }
    return crossings & 1 ? RM_INSIDE : RM_OUTSIDE;
}

/* The same count without a branch for each edge, by the filter of rm_orient alone. True when it is
 * sure of every edge. */
static bool count_crossings(const double *x, const double *y, int32_t count, double px, double py,
                            unsigned *crossings)
{
    unsigned crossed = 0, unsure = 0;

    for (int32_t i = 0; i < count; i++) {
        double left = (x[i] - px) * (y[i + 1] - py), right = (y[i] - py) * (x[i + 1] - px);
        double det = left - right;
        double bound = RM_ORIENT_BOUND * (fabs(left) + fabs(right));
        unsigned above = y[i] > py, next_above = y[i + 1] > py;
        unsigned straddles = above ^ next_above;

        crossed += straddles & ((det > 0.0) ^ above);
        unsure |= (straddles & !(fabs(det) > bound)) | (y[i] == py);
    }
    *crossings += crossed;
    return !unsure;
}

rm_side rm_band_side(const rm_geometry *areas, const rm_edge_run *runs, int32_t count, double x,
                     double y)
{
    unsigned crossings = 0;
    bool sure = true;

    for (int32_t i = 0; i < count && sure; i++)
        sure = count_crossings(areas->x + runs[i].start, areas->y + runs[i].start, runs[i].count, x,
                               y, &crossings);
    if (sure)
        return crossings & 1 ? RM_INSIDE : RM_OUTSIDE;
    crossings = 0;
    for (int32_t i = 0; i < count; i++) {
        if (rm_cross_edges(areas->x + runs[i].start, areas->y + runs[i].start, runs[i].count, x, y,
                           &crossings))
            return RM_BORDER;
    }
    return crossings & 1 ? RM_INSIDE : RM_OUTSIDE;
}
