/* Kernel density: of points on a raster, band by band, and at single places. */
#ifndef RM_STATS_DENSITY_H
#define RM_STATS_DENSITY_H

#include "base/parallel.h"
#include "riskmap/density.h"

/* Points with what they weigh. Borrowed. */
typedef struct rm_density_points {
    const double *x, *y;
    const double *weight;    /* NULL: all 1; may be 0, not negative */
    const double *bandwidth; /* one for each point (adaptive); NULL: the fixed one */
    int64_t count;
} rm_density_points;

/* Points made ready for one raster. Read-only once made. */
typedef struct rm_surface rm_surface;

/* How a raster is computed, and the bound of its error. */
typedef struct rm_surface_method {
    const char *name; /* "scatter", "sweep", "separable" */
    double error;     /* bound on |computed - exact| as a share of the highest value that one point
                         of the largest weight gives; 0: exact but for rounding */
    double reach;     /* metres beyond which a point gives nothing (gaussian: cut off there) */
} rm_surface_method;

/* RM_EINVAL: no points is allowed (all zero); a bandwidth that is not finite or not > 0, weights
 * that are negative or not finite, coordinates that are not finite (with their row). Equal for any
 * number of threads, any band, and, to the last bit, any order of the points. */
rm_status rm_surface_new(rm_surface **out, const rm_grid *grid, const rm_density_points *points,
                         int32_t kernel, double bandwidth, int threads, rm_progress *progress,
                         rm_error *err);
void rm_surface_free(rm_surface *surface);
rm_surface_method rm_surface_how(const rm_surface *surface);
/* out[rows * columns]: the density per square unit of `rows` rows from row `first` on. */
rm_status rm_surface_rows(double *out, const rm_surface *surface, int64_t first, int64_t rows,
                          int threads, rm_progress *progress, rm_error *err);

/* density[i] at each place, per square unit, exact (the gaussian is not cut off). */
rm_status rm_density_at(double *density, const double *x, const double *y, int64_t count,
                        const rm_density_points *points, int32_t kernel, double bandwidth,
                        int threads, rm_progress *progress, rm_error *err);

#endif
