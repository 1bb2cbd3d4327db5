/* A map as a picture that can go on a slide. */
#ifndef RM_OUTPUT_PICTURE_H
#define RM_OUTPUT_PICTURE_H

#include "data/layer.h"
#include "output/heat/colours.h"
#include "riskmap/heatmap.h"

typedef struct rm_context_layer {
    const rm_layer *layer; /* in the CRS of the map */
    int32_t kind;          /* RM_CONTEXT_BOUNDARY, ... of riskmap/heatmap.h, not AUTO */
    int32_t name_field;    /* of RM_CONTEXT_NAME; -1: none */
} rm_context_layer;

typedef struct rm_picture {
    rm_grid grid;
    const float *values; /* row after row, NaN: nothing */
    const rm_heat_classes *classes;
    const char *title;    /* this and the next three may be NULL */
    const char *subtitle; /* what it is: kernel, bandwidth, period, how many points */
    const char *unit;     /* above the legend */
    const char *footer;   /* source and date; the disclaimer line */
    const rm_context_layer *context;
    int32_t context_count;
    int32_t width, height; /* pixels */
    bool shielded;         /* AFGESCHERMD across the top, file 0600 */
    rm_language language;
    int threads; /* 0: as many as there are cores; the picture is the same for any number */
} rm_picture;

/* Whether this build can draw. */
bool rm_picture_possible(void);

/* A PNG: title and subtitle, the map in a frame, legend with classes and unit, scale bar in metres,
 * north arrow, footer. Texts are UTF-8 (what is not becomes blanks), are wrapped and end in an
 * ellipsis when there is no room. Values are shown between the centres of cells, and by their mean
 * where there are more cells than pixels; what is NaN or outside the raster is veiled and named in
 * the legend. Names that would overlap are left out. Sizes follow the page: width and height are
 * 300 to 8000. The same input gives the same bytes where cairo and the fonts are the same.
 * Title, subtitle, and for a shielded picture the warning are in the file's metadata too. Written
 * whole or not at all. RM_EUNSUPPORTED in a build without cairo. */
rm_status rm_picture_write(const rm_picture *picture, const char *path, bool overwrite,
                           rm_error *err);
/* What it would refuse of a path: a folder, another ending than .png (RM_EINVAL), what is there
 * without overwrite, a folder that is not. */
rm_status rm_picture_check_target(const char *path, bool overwrite, rm_error *err);

#endif
