#include "geo/distance.h"

#include "geo/join.h"

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

/* One ring of a feature: its coordinates and its box. A single point is one segment of length 0. */
typedef struct path {
    const double *x, *y;
    int32_t segments;
    int32_t step; /* 1, or 0 for a single point */
    rm_box box;
} path;

static path path_of_ring(const rm_geometry *geometry, int32_t ring)
{
    int32_t begin = geometry->ring_point[ring], count = geometry->ring_point[ring + 1] - begin;
    path p = {geometry->x + begin, geometry->y + begin, count > 1 ? count - 1 : count, count > 1,
              RM_BOX_EMPTY};

    if (count > 0)
        p.box = (rm_box){p.x[0], p.y[0], p.x[0], p.y[0]};
    for (int32_t i = 1; i < count; i++) {
        p.box.xmin = rm_min(p.box.xmin, p.x[i]);
        p.box.ymin = rm_min(p.box.ymin, p.y[i]);
        p.box.xmax = rm_max(p.box.xmax, p.x[i]);
        p.box.ymax = rm_max(p.box.ymax, p.y[i]);
    }
    return p;
}

/* The least of best and the squared distances between segment a-b and the segments of a path. */
static double segment_to_path(double ax, double ay, double bx, double by, const path *other,
                              double best)
{
    rm_box box = rm_segment_box(ax, ay, bx, by);

    if (!(rm_box_distance2(box, other->box) <= best))
        return best;
    for (int32_t j = 0; j < other->segments; j++) {
        const double *x = other->x + j, *y = other->y + j;
        double cx = x[0], cy = y[0], dx = x[other->step], dy = y[other->step];

        if (!(rm_box_distance2(box, rm_segment_box(cx, cy, dx, dy)) <= best))
            continue;
        best = rm_min(best, rm_segment_distance2(ax, ay, bx, by, cx, cy, dx, dy));
        if (best == 0.0)
            break;
    }
    return best;
}

static double path_to_path(const path *a, const path *b, double best)
{
    if (!(rm_box_distance2(a->box, b->box) <= best))
        return best;
    for (int32_t i = 0; i < a->segments && best > 0.0; i++)
        best = segment_to_path(a->x[i], a->y[i], a->x[i + a->step], a->y[i + a->step], b, best);
    return best;
}

static void feature_rings(const rm_geometry *geometry, int64_t feature, int32_t *begin,
                          int32_t *end)
{
    *begin = geometry->part_ring[geometry->feature_part[feature]];
    *end = geometry->part_ring[geometry->feature_part[feature + 1]];
}

/* Whether the polygon holds the first coordinate of a part of the other: without a crossing of
 * outlines that is the only way to have a point in common. */
static bool polygon_holds_part(const rm_geometry *polygon, int64_t feature,
                               const rm_geometry *other, int64_t other_feature)
{
    rm_box box = rm_geometry_box(polygon, feature);

    for (int32_t part = other->feature_part[other_feature];
         part < other->feature_part[other_feature + 1]; part++) {
        int32_t point = other->ring_point[other->part_ring[part]];
        double x = other->x[point], y = other->y[point];

        if (x < box.xmin || x > box.xmax || y < box.ymin || y > box.ymax)
            continue;
        if (rm_point_in_polygon(polygon, feature, x, y) != RM_OUTSIDE)
            return true;
    }
    return false;
}

double rm_feature_distance2(const rm_geometry *a, int64_t fa, const rm_geometry *b, int64_t fb,
                            double bound2)
{
    int32_t a_begin, a_end, b_begin, b_end;
    double best = nextafter(bound2, INFINITY); /* so that less than best means within the bound */

    if (a->kind[fa] == RM_KIND_NONE || b->kind[fb] == RM_KIND_NONE)
        return INFINITY;
    if (!(rm_box_distance2(rm_geometry_box(a, fa), rm_geometry_box(b, fb)) <= bound2))
        return INFINITY;
    if (a->kind[fa] == RM_KIND_POLYGON && polygon_holds_part(a, fa, b, fb))
        return 0.0;
    if (b->kind[fb] == RM_KIND_POLYGON && polygon_holds_part(b, fb, a, fa))
        return 0.0;

    feature_rings(a, fa, &a_begin, &a_end);
    feature_rings(b, fb, &b_begin, &b_end);
    for (int32_t s = b_begin; s < b_end && best > 0.0; s++) {
        path second = path_of_ring(b, s);

        for (int32_t r = a_begin; r < a_end && best > 0.0; r++) {
            path first = path_of_ring(a, r);

            best = path_to_path(&first, &second, best);
        }
    }
    return best <= bound2 ? best : INFINITY;
}

bool rm_features_touch(const rm_geometry *a, int64_t fa, const rm_geometry *b, int64_t fb)
{
    return rm_feature_distance2(a, fa, b, fb, 0.0) == 0.0;
}
