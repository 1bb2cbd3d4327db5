#include "riskmap/backtest.h"

#include "api/options.h"
#include "stats/backtest.h"

#include <math.h>

void rm_backtest_options_init(rm_backtest_options *options)
{
    *options = (rm_backtest_options)RM_BACKTEST_OPTIONS_INIT;
}

static const char *const MESSAGE = "back-test";

/* What is tested beside what, everything checked. */
typedef struct rivals {
    rm_backtest_options options;
    rm_progress progress;
    rm_cells map, plain; /* plain.prediction is NULL when it is not wanted */
} rivals;

static rm_status options_read(rm_backtest_options *out, const rm_backtest_options *options,
                              rm_error *err)
{
    rm_backtest_options_init(out);
    RM_TRY(RM_TAKE_OPTIONS(out, options, rm_backtest_options, RM_BACKTEST_OPTIONS_INIT, prediction,
                           err));
    if (out->prediction < RM_PREDICTION_AMOUNT || out->prediction > RM_PREDICTION_SCORE)
        return rm_fail(err, RM_EINVAL,
                       "prediction is %d; RM_PREDICTION_AMOUNT or RM_PREDICTION_SCORE",
                       out->prediction);
    if (out->ties < RM_TIES_AVERAGED || out->ties > RM_TIES_WORST)
        return rm_fail(err, RM_EINVAL, "ties is %d; RM_TIES_AVERAGED or RM_TIES_WORST", out->ties);
    if (!(out->threshold >= 0.0) || !(out->expected >= 0.0) || isinf(out->expected))
        return rm_fail(err, RM_EINVAL, "threshold and expected must be numbers of 0 or more");
    return RM_OK;
}

static rm_status rivals_read(rivals *out, bool wants_plain, const rm_cells *cells,
                             const rm_backtest_options *options, rm_error *err)
{
    RM_TRY(options_read(&out->options, options, err));
    if (!cells->prediction || !cells->events)
        return rm_fail(err, RM_EINVAL, "an array is NULL");
    if (wants_plain && !cells->before)
        return rm_fail(err, RM_EINVAL,
                       "the plain count needs what happened before, but before is NULL");
    rm_progress_start(&out->progress, out->options.progress, out->options.progress_user);
    RM_TRY(rm_progress_report(&out->progress, 0.0, MESSAGE, err));
    out->map = *cells;
    out->map.progress = &out->progress;
    out->map.kind = out->options.prediction;
    out->map.ties = out->options.ties;
    RM_TRY(rm_cells_check(&out->map, err));
    out->plain = out->map;
    out->plain.kind = RM_PREDICTION_AMOUNT;
    out->plain.prediction = wants_plain ? cells->before : NULL;
    return RM_OK;
}

static void captures_clear(rm_capture captures[2])
{
    rm_capture_clear(&captures[0]);
    rm_capture_clear(&captures[1]);
}

/* Both before anything is written. */
static rm_status captures_new(rm_capture captures[2], rivals *both, rm_error *err)
{
    captures[0] = captures[1] = (rm_capture){0};
    rm_progress_stage(&both->progress, 0.0, both->plain.prediction ? 0.5 : 1.0);
    rm_status status = rm_capture_new(&captures[0], &both->map, err);
    rm_progress_stage(&both->progress, 0.5, 1.0);
    if (status == RM_OK && both->plain.prediction)
        status = rm_capture_new(&captures[1], &both->plain, err);
    if (status == RM_OK)
        status = rm_progress_report(&both->progress, 1.0, MESSAGE, err);
    if (status != RM_OK)
        captures_clear(captures);
    return status;
}

rm_status rm_backtest_curve(rm_backtest_step *map, rm_backtest_step *plain,
                            const double *prediction, const double *events, const double *before,
                            const double *area, int64_t count, const rm_backtest_options *options,
                            rm_error *err)
{
    rivals both;
    rm_capture captures[2];
    rm_cells cells = {prediction, events, before, area, count, 0, 0, NULL};
    if (!map)
        return rm_fail(err, RM_EINVAL, "there is no room for the curve: map is NULL");
    RM_TRY(rivals_read(&both, plain != NULL, &cells, options, err));
    RM_TRY(captures_new(captures, &both, err));
    rm_capture_steps(map, &captures[0], &both.map);
    if (plain)
        rm_capture_steps(plain, &captures[1], &both.plain);
    captures_clear(captures);
    return RM_OK;
}

static rm_status check_shares(const double *share, int32_t shares, rm_error *err)
{
    if (shares < 0 || (shares > 0 && !share))
        return rm_fail(err, RM_EINVAL, "share is NULL, or shares is %d", shares);
    for (int32_t s = 0; s < shares; s++)
        if (!(share[s] > 0.0 && share[s] <= 1.0))
            return rm_fail_row(err, RM_EINVAL, s,
                               "share %d is %g; a share of the area lies above 0 and not above 1",
                               s, share[s]);
    return RM_OK;
}

rm_status rm_backtest_shares(rm_backtest_share *map, rm_backtest_share *plain, const double *share,
                             int32_t shares, const double *prediction, const double *events,
                             const double *before, const double *area, int64_t count,
                             const rm_backtest_options *options, rm_error *err)
{
    rivals both;
    rm_capture captures[2];
    rm_cells cells = {prediction, events, before, area, count, 0, 0, NULL};
    RM_TRY(check_shares(share, shares, err));
    if (!map)
        return rm_fail(err, RM_EINVAL, "there is no room for the shares: map is NULL");
    RM_TRY(rivals_read(&both, plain != NULL, &cells, options, err));
    RM_TRY(captures_new(captures, &both, err));
    for (int32_t s = 0; s < shares; s++) {
        rm_capture_share(&map[s], &captures[0], share[s]);
        if (plain)
            rm_capture_share(&plain[s], &captures[1], share[s]);
    }
    captures_clear(captures);
    return RM_OK;
}

/* What amounts are multiplied by, so that they are as many as were to be expected. */
static double scale_of(const rm_cells *cells, double expected)
{
    if (expected == 0.0 && !cells->before)
        return 1.0;
    if (expected == 0.0)
        expected = rm_sum_present(cells->before, cells->count);
    double sum = rm_sum_present(cells->prediction, cells->count);
    return sum > 0.0 ? expected / sum : 0.0;
}

static rm_backtest_scores score(const rm_cells *cells, const rm_capture *capture,
                                const rm_backtest_options *options)
{
    rm_backtest_scores scores = {.auc_events = rm_capture_auc(capture),
                                 .auc_events_best = rm_capture_best_auc(capture),
                                 .brier = NAN};
    rm_capture_roc(&scores.auc_cells, &scores.average_precision, capture, cells->events,
                   options->threshold);
    if (cells->kind == RM_PREDICTION_AMOUNT)
        scores.brier = rm_brier_amounts(cells->prediction, cells->events, cells->count,
                                        scale_of(cells, options->expected));
    return scores;
}

rm_status rm_backtest_score(rm_backtest_scores *map, rm_backtest_scores *plain,
                            const double *prediction, const double *events, const double *before,
                            const double *area, int64_t count, const rm_backtest_options *options,
                            rm_error *err)
{
    rivals both;
    rm_capture captures[2];
    rm_cells cells = {prediction, events, before, area, count, 0, 0, NULL};
    if (!map)
        return rm_fail(err, RM_EINVAL, "there is no room for the scores: map is NULL");
    RM_TRY(rivals_read(&both, plain != NULL, &cells, options, err));
    both.map.ties = both.plain.ties = RM_TIES_AVERAGED;
    RM_TRY(captures_new(captures, &both, err));
    rm_backtest_scores first = score(&both.map, &captures[0], &both.options), second;
    rm_status status = rm_progress_tick(&both.progress, MESSAGE, err);
    if (status == RM_OK && plain)
        second = score(&both.plain, &captures[1], &both.options);
    captures_clear(captures);
    RM_TRY(status);
    *map = first;
    if (plain)
        *plain = second;
    return RM_OK;
}

rm_status rm_brier_score(double *score, const double *probability, const double *events,
                         int64_t count, rm_error *err)
{
    if (!score || count < 0 || (count > 0 && (!probability || !events)))
        return rm_fail(err, RM_EINVAL, "an array is NULL, or count is %lld", (long long)count);
    return rm_brier_probabilities(score, probability, events, count, err);
}
