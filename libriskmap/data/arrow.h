/* The Arrow C data interface: rows in and out. */
#ifndef RM_DATA_ARROW_H
#define RM_DATA_ARROW_H

#include "data/source.h"

#include "riskmap/arrow_abi.h" /* struct ArrowSchema, ArrowArray, ArrowArrayStream, guarded */

/* Strokes one WKB geometry with curves and appends it as exactly one feature; *verdict as of
 * rm_geometry_add_wkb. */
typedef rm_status (*rm_stroke_fn)(void *context, const uint8_t *wkb, int64_t size,
                                  rm_geometry *geometry, rm_issue_code *verdict, rm_error *err);
typedef struct rm_arrow_plan {
    int geometry_column, id_column;
    const int *columns; /* [rows->table.count] */
    int64_t first_id;
    rm_stroke_fn stroke;
    void *stroke_context;
} rm_arrow_plan;

/* Appends an Arrow struct array (one batch of a record stream) to rows. geometry_column and
 * id_column are child numbers or -1; a row without an id of its own gets first_id plus its place in
 * this array. columns[i] is the child that feeds table column i, whose type is that of
 * rm_arrow_type. Geometry is binary (also large, also views) that holds WKB, or one of GeoArrow's
 * lists of coordinates. Unreadable geometry is an issue and leaves RM_KIND_NONE; bytes that are no
 * UTF-8 are replaced by U+FFFD, with an issue; an integer beyond int64 is missing, with an issue.
 * Curves call `stroke` (may be NULL: malformed). After a failure rows are fit for rm_rows_reset and
 * rm_rows_clear alone. */
rm_status rm_arrow_append(rm_rows *rows, const rm_arrow_plan *plan,
                          const struct ArrowSchema *schema, const struct ArrowArray *array,
                          rm_error *err);
/* Its rows begin .. begin + count alone. Several threads may read one array. */
rm_status rm_arrow_append_some(rm_rows *rows, const rm_arrow_plan *plan,
                               const struct ArrowSchema *schema, const struct ArrowArray *array,
                               int64_t begin, int64_t count, rm_error *err);
/* Makes room for all rows of an array: one large piece of memory is filled sooner than one that
 * grows. The plan has a geometry column. */
rm_status rm_arrow_reserve(rm_rows *rows, const rm_arrow_plan *plan,
                           const struct ArrowSchema *schema, const struct ArrowArray *array,
                           rm_error *err);
/* The rm_type that a child schema is delivered as: booleans and all integers RM_INT64; float16, 32,
 * 64 and decimals (the nearest double) RM_FLOAT64; utf8, also large and views, times of day
 * (hh:mm:ss), lists of texts or numbers (joined with ',') and all-null columns RM_TEXT; date32 and
 * date64 RM_DATE; timestamps RM_DATETIME, by the clocks of their own zone, UTC's among them; a
 * dictionary what its values are. RM_EUNSUPPORTED names column and format. */
rm_status rm_arrow_type(const struct ArrowSchema *schema, rm_type *out, rm_error *err);
/* The first child of a schema that says, as its extension, that it holds geometry in a form that is
 * read (ogc.wkb, geoarrow.wkb, geoarrow.point to geoarrow.multipolygon), or -1. */
int rm_arrow_geometry_column(const struct ArrowSchema *schema);
bool rm_arrow_is_geometry(const struct ArrowSchema *column); /* whether it says so */
/* The name of a column's extension type, borrowed; NULL when it has none. */
const char *rm_arrow_extension(const struct ArrowSchema *column, int64_t *length);
bool rm_arrow_is_binary(const char *format);
bool rm_arrow_is_integer(const char *format); /* of any size; no booleans */
/* The bytes of one value in a schema's metadata, borrowed; NULL when it has none of this key. */
const char *rm_arrow_metadata(const char *metadata, const char *key, int64_t *length);

/* A layer as an Arrow stream in batches of at most 524,288 rows, made by all cores: fid (int64),
 * the columns, geometry (geoarrow.wkb; null for RM_KIND_NONE; absent when the layer's rows have
 * none) with {"crs": ...} in its metadata: crs (copied; NULL: unknown) as a text, or as it is when
 * it is PROJJSON. The stream borrows the layer, which must outlive it; batches own their memory and
 * may outlive both.
 */
rm_status rm_arrow_export(struct ArrowArrayStream *out, const rm_layer *layer, const char *crs,
                          rm_error *err);

#endif
