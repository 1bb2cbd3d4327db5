#include "io/reader.h"

#include "base/date.h"
#include "base/file.h"
#include "base/text.h"
#include "data/person.h"
#include "io/gdal/env.h"

#include <stdio.h>
#include <string.h>

bool rm_ends_with(const char *text, const char *ending)
{
    size_t length = strlen(text), tail = strlen(ending);
    return length >= tail && rm_text_equal_nocase(text + length - tail, ending);
}

rm_status rm_split_source(const char *source, char **path, char **layer, rm_error *err)
{
    static const char key[] = "|layername=";
    const char *bar = strstr(source, key);
    char *file = NULL, *name = NULL;
    RM_TRY(rm_copy_text(&file, source, err));
    if (bar) {
        file[bar - source] = '\0';
        rm_status status = rm_copy_text(&name, bar + sizeof key - 1, err);
        if (status != RM_OK) {
            rm_release(file);
            return status;
        }
        name[strcspn(name, "|")] = '\0';
    }
    *path = file;
    *layer = name;
    return RM_OK;
}

rm_status rm_shown(char **out, const char *source, rm_error *err)
{
    RM_TRY(rm_copy_text(out, source, err));
    rm_redact(*out);
    return RM_OK;
}

/* Size and time of a file; of a member of a zip those of the zip. */
static rm_status look_at_file(const char *source, int64_t *size, int64_t *modified, bool *found,
                              rm_error *err)
{
    const char *zip = strstr(source, ".zip/");
    char *file = NULL;
    RM_TRY(rm_copy_text(&file, source, err));
    if (zip)
        file[zip - source + 4] = '\0';
    *found = strncmp(file, "/vsi", 4) != 0 && rm_file_stat(file, size, modified, NULL) == RM_OK;
    rm_release(file);
    return RM_OK;
}

/* The file as its provenance tells it apart; NULL where there is nothing to tell. */
static rm_status fingerprint(char **out, const char *source, rm_error *err)
{
    int64_t size = 0, modified = 0;
    bool found = false;
    RM_TRY(look_at_file(source, &size, &modified, &found, err));
    if (!found)
        return RM_OK;
    int64_t day = modified / 86400 - (modified % 86400 < 0), second = modified - day * 86400;
    char date[16], text[96];
    rm_date_format((int32_t)day, date);
    snprintf(text, sizeof text, "size %lld, modified %sT%02d:%02d:%02dZ", (long long)size, date,
             (int)(second / 3600), (int)(second / 60 % 60), (int)(second % 60));
    return rm_copy_text(out, text, err);
}

/* What the request asks for by name. */
static rm_status check_persons(const rm_reader *reader, const rm_request *request, rm_error *err)
{
    const rm_address_fields *address = &request->address;
    const char *const others[] = {request->x,      request->y,      address->postcode,
                                  address->number, address->letter, address->addition,
                                  address->line,   address->street, address->place};
    for (int32_t c = 0; c < request->column_count; c++)
        RM_TRY(rm_person_check_name(request->columns[c], reader->shown, err));
    for (size_t k = 0; k < sizeof others / sizeof *others; k++)
        if (others[k])
            RM_TRY(rm_person_check_name(others[k], reader->shown, err));
    return RM_OK;
}

rm_status rm_reader_init(rm_reader *reader, const rm_request *request, const char *layer,
                         const char *driver, rm_error *err)
{
    rm_provenance *provenance = &reader->source.provenance;
    reader->geometry = request->geometry;
    if (request->extent && request->geometry && request->target_crs) {
        reader->has_extent = true;
        reader->extent = *request->extent;
    }
    provenance->first_date = provenance->last_date = RM_NO_DATE;
    provenance->shielded = request->shielded;
    RM_TRY(rm_shown(&provenance->source, request->source, err));
    if (!reader->shown)
        RM_TRY(rm_copy_text(&reader->shown, provenance->source, err));
    reader->counted = request->counted;
    if (!reader->counted)
        RM_TRY(check_persons(reader, request, err));
    RM_TRY(rm_copy_text(&provenance->layer, layer, err));
    RM_TRY(rm_copy_text(&provenance->driver, driver, err));
    return fingerprint(&provenance->fingerprint, request->source, err);
}

static rm_status note_route(rm_provenance *provenance, const rm_crs_route *route, rm_error *err)
{
    RM_TRY(rm_copy_text(&provenance->crs, route->source, err));
    RM_TRY(rm_copy_text(&provenance->crs_operation, route->operation, err));
    RM_TRY(rm_copy_text(&provenance->missing_grid, route->missing_grid, err));
    provenance->crs_accuracy_m = route->accuracy_m;
    return RM_OK;
}

rm_status rm_reader_set_crs(rm_reader *reader, const rm_request *request, const char *definition,
                            rm_error *err)
{
    if (!request->geometry)
        return RM_OK;
    if (request->crs)
        definition = request->crs;
    if (!request->target_crs && !definition)
        return RM_OK;
    if (!request->target_crs) {
        RM_TRY(rm_crs_name(&reader->source.crs, definition, err));
        return rm_crs_code(&reader->source.provenance.crs, definition, err);
    }
    if (!definition)
        return rm_fail(err, RM_ECRS,
                       "%s states no coordinate reference system: state it as crs, such as "
                       "\"EPSG:28992\" (RD New) or \"EPSG:4258\" (longitude/latitude); in a model "
                       "that is \"crs\" of the layer",
                       reader->shown);
    rm_status status =
        rm_crs_route_find(&reader->route, definition, request->target_crs, request->only_best, err);
    if (status != RM_OK)
        return rm_fail_within(err, status, "%s", reader->shown);
    reader->routed = true;
    return note_route(&reader->source.provenance, &reader->route, err);
}

/* The name of a file without folder and endings; what is behind it in `name` is not used. */
static rm_status stem(char **name, const char **at, const char *path, rm_error *err)
{
    RM_TRY(rm_copy_text(name, path, err));
    char *slash = strrchr(*name, '/');
    *at = slash ? slash + 1 : *name;
    (*name)[*at - *name + (ptrdiff_t)strcspn(*at, ".")] = '\0';
    return RM_OK;
}

rm_status rm_reader_choose(rm_reader *reader, const rm_request *request, const char *layer,
                           const rm_table *have, rm_error *err)
{
    char *name = NULL;
    if (!layer)
        RM_TRY(stem(&name, &layer, request->source, err));
    rm_status status =
        rm_profile_plan_make(&reader->plan, request, layer, have, reader->shown, err);
    rm_release(name);
    /* behind a canonical name may be another one */
    for (int32_t c = 0; status == RM_OK && !reader->counted && c < reader->plan.wanted; c++)
        status =
            rm_person_check_name(have->columns[reader->plan.fields[c]].name, reader->shown, err);
    if (status == RM_OK && reader->plan.profile)
        status = rm_copy_text(&reader->source.provenance.profile, reader->plan.profile->name, err);
    return status == RM_OK ? rm_reader_settle(reader, err) : status;
}

rm_status rm_reader_settle(rm_reader *reader, rm_error *err)
{
    return rm_profile_plan_settle(&reader->plan, &reader->source.columns, err);
}

rm_status rm_reader_set_cursors(rm_reader *reader, int cursors, rm_error *err)
{
    RM_TRY(RM_NEW_ZERO(&reader->lanes, cursors, err));
    reader->source.cursors = cursors;
    for (int i = 0; reader->routed && i < cursors; i++)
        RM_TRY(rm_crs_transformer_new(&reader->lanes[i].transformer, &reader->route, err));
    return RM_OK;
}

rm_status rm_reader_start(const rm_reader *reader, rm_rows *rows, rm_error *err)
{
    rm_rows_reset(rows);
    if (rows->table.count == reader->source.columns.count)
        return RM_OK;
    rm_table_clear(&rows->table);
    return rm_table_copy_columns(&rows->table, &reader->source.columns, err);
}

rm_status rm_reader_prepare(rm_reader *reader, int worker, rm_rows *rows, rm_error *err)
{
    return rm_profile_before(&reader->plan, &reader->lanes[worker].stage, rows, err);
}

/* What lies outside is taken away first, so that it counts as that whether the driver's spatial
 * index leaves it out or we do. */
rm_status rm_reader_place(rm_reader *reader, int worker, rm_rows *rows, rm_error *err)
{
    rm_lane *lane = &reader->lanes[worker];
    lane->total += rows->table.rows;
    if (lane->transformer && rows->table.rows > 0)
        RM_TRY(rm_crs_place_rows(rows, lane->transformer, &reader->route,
                                 reader->has_extent ? &reader->extent : NULL, &lane->outside,
                                 &lane->seen, err));
    RM_TRY(rm_profile_after(&reader->plan, &lane->stage, rows, &lane->ended, err));
    return reader->counted ? RM_OK : rm_person_check_rows(&rows->table, reader->shown, err);
}

static void merge_seen(rm_crs_seen *into, const rm_crs_seen *from)
{
    rm_box a = into->raw, b = from->raw;
    if (from->missed > 0 && !rm_box_is_empty(b)) {
        if (into->missed == 0 || rm_box_is_empty(a))
            a = b;
        into->raw = (rm_box){a.xmin < b.xmin ? a.xmin : b.xmin, a.ymin < b.ymin ? a.ymin : b.ymin,
                             a.xmax > b.xmax ? a.xmax : b.xmax, a.ymax > b.ymax ? a.ymax : b.ymax};
    }
    into->inside += from->inside;
    into->missed += from->missed;
}

rm_status rm_reader_finish(rm_source *source, rm_error *err)
{
    rm_reader *reader = (rm_reader *)source;
    rm_crs_seen seen = {0, 0, RM_BOX_EMPTY};
    rm_provenance *provenance = &source->provenance;
    for (int i = 0; i < source->cursors; i++) {
        const rm_lane *lane = &reader->lanes[i];
        provenance->total += lane->total;
        provenance->outside += lane->outside;
        provenance->ended += lane->ended;
        merge_seen(&seen, &lane->seen);
    }
    source->fraction = 1;
    if (!reader->routed || provenance->outside > 0)
        return RM_OK;
    return rm_crs_judge(&seen, &reader->route, reader->shown, err);
}

void rm_reader_clear(rm_reader *reader)
{
    for (int i = 0; reader->lanes && i < reader->source.cursors; i++) {
        rm_crs_transformer_free(reader->lanes[i].transformer);
        rm_profile_stage_clear(&reader->lanes[i].stage);
    }
    rm_release(reader->lanes);
    rm_profile_plan_clear(&reader->plan);
    rm_release(reader->shown);
    rm_crs_route_clear(&reader->route);
    rm_table_clear(&reader->source.columns);
    rm_release(reader->source.crs);
    rm_provenance_clear(&reader->source.provenance);
}

/* "a", "b" and "c", as many as a message can hold. */
static void list_names(rm_text *text, const char *const *names, int64_t count)
{
    int64_t shown = 0;
    for (; shown < count && text->length < 400; shown++)
        rm_text_addf(text, "%s\"%.60s\"", shown == 0 ? "" : ", ", names[shown]);
    if (shown < count)
        rm_text_addf(text, " and %lld more", (long long)(count - shown));
}

static int find_name(const char *wanted, const char *const *names, int64_t count)
{
    for (int64_t i = 0; i < count; i++)
        if (strcmp(names[i], wanted) == 0)
            return (int)i;
    for (int64_t i = 0; i < count; i++)
        if (rm_text_equal_nocase(names[i], wanted))
            return (int)i;
    return -1;
}

static rm_status fail_name(const char *what, const char *wanted, const char *const *names,
                           int64_t count, const char *shown, rm_error *err)
{
    const char *near = rm_text_nearest(wanted, names, count);
    if (near)
        return rm_fail(err, RM_ENOTFOUND, "%s has no %s \"%.80s\"; did you mean \"%.80s\"?", shown,
                       what, wanted, near);
    rm_text list = {0};
    list_names(&list, names, count);
    rm_fail(err, RM_ENOTFOUND, "%s has no %s \"%.80s\"; it has %s", shown, what, wanted,
            count > 0 && list.data ? list.data : "none");
    rm_text_clear(&list);
    return RM_ENOTFOUND;
}

rm_status rm_find_field(int *out, const char *wanted, const char *const *names, int64_t count,
                        const char *shown, rm_error *err)
{
    int found = find_name(wanted, names, count);
    if (found < 0)
        return fail_name("field", wanted, names, count, shown, err);
    *out = found;
    return RM_OK;
}

/* Tables that programs keep beside the layers. */
static bool is_furniture(const char *name)
{
    static const char *const names[] = {"layer_styles", "qgis_projects"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (rm_text_equal_nocase(name, names[i]))
            return true;
    return false;
}

static rm_status find_only_layer(int *out, bool geometry, const rm_layer_choice *layers,
                                 const char *const *names, int64_t count, const char *shown,
                                 rm_error *err)
{
    int64_t found = 0, with_geometry = 0;
    int last = 0, last_with_geometry = 0;
    for (int64_t i = 0; i < count; i++) {
        if (is_furniture(layers[i].name))
            continue;
        found++;
        last = (int)i;
        if (layers[i].geometry) {
            with_geometry++;
            last_with_geometry = (int)i;
        }
    }
    if (found == 0)
        return rm_fail(err, RM_ENOTFOUND, "%s holds no layer", shown);
    if (found > 1 && !(geometry && with_geometry == 1)) {
        rm_text list = {0};
        list_names(&list, names, count);
        rm_fail(err, RM_ENOTFOUND, "%s holds %lld layers: say which with \"layer\"; they are %s",
                shown, (long long)count, list.data ? list.data : "");
        rm_text_clear(&list);
        return RM_ENOTFOUND;
    }
    *out = geometry && with_geometry == 1 ? last_with_geometry : last;
    return RM_OK;
}

rm_status rm_find_layer(int *out, const rm_request *request, const rm_layer_choice *layers,
                        int64_t count, const char *shown, rm_error *err)
{
    const char **names = NULL;
    RM_TRY(RM_NEW(&names, count, err));
    for (int64_t i = 0; i < count; i++)
        names[i] = layers[i].name;
    rm_status status = RM_OK;
    if (request->layer) {
        int found = find_name(request->layer, names, count);
        if (found < 0)
            status = fail_name("layer", request->layer, names, count, shown, err);
        else
            *out = found;
    } else {
        status = find_only_layer(out, request->geometry, layers, names, count, shown, err);
    }
    rm_release(names);
    return status;
}

rm_status rm_rows_add_wkb(rm_rows *rows, int64_t id, const uint8_t *wkb, int64_t size,
                          rm_error *err)
{
    rm_issue_code verdict = RM_ISSUE_CODES;
    bool curve = false;
    RM_TRY(rm_geometry_add_wkb(&rows->geometry, wkb, size, &verdict, &curve, err));
    if (curve)
        RM_TRY(rm_stroke(NULL, wkb, size, &rows->geometry, &verdict, err));
    if (verdict != RM_ISSUE_CODES)
        RM_TRY(rm_issues_add(&rows->issues, verdict, id, 0, 0, NULL, err));
    return RM_OK;
}

static rm_status add_repaired(rm_rows *rows, rm_column *column, int64_t row, const char *text,
                              int64_t length, rm_error *err)
{
    rm_text out = {0};
    for (int64_t at = 0; at < length;) {
        int64_t valid = rm_utf8_valid(text + at, length - at);
        rm_text_add_n(&out, text + at, valid);
        at += valid;
        if (at < length) {
            rm_text_add(&out, "\xEF\xBF\xBD");
            at++;
        }
    }
    rm_status status = rm_text_status(&out, err);
    if (status == RM_OK)
        status = rm_column_add_text(column, row, out.data, out.length, err);
    if (status == RM_OK)
        status = rm_issues_add(&rows->issues, RM_ISSUE_BAD_TEXT, rows->ids[row], 0, 0, NULL, err);
    rm_text_clear(&out);
    return status;
}

rm_status rm_rows_add_text(rm_rows *rows, rm_column *column, int64_t row, const char *text,
                           int64_t length, rm_error *err)
{
    if (rm_utf8_valid(text, length) == length)
        return rm_column_add_text(column, row, text, length, err);
    return add_repaired(rows, column, row, text, length, err);
}
