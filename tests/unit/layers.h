/* Layers made with GDAL, read by one reader or another, and compared. */
#ifndef RM_TESTS_UNIT_LAYERS_H
#define RM_TESTS_UNIT_LAYERS_H

#include "io/gdal/env.h"
#include "io/open.h"

#include <gdal.h>
#include <ogr_api.h>
#include <ogr_srs_api.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef rm_status (*open_fn)(const rm_request *request, rm_source **out, rm_error *err);

static inline rm_status open_any(const rm_request *request, rm_source **out, rm_error *err)
{
    return rm_open(NULL, request, out, err);
}

/* Opens and reads everything. */
static inline rm_status read_layer(rm_layer **out, open_fn open, const rm_request *request,
                                   rm_error *err)
{
    rm_source *source = NULL;
    rm_status status = open(request, &source, err);
    if (status == RM_OK && !source)
        status = rm_fail(err, RM_EUNSUPPORTED, "not plain");
    if (status == RM_OK)
        status = rm_source_collect(out, source, NULL, NULL, err);
    rm_source_free(source);
    return status;
}

static inline int64_t row_of(const rm_layer *layer, int64_t id)
{
    for (int64_t i = 0; i < layer->rows.table.rows; i++)
        if (layer->rows.ids[i] == id)
            return i;
    return -1;
}

static inline void render_cell(rm_text *out, const rm_column *column, int64_t row)
{
    int64_t length;
    const char *text;
    if (rm_column_missing(column, row)) {
        rm_text_add(out, " -");
        return;
    }
    switch (column->type) {
    case RM_INT64:
    case RM_DATETIME:
        rm_text_addf(out, " %lld", (long long)column->data.i64[row]);
        break;
    case RM_FLOAT64:
        rm_text_add(out, " ");
        rm_text_add_double(out, column->data.f64[row]);
        break;
    case RM_DATE:
        rm_text_addf(out, " d%d", (int)column->data.i32[row]);
        break;
    case RM_TEXT:
        text = rm_column_text(column, row, &length);
        rm_text_add(out, " [");
        rm_text_add_n(out, text, length);
        rm_text_add(out, "]");
        break;
    }
}

/* "1 polygon ((x y,x y)) [text] 5": one row, coordinates in full. */
static inline void render_row(rm_text *out, const rm_layer *layer, int64_t row)
{
    static const char *const kinds[] = {"none", "point", "line", "polygon"};
    const rm_geometry *g = &layer->rows.geometry;
    rm_text_addf(out, "%lld", (long long)layer->rows.ids[row]);
    if (g->features > 0)
        rm_text_addf(out, " %s", kinds[g->kind[row]]);
    if (g->features > 0 && g->kind[row] != RM_KIND_NONE) {
        for (int32_t p = g->feature_part[row]; p < g->feature_part[row + 1]; p++) {
            rm_text_add(out, " (");
            for (int32_t r = g->part_ring[p]; r < g->part_ring[p + 1]; r++) {
                rm_text_add(out, "(");
                for (int32_t i = g->ring_point[r]; i < g->ring_point[r + 1]; i++) {
                    rm_text_add(out, i > g->ring_point[r] ? "," : "");
                    rm_text_add_double(out, g->x[i]);
                    rm_text_add(out, " ");
                    rm_text_add_double(out, g->y[i]);
                }
                rm_text_add(out, ")");
            }
            rm_text_add(out, ")");
        }
    }
    for (int32_t c = 0; c < layer->rows.table.count; c++)
        render_cell(out, &layer->rows.table.columns[c], row);
    rm_text_add(out, "\n");
}

static inline int by_id(const void *a, const void *b)
{
    const int64_t *x = a, *y = b;
    return (x[0] > y[0]) - (x[0] < y[0]);
}

/* All rows by id, then all issues. The caller clears the text. */
static inline rm_text render_layer(rm_layer *layer)
{
    rm_text out = {0};
    int64_t count = layer->rows.table.rows,
            *order = malloc((size_t)(2 * count + 1) * sizeof *order);
    for (int64_t i = 0; i < count; i++) {
        order[2 * i] = layer->rows.ids[i];
        order[2 * i + 1] = i;
    }
    qsort(order, (size_t)count, 2 * sizeof *order, by_id);
    for (int64_t i = 0; i < count; i++)
        render_row(&out, layer, order[2 * i + 1]);
    free(order);
    rm_issues_sort(&layer->rows.issues);
    for (int64_t i = 0; i < layer->rows.issues.count; i++)
        rm_text_addf(&out, "!%lld %s\n", (long long)layer->rows.issues.items[i].feature,
                     rm_issue_code_name((rm_issue_code)layer->rows.issues.items[i].code));
    return out;
}

/* A field is "name:type" with type int, big, real, text, date, time or bool. */
static inline void add_field(OGRLayerH layer, const char *name, const char *type)
{
    static const struct {
        const char *name;
        OGRFieldType type;
    } types[] = {{"int", OFTInteger}, {"big", OFTInteger64}, {"real", OFTReal},
                 {"text", OFTString}, {"date", OFTDate},     {"time", OFTDateTime},
                 {"bool", OFTInteger}};
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        if (strcmp(types[i].name, type) != 0)
            continue;
        OGRFieldDefnH field = OGR_Fld_Create(name, types[i].type);
        if (strcmp(type, "bool") == 0)
            OGR_Fld_SetSubType(field, OFSTBoolean);
        OGR_L_CreateField(layer, field, 1);
        OGR_Fld_Destroy(field);
    }
}

typedef struct made_feature {
    const char *wkt;      /* NULL: no geometry */
    const char *cells[8]; /* as text; NULL: not set */
} made_feature;

typedef struct made_layer {
    const char *name;
    int epsg; /* 0: none */
    OGRwkbGeometryType type;
    const char *fields[8][2]; /* name, type; ended by NULL */
    const made_feature *features;
    int count;
} made_layer;

static inline OGRLayerH make_layer(GDALDatasetH data, const made_layer *made, char **options)
{
    OGRSpatialReferenceH srs = NULL;
    if (made->epsg) {
        srs = OSRNewSpatialReference(NULL);
        OSRImportFromEPSG(srs, made->epsg);
        OSRSetAxisMappingStrategy(srs, OAMS_TRADITIONAL_GIS_ORDER);
    }
    OGRLayerH layer = GDALDatasetCreateLayer(data, made->name, srs, made->type, options);
    if (srs)
        OSRRelease(srs);
    for (int f = 0; layer && f < 8 && made->fields[f][0]; f++)
        add_field(layer, made->fields[f][0], made->fields[f][1]);
    for (int i = 0; layer && i < made->count; i++) {
        OGRFeatureH feature = OGR_F_Create(OGR_L_GetLayerDefn(layer));
        OGRGeometryH geometry = NULL;
        char text[4096], *wkt = text;
        snprintf(text, sizeof text, "%s", made->features[i].wkt ? made->features[i].wkt : "");
        if (text[0] && OGR_G_CreateFromWkt(&wkt, NULL, &geometry) == OGRERR_NONE)
            OGR_F_SetGeometryDirectly(feature, geometry);
        for (int f = 0; f < 8 && made->fields[f][0]; f++)
            if (made->features[i].cells[f])
                OGR_F_SetFieldString(feature, f, made->features[i].cells[f]);
        if (OGR_L_CreateFeature(layer, feature) != OGRERR_NONE)
            layer = NULL;
        OGR_F_Destroy(feature);
    }
    return layer;
}

/* Writes a file of one or more layers; false when the driver is not there or refuses. */
static inline bool make_file(const char *path, const char *driver, const made_layer *layers,
                             int count, char **options)
{
    rm_gdal_ears ears;
    rm_gdal_enter(&ears);
    GDALDriverH handle = GDALGetDriverByName(driver);
    GDALDatasetH data = handle ? GDALCreate(handle, path, 0, 0, 0, GDT_Unknown, NULL) : NULL;
    bool good = data != NULL;
    for (int i = 0; i < count && good; i++)
        good = make_layer(data, &layers[i], options) != NULL;
    if (data)
        GDALClose(data);
    rm_gdal_leave(&ears);
    return good;
}

#endif
