/* A map as a picture that can go on a slide. */
#ifndef RM_OUTPUT_PICTURE_H
#define RM_OUTPUT_PICTURE_H

#include "data/layer.h"
#include "output/heat_colours.h"

/* What lies below or above the heat: drawn by what it is. */
typedef enum rm_context_kind {
    RM_CONTEXT_BOUNDARY, /* polygons or lines, drawn as a line */
    RM_CONTEXT_ROAD,
    RM_CONTEXT_WATER, /* polygons filled, lines drawn */
    RM_CONTEXT_NAME,  /* points or polygons with a text field: their names */
    RM_CONTEXT_BUILT  /* polygons, light grey */
} rm_context_kind;

typedef struct rm_context_layer {
    const rm_layer *layer; /* in the CRS of the map */
    rm_context_kind kind;
    int32_t name_field; /* of RM_CONTEXT_NAME; -1: none */
} rm_context_layer;

typedef struct rm_picture {
    rm_grid grid;
    const float *values; /* row after row, NaN: nothing */
    const rm_heat_classes *classes;
    const char *title;    /* may be NULL */
    const char *subtitle; /* what it is: kernel, bandwidth, period, how many points */
    const char *unit;     /* above the legend */
    const char *footer;   /* source and date; the disclaimer line */
    const rm_context_layer *context;
    int32_t context_count;
    int32_t width, height; /* pixels */
    bool shielded;         /* AFGESCHERMD across the top, file 0600 */
    rm_language language;
} rm_picture;

/* Whether this build can draw. */
bool rm_picture_possible(void);

/* A PNG: the map, legend with classes and unit, scale bar in metres, north arrow, title; labels
 * that would overlap are left out. Written whole or not at all. RM_EUNSUPPORTED in a build without
 * cairo. */
rm_status rm_picture_write(const rm_picture *picture, const char *path, bool overwrite,
                           rm_error *err);

#endif
