/* The colours of a heat map, the same in QGIS, in a palette and in a picture. */
#ifndef RM_OUTPUT_HEAT_COLOURS_H
#define RM_OUTPUT_HEAT_COLOURS_H

#include "base/text.h"
#include "io/raster/cog.h"
#include "output/words.h"

enum { RM_HEAT_CLASSES_MOST = 9 };

/* Classes with their lower bounds: class c holds bounds[c] <= value < bounds[c + 1]; below
 * bounds[0] nothing is drawn. */
typedef struct rm_heat_classes {
    double bounds[RM_HEAT_CLASSES_MOST + 1]; /* [count] is the highest value */
    rm_colour colours[RM_HEAT_CLASSES_MOST];
    int32_t count;
} rm_heat_classes;

/* `count` (3 .. 9) classes from the values above 0 (NaN left out): at quantiles of what is above 5%
 * of the highest value, rounded to numbers that people read. Colours run from transparent yellow to
 * dark red and can be told apart by the colour-blind and in grey. */
rm_status rm_heat_classes_make(rm_heat_classes *out, const float *values, int64_t value_count,
                               int32_t count, rm_error *err);
int32_t rm_heat_class(const rm_heat_classes *classes, double value); /* 0: none, else 1 .. count */
/* "1,2 - 3,4" in the language */
void rm_heat_class_label(char *out, size_t size, const rm_heat_classes *classes, int32_t class_,
                         rm_language language);
/* The style that QGIS reads beside a raster: discrete classes with labels; the lowest is
 * see-through. */
void rm_heat_style_qml(rm_text *out, const rm_heat_classes *classes, const char *unit,
                       rm_language language);

#endif
