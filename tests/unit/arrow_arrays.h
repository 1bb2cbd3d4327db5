/* Arrow arrays made by hand, from buffers that the test holds. */
#ifndef RM_TESTS_UNIT_ARROW_ARRAYS_H
#define RM_TESTS_UNIT_ARROW_ARRAYS_H

#include "data/arrow.h"

#include <string.h>

static rm_error err;

#define OK(call)                                                                                   \
    do {                                                                                           \
        if ((call) != RM_OK)                                                                       \
            fail_msg("%s", err.message);                                                           \
    } while (0)

/* One column of a batch. */
typedef struct child {
    struct ArrowSchema schema;
    struct ArrowArray array;
    const void *buffers[5];
} child;

static void make_child(child *c, const char *name, const char *format, int64_t length,
                       int64_t offset, const void *valid, const void *first, const void *second)
{
    *c = (child){0};
    c->schema.name = name;
    c->schema.format = format;
    c->array.length = length;
    c->array.offset = offset;
    c->array.null_count = -1;
    c->array.n_buffers = second ? 3 : 2;
    c->buffers[0] = valid;
    c->buffers[1] = first;
    c->buffers[2] = second;
    c->array.buffers = c->buffers;
}

/* The struct around children. */
typedef struct batch {
    struct ArrowSchema schema, *schemas[4];
    struct ArrowArray array, *arrays[4];
    const void *valid[1];
} batch;

static void make_batch(batch *b, child *children, int count, int64_t offset, int64_t length)
{
    *b = (batch){0};
    for (int i = 0; i < count; i++) {
        b->schemas[i] = &children[i].schema;
        b->arrays[i] = &children[i].array;
    }
    b->schema.format = "+s";
    b->schema.n_children = count;
    b->schema.children = b->schemas;
    b->array.length = length;
    b->array.offset = offset;
    b->array.n_buffers = 1;
    b->array.buffers = b->valid;
    b->array.n_children = count;
    b->array.children = b->arrays;
}

/* Delivers child 0 alone into a table of one column. */
static inline rm_status append_one(rm_rows *rows, child *c, int64_t offset, int64_t length)
{
    batch b;
    rm_type type;
    const int columns[] = {0};
    const rm_arrow_plan plan = {-1, -1, columns, 1, NULL, NULL};
    make_batch(&b, c, 1, offset, length);
    RM_TRY(rm_arrow_type(&c->schema, &type, &err));
    if (rows->table.count == 0)
        OK(rm_table_add_column(&rows->table, "c", type, &err));
    return rm_arrow_append(rows, &plan, &b.schema, &b.array, &err);
}

#endif
