/* Arrow columns of the common types as a whole: their buffers are ours, or nearly so. */
#include "data/arrow_cells.h"

#include <math.h>
#include <string.h>

enum { DAY_MS = 86400000 };

#define WIDEN(type)                                                                                \
    do {                                                                                           \
        const type *from = (const type *)data + first;                                             \
        for (int64_t i = 0; i < count; i++)                                                        \
            to[i] = from[i];                                                                       \
    } while (0)

static bool copy_integers(int64_t *to, char format, const void *data, int64_t first, int64_t count)
{
    switch (format) {
    case 'b':
        for (int64_t i = 0; i < count; i++)
            to[i] = rm_arrow_bit(data, first + i);
        return true;
    case 'c':
        WIDEN(int8_t);
        return true;
    case 'C':
        WIDEN(uint8_t);
        return true;
    case 's':
        WIDEN(int16_t);
        return true;
    case 'S':
        WIDEN(uint16_t);
        return true;
    case 'i':
        WIDEN(int32_t);
        return true;
    case 'I':
        WIDEN(uint32_t);
        return true;
    case 'l':
        memcpy(to, (const int64_t *)data + first, (size_t)count * sizeof *to);
        return true;
    default:
        return false; /* uint64 may be too large, cell by cell */
    }
}

static bool copy_reals(double *to, char format, const void *data, int64_t first, int64_t count)
{
    if (format == 'f')
        WIDEN(float);
    else if (format == 'g')
        memcpy(to, (const double *)data + first, (size_t)count * sizeof *to);
    return format == 'f' || format == 'g';
}

/* Seconds may be too large for milliseconds, and zones are looked up, cell by cell. */
static bool copy_times(int64_t *to, const char *format, const void *data, int64_t first,
                       int64_t count)
{
    const int64_t *from = (const int64_t *)data + first;
    int64_t by = format[2] == 'u' ? 1000 : 1000000;
    if (rm_arrow_zone(format)[0] != '\0' || format[2] == 's')
        return false;
    if (format[2] == 'm')
        memcpy(to, from, (size_t)count * sizeof *to);
    for (int64_t i = 0; i < count && format[2] != 'm'; i++)
        to[i] = rm_floor_divide(from[i], by);
    return true;
}

static bool copy_values(rm_column *column, int64_t row, const rm_arrow_cells *c, int64_t count)
{
    const char *format = c->schema->format;
    const void *data = c->array->buffers[1];
    switch (column->type) {
    case RM_INT64:
        return copy_integers(column->data.i64 + row, format[0], data, c->first, count);
    case RM_FLOAT64:
        return copy_reals(column->data.f64 + row, format[0], data, c->first, count);
    case RM_DATE:
        if (format[2] == 'D')
            memcpy(column->data.i32 + row, (const int32_t *)data + c->first,
                   (size_t)count * sizeof *column->data.i32);
        return format[2] == 'D';
    case RM_DATETIME:
        return copy_times(column->data.i64 + row, format, data, c->first, count);
    case RM_TEXT:
        break;
    }
    return false;
}

/* What stands in a buffer where nothing is there means nothing. */
static void blank_missing(rm_column *column, int64_t row, int64_t count, const uint8_t *valid,
                          int64_t first)
{
    for (int64_t i = 0; i < count; i++) {
        if (rm_arrow_bit(valid, first + i))
            continue;
        if (column->type == RM_FLOAT64)
            column->data.f64[row + i] = NAN;
        else if (column->type == RM_DATE)
            column->data.i32[row + i] = 0;
        else
            column->data.i64[row + i] = 0;
    }
}

static rm_status add_values(rm_intake *in, rm_column *column, const rm_arrow_cells *c, bool *done)
{
    RM_TRY(rm_column_reserve(column, in->base, in->count, 0, in->err));
    *done = copy_values(column, in->base, c, in->count);
    if (!*done)
        return RM_OK;
    if (c->valid)
        blank_missing(column, in->base, in->count, c->valid, c->first);
    return rm_column_mark(column, in->base, in->count, c->valid, c->first, in->err);
}

/* ---- text ---- */

/* The ends of `count` texts, less where the first begins. False when they run backwards, when a
 * text begins within a letter, or when one that is missing holds bytes: then each cell is looked
 * at. */
static bool copy_offsets(int32_t *to, const rm_arrow_cells *c, int64_t count, int64_t *begin,
                         int64_t *end)
{
    bool large = c->schema->format[0] == 'U';
    const int32_t *small_at = (const int32_t *)c->array->buffers[1] + c->first;
    const int64_t *large_at = (const int64_t *)c->array->buffers[1] + c->first;
    const char *data = c->array->buffers[2];
    *begin = large ? large_at[0] : small_at[0];
    *end = large ? large_at[count] : small_at[count];
    if (*begin < 0 || *end < *begin || *end - *begin > INT32_MAX - to[0] ||
        (!data && *end > *begin))
        return false;
    int64_t last = *begin;
    bool sound = true;
    for (int64_t i = 0; i < count && sound; i++) {
        int64_t next = large ? large_at[i + 1] : small_at[i + 1];
        sound = next >= last && next <= *end && (next == last || (data[last] & 0xC0) != 0x80) &&
                (next == last || rm_arrow_present(c, i));
        to[i + 1] = to[0] + (int32_t)(next - *begin);
        last = next;
    }
    return sound;
}

static rm_status add_texts(rm_intake *in, rm_column *column, const rm_arrow_cells *c, bool *done)
{
    int64_t begin = 0, end = 0, row = in->base;
    *done = false;
    RM_TRY(rm_column_reserve(column, row, in->count, 0, in->err));
    if (!copy_offsets(column->offsets + row, c, in->count, &begin, &end))
        return RM_OK;
    const char *text = begin < end ? (const char *)c->array->buffers[2] + begin : "";
    if (rm_utf8_valid(text, end - begin) != end - begin)
        return RM_OK;
    int32_t used = column->offsets[row];
    RM_TRY(rm_column_reserve(column, row, in->count, end - begin, in->err));
    memcpy(column->data.text + used, text, (size_t)(end - begin));
    *done = true;
    return rm_column_mark(column, row, in->count, c->valid, c->first, in->err);
}

rm_status rm_arrow_add_column(rm_intake *in, rm_column *column, const rm_arrow_cells *c, bool *done)
{
    const char *format = c->schema->format;
    *done = in->count == 0;
    if (*done || in->outer.valid || c->schema->dictionary)
        return RM_OK;
    if (column->type != RM_TEXT)
        return add_values(in, column, c, done);
    if (strcmp(format, "u") == 0 || strcmp(format, "U") == 0)
        return add_texts(in, column, c, done);
    return RM_OK;
}
