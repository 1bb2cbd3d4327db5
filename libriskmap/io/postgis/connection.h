/* Between the files that speak with PostgreSQL. */
#ifndef RM_IO_POSTGIS_CONNECTION_H
#define RM_IO_POSTGIS_CONNECTION_H

#include "base/text.h"
#include "io/postgis/postgis.h"

#include <libpq-fe.h>

typedef struct rm_postgis {
    PGconn *connection;
    char *shown; /* the database as messages name it */
    /* for writing */
    char *schema;   /* as it is */
    char *quoted;   /* as an identifier */
    char *geometry; /* the type, with the schema that PostGIS is in */
    char *notice;
    int32_t srid;
    bool overwrite, shielded, failed;
} rm_postgis;

rm_status rm_postgis_connect(rm_postgis **out, const char *target, rm_error *err);
void rm_postgis_close(rm_postgis *pg); /* what was not committed is gone with it; NULL allowed */

/* One statement without rows; its text comes from us, with every name quoted by libpq. */
rm_status rm_postgis_run(rm_postgis *pg, const char *sql, rm_error *err);
/* What the server says of the last failure. */
rm_status rm_postgis_complain(const rm_postgis *pg, const char *doing, rm_error *err);
/* Appends a name or a text in quotes. */
rm_status rm_postgis_name(const rm_postgis *pg, rm_text *sql, const char *name, rm_error *err);
rm_status rm_postgis_literal(const rm_postgis *pg, rm_text *sql, const char *text, rm_error *err);

/* The first value of a query with up to two texts as its parameters; NULL when there is none. */
rm_status rm_postgis_ask(const rm_postgis *pg, char **out, const char *sql, const char *first,
                         const char *second, rm_error *err);

/* Fills a table that was just made, by COPY in binary form: fid, the geometry where there is one,
 * and the fields. */
typedef struct rm_postgis_rows {
    const char *table;
    const rm_geometry *geometry; /* NULL: none */
    const int64_t *fids;         /* NULL: row + 1 */
    bool multipolygon;
    const rm_field *fields;
    int32_t field_count;
    int64_t rows;
    rm_row_fn row;
    void *context;
} rm_postgis_rows;
rm_status rm_postgis_copy(rm_postgis *pg, const rm_postgis_rows *rows, rm_progress *progress,
                          rm_error *err);

#endif
