/* The module: its functions, its exceptions. */
#include "binding.h"

#include "handle.h"

#include <stdio.h>
#include <string.h>

enum { CODES = RM_EUNSUPPORTED + 1 };

typedef struct module_state {
    PyObject *errors[CODES]; /* by rm_status; [RM_OK] is the base of all */
    PyObject *view;          /* the type of rmpy_view */
} module_state;

static const char *const error_names[CODES] = {
    "Error",      "MemoryLimitError", "ArgumentError",   "FileError",  "FormatError",
    "ModelError", "DataError",        "CrsError",        "LimitError", "ExistsError",
    "NotFound",   "Cancelled",        "UnsupportedError"};

static const char *const error_docs[CODES] = {
    "What riskmap raises; the message says what is wrong and what to do.\n\n"
    "row: of the data, where a single one is at fault, or None.\n"
    "layer: the name of the layer, or of the argument, that it is about, or None.\n"
    "code: its number in C (rm_status in riskmap/status.h), or None where it was raised in "
    "Python.",
    "There is not enough memory, or a limit on it was reached. A MemoryError.",
    "An argument is wrong. A ValueError.",
    "A file could not be read or written. An OSError.",
    "A file is damaged, or in no form that is known. A ValueError.",
    "A model is wrong: the message names the place in it. A ValueError.",
    "The data cannot be used for what was asked. A ValueError.",
    ("A coordinate system is unknown, missing, not in metres, or differs from another. A "
     "ValueError."),
    "More of something than this can handle.",
    "What would be written is there already, and overwrite is not set. A FileExistsError.",
    "There is no such file, layer, field or place. A FileNotFoundError and a LookupError.",
    "progress returned something true, which stops a call.",
    "This build, or this version, cannot do it. A NotImplementedError."};

void rmpy_raise(PyObject *module, const rm_error *err)
{
    module_state *state = PyModule_GetState(module);
    if (!state)
        return;
    bool known = err->code > 0 && err->code < CODES;
    PyObject *type = state->errors[known ? err->code : 0];
    PyObject *message =
        PyUnicode_DecodeUTF8(err->message, (Py_ssize_t)strlen(err->message), "replace");
    PyObject *error = message ? PyObject_CallFunctionObjArgs(type, message, NULL) : NULL;
    PyObject *row = error ? PyLong_FromLongLong(err->row) : NULL;
    PyObject *code = row ? PyLong_FromLong(err->code) : NULL;
    if (code && PyObject_SetAttrString(error, "row", err->row < 0 ? Py_None : row) == 0 &&
        PyObject_SetAttrString(error, "code", code) == 0)
        PyErr_SetObject(type, error);
    Py_XDECREF(message);
    Py_XDECREF(error);
    Py_XDECREF(row);
    Py_XDECREF(code);
}

/* What Python has a word for is that too, so that `except FileExistsError` works. */
static PyObject *builtin_for(int code)
{
    switch (code) {
    case RM_ENOMEM:
        return PyExc_MemoryError;
    case RM_EINVAL:
    case RM_EFORMAT:
    case RM_EMODEL:
    case RM_EDATA:
    case RM_ECRS:
        return PyExc_ValueError;
    case RM_EIO:
        return PyExc_OSError;
    case RM_EEXISTS:
        return PyExc_FileExistsError;
    case RM_ENOTFOUND:
        return PyExc_FileNotFoundError; /* and a LookupError: see new_error */
    case RM_EUNSUPPORTED:
        return PyExc_NotImplementedError;
    default:
        return NULL;
    }
}

static PyObject *new_error(int code, PyObject *base)
{
    char name[64];
    PyObject *builtin = builtin_for(code), *attributes = NULL, *bases = NULL, *type = NULL;
    snprintf(name, sizeof name, "riskmap.%s", error_names[code]);
    if (code == 0)
        attributes = Py_BuildValue("{sOsOsOss}", "row", Py_None, "layer", Py_None, "code", Py_None,
                                   "__module__", "riskmap");
    else if (code == RM_ENOTFOUND)
        bases = PyTuple_Pack(3, base, builtin, PyExc_LookupError);
    else if (builtin)
        bases = PyTuple_Pack(2, base, builtin);
    if (code == 0 ? attributes != NULL : bases || !builtin)
        type = PyErr_NewExceptionWithDoc(name, error_docs[code], bases ? bases : base, attributes);
    Py_XDECREF(bases);
    Py_XDECREF(attributes);
    return type;
}

static int add_errors(PyObject *module)
{
    module_state *state = PyModule_GetState(module);
    for (int code = 0; code < CODES; code++) {
        state->errors[code] = new_error(code, code ? state->errors[0] : NULL);
        if (!state->errors[code] ||
            PyModule_AddObjectRef(module, error_names[code], state->errors[code]) != 0)
            return -1;
    }
    return 0;
}

static int add_view_type(PyObject *module)
{
    module_state *state = PyModule_GetState(module);
    state->view = PyType_FromSpec(&rmpy_view_spec);
    return state->view ? PyModule_AddObjectRef(module, "View", state->view) : -1;
}

PyTypeObject *rmpy_view_type(PyObject *module)
{
    return (PyTypeObject *)((module_state *)PyModule_GetState(module))->view;
}

static PyObject *version(PyObject *module, PyObject *args, PyObject *keywords)
{
    rmpy_call call;
    rmpy_begin(&call, module, args, keywords, "version", 0);
    return rmpy_end(&call, PyUnicode_FromString(rm_version()));
}

static PyObject *status_name(PyObject *module, PyObject *args, PyObject *keywords)
{
    rmpy_call call;
    rmpy_begin(&call, module, args, keywords, "status_name", 1);
    int32_t status = rmpy_int32(&call, "status");
    return rmpy_end(&call, PyUnicode_FromString(rm_status_name(status)));
}

static PyMethodDef status_methods[] = {
    RMPY_METHOD(version, "($module, /)", "The version of the C library."),
    RMPY_METHOD(status_name, "($module, status, /)", "The name in C of an error's code."),
    RMPY_METHODS_END};

/* What is told to stop at the end of an interpreter is the calls of the whole process. */
static int refuse_subinterpreters(void)
{
    int64_t interpreter = PyInterpreterState_GetID(PyInterpreterState_Get());
    if (interpreter > 0)
        PyErr_SetString(PyExc_ImportError,
                        "riskmap works in the main interpreter alone, not in a subinterpreter");
    return interpreter == 0 ? 0 : -1;
}

static int fill_module(PyObject *module)
{
    if (refuse_subinterpreters() != 0)
        return -1;
    PyMethodDef *const topics[] = {status_methods,        rmpy_build_methods,
                                   rmpy_layer_methods,    rmpy_column_methods,
                                   rmpy_stream_methods,   rmpy_model_methods,
                                   rmpy_result_methods,   rmpy_density_methods,
                                   rmpy_raster_methods,   rmpy_match_methods,
                                   rmpy_inspect_methods,  rmpy_overlay_methods,
                                   rmpy_weights_methods,  rmpy_stats_methods,
                                   rmpy_rates_methods,    rmpy_autocorrelation_methods,
                                   rmpy_scan_methods,     rmpy_pattern_methods,
                                   rmpy_backtest_methods, rmpy_heatmap_methods,
                                   rmpy_hotspots_methods};
    for (size_t t = 0; t < sizeof topics / sizeof *topics; t++)
        if (PyModule_AddFunctions(module, topics[t]) != 0)
            return -1;
    if (add_view_type(module) != 0 || add_errors(module) != 0)
        return -1;
    return rmpy_stop_at_exit();
}

static int visit_module(PyObject *module, visitproc visit, void *arg)
{
    module_state *state = PyModule_GetState(module);
    for (int code = 0; state && code < CODES; code++)
        Py_VISIT(state->errors[code]);
    if (state)
        Py_VISIT(state->view);
    return 0;
}

static int clear_module(PyObject *module)
{
    module_state *state = PyModule_GetState(module);
    for (int code = 0; state && code < CODES; code++)
        Py_CLEAR(state->errors[code]);
    if (state)
        Py_CLEAR(state->view);
    return 0;
}

static void free_module(void *module)
{
    clear_module(module);
}

static PyModuleDef_Slot slots[] = {{Py_mod_exec, fill_module}, {0, NULL}};

static struct PyModuleDef definition = {.m_base = PyModuleDef_HEAD_INIT,
                                        .m_name = "_riskmap",
                                        .m_doc = "The functions of the C library, one by one.",
                                        .m_size = sizeof(module_state),
                                        .m_slots = slots,
                                        .m_traverse = visit_module,
                                        .m_clear = clear_module,
                                        .m_free = free_module};

PyMODINIT_FUNC PyInit__riskmap(void);
PyMODINIT_FUNC PyInit__riskmap(void)
{
    return PyModuleDef_Init(&definition);
}
