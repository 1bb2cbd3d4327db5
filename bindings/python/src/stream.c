/* Columns from Python, as an Arrow stream for rm_layer_from_arrow: one batch of buffers that stay
 * where they are. Stream, schema and batch live no longer than the call, which releases them. */
#include "binding.h"

#include <string.h>

typedef struct columns {
    int64_t rows;
    Py_ssize_t count, view_count;
    Py_buffer *views;
    int64_t **ends; /* of texts: copies */
    const void *(*buffers)[3];
    struct ArrowSchema *schemas, **schema_list;
    struct ArrowArray *arrays, **array_list;
    bool given;
} columns;

/* ---- the stream ---- */

static void release_schema(struct ArrowSchema *schema)
{
    schema->release = NULL;
}

static void release_array(struct ArrowArray *array)
{
    array->release = NULL;
}

static void release_stream(struct ArrowArrayStream *stream)
{
    stream->release = NULL;
}

static const char *no_error(struct ArrowArrayStream *stream)
{
    (void)stream;
    return NULL;
}

static int get_schema(struct ArrowArrayStream *stream, struct ArrowSchema *out)
{
    const columns *own = stream->private_data;
    *out = (struct ArrowSchema){.format = "+s",
                                .name = "",
                                .n_children = own->count,
                                .children = own->schema_list,
                                .release = release_schema};
    return 0;
}

static int get_next(struct ArrowArrayStream *stream, struct ArrowArray *out)
{
    static const void *none[1] = {NULL};
    columns *own = stream->private_data;
    memset(out, 0, sizeof *out);
    if (!own->given)
        *out = (struct ArrowArray){.length = own->rows,
                                   .n_buffers = 1,
                                   .buffers = none,
                                   .n_children = own->count,
                                   .children = own->array_list,
                                   .release = release_array};
    own->given = true;
    return 0;
}

/* ---- its columns ---- */

/* Bytes that a column of that format takes for each row; 0: texts or bytes, -1: not known here. */
static Py_ssize_t width_of(const char *format)
{
    static const struct {
        const char *format;
        Py_ssize_t width;
    } widths[] = {{"c", 1},    {"C", 1},    {"s", 2},    {"S", 2},    {"e", 2}, {"i", 4},
                  {"I", 4},    {"f", 4},    {"l", 8},    {"L", 8},    {"g", 8}, {"tdD", 4},
                  {"tss:", 8}, {"tsm:", 8}, {"tsu:", 8}, {"tsn:", 8}, {"U", 0}, {"Z", 0}};
    for (size_t w = 0; w < sizeof widths / sizeof *widths; w++)
        if (strcmp(format, widths[w].format) == 0)
            return widths[w].width;
    return -1;
}

/* A buffer of at least so many items of a width; NULL for None. */
static const void *take_buffer(rmpy_call *call, columns *own, PyObject *object, const char *name,
                               int64_t items, Py_ssize_t width)
{
    if (call->failed || object == Py_None)
        return NULL;
    Py_buffer *view = &own->views[own->view_count];
    if (PyObject_GetBuffer(object, view, PyBUF_SIMPLE) != 0) {
        call->failed = true;
        return NULL;
    }
    own->view_count++;
    if (view->len / width < items)
        rmpy_fail(call, PyExc_ValueError,
                  "column %s: a buffer of %zd bytes where %lld times %zd are needed", name,
                  view->len, (long long)items, width);
    if (view->len > 0 && (uintptr_t)view->buf % (size_t)width != 0)
        rmpy_fail(call, PyExc_ValueError, "column %s: a buffer is not aligned; hand a copy of it",
                  name);
    return view->len > 0 ? view->buf : "";
}

/* All of them are looked at here: of a stream the library believes them, cell by cell. So it gets a
 * copy, which stays as it was when it was looked at. */
static const int64_t *take_offsets(rmpy_call *call, columns *own, PyObject *object,
                                   const char *name)
{
    size_t size = ((size_t)own->rows + 1) * sizeof(int64_t);
    const void *given =
        take_buffer(call, own, object, name, own->rows + 1, (Py_ssize_t)sizeof(int64_t));
    int64_t *ends = given && !call->failed ? PyMem_Malloc(size) : NULL;
    own->ends[own->count] = ends;
    if (given && !call->failed && !ends) {
        PyErr_NoMemory();
        call->failed = true;
    }
    if (ends)
        memcpy(ends, given, size);
    bool sound = ends && ends[0] >= 0;
    for (int64_t row = 0; sound && row < own->rows; row++)
        sound = ends[row] <= ends[row + 1];
    if (!sound)
        rmpy_fail(call, PyExc_ValueError, "column %s: offsets must ascend from 0", name);
    return call->failed ? NULL : ends;
}

/* (name, format, validity, offsets, values) */
static void take_column(rmpy_call *call, columns *own, PyObject *parts)
{
    Py_ssize_t c = own->count;
    PyObject *validity, *offsets, *values;
    const char *name, *format;
    if (!PyTuple_Check(parts) ||
        !PyArg_ParseTuple(parts, "ssOOO", &name, &format, &validity, &offsets, &values)) {
        rmpy_forget();
        rmpy_fail(call, PyExc_TypeError,
                  "columns: (name, format, validity, offsets, values) is needed of each");
        return;
    }
    Py_ssize_t width = width_of(format);
    if (width < 0)
        rmpy_fail(call, PyExc_ValueError, "column %s: Arrow format \"%s\"", name, format);
    const void **buffers = own->buffers[c];
    buffers[0] = take_buffer(call, own, validity, name, own->rows / 8 + (own->rows % 8 > 0), 1);
    if (width > 0) {
        buffers[1] = take_buffer(call, own, values, name, own->rows, width);
    } else if (!call->failed) {
        const int64_t *ends = take_offsets(call, own, offsets, name);
        buffers[1] = ends;
        buffers[2] = take_buffer(call, own, values, name, ends ? ends[own->rows] : 0, 1);
    }
    if (!call->failed && (!buffers[1] || (width == 0 && !buffers[2])))
        rmpy_fail(call, PyExc_ValueError, "column %s: a buffer is missing", name);
    own->schemas[c] = (struct ArrowSchema){
        .format = format, .name = name, .flags = ARROW_FLAG_NULLABLE, .release = release_schema};
    own->arrays[c] = (struct ArrowArray){.length = own->rows,
                                         .null_count = validity == Py_None ? 0 : -1,
                                         .n_buffers = width > 0 ? 2 : 3,
                                         .buffers = buffers,
                                         .release = release_array};
    own->schema_list[c] = &own->schemas[c];
    own->array_list[c] = &own->arrays[c];
    own->count++;
}

static void take_columns(rmpy_call *call, columns *own, PyObject *list)
{
    if (call->failed)
        return;
    if (!PyTuple_Check(list) || own->rows < 0 || own->rows == INT64_MAX) {
        rmpy_fail(call, PyExc_TypeError, "columns: a tuple, and a number of rows, are needed");
        return;
    }
    size_t count = (size_t)PyTuple_Size(list) + 1;
    own->views = PyMem_Calloc(3 * count, sizeof *own->views);
    own->ends = PyMem_Calloc(count, sizeof *own->ends);
    own->buffers = PyMem_Calloc(count, sizeof *own->buffers);
    own->schemas = PyMem_Calloc(count, sizeof *own->schemas);
    own->schema_list = PyMem_Calloc(count, sizeof *own->schema_list);
    own->arrays = PyMem_Calloc(count, sizeof *own->arrays);
    own->array_list = PyMem_Calloc(count, sizeof *own->array_list);
    if (!own->views || !own->ends || !own->buffers || !own->schemas || !own->schema_list ||
        !own->arrays || !own->array_list)
        rmpy_fail(call, PyExc_MemoryError, "no memory for %zu columns", count - 1);
    for (size_t c = 0; c + 1 < count && !call->failed; c++)
        take_column(call, own, PyTuple_GetItem(list, (Py_ssize_t)c));
}

static void let_go(columns *own)
{
    for (Py_ssize_t v = 0; v < own->view_count; v++)
        PyBuffer_Release(&own->views[v]);
    for (Py_ssize_t c = 0; own->ends && c <= own->count; c++)
        PyMem_Free(own->ends[c]);
    PyMem_Free(own->ends);
    PyMem_Free(own->views);
    PyMem_Free(own->buffers);
    PyMem_Free(own->schemas);
    PyMem_Free(own->schema_list);
    PyMem_Free(own->arrays);
    PyMem_Free(own->array_list);
}

static PyObject *layer_from_columns(PyObject *module, PyObject *args, PyObject *keywords)
{
    rmpy_call call;
    rm_layer *layer = NULL;
    columns own = {0};
    struct ArrowArrayStream stream = {.get_schema = get_schema,
                                      .get_next = get_next,
                                      .get_last_error = no_error,
                                      .release = release_stream,
                                      .private_data = &own};
    rmpy_begin(&call, module, args, keywords, "layer_from_columns", 4);
    own.rows = rmpy_int64(&call, "rows");
    take_columns(&call, &own, rmpy_object(&call));
    const char *crs = rmpy_text(&call, "crs", RMPY_MAYBE);
    rmpy_take_progress(&call);
    RMPY_RUN(&call, rm_layer_from_arrow(&layer, &stream, crs, rmpy_report, &call, &call.err));
    let_go(&own);
    return rmpy_end(&call, rmpy_wrap(RMPY_LAYER, layer, NULL));
}

PyMethodDef rmpy_stream_methods[] = {
    RMPY_METHOD(layer_from_columns, "($module, rows, columns, crs, progress, /)",
                "A layer from buffers: a tuple of (name, Arrow format, validity, offsets, values), "
                "the geometry (\"Z\", WKB) among them."),
    RMPY_METHODS_END};
