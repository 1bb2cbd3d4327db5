#include "stats/pattern/nearest_index.h"

#include "stats/blocks.h"
#include "stats/order.h"
#include "stats/pattern/pairs.h"
#include "stats/rate/probability.h"

#include <math.h>

enum { LEAF = 8, CHUNK = 1024 };

static const double pi = 3.14159265358979323846;
static const char SEARCHING[] = "nearest points", BORDER[] = "border of the study area";

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
static rm_status split(spot *s, int64_t low, int64_t high, int64_t middle, bool along_y,
                       const rm_asking *asking, rm_error *err)
{
    while (low < high) {
        double pivot = coordinate(&s[low + (high - low) / 2], along_y);
        int64_t i = low, j = high, end = low;
        while (i <= j) {
            if (i >= end)
                RM_TRY(rm_next_block(&end, i, high + 1, asking, err));
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
            return RM_OK;
    }
    return RM_OK;
}

static void hold(node *n, const spot *s, int64_t begin, int64_t end)
{
    for (int64_t i = begin; i < end; i++) {
        n->xmin = s[i].x < n->xmin ? s[i].x : n->xmin;
        n->xmax = s[i].x > n->xmax ? s[i].x : n->xmax;
        n->ymin = s[i].y < n->ymin ? s[i].y : n->ymin;
        n->ymax = s[i].y > n->ymax ? s[i].y : n->ymax;
        n->lowest = s[i].id < n->lowest ? s[i].id : n->lowest;
    }
}

static rm_status build(tree *t, int64_t k, int64_t begin, int64_t end, const rm_asking *asking,
                       rm_error *err)
{
    static const rm_asking nobody = {NULL, 0, NULL};
    node *n = &t->nodes[k];
    const spot *s = t->spots;
    *n = (node){s[begin].x, s[begin].y, s[begin].x, s[begin].y, s[begin].id};
    if (end - begin <= RM_BLOCK)
        asking = &nobody; /* soon done */
    for (int64_t i = begin, stop; i < end; i = stop) {
        RM_TRY(rm_next_block(&stop, i, end, asking, err));
        hold(n, s, i, stop);
    }
    if (end - begin <= LEAF)
        return RM_OK;
    int64_t middle = begin + (end - begin) / 2;
    RM_TRY(split(t->spots, begin, end - 1, middle, n->ymax - n->ymin > n->xmax - n->xmin, asking,
                 err));
    RM_TRY(build(t, 2 * k + 1, begin, middle, asking, err));
    return build(t, 2 * k + 2, middle, end, asking, err);
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

static rm_status plant(tree *t, const double *x, const double *y, int64_t count,
                       const rm_asking *asking, rm_error *err)
{
    int64_t nodes = 1;
    for (int64_t size = count; size > LEAF; size = (size + 1) / 2)
        nodes = 2 * nodes + 1;
    RM_TRY(RM_NEW(&t->spots, count, err));
    RM_TRY(RM_NEW(&t->nodes, nodes, err));
    for (int64_t i = 0, end; i < count;) {
        RM_TRY(rm_next_block(&end, i, count, asking, err));
        for (; i < end; i++)
            t->spots[i] = (spot){x[i], y[i], (int32_t)i};
    }
    t->count = count;
    return build(t, 0, 0, count, asking, err);
}

typedef struct search {
    tree tree;
    rm_near *near;
    double *distance;
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
        double first = sqrt(b.first);
        if (s->near)
            s->near[from->id] = (rm_near){first, isinf(b.second) ? NAN : sqrt(b.second), b.id};
        if (s->distance)
            s->distance[from->id] = first;
    }
    return RM_OK;
}

/* Or all huge pages would be cleared by the first chunk, which writes all over them. */
static rm_status touch(const search *s, int64_t count, const rm_asking *asking, rm_error *err)
{
    for (int64_t i = 0, end; i < count; i = end) {
        RM_TRY(rm_next_block(&end, i, count, asking, err));
        if (s->near)
            s->near[i].nearest = 0;
        if (s->distance)
            s->distance[i] = 0;
    }
    return RM_OK;
}

static rm_status search_all(search *s, const double *x, const double *y, int64_t count, int threads,
                            rm_progress *progress, rm_error *err)
{
    const rm_asking asking = {progress, 0, "indexing points"};
    rm_stage whole = rm_progress_present(progress);
    rm_progress_part(progress, whole, 0, 0.3);
    RM_TRY(plant(&s->tree, x, y, count, &asking, err));
    RM_TRY(touch(s, count, &asking, err));
    rm_progress_part(progress, whole, 0.3, 1);
    return rm_parallel(count, CHUNK, rm_threads(threads), search_chunk, s, progress, SEARCHING,
                       err);
}

rm_status rm_nearest_points(rm_near *near, double *distance, const double *x, const double *y,
                            int64_t count, int threads, rm_progress *progress, rm_error *err)
{
    search s = {.near = near, .distance = distance};
    if (count < 2)
        return rm_fail(err, RM_EDATA, "there are %lld points; a nearest other one needs at least 2",
                       (long long)count);
    RM_TRY(rm_check_points(x, y, count, err));
    rm_status status = search_all(&s, x, y, count, threads, progress, err);
    rm_release(s.tree.spots);
    rm_release(s.tree.nodes);
    return status;
}

rm_status rm_nearest_judge(rm_nearest_result *out, const double *distance, int64_t count,
                           double area, double perimeter, rm_progress *progress, rm_error *err)
{
    const rm_asking asking = {progress, 0, SEARCHING};
    rm_exact sum = {.count = 0};
    double n = (double)count;
    if (!(area > 0 && area <= 1e200))
        return rm_fail(err, RM_EINVAL, "the area is not above 0; give that of the study area");
    if (!(perimeter >= 0 && perimeter <= 1e100))
        return rm_fail(err, RM_EINVAL, "the perimeter is negative or not finite; 0 leaves it out");
    for (int64_t i = 0, end; i < count;) {
        RM_TRY(rm_next_block(&end, i, count, &asking, err));
        for (; i < end; i++)
            rm_exact_add(&sum, distance[i]);
    }
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

/* The distances to the nearest point, or where the border cuts them off. */
typedef struct cutting {
    double *seen;
    bool *cut;
    const double *distance, *x, *y;
    const rm_window *window;
} cutting;

static rm_status cut_chunk(void *context, int64_t begin, int64_t end, int worker, rm_error *err)
{
    const cutting *c = context;
    (void)worker;
    for (int64_t i = begin; i < end; i++) {
        double border = 0, distance = c->distance[i];
        RM_TRY(rm_window_inside(&border, c->window, c->x[i], c->y[i], (int32_t)i, err));
        c->cut[i] = !(distance <= border);
        c->seen[i] = c->cut[i] ? border : distance;
    }
    return RM_OK;
}

/* Where a distance lies; step = 0: no grid. */
static double place_of(const rm_keyed *sorted, double step)
{
    double distance = rm_keyed_value(*sorted);
    return step > 0 ? floor(distance / step) : distance;
}

/* The mean by Kaplan and Meier's estimate. */
static rm_status mean_of_sorted(double *mean, const rm_keyed *sorted, const bool *cut,
                                int64_t count, double step, int32_t steps, rm_progress *progress,
                                rm_error *err)
{
    const rm_asking asking = {progress, 0, BORDER};
    double left = 1, sum = 0;
    int64_t end = 0;
    for (int64_t first = 0, next; first < count; first = next) {
        double place = place_of(&sorted[first], step);
        int64_t events = 0;
        if (step > 0 && place >= steps)
            break;
        for (next = first; next < count; next++) {
            if (next >= end)
                RM_TRY(rm_next_block(&end, next, count, &asking, err));
            if (place_of(&sorted[next], step) != place)
                break;
            events += !cut[sorted[next].index];
        }
        double lost = left * (double)events / (double)(count - first);
        sum += lost * (step > 0 ? place * step : place);
        left -= lost;
    }
    *mean = left < 1 ? sum / (1 - left) : NAN;
    return RM_OK;
}

static rm_status estimate(double *mean, cutting *c, rm_keyed **sorted, int64_t count, int32_t steps,
                          int threads, rm_progress *progress, rm_error *err)
{
    double reach = sqrt(log(1e5) * rm_window_area(c->window) / (pi * (double)count));
    reach = fmin(reach, rm_window_diagonal(c->window) / 2);
    RM_TRY(RM_NEW(&c->seen, count, err));
    RM_TRY(RM_NEW(&c->cut, count, err));
    rm_stage whole = rm_progress_present(progress);
    rm_progress_part(progress, whole, 0, 0.7);
    RM_TRY(rm_parallel(count, rm_window_chunk(c->window), rm_threads(threads), cut_chunk, c,
                       progress, BORDER, err));
    rm_progress_part(progress, whole, 0.7, 1);
    RM_TRY(rm_sort_present(sorted, &count, c->seen, count, "the distance", progress, err));
    RM_TRY(mean_of_sorted(mean, *sorted, c->cut, count, steps > 0 ? reach / steps : 0, steps,
                          progress, err));
    return rm_progress_report(progress, 1, BORDER, err);
}

rm_status rm_nearest_cdf(rm_nearest_result *out, const double *distance, const double *x,
                         const double *y, const rm_window *window, int32_t steps, int threads,
                         rm_progress *progress, rm_error *err)
{
    cutting c = {.distance = distance, .x = x, .y = y, .window = window};
    rm_keyed *sorted = NULL;
    double mean = NAN;
    rm_status status = estimate(&mean, &c, &sorted, out->count, steps, threads, progress, err);
    if (status == RM_OK) {
        out->cdf_mean = mean;
        out->cdf_ratio = mean / out->expected;
    }
    rm_release(c.seen);
    rm_release(c.cut);
    rm_release(sorted);
    return status;
}
