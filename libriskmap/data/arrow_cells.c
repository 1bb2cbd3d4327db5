/* Arrow columns cell by cell. */
#include "data/arrow_cells.h"

#include "base/date.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { DAY_MS = 86400000, DECIMAL_WORDS = 8, VIEW_SIZE = 16, VIEW_INLINE = 12 };

/* Buffers that an array of a format has at least, of which the last may be missing when it has no
 * bytes. */
static int64_t buffer_count(const struct ArrowSchema *schema)
{
    if (strcmp(schema->format, "n") == 0)
        return 0;
    if (strcmp(schema->format, "+s") == 0 || strncmp(schema->format, "+w:", 3) == 0)
        return 1;
    if (rm_arrow_is_text(schema->format) || rm_arrow_is_binary(schema->format))
        return 3;
    return 2;
}

rm_status rm_arrow_open(rm_arrow_cells *out, const struct ArrowSchema *schema,
                        const struct ArrowArray *array, int64_t skip, int64_t count, rm_error *err)
{
    int64_t buffers = buffer_count(schema);
    if (array->offset < 0 || array->length < skip + count || array->n_buffers < buffers ||
        array->n_children < schema->n_children || (schema->dictionary && !array->dictionary) ||
        (buffers > 1 && count > 0 && !array->buffers[1]))
        return rm_fail(err, RM_EFORMAT, "column %s: the Arrow array does not fit its schema",
                       rm_arrow_name(schema));
    *out = (rm_arrow_cells){schema, array, NULL, array->offset + skip};
    if (buffers > 0 && array->null_count != 0)
        out->valid = array->buffers[0];
    return RM_OK;
}

bool rm_arrow_integer(char format, const void *data, int64_t at, int64_t *out)
{
    switch (format) {
    case 'b':
        *out = rm_arrow_bit(data, at);
        break;
    case 'c':
        *out = ((const int8_t *)data)[at];
        break;
    case 'C':
        *out = ((const uint8_t *)data)[at];
        break;
    case 's':
        *out = ((const int16_t *)data)[at];
        break;
    case 'S':
        *out = ((const uint16_t *)data)[at];
        break;
    case 'i':
        *out = ((const int32_t *)data)[at];
        break;
    case 'I':
        *out = ((const uint32_t *)data)[at];
        break;
    case 'l':
        *out = ((const int64_t *)data)[at];
        break;
    default: {
        uint64_t value = ((const uint64_t *)data)[at];
        *out = (int64_t)(value & INT64_MAX);
        return value <= INT64_MAX;
    }
    }
    return true;
}

rm_status rm_arrow_span(const struct ArrowSchema *schema, const struct ArrowArray *array,
                        int64_t at, int64_t *begin, int64_t *end, rm_error *err)
{
    char last = schema->format[strlen(schema->format) - 1];
    if (last == 'U' || last == 'Z' || last == 'L') {
        *begin = ((const int64_t *)array->buffers[1])[at];
        *end = ((const int64_t *)array->buffers[1])[at + 1];
    } else {
        *begin = ((const int32_t *)array->buffers[1])[at];
        *end = ((const int32_t *)array->buffers[1])[at + 1];
    }
    if (*begin < 0 || *end < *begin)
        return rm_fail(err, RM_EFORMAT, "column %s: its Arrow offsets run backwards",
                       rm_arrow_name(schema));
    return RM_OK;
}

/* A view holds short bytes itself, and of others says in which buffer they begin where. The last
 * buffer holds the sizes of those. */
static rm_status view_bytes(const struct ArrowSchema *schema, const struct ArrowArray *array,
                            int64_t at, const char **bytes, int64_t *size, rm_error *err)
{
    const char *view = (const char *)array->buffers[1] + at * VIEW_SIZE;
    const int64_t *sizes = array->buffers[array->n_buffers - 1];
    int32_t words[4];
    memcpy(words, view, sizeof words);
    *size = words[0];
    *bytes = view + sizeof words[0];
    if (*size >= 0 && *size <= VIEW_INLINE)
        return RM_OK;
    int64_t buffer = words[2], begin = words[3];
    if (*size < 0 || buffer < 0 || buffer >= array->n_buffers - 3 || !sizes || begin < 0 ||
        *size > sizes[buffer] - begin || !array->buffers[2 + buffer])
        return rm_fail(err, RM_EFORMAT, "column %s: an Arrow view lies outside its buffers",
                       rm_arrow_name(schema));
    *bytes = (const char *)array->buffers[2 + buffer] + begin;
    return RM_OK;
}

rm_status rm_arrow_bytes(const struct ArrowSchema *schema, const struct ArrowArray *array,
                         int64_t at, const char **bytes, int64_t *size, rm_error *err)
{
    int64_t begin, end;
    if (rm_arrow_is_view(schema->format))
        return view_bytes(schema, array, at, bytes, size, err);
    RM_TRY(rm_arrow_span(schema, array, at, &begin, &end, err));
    const char *data = array->buffers[2];
    if (!data && end > begin)
        return rm_fail(err, RM_EFORMAT, "column %s: the Arrow array has no data buffer",
                       rm_arrow_name(schema));
    *size = end - begin;
    *bytes = *size > 0 ? data + begin : "";
    return RM_OK;
}

/* ---- cells ---- */

static rm_status issue(rm_intake *in, rm_issue_code code, int64_t row)
{
    return rm_issues_add(&in->rows->issues, code, in->rows->ids[row], 0.0, 0.0, NULL, in->err);
}

/* Invalid bytes are replaced one by one. */
static rm_status add_text(rm_intake *in, rm_column *column, int64_t row, const char *text,
                          int64_t length)
{
    int64_t valid = rm_utf8_valid(text, length);
    if (valid == length)
        return rm_column_add_text(column, row, text, length, in->err);
    rm_text repaired = {0};
    while (length > 0) {
        rm_text_add_n(&repaired, text, valid);
        if (valid < length) {
            rm_text_add(&repaired, "\xEF\xBF\xBD");
            valid++;
        }
        text += valid;
        length -= valid;
        valid = rm_utf8_valid(text, length);
    }
    rm_status status = rm_text_status(&repaired, in->err);
    if (status == RM_OK)
        status = rm_column_add_text(column, row, repaired.data, repaired.length, in->err);
    rm_text_clear(&repaired);
    return status == RM_OK ? issue(in, RM_ISSUE_BAD_TEXT, row) : status;
}

/* How one cell gets into its column; `at` is its element in the buffers. */
typedef rm_status (*cell_fn)(rm_intake *in, rm_column *column, int64_t row, const rm_arrow_cells *c,
                             int64_t at);

static rm_status cell_integer(rm_intake *in, rm_column *column, int64_t row,
                              const rm_arrow_cells *c, int64_t at)
{
    int64_t value;
    if (rm_arrow_integer(c->schema->format[0], c->array->buffers[1], at, &value))
        return rm_column_add_int64(column, row, value, in->err);
    RM_TRY(issue(in, RM_ISSUE_NO_NUMBER, row));
    return rm_column_add_missing(column, row, in->err);
}

static double half(uint16_t bits)
{
    int exponent = bits >> 10 & 31;
    double fraction = bits & 1023, sign = bits & 0x8000 ? -1.0 : 1.0;
    if (exponent == 31)
        return fraction > 0 ? NAN : sign * INFINITY;
    if (exponent == 0)
        return sign * ldexp(fraction, -24);
    return sign * ldexp(fraction + 1024, exponent - 25);
}

static rm_status cell_real(rm_intake *in, rm_column *column, int64_t row, const rm_arrow_cells *c,
                           int64_t at)
{
    const void *data = c->array->buffers[1];
    double value;
    switch (c->schema->format[0]) {
    case 'e':
        value = half(((const uint16_t *)data)[at]);
        break;
    case 'f':
        value = ((const float *)data)[at];
        break;
    default:
        value = ((const double *)data)[at];
    }
    return rm_column_add_double(column, row, value, in->err);
}

/* The digits of a whole number of up to 256 bits in two's complement, the lowest word first. */
static void decimal_digits(rm_text *out, uint32_t *words, int count)
{
    uint32_t nines[DECIMAL_WORDS * 2];
    int groups = 0;
    bool negative = words[count - 1] >> 31;
    uint64_t carry = 1;
    for (int w = 0; w < count && negative; w++) {
        carry += (uint32_t)~words[w];
        words[w] = (uint32_t)carry;
        carry >>= 32;
    }
    for (bool more = true; more; groups++) {
        uint64_t rest = 0;
        more = false;
        for (int w = count - 1; w >= 0; w--) {
            rest = rest << 32 | words[w];
            words[w] = (uint32_t)(rest / 1000000000);
            rest %= 1000000000;
            more = more || words[w] > 0;
        }
        nines[groups] = (uint32_t)rest;
    }
    rm_text_addf(out, "%s%u", negative ? "-" : "", (unsigned)nines[groups - 1]);
    for (int g = groups - 2; g >= 0; g--)
        rm_text_addf(out, "%09u", (unsigned)nines[g]);
}

/* The nearest double, by way of the digits. */
static rm_status cell_decimal(rm_intake *in, rm_column *column, int64_t row,
                              const rm_arrow_cells *c, int64_t at)
{
    int scale, bits;
    double value = NAN;
    uint32_t words[DECIMAL_WORDS];
    (void)rm_arrow_is_decimal(c->schema->format, &scale, &bits);
    size_t size = (size_t)bits / 8;
    memcpy(words, (const char *)c->array->buffers[1] + at * (int64_t)size, size);
    in->scratch.length = 0;
    decimal_digits(&in->scratch, words, bits / 32);
    rm_text_addf(&in->scratch, "e%d", -scale);
    RM_TRY(rm_text_status(&in->scratch, in->err));
    (void)rm_parse_double(in->scratch.data, in->scratch.length, false, &value);
    return rm_column_add_double(column, row, value, in->err);
}

static rm_status cell_text(rm_intake *in, rm_column *column, int64_t row, const rm_arrow_cells *c,
                           int64_t at)
{
    const char *text = "";
    int64_t length = 0;
    RM_TRY(rm_arrow_bytes(c->schema, c->array, at, &text, &length, in->err));
    return add_text(in, column, row, text, length);
}

/* One item of a list behind the others. */
static rm_status join_item(rm_intake *in, const rm_arrow_cells *items, int64_t at)
{
    const char *format = items->schema->format, *text = "";
    const void *data = items->array->buffers[1];
    int64_t value, length = 0;
    if (rm_arrow_is_text(format)) {
        RM_TRY(rm_arrow_bytes(items->schema, items->array, at, &text, &length, in->err));
        rm_text_add_n(&in->scratch, text, length);
    } else if (rm_arrow_is_integer(format)) {
        if (rm_arrow_integer(format[0], data, at, &value))
            rm_text_add_int64(&in->scratch, value);
        else
            rm_text_addf(&in->scratch, "%llu", (unsigned long long)((const uint64_t *)data)[at]);
    } else {
        rm_text_add_double(&in->scratch, format[0] == 'f' ? (double)((const float *)data)[at]
                                                          : ((const double *)data)[at]);
    }
    return RM_OK;
}

static rm_status cell_list(rm_intake *in, rm_column *column, int64_t row, const rm_arrow_cells *c,
                           int64_t at)
{
    int64_t begin, end;
    rm_arrow_cells items;
    bool any = false;
    RM_TRY(rm_arrow_span(c->schema, c->array, at, &begin, &end, in->err));
    RM_TRY(rm_arrow_open(&items, c->schema->children[0], c->array->children[0], begin, end - begin,
                         in->err));
    in->scratch.length = 0;
    for (int64_t i = 0; i < end - begin; i++) {
        if (!rm_arrow_present(&items, i))
            continue;
        if (any)
            rm_text_add_n(&in->scratch, ",", 1);
        RM_TRY(join_item(in, &items, items.first + i));
        any = true;
    }
    RM_TRY(rm_text_status(&in->scratch, in->err));
    return add_text(in, column, row, in->scratch.length > 0 ? in->scratch.data : "",
                    in->scratch.length);
}

static rm_status cell_date(rm_intake *in, rm_column *column, int64_t row, const rm_arrow_cells *c,
                           int64_t at)
{
    const void *data = c->array->buffers[1];
    int64_t day = c->schema->format[2] == 'D'
                      ? ((const int32_t *)data)[at]
                      : rm_floor_divide(((const int64_t *)data)[at], DAY_MS);
    if (day <= INT32_MIN || day > INT32_MAX)
        return rm_column_add_missing(column, row, in->err);
    return rm_column_add_date(column, row, (int32_t)day, in->err);
}

/* As the clocks stood in the column's own zone. */
static rm_status cell_datetime(rm_intake *in, rm_column *column, int64_t row,
                               const rm_arrow_cells *c, int64_t at)
{
    int64_t value = ((const int64_t *)c->array->buffers[1])[at];
    switch (c->schema->format[2]) {
    case 's':
        if (value > INT64_MAX / 1000 || value < INT64_MIN / 1000)
            return rm_column_add_missing(column, row, in->err);
        value *= 1000;
        break;
    case 'u':
        value = rm_floor_divide(value, 1000);
        break;
    case 'n':
        value = rm_floor_divide(value, 1000000);
        break;
    default:
        break;
    }
    const int64_t far = INT64_MAX - (int64_t)100 * DAY_MS;
    if (in->zone && (value > far || value < -far))
        return rm_column_add_missing(column, row, in->err);
    if (in->zone)
        value += 1000 * rm_zone_offset(in->zone, rm_floor_divide(value, 1000));
    return rm_column_add_int64(column, row, value, in->err);
}

/* A time of day as text, "14:05:00" or "14:05:00.250", as GDAL writes it. */
static rm_status cell_time(rm_intake *in, rm_column *column, int64_t row, const rm_arrow_cells *c,
                           int64_t at)
{
    char unit = c->schema->format[2], text[32];
    const void *data = c->array->buffers[1];
    bool narrow = unit == 's' || unit == 'm';
    int64_t value = narrow ? ((const int32_t *)data)[at] : ((const int64_t *)data)[at];
    int64_t a_second = unit == 's' ? 1 : unit == 'm' ? 1000 : unit == 'u' ? 1000000 : 1000000000;
    if (value < 0 || value / a_second >= DAY_MS / 1000)
        return rm_column_add_missing(column, row, in->err);
    int seconds = (int)(value / a_second), ms = (int)(value % a_second * 1000 / a_second);
    int length = snprintf(text, sizeof text, "%02d:%02d:%02d", seconds / 3600, seconds / 60 % 60,
                          seconds % 60);
    if (ms > 0)
        length += snprintf(text + length, sizeof text - (size_t)length, ".%03d", ms);
    return rm_column_add_text(column, row, text, length, in->err);
}

static cell_fn choose_cell(const struct ArrowSchema *schema, rm_type type)
{
    int scale, bits;
    switch (type) {
    case RM_INT64:
        return cell_integer;
    case RM_FLOAT64:
        return rm_arrow_is_decimal(schema->format, &scale, &bits) ? cell_decimal : cell_real;
    case RM_DATE:
        return cell_date;
    case RM_DATETIME:
        return cell_datetime;
    case RM_TEXT:
        break;
    }
    if (rm_arrow_is_time(schema->format))
        return cell_time;
    return rm_arrow_is_list(schema->format) ? cell_list : cell_text;
}

/* Finds the word of a row in the dictionary; *there = false for a row or a word that is null. */
static rm_status look_up(rm_intake *in, const rm_arrow_cells *c, const rm_arrow_cells *words,
                         int64_t row, bool *there, int64_t *at)
{
    int64_t key;
    *there = false;
    if (!rm_arrow_present(c, row))
        return RM_OK;
    bool fits = rm_arrow_integer(c->schema->format[0], c->array->buffers[1], c->first + row, &key);
    if (!fits || key < 0 || key >= words->array->length)
        return rm_fail(in->err, RM_EFORMAT, "column %s: an index lies outside its dictionary",
                       rm_arrow_name(c->schema));
    *there = rm_arrow_present(words, key);
    *at = words->first + key;
    return RM_OK;
}

static rm_status add_cells(rm_intake *in, rm_column *column, const rm_arrow_cells *c)
{
    rm_arrow_cells words;
    bool coded = c->schema->dictionary != NULL;
    if (coded)
        RM_TRY(rm_arrow_open(&words, c->schema->dictionary, c->array->dictionary, 0,
                             c->array->dictionary->length, in->err));
    const rm_arrow_cells *values = coded ? &words : c;
    bool nothing = strcmp(c->schema->format, "n") == 0;
    cell_fn add = choose_cell(values->schema, column->type);
    for (int64_t i = 0; i < in->count; i++) {
        int64_t at = c->first + i;
        bool there = !nothing && rm_arrow_present(&in->outer, i) && rm_arrow_present(c, i);
        if (there && coded)
            RM_TRY(look_up(in, c, &words, i, &there, &at));
        if (there)
            RM_TRY(add(in, column, in->base + i, values, at));
        else
            RM_TRY(rm_column_add_missing(column, in->base + i, in->err));
    }
    return RM_OK;
}

rm_status rm_arrow_add_cells(rm_intake *in, rm_column *column, const rm_arrow_cells *c)
{
    const struct ArrowSchema *values = c->schema->dictionary ? c->schema->dictionary : c->schema;
    const char *zone = rm_arrow_zone(values->format);
    if (zone && zone[0])
        RM_TRY(rm_zone_open(&in->zone, zone, in->err));
    rm_status status = add_cells(in, column, c);
    rm_zone_free(in->zone);
    in->zone = NULL;
    return status;
}
