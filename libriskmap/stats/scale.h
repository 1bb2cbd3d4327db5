/* Bringing indicators to one scale. Arrays in, arrays out; NaN is missing,
 * infinite is RM_EINVAL. */
#ifndef RM_STATS_SCALE_H
#define RM_STATS_SCALE_H

#include "base/memory.h"
#include "base/progress.h"

/* With x and its parameters multiplied by the direction; definitions as in COINr (Becker et al.
 * 2022). */
typedef enum rm_scale {
    RM_SCALE_MINMAX,     /* (x - min) / (max - min) */
    RM_SCALE_ZSCORE,     /* (x - mean) / sd, sd with n - 1 */
    RM_SCALE_RANK,       /* rank ascending, ties the lowest number */
    RM_SCALE_PERCENTILE, /* (rank - 1) / (n - 1), ties averaged (COINr: ties lowest; OECD: rank / n)
                          */
    RM_SCALE_FIXED       /* (x - a) / (b - a), kept within 0..1 */
} rm_scale;
#define RM_SCALES 5

/* "minmax", ...: the names that models and results use, in the order of rm_scale. */
extern const char *const rm_scale_names[RM_SCALES];

/* What scaling needs to be done again on other data. For rank and percentile the sorted present
 * values (direction applied) are kept and a and b are NaN; the others use a and b (min, max; mean,
 * sd; bounds) of the raw values, whatever the direction. Start with {0}, then method and direction.
 */
typedef struct rm_scaling {
    int32_t method;    /* rm_scale */
    int32_t direction; /* +1 or -1: the value is multiplied by it before anything else */
    double a, b;
    double *sorted; /* owned */
    int64_t count;  /* present values it was fitted on */
    bool constant;  /* fewer than two different values (none when count is 0): all scales to NaN.
                       Never for fixed, whose bounds do not come from the data */
} rm_scaling;

/* Fits on values; what an earlier fit left is replaced. fixed: a < b are given (bounds of the raw
 * value) and only checked. The outcome does not depend on the order of the values.
 * progress may be NULL: sorting ticks. */
rm_status rm_scaling_fit(rm_scaling *scaling, const double *values, int64_t count,
                         rm_progress *progress, rm_error *err);
/* scaled may be values. With parameters of other data: minmax and fixed are kept within 0..1, rank
 * and percentile interpolate among the sorted values and stop at the outermost. Parameters that
 * cannot scale (min = max, sd = 0, nothing fitted) give NaN. */
rm_status rm_scaling_apply(const rm_scaling *scaling, const double *values, double *scaled,
                           int64_t count, rm_error *err);
void rm_scaling_clear(rm_scaling *scaling);

#endif
