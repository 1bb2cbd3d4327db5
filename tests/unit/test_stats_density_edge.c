/* The mass of a kernel within a study area: closed forms, a quadrature, and what may not matter. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "stats/density/edge.h"

static const double pi = 3.14159265358979323846;

/* A square of 100 with a square hole of 20 in it, a square of 4 in the hole, and a triangle aside.
 */
static const double x[] = {0, 100, 100, 0, 40, 60, 60, 40, 48, 52, 52, 48, 120, 160, 130, 120};
static const double y[] = {0, 0, 100, 100, 40, 40, 60, 60, 48, 48, 52, 52, 10, 20, 70, 10};
static const int64_t start[] = {0, 4, 8, 12, 16};
static const rm_edge_rings rings = {x, y, start, 4};

static rm_edge *edge_of(const rm_edge_rings *given, double reach)
{
    rm_edge *edge = NULL;
    rm_error err = {0};
    if (rm_edge_new(&edge, given, reach, NULL, &err) != RM_OK)
        fail_msg("%s", err.message);
    return edge;
}

static double mass_of(const rm_edge *edge, double px, double py, int32_t kernel, double h)
{
    double mass = -1;
    rm_error err = {0};
    assert_int_equal(rm_edge_mass(&mass, edge, &px, &py, 1, kernel, h, NULL, 1, NULL, &err), RM_OK);
    return mass;
}

static bool within(double px, double py)
{
    bool in = false;
    for (int r = 0; r < 4; r++) {
        int begin = (int)start[r], end = (int)start[r + 1];
        for (int i = begin, k = end - 1; i < end; k = i++)
            in ^= (y[i] > py) != (y[k] > py) &&
                  px < (x[k] - x[i]) * (py - y[i]) / (y[k] - y[i]) + x[i];
    }
    return in;
}

static double kernel_at(int32_t kernel, double d2, double h)
{
    double left = 1 - d2 / (h * h);
    static const int power[] = {2, 0, 1, 3, 0};
    if (kernel == RM_KERNEL_GAUSSIAN)
        return exp(-d2 / (2 * h * h)) / (2 * pi * h * h);
    return left > 0 ? (power[kernel] + 1) / (pi * h * h) * pow(left, power[kernel]) : 0;
}

static void test_quadrature(void **state)
{
    rm_edge *edge = edge_of(&rings, 20);
    (void)state;
    for (int32_t kernel = 0; kernel < 5; kernel++) {
        for (int k = 0; k < 12; k++) {
            double px = 165 * rm_random_unit(1, 1, (uint64_t)k);
            double py = 100 * rm_random_unit(1, 2, (uint64_t)k);
            double h = kernel == RM_KERNEL_GAUSSIAN ? 11 : k % 2 ? 27 : 60, sum = 0;
            double mass = mass_of(edge, px, py, kernel, h);
            const double step = 0.2;
            for (double qx = step / 2; qx < 165; qx += step)
                for (double qy = step / 2; qy < 100; qy += step)
                    if (within(qx, qy))
                        sum += step * step *
                               kernel_at(kernel, (qx - px) * (qx - px) + (qy - py) * (qy - py), h);
            if (!within(px, py))
                assert_true(isnan(mass));
            else
                assert_true(fabs(mass - sum) < (kernel == RM_KERNEL_UNIFORM ? 3e-3 : 4e-4));
        }
    }
    rm_edge_free(edge);
}

/* A square by itself: the gaussian is a product of normal distributions, half of any kernel lies
 * beyond a side and three quarters beyond a corner. */
static void test_square(void **state)
{
    static const int64_t alone[] = {0, 4};
    const rm_edge_rings square = {x, y, alone, 1};
    rm_edge *edge = edge_of(&square, 5);
    (void)state;
    for (int k = 0; k < 200; k++) {
        double px = 100 * rm_random_unit(2, 1, (uint64_t)k),
               py = 100 * rm_random_unit(2, 2, (uint64_t)k);
        double h = 1 + 40 * rm_random_unit(2, 3, (uint64_t)k), r = h * sqrt(2);
        if (k % 10 == 0)
            px = 1e-7 * (k + 1);
        double want = (erf((100 - px) / r) + erf(px / r)) * (erf((100 - py) / r) + erf(py / r)) / 4;
        assert_true(fabs(mass_of(edge, px, py, RM_KERNEL_GAUSSIAN, h) - want) < 1e-11);
    }
    for (int32_t kernel = 0; kernel < 5; kernel++) {
        assert_true(mass_of(edge, 50, 50, kernel, 5) == 1);
        assert_true(fabs(mass_of(edge, 0, 50, kernel, 5) - 0.5) < 1e-8);
        assert_true(fabs(mass_of(edge, 37, 100, kernel, 5) - 0.5) < 1e-8);
        assert_true(fabs(mass_of(edge, 100, 100, kernel, 5) - 0.25) < 1e-8);
        assert_true(fabs(mass_of(edge, 0, 0, kernel, 5) - 0.25) < 1e-8);
        assert_true(isnan(mass_of(edge, -1, 50, kernel, 5)));
        assert_true(isnan(mass_of(edge, 50, 100.001, kernel, 5)));
        assert_true(isnan(mass_of(edge, 1e9, 0, kernel, 5)));
    }
    /* The chord at d from the middle of a disc of 1: (pi - acos d + d sqrt(1 - d^2)) / pi. */
    double want = (pi - acos(0.3) + 0.3 * sqrt(1 - 0.09)) / pi;
    assert_true(fabs(mass_of(edge, 3, 50, RM_KERNEL_UNIFORM, 10) - want) < 1e-12);
    rm_edge_free(edge);
}

/* Much wider than the area, the mass is the area times the peak. */
static void test_wide_kernel(void **state)
{
    rm_edge *edge = edge_of(&rings, 20);
    const double area = 10000 - 400 + 16 + 0.5 * (40 * 60 - 10 * 10);
    (void)state;
    for (int32_t kernel = 0; kernel < 5; kernel++) {
        double h = 1e6, mass = mass_of(edge, 20, 20, kernel, h);
        assert_true(fabs(mass / (area * kernel_at(kernel, 0, h)) - 1) < 1e-3);
    }
    rm_edge_free(edge);
}

static void test_how_rings_are_written(void **state)
{
    double rx[20], ry[20];
    int64_t rs[] = {0, 5, 9, 14, 17};
    static const int order[] = {3, 2, 1, 0, 3, 4, 5, 6, 7, 11, 10, 9, 8, 11, 14, 13, 12};
    (void)state;
    for (int i = 0; i < 17; i++) {
        rx[i] = x[order[i]];
        ry[i] = y[order[i]];
    }
    const rm_edge_rings other = {rx, ry, rs, 4};
    rm_edge *a = edge_of(&rings, 20), *b = edge_of(&other, 3);
    for (int k = 0; k < 300; k++) {
        double px = 165 * rm_random_unit(3, 1, (uint64_t)k),
               py = 100 * rm_random_unit(3, 2, (uint64_t)k);
        for (int32_t kernel = 0; kernel < 5; kernel++) {
            double first = mass_of(a, px, py, kernel, 17), second = mass_of(b, px, py, kernel, 17);
            assert_true(isnan(first) == isnan(second));
            assert_true(isnan(first) || fabs(first - second) < 1e-11);
        }
    }
    rm_edge_free(a);
    rm_edge_free(b);
}

/* Two areas that share a side are one: the side is no boundary. */
static void test_shared_side(void **state)
{
    static const double tx[] = {0, 50, 50, 0, 50, 100, 100, 50},
                        ty[] = {0, 0, 100, 100, 0, 0, 100, 100};
    static const int64_t ts[] = {0, 4, 8}, alone[] = {0, 4};
    const rm_edge_rings two = {tx, ty, ts, 2}, one = {x, y, alone, 1};
    rm_edge *a = edge_of(&two, 20), *b = edge_of(&one, 20);
    (void)state;
    for (int k = 0; k < 100; k++) {
        double px = 100 * rm_random_unit(4, 1, (uint64_t)k),
               py = 100 * rm_random_unit(4, 2, (uint64_t)k);
        assert_true(fabs(mass_of(a, px, py, 0, 30) - mass_of(b, px, py, 0, 30)) < 1e-12);
    }
    assert_true(fabs(mass_of(a, 50, 50, 0, 30) - 1) < 1e-8);
    rm_edge_free(a);
    rm_edge_free(b);
}

static void test_rows_and_threads(void **state)
{
    static const rm_grid grid = {-5, 105, 1.7, 101, 67};
    double whole[101 * 67], band[101 * 67];
    rm_edge *edge = edge_of(&rings, 20);
    rm_error err = {0};
    int seen = 0;
    (void)state;
    assert_int_equal(rm_edge_mass_rows(whole, edge, &grid, 0, 67, 0, 12, 2, NULL, &err), RM_OK);
    for (int64_t first = 0; first < 67; first += 10)
        assert_int_equal(rm_edge_mass_rows(band + first * 101, edge, &grid, first,
                                           first + 10 < 67 ? 10 : 67 - first, 0, 12, 1, NULL, &err),
                         RM_OK);
    assert_memory_equal(whole, band, sizeof whole);
    for (int i = 0; i < 101 * 67; i++) {
        double px = -5 + 1.7 * (i % 101 + 0.5), py = 105 - 1.7 * (i / 101 + 0.5);
        assert_true(isnan(whole[i]) == !within(px, py));
        seen += whole[i] == 1;
    }
    assert_true(seen > 100);
    rm_edge_free(edge);
}

/* Jones and Diggle: every point gives 1 to the map within the area. */
static void test_mass_adds_up(void **state)
{
    static const rm_grid grid = {0, 100, 0.25, 640, 400};
    rm_edge *edge = edge_of(&rings, 20);
    rm_error err = {0};
    (void)state;
    for (int32_t kernel = 0; kernel < 5; kernel++) {
        double px[20], py[20], weight[20], sum = 0;
        int64_t count = 0;
        for (uint64_t k = 0; count < 20; k++) {
            px[count] = 160 * rm_random_unit(5, 1, k);
            py[count] = 100 * rm_random_unit(5, 2, k);
            count += within(px[count], py[count]);
        }
        assert_int_equal(rm_edge_mass(weight, edge, px, py, count, kernel, 15, NULL, 2, NULL, &err),
                         RM_OK);
        for (int i = 0; i < 20; i++)
            weight[i] = 1 / weight[i];
        rm_density_points p = {px, py, weight, NULL, 20};
        rm_surface *surface = NULL;
        double *out = malloc(640 * 400 * sizeof *out);
        assert_int_equal(rm_surface_new(&surface, &grid, &p, kernel, 15, 2, NULL, &err), RM_OK);
        assert_int_equal(rm_surface_rows(out, surface, 0, 400, 2, NULL, &err), RM_OK);
        for (int i = 0; i < 640 * 400; i++)
            if (within((i % 640 + 0.5) * 0.25, 100 - (i / 640 + 0.5) * 0.25))
                sum += out[i] / 16;
        assert_true(fabs(sum - 20) < (kernel == RM_KERNEL_UNIFORM ? 0.03 : 0.006));
        free(out);
        rm_surface_free(surface);
    }
    rm_edge_free(edge);
}

static void refused(const rm_edge_rings *given, double reach, int64_t row, const char *part)
{
    rm_edge *edge = NULL;
    rm_error err = {.row = -1};
    assert_int_equal(rm_edge_new(&edge, given, reach, NULL, &err), RM_EINVAL);
    assert_null(edge);
    assert_non_null(strstr(err.message, part));
    assert_int_equal(err.row, row);
}

static void test_bad_input(void **state)
{
    static const int64_t short_ring[] = {0, 4, 6}, one[] = {0, 3};
    static const double line[] = {0, 1, 2}, zero[] = {0, 0, 0}, bad[] = {0, NAN, 1};
    const rm_edge_rings none = {x, y, start, 0}, two = {x, y, short_ring, 2};
    const rm_edge_rings flat = {line, zero, one, 1}, broken = {line, bad, one, 1};
    double mass = -5, px[] = {1, NAN}, h[] = {1, -1};
    rm_error err = {0};
    (void)state;
    refused(&none, 5, -1, "no rings");
    refused(&two, 5, 1, "ring 1 of the study area has fewer than 3 places");
    refused(&flat, 5, -1, "has no area");
    refused(&broken, 5, 0, "not finite");
    refused(&rings, 0, -1, "the reach is 0");
    rm_edge *edge = edge_of(&rings, 5);
    assert_int_equal(rm_edge_mass(&mass, edge, px, px, 1, 0, 0, NULL, 1, NULL, &err), RM_EINVAL);
    assert_int_equal(rm_edge_mass(&mass, edge, px, px, 2, 0, 1, NULL, 1, NULL, &err), RM_EINVAL);
    assert_int_equal(err.row, 1);
    px[1] = 1;
    assert_int_equal(rm_edge_mass(&mass, edge, px, px, 2, 0, 1, h, 1, NULL, &err), RM_EINVAL);
    assert_int_equal(err.row, 1);
    assert_true(mass == -5);
    rm_edge_free(edge);
    rm_edge_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_quadrature),   cmocka_unit_test(test_square),
        cmocka_unit_test(test_wide_kernel),  cmocka_unit_test(test_how_rings_are_written),
        cmocka_unit_test(test_shared_side),  cmocka_unit_test(test_rows_and_threads),
        cmocka_unit_test(test_mass_adds_up), cmocka_unit_test(test_bad_input),
    };
    return cmocka_run_group_tests_name("stats_density_edge", tests, NULL, NULL);
}
