/* GDAL without its global manners: messages are caught per thread, drivers come from a list. */
#ifndef RM_IO_GDAL_ENV_H
#define RM_IO_GDAL_ENV_H

#include "base/redact.h"
#include "base/text.h"

/* Between enter and leave GDAL's messages of this thread go to `heard` (the last error, secrets
 * redacted) and thread-local config options are set. Every function and worker that calls GDAL is
 * inside one. Nesting is allowed. */
enum { RM_GDAL_WARNED = 3 };
typedef struct rm_gdal_ears {
    char heard[512];                  /* one line; "" when there was no error */
    int warnings;                     /* how many in all */
    char warned[RM_GDAL_WARNED][256]; /* the first different ones */
    int warned_count;
    unsigned options; /* the config options that enter set and leave takes back */
} rm_gdal_ears;
void rm_gdal_enter(rm_gdal_ears *ears);
void rm_gdal_leave(rm_gdal_ears *ears);

/* NULL-terminated list of the vector drivers that a file may be opened with; no VRT, no network. */
const char *const *rm_gdal_drivers(void);

#endif
