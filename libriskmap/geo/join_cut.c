#include "geo/join_cut.h"

#include <math.h>
#include <string.h>

/* Up to so many coordinates an area has one band: they fit in two cache lines. */
enum { FEW_POINTS = 24 };

rm_cell_box rm_cells_of(const rm_join *join, int64_t area)
{
    rm_box box = join->boxes[area];
    int32_t column = rm_join_column(join, box.xmin), row = rm_join_row(join, box.ymin);

    return (rm_cell_box){column, row, rm_join_column(join, box.xmax) - column + 1,
                         rm_join_row(join, box.ymax) - row + 1};
}

int64_t rm_points_of(const rm_geometry *geometry, int64_t feature)
{
    int32_t begin = geometry->part_ring[geometry->feature_part[feature]];
    int32_t end = geometry->part_ring[geometry->feature_part[feature + 1]];

    return geometry->ring_point[end] - geometry->ring_point[begin];
}

static float sketch_scale(rm_cell_box box)
{
    return 65535.0f / (float)(box.columns > box.rows ? box.columns : box.rows);
}

static rm_status end_run(rm_cut_scratch *s, rm_row_run run, rm_error *err)
{
    if (s->found_count == s->found_capacity)
        RM_TRY(RM_GROW(&s->found, &s->found_capacity, s->found_count + 1, err));
    s->found[s->found_count++] = run;
    return RM_OK;
}

/* Where the coordinates of an area lie in the grid. */
static rm_status place_corners(const rm_join *join, int64_t area, rm_cell_box box,
                               rm_cut_scratch *s, rm_error *err)
{
    const rm_geometry *areas = join->areas;
    int64_t first = areas->ring_point[areas->part_ring[areas->feature_part[area]]];
    int64_t count = rm_points_of(areas, area);
    float scale = sketch_scale(box);

    RM_TRY(RM_GROW(&s->corners, &s->corners_capacity, count, err));
    s->first_corner = first;
    for (int64_t i = 0; i < count; i++) {
        double x = (areas->x[first + i] - join->extent.xmin) * join->scale;
        double y = (areas->y[first + i] - join->extent.ymin) * join->scale;
        uint32_t u = (uint32_t)rm_sketch_units(x, box.column, scale);
        uint32_t v = (uint32_t)rm_sketch_units(y, box.row, scale);

        s->corners[i] = (rm_corner){x, y, rm_grid_index(x, join->columns) - box.column,
                                    rm_grid_index(y, join->rows) - box.row, u | v << 16};
    }
    return RM_OK;
}

/* Follows the coordinates begin .. end-1 of one ring and collects its runs of edges by row. */
static rm_status follow_ring(rm_cell_box box, int32_t begin, int32_t end, rm_cut_scratch *s,
                             rm_error *err)
{
    const rm_corner *corners = s->corners - s->first_corner;
    int32_t *start = s->open, *stop = s->open + box.rows;

    if (end - begin == 1)
        return end_run(s, (rm_row_run){corners[begin].row, begin, 0}, err);
    for (int32_t i = begin; i + 1 < end; i++) {
        int32_t row = corners[i].row, next = corners[i + 1].row;
        int32_t low = row < next ? row : next, high = row < next ? next : row;

        for (int32_t r = low; r <= high; r++) {
            if (stop[r] != i) {
                if (stop[r] >= 0)
                    RM_TRY(end_run(s, (rm_row_run){r, start[r], stop[r] - start[r]}, err));
                start[r] = i;
            }
            stop[r] = i + 1;
        }
    }
    return RM_OK;
}

/* Appends the collected runs to the cut, band by band. */
static rm_status store_bands(rm_cell_box box, rm_cut_scratch *s, rm_cut *c, rm_error *err)
{
    int32_t *first = s->open + 2 * (int64_t)box.rows;

    RM_TRY(RM_GROW(&c->runs, &c->run_capacity, c->run_count + s->found_count, err));
    RM_TRY(RM_GROW(&c->band_runs, &c->band_capacity, c->band_count + box.rows, err));
    int32_t *counts = c->band_runs + c->band_count;
    memset(counts, 0, (size_t)box.rows * sizeof *counts);
    for (int64_t i = 0; i < s->found_count; i++)
        counts[s->found[i].row]++;
    int32_t next = 0;
    for (int32_t r = 0; r < box.rows; r++) {
        first[r] = next;
        next += counts[r];
    }
    for (int64_t i = 0; i < s->found_count; i++) {
        rm_row_run run = s->found[i];

        c->runs[c->run_count + first[run.row]++] = (rm_edge_run){run.start, run.count};
    }
    c->run_count += s->found_count;
    c->band_count += box.rows;
    return RM_OK;
}

static rm_status make_bands(const rm_join *join, int64_t area, rm_cell_box box, rm_cut_scratch *s,
                            rm_cut *c, rm_error *err)
{
    const rm_geometry *areas = join->areas;
    int32_t ring = areas->part_ring[areas->feature_part[area]];
    int32_t end = areas->part_ring[areas->feature_part[area + 1]];

    RM_TRY(RM_GROW(&s->open, &s->open_capacity, 3 * (int64_t)box.rows, err));
    for (int32_t r = 0; r < box.rows; r++)
        s->open[box.rows + r] = -1;
    s->found_count = 0;
    for (; ring < end; ring++)
        RM_TRY(follow_ring(box, areas->ring_point[ring], areas->ring_point[ring + 1], s, err));
    for (int32_t r = 0; r < box.rows; r++) {
        int32_t start = s->open[r], stop = s->open[box.rows + r];

        if (stop >= 0)
            RM_TRY(end_run(s, (rm_row_run){r, start, stop - start}, err));
    }
    return store_bands(box, s, c, err);
}

/* One band of all edges. */
static rm_status make_one_band(const rm_join *join, int64_t area, rm_cut *c, rm_error *err)
{
    const rm_geometry *areas = join->areas;
    int32_t ring = areas->part_ring[areas->feature_part[area]];
    int32_t end = areas->part_ring[areas->feature_part[area + 1]];

    RM_TRY(RM_GROW(&c->runs, &c->run_capacity, c->run_count + end - ring, err));
    RM_TRY(RM_GROW(&c->band_runs, &c->band_capacity, c->band_count + 1, err));
    c->band_runs[c->band_count++] = end - ring;
    for (; ring < end; ring++) {
        int32_t start = areas->ring_point[ring];

        c->runs[c->run_count++] = (rm_edge_run){start, areas->ring_point[ring + 1] - start - 1};
    }
    return RM_OK;
}

/* Only the columns within a row are calculated; their error is bounded by the error of a height
 * times the slope, and the marked stretch is longer by that. */
void rm_mark_edge(const rm_join *join, rm_cell_box box, const rm_corner *a, const rm_corner *b,
                  uint8_t *touched)
{
    int32_t low_limit = a->column < b->column ? a->column : b->column;
    int32_t high_limit = a->column < b->column ? b->column : a->column;

    if (a->row == b->row) {
        if (a->row < 0 || a->row >= box.rows)
            return;
        uint8_t *cell = touched + (int64_t)a->row * box.columns;

        for (int32_t column = low_limit; column <= high_limit; column++)
            cell[column] = 1;
        return;
    }
    if (a->row > b->row) {
        rm_mark_edge(join, box, b, a, touched);
        return;
    }
    double u = a->x - box.column, v = a->y - box.row;
    double slope = (b->x - a->x) / (b->y - a->y);
    double pad = 1e-15 * ((double)join->columns + join->rows) * (4.0 + 4.0 * fabs(slope));
    double left = slope < 0.0 ? slope : 0.0, right = slope < 0.0 ? 0.0 : slope;

    int32_t first = a->row < 0 ? 0 : a->row, last = b->row < box.rows ? b->row : box.rows - 1;
    for (int32_t r = first; r <= last; r++) {
        double at = u + (r - v) * slope; /* where the line meets the row's lower side */
        double low = at + left - pad, high = at + right + pad;
        int32_t from = low > low_limit ? low < high_limit ? (int32_t)low : high_limit : low_limit;
        int32_t to = high < high_limit ? high > low_limit ? (int32_t)high : low_limit : high_limit;
        uint8_t *cell = touched + (int64_t)r * box.columns;

        for (int32_t column = from; column <= to; column++)
            cell[column] = 1;
    }
}

static void mark_outline(const rm_join *join, int64_t area, rm_cell_box box,
                         const rm_cut_scratch *s)
{
    const rm_geometry *areas = join->areas;
    const rm_corner *corners = s->corners - s->first_corner;
    int32_t ring = areas->part_ring[areas->feature_part[area]];
    int32_t end = areas->part_ring[areas->feature_part[area + 1]];

    for (; ring < end; ring++) {
        for (int32_t i = areas->ring_point[ring]; i + 1 < areas->ring_point[ring + 1]; i++)
            rm_mark_edge(join, box, &corners[i], &corners[i + 1], s->touched);
    }
}

/* Whether a stretch of cells that no edge touches lies inside: one point of it decides. When
 * rounding puts the point elsewhere (cells of a few units in the last place) there is no telling.
 */
static rm_side side_of_stretch(const rm_join *join, int32_t column, int32_t row,
                               const rm_edge_run *runs, int32_t count)
{
    double x = join->extent.xmin + (column + 0.5) / join->scale;
    double y = join->extent.ymin + (row + 0.5) / join->scale;

    if (rm_join_column(join, x) != column || rm_join_row(join, y) != row)
        return RM_BORDER;
    return rm_band_side(join->areas, runs, count, x, y);
}

/* Turns one row of marked cells into spans. */
static rm_status span_row(const rm_join *join, int32_t area, rm_cell_box box, int32_t r,
                          const uint8_t *touched, int32_t sketch, const rm_edge_run *runs,
                          int32_t count, rm_cut *c, rm_error *err)
{
    int32_t cell = (box.row + r) * join->columns + box.column;
    int32_t begin = 0, end = box.columns;

    RM_TRY(RM_GROW(&c->spans, &c->span_capacity, c->span_count + box.columns, err));
    while (begin < end && !touched[begin])
        begin++;
    while (end > begin && !touched[end - 1])
        end--;
    for (int32_t i = begin, stop; i < end; i = stop) {
        rm_side side = RM_BORDER;

        for (stop = i + 1; stop < end && touched[stop] == touched[i];)
            stop++;
        if (!touched[i])
            side = side_of_stretch(join, box.column + i, box.row + r, runs, count);
        if (side != RM_OUTSIDE)
            c->spans[c->span_count++] =
                (rm_span){cell + i, stop - i, side == RM_INSIDE ? ~area : sketch};
    }
    return RM_OK;
}

/* Draws one band: the head, then the coordinates run by run. */
static rm_status draw_sketch(int32_t area, rm_cell_box box, const rm_edge_run *runs, int32_t count,
                             const rm_cut_scratch *s, rm_cut *c, rm_error *err)
{
    rm_sketch head = {area, box.column, box.row, sketch_scale(box)};
    int64_t need = c->sketch_count + (int64_t)RM_SKETCH_HEAD;

    for (int32_t k = 0; k < count; k++)
        need += runs[k].count + 2;
    RM_TRY(RM_GROW(&c->sketches, &c->sketch_capacity, need, err));
    uint32_t *out = c->sketches + c->sketch_count;
    memcpy(out, &head, sizeof head);
    out += RM_SKETCH_HEAD;
    for (int32_t k = 0; k < count; k++) {
        const rm_corner *corners = s->corners + (runs[k].start - s->first_corner);

        *out++ = (uint32_t)runs[k].count * 2 + (k + 1 == count);
        for (int32_t i = 0; i <= runs[k].count; i++)
            *out++ = corners[i].units;
    }
    c->sketch_count = need;
    return RM_OK;
}

static rm_status make_spans(const rm_join *join, int64_t area, rm_cell_box box, rm_cut_scratch *s,
                            rm_cut *c, int64_t first_run, int64_t first_band, rm_error *err)
{
    int64_t cells = (int64_t)box.columns * box.rows, bands = c->band_count - first_band;
    const rm_edge_run *runs = c->runs + first_run;
    int32_t count = 0, sketch = 0;

    RM_TRY(RM_GROW(&s->touched, &s->touched_capacity, cells, err));
    memset(s->touched, 0, (size_t)cells);
    mark_outline(join, area, box, s);
    for (int32_t r = 0; r < box.rows; r++) {
        if (r < bands) { /* otherwise the one band serves this row, too */
            runs += count;
            count = c->band_runs[first_band + r];
            sketch = (int32_t)c->sketch_count;
            RM_TRY(draw_sketch((int32_t)area, box, runs, count, s, c, err));
        }
        RM_TRY(span_row(join, (int32_t)area, box, r, s->touched + (int64_t)r * box.columns, sketch,
                        runs, count, c, err));
    }
    return RM_OK;
}

rm_status rm_cut_area(const rm_join *join, int64_t area, rm_cut_scratch *s, rm_cut *c,
                      rm_error *err)
{
    int64_t first_run = c->run_count, first_band = c->band_count;
    rm_cell_box box = rm_cells_of(join, area);
    bool is_polygon = join->areas->kind[area] == RM_KIND_POLYGON;
    bool is_small = rm_points_of(join->areas, area) <= FEW_POINTS;

    if (is_polygon || !is_small)
        RM_TRY(place_corners(join, area, box, s, err));
    RM_TRY(is_small ? make_one_band(join, area, c, err) : make_bands(join, area, box, s, c, err));
    return is_polygon ? make_spans(join, area, box, s, c, first_run, first_band, err) : RM_OK;
}

/* A smaller block that is refused leaves the larger one. */
static void *cut_down(void *memory, int64_t *capacity, int64_t count, size_t size)
{
    void *moved = count > 0 && count < *capacity ? rm_resize(memory, (size_t)count * size) : NULL;

    *capacity = moved ? count : *capacity;
    return moved ? moved : memory;
}

void rm_cut_close(rm_cut *cut)
{
    cut->spans = cut_down(cut->spans, &cut->span_capacity, cut->span_count, sizeof *cut->spans);
    cut->runs = cut_down(cut->runs, &cut->run_capacity, cut->run_count, sizeof *cut->runs);
    cut->band_runs =
        cut_down(cut->band_runs, &cut->band_capacity, cut->band_count, sizeof *cut->band_runs);
    cut->sketches =
        cut_down(cut->sketches, &cut->sketch_capacity, cut->sketch_count, sizeof *cut->sketches);
}

void rm_cut_clear(rm_cut *cut)
{
    rm_release(cut->spans);
    rm_release(cut->runs);
    rm_release(cut->band_runs);
    rm_release(cut->sketches);
    *cut = (rm_cut){0};
}

void rm_cut_scratch_clear(rm_cut_scratch *scratch)
{
    rm_release(scratch->found);
    rm_release(scratch->open);
    rm_release(scratch->touched);
    rm_release(scratch->corners);
    *scratch = (rm_cut_scratch){0};
}
