/* Kernel density of points. Part of riskmap.h. */
#ifndef RISKMAP_DENSITY_H
#define RISKMAP_DENSITY_H

#include "riskmap/status.h"

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * A raster of square cells: row 0 is the northernmost, column 0 the westernmost. left and top are
 * the outer corner of cell (0, 0), so the centre of (row, column) is at left + (column + 0.5) *
 * cell, top - (row + 0.5) * cell. Values lie row after row.
 */
typedef struct rm_grid {
    double left, top; /**< in units of the CRS */
    double cell;      /**< side of a cell, > 0 */
    int64_t columns, rows;
} rm_grid;

/** With R the bandwidth and u = (d / R)^2; each integrates to 1 over the plane. */
enum {
    RM_KERNEL_QUARTIC = 0,      /**< 3 / (pi R^2) (1 - u)^2, 0 from R on */
    RM_KERNEL_GAUSSIAN = 1,     /**< 1 / (2 pi R^2) exp(-u / 2): R is sigma */
    RM_KERNEL_EPANECHNIKOV = 2, /**< 2 / (pi R^2) (1 - u) */
    RM_KERNEL_TRIWEIGHT = 3,    /**< 4 / (pi R^2) (1 - u)^3 */
    RM_KERNEL_UNIFORM = 4       /**< 1 / (pi R^2) */
};

/** What is done about the part of a kernel that falls outside the study area. */
enum {
    RM_EDGE_NONE = 0,
    RM_EDGE_UNIFORM = 1, /**< f(q) / e(q), e(q) the mass within the area of a kernel at q */
    RM_EDGE_DIGGLE = 2   /**< every point weighs 1 / e(x): the map adds up to the points */
};

#ifdef __cplusplus
}
#endif
#endif
