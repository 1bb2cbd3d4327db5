/* A table of named columns in Arrow's layout. */
#ifndef RM_DATA_TABLE_H
#define RM_DATA_TABLE_H

#include "base/memory.h"

typedef enum rm_type {
    RM_INT64,    /* also booleans (0, 1) and the smaller integers */
    RM_FLOAT64,  /* NaN counts as missing */
    RM_TEXT,     /* UTF-8, int32 offsets; lists are joined with a comma */
    RM_DATE,     /* int32 day number */
    RM_DATETIME, /* int64 milliseconds since 1970-01-01 00:00 local time */
} rm_type;

/* How the text of a column means a date, as far as the column as a whole shows it. */
typedef enum rm_date_form {
    RM_DATES_DAY_FIRST,   /* 3/4/2025 is 3 April */
    RM_DATES_MONTH_FIRST, /* 3/4/2025 is 4 March: some second part is over 12 and no first one */
    RM_DATES_SERIAL,      /* day first, and 45719 is 2025-03-03, as spreadsheets count days */
} rm_date_form;

typedef struct rm_column {
    char *name;
    rm_type type;
    rm_date_form dates; /* RM_TEXT */
    uint8_t *valid; /* Arrow validity bitmap (bit i of byte i / 8), or NULL: nothing is missing */
    int64_t valid_capacity;
    union {
        int64_t *i64;
        double *f64;
        int32_t *i32; /* RM_DATE */
        char *text;   /* RM_TEXT: bytes */
        void *any;
    } data;
    int64_t data_capacity; /* in elements; bytes for RM_TEXT */
    int32_t *offsets;      /* RM_TEXT: [rows + 1] */
    int64_t offsets_capacity;
} rm_column;

typedef struct rm_table {
    rm_column *columns;
    int32_t count;
    int64_t rows;
} rm_table;

rm_status rm_table_add_column(rm_table *table, const char *name, rm_type type, rm_error *err);
int32_t rm_table_find(const rm_table *table, const char *name); /* -1; ASCII case is ignored when no
                                                                   name equals exactly */
/* Appends one cell to a column; rows of all columns are in step only after each had its cell, and
 * the caller then counts table->rows up. `row` is the row being written (== table->rows). */
rm_status rm_column_add_missing(rm_column *column, int64_t row, rm_error *err);
rm_status rm_column_add_int64(rm_column *column, int64_t row, int64_t value, rm_error *err);
rm_status rm_column_add_double(rm_column *column, int64_t row, double value, rm_error *err);
rm_status rm_column_add_date(rm_column *column, int64_t row, int32_t value, rm_error *err);
rm_status rm_column_add_text(rm_column *column, int64_t row, const char *value, int64_t length,
                             rm_error *err);
/* Room for `count` cells from `row` on, and for `bytes` of text in them: the caller writes them,
 * and for RM_TEXT the offsets that end them; then says which of them are there. */
rm_status rm_column_reserve(rm_column *column, int64_t row, int64_t count, int64_t bytes,
                            rm_error *err);
/* Of `count` cells from `row` on: those are missing whose bit in valid, from bit `first` on, is 0.
 * NULL: none is. */
rm_status rm_column_mark(rm_column *column, int64_t row, int64_t count, const uint8_t *valid,
                         int64_t first, rm_error *err);
/* The cell `from_row` of another column of the same type. */
rm_status rm_column_add_cell(rm_column *column, int64_t row, const rm_column *from,
                             int64_t from_row, rm_error *err);

static inline bool rm_column_missing(const rm_column *column, int64_t row)
{
    if (column->valid && !(column->valid[row >> 3] >> (row & 7) & 1))
        return true;
    return column->type == RM_FLOAT64 && column->data.f64[row] != column->data.f64[row];
}

/* Whether it holds more than blanks. */
bool rm_column_filled(const rm_column *column, int64_t row);

static inline const char *rm_column_text(const rm_column *column, int64_t row, int64_t *length)
{
    *length = column->offsets[row + 1] - column->offsets[row];
    return column->data.text + column->offsets[row];
}

/* A cell as a number: integers and reals as they are, text by rm_parse_number, dates and datetimes
 * as day numbers with their fraction. NaN when missing, blank or no number; *bad (may be NULL) is
 * true for the last alone. */
double rm_column_number(const rm_column *column, int64_t row, bool *bad);
/* A cell as a date: dates, datetimes, text by rm_date_parse and column->dates, and numbers
 * 1000..9999, also as text, as 1 January of that year. RM_NO_DATE when missing or no date; *bad as
 * above. */
int32_t rm_column_date(const rm_column *column, int64_t row, bool *bad);
/* What a column of text shows of its dates; day first when it shows nothing, or both ways. Serial
 * numbers only when nine of ten cells with content are one (20000 to 80000) or a date. */
rm_date_form rm_column_date_form(const rm_column *column, int64_t rows);

/* Appends row `row`, or all rows, of another table with the same columns. */
rm_status rm_table_add_row(rm_table *table, const rm_table *from, int64_t row, rm_error *err);
rm_status rm_table_add_all(rm_table *table, const rm_table *from, rm_error *err);
/* Appends all rows of several, in their order, as many columns at a time as there are threads. */
rm_status rm_table_add_many(rm_table *table, const rm_table *const *from, int64_t count,
                            int threads, rm_error *err);
/* Gives a table without columns those of another one, and no rows. */
rm_status rm_table_copy_columns(rm_table *table, const rm_table *from, rm_error *err);
void rm_table_reset(rm_table *table); /* no rows; columns and memory stay */
void rm_table_clear(rm_table *table);

#endif
