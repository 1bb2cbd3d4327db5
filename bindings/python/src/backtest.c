#include "binding.h"

static const rmpy_field options_fields[] = {RMPY_FIELD(rm_backtest_options, 'i', prediction),
                                            RMPY_FIELD(rm_backtest_options, 'i', ties),
                                            RMPY_FIELD(rm_backtest_options, 'd', threshold),
                                            RMPY_FIELD(rm_backtest_options, 'd', expected),
                                            RMPY_PROGRESS(rm_backtest_options),
                                            RMPY_END};

RMPY_DEFAULTS(backtest_options_init, rm_backtest_options, options_fields)

/* What every function takes. */
typedef struct cells {
    const double *prediction, *events, *before, *area;
} cells;

static cells take_cells(rmpy_call *call, int64_t *count)
{
    cells out = {.prediction = rmpy_array(call, "predictions", 'd', RMPY_OWN, count)};
    out.events = rmpy_array(call, "events", 'd', RMPY_OWN, count);
    out.before = rmpy_array(call, "before", 'd', RMPY_OWN | RMPY_MAYBE, count);
    out.area = rmpy_array(call, "area", 'd', RMPY_OWN | RMPY_MAYBE, count);
    return out;
}

static PyObject *backtest_curve(PyObject *module, PyObject *args, PyObject *keywords)
{
    rmpy_call call;
    int64_t count = -1;
    rm_backtest_options options = RM_BACKTEST_OPTIONS_INIT;
    rmpy_begin(&call, module, args, keywords, "backtest_curve", 6);
    rm_backtest_step *map = rmpy_structs(&call, "map", sizeof *map, RMPY_WRITE, &count);
    rm_backtest_step *plain =
        rmpy_structs(&call, "plain", sizeof *plain, RMPY_WRITE | RMPY_MAYBE, &count);
    cells c = take_cells(&call, &count);
    rmpy_options(&call, options_fields, &options);
    RMPY_RUN(&call, rm_backtest_curve(map, plain, c.prediction, c.events, c.before, c.area, count,
                                      &options, &call.err));
    return rmpy_end(&call, NULL);
}

static PyObject *backtest_shares(PyObject *module, PyObject *args, PyObject *keywords)
{
    rmpy_call call;
    int64_t count = -1, shares = -1;
    rm_backtest_options options = RM_BACKTEST_OPTIONS_INIT;
    rmpy_begin(&call, module, args, keywords, "backtest_shares", 7);
    rm_backtest_share *map = rmpy_structs(&call, "map", sizeof *map, RMPY_WRITE, &shares);
    rm_backtest_share *plain =
        rmpy_structs(&call, "plain", sizeof *plain, RMPY_WRITE | RMPY_MAYBE, &shares);
    const double *share = rmpy_array(&call, "share", 'd', RMPY_OWN, &shares);
    cells c = take_cells(&call, &count);
    rmpy_options(&call, options_fields, &options);
    if (shares > INT32_MAX)
        rmpy_fail(&call, PyExc_ValueError, "share: there are too many shares");
    RMPY_RUN(&call, rm_backtest_shares(map, plain, share, (int32_t)shares, c.prediction, c.events,
                                       c.before, c.area, count, &options, &call.err));
    return rmpy_end(&call, NULL);
}

static const rmpy_field score_fields[] = {RMPY_FIELD(rm_backtest_scores, 'd', auc_cells),
                                          RMPY_FIELD(rm_backtest_scores, 'd', average_precision),
                                          RMPY_FIELD(rm_backtest_scores, 'd', auc_events),
                                          RMPY_FIELD(rm_backtest_scores, 'd', auc_events_best),
                                          RMPY_FIELD(rm_backtest_scores, 'd', brier),
                                          RMPY_END};

static PyObject *backtest_score(PyObject *module, PyObject *args, PyObject *keywords)
{
    rmpy_call call;
    int64_t count = -1;
    rm_backtest_scores map, plain;
    rm_backtest_options options = RM_BACKTEST_OPTIONS_INIT;
    rmpy_begin(&call, module, args, keywords, "backtest_score", 4);
    cells c = take_cells(&call, &count);
    rmpy_options(&call, options_fields, &options);
    RMPY_RUN(&call, rm_backtest_score(&map, c.before ? &plain : NULL, c.prediction, c.events,
                                      c.before, c.area, count, &options, &call.err));
    PyObject *out = NULL;
    if (!call.failed)
        out = Py_BuildValue("(NN)", rmpy_dict(score_fields, &map),
                            c.before ? rmpy_dict(score_fields, &plain) : Py_NewRef(Py_None));
    return rmpy_end(&call, out);
}

static PyObject *brier_score(PyObject *module, PyObject *args, PyObject *keywords)
{
    rmpy_call call;
    int64_t count = -1;
    double score = 0;
    rmpy_begin(&call, module, args, keywords, "brier_score", 2);
    const double *probability = rmpy_array(&call, "probability", 'd', RMPY_OWN, &count);
    const double *events = rmpy_array(&call, "events", 'd', RMPY_OWN, &count);
    RMPY_RUN(&call, rm_brier_score(&score, probability, events, count, &call.err));
    return rmpy_end(&call, PyFloat_FromDouble(score));
}

PyMethodDef rmpy_backtest_methods[] = {
    RMPY_METHOD(backtest_options_init, "($module, /)", "The options of the functions below."),
    RMPY_METHOD(backtest_curve,
                "($module, map, plain, predictions, events, before, area, /, **options)",
                "What the first cells hold; map, plain: bytes of rm_backtest_step."),
    RMPY_METHOD(backtest_shares,
                "($module, map, plain, share, predictions, events, before, area, /, **options)",
                "What shares of the area hold; map, plain: bytes of rm_backtest_share."),
    RMPY_METHOD(backtest_score, "($module, predictions, events, before, area, /, **options)",
                "A map in one number: (its scores, those of the plain count or None)."),
    RMPY_METHOD(brier_score, "($module, probability, events, /)",
                "The Brier score of probabilities."),
    RMPY_METHODS_END};
