/* Lattice data: values on items that are neighbours, checked and made ready for statistics. */
#ifndef RM_STATS_LATTICE_H
#define RM_STATS_LATTICE_H

#include "base/progress.h"
#include "base/weights.h"

/* The items that have a value, and the links between them that weigh something. Read-only once
 * made; what is const may be borrowed from the input, which must outlive it. */
typedef struct rm_lattice {
    int64_t items;
    int64_t rows;         /* of the input */
    const int32_t *row;   /* [items] where each stood in the input; NULL: all rows are items */
    const int64_t *start; /* [items + 1] */
    const int32_t *to;
    const double *weight; /* > 0; NULL: all 1 */
    const double *value;  /* [items] as given */
    double *z;            /* [items] value - mean, in units of 2^exponent: |z| < 1 */
    int32_t exponent;
    double lowest;           /* value */
    double mean;             /* of value - lowest, in units of 2^exponent */
    double squares, fourths; /* sums of z^2 and z^4 */
    int64_t islands, most;   /* items without neighbours; the most neighbours of an item */
    void *own[5];            /* what is not borrowed */
} rm_lattice;

/* All that riskmap/autocorrelation.h refuses is refused here, by row where there is one.
 * Progress (may be NULL) ticks. */
rm_status rm_lattice_new(rm_lattice *out, const rm_weights *weights, const double *values,
                         int64_t count, rm_progress *progress, rm_error *err);
void rm_lattice_clear(rm_lattice *lattice);

static inline int64_t rm_lattice_row(const rm_lattice *lattice, int64_t item)
{
    return lattice->row ? lattice->row[item] : item;
}

/* value - lowest, in units of 2^exponent: 0 .. 1. */
double rm_lattice_above(const rm_lattice *lattice, int64_t item);

/* The weights of one item in a style (RM_STYLE_...), and what they make of z. */
typedef struct rm_around {
    double weight, squares; /* sums of w and w^2 */
    double lag;             /* sum of w z */
    double factor;          /* w = factor times the weight as given; 0 without neighbours */
} rm_around;
/* self: the weight as given of the item to itself, 0 or 1. */
rm_around rm_lattice_around(const rm_lattice *lattice, int64_t item, int32_t style, double self);

/* The variance of the values other than z, in units of 4^exponent, dividing by their number: 0, and
 * not a rounding error, where they are all the same. */
double rm_lattice_variance_of_others(const rm_lattice *lattice, double z);

/* count * squares - weight^2, which is 0, and not a rounding error, for `count` equal weights. */
double rm_weight_spread(double count, double weight, double squares);

#endif
