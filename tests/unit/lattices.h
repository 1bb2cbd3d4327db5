/* Small lattices for the tests of spatial statistics: weights as a dense matrix, and as the rows
 * that the library takes. */
#ifndef RM_TESTS_LATTICES_H
#define RM_TESTS_LATTICES_H

#include "base/random.h"
#include "base/weights.h"

#include <math.h>
#include <string.h>

enum { MOST_ITEMS = 64 };

typedef struct lattice_case {
    int n;
    double w[MOST_ITEMS][MOST_ITEMS]; /* 0: no link */
    double x[MOST_ITEMS];
    rm_weights weights;
    int64_t start[MOST_ITEMS + 1];
    int32_t to[MOST_ITEMS * MOST_ITEMS];
    double weight[MOST_ITEMS * MOST_ITEMS];
} lattice_case;

/* Rows from the matrix; with `plain` the weights are left away (all 1). */
static inline void case_rows(lattice_case *c, int plain)
{
    int64_t link = 0;
    for (int i = 0; i < c->n; i++) {
        c->start[i] = link;
        for (int j = 0; j < c->n; j++) {
            if (c->w[i][j] == 0.0)
                continue;
            c->to[link] = j;
            c->weight[link++] = c->w[i][j];
        }
    }
    c->start[c->n] = link;
    c->weights = (rm_weights){c->n, c->start, c->to, plain ? NULL : c->weight};
}

enum { BINARY, ASYMMETRIC };

/* A random one: every pair is linked with a chance of `share`; the last item is an island. */
static inline void case_random(lattice_case *c, int n, int kind, double share, uint64_t seed)
{
    uint64_t k = 0;
    memset(c, 0, sizeof *c);
    c->n = n;
    for (int i = 0; i < n; i++) {
        c->x[i] = floor(rm_random_unit(seed, 1, (uint64_t)i) * 12.0) +
                  (kind == ASYMMETRIC ? rm_random_unit(seed, 2, (uint64_t)i) : 0.0);
        for (int j = 0; j < i; j++, k++) {
            if (i == n - 1 || rm_random_unit(seed, 3, k) >= share)
                continue;
            c->w[i][j] = c->w[j][i] = 1.0;
            if (kind == ASYMMETRIC) {
                c->w[i][j] = 0.2 + rm_random_unit(seed, 4, k);
                c->w[j][i] = rm_random_unit(seed, 5, k) < 0.3 ? 0.0 : rm_random_unit(seed, 6, k);
            }
        }
    }
    case_rows(c, kind == BINARY);
}

/* Each row divided by its sum, its own weight added first. */
static inline void case_matrix(double out[MOST_ITEMS][MOST_ITEMS], const lattice_case *c,
                               int standardise, double self)
{
    memset(out, 0, sizeof(double[MOST_ITEMS][MOST_ITEMS]));
    for (int i = 0; i < c->n; i++) {
        double sum = self;
        for (int j = 0; j < c->n; j++)
            sum += c->w[i][j];
        for (int j = 0; j < c->n; j++)
            out[i][j] = c->w[i][j] + (i == j ? self : 0.0);
        for (int j = 0; j < c->n && standardise && sum > 0.0; j++)
            out[i][j] /= sum;
    }
}

static inline double mean_of(const double *x, int n)
{
    double sum = 0.0;
    for (int i = 0; i < n; i++)
        sum += x[i];
    return sum / n;
}

/* sum (x - mean)^power / n */
static inline double moment_of(const double *x, int n, int power)
{
    double sum = 0.0, mean = mean_of(x, n);
    for (int i = 0; i < n; i++)
        sum += pow(x[i] - mean, power);
    return sum / n;
}

static inline void assert_close(double got, double expected, double tolerance)
{
    if (isnan(got) && isnan(expected))
        return;
    if (!(fabs(got - expected) <= tolerance * (fabs(expected) + 1e-3)))
        fail_msg("%.17g is not %.17g", got, expected);
}

#endif
