#include "binding.h"

static const rmpy_field options_fields[] = {
    RMPY_FIELD(rm_autocorrelation_options, 'i', style),
    RMPY_FIELD(rm_autocorrelation_options, 'i', assumption),
    RMPY_FIELD(rm_autocorrelation_options, 'i', scale),
    RMPY_FIELD(rm_autocorrelation_options, 'i', variance),
    RMPY_FIELD(rm_autocorrelation_options, 'i', draws),
    RMPY_FIELD(rm_autocorrelation_options, 'i', permutations),
    RMPY_FIELD(rm_autocorrelation_options, 'i', threads),
    RMPY_FIELD(rm_autocorrelation_options, 'Q', seed),
    RMPY_PROGRESS(rm_autocorrelation_options),
    RMPY_END};

RMPY_DEFAULTS(autocorrelation_options_init, rm_autocorrelation_options, options_fields)

/* ---- the whole map ---- */

const rmpy_field rmpy_global_fields[] = {RMPY_FIELD(rm_global, 'd', statistic),
                                         RMPY_FIELD(rm_global, 'd', expected),
                                         RMPY_FIELD(rm_global, 'd', variance),
                                         RMPY_FIELD(rm_global, 'd', z),
                                         RMPY_FIELD(rm_global, 'd', p),
                                         RMPY_FIELD(rm_global, 'd', s0),
                                         RMPY_FIELD(rm_global, 'd', s1),
                                         RMPY_FIELD(rm_global, 'd', s2),
                                         RMPY_FIELD(rm_global, 'q', items),
                                         RMPY_FIELD(rm_global, 'q', islands),
                                         RMPY_END};

typedef rm_status (*global_fn)(rm_global *out, const rm_weights *weights, const double *values,
                               int64_t count, const rm_autocorrelation_options *options,
                               rm_error *err);

static PyObject *run_global(PyObject *module, PyObject *args, PyObject *keywords, const char *name,
                            global_fn function)
{
    rmpy_call call;
    rm_global out;
    int64_t count = -1;
    rm_autocorrelation_options options = RM_AUTOCORRELATION_OPTIONS_INIT;
    rmpy_begin(&call, module, args, keywords, name, 2);
    const rm_weights *weights = rmpy_handle(&call, RMPY_WEIGHTS);
    const double *values = rmpy_array(&call, "values", 'd', RMPY_OWN, &count);
    rmpy_options(&call, options_fields, &options);
    RMPY_RUN(&call, function(&out, weights, values, count, &options, &call.err));
    return rmpy_end(&call, call.failed ? NULL : rmpy_dict(rmpy_global_fields, &out));
}

static PyObject *moran(PyObject *module, PyObject *args, PyObject *keywords)
{
    return run_global(module, args, keywords, "moran", rm_moran);
}

static PyObject *geary(PyObject *module, PyObject *args, PyObject *keywords)
{
    return run_global(module, args, keywords, "geary", rm_geary);
}

static PyObject *general_g(PyObject *module, PyObject *args, PyObject *keywords)
{
    return run_global(module, args, keywords, "general_g", rm_general_g);
}

/* ---- each item ---- */

static const rmpy_field local_fields[] = {RMPY_FIELD(rm_local_out, 'W', statistic),
                                          RMPY_FIELD(rm_local_out, 'W', expected),
                                          RMPY_FIELD(rm_local_out, 'W', variance),
                                          RMPY_FIELD(rm_local_out, 'W', z),
                                          RMPY_FIELD(rm_local_out, 'W', p),
                                          RMPY_FIELD(rm_local_out, 'W', p_ge),
                                          RMPY_FIELD(rm_local_out, 'W', p_le),
                                          RMPY_FIELD(rm_local_out, 'W', p_folded),
                                          RMPY_FIELD(rm_local_out, 'W', p_two_sided),
                                          RMPY_FIELD(rm_local_out, 'W', permuted_mean),
                                          RMPY_FIELD(rm_local_out, 'W', permuted_sd),
                                          RMPY_FIELD(rm_local_out, 'U', quadrant),
                                          RMPY_FIELD(rm_local_out, 'n', islands),
                                          RMPY_FIELD(rm_local_out, 'n', missing),
                                          RMPY_END};

static PyObject *local_moran(PyObject *module, PyObject *args, PyObject *keywords)
{
    rmpy_call call;
    rm_local_out out = RM_LOCAL_OUT_INIT;
    rm_autocorrelation_options options = RM_AUTOCORRELATION_OPTIONS_INIT;
    rmpy_begin(&call, module, args, keywords, "local_moran", 3);
    rmpy_struct(&call, "out", local_fields, &out);
    const rm_weights *weights = rmpy_handle(&call, RMPY_WEIGHTS);
    const double *values = rmpy_array(&call, "values", 'd', RMPY_OWN, &call.count);
    rmpy_options(&call, options_fields, &options);
    RMPY_RUN(&call, rm_local_moran(&out, weights, values, call.count, &options, &call.err));
    return rmpy_end(&call, NULL);
}

static PyObject *local_g(PyObject *module, PyObject *args, PyObject *keywords)
{
    rmpy_call call;
    rm_local_out out = RM_LOCAL_OUT_INIT;
    rm_autocorrelation_options options = RM_AUTOCORRELATION_OPTIONS_INIT;
    rmpy_begin(&call, module, args, keywords, "local_g", 4);
    rmpy_struct(&call, "out", local_fields, &out);
    const rm_weights *weights = rmpy_handle(&call, RMPY_WEIGHTS);
    const double *values = rmpy_array(&call, "values", 'd', RMPY_OWN, &call.count);
    int32_t star = rmpy_int32(&call, "star");
    rmpy_options(&call, options_fields, &options);
    RMPY_RUN(&call, rm_local_g(&out, weights, values, call.count, star, &options, &call.err));
    return rmpy_end(&call, NULL);
}

/* ---- classes ---- */

static PyObject *false_discovery(PyObject *module, PyObject *args, PyObject *keywords)
{
    rmpy_call call;
    int64_t count = -1;
    rmpy_begin(&call, module, args, keywords, "false_discovery", 2);
    double *adjusted = rmpy_array(&call, "adjusted", 'd', RMPY_WRITE, &count);
    const double *p = rmpy_array(&call, "p", 'd', RMPY_READ, &count);
    RMPY_RUN(&call, rm_false_discovery(adjusted, p, count, &call.err));
    return rmpy_end(&call, NULL);
}

static PyObject *hotspot_bins(PyObject *module, PyObject *args, PyObject *keywords)
{
    rmpy_call call;
    int64_t count = -1;
    rmpy_begin(&call, module, args, keywords, "hotspot_bins", 3);
    int8_t *bins = rmpy_array(&call, "bins", 'b', RMPY_WRITE, &count);
    const double *z = rmpy_array(&call, "z", 'd', RMPY_READ, &count);
    const double *p = rmpy_array(&call, "p", 'd', RMPY_READ, &count);
    RMPY_RUN(&call, rm_hotspot_bins(bins, z, p, count, &call.err));
    return rmpy_end(&call, NULL);
}

static PyObject *lisa_classes(PyObject *module, PyObject *args, PyObject *keywords)
{
    rmpy_call call;
    int64_t count = -1;
    rmpy_begin(&call, module, args, keywords, "lisa_classes", 4);
    uint8_t *classes = rmpy_array(&call, "classes", 'B', RMPY_WRITE, &count);
    const uint8_t *quadrant = rmpy_array(&call, "quadrant", 'B', RMPY_READ, &count);
    const double *p = rmpy_array(&call, "p", 'd', RMPY_READ, &count);
    double level = rmpy_double(&call, "level");
    RMPY_RUN(&call, rm_lisa_classes(classes, quadrant, p, count, level, &call.err));
    return rmpy_end(&call, NULL);
}

PyMethodDef rmpy_autocorrelation_methods[] = {
    RMPY_METHOD(autocorrelation_options_init, "($module, /)",
                "The options of the statistics of neighbours."),
    RMPY_METHOD(moran, "($module, weights, values, /, **options)", "Moran's I."),
    RMPY_METHOD(geary, "($module, weights, values, /, **options)", "Geary's C."),
    RMPY_METHOD(general_g, "($module, weights, values, /, **options)", "Getis and Ord's G."),
    RMPY_METHOD(local_moran, "($module, out, weights, values, /, **options)",
                "Local Moran; out: a dict of arrays. Permutations when one is for them."),
    RMPY_METHOD(local_g, "($module, out, weights, values, star, /, **options)",
                "Local G or G*; out: a dict of arrays. Permutations when one is for them."),
    RMPY_METHOD(false_discovery, "($module, adjusted, p, /)", "p after Benjamini and Hochberg."),
    RMPY_METHOD(hotspot_bins, "($module, bins, z, p, /)", "ArcGIS' Gi_Bin."),
    RMPY_METHOD(lisa_classes, "($module, classes, quadrant, p, level, /)",
                "The classes of a LISA map."),
    RMPY_METHODS_END};
