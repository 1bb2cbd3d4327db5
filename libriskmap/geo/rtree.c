#include "geo/rtree.h"

#include "base/parallel.h"

#include <math.h>
#include <string.h>

enum { FANOUT = 16, MAX_LEVELS = 9, KEY_CHUNK = 16384, QUEUE_ON_STACK = 256 };

/* The boxes of up to 16 children side by side, so that one loop tests them all. Unused places hold
 * NaN, which touches nothing. */
typedef struct node {
    float xmin[FANOUT], ymin[FANOUT], xmax[FANOUT], ymax[FANOUT];
} node;

struct rm_rtree {
    int64_t count;  /* items that are not empty */
    int32_t *items; /* [count] in Hilbert order */
    node *nodes;    /* level by level, the leaves first, the root last */
    int64_t level_start[MAX_LEVELS + 1];
    int levels;
};

typedef struct float_box {
    float xmin, ymin, xmax, ymax;
} float_box;

/* The next float below, by its bits: nextafterf is a call. Not for -INFINITY. */
static float next_below(float f)
{
    uint32_t bits;

    memcpy(&bits, &f, sizeof bits);
    bits = f > 0.0f ? bits - 1 : f < 0.0f ? bits + 1 : 0x80000001u;
    memcpy(&f, &bits, sizeof f);
    return f;
}

static float round_down(double value)
{
    float f = (float)value;

    return (double)f > value ? next_below(f) : f;
}

static float round_up(double value)
{
    return -round_down(-value);
}

static float_box round_outward(rm_box box)
{
    return (float_box){round_down(box.xmin), round_down(box.ymin), round_up(box.xmax),
                       round_up(box.ymax)};
}

/* The place of a cell of a 65536 x 65536 grid along the Hilbert curve. */
static uint32_t hilbert_key(uint32_t x, uint32_t y)
{
    uint32_t key = 0;

    for (uint32_t side = 1u << 15; side > 0; side >>= 1) {
        uint32_t right = (x & side) != 0, upper = (y & side) != 0;

        key = key << 2 | ((3 * right) ^ upper);
        if (!upper) {
            uint32_t old = x;

            x = right ? ~y : y;
            y = right ? ~old : old;
        }
    }
    return key;
}

typedef struct keyed {
    uint32_t key;
    int32_t item;
} keyed;

typedef struct key_task {
    const rm_box *boxes;
    keyed *entries;
    rm_box extent;
    double x_scale, y_scale;
    rm_progress *progress;
} key_task;

static uint32_t scaled(double value, double low, double scale)
{
    double cell = (value - low) * scale;

    return cell <= 0.0 ? 0 : cell >= 65535.0 ? 65535 : (uint32_t)cell;
}

static rm_status make_keys(void *context, int64_t begin, int64_t end, int worker, rm_error *err)
{
    key_task *task = context;

    if (worker == 0)
        RM_TRY(rm_progress_tick(task->progress, "index", err));
    for (int64_t i = begin; i < end; i++) {
        keyed *entry = &task->entries[i];
        rm_box box = task->boxes[entry->item];
        double x = 0.5 * box.xmin + 0.5 * box.xmax, y = 0.5 * box.ymin + 0.5 * box.ymax;

        entry->key = hilbert_key(scaled(x, task->extent.xmin, task->x_scale),
                                 scaled(y, task->extent.ymin, task->y_scale));
    }
    return RM_OK;
}

/* Stable radix sort by key; the result is in entries again. */
static rm_status sort_keys(keyed *entries, keyed *spare, int64_t count, rm_progress *progress,
                           rm_error *err)
{
    for (int shift = 0; shift < 32; shift += 8) {
        int64_t start[257] = {0};

        for (int64_t i = 0; i < count; i++)
            start[(entries[i].key >> shift & 255) + 1]++;
        for (int digit = 0; digit < 256; digit++)
            start[digit + 1] += start[digit];
        RM_TRY(rm_progress_tick(progress, "index", err));
        for (int64_t i = 0; i < count; i++)
            spare[start[entries[i].key >> shift & 255]++] = entries[i];
        keyed *swap = entries;
        entries = spare;
        spare = swap;
        RM_TRY(rm_progress_tick(progress, "index", err));
    }
    return RM_OK;
}

static rm_status order_items(rm_rtree *tree, const rm_box *boxes, int64_t count, int threads,
                             rm_progress *progress, rm_error *err)
{
    rm_status status = RM_OK;
    key_task task = {boxes, NULL, {INFINITY, INFINITY, -INFINITY, -INFINITY}, 0.0, 0.0, progress};
    keyed *entries = NULL, *spare = NULL;
    int64_t used = 0;

    if ((status = RM_NEW(&entries, count, err)) != RM_OK ||
        (status = RM_NEW(&spare, count, err)) != RM_OK)
        goto cleanup;
    for (int64_t i = 0; i < count; i++) {
        if (i % KEY_CHUNK == 0 && (status = rm_progress_tick(progress, "index", err)) != RM_OK)
            goto cleanup;
        if (rm_box_is_empty(boxes[i]))
            continue;
        entries[used++].item = (int32_t)i;
        task.extent.xmin = rm_min(task.extent.xmin, boxes[i].xmin);
        task.extent.ymin = rm_min(task.extent.ymin, boxes[i].ymin);
        task.extent.xmax = rm_max(task.extent.xmax, boxes[i].xmax);
        task.extent.ymax = rm_max(task.extent.ymax, boxes[i].ymax);
    }
    task.entries = entries;
    if (task.extent.xmax > task.extent.xmin)
        task.x_scale = 65536.0 / (task.extent.xmax - task.extent.xmin);
    if (task.extent.ymax > task.extent.ymin)
        task.y_scale = 65536.0 / (task.extent.ymax - task.extent.ymin);
    status = rm_parallel(used, KEY_CHUNK, threads, make_keys, &task, NULL, NULL, err);
    if (status == RM_OK)
        status = sort_keys(entries, spare, used, progress, err);
    if (status == RM_OK)
        status = RM_NEW(&tree->items, used, err);
    if (status != RM_OK)
        goto cleanup;
    for (int64_t i = 0; i < used; i++)
        tree->items[i] = entries[i].item;
    tree->count = used;
cleanup:
    rm_release(entries);
    rm_release(spare);
    return status;
}

static void set_child(node *parent, int64_t child, float_box box)
{
    parent->xmin[child] = box.xmin;
    parent->ymin[child] = box.ymin;
    parent->xmax[child] = box.xmax;
    parent->ymax[child] = box.ymax;
}

static float_box node_box(const node *n)
{
    float_box box = {INFINITY, INFINITY, -INFINITY, -INFINITY};

    for (int i = 0; i < FANOUT; i++) {
        box.xmin = fminf(box.xmin, n->xmin[i]);
        box.ymin = fminf(box.ymin, n->ymin[i]);
        box.xmax = fmaxf(box.xmax, n->xmax[i]);
        box.ymax = fmaxf(box.ymax, n->ymax[i]);
    }
    return box;
}

typedef struct level_task {
    rm_rtree *tree;
    const rm_box *boxes;
    int level;
    int64_t below; /* nodes or items of the level below */
    rm_progress *progress;
} level_task;

static rm_status make_nodes(void *context, int64_t begin, int64_t end, int worker, rm_error *err)
{
    static const float_box nowhere = {NAN, NAN, NAN, NAN};
    const level_task *task = context;
    const rm_rtree *tree = task->tree;
    node *nodes = tree->nodes + tree->level_start[task->level];

    if (worker == 0)
        RM_TRY(rm_progress_tick(task->progress, "index", err));
    for (int64_t child = begin * FANOUT; child < end * FANOUT; child++) {
        float_box box = nowhere;

        if (child < task->below)
            box = task->level == 0
                      ? round_outward(task->boxes[tree->items[child]])
                      : node_box(tree->nodes + tree->level_start[task->level - 1] + child);
        set_child(nodes + child / FANOUT, child % FANOUT, box);
    }
    return RM_OK;
}

static rm_status make_levels(rm_rtree *tree, const rm_box *boxes, int threads,
                             rm_progress *progress, rm_error *err)
{
    int64_t below = tree->count;

    do {
        below = (below + FANOUT - 1) / FANOUT;
        tree->level_start[tree->levels + 1] = tree->level_start[tree->levels] + below;
        tree->levels++;
    } while (below > 1);
    RM_TRY(RM_NEW(&tree->nodes, tree->level_start[tree->levels], err));

    below = tree->count;
    for (int level = 0; level < tree->levels; level++) {
        int64_t size = tree->level_start[level + 1] - tree->level_start[level];
        level_task task = {tree, boxes, level, below, progress};

        RM_TRY(rm_parallel(size, KEY_CHUNK / FANOUT, threads, make_nodes, &task, NULL, NULL, err));
        below = size;
    }
    return RM_OK;
}

rm_status rm_rtree_build(rm_rtree **out, const rm_box *boxes, int64_t count, int threads,
                         rm_progress *progress, rm_error *err)
{
    rm_rtree *tree = NULL;
    rm_status status;

    if (count > INT32_MAX)
        return rm_fail(err, RM_ELIMIT, "%lld features to index, more than %d; split the layer",
                       (long long)count, INT32_MAX);
    RM_TRY(RM_NEW_ZERO(&tree, 1, err));
    status = order_items(tree, boxes, count, threads, progress, err);
    if (status == RM_OK && tree->count > 0)
        status = make_levels(tree, boxes, threads, progress, err);
    if (status != RM_OK) {
        rm_rtree_free(tree);
        return status;
    }
    *out = tree;
    return RM_OK;
}

void rm_rtree_free(rm_rtree *tree)
{
    if (tree == NULL)
        return;
    rm_release(tree->items);
    rm_release(tree->nodes);
    rm_release(tree);
}

/* Constants rather than shifts: of those the compiler makes vectors. */
static const uint32_t BIT[FANOUT] = {1u << 0,  1u << 1,  1u << 2,  1u << 3, 1u << 4,  1u << 5,
                                     1u << 6,  1u << 7,  1u << 8,  1u << 9, 1u << 10, 1u << 11,
                                     1u << 12, 1u << 13, 1u << 14, 1u << 15};

/* The place of the lowest bit that is set. */
static int lowest_bit(uint32_t mask)
{
#if defined(__GNUC__)
    return __builtin_ctz(mask);
#else
    int place = 0;

    for (; !(mask & 1); mask >>= 1)
        place++;
    return place;
#endif
}

static uint32_t touching_children(const node *n, float_box box)
{
    uint32_t mask = 0;

    for (int i = 0; i < FANOUT; i++) {
        bool touches = (n->xmin[i] <= box.xmax) & (box.xmin <= n->xmax[i]) &
                       (n->ymin[i] <= box.ymax) & (box.ymin <= n->ymax[i]);

        mask |= touches ? BIT[i] : 0;
    }
    return mask;
}

/* Children are numbered through each level: child c of a level is node c of the level below. */
static bool query_node(const rm_rtree *tree, int level, int64_t index, float_box box,
                       rm_visit_fn visit, void *context)
{
    uint32_t mask = touching_children(tree->nodes + tree->level_start[level] + index, box);

    for (; mask != 0; mask &= mask - 1) {
        int64_t child = index * FANOUT + lowest_bit(mask);
        bool go_on = level == 0 ? visit(context, tree->items[child])
                                : query_node(tree, level - 1, child, box, visit, context);
        if (!go_on)
            return false;
    }
    return true;
}

void rm_rtree_query(const rm_rtree *tree, rm_box box, rm_visit_fn visit, void *context)
{
    if (tree->count > 0 && !rm_box_is_empty(box))
        query_node(tree, tree->levels - 1, 0, round_outward(box), visit, context);
}

/* What waits to be looked at: level -1 is an item, otherwise a node. */
typedef struct waiting {
    double bound;
    int64_t index;
    int level;
} waiting;

typedef struct queue {
    waiting *heap; /* the nearest first */
    int64_t count, capacity;
    waiting *owned; /* heap when it has outgrown the stack */
    waiting first[QUEUE_ON_STACK];
} queue;

/* Nearer first; at one distance items before nodes and then by place, so that the
 * order is fixed. */
static bool comes_before(const waiting *a, const waiting *b)
{
    if (a->bound != b->bound)
        return a->bound < b->bound;
    if (a->level != b->level)
        return a->level < b->level;
    return a->index < b->index;
}

static rm_status queue_push(queue *q, waiting entry, rm_error *err)
{
    if (q->count == q->capacity) {
        bool was_on_stack = q->owned == NULL;
        int64_t capacity = was_on_stack ? 0 : q->capacity;

        RM_TRY(RM_GROW(&q->owned, &capacity, q->count + QUEUE_ON_STACK, err));
        if (was_on_stack)
            memcpy(q->owned, q->first, sizeof q->first);
        q->heap = q->owned;
        q->capacity = capacity;
    }
    int64_t at = q->count++;
    while (at > 0 && comes_before(&entry, &q->heap[(at - 1) / 2])) {
        q->heap[at] = q->heap[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    q->heap[at] = entry;
    return RM_OK;
}

static waiting queue_pop(queue *q)
{
    waiting top = q->heap[0], last = q->heap[--q->count];
    int64_t at = 0;

    for (;;) {
        int64_t child = 2 * at + 1;

        if (child >= q->count)
            break;
        if (child + 1 < q->count && comes_before(&q->heap[child + 1], &q->heap[child]))
            child++;
        if (!comes_before(&q->heap[child], &last))
            break;
        q->heap[at] = q->heap[child];
        at = child;
    }
    q->heap[at] = last;
    return top;
}

static rm_status push_children(const rm_rtree *tree, waiting parent, rm_box box, double bound,
                               queue *q, rm_error *err)
{
    const node *n = tree->nodes + tree->level_start[parent.level] + parent.index;
    double lower[FANOUT];

    for (int i = 0; i < FANOUT; i++) {
        double dx = rm_max(rm_max(n->xmin[i] - box.xmax, box.xmin - n->xmax[i]), 0.0);
        double dy = rm_max(rm_max(n->ymin[i] - box.ymax, box.ymin - n->ymax[i]), 0.0);

        /* a little less, so that rounding in the true distance cannot undercut it */
        lower[i] = (dx * dx + dy * dy) * (1.0 - 1e-14);
    }
    for (int i = 0; i < FANOUT; i++) {
        if (n->xmin[i] <= n->xmax[i] && lower[i] <= bound) {
            waiting child = {lower[i], parent.index * FANOUT + i, parent.level - 1};

            RM_TRY(queue_push(q, child, err));
        }
    }
    return RM_OK;
}

rm_status rm_rtree_nearest(const rm_rtree *tree, rm_box box, double bound, rm_nearest_fn visit,
                           void *context, rm_error *err)
{
    rm_status status = RM_OK;
    queue q;

    if (tree->count == 0)
        return RM_OK;
    q.heap = q.first;
    q.count = 0;
    q.capacity = QUEUE_ON_STACK;
    q.owned = NULL;
    status = queue_push(&q, (waiting){0.0, 0, tree->levels - 1}, err);
    while (status == RM_OK && q.count > 0) {
        waiting next = queue_pop(&q);

        if (!(next.bound <= bound))
            break;
        if (next.level < 0)
            bound = visit(context, tree->items[next.index], bound);
        else
            status = push_children(tree, next, box, bound, &q, err);
    }
    rm_release(q.owned);
    return status;
}

/* Children within the bound. In float32, where a difference is off by 2^-24 of itself at most; the
 * shrunken ones are surely no more than the true ones. Of NaN comes NaN, which is within nothing.
 */
static uint32_t near_children(const node *n, float_box box, float bound)
{
    const float shrink = 1.0f - 1e-6f;
    uint32_t mask = 0;

    for (int i = 0; i < FANOUT; i++) {
        float left = n->xmin[i] - box.xmax, right = box.xmin - n->xmax[i];
        float below = n->ymin[i] - box.ymax, above = box.ymin - n->ymax[i];
        float dx = left > right ? left : right, dy = below > above ? below : above;

        dx = 0.0f > dx ? 0.0f : dx * shrink;
        dy = 0.0f > dy ? 0.0f : dy * shrink;
        mask |= dx * dx + dy * dy <= bound ? BIT[i] : 0;
    }
    return mask;
}

typedef struct around {
    const rm_rtree *tree;
    float_box box;
    double bound;
    rm_nearest_fn visit;
    void *context;
} around;

static void visit_around(around *a, int level, int64_t index)
{
    const rm_rtree *tree = a->tree;
    uint32_t mask =
        near_children(tree->nodes + tree->level_start[level] + index, a->box, round_up(a->bound));

    for (; mask != 0 && a->bound >= 0.0; mask &= mask - 1) {
        int64_t child = index * FANOUT + lowest_bit(mask);

        if (level > 0)
            visit_around(a, level - 1, child);
        else
            a->bound = a->visit(a->context, tree->items[child], a->bound);
    }
}

void rm_rtree_around(const rm_rtree *tree, rm_box box, double bound, rm_nearest_fn visit,
                     void *context)
{
    around a = {tree, round_outward(box), bound, visit, context};

    if (tree->count > 0 && !rm_box_is_empty(box) && bound >= 0.0)
        visit_around(&a, tree->levels - 1, 0);
}

/* Children that lie within the bound as a whole, a little narrower for the rounding. */
static uint32_t whole_children(const node *n, float_box box, float bound)
{
    const float grow = 1.0f + 1e-6f;
    uint32_t mask = 0;

    for (int i = 0; i < FANOUT; i++) {
        float left = box.xmax - n->xmin[i], right = n->xmax[i] - box.xmin;
        float below = box.ymax - n->ymin[i], above = n->ymax[i] - box.ymin;
        float dx = (left > right ? left : right) * grow,
              dy = (below > above ? below : above) * grow;

        mask |= dx * dx + dy * dy <= bound ? BIT[i] : 0;
    }
    return mask;
}

typedef struct within {
    const rm_rtree *tree;
    float_box box;      /* of the point */
    float touch, whole; /* the squared distance, rounded up and down */
    rm_within_fn visit;
    void *context;
} within;

static bool visit_within(const within *w, int level, int64_t index)
{
    const rm_rtree *tree = w->tree;
    const node *n = tree->nodes + tree->level_start[level] + index;
    uint32_t mask = near_children(n, w->box, w->touch);
    uint32_t whole = level == 0 && mask != 0 ? whole_children(n, w->box, w->whole) : 0;

    for (; mask != 0; mask &= mask - 1) {
        int place = lowest_bit(mask);
        int64_t child = index * FANOUT + place;
        bool go_on = level == 0 ? w->visit(w->context, tree->items[child], whole >> place & 1)
                                : visit_within(w, level - 1, child);
        if (!go_on)
            return false;
    }
    return true;
}

void rm_rtree_within(const rm_rtree *tree, double x, double y, double distance, rm_within_fn visit,
                     void *context)
{
    double bound = distance * distance;
    within w = {
        tree,   round_outward((rm_box){x, y, x, y}), round_up(bound), round_down(bound), visit,
        context};

    if (tree->count > 0)
        visit_within(&w, tree->levels - 1, 0);
}
