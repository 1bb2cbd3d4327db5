/* What the files of the GeoPackage writer share. */
#ifndef RM_IO_GPKG_WRITE_H
#define RM_IO_GPKG_WRITE_H

#include "io/gpkg/geopackage.h"

#include <sqlite3.h>

typedef enum rm_gpkg_kind { RM_GPKG_FEATURES, RM_GPKG_ATTRIBUTES, RM_GPKG_VIEW } rm_gpkg_kind;

typedef struct rm_gpkg_written {
    char *name;
    rm_gpkg_kind kind;
    int64_t rows;    /* written; -1 for a view, whose rows are not ours to know */
    int64_t indexed; /* entries in the spatial index */
} rm_gpkg_written;

struct rm_gpkg {
    sqlite3 *db;
    char *path, *temporary;
    int32_t srs_id;
    bool overwrite, shielded;
    bool failed;   /* a step went wrong: what is in the file is not to be trusted */
    bool finished; /* under its own name; nothing to remove */
    bool titled, has_metadata;
    int32_t styles; /* the number in tables of layer_styles, or -1 */
    rm_gpkg_written *tables;
    int64_t table_count, table_capacity;
};

/* Remembers a failure, so that finish refuses; returns status. */
rm_status rm_gpkg_note(rm_gpkg *gpkg, rm_status status);
/* What SQLite last complained about, as a status and a message that names the file. `table`, NULL
 * for none, is the one whose feature ids may be double. */
rm_status rm_gpkg_complain(const rm_gpkg *gpkg, const char *table, rm_error *err);
/* sqlite3_mprintf's formats: %w in a "name", %Q for a text or NULL. */
rm_status rm_gpkg_run(rm_gpkg *gpkg, rm_error *err, const char *format, ...);
rm_status rm_gpkg_prepare(rm_gpkg *gpkg, sqlite3_stmt **out, rm_error *err, const char *format,
                          ...);

/* Refuses a name that is taken or reserved, and adds it to gpkg->tables and gpkg_contents. */
rm_status rm_gpkg_register(rm_gpkg *gpkg, const char *name, rm_gpkg_kind kind,
                           const char *identifier, const char *description, rm_error *err);
/* Titles and descriptions of the fields of a table, in the schema extension. */
rm_status rm_gpkg_add_titles(rm_gpkg *gpkg, const char *table, const rm_field *fields,
                             int32_t field_count, rm_error *err);
/* Makes the table: fid, geom of geometry_type unless that is NULL, the fields. */
rm_status rm_gpkg_make_table(rm_gpkg *gpkg, const char *name, const char *geometry_type,
                             const rm_field *fields, int32_t field_count, rm_error *err);

/* Binds what stands before the fields (fid, geometry); the blob must live until the next call. */
typedef rm_status (*rm_gpkg_lead_fn)(void *context, int64_t row, sqlite3_stmt *insert,
                                     rm_error *err);
typedef struct rm_gpkg_rows {
    const char *table;
    int32_t lead_columns;
    rm_gpkg_lead_fn lead;
    void *lead_context;
    const rm_field *fields;
    int32_t field_count;
    int64_t rows;
    rm_row_fn row;
    void *context;
} rm_gpkg_rows;
rm_status rm_gpkg_insert(rm_gpkg *gpkg, const rm_gpkg_rows *rows, rm_progress *progress,
                         rm_error *err);

/* The R-tree of a feature table, packed; fids NULL: row + 1. Returns the
 * entries through *indexed. */
rm_status rm_gpkg_index(rm_gpkg *gpkg, const char *table, const rm_geometry *geometry,
                        const int64_t *fids, int64_t *indexed, rm_error *err);

/* Opens the closed temporary file again, with SQLite and with GDAL, and compares. */
rm_status rm_gpkg_check(const rm_gpkg *gpkg, rm_error *err);

#endif
