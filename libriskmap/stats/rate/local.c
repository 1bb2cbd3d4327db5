#include "stats/rate/rate.h"

#include <math.h>

enum { AREAS_A_TICK = 256 };

static const char MESSAGE[] = "rates";

/* The area itself and then its neighbours, those that have a rate. Sums are in the order of the
 * neighbours, of which there are few, so their error is a few roundings. */
typedef struct circle {
    const double *events, *exposure;
    const rm_weights *weights;
    int64_t centre;
} circle;

static int64_t members(const circle *around)
{
    return around->weights->start[around->centre + 1] - around->weights->start[around->centre] + 1;
}

/* The area that is member k, or -1 when it does not count. */
static int64_t member(const circle *around, int64_t k)
{
    const rm_weights *weights = around->weights;
    int64_t area = around->centre;
    if (k > 0) {
        int64_t link = weights->start[area] + k - 1;
        if (weights->weight && weights->weight[link] == 0.0)
            return -1;
        area = weights->to[link];
    }
    return rm_rate_exists(around->events[area], around->exposure[area]) ? area : -1;
}

static rm_status fit_circle(rm_rate_prior *prior, const circle *around, rm_error *err)
{
    double all_events = 0.0, all_exposure = 0.0, squares = 0.0;

    *prior = (rm_rate_prior){0};
    for (int64_t k = 0; k < members(around); k++) {
        int64_t area = member(around, k);
        if (area < 0)
            continue;
        all_events += around->events[area];
        all_exposure += around->exposure[area];
        prior->areas++;
    }
    prior->mean = all_events / all_exposure;
    prior->mean_exposure = all_exposure / (double)prior->areas;
    for (int64_t k = 0; k < members(around); k++) {
        int64_t area = member(around, k);
        if (area < 0)
            continue;
        double away = around->events[area] / around->exposure[area] - prior->mean;
        squares += around->exposure[area] * away * away;
    }
    prior->spread = squares / all_exposure;
    double excess = prior->spread - prior->mean / prior->mean_exposure;
    if (!isfinite(excess))
        return rm_fail_row(err, RM_EINVAL, around->centre,
                           "events or exposures around row %lld are too large to make a prior rate "
                           "from",
                           (long long)around->centre);
    prior->variance = excess > 0.0 ? excess : 0.0;
    return RM_OK;
}

static rm_status each_area(double *rate, double *mean, double *variance, const double *events,
                           const double *exposure, const rm_weights *weights, rm_progress *progress,
                           rm_error *err)
{
    circle around = {.events = events, .exposure = exposure, .weights = weights};

    for (int64_t i = 0; i < weights->count; i++) {
        if (i % AREAS_A_TICK == 0)
            RM_TRY(rm_progress_report(progress, (double)i / (double)weights->count, MESSAGE, err));
        rm_rate_prior prior = {.mean = NAN, .variance = NAN};
        around.centre = i;
        if (rm_rate_exists(events[i], exposure[i]))
            RM_TRY(fit_circle(&prior, &around, err));
        rm_rate_apply(&rate[i], &events[i], &exposure[i], 1, 0.0, &prior);
        mean[i] = prior.mean;
        variance[i] = prior.variance;
    }
    return rm_progress_report(progress, 1.0, MESSAGE, err);
}

rm_status rm_rate_local(double *rate, double *mean, double *variance, const double *events,
                        const double *exposure, const rm_weights *weights, rm_progress *progress,
                        rm_error *err)
{
    int64_t count = weights->count;
    double *made = NULL;

    RM_TRY(rm_rate_refuse_negative(events, count, "the number of events", err));
    RM_TRY(rm_rate_refuse_negative(exposure, count, "the exposure", err));
    RM_TRY(RM_NEW(&made, 3 * count, err));
    rm_status status =
        each_area(made, made + count, made + 2 * count, events, exposure, weights, progress, err);
    for (int64_t i = 0; i < count && status == RM_OK; i++) {
        rate[i] = made[i];
        if (mean)
            mean[i] = made[count + i];
        if (variance)
            variance[i] = made[2 * count + i];
    }
    rm_release(made);
    return status;
}
