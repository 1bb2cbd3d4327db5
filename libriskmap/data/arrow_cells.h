/* What the parts of the Arrow reader share. */
#ifndef RM_DATA_ARROW_CELLS_H
#define RM_DATA_ARROW_CELLS_H

#include "base/text.h"
#include "base/zone.h"
#include "data/arrow.h"

/* The cells of one child: row i of those that are read is element first + i of its buffers. */
typedef struct rm_arrow_cells {
    const struct ArrowSchema *schema;
    const struct ArrowArray *array;
    const uint8_t *valid; /* NULL: all there */
    int64_t first;
} rm_arrow_cells;

typedef struct rm_intake {
    rm_rows *rows;
    const rm_arrow_plan *plan;
    rm_arrow_cells outer; /* the struct itself */
    int64_t begin, count; /* which rows of the array are read */
    int64_t base;         /* the first of them becomes this row */
    rm_text scratch;
    rm_zone *zone; /* of the column under way */
    rm_error *err;
} rm_intake;

static inline bool rm_arrow_bit(const uint8_t *bits, int64_t at)
{
    return bits[at >> 3] >> (at & 7) & 1;
}

static inline bool rm_arrow_present(const rm_arrow_cells *c, int64_t row)
{
    return !c->valid || rm_arrow_bit(c->valid, c->first + row);
}

static inline int64_t rm_floor_divide(int64_t value, int64_t by)
{
    return value / by - (value % by < 0);
}

const char *rm_arrow_name(const struct ArrowSchema *schema); /* as messages name a column */
bool rm_arrow_is_text(const char *format);
bool rm_arrow_is_view(const char *format); /* text or binary */
bool rm_arrow_is_list(const char *format);
bool rm_arrow_is_decimal(const char *format, int *scale, int *bits);
bool rm_arrow_is_time(const char *format); /* of day */
/* The zone of a timestamp, "" for none; NULL: no timestamp. */
const char *rm_arrow_zone(const char *format);

/* Opens the elements skip .. skip + count of an array. */
rm_status rm_arrow_open(rm_arrow_cells *out, const struct ArrowSchema *schema,
                        const struct ArrowArray *array, int64_t skip, int64_t count, rm_error *err);
/* False when an unsigned number is beyond int64. */
bool rm_arrow_integer(char format, const void *data, int64_t at, int64_t *out);
/* Begin and end of element `at` of a text, binary or list array that has offsets. */
rm_status rm_arrow_span(const struct ArrowSchema *schema, const struct ArrowArray *array,
                        int64_t at, int64_t *begin, int64_t *end, rm_error *err);
/* Element `at` of a text or binary array. */
rm_status rm_arrow_bytes(const struct ArrowSchema *schema, const struct ArrowArray *array,
                         int64_t at, const char **bytes, int64_t *size, rm_error *err);

/* The rows of one column, cell by cell. */
rm_status rm_arrow_add_cells(rm_intake *in, rm_column *column, const rm_arrow_cells *c);
/* How a geometry column says, by its extension, that it holds geometry; NULL when it does not, or
 * in a way that is not read. */
typedef struct rm_arrow_encoding {
    const char *name;
    rm_kind kind; /* RM_KIND_NONE: WKB */
    int lists;    /* around the coordinates */
    bool multi;
} rm_arrow_encoding;
const rm_arrow_encoding *rm_arrow_encoding_of(const struct ArrowSchema *column);
/* Whether a column's elements are coordinates: {x, y, ...} or [x, y, ...]. */
bool rm_arrow_holds_xy(const struct ArrowSchema *schema);
/* Appends the features of a column that holds lists of coordinates. */
rm_status rm_arrow_add_native(rm_intake *in, const rm_arrow_cells *c,
                              const rm_arrow_encoding *encoding);

/* The same for the common types, a column at a time; *done = false for all others, and for text
 * that needs a closer look. */
rm_status rm_arrow_add_column(rm_intake *in, rm_column *column, const rm_arrow_cells *c,
                              bool *done);

#endif
