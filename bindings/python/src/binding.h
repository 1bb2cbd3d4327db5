/* What the topics of the binding share. Limited API: one build serves Python 3.11 and newer.
 *
 * Every function of the C library stands in the module under its name without rm_: *_free is what
 * the last reference to a handle does, *_init gives a dict of the defaults. The arguments are those
 * of C in their order; a count is taken from the arrays, rm_error becomes an exception, a struct of
 * options comes as keywords. Arrays that are filled are made by the caller: nothing is decided
 * here, and nothing of size allocated but the copies that RMPY_OWN makes.
 *
 * A wrapper begins a call, takes its arguments one by one, runs the function of C without the
 * GIL, and ends the call, which lets go of all that was taken. Whatever goes wrong marks the call
 * as failed, and what follows does nothing: so there is one way through a wrapper. */
#ifndef RISKMAP_PYTHON_BINDING_H
#define RISKMAP_PYTHON_BINDING_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <riskmap/riskmap.h>

#include <stdbool.h>

/* ---- handles ---- */

typedef enum rmpy_kind {
    RMPY_LAYER,
    RMPY_MODEL,
    RMPY_RESULT,
    RMPY_INSPECTION,
    RMPY_CHECKLIST,
    RMPY_MATCH,
    RMPY_HEATMAP,
    RMPY_HOTSPOTS,
    RMPY_WEIGHTS,
    RMPY_SCAN,
} rmpy_kind;

/* A capsule that frees what it holds with its last reference; takes the handle over, also on
 * failure. parent (may be NULL) lives as long. NULL for NULL, without an exception. */
PyObject *rmpy_wrap(rmpy_kind kind, void *handle, PyObject *parent);

typedef struct rmpy_box rmpy_box; /* what a capsule holds */

/* ---- a call ---- */

enum { RMPY_VIEWS = 24, RMPY_KEPT = 16, RMPY_BOXES = 6 };

typedef struct rmpy_call {
    PyObject *module, *args;
    PyObject *keywords; /* the call's own, which nobody else can empty; NULL: none */
    bool has_options;   /* keywords were looked at */
    const char *name;
    Py_ssize_t next;    /* of args */
    bool failed;        /* an exception is set */
    int64_t count;      /* that arrays among the options must have; -1: the first one's */
    PyObject *progress; /* a callable, or NULL */
    rm_status status;
    rm_error err;
    Py_buffer views[RMPY_VIEWS];
    int view_count;
    PyObject *kept[RMPY_KEPT];
    PyObject *paths; /* a list of their bytes, or NULL */
    void *memory[RMPY_KEPT];
    int kept_count, memory_count;
    rmpy_box *boxes[RMPY_BOXES];
    bool changed[RMPY_BOXES];
    int box_count;
} rmpy_call;

/* TypeError unless there are as many arguments. */
void rmpy_begin(rmpy_call *call, PyObject *module, PyObject *args, PyObject *keywords,
                const char *name, Py_ssize_t arguments);

/* Runs an expression that gives an rm_status, without the GIL. */
#define RMPY_RUN(call, expression)                                                                 \
    do {                                                                                           \
        PyThreadState *python = rmpy_leave(call);                                                  \
        if (python) {                                                                              \
            (call)->status = (expression);                                                         \
            rmpy_come_back(python);                                                                \
            rmpy_check(call);                                                                      \
        }                                                                                          \
    } while (0)
/* The same for what takes less than letting go of the GIL does. */
#define RMPY_RUN_HELD(call, expression)                                                            \
    do {                                                                                           \
        if (!(call)->failed) {                                                                     \
            (call)->status = (expression);                                                         \
            rmpy_check(call);                                                                      \
        }                                                                                          \
    } while (0)
void rmpy_check(rmpy_call *call); /* raises what call->err says */
/* Lets go of the GIL, and takes it again; NULL when the call has failed. */
PyThreadState *rmpy_leave(rmpy_call *call);
void rmpy_come_back(PyThreadState *python);
/* Has calls of other threads stop when Python ends; -1 with an exception. */
int rmpy_stop_at_exit(void);

/* Lets go of what was taken. Takes the answer over: NULL when the call failed, None for NULL. */
PyObject *rmpy_end(rmpy_call *call, PyObject *answer);

/* Marks a call as failed with an exception of Python's. Texts as for PyErr_Format. */
void rmpy_fail(rmpy_call *call, PyObject *type, const char *format, ...);
/* Clears what Python says of a wrong argument, for rmpy_fail to say it better. What an argument's
 * own code raised otherwise stays: Ctrl-C, or an error that its author is to see. */
void rmpy_forget(void);

/* ---- arguments: each takes the next one ---- */

/* As it is, borrowed; NULL when the call has failed. */
PyObject *rmpy_object(rmpy_call *call);

/* TypeError for anything else, ValueError for one that was closed (None). */
void *rmpy_handle(rmpy_call *call, rmpy_kind kind);
/* The same for one that the call changes: an exception when another thread is using it. */
void *rmpy_handle_to_change(rmpy_call *call, rmpy_kind kind);

enum {
    RMPY_READ = 0,
    RMPY_WRITE = 1, /* must be writable */
    RMPY_MAYBE = 2, /* None is NULL */
    RMPY_OWN = 4,   /* a copy, for what is read twice: the array can change during the call */
};
/* An array of one dimension, contiguous, of type 'd' double, 'f' float, 'q' int64, 'i' int32, 'b'
 * int8 or 'B' uint8. *count: -1 takes the array's, anything else is what it must have; NULL: any.
 */
void *rmpy_array(rmpy_call *call, const char *name, char type, int flags, int64_t *count);
/* The same of an object that is not the next argument. */
void *rmpy_array_of(rmpy_call *call, PyObject *object, const char *name, char type, int flags,
                    int64_t *count);
/* A sequence of such arrays to read, *number of them. */
void *rmpy_arrays(rmpy_call *call, const char *name, char type, int64_t *count, int64_t *number);
/* Bytes that hold structs of that size, *count of them as above. */
void *rmpy_structs(rmpy_call *call, const char *name, size_t size, int flags, int64_t *count);
/* UTF-8, borrowed. RMPY_MAYBE: None is NULL. */
const char *rmpy_text(rmpy_call *call, const char *name, int flags);
const char *rmpy_text_of(rmpy_call *call, PyObject *object, const char *name);
/* The same of a path, which holds what is no UTF-8 as os.fsdecode has it. */
const char *rmpy_path(rmpy_call *call, const char *name, int flags);
const char *rmpy_path_of(rmpy_call *call, PyObject *object, const char *name);
int64_t rmpy_int64(rmpy_call *call, const char *name);
int32_t rmpy_int32(rmpy_call *call, const char *name);
double rmpy_double(rmpy_call *call, const char *name);
/* (left, top, cell, columns, rows), not negative */
rm_grid rmpy_grid(rmpy_call *call);
/* rings of polygons: x, y, starts [rings + 1], which are checked against one another */
typedef struct rmpy_rings {
    const double *x, *y;
    const int64_t *starts;
    int64_t count;
} rmpy_rings;
rmpy_rings rmpy_take_rings(rmpy_call *call);
/* the same from the keywords ring_x, ring_y and ring_starts; without any of them there are none */
rmpy_rings rmpy_keyword_rings(rmpy_call *call);

/* ---- structs ---- */

/* A member of a struct of C, under its own name. Kinds, in and out:
 *   i int32   p int32 as bool   q int64   Q uint64   d double   s text or NULL   f path or NULL
 *   D day number, None for INT32_MIN   E double[4]   g rm_grid
 * in alone (out: None):
 *   A double[call->count], copied   W ... to write   U uint8[call->count] to write   n int64[1] to
 *   write   S texts, F paths, T layers, number in `second`   j int32 array, copied, number in
 *   `second`   L layer   M model   P progress, user in `second`   x allowed, and taken elsewhere
 * out alone:
 *   c char[]   { a struct, its fields in `sub` */
typedef struct rmpy_field {
    const char *name;
    char kind;
    size_t offset, second;
    const struct rmpy_field *sub;
} rmpy_field;
#define RMPY_FIELD(type, kind, member)                                                             \
    {                                                                                              \
#member, kind, offsetof(type, member), 0, NULL                                             \
    }
#define RMPY_COUNTED(type, kind, member, number)                                                   \
    {                                                                                              \
#member, kind, offsetof(type, member), offsetof(type, number), NULL                        \
    }
#define RMPY_PROGRESS(type)                                                                        \
    {                                                                                              \
        "progress", 'P', offsetof(type, progress), offsetof(type, progress_user), NULL             \
    }
#define RMPY_END                                                                                   \
    {                                                                                              \
        NULL, 0, 0, 0, NULL                                                                        \
    }

/* Fills what the keywords name; the rest stays. TypeError for a name that is not among them. */
void rmpy_options(rmpy_call *call, const rmpy_field *fields, void *options);
/* The same from the next argument, a dict. */
void rmpy_struct(rmpy_call *call, const char *name, const rmpy_field *fields, void *out);
PyObject *rmpy_dict(const rmpy_field *fields, const void *values);
/* What C says; whatever is not UTF-8 is replaced. None for NULL. */
PyObject *rmpy_str(const char *text);
/* The value of a keyword of kind x, borrowed; NULL when it is not there or None. */
PyObject *rmpy_keyword(rmpy_call *call, const char *name);

/* The options of run, which check has too. */
void rmpy_run_options(rmpy_call *call, rm_run_options *options);

/* The members of rm_global. */
extern const rmpy_field rmpy_global_fields[];

/* ---- progress ---- */

/* An rm_progress_fn whose user is the call: asks Python for signals, so that Ctrl-C stops it, and
 * calls call->progress(fraction, message). What that raises, or a true answer, stops it too. */
int rmpy_report(double fraction, const char *message, void *user);
/* The next argument as call->progress: a callable, or None for signals alone. */
void rmpy_take_progress(rmpy_call *call);

/* ---- views ---- */

/* Memory of a handle as a buffer to read, which keeps owner. format: as rmpy_array's type. */
PyObject *rmpy_view(PyObject *module, PyObject *owner, const void *data, int64_t count,
                    char format);
extern PyType_Spec rmpy_view_spec;
PyTypeObject *rmpy_view_type(PyObject *module); /* borrowed */

/* ---- topics ---- */

#define RMPY_METHOD(name, signature, doc)                                                          \
    {                                                                                              \
#name, (PyCFunction)(void (*)(void))name, METH_VARARGS | METH_KEYWORDS,                    \
            #name signature "\n--\n\n" doc                                                         \
    }
#define RMPY_METHODS_END                                                                           \
    {                                                                                              \
        NULL, NULL, 0, NULL                                                                        \
    }
/* A function that gives the defaults of a struct of options. */
#define RMPY_DEFAULTS(function, type, fields)                                                      \
    static PyObject *function(PyObject *module, PyObject *args, PyObject *keywords)                \
    {                                                                                              \
        type options;                                                                              \
        rmpy_call call;                                                                            \
        rmpy_begin(&call, module, args, keywords, #function, 0);                                   \
        rm_##function(&options);                                                                   \
        return rmpy_end(&call, rmpy_dict(fields, &options));                                       \
    }

/* Function of a handle alone; `convert` makes an object of what it gives. */
#define RMPY_GETTER(function, kind, type, convert)                                                 \
    static PyObject *function(PyObject *module, PyObject *args, PyObject *keywords)                \
    {                                                                                              \
        rmpy_call call;                                                                            \
        rmpy_begin(&call, module, args, keywords, #function, 1);                                   \
        const type *handle = rmpy_handle(&call, kind);                                             \
        return rmpy_end(&call, handle ? convert(rm_##function(handle)) : NULL);                    \
    }
/* Function of a handle and an index that gives a text, or NULL. */
#define RMPY_TEXT_AT(function, kind, type)                                                         \
    static PyObject *function(PyObject *module, PyObject *args, PyObject *keywords)                \
    {                                                                                              \
        rmpy_call call;                                                                            \
        rmpy_begin(&call, module, args, keywords, #function, 2);                                   \
        const type *handle = rmpy_handle(&call, kind);                                             \
        int32_t index = rmpy_int32(&call, "index");                                                \
        const char *text = call.failed ? NULL : rm_##function(handle, index);                      \
        return rmpy_end(&call, text ? rmpy_str(text) : NULL);                                      \
    }
/* Function of a handle and an index (take: rmpy_int32 or rmpy_int64) that fills a struct. */
#define RMPY_STRUCT_AT(function, kind, type, take, record, fields)                                 \
    static PyObject *function(PyObject *module, PyObject *args, PyObject *keywords)                \
    {                                                                                              \
        rmpy_call call;                                                                            \
        record out;                                                                                \
        rmpy_begin(&call, module, args, keywords, #function, 2);                                   \
        const type *handle = rmpy_handle(&call, kind);                                             \
        int64_t index = take(&call, "index");                                                      \
        RMPY_RUN_HELD(&call, rm_##function(handle, index, &out, &call.err));                       \
        return rmpy_end(&call, call.failed ? NULL : rmpy_dict(fields, &out));                      \
    }

extern PyMethodDef rmpy_layer_methods[], rmpy_column_methods[], rmpy_stream_methods[],
    rmpy_overlay_methods[], rmpy_model_methods[], rmpy_result_methods[], rmpy_match_methods[],
    rmpy_inspect_methods[], rmpy_stats_methods[], rmpy_rates_methods[], rmpy_density_methods[],
    rmpy_raster_methods[], rmpy_heatmap_methods[], rmpy_hotspots_methods[], rmpy_weights_methods[],
    rmpy_autocorrelation_methods[], rmpy_scan_methods[], rmpy_pattern_methods[],
    rmpy_backtest_methods[], rmpy_build_methods[];

#endif
