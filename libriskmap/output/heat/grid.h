/* The raster of a heat map. */
#ifndef RM_OUTPUT_HEAT_GRID_H
#define RM_OUTPUT_HEAT_GRID_H

#include "data/geometry.h"
#include "riskmap/density.h"

/* A twentieth of the bandwidth, rounded down to 1, 2, 2.5 or 5 times a power of ten. */
double rm_heat_cell(double bandwidth);

/* The cells that hold a box, on whole multiples of the cell from the origin of the CRS, so that
 * maps with equal cells lie on one another. RM_EINVAL: an empty or infinite box; RM_ELIMIT: more
 * than 2^31 columns or rows, or 4e9 cells: says what they come from and how to have fewer. */
rm_status rm_heat_grid_make(rm_grid *out, rm_box box, double cell, rm_error *err);

/* The raster whose cells are factor x factor of grid's, the last ones partly beyond it. */
rm_grid rm_heat_grid_coarser(const rm_grid *grid, int64_t factor);

#endif
