#include "stats/autocorrelation/permute_core.h"

#include "base/random.h"
#include "stats/order.h"

#include <math.h>

rm_status rm_levels_new(rm_levels *out, const rm_lattice *lattice, rm_error *err)
{
    rm_exact total = {0};
    double *level = NULL;
    int bits = 52;
    while (bits > 20 && (double)lattice->most > ldexp(1.0, 52 - bits))
        bits--;
    RM_TRY(RM_NEW(&level, lattice->items, err));
    for (int64_t i = 0; i < lattice->items; i++) {
        level[i] = rint(ldexp(rm_lattice_above(lattice, i), bits));
        rm_exact_add(&total, level[i]);
    }
    *out = (rm_levels){level, rm_exact_value(&total), ldexp(1.0, bits)};
    return RM_OK;
}

static bool all_equal(const double *weight, int64_t count)
{
    for (int64_t q = 1; q < count; q++) {
        if (weight[q] != weight[0])
            return false;
    }
    return true;
}

rm_observed rm_observe(const rm_lattice *lattice, const rm_levels *levels, int64_t item)
{
    int64_t begin = lattice->start[item], count = lattice->start[item + 1] - begin;
    const double *weight = lattice->weight ? lattice->weight + begin : NULL;
    bool equal = !weight || all_equal(weight, count);
    rm_observed o = {.to = lattice->to + begin, .neighbours = (int32_t)count, .unit = 1.0};
    double sum = 0.0, weights = 0.0;
    o.weight = equal ? NULL : weight;
    if (equal && weight && count > 0)
        o.unit = weight[0];
    for (int64_t q = 0; q < count; q++) {
        double w = equal ? 1.0 : weight[q];
        weights += w;
        sum += w * levels->level[o.to[q]];
    }
    /* No sum of so many products is further from its true value than half of this. */
    double slack = equal ? 0.0 : ldexp((double)(count + 2), -52) * weights * levels->top;
    o.low = sum - slack;
    o.high = sum + slack;
    o.centre = weights * ((levels->total - levels->level[item]) / (double)(lattice->items - 1));
    return o;
}

RM_CLONES
static void count_sums(int64_t *larger, int64_t *smaller, const double *sums, int64_t count,
                       double low, double high)
{
    int64_t above = 0, below = 0;
    for (int64_t k = 0; k < count; k++) {
        above += sums[k] >= low;
        below += sums[k] <= high;
    }
    *larger += above;
    *smaller += below;
}

RM_CLONES
static void add_moments(double *restrict sum, double *restrict squares, const double *sums,
                        int64_t count, double centre)
{
    for (int64_t k = 0; k + RM_DRAW_TALLY_LANES <= count; k += RM_DRAW_TALLY_LANES) {
        for (int lane = 0; lane < RM_DRAW_TALLY_LANES; lane++) {
            double away = sums[k + lane] - centre;
            sum[lane] += away;
            squares[lane] += away * away;
        }
    }
    for (int64_t k = count - count % RM_DRAW_TALLY_LANES; k < count; k++) {
        double away = sums[k] - centre;
        sum[k % RM_DRAW_TALLY_LANES] += away;
        squares[k % RM_DRAW_TALLY_LANES] += away * away;
    }
}

void rm_draw_tally_add(rm_draw_tally *tally, const double *sums, int64_t count,
                       const rm_observed *observed)
{
    count_sums(&tally->larger, &tally->smaller, sums, count, observed->low, observed->high);
    if (tally->moments)
        add_moments(tally->sum, tally->squares, sums, count, observed->centre);
    tally->drawn += count;
}

void rm_draw_tally_store(const rm_draw_tally *tally, const rm_observed *observed,
                         const rm_permuting *with, int64_t item)
{
    rm_permuted *out = with->out;
    double sum = 0.0, squares = 0.0, weights = 0.0;
    double drawn = (double)tally->drawn, quantum = observed->unit / with->levels->top;
    out->larger[item] = (int32_t)tally->larger;
    out->smaller[item] = (int32_t)tally->smaller;
    out->drawn[item] = (int32_t)tally->drawn;
    if (!tally->moments)
        return;
    for (int lane = 0; lane < RM_DRAW_TALLY_LANES; lane++) {
        sum += tally->sum[lane];
        squares += tally->squares[lane];
    }
    for (int32_t q = 0; q < observed->neighbours; q++)
        weights += observed->weight ? observed->weight[q] : observed->unit;
    double left = squares - sum * sum / drawn;
    out->mean[item] = quantum * (observed->centre + sum / drawn) - weights * with->lattice->mean;
    out->sd[item] = drawn > 1.0 ? quantum * sqrt((left > 0.0 ? left : 0.0) / (drawn - 1.0)) : NAN;
}

static inline void put_words(uint32_t *words, const uint64_t *from, int count)
{
    for (int k = 0; k < count; k++) {
        words[2 * k] = (uint32_t)from[k];
        words[2 * k + 1] = (uint32_t)(from[k] >> 32);
    }
}

void rm_fill_words(uint32_t *words, int64_t blocks, uint64_t seed, uint64_t stream,
                   uint64_t counter)
{
    uint64_t block[4];
    int64_t b = 0;
    for (; b + 2 <= blocks; b += 2) {
        rm_random_two_blocks(seed, stream, counter + (uint64_t)b, block);
        put_words(words + 4 * b, block, 4);
    }
    if (b < blocks) {
        rm_random_block(seed, stream, counter + (uint64_t)b, block);
        put_words(words + 4 * b, block, 2);
    }
}

rm_status rm_shuffler_new(rm_shuffler *out, int64_t bound, int64_t most, rm_error *err)
{
    rm_shuffler made = {.bound = (int32_t)bound, .most = (int32_t)most};
    rm_status status = RM_NEW(&made.order, bound, err);
    if (status == RM_OK)
        status = RM_NEW(&made.other, most, err);
    if (status == RM_OK)
        status = RM_NEW(&made.words, (most + 3) / 4 * 4, err);
    if (status != RM_OK) {
        rm_shuffler_clear(&made);
        return status;
    }
    for (int64_t i = 0; i < bound; i++)
        made.order[i] = (int32_t)i;
    *out = made;
    return RM_OK;
}

void rm_shuffler_clear(rm_shuffler *shuffler)
{
    rm_release(shuffler->order);
    rm_release(shuffler->other);
    rm_release(shuffler->words);
    *shuffler = (rm_shuffler){0};
}

/* Lemire, "Fast random integer generation in an interval" (2019), with 32 bits. The few words that
 * would favour some numbers are replaced by a draw under another key. */
static uint32_t below(uint32_t word, uint32_t bound, uint64_t seed, uint64_t stream,
                      uint64_t counter)
{
    uint64_t product = (uint64_t)word * bound;
    uint32_t low = (uint32_t)product;
    if (low < bound && low < (0u - bound) % bound)
        return (uint32_t)rm_random_below(seed ^ 0x3C6EF372FE94F82Bu, stream, counter, bound);
    return (uint32_t)(product >> 32);
}

void rm_shuffler_draw(rm_shuffler *s, int32_t k, uint64_t seed, uint64_t stream, uint64_t number)
{
    int64_t blocks = ((int64_t)k + 3) / 4;
    /* the upper half of the counters: the lower is for draws that need no shuffle */
    uint64_t first = (UINT64_C(1) << 63) + number * (uint64_t)blocks;
    rm_fill_words(s->words, blocks, seed, stream, first);
    for (int32_t q = 0; q < k; q++) {
        uint32_t left = (uint32_t)(s->bound - q);
        int32_t at =
            q + (int32_t)below(s->words[q], left, seed, stream, number * (uint64_t)k + (uint64_t)q);
        int32_t swap = s->order[q];
        s->order[q] = s->order[at];
        s->order[at] = swap;
        s->other[q] = at;
    }
}

void rm_shuffler_undo(rm_shuffler *s, int32_t k)
{
    for (int32_t q = k - 1; q >= 0; q--) {
        int32_t swap = s->order[q];
        s->order[q] = s->order[s->other[q]];
        s->order[s->other[q]] = swap;
    }
}
