/* The layers around the heat in a picture. */
#ifndef RM_OUTPUT_HEAT_CONTEXT_H
#define RM_OUTPUT_HEAT_CONTEXT_H

#include "output/heat/heatmap.h"
#include "output/picture/picture.h"

typedef struct rm_heat_context {
    rm_context_layer *layers; /* the layers in them are owned */
    int32_t count;
} rm_heat_context;

/* Those of the options that touch the map, and the study area as a boundary. RM_CONTEXT_AUTO is
 * decided by the words in the name of the file and layer (wegen, water, grens, plaatsen, kom ...),
 * else by the geometry: points are names, lines roads, polygons boundaries. Names are taken from
 * the field "naam" or "name", or whose name has it in it. */
rm_status rm_heat_context_read(rm_heat_context *out, const rm_heatmap *heatmap,
                               const rm_heatmap_write_options *options, rm_error *err);
void rm_heat_context_clear(rm_heat_context *context);

#endif
