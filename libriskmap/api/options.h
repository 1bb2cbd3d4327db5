/* Reading the callers' option structs, which may be of an older version and shorter. */
#ifndef RM_API_OPTIONS_H
#define RM_API_OPTIONS_H

#include "base/memory.h"
#include "riskmap/result.h"

/* Takes what the caller's version of a struct has over the defaults in *out; `added` is its first
 * member that its first version did not have. given may be NULL. */
#define RM_TAKE_OPTIONS(out, given, type, init, added, err)                                        \
    rm_take_options((out), sizeof(type), (given), offsetof(type, added), #type, #init, (err))
rm_status rm_take_options(void *out, size_t size, const void *given, size_t least, const char *type,
                          const char *init, rm_error *err);

/* Defaults where options is NULL or ends early; checked against the model. */
rm_status rm_run_options_read(rm_run_options *out, const rm_model *model,
                              const rm_run_options *options, rm_error *err);

#endif
