#include "stats/density/density.h"

#include "base/memory.h"
#include "stats/density/inner.h"

#include <math.h>

int rm_kernel_power(int32_t kernel)
{
    static const int power[] = {2, -1, 1, 3, 0};
    return power[kernel];
}

double rm_kernel_peak(int32_t kernel)
{
    return kernel == RM_KERNEL_GAUSSIAN ? 0.5 / RM_PI : (rm_kernel_power(kernel) + 1) / RM_PI;
}

double rm_kernel_reach(int32_t kernel)
{
    return kernel == RM_KERNEL_GAUSSIAN ? RM_GAUSSIAN_CUT : 1;
}

rm_status rm_kernel_check(int32_t kernel, double bandwidth, rm_error *err)
{
    if (kernel < RM_KERNEL_QUARTIC || kernel > RM_KERNEL_UNIFORM)
        return rm_fail(err, RM_EINVAL, "there is no kernel %d; RM_KERNEL_QUARTIC is 0", kernel);
    if (!(bandwidth > 0 && isfinite(bandwidth)))
        return rm_fail(err, RM_EINVAL,
                       "the bandwidth is %g; give a finite number above 0, in units of the CRS",
                       bandwidth);
    return RM_OK;
}

rm_status rm_check_point(const rm_density_points *p, int64_t i, rm_error *err)
{
    if (!isfinite(p->x[i]) || !isfinite(p->y[i]))
        return rm_fail_row(err, RM_EINVAL, i, "point %lld has a coordinate that is not finite",
                           (long long)i);
    if (p->weight && !(p->weight[i] >= 0 && isfinite(p->weight[i])))
        return rm_fail_row(err, RM_EINVAL, i,
                           "the weight of point %lld is negative or not finite; 0 leaves it out",
                           (long long)i);
    return RM_OK;
}

static rm_status check_grid(const rm_grid *g, double longest, rm_error *err)
{
    if (!isfinite(g->left) || !isfinite(g->top) || !(g->cell > 0 && isfinite(g->cell)))
        return rm_fail(err, RM_EINVAL,
                       "the raster begins at %g, %g with cells of %g; give finite numbers and a "
                       "cell above 0",
                       g->left, g->top, g->cell);
    if (g->columns < 1 || g->rows < 1 || g->columns > (int64_t)1 << 31 ||
        g->rows > (int64_t)1 << 31)
        return rm_fail(err, RM_EINVAL, "the raster has %lld columns and %lld rows; 1 to 2^31",
                       (long long)g->columns, (long long)g->rows);
    if (!(longest / g->cell > 1e-30 && longest / g->cell < 1e30))
        return rm_fail(err, RM_EINVAL, "a bandwidth of %g with cells of %g cannot be computed",
                       longest, g->cell);
    return RM_OK;
}

/* The cheapest way that is exact enough: chosen by the points and the raster alone, so that threads
 * and bands do not change the answer. */
static void choose_way(rm_surface *s)
{
    double best = rm_scatter_cost(s);
    bool gaussian = s->kernel == RM_KERNEL_GAUSSIAN;
    s->way = RM_WAY_SCATTER;
    s->error = gaussian ? 1e-12 : 0;
    if (s->adaptive)
        return;
    double error = gaussian ? rm_separable_error(s) : rm_sweep_error(s);
    double cost = gaussian ? rm_separable_cost(s) : rm_sweep_cost(s);
    if (error <= 1e-9 && cost < best) {
        s->way = gaussian ? RM_WAY_SEPARABLE : RM_WAY_SWEEP;
        s->error = error;
    }
}

rm_status rm_surface_new(rm_surface **out, const rm_grid *grid, const rm_density_points *points,
                         int32_t kernel, double bandwidth, int threads, rm_progress *progress,
                         rm_error *err)
{
    rm_surface *s = NULL;
    RM_TRY(rm_kernel_check(kernel, points->bandwidth ? 1 : bandwidth, err));
    RM_TRY(check_grid(grid, points->bandwidth ? grid->cell : bandwidth, err));
    RM_TRY(RM_NEW_ZERO(&s, 1, err));
    s->grid = *grid;
    s->kernel = kernel;
    s->adaptive = points->bandwidth != NULL;
    s->bandwidth = s->adaptive ? 0 : bandwidth / grid->cell;
    rm_status status = rm_spots_new(&s->spots, grid, points, bandwidth, rm_kernel_reach(kernel),
                                    rm_threads(threads), progress, err);
    if (status != RM_OK) {
        rm_surface_free(s);
        return status;
    }
    choose_way(s);
    *out = s;
    return RM_OK;
}

void rm_surface_free(rm_surface *surface)
{
    if (surface == NULL)
        return;
    rm_spots_clear(&surface->spots);
    rm_release(surface);
}

rm_surface_method rm_surface_how(const rm_surface *surface)
{
    static const char *const names[] = {"scatter", "sweep", "separable"};
    double reach = 0;
    for (int32_t class = 0; class < surface->spots.classes; class ++)
        reach = fmax(reach, surface->spots.reach[class] * surface->grid.cell);
    if (!surface->adaptive)
        reach = surface->bandwidth * rm_kernel_reach(surface->kernel) * surface->grid.cell;
    return (rm_surface_method){
        .name = names[surface->way], .error = surface->error, .reach = reach};
}

rm_status rm_surface_force(rm_surface *surface, const char *name, rm_error *err)
{
    bool gaussian = surface->kernel == RM_KERNEL_GAUSSIAN;
    bool scatter = strcmp(name, "scatter") == 0;
    double error = gaussian ? 1e-12 : 0;
    if (!scatter)
        error = gaussian ? rm_separable_error(surface) : rm_sweep_error(surface);
    if (!scatter && (surface->adaptive || strcmp(name, gaussian ? "separable" : "sweep") != 0 ||
                     !isfinite(error)))
        return rm_fail(err, RM_EINVAL, "the method %s is not for this kernel and bandwidth", name);
    surface->way = scatter ? RM_WAY_SCATTER : gaussian ? RM_WAY_SEPARABLE : RM_WAY_SWEEP;
    surface->error = error;
    return RM_OK;
}

rm_status rm_surface_rows(double *out, const rm_surface *surface, int64_t first, int64_t rows,
                          int threads, rm_progress *progress, rm_error *err)
{
    rm_surface_band band = {.out = out,
                            .surface = surface,
                            .first = first,
                            .rows = rows,
                            .threads = rm_threads(threads),
                            .progress = progress};
    if (first < 0 || rows < 0 || first > surface->grid.rows - rows)
        return rm_fail(err, RM_EINVAL, "rows %lld to %lld of a raster of %lld rows",
                       (long long)first, (long long)(first + rows - 1),
                       (long long)surface->grid.rows);
    if (rows == 0)
        return RM_OK;
    switch (surface->way) {
    case RM_WAY_SWEEP:
        return rm_sweep_rows(&band, err);
    case RM_WAY_SEPARABLE:
        return rm_separable_rows(&band, err);
    default:
        return rm_scatter_rows(&band, err);
    }
}
