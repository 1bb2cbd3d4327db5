/* The circles of a scan. */
#ifndef RM_STATS_SCAN_ZONES_H
#define RM_STATS_SCAN_ZONES_H

#include "base/memory.h"
#include "base/progress.h"

#include <stdbool.h>

/* The circles round one area: each holds the members up to one at which it may end. */
typedef struct rm_scan_centre {
    int32_t count;      /* members of the largest circle */
    int32_t circles;    /* of how many a circle ends */
    int32_t *member;    /* areas, nearest first; ties by x, then y, then row */
    double *population; /* of the circle that ends here; NaN where none ends */
    uint16_t *bucket;   /* [2 * count]: where its thresholds stand (scan_bounds.h) */
} rm_scan_centre;

typedef struct rm_scan_zones {
    int32_t areas;
    int64_t circles;
    double total;           /* population */
    rm_scan_centre *centre; /* [areas] */
} rm_scan_zones;

typedef struct rm_scan_reach {
    double share;       /* of the population that a circle may hold */
    double radius;      /* metres; infinite: any */
    bool ties_together; /* areas at one distance, not only those at one place, enter together */
} rm_scan_reach;

/* Not checked: coordinates finite, population finite and not negative, total above 0. */
rm_status rm_scan_zones_make(rm_scan_zones *out, const double *x, const double *y,
                             const double *population, double total, int32_t areas,
                             const rm_scan_reach *reach, int threads, rm_progress *progress,
                             rm_error *err);
void rm_scan_zones_clear(rm_scan_zones *zones);

#endif
