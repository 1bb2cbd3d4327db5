/* Which files in a folder hold the layers of a model. */
#ifndef RM_OUTPUT_MATCH_FOLDER_H
#define RM_OUTPUT_MATCH_FOLDER_H

#include "base/progress.h"
#include "base/text.h"
#include "io/profile.h"
#include "model/model.h"

#include "riskmap/match.h"

/* Texts are owned and may be NULL. */
typedef struct rm_found_source {
    char *path, *layer, *geometry_type, *problem;
    const rm_profile *profile; /* NULL: not recognised */
    rm_table columns;
    int64_t features;
    bool only; /* the file holds no other layer */
} rm_found_source;

/* points: what speaks for a source beyond that it fits. */
typedef struct rm_fit {
    int32_t source, points;
} rm_fit;

typedef struct rm_layer_match {
    rm_fit *fits; /* the best first */
    int32_t fit_count, chosen;
    rm_match_state state;
    bool there;           /* what the model names exists, or is an address */
    char *given, *source; /* given: by the user; source: as rm_matched_layer shows it */
    rm_text fields;
} rm_layer_match;

struct rm_match {
    const rm_model *model;
    rm_found_source *sources;
    int64_t source_count, source_capacity;
    rm_layer_match *layers; /* as in the model */
};

rm_status rm_match_make(rm_match **out, const rm_model *model, const char *folder,
                        rm_progress *progress, rm_error *err);
/* Makes layer->source anew from what is chosen or given. */
rm_status rm_match_name_source(rm_match *match, int32_t layer, rm_error *err);
void rm_match_clear(rm_match *match); /* frees it; NULL allowed */

rm_status rm_match_save(const rm_match *match, const char *path, bool overwrite, rm_error *err);

#endif
