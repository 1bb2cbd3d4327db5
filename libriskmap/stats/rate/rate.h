/* Rates per exposure, their shrinkage, and how they stand out. Throughout, an area has a rate when
 * its exposure is above 0 and its events are not missing. */
#ifndef RM_STATS_RATE_H
#define RM_STATS_RATE_H

#include "base/progress.h"
#include "base/weights.h"

/* The prior of global empirical Bayes (Marshall 1991), made from the m areas with exposure x > 0
 * whose events n are not missing; p = n / x: b = sum n / sum x; s2 = sum x (p - b)^2 / sum x; a =
 * max(0, s2 - b / (sum x / m)). */
typedef struct rm_rate_prior {
    double mean;          /* b; NaN without any such area */
    double variance;      /* a */
    int64_t areas;        /* m */
    double spread;        /* s2 */
    double mean_exposure; /* sum x / m */
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
/* The same for binomial events, with v = b (1 - b) and xm the mean exposure: b + r (p - b), r = x
 * (s2 - v / xm) / ((x - 1) s2 + v (1 - x / xm)), or 0 when s2 does not exceed v / xm. */
void rm_rate_apply_binomial(double *rate, const double *events, const double *exposure,
                            int64_t count, double min_exposure, const rm_rate_prior *prior);
/* RM_EINVAL with its row where events exceed exposure, or exposure is between 0 and 1. */
rm_status rm_rate_check_binomial(const double *events, const double *exposure, int64_t count,
                                 rm_error *err);

/* Shrunk towards mean[i], the rate of area i and its neighbours that have one; variance[i] is the a
 * of that neighbourhood, with deviations from mean[i]. NaN for areas without a rate. A link of
 * weight 0 is none; others count alike. Progress (may be NULL) is reported. RM_EINVAL as
 * rm_rate_fit. */
rm_status rm_rate_local(double *rate, double *mean, double *variance, const double *events,
                        const double *exposure, const rm_weights *weights, rm_progress *progress,
                        rm_error *err);

/* z[i] = (p - b) / sqrt(a + b / x), 0 when b is (Assuncao and Reis 1999). */
void rm_rate_deviate(double *z, const double *events, const double *exposure, int64_t count,
                     const rm_rate_prior *prior);

/* expected = b x, risk = n / expected, at_most and at_least the Poisson tails with n in both. Any
 * may be NULL. */
void rm_rate_stand_out(double *expected, double *risk, double *at_most, double *at_least,
                       const double *events, const double *exposure, int64_t count,
                       const rm_rate_prior *prior);

/* RM_EINVAL with its row for what is negative or infinite; NaN passes. */
rm_status rm_rate_refuse_negative(const double *values, int64_t count, const char *what,
                                  rm_error *err);
bool rm_rate_exists(double events, double exposure);

#endif
