/* Nearest other points and the index of Clark and Evans: by hand, against all pairs, clustered and
 * regular patterns, what must not matter, bad input. */
#include "base/random.h"
#include "riskmap/pattern.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

enum { MANY = 2000 };

typedef struct found {
    int64_t nearest[MANY];
    double distance[MANY], second[MANY];
} found;

static void find(found *out, const double *x, const double *y, int count, int threads)
{
    rm_nearest_options options = RM_NEAREST_OPTIONS_INIT;
    rm_error err;
    options.threads = threads;
    if (rm_nearest_neighbours(out->nearest, out->distance, out->second, x, y, count, &options,
                              &err) != RM_OK)
        fail_msg("%s", err.message);
}

static void all_pairs(found *out, const double *x, const double *y, int count)
{
    for (int i = 0; i < count; i++) {
        double first = INFINITY, second = INFINITY;
        for (int j = 0; j < count; j++) {
            double dx = x[i] - x[j], dy = y[i] - y[j], square = dx * dx + dy * dy;
            if (j == i)
                continue;
            if (square < first) {
                second = first;
                first = square;
                out->nearest[i] = j;
            } else if (square < second) {
                second = square;
            }
        }
        out->distance[i] = sqrt(first);
        out->second[i] = isinf(second) ? NAN : sqrt(second);
    }
}

static void assert_same(const found *a, const found *b, int count)
{
    for (int i = 0; i < count; i++) {
        assert_int_equal(a->nearest[i], b->nearest[i]);
        assert_true(a->distance[i] == b->distance[i]);
        assert_true(a->second[i] == b->second[i] || (isnan(a->second[i]) && isnan(b->second[i])));
    }
}

/* Few places for many points, so there are many ties. */
static void scatter(double *x, double *y, int count, uint64_t seed, uint64_t places)
{
    for (int i = 0; i < count; i++) {
        x[i] = (double)rm_random_below(seed, 1, (uint64_t)i, places) / 4;
        y[i] = (double)rm_random_below(seed, 2, (uint64_t)i, places) / 4;
    }
}

static void test_all_pairs(void **state)
{
    (void)state;
    static double x[MANY], y[MANY];
    static found got, expected;
    for (int count = 2; count < 40; count++) {
        scatter(x, y, count, (uint64_t)count, 8);
        find(&got, x, y, count, 1);
        all_pairs(&expected, x, y, count);
        assert_same(&got, &expected, count);
    }
    for (uint64_t places = 1; places < 100000; places *= 7) {
        scatter(x, y, MANY, places, places);
        find(&got, x, y, MANY, 2);
        all_pairs(&expected, x, y, MANY);
        assert_same(&got, &expected, MANY);
    }
}

/* Two far away from the rest, which must not slow down or hide anything. */
static void test_outliers(void **state)
{
    (void)state;
    static double x[MANY], y[MANY];
    static found got, expected;
    scatter(x, y, MANY, 3, 4000);
    x[5] = 1e12;
    y[6] = -1e15;
    find(&got, x, y, MANY, 1);
    all_pairs(&expected, x, y, MANY);
    assert_same(&got, &expected, MANY);
}

static void test_what_must_not_matter(void **state)
{
    (void)state;
    static double x[MANY], y[MANY], u[MANY], v[MANY];
    static found usual, got;
    scatter(x, y, MANY, 4, 4000);
    find(&usual, x, y, MANY, 1);
    for (int threads = 2; threads <= 4; threads += 2) {
        find(&got, x, y, MANY, threads);
        assert_same(&got, &usual, MANY);
    }
    for (int i = 0; i < MANY; i++) {
        u[i] = x[i] + 1048576;
        v[i] = y[i] - 4194304;
    }
    find(&got, u, v, MANY, 2);
    assert_same(&got, &usual, MANY);
    for (int i = 0; i < MANY; i++) {
        u[i] = -y[i];
        v[i] = x[i];
    }
    find(&got, u, v, MANY, 2);
    assert_same(&got, &usual, MANY);
    for (int i = 0; i < MANY; i++) {
        u[i] = x[(i * 3) % MANY];
        v[i] = y[(i * 3) % MANY];
    }
    find(&got, u, v, MANY, 2);
    rm_nearest_result a, b;
    rm_nearest_options four = RM_NEAREST_OPTIONS_INIT;
    four.threads = 4;
    for (int i = 0; i < MANY; i++)
        assert_true(got.distance[i] == usual.distance[(i * 3) % MANY]);
    assert_int_equal(rm_nearest_index(&a, x, y, MANY, 1e6, 4000, NULL, NULL), RM_OK);
    assert_int_equal(rm_nearest_index(&b, u, v, MANY, 1e6, 4000, &four, NULL), RM_OK);
    assert_memory_equal(&a, &b, sizeof a);
}

static void assert_close(double got, double expected)
{
    if (!(fabs(got - expected) <= 1e-12 * fabs(expected)))
        fail_msg("%.17g is not %.17g", got, expected);
}

/* Four points on a line at 0, 1, 3, 7: nearest at 1, 1, 2, 4, mean 2. In 64 square metres the mean
 * expected is 0.5 sqrt(64 / 4) = 2. */
static void test_by_hand(void **state)
{
    (void)state;
    const double x[] = {0, 1, 3, 7}, y[] = {5, 5, 5, 5};
    const double pi = 3.14159265358979323846;
    found f;
    rm_nearest_result got;
    find(&f, x, y, 4, 1);
    assert_true(f.nearest[0] == 1 && f.nearest[1] == 0 && f.nearest[2] == 1 && f.nearest[3] == 2);
    assert_true(f.second[0] == 3 && f.second[1] == 2 && f.second[2] == 3 && f.second[3] == 6);
    assert_int_equal(rm_nearest_index(&got, x, y, 4, 64, 0, NULL, NULL), RM_OK);
    assert_true(got.mean == 2 && got.expected == 2 && got.ratio == 1 && got.z == 0 && got.p == 1);
    assert_close(got.error, sqrt((4 - pi) * 64 / (4 * pi)) / 4);
    assert_close(got.error, 0.26136 / sqrt(16 / 64.0) * (got.error / 0.52272));
    assert_true(fabs(got.error - 0.52272) < 5e-6); /* ArcGIS's rounded constant */
    assert_true(isnan(got.donnelly_expected) && isnan(got.donnelly_p));
    assert_int_equal(rm_nearest_index(&got, x, y, 4, 64, 32, NULL, NULL), RM_OK);
    assert_close(got.donnelly_expected, 2 + (0.0514 + 0.041 / 2) * 32 / 4);
    assert_close(got.donnelly_error, sqrt(0.0703 * 64 / 16 + 0.037 * 32 * sqrt(64 / 1024.0)));
    assert_close(got.donnelly_z, (2 - got.donnelly_expected) / got.donnelly_error);
}

static rm_status within(rm_nearest_result *out, const double *x, const double *y, int64_t count,
                        double side, int32_t steps, int32_t threads, rm_error *err)
{
    const double wx[] = {0, side, side, 0}, wy[] = {0, 0, side, side};
    const int64_t ring[] = {0, 4};
    const rm_pattern_window window = {wx, wy, ring, 1};
    rm_nearest_options options = RM_NEAREST_OPTIONS_INIT;
    options.cdf_steps = steps;
    options.threads = threads;
    return rm_nearest_index_within(out, x, y, count, &window, &options, err);
}

/* Distances 1, 1 and 2 are seen, that of the last point is cut off at 2: G(1) = 1/2, and of the two
 * left one event, G(2) = 3/4. */
static void test_cut_off(void **state)
{
    (void)state;
    const double x[] = {1, 2, 4, 8}, y[] = {5, 5, 5, 5}, far_x[] = {1, 9}, step = sqrt(50) / 7;
    rm_nearest_result got, plain;
    rm_error err;
    assert_int_equal(within(&got, x, y, 4, 10, 0, 1, &err), RM_OK);
    assert_close(got.cdf_mean, (0.5 * 1 + 0.25 * 2) / 0.75);
    assert_close(got.cdf_ratio, got.cdf_mean / 2.5);
    assert_int_equal(rm_nearest_index(&plain, x, y, 4, 100, 40, NULL, &err), RM_OK);
    assert_true(isnan(plain.cdf_mean) && isnan(plain.cdf_ratio));
    assert_true(got.mean == plain.mean && got.donnelly_z == plain.donnelly_z);
    assert_int_equal(within(&got, x, y, 4, 10, 7, 1, &err), RM_OK);
    assert_close(got.cdf_mean, 0.25 * step / 0.75);
    assert_int_equal(within(&got, far_x, y, 2, 10, 0, 1, &err), RM_OK); /* all cut off */
    assert_true(isnan(got.cdf_mean) && got.mean == 8);
    got.count = 77;
    assert_int_equal(within(&got, x, y, 4, 7, 0, 1, &err), RM_EINVAL);
    assert_non_null(strstr(err.message, "the point of row 3 lies outside the study area"));
    assert_int_equal(err.row, 3);
    assert_int_equal(within(&got, x, y, 4, 10, -1, 1, &err), RM_EINVAL);
    assert_non_null(strstr(err.message, "cdf_steps is -1"));
    assert_int_equal(rm_nearest_index_within(&got, x, y, 4, NULL, NULL, &err), RM_EINVAL);
    assert_int_equal(got.count, 77);
}

/* At random the corrected ratio is 1 and the plain one above; a fine grid comes to no grid. Turned
 * and with more threads it is the same. */
static void test_cut_off_at_random(void **state)
{
    (void)state;
    static double x[MANY], y[MANY], u[MANY];
    rm_nearest_result got, other;
    for (int i = 0; i < MANY; i++) {
        x[i] = floor(1024 * 64 * rm_random_unit(5, 1, (uint64_t)i)) / 64;
        y[i] = floor(1024 * 64 * rm_random_unit(5, 2, (uint64_t)i)) / 64;
        u[i] = 1024 - y[i];
    }
    assert_int_equal(within(&got, x, y, MANY, 1024, 0, 1, NULL), RM_OK);
    assert_true(fabs(got.cdf_ratio - 1) < 3 * got.error / got.expected &&
                got.cdf_ratio < got.ratio);
    assert_int_equal(within(&other, x, y, MANY, 1024, 1000000, 1, NULL), RM_OK);
    assert_true(fabs(other.cdf_ratio - got.cdf_ratio) < 1e-4);
    assert_int_equal(within(&other, u, x, MANY, 1024, 0, 4, NULL), RM_OK);
    assert_true(other.cdf_mean == got.cdf_mean);
}

static void test_patterns(void **state)
{
    (void)state;
    static double x[MANY], y[MANY];
    rm_nearest_result got;
    for (int i = 0; i < 400; i++) { /* a lattice: the ratio is 2, as regular as squares can be */
        x[i] = i % 20;
        y[i] = i / 20;
    }
    assert_int_equal(rm_nearest_index(&got, x, y, 400, 400, 0, NULL, NULL), RM_OK);
    assert_true(got.ratio == 2 && got.z > 30 && got.p < 1e-100);
    for (int i = 0; i < 400; i++) { /* twenty clusters */
        x[i] = 50 * (i % 20) + 0.1 * rm_random_unit(1, 1, (uint64_t)i);
        y[i] = 37 * (i % 20) % 1000 + 0.1 * rm_random_unit(1, 2, (uint64_t)i);
    }
    assert_int_equal(rm_nearest_index(&got, x, y, 400, 1e6, 0, NULL, NULL), RM_OK);
    assert_true(got.ratio < 0.01 && got.z < -30);
    for (int i = 0; i < MANY; i++) { /* at random, the edge corrected */
        x[i] = 1000 * rm_random_unit(5, 1, (uint64_t)i);
        y[i] = 1000 * rm_random_unit(5, 2, (uint64_t)i);
    }
    assert_int_equal(rm_nearest_index(&got, x, y, MANY, 1e6, 4000, NULL, NULL), RM_OK);
    assert_true(fabs(got.donnelly_z) < 3 && fabs(got.donnelly_ratio - 1) < 0.05);
    memset(x, 0, sizeof x);
    memset(y, 0, sizeof y);
    assert_int_equal(rm_nearest_index(&got, x, y, MANY, 1e6, 0, NULL, NULL), RM_OK);
    assert_true(got.mean == 0 && got.ratio == 0);
}

static void test_bad_input(void **state)
{
    (void)state;
    const double x[] = {0, 1, NAN}, y[] = {0, 0, 0};
    rm_nearest_result got = {.count = 5};
    rm_error err;
    assert_int_equal(rm_nearest_index(&got, x, y, 0, 1, 0, NULL, &err), RM_EDATA);
    assert_string_equal(err.message, "there are 0 points; a nearest other one needs at least 2");
    assert_int_equal(rm_nearest_index(&got, x, y, 1, 1, 0, NULL, &err), RM_EDATA);
    assert_int_equal(rm_nearest_index(&got, x, y, 3, 1, 0, NULL, &err), RM_EINVAL);
    assert_string_equal(err.message,
                        "a coordinate of row 2 is missing or not finite; leave the row out");
    assert_int_equal(err.row, 2);
    assert_int_equal(rm_nearest_index(&got, x, y, 2, 0, 0, NULL, &err), RM_EINVAL);
    assert_string_equal(err.message, "the area is not above 0; give that of the study area");
    assert_int_equal(rm_nearest_index(&got, x, y, 2, NAN, 0, NULL, &err), RM_EINVAL);
    assert_int_equal(rm_nearest_index(&got, x, y, 2, 1, -1, NULL, &err), RM_EINVAL);
    assert_string_equal(err.message, "the perimeter is negative or not finite; 0 leaves it out");
    assert_int_equal(rm_nearest_index(&got, NULL, y, 2, 1, 0, NULL, &err), RM_EINVAL);
    assert_string_equal(err.message, "x or y is NULL, or count is 2");
    rm_nearest_options options;
    rm_nearest_options_init(&options);
    options.threads = 65;
    assert_int_equal(rm_nearest_neighbours(NULL, NULL, NULL, x, y, 2, &options, &err), RM_EINVAL);
    assert_string_equal(err.message, "threads is 65; 0 (all cores) to 64");
    options.size = 3;
    assert_int_equal(rm_nearest_index(&got, x, y, 2, 1, 0, &options, &err), RM_EINVAL);
    assert_string_equal(err.message,
                        "rm_nearest_options.size is 3; begin with RM_NEAREST_OPTIONS_INIT");
    assert_int_equal(got.count, 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_pairs),
        cmocka_unit_test(test_outliers),
        cmocka_unit_test(test_what_must_not_matter),
        cmocka_unit_test(test_by_hand),
        cmocka_unit_test(test_cut_off),
        cmocka_unit_test(test_cut_off_at_random),
        cmocka_unit_test(test_patterns),
        cmocka_unit_test(test_bad_input),
    };
    return cmocka_run_group_tests_name("stats_nearest_index", tests, NULL, NULL);
}
