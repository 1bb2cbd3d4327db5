#include "binding.h"

static PyObject *model_read(PyObject *module, PyObject *args, PyObject *keywords)
{
    rmpy_call call;
    rm_model *model = NULL;
    rmpy_begin(&call, module, args, keywords, "model_read", 1);
    const char *path = rmpy_path(&call, "path", RMPY_READ);
    RMPY_RUN(&call, rm_model_read(&model, path, &call.err));
    return rmpy_end(&call, rmpy_wrap(RMPY_MODEL, model, NULL));
}

static PyObject *model_parse(PyObject *module, PyObject *args, PyObject *keywords)
{
    rmpy_call call;
    rm_model *model = NULL;
    rmpy_begin(&call, module, args, keywords, "model_parse", 2);
    const char *text = rmpy_text(&call, "text", RMPY_READ);
    const char *base = rmpy_path(&call, "base", RMPY_MAYBE);
    RMPY_RUN(&call, rm_model_parse(&model, text, base, &call.err));
    return rmpy_end(&call, rmpy_wrap(RMPY_MODEL, model, NULL));
}

RMPY_GETTER(model_name, RMPY_MODEL, rm_model, rmpy_str)
RMPY_GETTER(model_title, RMPY_MODEL, rm_model, rmpy_str)
RMPY_GETTER(model_text, RMPY_MODEL, rm_model, rmpy_str)
RMPY_GETTER(model_layer_count, RMPY_MODEL, rm_model, PyLong_FromLong)
RMPY_TEXT_AT(model_layer_name, RMPY_MODEL, rm_model)
RMPY_GETTER(model_indicator_count, RMPY_MODEL, rm_model, PyLong_FromLong)
RMPY_GETTER(model_min_coverage, RMPY_MODEL, rm_model, PyFloat_FromDouble)

PyMethodDef rmpy_model_methods[] = {
    RMPY_METHOD(model_read, "($module, path, /)", "A model file that was found sound."),
    RMPY_METHOD(model_parse, "($module, text, base, /)",
                "The same for a text; base: the file that relative sources are beside, or None."),
    RMPY_METHOD(model_name, "($module, model, /)", "Its name; empty where it does not say."),
    RMPY_METHOD(model_title, "($module, model, /)", "Its title; empty where it does not say."),
    RMPY_METHOD(model_text, "($module, model, /)", "The text of the file, as it was read."),
    RMPY_METHOD(model_layer_count, "($module, model, /)", "How many layers."),
    RMPY_METHOD(model_layer_name, "($module, model, index, /)", "None when there is no such."),
    RMPY_METHOD(model_indicator_count, "($module, model, /)", "How many indicators."),
    RMPY_METHOD(model_min_coverage, "($module, model, /)",
                "The share of the weight that a score takes."),
    RMPY_METHODS_END};
