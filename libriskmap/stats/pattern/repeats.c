#include "stats/pattern/repeats.h"

#include "stats/blocks.h"
#include "stats/pattern/knox_pairs.h"

#include <math.h>
#include <stdatomic.h>
#include <string.h>

enum { CHUNK = 512 };

typedef struct listing {
    const rm_events *events;
    rm_strips strips;
    int32_t *day; /* in the order of the strips */
    double from, until;
    int64_t from_days, until_days;
    int64_t *place;     /* [chunks] how many pairs, then where the next is written */
    int32_t (*pair)[2]; /* of rows; NULL while counting */
    int32_t (*spare)[2];
    double *distance;
    _Atomic int64_t counted;
    rm_progress *progress;
    const char *message;
} listing;

/* Days first: few pairs pass, and no root is taken of the others. */
static int64_t take_range(const listing *l, int64_t place, int64_t i, int64_t begin, int64_t end)
{
    for (int64_t j = begin; j < end; j++) {
        int64_t between = (int64_t)l->day[j] - l->day[i];
        int64_t days = between < 0 ? -between : between;
        if (days < l->from_days || days >= l->until_days)
            continue;
        double d = rm_pair_distance(&l->strips, i, j, l->events->metric);
        if (!(d >= l->from && d < l->until))
            continue;
        if (l->pair) {
            int32_t a = l->strips.id[i], b = l->strips.id[j];
            bool turned = between < 0 || (between == 0 && b < a);
            l->pair[place][turned] = a;
            l->pair[place][!turned] = b;
        }
        place++;
    }
    return place;
}

static rm_status take_chunk(void *context, int64_t begin, int64_t end, int worker, rm_error *err)
{
    listing *l = context;
    int64_t *place = &l->place[begin / CHUNK], tried = 0;
    for (int64_t i = begin; i < end; i++) {
        int64_t range[2][2];
        rm_strips_after(range, &l->strips, i);
        for (int part = 0; part < 2; part++) {
            *place = take_range(l, *place, i, range[part][0], range[part][1]);
            tried += range[part][1] - range[part][0];
        }
        if (tried > RM_PAIRS_A_TICK) {
            tried = 0;
            RM_TRY(rm_progress_check(l->progress, worker, l->message, err));
        }
    }
    if (!l->pair && atomic_fetch_add(&l->counted, *place) + *place > RM_MOST_PAIRS)
        return rm_fail(err, RM_ELIMIT,
                       "more than %d pairs lie within the bands; take smaller bands",
                       RM_MOST_PAIRS);
    return RM_OK;
}

static rm_status find(listing *l, const char *message, int threads, rm_error *err)
{
    l->message = message;
    return rm_parallel(l->strips.count, CHUNK, threads, take_chunk, l, l->progress, message, err);
}

/* Days are whole, so a real edge acts as the next whole number; no two are 2^33 apart. */
static int64_t whole_days(double edge)
{
    return edge < 0x1p33 ? (int64_t)ceil(edge) : INT64_C(1) << 33;
}

static rm_status take_days(listing *l, const rm_asking *asking, rm_error *err)
{
    RM_TRY(RM_NEW(&l->day, l->strips.count, err));
    for (int64_t k = 0, end; k < l->strips.count;) {
        RM_TRY(rm_next_block(&end, k, l->strips.count, asking, err));
        for (; k < end; k++)
            l->day[k] = l->events->day[l->strips.id[k]];
    }
    return RM_OK;
}

static rm_status count_pairs(listing *l, int64_t room, int threads, rm_error *err)
{
    const rm_asking asking = {l->progress, 0, "counting pairs"};
    const rm_events *e = l->events;
    int64_t chunks = (e->count + CHUNK - 1) / CHUNK;
    rm_progress_stage(l->progress, 0, 0.2);
    RM_TRY(rm_strips_new(&l->strips, e->x, e->y, e->count, l->until, 0, l->progress, err));
    RM_TRY(take_days(l, &asking, err));
    RM_TRY(RM_NEW_ZERO(&l->place, chunks, err));
    rm_progress_stage(l->progress, 0.2, room > 0 ? 0.5 : 1);
    return find(l, asking.message, threads, err);
}

static rm_status list_pairs(listing *l, int threads, rm_error *err)
{
    int64_t chunks = (l->events->count + CHUNK - 1) / CHUNK, total = 0;
    for (int64_t c = 0; c < chunks; c++) {
        int64_t here = l->place[c];
        l->place[c] = total;
        total += here;
    }
    RM_TRY(RM_NEW(&l->pair, total, err));
    rm_progress_stage(l->progress, 0.5, 0.8);
    return find(l, "listing pairs", threads, err);
}

/* next [rows + 1], zero: where the next pair of a row goes. */
static rm_status distribute(int32_t (*to)[2], int32_t (*from)[2], int64_t count, int which,
                            int64_t *next, int64_t rows, const rm_asking *asking, rm_error *err)
{
    for (int64_t k = 0, end; k < count;) {
        RM_TRY(rm_next_block(&end, k, count, asking, err));
        to[k][0] = 0; /* or all huge pages would be cleared in the first block that writes */
        for (; k < end; k++)
            next[from[k][which] + 1]++;
    }
    for (int64_t row = 0, end; row < rows;) {
        RM_TRY(rm_next_block(&end, row, rows, asking, err));
        for (; row < end; row++)
            next[row + 1] += next[row];
    }
    for (int64_t k = 0, end; k < count;) {
        RM_TRY(rm_next_block(&end, k, count, asking, err));
        for (; k < end; k++)
            memcpy(to[next[from[k][which]]++], from[k], sizeof *to);
    }
    return RM_OK;
}

/* Pairs in the order of one of their rows, and of that row in the order they had. */
static rm_status sort_by(int32_t (*to)[2], int32_t (*from)[2], int which, const listing *l,
                         rm_error *err)
{
    const rm_asking asking = {l->progress, 0, "sorting pairs"};
    int64_t *next = NULL;
    RM_TRY(RM_NEW_ZERO(&next, l->events->count + 1, err));
    rm_status status =
        distribute(to, from, l->counted, which, next, l->events->count, &asking, err);
    rm_release(next);
    return status;
}

/* By the later row, then by the earlier one: a time linear in pairs and rows. */
static rm_status sort_pairs(listing *l, rm_error *err)
{
    RM_TRY(RM_NEW(&l->spare, l->counted, err));
    rm_progress_stage(l->progress, 0.8, 1);
    RM_TRY(sort_by(l->spare, l->pair, 1, l, err));
    RM_TRY(sort_by(l->pair, l->spare, 0, l, err));
    rm_release(l->spare);
    l->spare = NULL;
    return RM_OK;
}

static rm_status measure(listing *l, int64_t count, rm_error *err)
{
    const rm_asking asking = {l->progress, 0, "measuring pairs"};
    const rm_events *e = l->events;
    RM_TRY(RM_NEW(&l->distance, count, err));
    for (int64_t k = 0, end; k < count;) {
        RM_TRY(rm_next_block(&end, k, count, &asking, err));
        for (; k < end; k++) {
            int32_t a = l->pair[k][0], b = l->pair[k][1];
            l->distance[k] = rm_distance(e->x[a] - e->x[b], e->y[a] - e->y[b], e->metric);
        }
    }
    return rm_progress_report(l->progress, 1, asking.message, err);
}

static rm_status list_all(listing *l, int64_t room, int threads, rm_error *err)
{
    RM_TRY(count_pairs(l, room, threads, err));
    if (room == 0)
        return RM_OK;
    RM_TRY(list_pairs(l, threads, err));
    RM_TRY(sort_pairs(l, err));
    return measure(l, l->counted < room ? l->counted : room, err);
}

rm_status rm_repeats_list(rm_repeats *out, const rm_events *events, rm_knox_bands space,
                          rm_knox_bands time, int64_t room, int threads, rm_progress *progress,
                          rm_error *err)
{
    listing l = {.events = events, .progress = progress};
    RM_TRY(rm_bands_check(space, "distance", err));
    RM_TRY(rm_bands_check(time, "day", err));
    if (space.edge[1] == INFINITY)
        return rm_fail(err, RM_EINVAL,
                       "the distance band is open-ended, which would list all pairs");
    RM_TRY(rm_days_check(events, err));
    l.from = space.edge[0];
    l.until = space.edge[1];
    l.from_days = whole_days(time.edge[0]);
    l.until_days = whole_days(time.edge[1]);
    rm_status status = list_all(&l, room, rm_threads(threads), err);
    rm_strips_clear(&l.strips);
    rm_release(l.day);
    rm_release(l.place);
    rm_release(l.spare);
    rm_repeats made = {l.counted, l.pair, l.distance};
    if (status == RM_OK)
        *out = made;
    else
        rm_repeats_clear(&made);
    return status;
}

void rm_repeats_clear(rm_repeats *repeats)
{
    rm_release(repeats->pair);
    rm_release(repeats->distance);
    memset(repeats, 0, sizeof *repeats);
}
