/* Edge correction of a heat map against its study area. */
#ifndef RM_OUTPUT_HEAT_EDGE_H
#define RM_OUTPUT_HEAT_EDGE_H

#include "output/heat/area.h"
#include "stats/density/edge.h"

typedef struct rm_heat_edge {
    rm_edge *edge;
    int64_t *start; /* of the rings; the coordinates are the area's */
} rm_heat_edge;

/* RM_EINVAL when areas overlap one another: mass would count twice there. */
rm_status rm_heat_edge_make(rm_heat_edge *out, const rm_heat_area *area, double reach, int threads,
                            rm_progress *progress, rm_error *err);
void rm_heat_edge_clear(rm_heat_edge *edge);

#endif
