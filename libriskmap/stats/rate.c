#include "stats/rate.h"
#include "stats/order.h"

#include <math.h>

static rm_status refuse_negative(const double *values, int64_t count, const char *what,
                                 rm_error *err)
{
    for (int64_t i = 0; i < count; i++) {
        if (values[i] < 0.0)
            return rm_fail_row(err, RM_EINVAL, i, "%s of row %lld is negative", what, (long long)i);
    }
    return rm_refuse_infinite(values, count, what, err);
}

static bool has_rate(double events, double exposure)
{
    return exposure > 0.0 && !isnan(events);
}

rm_status rm_rate_fit(rm_rate_prior *prior, const double *events, const double *exposure,
                      int64_t count, rm_error *err)
{
    rm_rate_prior fit = {.mean = NAN, .variance = 0.0, .areas = 0};
    rm_exact all_events = {0}, all_exposure = {0}, squares = {0};

    RM_TRY(refuse_negative(events, count, "the number of events", err));
    RM_TRY(refuse_negative(exposure, count, "the exposure", err));
    for (int64_t i = 0; i < count; i++) {
        if (!has_rate(events[i], exposure[i]))
            continue;
        rm_exact_add(&all_events, events[i]);
        rm_exact_add(&all_exposure, exposure[i]);
        fit.areas++;
    }
    if (fit.areas > 0) {
        double total = rm_exact_value(&all_exposure);
        fit.mean = rm_exact_value(&all_events) / total;
        for (int64_t i = 0; i < count; i++) {
            if (!has_rate(events[i], exposure[i]))
                continue;
            double away = events[i] / exposure[i] - fit.mean;
            rm_exact_add(&squares, exposure[i] * away * away);
        }
        double excess = rm_exact_value(&squares) / total - fit.mean / (total / (double)fit.areas);
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
        if (!has_rate(events[i], exposure[i]) || exposure[i] < min_exposure)
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
