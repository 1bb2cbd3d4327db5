#include "stats/autocorrelation/permute_core.h"

#include "stats/order.h"

/* One table of draws for all items. Row r holds `columns` different items; the first k of them are
 * permutation r for an item with k neighbours, unless the item itself is among them: then the row
 * does not count for it. The rows that are left are draws from the other items, each as likely as
 * any. */

enum { MOST_PLACES = 1 << 26, TILE = 512, ITEMS_AT_ONCE = 64, ROWS_A_CHUNK = 1024 };
enum { STEPS_A_TICK = 1 << 13, TILES_A_TICK = 64 };
enum { SEARCHED = 1, MULTIPLIED = 2, DRAWN_ALONE = 3 }; /* how an item gets its answer; 0: none */

typedef struct table {
    const rm_permuting *with;
    const rm_lattice *lattice;
    const rm_levels *levels;
    int64_t rows, columns;
    uint8_t *way;        /* [items] */
    int64_t counted[4];  /* items by way */
    int32_t *drawn;      /* [columns][rows] */
    int64_t *first;      /* [items + 1] the places of an item in `drawn`, ascending, are */
    int32_t *places;     /* places[first[i]] .. places[first[i + 1] - 1] */
    int32_t *by_size;    /* the items that are searched for, fewest neighbours first */
    int64_t *size_start; /* [columns + 2] */
    /* of one number of neighbours: */
    double *sums, *sorted; /* [rows] */
    int64_t searched_from;
    double centre;            /* expected sum of as many levels */
    rm_draw_tally everything; /* of all rows, lane 0 */
    double *value;            /* [columns][rows] levels of `drawn` */
    rm_shuffler *shufflers;
} table;

static void table_clear(table *t, int threads)
{
    for (int w = 0; t->shufflers && w < threads; w++)
        rm_shuffler_clear(&t->shufflers[w]);
    rm_release(t->shufflers);
    rm_release(t->way);
    rm_release(t->drawn);
    rm_release(t->first);
    rm_release(t->places);
    rm_release(t->by_size);
    rm_release(t->size_start);
    rm_release(t->sums);
    rm_release(t->sorted);
    rm_release(t->value);
}

/* The end of the block that begins at i, and a tick before it: inner loops stay plain. */
static rm_status next_block(int64_t *end, const table *t, int64_t i, int64_t count, rm_error *err)
{
    *end = count - i < STEPS_A_TICK ? count : i + STEPS_A_TICK;
    return rm_progress_tick(t->with->progress, RM_PERMUTING, err);
}

static int64_t neighbours_of(const table *t, int64_t item)
{
    return t->lattice->start[item + 1] - t->lattice->start[item];
}

static rm_status choose_ways(table *t, rm_error *err)
{
    int64_t items = t->lattice->items;
    RM_TRY(RM_NEW(&t->way, items, err));
    for (int64_t i = 0; i < items; i++) {
        int64_t k = neighbours_of(t, i);
        bool fits = 2 * k <= items && k * t->rows <= MOST_PLACES;
        if (k == 0)
            t->way[i] = 0;
        else if (!fits)
            t->way[i] = DRAWN_ALONE;
        else
            t->way[i] = t->lattice->weight && rm_observe(t->lattice, t->levels, i).weight
                            ? MULTIPLIED
                            : SEARCHED;
        t->counted[t->way[i]]++;
        t->columns = fits && k > t->columns ? k : t->columns;
    }
    return RM_OK;
}

static rm_status draw_rows(void *context, int64_t begin, int64_t end, int worker, rm_error *err)
{
    table *t = context;
    rm_shuffler *shuffler = &t->shufflers[worker];
    if (!shuffler->order)
        RM_TRY(rm_shuffler_new(shuffler, t->lattice->items, t->columns, err));
    for (int64_t r = begin; r < end; r++) {
        /* streams beyond those of the items' own draws */
        uint64_t stream = (UINT64_C(1) << 32) + (uint64_t)r;
        rm_shuffler_draw(shuffler, (int32_t)t->columns, t->with->seed, stream, 0);
        for (int64_t q = 0; q < t->columns; q++)
            t->drawn[q * t->rows + r] = shuffler->order[q];
        rm_shuffler_undo(shuffler, (int32_t)t->columns);
    }
    return RM_OK;
}

static rm_status find_places(table *t, rm_error *err)
{
    int64_t items = t->lattice->items, places = t->columns * t->rows;
    RM_TRY(RM_NEW_ZERO(&t->first, items + 1, err));
    RM_TRY(RM_NEW(&t->places, places, err));
    for (int64_t p = 0, end; p < places;) {
        RM_TRY(next_block(&end, t, p, places, err));
        t->places[p] = 0; /* huge pages cleared one by one, not all when it is filled */
        for (; p < end; p++)
            t->first[t->drawn[p] + 1]++;
    }
    for (int64_t i = 0; i < items; i++)
        t->first[i + 1] += t->first[i];
    /* backwards, so that each item's places ascend and its start comes out where it belongs */
    for (int64_t p = places - 1, left; p >= 0;) {
        RM_TRY(next_block(&left, t, places - 1 - p, places, err));
        for (; p >= places - left; p--)
            t->places[--t->first[t->drawn[p] + 1]] = (int32_t)p;
    }
    for (int64_t i = 0; i < items; i++)
        t->first[i] = t->first[i + 1];
    t->first[items] = places;
    return RM_OK;
}

static rm_status table_make(table *t, int threads, rm_progress *progress, rm_error *err)
{
    RM_TRY(RM_NEW_ZERO(&t->shufflers, threads, err));
    RM_TRY(RM_NEW(&t->drawn, t->columns * t->rows, err));
    RM_TRY(rm_parallel(t->rows, ROWS_A_CHUNK, threads, draw_rows, t, progress, RM_PERMUTING, err));
    return find_places(t, err);
}

static void take_back(rm_draw_tally *tally, double sum, const rm_observed *o)
{
    double away = sum - o->centre;
    tally->larger -= sum >= o->low;
    tally->smaller -= sum <= o->high;
    tally->sum[0] -= away;
    tally->squares[0] -= away * away;
    tally->drawn--;
}

/* How many of the sorted sums are at most x, when `from` of them are known to be: few more as a
 * rule, so the search begins there. */
static int64_t count_to(const double *sorted, int64_t count, double x, int64_t from)
{
    int64_t step = 1;
    while (from + step <= count && sorted[from + step - 1] <= x) {
        from += step;
        step *= 2;
    }
    int64_t left = count - from < step - 1 ? count - from : step - 1;
    return from + rm_count_below(sorted + from, left, x, true);
}

static rm_status search_items(void *context, int64_t begin, int64_t end, int worker, rm_error *err)
{
    table *t = context;
    int64_t taken = 0;
    for (int64_t n = begin; n < end; n++) {
        int64_t item = t->by_size[t->searched_from + n];
        rm_observed o = rm_observe(t->lattice, t->levels, item);
        rm_draw_tally tally = t->everything;
        o.centre = t->centre;
        int64_t below = rm_count_below(t->sorted, t->rows, o.low, false);
        tally.larger = t->rows - below;
        tally.smaller = count_to(t->sorted, t->rows, o.high, below);
        for (int64_t p = t->first[item]; p < t->first[item + 1]; p++) {
            if (t->places[p] >= o.neighbours * t->rows)
                break;
            if (++taken % STEPS_A_TICK == 0)
                RM_TRY(rm_progress_check(t->with->progress, worker, RM_PERMUTING, err));
            take_back(&tally, t->sums[t->places[p] % t->rows], &o);
        }
        rm_draw_tally_store(&tally, &o, t->with, item);
    }
    return RM_OK;
}

static rm_status sort_by_size(table *t, rm_error *err)
{
    int64_t items = t->lattice->items;
    RM_TRY(RM_NEW_ZERO(&t->size_start, t->columns + 2, err));
    RM_TRY(RM_NEW(&t->by_size, t->counted[SEARCHED], err));
    for (int64_t i = 0; i < items; i++) {
        if (t->way[i] == SEARCHED)
            t->size_start[neighbours_of(t, i) + 1]++;
    }
    for (int64_t k = 0; k <= t->columns; k++)
        t->size_start[k + 1] += t->size_start[k];
    for (int64_t i = 0; i < items; i++) {
        if (t->way[i] == SEARCHED)
            t->by_size[t->size_start[neighbours_of(t, i)]++] = (int32_t)i;
    }
    for (int64_t k = t->columns + 1; k > 0; k--)
        t->size_start[k] = t->size_start[k - 1];
    t->size_start[0] = 0;
    return RM_OK;
}

static rm_status sort_sums(table *t, int64_t neighbours, rm_error *err)
{
    rm_keyed *keyed = NULL;
    int64_t present;
    rm_status status = RM_OK;
    t->centre = (double)neighbours * (t->levels->total / (double)t->lattice->items);
    t->everything = (rm_draw_tally){.moments = t->with->moments, .drawn = t->rows};
    RM_TRY(rm_sort_present(&keyed, &present, t->sums, t->rows, "the sum", t->with->progress, err));
    for (int64_t r = 0, end; r < t->rows && status == RM_OK;) {
        status = next_block(&end, t, r, t->rows, err);
        for (; r < end; r++) {
            double away = t->sums[r] - t->centre;
            t->sorted[r] = rm_keyed_value(keyed[r]);
            t->everything.sum[0] += away;
            t->everything.squares[0] += away * away;
        }
    }
    rm_release(keyed);
    return status;
}

/* Items of as many neighbours, one number of neighbours after the other, as the sums grow. */
static rm_status search_all(table *t, int threads, rm_progress *progress, rm_error *err)
{
    rm_stage whole = rm_progress_present(progress);
    double searched = (double)t->counted[SEARCHED];
    RM_TRY(sort_by_size(t, err));
    RM_TRY(RM_NEW_ZERO(&t->sums, t->rows, err));
    RM_TRY(RM_NEW(&t->sorted, t->rows, err));
    for (int64_t k = 1; k <= t->columns; k++) {
        const int32_t *column = t->drawn + (k - 1) * t->rows;
        int64_t wanted = t->size_start[k + 1] - t->size_start[k];
        rm_progress_part(progress, whole, (double)t->size_start[k] / searched,
                         (double)t->size_start[k + 1] / searched);
        for (int64_t r = 0, end; r < t->rows;) {
            RM_TRY(next_block(&end, t, r, t->rows, err));
            for (; r < end; r++)
                t->sums[r] += t->levels->level[column[r]];
        }
        if (wanted == 0)
            continue;
        RM_TRY(sort_sums(t, k, err));
        t->searched_from = t->size_start[k];
        RM_TRY(rm_parallel(wanted, 4096, threads, search_items, t, progress, RM_PERMUTING, err));
    }
    return RM_OK;
}

/* The levels are added in the order of the neighbours, as in row_sum, four to a pass. */
RM_CLONES
static void add_tile(double *restrict sums, const double *restrict value,
                     const double *restrict weight, int64_t neighbours, int64_t stride,
                     int64_t count)
{
    int64_t q = 0;
    for (int64_t r = 0; r < count; r++)
        sums[r] = 0.0;
    for (; q + 4 <= neighbours; q += 4) {
        const double *restrict v = value + q * stride;
        double a = weight[q], b = weight[q + 1], c = weight[q + 2], d = weight[q + 3];
        for (int64_t r = 0; r < count; r++)
            sums[r] = sums[r] + a * v[r] + b * v[stride + r] + c * v[2 * stride + r] +
                      d * v[3 * stride + r];
    }
    for (; q + 2 <= neighbours; q += 2) {
        const double *restrict v = value + q * stride;
        double a = weight[q], b = weight[q + 1];
        for (int64_t r = 0; r < count; r++)
            sums[r] = sums[r] + a * v[r] + b * v[stride + r];
    }
    for (; q < neighbours; q++) {
        for (int64_t r = 0; r < count; r++)
            sums[r] += weight[q] * value[q * stride + r];
    }
}

static double row_sum(const table *t, const rm_observed *o, int64_t r)
{
    double sum = 0.0;
    for (int64_t q = 0; q < o->neighbours; q++)
        sum += o->weight[q] * t->value[q * t->rows + r];
    return sum;
}

/* A part of the table that stays in the cache meets a number of items. */
static rm_status multiply_items(void *context, int64_t begin, int64_t end, int worker,
                                rm_error *err)
{
    table *t = context;
    rm_observed observed[ITEMS_AT_ONCE];
    rm_draw_tally tally[ITEMS_AT_ONCE];
    double sums[TILE];
    for (int64_t i = begin; i < end; i++) {
        observed[i - begin] = rm_observe(t->lattice, t->levels, i);
        tally[i - begin] = (rm_draw_tally){.moments = t->with->moments};
    }
    for (int64_t r = 0; r < t->rows; r += TILE) {
        int64_t count = t->rows - r < TILE ? t->rows - r : TILE;
        if (r / TILE % TILES_A_TICK == TILES_A_TICK - 1)
            RM_TRY(rm_progress_check(t->with->progress, worker, RM_PERMUTING, err));
        for (int64_t i = begin; i < end; i++) {
            const rm_observed *o = &observed[i - begin];
            if (t->way[i] != MULTIPLIED)
                continue;
            add_tile(sums, t->value + r, o->weight, o->neighbours, t->rows, count);
            rm_draw_tally_add(&tally[i - begin], sums, count, o);
        }
    }
    for (int64_t i = begin; i < end; i++) {
        const rm_observed *o = &observed[i - begin];
        if (t->way[i] != MULTIPLIED)
            continue;
        for (int64_t p = t->first[i], last = t->first[i + 1]; p < last;) {
            int64_t block = last - p < STEPS_A_TICK ? last : p + STEPS_A_TICK;
            RM_TRY(rm_progress_check(t->with->progress, worker, RM_PERMUTING, err));
            for (; p < block; p++)
                if (t->places[p] < o->neighbours * t->rows)
                    take_back(&tally[i - begin], row_sum(t, o, t->places[p] % t->rows), o);
        }
        rm_draw_tally_store(&tally[i - begin], o, t->with, i);
    }
    return RM_OK;
}

static rm_status multiply_all(table *t, int threads, rm_progress *progress, rm_error *err)
{
    int64_t items = t->lattice->items, places = t->columns * t->rows;
    double cost = (double)t->lattice->start[items] / (double)items * (double)t->rows;
    int64_t chunk = cost * ITEMS_AT_ONCE < 4e7 ? ITEMS_AT_ONCE : (int64_t)(4e7 / cost) + 1;
    RM_TRY(RM_NEW(&t->value, places, err));
    for (int64_t p = 0, end; p < places;) {
        RM_TRY(next_block(&end, t, p, places, err));
        for (; p < end; p++)
            t->value[p] = t->levels->level[t->drawn[p]];
    }
    return rm_parallel(items, chunk, threads, multiply_items, t, progress, RM_PERMUTING, err);
}

static rm_status permute_all(table *t, rm_error *err)
{
    rm_progress *progress = t->with->progress;
    rm_stage whole = rm_progress_present(progress);
    int threads = t->with->threads;
    RM_TRY(choose_ways(t, err));
    if (t->columns > 0) {
        rm_progress_part(progress, whole, 0.0, 0.2);
        RM_TRY(table_make(t, threads, progress, err));
    }
    rm_progress_part(progress, whole, 0.2, 0.4);
    if (t->counted[SEARCHED] > 0)
        RM_TRY(search_all(t, threads, progress, err));
    rm_progress_part(progress, whole, 0.4, 0.7);
    if (t->counted[MULTIPLIED] > 0)
        RM_TRY(multiply_all(t, threads, progress, err));
    rm_progress_part(progress, whole, 0.7, 1.0);
    if (t->counted[DRAWN_ALONE] == 0)
        return RM_OK;
    for (int64_t i = 0; i < t->lattice->items; i++)
        t->way[i] = t->way[i] == DRAWN_ALONE;
    return rm_permute_own(t->with, t->way, err);
}

rm_status rm_permute_shared(const rm_permuting *with, rm_error *err)
{
    table t = {
        .with = with, .lattice = with->lattice, .levels = with->levels, .rows = with->permutations};
    rm_status status = permute_all(&t, err);
    table_clear(&t, with->threads);
    return status;
}
