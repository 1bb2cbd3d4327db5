#include "binding.h"

/* the second list is counted in `reserved`, to compare with the first */
static const rmpy_field raster_options[] = {
    RMPY_FIELD(rm_raster_options, 'p', overwrite),
    RMPY_FIELD(rm_raster_options, 'p', shielded),
    RMPY_FIELD(rm_raster_options, 'i', threads),
    RMPY_FIELD(rm_raster_options, 's', description),
    RMPY_FIELD(rm_raster_options, 's', unit),
    RMPY_COUNTED(rm_raster_options, 'S', tag_names, tag_count),
    RMPY_COUNTED(rm_raster_options, 'S', tag_values, reserved),
    RMPY_PROGRESS(rm_raster_options),
    RMPY_END};

RMPY_DEFAULTS(raster_options_init, rm_raster_options, raster_options)

/* values and the grid they fill */
static const float *take_values(rmpy_call *call, rm_grid *grid, int flags)
{
    PyObject *values = rmpy_object(call);
    *grid = rmpy_grid(call);
    int64_t cells = grid->columns * grid->rows;
    return call->failed ? NULL : rmpy_array_of(call, values, "values", 'f', flags, &cells);
}

static PyObject *raster_write(PyObject *module, PyObject *args, PyObject *keywords)
{
    rmpy_call call;
    rm_grid grid;
    rm_raster_options options = RM_RASTER_OPTIONS_INIT;
    rmpy_begin(&call, module, args, keywords, "raster_write", 4);
    const char *path = rmpy_path(&call, "path", RMPY_READ);
    const float *values = take_values(&call, &grid, RMPY_READ);
    const char *crs = rmpy_text(&call, "crs", RMPY_MAYBE);
    rmpy_options(&call, raster_options, &options);
    if (options.tag_count != options.reserved)
        rmpy_fail(&call, PyExc_ValueError, "as many names of tags as values are needed");
    options.reserved = 0;
    RMPY_RUN(&call, rm_raster_write(path, values, &grid, crs, &options, &call.err));
    return rmpy_end(&call, NULL);
}

static PyObject *contours(PyObject *module, PyObject *args, PyObject *keywords)
{
    rmpy_call call;
    rm_grid grid;
    rm_layer *layer = NULL;
    int64_t count = -1;
    rmpy_begin(&call, module, args, keywords, "contours", 5);
    const float *values = take_values(&call, &grid, RMPY_OWN);
    const char *crs = rmpy_text(&call, "crs", RMPY_MAYBE);
    const double *levels = rmpy_array(&call, "levels", 'd', RMPY_OWN, &count);
    rmpy_take_progress(&call);
    if (count > INT32_MAX)
        rmpy_fail(&call, PyExc_ValueError, "levels: %lld are too many", (long long)count);
    RMPY_RUN(&call, rm_contours(&layer, values, &grid, crs, levels, (int32_t)count, rmpy_report,
                                &call, &call.err));
    return rmpy_end(&call, rmpy_wrap(RMPY_LAYER, layer, NULL));
}

PyMethodDef rmpy_raster_methods[] = {
    RMPY_METHOD(raster_options_init, "($module, /)", "The options of raster_write."),
    RMPY_METHOD(raster_write, "($module, path, values, grid, crs, /, **options)",
                "Writes a Cloud-Optimized GeoTIFF."),
    RMPY_METHOD(contours, "($module, values, grid, crs, levels, progress, /)",
                "A layer of the polygons above each level."),
    RMPY_METHODS_END};
