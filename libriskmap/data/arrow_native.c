/* Geometry as lists of coordinates: GeoArrow's own encodings. */
#include "data/arrow_cells.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_LISTS = 3 };

typedef struct native {
    const rm_arrow_encoding *encoding;
    rm_arrow_cells lists[MAX_LISTS]; /* the outermost first */
    int64_t length[MAX_LISTS];
    const double *x, *y; /* of the first coordinate */
    int64_t stride, points;
    rm_geometry *to;
    rm_error *err;
} native;

bool rm_arrow_holds_xy(const struct ArrowSchema *schema)
{
    const char *format = schema->format;
    if (strncmp(format, "+w:", 3) == 0)
        return atoi(format + 3) >= 2 && atoi(format + 3) <= 4 && schema->n_children == 1 &&
               strcmp(schema->children[0]->format, "g") == 0;
    return strcmp(format, "+s") == 0 && schema->n_children >= 2 &&
           strcmp(schema->children[0]->format, "g") == 0 &&
           strcmp(schema->children[1]->format, "g") == 0;
}

static rm_status open_child(rm_arrow_cells *out, const rm_arrow_cells *of, int child, int64_t skip,
                            int64_t count, rm_error *err)
{
    if (child >= of->array->n_children)
        return rm_fail(err, RM_EFORMAT, "column %s: the Arrow array does not fit its schema",
                       rm_arrow_name(of->schema));
    return rm_arrow_open(out, of->schema->children[child], of->array->children[child], skip, count,
                         err);
}

static rm_status open_coordinates(native *n, const rm_arrow_cells *points, rm_error *err)
{
    rm_arrow_cells x, y;
    const struct ArrowArray *array = points->array;
    n->points = array->length;
    n->stride = 1;
    if (points->schema->format[1] == 'w')
        n->stride = atoi(points->schema->format + 3);
    if (array->length > INT64_MAX / 64 || array->offset > INT64_MAX / 64)
        return rm_fail(err, RM_EFORMAT, "column %s: the Arrow array is longer than memory",
                       rm_arrow_name(points->schema));
    RM_TRY(open_child(&x, points, 0, n->stride * array->offset, n->stride * array->length, err));
    y = x;
    if (points->schema->format[1] == 's')
        RM_TRY(open_child(&y, points, 1, array->offset, array->length, err));
    if (array->length == 0)
        return RM_OK;
    n->x = (const double *)x.array->buffers[1] + x.first;
    n->y = (const double *)y.array->buffers[1] + y.first + (n->stride > 1);
    return RM_OK;
}

static rm_status open_native(native *n, const rm_arrow_cells *c, rm_error *err)
{
    rm_arrow_cells at = *c, next;
    at.first = c->array->offset;
    for (int l = 0; l < n->encoding->lists; l++) {
        n->lists[l] = at;
        n->length[l] = at.array->length;
        if (at.array->n_children < 1)
            return rm_fail(err, RM_EFORMAT, "column %s: the Arrow array does not fit its schema",
                           rm_arrow_name(c->schema));
        const struct ArrowArray *items = at.array->children[0];
        RM_TRY(rm_arrow_open(&next, at.schema->children[0], items, 0, items->length, err));
        at = next;
    }
    return open_coordinates(n, &at, err);
}

/* What element `at` of a list holds; of what is no list any more, itself. */
static rm_status span(const native *n, int list, int64_t at, int64_t *begin, int64_t *end)
{
    *begin = at;
    *end = at + 1;
    if (list == n->encoding->lists)
        return RM_OK;
    const rm_arrow_cells *c = &n->lists[list];
    RM_TRY(rm_arrow_span(c->schema, c->array, c->first + at, begin, end, n->err));
    int64_t room = list + 1 < n->encoding->lists ? n->length[list + 1] : n->points;
    if (*end > room)
        return rm_fail(n->err, RM_EFORMAT, "column %s: an Arrow offset lies past the end",
                       rm_arrow_name(n->lists[0].schema));
    return RM_OK;
}

/* What a run of coordinates, a part or a feature comes to, the worst last. */
typedef enum finding { IS_EMPTY, IS_SOUND, IS_NOT_FINITE, IS_BROKEN } finding;

static finding judge_run(const native *n, int64_t begin, int64_t end)
{
    double sum = 0;
    bool nowhere = n->encoding->kind == RM_KIND_POINT;
    for (int64_t i = begin; i < end; i++) {
        double x = n->x[i * n->stride], y = n->y[i * n->stride];
        sum += (x - x) + (y - y); /* NaN when any is not finite */
        nowhere = nowhere && isnan(x) && isnan(y);
    }
    if (begin == end || nowhere) /* an empty point is written as NaN */
        return IS_EMPTY;
    return sum == 0.0 ? IS_SOUND : IS_NOT_FINITE;
}

/* The rings of a polygon; a line or a point is one run. *list is that of the runs. */
static rm_status part_runs(const native *n, int64_t part, int *list, int64_t *begin, int64_t *end)
{
    *list = n->encoding->multi;
    *begin = part;
    *end = part + 1;
    if (n->encoding->kind == RM_KIND_POLYGON)
        RM_TRY(span(n, (*list)++, part, begin, end));
    return RM_OK;
}

static rm_status judge_part(const native *n, int64_t part, finding *out)
{
    int list;
    int64_t first, last, begin, end;
    RM_TRY(part_runs(n, part, &list, &first, &last));
    *out = IS_EMPTY;
    for (int64_t run = first; run < last && *out <= IS_SOUND; run++) {
        RM_TRY(span(n, list, run, &begin, &end));
        finding found = judge_run(n, begin, end);
        if (found != IS_EMPTY && *out == IS_EMPTY && run > first)
            found = IS_BROKEN; /* a hole without a shell */
        *out = found > *out ? found : *out;
    }
    return RM_OK;
}

static rm_status add_part(native *n, int64_t part)
{
    int list;
    int64_t run, last, begin, end;
    rm_geometry *g = n->to;
    RM_TRY(part_runs(n, part, &list, &run, &last));
    RM_TRY(rm_geometry_add_part(g, n->err));
    for (; run < last; run++) {
        RM_TRY(span(n, list, run, &begin, &end));
        if (begin == end)
            continue;
        RM_TRY(rm_geometry_open_ring(g, end - begin, n->err));
        double *x = g->x + g->points - (end - begin), *y = g->y + g->points - (end - begin);
        for (int64_t i = begin; i < end; i++) {
            *x++ = n->x[i * n->stride];
            *y++ = n->y[i * n->stride];
        }
    }
    return RM_OK;
}

static rm_status add_feature(native *n, int64_t at, rm_issue_code *verdict)
{
    static const rm_issue_code verdicts[] = {[IS_EMPTY] = RM_ISSUE_NO_GEOMETRY,
                                             [IS_SOUND] = RM_ISSUE_CODES,
                                             [IS_NOT_FINITE] = RM_ISSUE_NOT_FINITE,
                                             [IS_BROKEN] = RM_ISSUE_MALFORMED};
    bool multi = n->encoding->multi;
    int64_t begin = at, end = at + 1;
    finding worst = IS_EMPTY, found = IS_SOUND;
    if (multi)
        RM_TRY(span(n, 0, at, &begin, &end));
    for (int64_t part = begin; part < end && worst <= IS_SOUND; part++) {
        RM_TRY(judge_part(n, part, &found));
        worst = found > worst ? found : worst;
    }
    *verdict = verdicts[worst];
    RM_TRY(rm_geometry_add_feature(n->to, n->encoding->kind, n->err));
    for (int64_t part = begin; part < end && worst == IS_SOUND; part++) {
        if (multi)
            RM_TRY(judge_part(n, part, &found));
        if (found == IS_SOUND)
            RM_TRY(add_part(n, part));
    }
    return RM_OK;
}

rm_status rm_arrow_add_native(rm_intake *in, const rm_arrow_cells *c,
                              const rm_arrow_encoding *encoding)
{
    native n = {.encoding = encoding, .to = &in->rows->geometry, .err = in->err};
    RM_TRY(open_native(&n, c, in->err));
    for (int64_t i = 0; i < in->count; i++) {
        rm_issue_code verdict = RM_ISSUE_NO_GEOMETRY;
        if (rm_arrow_present(&in->outer, i) && rm_arrow_present(c, i))
            RM_TRY(add_feature(&n, c->first - c->array->offset + i, &verdict));
        else
            RM_TRY(rm_geometry_add_feature(n.to, RM_KIND_NONE, in->err));
        if (verdict != RM_ISSUE_CODES)
            RM_TRY(rm_issues_add(&in->rows->issues, verdict, in->rows->ids[in->base + i], 0.0, 0.0,
                                 NULL, in->err));
    }
    return RM_OK;
}
