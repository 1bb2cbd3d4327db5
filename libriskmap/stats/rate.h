/* Rates per exposure, and their shrinkage. */
#ifndef RM_STATS_RATE_H
#define RM_STATS_RATE_H

#include "base/memory.h"

/* The prior of global empirical Bayes (Marshall 1991), made from the m areas with exposure x > 0
 * whose events n are not missing; p = n / x: b = sum n / sum x; s2 = sum x (p - b)^2 / sum x; a =
 * max(0, s2 - b / (sum x / m)). */
typedef struct rm_rate_prior {
    double mean;     /* b; NaN without any such area */
    double variance; /* a */
    int64_t areas;   /* m */
} rm_rate_prior;
/* RM_EINVAL with its row for a negative or infinite count or exposure. The outcome does not depend
 * on the order of the areas. */
rm_status rm_rate_fit(rm_rate_prior *prior, const double *events, const double *exposure,
                      int64_t count, rm_error *err);
/* rate[i] = b + a (p - b) / (a + b / x), 0/0 counting as 0, so a prior without variance gives the
 * mean; with prior = NULL the crude n / x. NaN where events or exposure are missing, and where
 * exposure is 0 or below min_exposure. Not checked: signs. */
void rm_rate_apply(double *rate, const double *events, const double *exposure, int64_t count,
                   double min_exposure, const rm_rate_prior *prior);

#endif
