#include "geo/nearest.h"

#include "geo/bands.h"
#include "geo/distance.h"
#include "geo/join_index.h"
#include "geo/rtree.h"
#include "geo/runs.h"

#include <float.h>
#include <math.h>

/* A plain look round a run of the area gives up after MANY runs of evidence, where they lie so
 * close together that the tree's order by distance pays. */
enum { CHUNK = 512, MANY = 48 };

typedef struct nearest_job {
    const rm_geometry *areas, *evidence;
    rm_runs runs; /* of evidence */
    rm_rtree *run_tree;
    rm_bands area_bands, evidence_bands;
    int32_t *holders; /* polygons of evidence that are more than one run */
    rm_rtree *holder_tree;
    int32_t *order; /* [areas] neighbours near one another */
    double *distance;
    int32_t *which;
} nearest_job;

/* The search for one area. */
typedef struct search {
    const nearest_job *job;
    int64_t area;
    rm_segment_run run; /* the run of the area whose neighbours are being visited */
    rm_box box;         /* its box */
    int visited;        /* runs of evidence, while looking round */
    double x, y;        /* the point of the area that is looked for in polygons */
    double best;        /* squared metres */
    int32_t feature;
    int32_t item; /* the run of evidence that was nearest last, at first that of the area before;
                     -1: none yet. A bound to start with */
} search;

/* The runs of the area at hand. */
typedef struct own_runs {
    rm_segment_run *items;
    rm_box *boxes;
    int64_t count, items_capacity, boxes_capacity;
} own_runs;

/* Of equal distances the lowest number stays. */
static void offer(search *s, double distance2, int32_t feature)
{
    if (distance2 < s->best || (distance2 == s->best && feature < s->feature) || s->feature < 0) {
        s->best = distance2;
        s->feature = feature;
    }
}

/* Whether a feature can still change the outcome. */
static bool is_settled(const search *s, int32_t feature)
{
    return s->best == 0.0 && (!s->job->which || s->feature <= feature);
}

/* Squared distance between two boxes. */
static double gap2(const rm_box *a, const rm_box *b)
{
    double dx = a->xmin > b->xmax ? a->xmin - b->xmax : b->xmin > a->xmax ? b->xmin - a->xmax : 0.0;
    double dy = a->ymin > b->ymax ? a->ymin - b->ymax : b->ymin > a->ymax ? b->ymin - a->ymax : 0.0;

    return dx * dx + dy * dy;
}

static rm_box box_of(double ax, double ay, double bx, double by)
{
    return (rm_box){ax < bx ? ax : bx, ay < by ? ay : by, ax < bx ? bx : ax, ay < by ? by : ay};
}

/* Right when it is at most limit, otherwise anything over limit. */
static double run_distance2(const double *ax, const double *ay, int32_t a_points, const double *bx,
                            const double *by, int32_t b_points, double limit)
{
    int32_t a_step = a_points > 1, b_step = b_points > 1;
    int32_t a_count = a_points - a_step, b_count = b_points - b_step;
    double best = INFINITY;

    for (int32_t i = 0; i < a_count; i++) {
        rm_box box = box_of(ax[i], ay[i], ax[i + a_step], ay[i + a_step]);

        for (int32_t j = 0; j < b_count; j++) {
            rm_box other = box_of(bx[j], by[j], bx[j + b_step], by[j + b_step]);

            if (gap2(&box, &other) > (best < limit ? best : limit))
                continue;
            double d2 = rm_segment_distance2(ax[i], ay[i], ax[i + a_step], ay[i + a_step], bx[j],
                                             by[j], bx[j + b_step], by[j + b_step]);
            best = d2 < best ? d2 : best;
        }
    }
    return best;
}

static double point_distance2(double x, double y, const double *bx, const double *by,
                              int32_t points)
{
    double best = (x - bx[0]) * (x - bx[0]) + (y - by[0]) * (y - by[0]);

    for (int32_t j = 0; j + 1 < points; j++) {
        double d2 = rm_point_segment_distance2(x, y, bx[j], by[j], bx[j + 1], by[j + 1]);

        best = d2 < best ? d2 : best;
    }
    return best;
}

/* Whether a polygon that is one run holds the point. */
static bool ring_holds(const rm_runs *runs, int32_t item, double x, double y)
{
    const rm_segment_run *ring = &runs->items[item];
    const rm_box *box = &runs->boxes[item];
    unsigned crossings = 0;

    if (!(x >= box->xmin && x <= box->xmax && y >= box->ymin && y <= box->ymax))
        return false;
    return rm_cross_edges(runs->x + ring->begin, runs->y + ring->begin, ring->points - 1, x, y,
                          &crossings) ||
           (crossings & 1);
}

/* A run of evidence against the present run of the area. */
static double visit_run(void *context, int32_t item, double bound)
{
    search *s = context;
    const rm_runs *runs = &s->job->runs;
    const rm_segment_run *other = &runs->items[item];
    const double *x = s->job->areas->x + s->run.begin, *y = s->job->areas->y + s->run.begin;
    const double *bx = runs->x + other->begin, *by = runs->y + other->begin;
    double d2;

    (void)bound;
    if (is_settled(s, other->feature))
        return s->job->which ? 0.0 : -1.0;
    if (other->whole && ring_holds(runs, item, *x, *y))
        d2 = 0.0;
    else if (s->run.points == 1)
        d2 = point_distance2(*x, *y, bx, by, other->points);
    else
        d2 = run_distance2(x, y, s->run.points, bx, by, other->points, s->best);
    if (d2 <= s->best)
        s->item = item;
    offer(s, d2, other->feature);
    return s->best == 0.0 && !s->job->which ? -1.0 : s->best;
}

/* A part of evidence that may lie inside the area. */
static bool visit_inside(void *context, int32_t item)
{
    search *s = context;
    const rm_runs *runs = &s->job->runs;
    const rm_segment_run *other = &runs->items[item];

    if (other->first && !is_settled(s, other->feature) &&
        rm_bands_side(&s->job->area_bands, s->area, runs->x[other->begin], runs->y[other->begin]) !=
            RM_OUTSIDE)
        offer(s, 0.0, other->feature);
    return !is_settled(s, 0);
}

/* A polygon of evidence that may hold the present point of the area. */
static bool visit_holder(void *context, int32_t item)
{
    search *s = context;
    int32_t feature = s->job->holders[item];

    if (!is_settled(s, feature) &&
        rm_bands_side(&s->job->evidence_bands, feature, s->x, s->y) != RM_OUTSIDE)
        offer(s, 0.0, feature);
    return !is_settled(s, 0);
}

static void look_in_holders(search *s)
{
    const rm_geometry *areas = s->job->areas;

    for (int32_t p = areas->feature_part[s->area]; p < areas->feature_part[s->area + 1]; p++) {
        int32_t begin = areas->ring_point[areas->part_ring[p]];

        s->x = areas->x[begin];
        s->y = areas->y[begin];
        rm_rtree_query(s->job->holder_tree, (rm_box){s->x, s->y, s->x, s->y}, visit_holder, s);
    }
}

static bool visit_round(void *context, int32_t item)
{
    search *s = context;

    if (gap2(&s->box, &s->job->runs.boxes[item]) > s->best)
        return true;
    visit_run(s, item, s->best);
    return ++s->visited < MANY && !is_settled(s, 0);
}

/* With a bound at hand, a look at all that lies within it: no queue, so much faster than the tree's
 * search by distance. False when there was too much of it. */
static bool look_round(search *s)
{
    rm_box box = s->box;
    double size = fabs(box.xmin) + fabs(box.xmax) + fabs(box.ymin) + fabs(box.ymax);
    /* a little further, so that rounding leaves nothing out */
    double reach = sqrt(s->best) * (1.0 + 1e-12) + 4.0 * DBL_EPSILON * size;

    if (!isfinite(reach))
        return false;
    s->visited = 0;
    rm_rtree_query(s->job->run_tree,
                   (rm_box){box.xmin - reach, box.ymin - reach, box.xmax + reach, box.ymax + reach},
                   visit_round, s);
    return s->visited < MANY;
}

static rm_status make_own_runs(own_runs *own, const rm_geometry *areas, int64_t area, rm_error *err)
{
    own->count = rm_runs_of_feature(areas, area);
    if (own->count > own->items_capacity)
        RM_TRY(RM_GROW(&own->items, &own->items_capacity, own->count, err));
    if (own->count > own->boxes_capacity)
        RM_TRY(RM_GROW(&own->boxes, &own->boxes_capacity, own->count, err));
    if (own->count > 0)
        rm_runs_write(areas, area, own->items, own->boxes);
    return RM_OK;
}

static rm_status search_area(search *s, own_runs *own, rm_error *err)
{
    const nearest_job *job = s->job;
    int32_t near = s->item;

    if (job->areas->kind[s->area] == RM_KIND_POLYGON)
        rm_rtree_query(job->run_tree, rm_geometry_box(job->areas, s->area), visit_inside, s);
    if (job->holder_tree && !is_settled(s, 0))
        look_in_holders(s);
    RM_TRY(make_own_runs(own, job->areas, s->area, err));
    for (int64_t i = 0; i < own->count && !is_settled(s, 0); i++) {
        s->run = own->items[i];
        s->box = own->boxes[i];
        if (i == 0 && near >= 0)
            visit_run(s, near, INFINITY);
        if (!is_settled(s, 0) && !look_round(s))
            RM_TRY(rm_rtree_nearest(job->run_tree, s->box, s->best, visit_run, s, err));
    }
    return RM_OK;
}

static rm_status search_chunk(void *context, int64_t begin, int64_t end, int worker, rm_error *err)
{
    const nearest_job *job = context;
    rm_status status = RM_OK;
    own_runs own = {0};
    int32_t near = -1;

    (void)worker;
    for (int64_t i = begin; i < end && status == RM_OK; i++) {
        int64_t area = job->order[i];
        search s = {.job = job, .area = area, .best = INFINITY, .feature = -1, .item = near};

        if (i + RM_AHEAD < end)
            rm_fetch_ahead(job->areas, job->order[i + RM_AHEAD]);
        if (job->areas->kind[area] != RM_KIND_NONE)
            status = search_area(&s, &own, err);
        job->distance[area] = s.feature < 0 ? NAN : sqrt(s.best);
        if (job->which)
            job->which[area] = s.feature;
        near = s.item;
    }
    rm_release(own.items);
    rm_release(own.boxes);
    return status;
}

static bool is_holder(const rm_geometry *geometry, int64_t feature)
{
    return geometry->kind[feature] == RM_KIND_POLYGON && !rm_is_one_run(geometry, feature);
}

static rm_status build_holders(nearest_job *job, int threads, rm_error *err)
{
    const rm_geometry *evidence = job->evidence;
    rm_box *boxes = NULL;
    int64_t count = 0;
    rm_status status;

    for (int64_t f = 0; f < evidence->features; f++)
        count += is_holder(evidence, f);
    if (count == 0)
        return RM_OK;
    RM_TRY(RM_NEW(&job->holders, count, err));
    RM_TRY(RM_NEW(&boxes, count, err));
    count = 0;
    for (int64_t f = 0; f < evidence->features; f++) {
        if (!is_holder(evidence, f))
            continue;
        job->holders[count] = (int32_t)f;
        boxes[count++] = rm_geometry_box(evidence, f);
    }
    status = rm_rtree_build(&job->holder_tree, boxes, count, threads, err);
    rm_release(boxes);
    return status;
}

static rm_status build(nearest_job *job, int threads, rm_error *err)
{
    RM_TRY(rm_runs_build(&job->runs, job->evidence, threads, err));
    RM_TRY(rm_rtree_build(&job->run_tree, job->runs.boxes, job->runs.count, threads, err));
    RM_TRY(build_holders(job, threads, err));
    RM_TRY(rm_order_nearby(&job->order, job->areas, threads, err));
    RM_TRY(rm_bands_build(&job->area_bands, job->areas, err));
    return rm_bands_build(&job->evidence_bands, job->evidence, err);
}

rm_status rm_nearest_distances(double *distance, int32_t *which, const rm_geometry *areas,
                               const rm_geometry *evidence, int threads, rm_progress *progress,
                               rm_error *err)
{
    nearest_job job = {.areas = areas, .evidence = evidence, .distance = distance, .which = which};
    rm_status status = build(&job, threads, err);

    if (status == RM_OK)
        status = rm_parallel(areas->features, CHUNK, threads, search_chunk, &job, progress,
                             "nearest", err);
    rm_bands_clear(&job.evidence_bands);
    rm_bands_clear(&job.area_bands);
    rm_rtree_free(job.holder_tree);
    rm_rtree_free(job.run_tree);
    rm_release(job.holders);
    rm_release(job.order);
    rm_runs_clear(&job.runs);
    return status;
}
