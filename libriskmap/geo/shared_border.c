#include "geo/shared_border.h"

#include "geo/distance.h"

static bool is_same(double ax, double ay, double bx, double by)
{
    return ax == bx && ay == by;
}

static bool share_an_end(rm_segment s, rm_segment t)
{
    return is_same(s.ax, s.ay, t.ax, t.ay) || is_same(s.ax, s.ay, t.bx, t.by) ||
           is_same(s.bx, s.by, t.ax, t.ay) || is_same(s.bx, s.by, t.bx, t.by);
}

bool rm_segments_meet(rm_segment s, rm_segment t, double tolerance)
{
    return share_an_end(s, t) || rm_segment_distance2(s.ax, s.ay, s.bx, s.by, t.ax, t.ay, t.bx,
                                                      t.by) <= tolerance * tolerance;
}

/* Places along one segment. */
typedef struct places {
    double x[4], y[4];
    int count;
} places;

static void add_place(places *p, double x, double y)
{
    p->x[p->count] = x;
    p->y[p->count++] = y;
}

static double length_of(const places *p)
{
    double longest = 0.0;

    for (int i = 1; i < p->count; i++)
        for (int k = 0; k < i; k++) {
            double dx = p->x[i] - p->x[k], dy = p->y[i] - p->y[k];

            longest = rm_max(dx * dx + dy * dy, longest);
        }
    return sqrt(longest);
}

/* An end of one segment that is near to the other: a place on its own, and its foot on the other.
 * What lies on the other is its own foot, so that nothing is rounded where nothing need be. */
static void add_contact(places *own, places *other, double x, double y, rm_segment t,
                        double tolerance)
{
    double d2 = rm_point_segment_distance2(x, y, t.ax, t.ay, t.bx, t.by);

    if (!(d2 <= tolerance * tolerance))
        return;
    add_place(own, x, y);
    if (d2 == 0.0) {
        add_place(other, x, y);
        return;
    }
    double ux = t.bx - t.ax, uy = t.by - t.ay, length2 = ux * ux + uy * uy;
    double along = ux * (x - t.ax) + uy * (y - t.ay);
    if (!(along > 0.0))
        add_place(other, t.ax, t.ay);
    else if (!(along < length2))
        add_place(other, t.bx, t.by);
    else
        add_place(other, t.ax + along / length2 * ux, t.ay + along / length2 * uy);
}

double rm_segments_stretch(rm_segment s, rm_segment t, double tolerance)
{
    places on_s = {.count = 0}, on_t = {.count = 0};

    if ((is_same(s.ax, s.ay, t.ax, t.ay) && is_same(s.bx, s.by, t.bx, t.by)) ||
        (is_same(s.ax, s.ay, t.bx, t.by) && is_same(s.bx, s.by, t.ax, t.ay))) {
        add_place(&on_s, s.ax, s.ay);
        add_place(&on_s, s.bx, s.by);
        return length_of(&on_s);
    }
    add_contact(&on_s, &on_t, s.ax, s.ay, t, tolerance);
    add_contact(&on_s, &on_t, s.bx, s.by, t, tolerance);
    add_contact(&on_t, &on_s, t.ax, t.ay, s, tolerance);
    add_contact(&on_t, &on_s, t.bx, t.by, s, tolerance);
    return rm_max(length_of(&on_s), length_of(&on_t));
}
