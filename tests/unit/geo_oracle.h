/* For tests of geometry: polygons made at random, and GEOS as the judge of what comes of them. */
#ifndef GEO_ORACLE_H
#define GEO_ORACLE_H

#include "base/random.h"
#include "data/geometry.h"

#include <geos_c.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

typedef struct dice {
    uint64_t seed, next;
} dice;

static inline double roll(dice *d, double low, double high)
{
    return low + (high - low) * rm_random_unit(d->seed, 1, d->next++);
}

static inline int roll_below(dice *d, int bound)
{
    return (int)rm_random_below(d->seed, 2, d->next++, (uint64_t)bound);
}

static inline void add_ring(rm_geometry *g, const double *x, const double *y, int count)
{
    assert_int_equal(rm_geometry_add_ring(g, x, y, count, NULL), RM_OK);
}

static inline void begin_polygon(rm_geometry *g)
{
    assert_int_equal(rm_geometry_add_feature(g, RM_KIND_POLYGON, NULL), RM_OK);
}

static inline void begin_part(rm_geometry *g)
{
    assert_int_equal(rm_geometry_add_part(g, NULL), RM_OK);
}

static inline void add_box_ring(rm_geometry *g, double x0, double y0, double x1, double y1)
{
    add_ring(g, (double[]){x0, x1, x1, x0, x0}, (double[]){y0, y0, y1, y1, y0}, 5);
}

static inline void add_box(rm_geometry *g, double x0, double y0, double x1, double y1)
{
    begin_polygon(g);
    begin_part(g);
    add_box_ring(g, x0, y0, x1, y1);
}

/* A ring that is simple because its corners go round the centre; radii between low and high. */
static inline void add_star_ring(rm_geometry *g, dice *d, double cx, double cy, double low,
                                 double high, int corners)
{
    double *x = calloc((size_t)corners + 1, sizeof *x), *y = calloc((size_t)corners + 1, sizeof *y);
    double turn = roll(d, 0.0, 6.28);

    for (int i = 0; i < corners; i++) {
        double angle = turn + 6.283185307179586 * (i + roll(d, 0.0, 0.9)) / corners;
        double radius = roll(d, low, high);

        x[i] = cx + radius * cos(angle);
        y[i] = cy + radius * sin(angle);
    }
    x[corners] = x[0];
    y[corners] = y[0];
    add_ring(g, x, y, corners + 1);
    free(x);
    free(y);
}

static inline void add_star(rm_geometry *g, dice *d, double cx, double cy, double low, double high,
                            int corners)
{
    begin_polygon(g);
    begin_part(g);
    add_star_ring(g, d, cx, cy, low, high, corners);
}

static inline void add_turned_box(rm_geometry *g, double cx, double cy, double w, double h,
                                  double angle)
{
    double c = cos(angle), s = sin(angle), x[5], y[5];
    const double u[5] = {-0.5, 0.5, 0.5, -0.5, -0.5}, v[5] = {-0.5, -0.5, 0.5, 0.5, -0.5};

    for (int i = 0; i < 5; i++) {
        x[i] = cx + u[i] * w * c - v[i] * h * s;
        y[i] = cy + u[i] * w * s + v[i] * h * c;
    }
    begin_polygon(g);
    begin_part(g);
    add_ring(g, x, y, 5);
}

/* A polygon of one of several kinds, about `size` across. */
static inline void add_any_polygon(rm_geometry *g, dice *d, double cx, double cy, double size)
{
    switch (roll_below(d, 7)) {
    case 0:
        add_turned_box(g, cx, cy, roll(d, 0.1, 1.0) * size, roll(d, 0.1, 1.0) * size,
                       roll(d, 0.0, 3.0));
        break;
    case 1: /* with a hole */
        begin_polygon(g);
        begin_part(g);
        add_star_ring(g, d, cx, cy, 0.4 * size, 0.5 * size, 12 + roll_below(d, 30));
        add_star_ring(g, d, cx, cy, 0.02 * size, 0.2 * size, 3 + roll_below(d, 9));
        break;
    case 2: /* three parts */
        begin_polygon(g);
        for (int i = -1; i <= 1; i++) {
            begin_part(g);
            add_star_ring(g, d, cx + i * 0.35 * size, cy, 0.05 * size, 0.16 * size,
                          3 + roll_below(d, 12));
        }
        break;
    case 3: /* a sliver */
        add_turned_box(g, cx, cy, size, 1e-4 * size, roll(d, 0.0, 3.0));
        break;
    case 4: /* along the axes, on whole numbers: shares edges with others of its kind */
        cx = floor(cx / 10.0) * 10.0;
        cy = floor(cy / 10.0) * 10.0;
        add_box(g, cx, cy, cx + 10.0 * (1 + roll_below(d, 9)), cy + 10.0 * (1 + roll_below(d, 9)));
        break;
    case 5: /* spikes */
        add_star(g, d, cx, cy, 0.01 * size, 0.5 * size, 6 + roll_below(d, 40));
        break;
    default:
        add_star(g, d, cx, cy, 0.1 * size, 0.5 * size, 3 + roll_below(d, 120));
    }
}

static inline GEOSGeometry *geos_feature(GEOSContextHandle_t geos, const rm_geometry *g, int64_t f)
{
    int64_t size = rm_geometry_wkb(g, f, false, NULL);
    uint8_t *wkb = malloc((size_t)size);

    rm_geometry_wkb(g, f, false, wkb);
    GEOSGeometry *geometry = GEOSGeomFromWKB_buf_r(geos, wkb, (size_t)size);
    free(wkb);
    assert_non_null(geometry);
    return geometry;
}

static inline GEOSGeometry **geos_all(GEOSContextHandle_t geos, const rm_geometry *g)
{
    GEOSGeometry **all = calloc((size_t)g->features + 1, sizeof(GEOSGeometry *));

    for (int64_t f = 0; f < g->features; f++)
        all[f] = geos_feature(geos, g, f);
    return all;
}

static inline void geos_free_all(GEOSContextHandle_t geos, GEOSGeometry **all, int64_t count)
{
    for (int64_t f = 0; f < count; f++)
        GEOSGeom_destroy_r(geos, all[f]);
    free(all);
}

static inline double geos_common_area(GEOSContextHandle_t geos, const GEOSGeometry *a,
                                      const GEOSGeometry *b)
{
    double area = 0.0;
    GEOSGeometry *common = GEOSIntersection_r(geos, a, b);

    assert_non_null(common);
    GEOSArea_r(geos, common, &area);
    GEOSGeom_destroy_r(geos, common);
    return area;
}

/* 1e-9 of the area, and 1e-6 m2 where that is less. */
static inline void assert_area(double found, double expected)
{
    if (!(fabs(found - expected) <= 1e-9 * fabs(expected) + 1e-6))
        fail_msg("area %.12g instead of %.12g", found, expected);
}

#endif
