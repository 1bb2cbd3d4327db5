/* Which files in a folder hold the layers of a model. Part of riskmap.h. */
#ifndef RISKMAP_MATCH_H
#define RISKMAP_MATCH_H

#include "riskmap/model.h"

#ifdef __cplusplus
extern "C" {
#endif

/** The files of a folder held against a model. Texts are borrowed from it. */
typedef struct rm_match rm_match;

/**
 * Lists every file with data in a folder and below it (8 levels, 10,000 files; no folder twice,
 * whatever links lead to it; a .zip and a .gdb count as one file), without reading features, and
 * says for every layer of the model which of them fit: those with all the fields that the model
 * needs of it and a geometry that its indicators can use. One is taken where it is clear: by what
 * it is recognised as, its fields, its name. The model's own sources are listed too where they are
 * files that exist, to compare with; addresses are not opened. Nothing is written, and the model
 * must outlive the match.
 * @return RM_ENOTFOUND (no such folder), RM_ELIMIT, RM_EINVAL, RM_ECANCELLED, RM_ENOMEM; files that
 *         cannot be read are among the sources, with their problem
 */
RM_API rm_status rm_match_folder(rm_match **out, const rm_model *model, const char *folder,
                                 rm_progress_fn progress, void *progress_user, rm_error *err);
RM_API void rm_match_free(rm_match *match);

/** A layer in a file of the folder. */
typedef struct rm_match_source {
    const char *path;          /**< begins with the folder as it was given */
    const char *layer;         /**< the layer in it; "" when it could not be read */
    const char *taken_for;     /**< "BAG light: verblijfsobject", or "" */
    const char *taken_for_en;  /**< the same in English */
    const char *geometry_type; /**< "Polygon", "None", ...; "" when it could not be read */
    const char *problem;       /**< why it could not be read; "" when it was */
    int64_t features;          /**< -1: not known without reading */
} rm_match_source;
RM_API int32_t rm_match_source_count(const rm_match *match);
RM_API rm_status rm_match_source_at(const rm_match *match, int32_t index, rm_match_source *out,
                                    rm_error *err);

/** How a layer of the model stands. */
typedef enum rm_match_state {
    RM_MATCH_TAKEN = 0,   /**< a source is chosen */
    RM_MATCH_UNCLEAR = 1, /**< some fit, and none stands out */
    RM_MATCH_KEPT = 2,    /**< the source that the model names, for nothing fits better */
    RM_MATCH_MISSING = 3, /**< nothing fits, and the source that the model names is not there */
    RM_MATCH_UNUSED = 4   /**< no indicator uses it: it is left as it is */
} rm_match_state;

/** One layer of the model. */
typedef struct rm_matched_layer {
    const char *name;
    const char *fields; /**< the fields that the model needs of it, separated by ", " */
    const char *source; /**< what will be used: "file.gpkg|layername=pand"; what the model names
                             when nothing else is chosen */
    int32_t state;      /**< an rm_match_state */
    int32_t chosen;     /**< number of the source, -1: none of the folder */
    int32_t fit_count;  /**< how many fit */
} rm_matched_layer;
RM_API int32_t rm_match_layer_count(const rm_match *match); /**< as in the model */
RM_API rm_status rm_match_layer(const rm_match *match, int32_t layer, rm_matched_layer *out,
                                rm_error *err);
/** The numbers of the sources that fit a layer, the best first; -1 when there is no such one. */
RM_API int32_t rm_match_fit(const rm_match *match, int32_t layer, int32_t index);

/** Settles a layer: with a source of the folder, or with -1 (what the model names stays). */
RM_API rm_status rm_match_choose(rm_match *match, int32_t layer, int32_t source, rm_error *err);
/** Settles a layer with a source that need not be in the folder, "file.gpkg|layername=pand". */
RM_API rm_status rm_match_give(rm_match *match, const char *layer, const char *source,
                               rm_error *err);

/**
 * Writes the model with the sources that were chosen, relative to the new file; what nothing was
 * chosen for keeps its source, named from there. All else stays as it is in the model's text, byte
 * by byte. Written whole or not at all.
 * @return RM_EEXISTS (without overwrite), RM_EINVAL (the file is one of the sources, or a source
 * has a name that is not UTF-8), RM_ENOTFOUND (its folder does not exist), RM_EIO, RM_ENOMEM
 */
RM_API rm_status rm_match_write(const rm_match *match, const char *path, int32_t overwrite,
                                rm_error *err);

#ifdef __cplusplus
}
#endif
#endif
