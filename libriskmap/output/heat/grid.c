#include "output/heat/grid.h"

#include <math.h>

static const double CELLS_MOST = 4e9;

double rm_heat_cell(double bandwidth)
{
    static const double steps[] = {5.0, 2.5, 2.0, 1.0};
    double wanted = bandwidth / 20.0, power = pow(10.0, floor(log10(wanted)));
    for (int s = 0; s < 4; s++)
        if (steps[s] * power <= wanted * (1.0 + 1e-12))
            return steps[s] * power;
    return power;
}

rm_status rm_heat_grid_make(rm_grid *out, rm_box box, double cell, rm_error *err)
{
    if (!(cell > 0.0 && cell < INFINITY))
        return rm_fail(err, RM_EINVAL, "the cell is %g m; it must be above 0", cell);
    if (rm_box_is_empty(box) || !isfinite(box.xmax - box.xmin) || !isfinite(box.ymax - box.ymin))
        return rm_fail(err, RM_EINVAL,
                       "the map has no extent: there are no points; state an extent or a study "
                       "area, or look at what left the points out");
    double left = floor(box.xmin / cell), right = ceil(box.xmax / cell);
    double bottom = floor(box.ymin / cell), top = ceil(box.ymax / cell);
    double columns = fmax(right - left, 1.0), rows = fmax(top - bottom, 1.0);
    if (!isfinite(right - left) || !isfinite(top - bottom))
        columns = rows = INFINITY; /* the coordinates count more cells than a number can */
    if (columns > INT32_MAX || rows > INT32_MAX || columns * rows > CELLS_MOST)
        return rm_fail(err, RM_ELIMIT,
                       "%.0f x %.0f cells of %g m are too many: the map would span %.0f x %.0f km. "
                       "Take a larger cell, or state an extent or a study area; one point that "
                       "lies far away can make a map this large",
                       columns, rows, cell, (box.xmax - box.xmin) / 1000,
                       (box.ymax - box.ymin) / 1000);
    *out = (rm_grid){left * cell, (bottom + rows) * cell, cell, (int64_t)columns, (int64_t)rows};
    return RM_OK;
}

rm_grid rm_heat_grid_coarser(const rm_grid *grid, int64_t factor)
{
    return (rm_grid){grid->left, grid->top, grid->cell * (double)factor,
                     (grid->columns + factor - 1) / factor, (grid->rows + factor - 1) / factor};
}
