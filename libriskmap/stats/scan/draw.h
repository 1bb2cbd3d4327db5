/* Dealing cases over cells by their expected numbers (Walker's alias method, as Vose 1991). */
#ifndef RM_STATS_SCAN_DRAW_H
#define RM_STATS_SCAN_DRAW_H

#include "base/memory.h"
#include "base/random.h"

typedef struct rm_scan_sampler {
    int32_t cells; /* areas, or areas * steps */
    int32_t steps; /* over which an area's case falls evenly; 1 when cells hold the steps */
    uint64_t *cut; /* below it the cell itself, else the other */
    int32_t *other;
} rm_scan_sampler;

/* weight[cells]: 0 or more, finite, together `total` above 0. */
rm_status rm_scan_sampler_make(rm_scan_sampler *out, const double *weight, double total,
                               int32_t cells, int32_t steps, rm_error *err);
void rm_scan_sampler_clear(rm_scan_sampler *sampler);

static inline int32_t rm_scan_pick(const rm_scan_sampler *sampler, uint64_t word)
{
    rm_uint128 product = (rm_uint128)word * (uint64_t)sampler->cells;
    int32_t cell = (int32_t)(product >> 64);
    return (uint64_t)product < sampler->cut[cell] ? cell : sampler->other[cell];
}

#endif
