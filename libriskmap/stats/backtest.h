/* A map against what happened: cells in the order of their prediction, and what the first of them
 * hold. */
#ifndef RM_STATS_BACKTEST_H
#define RM_STATS_BACKTEST_H

#include "base/memory.h"
#include "base/progress.h"
#include "riskmap/backtest.h"

/* Borrowed. */
typedef struct rm_cells {
    const double *prediction, *events;
    const double *before; /* may be NULL */
    const double *area;   /* NULL: all 1 */
    int64_t count;
    int32_t kind;          /* RM_PREDICTION_AMOUNT, ... */
    int32_t ties;          /* RM_TIES_AVERAGED, ... */
    rm_progress *progress; /* may be NULL: ticks while a capture is made */
} rm_cells;

/* RM_EINVAL for no cells, and with its row for what cannot be used; RM_EDATA for no events. */
rm_status rm_cells_check(const rm_cells *cells, rm_error *err);

/* Cells in order, and running totals: member [k] of a running total is that of the first k cells.
 */
typedef struct rm_capture {
    int64_t count;
    int64_t *cell;  /* [count] */
    int64_t *block; /* [count]: the first place of the cells that this one shares its rank with */
    double *events, *area, *prediction, *before; /* [count + 1]; before is 0 when not given */
    double *best_events, *best_area;             /* [count + 1]: the same in the best order */
} rm_capture;

/* Cells must have passed the check. Totals are exact sums, so they do not depend on the order of
 * the cells, but for RM_TIES_WORST, where cells equal in events per area too come as they stand. */
rm_status rm_capture_new(rm_capture *capture, const rm_cells *cells, rm_error *err);
void rm_capture_clear(rm_capture *capture);

/* steps[count]; cells: what the capture was made of */
void rm_capture_steps(rm_backtest_step *steps, const rm_capture *capture, const rm_cells *cells);
/* 0 < share <= 1 */
void rm_capture_share(rm_backtest_share *out, const rm_capture *capture, double share);

/* The capture must be of averaged ties. */
double rm_capture_auc(const rm_capture *capture);
double rm_capture_best_auc(const rm_capture *capture);
void rm_capture_roc(double *auc, double *precision, const rm_capture *capture, const double *events,
                    double threshold);
/* Of amounts, NaN counting as 0, multiplied by scale. */
double rm_brier_amounts(const double *amount, const double *events, int64_t count, double scale);
rm_status rm_brier_probabilities(double *score, const double *probability, const double *events,
                                 int64_t count, rm_error *err);
/* The exact sum of those that are not NaN. */
double rm_sum_present(const double *values, int64_t count);

#endif
