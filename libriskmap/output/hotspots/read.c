#include "output/hotspots/read.h"

#include "base/date.h"
#include "geo/join.h"
#include "output/number_field.h"
#include "output/point_set.h"
#include "output/whole_layer.h"
#include "stats/rate/rate.h"

#include <math.h>
#include <string.h>

/* ---- the areas ---- */

enum { FIELDS = 4 };

typedef struct rm_area_fields {
    rm_filter *filter;
    const char **names;
    int32_t count;
    int32_t at[FIELDS]; /* id, name, value, exposure; -1: not wanted */
} rm_area_fields;

static int32_t want(rm_area_fields *fields, const char *name)
{
    if (!name)
        return -1;
    for (int32_t c = 0; c < fields->count; c++)
        if (strcmp(fields->names[c], name) == 0)
            return c;
    fields->names[fields->count] = name;
    return fields->count++;
}

static rm_status choose_fields(rm_area_fields *fields, const rm_hotspots_options *options,
                               rm_error *err)
{
    const char *const named[FIELDS] = {options->id, options->name, options->field,
                                       options->per_field};
    if (options->where) {
        rm_status status = rm_filter_parse(&fields->filter, options->where, err);
        if (status != RM_OK)
            return rm_fail_within(err, status, "where");
    }
    int32_t tested = fields->filter ? rm_filter_field_count(fields->filter) : 0;
    RM_TRY(RM_NEW(&fields->names, tested + FIELDS, err));
    for (int f = 0; f < FIELDS; f++)
        fields->at[f] = want(fields, named[f]);
    for (int32_t f = 0; f < tested; f++)
        want(fields, rm_filter_field(fields->filter, f));
    return RM_OK;
}

static rm_status check_numbers(const rm_hotspots *hotspots, const rm_area_fields *fields,
                               rm_error *err)
{
    static const char *const uses[FIELDS] = {NULL, NULL, "the value of an area",
                                             "what a value is divided by"};
    const rm_table *table = &hotspots->areas->rows.table;
    for (int f = 0; f < FIELDS; f++)
        if (uses[f] && fields->at[f] >= 0)
            RM_TRY(
                rm_check_number_cells(&table->columns[fields->at[f]], table->rows, uses[f], err));
    return RM_OK;
}

static rm_status read_areas(rm_hotspots *hotspots, rm_area_fields *fields, const char *areas,
                            const rm_hotspots_options *options, rm_error *err)
{
    RM_TRY(choose_fields(fields, options, err));
    rm_request wanted = {.source = areas,
                         .memory = options->memory_areas,
                         .layer = options->layer,
                         .columns = fields->names,
                         .column_count = fields->count,
                         .target_crs = options->target_crs,
                         .only_best = options->only_best != 0,
                         .threads = options->threads};
    RM_TRY(rm_read_whole_layer(&hotspots->areas, &wanted, fields->filter, err));
    if (hotspots->areas->rows.table.rows == 0)
        return rm_fail(err, RM_EINVAL, "%s holds no areas%s", areas,
                       options->where ? " that pass the condition" : "");
    RM_TRY(check_numbers(hotspots, fields, err));
    RM_TRY(rm_labels_make(&hotspots->ids, hotspots->areas, fields->at[0], true, err));
    return rm_labels_make(&hotspots->names, hotspots->areas, fields->at[1], false, err);
}

/* ---- numbers of each area ---- */

static rm_status from_field(double *out, const rm_hotspots *hotspots, int32_t column)
{
    const rm_table *table = &hotspots->areas->rows.table;
    for (int64_t a = 0; a < table->rows; a++)
        out[a] = rm_column_number(&table->columns[column], a, NULL);
    return RM_OK;
}

typedef struct rm_hit_counts {
    double *of_area;
    uint8_t *held; /* whether a point lies in any area */
} rm_hit_counts;

static rm_status add_hits(void *context, int64_t first, const rm_hit *hits, int64_t count,
                          rm_error *err)
{
    rm_hit_counts *counts = context;
    (void)err;
    for (int64_t h = 0; h < count; h++) {
        counts->of_area[hits[h].area] += 1.0;
        counts->held[first + hits[h].row] = 1;
    }
    return RM_OK;
}

static rm_status count_hits(double *out, rm_hotspots *hotspots, const rm_point_set *points,
                            bool told, rm_progress *progress, rm_error *err)
{
    rm_join *join = NULL;
    rm_hit_counts counts = {.of_area = out};
    const rm_geometry *areas = &hotspots->areas->rows.geometry;
    rm_status status = RM_NEW_ZERO(&counts.held, points->count, err);
    if (status == RM_OK)
        status = rm_join_build(&join, areas, hotspots->as.threads, progress, err);
    for (int64_t a = 0; status == RM_OK && a < areas->features; a++)
        out[a] = areas->kind[a] == RM_KIND_POLYGON ? 0.0 : NAN;
    if (status == RM_OK)
        status = rm_join_each(join, points->x, points->y, points->count, progress, "points by area",
                              add_hits, &counts, err);
    for (int64_t p = 0; status == RM_OK && told && p < points->count; p++)
        hotspots->facts.counted += counts.held[p];
    if (told)
        hotspots->facts.uncounted = points->count - hotspots->facts.counted;
    rm_join_free(join);
    rm_release(counts.held);
    return status;
}

/* wanted: where the points are. told: they are what the map is about. */
static rm_status from_points(double *out, rm_hotspots *hotspots, rm_point_set_wanted wanted,
                             bool told, const rm_hotspots_options *options, rm_progress *progress,
                             rm_error *err)
{
    rm_point_set points = {0};
    wanted.target_crs = options->target_crs;
    wanted.as_of = rm_date_today();
    wanted.only_best = options->only_best != 0;
    wanted.shielded = !options->open;
    wanted.addresses = !told;
    wanted.threads = options->threads;
    RM_TRY(rm_point_set_read(&points, &wanted, progress, err));
    rm_status status = count_hits(out, hotspots, &points, told, progress, err);
    rm_point_set_clear(&points);
    return status;
}

static rm_status read_events(rm_hotspots *hotspots, const rm_area_fields *fields,
                             const rm_hotspots_options *options, rm_progress *progress,
                             rm_error *err)
{
    RM_TRY(RM_NEW(&hotspots->events, hotspots->areas->rows.table.rows, err));
    if (options->field)
        return from_field(hotspots->events, hotspots, fields->at[2]);
    rm_point_set_wanted wanted = {.source = options->memory_count ? RM_IN_MEMORY : options->count,
                                  .memory = options->memory_count,
                                  .layer = options->count_layer,
                                  .where = options->count_where};
    rm_status status =
        from_points(hotspots->events, hotspots, wanted, true, options, progress, err);
    return status == RM_OK || status == RM_ECANCELLED
               ? status
               : rm_fail_within(err, status, "the points to count");
}

static rm_status read_exposure(rm_hotspots *hotspots, const rm_area_fields *fields,
                               const rm_hotspots_options *options, rm_progress *progress,
                               rm_error *err)
{
    rm_point_set_wanted wanted = {.source = options->memory_per ? RM_IN_MEMORY : options->per,
                                  .memory = options->memory_per,
                                  .layer = options->per_layer,
                                  .where = options->per_where};
    if (!wanted.source && !options->per_field)
        return RM_OK;
    RM_TRY(RM_NEW(&hotspots->exposure, hotspots->areas->rows.table.rows, err));
    if (options->per_field)
        return from_field(hotspots->exposure, hotspots, fields->at[3]);
    rm_status status =
        from_points(hotspots->exposure, hotspots, wanted, false, options, progress, err);
    return status == RM_OK || status == RM_ECANCELLED
               ? status
               : rm_fail_within(err, status, "the points to count per");
}

static rm_status make_values(rm_hotspots *hotspots, rm_error *err)
{
    int64_t count = hotspots->areas->rows.table.rows;
    rm_rate_prior prior;
    hotspots->facts.rate_mean = NAN;
    RM_TRY(RM_NEW(&hotspots->value, count, err));
    if (!hotspots->exposure) {
        memcpy(hotspots->value, hotspots->events, (size_t)count * sizeof(double));
    } else {
        RM_TRY(rm_rate_fit(&prior, hotspots->events, hotspots->exposure, count, err));
        rm_rate_apply(hotspots->value, hotspots->events, hotspots->exposure, count, 0.0, &prior);
        for (int64_t a = 0; a < count; a++)
            hotspots->value[a] *= hotspots->as.per_units;
        hotspots->facts.rate_mean = prior.mean * hotspots->as.per_units;
    }
    for (int64_t a = 0; a < count; a++)
        hotspots->facts.missing += isnan(hotspots->value[a]);
    return RM_OK;
}

rm_status rm_hotspots_read(rm_hotspots *hotspots, const char *areas,
                           const rm_hotspots_options *options, rm_progress *progress, rm_error *err)
{
    rm_area_fields fields = {0};
    rm_stage whole = rm_progress_present(progress);
    rm_status status = read_areas(hotspots, &fields, areas, options, err);
    rm_progress_part(progress, whole, 0.0, 0.5);
    if (status == RM_OK)
        status = read_events(hotspots, &fields, options, progress, err);
    rm_progress_part(progress, whole, 0.5, 1.0);
    if (status == RM_OK)
        status = read_exposure(hotspots, &fields, options, progress, err);
    if (status == RM_OK)
        status = make_values(hotspots, err);
    rm_filter_free(fields.filter);
    rm_release(fields.names);
    return status;
}
