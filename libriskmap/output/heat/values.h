/* The values of a heat map. */
#ifndef RM_OUTPUT_HEAT_VALUES_H
#define RM_OUTPUT_HEAT_VALUES_H

#include "output/heat/heatmap.h"

/* Computes what is kept of every period, and its highest value. The raster, its kept part and the
 * surfaces are there. */
rm_status rm_heat_keep_values(rm_heatmap *heatmap, rm_progress *progress, rm_error *err);

#endif
