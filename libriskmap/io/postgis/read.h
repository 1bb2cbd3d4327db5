/* Rows of a PostgreSQL table, straight from the server. */
#ifndef RM_IO_POSTGIS_READ_H
#define RM_IO_POSTGIS_READ_H

#include "data/layer.h"

/* A column as the driver found it in the database's own catalogue. */
typedef struct rm_postgis_column {
    const char *name;
    rm_type type; /* as it is to be delivered */
    bool list;    /* an array, which becomes one text with commas */
    bool boolean; /* becomes 0 and 1 */
} rm_postgis_column;

typedef struct rm_postgis_table {
    const char *source; /* "PG:..." */
    const char *layer; /* "table" in the current schema, "schema.table", with or without "(geom)" */
    const char *id;    /* the column that identifies a row; NULL: they are counted from 1 */
    const char *geometry; /* NULL: none */
    const rm_postgis_column *columns;
    int32_t count;
} rm_postgis_table;

/* By COPY in binary form, of these columns and no others: GDAL's driver (3.6) reads whole rows,
 * whatever is ignored, 500 at a time through text. *out = NULL with RM_OK when riskmap was built
 * without libpq, and the driver has to do. */
typedef struct rm_postgis_reader rm_postgis_reader;
rm_status rm_postgis_read(rm_postgis_reader **out, const rm_postgis_table *table, rm_error *err);
/* Appends the next rows; *ended: there are no more. RM_ECRS when the geometries have several SRIDs.
 * The caller is inside rm_gdal_enter. */
rm_status rm_postgis_next(rm_postgis_reader *reader, rm_rows *rows, bool *ended, rm_error *err);
void rm_postgis_reader_free(rm_postgis_reader *reader); /* NULL allowed */

#endif
