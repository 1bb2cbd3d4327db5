#include "stats/density/bandwidth.h"

#include "base/memory.h"
#include "stats/density/inner.h"
#include "stats/order.h"

#include <math.h>

double rm_bandwidth_factor(int32_t kernel)
{
    return kernel == RM_KERNEL_GAUSSIAN ? 1 : sqrt(2.0 * rm_kernel_power(kernel) + 4);
}

static rm_status check_points(const rm_density_points *p, double *total, rm_error *err)
{
    rm_exact sum = {0};
    for (int64_t i = 0; i < p->count; i++) {
        RM_TRY(rm_check_point(p, i, err));
        if (p->weight)
            rm_exact_add(&sum, p->weight[i]);
    }
    *total = p->weight ? rm_exact_value(&sum) : (double)p->count;
    if (!(*total > 0 && isfinite(*total)))
        return rm_fail(err, RM_EDATA,
                       "there are no points that weigh anything: no bandwidth can be "
                       "taken from them, give one");
    return RM_OK;
}

static double weight_of(const rm_density_points *p, int64_t i)
{
    return p->weight ? p->weight[i] : 1;
}

static double mean_of(const double *values, const rm_density_points *p, double total)
{
    rm_exact sum = {0};
    for (int64_t i = 0; i < p->count; i++)
        rm_exact_add(&sum, weight_of(p, i) * (values[i] - values[0]));
    return values[0] + rm_exact_value(&sum) / total;
}

static double squares_of(const double *values, double mean, const rm_density_points *p)
{
    rm_exact sum = {0};
    for (int64_t i = 0; i < p->count; i++)
        rm_exact_add(&sum, weight_of(p, i) * (values[i] - mean) * (values[i] - mean));
    return rm_exact_value(&sum);
}

/* (sum w)^2 / sum w^2 (Kish): as many points of equal weight as say the same. */
static double effective_count(const rm_density_points *p, double total)
{
    rm_exact squares = {0};
    if (!p->weight)
        return (double)p->count;
    for (int64_t i = 0; i < p->count; i++)
        rm_exact_add(&squares, p->weight[i] / total * (p->weight[i] / total));
    return 1 / rm_exact_value(&squares);
}

/* The lowest values at which the shares of the weight are reached. */
static rm_status shares_of(double *out, const double *share, int shares, const double *values,
                           const rm_density_points *p, double total, rm_error *err)
{
    rm_keyed *sorted = NULL;
    int64_t present = 0;
    if (p->count > INT32_MAX)
        return rm_fail(err, RM_ELIMIT, "quartiles of more than 2^31 points");
    RM_TRY(rm_sort_present(&sorted, &present, values, p->count, "coordinate", NULL, err));
    double reached = 0;
    int done = 0;
    for (int64_t i = 0; i < present && done < shares; i++) {
        reached += weight_of(p, sorted[i].index) / total;
        for (; done < shares && reached >= share[done] * (1 - 1e-12); done++)
            out[done] = rm_keyed_value(sorted[i]);
    }
    for (; done < shares; done++)
        out[done] = rm_keyed_value(sorted[present - 1]);
    rm_release(sorted);
    return RM_OK;
}

/* The spread along an axis; the interquartile range of a normal distribution is 1.349 of it. */
static rm_status spread_of(double *spread, const double *values, const rm_density_points *p,
                           double total, double n, bool robust, rm_error *err)
{
    static const double quarters[] = {0.25, 0.75};
    double between[2], squares = squares_of(values, mean_of(values, p, total), p);
    *spread = n > 1 ? sqrt(squares / total * n / (n - 1)) : 0;
    if (!robust)
        return RM_OK;
    RM_TRY(shares_of(between, quarters, 2, values, p, total, err));
    double narrow = (between[1] - between[0]) / 1.349;
    if (narrow > 0 && narrow < *spread)
        *spread = narrow;
    return RM_OK;
}

/* The default search radius of ArcGIS's Kernel Density, a radius of the quartic. */
static rm_status distance_rule(double *radius, const rm_density_points *p, double total,
                               rm_error *err)
{
    static const double half[] = {0.5};
    double *distance = NULL, median, mx = mean_of(p->x, p, total), my = mean_of(p->y, p, total);
    double standard = sqrt((squares_of(p->x, mx, p) + squares_of(p->y, my, p)) / total);
    RM_TRY(RM_NEW(&distance, p->count, err));
    for (int64_t i = 0; i < p->count; i++)
        distance[i] = hypot(p->x[i] - mx, p->y[i] - my);
    rm_status status = shares_of(&median, half, 1, distance, p, total, err);
    rm_release(distance);
    RM_TRY(status);
    double by_median = sqrt(1 / log(2)) * median;
    *radius = 0.9 * (by_median > 0 ? fmin(standard, by_median) : standard) * pow(total, -0.2);
    return RM_OK;
}

rm_status rm_rule_bandwidth(double *bandwidth, const rm_density_points *points, int32_t kernel,
                            int32_t rule, rm_error *err)
{
    double total, sigma, sx, sy;
    RM_TRY(rm_kernel_check(kernel, 1, err));
    if (rule < RM_RULE_REFERENCE || rule > RM_RULE_DISTANCE)
        return rm_fail(err, RM_EINVAL, "there is no rule %d; RM_RULE_REFERENCE is 0", rule);
    RM_TRY(check_points(points, &total, err));
    if (rule == RM_RULE_DISTANCE) {
        RM_TRY(distance_rule(&sigma, points, total, err));
        sigma /= rm_bandwidth_factor(RM_KERNEL_QUARTIC);
    } else {
        double n = effective_count(points, total);
        bool robust = rule == RM_RULE_ROBUST;
        RM_TRY(spread_of(&sx, points->x, points, total, n, robust, err));
        RM_TRY(spread_of(&sy, points->y, points, total, n, robust, err));
        sigma = sqrt((sx * sx + sy * sy) / 2) * pow(n, -1.0 / 6);
    }
    if (!(sigma > 0 && isfinite(sigma)))
        return rm_fail(
            err, RM_EDATA,
            "all %lld points lie at one place: no rule has a bandwidth for them, give one",
            (long long)points->count);
    *bandwidth = sigma * rm_bandwidth_factor(kernel);
    return RM_OK;
}

/* --- adaptive --- */

enum { POINTS_A_TICK = 1 << 16 };

static rm_status tick(rm_progress *progress, int64_t i, rm_error *err)
{
    return i % POINTS_A_TICK == 0 ? rm_progress_tick(progress, "bandwidths", err) : RM_OK;
}

static double middle_value(rm_keyed *sorted, int64_t count)
{
    double high = rm_keyed_value(sorted[count / 2]);
    return count % 2 ? high : (rm_keyed_value(sorted[count / 2 - 1]) + high) / 2;
}

static rm_status trim_bandwidths(double *h, int64_t count, double trim, rm_progress *progress,
                                 rm_error *err)
{
    rm_keyed *sorted = NULL;
    int64_t present = 0;
    if (count > INT32_MAX)
        return rm_fail(err, RM_ELIMIT, "bandwidths of more than 2^31 points");
    RM_TRY(rm_sort_present(&sorted, &present, h, count, "bandwidth", progress, err));
    double most = trim * middle_value(sorted, present);
    rm_release(sorted);
    for (int64_t i = 0; i < count; i++)
        h[i] = h[i] > most ? most : h[i];
    return RM_OK;
}

/* Points that weigh nothing get the bandwidth of their place and no say in the mean. */
static rm_status from_pilot(double *h, const rm_density_points *p, double global, double total,
                            double trim, rm_progress *progress, rm_error *err)
{
    rm_exact sum = {0};
    for (int64_t i = 0; i < p->count; i++) {
        RM_TRY(tick(progress, i, err));
        double f = h[i] / total;
        if (!(f > 0)) {
            if (weight_of(p, i) > 0)
                return rm_fail_row(err, RM_EDATA, i,
                                   "the pilot density at point %lld is 0; take a wider pilot",
                                   (long long)i);
            f = 1e-300;
        }
        h[i] = -0.5 * log(f);
        rm_exact_add(&sum, weight_of(p, i) / total * h[i]);
    }
    double mean = rm_exact_value(&sum);
    for (int64_t i = 0; i < p->count; i++) {
        RM_TRY(tick(progress, i, err));
        h[i] = global * exp(h[i] - mean);
    }
    return trim > 0 ? trim_bandwidths(h, p->count, trim, progress, err) : RM_OK;
}

rm_status rm_adaptive_bandwidths(double *bandwidths, const rm_density_points *points, double pilot,
                                 double global, double trim, int threads, rm_progress *progress,
                                 rm_error *err)
{
    double *h = NULL, total;
    rm_density_points fixed = *points;
    fixed.bandwidth = NULL;
    RM_TRY(rm_kernel_check(RM_KERNEL_GAUSSIAN, pilot, err));
    RM_TRY(rm_kernel_check(RM_KERNEL_GAUSSIAN, global, err));
    if (!(trim >= 0 && isfinite(trim)))
        return rm_fail(err, RM_EINVAL, "trim is %g; 0 for none, else a number above 0", trim);
    if (points->count == 0)
        return RM_OK;
    RM_TRY(check_points(&fixed, &total, err));
    RM_TRY(RM_NEW(&h, points->count, err));
    rm_stage whole = rm_progress_present(progress);
    rm_progress_part(progress, whole, 0.0, 0.8);
    rm_status status = rm_density_own(h, &fixed, pilot, threads, progress, err);
    rm_progress_part(progress, whole, 0.8, 1.0);
    if (status == RM_OK)
        status = from_pilot(h, &fixed, global, total, trim, progress, err);
    if (status == RM_OK)
        status = rm_progress_report(progress, 1, "bandwidths", err);
    if (status == RM_OK)
        memcpy(bandwidths, h, (size_t)points->count * sizeof *h);
    rm_release(h);
    return status;
}

rm_status rm_half_life(double *weights, const double *age_days, int64_t count, double half_life,
                       rm_error *err)
{
    if (!(half_life > 0 && isfinite(half_life)))
        return rm_fail(err, RM_EINVAL, "the half-life is %g days; give a finite number above 0",
                       half_life);
    for (int64_t i = 0; i < count; i++) {
        if (!(age_days[i] >= 0 && isfinite(age_days[i])))
            return rm_fail_row(
                err, RM_EINVAL, i,
                "the age of row %lld is negative or not finite: leave it out, or put "
                "the day of reference later",
                (long long)i);
    }
    for (int64_t i = 0; i < count; i++)
        weights[i] = exp2(-age_days[i] / half_life);
    return RM_OK;
}
