/* Reading the callers' option structs, which may be of an older version and shorter. */
#ifndef RM_API_OPTIONS_H
#define RM_API_OPTIONS_H

#include "riskmap/result.h"

/* Defaults where options is NULL or ends early; checked against the model. */
rm_status rm_run_options_read(rm_run_options *out, const rm_model *model,
                              const rm_run_options *options, rm_error *err);

#endif
