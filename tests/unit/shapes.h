/* Geometry for tests: shapes from a seed, and the same shapes as GEOS sees them. */
#ifndef RM_TESTS_UNIT_SHAPES_H
#define RM_TESTS_UNIT_SHAPES_H

#include "base/random.h"
#include "data/geometry.h"

#include <geos_c.h>
#include <math.h>
#include <stdlib.h>

#define OK(call) assert_int_equal((call), RM_OK)

/* A stream of random numbers that goes on from draw to draw. */
typedef struct draws {
    uint64_t seed, counter;
} draws;

static inline double draw(draws *d, double low, double high)
{
    return low + (high - low) * rm_random_unit(d->seed, 1, d->counter++);
}

static inline int draw_below(draws *d, int bound)
{
    return (int)rm_random_below(d->seed, 2, d->counter++, (uint64_t)bound);
}

static inline void open_feature(rm_geometry *g, rm_kind kind)
{
    OK(rm_geometry_add_feature(g, kind, NULL));
    OK(rm_geometry_add_part(g, NULL));
}

static inline void add_ring_of(rm_geometry *g, int count, const double *xy)
{
    double x[64], y[64];

    assert_true(count <= 64);
    for (int i = 0; i < count; i++) {
        x[i] = xy[2 * i];
        y[i] = xy[2 * i + 1];
    }
    OK(rm_geometry_add_ring(g, x, y, count, NULL));
}

static inline void add_shape(rm_geometry *g, rm_kind kind, int count, const double *xy)
{
    open_feature(g, kind);
    add_ring_of(g, count, xy);
}

#define SHAPE(g, kind, ...)                                                                        \
    add_shape((g), (kind), (int)(sizeof(double[]){__VA_ARGS__} / (2 * sizeof(double))),            \
              (double[]){__VA_ARGS__})
#define RING(g, ...)                                                                               \
    add_ring_of((g), (int)(sizeof(double[]){__VA_ARGS__} / (2 * sizeof(double))),                  \
                (double[]){__VA_ARGS__})

static inline void add_rectangle(rm_geometry *g, double x, double y, double w, double h)
{
    SHAPE(g, RM_KIND_POLYGON, x, y, x + w, y, x + w, y + h, x, y + h, x, y);
}

/* A ring around (x, y) whose corners lie in order of their angle, so that it is simple when step is
 * 0; step > 0 rounds coordinates to multiples of it. */
static inline void add_star_ring(rm_geometry *g, draws *d, double x, double y, double r,
                                 int corners, double step)
{
    double xs[512], ys[512];

    assert_true(corners < 512);
    for (int i = 0; i < corners; i++) {
        double angle = 6.283185307179586 * (i + draw(d, 0.0, 0.9)) / corners;
        double reach = r * draw(d, 0.4, 1.0);

        xs[i] = x + reach * cos(angle);
        ys[i] = y + reach * sin(angle);
        if (step > 0.0) {
            xs[i] = step * round(xs[i] / step);
            ys[i] = step * round(ys[i] / step);
        }
    }
    xs[corners] = xs[0];
    ys[corners] = ys[0];
    OK(rm_geometry_add_ring(g, xs, ys, corners + 1, NULL));
}

/* A star with, for every third, a hole in the middle that keeps clear of the outline. */
static inline void add_star(rm_geometry *g, draws *d, double x, double y, double r, int corners,
                            double step)
{
    open_feature(g, RM_KIND_POLYGON);
    add_star_ring(g, d, x, y, r, corners, step);
    if (step == 0.0 && corners > 6 && draw_below(d, 3) == 0)
        add_star_ring(g, d, x, y, 0.2 * r, 5, 0.0);
}

static inline void add_line(rm_geometry *g, draws *d, double x, double y, double r, int corners)
{
    double xs[64], ys[64];

    for (int i = 0; i < corners; i++) {
        xs[i] = x + draw(d, -r, r);
        ys[i] = y + draw(d, -r, r);
    }
    open_feature(g, RM_KIND_LINE);
    OK(rm_geometry_add_ring(g, xs, ys, corners, NULL));
}

/* A feature of any kind, polygons at times of two parts. */
static inline void add_anything(rm_geometry *g, draws *d, double x, double y, double r)
{
    int kind = draw_below(d, 4);

    if (kind == 0) {
        OK(rm_geometry_add_point(g, x, y, NULL));
    } else if (kind == 1) {
        add_line(g, d, x, y, r, 2 + draw_below(d, 6));
    } else {
        add_star(g, d, x, y, r, 3 + draw_below(d, 12), 0.0);
        if (kind == 3) {
            OK(rm_geometry_add_part(g, NULL));
            add_star_ring(g, d, x + 2.2 * r, y, r, 5, 0.0);
        }
    }
}

static inline GEOSGeometry *to_geos(GEOSContextHandle_t h, const rm_geometry *g, int64_t feature)
{
    int64_t size = rm_geometry_wkb(g, feature, false, NULL);
    uint8_t *wkb = malloc((size_t)size);
    GEOSGeometry *out;

    rm_geometry_wkb(g, feature, false, wkb);
    out = GEOSGeomFromWKB_buf_r(h, wkb, (size_t)size);
    free(wkb);
    return out;
}

/* Every coordinate times `scale`, then turned by 90 degrees when `turn`, then shifted. */
static inline void transform(rm_geometry *g, double scale, bool turn, double dx, double dy)
{
    for (int64_t i = 0; i < g->points; i++) {
        double x = g->x[i] * scale, y = g->y[i] * scale;

        g->x[i] = (turn ? -y : x) + dx;
        g->y[i] = (turn ? x : y) + dy;
    }
}

#endif
