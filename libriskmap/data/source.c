#include "data/source.h"

static rm_status drain(rm_layer *layer, rm_source *source, rm_rows *batch, rm_error *err)
{
    for (int worker = 0; worker < source->cursors; worker++) {
        for (;;) {
            RM_TRY(source->next(source, worker, batch, err));
            if (batch->table.rows == 0)
                break;
            RM_TRY(rm_rows_add_all(&layer->rows, batch, err));
        }
        RM_TRY(rm_issues_take(&layer->rows.issues, &batch->issues, -1, err));
    }
    return RM_OK;
}

rm_status rm_source_collect(rm_layer **out, rm_source *source, rm_error *err)
{
    rm_layer *layer = NULL;
    rm_rows batch = {0};
    RM_TRY(RM_NEW_ZERO(&layer, 1, err));
    rm_status status = rm_table_copy_columns(&layer->rows.table, &source->columns, err);
    if (status == RM_OK)
        status = drain(layer, source, &batch, err);
    if (status == RM_OK && source->finish)
        status = source->finish(source, err);
    if (status == RM_OK)
        status = rm_provenance_copy(&layer->provenance, &source->provenance, err);
    rm_rows_clear(&batch);
    if (status != RM_OK) {
        rm_layer_free(layer);
        return status;
    }
    *out = layer;
    return RM_OK;
}

void rm_source_free(rm_source *source)
{
    if (source)
        source->free(source);
}
