/* Which cylinders of a scan become its clusters. */
#ifndef RM_STATS_SCAN_CLUSTERS_H
#define RM_STATS_SCAN_CLUSTERS_H

#include "riskmap/scan.h"
#include "stats/scan/sweep.h"

typedef struct rm_scan_candidate {
    rm_scan_best best;
    int32_t centre;
} rm_scan_candidate;

typedef struct rm_scan_list {
    rm_scan_candidate *item;
    int64_t count, room;
} rm_scan_list;

/* Adds the candidates of one centre to the list: its best cylinder, and with RM_SCAN_PERIODS those
 * before and after it. The worker holds the observed counts. */
rm_status rm_scan_gather(rm_scan_list *list, rm_scan_worker *worker, const rm_scan_model *model,
                         int32_t centre, const rm_scan_best *best, int32_t secondary,
                         rm_error *err);

/* Sorts the list, the most likely first, and keeps of it those that share nothing with one before:
 * no area in the same step, or with RM_SCAN_APART no area at all. */
rm_status rm_scan_choose(rm_scan_list *list, const rm_scan_model *model, int32_t secondary,
                         rm_error *err);

#endif
