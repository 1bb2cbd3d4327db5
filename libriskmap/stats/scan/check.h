/* What a scan can work with. */
#ifndef RM_STATS_SCAN_CHECK_H
#define RM_STATS_SCAN_CHECK_H

#include "stats/scan/scan.h"

/* RM_EINVAL for what rm_scan_run cannot take, with its row; else the totals. weight[areas] becomes
 * the population of each area, summed over the steps. */
rm_status rm_scan_check(double *weight, double *population, int64_t *cases,
                        const rm_scan_input *input, rm_error *err);
rm_status rm_scan_check_options(const rm_scan_options *options, int32_t steps, rm_error *err);
/* Steps of the longest cylinder. */
int32_t rm_scan_longest(const rm_scan_options *options, int32_t steps);

#endif
