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
    double error;     /* bound on |computed - exact| of what one point gives anywhere, as a share of
                         the highest value that a point of the largest weight gives; 0: exact but
                         for rounding. Where many points meet, their errors add at worst. */
    double reach;     /* in units of the CRS: beyond it, along x or along y, a point gives nothing.
                         The gaussian is cut off there, at 1e-12 of its peak (7.43 sigma). */
} rm_surface_method;

/* Scatter adds every point to every cell in its reach. Sweep (compact kernels, one bandwidth) adds
 * what a point is as a polynomial where its reach begins in a row of cells, and takes it off where
 * it ends; the sums are of integers, so that nothing is left behind. Separable (gaussian, sigma of
 * 6 cells or more) spreads a point over 12 x 12 nodes by Lagrange's weights and adds along columns
 * and rows. The cheapest of those within 1e-9 is taken; it depends on points and raster alone.
 * About 32 bytes a point are kept, without those that do not reach the raster.
 * RM_EINVAL: no points is allowed (all zero); a bandwidth that is not finite or not > 0, weights
 * that are negative or not finite, coordinates that are not finite (with their row). Equal for any
 * number of threads, any band, and, to the last bit, any order of the points. */
rm_status rm_surface_new(rm_surface **out, const rm_grid *grid, const rm_density_points *points,
                         int32_t kernel, double bandwidth, int threads, rm_progress *progress,
                         rm_error *err);
void rm_surface_free(rm_surface *surface);
/* Another method than the chosen one, by its name: to compare them. */
rm_status rm_surface_force(rm_surface *surface, const char *name, rm_error *err);
rm_surface_method rm_surface_how(const rm_surface *surface);
/* out[rows * columns]: the density per square unit of `rows` rows from row `first` on. On failure
 * what out holds is undefined. Bands of a few hundred rows cost no more than the whole; the
 * separable method spreads the points within reach of a band again for every band. */
rm_status rm_surface_rows(double *out, const rm_surface *surface, int64_t first, int64_t rows,
                          int threads, rm_progress *progress, rm_error *err);

/* density[i] at each place, per square unit, exact (the gaussian is not cut off). */
rm_status rm_density_at(double *density, const double *x, const double *y, int64_t count,
                        const rm_density_points *points, int32_t kernel, double bandwidth,
                        int threads, rm_progress *progress, rm_error *err);

/* density[i] of the gaussian at point i itself, by fixed bandwidth; for sums over all points, so
 * not exact: cut off at 1e-16 of the peak, and for many points read from a lattice, which is within
 * 2e-9 of the peak of what each other point gives. */
rm_status rm_density_own(double *density, const rm_density_points *points, double bandwidth,
                         int threads, rm_progress *progress, rm_error *err);

/* RM_EINVAL for a kernel that does not exist and a bandwidth that is not a finite number above 0.
 */
rm_status rm_kernel_check(int32_t kernel, double bandwidth, rm_error *err);

/* RM_EINVAL with the row of a coordinate or weight that cannot be. */
rm_status rm_check_point(const rm_density_points *points, int64_t i, rm_error *err);

#endif
