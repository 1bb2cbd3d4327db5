/* Without libpq. */
#include "io/postgis/postgis.h"
#include "io/postgis/read.h"

static rm_status not_built(rm_error *err)
{
    return rm_fail(err, RM_EUNSUPPORTED,
                   "this riskmap was built without libpq, and writes to no database");
}

rm_status rm_postgis_check(const rm_postgis_options *options, const char *const *names,
                           int32_t count, rm_error *err)
{
    (void)options;
    (void)names;
    (void)count;
    return not_built(err);
}

rm_status rm_postgis_create(rm_sink *out, const rm_postgis_options *options, const char *crs,
                            bool shielded, const char *notice, rm_error *err)
{
    (void)out;
    (void)options;
    (void)crs;
    (void)shielded;
    (void)notice;
    return not_built(err);
}

rm_status rm_postgis_read(rm_postgis_reader **out, const rm_postgis_table *table, rm_error *err)
{
    (void)table;
    (void)err;
    *out = NULL;
    return RM_OK;
}

rm_status rm_postgis_next(rm_postgis_reader *reader, rm_rows *rows, bool *ended, rm_error *err)
{
    (void)reader;
    (void)rows;
    (void)ended;
    return not_built(err);
}

void rm_postgis_reader_free(rm_postgis_reader *reader)
{
    (void)reader;
}
