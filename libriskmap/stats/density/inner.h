/* What the ways of computing a raster share. */
#ifndef RM_STATS_DENSITY_INNER_H
#define RM_STATS_DENSITY_INNER_H

#include "stats/density/spots.h"

#include <math.h>
#include <string.h>

/* What is not inlined into a clone is compiled for the plainest processor. */
#define RM_INLINE static inline __attribute__((always_inline))

#define RM_PI 3.14159265358979323846

/* Gaussians end at this many sigma, where they are 1e-12 of their peak: sqrt(2 ln 1e12). */
#define RM_GAUSSIAN_CUT 7.4338440806

enum { RM_WAY_SCATTER, RM_WAY_SWEEP, RM_WAY_SEPARABLE };

struct rm_surface {
    rm_grid grid;
    int32_t kernel;
    bool adaptive;
    int way;
    double bandwidth; /* in cells; of all points unless adaptive */
    double error;
    rm_spots spots;
};

typedef struct rm_surface_band {
    double *out; /* of row `first` on */
    const rm_surface *surface;
    int64_t first, rows;
    int threads;
    rm_progress *progress;
} rm_surface_band;

rm_status rm_scatter_rows(const rm_surface_band *band, rm_error *err);
rm_status rm_sweep_rows(const rm_surface_band *band, rm_error *err);
rm_status rm_separable_rows(const rm_surface_band *band, rm_error *err);

/* Nanoseconds of one core that they would take for the whole raster, and the bound of the error. */
double rm_scatter_cost(const rm_surface *surface);
double rm_sweep_cost(const rm_surface *surface);
double rm_separable_cost(const rm_surface *surface);
double rm_sweep_error(const rm_surface *surface);
double rm_separable_error(const rm_surface *surface);

/* Within a chunk, one of which may take long: asks about progress once in so many points or sides.
 */
enum { RM_METER_STEPS = 1 << 14 };
typedef struct rm_meter {
    rm_progress *progress;
    const char *message;
    int worker;
    rm_error *err;
    int64_t steps; /* since it last asked */
    rm_status status;
} rm_meter;
static inline bool rm_meter_go_on(rm_meter *m, int64_t steps)
{
    m->steps += steps;
    if (m->steps >= RM_METER_STEPS) {
        m->steps = 0;
        m->status = rm_progress_check(m->progress, m->worker, m->message, m->err);
    }
    return m->status == RM_OK;
}

/* The exponent of (1 - u) of a compact kernel; -1 for the gaussian. */
int rm_kernel_power(int32_t kernel);
/* What the kernel is at d = 0 for bandwidth 1. */
double rm_kernel_peak(int32_t kernel);
/* How far the kernel reaches, in bandwidths; the gaussian to its cut. */
double rm_kernel_reach(int32_t kernel);

/* exp(x) for x <= 0, within 2e-16 of 1 relative; 0 below -708. Plain arithmetic, so that loops
 * around it become vectors and every processor gives the same bits. */
RM_INLINE double rm_exp_negative(double x)
{
    const double shift = 6755399441055744.0; /* 1.5 * 2^52: adding it rounds to an integer */
    double kept = x < -708.0 ? -708.0 : x;
    double shifted = kept * 1.4426950408889634 + shift;
    double n = shifted - shift;
    double r = (kept - n * 6.93147180369123816490e-01) - n * 1.90821492927058770002e-10;
    double p = 1.6059043836821613e-10;
    p = p * r + 2.0876756987868099e-09;
    p = p * r + 2.5052108385441720e-08;
    p = p * r + 2.7557319223985888e-07;
    p = p * r + 2.7557319223985893e-06;
    p = p * r + 2.4801587301587302e-05;
    p = p * r + 1.9841269841269841e-04;
    p = p * r + 1.3888888888888889e-03;
    p = p * r + 8.3333333333333332e-03;
    p = p * r + 4.1666666666666664e-02;
    p = p * r + 1.6666666666666666e-01;
    p = p * r + 0.5;
    p = p * r + 1.0;
    p = p * r + 1.0;
    uint64_t bits;
    double power;
    memcpy(&bits, &shifted, sizeof bits);
    bits = (bits + 1023) << 52;
    memcpy(&power, &bits, sizeof power);
    return x < -708.0 ? 0.0 : p * power;
}

/* Of interpolation along an axis; the nodes left of the one at or before the place. */
enum { RM_NODES = 12, RM_NODES_BEFORE = 5 };

/* Lagrange's weights for a point t steps from node 0, t in [RM_NODES_BEFORE, RM_NODES_BEFORE + 1).
 */
RM_INLINE void rm_lagrange(double weight[RM_NODES], double t)
{
    static const double below[RM_NODES] = {/* 1 / (m! (11 - m)! (-1)^(11 - m)) */
                                           -1.0 / 39916800, 1.0 / 3628800,  -1.0 / 725760,
                                           1.0 / 241920,    -1.0 / 120960,  1.0 / 86400,
                                           -1.0 / 86400,    1.0 / 120960,   -1.0 / 241920,
                                           1.0 / 725760,    -1.0 / 3628800, 1.0 / 39916800};
    double before = 1, after[RM_NODES + 1];
    after[RM_NODES] = 1;
    for (int m = RM_NODES - 1; m > 0; m--)
        after[m] = after[m + 1] * (t - m);
    for (int m = 0; m < RM_NODES; m++) {
        weight[m] = before * after[m + 1] * below[m];
        before *= t - m;
    }
}

/* Which columns of a row of cells a circle holds, for several rows at once. x and y: its centre
 * from the first column and row; c[r] = what is left of the square of the radius. Columns first[r]
 * up to end[r] lie within, by the comparison dx * dx < c[r] itself, cut off at 0 and `columns`;
 * none where first[r] >= end[r]. In doubles throughout, or it would not become vectors. */
RM_INLINE void rm_circle_rows(double *restrict c, int64_t *restrict first, int64_t *restrict end,
                              int rows, double x, double y, double radius, double columns)
{
    const double shift = 6755399441055744.0; /* 1.5 * 2^52: adding it rounds to an integer */
    for (int r = 0; r < rows; r++) {
        double dy = (double)r - y, left = radius * radius - dy * dy;
        double half = sqrt(left > 0 ? left : 0);
        /* The nearest column to where the circle ends lies within it or is the next one. */
        double low = ((x - half) + shift) - shift, high = ((x + half) + shift) - shift;
        double before = low - x, after = high - x;
        low += before * before < left ? 0.0 : 1.0;
        high += after * after < left ? 1.0 : 0.0;
        low = low > 0 ? low : 0;
        high = high > 0 ? high : 0;
        low = low < columns ? low : columns;
        high = high < columns ? high : columns;
        low += shift;
        high += shift;
        c[r] = left;
        memcpy(&first[r], &low, sizeof low);
        memcpy(&end[r], &high, sizeof high);
    }
    for (int r = 0; r < rows; r++) {
        first[r] -= 0x4338000000000000;
        end[r] -= 0x4338000000000000;
    }
}

#endif
