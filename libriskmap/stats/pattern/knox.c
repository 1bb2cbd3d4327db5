#include "stats/pattern/knox.h"

#include "base/random.h"
#include "base/simd.h"
#include "stats/blocks.h"
#include "stats/pattern/knox_pairs.h"

#include <math.h>
#include <string.h>

/* Permutations are counted LANES at a time: the days of one point under all of them are one vector,
 * so a pair costs a few instructions for 32 permutations. Differences are compared with STEP bounds
 * at once, which stay in registers. */
enum { LANES = 32, STEP = 4, BLOCK = 65535 };
static const char PERMUTING[] = "permuting the dates";
/* Half of them, 32 bytes: what AVX2 has registers for, and AVX-512 without its part for 16 bits. */
__extension__ typedef uint16_t lanes __attribute__((vector_size(LANES)));
typedef uint16_t days_of[LANES];

/* What counting needs, made once. */
typedef struct counting {
    rm_strips strips;
    rm_close_pairs close;
    double edge[RM_MOST_BANDS + 2]; /* of the bands that are listed */
    int32_t listed;
    int32_t first;    /* the listed band that is the first of the table: 1 where the table does not
                         begin at 0 */
    bool open;        /* the last band of the table is all pairs that are not listed */
    uint16_t *day;    /* in the order of the strips, from 0 */
    uint16_t *sorted; /* ascending */
    int64_t bound[RM_MOST_BANDS + 1];  /* time edges: days between >= bound; capped */
    uint16_t least[RM_MOST_BANDS + 4]; /* the bounds that need counting, filled up to whole steps */
    int32_t slot[RM_MOST_BANDS + 1];   /* of each edge in least; -1: all pairs, -2: none */
    int32_t slots;
    int32_t space_bands, time_bands;
    rm_knox_table *table;
    const rm_knox_runs *runs;
    struct scratch *scratch; /* [threads] */
    rm_progress *progress;
} counting;

/* A worker's own memory. */
typedef struct scratch {
    days_of *day;     /* [points], on a multiple of 64 bytes */
    void *day_memory; /* what is to be released */
    uint16_t *order;  /* [points] one permutation of the days */
    int64_t *count;   /* [listed * slots * LANES] pairs with at least so many days between */
    int64_t *cell;    /* [space_bands * time_bands] of one permutation */
    int64_t *sum, *least;
} scratch;

static rm_status scratch_new(scratch *s, const counting *c, rm_error *err)
{
    int64_t points = c->strips.count;
    int64_t cells = (int64_t)c->space_bands * c->time_bands;
    char *memory = NULL;
    RM_TRY(RM_NEW(&memory, points * (int64_t)sizeof(days_of) + 64, err));
    s->day_memory = memory;
    s->day = (days_of *)(void *)(memory + (64 - (uintptr_t)memory % 64) % 64);
    RM_TRY(RM_NEW(&s->order, points, err));
    RM_TRY(RM_NEW(&s->count, (int64_t)c->listed * c->slots * LANES, err));
    RM_TRY(RM_NEW(&s->cell, cells, err));
    RM_TRY(RM_NEW_ZERO(&s->sum, cells, err));
    return RM_NEW_ZERO(&s->least, cells, err);
}

static void scratch_clear(scratch *s)
{
    rm_release(s->day_memory);
    rm_release(s->order);
    rm_release(s->count);
    rm_release(s->cell);
    rm_release(s->sum);
    rm_release(s->least);
}

/* Adds to sum what a pair is under 16 permutations. */
#define COUNT_HALF(sum, half)                                                                      \
    do {                                                                                           \
        lanes a, b;                                                                                \
        memcpy(&a, from + (half)*LANES / 2, sizeof a);                                             \
        memcpy(&b, to + (half)*LANES / 2, sizeof b);                                               \
        lanes negative = (lanes)(a < b);                                                           \
        lanes between = ((a - b) ^ negative) - negative;                                           \
        for (int i = 0; i < STEP; i++)                                                             \
            (sum)[i] -= (lanes)(between >= bound[i]);                                              \
    } while (0)

/* out[s][lane]: the pairs with at least least[s] days between. At most BLOCK pairs, so that 16 bits
 * hold the counts. */
RM_CLONES
static void count_block(days_of out[STEP], const days_of *day, const int32_t (*pair)[2],
                        int64_t pairs, const uint16_t least[STEP])
{
    lanes zero = {0}, bound[STEP], low[STEP], high[STEP];
    for (int i = 0; i < STEP; i++) {
        bound[i] = zero + least[i];
        low[i] = high[i] = zero;
    }
    for (int64_t k = 0; k < pairs; k++) {
        const uint16_t *from = day[pair[k][0]], *to = day[pair[k][1]];
        COUNT_HALF(low, 0);
        COUNT_HALF(high, 1);
    }
    for (int i = 0; i < STEP; i++) {
        memcpy(out[i], &low[i], sizeof low[i]);
        memcpy(out[i] + LANES / 2, &high[i], sizeof high[i]);
    }
}

static rm_status count_lanes(scratch *s, const counting *c, int worker, rm_error *err)
{
    memset(s->count, 0, (size_t)c->listed * (size_t)c->slots * LANES * sizeof *s->count);
    for (int32_t band = 0; band < c->listed; band++) {
        int64_t end = c->close.begin[band + 1];
        for (int64_t at = c->close.begin[band]; at < end; at += BLOCK) {
            int64_t pairs = end - at < BLOCK ? end - at : BLOCK;
            RM_TRY(rm_progress_check(c->progress, worker, PERMUTING, err));
            for (int32_t slot = 0; slot < c->slots; slot += STEP) {
                days_of found[STEP];
                int64_t *count = s->count + ((int64_t)band * c->slots + slot) * LANES;
                count_block(found, (const days_of *)s->day, (const int32_t(*)[2])c->close.pair + at,
                            pairs, c->least + slot);
                for (int i = 0; i < STEP * LANES; i++)
                    count[i] += found[i / LANES][i % LANES];
            }
        }
    }
    return RM_OK;
}

static int64_t at_least(const scratch *s, const counting *c, int32_t band, int32_t edge, int lane)
{
    int32_t slot = c->slot[edge];
    if (slot == -1)
        return c->close.begin[band + 1] - c->close.begin[band];
    return slot == -2 ? 0 : s->count[((int64_t)band * c->slots + slot) * LANES + lane];
}

/* The cells of the table for one lane: differences of the counts, and the open band by
 * subtraction from the pairs of the column, which no permutation changes. */
static void read_lane(int64_t *cell, const scratch *s, const counting *c, int lane)
{
    for (int32_t t = 0; t < c->time_bands; t++) {
        int64_t listed = 0;
        for (int32_t band = 0; band < c->listed; band++) {
            int64_t here = at_least(s, c, band, t, lane) - at_least(s, c, band, t + 1, lane);
            listed += here;
            if (band >= c->first)
                cell[(band - c->first) * c->time_bands + t] = here;
        }
        if (c->open)
            cell[(c->space_bands - 1) * c->time_bands + t] = c->table->column[t] - listed;
    }
}

/* Fisher and Yates: position k takes one of 0..k. A block of random bits serves two positions; the
 * few bits that would make a draw uneven (once in 2^64 / k) are drawn anew. Starting from the
 * sorted days, a permutation depends on the seed and its number and not on the order of the
 * events. */
static rm_status permute(uint16_t *order, const counting *c, uint64_t number, int worker,
                         rm_error *err)
{
    uint64_t block[2] = {0, 0}, seed = c->runs->seed;
    int64_t last = c->strips.count - 1;
    memcpy(order, c->sorted, (size_t)c->strips.count * sizeof *order);
    for (int64_t k = last; k > 0;) {
        int64_t stop = k > RM_BLOCK ? k - RM_BLOCK : 0;
        RM_TRY(rm_progress_check(c->progress, worker, PERMUTING, err));
        for (; k > stop; k--) {
            uint64_t bound = (uint64_t)k + 1;
            if (k % 2 == 1 || k == last)
                rm_random_block(seed, number, (uint64_t)k / 2, block);
            rm_uint128 product = (rm_uint128)block[k % 2] * bound;
            uint64_t j = (uint64_t)(product >> 64);
            if ((uint64_t)product < bound)
                j = rm_random_below(~seed, number, (uint64_t)k, bound);
            uint16_t kept = order[k];
            order[k] = order[j];
            order[j] = kept;
        }
    }
    return RM_OK;
}

static rm_status set_lane(scratch *s, const uint16_t *day, const counting *c, int lane, int worker,
                          rm_error *err)
{
    const rm_asking asking = {c->progress, worker, PERMUTING};
    for (int64_t k = 0, end; k < c->strips.count;) {
        RM_TRY(rm_next_block(&end, k, c->strips.count, &asking, err));
        for (; k < end; k++)
            s->day[k][lane] = day[k];
    }
    return RM_OK;
}

static rm_status permute_batch(void *context, int64_t begin, int64_t end, int worker, rm_error *err)
{
    counting *c = context;
    scratch *s = &c->scratch[worker];
    int64_t cells = (int64_t)c->space_bands * c->time_bands;
    for (int64_t run = begin; run < end; run++) {
        RM_TRY(permute(s->order, c, (uint64_t)run, worker, err));
        RM_TRY(set_lane(s, s->order, c, (int)(run - begin), worker, err));
    }
    RM_TRY(count_lanes(s, c, worker, err));
    for (int64_t run = begin; run < end; run++) {
        read_lane(s->cell, s, c, (int)(run - begin));
        for (int64_t i = 0; i < cells; i++) {
            s->sum[i] += s->cell[i];
            s->least[i] += s->cell[i] >= c->table->observed[i];
        }
    }
    return RM_OK;
}

static rm_status run_permutations(counting *c, int threads, rm_error *err)
{
    RM_TRY(rm_parallel(c->runs->permutations, LANES, threads, permute_batch, c, c->progress,
                       PERMUTING, err));
    int64_t cells = (int64_t)c->space_bands * c->time_bands;
    for (int w = 0; w < threads; w++) {
        for (int64_t i = 0; i < cells; i++) {
            c->table->sum[i] += c->scratch[w].sum[i];
            c->table->least[i] += c->scratch[w].least[i];
        }
    }
    return RM_OK;
}

static rm_status clear_days(scratch *s, const counting *c, rm_error *err)
{
    const rm_asking asking = {c->progress, 0, PERMUTING};
    for (int64_t k = 0, end; k < c->strips.count; k = end) {
        RM_TRY(rm_next_block(&end, k, c->strips.count, &asking, err));
        memset(s->day + k, 0, (size_t)(end - k) * sizeof *s->day);
    }
    return RM_OK;
}

static rm_status count_observed(counting *c, int threads, rm_error *err)
{
    rm_progress_stage(c->progress, 0.1, 1.0);
    for (int w = 0; w < threads; w++)
        RM_TRY(scratch_new(&c->scratch[w], c, err));
    for (int w = 0; w < threads; w++)
        RM_TRY(clear_days(&c->scratch[w], c, err));
    RM_TRY(set_lane(&c->scratch[0], c->day, c, 0, 0, err));
    RM_TRY(count_lanes(&c->scratch[0], c, 0, err));
    read_lane(c->table->observed, &c->scratch[0], c, 0);
    return run_permutations(c, threads, err);
}

/* All pairs with fewer than `bound` days between, from how many events there are on each day. */
static int64_t pairs_within(const int64_t *before, int64_t range, int64_t bound)
{
    int64_t pairs = 0;
    if (bound <= 0)
        return 0;
    for (int64_t d = 0; d < range; d++) {
        int64_t here = before[d + 1] - before[d];
        int64_t until = d + bound < range ? d + bound : range;
        pairs += here * (here - 1) / 2 + here * (before[until] - before[d + 1]);
    }
    return pairs;
}

/* How many days the events span, the first of them being *low. */
static rm_status span_days(int32_t *low, int64_t *range, const rm_events *events, rm_error *err)
{
    *low = INT32_MAX;
    *range = 0;
    RM_TRY(rm_days_check(events, err));
    for (int64_t i = 0; i < events->count; i++)
        *low = events->day[i] < *low ? events->day[i] : *low;
    for (int64_t i = 0; i < events->count; i++) {
        int64_t from_low = (int64_t)events->day[i] - *low;
        if (from_low > RM_MOST_DAYS)
            return rm_fail_row(err, RM_ELIMIT, i,
                               "the day of row %lld is more than %d days after the first; look for "
                               "a wrong date",
                               (long long)i, RM_MOST_DAYS);
        *range = from_low + 1 > *range ? from_low + 1 : *range;
    }
    return RM_OK;
}

/* The days from 0, in the order of the strips and sorted; the pairs of each time band. before
 * [range + 1], zero: becomes how many events there are before each day. */
static rm_status lay_days(counting *c, const rm_events *events, int32_t low, int64_t *before,
                          int64_t range, rm_error *err)
{
    const rm_asking asking = {c->progress, 0, "sorting points"};
    for (int64_t k = 0, end; k < events->count;) {
        RM_TRY(rm_next_block(&end, k, events->count, &asking, err));
        for (; k < end; k++) {
            c->day[k] = (uint16_t)((int64_t)events->day[c->strips.id[k]] - low);
            before[c->day[k] + 1]++;
        }
    }
    for (int64_t d = 0, k = 0; d < range; d++) {
        for (int64_t left = before[d + 1]; left > 0; left--)
            c->sorted[k++] = (uint16_t)d;
        before[d + 1] += before[d];
    }
    for (int32_t t = 0; t < c->time_bands; t++)
        c->table->column[t] =
            pairs_within(before, range, c->bound[t + 1]) - pairs_within(before, range, c->bound[t]);
    return RM_OK;
}

static rm_status take_days(counting *c, const rm_events *events, rm_error *err)
{
    int64_t *before = NULL, range;
    int32_t low;
    RM_TRY(span_days(&low, &range, events, err));
    RM_TRY(RM_NEW(&c->day, events->count, err));
    RM_TRY(RM_NEW(&c->sorted, events->count, err));
    RM_TRY(RM_NEW_ZERO(&before, range + 1, err));
    rm_status status = lay_days(c, events, low, before, range, err);
    rm_release(before);
    return status;
}

/* Days are whole, so a real edge acts as the next whole number; above RM_MOST_DAYS nothing is. */
static void plan_time(counting *c, rm_knox_bands time)
{
    for (int32_t t = 0; t <= time.count; t++) {
        c->bound[t] = time.edge[t] > RM_MOST_DAYS ? RM_MOST_DAYS + 1 : (int64_t)ceil(time.edge[t]);
        if (c->bound[t] == 0) {
            c->slot[t] = -1;
        } else if (c->bound[t] > RM_MOST_DAYS) {
            c->slot[t] = -2;
        } else {
            c->slot[t] = c->slots;
            c->least[c->slots++] = (uint16_t)c->bound[t];
        }
    }
    while (c->slots % STEP)
        c->least[c->slots++] = RM_MOST_DAYS;
}

static void plan_space(counting *c, rm_knox_bands space)
{
    c->open = space.edge[space.count] == INFINITY;
    c->first = space.edge[0] > 0;
    c->edge[0] = 0;
    for (int32_t k = 0; k <= space.count - c->open; k++)
        c->edge[c->first + k] = space.edge[k];
    c->listed = space.count - c->open + c->first;
}

static rm_status make_table(rm_knox_table *table, int64_t space, int64_t time, rm_error *err)
{
    RM_TRY(RM_NEW_ZERO(&table->observed, space * time, err));
    RM_TRY(RM_NEW_ZERO(&table->row, space, err));
    RM_TRY(RM_NEW_ZERO(&table->column, time, err));
    RM_TRY(RM_NEW_ZERO(&table->sum, space * time, err));
    return RM_NEW_ZERO(&table->least, space * time, err);
}

static rm_status count_all(counting *c, const rm_events *events, rm_error *err)
{
    rm_knox_table *table = c->table;
    int threads = rm_threads(c->runs->threads);
    int64_t batches = ((int64_t)c->runs->permutations + LANES - 1) / LANES;
    RM_TRY(make_table(table, c->space_bands, c->time_bands, err));
    rm_progress_stage(c->progress, 0, 0.02);
    RM_TRY(rm_strips_new(&c->strips, events->x, events->y, events->count, c->edge[c->listed], 0,
                         c->progress, err));
    RM_TRY(take_days(c, events, err));
    table->pairs = events->count * (events->count - 1) / 2;
    rm_progress_stage(c->progress, 0.02, 0.1);
    RM_TRY(rm_close_pairs_list(&c->close, &c->strips, c->edge, c->listed, events->metric, threads,
                               c->progress, err));
    for (int32_t s = 0; s < c->space_bands - c->open; s++)
        table->row[s] = c->close.begin[c->first + s + 1] - c->close.begin[c->first + s];
    if (c->open)
        table->row[c->space_bands - 1] = table->pairs - c->close.begin[c->listed];
    if (threads > batches)
        threads = batches > 1 ? (int)batches : 1;
    RM_TRY(RM_NEW_ZERO(&c->scratch, threads, err));
    rm_status status = count_observed(c, threads, err);
    for (int w = 0; w < threads; w++)
        scratch_clear(&c->scratch[w]);
    return status;
}

rm_status rm_knox_count(rm_knox_table *table, const rm_events *events, rm_knox_bands space,
                        rm_knox_bands time, const rm_knox_runs *runs, rm_progress *progress,
                        rm_error *err)
{
    rm_knox_table made = {0};
    RM_TRY(rm_bands_check(space, "distance", err));
    RM_TRY(rm_bands_check(time, "day", err));
    if (events->count < 2)
        return rm_fail(err, RM_EDATA, "there are %lld events; pairs need at least 2",
                       (long long)events->count);
    counting *c = NULL;
    RM_TRY(RM_NEW_ZERO(&c, 1, err));
    c->table = &made;
    c->runs = runs;
    c->progress = progress;
    c->space_bands = space.count;
    c->time_bands = time.count;
    plan_space(c, space);
    plan_time(c, time);
    rm_status status = count_all(c, events, err);
    rm_strips_clear(&c->strips);
    rm_close_pairs_clear(&c->close);
    rm_release(c->day);
    rm_release(c->sorted);
    rm_release(c->scratch);
    rm_release(c);
    if (status == RM_OK)
        *table = made;
    else
        rm_knox_table_clear(&made);
    return status;
}

void rm_knox_table_clear(rm_knox_table *table)
{
    rm_release(table->observed);
    rm_release(table->row);
    rm_release(table->column);
    rm_release(table->sum);
    rm_release(table->least);
    memset(table, 0, sizeof *table);
}
