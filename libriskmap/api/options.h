/* Reading the callers' option structs, which may be of an older version and shorter. */
#ifndef RM_API_OPTIONS_H
#define RM_API_OPTIONS_H

#include "model/run.h"
#include "riskmap/result.h"

/* Takes what the caller's version of a struct has over the defaults in *out; `added` is its first
 * member that its first version did not have. given may be NULL. */
#define RM_TAKE_OPTIONS(out, given, type, init, added, err)                                        \
    rm_take_options((out), sizeof(type), (given), offsetof(type, added), #type, #init, (err))
rm_status rm_take_options(void *out, size_t size, const void *given, size_t least, const char *type,
                          const char *init, rm_error *err);

/* What a layer may be given as: a path (NULL or "": none) or in memory, not both. part: what names
 * a part of a file, which a layer in memory has none of; NULL: not given. Names are those of the
 * arguments. */
typedef struct rm_given_layer {
    const char *name, *path;
    const char *memory_name;
    const rm_layer *memory;
    const char *part_name, *part;
} rm_given_layer;
rm_status rm_check_given(const rm_given_layer *given, int count, rm_error *err);

/* Defaults where options is NULL or ends early; checked against the model. */
rm_status rm_run_options_read(rm_run_options *out, const rm_model *model,
                              const rm_run_options *options, rm_error *err);
/* The layers that checked options take from elsewhere; names and sources are borrowed from them. */
rm_status rm_run_overrides(rm_override **out, int32_t *count, const rm_run_options *options,
                           rm_error *err);

#endif
