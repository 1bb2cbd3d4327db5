/* Layers: features with geometry and fields, from files, arrays or Arrow streams. Part of
 * riskmap.h. */
#ifndef RISKMAP_LAYER_H
#define RISKMAP_LAYER_H

#include "riskmap/arrow_abi.h"
#include "riskmap/status.h"

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Features in memory. Read-only once made: any number of threads may read it. */
typedef struct rm_layer rm_layer;

/** Options of rm_layer_read. Begin with RM_READ_OPTIONS_INIT or rm_read_options_init. */
typedef struct rm_read_options {
    uint32_t size;          /**< sizeof(rm_read_options) */
    int32_t threads;        /**< 0: as many as there are cores; features keep the source's order */
    const char *layer;      /**< the layer in the source; NULL: the only one */
    const char *crs;        /**< of a source that states none, such as "EPSG:28992"; or NULL */
    const char *target_crs; /**< bring coordinates to it; NULL: leave them */
    const char *x; /**< columns with the coordinates in delimited text; NULL: by their names */
    const char *y;
    const char *where;          /**< rows wanted: riskmap's subset of SQL's WHERE, or NULL */
    const char *const *columns; /**< their names; NULL when column_count is 0 or -1 */
    int32_t only_best;    /**< not 0: fail where the best coordinate operation lacks its grid */
    int32_t shielded;     /**< not 0: messages name rows and columns, never cells */
    int32_t repair;       /**< not 0 (the default): close rings, repair invalid polygons */
    int32_t column_count; /**< how many fields are wanted; -1: all */
    rm_progress_fn progress;
    void *progress_user;
} rm_read_options;
/* clang-format off */
#define RM_READ_OPTIONS_INIT {sizeof(rm_read_options), 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, 1, 1, 0, NULL, NULL}
/* clang-format on */
RM_API void rm_read_options_init(rm_read_options *options);

/**
 * Reads one layer of a vector source: whatever GDAL opens from riskmap's list of drivers,
 * GeoPackage straight from SQLite, delimited text (.csv, .tsv, .txt, also .gz) with coordinate
 * columns. Rows whose geometry cannot be used stay, without geometry, and are issues.
 * @return RM_ENOTFOUND, RM_EIO, RM_EFORMAT, RM_ECRS, RM_EINVAL, RM_ECANCELLED, RM_ENOMEM
 */
RM_API rm_status rm_layer_read(rm_layer **out, const char *source, const rm_read_options *options,
                               rm_error *err);

/**
 * Points from plain arrays x[count], y[count], copied, in units of crs (which may be NULL:
 * unknown). NaN or infinite coordinates give features without geometry, and issues.
 */
RM_API rm_status rm_layer_from_points(rm_layer **out, const double *x, const double *y,
                                      int64_t count, const char *crs, rm_error *err);

/**
 * Features from an Arrow stream with one geometry column (extension geoarrow.wkb or ogc.wkb). The
 * stream is read to its end and released, also on failure. crs: where the stream states none in
 * the metadata of its geometry column.
 * @return RM_EFORMAT: no geometry column; RM_EUNSUPPORTED: a column type, which is named
 */
RM_API rm_status rm_layer_from_arrow(rm_layer **out, struct ArrowArrayStream *stream,
                                     const char *crs, rm_error *err);

/**
 * Hands a layer out as an Arrow stream: fid (int64), its fields, geometry (geoarrow.wkb with the
 * CRS as PROJJSON in its metadata). The layer must outlive the stream.
 */
RM_API rm_status rm_layer_to_arrow(const rm_layer *layer, struct ArrowArrayStream *out,
                                   rm_error *err);

RM_API void rm_layer_free(rm_layer *layer);

RM_API int64_t rm_layer_feature_count(const rm_layer *layer);
/** "" when unknown. Borrowed. */
RM_API const char *rm_layer_crs(const rm_layer *layer);
/** xmin, ymin, xmax, ymax; NaN when there is no geometry. */
RM_API void rm_layer_extent(const rm_layer *layer, double extent[4]);
RM_API int32_t rm_layer_field_count(const rm_layer *layer);
/** Borrowed; NULL out of range. */
RM_API const char *rm_layer_field_name(const rm_layer *layer, int32_t field);
/** A cell as a number (dates as day numbers); NaN when missing, no number, or out of range. */
RM_API double rm_layer_number(const rm_layer *layer, int64_t feature, int32_t field);
/** A text cell, borrowed and not NUL-terminated, its length in *length; NULL when missing, of
 * another type, or out of range. */
RM_API const char *rm_layer_text(const rm_layer *layer, int64_t feature, int32_t field,
                                 int64_t *length);
/** How many features were rejected, repaired or remarked on while the layer was made. */
RM_API int64_t rm_layer_issue_count(const rm_layer *layer);

#ifdef __cplusplus
}
#endif
#endif
