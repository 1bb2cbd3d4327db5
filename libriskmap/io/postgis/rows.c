/* Rows for COPY ... FORMAT binary: numbers big-endian, every cell with its length before it. */
#include "io/postgis/connection.h"

#include "base/date.h"

#include <math.h>
#include <string.h>

enum { CHUNK = 1 << 20, REPORT_ROWS = 4096, EPOCH = 10957 /* 2000-01-01, PostgreSQL's day 0 */ };

typedef struct filling {
    rm_postgis *pg;
    const rm_postgis_rows *rows;
    rm_text out; /* bytes */
    rm_text text;
    uint8_t *wkb;
    int64_t wkb_capacity;
    rm_cell *cells;
} filling;

static void put(rm_text *out, uint64_t value, int bytes)
{
    char big[8];
    for (int b = 0; b < bytes; b++)
        big[b] = (char)(value >> (8 * (bytes - 1 - b)));
    rm_text_add_n(out, big, bytes);
}

static void put_null(rm_text *out)
{
    put(out, UINT32_MAX, 4);
}

static void put_integer(rm_text *out, int64_t value, int bytes)
{
    put(out, (uint64_t)bytes, 4);
    put(out, (uint64_t)value, bytes);
}

/* Bytes that are no UTF-8 become U+FFFD. */
static void put_text(filling *fill, const char *text)
{
    int64_t length = (int64_t)strlen(text);
    fill->text.length = 0;
    while (length > 0) {
        int64_t valid = rm_utf8_valid(text, length);
        rm_text_add_n(&fill->text, text, valid);
        text += valid;
        length -= valid;
        if (length > 0) {
            rm_text_add(&fill->text, "\xEF\xBF\xBD");
            text++;
            length--;
        }
    }
    put(&fill->out, (uint64_t)fill->text.length, 4);
    if (fill->text.length > 0)
        rm_text_add_n(&fill->out, fill->text.data, fill->text.length);
    fill->out.failed = fill->out.failed || fill->text.failed;
}

static rm_status put_cell(filling *fill, int64_t row, int32_t number, rm_error *err)
{
    const rm_field *field = &fill->rows->fields[number];
    const rm_cell *cell = &fill->cells[number];
    rm_text *out = &fill->out;
    uint64_t bits;
    if (cell->missing) {
        put_null(out);
        return RM_OK;
    }
    switch (field->type) {
    case RM_INT64:
        put_integer(out, cell->i64, 8);
        return RM_OK;
    case RM_FLOAT64:
        if (isinf(cell->f64))
            return rm_fail_row(err, RM_EINVAL, row,
                               "cannot write %s: \"%s\" of row %lld of \"%s\" is infinite",
                               fill->pg->shown, field->name, (long long)row, fill->rows->table);
        memcpy(&bits, &cell->f64, sizeof bits);
        if (isnan(cell->f64))
            put_null(out);
        else
            put_integer(out, (int64_t)bits, 8);
        return RM_OK;
    case RM_TEXT:
        if (cell->text)
            put_text(fill, cell->text);
        else
            put_null(out);
        return RM_OK;
    case RM_DATE:
        if (cell->i64 <= (int64_t)RM_NO_DATE + EPOCH || cell->i64 > INT32_MAX)
            put_null(out);
        else
            put_integer(out, cell->i64 - EPOCH, 4);
        return RM_OK;
    case RM_DATETIME:
        put_integer(out, (cell->i64 - EPOCH * INT64_C(86400000)) * 1000, 8);
        return RM_OK;
    }
    put_null(out);
    return RM_OK;
}

/* PostGIS takes WKB with its own flag for the SRID behind the type. */
static rm_status put_geometry(filling *fill, int64_t row, rm_error *err)
{
    enum { HEAD = 5, SRID = 4, SRID_FLAG = 0x20 };
    const rm_postgis_rows *rows = fill->rows;
    uint8_t kind = rows->geometry->kind[row];
    if (kind == RM_KIND_NONE) {
        put_null(&fill->out);
        return RM_OK;
    }
    if (rows->multipolygon && kind != RM_KIND_POLYGON)
        return rm_fail_row(err, RM_EINVAL, row, "row %lld is no polygon, in a table of polygons",
                           (long long)row);
    int64_t size = rm_geometry_wkb(rows->geometry, row, rows->multipolygon, NULL);
    if (size > INT32_MAX - SRID)
        return rm_fail_row(err, RM_ELIMIT, row, "row %lld is too large for a database",
                           (long long)row);
    RM_TRY(RM_GROW(&fill->wkb, &fill->wkb_capacity, size, err));
    (void)rm_geometry_wkb(rows->geometry, row, rows->multipolygon, fill->wkb);
    fill->wkb[HEAD - 1] |= SRID_FLAG; /* the highest byte of the type, little-endian */
    put(&fill->out, (uint64_t)(size + SRID), 4);
    rm_text_add_n(&fill->out, (const char *)fill->wkb, HEAD);
    for (int b = 0; b < SRID; b++) {
        char byte = (char)((uint32_t)fill->pg->srid >> (8 * b));
        rm_text_add_n(&fill->out, &byte, 1);
    }
    rm_text_add_n(&fill->out, (const char *)fill->wkb + HEAD, size - HEAD);
    return RM_OK;
}

static rm_status put_row(filling *fill, int64_t row, rm_error *err)
{
    const rm_postgis_rows *rows = fill->rows;
    put(&fill->out, (uint64_t)(1 + (rows->geometry ? 1 : 0) + rows->field_count), 2);
    put_integer(&fill->out, rows->fids ? rows->fids[row] : row + 1, 8);
    if (rows->geometry)
        RM_TRY(put_geometry(fill, row, err));
    memset(fill->cells, 0, (size_t)rows->field_count * sizeof *fill->cells);
    if (rows->row)
        RM_TRY(rows->row(rows->context, row, fill->cells, err));
    for (int32_t f = 0; f < rows->field_count; f++)
        RM_TRY(put_cell(fill, row, f, err));
    RM_TRY(rm_text_status(&fill->out, err));
    if (fill->out.length > INT32_MAX) /* more than one call to libpq takes */
        return rm_fail_row(err, RM_ELIMIT, row, "row %lld is too large for a database",
                           (long long)row);
    return RM_OK;
}

static rm_status send(filling *fill, rm_error *err)
{
    if (fill->out.length > 0 &&
        PQputCopyData(fill->pg->connection, fill->out.data, (int)fill->out.length) != 1)
        return rm_postgis_complain(fill->pg, fill->rows->table, err);
    fill->out.length = 0;
    return RM_OK;
}

static rm_status send_rows(filling *fill, rm_progress *progress, rm_error *err)
{
    static const char head[19] =
        "PGCOPY\n\377\r\n"; /* and nine NULs: signature, flags, extension */
    const rm_postgis_rows *rows = fill->rows;
    rm_text_add_n(&fill->out, head, sizeof head);
    for (int64_t row = 0; row < rows->rows; row++) {
        if (row % REPORT_ROWS == 0)
            RM_TRY(
                rm_progress_report(progress, (double)row / (double)rows->rows, rows->table, err));
        RM_TRY(put_row(fill, row, err));
        if (fill->out.length >= CHUNK)
            RM_TRY(send(fill, err));
    }
    put(&fill->out, UINT16_MAX, 2);
    RM_TRY(rm_text_status(&fill->out, err));
    return send(fill, err);
}

/* Takes what the server answers to the end of the copy, and compares its count with ours. */
static rm_status end_copy(filling *fill, rm_error *err)
{
    PGconn *connection = fill->pg->connection;
    int64_t taken = -1;
    if (PQputCopyEnd(connection, NULL) != 1)
        return rm_postgis_complain(fill->pg, fill->rows->table, err);
    PGresult *result = PQgetResult(connection);
    rm_status status = PQresultStatus(result) == PGRES_COMMAND_OK
                           ? RM_OK
                           : rm_postgis_complain(fill->pg, fill->rows->table, err);
    const char *tuples = PQcmdTuples(result);
    if (!rm_parse_int64(tuples, (int64_t)strlen(tuples), &taken))
        taken = -1;
    PQclear(result);
    while ((result = PQgetResult(connection)))
        PQclear(result);
    if (status == RM_OK && taken != fill->rows->rows)
        status = rm_fail(err, RM_EIO, "%s took %lld of the %lld rows of \"%s\"", fill->pg->shown,
                         (long long)taken, (long long)fill->rows->rows, fill->rows->table);
    return status;
}

static void abandon_copy(PGconn *connection)
{
    PGresult *result;
    PQputCopyEnd(connection, "given up");
    while ((result = PQgetResult(connection)))
        PQclear(result);
}

static rm_status start_copy(rm_postgis *pg, const char *table, rm_error *err)
{
    rm_text sql = {0};
    rm_text_addf(&sql, "COPY %s.", pg->quoted);
    rm_status status = rm_postgis_name(pg, &sql, table, err);
    rm_text_add(&sql, " FROM STDIN (FORMAT binary)");
    if (status == RM_OK)
        status = rm_text_status(&sql, err);
    if (status == RM_OK) {
        PGresult *result = PQexec(pg->connection, sql.data);
        if (PQresultStatus(result) != PGRES_COPY_IN)
            status = rm_postgis_complain(pg, table, err);
        PQclear(result);
    }
    rm_text_clear(&sql);
    return status;
}

rm_status rm_postgis_copy(rm_postgis *pg, const rm_postgis_rows *rows, rm_progress *progress,
                          rm_error *err)
{
    filling fill = {.pg = pg, .rows = rows};
    RM_TRY(RM_NEW(&fill.cells, rows->field_count, err));
    rm_status status = start_copy(pg, rows->table, err);
    if (status == RM_OK) {
        status = send_rows(&fill, progress, err);
        if (status == RM_OK)
            status = end_copy(&fill, err);
        else
            abandon_copy(pg->connection);
    }
    if (status == RM_OK)
        status = rm_progress_report(progress, 1.0, rows->table, err);
    rm_text_clear(&fill.out);
    rm_text_clear(&fill.text);
    rm_release(fill.wkb);
    rm_release(fill.cells);
    return status;
}
