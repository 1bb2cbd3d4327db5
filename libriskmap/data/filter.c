#include "data/filter.h"

#include "base/date.h"
#include "base/text.h"
#include "data/filter_program.h"
#include "data/quote.h"

#include <math.h>
#include <string.h>

/* Rows that go through the whole program at a time: a few masks of this size stay in the nearest
 * cache, and it is a multiple of 8, so that a block begins on a byte of the validity bitmap. */
#define BLOCK 2048

/* The three values are ordered, so AND is the least, OR the greatest and NOT 2 - x of them. */
enum { NO = 0, UNKNOWN = 1, YES = 2 };

#define MS_PER_DAY INT64_C(86400000)

/* ---- what a test accepts, as a closed interval of the column's type ---- */

typedef struct interval {
    int64_t low, high; /* RM_INT64, RM_DATE, RM_DATETIME; empty when low > high */
    double from, to;   /* RM_FLOAT64, and texts read as numbers */
} interval;

static const interval nothing = {1, 0, 1.0, 0.0};

/* Whole numbers that a literal leaves above (or equal to) and below (or equal to) it. */
static int64_t least_from(const rm_filter_literal *literal, bool above, bool *none)
{
    int64_t value = literal->integer;
    if (!literal->whole) {
        *none |= literal->number >= 9223372036854775808.0;
        if (literal->number < -9223372036854775808.0 || *none)
            return INT64_MIN;
        return (int64_t)ceil(literal->number);
    }
    *none |= above && value == INT64_MAX;
    return above && value < INT64_MAX ? value + 1 : value;
}

static int64_t greatest_to(const rm_filter_literal *literal, bool below, bool *none)
{
    int64_t value = literal->integer;
    if (!literal->whole) {
        *none |= literal->number < -9223372036854775808.0;
        if (literal->number >= 9223372036854775808.0 || *none)
            return INT64_MAX;
        return (int64_t)floor(literal->number);
    }
    *none |= below && value == INT64_MIN;
    return below && value > INT64_MIN ? value - 1 : value;
}

static interval number_interval(rm_filter_kind kind, const rm_filter_literal *a)
{
    const rm_filter_literal *b = kind == RM_TEST_BETWEEN ? a + 1 : a;
    interval in = {INT64_MIN, INT64_MAX, -INFINITY, INFINITY};
    bool none = false;
    if (kind == RM_TEST_EQUAL && !a->whole)
        none = true;
    if (kind != RM_TEST_LESS && kind != RM_TEST_AT_MOST) {
        in.low = least_from(a, kind == RM_TEST_GREATER, &none);
        in.from = kind == RM_TEST_GREATER ? nextafter(a->number, INFINITY) : a->number;
    }
    if (kind != RM_TEST_GREATER && kind != RM_TEST_AT_LEAST) {
        in.high = greatest_to(b, kind == RM_TEST_LESS, &none);
        in.to = kind == RM_TEST_LESS ? nextafter(b->number, -INFINITY) : b->number;
    }
    if (none) {
        in.low = nothing.low;
        in.high = nothing.high;
    }
    return in;
}

/* Days, or (unit = MS_PER_DAY) the milliseconds of those days. */
static interval day_interval(rm_filter_kind kind, const rm_filter_literal *a, int64_t unit)
{
    const rm_filter_literal *b = kind == RM_TEST_BETWEEN ? a + 1 : a;
    interval in = {INT64_MIN, INT64_MAX, 0, 0};
    if (kind != RM_TEST_LESS && kind != RM_TEST_AT_MOST)
        in.low = ((int64_t)a->date + (kind == RM_TEST_GREATER)) * unit;
    if (kind != RM_TEST_GREATER && kind != RM_TEST_AT_LEAST)
        in.high = ((int64_t)b->date + (kind != RM_TEST_LESS)) * unit - 1;
    return in;
}

/* ---- kernels: out[i] of rows begin .. begin + count ---- */

typedef struct rows {
    const rm_column *column;
    int64_t begin;
    int32_t count;
} rows;

/* Puts UNKNOWN where the column has no value. */
static void mark_missing(uint8_t *out, rows r, uint8_t mark)
{
    const uint8_t *valid = r.column->valid;
    if (!valid)
        return;
    valid += r.begin >> 3;
    for (int32_t i = 0; i < r.count; i++) {
        if ((i & 7) == 0 && valid[i >> 3] == 0xFF)
            i += 7;
        else if (!(valid[i >> 3] >> (i & 7) & 1))
            out[i] = mark;
    }
}

static void in_interval(uint8_t *restrict out, rows r, interval in)
{
    if (r.column->type == RM_FLOAT64) {
        const double *restrict value = r.column->data.f64 + r.begin;
        for (int32_t i = 0; i < r.count; i++) {
            uint8_t inside = (uint8_t)((value[i] >= in.from) & (value[i] <= in.to));
            out[i] = (uint8_t)(inside * YES + (value[i] != value[i]));
        }
    } else if (r.column->type == RM_DATE) {
        const int32_t *restrict value = r.column->data.i32 + r.begin;
        for (int32_t i = 0; i < r.count; i++)
            out[i] = (uint8_t)(((value[i] >= in.low) & (value[i] <= in.high)) * YES);
    } else {
        const int64_t *restrict value = r.column->data.i64 + r.begin;
        for (int32_t i = 0; i < r.count; i++)
            out[i] = (uint8_t)(((value[i] >= in.low) & (value[i] <= in.high)) * YES);
    }
}

static void text_as_number(uint8_t *out, rows r, interval in)
{
    for (int32_t i = 0; i < r.count; i++) {
        double value = rm_column_number(r.column, r.begin + i, NULL);
        out[i] = value != value ? UNKNOWN : value >= in.from && value <= in.to ? YES : NO;
    }
}

static void text_equal(uint8_t *out, rows r, const rm_filter_literal *literal)
{
    const int32_t *offset = r.column->offsets + r.begin;
    for (int32_t i = 0; i < r.count; i++)
        out[i] =
            offset[i + 1] - offset[i] == literal->length &&
                    (literal->length == 0 || memcmp(r.column->data.text + offset[i], literal->text,
                                                    (size_t)literal->length) == 0)
                ? YES
                : NO;
}

static void text_ordered(uint8_t *out, rows r, rm_filter_kind kind,
                         const rm_filter_literal *literal)
{
    for (int32_t i = 0; i < r.count; i++) {
        int64_t length;
        const char *text = rm_column_text(r.column, r.begin + i, &length);
        int order = rm_filter_order_text(text, length, literal->text, literal->length);
        bool inside = kind == RM_TEST_LESS      ? order < 0
                      : kind == RM_TEST_AT_MOST ? order <= 0
                      : kind == RM_TEST_GREATER ? order > 0
                      : kind == RM_TEST_AT_LEAST
                          ? order >= 0
                          : order >= 0 && rm_filter_order_text(text, length, literal[1].text,
                                                               literal[1].length) <= 0;
        out[i] = inside ? YES : NO;
    }
}

static int64_t character_length(const char *text, int64_t length)
{
    int64_t n = 1;
    while (n < length && ((unsigned char)text[n] & 0xC0) == 0x80)
        n++;
    return n;
}

/* Greedy with one point to fall back to: the last % is the only one that can still take more. */
static bool is_like(const char *text, int64_t length, const char *pattern, int64_t pattern_length)
{
    int64_t t = 0, p = 0, after_any = -1, resume = 0;
    while (t < length) {
        if (p < pattern_length && pattern[p] == '%') {
            after_any = ++p;
            resume = t;
        } else if (p < pattern_length && pattern[p] == '_') {
            t += character_length(text + t, length - t);
            p++;
        } else if (p < pattern_length && pattern[p] == text[t]) {
            t++;
            p++;
        } else if (after_any >= 0) {
            resume += character_length(text + resume, length - resume);
            t = resume;
            p = after_any;
        } else {
            return false;
        }
    }
    while (p < pattern_length && pattern[p] == '%')
        p++;
    return p == pattern_length;
}

static void text_like(uint8_t *out, rows r, const rm_filter_literal *pattern)
{
    for (int32_t i = 0; i < r.count; i++) {
        int64_t length;
        const char *text = rm_column_text(r.column, r.begin + i, &length);
        out[i] = is_like(text, length, pattern->text, pattern->length) ? YES : NO;
    }
}

/* ---- IN: binary search among the sorted literals ---- */

static bool text_among(const char *text, int64_t length, const rm_filter_literal *sorted,
                       int32_t count)
{
    int32_t low = 0, high = count;
    while (low < high) {
        int32_t middle = low + (high - low) / 2;
        int order = rm_filter_order_text(text, length, sorted[middle].text, sorted[middle].length);
        if (order == 0)
            return true;
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return false;
}

static bool int64_among(int64_t value, const rm_filter_literal *sorted, int32_t count)
{
    int32_t low = 0, high = count;
    while (low < high) {
        int32_t middle = low + (high - low) / 2;
        int order = rm_filter_order_int64(value, &sorted[middle]);
        if (order == 0)
            return true;
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return false;
}

static bool double_among(double value, const rm_filter_literal *sorted, int32_t count)
{
    int32_t low = 0, high = count;
    while (low < high) {
        int32_t middle = low + (high - low) / 2;
        if (sorted[middle].number == value)
            return true;
        if (value < sorted[middle].number)
            high = middle;
        else
            low = middle + 1;
    }
    return false;
}

static bool day_among(int64_t day, const int32_t *sorted, int32_t count)
{
    int32_t low = 0, high = count;
    while (low < high) {
        int32_t middle = low + (high - low) / 2;
        if (sorted[middle] < day)
            low = middle + 1;
        else
            high = middle;
    }
    return low < count && sorted[low] == day;
}

static uint8_t text_in(rows r, int64_t row, const rm_filter *filter, const rm_filter_test *test)
{
    const rm_filter_literal *literal = filter->literals + test->first;
    int64_t length;
    const char *text = rm_column_text(r.column, row, &length);
    if (text_among(text, length, literal, test->texts))
        return YES;
    if (test->numbers == 0)
        return NO;
    double value = rm_column_number(r.column, row, NULL);
    if (value != value)
        return UNKNOWN;
    return double_among(value, literal + test->texts, test->numbers) ? YES : NO;
}

static void in_list(uint8_t *out, rows r, const rm_filter *filter, const rm_filter_test *test)
{
    const rm_filter_literal *number = filter->literals + test->first + test->texts;
    const int32_t *date = filter->dates + test->first;
    for (int32_t i = 0; i < r.count; i++) {
        int64_t row = r.begin + i;
        bool inside = false;
        switch (r.column->type) {
        case RM_TEXT:
            out[i] = text_in(r, row, filter, test);
            continue;
        case RM_INT64:
            inside = int64_among(r.column->data.i64[row], number, test->numbers);
            break;
        case RM_FLOAT64:
            if (r.column->data.f64[row] != r.column->data.f64[row]) {
                out[i] = UNKNOWN;
                continue;
            }
            inside = double_among(r.column->data.f64[row], number, test->numbers);
            break;
        case RM_DATE:
            inside = day_among(r.column->data.i32[row], date, test->texts);
            break;
        case RM_DATETIME: {
            int64_t ms = r.column->data.i64[row];
            inside = day_among(ms / MS_PER_DAY - (ms % MS_PER_DAY < 0), date, test->texts);
            break;
        }
        }
        out[i] = inside ? YES : NO;
    }
}

/* ---- running the program ---- */

static void is_missing(uint8_t *out, rows r)
{
    memset(out, NO, (size_t)r.count);
    if (r.column->type == RM_FLOAT64)
        for (int32_t i = 0; i < r.count; i++)
            out[i] = r.column->data.f64[r.begin + i] != r.column->data.f64[r.begin + i] ? YES : NO;
    mark_missing(out, r, YES);
}

static void run_test(uint8_t *out, rows r, const rm_filter *filter, const rm_filter_test *test)
{
    const rm_filter_literal *literal = filter->literals + test->first;
    rm_type type = r.column->type;
    if (test->kind == RM_TEST_IS_NULL) {
        is_missing(out, r);
        return;
    }
    if (test->kind == RM_TEST_IN)
        in_list(out, r, filter, test);
    else if (test->kind == RM_TEST_LIKE)
        text_like(out, r, literal);
    else if (type == RM_DATE || type == RM_DATETIME)
        in_interval(out, r, day_interval(test->kind, literal, type == RM_DATE ? 1 : MS_PER_DAY));
    else if (type != RM_TEXT)
        in_interval(out, r, number_interval(test->kind, literal));
    else if (test->numbers > 0)
        text_as_number(out, r, number_interval(test->kind, literal));
    else if (test->kind == RM_TEST_EQUAL)
        text_equal(out, r, literal);
    else
        text_ordered(out, r, test->kind, literal);
    mark_missing(out, r, UNKNOWN);
}

static void combine(uint8_t *restrict a, const uint8_t *restrict b, int32_t count, bool both)
{
    if (both)
        for (int32_t i = 0; i < count; i++)
            a[i] = a[i] < b[i] ? a[i] : b[i];
    else
        for (int32_t i = 0; i < count; i++)
            a[i] = a[i] > b[i] ? a[i] : b[i];
}

static void negate(uint8_t *a, int32_t count)
{
    for (int32_t i = 0; i < count; i++)
        a[i] = (uint8_t)(YES - a[i]);
}

static void run_block(const rm_filter *filter, const rm_column *const *columns, int64_t begin,
                      int32_t count, uint8_t *stack)
{
    uint8_t *top = stack; /* the first free mask */
    for (int32_t s = 0; s < filter->step_count; s++) {
        int32_t step = filter->steps[s];
        if (step >= 0) {
            const rm_filter_test *test = &filter->tests[step];
            run_test(top, (rows){columns[test->field], begin, count}, filter, test);
            top += BLOCK;
        } else if (step == RM_STEP_NOT) {
            negate(top - BLOCK, count);
        } else {
            top -= BLOCK;
            combine(top - BLOCK, top, count, step == RM_STEP_AND);
        }
    }
}

/* ---- checks ---- */

static const char *type_name(rm_type type)
{
    return type == RM_INT64     ? "whole numbers"
           : type == RM_FLOAT64 ? "numbers"
           : type == RM_TEXT    ? "text"
                                : "dates";
}

static rm_status fail_no_field(const char *field, const rm_table *columns, rm_error *err)
{
    rm_quote wanted = rm_quoted_text(field);
    if (columns->count == 0)
        return rm_fail(err, RM_ENOTFOUND, "no field %s: there are no fields at all", wanted.text);
    const char **names;
    RM_TRY(RM_NEW(&names, columns->count, err));
    rm_text list = {0};
    for (int32_t c = 0; c < columns->count; c++) {
        names[c] = columns->columns[c].name;
        if (c < 12)
            rm_text_addf(&list, "%s%s", c ? ", " : "", rm_quoted_text(names[c]).text);
    }
    const char *near = rm_text_nearest(field, names, columns->count);
    rm_status status = rm_text_status(&list, err);
    if (status == RM_OK && near)
        status = rm_fail(err, RM_ENOTFOUND, "no field %s; did you mean %s?", wanted.text,
                         rm_quoted_text(near).text);
    else if (status == RM_OK)
        status = rm_fail(err, RM_ENOTFOUND, "no field %s; the fields are %s%s", wanted.text,
                         list.data, columns->count > 12 ? ", ..." : "");
    rm_text_clear(&list);
    rm_release(names);
    return status;
}

static rm_status check_test(const rm_filter *filter, const rm_filter_test *test,
                            const rm_column *column, rm_error *err)
{
    const rm_filter_literal *literal = filter->literals + test->first;
    rm_quote field = rm_quoted_text(column->name);
    if (test->kind == RM_TEST_IS_NULL || column->type == RM_TEXT)
        return RM_OK;
    if (test->kind == RM_TEST_LIKE)
        return rm_fail(err, RM_EMODEL, "field %s holds %s, and LIKE is for text", field.text,
                       type_name(column->type));
    bool dates = column->type == RM_DATE || column->type == RM_DATETIME;
    if (dates && test->numbers > 0)
        return rm_fail(err, RM_EMODEL,
                       "field %s holds dates; compare it with one, such as '2026-01-31'",
                       field.text);
    if (dates && test->no_date >= 0) {
        literal = &filter->literals[test->no_date];
        return rm_fail(
            err, RM_EMODEL,
            "field %s holds dates, and %s is no date without a time, such as '2026-01-31'",
            field.text, rm_quoted(literal->text, literal->length).text);
    }
    if (!dates && test->texts > 0)
        return rm_fail(
            err, RM_EMODEL, "field %s holds %s, and %s is text; write a number without quotes",
            field.text, type_name(column->type), rm_quoted(literal->text, literal->length).text);
    return RM_OK;
}

/* columns[field] of the table, with the literals checked against their types. */
static rm_status bind(const rm_filter *filter, const rm_table *table, const rm_column **columns,
                      rm_error *err)
{
    for (int32_t f = 0; f < filter->field_count; f++) {
        int32_t c = rm_table_find(table, filter->fields[f]);
        if (c < 0)
            return fail_no_field(filter->fields[f], table, err);
        columns[f] = &table->columns[c];
    }
    for (int32_t t = 0; t < filter->test_count; t++)
        RM_TRY(check_test(filter, &filter->tests[t], columns[filter->tests[t].field], err));
    return RM_OK;
}

rm_status rm_filter_check(const rm_filter *filter, const rm_table *columns, rm_error *err)
{
    const rm_column **bound;
    RM_TRY(RM_NEW(&bound, filter->field_count, err));
    rm_status status = bind(filter, columns, bound, err);
    rm_release(bound);
    return status;
}

rm_status rm_filter_apply(const rm_filter *filter, const rm_table *table, uint8_t *mask,
                          rm_error *err)
{
    const rm_column **columns = NULL;
    uint8_t *stack = NULL;
    rm_status status = RM_NEW(&columns, filter->field_count, err);
    if (status == RM_OK)
        status = bind(filter, table, columns, err);
    if (status == RM_OK)
        status = RM_NEW(&stack, (int64_t)filter->depth * BLOCK, err);
    for (int64_t begin = 0; status == RM_OK && begin < table->rows; begin += BLOCK) {
        int32_t count = table->rows - begin < BLOCK ? (int32_t)(table->rows - begin) : BLOCK;
        run_block(filter, columns, begin, count, stack);
        for (int32_t i = 0; i < count; i++)
            mask[begin + i] = stack[i] == YES;
    }
    rm_release(stack);
    rm_release(columns);
    return status;
}

int32_t rm_filter_field_count(const rm_filter *filter)
{
    return filter->field_count;
}

const char *rm_filter_field(const rm_filter *filter, int32_t index)
{
    return filter->fields[index];
}

void rm_filter_free(rm_filter *filter)
{
    if (!filter)
        return;
    for (int32_t f = 0; f < filter->field_count; f++)
        rm_release(filter->fields[f]);
    for (int32_t i = 0; i < filter->literal_count; i++)
        rm_release(filter->literals[i].text);
    rm_release(filter->fields);
    rm_release(filter->literals);
    rm_release(filter->dates);
    rm_release(filter->tests);
    rm_release(filter->steps);
    rm_release(filter);
}
