#include "stats/pattern/knox_pairs.h"

#include <math.h>
#include <stdatomic.h>
#include <string.h>

enum { CHUNK = 512 };

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
    rm_progress *progress;
    const char *message;
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
                   RM_MOST_PAIRS);
}

/* What no list will hold is not counted to the end. */
static rm_status take_chunk(void *context, int64_t begin, int64_t end, int worker, rm_error *err)
{
    listing *l = context;
    int64_t *place = l->place + begin / CHUNK * l->bands, tried = 0;
    for (int64_t i = begin; i < end; i++) {
        int64_t range[2][2];
        rm_strips_after(range, l->strips, i);
        take_range(l, place, i, range[0][0], range[0][1]);
        take_range(l, place, i, range[1][0], range[1][1]);
        tried += range[0][1] - range[0][0] + range[1][1] - range[1][0];
        if (tried > RM_PAIRS_A_TICK) {
            tried = 0;
            RM_TRY(rm_progress_check(l->progress, worker, l->message, err));
        }
    }
    if (!l->pair) {
        int64_t here = 0;
        for (int32_t band = 0; band < l->bands; band++)
            here += place[band];
        if (atomic_fetch_add(&l->counted, here) + here > RM_MOST_PAIRS)
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

static rm_status list(rm_close_pairs *out, listing *l, int threads, rm_error *err)
{
    int64_t count = l->strips->count, chunks = (count + CHUNK - 1) / CHUNK;
    RM_TRY(RM_NEW_ZERO(&l->place, chunks * l->bands, err));
    rm_stage whole = rm_progress_present(l->progress);
    rm_progress_part(l->progress, whole, 0, 0.5);
    l->message = "counting pairs";
    RM_TRY(rm_parallel(count, CHUNK, threads, take_chunk, l, l->progress, l->message, err));
    int64_t total = lay_out(l, out->begin, chunks);
    RM_TRY(RM_NEW(&l->pair, total, err));
    out->pair = l->pair;
    rm_progress_part(l->progress, whole, 0.5, 1);
    l->message = "listing pairs";
    return rm_parallel(count, CHUNK, threads, take_chunk, l, l->progress, l->message, err);
}

rm_status rm_close_pairs_list(rm_close_pairs *out, const rm_strips *strips, const double *edge,
                              int32_t bands, int32_t metric, int threads, rm_progress *progress,
                              rm_error *err)
{
    rm_close_pairs made = {NULL, NULL};
    listing l = {
        .strips = strips, .edge = edge, .bands = bands, .metric = metric, .progress = progress};
    RM_TRY(RM_NEW_ZERO(&made.begin, bands + 1, err));
    rm_status status = bands > 0 ? list(&made, &l, threads, err) : RM_OK;
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
