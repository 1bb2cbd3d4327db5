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
enum { CHUNK = 512, MANY = 48, OWN_SEGMENTS = 32 };

/* A run of evidence and a coordinate of it that begins a segment. */
typedef struct place {
    int32_t item; /* -1: none */
    int32_t segment;
} place;

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
    rm_progress *progress;
} nearest_job;

/* Axes on which boxes tell more: the first points from the area to the evidence. */
typedef struct axes {
    double x, y;             /* origin, by the area */
    double across, straight; /* the unit vector of the first axis */
} axes;

/* The search for one area. What is found does not hang on the order of looking: whatever may be
 * nearest but for rounding is measured. */
typedef struct search {
    const nearest_job *job;
    int worker;
    int64_t area;
    rm_segment_run run; /* the run of the area whose neighbours are being visited */
    rm_box box;         /* its box */
    axes axes;
    rm_box turned; /* its box on the axes */
    bool alone;    /* a polygon, and this run is all of it */
    int visited;   /* runs of evidence, while looking round */
    double x, y;   /* the point of the area that is looked for in polygons */
    double slack;  /* more than rounding puts into a distance from this run to evidence */
    double best;   /* squared metres */
    double limit;  /* squared metres, too: what is farther cannot be nearer, for all rounding */
    int32_t feature;
    place start; /* of the present run: it has been measured already */
    place near; /* what was nearest last, at first that of the area before: a bound to start with */
} search;

/* The runs of the area at hand. */
typedef struct own_runs {
    rm_segment_run *items;
    rm_box *boxes;
    int64_t count, items_capacity, boxes_capacity;
} own_runs;

static void set_limit(search *s)
{
    double reach = sqrt(s->best) * (1.0 + 1e-12) + s->slack;

    s->limit = reach * reach;
}

/* Of equal distances the lowest number stays. */
static void offer(search *s, double distance2, int32_t feature)
{
    if (distance2 < s->best) {
        s->best = distance2;
        s->feature = feature;
        set_limit(s);
    } else if (distance2 == s->best && feature < s->feature) {
        s->feature = feature;
    }
}

static void offer_near(search *s, double distance2, int32_t item, int32_t segment)
{
    if (distance2 < s->best)
        s->near = (place){item, segment};
    offer(s, distance2, s->job->runs.items[item].feature);
}

/* Whether a feature can still change the outcome. */
static bool is_settled(const search *s, int32_t feature)
{
    return s->best == 0.0 && (!s->job->which || s->feature <= feature);
}

static inline void turn(double *u, double *v, axes to, const double *x, const double *y,
                        int32_t points)
{
    for (int32_t i = 0; i < points; i++) {
        double dx = x[i] - to.x, dy = y[i] - to.y;

        u[i] = dx * to.across + dy * to.straight;
        v[i] = dy * to.across - dx * to.straight;
    }
}

/* Lays the axes from the middle of the present run of the area towards segment a-b. */
static void set_axes(search *s, double ax, double ay, double bx, double by)
{
    double x = 0.5 * (s->box.xmin + s->box.xmax), y = 0.5 * (s->box.ymin + s->box.ymax);
    double ux = bx - ax, uy = by - ay;
    double along = (ux * (x - ax) + uy * (y - ay)) / (ux * ux + uy * uy);

    along = along > 0.0 ? along < 1.0 ? along : 1.0 : 0.0;
    double dx = ax + along * ux - x, dy = ay + along * uy - y, length = sqrt(dx * dx + dy * dy);

    s->axes = length > 0.0 ? (axes){x, y, dx / length, dy / length} : (axes){x, y, 1.0, 0.0};
}

static void turn_run(search *s)
{
    const double *x = s->job->areas->x + s->run.begin, *y = s->job->areas->y + s->run.begin;
    double u[OWN_SEGMENTS + 1], v[OWN_SEGMENTS + 1];

    turn(u, v, s->axes, x, y, s->run.points);
    s->turned = (rm_box){INFINITY, INFINITY, -INFINITY, -INFINITY};
    for (int32_t i = 0; i < s->run.points; i++) {
        s->turned.xmin = rm_min(u[i], s->turned.xmin);
        s->turned.ymin = rm_min(v[i], s->turned.ymin);
        s->turned.xmax = rm_max(u[i], s->turned.xmax);
        s->turned.ymax = rm_max(v[i], s->turned.ymax);
    }
}

/* Squared distances between boxes on the axes: that of the area's present run, and those of each
 * segment and each coordinate of a run of evidence. Always RM_RUN_ROOM, whatever of it is used. */
static void find_gaps(const search *s, double *to_segment, double *to_point, const double *x,
                      const double *y)
{
    double u[RM_RUN_ROOM], v[RM_RUN_ROOM];
    rm_box box = s->turned;

    turn(u, v, s->axes, x, y, RM_RUN_ROOM);
    for (int32_t i = 0; i < RM_RUN_SEGMENTS; i++)
        to_segment[i] = rm_box_distance2(rm_segment_box(u[i], v[i], u[i + 1], v[i + 1]), box);
    for (int32_t i = 0; i < RM_RUN_ROOM; i++)
        to_point[i] = rm_box_distance2((rm_box){u[i], v[i], u[i], v[i]}, box);
}

/* Whether the present run of the area and segment a-b have a point in common. */
static bool run_touches(const search *s, double ax, double ay, double bx, double by)
{
    const double *x = s->job->areas->x + s->run.begin, *y = s->job->areas->y + s->run.begin;

    for (int32_t i = 0; i + 1 < s->run.points; i++) {
        if (rm_segments_touch(x[i], y[i], x[i + 1], y[i + 1], ax, ay, bx, by))
            return true;
    }
    return false;
}

/* Segments apart are nearest at an end of one of them, so the coordinates of either run against the
 * segments of the other will do. */
static void measure_runs(search *s, int32_t item)
{
    const rm_runs *runs = &s->job->runs;
    const rm_segment_run *other = &runs->items[item];
    const double *x = s->job->areas->x + s->run.begin, *y = s->job->areas->y + s->run.begin;
    const double *bx = runs->x + other->begin, *by = runs->y + other->begin;
    double to_segment[RM_RUN_SEGMENTS], to_point[RM_RUN_ROOM];

    int32_t done = item == s->start.item ? s->start.segment : -2;
    double touching = s->slack * s->slack;

    find_gaps(s, to_segment, to_point, bx, by);
    for (int32_t i = 0; i + 1 < other->points; i++) {
        if (to_segment[i] > s->limit)
            continue;
        if (to_segment[i] <= touching && run_touches(s, bx[i], by[i], bx[i + 1], by[i + 1])) {
            offer_near(s, 0.0, item, i);
            return;
        }
        if (i != done)
            offer_near(s,
                       rm_points_segment_distance2(x, y, s->run.points, bx[i], by[i], bx[i + 1],
                                                   by[i + 1]),
                       item, i);
    }
    for (int32_t i = 0; i < other->points; i++) {
        if (to_point[i] <= s->limit && i != done && i != done + 1)
            offer_near(s, rm_point_path_distance2(bx[i], by[i], x, y, s->run.points - 1), item,
                       i > 0 ? i - 1 : 0);
    }
}

/* The present run of the area is a single point. */
static void measure_point(search *s, int32_t item)
{
    const rm_runs *runs = &s->job->runs;
    const rm_segment_run *other = &runs->items[item];
    double x = s->job->areas->x[s->run.begin], y = s->job->areas->y[s->run.begin];
    const double *bx = runs->x + other->begin, *by = runs->y + other->begin;

    offer_near(s,
               other->points > 1 ? rm_point_path_distance2(x, y, bx, by, other->points - 1)
                                 : rm_point_segment_distance2(x, y, *bx, *by, *bx, *by),
               item, 0);
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

/* Whether a part of evidence begins inside the area. */
static bool begins_inside(const search *s, int32_t item)
{
    const rm_runs *runs = &s->job->runs;
    double x = runs->x[runs->items[item].begin], y = runs->y[runs->items[item].begin];

    return rm_box_touches((rm_box){x, y, x, y}, s->box) &&
           rm_bands_side(&s->job->area_bands, s->area, x, y) != RM_OUTSIDE;
}

/* A run of evidence against the present run of the area. */
static void measure(search *s, int32_t item)
{
    const rm_runs *runs = &s->job->runs;
    const rm_segment_run *other = &runs->items[item];
    int32_t begin = s->run.begin;

    if (is_settled(s, other->feature))
        return;
    if ((other->whole &&
         ring_holds(runs, item, s->job->areas->x[begin], s->job->areas->y[begin])) ||
        (other->first && s->alone && begins_inside(s, item)))
        offer_near(s, 0.0, item, 0);
    else if (s->run.points == 1)
        measure_point(s, item);
    else
        measure_runs(s, item);
}

/* From the place that was nearest to the area before: usually all but the distance itself. */
static void start_near(search *s)
{
    const rm_runs *runs = &s->job->runs;
    const rm_segment_run *other = &runs->items[s->near.item];
    const double *x = s->job->areas->x + s->run.begin, *y = s->job->areas->y + s->run.begin;
    const double *bx = runs->x + other->begin + s->near.segment;
    const double *by = runs->y + other->begin + s->near.segment;
    double u[2], v[2];

    if (other->points == 1) {
        set_axes(s, *bx, *by, *bx, *by);
        turn_run(s);
        measure(s, s->near.item);
        return;
    }
    set_axes(s, bx[0], by[0], bx[1], by[1]);
    turn_run(s);
    s->start = s->near;
    offer(s, rm_points_segment_distance2(x, y, s->run.points, bx[0], by[0], bx[1], by[1]),
          other->feature);
    turn(u, v, s->axes, bx, by, 2);
    for (int32_t i = 0; i < 2; i++) {
        if (rm_box_distance2((rm_box){u[i], v[i], u[i], v[i]}, s->turned) <= s->limit)
            offer(s, rm_point_path_distance2(bx[i], by[i], x, y, s->run.points - 1),
                  other->feature);
    }
}

/* Makes a run of the area the present one. */
static void begin_run(search *s, rm_segment_run run, rm_box box)
{
    double size =
        rm_max(rm_max(fabs(box.xmin), fabs(box.xmax)), rm_max(fabs(box.ymin), fabs(box.ymax)));

    s->run = run;
    s->box = box;
    s->slack = 128.0 * DBL_EPSILON * (size + s->job->runs.size);
    set_limit(s);
    s->start = (place){-1, 0};
    if (run.points == 1) {
        s->axes = (axes){box.xmin, box.ymin, 1.0, 0.0};
        turn_run(s);
        if (s->near.item >= 0)
            measure(s, s->near.item);
        return;
    }
    if (s->near.item >= 0) {
        start_near(s);
    } else {
        s->axes = (axes){box.xmin, box.ymin, 1.0, 0.0};
        turn_run(s);
    }
}

static double visit_run(void *context, int32_t item, double bound)
{
    search *s = context;

    (void)bound;
    measure(s, item);
    return is_settled(s, 0) ? -1.0 : s->limit;
}

/* A part of evidence that may lie inside an area of several runs. */
static bool visit_inside(void *context, int32_t item)
{
    search *s = context;
    const rm_segment_run *other = &s->job->runs.items[item];

    if (other->first && !is_settled(s, other->feature) && begins_inside(s, item))
        offer_near(s, 0.0, item, 0);
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

/* Whether the box of a run is out of reach, as it lies or on the axes. */
static bool is_far(const search *s, rm_box box)
{
    double across = fabs(s->axes.across), straight = fabs(s->axes.straight);
    double x = 0.5 * (box.xmin + box.xmax) - s->axes.x, y = 0.5 * (box.ymin + box.ymax) - s->axes.y;
    double wide = 0.5 * (box.xmax - box.xmin), tall = 0.5 * (box.ymax - box.ymin);
    double u = x * s->axes.across + y * s->axes.straight, du = wide * across + tall * straight;
    double v = y * s->axes.across - x * s->axes.straight, dv = tall * across + wide * straight;

    return rm_box_distance2(s->box, box) > s->limit ||
           rm_box_distance2(s->turned, (rm_box){u - du, v - dv, u + du, v + dv}) > s->limit;
}

static double visit_round(void *context, int32_t item, double bound)
{
    search *s = context;

    if (is_far(s, s->job->runs.boxes[item]))
        return s->limit;
    bound = visit_run(s, item, bound);
    return ++s->visited < MANY ? bound : -1.0;
}

/* With a bound at hand, a look at all that lies within it: no queue, so much faster than the tree's
 * search by distance. False when there was too much of it. */
static bool look_round(search *s)
{
    if (!isfinite(s->limit))
        return false;
    s->visited = 0;
    rm_rtree_around(s->job->run_tree, s->box, s->limit, visit_round, s);
    return s->visited < MANY;
}

static rm_status make_own_runs(own_runs *own, const rm_geometry *areas, int64_t area, rm_error *err)
{
    own->count = rm_runs_of_feature(areas, area, OWN_SEGMENTS);
    if (own->count > own->items_capacity)
        RM_TRY(RM_GROW(&own->items, &own->items_capacity, own->count, err));
    if (own->count > own->boxes_capacity)
        RM_TRY(RM_GROW(&own->boxes, &own->boxes_capacity, own->count, err));
    if (own->count > 0)
        rm_runs_write(areas, area, OWN_SEGMENTS, own->items, own->boxes);
    return RM_OK;
}

static rm_status search_area(search *s, own_runs *own, rm_error *err)
{
    const nearest_job *job = s->job;
    bool polygon = job->areas->kind[s->area] == RM_KIND_POLYGON;

    RM_TRY(make_own_runs(own, job->areas, s->area, err));
    s->alone = polygon && own->count == 1;
    if (polygon && !s->alone) {
        s->box = rm_geometry_box(job->areas, s->area);
        rm_rtree_query(job->run_tree, s->box, visit_inside, s);
    }
    if (job->holder_tree && !is_settled(s, 0))
        look_in_holders(s);
    for (int64_t i = 0; i < own->count && !is_settled(s, 0); i++) {
        if (s->worker == 0)
            RM_TRY(rm_progress_tick(job->progress, "nearest", err));
        begin_run(s, own->items[i], own->boxes[i]);
        if (!look_round(s))
            RM_TRY(rm_rtree_nearest(job->run_tree, s->box, s->limit, visit_run, s, err));
    }
    return RM_OK;
}

static rm_status search_chunk(void *context, int64_t begin, int64_t end, int worker, rm_error *err)
{
    const nearest_job *job = context;
    rm_status status = RM_OK;
    own_runs own = {0};
    place near = {-1, 0};

    for (int64_t i = begin; i < end && status == RM_OK; i++) {
        int64_t area = job->order[i];
        search s = {.job = job,
                    .worker = worker,
                    .area = area,
                    .best = INFINITY,
                    .limit = INFINITY,
                    .feature = -1,
                    .near = near};

        if (i + RM_AHEAD < end)
            rm_fetch_ahead(job->areas, job->order[i + RM_AHEAD]);
        if (job->areas->kind[area] != RM_KIND_NONE)
            status = search_area(&s, &own, err);
        job->distance[area] = s.feature < 0 ? NAN : sqrt(s.best);
        if (job->which)
            job->which[area] = s.feature;
        near = s.near;
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
    status = rm_rtree_build(&job->holder_tree, boxes, count, threads, job->progress, err);
    rm_release(boxes);
    return status;
}

static rm_status build(nearest_job *job, int threads, rm_error *err)
{
    rm_progress *progress = job->progress;

    RM_TRY(rm_runs_build(&job->runs, job->evidence, threads, progress, err));
    RM_TRY(
        rm_rtree_build(&job->run_tree, job->runs.boxes, job->runs.count, threads, progress, err));
    RM_TRY(build_holders(job, threads, err));
    RM_TRY(rm_order_nearby(&job->order, job->areas, threads, progress, err));
    RM_TRY(rm_bands_build(&job->area_bands, job->areas, progress, err));
    return rm_bands_build(&job->evidence_bands, job->evidence, progress, err);
}

rm_status rm_nearest_distances(double *distance, int32_t *which, const rm_geometry *areas,
                               const rm_geometry *evidence, int threads, rm_progress *progress,
                               rm_error *err)
{
    nearest_job job = {.areas = areas,
                       .evidence = evidence,
                       .distance = distance,
                       .which = which,
                       .progress = progress};
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
