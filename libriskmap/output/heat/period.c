#include "output/heat/period.h"

#include "base/date.h"
#include "stats/order.h"

#include <math.h>
#include <string.h>

static bool in_period(const rm_heat_period *period, const int32_t *date, int64_t point)
{
    if (!date)
        return true;
    return (period->from == RM_NO_DATE || date[point] >= period->from) &&
           (period->until == RM_NO_DATE || date[point] <= period->until);
}

static double weight_of(const rm_heatmap *heatmap, const rm_heat_period *period, int64_t point)
{
    const rm_point_set *points = &heatmap->points;
    double weight = points->weight ? points->weight[point] : 1.0;
    if (!(heatmap->as.half_life_days > 0))
        return weight;
    int32_t end = heatmap->as.as_of;
    if (period->until != RM_NO_DATE && period->until < end)
        end = period->until;
    return weight * exp2(-((double)end - points->date[point]) / heatmap->as.half_life_days);
}

static rm_status mark(uint8_t *use, const rm_heatmap *heatmap, const rm_heat_period *period,
                      bool inside_only, rm_progress *progress, rm_error *err)
{
    const rm_point_set *points = &heatmap->points;
    if (inside_only)
        RM_TRY(rm_heat_area_hold(use, &heatmap->area, points->x, points->y, points->count, progress,
                                 err));
    else
        memset(use, 1, (size_t)points->count);
    for (int64_t i = 0; i < points->count; i++)
        use[i] = use[i] && in_period(period, points->date, i);
    return RM_OK;
}

static rm_status copy(rm_heat_chosen *chosen, const rm_heatmap *heatmap,
                      const rm_heat_period *period, const uint8_t *use, rm_error *err)
{
    const rm_point_set *points = &heatmap->points;
    int64_t at = 0;
    RM_TRY(RM_NEW(&chosen->x, chosen->count, err));
    RM_TRY(RM_NEW(&chosen->y, chosen->count, err));
    if (points->weight || heatmap->as.half_life_days > 0)
        RM_TRY(RM_NEW(&chosen->weight, chosen->count, err));
    for (int64_t i = 0; i < points->count; i++) {
        if (!use[i])
            continue;
        chosen->x[at] = points->x[i];
        chosen->y[at] = points->y[i];
        if (chosen->weight)
            chosen->weight[at] = weight_of(heatmap, period, i);
        at++;
    }
    return RM_OK;
}

static void move(rm_heat_chosen *chosen, rm_point_set *points)
{
    chosen->x = points->x;
    chosen->y = points->y;
    chosen->weight = points->weight;
    points->x = points->y = points->weight = NULL;
}

/* Points come in no fixed order, and their sum may not depend on it. */
static double total_weight(const rm_heat_chosen *chosen)
{
    rm_exact total = {0};
    if (!chosen->weight)
        return (double)chosen->count;
    for (int64_t i = 0; i < chosen->count; i++)
        rm_exact_add(&total, chosen->weight[i]);
    return rm_exact_value(&total);
}

rm_status rm_heat_choose(rm_heat_chosen *out, rm_heat_period *period, rm_heatmap *heatmap,
                         bool inside_only, rm_progress *progress, rm_error *err)
{
    uint8_t *use = NULL;
    rm_status status = RM_OK;
    rm_heat_chosen chosen = {0};
    RM_TRY(RM_NEW(&use, heatmap->points.count, err));
    status = mark(use, heatmap, period, inside_only, progress, err);
    for (int64_t i = 0; status == RM_OK && i < heatmap->points.count; i++)
        chosen.count += use[i];
    bool all = chosen.count == heatmap->points.count && heatmap->period_count == 1 &&
               !(heatmap->as.half_life_days > 0);
    if (status == RM_OK && all)
        move(&chosen, &heatmap->points);
    else if (status == RM_OK)
        status = copy(&chosen, heatmap, period, use, err);
    rm_release(use);
    if (status != RM_OK) {
        rm_heat_chosen_clear(&chosen);
        return status;
    }
    period->points = chosen.count;
    period->weight = total_weight(&chosen);
    *out = chosen;
    return RM_OK;
}

static rm_status keep_marked(rm_heat_chosen *out, const rm_heat_chosen *chosen, const uint8_t *use,
                             rm_error *err)
{
    int64_t at = 0;
    for (int64_t i = 0; i < chosen->count; i++)
        out->count += use[i];
    RM_TRY(RM_NEW(&out->x, out->count, err));
    RM_TRY(RM_NEW(&out->y, out->count, err));
    if (chosen->weight)
        RM_TRY(RM_NEW(&out->weight, out->count, err));
    for (int64_t i = 0; i < chosen->count; i++) {
        if (!use[i])
            continue;
        out->x[at] = chosen->x[i];
        out->y[at] = chosen->y[i];
        if (chosen->weight)
            out->weight[at] = chosen->weight[i];
        at++;
    }
    return RM_OK;
}

rm_status rm_heat_choose_inside(rm_heat_chosen *out, rm_heat_period *period,
                                const rm_heat_chosen *chosen, const rm_heat_area *area,
                                rm_progress *progress, rm_error *err)
{
    uint8_t *use = NULL;
    rm_heat_chosen inside = {0};
    if (!area->join)
        return RM_OK;
    RM_TRY(RM_NEW(&use, chosen->count, err));
    rm_status status =
        rm_heat_area_hold(use, area, chosen->x, chosen->y, chosen->count, progress, err);
    if (status == RM_OK)
        status = keep_marked(&inside, chosen, use, err);
    rm_release(use);
    if (status != RM_OK) {
        rm_heat_chosen_clear(&inside);
        return status;
    }
    period->points = inside.count;
    period->weight = total_weight(&inside);
    *out = inside;
    return RM_OK;
}

rm_status rm_heat_weigh_alike(rm_heat_chosen *chosen, rm_error *err)
{
    RM_TRY(RM_NEW(&chosen->weight, chosen->count, err));
    for (int64_t i = 0; i < chosen->count; i++)
        chosen->weight[i] = 1.0;
    return RM_OK;
}

void rm_heat_chosen_clear(rm_heat_chosen *chosen)
{
    rm_release(chosen->x);
    rm_release(chosen->y);
    rm_release(chosen->weight);
    rm_release(chosen->bandwidth);
    *chosen = (rm_heat_chosen){0};
}
