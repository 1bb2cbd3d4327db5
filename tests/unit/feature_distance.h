/* The distance between two features, by every pair of their segments: what the searches of geo are
 * held against. */
#ifndef RM_TESTS_FEATURE_DISTANCE_H
#define RM_TESTS_FEATURE_DISTANCE_H

#include "geo/distance.h"
#include "geo/join.h"

/* One ring of a feature: its coordinates and its box. A single point is one segment of length 0. */
typedef struct path {
    const double *x, *y;
    int32_t segments;
    int32_t step; /* 1, or 0 for a single point */
    rm_box box;
} path;

static inline path path_of_ring(const rm_geometry *geometry, int32_t ring)
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
static inline double segment_to_path(double ax, double ay, double bx, double by, const path *other,
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

static inline double path_to_path(const path *a, const path *b, double best)
{
    if (!(rm_box_distance2(a->box, b->box) <= best))
        return best;
    for (int32_t i = 0; i < a->segments && best > 0.0; i++)
        best = segment_to_path(a->x[i], a->y[i], a->x[i + a->step], a->y[i + a->step], b, best);
    return best;
}

static inline void feature_rings(const rm_geometry *geometry, int64_t feature, int32_t *begin,
                                 int32_t *end)
{
    *begin = geometry->part_ring[geometry->feature_part[feature]];
    *end = geometry->part_ring[geometry->feature_part[feature + 1]];
}

/* Whether the polygon holds the first coordinate of a part of the other: without a crossing of
 * outlines that is the only way to have a point in common. */
static inline bool polygon_holds_part(const rm_geometry *polygon, int64_t feature,
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

/* Squared distance between two features of any kind; 0 exactly when they touch or one holds the
 * other. INFINITY when it is over bound2 (pass INFINITY for "no bound") or a feature is
 * RM_KIND_NONE. Cost grows with the product of the segments that lie within the bound. */
static inline double feature_distance2(const rm_geometry *a, int64_t fa, const rm_geometry *b,
                                       int64_t fb, double bound2)
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

#endif
