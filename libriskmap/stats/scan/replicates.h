/* Monte Carlo: the largest likelihood ratio of cases dealt at random. */
#ifndef RM_STATS_SCAN_REPLICATES_H
#define RM_STATS_SCAN_REPLICATES_H

#include "base/progress.h"
#include "stats/scan/sweep.h"

typedef struct rm_scan_trial {
    int32_t replicates; /* to do */
    int32_t stop_after; /* 0: never; else end when so many have reached `observed` */
    double observed;    /* LLR of the most likely cluster */
    uint64_t seed;
} rm_scan_trial;

/* maxima[trial->replicates]: the first *done are filled; *stopped when stop_after was met. Which
 * they are does not depend on the number of workers. */
rm_status rm_scan_replicate(double *maxima, int32_t *done, bool *stopped, rm_scan_worker **workers,
                            int threads, const rm_scan_model *model, const rm_scan_sampler *sampler,
                            const rm_scan_trial *trial, rm_progress *progress, rm_error *err);

#endif
