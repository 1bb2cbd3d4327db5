/* A call from Python: its beginning, its errors and its end. */
#include "binding.h"

#include "handle.h"

#include <stdarg.h>
#include <string.h>

void rmpy_begin(rmpy_call *call, PyObject *module, PyObject *args, PyObject *keywords,
                const char *name, Py_ssize_t arguments)
{
    memset(call, 0, sizeof *call);
    call->module = module;
    call->args = args;
    call->keywords = keywords;
    call->name = name;
    call->count = -1;
    Py_ssize_t given = PyTuple_Size(args);
    if (given != arguments)
        rmpy_fail(call, PyExc_TypeError, "%s() takes %zd arguments, not %zd", name, arguments,
                  given);
}

void rmpy_fail(rmpy_call *call, PyObject *type, const char *format, ...)
{
    va_list values;
    if (!call->failed && !PyErr_Occurred()) {
        va_start(values, format);
        PyErr_FormatV(type, format, values);
        va_end(values);
    }
    call->failed = true;
}

void rmpy_check(rmpy_call *call)
{
    /* what a progress callable raised, or Ctrl-C, is what stopped it */
    if (call->status == RM_OK && !PyErr_Occurred())
        return;
    call->failed = true;
    if (!PyErr_Occurred())
        rmpy_raise(call->module, &call->err);
}

PyObject *rmpy_end(rmpy_call *call, PyObject *answer)
{
    for (int v = 0; v < call->view_count; v++)
        PyBuffer_Release(&call->views[v]);
    for (int k = 0; k < call->kept_count; k++)
        Py_XDECREF(call->kept[k]);
    for (int m = 0; m < call->memory_count; m++)
        PyMem_Free(call->memory[m]);
    for (int b = 0; b < call->box_count; b++)
        rmpy_box_leave(call->boxes[b], call->changed[b]);
    if (call->failed || PyErr_Occurred()) {
        Py_XDECREF(answer);
        return NULL;
    }
    return answer ? answer : Py_NewRef(Py_None);
}

PyObject *rmpy_object(rmpy_call *call)
{
    return call->failed ? NULL : PyTuple_GetItem(call->args, call->next++);
}

int rmpy_report(double fraction, const char *message, void *user)
{
    rmpy_call *call = user;
    PyGILState_STATE gil = PyGILState_Ensure();
    int stop = PyErr_Occurred() != NULL || PyErr_CheckSignals() != 0;
    if (!stop && call->progress) {
        PyObject *answer =
            PyObject_CallFunction(call->progress, "dz", fraction, message ? message : "");
        stop = !answer || PyObject_IsTrue(answer) != 0;
        Py_XDECREF(answer);
    }
    PyGILState_Release(gil);
    return stop;
}
