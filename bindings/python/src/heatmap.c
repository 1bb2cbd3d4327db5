#include "binding.h"

/* `from` is a word of Python's own */
static const rmpy_field heatmap_options[] = {
    RMPY_FIELD(rm_heatmap_options, 'i', threads),
    RMPY_FIELD(rm_heatmap_options, 's', layer),
    RMPY_FIELD(rm_heatmap_options, 's', crs),
    RMPY_FIELD(rm_heatmap_options, 's', x),
    RMPY_FIELD(rm_heatmap_options, 's', y),
    RMPY_FIELD(rm_heatmap_options, 's', target_crs),
    RMPY_FIELD(rm_heatmap_options, 's', where),
    RMPY_FIELD(rm_heatmap_options, 's', time),
    RMPY_FIELD(rm_heatmap_options, 's', weight),
    RMPY_FIELD(rm_heatmap_options, 'f', locate),
    RMPY_FIELD(rm_heatmap_options, 's', locate_layer),
    {"from_", 'D', offsetof(rm_heatmap_options, from), 0, NULL},
    RMPY_FIELD(rm_heatmap_options, 'D', until),
    RMPY_FIELD(rm_heatmap_options, 'D', compare_from),
    RMPY_FIELD(rm_heatmap_options, 'D', compare_until),
    RMPY_FIELD(rm_heatmap_options, 'D', as_of),
    RMPY_FIELD(rm_heatmap_options, 'd', half_life_days),
    RMPY_FIELD(rm_heatmap_options, 'p', leave_out_duplicates),
    RMPY_FIELD(rm_heatmap_options, 'p', leave_out_spots),
    RMPY_FIELD(rm_heatmap_options, 'i', distinct),
    RMPY_FIELD(rm_heatmap_options, 'i', kernel),
    RMPY_FIELD(rm_heatmap_options, 'i', bandwidth_by),
    RMPY_FIELD(rm_heatmap_options, 'd', bandwidth),
    RMPY_FIELD(rm_heatmap_options, 'p', adaptive),
    RMPY_FIELD(rm_heatmap_options, 'i', edge),
    RMPY_FIELD(rm_heatmap_options, 'd', cell),
    RMPY_FIELD(rm_heatmap_options, 'E', extent),
    RMPY_FIELD(rm_heatmap_options, 'f', boundaries),
    RMPY_FIELD(rm_heatmap_options, 's', boundaries_layer),
    RMPY_FIELD(rm_heatmap_options, 's', within),
    RMPY_FIELD(rm_heatmap_options, 'f', per),
    RMPY_FIELD(rm_heatmap_options, 's', per_layer),
    RMPY_FIELD(rm_heatmap_options, 's', per_where),
    RMPY_FIELD(rm_heatmap_options, 'd', per_units),
    RMPY_FIELD(rm_heatmap_options, 'd', per_floor),
    RMPY_FIELD(rm_heatmap_options, 'p', open),
    RMPY_FIELD(rm_heatmap_options, 'p', only_best),
    RMPY_PROGRESS(rm_heatmap_options),
    RMPY_FIELD(rm_heatmap_options, 'L', memory_points),
    RMPY_FIELD(rm_heatmap_options, 'L', memory_boundaries),
    RMPY_FIELD(rm_heatmap_options, 'L', memory_per),
    RMPY_FIELD(rm_heatmap_options, 'L', memory_locate),
    RMPY_END};

RMPY_DEFAULTS(heatmap_options_init, rm_heatmap_options, heatmap_options)

static PyObject *heatmap_make(PyObject *module, PyObject *args, PyObject *keywords)
{
    rmpy_call call;
    rm_heatmap *heatmap = NULL;
    rm_heatmap_options options = RM_HEATMAP_OPTIONS_INIT;
    rmpy_begin(&call, module, args, keywords, "heatmap_make", 1);
    const char *points = rmpy_path(&call, "points", RMPY_MAYBE);
    rmpy_options(&call, heatmap_options, &options);
    RMPY_RUN(&call, rm_heatmap_make(&heatmap, points, &options, &call.err));
    return rmpy_end(&call, rmpy_wrap(RMPY_HEATMAP, heatmap, NULL));
}

/* ---- looking ---- */

static const rmpy_field facts_fields[] = {RMPY_FIELD(rm_heatmap_facts, 'g', grid),
                                          RMPY_FIELD(rm_heatmap_facts, 's', crs),
                                          RMPY_FIELD(rm_heatmap_facts, 's', unit),
                                          RMPY_FIELD(rm_heatmap_facts, 's', unit_en),
                                          RMPY_FIELD(rm_heatmap_facts, 's', time),
                                          RMPY_FIELD(rm_heatmap_facts, 's', guessed_crs),
                                          RMPY_FIELD(rm_heatmap_facts, 'd', bandwidth),
                                          RMPY_FIELD(rm_heatmap_facts, 'd', score),
                                          RMPY_FIELD(rm_heatmap_facts, 'i', at_end),
                                          RMPY_FIELD(rm_heatmap_facts, 'p', by_rule),
                                          RMPY_FIELD(rm_heatmap_facts, 's', method),
                                          RMPY_FIELD(rm_heatmap_facts, 'd', error),
                                          RMPY_FIELD(rm_heatmap_facts, 'p', shielded),
                                          RMPY_FIELD(rm_heatmap_facts, 'i', periods),
                                          RMPY_FIELD(rm_heatmap_facts, 'q', total),
                                          RMPY_FIELD(rm_heatmap_facts, 'q', ended),
                                          RMPY_FIELD(rm_heatmap_facts, 'q', outside),
                                          RMPY_FIELD(rm_heatmap_facts, 'q', filtered),
                                          RMPY_FIELD(rm_heatmap_facts, 'q', left_out),
                                          RMPY_FIELD(rm_heatmap_facts, 'q', read),
                                          RMPY_FIELD(rm_heatmap_facts, 'q', used),
                                          RMPY_FIELD(rm_heatmap_facts, 'q', rejected),
                                          RMPY_FIELD(rm_heatmap_facts, 'q', undated),
                                          RMPY_FIELD(rm_heatmap_facts, 'q', ahead),
                                          RMPY_FIELD(rm_heatmap_facts, 'q', unweighted),
                                          RMPY_FIELD(rm_heatmap_facts, 'q', spot),
                                          RMPY_FIELD(rm_heatmap_facts, 'p', spot_known),
                                          RMPY_FIELD(rm_heatmap_facts, 'q', placed_by_address),
                                          RMPY_FIELD(rm_heatmap_facts, 'q', not_placed),
                                          RMPY_FIELD(rm_heatmap_facts, 's', disclaimer),
                                          RMPY_FIELD(rm_heatmap_facts, 's', disclaimer_en),
                                          RMPY_END};

static PyObject *heatmap_facts_of(PyObject *module, PyObject *args, PyObject *keywords)
{
    rmpy_call call;
    PyObject *out = NULL;
    rmpy_begin(&call, module, args, keywords, "heatmap_facts_of", 1);
    const rm_heatmap *heatmap = rmpy_handle(&call, RMPY_HEATMAP);
    if (heatmap) {
        rm_heatmap_facts facts;
        rm_heatmap_facts_of(heatmap, &facts);
        out = rmpy_dict(facts_fields, &facts);
    }
    return rmpy_end(&call, out);
}

static const rmpy_field period_fields[] = {
    {"from_", 'D', offsetof(rm_heatmap_period, from), 0, NULL},
    RMPY_FIELD(rm_heatmap_period, 'D', until),
    RMPY_FIELD(rm_heatmap_period, 'q', points),
    RMPY_FIELD(rm_heatmap_period, 'd', weight),
    RMPY_FIELD(rm_heatmap_period, 'd', highest),
    RMPY_END};

RMPY_STRUCT_AT(heatmap_period_at, RMPY_HEATMAP, rm_heatmap, rmpy_int32, rm_heatmap_period,
               period_fields)

static PyObject *heatmap_values(PyObject *module, PyObject *args, PyObject *keywords)
{
    rmpy_call call;
    rm_heatmap_facts facts = {0};
    rmpy_begin(&call, module, args, keywords, "heatmap_values", 3);
    PyObject *values = rmpy_object(&call);
    const rm_heatmap *heatmap = rmpy_handle(&call, RMPY_HEATMAP);
    int32_t period = rmpy_int32(&call, "period");
    if (heatmap)
        rm_heatmap_facts_of(heatmap, &facts);
    int64_t cells = facts.grid.columns * facts.grid.rows;
    float *out =
        call.failed ? NULL : rmpy_array_of(&call, values, "values", 'f', RMPY_WRITE, &cells);
    RMPY_RUN(&call, rm_heatmap_values(out, heatmap, period, &call.err));
    return rmpy_end(&call, NULL);
}

/* ---- writing ---- */

static const rmpy_field write_options[] = {
    RMPY_FIELD(rm_heatmap_write_options, 'p', overwrite),
    RMPY_FIELD(rm_heatmap_write_options, 's', language),
    RMPY_FIELD(rm_heatmap_write_options, 'i', classes),
    RMPY_FIELD(rm_heatmap_write_options, 'i', width),
    RMPY_FIELD(rm_heatmap_write_options, 'i', height),
    RMPY_FIELD(rm_heatmap_write_options, 's', title),
    RMPY_FIELD(rm_heatmap_write_options, 's', source),
    RMPY_COUNTED(rm_heatmap_write_options, 'F', context_sources, context_count),
    RMPY_COUNTED(rm_heatmap_write_options, 'j', context_kinds, context_count),
    RMPY_FIELD(rm_heatmap_write_options, 'i', threads),
    RMPY_PROGRESS(rm_heatmap_write_options),
    RMPY_END};

RMPY_DEFAULTS(heatmap_write_init, rm_heatmap_write_options, write_options)

#define WRITER(function)                                                                           \
    static PyObject *function(PyObject *module, PyObject *args, PyObject *keywords)                \
    {                                                                                              \
        rmpy_call call;                                                                            \
        rm_heatmap_write_options options = RM_HEATMAP_WRITE_INIT;                                  \
        rmpy_begin(&call, module, args, keywords, #function, 3);                                   \
        const rm_heatmap *heatmap = rmpy_handle(&call, RMPY_HEATMAP);                              \
        int32_t period = rmpy_int32(&call, "period");                                              \
        const char *path = rmpy_path(&call, "path", RMPY_READ);                                    \
        rmpy_options(&call, write_options, &options);                                              \
        RMPY_RUN(&call, rm_##function(heatmap, period, path, &options, &call.err));                \
        return rmpy_end(&call, NULL);                                                              \
    }
WRITER(heatmap_write_raster)
WRITER(heatmap_write_classes)
WRITER(heatmap_write_picture)
WRITER(heatmap_write_contours)

static PyObject *heatmap_contours(PyObject *module, PyObject *args, PyObject *keywords)
{
    rmpy_call call;
    rm_layer *layer = NULL;
    rmpy_begin(&call, module, args, keywords, "heatmap_contours", 3);
    const rm_heatmap *heatmap = rmpy_handle(&call, RMPY_HEATMAP);
    int32_t period = rmpy_int32(&call, "period");
    rmpy_take_progress(&call);
    RMPY_RUN(&call, rm_heatmap_contours(&layer, heatmap, period, rmpy_report, &call, &call.err));
    return rmpy_end(&call, rmpy_wrap(RMPY_LAYER, layer, NULL));
}

PyMethodDef rmpy_heatmap_methods[] = {
    RMPY_METHOD(heatmap_options_init, "($module, /)", "The options of heatmap_make."),
    RMPY_METHOD(heatmap_make, "($module, points, /, **options)", "A heat map of points."),
    RMPY_METHOD(heatmap_facts_of, "($module, heatmap, /)", "What it is made of."),
    RMPY_METHOD(heatmap_period_at, "($module, heatmap, period, /)", "One of its periods."),
    RMPY_METHOD(heatmap_values, "($module, values, heatmap, period, /)",
                "Fills values, float32, row after row from the north."),
    RMPY_METHOD(heatmap_write_init, "($module, /)", "The options of the writers of heat maps."),
    RMPY_METHOD(heatmap_write_raster, "($module, heatmap, period, path, /, **options)",
                "Writes a GeoTIFF of the values and its style."),
    RMPY_METHOD(heatmap_write_classes, "($module, heatmap, period, path, /, **options)",
                "Writes a GeoTIFF of the classes, with a palette, and its style."),
    RMPY_METHOD(heatmap_write_picture, "($module, heatmap, period, path, /, **options)",
                "Writes a PNG with a legend."),
    RMPY_METHOD(heatmap_write_contours, "($module, heatmap, period, path, /, **options)",
                "Writes a GeoPackage with the polygons of the densest parts."),
    RMPY_METHOD(heatmap_contours, "($module, heatmap, period, progress, /)",
                "The table of that file as a layer."),
    RMPY_METHODS_END};
