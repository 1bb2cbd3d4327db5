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
 * rm_arrow_type. Understands booleans, all integers, float32/64, utf8/large_utf8,
 * dictionary-encoded utf8, date32/64, timestamps (zone-less ones are local time, UTC stays UTC,
 * other zones are refused), lists of utf8 (joined with ','), all-null columns (as text),
 * binary/large_binary WKB. Unreadable geometry is an issue and leaves RM_KIND_NONE; bytes that are
 * no UTF-8 are replaced by U+FFFD, with an issue; an integer beyond int64 is missing, with an
 * issue. Curves call `stroke` (may be NULL: malformed). After a failure rows are fit for
 * rm_rows_reset and rm_rows_clear alone. */
rm_status rm_arrow_append(rm_rows *rows, const rm_arrow_plan *plan,
                          const struct ArrowSchema *schema, const struct ArrowArray *array,
                          rm_error *err);
/* The rm_type that a child schema is delivered as; RM_EUNSUPPORTED names the format. */
rm_status rm_arrow_type(const struct ArrowSchema *schema, rm_type *out, rm_error *err);
/* The child of a schema that holds geometry (extension name ogc.wkb or geoarrow.wkb), or -1. */
int rm_arrow_geometry_column(const struct ArrowSchema *schema);
/* The bytes of one value in a schema's metadata, borrowed; NULL when it has none of this key. */
const char *rm_arrow_metadata(const char *metadata, const char *key, int64_t *length);

/* A layer as an Arrow stream in batches of at most 65,536 rows: fid (int64), the columns, geometry
 * (geoarrow.wkb; null for RM_KIND_NONE; absent when the layer's rows have none) with {"crs": ...}
 * in its metadata: crs (copied; NULL: unknown) as a text, or as it is when it is PROJJSON. The
 * stream borrows the layer, which must outlive it; batches own their memory and may outlive both.
 */
rm_status rm_arrow_export(struct ArrowArrayStream *out, const rm_layer *layer, const char *crs,
                          rm_error *err);

#endif
