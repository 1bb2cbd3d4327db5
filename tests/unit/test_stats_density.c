/* Kernel density: every way of computing a raster against the definition, and what may not change
 * it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/random.h"
#include "riskmap/density.h"
#include "stats/density/density.h"

static const double pi = 3.14159265358979323846;

enum { POINTS = 300 };
static double px[POINTS], py[POINTS], weight[POINTS], wide[POINTS];
static const rm_grid grid = {1000, 5000, 10, 137, 93};
static const rm_density_points plain = {px, py, NULL, NULL, POINTS};
static const rm_density_points weighted = {px, py, weight, NULL, POINTS};

static double draw(uint64_t stream, int64_t i)
{
    return rm_random_unit(7, stream, (uint64_t)i);
}

/* In and about the raster, some on centres, borders and corners of cells, some far away, some
 * twice. */
static void make_points(void)
{
    for (int i = 0; i < POINTS; i++) {
        px[i] = 800 + 1800 * draw(1, i);
        py[i] = 3900 + 1300 * draw(2, i);
        weight[i] = i % 7 == 0 ? 0 : 4 * draw(3, i);
        wide[i] = 5 + 300 * draw(4, i) * draw(4, i);
        if (i % 5 == 1) {
            px[i] = 1000 + 5 * floor(px[i] / 5 - 200);
            py[i] = 5000 - 5 * floor(1000 - py[i] / 5);
        }
        if (i % 11 == 3) {
            px[i] = px[i - 1];
            py[i] = py[i - 1];
        }
        if (i % 50 == 9)
            px[i] = 1e7;
    }
}

static double kernel_at(int32_t kernel, double d2, double h)
{
    double u = d2 / (h * h), left = 1 - u;
    if (kernel == RM_KERNEL_GAUSSIAN)
        return exp(-u / 2) / (2 * pi * h * h);
    if (u >= 1)
        return 0;
    switch (kernel) {
    case RM_KERNEL_QUARTIC:
        return 3 / (pi * h * h) * left * left;
    case RM_KERNEL_EPANECHNIKOV:
        return 2 / (pi * h * h) * left;
    case RM_KERNEL_TRIWEIGHT:
        return 4 / (pi * h * h) * left * left * left;
    default:
        return 1 / (pi * h * h);
    }
}

static double brute(const rm_density_points *p, double x, double y, int32_t kernel, double h)
{
    double sum = 0;
    for (int64_t i = 0; i < p->count; i++) {
        double dx = p->x[i] - x, dy = p->y[i] - y;
        sum += (p->weight ? p->weight[i] : 1) *
               kernel_at(kernel, dx * dx + dy * dy, p->bandwidth ? p->bandwidth[i] : h);
    }
    return sum;
}

static double *raster(const rm_grid *g, const rm_density_points *p, int32_t kernel, double h,
                      const char *how, int threads, int64_t band)
{
    rm_error err = {0};
    rm_surface *surface = NULL;
    double *out = malloc((size_t)(g->rows * g->columns) * sizeof *out);
    assert_non_null(out);
    if (rm_surface_new(&surface, g, p, kernel, h, threads, NULL, &err) != RM_OK)
        fail_msg("%s", err.message);
    if (how)
        assert_int_equal(rm_surface_force(surface, how, &err), RM_OK);
    if (how)
        assert_string_equal(rm_surface_how(surface).name, how);
    for (int64_t first = 0; first < g->rows; first += band) {
        int64_t rows = g->rows - first < band ? g->rows - first : band;
        assert_int_equal(
            rm_surface_rows(out + first * g->columns, surface, first, rows, threads, NULL, &err),
            RM_OK);
    }
    rm_surface_free(surface);
    return out;
}

static double bound(const rm_density_points *p, int32_t kernel, double h, double share)
{
    double total = 0;
    for (int64_t i = 0; i < p->count; i++)
        total += p->weight ? p->weight[i] : 1;
    return share * total * kernel_at(kernel, 0, h);
}

static void check_brute(const rm_grid *g, const rm_density_points *p, int32_t kernel, double h,
                        const char *how, double share)
{
    double *out = raster(g, p, kernel, h, how, 2, g->rows), allowed = bound(p, kernel, h, share);
    for (int64_t r = 0; r < g->rows; r++) {
        for (int64_t c = 0; c < g->columns; c++) {
            double x = g->left + ((double)c + 0.5) * g->cell;
            double y = g->top - ((double)r + 0.5) * g->cell;
            double want = brute(p, x, y, kernel, h), got = out[r * g->columns + c];
            if (!(fabs(got - want) <= allowed + 1e-9 * want))
                fail_msg("%s, kernel %d, bandwidth %g: %.17g instead of %.17g in row %d, column %d",
                         how, kernel, h, got, want, (int)r, (int)c);
        }
    }
    free(out);
}

static void test_scatter_is_the_definition(void **state)
{
    static const double bandwidths[] = {3, 10, 37, 200, 5000};
    (void)state;
    for (int32_t kernel = 0; kernel < 5; kernel++)
        for (int k = 0; k < 5; k++)
            check_brute(&grid, k % 2 ? &weighted : &plain, kernel, bandwidths[k], "scatter",
                        kernel == RM_KERNEL_GAUSSIAN ? 1e-12 : 1e-15);
}

static void test_sweep_is_the_definition(void **state)
{
    static const int32_t kernels[] = {RM_KERNEL_QUARTIC, RM_KERNEL_EPANECHNIKOV,
                                      RM_KERNEL_TRIWEIGHT, RM_KERNEL_UNIFORM};
    static const double bandwidths[] = {240, 333, 400, 640, 5000, 40000};
    (void)state;
    for (int i = 0; i < 4; i++)
        for (int k = 0; k < 6; k++)
            check_brute(&grid, k % 2 ? &weighted : &plain, kernels[i], bandwidths[k], "sweep",
                        1e-11);
}

static void test_separable_is_the_definition(void **state)
{
    static const double sigmas[] = {60, 75, 119, 120, 400, 9000};
    (void)state;
    for (int k = 0; k < 6; k++)
        check_brute(&grid, k % 2 ? &weighted : &plain, RM_KERNEL_GAUSSIAN, sigmas[k], "separable",
                    1e-9);
}

/* What rm_surface_how states is not exceeded by one point, wherever it lies in its cell. */
static void test_stated_error(void **state)
{
    static const rm_grid around = {0, 3000, 10, 300, 300};
    (void)state;
    for (int32_t kernel = 0; kernel < 5; kernel++) {
        const char *how = kernel == RM_KERNEL_GAUSSIAN ? "separable" : "sweep";
        double h = kernel == RM_KERNEL_GAUSSIAN ? 61 : 610, worst = 0;
        for (int i = 0; i < 6; i++) {
            double x = 1500 + 10 * draw(9, i), y = 1500 + 10 * draw(10, i), w = 1 + draw(11, i);
            rm_density_points p = {&x, &y, &w, NULL, 1};
            rm_error err = {0};
            rm_surface *surface = NULL;
            assert_int_equal(rm_surface_new(&surface, &around, &p, kernel, h, 1, NULL, &err),
                             RM_OK);
            assert_int_equal(rm_surface_force(surface, how, &err), RM_OK);
            double error = rm_surface_how(surface).error, *out = malloc(90000 * sizeof *out);
            assert_non_null(out);
            assert_true(error > 0 && error <= 1e-9);
            assert_int_equal(rm_surface_rows(out, surface, 0, 300, 1, NULL, &err), RM_OK);
            for (int64_t c = 0; c < 90000; c++) {
                double want =
                    brute(&p, (double)(c % 300) * 10 + 5, 2995 - 10 * (double)(c / 300), kernel, h);
                worst = fmax(worst, fabs(out[c] - want) / (w * kernel_at(kernel, 0, h) * error));
            }
            free(out);
            rm_surface_free(surface);
        }
        assert_true(worst <= 1);
        assert_true(worst > 1e-3 || kernel == RM_KERNEL_UNIFORM);
    }
}

static void test_adaptive(void **state)
{
    rm_density_points p = {px, py, weight, wide, POINTS}, same = p;
    double all_same[POINTS];
    (void)state;
    for (int i = 0; i < POINTS; i++)
        all_same[i] = 75;
    same.bandwidth = all_same;
    for (int32_t kernel = 0; kernel < 5; kernel++) {
        check_brute(&grid, &p, kernel, 5, "scatter", 1e-12);
        double *a = raster(&grid, &same, kernel, 0, NULL, 1, 93);
        double *b = raster(&grid, &weighted, kernel, 75, "scatter", 1, 93);
        for (int64_t i = 0; i < 93 * 137; i++)
            assert_true(fabs(a[i] - b[i]) <= 1e-14 * b[i]);
        free(a);
        free(b);
    }
}

static const struct {
    int32_t kernel;
    double bandwidth;
    const char *how;
} ways[] = {{RM_KERNEL_QUARTIC, 55, "scatter"},    {RM_KERNEL_GAUSSIAN, 30, "scatter"},
            {RM_KERNEL_UNIFORM, 50, "scatter"},    {RM_KERNEL_QUARTIC, 333, "sweep"},
            {RM_KERNEL_TRIWEIGHT, 250, "sweep"},   {RM_KERNEL_EPANECHNIKOV, 700, "sweep"},
            {RM_KERNEL_GAUSSIAN, 70, "separable"}, {RM_KERNEL_GAUSSIAN, 260, "separable"}};
enum { WAYS = sizeof ways / sizeof *ways };

static void test_bands_and_threads(void **state)
{
    (void)state;
    for (int w = 0; w < WAYS; w++) {
        double *whole =
            raster(&grid, &weighted, ways[w].kernel, ways[w].bandwidth, ways[w].how, 1, 93);
        for (int k = 0; k < 4; k++) {
            static const int bands[] = {1, 7, 33, 93}, threads[] = {2, 4, 1, 4};
            double *other = raster(&grid, &weighted, ways[w].kernel, ways[w].bandwidth, ways[w].how,
                                   threads[k], bands[k]);
            assert_memory_equal(whole, other, 93 * 137 * sizeof *whole);
            free(other);
        }
        free(whole);
    }
}

static void test_order_of_points(void **state)
{
    double x[POINTS], y[POINTS], w[POINTS], h[POINTS];
    rm_density_points p = {x, y, w, NULL, POINTS}, adaptive = {x, y, w, h, POINTS};
    rm_density_points first = {px, py, weight, wide, POINTS};
    (void)state;
    for (int i = 0; i < POINTS; i++) {
        int k = (i * 77 + 5) % POINTS;
        x[i] = px[k], y[i] = py[k], w[i] = weight[k], h[i] = wide[k];
    }
    for (int i = 0; i < WAYS; i++) {
        double *a = raster(&grid, &weighted, ways[i].kernel, ways[i].bandwidth, ways[i].how, 1, 93);
        double *b = raster(&grid, &p, ways[i].kernel, ways[i].bandwidth, ways[i].how, 2, 93);
        assert_memory_equal(a, b, 93 * 137 * sizeof *a);
        free(a);
        free(b);
    }
    double *a = raster(&grid, &first, RM_KERNEL_QUARTIC, 0, NULL, 1, 93);
    double *b = raster(&grid, &adaptive, RM_KERNEL_QUARTIC, 0, NULL, 2, 93);
    assert_memory_equal(a, b, 93 * 137 * sizeof *a);
    free(a);
    free(b);
}

/* Coordinates in quarters of metres, so that a shift by a power of two rounds nothing. */
static void test_shift_and_doubled_weights(void **state)
{
    double x[POINTS], y[POINTS], sx[POINTS], sy[POINTS], twice[POINTS];
    rm_density_points p = {x, y, weight, NULL, POINTS}, moved = {sx, sy, weight, NULL, POINTS};
    rm_density_points heavy = {x, y, twice, NULL, POINTS};
    rm_grid there = grid;
    (void)state;
    there.left += 1048576;
    there.top += 2097152;
    for (int i = 0; i < POINTS; i++) {
        x[i] = floor(px[i] * 4) / 4;
        y[i] = floor(py[i] * 4) / 4;
        sx[i] = x[i] + 1048576;
        sy[i] = y[i] + 2097152;
        twice[i] = 2 * weight[i];
    }
    for (int w = 0; w < WAYS; w++) {
        double *a = raster(&grid, &p, ways[w].kernel, ways[w].bandwidth, ways[w].how, 1, 93);
        double *b = raster(&there, &moved, ways[w].kernel, ways[w].bandwidth, ways[w].how, 1, 93);
        double *c = raster(&grid, &heavy, ways[w].kernel, ways[w].bandwidth, ways[w].how, 1, 93);
        assert_memory_equal(a, b, 93 * 137 * sizeof *a);
        for (int i = 0; i < 93 * 137; i++)
            assert_true(c[i] == 2 * a[i]);
        free(a);
        free(b);
        free(c);
    }
}

/* (x, y) -> (-y, x): columns become rows from the south. Sums run in another order. */
static void test_rotation(void **state)
{
    static const rm_grid square = {0, 640, 10, 64, 64}, turned = {-640, 640, 10, 64, 64};
    double x[POINTS], y[POINTS], rx[POINTS], ry[POINTS];
    rm_density_points p = {x, y, weight, NULL, POINTS}, r = {rx, ry, weight, NULL, POINTS};
    (void)state;
    for (int i = 0; i < POINTS; i++) {
        x[i] = 640 * draw(1, i);
        y[i] = 640 * draw(2, i);
        rx[i] = -y[i];
        ry[i] = x[i];
    }
    for (int w = 0; w < WAYS; w++) {
        double *a = raster(&square, &p, ways[w].kernel, ways[w].bandwidth, ways[w].how, 1, 64);
        double *b = raster(&turned, &r, ways[w].kernel, ways[w].bandwidth, ways[w].how, 1, 64);
        double allowed = bound(&weighted, ways[w].kernel, ways[w].bandwidth,
                               strcmp(ways[w].how, "scatter") == 0 ? 2e-14 : 1e-10);
        for (int row = 0; row < 64; row++)
            for (int c = 0; c < 64; c++)
                assert_true(fabs(a[row * 64 + c] - b[(63 - c) * 64 + row]) <= allowed);
        free(a);
        free(b);
    }
}

/* d < R and not d <= R: twenty cells lie at 25 exactly, such as 7 by 24 away. */
static void test_uniform_ends_before_its_radius(void **state)
{
    static const char *const hows[] = {"scatter", "sweep"};
    static const rm_grid small = {0, 60, 1, 60, 60};
    double x = 30.5, y = 29.5;
    rm_density_points p = {&x, &y, NULL, NULL, 1};
    int within = 0, upon = 0;
    (void)state;
    for (int dx = -25; dx <= 25; dx++) {
        for (int dy = -25; dy <= 25; dy++) {
            within += dx * dx + dy * dy < 625;
            upon += dx * dx + dy * dy == 625;
        }
    }
    assert_int_equal(upon, 20);
    for (int k = 0; k < 2; k++) {
        double *out = raster(&small, &p, RM_KERNEL_UNIFORM, 25, hows[k], 1, 60);
        int count = 0;
        for (int i = 0; i < 3600; i++)
            count += out[i] > 0;
        assert_int_equal(count, within);
        free(out);
    }
}

static void test_mass(void **state)
{
    static const rm_grid around = {0, 4000, 10, 400, 400};
    double x[50], y[50], w[50], total = 0;
    rm_density_points p = {x, y, w, NULL, 50};
    (void)state;
    for (int i = 0; i < 50; i++) {
        x[i] = 1900 + 200 * draw(1, i);
        y[i] = 1900 + 200 * draw(2, i);
        w[i] = draw(3, i);
        total += w[i];
    }
    for (int32_t kernel = 0; kernel < 5; kernel++) {
        double h = kernel == RM_KERNEL_GAUSSIAN ? 200 : 1700, sum = 0;
        static const double share[] = {1e-7, 1e-9, 1e-4, 1e-9, 3e-3};
        double *out = raster(&around, &p, kernel, h, NULL, 2, 400);
        for (int i = 0; i < 160000; i++)
            sum += 100 * out[i];
        assert_true(fabs(sum - total) <= share[kernel] * total);
        free(out);
    }
}

static void test_no_points_and_one_place(void **state)
{
    rm_density_points none = {NULL, NULL, NULL, NULL, 0};
    double x[1000], y[1000];
    rm_density_points heap = {x, y, NULL, NULL, 1000};
    (void)state;
    for (int i = 0; i < 1000; i++)
        x[i] = 1500, y[i] = 4500;
    rm_density_points one = {x, y, NULL, NULL, 1};
    for (int w = 0; w < WAYS; w++) {
        double *a = raster(&grid, &none, ways[w].kernel, ways[w].bandwidth, ways[w].how, 2, 93);
        double *b = raster(&grid, &heap, ways[w].kernel, ways[w].bandwidth, ways[w].how, 2, 93);
        double *c = raster(&grid, &one, ways[w].kernel, ways[w].bandwidth, ways[w].how, 2, 93);
        for (int i = 0; i < 93 * 137; i++) {
            assert_true(a[i] == 0);
            assert_true(fabs(b[i] - 1000 * c[i]) <= 1e-12 * b[i]);
        }
        free(a);
        free(b);
        free(c);
    }
}

/* Much smaller than a cell: exact at the centres, nothing in between; many cells away: nothing. */
static void test_narrow_bandwidth(void **state)
{
    static const rm_grid small = {0, 100, 10, 10, 10};
    double x[] = {25, 52, 1e9}, y[] = {75, 52, 1e9};
    rm_density_points p = {x, y, NULL, NULL, 3};
    (void)state;
    for (int32_t kernel = 0; kernel < 5; kernel++) {
        double *out = raster(&small, &p, kernel, 0.01, NULL, 1, 10);
        for (int i = 0; i < 100; i++) {
            double want = i == 22 ? kernel_at(kernel, 0, 0.01) : 0;
            assert_true(fabs(out[i] - want) <= 1e-12 * want);
        }
        free(out);
    }
}

static void test_a_choice_of_ways(void **state)
{
    rm_error err = {0};
    static const rm_grid large = {0, 50000, 25, 2000, 2000};
    static const struct {
        int32_t kernel;
        double bandwidth;
        const char *how;
    } cases[] = {{RM_KERNEL_QUARTIC, 200, "scatter"},
                 {RM_KERNEL_QUARTIC, 20000, "sweep"},
                 {RM_KERNEL_GAUSSIAN, 100, "scatter"},
                 {RM_KERNEL_GAUSSIAN, 2000, "separable"}};
    (void)state;
    enum { MANY = 20000 };
    double *x = malloc(MANY * sizeof *x), *y = malloc(MANY * sizeof *y);
    assert_true(x && y);
    for (int i = 0; i < MANY; i++) {
        x[i] = 50000 * draw(1, i);
        y[i] = 50000 * draw(2, i);
    }
    rm_density_points p = {x, y, NULL, NULL, MANY};
    for (int k = 0; k < 4; k++) {
        rm_surface *surface = NULL;
        assert_int_equal(rm_surface_new(&surface, &large, &p, cases[k].kernel, cases[k].bandwidth,
                                        2, NULL, &err),
                         RM_OK);
        rm_surface_method how = rm_surface_how(surface);
        assert_string_equal(how.name, cases[k].how);
        assert_true(how.error <= 1e-9);
        assert_true(fabs(how.reach / cases[k].bandwidth -
                         (cases[k].kernel == RM_KERNEL_GAUSSIAN ? 7.434 : 1)) < 1e-3);
        rm_surface_free(surface);
    }
    free(x);
    free(y);
}

static void test_places(void **state)
{
    rm_density_points adaptive = {px, py, weight, wide, POINTS};
    rm_error err = {0};
    (void)state;
    for (int32_t kernel = 0; kernel < 5; kernel++) {
        double got[POINTS], again[POINTS];
        assert_int_equal(rm_density_at(got, px, py, POINTS, &weighted, kernel, 120, 2, NULL, &err),
                         RM_OK);
        assert_int_equal(
            rm_density_at(again, px, py, POINTS, &weighted, kernel, 120, 1, NULL, &err), RM_OK);
        assert_memory_equal(got, again, sizeof got);
        for (int i = 0; i < POINTS; i++) {
            double want = brute(&weighted, px[i], py[i], kernel, 120);
            assert_true(fabs(got[i] - want) <= 1e-9 * want);
        }
        assert_int_equal(rm_density_at(got, px, py, POINTS, &adaptive, kernel, 0, 2, NULL, &err),
                         RM_OK);
        for (int i = 0; i < POINTS; i++) {
            double want = brute(&adaptive, px[i], py[i], kernel, 0);
            assert_true(fabs(got[i] - want) <= 1e-9 * want);
        }
    }
}

/* So many that they are read from a lattice. */
static void test_own_density_of_many(void **state)
{
    enum { MANY = 12000 };
    double *x = malloc(MANY * sizeof *x), *y = malloc(MANY * sizeof *y);
    double *got = malloc(MANY * sizeof *got), want[20], qx[20], qy[20];
    rm_density_points p = {x, y, NULL, NULL, MANY};
    rm_error err = {0};
    (void)state;
    assert_true(x && y && got);
    for (int i = 0; i < MANY; i++) {
        x[i] = 1000 * draw(1, i);
        y[i] = 1000 * draw(2, i) * draw(5, i);
    }
    for (int i = 0; i < 20; i++) {
        qx[i] = x[i * 599];
        qy[i] = y[i * 599];
    }
    for (double sigma = 20; sigma < 1000; sigma *= 6) {
        assert_int_equal(rm_density_own(got, &p, sigma, 2, NULL, &err), RM_OK);
        assert_int_equal(
            rm_density_at(want, qx, qy, 20, &p, RM_KERNEL_GAUSSIAN, sigma, 1, NULL, &err), RM_OK);
        for (int i = 0; i < 20; i++)
            assert_true(fabs(got[i * 599] - want[i]) <= 1e-9 * want[i]);
    }
    free(x);
    free(y);
    free(got);
}

static void refused(const rm_grid *g, const rm_density_points *p, int32_t kernel, double h,
                    int64_t row, const char *part)
{
    rm_error err = {.row = -1};
    rm_surface *surface = NULL;
    assert_int_equal(rm_surface_new(&surface, g, p, kernel, h, 2, NULL, &err), RM_EINVAL);
    assert_null(surface);
    if (!strstr(err.message, part))
        fail_msg("%s", err.message);
    assert_int_equal(err.row, row);
}

static void test_bad_input(void **state)
{
    static const rm_grid no_cell = {0, 0, 0, 5, 5}, no_rows = {0, 0, 1, 5, 0};
    static const rm_grid nowhere = {NAN, 0, 1, 5, 5};
    double x[] = {1, 2, 3}, y[] = {1, 2, 3}, w[] = {1, -1, 1}, h[] = {1, 1, NAN};
    rm_density_points p = {x, y, NULL, NULL, 3};
    (void)state;
    refused(&grid, &p, RM_KERNEL_QUARTIC, 0, -1, "the bandwidth is 0");
    refused(&grid, &p, RM_KERNEL_QUARTIC, -5, -1, "the bandwidth is -5");
    refused(&grid, &p, RM_KERNEL_QUARTIC, NAN, -1, "the bandwidth is nan");
    refused(&grid, &p, RM_KERNEL_QUARTIC, INFINITY, -1, "the bandwidth is inf");
    refused(&grid, &p, 5, 10, -1, "no kernel 5");
    refused(&grid, &p, -1, 10, -1, "no kernel -1");
    refused(&no_cell, &p, 0, 10, -1, "cells of 0");
    refused(&no_rows, &p, 0, 10, -1, "5 columns and 0 rows");
    refused(&nowhere, &p, 0, 10, -1, "begins at nan");
    refused(&grid, &p, 0, 1e40, -1, "cannot be computed");
    p.weight = w;
    refused(&grid, &p, 0, 10, 1, "the weight of point 1 is negative");
    w[1] = NAN;
    refused(&grid, &p, 0, 10, 1, "the weight of point 1 is negative or not finite");
    p.weight = NULL;
    p.bandwidth = h;
    refused(&grid, &p, 0, 10, 2, "the bandwidth of point 2");
    h[2] = 0;
    refused(&grid, &p, 0, 10, 2, "the bandwidth of point 2");
    p.bandwidth = NULL;
    y[2] = NAN;
    refused(&grid, &p, 0, 10, 2, "point 2 has a coordinate");
    x[0] = INFINITY;
    refused(&grid, &p, 0, 10, 0, "point 0 has a coordinate");
    rm_error err = {0};
    rm_surface *surface = NULL;
    double out[1];
    assert_int_equal(rm_surface_new(&surface, &grid, &plain, 0, 10, 1, NULL, &err), RM_OK);
    assert_int_equal(rm_surface_rows(out, surface, 90, 4, 1, NULL, &err), RM_EINVAL);
    assert_non_null(strstr(err.message, "rows 90 to 93 of a raster of 93 rows"));
    assert_int_equal(rm_surface_rows(out, surface, -1, 1, 1, NULL, &err), RM_EINVAL);
    assert_int_equal(rm_surface_rows(out, surface, 93, 0, 1, NULL, &err), RM_OK);
    assert_int_equal(rm_surface_force(surface, "separable", &err), RM_EINVAL);
    assert_int_equal(rm_surface_force(surface, "sweep", &err), RM_EINVAL);
    assert_non_null(strstr(err.message, "sweep"));
    rm_surface_free(surface);
}

static int stop_at(double fraction, const char *message, void *user)
{
    int *calls = user;
    (void)fraction;
    (void)message;
    return ++*calls > 1;
}

static void test_cancelled(void **state)
{
    rm_error err = {0};
    rm_surface *surface = NULL;
    rm_progress progress;
    int calls = 0;
    (void)state;
    rm_progress_start(&progress, stop_at, &calls);
    assert_int_equal(rm_surface_new(&surface, &grid, &plain, 0, 10, 2, &progress, &err),
                     RM_ECANCELLED);
    assert_null(surface);
    for (int w = 0; w < WAYS; w++) {
        double *out = malloc(93 * 137 * sizeof *out);
        assert_int_equal(rm_surface_new(&surface, &grid, &plain, ways[w].kernel, ways[w].bandwidth,
                                        1, NULL, &err),
                         RM_OK);
        assert_int_equal(rm_surface_force(surface, ways[w].how, &err), RM_OK);
        calls = 0;
        rm_progress_start(&progress, stop_at, &calls);
        assert_int_equal(rm_surface_rows(out, surface, 0, 93, 2, &progress, &err), RM_ECANCELLED);
        rm_surface_free(surface);
        free(out);
    }
    calls = 0;
    rm_progress_start(&progress, stop_at, &calls);
    double before[POINTS] = {-5};
    assert_int_equal(rm_density_at(before, px, py, POINTS, &plain, 0, 10, 2, &progress, &err),
                     RM_ECANCELLED);
    assert_true(before[0] == -5);
}

/* Points that move when they have been counted, or at any other report. */
typedef struct moving {
    rm_progress progress;
    double x[POINTS];
    int calls, at;
} moving;

static int move(double fraction, const char *message, void *user)
{
    moving *m = user;
    (void)fraction;
    (void)message;
    m->progress.last = -1; /* as if long ago, so that every tick is heard of */
    for (int i = 0; m->calls == m->at && i < POINTS; i++)
        m->x[i] = m->x[i] == 1100 ? NAN : 1100;
    m->calls++;
    return 0;
}

static void test_points_that_move_are_refused(void **state)
{
    (void)state;
    int refused = 0, away = 0;
    for (; away < 2; away++) {
        moving m = {.at = 0};
        for (bool more = true; more; m.at++) {
            rm_density_points points = {m.x, py, NULL, NULL, POINTS};
            rm_surface *surface = NULL;
            rm_error err = {0};
            for (int i = 0; i < POINTS; i++)
                m.x[i] = away ? 1e9 : 1100;
            m.calls = 0;
            rm_progress_start(&m.progress, move, &m);
            rm_status status = rm_surface_new(&surface, &grid, &points, RM_KERNEL_QUARTIC, 50, 2,
                                              &m.progress, &err);
            refused += strstr(err.message, "changed while they were read") != NULL;
            assert_true(status == RM_OK || status == RM_EINVAL);
            rm_surface_free(surface);
            more = m.calls > m.at;
        }
    }
    assert_true(refused >= 2);
}

static int setup(void **state)
{
    (void)state;
    make_points();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_scatter_is_the_definition),
        cmocka_unit_test(test_sweep_is_the_definition),
        cmocka_unit_test(test_separable_is_the_definition),
        cmocka_unit_test(test_stated_error),
        cmocka_unit_test(test_adaptive),
        cmocka_unit_test(test_bands_and_threads),
        cmocka_unit_test(test_order_of_points),
        cmocka_unit_test(test_shift_and_doubled_weights),
        cmocka_unit_test(test_rotation),
        cmocka_unit_test(test_uniform_ends_before_its_radius),
        cmocka_unit_test(test_mass),
        cmocka_unit_test(test_no_points_and_one_place),
        cmocka_unit_test(test_narrow_bandwidth),
        cmocka_unit_test(test_a_choice_of_ways),
        cmocka_unit_test(test_places),
        cmocka_unit_test(test_own_density_of_many),
        cmocka_unit_test(test_bad_input),
        cmocka_unit_test(test_points_that_move_are_refused),
        cmocka_unit_test(test_cancelled),
    };
    return cmocka_run_group_tests_name("stats_density", tests, setup, NULL);
}
