#include "stats/pattern/nearest_index.h"

#include "stats/order.h"
#include "stats/pattern/pairs.h"
#include "stats/rate/probability.h"

#include <math.h>
#include <stdlib.h>

enum { LEAF = 8, CHUNK = 1024 };

static const double pi = 3.14159265358979323846;

typedef struct spot {
    double x, y;
    int32_t id;
} spot;

/* What lies below a node; its halves are nodes 2 k + 1 and 2 k + 2. The lowest id says whether a
 * tie can be won here, without which points at one place would all visit one another. */
typedef struct node {
    double xmin, ymin, xmax, ymax;
    int32_t lowest;
} node;

typedef struct tree {
    spot *spots;
    node *nodes;
    int64_t count;
} tree;

typedef struct best {
    double x, y; /* asked for */
    int32_t self;
    int32_t id;
    double first, second; /* squares of distances */
} best;

static double coordinate(const spot *s, bool along_y)
{
    return along_y ? s->y : s->x;
}

/* Hoare's selection: position `middle` gets what a sorted array would have there, with nothing
 * larger before it and nothing smaller after. Stopping at equal ones keeps the halves even when
 * all are equal. */
static void split(spot *s, int64_t low, int64_t high, int64_t middle, bool along_y)
{
    while (low < high) {
        double pivot = coordinate(&s[low + (high - low) / 2], along_y);
        int64_t i = low, j = high;
        while (i <= j) {
            while (coordinate(&s[i], along_y) < pivot)
                i++;
            while (coordinate(&s[j], along_y) > pivot)
                j--;
            if (i <= j) {
                spot kept = s[i];
                s[i++] = s[j];
                s[j--] = kept;
            }
        }
        if (middle <= j)
            high = j;
        else if (middle >= i)
            low = i;
        else
            return;
    }
}

static void build(tree *t, int64_t k, int64_t begin, int64_t end)
{
    node *n = &t->nodes[k];
    const spot *s = t->spots;
    *n = (node){s[begin].x, s[begin].y, s[begin].x, s[begin].y, s[begin].id};
    for (int64_t i = begin + 1; i < end; i++) {
        n->xmin = s[i].x < n->xmin ? s[i].x : n->xmin;
        n->xmax = s[i].x > n->xmax ? s[i].x : n->xmax;
        n->ymin = s[i].y < n->ymin ? s[i].y : n->ymin;
        n->ymax = s[i].y > n->ymax ? s[i].y : n->ymax;
        n->lowest = s[i].id < n->lowest ? s[i].id : n->lowest;
    }
    if (end - begin <= LEAF)
        return;
    int64_t middle = begin + (end - begin) / 2;
    split(t->spots, begin, end - 1, middle, n->ymax - n->ymin > n->xmax - n->xmin);
    build(t, 2 * k + 1, begin, middle);
    build(t, 2 * k + 2, middle, end);
}

/* Not more than the square computed for any point below the node: rounding keeps the order. */
static double nearest_possible(const node *n, const best *b)
{
    double dx = 0, dy = 0;
    if (b->x < n->xmin)
        dx = n->xmin - b->x;
    else if (b->x > n->xmax)
        dx = b->x - n->xmax;
    if (b->y < n->ymin)
        dy = n->ymin - b->y;
    else if (b->y > n->ymax)
        dy = b->y - n->ymax;
    return dx * dx + dy * dy;
}

static void offer(best *b, const spot *s)
{
    double dx = s->x - b->x, dy = s->y - b->y, square = dx * dx + dy * dy;
    if (s->id == b->self)
        return;
    if (square < b->first) {
        b->second = b->first;
        b->first = square;
        b->id = s->id;
    } else {
        if (square < b->second)
            b->second = square;
        if (square == b->first && s->id < b->id)
            b->id = s->id;
    }
}

static void visit(const tree *t, best *b, int64_t k, int64_t begin, int64_t end)
{
    const node *n = &t->nodes[k];
    double possible = nearest_possible(n, b);
    if (!(possible < b->second || (possible <= b->first && n->lowest < b->id)))
        return;
    if (end - begin <= LEAF) {
        for (int64_t i = begin; i < end; i++)
            offer(b, &t->spots[i]);
        return;
    }
    int64_t middle = begin + (end - begin) / 2;
    const node *left = &t->nodes[2 * k + 1], *right = &t->nodes[2 * k + 2];
    double to_left = nearest_possible(left, b), to_right = nearest_possible(right, b);
    bool left_first = to_left < to_right || (to_left == to_right && left->lowest < right->lowest);
    if (left_first)
        visit(t, b, 2 * k + 1, begin, middle);
    visit(t, b, 2 * k + 2, middle, end);
    if (!left_first)
        visit(t, b, 2 * k + 1, begin, middle);
}

static rm_status plant(tree *t, const double *x, const double *y, int64_t count, rm_error *err)
{
    int64_t nodes = 1;
    for (int64_t size = count; size > LEAF; size = (size + 1) / 2)
        nodes = 2 * nodes + 1;
    RM_TRY(RM_NEW(&t->spots, count, err));
    RM_TRY(RM_NEW(&t->nodes, nodes, err));
    for (int64_t i = 0; i < count; i++)
        t->spots[i] = (spot){x[i], y[i], (int32_t)i};
    t->count = count;
    build(t, 0, 0, count);
    return RM_OK;
}

typedef struct search {
    tree tree;
    int64_t *nearest;
    double *distance, *second;
} search;

static rm_status search_chunk(void *context, int64_t begin, int64_t end, int worker, rm_error *err)
{
    const search *s = context;
    (void)worker;
    (void)err;
    for (int64_t i = begin; i < end; i++) {
        const spot *from = &s->tree.spots[i];
        best b = {from->x, from->y, from->id, INT32_MAX, INFINITY, INFINITY};
        visit(&s->tree, &b, 0, 0, s->tree.count);
        if (s->nearest)
            s->nearest[from->id] = b.id;
        if (s->distance)
            s->distance[from->id] = sqrt(b.first);
        if (s->second)
            s->second[from->id] = isinf(b.second) ? NAN : sqrt(b.second);
    }
    return RM_OK;
}

rm_status rm_nearest_points(int64_t *nearest, double *distance, double *second, const double *x,
                            const double *y, int64_t count, int threads, rm_error *err)
{
    search s = {.nearest = nearest, .distance = distance, .second = second};
    if (count < 2)
        return rm_fail(err, RM_EDATA, "there are %lld points; a nearest other one needs at least 2",
                       (long long)count);
    RM_TRY(rm_check_points(x, y, count, err));
    rm_status status = plant(&s.tree, x, y, count, err);
    if (status == RM_OK)
        status = rm_parallel(count, CHUNK, rm_threads(threads), search_chunk, &s, NULL, NULL, err);
    rm_release(s.tree.spots);
    rm_release(s.tree.nodes);
    return status;
}

rm_status rm_nearest_judge(rm_nearest_result *out, const double *distance, int64_t count,
                           double area, double perimeter, rm_error *err)
{
    rm_exact sum = {.count = 0};
    double n = (double)count;
    if (!(area > 0 && area <= 1e200))
        return rm_fail(err, RM_EINVAL, "the area is not above 0; give that of the study area");
    if (!(perimeter >= 0 && perimeter <= 1e100))
        return rm_fail(err, RM_EINVAL, "the perimeter is negative or not finite; 0 leaves it out");
    for (int64_t i = 0; i < count; i++)
        rm_exact_add(&sum, distance[i]);
    rm_nearest_result r = {.count = count, .cdf_mean = NAN, .cdf_ratio = NAN};
    r.mean = rm_exact_value(&sum) / n;
    r.expected = 0.5 * sqrt(area / n);
    r.ratio = r.mean / r.expected;
    r.error = sqrt((4 - pi) * area / (4 * pi)) / n;
    r.z = (r.mean - r.expected) / r.error;
    r.p = rm_normal_two_sided(r.z);
    if (perimeter > 0) {
        r.donnelly_expected = r.expected + (0.0514 + 0.041 / sqrt(n)) * perimeter / n;
        r.donnelly_error = sqrt(0.0703 * area + 0.037 * perimeter * sqrt(area / n)) / n;
        r.donnelly_ratio = r.mean / r.donnelly_expected;
        r.donnelly_z = (r.mean - r.donnelly_expected) / r.donnelly_error;
        r.donnelly_p = rm_normal_two_sided(r.donnelly_z);
    } else {
        r.donnelly_expected = r.donnelly_ratio = r.donnelly_error = NAN;
        r.donnelly_z = r.donnelly_p = NAN;
    }
    *out = r;
    return RM_OK;
}

/* A distance to the nearest point, or where the border cuts it off. */
typedef struct seen {
    double distance;
    bool cut;
} seen;

typedef struct border_search {
    seen *seen;
    const double *distance, *x, *y;
    const rm_window *window;
} border_search;

static rm_status cut_chunk(void *context, int64_t begin, int64_t end, int worker, rm_error *err)
{
    const border_search *s = context;
    (void)worker;
    for (int64_t i = begin; i < end; i++) {
        double border = 0;
        RM_TRY(rm_window_inside(&border, s->window, s->x[i], s->y[i], (int32_t)i, err));
        s->seen[i] =
            s->distance[i] <= border ? (seen){s->distance[i], false} : (seen){border, true};
    }
    return RM_OK;
}

static int by_distance(const void *left, const void *right)
{
    const seen *a = left, *b = right;
    return (a->distance > b->distance) - (a->distance < b->distance);
}

/* The mean by Kaplan and Meier's estimate; step = 0: no grid. */
static double mean_of_sorted(const seen *s, int64_t count, double step, int32_t steps)
{
    double left = 1, sum = 0;
    for (int64_t first = 0, next; first < count; first = next) {
        double place = step > 0 ? floor(s[first].distance / step) : s[first].distance;
        int64_t events = 0;
        if (step > 0 && place >= steps)
            break;
        for (next = first; next < count; next++) {
            if ((step > 0 ? floor(s[next].distance / step) : s[next].distance) != place)
                break;
            events += !s[next].cut;
        }
        double lost = left * (double)events / (double)(count - first);
        sum += lost * (step > 0 ? place * step : place);
        left -= lost;
    }
    return left < 1 ? sum / (1 - left) : NAN;
}

rm_status rm_nearest_cdf(rm_nearest_result *out, const double *distance, const double *x,
                         const double *y, const rm_window *window, int32_t steps, int threads,
                         rm_error *err)
{
    border_search s = {NULL, distance, x, y, window};
    double reach = sqrt(log(1e5) * rm_window_area(window) / (pi * (double)out->count));
    reach = fmin(reach, rm_window_diagonal(window) / 2);
    RM_TRY(RM_NEW(&s.seen, out->count, err));
    rm_status status =
        rm_parallel(out->count, CHUNK, rm_threads(threads), cut_chunk, &s, NULL, NULL, err);
    if (status == RM_OK) {
        qsort(s.seen, (size_t)out->count, sizeof *s.seen, by_distance);
        out->cdf_mean = mean_of_sorted(s.seen, out->count, steps > 0 ? reach / steps : 0, steps);
        out->cdf_ratio = out->cdf_mean / out->expected;
    }
    rm_release(s.seen);
    return status;
}
