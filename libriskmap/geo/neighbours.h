/* Neighbours by the distance between points. */
#ifndef RM_GEO_NEIGHBOURS_H
#define RM_GEO_NEIGHBOURS_H

#include "base/parallel.h"
#include "base/weights.h"

#include "riskmap/weights.h"

/* What the links by distance have in common. */
typedef struct rm_linking {
    int32_t weight;     /* RM_WEIGHT_ONE or RM_WEIGHT_INVERSE_DISTANCE */
    double least;       /* a smaller distance weighs as this one */
    int64_t most_links; /* 0: what half of the machine's memory holds */
    int threads;
    rm_progress *progress;
} rm_linking;

/* As rm_weights_band and rm_weights_nearest (riskmap/weights.h) say. */
rm_status rm_neighbours_band(rm_weights *out, const double *x, const double *y, int64_t count,
                             double band, const rm_linking *how, rm_error *err);
rm_status rm_neighbours_nearest(rm_weights *out, const double *x, const double *y, int64_t count,
                                int32_t k, const rm_linking *how, rm_error *err);

#endif
