#include "geo/contiguity.h"

#include "geo/bands.h"
#include "geo/rtree.h"
#include "geo/runs.h"
#include "geo/shared_border.h"

#include <math.h>
#include <stdlib.h>

enum { RUNS_A_CHUNK = 2048, AREAS_A_CHUNK = 2048, KNOWN_BITS = 12, SHORT_STRETCHES = 8 };

/* A stretch no longer than the tolerance that one segment of area a has along area b. */
typedef struct stretch {
    int32_t a, b, segment;
    double length;
} stretch;

typedef struct stretches {
    stretch *items;
    int64_t count, capacity;
} stretches;

struct contiguity;

/* What one worker has found, and the run or part whose surroundings it looks at. */
typedef struct searcher {
    /* Pairs found lately; a pair is (a + 1) << 32 | b. First, to keep what follows of two workers
     * apart. */
    uint64_t known[1 << KNOWN_BITS];
    const struct contiguity *job;
    rm_pairs found;
    stretches shorter;
    int32_t run, area;
    rm_box box;
    double x, y;
    rm_status status;
    rm_error *err;
} searcher;

typedef struct contiguity {
    const rm_geometry *areas;
    bool rook;
    double tolerance;
    rm_runs runs;
    rm_rtree *run_tree;
    rm_bands bands;
    rm_box *boxes; /* [areas] */
    rm_rtree *area_tree;
    int threads;
    searcher *searchers; /* [threads] */
} contiguity;

static uint64_t key_of(int32_t a, int32_t b)
{
    return ((uint64_t)(a < b ? a : b) + 1) << 32 | (uint32_t)(a < b ? b : a);
}

static uint64_t *known_place(searcher *s, uint64_t key)
{
    return &s->known[key * UINT64_C(0x9e3779b97f4a7c15) >> (64 - KNOWN_BITS)];
}

static bool is_known(searcher *s, int32_t a, int32_t b)
{
    uint64_t key = key_of(a, b);

    return *known_place(s, key) == key;
}

static void find_pair(searcher *s, int32_t a, int32_t b)
{
    uint64_t key = key_of(a, b);

    *known_place(s, key) = key;
    s->status = rm_pairs_add(&s->found, a, b, s->err);
}

static void keep_short(searcher *s, int32_t a, int32_t b, int32_t segment, double length)
{
    stretches *all = &s->shorter;

    if (all->count == all->capacity)
        s->status = RM_GROW(&all->items, &all->capacity, all->count + 1024, s->err);
    if (s->status == RM_OK)
        all->items[all->count++] = (stretch){a, b, segment, length};
}

static rm_box widen(rm_box box, double by)
{
    return (rm_box){box.xmin - by, box.ymin - by, box.xmax + by, box.ymax + by};
}

/* The segments of a run, a point being one of no length, that come near a box. */
typedef struct near_segments {
    rm_segment items[RM_RUN_SEGMENTS];
    int32_t first[RM_RUN_SEGMENTS]; /* the coordinate that each begins at */
    int count;
} near_segments;

static void take_near(near_segments *near, const rm_runs *runs, int32_t item, rm_box box)
{
    const rm_segment_run *run = &runs->items[item];
    const double *x = runs->x + run->begin, *y = runs->y + run->begin;
    int step = run->points > 1;

    near->count = 0;
    for (int i = 0; i < run->points - step; i++) {
        if (!rm_box_touches((rm_box){rm_min(x[i], x[i + step]), rm_min(y[i], y[i + step]),
                                     rm_max(x[i], x[i + step]), rm_max(y[i], y[i + step])},
                            box))
            continue;
        near->first[near->count] = run->begin + i;
        near->items[near->count++] = (rm_segment){x[i], y[i], x[i + step], y[i + step]};
    }
}

static bool boxes_touch(rm_segment s, rm_segment t, double tolerance)
{
    return rm_min(s.ax, s.bx) - tolerance <= rm_max(t.ax, t.bx) &&
           rm_min(t.ax, t.bx) - tolerance <= rm_max(s.ax, s.bx) &&
           rm_min(s.ay, s.by) - tolerance <= rm_max(t.ay, t.by) &&
           rm_min(t.ay, t.by) - tolerance <= rm_max(s.ay, s.by);
}

/* Whether two segments make neighbours of their areas; what is too short for that is kept. */
static bool settles(searcher *s, const near_segments *own, int i, const near_segments *other, int k,
                    int32_t area)
{
    double tolerance = s->job->tolerance;
    rm_segment one = own->items[i], two = other->items[k];

    if (!boxes_touch(one, two, tolerance))
        return false;
    if (!s->job->rook)
        return rm_segments_meet(one, two, tolerance);
    double length = rm_segments_stretch(one, two, tolerance);
    if (length > tolerance)
        return true;
    if (length > 0.0) {
        keep_short(s, s->area, area, own->first[i], length);
        keep_short(s, area, s->area, other->first[k], length);
    }
    return false;
}

/* The present run against one of an area of higher number. */
static bool visit_run(void *context, int32_t item)
{
    searcher *s = context;
    const rm_runs *runs = &s->job->runs;
    int32_t area = runs->items[item].feature;
    near_segments own, other;

    if (area <= s->area || !rm_box_touches(s->box, runs->boxes[item]) || is_known(s, s->area, area))
        return true;
    take_near(&own, runs, s->run, widen(runs->boxes[item], s->job->tolerance));
    if (own.count == 0)
        return true;
    take_near(&other, runs, item, s->box);
    for (int i = 0; i < own.count; i++) {
        for (int k = 0; k < other.count && s->status == RM_OK; k++) {
            if (settles(s, &own, i, &other, k, area)) {
                find_pair(s, s->area, area);
                return s->status == RM_OK;
            }
        }
    }
    return s->status == RM_OK;
}

static rm_status search_runs(void *context, int64_t begin, int64_t end, int worker, rm_error *err)
{
    contiguity *c = context;
    searcher *s = &c->searchers[worker];

    s->err = err;
    for (int64_t r = begin; r < end && s->status == RM_OK; r++) {
        s->run = (int32_t)r;
        s->area = c->runs.items[r].feature;
        s->box = widen(c->runs.boxes[r], c->tolerance);
        rm_rtree_query(c->run_tree, s->box, visit_run, s);
    }
    return s->status;
}

static bool box_holds(rm_box outer, rm_box inner)
{
    return outer.xmin <= inner.xmin && outer.ymin <= inner.ymin && outer.xmax >= inner.xmax &&
           outer.ymax >= inner.ymax;
}

/* An area that may hold the present part of another. */
static bool visit_area(void *context, int32_t item)
{
    searcher *s = context;
    const contiguity *c = s->job;

    if (item != s->area && box_holds(c->boxes[item], s->box) && !is_known(s, item, s->area) &&
        rm_bands_side(&c->bands, item, s->x, s->y) != RM_OUTSIDE)
        find_pair(s, item, s->area);
    return s->status == RM_OK;
}

/* An area whose boundary keeps clear of another's meets it only where a whole part of one lies
 * inside the other, and then each of its points does. */
static rm_status search_inside(void *context, int64_t begin, int64_t end, int worker, rm_error *err)
{
    contiguity *c = context;
    const rm_geometry *g = c->areas;
    searcher *s = &c->searchers[worker];

    s->err = err;
    for (int64_t a = begin; a < end; a++) {
        for (int32_t p = g->feature_part[a]; p < g->feature_part[a + 1]; p++) {
            int32_t first = g->ring_point[g->part_ring[p]];
            int32_t last = g->ring_point[g->part_ring[p] + 1];

            s->area = (int32_t)a;
            s->x = g->x[first];
            s->y = g->y[first];
            s->box = (rm_box){s->x, s->y, s->x, s->y};
            for (int32_t i = first; i < last; i++) {
                s->box.xmin = rm_min(g->x[i], s->box.xmin);
                s->box.ymin = rm_min(g->y[i], s->box.ymin);
                s->box.xmax = rm_max(g->x[i], s->box.xmax);
                s->box.ymax = rm_max(g->y[i], s->box.ymax);
            }
            rm_rtree_query(c->area_tree, (rm_box){s->x, s->y, s->x, s->y}, visit_area, s);
            RM_TRY(s->status);
        }
    }
    return RM_OK;
}

static int compare_stretches(const void *left, const void *right)
{
    const stretch *s = left, *t = right;

    if (s->a != t->a)
        return s->a < t->a ? -1 : 1;
    if (s->b != t->b)
        return s->b < t->b ? -1 : 1;
    if (s->segment != t->segment)
        return s->segment < t->segment ? -1 : 1;
    return (s->length > t->length) - (s->length < t->length);
}

static rm_status gather_stretches(stretches *all, contiguity *c, rm_error *err)
{
    int64_t count = 0;

    for (int t = 0; t < c->threads; t++)
        count += c->searchers[t].shorter.count;
    RM_TRY(RM_NEW(&all->items, count, err));
    for (int t = 0; t < c->threads; t++) {
        const stretches *some = &c->searchers[t].shorter;

        for (int64_t i = 0; i < some->count; i++)
            all->items[all->count++] = some->items[i];
    }
    return RM_OK;
}

/* Adds up what each segment of an area has along another area at the most. */
static rm_status add_stretches(contiguity *c, rm_error *err)
{
    stretches all = {0};
    searcher *s = &c->searchers[0];
    double sum = 0.0;
    rm_status status = gather_stretches(&all, c, err);

    if (status == RM_OK && all.count > 0)
        qsort(all.items, (size_t)all.count, sizeof *all.items, compare_stretches);
    s->err = err;
    for (int64_t i = 0; i < all.count && status == RM_OK; i++) {
        const stretch *now = &all.items[i], *next = i + 1 < all.count ? now + 1 : NULL;
        bool same_pair = next && next->a == now->a && next->b == now->b;

        if (!same_pair || next->segment != now->segment)
            sum += now->length;
        if (same_pair)
            continue;
        if (sum > SHORT_STRETCHES * c->tolerance)
            find_pair(s, now->a, now->b);
        status = s->status;
        sum = 0.0;
    }
    rm_release(all.items);
    return status;
}

static rm_status prepare(contiguity *c, rm_progress *progress, rm_error *err)
{
    int64_t areas = c->areas->features;

    RM_TRY(rm_runs_build(&c->runs, c->areas, c->threads, progress, err));
    RM_TRY(rm_rtree_build(&c->run_tree, c->runs.boxes, c->runs.count, c->threads, progress, err));
    RM_TRY(RM_NEW_ZERO(&c->searchers, c->threads, err));
    for (int t = 0; t < c->threads; t++)
        c->searchers[t].job = c;
    if (c->rook)
        return RM_OK;
    RM_TRY(rm_bands_build(&c->bands, c->areas, progress, err));
    RM_TRY(RM_NEW(&c->boxes, areas, err));
    for (int64_t a = 0; a < areas; a++)
        c->boxes[a] = rm_geometry_box(c->areas, a);
    return rm_rtree_build(&c->area_tree, c->boxes, areas, c->threads, progress, err);
}

static rm_status search(rm_weights *out, contiguity *c, rm_progress *progress, rm_error *err)
{
    static const char *message = "neighbours of the areas";
    rm_stage whole = rm_progress_present(progress);
    rm_pairs *lists = NULL;

    rm_progress_part(progress, whole, 0.0, 0.9);
    RM_TRY(rm_parallel(c->runs.count, RUNS_A_CHUNK, c->threads, search_runs, c, progress, message,
                       err));
    rm_progress_part(progress, whole, 0.9, 1.0);
    if (c->rook)
        RM_TRY(add_stretches(c, err));
    else
        RM_TRY(rm_parallel(c->areas->features, AREAS_A_CHUNK, c->threads, search_inside, c,
                           progress, message, err));
    RM_TRY(RM_NEW(&lists, c->threads, err));
    for (int t = 0; t < c->threads; t++) {
        lists[t] = c->searchers[t].found;
        c->searchers[t].found = (rm_pairs){0};
    }
    rm_status status =
        rm_weights_from_pairs(out, c->areas->features, lists, c->threads, c->threads, err);
    for (int t = 0; t < c->threads; t++)
        rm_pairs_clear(&lists[t]);
    rm_release(lists);
    return status;
}

static void clear(contiguity *c)
{
    for (int t = 0; c->searchers && t < c->threads; t++) {
        rm_pairs_clear(&c->searchers[t].found);
        rm_release(c->searchers[t].shorter.items);
    }
    rm_release(c->searchers);
    rm_runs_clear(&c->runs);
    rm_rtree_free(c->run_tree);
    rm_bands_clear(&c->bands);
    rm_release(c->boxes);
    rm_rtree_free(c->area_tree);
}

rm_status rm_contiguity(rm_weights *out, const rm_geometry *areas, int32_t kind, double tolerance,
                        int threads, rm_progress *progress, rm_error *err)
{
    contiguity c = {.areas = areas,
                    .rook = kind == RM_CONTIGUITY_ROOK,
                    .tolerance = tolerance,
                    .threads = rm_threads(threads)};

    if (kind != RM_CONTIGUITY_QUEEN && kind != RM_CONTIGUITY_ROOK)
        return rm_fail(err, RM_EINVAL, "kind of contiguity is %d; 0 (queen) or 1 (rook)", kind);
    if (!(tolerance >= 0.0 && isfinite(tolerance)))
        return rm_fail(err, RM_EINVAL,
                       "tolerance is %g; it is a distance of 0 (exact) or more metres, such as "
                       "0.001",
                       tolerance);
    for (int64_t a = 0; a < areas->features; a++)
        if (areas->kind[a] != RM_KIND_NONE && areas->kind[a] != RM_KIND_POLYGON)
            return rm_fail_row(err, RM_EDATA, a,
                               "feature %lld is a %s and contiguity is between polygons; leave it "
                               "out, or take neighbours by distance",
                               (long long)a, areas->kind[a] == RM_KIND_POINT ? "point" : "line");
    rm_status status = prepare(&c, progress, err);
    if (status == RM_OK)
        status = search(out, &c, progress, err);
    clear(&c);
    return status;
}
