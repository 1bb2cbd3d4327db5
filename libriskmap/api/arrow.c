#include "riskmap/layer.h"

#include "data/arrow.h"
#include "geo/valid.h"
#include "io/crs.h"
#include "model/json.h"

#include <errno.h>
#include <string.h>

typedef struct rm_taking {
    struct ArrowArrayStream *stream;
    struct ArrowSchema schema;
    rm_arrow_plan plan;
    int *columns;
    rm_layer *layer;
} rm_taking;

/* A stream speaks in errno's numbers. */
static rm_status stream_failed(struct ArrowArrayStream *stream, int code, rm_error *err)
{
    if (code == ENOMEM)
        return rm_fail_memory(err);
    const char *why = stream->get_last_error ? stream->get_last_error(stream) : NULL;
    return rm_fail(err, RM_EIO, "the Arrow stream failed with %d: %s", code,
                   why ? why : "it gives no reason");
}

static rm_status set_up_columns(rm_taking *taking, rm_error *err)
{
    const struct ArrowSchema *schema = &taking->schema;
    taking->plan.geometry_column = rm_arrow_geometry_column(schema);
    taking->plan.id_column = -1;
    if (taking->plan.geometry_column < 0)
        return rm_fail(err, RM_EFORMAT,
                       "the Arrow stream has no geometry column: none of its %lld columns has the "
                       "extension type geoarrow.wkb",
                       (long long)schema->n_children);
    RM_TRY(RM_NEW(&taking->columns, schema->n_children, err));
    taking->plan.columns = taking->columns;
    for (int c = 0; c < (int)schema->n_children; c++) {
        const struct ArrowSchema *child = schema->children[c];
        rm_type type;
        if (c == taking->plan.geometry_column)
            continue;
        if (child->name && strcmp(child->name, "fid") == 0 && strcmp(child->format, "l") == 0) {
            taking->plan.id_column = c;
            continue;
        }
        RM_TRY(rm_arrow_type(child, &type, err));
        taking->columns[taking->layer->rows.table.count] = c;
        RM_TRY(rm_table_add_column(&taking->layer->rows.table, child->name ? child->name : "", type,
                                   err));
    }
    return RM_OK;
}

static rm_status take_batches(rm_taking *taking, rm_error *err)
{
    for (;;) {
        struct ArrowArray batch = {0};
        int code = taking->stream->get_next(taking->stream, &batch);
        if (code != 0)
            return stream_failed(taking->stream, code, err);
        if (!batch.release)
            return RM_OK;
        taking->plan.first_id = taking->layer->rows.table.rows;
        rm_status status =
            rm_arrow_append(&taking->layer->rows, &taking->plan, &taking->schema, &batch, err);
        batch.release(&batch);
        RM_TRY(status);
    }
}

/* "crs" in the metadata of the geometry: a code, PROJJSON, or null where nothing is known. */
static rm_status read_crs(char **out, const char *metadata, int64_t length, rm_error *err)
{
    rm_json *json = NULL;
    rm_status status = rm_json_parse(&json, metadata, length, err);
    if (status != RM_OK)
        return rm_fail_within(err, status == RM_EMODEL ? RM_EFORMAT : status,
                              "the metadata of the geometry column");
    const rm_json *crs = rm_json_member(json, "crs");
    rm_text definition = {0};
    if (crs && crs->kind == RM_JSON_TEXT)
        rm_text_add(&definition, crs->text);
    else if (crs && crs->kind == RM_JSON_OBJECT)
        rm_text_add_n(&definition, metadata + crs->begin, crs->end - crs->begin);
    status = rm_text_status(&definition, err);
    if (status == RM_OK && definition.length > 0)
        status = rm_crs_code(out, definition.data, err);
    rm_text_clear(&definition);
    rm_json_free(json);
    return status;
}

static rm_status take_crs(rm_taking *taking, const char *crs, rm_error *err)
{
    int64_t length = 0;
    const struct ArrowSchema *geometry = taking->schema.children[taking->plan.geometry_column];
    const char *metadata =
        rm_arrow_metadata(geometry->metadata, "ARROW:extension:metadata", &length);
    if (metadata && length > 0)
        RM_TRY(read_crs(&taking->layer->crs, metadata, length, err));
    return taking->layer->crs ? RM_OK : rm_copy_text(&taking->layer->crs, crs, err);
}

static rm_status take_stream(rm_taking *taking, const char *crs, rm_error *err)
{
    int code = taking->stream->get_schema(taking->stream, &taking->schema);
    if (code != 0)
        return stream_failed(taking->stream, code, err);
    RM_TRY(RM_NEW_ZERO(&taking->layer, 1, err));
    RM_TRY(set_up_columns(taking, err));
    RM_TRY(take_crs(taking, crs, err));
    RM_TRY(take_batches(taking, err));
    return rm_rows_clean(&taking->layer->rows, err);
}

rm_status rm_layer_from_arrow(rm_layer **out, struct ArrowArrayStream *stream, const char *crs,
                              rm_error *err)
{
    if (!stream || !stream->release)
        return rm_fail(err, RM_EINVAL, "the Arrow stream is NULL or was released before");
    rm_taking taking = {.stream = stream};
    rm_status status = take_stream(&taking, crs, err);
    if (taking.schema.release)
        taking.schema.release(&taking.schema);
    stream->release(stream);
    rm_release(taking.columns);
    if (status == RM_OK)
        *out = taking.layer;
    else
        rm_layer_free(taking.layer);
    return status;
}

rm_status rm_layer_to_arrow(const rm_layer *layer, struct ArrowArrayStream *out, rm_error *err)
{
    if (!layer || !out)
        return rm_fail(err, RM_EINVAL, "there is no layer, or no stream to fill");
    /* all readers take PROJJSON; of a CRS that is but a name to PROJ, the name is what there is */
    char *projjson = NULL;
    rm_status status = layer->crs ? rm_crs_projjson(&projjson, layer->crs, NULL) : RM_OK;
    if (status == RM_ENOMEM)
        return rm_fail_memory(err);
    status = rm_arrow_export(out, layer, projjson ? projjson : layer->crs, err);
    rm_release(projjson);
    return status;
}
