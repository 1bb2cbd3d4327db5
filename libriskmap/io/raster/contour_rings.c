#include "io/raster/contour_rings.h"

#include "base/sort.h"

#include <math.h>
#include <string.h>

enum { STEPS_A_TICK = 1 << 15 };

/* After every step of a loop that may be long. */
static rm_status tick(const rm_contour_rings *rings, int64_t step, rm_error *err)
{
    if (step % STEPS_A_TICK != 0)
        return RM_OK;
    return rm_progress_tick(rings->progress, RM_CONTOUR_MESSAGE, err);
}

static int64_t place_of(const rm_contour_rings *rings, int64_t key)
{
    uint64_t hash = (uint64_t)key * 0x9E3779B97F4A7C15u;
    int64_t place = (int64_t)(hash >> 20) & (rings->slots - 1);

    while (rings->slot[place] >= 0 && rings->point[rings->slot[place]].key != key)
        place = (place + 1) & (rings->slots - 1);
    return place;
}

/* New memory takes its time when it is first written. */
static rm_status empty_slots(rm_contour_rings *rings, rm_error *err)
{
    enum { SOME = 1 << 20 };
    for (int64_t s = 0; s < rings->slots; s += SOME) {
        int64_t some = rings->slots - s < SOME ? rings->slots - s : SOME;
        memset(rings->slot + s, 0xff, (size_t)some * sizeof *rings->slot);
        RM_TRY(rm_progress_tick(rings->progress, RM_CONTOUR_MESSAGE, err));
    }
    return RM_OK;
}

static rm_status make_slots(rm_contour_rings *rings, rm_error *err)
{
    rm_contour_rings grown = *rings;

    grown.slots = rings->slots ? 2 * rings->slots : 1024;
    RM_TRY(RM_NEW(&grown.slot, grown.slots, err));
    rm_status status = empty_slots(&grown, err);
    for (int64_t p = 0; p < rings->points && status == RM_OK; p++) {
        grown.slot[place_of(&grown, rings->point[p].key)] = (int32_t)p;
        status = tick(rings, p, err);
    }
    if (status != RM_OK) {
        rm_release(grown.slot);
        return status;
    }
    rm_release(rings->slot);
    rings->slot = grown.slot;
    rings->slots = grown.slots;
    return RM_OK;
}

static rm_status find_point(rm_contour_rings *rings, const rm_contour_point *wanted, int32_t *out,
                            rm_error *err)
{
    if (2 * rings->points >= rings->slots)
        RM_TRY(make_slots(rings, err));
    int64_t place = place_of(rings, wanted->key);
    if (rings->slot[place] < 0) {
        if (rings->points == INT32_MAX)
            return rm_fail(err, RM_ELIMIT, "a contour has more corners than fit one layer");
        RM_TRY(RM_GROW(&rings->point, &rings->point_capacity, rings->points + 1, err));
        RM_TRY(RM_GROW(&rings->next, &rings->next_capacity, rings->points + 1, err));
        rings->point[rings->points] = *wanted;
        rings->next[rings->points] = -1;
        rings->slot[place] = (int32_t)rings->points++;
    }
    *out = rings->slot[place];
    return RM_OK;
}

rm_status rm_contour_add(rm_contour_rings *rings, const rm_contour_point *from,
                         const rm_contour_point *to, int64_t row, int64_t column, rm_error *err)
{
    int64_t n = rings->segments;
    int32_t a = 0, b = 0;

    RM_TRY(find_point(rings, from, &a, err));
    RM_TRY(find_point(rings, to, &b, err));
    RM_TRY(RM_GROW(&rings->from, &rings->from_capacity, n + 1, err));
    RM_TRY(RM_GROW(&rings->square, &rings->square_capacity, n + 1, err));
    RM_TRY(RM_GROW(&rings->row, &rings->row_capacity, n + 1, err));
    rings->next[a] = b;
    rings->from[n] = a;
    rings->square[n] = (int32_t)column;
    rings->row[n] = (int32_t)row;
    rings->segments++;
    return RM_OK;
}

rm_status rm_contour_reset(rm_contour_rings *rings, rm_error *err)
{
    rings->points = 0;
    rings->segments = 0;
    return empty_slots(rings, err);
}

void rm_contour_clear(rm_contour_rings *rings)
{
    rm_release(rings->point);
    rm_release(rings->next);
    rm_release(rings->slot);
    rm_release(rings->from);
    rm_release(rings->square);
    rm_release(rings->row);
    memset(rings, 0, sizeof *rings);
}

typedef struct ring {
    double area;     /* twice; below 0: a hole */
    double west;     /* of its westernmost point */
    int64_t segment; /* one that starts or ends there and is not level */
    int32_t first;   /* a point of it */
    int32_t shell;   /* a shell's own number, or that of the shell around a hole */
} ring;

typedef struct assembly {
    const rm_contour_rings *in;
    int64_t done, told; /* steps along segments, and of those when it was last reported */
    int32_t *of;        /* [points] the ring of a point */
    ring *rings;
    int64_t count, capacity;
    int32_t *order; /* [count] rings: each shell with its holes behind it */
} assembly;

/* Every segment is passed four times: on the trace of its ring, for its west, and twice when it is
 * written. */
static rm_status go_on(assembly *a, int64_t steps, rm_error *err)
{
    a->done += steps;
    if (a->done - a->told < STEPS_A_TICK)
        return RM_OK;
    a->told = a->done;
    return rm_progress_report(a->in->progress, 0.25 * (double)a->done / (double)a->in->segments,
                              RM_CONTOUR_MESSAGE, err);
}

static rm_status trace(assembly *a, int32_t first, rm_error *err)
{
    const rm_contour_rings *in = a->in;
    const rm_contour_point *origin = &in->point[first];
    int32_t p = first, number = (int32_t)a->count;
    double area = 0.0;

    do {
        int32_t q = in->next[p];
        if (q < 0 || a->of[p] >= 0)
            return rm_fail(err, RM_EDATA, "a contour does not close");
        const rm_contour_point *u = &in->point[p], *v = &in->point[q];
        area += (u->x - origin->x) * (v->y - origin->y) - (v->x - origin->x) * (u->y - origin->y);
        a->of[p] = number;
        p = q;
        RM_TRY(go_on(a, 1, err));
    } while (p != first);
    RM_TRY(RM_GROW(&a->rings, &a->capacity, a->count + 1, err));
    a->rings[a->count++] = (ring){area, INFINITY, -1, first, area > 0.0 ? number : -1};
    return RM_OK;
}

/* The segment at the westernmost point of every ring. */
static rm_status find_west(assembly *a, rm_error *err)
{
    for (int64_t s = 0; s < a->in->segments; s++) {
        RM_TRY(go_on(a, 1, err));
        int32_t p = a->in->from[s];
        const rm_contour_point *u = &a->in->point[p], *v = &a->in->point[a->in->next[p]];
        ring *r = &a->rings[a->of[p]];
        double west = u->x < v->x ? u->x : v->x;
        if (u->y != v->y && west < r->west) {
            r->west = west;
            r->segment = s;
        }
    }
    return RM_OK;
}

/* Looks west from a point of a hole along its row of squares, just north or south of it: the
 * nearest line belongs to the ring around the same piece of what is above, or to a hole in it that
 * lies further west. */
static int32_t ring_to_west(const assembly *a, const ring *hole)
{
    const rm_contour_rings *in = a->in;
    int32_t self = a->of[in->from[hole->segment]];
    const rm_contour_point *u = &in->point[in->from[hole->segment]];
    const rm_contour_point *v = &in->point[in->next[in->from[hole->segment]]];
    if (v->x < u->x) {
        const rm_contour_point *swap = u;
        u = v;
        v = swap;
    }
    bool north = v->y > u->y; /* of u, in the square of this segment */
    int32_t row = in->row[hole->segment], found = -1, square = -1;
    double best = -INFINITY;
    int64_t s = hole->segment;

    while (s + 1 < in->segments && in->row[s + 1] == row &&
           in->square[s + 1] == in->square[hole->segment])
        s++;
    for (; s >= 0 && in->row[s] == row && (found < 0 || in->square[s] == square); s--) {
        const rm_contour_point *p = &in->point[in->from[s]], *q = &in->point[in->next[in->from[s]]];
        double low = p->y < q->y ? p->y : q->y, high = p->y < q->y ? q->y : p->y;
        bool across = north ? low <= u->y && u->y < high : low < u->y && u->y <= high;
        if (!across || a->of[in->from[s]] == self)
            continue;
        double x = p->x + (u->y - p->y) / (q->y - p->y) * (q->x - p->x);
        if (x < u->x && x > best) {
            best = x;
            found = a->of[in->from[s]];
            square = in->square[s];
        }
    }
    return found;
}

typedef struct westward {
    double west;
    int32_t ring;
} westward;

static int by_west(const void *a, const void *b)
{
    const westward *p = a, *q = b;
    if (p->west != q->west)
        return p->west < q->west ? -1 : 1;
    return p->ring < q->ring ? -1 : p->ring > q->ring;
}

/* From west to east, so that the ring in the west has its shell already. */
static rm_status find_shells(assembly *a, rm_error *err)
{
    westward *holes = NULL;
    int64_t count = 0;

    RM_TRY(RM_NEW(&holes, a->count, err));
    for (int64_t r = 0; r < a->count; r++)
        if (a->rings[r].shell < 0)
            holes[count++] = (westward){a->rings[r].west, (int32_t)r};
    rm_status status =
        rm_sort(holes, count, sizeof *holes, by_west, a->in->progress, 0, RM_CONTOUR_MESSAGE, err);
    for (int64_t h = 0; h < count && status == RM_OK; h++) {
        ring *hole = &a->rings[holes[h].ring];
        int32_t other = hole->segment >= 0 ? ring_to_west(a, hole) : -1;
        if (other < 0 || a->rings[other].shell < 0)
            status = rm_fail(err, RM_EDATA, "a hole of a contour lies in nothing");
        else
            hole->shell = a->rings[other].shell;
        if (status == RM_OK)
            status = tick(a->in, h, err);
    }
    rm_release(holes);
    return status;
}

/* Shells in the order they were met, each with its holes in theirs. */
static rm_status put_in_order(assembly *a, rm_error *err)
{
    int64_t *start = NULL;

    RM_TRY(RM_NEW(&a->order, a->count, err));
    RM_TRY(RM_NEW_ZERO(&start, a->count + 1, err));
    for (int64_t r = 0; r < a->count; r++)
        start[a->rings[r].shell + 1]++;
    for (int64_t r = 0; r < a->count; r++)
        start[r + 1] += start[r];
    for (int64_t r = 0; r < a->count; r++)
        if (a->rings[r].shell == r)
            a->order[start[r]++] = (int32_t)r;
    for (int64_t r = 0; r < a->count; r++)
        if (a->rings[r].shell != r)
            a->order[start[a->rings[r].shell]++] = (int32_t)r;
    rm_release(start);
    return RM_OK;
}

/* The corners of cells along a straight border say nothing. */
static bool is_needed(const rm_contour_point *before, const rm_contour_point *p,
                      const rm_contour_point *after)
{
    return !p->corner ||
           ((before->x != p->x || p->x != after->x) && (before->y != p->y || p->y != after->y));
}

/* The corners of a ring that are needed, to x and y where these are given; how many. */
static rm_status walk_ring(int64_t *count, assembly *a, int32_t first, double *x, double *y,
                           rm_error *err)
{
    const rm_contour_rings *in = a->in;
    int32_t before = first, p = in->next[first];
    int64_t needed = 0;

    do {
        int32_t after = in->next[p];
        if (is_needed(&in->point[before], &in->point[p], &in->point[after])) {
            if (x) {
                x[needed] = in->point[p].x;
                y[needed] = in->point[p].y;
            }
            needed++;
        }
        before = p;
        p = after;
        RM_TRY(go_on(a, 1, err));
    } while (before != first);
    *count = needed;
    return RM_OK;
}

static rm_status write_ring(rm_geometry *out, assembly *a, const ring *r, rm_error *err)
{
    int64_t count;

    RM_TRY(walk_ring(&count, a, r->first, NULL, NULL, err));
    RM_TRY(rm_geometry_open_ring(out, count + 1, err));
    double *x = out->x + out->points - count - 1, *y = out->y + out->points - count - 1;
    RM_TRY(walk_ring(&count, a, r->first, x, y, err));
    x[count] = x[0];
    y[count] = y[0];
    return RM_OK;
}

static rm_status write_feature(rm_geometry *out, assembly *a, rm_error *err)
{
    RM_TRY(rm_geometry_add_feature(out, a->count ? RM_KIND_POLYGON : RM_KIND_NONE, err));
    for (int64_t i = 0; i < a->count; i++) {
        const ring *r = &a->rings[a->order[i]];
        if (r->shell == a->order[i])
            RM_TRY(rm_geometry_add_part(out, err));
        RM_TRY(write_ring(out, a, r, err));
    }
    return RM_OK;
}

static rm_status assemble(rm_geometry *out, assembly *a, rm_error *err)
{
    RM_TRY(RM_NEW(&a->of, a->in->points, err));
    for (int64_t p = 0; p < a->in->points; p++) {
        a->of[p] = -1;
        RM_TRY(tick(a->in, p, err));
    }
    for (int64_t s = 0; s < a->in->segments; s++)
        if (a->of[a->in->from[s]] < 0)
            RM_TRY(trace(a, a->in->from[s], err));
    RM_TRY(find_west(a, err));
    RM_TRY(find_shells(a, err));
    RM_TRY(put_in_order(a, err));
    return write_feature(out, a, err);
}

rm_status rm_contour_finish(rm_geometry *out, const rm_contour_rings *rings, rm_error *err)
{
    assembly a = {.in = rings};
    rm_status status = assemble(out, &a, err);

    rm_release(a.of);
    rm_release(a.rings);
    rm_release(a.order);
    return status;
}
