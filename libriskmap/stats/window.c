#include "stats/window.h"

#include "base/random.h"
#include "stats/order.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_PIECES = 1 << 27 };
static const char STUDY_AREA[] = "the study area";

typedef struct edge {
    double x0, y0, x1, y1; /* as the ring goes */
} edge;

/* A piece of the window: what lies between two edges that follow one another upwards, and between
 * the vertices next to one another in x. Low and high y at its left and right side. */
typedef struct piece {
    double low[2], high[2];
    double low_slope, high_slope;
} piece;

/* A part of a piece, between two x. */
typedef struct part {
    double low[2], high[2];
} part;

struct rm_window {
    double x, y; /* the place that coordinates count from: the lower left of the box */
    double width, height, area;
    edge *edges;
    int64_t edge_count;
    double *cut; /* [slabs + 1] the x of the vertices, ascending, all different */
    int64_t slabs;
    int64_t *first; /* [slabs + 1] the pieces of each slab, from the lowest up */
    piece *pieces;
    double *until; /* [pieces] area up to and with each piece */
};

/* Without the care for NaN that fmin and fmax take, which costs a call. */
static double smaller(double a, double b)
{
    return a < b ? a : b;
}

static double larger(double a, double b)
{
    return a > b ? a : b;
}

static rm_status check_rings(const rm_pattern_window *w, rm_error *err)
{
    if (w->rings < 1 || !w->x || !w->y || !w->ring || w->ring[0] != 0)
        return rm_fail(err, RM_EINVAL, "the study area has no rings, or they do not begin at 0");
    for (int64_t k = 0; k < w->rings; k++) {
        if (w->ring[k + 1] < w->ring[k] || w->ring[k + 1] > INT32_MAX)
            return rm_fail(err, RM_EINVAL, "ring %lld of the study area ends before it begins",
                           (long long)k);
    }
    for (int64_t i = 0; i < w->ring[w->rings]; i++) {
        if (!(fabs(w->x[i]) <= 1e100 && fabs(w->y[i]) <= 1e100))
            return rm_fail_row(err, RM_EINVAL, i,
                               "vertex %lld of the study area is missing or not finite",
                               (long long)i);
    }
    return RM_OK;
}

static void take_box(rm_window *w, const rm_pattern_window *given)
{
    double right = given->x[0], top = given->y[0];
    w->x = right;
    w->y = top;
    for (int64_t i = 1; i < given->ring[given->rings]; i++) {
        w->x = smaller(w->x, given->x[i]);
        w->y = smaller(w->y, given->y[i]);
        right = larger(right, given->x[i]);
        top = larger(top, given->y[i]);
    }
    w->width = right - w->x;
    w->height = top - w->y;
}

static void take_edges(rm_window *w, const rm_pattern_window *given)
{
    for (int64_t k = 0; k < given->rings; k++) {
        for (int64_t i = given->ring[k]; i < given->ring[k + 1]; i++) {
            int64_t next = i + 1 < given->ring[k + 1] ? i + 1 : given->ring[k];
            edge e = {given->x[i] - w->x, given->y[i] - w->y, given->x[next] - w->x,
                      given->y[next] - w->y};
            if (e.x0 != e.x1 || e.y0 != e.y1)
                w->edges[w->edge_count++] = e;
        }
    }
}

static double edge_left(const edge *e)
{
    return e->x0 < e->x1 ? e->x0 : e->x1;
}

static double height_at(const edge *e, double x)
{
    if (x == e->x0)
        return e->y0;
    if (x == e->x1)
        return e->y1;
    return e->y0 + (e->y1 - e->y0) * ((x - e->x0) / (e->x1 - e->x0));
}

static int compare_middle(const void *left, const void *right)
{
    const double *a = left, *b = right;
    double low = a[0] + a[1], high = b[0] + b[1];
    return (low > high) - (low < high);
}

/* The edges across a slab, from the lowest up, in pairs: even-odd says that the window is between
 * the first and the second, the third and the fourth. */
static rm_status take_slab(rm_window *w, int64_t slab, const edge *const *active, int64_t count,
                           double (*side)[2], int64_t *room, rm_error *err)
{
    int64_t pieces = w->first[slab], made = pieces + count / 2;
    for (int64_t k = 0; k < count; k++) {
        side[k][0] = height_at(active[k], w->cut[slab]);
        side[k][1] = height_at(active[k], w->cut[slab + 1]);
    }
    qsort(side, (size_t)count, sizeof *side, compare_middle);
    if (made > MOST_PIECES)
        return rm_fail(err, RM_ELIMIT, "the study area is too intricate; simplify its border");
    RM_TRY(RM_GROW(&w->pieces, room, made, err));
    double wide = w->cut[slab + 1] - w->cut[slab];
    for (int64_t k = 0; k + 1 < count; k += 2) {
        const double *low = side[k], *high = side[k + 1];
        w->pieces[pieces++] = (piece){{low[0], low[1]},
                                      {high[0], high[1]},
                                      (low[1] - low[0]) / wide,
                                      (high[1] - high[0]) / wide};
    }
    w->first[slab + 1] = pieces;
    return RM_OK;
}

/* The edges that are not upright, by where they begin. */
static rm_status sort_edges(rm_keyed **sorted, int64_t *count, const rm_window *w,
                            rm_progress *progress, rm_error *err)
{
    double *left = NULL;
    RM_TRY(RM_NEW(&left, w->edge_count, err));
    for (int64_t k = 0; k < w->edge_count; k++)
        left[k] = w->edges[k].x0 != w->edges[k].x1 ? edge_left(&w->edges[k]) : NAN;
    rm_status status =
        rm_sort_present(sorted, count, left, w->edge_count, STUDY_AREA, progress, err);
    rm_release(left);
    return status;
}

/* Goes through the slabs from left to right, keeping the edges across the present one. */
static rm_status sweep(rm_window *w, const rm_keyed *sorted, int64_t edges, const edge **active,
                       double (*side)[2], rm_progress *progress, rm_error *err)
{
    int64_t count = 0, next = 0, room = 0;
    for (int64_t slab = 0; slab < w->slabs; slab++) {
        int64_t kept = 0;
        RM_TRY(rm_progress_tick(progress, STUDY_AREA, err));
        for (int64_t k = 0; k < count; k++) {
            if (larger(active[k]->x0, active[k]->x1) > w->cut[slab])
                active[kept++] = active[k];
        }
        count = kept;
        while (next < edges && edge_left(&w->edges[sorted[next].index]) <= w->cut[slab])
            active[count++] = &w->edges[sorted[next++].index];
        RM_TRY(take_slab(w, slab, active, count, side, &room, err));
    }
    return RM_OK;
}

static rm_status take_cuts(rm_window *w, rm_progress *progress, rm_error *err)
{
    rm_keyed *sorted = NULL;
    int64_t present, count = 0;
    RM_TRY(RM_NEW(&w->cut, w->edge_count, err));
    for (int64_t k = 0; k < w->edge_count; k++)
        w->cut[k] = w->edges[k].x0;
    RM_TRY(rm_sort_present(&sorted, &present, w->cut, w->edge_count, STUDY_AREA, progress, err));
    for (int64_t k = 0; k < present; k++) {
        double x = rm_keyed_value(sorted[k]);
        if (count == 0 || x > w->cut[count - 1])
            w->cut[count++] = x;
    }
    w->slabs = count > 1 ? count - 1 : 0;
    rm_release(sorted);
    return RM_OK;
}

static rm_status cut_in_pieces(rm_window *w, rm_progress *progress, rm_error *err)
{
    rm_keyed *sorted = NULL;
    const edge **active = NULL;
    double(*side)[2] = NULL;
    int64_t edges = 0;
    RM_TRY(take_cuts(w, progress, err));
    RM_TRY(RM_NEW_ZERO(&w->first, w->slabs + 1, err));
    rm_status status = sort_edges(&sorted, &edges, w, progress, err);
    if (status == RM_OK)
        status = RM_NEW(&active, w->edge_count, err);
    if (status == RM_OK)
        status = RM_NEW(&side, w->edge_count, err);
    if (status == RM_OK)
        status = sweep(w, sorted, edges, active, side, progress, err);
    rm_release(sorted);
    rm_release(active);
    rm_release(side);
    return status;
}

static rm_status measure(rm_window *w, rm_progress *progress, rm_error *err)
{
    double total = 0;
    RM_TRY(RM_NEW(&w->until, w->first[w->slabs], err));
    for (int64_t slab = 0; slab < w->slabs; slab++) {
        RM_TRY(rm_progress_tick(progress, STUDY_AREA, err));
        for (int64_t k = w->first[slab]; k < w->first[slab + 1]; k++) {
            const piece *p = &w->pieces[k];
            total += 0.5 * (w->cut[slab + 1] - w->cut[slab]) *
                     ((p->high[0] - p->low[0]) + (p->high[1] - p->low[1]));
            w->until[k] = total;
        }
    }
    w->area = total;
    if (!(total > 1e-14 * w->width * w->height) || !(total < INFINITY))
        return rm_fail(err, RM_EINVAL, "the study area has no area; its rings enclose nothing");
    return RM_OK;
}

rm_status rm_window_new(rm_window **out, const rm_pattern_window *given, rm_progress *progress,
                        rm_error *err)
{
    rm_window *w = NULL;
    RM_TRY(check_rings(given, err));
    RM_TRY(RM_NEW_ZERO(&w, 1, err));
    rm_status status = RM_NEW(&w->edges, given->ring[given->rings], err);
    if (status == RM_OK && given->ring[given->rings] > 0) {
        take_box(w, given);
        take_edges(w, given);
    }
    if (status == RM_OK)
        status = cut_in_pieces(w, progress, err);
    if (status == RM_OK)
        status = measure(w, progress, err);
    if (status == RM_OK)
        *out = w;
    else
        rm_window_free(w);
    return status;
}

void rm_window_free(rm_window *w)
{
    if (!w)
        return;
    rm_release(w->edges);
    rm_release(w->cut);
    rm_release(w->first);
    rm_release(w->pieces);
    rm_release(w->until);
    rm_release(w);
}

double rm_window_area(const rm_window *w)
{
    return w->area;
}

double rm_window_extent(const rm_window *w)
{
    return larger(w->width, w->height);
}

double rm_window_diagonal(const rm_window *w)
{
    return hypot(w->width, w->height);
}

double rm_window_perimeter(const rm_window *w)
{
    double sum = 0;
    for (int64_t k = 0; k < w->edge_count; k++) {
        const edge *e = &w->edges[k];
        sum += hypot(e->x1 - e->x0, e->y1 - e->y0);
    }
    return sum;
}

static bool holds(const rm_window *w, double x, double y)
{
    bool inside = false;
    for (int64_t k = 0; k < w->edge_count; k++) {
        const edge *e = &w->edges[k];
        if ((e->y0 > y) != (e->y1 > y) &&
            x < e->x0 + (e->x1 - e->x0) * ((y - e->y0) / (e->y1 - e->y0)))
            inside = !inside;
    }
    return inside;
}

bool rm_window_holds(const rm_window *w, double x, double y)
{
    return holds(w, x - w->x, y - w->y);
}

double rm_window_border(const rm_window *w, double x, double y)
{
    double least = INFINITY;
    x -= w->x;
    y -= w->y;
    for (int64_t k = 0; k < w->edge_count; k++) {
        const edge *e = &w->edges[k];
        double ux = e->x1 - e->x0, uy = e->y1 - e->y0;
        double dx = x - e->x0, dy = y - e->y0;
        double t = (dx * ux + dy * uy) / (ux * ux + uy * uy);
        t = t < 0 ? 0 : t > 1 ? 1 : t;
        dx -= t * ux;
        dy -= t * uy;
        double square = dx * dx + dy * dy;
        least = square < least ? square : least;
    }
    return sqrt(least);
}

rm_status rm_window_inside(double *border, const rm_window *w, double x, double y, int32_t row,
                           rm_error *err)
{
    double least = rm_window_border(w, x, y);
    if (least > rm_window_extent(w) * 1e-9 && !rm_window_holds(w, x, y))
        return rm_fail_row(err, RM_EINVAL, row,
                           "the point of row %d lies outside the study area; leave it out or take "
                           "a larger area",
                           row);
    *border = least;
    return RM_OK;
}

int64_t rm_window_chunk(const rm_window *w)
{
    enum { SIDES_A_CHUNK = 1 << 18, MOST_POINTS = 1024 };
    int64_t points = SIDES_A_CHUNK / (w->edge_count + 1);
    return points > MOST_POINTS ? MOST_POINTS : points + 1;
}

int64_t rm_window_scratch(const rm_window *w)
{
    return 2 * w->edge_count;
}

/* Where an edge crosses the circle around 0: the angles, 0 to 2 of them. Whether a vertex lies
 * within the circle is decided once for both its edges, so a circle through a vertex is crossed an
 * even number of times. */
static int crossings(double angle[2], double ax, double ay, double bx, double by, double radius)
{
    double ux = bx - ax, uy = by - ay;
    double a_beyond = ax * ax + ay * ay - radius * radius;
    double b_beyond = bx * bx + by * by - radius * radius;
    double square = ux * ux + uy * uy, along = ax * ux + ay * uy;
    double under = along * along - square * a_beyond;
    int count = 0;
    if (a_beyond < 0 && b_beyond < 0)
        return 0;
    bool twice = a_beyond >= 0 && b_beyond >= 0;
    if (twice && !(under > 0 && along < 0 && along > -square))
        return 0;
    double root = sqrt(under > 0 ? under : 0);
    if (a_beyond >= 0) {
        double t = (-along - root) / square;
        angle[count++] = atan2(ay + t * uy, ax + t * ux);
    }
    if (b_beyond >= 0) {
        double t = (-along + root) / square;
        angle[count++] = atan2(ay + t * uy, ax + t * ux);
    }
    return count;
}

/* Where on an arc free of crossings it is seen whether the arc is inside. Not its middle: of a
 * circle that touches borders left and right without crossing them, that is on one of them. */
#define ARC_SAMPLE 0.38196601125010515

/* Inside and outside take turns along the circle; a place well within its widest arc says which is
 * which. */
static double share_inside(const rm_window *w, double x, double y, double radius,
                           const double *angle, int64_t count)
{
    const double turn = 6.283185307179586477;
    double widest = -1, even = 0, sample = 0;
    int64_t at = 0;
    for (int64_t k = 0; k < count; k++) {
        double next = k + 1 < count ? angle[k + 1] : angle[0] + turn;
        double arc = next - angle[k];
        if (k % 2 == 0)
            even += arc;
        if (arc > widest) {
            widest = arc;
            sample = angle[k] + ARC_SAMPLE * arc;
            at = k;
        }
    }
    bool inside = holds(w, x + radius * cos(sample), y + radius * sin(sample));
    return inside == (at % 2 == 0) ? even / turn : 1 - even / turn;
}

double rm_window_arc(const rm_window *w, double x, double y, double radius, double *scratch)
{
    int64_t count = 0;
    x -= w->x;
    y -= w->y;
    for (int64_t k = 0; k < w->edge_count; k++) {
        const edge *e = &w->edges[k];
        /* Most edges are wholly beyond the circle. */
        if (smaller(e->x0, e->x1) - x > radius || x - larger(e->x0, e->x1) > radius ||
            smaller(e->y0, e->y1) - y > radius || y - larger(e->y0, e->y1) > radius)
            continue;
        count += crossings(scratch + count, e->x0 - x, e->y0 - y, e->x1 - x, e->y1 - y, radius);
    }
    if (count == 0) {
        scratch[0] = scratch[1] = 0; /* one arc, all around, and one of nothing */
        count = 2;
    }
    qsort(scratch, (size_t)count, sizeof *scratch, rm_compare_doubles);
    return share_inside(w, x, y, radius, scratch, count);
}

/* The integral over one unit of the lower of two lines, given at both ends. */
static double lower_of(const double a[2], const double b[2])
{
    double left = a[0] - b[0], right = a[1] - b[1];
    if (left <= 0 && right <= 0)
        return 0.5 * (a[0] + a[1]);
    if (left >= 0 && right >= 0)
        return 0.5 * (b[0] + b[1]);
    double share = left / (left - right), cross = b[0] + share * (b[1] - b[0]);
    return 0.5 *
           (share * (smaller(a[0], b[0]) + cross) + (1 - share) * (cross + smaller(a[1], b[1])));
}

/* The overlap of two parts over the same stretch, as if that were 1 long. Mostly one edge is the
 * lower one all along; else [y < high] - [y < low] of both is multiplied out, where a product of
 * two is [y < the lower]. */
static double overlap_of(const part *a, const part *b)
{
    double top0 = smaller(a->high[0], b->high[0]), top1 = smaller(a->high[1], b->high[1]);
    double bottom0 = larger(a->low[0], b->low[0]), bottom1 = larger(a->low[1], b->low[1]);
    bool no_cross = (a->high[0] < b->high[0]) == (a->high[1] < b->high[1]) &&
                    (a->low[0] < b->low[0]) == (a->low[1] < b->low[1]);
    if (no_cross && top0 >= bottom0 && top1 >= bottom1)
        return 0.5 * ((top0 - bottom0) + (top1 - bottom1));
    if ((a->high[0] <= b->low[0] && a->high[1] <= b->low[1]) ||
        (b->high[0] <= a->low[0] && b->high[1] <= a->low[1]))
        return 0;
    return lower_of(a->high, b->high) - lower_of(a->high, b->low) - lower_of(a->low, b->high) +
           lower_of(a->low, b->low);
}

/* From x left to right counted from the left side of its slab, and moved up. */
static part part_of(const piece *p, double left, double right, double up)
{
    double low = p->low[0] + up, high = p->high[0] + up;
    return (part){{low + left * p->low_slope, low + right * p->low_slope},
                  {high + left * p->high_slope, high + right * p->high_slope}};
}

static double overlap_slabs(const rm_window *w, int64_t i, int64_t j, double left, double right,
                            double dx, double dy)
{
    double sum = 0, still_x = w->cut[i], moved_x = w->cut[j] + dx;
    for (int64_t a = w->first[i]; a < w->first[i + 1]; a++) {
        part still = part_of(&w->pieces[a], left - still_x, right - still_x, 0);
        for (int64_t b = w->first[j]; b < w->first[j + 1]; b++) {
            part moved = part_of(&w->pieces[b], left - moved_x, right - moved_x, dy);
            sum += overlap_of(&still, &moved);
        }
    }
    return sum * (right - left);
}

double rm_window_overlap(const rm_window *w, double dx, double dy)
{
    double area = 0;
    for (int64_t i = 0, j = 0; i < w->slabs && j < w->slabs;) {
        double left = larger(w->cut[i], w->cut[j] + dx);
        double right = smaller(w->cut[i + 1], w->cut[j + 1] + dx);
        if (left < right)
            area += overlap_slabs(w, i, j, left, right, dx, dy);
        if (w->cut[i + 1] < w->cut[j + 1] + dx)
            i++;
        else
            j++;
    }
    return area > 0 ? area : 0;
}

/* A piece by its area, a place across it by the inverse of the area to its left, a height evenly.
 */
void rm_window_draw(double place[2], const rm_window *w, uint64_t seed, uint64_t stream,
                    uint64_t number)
{
    uint64_t bits[4];
    rm_random_block(seed, stream, 2 * number, bits);
    rm_random_block(seed, stream, 2 * number + 1, bits + 2);
    double which = (double)(bits[0] >> 11) * 0x1p-53 * w->area;
    double across = (double)(bits[1] >> 11) * 0x1p-53, up = (double)(bits[2] >> 11) * 0x1p-53;
    int64_t begin = 0, end = w->first[w->slabs] - 1, slab = 0, last = w->slabs - 1;
    while (begin < end) {
        int64_t middle = begin + (end - begin) / 2;
        if (w->until[middle] > which)
            end = middle;
        else
            begin = middle + 1;
    }
    while (slab < last) {
        int64_t middle = slab + (last - slab) / 2;
        if (w->first[middle + 1] > begin)
            last = middle;
        else
            slab = middle + 1;
    }
    const piece *p = &w->pieces[begin];
    double left = p->high[0] - p->low[0], right = p->high[1] - p->low[1], both = left + right;
    double root = left + sqrt(left * left + across * (right - left) * both);
    double t = root > 0 ? across * both / root : 0;
    double low = p->low[0] + t * (p->low[1] - p->low[0]);
    place[0] = w->x + w->cut[slab] + t * (w->cut[slab + 1] - w->cut[slab]);
    place[1] = w->y + low + up * (left + t * (right - left));
}
