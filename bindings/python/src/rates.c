#include "binding.h"

static PyObject *rates(PyObject *module, PyObject *args, PyObject *keywords)
{
    rmpy_call call;
    int64_t count = -1;
    rmpy_begin(&call, module, args, keywords, "rates", 5);
    double *rate = rmpy_array(&call, "rate", 'd', RMPY_WRITE, &count);
    const double *events = rmpy_array(&call, "events", 'd', RMPY_READ, &count);
    const double *exposure = rmpy_array(&call, "exposure", 'd', RMPY_READ, &count);
    double min_exposure = rmpy_double(&call, "min_exposure");
    int32_t method = rmpy_int32(&call, "method");
    RMPY_RUN(&call, rm_rates(rate, events, exposure, count, min_exposure, method, &call.err));
    return rmpy_end(&call, NULL);
}

static PyObject *rates_local(PyObject *module, PyObject *args, PyObject *keywords)
{
    rmpy_call call;
    int64_t count = -1;
    rmpy_begin(&call, module, args, keywords, "rates_local", 7);
    double *rate = rmpy_array(&call, "rate", 'd', RMPY_WRITE, &count);
    double *mean = rmpy_array(&call, "mean", 'd', RMPY_WRITE | RMPY_MAYBE, &count);
    double *variance = rmpy_array(&call, "variance", 'd', RMPY_WRITE | RMPY_MAYBE, &count);
    const double *events = rmpy_array(&call, "events", 'd', RMPY_READ, &count);
    const double *exposure = rmpy_array(&call, "exposure", 'd', RMPY_READ, &count);
    const rm_weights *weights = rmpy_handle(&call, RMPY_WEIGHTS);
    rmpy_take_progress(&call);
    RMPY_RUN(&call, rm_rates_local(rate, mean, variance, events, exposure, count, weights,
                                   rmpy_report, &call, &call.err));
    return rmpy_end(&call, NULL);
}

static PyObject *rate_deviates(PyObject *module, PyObject *args, PyObject *keywords)
{
    rmpy_call call;
    int64_t count = -1;
    rmpy_begin(&call, module, args, keywords, "rate_deviates", 3);
    double *z = rmpy_array(&call, "z", 'd', RMPY_WRITE, &count);
    const double *events = rmpy_array(&call, "events", 'd', RMPY_READ, &count);
    const double *exposure = rmpy_array(&call, "exposure", 'd', RMPY_READ, &count);
    RMPY_RUN(&call, rm_rate_deviates(z, events, exposure, count, &call.err));
    return rmpy_end(&call, NULL);
}

static PyObject *probability_map(PyObject *module, PyObject *args, PyObject *keywords)
{
    rmpy_call call;
    int64_t count = -1;
    rmpy_begin(&call, module, args, keywords, "probability_map", 7);
    double *expected = rmpy_array(&call, "expected", 'd', RMPY_WRITE | RMPY_MAYBE, &count);
    double *risk = rmpy_array(&call, "relative_risk", 'd', RMPY_WRITE | RMPY_MAYBE, &count);
    double *at_most = rmpy_array(&call, "at_most", 'd', RMPY_WRITE | RMPY_MAYBE, &count);
    double *at_least = rmpy_array(&call, "at_least", 'd', RMPY_WRITE | RMPY_MAYBE, &count);
    const double *events = rmpy_array(&call, "events", 'd', RMPY_READ, &count);
    const double *exposure = rmpy_array(&call, "exposure", 'd', RMPY_READ, &count);
    rmpy_take_progress(&call);
    RMPY_RUN(&call, rm_probability_map(expected, risk, at_most, at_least, events, exposure, count,
                                       rmpy_report, &call, &call.err));
    return rmpy_end(&call, NULL);
}

static const rmpy_field exact_options[] = {
    RMPY_FIELD(rm_exact_options, 'i', two_sided), RMPY_FIELD(rm_exact_options, 'd', confidence),
    RMPY_FIELD(rm_exact_options, 'i', threads), RMPY_PROGRESS(rm_exact_options), RMPY_END};

RMPY_DEFAULTS(exact_options_init, rm_exact_options, exact_options)

static PyObject *rate_intervals(PyObject *module, PyObject *args, PyObject *keywords)
{
    rmpy_call call;
    int64_t count = -1;
    rm_exact_options options = RM_EXACT_OPTIONS_INIT;
    rmpy_begin(&call, module, args, keywords, "rate_intervals", 5);
    double *rate = rmpy_array(&call, "rate", 'd', RMPY_WRITE | RMPY_MAYBE, &count);
    double *lower = rmpy_array(&call, "lower", 'd', RMPY_WRITE, &count);
    double *upper = rmpy_array(&call, "upper", 'd', RMPY_WRITE, &count);
    const double *events = rmpy_array(&call, "events", 'd', RMPY_READ, &count);
    const double *exposure = rmpy_array(&call, "exposure", 'd', RMPY_READ, &count);
    rmpy_options(&call, exact_options, &options);
    RMPY_RUN(&call,
             rm_rate_intervals(rate, lower, upper, events, exposure, count, &options, &call.err));
    return rmpy_end(&call, NULL);
}

static const rmpy_field change_fields[] = {
    RMPY_FIELD(rm_change, 'W', expected),  RMPY_FIELD(rm_change, 'W', ratio),
    RMPY_FIELD(rm_change, 'W', lower),     RMPY_FIELD(rm_change, 'W', upper),
    RMPY_FIELD(rm_change, 'W', greater),   RMPY_FIELD(rm_change, 'W', less),
    RMPY_FIELD(rm_change, 'W', two_sided), RMPY_END};

static PyObject *rate_change(PyObject *module, PyObject *args, PyObject *keywords)
{
    rmpy_call call;
    rm_change change = RM_CHANGE_INIT;
    rm_exact_options options = RM_EXACT_OPTIONS_INIT;
    rmpy_begin(&call, module, args, keywords, "rate_change", 5);
    rmpy_struct(&call, "change", change_fields, &change);
    const double *c1 = rmpy_array(&call, "c1", 'd', RMPY_READ, &call.count);
    const double *e1 = rmpy_array(&call, "e1", 'd', RMPY_READ, &call.count);
    const double *c2 = rmpy_array(&call, "c2", 'd', RMPY_READ, &call.count);
    const double *e2 = rmpy_array(&call, "e2", 'd', RMPY_READ, &call.count);
    rmpy_options(&call, exact_options, &options);
    RMPY_RUN(&call, rm_rate_change(&change, c1, e1, c2, e2, call.count, &options, &call.err));
    return rmpy_end(&call, NULL);
}

PyMethodDef rmpy_rates_methods[] = {
    RMPY_METHOD(rates, "($module, rate, events, exposure, min_exposure, method, /)",
                "Events per exposure, crude or shrunk."),
    RMPY_METHOD(rates_local,
                "($module, rate, mean, variance, events, exposure, weights, progress, /)",
                "Rates shrunk towards those around them."),
    RMPY_METHOD(rate_deviates, "($module, z, events, exposure, /)", "Rates as deviates."),
    RMPY_METHOD(probability_map,
                "($module, expected, relative_risk, at_most, at_least, events, exposure, progress, "
                "/)",
                "What stands out, by Poisson."),
    RMPY_METHOD(exact_options_init, "($module, /)",
                "The options of rate_intervals and rate_change."),
    RMPY_METHOD(rate_intervals, "($module, rate, lower, upper, events, exposure, /, **options)",
                "Exact intervals."),
    RMPY_METHOD(rate_change, "($module, change, c1, e1, c2, e2, /, **options)",
                "Two periods compared; change: a dict of arrays."),
    RMPY_METHODS_END};
