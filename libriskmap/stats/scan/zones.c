#include "stats/scan/zones.h"

#include "base/parallel.h"

#include <math.h>
#include <stdlib.h>

typedef struct near_area {
    double squared, x, y;
    int32_t row;
} near_area;

typedef struct zone_work {
    rm_scan_zones *zones;
    const double *x, *y, *population;
    const rm_scan_reach *reach;
    near_area **order; /* [threads], each [areas] */
} zone_work;

static int three_way(double a, double b)
{
    return (a > b) - (a < b);
}

static int by_distance(const void *left, const void *right)
{
    const near_area *a = left, *b = right;
    int way = three_way(a->squared, b->squared);
    if (way == 0)
        way = three_way(a->x, b->x);
    if (way == 0)
        way = three_way(a->y, b->y);
    return way != 0 ? way : (a->row > b->row) - (a->row < b->row);
}

static void sort_round(near_area *order, const zone_work *work, int32_t centre)
{
    for (int32_t i = 0; i < work->zones->areas; i++) {
        double dx = work->x[i] - work->x[centre], dy = work->y[i] - work->y[centre];
        order[i] = (near_area){dx * dx + dy * dy, work->x[i], work->y[i], i};
    }
    qsort(order, (size_t)work->zones->areas, sizeof *order, by_distance);
}

/* Whether b enters the circle together with a. */
static bool together(const near_area *a, const near_area *b, bool ties)
{
    return a->squared == b->squared && (ties || (a->x == b->x && a->y == b->y));
}

/* How many members the largest circle has. Shares that are whole in decimals (29 of 100) must not
 * fail by rounding. */
static int32_t largest_circle(const near_area *order, const zone_work *work)
{
    const rm_scan_reach *reach = work->reach;
    double room = reach->share * work->zones->total * (1.0 + 1e-12), held = 0.0;
    int32_t whole = 0;
    for (int32_t i = 0; i < work->zones->areas; i++) {
        held += work->population[order[i].row];
        if (held > room || sqrt(order[i].squared) > reach->radius)
            break;
        if (i + 1 == work->zones->areas ||
            !together(&order[i], &order[i + 1], reach->ties_together))
            whole = i + 1;
    }
    return whole;
}

static rm_status take_circles(rm_scan_centre *centre, const near_area *order, int32_t count,
                              const zone_work *work, rm_error *err)
{
    double held = 0.0;
    RM_TRY(RM_NEW(&centre->member, count, err));
    RM_TRY(RM_NEW(&centre->population, count, err));
    RM_TRY(RM_NEW_ZERO(&centre->bucket, 2 * (int64_t)count, err));
    centre->count = count;
    for (int32_t i = 0; i < count; i++) {
        bool ends =
            i + 1 == count || !together(&order[i], &order[i + 1], work->reach->ties_together);
        centre->member[i] = order[i].row;
        held += work->population[order[i].row];
        centre->population[i] = ends ? held : NAN;
        centre->circles += ends;
    }
    return RM_OK;
}

static rm_status make_centres(void *context, int64_t begin, int64_t end, int worker, rm_error *err)
{
    zone_work *work = context;
    near_area *order = work->order[worker];
    for (int64_t c = begin; c < end; c++) {
        sort_round(order, work, (int32_t)c);
        RM_TRY(
            take_circles(&work->zones->centre[c], order, largest_circle(order, work), work, err));
    }
    return RM_OK;
}

rm_status rm_scan_zones_make(rm_scan_zones *out, const double *x, const double *y,
                             const double *population, double total, int32_t areas,
                             const rm_scan_reach *reach, int threads, rm_progress *progress,
                             rm_error *err)
{
    rm_scan_zones zones = {.areas = areas, .total = total};
    zone_work work = {&zones, x, y, population, reach, NULL};
    rm_status status = RM_NEW_ZERO(&zones.centre, areas, err);
    if (status == RM_OK)
        status = RM_NEW_ZERO(&work.order, threads, err);
    for (int t = 0; t < threads && status == RM_OK; t++)
        status = RM_NEW(&work.order[t], areas, err);
    if (status == RM_OK)
        status = rm_parallel(areas, 4, threads, make_centres, &work, progress,
                             "circles of the scan", err);
    for (int t = 0; work.order && t < threads; t++)
        rm_release(work.order[t]);
    rm_release(work.order);
    if (status != RM_OK) {
        rm_scan_zones_clear(&zones);
        return status;
    }
    for (int32_t c = 0; c < areas; c++)
        zones.circles += zones.centre[c].circles;
    *out = zones;
    return RM_OK;
}

void rm_scan_zones_clear(rm_scan_zones *zones)
{
    for (int32_t c = 0; zones->centre && c < zones->areas; c++) {
        rm_release(zones->centre[c].member);
        rm_release(zones->centre[c].population);
        rm_release(zones->centre[c].bucket);
    }
    rm_release(zones->centre);
    *zones = (rm_scan_zones){0};
}
