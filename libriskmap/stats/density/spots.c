#include "stats/density/spots.h"

#include "base/memory.h"

#include <math.h>
#include <string.h>

enum { BAND_ROWS = 16, MOST_BANDS = 16384, SMALL = 24, POINTS_A_TICK = 1 << 14 };

static const char *const SORTING = "sorting points";

void rm_spots_clear(rm_spots *spots)
{
    rm_release(spots->spot);
    rm_release(spots->begin);
    rm_release(spots->end);
    memset(spots, 0, sizeof *spots);
}

static int64_t band_of(const rm_spots *s, double y)
{
    double band = floor(y / (double)s->band_rows);
    if (band < 0)
        return 0;
    return band >= (double)(s->bands - 2) ? s->bands - 1 : (int64_t)band + 1;
}

void rm_spots_bands(const rm_spots *spots, double reach, int64_t row0, int64_t row1, int64_t *first,
                    int64_t *last)
{
    *first = band_of(spots, (double)row0 - reach);
    *last = band_of(spots, (double)row1 + reach);
}

/* The first of begin..end whose x is at least low (or above it). */
static int64_t lower(const rm_spot *spot, int64_t begin, int64_t end, double low, bool above)
{
    while (begin < end) {
        int64_t middle = begin + (end - begin) / 2;
        if (spot[middle].x < low || (above && spot[middle].x == low))
            begin = middle + 1;
        else
            end = middle;
    }
    return begin;
}

void rm_spots_between(const rm_spots *spots, int32_t class, int64_t band, double low, double high,
                      int64_t *begin, int64_t *end)
{
    int64_t k = class * spots->bands + band;
    *begin = lower(spots->spot, spots->begin[k], spots->end[k], low, false);
    *end = lower(spots->spot, *begin, spots->end[k], high, true);
}

/* --- sorting, in place --- */

static inline bool before(const rm_spot *a, const rm_spot *b)
{
    if (a->x != b->x)
        return a->x < b->x;
    if (a->y != b->y)
        return a->y < b->y;
    if (a->bandwidth != b->bandwidth)
        return a->bandwidth < b->bandwidth;
    return a->weight < b->weight;
}

static void sift(rm_spot *s, int64_t root, int64_t count)
{
    rm_spot moved = s[root];
    for (int64_t child; (child = 2 * root + 1) < count; root = child) {
        if (child + 1 < count && before(&s[child], &s[child + 1]))
            child++;
        if (!before(&moved, &s[child]))
            break;
        s[root] = s[child];
    }
    s[root] = moved;
}

static void heap_sort(rm_spot *s, int64_t count)
{
    for (int64_t i = count / 2 - 1; i >= 0; i--)
        sift(s, i, count);
    for (int64_t last = count - 1; last > 0; last--) {
        rm_spot largest = s[0];
        s[0] = s[last];
        s[last] = largest;
        sift(s, 0, last);
    }
}

static void insertion_sort(rm_spot *s, int64_t count)
{
    for (int64_t i = 1; i < count; i++) {
        rm_spot moved = s[i];
        int64_t k = i;
        for (; k > 0 && before(&moved, &s[k - 1]); k--)
            s[k] = s[k - 1];
        s[k] = moved;
    }
}

static rm_spot middle_of(const rm_spot *a, const rm_spot *b, const rm_spot *c)
{
    if (before(a, b))
        return before(b, c) ? *b : before(a, c) ? *c : *a;
    return before(a, c) ? *a : before(b, c) ? *c : *b;
}

typedef struct sorting {
    rm_progress *progress;
    int worker;
} sorting;

/* Quicksort that turns to heap sort when it goes wrong: no memory, no bad case. */
static rm_status sort_spots(rm_spot *s, int64_t count, int depth, const sorting *by, rm_error *err)
{
    while (count > SMALL) {
        if (count > POINTS_A_TICK)
            RM_TRY(rm_progress_check(by->progress, by->worker, SORTING, err));
        if (depth-- == 0) {
            heap_sort(s, count);
            return RM_OK;
        }
        rm_spot pivot = middle_of(&s[0], &s[count / 2], &s[count - 1]);
        int64_t i = -1, k = count;
        for (;;) {
            do
                i++;
            while (before(&s[i], &pivot));
            do
                k--;
            while (before(&pivot, &s[k]));
            if (i >= k)
                break;
            rm_spot swapped = s[i];
            s[i] = s[k];
            s[k] = swapped;
        }
        RM_TRY(sort_spots(s, k + 1, depth, by, err));
        s += k + 1;
        count -= k + 1;
    }
    insertion_sort(s, count);
    return RM_OK;
}

/* *left: how many there are when equal ones are one. */
static rm_status sort_and_join(int64_t *left, rm_spot *s, int64_t count, const sorting *by,
                               rm_error *err)
{
    int depth = 2;
    for (int64_t n = count; n > 1; n /= 2)
        depth += 2;
    RM_TRY(sort_spots(s, count, depth, by, err));
    int64_t kept = 0;
    for (int64_t i = 0; i < count; i++) {
        rm_spot *last = kept ? &s[kept - 1] : NULL;
        if (last && last->x == s[i].x && last->y == s[i].y && last->bandwidth == s[i].bandwidth)
            last->weight += s[i].weight;
        else
            s[kept++] = s[i];
    }
    *left = kept;
    return RM_OK;
}

/* --- taking the points --- */

typedef struct builder {
    rm_spots *spots;
    const rm_grid *grid;
    const rm_density_points *points;
    double bandwidth, cut; /* of all, in cells */
    int64_t range;         /* points of one range: each range has counts of its own */
    int64_t *counts;       /* [ranges][classes * bands] */
    int64_t *ends;         /* the same: where the places that were counted end */
    rm_progress *progress;
} builder;

static rm_status check_point(const rm_density_points *p, double cell, int64_t i, rm_error *err)
{
    RM_TRY(rm_check_point(p, i, err));
    if (p->bandwidth && !(p->bandwidth[i] / cell > 1e-30 && p->bandwidth[i] / cell < 1e30))
        return rm_fail_row(err, RM_EINVAL, i,
                           "the bandwidth of point %lld is not a finite number above 0",
                           (long long)i);
    return RM_OK;
}

/* The point in cells and the slot it belongs to; false when it gives nothing. */
static bool place(const builder *b, int64_t i, rm_spot *spot, int64_t *slot)
{
    const rm_density_points *p = b->points;
    const rm_grid *g = b->grid;
    spot->x = (p->x[i] - g->left) / g->cell - 0.5;
    spot->y = (g->top - p->y[i]) / g->cell - 0.5;
    spot->weight = p->weight ? p->weight[i] : 1;
    spot->bandwidth = p->bandwidth ? p->bandwidth[i] / g->cell : b->bandwidth;
    double reach = b->cut * spot->bandwidth;
    if (!(spot->weight > 0 && spot->x >= -reach && spot->y >= -reach &&
          spot->x <= (double)(g->columns - 1) + reach && spot->y <= (double)(g->rows - 1) + reach))
        return false;
    int class = b->spots->classes > 1 && reach >= 1 ? ilogb(reach) : 0;
    if (class >= b->spots->classes)
        class = b->spots->classes - 1;
    *slot = class * b->spots->bands + band_of(b->spots, spot->y);
    return true;
}

static rm_status count_range(void *context, int64_t begin, int64_t end, int worker, rm_error *err)
{
    builder *b = context;
    int64_t slots = b->spots->classes * b->spots->bands, slot;
    int64_t *counts = b->counts + begin / b->range * slots;
    rm_spot spot;
    for (int64_t i = begin; i < end; i++) {
        if ((i - begin) % POINTS_A_TICK == 0)
            RM_TRY(rm_progress_check(b->progress, worker, "points", err));
        RM_TRY(check_point(b->points, b->grid->cell, i, err));
        if (place(b, i, &spot, &slot))
            counts[slot]++;
    }
    return RM_OK;
}

/* Points that lie elsewhere than when they were counted have no place. */
static rm_status refuse_changed(rm_error *err)
{
    return rm_fail(err, RM_EINVAL,
                   "the points changed while they were read; leave the arrays as they are until "
                   "the call returns");
}

static rm_status fill_range(void *context, int64_t begin, int64_t end, int worker, rm_error *err)
{
    builder *b = context;
    int64_t slots = b->spots->classes * b->spots->bands, slot;
    int64_t *next = b->counts + begin / b->range * slots;
    const int64_t *ends = b->ends + begin / b->range * slots;
    rm_spot spot;
    for (int64_t i = begin; i < end; i++) {
        if ((i - begin) % POINTS_A_TICK == 0)
            RM_TRY(rm_progress_check(b->progress, worker, "points", err));
        if (!place(b, i, &spot, &slot))
            continue;
        if (next[slot] == ends[slot])
            return refuse_changed(err);
        b->spots->spot[next[slot]++] = spot;
    }
    for (int64_t k = 0; k < slots; k++)
        if (next[k] != ends[k])
            return refuse_changed(err);
    return RM_OK;
}

static rm_status sort_slots(void *context, int64_t begin, int64_t end, int worker, rm_error *err)
{
    const builder *b = context;
    const sorting by = {b->progress, worker};
    rm_spots *s = b->spots;
    int64_t left;
    for (int64_t k = begin; k < end; k++) {
        RM_TRY(sort_and_join(&left, s->spot + s->begin[k], s->end[k] - s->begin[k], &by, err));
        s->end[k] = s->begin[k] + left;
    }
    return RM_OK;
}

/* Counts become places to write to: slot after slot, within it range after range. */
static int64_t lay_out(builder *b, int64_t ranges)
{
    rm_spots *s = b->spots;
    int64_t slots = s->classes * s->bands, total = 0;
    for (int64_t k = 0; k < slots; k++) {
        s->begin[k] = total;
        for (int64_t r = 0; r < ranges; r++) {
            int64_t here = b->counts[r * slots + k];
            b->counts[r * slots + k] = total;
            total += here;
            b->ends[r * slots + k] = total;
        }
        s->end[k] = total;
    }
    return total;
}

static void sum_up(rm_spots *s, double cut)
{
    for (int32_t class = 0; class < s->classes; class ++) {
        double longest = -1;
        for (int64_t k = class * s->bands; k < (class + 1) * s->bands; k++) {
            s->count += s->end[k] - s->begin[k];
            for (int64_t i = s->begin[k]; i < s->end[k]; i++) {
                const rm_spot *spot = &s->spot[i];
                if (cut * spot->bandwidth > longest)
                    longest = cut * spot->bandwidth;
                if (spot->weight > s->heaviest)
                    s->heaviest = spot->weight;
                s->total += spot->weight;
            }
        }
        s->reach[class] = longest;
    }
}

static rm_status build(builder *b, int threads, rm_error *err)
{
    rm_spots *s = b->spots;
    rm_progress *progress = b->progress;
    rm_stage whole = rm_progress_present(progress);
    int64_t count = b->points->count, ranges = threads < 1 ? 1 : threads;
    int64_t slots = s->classes * s->bands;
    if (count < 100000)
        ranges = 1;
    b->range = count / ranges + 1;
    RM_TRY(RM_NEW_ZERO(&s->begin, slots, err));
    RM_TRY(RM_NEW_ZERO(&s->end, slots, err));
    RM_TRY(RM_NEW_ZERO(&b->counts, slots * ranges, err));
    RM_TRY(RM_NEW(&b->ends, slots * ranges, err));
    rm_progress_part(progress, whole, 0.0, 0.2);
    RM_TRY(rm_parallel(count, b->range, threads, count_range, b, progress, "points", err));
    int64_t total = lay_out(b, ranges);
    RM_TRY(RM_NEW(&s->spot, total, err));
    rm_progress_part(progress, whole, 0.2, 0.5);
    RM_TRY(rm_parallel(count, b->range, threads, fill_range, b, progress, "points", err));
    rm_progress_part(progress, whole, 0.5, 1.0);
    RM_TRY(
        rm_parallel(slots, 1, total < 2000 ? 1 : threads, sort_slots, b, progress, SORTING, err));
    sum_up(s, b->cut);
    if (!isfinite(s->total))
        return rm_fail(err, RM_EINVAL, "the weights add up to more than a number can hold");
    return RM_OK;
}

rm_status rm_spots_new(rm_spots *out, const rm_grid *grid, const rm_density_points *points,
                       double bandwidth, double cut, int threads, rm_progress *progress,
                       rm_error *err)
{
    rm_spots spots = {.band_rows = BAND_ROWS, .classes = points->bandwidth ? RM_SPOT_CLASSES : 1};
    while (grid->rows / spots.band_rows >= MOST_BANDS)
        spots.band_rows *= 2;
    spots.bands = grid->rows / spots.band_rows + (grid->rows % spots.band_rows != 0) + 2;
    builder b = {.spots = &spots,
                 .grid = grid,
                 .points = points,
                 .bandwidth = bandwidth / grid->cell,
                 .cut = cut,
                 .progress = progress};
    rm_status status = build(&b, threads, err);
    rm_release(b.counts);
    rm_release(b.ends);
    if (status == RM_OK)
        *out = spots;
    else
        rm_spots_clear(&spots);
    return status;
}
