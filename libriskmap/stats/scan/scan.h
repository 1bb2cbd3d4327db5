/* Kulldorff's scan statistic: from arrays to clusters with p-values. */
#ifndef RM_STATS_SCAN_H
#define RM_STATS_SCAN_H

#include "base/memory.h"
#include "riskmap/scan.h"

#include <stdbool.h>

typedef struct rm_scan_input {
    const double *x, *y;      /* [areas] metres */
    const double *population; /* [areas], or [areas * steps] area by area when by_step */
    const int32_t *cases;     /* [areas * steps], area by area */
    int32_t areas, steps;     /* 1 step: in space alone */
    bool by_step;
} rm_scan_input;

typedef struct rm_scan_found {
    rm_scan_cluster cluster;
    int32_t *members; /* [cluster.area_count] */
} rm_scan_found;

struct rm_scan { /* opaque to the public */
    rm_scan_summary about;
    rm_scan_found *centres;  /* [areas]: the best zone of each */
    rm_scan_found *clusters; /* [about.clusters]: the most likely first */
    double *maxima;          /* [about.replicates] */
};

/* The scan that riskmap/scan.h describes, with its checks. */
rm_status rm_scan_run(rm_scan **out, const rm_scan_input *input, const rm_scan_options *options,
                      rm_error *err);

#endif
