/* The public face of kernel density: units, options, edge corrections, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "riskmap/density.h"

static const double pi = 3.14159265358979323846;

enum { SIDE = 50 };
static const rm_grid grid = {0, 1000, 20, SIDE, SIDE};
static double x[] = {500, 510, 105, 905, 500}, y[] = {500, 500, 95, 500, 500};
static const double ring_x[] = {100, 900, 900, 100}, ring_y[] = {80, 80, 920, 920};
static const int64_t ring_starts[] = {0, 4};

static rm_density_options options_of(int32_t kernel, double bandwidth)
{
    rm_density_options o = RM_DENSITY_OPTIONS_INIT;
    o.kernel = kernel;
    o.bandwidth = bandwidth;
    return o;
}

static rm_density_options within(rm_density_options o, int32_t edge)
{
    o.edge = edge;
    o.ring_x = ring_x;
    o.ring_y = ring_y;
    o.ring_starts = ring_starts;
    o.ring_count = 1;
    return o;
}

/* Metres: times 1e6 it is points per square kilometre. */
static void test_unit(void **state)
{
    rm_density_options o = options_of(RM_KERNEL_QUARTIC, 200);
    double out[SIDE * SIDE], place, sum = 0;
    rm_error err = {0};
    (void)state;
    assert_int_equal(rm_density_places(&place, x, y, 1, x, y, 1, &o, &err), RM_OK);
    assert_true(fabs(place * 1e6 - 3 / (pi * 0.2 * 0.2)) < 1e-9);
    assert_int_equal(rm_density_grid(out, &grid, x, y, 1, &o, &err), RM_OK);
    for (int i = 0; i < SIDE * SIDE; i++)
        sum += out[i] * 400;
    assert_true(fabs(sum - 1) < 1e-3);
}

static void test_edges(void **state)
{
    static double none[SIDE * SIDE], uniform[SIDE * SIDE], diggle[SIDE * SIDE];
    rm_density_options o = options_of(RM_KERNEL_QUARTIC, 200);
    rm_density_options u = within(o, RM_EDGE_UNIFORM), d = within(o, RM_EDGE_DIGGLE);
    int64_t outside = -1;
    double sum = 0, weights[] = {1, 1, 1, 0, 1};
    rm_error err = {.row = -1};
    (void)state;
    uniform[0] = -5;
    assert_int_equal(rm_density_grid(uniform, &grid, x, y, 5, &u, &err), RM_EDATA);
    assert_int_equal(err.row, 3);
    assert_non_null(strstr(err.message, "point 3 lies outside the study area"));
    u.outside = d.outside = &outside;
    assert_int_equal(rm_density_grid(uniform, &grid, x, y, 5, &u, &err), RM_OK);
    assert_int_equal(outside, 1);
    outside = -1;
    assert_int_equal(rm_density_grid(diggle, &grid, x, y, 5, &d, &err), RM_OK);
    assert_int_equal(outside, 1);
    o.weights = weights;
    assert_int_equal(rm_density_grid(none, &grid, x, y, 5, &o, &err), RM_OK);
    for (int i = 0; i < SIDE * SIDE; i++) {
        double cx = (i % SIDE + 0.5) * 20, cy = 1000 - (i / SIDE + 0.5) * 20;
        bool in = cx > 100 && cx < 900 && cy > 80 && cy < 920;
        assert_true(isnan(uniform[i]) == !in && isnan(diggle[i]) == !in);
        if (!in)
            continue;
        assert_true(uniform[i] >= none[i] && diggle[i] >= none[i]);
        sum += diggle[i] * 400;
        if (cx > 300 && cx < 700 && cy > 280 && cy < 720)
            assert_true(uniform[i] == none[i]);
    }
    assert_true(fabs(sum - 4) < 0.02);
    /* Places give what the raster gives. */
    double px[] = {110, 510, 950}, py[] = {90, 510, 500}, out[3];
    assert_int_equal(rm_density_places(out, px, py, 3, x, y, 5, &u, &err), RM_OK);
    assert_true(fabs(out[0] - uniform[45 * SIDE + 5]) < 1e-12 * out[0]);
    assert_true(fabs(out[1] - uniform[24 * SIDE + 25]) < 1e-12 * out[1]);
    assert_true(isnan(out[2]));
}

static void test_ratio(void **state)
{
    double above[] = {1, 2, 3, NAN, 5, 6}, below[] = {4, 0.1, 0, 2, NAN, 0.5}, out[6];
    rm_error err = {0};
    (void)state;
    assert_int_equal(rm_density_ratio(out, above, below, 6, 1000, 0.5, &err), RM_OK);
    assert_true(out[0] == 250 && out[5] == 12000);
    for (int i = 1; i < 5; i++)
        assert_true(isnan(out[i]));
    assert_int_equal(rm_density_ratio(above, above, below, 6, 1000, 0, &err), RM_OK);
    assert_true(above[0] == 250 && above[1] == 20000 && isnan(above[2]));
    out[0] = -5;
    assert_int_equal(rm_density_ratio(out, above, below, 6, 0, 0, &err), RM_EINVAL);
    assert_int_equal(rm_density_ratio(out, above, below, 6, 1, -1, &err), RM_EINVAL);
    assert_int_equal(rm_density_ratio(out, above, below, 6, 1, NAN, &err), RM_EINVAL);
    assert_int_equal(rm_density_ratio(out, NULL, below, 6, 1, 0, &err), RM_EINVAL);
    assert_true(out[0] == -5);
}

static void refused(const rm_density_options *o, rm_status status, const char *part)
{
    double out = -5;
    rm_error err = {0};
    assert_int_equal(rm_density_places(&out, x, y, 1, x, y, 5, o, &err), status);
    if (!strstr(err.message, part))
        fail_msg("%s", err.message);
    assert_true(out == -5);
}

static void test_options(void **state)
{
    rm_density_options o = options_of(RM_KERNEL_QUARTIC, 200), bad = o;
    double h[] = {1, 2, 3, 4, 5};
    (void)state;
    refused(NULL, RM_EINVAL, "the bandwidth is 0");
    bad.size = 4;
    refused(&bad, RM_EINVAL, "RM_DENSITY_OPTIONS_INIT");
    bad = o;
    bad.kernel = 7;
    refused(&bad, RM_EINVAL, "no kernel 7");
    bad = o;
    bad.threads = 65;
    refused(&bad, RM_EINVAL, "threads is 65");
    bad = o;
    bad.edge = 3;
    refused(&bad, RM_EINVAL, "no edge correction 3");
    bad.edge = RM_EDGE_UNIFORM;
    refused(&bad, RM_EINVAL, "needs the rings");
    bad = within(o, RM_EDGE_UNIFORM);
    bad.bandwidths = h;
    refused(&bad, RM_EINVAL, "RM_EDGE_DIGGLE");
    rm_error err = {0};
    double out = -5;
    assert_int_equal(rm_density_places(&out, x, y, 1, NULL, y, 5, &o, &err), RM_EINVAL);
    assert_int_equal(rm_density_places(&out, x, y, 1, x, y, -1, &o, &err), RM_EINVAL);
    assert_int_equal(rm_density_grid(&out, NULL, x, y, 5, &o, &err), RM_EINVAL);
    assert_int_equal(rm_density_places(&out, x, y, 1, NULL, NULL, 0, &o, &err), RM_OK);
    assert_true(out == 0);
    rm_density_options by_call;
    rm_density_options_init(&by_call);
    assert_int_equal(by_call.size, sizeof by_call);
}

static void test_bandwidths(void **state)
{
    rm_error err = {0};
    rm_validation_options v;
    rm_adaptive_options a;
    rm_bandwidth_fit fit, quartic;
    double h, h5[5], weights[3];
    static const double ages[] = {0, 10, 20};
    static const double far_x[] = {0, 100, 200, 330, 400, 480}, far_y[] = {0, 80, 300, 10, 90, 200};
    (void)state;
    assert_int_equal(rm_bandwidth_rule(&h, x, y, NULL, 5, 0, RM_RULE_REFERENCE, &err), RM_OK);
    assert_true(h > 100);
    assert_int_equal(rm_bandwidth_rule(NULL, x, y, NULL, 5, 0, 0, &err), RM_EINVAL);
    rm_validation_options_init(&v);
    assert_int_equal(
        rm_bandwidth_cross_validate(&fit, far_x, far_y, 6, RM_KERNEL_GAUSSIAN, &v, &err), RM_OK);
    assert_int_equal(
        rm_bandwidth_cross_validate(&quartic, far_x, far_y, 6, RM_KERNEL_QUARTIC, NULL, &err),
        RM_OK);
    assert_true(fabs(quartic.bandwidth - fit.bandwidth * sqrt(8)) < 1e-9);
    v.size = 1;
    assert_int_equal(rm_bandwidth_cross_validate(&fit, x, y, 5, 0, &v, &err), RM_EINVAL);
    rm_adaptive_options_init(&a);
    assert_int_equal(rm_bandwidth_adaptive(h5, x, y, 5, 100, &a, &err), RM_EINVAL);
    a.pilot = 100;
    assert_int_equal(rm_bandwidth_adaptive(h5, x, y, 5, 100, &a, &err), RM_OK);
    assert_true(h5[0] == h5[4] && h5[2] > h5[0]);
    rm_density_options o = options_of(RM_KERNEL_QUARTIC, 0);
    o.bandwidths = h5;
    assert_int_equal(rm_density_places(&h, x, y, 1, x, y, 5, &o, &err), RM_OK);
    o = within(o, RM_EDGE_DIGGLE);
    int64_t outside;
    o.outside = &outside;
    double more;
    assert_int_equal(rm_density_places(&more, x, y, 1, x, y, 5, &o, &err), RM_OK);
    assert_true(fabs(more / h - 1) < 0.05);
    assert_int_equal(rm_half_life_weights(weights, ages, 3, 10, &err), RM_OK);
    assert_true(weights[0] == 1 && weights[1] == 0.5 && weights[2] == 0.25);
    assert_int_equal(rm_half_life_weights(NULL, ages, 3, 10, &err), RM_EINVAL);
}

static int stop_now(double fraction, const char *message, void *user)
{
    (void)message;
    (void)user;
    return fraction > 0.3;
}

static void test_cancelled(void **state)
{
    static double out[SIDE * SIDE];
    rm_density_options o = within(options_of(RM_KERNEL_GAUSSIAN, 100), RM_EDGE_DIGGLE);
    int64_t outside;
    rm_error err = {0};
    (void)state;
    o.outside = &outside;
    o.progress = stop_now;
    assert_int_equal(rm_density_grid(out, &grid, x, y, 5, &o, &err), RM_ECANCELLED);
    double place = -5;
    assert_int_equal(rm_density_places(&place, x, y, 1, x, y, 5, &o, &err), RM_ECANCELLED);
    assert_true(place == -5);
}

static int rise(double fraction, const char *message, void *user)
{
    double *last = user;
    (void)message;
    assert_true(fraction >= *last && fraction <= 1);
    *last = fraction;
    return 0;
}

static void test_progress_rises(void **state)
{
    static double out[SIDE * SIDE];
    static const double bandwidths[] = {50, 60, 70, 80, 90};
    static const int32_t edges[] = {RM_EDGE_NONE, RM_EDGE_UNIFORM, RM_EDGE_DIGGLE};
    rm_error err = {0};
    (void)state;
    for (int k = 0; k < 18; k++) {
        rm_density_options o = within(options_of(k % 2, k % 3 ? 500 : 150), edges[k / 6]);
        double last = -1;
        int64_t outside;
        o.outside = &outside;
        o.bandwidths = k % 6 > 3 && o.edge != RM_EDGE_UNIFORM ? bandwidths : NULL;
        o.progress = rise;
        o.progress_user = &last;
        assert_int_equal(rm_density_grid(out, &grid, x, y, 5, &o, &err), RM_OK);
        assert_true(last == 1);
        last = -1;
        assert_int_equal(rm_density_places(out, x, y, 5, x, y, 5, &o, &err), RM_OK);
        assert_true(last == 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_unit),           cmocka_unit_test(test_edges),
        cmocka_unit_test(test_ratio),          cmocka_unit_test(test_options),
        cmocka_unit_test(test_bandwidths),     cmocka_unit_test(test_cancelled),
        cmocka_unit_test(test_progress_rises),
    };
    return cmocka_run_group_tests_name("api_density", tests, NULL, NULL);
}
