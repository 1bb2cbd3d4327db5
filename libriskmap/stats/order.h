/* Sorting and summing whose outcome does not depend on the order of the input. */
#ifndef RM_STATS_ORDER_H
#define RM_STATS_ORDER_H

#include "base/memory.h"
#include "base/progress.h"

/* A value as an integer that sorts as the double does, and where it stood. */
typedef struct rm_keyed {
    uint64_t key;
    int32_t index;
} rm_keyed;

/* *out (caller releases): the values that are not NaN, ascending, equal ones in the order of the
 * input; *present tells how many. Time linear in count. RM_EINVAL for an infinite value, named by
 * `what`. Progress (may be NULL) ticks. */
rm_status rm_sort_present(rm_keyed **out, int64_t *present, const double *values, int64_t count,
                          const char *what, rm_progress *progress, rm_error *err);
double rm_keyed_value(rm_keyed keyed);

/* For qsort: ascending, NaN last. */
int rm_compare_doubles(const void *left, const void *right);

/* How many of the ascending values lie below x (or, with equal, not above it). No branch on the
 * data: a misprediction a step costs more than the step. */
static inline int64_t rm_count_below(const double *sorted, int64_t count, double x, bool equal)
{
    const double *base = sorted;
    while (count > 1) {
        int64_t half = count / 2;
        base += (equal ? base[half - 1] <= x : base[half - 1] < x) ? half : 0;
        count -= half;
    }
    return (base - sorted) + (count == 1 && (equal ? *base <= x : *base < x));
}

/* RM_EINVAL with the row of the first infinite value; NaN passes. */
rm_status rm_refuse_infinite(const double *values, int64_t count, const char *what, rm_error *err);

/* The exact sum of finite values, rounded once (Shewchuk 1997, as Python's math.fsum). Start with
 * {0}. */
typedef struct rm_exact {
    double
        parts[48]; /* not overlapping, ascending in size: the range of a double holds at most 40 */
    int count;
    bool overflowed;
} rm_exact;
void rm_exact_add(rm_exact *sum, double value);
double rm_exact_value(const rm_exact *sum); /* NaN when it left the range of a double */

#endif
