#include "binding.h"

static PyObject *scale_values(PyObject *module, PyObject *args, PyObject *keywords)
{
    rmpy_call call;
    int64_t count = -1;
    rmpy_begin(&call, module, args, keywords, "scale_values", 7);
    double *scaled = rmpy_array(&call, "scaled", 'd', RMPY_WRITE, &count);
    const double *values = rmpy_array(&call, "values", 'd', RMPY_OWN, &count);
    int32_t method = rmpy_int32(&call, "method");
    int32_t direction = rmpy_int32(&call, "direction");
    double lower = rmpy_double(&call, "lower");
    double upper = rmpy_double(&call, "upper");
    rmpy_take_progress(&call);
    RMPY_RUN(&call, rm_scale_values(scaled, values, count, method, direction, lower, upper,
                                    rmpy_report, &call, &call.err));
    return rmpy_end(&call, NULL);
}

static PyObject *combine(PyObject *module, PyObject *args, PyObject *keywords)
{
    rmpy_call call;
    int64_t count = -1, indicators = -1;
    rmpy_begin(&call, module, args, keywords, "combine", 6);
    double *score = rmpy_array(&call, "score", 'd', RMPY_WRITE, &count);
    const double *const *scaled = rmpy_arrays(&call, "scaled", 'd', &count, &indicators);
    const double *weight = rmpy_array(&call, "weight", 'd', RMPY_READ, &indicators);
    int32_t geometric = rmpy_int32(&call, "geometric");
    double min_coverage = rmpy_double(&call, "min_coverage");
    double floor = rmpy_double(&call, "floor");
    RMPY_RUN(&call, rm_combine(score, scaled, weight, (int32_t)indicators, count, geometric,
                               min_coverage, floor, &call.err));
    return rmpy_end(&call, NULL);
}

static PyObject *ranks(PyObject *module, PyObject *args, PyObject *keywords)
{
    rmpy_call call;
    int64_t count = -1;
    rmpy_begin(&call, module, args, keywords, "ranks", 2);
    int32_t *rank = rmpy_array(&call, "rank", 'i', RMPY_WRITE, &count);
    const double *score = rmpy_array(&call, "score", 'd', RMPY_READ, &count);
    RMPY_RUN(&call, rm_ranks(rank, score, count, &call.err));
    return rmpy_end(&call, NULL);
}

PyMethodDef rmpy_stats_methods[] = {
    RMPY_METHOD(scale_values,
                "($module, scaled, values, method, direction, lower, upper, progress, /)",
                "Raw values on one scale."),
    RMPY_METHOD(combine, "($module, score, scaled, weight, geometric, min_coverage, floor, /)",
                "The weighted mean of the arrays in the list `scaled`."),
    RMPY_METHOD(ranks, "($module, rank, score, /)", "1 for the highest."), RMPY_METHODS_END};
