#include "stats/rate/rate.h"
#include "stats/order.h"
#include "stats/rate/probability.h"

#include <math.h>

rm_status rm_rate_refuse_negative(const double *values, int64_t count, const char *what,
                                  rm_error *err)
{
    for (int64_t i = 0; i < count; i++) {
        if (values[i] < 0.0)
            return rm_fail_row(err, RM_EINVAL, i, "%s of row %lld is negative", what, (long long)i);
    }
    return rm_refuse_infinite(values, count, what, err);
}

bool rm_rate_exists(double events, double exposure)
{
    return exposure > 0.0 && !isnan(events);
}

rm_status rm_rate_fit(rm_rate_prior *prior, const double *events, const double *exposure,
                      int64_t count, rm_error *err)
{
    rm_rate_prior fit = {.mean = NAN};
    rm_exact all_events = {0}, all_exposure = {0}, squares = {0};

    RM_TRY(rm_rate_refuse_negative(events, count, "the number of events", err));
    RM_TRY(rm_rate_refuse_negative(exposure, count, "the exposure", err));
    for (int64_t i = 0; i < count; i++) {
        if (!rm_rate_exists(events[i], exposure[i]))
            continue;
        rm_exact_add(&all_events, events[i]);
        rm_exact_add(&all_exposure, exposure[i]);
        fit.areas++;
    }
    if (fit.areas > 0) {
        double total = rm_exact_value(&all_exposure);
        fit.mean = rm_exact_value(&all_events) / total;
        for (int64_t i = 0; i < count; i++) {
            if (!rm_rate_exists(events[i], exposure[i]))
                continue;
            double away = events[i] / exposure[i] - fit.mean;
            rm_exact_add(&squares, exposure[i] * away * away);
        }
        fit.spread = rm_exact_value(&squares) / total;
        fit.mean_exposure = total / (double)fit.areas;
        double excess = fit.spread - fit.mean / fit.mean_exposure;
        if (!isfinite(fit.mean) || !isfinite(excess))
            return rm_fail(err, RM_EINVAL,
                           "events or exposures are too large to make a prior rate from");
        fit.variance = excess > 0.0 ? excess : 0.0;
    }
    *prior = fit;
    return RM_OK;
}

void rm_rate_apply(double *rate, const double *events, const double *exposure, int64_t count,
                   double min_exposure, const rm_rate_prior *prior)
{
    for (int64_t i = 0; i < count; i++) {
        rate[i] = NAN;
        if (!rm_rate_exists(events[i], exposure[i]) || exposure[i] < min_exposure)
            continue;
        double crude = events[i] / exposure[i];
        if (!prior)
            rate[i] = crude;
        else if (prior->variance == 0.0) /* also 0/0: a mean of 0 */
            rate[i] = prior->mean;
        else
            rate[i] = prior->mean + prior->variance * (crude - prior->mean) /
                                        (prior->variance + prior->mean / exposure[i]);
    }
}

rm_status rm_rate_check_binomial(const double *events, const double *exposure, int64_t count,
                                 rm_error *err)
{
    for (int64_t i = 0; i < count; i++) {
        if (!rm_rate_exists(events[i], exposure[i]))
            continue;
        if (events[i] > exposure[i])
            return rm_fail_row(
                err, RM_EINVAL, i,
                "row %lld has more events than exposure, which is not binomial; take "
                "the Poisson method",
                (long long)i);
        if (exposure[i] < 1.0)
            return rm_fail_row(err, RM_EINVAL, i,
                               "the exposure of row %lld is below 1; binomial events need an "
                               "exposure in units that each can have one",
                               (long long)i);
    }
    return RM_OK;
}

void rm_rate_apply_binomial(double *rate, const double *events, const double *exposure,
                            int64_t count, double min_exposure, const rm_rate_prior *prior)
{
    double by_chance = prior->mean * (1.0 - prior->mean);
    double excess = prior->spread - by_chance / prior->mean_exposure;

    for (int64_t i = 0; i < count; i++) {
        double n = events[i], x = exposure[i];
        rate[i] = NAN;
        if (!rm_rate_exists(n, x) || x < min_exposure)
            continue;
        double share = 0.0;
        if (excess > 0.0)
            share = x * excess /
                    ((x - 1.0) * prior->spread + by_chance * (1.0 - x / prior->mean_exposure));
        rate[i] = prior->mean + share * (n / x - prior->mean);
    }
}

void rm_rate_deviate(double *z, const double *events, const double *exposure, int64_t count,
                     const rm_rate_prior *prior)
{
    for (int64_t i = 0; i < count; i++) {
        double n = events[i], x = exposure[i];
        z[i] = NAN;
        if (!rm_rate_exists(n, x))
            continue;
        double variance = prior->variance + prior->mean / x;
        z[i] = variance > 0.0 ? (n / x - prior->mean) / sqrt(variance) : 0.0;
    }
}

void rm_rate_stand_out(double *expected, double *risk, double *at_most, double *at_least,
                       const double *events, const double *exposure, int64_t count,
                       const rm_rate_prior *prior)
{
    for (int64_t i = 0; i < count; i++) {
        double n = events[i];
        bool has = rm_rate_exists(n, exposure[i]);
        double mean = has ? exposure[i] * prior->mean : NAN;
        if (at_most)
            at_most[i] = has ? rm_poisson_at_most(n, mean) : NAN;
        if (at_least)
            at_least[i] = has ? rm_poisson_at_least(n, mean) : NAN;
        if (risk)
            risk[i] = mean > 0.0 ? n / mean : NAN;
        if (expected)
            expected[i] = mean;
    }
}
