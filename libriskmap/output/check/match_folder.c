#include "output/check/match_folder.h"

#include "base/file.h"
#include "base/folder.h"
#include "io/reader.h"
#include "io/service/service.h"
#include "model/plan.h"
#include "output/inspect/members.h"

#include <stdlib.h>
#include <string.h>

enum { DEPTH = 8, MOST_FILES = 10000 };

/* What speaks for a source. From CLEAR on, and more than any other, it is taken unasked. */
enum { SAME_FIELDS = 8, SAME_PROFILE = 8, SAME_NAME = 4, NAMED_ALIKE = 2, CLEAR = 4 };

/* A layer of the model as its own source is, where that is a file that exists. */
typedef struct expectation {
    bool there, used, polygons, addresses;
    const rm_profile *profile; /* NULL: not known */
    rm_listing listing;
    const rm_table *columns; /* NULL: not known */
    char *stem;              /* of the file that the model names */
    const char **fields;     /* needed; borrowed from the plan and the model */
    int32_t field_count;
} expectation;

typedef struct matching {
    rm_match *match;
    const rm_model *model;
    expectation *expected; /* [layers] */
    rm_progress *progress;
} matching;

/* ---- the files ---- */

static bool is_geodatabase(const char *path)
{
    return rm_ends_with(path, ".gdb");
}

/* loud: a file of this kind that cannot be read is told; of the others many are no data. */
static bool may_hold_data(const char *path, bool *loud)
{
    static const char *const LOUD[] = {".gpkg",   ".geojson", ".geojsonl", ".csv", ".tsv",
                                       ".csv.gz", ".tsv.gz",  ".shp",      ".gml", ".fgb",
                                       ".gdb",    ".zip",     ".xlsx",     ".ods", ".sqlite",
                                       ".tab",    ".kml",     ".kmz",      ".gpx", ".parquet"};
    static const char *const QUIET[] = {".json", ".txt", ".txt.gz", ".gml.gz", ".geojson.gz"};
    for (size_t i = 0; i < sizeof LOUD / sizeof *LOUD; i++)
        if (rm_ends_with(path, LOUD[i]))
            return *loud = true;
    *loud = false;
    for (size_t i = 0; i < sizeof QUIET / sizeof *QUIET; i++)
        if (rm_ends_with(path, QUIET[i]))
            return true;
    return false;
}

static rm_status add_source(matching *all, const char *path, rm_found_source **out, rm_error *err)
{
    rm_match *match = all->match;
    RM_TRY(RM_GROW(&match->sources, &match->source_capacity, match->source_count + 1, err));
    rm_found_source *source = &match->sources[match->source_count++];
    *source = (rm_found_source){.features = -1};
    *out = source;
    return rm_copy_text(&source->path, path, err);
}

static rm_status add_problem(matching *all, const char *path, const char *message, rm_error *err)
{
    rm_found_source *source;
    RM_TRY(add_source(all, path, &source, err));
    return rm_copy_text(&source->problem, message, err);
}

static rm_status add_listed(matching *all, const char *path, rm_listing *listing, rm_error *err)
{
    for (int32_t l = 0; l < listing->count; l++) {
        rm_listed_layer *layer = &listing->layers[l];
        rm_found_source *source;
        RM_TRY(add_source(all, path, &source, err));
        RM_TRY(rm_copy_text(&source->layer, layer->name, err));
        RM_TRY(rm_copy_text(&source->geometry_type, layer->geometry_type, err));
        source->profile = rm_profile_match(layer->name, &layer->columns);
        source->columns = layer->columns;
        layer->columns = (rm_table){0};
        source->features = layer->features;
        source->only = listing->count == 1;
    }
    return RM_OK;
}

static rm_status look_at_file(matching *all, const char *path, rm_error *err)
{
    rm_listing listing = {0};
    rm_error why = {0};
    bool loud;
    if (!may_hold_data(path, &loud))
        return RM_OK;
    rm_status status = rm_list_members(&listing, path, &why);
    if (status == RM_ENOMEM)
        return rm_fail_memory(err);
    if (status != RM_OK)
        return loud ? add_problem(all, path, why.message, err) : RM_OK;
    status = add_listed(all, path, &listing, err);
    rm_listing_clear(&listing);
    return status;
}

static rm_status look_at_folder(matching *all, const char *folder, rm_error *err)
{
    rm_folder files = {0};
    RM_TRY(rm_folder_list(&files, folder, DEPTH, MOST_FILES, is_geodatabase, err));
    rm_status status = RM_OK;
    for (int64_t f = 0; f < files.count && status == RM_OK; f++) {
        const rm_folder_entry *entry = &files.entries[f];
        status =
            rm_progress_report(all->progress, (double)f / (double)files.count, entry->path, err);
        if (status == RM_OK && entry->unreadable)
            status = add_problem(all, entry->path, "this folder cannot be entered", err);
        else if (status == RM_OK)
            status = look_at_file(all, entry->path, err);
    }
    rm_folder_clear(&files);
    return status;
}

/* ---- what the model expects ---- */

/* The name of a file without folder and endings, also of "file.gpkg|layername=naam". */
static rm_status stem_of(char **out, const char *path, rm_error *err)
{
    char *name = NULL;
    RM_TRY(rm_copy_text(&name, path, err));
    name[strcspn(name, "|")] = '\0';
    const char *slash = strrchr(name, '/');
    rm_status status = rm_copy_text(out, slash ? slash + 1 : name, err);
    rm_release(name);
    if (status == RM_OK)
        (*out)[strcspn(*out, ".")] = '\0';
    return status;
}

static rm_status add_needed(expectation *expected, const char *name, rm_text *list, rm_error *err)
{
    for (int32_t f = 0; f < expected->field_count; f++)
        if (strcmp(expected->fields[f], name) == 0)
            return RM_OK;
    const char **fields =
        rm_resize(expected->fields, (size_t)(expected->field_count + 1) * sizeof *fields);
    if (!fields)
        return rm_fail_memory(err);
    expected->fields = fields;
    expected->fields[expected->field_count++] = name;
    rm_text_add(list, list->length > 0 ? ", " : "");
    rm_text_add(list, name);
    return rm_text_status(list, err);
}

static rm_status need_of_plan(matching *all, const rm_layer_plan *plan, bool areas, rm_error *err)
{
    expectation *expected = &all->expected[plan->layer];
    rm_text *list = &all->match->layers[plan->layer].fields;
    expected->used = true;
    expected->polygons |= areas;
    for (int32_t c = 0; c < plan->column_count; c++)
        RM_TRY(add_needed(expected, plan->columns[c], list, err));
    for (int32_t t = 0; t < plan->task_count; t++) {
        const rm_indicator *indicator = &all->model->indicators[plan->tasks[t].indicator];
        expected->polygons |= rm_measure_rule_of(indicator->measure)->polygons;
    }
    return RM_OK;
}

/* What a layer names for itself, whatever the indicators. */
static rm_status need_of_layer(matching *all, int32_t number, rm_error *err)
{
    const rm_model_layer *layer = &all->model->layers[number];
    const char *const names[] = {layer->x,      layer->y,      layer->postcode,
                                 layer->number, layer->letter, layer->addition,
                                 layer->street, layer->place,  layer->address_line};
    for (size_t n = 0; n < sizeof names / sizeof *names; n++)
        if (names[n])
            RM_TRY(add_needed(&all->expected[number], names[n], &all->match->layers[number].fields,
                              err));
    if (all->expected[number].used && layer->locate >= 0)
        all->expected[layer->locate].used = all->expected[layer->locate].addresses = true;
    return RM_OK;
}

static rm_status needs_of_model(matching *all, rm_error *err)
{
    rm_plan plan = {0};
    RM_TRY(rm_plan_make(&plan, all->model, err));
    rm_status status = need_of_plan(all, &plan.areas, true, err);
    for (int32_t e = 0; e < plan.evidence_count && status == RM_OK; e++)
        status = need_of_plan(all, &plan.evidence[e], false, err);
    for (int32_t l = 0; l < all->model->layer_count && status == RM_OK; l++)
        status = need_of_layer(all, l, err);
    rm_plan_clear(&plan); /* the names it lists belong to the model */
    return status;
}

static const rm_listed_layer *listed_as(const rm_listing *listing, const char *name)
{
    for (int32_t l = 0; l < listing->count; l++)
        if (name && rm_text_equal_nocase(listing->layers[l].name, name))
            return &listing->layers[l];
    return listing->count == 1 ? &listing->layers[0] : NULL;
}

/* Is it an address, which is not opened without being asked for? */
static bool is_address(const char *source)
{
    return rm_is_service(source) || strstr(source, "://") || strncmp(source, "/vsi", 4) == 0;
}

static rm_status expect_as_now(expectation *expected, const rm_model_layer *layer, const char *path,
                               const char *inside)
{
    if (!rm_file_exists(path))
        return RM_OK;
    expected->there = true;
    rm_status status = rm_list_members(&expected->listing, path, NULL);
    if (status != RM_OK)
        return status == RM_ENOMEM ? status : RM_OK;
    const rm_listed_layer *listed =
        listed_as(&expected->listing, layer->layer ? layer->layer : inside);
    if (!listed)
        return RM_OK;
    expected->columns = &listed->columns;
    if (!layer->profile)
        expected->profile = rm_profile_match(listed->name, &listed->columns);
    return RM_OK;
}

static rm_status expect(matching *all, int32_t number, rm_error *err)
{
    const rm_model_layer *layer = &all->model->layers[number];
    expectation *expected = &all->expected[number];
    char *resolved = NULL, *path = NULL, *inside = NULL;
    RM_TRY(stem_of(&expected->stem, layer->source, err));
    if (layer->profile && strcmp(layer->profile, "none") != 0)
        RM_TRY(rm_profile_find(&expected->profile, layer->profile, err));
    expected->there = is_address(layer->source);
    if (expected->there || !expected->used)
        return RM_OK;
    rm_status status =
        rm_path_beside(&resolved, all->model->path ? all->model->path : "", layer->source, err);
    if (status == RM_OK)
        status = rm_split_source(resolved, &path, &inside, err);
    if (status == RM_OK && expect_as_now(expected, layer, path, inside) != RM_OK)
        status = rm_fail_memory(err);
    rm_release(resolved);
    rm_release(path);
    rm_release(inside);
    return status;
}

/* ---- which fits ---- */

static bool same_fields(const rm_table *a, const rm_table *b)
{
    if (a->count != b->count)
        return false;
    for (int32_t c = 0; c < a->count; c++)
        if (rm_table_find(b, a->columns[c].name) < 0)
            return false;
    return a->count > 0;
}

static bool geometry_will_do(const char *type, bool polygons)
{
    if (!type || strcmp(type, "None") == 0)
        return false;
    bool lesser = strstr(type, "Point") || strstr(type, "String") || strstr(type, "Curve");
    return !polygons || strstr(type, "Polygon") || !lesser;
}

/* As the reader will look for it: by its own name, or by a canonical one of what it is taken for.
 */
static bool has_field(const rm_found_source *source, const rm_model_layer *layer, const char *name)
{
    const rm_profile_field *ignored;
    bool none = layer->profile && strcmp(layer->profile, "none") == 0;
    return rm_table_find(&source->columns, name) >= 0 ||
           rm_profile_resolve(none ? NULL : source->profile, name, &source->columns, &ignored) >= 0;
}

static bool fits(const matching *all, int32_t number, const rm_found_source *source)
{
    const expectation *expected = &all->expected[number];
    const rm_model_layer *layer = &all->model->layers[number];
    bool placed = layer->x || layer->locate >= 0; /* by columns, or by address */
    if (source->problem ||
        (!placed && !geometry_will_do(source->geometry_type, expected->polygons)))
        return false;
    for (int32_t f = 0; f < expected->field_count; f++)
        if (!has_field(source, layer, expected->fields[f]))
            return false;
    return !expected->addresses ||
           (has_field(source, layer, "postcode") && has_field(source, layer, "huisnummer"));
}

static bool holds_nocase(const char *text, const char *part)
{
    size_t length = strlen(part);
    char piece[65];
    if (length < 4 || length >= sizeof piece)
        return false;
    for (; strlen(text) >= length; text++) {
        memcpy(piece, text, length);
        piece[length] = '\0';
        if (rm_text_equal_nocase(piece, part))
            return true;
    }
    return false;
}

static int32_t points_of_name(const char *stem, const expectation *expected,
                              const rm_model_layer *layer)
{
    if (rm_text_equal_nocase(stem, expected->stem) || rm_text_equal_nocase(stem, layer->name))
        return SAME_NAME;
    return holds_nocase(stem, layer->name) || holds_nocase(stem, expected->stem) ? NAMED_ALIKE : 0;
}

static rm_status points_of(const matching *all, int32_t number, const rm_found_source *source,
                           int32_t *points, rm_error *err)
{
    const expectation *expected = &all->expected[number];
    const rm_model_layer *layer = &all->model->layers[number];
    char *stem = NULL;
    *points = 0;
    if (expected->profile && source->profile)
        *points += expected->profile == source->profile ? SAME_PROFILE : -SAME_PROFILE;
    if (expected->columns && same_fields(expected->columns, &source->columns))
        *points += SAME_FIELDS;
    if (rm_text_equal_nocase(source->layer, layer->layer ? layer->layer : expected->stem))
        *points += SAME_NAME;
    RM_TRY(stem_of(&stem, source->path, err));
    *points += points_of_name(stem, expected, layer);
    rm_release(stem);
    return RM_OK;
}

static int order_fits(const void *left, const void *right)
{
    const rm_fit *a = left, *b = right;
    if (a->points != b->points)
        return a->points > b->points ? -1 : 1;
    return (a->source > b->source) - (a->source < b->source);
}

static rm_match_state judge(const expectation *expected, const rm_layer_match *layer)
{
    if (!expected->used)
        return RM_MATCH_UNUSED;
    if (layer->fit_count == 0)
        return expected->there ? RM_MATCH_KEPT : RM_MATCH_MISSING;
    const rm_fit *fits = layer->fits;
    if (layer->fit_count == 1 && fits[0].points >= 0 && expected->field_count > 0)
        return RM_MATCH_TAKEN;
    /* that it has a geometry is no reason to ask, where the model's own source is there */
    if (fits[0].points <= 0 && expected->field_count == 0 && expected->there)
        return RM_MATCH_KEPT;
    if (fits[0].points >= CLEAR && (layer->fit_count == 1 || fits[0].points > fits[1].points))
        return RM_MATCH_TAKEN;
    return RM_MATCH_UNCLEAR;
}

static rm_status match_layer(matching *all, int32_t number, rm_error *err)
{
    rm_match *match = all->match;
    rm_layer_match *layer = &match->layers[number];
    layer->chosen = -1;
    layer->there = all->expected[number].there;
    RM_TRY(RM_NEW(&layer->fits, match->source_count, err));
    for (int32_t s = 0; all->expected[number].used && s < match->source_count; s++) {
        rm_fit fit = {.source = s};
        if (!fits(all, number, &match->sources[s]))
            continue;
        RM_TRY(points_of(all, number, &match->sources[s], &fit.points, err));
        layer->fits[layer->fit_count++] = fit;
    }
    if (layer->fit_count > 0)
        qsort(layer->fits, (size_t)layer->fit_count, sizeof *layer->fits, order_fits);
    layer->state = judge(&all->expected[number], layer);
    if (layer->state == RM_MATCH_TAKEN)
        layer->chosen = layer->fits[0].source;
    return rm_match_name_source(match, number, err);
}

/* ---- the whole ---- */

static rm_status match_all(matching *all, const char *folder, rm_error *err)
{
    RM_TRY(RM_NEW_ZERO(&all->match->layers, all->model->layer_count, err));
    RM_TRY(RM_NEW_ZERO(&all->expected, all->model->layer_count, err));
    RM_TRY(look_at_folder(all, folder, err));
    RM_TRY(needs_of_model(all, err));
    for (int32_t l = 0; l < all->model->layer_count; l++) {
        RM_TRY(expect(all, l, err));
        RM_TRY(match_layer(all, l, err));
    }
    return rm_progress_report(all->progress, 1, NULL, err);
}

rm_status rm_match_make(rm_match **out, const rm_model *model, const char *folder,
                        rm_progress *progress, rm_error *err)
{
    matching all = {.model = model, .progress = progress};
    RM_TRY(RM_NEW_ZERO(&all.match, 1, err));
    all.match->model = model;
    rm_status status = match_all(&all, folder, err);
    for (int32_t l = 0; all.expected && l < model->layer_count; l++) {
        rm_listing_clear(&all.expected[l].listing);
        rm_release(all.expected[l].stem);
        rm_release(all.expected[l].fields);
    }
    rm_release(all.expected);
    if (status == RM_OK)
        *out = all.match;
    else
        rm_match_clear(all.match);
    return status;
}

rm_status rm_match_name_source(rm_match *match, int32_t number, rm_error *err)
{
    rm_layer_match *layer = &match->layers[number];
    const rm_found_source *source = layer->chosen >= 0 ? &match->sources[layer->chosen] : NULL;
    rm_text text = {0};
    if (source)
        rm_text_add(&text, source->path);
    else
        rm_text_add(&text, layer->given ? layer->given : match->model->layers[number].source);
    if (source && !source->only) {
        rm_text_add(&text, "|layername=");
        rm_text_add(&text, source->layer);
    }
    if (rm_text_status(&text, err) != RM_OK) {
        rm_text_clear(&text);
        return RM_ENOMEM;
    }
    rm_release(layer->source);
    layer->source = text.data;
    return RM_OK;
}

void rm_match_clear(rm_match *match)
{
    if (!match)
        return;
    for (int64_t s = 0; s < match->source_count; s++) {
        rm_found_source *source = &match->sources[s];
        rm_release(source->path);
        rm_release(source->layer);
        rm_release(source->geometry_type);
        rm_release(source->problem);
        rm_table_clear(&source->columns);
    }
    for (int32_t l = 0; match->layers && l < match->model->layer_count; l++) {
        rm_layer_match *layer = &match->layers[l];
        rm_release(layer->fits);
        rm_release(layer->given);
        rm_release(layer->source);
        rm_text_clear(&layer->fields);
    }
    rm_release(match->sources);
    rm_release(match->layers);
    rm_release(match);
}
