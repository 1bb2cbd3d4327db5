/* Everything that GDAL opens, through one cursor: as Arrow batches where the driver has code for
 * them, feature by feature where it has not. */
#include "data/arrow.h" /* defines the Arrow structs, which GDAL's ogr_api.h only declares */
#include "io/gdal_features.h"
#include "io/gdal_open.h"
#include "io/open.h"

#include <cpl_conv.h>
#include <cpl_string.h>
#include <ogr_api.h>
#include <stdlib.h>
#include <string.h>

enum { WARNINGS = 4 };

typedef struct gdal_reader {
    rm_reader base;
    GDALDatasetH data;
    OGRLayerH layer;
    struct ArrowArrayStream stream;
    struct ArrowSchema schema;
    rm_arrow_plan plan;
    int *fields;  /* [wanted] fields of the layer that feed the columns */
    int *columns; /* [wanted] Arrow children that do, when the stream is used */
    bool swapped; /* y comes before x */
    bool ended;
    int64_t expected; /* features by the driver's own count, -1: not known */
    int64_t next_id;
    char *warned[WARNINGS]; /* different warnings so far */
    int warned_count, issued_count;
    char *failed; /* the last error heard while rows still came */
} gdal_reader;

rm_status rm_stroke(void *context, const uint8_t *wkb, int64_t size, rm_geometry *geometry,
                    rm_issue_code *verdict, rm_error *err)
{
    (void)context;
    const double step_degrees = 1.0;
    rm_gdal_ears ears;
    rm_gdal_enter(&ears);
    OGRGeometryH curve = NULL, linear = NULL;
    unsigned char *straight = NULL;
    int straight_size = 0;
    if (size <= INT32_MAX && OGR_G_CreateFromWkb(wkb, NULL, &curve, (int)size) == OGRERR_NONE)
        linear = OGR_G_GetLinearGeometry(curve, step_degrees, NULL);
    if (linear && (straight_size = OGR_G_WkbSize(linear)) > 0)
        straight = VSIMalloc((size_t)straight_size);
    if (straight && OGR_G_ExportToIsoWkb(linear, wkbNDR, straight) != OGRERR_NONE)
        straight_size = 0;
    OGR_G_DestroyGeometry(linear);
    OGR_G_DestroyGeometry(curve);
    rm_gdal_leave(&ears);

    bool still_curved = false;
    rm_status status = RM_OK;
    if (straight && straight_size > 0)
        status =
            rm_geometry_add_wkb(geometry, straight, straight_size, verdict, &still_curved, err);
    if (status == RM_OK && (!straight || straight_size <= 0 || still_curved)) {
        status = rm_geometry_add_feature(geometry, RM_KIND_NONE, err);
        *verdict = RM_ISSUE_MALFORMED;
    }
    VSIFree(straight);
    return status;
}

/* Keeps what GDAL said for the issues. What it says may quote a cell. */
static rm_status note_heard(gdal_reader *reader, const rm_gdal_ears *ears, rm_error *err)
{
    bool shielded = reader->base.source.provenance.shielded;
    for (int i = 0; i < ears->warned_count; i++) {
        const char *text =
            shielded ? "its text is withheld, as the layer is shielded" : ears->warned[i];
        bool known = reader->warned_count == WARNINGS;
        for (int k = 0; k < reader->warned_count && !known; k++)
            known = strcmp(reader->warned[k], text) == 0;
        if (known)
            continue;
        RM_TRY(rm_copy_text(&reader->warned[reader->warned_count], text, err));
        reader->warned_count++;
    }
    if (ears->heard[0] && !reader->failed)
        RM_TRY(rm_copy_text(&reader->failed, shielded ? "" : ears->heard, err));
    return RM_OK;
}

static rm_status issue_warnings(gdal_reader *reader, rm_rows *rows, rm_error *err)
{
    for (; reader->issued_count < reader->warned_count; reader->issued_count++)
        RM_TRY(rm_issues_add(&rows->issues, RM_ISSUE_SOURCE, -1, 0, 0,
                             reader->warned[reader->issued_count], err));
    return RM_OK;
}

static rm_status fail_reading(const gdal_reader *reader, const char *why, rm_error *err)
{
    return rm_fail(err, RM_EIO, "%s: reading stopped after %lld features%s%.300s%s",
                   reader->base.shown, (long long)reader->base.lanes[0].total,
                   why && why[0] ? " (" : "", why ? why : "", why && why[0] ? ")" : "");
}

/* A driver may end early with an error and say that all is well; then fewer rows came than it
 * promised. An error on a single feature leaves a warning. */
static rm_status end_stream(gdal_reader *reader, rm_rows *rows, rm_error *err)
{
    int64_t came = reader->base.lanes[0].total;
    reader->ended = true;
    if (reader->failed && (reader->expected < 0 || came < reader->expected))
        return fail_reading(reader, reader->failed, err);
    if (reader->failed)
        RM_TRY(rm_issues_add(&rows->issues, RM_ISSUE_SOURCE, -1, 0, 0, reader->failed, err));
    return issue_warnings(reader, rows, err);
}

static void swap_axes(rm_geometry *g)
{
    double *x = g->x;
    g->x = g->y;
    g->y = x;
}

/* Appends the next Arrow batch; *ended at the end. */
static rm_status read_arrow(gdal_reader *reader, rm_rows *rows, bool *ended, rm_error *err)
{
    struct ArrowArray array = {0};
    if (reader->stream.get_next(&reader->stream, &array) != 0)
        return RM_EIO; /* read_batch has the words */
    /* FlatGeobuf of GDAL before 3.8 goes on forever with empty batches (GDAL issue 8509) */
    *ended = !array.release || array.length == 0;
    rm_status status = RM_OK;
    if (!*ended) {
        reader->plan.first_id = reader->next_id;
        reader->next_id += array.length;
        status = rm_arrow_append(rows, &reader->plan, &reader->schema, &array, err);
        if (status != RM_OK)
            status = rm_fail_within(err, status, "%s", reader->base.shown);
    }
    if (array.release)
        array.release(&array);
    return status;
}

/* What an extent leaves of a batch may be nothing, and no rows would mean the end. */
static rm_status read_batch(gdal_reader *reader, rm_rows *rows, rm_error *err)
{
    while (rows->table.rows == 0 && !reader->ended) {
        rm_gdal_ears ears;
        bool ended = false;
        rm_gdal_enter(&ears);
        rm_status status = reader->stream.release
                               ? read_arrow(reader, rows, &ended, err)
                               : rm_gdal_read_features(reader->layer, reader->fields,
                                                       reader->base.geometry, rows, &ended, err);
        rm_gdal_leave(&ears);
        RM_TRY(note_heard(reader, &ears, err));
        if (status == RM_EIO)
            return fail_reading(reader, reader->failed, err);
        RM_TRY(status);
        if (reader->swapped)
            swap_axes(&rows->geometry);
        RM_TRY(issue_warnings(reader, rows, err));
        RM_TRY(rm_reader_place(&reader->base, 0, rows, err));
        if (ended)
            RM_TRY(end_stream(reader, rows, err));
    }
    return RM_OK;
}

static rm_status gdal_next(rm_source *source, int worker, rm_rows *rows, rm_error *err)
{
    (void)worker;
    gdal_reader *reader = (gdal_reader *)source;
    RM_TRY(rm_reader_start(&reader->base, rows, err));
    RM_TRY(read_batch(reader, rows, err));
    if (reader->expected > 0) {
        double done = (double)reader->base.lanes[0].total / (double)reader->expected;
        source->fraction = done < 1 ? done : 1;
    }
    return RM_OK;
}

static void gdal_free(rm_source *source)
{
    gdal_reader *reader = (gdal_reader *)source;
    rm_gdal_ears ears;
    rm_gdal_enter(&ears);
    if (reader->schema.release)
        reader->schema.release(&reader->schema);
    if (reader->stream.release)
        reader->stream.release(&reader->stream);
    if (reader->data)
        GDALClose(reader->data);
    rm_gdal_leave(&ears);
    for (int i = 0; i < reader->warned_count; i++)
        rm_release(reader->warned[i]);
    rm_release(reader->failed);
    rm_release(reader->fields);
    rm_release(reader->columns);
    rm_reader_clear(&reader->base);
    rm_release(reader);
}

static rm_status choose_layer(gdal_reader *reader, const rm_request *request, bool picked,
                              rm_error *err)
{
    int count = GDALDatasetGetLayerCount(reader->data), chosen = 0;
    rm_layer_choice *choices = NULL;
    RM_TRY(RM_NEW(&choices, count, err));
    for (int i = 0; i < count; i++) {
        OGRLayerH layer = GDALDatasetGetLayer(reader->data, i);
        choices[i] = (rm_layer_choice){OGR_L_GetName(layer), OGR_L_GetGeomType(layer) != wkbNone};
    }
    rm_status status = rm_find_layer(&chosen, request, choices, count, reader->base.shown, err);
    if (status != RM_OK && picked) {
        rm_request any = *request; /* the name was that of the file in the archive */
        any.layer = NULL;
        status = rm_find_layer(&chosen, &any, choices, count, reader->base.shown, err);
    }
    rm_release(choices);
    if (status != RM_OK)
        return status;
    reader->layer = GDALDatasetGetLayer(reader->data, chosen);
    if (request->geometry && OGR_L_GetGeomType(reader->layer) == wkbNone)
        return rm_fail(err, RM_EDATA, "%s: layer \"%.80s\" has no geometry", reader->base.shown,
                       OGR_L_GetName(reader->layer));
    return RM_OK;
}

static bool is_wanted(int field, const int *fields, int32_t count)
{
    for (int32_t i = 0; i < count; i++)
        if (fields[i] == field)
            return true;
    return false;
}

/* Everything but the wanted fields and the first geometry is ignored, so that it is never read. */
static void ignore_the_rest(OGRLayerH layer, const rm_request *request, const int *fields)
{
    OGRFeatureDefnH definition = OGR_L_GetLayerDefn(layer);
    char **ignored = CSLAddString(NULL, "OGR_STYLE");
    for (int i = 0; i < OGR_FD_GetFieldCount(definition); i++) {
        if (!is_wanted(i, fields, request->column_count))
            ignored = CSLAddString(ignored, OGR_Fld_GetNameRef(OGR_FD_GetFieldDefn(definition, i)));
    }
    if (!request->geometry)
        ignored = CSLAddString(ignored, "OGR_GEOMETRY");
    for (int i = request->geometry ? 1 : 0; i < OGR_FD_GetGeomFieldCount(definition); i++)
        ignored =
            CSLAddString(ignored, OGR_GFld_GetNameRef(OGR_FD_GetGeomFieldDefn(definition, i)));
    OGR_L_SetIgnoredFields(layer, (const char **)ignored);
    CSLDestroy(ignored);
}

/* Which field of the layer is the request's column, and the columns as they will be delivered. */
static rm_status find_fields(gdal_reader *reader, const rm_request *request, rm_error *err)
{
    OGRFeatureDefnH definition = OGR_L_GetLayerDefn(reader->layer);
    int count = OGR_FD_GetFieldCount(definition);
    const char **names = NULL;
    RM_TRY(RM_NEW(&reader->fields, request->column_count, err));
    RM_TRY(RM_NEW(&names, count, err));
    for (int i = 0; i < count; i++)
        names[i] = OGR_Fld_GetNameRef(OGR_FD_GetFieldDefn(definition, i));
    rm_status status = RM_OK;
    for (int32_t i = 0; status == RM_OK && i < request->column_count; i++) {
        rm_type type;
        status = rm_find_field(&reader->fields[i], request->columns[i], names, count,
                               reader->base.shown, err);
        if (status != RM_OK)
            break;
        OGRFieldDefnH field = OGR_FD_GetFieldDefn(definition, reader->fields[i]);
        if (rm_gdal_field_type(field, &type))
            status =
                rm_table_add_column(&reader->base.source.columns, request->columns[i], type, err);
        else
            status =
                rm_fail(err, RM_EUNSUPPORTED,
                        "%s: field \"%.80s\" is of type %s, which is not read", reader->base.shown,
                        names[reader->fields[i]], OGR_GetFieldTypeName(OGR_Fld_GetType(field)));
    }
    rm_release(names);
    return status;
}

static int find_child(const struct ArrowSchema *schema, const char *name, int not_this)
{
    for (int64_t i = 0; i < schema->n_children; i++)
        if (i != not_this && strcmp(schema->children[i]->name, name) == 0)
            return (int)i;
    return -1;
}

static int find_id(const gdal_reader *reader)
{
    const char *name = OGR_L_GetFIDColumn(reader->layer);
    const struct ArrowSchema *schema = &reader->schema;
    if (schema->n_children == 0)
        return -1;
    if (!name || !name[0])
        name = "OGC_FID";
    return strcmp(schema->children[0]->name, name) == 0 ? 0 : -1;
}

static rm_status map_columns(gdal_reader *reader, const rm_request *request, rm_error *err)
{
    OGRFeatureDefnH definition = OGR_L_GetLayerDefn(reader->layer);
    int id = find_id(reader);
    RM_TRY(RM_NEW(&reader->columns, request->column_count, err));
    for (int32_t i = 0; i < request->column_count; i++) {
        rm_type type;
        OGRFieldDefnH field = OGR_FD_GetFieldDefn(definition, reader->fields[i]);
        const char *name = OGR_Fld_GetNameRef(field);
        int child = find_child(&reader->schema, name, id);
        if (child < 0)
            return rm_fail(err, RM_EIO, "%s: the driver does not deliver field \"%.80s\"",
                           reader->base.shown, name);
        rm_status status = rm_arrow_type(reader->schema.children[child], &type, err);
        if (status != RM_OK)
            return rm_fail_within(err, status, "%s: field \"%.80s\"", reader->base.shown, name);
        reader->columns[i] = child;
        reader->base.source.columns.columns[i].type = type;
    }
    reader->plan = (rm_arrow_plan){
        .geometry_column = request->geometry ? rm_arrow_geometry_column(&reader->schema) : -1,
        .id_column = id,
        .columns = reader->columns,
        .stroke = rm_stroke,
    };
    if (request->geometry && reader->plan.geometry_column < 0)
        return rm_fail(err, RM_EUNSUPPORTED, "%s: the driver delivers no geometry",
                       reader->base.shown);
    return RM_OK;
}

static rm_status open_stream(gdal_reader *reader, const rm_request *request,
                             const rm_gdal_ears *ears, rm_error *err)
{
    static const char *const options[] = {"INCLUDE_FID=YES", "GEOMETRY_ENCODING=WKB",
                                          "MAX_FEATURES_IN_BATCH=32768", NULL};
    if (!OGR_L_GetArrowStream(reader->layer, &reader->stream, (char **)options) ||
        reader->stream.get_schema(&reader->stream, &reader->schema) != 0)
        return rm_fail(err, RM_EIO, "%s cannot be read%s%.300s%s", reader->base.shown,
                       ears->heard[0] ? " (" : "", ears->heard, ears->heard[0] ? ")" : "");
    return map_columns(reader, request, err);
}

static rm_status start_reading(gdal_reader *reader, const rm_request *request,
                               const rm_gdal_ears *ears, rm_error *err)
{
    RM_TRY(find_fields(reader, request, err));
    reader->expected = OGR_L_GetFeatureCount(reader->layer, 0);
    ignore_the_rest(reader->layer, request, reader->fields);
    if (rm_gdal_has_arrow(reader->data, reader->layer, reader->fields, request->column_count))
        return open_stream(reader, request, ears, err);
    OGR_L_ResetReading(reader->layer);
    return RM_OK;
}

static rm_status set_crs(gdal_reader *reader, const rm_request *request, rm_error *err)
{
    char *definition = NULL;
    RM_TRY(rm_gdal_crs(&definition, &reader->swapped, reader->layer, err));
    rm_status status = rm_reader_set_crs(&reader->base, request, definition, err);
    rm_release(definition);
    return status;
}

static rm_status fail_archive(const rm_archive *archive, const char *shown, rm_error *err)
{
    rm_text list = {0};
    int32_t i = 0;
    for (; i < archive->count && list.length < 400; i++)
        rm_text_addf(&list, "%s\"%.60s\"", i == 0 ? "" : ", ", archive->members[i]);
    if (i < archive->count)
        rm_text_addf(&list, " and %d more", archive->count - i);
    rm_fail(err, RM_ENOTFOUND,
            "%s holds %d files: name one behind the archive, as in \"%s/%s\"; they are %s", shown,
            archive->count, shown, archive->members[0], list.data ? list.data : "");
    rm_text_clear(&list);
    return RM_ENOTFOUND;
}

/* The real file, for its size and time: of "/vsizip/{a.zip}/b.shp" that is a.zip. */
static rm_status real_file(char **out, const char *source, rm_error *err)
{
    const char *zip = strstr(source, ".zip/");
    RM_TRY(rm_copy_text(out, source, err));
    if (zip)
        (*out)[zip - source + 4] = '\0';
    return RM_OK;
}

static rm_status open_data(gdal_reader *reader, const rm_request *request, rm_gdal_ears *ears,
                           rm_error *err)
{
    rm_archive archive = {0};
    char *located = NULL, *shown = NULL;
    bool picked = false;
    RM_TRY(rm_shown(&shown, request->source, err));
    rm_status status =
        rm_gdal_locate(&located, &picked, &archive, request->source, request->layer, err);
    if (status == RM_OK && !located)
        status = fail_archive(&archive, shown, err);
    if (status == RM_OK)
        status = rm_gdal_open(&reader->data, located, shown, ears, err);
    reader->base.shown = shown;
    if (status == RM_OK)
        status = choose_layer(reader, request, picked, err);
    rm_archive_clear(&archive);
    rm_release(located);
    return status;
}

static rm_status open_reader(gdal_reader *reader, const rm_request *request, rm_gdal_ears *ears,
                             rm_error *err)
{
    char *file = NULL;
    RM_TRY(open_data(reader, request, ears, err));
    RM_TRY(real_file(&file, request->source, err));
    rm_status status =
        rm_reader_init(&reader->base, request, file, OGR_L_GetName(reader->layer),
                       GDALGetDriverShortName(GDALGetDatasetDriver(reader->data)), err);
    rm_release(file);
    RM_TRY(status);
    RM_TRY(set_crs(reader, request, err));
    RM_TRY(start_reading(reader, request, ears, err));
    return rm_reader_set_cursors(&reader->base, 1, err);
}

rm_status rm_open_gdal(const rm_request *request, rm_source **out, rm_error *err)
{
    gdal_reader *reader = NULL;
    rm_gdal_ears ears;
    RM_TRY(RM_NEW_ZERO(&reader, 1, err));
    reader->base.source.next = gdal_next;
    reader->base.source.finish = rm_reader_finish;
    reader->base.source.free = gdal_free;
    rm_gdal_enter(&ears);
    rm_status status = open_reader(reader, request, &ears, err);
    rm_gdal_leave(&ears);
    if (status == RM_OK) {
        ears.heard[0] = '\0'; /* what was said while opening did not keep it from opening */
        status = note_heard(reader, &ears, err);
    }
    if (status != RM_OK)
        gdal_free(&reader->base.source);
    else
        *out = &reader->base.source;
    return status;
}
