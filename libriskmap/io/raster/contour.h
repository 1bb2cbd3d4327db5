/* The polygons of a raster above levels. */
#ifndef RM_IO_RASTER_CONTOUR_H
#define RM_IO_RASTER_CONTOUR_H

#include "base/progress.h"
#include "data/geometry.h"
#include "riskmap/density.h"

/* Adds to *out one feature per level, in the order given (any): the multipolygon where values
 * (float32, row after row, NaN nodata) are above it, RM_KIND_NONE where nothing is.
 *
 * Marching squares: the edge is interpolated between the centres of cells, and a square with two
 * opposite corners above is joined or cut by the mean of the four. A cell at the edge of the raster
 * or beside nodata reaches to its own border. A crossing stays 1/1024 of the way from either
 * centre, so that values equal to a level (which are not above it) give sound polygons too: every
 * centre above the level lies within, every other outside, a higher level lies within a lower, and
 * no two rings touch. Progress (may be NULL) is reported. RM_EINVAL for a level that is not finite,
 * a grid without cells or with cells too small for its coordinates. */
rm_status rm_contour(rm_geometry *out, const float *values, const rm_grid *grid,
                     const double *levels, int32_t level_count, rm_progress *progress,
                     rm_error *err);

#endif
