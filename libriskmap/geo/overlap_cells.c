/* Where areas may overlap, without looking at pairs. Let D be the number of areas at a place. It
 * changes by one at every edge, up on the side of the edge's area, so two edges that are equal bit
 * by bit and have their areas on different sides leave it as it is. In a cell that only such pairs
 * of edges touch D is the same everywhere, and the same as in such cells beside it; in cells that
 * lie wholly in one area or in none D is at most 1. What can be reached from those is settled. */
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

/* Bijective, every bit of the outcome hangs on every bit of the key (the finaliser of splitmix64).
 */
static uint64_t scramble(uint64_t key)
{
    key = (key ^ key >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    key = (key ^ key >> 27) * UINT64_C(0x94d049bb133111eb);
    return key ^ key >> 31;
}

/* One end of an edge. */
typedef struct end {
    double x, y;
    uint64_t key;
    uint64_t *sum;
} end;

static uint64_t *sum_at(const search *s, double x, double y)
{
    int64_t row = rm_join_row(s->join, y) / 2, column = rm_join_column(s->join, x) / 2;

    return &s->sums[row * s->sum_columns + column];
}

static end end_at(const search *s, double x, double y)
{
    uint64_t x_bits, y_bits;

    memcpy(&x_bits, &x, sizeof x);
    memcpy(&y_bits, &y, sizeof y);
    return (end){x, y, scramble(x_bits + scramble(y_bits)), sum_at(s, x, y)};
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

static void add_ring(search *s, int32_t ring, bool is_shell)
{
    const rm_geometry *g = s->join->areas;
    int32_t begin = g->ring_point[ring], last = g->ring_point[ring + 1] - 1;
    uint64_t sign = sign_of_ring(g, ring, is_shell);
    end a = end_at(s, g->x[begin], g->y[begin]);

    for (int32_t i = begin; i < last; i++) {
        end b = end_at(s, g->x[i + 1], g->y[i + 1]);

        /* keys are odd, so that no number of equal edges adds up to 0 */
        if (a.x == b.x && a.y == b.y)
            continue;
        if (is_upward(a.x, a.y, b.x, b.y))
            *a.sum += (scramble(a.key + scramble(b.key)) | 1) * sign;
        else
            *b.sum -= (scramble(b.key + scramble(a.key)) | 1) * sign;
        a = b;
    }
}

static rm_corner corner_at(const rm_join *join, double x, double y)
{
    double column = (x - join->extent.xmin) * join->scale;
    double row = (y - join->extent.ymin) * join->scale;

    return (rm_corner){column, row, rm_grid_index(column, join->columns),
                       rm_grid_index(row, join->rows), 0};
}

/* Opens the cells that the edges of unequal sums touch. */
static void open_cells_of(search *s, int32_t ring, bool is_shell)
{
    const rm_join *join = s->join;
    const rm_geometry *g = join->areas;
    rm_cell_box whole = {0, 0, join->columns, join->rows};
    int32_t begin = g->ring_point[ring], last = g->ring_point[ring + 1] - 1;
    bool a_is_even = *sum_at(s, g->x[begin], g->y[begin]) == 0;

    (void)is_shell;
    for (int32_t i = begin; i < last; i++) {
        double ax = g->x[i], ay = g->y[i], bx = g->x[i + 1], by = g->y[i + 1];
        bool b_is_even = *sum_at(s, bx, by) == 0;

        if (!(is_upward(ax, ay, bx, by) ? a_is_even : b_is_even)) {
            rm_corner a = corner_at(join, ax, ay), b = corner_at(join, bx, by);
            rm_mark_edge(join, whole, &a, &b, s->cells);
        }
        a_is_even = b_is_even;
    }
}

static void each_ring(search *s, void (*function)(search *s, int32_t ring, bool is_shell))
{
    const rm_geometry *g = s->join->areas;

    for (int64_t a = 0; a < g->features; a++) {
        if (g->kind[a] != RM_KIND_POLYGON)
            continue;
        for (int32_t part = g->feature_part[a]; part < g->feature_part[a + 1]; part++)
            for (int32_t ring = g->part_ring[part]; ring < g->part_ring[part + 1]; ring++)
                function(s, ring, ring == g->part_ring[part]);
    }
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

rm_status rm_overlap_cells(uint8_t **out, const rm_join *join, rm_error *err)
{
    int64_t count = (int64_t)join->columns * join->rows;
    search s = {.join = join, .sum_columns = join->columns / 2 + 1};

    RM_TRY(RM_NEW_ZERO(&s.cells, count, err));
    rm_status status = RM_NEW_ZERO(&s.sums, s.sum_columns * (join->rows / 2 + 1), err);
    if (status != RM_OK) {
        rm_release(s.cells);
        return status;
    }
    each_ring(&s, add_ring);
    each_ring(&s, open_cells_of);
    rm_release(s.sums);
    spread(join, s.cells);
    *out = s.cells;
    return RM_OK;
}
