/* Arrow arrays into rows. An array's slice is its own offset plus that of the struct around it; the
 * validity of both counts. */
#include "data/arrow_cells.h"

#include <string.h>

static rm_status open_child(rm_intake *in, rm_arrow_cells *out, int child)
{
    const struct ArrowSchema *schema = in->outer.schema;
    if (child < 0 || child >= schema->n_children)
        return rm_fail(in->err, RM_EINVAL, "Arrow stream: there is no column %d", child);
    return rm_arrow_open(out, schema->children[child], in->outer.array->children[child],
                         in->outer.first, in->count, in->err);
}

static rm_status add_column(rm_intake *in, rm_column *column, int child)
{
    rm_arrow_cells c;
    rm_type type;
    bool done;
    RM_TRY(open_child(in, &c, child));
    RM_TRY(rm_arrow_type(c.schema, &type, in->err));
    if (type != column->type)
        return rm_fail(in->err, RM_EINVAL, "column %s: its type is not the one it was opened with",
                       rm_arrow_name(c.schema));
    RM_TRY(rm_arrow_add_column(in, column, &c, &done));
    return done ? RM_OK : rm_arrow_add_cells(in, column, &c);
}

static rm_status add_ids(rm_intake *in)
{
    rm_arrow_cells c = {0};
    if (in->plan->id_column >= 0) {
        RM_TRY(open_child(in, &c, in->plan->id_column));
        if (!rm_arrow_is_integer(c.schema->format) || c.schema->dictionary)
            return rm_fail(in->err, RM_EUNSUPPORTED,
                           "column %s: feature ids must be integers, not Arrow type \"%s\"",
                           rm_arrow_name(c.schema), c.schema->format);
    }
    for (int64_t i = 0; i < in->count; i++) {
        int64_t id = in->plan->first_id + in->begin + i, own;
        if (c.array && rm_arrow_present(&in->outer, i) && rm_arrow_present(&c, i) &&
            rm_arrow_integer(c.schema->format[0], c.array->buffers[1], c.first + i, &own))
            id = own;
        RM_TRY(rm_rows_add_id(in->rows, in->base + i, id, in->err));
    }
    return RM_OK;
}

static rm_status add_feature(rm_intake *in, const uint8_t *wkb, int64_t size, int64_t id)
{
    rm_issue_code verdict;
    bool curve;
    rm_geometry *geometry = &in->rows->geometry;
    RM_TRY(rm_geometry_add_wkb(geometry, wkb, size, &verdict, &curve, in->err));
    if (curve && in->plan->stroke) {
        RM_TRY(in->plan->stroke(in->plan->stroke_context, wkb, size, geometry, &verdict, in->err));
    } else if (curve) {
        RM_TRY(rm_geometry_add_feature(geometry, RM_KIND_NONE, in->err));
        verdict = RM_ISSUE_MALFORMED;
    }
    if (verdict == RM_ISSUE_CODES)
        return RM_OK;
    return rm_issues_add(&in->rows->issues, verdict, id, 0.0, 0.0, NULL, in->err);
}

/* Coordinates that this many bytes can hold at most; of views the bytes are not known. */
static int64_t most_points(const rm_intake *in, const rm_arrow_cells *c)
{
    int64_t begin, end, ignored;
    if (in->count == 0 || rm_arrow_is_view(c->schema->format) ||
        rm_arrow_span(c->schema, c->array, c->first, &begin, &ignored, NULL) != RM_OK ||
        rm_arrow_span(c->schema, c->array, c->first + in->count - 1, &ignored, &end, NULL) !=
            RM_OK ||
        end < begin)
        return in->count;
    return (end - begin) / 16;
}

static rm_status add_wkb(rm_intake *in, const rm_arrow_cells *c)
{
    RM_TRY(rm_geometry_reserve(&in->rows->geometry, in->count, most_points(in, c), in->err));
    for (int64_t i = 0; i < in->count; i++) {
        const char *wkb = NULL;
        int64_t size = 0;
        if (rm_arrow_present(&in->outer, i) && rm_arrow_present(c, i))
            RM_TRY(rm_arrow_bytes(c->schema, c->array, c->first + i, &wkb, &size, in->err));
        RM_TRY(add_feature(in, (const uint8_t *)wkb, size, in->rows->ids[in->base + i]));
    }
    return RM_OK;
}

static rm_status add_geometry(rm_intake *in)
{
    rm_arrow_cells c;
    RM_TRY(open_child(in, &c, in->plan->geometry_column));
    if (rm_arrow_is_binary(c.schema->format))
        return add_wkb(in, &c);
    const rm_arrow_encoding *encoding = rm_arrow_encoding_of(c.schema);
    if (encoding)
        return rm_arrow_add_native(in, &c, encoding);
    return rm_fail(in->err, RM_EUNSUPPORTED,
                   "column %s: geometry must be WKB or GeoArrow, not Arrow type \"%s\"",
                   rm_arrow_name(c.schema), c.schema->format);
}

static rm_status append(rm_intake *in)
{
    rm_table *table = &in->rows->table;
    RM_TRY(add_ids(in));
    if (in->plan->geometry_column >= 0)
        RM_TRY(add_geometry(in));
    for (int32_t i = 0; i < table->count; i++)
        RM_TRY(add_column(in, &table->columns[i], in->plan->columns[i]));
    table->rows += in->count;
    return RM_OK;
}

rm_status rm_arrow_append_some(rm_rows *rows, const rm_arrow_plan *plan,
                               const struct ArrowSchema *schema, const struct ArrowArray *array,
                               int64_t begin, int64_t count, rm_error *err)
{
    if (strcmp(schema->format, "+s") != 0)
        return rm_fail(err, RM_EFORMAT, "Arrow stream: its batches are of type \"%s\", not structs",
                       schema->format);
    rm_intake in = {.rows = rows,
                    .plan = plan,
                    .begin = begin,
                    .count = count,
                    .base = rows->table.rows,
                    .err = err};
    RM_TRY(rm_arrow_open(&in.outer, schema, array, begin, count, err));
    rm_status status = append(&in);
    rm_text_clear(&in.scratch);
    return status;
}

rm_status rm_arrow_append(rm_rows *rows, const rm_arrow_plan *plan,
                          const struct ArrowSchema *schema, const struct ArrowArray *array,
                          rm_error *err)
{
    return rm_arrow_append_some(rows, plan, schema, array, 0, array->length, err);
}

rm_status rm_arrow_reserve(rm_rows *rows, const rm_arrow_plan *plan,
                           const struct ArrowSchema *schema, const struct ArrowArray *array,
                           rm_error *err)
{
    rm_intake in = {.rows = rows, .count = array->length, .err = err};
    rm_arrow_cells c;
    int64_t row = rows->table.rows;
    RM_TRY(rm_arrow_open(&in.outer, schema, array, 0, array->length, err));
    RM_TRY(open_child(&in, &c, plan->geometry_column));
    bool wkb = rm_arrow_is_binary(c.schema->format);
    RM_TRY(rm_geometry_reserve(&rows->geometry, in.count, wkb ? most_points(&in, &c) : 0, err));
    for (int32_t i = 0; i < rows->table.count; i++)
        RM_TRY(rm_column_reserve(&rows->table.columns[i], row, in.count, 0, err));
    return RM_GROW(&rows->ids, &rows->ids_capacity, row + in.count, err);
}
