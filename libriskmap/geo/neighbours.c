#include "geo/neighbours.h"

#include "geo/point_tree.h"

#include <float.h>
#include <math.h>
#include <stdio.h>

enum { POINTS_A_CHUNK = 4096, DEEPEST = 64, APART = 16 };

/* Of equal distances the lower number is nearer. */
typedef struct candidate {
    double distance2;
    int32_t item;
} candidate;

typedef struct linking {
    const double *x, *y;
    const rm_linking *how;
    rm_point_tree tree;
    double limit2; /* of a band */
    int32_t k;     /* of the nearest */
    /* [threads * (k + APART)] heaps, the farthest first, on cache lines of their own */
    candidate *nearest;
    rm_weights made;
} linking;

/* A node that waits to be looked at, and where its points stand. */
typedef struct waiting {
    int64_t node;
    int level;
} waiting;

static double distance2(const linking *l, int64_t i, int64_t k)
{
    double dx = l->x[i] - l->x[k], dy = l->y[i] - l->y[k];

    return dx * dx + dy * dy;
}

/* Sorts the neighbours of an item that are written, and weighs them. */
static rm_status finish_row(const linking *l, int64_t item, rm_error *err)
{
    int64_t begin = l->made.start[item], end = l->made.start[item + 1];

    rm_sort_items(l->made.to + begin, end - begin);
    if (!l->made.weight)
        return RM_OK;
    for (int64_t i = begin; i < end; i++) {
        double metres = sqrt(distance2(l, item, l->made.to[i]));

        metres = rm_max(l->how->least, metres);
        l->made.weight[i] = 1.0 / metres;
        if (!isfinite(l->made.weight[i]))
            return rm_fail_row(err, RM_EDATA, item,
                               "points %lld and %d lie in the same place, so that 1 / distance is "
                               "infinite; state the least distance to reckon with, such as 1 m",
                               (long long)item, l->made.to[i]);
    }
    return RM_OK;
}

static rm_status take_links(linking *l, int64_t links, const char *what, rm_error *err)
{
    bool weigh = l->how->weight == RM_WEIGHT_INVERSE_DISTANCE;
    int64_t bytes = (int64_t)(sizeof *l->made.to + (weigh ? sizeof *l->made.weight : 0));
    int64_t most = l->how->most_links > 0 ? l->how->most_links : rm_memory_size() / 2 / bytes;

    if (links > most)
        return rm_fail(err, RM_ELIMIT, "%s gives %lld links, more than the %lld %s; take %s", what,
                       (long long)links, (long long)most,
                       l->how->most_links > 0 ? "allowed" : "that half of the memory holds",
                       l->k > 0 ? "fewer neighbours" : "a narrower band");
    RM_TRY(RM_NEW(&l->made.to, links, err));
    return weigh ? RM_NEW(&l->made.weight, links, err) : RM_OK;
}

/* How many points lie in the band around a point, itself included, which are written when to is not
 * NULL, but for itself. */
static int64_t look_round(const linking *l, double x, double y, int32_t self, int32_t *to)
{
    const rm_point_tree *tree = &l->tree;
    waiting stack[DEEPEST] = {{1, 0}};
    int waits = 1;
    int64_t found = 0;

    while (waits > 0) {
        waiting now = stack[--waits];
        const rm_box *box = &tree->nodes[now.node].box;

        if (!(rm_box_near2(box, x, y) <= l->limit2))
            continue;
        bool whole = rm_box_far2(box, x, y) <= l->limit2;
        if (!whole && now.level < tree->levels) {
            stack[waits++] = (waiting){2 * now.node, now.level + 1};
            stack[waits++] = (waiting){2 * now.node + 1, now.level + 1};
            continue;
        }
        int64_t begin, end;
        rm_point_tree_range(tree, now.level, now.node, &begin, &end);
        if (whole && !to) {
            found += end - begin;
            continue;
        }
        for (int64_t i = begin; i < end; i++) {
            double dx = tree->x[i] - x, dy = tree->y[i] - y;
            bool within = dx * dx + dy * dy <= l->limit2;

            if (to && within && tree->item[i] != self)
                *to++ = tree->item[i];
            found += within;
        }
    }
    return found;
}

static rm_status count_chunk(void *context, int64_t begin, int64_t end, int worker, rm_error *err)
{
    linking *l = context;

    (void)worker;
    (void)err;
    for (int64_t i = begin; i < end; i++)
        l->made.start[l->tree.item[i] + 1] =
            look_round(l, l->tree.x[i], l->tree.y[i], l->tree.item[i], NULL) - 1;
    return RM_OK;
}

static rm_status fill_chunk(void *context, int64_t begin, int64_t end, int worker, rm_error *err)
{
    linking *l = context;

    (void)worker;
    for (int64_t i = begin; i < end; i++) {
        int32_t item = l->tree.item[i];

        look_round(l, l->tree.x[i], l->tree.y[i], item, l->made.to + l->made.start[item]);
        RM_TRY(finish_row(l, item, err));
    }
    return RM_OK;
}

/* The greatest square whose root, rounded, is not above the band: compared with it, squares tell
 * what roots would. */
static double limit_of(double band)
{
    double limit = band * band;

    limit = limit < DBL_MAX ? limit : DBL_MAX;
    while (limit < DBL_MAX && sqrt(nextafter(limit, INFINITY)) <= band)
        limit = nextafter(limit, INFINITY);
    while (sqrt(limit) > band)
        limit = nextafter(limit, 0.0);
    return limit;
}

static rm_status link_band(linking *l, double band, rm_error *err)
{
    static const char *message = "neighbours within the distance";
    rm_progress *progress = l->how->progress;
    rm_stage whole = rm_progress_present(progress);
    char what[64];

    l->limit2 = limit_of(band);
    rm_progress_part(progress, whole, 0.0, 0.4);
    RM_TRY(rm_parallel(l->tree.count, POINTS_A_CHUNK, l->how->threads, count_chunk, l, progress,
                       message, err));
    for (int64_t i = 0; i < l->made.count; i++)
        l->made.start[i + 1] += l->made.start[i];
    snprintf(what, sizeof what, "a band of %g m", band);
    RM_TRY(take_links(l, l->made.start[l->made.count], what, err));
    rm_progress_part(progress, whole, 0.4, 1.0);
    return rm_parallel(l->tree.count, POINTS_A_CHUNK, l->how->threads, fill_chunk, l, progress,
                       message, err);
}

static bool is_nearer(candidate a, candidate b)
{
    return a.distance2 < b.distance2 || (a.distance2 == b.distance2 && a.item < b.item);
}

/* Replaces the farthest of a full heap. */
static void replace_top(candidate *heap, int32_t count, candidate by)
{
    int64_t at = 0, child;

    while ((child = 2 * at + 1) < count) {
        if (child + 1 < count && is_nearer(heap[child], heap[child + 1]))
            child++;
        if (!is_nearer(by, heap[child]))
            break;
        heap[at] = heap[child];
        at = child;
    }
    heap[at] = by;
}

/* A node, and the nearest that a point in it can be. */
typedef struct ahead {
    waiting at;
    candidate bound;
} ahead;

static ahead node_ahead(const rm_point_tree *tree, int64_t node, int level, double x, double y)
{
    const rm_point_node *n = &tree->nodes[node];

    return (ahead){{node, level}, {rm_box_near2(&n->box, x, y), n->least}};
}

static void search_leaf(const rm_point_tree *tree, int64_t node, double x, double y, int32_t self,
                        candidate *heap, int32_t k)
{
    int64_t begin, end;

    rm_point_tree_range(tree, tree->levels, node, &begin, &end);
    for (int64_t i = begin; i < end; i++) {
        double dx = tree->x[i] - x, dy = tree->y[i] - y;
        candidate found = {dx * dx + dy * dy, tree->item[i]};

        if (found.item != self && is_nearer(found, heap[0]))
            replace_top(heap, k, found);
    }
}

/* Fills the heap with the k nearest, the nearer half of the tree first. */
static void search_nearest(const rm_point_tree *tree, double x, double y, int32_t self,
                           candidate *heap, int32_t k)
{
    ahead stack[DEEPEST] = {{{1, 0}, {0.0, -1}}};
    int waits = 1;

    for (int32_t i = 0; i < k; i++)
        heap[i] = (candidate){INFINITY, INT32_MAX};
    while (waits > 0) {
        ahead now = stack[--waits];

        if (!is_nearer(now.bound, heap[0]))
            continue;
        if (now.at.level == tree->levels) {
            search_leaf(tree, now.at.node, x, y, self, heap, k);
            continue;
        }
        ahead left = node_ahead(tree, 2 * now.at.node, now.at.level + 1, x, y);
        ahead right = node_ahead(tree, 2 * now.at.node + 1, now.at.level + 1, x, y);
        bool left_first = is_nearer(left.bound, right.bound);
        stack[waits++] = left_first ? right : left;
        stack[waits++] = left_first ? left : right;
    }
}

static rm_status nearest_chunk(void *context, int64_t begin, int64_t end, int worker, rm_error *err)
{
    linking *l = context;
    candidate *heap = l->nearest + worker * ((int64_t)l->k + APART);

    for (int64_t i = begin; i < end; i++) {
        int32_t item = l->tree.item[i];
        int32_t *to = l->made.to + l->made.start[item];

        search_nearest(&l->tree, l->tree.x[i], l->tree.y[i], item, heap, l->k);
        for (int32_t n = 0; n < l->k; n++)
            to[n] = heap[n].item;
        RM_TRY(finish_row(l, item, err));
    }
    return RM_OK;
}

static rm_status link_nearest(linking *l, rm_error *err)
{
    char what[64];

    for (int64_t i = 0; i < l->tree.count; i++)
        l->made.start[l->tree.item[i] + 1] = l->k;
    for (int64_t i = 0; i < l->made.count; i++)
        l->made.start[i + 1] += l->made.start[i];
    snprintf(what, sizeof what, "taking the %d nearest", l->k);
    RM_TRY(take_links(l, l->made.start[l->made.count], what, err));
    RM_TRY(RM_NEW(&l->nearest, l->how->threads * ((int64_t)l->k + APART), err));
    return rm_parallel(l->tree.count, POINTS_A_CHUNK / 4, l->how->threads, nearest_chunk, l,
                       l->how->progress, "nearest neighbours", err);
}

static rm_status begin_linking(linking *l, int64_t count, rm_error *err)
{
    const rm_linking *how = l->how;

    if (how->weight != RM_WEIGHT_ONE && how->weight != RM_WEIGHT_INVERSE_DISTANCE)
        return rm_fail(err, RM_EINVAL, "weight is %d; 0 (one) or 1 (inverse distance)",
                       how->weight);
    if (!(how->least >= 0.0 && isfinite(how->least)))
        return rm_fail(err, RM_EINVAL, "the least distance is %g m; it is 0 or more", how->least);
    if (how->most_links < 0)
        return rm_fail(err, RM_EINVAL, "most_links is %lld; 0 (what memory holds) or more",
                       (long long)how->most_links);
    if (count <= 0)
        return rm_fail(err, RM_EINVAL, "there are no points to find the neighbours of");
    RM_TRY(rm_point_tree_build(&l->tree, l->x, l->y, count, how->threads, how->progress, err));
    if (l->tree.count == 0)
        return rm_fail(err, RM_EINVAL, "none of the %lld points has usable coordinates",
                       (long long)count);
    l->made.count = count;
    return RM_NEW_ZERO(&l->made.start, count + 1, err);
}

static rm_status end_linking(rm_weights *out, linking *l, rm_status status)
{
    rm_point_tree_clear(&l->tree);
    rm_release(l->nearest);
    if (status == RM_OK)
        *out = l->made;
    else
        rm_weights_clear(&l->made);
    return status;
}

rm_status rm_neighbours_band(rm_weights *out, const double *x, const double *y, int64_t count,
                             double band, const rm_linking *how, rm_error *err)
{
    linking l = {.x = x, .y = y, .how = how};

    if (!(band > 0.0 && isfinite(band)))
        return rm_fail(err, RM_EINVAL,
                       "the band is %g m; it must be above 0 and finite, and wide enough that most "
                       "points have neighbours",
                       band);
    rm_status status = begin_linking(&l, count, err);
    if (status == RM_OK)
        status = link_band(&l, band, err);
    return end_linking(out, &l, status);
}

rm_status rm_neighbours_nearest(rm_weights *out, const double *x, const double *y, int64_t count,
                                int32_t k, const rm_linking *how, rm_error *err)
{
    linking l = {.x = x, .y = y, .how = how, .k = k};

    if (k < 1)
        return rm_fail(err, RM_EINVAL, "k is %d; each point needs at least 1 neighbour", k);
    rm_status status = begin_linking(&l, count, err);
    if (status == RM_OK && k >= l.tree.count)
        status = rm_fail(err, RM_EINVAL,
                         "k is %d and %lld points have usable coordinates, so that each has %lld "
                         "others; take fewer neighbours",
                         k, (long long)l.tree.count, (long long)(l.tree.count - 1));
    if (status == RM_OK)
        status = link_nearest(&l, err);
    return end_linking(out, &l, status);
}
