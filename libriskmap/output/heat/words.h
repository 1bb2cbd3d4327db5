/* What a heat map says about itself. */
#ifndef RM_OUTPUT_HEAT_WORDS_H
#define RM_OUTPUT_HEAT_WORDS_H

#include "io/raster/cog.h"
#include "output/heat/heatmap.h"
#include "output/words.h"

const char *rm_heat_kernel_name(int32_t kernel, rm_language language);
/* "meldingen per km²", "meldingen per 1000 adressen" */
void rm_heat_unit(rm_text *out, const rm_heatmap *heatmap, rm_language language);
/* "2.969 meldingen, 2023-01-01 t/m 2024-12-31; quartische kern, straal 500 m, cel 25 m" */
void rm_heat_subtitle(rm_text *out, const rm_heatmap *heatmap, int32_t period,
                      rm_language language);
/* The line that every heat map carries. */
const char *rm_heat_disclaimer(rm_language language);

/* The same as tags of a raster, RISKMAP_*. Owned. */
typedef struct rm_heat_tags {
    rm_text names, values; /* NUL-separated */
    rm_raster_tag *tags;
    int32_t count;
} rm_heat_tags;
rm_status rm_heat_tags_make(rm_heat_tags *out, const rm_heatmap *heatmap, int32_t period,
                            rm_error *err);
void rm_heat_tags_clear(rm_heat_tags *tags);

#endif
