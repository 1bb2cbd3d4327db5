#include "model/labels.h"

#include "base/date.h"
#include "base/text.h"

static void add_cell(rm_text *text, const rm_column *column, int64_t row)
{
    int64_t length;
    char date[16];
    switch (column->type) {
    case RM_TEXT: {
        const char *cell = rm_column_text(column, row, &length);
        rm_text_add_n(text, cell, length);
        break;
    }
    case RM_FLOAT64:
        rm_text_add_double(text, column->data.f64[row]);
        break;
    case RM_DATE:
        rm_date_format(column->data.i32[row], date);
        rm_text_add(text, date);
        break;
    default:
        rm_text_add_int64(text, column->data.i64[row]);
    }
}

rm_status rm_labels_make(rm_labels *out, rm_layer *layer, int32_t column, bool ids, rm_error *err)
{
    rm_text text = {0};
    int64_t rows = layer->rows.table.rows;
    RM_TRY(RM_NEW(&out->at, rows, err));
    const rm_column *cells = column < 0 ? NULL : &layer->rows.table.columns[column];
    rm_status status = RM_OK;
    for (int64_t a = 0; a < rows && status == RM_OK; a++) {
        out->at[a] = text.length;
        bool missing = !cells || rm_column_missing(cells, a);
        if (!missing)
            add_cell(&text, cells, a);
        else if (ids)
            rm_text_add_int64(&text, layer->rows.ids[a]);
        rm_text_add_n(&text, "", 1);
        if (ids && cells && missing)
            status = rm_issues_add(&layer->rows.issues, RM_ISSUE_NO_ID, layer->rows.ids[a], 0, 0,
                                   NULL, err);
    }
    if (status == RM_OK)
        status = rm_text_status(&text, err);
    out->text = text.data;
    return status;
}

void rm_labels_clear(rm_labels *labels)
{
    rm_release(labels->text);
    rm_release(labels->at);
    *labels = (rm_labels){0};
}
