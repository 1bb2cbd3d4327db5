/* Every point is added to the cells in its reach, in blocks of cells that stay in the cache. */
#include "base/memory.h"
#include "base/simd.h"
#include "stats/density/inner.h"

#include <math.h>

enum { BLOCK_ROWS = 16, BLOCK_COLUMNS = 512, LANES = 8, STRIDE = BLOCK_COLUMNS + LANES };

typedef struct block {
    int64_t row0, column0; /* of the raster */
    int rows;
    int columns;
    int32_t kernel;
    bool adaptive;
    double cut;   /* of the gaussian, in sigma */
    double *sums; /* [BLOCK_ROWS][STRIDE], before the constant of the kernel */
    double *line; /* [STRIDE]: what a point needs for each column */
} block;

/* sums[j] += weight * (c - line[j])^power where that is positive; count is a multiple of LANES, so
 * that no part is left over that goes one by one. */
RM_INLINE void add_power(double *restrict sums, const double *restrict line, size_t count, double c,
                         double weight, int power)
{
    for (size_t j = 0; j < (count & ~(size_t)(LANES - 1)); j++) {
        double u = c - line[j];
        double inside = u > 0 ? weight : 0;
        for (int k = 0; k < power; k++)
            inside *= u;
        sums[j] += inside;
    }
}

RM_INLINE void add_product(double *restrict sums, const double *restrict line, size_t count,
                           double factor)
{
    for (size_t j = 0; j < (count & ~(size_t)(LANES - 1)); j++)
        sums[j] += factor * line[j];
}

RM_INLINE void add_row(double *sums, const double *line, size_t count, double c, double weight,
                       int32_t kernel)
{
    switch (kernel) {
    case RM_KERNEL_UNIFORM:
        add_power(sums, line, count, c, weight, 0);
        break;
    case RM_KERNEL_EPANECHNIKOV:
        add_power(sums, line, count, c, weight, 1);
        break;
    case RM_KERNEL_QUARTIC:
        add_power(sums, line, count, c, weight, 2);
        break;
    default:
        add_power(sums, line, count, c, weight, 3);
    }
}

/* Whole lanes that hold first..end - 1. */
RM_INLINE size_t lanes_from(int64_t first)
{
    return (size_t)first & ~(size_t)(LANES - 1);
}

RM_INLINE size_t lanes_to(int64_t end)
{
    return ((size_t)end + LANES - 1) & ~(size_t)(LANES - 1);
}

RM_INLINE void add_compact(const block *b, const rm_spot *spot, double weight)
{
    double c[BLOCK_ROWS], x = spot->x - (double)b->column0, h = spot->bandwidth;
    int64_t first[BLOCK_ROWS], end[BLOCK_ROWS];
    int from = x - h > 0 ? (int)fmin(x - h, STRIDE) / LANES * LANES : 0;
    int count = x + h < b->columns ? (int)fmax(x + h, 0) + LANES - from : b->columns + LANES - from;
    double base = from - x, *line = b->line + from;
    rm_circle_rows(c, first, end, BLOCK_ROWS, x, spot->y - (double)b->row0, h, b->columns);
    for (int j = 0; j < (count & ~(LANES - 1)); j++) {
        double dx = j + base;
        line[j] = dx * dx;
    }
    for (int r = 0; r < b->rows; r++) {
        size_t begin = lanes_from(first[r]), stop = lanes_to(end[r]);
        if (first[r] < end[r])
            add_row(b->sums + (size_t)r * STRIDE + begin, b->line + begin, stop - begin, c[r],
                    weight, b->kernel);
    }
}

RM_INLINE void add_gaussian(const block *b, const rm_spot *spot, double weight)
{
    double c[BLOCK_ROWS], high[BLOCK_ROWS], x = spot->x - (double)b->column0;
    double y = spot->y - (double)b->row0, reach = b->cut * spot->bandwidth;
    double s = -0.5 / (spot->bandwidth * spot->bandwidth);
    int64_t first[BLOCK_ROWS], end[BLOCK_ROWS];
    int from = x - reach > 0 ? (int)fmin(x - reach, STRIDE) / LANES * LANES : 0;
    int count =
        x + reach < b->columns ? (int)fmax(x + reach, 0) + LANES - from : b->columns + LANES - from;
    double base = from - x, *line = b->line + from;
    rm_circle_rows(c, first, end, BLOCK_ROWS, x, y, reach, b->columns);
    for (int j = 0; j < (count & ~(LANES - 1)); j++) {
        double dx = j + base;
        line[j] = dx * dx <= reach * reach ? rm_exp_negative(dx * dx * s) : 0;
    }
    for (int r = 0; r < BLOCK_ROWS; r++)
        high[r] = weight * rm_exp_negative((r - y) * (r - y) * s);
    for (int r = 0; r < b->rows; r++) {
        size_t begin = lanes_from(first[r]), stop = lanes_to(end[r]);
        if (first[r] < end[r])
            add_product(b->sums + (size_t)r * STRIDE + begin, b->line + begin, stop - begin,
                        high[r]);
    }
}

/* (1 - u)^power / R^2 = (R^2 - d^2)^power / R^(2 power + 2): the power of R that is taken out. */
static double scale_of(int32_t kernel, double bandwidth)
{
    double square = bandwidth * bandwidth, scale = rm_kernel_peak(kernel) / square;
    for (int k = rm_kernel_power(kernel); k > 0; k--)
        scale /= square;
    return scale;
}

RM_CLONES static void add_spots(const block *b, const rm_spot *spot, int64_t count)
{
    for (int64_t i = 0; i < count; i++, spot++) {
        double weight = spot->weight;
        if (b->adaptive)
            weight *= scale_of(b->kernel, spot->bandwidth);
        if (b->kernel == RM_KERNEL_GAUSSIAN)
            add_gaussian(b, spot, weight);
        else
            add_compact(b, spot, weight);
    }
}

typedef struct scatter {
    const rm_surface_band *band;
    double scale;
    int64_t across; /* blocks in a row of blocks */
    double *room;   /* for each worker, on a cache line */
} scatter;

static rm_status gather(const block *b, const rm_surface *surface, rm_meter *meter)
{
    const rm_spots *spots = &surface->spots;
    int64_t row1 = b->row0 + b->rows - 1, column1 = b->column0 + b->columns - 1;
    for (int32_t class = 0; class < spots->classes; class ++) {
        double reach = spots->reach[class];
        int64_t first, last, begin, end;
        if (reach < 0)
            continue;
        rm_spots_bands(spots, reach, b->row0, row1, &first, &last);
        for (int64_t k = first; k <= last; k++) {
            rm_spots_between(spots, class, k, (double)b->column0 - reach, (double)column1 + reach,
                             &begin, &end);
            for (; begin < end; begin += RM_METER_STEPS) {
                int64_t some = end - begin < RM_METER_STEPS ? end - begin : RM_METER_STEPS;
                add_spots(b, spots->spot + begin, some);
                if (!rm_meter_go_on(meter, some))
                    return meter->status;
            }
        }
    }
    return RM_OK;
}

static rm_status do_block(void *context, int64_t k, int64_t end, int worker, rm_error *err)
{
    const scatter *s = context;
    const rm_surface_band *band = s->band;
    const rm_surface *surface = band->surface;
    double *room = s->room + (size_t)worker * (BLOCK_ROWS + 1) * STRIDE;
    int64_t columns = surface->grid.columns, rows_end = band->first + band->rows;
    int64_t row0 = (band->first / BLOCK_ROWS + k / s->across) * BLOCK_ROWS;
    int64_t row1 = row0 + BLOCK_ROWS < rows_end ? row0 + BLOCK_ROWS : rows_end;
    block b = {.row0 = row0 > band->first ? row0 : band->first,
               .column0 = k % s->across * BLOCK_COLUMNS,
               .kernel = surface->kernel,
               .adaptive = surface->adaptive,
               .cut = RM_GAUSSIAN_CUT,
               .sums = room,
               .line = room + BLOCK_ROWS * STRIDE};
    rm_meter meter = {band->progress, "density", worker, err, 0, RM_OK};
    (void)end;
    b.rows = (int)(row1 - b.row0);
    b.columns = (int)(columns - b.column0 < BLOCK_COLUMNS ? columns - b.column0 : BLOCK_COLUMNS);
    memset(b.sums, 0, (size_t)b.rows * STRIDE * sizeof(double));
    RM_TRY(gather(&b, surface, &meter));
    for (int r = 0; r < b.rows; r++) {
        double *out = band->out + (b.row0 + r - band->first) * columns + b.column0;
        for (int c = 0; c < b.columns; c++)
            out[c] = b.sums[r * STRIDE + c] * s->scale;
    }
    return RM_OK;
}

rm_status rm_scatter_rows(const rm_surface_band *band, rm_error *err)
{
    const rm_grid *g = &band->surface->grid;
    scatter s = {.band = band, .scale = 1 / (g->cell * g->cell)};
    int64_t down = (band->first + band->rows - 1) / BLOCK_ROWS - band->first / BLOCK_ROWS + 1;
    if (!band->surface->adaptive)
        s.scale *= scale_of(band->surface->kernel, band->surface->bandwidth);
    s.across = (g->columns - 1) / BLOCK_COLUMNS + 1;
    double *room = NULL;
    RM_TRY(RM_NEW(&room, (int64_t)band->threads * (BLOCK_ROWS + 1) * STRIDE + LANES, err));
    s.room = (double *)(((uintptr_t)room + 63) & ~(uintptr_t)63);
    rm_status status = rm_parallel(down * s.across, 1, band->threads, do_block, &s, band->progress,
                                   "density", err);
    rm_release(room);
    return status;
}

double rm_scatter_cost(const rm_surface *surface)
{
    const rm_spots *s = &surface->spots;
    bool gaussian = surface->kernel == RM_KERNEL_GAUSSIAN;
    double cost = 0;
    for (int32_t class = 0; class < s->classes; class ++) {
        int64_t points = 0;
        double reach = s->reach[class];
        for (int64_t k = class * s->bands; k < (class + 1) * s->bands; k++)
            points += s->end[k] - s->begin[k];
        /* No point covers more than the raster. */
        double wide = fmin(2 * reach, (double)surface->grid.columns) + LANES;
        double high = fmin(2 * reach, (double)surface->grid.rows) + 1;
        cost += (double)points * (wide * high * 0.785 * 0.2 + (high + gaussian * wide) * 3);
    }
    return cost;
}
