/* Exact intervals and tests on counts. */
#ifndef RM_STATS_RATE_EXACT_H
#define RM_STATS_RATE_EXACT_H

#include "base/parallel.h"
#include "riskmap/rates.h"

#include <stdbool.h>

/* RM_EINVAL with its row for a count that is negative, not whole or above most; NaN passes. */
rm_status rm_exact_check_counts(const double *counts, int64_t count, double most, const char *what,
                                rm_error *err);
#define RM_EXACT_MOST 9007199254740992.0 /* beyond, not every whole number is a double */

/* The bounds of a Poisson mean (Garwood 1936) of which each leaves out `beyond` at its side. */
void rm_exact_poisson(double *lower, double *upper, double events, double beyond);

/* One comparison of two counts; every member as in rm_change. */
typedef struct rm_exact_change {
    double expected, ratio, lower, upper, greater, less, two_sided;
} rm_exact_change;
/* What only costs time and is not wanted may be left out, and is then NaN. All of it is NaN when
 * anything is missing or an exposure is 0. Not checked: signs, whole numbers. */
rm_exact_change rm_exact_compare(double c1, double e1, double c2, double e2, double beyond,
                                 bool interval, bool by_likelihood);

/* The loops over areas, checks included; lower or upper or rate may be NULL. */
rm_status rm_exact_intervals(double *rate, double *lower, double *upper, const double *events,
                             const double *exposure, int64_t count, double confidence, int threads,
                             rm_progress *progress, rm_error *err);
rm_status rm_exact_changes(const rm_change *change, const double *c1, const double *e1,
                           const double *c2, const double *e2, int64_t count, double confidence,
                           int32_t two_sided, int threads, rm_progress *progress, rm_error *err);

#endif
