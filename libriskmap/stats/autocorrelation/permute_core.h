/* Parts that both kinds of conditional permutations have: values as whole numbers, what was
 * observed, the counting of permuted sums, and a shuffler. Private to stats/permute*.c. */
#ifndef RM_STATS_PERMUTE_CORE_H
#define RM_STATS_PERMUTE_CORE_H

#include "base/simd.h"
#include "stats/autocorrelation/permute.h"

/* Values as whole numbers that add up without rounding, so that sums of the same values are equal
 * in any order: doubles below 2^52 / most neighbours. */
typedef struct rm_levels {
    double *level; /* [items] */
    double total;
    double top; /* above every level: a power of two, for 2^exponent of the lattice */
} rm_levels;
rm_status rm_levels_new(rm_levels *out, const rm_lattice *lattice, rm_error *err);

/* The neighbours of one item as they are. */
typedef struct rm_observed {
    const int32_t *to;
    const double *weight; /* NULL: all `unit` */
    int32_t neighbours;
    double unit;
    double low, high; /* a permuted sum >= low is at least as large, one <= high at most */
    double centre;    /* what a permuted sum is expected to be */
} rm_observed;
/* Sums are of levels where the weights are equal, else of weight times level. */
rm_observed rm_observe(const rm_lattice *lattice, const rm_levels *levels, int64_t item);

/* Counts of permuted sums, and their deviations from the centre. In lanes, so that the processor
 * may add several at once and the order of adding is the same on any. */
enum { RM_DRAW_TALLY_LANES = 16 };
typedef struct rm_draw_tally {
    bool moments; /* sum and squares are wanted */
    int64_t larger, smaller, drawn;
    double sum[RM_DRAW_TALLY_LANES], squares[RM_DRAW_TALLY_LANES];
} rm_draw_tally;
void rm_draw_tally_add(rm_draw_tally *tally, const double *sums, int64_t count,
                       const rm_observed *observed);

/* 4 * blocks words of 32 bits from `blocks` blocks of random bits. */
void rm_fill_words(uint32_t *words, int64_t blocks, uint64_t seed, uint64_t stream,
                   uint64_t counter);

/* Draws k of 0 .. bound - 1 without replacement: the head of a Fisher-Yates shuffle, undone
 * afterwards so that a draw does not depend on those before it. */
typedef struct rm_shuffler {
    int32_t bound, most;
    int32_t *order; /* [bound] the draw is in its first k */
    int32_t *other; /* [most] what they changed places with */
    uint32_t *words;
} rm_shuffler;
rm_status rm_shuffler_new(rm_shuffler *out, int64_t bound, int64_t most, rm_error *err);
void rm_shuffler_clear(rm_shuffler *shuffler);
void rm_shuffler_draw(rm_shuffler *shuffler, int32_t k, uint64_t seed, uint64_t stream,
                      uint64_t number);
void rm_shuffler_undo(rm_shuffler *shuffler, int32_t k);

/* What is reported of both kinds. */
#define RM_PERMUTING "permutations"

/* What both kinds of permutations are made of. */
typedef struct rm_permuting {
    rm_permuted *out;
    const rm_lattice *lattice;
    const rm_levels *levels;
    bool moments;
    uint64_t seed;
    int32_t permutations;
    int threads;
    rm_progress *progress;
} rm_permuting;
/* What the tally comes to for an item. */
void rm_draw_tally_store(const rm_draw_tally *tally, const rm_observed *observed,
                         const rm_permuting *with, int64_t item);
/* `only`: NULL for all items, else those that are not 0. */
rm_status rm_permute_own(const rm_permuting *with, const uint8_t *only, rm_error *err);
rm_status rm_permute_shared(const rm_permuting *with, rm_error *err);

#endif
