#include "io/raster/contour.h"

#include "io/raster/contour_rings.h"

#include <limits.h>
#include <math.h>
#include <string.h>

/* Least share of an edge between a crossing and either end. */
#define ASIDE (1.0 / 1024.0)

enum { BELOW, ABOVE, NOTHING };

/* A square that holds a part of the edge takes as long as some thirty that do not. */
enum { SQUARES_A_TICK = 1 << 18, ACTIVE = 32 };

/* How much of the time of a level goes by before its rings are put together. */
static const double MARCH = 0.6;

/* All places lie on a grid of half cells: centres at odd rows and columns, corners at even ones. */
typedef struct contour_job {
    const float *values;
    rm_grid grid;
    double half, level;
    float threshold;   /* value > threshold just where value > level */
    uint8_t *state[2]; /* of the cells in the rows above and below, from column -1 on */
    uint8_t *active;   /* [columns + 1] squares that hold a part of the edge */
    rm_contour_rings rings;
    int64_t i, j;  /* the square: between rows i - 1 and i, columns j - 1 and j */
    int64_t since; /* squares since progress was told */
    rm_error *err;
} contour_job;

static rm_contour_point at(const contour_job *job, int64_t row, int64_t column, int tag)
{
    int64_t node = row * (2 * job->grid.columns + 1) + column;
    return (rm_contour_point){node * 8 + tag, job->grid.left + (double)column * job->half,
                              job->grid.top - (double)row * job->half, false};
}

/* From the value a at one end of an edge to b at the other, one of them above the level. */
static double share(double a, double b, double level)
{
    double t = (level - a) / (b - a);
    if (!(t > ASIDE)) /* of infinite values too */
        return ASIDE;
    return t < 1.0 - ASIDE ? t : 1.0 - ASIDE;
}

/* A convex piece of the plane with values at its corners, counter-clockwise. */
typedef struct piece {
    rm_contour_point corner[4], crossing[4]; /* crossing k: between corners k and k + 1 */
    double value[4];
    bool above[4], border[4]; /* border k: nothing lies beyond the edge from corner k */
} piece;

static rm_status add_segment(contour_job *job, const rm_contour_point *from,
                             const rm_contour_point *to)
{
    return rm_contour_add(&job->rings, from, to, job->i, job->j, job->err);
}

/* The crossing at which the chord from crossing k ends: the next one where the two corners above
 * are joined, so that a corner below is cut off, else the one before. */
static int chord_end(const piece *p, int k, double level)
{
    int crossings = 0;
    for (int e = 0; e < 4; e++)
        crossings += p->above[e] != p->above[(e + 1) % 4];
    double mean = 0.25 * p->value[0] + 0.25 * p->value[1] + 0.25 * p->value[2] + 0.25 * p->value[3];
    int step = crossings == 4 && !(mean > level) ? 3 : 1;
    int e = (k + step) % 4;
    while (p->above[e] || !p->above[(e + 1) % 4])
        e = (e + step) % 4;
    return e;
}

static rm_status add_piece(contour_job *job, const piece *p)
{
    for (int k = 0; k < 4; k++) {
        int n = (k + 1) % 4;
        bool leaves = p->above[k] && !p->above[n], enters = !p->above[k] && p->above[n];
        if (leaves)
            RM_TRY(add_segment(job, &p->crossing[k], &p->crossing[chord_end(p, k, job->level)]));
        if (!p->border[k] || (!p->above[k] && !p->above[n]))
            continue;
        RM_TRY(add_segment(job, enters ? &p->crossing[k] : &p->corner[k],
                           leaves ? &p->crossing[k] : &p->corner[n]));
    }
    return RM_OK;
}

/* What is at the square's corners: cells south-east, south-west, north-west and north-east of its
 * middle, which is a corner of all four. */
typedef struct square {
    bool valid[4];
    double value[4];
    rm_contour_point centre[4], middle[4], crossing[4]; /* d: between cells d and d + 1, so on the
                                                           line south, west, north, east */
    rm_contour_point corner, inner[4]; /* inner d: on the line from the corner to middle d */
} square;

static void look_at(const contour_job *job, square *s)
{
    static const int dy[4] = {0, 0, -1, -1}, dx[4] = {0, -1, -1, 0};
    static const int my[4] = {1, 0, -1, 0}, mx[4] = {0, -1, 0, 1};
    int64_t row = 2 * job->i, column = 2 * job->j;

    s->corner = at(job, row, column, 5);
    s->corner.corner = true;
    for (int d = 0; d < 4; d++) {
        int64_t r = job->i + dy[d], c = job->j + dx[d];
        s->value[d] = NAN;
        if (r >= 0 && r < job->grid.rows && c >= 0 && c < job->grid.columns)
            s->value[d] = (double)job->values[r * job->grid.columns + c];
        s->valid[d] = s->value[d] == s->value[d];
        s->centre[d] = at(job, 2 * r + 1, 2 * c + 1, 5);
        s->middle[d] = at(job, row + my[d], column + mx[d], 5);
        s->middle[d].corner = true;
    }
    for (int d = 0; d < 4; d++) {
        int a = d, b = (d + 1) % 4;
        s->crossing[d] = at(job, row + my[d], column + mx[d], 0);
        if (!s->valid[a] || !s->valid[b] ||
            (s->value[a] > job->level) == (s->value[b] > job->level))
            continue;
        double t = share(s->value[a], s->value[b], job->level);
        s->crossing[d].x = s->centre[a].x + t * (s->centre[b].x - s->centre[a].x);
        s->crossing[d].y = s->centre[a].y + t * (s->centre[b].y - s->centre[a].y);
    }
}

static rm_status whole_square(contour_job *job, const square *s)
{
    /* counter-clockwise from the south-west: cells 1, 0, 3, 2 */
    piece p = {0};
    for (int k = 0; k < 4; k++) {
        int cell = (5 - k) % 4;
        p.corner[k] = s->centre[cell];
        p.value[k] = s->value[cell];
        p.above[k] = p.value[k] > job->level;
        p.crossing[k] = s->crossing[(4 - k) % 4];
    }
    return add_piece(job, &p);
}

/* Where a cell is missing every other one has its own quarter of the square, with the mean of those
 * that are there at the ends of their borders. */
typedef struct quarters {
    double middle[4], corner;
    bool middle_above[4], corner_above;
} quarters;

static void weigh_quarters(const contour_job *job, square *s, quarters *q)
{
    double sum = 0.0;
    int count = 0;

    memset(q, 0, sizeof *q);
    for (int d = 0; d < 4; d++) {
        int e = (d + 1) % 4;
        if (s->valid[d]) {
            sum += 0.25 * s->value[d];
            count++;
        }
        q->middle[d] = s->valid[d] ? s->value[d] : s->value[e];
        if (s->valid[d] && s->valid[e])
            q->middle[d] = 0.5 * s->value[d] + 0.5 * s->value[e];
        q->middle_above[d] = q->middle[d] > job->level;
    }
    q->corner = sum * 4.0 / count;
    /* two cells that meet in this corner alone are kept apart */
    if (count == 2 && s->valid[0] == s->valid[2])
        q->corner = job->level;
    q->corner_above = q->corner > job->level;
    for (int d = 0; d < 4; d++) {
        s->inner[d] = s->corner;
        s->inner[d].key += d - 4; /* tags 1 to 4 */
        s->inner[d].corner = false;
        if (q->middle_above[d] == q->corner_above)
            continue;
        double t = share(q->corner, q->middle[d], job->level);
        s->inner[d].x += t * (s->middle[d].x - s->corner.x);
        s->inner[d].y += t * (s->middle[d].y - s->corner.y);
    }
}

static rm_status split_square(contour_job *job, square *s)
{
    quarters q;

    weigh_quarters(job, s, &q);
    for (int c = 0; c < 4; c++) {
        int a = c, b = (c + 3) % 4; /* its borders run from the corner to middles a and b */
        if (!s->valid[c])
            continue;
        piece p = {
            .corner = {s->corner, s->middle[a], s->centre[c], s->middle[b]},
            .crossing = {s->inner[a], s->crossing[a], s->crossing[b], s->inner[b]},
            .value = {q.corner, q.middle[a], s->value[c], q.middle[b]},
            .above = {q.corner_above, q.middle_above[a], s->value[c] > job->level,
                      q.middle_above[b]},
            .border = {!s->valid[(a + 1) % 4], false, false, !s->valid[b]},
        };
        RM_TRY(add_piece(job, &p));
    }
    return RM_OK;
}

static rm_status one_square(contour_job *job)
{
    square s;

    look_at(job, &s);
    if (s.valid[0] && s.valid[1] && s.valid[2] && s.valid[3])
        return whole_square(job, &s);
    return split_square(job, &s);
}

static void set_states(const contour_job *job, uint8_t *state, int64_t row)
{
    int64_t columns = job->grid.columns;
    const float *values = job->values + row * columns;

    memset(state, NOTHING, (size_t)columns + 2);
    if (row < 0 || row >= job->grid.rows)
        return;
    for (int64_t c = 0; c < columns; c++) {
        float value = values[c];
        state[c + 1] = value > job->threshold ? ABOVE : value == value ? BELOW : NOTHING;
    }
}

static rm_status go_on(contour_job *job, int64_t squares)
{
    job->since += squares;
    if (job->since < SQUARES_A_TICK)
        return RM_OK;
    job->since = 0;
    return rm_progress_report(job->rings.progress, (double)job->i / (double)(job->grid.rows + 1),
                              RM_CONTOUR_MESSAGE, job->err);
}

/* Nothing happens where no corner is above, or all four are. */
static rm_status one_row(contour_job *job)
{
    const uint8_t *up = job->state[0], *down = job->state[1];
    int64_t squares = job->grid.columns + 1;

    for (int64_t j = 0; j < squares; j++) {
        int above =
            (up[j] == ABOVE) + (up[j + 1] == ABOVE) + (down[j] == ABOVE) + (down[j + 1] == ABOVE);
        job->active[j] = above % 4 != 0;
    }
    for (int64_t j = 0; j < squares; j++) {
        const uint8_t *found = memchr(job->active + j, 1, (size_t)(squares - j));
        if (!found)
            break;
        j = found - job->active;
        job->j = j;
        RM_TRY(one_square(job));
        RM_TRY(go_on(job, ACTIVE));
    }
    return go_on(job, squares);
}

static rm_status one_level(rm_geometry *out, contour_job *job, double level, rm_stage stage)
{
    int64_t rows = job->grid.rows;

    job->level = level;
    job->threshold = (float)level;
    if ((double)job->threshold > level)
        job->threshold = nextafterf(job->threshold, -INFINITY);
    rm_progress_part(job->rings.progress, stage, 0.0, MARCH);
    RM_TRY(rm_progress_report(job->rings.progress, 0.0, RM_CONTOUR_MESSAGE, job->err));
    RM_TRY(rm_contour_reset(&job->rings, job->err));
    set_states(job, job->state[1], -1);
    for (job->i = 0; job->i <= rows; job->i++) {
        uint8_t *upper = job->state[1];
        job->state[1] = job->state[0];
        job->state[0] = upper;
        set_states(job, job->state[1], job->i);
        RM_TRY(one_row(job));
    }
    rm_progress_part(job->rings.progress, stage, MARCH, 1.0);
    return rm_contour_finish(out, &job->rings, job->err);
}

static rm_status check_arguments(const rm_grid *grid, const double *levels, int32_t level_count,
                                 rm_error *err)
{
    if (grid->columns < 1 || grid->rows < 1 || !(grid->cell > 0.0) || !isfinite(grid->cell) ||
        !isfinite(grid->left) || !isfinite(grid->top))
        return rm_fail(err, RM_EINVAL, "the raster has no cells, or its grid is not finite");
    if (grid->columns > INT32_MAX / 4 || grid->rows > INT32_MAX / 4)
        return rm_fail(err, RM_ELIMIT,
                       "contours of a raster of %lld columns by %lld rows are not drawn; take "
                       "larger cells",
                       (long long)grid->columns, (long long)grid->rows);
    double right = grid->left + (double)grid->columns * grid->cell;
    double bottom = grid->top - (double)grid->rows * grid->cell;
    double far = fmax(fmax(fabs(grid->left), fabs(grid->top)), fmax(fabs(right), fabs(bottom)));
    if (!(far + grid->cell * ASIDE / 64.0 > far))
        return rm_fail(err, RM_EINVAL, "cells of %g are too small for coordinates of %g",
                       grid->cell, far);
    for (int32_t l = 0; l < level_count; l++)
        if (isnan(levels[l]))
            return rm_fail_row(err, RM_EINVAL, l, "level %d is not a number", (int)l);
    return RM_OK;
}

static rm_status all_levels(rm_geometry *out, contour_job *job, const double *levels,
                            int32_t level_count, rm_stage stage)
{
    RM_TRY(RM_NEW(&job->state[0], job->grid.columns + 2, job->err));
    RM_TRY(RM_NEW(&job->state[1], job->grid.columns + 2, job->err));
    RM_TRY(RM_NEW(&job->active, job->grid.columns + 1, job->err));
    for (int32_t l = 0; l < level_count; l++) {
        double size = (stage.to - stage.from) / level_count;
        rm_stage part = {stage.from + l * size, stage.from + (l + 1) * size};
        RM_TRY(one_level(out, job, levels[l], part));
    }
    return RM_OK;
}

/* A copy takes no more room than it needs; of what is large, making one takes too long. */
static rm_status hand_over(rm_geometry *out, rm_geometry *made, rm_error *err)
{
    enum { LARGE = 1 << 22 };
    if (out->features > 0 || made->points < LARGE)
        return rm_geometry_add_all(out, made, err);
    rm_geometry before = *out;
    *out = *made;
    *made = before;
    return RM_OK;
}

rm_status rm_contour(rm_geometry *out, const float *values, const rm_grid *grid,
                     const double *levels, int32_t level_count, rm_progress *progress,
                     rm_error *err)
{
    RM_TRY(check_arguments(grid, levels, level_count, err));
    contour_job job = {.values = values,
                       .grid = *grid,
                       .half = 0.5 * grid->cell,
                       .rings = {.progress = progress},
                       .err = err};
    rm_geometry made = {0};
    rm_stage stage = rm_progress_present(progress);
    rm_status status = all_levels(&made, &job, levels, level_count, stage);

    rm_progress_stage(progress, stage.from, stage.to);
    if (status == RM_OK)
        status = rm_progress_report(progress, 1.0, RM_CONTOUR_MESSAGE, err);
    if (status == RM_OK)
        status = hand_over(out, &made, err);
    rm_geometry_clear(&made);
    rm_contour_clear(&job.rings);
    rm_release(job.state[0]);
    rm_release(job.state[1]);
    rm_release(job.active);
    return status;
}
