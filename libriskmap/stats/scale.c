#include "stats/scale.h"
#include "stats/order.h"

#include <math.h>

const char *const rm_scale_names[RM_SCALES] = {"minmax", "zscore", "rank", "percentile", "fixed"};

static rm_status check_kind(const rm_scaling *scaling, rm_error *err)
{
    if (scaling->method < RM_SCALE_MINMAX || scaling->method > RM_SCALE_FIXED)
        return rm_fail(err, RM_EINVAL, "scaling method %d does not exist", (int)scaling->method);
    if (scaling->direction != 1 && scaling->direction != -1)
        return rm_fail(err, RM_EINVAL, "the direction of a scaling is +1 or -1, not %d",
                       (int)scaling->direction);
    return RM_OK;
}

static rm_status check_bounds(const rm_scaling *scaling, rm_error *err)
{
    if (!isfinite(scaling->a) || !isfinite(scaling->b) || !(scaling->a < scaling->b) ||
        !isfinite(scaling->b - scaling->a))
        return rm_fail(err, RM_EINVAL,
                       "the bounds of a fixed scale must be two numbers, the lower one first");
    return RM_OK;
}

static rm_status fail_span(rm_error *err)
{
    return rm_fail(err, RM_EINVAL, "the values lie further apart than a double can hold");
}

/* Smallest and largest present value, and how many there are. */
static void find_range(double *min, double *max, int64_t *present, const double *values,
                       int64_t count)
{
    *min = *max = NAN;
    *present = 0;
    for (int64_t i = 0; i < count; i++) {
        double value = values[i] + 0.0; /* one zero, or the order would decide which sign is kept */
        if (isnan(value))
            continue;
        *min = *present == 0 || value < *min ? value : *min;
        *max = *present == 0 || value > *max ? value : *max;
        ++*present;
    }
}

/* |values| are at most LARGEST, so that no sum of them overflows in any order. */
#define LARGEST 1e290

static void fit_moments(rm_scaling *fit, double range, const double *values, int64_t count)
{
    rm_exact total = {0}, squares = {0};

    for (int64_t i = 0; i < count; i++) {
        if (!isnan(values[i]))
            rm_exact_add(&total, values[i]);
    }
    fit->a = rm_exact_value(&total) / (double)fit->count;
    for (int64_t i = 0; i < count; i++) {
        double part = (values[i] - fit->a) / range; /* squares of tiny values would vanish */
        if (!isnan(part))
            rm_exact_add(&squares, part * part);
    }
    fit->b = range * sqrt(rm_exact_value(&squares) / (double)(fit->count - 1));
}

static rm_status fit_sorted(rm_scaling *fit, const double *values, int64_t count,
                            rm_progress *progress, rm_error *err)
{
    rm_keyed *keyed = NULL;
    int64_t present = 0;

    RM_TRY(rm_sort_present(&keyed, &present, values, count, "the value", progress, err));
    rm_status status = RM_NEW(&fit->sorted, present, err);
    if (status == RM_OK) {
        for (int64_t i = 0; i < present; i++)
            fit->sorted[i] = fit->direction > 0 ? rm_keyed_value(keyed[i])
                                                : 0.0 - rm_keyed_value(keyed[present - 1 - i]);
    }
    rm_release(keyed);
    return status;
}

rm_status rm_scaling_fit(rm_scaling *scaling, const double *values, int64_t count,
                         rm_progress *progress, rm_error *err)
{
    RM_TRY(check_kind(scaling, err));
    RM_TRY(rm_refuse_infinite(values, count, "the value", err));

    rm_scaling fit = {.method = scaling->method, .direction = scaling->direction};
    double min, max;
    find_range(&min, &max, &fit.count, values, count);
    fit.constant = !(min < max);
    fit.a = fit.b = NAN;
    switch ((rm_scale)fit.method) {
    case RM_SCALE_FIXED:
        RM_TRY(check_bounds(scaling, err));
        fit.a = scaling->a;
        fit.b = scaling->b;
        fit.constant = false;
        break;
    case RM_SCALE_MINMAX:
        if (!fit.constant && !isfinite(max - min))
            return fail_span(err);
        fit.a = min;
        fit.b = max;
        break;
    case RM_SCALE_ZSCORE:
        if (max > LARGEST || min < -LARGEST)
            return fail_span(err);
        fit.a = min;
        fit.b = fit.count > 1 ? 0.0 : NAN;
        if (!fit.constant)
            fit_moments(&fit, max - min, values, count);
        fit.constant = !(fit.b > 0.0); /* tiny differences can vanish in the standard deviation */
        break;
    case RM_SCALE_RANK:
    case RM_SCALE_PERCENTILE:
        RM_TRY(fit_sorted(&fit, values, count, progress, err));
        break;
    }
    rm_scaling_clear(scaling);
    *scaling = fit;
    return RM_OK;
}

static double clamp(double value)
{
    return value < 0.0 ? 0.0 : value > 1.0 ? 1.0 : value;
}

/* What the group of equal values scales to that begins at position `first` of sorted. */
static double place_of(const rm_scaling *scaling, int64_t first)
{
    const double *sorted = scaling->sorted;
    int64_t end = first + 1;

    if (scaling->method == RM_SCALE_RANK)
        return (double)(first + 1);
    /* nearly always alone: look at the neighbour before searching for the end of the group */
    if (end < scaling->count && sorted[end] == sorted[first])
        end += rm_count_below(sorted + end, scaling->count - end, sorted[first], true);
    return 0.5 * (double)(first + end - 1) / (double)(scaling->count - 1);
}

static double apply_sorted(const rm_scaling *scaling, double x)
{
    const double *sorted = scaling->sorted;
    int64_t below = rm_count_below(sorted, scaling->count, x, false);

    if (below == 0 || (below < scaling->count && sorted[below] == x))
        return place_of(scaling, below);
    double low = sorted[below - 1];
    double from = place_of(scaling, rm_count_below(sorted, below, low, false));
    if (below == scaling->count)
        return from;
    double high = sorted[below], to = place_of(scaling, below);
    /* halves, so that the difference of two huge values stays finite */
    double part = (0.5 * x - 0.5 * low) / (0.5 * high - 0.5 * low);
    return from + clamp(part) * (to - from);
}

static double apply_one(const rm_scaling *scaling, double value)
{
    double low = scaling->direction > 0 ? scaling->a : scaling->b;
    double high = scaling->direction > 0 ? scaling->b : scaling->a;

    switch ((rm_scale)scaling->method) {
    case RM_SCALE_MINMAX:
    case RM_SCALE_FIXED:
        return clamp((value - low) / (high - low));
    case RM_SCALE_ZSCORE:
        return (scaling->direction > 0 ? value - scaling->a : scaling->a - value) / scaling->b;
    case RM_SCALE_RANK:
    case RM_SCALE_PERCENTILE:
        return apply_sorted(scaling, scaling->direction > 0 ? value : -value);
    }
    return NAN;
}

/* Also for parameters that were read from somewhere and carry no mark that they are constant. */
static bool can_scale(const rm_scaling *scaling)
{
    if (scaling->constant)
        return false;
    if (scaling->method == RM_SCALE_ZSCORE)
        return scaling->b > 0.0;
    if (scaling->method == RM_SCALE_MINMAX || scaling->method == RM_SCALE_FIXED)
        return scaling->a < scaling->b;
    return scaling->count > 1;
}

rm_status rm_scaling_apply(const rm_scaling *scaling, const double *values, double *scaled,
                           int64_t count, rm_error *err)
{
    RM_TRY(check_kind(scaling, err));
    RM_TRY(rm_refuse_infinite(values, count, "the value", err));
    bool nothing = !can_scale(scaling);
    for (int64_t i = 0; i < count; i++)
        scaled[i] = isnan(values[i]) || nothing ? NAN : apply_one(scaling, values[i]);
    return RM_OK;
}

void rm_scaling_clear(rm_scaling *scaling)
{
    if (!scaling)
        return;
    rm_release(scaling->sorted);
    scaling->sorted = NULL;
    scaling->count = 0;
}
