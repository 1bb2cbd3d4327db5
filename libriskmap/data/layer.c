#include "data/layer.h"

#include <string.h>

rm_status rm_rows_add_id(rm_rows *rows, int64_t row, int64_t id, rm_error *err)
{
    if (row >= rows->ids_capacity)
        RM_TRY(RM_GROW(&rows->ids, &rows->ids_capacity, row + 1, err));
    rows->ids[row] = id;
    return RM_OK;
}

rm_status rm_rows_add_copy(rm_rows *rows, const rm_rows *from, int64_t row, rm_error *err)
{
    RM_TRY(rm_rows_add_id(rows, rows->table.rows, from->ids[row], err));
    if (from->geometry.features > 0)
        RM_TRY(rm_geometry_add_copy(&rows->geometry, &from->geometry, row, err));
    return rm_table_add_row(&rows->table, &from->table, row, err);
}

rm_status rm_rows_add_all(rm_rows *rows, rm_rows *from, rm_error *err)
{
    int64_t at = rows->table.rows, count = from->table.rows;
    RM_TRY(rm_geometry_add_all(&rows->geometry, &from->geometry, err));
    if (count > 0) {
        RM_TRY(RM_GROW(&rows->ids, &rows->ids_capacity, at + count, err));
        memcpy(rows->ids + at, from->ids, (size_t)count * sizeof *rows->ids);
        RM_TRY(rm_table_add_all(&rows->table, &from->table, err));
    }
    return rm_issues_take(&rows->issues, &from->issues, -1, err);
}

static rm_status add_geometries(rm_rows *rows, rm_rows *const *from, int64_t count, int threads,
                                rm_error *err)
{
    const rm_geometry **geometries = NULL;
    RM_TRY(RM_NEW(&geometries, count, err));
    for (int64_t i = 0; i < count; i++)
        geometries[i] = &from[i]->geometry;
    rm_status status = rm_geometry_add_many(&rows->geometry, geometries, count, threads, err);
    rm_release(geometries);
    for (int64_t i = 0; i < count && status == RM_OK; i++)
        rm_geometry_clear(&from[i]->geometry); /* so that two copies stand no longer than needed */
    return status;
}

static rm_status add_tables(rm_rows *rows, rm_rows *const *from, int64_t count, int threads,
                            rm_error *err)
{
    const rm_table **tables = NULL;
    RM_TRY(RM_NEW(&tables, count, err));
    for (int64_t i = 0; i < count; i++)
        tables[i] = &from[i]->table;
    rm_status status = rm_table_add_many(&rows->table, tables, count, threads, err);
    rm_release(tables);
    return status;
}

rm_status rm_rows_add_many(rm_rows *rows, rm_rows *const *from, int64_t count, int threads,
                           rm_error *err)
{
    int64_t at = rows->table.rows, all = at;
    for (int64_t i = 0; i < count; i++)
        all += from[i]->table.rows;
    RM_TRY(RM_GROW(&rows->ids, &rows->ids_capacity, all, err));
    RM_TRY(add_geometries(rows, from, count, threads, err));
    RM_TRY(add_tables(rows, from, count, threads, err));
    for (int64_t i = 0; i < count; i++) {
        if (from[i]->table.rows > 0)
            memcpy(rows->ids + at, from[i]->ids, (size_t)from[i]->table.rows * sizeof *rows->ids);
        at += from[i]->table.rows;
        RM_TRY(rm_issues_take(&rows->issues, &from[i]->issues, -1, err));
        rm_rows_clear(from[i]);
    }
    return RM_OK;
}

void rm_rows_reset(rm_rows *rows)
{
    rm_geometry_reset(&rows->geometry);
    rm_table_reset(&rows->table);
    rm_issues_clear(&rows->issues);
}

void rm_rows_clear(rm_rows *rows)
{
    rm_geometry_clear(&rows->geometry);
    rm_table_clear(&rows->table);
    rm_issues_clear(&rows->issues);
    rm_release(rows->ids);
    *rows = (rm_rows){0};
}

rm_status rm_provenance_copy(rm_provenance *out, const rm_provenance *from, rm_error *err)
{
    rm_provenance copy = *from;
    char **const texts[] = {&copy.source,       &copy.layer,  &copy.driver,
                            &copy.fingerprint,  &copy.crs,    &copy.crs_operation,
                            &copy.missing_grid, &copy.profile};
    const size_t count = sizeof texts / sizeof *texts;
    const char *originals[sizeof texts / sizeof *texts];
    for (size_t i = 0; i < count; i++) {
        originals[i] = *texts[i];
        *texts[i] = NULL;
    }
    for (size_t i = 0; i < count; i++) {
        rm_status status = rm_copy_text(texts[i], originals[i], err);
        if (status != RM_OK) {
            rm_provenance_clear(&copy);
            return status;
        }
    }
    *out = copy;
    return RM_OK;
}

void rm_provenance_clear(rm_provenance *provenance)
{
    rm_release(provenance->source);
    rm_release(provenance->layer);
    rm_release(provenance->driver);
    rm_release(provenance->fingerprint);
    rm_release(provenance->crs);
    rm_release(provenance->crs_operation);
    rm_release(provenance->missing_grid);
    rm_release(provenance->profile);
    *provenance = (rm_provenance){0};
}

void rm_layer_free(rm_layer *layer)
{
    if (!layer)
        return;
    rm_rows_clear(&layer->rows);
    rm_provenance_clear(&layer->provenance);
    rm_release(layer->name);
    rm_release(layer->crs);
    rm_release(layer);
}
