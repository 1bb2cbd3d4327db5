#include "handle.h"

struct rmpy_box {
    void *handle;
    PyObject *parent;
    rmpy_kind kind;
    int users;
    bool changing;
};

#define FREE_AS(type)                                                                              \
    static void free_##type(void *handle)                                                          \
    {                                                                                              \
        rm_##type##_free(handle);                                                                  \
    }
FREE_AS(layer)
FREE_AS(model)
FREE_AS(result)
FREE_AS(inspection)
FREE_AS(checklist)
FREE_AS(match)
FREE_AS(heatmap)
FREE_AS(hotspots)
FREE_AS(weights)
FREE_AS(scan)

static const struct {
    const char *name;
    void (*free)(void *handle);
} kinds[] = {
    [RMPY_LAYER] = {"riskmap.Layer", free_layer},
    [RMPY_MODEL] = {"riskmap.Model", free_model},
    [RMPY_RESULT] = {"riskmap.Result", free_result},
    [RMPY_INSPECTION] = {"riskmap.Inspection", free_inspection},
    [RMPY_CHECKLIST] = {"riskmap.Checklist", free_checklist},
    [RMPY_MATCH] = {"riskmap.Match", free_match},
    [RMPY_HEATMAP] = {"riskmap.Heatmap", free_heatmap},
    [RMPY_HOTSPOTS] = {"riskmap.Hotspots", free_hotspots},
    [RMPY_WEIGHTS] = {"riskmap.Weights", free_weights},
    [RMPY_SCAN] = {"riskmap.Scan", free_scan},
};

static void free_capsule(PyObject *capsule)
{
    rmpy_box *box = PyCapsule_GetPointer(capsule, PyCapsule_GetName(capsule));
    kinds[box->kind].free(box->handle);
    Py_XDECREF(box->parent); /* after what borrows from it */
    PyMem_Free(box);
}

PyObject *rmpy_wrap(rmpy_kind kind, void *handle, PyObject *parent)
{
    if (!handle)
        return NULL;
    rmpy_box *box = PyMem_Calloc(1, sizeof *box);
    PyObject *capsule = NULL;
    if (!box) {
        PyErr_NoMemory();
    } else {
        *box = (rmpy_box){.handle = handle, .kind = kind};
        capsule = PyCapsule_New(box, kinds[kind].name, free_capsule);
    }
    if (capsule) {
        box->parent = Py_XNewRef(parent);
    } else {
        PyMem_Free(box);
        kinds[kind].free(handle);
    }
    return capsule;
}

rmpy_box *rmpy_box_of(PyObject *object, rmpy_kind kind)
{
    const char *name = kinds[kind].name;
    if (PyCapsule_IsValid(object, name))
        return PyCapsule_GetPointer(object, name);
    if (object == Py_None)
        PyErr_Format(PyExc_ValueError, "this %s was closed; make it again", name);
    else
        PyErr_Format(PyExc_TypeError, "a %s is needed here, not %R", name,
                     (PyObject *)Py_TYPE(object));
    return NULL;
}

void *rmpy_box_handle(const rmpy_box *box)
{
    return box->handle;
}

bool rmpy_box_enter(rmpy_box *box, bool to_change)
{
    if (box->changing || (to_change && box->users > 0)) {
        PyErr_Format(PyExc_RuntimeError,
                     "another call, maybe of another thread, is using this %s, which that call or "
                     "this one changes; wait for it, or let each thread make its own",
                     kinds[box->kind].name);
        return false;
    }
    box->users++;
    box->changing = to_change;
    return true;
}

void rmpy_box_leave(rmpy_box *box, bool changed)
{
    box->users--;
    if (changed)
        box->changing = false;
}

static void *take_handle(rmpy_call *call, rmpy_kind kind, bool to_change)
{
    PyObject *object = rmpy_object(call);
    rmpy_box *box = object ? rmpy_box_of(object, kind) : NULL;
    if (!box || !rmpy_box_enter(box, to_change)) {
        call->failed = true;
        return NULL;
    }
    call->changed[call->box_count] = to_change;
    call->boxes[call->box_count++] = box;
    return box->handle;
}

void *rmpy_handle(rmpy_call *call, rmpy_kind kind)
{
    return take_handle(call, kind, false);
}

void *rmpy_handle_to_change(rmpy_call *call, rmpy_kind kind)
{
    return take_handle(call, kind, true);
}
