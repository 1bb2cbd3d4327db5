/* What is in a source, without reading its features. */
#include "io/delimited_head.h"
#include "io/gdal_features.h"
#include "io/gdal_open.h"
#include "io/open.h"

#include <ogr_api.h>
#include <stdio.h>
#include <string.h>
#include <zlib.h>

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

static rm_status list_head(rm_listing *out, const rm_csv_head *head, const char *path,
                           rm_error *err)
{
    int x, y;
    const char *crs = NULL;
    rm_request any = {0};
    RM_TRY(make_layers(out, 1, "Delimited text", err));
    rm_listed_layer *layer = &out->layers[0];
    RM_TRY(rm_csv_find_xy(head, &any, &x, &y, &crs, path, err));
    RM_TRY(stem(&layer->name, path, err));
    RM_TRY(rm_copy_text(&layer->geometry_type, x >= 0 ? "Point" : "None", err));
    RM_TRY(rm_copy_text(&layer->crs, crs, err));
    for (int32_t i = 0; i < head->count; i++)
        RM_TRY(rm_table_add_column(&layer->columns, head->names[i], RM_TEXT, err));
    return RM_OK;
}

static rm_status list_delimited(rm_listing *out, const char *path, rm_error *err)
{
    enum { HEAD = 1 << 20 };
    char *memory = NULL;
    rm_csv_head head = {0};
    RM_TRY(RM_NEW_ZERO(&memory, HEAD + RM_CSV_BEFORE + RM_CSV_BEHIND, err));
    rm_status status = RM_OK;
    gzFile file = gzopen(path, "rb");
    int size = file ? gzread(file, memory + RM_CSV_BEFORE, HEAD) : -1;
    if (file)
        gzclose(file);
    if (size < 0)
        status = rm_fail(err, RM_EIO, "%s cannot be read", path);
    if (status == RM_OK)
        status = rm_csv_head_read(&head, memory + RM_CSV_BEFORE, size, size < HEAD, path, err);
    if (status == RM_OK)
        status = list_head(out, &head, path, err);
    rm_csv_head_clear(&head);
    rm_release(memory);
    return status;
}

static rm_status list_layer(rm_listed_layer *out, OGRLayerH layer, rm_error *err)
{
    char *definition = NULL;
    bool swapped;
    OGRwkbGeometryType type = OGR_L_GetGeomType(layer);
    OGRFeatureDefnH fields = OGR_L_GetLayerDefn(layer);
    RM_TRY(rm_copy_text(&out->name, OGR_L_GetName(layer), err));
    RM_TRY(rm_copy_text(&out->geometry_type,
                        type == wkbNone ? "None" : OGRGeometryTypeToName(OGR_GT_Flatten(type)),
                        err));
    out->features = OGR_L_GetFeatureCount(layer, 0);
    if (out->features < 0)
        out->features = -1;
    for (int i = 0; i < OGR_FD_GetFieldCount(fields); i++) {
        OGRFieldDefnH field = OGR_FD_GetFieldDefn(fields, i);
        rm_type kind;
        if (rm_gdal_field_type(field, &kind))
            RM_TRY(rm_table_add_column(&out->columns, OGR_Fld_GetNameRef(field), kind, err));
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
        RM_TRY(stem(&out->layers[i].name, archive->members[i], err));
        RM_TRY(rm_copy_text(&out->layers[i].geometry_type, "Unknown", err));
    }
    return RM_OK;
}

static rm_status list_located(rm_listing *out, const char *located, const char *shown,
                              const rm_gdal_ears *ears, rm_error *err)
{
    GDALDatasetH data = NULL;
    RM_TRY(rm_gdal_open(&data, located, shown, ears, err));
    int count = GDALDatasetGetLayerCount(data);
    rm_status status =
        make_layers(out, count, GDALGetDriverShortName(GDALGetDatasetDriver(data)), err);
    for (int i = 0; status == RM_OK && i < count; i++)
        status = list_layer(&out->layers[i], GDALDatasetGetLayer(data, i), err);
    GDALClose(data);
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
        status = list_located(out, located, shown, &ears, err);
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
    char *path = NULL, *layer = NULL;
    RM_TRY(rm_split_source(source, &path, &layer, err));
    rm_status status = rm_check_file(path, err);
    if (status == RM_OK && rm_is_delimited(path))
        status = list_delimited(&listing, path, err);
    else if (status == RM_OK)
        status = list_gdal(&listing, path, layer, err);
    rm_release(path);
    rm_release(layer);
    if (status != RM_OK)
        rm_listing_clear(&listing);
    else
        *out = listing;
    return status;
}
