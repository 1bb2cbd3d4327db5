#include "binding.h"

/* ---- densities ---- */

static const rmpy_field density_options[] = {RMPY_FIELD(rm_density_options, 'i', kernel),
                                             RMPY_FIELD(rm_density_options, 'i', threads),
                                             RMPY_FIELD(rm_density_options, 'i', edge),
                                             RMPY_FIELD(rm_density_options, 'd', bandwidth),
                                             RMPY_FIELD(rm_density_options, 'A', weights),
                                             RMPY_FIELD(rm_density_options, 'A', bandwidths),
                                             RMPY_FIELD(rm_density_options, 'x', ring_x),
                                             RMPY_FIELD(rm_density_options, 'x', ring_y),
                                             RMPY_FIELD(rm_density_options, 'x', ring_starts),
                                             RMPY_FIELD(rm_density_options, 'n', outside),
                                             RMPY_PROGRESS(rm_density_options),
                                             RMPY_END};

RMPY_DEFAULTS(density_options_init, rm_density_options, density_options)

/* x and y, and the options that go with as many points */
static void take_points(rmpy_call *call, const double **x, const double **y,
                        rm_density_options *options)
{
    *x = rmpy_array(call, "x", 'd', RMPY_OWN, &call->count);
    *y = rmpy_array(call, "y", 'd', RMPY_OWN, &call->count);
    rmpy_options(call, density_options, options);
    rmpy_rings rings = rmpy_keyword_rings(call);
    options->ring_x = rings.x;
    options->ring_y = rings.y;
    options->ring_starts = rings.starts;
    options->ring_count = rings.count;
}

static PyObject *density_grid(PyObject *module, PyObject *args, PyObject *keywords)
{
    rmpy_call call;
    const double *x, *y;
    rm_density_options options = RM_DENSITY_OPTIONS_INIT;
    rmpy_begin(&call, module, args, keywords, "density_grid", 4);
    PyObject *values = rmpy_object(&call);
    rm_grid grid = rmpy_grid(&call);
    int64_t cells = grid.columns * grid.rows;
    take_points(&call, &x, &y, &options);
    double *out = call.failed ? NULL : rmpy_array_of(&call, values, "out", 'd', RMPY_WRITE, &cells);
    RMPY_RUN(&call, rm_density_grid(out, &grid, x, y, call.count, &options, &call.err));
    return rmpy_end(&call, NULL);
}

static PyObject *density_places(PyObject *module, PyObject *args, PyObject *keywords)
{
    rmpy_call call;
    int64_t places = -1;
    const double *x, *y;
    rm_density_options options = RM_DENSITY_OPTIONS_INIT;
    rmpy_begin(&call, module, args, keywords, "density_places", 5);
    double *out = rmpy_array(&call, "out", 'd', RMPY_WRITE, &places);
    const double *place_x = rmpy_array(&call, "place_x", 'd', RMPY_OWN, &places);
    const double *place_y = rmpy_array(&call, "place_y", 'd', RMPY_OWN, &places);
    take_points(&call, &x, &y, &options);
    RMPY_RUN(&call, rm_density_places(out, place_x, place_y, places, x, y, call.count, &options,
                                      &call.err));
    return rmpy_end(&call, NULL);
}

static PyObject *density_ratio(PyObject *module, PyObject *args, PyObject *keywords)
{
    rmpy_call call;
    int64_t count = -1;
    rmpy_begin(&call, module, args, keywords, "density_ratio", 5);
    double *out = rmpy_array(&call, "out", 'd', RMPY_WRITE, &count);
    const double *numerator = rmpy_array(&call, "numerator", 'd', RMPY_READ, &count);
    const double *denominator = rmpy_array(&call, "denominator", 'd', RMPY_READ, &count);
    double per = rmpy_double(&call, "per");
    double floor = rmpy_double(&call, "floor");
    RMPY_RUN(&call, rm_density_ratio(out, numerator, denominator, count, per, floor, &call.err));
    return rmpy_end(&call, NULL);
}

/* ---- bandwidths ---- */

static PyObject *bandwidth_rule(PyObject *module, PyObject *args, PyObject *keywords)
{
    rmpy_call call;
    int64_t count = -1;
    double bandwidth = 0;
    rmpy_begin(&call, module, args, keywords, "bandwidth_rule", 5);
    const double *x = rmpy_array(&call, "x", 'd', RMPY_OWN, &count);
    const double *y = rmpy_array(&call, "y", 'd', RMPY_OWN, &count);
    const double *weights = rmpy_array(&call, "weights", 'd', RMPY_OWN | RMPY_MAYBE, &count);
    int32_t kernel = rmpy_int32(&call, "kernel");
    int32_t rule = rmpy_int32(&call, "rule");
    RMPY_RUN(&call, rm_bandwidth_rule(&bandwidth, x, y, weights, count, kernel, rule, &call.err));
    return rmpy_end(&call, PyFloat_FromDouble(bandwidth));
}

static const rmpy_field fit_fields[] = {
    RMPY_FIELD(rm_bandwidth_fit, 'd', bandwidth), RMPY_FIELD(rm_bandwidth_fit, 'd', score),
    RMPY_FIELD(rm_bandwidth_fit, 'q', places),    RMPY_FIELD(rm_bandwidth_fit, 'q', coincident),
    RMPY_FIELD(rm_bandwidth_fit, 'i', at_end),    RMPY_END};

static const rmpy_field validation_options[] = {RMPY_FIELD(rm_validation_options, 'i', criterion),
                                                RMPY_FIELD(rm_validation_options, 'i', leave),
                                                RMPY_FIELD(rm_validation_options, 'i', threads),
                                                RMPY_FIELD(rm_validation_options, 'd', lowest),
                                                RMPY_FIELD(rm_validation_options, 'd', highest),
                                                RMPY_FIELD(rm_validation_options, 'A', weights),
                                                RMPY_PROGRESS(rm_validation_options),
                                                RMPY_END};

RMPY_DEFAULTS(validation_options_init, rm_validation_options, validation_options)

static PyObject *bandwidth_cross_validate(PyObject *module, PyObject *args, PyObject *keywords)
{
    rmpy_call call;
    rm_bandwidth_fit fit;
    rm_validation_options options = RM_VALIDATION_OPTIONS_INIT;
    rmpy_begin(&call, module, args, keywords, "bandwidth_cross_validate", 3);
    const double *x = rmpy_array(&call, "x", 'd', RMPY_OWN, &call.count);
    const double *y = rmpy_array(&call, "y", 'd', RMPY_OWN, &call.count);
    int32_t kernel = rmpy_int32(&call, "kernel");
    rmpy_options(&call, validation_options, &options);
    RMPY_RUN(&call,
             rm_bandwidth_cross_validate(&fit, x, y, call.count, kernel, &options, &call.err));
    return rmpy_end(&call, call.failed ? NULL : rmpy_dict(fit_fields, &fit));
}

static const rmpy_field adaptive_options[] = {RMPY_FIELD(rm_adaptive_options, 'i', threads),
                                              RMPY_FIELD(rm_adaptive_options, 'd', pilot),
                                              RMPY_FIELD(rm_adaptive_options, 'd', trim),
                                              RMPY_FIELD(rm_adaptive_options, 'A', weights),
                                              RMPY_PROGRESS(rm_adaptive_options),
                                              RMPY_END};

RMPY_DEFAULTS(adaptive_options_init, rm_adaptive_options, adaptive_options)

static PyObject *bandwidth_adaptive(PyObject *module, PyObject *args, PyObject *keywords)
{
    rmpy_call call;
    rm_adaptive_options options = RM_ADAPTIVE_OPTIONS_INIT;
    rmpy_begin(&call, module, args, keywords, "bandwidth_adaptive", 4);
    double *bandwidths = rmpy_array(&call, "bandwidths", 'd', RMPY_WRITE, &call.count);
    const double *x = rmpy_array(&call, "x", 'd', RMPY_OWN, &call.count);
    const double *y = rmpy_array(&call, "y", 'd', RMPY_OWN, &call.count);
    double global = rmpy_double(&call, "global_");
    rmpy_options(&call, adaptive_options, &options);
    RMPY_RUN(&call,
             rm_bandwidth_adaptive(bandwidths, x, y, call.count, global, &options, &call.err));
    return rmpy_end(&call, NULL);
}

static PyObject *half_life_weights(PyObject *module, PyObject *args, PyObject *keywords)
{
    rmpy_call call;
    int64_t count = -1;
    rmpy_begin(&call, module, args, keywords, "half_life_weights", 3);
    double *weights = rmpy_array(&call, "weights", 'd', RMPY_WRITE, &count);
    const double *age_days = rmpy_array(&call, "age_days", 'd', RMPY_READ, &count);
    double half_life = rmpy_double(&call, "half_life");
    RMPY_RUN(&call, rm_half_life_weights(weights, age_days, count, half_life, &call.err));
    return rmpy_end(&call, NULL);
}

PyMethodDef rmpy_density_methods[] = {
    RMPY_METHOD(density_options_init, "($module, /)",
                "The options of density_grid and density_places."),
    RMPY_METHOD(density_grid, "($module, out, grid, x, y, /, **options)",
                "Fills out with the density at the centres of the cells."),
    RMPY_METHOD(density_places, "($module, out, place_x, place_y, x, y, /, **options)",
                "Fills out with the density at places."),
    RMPY_METHOD(density_ratio, "($module, out, numerator, denominator, per, floor, /)",
                "Fills out with numerator / denominator * per, NaN below the floor."),
    RMPY_METHOD(bandwidth_rule, "($module, x, y, weights, kernel, rule, /)",
                "A bandwidth by rule."),
    RMPY_METHOD(validation_options_init, "($module, /)",
                "The options of bandwidth_cross_validate."),
    RMPY_METHOD(bandwidth_cross_validate, "($module, x, y, kernel, /, **options)",
                "What cross-validation came to."),
    RMPY_METHOD(adaptive_options_init, "($module, /)", "The options of bandwidth_adaptive."),
    RMPY_METHOD(bandwidth_adaptive, "($module, bandwidths, x, y, global_, /, **options)",
                "Fills bandwidths with Abramson's."),
    RMPY_METHOD(half_life_weights, "($module, weights, age_days, half_life, /)",
                "Fills weights with 2^(-age / half-life)."),
    RMPY_METHODS_END};
