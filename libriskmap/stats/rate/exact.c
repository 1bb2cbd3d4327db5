#include "stats/rate/exact.h"

#include "stats/rate/probability.h"
#include "stats/rate/rate.h"

#include <math.h>
#include <string.h>

enum { CHUNK = 64, CHANGES = 7 };

#define MOST_COMPARED 2147483648.0 /* a comparison takes the root of its counts in steps */

rm_status rm_exact_check_counts(const double *counts, int64_t count, double most, const char *what,
                                rm_error *err)
{
    RM_TRY(rm_rate_refuse_negative(counts, count, what, err));
    for (int64_t i = 0; i < count; i++) {
        if (counts[i] != floor(counts[i]) && !isnan(counts[i]))
            return rm_fail_row(
                err, RM_EINVAL, i,
                "%s of row %lld is not a whole number; exact methods are for counts, "
                "not for weighted ones",
                what, (long long)i);
        if (counts[i] > most)
            return rm_fail_row(err, RM_EINVAL, i, "%s of row %lld is above %.0f", what,
                               (long long)i, most);
    }
    return RM_OK;
}

static rm_status check_confidence(double confidence, rm_error *err)
{
    if (!(confidence > 0.0 && confidence < 1.0))
        return rm_fail(err, RM_EINVAL, "confidence is %g; give a number between 0 and 1, like 0.95",
                       confidence);
    return RM_OK;
}

void rm_exact_poisson(double *lower, double *upper, double events, double beyond)
{
    *lower = events > 0.0 ? rm_gamma_lower_quantile(events, beyond) : 0.0;
    *upper = rm_gamma_upper_quantile(events + 1.0, beyond);
}

rm_exact_change rm_exact_compare(double c1, double e1, double c2, double e2, double beyond,
                                 bool interval, bool by_likelihood)
{
    rm_exact_change change = {NAN, NAN, NAN, NAN, NAN, NAN, NAN};
    if (!rm_rate_exists(c1, e1) || !rm_rate_exists(c2, e2))
        return change;
    double both = 0.5 * e1 + 0.5 * e2; /* halved, as the sum may be infinite */
    double p = 0.5 * e2 / both, q = 0.5 * e1 / both, n = c1 + c2;
    change.expected = c1 * (e2 / e1);
    change.ratio = c2 / c1 * (e1 / e2); /* 0/0 is NaN, as it should be */
    change.greater = rm_binomial_at_least(c2, n, p, q);
    change.less = rm_binomial_at_most(c2, n, p, q);
    change.two_sided = by_likelihood ? rm_binomial_as_unlikely(c2, n, p, q)
                                     : fmin(1.0, 2.0 * fmin(change.greater, change.less));
    if (interval) {
        change.lower = c2 > 0.0 ? rm_beta_lower_odds(c2, c1 + 1.0, beyond) * (e1 / e2) : 0.0;
        change.upper = c1 > 0.0 ? rm_beta_upper_odds(c2 + 1.0, c1, beyond) * (e1 / e2) : INFINITY;
    }
    return change;
}

/* ---- over many areas ------------------------------------------------------------------------ */

typedef struct intervals {
    double *lower, *upper;
    const double *events, *exposure;
    double beyond;
} intervals;

static rm_status interval_chunk(void *context, int64_t begin, int64_t end, int worker,
                                rm_error *err)
{
    const intervals *work = context;
    (void)worker;
    (void)err;
    for (int64_t i = begin; i < end; i++) {
        double lower = NAN, upper = NAN, exposure = work->exposure[i];
        if (rm_rate_exists(work->events[i], exposure))
            rm_exact_poisson(&lower, &upper, work->events[i], work->beyond);
        work->lower[i] = lower / exposure;
        work->upper[i] = upper / exposure;
    }
    return RM_OK;
}

rm_status rm_exact_intervals(double *rate, double *lower, double *upper, const double *events,
                             const double *exposure, int64_t count, double confidence, int threads,
                             rm_progress *progress, rm_error *err)
{
    intervals work = {.events = events, .exposure = exposure, .beyond = 0.5 * (1.0 - confidence)};
    size_t bytes = (size_t)count * sizeof(double);

    RM_TRY(check_confidence(confidence, err));
    RM_TRY(rm_exact_check_counts(events, count, RM_EXACT_MOST, "the number of events", err));
    RM_TRY(rm_rate_refuse_negative(exposure, count, "the exposure", err));
    rm_status status = RM_NEW(&work.lower, count, err);
    if (status == RM_OK)
        status = RM_NEW(&work.upper, count, err);
    if (status == RM_OK)
        status =
            rm_parallel(count, CHUNK, threads, interval_chunk, &work, progress, "intervals", err);
    if (status == RM_OK && count > 0) {
        if (rate)
            rm_rate_apply(rate, events, exposure, count, 0.0, NULL);
        if (lower)
            memcpy(lower, work.lower, bytes);
        if (upper)
            memcpy(upper, work.upper, bytes);
    }
    rm_release(work.lower);
    rm_release(work.upper);
    return status;
}

typedef struct changes {
    rm_exact_change *made;
    const double *c1, *e1, *c2, *e2;
    double beyond;
    bool interval, by_likelihood;
} changes;

static rm_status change_chunk(void *context, int64_t begin, int64_t end, int worker, rm_error *err)
{
    const changes *work = context;
    (void)worker;
    (void)err;
    for (int64_t i = begin; i < end; i++)
        work->made[i] = rm_exact_compare(work->c1[i], work->e1[i], work->c2[i], work->e2[i],
                                         work->beyond, work->interval, work->by_likelihood);
    return RM_OK;
}

static void hand_out(const rm_change *change, const rm_exact_change *made, int64_t count)
{
    for (int64_t i = 0; i < count; i++) {
        double *const to[CHANGES] = {change->expected, change->ratio,   change->lower,
                                     change->upper,    change->greater, change->less,
                                     change->two_sided};
        const double from[CHANGES] = {made[i].expected, made[i].ratio,   made[i].lower,
                                      made[i].upper,    made[i].greater, made[i].less,
                                      made[i].two_sided};
        for (int k = 0; k < CHANGES; k++)
            if (to[k])
                to[k][i] = from[k];
    }
}

static rm_status check_changes(const changes *work, int64_t count, double confidence, rm_error *err)
{
    RM_TRY(check_confidence(confidence, err));
    RM_TRY(rm_exact_check_counts(work->c1, count, MOST_COMPARED, "the count before", err));
    RM_TRY(rm_exact_check_counts(work->c2, count, MOST_COMPARED, "the count after", err));
    RM_TRY(rm_rate_refuse_negative(work->e1, count, "the exposure before", err));
    return rm_rate_refuse_negative(work->e2, count, "the exposure after", err);
}

rm_status rm_exact_changes(const rm_change *change, const double *c1, const double *e1,
                           const double *c2, const double *e2, int64_t count, double confidence,
                           int32_t two_sided, int threads, rm_progress *progress, rm_error *err)
{
    changes work = {.c1 = c1,
                    .e1 = e1,
                    .c2 = c2,
                    .e2 = e2,
                    .beyond = 0.5 * (1.0 - confidence),
                    .interval = change->lower || change->upper,
                    .by_likelihood = two_sided == RM_TWO_SIDED_LIKELIHOOD};

    RM_TRY(check_changes(&work, count, confidence, err));
    RM_TRY(RM_NEW(&work.made, count, err));
    rm_status status =
        rm_parallel(count, CHUNK, threads, change_chunk, &work, progress, "changes", err);
    if (status == RM_OK)
        hand_out(change, work.made, count);
    rm_release(work.made);
    return status;
}
