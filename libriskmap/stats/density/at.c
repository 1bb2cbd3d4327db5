#include "base/memory.h"
#include "base/simd.h"
#include "stats/density/inner.h"

#include <math.h>

enum { LANES = 8, CHUNK = 64 };

/* Where a gaussian is below what exp can give: beyond it nothing is lost. */
static const double gaussian_end = 37.7;

typedef struct places {
    double *density;
    const double *x, *y;
    rm_grid grid; /* only to sort the points by */
    rm_spots spots;
    int32_t kernel;
    bool adaptive;
    double scale, reach; /* of the fixed bandwidth */
    rm_progress *progress;
} places;

RM_INLINE double value(const rm_spot *spot, double x, double y, int32_t kernel)
{
    double dx = spot->x - x, dy = spot->y - y, d2 = dx * dx + dy * dy;
    double h2 = spot->bandwidth * spot->bandwidth;
    if (kernel == RM_KERNEL_GAUSSIAN)
        return spot->weight * rm_exp_negative(d2 * (-0.5 / h2));
    double u = (h2 - dy * dy - dx * dx) / h2, inside = u > 0 ? spot->weight : 0;
    switch (kernel) {
    case RM_KERNEL_UNIFORM:
        return inside;
    case RM_KERNEL_EPANECHNIKOV:
        return inside * u;
    case RM_KERNEL_QUARTIC:
        return inside * u * u;
    default:
        return inside * u * u * u;
    }
}

/* Several sums side by side, so that the loop need not wait for each addition. */
RM_INLINE double add_kernel(const rm_spot *spot, int64_t count, double x, double y, int32_t kernel,
                            bool adaptive)
{
    double sum[LANES] = {0}, rest = 0;
    int64_t whole = count & ~(int64_t)(LANES - 1);
    for (int64_t i = 0; i < whole; i += LANES) {
        for (int k = 0; k < LANES; k++) {
            double v = value(&spot[i + k], x, y, kernel);
            sum[k] += adaptive ? v / (spot[i + k].bandwidth * spot[i + k].bandwidth) : v;
        }
    }
    for (int64_t i = whole; i < count; i++) {
        double v = value(&spot[i], x, y, kernel);
        rest += adaptive ? v / (spot[i].bandwidth * spot[i].bandwidth) : v;
    }
    return ((sum[0] + sum[1]) + (sum[2] + sum[3])) + ((sum[4] + sum[5]) + (sum[6] + sum[7])) + rest;
}

RM_CLONES static double add_spots(const rm_spot *spot, int64_t count, double x, double y,
                                  int32_t kernel, bool adaptive)
{
    switch (kernel) {
    case RM_KERNEL_GAUSSIAN:
        return adaptive ? add_kernel(spot, count, x, y, RM_KERNEL_GAUSSIAN, true)
                        : add_kernel(spot, count, x, y, RM_KERNEL_GAUSSIAN, false);
    case RM_KERNEL_QUARTIC:
        return adaptive ? add_kernel(spot, count, x, y, RM_KERNEL_QUARTIC, true)
                        : add_kernel(spot, count, x, y, RM_KERNEL_QUARTIC, false);
    default:
        return add_kernel(spot, count, x, y, kernel, adaptive);
    }
}

static double density_of(const places *p, double x, double y, rm_meter *meter)
{
    const rm_spots *spots = &p->spots;
    double sum = 0;
    for (int32_t class = 0; class < spots->classes; class ++) {
        double reach = spots->reach[class];
        int64_t first, last, begin, end;
        if (reach < 0)
            continue;
        rm_spots_bands(spots, reach, (int64_t)floor(y), (int64_t)floor(y) + 1, &first, &last);
        for (int64_t k = first; k <= last; k++) {
            rm_spots_between(spots, class, k, x - reach, x + reach, &begin, &end);
            if (!rm_meter_go_on(meter, end - begin))
                return 0;
            sum += add_spots(spots->spot + begin, end - begin, x, y, p->kernel, p->adaptive);
        }
    }
    return sum * p->scale;
}

static rm_status do_places(void *context, int64_t begin, int64_t end, int worker, rm_error *err)
{
    const places *p = context;
    rm_meter meter = {p->progress, "density", worker, err, 0, RM_OK};
    for (int64_t i = begin; i < end && meter.status == RM_OK; i++)
        p->density[i] = density_of(p, (p->x[i] - p->grid.left) / p->grid.cell - 0.5,
                                   (p->grid.top - p->y[i]) / p->grid.cell - 0.5, &meter);
    return meter.status;
}

/* A grid over the places, so coarse that its bands are few and so fine that few points are tried in
 * vain. */
static rm_status lay_grid(rm_grid *grid, const double *x, const double *y, int64_t count,
                          rm_error *err)
{
    double left = INFINITY, right = -INFINITY, bottom = INFINITY, top = -INFINITY;
    for (int64_t i = 0; i < count; i++) {
        if (!isfinite(x[i]) || !isfinite(y[i]))
            return rm_fail_row(err, RM_EINVAL, i, "place %lld has a coordinate that is not finite",
                               (long long)i);
        left = fmin(left, x[i]);
        right = fmax(right, x[i]);
        bottom = fmin(bottom, y[i]);
        top = fmax(top, y[i]);
    }
    double side = fmax(right - left, top - bottom), cell = 1;
    if (!isfinite(side))
        return rm_fail(err, RM_EINVAL, "the places lie too far apart to compute with");
    if (side > 0)
        cell = exp2(ceil(log2(side)) - 14);
    *grid = (rm_grid){.left = left - cell / 2,
                      .top = top + cell / 2,
                      .cell = cell,
                      .columns = (int64_t)((right - left) / cell) + 2,
                      .rows = (int64_t)((top - bottom) / cell) + 2};
    return RM_OK;
}

static rm_status at_places(double *density, const double *x, const double *y, int64_t count,
                           const rm_density_points *points, int32_t kernel, double bandwidth,
                           double cut, int threads, rm_progress *progress, rm_error *err)
{
    places p = {.x = x,
                .y = y,
                .kernel = kernel,
                .adaptive = points->bandwidth != NULL,
                .progress = progress};
    RM_TRY(rm_kernel_check(kernel, p.adaptive ? 1 : bandwidth, err));
    if (count == 0)
        return RM_OK;
    RM_TRY(lay_grid(&p.grid, x, y, count, err));
    double cell = p.grid.cell, h = p.adaptive ? cell : bandwidth;
    if (!(h / cell > 1e-30 && h / cell < 1e30))
        return rm_fail(err, RM_EINVAL, "a bandwidth of %g for places %g apart cannot be computed",
                       h, cell);
    p.scale = rm_kernel_peak(kernel) / (h * h);
    rm_stage whole = rm_progress_present(progress);
    rm_progress_part(progress, whole, 0.0, 0.2);
    rm_status status =
        rm_spots_new(&p.spots, &p.grid, points, bandwidth, cut, rm_threads(threads), progress, err);
    if (status == RM_OK)
        status = RM_NEW(&p.density, count, err);
    rm_progress_part(progress, whole, 0.2, 1.0);
    if (status == RM_OK)
        status =
            rm_parallel(count, CHUNK, rm_threads(threads), do_places, &p, progress, "density", err);
    if (status == RM_OK)
        memcpy(density, p.density, (size_t)count * sizeof *density);
    rm_release(p.density);
    rm_spots_clear(&p.spots);
    return status;
}

rm_status rm_density_at(double *density, const double *x, const double *y, int64_t count,
                        const rm_density_points *points, int32_t kernel, double bandwidth,
                        int threads, rm_progress *progress, rm_error *err)
{
    RM_TRY(rm_kernel_check(kernel, points->bandwidth ? 1 : bandwidth, err));
    return at_places(density, x, y, count, points, kernel, bandwidth,
                     kernel == RM_KERNEL_GAUSSIAN ? gaussian_end : 1, threads, progress, err);
}

/* --- the gaussian density of the points at the points --- */

enum { NODES = RM_NODES, BEFORE = RM_NODES_BEFORE, BAND = 256 };

/* Finer than the separable method needs at least, for the way back costs its error once more. */
static const double cells_per_sigma = 7;

typedef struct lattice {
    const rm_density_points *points;
    rm_grid grid;
    double *density;
    const double *rows; /* of the raster, from row `first` on */
    int64_t first, count;
} lattice;

RM_CLONES static double interpolate(const double *corner, int64_t stride, double x, double y)
{
    double across[NODES], down[NODES], sum[NODES] = {0}, value = 0;
    rm_lagrange(across, x);
    rm_lagrange(down, y);
    for (int r = 0; r < NODES; r++)
        for (int c = 0; c < NODES; c++)
            sum[c] += down[r] * corner[r * stride + c];
    for (int c = 0; c < NODES; c++)
        value += sum[c] * across[c];
    return value;
}

static rm_status take_values(void *context, int64_t begin, int64_t end, int worker, rm_error *err)
{
    const lattice *l = context;
    (void)worker;
    (void)err;
    for (int64_t i = begin; i < end; i++) {
        double x = (l->points->x[i] - l->grid.left) / l->grid.cell - 0.5;
        double y = (l->grid.top - l->points->y[i]) / l->grid.cell - 0.5;
        int64_t row = (int64_t)floor(y) - BEFORE, column = (int64_t)floor(x) - BEFORE;
        /* The row belongs to the band that holds its first node, so each point is read once. */
        if (row < l->first || row >= l->first + BAND)
            continue;
        double value = interpolate(l->rows + (row - l->first) * l->grid.columns + column,
                                   l->grid.columns, x - (double)column, y - (double)row);
        l->density[i] = value > 0 ? value : 0;
    }
    return RM_OK;
}

static rm_status band_of_lattice(lattice *l, double *rows, const rm_surface *surface, int threads,
                                 rm_progress *progress, rm_stage whole, rm_error *err)
{
    int64_t left = l->grid.rows - l->first, all = l->grid.rows;
    double from = 0.1 + 0.9 * (double)l->first / (double)all;
    double to = left < BAND ? 1.0 : 0.1 + 0.9 * (double)(l->first + BAND) / (double)all;
    rm_progress_part(progress, whole, from, (from + to) / 2);
    RM_TRY(rm_surface_rows(rows, surface, l->first, left < BAND + NODES ? left : BAND + NODES,
                           threads, progress, err));
    l->rows = rows;
    rm_progress_part(progress, whole, (from + to) / 2, to);
    return rm_parallel(l->points->count, 4096, threads, take_values, l, progress, "density", err);
}

static rm_status by_lattice(lattice *l, double bandwidth, int threads, rm_progress *progress,
                            rm_error *err)
{
    rm_stage whole = rm_progress_present(progress);
    rm_surface *surface = NULL;
    double *rows = NULL;
    rm_progress_part(progress, whole, 0.0, 0.1);
    rm_status status = rm_surface_new(&surface, &l->grid, l->points, RM_KERNEL_GAUSSIAN, bandwidth,
                                      threads, progress, err);
    if (status == RM_OK)
        status = RM_NEW(&rows, (BAND + NODES) * l->grid.columns, err);
    for (l->first = 0; status == RM_OK && l->first < l->grid.rows; l->first += BAND)
        status = band_of_lattice(l, rows, surface, threads, progress, whole, err);
    rm_surface_free(surface);
    rm_release(rows);
    return status;
}

/* About how many pairs lie within reach: counts in squares of about that size, or of the box. */
static rm_status count_pairs(double *pairs, const rm_density_points *points, const rm_grid *box,
                             double reach, rm_error *err)
{
    enum { MOST = 256 };
    double side = fmax(
        reach, box->cell * (double)(box->columns > box->rows ? box->columns : box->rows) / MOST);
    int64_t *counts = NULL;
    RM_TRY(RM_NEW_ZERO(&counts, (MOST + 1) * (MOST + 1), err));
    for (int64_t i = 0; i < points->count; i++) {
        int64_t column = (int64_t)((points->x[i] - box->left) / side);
        int64_t row = (int64_t)((box->top - points->y[i]) / side);
        counts[row * (MOST + 1) + column]++;
    }
    *pairs = 0;
    for (int64_t k = 0; k < (MOST + 1) * (MOST + 1); k++)
        *pairs += (double)counts[k] * (double)counts[k];
    *pairs *= 4 * fmin(1, reach / side) * fmin(1, reach / side);
    rm_release(counts);
    return RM_OK;
}

rm_status rm_density_own(double *density, const rm_density_points *points, double bandwidth,
                         int threads, rm_progress *progress, rm_error *err)
{
    lattice l = {.points = points};
    rm_grid box;
    threads = rm_threads(threads);
    RM_TRY(rm_kernel_check(RM_KERNEL_GAUSSIAN, bandwidth, err));
    if (points->count == 0)
        return RM_OK;
    RM_TRY(lay_grid(&box, points->x, points->y, points->count, err));
    double cell = bandwidth / cells_per_sigma, n = (double)points->count;
    double wide = (double)box.columns * box.cell, high = (double)box.rows * box.cell;
    double cells = (wide / cell + 2 * NODES) * (high / cell + 2 * NODES);
    double pairs;
    RM_TRY(count_pairs(&pairs, points, &box, RM_GAUSSIAN_CUT * bandwidth, err));
    if (pairs < 5e7 || pairs * 1.5 <= cells * 30 + n * 600 || cells > 1e12)
        return at_places(density, points->x, points->y, points->count, points, RM_KERNEL_GAUSSIAN,
                         bandwidth, RM_GAUSSIAN_CUT + 1.2, threads, progress, err);
    l.grid = (rm_grid){.left = box.left - NODES * cell,
                       .top = box.top + NODES * cell,
                       .cell = cell,
                       .columns = (int64_t)(wide / cell) + 2 * NODES + 1,
                       .rows = (int64_t)(high / cell) + 2 * NODES + 1};
    RM_TRY(RM_NEW(&l.density, points->count, err));
    rm_status status = by_lattice(&l, bandwidth, threads, progress, err);
    if (status == RM_OK)
        memcpy(density, l.density, (size_t)points->count * sizeof *density);
    rm_release(l.density);
    return status;
}
