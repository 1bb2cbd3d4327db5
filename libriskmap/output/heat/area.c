#include "output/heat/area.h"

#include "base/parallel.h"
#include "base/text.h"
#include "data/keep.h"
#include "output/whole_layer.h"

#include <math.h>
#include <string.h>

/* ---- by name ---- */

static bool cell_is(const rm_column *column, int64_t row, const char *name)
{
    int64_t length;
    if (column->type != RM_TEXT || rm_column_missing(column, row))
        return false;
    const char *cell = rm_column_text(column, row, &length);
    char text[256];
    if (length >= (int64_t)sizeof text)
        return false;
    memcpy(text, cell, (size_t)length);
    text[length] = '\0';
    return rm_text_equal_nocase(text, name);
}

static bool row_is(const rm_table *table, int64_t row, const char *name)
{
    for (int32_t c = 0; c < table->count; c++)
        if (cell_is(&table->columns[c], row, name))
            return true;
    return false;
}

static rm_status no_such_name(const char *source, const char *name, rm_error *err)
{
    return rm_fail(err, RM_ENOTFOUND,
                   "no feature of %s is called \"%s\" in any of its text fields; look with "
                   "riskmap-inspect how the names are written",
                   source, name);
}

static rm_status keep_named(rm_rows *rows, const char *source, const char *name, rm_error *err)
{
    uint8_t *mask = NULL;
    int64_t found = 0;
    RM_TRY(RM_NEW(&mask, rows->table.rows, err));
    for (int64_t r = 0; r < rows->table.rows; r++) {
        mask[r] = row_is(&rows->table, r, name);
        found += mask[r];
    }
    rm_status status = found ? rm_rows_keep(rows, mask, err) : no_such_name(source, name, err);
    rm_release(mask);
    return status;
}

static rm_status text_columns(const char ***out, int32_t *count, const rm_table *columns,
                              rm_error *err)
{
    RM_TRY(RM_NEW(out, columns ? columns->count : 0, err));
    for (int32_t c = 0; columns && c < columns->count; c++)
        if (columns->columns[c].type == RM_TEXT)
            (*out)[(*count)++] = columns->columns[c].name;
    return RM_OK;
}

/* ---- the area ---- */

/* The fields that a name is looked for in. */
static rm_status choose_columns(const char ***out, int32_t *count, rm_listing *listing,
                                const rm_request *wanted, rm_error *err)
{
    if (wanted->memory)
        return text_columns(out, count, &wanted->memory->rows.table, err);
    RM_TRY(rm_list(listing, wanted->source, err));
    const rm_listed_layer *listed = rm_listed_layer_of(listing, wanted->layer);
    return text_columns(out, count, listed ? &listed->columns : NULL, err);
}

static rm_status read_layer(rm_layer **out, const char *source, const rm_heatmap_options *options,
                            rm_error *err)
{
    rm_listing listing = {0};
    const char **columns = NULL;
    rm_request wanted = {.source = source,
                         .memory = options->memory_boundaries,
                         .layer = options->boundaries_layer,
                         .target_crs = options->target_crs,
                         .only_best = options->only_best != 0,
                         .threads = options->threads};
    rm_status status = RM_OK;
    if (options->within)
        status = choose_columns(&columns, &wanted.column_count, &listing, &wanted, err);
    wanted.columns = columns;
    if (status == RM_OK)
        status = rm_read_whole_layer(out, &wanted, NULL, err);
    rm_release(columns);
    rm_listing_clear(&listing);
    return status;
}

static rm_status check_polygons(const rm_layer *layer, const char *source, rm_error *err)
{
    const rm_geometry *geometry = &layer->rows.geometry;
    for (int64_t f = 0; f < geometry->features; f++)
        if (geometry->kind[f] == RM_KIND_POLYGON)
            return RM_OK;
    return rm_fail(err, RM_EINVAL,
                   "%s has no polygon to be the study area; give a layer of boundaries", source);
}

rm_status rm_heat_area_read(rm_heat_area *out, const rm_heatmap_options *options,
                            rm_progress *progress, rm_error *err)
{
    rm_heat_area area = {0};
    const char *source = options->memory_boundaries ? RM_IN_MEMORY : options->boundaries;
    if (!source)
        return RM_OK;
    rm_status status = read_layer(&area.layer, source, options, err);
    if (status == RM_OK && options->within)
        status = keep_named(&area.layer->rows, source, options->within, err);
    if (status == RM_OK)
        status = check_polygons(area.layer, source, err);
    if (status == RM_OK)
        status =
            rm_join_build(&area.join, &area.layer->rows.geometry, options->threads, progress, err);
    if (status == RM_OK)
        *out = area;
    else
        rm_heat_area_clear(&area);
    return status == RM_OK ? RM_OK : rm_fail_within(err, status, "study area");
}

void rm_heat_area_clear(rm_heat_area *area)
{
    rm_join_free(area->join);
    rm_layer_free(area->layer);
    *area = (rm_heat_area){0};
}

static rm_status mark_inside(void *context, int64_t first, const rm_hit *hits, int64_t count,
                             rm_error *err)
{
    uint8_t *inside = context;
    (void)err;
    for (int64_t h = 0; h < count; h++)
        inside[first + hits[h].row] = 1;
    return RM_OK;
}

rm_status rm_heat_area_hold(uint8_t *inside, const rm_heat_area *area, const double *x,
                            const double *y, int64_t count, rm_progress *progress, rm_error *err)
{
    memset(inside, area->join ? 0 : 1, (size_t)count);
    return area->join ? rm_join_each(area->join, x, y, count, progress, "study area", mark_inside,
                                     inside, err)
                      : RM_OK;
}

typedef struct rm_masking {
    uint8_t *mask;
    const rm_heat_area *area;
    const rm_grid *grid;
    int64_t first;
} rm_masking;

static rm_status mask_rows(void *context, int64_t begin, int64_t end, int worker, rm_error *err)
{
    const rm_masking *masking = context;
    const rm_grid *grid = masking->grid;
    double *x = NULL, *y = NULL;
    (void)worker;
    rm_status status = RM_NEW(&x, grid->columns, err);
    if (status == RM_OK)
        status = RM_NEW(&y, grid->columns, err);
    for (int64_t r = begin; r < end && status == RM_OK; r++) {
        for (int64_t c = 0; c < grid->columns; c++) {
            x[c] = grid->left + ((double)c + 0.5) * grid->cell;
            y[c] = grid->top - ((double)(masking->first + r) + 0.5) * grid->cell;
        }
        status = rm_heat_area_hold(masking->mask + r * grid->columns, masking->area, x, y,
                                   grid->columns, NULL, err);
    }
    rm_release(x);
    rm_release(y);
    return status;
}

rm_status rm_heat_area_mask(uint8_t *mask, const rm_heat_area *area, const rm_grid *grid,
                            int64_t first, int64_t rows, int threads, rm_progress *progress,
                            rm_error *err)
{
    rm_masking masking = {mask, area, grid, first};
    return rm_parallel(rows, 16, threads, mask_rows, &masking, progress, "study area", err);
}
