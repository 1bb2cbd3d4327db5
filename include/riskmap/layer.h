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
    uint32_t size;     /**< sizeof(rm_read_options) */
    int32_t threads;   /**< 0: as many as there are cores; features keep the source's order */
    const char *layer; /**< the layer in the source; NULL: the only one */
    const char *crs;   /**< of a source that states none, or a wrong one: "EPSG:28992"; or NULL */
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
 * @return RM_ECRS: a crs that PROJ does not know
 */
RM_API rm_status rm_layer_from_points(rm_layer **out, const double *x, const double *y,
                                      int64_t count, const char *crs, rm_error *err);

/**
 * Features from a GeoJSON text in memory: a FeatureCollection, a Feature, a geometry or a
 * GeometryCollection, read as GDAL reads such a file; text[length] is UTF-8 and need not end with a
 * NUL. Numbers as "id" become feature ids. Rows whose geometry cannot be used stay, without
 * geometry, and are issues.
 * crs: what the coordinates are in, whatever the text says of it; NULL: the text's own "crs" member
 * (from before RFC 7946, still written by many), else lon/lat ("EPSG:4326"; longitude comes first
 * here as everywhere).
 * progress may be NULL. GDAL parses a FeatureCollection in pieces, between which it can be stopped;
 * a text that is a single feature or geometry it parses whole, some 50 MB of it in a second.
 * @return RM_EFORMAT: no JSON (with the line where it goes wrong) or no GeoJSON; RM_ECRS: crs is
 *         unknown; RM_ECANCELLED. No message quotes the text.
 */
RM_API rm_status rm_layer_from_geojson(rm_layer **out, const char *text, size_t length,
                                       const char *crs, rm_progress_fn progress,
                                       void *progress_user, rm_error *err);

/**
 * Features from an Arrow stream: GeoPandas, pyarrow, Polars, DuckDB, pyogrio and R's arrow hand out
 * such. It is read to its end and released, also on failure; a stream can be read once.
 *
 * Geometry: the first column of extension type geoarrow.wkb, ogc.wkb, geoarrow.point, linestring,
 * polygon, multipoint, multilinestring or multipolygon (where the stream carries GeoParquet's
 * metadata its primary column); else the binary column that GeoParquet's metadata name, that is
 * named geometry or geom, or that is the only one, as WKB. Null and empty ones are issues.
 *
 * Other columns become fields: all integers and booleans (0, 1) int64, an unsigned one beyond int64
 * missing and an issue; float16, 32 and 64, and decimals, float64 (the nearest); texts as they are,
 * also large, views, and dictionaries (categories) of them; lists of texts or numbers one text with
 * commas; date32 and date64 days; timestamps milliseconds, of one with a time zone what the clocks
 * there said (of UTC what they say in UTC); times of day texts (hh:mm:ss); columns without any
 * value texts. An integer column fid holds the feature ids, unless a row has none, one is below 0
 * or two are equal: then it is a field like any other, an issue says so, and ids are 0, 1, ... A
 * column of any other type (struct, map, duration, bytes, ...) is left out, and an issue names it:
 * see rm_layer_issue_at.
 *
 * crs: where the stream states none in the metadata of its geometry column (PROJJSON, WKT or a
 * code) or in those of GeoParquet; NULL: unknown then.
 * progress may be NULL; how many rows will come nobody knows, so it hears 0 until the end. What
 * makes the stream can only be stopped between two batches.
 * @return RM_EINVAL: the stream was used already; RM_EFORMAT: no geometry column, or arrays that
 *         contradict themselves; RM_EDATA: two columns of one name; RM_EUNSUPPORTED: geometry in
 *         another encoding; RM_ECRS: a CRS that PROJ does not know; RM_EIO: the stream failed, with
 *         its own words; RM_ECANCELLED
 */
RM_API rm_status rm_layer_from_arrow(rm_layer **out, struct ArrowArrayStream *stream,
                                     const char *crs, rm_progress_fn progress, void *progress_user,
                                     rm_error *err);

/**
 * Hands a layer out as an Arrow stream: fid (int64), its fields, geometry (geoarrow.wkb with the
 * CRS as PROJJSON in its metadata), in batches of at most 524,288 rows. Where a field is called fid
 * or geometry, ours is fid_ or geometry_. The layer must outlive the stream; batches may outlive
 * both.
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

/** The feature ids, [rm_layer_feature_count], without a copy: of the source, of an Arrow stream's
 * column fid or GeoJSON's "id", else 0, 1, ... Borrowed until rm_layer_free. */
RM_API const int64_t *rm_layer_fids(const rm_layer *layer);

/** What a column holds. */
enum {
    RM_COLUMN_INT64 = 0,   /**< int64_t; also booleans, as 0 and 1 */
    RM_COLUMN_DOUBLE = 1,  /**< double; NaN is missing too */
    RM_COLUMN_TEXT = 2,    /**< UTF-8 bytes, cell i being offsets[i] .. offsets[i + 1] */
    RM_COLUMN_DATE = 3,    /**< int32_t: days since 1970-01-01 */
    RM_COLUMN_DATETIME = 4 /**< int64_t: milliseconds since then, local time */
};
/** A column where it lies, in one piece and in Arrow's layout, without a copy. Borrowed: valid, and
 * unchanging, until rm_layer_free. */
typedef struct rm_column_view {
    const void *values;      /**< [count]; of a text its bytes. Where a cell is missing stands 0,
                                  NaN in DOUBLE, no byte in TEXT. Never NULL */
    const uint8_t *validity; /**< bit i % 8 of byte i / 8: cell i is there; NULL: all are, save NaN
                                  in DOUBLE */
    const int32_t *offsets;  /**< [count + 1] of a text, else NULL */
    int64_t count;           /**< cells */
    int64_t missing;         /**< of those, by validity (and NaN) */
    int32_t type;            /**< RM_COLUMN_... */
    int32_t reserved;        /**< 0 */
} rm_column_view;
/** Passes over the column once, to count what is missing. @return RM_EINVAL: no such field */
RM_API rm_status rm_layer_column(const rm_layer *layer, int32_t field, rm_column_view *out,
                                 rm_error *err);

/** How many features were rejected, repaired or remarked on while the layer was made, and columns
 * left out or that do not number features as they should. */
RM_API int64_t rm_layer_issue_count(const rm_layer *layer);
/** One of them. The names are borrowed for good. */
typedef struct rm_layer_issue {
    const char *severity; /**< "note", "warning", "rejected" */
    const char *code;     /**< such as "not-finite" */
    int64_t feature;      /**< feature id; -1 when about no feature */
    char message[256];    /**< without any cell */
} rm_layer_issue;
/** @return RM_EINVAL: index is not 0 .. count-1 */
RM_API rm_status rm_layer_issue_at(const rm_layer *layer, int64_t index, rm_layer_issue *out,
                                   rm_error *err);

#ifdef __cplusplus
}
#endif
#endif
