#include "io/memory_sink.h"

#include <string.h>

static rm_status add_cell(rm_column *column, int64_t row, const rm_cell *cell, rm_error *err)
{
    if (cell->missing || (column->type == RM_TEXT && !cell->text))
        return rm_column_add_missing(column, row, err);
    switch (column->type) {
    case RM_FLOAT64:
        return rm_column_add_double(column, row, cell->f64, err);
    case RM_TEXT:
        return rm_column_add_text(column, row, cell->text, (int64_t)strlen(cell->text), err);
    case RM_DATE:
        return rm_column_add_date(column, row, (int32_t)cell->i64, err);
    default:
        return rm_column_add_int64(column, row, cell->i64, err);
    }
}

static rm_status add_rows(rm_rows *rows, const int64_t *fids, int64_t count, rm_row_fn row,
                          void *context, rm_error *err)
{
    rm_cell *cells = NULL;
    int32_t columns = rows->table.count;
    RM_TRY(RM_NEW(&cells, columns, err));
    rm_status status = RM_OK;
    for (int64_t r = 0; r < count && status == RM_OK; r++) {
        memset(cells, 0, (size_t)columns * sizeof *cells);
        status = row(context, r, cells, err);
        if (status == RM_OK)
            status = rm_rows_add_id(rows, r, fids ? fids[r] : r + 1, err);
        for (int32_t c = 0; c < columns && status == RM_OK; c++)
            status = add_cell(&rows->table.columns[c], r, &cells[c], err);
        rows->table.rows += status == RM_OK;
    }
    rm_release(cells);
    return status;
}

static rm_status make_layer(rm_layer **out, const rm_memory_sink *memory,
                            const rm_geometry *geometry, const int64_t *fids,
                            const rm_field *fields, int32_t field_count, int64_t rows,
                            rm_row_fn row, void *context, rm_error *err)
{
    rm_layer *layer = NULL;
    RM_TRY(RM_NEW_ZERO(&layer, 1, err));
    rm_status status = rm_copy_text(&layer->name, memory->wanted, err);
    for (int32_t f = 0; f < field_count && status == RM_OK; f++)
        status = rm_table_add_column(&layer->rows.table, fields[f].name, fields[f].type, err);
    if (status == RM_OK)
        status = add_rows(&layer->rows, fids, rows, row, context, err);
    if (status == RM_OK && geometry)
        status = rm_geometry_add_all(&layer->rows.geometry, geometry, err);
    if (status == RM_OK && geometry)
        status = rm_copy_text(&layer->crs, memory->crs, err);
    if (status == RM_OK)
        *out = layer;
    else
        rm_layer_free(layer);
    return status;
}

static rm_status memory_features(void *target, const char *name, const char *identifier,
                                 const char *description, const rm_geometry *geometry,
                                 const int64_t *fids, bool multipolygon, const rm_field *fields,
                                 int32_t field_count, rm_row_fn row, void *context,
                                 rm_progress *progress, rm_error *err)
{
    rm_memory_sink *memory = target;
    (void)identifier, (void)description, (void)multipolygon, (void)progress;
    if (strcmp(name, memory->wanted) != 0)
        return RM_OK;
    return make_layer(&memory->layer, memory, geometry, fids, fields, field_count,
                      geometry->features, row, context, err);
}

static rm_status memory_table(void *target, const char *name, const char *identifier,
                              const char *description, const rm_field *fields, int32_t field_count,
                              int64_t rows, rm_row_fn row, void *context, rm_progress *progress,
                              rm_error *err)
{
    rm_memory_sink *memory = target;
    (void)identifier, (void)description, (void)progress;
    if (strcmp(name, memory->wanted) != 0)
        return RM_OK;
    return make_layer(&memory->layer, memory, NULL, NULL, fields, field_count, rows, row, context,
                      err);
}

static rm_status memory_view(void *target, const char *name, const char *identifier,
                             const char *select, rm_error *err)
{
    (void)target, (void)name, (void)identifier, (void)select, (void)err;
    return RM_OK;
}

static rm_status memory_style(void *target, const char *table, const char *style_name,
                              const char *qml, const char *description, rm_error *err)
{
    (void)target, (void)table, (void)style_name, (void)qml, (void)description, (void)err;
    return RM_OK;
}

static rm_status memory_metadata(void *target, const char *mime_type, const char *text,
                                 rm_error *err)
{
    (void)target, (void)mime_type, (void)text, (void)err;
    return RM_OK;
}

static rm_status memory_finish(void *target, rm_error *err)
{
    (void)target, (void)err;
    return RM_OK;
}

static void memory_free(void *target)
{
    (void)target; /* the caller's own */
}

rm_sink rm_memory_sink_of(rm_memory_sink *memory)
{
    return (rm_sink){.target = memory,
                     .features = memory_features,
                     .table = memory_table,
                     .view = memory_view,
                     .style = memory_style,
                     .metadata = memory_metadata,
                     .finish = memory_finish,
                     .free = memory_free};
}
