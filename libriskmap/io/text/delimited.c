/* Delimited text. One cursor at a time takes the next piece of the file, up to the end of a record,
 * under a lock; what is in it is read outside the lock. The rows are numbered there too, so that a
 * row has the same number whoever reads it. */
#include "base/file.h"
#include "base/parallel.h"
#include "io/open.h"
#include "io/points.h"
#include "io/text/delimited_head.h"
#include "io/text/text_file.h"

#include <string.h>

enum {
    PIECE = 1 << 20,
    MOST_PIECE = 64 << 20, /* the longest record */
    BATCH_ROWS = 65536
};

/* Text with room around it for the scanner. */
typedef struct buffer {
    char *memory;
    int64_t capacity; /* of memory */
    int64_t size;     /* of the text */
} buffer;

typedef struct delimited_cursor {
    buffer piece;
    rm_csv_scan scan;
    rm_csv_cell *cells; /* [head.count] */
    int64_t row;        /* the number of the next row */
    bool clean;         /* the piece is UTF-8 without a NUL: cells need no check */
    rm_text raw, decoded;
    char apart[64]; /* from the next worker's, which must not share a cache line */
} delimited_cursor;

typedef struct delimited_reader {
    rm_reader base;
    rm_csv_head head;
    rm_points points;
    delimited_cursor *cursors;
    int cursor_count;
    /* under the lock */
    rm_mutex *lock;
    rm_text_file *file;
    buffer carry; /* the begin of a record that the last piece did not end */
    int64_t next_row;
    bool ended;
} delimited_reader;

static char *text_of(const buffer *b)
{
    return b->memory + RM_CSV_BEFORE;
}

static rm_status make_room(buffer *b, int64_t size, rm_error *err)
{
    RM_TRY(RM_GROW(&b->memory, &b->capacity, size + RM_CSV_BEFORE + RM_CSV_BEHIND, err));
    memset(b->memory, '\n', RM_CSV_BEFORE);
    return RM_OK;
}

static void seal(buffer *b)
{
    memset(text_of(b) + b->size, 0, RM_CSV_BEHIND);
}

static rm_status fill(delimited_reader *reader, buffer *b, int64_t upto, rm_error *err)
{
    /* one byte more than is read, for the newline that the last line may lack */
    RM_TRY(make_room(b, upto + 1, err));
    while (upto - b->size >= 4 && !reader->ended) {
        int64_t n = 0;
        rm_status status =
            rm_text_file_read(reader->file, text_of(b) + b->size, upto - b->size, &n, err);
        reader->ended = n == 0;
        if (status != RM_OK)
            return status;
        b->size += n;
    }
    if (reader->ended && b->size > 0 && text_of(b)[b->size - 1] != '\n')
        text_of(b)[b->size++] = '\n';
    return RM_OK;
}

static rm_status fail_open_quote(delimited_reader *reader, int64_t records, rm_error *err)
{
    int64_t row = reader->next_row + records;
    reader->ended = true;
    return rm_fail_row(err, RM_EFORMAT, row,
                       "%s: a quote that is opened in data row %lld is never closed",
                       reader->base.shown, (long long)row);
}

/* Keeps what lies behind `end` for the next piece. */
static rm_status carry_over(delimited_reader *reader, buffer *piece, int64_t end, rm_error *err)
{
    int64_t rest = piece->size - end;
    RM_TRY(make_room(&reader->carry, rest, err));
    memcpy(text_of(&reader->carry), text_of(piece) + end, (size_t)rest);
    reader->carry.size = rest;
    piece->size = end;
    return RM_OK;
}

/* The next piece of whole records; empty at the end of the file. */
static rm_status take_piece(delimited_reader *reader, delimited_cursor *cursor, rm_error *err)
{
    buffer *piece = &cursor->piece;
    int64_t upto = PIECE, end = 0, records = 0;
    RM_TRY(make_room(piece, reader->carry.size, err));
    if (reader->carry.size > 0)
        memcpy(text_of(piece), text_of(&reader->carry), (size_t)reader->carry.size);
    piece->size = reader->carry.size;
    reader->carry.size = 0;
    for (;;) {
        RM_TRY(fill(reader, piece, upto, err));
        bool closed =
            rm_csv_cut(text_of(piece), piece->size, reader->head.delimiter, &end, &records);
        if (!closed && reader->ended)
            return fail_open_quote(reader, records, err);
        if (end > 0 || reader->ended)
            break;
        if (upto >= MOST_PIECE) {
            reader->ended = true;
            return rm_fail_row(err, RM_ELIMIT, reader->next_row,
                               "%s: data row %lld is longer than %d MiB; is a quote not closed?",
                               reader->base.shown, (long long)reader->next_row, MOST_PIECE >> 20);
        }
        upto *= 4;
    }
    RM_TRY(carry_over(reader, piece, end, err));
    cursor->row = reader->next_row;
    reader->next_row += records;
    return RM_OK;
}

static rm_status next_piece(delimited_reader *reader, int worker, rm_error *err)
{
    delimited_cursor *cursor = &reader->cursors[worker];
    double done = 0;
    rm_mutex_lock(reader->lock);
    rm_status status = take_piece(reader, cursor, err);
    if (status != RM_OK) {
        reader->ended = true;
        reader->carry.size = cursor->piece.size = 0;
    }
    if (worker == 0)
        done = rm_text_file_fraction(reader->file);
    rm_mutex_unlock(reader->lock);
    if (worker == 0)
        reader->base.source.fraction = done < 1 ? done : 1;
    RM_TRY(status);
    buffer *piece = &cursor->piece;
    seal(piece);
    const char *text = text_of(piece);
    cursor->clean = rm_utf8_valid(text, piece->size) == piece->size &&
                    memchr(text, 0, (size_t)piece->size) == NULL;
    rm_csv_start(&cursor->scan, text, piece->size, reader->head.delimiter);
    return RM_OK;
}

/* The content of a cell as it stands in the file; valid until the next call. */
static const char *cell_bytes(delimited_cursor *cursor, const rm_csv_cell *cell, int64_t *length)
{
    if (!cell->raw) {
        *length = cell->length;
        return cell->at;
    }
    cursor->raw.length = 0;
    rm_csv_unquote(&cursor->raw, cell);
    *length = cursor->raw.length;
    return cursor->raw.data;
}

static rm_status add_text(delimited_cursor *cursor, rm_column *column, int64_t row,
                          const rm_csv_cell *cell, bool *bad, rm_error *err)
{
    int64_t length;
    const char *text = cell_bytes(cursor, cell, &length);
    if (length > 0 && !cursor->clean) {
        cursor->decoded.length = 0;
        *bad = !rm_csv_decode(&cursor->decoded, text, length) || *bad;
        text = cursor->decoded.data;
        length = cursor->decoded.length;
        RM_TRY(rm_text_status(&cursor->decoded, err));
    }
    RM_TRY(rm_text_status(&cursor->raw, err));
    if (length == 0)
        return rm_column_add_missing(column, row, err);
    return rm_column_add_text(column, row, text, length, err);
}

static rm_status add_cells(const delimited_reader *reader, delimited_cursor *cursor, rm_rows *rows,
                           int64_t count, rm_error *err)
{
    int64_t row = rows->table.rows;
    bool bad = false;
    for (int32_t c = 0; c < rows->table.count; c++) {
        int at = reader->base.plan.fields[c];
        if (at < count)
            RM_TRY(add_text(cursor, &rows->table.columns[c], row, &cursor->cells[at], &bad, err));
        else
            RM_TRY(rm_column_add_missing(&rows->table.columns[c], row, err));
    }
    if (bad)
        RM_TRY(rm_issues_add(&rows->issues, RM_ISSUE_BAD_TEXT, cursor->row, 0, 0, NULL, err));
    return RM_OK;
}

/* A cell for a coordinate; `copy` keeps it when the next one needs the room it stands in. */
static void coordinate_cell(delimited_cursor *cursor, int32_t at, int64_t count, rm_text *copy,
                            const char **text, int64_t *length)
{
    *text = "";
    *length = 0;
    if (at < 0 || at >= count)
        return;
    *text = cell_bytes(cursor, &cursor->cells[at], length);
    if (!cursor->cells[at].raw)
        return;
    copy->length = 0;
    rm_text_add_n(copy, *text, *length);
    *text = copy->data;
}

static rm_status add_point(const delimited_reader *reader, delimited_cursor *cursor, rm_rows *rows,
                           int64_t count, rm_error *err)
{
    rm_point_cells cells;
    coordinate_cell(cursor, reader->points.x, count, &cursor->decoded, &cells.x, &cells.x_length);
    RM_TRY(rm_text_status(&cursor->decoded, err));
    if (reader->points.y >= 0 && reader->points.y < count) {
        cells.y = cell_bytes(cursor, &cursor->cells[reader->points.y], &cells.y_length);
    } else {
        cells.y = "";
        cells.y_length = 0;
    }
    RM_TRY(rm_text_status(&cursor->raw, err));
    return rm_points_add(&reader->points, rows, &cells, err);
}

/* More cells than the header has: nobody knows which is which. */
static rm_status add_bad_row(const delimited_reader *reader, const delimited_cursor *cursor,
                             rm_rows *rows, int64_t count, rm_error *err)
{
    for (int32_t c = 0; c < rows->table.count; c++)
        RM_TRY(rm_column_add_missing(&rows->table.columns[c], rows->table.rows, err));
    if (reader->base.geometry)
        RM_TRY(rm_geometry_add_feature(&rows->geometry, RM_KIND_NONE, err));
    return rm_issues_add(&rows->issues, RM_ISSUE_BAD_ROW, cursor->row, (double)count,
                         (double)reader->head.count, NULL, err);
}

static rm_status read_rows(delimited_reader *reader, delimited_cursor *cursor, rm_rows *rows,
                           rm_error *err)
{
    int64_t count;
    bool beyond;
    if (cursor->row == 1)
        RM_TRY(rm_points_tell(&reader->points, rows, err));
    while (rows->table.rows < BATCH_ROWS &&
           rm_csv_record(&cursor->scan, cursor->cells, reader->head.count, &count, &beyond)) {
        RM_TRY(rm_rows_add_id(rows, rows->table.rows, cursor->row, err));
        if (beyond) {
            RM_TRY(add_bad_row(reader, cursor, rows, count, err));
        } else {
            RM_TRY(add_cells(reader, cursor, rows, count, err));
            if (reader->base.geometry)
                RM_TRY(add_point(reader, cursor, rows, count, err));
        }
        rows->table.rows++;
        cursor->row++;
    }
    return RM_OK;
}

static rm_status fill_batch(delimited_reader *reader, int worker, rm_rows *rows, rm_error *err)
{
    delimited_cursor *cursor = &reader->cursors[worker];
    RM_TRY(rm_reader_start(&reader->base, rows, err));
    /* what an extent leaves of a piece may be nothing, and no rows would mean the end */
    while (rows->table.rows == 0) {
        if (cursor->scan.at >= cursor->scan.size)
            RM_TRY(next_piece(reader, worker, err));
        if (cursor->piece.size == 0)
            return RM_OK;
        RM_TRY(rm_reader_prepare(&reader->base, worker, rows, err));
        RM_TRY(read_rows(reader, cursor, rows, err));
        RM_TRY(rm_reader_place(&reader->base, worker, rows, err));
    }
    return RM_OK;
}

static rm_status delimited_next(rm_source *source, int worker, rm_rows *rows, rm_error *err)
{
    rm_rows batch = *rows; /* on this thread's stack, away from the rows of other workers */
    rm_status status = fill_batch((delimited_reader *)source, worker, &batch, err);
    *rows = batch;
    return status;
}

static void delimited_free(rm_source *source)
{
    delimited_reader *reader = (delimited_reader *)source;
    for (int i = 0; reader->cursors && i < reader->cursor_count; i++) {
        delimited_cursor *cursor = &reader->cursors[i];
        rm_release(cursor->piece.memory);
        rm_release(cursor->cells);
        rm_text_clear(&cursor->raw);
        rm_text_clear(&cursor->decoded);
    }
    rm_release(reader->cursors);
    rm_release(reader->carry.memory);
    rm_csv_head_clear(&reader->head);
    rm_mutex_free(reader->lock);
    rm_text_file_close(reader->file);
    rm_reader_clear(&reader->base);
    rm_release(reader);
}

static rm_status read_head(delimited_reader *reader, rm_error *err)
{
    RM_TRY(fill(reader, &reader->carry, PIECE, err));
    buffer *head = &reader->carry;
    seal(head);
    RM_TRY(rm_csv_head_read(&reader->head, text_of(head), head->size, reader->ended,
                            reader->base.shown, err));
    head->size -= reader->head.size;
    memmove(text_of(head), text_of(head) + reader->head.size, (size_t)head->size);
    reader->next_row = 1;
    return RM_OK;
}

static rm_status find_columns(delimited_reader *reader, const rm_request *request, rm_error *err)
{
    rm_table have = {0};
    rm_status status = RM_OK;
    for (int32_t i = 0; status == RM_OK && i < reader->head.count; i++)
        status = rm_table_add_column(&have, reader->head.names[i], RM_TEXT, err);
    if (status == RM_OK)
        status = rm_reader_choose(&reader->base, request, NULL, &have, err);
    rm_table_clear(&have);
    return status;
}

/* The rows that are here already, without what nobody asked for. */
static rm_status sample_rows(const delimited_reader *reader, bool everything, rm_table *out,
                             rm_error *err)
{
    bool *wanted = NULL;
    RM_TRY(RM_NEW(&wanted, reader->head.count, err));
    for (int32_t i = 0; i < reader->head.count; i++)
        wanted[i] = everything || i == reader->points.x || i == reader->points.y;
    for (int32_t i = 0; i < reader->base.plan.read.count; i++)
        wanted[reader->base.plan.fields[i]] = true;
    rm_status status =
        rm_csv_sample(out, &reader->head, text_of(&reader->carry), reader->carry.size, wanted, err);
    rm_release(wanted);
    return status;
}

static rm_status find_points(delimited_reader *reader, const rm_request *request, rm_error *err)
{
    const char *const *names = (const char *const *)reader->head.names;
    rm_table sample = {0};
    rm_status status = rm_points_find(&reader->points, request, names, reader->head.count,
                                      reader->base.shown, err);
    if (status == RM_OK && reader->points.x < 0 && !request->locate) {
        RM_TRY(sample_rows(reader, true, &sample, err));
        status = rm_points_fail(&sample, reader->base.shown, err);
        rm_table_clear(&sample);
    }
    return status;
}

static rm_status look_at_rows(delimited_reader *reader, const rm_request *request, rm_error *err)
{
    rm_table sample = {0};
    reader->points.x = reader->points.y = -1;
    seal(&reader->carry);
    RM_TRY(find_columns(reader, request, err));
    if (request->geometry) {
        RM_TRY(find_points(reader, request, err));
        RM_TRY(rm_reader_set_crs(&reader->base, request, reader->points.crs, err));
    }
    RM_TRY(sample_rows(reader, false, &sample, err));
    rm_points_note_dates(&reader->base.plan.read, reader->base.plan.fields, &sample);
    rm_points_weigh(&reader->points, &sample, reader->base.source.provenance.crs);
    rm_table_clear(&sample);
    return rm_reader_settle(&reader->base, err);
}

static rm_status make_cursors(delimited_reader *reader, const rm_request *request, rm_error *err)
{
    int cursors = request->threads < 1 ? 1 : request->threads > 64 ? 64 : request->threads;
    if (reader->ended)
        cursors = 1; /* the whole file is here already */
    RM_TRY(RM_NEW_ZERO(&reader->cursors, cursors, err));
    reader->cursor_count = cursors;
    for (int i = 0; i < cursors; i++)
        RM_TRY(RM_NEW(&reader->cursors[i].cells, reader->head.count, err));
    RM_TRY(rm_mutex_new(&reader->lock, err));
    return rm_reader_set_cursors(&reader->base, cursors, err);
}

static rm_status open_file(delimited_reader *reader, const rm_request *request, const char *located,
                           rm_error *err)
{
    RM_TRY(rm_reader_init(&reader->base, request, NULL, "Delimited text", err));
    RM_TRY(rm_text_file_open(&reader->file, located, reader->base.shown, err));
    RM_TRY(read_head(reader, err));
    RM_TRY(look_at_rows(reader, request, err));
    return make_cursors(reader, request, err);
}

rm_status rm_open_delimited(const rm_request *request, rm_source **out, rm_error *err)
{
    delimited_reader *reader = NULL;
    char *located = NULL;
    *out = NULL;
    RM_TRY(rm_text_file_locate(&located, request->source, request->layer, err));
    if (!located)
        return RM_OK;
    rm_status status = RM_NEW_ZERO(&reader, 1, err);
    if (status == RM_OK) {
        reader->base.source.next = delimited_next;
        reader->base.source.finish = rm_reader_finish;
        reader->base.source.free = delimited_free;
        status = open_file(reader, request, located, err);
        if (status != RM_OK)
            delimited_free(&reader->base.source);
        else
            *out = &reader->base.source;
    }
    rm_release(located);
    return status;
}
