#include "binding.h"

static const rmpy_field hotspots_options[] = {RMPY_FIELD(rm_hotspots_options, 'i', threads),
                                              RMPY_FIELD(rm_hotspots_options, 's', layer),
                                              RMPY_FIELD(rm_hotspots_options, 's', where),
                                              RMPY_FIELD(rm_hotspots_options, 's', id),
                                              RMPY_FIELD(rm_hotspots_options, 's', name),
                                              RMPY_FIELD(rm_hotspots_options, 's', target_crs),
                                              RMPY_FIELD(rm_hotspots_options, 's', field),
                                              RMPY_FIELD(rm_hotspots_options, 'f', count),
                                              RMPY_FIELD(rm_hotspots_options, 's', count_layer),
                                              RMPY_FIELD(rm_hotspots_options, 's', count_where),
                                              RMPY_FIELD(rm_hotspots_options, 's', per_field),
                                              RMPY_FIELD(rm_hotspots_options, 'f', per),
                                              RMPY_FIELD(rm_hotspots_options, 's', per_layer),
                                              RMPY_FIELD(rm_hotspots_options, 's', per_where),
                                              RMPY_FIELD(rm_hotspots_options, 'd', per_units),
                                              RMPY_FIELD(rm_hotspots_options, 'i', statistic),
                                              RMPY_FIELD(rm_hotspots_options, 'i', neighbours),
                                              RMPY_FIELD(rm_hotspots_options, 'd', tolerance_m),
                                              RMPY_FIELD(rm_hotspots_options, 'd', metres),
                                              RMPY_FIELD(rm_hotspots_options, 'i', nearest),
                                              RMPY_FIELD(rm_hotspots_options, 'i', p_by),
                                              RMPY_FIELD(rm_hotspots_options, 'i', permutations),
                                              RMPY_FIELD(rm_hotspots_options, 'p', uncorrected),
                                              RMPY_FIELD(rm_hotspots_options, 'Q', seed),
                                              RMPY_FIELD(rm_hotspots_options, 'p', open),
                                              RMPY_FIELD(rm_hotspots_options, 'p', only_best),
                                              RMPY_PROGRESS(rm_hotspots_options),
                                              RMPY_FIELD(rm_hotspots_options, 'L', memory_areas),
                                              RMPY_FIELD(rm_hotspots_options, 'L', memory_count),
                                              RMPY_FIELD(rm_hotspots_options, 'L', memory_per),
                                              RMPY_END};

RMPY_DEFAULTS(hotspots_options_init, rm_hotspots_options, hotspots_options)

static PyObject *hotspots_make(PyObject *module, PyObject *args, PyObject *keywords)
{
    rmpy_call call;
    rm_hotspots *hotspots = NULL;
    rm_hotspots_options options = RM_HOTSPOTS_OPTIONS_INIT;
    rmpy_begin(&call, module, args, keywords, "hotspots_make", 1);
    const char *areas = rmpy_path(&call, "areas", RMPY_MAYBE);
    rmpy_options(&call, hotspots_options, &options);
    RMPY_RUN(&call, rm_hotspots_make(&hotspots, areas, &options, &call.err));
    return rmpy_end(&call, rmpy_wrap(RMPY_HOTSPOTS, hotspots, NULL));
}

/* ---- looking ---- */

RMPY_GETTER(hotspots_count, RMPY_HOTSPOTS, rm_hotspots, PyLong_FromLongLong)

static const rmpy_field hotspot_fields[] = {RMPY_FIELD(rm_hotspot, 's', id),
                                            RMPY_FIELD(rm_hotspot, 's', name),
                                            RMPY_FIELD(rm_hotspot, 'q', feature),
                                            RMPY_FIELD(rm_hotspot, 'd', value),
                                            RMPY_FIELD(rm_hotspot, 'd', events),
                                            RMPY_FIELD(rm_hotspot, 'd', exposure),
                                            RMPY_FIELD(rm_hotspot, 'd', statistic),
                                            RMPY_FIELD(rm_hotspot, 'd', z),
                                            RMPY_FIELD(rm_hotspot, 'd', p),
                                            RMPY_FIELD(rm_hotspot, 'd', p_corrected),
                                            RMPY_FIELD(rm_hotspot, 'i', class_),
                                            RMPY_FIELD(rm_hotspot, 'i', neighbours),
                                            RMPY_END};

RMPY_STRUCT_AT(hotspots_at, RMPY_HOTSPOTS, rm_hotspots, rmpy_int64, rm_hotspot, hotspot_fields)

static const rmpy_field facts_fields[] = {
    {"moran", '{', offsetof(rm_hotspots_facts, moran), 0, rmpy_global_fields},
    RMPY_FIELD(rm_hotspots_facts, 'q', links),
    RMPY_FIELD(rm_hotspots_facts, 'q', islands),
    RMPY_FIELD(rm_hotspots_facts, 'q', missing),
    RMPY_FIELD(rm_hotspots_facts, 'q', hot),
    RMPY_FIELD(rm_hotspots_facts, 'q', cold),
    RMPY_FIELD(rm_hotspots_facts, 'q', outliers),
    RMPY_FIELD(rm_hotspots_facts, 'q', uncorrected),
    RMPY_FIELD(rm_hotspots_facts, 'd', expected_by_chance),
    RMPY_FIELD(rm_hotspots_facts, 'd', least_p_corrected),
    RMPY_FIELD(rm_hotspots_facts, 'i', permutations),
    RMPY_FIELD(rm_hotspots_facts, 'q', counted),
    RMPY_FIELD(rm_hotspots_facts, 'q', uncounted),
    RMPY_FIELD(rm_hotspots_facts, 'd', rate_mean),
    RMPY_FIELD(rm_hotspots_facts, 'p', shielded),
    RMPY_FIELD(rm_hotspots_facts, 's', disclaimer),
    RMPY_FIELD(rm_hotspots_facts, 's', disclaimer_en),
    RMPY_END};

static PyObject *hotspots_facts_of(PyObject *module, PyObject *args, PyObject *keywords)
{
    rmpy_call call;
    PyObject *out = NULL;
    rmpy_begin(&call, module, args, keywords, "hotspots_facts_of", 1);
    const rm_hotspots *hotspots = rmpy_handle(&call, RMPY_HOTSPOTS);
    if (hotspots) {
        rm_hotspots_facts facts;
        rm_hotspots_facts_of(hotspots, &facts);
        out = rmpy_dict(facts_fields, &facts);
    }
    return rmpy_end(&call, out);
}

static PyObject *hotspots_class_text(PyObject *module, PyObject *args, PyObject *keywords)
{
    rmpy_call call;
    char text[256] = "";
    rmpy_begin(&call, module, args, keywords, "hotspots_class_text", 3);
    const rm_hotspots *hotspots = rmpy_handle(&call, RMPY_HOTSPOTS);
    int32_t class_ = rmpy_int32(&call, "class_");
    const char *language = rmpy_text(&call, "language", RMPY_MAYBE);
    RMPY_RUN_HELD(&call,
                  rm_hotspots_class_text(hotspots, class_, language, text, sizeof text, &call.err));
    return rmpy_end(&call, rmpy_str(text));
}

/* ---- out ---- */

static PyObject *hotspots_layer(PyObject *module, PyObject *args, PyObject *keywords)
{
    rmpy_call call;
    rm_layer *layer = NULL;
    rmpy_begin(&call, module, args, keywords, "hotspots_layer", 2);
    const rm_hotspots *hotspots = rmpy_handle(&call, RMPY_HOTSPOTS);
    const char *language = rmpy_text(&call, "language", RMPY_MAYBE);
    RMPY_RUN(&call, rm_hotspots_layer(&layer, hotspots, language, &call.err));
    return rmpy_end(&call, rmpy_wrap(RMPY_LAYER, layer, NULL));
}

static PyObject *hotspots_write(PyObject *module, PyObject *args, PyObject *keywords)
{
    rmpy_call call;
    rmpy_begin(&call, module, args, keywords, "hotspots_write", 4);
    const rm_hotspots *hotspots = rmpy_handle(&call, RMPY_HOTSPOTS);
    const char *path = rmpy_path(&call, "path", RMPY_READ);
    int32_t overwrite = rmpy_int32(&call, "overwrite");
    const char *language = rmpy_text(&call, "language", RMPY_MAYBE);
    RMPY_RUN(&call, rm_hotspots_write(hotspots, path, overwrite, language, &call.err));
    return rmpy_end(&call, NULL);
}

PyMethodDef rmpy_hotspots_methods[] = {
    RMPY_METHOD(hotspots_options_init, "($module, /)", "The options of hotspots_make."),
    RMPY_METHOD(hotspots_make, "($module, areas, /, **options)",
                "Areas with their local statistic."),
    RMPY_METHOD(hotspots_count, "($module, hotspots, /)", "How many areas."),
    RMPY_METHOD(hotspots_at, "($module, hotspots, area, /)", "One area."),
    RMPY_METHOD(hotspots_facts_of, "($module, hotspots, /)", "The map as a whole."),
    RMPY_METHOD(hotspots_class_text, "($module, hotspots, class_, language, /)",
                "The words for a class."),
    RMPY_METHOD(hotspots_layer, "($module, hotspots, language, /)", "The table as a layer."),
    RMPY_METHOD(hotspots_write, "($module, hotspots, path, overwrite, language, /)",
                "Writes a GeoPackage."),
    RMPY_METHODS_END};
