#include "stats/pattern/pairs.h"

#include "stats/blocks.h"

#include <math.h>
#include <string.h>

enum { FEW = 12 };

typedef struct placed {
    double strip, x, y;
    int32_t id;
} placed;

static bool goes_before(const placed *a, const placed *b)
{
    if (a->strip != b->strip)
        return a->strip < b->strip;
    if (a->x != b->x)
        return a->x < b->x;
    if (a->y != b->y)
        return a->y < b->y;
    return a->id < b->id;
}

static void sort_few(placed *p, int64_t count)
{
    for (int64_t i = 1; i < count; i++) {
        placed moved = p[i];
        int64_t k = i;
        for (; k > 0 && goes_before(&moved, &p[k - 1]); k--)
            p[k] = p[k - 1];
        p[k] = moved;
    }
}

/* The halves of p, each in order, become one. */
static rm_status merge(placed *p, placed *spare, int64_t half, int64_t count,
                       const rm_asking *asking, rm_error *err)
{
    for (int64_t i = 0, end; i < half;) {
        RM_TRY(rm_next_block(&end, i, half, asking, err));
        memcpy(spare + i, p + i, (size_t)(end - i) * sizeof *p);
        i = end;
    }
    for (int64_t i = 0, j = half, k = 0, end; i < half;) {
        RM_TRY(rm_next_block(&end, k, count, asking, err));
        for (; k < end && i < half; k++)
            p[k] = j < count && goes_before(&p[j], &spare[i]) ? p[j++] : spare[i++];
    }
    return RM_OK;
}

/* Not qsort, which cannot be stopped. spare: room for half of them. */
static rm_status sort_placed(placed *p, placed *spare, int64_t count, const rm_asking *asking,
                             rm_error *err)
{
    static const rm_asking nobody = {NULL, 0, NULL};
    int64_t half = count / 2;
    if (count <= FEW) {
        sort_few(p, count);
        return RM_OK;
    }
    if (count <= RM_BLOCK)
        asking = &nobody; /* soon done */
    RM_TRY(sort_placed(p, spare, half, asking, err));
    RM_TRY(sort_placed(p + half, spare, count - half, asking, err));
    if (goes_before(&p[half - 1], &p[half]))
        return RM_OK;
    return merge(p, spare, half, count, asking, err);
}

rm_status rm_check_points(const double *x, const double *y, int64_t count, rm_error *err)
{
    if (count > INT32_MAX)
        return rm_fail(err, RM_ELIMIT, "there are %lld points; at most 2147483647",
                       (long long)count);
    for (int64_t i = 0; i < count; i++) {
        if (!(fabs(x[i]) <= 1e100 && fabs(y[i]) <= 1e100))
            return rm_fail_row(err, RM_EINVAL, i,
                               "a coordinate of row %lld is missing or not finite; leave the row "
                               "out",
                               (long long)i);
    }
    return RM_OK;
}

/* The strip of every point, as a number. A strip is a little higher than the reach, and there are
 * at most 2^30 of them: so two points within reach lie in the same strip or in adjacent ones,
 * whatever the division rounds to. */
static rm_status place(placed *points, const double *x, const double *y, int64_t count,
                       double reach, const rm_asking *asking, rm_error *err)
{
    double low = count ? y[0] : 0, high = low;
    for (int64_t i = 0; i < count; i++) {
        low = y[i] < low ? y[i] : low;
        high = y[i] > high ? y[i] : high;
    }
    double height = fmax(reach * (1 + 0x1p-20), (high - low) * 0x1p-30);
    for (int64_t i = 0, end; i < count;) {
        RM_TRY(rm_next_block(&end, i, count, asking, err));
        for (; i < end; i++)
            points[i] =
                (placed){height > 0 ? floor((y[i] - low) / height) : 0, x[i], y[i], (int32_t)i};
    }
    return RM_OK;
}

static rm_status fill(rm_strips *s, const placed *points, int64_t count, const rm_asking *asking,
                      rm_error *err)
{
    s->count = count;
    for (int64_t k = 0, end; k < count;) {
        RM_TRY(rm_next_block(&end, k, count, asking, err));
        for (; k < end; k++) {
            if (k == 0 || points[k].strip != points[k - 1].strip) {
                if (k > 0)
                    s->joined[s->strips - 1] = points[k].strip == points[k - 1].strip + 1;
                s->start[s->strips++] = k;
            }
            s->x[k] = points[k].x;
            s->y[k] = points[k].y;
            s->id[k] = points[k].id;
            s->strip[k] = s->strips - 1;
        }
    }
    s->start[s->strips] = count;
    if (s->strips > 0)
        s->joined[s->strips - 1] = false;
    return RM_OK;
}

static rm_status make_strips(rm_strips *s, placed **points, placed **spare, const double *x,
                             const double *y, int64_t count, const rm_asking *asking, rm_error *err)
{
    RM_TRY(RM_NEW(points, count, err));
    RM_TRY(RM_NEW(spare, count / 2, err));
    RM_TRY(RM_NEW(&s->x, count, err));
    RM_TRY(RM_NEW(&s->y, count, err));
    RM_TRY(RM_NEW(&s->id, count, err));
    RM_TRY(RM_NEW(&s->strip, count, err));
    RM_TRY(RM_NEW(&s->start, count + 1, err));
    RM_TRY(RM_NEW(&s->joined, count, err));
    RM_TRY(place(*points, x, y, count, s->reach, asking, err));
    RM_TRY(sort_placed(*points, *spare, count, asking, err));
    return fill(s, *points, count, asking, err);
}

rm_status rm_strips_new(rm_strips *out, const double *x, const double *y, int64_t count,
                        double reach, int worker, rm_progress *progress, rm_error *err)
{
    rm_strips s = {.reach = reach};
    rm_asking asking = {progress, worker, "sorting points"};
    placed *points = NULL, *spare = NULL;
    if (!(reach >= 0 && reach <= 1e100))
        return rm_fail(err, RM_EINVAL, "a distance is negative or not finite");
    RM_TRY(rm_check_points(x, y, count, err));
    rm_status status = make_strips(&s, &points, &spare, x, y, count, &asking, err);
    if (status == RM_OK)
        *out = s;
    else
        rm_strips_clear(&s);
    rm_release(points);
    rm_release(spare);
    return status;
}

void rm_strips_clear(rm_strips *strips)
{
    rm_release(strips->x);
    rm_release(strips->y);
    rm_release(strips->id);
    rm_release(strips->strip);
    rm_release(strips->start);
    rm_release(strips->joined);
    memset(strips, 0, sizeof *strips);
}

/* The first of begin..end whose x lies more than reach beyond that of the point (strict), or not
 * less than reach before it. Differences as the caller takes them, so that rounding cannot hide a
 * pair. */
static int64_t first_beyond(const rm_strips *s, int64_t begin, int64_t end, double x)
{
    while (begin < end) {
        int64_t middle = begin + (end - begin) / 2;
        if (s->x[middle] - x > s->reach)
            end = middle;
        else
            begin = middle + 1;
    }
    return begin;
}

static int64_t first_within(const rm_strips *s, int64_t begin, int64_t end, double x)
{
    while (begin < end) {
        int64_t middle = begin + (end - begin) / 2;
        if (x - s->x[middle] <= s->reach)
            end = middle;
        else
            begin = middle + 1;
    }
    return begin;
}

void rm_strips_after(int64_t range[2][2], const rm_strips *s, int64_t k)
{
    int32_t strip = s->strip[k];
    int64_t end = s->start[strip + 1];
    range[0][0] = k + 1;
    range[0][1] = first_beyond(s, k + 1, end, s->x[k]);
    range[1][0] = range[1][1] = end;
    if (s->joined[strip]) {
        range[1][0] = first_within(s, end, s->start[strip + 2], s->x[k]);
        range[1][1] = first_beyond(s, range[1][0], s->start[strip + 2], s->x[k]);
    }
}
