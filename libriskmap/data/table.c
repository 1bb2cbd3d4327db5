#include "data/table.h"
#include "base/date.h"
#include "base/parallel.h"
#include "base/text.h"

#include <math.h>
#include <string.h>

static const int64_t day_ms = 86400000;

rm_status rm_table_add_column(rm_table *table, const char *name, rm_type type, rm_error *err)
{
    char *copy = NULL;
    int64_t capacity = table->count;
    RM_TRY(RM_GROW(&table->columns, &capacity, (int64_t)table->count + 1, err));
    RM_TRY(rm_copy_text(&copy, name, err));
    table->columns[table->count++] = (rm_column){.name = copy, .type = type};
    return RM_OK;
}

int32_t rm_table_find(const rm_table *table, const char *name)
{
    for (int32_t i = 0; i < table->count; i++)
        if (strcmp(table->columns[i].name, name) == 0)
            return i;
    for (int32_t i = 0; i < table->count; i++)
        if (rm_text_equal_nocase(table->columns[i].name, name))
            return i;
    return -1;
}

/* Room in the bitmap for `count` cells from `row` on; a new bitmap says that the rows before it are
 * there. */
static rm_status grow_valid(rm_column *column, int64_t row, int64_t count, rm_error *err)
{
    bool fresh = column->valid == NULL;
    int64_t need = ((row + count - 1) >> 3) + 1;
    if (need > column->valid_capacity)
        RM_TRY(RM_GROW(&column->valid, &column->valid_capacity, need, err));
    if (fresh) {
        memset(column->valid, 0xff, (size_t)(row >> 3));
        column->valid[row >> 3] = (uint8_t)((1U << (row & 7)) - 1U);
    }
    return RM_OK;
}

static rm_status mark(rm_column *column, int64_t row, bool present, rm_error *err)
{
    if (present && !column->valid)
        return RM_OK;
    RM_TRY(grow_valid(column, row, 1, err));
    if ((row & 7) == 0)
        column->valid[row >> 3] = 0;
    if (present)
        column->valid[row >> 3] |= (uint8_t)(1U << (row & 7));
    return RM_OK;
}

static rm_status add_i64(rm_column *column, int64_t row, int64_t value, rm_error *err)
{
    if (row >= column->data_capacity)
        RM_TRY(RM_GROW(&column->data.i64, &column->data_capacity, row + 1, err));
    column->data.i64[row] = value;
    return RM_OK;
}

static rm_status add_f64(rm_column *column, int64_t row, double value, rm_error *err)
{
    if (row >= column->data_capacity)
        RM_TRY(RM_GROW(&column->data.f64, &column->data_capacity, row + 1, err));
    column->data.f64[row] = value;
    return RM_OK;
}

static rm_status add_i32(rm_column *column, int64_t row, int32_t value, rm_error *err)
{
    if (row >= column->data_capacity)
        RM_TRY(RM_GROW(&column->data.i32, &column->data_capacity, row + 1, err));
    column->data.i32[row] = value;
    return RM_OK;
}

/* Room for the offset that ends `row` and for `more` bytes of text. */
static rm_status grow_text(rm_column *column, int64_t row, int64_t more, rm_error *err)
{
    if (row + 2 > column->offsets_capacity)
        RM_TRY(RM_GROW(&column->offsets, &column->offsets_capacity, row + 2, err));
    if (row == 0)
        column->offsets[0] = 0;
    int64_t used = column->offsets[row];
    if (more > INT32_MAX - used)
        return rm_fail(err, RM_ELIMIT, "column %s: more than %d bytes of text; split the layer",
                       column->name, INT32_MAX);
    if (used + more >= column->data_capacity)
        RM_TRY(RM_GROW(&column->data.text, &column->data_capacity, used + more + 1, err));
    return RM_OK;
}

static rm_status add_text(rm_column *column, int64_t row, const char *value, int64_t length,
                          rm_error *err)
{
    RM_TRY(grow_text(column, row, length, err));
    int64_t used = column->offsets[row];
    if (length > 0)
        memcpy(column->data.text + used, value, (size_t)length);
    column->offsets[row + 1] = (int32_t)(used + length);
    return RM_OK;
}

/* Bytes of one element in data.any. */
static size_t element_size(rm_type type)
{
    switch (type) {
    case RM_DATE:
        return sizeof(int32_t);
    case RM_TEXT:
        return 1;
    default:
        return sizeof(int64_t);
    }
}

rm_status rm_column_reserve(rm_column *column, int64_t row, int64_t count, int64_t bytes,
                            rm_error *err)
{
    if (column->type != RM_TEXT)
        return rm_grow(&column->data.any, &column->data_capacity, row + count,
                       element_size(column->type), err);
    RM_TRY(grow_text(column, row, bytes, err));
    return RM_GROW(&column->offsets, &column->offsets_capacity, row + count + 1, err);
}

static bool has_bit(const uint8_t *bits, int64_t at)
{
    return bits[at >> 3] >> (at & 7) & 1;
}

/* Eight bits of a bitmap, from any bit on. */
static uint8_t eight_bits(const uint8_t *bits, int64_t first)
{
    int shift = (int)(first & 7);
    const uint8_t *at = bits + (first >> 3);
    return shift == 0 ? *at : (uint8_t)(at[0] >> shift | at[1] << (8 - shift));
}

rm_status rm_column_mark(rm_column *column, int64_t row, int64_t count, const uint8_t *valid,
                         int64_t first, rm_error *err)
{
    if (count == 0 || (!valid && !column->valid))
        return RM_OK;
    RM_TRY(grow_valid(column, row, count, err));
    for (int64_t i = 0; i < count;) {
        bool whole = ((row + i) & 7) == 0 && i + 8 <= count;
        if (whole)
            column->valid[(row + i) >> 3] = valid ? eight_bits(valid, first + i) : 0xff;
        else
            RM_TRY(mark(column, row + i, !valid || has_bit(valid, first + i), err));
        i += whole ? 8 : 1;
    }
    return RM_OK;
}

rm_status rm_column_add_missing(rm_column *column, int64_t row, rm_error *err)
{
    switch (column->type) {
    case RM_INT64:
    case RM_DATETIME:
        RM_TRY(add_i64(column, row, 0, err));
        break;
    case RM_FLOAT64:
        RM_TRY(add_f64(column, row, NAN, err));
        break;
    case RM_DATE:
        RM_TRY(add_i32(column, row, 0, err));
        break;
    case RM_TEXT:
        RM_TRY(add_text(column, row, NULL, 0, err));
        break;
    }
    return mark(column, row, false, err);
}

rm_status rm_column_add_int64(rm_column *column, int64_t row, int64_t value, rm_error *err)
{
    RM_TRY(add_i64(column, row, value, err));
    return mark(column, row, true, err);
}

rm_status rm_column_add_double(rm_column *column, int64_t row, double value, rm_error *err)
{
    RM_TRY(add_f64(column, row, value, err));
    return mark(column, row, true, err);
}

rm_status rm_column_add_date(rm_column *column, int64_t row, int32_t value, rm_error *err)
{
    RM_TRY(add_i32(column, row, value, err));
    return mark(column, row, true, err);
}

rm_status rm_column_add_text(rm_column *column, int64_t row, const char *value, int64_t length,
                             rm_error *err)
{
    RM_TRY(add_text(column, row, value, length, err));
    return mark(column, row, true, err);
}

/* The text of a cell without the blanks around it. */
static const char *trimmed(const rm_column *column, int64_t row, int64_t *length)
{
    return rm_trim(rm_column_text(column, row, length), length);
}

bool rm_column_filled(const rm_column *column, int64_t row)
{
    int64_t length = 1;
    if (rm_column_missing(column, row))
        return false;
    if (column->type == RM_TEXT)
        (void)trimmed(column, row, &length);
    return length > 0;
}

double rm_column_number(const rm_column *column, int64_t row, bool *bad)
{
    double value = NAN;
    bool no_number = false;
    if (!rm_column_missing(column, row)) {
        switch (column->type) {
        case RM_INT64:
            value = (double)column->data.i64[row];
            break;
        case RM_FLOAT64:
            value = column->data.f64[row];
            break;
        case RM_DATE:
            value = column->data.i32[row];
            break;
        case RM_DATETIME:
            value = (double)column->data.i64[row] / (double)day_ms;
            break;
        case RM_TEXT: {
            int64_t length;
            const char *text = trimmed(column, row, &length);
            no_number = length > 0 && !rm_parse_number(text, length, &value);
            break;
        }
        }
    }
    if (bad)
        *bad = no_number;
    return no_number ? NAN : value;
}

static int32_t year_date(double year)
{
    if (!(year >= 1000.0 && year <= 9999.0) || year != floor(year))
        return RM_NO_DATE;
    return rm_date_from_civil((int32_t)year, 1, 1);
}

/* Whole days, rounded down also before 1970. */
static int32_t datetime_date(int64_t ms)
{
    int64_t day = ms / day_ms - (ms % day_ms < 0);
    return day > INT32_MIN && day <= INT32_MAX ? (int32_t)day : RM_NO_DATE;
}

static int32_t text_date(const char *text, int64_t length, rm_date_form form)
{
    double number;
    int64_t ms;
    int32_t date = rm_date_parse(text, length);
    if (form == RM_DATES_MONTH_FIRST)
        date =
            rm_datetime_parse(text, length, RM_MONTH_FIRST, &ms) ? datetime_date(ms) : RM_NO_DATE;
    if (date != RM_NO_DATE || length < 4 || !rm_parse_number(text, length, &number))
        return date;
    if (length == 4)
        return year_date(number);
    return form == RM_DATES_SERIAL ? rm_date_from_serial(number) : RM_NO_DATE;
}

rm_date_form rm_column_date_form(const rm_column *column, int64_t rows)
{
    int64_t filled = 0, dates = 0, serials = 0, day_first = 0, month_first = 0;
    for (int64_t row = 0; column->type == RM_TEXT && row < rows; row++) {
        int64_t length, ms;
        int32_t first, second;
        double number;
        const char *text = trimmed(column, row, &length);
        if (length == 0)
            continue;
        filled++;
        if (rm_date_parts(text, length, &first, &second)) {
            day_first += first > 12;
            month_first += first <= 12 && second > 12 && second <= 31;
            dates++;
        } else if (rm_datetime_parse(text, length, RM_DAY_FIRST, &ms)) {
            dates++;
        } else if (length >= 4 && rm_parse_number(text, length, &number)) {
            dates += length == 4 && year_date(number) != RM_NO_DATE;
            serials += length > 4 && rm_date_from_serial(number) != RM_NO_DATE;
        }
    }
    if (month_first > 0 && day_first == 0)
        return RM_DATES_MONTH_FIRST;
    return serials > 0 && (serials + dates) * 10 >= filled * 9 ? RM_DATES_SERIAL
                                                               : RM_DATES_DAY_FIRST;
}

int32_t rm_column_date(const rm_column *column, int64_t row, bool *bad)
{
    int32_t date = RM_NO_DATE;
    bool there = !rm_column_missing(column, row);
    if (there) {
        switch (column->type) {
        case RM_INT64:
            date = year_date((double)column->data.i64[row]);
            break;
        case RM_FLOAT64:
            date = year_date(column->data.f64[row]);
            break;
        case RM_DATE:
            date = column->data.i32[row];
            break;
        case RM_DATETIME:
            date = datetime_date(column->data.i64[row]);
            break;
        case RM_TEXT: {
            int64_t length;
            const char *text = trimmed(column, row, &length);
            there = length > 0;
            date = text_date(text, length, column->dates);
            break;
        }
        }
    }
    if (bad)
        *bad = there && date == RM_NO_DATE;
    return date;
}

rm_status rm_column_add_cell(rm_column *column, int64_t at, const rm_column *from, int64_t row,
                             rm_error *err)
{
    if (from->valid && !(from->valid[row >> 3] >> (row & 7) & 1))
        return rm_column_add_missing(column, at, err);
    switch (column->type) {
    case RM_INT64:
    case RM_DATETIME:
        return rm_column_add_int64(column, at, from->data.i64[row], err);
    case RM_FLOAT64:
        return rm_column_add_double(column, at, from->data.f64[row], err);
    case RM_DATE:
        return rm_column_add_date(column, at, from->data.i32[row], err);
    case RM_TEXT: {
        int64_t length;
        const char *text = rm_column_text(from, row, &length);
        return rm_column_add_text(column, at, text, length, err);
    }
    }
    return RM_OK;
}

static rm_status check_columns(const rm_table *table, const rm_table *from, rm_error *err)
{
    bool same = table->count == from->count;
    for (int32_t i = 0; same && i < table->count; i++)
        same = table->columns[i].type == from->columns[i].type;
    return same ? RM_OK : rm_fail(err, RM_EINVAL, "table: the columns of two tables differ");
}

rm_status rm_table_add_row(rm_table *table, const rm_table *from, int64_t row, rm_error *err)
{
    RM_TRY(check_columns(table, from, err));
    for (int32_t i = 0; i < table->count; i++)
        RM_TRY(rm_column_add_cell(&table->columns[i], table->rows, &from->columns[i], row, err));
    table->rows++;
    return RM_OK;
}

static rm_status add_all_text(rm_column *column, int64_t at, const rm_column *from, int64_t rows,
                              rm_error *err)
{
    int64_t length = from->offsets[rows];
    RM_TRY(grow_text(column, at, length, err));
    RM_TRY(RM_GROW(&column->offsets, &column->offsets_capacity, at + rows + 1, err));
    int32_t used = column->offsets[at];
    memcpy(column->data.text + used, from->data.text, (size_t)length);
    for (int64_t i = 1; i <= rows; i++)
        column->offsets[at + i] = used + from->offsets[i];
    return RM_OK;
}

static rm_status add_all_cells(rm_column *column, int64_t at, const rm_column *from, int64_t rows,
                               rm_error *err)
{
    if (column->type == RM_TEXT) {
        RM_TRY(add_all_text(column, at, from, rows, err));
    } else {
        size_t size = element_size(column->type);
        RM_TRY(rm_grow(&column->data.any, &column->data_capacity, at + rows, size, err));
        memcpy((char *)column->data.any + (size_t)at * size, from->data.any, (size_t)rows * size);
    }
    return rm_column_mark(column, at, rows, from->valid, 0, err);
}

typedef struct adding {
    rm_table *table;
    const rm_table *const *from;
    int64_t count, rows; /* rows of all together */
} adding;

static rm_status add_to_columns(void *context, int64_t begin, int64_t end, int worker,
                                rm_error *err)
{
    const adding *a = context;
    (void)worker;
    for (int64_t c = begin; c < end; c++) {
        rm_column *column = &a->table->columns[c];
        int64_t at = a->table->rows;
        RM_TRY(rm_column_reserve(column, at, a->rows, 0, err));
        for (int64_t i = 0; i < a->count; i++) {
            const rm_table *from = a->from[i];
            if (from->rows > 0)
                RM_TRY(add_all_cells(column, at, &from->columns[c], from->rows, err));
            at += from->rows;
        }
    }
    return RM_OK;
}

rm_status rm_table_add_many(rm_table *table, const rm_table *const *from, int64_t count,
                            int threads, rm_error *err)
{
    adding a = {table, from, count, 0};
    for (int64_t i = 0; i < count; i++) {
        RM_TRY(check_columns(table, from[i], err));
        a.rows += from[i]->rows;
    }
    if (a.rows == 0)
        return RM_OK;
    RM_TRY(rm_parallel(table->count, 1, threads, add_to_columns, &a, NULL, NULL, err));
    table->rows += a.rows;
    return RM_OK;
}

rm_status rm_table_add_all(rm_table *table, const rm_table *from, rm_error *err)
{
    return rm_table_add_many(table, &from, 1, 1, err);
}

rm_status rm_table_copy_columns(rm_table *table, const rm_table *from, rm_error *err)
{
    for (int32_t i = 0; i < from->count; i++) {
        RM_TRY(rm_table_add_column(table, from->columns[i].name, from->columns[i].type, err));
        table->columns[table->count - 1].dates = from->columns[i].dates;
    }
    return RM_OK;
}

void rm_table_reset(rm_table *table)
{
    for (int32_t i = 0; i < table->count; i++) {
        rm_release(table->columns[i].valid);
        table->columns[i].valid = NULL;
        table->columns[i].valid_capacity = 0;
    }
    table->rows = 0;
}

void rm_table_clear(rm_table *table)
{
    for (int32_t i = 0; i < table->count; i++) {
        rm_column *column = &table->columns[i];
        rm_release(column->name);
        rm_release(column->valid);
        rm_release(column->data.any);
        rm_release(column->offsets);
    }
    rm_release(table->columns);
    *table = (rm_table){0};
}
