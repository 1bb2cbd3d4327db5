/* Compact kernels of many cells: in a row of cells a point is a polynomial in the column, from the
 * first column in its reach to the last. Its coefficients are added where it begins and taken off
 * behind where it ends, so that a running sum over the columns gives the polynomial of all points
 * that reach a cell. The cost does not depend on how many cells lie in between.
 *
 * Coefficients are about the middle of a block of columns no wider than the reach allows, in units
 * of the radius, and rounded once to integers: sums of integers leave nothing behind when a point
 * ends, whatever was added in between, and do not depend on the order. */
#include "base/memory.h"
#include "base/simd.h"
#include "stats/density/inner.h"

#include <math.h>

enum { BLOCK_ROWS = 16, LANES = 8, LEAST_RADIUS = 24, MOST_COLUMNS = 1024 };

/* Eight lanes, lowered to what the processor has. Not aligned: rm_alloc promises 16 bytes. */
typedef double lanes __attribute__((vector_size(64), aligned(8), may_alias));
typedef int64_t counts __attribute__((vector_size(64), aligned(8), may_alias));
typedef uint64_t words __attribute__((vector_size(64), aligned(8), may_alias));

typedef struct block {
    int64_t row0, column0;
    int rows, columns;
    int power;
    double radius, unit; /* unit: a weight of 1 in quanta */
    double *event; /* [BLOCK_ROWS][columns + 1][LANES]: integers first, then sums as doubles */
    bool used[BLOCK_ROWS];
} block;

/* Bound of a coefficient for a point of weight 1, and how many there are, by power. */
static const double coefficient_bound[] = {1, 4, 32, 256};
static const int coefficients[] = {1, 3, 5, 7};

/* As many columns as keep a point that reaches the block within 2 radii of its middle. */
static int64_t columns_of(const rm_surface *s)
{
    double wide = 2 * s->bandwidth;
    return wide > MOST_COLUMNS ? MOST_COLUMNS : (int64_t)wide / LANES * LANES;
}

/* Quanta for a coefficient of 1: so many that neither one coefficient leaves 50 bits nor the sum
 * over `points` 62. */
static double quanta(int power, double points)
{
    double bound = coefficient_bound[power];
    return exp2(fmin(50 - log2(bound), floor(61 - log2(bound * points))));
}

/* Each coefficient is off by half a quantum at most, the column by at most a radius. Not for a
 * radius of few cells, where scatter is cheaper. */
double rm_sweep_error(const rm_surface *s)
{
    int power = rm_kernel_power(s->kernel);
    if (s->bandwidth < LEAST_RADIUS)
        return INFINITY;
    return 0.5 * coefficients[power] / quanta(power, fmax(1, (double)s->spots.count)) + 1e-13;
}

/* (c - (X - x)^2)^power as polynomials in X, one for each power of c: part[k] belongs to c^k. */
RM_INLINE void expand(lanes part[4], double x, int power)
{
    double s = x * x;
    switch (power) {
    case 0:
        part[0] = (lanes){1};
        break;
    case 1:
        part[0] = (lanes){-s, 2 * x, -1};
        part[1] = (lanes){1};
        break;
    case 2:
        part[0] = (lanes){s * s, -4 * s * x, 6 * s, -4 * x, 1};
        part[1] = (lanes){-2 * s, 4 * x, -2};
        part[2] = (lanes){1};
        break;
    default:
        part[0] = (lanes){-s * s * s, 6 * s * s * x, -15 * s * s, 20 * s * x, -15 * s, 6 * x, -1};
        part[1] = (lanes){3 * s * s, -12 * s * x, 18 * s, -12 * x, 3};
        part[2] = (lanes){-3 * s, 6 * x, -3};
        part[3] = (lanes){1};
    }
}

RM_CLONES static void add_spots(block *b, const rm_spot *spot, int64_t count)
{
    const double shift = 6755399441055744.0; /* 1.5 * 2^52: adding it rounds to an integer */
    const lanes shifts = {shift, shift, shift, shift, shift, shift, shift, shift};
    const double middle = (double)b->column0 + 0.5 * (double)(b->columns - 1), per = 1 / b->radius;
    const size_t stride = (size_t)(b->columns + 1) * LANES;
    for (int64_t i = 0; i < count; i++, spot++) {
        double c[BLOCK_ROWS], unit = b->unit * spot->weight;
        int64_t first[BLOCK_ROWS], end[BLOCK_ROWS];
        lanes part[4] = {{0}};
        rm_circle_rows(c, first, end, BLOCK_ROWS, spot->x - (double)b->column0,
                       spot->y - (double)b->row0, b->radius, (double)b->columns);
        expand(part, (spot->x - middle) * per, b->power);
        for (int k = 0; k < 4; k++)
            part[k] *= unit;
        for (int r = 0; r < b->rows; r++) {
            if (first[r] >= end[r])
                continue;
            double c1 = c[r] * per * per;
            lanes sum = ((part[3] * c1 + part[2]) * c1 + part[1]) * c1 + part[0] + shifts;
            counts whole = (counts)sum - (counts)shifts;
            double *event = b->event + (size_t)r * stride;
            *(counts *)(event + (size_t)first[r] * LANES) += whole;
            *(counts *)(event + (size_t)end[r] * LANES) -= whole;
            b->used[r] = true;
        }
    }
}

/* Running sums over the columns of a row, as doubles: the two halves of an integer each fit. */
RM_CLONES static void run_sums(double *event, int columns)
{
    const double two32 = 4294967296.0, two52 = 4503599627370496.0;
    counts sum = {0};
    for (int c = 0; c < columns; c++) {
        sum += *(counts *)(event + (size_t)c * LANES);
        words raised = (words)sum + ((uint64_t)1 << 63);
        words high = (raised >> 32) | 0x4330000000000000u;
        words low = (raised & 0xffffffffu) | 0x4330000000000000u;
        *(lanes *)(event + (size_t)c * LANES) =
            ((lanes)high - (two52 + 2147483648.0)) * two32 + ((lanes)low - two52);
    }
}

RM_INLINE void evaluate(double *out, const double *event, const block *b, double scale, int degree)
{
    double middle = 0.5 * (double)(b->columns - 1);
    for (int c = 0; c < b->columns; c++) {
        double x = (c - middle) / b->radius, value = event[c * LANES + degree];
        for (int k = degree - 1; k >= 0; k--)
            value = value * x + event[c * LANES + k];
        out[c] = value > 0 ? value * scale : 0; /* rounding may leave less than nothing */
    }
}

RM_CLONES static void write_row(double *out, const double *event, const block *b, double scale)
{
    switch (b->power) {
    case 0:
        evaluate(out, event, b, scale, 0);
        break;
    case 1:
        evaluate(out, event, b, scale, 2);
        break;
    case 2:
        evaluate(out, event, b, scale, 4);
        break;
    default:
        evaluate(out, event, b, scale, 6);
    }
}

typedef struct sweep {
    const rm_surface_band *band;
    int64_t across, columns;
    double *room;
} sweep;

/* How many points may meet in the block, by the whole of its rows whether asked for or not: the
 * quantum may not depend on the band. */
static int64_t points_near(const sweep *s, const block *b, int64_t whole_row0, rm_meter *add)
{
    const rm_surface *surface = s->band->surface;
    const rm_spots *spots = &surface->spots;
    double reach = b->radius;
    int64_t first, last, begin, end, count = 0;
    rm_spots_bands(spots, reach, whole_row0, whole_row0 + BLOCK_ROWS - 1, &first, &last);
    for (int64_t k = first; k <= last; k++) {
        rm_spots_between(spots, 0, k, (double)b->column0 - reach,
                         (double)(b->column0 + b->columns - 1) + reach, &begin, &end);
        count += end - begin;
        for (; add && begin < end; begin += RM_METER_STEPS) {
            int64_t some = end - begin < RM_METER_STEPS ? end - begin : RM_METER_STEPS;
            add_spots((block *)b, spots->spot + begin, some);
            if (!rm_meter_go_on(add, some))
                return count;
        }
    }
    return count;
}

static rm_status do_block(void *context, int64_t k, int64_t end, int worker, rm_error *err)
{
    const sweep *s = context;
    const rm_surface_band *band = s->band;
    const rm_surface *surface = band->surface;
    int64_t columns = surface->grid.columns, rows_end = band->first + band->rows;
    int64_t whole = (band->first / BLOCK_ROWS + k / s->across) * BLOCK_ROWS;
    size_t room = (size_t)BLOCK_ROWS * (size_t)(s->columns + 1) * LANES;
    block b = {.row0 = whole > band->first ? whole : band->first,
               .column0 = k % s->across * s->columns,
               .power = rm_kernel_power(surface->kernel),
               .radius = surface->bandwidth,
               .event = s->room + (size_t)worker * room};
    rm_meter meter = {band->progress, "density", worker, err, 0, RM_OK};
    (void)end;
    b.rows = (int)((whole + BLOCK_ROWS < rows_end ? whole + BLOCK_ROWS : rows_end) - b.row0);
    b.columns = (int)(columns - b.column0 < s->columns ? columns - b.column0 : s->columns);
    int64_t points = points_near(s, &b, whole, NULL);
    double unit = quanta(b.power, points > 0 ? (double)points : 1), cell = surface->grid.cell;
    double radius = surface->bandwidth * cell;
    double scale = rm_kernel_peak(surface->kernel) / (radius * radius) / unit;
    b.unit = unit / surface->spots.heaviest;
    if (points > 0)
        points_near(s, &b, whole, &meter);
    RM_TRY(meter.status);
    for (int r = 0; r < b.rows; r++) {
        double *event = b.event + (size_t)r * (size_t)(b.columns + 1) * LANES;
        double *out = band->out + (b.row0 + r - band->first) * columns + b.column0;
        if (!b.used[r]) {
            memset(out, 0, (size_t)b.columns * sizeof *out);
            continue;
        }
        run_sums(event, b.columns);
        write_row(out, event, &b, scale * surface->spots.heaviest);
        memset(event, 0, (size_t)(b.columns + 1) * LANES * sizeof *event);
    }
    return RM_OK;
}

rm_status rm_sweep_rows(const rm_surface_band *band, rm_error *err)
{
    sweep s = {.band = band, .columns = columns_of(band->surface)};
    int64_t down = (band->first + band->rows - 1) / BLOCK_ROWS - band->first / BLOCK_ROWS + 1;
    s.across = (band->surface->grid.columns - 1) / s.columns + 1;
    RM_TRY(
        RM_NEW_ZERO(&s.room, (int64_t)band->threads * BLOCK_ROWS * (s.columns + 1) * LANES, err));
    rm_status status = rm_parallel(down * s.across, 1, band->threads, do_block, &s, band->progress,
                                   "density", err);
    rm_release(s.room);
    return status;
}

double rm_sweep_cost(const rm_surface *surface)
{
    if (surface->bandwidth < LEAST_RADIUS)
        return INFINITY;
    double wide = (double)surface->grid.columns, high = (double)surface->grid.rows;
    double blocks = 1 + fmin(2 * surface->bandwidth, wide) / (double)columns_of(surface);
    double rows = fmin(2 * surface->bandwidth, high) + BLOCK_ROWS;
    return wide * high * 4 + (double)surface->spots.count * blocks * (rows * 4 + rows);
}
