#include "data/source.h"

#include "base/parallel.h"
#include "base/progress.h"
#include "data/keep.h"

#include <stdlib.h>

/* The batches that one worker was handed, in the order in which it got them. */
typedef struct rm_batches {
    rm_rows *items;
    int64_t count, capacity;
    int64_t seen; /* rows, before the filter */
} rm_batches;

typedef struct rm_collecting {
    rm_source *source;
    const rm_filter *filter; /* NULL: everything */
    rm_rows_fn clean;        /* or NULL */
    rm_batches *of;          /* [workers] */
    atomic_bool stop;
} rm_collecting;

static rm_status filter_batch(rm_rows *batch, const rm_filter *filter, rm_error *err)
{
    uint8_t *mask = NULL;
    RM_TRY(RM_NEW(&mask, batch->table.rows, err));
    rm_status status = rm_filter_apply(filter, &batch->table, mask, err);
    if (status == RM_OK)
        status = rm_rows_keep(batch, mask, err);
    rm_release(mask);
    return status;
}

/* Filtered while it is a batch, so that what is left out is never held; cleaned by the worker that
 * has it in its cache. */
static rm_status prepare(const rm_collecting *collecting, rm_rows *batch, int worker, rm_error *err)
{
    if (collecting->filter && batch->table.rows > 0)
        RM_TRY(filter_batch(batch, collecting->filter, err));
    if (!collecting->clean)
        return RM_OK;
    return collecting->clean(batch, collecting->source->progress, worker, err);
}

static rm_status take_next(rm_collecting *collecting, int worker, bool *done, rm_error *err)
{
    rm_batches *batches = &collecting->of[worker];
    RM_TRY(RM_GROW(&batches->items, &batches->capacity, batches->count + 1, err));
    rm_rows *batch = &batches->items[batches->count++];
    *batch = (rm_rows){0};
    RM_TRY(collecting->source->next(collecting->source, worker, batch, err));
    *done = batch->table.rows == 0; /* the last one may still carry issues */
    batches->seen += batch->table.rows;
    return prepare(collecting, batch, worker, err);
}

static rm_status tell(const rm_source *source, rm_error *err)
{
    return rm_progress_report(source->progress, source->fraction, NULL, err);
}

static rm_status take_batches(void *context, int worker, rm_error *err)
{
    rm_collecting *collecting = context;
    rm_status status = RM_OK;
    bool done = false;
    while (!done && status == RM_OK && !atomic_load(&collecting->stop)) {
        status = take_next(collecting, worker, &done, err);
        if (status == RM_OK && worker == 0)
            status = tell(collecting->source, err);
    }
    if (status != RM_OK)
        atomic_store(&collecting->stop, true);
    return status;
}

/* By their first row; those without rows come last. */
static int compare_batches(const void *a, const void *b)
{
    const rm_rows *x = *(rm_rows *const *)a, *y = *(rm_rows *const *)b;
    int64_t first_x = x->table.rows ? x->ids[0] : INT64_MAX;
    int64_t first_y = y->table.rows ? y->ids[0] : INT64_MAX;
    return (first_x > first_y) - (first_x < first_y);
}

static rm_status put_in_order(rm_rows *out, rm_collecting *collecting, int workers, rm_error *err)
{
    rm_rows **order = NULL;
    int64_t count = 0, n = 0;
    for (int w = 0; w < workers; w++)
        count += collecting->of[w].count;
    RM_TRY(RM_NEW(&order, count, err));
    for (int w = 0; w < workers; w++)
        for (int64_t i = 0; i < collecting->of[w].count; i++)
            order[n++] = &collecting->of[w].items[i];
    qsort(order, (size_t)count, sizeof *order, compare_batches);
    rm_status status = rm_rows_add_many(out, order, count, workers, err);
    rm_release(order);
    return status;
}

/* Sources that serve several workers number their rows in order, so the first ids order the
 * batches. */
static rm_status drain_together(rm_rows *rows, int64_t *seen, rm_collecting *collecting,
                                rm_error *err)
{
    int workers = collecting->source->cursors;
    RM_TRY(RM_NEW_ZERO(&collecting->of, workers, err));
    rm_status status = rm_workers(workers, take_batches, collecting, err);
    if (status == RM_OK)
        status = put_in_order(rows, collecting, workers, err);
    for (int w = 0; w < workers; w++) {
        *seen += collecting->of[w].seen;
        for (int64_t i = 0; i < collecting->of[w].count; i++)
            rm_rows_clear(&collecting->of[w].items[i]);
        rm_release(collecting->of[w].items);
    }
    rm_release(collecting->of);
    return status;
}

static rm_status drain_alone(rm_rows *rows, int64_t *seen, rm_collecting *collecting, rm_error *err)
{
    rm_source *source = collecting->source;
    rm_rows batch = {0};
    rm_status status = RM_OK;
    bool more = true;
    while (status == RM_OK && more) {
        status = source->next(source, 0, &batch, err);
        more = status == RM_OK && batch.table.rows > 0;
        if (!more)
            break;
        *seen += batch.table.rows;
        status = prepare(collecting, &batch, 0, err);
        if (status == RM_OK)
            status = rm_rows_add_all(rows, &batch, err);
        if (status == RM_OK)
            status = tell(source, err);
    }
    if (status == RM_OK)
        status = rm_issues_take(&rows->issues, &batch.issues, -1, err);
    rm_rows_clear(&batch);
    return status;
}

static rm_status collect(rm_layer *layer, rm_collecting *collecting, rm_error *err)
{
    int64_t seen = 0;
    rm_source *source = collecting->source;
    const rm_filter *filter = collecting->filter;
    rm_status status = filter ? rm_filter_check(filter, &source->columns, err) : RM_OK;
    if (status != RM_OK)
        return rm_fail_within(err, status, "where");
    RM_TRY(rm_table_copy_columns(&layer->rows.table, &source->columns, err));
    RM_TRY(
        (source->cursors > 1 ? drain_together : drain_alone)(&layer->rows, &seen, collecting, err));
    if (source->finish)
        RM_TRY(source->finish(source, err));
    RM_TRY(rm_provenance_copy(&layer->provenance, &source->provenance, err));
    layer->provenance.read = layer->rows.table.rows;
    layer->provenance.filtered = seen - layer->rows.table.rows;
    return RM_OK;
}

rm_status rm_source_collect(rm_layer **out, rm_source *source, const rm_filter *filter,
                            rm_rows_fn clean, rm_error *err)
{
    rm_layer *layer = NULL;
    rm_collecting collecting = {.source = source, .filter = filter, .clean = clean};
    RM_TRY(RM_NEW_ZERO(&layer, 1, err));
    rm_status status = collect(layer, &collecting, err);
    if (status == RM_OK)
        *out = layer;
    else
        rm_layer_free(layer);
    return status;
}

void rm_source_free(rm_source *source)
{
    if (source)
        source->free(source);
}
