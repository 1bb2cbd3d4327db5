/* Tables and their rows. */
#include "base/date.h"
#include "base/text.h"
#include "io/gpkg/write.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { REPORT_ROWS = 8192, DAY_MS = 86400000 };

static const char *type_name(rm_type type)
{
    switch (type) {
    case RM_INT64:
        return "INTEGER";
    case RM_FLOAT64:
        return "REAL";
    case RM_TEXT:
        return "TEXT";
    case RM_DATE:
        return "DATE";
    case RM_DATETIME:
        return "DATETIME";
    }
    return "TEXT";
}

static rm_status check_fields(const char *table, const rm_field *fields, int32_t field_count,
                              bool geometry, rm_error *err)
{
    for (int32_t f = 0; f < field_count; f++) {
        const char *name = fields[f].name;
        bool taken = rm_text_equal_nocase(name, "fid") ||
                     (geometry && rm_text_equal_nocase(name, "geom")) || name[0] == '\0';
        for (int32_t g = 0; g < f; g++)
            taken |= rm_text_equal_nocase(fields[g].name, name);
        if (taken)
            return rm_fail(err, RM_EINVAL, "table \"%s\" cannot have a second column \"%s\"", table,
                           name);
    }
    return RM_OK;
}

rm_status rm_gpkg_make_table(rm_gpkg *gpkg, const char *name, const char *geometry_type,
                             const rm_field *fields, int32_t field_count, rm_error *err)
{
    RM_TRY(check_fields(name, fields, field_count, geometry_type != NULL, err));
    sqlite3_str *sql = sqlite3_str_new(gpkg->db);
    /* AUTOINCREMENT, which keeps an id from being used again, is for features alone: it costs a
     * second write for every row. */
    sqlite3_str_appendf(sql, "CREATE TABLE \"%w\" (fid INTEGER PRIMARY KEY %s NOT NULL", name,
                        geometry_type ? "AUTOINCREMENT" : "");
    if (geometry_type)
        sqlite3_str_appendf(sql, ", geom %s", geometry_type);
    for (int32_t f = 0; f < field_count; f++)
        sqlite3_str_appendf(sql, ", \"%w\" %s", fields[f].name, type_name(fields[f].type));
    sqlite3_str_appendall(sql, ")");
    char *text = sqlite3_str_finish(sql);
    if (!text)
        return rm_fail_memory(err);
    rm_status status = rm_gpkg_run(gpkg, err, "%s", text);
    sqlite3_free(text);
    return status;
}

/* Text as UTF-8, whatever it was: a reader stops at the first byte that is not. */
static int bind_repaired(sqlite3_stmt *insert, int column, const char *text, int64_t length)
{
    rm_text sound = {0};
    while (length > 0) {
        int64_t valid = rm_utf8_valid(text, length);
        rm_text_add_n(&sound, text, valid);
        text += valid;
        length -= valid;
        if (length > 0) {
            rm_text_add(&sound, "\xEF\xBF\xBD");
            text++;
            length--;
        }
    }
    int code = SQLITE_NOMEM;
    if (!sound.failed)
        code = sqlite3_bind_text64(insert, column, sound.data, (sqlite3_uint64)sound.length,
                                   SQLITE_TRANSIENT, SQLITE_UTF8);
    rm_text_clear(&sound);
    return code;
}

static int bind_text(sqlite3_stmt *insert, int column, const char *text)
{
    int64_t length = (int64_t)strlen(text);
    if (rm_utf8_valid(text, length) < length)
        return bind_repaired(insert, column, text, length);
    return sqlite3_bind_text64(insert, column, text, (sqlite3_uint64)length, SQLITE_STATIC,
                               SQLITE_UTF8);
}

static int bind_date(sqlite3_stmt *insert, int column, int64_t day)
{
    char text[16];
    if (day <= RM_NO_DATE || day > INT32_MAX)
        return sqlite3_bind_null(insert, column);
    rm_date_format((int32_t)day, text);
    return sqlite3_bind_text(insert, column, text, -1, SQLITE_TRANSIENT);
}

/* A local time has no zone, so none is written: a Z would shift it by hours. */
static int bind_datetime(sqlite3_stmt *insert, int column, int64_t ms)
{
    char day[16], text[48];
    int64_t days = ms / DAY_MS, rest = ms % DAY_MS;
    if (rest < 0) {
        rest += DAY_MS;
        days--;
    }
    if (days <= RM_NO_DATE || days > INT32_MAX)
        return sqlite3_bind_null(insert, column);
    rm_date_format((int32_t)days, day);
    snprintf(text, sizeof text, "%sT%02d:%02d:%02d.%03d", day, (int)(rest / 3600000),
             (int)(rest / 60000 % 60), (int)(rest / 1000 % 60), (int)(rest % 1000));
    return sqlite3_bind_text(insert, column, text, -1, SQLITE_TRANSIENT);
}

static int bind_cell(sqlite3_stmt *insert, int column, rm_type type, const rm_cell *cell)
{
    if (cell->missing)
        return sqlite3_bind_null(insert, column);
    switch (type) {
    case RM_INT64:
        return sqlite3_bind_int64(insert, column, cell->i64);
    case RM_FLOAT64: /* SQLite itself makes NULL of NaN */
        return sqlite3_bind_double(insert, column, cell->f64);
    case RM_TEXT:
        return cell->text ? bind_text(insert, column, cell->text)
                          : sqlite3_bind_null(insert, column);
    case RM_DATE:
        return bind_date(insert, column, cell->i64);
    case RM_DATETIME:
        return bind_datetime(insert, column, cell->i64);
    }
    return sqlite3_bind_null(insert, column);
}

static rm_status bind_row(rm_gpkg *gpkg, const rm_gpkg_rows *rows, int64_t row, rm_cell *cells,
                          sqlite3_stmt *insert, rm_error *err)
{
    memset(cells, 0, (size_t)rows->field_count * sizeof *cells);
    if (rows->row)
        RM_TRY(rows->row(rows->context, row, cells, err));
    for (int32_t f = 0; f < rows->field_count; f++) {
        if (rows->fields[f].type == RM_FLOAT64 && !cells[f].missing && isinf(cells[f].f64))
            return rm_fail_row(err, RM_EINVAL, row,
                               "cannot write %s: \"%s\" of row %lld of \"%s\" is infinite",
                               gpkg->path, rows->fields[f].name, (long long)row, rows->table);
        int code = bind_cell(insert, rows->lead_columns + 1 + f, rows->fields[f].type, &cells[f]);
        if (code == SQLITE_NOMEM) /* ours, of which SQLite knows nothing */
            return rm_fail_memory(err);
        if (code != SQLITE_OK)
            return rm_gpkg_complain(gpkg, rows->table, err);
    }
    return RM_OK;
}

static rm_status insert_rows(rm_gpkg *gpkg, const rm_gpkg_rows *rows, sqlite3_stmt *insert,
                             rm_cell *cells, rm_progress *progress, rm_error *err)
{
    for (int64_t row = 0; row < rows->rows; row++) {
        if (row % REPORT_ROWS == 0)
            RM_TRY(
                rm_progress_report(progress, (double)row / (double)rows->rows, rows->table, err));
        RM_TRY(rows->lead(rows->lead_context, row, insert, err));
        RM_TRY(bind_row(gpkg, rows, row, cells, insert, err));
        if (sqlite3_step(insert) != SQLITE_DONE)
            return rm_gpkg_complain(gpkg, rows->table, err);
        if (sqlite3_reset(insert) != SQLITE_OK)
            return rm_gpkg_complain(gpkg, rows->table, err);
    }
    return rm_progress_report(progress, 1.0, rows->table, err);
}

rm_status rm_gpkg_insert(rm_gpkg *gpkg, const rm_gpkg_rows *rows, rm_progress *progress,
                         rm_error *err)
{
    sqlite3_stmt *insert = NULL;
    rm_cell *cells = NULL;
    rm_status status = RM_NEW(&cells, rows->field_count, err);

    if (status == RM_OK) {
        sqlite3_str *sql = sqlite3_str_new(gpkg->db);
        sqlite3_str_appendf(sql, "INSERT INTO \"%w\" VALUES(?", rows->table);
        for (int32_t c = 1; c < rows->lead_columns + rows->field_count; c++)
            sqlite3_str_appendall(sql, ",?");
        sqlite3_str_appendall(sql, ")");
        char *text = sqlite3_str_finish(sql);
        status = text ? rm_gpkg_prepare(gpkg, &insert, err, "%s", text) : rm_fail_memory(err);
        sqlite3_free(text);
    }
    if (status == RM_OK)
        status = insert_rows(gpkg, rows, insert, cells, progress, err);
    sqlite3_finalize(insert);
    rm_release(cells);
    return status;
}

static rm_status lead_fid(void *context, int64_t row, sqlite3_stmt *insert, rm_error *err)
{
    (void)context;
    return sqlite3_bind_int64(insert, 1, row + 1) == SQLITE_OK ? RM_OK : rm_fail_memory(err);
}

static rm_status add_table(rm_gpkg *gpkg, const char *name, const char *identifier,
                           const char *description, const rm_gpkg_rows *rows, rm_progress *progress,
                           rm_error *err)
{
    RM_TRY(rm_gpkg_register(gpkg, name, RM_GPKG_ATTRIBUTES, identifier, description, err));
    RM_TRY(rm_gpkg_make_table(gpkg, name, NULL, rows->fields, rows->field_count, err));
    RM_TRY(rm_gpkg_add_titles(gpkg, name, rows->fields, rows->field_count, err));
    gpkg->tables[gpkg->table_count - 1].rows = rows->rows;
    return rm_gpkg_insert(gpkg, rows, progress, err);
}

rm_status rm_gpkg_add_table(rm_gpkg *gpkg, const char *name, const char *identifier,
                            const char *description, const rm_field *fields, int32_t field_count,
                            int64_t rows, rm_row_fn row, void *context, rm_progress *progress,
                            rm_error *err)
{
    const rm_gpkg_rows insert = {.table = name,
                                 .lead_columns = 1,
                                 .lead = lead_fid,
                                 .fields = fields,
                                 .field_count = field_count,
                                 .rows = rows,
                                 .row = row,
                                 .context = context};
    return rm_gpkg_note(gpkg,
                        add_table(gpkg, name, identifier, description, &insert, progress, err));
}
