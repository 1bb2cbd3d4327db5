/* Sheets of XLSX and ODS workbooks, every cell as the text that a person sees, so that values,
 * coordinates and dates are read as those of delimited text are. GDAL holds a sheet in memory as a
 * whole. The feature id is the number of the row in the sheet. */
#include "io/gdal/open.h"
#include "io/open.h"
#include "io/points.h"

#include <ogr_api.h>
#include <string.h>

enum { BATCH_ROWS = 16384, SAMPLE_ROWS = 10000 };

typedef struct workbook_reader {
    rm_reader base;
    rm_gdal_data data;
    OGRLayerH layer;
    rm_points points;
    int32_t fields;
    int64_t expected;
    bool told, ended;
} workbook_reader;

static const char *cell_text(OGRFeatureH feature, int field)
{
    return OGR_F_IsFieldSetAndNotNull(feature, field) ? OGR_F_GetFieldAsString(feature, field) : "";
}

/* Rows that were once formatted and never filled are no rows. */
static bool is_empty(OGRFeatureH feature, int32_t fields)
{
    for (int32_t i = 0; i < fields; i++)
        if (cell_text(feature, i)[0])
            return false;
    return true;
}

static rm_status add_cell(rm_rows *rows, rm_column *column, OGRFeatureH feature, int field,
                          rm_error *err)
{
    const char *text = cell_text(feature, field);
    if (!text[0])
        return rm_column_add_missing(column, rows->table.rows, err);
    return rm_rows_add_text(rows, column, rows->table.rows, text, (int64_t)strlen(text), err);
}

/* fields[c] is the field of the sheet that feeds column c. */
static rm_status add_row(const workbook_reader *reader, const int32_t *fields, rm_rows *rows,
                         OGRFeatureH feature, rm_error *err)
{
    RM_TRY(rm_rows_add_id(rows, rows->table.rows, OGR_F_GetFID(feature), err));
    for (int32_t c = 0; c < rows->table.count; c++)
        RM_TRY(add_cell(rows, &rows->table.columns[c], feature, fields[c], err));
    if (reader->base.geometry) {
        rm_point_cells cells = {"", "", 0, 0};
        if (reader->points.x >= 0) {
            cells.x = cell_text(feature, reader->points.x);
            cells.y = cell_text(feature, reader->points.y);
            cells.x_length = (int64_t)strlen(cells.x);
            cells.y_length = (int64_t)strlen(cells.y);
        }
        RM_TRY(rm_points_add(&reader->points, rows, &cells, err));
    }
    rows->table.rows++;
    return RM_OK;
}

static rm_status read_rows(workbook_reader *reader, rm_rows *rows, rm_error *err)
{
    rm_status status = RM_OK;
    while (status == RM_OK && rows->table.rows < BATCH_ROWS) {
        OGRFeatureH feature = OGR_L_GetNextFeature(reader->layer);
        reader->ended = feature == NULL;
        if (reader->ended)
            break;
        if (!is_empty(feature, reader->fields))
            status = add_row(reader, reader->base.plan.fields, rows, feature, err);
        OGR_F_Destroy(feature);
    }
    return status;
}

static rm_status workbook_next(rm_source *source, int worker, rm_rows *rows, rm_error *err)
{
    workbook_reader *reader = (workbook_reader *)source;
    RM_TRY(rm_reader_start(&reader->base, rows, err));
    if (!reader->told)
        RM_TRY(rm_points_tell(&reader->points, rows, err));
    reader->told = true;
    /* what an extent leaves of a batch may be nothing, and no rows would mean the end */
    while (rows->table.rows == 0 && !reader->ended) {
        rm_gdal_ears ears;
        RM_TRY(rm_reader_prepare(&reader->base, worker, rows, err));
        rm_gdal_enter(&ears);
        rm_status status = read_rows(reader, rows, err);
        rm_gdal_leave(&ears);
        RM_TRY(status);
        if (ears.heard[0])
            return rm_fail(err, RM_EIO, "%s cannot be read to its end (%.300s)", reader->base.shown,
                           reader->base.source.provenance.shielded ? "" : ears.heard);
        RM_TRY(rm_reader_place(&reader->base, worker, rows, err));
    }
    if (reader->expected > 0)
        source->fraction = (double)reader->base.lanes[0].total / (double)reader->expected;
    return RM_OK;
}

static void workbook_free(rm_source *source)
{
    workbook_reader *reader = (workbook_reader *)source;
    rm_gdal_ears ears;
    rm_gdal_enter(&ears);
    rm_gdal_close(&reader->data);
    rm_gdal_leave(&ears);
    rm_reader_clear(&reader->base);
    rm_release(reader);
}

/* The sheet that is meant; empty ones, as new workbooks come with, were left out. */
static rm_status choose_sheet(workbook_reader *reader, const rm_request *request, rm_error *err)
{
    int count = reader->data.layer_count, chosen = 0;
    rm_layer_choice *choices = NULL;
    RM_TRY(RM_NEW(&choices, count, err));
    for (int i = 0; i < count; i++) {
        OGRLayerH layer = reader->data.layers[i];
        choices[i] = (rm_layer_choice){OGR_L_GetName(layer), false};
    }
    rm_request plain = *request; /* no sheet has geometry of its own */
    plain.geometry = false;
    rm_status status = rm_find_layer(&chosen, &plain, choices, count, reader->base.shown, err);
    rm_release(choices);
    if (status != RM_OK)
        return status;
    reader->layer = reader->data.layers[chosen];
    reader->fields = OGR_FD_GetFieldCount(OGR_L_GetLayerDefn(reader->layer));
    reader->expected = OGR_L_GetFeatureCount(reader->layer, 1);
    return RM_OK;
}

/* All fields and the first rows, through the same code as the rows themselves. */
static rm_status read_sample(rm_table *out, const workbook_reader *reader, rm_error *err)
{
    OGRFeatureDefnH definition = OGR_L_GetLayerDefn(reader->layer);
    workbook_reader view = {.layer = reader->layer, .fields = reader->fields};
    rm_rows rows = {0};
    int32_t *fields = NULL;
    rm_status status = RM_NEW(&fields, reader->fields, err);
    for (int32_t i = 0; status == RM_OK && i < reader->fields; i++) {
        const char *name = OGR_Fld_GetNameRef(OGR_FD_GetFieldDefn(definition, i));
        fields[i] = i;
        status = rm_table_add_column(&rows.table, name, RM_TEXT, err);
    }
    OGRFeatureH feature = NULL;
    OGR_L_ResetReading(reader->layer);
    while (status == RM_OK && rows.table.rows < SAMPLE_ROWS &&
           (feature = OGR_L_GetNextFeature(reader->layer))) {
        if (!is_empty(feature, reader->fields))
            status = add_row(&view, fields, &rows, feature, err);
        OGR_F_Destroy(feature);
    }
    OGR_L_ResetReading(reader->layer);
    rm_release(fields);
    if (status == RM_OK) {
        *out = rows.table;
        rows.table = (rm_table){0};
    }
    rm_rows_clear(&rows);
    return status;
}

static rm_status find_columns(workbook_reader *reader, const rm_request *request,
                              const rm_table *sample, rm_error *err)
{
    rm_profile_plan *plan = &reader->base.plan;
    RM_TRY(rm_reader_choose(&reader->base, request, OGR_L_GetName(reader->layer), sample, err));
    rm_points_note_dates(&plan->read, plan->fields, sample);
    return rm_reader_settle(&reader->base, err);
}

static rm_status find_points(workbook_reader *reader, const rm_request *request,
                             const char *const *names, const rm_table *sample, rm_error *err)
{
    const char *shown = reader->base.shown;
    RM_TRY(rm_points_find(&reader->points, request, names, sample->count, shown, err));
    if (reader->points.x < 0 && !request->locate)
        return rm_points_fail(sample, shown, err);
    RM_TRY(rm_reader_set_crs(&reader->base, request, reader->points.crs, err));
    rm_points_weigh(&reader->points, sample, reader->base.source.provenance.crs);
    return RM_OK;
}

static rm_status look_at_rows(workbook_reader *reader, const rm_request *request, rm_error *err)
{
    rm_table sample = {0};
    const char **names = NULL;
    RM_TRY(read_sample(&sample, reader, err));
    rm_status status = RM_NEW(&names, sample.count, err);
    for (int32_t i = 0; status == RM_OK && i < sample.count; i++)
        names[i] = sample.columns[i].name;
    if (status == RM_OK)
        status = find_columns(reader, request, &sample, err);
    if (status == RM_OK && request->geometry)
        status = find_points(reader, request, names, &sample, err);
    rm_release(names);
    rm_table_clear(&sample);
    return status;
}

static rm_status open_sheet(workbook_reader *reader, const rm_request *request,
                            const rm_gdal_ears *ears, rm_error *err)
{
    rm_archive archive = {0};
    char *located = NULL;
    bool picked = false;
    RM_TRY(rm_shown(&reader->base.shown, request->source, err));
    RM_TRY(rm_gdal_locate(&located, &picked, &archive, request->source, request->layer, err));
    rm_status status = rm_gdal_open(&reader->data, located, reader->base.shown, ears, err);
    rm_archive_clear(&archive);
    rm_release(located);
    RM_TRY(status);
    RM_TRY(choose_sheet(reader, request, err));
    RM_TRY(rm_reader_init(&reader->base, request, OGR_L_GetName(reader->layer),
                          GDALGetDriverShortName(GDALGetDatasetDriver(reader->data.data)), err));
    RM_TRY(look_at_rows(reader, request, err));
    return rm_reader_set_cursors(&reader->base, 1, err);
}

rm_status rm_open_workbook(const rm_request *request, rm_source **out, rm_error *err)
{
    workbook_reader *reader = NULL;
    rm_gdal_ears ears;
    *out = NULL;
    if (!rm_is_workbook(request->source))
        return RM_OK;
    RM_TRY(RM_NEW_ZERO(&reader, 1, err));
    reader->base.source.next = workbook_next;
    reader->base.source.finish = rm_reader_finish;
    reader->base.source.free = workbook_free;
    rm_gdal_enter(&ears);
    rm_status status = open_sheet(reader, request, &ears, err);
    rm_gdal_leave(&ears);
    if (status != RM_OK)
        workbook_free(&reader->base.source);
    else
        *out = &reader->base.source;
    return status;
}

bool rm_is_workbook(const char *source)
{
    return rm_ends_with(source, ".xlsx") || rm_ends_with(source, ".xlsm") ||
           rm_ends_with(source, ".ods");
}
