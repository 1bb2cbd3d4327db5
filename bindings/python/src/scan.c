#include "binding.h"

static const rmpy_field options_fields[] = {RMPY_FIELD(rm_scan_options, 'i', rates),
                                            RMPY_FIELD(rm_scan_options, 'd', max_population_share),
                                            RMPY_FIELD(rm_scan_options, 'd', max_radius),
                                            RMPY_FIELD(rm_scan_options, 'd', max_time_share),
                                            RMPY_FIELD(rm_scan_options, 'i', min_cases),
                                            RMPY_FIELD(rm_scan_options, 'p', prospective),
                                            RMPY_FIELD(rm_scan_options, 'p', purely_spatial),
                                            RMPY_FIELD(rm_scan_options, 'p', ties_together),
                                            RMPY_FIELD(rm_scan_options, 'i', replicates),
                                            RMPY_FIELD(rm_scan_options, 'i', stop_after),
                                            RMPY_FIELD(rm_scan_options, 'i', threads),
                                            RMPY_FIELD(rm_scan_options, 'i', secondary),
                                            RMPY_FIELD(rm_scan_options, 'Q', seed),
                                            RMPY_PROGRESS(rm_scan_options),
                                            RMPY_END};

RMPY_DEFAULTS(scan_options_init, rm_scan_options, options_fields)

/* ---- scanning ---- */

/* What all scans take: the areas, and who is at risk there. */
typedef struct ground {
    const double *x, *y, *population;
    int64_t areas, at_risk; /* entries of population */
} ground;

static ground take_ground(rmpy_call *call)
{
    ground out = {.areas = -1, .at_risk = -1};
    out.x = rmpy_array(call, "x", 'd', RMPY_OWN, &out.areas);
    out.y = rmpy_array(call, "y", 'd', RMPY_OWN, &out.areas);
    out.population = rmpy_array(call, "population", 'd', RMPY_OWN, &out.at_risk);
    if (out.areas > INT32_MAX)
        rmpy_fail(call, PyExc_ValueError, "x: there are too many areas");
    return out;
}

static void check_count(rmpy_call *call, const char *name, int64_t found, int64_t needed)
{
    if (found != needed)
        rmpy_fail(call, PyExc_ValueError, "%s has %lld entries where %lld are needed", name,
                  (long long)found, (long long)needed);
}

static PyObject *scan_space(PyObject *module, PyObject *args, PyObject *keywords)
{
    rmpy_call call;
    rm_scan *scan = NULL;
    rm_scan_options options = RM_SCAN_OPTIONS_INIT;
    rmpy_begin(&call, module, args, keywords, "scan_space", 4);
    ground g = take_ground(&call);
    check_count(&call, "population", g.at_risk, g.areas);
    const int32_t *cases = rmpy_array(&call, "cases", 'i', RMPY_OWN, &g.areas);
    rmpy_options(&call, options_fields, &options);
    RMPY_RUN(&call, rm_scan_space(&scan, g.x, g.y, g.population, cases, (int32_t)g.areas, &options,
                                  &call.err));
    return rmpy_end(&call, rmpy_wrap(RMPY_SCAN, scan, NULL));
}

static PyObject *scan_space_time(PyObject *module, PyObject *args, PyObject *keywords)
{
    rmpy_call call;
    rm_scan *scan = NULL;
    int64_t cells = -1;
    rm_scan_options options = RM_SCAN_OPTIONS_INIT;
    rmpy_begin(&call, module, args, keywords, "scan_space_time", 6);
    ground g = take_ground(&call);
    int32_t by_step = rmpy_int32(&call, "population_by_step");
    const int32_t *cases = rmpy_array(&call, "cases", 'i', RMPY_OWN, &cells);
    int32_t steps = rmpy_int32(&call, "steps");
    check_count(&call, "population", g.at_risk, by_step ? g.areas * steps : g.areas);
    check_count(&call, "cases", cells, g.areas * steps);
    rmpy_options(&call, options_fields, &options);
    RMPY_RUN(&call, rm_scan_space_time(&scan, g.x, g.y, g.population, by_step, cases,
                                       (int32_t)g.areas, steps, &options, &call.err));
    return rmpy_end(&call, rmpy_wrap(RMPY_SCAN, scan, NULL));
}

static PyObject *scan_space_time_rows(PyObject *module, PyObject *args, PyObject *keywords)
{
    rmpy_call call;
    rm_scan *scan = NULL;
    int64_t rows = -1;
    rm_scan_options options = RM_SCAN_OPTIONS_INIT;
    rmpy_begin(&call, module, args, keywords, "scan_space_time_rows", 8);
    ground g = take_ground(&call);
    int32_t by_step = rmpy_int32(&call, "population_by_step");
    const int32_t *area = rmpy_array(&call, "area", 'i', RMPY_OWN, &rows);
    const int32_t *step = rmpy_array(&call, "step", 'i', RMPY_OWN, &rows);
    const int32_t *count = rmpy_array(&call, "count", 'i', RMPY_OWN | RMPY_MAYBE, &rows);
    int32_t steps = rmpy_int32(&call, "steps");
    check_count(&call, "population", g.at_risk, by_step ? g.areas * steps : g.areas);
    rmpy_options(&call, options_fields, &options);
    RMPY_RUN(&call,
             rm_scan_space_time_rows(&scan, g.x, g.y, g.population, by_step, area, step, count,
                                     rows, (int32_t)g.areas, steps, &options, &call.err));
    return rmpy_end(&call, rmpy_wrap(RMPY_SCAN, scan, NULL));
}

/* ---- what was found ---- */

static const rmpy_field summary_fields[] = {RMPY_FIELD(rm_scan_summary, 'q', cases),
                                            RMPY_FIELD(rm_scan_summary, 'd', population),
                                            RMPY_FIELD(rm_scan_summary, 'q', zones),
                                            RMPY_FIELD(rm_scan_summary, 'i', areas),
                                            RMPY_FIELD(rm_scan_summary, 'i', steps),
                                            RMPY_FIELD(rm_scan_summary, 'i', longest),
                                            RMPY_FIELD(rm_scan_summary, 'i', clusters),
                                            RMPY_FIELD(rm_scan_summary, 'i', replicates),
                                            RMPY_FIELD(rm_scan_summary, 'i', replicates_asked),
                                            RMPY_FIELD(rm_scan_summary, 'p', stopped),
                                            RMPY_END};

static const rmpy_field cluster_fields[] = {RMPY_FIELD(rm_scan_cluster, 'i', centre),
                                            RMPY_FIELD(rm_scan_cluster, 'i', area_count),
                                            RMPY_FIELD(rm_scan_cluster, 'i', t_start),
                                            RMPY_FIELD(rm_scan_cluster, 'i', t_end),
                                            RMPY_FIELD(rm_scan_cluster, 'p', low),
                                            RMPY_FIELD(rm_scan_cluster, 'i', zones),
                                            RMPY_FIELD(rm_scan_cluster, 'q', cases),
                                            RMPY_FIELD(rm_scan_cluster, 'd', radius),
                                            RMPY_FIELD(rm_scan_cluster, 'd', population),
                                            RMPY_FIELD(rm_scan_cluster, 'd', expected),
                                            RMPY_FIELD(rm_scan_cluster, 'd', observed_expected),
                                            RMPY_FIELD(rm_scan_cluster, 'd', relative_risk),
                                            RMPY_FIELD(rm_scan_cluster, 'd', llr),
                                            RMPY_FIELD(rm_scan_cluster, 'd', p),
                                            RMPY_END};

static PyObject *scan_about(PyObject *module, PyObject *args, PyObject *keywords)
{
    rmpy_call call;
    rm_scan_summary out;
    rmpy_begin(&call, module, args, keywords, "scan_about", 1);
    const rm_scan *scan = rmpy_handle(&call, RMPY_SCAN);
    if (scan)
        rm_scan_about(scan, &out);
    return rmpy_end(&call, scan ? rmpy_dict(summary_fields, &out) : NULL);
}

RMPY_GETTER(scan_cluster_count, RMPY_SCAN, rm_scan, PyLong_FromLong)
RMPY_STRUCT_AT(scan_cluster_at, RMPY_SCAN, rm_scan, rmpy_int32, rm_scan_cluster, cluster_fields)
RMPY_STRUCT_AT(scan_centre_at, RMPY_SCAN, rm_scan, rmpy_int32, rm_scan_cluster, cluster_fields)

typedef rm_status (*cluster_fn)(const rm_scan *scan, int32_t index, rm_scan_cluster *out,
                                rm_error *err);
typedef const int32_t *(*members_fn)(const rm_scan *scan, int32_t index);

static PyObject *members(PyObject *module, PyObject *args, PyObject *keywords, const char *name,
                         cluster_fn find, members_fn function)
{
    rmpy_call call;
    rm_scan_cluster cluster;
    PyObject *out = NULL;
    rmpy_begin(&call, module, args, keywords, name, 2);
    const rm_scan *scan = rmpy_handle(&call, RMPY_SCAN);
    int32_t index = rmpy_int32(&call, "index");
    RMPY_RUN_HELD(&call, find(scan, index, &cluster, &call.err));
    if (!call.failed)
        out = rmpy_view(module, PyTuple_GetItem(args, 0), function(scan, index), cluster.area_count,
                        'i');
    return rmpy_end(&call, out);
}

static PyObject *scan_cluster_members(PyObject *module, PyObject *args, PyObject *keywords)
{
    return members(module, args, keywords, "scan_cluster_members", rm_scan_cluster_at,
                   rm_scan_cluster_members);
}

static PyObject *scan_centre_members(PyObject *module, PyObject *args, PyObject *keywords)
{
    return members(module, args, keywords, "scan_centre_members", rm_scan_centre_at,
                   rm_scan_centre_members);
}

static PyObject *scan_maxima(PyObject *module, PyObject *args, PyObject *keywords)
{
    rmpy_call call;
    rm_scan_summary about;
    PyObject *out = NULL;
    rmpy_begin(&call, module, args, keywords, "scan_maxima", 1);
    const rm_scan *scan = rmpy_handle(&call, RMPY_SCAN);
    if (scan) {
        rm_scan_about(scan, &about);
        out = rmpy_view(module, PyTuple_GetItem(args, 0), rm_scan_maxima(scan), about.replicates,
                        'd');
    }
    return rmpy_end(&call, out);
}

PyMethodDef rmpy_scan_methods[] = {
    RMPY_METHOD(scan_options_init, "($module, /)", "The options of the scans."),
    RMPY_METHOD(scan_space, "($module, x, y, population, cases, /, **options)",
                "Kulldorff's scan in space."),
    RMPY_METHOD(scan_space_time,
                "($module, x, y, population, population_by_step, cases, steps, /, **options)",
                "The scan in space and time."),
    RMPY_METHOD(scan_space_time_rows,
                "($module, x, y, population, population_by_step, area, step, count, steps, /, "
                "**options)",
                "The same from rows."),
    RMPY_METHOD(scan_about, "($module, scan, /)", "The scan as a whole."),
    RMPY_METHOD(scan_cluster_count, "($module, scan, /)", "How many clusters."),
    RMPY_METHOD(scan_cluster_at, "($module, scan, index, /)", "One cluster."),
    RMPY_METHOD(scan_cluster_members, "($module, scan, index, /)",
                "A view of its areas, int32, nearest first."),
    RMPY_METHOD(scan_centre_at, "($module, scan, index, /)", "The best zone of a centre."),
    RMPY_METHOD(scan_centre_members, "($module, scan, index, /)",
                "A view of its areas, int32, nearest first."),
    RMPY_METHOD(scan_maxima, "($module, scan, /)",
                "A view of the largest LLR of each replicate, float64."),
    RMPY_METHODS_END};
