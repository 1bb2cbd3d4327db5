/* Long calls of the statistics: what they report rises, they report within each of their phases,
 * and stopping at any report stops them with nothing written. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>

#include "base/random.h"
#include "stats/autocorrelation/permute.h"
#include "stats/backtest.h"
#include "stats/density/bandwidth.h"
#include "stats/density/edge.h"
#include "stats/order.h"
#include "watched.h"

/* More than the work after which progress is asked once more, in every loop. */
enum { MANY = 70000, FEW = 150, SIDES = 40000, PERMUTATIONS = 300000, ITEMS = 5 };

static double x[MANY], y[MANY], bandwidth[MANY], values[MANY];

static int setup(void **state)
{
    (void)state;
    for (int i = 0; i < MANY; i++) {
        x[i] = 32 * rm_random_unit(1, 1, (uint64_t)i);
        y[i] = 12 * rm_random_unit(1, 2, (uint64_t)i);
        bandwidth[i] = 2 + rm_random_unit(1, 3, (uint64_t)i);
        values[i] = floor(1000 * rm_random_unit(1, 4, (uint64_t)i));
    }
    return 0;
}

/* ---- density ---- */

static const rm_grid grid = {.left = 0, .top = 16, .cell = 1, .columns = 32, .rows = 16};

static rm_status surface(const double *bandwidths, int32_t kernel, double h, const char *way,
                         int threads, rm_progress *progress, rm_error *err)
{
    rm_density_points points = {.x = x, .y = y, .bandwidth = bandwidths, .count = MANY};
    rm_surface *made = NULL;
    static double out[32 * 16];
    rm_progress_stage(progress, 0, 0.5);
    rm_status status = rm_surface_new(&made, &grid, &points, kernel, h, threads, progress, err);
    assert_true((made != NULL) == (status == RM_OK));
    if (status == RM_OK)
        status = rm_surface_force(made, way, err);
    rm_progress_stage(progress, 0.5, 1);
    if (status == RM_OK)
        status = rm_surface_rows(out, made, 0, 16, threads, progress, err);
    rm_surface_free(made);
    return status;
}

static rm_status run_scatter(int threads, rm_progress *progress, rm_error *err)
{
    return surface(bandwidth, RM_KERNEL_QUARTIC, 0, "scatter", threads, progress, err);
}

static rm_status run_sweep(int threads, rm_progress *progress, rm_error *err)
{
    return surface(NULL, RM_KERNEL_QUARTIC, 25, "sweep", threads, progress, err);
}

static rm_status run_separable(int threads, rm_progress *progress, rm_error *err)
{
    return surface(NULL, RM_KERNEL_GAUSSIAN, 7, "separable", threads, progress, err);
}

static rm_status run_places(int threads, rm_progress *progress, rm_error *err)
{
    rm_density_points points = {.x = x, .y = y, .count = MANY};
    double out[3] = {-5, -5, -5};
    rm_status status =
        rm_density_at(out, x, y, 3, &points, RM_KERNEL_GAUSSIAN, 10, threads, progress, err);
    assert_true((out[0] == -5 && out[2] == -5) == (status != RM_OK));
    return status;
}

static rm_status run_own(int threads, rm_progress *progress, rm_error *err)
{
    rm_density_points points = {.x = x, .y = y, .count = MANY};
    static double out[MANY];
    out[0] = out[MANY - 1] = -5;
    rm_status status = rm_density_own(out, &points, 8, threads, progress, err);
    assert_true((out[0] == -5 && out[MANY - 1] == -5) == (status != RM_OK));
    return status;
}

static void test_density(void **state)
{
    static const phase scatter[PHASES] = {{"points", 8}, {"sorting points", 3}, {"density", 6}};
    static const phase sweep[PHASES] = {{"points", 8}, {"density", 6}};
    static const phase separable[PHASES] = {{"spreading points", 6}, {"density", 2}};
    static const phase places[PHASES] = {{"points", 8}, {"density", 5}};
    static const phase own[PHASES] = {{"points", 8}, {"spreading points", 6}, {"density", 19}};
    (void)state;
    check(run_scatter, scatter);
    check(run_sweep, sweep);
    check(run_separable, separable);
    check(run_places, places);
    check(run_own, own);
}

/* ---- bandwidths ---- */

static rm_status validate(int32_t criterion, int threads, rm_progress *progress, rm_error *err)
{
    rm_density_points points = {.x = x, .y = y, .count = FEW};
    rm_validation how = {.criterion = criterion, .lowest = 1, .highest = 4};
    rm_bandwidth_fit fit = {.bandwidth = -5};
    rm_status status = rm_validate_bandwidth(&fit, &points, &how, threads, progress, err);
    assert_true((fit.bandwidth == -5) == (status != RM_OK));
    return status;
}

static rm_status run_likelihood(int threads, rm_progress *progress, rm_error *err)
{
    return validate(RM_VALIDATE_LIKELIHOOD, threads, progress, err);
}

static rm_status run_squares(int threads, rm_progress *progress, rm_error *err)
{
    return validate(RM_VALIDATE_SQUARES, threads, progress, err);
}

static rm_status run_adaptive(int threads, rm_progress *progress, rm_error *err)
{
    rm_density_points points = {.x = x, .y = y, .count = FEW};
    double out[FEW] = {-5, -5};
    rm_status status = rm_adaptive_bandwidths(out, &points, 3, 2, 5, threads, progress, err);
    assert_true((out[0] == -5 && out[1] == -5) == (status != RM_OK));
    return status;
}

static void test_bandwidths(void **state)
{
    /* 8 passes of the sort, and one for each of 9 bandwidths, 2 of them at the ends */
    static const phase fit[PHASES] = {{"cross-validation", 8 + 9}, {"points", 60}, {"density", 40}};
    static const phase adaptive[PHASES] = {{"density", 3}, {"bandwidths", 3}, {"sorting", 3}};
    (void)state;
    check(run_likelihood, fit);
    check(run_squares, fit);
    check(run_adaptive, adaptive);
}

/* ---- the edge ---- */

static rm_edge_rings circle(void)
{
    static double ring_x[SIDES], ring_y[SIDES];
    static const int64_t start[] = {0, SIDES};
    for (int i = 0; i < SIDES; i++) {
        double angle = 2 * 3.14159265358979323846 * i / SIDES;
        ring_x[i] = 16 + 20 * cos(angle);
        ring_y[i] = 6 + 20 * sin(angle);
    }
    return (rm_edge_rings){ring_x, ring_y, start, 1};
}

static rm_status run_edge(int threads, rm_progress *progress, rm_error *err)
{
    rm_edge_rings rings = circle();
    rm_edge *edge = NULL;
    (void)threads;
    rm_status status = rm_edge_new(&edge, &rings, 100, progress, err);
    assert_true((edge != NULL) == (status == RM_OK));
    rm_edge_free(edge);
    return status;
}

static rm_status run_mass(int threads, rm_progress *progress, rm_error *err)
{
    rm_edge_rings rings = circle();
    rm_edge *edge = NULL;
    double mass[2] = {-5, -5};
    assert_int_equal(rm_edge_new(&edge, &rings, 100, NULL, err), RM_OK);
    rm_status status =
        rm_edge_mass(mass, edge, x, y, 2, RM_KERNEL_QUARTIC, 100, NULL, threads, progress, err);
    assert_true((mass[0] == -5 && mass[1] == -5) == (status != RM_OK));
    rm_edge_free(edge);
    return status;
}

static void test_edge(void **state)
{
    /* reading, cutting twice, sorting twice, strips twice: three times each */
    static const phase made[PHASES] = {{"edge of the study area", 7 * 3 + 1}};
    static const phase mass[PHASES] = {{"edge of the study area", 2 + 2}};
    (void)state;
    check(run_edge, made);
    check(run_mass, mass);
}

/* ---- permutations ---- */

static rm_status permute(int32_t draws, const double *weight, int threads, rm_progress *progress,
                         rm_error *err)
{
    static const int64_t start[ITEMS + 1] = {0, 2, 4, 6, 8, 10};
    static const int32_t to[2 * ITEMS] = {1, 4, 0, 2, 1, 3, 2, 4, 0, 3};
    const rm_weights weights = {
        .count = ITEMS, .start = (int64_t *)start, .to = (int32_t *)to, .weight = (double *)weight};
    rm_autocorrelation_options options = {
        .draws = draws, .permutations = PERMUTATIONS, .threads = threads, .seed = 1};
    rm_permuted permuted = {0};
    rm_lattice lattice;
    assert_int_equal(rm_lattice_new(&lattice, &weights, x, ITEMS, NULL, err), RM_OK);
    rm_status status = rm_permute(&permuted, &lattice, &options, true, progress, err);
    assert_true((permuted.larger != NULL) == (status == RM_OK));
    rm_permuted_clear(&permuted);
    rm_lattice_clear(&lattice);
    return status;
}

static const double uneven[2 * ITEMS] = {1, 2, 1, 2, 1, 2, 1, 2, 1, 2};

static rm_status run_drawn(int threads, rm_progress *progress, rm_error *err)
{
    return permute(RM_DRAWS_OWN, NULL, threads, progress, err);
}

static rm_status run_searched(int threads, rm_progress *progress, rm_error *err)
{
    return permute(RM_DRAWS_SHARED, NULL, threads, progress, err);
}

static rm_status run_multiplied(int threads, rm_progress *progress, rm_error *err)
{
    return permute(RM_DRAWS_SHARED, uneven, threads, progress, err);
}

static void test_permutations(void **state)
{
    /* 293 chunks of rows of the table; then every 131,072 of its 600,000 places, twice; and of the
     * 300,000 rows or of the places again for what is done with them */
    static const phase drawn[PHASES] = {{"permutations", 2 + 3 * ITEMS}};
    static const phase searched[PHASES] = {{"permutations", 293 + 10 + 9 + 4}, {"sorting", 20}};
    static const phase multiplied[PHASES] = {{"permutations", 293 + 10 + 5 + 9}};
    (void)state;
    check(run_drawn, drawn);
    check(run_searched, searched);
    check(run_multiplied, multiplied);
}

/* ---- sorting and what stands on it ---- */

static rm_status run_sort(int threads, rm_progress *progress, rm_error *err)
{
    rm_keyed *sorted = NULL;
    int64_t present = -5;
    (void)threads;
    rm_status status = rm_sort_present(&sorted, &present, values, MANY, "x", progress, err);
    assert_true((sorted != NULL && present == MANY) == (status == RM_OK));
    assert_true((sorted == NULL && present == -5) == (status != RM_OK));
    rm_release(sorted);
    return status;
}

static rm_status run_capture(int threads, rm_progress *progress, rm_error *err)
{
    rm_cells cells = {.prediction = bandwidth,
                      .events = values,
                      .before = x,
                      .count = MANY,
                      .progress = progress};
    rm_capture capture = {0};
    (void)threads;
    rm_status status = rm_capture_new(&capture, &cells, err);
    assert_true((capture.cell != NULL) == (status == RM_OK));
    rm_capture_clear(&capture);
    return status;
}

static void test_sorting(void **state)
{
    static const phase sort[PHASES] = {{"sorting", 2 * 4}};
    static const phase capture[PHASES] = {{"cells in order", 6 * 2}, {"sorting", 4 * 4}};
    (void)state;
    check(run_sort, sort);
    check(run_capture, capture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_density), cmocka_unit_test(test_bandwidths),
        cmocka_unit_test(test_edge),    cmocka_unit_test(test_permutations),
        cmocka_unit_test(test_sorting),
    };
    return cmocka_run_group_tests(tests, setup, NULL);
}
