#include "io/sink.h"

static rm_status features(void *target, const char *name, const char *identifier,
                          const char *description, const rm_geometry *geometry, const int64_t *fids,
                          bool multipolygon, const rm_field *fields, int32_t field_count,
                          rm_row_fn row, void *context, rm_progress *progress, rm_error *err)
{
    return rm_gpkg_add_features(target, name, identifier, description, geometry, fids, multipolygon,
                                fields, field_count, row, context, progress, err);
}

static rm_status table(void *target, const char *name, const char *identifier,
                       const char *description, const rm_field *fields, int32_t field_count,
                       int64_t rows, rm_row_fn row, void *context, rm_progress *progress,
                       rm_error *err)
{
    return rm_gpkg_add_table(target, name, identifier, description, fields, field_count, rows, row,
                             context, progress, err);
}

static rm_status view(void *target, const char *name, const char *identifier, const char *select,
                      rm_error *err)
{
    return rm_gpkg_add_view(target, name, identifier, select, err);
}

static rm_status style(void *target, const char *table_name, const char *style_name,
                       const char *qml, const char *description, rm_error *err)
{
    return rm_gpkg_add_style(target, table_name, style_name, qml, description, err);
}

static rm_status metadata(void *target, const char *mime_type, const char *text, rm_error *err)
{
    return rm_gpkg_add_metadata(target, mime_type, text, err);
}

static rm_status finish(void *target, rm_error *err)
{
    return rm_gpkg_finish(target, err);
}

static void close_gpkg(void *target)
{
    rm_gpkg_free(target);
}

rm_sink rm_gpkg_sink(rm_gpkg *gpkg)
{
    return (rm_sink){gpkg, features, table, view, style, metadata, finish, close_gpkg};
}
