/* Which points of a heat map count in which of its periods, and how much. */
#ifndef RM_OUTPUT_HEAT_PERIOD_H
#define RM_OUTPUT_HEAT_PERIOD_H

#include "output/heat/heatmap.h"

/* The points of one period. Owned. */
typedef struct rm_heat_chosen {
    double *x, *y, *weight, *bandwidth;
    int64_t count;
} rm_heat_chosen;

/* Those of the period, and inside the area where inside_only is set; with a half-life a point
 * weighs 2^(-age / half-life), its age counted back from the end of the period, or from as_of when
 * that comes first. The points of the only period are moved and not copied where it takes all. */
rm_status rm_heat_choose(rm_heat_chosen *out, rm_heat_period *period, rm_heatmap *heatmap,
                         bool inside_only, rm_progress *progress, rm_error *err);
/* Of those chosen the ones inside the area, of which period tells; empty: there is no area. */
rm_status rm_heat_choose_inside(rm_heat_chosen *out, rm_heat_period *period,
                                const rm_heat_chosen *chosen, const rm_heat_area *area,
                                rm_progress *progress, rm_error *err);
/* Gives them a weight of 1 each where they have none. */
rm_status rm_heat_weigh_alike(rm_heat_chosen *chosen, rm_error *err);
void rm_heat_chosen_clear(rm_heat_chosen *chosen);

#endif
