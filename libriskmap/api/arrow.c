#include "riskmap/layer.h"

#include "base/parallel.h"
#include "base/text.h"
#include "data/arrow.h"
#include "geo/valid.h"
#include "io/gdal/env.h"
#include "io/reader.h"
#include "model/json.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* A stream is read some batches at a time, cut into chunks that threads turn into rows of their
 * own; those are put together in order, a few for each thread at a time, so that little stands
 * twice and the memory of the last few serves the next. */
enum { CHUNK_ROWS = 1 << 14, ROUND_ROWS = 1 << 17, CHUNKS_A_THREAD = 2 };
/* Some drivers hand out empty batches for ever (GDAL issue 8509); selections leave some empty. */
enum { EMPTY_BATCHES = 1 << 16 };

typedef struct rm_chunk {
    const struct ArrowArray *batch;
    int64_t begin, count, first_id;
    rm_rows rows;
} rm_chunk;

typedef struct rm_taking {
    struct ArrowArrayStream *stream;
    struct ArrowSchema schema;
    rm_json *geo; /* of GeoParquet, in the schema's metadata; or NULL */
    rm_arrow_plan plan;
    int *columns;
    int32_t fid; /* the field that may hold the feature ids, or -1 */
    rm_layer *layer;
    struct ArrowArray *batches; /* of this round */
    int64_t batch_count, batch_capacity;
    rm_chunk *chunks;
    int64_t chunk_count, chunk_capacity;
    int64_t rows; /* of all batches so far */
    bool ended;
    rm_progress *progress; /* how many rows there will be nobody knows: it hears 0, then 1 */
} rm_taking;

static const char MESSAGE[] = "rows";

/* A stream speaks in errno's numbers. */
static rm_status stream_failed(struct ArrowArrayStream *stream, int code, rm_error *err)
{
    if (code == ENOMEM)
        return rm_fail_memory(err);
    const char *why = stream->get_last_error ? stream->get_last_error(stream) : NULL;
    return rm_fail(err, RM_EIO, "the Arrow stream failed with %d: %.600s", code,
                   why ? why : "it gives no reason");
}

/* ---- which column is the geometry ---- */

static const char *text_of(const rm_json *object, const char *key)
{
    const rm_json *member = object ? rm_json_member(object, key) : NULL;
    return member && member->kind == RM_JSON_TEXT ? member->text : NULL;
}

static rm_status read_geo(rm_taking *taking, rm_error *err)
{
    int64_t length = 0;
    const char *geo = rm_arrow_metadata(taking->schema.metadata, "geo", &length);
    rm_status status = geo ? rm_json_parse(&taking->geo, geo, length, err) : RM_OK;
    if (status == RM_OK || status == RM_ENOMEM)
        return status;
    return rm_fail_within(err, RM_EFORMAT, "the metadata \"geo\" of the Arrow stream");
}

/* Where no column says that it holds geometry: the one that "geo" names, that people name so, or
 * the only one of bytes. */
static int find_plain_geometry(const rm_taking *taking, const char *primary)
{
    const struct ArrowSchema *schema = &taking->schema;
    int only = -1, binary = 0;
    for (int c = 0; c < (int)schema->n_children; c++) {
        const char *name = schema->children[c]->name ? schema->children[c]->name : "";
        int64_t ignored;
        if (!rm_arrow_is_binary(schema->children[c]->format) || schema->children[c]->dictionary ||
            rm_arrow_extension(schema->children[c], &ignored))
            continue;
        if (primary ? strcmp(name, primary) == 0
                    : rm_text_equal_nocase(name, "geometry") || rm_text_equal_nocase(name, "geom"))
            return c;
        only = c;
        binary++;
    }
    return binary == 1 && !primary ? only : -1;
}

static rm_status no_geometry(const struct ArrowSchema *schema, rm_error *err)
{
    for (int64_t c = 0; c < schema->n_children; c++) {
        int64_t length = 0;
        const char *extension = rm_arrow_extension(schema->children[c], &length);
        if (extension && length < 40 && length > 9 && memcmp(extension, "geoarrow.", 9) == 0)
            return rm_fail(
                err, RM_EUNSUPPORTED,
                "column %.80s holds geometry as %.*s, which is not read: hand it over as "
                "WKB, in GeoPandas by to_arrow(geometry_encoding=\"WKB\")",
                schema->children[c]->name ? schema->children[c]->name : "", (int)length, extension);
    }
    return rm_fail(
        err, RM_EFORMAT,
        "the Arrow stream has no geometry column: none of its %lld columns has the "
        "extension type geoarrow.wkb, is named geometry or geom and holds WKB, or is the "
        "only one of bytes",
        (long long)schema->n_children);
}

static rm_status choose_geometry(rm_taking *taking, rm_error *err)
{
    const struct ArrowSchema *schema = &taking->schema;
    if (strcmp(schema->format, "+s") != 0)
        return rm_fail(err, RM_EFORMAT,
                       "the Arrow stream is no table: its items are of type \"%s\"",
                       schema->format);
    RM_TRY(read_geo(taking, err));
    const char *primary = text_of(taking->geo, "primary_column");
    int column = rm_arrow_geometry_column(schema);
    for (int c = 0; c < (int)schema->n_children && primary && column >= 0; c++)
        if (schema->children[c]->name && strcmp(schema->children[c]->name, primary) == 0 &&
            rm_arrow_is_geometry(schema->children[c]))
            column = c;
    if (column < 0)
        column = find_plain_geometry(taking, primary);
    if (column < 0)
        return no_geometry(schema, err);
    taking->plan.geometry_column = column;
    return RM_OK;
}

/* ---- the other columns ---- */

/* What cannot be read is no reason to refuse the rest, and not to be silent about it. */
static rm_status leave_out(rm_taking *taking, const struct ArrowSchema *column, rm_error *err)
{
    char text[200];
    const char *name = column->name && column->name[0] ? column->name : "without a name";
    snprintf(text, sizeof text, "%.120s: Arrow \"%.40s\"", name,
             column->dictionary ? column->dictionary->format : column->format);
    text[rm_utf8_valid(text, (int64_t)strlen(text))] = '\0';
    return rm_issues_add(&taking->layer->rows.issues, RM_ISSUE_COLUMN, -1, 0, 0, text, err);
}

static rm_status set_up_column(rm_taking *taking, int child, rm_error *err)
{
    const struct ArrowSchema *column = taking->schema.children[child];
    rm_table *table = &taking->layer->rows.table;
    const char *name = column->name ? column->name : "";
    rm_type type;
    rm_error why;
    rm_status status = rm_arrow_type(column, &type, &why);
    if (status == RM_EUNSUPPORTED)
        return leave_out(taking, column, err);
    if (status != RM_OK)
        return rm_fail(err, status, "%s", why.message);
    for (int32_t c = 0; c < table->count; c++)
        if (strcmp(table->columns[c].name, name) == 0)
            return rm_fail(
                err, RM_EDATA,
                "two columns of the Arrow stream are called \"%.80s\"; rename or drop one", name);
    if (strcmp(name, "fid") == 0 && rm_arrow_is_integer(column->format) && !column->dictionary)
        taking->fid = table->count;
    taking->columns[table->count] = child;
    return rm_table_add_column(table, name, type, err);
}

static rm_status set_up_columns(rm_taking *taking, rm_error *err)
{
    taking->plan.id_column = taking->fid = -1;
    RM_TRY(RM_NEW(&taking->columns, taking->schema.n_children, err));
    taking->plan.columns = taking->columns;
    for (int c = 0; c < (int)taking->schema.n_children; c++)
        if (c != taking->plan.geometry_column)
            RM_TRY(set_up_column(taking, c, err));
    return RM_OK;
}

/* ---- rows ---- */

/* Curves are rare, so GDAL is entered for each. */
static rm_status stroke(void *context, const uint8_t *wkb, int64_t size, rm_geometry *geometry,
                        rm_issue_code *verdict, rm_error *err)
{
    rm_gdal_ears ears;
    rm_gdal_enter(&ears);
    rm_status status = rm_stroke(context, wkb, size, geometry, verdict, err);
    rm_gdal_leave(&ears);
    return status;
}

static rm_status cut(rm_taking *taking, const struct ArrowArray *batch, rm_error *err)
{
    for (int64_t begin = 0; begin < batch->length; begin += CHUNK_ROWS) {
        int64_t left = batch->length - begin;
        RM_TRY(RM_GROW(&taking->chunks, &taking->chunk_capacity, taking->chunk_count + 1, err));
        taking->chunks[taking->chunk_count++] =
            (rm_chunk){.batch = batch,
                       .begin = begin,
                       .count = left < CHUNK_ROWS ? left : CHUNK_ROWS,
                       .first_id = taking->rows};
    }
    taking->rows += batch->length;
    return RM_OK;
}

/* Batches of a round, and all of them in chunks. */
static rm_status pull(rm_taking *taking, rm_error *err)
{
    int64_t rows = 0;
    while (rows < ROUND_ROWS && !taking->ended) {
        RM_TRY(RM_GROW(&taking->batches, &taking->batch_capacity, taking->batch_count + 1, err));
        struct ArrowArray *batch = &taking->batches[taking->batch_count];
        *batch = (struct ArrowArray){0};
        int code = taking->stream->get_next(taking->stream, batch);
        if (code != 0)
            return stream_failed(taking->stream, code, err);
        taking->ended = batch->release == NULL;
        taking->batch_count += !taking->ended;
        rows += batch->length;
        RM_TRY(rm_progress_tick(taking->progress, MESSAGE, err));
        if (rows == 0 && taking->batch_count > EMPTY_BATCHES)
            return rm_fail(err, RM_EIO, "the Arrow stream gives empty batches and does not end");
    }
    for (int64_t b = 0; b < taking->batch_count; b++) {
        RM_TRY(cut(taking, &taking->batches[b], err));
        if (taking->batches[b].length > CHUNK_ROWS)
            RM_TRY(rm_arrow_reserve(&taking->layer->rows, &taking->plan, &taking->schema,
                                    &taking->batches[b], err));
    }
    return RM_OK;
}

static rm_status take_chunk(void *context, int64_t begin, int64_t end, int worker, rm_error *err)
{
    const rm_taking *taking = context;
    (void)end, (void)worker;
    rm_chunk *chunk = &taking->chunks[begin];
    rm_arrow_plan plan = taking->plan;
    plan.first_id = chunk->first_id;
    RM_TRY(rm_table_copy_columns(&chunk->rows.table, &taking->layer->rows.table, err));
    RM_TRY(rm_arrow_append_some(&chunk->rows, &plan, &taking->schema, chunk->batch, chunk->begin,
                                chunk->count, err));
    return rm_rows_clean(&chunk->rows, taking->progress, worker, err);
}

static rm_status take_chunks(rm_taking *taking, int64_t begin, int64_t end, int threads,
                             rm_error *err)
{
    rm_rows **order = NULL;
    rm_taking some = *taking;
    some.chunks += begin;
    RM_TRY(rm_parallel(end - begin, 1, threads, take_chunk, &some, taking->progress, MESSAGE, err));
    RM_TRY(RM_NEW(&order, end - begin, err));
    for (int64_t c = begin; c < end; c++)
        order[c - begin] = &taking->chunks[c].rows;
    rm_status status = rm_rows_add_many(&taking->layer->rows, order, end - begin, threads, err);
    rm_release(order);
    return status;
}

static rm_status take_round(rm_taking *taking, rm_error *err)
{
    RM_TRY(pull(taking, err));
    int threads = taking->chunk_count > 1 ? rm_threads(0) : 1;
    int64_t step = (int64_t)CHUNKS_A_THREAD * threads;
    for (int64_t begin = 0; begin < taking->chunk_count; begin += step) {
        int64_t left = taking->chunk_count - begin;
        RM_TRY(take_chunks(taking, begin, begin + (left < step ? left : step), threads, err));
    }
    return RM_OK;
}

static void end_round(rm_taking *taking)
{
    for (int64_t c = 0; c < taking->chunk_count; c++)
        rm_rows_clear(&taking->chunks[c].rows);
    for (int64_t b = 0; b < taking->batch_count; b++)
        taking->batches[b].release(&taking->batches[b]);
    taking->chunk_count = taking->batch_count = 0;
}

/* ---- the CRS ---- */

/* "crs" is a code, WKT, PROJJSON, or null where nothing is known. */
static rm_status read_crs(char **out, const rm_json *holder, const char *text, rm_error *err)
{
    const rm_json *crs = rm_json_member(holder, "crs");
    const char *type = text_of(holder, "crs_type");
    rm_text definition = {0};
    if (crs && crs->kind == RM_JSON_TEXT) {
        rm_text_add(&definition, type && strcmp(type, "srid") == 0 ? "EPSG:" : "");
        rm_text_add(&definition, crs->text);
    } else if (crs && crs->kind == RM_JSON_OBJECT) {
        rm_text_add_n(&definition, text + crs->begin, crs->end - crs->begin);
    }
    rm_status status = rm_text_status(&definition, err);
    if (status == RM_OK && definition.length > 0)
        status = rm_crs_name(out, definition.data, err);
    rm_text_clear(&definition);
    return status;
}

static rm_status read_extension_crs(char **out, const char *text, int64_t length, rm_error *err)
{
    rm_json *json = NULL;
    rm_status status = rm_json_parse(&json, text, length, err);
    if (status != RM_OK)
        return rm_fail_within(err, status == RM_EMODEL ? RM_EFORMAT : status,
                              "the metadata of the geometry column");
    status = read_crs(out, json, text, err);
    rm_json_free(json);
    return status;
}

/* GeoParquet without a word about the CRS of a column means lon/lat. */
static rm_status read_geo_crs(rm_taking *taking, const char *column, rm_error *err)
{
    int64_t length = 0;
    const rm_json *columns = taking->geo ? rm_json_member(taking->geo, "columns") : NULL;
    const rm_json *holder = columns && column ? rm_json_member(columns, column) : NULL;
    if (!holder)
        return RM_OK;
    if (!rm_json_member(holder, "crs"))
        return rm_copy_text(&taking->layer->crs, "OGC:CRS84", err);
    const char *geo = rm_arrow_metadata(taking->schema.metadata, "geo", &length);
    return read_crs(&taking->layer->crs, holder, geo, err);
}

static rm_status take_crs(rm_taking *taking, const char *crs, rm_error *err)
{
    int64_t length = 0;
    rm_layer *layer = taking->layer;
    const struct ArrowSchema *geometry = taking->schema.children[taking->plan.geometry_column];
    const char *metadata =
        rm_arrow_metadata(geometry->metadata, "ARROW:extension:metadata", &length);
    if (metadata && length > 0)
        RM_TRY(read_extension_crs(&layer->crs, metadata, length, err));
    if (!layer->crs)
        RM_TRY(read_geo_crs(taking, geometry->name, err));
    return layer->crs || !crs ? RM_OK : rm_crs_name(&layer->crs, crs, err);
}

static rm_status take_stream(rm_taking *taking, const char *crs, rm_error *err)
{
    int code = taking->stream->get_schema(taking->stream, &taking->schema);
    if (code != 0)
        return stream_failed(taking->stream, code, err);
    RM_TRY(RM_NEW_ZERO(&taking->layer, 1, err));
    RM_TRY(choose_geometry(taking, err));
    RM_TRY(set_up_columns(taking, err));
    RM_TRY(take_crs(taking, crs, err));
    taking->plan.stroke = stroke;
    rm_progress_stage(taking->progress, 0.0, 0.0);
    RM_TRY(rm_progress_report(taking->progress, 0.0, MESSAGE, err));
    while (!taking->ended) {
        rm_status status = take_round(taking, err);
        end_round(taking);
        RM_TRY(status);
    }
    if (taking->fid >= 0)
        RM_TRY(rm_rows_take_ids(&taking->layer->rows, taking->fid, err));
    rm_progress_stage(taking->progress, 0.0, 1.0);
    return rm_progress_report(taking->progress, 1.0, MESSAGE, err);
}

rm_status rm_layer_from_arrow(rm_layer **out, struct ArrowArrayStream *stream, const char *crs,
                              rm_progress_fn progress, void *progress_user, rm_error *err)
{
    rm_progress telling;
    if (!out || !stream)
        return rm_fail(err, RM_EINVAL, "there is no Arrow stream, or out is NULL");
    if (!stream->release)
        return rm_fail(err, RM_EINVAL,
                       "the Arrow stream was used already: it can be read once; take a new one");
    rm_taking taking = {.stream = stream, .progress = &telling};
    rm_progress_start(&telling, progress, progress_user);
    rm_status status = take_stream(&taking, crs, err);
    if (taking.schema.release)
        taking.schema.release(&taking.schema);
    stream->release(stream);
    rm_json_free(taking.geo);
    rm_release(taking.batches);
    rm_release(taking.chunks);
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
