/* The polygons of a raster above levels. */
#ifndef RM_IO_RASTER_CONTOUR_H
#define RM_IO_RASTER_CONTOUR_H

#include "base/progress.h"
#include "data/geometry.h"
#include "riskmap/density.h"

/* Adds to *out one feature per level, in the order given (descending or ascending): the
 * multipolygon where values (float32, row after row, NaN nodata) are above it, its edge
 * interpolated between the centres of cells; RM_KIND_NONE where nothing is. */
rm_status rm_contour(rm_geometry *out, const float *values, const rm_grid *grid,
                     const double *levels, int32_t level_count, rm_progress *progress,
                     rm_error *err);

#endif
