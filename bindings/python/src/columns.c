/* Columns of a layer as numpy and pandas want them: numbers where they are, texts and geometry as
 * objects. */
#include "binding.h"

#include <string.h>

/* so that Ctrl-C is heard in between */
enum { ROWS_A_LOOK = 1 << 16 };

static PyObject *layer_column(PyObject *module, PyObject *args, PyObject *keywords)
{
    static const char *const types[] = {"int64", "float64", "text", "date", "datetime"};
    rmpy_call call;
    rm_column_view view = {0};
    PyObject *out = NULL;
    rmpy_begin(&call, module, args, keywords, "layer_column", 2);
    const rm_layer *layer = rmpy_handle(&call, RMPY_LAYER);
    int32_t field = rmpy_int32(&call, "field");
    RMPY_RUN_HELD(&call, rm_layer_column(layer, field, &view, &call.err));
    if (!call.failed) {
        PyObject *owner = PyTuple_GetItem(args, 0);
        bool text = view.type == RM_COLUMN_TEXT;
        char format = text                            ? 'B'
                      : view.type == RM_COLUMN_DOUBLE ? 'd'
                      : view.type == RM_COLUMN_DATE   ? 'i'
                                                      : 'q';
        int64_t count = text ? view.offsets[view.count] : view.count;
        out = Py_BuildValue("{sssLsLsNsNsN}", "type", types[view.type], "count",
                            (long long)view.count, "missing", (long long)view.missing, "values",
                            rmpy_view(module, owner, view.values, count, format), "validity",
                            view.validity
                                ? rmpy_view(module, owner, view.validity, (view.count + 7) / 8, 'B')
                                : Py_NewRef(Py_None),
                            "offsets",
                            text ? rmpy_view(module, owner, view.offsets, view.count + 1, 'i')
                                 : Py_NewRef(Py_None));
    }
    return rmpy_end(&call, out);
}

static bool present(const uint8_t *validity, int64_t row)
{
    return !validity || (validity[row >> 3] >> (row & 7) & 1);
}

static PyObject *layer_texts(PyObject *module, PyObject *args, PyObject *keywords)
{
    rmpy_call call;
    rm_column_view view = {0};
    rmpy_begin(&call, module, args, keywords, "layer_texts", 2);
    const rm_layer *layer = rmpy_handle(&call, RMPY_LAYER);
    int32_t field = rmpy_int32(&call, "field");
    RMPY_RUN_HELD(&call, rm_layer_column(layer, field, &view, &call.err));
    if (!call.failed && view.type != RM_COLUMN_TEXT)
        rmpy_fail(&call, PyExc_TypeError, "field %d is no text", (int)field);
    PyObject *out = call.failed ? NULL : PyList_New((Py_ssize_t)view.count);
    const char *bytes = view.values;
    for (int64_t row = 0; out && row < view.count; row++) {
        int64_t from = view.offsets[row], to = view.offsets[row + 1];
        if (row % ROWS_A_LOOK == 0 && PyErr_CheckSignals() != 0) {
            Py_CLEAR(out);
            break;
        }
        PyObject *text =
            present(view.validity, row)
                ? PyUnicode_DecodeUTF8(bytes + from, (Py_ssize_t)(to - from), "replace")
                : Py_NewRef(Py_None);
        if (!text || PyList_SetItem(out, (Py_ssize_t)row, text) != 0)
            Py_CLEAR(out);
    }
    return rmpy_end(&call, out);
}

/* ---- geometry ---- */

static bool add_wkb(PyObject *list, const struct ArrowArray *geometry)
{
    const uint8_t *validity = geometry->buffers[0];
    const int32_t *offsets = geometry->buffers[1];
    const char *bytes = geometry->buffers[2];
    for (int64_t row = geometry->offset; row < geometry->offset + geometry->length; row++) {
        if (row % ROWS_A_LOOK == 0 && PyErr_CheckSignals() != 0)
            return false;
        PyObject *item =
            present(validity, row)
                ? PyBytes_FromStringAndSize(bytes + offsets[row], offsets[row + 1] - offsets[row])
                : Py_NewRef(Py_None);
        int status = item ? PyList_Append(list, item) : -1;
        Py_XDECREF(item);
        if (status != 0)
            return false;
    }
    return true;
}

static PyObject *list_wkb(rmpy_call *call, struct ArrowArrayStream *stream)
{
    PyObject *list = PyList_New(0);
    struct ArrowArray batch = {0};
    while (list) {
        int code;
        Py_BEGIN_ALLOW_THREADS code = stream->get_next(stream, &batch);
        Py_END_ALLOW_THREADS if (code != 0)
        {
            rmpy_fail(call, PyExc_RuntimeError, "%s", stream->get_last_error(stream));
            Py_CLEAR(list);
        }
        if (code != 0 || !batch.release)
            break;
        /* the geometry is the last column of what rm_layer_to_arrow gives */
        if (!add_wkb(list, batch.children[batch.n_children - 1]))
            Py_CLEAR(list);
        batch.release(&batch);
    }
    return list;
}

static PyObject *layer_wkb(PyObject *module, PyObject *args, PyObject *keywords)
{
    rmpy_call call;
    struct ArrowArrayStream stream;
    struct ArrowSchema schema;
    PyObject *list = NULL;
    rmpy_begin(&call, module, args, keywords, "layer_wkb", 1);
    const rm_layer *layer = rmpy_handle(&call, RMPY_LAYER);
    RMPY_RUN_HELD(&call, rm_layer_to_arrow(layer, &stream, &call.err));
    if (call.failed)
        return rmpy_end(&call, NULL);
    if (stream.get_schema(&stream, &schema) != 0) {
        rmpy_fail(&call, PyExc_RuntimeError, "%s", stream.get_last_error(&stream));
    } else {
        const char *format = schema.children[schema.n_children - 1]->format;
        if (strcmp(format, "z") != 0)
            rmpy_fail(&call, PyExc_ValueError, "the layer has no geometry");
        schema.release(&schema);
    }
    if (!call.failed)
        list = list_wkb(&call, &stream);
    stream.release(&stream);
    return rmpy_end(&call, list);
}

PyMethodDef rmpy_column_methods[] = {
    RMPY_METHOD(layer_column, "($module, layer, field, /)",
                "A field's memory: type, count, missing, and views of values, validity, offsets."),
    RMPY_METHOD(layer_texts, "($module, layer, field, /)", "The cells of a text field, or None."),
    RMPY_METHOD(layer_wkb, "($module, layer, /)", "The geometry as bytes of WKB, or None."),
    RMPY_METHODS_END};
