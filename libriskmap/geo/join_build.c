/* Building the index of a join: areas are cut share by share, each share in memory of its own, and
 * the cuts are put together in the order of the areas. */
#include "base/parallel.h"
#include "geo/join_cut.h"

#include <math.h>
#include <string.h>

enum { AREAS_PER_CUT = 256, CELLS_PER_AREA = 40 };
#define MIN_CELLS  ((int64_t)1 << 16)
#define MANY_CELLS ((int64_t)1 << 20)
#define MAX_CELLS  ((int64_t)1 << 24)

static const char MESSAGE[] = "index of the areas";

typedef struct build {
    rm_join *join;
    rm_cut *cuts;
    int64_t cut_count;
    rm_cut_scratch *scratches; /* one a worker */
    int threads;
    int64_t share;      /* how many rows of the grid a thread takes */
    int64_t *list_room; /* [shares] the room that its lists take, then where they begin */
    rm_progress *progress;
} build;

static rm_status tick(const build *b, int worker, rm_error *err)
{
    return worker == 0 ? rm_progress_tick(b->progress, MESSAGE, err) : RM_OK;
}

/* Whether areas large for these cells would make lists and bands of unreasonable size, as many
 * areas on top of one another do. */
static bool grid_is_too_fine(const rm_join *join)
{
    const rm_geometry *areas = join->areas;
    double cells = 0.0, edge_rows = 0.0;

    for (int64_t a = 0; a < areas->features; a++) {
        if (areas->kind[a] == RM_KIND_NONE)
            continue;
        rm_cell_box box = rm_cells_of(join, a);

        cells += (double)box.columns * box.rows;
        edge_rows += (double)rm_points_of(areas, a) * box.rows;
    }
    /* most edges stay in one row or two, so the second figure is far on the safe side */
    return cells > 4e6 + 128.0 * (double)areas->features + 2.0 * (double)areas->points ||
           edge_rows > 3e8 + 40.0 * (double)areas->points;
}

static rm_status size_grid(rm_join *join, rm_progress *progress, rm_error *err)
{
    double width = join->extent.xmax - join->extent.xmin;
    double height = join->extent.ymax - join->extent.ymin;
    int64_t wanted = CELLS_PER_AREA * join->areas->features;

    wanted = wanted < join->areas->points ? join->areas->points : wanted;
    if (wanted > MANY_CELLS) /* memory counts more the more areas there are */
        wanted = (int64_t)sqrt((double)wanted * (double)MANY_CELLS);
    wanted = wanted < MIN_CELLS ? MIN_CELLS : wanted > MAX_CELLS ? MAX_CELLS : wanted;
    double size = sqrt(width) * sqrt(height) / sqrt((double)wanted);
    size = rm_max(size, rm_max(width, height) / (double)wanted);
    for (;;) {
        RM_TRY(rm_progress_tick(progress, MESSAGE, err));
        double columns = width / size + 1.0, rows = height / size + 1.0;

        if (!(size > 0.0) || !(columns * rows < 4.0 * (double)MAX_CELLS)) {
            columns = rows = 1.0; /* all areas in one spot */
            size = 0.0;
        }
        join->columns = (int32_t)columns;
        join->rows = (int32_t)rows;
        join->scale = size > 0.0 ? 1.0 / size : 0.0;
        if ((join->columns == 1 && join->rows == 1) || !grid_is_too_fine(join))
            return RM_OK;
        size *= 2.0;
    }
}

static rm_status cut_share(void *context, int64_t begin, int64_t end, int worker, rm_error *err)
{
    build *b = context;
    rm_join *join = b->join;
    rm_cut *c = &b->cuts[begin / AREAS_PER_CUT];

    for (int64_t a = begin; a < end; a++) {
        RM_TRY(tick(b, worker, err));
        join->area_band[a] = (int32_t)c->band_count;
        join->first_row[a] = 0;
        if (join->areas->kind[a] == RM_KIND_NONE)
            continue;
        join->first_row[a] = rm_cells_of(join, a).row;
        RM_TRY(rm_cut_area(join, a, &b->scratches[worker], c, err));
        if (c->sketch_count > INT32_MAX / 2 || c->band_count > INT32_MAX / 2)
            return rm_fail_row(err, RM_ELIMIT, a,
                               "the areas are too detailed for one index; split them by region");
    }
    rm_cut_close(c);
    return RM_OK;
}

/* Brings one cut to its place behind the ones before it. */
static rm_status move_cut(void *context, int64_t begin, int64_t end, int worker, rm_error *err)
{
    build *b = context;
    rm_join *join = b->join;

    for (int64_t i = begin; i < end; i++) {
        RM_TRY(tick(b, worker, err));
        rm_cut *c = &b->cuts[i];
        int64_t areas = join->areas->features, last = (i + 1) * AREAS_PER_CUT;
        int32_t run = c->first_run;

        for (int64_t a = i * AREAS_PER_CUT; a < last && a < areas; a++)
            join->area_band[a] += c->first_band;
        if (c->run_count > 0)
            memcpy(join->runs + run, c->runs, (size_t)c->run_count * sizeof *c->runs);
        if (c->sketch_count > 0)
            memcpy(join->sketches + c->first_sketch, c->sketches,
                   (size_t)c->sketch_count * sizeof *c->sketches);
        for (int64_t k = 0; k < c->band_count; k++) {
            join->band_run[c->first_band + k] = run;
            run += c->band_runs[k];
        }
        rm_release(c->runs);
        rm_release(c->sketches);
        c->runs = NULL;
        c->sketches = NULL;
    }
    return RM_OK;
}

/* Puts the bands of the cuts behind one another. */
static rm_status gather(build *b, rm_error *err)
{
    rm_join *join = b->join;
    int64_t runs = 0, bands = 0, sketches = 0;

    for (int64_t i = 0; i < b->cut_count; i++) {
        rm_cut *c = &b->cuts[i];

        c->first_run = (int32_t)runs;
        c->first_band = (int32_t)bands;
        c->first_sketch = (int32_t)sketches;
        runs += c->run_count;
        bands += c->band_count;
        sketches += c->sketch_count;
        if (runs > INT32_MAX || sketches > INT32_MAX || bands >= INT32_MAX)
            return rm_fail(err, RM_ELIMIT,
                           "the areas are too detailed for one index; split them by region");
    }
    RM_TRY(RM_NEW(&join->runs, runs, err));
    RM_TRY(RM_NEW(&join->band_run, bands + 1, err));
    RM_TRY(RM_NEW(&join->sketches, sketches + RM_SKETCH_AHEAD, err));
    join->band_run[bands] = (int32_t)runs;
    join->area_band[join->areas->features] = (int32_t)bands;
    return rm_parallel(b->cut_count, 1, b->threads, move_cut, b, NULL, NULL, err);
}

/* Spans in a share of the grid's rows. */
typedef void (*span_fn)(rm_join *join, rm_span span, int32_t first_sketch);

static rm_status each_span(build *b, int64_t first, int64_t last, span_fn function, int worker,
                           rm_error *err)
{
    for (int64_t i = 0; i < b->cut_count; i++) {
        const rm_cut *c = &b->cuts[i];

        RM_TRY(tick(b, worker, err));
        for (int64_t k = 0; k < c->span_count; k++)
            if (c->spans[k].cell >= first && c->spans[k].cell < last)
                function(b->join, c->spans[k], c->first_sketch);
    }
    return RM_OK;
}

/* First the cells hold what one number can say: an area that has the cell to itself, or less than 0
 * the number of entries that its list will have. */
static void count_span(rm_join *join, rm_span s, int32_t first_sketch)
{
    int32_t *cells = join->cells + s.cell;

    (void)first_sketch;
    for (int32_t i = 0; i < s.count; i++) {
        if (s.entry < 0 && cells[i] == 0)
            cells[i] = ~s.entry + 1;
        else /* > 0: the area that had it to itself so far needs an entry, too */
            cells[i] = cells[i] > 0 ? -2 : cells[i] - 1;
    }
}

/* A list of `count` entries stands nowhere across the border of a cache line when it can lie in
 * one. The lists of a share begin at such a border. */
enum { LINE = 64 / sizeof(int32_t) };

static int64_t list_start(int64_t at, int64_t count)
{
    int64_t room = LINE - at % LINE;

    return count + 1 > room && count + 1 <= LINE ? at + room : at;
}

/* The cells of a share, and the room that its lists will take. */
static rm_status count_entries(void *context, int64_t begin, int64_t end, int worker, rm_error *err)
{
    build *b = context;
    rm_join *join = b->join;
    int64_t first = begin * join->columns, last = end * join->columns, room = 0;

    /* cleared here, by the thread that writes them: memory that is zero from the start comes page
     * by page, first to be read and once more to be written */
    memset(join->cells + first, 0, (size_t)(last - first) * sizeof *join->cells);
    RM_TRY(each_span(b, first, last, count_span, worker, err));
    for (int64_t row = begin; row < end; row++) {
        const int32_t *cells = join->cells + row * join->columns;

        RM_TRY(tick(b, worker, err));
        for (int32_t c = 0; c < join->columns; c++)
            if (cells[c] < 0)
                room = list_start(room, -(int64_t)cells[c]) + 1 - cells[c];
    }
    b->list_room[begin / b->share] = (room + LINE - 1) / LINE * LINE;
    return RM_OK;
}

static void fill_span(rm_join *join, rm_span s, int32_t first_sketch)
{
    int32_t entry = s.entry < 0 ? s.entry : first_sketch + s.entry;

    for (int32_t cell = s.cell; cell < s.cell + s.count; cell++) {
        if (join->cells[cell] >= 0)
            continue;
        int32_t *list = join->lists - join->cells[cell];

        list[++list[0]] = entry;
    }
}

/* Gives the lists of a row of cells their places from `at` on; returns where the next may begin. */
static int64_t place_lists(rm_join *join, int64_t row, int64_t at)
{
    int32_t *cells = join->cells + row * join->columns;

    for (int32_t c = 0; c < join->columns; c++) {
        int64_t count = -(int64_t)cells[c];

        if (count <= 0)
            continue;
        at = list_start(at, count);
        join->lists[at] = 0;
        cells[c] = -(int32_t)at;
        at += 1 + count;
    }
    return at;
}

static rm_status fill_lists(void *context, int64_t begin, int64_t end, int worker, rm_error *err)
{
    build *b = context;
    rm_join *join = b->join;
    int64_t first = begin * join->columns, last = end * join->columns;
    int64_t at = b->list_room[begin / b->share];

    for (int64_t row = begin; row < end; row++) {
        RM_TRY(tick(b, worker, err));
        at = place_lists(join, row, at);
    }
    return each_span(b, first, last, fill_span, worker, err);
}

/* From the room that each share needs to where its lists begin. */
static rm_status place_shares(build *b, int64_t shares, rm_error *err)
{
    int64_t at = LINE; /* a list at 0 could not be told from an empty cell */

    for (int64_t i = 0; i < shares; i++) {
        int64_t room = b->list_room[i];

        b->list_room[i] = at;
        at += room;
    }
    if (at > INT32_MAX)
        return rm_fail(err, RM_ELIMIT, "too many areas overlap; split them by region");
    return RM_NEW(&b->join->lists, at, err);
}

static rm_status make_lists(build *b, rm_error *err)
{
    rm_join *join = b->join;
    int64_t shares;

    b->share = (join->rows + b->threads - 1) / b->threads;
    shares = (join->rows + b->share - 1) / b->share;
    RM_TRY(RM_NEW(&join->cells, (int64_t)join->columns * join->rows, err));
    RM_TRY(RM_NEW(&b->list_room, shares, err));
    RM_TRY(rm_parallel(join->rows, b->share, b->threads, count_entries, b, NULL, NULL, err));
    RM_TRY(place_shares(b, shares, err));
    return rm_parallel(join->rows, b->share, b->threads, fill_lists, b, NULL, NULL, err);
}

static rm_status build_grid(rm_join *join, int threads, rm_progress *progress, rm_error *err)
{
    rm_status status;
    int64_t areas = join->areas->features;
    build b = {.join = join,
               .cut_count = (areas + AREAS_PER_CUT - 1) / AREAS_PER_CUT,
               .threads = threads,
               .progress = progress};

    if ((status = RM_NEW(&join->area_band, areas + 1, err)) != RM_OK ||
        (status = RM_NEW(&join->first_row, areas, err)) != RM_OK ||
        (status = RM_NEW_ZERO(&b.cuts, b.cut_count, err)) != RM_OK ||
        (status = RM_NEW_ZERO(&b.scratches, threads, err)) != RM_OK)
        goto cleanup;
    status = rm_parallel(areas, AREAS_PER_CUT, threads, cut_share, &b, NULL, NULL, err);
    if (status == RM_OK)
        status = gather(&b, err);
    if (status == RM_OK)
        status = make_lists(&b, err);
cleanup:
    for (int64_t i = 0; b.cuts != NULL && i < b.cut_count; i++)
        rm_cut_clear(&b.cuts[i]);
    for (int i = 0; b.scratches != NULL && i < threads; i++)
        rm_cut_scratch_clear(&b.scratches[i]);
    rm_release(b.cuts);
    rm_release(b.scratches);
    rm_release(b.list_room);
    return status;
}

static rm_status measure_boxes(void *context, int64_t begin, int64_t end, int worker, rm_error *err)
{
    const build *b = context;
    rm_join *join = b->join;

    RM_TRY(tick(b, worker, err));
    for (int64_t a = begin; a < end; a++)
        join->boxes[a] = rm_geometry_box(join->areas, a);
    return RM_OK;
}

static rm_status find_extent(rm_join *join, int threads, rm_progress *progress, rm_error *err)
{
    build b = {.join = join, .progress = progress};
    const rm_geometry *areas = join->areas;

    join->extent = RM_BOX_EMPTY;
    join->only_polygons = true;
    RM_TRY(RM_NEW(&join->boxes, areas->features, err));
    RM_TRY(
        rm_parallel(areas->features, AREAS_PER_CUT, threads, measure_boxes, &b, NULL, NULL, err));
    for (int64_t a = 0; a < areas->features; a++) {
        rm_box box = join->boxes[a];

        if (rm_box_is_empty(box))
            continue;
        join->only_polygons = join->only_polygons && areas->kind[a] == RM_KIND_POLYGON;
        if (rm_box_is_empty(join->extent))
            join->extent = box;
        join->extent =
            (rm_box){rm_min(join->extent.xmin, box.xmin), rm_min(join->extent.ymin, box.ymin),
                     rm_max(join->extent.xmax, box.xmax), rm_max(join->extent.ymax, box.ymax)};
    }
    return RM_OK;
}

rm_status rm_join_build(rm_join **out, const rm_geometry *areas, int threads, rm_progress *progress,
                        rm_error *err)
{
    rm_join *join = NULL;
    rm_status status;

    RM_TRY(RM_NEW_ZERO(&join, 1, err));
    join->areas = areas;
    threads = rm_threads(threads);
    if ((status = find_extent(join, threads, progress, err)) != RM_OK)
        goto cleanup;
    if ((status = size_grid(join, progress, err)) != RM_OK)
        goto cleanup;
    if ((status = build_grid(join, threads, progress, err)) != RM_OK)
        goto cleanup;
    status = rm_rtree_build(&join->tree, join->boxes, areas->features, threads, progress, err);
cleanup:
    if (status != RM_OK) {
        rm_join_free(join);
        return status;
    }
    *out = join;
    return RM_OK;
}

void rm_join_free(rm_join *join)
{
    if (join == NULL)
        return;
    rm_release(join->boxes);
    rm_release(join->cells);
    rm_release(join->lists);
    rm_release(join->area_band);
    rm_release(join->first_row);
    rm_release(join->band_run);
    rm_release(join->runs);
    rm_release(join->sketches);
    rm_rtree_free(join->tree);
    rm_release(join);
}

rm_box rm_join_extent(const rm_join *join)
{
    return join->extent;
}
