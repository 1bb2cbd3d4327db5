#include "stats/scan/check.h"

#include "stats/order.h"
#include "stats/scan/bounds.h"

#include <math.h>

static rm_status check_places(const rm_scan_input *input, rm_error *err)
{
    if (input->areas < 1)
        return rm_fail(err, RM_EINVAL, "there are no areas to scan");
    if (input->steps < 1 || (int64_t)input->areas * input->steps > INT32_MAX)
        return rm_fail(err, RM_EINVAL, "%d areas in %d steps are more cells than 2^31, or none",
                       input->areas, input->steps);
    for (int32_t a = 0; a < input->areas; a++) {
        if (!isfinite(input->x[a]) || !isfinite(input->y[a]))
            return rm_fail_row(err, RM_EINVAL, a, "the coordinates of area %d are not finite", a);
    }
    return RM_OK;
}

static rm_status check_population(double *weight, double *population, const rm_scan_input *input,
                                  rm_error *err)
{
    int32_t each = input->by_step ? input->steps : 1;
    rm_exact all = {0};
    for (int32_t a = 0; a < input->areas; a++) {
        rm_exact own = {0};
        for (int32_t t = 0; t < each; t++) {
            int64_t cell = (int64_t)a * each + t;
            double people = input->population[cell];
            if (!isfinite(people) || people < 0.0)
                return rm_fail_row(err, RM_EINVAL, cell,
                                   "the population of area %d is negative or not finite", a);
            rm_exact_add(&own, people);
            rm_exact_add(&all, people);
        }
        weight[a] = rm_exact_value(&own);
    }
    *population = rm_exact_value(&all);
    if (!(*population > 0.0) || !isfinite(*population))
        return rm_fail(err, RM_EINVAL,
                       "the populations add up to nothing, or to too much; a scan "
                       "needs people at risk or expected cases");
    return RM_OK;
}

static rm_status check_cases(int64_t *cases, const rm_scan_input *input, rm_error *err)
{
    int64_t all = 0;
    for (int32_t a = 0; a < input->areas; a++) {
        for (int32_t t = 0; t < input->steps; t++) {
            int64_t cell = (int64_t)a * input->steps + t;
            int32_t here = input->cases[cell];
            if (here < 0)
                return rm_fail_row(err, RM_EINVAL, cell,
                                   "the number of cases of area %d in step %d is negative", a, t);
            if (here > 0 && !(input->population[input->by_step ? cell : a] > 0.0))
                return rm_fail_row(err, RM_EINVAL, cell,
                                   "area %d has cases in step %d, but no population: leave them "
                                   "out, or correct the population",
                                   a, t);
            all += here;
        }
    }
    if (all < 1)
        return rm_fail(err, RM_EINVAL, "there are no cases to scan for");
    if (all > RM_SCAN_MOST_32)
        return rm_fail(err, RM_EINVAL, "there are %lld cases; at most %lld can be scanned",
                       (long long)all, (long long)RM_SCAN_MOST_32);
    *cases = all;
    return RM_OK;
}

rm_status rm_scan_check(double *weight, double *population, int64_t *cases,
                        const rm_scan_input *input, rm_error *err)
{
    RM_TRY(check_places(input, err));
    RM_TRY(check_population(weight, population, input, err));
    return check_cases(cases, input, err);
}

int32_t rm_scan_longest(const rm_scan_options *options, int32_t steps)
{
    if (steps == 1)
        return 1;
    return (int32_t)floor(steps * options->max_time_share * (1.0 + 1e-12));
}

static rm_status check_share(double share, const char *what, rm_error *err)
{
    if (share > 0.0 && share <= 1.0)
        return RM_OK;
    return rm_fail(err, RM_EINVAL, "%s is %g; above 0 and at most 1", what, share);
}

rm_status rm_scan_check_options(const rm_scan_options *options, int32_t steps, rm_error *err)
{
    RM_TRY(check_share(options->max_population_share, "max_population_share", err));
    RM_TRY(check_share(options->max_time_share, "max_time_share", err));
    if (options->rates < RM_SCAN_HIGH || options->rates > RM_SCAN_BOTH)
        return rm_fail(err, RM_EINVAL, "rates is %d; RM_SCAN_HIGH, RM_SCAN_LOW or RM_SCAN_BOTH",
                       options->rates);
    if (!(options->max_radius >= 0.0))
        return rm_fail(err, RM_EINVAL, "max_radius is %g; 0 (any) or more metres",
                       options->max_radius);
    if (options->secondary < RM_SCAN_PERIODS || options->secondary > RM_SCAN_APART)
        return rm_fail(err, RM_EINVAL,
                       "secondary is %d; RM_SCAN_PERIODS, RM_SCAN_ONE_EACH or RM_SCAN_APART",
                       options->secondary);
    if (options->min_cases < 1)
        return rm_fail(err, RM_EINVAL, "min_cases is %d; 1 or more", options->min_cases);
    if (options->replicates < 0 || options->replicates > 10000000)
        return rm_fail(err, RM_EINVAL, "replicates is %d; 0 to 10,000,000", options->replicates);
    if (options->stop_after < 0)
        return rm_fail(err, RM_EINVAL, "stop_after is %d; 0 (never) or more", options->stop_after);
    if (options->threads < 0 || options->threads > 64)
        return rm_fail(err, RM_EINVAL, "threads is %d; 0 (all cores) to 64", options->threads);
    if (rm_scan_longest(options, steps) < 1)
        return rm_fail(err, RM_EINVAL, "max_time_share %g of %d steps leaves not one step",
                       options->max_time_share, steps);
    return RM_OK;
}
