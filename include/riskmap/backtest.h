/* How good is a map: what it said before, against what happened after. Part of riskmap.h.
 *
 * A map gives every cell (any area) a prediction; events[i] is what then happened in it, before[i]
 * what had happened when the map was made (needed for the plain count, and for what compares with
 * it; else NULL), area[i] how large it is, in any unit (NULL: all equal). Cells are taken from the
 * highest prediction down, and counted how much they hold of what happened. A map is worth its
 * trouble when it does better than the plain count of what happened before: each function gives
 * both, side by side.
 *
 * Events and before: 0 or more, weights too; areas above 0. What is missing (NaN), negative or
 * infinite there is RM_EINVAL with its row. A missing prediction comes after all others, and as an
 * amount counts as 0: a map that says nothing about a cell has not found what happened in it. No
 * events at all is RM_EDATA: there was nothing to find. All functions are thread-safe; outputs are
 * written only on success; the outcome does not depend on the order of the cells. */
#ifndef RISKMAP_BACKTEST_H
#define RISKMAP_BACKTEST_H

#include "riskmap/status.h"

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/** What a prediction is. */
enum {
    /** How many events are to be expected in the cell, up to a factor: 0 or more; cells are taken
     * in the order of prediction / area. */
    RM_PREDICTION_AMOUNT = 0,
    /** A density, a probability, a score, of any sign: cells are taken in its own order. What
     * compares amounts (rri_predicted, brier) is NaN. */
    RM_PREDICTION_SCORE = 1
};

/** In which order cells of equal prediction (per area) are taken. */
enum {
    /** In none: their events, predictions and areas are spread evenly over their places in the
     * order, which is what all orders come to on average. */
    RM_TIES_AVERAGED = 0,
    /** Those with the fewest events per area first, which is the worst order for the map. As
     * ptools, which does so by events. */
    RM_TIES_WORST = 1
};

/** Options of the functions below. Begin with RM_BACKTEST_OPTIONS_INIT. */
typedef struct rm_backtest_options {
    uint32_t size;      /**< sizeof(rm_backtest_options) */
    int32_t prediction; /**< RM_PREDICTION_AMOUNT (default) or RM_PREDICTION_SCORE */
    int32_t ties;       /**< RM_TIES_AVERAGED (default) or RM_TIES_WORST: curve and shares */
    int32_t reserved;   /**< 0 */
    double threshold;   /**< auc_cells, average_precision: a cell with more events is one to find;
                           default 0, any event */
    double expected;    /**< brier: the number of events to be expected in all, to which predictions
                           are scaled; default 0: the sum of before, or without that no scaling */
    rm_progress_fn progress;
    void *progress_user;
} rm_backtest_options;
/* clang-format off */
#define RM_BACKTEST_OPTIONS_INIT {sizeof(rm_backtest_options), RM_PREDICTION_AMOUNT, RM_TIES_AVERAGED, 0, 0.0, 0.0, NULL, NULL}
/* clang-format on */
RM_API void rm_backtest_options_init(rm_backtest_options *options);

/**
 * What the first cells in the order hold. Frozen in layout.
 * With n of N events in area a of A: hit rate n / N; PAI (n / N) / (a / A) (Chainey, Tompson and
 * Uhlig 2008); PEI = PAI / the best PAI there can be at the same area, when cells are taken by
 * events / area and the last in part (Hunt 2016). ptools divides by the best PAI of as many cells,
 * which is the same where areas are equal: divide by the pai of a curve whose prediction is events.
 * The recapture rate index has two meanings, and here two names: rri_predicted = sum of predictions
 * / n (Wheeler and Steenbeek 2021; ptools), which says whether amounts were right; rri_before = (n
 * / events before in these cells) / (N / all events before) (Levine 2008), which says whether
 * places stayed what they were. Ratios to nothing are NaN.
 */
typedef struct rm_backtest_step {
    int64_t
        cell; /**< the cell that comes in, counted from 0; of equals, those first listed first */
    double events, cum_events; /**< of this place in the order; of all up to here */
    double hit_rate;
    double prediction, cum_prediction;
    double area, cum_area, area_share;
    double pai, pei;
    double rri_predicted, rri_before;
} rm_backtest_step;

/**
 * map[count]: the cells one by one, in order; plain[count]: the same when before is the prediction
 * (NULL: not wanted). options NULL: defaults.
 * @return RM_EINVAL, RM_EDATA, RM_ELIMIT (more than 2147483647 cells), RM_ECANCELLED, RM_ENOMEM
 */
RM_API rm_status rm_backtest_curve(rm_backtest_step *map, rm_backtest_step *plain,
                                   const double *prediction, const double *events,
                                   const double *before, const double *area, int64_t count,
                                   const rm_backtest_options *options, rm_error *err);

/** What a share of the area holds. Frozen in layout. */
typedef struct rm_backtest_share {
    double share; /**< as asked, of the whole area */
    /* as many whole cells as the share has room for; none hold nothing, and have no ratios (NaN) */
    int64_t cells;
    double area_share; /**< of those cells */
    double hit_rate, pai, pei, rri_predicted, rri_before;
    /* exactly the share: a part of the next cell with the same part of its events */
    double hit_rate_at, pai_at, pei_at;
} rm_backtest_share;

/**
 * map[shares], plain[shares] (NULL: not wanted): at each share, above 0 and at most 1.
 * @return RM_EINVAL, RM_EDATA, RM_ECANCELLED, RM_ENOMEM
 */
RM_API rm_status rm_backtest_shares(rm_backtest_share *map, rm_backtest_share *plain,
                                    const double *share, int32_t shares, const double *prediction,
                                    const double *events, const double *before, const double *area,
                                    int64_t count, const rm_backtest_options *options,
                                    rm_error *err);

/** A map in one number, whatever the share; ties always averaged. Frozen in layout. */
typedef struct rm_backtest_scores {
    /** Area under the ROC curve over cells: how likely a cell with more events than the threshold
     * is ahead of one without, equals counting half (scikit-learn's roc_auc_score). Says nothing of
     * how many events. NaN when there are only cells of one kind. */
    double auc_cells;
    /** Average precision over the same cells: sum (recall - recall before) precision, cells of
     * equal prediction together (scikit-learn's average_precision_score). */
    double average_precision;
    /** Area under the capture curve, of hit rate over share of area, by trapezoids: how likely the
     * place of an event is ahead of a random place on the map, equals counting half. */
    double auc_events;
    double auc_events_best; /**< the most that auc_events can be with these events and cells */
    /** Mean over cells of (p - y)^2, y 1 with any event, else 0, p = 1 - exp(-amount) the
     * probability of any when they are Poisson: 0 is perfect (Brier 1950). With amounts scaled to
     * options.expected. */
    double brier;
} rm_backtest_scores;

/**
 * plain may be NULL.
 * @return RM_EINVAL, RM_EDATA, RM_ECANCELLED, RM_ENOMEM
 */
RM_API rm_status rm_backtest_score(rm_backtest_scores *map, rm_backtest_scores *plain,
                                   const double *prediction, const double *events,
                                   const double *before, const double *area, int64_t count,
                                   const rm_backtest_options *options, rm_error *err);

/**
 * The Brier score of probabilities of any event, 0..1: *score = mean of (probability - y)^2. Cells
 * whose probability or events are missing are left out; NaN when none is left.
 * @return RM_EINVAL: a probability outside 0..1, events negative or infinite (their row)
 */
RM_API rm_status rm_brier_score(double *score, const double *probability, const double *events,
                                int64_t count, rm_error *err);

#ifdef __cplusplus
}
#endif
#endif
