/* The accumulators: one per area and task, folded into by many threads. The outcome does not depend
 * on the order: counts are integers, sums fixed point, kept values are sorted before use. */
#ifndef RM_MODEL_TALLY_H
#define RM_MODEL_TALLY_H

#include "base/sums.h"
#include "geo/join.h"
#include "geo/overlay.h"
#include "model/plan.h"

typedef struct rm_kept {
    int32_t area;
    double value;
} rm_kept;

typedef struct rm_tally {
    int32_t *features; /* [areas] evidence behind the value; saturates at INT32_MAX */
    int32_t *missing;  /* [areas] evidence without the field; NULL when the task reads none */
    rm_sum *sum;       /* [areas] values or weights; NULL when the count says it all */
    rm_kept *kept;     /* median: every value */
    int64_t kept_count, kept_capacity;
    rm_geometry near; /* nearest: the evidence itself */
    rm_cover *cover;  /* cover */
} rm_tally;

/* What a batch means to one task. */
typedef struct rm_batch_view {
    const uint8_t *counts; /* [rows] 1: used, and passes where and dates */
    const double *value;   /* [rows] value or weight, NaN where the field is missing; or NULL */
} rm_batch_view;

/* weighted: the task has a half-life. join is kept for cover alone and must outlive the tally. */
rm_status rm_tally_start(rm_tally *tally, const rm_task *task, bool weighted, int64_t areas,
                         const rm_join *join, rm_error *err);
/* For counts and sums; the caller holds the lock of the areas that the hits name. */
void rm_tally_fold(rm_tally *tally, const rm_batch_view *view, const rm_hit *hits, int64_t count);
/* For medians; the caller holds the tally's lock. */
rm_status rm_tally_keep(rm_tally *tally, const rm_batch_view *view, const rm_hit *hits,
                        int64_t count, rm_error *err);
/* medians[area], NaN where nothing was kept; reorders what was kept. */
rm_status rm_tally_medians(rm_tally *tally, double *medians, int64_t areas, rm_error *err);
void rm_tally_clear(rm_tally *tally);

#endif
