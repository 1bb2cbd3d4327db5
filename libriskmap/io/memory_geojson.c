#include "io/memory_geojson.h"

#include "io/gdal/features.h"
#include "io/gdal/memory_text.h"
#include "io/gdal/open.h"

#include <cpl_error.h>
#include <stdio.h>
#include <string.h>

/* How much of the time goes by before there are features. */
static const double PARSING = 0.5;

/* A text while it is read. What GDAL says may quote it, so only where it goes wrong is passed on.
 */
typedef struct reading {
    rm_layer *layer;
    rm_memory_text text;
    rm_gdal_data data;
    OGRLayerH from;
    int *fields;
    bool swapped;
    bool complained;
    int line, character; /* 0: not known */
    bool cut_off;
} reading;

/* The first complaint says where, those after it that nothing came of it. */
static void CPL_STDCALL listen(CPLErr severity, CPLErrorNum number, const char *message)
{
    reading *r = CPLGetErrorHandlerUserData();
    (void)number;
    if (severity < CE_Warning)
        return;
    r->complained = true;
    if (r->line == 0 && sscanf(message, "At line %9d, character %9d", &r->line, &r->character) == 2)
        r->cut_off = strstr(message, "Unterminated") != NULL;
}

static rm_status fail_text(const reading *r, rm_error *err)
{
    const char *text = r->text.text;
    size_t length = r->text.length;
    size_t blank = length >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
    while (blank < length && strchr(" \t\r\n", text[blank]) && text[blank] != '\0')
        blank++;
    if (r->text.lacked_memory)
        return rm_fail_memory(err);
    if (blank == length)
        return rm_fail(err, RM_EFORMAT, "the GeoJSON text is empty");
    if (text[blank] != '{')
        return rm_fail(err, RM_EFORMAT, "the text is no GeoJSON: it does not begin with {");
    if (r->line > 0)
        return rm_fail(err, RM_EFORMAT, "the GeoJSON text is damaged: line %d, character %d%s",
                       r->line, r->character,
                       r->cut_off ? ", where something is not closed: is it cut off?" : "");
    return rm_fail(err, RM_EFORMAT,
                   "the text is no GeoJSON: its \"type\", which stands near the beginning, must be "
                   "FeatureCollection, Feature or a type of geometry");
}

static rm_status choose_fields(reading *r, rm_error *err)
{
    OGRFeatureDefnH definition = OGR_L_GetLayerDefn(r->from);
    rm_rows *rows = &r->layer->rows;
    int count = OGR_FD_GetFieldCount(definition);
    RM_TRY(RM_NEW(&r->fields, count, err));
    for (int f = 0; f < count; f++) {
        OGRFieldDefnH field = OGR_FD_GetFieldDefn(definition, f);
        const char *name = OGR_Fld_GetNameRef(field);
        rm_type type;
        if (!rm_gdal_field_type(field, &type)) {
            RM_TRY(rm_issues_add(&rows->issues, RM_ISSUE_COLUMN, -1, 0, 0, name, err));
            continue;
        }
        r->fields[rows->table.count] = f;
        RM_TRY(rm_table_add_column(&rows->table, name, type, err));
    }
    return RM_OK;
}

static rm_status choose_crs(reading *r, const char *crs, rm_error *err)
{
    char *stated = NULL;
    RM_TRY(rm_gdal_crs(&stated, &r->swapped, r->from, err));
    rm_status status = RM_OK;
    if (crs)
        status = rm_copy_text(&r->layer->crs, crs, err);
    else if (stated)
        status = rm_crs_code(&r->layer->crs, stated, err);
    rm_release(stated);
    return status;
}

static void swap_axes(rm_geometry *g)
{
    double *x = g->x;
    g->x = g->y;
    g->y = x;
}

/* Of how many: GDAL has counted them while it parsed. */
static rm_status tell(const reading *r, rm_error *err)
{
    int64_t all = rm_gdal_count(r->from), done = r->layer->rows.table.rows;
    return rm_progress_report(r->text.progress, all > 0 ? (double)done / (double)all : 0.0, NULL,
                              err);
}

static rm_status read_batches(reading *r, rm_rows_fn clean, rm_error *err)
{
    rm_rows batch = {0};
    bool ended = false;
    rm_status status = rm_table_copy_columns(&batch.table, &r->layer->rows.table, err);
    while (!ended && status == RM_OK) {
        rm_rows_reset(&batch);
        status = rm_gdal_read_features(&r->data, r->from, r->fields, true, &batch, &ended,
                                       r->text.progress, err);
        if (r->swapped)
            swap_axes(&batch.geometry);
        if (status == RM_OK)
            status = clean(&batch, r->text.progress, 0, err);
        if (status == RM_OK)
            status = rm_rows_add_all(&r->layer->rows, &batch, err);
        if (status == RM_OK)
            status = tell(r, err);
    }
    rm_rows_clear(&batch);
    return status;
}

static rm_status open_text(reading *r, rm_error *err)
{
    static const char *const drivers[] = {"GeoJSON", NULL};
    r->data.data =
        GDALOpenEx(r->text.path, GDAL_OF_VECTOR | GDAL_OF_READONLY | GDAL_OF_VERBOSE_ERROR, drivers,
                   NULL, NULL);
    /* a text that ended because it was to stop is no damaged one */
    RM_TRY(rm_progress_tick(r->text.progress, NULL, err));
    if (!r->data.data || GDALDatasetGetLayerCount(r->data.data) != 1)
        return fail_text(r, err);
    r->from = GDALDatasetGetLayer(r->data.data, 0);
    return RM_OK;
}

static rm_status read_text(reading *r, const char *crs, rm_rows_fn clean, rm_error *err)
{
    rm_progress_stage(r->text.progress, 0.0, PARSING);
    RM_TRY(open_text(r, err));
    rm_progress_stage(r->text.progress, PARSING, 1.0);
    RM_TRY(RM_NEW_ZERO(&r->layer, 1, err));
    RM_TRY(choose_fields(r, err));
    RM_TRY(choose_crs(r, crs, err));
    RM_TRY(read_batches(r, clean, err));
    RM_TRY(rm_progress_report(r->text.progress, 1.0, NULL, err));
    if (!r->complained)
        return RM_OK;
    return rm_issues_add(&r->layer->rows.issues, RM_ISSUE_SOURCE, -1, 0, 0,
                         "its words are withheld, as they may quote the data", err);
}

rm_status rm_read_geojson(rm_layer **out, const char *text, size_t length, const char *crs,
                          rm_rows_fn clean, rm_progress *progress, rm_error *err)
{
    reading r = {.text = {.text = text, .length = length, .progress = progress}};
    rm_gdal_ears ears;
    char *known = NULL;
    if (crs)
        RM_TRY(rm_crs_name(&known, crs, err));
    rm_gdal_enter(&ears);
    CPLPushErrorHandlerEx(listen, &r);
    rm_memory_text_enter(&r.text, ".geojson");
    rm_status status = read_text(&r, known, clean, err);
    rm_gdal_close(&r.data);
    rm_memory_text_leave(&r.text);
    CPLPopErrorHandler();
    rm_gdal_leave(&ears);
    rm_release(known);
    rm_release(r.fields);
    if (status == RM_OK)
        *out = r.layer;
    else
        rm_layer_free(r.layer);
    return status;
}
