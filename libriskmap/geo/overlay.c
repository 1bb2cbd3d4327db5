#include "geo/overlay.h"

#include "geo/overlap.h"
#include "geo/runs.h"

enum { CHUNK = 256, AREA_CHUNK = 64 };

typedef struct overlay {
    const rm_join *join;
    rm_bands evidence;
    int32_t *order; /* features near one another meet the same areas */
    rm_pair_fn pair;
    void *context;
    double tolerance;
    uint8_t *cells;      /* of rm_overlap_cells */
    rm_overlap *workers; /* [threads] */
    int threads;
    int32_t giant; /* the feature at hand, with its areas */
    rm_box giant_box;
    const rm_candidate *candidates;
    rm_progress *progress;
} overlay;

static rm_status open_workers(overlay *o, int threads, rm_error *err)
{
    o->threads = rm_threads(threads);
    return RM_NEW_ZERO(&o->workers, o->threads, err);
}

static void close_overlay(overlay *o)
{
    for (int i = 0; o->workers && i < o->threads; i++)
        rm_overlap_clear(&o->workers[i]);
    rm_release(o->workers);
    rm_release(o->order);
    rm_release(o->cells);
    rm_bands_clear(&o->evidence);
}

static rm_status pair_up(overlay *o, int worker, rm_candidate candidate, int64_t feature,
                         rm_box box, rm_error *err)
{
    double m2;

    if (worker == 0)
        RM_TRY(rm_progress_tick(o->progress, "overlay", err));
    if (candidate.holds)
        m2 = rm_geometry_area(o->evidence.geometry, feature);
    else
        RM_TRY(rm_overlap_m2(&o->workers[worker], o->join, candidate.area, &o->evidence, feature,
                             box, &m2, err));
    if (!(m2 > 0.0))
        return RM_OK;
    return o->pair(o->context, worker, candidate.area, (int32_t)feature, m2, err);
}

static rm_status pair_features(void *context, int64_t begin, int64_t end, int worker, rm_error *err)
{
    overlay *o = context;
    const rm_geometry *evidence = o->evidence.geometry;
    rm_overlap *scratch = &o->workers[worker];
    rm_box boxes[CHUNK];

    /* on their own, so that the processor waits for many boxes at once */
    for (int64_t i = begin; i < end; i++)
        boxes[i - begin] = rm_geometry_box(evidence, o->order[i]);
    for (int64_t i = begin; i < end; i++) {
        int64_t f = o->order[i];
        rm_box box = boxes[i - begin];

        if (evidence->kind[f] != RM_KIND_POLYGON || rm_is_giant(&o->evidence, f))
            continue;
        RM_TRY(rm_overlap_candidates(scratch, o->join, box, err));
        for (int64_t k = 0; k < scratch->count; k++)
            RM_TRY(pair_up(o, worker, scratch->candidates[k], f, box, err));
    }
    return RM_OK;
}

static rm_status pair_giant_areas(void *context, int64_t begin, int64_t end, int worker,
                                  rm_error *err)
{
    overlay *o = context;

    for (int64_t i = begin; i < end; i++)
        RM_TRY(pair_up(o, worker, o->candidates[i], o->giant, o->giant_box, err));
    return RM_OK;
}

static rm_status pair_giants(overlay *o, rm_stage stage, double done, rm_error *err)
{
    rm_overlap list = {0};
    rm_status status = RM_OK;

    for (int64_t f = 0; f < o->evidence.geometry->features && status == RM_OK; f++) {
        if (!rm_is_giant(&o->evidence, f))
            continue;
        double share = (double)rm_feature_points(o->evidence.geometry, f) /
                       (double)o->evidence.geometry->points;

        rm_progress_part(o->progress, stage, done, rm_min(done + share, 1.0));
        done = rm_min(done + share, 1.0);
        o->giant = (int32_t)f;
        o->giant_box = rm_geometry_box(o->evidence.geometry, f);
        status = rm_overlap_candidates(&list, o->join, o->giant_box, err);
        o->candidates = list.candidates;
        if (status == RM_OK)
            status = rm_parallel(list.count, AREA_CHUNK, o->threads, pair_giant_areas, o,
                                 o->progress, "overlay", err);
    }
    rm_overlap_clear(&list);
    return status;
}

rm_status rm_overlay_pairs(const rm_join *join, const rm_geometry *evidence, int threads,
                           rm_pair_fn pair, void *context, rm_progress *progress, rm_error *err)
{
    overlay o = {.join = join, .pair = pair, .context = context, .progress = progress};
    rm_stage stage = rm_progress_present(progress);
    rm_status status = open_workers(&o, threads, err);

    if (status == RM_OK)
        status = rm_bands_build(&o.evidence, evidence, progress, err);
    if (status == RM_OK)
        status = rm_order_nearby(&o.order, evidence, o.threads, progress, err);
    double others = status == RM_OK ? rm_share_of_others(&o.evidence) : 0.0;
    rm_progress_part(progress, stage, 0.0, others);
    if (status == RM_OK)
        status = rm_parallel(evidence->features, CHUNK, o.threads, pair_features, &o, progress,
                             "overlay", err);
    if (status == RM_OK && o.evidence.head_of)
        status = pair_giants(&o, stage, others, err);
    close_overlay(&o);
    return status;
}

/* The areas of lower number get out of the way, so each pair comes once. */
static rm_status pair_areas(void *context, int64_t begin, int64_t end, int worker, rm_error *err)
{
    overlay *o = context;
    const rm_join *join = o->join;
    rm_overlap *scratch = &o->workers[worker];

    for (int64_t a = begin; a < end; a++) {
        if (join->areas->kind[a] != RM_KIND_POLYGON)
            continue;
        RM_TRY(rm_overlap_rivals(scratch, join, o->cells, (int32_t)a, err));
        for (int64_t i = 0; i < scratch->count; i++) {
            int32_t b = scratch->candidates[i].area;
            double m2;

            if (b <= a)
                continue;
            RM_TRY(rm_overlap_areas_m2(scratch, join, (int32_t)a, b, o->tolerance, &m2, err));
            if (m2 > o->tolerance)
                RM_TRY(o->pair(o->context, worker, (int32_t)a, b, m2, err));
        }
    }
    return RM_OK;
}

rm_status rm_overlay_self(const rm_join *join, double tolerance, int threads, rm_pair_fn pair,
                          void *context, rm_progress *progress, rm_error *err)
{
    overlay o = {.join = join, .pair = pair, .context = context, .tolerance = tolerance};
    rm_status status = open_workers(&o, threads, err);

    if (status == RM_OK)
        status = rm_overlap_cells(&o.cells, join, o.threads, err);
    if (status == RM_OK)
        status = rm_parallel(join->areas->features, CHUNK, o.threads, pair_areas, &o, progress,
                             "overlaps between areas", err);
    close_overlay(&o);
    return status;
}
