/* A layer as an Arrow stream. Every batch owns its memory: consumers keep batches as long as they
 * like, and children can be taken out of them. */
#include "data/arrow.h"

#include "base/parallel.h"
#include "base/text.h"

#include <errno.h>
#include <string.h>

/* Half a million rows, so that a column of numbers is large enough for huge pages: filling new
 * memory costs as much as what is written into it. */
enum { BATCH_ROWS = 1 << 19, SOME_ROWS = 1 << 14 };

typedef struct stream {
    const rm_layer *layer;
    char *crs;
    int64_t next;
    rm_error error;
} stream;

/* An empty layer shows its geometry column too, so that its schema does not depend on its rows. */
static bool has_geometry(const rm_layer *layer)
{
    return layer->rows.geometry.features == layer->rows.table.rows;
}

static int64_t child_count(const rm_layer *layer)
{
    return 1 + layer->rows.table.count + has_geometry(layer);
}

/* What a schema or array points to, freed by its release. */
typedef struct schema_memory {
    struct ArrowSchema *items;
    struct ArrowSchema **children;
    char *name, *metadata;
} schema_memory;

typedef struct array_memory {
    struct ArrowArray *items;
    struct ArrowArray **children;
    void *owned[3];
    const void *buffers[3];
} array_memory;

static void release_schema(struct ArrowSchema *schema)
{
    schema_memory *memory = schema->private_data;
    for (int64_t i = 0; i < schema->n_children; i++)
        if (schema->children[i]->release)
            schema->children[i]->release(schema->children[i]);
    rm_release(memory->items);
    rm_release(memory->children);
    rm_release(memory->name);
    rm_release(memory->metadata);
    rm_release(memory);
    schema->release = NULL;
}

static rm_status new_schema(struct ArrowSchema *out, const char *format, const char *name,
                            int64_t children, rm_error *err)
{
    schema_memory *memory = NULL;
    RM_TRY(RM_NEW_ZERO(&memory, 1, err));
    *out = (struct ArrowSchema){.format = format,
                                .flags = ARROW_FLAG_NULLABLE,
                                .release = release_schema,
                                .private_data = memory};
    rm_status status = rm_copy_text(&memory->name, name, err);
    out->name = memory->name;
    if (status == RM_OK && children > 0)
        status = RM_NEW_ZERO(&memory->items, children, err);
    if (status == RM_OK && children > 0)
        status = RM_NEW_ZERO(&memory->children, children, err);
    if (status != RM_OK) {
        release_schema(out);
        return status;
    }
    for (int64_t i = 0; i < children; i++)
        memory->children[i] = &memory->items[i];
    out->children = memory->children;
    out->n_children = children;
    return RM_OK;
}

static const char *format_of(rm_type type)
{
    switch (type) {
    case RM_INT64:
        return "l";
    case RM_FLOAT64:
        return "g";
    case RM_TEXT:
        return "u";
    case RM_DATE:
        return "tdD";
    case RM_DATETIME:
        return "tsm:";
    }
    return "n";
}

static void add_metadata_text(rm_text *to, const char *text, int64_t length)
{
    int32_t size = (int32_t)length;
    rm_text_add_n(to, (const char *)&size, sizeof size);
    rm_text_add_n(to, text, length);
}

/* An extension type always has metadata: without any, older pyarrow crashes. */
static rm_status set_geometry_metadata(struct ArrowSchema *schema, const char *crs, rm_error *err)
{
    static const char name_key[] = "ARROW:extension:name", name[] = "geoarrow.wkb";
    static const char more_key[] = "ARROW:extension:metadata";
    const int32_t pairs = 2;
    rm_text more = {0}, all = {0};
    rm_text_add(&more, crs ? "{\"crs\":" : "{");
    if (crs && crs[0] == '{')
        rm_text_add(&more, crs);
    else if (crs)
        rm_text_add_json(&more, crs);
    rm_text_add(&more, "}");
    rm_status status = rm_text_status(&more, err);
    if (status == RM_OK) {
        rm_text_add_n(&all, (const char *)&pairs, sizeof pairs);
        add_metadata_text(&all, name_key, (int64_t)strlen(name_key));
        add_metadata_text(&all, name, (int64_t)strlen(name));
        add_metadata_text(&all, more_key, (int64_t)strlen(more_key));
        add_metadata_text(&all, more.data, more.length);
        status = rm_text_status(&all, err);
    }
    rm_text_clear(&more);
    if (status != RM_OK) {
        rm_text_clear(&all);
        return status;
    }
    schema_memory *memory = schema->private_data;
    memory->metadata = all.data;
    schema->metadata = memory->metadata;
    return RM_OK;
}

static bool is_field(const rm_table *table, const char *name)
{
    bool found = false;
    for (int32_t i = 0; i < table->count && !found; i++)
        found = strcmp(table->columns[i].name, name) == 0;
    return found;
}

/* A column of our own under `name`, made longer while a field is called so: many readers want
 * names once. */
static rm_status add_own_schema(struct ArrowSchema *out, const char *format, const char *name,
                                const rm_table *table, rm_error *err)
{
    rm_text own = {0};
    rm_text_add(&own, name);
    rm_status status = rm_text_status(&own, err);
    while (status == RM_OK && is_field(table, own.data)) {
        rm_text_add(&own, "_");
        status = rm_text_status(&own, err);
    }
    if (status == RM_OK)
        status = new_schema(out, format, own.data, 0, err);
    rm_text_clear(&own);
    return status;
}

static rm_status fill_schema(struct ArrowSchema *out, const rm_layer *layer, const char *crs,
                             rm_error *err)
{
    const rm_table *table = &layer->rows.table;
    RM_TRY(add_own_schema(out->children[0], "l", "fid", table, err));
    out->children[0]->flags = 0;
    for (int32_t i = 0; i < table->count; i++)
        RM_TRY(new_schema(out->children[i + 1], format_of(table->columns[i].type),
                          table->columns[i].name, 0, err));
    if (!has_geometry(layer))
        return RM_OK;
    struct ArrowSchema *geometry = out->children[table->count + 1];
    RM_TRY(add_own_schema(geometry, "z", "geometry", table, err));
    return set_geometry_metadata(geometry, crs, err);
}

static void release_array(struct ArrowArray *array)
{
    array_memory *memory = array->private_data;
    for (int64_t i = 0; i < array->n_children; i++)
        if (array->children[i]->release)
            array->children[i]->release(array->children[i]);
    rm_release(memory->items);
    rm_release(memory->children);
    for (size_t i = 0; i < sizeof memory->owned / sizeof *memory->owned; i++)
        rm_release(memory->owned[i]);
    rm_release(memory);
    array->release = NULL;
}

static rm_status new_array(struct ArrowArray *out, int64_t length, int64_t buffers,
                           int64_t children, rm_error *err)
{
    array_memory *memory = NULL;
    RM_TRY(RM_NEW_ZERO(&memory, 1, err));
    *out = (struct ArrowArray){.length = length,
                               .n_buffers = buffers,
                               .buffers = memory->buffers,
                               .release = release_array,
                               .private_data = memory};
    rm_status status = RM_OK;
    if (children > 0)
        status = RM_NEW_ZERO(&memory->items, children, err);
    if (status == RM_OK && children > 0)
        status = RM_NEW_ZERO(&memory->children, children, err);
    if (status != RM_OK) {
        release_array(out);
        return status;
    }
    for (int64_t i = 0; i < children; i++)
        memory->children[i] = &memory->items[i];
    out->children = memory->children;
    out->n_children = children;
    return RM_OK;
}

/* A buffer of its own for an array, at least one byte long. */
static rm_status new_buffer(struct ArrowArray *array, int index, int64_t size, void **out,
                            rm_error *err)
{
    array_memory *memory = array->private_data;
    uint8_t *bytes = NULL;
    RM_TRY(RM_NEW(&bytes, size + 1, err));
    memory->owned[index] = bytes;
    memory->buffers[index] = bytes;
    *out = bytes;
    return RM_OK;
}

/* The validity bitmap, which is there only when anything is missing. Of a column or of features. */
static rm_status set_validity(struct ArrowArray *array, const rm_column *column,
                              const uint8_t *kind, int64_t begin, rm_error *err)
{
    void *buffer;
    int64_t nulls = 0, bytes = (array->length + 7) / 8;
    if (column && !column->valid && column->type != RM_FLOAT64)
        return RM_OK;
    RM_TRY(new_buffer(array, 0, bytes, &buffer, err));
    uint8_t *bits = buffer;
    memset(bits, 0, (size_t)bytes);
    for (int64_t i = 0; i < array->length; i++) {
        bool missing =
            column ? rm_column_missing(column, begin + i) : kind[begin + i] == RM_KIND_NONE;
        nulls += missing;
        bits[i >> 3] |= (uint8_t)(!missing << (i & 7));
    }
    array->null_count = nulls;
    if (nulls > 0)
        return RM_OK;
    array_memory *memory = array->private_data;
    rm_release(memory->owned[0]);
    memory->owned[0] = NULL;
    memory->buffers[0] = NULL;
    return RM_OK;
}

static rm_status export_ids(struct ArrowArray *out, const int64_t *ids, int64_t begin,
                            int64_t count, rm_error *err)
{
    void *data;
    RM_TRY(new_array(out, count, 2, 0, err));
    RM_TRY(new_buffer(out, 1, count * (int64_t)sizeof *ids, &data, err));
    memcpy(data, ids + begin, (size_t)count * sizeof *ids);
    return RM_OK;
}

static rm_status export_text(struct ArrowArray *out, const rm_column *column, int64_t begin,
                             rm_error *err)
{
    void *buffer;
    const int32_t *from = column->offsets + begin;
    RM_TRY(new_buffer(out, 1, (out->length + 1) * (int64_t)sizeof *from, &buffer, err));
    int32_t *offsets = buffer;
    for (int64_t i = 0; i <= out->length; i++)
        offsets[i] = from[i] - from[0];
    RM_TRY(new_buffer(out, 2, offsets[out->length], &buffer, err));
    memcpy(buffer, column->data.text + from[0], (size_t)offsets[out->length]);
    return RM_OK;
}

static rm_status export_column(struct ArrowArray *out, const rm_column *column, int64_t begin,
                               int64_t count, rm_error *err)
{
    bool text = column->type == RM_TEXT;
    RM_TRY(new_array(out, count, text ? 3 : 2, 0, err));
    RM_TRY(set_validity(out, column, NULL, begin, err));
    if (text)
        return export_text(out, column, begin, err);
    int64_t size = column->type == RM_DATE ? (int64_t)sizeof(int32_t) : (int64_t)sizeof(int64_t);
    void *data;
    RM_TRY(new_buffer(out, 1, count * size, &data, err));
    memcpy(data, (const char *)column->data.any + begin * size, (size_t)(count * size));
    return RM_OK;
}

/* A batch under way. */
typedef struct filling {
    const rm_rows *rows;
    int64_t begin, count;
    struct ArrowArray *out;
    const int32_t *offsets; /* of the geometry's bytes */
    uint8_t *wkb;
} filling;

static rm_status fill_column(void *context, int64_t column, int64_t end, int worker, rm_error *err)
{
    const filling *f = context;
    (void)end, (void)worker;
    if (column == 0)
        return export_ids(f->out->children[0], f->rows->ids, f->begin, f->count, err);
    return export_column(f->out->children[column], &f->rows->table.columns[column - 1], f->begin,
                         f->count, err);
}

static rm_status write_some(void *context, int64_t begin, int64_t end, int worker, rm_error *err)
{
    const filling *f = context;
    (void)worker, (void)err;
    for (int64_t i = begin; i < end; i++)
        if (f->offsets[i + 1] > f->offsets[i])
            rm_geometry_wkb(&f->rows->geometry, f->begin + i, false, f->wkb + f->offsets[i]);
    return RM_OK;
}

static rm_status fill_geometry(filling *f, struct ArrowArray *out, int threads, rm_error *err)
{
    void *buffer;
    const rm_geometry *geometry = &f->rows->geometry;
    RM_TRY(new_array(out, f->count, 3, 0, err));
    RM_TRY(set_validity(out, NULL, geometry->kind, f->begin, err));
    RM_TRY(new_buffer(out, 1, (f->count + 1) * (int64_t)sizeof(int32_t), &buffer, err));
    int32_t *offsets = buffer;
    offsets[0] = 0;
    for (int64_t i = 0; i < f->count; i++) {
        bool missing = geometry->kind[f->begin + i] == RM_KIND_NONE;
        int64_t size = missing ? 0 : rm_geometry_wkb(geometry, f->begin + i, false, NULL);
        offsets[i + 1] = (int32_t)(offsets[i] + size);
    }
    RM_TRY(new_buffer(out, 2, offsets[f->count], &buffer, err));
    f->offsets = offsets;
    f->wkb = buffer;
    return rm_parallel(f->count, SOME_ROWS, threads, write_some, f, NULL, NULL, err);
}

/* What the geometry of so many rows takes at most. */
static int64_t most_bytes(const rm_geometry *g, int64_t begin, int64_t count)
{
    int64_t part = g->feature_part[begin], part_end = g->feature_part[begin + count];
    int64_t ring = g->part_ring[part], ring_end = g->part_ring[part_end];
    int64_t points = g->ring_point[ring_end] - g->ring_point[ring];
    return 9 * count + 9 * (part_end - part) + 4 * (ring_end - ring) + 16 * points;
}

/* Rows of the next batch: fewer than usual when their geometry might not fit 32-bit offsets. */
static rm_status next_count(const rm_layer *layer, int64_t begin, int64_t *out, rm_error *err)
{
    const rm_geometry *geometry = &layer->rows.geometry;
    int64_t count = layer->rows.table.rows - begin;
    if (count > BATCH_ROWS)
        count = BATCH_ROWS;
    if (has_geometry(layer) && geometry->points > 0) {
        while (count > 1 && most_bytes(geometry, begin, count) > INT32_MAX)
            count /= 2;
        if (rm_geometry_wkb(geometry, begin, false, NULL) > INT32_MAX)
            return rm_fail_row(err, RM_ELIMIT, layer->rows.ids[begin],
                               "Arrow: the geometry of one feature is over 2 GiB");
    }
    *out = count;
    return RM_OK;
}

static rm_status fill_array(struct ArrowArray *out, const rm_layer *layer, int64_t begin,
                            rm_error *err)
{
    filling f = {.rows = &layer->rows, .begin = begin, .count = out->length, .out = out};
    int32_t columns = layer->rows.table.count;
    int threads = out->length > SOME_ROWS ? rm_threads(0) : 1;
    RM_TRY(rm_parallel(1 + columns, 1, threads, fill_column, &f, NULL, NULL, err));
    return has_geometry(layer) ? fill_geometry(&f, out->children[columns + 1], threads, err)
                               : RM_OK;
}

static int to_errno(rm_status status)
{
    if (status == RM_OK)
        return 0;
    return status == RM_ENOMEM ? ENOMEM : EINVAL;
}

static int get_schema(struct ArrowArrayStream *self, struct ArrowSchema *out)
{
    stream *s = self->private_data;
    struct ArrowSchema schema;
    rm_status status = new_schema(&schema, "+s", "", child_count(s->layer), &s->error);
    if (status != RM_OK)
        return to_errno(status);
    schema.flags = 0;
    status = fill_schema(&schema, s->layer, s->crs, &s->error);
    if (status == RM_OK)
        *out = schema;
    else
        release_schema(&schema);
    return to_errno(status);
}

static int get_next(struct ArrowArrayStream *self, struct ArrowArray *out)
{
    stream *s = self->private_data;
    struct ArrowArray array;
    int64_t count = 0;
    if (s->next >= s->layer->rows.table.rows) {
        *out = (struct ArrowArray){0};
        return 0;
    }
    rm_status status = next_count(s->layer, s->next, &count, &s->error);
    if (status == RM_OK)
        status = new_array(&array, count, 1, child_count(s->layer), &s->error);
    if (status != RM_OK)
        return to_errno(status);
    status = fill_array(&array, s->layer, s->next, &s->error);
    if (status == RM_OK) {
        s->next += count;
        *out = array;
    } else {
        release_array(&array);
    }
    return to_errno(status);
}

static const char *get_last_error(struct ArrowArrayStream *self)
{
    const stream *s = self->private_data;
    return s->error.code != RM_OK ? s->error.message : NULL;
}

static void release_stream(struct ArrowArrayStream *self)
{
    stream *s = self->private_data;
    rm_release(s->crs);
    rm_release(s);
    self->release = NULL;
}

rm_status rm_arrow_export(struct ArrowArrayStream *out, const rm_layer *layer, const char *crs,
                          rm_error *err)
{
    stream *s = NULL;
    RM_TRY(RM_NEW_ZERO(&s, 1, err));
    s->layer = layer;
    rm_status status = rm_copy_text(&s->crs, crs, err);
    if (status != RM_OK) {
        rm_release(s);
        return status;
    }
    *out = (struct ArrowArrayStream){get_schema, get_next, get_last_error, release_stream, s};
    return RM_OK;
}
