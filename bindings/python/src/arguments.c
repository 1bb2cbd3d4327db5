/* Arguments of a call: numbers, texts, arrays, rings. */
#include "binding.h"

#include <limits.h>
#include <string.h>

/* ---- arrays ---- */

static const struct {
    char type;
    const char *formats; /* of the buffer protocol, on machines where long is 8 bytes */
    Py_ssize_t size;
    const char *called;
} types[] = {{'d', "d", 8, "float64"}, {'f', "f", 4, "float32"}, {'q', "lq", 8, "int64"},
             {'i', "i", 4, "int32"},   {'b', "b", 1, "int8"},    {'B', "B?", 1, "uint8"}};

static Py_buffer *new_view(rmpy_call *call, PyObject *object, const char *name, int flags)
{
    if (call->view_count == RMPY_VIEWS) {
        rmpy_fail(call, PyExc_SystemError, "%s() takes too many arrays", call->name);
        return NULL;
    }
    Py_buffer *view = &call->views[call->view_count];
    int wanted = PyBUF_FORMAT | PyBUF_ND | (flags & RMPY_WRITE ? PyBUF_WRITABLE : 0);
    if (PyObject_GetBuffer(object, view, wanted | PyBUF_C_CONTIGUOUS) != 0) {
        rmpy_forget();
        rmpy_fail(call, PyExc_TypeError, "%s: a contiguous array%s is needed, not %R", name,
                  flags & RMPY_WRITE ? " that can be written to" : "", (PyObject *)Py_TYPE(object));
        return NULL;
    }
    call->view_count++;
    return view;
}

static bool right_type(const Py_buffer *view, size_t t)
{
    const char *format = view->format ? view->format : "B";
    if (*format == '=' || *format == '<' || *format == '@')
        format++;
    return view->ndim == 1 && view->itemsize == types[t].size && *format && !format[1] &&
           strchr(types[t].formats, *format);
}

/* A pointer of C to doubles must be one. */
static bool is_aligned(const Py_buffer *view, size_t size)
{
    return view->len == 0 || (uintptr_t)view->buf % size == 0;
}

static void settle_count(rmpy_call *call, const char *name, int64_t found, int64_t *count)
{
    if (!count || call->failed)
        return;
    if (*count < 0)
        *count = found;
    else if (*count != found)
        rmpy_fail(call, PyExc_ValueError, "%s has %lld entries where %lld are needed", name,
                  (long long)found, (long long)*count);
}

/* numpy has no address for an array without entries; C wants one that is not NULL */
static void *address(const Py_buffer *view)
{
    static double nothing;
    return view->buf && view->len ? view->buf : &nothing;
}

static void *copy_of(rmpy_call *call, Py_buffer *view)
{
    if (call->memory_count == RMPY_KEPT) {
        rmpy_fail(call, PyExc_SystemError, "%s() takes too many arrays", call->name);
        return NULL;
    }
    void *copy = PyMem_Malloc((size_t)view->len + 1);
    if (!copy) {
        PyErr_NoMemory();
        call->failed = true;
        return NULL;
    }
    call->memory[call->memory_count++] = copy;
    if (view->len > 0)
        memcpy(copy, view->buf, (size_t)view->len);
    return copy;
}

void *rmpy_array_of(rmpy_call *call, PyObject *object, const char *name, char type, int flags,
                    int64_t *count)
{
    size_t t = 0;
    while (types[t].type != type)
        t++;
    Py_buffer *view = new_view(call, object, name, flags);
    if (!view)
        return NULL;
    if (!right_type(view, t)) {
        rmpy_fail(call, PyExc_TypeError,
                  "%s: an array of one dimension of %s is needed, not %d dimensions of \"%s\"",
                  name, types[t].called, view->ndim, view->format ? view->format : "B");
        return NULL;
    }
    if (!is_aligned(view, (size_t)view->itemsize))
        rmpy_fail(call, PyExc_TypeError, "%s: the array is not aligned; hand a copy of it", name);
    settle_count(call, name, view->len / view->itemsize, count);
    if (call->failed)
        return NULL;
    return flags & RMPY_OWN ? copy_of(call, view) : address(view);
}

void *rmpy_array(rmpy_call *call, const char *name, char type, int flags, int64_t *count)
{
    PyObject *object = rmpy_object(call);
    if (!object || (object == Py_None && flags & RMPY_MAYBE))
        return NULL;
    return rmpy_array_of(call, object, name, type, flags, count);
}

void *rmpy_arrays(rmpy_call *call, const char *name, char type, int64_t *count, int64_t *number)
{
    PyObject *object = rmpy_object(call);
    if (!object)
        return NULL;
    PyObject *items = PySequence_List(object);
    Py_ssize_t size = items ? PyList_Size(items) : 0;
    void **pointers = items ? PyMem_Calloc((size_t)size + 1, sizeof *pointers) : NULL;
    if (items && !pointers)
        PyErr_NoMemory();
    if (!pointers || call->kept_count == RMPY_KEPT || call->memory_count == RMPY_KEPT) {
        rmpy_forget();
        rmpy_fail(call, PyExc_TypeError, "%s: a list of arrays is needed", name);
        PyMem_Free(pointers);
        Py_XDECREF(items);
        return NULL;
    }
    call->kept[call->kept_count++] = items;
    call->memory[call->memory_count++] = pointers;
    for (Py_ssize_t i = 0; i < size && !call->failed; i++) {
        /* a memoryview holds its array's memory, so the view of the call can go to the next one */
        PyObject *memory = PyMemoryView_FromObject(PyList_GetItem(items, i));
        if (!memory || PyList_SetItem(items, i, memory) != 0) {
            rmpy_forget();
            rmpy_fail(call, PyExc_TypeError, "%s: a list of arrays is needed", name);
            break;
        }
        int before = call->view_count;
        pointers[i] = rmpy_array_of(call, memory, name, type, RMPY_READ, count);
        if (call->view_count > before)
            PyBuffer_Release(&call->views[--call->view_count]);
    }
    settle_count(call, name, size, number);
    return pointers;
}

void *rmpy_structs(rmpy_call *call, const char *name, size_t size, int flags, int64_t *count)
{
    PyObject *object = rmpy_object(call);
    if (!object || (object == Py_None && flags & RMPY_MAYBE))
        return NULL;
    const Py_buffer *view = new_view(call, object, name, flags);
    if (!view)
        return NULL;
    if (view->itemsize != 1 || view->ndim != 1 || view->len % (Py_ssize_t)size != 0 ||
        !is_aligned(view, 8))
        rmpy_fail(call, PyExc_TypeError, "%s: bytes of structs of %zu bytes are needed", name,
                  size);
    settle_count(call, name, view->len / (Py_ssize_t)size, count);
    return call->failed ? NULL : address(view);
}

static rmpy_rings rings_of(rmpy_call *call, PyObject *x, PyObject *y, PyObject *starts)
{
    int64_t vertices = -1, count = -1;
    rmpy_rings rings = {.x = rmpy_array_of(call, x, "ring_x", 'd', RMPY_READ, &vertices)};
    if (!call->failed)
        rings.y = rmpy_array_of(call, y, "ring_y", 'd', RMPY_READ, &vertices);
    if (!call->failed)
        rings.starts = rmpy_array_of(call, starts, "ring_starts", 'q', RMPY_OWN, &count);
    if (call->failed)
        return rings;
    rings.count = count - 1;
    bool sound = count > 0 && rings.starts[0] == 0 && rings.starts[rings.count] == vertices;
    for (int64_t r = 0; sound && r < rings.count; r++)
        sound = rings.starts[r] <= rings.starts[r + 1];
    if (!sound)
        rmpy_fail(call, PyExc_ValueError,
                  "ring_starts: must begin with 0, ascend, and end with the number of vertices");
    return rings;
}

rmpy_rings rmpy_take_rings(rmpy_call *call)
{
    PyObject *x = rmpy_object(call), *y = rmpy_object(call), *starts = rmpy_object(call);
    return starts ? rings_of(call, x, y, starts) : (rmpy_rings){NULL, NULL, NULL, 0};
}

rmpy_rings rmpy_keyword_rings(rmpy_call *call)
{
    PyObject *x = rmpy_keyword(call, "ring_x"), *y = rmpy_keyword(call, "ring_y"),
             *starts = rmpy_keyword(call, "ring_starts");
    if ((x || y || starts) && !(x && y && starts))
        rmpy_fail(call, PyExc_TypeError, "ring_x, ring_y and ring_starts go together");
    return starts && !call->failed ? rings_of(call, x, y, starts)
                                   : (rmpy_rings){NULL, NULL, NULL, 0};
}

/* ---- numbers and texts ---- */

int64_t rmpy_int64(rmpy_call *call, const char *name)
{
    PyObject *object = rmpy_object(call);
    if (!object)
        return 0;
    PyObject *number = PyNumber_Index(object); /* numpy's integers too; not 1.5 */
    long long value = number ? PyLong_AsLongLong(number) : -1;
    Py_XDECREF(number);
    if (value == -1 && PyErr_Occurred()) {
        bool large = PyErr_ExceptionMatches(PyExc_OverflowError);
        rmpy_forget();
        rmpy_fail(call, large ? PyExc_ValueError : PyExc_TypeError,
                  large ? "%s: %R is out of range" : "%s: a whole number is needed, not %R", name,
                  object);
    }
    return value;
}

int32_t rmpy_int32(rmpy_call *call, const char *name)
{
    int64_t value = rmpy_int64(call, name);
    if (value < INT32_MIN || value > INT32_MAX)
        rmpy_fail(call, PyExc_ValueError, "%s: %lld is out of range", name, (long long)value);
    return (int32_t)value;
}

double rmpy_double(rmpy_call *call, const char *name)
{
    PyObject *object = rmpy_object(call);
    double value = object ? PyFloat_AsDouble(object) : 0;
    if (object && value == -1 && PyErr_Occurred()) {
        rmpy_forget();
        rmpy_fail(call, PyExc_TypeError, "%s: a number is needed, not %R", name, object);
    }
    return value;
}

const char *rmpy_text_of(rmpy_call *call, PyObject *object, const char *name)
{
    Py_ssize_t length = 0;
    const char *text = PyUnicode_Check(object) ? PyUnicode_AsUTF8AndSize(object, &length) : NULL;
    if (text && strlen(text) == (size_t)length)
        return text;
    rmpy_forget();
    if (!PyUnicode_Check(object))
        rmpy_fail(call, PyExc_TypeError, "%s: a text (str) is needed, not %R", name,
                  (PyObject *)Py_TYPE(object));
    else
        rmpy_fail(call, PyExc_ValueError, "%s: %R holds %s; leave it out", name, object,
                  text ? "a NUL character" : "a character that UTF-8 has no bytes for");
    return NULL;
}

const char *rmpy_path_of(rmpy_call *call, PyObject *object, const char *name)
{
    PyObject *bytes = PyUnicode_Check(object)
                          ? PyUnicode_AsEncodedString(object, "utf-8", "surrogateescape")
                          : NULL;
    if (!bytes && PyErr_Occurred())
        rmpy_forget();
    const char *path = bytes ? PyBytes_AsString(bytes) : NULL;
    if (!path || strlen(path) != (size_t)PyBytes_Size(bytes)) {
        Py_XDECREF(bytes);
        if (!PyErr_Occurred()) /* what is no path is no text either */
            return rmpy_text_of(call, object, name);
        call->failed = true;
        return NULL;
    }
    if (!call->paths)
        call->paths = PyList_New(0);
    if (!call->paths || PyList_Append(call->paths, bytes) != 0)
        call->failed = true;
    Py_DECREF(bytes); /* the list keeps it */
    return call->failed ? NULL : path;
}

const char *rmpy_path(rmpy_call *call, const char *name, int flags)
{
    PyObject *object = rmpy_object(call);
    if (!object || (object == Py_None && flags & RMPY_MAYBE))
        return NULL;
    return rmpy_path_of(call, object, name);
}

const char *rmpy_text(rmpy_call *call, const char *name, int flags)
{
    PyObject *object = rmpy_object(call);
    if (!object || (object == Py_None && flags & RMPY_MAYBE))
        return NULL;
    return rmpy_text_of(call, object, name);
}

rm_grid rmpy_grid(rmpy_call *call)
{
    rm_grid grid = {0, 0, 0, 0, 0};
    PyObject *object = rmpy_object(call);
    long long columns = 0, rows = 0;
    if (!object)
        return grid;
    if (!PyTuple_Check(object) ||
        !PyArg_ParseTuple(object, "dddLL", &grid.left, &grid.top, &grid.cell, &columns, &rows)) {
        rmpy_forget();
        rmpy_fail(call, PyExc_TypeError, "grid: (left, top, cell, columns, rows) is needed");
    }
    grid.columns = columns;
    grid.rows = rows;
    if (columns < 0 || rows < 0 || (columns > 0 && rows > INT64_MAX / 8 / columns))
        rmpy_fail(call, PyExc_ValueError, "grid: %lld columns and %lld rows cannot be", columns,
                  rows);
    return grid;
}
