/* Study areas and Ripley's K: by hand, against GEOS and sampling, clustered and regular patterns,
 * what must not matter, bad input. */
#include "stats/pattern/ripley.h"

#include "base/random.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <geos_c.h>

static const double pi = 3.14159265358979323846;

/* A square with a square hole, and a second part beside it; the hole runs the same way as the rest,
 * and one ring is closed by hand. */
static const double yard_x[] = {0, 100, 100, 0, 40, 60, 60, 40, 40, 150, 200, 150};
static const double yard_y[] = {0, 0, 100, 100, 40, 40, 60, 60, 40, 0, 50, 100};
static const int64_t yard_ring[] = {0, 4, 9, 12};
static const rm_pattern_window yard = {yard_x, yard_y, yard_ring, 3};

static const double comb_x[] = {0, 90, 90, 70, 60, 50, 45, 30, 20, 20, 0};
static const double comb_y[] = {0, 0, 80, 20, 90, 15, 70, 20, 20, 60, 70};
static const int64_t comb_ring[] = {0, 11};
static const rm_pattern_window comb = {comb_x, comb_y, comb_ring, 1};

static const double box_x[] = {0, 100, 100, 0}, box_y[] = {0, 0, 50, 50};
static const int64_t box_ring[] = {0, 4};
static const rm_pattern_window box = {box_x, box_y, box_ring, 1};

static void assert_near(double got, double expected, double tolerance)
{
    if (!(fabs(got - expected) <= tolerance))
        fail_msg("%.17g is not %.17g", got, expected);
}

static rm_window *make(const rm_pattern_window *given)
{
    rm_window *window = NULL;
    rm_error err;
    if (rm_window_new(&window, given, NULL, &err) != RM_OK)
        fail_msg("%s", err.message);
    return window;
}

static void test_measures(void **state)
{
    (void)state;
    rm_window *w = make(&yard);
    assert_near(rm_window_area(w), 10000 - 400 + 2500, 1e-9);
    assert_true(rm_window_extent(w) == 200);
    assert_true(rm_window_holds(w, 10, 10) && !rm_window_holds(w, 50, 50));
    assert_true(!rm_window_holds(w, 120, 50) && rm_window_holds(w, 160, 50));
    assert_true(rm_window_border(w, 10, 30) == 10 && rm_window_border(w, 50, 45) == 5);
    assert_true(rm_window_border(w, 30, 50) == 10);
    rm_window_free(w);
    w = make(&comb);
    double twice = 0;
    for (int i = 0; i < 11; i++) {
        int j = (i + 1) % 11;
        twice += comb_x[i] * comb_y[j] - comb_x[j] * comb_y[i];
    }
    assert_near(rm_window_area(w), twice / 2, 1e-10);
    rm_window_free(w);
}

static GEOSGeometry *to_geos(GEOSContextHandle_t geos, const rm_pattern_window *w, double dx,
                             double dy)
{
    GEOSGeometry *all = GEOSGeom_createEmptyPolygon_r(geos);
    for (int64_t k = 0; k < w->rings; k++) {
        unsigned n = (unsigned)(w->ring[k + 1] - w->ring[k]);
        GEOSCoordSequence *ring = GEOSCoordSeq_create_r(geos, n + 1, 2);
        for (unsigned i = 0; i <= n; i++)
            GEOSCoordSeq_setXY_r(geos, ring, i, w->x[w->ring[k] + i % n] + dx,
                                 w->y[w->ring[k] + i % n] + dy);
        GEOSGeometry *part =
            GEOSGeom_createPolygon_r(geos, GEOSGeom_createLinearRing_r(geos, ring), NULL, 0);
        GEOSGeometry *more = GEOSSymDifference_r(geos, all, part);
        GEOSGeom_destroy_r(geos, all);
        GEOSGeom_destroy_r(geos, part);
        all = more;
    }
    return all;
}

/* Shifts of all sizes, among them none, straight ones, and one beyond the window. */
static void check_overlap(const rm_pattern_window *given)
{
    GEOSContextHandle_t geos = GEOS_init_r();
    rm_window *w = make(given);
    GEOSGeometry *still = to_geos(geos, given, 0, 0);
    for (int k = 0; k < 300; k++) {
        double dx = 400 * (rm_random_unit(3, 1, (uint64_t)k) - 0.5) * (k % 3 / 2.0);
        double dy = 200 * (rm_random_unit(3, 2, (uint64_t)k) - 0.5) * (k % 5 / 4.0);
        double expected;
        GEOSGeometry *moved = to_geos(geos, given, dx, dy);
        GEOSGeometry *both = GEOSIntersection_r(geos, still, moved);
        assert_int_equal(GEOSArea_r(geos, both, &expected), 1);
        assert_near(rm_window_overlap(w, dx, dy), expected, 1e-9 * rm_window_area(w));
        assert_near(rm_window_overlap(w, -dx, -dy), expected, 1e-9 * rm_window_area(w));
        GEOSGeom_destroy_r(geos, both);
        GEOSGeom_destroy_r(geos, moved);
    }
    GEOSGeom_destroy_r(geos, still);
    assert_true(rm_window_overlap(w, 1000, 0) == 0 && rm_window_overlap(w, 0, -1000) == 0);
    rm_window_free(w);
    GEOS_finish_r(geos);
}

static void test_overlap(void **state)
{
    (void)state;
    check_overlap(&yard);
    check_overlap(&comb);
    check_overlap(&box);
    rm_window *w = make(&box);
    assert_near(rm_window_overlap(w, 30, -20), 70 * 30, 1e-10);
    rm_window_free(w);
}

/* Against 100,000 places along the circle: wrong by at most one place for each crossing. */
static void check_arc(const rm_pattern_window *given)
{
    enum { PLACES = 100000 };
    rm_window *w = make(given);
    double *scratch = malloc((size_t)rm_window_scratch(w) * sizeof *scratch);
    assert_non_null(scratch);
    for (int k = 0; k < 12; k++) {
        double at[2];
        double radius = 3 + 90 * rm_random_unit(8, 9, (uint64_t)k);
        int inside = 0;
        rm_window_draw(at, w, 7, 0, (uint64_t)k);
        for (int i = 0; i < PLACES; i++) {
            double angle = 2 * pi * (i + 0.5) / PLACES;
            inside += rm_window_holds(w, at[0] + radius * cos(angle), at[1] + radius * sin(angle));
        }
        assert_near(rm_window_arc(w, at[0], at[1], radius, scratch), (double)inside / PLACES,
                    20.0 / PLACES);
    }
    free(scratch);
    rm_window_free(w);
}

static void test_arc(void **state)
{
    (void)state;
    double scratch[64];
    check_arc(&yard);
    check_arc(&comb);
    rm_window *w = make(&box);
    assert_true(rm_window_arc(w, 50, 25, 20, scratch) == 1);
    assert_true(rm_window_arc(w, 50, 25, 25, scratch) == 1); /* touches two sides */
    assert_near(rm_window_arc(w, 0, 25, 10, scratch), 0.5, 1e-15);
    assert_near(rm_window_arc(w, 0, 0, 10, scratch), 0.25, 1e-15);
    assert_near(rm_window_arc(w, 10, 25, 20, scratch), 1 - acos(0.5) / pi, 1e-15);
    assert_near(rm_window_arc(w, 0, 0, 50, scratch), 0.25, 1e-15); /* through a corner */
    assert_true(rm_window_arc(w, 50, 25, 1000, scratch) == 0);
    rm_window_free(w);
    w = make(&yard);
    assert_true(rm_window_arc(w, 50, 50, 15, scratch) == 1); /* around the hole */
    assert_true(rm_window_arc(w, 50, 50, 3, scratch) == 0);
    rm_window_free(w);
}

/* Draws fill the window evenly: as many in each part as its area says, none outside. */
static void check_draws(const rm_pattern_window *given, double split_x)
{
    enum { DRAWS = 40000 };
    rm_window *w = make(given);
    double left_area = 0;
    int left = 0;
    for (int i = 0; i < DRAWS; i++) {
        double at[2];
        rm_window_draw(at, w, 11, 5, (uint64_t)i);
        assert_true(rm_window_holds(w, at[0], at[1]) || rm_window_border(w, at[0], at[1]) < 1e-9);
        left += at[0] < split_x;
    }
    GEOSContextHandle_t geos = GEOS_init_r();
    GEOSGeometry *all = to_geos(geos, given, 0, 0);
    GEOSGeometry *part = GEOSClipByRect_r(geos, all, -1, -1, split_x, 1000);
    assert_int_equal(GEOSArea_r(geos, part, &left_area), 1);
    GEOSGeom_destroy_r(geos, part);
    GEOSGeom_destroy_r(geos, all);
    GEOS_finish_r(geos);
    double share = left_area / rm_window_area(w);
    assert_near((double)left / DRAWS, share, 4 * sqrt(share * (1 - share) / DRAWS));
    rm_window_free(w);
}

static void test_draws(void **state)
{
    (void)state;
    check_draws(&yard, 45);
    check_draws(&yard, 170);
    check_draws(&comb, 33);
    check_draws(&comb, 65);
}

enum { MANY = 900, R = 7 };
static const double radii[R] = {0, 0.5, 2, 5, 10, 15, 22};

static void curve(double *k, int32_t correction, const rm_pattern_window *window, const double *x,
                  const double *y, int count, int threads)
{
    rm_ripley_options options = RM_RIPLEY_OPTIONS_INIT;
    rm_error err;
    options.correction = correction;
    options.threads = threads;
    if (rm_ripley_k(k, NULL, radii, R, x, y, count, window, &options, &err) != RM_OK)
        fail_msg("%s", err.message);
}

static void scatter(double *x, double *y, int count, const rm_pattern_window *given, uint64_t seed)
{
    rm_window *w = make(given);
    for (int i = 0; i < count; i++) {
        double at[2];
        rm_window_draw(at, w, seed, 0, (uint64_t)i);
        x[i] = floor(at[0] * 1024) / 1024;
        y[i] = floor(at[1] * 1024) / 1024;
        if (!rm_window_holds(w, x[i], y[i])) {
            x[i] = at[0];
            y[i] = at[1];
        }
    }
    rm_window_free(w);
}

/* Every pair by itself, with the weights of the window. */
static void test_all_pairs(void **state)
{
    (void)state;
    static double x[MANY], y[MANY];
    double got[R], scratch[64];
    enum { COUNT = 150 };
    scatter(x, y, COUNT, &yard, 2);
    rm_window *w = make(&yard);
    for (int32_t c = RM_RIPLEY_NONE; c <= RM_RIPLEY_ISOTROPIC; c++) {
        curve(got, c, &yard, x, y, COUNT, 2);
        for (int k = 0; k < R; k++) {
            double sum = 0, left = 0, area = rm_window_area(w);
            for (int i = 0; i < COUNT; i++) {
                double border = rm_window_border(w, x[i], y[i]);
                left += border >= radii[k];
                for (int j = 0; j < COUNT; j++) {
                    double dx = x[i] - x[j], dy = y[i] - y[j], d = hypot(dx, dy), weight = 1;
                    if (c == RM_RIPLEY_TRANSLATE)
                        weight = area / rm_window_overlap(w, dx, dy);
                    else if (c == RM_RIPLEY_ISOTROPIC && j != i)
                        weight = 1 / rm_window_arc(w, x[i], y[i], d, scratch);
                    else if (c == RM_RIPLEY_BORDER)
                        weight = border >= radii[k];
                    if (i != j && d <= radii[k])
                        sum += fmin(weight, 100);
                }
            }
            double n = COUNT;
            double expected =
                c == RM_RIPLEY_BORDER ? sum * area / (n * left) : sum * area / (n * (n - 1));
            if (left == 0 && c == RM_RIPLEY_BORDER)
                assert_true(isnan(got[k]));
            else
                assert_near(got[k], expected, 1e-11 * (1 + expected));
        }
    }
    rm_window_free(w);
}

/* Three points in a box of 100 x 50: 0 and 1 at (10,25), (40,25), 30 apart; 2 far off at (95,45).
 * Around 0 the circle of 30 goes over three sides, around 1 over two. */
static void test_by_hand(void **state)
{
    (void)state;
    const double x[] = {10, 40, 95}, y[] = {25, 25, 45}, r[] = {29, 30};
    double k[2], l[2];
    rm_ripley_options options = RM_RIPLEY_OPTIONS_INIT;
    options.correction = RM_RIPLEY_NONE;
    assert_int_equal(rm_ripley_k(k, l, r, 2, x, y, 3, &box, &options, NULL), RM_OK);
    assert_true(k[0] == 0 && l[0] == 0);
    assert_near(k[1], 5000.0 / 6 * 2, 1e-12);
    assert_near(l[1], sqrt(5000.0 / 3 / pi), 1e-12);
    options.correction = RM_RIPLEY_TRANSLATE;
    assert_int_equal(rm_ripley_k(k, l, r, 2, x, y, 3, &box, &options, NULL), RM_OK);
    assert_near(k[1], 5000.0 / 6 * 2 * 5000 / (70 * 50), 1e-10);
    options.correction = RM_RIPLEY_ISOTROPIC;
    assert_int_equal(rm_ripley_k(k, l, r, 2, x, y, 3, &box, &options, NULL), RM_OK);
    double up = acos(25.0 / 30) / pi, west = acos(10.0 / 30) / pi; /* shares beyond a side */
    /* From 0 the arcs beyond north and south meet the one beyond west where cos and sin overlap. */
    double corner = acos(10.0 / 30) - (pi / 2 - acos(25.0 / 30));
    double beyond0 = west + 2 * up - (corner > 0 ? 2 * corner / (2 * pi) : 0);
    assert_near(k[1], 5000.0 / 6 * (1 / (1 - beyond0) + 1 / (1 - 2 * up)), 1e-10);
    options.max_weight = 1;
    assert_int_equal(rm_ripley_k(k, l, r, 2, x, y, 3, &box, &options, NULL), RM_OK);
    assert_near(k[1], 5000.0 / 6 * 2, 1e-12);
}

/* Threads and the order of the points do not change a bit; neither does moving the integer-cornered
 * window by a power of two with points on a lattice. Turning by 90 degrees changes which slabs the
 * window is cut in, and so the last digits. */
static void test_what_must_not_matter(void **state)
{
    (void)state;
    static double x[MANY], y[MANY], u[MANY], v[MANY];
    double wx[12], wy[12], usual[R], got[R];
    const rm_pattern_window other = {wx, wy, yard_ring, 3};
    scatter(x, y, MANY, &yard, 3);
    for (int32_t c = RM_RIPLEY_NONE; c <= RM_RIPLEY_ISOTROPIC; c++) {
        curve(usual, c, &yard, x, y, MANY, 1);
        for (int threads = 2; threads <= 4; threads += 2) {
            curve(got, c, &yard, x, y, MANY, threads);
            assert_memory_equal(got, usual, sizeof got);
        }
        for (int i = 0; i < MANY; i++) {
            u[i] = x[(i * 7) % MANY];
            v[i] = y[(i * 7) % MANY];
        }
        curve(got, c, &yard, u, v, MANY, 2);
        assert_memory_equal(got, usual, sizeof got);
        for (int i = 0; i < MANY; i++) {
            u[i] = x[i] + 65536;
            v[i] = y[i] - 131072;
        }
        for (int i = 0; i < 12; i++) {
            wx[i] = yard_x[i] + 65536;
            wy[i] = yard_y[i] - 131072;
        }
        curve(got, c, &other, u, v, MANY, 2);
        for (int k = 0; k < R; k++)
            assert_true(isnan(usual[k]) ? isnan(got[k])
                                        : fabs(got[k] - usual[k]) <= 1e-11 * usual[k]);
        for (int i = 0; i < MANY; i++) {
            u[i] = -y[i];
            v[i] = x[i];
        }
        for (int i = 0; i < 12; i++) {
            wx[i] = -yard_y[i];
            wy[i] = yard_x[i];
        }
        curve(got, c, &other, u, v, MANY, 2);
        for (int k = 0; k < R; k++)
            assert_true(isnan(usual[k]) ? isnan(got[k])
                                        : fabs(got[k] - usual[k]) <= 1e-11 * usual[k]);
    }
}

/* The mean of many random patterns is pi r^2 with every correction, and below it without. */
static void test_unbiased(void **state)
{
    (void)state;
    enum { RUNS = 300, COUNT = 60 };
    static double x[COUNT], y[COUNT];
    double k[R];
    for (int32_t c = RM_RIPLEY_NONE; c <= RM_RIPLEY_ISOTROPIC; c++) {
        double sum = 0, squares = 0;
        for (int run = 0; run < RUNS; run++) {
            scatter(x, y, COUNT, &comb, 100 + (uint64_t)run);
            curve(k, c, &comb, x, y, COUNT, 1);
            sum += k[4];
            squares += k[4] * k[4];
        }
        double mean = sum / RUNS, error = sqrt((squares / RUNS - mean * mean) / RUNS);
        if (c == RM_RIPLEY_NONE)
            assert_true(mean < 0.9 * pi * 100);
        else if (c != RM_RIPLEY_BORDER) /* a ratio, unbiased in the limit only */
            assert_near(mean, pi * 100, 4 * error);
    }
}

static void envelope(rm_ripley_result *out, double *l, double *low, double *high, const double *x,
                     const double *y, int count, int threads, int32_t rank)
{
    rm_ripley_options options = RM_RIPLEY_OPTIONS_INIT;
    rm_error err;
    options.threads = threads;
    options.simulations = 99;
    options.rank = rank;
    if (rm_ripley_envelope(out, l, low, high, radii + 1, R - 1, x, y, count, &yard, &options,
                           &err) != RM_OK)
        fail_msg("%s", err.message);
}

static void test_envelope(void **state)
{
    (void)state;
    static double x[MANY], y[MANY];
    enum { COUNT = 100 };
    double l[R], low[R], high[R], again[3][R];
    rm_ripley_result got, other;
    scatter(x, y, COUNT, &yard, 4);
    envelope(&got, l, low, high, x, y, COUNT, 1, 1);
    assert_true(got.p > 0.05 && got.deviation < got.critical);
    assert_near(got.area, 12100, 1e-9);
    for (int k = 0; k < R - 1; k++)
        assert_true(low[k] <= l[k] && l[k] <= high[k] && low[k] < high[k]);
    envelope(&other, again[0], again[1], again[2], x, y, COUNT, 4, 1);
    assert_memory_equal(&other, &got, sizeof got);
    assert_memory_equal(again[1], low, (R - 1) * sizeof *low);
    assert_memory_equal(again[2], high, (R - 1) * sizeof *high);
    envelope(&other, again[0], again[1], again[2], x, y, COUNT, 2, 3);
    assert_true(other.critical < got.critical && other.p == got.p);
    assert_true(again[1][3] > low[3] && again[2][3] < high[3]);
    for (int i = 0; i < COUNT; i++) { /* clustered: everyone a metre from another */
        x[i] = x[i / 2 * 2] + (i % 2 ? 0.5 : 0);
        y[i] = y[i / 2 * 2];
        if (x[i] > 99 && x[i] < 150)
            x[i] = 98 + 0.5 * (i % 2);
        if (x[i] > 39 && x[i] < 61 && y[i] > 39 && y[i] < 61)
            x[i] = 20 + 0.5 * (i % 2);
        if (x[i] > 150)
            x[i] = 30 + 0.5 * (i % 2);
    }
    envelope(&got, l, low, high, x, y, COUNT, 2, 1);
    assert_true(got.p == 0.01 && l[0] > high[0] && got.deviation > got.critical);
    for (int i = 0; i < COUNT; i++) { /* regular: a lattice around the hole */
        x[i] = 5 + 10 * (i % 10);
        y[i] = 5 + 10 * (i / 10 % 10);
        if (x[i] > 39 && x[i] < 61 && y[i] > 39 && y[i] < 61)
            x[i] += 110;
    }
    envelope(&got, l, low, high, x, y, COUNT, 2, 1);
    assert_true(got.p == 0.01 && l[2] == 0 && l[2] < low[2]);
}

static void test_all_the_same(void **state)
{
    (void)state;
    static double x[MANY], y[MANY];
    double k[R];
    for (int i = 0; i < MANY; i++)
        x[i] = y[i] = 10;
    for (int32_t c = RM_RIPLEY_NONE; c <= RM_RIPLEY_ISOTROPIC; c++) {
        curve(k, c, &yard, x, y, MANY, 2);
        assert_near(k[0], c == RM_RIPLEY_BORDER ? 12100.0 * (MANY - 1) / MANY : 12100, 1e-7);
    }
}

static rm_error why;

static rm_status try(const double *r, int64_t r_count, const double *x, const double *y,
                     int64_t count, const rm_pattern_window *w, const rm_ripley_options *options)
{
    double k[R] = {-5};
    rm_status status = rm_ripley_k(k, NULL, r, r_count, x, y, count, w, options, &why);
    assert_true(status == RM_OK || k[0] == -5);
    return status;
}

static void test_bad_points(void **state)
{
    (void)state;
    const double x[] = {10, 50, 20}, y[] = {10, 50, NAN};
    assert_int_equal(try(radii, R, x, y, 0, &yard, NULL), RM_EDATA);
    assert_string_equal(why.message, "there are 0 points; pairs need at least 2");
    assert_int_equal(try(radii, R, x, y, 1, &yard, NULL), RM_EDATA);
    assert_int_equal(try(radii, R, x, y, 2, &yard, NULL), RM_EINVAL);
    assert_string_equal(why.message, "the point of row 1 lies outside the study area; leave it out "
                                     "or take a larger area");
    assert_int_equal(why.row, 1);
    assert_int_equal(try(radii, R, x, y, 3, &yard, NULL), RM_EINVAL);
    assert_string_equal(why.message,
                        "a coordinate of row 2 is missing or not finite; leave the row out");
    const double on_x[] = {0, 100, 40, 175}, on_y[] = {0, 37, 50, 25};
    assert_int_equal(try(radii, R, on_x, on_y, 4, &yard, NULL), RM_OK); /* on the border */
}

static void test_bad_distances(void **state)
{
    (void)state;
    const double x[] = {10, 11}, y[] = {10, 11};
    const double negative[] = {-1, 2}, missing[] = {1, NAN}, falling[] = {2, 1};
    const double infinite[] = {1, INFINITY};
    assert_int_equal(try(negative, 2, x, y, 2, &yard, NULL), RM_EINVAL);
    assert_string_equal(why.message, "distance r 0 is negative, missing or not finite");
    assert_int_equal(try(missing, 2, x, y, 2, &yard, NULL), RM_EINVAL);
    assert_string_equal(why.message, "distance r 1 is negative, missing or not finite");
    assert_int_equal(try(infinite, 2, x, y, 2, &yard, NULL), RM_EINVAL);
    assert_int_equal(try(falling, 2, x, y, 2, &yard, NULL), RM_EINVAL);
    assert_string_equal(why.message, "distance r 1 is not above the one before it");
    assert_int_equal(try(radii, 0, x, y, 2, &yard, NULL), RM_EINVAL);
    assert_string_equal(why.message, "there are 0 distances r; 1 to 100000");
}

static void test_bad_window(void **state)
{
    (void)state;
    const double x[] = {10, 11}, y[] = {10, 11};
    const double flat_x[] = {0, 10, 20}, flat_y[] = {0, 0, 0}, odd_y[] = {0, NAN, 3};
    const int64_t one[] = {0, 3}, back[] = {0, 3, 2}, none[] = {0, 0};
    rm_pattern_window w = {flat_x, flat_y, one, 1};
    assert_int_equal(try(radii, R, x, y, 2, &w, NULL), RM_EINVAL);
    assert_string_equal(why.message, "the study area has no area; its rings enclose nothing");
    w.ring = none;
    assert_int_equal(try(radii, R, x, y, 2, &w, NULL), RM_EINVAL);
    assert_string_equal(why.message, "the study area has no area; its rings enclose nothing");
    w = (rm_pattern_window){flat_x, odd_y, one, 1};
    assert_int_equal(try(radii, R, x, y, 2, &w, NULL), RM_EINVAL);
    assert_string_equal(why.message, "vertex 1 of the study area is missing or not finite");
    w = (rm_pattern_window){flat_x, flat_y, back, 2};
    assert_int_equal(try(radii, R, x, y, 2, &w, NULL), RM_EINVAL);
    assert_string_equal(why.message, "ring 1 of the study area ends before it begins");
    w.rings = 0;
    assert_int_equal(try(radii, R, x, y, 2, &w, NULL), RM_EINVAL);
    assert_string_equal(why.message, "the study area has no rings, or they do not begin at 0");
    assert_int_equal(try(radii, R, x, y, 2, NULL, NULL), RM_EINVAL);
}

static void test_bad_options(void **state)
{
    (void)state;
    const double x[] = {10, 11}, y[] = {10, 11};
    double low[R];
    rm_ripley_options options = RM_RIPLEY_OPTIONS_INIT;
    options.correction = 4;
    assert_int_equal(try(radii, R, x, y, 2, &yard, &options), RM_EINVAL);
    assert_string_equal(why.message,
                        "correction 4 does not exist; RM_RIPLEY_NONE to RM_RIPLEY_ISOTROPIC");
    rm_ripley_options_init(&options);
    options.max_weight = NAN;
    assert_int_equal(try(radii, R, x, y, 2, &yard, &options), RM_EINVAL);
    assert_string_equal(why.message, "the largest weight is below 1 or missing");
    rm_ripley_options_init(&options);
    options.rank = 51;
    assert_int_equal(
        rm_ripley_envelope(NULL, NULL, low, NULL, radii, R, x, y, 2, &yard, &options, &why),
        RM_EINVAL);
    assert_string_equal(why.message, "rank 51 of 99 simulations; 1 to half of them");
    options.simulations = 0;
    assert_int_equal(
        rm_ripley_envelope(NULL, NULL, low, NULL, radii, R, x, y, 2, &yard, &options, &why),
        RM_EINVAL);
    assert_string_equal(why.message, "there are 0 simulations; 1 to 100000");
}

static int stop_soon(double fraction, const char *message, void *user)
{
    (void)message;
    *(double *)user = fraction;
    return fraction > 0.001;
}

static void test_cancel(void **state)
{
    (void)state;
    static double x[MANY], y[MANY];
    double low[R] = {-5}, reached = 0;
    rm_ripley_options options = RM_RIPLEY_OPTIONS_INIT;
    options.simulations = 100000; /* whole, they would take a minute */
    options.correction = RM_RIPLEY_NONE;
    options.progress = stop_soon;
    options.progress_user = &reached;
    scatter(x, y, MANY, &box, 1);
    assert_int_equal(
        rm_ripley_envelope(NULL, NULL, low, NULL, radii, R, x, y, MANY, &box, &options, &why),
        RM_ECANCELLED);
    assert_true(reached > 0.001 && reached < 1 && low[0] == -5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_measures),
        cmocka_unit_test(test_overlap),
        cmocka_unit_test(test_arc),
        cmocka_unit_test(test_draws),
        cmocka_unit_test(test_all_pairs),
        cmocka_unit_test(test_by_hand),
        cmocka_unit_test(test_what_must_not_matter),
        cmocka_unit_test(test_unbiased),
        cmocka_unit_test(test_envelope),
        cmocka_unit_test(test_all_the_same),
        cmocka_unit_test(test_bad_points),
        cmocka_unit_test(test_bad_distances),
        cmocka_unit_test(test_bad_window),
        cmocka_unit_test(test_bad_options),
        cmocka_unit_test(test_cancel),
    };
    return cmocka_run_group_tests_name("stats_ripley", tests, NULL, NULL);
}
