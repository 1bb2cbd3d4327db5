/* GeoPackage tables straight from SQLite: one connection per cursor, each taking the next range of
 * row ids. The rows of a range come as calls of an aggregate function, in one step of the
 * statement: a step per row costs a quarter more. What is not plain enough goes to GDAL. */
#include "base/date.h"
#include "base/file.h"
#include "base/text.h"
#include "io/gpkg/table.h"
#include "io/open.h"

#include <math.h>
#include <stdatomic.h>
#include <string.h>

/* MOST_COLUMNS: SQLite's functions take 100 arguments. */
enum { FEWEST_ROWS = 1024, BATCH_ROWS = 32768, BATCH_POINTS = 1 << 21, MOST_COLUMNS = 96 };

typedef struct gpkg_cursor {
    sqlite3 *db;
    sqlite3_stmt *select;
    bool unread;       /* it has a range of which rows are still to be read: */
    int64_t low, high; /* these ids */
    int64_t at, end;   /* places in ids that are still to be read */
    bool geometry;
    rm_rows *rows; /* the batch that is being filled, and what came of it */
    rm_status status;
    rm_error *err;
    bool full;
    char apart[64]; /* from the next worker's, which must not share a cache line */
} gpkg_cursor;

typedef struct gpkg_reader {
    rm_reader base;
    rm_gpkg_table table;
    gpkg_cursor *cursors;
    int cursor_count;
    int64_t first;            /* lowest row id */
    uint64_t stride, ranges;  /* range r is the row ids from first + r * stride on */
    _Atomic uint64_t claimed; /* how many ranges have been taken */
    int64_t *ids;             /* the rows that the spatial index found, NULL: all */
    int64_t id_count;
} gpkg_reader;

static rm_status fail_read(const gpkg_reader *reader, sqlite3 *db, rm_error *err)
{
    return rm_gpkg_fail(db, reader->base.shown, err);
}

static rm_status add_text(rm_rows *rows, rm_column *column, int64_t row, sqlite3_value *cell,
                          int type, rm_error *err)
{
    if (type == SQLITE_BLOB)
        return rm_column_add_missing(column, row, err);
    const char *text = (const char *)sqlite3_value_text(cell);
    int64_t length = sqlite3_value_bytes(cell);
    if (!text)
        return rm_fail_memory(err);
    return rm_rows_add_text(rows, column, row, text, length, err);
}

static rm_status add_integer(rm_column *column, int64_t row, sqlite3_value *cell, int type,
                             rm_error *err)
{
    int64_t value;
    if (type == SQLITE_INTEGER)
        return rm_column_add_int64(column, row, sqlite3_value_int64(cell), err);
    if (type == SQLITE_FLOAT) {
        double real = sqlite3_value_double(cell);
        if (real == floor(real) && fabs(real) < 9e15)
            return rm_column_add_int64(column, row, (int64_t)real, err);
    } else if (type == SQLITE_TEXT) {
        const char *text = (const char *)sqlite3_value_text(cell);
        if (text && rm_parse_int64(text, sqlite3_value_bytes(cell), &value))
            return rm_column_add_int64(column, row, value, err);
    }
    return rm_column_add_missing(column, row, err);
}

static rm_status add_real(rm_column *column, int64_t row, sqlite3_value *cell, int type,
                          rm_error *err)
{
    double value;
    if (type == SQLITE_FLOAT || type == SQLITE_INTEGER)
        return rm_column_add_double(column, row, sqlite3_value_double(cell), err);
    const char *text = type == SQLITE_TEXT ? (const char *)sqlite3_value_text(cell) : NULL;
    if (text && rm_parse_double(text, sqlite3_value_bytes(cell), false, &value))
        return rm_column_add_double(column, row, value, err);
    return rm_column_add_missing(column, row, err);
}

static rm_status add_time(rm_column *column, int64_t row, sqlite3_value *cell, int type,
                          rm_error *err)
{
    const char *text = type == SQLITE_TEXT ? (const char *)sqlite3_value_text(cell) : NULL;
    int64_t length = text ? sqlite3_value_bytes(cell) : 0, ms;
    if (column->type == RM_DATE) {
        int32_t date = text ? rm_date_parse(text, length) : RM_NO_DATE;
        if (date != RM_NO_DATE)
            return rm_column_add_date(column, row, date, err);
    } else if (text && rm_datetime_parse(text, length, RM_DAY_FIRST, &ms)) {
        return rm_column_add_int64(column, row, ms, err);
    }
    return rm_column_add_missing(column, row, err);
}

static rm_status add_cell(rm_rows *rows, rm_column *column, int64_t row, sqlite3_value *cell,
                          rm_error *err)
{
    int type = sqlite3_value_type(cell);
    if (type == SQLITE_NULL)
        return rm_column_add_missing(column, row, err);
    switch (column->type) {
    case RM_INT64:
        return add_integer(column, row, cell, type, err);
    case RM_FLOAT64:
        return add_real(column, row, cell, type, err);
    case RM_TEXT:
        return add_text(rows, column, row, cell, type, err);
    case RM_DATE:
    case RM_DATETIME:
        break;
    }
    return add_time(column, row, cell, type, err);
}

/* The geometry behind a GeoPackage header; what is no such blob is malformed. */
static rm_status add_geometry(rm_rows *rows, int64_t id, sqlite3_value *cell, rm_error *err)
{
    static const int envelope_size[8] = {0, 32, 48, 48, 64, -1, -1, -1};
    const uint8_t *blob = sqlite3_value_blob(cell);
    int size = sqlite3_value_bytes(cell);
    if (!blob || size == 0)
        return rm_rows_add_wkb(rows, id, NULL, 0, err);
    int header = 8;
    if (size >= 8 && blob[0] == 'G' && blob[1] == 'P' && envelope_size[blob[3] >> 1 & 7] >= 0)
        header += envelope_size[blob[3] >> 1 & 7];
    else
        header = size;
    bool empty = header < 8 + 64 + 1 && size >= 8 && blob[0] == 'G' && (blob[3] & 0x10);
    if (empty)
        return rm_rows_add_wkb(rows, id, NULL, 0, err);
    /* one byte is no WKB: a blob without a usable header is malformed, not empty */
    static const uint8_t broken = 0xff;
    if (header >= size)
        return rm_rows_add_wkb(rows, id, &broken, 1, err);
    return rm_rows_add_wkb(rows, id, blob + header, size - header, err);
}

static rm_status add_row(gpkg_cursor *cursor, int64_t id, sqlite3_value **cells, rm_error *err)
{
    rm_rows *rows = cursor->rows;
    int64_t row = rows->table.rows;
    RM_TRY(rm_rows_add_id(rows, row, id, err));
    if (cursor->geometry)
        RM_TRY(add_geometry(rows, id, *cells++, err));
    for (int32_t c = 0; c < rows->table.count; c++)
        RM_TRY(add_cell(rows, &rows->table.columns[c], row, cells[c], err));
    rows->table.rows++;
    return RM_OK;
}

static bool has_room(const rm_rows *rows)
{
    return rows->table.rows < BATCH_ROWS && rows->geometry.points < BATCH_POINTS;
}

/* The aggregate function: takes one row, or stops the statement when the batch is full. */
static void take_row(sqlite3_context *context, int count, sqlite3_value **cells)
{
    gpkg_cursor *cursor = sqlite3_user_data(context);
    (void)count;
    cursor->low = sqlite3_value_int64(cells[0]);
    cursor->full = !has_room(cursor->rows);
    if (!cursor->full)
        cursor->status = add_row(cursor, cursor->low, cells + 1, cursor->err);
    if (cursor->full || cursor->status != RM_OK)
        sqlite3_result_error(context, "stopped", -1);
}

static void end_rows(sqlite3_context *context)
{
    sqlite3_result_null(context);
}

/* Runs the statement from its first row to its last, or until the batch is full. */
static rm_status take_rows(gpkg_reader *reader, gpkg_cursor *cursor, rm_rows *rows, rm_error *err)
{
    cursor->rows = rows;
    cursor->err = err;
    cursor->status = RM_OK;
    cursor->full = false;
    int code = sqlite3_step(cursor->select);
    rm_status status = cursor->status;
    if (status == RM_OK && code != SQLITE_ROW && !cursor->full)
        status = fail_read(reader, cursor->db, err);
    sqlite3_reset(cursor->select);
    return status;
}

/* Takes the next range of row ids, or the next run of ids that the index found. False at the end.
 */
static bool claim(gpkg_reader *reader, gpkg_cursor *cursor)
{
    uint64_t range = atomic_fetch_add(&reader->claimed, 1);
    if (range >= reader->ranges)
        return false;
    if (reader->ids) {
        cursor->at = (int64_t)range * BATCH_ROWS;
        cursor->end = cursor->at + BATCH_ROWS;
        if (cursor->end > reader->id_count)
            cursor->end = reader->id_count;
        return true;
    }
    /* unsigned, because ids may lie anywhere in 64 bits; the last range is open at its end */
    uint64_t low = (uint64_t)reader->first + range * reader->stride;
    cursor->low = (int64_t)low;
    cursor->high = range + 1 == reader->ranges ? INT64_MAX : (int64_t)(low + reader->stride - 1);
    cursor->unread = true;
    return true;
}

/* The rows of the range that the cursor stands in, as far as the batch has room. */
static rm_status read_range(gpkg_reader *reader, gpkg_cursor *cursor, rm_rows *rows, rm_error *err)
{
    sqlite3_bind_int64(cursor->select, 1, cursor->low);
    sqlite3_bind_int64(cursor->select, 2, cursor->high);
    RM_TRY(take_rows(reader, cursor, rows, err));
    cursor->unread = cursor->full;
    return RM_OK;
}

static rm_status read_found(gpkg_reader *reader, gpkg_cursor *cursor, rm_rows *rows, rm_error *err)
{
    for (; cursor->at < cursor->end && has_room(rows); cursor->at++) {
        int64_t before = rows->table.rows;
        sqlite3_bind_int64(cursor->select, 1, reader->ids[cursor->at]);
        RM_TRY(take_rows(reader, cursor, rows, err));
        if (rows->table.rows == before)
            return rm_fail(err, RM_EFORMAT,
                           "%s: the spatial index of \"%s\" names a feature that does not exist; "
                           "make the index anew",
                           reader->base.shown, reader->table.name);
    }
    return RM_OK;
}

/* Reads rows until there are some and the batch is full or its range done, or nothing is left,
 * which *ended tells. A batch never holds rows of two ranges: another worker may have what lies
 * between them, and whoever puts batches in order goes by their first row. */
static rm_status read_rows(gpkg_reader *reader, gpkg_cursor *cursor, rm_rows *rows, bool *ended,
                           rm_error *err)
{
    while (rows->table.rows == 0) {
        *ended = !cursor->unread && cursor->at == cursor->end && !claim(reader, cursor);
        if (*ended)
            return RM_OK;
        if (reader->ids)
            RM_TRY(read_found(reader, cursor, rows, err));
        else
            RM_TRY(read_range(reader, cursor, rows, err));
    }
    return RM_OK;
}

static rm_status fill_batch(gpkg_reader *reader, int worker, rm_rows *rows, rm_error *err)
{
    bool ended = false;
    RM_TRY(rm_reader_start(&reader->base, rows, err));
    /* what an extent leaves of a batch may be nothing, and no rows would mean the end */
    while (rows->table.rows == 0 && !ended) {
        RM_TRY(rm_reader_prepare(&reader->base, worker, rows, err));
        RM_TRY(read_rows(reader, &reader->cursors[worker], rows, &ended, err));
        RM_TRY(rm_reader_place(&reader->base, worker, rows, err));
    }
    return RM_OK;
}

static rm_status gpkg_next(rm_source *source, int worker, rm_rows *rows, rm_error *err)
{
    gpkg_reader *reader = (gpkg_reader *)source;
    rm_rows batch = *rows; /* on this thread's stack, away from the rows of other workers */
    rm_status status = fill_batch(reader, worker, &batch, err);
    *rows = batch;
    if (worker == 0 && reader->ranges > 0) {
        double done = (double)atomic_load(&reader->claimed) / (double)reader->ranges;
        source->fraction = done < 1 ? done : 1;
    }
    return status;
}

static void gpkg_free(rm_source *source)
{
    gpkg_reader *reader = (gpkg_reader *)source;
    for (int i = 0; reader->cursors && i < reader->cursor_count; i++) {
        sqlite3_finalize(reader->cursors[i].select);
        sqlite3_close(reader->cursors[i].db);
    }
    rm_release(reader->cursors);
    rm_release(reader->ids);
    rm_gpkg_table_clear(&reader->table);
    rm_reader_clear(&reader->base);
    rm_release(reader);
}

/* The id, the geometry and the wanted columns handed to take_row, by range or by one id. Without
 * other indexes, so that rows come in the order of their ids. */
static rm_status prepare_select(gpkg_reader *reader, gpkg_cursor *cursor, rm_error *err)
{
    rm_text sql = {0};
    const rm_gpkg_table *table = &reader->table;
    rm_text_add(&sql, "SELECT riskmap_row(");
    rm_gpkg_quote(&sql, table->key);
    if (reader->base.geometry) {
        rm_text_add(&sql, ", ");
        rm_gpkg_quote(&sql, table->geometry);
    }
    for (int32_t c = 0; c < reader->base.plan.read.count; c++) {
        rm_text_add(&sql, ", ");
        rm_gpkg_quote(&sql, table->columns.columns[reader->base.plan.fields[c]].name);
    }
    rm_text_add(&sql, ") FROM ");
    rm_gpkg_quote(&sql, table->name);
    rm_text_add(&sql, reader->ids ? " NOT INDEXED WHERE rowid = ?1"
                                  : " NOT INDEXED WHERE rowid BETWEEN ?1 AND ?2");
    rm_status status = rm_text_status(&sql, err);
    cursor->geometry = reader->base.geometry;
    if (status == RM_OK &&
        (sqlite3_create_function_v2(cursor->db, "riskmap_row", -1, SQLITE_UTF8 | SQLITE_DIRECTONLY,
                                    cursor, NULL, take_row, end_rows, NULL) != SQLITE_OK ||
         sqlite3_prepare_v2(cursor->db, sql.data, -1, &cursor->select, NULL) != SQLITE_OK))
        status = fail_read(reader, cursor->db, err);
    rm_text_clear(&sql);
    return status;
}

/* Ranges of up to BATCH_ROWS ids where ids are dense; wider ones where they are not, so that there
 * are never many more ranges than rows. */
static rm_status plan_ranges(gpkg_reader *reader, sqlite3 *db, rm_error *err)
{
    if (reader->ids) {
        reader->ranges = ((uint64_t)reader->id_count + BATCH_ROWS - 1) / BATCH_ROWS;
        return RM_OK;
    }
    int64_t first, last;
    bool any;
    RM_TRY(rm_gpkg_id_range(db, &reader->table, &first, &last, &any, reader->base.shown, err));
    if (!any)
        return RM_OK;
    uint64_t span = (uint64_t)last - (uint64_t)first;
    reader->first = first;
    reader->stride = span / 8 + 1; /* a small table is shared by the workers too */
    if (reader->stride < FEWEST_ROWS)
        reader->stride = FEWEST_ROWS;
    if (reader->stride > BATCH_ROWS)
        reader->stride = BATCH_ROWS;
    if (span / BATCH_ROWS > 64) {
        int64_t count;
        RM_TRY(rm_gpkg_count(db, &reader->table, &count, reader->base.shown, err));
        uint64_t most = (uint64_t)count / 4096 + 1;
        if (span / BATCH_ROWS > most)
            reader->stride = span / most + (span / most < UINT64_MAX);
    }
    reader->ranges = span / reader->stride + 1;
    return RM_OK;
}

/* Uses the spatial index when it holds every row, when nothing in it lies outside the area of use
 * (it would have to be reported) and when it leaves few rows: one row by its id costs as much as
 * some twenty in a run. */
static rm_status plan_extent(gpkg_reader *reader, sqlite3 *db, int64_t *left_out, rm_error *err)
{
    const rm_reader *base = &reader->base;
    rm_box layer = RM_BOX_EMPTY;
    if (!base->has_extent || !base->routed || base->route.operation ||
        !rm_gpkg_index_extent(db, &reader->table, &layer))
        return RM_OK;
    rm_box use = base->route.target_use, wanted = base->extent;
    if (layer.xmin < use.xmin || layer.ymin < use.ymin || layer.xmax > use.xmax ||
        layer.ymax > use.ymax)
        return RM_OK;
    double width = fmin(layer.xmax, wanted.xmax) - fmax(layer.xmin, wanted.xmin);
    double height = fmin(layer.ymax, wanted.ymax) - fmax(layer.ymin, wanted.ymin);
    double whole = (layer.xmax - layer.xmin) * (layer.ymax - layer.ymin);
    if (width > 0 && height > 0 && !(width * height < 0.5 * whole))
        return RM_OK;
    int64_t count;
    bool complete;
    RM_TRY(rm_gpkg_index_complete(db, &reader->table, &complete, &count, base->shown, err));
    if (!complete)
        return RM_OK;
    RM_TRY(rm_gpkg_index_search(db, &reader->table, &wanted, count / 20, &reader->ids,
                                &reader->id_count, base->shown, err));
    *left_out = reader->ids ? count - reader->id_count : 0;
    return RM_OK;
}

/* Finds the columns of the request; *plain = false when GDAL has to read one of them. */
static rm_status choose_columns(gpkg_reader *reader, const rm_request *request, bool *plain,
                                rm_error *err)
{
    const rm_gpkg_table *table = &reader->table;
    const rm_profile_plan *plan = &reader->base.plan;
    RM_TRY(rm_reader_choose(&reader->base, request, table->name, &table->columns, err));
    *plain = true;
    for (int32_t c = 0; *plain && c < plan->read.count; c++)
        *plain = table->readable[plan->fields[c]];
    return RM_OK;
}

/* No more cursors than there is work for: each costs a connection. */
static int count_cursors(const gpkg_reader *reader, const rm_request *request)
{
    int most = request->threads < 1 ? 1 : request->threads > 64 ? 64 : request->threads;
    if (reader->ranges < (uint64_t)most)
        most = reader->ranges > 0 ? (int)reader->ranges : 1;
    return sqlite3_threadsafe() ? most : 1;
}

static rm_status open_cursors(gpkg_reader *reader, const rm_request *request, const char *uri,
                              rm_error *err)
{
    sqlite3 *db = NULL;
    int64_t left_out = 0;
    RM_TRY(rm_gpkg_connect(&db, uri, reader->base.shown, err));
    rm_status status = plan_extent(reader, db, &left_out, err);
    if (status == RM_OK)
        status = plan_ranges(reader, db, err);
    int cursors = count_cursors(reader, request);
    if (status == RM_OK)
        status = RM_NEW_ZERO(&reader->cursors, cursors, err);
    if (status != RM_OK) {
        sqlite3_close(db);
        return status;
    }
    reader->cursor_count = cursors;
    reader->cursors[0].db = db;
    RM_TRY(rm_reader_set_cursors(&reader->base, cursors, err));
    reader->base.lanes[0].total = reader->base.lanes[0].outside = left_out;
    for (int i = 0; i < cursors; i++) {
        gpkg_cursor *cursor = &reader->cursors[i];
        if (!cursor->db)
            RM_TRY(rm_gpkg_connect(&cursor->db, uri, reader->base.shown, err));
        RM_TRY(prepare_select(reader, cursor, err));
    }
    return RM_OK;
}

static rm_status open_table(gpkg_reader *reader, const rm_request *request, const char *uri,
                            bool *plain, rm_error *err)
{
    rm_reader *base = &reader->base;
    RM_TRY(rm_reader_init(base, request, reader->table.name, "GPKG", err));
    RM_TRY(choose_columns(reader, request, plain, err));
    if (!*plain)
        return RM_OK;
    RM_TRY(rm_reader_set_crs(base, request, reader->table.crs, err));
    return open_cursors(reader, request, uri, err);
}

rm_status rm_open_geopackage(const rm_request *request, rm_source **out, rm_error *err)
{
    char *uri = NULL;
    gpkg_reader *reader = NULL;
    bool plain = false;
    RM_TRY(rm_gpkg_uri(&uri, request->source, err));
    if (!uri) {
        *out = NULL;
        return RM_OK;
    }
    rm_status status = RM_NEW_ZERO(&reader, 1, err);
    if (status == RM_OK)
        status = rm_gpkg_table_find(&reader->table, uri, request, &plain, err);
    if (status == RM_OK && plain)
        status = open_table(reader, request, uri, &plain, err);
    rm_release(uri);
    if (status != RM_OK || !plain) {
        if (reader)
            gpkg_free(&reader->base.source);
        if (status == RM_OK)
            *out = NULL;
        return status;
    }
    reader->base.source.next = gpkg_next;
    reader->base.source.finish = rm_reader_finish;
    reader->base.source.free = gpkg_free;
    *out = &reader->base.source;
    return RM_OK;
}
