/* Long calls on patterns of points: what they report rises, they report within each of their
 * phases, and stopping at any report stops them with nothing written. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "base/random.h"
#include "riskmap/pattern.h"
#include "stats/pattern/knox.h"
#include "stats/pattern/nearest_index.h"
#include "stats/pattern/pairs.h"
#include "stats/pattern/repeats.h"
#include "stats/pattern/ripley.h"
#include "watched.h"

/* More than four blocks of points, after each of which progress is asked once more. */
enum { MANY = 70000, SIDES = 500, SIMULATIONS = 3, DISTANCES = 3 };

static double x[MANY], y[MANY];
static int32_t day[MANY];
static const double space[] = {0, 200}, time_edges[] = {0, 60}, r[DISTANCES] = {100, 200, 300};

/* Few places along x, so that the halves of a sorted part are not in order by chance. */
static int setup(void **state)
{
    (void)state;
    for (int i = 0; i < MANY; i++) {
        x[i] = 25000 + floor(20000 * rm_random_unit(1, 1, (uint64_t)i));
        y[i] = 25000 + 20000 * rm_random_unit(1, 2, (uint64_t)i);
        day[i] = (int32_t)rm_random_below(1, 3, (uint64_t)i, 1000);
    }
    return 0;
}

/* Everything lies well within it. */
static rm_pattern_window circle(void)
{
    static double ring_x[SIDES], ring_y[SIDES];
    static const int64_t ring[] = {0, SIDES};
    for (int i = 0; i < SIDES; i++) {
        double angle = 2 * 3.14159265358979323846 * i / SIDES;
        ring_x[i] = 35000 + 30000 * cos(angle);
        ring_y[i] = 35000 + 30000 * sin(angle);
    }
    return (rm_pattern_window){ring_x, ring_y, ring, 1};
}

static rm_window *window_of(void)
{
    rm_pattern_window given = circle();
    rm_window *window = NULL;
    assert_int_equal(rm_window_new(&window, &given, NULL, NULL), RM_OK);
    return window;
}

static rm_events events(void)
{
    return (rm_events){x, y, day, MANY, RM_EUCLIDEAN};
}

static rm_status run_strips(int threads, rm_progress *progress, rm_error *err)
{
    rm_strips strips = {0};
    (void)threads;
    rm_status status = rm_strips_new(&strips, x, y, MANY, 50, 0, progress, err);
    assert_true((strips.x != NULL) == (status == RM_OK));
    rm_strips_clear(&strips);
    return status;
}

static rm_status run_window(int threads, rm_progress *progress, rm_error *err)
{
    rm_pattern_window given = circle();
    rm_window *window = NULL;
    (void)threads;
    rm_status status = rm_window_new(&window, &given, progress, err);
    assert_true((window != NULL) == (status == RM_OK));
    rm_window_free(window);
    return status;
}

static void test_shared(void **state)
{
    /* placing, merging the two halves of four and of eight parts of which each is copied, filling
     */
    static const phase strips[PHASES] = {{"sorting points", 5 + 20 + 5}};
    static const phase window[PHASES] = {{"sorting", 2}, {"the study area", 2 * SIDES / 2}};
    (void)state;
    check(run_strips, strips);
    check(run_window, window);
}

static rm_status list_repeats(int64_t room, int threads, rm_progress *progress, rm_error *err)
{
    rm_events given = events();
    rm_repeats out = {.count = -5};
    rm_status status =
        rm_repeats_list(&out, &given, (rm_knox_bands){space, 1}, (rm_knox_bands){time_edges, 1},
                        room, threads, progress, err);
    assert_true(status == RM_OK ? out.count > MANY : out.count == -5);
    assert_true((out.pair != NULL) == (status == RM_OK && room > 0));
    rm_repeats_clear(&out);
    return status;
}

static rm_status run_count(int threads, rm_progress *progress, rm_error *err)
{
    return list_repeats(0, threads, progress, err);
}

static rm_status run_list(int threads, rm_progress *progress, rm_error *err)
{
    return list_repeats(INT64_MAX, threads, progress, err);
}

static void test_repeats(void **state)
{
    /* 137 chunks of points; 5 or more blocks of pairs or points, each gone through twice for each
     * of two orders, and once to be measured */
    static const phase count[PHASES] = {{"sorting points", 30}, {"counting pairs", 137}};
    static const phase list[PHASES] = {{"counting pairs", 137},
                                       {"listing pairs", 137},
                                       {"sorting pairs", 2 * (2 * 5 + 5)},
                                       {"measuring pairs", 5}};
    (void)state;
    check(run_count, count);
    check(run_list, list);
}

static rm_status run_knox(int threads, rm_progress *progress, rm_error *err)
{
    rm_events given = events();
    rm_knox_runs runs = {40, 1, threads};
    rm_knox_table table = {0};
    rm_status status = rm_knox_count(&table, &given, (rm_knox_bands){space, 1},
                                     (rm_knox_bands){time_edges, 1}, &runs, progress, err);
    assert_true((table.observed != NULL) == (status == RM_OK));
    rm_knox_table_clear(&table);
    return status;
}

static void test_knox(void **state)
{
    /* of the permutations: each permuted and set in 5 blocks, and the pairs in blocks of 65,535 */
    static const phase knox[PHASES] = {{"sorting points", 30},
                                       {"counting pairs", 137},
                                       {"listing pairs", 137},
                                       {"permuting the dates", 40 * (5 + 5) + 5 + 5 + 3 * 2}};
    (void)state;
    check(run_knox, knox);
}

static rm_status run_nearest(int threads, rm_progress *progress, rm_error *err)
{
    static rm_near near[MANY];
    return rm_nearest_points(near, NULL, x, y, MANY, threads, progress, err);
}

static rm_status run_judge(int threads, rm_progress *progress, rm_error *err)
{
    rm_nearest_result out = {.count = -5};
    (void)threads;
    rm_status status = rm_nearest_judge(&out, x, MANY, 4e8, 0, progress, err);
    assert_true((out.count == -5) == (status != RM_OK));
    return status;
}

static rm_status run_border(int threads, rm_progress *progress, rm_error *err)
{
    enum { COUNT = 20000 };
    rm_window *window = window_of();
    rm_nearest_result out = {.count = COUNT, .expected = 1, .cdf_mean = -5};
    rm_status status = rm_nearest_cdf(&out, x, x, y, window, 0, threads, progress, err);
    assert_true((out.cdf_mean == -5) == (status != RM_OK));
    rm_window_free(window);
    return status;
}

static void test_nearest(void **state)
{
    /* making the spots and touching the output, the box and the halves of 1, 2 and 4 nodes of more
     * than a block; 69 chunks of points */
    static const phase nearest[PHASES] = {{"indexing points", 5 + 5 + 3 * 5 + 3 * 5},
                                          {"nearest points", 69}};
    static const phase judge[PHASES] = {{"nearest points", 5}};
    /* 39 chunks of 524 points */
    static const phase border[PHASES] = {{"border of the study area", 39}, {"sorting", 8}};
    (void)state;
    check(run_nearest, nearest);
    check(run_judge, judge);
    check(run_border, border);
}

static rm_status curve(int32_t correction, int64_t count, int threads, rm_progress *progress,
                       rm_error *err)
{
    rm_window *window = window_of();
    rm_ripley how = {r, DISTANCES, window, correction, 100};
    double k[DISTANCES];
    rm_status status = rm_ripley_curve(k, &how, x, y, count, threads, progress, err);
    rm_window_free(window);
    return status;
}

static rm_status run_plain(int threads, rm_progress *progress, rm_error *err)
{
    return curve(RM_RIPLEY_NONE, MANY / 4, threads, progress, err);
}

static rm_status run_translate(int threads, rm_progress *progress, rm_error *err)
{
    return curve(RM_RIPLEY_TRANSLATE, 3000, threads, progress, err);
}

static rm_status run_simulations(int threads, rm_progress *progress, rm_error *err)
{
    enum { COUNT = 20000 };
    rm_window *window = window_of();
    rm_ripley how = {r, DISTANCES, window, RM_RIPLEY_NONE, 100};
    rm_ripley_runs runs = {SIMULATIONS, 1, 1, threads};
    rm_ripley_result out = {.area = -5};
    double low[DISTANCES], high[DISTANCES];
    rm_status status = rm_ripley_simulate(&out, low, high, r, COUNT, &how, &runs, progress, err);
    assert_true((out.area == -5) == (status != RM_OK));
    rm_window_free(window);
    return status;
}

static void test_ripley(void **state)
{
    /* 69 chunks of points; for the border 34 of 524 points */
    static const phase plain[PHASES] = {
        {"sorting points", 4}, {"border of the study area", 34}, {"weighing pairs", 69}};
    /* a weight goes through all sides, so progress is asked every few pairs */
    static const phase translate[PHASES] = {{"weighing pairs", 60}};
    static const phase simulations[PHASES] = {
        {"sorting points", SIMULATIONS * 4},
        {"border of the study area", SIMULATIONS * 39},
        {"weighing pairs", SIMULATIONS * 79},
        {"simulating randomness", SIMULATIONS * 2 + DISTANCES + SIMULATIONS}};
    (void)state;
    check(run_plain, plain);
    check(run_translate, translate);
    check(run_simulations, simulations);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shared),  cmocka_unit_test(test_repeats), cmocka_unit_test(test_knox),
        cmocka_unit_test(test_nearest), cmocka_unit_test(test_ripley),
    };
    return cmocka_run_group_tests_name("stats_pattern_progress", tests, setup, NULL);
}
