#include "stats/density/edge.h"

#include "base/memory.h"
#include "stats/density/inner.h"

#include <math.h>

enum { MOST_CELLS = 512, MOST_STRIPS = 4096, OWEN_POINTS = 20, FAR_POINTS = 8, CHUNK = 256 };
enum { SIDES_A_TICK = 1 << 14 };

static const char *const MESSAGE = "edge of the study area";

/* In a loop over sides. */
static rm_status tick(rm_progress *progress, int64_t i, rm_error *err)
{
    return i % SIDES_A_TICK == 0 ? rm_progress_tick(progress, MESSAGE, err) : RM_OK;
}

/* Nodes and weights of Gauss and Legendre on -1..1. */
typedef struct quadrature {
    double x[OWEN_POINTS], weight[OWEN_POINTS];
} quadrature;

/* A side, or a part of a long one, with the area on its left; from the corner of the box. */
typedef struct piece {
    double ax, ay, bx, by;
} piece;

struct rm_edge {
    double left, bottom, cell; /* of the index */
    double extent;             /* the longer side of the box */
    int64_t columns, rows, strips;
    int64_t count;
    piece *piece;
    int64_t *cell_start; /* [columns * rows + 1]: pieces by the cell of their middle */
    int32_t *sum;        /* [(columns + 1) * (rows + 1)]: pieces in all cells left and below */
    int8_t *within;      /* [columns * rows]: 1 in, 0 out, -1 the boundary may pass */
    int64_t *strip_start;
    int32_t *strip; /* pieces by the heights that they take */
    quadrature owen, far;
};

void rm_edge_free(rm_edge *e)
{
    if (e == NULL)
        return;
    rm_release(e->piece);
    rm_release(e->cell_start);
    rm_release(e->sum);
    rm_release(e->within);
    rm_release(e->strip_start);
    rm_release(e->strip);
    rm_release(e);
}

static void make_rule(quadrature *out, int points)
{
    for (int i = 0; i < points; i++) {
        double x = cos(RM_PI * (i + 0.75) / (points + 0.5)), slope = 1;
        for (int step = 0; step < 20; step++) {
            double before = 1, value = x;
            for (int k = 2; k <= points; k++) {
                double next = ((2 * k - 1) * x * value - (k - 1) * before) / k;
                before = value;
                value = next;
            }
            slope = points * (x * value - before) / (x * x - 1);
            x -= value / slope;
        }
        out->x[i] = x;
        out->weight[i] = 2 / ((1 - x * x) * slope * slope);
    }
}

/* --- reading the rings --- */

static rm_status read_box(rm_edge *e, const rm_edge_rings *g, rm_progress *progress, rm_error *err)
{
    double right = -INFINITY, top = -INFINITY;
    e->left = e->bottom = INFINITY;
    if (g->rings < 1)
        return rm_fail(err, RM_EINVAL, "the study area has no rings");
    for (int64_t r = 0; r < g->rings; r++) {
        int64_t begin = g->start[r], end = g->start[r + 1];
        if (begin < 0 || end - begin < 3)
            return rm_fail_row(err, RM_EINVAL, r,
                               "ring %lld of the study area has fewer than 3 places", (long long)r);
        for (int64_t i = begin; i < end; i++) {
            RM_TRY(tick(progress, i, err));
            if (!isfinite(g->x[i]) || !isfinite(g->y[i]))
                return rm_fail_row(err, RM_EINVAL, r,
                                   "ring %lld of the study area has a coordinate that is not "
                                   "finite",
                                   (long long)r);
            e->left = fmin(e->left, g->x[i]);
            right = fmax(right, g->x[i]);
            e->bottom = fmin(e->bottom, g->y[i]);
            top = fmax(top, g->y[i]);
        }
    }
    double width = right - e->left, height = top - e->bottom;
    if (!(width > 0 && height > 0 && isfinite(width * height)))
        return rm_fail(err, RM_EINVAL, "the study area has no area");
    e->extent = fmax(width, height);
    return RM_OK;
}

static double ring_area(const rm_edge_rings *g, int64_t r)
{
    int64_t begin = g->start[r], end = g->start[r + 1];
    double area = 0, x0 = g->x[begin], y0 = g->y[begin];
    for (int64_t i = begin, k = end - 1; i < end; k = i++)
        area += (g->x[k] - x0) * (g->y[i] - y0) - (g->x[i] - x0) * (g->y[k] - y0);
    return area / 2;
}

static bool crosses(double ax, double ay, double bx, double by, double x, double y)
{
    if ((ay > y) == (by > y))
        return false;
    double side = (bx - ax) * (y - ay) - (x - ax) * (by - ay);
    return (side > 0) == (by > ay);
}

static bool in_ring(const rm_edge_rings *g, int64_t r, double x, double y)
{
    int64_t begin = g->start[r], end = g->start[r + 1];
    bool in = false;
    for (int64_t i = begin, k = end - 1; i < end; k = i++)
        in ^= crosses(g->x[k], g->y[k], g->x[i], g->y[i], x, y);
    return in;
}

/* Whether the area lies left of the ring as it is written: left of a ring against the clock lies
 * what it encloses, and that is area unless an odd number of other rings holds it too. */
static bool area_on_left(const rm_edge_rings *g, int64_t r)
{
    int64_t begin = g->start[r], end = g->start[r + 1], longest = begin, from = end - 1;
    double area = ring_area(g, r), best = -1;
    for (int64_t i = begin, k = end - 1; i < end; k = i++) {
        double length = hypot(g->x[i] - g->x[k], g->y[i] - g->y[k]);
        if (length > best) {
            best = length;
            longest = i;
            from = k;
        }
    }
    double step = area > 0 ? 1e-6 : -1e-6; /* to the inside of the ring */
    double x = (g->x[from] + g->x[longest]) / 2 - step * (g->y[longest] - g->y[from]);
    double y = (g->y[from] + g->y[longest]) / 2 + step * (g->x[longest] - g->x[from]);
    bool odd = false;
    for (int64_t other = 0; other < g->rings; other++)
        odd ^= other != r && in_ring(g, other, x, y);
    return (area > 0) != odd;
}

static int64_t parts_of(const rm_edge *e, double ax, double ay, double bx, double by)
{
    double length = hypot(bx - ax, by - ay);
    return length > 0 ? (int64_t)ceil(length / e->cell) : 0;
}

static int64_t cell_of(const rm_edge *e, const piece *p)
{
    double column = (p->ax + p->bx) / 2 / e->cell, row = (p->ay + p->by) / 2 / e->cell;
    int64_t c = column < (double)e->columns ? (int64_t)column : e->columns - 1;
    int64_t r = row < (double)e->rows ? (int64_t)row : e->rows - 1;
    return r * e->columns + c;
}

/* Cuts the rings into pieces no longer than a cell; only counts them when all is NULL. */
static rm_status cut_rings(int64_t *pieces, piece *all, const rm_edge *e, const rm_edge_rings *g,
                           rm_progress *progress, rm_error *err)
{
    int64_t count = 0;
    for (int64_t r = 0; r < g->rings; r++) {
        int64_t begin = g->start[r], end = g->start[r + 1];
        /* side by side with all other rings, so this alone may take long */
        bool left = all && area_on_left(g, r);
        if (all)
            RM_TRY(rm_progress_tick(progress, MESSAGE, err));
        for (int64_t i = begin, k = end - 1; i < end; k = i++) {
            RM_TRY(tick(progress, i, err));
            double ax = g->x[k] - e->left, ay = g->y[k] - e->bottom;
            double bx = g->x[i] - e->left, by = g->y[i] - e->bottom;
            int64_t parts = parts_of(e, ax, ay, bx, by);
            for (int64_t m = 0; all && m < parts; m++) {
                double t = (double)m / (double)parts, u = (double)(m + 1) / (double)parts;
                piece p = {ax + t * (bx - ax), ay + t * (by - ay), bx, by};
                if (m + 1 < parts) {
                    p.bx = ax + u * (bx - ax);
                    p.by = ay + u * (by - ay);
                }
                all[count + m] = left ? p : (piece){p.bx, p.by, p.ax, p.ay};
            }
            count += parts;
        }
    }
    *pieces = count;
    return RM_OK;
}

/* --- the index --- */

static rm_status sort_pieces(rm_edge *e, const piece *all, rm_progress *progress, rm_error *err)
{
    int64_t cells = e->columns * e->rows;
    RM_TRY(RM_NEW(&e->piece, e->count, err));
    RM_TRY(RM_NEW_ZERO(&e->cell_start, cells + 2, err));
    int64_t *next = e->cell_start + 1;
    for (int64_t i = 0; i < e->count; i++) {
        RM_TRY(tick(progress, i, err));
        next[cell_of(e, &all[i]) + 1]++;
    }
    for (int64_t c = 0; c < cells; c++)
        next[c + 1] += next[c];
    for (int64_t i = 0; i < e->count; i++) {
        RM_TRY(tick(progress, i, err));
        e->piece[next[cell_of(e, &all[i])]++] = all[i];
    }
    RM_TRY(RM_NEW_ZERO(&e->sum, (e->columns + 1) * (e->rows + 1), err));
    for (int64_t r = 0; r < e->rows; r++) {
        int32_t row = 0;
        for (int64_t c = 0; c < e->columns; c++) {
            int64_t k = r * e->columns + c;
            row += (int32_t)(e->cell_start[k + 1] - e->cell_start[k]);
            e->sum[(r + 1) * (e->columns + 1) + c + 1] = e->sum[r * (e->columns + 1) + c + 1] + row;
        }
    }
    return RM_OK;
}

static int64_t strip_of(const rm_edge *e, double y)
{
    double height = (double)e->rows * e->cell, strip = y / height * (double)e->strips;
    if (!(strip > 0))
        return 0;
    return strip < (double)e->strips ? (int64_t)strip : e->strips - 1;
}

static rm_status make_strips(rm_edge *e, rm_progress *progress, rm_error *err)
{
    e->strips = e->count < MOST_STRIPS ? e->count : MOST_STRIPS;
    RM_TRY(RM_NEW_ZERO(&e->strip_start, e->strips + 2, err));
    int64_t *next = e->strip_start + 1;
    for (int64_t i = 0; i < e->count; i++) {
        RM_TRY(tick(progress, i, err));
        int64_t a = strip_of(e, e->piece[i].ay), b = strip_of(e, e->piece[i].by);
        for (int64_t s = a < b ? a : b; s <= (a < b ? b : a); s++)
            next[s + 1]++;
    }
    for (int64_t s = 0; s < e->strips; s++)
        next[s + 1] += next[s];
    RM_TRY(RM_NEW(&e->strip, next[e->strips], err));
    for (int64_t i = 0; i < e->count; i++) {
        RM_TRY(tick(progress, i, err));
        int64_t a = strip_of(e, e->piece[i].ay), b = strip_of(e, e->piece[i].by);
        for (int64_t s = a < b ? a : b; s <= (a < b ? b : a); s++)
            e->strip[next[s]++] = (int32_t)i;
    }
    return RM_OK;
}

static bool inside(const rm_edge *e, double x, double y)
{
    int64_t s = strip_of(e, y);
    bool in = false;
    for (int64_t k = e->strip_start[s]; k < e->strip_start[s + 1]; k++) {
        const piece *p = &e->piece[e->strip[k]];
        in ^= crosses(p->ax, p->ay, p->bx, p->by, x, y);
    }
    return in;
}

/* The cells that low..high takes, clipped; false when it takes none. */
static bool cells_between(const rm_edge *e, double low, double high, int64_t count, int64_t *first,
                          int64_t *last)
{
    double a = floor(low / e->cell), b = floor(high / e->cell);
    if (!(b >= 0 && a < (double)count))
        return false;
    *first = a > 0 ? (int64_t)a : 0;
    *last = b < (double)(count - 1) ? (int64_t)b : count - 1;
    return true;
}

static int32_t pieces_in(const rm_edge *e, int64_t c0, int64_t c1, int64_t r0, int64_t r1)
{
    int64_t w = e->columns + 1;
    return e->sum[(r1 + 1) * w + c1 + 1] - e->sum[r0 * w + c1 + 1] - e->sum[(r1 + 1) * w + c0] +
           e->sum[r0 * w + c0];
}

static rm_status mark_cells(rm_edge *e, rm_progress *progress, rm_error *err)
{
    RM_TRY(RM_NEW(&e->within, e->columns * e->rows, err));
    for (int64_t r = 0; r < e->rows; r++) {
        RM_TRY(rm_progress_tick(progress, MESSAGE, err));
        for (int64_t c = 0; c < e->columns; c++) {
            bool passed = pieces_in(e, c > 0 ? c - 1 : 0, c + 1 < e->columns ? c + 1 : c,
                                    r > 0 ? r - 1 : 0, r + 1 < e->rows ? r + 1 : r) > 0;
            e->within[r * e->columns + c] = passed ? -1
                                                   : (int8_t)inside(e, ((double)c + 0.5) * e->cell,
                                                                    ((double)r + 0.5) * e->cell);
        }
    }
    return RM_OK;
}

static rm_status build(rm_edge *e, const rm_edge_rings *rings, double reach, rm_progress *progress,
                       rm_error *err)
{
    RM_TRY(read_box(e, rings, progress, err));
    e->cell = fmax(e->extent / MOST_CELLS, fmin(reach / 2, e->extent));
    e->columns = e->rows = (int64_t)(e->extent / e->cell) + 1;
    RM_TRY(cut_rings(&e->count, NULL, e, rings, progress, err));
    if (e->count > INT32_MAX / 2)
        return rm_fail(err, RM_ELIMIT, "the study area has too many sides: simplify it");
    piece *all = NULL;
    RM_TRY(RM_NEW(&all, e->count, err));
    rm_status status = cut_rings(&e->count, all, e, rings, progress, err);
    if (status == RM_OK)
        status = sort_pieces(e, all, progress, err);
    rm_release(all);
    RM_TRY(status);
    RM_TRY(make_strips(e, progress, err));
    make_rule(&e->owen, OWEN_POINTS);
    make_rule(&e->far, FAR_POINTS);
    return mark_cells(e, progress, err);
}

rm_status rm_edge_new(rm_edge **out, const rm_edge_rings *rings, double reach,
                      rm_progress *progress, rm_error *err)
{
    rm_edge *e = NULL;
    if (!(reach > 0 && isfinite(reach)))
        return rm_fail(err, RM_EINVAL, "the reach is %g; give a finite number above 0", reach);
    RM_TRY(RM_NEW_ZERO(&e, 1, err));
    rm_status status = build(e, rings, reach, progress, err);
    if (status == RM_OK)
        *out = e;
    else
        rm_edge_free(e);
    return status;
}

/* --- the mass --- */

/* 2 pi T(h, a) of Owen, h >= 0: within 1e-14. */
static double owen(const quadrature *rule, double h, double a)
{
    double size = fabs(a), rest = 0, sum = 0;
    if (size > 1) {
        double k = h * size, qh = erfc(h * 0.70710678118654752) / 2;
        double qk = erfc(k * 0.70710678118654752) / 2;
        rest = 2 * RM_PI * ((qh + qk) / 2 - qh * qk);
        h = k;
        size = 1 / size;
    }
    for (int i = 0; i < OWEN_POINTS; i++) {
        double x = size / 2 * (1 + rule->x[i]);
        sum += rule->weight[i] * rm_exp_negative(-h * h * (1 + x * x) / 2) / (1 + x * x);
    }
    sum *= size / 2;
    double value = fabs(a) > 1 ? rest - sum : sum;
    return a < 0 ? -value : value;
}

/* A place lies p left of the line of a piece, whose ends lie s1 and s2 along it. */
typedef struct view {
    double p, s1, s2;
} view;

/* The integral over the angle under which the piece is seen of what the kernel holds beyond it. */
static double beyond_gaussian(const rm_edge *e, const view *v, double sigma)
{
    double p = v->p / sigma, s1 = v->s1 / sigma, s2 = v->s2 / sigma;
    double half = (s2 - s1) / 2, middle = (s1 + s2) / 2;
    if (half <= 1 && p * p + middle * middle > 16 * half * half) {
        double sum = 0;
        for (int i = 0; i < FAR_POINTS; i++) {
            double s = middle + half * e->far.x[i], d2 = p * p + s * s;
            sum += e->far.weight[i] * rm_exp_negative(-d2 / 2) / d2;
        }
        return sum * half * p;
    }
    double h = fabs(p), value = owen(&e->owen, h, s2 / h) - owen(&e->owen, h, s1 / h);
    return p < 0 ? -value : value;
}

/* (1 - v)^m with v = (p^2 + s^2) / R^2, by the angle p ds / (p^2 + s^2): 1 gives the angle itself,
 * and the rest is v times a polynomial of degree 2 (m - 1) <= 6 in s, exact with four points. */
static double beyond_compact(const view *v, double radius, int m)
{
    static const double node[] = {-0.86113631159405258, -0.33998104358485626, 0.33998104358485626,
                                  0.86113631159405258};
    static const double weight[] = {0.34785484513745386, 0.65214515486254614, 0.65214515486254614,
                                    0.34785484513745386};
    double r2 = radius * radius, chord = r2 - v->p * v->p;
    if (chord <= 0)
        return 0;
    chord = sqrt(chord);
    double s1 = fmax(v->s1, -chord), s2 = fmin(v->s2, chord);
    if (s1 >= s2)
        return 0;
    double angle = atan2(v->p * (s2 - s1), v->p * v->p + s1 * s2), sum = 0;
    for (int i = 0; i < 4; i++) {
        double s = (s1 + s2) / 2 + (s2 - s1) / 2 * node[i];
        double left = 1 - (v->p * v->p + s * s) / r2, power = 1, total = 0;
        for (int k = 0; k < m; k++) {
            total += power;
            power *= left;
        }
        sum += weight[i] * total;
    }
    return angle - v->p * sum * (s2 - s1) / 2 / r2;
}

/* The mass at a place in the coordinates of the index, without asking whether it is inside; true in
 * *boundary when it lies so near a piece that rounding decides on which side. */
static double mass_lost(const rm_edge *e, double x, double y, int32_t kernel, double bandwidth,
                        bool *boundary, rm_meter *m)
{
    double reach = bandwidth * rm_kernel_reach(kernel), far = reach + e->cell / 2, sum = 0;
    double near = fmax(1e-9 * bandwidth, 1e-12 * e->extent);
    int64_t c0, c1, r0, r1;
    *boundary = false;
    if (!cells_between(e, x - far, x + far, e->columns, &c0, &c1) ||
        !cells_between(e, y - far, y + far, e->rows, &r0, &r1) || pieces_in(e, c0, c1, r0, r1) == 0)
        return 0;
    for (int64_t r = r0; r <= r1; r++) {
        int64_t begin = e->cell_start[r * e->columns + c0];
        int64_t end = e->cell_start[r * e->columns + c1 + 1];
        if (!rm_meter_go_on(m, end - begin))
            return 0;
        for (int64_t k = begin; k < end; k++) {
            const piece *q = &e->piece[k];
            double dx = q->bx - q->ax, dy = q->by - q->ay, length = sqrt(dx * dx + dy * dy);
            double fx = q->ax - x, fy = q->ay - y;
            view v = {.p = (dy * fx - dx * fy) / length, .s1 = (fx * dx + fy * dy) / length};
            v.s2 = v.s1 + length;
            if (fabs(v.p) >= reach || v.s1 >= reach || v.s2 <= -reach)
                continue;
            if (fabs(v.p) < near && v.s1 < near && v.s2 > -near) {
                *boundary = true;
                return 0;
            }
            sum += kernel == RM_KERNEL_GAUSSIAN
                       ? beyond_gaussian(e, &v, bandwidth)
                       : beyond_compact(&v, bandwidth, rm_kernel_power(kernel) + 1);
        }
    }
    return sum / (2 * RM_PI);
}

static bool in_area(const rm_edge *e, double x, double y)
{
    int64_t c, r, same;
    if (!cells_between(e, x, x, e->columns, &c, &same) ||
        !cells_between(e, y, y, e->rows, &r, &same))
        return false;
    int8_t known = e->within[r * e->columns + c];
    return known >= 0 ? known > 0 : inside(e, x, y);
}

static double mass_at(const rm_edge *e, double x, double y, int32_t kernel, double bandwidth,
                      rm_meter *m)
{
    bool boundary, on = false;
    double step = fmax(3e-9 * bandwidth, 3e-12 * e->extent);
    x -= e->left;
    y -= e->bottom;
    if (!(x >= -step && y >= -step && x <= e->extent + step && y <= e->extent + step))
        return NAN;
    /* The mass has no jump at the boundary, so a place on it is asked for a little beside it. */
    double lost = mass_lost(e, x, y, kernel, bandwidth, &boundary, m);
    for (int turn = 1; boundary && turn < 8; turn++) {
        static const double aside_x[] = {0, 1, -0.7, 0.2, -1.3, 1.7, 0.6, -2.1};
        static const double aside_y[] = {0, 0.6, 1.1, -1.3, -0.4, 1.9, -2.3, 0.8};
        on = true;
        double nx = x + aside_x[turn] * step, ny = y + aside_y[turn] * step;
        lost = mass_lost(e, nx, ny, kernel, bandwidth, &boundary, m);
        if (!boundary) {
            x = nx;
            y = ny;
        }
    }
    bool in = in_area(e, x, y);
    if (!in && !on)
        return NAN;
    double mass = (in ? 1 : 0) - lost;
    return mass > 1 ? 1 : mass > 1e-12 ? mass : 1e-12;
}

typedef struct task {
    const rm_edge *edge;
    double *mass;
    const double *x, *y; /* NULL: the raster */
    const double *bandwidths;
    const rm_grid *grid;
    int64_t first;
    int32_t kernel;
    double bandwidth;
    rm_progress *progress;
} task;

static rm_status do_places(void *context, int64_t begin, int64_t end, int worker, rm_error *err)
{
    const task *t = context;
    rm_meter m = {t->progress, MESSAGE, worker, err, 0, RM_OK};
    for (int64_t i = begin; i < end; i++) {
        double h = t->bandwidths ? t->bandwidths[i] : t->bandwidth, x, y;
        if (t->grid) {
            int64_t row = t->first + i / t->grid->columns, column = i % t->grid->columns;
            x = t->grid->left + ((double)column + 0.5) * t->grid->cell;
            y = t->grid->top - ((double)row + 0.5) * t->grid->cell;
        } else {
            x = t->x[i];
            y = t->y[i];
            if (!isfinite(x) || !isfinite(y))
                return rm_fail_row(err, RM_EINVAL, i,
                                   "place %lld has a coordinate that is not finite", (long long)i);
            if (!(h > 0 && isfinite(h)))
                return rm_fail_row(err, RM_EINVAL, i,
                                   "the bandwidth of place %lld is not a finite number above 0",
                                   (long long)i);
        }
        t->mass[i] = mass_at(t->edge, x, y, t->kernel, h, &m);
        RM_TRY(m.status);
    }
    return RM_OK;
}

rm_status rm_edge_mass(double *mass, const rm_edge *edge, const double *x, const double *y,
                       int64_t count, int32_t kernel, double bandwidth, const double *bandwidths,
                       int threads, rm_progress *progress, rm_error *err)
{
    task t = {.edge = edge,
              .x = x,
              .y = y,
              .bandwidths = bandwidths,
              .kernel = kernel,
              .bandwidth = bandwidth,
              .progress = progress};
    RM_TRY(rm_kernel_check(kernel, bandwidths ? 1 : bandwidth, err));
    RM_TRY(RM_NEW(&t.mass, count, err));
    rm_status status =
        rm_parallel(count, CHUNK, rm_threads(threads), do_places, &t, progress, MESSAGE, err);
    if (status == RM_OK && count > 0)
        memcpy(mass, t.mass, (size_t)count * sizeof *mass);
    rm_release(t.mass);
    return status;
}

rm_status rm_edge_mass_rows(double *mass, const rm_edge *edge, const rm_grid *grid, int64_t first,
                            int64_t rows, int32_t kernel, double bandwidth, int threads,
                            rm_progress *progress, rm_error *err)
{
    task t = {.edge = edge,
              .mass = mass,
              .grid = grid,
              .first = first,
              .kernel = kernel,
              .bandwidth = bandwidth,
              .progress = progress};
    RM_TRY(rm_kernel_check(kernel, bandwidth, err));
    return rm_parallel(rows * grid->columns, CHUNK, rm_threads(threads), do_places, &t, progress,
                       MESSAGE, err);
}
