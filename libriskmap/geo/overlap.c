#include "geo/overlap.h"

/* Up to so many cells and areas a box asks the grid, beyond that the tree. */
enum { MOST_CELLS = 36, MOST_AREAS = 64 };

void rm_overlap_clear(rm_overlap *overlap)
{
    rm_slab_clear(&overlap->slab);
    rm_release(overlap->candidates);
    *overlap = (rm_overlap){0};
}

double rm_share_of_others(const rm_bands *features)
{
    const rm_geometry *geometry = features->geometry;
    double others = (double)geometry->points;

    for (int64_t f = 0; features->head_of && f < geometry->features; f++)
        if (rm_is_giant(features, f))
            others -= (double)rm_feature_points(geometry, f);
    return others / rm_max((double)geometry->points, 1.0);
}

static rm_status add_candidate(rm_overlap *overlap, int32_t area, bool holds, rm_error *err)
{
    if (overlap->count == overlap->capacity)
        RM_TRY(RM_GROW(&overlap->candidates, &overlap->capacity, overlap->count + 1, err));
    overlap->candidates[overlap->count++] = (rm_candidate){area, holds};
    return RM_OK;
}

/* An area holds a box when it holds every cell the box touches. Between a cell it holds and one it
 * is not in lies a cell that its outline touches, so a cell without the area need not be looked
 * for; likewise at the rim of the grid, whose cells stand for what lies outside, too. */
static rm_status merge_candidate(rm_overlap *overlap, int32_t area, bool holds, rm_error *err)
{
    for (int64_t i = 0; i < overlap->count; i++) {
        if (overlap->candidates[i].area == area) {
            overlap->candidates[i].holds = overlap->candidates[i].holds && holds;
            return RM_OK;
        }
    }
    return add_candidate(overlap, area, holds, err);
}

static rm_status read_cell(rm_overlap *overlap, const rm_join *join, int32_t cell, rm_error *err)
{
    if (cell < 0) {
        const int32_t *list = join->lists - (int64_t)cell;

        for (int32_t i = 1; i <= list[0]; i++)
            RM_TRY(merge_candidate(overlap, rm_join_entry_area(join, list[i]), list[i] < 0, err));
    } else if (cell > 0) {
        RM_TRY(merge_candidate(overlap, cell - 1, true, err));
    }
    return RM_OK;
}

typedef struct tree_visit {
    rm_overlap *overlap;
    const rm_join *join;
    rm_error *err;
    rm_status status;
} tree_visit;

static bool visit_box(void *context, int32_t area)
{
    tree_visit *visit = context;

    if (visit->join->areas->kind[area] == RM_KIND_POLYGON)
        visit->status = add_candidate(visit->overlap, area, false, visit->err);
    return visit->status == RM_OK;
}

static bool box_within(rm_box inner, rm_box outer)
{
    return inner.xmin >= outer.xmin && inner.ymin >= outer.ymin && inner.xmax <= outer.xmax &&
           inner.ymax <= outer.ymax;
}

static rm_status ask_tree(rm_overlap *overlap, const rm_join *join, rm_box box, rm_error *err)
{
    tree_visit visit = {overlap, join, err, RM_OK};

    overlap->count = 0;
    rm_rtree_query(join->tree, box, visit_box, &visit);
    return visit.status;
}

rm_status rm_overlap_candidates(rm_overlap *overlap, const rm_join *join, rm_box box, rm_error *err)
{
    overlap->count = 0;
    if (rm_box_is_empty(box) || rm_box_is_empty(join->extent) || !rm_box_touches(box, join->extent))
        return RM_OK;

    int32_t left = rm_join_column(join, box.xmin), right = rm_join_column(join, box.xmax);
    int32_t low = rm_join_row(join, box.ymin), high = rm_join_row(join, box.ymax);
    if ((int64_t)(right - left + 1) * (high - low + 1) > MOST_CELLS)
        return ask_tree(overlap, join, box, err);
    for (int32_t row = low; row <= high; row++) {
        for (int32_t column = left; column <= right; column++) {
            RM_TRY(
                read_cell(overlap, join, join->cells[(int64_t)row * join->columns + column], err));
            if (overlap->count > MOST_AREAS)
                return ask_tree(overlap, join, box, err);
        }
    }
    return RM_OK;
}

rm_status rm_overlap_rivals(rm_overlap *overlap, const rm_join *join, const uint8_t *cells,
                            int32_t area, rm_error *err)
{
    rm_box box = join->boxes[area];
    int32_t left = rm_join_column(join, box.xmin), right = rm_join_column(join, box.xmax);
    int32_t low = rm_join_row(join, box.ymin), high = rm_join_row(join, box.ymax);

    overlap->count = 0;
    for (int64_t row = low; row <= high; row++) {
        for (int64_t i = row * join->columns + left; i <= row * join->columns + right; i++) {
            if (cells[i] == RM_CELL_SETTLED)
                continue;
            const int32_t *list = join->lists - (int64_t)join->cells[i];
            bool found = false;

            for (int32_t k = 1; k <= list[0]; k++) { /* in the order of the areas */
                int32_t other = rm_join_entry_area(join, list[k]);

                if (found)
                    RM_TRY(merge_candidate(overlap, other, false, err));
                found = found || other == area;
            }
            if (overlap->count > MOST_AREAS)
                return ask_tree(overlap, join, box, err);
        }
    }
    return RM_OK;
}

rm_status rm_overlap_feed_area(rm_slab *slab, const rm_join *join, int32_t area, rm_error *err)
{
    const rm_geometry *areas = join->areas;
    int32_t first = rm_join_row(join, slab->bottom);
    int32_t last = rm_join_row(join, slab->bottom + slab->height);
    double left = slab->left, right = slab->left + slab->width;
    int32_t band, end;
    int64_t edges = 0;

    rm_join_bands(join, area, first, last, &band, &end);
    for (int32_t k = join->band_run[band]; k < join->band_run[end]; k++)
        edges += join->runs[k].count;
    RM_TRY(rm_slab_owner(slab, edges, err));
    for (int32_t start = band; band < end; band++) {
        int32_t row = band - join->area_band[area] + join->first_row[area];

        for (int32_t k = join->band_run[band]; k < join->band_run[band + 1]; k++) {
            int32_t i = join->runs[k].start, run_end = i + join->runs[k].count;

            for (; i < run_end; i++) {
                double x0 = areas->x[i], x1 = areas->x[i + 1];
                double y0 = areas->y[i], y1 = areas->y[i + 1];

                /* left of the window only those at the height of its bottom matter */
                if ((x0 > right && x1 > right) || (band > start && x0 < left && x1 < left))
                    continue;
                /* an edge stands in several bands: it counts in the lowest of those at hand */
                if (band > start && rm_join_row(join, y0 < y1 ? y0 : y1) != row)
                    continue;
                rm_slab_edge_add(slab, x0, y0, x1, y1);
            }
        }
    }
    return RM_OK;
}

/* What no edge of the second passes through: all of the first, or nothing. */
static bool is_settled(const rm_slab *slab, const rm_join *join, int32_t area, rm_box window,
                       double *m2)
{
    rm_box box = join->boxes[area];

    if (slab->edge_count > 0)
        return false;
    *m2 = 0.0;
    if (!slab->base[0])
        return true;
    if (!box_within(box, window))
        return false;
    *m2 = rm_geometry_area(join->areas, area);
    return true;
}

static rm_status measure(rm_slab *slab, rm_box window, double *m2, rm_error *err)
{
    double found;

    RM_TRY(rm_slab_area(slab, &found, err));
    *m2 = found > rm_slab_noise(window) ? found : 0.0;
    return RM_OK;
}

rm_status rm_overlap_m2(rm_overlap *overlap, const rm_join *join, int32_t area,
                        const rm_bands *evidence, int64_t feature, rm_box box, double *m2,
                        rm_error *err)
{
    rm_slab *slab = &overlap->slab;
    rm_box window = rm_box_common(box, join->boxes[area]);

    *m2 = 0.0;
    if (!(window.xmin < window.xmax && window.ymin < window.ymax))
        return RM_OK;
    rm_slab_open(slab, window);
    /* an intersection has no first and second: the one more likely to settle it comes first */
    if (rm_bands_has(evidence, feature)) {
        RM_TRY(rm_bands_feed(evidence, feature, slab, err));
        if (is_settled(slab, join, area, window, m2))
            return RM_OK;
        int64_t before = slab->edge_count;
        RM_TRY(rm_overlap_feed_area(slab, join, area, err));
        if (rm_slab_owner_is_absent(slab, before))
            return RM_OK;
    } else {
        RM_TRY(rm_overlap_feed_area(slab, join, area, err));
        if (rm_slab_owner_is_absent(slab, 0))
            return RM_OK;
        RM_TRY(rm_slab_feature(slab, evidence->geometry, feature, err));
    }
    return measure(slab, window, m2, err);
}

rm_status rm_overlap_areas_m2(rm_overlap *overlap, const rm_join *join, int32_t a, int32_t b,
                              double tolerance, double *m2, rm_error *err)
{
    rm_slab *slab = &overlap->slab;
    rm_box window = rm_box_common(join->boxes[a], join->boxes[b]);
    double width = window.xmax - window.xmin, height = window.ymax - window.ymin;

    *m2 = 0.0;
    if (!(width > 0.0 && height > 0.0 && width * height > tolerance))
        return RM_OK;
    rm_slab_open(slab, window);
    RM_TRY(rm_overlap_feed_area(slab, join, a, err));
    RM_TRY(rm_overlap_feed_area(slab, join, b, err));
    return measure(slab, window, m2, err);
}
