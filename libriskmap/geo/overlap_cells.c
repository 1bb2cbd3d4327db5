/* Where areas may overlap, without looking at pairs. Let D be the number of areas at a place. It
 * changes by one at every edge, up on the side of the edge's area, so two edges that are equal bit
 * by bit and have their areas on different sides leave it as it is. In a cell that only such pairs
 * of edges touch D is the same everywhere, and the same as in such cells beside it; in cells that
 * lie wholly in one area or in none D is at most 1. What can be reached from those is settled. */
#include "base/parallel.h"
#include "geo/join_cut.h"
#include "geo/overlap.h"

#include <string.h>

/* OPEN is what rm_mark_edge sets. */
enum { UNKNOWN, OPEN, SETTLED = RM_CELL_SETTLED };

typedef struct search {
    const rm_join *join;
    /* For each block of 2 x 2 cells the sum of the keys of the edges whose lower end lies in it,
     * negative for those whose area lies right of them: 0 when they all come in pairs. Another sum
     * that happens to be 0 is as likely as 64 coins that all fall the same way. */
    uint64_t *sums;
    int64_t sum_columns;
    uint8_t *cells;
} search;

/* Rows of the grid that one thread takes, and all that lies in them: begin is even. */
typedef struct share {
    search *s;
    int32_t begin, end;
} share;

/* Bijective, every bit of the outcome hangs on every bit of the key (the finaliser of splitmix64).
 */
static uint64_t scramble(uint64_t key)
{
    key = (key ^ key >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    key = (key ^ key >> 27) * UINT64_C(0x94d049bb133111eb);
    return key ^ key >> 31;
}

/* One end of an edge. */
typedef struct corner {
    double x, y;
    uint64_t key;
    int32_t row; /* of the grid */
} corner;

static uint64_t *sum_at(const search *s, double x, int32_t row)
{
    return &s->sums[row / 2 * s->sum_columns + rm_join_column(s->join, x) / 2];
}

static corner corner_at(const search *s, double x, double y)
{
    uint64_t x_bits, y_bits;

    memcpy(&x_bits, &x, sizeof x);
    memcpy(&y_bits, &y, sizeof y);
    return (corner){x, y, scramble(x_bits + scramble(y_bits)), rm_join_row(s->join, y)};
}

static bool is_upward(double ax, double ay, double bx, double by)
{
    return ay < by || (ay == by && ax < bx);
}

/* 1 when the area lies left of the ring's edges, UINT64_MAX (that is -1) when right. */
static uint64_t sign_of_ring(const rm_geometry *g, int32_t ring, bool is_shell)
{
    int32_t begin = g->ring_point[ring], last = g->ring_point[ring + 1] - 1;
    double twice = 0.0, x = g->x[begin], y = g->y[begin];

    for (int32_t i = begin; i < last; i++)
        twice += (g->x[i] - x) * (g->y[i + 1] - y) - (g->x[i + 1] - x) * (g->y[i] - y);
    return (twice > 0.0) == is_shell ? 1 : UINT64_MAX;
}

/* Adds the edges whose lower end lies in the share. */
static void add_ring(const share *h, int32_t ring, bool is_shell)
{
    search *s = h->s;
    const rm_geometry *g = s->join->areas;
    int32_t begin = g->ring_point[ring], last = g->ring_point[ring + 1] - 1;
    uint64_t sign = sign_of_ring(g, ring, is_shell);
    corner a = corner_at(s, g->x[begin], g->y[begin]);

    for (int32_t i = begin; i < last; i++) {
        corner b = corner_at(s, g->x[i + 1], g->y[i + 1]);

        /* keys are odd, so that no number of equal edges adds up to 0 */
        if (a.x == b.x && a.y == b.y)
            continue;
        bool upward = is_upward(a.x, a.y, b.x, b.y);
        const corner *low = upward ? &a : &b, *high = upward ? &b : &a;
        uint64_t key = scramble(low->key + scramble(high->key)) | 1;

        if (low->row >= h->begin && low->row < h->end)
            *sum_at(s, low->x, low->row) += upward ? key * sign : -(key * sign);
        a = b;
    }
}

/* In the rows of the share. */
static rm_corner place_in(const share *h, double x, double y)
{
    const rm_join *join = h->s->join;
    double column = (x - join->extent.xmin) * join->scale;
    double row = (y - join->extent.ymin) * join->scale;

    return (rm_corner){column, row, rm_grid_index(column, join->columns),
                       rm_grid_index(row, join->rows) - h->begin, 0};
}

/* Opens the cells of the share that the edges of unequal sums touch. */
static void open_cells_of(const share *h, int32_t ring, bool is_shell)
{
    search *s = h->s;
    const rm_geometry *g = s->join->areas;
    int32_t columns = s->join->columns;
    rm_cell_box rows = {0, h->begin, columns, h->end - h->begin};
    int32_t begin = g->ring_point[ring], last = g->ring_point[ring + 1] - 1;
    bool a_is_even = *sum_at(s, g->x[begin], rm_join_row(s->join, g->y[begin])) == 0;

    (void)is_shell;
    for (int32_t i = begin; i < last; i++) {
        double ax = g->x[i], ay = g->y[i], bx = g->x[i + 1], by = g->y[i + 1];
        bool b_is_even = *sum_at(s, bx, rm_join_row(s->join, by)) == 0;

        if (!(is_upward(ax, ay, bx, by) ? a_is_even : b_is_even)) {
            rm_corner a = place_in(h, ax, ay), b = place_in(h, bx, by);
            rm_mark_edge(s->join, rows, &a, &b, s->cells + (int64_t)h->begin * columns);
        }
        a_is_even = b_is_even;
    }
}

static void each_ring(const share *h, void (*function)(const share *h, int32_t ring, bool is_shell))
{
    const rm_join *join = h->s->join;
    const rm_geometry *g = join->areas;

    for (int64_t a = 0; a < g->features; a++) {
        if (g->kind[a] != RM_KIND_POLYGON || rm_join_row(join, join->boxes[a].ymax) < h->begin ||
            rm_join_row(join, join->boxes[a].ymin) >= h->end)
            continue;
        for (int32_t part = g->feature_part[a]; part < g->feature_part[a + 1]; part++)
            for (int32_t ring = g->part_ring[part]; ring < g->part_ring[part + 1]; ring++)
                function(h, ring, ring == g->part_ring[part]);
    }
}

static rm_status add_share(void *context, int64_t begin, int64_t end, int worker, rm_error *err)
{
    search *s = context;
    share h = {s, (int32_t)begin, (int32_t)end};
    int64_t first = begin / 2 * s->sum_columns, last = (end + 1) / 2 * s->sum_columns;

    (void)worker;
    (void)err;
    memset(s->sums + first, 0, (size_t)(last - first) * sizeof *s->sums);
    each_ring(&h, add_ring);
    return RM_OK;
}

static rm_status open_share(void *context, int64_t begin, int64_t end, int worker, rm_error *err)
{
    search *s = context;
    share h = {s, (int32_t)begin, (int32_t)end};
    int64_t columns = s->join->columns;

    (void)worker;
    (void)err;
    memset(s->cells + begin * columns, UNKNOWN, (size_t)((end - begin) * columns));
    each_ring(&h, open_cells_of);
    return RM_OK;
}

/* From settled cells to those beside them, upwards and back; a winding way may be left unknown. */
static void spread(const rm_join *join, uint8_t *cells)
{
    int64_t columns = join->columns, count = columns * join->rows;

    for (int64_t i = 0; i < count; i++) {
        if (join->cells[i] >= 0)
            cells[i] = SETTLED;
        else if (cells[i] == UNKNOWN && ((i >= columns && cells[i - columns] == SETTLED) ||
                                         (i % columns > 0 && cells[i - 1] == SETTLED)))
            cells[i] = SETTLED;
    }
    for (int64_t i = count - 1; i >= 0; i--) {
        if (cells[i] == UNKNOWN && ((i + columns < count && cells[i + columns] == SETTLED) ||
                                    ((i + 1) % columns > 0 && cells[i + 1] == SETTLED)))
            cells[i] = SETTLED;
    }
}

rm_status rm_overlap_cells(uint8_t **out, const rm_join *join, int threads, rm_error *err)
{
    search s = {.join = join, .sum_columns = join->columns / 2 + 1};
    int64_t rows = join->rows, share_rows = (rows / threads / 2 + 1) * 2;

    rm_status status = RM_NEW(&s.cells, rows * join->columns, err);
    if (status == RM_OK)
        status = RM_NEW(&s.sums, s.sum_columns * (rows / 2 + 1), err);
    if (status == RM_OK)
        status = rm_parallel(rows, share_rows, threads, add_share, &s, NULL, NULL, err);
    if (status == RM_OK)
        status = rm_parallel(rows, share_rows, threads, open_share, &s, NULL, NULL, err);
    rm_release(s.sums);
    if (status != RM_OK) {
        rm_release(s.cells);
        return status;
    }
    spread(join, s.cells);
    *out = s.cells;
    return RM_OK;
}
