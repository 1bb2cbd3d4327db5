#include "stats/scan/draw.h"

static const double WHOLE = 18446744073709551616.0; /* 2^64 */

static uint64_t cut_at(double part)
{
    return part >= 1.0 - 1e-15 ? UINT64_MAX : (uint64_t)(part * WHOLE);
}

/* Cells below the mean are filled up by one above it, until all are level. */
static void level_cells(rm_scan_sampler *sampler, double *part, int32_t *stack)
{
    int32_t below = 0, above = sampler->cells, heaviest = 0;
    for (int32_t i = 0; i < sampler->cells; i++) {
        sampler->other[i] = i;
        heaviest = part[i] > part[heaviest] ? i : heaviest;
        if (part[i] < 1.0)
            stack[below++] = i;
        else
            stack[--above] = i;
    }
    while (below > 0 && above < sampler->cells) {
        int32_t small = stack[--below], large = stack[above];
        sampler->cut[small] = cut_at(part[small]);
        sampler->other[small] = large;
        part[large] -= 1.0 - part[small];
        if (part[large] < 1.0) {
            above++;
            stack[below++] = large;
        }
    }
    while (above < sampler->cells)
        sampler->cut[stack[above++]] = UINT64_MAX;
    while (below > 0) { /* what rounding left; an empty cell must stay empty */
        int32_t small = stack[--below];
        sampler->cut[small] = part[small] > 0.5 ? UINT64_MAX : 0;
        sampler->other[small] = heaviest;
    }
}

rm_status rm_scan_sampler_make(rm_scan_sampler *out, const double *weight, double total,
                               int32_t cells, int32_t steps, rm_error *err)
{
    rm_scan_sampler sampler = {.cells = cells, .steps = steps};
    double *part = NULL;
    int32_t *stack = NULL;
    rm_status status = RM_NEW(&part, cells, err);
    if (status == RM_OK)
        status = RM_NEW(&stack, cells, err);
    if (status == RM_OK)
        status = RM_NEW(&sampler.cut, cells, err);
    if (status == RM_OK)
        status = RM_NEW(&sampler.other, cells, err);
    if (status == RM_OK) {
        for (int32_t i = 0; i < cells; i++)
            part[i] = weight[i] / total * cells;
        level_cells(&sampler, part, stack);
        *out = sampler;
    } else {
        rm_scan_sampler_clear(&sampler);
    }
    rm_release(part);
    rm_release(stack);
    return status;
}

void rm_scan_sampler_clear(rm_scan_sampler *sampler)
{
    rm_release(sampler->cut);
    rm_release(sampler->other);
    *sampler = (rm_scan_sampler){0};
}
