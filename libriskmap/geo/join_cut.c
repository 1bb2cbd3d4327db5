#include "geo/join_cut.h"

#include <math.h>
#include <string.h>

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

static rm_status end_run(rm_cut_scratch *s, rm_row_run run, rm_error *err)
{
    if (s->found_count == s->found_capacity)
        RM_TRY(RM_GROW(&s->found, &s->found_capacity, s->found_count + 1, err));
    s->found[s->found_count++] = run;
    return RM_OK;
}

/* Follows the coordinates begin .. end-1 of one ring and collects its runs of edges by row. */
static rm_status follow_ring(const rm_join *join, rm_cell_box box, int32_t begin, int32_t end,
                             rm_cut_scratch *s, rm_error *err)
{
    const double *y = join->areas->y;
    int32_t *start = s->open, *stop = s->open + box.rows;
    int32_t row = rm_join_row(join, y[begin]) - box.row;

    if (end - begin == 1)
        return end_run(s, (rm_row_run){row, begin, 0}, err);
    for (int32_t i = begin; i + 1 < end; i++) {
        int32_t next = rm_join_row(join, y[i + 1]) - box.row;
        int32_t low = row < next ? row : next, high = row < next ? next : row;

        for (int32_t r = low; r <= high; r++) {
            if (stop[r] != i) {
                if (stop[r] >= 0)
                    RM_TRY(end_run(s, (rm_row_run){r, start[r], stop[r] - start[r]}, err));
                start[r] = i;
            }
            stop[r] = i + 1;
        }
        row = next;
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

        c->runs[c->run_count + first[run.row]++] = (rm_run){run.start, run.count};
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
        RM_TRY(
            follow_ring(join, box, areas->ring_point[ring], areas->ring_point[ring + 1], s, err));
    for (int32_t r = 0; r < box.rows; r++) {
        int32_t start = s->open[r], stop = s->open[box.rows + r];

        if (stop >= 0)
            RM_TRY(end_run(s, (rm_row_run){r, start, stop - start}, err));
    }
    return store_bands(box, s, c, err);
}

/* Marks every cell that the edge touches. Only the columns within a row are calculated; their error
 * is bounded by the error of a height times the slope, and the marked stretch is longer by that. */
static void mark_edge(const rm_join *join, rm_cell_box box, double ax, double ay, double bx,
                      double by, uint8_t *touched)
{
    int32_t a_row = rm_join_row(join, ay) - box.row, b_row = rm_join_row(join, by) - box.row;
    int32_t a_column = rm_join_column(join, ax) - box.column;
    int32_t b_column = rm_join_column(join, bx) - box.column;

    if (a_row == b_row) {
        int32_t low = a_column < b_column ? a_column : b_column;
        int32_t high = a_column < b_column ? b_column : a_column;

        memset(touched + (int64_t)a_row * box.columns + low, 1, (size_t)(high - low + 1));
        return;
    }
    if (a_row > b_row) {
        mark_edge(join, box, bx, by, ax, ay, touched);
        return;
    }
    int32_t low_limit = a_column < b_column ? a_column : b_column;
    int32_t high_limit = a_column < b_column ? b_column : a_column;
    double u = (ax - join->extent.xmin) * join->scale - box.column;
    double v = (ay - join->extent.ymin) * join->scale - box.row;
    double slope = (bx - ax) / (by - ay);
    double pad = 1e-15 * ((double)join->columns + join->rows) * (4.0 + 4.0 * fabs(slope));
    double left = slope < 0.0 ? slope : 0.0, right = slope < 0.0 ? 0.0 : slope;

    for (int32_t r = a_row; r <= b_row; r++) {
        double at = u + (r - v) * slope; /* where the line meets the row's lower side */
        double low = at + left - pad, high = at + right + pad;
        int32_t from = low > low_limit ? low < high_limit ? (int32_t)low : high_limit : low_limit;
        int32_t to = high < high_limit ? high > low_limit ? (int32_t)high : low_limit : high_limit;

        memset(touched + (int64_t)r * box.columns + from, 1, (size_t)(to - from + 1));
    }
}

static void mark_outline(const rm_join *join, int64_t area, rm_cell_box box, uint8_t *touched)
{
    const rm_geometry *areas = join->areas;
    int32_t ring = areas->part_ring[areas->feature_part[area]];
    int32_t end = areas->part_ring[areas->feature_part[area + 1]];

    for (; ring < end; ring++) {
        for (int32_t i = areas->ring_point[ring]; i + 1 < areas->ring_point[ring + 1]; i++)
            mark_edge(join, box, areas->x[i], areas->y[i], areas->x[i + 1], areas->y[i + 1],
                      touched);
    }
}

/* Whether a stretch of cells that no edge touches lies inside: one point of it decides. When
 * rounding puts the point elsewhere (cells of a few units in the last place) there is no telling.
 */
static rm_side side_of_stretch(const rm_join *join, int32_t column, int32_t row, const rm_run *runs,
                               int32_t count)
{
    double x = join->extent.xmin + (column + 0.5) / join->scale;
    double y = join->extent.ymin + (row + 0.5) / join->scale;

    if (rm_join_column(join, x) != column || rm_join_row(join, y) != row)
        return RM_BORDER;
    return rm_band_side(join->areas, runs, count, x, y);
}

static rm_status add_span(rm_cut *c, rm_span s, rm_error *err)
{
    if (c->span_count == c->span_capacity)
        RM_TRY(RM_GROW(&c->spans, &c->span_capacity, c->span_count + 1, err));
    c->spans[c->span_count++] = s;
    return RM_OK;
}

/* Turns one row of marked cells into spans. */
static rm_status span_row(const rm_join *join, int32_t area, rm_cell_box box, int32_t r,
                          const uint8_t *touched, int32_t sketch, const rm_run *runs, int32_t count,
                          rm_cut *c, rm_error *err)
{
    int32_t cell = (box.row + r) * join->columns + box.column;
    int32_t begin = 0, end = box.columns;

    while (begin < end && !touched[begin])
        begin++;
    while (end > begin && !touched[end - 1])
        end--;
    for (int32_t i = begin; i < end;) {
        int32_t stop = i + 1;
        rm_side side = RM_BORDER;

        if (!touched[i]) {
            while (!touched[stop])
                stop++;
            side = side_of_stretch(join, box.column + i, box.row + r, runs, count);
        }
        if (side == RM_INSIDE)
            RM_TRY(add_span(c, (rm_span){cell + i, area, -1, stop - i}, err));
        for (int32_t j = i; side == RM_BORDER && j < stop; j++)
            RM_TRY(add_span(c, (rm_span){cell + j, area, sketch, 1}, err));
        i = stop;
    }
    return RM_OK;
}

static float sketch_scale(rm_cell_box box)
{
    return 65535.0f / (float)(box.columns > box.rows ? box.columns : box.rows);
}

/* All coordinates of an area in the units of its sketches. */
static rm_status measure_units(const rm_join *join, int64_t area, rm_cell_box box,
                               rm_cut_scratch *s, rm_error *err)
{
    const rm_geometry *areas = join->areas;
    int64_t first = areas->ring_point[areas->part_ring[areas->feature_part[area]]];
    int64_t count = rm_points_of(areas, area);
    const double *x = areas->x + first, *y = areas->y + first;
    float scale = sketch_scale(box);

    RM_TRY(RM_GROW(&s->units, &s->units_capacity, count, err));
    s->first_unit = first;
    for (int64_t i = 0; i < count; i++) {
        int32_t u = rm_sketch_units(join, x[i] - join->extent.xmin, box.column, scale);
        int32_t v = rm_sketch_units(join, y[i] - join->extent.ymin, box.row, scale);

        s->units[i] = (uint32_t)u | (uint32_t)v << 16;
    }
    return RM_OK;
}

/* Draws one band: the head, then the coordinates run by run. */
static rm_status draw_sketch(rm_cell_box box, const rm_run *runs, int32_t count,
                             const rm_cut_scratch *s, rm_cut *c, rm_error *err)
{
    rm_sketch head = {box.column, box.row, sketch_scale(box)};
    int64_t need = c->sketch_count + (int64_t)RM_SKETCH_HEAD;

    for (int32_t k = 0; k < count; k++)
        need += runs[k].count + 2;
    RM_TRY(RM_GROW(&c->sketches, &c->sketch_capacity, need, err));
    uint32_t *out = c->sketches + c->sketch_count;
    memcpy(out, &head, sizeof head);
    out += RM_SKETCH_HEAD;
    for (int32_t k = 0; k < count; k++) {
        const uint32_t *units = s->units + (runs[k].start - s->first_unit);

        *out++ = (uint32_t)runs[k].count * 2 + (k + 1 == count);
        for (int32_t i = 0; i <= runs[k].count; i++)
            *out++ = units[i];
    }
    c->sketch_count = need;
    return RM_OK;
}

static rm_status make_spans(const rm_join *join, int64_t area, rm_cell_box box, rm_cut_scratch *s,
                            rm_cut *c, int64_t first_run, rm_error *err)
{
    int64_t cells = (int64_t)box.columns * box.rows;
    int32_t first_band = (int32_t)(c->band_count - box.rows);
    const rm_run *runs = c->runs + first_run;

    RM_TRY(RM_GROW(&s->touched, &s->touched_capacity, cells, err));
    memset(s->touched, 0, (size_t)cells);
    mark_outline(join, area, box, s->touched);
    RM_TRY(measure_units(join, area, box, s, err));
    for (int32_t r = 0; r < box.rows; r++) {
        int32_t count = c->band_runs[first_band + r];

        int32_t sketch = (int32_t)c->sketch_count;

        RM_TRY(draw_sketch(box, runs, count, s, c, err));
        RM_TRY(span_row(join, (int32_t)area, box, r, s->touched + (int64_t)r * box.columns, sketch,
                        runs, count, c, err));
        runs += count;
    }
    return RM_OK;
}

rm_status rm_cut_area(const rm_join *join, int64_t area, rm_cut_scratch *s, rm_cut *c,
                      rm_error *err)
{
    int64_t first_run = c->run_count;
    rm_cell_box box = rm_cells_of(join, area);

    RM_TRY(make_bands(join, area, box, s, c, err));
    if (join->areas->kind[area] != RM_KIND_POLYGON)
        return RM_OK;
    return make_spans(join, area, box, s, c, first_run, err);
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
    rm_release(scratch->units);
    *scratch = (rm_cut_scratch){0};
}
