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

/* Upwards: each edge meets those below whose height reaches up to it. active has room for count. */
static bool sweep_finds_clash(edge *edges, int32_t count, const edge **active, rm_looking *looking)
{
    int32_t used = 0;

    if (!sort_edges(edges, count, looking))
        return true; /* not sure */
    for (int32_t i = 0; i < count; i++) {
        if (rm_looking_stops(looking, used))
            return true;
        const edge *e = &edges[i];
        double low = edge_ymin(e);
        int32_t kept = 0;

        for (int32_t j = 0; j < used; j++) {
            if (edge_ymax(active[j]) < low)
                continue;
            active[kept++] = active[j];
            if (edges_clash(active[j], e))
                return true;
        }
        active[kept++] = e;
        used = kept;
    }
    return false;
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

static bool rings_are_apart(const rm_geometry *g, int32_t first, int32_t last, rm_looking *looking)
{
    edge few[FEW_EDGES], *edges = few;
    const edge **active = NULL;
    int32_t count = 0;
    bool apart = false;
    int64_t room = g->ring_point[last] - g->ring_point[first];

    if (last - first == 1 && is_star(g, first))
        return true;
    if (room > FEW_EDGES) {
        edges = rm_alloc((size_t)room * sizeof *edges);
        active = rm_alloc((size_t)room * sizeof *active);
        if (edges == NULL || active == NULL)
            goto cleanup; /* not sure */
    }
    for (int32_t ring = first; ring < last; ring++) {
        int32_t added = add_ring(g, ring, ring - first, count, edges + count);

        if (added < 0)
            goto cleanup;
        count += added;
    }
    apart = edges == few ? !few_edges_clash(edges, count)
                         : !sweep_finds_clash(edges, count, active, looking);
cleanup:
    if (edges != few)
        rm_release(edges);
    rm_release(active);
    return apart;
}

static rm_box ring_box(const rm_geometry *g, int32_t ring)
{
    int32_t begin = g->ring_point[ring];
    rm_box box = {g->x[begin], g->y[begin], g->x[begin], g->y[begin]};

    for (int32_t i = begin + 1; i < g->ring_point[ring + 1]; i++) {
        box.xmin = rm_min(box.xmin, g->x[i]);
        box.ymin = rm_min(box.ymin, g->y[i]);
        box.xmax = rm_max(box.xmax, g->x[i]);
        box.ymax = rm_max(box.ymax, g->y[i]);
    }
    return box;
}

/* The rings of one feature, which have no point in common, and their boxes. */
typedef struct rings {
    const rm_geometry *g;
    int32_t first;
    rm_box *boxes;
    rm_looking *looking;
} rings;

/* Whether ring `inner` lies in ring `outer`: one corner decides. */
static bool ring_in_ring(const rings *r, int32_t inner, int32_t outer)
{
    const rm_geometry *g = r->g;
    int32_t begin = g->ring_point[outer], at = g->ring_point[inner];
    double x = g->x[at], y = g->y[at];
    rm_box box = r->boxes[outer - r->first];
    bool inside = false;

    if (x < box.xmin || x > box.xmax || y < box.ymin || y > box.ymax)
        return false;
    for (int32_t i = begin; i + 1 < g->ring_point[outer + 1]; i++) {
        bool upward = g->y[i + 1] > g->y[i];

        if ((g->y[i] > y) != (g->y[i + 1] > y) &&
            (rm_orient(g->x[i], g->y[i], g->x[i + 1], g->y[i + 1], x, y) > 0.0) == upward)
            inside = !inside;
    }
    return inside;
}

static bool holes_are_sound(const rings *r, int32_t shell, int32_t last)
{
    for (int32_t hole = shell + 1; hole < last; hole++) {
        if (rm_looking_stops(r->looking, last - shell) || !ring_in_ring(r, hole, shell))
            return false;
        for (int32_t other = shell + 1; other < last; other++) {
            if (other != hole && ring_in_ring(r, hole, other))
                return false;
        }
    }
    return true;
}

/* A part may lie in a hole of another, but not in its area. */
static bool part_is_outside(const rings *r, int32_t part, int32_t other)
{
    const int32_t *part_ring = r->g->part_ring;
    bool in_area = false;

    for (int32_t ring = part_ring[other]; ring < part_ring[other + 1]; ring++)
        in_area ^= ring_in_ring(r, part_ring[part], ring);
    return !in_area;
}

static bool rings_are_in_place(const rings *r, int32_t first, int32_t last)
{
    for (int32_t part = first; part < last; part++) {
        if (rm_looking_stops(r->looking, last - first) ||
            !holes_are_sound(r, r->g->part_ring[part], r->g->part_ring[part + 1]))
            return false;
        for (int32_t other = first; other < last; other++) {
            if (other != part && !part_is_outside(r, part, other))
                return false;
        }
    }
    return true;
}

bool rm_polygon_surely_valid(const rm_geometry *geometry, int64_t feature, rm_looking *looking)
{
    const rm_geometry *g = geometry;
    int32_t first = g->feature_part[feature], last = g->feature_part[feature + 1];

    if (g->kind[feature] != RM_KIND_POLYGON || first == last ||
        rm_looking_stops(looking,
                         g->ring_point[g->part_ring[last]] - g->ring_point[g->part_ring[first]]) ||
        !rings_are_apart(g, g->part_ring[first], g->part_ring[last], looking))
        return false;

    int32_t count = g->part_ring[last] - g->part_ring[first];
    if (count == 1)
        return true;
    rings r = {g, g->part_ring[first], rm_alloc((size_t)count * sizeof *r.boxes), looking};
    if (r.boxes == NULL)
        return false;
    for (int32_t i = 0; i < count; i++)
        r.boxes[i] = ring_box(g, r.first + i);
    bool in_place = rings_are_in_place(&r, first, last);
    rm_release(r.boxes);
    return in_place;
}
