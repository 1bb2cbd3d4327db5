#include "binding.h"

#include <string.h>

static const rmpy_field read_options[] = {RMPY_FIELD(rm_read_options, 'i', threads),
                                          RMPY_FIELD(rm_read_options, 's', layer),
                                          RMPY_FIELD(rm_read_options, 's', crs),
                                          RMPY_FIELD(rm_read_options, 's', target_crs),
                                          RMPY_FIELD(rm_read_options, 's', x),
                                          RMPY_FIELD(rm_read_options, 's', y),
                                          RMPY_FIELD(rm_read_options, 's', where),
                                          RMPY_FIELD(rm_read_options, 'p', only_best),
                                          RMPY_FIELD(rm_read_options, 'p', shielded),
                                          RMPY_FIELD(rm_read_options, 'p', repair),
                                          RMPY_COUNTED(rm_read_options, 'S', columns, column_count),
                                          RMPY_PROGRESS(rm_read_options),
                                          RMPY_END};

RMPY_DEFAULTS(read_options_init, rm_read_options, read_options)

static PyObject *layer_read(PyObject *module, PyObject *args, PyObject *keywords)
{
    rmpy_call call;
    rm_layer *layer = NULL;
    rm_read_options options = RM_READ_OPTIONS_INIT;
    options.column_count = -1; /* columns=None is all of them; [] is none */
    rmpy_begin(&call, module, args, keywords, "layer_read", 1);
    const char *source = rmpy_path(&call, "source", RMPY_READ);
    rmpy_options(&call, read_options, &options);
    RMPY_RUN(&call, rm_layer_read(&layer, source, &options, &call.err));
    return rmpy_end(&call, rmpy_wrap(RMPY_LAYER, layer, NULL));
}

static PyObject *layer_from_points(PyObject *module, PyObject *args, PyObject *keywords)
{
    rmpy_call call;
    rm_layer *layer = NULL;
    int64_t count = -1;
    rmpy_begin(&call, module, args, keywords, "layer_from_points", 3);
    const double *x = rmpy_array(&call, "x", 'd', RMPY_READ, &count);
    const double *y = rmpy_array(&call, "y", 'd', RMPY_READ, &count);
    const char *crs = rmpy_text(&call, "crs", RMPY_MAYBE);
    RMPY_RUN(&call, rm_layer_from_points(&layer, x, y, count, crs, &call.err));
    return rmpy_end(&call, rmpy_wrap(RMPY_LAYER, layer, NULL));
}

static PyObject *layer_from_geojson(PyObject *module, PyObject *args, PyObject *keywords)
{
    rmpy_call call;
    rm_layer *layer = NULL;
    rmpy_begin(&call, module, args, keywords, "layer_from_geojson", 3);
    const char *text = rmpy_text(&call, "text", RMPY_READ);
    const char *crs = rmpy_text(&call, "crs", RMPY_MAYBE);
    rmpy_take_progress(&call);
    RMPY_RUN(&call,
             rm_layer_from_geojson(&layer, text, strlen(text), crs, rmpy_report, &call, &call.err));
    return rmpy_end(&call, rmpy_wrap(RMPY_LAYER, layer, NULL));
}

/* ---- Arrow ---- */

static const char stream_name[] = "arrow_array_stream";

/* A producer in Python that Ctrl-C or sys.exit() ended can say so in its message alone. */
static void raise_interrupt(const char *message)
{
    PyObject *type = strstr(message, "KeyboardInterrupt") ? PyExc_KeyboardInterrupt
                     : strstr(message, "SystemExit")      ? PyExc_SystemExit
                                                          : NULL;
    if (type)
        PyErr_SetNone(type);
}

static PyObject *layer_from_arrow(PyObject *module, PyObject *args, PyObject *keywords)
{
    rmpy_call call;
    rm_layer *layer = NULL;
    rmpy_begin(&call, module, args, keywords, "layer_from_arrow", 3);
    PyObject *capsule = rmpy_object(&call);
    const char *crs = rmpy_text(&call, "crs", RMPY_MAYBE);
    rmpy_take_progress(&call);
    if (!call.failed && !PyCapsule_IsValid(capsule, stream_name))
        rmpy_fail(&call, PyExc_TypeError, "stream: what __arrow_c_stream__() gives is needed");
    struct ArrowArrayStream *given =
        call.failed ? NULL : PyCapsule_GetPointer(capsule, stream_name);
    struct ArrowArrayStream stream = {0};
    if (given) { /* it is this call's from here on, whatever other threads do with the capsule */
        stream = *given;
        given->release = NULL;
    }
    /* producers in Python take the GIL themselves where they need it */
    RMPY_RUN(&call, rm_layer_from_arrow(&layer, &stream, crs, rmpy_report, &call, &call.err));
    if (call.status == RM_EIO)
        raise_interrupt(call.err.message);
    return rmpy_end(&call, rmpy_wrap(RMPY_LAYER, layer, NULL));
}

/* A stream that keeps its layer: whoever takes it over may outlive everything else. */
typedef struct kept_stream {
    struct ArrowArrayStream inner;
    PyObject *layer;
} kept_stream;

static int kept_schema(struct ArrowArrayStream *stream, struct ArrowSchema *out)
{
    kept_stream *kept = stream->private_data;
    return kept->inner.get_schema(&kept->inner, out);
}

static int kept_next(struct ArrowArrayStream *stream, struct ArrowArray *out)
{
    kept_stream *kept = stream->private_data;
    return kept->inner.get_next(&kept->inner, out);
}

static const char *kept_error(struct ArrowArrayStream *stream)
{
    kept_stream *kept = stream->private_data;
    return kept->inner.get_last_error(&kept->inner);
}

static void kept_release(struct ArrowArrayStream *stream)
{
    kept_stream *kept = stream->private_data;
    stream->release = NULL;
    if (!Py_IsInitialized()) /* some let go when the process ends; Python is gone by then */
        return;
    PyGILState_STATE gil = PyGILState_Ensure();
    kept->inner.release(&kept->inner);
    Py_DECREF(kept->layer);
    PyMem_Free(kept);
    PyGILState_Release(gil);
}

static void free_stream(PyObject *capsule)
{
    /* some rename what they have used */
    struct ArrowArrayStream *stream = PyCapsule_GetPointer(capsule, PyCapsule_GetName(capsule));
    if (stream->release) /* nobody took it over */
        stream->release(stream);
    PyMem_Free(stream);
}

static PyObject *wrap_stream(const struct ArrowArrayStream *inner, PyObject *layer)
{
    kept_stream *kept = PyMem_Calloc(1, sizeof *kept);
    struct ArrowArrayStream *stream = PyMem_Calloc(1, sizeof *stream);
    PyObject *capsule =
        kept && stream ? PyCapsule_New(stream, stream_name, free_stream) : PyErr_NoMemory();
    if (!capsule) {
        struct ArrowArrayStream unused = *inner;
        unused.release(&unused);
        PyMem_Free(kept);
        PyMem_Free(stream);
        return NULL;
    }
    *kept = (kept_stream){*inner, Py_NewRef(layer)};
    *stream = (struct ArrowArrayStream){kept_schema, kept_next, kept_error, kept_release, kept};
    return capsule;
}

static PyObject *layer_to_arrow(PyObject *module, PyObject *args, PyObject *keywords)
{
    rmpy_call call;
    struct ArrowArrayStream stream;
    rmpy_begin(&call, module, args, keywords, "layer_to_arrow", 1);
    const rm_layer *layer = rmpy_handle(&call, RMPY_LAYER);
    RMPY_RUN(&call, rm_layer_to_arrow(layer, &stream, &call.err));
    return rmpy_end(&call, call.failed ? NULL : wrap_stream(&stream, PyTuple_GetItem(args, 0)));
}

/* ---- looking ---- */

RMPY_GETTER(layer_feature_count, RMPY_LAYER, rm_layer, PyLong_FromLongLong)
RMPY_GETTER(layer_crs, RMPY_LAYER, rm_layer, rmpy_str)
RMPY_GETTER(layer_issue_count, RMPY_LAYER, rm_layer, PyLong_FromLongLong)
RMPY_GETTER(layer_field_count, RMPY_LAYER, rm_layer, PyLong_FromLong)
RMPY_TEXT_AT(layer_field_name, RMPY_LAYER, rm_layer)

static const rmpy_field issue_fields[] = {
    RMPY_FIELD(rm_layer_issue, 's', severity), RMPY_FIELD(rm_layer_issue, 's', code),
    RMPY_FIELD(rm_layer_issue, 'q', feature), RMPY_FIELD(rm_layer_issue, 'c', message), RMPY_END};

RMPY_STRUCT_AT(layer_issue_at, RMPY_LAYER, rm_layer, rmpy_int64, rm_layer_issue, issue_fields)

static PyObject *layer_extent(PyObject *module, PyObject *args, PyObject *keywords)
{
    rmpy_call call;
    double box[4] = {0};
    rmpy_begin(&call, module, args, keywords, "layer_extent", 1);
    const rm_layer *layer = rmpy_handle(&call, RMPY_LAYER);
    if (layer)
        rm_layer_extent(layer, box);
    return rmpy_end(&call, Py_BuildValue("(dddd)", box[0], box[1], box[2], box[3]));
}

static PyObject *layer_fids(PyObject *module, PyObject *args, PyObject *keywords)
{
    rmpy_call call;
    PyObject *out = NULL;
    rmpy_begin(&call, module, args, keywords, "layer_fids", 1);
    const rm_layer *layer = rmpy_handle(&call, RMPY_LAYER);
    if (layer)
        out = rmpy_view(module, PyTuple_GetItem(args, 0), rm_layer_fids(layer),
                        rm_layer_feature_count(layer), 'q');
    return rmpy_end(&call, out);
}

static PyObject *layer_number(PyObject *module, PyObject *args, PyObject *keywords)
{
    rmpy_call call;
    rmpy_begin(&call, module, args, keywords, "layer_number", 3);
    const rm_layer *layer = rmpy_handle(&call, RMPY_LAYER);
    int64_t feature = rmpy_int64(&call, "feature");
    int32_t field = rmpy_int32(&call, "field");
    return rmpy_end(&call,
                    PyFloat_FromDouble(call.failed ? 0 : rm_layer_number(layer, feature, field)));
}

static PyObject *layer_text(PyObject *module, PyObject *args, PyObject *keywords)
{
    rmpy_call call;
    int64_t length = 0;
    rmpy_begin(&call, module, args, keywords, "layer_text", 3);
    const rm_layer *layer = rmpy_handle(&call, RMPY_LAYER);
    int64_t feature = rmpy_int64(&call, "feature");
    int32_t field = rmpy_int32(&call, "field");
    const char *text = call.failed ? NULL : rm_layer_text(layer, feature, field, &length);
    return rmpy_end(&call, text ? PyUnicode_DecodeUTF8(text, (Py_ssize_t)length, "replace") : NULL);
}

PyMethodDef rmpy_layer_methods[] = {
    RMPY_METHOD(read_options_init, "($module, /)", "The options of layer_read."),
    RMPY_METHOD(layer_read, "($module, source, /, **options)", "A layer of a vector source."),
    RMPY_METHOD(layer_from_points, "($module, x, y, crs, /)", "A layer of points from arrays."),
    RMPY_METHOD(layer_from_arrow, "($module, stream, crs, progress, /)",
                "A layer from a capsule with an Arrow stream, which is used up."),
    RMPY_METHOD(layer_from_geojson, "($module, text, crs, progress, /)",
                "A layer from a GeoJSON text."),
    RMPY_METHOD(layer_to_arrow, "($module, layer, /)",
                "A capsule with an Arrow stream, which keeps the layer."),
    RMPY_METHOD(layer_feature_count, "($module, layer, /)", "How many features."),
    RMPY_METHOD(layer_crs, "($module, layer, /)", "The CRS; empty when unknown."),
    RMPY_METHOD(layer_extent, "($module, layer, /)", "(xmin, ymin, xmax, ymax); NaN for none."),
    RMPY_METHOD(layer_issue_count, "($module, layer, /)",
                "How many features were rejected, repaired or remarked on."),
    RMPY_METHOD(layer_issue_at, "($module, layer, index, /)", "One of them, as a dict."),
    RMPY_METHOD(layer_field_count, "($module, layer, /)", "How many fields."),
    RMPY_METHOD(layer_field_name, "($module, layer, field, /)", "None when there is no such."),
    RMPY_METHOD(layer_fids, "($module, layer, /)", "A view of the feature ids, int64."),
    RMPY_METHOD(layer_number, "($module, layer, feature, field, /)", "A cell as a number."),
    RMPY_METHOD(layer_text, "($module, layer, feature, field, /)", "A text cell, or None."),
    RMPY_METHODS_END};
