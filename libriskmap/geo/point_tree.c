#include "geo/point_tree.h"

#include "base/random.h"

#include <math.h>

enum { LEAF = 12, CHUNKS_A_LEVEL = 64, POINTS_A_TICK = 1 << 16 };

typedef struct entry {
    double x, y;
    int32_t item;
} entry;

typedef struct building {
    rm_point_tree *tree;
    entry *entries;
    int level;
    rm_progress *progress;
} building;

void rm_point_tree_clear(rm_point_tree *tree)
{
    rm_release(tree->x);
    rm_release(tree->y);
    rm_release(tree->item);
    rm_release(tree->nodes);
    *tree = (rm_point_tree){0};
}

static inline bool comes_before(const entry *a, const entry *b, bool by_x)
{
    double left = by_x ? a->x : a->y, right = by_x ? b->x : b->y;

    return left < right || (left == right && a->item < b->item);
}

static void swap(entry *a, entry *b)
{
    entry kept = *a;

    *a = *b;
    *b = kept;
}

/* Puts the entry that belongs at `middle` there, what comes before it before, the rest behind
 * (Hoare's selection). The pivot is drawn, so that no order of points is slow. */
static rm_status part_at(const building *b, int64_t low, int64_t high, int64_t middle, bool by_x,
                         int worker, rm_error *err)
{
    entry *entries = b->entries;

    while (high - low > 1) {
        if (high - low > POINTS_A_TICK)
            RM_TRY(rm_progress_check(b->progress, worker, "index", err));
        uint64_t draw = rm_random_bits(1, (uint64_t)low, (uint64_t)high);
        entry pivot = entries[low + (int64_t)(draw % (uint64_t)(high - low))];
        int64_t i = low, k = high - 1;

        while (i <= k) {
            while (comes_before(&entries[i], &pivot, by_x))
                i++;
            while (comes_before(&pivot, &entries[k], by_x))
                k--;
            if (i <= k)
                swap(&entries[i++], &entries[k--]);
        }
        if (middle <= k)
            high = k + 1;
        else if (middle >= i)
            low = i;
        else
            break;
    }
    return RM_OK;
}

static rm_box box_of(const entry *entries, int64_t begin, int64_t end)
{
    rm_box box = {INFINITY, INFINITY, -INFINITY, -INFINITY};

    for (int64_t i = begin; i < end; i++) {
        box.xmin = rm_min(entries[i].x, box.xmin);
        box.ymin = rm_min(entries[i].y, box.ymin);
        box.xmax = rm_max(entries[i].x, box.xmax);
        box.ymax = rm_max(entries[i].y, box.ymax);
    }
    return box;
}

static rm_status split_nodes(void *context, int64_t first, int64_t last, int worker, rm_error *err)
{
    const building *b = context;
    rm_point_tree *tree = b->tree;

    RM_TRY(rm_progress_check(b->progress, worker, "index", err));
    for (int64_t k = first; k < last; k++) {
        int64_t node = ((int64_t)1 << b->level) + k, begin, end;

        rm_point_tree_range(tree, b->level, node, &begin, &end);
        rm_box box = box_of(b->entries, begin, end);
        tree->nodes[node].box = box;
        if (b->level < tree->levels)
            RM_TRY(part_at(b, begin, end, tree->count * (2 * k + 1) >> (b->level + 1),
                           box.xmax - box.xmin >= box.ymax - box.ymin, worker, err));
    }
    return RM_OK;
}

static rm_status split(building *b, int threads, rm_error *err)
{
    for (b->level = 0; b->level <= b->tree->levels; b->level++) {
        int64_t nodes = (int64_t)1 << b->level;

        RM_TRY(
            rm_parallel(nodes, nodes / CHUNKS_A_LEVEL, threads, split_nodes, b, NULL, NULL, err));
    }
    return RM_OK;
}

static void write_points(rm_point_tree *tree, const entry *entries)
{
    for (int64_t i = 0; i < tree->count; i++) {
        tree->x[i] = entries[i].x;
        tree->y[i] = entries[i].y;
        tree->item[i] = entries[i].item;
    }
    for (int64_t node = ((int64_t)2 << tree->levels) - 1; node > 0; node--) {
        int32_t least = INT32_MAX;
        int64_t begin, end;

        if (node >= (int64_t)1 << tree->levels) {
            rm_point_tree_range(tree, tree->levels, node, &begin, &end);
            for (int64_t i = begin; i < end; i++)
                least = tree->item[i] < least ? tree->item[i] : least;
        } else {
            int32_t left = tree->nodes[2 * node].least, right = tree->nodes[2 * node + 1].least;

            least = left < right ? left : right;
        }
        tree->nodes[node].least = least;
    }
}

rm_status rm_point_tree_build(rm_point_tree *out, const double *x, const double *y, int64_t count,
                              int threads, rm_progress *progress, rm_error *err)
{
    rm_point_tree tree = {0};
    building b = {.tree = &tree, .progress = progress};

    if (count > INT32_MAX)
        return rm_fail(err, RM_ELIMIT, "%lld points, more than %d; split them by region",
                       (long long)count, INT32_MAX);
    rm_status status = RM_NEW(&b.entries, count, err);
    for (int64_t i = 0; i < count && status == RM_OK; i++)
        if (isfinite(x[i]) && isfinite(y[i]))
            b.entries[tree.count++] = (entry){x[i], y[i], (int32_t)i};
    while (tree.count >> tree.levels > LEAF)
        tree.levels++;
    if (status == RM_OK)
        status = RM_NEW(&tree.nodes, (int64_t)2 << tree.levels, err);
    if (status == RM_OK)
        status = RM_NEW(&tree.x, tree.count, err);
    if (status == RM_OK)
        status = RM_NEW(&tree.y, tree.count, err);
    if (status == RM_OK)
        status = RM_NEW(&tree.item, tree.count, err);
    if (status == RM_OK)
        status = split(&b, threads, err);
    if (status == RM_OK)
        write_points(&tree, b.entries);
    rm_release(b.entries);
    if (status == RM_OK)
        *out = tree;
    else
        rm_point_tree_clear(&tree);
    return status;
}
