#include "geo/bands.h"

#include "geo/robust.h"

#include <math.h>

enum { SMALL = 64, EDGES_PER_ROW = 4 };

static void ring_range(const rm_geometry *geometry, int64_t feature, int32_t *begin, int32_t *end)
{
    *begin = geometry->part_ring[geometry->feature_part[feature]];
    *end = geometry->part_ring[geometry->feature_part[feature + 1]];
}

static bool is_large(const rm_geometry *geometry, int64_t feature)
{
    int32_t begin, end;

    if (geometry->kind[feature] != RM_KIND_POLYGON)
        return false;
    ring_range(geometry, feature, &begin, &end);
    return geometry->ring_point[end] - geometry->ring_point[begin] > SMALL;
}

static int32_t row_of(const rm_band_head *head, double y)
{
    double row = (y - head->bottom) * head->scale;

    if (!(row > 0.0))
        return 0;
    return row < head->rows - 1 ? (int32_t)row : head->rows - 1;
}

static rm_band_head make_head(const rm_geometry *geometry, int64_t feature, int64_t first_row)
{
    int32_t ring, end;
    double low = INFINITY, high = -INFINITY, climb = 0.0;
    int64_t edges = 0;

    ring_range(geometry, feature, &ring, &end);
    for (; ring < end; ring++) {
        for (int32_t i = geometry->ring_point[ring]; i + 1 < geometry->ring_point[ring + 1]; i++) {
            double y = geometry->y[i];

            low = y < low ? y : low;
            high = y > high ? y : high;
            climb += fabs(geometry->y[i + 1] - y);
            edges++;
        }
    }
    double tall = high - low;
    double rows = rm_min((double)edges / EDGES_PER_ROW, tall / (climb / (double)edges));
    rm_band_head head = {low, 0.0, first_row, rows > 1.0 ? (int32_t)rows : 1};

    if (tall > 0.0 && isfinite(head.rows / tall))
        head.scale = head.rows / tall;
    return head;
}

/* Counts each edge in its rows (edges == NULL), or writes it there, row_start moving up to the end
 * of each row. */
static void walk_edges(const rm_bands *bands, int64_t feature, int32_t *edges)
{
    const rm_geometry *geometry = bands->geometry;
    const rm_band_head *head = &bands->heads[bands->head_of[feature]];
    int64_t *rows = bands->row_start + head->first_row;
    int32_t ring, end;

    ring_range(geometry, feature, &ring, &end);
    for (; ring < end; ring++) {
        for (int32_t i = geometry->ring_point[ring]; i + 1 < geometry->ring_point[ring + 1]; i++) {
            int32_t a = row_of(head, geometry->y[i]), b = row_of(head, geometry->y[i + 1]);
            int32_t last = a > b ? a : b;

            for (int32_t row = a < b ? a : b; row <= last; row++) {
                if (edges)
                    edges[rows[row]] = i;
                rows[row]++;
            }
        }
    }
}

static rm_status make_heads(rm_bands *bands, int64_t large, int64_t *rows, rm_progress *progress,
                            rm_error *err)
{
    const rm_geometry *geometry = bands->geometry;

    RM_TRY(RM_NEW(&bands->head_of, geometry->features, err));
    RM_TRY(RM_NEW(&bands->heads, large, err));
    *rows = 0;
    for (int64_t f = 0; f < geometry->features; f++) {
        bands->head_of[f] = -1;
        if (!is_large(geometry, f))
            continue;
        RM_TRY(rm_progress_tick(progress, "index", err));
        bands->head_of[f] = (int32_t)bands->head_count;
        bands->heads[bands->head_count] = make_head(geometry, f, *rows);
        *rows += bands->heads[bands->head_count++].rows;
    }
    return RM_OK;
}

static rm_status walk_features(const rm_bands *bands, int32_t *edges, rm_progress *progress,
                               rm_error *err)
{
    for (int64_t f = 0; f < bands->geometry->features; f++) {
        if (bands->head_of[f] < 0)
            continue;
        walk_edges(bands, f, edges);
        RM_TRY(rm_progress_tick(progress, "index", err));
    }
    return RM_OK;
}

static rm_status fill_rows(rm_bands *bands, int64_t rows, rm_progress *progress, rm_error *err)
{
    int64_t total = 0;

    RM_TRY(RM_NEW_ZERO(&bands->row_start, rows + 1, err));
    RM_TRY(walk_features(bands, NULL, progress, err));
    for (int64_t row = 0; row <= rows; row++) {
        int64_t count = bands->row_start[row];

        bands->row_start[row] = total;
        total += count;
    }
    RM_TRY(RM_NEW(&bands->edges, total, err));
    RM_TRY(walk_features(bands, bands->edges, progress, err));
    /* each start has moved to the start of the next row */
    for (int64_t row = rows; row > 0; row--)
        bands->row_start[row] = bands->row_start[row - 1];
    bands->row_start[0] = 0;
    return RM_OK;
}

rm_status rm_bands_build(rm_bands *bands, const rm_geometry *geometry, rm_progress *progress,
                         rm_error *err)
{
    rm_status status;
    int64_t large = 0, rows;

    *bands = (rm_bands){.geometry = geometry};
    for (int64_t f = 0; f < geometry->features; f++)
        large += is_large(geometry, f);
    if (large == 0)
        return RM_OK;
    status = make_heads(bands, large, &rows, progress, err);
    if (status == RM_OK)
        status = fill_rows(bands, rows, progress, err);
    if (status != RM_OK)
        rm_bands_clear(bands);
    return status;
}

void rm_bands_clear(rm_bands *bands)
{
    rm_release(bands->head_of);
    rm_release(bands->heads);
    rm_release(bands->row_start);
    rm_release(bands->edges);
    *bands = (rm_bands){0};
}

rm_status rm_bands_feed(const rm_bands *bands, int64_t feature, rm_slab *slab, rm_error *err)
{
    const rm_geometry *geometry = bands->geometry;

    if (!rm_bands_has(bands, feature))
        return rm_slab_feature(slab, geometry, feature, err);

    const rm_band_head *head = &bands->heads[bands->head_of[feature]];
    const int64_t *start = bands->row_start + head->first_row;
    int32_t first = row_of(head, slab->bottom);
    int32_t last = row_of(head, slab->bottom + slab->height);
    double left = slab->left, right = slab->left + slab->width;

    RM_TRY(rm_slab_owner(slab, start[last + 1] - start[first], err));
    for (int32_t row = first; row <= last; row++) {
        for (int64_t k = start[row]; k < start[row + 1]; k++) {
            int32_t i = bands->edges[k];
            double x0 = geometry->x[i], x1 = geometry->x[i + 1];
            double y0 = geometry->y[i], y1 = geometry->y[i + 1];

            /* left of the window only those at the height of its bottom matter: the first row's */
            if ((x0 > right && x1 > right) || (row > first && x0 < left && x1 < left))
                continue;
            /* an edge stands in several rows: it counts in the lowest of those at hand */
            if (row > first && row_of(head, y0 < y1 ? y0 : y1) != row)
                continue;
            rm_slab_edge_add(slab, x0, y0, x1, y1);
        }
    }
    return RM_OK;
}

rm_side rm_bands_side(const rm_bands *bands, int64_t feature, double x, double y)
{
    const rm_geometry *geometry = bands->geometry;

    if (!rm_bands_has(bands, feature))
        return rm_point_in_polygon(geometry, feature, x, y);

    const rm_band_head *head = &bands->heads[bands->head_of[feature]];
    const int64_t *start = bands->row_start + head->first_row + row_of(head, y);
    unsigned crossings = 0;

    for (int64_t k = start[0]; k < start[1]; k++) {
        int32_t i = bands->edges[k];
        double ax = geometry->x[i], ay = geometry->y[i];
        double bx = geometry->x[i + 1], by = geometry->y[i + 1];

        if ((ay > y && by > y) || (ay < y && by < y) || (ax < x && bx < x))
            continue;
        double side = rm_orient(ax, ay, bx, by, x, y);
        if (side == 0.0 && (ax <= x || bx <= x))
            return RM_BORDER;
        if ((ay > y) != (by > y))
            crossings += (side > 0.0) == (by > ay);
    }
    return crossings & 1 ? RM_INSIDE : RM_OUTSIDE;
}
