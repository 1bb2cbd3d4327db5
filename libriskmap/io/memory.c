/* A layer that is in memory already, as a source: what it was read from does not matter. */
#include "io/open.h"
#include "io/reader.h"

enum { BATCH_ROWS = 32768 };

typedef struct memory_reader {
    rm_reader base;
    const rm_layer *layer;
    int64_t at; /* the next row */
} memory_reader;

static rm_status add_rows(memory_reader *reader, rm_rows *rows, int64_t end, rm_error *err)
{
    const rm_rows *from = &reader->layer->rows;
    for (; reader->at < end; reader->at++, rows->table.rows++) {
        int64_t row = rows->table.rows, at = reader->at;
        RM_TRY(rm_rows_add_id(rows, row, from->ids[at], err));
        for (int32_t c = 0; c < rows->table.count; c++)
            RM_TRY(rm_column_add_cell(&rows->table.columns[c], row,
                                      &from->table.columns[reader->base.plan.fields[c]], at, err));
        if (reader->base.geometry)
            RM_TRY(rm_geometry_add_copy(&rows->geometry, &from->geometry, at, err));
    }
    return RM_OK;
}

static rm_status memory_next(rm_source *source, int worker, rm_rows *rows, rm_error *err)
{
    memory_reader *reader = (memory_reader *)source;
    int64_t all = reader->layer->rows.table.rows;
    RM_TRY(rm_reader_start(&reader->base, rows, err));
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
