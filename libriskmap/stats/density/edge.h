/* How much of a kernel lies within a study area. */
#ifndef RM_STATS_DENSITY_EDGE_H
#define RM_STATS_DENSITY_EDGE_H

#include "stats/density/density.h"

/* Rings with the even-odd rule: ring r is x, y [start[r] .. start[r + 1]), closed or not, in any
 * direction; a ring within a ring is a hole. Rings may touch, not cross. Borrowed. */
typedef struct rm_edge_rings {
    const double *x, *y;
    const int64_t *start; /* [rings + 1] */
    int64_t rings;
} rm_edge_rings;

/* A study area made ready. Read-only once made. */
typedef struct rm_edge rm_edge;

/* reach: about how far kernels will reach; what is asked later may differ, at a price in time.
 * RM_EINVAL: no rings, a ring of fewer than 3 places, a coordinate that is not finite (row: the
 * ring), an area of 0. Progress (may be NULL) ticks. */
rm_status rm_edge_new(rm_edge **out, const rm_edge_rings *rings, double reach,
                      rm_progress *progress, rm_error *err);
void rm_edge_free(rm_edge *edge);

/* mass[i] of the kernel about each place within the area, in (0, 1]; NaN for a place outside it. On
 * the boundary counts as within. bandwidths (one a place) may be NULL: then `bandwidth`.
 *
 * Exact, up to rounding (1e-10, and 1e-12 that the gaussian loses at its cut): the integral of a
 * radial kernel over a polygon is a sum over its sides of the integral of what the kernel holds
 * beyond the side by the angle under which it is seen. That is closed for the polynomial kernels
 * and Owen's T for the gaussian. The time for a place goes with the sides within its reach. */
rm_status rm_edge_mass(double *mass, const rm_edge *edge, const double *x, const double *y,
                       int64_t count, int32_t kernel, double bandwidth, const double *bandwidths,
                       int threads, rm_progress *progress, rm_error *err);
/* The same for the centres of the cells of `rows` rows of a raster. */
rm_status rm_edge_mass_rows(double *mass, const rm_edge *edge, const rm_grid *grid, int64_t first,
                            int64_t rows, int32_t kernel, double bandwidth, int threads,
                            rm_progress *progress, rm_error *err);

#endif
