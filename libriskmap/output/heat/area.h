/* The study area of a heat map: the polygons outside of which it is blank. */
#ifndef RM_OUTPUT_HEAT_AREA_H
#define RM_OUTPUT_HEAT_AREA_H

#include "data/layer.h"
#include "geo/join.h"
#include "riskmap/heatmap.h"

typedef struct rm_heat_area {
    rm_layer *layer; /* NULL: the whole plane */
    rm_join *join;
} rm_heat_area;

/* A layer, or the features of it that bear a name in any of their text fields, whatever its case.
 * RM_ENOTFOUND: no feature does; says which names come near. */
rm_status rm_heat_area_read(rm_heat_area *out, const rm_heatmap_options *options,
                            rm_progress *progress, rm_error *err);
void rm_heat_area_clear(rm_heat_area *area);

/* mask[rows * columns] = 1 where the centre of a cell lies in the area. */
rm_status rm_heat_area_mask(uint8_t *mask, const rm_heat_area *area, const rm_grid *grid,
                            int64_t first, int64_t rows, int threads, rm_progress *progress,
                            rm_error *err);
/* Whether each point does: inside[count]. Progress (may be NULL) ticks. */
rm_status rm_heat_area_hold(uint8_t *inside, const rm_heat_area *area, const double *x,
                            const double *y, int64_t count, rm_progress *progress, rm_error *err);

#endif
