#include "riskmap/pattern.h"

#include "api/options.h"
#include "base/memory.h"
#include "base/progress.h"
#include "base/text.h"
#include "stats/pattern/knox.h"
#include "stats/pattern/nearest_index.h"
#include "stats/pattern/repeats.h"
#include "stats/pattern/ripley.h"
#include "stats/rate/probability.h"

#include <math.h>
#include <string.h>

void rm_knox_options_init(rm_knox_options *options)
{
    *options = (rm_knox_options)RM_KNOX_OPTIONS_INIT;
}

void rm_nearest_options_init(rm_nearest_options *options)
{
    *options = (rm_nearest_options)RM_NEAREST_OPTIONS_INIT;
}

void rm_ripley_options_init(rm_ripley_options *options)
{
    *options = (rm_ripley_options)RM_RIPLEY_OPTIONS_INIT;
}

static rm_status check_points(const double *x, const double *y, int64_t count, rm_error *err)
{
    if (count < 0 || (count > 0 && (!x || !y)))
        return rm_fail(err, RM_EINVAL, "x or y is NULL, or count is %lld", (long long)count);
    return RM_OK;
}

static rm_status check_metric(int32_t metric, rm_error *err)
{
    if (metric != RM_EUCLIDEAN && metric != RM_MANHATTAN)
        return rm_fail(err, RM_EINVAL, "metric %d does not exist; RM_EUCLIDEAN or RM_MANHATTAN",
                       metric);
    return RM_OK;
}

static rm_status check_threads(int32_t threads, rm_error *err)
{
    if (threads < 0 || threads > 64)
        return rm_fail(err, RM_EINVAL, "threads is %d; 0 (all cores) to 64", threads);
    return RM_OK;
}

static rm_status take_knox_options(rm_knox_options *out, const rm_knox_options *given,
                                   rm_error *err)
{
    rm_knox_options_init(out);
    RM_TRY(RM_TAKE_OPTIONS(out, given, rm_knox_options, RM_KNOX_OPTIONS_INIT, progress, err));
    RM_TRY(check_metric(out->metric, err));
    return check_threads(out->threads, err);
}

static rm_status count_knox(rm_knox_table *table, const rm_events *events, rm_knox_bands space,
                            rm_knox_bands time, const rm_knox_options *options, rm_error *err)
{
    rm_progress progress;
    rm_knox_runs runs = {options->permutations, options->seed, options->threads};
    if (options->permutations < 0 || options->permutations > 10000000)
        return rm_fail(err, RM_EINVAL, "permutations is %d; 0 to 10000000", options->permutations);
    RM_TRY(check_points(events->x, events->y, events->count, err));
    if (events->count > 0 && !events->day)
        return rm_fail(err, RM_EINVAL, "day is NULL");
    if (!space.edge || !time.edge)
        return rm_fail(err, RM_EINVAL, "the edges of the bands are NULL");
    rm_progress_start(&progress, options->progress, options->progress_user);
    return rm_knox_count(table, events, space, time, &runs, &progress, err);
}

static double expected_pairs(const rm_knox_table *table, int64_t s, int64_t t)
{
    return (double)table->row[s] * (double)table->column[t] / (double)table->pairs;
}

static double ratio_of(int64_t observed, double expected)
{
    return expected > 0 ? (double)observed / expected : NAN;
}

static double mean_of(const rm_knox_table *table, int64_t cell, int32_t permutations)
{
    return permutations > 0 ? (double)table->sum[cell] / permutations : NAN;
}

static double p_of(const rm_knox_table *table, int64_t cell, int32_t permutations)
{
    return permutations > 0 ? (double)(table->least[cell] + 1) / ((double)permutations + 1) : NAN;
}

rm_status rm_knox(int64_t *observed, double *expected, double *ratio, double *mean, double *p,
                  const double *x, const double *y, const int32_t *day, int64_t count,
                  const double *space, int32_t space_bands, const double *time, int32_t time_bands,
                  const rm_knox_options *given, rm_error *err)
{
    rm_knox_options options;
    rm_knox_table table = {0};
    RM_TRY(take_knox_options(&options, given, err));
    if (!observed)
        return rm_fail(err, RM_EINVAL, "observed is NULL");
    const rm_events events = {x, y, day, count, options.metric};
    RM_TRY(count_knox(&table, &events, (rm_knox_bands){space, space_bands},
                      (rm_knox_bands){time, time_bands}, &options, err));
    for (int64_t cell = 0; cell < (int64_t)space_bands * time_bands; cell++) {
        double chance = expected_pairs(&table, cell / time_bands, cell % time_bands);
        observed[cell] = table.observed[cell];
        if (expected)
            expected[cell] = chance;
        if (ratio)
            ratio[cell] = ratio_of(table.observed[cell], chance);
        if (mean)
            mean[cell] = mean_of(&table, cell, options.permutations);
        if (p)
            p[cell] = p_of(&table, cell, options.permutations);
    }
    rm_knox_table_clear(&table);
    return RM_OK;
}

rm_status rm_knox_label(char *label, size_t size, double from, double to, rm_error *err)
{
    rm_text text = {0};
    if (!label || size == 0)
        return rm_fail(err, RM_EINVAL, "there is no room for a label");
    rm_text_add(&text, "[");
    rm_text_add_double(&text, from);
    rm_text_add(&text, ",");
    if (isinf(to))
        rm_text_add(&text, "inf");
    else
        rm_text_add_double(&text, to);
    rm_text_add(&text, ")");
    rm_status status = rm_text_status(&text, err);
    if (status == RM_OK) {
        size_t length = strlen(text.data);
        length = length < size ? length : size - 1;
        memcpy(label, text.data, length);
        label[length] = '\0';
    }
    rm_text_clear(&text);
    return status;
}

rm_status rm_knox_test(rm_knox_result *out, const double *x, const double *y, const int32_t *day,
                       int64_t count, double metres, double days, const rm_knox_options *given,
                       rm_error *err)
{
    rm_knox_options options;
    rm_knox_table table = {0};
    RM_TRY(take_knox_options(&options, given, err));
    if (!out)
        return rm_fail(err, RM_EINVAL, "out is NULL");
    if (!(metres >= 0 && metres < 1e100) || !(days >= 0 && days < 1e100))
        return rm_fail(err, RM_EINVAL, "metres or days is negative, missing or not finite");
    /* Closed bounds are half-open ones at the next number: doubles for metres, whole days. */
    const double space[] = {0, nextafter(metres, INFINITY)};
    const double time[] = {0, nextafter(days, INFINITY)};
    const rm_events events = {x, y, day, count, options.metric};
    RM_TRY(count_knox(&table, &events, (rm_knox_bands){space, 1}, (rm_knox_bands){time, 1},
                      &options, err));
    double chance = expected_pairs(&table, 0, 0);
    *out = (rm_knox_result){.pairs = table.pairs,
                            .close_space = table.row[0],
                            .close_time = table.column[0],
                            .close = table.observed[0],
                            .expected = chance,
                            .ratio = ratio_of(table.observed[0], chance),
                            .mean = mean_of(&table, 0, options.permutations),
                            .p = p_of(&table, 0, options.permutations),
                            .p_poisson = rm_poisson_at_least((double)table.observed[0], chance),
                            .p_above = rm_poisson_at_least((double)table.observed[0] + 1, chance)};
    rm_knox_table_clear(&table);
    return RM_OK;
}

rm_status rm_near_repeats(int64_t *earlier, int64_t *later, double *distance, int64_t room,
                          int64_t *found, const double *x, const double *y, const int32_t *day,
                          int64_t count, const double space[2], const double time[2],
                          const rm_knox_options *given, rm_error *err)
{
    rm_knox_options options;
    rm_progress progress;
    rm_repeats repeats = {0};
    RM_TRY(take_knox_options(&options, given, err));
    RM_TRY(check_points(x, y, count, err));
    if (!found || !space || !time || (count > 0 && !day))
        return rm_fail(err, RM_EINVAL, "found, space, time or day is NULL");
    if (room < 0 || (room > 0 && (!earlier || !later)))
        return rm_fail(err, RM_EINVAL, "earlier or later is NULL, or room is %lld",
                       (long long)room);
    const rm_events events = {x, y, day, count, options.metric};
    rm_progress_start(&progress, options.progress, options.progress_user);
    RM_TRY(rm_repeats_list(&repeats, &events, (rm_knox_bands){space, 1}, (rm_knox_bands){time, 1},
                           room, options.threads, &progress, err));
    for (int64_t k = 0; k < repeats.count && k < room; k++) {
        earlier[k] = repeats.pair[k][0];
        later[k] = repeats.pair[k][1];
        if (distance)
            distance[k] = repeats.distance[k];
    }
    *found = repeats.count;
    rm_repeats_clear(&repeats);
    return RM_OK;
}

static rm_status take_nearest_options(rm_nearest_options *out, rm_progress *progress,
                                      const rm_nearest_options *given, rm_error *err)
{
    rm_nearest_options_init(out);
    RM_TRY(RM_TAKE_OPTIONS(out, given, rm_nearest_options, RM_NEAREST_OPTIONS_INIT, progress, err));
    RM_TRY(check_threads(out->threads, err));
    if (out->cdf_steps < 0 || out->cdf_steps > 1000000)
        return rm_fail(err, RM_EINVAL, "cdf_steps is %d; 0 (no grid) to 1000000", out->cdf_steps);
    rm_progress_start(progress, out->progress, out->progress_user);
    return RM_OK;
}

rm_status rm_nearest_neighbours(int64_t *nearest, double *distance, double *second, const double *x,
                                const double *y, int64_t count, const rm_nearest_options *given,
                                rm_error *err)
{
    rm_nearest_options options;
    rm_progress progress;
    rm_near *near = NULL;
    RM_TRY(check_points(x, y, count, err));
    RM_TRY(take_nearest_options(&options, &progress, given, err));
    RM_TRY(RM_NEW(&near, count, err));
    rm_status status = rm_nearest_points(near, NULL, x, y, count, options.threads, &progress, err);
    for (int64_t i = 0; status == RM_OK && i < count; i++) {
        if (nearest)
            nearest[i] = near[i].nearest;
        if (distance)
            distance[i] = near[i].distance;
        if (second)
            second[i] = near[i].second;
    }
    rm_release(near);
    return status;
}

rm_status rm_nearest_index(rm_nearest_result *out, const double *x, const double *y, int64_t count,
                           double area, double perimeter, const rm_nearest_options *given,
                           rm_error *err)
{
    rm_nearest_options options;
    rm_progress progress;
    double *distance = NULL;
    RM_TRY(check_points(x, y, count, err));
    RM_TRY(take_nearest_options(&options, &progress, given, err));
    if (!out)
        return rm_fail(err, RM_EINVAL, "out is NULL");
    RM_TRY(RM_NEW(&distance, count, err));
    rm_status status =
        rm_nearest_points(NULL, distance, x, y, count, options.threads, &progress, err);
    if (status == RM_OK)
        status = rm_nearest_judge(out, distance, count, area, perimeter, &progress, err);
    rm_release(distance);
    return status;
}

rm_status rm_nearest_index_within(rm_nearest_result *out, const double *x, const double *y,
                                  int64_t count, const rm_pattern_window *area,
                                  const rm_nearest_options *given, rm_error *err)
{
    rm_nearest_options options;
    rm_progress progress;
    double *distance = NULL;
    rm_window *window = NULL;
    rm_nearest_result made;
    RM_TRY(check_points(x, y, count, err));
    RM_TRY(take_nearest_options(&options, &progress, given, err));
    if (!out || !area)
        return rm_fail(err, RM_EINVAL, "out or the study area is NULL");
    rm_progress_stage(&progress, 0, 0.6);
    RM_TRY(rm_window_new(&window, area, &progress, err));
    rm_status status = RM_NEW(&distance, count, err);
    if (status == RM_OK)
        status = rm_nearest_points(NULL, distance, x, y, count, options.threads, &progress, err);
    rm_progress_stage(&progress, 0.6, 1);
    if (status == RM_OK)
        status = rm_nearest_judge(&made, distance, count, rm_window_area(window),
                                  rm_window_perimeter(window), &progress, err);
    if (status == RM_OK)
        status = rm_nearest_cdf(&made, distance, x, y, window, options.cdf_steps, options.threads,
                                &progress, err);
    if (status == RM_OK)
        *out = made;
    rm_release(distance);
    rm_window_free(window);
    return status;
}

/* The study area, and what is asked about it. *window is to be freed, also on failure. */
static rm_status plan_ripley(rm_window **window, rm_ripley *how, rm_ripley_options *options,
                             rm_progress *progress, const double *r, int64_t r_count,
                             const rm_pattern_window *area, const rm_ripley_options *given,
                             rm_error *err)
{
    rm_ripley_options_init(options);
    RM_TRY(
        RM_TAKE_OPTIONS(options, given, rm_ripley_options, RM_RIPLEY_OPTIONS_INIT, progress, err));
    RM_TRY(check_threads(options->threads, err));
    if (!r || !area)
        return rm_fail(err, RM_EINVAL, "r or the study area is NULL");
    *how = (rm_ripley){r, r_count, NULL, options->correction, options->max_weight};
    RM_TRY(rm_ripley_check(how, err));
    rm_progress_start(progress, options->progress, options->progress_user);
    RM_TRY(rm_window_new(window, area, progress, err));
    how->window = *window;
    return RM_OK;
}

rm_status rm_ripley_k(double *k, double *l, const double *r, int64_t r_count, const double *x,
                      const double *y, int64_t count, const rm_pattern_window *area,
                      const rm_ripley_options *given, rm_error *err)
{
    rm_ripley_options options;
    rm_window *window = NULL;
    rm_ripley how;
    rm_progress progress;
    double *made = NULL;
    RM_TRY(check_points(x, y, count, err));
    rm_status status =
        plan_ripley(&window, &how, &options, &progress, r, r_count, area, given, err);
    if (status == RM_OK)
        status = RM_NEW(&made, r_count, err);
    if (status == RM_OK)
        status = rm_ripley_curve(made, &how, x, y, count, options.threads, &progress, err);
    if (status == RM_OK && k)
        memcpy(k, made, (size_t)r_count * sizeof *k);
    if (status == RM_OK && l)
        rm_ripley_l(l, made, r_count);
    rm_release(made);
    rm_window_free(window);
    return status;
}

/* made: the points' own L, the lower and the upper bound. */
static rm_status run_envelope(rm_ripley_result *out, double *made, const rm_ripley *how,
                              const rm_ripley_options *options, const double *x, const double *y,
                              int64_t count, rm_progress *progress, rm_error *err)
{
    rm_ripley_runs runs = {options->simulations, options->rank, options->seed, options->threads};
    rm_progress_stage(progress, 0, 1 / (1.0 + options->simulations));
    RM_TRY(rm_ripley_curve(made, how, x, y, count, options->threads, progress, err));
    rm_ripley_l(made, made, how->r_count);
    rm_progress_stage(progress, 1 / (1.0 + options->simulations), 1);
    return rm_ripley_simulate(out, made + how->r_count, made + 2 * how->r_count, made, count, how,
                              &runs, progress, err);
}

rm_status rm_ripley_envelope(rm_ripley_result *out, double *l, double *low, double *high,
                             const double *r, int64_t r_count, const double *x, const double *y,
                             int64_t count, const rm_pattern_window *area,
                             const rm_ripley_options *given, rm_error *err)
{
    rm_ripley_options options;
    rm_window *window = NULL;
    rm_ripley how;
    rm_progress progress;
    rm_ripley_result result;
    double *made = NULL;
    RM_TRY(check_points(x, y, count, err));
    rm_status status =
        plan_ripley(&window, &how, &options, &progress, r, r_count, area, given, err);
    if (status == RM_OK)
        status = RM_NEW(&made, 3 * r_count, err);
    if (status == RM_OK)
        status = run_envelope(&result, made, &how, &options, x, y, count, &progress, err);
    if (status == RM_OK) {
        double *outputs[] = {l, low, high};
        for (int i = 0; i < 3; i++) {
            if (outputs[i])
                memcpy(outputs[i], made + i * r_count, (size_t)r_count * sizeof *made);
        }
        if (out)
            *out = result;
    }
    rm_release(made);
    rm_window_free(window);
    return status;
}
