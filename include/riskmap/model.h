/* The model file. Part of riskmap.h. */
#ifndef RISKMAP_MODEL_H
#define RISKMAP_MODEL_H

#include "riskmap/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/** A model that was read and found sound. Read-only after reading: any number of threads may use
 * it. */
typedef struct rm_model rm_model;

/**
 * Reads a model file (JSON, UTF-8, at most 16 MiB). Sources in it are relative to the file.
 * Checked: every key, value and reference, without opening any source. Not checked: whether the
 * sources exist (rm_check does).
 * @return RM_ENOTFOUND, RM_EIO, RM_EMODEL (the message names the line, the path inside the file and
 *         what would be right), RM_ELIMIT (larger than 16 MiB, or a million values), RM_EINVAL (a
 *         NULL argument), RM_ENOMEM
 */
RM_API rm_status rm_model_read(rm_model **out, const char *path, rm_error *err);

/**
 * The same for text in memory; base (may be NULL) is a file name that relative sources are beside.
 */
RM_API rm_status rm_model_parse(rm_model **out, const char *text, const char *base, rm_error *err);

RM_API void rm_model_free(rm_model *model);

/** Borrowed from the model; "" where the model does not say. */
RM_API const char *rm_model_name(const rm_model *model);
RM_API const char *rm_model_title(const rm_model *model);
/** The model file's text, as it was read. */
RM_API const char *rm_model_text(const rm_model *model);
RM_API int32_t rm_model_layer_count(const rm_model *model);
/** NULL when index is out of range. */
RM_API const char *rm_model_layer_name(const rm_model *model, int32_t index);
RM_API int32_t rm_model_indicator_count(const rm_model *model);
/** The share of the weight that must be known of a place for it to have a score, 0 to 1; 1 where
 * the model leaves a place with a missing value without one. */
RM_API double rm_model_min_coverage(const rm_model *model);

#ifdef __cplusplus
}
#endif
#endif
