/* Points in areas. */
#include "geo/join_index.h"

#include <stdlib.h>
#include <string.h>

enum { GROUP = 32, EDGES_AT_ONCE = 32, POINTS_AT_ONCE = 1 << 16 };

#if defined(__GNUC__)
#define PREFETCH(address) __builtin_prefetch(address)
#else
#define PREFETCH(address) (void)(address)
#endif

void rm_hits_clear(rm_hits *hits)
{
    rm_release(hits->items);
    *hits = (rm_hits){NULL, 0, 0};
}

rm_status rm_hits_add(rm_hits *hits, int32_t area, int64_t row, rm_error *err)
{
    if (hits->count == hits->capacity)
        RM_TRY(RM_GROW(&hits->items, &hits->capacity, hits->count + 1, err));
    hits->items[hits->count++] = (rm_hit){area, (int32_t)row};
    return RM_OK;
}

rm_side rm_join_side(const rm_join *join, int32_t area, double x, double y)
{
    rm_box box = join->boxes[area];

    if (!(x >= box.xmin && x <= box.xmax && y >= box.ymin && y <= box.ymax))
        return RM_OUTSIDE;
    int32_t band = rm_join_band(join, area, rm_join_row(join, y));
    int32_t begin = join->band_run[band];
    return rm_band_side(join->areas, join->runs + begin, join->band_run[band + 1] - begin, x, y);
}

static bool box_holds(const rm_box *box, double x, double y)
{
    return x >= box->xmin && x <= box->xmax && y >= box->ymin && y <= box->ymax;
}

/* An area that a point may lie in, by its sketch. */
typedef struct candidate {
    int32_t row;
    const uint32_t *sketch;
} candidate;

/* Points on their way through the index. Every step touches memory that is seldom in a cache, so
 * each is done for a whole group before the next, and asks for what the next will need. */
typedef struct group {
    const double *x, *y;
    int32_t cells[GROUP];
    int32_t rows[GROUP];
    int32_t count;
    candidate *candidates;
    int64_t candidate_count, candidate_capacity;
} group;

/* Hits by cells that lie wholly in one area; the lists of the others are asked for. */
static rm_status read_cells(const rm_join *join, group *g, rm_hits *hits, rm_error *err)
{
    int32_t mixed = 0;

    RM_TRY(RM_GROW(&hits->items, &hits->capacity, hits->count + g->count, err));
    for (int32_t i = 0; i < g->count; i++) {
        int32_t cell = join->cells[g->cells[i]];

        hits->items[hits->count] = (rm_hit){cell - 1, g->rows[i]};
        hits->count += cell > 0;
        g->cells[mixed] = cell;
        g->rows[mixed] = g->rows[i];
        mixed += cell < 0;
        PREFETCH(join->lists - (cell < 0 ? cell : 0));
    }
    g->count = mixed;
    return RM_OK;
}

static rm_status read_lists(const rm_join *join, group *g, rm_hits *hits, rm_error *err)
{
    g->candidate_count = 0;
    for (int32_t i = 0; i < g->count; i++) {
        const int32_t *list = join->lists - g->cells[i];
        int32_t count = list[0], row = g->rows[i];

        if (g->candidate_count + count > g->candidate_capacity)
            RM_TRY(
                RM_GROW(&g->candidates, &g->candidate_capacity, g->candidate_count + count, err));
        for (int32_t k = 1; k <= count; k++) {
            if (list[k] < 0) {
                RM_TRY(rm_hits_add(hits, ~list[k], row, err));
                continue;
            }
            const uint32_t *sketch = join->sketches + list[k];
            g->candidates[g->candidate_count++] = (candidate){row, sketch};
            PREFETCH(sketch);
            PREFETCH(sketch + RM_SKETCH_AHEAD);
        }
    }
    return RM_OK;
}

/* Which side of an edge at its height a point lies on, on whole numbers that were rounded down, so
 * that each difference of two is off by less than 1, and a little for the rounding of doubles. */
static unsigned cross_edge(uint32_t a, uint32_t b, int32_t u, int32_t v, unsigned *unsure)
{
    int64_t au = (int32_t)(a & 65535) - u, av = (int32_t)(a >> 16) - v;
    int64_t bu = (int32_t)(b & 65535) - u, bv = (int32_t)(b >> 16) - v;
    int64_t det = au * bv - av * bu;

    *unsure |= llabs(det) <= llabs(au) + llabs(av) + llabs(bu) + llabs(bv) + 4;
    return (det > 0) ^ (av > 0);
}

/* RM_BORDER when the sketch is too coarse to tell. */
static rm_side side_by_sketch(const rm_join *join, const uint32_t *sketch, double x, double y,
                              int32_t *area)
{
    rm_sketch head;
    unsigned crossings = 0, unsure = 0, last;

    memcpy(&head, sketch, sizeof head);
    *area = head.area;
    int32_t u = rm_sketch_units((x - join->extent.xmin) * join->scale, head.column, head.scale);
    int32_t v = rm_sketch_units((y - join->extent.ymin) * join->scale, head.row, head.scale);
    const uint32_t *run = sketch + RM_SKETCH_HEAD;
    do {
        const uint32_t *end = run + 1 + (*run >> 1);
        uint32_t above = run[1] >> 16 > (uint32_t)v;

        last = *run & 1;
        unsure |= run[1] >> 16 == (uint32_t)v;
        for (run++; run < end;) {
            /* first which edges there are at this height, without a branch for each */
            const uint32_t *found[EDGES_AT_ONCE], *stop = run + EDGES_AT_ONCE;
            int count = 0;

            for (stop = stop < end ? stop : end; run < stop; run++) {
                uint32_t next = run[1] >> 16, next_above = next > (uint32_t)v;

                found[count] = run;
                count += (int)(above ^ next_above);
                above = next_above;
                unsure |= next == (uint32_t)v;
            }
            for (int i = 0; i < count; i++)
                crossings += cross_edge(found[i][0], found[i][1], u, v, &unsure);
        }
        run++;
    } while (!last);
    return unsure ? RM_BORDER : crossings & 1 ? RM_INSIDE : RM_OUTSIDE;
}

static rm_status test_candidates(const rm_join *join, const group *g, rm_hits *hits, rm_error *err)
{
    for (int64_t i = 0; i < g->candidate_count; i++) {
        candidate c = g->candidates[i];
        int32_t area;
        rm_side side = side_by_sketch(join, c.sketch, g->x[c.row], g->y[c.row], &area);

        if (side == RM_BORDER)
            side = rm_join_side(join, area, g->x[c.row], g->y[c.row]);
        if (side != RM_OUTSIDE)
            RM_TRY(rm_hits_add(hits, area, c.row, err));
    }
    return RM_OK;
}

static rm_status finish_group(const rm_join *join, group *g, rm_hits *hits, rm_error *err)
{
    RM_TRY(read_cells(join, g, hits, err));
    RM_TRY(read_lists(join, g, hits, err));
    RM_TRY(test_candidates(join, g, hits, err));
    g->count = 0;
    return RM_OK;
}

rm_status rm_join_points(const rm_join *join, const double *x, const double *y, const uint8_t *skip,
                         int64_t count, rm_hits *hits, rm_error *err)
{
    rm_status status = RM_OK;
    group g = {.x = x, .y = y};

    if (count > INT32_MAX)
        return rm_fail(err, RM_ELIMIT, "%lld rows in one batch, more than %d; use smaller batches",
                       (long long)count, INT32_MAX);
    for (int64_t i = 0; i < count && status == RM_OK; i++) {
        if ((skip != NULL && skip[i]) || !box_holds(&join->extent, x[i], y[i]))
            continue;
        int64_t line = rm_join_row(join, y[i]);
        int32_t cell = (int32_t)(line * join->columns + rm_join_column(join, x[i]));

        PREFETCH(join->cells + cell);
        g.cells[g.count] = cell;
        g.rows[g.count++] = (int32_t)i;
        if (g.count == GROUP)
            status = finish_group(join, &g, hits, err);
    }
    if (status == RM_OK)
        status = finish_group(join, &g, hits, err);
    rm_release(g.candidates);
    return status;
}

rm_status rm_join_each(const rm_join *join, const double *x, const double *y, int64_t count,
                       rm_progress *progress, const char *message, rm_join_hits_fn fn,
                       void *context, rm_error *err)
{
    rm_hits hits = {0};
    rm_status status = RM_OK;

    for (int64_t from = 0; from < count && status == RM_OK; from += POINTS_AT_ONCE) {
        int64_t some = count - from < POINTS_AT_ONCE ? count - from : POINTS_AT_ONCE;

        hits.count = 0;
        status = rm_progress_tick(progress, message, err);
        if (status == RM_OK)
            status = rm_join_points(join, x + from, y + from, NULL, some, &hits, err);
        if (status == RM_OK)
            status = fn(context, from, hits.items, hits.count, err);
    }
    rm_hits_clear(&hits);
    return status;
}
