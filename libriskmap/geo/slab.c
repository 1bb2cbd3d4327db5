#include "geo/slab.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { RUN = 24 }; /* events that are sorted by insertion */

void rm_slab_clear(rm_slab *slab)
{
    rm_release(slab->edges);
    rm_release(slab->base);
    rm_release(slab->odd);
    rm_release(slab->events);
    rm_release(slab->cuts);
    rm_release(slab->active);
    rm_release(slab->turned);
    rm_release(slab->levels);
    *slab = (rm_slab){0};
}

void rm_slab_open(rm_slab *slab, rm_box window)
{
    slab->left = window.xmin;
    slab->bottom = window.ymin;
    slab->width = window.xmax - window.xmin;
    slab->height = window.ymax - window.ymin;
    slab->edge_count = 0;
    slab->level_count = 0;
    slab->owners = 0;
}

rm_status rm_slab_owner(rm_slab *slab, int64_t edges, rm_error *err)
{
    /* an edge leaves at most a piece of itself and a stretch of the left side */
    if (slab->edge_count + 2 * edges > slab->edges_capacity)
        RM_TRY(RM_GROW(&slab->edges, &slab->edges_capacity, slab->edge_count + 2 * edges, err));
    if (slab->keep_levels && slab->level_count + edges > slab->levels_capacity)
        RM_TRY(RM_GROW(&slab->levels, &slab->levels_capacity, slab->level_count + edges, err));
    if (slab->owners + 1 > slab->base_capacity)
        RM_TRY(RM_GROW(&slab->base, &slab->base_capacity, slab->owners + 1, err));
    slab->base[slab->owners++] = 0;
    return RM_OK;
}

void rm_slab_piece_add(rm_slab *slab, rm_piece piece)
{
    double slope = (piece.xb - piece.xa) / (piece.yb - piece.ya);
    rm_slab_edge *edge;

    if (!(piece.ya < piece.yb))
        return;
    edge = &slab->edges[slab->edge_count++];
    edge->xa = piece.xa;
    edge->ya = piece.ya;
    edge->xb = piece.xb;
    edge->yb = piece.yb;
    edge->slope = isfinite(slope) ? slope : 0.0; /* of no height to speak of */
    edge->owner = slab->owners - 1;
}

int64_t rm_slab_take(const rm_slab *slab, rm_piece *out)
{
    for (int64_t i = 0; out && i < slab->edge_count; i++) {
        const rm_slab_edge *edge = &slab->edges[i];

        out[i] = (rm_piece){edge->xa, edge->ya, edge->xb, edge->yb};
    }
    if (out && slab->level_count > 0)
        memcpy(out + slab->edge_count, slab->levels,
               (size_t)slab->level_count * sizeof *slab->levels);
    return slab->edge_count + slab->level_count;
}

static double clamp(double value, double high)
{
    return value < 0.0 ? 0.0 : value > high ? high : value;
}

/* What is level, or has become so by rounding, still joins its neighbours. */
static void add_level(rm_slab *slab, double x0, double x1, double y)
{
    if (slab->keep_levels && y > 0.0 && y < slab->height)
        slab->levels[slab->level_count++] =
            (rm_piece){clamp(x0, slab->width), y, clamp(x1, slab->width), y};
}

/* The height at which an edge with x0 and x1 on different sides of x passes it. */
static double height_at(double x0, double y0, double x1, double y1, double x)
{
    double y = y0 + (x - x0) / (x1 - x0) * (y1 - y0);

    return y < y0 ? y0 : y > y1 ? y1 : y;
}

static double x_within(double x0, double y0, double x1, double y1, double y, double width)
{
    double x = y == y0 ? x0 : y == y1 ? x1 : x0 + (y - y0) / (y1 - y0) * (x1 - x0);

    return clamp(x, width);
}

static void add_left_side(rm_slab *slab, double from)
{
    if (from < slab->height)
        rm_slab_piece_add(slab, (rm_piece){0.0, from, 0.0, slab->height});
}

/* An edge, upward and not level, that has a part at or right of the window's left side. Everything
 * hangs on one number, the height where it passes that side, so the parity of the corner, the
 * stretches of the left side and the piece itself cannot contradict one another. */
static void add_clipped(rm_slab *slab, double x0, double y0, double x1, double y1)
{
    double ya = y0 > 0.0 ? y0 : 0.0, yb = y1 < slab->height ? y1 : slab->height;

    if (x0 < 0.0) {
        double pass = height_at(x0, y0, x1, y1, 0.0);

        if (pass > 0.0) {
            slab->base[slab->owners - 1] ^= y0 <= 0.0;
            add_left_side(slab, pass);
        }
        ya = pass > ya ? pass : ya;
    } else if (x1 < 0.0) {
        double pass = height_at(x0, y0, x1, y1, 0.0);

        if (pass > 0.0)
            add_left_side(slab, pass);
        else
            slab->base[slab->owners - 1] ^= y0 <= 0.0;
        yb = pass < yb ? pass : yb;
    }
    if (x0 > slab->width) {
        double pass = height_at(x0, y0, x1, y1, slab->width);
        ya = pass > ya ? pass : ya;
    } else if (x1 > slab->width) {
        double pass = height_at(x0, y0, x1, y1, slab->width);
        yb = pass < yb ? pass : yb;
    }
    if (ya < yb)
        rm_slab_piece_add(slab, (rm_piece){x_within(x0, y0, x1, y1, ya, slab->width), ya,
                                           x_within(x0, y0, x1, y1, yb, slab->width), yb});
    else
        add_level(slab, x0, x1, ya);
}

static void add_flat(rm_slab *slab, double x0, double x1, double y)
{
    if ((x0 < 0.0) != (x1 < 0.0))
        add_left_side(slab, y);
    add_level(slab, x0, x1, y);
}

void rm_slab_edge_add(rm_slab *slab, double x0, double y0, double x1, double y1)
{
    x0 -= slab->left;
    x1 -= slab->left;
    y0 -= slab->bottom;
    y1 -= slab->bottom;
    if ((y0 <= 0.0 && y1 <= 0.0) || (y0 >= slab->height && y1 >= slab->height) ||
        (x0 > slab->width && x1 > slab->width))
        return;
    if (x0 < 0.0 && x1 < 0.0)
        slab->base[slab->owners - 1] ^= (y0 <= 0.0) != (y1 <= 0.0);
    else if (y0 < y1)
        add_clipped(slab, x0, y0, x1, y1);
    else if (y1 < y0)
        add_clipped(slab, x1, y1, x0, y0);
    else
        add_flat(slab, x0, x1, y0);
}

rm_status rm_slab_feature(rm_slab *slab, const rm_geometry *geometry, int64_t feature,
                          rm_error *err)
{
    int32_t ring = geometry->part_ring[geometry->feature_part[feature]];
    int32_t ring_end = geometry->part_ring[geometry->feature_part[feature + 1]];

    RM_TRY(rm_slab_owner(slab, geometry->ring_point[ring_end] - geometry->ring_point[ring], err));
    for (; ring < ring_end; ring++) {
        const double *x = geometry->x, *y = geometry->y;

        for (int32_t i = geometry->ring_point[ring]; i + 1 < geometry->ring_point[ring + 1]; i++)
            rm_slab_edge_add(slab, x[i], y[i], x[i + 1], y[i + 1]);
    }
    return RM_OK;
}

static void insert_events(rm_slab_event *events, int64_t count)
{
    for (int64_t i = 1; i < count; i++) {
        rm_slab_event event = events[i];
        int64_t j = i;

        for (; j > 0 && events[j - 1].height > event.height; j--)
            events[j] = events[j - 1];
        events[j] = event;
    }
}

static void merge_events(const rm_slab_event *a, int64_t a_count, const rm_slab_event *b,
                         int64_t b_count, rm_slab_event *out)
{
    while (a_count > 0 && b_count > 0) {
        bool from_b = b->height < a->height;

        *out++ = from_b ? *b : *a;
        a += !from_b;
        a_count -= !from_b;
        b += from_b;
        b_count -= from_b;
    }
    memcpy(out, a_count > 0 ? a : b, (size_t)(a_count + b_count) * sizeof *out);
}

/* Merge sort of events by height; spare has the same size. Returns where the result is. */
static rm_slab_event *sort_events(rm_slab_event *events, rm_slab_event *spare, int64_t count)
{
    for (int64_t i = 0; i < count; i += RUN)
        insert_events(events + i, count - i < RUN ? count - i : RUN);
    for (int64_t width = RUN; width < count; width *= 2) {
        for (int64_t i = 0; i < count; i += 2 * width) {
            int64_t first = count - i < width ? count - i : width;
            int64_t second = count - i - first < width ? count - i - first : width;

            merge_events(events + i, first, events + i + first, second, spare + i);
        }
        rm_slab_event *swap = events;
        events = spare;
        spare = swap;
    }
    return events;
}

/* From slab to slab the order hardly changes, so insertion is near linear. */
static void sort_active(rm_slab_active *active, int64_t count)
{
    for (int64_t i = 1; i < count; i++) {
        if (!(active[i - 1].middle > active[i].middle))
            continue;
        rm_slab_active item = active[i];
        int64_t j = i;

        for (; j > 0 && active[j - 1].middle > item.middle; j--)
            active[j] = active[j - 1];
        active[j] = item;
    }
}

/* The length of A inside the others along the middle of the slab: edges sorted by middle. What lies
 * between two different x is added on its own, so ties may come in any order. */
static double length_inside(rm_slab *slab)
{
    const rm_slab_active *active = slab->active;
    uint8_t *odd = slab->odd;
    int32_t depth = slab->base_depth;
    double length = 0.0, last = 0.0;

    memcpy(odd, slab->base, (size_t)slab->owners);
    for (int64_t i = 0; i < slab->active_count; i++) {
        int32_t owner = slab->edges[active[i].edge].owner;

        if (odd[0] && depth > 0)
            length += active[i].middle - last;
        last = active[i].middle;
        odd[owner] ^= 1;
        if (owner > 0)
            depth += odd[owner] ? 1 : -1;
    }
    if (odd[0] && depth > 0)
        length += slab->width - last;
    return length;
}

static bool has_crossing(const rm_slab *slab)
{
    for (int64_t i = 1; i < slab->active_count; i++) {
        const rm_slab_active *a = &slab->active[i - 1], *b = &slab->active[i];

        if (a->bottom > b->bottom || a->top > b->top)
            return true;
    }
    return false;
}

static int compare_cuts(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* The order by middle is close to that by bottom, so insertion is near linear. */
static void sort_by_bottom(rm_slab_active *active, int64_t count)
{
    for (int64_t i = 1; i < count; i++) {
        rm_slab_active item = active[i];
        int64_t j = i;

        for (; j > 0 && (active[j - 1].bottom > item.bottom ||
                         (active[j - 1].bottom == item.bottom && active[j - 1].top > item.top));
             j--)
            active[j] = active[j - 1];
        active[j] = item;
    }
}

/* The heights within low..high where active edges cross, sorted: every exchange while an order by
 * bottom turns into one by top is a pair that crosses. */
static rm_status find_cuts(rm_slab *slab, double low, double high, rm_error *err)
{
    int64_t count = slab->active_count, cuts = 0;

    RM_TRY(RM_GROW(&slab->turned, &slab->turned_capacity, count, err));
    rm_slab_active *turned = slab->turned;
    memcpy(turned, slab->active, (size_t)count * sizeof *turned);
    sort_by_bottom(turned, count);
    for (int64_t i = 1; i < count; i++) {
        rm_slab_active item = turned[i];
        int64_t j = i;

        for (; j > 0 && turned[j - 1].top > item.top; j--) {
            double before = item.bottom - turned[j - 1].bottom;
            double after = turned[j - 1].top - item.top;
            double cut = low + before / (before + after) * (high - low);

            turned[j] = turned[j - 1];
            if (!(cut > low && cut < high))
                continue;
            if (cuts == slab->cuts_capacity)
                RM_TRY(RM_GROW(&slab->cuts, &slab->cuts_capacity, cuts + 1, err));
            slab->cuts[cuts++] = cut;
        }
        turned[j] = item;
    }
    qsort(slab->cuts, (size_t)cuts, sizeof *slab->cuts, compare_cuts);
    slab->cut_count = cuts;
    return RM_OK;
}

/* A slab in which edges cross, cut at the crossings. */
static rm_status area_of_crossed(rm_slab *slab, double low, double high, double *m2, rm_error *err)
{
    double from = low, area = 0.0;

    RM_TRY(find_cuts(slab, low, high, err));
    for (int64_t c = 0; c <= slab->cut_count; c++) {
        double to = c < slab->cut_count ? slab->cuts[c] : high;

        if (to == from)
            continue;
        double part = (0.5 * (from + to) - low) / (high - low);

        for (int64_t i = 0; i < slab->active_count; i++) {
            rm_slab_active *item = &slab->active[i];
            item->middle = item->bottom + part * (item->top - item->bottom);
        }
        sort_active(slab->active, slab->active_count);
        area += length_inside(slab) * (to - from);
        from = to;
    }
    *m2 = area;
    return RM_OK;
}

/* Lets go of the edges that end at or below `low`. */
static void drop_ended(rm_slab *slab, double low)
{
    int64_t kept = 0;

    for (int64_t i = 0; i < slab->active_count; i++) {
        rm_slab_active item = slab->active[i];

        if (slab->edges[item.edge].yb <= low)
            continue;
        item.bottom = item.top;
        slab->active[kept++] = item;
    }
    slab->active_count = kept;
}

static void take_up(rm_slab *slab, int32_t edge)
{
    rm_slab_active *item = &slab->active[slab->active_count++];

    item->edge = edge;
    item->bottom = slab->edges[edge].xa;
}

static void measure_active(rm_slab *slab, double high)
{
    for (int64_t i = 0; i < slab->active_count; i++) {
        const rm_slab_edge *edge = &slab->edges[slab->active[i].edge];
        double top = edge->yb <= high ? edge->xb : edge->xa + (high - edge->ya) * edge->slope;

        slab->active[i].top = top;
        slab->active[i].middle = 0.5 * (slab->active[i].bottom + top);
    }
    sort_active(slab->active, slab->active_count);
}

static rm_status prepare(rm_slab *slab, const rm_slab_event **events, int64_t *count, rm_error *err)
{
    int64_t edges = slab->edge_count, size = 2 * edges + 2;

    RM_TRY(RM_GROW(&slab->events, &slab->events_capacity, 2 * size, err));
    RM_TRY(RM_GROW(&slab->active, &slab->active_capacity, edges, err));
    RM_TRY(RM_GROW(&slab->odd, &slab->odd_capacity, slab->owners, err));
    rm_slab_event *event = slab->events;
    *event++ = (rm_slab_event){0.0, -1};
    *event++ = (rm_slab_event){slab->height, -1};
    for (int64_t i = 0; i < edges; i++) {
        *event++ = (rm_slab_event){slab->edges[i].ya, (int32_t)i};
        *event++ = (rm_slab_event){slab->edges[i].yb, -1};
    }
    *events = sort_events(slab->events, slab->events + size, size);
    *count = size;
    slab->active_count = 0;
    slab->base_depth = slab->owners == 1; /* A alone: as if covered everywhere */
    for (int32_t i = 1; i < slab->owners; i++)
        slab->base_depth += slab->base[i];
    return RM_OK;
}

rm_status rm_slab_area(rm_slab *slab, double *m2, rm_error *err)
{
    const rm_slab_event *events;
    int64_t next = 0, count;
    double area = 0.0;

    if (!(slab->width > 0.0 && slab->height > 0.0) || slab->owners == 0) {
        *m2 = 0.0;
        return RM_OK;
    }
    RM_TRY(prepare(slab, &events, &count, err));
    for (;;) {
        double low = events[next].height;

        drop_ended(slab, low);
        for (; next < count && events[next].height == low; next++)
            if (events[next].edge >= 0)
                take_up(slab, events[next].edge);
        if (next == count)
            break;
        double high = events[next].height, part;
        measure_active(slab, high);
        if (has_crossing(slab)) {
            RM_TRY(area_of_crossed(slab, low, high, &part, err));
            area += part;
        } else {
            area += length_inside(slab) * (high - low);
        }
    }
    *m2 = area > 0.0 ? area : 0.0;
    return RM_OK;
}

double rm_slab_noise(rm_box window)
{
    double size = rm_max(rm_max(fabs(window.xmin), fabs(window.xmax)),
                         rm_max(fabs(window.ymin), fabs(window.ymax)));

    return 2.0 * DBL_EPSILON * size * ((window.xmax - window.xmin) + (window.ymax - window.ymin));
}
