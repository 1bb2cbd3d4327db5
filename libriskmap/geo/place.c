/* Points on surface, step for step as GEOS and JTS have them (InteriorPointPoint,
 * InteriorPointLine, InteriorPointArea), so that the same place comes out. */
#include "geo/place.h"

#include <math.h>
#include <stdlib.h>

typedef struct place {
    double x, y;
} place;

/* A candidate that is kept while it is strictly nearer than those before. */
typedef struct nearest {
    double x, y; /* near to this */
    double distance2;
    place best;
} nearest;

static void offer(nearest *n, double x, double y)
{
    double dx = x - n->x, dy = y - n->y, distance2 = dx * dx + dy * dy;

    if (distance2 < n->distance2) {
        n->distance2 = distance2;
        n->best = (place){x, y};
    }
}

static nearest near_to(double x, double y)
{
    return (nearest){x, y, INFINITY, {NAN, NAN}};
}

static place mean_of(const rm_geometry *g, int32_t begin, int32_t end)
{
    double x = 0.0, y = 0.0;

    for (int32_t i = begin; i < end; i++) {
        x += g->x[i];
        y += g->y[i];
    }
    return (place){x / (end - begin), y / (end - begin)};
}

static place place_of_points(const rm_geometry *g, int32_t begin, int32_t end)
{
    place mean = mean_of(g, begin, end);
    nearest n = near_to(mean.x, mean.y);

    for (int32_t i = begin; i < end; i++)
        offer(&n, g->x[i], g->y[i]);
    return n.best;
}

/* Middles of the segments, weighed by their lengths; the mean of the coordinates when all are 0. */
static place centroid_of_lines(const rm_geometry *g, int32_t first_ring, int32_t last_ring)
{
    double x = 0.0, y = 0.0, total = 0.0;

    for (int32_t r = first_ring; r < last_ring; r++) {
        for (int32_t i = g->ring_point[r]; i + 1 < g->ring_point[r + 1]; i++) {
            double ux = g->x[i + 1] - g->x[i], uy = g->y[i + 1] - g->y[i];
            double length = sqrt(ux * ux + uy * uy);

            x += length * ((g->x[i] + g->x[i + 1]) / 2.0);
            y += length * ((g->y[i] + g->y[i + 1]) / 2.0);
            total += length;
        }
    }
    if (!(total > 0.0))
        return mean_of(g, g->ring_point[first_ring], g->ring_point[last_ring]);
    return (place){x / total, y / total};
}

static place place_of_lines(const rm_geometry *g, int32_t first_ring, int32_t last_ring)
{
    place centroid = centroid_of_lines(g, first_ring, last_ring);
    nearest n = near_to(centroid.x, centroid.y);

    for (int32_t r = first_ring; r < last_ring; r++) {
        for (int32_t i = g->ring_point[r] + 1; i + 1 < g->ring_point[r + 1]; i++)
            offer(&n, g->x[i], g->y[i]);
    }
    if (!isnan(n.best.x))
        return n.best;
    for (int32_t r = first_ring; r < last_ring; r++) {
        offer(&n, g->x[g->ring_point[r]], g->y[g->ring_point[r]]);
        offer(&n, g->x[g->ring_point[r + 1] - 1], g->y[g->ring_point[r + 1] - 1]);
    }
    return n.best;
}

/* Where a line at height y crosses the outlines of one polygon. */
typedef struct crossings {
    double *x;
    int64_t count, capacity;
} crossings;

/* Middle between the vertex heights, holes included, on both sides of the middle of the box. */
static double scan_height(const rm_geometry *g, int32_t begin, int32_t end)
{
    double low = INFINITY, high = -INFINITY;

    for (int32_t i = begin; i < end; i++) {
        low = rm_min(low, g->y[i]);
        high = rm_max(high, g->y[i]);
    }
    double middle = (low + high) / 2.0;
    for (int32_t i = begin; i < end; i++) {
        double y = g->y[i];

        if (y <= middle)
            low = rm_max(low, y);
        else
            high = rm_min(high, y);
    }
    return (high + low) / 2.0;
}

static rm_status cross_rings(const rm_geometry *g, int32_t begin, int32_t end, double y,
                             crossings *c, rm_error *err)
{
    c->count = 0;
    for (int32_t r = begin; r < end; r++) {
        for (int32_t i = g->ring_point[r]; i + 1 < g->ring_point[r + 1]; i++) {
            double ay = g->y[i], by = g->y[i + 1], ax = g->x[i], bx = g->x[i + 1];

            /* an end at the very height counts for the edge above it alone */
            if ((ay > y) == (by > y))
                continue;
            if (c->count == c->capacity)
                RM_TRY(RM_GROW(&c->x, &c->capacity, c->count + 1, err));
            c->x[c->count++] = ax == bx ? ax : ax + (y - ay) / ((by - ay) / (bx - ax));
        }
    }
    return RM_OK;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static rm_status place_of_polygons(const rm_geometry *g, int32_t first_part, int32_t last_part,
                                   crossings *c, place *out, rm_error *err)
{
    double widest = -1.0;

    for (int32_t part = first_part; part < last_part; part++) {
        int32_t first = g->part_ring[part], last = g->part_ring[part + 1];
        int32_t begin = g->ring_point[first];
        double y = scan_height(g, begin, g->ring_point[last]), width = 0.0;
        place best = {g->x[begin], g->y[begin]}; /* of a polygon without area */

        RM_TRY(cross_rings(g, first, last, y, c, err));
        qsort(c->x, (size_t)c->count, sizeof *c->x, compare);
        for (int64_t i = 0; i + 1 < c->count; i += 2) {
            if (c->x[i + 1] - c->x[i] > width) {
                width = c->x[i + 1] - c->x[i];
                best = (place){(c->x[i] + c->x[i + 1]) / 2.0, y};
            }
        }
        if (width > widest) {
            widest = width;
            *out = best;
        }
    }
    return RM_OK;
}

rm_status rm_place_some(const rm_geometry *geometry, int64_t begin, int64_t end, double *x,
                        double *y, rm_error *err)
{
    const rm_geometry *g = geometry;
    rm_status status = RM_OK;
    crossings c = {NULL, 0, 0};

    for (int64_t f = begin; f < end && status == RM_OK; f++) {
        x[f] = y[f] = NAN;
        if (g->kind[f] == RM_KIND_NONE)
            continue; /* where no feature has geometry there are no rings to look at */
        int32_t part = g->feature_part[f], last_part = g->feature_part[f + 1];
        int32_t ring = g->part_ring[part], last_ring = g->part_ring[last_part];
        place at = {NAN, NAN};

        if (g->kind[f] == RM_KIND_POINT)
            at = place_of_points(g, g->ring_point[ring], g->ring_point[last_ring]);
        else if (g->kind[f] == RM_KIND_LINE)
            at = place_of_lines(g, ring, last_ring);
        else if (g->kind[f] == RM_KIND_POLYGON)
            status = place_of_polygons(g, part, last_part, &c, &at, err);
        x[f] = at.x;
        y[f] = at.y;
    }
    rm_release(c.x);
    return status;
}

rm_status rm_place_points(const rm_geometry *geometry, double *x, double *y, rm_error *err)
{
    return rm_place_some(geometry, 0, geometry->features, x, y, err);
}
