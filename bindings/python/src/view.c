/* Memory of a handle as a buffer, so that numpy looks at it where it is. */
#include "binding.h"

#include <string.h>

typedef struct view_object {
    PyObject_HEAD PyObject *owner;
    const void *data;
    Py_ssize_t count, size;
    char format[2];
} view_object;

static int get_buffer(PyObject *self, Py_buffer *out, int flags)
{
    view_object *view = (view_object *)self;
    if (PyBuffer_FillInfo(out, self, (void *)view->data, view->count * view->size, 1, flags) != 0)
        return -1;
    out->itemsize = view->size;
    if (flags & PyBUF_FORMAT)
        out->format = view->format;
    if (flags & PyBUF_ND)
        out->shape = &view->count;
    if ((flags & PyBUF_STRIDES) == PyBUF_STRIDES)
        out->strides = &view->size;
    return 0;
}

static void free_view(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    Py_XDECREF(((view_object *)self)->owner);
    ((freefunc)PyType_GetSlot(type, Py_tp_free))(self);
    Py_DECREF(type);
}

static PyType_Slot slots[] = {
    {Py_tp_doc, (char *)"Memory of a handle, to read as a buffer; keeps the handle."},
    {Py_tp_dealloc, free_view},
    {Py_bf_getbuffer, get_buffer},
    {0, NULL}};

PyType_Spec rmpy_view_spec = {.name = "riskmap._riskmap.View",
                              .basicsize = sizeof(view_object),
                              .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
                              .slots = slots};

PyObject *rmpy_view(PyObject *module, PyObject *owner, const void *data, int64_t count, char format)
{
    static const char nothing[8] = {0};
    PyTypeObject *type = rmpy_view_type(module);
    PyObject *self = ((allocfunc)PyType_GetSlot(type, Py_tp_alloc))(type, 0);
    if (!self)
        return NULL;
    view_object *view = (view_object *)self;
    view->owner = Py_NewRef(owner);
    view->data = data ? data : nothing;
    view->count = (Py_ssize_t)count;
    view->size = format == 'd' || format == 'q' ? 8 : format == 'f' || format == 'i' ? 4 : 1;
    view->format[0] = format;
    return self;
}
