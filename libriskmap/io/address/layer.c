#include "io/address/layer.h"

#include "base/parallel.h"
#include "data/filter.h"
#include "io/address/columns.h"
#include "io/open.h"
#include "io/reader.h"

#include <string.h>

/* What one worker has read. Rows of one street mostly come together, so the last name is kept. */
typedef struct lane {
    rm_rows batch;
    rm_address_rows rows;
    int64_t unusable;
    uint8_t *mask;
    int64_t mask_capacity;
    char last_text[2][160];
    int64_t last_length[2];
    uint64_t last_hash[2];
    char apart[64]; /* from the next worker's */
} lane;

typedef struct reading {
    rm_source *source;
    const rm_filter *filter;
    const int32_t *at; /* [RM_PARTS] */
    lane *lanes;
    rm_address_rows *rows; /* [cursors] */
    atomic_bool stop;
} reading;

typedef uint64_t (*hash_fn)(const char *text, int64_t length);

static uint64_t remembered(lane *l, int which, const rm_address_cell *cell, hash_fn hash)
{
    if (cell->length > (int64_t)sizeof l->last_text[which])
        return hash(cell->text, cell->length);
    if (cell->length == 0)
        return 0;
    if (cell->length != l->last_length[which] ||
        memcmp(cell->text, l->last_text[which], (size_t)cell->length) != 0) {
        memcpy(l->last_text[which], cell->text, (size_t)cell->length);
        l->last_length[which] = cell->length;
        l->last_hash[which] = hash(cell->text, cell->length);
    }
    return l->last_hash[which];
}

static void read_address(rm_address *out, lane *l, rm_address_cells *cells)
{
    rm_address_cell street = cells->street, place = cells->place;
    bool apart = cells->number.length > 0 && cells->line.length == 0;
    if (apart)
        cells->street = cells->place = (rm_address_cell){NULL, 0};
    rm_address_read(out, cells);
    if (apart) {
        out->street = remembered(l, 0, &street, rm_street);
        out->place = remembered(l, 1, &place, rm_place);
    }
}

/* The point itself; of anything larger, such as a mooring, the middle of its extent. */
static bool point_of(const rm_geometry *g, int64_t row, double *x, double *y)
{
    if (g->kind[row] == RM_KIND_NONE)
        return false;
    rm_box box = rm_geometry_box(g, row);
    *x = g->kind[row] == RM_KIND_POINT ? box.xmin : (box.xmin + box.xmax) / 2;
    *y = g->kind[row] == RM_KIND_POINT ? box.ymin : (box.ymin + box.ymax) / 2;
    return true;
}

static rm_status take_rows(const reading *r, lane *l, rm_error *err)
{
    const rm_table *table = &l->batch.table;
    if (r->filter && table->rows > 0) {
        if (table->rows > l->mask_capacity)
            RM_TRY(RM_GROW(&l->mask, &l->mask_capacity, table->rows, err));
        RM_TRY(rm_filter_apply(r->filter, table, l->mask, err));
    }
    for (int64_t row = 0; row < table->rows; row++) {
        rm_address_room room;
        rm_address_cells cells;
        rm_address address;
        double x, y;
        bool used = false;
        if (r->filter && !l->mask[row])
            continue;
        if (point_of(&l->batch.geometry, row, &x, &y)) {
            rm_address_cells_of(&cells, table, r->at, row, room);
            read_address(&address, l, &cells);
            RM_TRY(rm_address_rows_add(&l->rows, &address, x, y, &used, err));
        }
        l->unusable += !used;
    }
    return RM_OK;
}

static rm_status read_lane(void *context, int worker, rm_error *err)
{
    reading *r = context;
    lane *l = &r->lanes[worker];
    rm_status status = RM_OK;
    while (status == RM_OK && !atomic_load(&r->stop)) {
        status = r->source->next(r->source, worker, &l->batch, err);
        if (status == RM_OK && l->batch.table.rows == 0)
            break;
        if (status == RM_OK)
            status = take_rows(r, l, err);
    }
    if (status != RM_OK)
        atomic_store(&r->stop, true);
    rm_rows_clear(&l->batch);
    return status;
}

static rm_status make_index(rm_address_layer *out, reading *r, int threads, bool streets,
                            rm_error *err)
{
    int cursors = r->source->cursors;
    int64_t count = 0;
    for (int w = 0; w < cursors; w++) {
        r->rows[w] = r->lanes[w].rows;
        r->lanes[w].rows = (rm_address_rows){0};
        count += r->rows[w].count;
        out->unusable += r->lanes[w].unusable;
    }
    rm_provenance *account = &out->provenance;
    account->used = count;
    account->rejected = out->unusable;
    account->read = count + out->unusable;
    account->filtered = account->total - account->ended - account->outside - account->read;
    if (count == 0)
        return rm_fail(err, RM_EINVAL,
                       "%s: none of its %lld rows has a point and a house number with a postcode "
                       "(or street and place)",
                       out->provenance.source, (long long)out->unusable);
    return rm_address_index_make(&out->index, r->rows, cursors, streets, threads, err);
}

static rm_status read_source(rm_address_layer *out, reading *r, int threads, bool streets,
                             rm_error *err)
{
    int cursors = r->source->cursors;
    if (r->filter)
        RM_TRY(rm_filter_check(r->filter, &r->source->columns, err));
    RM_TRY(RM_NEW_ZERO(&r->lanes, cursors, err));
    RM_TRY(RM_NEW_ZERO(&r->rows, cursors, err));
    RM_TRY(rm_workers(cursors, read_lane, r, err));
    RM_TRY(r->source->finish(r->source, err));
    RM_TRY(rm_provenance_copy(&out->provenance, &r->source->provenance, err));
    return make_index(out, r, threads, streets, err);
}

static void clear_reading(reading *r)
{
    int cursors = r->source ? r->source->cursors : 0;
    for (int w = 0; r->lanes && w < cursors; w++) {
        rm_rows_clear(&r->lanes[w].batch);
        rm_address_rows_clear(&r->lanes[w].rows);
        rm_release(r->lanes[w].mask);
    }
    for (int w = 0; r->rows && w < cursors; w++)
        rm_address_rows_clear(&r->rows[w]);
    rm_release(r->lanes);
    rm_release(r->rows);
    rm_source_free(r->source);
}

static void leave_out(rm_address_columns *columns, rm_address_part part)
{
    rm_release(columns->names[part]);
    columns->names[part] = NULL;
}

rm_status rm_address_layer_read(rm_address_layer *out, const rm_request *request, bool streets,
                                rm_error *err)
{
    rm_address_columns columns = {.points = false};
    rm_address_request wanted = {.columns = NULL};
    rm_address_layer layer = {.index = NULL};
    reading r = {.filter = request->filter, .at = wanted.at};
    rm_status status = rm_address_columns_find(&columns, request, true, err);
    if (status == RM_OK && !streets && columns.names[RM_PART_POSTCODE] &&
        columns.names[RM_PART_NUMBER]) {
        leave_out(&columns, RM_PART_LINE);
        leave_out(&columns, RM_PART_STREET);
        leave_out(&columns, RM_PART_PLACE);
    }
    if (status == RM_OK)
        status = rm_address_request_make(&wanted, request, &columns, err);
    if (status == RM_OK) {
        rm_request inner = *request;
        inner.columns = wanted.columns;
        inner.column_count = wanted.count;
        inner.geometry = true;
        inner.extent = NULL;
        inner.locate = NULL;
        inner.reports = NULL;
        status = rm_open(NULL, &inner, &r.source, err);
    }
    if (status == RM_OK)
        status = read_source(&layer, &r, rm_threads(request->threads), streets, err);
    clear_reading(&r);
    rm_address_request_clear(&wanted);
    rm_address_columns_clear(&columns);
    if (status == RM_OK)
        *out = layer;
    else
        rm_address_layer_clear(&layer);
    return status;
}

void rm_address_layer_clear(rm_address_layer *layer)
{
    rm_address_index_free(layer->index);
    rm_provenance_clear(&layer->provenance);
    *layer = (rm_address_layer){.index = NULL};
}
