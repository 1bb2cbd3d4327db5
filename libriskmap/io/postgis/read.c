#include "io/postgis/read.h"

#include "base/date.h"
#include "io/postgis/connection.h"
#include "io/reader.h"

#include <string.h>

enum {
    BATCH_ROWS = 16384,
    BATCH_POINTS = 1 << 21,
    EPOCH = 10957, /* 2000-01-01, PostgreSQL's day 0 */
    HEAD = 19,     /* of the stream: signature, flags, the length of an extension */
};

struct rm_postgis_reader {
    rm_postgis *pg;
    char *layer;
    int32_t count;
    bool id, geometry, started, ended;
    int64_t row;
    bool has_srid;
    uint32_t srid; /* of all geometries so far */
};

/* The cells of one row. */
typedef struct cells {
    const char *at, *end;
} cells;

static uint64_t big_endian(const char *bytes, int count)
{
    uint64_t value = 0;
    for (int b = 0; b < count; b++)
        value = value << 8 | (unsigned char)bytes[b];
    return value;
}

static rm_status fail_form(const rm_postgis_reader *reader, rm_error *err)
{
    return rm_fail(err, RM_EIO, "%s: what came of \"%.80s\" is no row", reader->pg->shown,
                   reader->layer);
}

/* The next cell; *size -1: NULL. */
static rm_status next_cell(const rm_postgis_reader *reader, cells *row, const char **cell,
                           int64_t *size, rm_error *err)
{
    if (row->end - row->at < 4)
        return fail_form(reader, err);
    *size = (int32_t)(uint32_t)big_endian(row->at, 4);
    row->at += 4;
    *cell = row->at;
    if (*size > row->end - row->at || *size < -1)
        return fail_form(reader, err);
    row->at += *size > 0 ? *size : 0;
    return RM_OK;
}

/* The SRID stands behind the type where its flag is set; GDAL takes that of the first for all. */
static rm_status check_srid(rm_postgis_reader *reader, const uint8_t *wkb, int64_t size,
                            rm_error *err)
{
    enum { TYPE = 1, SRID = 5, FLAG = 0x20 };
    uint32_t srid = 0;
    if (size < SRID)
        return RM_OK;
    bool little = wkb[0] == 1, flagged = wkb[little ? SRID - 1 : TYPE] & FLAG;
    for (int b = 0; flagged && size >= SRID + 4 && b < 4; b++)
        srid |= (uint32_t)wkb[SRID + b] << (little ? 8 * b : 8 * (3 - b));
    if (reader->has_srid && srid != reader->srid)
        return rm_fail(err, RM_ECRS,
                       "%s: \"%.80s\" holds geometries of several SRIDs, %u and %u; make a view "
                       "that brings them to one with ST_Transform",
                       reader->pg->shown, reader->layer, (unsigned)reader->srid, (unsigned)srid);
    reader->has_srid = true;
    reader->srid = srid;
    return RM_OK;
}

static rm_status add_geometry(rm_postgis_reader *reader, cells *row, rm_rows *rows, int64_t id,
                              rm_error *err)
{
    const char *cell = NULL;
    int64_t size = -1;
    RM_TRY(next_cell(reader, row, &cell, &size, err));
    if (size < 0)
        return rm_rows_add_wkb(rows, id, NULL, 0, err);
    RM_TRY(check_srid(reader, (const uint8_t *)cell, size, err));
    return rm_rows_add_wkb(rows, id, (const uint8_t *)cell, size, err);
}

/* Infinite dates and times are missing. */
static rm_status add_time(rm_column *column, int64_t row, const char *cell, int64_t size,
                          rm_error *err)
{
    if (column->type == RM_DATE) {
        int64_t day = (int32_t)(uint32_t)big_endian(cell, 4);
        if (size != 4 || day == INT32_MAX || day == INT32_MIN || day > INT32_MAX - EPOCH)
            return rm_column_add_missing(column, row, err);
        return rm_column_add_date(column, row, (int32_t)(day + EPOCH), err);
    }
    int64_t us = (int64_t)big_endian(cell, 8);
    if (us == INT64_MAX || us == INT64_MIN)
        return rm_column_add_missing(column, row, err);
    int64_t ms = us / 1000 - (us % 1000 < 0);
    return rm_column_add_int64(column, row, ms + EPOCH * INT64_C(86400000), err);
}

static rm_status add_cell(const rm_postgis_reader *reader, cells *from, rm_rows *rows,
                          rm_column *column, int64_t row, rm_error *err)
{
    const char *cell = NULL;
    int64_t size = -1;
    uint64_t bits;
    double value;
    RM_TRY(next_cell(reader, from, &cell, &size, err));
    if (size < 0)
        return rm_column_add_missing(column, row, err);
    if (column->type == RM_TEXT)
        return rm_rows_add_text(rows, column, row, cell, size, err);
    if (size != (column->type == RM_DATE ? 4 : 8))
        return fail_form(reader, err);
    if (column->type == RM_INT64)
        return rm_column_add_int64(column, row, (int64_t)big_endian(cell, 8), err);
    if (column->type == RM_FLOAT64) {
        bits = big_endian(cell, 8);
        memcpy(&value, &bits, sizeof value);
        return rm_column_add_double(column, row, value, err);
    }
    return add_time(column, row, cell, size, err);
}

static rm_status add_row(rm_postgis_reader *reader, cells *from, rm_rows *rows, rm_error *err)
{
    int64_t row = rows->table.rows, id = ++reader->row, size = -1;
    const char *cell = NULL;
    if (reader->id) {
        RM_TRY(next_cell(reader, from, &cell, &size, err));
        if (size == 8)
            id = (int64_t)big_endian(cell, 8);
    }
    RM_TRY(rm_rows_add_id(rows, row, id, err));
    if (reader->geometry)
        RM_TRY(add_geometry(reader, from, rows, id, err));
    for (int32_t c = 0; c < rows->table.count; c++)
        RM_TRY(add_cell(reader, from, rows, &rows->table.columns[c], row, err));
    rows->table.rows++;
    return RM_OK;
}

/* One message of the server: the head of the stream before the first row, a row, or the mark that
 * ends the rows. */
static rm_status take_message(rm_postgis_reader *reader, const char *data, int size, rm_rows *rows,
                              rm_error *err)
{
    cells from = {data, data + size};
    if (!reader->started) {
        int64_t extension = size >= HEAD ? (int64_t)big_endian(data + HEAD - 4, 4) : -1;
        if (size < HEAD || memcmp(data, "PGCOPY\n\377\r\n", 11) != 0 || extension > size - HEAD)
            return fail_form(reader, err);
        reader->started = true;
        from.at += HEAD + extension;
    }
    while (from.at < from.end) {
        if (from.end - from.at < 2)
            return fail_form(reader, err);
        int fields = (int16_t)(uint16_t)big_endian(from.at, 2);
        from.at += 2;
        if (fields == -1)
            return RM_OK;
        if (fields != reader->count + reader->id + reader->geometry)
            return fail_form(reader, err);
        RM_TRY(add_row(reader, &from, rows, err));
    }
    return RM_OK;
}

/* The server says only now whether all went well. */
static rm_status end_copy(rm_postgis_reader *reader, rm_error *err)
{
    rm_status status = RM_OK;
    PGresult *result;
    while ((result = PQgetResult(reader->pg->connection))) {
        if (PQresultStatus(result) != PGRES_COMMAND_OK && status == RM_OK)
            status = rm_postgis_complain(reader->pg, reader->layer, err);
        PQclear(result);
    }
    reader->ended = true;
    return status;
}

rm_status rm_postgis_next(rm_postgis_reader *reader, rm_rows *rows, bool *ended, rm_error *err)
{
    *ended = false;
    while (rows->table.rows < BATCH_ROWS && rows->geometry.points < BATCH_POINTS) {
        char *data = NULL;
        int size = reader->ended ? -1 : PQgetCopyData(reader->pg->connection, &data, 0);
        if (size < 0) {
            *ended = true;
            if (size == -2)
                return rm_postgis_complain(reader->pg, reader->layer, err);
            return reader->ended ? RM_OK : end_copy(reader, err);
        }
        rm_status status = take_message(reader, data, size, rows, err);
        PQfreemem(data);
        RM_TRY(status);
    }
    return RM_OK;
}

/* ---- what is asked ---- */

/* The table, quoted by the server itself. */
static rm_status find_table(const rm_postgis *pg, char **out, const char *layer, rm_error *err)
{
    char *bare = NULL;
    RM_TRY(rm_copy_text(&bare, layer, err));
    char *bracket = strrchr(bare, '(');
    if (bracket && rm_ends_with(bare, ")"))
        *bracket = '\0';
    rm_status status = rm_postgis_ask(
        pg, out,
        "SELECT quote_ident(n.nspname) || '.' || quote_ident(c.relname) FROM pg_catalog.pg_class c "
        "JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace, (VALUES ($1::text, 1), "
        "($2::text, "
        "2)) AS wanted(name, turn) WHERE c.relkind IN ('r', 'v', 'm', 'f', 'p') AND "
        "((n.nspname = current_schema() AND c.relname = wanted.name) OR n.nspname || '.' || "
        "c.relname = wanted.name) ORDER BY turn, n.nspname = current_schema() DESC LIMIT 1",
        layer, bare, err);
    if (status == RM_OK && !*out)
        status = rm_fail(err, RM_ENOTFOUND, "%s has no table \"%.80s\" any more", pg->shown, layer);
    rm_release(bare);
    return status;
}

/* A column as the type that it is delivered as. */
static rm_status add_column(const rm_postgis *pg, rm_text *sql, const rm_postgis_column *column,
                            rm_error *err)
{
    static const char *const casts[] = {[RM_INT64] = "::bigint",
                                        [RM_FLOAT64] = "::double precision",
                                        [RM_TEXT] = "::text",
                                        [RM_DATE] = "::date",
                                        [RM_DATETIME] = "::timestamp"};
    rm_text_add(sql, column->list ? "array_to_string(" : "");
    RM_TRY(rm_postgis_name(pg, sql, column->name, err));
    rm_text_add(sql, column->list ? ", ',')" : "");
    rm_text_add(sql, column->boolean ? "::int" : "");
    rm_text_add(sql, casts[column->type]);
    return RM_OK;
}

static rm_status make_query(const rm_postgis *pg, rm_text *sql, const rm_postgis_table *table,
                            rm_error *err)
{
    char *name = NULL;
    rm_text_add(sql, "COPY (SELECT ");
    if (table->id) {
        RM_TRY(rm_postgis_name(pg, sql, table->id, err));
        rm_text_add(sql, "::bigint");
    }
    if (table->geometry) {
        rm_text_add(sql, table->id ? ", " : "");
        RM_TRY(rm_postgis_name(pg, sql, table->geometry, err));
    }
    for (int32_t c = 0; c < table->count; c++) {
        rm_text_add(sql, c > 0 || table->id || table->geometry ? ", " : "");
        RM_TRY(add_column(pg, sql, &table->columns[c], err));
    }
    RM_TRY(find_table(pg, &name, table->layer, err));
    rm_text_addf(sql, " FROM %s) TO STDOUT (FORMAT binary)", name);
    rm_release(name);
    return rm_text_status(sql, err);
}

static rm_status start(rm_postgis_reader *reader, const rm_postgis_table *table, rm_error *err)
{
    rm_text sql = {0};
    reader->id = table->id != NULL;
    reader->geometry = table->geometry != NULL;
    reader->count = table->count;
    RM_TRY(rm_copy_text(&reader->layer, table->layer, err));
    RM_TRY(rm_postgis_connect(&reader->pg, table->source, err));
    rm_status status = rm_postgis_run(reader->pg, "SET default_transaction_read_only = on", err);
    if (status == RM_OK)
        status = make_query(reader->pg, &sql, table, err);
    if (status == RM_OK) {
        PGresult *result = PQexec(reader->pg->connection, sql.data);
        if (PQresultStatus(result) != PGRES_COPY_OUT)
            status = rm_postgis_complain(reader->pg, table->layer, err);
        PQclear(result);
    }
    rm_text_clear(&sql);
    return status;
}

rm_status rm_postgis_read(rm_postgis_reader **out, const rm_postgis_table *table, rm_error *err)
{
    rm_postgis_reader *reader = NULL;
    RM_TRY(RM_NEW_ZERO(&reader, 1, err));
    rm_status status = start(reader, table, err);
    if (status != RM_OK)
        rm_postgis_reader_free(reader);
    else
        *out = reader;
    return status;
}

void rm_postgis_reader_free(rm_postgis_reader *reader)
{
    if (!reader)
        return;
    rm_postgis_close(reader->pg);
    rm_release(reader->layer);
    rm_release(reader);
}
