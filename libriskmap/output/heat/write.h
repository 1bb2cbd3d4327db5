/* A heat map as files. */
#ifndef RM_OUTPUT_HEAT_WRITE_H
#define RM_OUTPUT_HEAT_WRITE_H

#include "output/heat/colours.h"
#include "output/heat/words.h"

/* How it is written; checked. Progress may be NULL. */
typedef struct rm_heat_writing {
    const rm_heatmap_write_options *options;
    rm_language language;
    rm_progress *progress;
} rm_heat_writing;

/* The classes that all periods share. */
rm_status rm_heat_shared_classes(rm_heat_classes *out, const rm_heatmap *heatmap, int32_t count,
                                 rm_error *err);

rm_status rm_heat_write_raster(const rm_heatmap *heatmap, int32_t period, const char *path,
                               const rm_heat_writing *writing, rm_error *err);
rm_status rm_heat_write_classes(const rm_heatmap *heatmap, int32_t period, const char *path,
                                const rm_heat_writing *writing, rm_error *err);
rm_status rm_heat_write_picture(const rm_heatmap *heatmap, int32_t period, const char *path,
                                const rm_heat_writing *writing, rm_error *err);
rm_status rm_heat_write_contours(const rm_heatmap *heatmap, int32_t period, const char *path,
                                 const rm_heat_writing *writing, rm_error *err);
/* The table of that file. */
rm_status rm_heat_take_contours(rm_layer **out, const rm_heatmap *heatmap, int32_t period,
                                rm_progress *progress, rm_error *err);

#endif
