#include "data/geometry.h"

#include "base/parallel.h"

#include <math.h>
#include <string.h>

static const double max_gap = 0.001;

/* Two arrays that share one capacity: it only counts once both have grown. */
static rm_status grow_points(rm_geometry *g, int64_t need, rm_error *err)
{
    if (need <= g->points_capacity)
        return RM_OK;
    if (need > INT32_MAX)
        return rm_fail(err, RM_ELIMIT, "geometry: more than %d coordinates; split the layer",
                       INT32_MAX);
    int64_t x_capacity = g->points_capacity, y_capacity = g->points_capacity;
    RM_TRY(RM_GROW(&g->x, &x_capacity, need, err));
    RM_TRY(RM_GROW(&g->y, &y_capacity, need, err));
    g->points_capacity = x_capacity < y_capacity ? x_capacity : y_capacity;
    return RM_OK;
}

static rm_status grow_features(rm_geometry *g, int64_t need, rm_error *err)
{
    if (need < g->features_capacity)
        return RM_OK;
    int64_t kind_capacity = g->features_capacity, part_capacity = g->features_capacity;
    RM_TRY(RM_GROW(&g->kind, &kind_capacity, need + 1, err));
    RM_TRY(RM_GROW(&g->feature_part, &part_capacity, need + 1, err));
    g->features_capacity = kind_capacity < part_capacity ? kind_capacity : part_capacity;
    g->feature_part[0] = 0;
    return RM_OK;
}

/* Room for `need` runs and the end of the last one. */
static rm_status grow_runs(int32_t **offsets, int64_t *capacity, int64_t need, rm_error *err)
{
    if (need < *capacity)
        return RM_OK;
    if (need > INT32_MAX)
        return rm_fail(err, RM_ELIMIT, "geometry: more than %d parts or rings; split the layer",
                       INT32_MAX);
    RM_TRY(RM_GROW(offsets, capacity, need + 1, err));
    (*offsets)[0] = 0;
    return RM_OK;
}

rm_status rm_geometry_reserve(rm_geometry *g, int64_t features, int64_t points, rm_error *err)
{
    RM_TRY(grow_features(g, g->features + features, err));
    RM_TRY(grow_runs(&g->part_ring, &g->parts_capacity, g->parts + features, err));
    RM_TRY(grow_runs(&g->ring_point, &g->rings_capacity, g->rings + features, err));
    return grow_points(g, g->points + points, err);
}

rm_status rm_geometry_add_feature(rm_geometry *g, rm_kind kind, rm_error *err)
{
    RM_TRY(grow_features(g, g->features + 1, err));
    g->kind[g->features] = RM_KIND_NONE;
    g->features++;
    g->feature_part[g->features] = (int32_t)g->parts;
    g->open_kind = (uint8_t)kind;
    return RM_OK;
}

rm_status rm_geometry_add_part(rm_geometry *g, rm_error *err)
{
    RM_TRY(grow_runs(&g->part_ring, &g->parts_capacity, g->parts + 1, err));
    if (g->open_kind != RM_KIND_POINT || g->kind[g->features - 1] != RM_KIND_NONE)
        g->not_points = true;
    g->kind[g->features - 1] = g->open_kind;
    g->parts++;
    g->part_ring[g->parts] = (int32_t)g->rings;
    g->feature_part[g->features] = (int32_t)g->parts;
    return RM_OK;
}

rm_status rm_geometry_open_ring(rm_geometry *g, int64_t count, rm_error *err)
{
    RM_TRY(grow_runs(&g->ring_point, &g->rings_capacity, g->rings + 1, err));
    RM_TRY(grow_points(g, g->points + count, err));
    if (count != 1 || g->part_ring[g->parts - 1] != g->rings)
        g->not_points = true;
    g->rings++;
    g->points += count;
    g->ring_point[g->rings] = (int32_t)g->points;
    g->part_ring[g->parts] = (int32_t)g->rings;
    return RM_OK;
}

rm_status rm_geometry_add_ring(rm_geometry *g, const double *x, const double *y, int64_t count,
                               rm_error *err)
{
    RM_TRY(rm_geometry_open_ring(g, count, err));
    if (count > 0) {
        memcpy(g->x + g->points - count, x, (size_t)count * sizeof *x);
        memcpy(g->y + g->points - count, y, (size_t)count * sizeof *y);
    }
    return RM_OK;
}

rm_status rm_geometry_add_point(rm_geometry *g, double x, double y, rm_error *err)
{
    if (g->features + 1 >= g->features_capacity || g->parts + 1 >= g->parts_capacity ||
        g->rings + 1 >= g->rings_capacity || g->points >= g->points_capacity)
        RM_TRY(rm_geometry_reserve(g, 1, 1, err));
    g->x[g->points] = x;
    g->y[g->points] = y;
    g->kind[g->features] = RM_KIND_POINT;
    g->ring_point[++g->rings] = (int32_t)++g->points;
    g->part_ring[++g->parts] = (int32_t)g->rings;
    g->feature_part[++g->features] = (int32_t)g->parts;
    g->open_kind = RM_KIND_POINT;
    return RM_OK;
}

/* Copies the ends of `count` runs behind run `last`; run `from_last` begins them. */
static void copy_ends(int32_t *to, int64_t last, const int32_t *from, int64_t from_last,
                      int64_t count, int64_t shift)
{
    for (int64_t i = 1; i <= count; i++)
        to[last + i] = (int32_t)(from[from_last + i] + shift);
}

/* A place in the arrays of a geometry, or how much of each. */
typedef struct span {
    int64_t features, parts, rings, points;
} span;

static span end_of(const rm_geometry *g)
{
    return (span){g->features, g->parts, g->rings, g->points};
}

/* What `count` features of a geometry hold, from *start on. */
static span span_of(const rm_geometry *g, int64_t feature, int64_t count, span *start)
{
    int64_t part = g->feature_part[feature], part_end = g->feature_part[feature + count];
    *start = (span){feature, part, 0, 0};
    span size = {count, part_end - part, 0, 0};
    if (part == part_end)
        return size;
    start->rings = g->part_ring[part];
    size.rings = g->part_ring[part_end] - start->rings;
    if (size.rings > 0) {
        start->points = g->ring_point[start->rings];
        size.points = g->ring_point[start->rings + size.rings] - start->points;
    }
    return size;
}

static rm_status make_room(rm_geometry *g, span size, rm_error *err)
{
    RM_TRY(grow_features(g, g->features + size.features, err));
    RM_TRY(grow_runs(&g->part_ring, &g->parts_capacity, g->parts + size.parts, err));
    RM_TRY(grow_runs(&g->ring_point, &g->rings_capacity, g->rings + size.rings, err));
    return grow_points(g, g->points + size.points, err);
}

/* There is room. */
static void put_features(rm_geometry *g, span at, const rm_geometry *from, span start, span size)
{
    if (size.points > 0) {
        memcpy(g->x + at.points, from->x + start.points, (size_t)size.points * sizeof *g->x);
        memcpy(g->y + at.points, from->y + start.points, (size_t)size.points * sizeof *g->y);
    }
    copy_ends(g->ring_point, at.rings, from->ring_point, start.rings, size.rings,
              at.points - start.points);
    copy_ends(g->part_ring, at.parts, from->part_ring, start.parts, size.parts,
              at.rings - start.rings);
    copy_ends(g->feature_part, at.features, from->feature_part, start.features, size.features,
              at.parts - start.parts);
    memcpy(g->kind + at.features, from->kind + start.features, (size_t)size.features);
}

static void advance(span *at, span size)
{
    at->features += size.features;
    at->parts += size.parts;
    at->rings += size.rings;
    at->points += size.points;
}

static void set_end(rm_geometry *g, span end)
{
    g->features = end.features;
    g->parts = end.parts;
    g->rings = end.rings;
    g->points = end.points;
}

/* Copies `count` features with all they hold. The pointers of `from` are read after the last
 * allocation, because it may be the same geometry. */
static rm_status copy_features(rm_geometry *g, const rm_geometry *from, int64_t feature,
                               int64_t count, rm_error *err)
{
    span start, end = end_of(g), size = span_of(from, feature, count, &start);
    RM_TRY(make_room(g, size, err));
    put_features(g, end, from, start, size);
    advance(&end, size);
    set_end(g, end);
    return RM_OK;
}

rm_status rm_geometry_add_copy(rm_geometry *g, const rm_geometry *from, int64_t feature,
                               rm_error *err)
{
    if (from->kind[feature] == RM_KIND_NONE)
        return rm_geometry_add_feature(g, RM_KIND_NONE, err);
    RM_TRY(copy_features(g, from, feature, 1, err));
    int64_t part = from->feature_part[feature];
    int64_t ring = from->part_ring[part];
    if (from->kind[feature] != RM_KIND_POINT || from->feature_part[feature + 1] - part != 1 ||
        from->part_ring[part + 1] - ring != 1 ||
        from->ring_point[ring + 1] - from->ring_point[ring] != 1)
        g->not_points = true;
    return RM_OK;
}

rm_status rm_geometry_add_all(rm_geometry *g, const rm_geometry *from, rm_error *err)
{
    if (from->features == 0)
        return RM_OK;
    RM_TRY(copy_features(g, from, 0, from->features, err));
    g->not_points = g->not_points || from->not_points;
    return RM_OK;
}

typedef struct joining {
    rm_geometry *to;
    const rm_geometry *const *from;
    span *at; /* [geometries] where each goes */
} joining;

static rm_status join_some(void *context, int64_t begin, int64_t end, int worker, rm_error *err)
{
    const joining *j = context;
    (void)worker;
    (void)err;
    for (int64_t i = begin; i < end; i++) {
        span start;
        if (j->from[i]->features > 0) {
            span size = span_of(j->from[i], 0, j->from[i]->features, &start);
            put_features(j->to, j->at[i], j->from[i], start, size);
        }
    }
    return RM_OK;
}

rm_status rm_geometry_add_many(rm_geometry *g, const rm_geometry *const *from, int64_t count,
                               int threads, rm_error *err)
{
    joining j = {g, from, NULL};
    span all = {0}, end = end_of(g), start;
    bool not_points = g->not_points;
    RM_TRY(RM_NEW(&j.at, count, err));
    for (int64_t i = 0; i < count; i++) {
        span size =
            from[i]->features > 0 ? span_of(from[i], 0, from[i]->features, &start) : (span){0};
        j.at[i] = end;
        advance(&end, size);
        advance(&all, size);
        not_points = not_points || from[i]->not_points;
    }
    rm_status status = all.features > 0 ? make_room(g, all, err) : RM_OK;
    if (status == RM_OK)
        status = rm_parallel(count, 1, threads, join_some, &j, NULL, NULL, err);
    if (status == RM_OK) {
        set_end(g, end);
        g->not_points = not_points;
    }
    rm_release(j.at);
    return status;
}

/* The run of coordinates of a whole feature. */
static int64_t feature_points(const rm_geometry *g, int64_t feature, int64_t *end)
{
    int32_t part = g->feature_part[feature], part_end = g->feature_part[feature + 1];
    *end = 0;
    if (g->kind[feature] == RM_KIND_NONE || part == part_end)
        return 0;
    *end = g->ring_point[g->part_ring[part_end]];
    return g->ring_point[g->part_ring[part]];
}

rm_box rm_geometry_box(const rm_geometry *g, int64_t feature)
{
    int64_t end;
    int64_t i = feature_points(g, feature, &end);
    if (i >= end)
        return RM_BOX_EMPTY;
    rm_box box = {g->x[i], g->y[i], g->x[i], g->y[i]};
    for (i++; i < end; i++) {
        double x = g->x[i], y = g->y[i];
        box.xmin = x < box.xmin ? x : box.xmin;
        box.xmax = x > box.xmax ? x : box.xmax;
        box.ymin = y < box.ymin ? y : box.ymin;
        box.ymax = y > box.ymax ? y : box.ymax;
    }
    return box;
}

rm_box rm_geometry_extent(const rm_geometry *g)
{
    rm_box extent = RM_BOX_EMPTY;
    bool any = false;
    for (int64_t feature = 0; feature < g->features; feature++) {
        rm_box box = rm_geometry_box(g, feature);
        if (rm_box_is_empty(box))
            continue;
        if (!any)
            extent = box;
        any = true;
        extent.xmin = box.xmin < extent.xmin ? box.xmin : extent.xmin;
        extent.xmax = box.xmax > extent.xmax ? box.xmax : extent.xmax;
        extent.ymin = box.ymin < extent.ymin ? box.ymin : extent.ymin;
        extent.ymax = box.ymax > extent.ymax ? box.ymax : extent.ymax;
    }
    return extent;
}

/* An unevaluated sum of two doubles, about 106 bits (Dekker 1971). */
typedef struct pair {
    double high, low;
} pair;

static pair add_double(pair sum, double value)
{
    double total = sum.high + value;
    double part = total - sum.high;
    sum.low += (sum.high - (total - part)) + (value - part);
    sum.high = total;
    return sum;
}

static pair add_product(pair sum, double a, double b)
{
    const double splitter = 134217729.0; /* 2^27 + 1 */
    double product = a * b;
    double a_big = splitter * a, b_big = splitter * b;
    double a_high = a_big - (a_big - a), b_high = b_big - (b_big - b);
    double a_low = a - a_high, b_low = b - b_high;
    double error = ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low;
    sum = add_double(sum, product);
    sum.low += error;
    return sum;
}

/* Twice the area, positive. Measured from the ring's first point the differences are exact for any
 * ring smaller than its distance to the origin of the CRS. */
static pair ring_double_area(const double *x, const double *y, int64_t count)
{
    pair sum = {0.0, 0.0};
    for (int64_t i = 1; i < count; i++) {
        double next = i + 1 < count ? y[i + 1] : y[0];
        sum = add_product(sum, x[i] - x[0], next - y[i - 1]);
    }
    if (sum.high + sum.low < 0.0)
        sum = (pair){-sum.high, -sum.low};
    return sum;
}

double rm_geometry_area(const rm_geometry *g, int64_t feature)
{
    if (g->kind[feature] != RM_KIND_POLYGON)
        return 0.0;
    pair total = {0.0, 0.0};
    for (int32_t part = g->feature_part[feature]; part < g->feature_part[feature + 1]; part++) {
        int32_t shell = g->part_ring[part];
        for (int32_t ring = shell; ring < g->part_ring[part + 1]; ring++) {
            int32_t first = g->ring_point[ring];
            pair area =
                ring_double_area(g->x + first, g->y + first, g->ring_point[ring + 1] - first);
            double sign = ring == shell ? 1.0 : -1.0;
            total = add_double(total, sign * area.high);
            total.low += sign * area.low;
        }
    }
    return (total.high + total.low) * 0.5;
}

/* Looks at one ring; *sound = false when the feature cannot be used. */
static rm_status close_ring(rm_geometry *g, int32_t ring, bool polygon, int64_t id,
                            rm_issues *issues, bool *sound, rm_error *err)
{
    int64_t first = g->ring_point[ring], last = g->ring_point[ring + 1] - 1;
    int64_t count = last - first + 1, least = polygon ? 4 : 2;
    if (count < least) {
        *sound = false;
        return rm_issues_add(issues, RM_ISSUE_TOO_FEW_POINTS, id, (double)count, (double)least,
                             NULL, err);
    }
    if (!polygon || (g->x[first] == g->x[last] && g->y[first] == g->y[last]))
        return RM_OK;
    double gap = hypot(g->x[last] - g->x[first], g->y[last] - g->y[first]);
    if (!(gap <= max_gap)) {
        *sound = false;
        return rm_issues_add(issues, RM_ISSUE_UNCLOSED, id, gap, 0.0, NULL, err);
    }
    RM_TRY(rm_issues_add(issues, RM_ISSUE_CLOSED, id, gap, 0.0, NULL, err));
    g->x[last] = g->x[first];
    g->y[last] = g->y[first];
    return RM_OK;
}

rm_status rm_geometry_close_rings(rm_geometry *g, const int64_t *ids, rm_issues *issues,
                                  rm_error *err)
{
    for (int64_t feature = 0; feature < g->features; feature++) {
        rm_kind kind = (rm_kind)g->kind[feature];
        if (kind != RM_KIND_LINE && kind != RM_KIND_POLYGON)
            continue;
        int32_t ring = g->part_ring[g->feature_part[feature]];
        int32_t end = g->part_ring[g->feature_part[feature + 1]];
        bool sound = true;
        for (; ring < end && sound; ring++)
            RM_TRY(close_ring(g, ring, kind == RM_KIND_POLYGON, ids[feature], issues, &sound, err));
        if (!sound)
            g->kind[feature] = RM_KIND_NONE;
    }
    return RM_OK;
}

void rm_geometry_reset(rm_geometry *g)
{
    g->features = g->parts = g->rings = g->points = 0;
    g->open_kind = RM_KIND_NONE;
    g->not_points = false;
}

void rm_geometry_clear(rm_geometry *g)
{
    rm_release(g->kind);
    rm_release(g->feature_part);
    rm_release(g->part_ring);
    rm_release(g->ring_point);
    rm_release(g->x);
    rm_release(g->y);
    *g = (rm_geometry){0};
}
