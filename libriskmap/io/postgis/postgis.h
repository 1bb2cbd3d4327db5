/* A result as tables of a PostGIS database: all of them, or none. */
#ifndef RM_IO_POSTGIS_POSTGIS_H
#define RM_IO_POSTGIS_POSTGIS_H

#include "io/sink.h"

typedef struct rm_postgis_options {
    const char *target; /* "PG:..." or "postgresql://..." */
    const char *schema; /* made when it is not there */
    bool overwrite;     /* tables that an earlier result left there are replaced, no others */
} rm_postgis_options;

/* Connects, and sees to it that there is PostGIS and that none of `names` would be in the way:
 * RM_EEXISTS. What writing would refuse is refused before the computing starts. */
rm_status rm_postgis_check(const rm_postgis_options *options, const char *const *names,
                           int32_t count, rm_error *err);

/* Begins the one transaction in which everything is written; freeing the sink without a finish
 * undoes it. `notice` becomes part of the comment on every table. shielded: nobody but the owner
 * has any right to what is written. */
rm_status rm_postgis_create(rm_sink *out, const rm_postgis_options *options, const char *crs,
                            bool shielded, const char *notice, rm_error *err);

#endif
