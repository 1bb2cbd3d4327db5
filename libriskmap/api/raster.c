#include "riskmap/raster.h"

#include "api/options.h"
#include "data/layer.h"
#include "io/raster/cog.h"
#include "io/raster/contour.h"

#include <string.h>

void rm_raster_options_init(rm_raster_options *options)
{
    *options = (rm_raster_options)RM_RASTER_OPTIONS_INIT;
}

static rm_status options_read(rm_raster_options *out, const rm_raster_options *options,
                              rm_error *err)
{
    rm_raster_options_init(out);
    RM_TRY(
        RM_TAKE_OPTIONS(out, options, rm_raster_options, RM_RASTER_OPTIONS_INIT, description, err));
    if (out->threads < 0 || out->threads > 64)
        return rm_fail(err, RM_EINVAL, "threads is %d; 0 (all cores) to 64", out->threads);
    if (out->tag_count < 0 || (out->tag_count > 0 && (!out->tag_names || !out->tag_values)))
        return rm_fail(err, RM_EINVAL, "tag_count is %d, but there are no tag names or values",
                       out->tag_count);
    return RM_OK;
}

typedef struct raster_source {
    const float *values;
    int64_t columns;
} raster_source;

static rm_status copy_rows(void *context, float *out, int64_t first, int64_t rows, rm_error *err)
{
    const raster_source *source = context;

    (void)err;
    memcpy(out, source->values + first * source->columns,
           (size_t)(rows * source->columns) * sizeof *out);
    return RM_OK;
}

rm_status rm_raster_write(const char *path, const float *values, const rm_grid *grid,
                          const char *crs, const rm_raster_options *options, rm_error *err)
{
    rm_raster_options taken;
    rm_progress progress;
    rm_raster_tag *tags = NULL;

    if (!path || !values || !grid)
        return rm_fail(err, RM_EINVAL, "there is no path, no values or no grid");
    RM_TRY(options_read(&taken, options, err));
    RM_TRY(RM_NEW(&tags, taken.tag_count, err));
    for (int32_t t = 0; t < taken.tag_count; t++)
        tags[t] = (rm_raster_tag){taken.tag_names[t], taken.tag_values[t]};
    rm_raster_about about = {.grid = *grid,
                             .crs = crs,
                             .description = taken.description,
                             .unit = taken.unit,
                             .tags = tags,
                             .tag_count = taken.tag_count,
                             .shielded = taken.shielded != 0};
    raster_source source = {values, grid->columns};
    rm_progress_start(&progress, taken.progress, taken.progress_user);
    rm_status status = rm_cog_write(path, &about, copy_rows, &source, 0, taken.overwrite != 0,
                                    taken.threads, &progress, err);
    rm_release(tags);
    return status;
}

static rm_status fill_layer(rm_layer *layer, const double *levels, int32_t level_count,
                            rm_error *err)
{
    rm_table *table = &layer->rows.table;

    RM_TRY(rm_table_add_column(table, "level", RM_FLOAT64, err));
    RM_TRY(rm_table_add_column(table, "area_m2", RM_FLOAT64, err));
    for (int32_t l = 0; l < level_count; l++) {
        double area = rm_geometry_area(&layer->rows.geometry, l);
        RM_TRY(rm_rows_add_id(&layer->rows, l, l, err));
        RM_TRY(rm_column_add_double(&table->columns[0], l, levels[l], err));
        RM_TRY(rm_column_add_double(&table->columns[1], l, area, err));
        table->rows = l + 1;
    }
    return RM_OK;
}

rm_status rm_contours(rm_layer **out, const float *values, const rm_grid *grid, const char *crs,
                      const double *levels, int32_t level_count, rm_progress_fn progress,
                      void *progress_user, rm_error *err)
{
    rm_layer *layer = NULL;
    rm_progress telling;

    if (!values || !grid || level_count < 0 || (level_count > 0 && !levels))
        return rm_fail(err, RM_EINVAL, "there are no values, no grid or no levels");
    RM_TRY(RM_NEW_ZERO(&layer, 1, err));
    rm_progress_start(&telling, progress, progress_user);
    rm_status status =
        rm_contour(&layer->rows.geometry, values, grid, levels, level_count, &telling, err);
    if (status == RM_OK)
        status = fill_layer(layer, levels, level_count, err);
    if (status == RM_OK)
        status = rm_copy_text(&layer->crs, crs, err);
    if (status == RM_OK)
        status = rm_copy_text(&layer->name, "contours", err);
    if (status == RM_OK)
        *out = layer;
    else
        rm_layer_free(layer);
    return status;
}
