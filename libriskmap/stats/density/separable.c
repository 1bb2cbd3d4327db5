/* The gaussian of many cells: points are spread over the nodes of a grid of `step` cells by
 * Lagrange's weights along each axis, which gives at every place what interpolating the gaussian
 * through 12 nodes would give; the nodes are then added along columns and along rows of cells.
 *
 * Error: with sigma in steps, the interpolation is off by at most max|f^(12)| / 12! times the
 * largest product of the distances to the nodes, 10395 / 12! * 26381 sigma^-12 of the peak for each
 * axis; the second axis is multiplied by the sum of the sizes of the weights, below 2. */
#include "base/memory.h"
#include "base/simd.h"
#include "stats/density/inner.h"

#include <math.h>

enum {
    NODES = RM_NODES,
    BEFORE = RM_NODES_BEFORE,
    FINEST = 6, /* sigma in steps, at least */
    MOST_STEP = 256,
    BLOCK_ROWS = 8,
    SPREAD_ROWS = 32,
    PIECE = 64
};

typedef struct mesh {
    const rm_surface_band *band;
    int64_t step;         /* cells between nodes; node j lies on the centre of cell j * step */
    int64_t taps;         /* nodes left of a cell that count; as many and one right of it */
    int64_t left, across; /* first node and number of nodes in a row */
    int64_t top, down;
    double sigma;  /* in cells */
    double *node;  /* [down * across] */
    double *table; /* [step][2 * taps + 2]: the gaussian from cell q * step + phase to node q + t */
    double *room;  /* for each worker */
    int64_t room_size;
} mesh;

static int64_t step_of(const rm_surface *surface)
{
    double step = floor(surface->bandwidth / FINEST);
    return step < 1 ? 1 : step > MOST_STEP ? MOST_STEP : (int64_t)step;
}

double rm_separable_error(const rm_surface *surface)
{
    double sigma = surface->bandwidth / (double)step_of(surface);
    return 3 * 10395.0 / 479001600.0 * 26381.1 * pow(sigma, -NODES) + 2e-12;
}

double rm_separable_cost(const rm_surface *surface)
{
    double step = (double)step_of(surface), wide = (double)surface->grid.columns;
    double high = (double)surface->grid.rows, reach = RM_GAUSSIAN_CUT * surface->bandwidth;
    double taps = 2 * reach / step + 2;
    return wide * high * taps * 0.12 + (wide + 2 * reach) / step * high * taps * 0.15 +
           (double)surface->spots.count * 250;
}

RM_CLONES static void spread(const mesh *m, int64_t row0, int64_t row1, const rm_spot *spot,
                             int64_t count)
{
    double across[NODES], down[NODES];
    for (int64_t i = 0; i < count; i++, spot++) {
        double x = spot->x / (double)m->step, y = spot->y / (double)m->step;
        int64_t column = (int64_t)floor(x) - BEFORE, row = (int64_t)floor(y) - BEFORE;
        if (row + NODES <= row0 || row >= row1)
            continue;
        rm_lagrange(across, x - (double)column);
        rm_lagrange(down, y - (double)row);
        int64_t from = column < m->left ? m->left - column : 0;
        int64_t to = m->left + m->across - column < NODES ? m->left + m->across - column : NODES;
        for (int k = 0; k < NODES; k++) {
            if (row + k < row0 || row + k >= row1)
                continue;
            double factor = down[k] * spot->weight;
            double *node = m->node + (row + k - m->top) * m->across + (column - m->left);
            if (from == 0 && to == NODES) {
                for (int j = 0; j < NODES; j++)
                    node[j] += factor * across[j];
            } else {
                for (int64_t j = from; j < to; j++)
                    node[j] += factor * across[j];
            }
        }
    }
}

static rm_status spread_rows(void *context, int64_t begin, int64_t end, int worker, rm_error *err)
{
    const mesh *m = context;
    const rm_spots *spots = &m->band->surface->spots;
    int64_t row0 = m->top + begin, row1 = m->top + end, first, last;
    rm_meter meter = {m->band->progress, "spreading points", worker, err, 0, RM_OK};
    memset(m->node + begin * m->across, 0, (size_t)((end - begin) * m->across) * sizeof *m->node);
    rm_spots_bands(spots, 0, (row0 - NODES) * m->step, (row1 + NODES) * m->step, &first, &last);
    for (int64_t k = first; k <= last; k++) {
        for (int64_t i = spots->begin[k]; i < spots->end[k]; i += RM_METER_STEPS) {
            int64_t some = spots->end[k] - i < RM_METER_STEPS ? spots->end[k] - i : RM_METER_STEPS;
            spread(m, row0, row1, spots->spot + i, some);
            if (!rm_meter_go_on(&meter, some))
                return meter.status;
        }
    }
    return RM_OK;
}

static int64_t floor_divide(int64_t a, int64_t b)
{
    return a >= 0 ? a / b : -((b - 1 - a) / b);
}

/* sums[rows][across] += the nodes of column after column, as far as they reach. */
RM_CLONES static void add_down(double *sums, const mesh *m, int64_t row0, int64_t rows)
{
    int64_t taps = 2 * m->taps + 2;
    int64_t first = floor_divide(row0, m->step) - m->taps;
    int64_t last = floor_divide(row0 + rows - 1, m->step) + m->taps + 1;
    for (int64_t piece = 0; piece < m->across; piece += PIECE) {
        int64_t width = m->across - piece < PIECE ? m->across - piece : PIECE;
        for (int64_t j = first; j <= last; j++) {
            const double *restrict node = m->node + (j - m->top) * m->across + piece;
            for (int64_t r = 0; r < rows; r++) {
                int64_t cell = row0 + r, q = floor_divide(cell, m->step), t = j - q + m->taps;
                if (t < 0 || t >= taps)
                    continue;
                double factor = m->table[(cell - q * m->step) * taps + t];
                double *restrict sum = sums + r * m->across + piece;
                if (width == PIECE) {
                    for (int c = 0; c < PIECE; c++)
                        sum[c] += factor * node[c];
                } else {
                    for (int64_t c = 0; c < width; c++)
                        sum[c] += factor * node[c];
                }
            }
        }
    }
}

/* out[i * step] for the cells of one phase, from the sums of one row. */
RM_CLONES static void add_across(double *out, double *restrict piece, const double *sums,
                                 const double *table, int64_t taps, int64_t count, int64_t step,
                                 double scale)
{
    for (int64_t begin = 0; begin < count; begin += PIECE) {
        int64_t width = count - begin < PIECE ? count - begin : PIECE;
        for (int c = 0; c < PIECE; c++)
            piece[c] = 0;
        for (int64_t t = 0; t < taps; t++) {
            const double *restrict sum = sums + begin + t;
            double factor = table[t];
            if (width == PIECE) {
                for (int c = 0; c < PIECE; c++)
                    piece[c] += factor * sum[c];
            } else {
                for (int64_t c = 0; c < width; c++)
                    piece[c] += factor * sum[c];
            }
        }
        /* Between nodes the weights may come to less than nothing far from all points. */
        for (int64_t c = 0; c < width; c++)
            out[(begin + c) * step] = piece[c] > 0 ? piece[c] * scale : 0;
    }
}

static rm_status add_rows(void *context, int64_t begin, int64_t end, int worker, rm_error *err)
{
    const mesh *m = context;
    const rm_surface_band *band = m->band;
    const rm_grid *g = &band->surface->grid;
    double *sums = m->room + worker * m->room_size, *piece = sums + BLOCK_ROWS * m->across;
    double scale = 0.5 / RM_PI / (m->sigma * m->sigma) / (g->cell * g->cell);
    int64_t row0 = band->first + begin, rows = end - begin, taps = 2 * m->taps + 2;
    (void)err;
    memset(sums, 0, (size_t)(rows * m->across) * sizeof *sums);
    add_down(sums, m, row0, rows);
    for (int64_t r = 0; r < rows; r++) {
        for (int64_t phase = 0; phase < m->step && phase < g->columns; phase++)
            add_across(band->out + (begin + r) * g->columns + phase, piece, sums + r * m->across,
                       m->table + phase * taps, taps, (g->columns - 1 - phase) / m->step + 1,
                       m->step, scale);
    }
    return RM_OK;
}

static rm_status make_table(mesh *m, rm_error *err)
{
    int64_t taps = 2 * m->taps + 2;
    double reach = RM_GAUSSIAN_CUT * m->sigma, s = -0.5 / (m->sigma * m->sigma);
    RM_TRY(RM_NEW(&m->table, m->step * taps, err));
    for (int64_t phase = 0; phase < m->step; phase++) {
        for (int64_t t = 0; t < taps; t++) {
            double d = (double)((t - m->taps) * m->step - phase);
            m->table[phase * taps + t] = fabs(d) <= reach ? exp(d * d * s) : 0;
        }
    }
    return RM_OK;
}

static rm_status run(mesh *m, rm_error *err)
{
    const rm_surface_band *band = m->band;
    rm_stage whole = rm_progress_present(band->progress);
    RM_TRY(make_table(m, err));
    RM_TRY(RM_NEW(&m->node, m->down * m->across, err));
    RM_TRY(RM_NEW(&m->room, band->threads * m->room_size, err));
    rm_progress_part(band->progress, whole, 0.0, 0.3);
    RM_TRY(rm_parallel(m->down, SPREAD_ROWS, band->threads, spread_rows, m, band->progress,
                       "spreading points", err));
    rm_progress_part(band->progress, whole, 0.3, 1.0);
    return rm_parallel(band->rows, BLOCK_ROWS, band->threads, add_rows, m, band->progress,
                       "density", err);
}

rm_status rm_separable_rows(const rm_surface_band *band, rm_error *err)
{
    const rm_surface *surface = band->surface;
    const rm_grid *g = &surface->grid;
    mesh m = {.band = band, .step = step_of(surface), .sigma = surface->bandwidth};
    double steps = RM_GAUSSIAN_CUT * m.sigma / (double)m.step;
    if (surface->spots.count == 0) {
        memset(band->out, 0, (size_t)(band->rows * g->columns) * sizeof(double));
        return RM_OK;
    }
    if (steps > 1e6)
        return rm_fail(
            err, RM_ELIMIT,
            "a bandwidth of %g with cells of %g; take larger cells or a smaller bandwidth",
            m.sigma * g->cell, g->cell);
    m.taps = (int64_t)ceil(steps);
    m.left = -m.taps;
    m.across = (g->columns - 1) / m.step + 2 * m.taps + 2;
    m.top = band->first / m.step - m.taps;
    m.down = (band->first + band->rows - 1) / m.step + m.taps + 2 - m.top;
    m.room_size = BLOCK_ROWS * m.across + PIECE;
    rm_status status = run(&m, err);
    rm_release(m.table);
    rm_release(m.node);
    rm_release(m.room);
    return status;
}
