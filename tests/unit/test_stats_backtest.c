/* Back-testing: tables worked by hand, brute force, what must not matter, and every bad input. */
#include "riskmap/backtest.h"
#include "stats/backtest.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void assert_close(double a, double b)
{
    if (isnan(b) ? !isnan(a) : !(fabs(a - b) <= 1e-14 * fmax(1.0, fabs(b))))
        fail_msg("%.17g is not %.17g", a, b);
}

/* Per area the predictions are 6, 3, 2, 0, the events 4, 2, 1, 0, and those before 2, 2, 0, 1. */
enum { FEW = 4 };
static const double prediction[] = {6, 3, 4, 0}, events[] = {4, 2, 2, 0}, before[] = {2, 2, 0, 4},
                    area[] = {1, 1, 2, 4};

static void test_curve_by_hand(void **state)
{
    rm_backtest_step map[FEW], plain[FEW];
    const double pai[] = {4, 3, 2, 1}, rri[] = {1.5, 1.5, 13.0 / 8, 13.0 / 8},
                 levine[] = {2, 1.5, 2, 1};
    const double hits[] = {3, 6, 6, 8}, plain_pai[] = {3, 3, 1, 1},
                 plain_pei[] = {0.75, 1, 0.75, 1};
    const int64_t order[] = {0, 1, 3, 2};
    (void)state;
    assert_int_equal(
        rm_backtest_curve(map, plain, prediction, events, before, area, FEW, NULL, NULL), RM_OK);
    for (int k = 0; k < FEW; k++) {
        assert_int_equal(map[k].cell, k);
        assert_close(map[k].events, events[k]);
        assert_close(map[k].prediction, prediction[k]);
        assert_close(map[k].area, area[k]);
        assert_close(map[k].pai, pai[k]);
        assert_close(map[k].pei, 1.0);
        assert_close(map[k].rri_predicted, rri[k]);
        assert_close(map[k].rri_before, levine[k]);
        assert_int_equal(plain[k].cell, order[k]);
        assert_close(plain[k].cum_events, hits[k]); /* the first two are tied: 4 and 2 are 3 each */
        assert_close(plain[k].pai, plain_pai[k]);
        assert_close(plain[k].pei, plain_pei[k]);
    }
    assert_close(plain[0].events, 3.0);
    assert_close(map[2].cum_prediction, 13.0);
    assert_close(map[2].cum_area, 4.0);
    assert_close(map[2].area_share, 0.5);
    assert_close(map[1].hit_rate, 0.75);
}

static void test_shares_by_hand(void **state)
{
    const double share[] = {0.3, 0.1, 1.0, 0.25};
    rm_backtest_share map[4], plain[4];
    (void)state;
    assert_int_equal(
        rm_backtest_shares(map, plain, share, 4, prediction, events, before, area, FEW, NULL, NULL),
        RM_OK);
    assert_int_equal(map[0].cells, 2);
    assert_close(map[0].area_share, 0.25);
    assert_close(map[0].hit_rate, 0.75);
    assert_close(map[0].pai, 3.0);
    assert_close(map[0].hit_rate_at, 0.8); /* 2.4 of 8: 6 events, and 0.2 of the third cell's 2 */
    assert_close(map[0].pai_at, 0.8 / 0.3);
    assert_close(map[0].pei_at, 1.0);
    assert_close(plain[0].hit_rate_at, 0.75); /* cell 3, in which nothing happened */
    assert_close(plain[0].pei_at, 6.0 / 6.4);
    assert_int_equal(map[1].cells, 0);
    assert_true(map[1].hit_rate == 0.0 && map[1].area_share == 0.0 && isnan(map[1].pai));
    assert_close(map[1].hit_rate_at, 0.4);
    assert_close(map[1].pei_at, 1.0);
    assert_close(map[2].hit_rate_at, 1.0);
    assert_int_equal(map[2].cells, FEW);
    assert_int_equal(map[3].cells, 2);
    assert_close(plain[3].rri_before, 1.5);
}

static void test_scores_by_hand(void **state)
{
    rm_backtest_scores map, plain;
    rm_backtest_options options = RM_BACKTEST_OPTIONS_INIT;
    (void)state;
    assert_int_equal(
        rm_backtest_score(&map, &plain, prediction, events, before, area, FEW, NULL, NULL), RM_OK);
    assert_close(map.auc_events, 0.828125);
    assert_close(map.auc_events_best, 0.828125);
    assert_close(plain.auc_events, 0.6875);
    assert_close(map.auc_cells, 1.0);
    assert_close(plain.auc_cells, 2.0 / 3);
    assert_close(map.average_precision, 1.0);
    assert_close(plain.average_precision, 2.75 / 3);
    /* amounts scaled to the 8 before; the plain count is that already */
    assert_close(map.brier, (exp(-96.0 / 13) + exp(-48.0 / 13) + exp(-64.0 / 13)) / 4);
    assert_close(plain.brier, (2 * exp(-4.0) + 1 + pow(1 - exp(-4.0), 2)) / 4);
    options.threshold = 2; /* only the first cell has more */
    options.expected = 13;
    assert_int_equal(
        rm_backtest_score(&map, &plain, prediction, events, NULL, area, FEW, &options, NULL),
        RM_EINVAL);
    assert_int_equal(
        rm_backtest_score(&map, &plain, prediction, events, before, area, FEW, &options, NULL),
        RM_OK);
    assert_close(plain.auc_cells, 5.0 / 6);
    assert_close(plain.average_precision, 0.5);
    assert_close(map.brier, (exp(-12.0) + exp(-6.0) + exp(-8.0)) / 4);
    options.expected = 0; /* with nothing to scale to, as they are */
    assert_int_equal(
        rm_backtest_score(&map, NULL, prediction, events, NULL, area, FEW, &options, NULL), RM_OK);
    assert_close(map.brier, (exp(-12.0) + exp(-6.0) + exp(-8.0)) / 4);
    options.threshold = 100;
    assert_int_equal(
        rm_backtest_score(&map, NULL, prediction, events, NULL, area, FEW, &options, NULL), RM_OK);
    assert_true(isnan(map.auc_cells) && isnan(map.average_precision));
}

/* The example of ptools: 6, 7, 3, 2, 1, 0 events, predicted as 8, 4, 4, 2, 1, 0. */
static void test_ties(void **state)
{
    const double predicted[] = {8, 4, 4, 2, 1, 0}, happened[] = {6, 7, 3, 2, 1, 0};
    const double averaged[] = {6, 11, 16, 18, 19, 19}, worst[] = {6, 9, 16, 18, 19, 19};
    rm_backtest_step steps[6];
    rm_backtest_options options = RM_BACKTEST_OPTIONS_INIT;
    (void)state;
    assert_int_equal(rm_backtest_curve(steps, NULL, predicted, happened, NULL, NULL, 6, NULL, NULL),
                     RM_OK);
    for (int k = 0; k < 6; k++) {
        assert_close(steps[k].cum_events, averaged[k]);
        assert_close(steps[k].pai, averaged[k] / 19 / ((k + 1) / 6.0));
        assert_int_equal(steps[k].cell, k);
        assert_true(isnan(steps[k].rri_before));
    }
    assert_close(steps[1].events, 5.0);
    options.ties = RM_TIES_WORST;
    assert_int_equal(
        rm_backtest_curve(steps, NULL, predicted, happened, NULL, NULL, 6, &options, NULL), RM_OK);
    for (int k = 0; k < 6; k++)
        assert_close(steps[k].cum_events, worst[k]);
    assert_int_equal(steps[1].cell, 2);
    assert_close(steps[1].events, 3.0);
}

/* A map that says the same of every cell is as good as chance, whatever their order. */
static void test_one_value_everywhere(void **state)
{
    const double same[] = {5, 5, 5, 5}, even[] = {0, 4, 1, 3}, equal[] = {2, 2, 2, 2};
    rm_backtest_step steps[FEW];
    rm_backtest_scores scores;
    (void)state;
    assert_int_equal(rm_backtest_curve(steps, NULL, same, even, NULL, equal, FEW, NULL, NULL),
                     RM_OK);
    for (int k = 0; k < FEW; k++)
        assert_close(steps[k].pai, 1.0);
    assert_int_equal(rm_backtest_score(&scores, NULL, same, even, NULL, equal, FEW, NULL, NULL),
                     RM_OK);
    assert_close(scores.auc_cells, 0.5);
    assert_close(scores.auc_events, 0.5);
    assert_close(scores.average_precision, 0.75);
}

/* A cell without a prediction comes last, after those predicted 0, and has all its events missed.
 */
static void test_missing_prediction(void **state)
{
    const double gaps[] = {NAN, 1, 0, NAN}, happened[] = {6, 1, 1, 0};
    rm_backtest_step steps[FEW];
    rm_backtest_scores scores;
    (void)state;
    assert_int_equal(rm_backtest_curve(steps, NULL, gaps, happened, NULL, NULL, FEW, NULL, NULL),
                     RM_OK);
    assert_int_equal(steps[0].cell, 1);
    assert_int_equal(steps[1].cell, 2);
    assert_close(steps[1].hit_rate, 0.25);
    assert_close(steps[2].cum_events, 5.0); /* the two without share their 6 */
    assert_close(steps[3].cum_prediction, 1.0);
    assert_int_equal(rm_backtest_score(&scores, NULL, gaps, happened, NULL, NULL, FEW, NULL, NULL),
                     RM_OK);
    assert_close(scores.brier, (1 + exp(-2.0) + 1 + 0) / 4);
    assert_close(scores.auc_cells, 2.5 / 3);
}

/* Scores have any sign, and are not divided by the area. */
static void test_score_of_any_sign(void **state)
{
    const double scored[] = {-3, 0.5, -1, 2}, happened[] = {0, 3, 1, 4};
    const int64_t order[] = {3, 1, 2, 0};
    rm_backtest_step steps[FEW];
    rm_backtest_scores scores;
    rm_backtest_options options = RM_BACKTEST_OPTIONS_INIT;
    rm_error err;
    (void)state;
    options.prediction = RM_PREDICTION_SCORE;
    assert_int_equal(
        rm_backtest_curve(steps, NULL, scored, happened, NULL, area, FEW, &options, NULL), RM_OK);
    for (int k = 0; k < FEW; k++) {
        assert_int_equal(steps[k].cell, order[k]);
        assert_true(isnan(steps[k].rri_predicted));
        assert_close(steps[k].prediction, scored[order[k]]);
    }
    assert_close(steps[0].pai, 1.0); /* half the events on half the area */
    assert_int_equal(
        rm_backtest_score(&scores, NULL, scored, happened, NULL, area, FEW, &options, NULL), RM_OK);
    assert_true(isnan(scores.brier) && scores.auc_cells == 1.0);
    assert_int_equal(rm_backtest_curve(steps, NULL, scored, happened, NULL, area, FEW, NULL, &err),
                     RM_EINVAL);
    assert_string_equal(err.message,
                        "the prediction of row 0 is negative; an amount is not, a score may be");
}

/* ---- many cells ----------------------------------------------------------------------------- */

enum { MANY = 400 };

typedef struct town {
    double prediction[MANY], events[MANY], before[MANY], area[MANY];
} town;

static void make_town(town *out)
{
    for (int i = 0; i < MANY; i++) {
        out->prediction[i] = i % 31 == 4 ? NAN : 0.25 * (i * 37 % 23); /* many are tied */
        out->events[i] = i * 53 % 7 > 3 ? i * 29 % 11 : 0;
        out->before[i] = i * 13 % 5;
        out->area[i] = 0.1 * (1 + i % 3);
    }
}

/* Every pair, and every place of an event against every place on the map. */
static void test_areas_under_curves_by_pairs(void **state)
{
    static town all;
    rm_backtest_scores scores;
    double cells = 0.0, cell_pairs = 0.0, places = 0.0, place_pairs = 0.0;
    (void)state;
    make_town(&all);
    for (int i = 0; i < MANY; i++)
        for (int j = 0; j < MANY; j++) {
            double a = isnan(all.prediction[i]) ? -1.0 : all.prediction[i] / all.area[i];
            double b = isnan(all.prediction[j]) ? -1.0 : all.prediction[j] / all.area[j];
            double ahead = a > b ? 1.0 : a == b ? 0.5 : 0.0;
            bool pair = all.events[i] > 3.0 && !(all.events[j] > 3.0);
            cells += pair ? ahead : 0.0;
            cell_pairs += pair;
            places += ahead * all.events[i] * all.area[j];
            place_pairs += all.events[i] * all.area[j];
        }
    rm_backtest_options options = RM_BACKTEST_OPTIONS_INIT;
    options.threshold = 3;
    assert_int_equal(rm_backtest_score(&scores, NULL, all.prediction, all.events, all.before,
                                       all.area, MANY, &options, NULL),
                     RM_OK);
    assert_true(fabs(scores.auc_cells - cells / cell_pairs) < 1e-12);
    assert_true(fabs(scores.auc_events - places / place_pairs) < 1e-12);
    assert_true(scores.auc_events_best > scores.auc_events && scores.auc_events_best < 1.0);
}

/* PEI is 1 for the events as prediction and never more; ends are 1; hit rates rise. */
static void test_curve_is_a_curve(void **state)
{
    static town all;
    static rm_backtest_step steps[MANY], best[MANY];
    (void)state;
    make_town(&all);
    assert_int_equal(rm_backtest_curve(steps, NULL, all.prediction, all.events, all.before,
                                       all.area, MANY, NULL, NULL),
                     RM_OK);
    assert_int_equal(
        rm_backtest_curve(best, NULL, all.events, all.events, NULL, all.area, MANY, NULL, NULL),
        RM_OK);
    for (int k = 0; k < MANY; k++) {
        assert_true(steps[k].pei <= 1.0 + 1e-12 && fabs(best[k].pei - 1.0) < 1e-12);
        assert_true(k == 0 || steps[k].hit_rate >= steps[k - 1].hit_rate);
        assert_true(k == 0 || steps[k].area_share > steps[k - 1].area_share);
    }
    assert_close(steps[MANY - 1].hit_rate, 1.0);
    assert_close(steps[MANY - 1].area_share, 1.0);
    assert_close(steps[MANY - 1].pai, 1.0);
}

static void assert_same_curve(const rm_backtest_step *a, const rm_backtest_step *b, double factor)
{
    for (int k = 0; k < MANY; k++) {
        assert_true(a[k].cum_events == b[k].cum_events && a[k].hit_rate == b[k].hit_rate);
        assert_true(a[k].area_share == b[k].area_share && a[k].pai == b[k].pai);
        assert_true(a[k].pei == b[k].pei && factor * a[k].cum_prediction == b[k].cum_prediction);
        assert_true(a[k].rri_before == b[k].rri_before || isnan(b[k].rri_before));
    }
}

/* Permuted, to the last bit the same; so with predictions eight times, or areas four times. */
static void test_order_and_units(void **state)
{
    static town all, turned, scaled;
    static rm_backtest_step steps[MANY], other[MANY];
    rm_backtest_scores scores, other_scores;
    (void)state;
    make_town(&all);
    for (int i = 0; i < MANY; i++) {
        int to = (i * 7 + 3) % MANY;
        turned.prediction[to] = all.prediction[i];
        turned.events[to] = all.events[i];
        turned.before[to] = all.before[i];
        turned.area[to] = all.area[i];
        scaled.prediction[i] = 8.0 * all.prediction[i];
        scaled.area[i] = 4.0 * all.area[i];
    }
    rm_backtest_curve(steps, NULL, all.prediction, all.events, all.before, all.area, MANY, NULL,
                      NULL);
    rm_backtest_curve(other, NULL, turned.prediction, turned.events, turned.before, turned.area,
                      MANY, NULL, NULL);
    assert_same_curve(steps, other, 1.0);
    rm_backtest_curve(other, NULL, scaled.prediction, all.events, all.before, scaled.area, MANY,
                      NULL, NULL);
    assert_same_curve(steps, other, 8.0);
    rm_backtest_score(&scores, NULL, all.prediction, all.events, all.before, all.area, MANY, NULL,
                      NULL);
    rm_backtest_score(&other_scores, NULL, turned.prediction, turned.events, turned.before,
                      turned.area, MANY, NULL, NULL);
    assert_memory_equal(&scores, &other_scores, sizeof scores);
    rm_backtest_score(&other_scores, NULL, scaled.prediction, all.events, all.before, all.area,
                      MANY, NULL, NULL);
    assert_memory_equal(&scores, &other_scores, sizeof scores); /* Brier's too: scaled back */
}

/* ---- what cannot be done -------------------------------------------------------------------- */

static void refused(const double *p, const double *n, const double *b, const double *a, int64_t row,
                    rm_status status, const char *message)
{
    rm_backtest_step steps[FEW], plain[FEW];
    rm_backtest_share share_out = {.share = -5};
    rm_backtest_scores scores = {.brier = -5};
    const double share = 0.5;
    rm_error err;
    steps[0].pai = plain[0].pai = -5;
    assert_int_equal(rm_backtest_curve(steps, b ? plain : NULL, p, n, b, a, FEW, NULL, &err),
                     status);
    assert_string_equal(err.message, message);
    assert_int_equal(err.row, row);
    assert_int_equal(rm_backtest_shares(&share_out, NULL, &share, 1, p, n, b, a, FEW, NULL, &err),
                     status);
    assert_int_equal(rm_backtest_score(&scores, NULL, p, n, b, a, FEW, NULL, &err), status);
    assert_true(steps[0].pai == -5 && plain[0].pai == -5 && share_out.share == -5 &&
                scores.brier == -5);
}

static void test_refusals(void **state)
{
    const double zero[] = {0, 0, 0, 0}, negative[] = {1, 1, -1, 1}, missing[] = {1, NAN, 1, 1};
    const double infinite[] = {1, 1, 1, INFINITY}, huge[] = {1e308, 1e308, 1, 1};
    (void)state;
    refused(prediction, zero, before, area, -1, RM_EDATA,
            "nothing happened in any of the 4 cells: there was nothing to find");
    refused(prediction, negative, before, area, 2, RM_EINVAL,
            "the number of events of row 2 is negative");
    refused(prediction, missing, NULL, area, 1, RM_EINVAL,
            "the number of events of row 1 is missing");
    refused(prediction, infinite, NULL, area, 3, RM_EINVAL,
            "the number of events of row 3 is infinite");
    refused(prediction, events, missing, area, 1, RM_EINVAL,
            "the number of events before of row 1 is missing");
    refused(prediction, events, NULL, zero, 0, RM_EINVAL, "the area of row 0 is not above 0");
    refused(prediction, events, NULL, negative, 2, RM_EINVAL, "the area of row 2 is not above 0");
    refused(prediction, events, NULL, missing, 1, RM_EINVAL, "the area of row 1 is missing");
    refused(infinite, events, NULL, area, 3, RM_EINVAL,
            "the prediction of row 3 is infinite; give a number, or NaN for missing");
    refused(prediction, huge, NULL, area, -1, RM_EINVAL,
            "the events or areas are too large to add up");
    refused(prediction, events, NULL, huge, -1, RM_EINVAL,
            "the events or areas are too large to add up");
    refused(NULL, events, NULL, area, -1, RM_EINVAL, "an array is NULL");
}

static void test_option_refusals(void **state)
{
    rm_backtest_step steps[FEW];
    rm_backtest_share out;
    rm_backtest_options options = RM_BACKTEST_OPTIONS_INIT;
    const double shares[] = {0.5, 1.5}, nothing[] = {0}, nan[] = {NAN};
    rm_error err;
    (void)state;
    assert_int_equal(rm_backtest_curve(steps, NULL, prediction, events, NULL, NULL, 0, NULL, &err),
                     RM_EINVAL);
    assert_string_equal(err.message, "there are no cells");
    assert_int_equal(
        rm_backtest_curve(steps, steps, prediction, events, NULL, NULL, FEW, NULL, &err),
        RM_EINVAL);
    assert_string_equal(err.message,
                        "the plain count needs what happened before, but before is NULL");
    options.prediction = 2;
    assert_int_equal(
        rm_backtest_curve(steps, NULL, prediction, events, NULL, NULL, FEW, &options, &err),
        RM_EINVAL);
    assert_string_equal(err.message,
                        "prediction is 2; RM_PREDICTION_AMOUNT or RM_PREDICTION_SCORE");
    rm_backtest_options_init(&options);
    options.ties = -1;
    assert_int_equal(
        rm_backtest_curve(steps, NULL, prediction, events, NULL, NULL, FEW, &options, &err),
        RM_EINVAL);
    assert_string_equal(err.message, "ties is -1; RM_TIES_AVERAGED or RM_TIES_WORST");
    rm_backtest_options_init(&options);
    options.expected = NAN;
    assert_int_equal(
        rm_backtest_curve(steps, NULL, prediction, events, NULL, NULL, FEW, &options, &err),
        RM_EINVAL);
    assert_string_equal(err.message, "threshold and expected must be numbers of 0 or more");
    options.size = 3;
    assert_int_equal(
        rm_backtest_curve(steps, NULL, prediction, events, NULL, NULL, FEW, &options, &err),
        RM_EINVAL);
    assert_int_equal(
        rm_backtest_shares(&out, NULL, shares, 2, prediction, events, NULL, NULL, FEW, NULL, &err),
        RM_EINVAL);
    assert_string_equal(err.message,
                        "share 1 is 1.5; a share of the area lies above 0 and not above 1");
    assert_int_equal(
        rm_backtest_shares(&out, NULL, nothing, 1, prediction, events, NULL, NULL, FEW, NULL, &err),
        RM_EINVAL);
    assert_int_equal(
        rm_backtest_shares(&out, NULL, nan, 1, prediction, events, NULL, NULL, FEW, NULL, &err),
        RM_EINVAL);
    assert_int_equal(rm_backtest_curve(NULL, NULL, prediction, events, NULL, NULL, FEW, NULL, &err),
                     RM_EINVAL);
}

static void test_one_cell(void **state)
{
    const double one[] = {3};
    rm_backtest_step step, plain;
    rm_backtest_scores scores;
    (void)state;
    assert_int_equal(rm_backtest_curve(&step, &plain, one, one, one, NULL, 1, NULL, NULL), RM_OK);
    assert_true(step.pai == 1.0 && step.pei == 1.0 && step.rri_predicted == 1.0 &&
                plain.pai == 1.0);
    assert_int_equal(rm_backtest_score(&scores, NULL, one, one, one, NULL, 1, NULL, NULL), RM_OK);
    assert_true(isnan(scores.auc_cells) && scores.average_precision == 1.0);
    assert_close(scores.auc_events, 0.5);
}

static void test_brier_of_probabilities(void **state)
{
    const double sure[] = {1, 0.5, 0.25, NAN, 0.5}, happened[] = {2, 0, 1, 1, NAN}, no[] = {0, 1.5};
    double score = -5;
    rm_error err;
    (void)state;
    assert_int_equal(rm_brier_score(&score, sure, happened, 5, NULL), RM_OK);
    assert_close(score, (0.0 + 0.25 + 0.5625) / 3);
    assert_int_equal(rm_brier_score(&score, sure + 3, happened + 3, 2, NULL), RM_OK);
    assert_true(isnan(score));
    assert_int_equal(rm_brier_score(&score, no, happened, 2, &err), RM_EINVAL);
    assert_string_equal(err.message, "the probability of row 1 does not lie between 0 and 1");
    assert_int_equal(rm_brier_score(&score, sure, NULL, 2, &err), RM_EINVAL);
}

typedef struct stopping {
    int calls, stop_at;
    double last;
} stopping;

static int stop_at(double fraction, const char *message, void *user)
{
    stopping *stop = user;
    (void)message;
    assert_true(fraction >= stop->last && fraction <= 1);
    stop->last = fraction;
    return stop->calls++ == stop->stop_at;
}

static rm_status stopped_call(int call, bool *written, const rm_backtest_options *options,
                              rm_error *err)
{
    static const double predicted[] = {3, 1, 2}, found[] = {1, 0, 4}, earlier[] = {2, 1, 1};
    static const double share[] = {0.5};
    rm_backtest_step steps[2][3] = {{{.cell = -5}}, {{.cell = -5}}};
    rm_backtest_share shares[2] = {{.cells = -5}, {.cells = -5}};
    rm_backtest_scores scores[2] = {{.brier = -5}, {.brier = -5}};
    rm_status status;
    if (call == 0)
        status =
            rm_backtest_curve(steps[0], steps[1], predicted, found, earlier, NULL, 3, options, err);
    else if (call == 1)
        status = rm_backtest_shares(&shares[0], &shares[1], share, 1, predicted, found, earlier,
                                    NULL, 3, options, err);
    else
        status = rm_backtest_score(&scores[0], &scores[1], predicted, found, earlier, NULL, 3,
                                   options, err);
    *written = steps[0][0].cell != -5 || steps[1][0].cell != -5 || shares[0].cells != -5 ||
               shares[1].cells != -5 || scores[0].brier != -5 || scores[1].brier != -5;
    return status;
}

static void test_stopped(void **state)
{
    (void)state;
    for (int call = 0; call < 3; call++) {
        bool reached = true;
        for (int at = 0; reached; at++) {
            rm_backtest_options options = RM_BACKTEST_OPTIONS_INIT;
            stopping stop = {.stop_at = at};
            rm_error err = {0};
            bool written;
            options.progress = stop_at;
            options.progress_user = &stop;
            rm_status status = stopped_call(call, &written, &options, &err);
            reached = stop.calls > at;
            assert_int_equal(status, reached ? RM_ECANCELLED : RM_OK);
            assert_true(written == (status == RM_OK));
            assert_true(reached || (at > 1 && stop.last == 1));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_curve_by_hand),
        cmocka_unit_test(test_shares_by_hand),
        cmocka_unit_test(test_scores_by_hand),
        cmocka_unit_test(test_ties),
        cmocka_unit_test(test_one_value_everywhere),
        cmocka_unit_test(test_missing_prediction),
        cmocka_unit_test(test_score_of_any_sign),
        cmocka_unit_test(test_areas_under_curves_by_pairs),
        cmocka_unit_test(test_curve_is_a_curve),
        cmocka_unit_test(test_order_and_units),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_option_refusals),
        cmocka_unit_test(test_one_cell),
        cmocka_unit_test(test_brier_of_probabilities),
        cmocka_unit_test(test_stopped),
    };
    return cmocka_run_group_tests_name("stats_backtest", tests, NULL, NULL);
}
