#include "stats/pattern/knox_pairs.h"

#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum { CHUNK = 512, MOST_PAIRS = 1 << 28 };

rm_status rm_bands_check(rm_knox_bands bands, const char *what, rm_error *err)
{
    if (bands.count < 1 || bands.count > RM_MOST_BANDS)
        return rm_fail(err, RM_EINVAL, "there are %d %s bands; 1 to %d", bands.count, what,
                       RM_MOST_BANDS);
    for (int32_t k = 0; k <= bands.count; k++) {
        double edge = bands.edge[k];
        bool open = k == bands.count && edge == INFINITY;
        if (!open && !(edge >= 0 && edge <= 1e100))
            return rm_fail(err, RM_EINVAL,
                           "%s edge %d is negative, missing or not finite; only the last may be "
                           "infinite",
                           what, k);
        if (k > 0 && !(bands.edge[k - 1] < edge))
            return rm_fail(err, RM_EINVAL, "%s edge %d is not above the one before it", what, k);
    }
    return RM_OK;
}

rm_status rm_days_check(const rm_events *events, rm_error *err)
{
    for (int64_t i = 0; i < events->count; i++) {
        if (events->day[i] == INT32_MIN)
            return rm_fail_row(err, RM_EINVAL, i, "row %lld has no day; leave the row out",
                               (long long)i);
    }
    return RM_OK;
}

typedef struct listing {
    const rm_strips *strips;
    const double *edge;
    int32_t bands, metric;
    int64_t *place;     /* [chunk * bands + band]: how many pairs, then where the next is written */
    int32_t (*pair)[2]; /* NULL while counting */
    _Atomic int64_t counted;
} listing;

static void take_range(listing *l, int64_t *place, int64_t i, int64_t begin, int64_t end)
{
    const double *edge = l->edge;
    for (int64_t j = begin; j < end; j++) {
        double d = rm_pair_distance(l->strips, i, j, l->metric);
        if (!(d >= edge[0] && d < edge[l->bands]))
            continue;
        int32_t band = 0;
        while (d >= edge[band + 1])
            band++;
        if (l->pair) {
            l->pair[place[band]][0] = (int32_t)i;
            l->pair[place[band]][1] = (int32_t)j;
        }
        place[band]++;
    }
}

static rm_status too_many(rm_error *err)
{
    return rm_fail(err, RM_ELIMIT,
                   "more than %d pairs lie within the distance bands; take smaller bands",
                   MOST_PAIRS);
}

/* What no list will hold is not counted to the end. */
static rm_status take_chunk(void *context, int64_t begin, int64_t end, int worker, rm_error *err)
{
    listing *l = context;
    int64_t *place = l->place + begin / CHUNK * l->bands;
    (void)worker;
    for (int64_t i = begin; i < end; i++) {
        int64_t range[2][2];
        rm_strips_after(range, l->strips, i);
        take_range(l, place, i, range[0][0], range[0][1]);
        take_range(l, place, i, range[1][0], range[1][1]);
    }
    if (!l->pair) {
        int64_t here = 0;
        for (int32_t band = 0; band < l->bands; band++)
            here += place[band];
        if (atomic_fetch_add(&l->counted, here) + here > MOST_PAIRS)
            return too_many(err);
    }
    return RM_OK;
}

/* Counts become places: band after band, and within a band chunk after chunk. */
static int64_t lay_out(listing *l, int64_t *begin, int64_t chunks)
{
    int64_t total = 0;
    for (int32_t band = 0; band < l->bands; band++) {
        begin[band] = total;
        for (int64_t c = 0; c < chunks; c++) {
            int64_t here = l->place[c * l->bands + band];
            l->place[c * l->bands + band] = total;
            total += here;
        }
    }
    begin[l->bands] = total;
    return total;
}

static rm_status list(rm_close_pairs *out, listing *l, int threads, rm_progress *progress,
                      rm_error *err)
{
    int64_t count = l->strips->count, chunks = (count + CHUNK - 1) / CHUNK;
    RM_TRY(RM_NEW_ZERO(&l->place, chunks * l->bands, err));
    RM_TRY(rm_parallel(count, CHUNK, threads, take_chunk, l, progress, "counting pairs", err));
    int64_t total = lay_out(l, out->begin, chunks);
    RM_TRY(RM_NEW(&l->pair, total, err));
    out->pair = l->pair;
    return rm_parallel(count, CHUNK, threads, take_chunk, l, progress, "listing pairs", err);
}

rm_status rm_close_pairs_list(rm_close_pairs *out, const rm_strips *strips, const double *edge,
                              int32_t bands, int32_t metric, int threads, rm_progress *progress,
                              rm_error *err)
{
    rm_close_pairs made = {NULL, NULL};
    listing l = {.strips = strips, .edge = edge, .bands = bands, .metric = metric};
    RM_TRY(RM_NEW_ZERO(&made.begin, bands + 1, err));
    rm_status status = bands > 0 ? list(&made, &l, threads, progress, err) : RM_OK;
    rm_release(l.place);
    if (status == RM_OK)
        *out = made;
    else
        rm_close_pairs_clear(&made);
    return status;
}

void rm_close_pairs_clear(rm_close_pairs *pairs)
{
    rm_release(pairs->pair);
    rm_release(pairs->begin);
    memset(pairs, 0, sizeof *pairs);
}

static int compare_repeats(const void *left, const void *right)
{
    const rm_repeat *a = left, *b = right;
    if (a->earlier != b->earlier)
        return a->earlier < b->earlier ? -1 : 1;
    return (a->later > b->later) - (a->later < b->later);
}

/* Those of the close pairs whose days between lie in the band, moved to the front of *out. */
static int64_t keep_repeats(rm_repeat *out, const rm_events *events, const rm_strips *strips,
                            const rm_close_pairs *close, const double time[2])
{
    int64_t found = 0;
    for (int64_t k = 0; k < close->begin[1]; k++) {
        int32_t i = close->pair[k][0], j = close->pair[k][1];
        int32_t a = strips->id[i], b = strips->id[j];
        int64_t between = (int64_t)events->day[b] - events->day[a];
        if (between < 0 || (between == 0 && b < a)) {
            int32_t kept = a;
            a = b;
            b = kept;
            between = -between;
        }
        if ((double)between >= time[0] && (double)between < time[1])
            out[found++] = (rm_repeat){a, b, rm_pair_distance(strips, i, j, events->metric)};
    }
    return found;
}

rm_status rm_repeats_list(rm_repeat **out, int64_t *count, const rm_events *events,
                          rm_knox_bands space, rm_knox_bands time, rm_error *err)
{
    rm_strips strips = {0};
    rm_close_pairs close = {NULL, NULL};
    rm_repeat *repeats = NULL;
    int64_t found = 0;
    RM_TRY(rm_bands_check(space, "distance", err));
    RM_TRY(rm_bands_check(time, "day", err));
    if (space.edge[1] == INFINITY)
        return rm_fail(err, RM_EINVAL,
                       "the distance band is open-ended, which would list all pairs");
    RM_TRY(rm_days_check(events, err));
    RM_TRY(rm_strips_new(&strips, events->x, events->y, events->count, space.edge[1], err));
    rm_status status =
        rm_close_pairs_list(&close, &strips, space.edge, 1, events->metric, 1, NULL, err);
    if (status == RM_OK)
        status = RM_NEW(&repeats, close.begin[1], err);
    if (status == RM_OK) {
        found = keep_repeats(repeats, events, &strips, &close, time.edge);
        if (found > 1)
            qsort(repeats, (size_t)found, sizeof *repeats, compare_repeats);
        *out = repeats;
        *count = found;
    }
    rm_close_pairs_clear(&close);
    rm_strips_clear(&strips);
    return status;
}
