/* What lies under the heat and over it. Coordinates are brought to pixels, cut to a little more
 * than the frame (cairo counts in 24 bits), and thinned to what can be seen. */
#include "output/picture/page.h"

#include <math.h>

enum {
    MARGIN = 32,           /* beyond the frame, where the ends of lines cannot be seen */
    POINTS_A_STROKE = 4096 /* cairo's time grows faster than the length of a path */
};

static const double NEAR = 0.5; /* pixels: points nearer than this to the last one are left out */

typedef struct dot {
    double x, y;
    bool begins; /* a line of its own */
} dot;

typedef struct pen {
    rm_page *page;
    rm_box frame; /* with its margin */
    dot *dots;
    int64_t count, capacity;
    dot *other; /* the second copy, for cutting along the other border */
    int64_t other_capacity;
    bool failed;
} pen;

static void add_dot(pen *p, double x, double y, bool begins)
{
    if (RM_GROW(&p->dots, &p->capacity, p->count + 1, NULL) != RM_OK)
        p->failed = true;
    else
        p->dots[p->count++] = (dot){x, y, begins};
}

static rm_box frame_of(const rm_page *page, double margin)
{
    return (rm_box){page->map.x - margin, page->map.y - margin,
                    page->map.x + page->map.width + margin,
                    page->map.y + page->map.height + margin};
}

/* The box of a ring in pixels. */
static rm_box ring_box(const rm_page *page, const rm_geometry *geometry, int32_t ring)
{
    rm_box box = {INFINITY, INFINITY, -INFINITY, -INFINITY};
    for (int32_t i = geometry->ring_point[ring]; i < geometry->ring_point[ring + 1]; i++) {
        box.xmin = rm_min(box.xmin, geometry->x[i]);
        box.xmax = rm_max(box.xmax, geometry->x[i]);
        box.ymin = rm_min(box.ymin, geometry->y[i]);
        box.ymax = rm_max(box.ymax, geometry->y[i]);
    }
    return (rm_box){rm_page_x(page, box.xmin), rm_page_y(page, box.ymax), rm_page_x(page, box.xmax),
                    rm_page_y(page, box.ymin)};
}

static bool within(rm_box outer, rm_box inner)
{
    return inner.xmin >= outer.xmin && inner.xmax <= outer.xmax && inner.ymin >= outer.ymin &&
           inner.ymax <= outer.ymax;
}

/* ---- lines ---- */

/* Narrows from..to (shares of a segment) to where start + share * delta <= limit. */
static bool cut_side(double delta, double room, double *from, double *to)
{
    if (delta == 0)
        return room >= 0;
    double at = room / delta;
    if (delta > 0)
        *to = rm_min(*to, at);
    else
        *from = rm_max(*from, at);
    return *from <= *to;
}

/* Liang and Barsky's cut of a segment to the frame. */
static bool cut_segment(rm_box box, dot *a, dot *b)
{
    double dx = b->x - a->x, dy = b->y - a->y, from = 0, to = 1;
    if (!cut_side(-dx, a->x - box.xmin, &from, &to) || !cut_side(dx, box.xmax - a->x, &from, &to) ||
        !cut_side(-dy, a->y - box.ymin, &from, &to) || !cut_side(dy, box.ymax - a->y, &from, &to))
        return false;
    dot start = *a;
    *a = (dot){start.x + from * dx, start.y + from * dy, from > 0};
    if (to < 1)
        *b = (dot){start.x + to * dx, start.y + to * dy, false};
    return true;
}

static bool is_near(const dot *a, double x, double y)
{
    return fabs(a->x - x) < NEAR && fabs(a->y - y) < NEAR;
}

static void add_line(pen *p, const rm_geometry *geometry, int32_t ring)
{
    rm_box box = ring_box(p->page, geometry, ring);
    if (!rm_box_touches(box, p->frame))
        return;
    bool whole = within(p->frame, box), begins = true;
    int32_t first = geometry->ring_point[ring], end = geometry->ring_point[ring + 1];
    dot last = {rm_page_x(p->page, geometry->x[first]), rm_page_y(p->page, geometry->y[first]),
                true};
    for (int32_t i = first + 1; i < end; i++) {
        dot next = {rm_page_x(p->page, geometry->x[i]), rm_page_y(p->page, geometry->y[i]), false};
        if (i < end - 1 && is_near(&last, next.x, next.y))
            continue;
        dot a = last, b = next;
        last = next;
        if (!whole && !cut_segment(p->frame, &a, &b)) {
            begins = true;
            continue;
        }
        if (begins || (!whole && a.begins))
            add_dot(p, a.x, a.y, true);
        add_dot(p, b.x, b.y, false);
        /* what left the frame comes back as a line of its own */
        begins = b.x != next.x || b.y != next.y;
    }
}

static double drawn_length(const pen *p)
{
    double length = 0;
    for (int64_t i = 1; i < p->count; i++)
        if (!p->dots[i].begins)
            length += hypot(p->dots[i].x - p->dots[i - 1].x, p->dots[i].y - p->dots[i - 1].y);
    return length;
}

static void stroke(const pen *p, rm_ink ink, double width)
{
    cairo_t *cairo = p->page->cairo;
    int64_t pending = 0;
    rm_page_ink(p->page, ink);
    cairo_set_line_width(cairo, width);
    /* where nobody sees the joint it need not cost anything */
    cairo_set_line_join(cairo, width < 2 ? CAIRO_LINE_JOIN_BEVEL : CAIRO_LINE_JOIN_ROUND);
    for (int64_t i = 0; i < p->count; i++) {
        const dot *d = &p->dots[i];
        if (d->begins && pending >= POINTS_A_STROKE) {
            cairo_stroke(cairo);
            pending = 0;
        }
        if (d->begins)
            cairo_move_to(cairo, d->x, d->y);
        else
            cairo_line_to(cairo, d->x, d->y);
        pending++;
    }
    cairo_stroke(cairo);
}

/* ---- areas ---- */

/* Which side of a border a dot is on, and where a segment crosses it. */
typedef struct border {
    double at;
    bool vertical, upper; /* x is compared; what lies above `at` is out */
} border;

static double beyond(border b, dot d)
{
    double value = (b.vertical ? d.x : d.y) - b.at;
    return b.upper ? value : -value;
}

static dot crossing(border b, dot a, dot c)
{
    double share = beyond(b, a) / (beyond(b, a) - beyond(b, c));
    dot cut = {a.x + share * (c.x - a.x), a.y + share * (c.y - a.y), false};
    if (b.vertical)
        cut.x = b.at;
    else
        cut.y = b.at;
    return cut;
}

/* Sutherland and Hodgman's cut of the ring in `dots` along one border. */
static void cut_ring(pen *p, border b)
{
    dot *from = p->dots;
    int64_t count = p->count, capacity = p->capacity;
    p->dots = p->other;
    p->capacity = p->other_capacity;
    p->count = 0;
    for (int64_t i = 0; i < count; i++) {
        dot here = from[i], before = from[i > 0 ? i - 1 : count - 1];
        bool in = beyond(b, here) <= 0;
        if (in != (beyond(b, before) <= 0)) {
            dot cut = crossing(b, before, here);
            add_dot(p, cut.x, cut.y, false);
        }
        if (in)
            add_dot(p, here.x, here.y, false);
    }
    p->other = from;
    p->other_capacity = capacity;
}

static double turning(const pen *p)
{
    double sum = 0;
    for (int64_t i = 0; i < p->count; i++) {
        const dot *a = &p->dots[i], *b = &p->dots[i + 1 < p->count ? i + 1 : 0];
        sum += (a->x - p->dots[0].x) * (b->y - p->dots[0].y) -
               (b->x - p->dots[0].x) * (a->y - p->dots[0].y);
    }
    return sum;
}

/* Shells turn one way and holes the other, so that areas that overlap fill what they cover. */
static void trace_ring(pen *p, bool hole)
{
    cairo_t *cairo = p->page->cairo;
    bool backwards = (turning(p) < 0) != hole;
    for (int64_t i = 0; i < p->count; i++) {
        const dot *d = &p->dots[backwards ? p->count - 1 - i : i];
        if (i == 0)
            cairo_move_to(cairo, d->x, d->y);
        else
            cairo_line_to(cairo, d->x, d->y);
    }
    cairo_close_path(cairo);
}

static int64_t add_area(pen *p, const rm_geometry *geometry, int32_t ring, bool hole)
{
    rm_box box = ring_box(p->page, geometry, ring);
    if (!rm_box_touches(box, p->frame))
        return 0;
    double width = box.xmax - box.xmin, height = box.ymax - box.ymin;
    if (width < 1 && height < 1) {
        /* a speck: many of them must still be as grey as they are dense */
        if (!hole)
            cairo_rectangle(p->page->cairo, box.xmin, box.ymin, width, height);
        return hole ? 0 : 4;
    }
    p->count = 0;
    for (int32_t i = geometry->ring_point[ring]; i < geometry->ring_point[ring + 1] - 1; i++) {
        double x = rm_page_x(p->page, geometry->x[i]), y = rm_page_y(p->page, geometry->y[i]);
        if (p->count == 0 || !is_near(&p->dots[p->count - 1], x, y))
            add_dot(p, x, y, false);
    }
    if (!within(p->frame, box)) {
        cut_ring(p, (border){p->frame.xmin, true, false});
        cut_ring(p, (border){p->frame.xmax, true, true});
        cut_ring(p, (border){p->frame.ymin, false, false});
        cut_ring(p, (border){p->frame.ymax, false, true});
    }
    if (p->count < 3)
        return 0;
    trace_ring(p, hole);
    return p->count;
}

static bool fill(pen *p, const rm_geometry *geometry, rm_ink ink)
{
    cairo_t *cairo = p->page->cairo;
    int64_t pending = 0;
    bool any = false;
    rm_page_ink(p->page, ink);
    cairo_set_fill_rule(cairo, CAIRO_FILL_RULE_WINDING);
    cairo_new_path(cairo);
    for (int64_t f = 0; f < geometry->features; f++) {
        if (geometry->kind[f] != RM_KIND_POLYGON)
            continue;
        for (int32_t q = geometry->feature_part[f]; q < geometry->feature_part[f + 1]; q++)
            for (int32_t r = geometry->part_ring[q]; r < geometry->part_ring[q + 1]; r++)
                pending += add_area(p, geometry, r, r > geometry->part_ring[q]);
        any |= pending > 0;
        if (pending >= POINTS_A_STROKE) {
            cairo_fill(cairo);
            pending = 0;
        }
    }
    cairo_fill(cairo);
    p->count = 0;
    return any;
}

/* ---- layers ---- */

static void collect_lines(pen *p, const rm_geometry *geometry, bool areas)
{
    for (int64_t f = 0; f < geometry->features; f++) {
        bool wanted =
            geometry->kind[f] == RM_KIND_LINE || (areas && geometry->kind[f] == RM_KIND_POLYGON);
        if (!wanted)
            continue;
        for (int32_t q = geometry->feature_part[f]; q < geometry->feature_part[f + 1]; q++)
            for (int32_t r = geometry->part_ring[q]; r < geometry->part_ring[q + 1]; r++)
                add_line(p, geometry, r);
    }
}

/* A net so dense that it would hide the heat is drawn thinner, down to a third. */
static double road_share(const pen *p, double width)
{
    double cover = drawn_length(p) * width / (p->page->map.width * p->page->map.height);
    return cover <= 0.12 ? 1 : fmax(0.35, 0.12 / cover);
}

static void draw_lines(pen *p, int32_t kind)
{
    double unit = fmax(p->page->unit, 0.6);
    if (kind == RM_CONTEXT_WATER) {
        stroke(p, RM_INK_WATER_LINE, 2.4 * unit);
    } else if (kind == RM_CONTEXT_ROAD) {
        double share = road_share(p, 3.4 * unit);
        if (share > 0.5)
            stroke(p, RM_INK_CASING, 3.4 * unit * share);
        rm_ink ink = RM_INK_ROAD;
        ink.alpha = fmin(1, 0.2 + share);
        stroke(p, ink, 1.7 * unit * share);
    } else if (kind == RM_CONTEXT_BOUNDARY) {
        stroke(p, RM_INK_CASING, 5.5 * unit);
        stroke(p, RM_INK_BOUNDARY, 2.2 * unit);
    }
}

/* All layers of one kind together, so that the casing of one road does not cross another. */
static rm_status draw_kind(rm_page *page, int32_t kind, rm_ink ink, rm_error *err)
{
    pen p = {.page = page, .frame = frame_of(page, MARGIN * fmax(1, page->unit))};
    const rm_picture *picture = page->picture;
    for (int32_t i = 0; i < picture->context_count; i++)
        if (picture->context[i].kind == kind && kind != RM_CONTEXT_BOUNDARY)
            page->drawn[kind] |= fill(&p, &picture->context[i].layer->rows.geometry, ink);
    p.count = 0;
    for (int32_t i = 0; i < picture->context_count; i++)
        if (picture->context[i].kind == kind && kind != RM_CONTEXT_BUILT)
            collect_lines(&p, &picture->context[i].layer->rows.geometry,
                          kind == RM_CONTEXT_BOUNDARY);
    page->drawn[kind] |= p.count > 0;
    draw_lines(&p, kind);
    rm_release(p.dots);
    rm_release(p.other);
    return p.failed ? rm_fail_memory(err) : RM_OK;
}

rm_status rm_page_context_below(rm_page *page, rm_error *err)
{
    RM_TRY(draw_kind(page, RM_CONTEXT_BUILT, RM_INK_BUILT, err));
    return draw_kind(page, RM_CONTEXT_WATER, RM_INK_WATER, err);
}

rm_status rm_page_context_above(rm_page *page, rm_error *err)
{
    RM_TRY(draw_kind(page, RM_CONTEXT_ROAD, RM_INK_ROAD, err));
    return draw_kind(page, RM_CONTEXT_BOUNDARY, RM_INK_BOUNDARY, err);
}
