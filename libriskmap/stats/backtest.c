#include "stats/backtest.h"

#include "stats/order.h"

#include <math.h>

enum { CELLS_A_TICK = 1 << 16 };

static const char *const ORDERING = "cells in order";

static rm_status refuse_missing(const double *values, int64_t count, bool above_zero,
                                const char *what, rm_error *err)
{
    for (int64_t i = 0; i < count; i++) {
        if (isnan(values[i]) || isinf(values[i]))
            return rm_fail_row(err, RM_EINVAL, i, "%s of row %lld is %s", what, (long long)i,
                               isnan(values[i]) ? "missing" : "infinite");
        if (above_zero && !(values[i] > 0.0))
            return rm_fail_row(err, RM_EINVAL, i, "%s of row %lld is not above 0", what,
                               (long long)i);
        if (values[i] < 0.0)
            return rm_fail_row(err, RM_EINVAL, i, "%s of row %lld is negative", what, (long long)i);
    }
    return RM_OK;
}

double rm_sum_present(const double *values, int64_t count)
{
    rm_exact sum = {0};
    for (int64_t i = 0; i < count; i++)
        if (!isnan(values[i]))
            rm_exact_add(&sum, values[i]);
    return rm_exact_value(&sum);
}

rm_status rm_cells_check(const rm_cells *cells, rm_error *err)
{
    int64_t count = cells->count;
    if (count < 1)
        return rm_fail(err, RM_EINVAL, "there are no cells");
    RM_TRY(refuse_missing(cells->events, count, false, "the number of events", err));
    if (cells->before)
        RM_TRY(refuse_missing(cells->before, count, false, "the number of events before", err));
    if (cells->area)
        RM_TRY(refuse_missing(cells->area, count, true, "the area", err));
    RM_TRY(rm_refuse_infinite(cells->prediction, count, "the prediction", err));
    for (int64_t i = 0; i < count && cells->kind == RM_PREDICTION_AMOUNT; i++)
        if (cells->prediction[i] < 0.0)
            return rm_fail_row(err, RM_EINVAL, i,
                               "the prediction of row %lld is negative; an amount is not, a score "
                               "may be",
                               (long long)i);
    double events = rm_sum_present(cells->events, count);
    if (events == 0.0)
        return rm_fail(err, RM_EDATA,
                       "nothing happened in any of the %lld cells: there was nothing "
                       "to find",
                       (long long)count);
    if (!isfinite(events) || (cells->area && !isfinite(rm_sum_present(cells->area, count))))
        return rm_fail(err, RM_EINVAL, "the events or areas are too large to add up");
    return RM_OK;
}

/* ---- the order ------------------------------------------------------------------------------ */

static double per_area(const rm_cells *cells, const double *values, int64_t i)
{
    return cells->area ? values[i] / cells->area[i] : values[i];
}

static double rank_value(const rm_cells *cells, int64_t i)
{
    return cells->kind == RM_PREDICTION_SCORE ? cells->prediction[i]
                                              : per_area(cells, cells->prediction, i);
}

/* to[count]: cells by ascending events per area, equal ones as they stand. */
static rm_status order_by_events(int64_t *to, const rm_cells *cells, double *values, rm_error *err)
{
    rm_keyed *sorted = NULL;
    int64_t present = 0;
    for (int64_t i = 0; i < cells->count; i++)
        values[i] = per_area(cells, cells->events, i);
    RM_TRY(rm_sort_present(&sorted, &present, values, cells->count, "the events per area",
                           cells->progress, err));
    for (int64_t i = 0; i < present; i++)
        to[i] = sorted[i].index;
    rm_release(sorted);
    return RM_OK;
}

/* The cells of first[] by descending prediction, equal ones as they are there, missing ones last.
 */
static rm_status order_by_prediction(rm_capture *capture, const rm_cells *cells,
                                     const int64_t *first, double *values, rm_error *err)
{
    rm_keyed *sorted = NULL;
    int64_t present = 0, count = cells->count;
    for (int64_t k = 0; k < count; k++)
        values[k] = -rank_value(cells, first[k]); /* the sort is ascending, and keeps equals */
    RM_TRY(rm_sort_present(&sorted, &present, values, count, "the prediction per area",
                           cells->progress, err));
    for (int64_t k = 0; k < present; k++) {
        bool same = k > 0 && sorted[k].key == sorted[k - 1].key;
        capture->cell[k] = first[sorted[k].index];
        capture->block[k] = same ? capture->block[k - 1] : k;
    }
    int64_t place = present;
    for (int64_t k = 0; k < count && place < count; k++) {
        if (!isnan(values[k]))
            continue;
        capture->cell[place] = first[k];
        capture->block[place++] = present;
    }
    rm_release(sorted);
    return RM_OK;
}

/* ---- running totals ------------------------------------------------------------------------- */

/* to[k] of the first k cells; NaN counts as 0, values NULL as `instead` each. */
static rm_status run_up(double *to, const double *values, double instead, const int64_t *cell,
                        const rm_cells *cells, rm_error *err)
{
    rm_exact sum = {0};
    to[0] = 0.0;
    for (int64_t k = 0; k < cells->count; k++) {
        if (k % CELLS_A_TICK == 0)
            RM_TRY(rm_progress_tick(cells->progress, ORDERING, err));
        double value = values ? values[cell[k]] : instead;
        rm_exact_add(&sum, isnan(value) ? 0.0 : value);
        to[k + 1] = rm_exact_value(&sum);
    }
    return RM_OK;
}

/* Within cells of equal rank the total grows evenly. */
static void spread(double *total, const int64_t *block, int64_t count)
{
    for (int64_t begin = 0, end; begin < count; begin = end) {
        for (end = begin + 1; end < count && block[end] == begin;)
            end++;
        double from = total[begin], growth = total[end] - from;
        for (int64_t k = begin + 1; k < end; k++)
            total[k] = from + growth * ((double)(k - begin) / (double)(end - begin));
    }
}

static rm_status make_room(rm_capture *capture, int64_t count, rm_error *err)
{
    double **const totals[] = {&capture->events, &capture->area,        &capture->prediction,
                               &capture->before, &capture->best_events, &capture->best_area};
    capture->count = count;
    RM_TRY(RM_NEW(&capture->cell, count, err));
    RM_TRY(RM_NEW(&capture->block, count, err));
    for (int t = 0; t < 6; t++)
        RM_TRY(RM_NEW(totals[t], count + 1, err));
    return RM_OK;
}

/* In the best order, for which cell and block serve while there is no other. Cells equal in events
 * per area are spread there too: how they stand would change the last digit. */
static rm_status add_up_best(rm_capture *capture, const rm_cells *cells, const int64_t *worst,
                             rm_error *err)
{
    int64_t count = cells->count;
    for (int64_t k = 0; k < count; k++) {
        capture->cell[k] = worst[count - 1 - k];
        bool same = k > 0 && per_area(cells, cells->events, capture->cell[k]) ==
                                 per_area(cells, cells->events, capture->cell[k - 1]);
        capture->block[k] = same ? capture->block[k - 1] : k;
    }
    RM_TRY(run_up(capture->best_events, cells->events, 0.0, capture->cell, cells, err));
    RM_TRY(run_up(capture->best_area, cells->area, 1.0, capture->cell, cells, err));
    spread(capture->best_events, capture->block, count);
    spread(capture->best_area, capture->block, count);
    return RM_OK;
}

static rm_status add_up_in_order(rm_capture *capture, const rm_cells *cells, rm_error *err)
{
    double *const totals[] = {capture->events, capture->area, capture->prediction, capture->before};
    RM_TRY(run_up(capture->events, cells->events, 0.0, capture->cell, cells, err));
    RM_TRY(run_up(capture->area, cells->area, 1.0, capture->cell, cells, err));
    RM_TRY(run_up(capture->prediction, cells->prediction, 0.0, capture->cell, cells, err));
    RM_TRY(run_up(capture->before, cells->before, 0.0, capture->cell, cells, err));
    for (int t = 0; t < 4 && cells->ties == RM_TIES_AVERAGED; t++)
        spread(totals[t], capture->block, cells->count);
    if (cells->kind != RM_PREDICTION_AMOUNT)
        for (int64_t k = 1; k <= cells->count; k++)
            capture->prediction[k] = NAN;
    return RM_OK;
}

static rm_status fill(rm_capture *capture, const rm_cells *cells, int64_t *first, double *values,
                      rm_error *err)
{
    RM_TRY(order_by_events(first, cells, values, err));
    RM_TRY(rm_progress_report(cells->progress, 0.2, ORDERING, err));
    RM_TRY(add_up_best(capture, cells, first, err));
    for (int64_t k = 0; k < cells->count && cells->ties == RM_TIES_AVERAGED; k++)
        first[k] = k;
    RM_TRY(rm_progress_report(cells->progress, 0.5, ORDERING, err));
    RM_TRY(order_by_prediction(capture, cells, first, values, err));
    RM_TRY(rm_progress_report(cells->progress, 0.7, ORDERING, err));
    return add_up_in_order(capture, cells, err);
}

rm_status rm_capture_new(rm_capture *capture, const rm_cells *cells, rm_error *err)
{
    rm_capture made = {0};
    int64_t *first = NULL;
    double *values = NULL;

    rm_status status = make_room(&made, cells->count, err);
    if (status == RM_OK)
        status = RM_NEW(&first, cells->count, err);
    if (status == RM_OK)
        status = RM_NEW(&values, cells->count, err);
    if (status == RM_OK)
        status = fill(&made, cells, first, values, err);
    rm_release(first);
    rm_release(values);
    if (status == RM_OK)
        *capture = made;
    else
        rm_capture_clear(&made);
    return status;
}

void rm_capture_clear(rm_capture *capture)
{
    rm_release(capture->cell);
    rm_release(capture->block);
    rm_release(capture->events);
    rm_release(capture->area);
    rm_release(capture->prediction);
    rm_release(capture->before);
    rm_release(capture->best_events);
    rm_release(capture->best_area);
    *capture = (rm_capture){0};
}

/* ---- what the first cells hold -------------------------------------------------------------- */

/* a / b, NaN when there is nothing to compare with. */
static double ratio(double a, double b)
{
    return b > 0.0 ? a / b : NAN;
}

/* The most events that can be had on an area; *from moves on from call to call, areas ascending. */
static double best_on(const rm_capture *capture, double area, int64_t *from)
{
    int64_t k = *from;
    while (k < capture->count && capture->best_area[k + 1] <= area)
        k++;
    *from = k;
    if (k >= capture->count)
        return capture->best_events[capture->count];
    double width = capture->best_area[k + 1] - capture->best_area[k];
    double part = (area - capture->best_area[k]) / width;
    return capture->best_events[k] + part * (capture->best_events[k + 1] - capture->best_events[k]);
}

/* Where the k first cells stand. */
static void step_at(rm_backtest_step *step, const rm_capture *capture, int64_t k, int64_t *from)
{
    int64_t last = capture->count;
    double events = capture->events[k], area = capture->area[k];
    *step = (rm_backtest_step){.cell = capture->cell[k - 1],
                               .cum_events = events,
                               .hit_rate = events / capture->events[last],
                               .cum_prediction = capture->prediction[k],
                               .cum_area = area,
                               .area_share = area / capture->area[last],
                               .rri_predicted = ratio(capture->prediction[k], events),
                               .rri_before =
                                   ratio(ratio(events, capture->before[k]),
                                         ratio(capture->events[last], capture->before[last]))};
    step->pai = step->hit_rate / step->area_share;
    step->pei = events / best_on(capture, area, from);
}

/* The mean of what the cells of places begin..end have, NaN counting as 0. Not a difference of
 * running totals, which would lose what a small one is made of. */
static double mean_of(const double *values, const int64_t *cell, int64_t begin, int64_t end)
{
    rm_exact sum = {0};
    for (int64_t k = begin; k < end; k++)
        rm_exact_add(&sum, isnan(values[cell[k]]) ? 0.0 : values[cell[k]]);
    return rm_exact_value(&sum) / (double)(end - begin);
}

void rm_capture_steps(rm_backtest_step *steps, const rm_capture *capture, const rm_cells *cells)
{
    const int64_t *cell = capture->cell;
    int64_t from = 0;

    for (int64_t k = 1; k <= capture->count; k++)
        step_at(&steps[k - 1], capture, k, &from);
    for (int64_t begin = 0, end; begin < capture->count; begin = end) {
        for (end = begin + 1; end < capture->count && cells->ties == RM_TIES_AVERAGED &&
                              capture->block[end] == capture->block[begin];)
            end++;
        double events = mean_of(cells->events, cell, begin, end);
        double area = cells->area ? mean_of(cells->area, cell, begin, end) : 1.0;
        double prediction = cells->kind == RM_PREDICTION_SCORE
                                ? cells->prediction[cell[begin]]
                                : mean_of(cells->prediction, cell, begin, end);
        for (int64_t k = begin; k < end; k++) {
            steps[k].events = events;
            steps[k].area = area;
            steps[k].prediction = prediction;
        }
    }
}

/* The last k whose area fits, but for rounding. */
static int64_t cells_within(const rm_capture *capture, double area)
{
    int64_t low = 0, high = capture->count;
    while (low < high) {
        int64_t middle = high - (high - low) / 2;
        if (capture->area[middle] <= area * (1.0 + 1e-12))
            low = middle;
        else
            high = middle - 1;
    }
    return low;
}

void rm_capture_share(rm_backtest_share *out, const rm_capture *capture, double share)
{
    int64_t last = capture->count, from = 0, from_exact = 0;
    double area = share * capture->area[last], all = capture->events[last];
    int64_t k = cells_within(capture, area);
    rm_backtest_step step = {
        .hit_rate = NAN, .pai = NAN, .pei = NAN, .rri_predicted = NAN, .rri_before = NAN};
    double held = capture->events[k];

    if (k > 0)
        step_at(&step, capture, k, &from);
    if (k < last)
        held += fmax(0.0, area - capture->area[k]) / (capture->area[k + 1] - capture->area[k]) *
                (capture->events[k + 1] - capture->events[k]);
    *out = (rm_backtest_share){.share = share,
                               .cells = k,
                               .area_share = step.area_share,
                               .hit_rate = k > 0 ? step.hit_rate : 0.0,
                               .pai = step.pai,
                               .pei = step.pei,
                               .rri_predicted = step.rri_predicted,
                               .rri_before = step.rri_before,
                               .hit_rate_at = held / all,
                               .pai_at = held / all / share,
                               .pei_at = held / best_on(capture, area, &from_exact)};
}

/* ---- in one number -------------------------------------------------------------------------- */

static double area_under(const double *events, const double *area, int64_t count)
{
    rm_exact sum = {0};
    for (int64_t k = 1; k <= count; k++)
        rm_exact_add(&sum, 0.5 * (events[k] + events[k - 1]) * (area[k] - area[k - 1]));
    return rm_exact_value(&sum) / events[count] / area[count];
}

double rm_capture_auc(const rm_capture *capture)
{
    return area_under(capture->events, capture->area, capture->count);
}

double rm_capture_best_auc(const rm_capture *capture)
{
    return area_under(capture->best_events, capture->best_area, capture->count);
}

void rm_capture_roc(double *auc, double *precision, const rm_capture *capture, const double *events,
                    double threshold)
{
    double ahead = 0.0, found = 0.0, pairs = 0.0, sum = 0.0;

    for (int64_t begin = 0, end; begin < capture->count; begin = end) {
        double hits = 0.0;
        for (end = begin; end < capture->count && capture->block[end] == begin; end++)
            hits += events[capture->cell[end]] > threshold;
        double misses = (double)(end - begin) - hits;
        pairs += misses * (found + 0.5 * hits); /* those to find that are ahead of those not to */
        found += hits;
        ahead += misses;
        sum += hits * (found / (double)end);
    }
    *auc = found > 0.0 && ahead > 0.0 ? pairs / (found * ahead) : NAN;
    *precision = found > 0.0 ? sum / found : NAN;
}

double rm_brier_amounts(const double *amount, const double *events, int64_t count, double scale)
{
    rm_exact sum = {0};
    for (int64_t i = 0; i < count; i++) {
        double probability = isnan(amount[i]) ? 0.0 : -expm1(-amount[i] * scale);
        double off = probability - (events[i] > 0.0 ? 1.0 : 0.0);
        rm_exact_add(&sum, off * off);
    }
    return rm_exact_value(&sum) / (double)count;
}

rm_status rm_brier_probabilities(double *score, const double *probability, const double *events,
                                 int64_t count, rm_error *err)
{
    rm_exact sum = {0};
    int64_t present = 0;
    for (int64_t i = 0; i < count; i++) {
        if (probability[i] < 0.0 || probability[i] > 1.0)
            return rm_fail_row(err, RM_EINVAL, i,
                               "the probability of row %lld does not lie between 0 and 1",
                               (long long)i);
        if (events[i] < 0.0 || isinf(events[i]))
            return rm_fail_row(err, RM_EINVAL, i, "the number of events of row %lld is %s",
                               (long long)i, events[i] < 0.0 ? "negative" : "infinite");
        if (isnan(probability[i]) || isnan(events[i]))
            continue;
        double off = probability[i] - (events[i] > 0.0 ? 1.0 : 0.0);
        rm_exact_add(&sum, off * off);
        present++;
    }
    *score = present ? rm_exact_value(&sum) / (double)present : NAN;
    return RM_OK;
}
