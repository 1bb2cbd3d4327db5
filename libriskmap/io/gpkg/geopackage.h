/* Writing a GeoPackage that is complete and checked, or not there at all. */
#ifndef RM_IO_GPKG_GEOPACKAGE_H
#define RM_IO_GPKG_GEOPACKAGE_H

#include "base/progress.h"
#include "data/layer.h"

typedef struct rm_field {
    const char *name;
    rm_type type;
    const char *title;       /* words for people, in the schema extension; NULL: none */
    const char *description; /* NULL: none */
} rm_field;

/* One cell, in the member that the field's type calls for; missing = true writes NULL. Cells are
 * all zero when a row is asked for. Bytes of text that are no UTF-8 become U+FFFD; infinite reals
 * are RM_EINVAL. */
typedef struct rm_cell {
    bool missing;
    int64_t i64;      /* RM_INT64, RM_DATE (day number), RM_DATETIME (milliseconds) */
    double f64;       /* NaN writes NULL */
    const char *text; /* NUL-terminated, borrowed until the next row; NULL writes NULL */
} rm_cell;
typedef rm_status (*rm_row_fn)(void *context, int64_t row, rm_cell *cells, rm_error *err);

typedef struct rm_gpkg rm_gpkg;
/* RM_EINVAL: path is a folder or does not end in .gpkg; RM_EEXISTS: it is there, without overwrite;
 * RM_ENOTFOUND: its folder is not. */
rm_status rm_gpkg_check_target(const char *path, bool overwrite, rm_error *err);
/* Works on a temporary file beside path; refuses what rm_gpkg_check_target does. */
rm_status rm_gpkg_create(rm_gpkg **out, const char *path, const char *crs, bool overwrite,
                         bool shielded, rm_error *err);
/* A feature table with column `geom` and a spatial index: MultiPolygon when multipolygon, else
 * mixed Geometry; the primary key `fid` is fids[row] (NULL: row + 1), RM_EINVAL when one occurs
 * twice. Rows without geometry get NULL. No two columns may have one name; fid and geom are taken.
 * A DATETIME is written as local time, without a zone. After a call that failed finish fails too:
 * free the file. */
rm_status rm_gpkg_add_features(rm_gpkg *gpkg, const char *name, const char *identifier,
                               const char *description, const rm_geometry *geometry,
                               const int64_t *fids, bool multipolygon, const rm_field *fields,
                               int32_t field_count, rm_row_fn row, void *context,
                               rm_progress *progress, rm_error *err);
/* An attributes table, registered in gpkg_contents. */
rm_status rm_gpkg_add_table(rm_gpkg *gpkg, const char *name, const char *identifier,
                            const char *description, const rm_field *fields, int32_t field_count,
                            int64_t rows, rm_row_fn row, void *context, rm_progress *progress,
                            rm_error *err);
/* A view over tables of this file, registered as attributes. select is trusted SQL; its first
 * column should be a whole number that differs in every row, such as the fid of one of its tables:
 * the GeoPackage standard asks for it, and a GIS tells rows apart by it. */
rm_status rm_gpkg_add_view(rm_gpkg *gpkg, const char *name, const char *identifier,
                           const char *select, rm_error *err);
/* Adds to layer_styles (made and registered at the first call), as the default style of `table`.
 * QGIS takes names of 30 characters; longer ones are cut. */
rm_status rm_gpkg_add_style(rm_gpkg *gpkg, const char *table, const char *style_name,
                            const char *qml, const char *description, rm_error *err);
/* Text in gpkg_metadata for the whole file (scope dataset, mime type given). */
rm_status rm_gpkg_add_metadata(rm_gpkg *gpkg, const char *mime_type, const char *text,
                               rm_error *err);
/* Closes, reopens, compares every table's row count and checks integrity, journal mode DELETE, then
 * fsync and rename. On failure nothing is left behind. */
rm_status rm_gpkg_finish(rm_gpkg *gpkg, rm_error *err);
void rm_gpkg_free(rm_gpkg *gpkg); /* removes the temporary file when finish did not succeed */

#endif
