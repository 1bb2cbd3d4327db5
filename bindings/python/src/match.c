#include "binding.h"

static const rmpy_field match_source[] = {
    RMPY_FIELD(rm_match_source, 'f', path),          RMPY_FIELD(rm_match_source, 's', layer),
    RMPY_FIELD(rm_match_source, 's', taken_for),     RMPY_FIELD(rm_match_source, 's', taken_for_en),
    RMPY_FIELD(rm_match_source, 's', geometry_type), RMPY_FIELD(rm_match_source, 's', problem),
    RMPY_FIELD(rm_match_source, 'q', features),      RMPY_END};

static const rmpy_field matched_layer[] = {RMPY_FIELD(rm_matched_layer, 's', name),
                                           RMPY_FIELD(rm_matched_layer, 's', fields),
                                           RMPY_FIELD(rm_matched_layer, 'f', source),
                                           RMPY_FIELD(rm_matched_layer, 'i', state),
                                           RMPY_FIELD(rm_matched_layer, 'i', chosen),
                                           RMPY_FIELD(rm_matched_layer, 'i', fit_count),
                                           RMPY_END};

static PyObject *match_folder(PyObject *module, PyObject *args, PyObject *keywords)
{
    rmpy_call call;
    rm_match *match = NULL;
    rmpy_begin(&call, module, args, keywords, "match_folder", 3);
    PyObject *owner = call.failed ? NULL : PyTuple_GetItem(args, 0);
    const rm_model *model = rmpy_handle(&call, RMPY_MODEL);
    const char *folder = rmpy_path(&call, "folder", RMPY_READ);
    rmpy_take_progress(&call);
    RMPY_RUN(&call, rm_match_folder(&match, model, folder, rmpy_report, &call, &call.err));
    return rmpy_end(&call, rmpy_wrap(RMPY_MATCH, match, owner));
}

RMPY_GETTER(match_source_count, RMPY_MATCH, rm_match, PyLong_FromLong)
RMPY_GETTER(match_layer_count, RMPY_MATCH, rm_match, PyLong_FromLong)
RMPY_STRUCT_AT(match_source_at, RMPY_MATCH, rm_match, rmpy_int32, rm_match_source, match_source)
RMPY_STRUCT_AT(match_layer, RMPY_MATCH, rm_match, rmpy_int32, rm_matched_layer, matched_layer)

static PyObject *match_fit(PyObject *module, PyObject *args, PyObject *keywords)
{
    rmpy_call call;
    rmpy_begin(&call, module, args, keywords, "match_fit", 3);
    const rm_match *match = rmpy_handle(&call, RMPY_MATCH);
    int32_t layer = rmpy_int32(&call, "layer");
    int32_t index = rmpy_int32(&call, "index");
    return rmpy_end(&call, PyLong_FromLong(call.failed ? 0 : rm_match_fit(match, layer, index)));
}

static PyObject *match_choose(PyObject *module, PyObject *args, PyObject *keywords)
{
    rmpy_call call;
    rmpy_begin(&call, module, args, keywords, "match_choose", 3);
    rm_match *match = rmpy_handle_to_change(&call, RMPY_MATCH);
    int32_t layer = rmpy_int32(&call, "layer");
    int32_t source = rmpy_int32(&call, "source");
    RMPY_RUN_HELD(&call, rm_match_choose(match, layer, source, &call.err));
    return rmpy_end(&call, NULL);
}

static PyObject *match_give(PyObject *module, PyObject *args, PyObject *keywords)
{
    rmpy_call call;
    rmpy_begin(&call, module, args, keywords, "match_give", 3);
    rm_match *match = rmpy_handle_to_change(&call, RMPY_MATCH);
    const char *layer = rmpy_text(&call, "layer", RMPY_READ);
    const char *source = rmpy_path(&call, "source", RMPY_READ);
    RMPY_RUN_HELD(&call, rm_match_give(match, layer, source, &call.err));
    return rmpy_end(&call, NULL);
}

static PyObject *match_write(PyObject *module, PyObject *args, PyObject *keywords)
{
    rmpy_call call;
    rmpy_begin(&call, module, args, keywords, "match_write", 3);
    const rm_match *match = rmpy_handle(&call, RMPY_MATCH);
    const char *path = rmpy_path(&call, "path", RMPY_READ);
    int32_t overwrite = rmpy_int32(&call, "overwrite");
    RMPY_RUN(&call, rm_match_write(match, path, overwrite, &call.err));
    return rmpy_end(&call, NULL);
}

PyMethodDef rmpy_match_methods[] = {
    RMPY_METHOD(match_folder, "($module, model, folder, progress, /)",
                "The files of a folder held against a model, which it keeps."),
    RMPY_METHOD(match_source_count, "($module, match, /)", "How many layers in files."),
    RMPY_METHOD(match_source_at, "($module, match, index, /)", "A layer in a file."),
    RMPY_METHOD(match_layer_count, "($module, match, /)", "How many layers of the model."),
    RMPY_METHOD(match_layer, "($module, match, index, /)", "How a layer of the model stands."),
    RMPY_METHOD(match_fit, "($module, match, layer, index, /)",
                "The number of a source that fits, the best first; -1 past the last."),
    RMPY_METHOD(match_choose, "($module, match, layer, source, /)",
                "Settles a layer with a source of the folder, or with -1."),
    RMPY_METHOD(match_give, "($module, match, layer, source, /)",
                "Settles a layer with any other source."),
    RMPY_METHOD(match_write, "($module, match, path, overwrite, /)",
                "Writes the model with the sources that were chosen."),
    RMPY_METHODS_END};
