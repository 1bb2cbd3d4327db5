/* Where the tables of a result go: a GeoPackage or a database. */
#ifndef RM_IO_SINK_H
#define RM_IO_SINK_H

#include "io/gpkg/geopackage.h"

/* One of each call of io/gpkg/geopackage.h, for `target`. The same rules hold, and after a call
 * that failed finish fails too. */
typedef struct rm_sink {
    void *target;
    rm_status (*features)(void *target, const char *name, const char *identifier,
                          const char *description, const rm_geometry *geometry, const int64_t *fids,
                          bool multipolygon, const rm_field *fields, int32_t field_count,
                          rm_row_fn row, void *context, rm_progress *progress, rm_error *err);
    rm_status (*table)(void *target, const char *name, const char *identifier,
                       const char *description, const rm_field *fields, int32_t field_count,
                       int64_t rows, rm_row_fn row, void *context, rm_progress *progress,
                       rm_error *err);
    rm_status (*view)(void *target, const char *name, const char *identifier, const char *select,
                      rm_error *err);
    rm_status (*style)(void *target, const char *table, const char *style_name, const char *qml,
                       const char *description, rm_error *err);
    rm_status (*metadata)(void *target, const char *mime_type, const char *text, rm_error *err);
    rm_status (*finish)(void *target, rm_error *err);
    void (*free)(void *target); /* undoes what was done when finish did not succeed */
} rm_sink;

rm_sink rm_gpkg_sink(rm_gpkg *gpkg);

#endif
