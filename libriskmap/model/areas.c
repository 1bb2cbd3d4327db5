#include "model/areas.h"

#include "base/date.h"
#include "base/parallel.h"
#include "base/sort.h"
#include "base/text.h"
#include "geo/overlay.h"
#include "geo/valid.h"
#include "model/evidence.h"
#include "model/official_area.h"

#include <math.h>
#include <string.h>

enum { AREAS_AT_ONCE = 256 };

static const char MESSAGE[] = "areas";

typedef struct rm_measuring {
    const rm_geometry *geometry;
    double *area_m2;
} rm_measuring;

static rm_status measure_some(void *context, int64_t begin, int64_t end, int worker, rm_error *err)
{
    const rm_measuring *measuring = context;
    const rm_geometry *geometry = measuring->geometry;
    (void)worker;
    (void)err;
    for (int64_t a = begin; a < end; a++)
        measuring->area_m2[a] =
            geometry->kind[a] == RM_KIND_POLYGON ? rm_geometry_area(geometry, a) : NAN;
    return RM_OK;
}

static rm_status measure_areas(rm_layer *layer, double *area_m2, const rm_run_request *request,
                               rm_error *err)
{
    rm_rows *rows = &layer->rows;
    for (int64_t a = 0; a < rows->table.rows; a++) {
        rm_kind kind = rows->geometry.kind[a];
        if (kind == RM_KIND_POINT || kind == RM_KIND_LINE) {
            rows->geometry.kind[a] = RM_KIND_NONE;
            RM_TRY(
                rm_issues_add(&rows->issues, RM_ISSUE_NOT_POLYGON, rows->ids[a], 0, 0, NULL, err));
        }
        bool usable = kind == RM_KIND_POLYGON;
        layer->provenance.used += usable;
        layer->provenance.rejected += !usable;
    }
    rm_measuring measuring = {&rows->geometry, area_m2};
    return rm_parallel(rows->table.rows, AREAS_AT_ONCE, request->threads, measure_some, &measuring,
                       request->progress, MESSAGE, err);
}

typedef struct rm_id_row {
    const char *id;
    int64_t row;
} rm_id_row;

static int compare_id_rows(const void *a, const void *b)
{
    const rm_id_row *x = a, *y = b;
    int order = strcmp(x->id, y->id);
    return order ? order : (x->row > y->row) - (x->row < y->row);
}

static rm_status refuse_duplicates(const rm_result *result, const rm_id_row *sorted, int64_t count,
                                   const rm_model_layer *layer, rm_error *err)
{
    rm_text named = {0};
    int64_t groups = 0, first = -1;
    for (int64_t i = 1; i < count; i++) {
        if (strcmp(sorted[i].id, sorted[i - 1].id) != 0 ||
            (i > 1 && strcmp(sorted[i - 1].id, sorted[i - 2].id) == 0))
            continue;
        first = first < 0 ? sorted[i].row : first;
        if (++groups > 5)
            continue;
        rm_text_add(&named, groups > 1 ? ", " : "");
        if (layer->shielded)
            rm_text_addf(&named, "feature %lld", (long long)result->areas->rows.ids[sorted[i].row]);
        else
            rm_text_addf(&named, "\"%s\"", sorted[i].id);
    }
    rm_status status = RM_OK;
    if (groups)
        status =
            rm_fail_row(err, RM_EDATA, result->areas->rows.ids[first],
                        "%lld area ids are not unique: %s%s; give areas.id a field that is, or "
                        "leave it out to use the feature ids",
                        (long long)groups, named.data ? named.data : "", groups > 5 ? ", ..." : "");
    rm_text_clear(&named);
    return status;
}

static rm_status check_ids(const rm_result *result, const rm_model_layer *layer,
                           rm_progress *progress, rm_error *err)
{
    int64_t count = result->areas->rows.table.rows;
    rm_id_row *sorted = NULL;
    RM_TRY(RM_NEW(&sorted, count, err));
    for (int64_t a = 0; a < count; a++)
        sorted[a] = (rm_id_row){result->ids.text + result->ids.at[a], a};
    rm_status status =
        rm_sort(sorted, count, sizeof *sorted, compare_id_rows, progress, 0, MESSAGE, err);
    if (status == RM_OK)
        status = refuse_duplicates(result, sorted, count, layer, err);
    rm_release(sorted);
    return status;
}

/* Opens the areas; *official is the column of the official area, which is asked for once it is
 * known that the source has one, -1: it has none. */
static rm_status open_areas(rm_source **out, int32_t *official, rm_request *wanted,
                            const char ***columns, const rm_run_request *request, rm_error *err)
{
    *official = -1;
    RM_TRY(request->open(request->open_context, wanted, out, err));
    const char *field = rm_official_area_field(&(*out)->provenance);
    if (!field)
        return RM_OK;
    rm_source_free(*out);
    *out = NULL;
    *official = wanted->column_count;
    RM_TRY(RM_NEW(columns, wanted->column_count + 1, err));
    for (int32_t c = 0; c < wanted->column_count; c++)
        (*columns)[c] = wanted->columns[c];
    (*columns)[wanted->column_count++] = field;
    wanted->columns = *columns;
    return request->open(request->open_context, wanted, out, err);
}

static rm_status collect(rm_layer **out, int32_t *official, const rm_result *result,
                         const rm_layer_plan *plan, const rm_run_request *request, rm_error *err)
{
    rm_wanted wanted;
    rm_source *source = NULL;
    const char **columns = NULL;
    RM_TRY(rm_wanted_make(&wanted, result->model, plan, request, err));
    rm_status status = open_areas(&source, official, &wanted.request, &columns, request, err);
    if (status == RM_OK) {
        source->progress = request->progress;
        status = rm_source_collect(out, source, result->model->layers[plan->layer].filter,
                                   rm_rows_clean, err);
    }
    rm_source_free(source);
    rm_wanted_clear(&wanted);
    rm_release(columns);
    return status;
}

static rm_status read_areas(rm_result *result, const rm_plan *plan, const rm_run_request *request,
                            const rm_model_layer *layer, rm_error *err)
{
    int32_t official;
    rm_stage stage = rm_progress_present(request->progress);
    rm_progress_part(request->progress, stage, 0.0, 0.8);
    RM_TRY(collect(&result->areas, &official, result, &plan->areas, request, err));
    rm_progress_part(request->progress, stage, 0.8, 1.0);
    int64_t count = result->areas->rows.table.rows;
    if (count == 0)
        return rm_fail(err, RM_EDATA,
                       "no areas: it has %lld features and none passes its where; there is "
                       "nothing to score",
                       (long long)result->areas->provenance.total);
    if (count > INT32_MAX / 2)
        return rm_fail(err, RM_ELIMIT, "%lld areas are more than this version can hold",
                       (long long)count);
    RM_TRY(RM_NEW(&result->area_m2, count, err));
    RM_TRY(measure_areas(result->areas, result->area_m2, request, err));
    if (official >= 0)
        RM_TRY(rm_official_area_check(&result->areas->rows, official, result->area_m2, err));
    RM_TRY(rm_labels_make(&result->ids, result->areas, plan->id_column, true, err));
    RM_TRY(rm_labels_make(&result->names, result->areas, plan->name_column, false, err));
    RM_TRY(check_ids(result, layer, request->progress, err));
    rm_provenance *provenance = &result->layers[plan->areas.layer];
    *provenance = result->areas->provenance;
    result->areas->provenance = (rm_provenance){0};
    provenance->shielded = layer->shielded;
    provenance->first_date = provenance->last_date = RM_NO_DATE;
    return rm_issues_take(&result->issues, &result->areas->rows.issues, plan->areas.layer, err);
}

rm_status rm_areas_read(rm_result *result, const rm_plan *plan, const rm_run_request *request,
                        rm_error *err)
{
    const rm_model_layer *layer = &result->model->layers[plan->areas.layer];
    rm_status status = read_areas(result, plan, request, layer, err);
    if (status != RM_OK && status != RM_ECANCELLED)
        rm_fail_within(err, status, "areas, layer \"%s\"", layer->name);
    return status;
}

typedef struct rm_overlaps {
    rm_issues found;
    const int64_t *ids;
    rm_mutex *lock;
} rm_overlaps;

static rm_status add_overlap(void *context, int worker, int32_t a, int32_t b, double m2,
                             rm_error *err)
{
    rm_overlaps *overlaps = context;
    (void)worker;
    rm_mutex_lock(overlaps->lock);
    rm_status status = rm_issues_add(&overlaps->found, RM_ISSUE_OVERLAP, overlaps->ids[a],
                                     (double)overlaps->ids[b], m2, NULL, err);
    rm_mutex_unlock(overlaps->lock);
    return status;
}

rm_status rm_areas_report_overlaps(rm_result *result, const rm_join *join, int threads,
                                   rm_progress *progress, rm_error *err)
{
    rm_overlaps overlaps = {.ids = result->areas->rows.ids};
    RM_TRY(rm_mutex_new(&overlaps.lock, err));
    rm_status status = rm_overlay_self(join, 1.0, threads, add_overlap, &overlaps, progress, err);
    if (status == RM_OK)
        status = rm_issues_take(&result->issues, &overlaps.found, result->model->areas_layer, err);
    rm_issues_clear(&overlaps.found);
    rm_mutex_free(overlaps.lock);
    return status;
}
