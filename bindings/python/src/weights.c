#include "binding.h"

#include <string.h>

static const rmpy_field contiguity_options[] = {RMPY_FIELD(rm_contiguity_options, 'i', kind),
                                                RMPY_FIELD(rm_contiguity_options, 'd', tolerance_m),
                                                RMPY_FIELD(rm_contiguity_options, 'i', threads),
                                                RMPY_PROGRESS(rm_contiguity_options), RMPY_END};

static const rmpy_field neighbour_options[] = {RMPY_FIELD(rm_neighbour_options, 'i', weight),
                                               RMPY_FIELD(rm_neighbour_options, 'd', least_m),
                                               RMPY_FIELD(rm_neighbour_options, 'q', most_links),
                                               RMPY_FIELD(rm_neighbour_options, 'i', threads),
                                               RMPY_PROGRESS(rm_neighbour_options),
                                               RMPY_END};

RMPY_DEFAULTS(contiguity_options_init, rm_contiguity_options, contiguity_options)
RMPY_DEFAULTS(neighbour_options_init, rm_neighbour_options, neighbour_options)

/* ---- made ---- */

static PyObject *weights_contiguity(PyObject *module, PyObject *args, PyObject *keywords)
{
    rmpy_call call;
    rm_weights *weights = NULL;
    rm_contiguity_options options = RM_CONTIGUITY_OPTIONS_INIT;
    rmpy_begin(&call, module, args, keywords, "weights_contiguity", 1);
    const rm_layer *areas = rmpy_handle(&call, RMPY_LAYER);
    rmpy_options(&call, contiguity_options, &options);
    RMPY_RUN(&call, rm_weights_contiguity(&weights, areas, &options, &call.err));
    return rmpy_end(&call, rmpy_wrap(RMPY_WEIGHTS, weights, NULL));
}

static PyObject *weights_band(PyObject *module, PyObject *args, PyObject *keywords)
{
    rmpy_call call;
    rm_weights *weights = NULL;
    rm_neighbour_options options = RM_NEIGHBOUR_OPTIONS_INIT;
    int64_t count = -1;
    rmpy_begin(&call, module, args, keywords, "weights_band", 3);
    const double *x = rmpy_array(&call, "x", 'd', RMPY_OWN, &count);
    const double *y = rmpy_array(&call, "y", 'd', RMPY_OWN, &count);
    double metres = rmpy_double(&call, "metres");
    rmpy_options(&call, neighbour_options, &options);
    RMPY_RUN(&call, rm_weights_band(&weights, x, y, count, metres, &options, &call.err));
    return rmpy_end(&call, rmpy_wrap(RMPY_WEIGHTS, weights, NULL));
}

static PyObject *weights_nearest(PyObject *module, PyObject *args, PyObject *keywords)
{
    rmpy_call call;
    rm_weights *weights = NULL;
    rm_neighbour_options options = RM_NEIGHBOUR_OPTIONS_INIT;
    int64_t count = -1;
    rmpy_begin(&call, module, args, keywords, "weights_nearest", 3);
    const double *x = rmpy_array(&call, "x", 'd', RMPY_OWN, &count);
    const double *y = rmpy_array(&call, "y", 'd', RMPY_OWN, &count);
    int32_t k = rmpy_int32(&call, "k");
    rmpy_options(&call, neighbour_options, &options);
    RMPY_RUN(&call, rm_weights_nearest(&weights, x, y, count, k, &options, &call.err));
    return rmpy_end(&call, rmpy_wrap(RMPY_WEIGHTS, weights, NULL));
}

static PyObject *weights_from_links(PyObject *module, PyObject *args, PyObject *keywords)
{
    rmpy_call call;
    rm_weights *weights = NULL;
    int64_t links = -1;
    rmpy_begin(&call, module, args, keywords, "weights_from_links", 5);
    int64_t count = rmpy_int64(&call, "count");
    const int32_t *from = rmpy_array(&call, "from", 'i', RMPY_OWN, &links);
    const int32_t *to = rmpy_array(&call, "to", 'i', RMPY_OWN, &links);
    const double *weight = rmpy_array(&call, "weight", 'd', RMPY_OWN | RMPY_MAYBE, &links);
    rmpy_take_progress(&call);
    RMPY_RUN(&call, rm_weights_from_links(&weights, count, from, to, weight, links, rmpy_report,
                                          &call, &call.err));
    return rmpy_end(&call, rmpy_wrap(RMPY_WEIGHTS, weights, NULL));
}

static PyObject *layer_places(PyObject *module, PyObject *args, PyObject *keywords)
{
    rmpy_call call;
    int64_t count = -1;
    rmpy_begin(&call, module, args, keywords, "layer_places", 4);
    double *x = rmpy_array(&call, "x", 'd', RMPY_WRITE, &count);
    double *y = rmpy_array(&call, "y", 'd', RMPY_WRITE, &count);
    const rm_layer *layer = rmpy_handle(&call, RMPY_LAYER);
    rmpy_take_progress(&call);
    if (!call.failed && count != rm_layer_feature_count(layer))
        rmpy_fail(&call, PyExc_ValueError, "x has %lld entries where %lld are needed",
                  (long long)count, (long long)rm_layer_feature_count(layer));
    RMPY_RUN(&call, rm_layer_places(x, y, layer, rmpy_report, &call, &call.err));
    return rmpy_end(&call, NULL);
}

/* ---- looked at ---- */

RMPY_GETTER(weights_count, RMPY_WEIGHTS, rm_weights, PyLong_FromLongLong)
RMPY_GETTER(weights_links, RMPY_WEIGHTS, rm_weights, PyLong_FromLongLong)

static PyObject *weights_is_symmetric(PyObject *module, PyObject *args, PyObject *keywords)
{
    rmpy_call call;
    int32_t symmetric = 0;
    rmpy_begin(&call, module, args, keywords, "weights_is_symmetric", 2);
    const rm_weights *weights = rmpy_handle(&call, RMPY_WEIGHTS);
    rmpy_take_progress(&call);
    RMPY_RUN(&call, rm_weights_is_symmetric(&symmetric, weights, rmpy_report, &call, &call.err));
    return rmpy_end(&call, PyBool_FromLong(symmetric));
}

static PyObject *weights_of(PyObject *module, PyObject *args, PyObject *keywords)
{
    rmpy_call call;
    PyObject *out = NULL;
    int64_t count = 0;
    const double *weight = NULL;
    rmpy_begin(&call, module, args, keywords, "weights_of", 2);
    const rm_weights *weights = rmpy_handle(&call, RMPY_WEIGHTS);
    int64_t item = rmpy_int64(&call, "item");
    if (!call.failed) {
        PyObject *owner = PyTuple_GetItem(args, 0);
        const int32_t *neighbours = rm_weights_of(weights, item, &count, &weight);
        out = Py_BuildValue("(NN)", rmpy_view(module, owner, neighbours, count, 'i'),
                            weight ? rmpy_view(module, owner, weight, count, 'd')
                                   : Py_NewRef(Py_None));
    }
    return rmpy_end(&call, out);
}

static PyObject *weights_islands(PyObject *module, PyObject *args, PyObject *keywords)
{
    rmpy_call call;
    rmpy_begin(&call, module, args, keywords, "weights_islands", 2);
    const rm_weights *weights = rmpy_handle(&call, RMPY_WEIGHTS);
    int64_t islands = weights ? rm_weights_islands(weights, NULL) : 0;
    int32_t *items = rmpy_array(&call, "items", 'i', RMPY_WRITE | RMPY_MAYBE, &islands);
    if (items)
        rm_weights_islands(weights, items);
    return rmpy_end(&call, PyLong_FromLongLong(islands));
}

static PyObject *weights_components(PyObject *module, PyObject *args, PyObject *keywords)
{
    rmpy_call call;
    int64_t items = -1, count = 0;
    rmpy_begin(&call, module, args, keywords, "weights_components", 2);
    int32_t *component = rmpy_array(&call, "component", 'i', RMPY_WRITE | RMPY_MAYBE, &items);
    const rm_weights *weights = rmpy_handle(&call, RMPY_WEIGHTS);
    if (component && weights && items != rm_weights_count(weights))
        rmpy_fail(&call, PyExc_ValueError, "component has %lld entries where %lld are needed",
                  (long long)items, (long long)rm_weights_count(weights));
    RMPY_RUN(&call, rm_weights_components(component, &count, weights, &call.err));
    return rmpy_end(&call, PyLong_FromLongLong(count));
}

static rm_status copy_rows(rmpy_call *call, int64_t *starts, int32_t *to, double *weight,
                           const rm_weights *weights)
{
    enum { LINKS_A_LOOK = 1 << 19 };
    int64_t items = rm_weights_count(weights), at = 0, looked = 0, count;
    const double *own;
    for (int64_t item = 0; item < items; item++) {
        if (at - looked >= LINKS_A_LOOK) {
            looked = at;
            if (rmpy_report(0, NULL, call) != 0)
                return RM_ECANCELLED;
        }
        const int32_t *neighbours = rm_weights_of(weights, item, &count, &own);
        starts[item] = at;
        if (count > 0)
            memcpy(to + at, neighbours, (size_t)count * sizeof *to);
        for (int64_t n = 0; n < count; n++)
            weight[at + n] = own ? own[n] : 1.0;
        at += count;
    }
    starts[items] = at;
    return RM_OK;
}

static PyObject *weights_rows(PyObject *module, PyObject *args, PyObject *keywords)
{
    rmpy_call call;
    rmpy_begin(&call, module, args, keywords, "weights_rows", 4);
    int64_t entries = -1, links = -1;
    int64_t *starts = rmpy_array(&call, "starts", 'q', RMPY_WRITE, &entries);
    int32_t *to = rmpy_array(&call, "to", 'i', RMPY_WRITE, &links);
    double *weight = rmpy_array(&call, "weight", 'd', RMPY_WRITE, &links);
    const rm_weights *weights = rmpy_handle(&call, RMPY_WEIGHTS);
    if (!call.failed &&
        (entries != rm_weights_count(weights) + 1 || links != rm_weights_links(weights)))
        rmpy_fail(&call, PyExc_ValueError, "starts, to, weight: there are %lld items, %lld links",
                  (long long)rm_weights_count(weights), (long long)rm_weights_links(weights));
    RMPY_RUN(&call, copy_rows(&call, starts, to, weight, weights));
    return rmpy_end(&call, NULL);
}

PyMethodDef rmpy_weights_methods[] = {
    RMPY_METHOD(contiguity_options_init, "($module, /)", "The options of weights_contiguity."),
    RMPY_METHOD(neighbour_options_init, "($module, /)",
                "The options of weights_band and weights_nearest."),
    RMPY_METHOD(weights_contiguity, "($module, areas, /, **options)", "Areas that touch."),
    RMPY_METHOD(weights_band, "($module, x, y, metres, /, **options)",
                "Points within a distance of each other."),
    RMPY_METHOD(weights_nearest, "($module, x, y, k, /, **options)", "The k nearest points."),
    RMPY_METHOD(weights_from_links, "($module, count, from_, to, weight, progress, /)",
                "Weights from elsewhere; weight may be None."),
    RMPY_METHOD(layer_places, "($module, x, y, layer, progress, /)",
                "Fills x and y: a point on the surface of each feature."),
    RMPY_METHOD(weights_count, "($module, weights, /)", "How many items."),
    RMPY_METHOD(weights_links, "($module, weights, /)", "How many links."),
    RMPY_METHOD(weights_of, "($module, weights, item, /)",
                "Views of an item's neighbours and their weights, which are None when all are 1."),
    RMPY_METHOD(weights_islands, "($module, weights, items, /)",
                "How many have no neighbours; fills items unless that is None."),
    RMPY_METHOD(weights_is_symmetric, "($module, weights, progress, /)",
                "Whether all links go both ways."),
    RMPY_METHOD(weights_components, "($module, component, weights, /)",
                "How many components; fills component unless that is None."),
    RMPY_METHOD(weights_rows, "($module, starts, to, weight, weights, /)",
                "Fills starts, to and weight: all of it as compressed sparse rows."),
    RMPY_METHODS_END};
