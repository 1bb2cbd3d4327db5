#include "stats/pattern/pairs.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct placed {
    double strip, x, y;
    int32_t id;
} placed;

static int compare_numbers(double a, double b)
{
    return (a > b) - (a < b);
}

static int compare_placed(const void *left, const void *right)
{
    const placed *a = left, *b = right;
    int order = compare_numbers(a->strip, b->strip);
    if (order == 0)
        order = compare_numbers(a->x, b->x);
    if (order == 0)
        order = compare_numbers(a->y, b->y);
    return order != 0 ? order : (a->id > b->id) - (a->id < b->id);
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
static void place(placed *points, const double *x, const double *y, int64_t count, double reach)
{
    double low = count ? y[0] : 0, high = low;
    for (int64_t i = 0; i < count; i++) {
        low = y[i] < low ? y[i] : low;
        high = y[i] > high ? y[i] : high;
    }
    double height = fmax(reach * (1 + 0x1p-20), (high - low) * 0x1p-30);
    for (int64_t i = 0; i < count; i++)
        points[i] = (placed){height > 0 ? floor((y[i] - low) / height) : 0, x[i], y[i], (int32_t)i};
}

static void fill(rm_strips *s, const placed *points, int64_t count)
{
    s->count = count;
    for (int64_t k = 0; k < count; k++) {
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
    s->start[s->strips] = count;
    if (s->strips > 0)
        s->joined[s->strips - 1] = false;
}

rm_status rm_strips_new(rm_strips *out, const double *x, const double *y, int64_t count,
                        double reach, rm_error *err)
{
    rm_strips s = {.reach = reach};
    placed *points = NULL;
    if (!(reach >= 0 && reach <= 1e100))
        return rm_fail(err, RM_EINVAL, "a distance is negative or not finite");
    RM_TRY(rm_check_points(x, y, count, err));
    rm_status status = RM_NEW(&points, count, err);
    if (status == RM_OK)
        status = RM_NEW(&s.x, count, err);
    if (status == RM_OK)
        status = RM_NEW(&s.y, count, err);
    if (status == RM_OK)
        status = RM_NEW(&s.id, count, err);
    if (status == RM_OK)
        status = RM_NEW(&s.strip, count, err);
    if (status == RM_OK)
        status = RM_NEW(&s.start, count + 1, err);
    if (status == RM_OK)
        status = RM_NEW(&s.joined, count, err);
    if (status == RM_OK) {
        place(points, x, y, count, reach);
        if (count > 1)
            qsort(points, (size_t)count, sizeof *points, compare_placed);
        fill(&s, points, count);
        *out = s;
    } else {
        rm_strips_clear(&s);
    }
    rm_release(points);
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
