/* Placing rows that were read: transformed, checked against the area of use, held against an
 * extent. */
#include "io/crs.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static bool within(const rm_box *box, double x, double y)
{
    return x >= box->xmin && x <= box->xmax && y >= box->ymin && y <= box->ymax;
}

static void box_add(rm_box *box, double x, double y)
{
    if (!isfinite(x) || !isfinite(y))
        return;
    if (rm_box_is_empty(*box))
        *box = (rm_box){x, y, x, y};
    box->xmin = x < box->xmin ? x : box->xmin;
    box->xmax = x > box->xmax ? x : box->xmax;
    box->ymin = y < box->ymin ? y : box->ymin;
    box->ymax = y > box->ymax ? y : box->ymax;
}

/* The coordinates of a feature are one run. */
static void feature_run(const rm_geometry *g, int64_t feature, int64_t *begin, int64_t *end)
{
    int32_t part = g->feature_part[feature], part_end = g->feature_part[feature + 1];
    *begin = *end = 0;
    if (part < part_end) {
        *begin = g->ring_point[g->part_ring[part]];
        *end = g->ring_point[g->part_ring[part_end]];
    }
}

typedef struct placing {
    rm_rows *rows;
    const rm_box *use, *extent;
    const double *raw_x, *raw_y; /* NULL once something lay inside: the judge has its answer */
    uint8_t *keep;               /* NULL as long as every row stays */
    int64_t removed;
    rm_crs_seen *seen;
    rm_error *err;
} placing;

static rm_status reject(placing *p, int64_t row, rm_issue_code code, int64_t begin, int64_t end)
{
    rm_rows *rows = p->rows;
    rows->geometry.kind[row] = RM_KIND_NONE;
    p->seen->missed++;
    for (int64_t i = begin; p->raw_x && i < end; i++)
        box_add(&p->seen->raw, p->raw_x[i], p->raw_y[i]);
    return rm_issues_add(&rows->issues, code, rows->ids[row], 0, 0, NULL, p->err);
}

static rm_status remove_row(placing *p, int64_t row)
{
    if (!p->keep) {
        RM_TRY(RM_NEW(&p->keep, p->rows->table.rows, p->err));
        memset(p->keep, 1, (size_t)p->rows->table.rows);
    }
    p->keep[row] = 0;
    p->removed++;
    return RM_OK;
}

static rm_status place_points(placing *p)
{
    const rm_geometry *g = &p->rows->geometry;
    for (int64_t i = 0; i < g->features; i++) {
        if (g->kind[i] == RM_KIND_NONE)
            continue;
        double x = g->x[i], y = g->y[i];
        if (!within(p->use, x, y)) {
            bool lost = isnan(x) || isnan(y);
            RM_TRY(reject(p, i, lost ? RM_ISSUE_NOT_TRANSFORMED : RM_ISSUE_OUTSIDE_CRS, i, i + 1));
            continue;
        }
        p->seen->inside++;
        if (p->extent && !within(p->extent, x, y))
            RM_TRY(remove_row(p, i));
    }
    return RM_OK;
}

static rm_status place_features(placing *p)
{
    const rm_geometry *g = &p->rows->geometry;
    for (int64_t f = 0; f < g->features; f++) {
        if (g->kind[f] == RM_KIND_NONE)
            continue;
        int64_t begin, end;
        feature_run(g, f, &begin, &end);
        rm_box box = {HUGE_VAL, HUGE_VAL, -HUGE_VAL, -HUGE_VAL};
        bool lost = false;
        for (int64_t i = begin; i < end; i++) {
            double x = g->x[i], y = g->y[i];
            lost |= isnan(x) || isnan(y);
            box.xmin = x < box.xmin ? x : box.xmin;
            box.xmax = x > box.xmax ? x : box.xmax;
            box.ymin = y < box.ymin ? y : box.ymin;
            box.ymax = y > box.ymax ? y : box.ymax;
        }
        if (lost || !rm_box_touches(box, *p->use)) {
            RM_TRY(
                reject(p, f, lost ? RM_ISSUE_NOT_TRANSFORMED : RM_ISSUE_OUTSIDE_CRS, begin, end));
            continue;
        }
        p->seen->inside++;
        if (p->extent && !rm_box_touches(box, *p->extent))
            RM_TRY(remove_row(p, f));
    }
    return RM_OK;
}

static void keep_points(rm_geometry *g, const uint8_t *keep)
{
    int64_t n = 0;
    for (int64_t i = 0; i < g->features; i++) {
        g->x[n] = g->x[i];
        g->y[n] = g->y[i];
        g->kind[n] = g->kind[i];
        n += keep[i];
    }
    /* offsets of points alone count up, so those that stay are right as they are */
    g->features = g->parts = g->rings = g->points = n;
}

static void keep_parts(rm_geometry *g, int64_t feature, int64_t *parts, int64_t *rings,
                       int64_t *points)
{
    int64_t part = g->feature_part[feature], part_end = g->feature_part[feature + 1];
    for (; part < part_end; part++) {
        int64_t ring = g->part_ring[part], ring_end = g->part_ring[part + 1];
        for (; ring < ring_end; ring++) {
            int64_t from = g->ring_point[ring], count = g->ring_point[ring + 1] - from;
            memmove(g->x + *points, g->x + from, (size_t)count * sizeof *g->x);
            memmove(g->y + *points, g->y + from, (size_t)count * sizeof *g->y);
            *points += count;
            g->ring_point[++*rings] = (int32_t)*points;
        }
        g->part_ring[++*parts] = (int32_t)*rings;
    }
}

/* In place. The end of a run is written at or before the slot it is read from, and at that slot
 * only while nothing was left out, so that the value there is the same. */
static void keep_features(rm_geometry *g, const uint8_t *keep)
{
    int64_t features = 0, parts = 0, rings = 0, points = 0;
    for (int64_t f = 0; f < g->features; f++) {
        if (!keep[f])
            continue;
        keep_parts(g, f, &parts, &rings, &points);
        g->kind[features++] = g->kind[f];
        g->feature_part[features] = (int32_t)parts;
    }
    g->features = features;
    g->parts = parts;
    g->rings = rings;
    g->points = points;
}

static void keep_text(rm_column *column, const uint8_t *keep, int64_t rows)
{
    int64_t n = 0, used = 0;
    for (int64_t i = 0; i < rows; i++) {
        int64_t from = column->offsets[i], length = column->offsets[i + 1] - from;
        if (!keep[i])
            continue;
        memmove(column->data.text + used, column->data.text + from, (size_t)length);
        used += length;
        column->offsets[++n] = (int32_t)used;
    }
}

static void keep_valid(uint8_t *valid, const uint8_t *keep, int64_t rows)
{
    int64_t n = 0;
    for (int64_t i = 0; i < rows; i++) {
        unsigned bit = valid[i >> 3] >> (i & 7) & 1U;
        if (!keep[i])
            continue;
        valid[n >> 3] = (uint8_t)((valid[n >> 3] & ~(1U << (n & 7))) | bit << (n & 7));
        n++;
    }
}

static void keep_cells(rm_column *column, const uint8_t *keep, int64_t rows)
{
    int64_t n = 0;
    if (column->valid)
        keep_valid(column->valid, keep, rows);
    if (column->type == RM_TEXT) {
        keep_text(column, keep, rows);
    } else if (column->type == RM_DATE) {
        for (int64_t i = 0; i < rows; i++) {
            column->data.i32[n] = column->data.i32[i];
            n += keep[i];
        }
    } else { /* integers, reals and datetimes: 8 bytes each */
        for (int64_t i = 0; i < rows; i++) {
            column->data.i64[n] = column->data.i64[i];
            n += keep[i];
        }
    }
}

static int compare_ids(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* What is only counted has no issues either. */
static rm_status drop_issues(rm_rows *rows, const uint8_t *keep, int64_t removed, rm_error *err)
{
    if (rows->issues.count == 0)
        return RM_OK;
    int64_t *gone = NULL, n = 0, kept = 0;
    RM_TRY(RM_NEW(&gone, removed, err));
    for (int64_t i = 0; i < rows->table.rows; i++)
        if (!keep[i])
            gone[n++] = rows->ids[i];
    qsort(gone, (size_t)n, sizeof *gone, compare_ids);
    for (int64_t i = 0; i < rows->issues.count; i++) {
        rm_issue *issue = &rows->issues.items[i];
        if (bsearch(&issue->feature, gone, (size_t)n, sizeof *gone, compare_ids))
            rm_release(issue->text);
        else
            rows->issues.items[kept++] = *issue;
    }
    rows->issues.count = kept;
    rm_release(gone);
    return RM_OK;
}

static rm_status keep_rows(rm_rows *rows, const uint8_t *keep, int64_t removed, rm_error *err)
{
    RM_TRY(drop_issues(rows, keep, removed, err));
    int64_t n = 0;
    for (int64_t i = 0; i < rows->table.rows; i++) {
        rows->ids[n] = rows->ids[i];
        n += keep[i];
    }
    for (int32_t c = 0; c < rows->table.count; c++)
        keep_cells(&rows->table.columns[c], keep, rows->table.rows);
    if (rm_geometry_is_points(&rows->geometry))
        keep_points(&rows->geometry, keep);
    else
        keep_features(&rows->geometry, keep);
    rows->table.rows = n;
    return RM_OK;
}

/* The usual batch of points, all of it where it should be, takes one loop. */
static bool all_points_fit(const rm_geometry *g, const rm_box *use, const rm_box *extent)
{
    if (!rm_geometry_is_points(g))
        return false;
    int64_t fit = 0;
    for (int64_t i = 0; i < g->features; i++)
        fit += (g->x[i] >= use->xmin) & (g->x[i] <= use->xmax) & (g->y[i] >= use->ymin) &
               (g->y[i] <= use->ymax) & (g->kind[i] == RM_KIND_POINT);
    if (fit != g->features || !extent)
        return fit == g->features;
    for (int64_t i = 0; i < g->features; i++)
        fit -= (g->x[i] >= extent->xmin) & (g->x[i] <= extent->xmax) & (g->y[i] >= extent->ymin) &
               (g->y[i] <= extent->ymax);
    return fit == 0;
}

rm_status rm_crs_place_rows(rm_rows *rows, rm_crs_transformer *transformer,
                            const rm_crs_route *route, const rm_box *extent, int64_t *outside,
                            rm_crs_seen *seen, rm_error *err)
{
    rm_geometry *g = &rows->geometry;
    placing p = {rows, &route->target_use, extent, NULL, NULL, NULL, 0, seen, err};
    if (seen->missed == 0)
        seen->raw = RM_BOX_EMPTY;
    if (rm_crs_transforms(transformer)) {
        if (seen->inside == 0)
            RM_TRY(rm_crs_keep_raw(transformer, g->x, g->y, g->points, &p.raw_x, &p.raw_y, err));
        rm_crs_transform(transformer, g->x, g->y, g->points);
    } else if (seen->inside == 0) {
        p.raw_x = g->x;
        p.raw_y = g->y;
    }
    if (all_points_fit(g, p.use, extent)) {
        seen->inside += g->features;
        return RM_OK;
    }
    rm_status status = rm_geometry_is_points(g) ? place_points(&p) : place_features(&p);
    if (status == RM_OK && p.removed > 0)
        status = keep_rows(rows, p.keep, p.removed, err);
    if (status == RM_OK)
        *outside += p.removed;
    rm_release(p.keep);
    return status;
}

static bool lies_in(rm_box inner, double xmin, double ymin, double xmax, double ymax)
{
    return inner.xmin >= xmin && inner.xmax <= xmax && inner.ymin >= ymin && inner.ymax <= ymax;
}

/* What coordinates that missed look like, with what to do about it; NULL when like nothing known.
 * The boxes are the Netherlands with some sea, in three systems. */
static const char *plausible(const rm_crs_seen *seen, const rm_crs_route *route)
{
    rm_box raw = seen->raw;
    if (rm_box_is_empty(raw))
        return NULL;
    if (!route->source_geographic && lies_in(raw, 3, 50, 8, 54))
        return "these look like longitude/latitude: set \"crs\": \"EPSG:4258\"";
    if (lies_in(raw, 50, 3, 54, 8))
        return route->source_geographic
                   ? "latitude and longitude are swapped: x must be the longitude"
                   : "these look like latitude/longitude, swapped: x must be the longitude, with "
                     "\"crs\": \"EPSG:4258\"";
    if (lies_in(raw, -10000, 300000, 300000, 640000))
        return "these look like RD New: set \"crs\": \"EPSG:28992\"";
    if (lies_in(raw, 300000, -10000, 640000, 300000))
        return "these look like RD New with x and y swapped: x must be the easting";
    if (lies_in(raw, 330000, 6500000, 900000, 7200000))
        return "these look like web Mercator: set \"crs\": \"EPSG:3857\"";
    return NULL;
}

rm_status rm_crs_judge(const rm_crs_seen *seen, const rm_crs_route *route, const char *source,
                       rm_error *err)
{
    if (seen->inside > 0 || seen->missed == 0)
        return RM_OK;
    const char *reading = plausible(seen, route);
    return rm_fail(err, RM_ECRS,
                   "%s: none of the %lld features lies in the area of use of %s (read as %s); %s",
                   source, (long long)seen->missed, route->target, route->source,
                   reading ? reading : "state the right \"crs\" of the layer");
}
