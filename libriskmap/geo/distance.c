#include "geo/distance.h"

enum { AT_ONCE = 16 };

/* rm_point_segment_distance2 without a branch, so that a loop of it is vectorised. Below 0 where
 * the filter of rm_orient cannot tell the side: there it must be asked. */
static inline double filtered_distance2(double px, double py, double ax, double ay, double bx,
                                        double by)
{
    double ux = bx - ax, uy = by - ay, vx = px - ax, vy = py - ay, wx = px - bx, wy = py - by;
    double along = ux * vx + uy * vy, length2 = ux * ux + uy * uy;
    double left = vx * wy, right = vy * wx, across = left - right;
    double bound = RM_ORIENT_BOUND * (fabs(left) + fabs(right));
    double d2 = across * across / length2;

    d2 = fabs(across) > bound ? d2 : -1.0;
    d2 = uy == 0.0 ? vy * vy : d2;
    d2 = ux == 0.0 ? vx * vx : d2;
    d2 = along < length2 ? d2 : wx * wx + wy * wy;
    return along > 0.0 ? d2 : vx * vx + vy * vy;
}

double rm_point_path_distance2(double px, double py, const double *x, const double *y,
                               int32_t edges)
{
    double best = INFINITY, d2[AT_ONCE];

    for (int32_t done = 0; done < edges; done += AT_ONCE, x += AT_ONCE, y += AT_ONCE) {
        int32_t now = edges - done < AT_ONCE ? edges - done : AT_ONCE;

        for (int32_t i = 0; i < now; i++)
            d2[i] = filtered_distance2(px, py, x[i], y[i], x[i + 1], y[i + 1]);
        for (int32_t i = 0; i < now; i++) {
            if (d2[i] < 0.0)
                d2[i] = rm_point_segment_distance2(px, py, x[i], y[i], x[i + 1], y[i + 1]);
            best = rm_min(d2[i], best);
        }
    }
    return best;
}

double rm_points_segment_distance2(const double *x, const double *y, int32_t count, double ax,
                                   double ay, double bx, double by)
{
    double best = INFINITY, d2[AT_ONCE];

    for (int32_t done = 0; done < count; done += AT_ONCE, x += AT_ONCE, y += AT_ONCE) {
        int32_t now = count - done < AT_ONCE ? count - done : AT_ONCE;

        for (int32_t i = 0; i < now; i++)
            d2[i] = filtered_distance2(x[i], y[i], ax, ay, bx, by);
        for (int32_t i = 0; i < now; i++) {
            if (d2[i] < 0.0)
                d2[i] = rm_point_segment_distance2(x[i], y[i], ax, ay, bx, by);
            best = rm_min(d2[i], best);
        }
    }
    return best;
}

bool rm_segments_touch(double ax, double ay, double bx, double by, double cx, double cy, double dx,
                       double dy)
{
    if (rm_max(ax, bx) < rm_min(cx, dx) || rm_max(cx, dx) < rm_min(ax, bx) ||
        rm_max(ay, by) < rm_min(cy, dy) || rm_max(cy, dy) < rm_min(ay, by))
        return false;

    double c_side = rm_orient(ax, ay, bx, by, cx, cy);
    double d_side = rm_orient(ax, ay, bx, by, dx, dy);
    if ((c_side > 0 && d_side > 0) || (c_side < 0 && d_side < 0))
        return false;
    double a_side = rm_orient(cx, cy, dx, dy, ax, ay);
    double b_side = rm_orient(cx, cy, dx, dy, bx, by);
    /* on one line with touching boxes, or each on both sides of the other */
    return !((a_side > 0 && b_side > 0) || (a_side < 0 && b_side < 0));
}

double rm_segment_distance2(double ax, double ay, double bx, double by, double cx, double cy,
                            double dx, double dy)
{
    if (rm_segments_touch(ax, ay, bx, by, cx, cy, dx, dy))
        return 0.0;
    /* segments apart are nearest at one of the four ends */
    double from_first = rm_min(rm_point_segment_distance2(ax, ay, cx, cy, dx, dy),
                               rm_point_segment_distance2(bx, by, cx, cy, dx, dy));
    double from_second = rm_min(rm_point_segment_distance2(cx, cy, ax, ay, bx, by),
                                rm_point_segment_distance2(dx, dy, ax, ay, bx, by));
    return rm_min(from_first, from_second);
}
