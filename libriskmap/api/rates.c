#include "riskmap/rates.h"

#include "api/options.h"
#include "base/parallel.h"
#include "stats/rate/exact.h"
#include "stats/rate/rate.h"

#include <math.h>
#include <string.h>

static rm_status check_arrays(bool present, int64_t count, rm_error *err)
{
    if (count < 0 || (count > 0 && !present))
        return rm_fail(err, RM_EINVAL, "an array is NULL, or count is %lld", (long long)count);
    return RM_OK;
}

rm_status rm_rates(double *rate, const double *events, const double *exposure, int64_t count,
                   double min_exposure, int32_t method, rm_error *err)
{
    rm_rate_prior prior;
    RM_TRY(check_arrays(rate && events && exposure, count, err));
    if (method < RM_RATE_CRUDE || method > RM_RATE_GLOBAL_BINOMIAL)
        return rm_fail(err, RM_EINVAL,
                       "method %d does not exist; RM_RATE_CRUDE to RM_RATE_GLOBAL_BINOMIAL",
                       method);
    RM_TRY(rm_rate_fit(&prior, events, exposure, count, err));
    if (method == RM_RATE_GLOBAL_BINOMIAL) {
        RM_TRY(rm_rate_check_binomial(events, exposure, count, err));
        rm_rate_apply_binomial(rate, events, exposure, count, min_exposure, &prior);
    } else {
        rm_rate_apply(rate, events, exposure, count, min_exposure,
                      method == RM_RATE_GLOBAL ? &prior : NULL);
    }
    return RM_OK;
}

rm_status rm_rates_local(double *rate, double *mean, double *variance, const double *events,
                         const double *exposure, int64_t count, const rm_weights *weights,
                         rm_progress_fn progress, void *progress_user, rm_error *err)
{
    rm_progress telling;
    RM_TRY(check_arrays(rate && events && exposure, count, err));
    if (!weights || weights->count != count)
        return rm_fail(err, RM_EINVAL, "there are %lld areas, but weights of %lld",
                       (long long)count, weights ? (long long)weights->count : 0LL);
    rm_progress_start(&telling, progress, progress_user);
    return rm_rate_local(rate, mean, variance, events, exposure, weights, &telling, err);
}

rm_status rm_rate_deviates(double *z, const double *events, const double *exposure, int64_t count,
                           rm_error *err)
{
    rm_rate_prior prior;
    RM_TRY(check_arrays(z && events && exposure, count, err));
    RM_TRY(rm_rate_fit(&prior, events, exposure, count, err));
    rm_rate_deviate(z, events, exposure, count, &prior);
    return RM_OK;
}

enum { AREAS_A_CHUNK = 1024 };

/* Of a probability map what is wanted of expected, relative risk, at most and at least. */
typedef struct standing_out {
    const double *events, *exposure;
    const rm_rate_prior *prior;
    double *of[4]; /* NULL: not wanted */
} standing_out;

static double *from_on(double *values, int64_t begin)
{
    return values ? values + begin : NULL;
}

static rm_status stand_out(void *context, int64_t begin, int64_t end, int worker, rm_error *err)
{
    const standing_out *s = context;
    (void)worker;
    (void)err;
    rm_rate_stand_out(from_on(s->of[0], begin), from_on(s->of[1], begin), from_on(s->of[2], begin),
                      from_on(s->of[3], begin), s->events + begin, s->exposure + begin, end - begin,
                      s->prior);
    return RM_OK;
}

rm_status rm_probability_map(double *expected, double *relative_risk, double *at_most,
                             double *at_least, const double *events, const double *exposure,
                             int64_t count, rm_progress_fn progress, void *progress_user,
                             rm_error *err)
{
    double *const out[4] = {expected, relative_risk, at_most, at_least};
    double *made = NULL;
    rm_rate_prior prior;
    rm_progress telling;
    standing_out s = {.events = events, .exposure = exposure, .prior = &prior};
    RM_TRY(check_arrays(events && exposure, count, err));
    RM_TRY(rm_exact_check_counts(events, count, RM_EXACT_MOST, "the number of events", err));
    RM_TRY(rm_rate_fit(&prior, events, exposure, count, err));
    rm_progress_start(&telling, progress, progress_user);
    RM_TRY(RM_NEW(&made, 4 * count, err));
    for (int o = 0; o < 4; o++)
        s.of[o] = out[o] ? made + o * count : NULL;
    rm_status status =
        rm_parallel(count, AREAS_A_CHUNK, 1, stand_out, &s, &telling, "probabilities", err);
    for (int o = 0; o < 4 && status == RM_OK && count > 0; o++)
        if (out[o])
            memcpy(out[o], s.of[o], (size_t)count * sizeof *made);
    rm_release(made);
    return status;
}

void rm_exact_options_init(rm_exact_options *options)
{
    *options = (rm_exact_options)RM_EXACT_OPTIONS_INIT;
}

static rm_status options_read(rm_exact_options *out, const rm_exact_options *options,
                              rm_progress *progress, rm_error *err)
{
    rm_exact_options_init(out);
    RM_TRY(RM_TAKE_OPTIONS(out, options, rm_exact_options, RM_EXACT_OPTIONS_INIT, two_sided, err));
    if (out->threads < 0 || out->threads > 64)
        return rm_fail(err, RM_EINVAL, "threads is %d; 0 (all cores) to 64", out->threads);
    if (out->two_sided < RM_TWO_SIDED_DOUBLED || out->two_sided > RM_TWO_SIDED_LIKELIHOOD)
        return rm_fail(err, RM_EINVAL,
                       "two_sided is %d; RM_TWO_SIDED_DOUBLED or RM_TWO_SIDED_LIKELIHOOD",
                       out->two_sided);
    rm_progress_start(progress, out->progress, out->progress_user);
    return RM_OK;
}

rm_status rm_rate_intervals(double *rate, double *lower, double *upper, const double *events,
                            const double *exposure, int64_t count, const rm_exact_options *options,
                            rm_error *err)
{
    rm_exact_options taken;
    rm_progress progress;
    RM_TRY(check_arrays(lower && upper && events && exposure, count, err));
    RM_TRY(options_read(&taken, options, &progress, err));
    return rm_exact_intervals(rate, lower, upper, events, exposure, count, taken.confidence,
                              rm_threads(taken.threads), &progress, err);
}

rm_status rm_rate_change(const rm_change *change, const double *c1, const double *e1,
                         const double *c2, const double *e2, int64_t count,
                         const rm_exact_options *options, rm_error *err)
{
    rm_exact_options taken;
    rm_change wanted = RM_CHANGE_INIT;
    rm_progress progress;
    RM_TRY(check_arrays(c1 && e1 && c2 && e2, count, err));
    if (!change)
        return rm_fail(err, RM_EINVAL, "change is NULL; begin with RM_CHANGE_INIT");
    RM_TRY(RM_TAKE_OPTIONS(&wanted, change, rm_change, RM_CHANGE_INIT, expected, err));
    RM_TRY(options_read(&taken, options, &progress, err));
    return rm_exact_changes(&wanted, c1, e1, c2, e2, count, taken.confidence, taken.two_sided,
                            rm_threads(taken.threads), &progress, err);
}
