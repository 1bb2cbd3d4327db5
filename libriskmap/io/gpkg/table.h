/* What a GeoPackage says about one of its tables. */
#ifndef RM_IO_GPKG_TABLE_H
#define RM_IO_GPKG_TABLE_H

#include "base/text.h"
#include "io/reader.h"

#include <sqlite3.h>

typedef struct rm_gpkg_table {
    char *name, *key; /* key: its integer primary key */
    char *geometry;   /* its geometry column, NULL: none */
    char *crs;        /* a definition, NULL when undefined */
    rm_table columns; /* all other columns, no rows */
    bool *readable;   /* [columns.count] false: of a type that GDAL has to read */
} rm_gpkg_table;

/* How SQLite opens the file read-only and leaves nothing beside it: *out = NULL with RM_OK when it
 * is no SQLite file, or when another program is writing to it (a -wal file beside it). */
rm_status rm_gpkg_uri(char **out, const char *path, rm_error *err);
/* True for a file in WAL mode of which nothing waits in a -wal file. */
bool rm_gpkg_is_settled_wal(const char *path);
rm_status rm_gpkg_connect(sqlite3 **out, const char *uri, const char *shown, rm_error *err);
rm_status rm_gpkg_fail(sqlite3 *db, const char *shown, rm_error *err);

/* Finds the table of the request. *plain = false when it is not one that can be read row by row: a
 * view, no integer key, several geometry columns, or no such table at all. */
rm_status rm_gpkg_table_find(rm_gpkg_table *out, const char *uri, const rm_request *request,
                             bool *plain, rm_error *err);
void rm_gpkg_table_clear(rm_gpkg_table *table);

rm_status rm_gpkg_count(sqlite3 *db, const rm_gpkg_table *table, int64_t *count, const char *shown,
                        rm_error *err);
rm_status rm_gpkg_id_range(sqlite3 *db, const rm_gpkg_table *table, int64_t *first, int64_t *last,
                           bool *any, const char *shown, rm_error *err);

/* The registered spatial index: what it covers (false: there is none), whether it holds as many
 * rows as the table, and the sorted ids of what may touch a box; *ids = NULL when those are over
 * `most`. */
bool rm_gpkg_index_extent(sqlite3 *db, const rm_gpkg_table *table, rm_box *out);
rm_status rm_gpkg_index_complete(sqlite3 *db, const rm_gpkg_table *table, bool *complete,
                                 int64_t *count, const char *shown, rm_error *err);
rm_status rm_gpkg_index_search(sqlite3 *db, const rm_gpkg_table *table, const rm_box *box,
                               int64_t most, int64_t **ids, int64_t *count, const char *shown,
                               rm_error *err);

void rm_gpkg_quote(rm_text *text, const char *name); /* "name", quotes doubled */

#endif
