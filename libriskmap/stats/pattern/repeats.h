/* The pairs of events that are near in space and in time. */
#ifndef RM_STATS_REPEATS_H
#define RM_STATS_REPEATS_H

#include "stats/pattern/knox.h"

/* Pairs of rows, the first being the earlier event, or of one day the lower row. */
typedef struct rm_repeats {
    int64_t count;
    int32_t (*pair)[2]; /* sorted */
    double *distance;   /* of the first `room` of them */
} rm_repeats;

/* The pairs in one band of each; the space band is not open-ended. room = 0 counts them alone.
 * RM_ELIMIT above 2^28 of them. *out is to be cleared once it was made. */
rm_status rm_repeats_list(rm_repeats *out, const rm_events *events, rm_knox_bands space,
                          rm_knox_bands time, int64_t room, int threads, rm_progress *progress,
                          rm_error *err);
void rm_repeats_clear(rm_repeats *repeats);

#endif
