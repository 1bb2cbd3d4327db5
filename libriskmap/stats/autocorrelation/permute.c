#include "stats/autocorrelation/permute.h"

#include "stats/autocorrelation/permute_core.h"

#include <math.h>
#include <string.h>

/* A batch of permutations: a whole number of blocks of four words each. */
enum { LANES = 128, FAST_NEIGHBOURS = 64, DRAWN_A_TICK = 1 << 18 };

void rm_permuted_clear(rm_permuted *permuted)
{
    rm_release(permuted->larger);
    rm_release(permuted->smaller);
    rm_release(permuted->drawn);
    rm_release(permuted->mean);
    rm_release(permuted->sd);
    *permuted = (rm_permuted){0};
}

static rm_status permuted_new(rm_permuted *out, int64_t items, bool moments, rm_error *err)
{
    RM_TRY(RM_NEW_ZERO(&out->larger, items, err));
    RM_TRY(RM_NEW_ZERO(&out->smaller, items, err));
    RM_TRY(RM_NEW_ZERO(&out->drawn, items, err));
    if (!moments)
        return RM_OK;
    RM_TRY(RM_NEW(&out->mean, items, err));
    RM_TRY(RM_NEW(&out->sd, items, err));
    for (int64_t i = 0; i < items; i++)
        out->mean[i] = out->sd[i] = NAN;
    return RM_OK;
}

rm_permuted_p rm_permuted_p_of(int64_t larger, int64_t smaller, int64_t drawn)
{
    if (drawn == 0)
        return (rm_permuted_p){NAN, NAN, NAN, NAN};
    int64_t fewer = larger < drawn - larger ? larger : drawn - larger;
    double all = (double)drawn + 1.0;
    rm_permuted_p p = {.ge = ((double)larger + 1.0) / all, .le = ((double)smaller + 1.0) / all};
    p.folded = ((double)fewer + 1.0) / all;
    p.two_sided = 2.0 * (p.ge < p.le ? p.ge : p.le);
    p.two_sided = p.two_sided > 1.0 ? 1.0 : p.two_sided;
    return p;
}

typedef struct scratch {
    uint32_t words[LANES * FAST_NEIGHBOURS];
    int32_t index[LANES * FAST_NEIGHBOURS];
    uint32_t bad[LANES];
    double sums[LANES];
    rm_shuffler shuffler;
} scratch;

typedef struct drawing {
    const rm_permuting *with;
    const uint8_t *only;
    scratch *workers;
} drawing;

/* Words to numbers 0 .. bound - 1, and past `self`. bad: lanes with a word that favours some
 * numbers (Lemire 2019). */
RM_CLONES
static void choose(int32_t *restrict index, uint32_t *restrict bad, const uint32_t *restrict words,
                   int32_t k, uint32_t bound, int32_t self)
{
    uint32_t threshold = (0u - bound) % bound;
    for (int lane = 0; lane < LANES; lane++)
        bad[lane] = 0;
    for (int32_t q = 0; q < k; q++) {
        for (int lane = 0; lane < LANES; lane++) {
            uint64_t product = (uint64_t)words[q * LANES + lane] * bound;
            int32_t at = (int32_t)(product >> 32);
            bad[lane] |= (uint32_t)product < threshold;
            index[q * LANES + lane] = at + (at >= self);
        }
    }
}

/* bad: lanes that hold a number twice. */
RM_CLONES
static void find_doubles(uint32_t *restrict bad, const int32_t *restrict index, int32_t k)
{
    for (int32_t q = 1; q < k; q++) {
        for (int32_t e = 0; e < q; e++) {
            for (int lane = 0; lane < LANES; lane++)
                bad[lane] |= index[q * LANES + lane] == index[e * LANES + lane];
        }
    }
}

RM_CLONES
static void add_levels(double *restrict sums, const double *restrict level,
                       const int32_t *restrict index, int32_t k)
{
    for (int lane = 0; lane < LANES; lane++)
        sums[lane] = level[index[lane]];
    for (int32_t q = 1; q < k; q++) {
        for (int lane = 0; lane < LANES; lane++)
            sums[lane] += level[index[q * LANES + lane]];
    }
}

RM_CLONES
static void add_weighted(double *restrict sums, const double *restrict level,
                         const int32_t *restrict index, const double *restrict weight, int32_t k)
{
    for (int lane = 0; lane < LANES; lane++)
        sums[lane] = weight[0] * level[index[lane]];
    for (int32_t q = 1; q < k; q++) {
        for (int lane = 0; lane < LANES; lane++)
            sums[lane] += weight[q] * level[index[q * LANES + lane]];
    }
}

/* Of more than half of the others those that are left out are drawn: levels add up exactly. */
static double shuffled_sum(const rm_permuting *with, scratch *s, const rm_observed *o, int64_t item,
                           int64_t number)
{
    double sum = 0.0;
    int32_t others = (int32_t)with->lattice->items - 1, k = o->neighbours;
    bool left_out = !o->weight && k > others - k;
    int32_t draws = left_out ? others - k : k;
    rm_shuffler_draw(&s->shuffler, draws, with->seed, (uint64_t)item, (uint64_t)number);
    for (int32_t q = 0; q < draws; q++) {
        int32_t at = s->shuffler.order[q];
        double level = with->levels->level[at + (at >= (int32_t)item)];
        sum += o->weight ? o->weight[q] * level : level;
    }
    rm_shuffler_undo(&s->shuffler, draws);
    return left_out ? with->levels->total - with->levels->level[item] - sum : sum;
}

/* A batch drawn with replacement. Where a number came twice the whole permutation is drawn again by
 * shuffling, so every choice of different numbers is as likely as any other. */
static void draw_batch(const rm_permuting *with, scratch *s, const rm_observed *o, int64_t item,
                       int64_t first)
{
    int32_t k = o->neighbours;
    rm_fill_words(s->words, (int64_t)k * (LANES / 4), with->seed, (uint64_t)item,
                  (uint64_t)first * (uint64_t)k / 4);
    choose(s->index, s->bad, s->words, k, (uint32_t)(with->lattice->items - 1), (int32_t)item);
    find_doubles(s->bad, s->index, k);
    if (o->weight)
        add_weighted(s->sums, with->levels->level, s->index, o->weight, k);
    else
        add_levels(s->sums, with->levels->level, s->index, k);
    for (int lane = 0; lane < LANES; lane++) {
        if (s->bad[lane])
            s->sums[lane] = shuffled_sum(with, s, o, item, first + lane);
    }
}

/* Few enough neighbours that few permutations have a number twice. */
static bool doubles_are_rare(int64_t neighbours, int64_t items)
{
    return neighbours <= FAST_NEIGHBOURS && neighbours * (neighbours - 1) <= items;
}

static rm_status permute_item(const rm_permuting *with, scratch *s, int64_t item, int worker,
                              rm_error *err)
{
    rm_observed o = rm_observe(with->lattice, with->levels, item);
    bool fast = doubles_are_rare(o.neighbours, with->lattice->items);
    rm_draw_tally tally = {.moments = with->moments};
    int64_t drawn = 0; /* numbers, since progress was last asked */
    for (int64_t first = 0; first < with->permutations; first += LANES) {
        int64_t left = with->permutations - first, lanes = left < LANES ? left : LANES;
        drawn += lanes * (o.neighbours + 1);
        if (drawn >= DRAWN_A_TICK) {
            drawn = 0;
            RM_TRY(rm_progress_check(with->progress, worker, RM_PERMUTING, err));
        }
        if (fast)
            draw_batch(with, s, &o, item, first);
        for (int64_t lane = 0; lane < lanes && !fast; lane++)
            s->sums[lane] = shuffled_sum(with, s, &o, item, first + lane);
        rm_draw_tally_add(&tally, s->sums, lanes, &o);
    }
    rm_draw_tally_store(&tally, &o, with, item);
    return RM_OK;
}

static rm_status permute_chunk(void *context, int64_t begin, int64_t end, int worker, rm_error *err)
{
    drawing *d = context;
    const rm_lattice *lattice = d->with->lattice;
    scratch *s = &d->workers[worker];
    if (!s->shuffler.order)
        RM_TRY(rm_shuffler_new(&s->shuffler, lattice->items - 1, lattice->most, err));
    for (int64_t i = begin; i < end; i++) {
        bool wanted = !d->only || d->only[i];
        if (wanted && lattice->start[i] < lattice->start[i + 1])
            RM_TRY(permute_item(d->with, s, i, worker, err));
    }
    return RM_OK;
}

/* Chunks of some 0.02 s. */
static int64_t items_a_chunk(const rm_lattice *lattice, int32_t permutations)
{
    double links = (double)lattice->start[lattice->items] / (double)lattice->items + 1.0;
    double items = 2e7 / (links * (double)permutations);
    return items < 1.0 ? 1 : items > 4096.0 ? 4096 : (int64_t)items;
}

rm_status rm_permute_own(const rm_permuting *with, const uint8_t *only, rm_error *err)
{
    drawing d = {with, only, NULL};
    RM_TRY(RM_NEW_ZERO(&d.workers, with->threads, err));
    rm_status status =
        rm_parallel(with->lattice->items, items_a_chunk(with->lattice, with->permutations),
                    with->threads, permute_chunk, &d, with->progress, RM_PERMUTING, err);
    for (int t = 0; t < with->threads; t++)
        rm_shuffler_clear(&d.workers[t].shuffler);
    rm_release(d.workers);
    return status;
}

rm_status rm_permute(rm_permuted *out, const rm_lattice *lattice,
                     const rm_autocorrelation_options *options, bool moments, rm_progress *progress,
                     rm_error *err)
{
    rm_permuted permuted = {0};
    rm_levels levels = {0};
    rm_permuting with = {&permuted,
                         lattice,
                         &levels,
                         moments,
                         options->seed,
                         options->permutations,
                         rm_threads(options->threads),
                         progress};
    rm_status status = permuted_new(&permuted, lattice->items, moments, err);
    if (status == RM_OK)
        status = rm_levels_new(&levels, lattice, err);
    if (status == RM_OK && options->draws == RM_DRAWS_SHARED)
        status = rm_permute_shared(&with, err);
    else if (status == RM_OK)
        status = rm_permute_own(&with, NULL, err);
    rm_release(levels.level);
    if (status == RM_OK)
        *out = permuted;
    else
        rm_permuted_clear(&permuted);
    return status;
}
