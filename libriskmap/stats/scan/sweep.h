/* Scanning all circles for one set of counts, or for many replicates of them. */
#ifndef RM_STATS_SCAN_SWEEP_H
#define RM_STATS_SCAN_SWEEP_H

#include "stats/scan/bounds.h"
#include "stats/scan/draw.h"

/* The best cylinder found so far. */
typedef struct rm_scan_best {
    double llr, expected;
    int32_t circle; /* the last of its members in the centre's list */
    int32_t start, length;
    int32_t cases;
    bool low;
} rm_scan_best;

/* What one thread works with. The model must outlive it. */
typedef struct rm_scan_worker rm_scan_worker;
rm_status rm_scan_worker_new(rm_scan_worker **out, const rm_scan_model *model, rm_error *err);
void rm_scan_worker_free(rm_scan_worker *worker);

/* Takes the counts of [areas * steps] cells to be scanned. */
void rm_scan_worker_load(rm_scan_worker *worker, const int32_t *cases);
/* The best cylinder round one centre, of those that beat *best; of equals the one on the smallest
 * circle, then the shortest, then the earliest, high before low. */
void rm_scan_worker_centre(rm_scan_worker *worker, int32_t centre, rm_scan_best *best);
/* The same of the cylinders that lie in the steps from .. to-1, of a scan that is not prospective:
 * they are few, and none of the whole period. */
void rm_scan_worker_between(rm_scan_worker *worker, int32_t centre, int32_t from, int32_t to,
                            rm_scan_best *best);
/* Deals C cases and scans them: maxima[r] for the replicates begin .. end-1. For scans in space
 * alone end - begin <= RM_SCAN_AT_ONCE are done at once. */
enum { RM_SCAN_AT_ONCE = 32 };
void rm_scan_worker_replicates(rm_scan_worker *worker, const rm_scan_sampler *sampler,
                               uint64_t seed, int64_t begin, int64_t end, double *maxima);

#endif
