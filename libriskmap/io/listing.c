/* What is in a source, without reading its features. */
#include "io/gdal/features.h"
#include "io/gdal/open.h"
#include "io/open.h"
#include "io/roles.h"
#include "io/text/delimited_head.h"
#include "io/text/text_file.h"

#include <ogr_api.h>
#include <stdio.h>
#include <string.h>

void rm_listing_clear(rm_listing *listing)
{
    for (int32_t i = 0; i < listing->count; i++) {
        rm_listed_layer *layer = &listing->layers[i];
        rm_release(layer->name);
        rm_release(layer->geometry_type);
        rm_release(layer->crs);
        rm_table_clear(&layer->columns);
    }
    rm_release(listing->layers);
    rm_release(listing->driver);
    *listing = (rm_listing){0};
}

static rm_status make_layers(rm_listing *out, int32_t count, const char *driver, rm_error *err)
{
    RM_TRY(RM_NEW_ZERO(&out->layers, count, err));
    out->count = count;
    for (int32_t i = 0; i < count; i++)
        out->layers[i].features = -1;
    return rm_copy_text(&out->driver, driver, err);
}

/* The name of a file without folder and endings. */
static rm_status stem(char **out, const char *path, rm_error *err)
{
    const char *slash = strrchr(path, '/');
    RM_TRY(rm_copy_text(out, slash ? slash + 1 : path, err));
    (*out)[strcspn(*out, ".")] = '\0';
    return RM_OK;
}

/* A table of text has points when its columns are named as coordinates. */
static rm_status note_points(rm_listed_layer *layer, rm_error *err)
{
    int x, y;
    const char *crs = NULL, **names = NULL;
    RM_TRY(RM_NEW(&names, layer->columns.count, err));
    for (int32_t i = 0; i < layer->columns.count; i++)
        names[i] = layer->columns.columns[i].name;
    rm_roles_named_xy(names, layer->columns.count, false, &x, &y, &crs);
    rm_release(names);
    rm_release(layer->geometry_type);
    layer->geometry_type = NULL;
    RM_TRY(rm_copy_text(&layer->geometry_type, x >= 0 ? "Point" : "None", err));
    return rm_copy_text(&layer->crs, crs, err);
}

static rm_status list_head(rm_listing *out, const rm_csv_head *head, const char *path,
                           rm_error *err)
{
    RM_TRY(make_layers(out, 1, "Delimited text", err));
    rm_listed_layer *layer = &out->layers[0];
    for (int32_t i = 0; i < head->count; i++)
        RM_TRY(rm_table_add_column(&layer->columns, head->names[i], RM_TEXT, err));
    RM_TRY(stem(&layer->name, path, err));
    return note_points(layer, err);
}

static rm_status list_delimited(rm_listing *out, const char *path, const char *located,
                                rm_error *err)
{
    enum { HEAD = 1 << 20 };
    char *memory = NULL;
    int64_t size = 0;
    rm_csv_head head = {0};
    rm_text_file *file = NULL;
    RM_TRY(RM_NEW_ZERO(&memory, HEAD + RM_CSV_BEFORE + RM_CSV_BEHIND, err));
    rm_status status = rm_text_file_open(&file, located, path, err);
    if (status == RM_OK)
        status = rm_text_file_read(file, memory + RM_CSV_BEFORE, HEAD, &size, err);
    if (status == RM_OK)
        status = rm_csv_head_read(&head, memory + RM_CSV_BEFORE, size, size < HEAD - 3, path, err);
    if (status == RM_OK)
        status = list_head(out, &head, path, err);
    rm_text_file_close(file);
    rm_csv_head_clear(&head);
    rm_release(memory);
    return status;
}

static rm_status list_layer(rm_listed_layer *out, const rm_gdal_data *data, OGRLayerH layer,
                            rm_error *err)
{
    char *definition = NULL;
    bool swapped;
    OGRwkbGeometryType type = rm_gdal_geometry_type(layer);
    OGRFeatureDefnH fields = OGR_L_GetLayerDefn(layer);
    RM_TRY(rm_copy_text(&out->name, OGR_L_GetName(layer), err));
    RM_TRY(rm_copy_text(&out->geometry_type,
                        type == wkbNone ? "None" : OGRGeometryTypeToName(OGR_GT_Flatten(type)),
                        err));
    out->features = rm_gdal_count(layer);
    for (int i = 0; i < OGR_FD_GetFieldCount(fields); i++) {
        OGRFieldDefnH field = OGR_FD_GetFieldDefn(fields, i);
        rm_type kind;
        if (rm_gdal_field_type(field, &kind))
            RM_TRY(rm_gdal_add_column(&out->columns, data, field, kind, err));
    }
    RM_TRY(rm_gdal_crs(&definition, &swapped, layer, err));
    rm_status status = definition ? rm_crs_code(&out->crs, definition, err) : RM_OK;
    rm_release(definition);
    return status;
}

static rm_status list_archive(rm_listing *out, const rm_archive *archive, rm_error *err)
{
    RM_TRY(make_layers(out, archive->count, "zip", err));
    for (int32_t i = 0; i < archive->count; i++) {
        const char *part = rm_lvbag_part(archive->members[i]);
        RM_TRY(part ? rm_copy_text(&out->layers[i].name, part, err)
                    : stem(&out->layers[i].name, archive->members[i], err));
        RM_TRY(rm_copy_text(&out->layers[i].geometry_type, "Unknown", err));
    }
    return RM_OK;
}

/* Every layer that is looked at is one or two requests: where one is named, it alone is listed.
 * Where none has that name, all are, by their names alone. */
static rm_status list_service(rm_listing *out, const rm_gdal_data *data, const char *wanted,
                              rm_error *err)
{
    const char *driver = GDALGetDriverShortName(GDALGetDatasetDriver(data->data));
    int chosen = -1;
    for (int i = 0; wanted && chosen < 0 && i < data->layer_count; i++)
        if (rm_service_means(data->service, wanted, OGR_L_GetName(data->layers[i])))
            chosen = i;
    RM_TRY(make_layers(out, chosen >= 0 ? 1 : data->layer_count, driver, err));
    for (int i = 0; i < out->count; i++) {
        OGRLayerH layer = data->layers[chosen >= 0 ? chosen : i];
        rm_listed_layer *listed = &out->layers[i];
        if (wanted && chosen < 0) {
            RM_TRY(rm_copy_text(&listed->name, OGR_L_GetName(layer), err));
            RM_TRY(rm_copy_text(&listed->geometry_type, "Unknown", err));
            continue;
        }
        rm_service_forget(data->service);
        RM_TRY(list_layer(listed, data, layer, err));
        if (wanted && listed->columns.count == 0)
            RM_TRY(rm_service_failure(data->service, err));
        listed->features = rm_service_count(data->service, layer);
    }
    return RM_OK;
}

static rm_status list_located(rm_listing *out, const char *located, const char *shown,
                              const char *wanted, const rm_gdal_ears *ears, rm_error *err)
{
    rm_gdal_data data = {0};
    RM_TRY(rm_gdal_open(&data, located, shown, ears, err));
    rm_service_enter(data.service);
    rm_gdal_narrow(&data, wanted);
    rm_status status = data.service
                           ? list_service(out, &data, wanted, err)
                           : make_layers(out, data.layer_count, rm_gdal_driver(&data), err);
    for (int i = 0; status == RM_OK && !data.service && i < data.layer_count; i++)
        status = list_layer(&out->layers[i], &data, data.layers[i], err);
    for (int i = 0; status == RM_OK && rm_is_workbook(located) && i < data.layer_count; i++)
        status = note_points(&out->layers[i], err);
    rm_service_leave(data.service);
    rm_gdal_close(&data);
    return status;
}

static rm_status list_gdal(rm_listing *out, const char *path, const char *layer, rm_error *err)
{
    rm_gdal_ears ears;
    rm_archive archive = {0};
    char *located = NULL, *shown = NULL;
    bool picked = false;
    RM_TRY(rm_shown(&shown, path, err));
    rm_gdal_enter(&ears);
    rm_status status = rm_gdal_locate(&located, &picked, &archive, path, layer, err);
    if (status == RM_OK && located)
        status = list_located(out, located, shown, layer, &ears, err);
    else if (status == RM_OK)
        status = list_archive(out, &archive, err);
    rm_gdal_leave(&ears);
    rm_archive_clear(&archive);
    rm_release(located);
    rm_release(shown);
    return status;
}

rm_status rm_list(rm_listing *out, const char *source, rm_error *err)
{
    rm_listing listing = {0};
    char *path = NULL, *layer = NULL, *located = NULL;
    RM_TRY(rm_split_source(source, &path, &layer, err));
    rm_status status = rm_is_service(path) ? RM_OK : rm_check_file(path, err);
    if (status == RM_OK && !rm_is_service(path))
        status = rm_text_file_locate(&located, path, layer, err);
    if (status == RM_OK && located)
        status = list_delimited(&listing, path, located, err);
    else if (status == RM_OK)
        status = list_gdal(&listing, path, layer, err);
    rm_release(located);
    rm_release(path);
    rm_release(layer);
    if (status != RM_OK)
        rm_listing_clear(&listing);
    else
        *out = listing;
    return status;
}
