/* A layer that is in memory already, as a source: what it was read from does not matter. */
#include "io/open.h"
#include "io/reader.h"

#include <stdlib.h>

enum { BATCH_ROWS = 32768 };

typedef struct memory_reader {
    rm_reader base;
    const rm_layer *layer;
    int64_t at;              /* the next row */
    const rm_issue **issues; /* [issue_count] of the layer, by feature */
    int64_t issue_count;
} memory_reader;

/* ---- what was found when the layer was made ---- */

static int compare_features(const void *a, const void *b)
{
    const rm_issue *x = *(const rm_issue *const *)a, *y = *(const rm_issue *const *)b;
    return x->feature != y->feature ? (x->feature > y->feature) - (x->feature < y->feature)
                                    : (x > y) - (x < y);
}

/* Rows without geometry would be rejected without a word otherwise. */
static rm_status list_issues(memory_reader *reader, rm_error *err)
{
    const rm_issues *issues = &reader->layer->rows.issues;
    RM_TRY(RM_NEW(&reader->issues, issues->count, err));
    reader->issue_count = issues->count;
    for (int64_t i = 0; i < issues->count; i++)
        reader->issues[i] = &issues->items[i];
    qsort(reader->issues, (size_t)issues->count, sizeof *reader->issues, compare_features);
    return RM_OK;
}

static rm_status add_issues(const memory_reader *reader, rm_rows *rows, int64_t feature,
                            rm_error *err)
{
    int64_t low = 0, high = reader->issue_count;
    while (low < high) {
        int64_t middle = low + (high - low) / 2;
        if (reader->issues[middle]->feature < feature)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < reader->issue_count && reader->issues[low]->feature == feature; low++) {
        const rm_issue *issue = reader->issues[low];
        RM_TRY(rm_issues_add(&rows->issues, (rm_issue_code)issue->code, feature, issue->a, issue->b,
                             issue->text, err));
    }
    return RM_OK;
}

/* ---- rows ---- */

static rm_status add_rows(memory_reader *reader, rm_rows *rows, int64_t end, rm_error *err)
{
    const rm_rows *from = &reader->layer->rows;
    for (; reader->at < end; reader->at++, rows->table.rows++) {
        int64_t row = rows->table.rows, at = reader->at;
        RM_TRY(rm_rows_add_id(rows, row, from->ids[at], err));
        for (int32_t c = 0; c < rows->table.count; c++)
            RM_TRY(rm_column_add_cell(&rows->table.columns[c], row,
                                      &from->table.columns[reader->base.plan.fields[c]], at, err));
        if (reader->base.geometry) {
            RM_TRY(rm_geometry_add_copy(&rows->geometry, &from->geometry, at, err));
            RM_TRY(add_issues(reader, rows, from->ids[at], err));
        }
    }
    return RM_OK;
}

static rm_status memory_next(rm_source *source, int worker, rm_rows *rows, rm_error *err)
{
    memory_reader *reader = (memory_reader *)source;
    int64_t all = reader->layer->rows.table.rows;
    RM_TRY(rm_reader_start(&reader->base, rows, err));
    if (reader->at == 0 && reader->base.geometry)
        RM_TRY(add_issues(reader, rows, -1, err)); /* about the layer as a whole */
    /* what an extent leaves of a batch may be nothing, and no rows would mean the end */
    while (rows->table.rows == 0 && reader->at < all) {
        int64_t end = all - reader->at > BATCH_ROWS ? reader->at + BATCH_ROWS : all;
        RM_TRY(rm_reader_prepare(&reader->base, worker, rows, err));
        RM_TRY(add_rows(reader, rows, end, err));
        RM_TRY(rm_reader_place(&reader->base, worker, rows, err));
    }
    source->fraction = all ? (double)reader->at / (double)all : 1.0;
    return RM_OK;
}

static void memory_free(rm_source *source)
{
    memory_reader *reader = (memory_reader *)source;
    rm_reader_clear(&reader->base);
    rm_release(reader->issues);
    rm_release(reader);
}

static rm_status open_layer(memory_reader *reader, const rm_request *request, rm_error *err)
{
    const rm_layer *layer = request->memory;
    RM_TRY(rm_reader_init(&reader->base, request, layer->name, "Memory", err));
    if (request->geometry && layer->rows.geometry.features != layer->rows.table.rows)
        return rm_fail(err, RM_EINVAL, "%s has no geometry", reader->base.shown);
    RM_TRY(rm_reader_choose(&reader->base, request, layer->name ? layer->name : request->source,
                            &layer->rows.table, err));
    RM_TRY(rm_reader_set_crs(&reader->base, request, layer->crs, err));
    RM_TRY(list_issues(reader, err));
    return rm_reader_set_cursors(&reader->base, 1, err);
}

rm_status rm_open_memory(const rm_request *request, rm_source **out, rm_error *err)
{
    memory_reader *reader = NULL;
    RM_TRY(RM_NEW_ZERO(&reader, 1, err));
    reader->layer = request->memory;
    reader->base.source.next = memory_next;
    reader->base.source.finish = rm_reader_finish;
    reader->base.source.free = memory_free;
    rm_status status = open_layer(reader, request, err);
    if (status == RM_OK)
        *out = &reader->base.source;
    else
        memory_free(&reader->base.source);
    return status;
}
