#include "riskmap/overlay.h"

#include "base/parallel.h"
#include "base/sums.h"
#include "data/layer.h"
#include "geo/join.h"
#include "geo/nearest.h"
#include "geo/overlay.h"
#include "geo/place.h"

#include <string.h>

static rm_status check_layers(const rm_layer *areas, const rm_layer *evidence, const void *out,
                              int32_t threads, rm_error *err)
{
    if (!areas || !evidence || !out)
        return rm_fail(err, RM_EINVAL, "a layer or the array for the outcome is NULL");
    if (threads < 0 || threads > 64)
        return rm_fail(err, RM_EINVAL, "threads is %d; 0 (all cores) to 64", threads);
    if (areas->crs && evidence->crs && strcmp(areas->crs, evidence->crs) != 0)
        return rm_fail(
            err, RM_ECRS,
            "the areas are in %s and the evidence in %s; read both with the same target_crs",
            areas->crs, evidence->crs);
    return RM_OK;
}

/* A batch of points is small enough to stay in the cache while it is sorted and joined. */
enum { POINTS_A_CHUNK = 65536 };

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

static rm_status count_places(int64_t *counts, rm_counting *counting, int64_t points, int threads,
                              rm_error *err)
{
    RM_TRY(RM_NEW_ZERO(&counting->hits, threads, err));
    RM_TRY(RM_NEW_ZERO(&counting->count, threads, err));
    for (int t = 0; t < threads; t++)
        RM_TRY(RM_NEW_ZERO(&counting->count[t], counting->areas, err));
    RM_TRY(rm_parallel(points, POINTS_A_CHUNK, threads, count_chunk, counting, NULL, NULL, err));
    for (int64_t a = 0; a < counting->areas; a++) {
        counts[a] = 0;
        for (int t = 0; t < threads; t++)
            counts[a] += counting->count[t][a];
    }
    return RM_OK;
}

static rm_status place_features(double **x, double **y, uint8_t *skip, const rm_geometry *evidence,
                                rm_error *err)
{
    for (int64_t f = 0; f < evidence->features; f++)
        skip[f] = evidence->kind[f] == RM_KIND_NONE;
    if (rm_geometry_is_points(evidence))
        return RM_OK;
    RM_TRY(RM_NEW(x, evidence->features, err));
    RM_TRY(RM_NEW(y, evidence->features, err));
    return rm_place_points(evidence, *x, *y, err);
}

static rm_status count_with_join(int64_t *counts, const rm_join *join, const rm_layer *areas,
                                 const rm_geometry *evidence, int threads, rm_error *err)
{
    double *x = NULL, *y = NULL;
    uint8_t *skip = NULL;
    rm_counting counting = {.join = join, .areas = areas->rows.geometry.features};
    rm_status status = RM_NEW(&skip, evidence->features, err);
    if (status == RM_OK)
        status = place_features(&x, &y, skip, evidence, err);
    counting.x = x ? x : evidence->x;
    counting.y = y ? y : evidence->y;
    counting.skip = skip;
    if (status == RM_OK)
        status = count_places(counts, &counting, evidence->features, threads, err);
    for (int t = 0; t < threads; t++) {
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
                            int32_t threads, rm_error *err)
{
    rm_join *join = NULL;
    RM_TRY(check_layers(areas, evidence, counts, threads, err));
    threads = rm_threads(threads);
    RM_TRY(rm_join_build(&join, &areas->rows.geometry, threads, err));
    rm_status status = count_with_join(counts, join, areas, &evidence->rows.geometry, threads, err);
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

static rm_status sum_pairs(double *m2, const rm_join *join, const rm_geometry *evidence,
                           int64_t areas, int threads, rm_error *err)
{
    rm_summing summing = {0};
    RM_TRY(RM_NEW_ZERO(&summing.sum, threads, err));
    rm_status status = RM_OK;
    for (int t = 0; t < threads && status == RM_OK; t++)
        status = RM_NEW_ZERO(&summing.sum[t], areas, err);
    if (status == RM_OK)
        status = rm_overlay_pairs(join, evidence, threads, add_pair, &summing, NULL, err);
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

static rm_status cover_union(double *m2, const rm_join *join, const rm_geometry *evidence,
                             int64_t areas, int threads, rm_error *err)
{
    rm_cover *cover = NULL;
    int64_t *features = NULL;
    rm_status status = rm_cover_new(&cover, join, err);
    if (status == RM_OK)
        status = rm_cover_add(cover, evidence, NULL, err);
    if (status == RM_OK)
        status = RM_NEW(&features, areas, err);
    if (status == RM_OK)
        status = rm_cover_finish(cover, m2, features, threads, NULL, err);
    rm_release(features);
    rm_cover_free(cover);
    return status;
}

rm_status rm_cover_of_areas(double *m2, const rm_layer *areas, const rm_layer *evidence,
                            int32_t sum_overlaps, int32_t threads, rm_error *err)
{
    rm_join *join = NULL;
    RM_TRY(check_layers(areas, evidence, m2, threads, err));
    threads = rm_threads(threads);
    RM_TRY(rm_join_build(&join, &areas->rows.geometry, threads, err));
    rm_status status = (sum_overlaps ? sum_pairs : cover_union)(
        m2, join, &evidence->rows.geometry, areas->rows.geometry.features, threads, err);
    rm_join_free(join);
    return status;
}

rm_status rm_nearest_to_areas(double *metres, const rm_layer *areas, const rm_layer *evidence,
                              int32_t threads, rm_error *err)
{
    RM_TRY(check_layers(areas, evidence, metres, threads, err));
    return rm_nearest_distances(metres, NULL, &areas->rows.geometry, &evidence->rows.geometry,
                                rm_threads(threads), NULL, err);
}
