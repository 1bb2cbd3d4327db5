/* Progress towards the caller, and cancelling. */
#ifndef RM_BASE_PROGRESS_H
#define RM_BASE_PROGRESS_H

#include "base/status.h"

#include <stdatomic.h>
#include <stdbool.h>

/* One per public call. Only the calling thread reports; any thread may ask whether to stop. */
typedef struct rm_progress {
    rm_progress_fn call; /* may be NULL */
    void *user;
    double from, to; /* the part of the whole that the present stage covers */
    double last;     /* monotonic seconds of the last report; below 0: none */
    double fraction; /* of the stage, when it was last reported */
    atomic_bool cancelled;
} rm_progress;

void rm_progress_start(rm_progress *progress, rm_progress_fn call, void *user);
/* The next stage covers from..to of the whole. */
void rm_progress_stage(rm_progress *progress, double from, double to);
/* For work of several parts, whose caller has a stage for it as a whole. */
typedef struct rm_stage {
    double from, to;
} rm_stage;
rm_stage rm_progress_present(const rm_progress *progress);
void rm_progress_part(rm_progress *progress, rm_stage whole, double from, double to);
/* Reports at most every 0.05 s (always for fraction 0 and 1 of a stage). progress may be NULL.
 * RM_ECANCELLED (with its message) when the caller asked to stop now or before. */
rm_status rm_progress_report(rm_progress *progress, double fraction, const char *message,
                             rm_error *err);
/* As report, with the fraction of the stage that was reported last: for work that cannot tell how
 * far it is. A loop lets worker 0 do it. */
rm_status rm_progress_tick(rm_progress *progress, const char *message, rm_error *err);
/* For a chunk of a loop that may take long: worker 0 ticks, the others look whether to stop. */
rm_status rm_progress_check(rm_progress *progress, int worker, const char *message, rm_error *err);
bool rm_progress_cancelled(const rm_progress *progress);

double rm_seconds(void); /* monotonic */

#endif
