#include "output/inspect/inspect.h"

#include "base/parallel.h"
#include "base/text.h"
#include "geo/valid.h"
#include "io/open.h"
#include "io/profile.h"
#include "io/reader.h"
#include "io/service/service.h"
#include "output/inspect/duplicates.h"
#include "output/inspect/members.h"
#include "output/inspect/recognise.h"

#include <math.h>
#include <string.h>

/* What one worker has seen of a layer. */
typedef struct looker {
    rm_rows rows;
    rm_field_counts *fields;
    rm_hashes row_hashes, id_hashes;
    rm_box extent;
    int64_t features, without_geometry, invalid, outside, bad_rows, swapped;
    int64_t
        readings[RM_READINGS]; /* features by what their coordinates look like; second reading */
} looker;

typedef struct looking {
    const rm_inspect_request *request;
    rm_source *source;
    rm_mutex *lock; /* held around next where the source takes one caller at a time */
    looker *lookers;
    int workers;
    int32_t id_field;
    bool again; /* the second reading, of a layer that cannot be brought to the target */
    atomic_bool stop;
} looking;

static rm_box box_of_both(rm_box a, rm_box b)
{
    if (rm_box_is_empty(a) || rm_box_is_empty(b))
        return rm_box_is_empty(a) ? b : a;
    return (rm_box){fmin(a.xmin, b.xmin), fmin(a.ymin, b.ymin), fmax(a.xmax, b.xmax),
                    fmax(a.ymax, b.ymax)};
}

static void count_issues(looker *look, const rm_issues *issues)
{
    for (int64_t i = 0; i < issues->count; i++) {
        switch (issues->items[i].code) {
        case RM_ISSUE_OUTSIDE_CRS:
        case RM_ISSUE_NOT_TRANSFORMED:
            look->outside++;
            break;
        case RM_ISSUE_UNCLOSED:
        case RM_ISSUE_TOO_FEW_POINTS:
        case RM_ISSUE_REPAIRED:
        case RM_ISSUE_NOT_REPAIRABLE:
            look->invalid++;
            break;
        case RM_ISSUE_BAD_ROW:
            look->bad_rows++;
            break;
        case RM_ISSUE_SWAPPED:
            look->swapped = (int64_t)issues->items[i].a;
            break;
        default:
            break;
        }
    }
}

static void count_readings(looker *look)
{
    const rm_geometry *geometry = &look->rows.geometry;
    for (int64_t f = 0; f < geometry->features; f++) {
        rm_box box = rm_geometry_box(geometry, f);
        int reading = rm_box_is_empty(box)
                          ? -1
                          : rm_reading_of((box.xmin + box.xmax) / 2, (box.ymin + box.ymax) / 2);
        if (reading >= 0)
            look->readings[reading]++;
    }
}

static rm_status look_at_geometry(looker *look, rm_progress *progress, int worker, rm_error *err)
{
    rm_rows *rows = &look->rows;
    int64_t none = 0, outside = look->outside;
    for (int64_t f = 0; f < rows->geometry.features; f++)
        none += rows->geometry.kind[f] == RM_KIND_NONE;
    look->extent = box_of_both(look->extent, rm_geometry_extent(&rows->geometry));
    RM_TRY(rm_rows_clean(rows, progress, worker, err));
    count_issues(look, &rows->issues);
    /* what lies outside was taken away by the reader, and is counted as that */
    look->without_geometry += none - (look->outside - outside);
    return RM_OK;
}

static rm_status remember_rows(const looking *all, looker *look, rm_error *err)
{
    const rm_table *table = &look->rows.table;
    RM_TRY(rm_hash_rows(&look->row_hashes, &look->rows, err));
    if (all->id_field < 0)
        return RM_OK;
    return rm_hash_cells(&look->id_hashes, &table->columns[all->id_field], table->rows, err);
}

/* *fraction: how far the source is; where workers take turns, another may be writing it by then. */
static rm_status next_rows(looking *all, int worker, double *fraction, rm_error *err)
{
    rm_source *source = all->source;
    rm_rows *rows = &all->lookers[worker].rows;
    if (all->lock)
        rm_mutex_lock(all->lock);
    rm_status status = source->next(source, all->lock ? 0 : worker, rows, err);
    if (worker == 0)
        *fraction = all->again ? 0.99 : source->fraction;
    if (all->lock)
        rm_mutex_unlock(all->lock);
    return status;
}

static rm_status look_until_done(looking *all, int worker, rm_error *err)
{
    looker *look = &all->lookers[worker];
    double fraction = 0;
    while (!atomic_load(&all->stop)) {
        RM_TRY(next_rows(all, worker, &fraction, err));
        const rm_table *table = &look->rows.table;
        if (table->rows == 0) {
            count_issues(look, &look->rows.issues);
            return RM_OK;
        }
        look->features += table->rows;
        if (all->again)
            count_readings(look);
        if (all->request->duplicates)
            RM_TRY(remember_rows(all, look, err));
        RM_TRY(look_at_geometry(look, all->request->progress, worker, err));
        for (int32_t c = 0; c < table->count; c++)
            rm_field_counts_add(&look->fields[c], &table->columns[c], table->rows);
        if (worker == 0)
            RM_TRY(rm_progress_report(all->request->progress, fraction,
                                      all->source->provenance.layer, err));
    }
    return RM_OK;
}

static rm_status look_at_batches(void *context, int worker, rm_error *err)
{
    looking *all = context;
    rm_status status = look_until_done(all, worker, err);
    if (status != RM_OK)
        atomic_store(&all->stop, true);
    return status;
}

static void start_counts(rm_field_counts *counts, const char *name,
                         const rm_inspect_request *request)
{
    rm_field_counts_start(counts, name);
    counts->until = request->today;
}

static rm_status start_lookers(looking *all, rm_error *err)
{
    int cursors = all->source->cursors, threads = all->request->threads;
    if (cursors == 1 && threads > 1)
        RM_TRY(rm_mutex_new(&all->lock, err));
    int workers = cursors > 1 && cursors < threads ? cursors : threads;
    RM_TRY(RM_NEW_ZERO(&all->lookers, workers, err));
    all->workers = workers;
    for (int w = 0; w < workers; w++) {
        looker *look = &all->lookers[w];
        look->extent = RM_BOX_EMPTY;
        RM_TRY(RM_NEW(&look->fields, all->source->columns.count, err));
        for (int32_t c = 0; c < all->source->columns.count; c++)
            start_counts(&look->fields[c], all->source->columns.columns[c].name, all->request);
    }
    return RM_OK;
}

static void stop_looking(looking *all)
{
    for (int w = 0; w < all->workers; w++) {
        rm_rows_clear(&all->lookers[w].rows);
        rm_hashes_clear(&all->lookers[w].row_hashes);
        rm_hashes_clear(&all->lookers[w].id_hashes);
        rm_release(all->lookers[w].fields);
    }
    rm_release(all->lookers);
    rm_mutex_free(all->lock);
    rm_source_free(all->source);
}

static void fields_clear(rm_found_layer *layer)
{
    for (int32_t f = 0; f < layer->field_count; f++)
        rm_release(layer->fields[f].name);
    rm_release(layer->fields);
    layer->fields = NULL;
    layer->field_count = 0;
}

static rm_status take_fields(rm_found_layer *layer, const rm_table *columns, rm_error *err)
{
    fields_clear(layer);
    RM_TRY(RM_NEW_ZERO(&layer->fields, columns->count, err));
    for (int32_t c = 0; c < columns->count; c++) {
        rm_found_field *field = &layer->fields[c];
        layer->field_count = c + 1;
        RM_TRY(rm_copy_text(&field->name, columns->columns[c].name, err));
        field->type = columns->columns[c].type;
        rm_field_counts_start(&field->counts, field->name);
    }
    return RM_OK;
}

/* The reading of more than half of the features that have a geometry. */
static const char *most_read_as(const rm_found_layer *layer, const looking *all)
{
    for (int r = 0; r < RM_READINGS; r++) {
        int64_t count = 0;
        for (int w = 0; w < all->workers; w++)
            count += all->lookers[w].readings[r];
        if (count * 2 > layer->features - layer->without_geometry)
            return rm_reading_name(r);
    }
    return "";
}

static rm_status take_counts(rm_found_layer *layer, const looking *all, rm_error *err)
{
    RM_TRY(take_fields(layer, &all->source->columns, err));
    layer->extent = RM_BOX_EMPTY;
    layer->features = layer->without_geometry = layer->invalid = layer->bad_rows = 0;
    layer->swapped = 0;
    if (!all->again)
        layer->outside = 0;
    for (int w = 0; w < all->workers; w++) {
        const looker *look = &all->lookers[w];
        layer->extent = box_of_both(layer->extent, look->extent);
        layer->features += look->features;
        layer->without_geometry += look->without_geometry;
        layer->invalid += look->invalid;
        layer->outside += look->outside;
        layer->bad_rows += look->bad_rows;
        layer->swapped += look->swapped;
        for (int32_t f = 0; f < layer->field_count; f++)
            rm_field_counts_merge(&layer->fields[f].counts, &look->fields[f]);
    }
    for (int32_t f = 0; f < layer->field_count; f++)
        rm_field_counts_end(&layer->fields[f].counts);
    layer->looks_like = most_read_as(layer, all);
    return RM_OK;
}

static rm_status take_duplicates(rm_found_layer *layer, looking *all, rm_error *err)
{
    rm_hashes *rows = &all->lookers[0].row_hashes, *ids = &all->lookers[0].id_hashes;
    if (!all->request->duplicates)
        return RM_OK;
    for (int w = 1; w < all->workers; w++) {
        RM_TRY(rm_hashes_add_all(rows, &all->lookers[w].row_hashes, err));
        RM_TRY(rm_hashes_add_all(ids, &all->lookers[w].id_hashes, err));
    }
    layer->duplicate_rows = rm_hashes_repeated(rows);
    layer->duplicate_ids = layer->id_field < 0 ? -1 : rm_hashes_repeated(ids);
    return RM_OK;
}

static rm_status replace_text(char **text, const char *with, rm_error *err)
{
    char *copy = NULL;
    if (!with)
        return RM_OK;
    RM_TRY(rm_copy_text(&copy, with, err));
    rm_release(*text);
    *text = copy;
    return RM_OK;
}

static rm_status take_provenance(rm_found_layer *layer, const rm_provenance *provenance,
                                 const rm_request *wanted, rm_error *err)
{
    RM_TRY(replace_text(&layer->crs, provenance->crs, err));
    if (!wanted->target_crs || !provenance->crs)
        return RM_OK;
    RM_TRY(replace_text(&layer->crs_operation, provenance->crs_operation, err));
    RM_TRY(replace_text(&layer->missing_grid, provenance->missing_grid, err));
    layer->crs_accuracy_m = provenance->crs_accuracy_m;
    return RM_OK;
}

/* Reads the layer once. RM_ECRS: it cannot be brought to the target; what was counted stands. */
static rm_status read_layer(rm_found_layer *layer, const rm_inspect_request *request,
                            const rm_request *wanted, rm_error *err)
{
    looking all = {.request = request,
                   .id_field = layer->id_field,
                   .again = request->target_crs && !wanted->target_crs};
    rm_status status = rm_open(NULL, wanted, &all.source, err);
    if (status == RM_OK)
        status = start_lookers(&all, err);
    if (status == RM_OK)
        status = rm_workers(all.workers, look_at_batches, &all, err);
    if (status == RM_OK)
        status = take_counts(layer, &all, err);
    if (status == RM_OK)
        status = take_duplicates(layer, &all, err);
    if (status == RM_OK)
        status = take_provenance(layer, &all.source->provenance, wanted, err);
    if (status == RM_OK)
        status = all.source->finish(all.source, err);
    if (status == RM_OK)
        layer->ended = all.source->provenance.ended;
    stop_looking(&all);
    return status;
}

static bool is_fatal(rm_status status)
{
    return status == RM_ENOMEM || status == RM_ECANCELLED;
}

/* A layer that misses the area of use has no accuracy there either. */
static void forget_route(rm_found_layer *layer)
{
    rm_release(layer->crs_operation);
    rm_release(layer->missing_grid);
    layer->crs_operation = layer->missing_grid = NULL;
    layer->crs_accuracy_m = NAN;
}

static rm_status look_at_layer(rm_found_layer *layer, const rm_inspect_request *request,
                               rm_request *wanted, rm_error *err)
{
    rm_error why = {0};
    rm_status status = read_layer(layer, request, wanted, &why);
    if (status == RM_ECRS && wanted->target_crs) {
        RM_TRY(rm_copy_text(&layer->crs_problem, why.message, err));
        forget_route(layer);
        wanted->target_crs = NULL;
        status = read_layer(layer, request, wanted, &why);
    }
    if (status == RM_OK)
        return RM_OK;
    if (is_fatal(status)) {
        if (err)
            *err = why;
        return status;
    }
    return rm_copy_text(&layer->problem, why.message, err);
}

/* The field that tells features apart: the id of the object by its canonical name. */
static int32_t id_field_of(const rm_listed_layer *listed)
{
    static const char *const KNOWN[] = {"identificatie", "vestigingsnummer", "lisanummer", "rin",
                                        "code"};
    static const char *const USUAL[] = {"id",
                                        "uuid",
                                        "identificatie",
                                        "meldingnummer",
                                        "incidentnummer",
                                        "zaaknummer",
                                        "registratienummer",
                                        "kenmerk",
                                        "nr",
                                        "nummer"};
    const rm_profile *profile = rm_profile_match(listed->name, &listed->columns);
    const rm_profile_field *field = NULL;
    for (size_t k = 0; profile && k < sizeof KNOWN / sizeof *KNOWN; k++) {
        int32_t column = rm_profile_resolve(profile, KNOWN[k], &listed->columns, &field);
        /* a code is that of the area in statistics, and of a kind of thing elsewhere */
        bool of_kind = strcmp(KNOWN[k], "code") == 0 && strcmp(profile->family, "cbs") != 0;
        if (column >= 0 && field && field->kind == RM_PROFILE_ID && !of_kind)
            return column;
    }
    for (size_t u = 0; u < sizeof USUAL / sizeof *USUAL; u++)
        if (rm_table_find(&listed->columns, USUAL[u]) >= 0)
            return rm_table_find(&listed->columns, USUAL[u]);
    return -1;
}

static rm_status take_profile(rm_found_layer *layer, const rm_listed_layer *listed, rm_error *err)
{
    const rm_profile *profile = rm_profile_match(listed->name, &listed->columns);
    char **const whys[] = {&layer->profile_why, &layer->profile_why_en};
    if (!profile)
        return RM_OK;
    layer->profile = profile->name;
    for (int english = 0; english < 2; english++) {
        rm_text why = {0};
        rm_profile_why(&why, profile, &listed->columns, english);
        rm_status status = rm_text_status(&why, err);
        if (status == RM_OK)
            status = rm_copy_text(whys[english], why.data, err);
        rm_text_clear(&why);
        RM_TRY(status);
    }
    return RM_OK;
}

static rm_status look_at_listed(rm_found_layer *layer, const rm_listed_layer *listed,
                                const char *driver, const rm_inspect_request *request,
                                const char *path, rm_error *err)
{
    const char **columns = NULL;
    RM_TRY(rm_copy_text(&layer->name, listed->name, err));
    RM_TRY(rm_copy_text(&layer->geometry_type, listed->geometry_type, err));
    RM_TRY(rm_copy_text(&layer->crs, request->crs ? request->crs : listed->crs, err));
    layer->taken_for = rm_recognise(listed->name, &listed->columns, false);
    layer->taken_for_en = rm_recognise(listed->name, &listed->columns, true);
    RM_TRY(take_profile(layer, listed, err));
    layer->duplicate_rows = layer->duplicate_ids = -1;
    layer->id_field = id_field_of(listed);
    if (layer->listed_only) {
        layer->features = listed->features;
        return take_fields(layer, &listed->columns, err);
    }
    RM_TRY(RM_NEW(&columns, listed->columns.count, err));
    for (int32_t c = 0; c < listed->columns.count; c++)
        columns[c] = listed->columns.columns[c].name;
    bool geometry = strcmp(listed->geometry_type, "None") != 0;
    /* as if it were shielded: no message may quote a cell */
    rm_request wanted = {.source = path,
                         .layer = listed->name,
                         .crs = request->crs,
                         .columns = columns,
                         .column_count = listed->columns.count,
                         .geometry = geometry,
                         .target_crs = geometry ? request->target_crs : NULL,
                         .shielded = true,
                         .counted = true,
                         .threads = request->threads};
    rm_status status = look_at_layer(layer, request, &wanted, err);
    if (status == RM_OK && !layer->problem)
        status = rm_guesses_read(&layer->guesses, path, listed->name, driver, err);
    rm_release(columns);
    return status;
}

static rm_status choose_layers(const rm_listing *listing, const char *name, const char *path,
                               int *first, int32_t *count, rm_error *err)
{
    *first = 0;
    *count = listing->count;
    if (!name || (listing->count == 1 && rm_is_service(path)))
        return RM_OK;
    rm_layer_choice *choices = NULL;
    RM_TRY(RM_NEW(&choices, listing->count, err));
    for (int32_t l = 0; l < listing->count; l++)
        choices[l] = (rm_layer_choice){listing->layers[l].name, false};
    rm_request wanted = {.layer = name};
    rm_status status = rm_find_layer(first, &wanted, choices, listing->count, path, err);
    rm_release(choices);
    *count = 1;
    return status;
}

static rm_status look_at_all(rm_inspection *inspection, const rm_listing *listing,
                             const rm_inspect_request *request, const char *path, const char *layer,
                             rm_error *err)
{
    int first;
    int32_t count;
    /* all layers of a service could be more than anyone wants to wait for */
    bool listed_only = rm_is_service(path) && !layer && !request->duplicates;
    RM_TRY(choose_layers(listing, layer, path, &first, &count, err));
    RM_TRY(rm_copy_text(&inspection->driver, listing->driver, err));
    RM_TRY(RM_NEW_ZERO(&inspection->layers, count, err));
    for (int32_t l = 0; l < count; l++) {
        inspection->layers[l] = (rm_found_layer){.taken_for = "",
                                                 .taken_for_en = "",
                                                 .profile = "",
                                                 .looks_like = "",
                                                 .crs_accuracy_m = NAN,
                                                 .extent = RM_BOX_EMPTY,
                                                 .listed_only = listed_only};
        inspection->count = l + 1;
        rm_progress_stage(request->progress, (double)l / count, (l + 1.0) / count);
        RM_TRY(rm_progress_report(request->progress, 0, listing->layers[first + l].name, err));
        RM_TRY(look_at_listed(&inspection->layers[l], &listing->layers[first + l], listing->driver,
                              request, path, err));
    }
    return rm_progress_report(request->progress, 1, NULL, err);
}

/* An unknown CRS is the caller's mistake and no property of the layers. */
static rm_status check_crs(const char *definition, rm_error *err)
{
    char *code = NULL;
    rm_status status = definition ? rm_crs_code(&code, definition, err) : RM_OK;
    rm_release(code);
    return status;
}

/* Of a service only the layer that is wanted is asked after. */
static rm_status list_path(rm_listing *listing, const char *path, const char *layer, rm_error *err)
{
    rm_text one = {0};
    if (!layer || !rm_is_service(path))
        return rm_list_members(listing, path, err);
    rm_text_addf(&one, "%s|layername=%s", path, layer);
    rm_status status = rm_text_status(&one, err);
    if (status == RM_OK)
        status = rm_list(listing, one.data, err);
    rm_text_clear(&one);
    return status;
}

static rm_status inspect_path(rm_inspection *inspection, const rm_inspect_request *request,
                              const char *path, const char *layer, rm_error *err)
{
    rm_listing listing = {0};
    RM_TRY(check_crs(request->crs, err));
    RM_TRY(check_crs(request->target_crs, err));
    RM_TRY(list_path(&listing, path, layer, err));
    rm_status status = look_at_all(inspection, &listing, request, path, layer, err);
    rm_listing_clear(&listing);
    return status;
}

rm_status rm_inspect_source(rm_inspection **out, const rm_inspect_request *request, rm_error *err)
{
    char *path = NULL, *layer = NULL;
    rm_inspection *inspection = NULL;
    RM_TRY(rm_split_source(request->source, &path, &layer, err));
    rm_status status = RM_NEW_ZERO(&inspection, 1, err);
    if (status == RM_OK)
        status =
            inspect_path(inspection, request, path, request->layer ? request->layer : layer, err);
    rm_release(path);
    rm_release(layer);
    if (status == RM_OK)
        *out = inspection;
    else
        rm_inspection_clear(inspection);
    return status;
}

void rm_inspection_clear(rm_inspection *inspection)
{
    if (!inspection)
        return;
    for (int32_t l = 0; l < inspection->count; l++) {
        rm_found_layer *layer = &inspection->layers[l];
        char *texts[] = {layer->name,          layer->geometry_type, layer->crs,
                         layer->crs_operation, layer->missing_grid,  layer->crs_problem,
                         layer->problem,       layer->profile_why,   layer->profile_why_en};
        for (size_t t = 0; t < sizeof texts / sizeof *texts; t++)
            rm_release(texts[t]);
        fields_clear(layer);
        rm_guesses_clear(&layer->guesses);
    }
    rm_release(inspection->layers);
    rm_release(inspection->driver);
    rm_release(inspection);
}
