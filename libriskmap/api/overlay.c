#include "riskmap/overlay.h"

#include "api/options.h"
#include "base/parallel.h"
#include "base/sums.h"
#include "data/layer.h"
#include "geo/join.h"
#include "geo/nearest.h"
#include "geo/overlay.h"
#include "geo/place.h"
#include "io/crs.h"

#include <string.h>

void rm_overlay_options_init(rm_overlay_options *options)
{
    *options = (rm_overlay_options)RM_OVERLAY_OPTIONS_INIT;
}

/* One call, once what was asked has been found sound. */
typedef struct rm_overlaying {
    const rm_geometry *areas, *evidence;
    int threads;
    rm_progress progress;
} rm_overlaying;

static rm_status check_layers(const rm_layer *areas, const rm_layer *evidence, const void *out,
                              int32_t threads, rm_error *err)
{
    if (!areas || !evidence || !out)
        return rm_fail(err, RM_EINVAL, "a layer or the array for the outcome is NULL");
    if (threads < 0 || threads > 64)
        return rm_fail(err, RM_EINVAL, "threads is %d; 0 (all cores) to 64", threads);
    if (areas->crs && evidence->crs && strcmp(areas->crs, evidence->crs) != 0)
        return rm_fail(err, RM_ECRS,
                       "the areas are in %s and the evidence in %s; bring both to one, with "
                       "target_crs where they are read",
                       areas->crs, evidence->crs);
    return RM_OK;
}

static rm_status begin(rm_overlaying *out, const rm_layer *areas, const rm_layer *evidence,
                       const void *outcome, const rm_overlay_options *options, const char *message,
                       rm_error *err)
{
    rm_overlay_options taken = RM_OVERLAY_OPTIONS_INIT;
    RM_TRY(RM_TAKE_OPTIONS(&taken, options, rm_overlay_options, RM_OVERLAY_OPTIONS_INIT, progress,
                           err));
    RM_TRY(check_layers(areas, evidence, outcome, taken.threads, err));
    out->areas = &areas->rows.geometry;
    out->evidence = &evidence->rows.geometry;
    out->threads = rm_threads(taken.threads);
    rm_progress_start(&out->progress, taken.progress, taken.progress_user);
    return rm_progress_report(&out->progress, 0.0, message, err);
}

/* For what is measured: degrees would give numbers, and wrong ones. */
static rm_status begin_measuring(rm_overlaying *out, const rm_layer *areas,
                                 const rm_layer *evidence, const void *outcome,
                                 const rm_overlay_options *options, const char *message,
                                 rm_error *err)
{
    const char *crs = areas && areas->crs         ? areas->crs
                      : evidence && evidence->crs ? evidence->crs
                                                  : NULL;
    RM_TRY(begin(out, areas, evidence, outcome, options, message, err));
    return crs ? rm_crs_require_metres(crs, err) : RM_OK;
}

/* Shares of the work, by which progress is told: about right for as many areas as features. */
static const double INDEXED = 0.3, PLACED = 0.4, COLLECTED = 0.7;

static rm_status index_areas(rm_join **out, rm_overlaying *call, rm_error *err)
{
    RM_TRY(rm_join_build(out, call->areas, call->threads, &call->progress, err));
    rm_progress_stage(&call->progress, INDEXED, 1.0);
    return RM_OK;
}

/* A batch of points is small enough to stay in the cache while it is sorted and joined. */
enum { POINTS_A_CHUNK = 65536, FEATURES_A_CHUNK = 1024 };

typedef struct rm_counting {
    const rm_join *join;
    const double *x, *y;
    const uint8_t *skip; /* features without geometry: in place, they keep their coordinate */
    int64_t areas;
    rm_hits *hits;   /* [threads] */
    int32_t **count; /* [threads][areas] */
} rm_counting;

static rm_status count_chunk(void *context, int64_t begin, int64_t end, int worker, rm_error *err)
{
    rm_counting *counting = context;
    rm_hits *hits = &counting->hits[worker];
    hits->count = 0;
    RM_TRY(rm_join_points(counting->join, counting->x + begin, counting->y + begin,
                          counting->skip + begin, end - begin, hits, err));
    for (int64_t h = 0; h < hits->count; h++)
        counting->count[worker][hits->items[h].area]++;
    return RM_OK;
}

static rm_status count_places(int64_t *counts, rm_counting *counting, rm_overlaying *call,
                              rm_error *err)
{
    RM_TRY(RM_NEW_ZERO(&counting->hits, call->threads, err));
    RM_TRY(RM_NEW_ZERO(&counting->count, call->threads, err));
    for (int t = 0; t < call->threads; t++)
        RM_TRY(RM_NEW_ZERO(&counting->count[t], counting->areas, err));
    RM_TRY(rm_parallel(call->evidence->features, POINTS_A_CHUNK, call->threads, count_chunk,
                       counting, &call->progress, "count", err));
    for (int64_t a = 0; a < counting->areas; a++) {
        counts[a] = 0;
        for (int t = 0; t < call->threads; t++)
            counts[a] += counting->count[t][a];
    }
    return RM_OK;
}

typedef struct rm_placing {
    const rm_geometry *evidence;
    double *x, *y;
} rm_placing;

static rm_status place_chunk(void *context, int64_t begin, int64_t end, int worker, rm_error *err)
{
    rm_placing *placing = context;
    (void)worker;
    return rm_place_some(placing->evidence, begin, end, placing->x, placing->y, err);
}

static rm_status place_features(double **x, double **y, uint8_t *skip, rm_overlaying *call,
                                rm_error *err)
{
    const rm_geometry *evidence = call->evidence;
    for (int64_t f = 0; f < evidence->features; f++)
        skip[f] = evidence->kind[f] == RM_KIND_NONE;
    if (rm_geometry_is_points(evidence))
        return RM_OK;
    RM_TRY(RM_NEW(x, evidence->features, err));
    RM_TRY(RM_NEW(y, evidence->features, err));
    rm_placing placing = {evidence, *x, *y};
    rm_progress_stage(&call->progress, INDEXED, PLACED);
    RM_TRY(rm_parallel(evidence->features, FEATURES_A_CHUNK, call->threads, place_chunk, &placing,
                       &call->progress, "places", err));
    rm_progress_stage(&call->progress, PLACED, 1.0);
    return RM_OK;
}

static rm_status count_with_join(int64_t *counts, const rm_join *join, rm_overlaying *call,
                                 rm_error *err)
{
    double *x = NULL, *y = NULL;
    uint8_t *skip = NULL;
    rm_counting counting = {.join = join, .areas = call->areas->features};
    rm_status status = RM_NEW(&skip, call->evidence->features, err);
    if (status == RM_OK)
        status = place_features(&x, &y, skip, call, err);
    counting.x = x ? x : call->evidence->x;
    counting.y = y ? y : call->evidence->y;
    counting.skip = skip;
    if (status == RM_OK)
        status = count_places(counts, &counting, call, err);
    for (int t = 0; t < call->threads; t++) {
        if (counting.hits)
            rm_hits_clear(&counting.hits[t]);
        if (counting.count)
            rm_release(counting.count[t]);
    }
    rm_release(counting.hits);
    rm_release(counting.count);
    rm_release(skip);
    rm_release(x);
    rm_release(y);
    return status;
}

rm_status rm_count_in_areas(int64_t *counts, const rm_layer *areas, const rm_layer *evidence,
                            const rm_overlay_options *options, rm_error *err)
{
    rm_overlaying call;
    rm_join *join = NULL;
    RM_TRY(begin(&call, areas, evidence, counts, options, "count", err));
    RM_TRY(index_areas(&join, &call, err));
    rm_status status = count_with_join(counts, join, &call, err);
    rm_join_free(join);
    return status;
}

typedef struct rm_summing {
    rm_sum **sum; /* [threads][areas] */
} rm_summing;

static rm_status add_pair(void *context, int worker, int32_t area, int32_t feature, double m2,
                          rm_error *err)
{
    rm_summing *summing = context;
    (void)feature;
    (void)err;
    rm_sum_add(&summing->sum[worker][area], m2);
    return RM_OK;
}

static rm_status sum_pairs(double *m2, const rm_join *join, rm_overlaying *call, rm_error *err)
{
    rm_summing summing = {0};
    int64_t areas = call->areas->features;
    int threads = call->threads;
    RM_TRY(RM_NEW_ZERO(&summing.sum, threads, err));
    rm_status status = RM_OK;
    for (int t = 0; t < threads && status == RM_OK; t++)
        status = RM_NEW_ZERO(&summing.sum[t], areas, err);
    if (status == RM_OK)
        status = rm_overlay_pairs(join, call->evidence, threads, add_pair, &summing,
                                  &call->progress, err);
    for (int64_t a = 0; a < areas && status == RM_OK; a++) {
        for (int t = 1; t < threads; t++)
            rm_sum_merge(&summing.sum[0][a], &summing.sum[t][a]);
        m2[a] = rm_sum_value(&summing.sum[0][a]);
    }
    for (int t = 0; t < threads; t++)
        rm_release(summing.sum[t]);
    rm_release(summing.sum);
    return status;
}

static rm_status cover_union(double *m2, const rm_join *join, rm_overlaying *call, rm_error *err)
{
    rm_cover *cover = NULL;
    int64_t *features = NULL;
    rm_status status = rm_cover_new(&cover, join, err);
    rm_progress_stage(&call->progress, INDEXED, COLLECTED);
    if (status == RM_OK)
        status = rm_cover_add(cover, call->evidence, NULL, call->threads, &call->progress, err);
    rm_progress_stage(&call->progress, COLLECTED, 1.0);
    if (status == RM_OK)
        status = RM_NEW(&features, call->areas->features, err);
    if (status == RM_OK)
        status = rm_cover_finish(cover, m2, features, call->threads, &call->progress, err);
    rm_release(features);
    rm_cover_free(cover);
    return status;
}

/* The caller's array gets what was made once all of it is. */
static rm_status hand_over(double *out, double *made, int64_t count, rm_status status)
{
    if (status == RM_OK && count > 0)
        memcpy(out, made, (size_t)count * sizeof *out);
    rm_release(made);
    return status;
}

rm_status rm_cover_of_areas(double *m2, const rm_layer *areas, const rm_layer *evidence,
                            int32_t sum_overlaps, const rm_overlay_options *options, rm_error *err)
{
    rm_overlaying call;
    rm_join *join = NULL;
    double *made = NULL;
    RM_TRY(begin_measuring(&call, areas, evidence, m2, options, "cover", err));
    RM_TRY(index_areas(&join, &call, err));
    rm_status status = RM_NEW(&made, call.areas->features, err);
    if (status == RM_OK)
        status = (sum_overlaps ? sum_pairs : cover_union)(made, join, &call, err);
    rm_join_free(join);
    return hand_over(m2, made, call.areas->features, status);
}

rm_status rm_nearest_to_areas(double *metres, const rm_layer *areas, const rm_layer *evidence,
                              const rm_overlay_options *options, rm_error *err)
{
    rm_overlaying call;
    double *made = NULL;
    RM_TRY(begin_measuring(&call, areas, evidence, metres, options, "nearest", err));
    RM_TRY(RM_NEW(&made, call.areas->features, err));
    rm_status status = rm_nearest_distances(made, NULL, call.areas, call.evidence, call.threads,
                                            &call.progress, err);
    return hand_over(metres, made, call.areas->features, status);
}
