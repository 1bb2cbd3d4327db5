/* Structs of C as keywords and dicts, member by member. */
#include "binding.h"

#include "handle.h"

#include <limits.h>
#include <string.h>

/* ---- to C ---- */

static void *at(void *options, size_t offset)
{
    return (char *)options + offset;
}

static void set_whole(rmpy_call *call, const rmpy_field *field, PyObject *value, void *options)
{
    PyObject *number = PyNumber_Index(value);
    if (!number) {
        rmpy_forget();
        rmpy_fail(call, PyExc_TypeError, "%s: a whole number is needed, not %R", field->name,
                  value);
        return;
    }
    bool unsigned64 = field->kind == 'Q';
    long long whole = unsigned64 ? 0 : PyLong_AsLongLong(number);
    unsigned long long natural = unsigned64 ? PyLong_AsUnsignedLongLong(number) : 0;
    Py_DECREF(number);
    bool narrow = field->kind == 'i' || field->kind == 'D';
    if (PyErr_Occurred() || (narrow && (whole < INT32_MIN || whole > INT32_MAX))) {
        rmpy_forget();
        rmpy_fail(call, PyExc_ValueError, "%s: %R is out of range", field->name, value);
    } else if (unsigned64) {
        *(uint64_t *)at(options, field->offset) = natural;
    } else if (narrow) {
        *(int32_t *)at(options, field->offset) = (int32_t)whole;
    } else {
        *(int64_t *)at(options, field->offset) = whole;
    }
}

static void set_double(rmpy_call *call, const rmpy_field *field, PyObject *value, void *options)
{
    double number = PyFloat_AsDouble(value);
    if (number == -1 && PyErr_Occurred()) {
        rmpy_forget();
        rmpy_fail(call, PyExc_TypeError, "%s: a number is needed, not %R", field->name, value);
    }
    *(double *)at(options, field->offset) = number;
}

static void set_extent(rmpy_call *call, const rmpy_field *field, PyObject *value, void *options)
{
    double *box = at(options, field->offset);
    PyObject *four = PySequence_Tuple(value);
    if (!four || !PyArg_ParseTuple(four, "dddd", &box[0], &box[1], &box[2], &box[3])) {
        rmpy_forget();
        rmpy_fail(call, PyExc_TypeError, "%s: four numbers (xmin, ymin, xmax, ymax) are needed",
                  field->name);
    }
    Py_XDECREF(four);
}

static void set_array(rmpy_call *call, const rmpy_field *field, PyObject *value, void *options)
{
    int64_t one = 1;
    char type = field->kind == 'A' || field->kind == 'W' ? 'd' : field->kind == 'U' ? 'B' : 'q';
    int flags = field->kind == 'A' ? RMPY_OWN : RMPY_WRITE;
    *(void **)at(options, field->offset) = rmpy_array_of(call, value, field->name, type, flags,
                                                         field->kind == 'n' ? &one : &call->count);
}

/* A tuple of a sequence that stays until the call ends, with room for as many pointers. */
static PyObject *keep_sequence(rmpy_call *call, const rmpy_field *field, PyObject *value,
                               void ***pointers, int32_t *count)
{
    bool text = PyUnicode_Check(value); /* a sequence of characters is not what was meant */
    PyObject *tuple = text ? NULL : PySequence_Tuple(value);
    Py_ssize_t size = tuple ? PyTuple_Size(tuple) : 0;
    *pointers = tuple ? PyMem_Calloc((size_t)size + 1, sizeof **pointers) : NULL;
    if (tuple && !*pointers)
        PyErr_NoMemory();
    if (!*pointers || size > INT32_MAX || call->kept_count == RMPY_KEPT ||
        call->memory_count == RMPY_KEPT) {
        rmpy_forget();
        rmpy_fail(call, PyExc_TypeError, "%s: a list is needed, not %R", field->name,
                  (PyObject *)Py_TYPE(value));
        PyMem_Free(*pointers);
        Py_XDECREF(tuple);
        return NULL;
    }
    call->kept[call->kept_count++] = tuple;
    call->memory[call->memory_count++] = *pointers;
    *count = (int32_t)size;
    return tuple;
}

static void set_sequence(rmpy_call *call, const rmpy_field *field, PyObject *value, void *options)
{
    void **pointers;
    int32_t count = 0;
    PyObject *tuple = keep_sequence(call, field, value, &pointers, &count);
    for (int32_t t = 0; tuple && t < count && !call->failed; t++) {
        PyObject *item = PyTuple_GetItem(tuple, t);
        if (field->kind == 'S') {
            pointers[t] = (void *)rmpy_text_of(call, item, field->name);
        } else if (field->kind == 'F') {
            pointers[t] = (void *)rmpy_path_of(call, item, field->name);
        } else {
            rmpy_box *box = rmpy_box_of(item, RMPY_LAYER);
            call->failed = !box;
            pointers[t] = box ? rmpy_box_handle(box) : NULL;
        }
    }
    if (call->failed)
        return;
    *(void ***)at(options, field->offset) = pointers;
    *(int32_t *)at(options, field->second) = count;
}

static void set_int32s(rmpy_call *call, const rmpy_field *field, PyObject *value, void *options)
{
    int64_t count = -1;
    *(void **)at(options, field->offset) =
        rmpy_array_of(call, value, field->name, 'i', RMPY_OWN, &count);
    int32_t *stated = at(options, field->second);
    if (*stated != 0 && *stated != count)
        rmpy_fail(call, PyExc_ValueError, "%s has %lld entries where %d are needed", field->name,
                  (long long)count, (int)*stated);
}

static void set_handle(rmpy_call *call, const rmpy_field *field, PyObject *value, void *options)
{
    rmpy_box *box = rmpy_box_of(value, field->kind == 'L' ? RMPY_LAYER : RMPY_MODEL);
    call->failed = !box;
    *(void **)at(options, field->offset) = box ? rmpy_box_handle(box) : NULL;
}

static void set_progress(rmpy_call *call, const rmpy_field *field, PyObject *value, void *options)
{
    if (value && value != Py_None)
        call->progress = value;
    *(rm_progress_fn *)at(options, field->offset) = rmpy_report;
    *(void **)at(options, field->second) = call;
}

static void set_member(rmpy_call *call, const rmpy_field *field, PyObject *value, void *options)
{
    switch (field->kind) {
    case 'i':
    case 'q':
    case 'Q':
    case 'D':
        set_whole(call, field, value, options);
        break;
    case 'p':
        *(int32_t *)at(options, field->offset) = PyObject_IsTrue(value) == 1;
        break;
    case 'd':
        set_double(call, field, value, options);
        break;
    case 's':
        *(const char **)at(options, field->offset) = rmpy_text_of(call, value, field->name);
        break;
    case 'f':
        *(const char **)at(options, field->offset) = rmpy_path_of(call, value, field->name);
        break;
    case 'E':
        set_extent(call, field, value, options);
        break;
    case 'F':
    case 'S':
    case 'T':
        set_sequence(call, field, value, options);
        break;
    case 'j':
        set_int32s(call, field, value, options);
        break;
    case 'L':
    case 'M':
        set_handle(call, field, value, options);
        break;
    case 'A':
    case 'W':
    case 'U':
    case 'n':
        set_array(call, field, value, options);
        break;
    }
    call->failed = call->failed || PyErr_Occurred();
}

/* What a dict has under a name, borrowed; NULL without an exception where it has nothing. */
static PyObject *value_of(rmpy_call *call, PyObject *dict, const char *name)
{
    PyObject *key = PyUnicode_FromString(name);
    PyObject *value = key ? PyDict_GetItemWithError(dict, key) : NULL;
    Py_XDECREF(key);
    call->failed = call->failed || (!value && PyErr_Occurred());
    return value;
}

static void fill(rmpy_call *call, const rmpy_field *fields, PyObject *given, void *options)
{
    Py_ssize_t known = 0;
    for (const rmpy_field *field = fields; field->name && !call->failed; field++) {
        PyObject *value = given ? value_of(call, given, field->name) : NULL;
        known += value != NULL;
        if (call->failed)
            return;
        if (field->kind == 'P')
            set_progress(call, field, value, options);
        else if (value && value != Py_None)
            set_member(call, field, value, options);
    }
    if (call->failed || !given || known == PyDict_Size(given))
        return;
    PyObject *name, *value;
    for (Py_ssize_t position = 0; !call->failed && PyDict_Next(given, &position, &name, &value);) {
        const rmpy_field *field = PyUnicode_Check(name) ? fields : NULL;
        while (field && field->name && PyUnicode_CompareWithASCIIString(name, field->name) != 0)
            field++;
        if (!field || !field->name)
            rmpy_fail(call, PyExc_TypeError, "%s() has no option %R", call->name, name);
    }
}

void rmpy_options(rmpy_call *call, const rmpy_field *fields, void *options)
{
    call->has_options = true;
    if (!call->failed)
        fill(call, fields, call->keywords, options);
}

void rmpy_struct(rmpy_call *call, const char *name, const rmpy_field *fields, void *out)
{
    PyObject *given = rmpy_object(call);
    if (given && !PyDict_Check(given))
        rmpy_fail(call, PyExc_TypeError, "%s: a dict is needed, not %R", name,
                  (PyObject *)Py_TYPE(given));
    else if (given && call->kept_count == RMPY_KEPT)
        rmpy_fail(call, PyExc_SystemError, "%s() takes too many dicts", call->name);
    if (call->failed)
        return;
    PyObject *own = PyDict_Copy(given); /* what is in it stays as long as the call */
    call->failed = !own;
    if (own) {
        call->kept[call->kept_count++] = own;
        fill(call, fields, own, out);
    }
}

PyObject *rmpy_keyword(rmpy_call *call, const char *name)
{
    PyObject *value = call->failed || !call->keywords ? NULL : value_of(call, call->keywords, name);
    return value == Py_None ? NULL : value;
}

/* ---- from C ---- */

PyObject *rmpy_str(const char *text)
{
    return text ? PyUnicode_DecodeUTF8(text, (Py_ssize_t)strlen(text), "replace")
                : Py_NewRef(Py_None);
}

/* A path as os.fsdecode has it, so that it opens what it names. */
static PyObject *path_of(const char *path)
{
    return path ? PyUnicode_DecodeUTF8(path, (Py_ssize_t)strlen(path), "surrogateescape")
                : Py_NewRef(Py_None);
}

static PyObject *member(const rmpy_field *field, const void *values)
{
    const void *place = (const char *)values + field->offset;
    switch (field->kind) {
    case 'i':
        return PyLong_FromLong(*(const int32_t *)place);
    case 'p':
        return PyBool_FromLong(*(const int32_t *)place);
    case 'q':
        return PyLong_FromLongLong(*(const int64_t *)place);
    case 'Q':
        return PyLong_FromUnsignedLongLong(*(const uint64_t *)place);
    case 'd':
        return PyFloat_FromDouble(*(const double *)place);
    case 's':
        return rmpy_str(*(const char *const *)place);
    case 'f':
        return path_of(*(const char *const *)place);
    case 'c':
        return rmpy_str(place);
    case 'D':
        return *(const int32_t *)place == INT32_MIN ? Py_NewRef(Py_None)
                                                    : PyLong_FromLong(*(const int32_t *)place);
    case 'E': {
        const double *box = place;
        return Py_BuildValue("(dddd)", box[0], box[1], box[2], box[3]);
    }
    case 'g': {
        const rm_grid *grid = place;
        return Py_BuildValue("(dddLL)", grid->left, grid->top, grid->cell, (long long)grid->columns,
                             (long long)grid->rows);
    }
    case '{':
        return rmpy_dict(field->sub, place);
    default:
        return Py_NewRef(Py_None);
    }
}

PyObject *rmpy_dict(const rmpy_field *fields, const void *values)
{
    PyObject *dict = PyDict_New();
    for (const rmpy_field *field = fields; dict && field->name; field++) {
        PyObject *value = member(field, values);
        if (!value || PyDict_SetItemString(dict, field->name, value) != 0)
            Py_CLEAR(dict);
        Py_XDECREF(value);
    }
    return dict;
}
