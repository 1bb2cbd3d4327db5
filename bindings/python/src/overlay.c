#include "binding.h"

static const rmpy_field overlay_options[] = {RMPY_FIELD(rm_overlay_options, 'i', threads),
                                             RMPY_PROGRESS(rm_overlay_options), RMPY_END};

RMPY_DEFAULTS(overlay_options_init, rm_overlay_options, overlay_options)

/* What all of them begin with: an array of `type` to fill, areas, evidence. */
typedef struct overlay {
    void *out;
    const rm_layer *areas, *evidence;
} overlay;

static overlay take_overlay(rmpy_call *call, const char *name, char type)
{
    overlay taken = {0};
    int64_t count = -1;
    taken.out = rmpy_array(call, name, type, RMPY_WRITE, &count);
    taken.areas = rmpy_handle(call, RMPY_LAYER);
    taken.evidence = rmpy_handle(call, RMPY_LAYER);
    if (!call->failed && count != rm_layer_feature_count(taken.areas))
        rmpy_fail(call, PyExc_ValueError, "%s has %lld entries where %lld are needed", name,
                  (long long)count, (long long)rm_layer_feature_count(taken.areas));
    return taken;
}

static PyObject *count_in_areas(PyObject *module, PyObject *args, PyObject *keywords)
{
    rmpy_call call;
    rm_overlay_options options = RM_OVERLAY_OPTIONS_INIT;
    rmpy_begin(&call, module, args, keywords, "count_in_areas", 3);
    overlay taken = take_overlay(&call, "counts", 'q');
    rmpy_options(&call, overlay_options, &options);
    RMPY_RUN(&call, rm_count_in_areas(taken.out, taken.areas, taken.evidence, &options, &call.err));
    return rmpy_end(&call, NULL);
}

static PyObject *cover_of_areas(PyObject *module, PyObject *args, PyObject *keywords)
{
    rmpy_call call;
    rm_overlay_options options = RM_OVERLAY_OPTIONS_INIT;
    rmpy_begin(&call, module, args, keywords, "cover_of_areas", 4);
    overlay taken = take_overlay(&call, "m2", 'd');
    int32_t sum_overlaps = rmpy_int32(&call, "sum_overlaps");
    rmpy_options(&call, overlay_options, &options);
    RMPY_RUN(&call, rm_cover_of_areas(taken.out, taken.areas, taken.evidence, sum_overlaps,
                                      &options, &call.err));
    return rmpy_end(&call, NULL);
}

static PyObject *nearest_to_areas(PyObject *module, PyObject *args, PyObject *keywords)
{
    rmpy_call call;
    rm_overlay_options options = RM_OVERLAY_OPTIONS_INIT;
    rmpy_begin(&call, module, args, keywords, "nearest_to_areas", 3);
    overlay taken = take_overlay(&call, "metres", 'd');
    rmpy_options(&call, overlay_options, &options);
    RMPY_RUN(&call,
             rm_nearest_to_areas(taken.out, taken.areas, taken.evidence, &options, &call.err));
    return rmpy_end(&call, NULL);
}

PyMethodDef rmpy_overlay_methods[] = {
    RMPY_METHOD(overlay_options_init, "($module, /)", "The options of laying over."),
    RMPY_METHOD(count_in_areas, "($module, counts, areas, evidence, /, **options)",
                "Fills counts: features in each area."),
    RMPY_METHOD(cover_of_areas, "($module, m2, areas, evidence, sum_overlaps, /, **options)",
                "Fills m2: what evidence covers of each area."),
    RMPY_METHOD(nearest_to_areas, "($module, metres, areas, evidence, /, **options)",
                "Fills metres: from each area to the nearest evidence."),
    RMPY_METHODS_END};
