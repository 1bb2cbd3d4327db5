/* Features that touch areas, and points and features within a distance of them. */
#include "geo/distance.h"
#include "geo/join_index.h"

enum { MAX_CELLS_ASKED = 64, SEGMENTS_AT_ONCE = 16, SMALL = 64 };

/* What is asked of each area that the tree finds. */
typedef struct search {
    const rm_join *join;
    const rm_geometry *evidence; /* NULL: points */
    const double *x, *y;
    int64_t row;
    double metres, metres2;
    rm_hits *hits;
    rm_status status;
    rm_error *err;
} search;

/* A box that surely holds everything within `metres` of the box, whatever the rounding. */
static rm_box widen(rm_box box, double metres)
{
    double size =
        rm_max(rm_max(fabs(box.xmin), fabs(box.xmax)), rm_max(fabs(box.ymin), fabs(box.ymax)));
    double reach = metres > 0.0 ? metres + 1e-15 * (size + metres) : 0.0;

    return (rm_box){box.xmin - reach, box.ymin - reach, box.xmax + reach, box.ymax + reach};
}

/* Segments of the evidence; a single point is one of length 0. */
typedef struct segment {
    double ax, ay, bx, by;
} segment;

/* Segment i of a run of coordinates with `edges` edges. */
static segment segment_at(const rm_geometry *g, int32_t i, int32_t edges)
{
    int32_t next = edges > 0 ? i + 1 : i;

    return (segment){g->x[i], g->y[i], g->x[next], g->y[next]};
}

static rm_box box_of(segment a)
{
    return rm_segment_box(a.ax, a.ay, a.bx, a.by);
}

static rm_box box_around(rm_box a, rm_box b)
{
    return (rm_box){rm_min(a.xmin, b.xmin), rm_min(a.ymin, b.ymin), rm_max(a.xmax, b.xmax),
                    rm_max(a.ymax, b.ymax)};
}

static bool segments_are_near(const search *s, segment a, segment b)
{
    if (s->metres2 == 0.0)
        return rm_segments_touch(a.ax, a.ay, a.bx, a.by, b.ax, b.ay, b.bx, b.by);
    return rm_segment_distance2(a.ax, a.ay, a.bx, a.by, b.ax, b.ay, b.bx, b.by) <= s->metres2;
}

/* Whether the outline of an area comes within reach of one of a few segments, which all lie in a
 * box. */
static bool outline_is_near(const search *s, int32_t area, const segment *segments, int32_t count,
                            rm_box box)
{
    const rm_join *join = s->join;
    rm_box wide = widen(box, s->metres);
    int32_t begin, end;

    if (!rm_box_touches(wide, join->boxes[area]))
        return false;
    rm_join_bands(join, area, rm_join_row(join, wide.ymin), rm_join_row(join, wide.ymax), &begin,
                  &end);
    for (int32_t k = join->band_run[begin]; k < join->band_run[end]; k++) {
        rm_edge_run run = join->runs[k];
        int32_t last = run.start + (run.count > 0 ? run.count : 1);

        for (int32_t i = run.start; i < last; i++) {
            segment edge = segment_at(join->areas, i, run.count);

            if (!rm_box_touches(wide, box_of(edge)))
                continue;
            for (int32_t j = 0; j < count; j++) {
                if (segments_are_near(s, segments[j], edge))
                    return true;
            }
        }
    }
    return false;
}

/* Whether one of a few coordinates lies within reach of the point. */
static bool any_is_near(const search *s, const double *x, const double *y, int32_t count, double px,
                        double py)
{
    for (int32_t i = 0; i < count; i++) {
        double dx = x[i] - px, dy = y[i] - py;

        if (dx * dx + dy * dy <= s->metres2)
            return true;
    }
    return false;
}

/* Whether the outline of an area comes within reach of the point. Most areas are one small ring,
 * and all of it is measured sooner than the edges at hand are looked up. */
static bool outline_is_near_point(const search *s, int32_t area, double x, double y)
{
    const rm_geometry *g = s->join->areas;
    int32_t part = g->feature_part[area], ring = g->part_ring[part];
    int32_t begin = g->ring_point[ring], edges = g->ring_point[ring + 1] - begin - 1;

    if (g->feature_part[area + 1] == part + 1 && g->part_ring[part + 1] == ring + 1 && edges > 0 &&
        edges <= SMALL)
        return any_is_near(s, g->x + begin, g->y + begin, edges, x, y) ||
               rm_point_path_distance2(x, y, g->x + begin, g->y + begin, edges) <= s->metres2;
    return outline_is_near(s, area, &(segment){x, y, x, y}, 1, (rm_box){x, y, x, y});
}

static bool area_holds(const rm_join *join, int32_t area, double x, double y)
{
    return join->areas->kind[area] == RM_KIND_POLYGON &&
           rm_join_side(join, area, x, y) != RM_OUTSIDE;
}

static bool add_hit(search *s, int32_t area)
{
    s->status = rm_hits_add(s->hits, area, s->row, s->err);
    return s->status == RM_OK;
}

static bool visit_for_point(void *context, int32_t area, bool whole)
{
    search *s = context;
    double x = s->x[s->row], y = s->y[s->row];

    if (!whole) {
        if (rm_box_distance2((rm_box){x, y, x, y}, s->join->boxes[area]) > s->metres2)
            return true;
        if (!outline_is_near_point(s, area, x, y) && !area_holds(s->join, area, x, y))
            return true;
    }
    return add_hit(s, area);
}

/* Whether the outlines come within reach of each other: a few segments at a time, which follow one
 * another and so lie in a small box. */
static bool outlines_are_near(const search *s, int32_t area)
{
    const rm_geometry *e = s->evidence;
    int32_t ring = e->part_ring[e->feature_part[s->row]];
    int32_t end = e->part_ring[e->feature_part[s->row + 1]];
    segment few[SEGMENTS_AT_ONCE];

    for (; ring < end; ring++) {
        int32_t begin = e->ring_point[ring], edges = e->ring_point[ring + 1] - begin - 1;
        int32_t last = begin + (edges > 0 ? edges : 1);

        for (int32_t i = begin; i < last;) {
            rm_box box = box_of(segment_at(e, i, edges));
            int32_t count = 0;

            for (; i < last && count < SEGMENTS_AT_ONCE; i++) {
                few[count] = segment_at(e, i, edges);
                box = box_around(box, box_of(few[count++]));
            }
            if (outline_is_near(s, area, few, count, box))
                return true;
        }
    }
    return false;
}

/* Whether the area holds the first coordinate of a part of the feature. */
static bool holds_part(const search *s, int32_t area)
{
    const rm_geometry *e = s->evidence;

    for (int32_t part = e->feature_part[s->row]; part < e->feature_part[s->row + 1]; part++) {
        int32_t point = e->ring_point[e->part_ring[part]];

        if (area_holds(s->join, area, e->x[point], e->y[point]))
            return true;
    }
    return false;
}

/* Whether the feature, a polygon, holds the first coordinate of a part of the area. */
static bool part_is_held(const search *s, int32_t area, rm_box feature_box)
{
    const rm_geometry *a = s->join->areas;

    if (s->evidence->kind[s->row] != RM_KIND_POLYGON)
        return false;
    for (int32_t part = a->feature_part[area]; part < a->feature_part[area + 1]; part++) {
        int32_t point = a->ring_point[a->part_ring[part]];
        double x = a->x[point], y = a->y[point];

        if (rm_box_touches(feature_box, (rm_box){x, y, x, y}) &&
            rm_point_in_polygon(s->evidence, s->row, x, y) != RM_OUTSIDE)
            return true;
    }
    return false;
}

static bool visit_for_feature(void *context, int32_t area)
{
    search *s = context;
    rm_box box = rm_geometry_box(s->evidence, s->row);

    if (rm_box_distance2(box, s->join->boxes[area]) > s->metres2)
        return true;
    if (holds_part(s, area) || outlines_are_near(s, area) || part_is_held(s, area, box))
        return add_hit(s, area);
    return true;
}

/* What the grid says of a box when all areas are polygons: RM_INSIDE of *area and no other,
 * RM_OUTSIDE of all areas, or RM_BORDER when it cannot tell. */
static rm_side ask_grid(const rm_join *join, rm_box box, int32_t *area)
{
    if (!rm_box_touches(box, join->extent))
        return RM_OUTSIDE;
    if (box.xmin < join->extent.xmin || box.xmax > join->extent.xmax ||
        box.ymin < join->extent.ymin || box.ymax > join->extent.ymax)
        return RM_BORDER;

    int32_t left = rm_join_column(join, box.xmin), right = rm_join_column(join, box.xmax);
    int32_t lower = rm_join_row(join, box.ymin), upper = rm_join_row(join, box.ymax);
    int32_t first = join->cells[(int64_t)lower * join->columns + left];
    if (first < 0 || (int64_t)(right - left + 1) * (upper - lower + 1) > MAX_CELLS_ASKED)
        return RM_BORDER;
    for (int64_t row = lower; row <= upper; row++) {
        for (int32_t column = left; column <= right; column++) {
            if (join->cells[row * join->columns + column] != first)
                return RM_BORDER;
        }
    }
    *area = first - 1;
    return first > 0 ? RM_INSIDE : RM_OUTSIDE;
}

static rm_status check_batch(int64_t count, double metres, rm_error *err)
{
    if (!(metres >= 0.0))
        return rm_fail(err, RM_EINVAL,
                       "the distance is negative or no number; give 0 metres or more");
    if (count > INT32_MAX)
        return rm_fail(err, RM_ELIMIT, "%lld rows in one batch, more than %d; use smaller batches",
                       (long long)count, INT32_MAX);
    return RM_OK;
}

rm_status rm_join_within(const rm_join *join, const double *x, const double *y, const uint8_t *skip,
                         int64_t count, double metres, rm_hits *hits, rm_error *err)
{
    search s = {.join = join,
                .x = x,
                .y = y,
                .metres = metres,
                .metres2 = metres * metres,
                .hits = hits,
                .status = RM_OK,
                .err = err};

    RM_TRY(check_batch(count, metres, err));
    for (s.row = 0; s.row < count && s.status == RM_OK; s.row++) {
        double px = x[s.row], py = y[s.row];

        if ((skip != NULL && skip[s.row]) || !isfinite(px) || !isfinite(py))
            continue;
        rm_rtree_within(join->tree, px, py, metres, visit_for_point, &s);
    }
    return s.status;
}

/* Points among points need no tree. */
static bool is_plain_points(const rm_join *join, const rm_geometry *evidence)
{
    if (!join->only_polygons || !rm_geometry_is_points(evidence))
        return false;
    for (int64_t i = 0; i < evidence->features; i++) {
        if (evidence->kind[i] != RM_KIND_POINT)
            return false;
    }
    return true;
}

rm_status rm_join_touching_within(const rm_join *join, const rm_geometry *evidence,
                                  const uint8_t *skip, double metres, rm_hits *hits, rm_error *err)
{
    search s = {.join = join,
                .evidence = evidence,
                .metres = metres,
                .metres2 = metres * metres,
                .hits = hits,
                .status = RM_OK,
                .err = err};

    RM_TRY(check_batch(evidence->features, metres, err));
    for (s.row = 0; s.row < evidence->features && s.status == RM_OK; s.row++) {
        if ((skip != NULL && skip[s.row]) || evidence->kind[s.row] == RM_KIND_NONE)
            continue;

        int32_t area = -1;
        rm_box wide = widen(rm_geometry_box(evidence, s.row), metres);
        rm_side side = RM_BORDER;
        if (metres == 0.0 && join->only_polygons)
            side = ask_grid(join, wide, &area);
        if (side == RM_INSIDE)
            (void)add_hit(&s, area);
        else if (side == RM_BORDER)
            rm_rtree_query(join->tree, wide, visit_for_feature, &s);
    }
    return s.status;
}

rm_status rm_join_touching(const rm_join *join, const rm_geometry *evidence, const uint8_t *skip,
                           rm_hits *hits, rm_error *err)
{
    if (is_plain_points(join, evidence))
        return rm_join_points(join, evidence->x, evidence->y, skip, evidence->features, hits, err);
    return rm_join_touching_within(join, evidence, skip, 0.0, hits, err);
}
