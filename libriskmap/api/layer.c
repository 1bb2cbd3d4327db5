#include "riskmap/layer.h"

#include "api/options.h"
#include "base/parallel.h"
#include "data/filter.h"
#include "geo/valid.h"
#include "io/crs.h"
#include "io/memory_geojson.h"
#include "io/open.h"

#include <math.h>
#include <string.h>

void rm_read_options_init(rm_read_options *options)
{
    *options = (rm_read_options)RM_READ_OPTIONS_INIT;
}

static rm_status options_read(rm_read_options *out, const char *source,
                              const rm_read_options *options, rm_error *err)
{
    rm_read_options_init(out);
    if (!source || !*source)
        return rm_fail(err, RM_EINVAL, "there is no source to read");
    RM_TRY(RM_TAKE_OPTIONS(out, options, rm_read_options, RM_READ_OPTIONS_INIT, layer, err));
    if (out->threads < 0 || out->threads > 64)
        return rm_fail(err, RM_EINVAL, "threads is %d; 0 (all cores) to 64", out->threads);
    if (out->column_count < -1 || (out->column_count > 0 && !out->columns))
        return rm_fail(err, RM_EINVAL, "column_count is %d, but there are no columns; -1 reads all",
                       out->column_count);
    return RM_OK;
}

/* The fields to ask for: those wanted (all of the layer's with column_count -1), then those that
 * only the filter needs. Names are borrowed from options, listing and filter. */
typedef struct rm_wanted {
    rm_listing listing;
    rm_filter *filter;
    const char **columns;
    int32_t count;
} rm_wanted;

static void wanted_clear(rm_wanted *wanted)
{
    rm_listing_clear(&wanted->listing);
    rm_filter_free(wanted->filter);
    rm_release(wanted->columns);
}

static void want(rm_wanted *wanted, const char *name)
{
    for (int32_t c = 0; c < wanted->count; c++)
        if (strcmp(wanted->columns[c], name) == 0)
            return;
    wanted->columns[wanted->count++] = name;
}

static const rm_table *listed_columns(const rm_listing *listing, const char *layer)
{
    for (int32_t l = 0; l < listing->count; l++)
        if (!layer || strcmp(listing->layers[l].name, layer) == 0)
            return &listing->layers[l].columns;
    return NULL;
}

static rm_status choose_columns(rm_wanted *wanted, const char *source,
                                const rm_read_options *options, rm_error *err)
{
    const rm_table *all = NULL;
    if (options->where) {
        rm_status status = rm_filter_parse(&wanted->filter, options->where, err);
        if (status != RM_OK)
            return rm_fail_within(err, status, "where");
    }
    if (options->column_count < 0) {
        RM_TRY(rm_list(&wanted->listing, source, err));
        all = listed_columns(&wanted->listing, options->layer);
    }
    int32_t chosen = all ? all->count : options->column_count > 0 ? options->column_count : 0;
    int32_t filtered = wanted->filter ? rm_filter_field_count(wanted->filter) : 0;
    RM_TRY(RM_NEW(&wanted->columns, chosen + filtered, err));
    for (int32_t c = 0; c < chosen; c++)
        want(wanted, all ? all->columns[c].name : options->columns[c]);
    for (int32_t f = 0; f < filtered; f++)
        want(wanted, rm_filter_field(wanted->filter, f));
    return RM_OK;
}

static rm_status finish_layer(rm_layer *layer, const rm_source *source,
                              const rm_read_options *options, rm_error *err)
{
    if (options->target_crs)
        RM_TRY(rm_crs_name(&layer->crs, options->target_crs, err));
    else
        RM_TRY(rm_copy_text(&layer->crs, source->crs, err));
    return rm_copy_text(&layer->name, layer->provenance.layer, err);
}

static rm_status read_source(rm_layer **out, const char *path, const rm_read_options *options,
                             const rm_wanted *wanted, rm_progress *progress, rm_error *err)
{
    rm_request request = {.source = path,
                          .layer = options->layer,
                          .crs = options->crs,
                          .x = options->x,
                          .y = options->y,
                          .columns = wanted->columns,
                          .column_count = wanted->count,
                          .geometry = true,
                          .target_crs = options->target_crs,
                          .only_best = options->only_best != 0,
                          .shielded = options->shielded != 0,
                          .threads = rm_threads(options->threads)};
    rm_source *source = NULL;
    rm_layer *layer = NULL;
    rm_status status = rm_open(NULL, &request, &source, err);
    if (status == RM_OK) {
        source->progress = progress;
        status = rm_source_collect(&layer, source, wanted->filter,
                                   options->repair ? rm_rows_clean : NULL, err);
    }
    if (status == RM_OK)
        status = finish_layer(layer, source, options, err);
    if (status == RM_OK)
        status = rm_progress_report(progress, 1.0, path, err);
    rm_source_free(source);
    if (status == RM_OK)
        *out = layer;
    else
        rm_layer_free(layer);
    return status;
}

rm_status rm_layer_read(rm_layer **out, const char *source, const rm_read_options *options,
                        rm_error *err)
{
    rm_read_options taken;
    rm_progress progress;
    rm_wanted wanted = {0};
    RM_TRY(options_read(&taken, source, options, err));
    rm_progress_start(&progress, taken.progress, taken.progress_user);
    RM_TRY(rm_progress_report(&progress, 0.0, source, err));
    rm_status status = choose_columns(&wanted, source, &taken, err);
    if (status == RM_OK)
        status = read_source(out, source, &taken, &wanted, &progress, err);
    wanted_clear(&wanted);
    return status;
}

rm_status rm_layer_from_points(rm_layer **out, const double *x, const double *y, int64_t count,
                               const char *crs, rm_error *err)
{
    rm_layer *layer = NULL;
    if (count < 0 || (count > 0 && (!x || !y)))
        return rm_fail(err, RM_EINVAL, "x or y is NULL, or count is %lld", (long long)count);
    RM_TRY(RM_NEW_ZERO(&layer, 1, err));
    rm_status status = rm_geometry_reserve(&layer->rows.geometry, count, count, err);
    for (int64_t i = 0; i < count && status == RM_OK; i++) {
        bool finite = isfinite(x[i]) && isfinite(y[i]);
        status = rm_rows_add_id(&layer->rows, i, i, err);
        layer->rows.table.rows = i + 1;
        if (status == RM_OK && finite)
            status = rm_geometry_add_point(&layer->rows.geometry, x[i], y[i], err);
        else if (status == RM_OK)
            status = rm_geometry_add_feature(&layer->rows.geometry, RM_KIND_NONE, err);
        if (status == RM_OK && !finite)
            status = rm_issues_add(&layer->rows.issues, RM_ISSUE_NOT_FINITE, i, 0, 0, NULL, err);
    }
    if (status == RM_OK && crs)
        status = rm_crs_name(&layer->crs, crs, err);
    if (status == RM_OK)
        *out = layer;
    else
        rm_layer_free(layer);
    return status;
}

rm_status rm_layer_from_geojson(rm_layer **out, const char *text, size_t length, const char *crs,
                                rm_progress_fn progress, void *progress_user, rm_error *err)
{
    rm_progress telling;
    if (!out || (!text && length > 0))
        return rm_fail(err, RM_EINVAL, "there is no GeoJSON text, or out is NULL");
    rm_progress_start(&telling, progress, progress_user);
    return rm_read_geojson(out, text ? text : "", length, crs, rm_rows_clean, &telling, err);
}

void rm_layer_extent(const rm_layer *layer, double extent[4])
{
    rm_box box = rm_geometry_extent(&layer->rows.geometry);
    bool empty = rm_box_is_empty(box);
    extent[0] = empty ? NAN : box.xmin;
    extent[1] = empty ? NAN : box.ymin;
    extent[2] = empty ? NAN : box.xmax;
    extent[3] = empty ? NAN : box.ymax;
}

int64_t rm_layer_feature_count(const rm_layer *layer)
{
    return layer->rows.table.rows;
}

const char *rm_layer_crs(const rm_layer *layer)
{
    return layer->crs ? layer->crs : "";
}

int32_t rm_layer_field_count(const rm_layer *layer)
{
    return layer->rows.table.count;
}

static const rm_column *field_of(const rm_layer *layer, int32_t field)
{
    return field >= 0 && field < layer->rows.table.count ? &layer->rows.table.columns[field] : NULL;
}

const char *rm_layer_field_name(const rm_layer *layer, int32_t field)
{
    const rm_column *column = field_of(layer, field);
    return column ? column->name : NULL;
}

static bool has_cell(const rm_layer *layer, int64_t feature, const rm_column *column)
{
    return column && feature >= 0 && feature < layer->rows.table.rows &&
           !rm_column_missing(column, feature);
}

double rm_layer_number(const rm_layer *layer, int64_t feature, int32_t field)
{
    const rm_column *column = field_of(layer, field);
    return has_cell(layer, feature, column) ? rm_column_number(column, feature, NULL) : NAN;
}

const char *rm_layer_text(const rm_layer *layer, int64_t feature, int32_t field, int64_t *length)
{
    const rm_column *column = field_of(layer, field);
    if (!has_cell(layer, feature, column) || column->type != RM_TEXT)
        return NULL;
    return rm_column_text(column, feature, length);
}

/* What views of a layer without rows point to. */
static const int64_t nothing[1] = {0};

const int64_t *rm_layer_fids(const rm_layer *layer)
{
    return layer->rows.ids ? layer->rows.ids : nothing;
}

_Static_assert((int)RM_COLUMN_INT64 == (int)RM_INT64 && (int)RM_COLUMN_DOUBLE == (int)RM_FLOAT64 &&
                   (int)RM_COLUMN_TEXT == (int)RM_TEXT && (int)RM_COLUMN_DATE == (int)RM_DATE &&
                   (int)RM_COLUMN_DATETIME == (int)RM_DATETIME,
               "the public types of columns are those of tables");

rm_status rm_layer_column(const rm_layer *layer, int32_t field, rm_column_view *out, rm_error *err)
{
    static const int32_t no_offsets[1] = {0};
    const rm_column *column = field_of(layer, field);
    if (!column)
        return rm_fail(err, RM_EINVAL, "field %d does not exist; there are %d", field,
                       layer->rows.table.count);
    int64_t rows = layer->rows.table.rows, missing = 0;
    for (int64_t row = 0; row < rows; row++)
        missing += rm_column_missing(column, row);
    *out = (rm_column_view){.values = column->data.any ? column->data.any : nothing,
                            .validity = rows > 0 ? column->valid : NULL,
                            .count = rows,
                            .missing = missing,
                            .type = (int32_t)column->type};
    if (column->type == RM_TEXT)
        out->offsets = rows > 0 ? column->offsets : no_offsets;
    return RM_OK;
}

int64_t rm_layer_issue_count(const rm_layer *layer)
{
    return layer->rows.issues.count;
}

rm_status rm_layer_issue_at(const rm_layer *layer, int64_t index, rm_layer_issue *out,
                            rm_error *err)
{
    const rm_issues *issues = &layer->rows.issues;
    if (index < 0 || index >= issues->count)
        return rm_fail(err, RM_EINVAL, "issue %lld does not exist; there are %lld",
                       (long long)index, (long long)issues->count);
    const rm_issue *issue = &issues->items[index];
    *out = (rm_layer_issue){.severity = rm_severity_name((rm_severity)issue->severity),
                            .code = rm_issue_code_name((rm_issue_code)issue->code),
                            .feature = issue->feature};
    rm_issue_message(issue, out->message, sizeof out->message);
    return RM_OK;
}
