#include "stats/aggregate.h"
#include "base/random.h"
#include "stats/order.h"

#include <math.h>

/* Sums of decimal weights differ in the last digit from the fraction that a person wrote down. */
#define ROUNDING 1e-12

typedef struct blend {
    const double *const *scaled;
    const double *weight;
    double *const *contribution;
    const rm_aggregation *options;
    double total; /* of the weights, added in their order */
    int32_t indicators;
} blend;

static rm_status check_weights(blend *mix, rm_error *err)
{
    for (int32_t k = 0; k < mix->indicators; k++) {
        double weight = mix->weight[k];
        if (!isfinite(weight) || weight < 0.0)
            return rm_fail_row(err, RM_EINVAL, k,
                               "the weight of indicator %d is not a number of 0 or more", (int)k);
        mix->total += weight;
    }
    if (!(mix->total > 0.0) || !isfinite(mix->total))
        return rm_fail(err, RM_EINVAL,
                       "the %d weights add up to nothing usable; give at least one above 0",
                       (int)mix->indicators);
    return RM_OK;
}

static rm_status check(blend *mix, int64_t count, rm_error *err)
{
    const rm_aggregation *options = mix->options;

    RM_TRY(check_weights(mix, err));
    if (!(options->min_coverage >= 0.0 && options->min_coverage <= 1.0))
        return rm_fail(err, RM_EINVAL, "min_coverage must lie between 0 and 1");
    if (options->geometric && !(options->floor > 0.0 && isfinite(options->floor)))
        return rm_fail(err, RM_EINVAL, "the floor of a geometric mean must be above 0");
    for (int32_t k = 0; k < mix->indicators; k++)
        RM_TRY(rm_refuse_infinite(mix->scaled[k], count, "a scaled indicator", err));
    return RM_OK;
}

/* The weight that is there; *complete: no indicator with a weight is missing. */
static double present_weight(const blend *mix, int64_t area, bool *complete)
{
    double present = 0.0;
    *complete = true;
    for (int32_t k = 0; k < mix->indicators; k++) {
        if (!isnan(mix->scaled[k][area]))
            present += mix->weight[k];
        else if (mix->weight[k] > 0.0)
            *complete = false;
    }
    return present;
}

static void put(const blend *mix, int32_t k, int64_t area, double part)
{
    if (mix->contribution && mix->contribution[k])
        mix->contribution[k][area] = part;
}

/* The score is the sum of what is handed out as contributions, so they cannot disagree. */
static double add_up(const blend *mix, int64_t area, double present, int64_t *floored)
{
    const rm_aggregation *options = mix->options;
    double sum = 0.0;

    for (int32_t k = 0; k < mix->indicators; k++) {
        double value = mix->scaled[k][area], part = NAN;
        if (!isnan(value)) {
            if (options->geometric && mix->weight[k] > 0.0 && value < options->floor) {
                value = options->floor;
                ++*floored;
            }
            double share = mix->weight[k] / present;
            part = mix->weight[k] > 0.0 ? share * (options->geometric ? log(value) : value) : 0.0;
            sum += part;
        }
        put(mix, k, area, part);
    }
    return options->geometric ? exp(sum) : sum;
}

rm_status rm_aggregate(double *score, double *coverage, double *const *contribution,
                       const double *const *scaled, const double *weight, int32_t indicators,
                       int64_t count, const rm_aggregation *options, int64_t *floored,
                       rm_error *err)
{
    blend mix = {.scaled = scaled,
                 .weight = weight,
                 .contribution = contribution,
                 .options = options,
                 .indicators = indicators};
    int64_t raised = 0;

    RM_TRY(check(&mix, count, err));
    for (int64_t i = 0; i < count; i++) {
        bool complete;
        double present = present_weight(&mix, i, &complete);
        double covered = present / mix.total;
        if (coverage)
            coverage[i] = covered;
        if (present > 0.0 && covered >= options->min_coverage - ROUNDING &&
            (options->reweight || complete)) {
            score[i] = add_up(&mix, i, present, &raised);
            continue;
        }
        score[i] = NAN;
        for (int32_t k = 0; k < indicators; k++)
            put(&mix, k, i, NAN);
    }
    if (floored)
        *floored = raised;
    return RM_OK;
}

/* Whether the higher score is higher by no more than the rounding of the sums that made them. */
static bool are_level(double high, double low)
{
    return high - low <= ROUNDING * fmax(1.0, fabs(high));
}

rm_status rm_rank_descending(int32_t *rank, const double *score, int64_t count, int64_t *ranked,
                             rm_error *err)
{
    rm_keyed *keyed = NULL;
    int64_t present = 0;

    RM_TRY(rm_sort_present(&keyed, &present, score, count, "the score", NULL, err));
    for (int64_t i = 0; i < count; i++)
        rank[i] = 0;
    int64_t first = present - 1; /* of those that share a rank */
    for (int64_t i = present - 1; i >= 0; i--) {
        if (!are_level(rm_keyed_value(keyed[first]), rm_keyed_value(keyed[i])))
            first = i;
        rank[keyed[i].index] = (int32_t)(present - first);
    }
    rm_release(keyed);
    if (ranked)
        *ranked = present;
    return RM_OK;
}

void rm_classify(int32_t *class_, const double *score, int64_t count, const double *breaks,
                 int32_t break_count)
{
    for (int64_t i = 0; i < count; i++) {
        int32_t number = isnan(score[i]) ? 0 : 1;
        for (int32_t b = 0; b < break_count; b++)
            number += breaks[b] <= score[i] || are_level(breaks[b], score[i]);
        class_[i] = number;
    }
}

/* Type 7: position (n - 1) p among the sorted values, linear between neighbours. */
static double quantile_of(const rm_keyed *sorted, int64_t present, double p)
{
    double position = p * (double)(present - 1);
    int64_t below = (int64_t)position;
    double low = rm_keyed_value(sorted[below]);
    if (below + 1 >= present)
        return low;
    double high = rm_keyed_value(sorted[below + 1]);
    double part = position - (double)below;
    double between = low + part * (high - low);
    return between < low    ? low
           : between > high ? high
                            : between; /* rounding keeps them ascending */
}

rm_status rm_quantiles(double *breaks, const double *p, int32_t break_count, const double *values,
                       int64_t count, rm_error *err)
{
    rm_keyed *sorted = NULL;
    int64_t present = 0;

    for (int32_t b = 0; b < break_count; b++) {
        if (!(p[b] >= 0.0 && p[b] <= 1.0))
            return rm_fail_row(err, RM_EINVAL, b, "quantile %d does not lie between 0 and 1",
                               (int)b);
    }
    RM_TRY(rm_sort_present(&sorted, &present, values, count, "the score", NULL, err));
    for (int32_t b = 0; b < break_count; b++)
        breaks[b] = present > 0 ? quantile_of(sorted, present, p[b]) : NAN;
    rm_release(sorted);
    return RM_OK;
}

static void swap(double *a, double *b)
{
    double keep = *a;
    *a = *b;
    *b = keep;
}

/* Makes values[k] what it is in sorted order, nothing above it smaller and nothing below it larger.
 * Equal values are set apart at each pass, and pivots are drawn, so no input takes quadratic time.
 */
static void select_kth(double *values, int64_t count, int64_t k)
{
    int64_t first = 0, last = count - 1;

    for (uint64_t pass = 0; first < last; pass++) {
        double pivot =
            values[first + (int64_t)rm_random_below(0, 0, pass, (uint64_t)(last - first + 1))];
        int64_t low = first, high = last;
        for (int64_t i = first; i <= high;) {
            if (values[i] < pivot)
                swap(&values[i++], &values[low++]);
            else if (values[i] > pivot)
                swap(&values[i], &values[high--]);
            else
                i++;
        }
        if (k < low)
            last = low - 1;
        else if (k > high)
            first = high + 1;
        else
            return;
    }
}

double rm_median(double *values, int64_t count)
{
    int64_t present = 0;

    for (int64_t i = 0; i < count; i++) {
        if (!isnan(values[i]))
            swap(&values[present++], &values[i]);
    }
    if (present == 0)
        return NAN;
    int64_t middle = present / 2;
    select_kth(values, present, middle);
    double high = values[middle], low = high;
    if (present % 2 != 0)
        return high;
    low = values[0];
    for (int64_t i = 1; i < middle; i++)
        low = values[i] > low ? values[i] : low;
    double mean = 0.5 * (low + high);
    return isfinite(mean) ? mean : 0.5 * low + 0.5 * high;
}
