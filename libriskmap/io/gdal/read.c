/* Everything that GDAL opens, through one cursor: as Arrow batches where the driver has code for
 * them, feature by feature where it has not. */
#include "base/date.h"
#include "data/arrow.h" /* defines the Arrow structs, which GDAL's ogr_api.h only declares */
#include "io/gdal/features.h"
#include "io/gdal/open.h"
#include "io/open.h"

#include <cpl_conv.h>
#include <cpl_string.h>
#include <ogr_api.h>
#include <stdlib.h>
#include <string.h>

enum { WARNINGS = 4 };

typedef struct gdal_reader {
    rm_reader base;
    rm_gdal_data open;
    OGRLayerH layer;
    struct ArrowArrayStream stream;
    struct ArrowSchema schema;
    rm_arrow_plan plan;
    int *columns; /* [read] Arrow children that feed the columns, when the stream is used */
    bool swapped; /* y comes before x */
    bool ended;
    int64_t expected; /* features by the driver's own count, -1: not known */
    int64_t next_id;
    char *warned[WARNINGS]; /* different warnings so far */
    int warned_count, issued_count;
    char *failed; /* the last error heard while rows still came */
} gdal_reader;

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

/* Servers that cap an answer, and drivers that page past it, lose features without a word. */
static rm_status fail_count(const gdal_reader *reader, int64_t came, rm_error *err)
{
    return rm_fail(err, RM_EIO,
                   "%s: the service counts %lld features and gives %lld%s; its pages or its count "
                   "are wrong, or the layer changed meanwhile: try again, or download it as a file",
                   reader->base.shown, (long long)reader->expected, (long long)came,
                   came > reader->expected ? " and more" : "");
}

/* A driver may end early with an error and say that all is well; then fewer rows came than it
 * promised. An error on a single feature leaves a warning. */
static rm_status end_stream(gdal_reader *reader, rm_rows *rows, rm_error *err)
{
    int64_t came = reader->base.lanes[0].total;
    reader->ended = true;
    if (rm_service_miscounts(reader->open.service, reader->expected, came, true))
        return fail_count(reader, came, err);
    bool damaged = reader->failed && rm_says_damaged(reader->failed);
    if (damaged || (reader->failed && (reader->expected < 0 || came < reader->expected)))
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

static rm_status read_some(gdal_reader *reader, rm_rows *rows, bool *ended, rm_error *err)
{
    if (rm_service_reads(reader->open.service))
        return rm_service_next(reader->open.service, rows, ended, err);
    if (reader->stream.release)
        return read_arrow(reader, rows, ended, err);
    return rm_gdal_read_features(&reader->open, reader->layer, reader->base.plan.fields,
                                 reader->base.geometry, rows, ended, reader->base.source.progress,
                                 err);
}

/* What an extent leaves of a batch may be nothing, and no rows would mean the end. */
static rm_status read_batch(gdal_reader *reader, rm_rows *rows, rm_error *err)
{
    while (rows->table.rows == 0 && !reader->ended) {
        rm_gdal_ears ears;
        bool ended = false;
        RM_TRY(rm_reader_prepare(&reader->base, 0, rows, err));
        rm_gdal_enter(&ears);
        rm_service_enter(reader->open.service);
        rm_status status = read_some(reader, rows, &ended, err);
        rm_service_leave(reader->open.service);
        rm_gdal_leave(&ears);
        RM_TRY(rm_service_failure(reader->open.service, err));
        if (rm_service_miscounts(reader->open.service, reader->expected,
                                 reader->base.lanes[0].total, false))
            return fail_count(reader, reader->base.lanes[0].total, err);
        RM_TRY(note_heard(reader, &ears, err));
        if (status == RM_EIO && !rm_service_reads(reader->open.service))
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
    rm_gdal_close(&reader->open);
    rm_gdal_leave(&ears);
    for (int i = 0; i < reader->warned_count; i++)
        rm_release(reader->warned[i]);
    rm_release(reader->failed);
    rm_release(reader->columns);
    rm_reader_clear(&reader->base);
    rm_release(reader);
}

/* By its name, by what people call it, or, where a file of that name was picked from an archive,
 * the only one in it. */
static rm_status find_layer(int *out, const gdal_reader *reader, const rm_request *request,
                            const rm_layer_choice *choices, bool picked, rm_error *err)
{
    const rm_gdal_data *open = &reader->open;
    const char *shown = reader->base.shown;
    rm_request other = *request;
    rm_status status = rm_find_layer(out, request, choices, open->layer_count, shown, err);
    if (status != RM_OK && request->layer && open->family) {
        other.layer = rm_gml_element(open->family, request->layer);
        if (other.layer)
            status = rm_find_layer(out, &other, choices, open->layer_count, shown, err);
    }
    for (int i = 0; status != RM_OK && request->layer && open->service && i < open->layer_count;
         i++)
        if (rm_service_means(open->service, request->layer, OGR_L_GetName(open->layers[i]))) {
            *out = i;
            return RM_OK;
        }
    if (status != RM_OK && picked) {
        other.layer = NULL;
        status = rm_find_layer(out, &other, choices, open->layer_count, shown, err);
    }
    return status;
}

static rm_status choose_layer(gdal_reader *reader, const rm_request *request, bool picked,
                              rm_error *err)
{
    int count = reader->open.layer_count, chosen = 0;
    rm_layer_choice *choices = NULL;
    RM_TRY(RM_NEW(&choices, count, err));
    for (int i = 0; i < count; i++) {
        OGRLayerH layer = reader->open.layers[i];
        /* a service is asked for the type of every layer: only where it is needed */
        choices[i] = (rm_layer_choice){OGR_L_GetName(layer),
                                       request->layer || rm_gdal_geometry_type(layer) != wkbNone};
    }
    rm_status status = find_layer(&chosen, reader, request, choices, picked, err);
    rm_release(choices);
    if (status != RM_OK)
        return status;
    reader->layer = reader->open.layers[chosen];
    rm_service_forget(reader->open.service);
    if (OGR_FD_GetFieldCount(OGR_L_GetLayerDefn(reader->layer)) == 0)
        RM_TRY(rm_service_failure(reader->open.service, err));
    if (request->geometry)
        RM_TRY(rm_service_check_geometry(reader->open.service, reader->layer, reader->base.shown,
                                         err));
    if (request->geometry && rm_gdal_geometry_type(reader->layer) == wkbNone)
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

/* Everything but the wanted fields and the first geometry, or those that stand in for it, is
 * ignored, so that it is never read. */
static void ignore_the_rest(const gdal_reader *reader, const rm_request *request,
                            const rm_profile_plan *plan)
{
    OGRFeatureDefnH definition = OGR_L_GetLayerDefn(reader->layer);
    char **ignored = CSLAddString(NULL, "OGR_STYLE");
    for (int i = 0; i < OGR_FD_GetFieldCount(definition); i++) {
        if (!is_wanted(i, plan->fields, plan->read.count))
            ignored = CSLAddString(ignored, OGR_Fld_GetNameRef(OGR_FD_GetFieldDefn(definition, i)));
    }
    if (!request->geometry)
        ignored = CSLAddString(ignored, "OGR_GEOMETRY");
    int kept = !request->geometry ? 0 : reader->open.choices ? INT32_MAX : 1;
    for (int i = kept; i < OGR_FD_GetGeomFieldCount(definition); i++)
        ignored =
            CSLAddString(ignored, OGR_GFld_GetNameRef(OGR_FD_GetGeomFieldDefn(definition, i)));
    OGR_L_SetIgnoredFields(reader->layer, (const char **)ignored);
    CSLDestroy(ignored);
}

/* The fields of a layer as a table; one that is not read passes for text until it is wanted. */
static rm_status list_fields(rm_table *out, const rm_gdal_data *data, OGRFeatureDefnH definition,
                             rm_error *err)
{
    for (int i = 0; i < OGR_FD_GetFieldCount(definition); i++) {
        OGRFieldDefnH field = OGR_FD_GetFieldDefn(definition, i);
        rm_type type = RM_TEXT;
        (void)rm_gdal_field_type(field, &type);
        RM_TRY(rm_gdal_add_column(out, data, field, type, err));
    }
    return RM_OK;
}

static rm_status find_fields(gdal_reader *reader, const rm_request *request, rm_error *err)
{
    OGRFeatureDefnH definition = OGR_L_GetLayerDefn(reader->layer);
    const rm_profile_plan *plan = &reader->base.plan;
    rm_table have = {0};
    rm_status status = list_fields(&have, &reader->open, definition, err);
    if (status == RM_OK)
        status = rm_reader_choose(&reader->base, request, OGR_L_GetName(reader->layer), &have, err);
    rm_table_clear(&have);
    for (int32_t i = 0; status == RM_OK && i < plan->read.count; i++) {
        rm_type type;
        OGRFieldDefnH field = OGR_FD_GetFieldDefn(definition, plan->fields[i]);
        if (!rm_gdal_field_type(field, &type))
            status =
                rm_fail(err, RM_EUNSUPPORTED,
                        "%s: field \"%.80s\" is of type %s, which is not read", reader->base.shown,
                        OGR_Fld_GetNameRef(field), OGR_GetFieldTypeName(OGR_Fld_GetType(field)));
    }
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
    rm_profile_plan *read = &reader->base.plan;
    RM_TRY(RM_NEW(&reader->columns, read->read.count, err));
    for (int32_t i = 0; i < read->read.count; i++) {
        rm_type type;
        OGRFieldDefnH field = OGR_FD_GetFieldDefn(definition, read->fields[i]);
        const char *name = OGR_Fld_GetNameRef(field);
        int child = find_child(&reader->schema, name, id);
        if (child < 0)
            return rm_fail(err, RM_EIO, "%s: the driver does not deliver field \"%.80s\"",
                           reader->base.shown, name);
        rm_status status = rm_arrow_type(reader->schema.children[child], &type, err);
        if (status != RM_OK)
            return rm_fail_within(err, status, "%s: field \"%.80s\"", reader->base.shown, name);
        reader->columns[i] = child;
        read->read.columns[i].type = type;
    }
    RM_TRY(rm_reader_settle(&reader->base, err));
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
    reader->expected = reader->open.service ? rm_service_count(reader->open.service, reader->layer)
                                            : rm_gdal_count(reader->layer);
    const rm_profile_plan *plan = &reader->base.plan;
    ignore_the_rest(reader, request, plan);
    if (rm_gdal_has_arrow(reader->open.data, reader->layer, plan->fields, plan->read.count))
        return open_stream(reader, request, ears, err);
    RM_TRY(rm_service_start(reader->open.service, reader->layer, plan->fields, &plan->read,
                            request->geometry, err));
    if (!rm_service_reads(reader->open.service))
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
    if (rm_lvbag_part(archive->members[0])) {
        for (; i < archive->count && list.length < 400; i++)
            rm_text_addf(&list, "%s\"%.60s\"", i == 0 ? "" : ", ",
                         rm_lvbag_part(archive->members[i]) ? rm_lvbag_part(archive->members[i])
                                                            : archive->members[i]);
        rm_fail(err, RM_ENOTFOUND,
                "%s is an extract of the BAG in %d parts: say which with \"layer\"; they are %s",
                shown, archive->count, list.data ? list.data : "");
        rm_text_clear(&list);
        return RM_ENOTFOUND;
    }
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
        status = rm_gdal_open(&reader->open, located, shown, ears, err);
    rm_service_enter(reader->open.service); /* until rm_open_gdal leaves */
    if (status == RM_OK)
        rm_gdal_narrow(&reader->open, request->layer);
    reader->base.shown = shown;
    if (status == RM_OK)
        status = choose_layer(reader, request, picked, err);
    rm_archive_clear(&archive);
    rm_release(located);
    return status;
}

/* What a service gives today it may not give tomorrow. */
static rm_status note_day(rm_provenance *provenance, rm_error *err)
{
    char text[48] = "retrieved ", day[16];
    rm_date_format(rm_date_today(), day);
    strcat(text, day);
    return rm_copy_text(&provenance->fingerprint, text, err);
}

static rm_status open_reader(gdal_reader *reader, const rm_request *request, rm_gdal_ears *ears,
                             rm_error *err)
{
    RM_TRY(open_data(reader, request, ears, err));
    RM_TRY(rm_reader_init(&reader->base, request, OGR_L_GetName(reader->layer),
                          rm_gdal_driver(&reader->open), err));
    if (reader->open.service)
        RM_TRY(note_day(&reader->base.source.provenance, err));
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
    rm_service_leave(reader->open.service);
    rm_service_forget(reader->open.service); /* what failed meanwhile was not needed */
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
