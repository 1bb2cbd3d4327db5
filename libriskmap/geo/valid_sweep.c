/* Proof of validity: rings that are simple and have no point in common with one another, holes in
 * their shell and not in one another, shells outside the other parts. Anything less certain, rings
 * that touch at a point among it, is left to GEOS. */
#include "base/sort.h"
#include "geo/distance.h"
#include "geo/valid.h"

enum { FEW_EDGES = 64, STEPS_A_TICK = 1 << 18 };

static const char MESSAGE[] = "polygons";

bool rm_looking_stops(rm_looking *looking, int64_t steps)
{
    if (looking == NULL)
        return false;
    looking->steps += steps;
    if (looking->steps >= STEPS_A_TICK && looking->status == RM_OK) {
        looking->steps = 0;
        looking->status =
            rm_progress_check(looking->progress, looking->worker, MESSAGE, looking->err);
    }
    return looking->status != RM_OK;
}

/* An edge that is not of length 0, with its neighbours along the ring. */
typedef struct edge {
    double ax, ay, bx, by;
    int32_t ring;        /* counted within the feature */
    int32_t index, next; /* its number, and that of the edge that begins where it ends */
} edge;

static double edge_ymin(const edge *e)
{
    return e->ay < e->by ? e->ay : e->by;
}

static double edge_ymax(const edge *e)
{
    return e->ay < e->by ? e->by : e->ay;
}

static bool edges_x_apart(const edge *a, const edge *b)
{
    return (a->ax < b->ax && a->ax < b->bx && a->bx < b->ax && a->bx < b->bx) ||
           (a->ax > b->ax && a->ax > b->bx && a->bx > b->ax && a->bx > b->bx);
}

/* Edge b goes on where a ends: they may not lie on one another. */
static bool folds_back(const edge *a, const edge *b)
{
    if (rm_orient(a->ax, a->ay, a->bx, a->by, b->bx, b->by) != 0.0)
        return false;
    /* on one line: straight on means that the corner lies between the two other ends */
    bool x_between = (a->ax <= a->bx && a->bx <= b->bx) || (a->ax >= a->bx && a->bx >= b->bx);
    bool y_between = (a->ay <= a->by && a->by <= b->by) || (a->ay >= a->by && a->by >= b->by);
    return !(x_between && y_between);
}

/* Whether two edges have a point in common that they may not have. Consecutive edges are looked at
 * once for each ring, by folds_back. */
static bool edges_clash(const edge *a, const edge *b)
{
    if (edges_x_apart(a, b))
        return false;
    if (a->next == b->index || b->next == a->index)
        return false;
    return rm_segments_touch(a->ax, a->ay, a->bx, a->by, b->ax, b->ay, b->bx, b->by);
}

/* Appends the edges of a ring; their number, or -1 when the ring is no closed ring of 3 edges that
 * follow one another without folding back. */
static int32_t add_ring(const rm_geometry *g, int32_t ring, int32_t ring_in_feature, int32_t first,
                        edge *edges)
{
    int32_t begin = g->ring_point[ring], end = g->ring_point[ring + 1], count = 0;
    double not_finite = 0.0;

    if (end - begin < 4 || g->x[begin] != g->x[end - 1] || g->y[begin] != g->y[end - 1])
        return -1;
    for (int32_t i = begin; i + 1 < end; i++) {
        not_finite += (g->x[i] - g->x[i]) + (g->y[i] - g->y[i]);
        if (g->x[i] == g->x[i + 1] && g->y[i] == g->y[i + 1])
            continue;
        edges[count] = (edge){g->x[i],         g->y[i],       g->x[i + 1],      g->y[i + 1],
                              ring_in_feature, first + count, first + count + 1};
        count++;
    }
    if (count < 3 || not_finite != 0.0)
        return -1;
    edges[count - 1].next = first;
    for (int32_t i = 0; i < count; i++) {
        if (folds_back(&edges[i], &edges[i + 1 < count ? i + 1 : 0]))
            return -1;
    }
    return count;
}

/* Which ring lies in which, asked of rings that have no point in common, so that any corner tells.
 */
typedef struct nest {
    const int32_t *part_ring; /* of the feature's first part on */
    int32_t first;            /* ring of the feature */
    int32_t *part;            /* of each ring, counted within the feature as rings are */
    bool *odd;                /* for each ring, or part: crossed an odd number of times */
} nest;

static int32_t shell_of(const nest *n, int32_t part)
{
    return n->part_ring[part] - n->first;
}

/* What an edge of another ring counts for: a hole is held against the rings of its own part, a
 * shell against the other parts, in whose area it may not lie, but may in a hole. -1: nothing. */
static int32_t counts_for(const nest *n, int32_t ring, const edge *other)
{
    int32_t part = n->part[ring], its = n->part[other->ring];
    bool is_hole = ring != shell_of(n, part);

    if (other->ring == ring || is_hole != (its == part))
        return -1;
    return is_hole ? other->ring : its;
}

/* Whether the way from a corner (x, y) to the right crosses an edge; one that rises from y is above
 * it. */
static bool is_crossed(const edge *e, double x, double y)
{
    bool rises = e->by >= y;

    return (e->ay >= y) != rises && (rm_orient(e->ax, e->ay, e->bx, e->by, x, y) > 0.0) == rises;
}

/* One ring, by its corner (x, y): a shell in no other part's area, a hole in one ring of its part.
 * That is its shell: a hole that it lay in would lie in none. others: all edges that reach from
 * below y to it, at least. */
static bool is_in_place(const nest *n, int32_t ring, double x, double y, const edge *const *others,
                        int32_t count)
{
    int32_t found = 0;

    for (int32_t i = 0; i < count; i++) {
        int32_t key = counts_for(n, ring, others[i]);
        if (key >= 0 && is_crossed(others[i], x, y))
            n->odd[key] = !n->odd[key];
    }
    for (int32_t i = 0; i < count; i++) {
        int32_t key = counts_for(n, ring, others[i]);
        if (key < 0 || !n->odd[key])
            continue;
        n->odd[key] = false;
        found++;
    }
    return found == (ring == shell_of(n, n->part[ring]) ? 0 : 1);
}

/* Boxes of edges side by side, so that one loop without branches holds an edge against many. As
 * floats from a corner of the ring on: rounded, but monotone, so boxes that are apart are so. */
typedef struct edge_boxes {
    float xmin[FEW_EDGES], ymin[FEW_EDGES], xmax[FEW_EDGES], ymax[FEW_EDGES];
} edge_boxes;

static void make_boxes(const edge *edges, int32_t count, edge_boxes *boxes)
{
    double x = edges[0].ax, y = edges[0].ay;

    for (int32_t i = 0; i < count; i++) {
        const edge *e = &edges[i];

        boxes->xmin[i] = (float)(rm_min(e->ax, e->bx) - x);
        boxes->ymin[i] = (float)(edge_ymin(e) - y);
        boxes->xmax[i] = (float)(rm_max(e->ax, e->bx) - x);
        boxes->ymax[i] = (float)(edge_ymax(e) - y);
    }
}

static bool is_near_others(const edge_boxes *b, int32_t i, int32_t begin, int32_t end)
{
    float xmin = b->xmin[i], ymin = b->ymin[i], xmax = b->xmax[i], ymax = b->ymax[i];
    int32_t near = 0;

    for (int32_t j = begin; j < end; j++)
        near |= (b->xmin[j] <= xmax) & (xmin <= b->xmax[j]) & (b->ymin[j] <= ymax) &
                (ymin <= b->ymax[j]);
    return near != 0;
}

static bool few_edges_clash(const edge *edges, int32_t count)
{
    edge_boxes boxes;

    make_boxes(edges, count, &boxes);
    for (int32_t i = 0; i < count; i++) {
        int32_t begin = edges[i].next == i + 1 ? i + 2 : i + 1; /* neighbours may touch */

        if (!is_near_others(&boxes, i, begin, count))
            continue;
        for (int32_t j = begin; j < count; j++) {
            if (edge_ymin(&edges[j]) <= edge_ymax(&edges[i]) &&
                edge_ymin(&edges[i]) <= edge_ymax(&edges[j]) && edges_clash(&edges[i], &edges[j]))
                return true;
        }
    }
    return false;
}

static bool few_are_in_place(const nest *n, const edge *edges, int32_t count)
{
    const edge *all[FEW_EDGES];

    for (int32_t i = 0; i < count; i++)
        all[i] = &edges[i];
    for (int32_t i = 0; i < count; i++) {
        const edge *e = &edges[i];
        bool begins = i == 0 || e->ring != edges[i - 1].ring;
        if (begins && !is_in_place(n, e->ring, e->ax, e->ay, all, count))
            return false;
    }
    return true;
}

static int compare_ymin(const void *a, const void *b)
{
    const edge *first = a, *second = b;
    double x = edge_ymin(first), y = edge_ymin(second);

    return x != y ? (x > y) - (x < y)
                  : (first->index > second->index) - (first->index < second->index);
}

/* From the lowest on; false when that failed, or is to stop. */
static bool sort_edges(edge *edges, int32_t count, rm_looking *looking)
{
    rm_progress *progress = looking ? looking->progress : NULL;
    int worker = looking ? looking->worker : 0;
    rm_status status =
        rm_sort(edges, count, sizeof *edges, compare_ymin, progress, worker, MESSAGE, NULL);

    return !rm_looking_stops(looking, STEPS_A_TICK) && status == RM_OK;
}

/* Upwards: each edge meets those below whose height reaches up to it; a ring's first is its lowest
 * corner, where those are all that can tell what it lies in. active and met have room for count. */
static bool sweep_finds_sound(const nest *n, edge *edges, int32_t count, const edge **active,
                              bool *met, rm_looking *looking)
{
    int32_t used = 0;

    if (!sort_edges(edges, count, looking))
        return false; /* not sure */
    for (int32_t i = 0; i < count; i++) {
        if (rm_looking_stops(looking, used))
            return false;
        const edge *e = &edges[i];
        double low = edge_ymin(e);
        int32_t kept = 0;

        for (int32_t j = 0; j < used; j++) {
            if (edge_ymax(active[j]) < low)
                continue;
            active[kept++] = active[j];
            if (edges_clash(active[j], e))
                return false;
        }
        used = kept;
        if (n && !met[e->ring] &&
            !is_in_place(n, e->ring, e->ay == low ? e->ax : e->bx, low, active, used))
            return false;
        met[e->ring] = true;
        active[used++] = e;
    }
    return true;
}

/* Whether a ring goes round the middle of its corners once and always the same way, as most plots
 * and buildings do: such a ring cannot cross itself. Each edge must see the middle on the same
 * side, and one edge alone may rise past its height. */
static bool is_star(const rm_geometry *g, int32_t ring)
{
    int32_t begin = g->ring_point[ring], last = g->ring_point[ring + 1] - begin - 1;
    const double *x = g->x + begin, *y = g->y + begin;
    double middle_x = 0.0, middle_y = 0.0;
    int32_t left = 0, right = 0, rising = 0, falling = 0;

    if (last < 3 || x[0] != x[last] || y[0] != y[last])
        return false;
    for (int32_t i = 0; i < last; i++) {
        middle_x += x[i] - x[0];
        middle_y += y[i] - y[0];
    }
    middle_x = x[0] + middle_x / last;
    middle_y = y[0] + middle_y / last;
    for (int32_t i = 0; i < last; i++) {
        double side = rm_orient(x[i], y[i], x[i + 1], y[i + 1], middle_x, middle_y);

        left += side > 0.0;
        right += side < 0.0;
        rising += y[i] < middle_y && y[i + 1] >= middle_y;
        falling += y[i] >= middle_y && y[i + 1] < middle_y;
    }
    return (left == last || right == last) && rising == 1 && falling == 1;
}

/* The edges of the rings of one feature. */
static int32_t add_rings(const rm_geometry *g, int32_t first, int32_t last, edge *edges)
{
    int32_t count = 0;

    for (int32_t ring = first; ring < last; ring++) {
        int32_t added = add_ring(g, ring, ring - first, count, edges + count);
        if (added < 0)
            return -1;
        count += added;
    }
    return count;
}

static void fill_nest(nest *n, int32_t parts)
{
    for (int32_t p = 0; p < parts; p++)
        for (int32_t ring = shell_of(n, p); ring < shell_of(n, p + 1); ring++)
            n->part[ring] = p;
}

static bool few_are_sound(const rm_geometry *g, int32_t first, int32_t last)
{
    const int32_t *part_ring = g->part_ring + first;
    int32_t parts = last - first, part[FEW_EDGES];
    edge edges[FEW_EDGES];
    bool odd[FEW_EDGES] = {false};
    int32_t count = add_rings(g, part_ring[0], part_ring[parts], edges);

    if (count < 0 || few_edges_clash(edges, count))
        return false;
    if (part_ring[parts] - part_ring[0] == 1)
        return true;
    nest n = {part_ring, part_ring[0], part, odd}; /* every ring has 3 edges at least */
    fill_nest(&n, parts);
    return few_are_in_place(&n, edges, count);
}

static bool many_are_sound(const rm_geometry *g, int32_t first, int32_t last, int64_t room,
                           rm_looking *looking)
{
    const int32_t *part_ring = g->part_ring + first;
    int32_t parts = last - first, rings = part_ring[parts] - part_ring[0];
    edge *edges = rm_alloc((size_t)room * sizeof *edges);
    const edge **active = rm_alloc((size_t)room * sizeof *active);
    bool *flags = rm_alloc_zero((size_t)rings * 2, sizeof *flags);
    nest n = {part_ring, part_ring[0], rm_alloc((size_t)rings * sizeof *n.part), flags};
    bool sound = false; /* or not sure, for want of memory */

    if (edges && active && flags && n.part) {
        int32_t count = add_rings(g, part_ring[0], part_ring[parts], edges);
        fill_nest(&n, parts);
        sound = count >= 0 && sweep_finds_sound(rings > 1 ? &n : NULL, edges, count, active,
                                                flags + rings, looking);
    }
    rm_release(n.part);
    rm_release(flags);
    rm_release(active);
    rm_release(edges);
    return sound;
}

bool rm_polygon_surely_valid(const rm_geometry *geometry, int64_t feature, rm_looking *looking)
{
    const rm_geometry *g = geometry;
    int32_t first = g->feature_part[feature], last = g->feature_part[feature + 1];

    if (g->kind[feature] != RM_KIND_POLYGON || first == last)
        return false;
    int32_t ring = g->part_ring[first], end = g->part_ring[last];
    int64_t room = g->ring_point[end] - g->ring_point[ring];
    if (rm_looking_stops(looking, room))
        return false;
    if (end - ring == 1 && is_star(g, ring))
        return true;
    return room > FEW_EDGES ? many_are_sound(g, first, last, room, looking)
                            : few_are_sound(g, first, last);
}
