/* Orientation with expansion arithmetic: J. R. Shewchuk, "Adaptive Precision Floating-Point
 * Arithmetic and Fast Robust Geometric Predicates", Discrete & Computational Geometry 18 (1997). An
 * expansion is a sum of doubles that do not overlap, the largest last. Needs rounding to nearest
 * and no contraction of a * b + c, which the build forbids. */
#include "geo/robust.h"

#include <math.h>
#include <stdbool.h>

static const double SPLITTER = 134217729.0;        /* 2^27 + 1 */
static const double UNIT = 1.1102230246251565e-16; /* 2^-53 */

typedef struct pair {
    double high, low; /* the rounded result and what rounding lost */
} pair;

static pair two_sum(double a, double b)
{
    double sum = a + b;
    double b_virtual = sum - a;
    double a_virtual = sum - b_virtual;

    return (pair){sum, (a - a_virtual) + (b - b_virtual)};
}

static double difference_tail(double a, double b, double difference)
{
    double b_virtual = a - difference;
    double a_virtual = difference + b_virtual;

    return (a - a_virtual) + (b_virtual - b);
}

static pair split(double a)
{
    double c = SPLITTER * a;
    double high = c - (c - a);

    return (pair){high, a - high};
}

static pair two_product(double a, double b)
{
    double product = a * b;
    pair x = split(a), y = split(b);
    double error = product - x.high * y.high;

    error -= x.low * y.high;
    error -= x.high * y.low;
    return (pair){product, x.low * y.low - error};
}

/* out[4] = a * b - c * d */
static void product_difference(double a, double b, double c, double d, double *out)
{
    pair p = two_product(a, b), q = two_product(c, d);
    pair s = two_sum(p.low, -q.low);
    pair t = two_sum(p.high, s.high);
    pair u = two_sum(t.low, -q.high);
    pair v = two_sum(t.high, u.high);

    out[0] = s.low;
    out[1] = u.low;
    out[2] = v.low;
    out[3] = v.high;
}

/* out = e + f; out has room for e_count + f_count, zeros are left out. Returns the count, at
 * least 1. */
static int expansion_sum(const double *e, int e_count, const double *f, int f_count, double *out)
{
    double total = 0.0;
    int i = 0, j = 0, used = 0;

    while (i < e_count || j < f_count) {
        bool from_e = j >= f_count || (i < e_count && fabs(e[i]) <= fabs(f[j]));
        pair s = two_sum(total, from_e ? e[i++] : f[j++]);

        total = s.high;
        if (s.low != 0)
            out[used++] = s.low;
    }
    if (total != 0 || used == 0)
        out[used++] = total;
    return used;
}

double rm_orient_exact(double ax, double ay, double bx, double by, double cx, double cy)
{
    double acx = ax - cx, bcx = bx - cx, acy = ay - cy, bcy = by - cy;
    double acx_tail = difference_tail(ax, cx, acx), bcx_tail = difference_tail(bx, cx, bcx);
    double acy_tail = difference_tail(ay, cy, acy), bcy_tail = difference_tail(by, cy, bcy);
    double b[4], u[4], c1[9], c2[14], d[19]; /* one more each: what is not finite is never 0 */
    double size = fabs(acx * bcy) + fabs(acy * bcx);

    product_difference(acx, bcy, acy, bcx, b);
    double det = b[0] + b[1] + b[2] + b[3];

    /* near points have exact differences: this is the usual way out, also for a point on an edge */
    if (acx_tail == 0 && acy_tail == 0 && bcx_tail == 0 && bcy_tail == 0)
        return det;
    if (fabs(det) > (2.0 + 12.0 * UNIT) * UNIT * size)
        return det;

    double bound = (9.0 + 64.0 * UNIT) * UNIT * UNIT * size + (3.0 + 8.0 * UNIT) * UNIT * fabs(det);
    det += (acx * bcy_tail + bcy * acx_tail) - (acy * bcx_tail + bcx * acy_tail);
    if (fabs(det) > bound)
        return det;

    product_difference(acx_tail, bcy, acy_tail, bcx, u);
    int c1_count = expansion_sum(b, 4, u, 4, c1);
    product_difference(acx, bcy_tail, acy, bcx_tail, u);
    int c2_count = expansion_sum(c1, c1_count, u, 4, c2);
    product_difference(acx_tail, bcy_tail, acy_tail, bcx_tail, u);
    int d_count = expansion_sum(c2, c2_count, u, 4, d);
    return d[d_count - 1];
}
