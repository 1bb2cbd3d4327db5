#include "geo/runs.h"

#include "base/parallel.h"

#include <math.h>
#include <string.h>

enum { CHUNK = 8192, MOST_CELLS_A_SIDE = 1024, FEATURES_PER_CELL = 4 };

void rm_runs_clear(rm_runs *runs)
{
    rm_release(runs->items);
    rm_release(runs->boxes);
    rm_release(runs->x);
    rm_release(runs->y);
    *runs = (rm_runs){0};
}

static rm_box box_of(const double *x, const double *y, int32_t count)
{
    rm_box box = {x[0], y[0], x[0], y[0]};

    for (int32_t i = 1; i < count; i++) {
        box.xmin = x[i] < box.xmin ? x[i] : box.xmin;
        box.ymin = y[i] < box.ymin ? y[i] : box.ymin;
        box.xmax = x[i] > box.xmax ? x[i] : box.xmax;
        box.ymax = y[i] > box.ymax ? y[i] : box.ymax;
    }
    return box;
}

int64_t rm_runs_of_feature(const rm_geometry *geometry, int64_t feature, int32_t longest)
{
    int64_t count = 0;

    if (geometry->kind[feature] == RM_KIND_NONE)
        return 0;
    int32_t ring = geometry->part_ring[geometry->feature_part[feature]];
    int32_t end = geometry->part_ring[geometry->feature_part[feature + 1]];
    for (; ring < end; ring++) {
        int32_t segments = geometry->ring_point[ring + 1] - geometry->ring_point[ring] - 1;

        count += segments > 0 ? (segments + longest - 1) / longest : segments == 0;
    }
    return count;
}

bool rm_is_one_run(const rm_geometry *geometry, int64_t feature)
{
    int32_t part = geometry->feature_part[feature];
    int32_t ring = geometry->part_ring[part];

    return geometry->kind[feature] == RM_KIND_POLYGON &&
           geometry->feature_part[feature + 1] == part + 1 &&
           geometry->part_ring[part + 1] == ring + 1 &&
           geometry->ring_point[ring + 1] - geometry->ring_point[ring] <= RM_RUN_SEGMENTS + 1;
}

void rm_runs_write(const rm_geometry *geometry, int64_t feature, int32_t longest,
                   rm_segment_run *items, rm_box *boxes)
{
    bool whole = rm_is_one_run(geometry, feature);

    for (int32_t p = geometry->feature_part[feature]; p < geometry->feature_part[feature + 1];
         p++) {
        bool first = true;

        for (int32_t r = geometry->part_ring[p]; r < geometry->part_ring[p + 1]; r++) {
            int32_t begin = geometry->ring_point[r], end = geometry->ring_point[r + 1];
            int32_t points = 0;

            /* neighbours share a coordinate; a ring of one coordinate is a single point */
            for (int32_t i = begin; i == begin ? i < end : i + 1 < end; i += points - 1) {
                points = end - i < longest + 1 ? end - i : longest + 1;
                *items++ = (rm_segment_run){i, (int32_t)feature, (uint8_t)points, first, whole};
                *boxes++ = box_of(geometry->x + i, geometry->y + i, points);
                first = false;
                if (points == 1)
                    break;
            }
        }
    }
}

/* A grid laid over all features, its cells numbered row by row, every other row backwards. */
typedef struct cell_task {
    const rm_geometry *geometry;
    rm_box extent; /* of their first points */
    int32_t side;  /* cells a side */
    int32_t *cells;
    rm_progress *progress;
} cell_task;

/* Any point of a feature will do for the order. */
static int32_t first_point(const rm_geometry *geometry, int64_t feature)
{
    return geometry->ring_point[geometry->part_ring[geometry->feature_part[feature]]];
}

static rm_box extent_of_firsts(const rm_geometry *geometry)
{
    rm_box extent = {INFINITY, INFINITY, -INFINITY, -INFINITY};

    for (int64_t f = 0; f < geometry->features; f++) {
        if (geometry->kind[f] == RM_KIND_NONE)
            continue;
        int32_t point = first_point(geometry, f);
        double x = geometry->x[point], y = geometry->y[point];

        extent.xmin = rm_min(x, extent.xmin);
        extent.ymin = rm_min(y, extent.ymin);
        extent.xmax = rm_max(x, extent.xmax);
        extent.ymax = rm_max(y, extent.ymax);
    }
    return extent;
}

static rm_status find_cells(void *context, int64_t begin, int64_t end, int worker, rm_error *err)
{
    const cell_task *task = context;
    rm_box extent = task->extent;
    double side = task->side;

    if (worker == 0)
        RM_TRY(rm_progress_tick(task->progress, "index", err));
    for (int64_t f = begin; f < end; f++) {
        task->cells[f] = 0;
        if (task->geometry->kind[f] == RM_KIND_NONE)
            continue;
        int32_t point = first_point(task->geometry, f);
        double x = (task->geometry->x[point] - extent.xmin) / (extent.xmax - extent.xmin);
        double y = (task->geometry->y[point] - extent.ymin) / (extent.ymax - extent.ymin);
        int32_t column = x > 0.0 ? x < 1.0 ? (int32_t)(x * side) : task->side - 1 : 0;
        int32_t row = y > 0.0 ? y < 1.0 ? (int32_t)(y * side) : task->side - 1 : 0;

        task->cells[f] = row * task->side + (row & 1 ? task->side - 1 - column : column);
    }
    return RM_OK;
}

rm_status rm_order_nearby(int32_t **order, const rm_geometry *geometry, int threads,
                          rm_progress *progress, rm_error *err)
{
    cell_task task = {geometry, extent_of_firsts(geometry), 1, NULL, progress};
    int64_t features = geometry->features;
    int32_t *start = NULL, *found = NULL;
    rm_status status;

    while (task.side < MOST_CELLS_A_SIDE &&
           (int64_t)task.side * task.side * FEATURES_PER_CELL < features)
        task.side *= 2;
    int32_t cell_count = task.side * task.side;
    if ((status = RM_NEW(&found, features, err)) != RM_OK ||
        (status = RM_NEW(&task.cells, features, err)) != RM_OK ||
        (status = RM_NEW_ZERO(&start, cell_count + 1, err)) != RM_OK ||
        (status = rm_parallel(features, CHUNK, threads, find_cells, &task, NULL, NULL, err)) !=
            RM_OK)
        goto cleanup;
    for (int64_t f = 0; f < features; f++)
        start[task.cells[f] + 1]++;
    if ((status = rm_progress_tick(progress, "index", err)) != RM_OK)
        goto cleanup;
    for (int32_t i = 0; i < cell_count; i++)
        start[i + 1] += start[i];
    for (int64_t f = 0; f < features; f++)
        found[start[task.cells[f]]++] = (int32_t)f;
    if ((status = rm_progress_tick(progress, "index", err)) != RM_OK)
        goto cleanup;
    *order = found;
    found = NULL;
cleanup:
    rm_release(found);
    rm_release(task.cells);
    rm_release(start);
    return status;
}

typedef struct copy_task {
    const rm_geometry *geometry;
    const int32_t *order;
    rm_runs *runs;
    int32_t *run_count, *point_count; /* [features] */
    int64_t *run_start, *point_start; /* [chunks] what lies before each chunk of the order */
    rm_progress *progress;
} copy_task;

/* Coordinates of a feature's runs: those where one ends and the next begins count twice. */
static int64_t points_of_runs(const rm_geometry *geometry, int64_t feature, int64_t runs)
{
    int32_t begin = geometry->part_ring[geometry->feature_part[feature]];
    int32_t end = geometry->part_ring[geometry->feature_part[feature + 1]];

    return geometry->ring_point[end] - geometry->ring_point[begin] + runs - (end - begin);
}

static rm_status count_chunk(void *context, int64_t begin, int64_t end, int worker, rm_error *err)
{
    const copy_task *task = context;

    if (worker == 0)
        RM_TRY(rm_progress_tick(task->progress, "index", err));
    for (int64_t f = begin; f < end; f++) {
        int64_t runs = rm_runs_of_feature(task->geometry, f, RM_RUN_SEGMENTS);

        task->run_count[f] = (int32_t)runs;
        task->point_count[f] = runs ? (int32_t)points_of_runs(task->geometry, f, runs) : 0;
    }
    return RM_OK;
}

static rm_status copy_chunk(void *context, int64_t begin, int64_t end, int worker, rm_error *err)
{
    const copy_task *task = context;
    const rm_geometry *from = task->geometry;
    rm_runs *runs = task->runs;
    int64_t next = task->run_start[begin / CHUNK], point = task->point_start[begin / CHUNK];

    if (worker == 0)
        RM_TRY(rm_progress_tick(task->progress, "index", err));
    for (int64_t i = begin; i < end; i++) {
        int64_t feature = task->order[i], stop = next + task->run_count[feature];

        if (i + RM_AHEAD < end)
            rm_fetch_ahead(from, task->order[i + RM_AHEAD]);
        if (next < stop)
            rm_runs_write(from, feature, RM_RUN_SEGMENTS, runs->items + next, runs->boxes + next);
        for (; next < stop; next++) {
            rm_segment_run *run = &runs->items[next];

            memcpy(runs->x + point, from->x + run->begin, run->points * sizeof *runs->x);
            memcpy(runs->y + point, from->y + run->begin, run->points * sizeof *runs->y);
            run->begin = (int32_t)point;
            point += run->points;
        }
    }
    return RM_OK;
}

static rm_status size_runs(copy_task *task, rm_error *err)
{
    rm_runs *runs = task->runs;
    int64_t features = task->geometry->features, points = 0;

    for (int64_t i = 0; i < features; i++) {
        if (i % CHUNK == 0) {
            RM_TRY(rm_progress_tick(task->progress, "index", err));
            task->run_start[i / CHUNK] = runs->count;
            task->point_start[i / CHUNK] = points;
        }
        runs->count += task->run_count[task->order[i]];
        points += task->point_count[task->order[i]];
    }
    if (points > INT32_MAX)
        return rm_fail(err, RM_ELIMIT, "more than %d coordinates to search; split the layer",
                       INT32_MAX);
    RM_TRY(RM_NEW(&runs->items, runs->count, err));
    RM_TRY(RM_NEW(&runs->boxes, runs->count, err));
    RM_TRY(RM_NEW(&runs->x, points + RM_RUN_ROOM, err));
    RM_TRY(RM_NEW(&runs->y, points + RM_RUN_ROOM, err));
    for (int64_t i = points; i < points + RM_RUN_ROOM; i++)
        runs->x[i] = runs->y[i] = 0.0;
    return RM_OK;
}

static void find_size(rm_runs *runs)
{
    for (int64_t i = 0; i < runs->count; i++) {
        const rm_box *box = &runs->boxes[i];

        runs->size = rm_max(rm_max(fabs(box->xmin), fabs(box->xmax)), runs->size);
        runs->size = rm_max(rm_max(fabs(box->ymin), fabs(box->ymax)), runs->size);
    }
}

rm_status rm_runs_build(rm_runs *runs, const rm_geometry *geometry, int threads,
                        rm_progress *progress, rm_error *err)
{
    int64_t features = geometry->features, chunks = (features + CHUNK - 1) / CHUNK;
    int32_t *order = NULL;
    copy_task task = {.geometry = geometry, .runs = runs, .progress = progress};
    rm_status status;

    *runs = (rm_runs){0};
    if ((status = rm_progress_tick(progress, "index", err)) != RM_OK ||
        (status = rm_order_nearby(&order, geometry, threads, progress, err)) != RM_OK)
        return status;
    task.order = order;
    if ((status = RM_NEW(&task.run_count, features, err)) != RM_OK ||
        (status = RM_NEW(&task.point_count, features, err)) != RM_OK ||
        (status = RM_NEW(&task.run_start, chunks, err)) != RM_OK ||
        (status = RM_NEW(&task.point_start, chunks, err)) != RM_OK ||
        (status = rm_parallel(features, CHUNK, threads, count_chunk, &task, NULL, NULL, err)) !=
            RM_OK ||
        (status = size_runs(&task, err)) != RM_OK)
        goto cleanup;
    status = rm_parallel(features, CHUNK, threads, copy_chunk, &task, NULL, NULL, err);
    if (status == RM_OK)
        find_size(runs);
cleanup:
    rm_release(order);
    rm_release(task.run_count);
    rm_release(task.point_count);
    rm_release(task.run_start);
    rm_release(task.point_start);
    if (status != RM_OK)
        rm_runs_clear(runs);
    return status;
}
