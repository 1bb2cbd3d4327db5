/* The colours of a heat map, the same in QGIS, in a palette and in a picture. */
#ifndef RM_OUTPUT_HEAT_COLOURS_H
#define RM_OUTPUT_HEAT_COLOURS_H

#include "base/text.h"
#include "io/raster/cog.h"
#include "output/words.h"

enum { RM_HEAT_CLASSES_LEAST = 3, RM_HEAT_CLASSES_MOST = 9 };

/* Classes with their lower bounds: class c holds bounds[c] <= value < bounds[c + 1], the last one
 * whatever is above; below bounds[0] nothing is drawn. Values and bounds are compared as float32,
 * as rasters hold them: 0.7 in a raster is in a class that begins at 0.7. */
typedef struct rm_heat_classes {
    double bounds[RM_HEAT_CLASSES_MOST + 1]; /* [count] is the highest value */
    rm_colour colours[RM_HEAT_CLASSES_MOST];
    int32_t count; /* 0: no value is above 0 */
} rm_heat_classes;

/* `count` (3 .. 9) classes from the values above 0 (NaN and infinite ones left out): at quantiles
 * of what is at least 5% of the highest value, rounded down to one digit or two. The higher the
 * class the fewer values it holds: the last of five has about 9% of them, so that it shows hot
 * spots and not a fifth of the map; no class is narrower than half of its share of the span on a
 * logarithmic scale. Fewer classes than asked for where there are fewer distinct values.
 * Colours run from transparent yellow to dark red in equal steps of lightness, so they can be told
 * apart by the colour-blind and in grey. For several maps on one legend make the classes from the
 * values of all. */
rm_status rm_heat_classes_make(rm_heat_classes *out, const float *values, int64_t value_count,
                               int32_t count, rm_error *err);
/* The highest of the finite values above 0; 0 when there is none. */
float rm_heat_highest(const float *values, int64_t count);
int32_t rm_heat_class(const rm_heat_classes *classes, double value); /* 0: none, else 1 .. count */
/* "1,2 – 3,4" in the language, for class 1 .. count; "onder 1,2" for 0. The highest value is
 * rounded up to three digits. */
void rm_heat_class_label(char *out, size_t size, const rm_heat_classes *classes, int32_t class_,
                         rm_language language);
/* The style that QGIS reads beside a float raster: discrete classes with labels that carry the unit
 * (may be NULL); what is in no class is see-through, and the rest lets a background map shine
 * through. */
void rm_heat_style_qml(rm_text *out, const rm_heat_classes *classes, const char *unit,
                       rm_language language);
/* The same beside a byte raster of the classes, which has their colours but no words in it. */
void rm_heat_palette_qml(rm_text *out, const rm_heat_classes *classes, const char *unit,
                         rm_language language);

#endif
