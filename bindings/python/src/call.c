/* A call from Python: its beginning, its errors and its end. */
#define _GNU_SOURCE
#include "binding.h"

#include "handle.h"

#include <pthread.h>
#include <stdarg.h>
#include <string.h>
#include <time.h>

void rmpy_begin(rmpy_call *call, PyObject *module, PyObject *args, PyObject *keywords,
                const char *name, Py_ssize_t arguments)
{
    memset(call, 0, sizeof *call);
    call->module = module;
    call->args = args;
    call->keywords = keywords ? PyDict_Copy(keywords) : NULL;
    call->failed = keywords && !call->keywords;
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

/* Of a function without options. */
static void refuse_keywords(rmpy_call *call)
{
    if (!call->failed && !call->has_options && call->keywords && PyDict_Size(call->keywords) > 0)
        rmpy_fail(call, PyExc_TypeError, "%s() takes no keywords", call->name);
}

void rmpy_forget(void)
{
    if (PyErr_ExceptionMatches(PyExc_TypeError) || PyErr_ExceptionMatches(PyExc_ValueError) ||
        PyErr_ExceptionMatches(PyExc_OverflowError) || PyErr_ExceptionMatches(PyExc_BufferError))
        PyErr_Clear();
}

/* ---- without the GIL ---- */

/* When Python ends it kills the other threads that ask for the GIL, where they stand: in the midst
 * of C, whose own threads then work on with what was theirs. So at exit their calls are told to
 * stop, and given a moment to. */
static int running;              /* calls, under the GIL */
static volatile uintptr_t ender; /* the thread that ends Python; 0 before */

static bool must_stop(void)
{
    return ender != 0 && ender != (uintptr_t)pthread_self();
}

PyThreadState *rmpy_leave(rmpy_call *call)
{
    if (must_stop())
        rmpy_fail(call, PyExc_RuntimeError, "Python is ending; no new work is begun");
    refuse_keywords(call);
    if (call->failed)
        return NULL;
    running++;
    return PyEval_SaveThread();
}

void rmpy_come_back(PyThreadState *python)
{
    PyEval_RestoreThread(python);
    running--;
}

static PyObject *stop_others(PyObject *self, PyObject *unused)
{
    const struct timespec moment = {.tv_nsec = 5000000};
    (void)self, (void)unused;
    ender = (uintptr_t)pthread_self();
    for (int i = 0; i < 200 && running > 0; i++) {
        Py_BEGIN_ALLOW_THREADS nanosleep(&moment, NULL);
        Py_END_ALLOW_THREADS
    }
    return Py_NewRef(Py_None);
}

/* Of the threads that a child process does not have none is running. */
static void forget_others(void)
{
    running = 0;
}

int rmpy_stop_at_exit(void)
{
    if (ender != 0) { /* a program that embeds Python began it again */
        ender = 0;
        running = 0;
    }
    static PyMethodDef method = {"stop_others", stop_others, METH_NOARGS, NULL};
    PyObject *atexit = PyImport_ImportModule("atexit");
    PyObject *function = atexit ? PyCFunction_New(&method, NULL) : NULL;
    PyObject *done = function ? PyObject_CallMethod(atexit, "register", "O", function) : NULL;
    int status = done && pthread_atfork(NULL, NULL, forget_others) == 0 ? 0 : -1;
    Py_XDECREF(atexit);
    Py_XDECREF(function);
    Py_XDECREF(done);
    return status;
}

/* ---- after it ---- */

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
    refuse_keywords(call);
    for (int v = 0; v < call->view_count; v++)
        PyBuffer_Release(&call->views[v]);
    for (int k = 0; k < call->kept_count; k++)
        Py_XDECREF(call->kept[k]);
    Py_XDECREF(call->paths);
    Py_XDECREF(call->keywords);
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

void rmpy_take_progress(rmpy_call *call)
{
    PyObject *progress = rmpy_object(call);
    call->progress = progress == Py_None ? NULL : progress;
}

/* A true answer is not always meant to stop: tqdm's update() gives one. */
static void say_who_stopped(PyObject *module)
{
    rm_error err = {.code = RM_ECANCELLED,
                    .row = -1,
                    .message = "cancelled: progress returned something true, which stops a call; "
                               "return None to go on"};
    rmpy_raise(module, &err);
}

int rmpy_report(double fraction, const char *message, void *user)
{
    rmpy_call *call = user;
    if (must_stop())
        return 1;
    PyGILState_STATE gil = PyGILState_Ensure();
    int stop = PyErr_Occurred() != NULL || PyErr_CheckSignals() != 0;
    if (!stop && call->progress) {
        PyObject *answer =
            PyObject_CallFunction(call->progress, "dN", fraction, rmpy_str(message ? message : ""));
        stop = !answer || PyObject_IsTrue(answer) != 0;
        Py_XDECREF(answer);
        if (stop && !PyErr_Occurred())
            say_who_stopped(call->module);
    }
    PyGILState_Release(gil);
    return stop;
}
