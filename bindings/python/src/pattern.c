#include "binding.h"

/* ---- space and time ---- */

static const rmpy_field knox_options[] = {RMPY_FIELD(rm_knox_options, 'i', metric),
                                          RMPY_FIELD(rm_knox_options, 'i', permutations),
                                          RMPY_FIELD(rm_knox_options, 'i', threads),
                                          RMPY_FIELD(rm_knox_options, 'Q', seed),
                                          RMPY_PROGRESS(rm_knox_options),
                                          RMPY_END};

RMPY_DEFAULTS(knox_options_init, rm_knox_options, knox_options)

typedef struct events {
    const double *x, *y;
    const int32_t *day;
    int64_t count;
} events;

static events take_events(rmpy_call *call)
{
    events out = {.count = -1};
    out.x = rmpy_array(call, "x", 'd', RMPY_OWN, &out.count);
    out.y = rmpy_array(call, "y", 'd', RMPY_OWN, &out.count);
    out.day = rmpy_array(call, "day", 'i', RMPY_OWN, &out.count);
    return out;
}

static void check_bands(rmpy_call *call, int64_t cells, int64_t space_edges, int64_t time_edges)
{
    enum { most = 1 << 15 }; /* far beyond what C takes, and no product overflows */
    bool sound = space_edges >= 1 && time_edges >= 1 && space_edges <= most && time_edges <= most;
    if (!sound)
        rmpy_fail(call, PyExc_ValueError,
                  "space and time: two edges or more are needed, of 100 "
                  "bands at most");
    else if (cells != (space_edges - 1) * (time_edges - 1))
        rmpy_fail(call, PyExc_ValueError, "observed has %lld entries where %lld are needed",
                  (long long)cells, (long long)((space_edges - 1) * (time_edges - 1)));
}

static PyObject *knox(PyObject *module, PyObject *args, PyObject *keywords)
{
    rmpy_call call;
    int64_t cells = -1, space_edges = -1, time_edges = -1;
    rm_knox_options options = RM_KNOX_OPTIONS_INIT;
    rmpy_begin(&call, module, args, keywords, "knox", 10);
    int64_t *observed = rmpy_array(&call, "observed", 'q', RMPY_WRITE, &cells);
    double *expected = rmpy_array(&call, "expected", 'd', RMPY_WRITE | RMPY_MAYBE, &cells);
    double *ratio = rmpy_array(&call, "ratio", 'd', RMPY_WRITE | RMPY_MAYBE, &cells);
    double *mean = rmpy_array(&call, "mean", 'd', RMPY_WRITE | RMPY_MAYBE, &cells);
    double *p = rmpy_array(&call, "p", 'd', RMPY_WRITE | RMPY_MAYBE, &cells);
    events e = take_events(&call);
    const double *space = rmpy_array(&call, "space", 'd', RMPY_OWN, &space_edges);
    const double *time = rmpy_array(&call, "time", 'd', RMPY_OWN, &time_edges);
    check_bands(&call, cells, space_edges, time_edges);
    rmpy_options(&call, knox_options, &options);
    RMPY_RUN(&call,
             rm_knox(observed, expected, ratio, mean, p, e.x, e.y, e.day, e.count, space,
                     (int32_t)space_edges - 1, time, (int32_t)time_edges - 1, &options, &call.err));
    return rmpy_end(&call, NULL);
}

static PyObject *knox_label(PyObject *module, PyObject *args, PyObject *keywords)
{
    rmpy_call call;
    char label[64] = "";
    rmpy_begin(&call, module, args, keywords, "knox_label", 2);
    double low = rmpy_double(&call, "low");
    double high = rmpy_double(&call, "high");
    RMPY_RUN_HELD(&call, rm_knox_label(label, sizeof label, low, high, &call.err));
    return rmpy_end(&call, rmpy_str(label));
}

static const rmpy_field knox_fields[] = {RMPY_FIELD(rm_knox_result, 'q', pairs),
                                         RMPY_FIELD(rm_knox_result, 'q', close_space),
                                         RMPY_FIELD(rm_knox_result, 'q', close_time),
                                         RMPY_FIELD(rm_knox_result, 'q', close),
                                         RMPY_FIELD(rm_knox_result, 'd', expected),
                                         RMPY_FIELD(rm_knox_result, 'd', ratio),
                                         RMPY_FIELD(rm_knox_result, 'd', mean),
                                         RMPY_FIELD(rm_knox_result, 'd', p),
                                         RMPY_FIELD(rm_knox_result, 'd', p_poisson),
                                         RMPY_FIELD(rm_knox_result, 'd', p_above),
                                         RMPY_END};

static PyObject *knox_test(PyObject *module, PyObject *args, PyObject *keywords)
{
    rmpy_call call;
    rm_knox_result out;
    rm_knox_options options = RM_KNOX_OPTIONS_INIT;
    rmpy_begin(&call, module, args, keywords, "knox_test", 5);
    events e = take_events(&call);
    double metres = rmpy_double(&call, "metres");
    double days = rmpy_double(&call, "days");
    rmpy_options(&call, knox_options, &options);
    RMPY_RUN(&call,
             rm_knox_test(&out, e.x, e.y, e.day, e.count, metres, days, &options, &call.err));
    return rmpy_end(&call, call.failed ? NULL : rmpy_dict(knox_fields, &out));
}

static PyObject *near_repeats(PyObject *module, PyObject *args, PyObject *keywords)
{
    rmpy_call call;
    int64_t room = -1, found = 0, two = 2;
    rm_knox_options options = RM_KNOX_OPTIONS_INIT;
    rmpy_begin(&call, module, args, keywords, "near_repeats", 8);
    int64_t *earlier = rmpy_array(&call, "earlier", 'q', RMPY_WRITE, &room);
    int64_t *later = rmpy_array(&call, "later", 'q', RMPY_WRITE, &room);
    double *distance = rmpy_array(&call, "distance", 'd', RMPY_WRITE | RMPY_MAYBE, &room);
    events e = take_events(&call);
    const double *space = rmpy_array(&call, "space", 'd', RMPY_OWN, &two);
    const double *time = rmpy_array(&call, "time", 'd', RMPY_OWN, &two);
    rmpy_options(&call, knox_options, &options);
    RMPY_RUN(&call, rm_near_repeats(earlier, later, distance, room, &found, e.x, e.y, e.day,
                                    e.count, space, time, &options, &call.err));
    return rmpy_end(&call, PyLong_FromLongLong(found));
}

/* ---- nearest neighbours ---- */

static const rmpy_field nearest_options[] = {RMPY_FIELD(rm_nearest_options, 'i', threads),
                                             RMPY_FIELD(rm_nearest_options, 'i', cdf_steps),
                                             RMPY_PROGRESS(rm_nearest_options), RMPY_END};

RMPY_DEFAULTS(nearest_options_init, rm_nearest_options, nearest_options)

static PyObject *nearest_neighbours(PyObject *module, PyObject *args, PyObject *keywords)
{
    rmpy_call call;
    int64_t count = -1;
    rm_nearest_options options = RM_NEAREST_OPTIONS_INIT;
    rmpy_begin(&call, module, args, keywords, "nearest_neighbours", 5);
    int64_t *nearest = rmpy_array(&call, "nearest", 'q', RMPY_WRITE | RMPY_MAYBE, &count);
    double *distance = rmpy_array(&call, "distance", 'd', RMPY_WRITE | RMPY_MAYBE, &count);
    double *second = rmpy_array(&call, "second", 'd', RMPY_WRITE | RMPY_MAYBE, &count);
    const double *x = rmpy_array(&call, "x", 'd', RMPY_OWN, &count);
    const double *y = rmpy_array(&call, "y", 'd', RMPY_OWN, &count);
    rmpy_options(&call, nearest_options, &options);
    RMPY_RUN(&call,
             rm_nearest_neighbours(nearest, distance, second, x, y, count, &options, &call.err));
    return rmpy_end(&call, NULL);
}

static const rmpy_field nearest_fields[] = {RMPY_FIELD(rm_nearest_result, 'q', count),
                                            RMPY_FIELD(rm_nearest_result, 'd', mean),
                                            RMPY_FIELD(rm_nearest_result, 'd', expected),
                                            RMPY_FIELD(rm_nearest_result, 'd', ratio),
                                            RMPY_FIELD(rm_nearest_result, 'd', error),
                                            RMPY_FIELD(rm_nearest_result, 'd', z),
                                            RMPY_FIELD(rm_nearest_result, 'd', p),
                                            RMPY_FIELD(rm_nearest_result, 'd', donnelly_expected),
                                            RMPY_FIELD(rm_nearest_result, 'd', donnelly_ratio),
                                            RMPY_FIELD(rm_nearest_result, 'd', donnelly_error),
                                            RMPY_FIELD(rm_nearest_result, 'd', donnelly_z),
                                            RMPY_FIELD(rm_nearest_result, 'd', donnelly_p),
                                            RMPY_FIELD(rm_nearest_result, 'd', cdf_mean),
                                            RMPY_FIELD(rm_nearest_result, 'd', cdf_ratio),
                                            RMPY_END};

static PyObject *nearest_index(PyObject *module, PyObject *args, PyObject *keywords)
{
    rmpy_call call;
    rm_nearest_result out;
    int64_t count = -1;
    rm_nearest_options options = RM_NEAREST_OPTIONS_INIT;
    rmpy_begin(&call, module, args, keywords, "nearest_index", 4);
    const double *x = rmpy_array(&call, "x", 'd', RMPY_OWN, &count);
    const double *y = rmpy_array(&call, "y", 'd', RMPY_OWN, &count);
    double area = rmpy_double(&call, "area");
    double perimeter = rmpy_double(&call, "perimeter");
    rmpy_options(&call, nearest_options, &options);
    RMPY_RUN(&call, rm_nearest_index(&out, x, y, count, area, perimeter, &options, &call.err));
    return rmpy_end(&call, call.failed ? NULL : rmpy_dict(nearest_fields, &out));
}

static rm_pattern_window take_window(rmpy_call *call)
{
    rmpy_rings rings = rmpy_take_rings(call);
    return (rm_pattern_window){rings.x, rings.y, rings.starts, rings.count};
}

static PyObject *nearest_index_within(PyObject *module, PyObject *args, PyObject *keywords)
{
    rmpy_call call;
    rm_nearest_result out;
    int64_t count = -1;
    rm_nearest_options options = RM_NEAREST_OPTIONS_INIT;
    rmpy_begin(&call, module, args, keywords, "nearest_index_within", 5);
    const double *x = rmpy_array(&call, "x", 'd', RMPY_OWN, &count);
    const double *y = rmpy_array(&call, "y", 'd', RMPY_OWN, &count);
    rm_pattern_window window = take_window(&call);
    rmpy_options(&call, nearest_options, &options);
    RMPY_RUN(&call, rm_nearest_index_within(&out, x, y, count, &window, &options, &call.err));
    return rmpy_end(&call, call.failed ? NULL : rmpy_dict(nearest_fields, &out));
}

/* ---- Ripley ---- */

static const rmpy_field ripley_options[] = {RMPY_FIELD(rm_ripley_options, 'i', correction),
                                            RMPY_FIELD(rm_ripley_options, 'd', max_weight),
                                            RMPY_FIELD(rm_ripley_options, 'i', simulations),
                                            RMPY_FIELD(rm_ripley_options, 'i', rank),
                                            RMPY_FIELD(rm_ripley_options, 'i', threads),
                                            RMPY_FIELD(rm_ripley_options, 'Q', seed),
                                            RMPY_PROGRESS(rm_ripley_options),
                                            RMPY_END};

RMPY_DEFAULTS(ripley_options_init, rm_ripley_options, ripley_options)

static PyObject *ripley_k(PyObject *module, PyObject *args, PyObject *keywords)
{
    rmpy_call call;
    int64_t distances = -1, count = -1;
    rm_ripley_options options = RM_RIPLEY_OPTIONS_INIT;
    rmpy_begin(&call, module, args, keywords, "ripley_k", 8);
    double *k = rmpy_array(&call, "k", 'd', RMPY_WRITE | RMPY_MAYBE, &distances);
    double *l = rmpy_array(&call, "l", 'd', RMPY_WRITE | RMPY_MAYBE, &distances);
    const double *r = rmpy_array(&call, "r", 'd', RMPY_OWN, &distances);
    const double *x = rmpy_array(&call, "x", 'd', RMPY_OWN, &count);
    const double *y = rmpy_array(&call, "y", 'd', RMPY_OWN, &count);
    rm_pattern_window window = take_window(&call);
    rmpy_options(&call, ripley_options, &options);
    RMPY_RUN(&call, rm_ripley_k(k, l, r, distances, x, y, count, &window, &options, &call.err));
    return rmpy_end(&call, NULL);
}

static const rmpy_field ripley_fields[] = {
    RMPY_FIELD(rm_ripley_result, 'd', area), RMPY_FIELD(rm_ripley_result, 'd', deviation),
    RMPY_FIELD(rm_ripley_result, 'd', critical), RMPY_FIELD(rm_ripley_result, 'd', p), RMPY_END};

static PyObject *ripley_envelope(PyObject *module, PyObject *args, PyObject *keywords)
{
    rmpy_call call;
    rm_ripley_result out;
    int64_t distances = -1, count = -1;
    rm_ripley_options options = RM_RIPLEY_OPTIONS_INIT;
    rmpy_begin(&call, module, args, keywords, "ripley_envelope", 9);
    double *l = rmpy_array(&call, "l", 'd', RMPY_WRITE | RMPY_MAYBE, &distances);
    double *low = rmpy_array(&call, "low", 'd', RMPY_WRITE | RMPY_MAYBE, &distances);
    double *high = rmpy_array(&call, "high", 'd', RMPY_WRITE | RMPY_MAYBE, &distances);
    const double *r = rmpy_array(&call, "r", 'd', RMPY_OWN, &distances);
    const double *x = rmpy_array(&call, "x", 'd', RMPY_OWN, &count);
    const double *y = rmpy_array(&call, "y", 'd', RMPY_OWN, &count);
    rm_pattern_window window = take_window(&call);
    rmpy_options(&call, ripley_options, &options);
    RMPY_RUN(&call, rm_ripley_envelope(&out, l, low, high, r, distances, x, y, count, &window,
                                       &options, &call.err));
    return rmpy_end(&call, call.failed ? NULL : rmpy_dict(ripley_fields, &out));
}

PyMethodDef rmpy_pattern_methods[] = {
    RMPY_METHOD(knox_options_init, "($module, /)",
                "The options of knox, knox_test and near_repeats."),
    RMPY_METHOD(knox,
                "($module, observed, expected, ratio, mean, p, x, y, day, space, time, /, "
                "**options)",
                "The Knox table."),
    RMPY_METHOD(knox_label, "($module, low, high, /)", "A band in words."),
    RMPY_METHOD(knox_test, "($module, x, y, day, metres, days, /, **options)", "Knox's test."),
    RMPY_METHOD(near_repeats,
                "($module, earlier, later, distance, x, y, day, space, time, /, **options)",
                "The pairs, as many as there is room for; how many there are."),
    RMPY_METHOD(nearest_options_init, "($module, /)",
                "The options of nearest_neighbours, nearest_index and nearest_index_within."),
    RMPY_METHOD(nearest_neighbours, "($module, nearest, distance, second, x, y, /, **options)",
                "The nearest other point of every point."),
    RMPY_METHOD(nearest_index, "($module, x, y, area, perimeter, /, **options)",
                "Clark and Evans' index."),
    RMPY_METHOD(nearest_index_within, "($module, x, y, ring_x, ring_y, ring_starts, /, **options)",
                "The same in a study area."),
    RMPY_METHOD(ripley_options_init, "($module, /)",
                "The options of ripley_k and ripley_envelope."),
    RMPY_METHOD(ripley_k, "($module, k, l, r, x, y, ring_x, ring_y, ring_starts, /, **options)",
                "Ripley's K and L."),
    RMPY_METHOD(ripley_envelope,
                "($module, l, low, high, r, x, y, ring_x, ring_y, ring_starts, /, **options)",
                "L against complete randomness."),
    RMPY_METHODS_END};
