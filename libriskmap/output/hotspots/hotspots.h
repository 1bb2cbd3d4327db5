/* Hot spots among areas: values, neighbours, local statistic, classes. */
#ifndef RM_OUTPUT_HOTSPOTS_H
#define RM_OUTPUT_HOTSPOTS_H

#include "base/inputs.h"
#include "base/parallel.h"
#include "base/weights.h"
#include "model/labels.h"
#include "output/words.h"
#include "riskmap/hotspots.h"

struct rm_hotspots {            /* opaque to the public */
    rm_hotspots_options as;     /* as it was asked for, without its texts */
    char *what, *what_en, *per; /* what the value is */
    rm_inputs inputs;
    rm_layer *areas;
    rm_labels ids, names;
    rm_weights weights;
    double *value, *events, *exposure;
    double *statistic, *z, *p, *corrected;
    uint8_t *quadrant;
    int32_t *class_;
    rm_hotspots_facts facts;
};

/* options: checked, with a target CRS and threads. */
rm_status rm_hotspots_build(rm_hotspots **out, const char *areas,
                            const rm_hotspots_options *options, rm_progress *progress,
                            rm_error *err);

/* The words for a class. */
const char *rm_hotspots_class_words(const rm_hotspots *hotspots, int32_t class_,
                                    rm_language language);

/* The line that every map of hot spots carries. */
const char *rm_hotspots_disclaimer(rm_language language);
rm_status rm_hotspots_write_file(const rm_hotspots *hotspots, const char *path, bool overwrite,
                                 rm_language language, rm_error *err);
/* The table of that file. */
rm_status rm_hotspots_take_layer(rm_layer **out, const rm_hotspots *hotspots, rm_language language,
                                 rm_error *err);

#endif
