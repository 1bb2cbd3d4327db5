/* Knox tables and near repeats: by hand, against all pairs, what must not matter, bad input. */
#include "base/random.h"
#include "riskmap/pattern.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { MANY = 700, S = 5, T = 4, CELLS = S * T };
static const double space_edges[] = {0, 0.5, 20, 60, 150, INFINITY};
static const double time_edges[] = {0, 1, 7, 30.5, INFINITY};

typedef struct table {
    int64_t observed[CELLS];
    double expected[CELLS], ratio[CELLS], mean[CELLS], p[CELLS];
} table;

typedef struct events {
    double x[MANY], y[MANY];
    int32_t day[MANY];
    int count;
} events;

/* On a lattice of 1/4 m, so that moving and turning them loses nothing; some at one place, and some
 * of them on one day. */
static void scatter(events *e, int count, uint64_t seed)
{
    e->count = count;
    for (int i = 0; i < count; i++) {
        e->x[i] = (double)rm_random_below(seed, 1, (uint64_t)i, 4000) / 4;
        e->y[i] = (double)rm_random_below(seed, 2, (uint64_t)i, 4000) / 4;
        e->day[i] = (int32_t)rm_random_below(seed, 3, (uint64_t)i, 365) - 100;
        if (i % 11 == 0 && i > 0) {
            e->x[i] = e->x[i - 1];
            e->y[i] = e->y[i - 1];
            if (i % 2)
                e->day[i] = e->day[i - 1];
        }
    }
}

static rm_status run(table *out, const events *e, const double *space, int s, const double *time,
                     int t, const rm_knox_options *options, rm_error *err)
{
    memset(out, 0, sizeof *out);
    return rm_knox(out->observed, out->expected, out->ratio, out->mean, out->p, e->x, e->y, e->day,
                   e->count, space, s, time, t, options, err);
}

static void run_usual(table *out, const events *e, int32_t metric, int threads, int permutations)
{
    rm_knox_options options = RM_KNOX_OPTIONS_INIT;
    rm_error err;
    options.metric = metric;
    options.threads = threads;
    options.permutations = permutations;
    if (run(out, e, space_edges, S, time_edges, T, &options, &err) != RM_OK)
        fail_msg("%s", err.message);
}

static int band_of(const double *edge, int bands, double value)
{
    for (int k = 0; k < bands; k++) {
        if (value >= edge[k] && value < edge[k + 1])
            return k;
    }
    return -1;
}

/* Events 1 to 4 at (0,0), (0,0), (3,4), (100,0) on days 0, 0, 1, 10: pairs at 0 m 0 d; 5 m 1 d
 * twice; 100 m 10 d twice; sqrt(97^2 + 4^2) m 9 d. */
static void test_by_hand(void **state)
{
    (void)state;
    const events e = {{0, 0, 3, 100}, {0, 0, 4, 0}, {0, 0, 1, 10}, 4};
    const double space[] = {0, 1, 5, 50}, time[] = {0, 1, 2, INFINITY};
    const int64_t expected[] = {1, 0, 0, 0, 0, 0, 0, 2, 0};
    table got;
    assert_int_equal(run(&got, &e, space, 3, time, 3, NULL, NULL), RM_OK);
    assert_memory_equal(got.observed, expected, sizeof expected);
    /* Rows 1, 0, 2 of 6 pairs, columns 1, 2, 3. */
    assert_true(got.expected[0] == 1.0 / 6 && got.expected[7] == 2 * 2 / 6.0);
    assert_true(got.expected[3] == 0 && isnan(got.ratio[3]) && got.p[3] == 1);
    assert_true(got.ratio[0] == 1 / (1.0 / 6) && got.ratio[7] == 2 / (2 * 2 / 6.0));
}

static void check_against_all_pairs(int32_t metric)
{
    static events e;
    int64_t expected[CELLS] = {0}, row[S] = {0}, column[T] = {0};
    table got;
    scatter(&e, MANY, 5);
    run_usual(&got, &e, metric, 2, 33);
    for (int i = 0; i < MANY; i++) {
        for (int j = 0; j < i; j++) {
            double dx = fabs(e.x[i] - e.x[j]), dy = fabs(e.y[i] - e.y[j]);
            double d = metric == RM_MANHATTAN ? dx + dy : sqrt(dx * dx + dy * dy);
            int s = band_of(space_edges, S, d);
            int t = band_of(time_edges, T, abs(e.day[i] - e.day[j]));
            expected[s * T + t]++;
            row[s]++;
            column[t]++;
        }
    }
    assert_true(expected[0] > 0 && expected[T + 1] > 0);
    assert_memory_equal(got.observed, expected, sizeof expected);
    for (int cell = 0; cell < CELLS; cell++)
        assert_true(got.expected[cell] ==
                    (double)row[cell / T] * (double)column[cell % T] / (MANY * (MANY - 1) / 2));
}

static void test_all_pairs(void **state)
{
    (void)state;
    check_against_all_pairs(RM_EUCLIDEAN);
    check_against_all_pairs(RM_MANHATTAN);
}

/* Bands that leave out the nearest and the farthest, many bands, and bands beyond all days: the
 * table of the whole must hold the parts. */
static void test_other_bands(void **state)
{
    (void)state;
    static events e;
    const double part_space[] = {20, 60, 150}, part_time[] = {7, 30.5};
    const double all[] = {0, INFINITY}, late[] = {400, 1e6, 1e9, INFINITY};
    double days[13];
    table whole, part;
    rm_knox_options options = RM_KNOX_OPTIONS_INIT;
    options.permutations = 199;
    scatter(&e, MANY, 6);
    run_usual(&whole, &e, RM_EUCLIDEAN, 1, 199);
    assert_int_equal(run(&part, &e, part_space, 2, part_time, 1, &options, NULL), RM_OK);
    for (int s = 0; s < 2; s++) {
        int cell = (s + 2) * T + 2;
        assert_int_equal(part.observed[s], whole.observed[cell]);
        assert_true(part.expected[s] == whole.expected[cell]);
        assert_true(part.mean[s] == whole.mean[cell] && part.p[s] == whole.p[cell]);
    }
    assert_int_equal(run(&part, &e, all, 1, all, 1, &options, NULL), RM_OK);
    assert_int_equal(part.observed[0], MANY * (MANY - 1) / 2);
    assert_true(part.p[0] == 1 && part.ratio[0] == 1);
    assert_int_equal(run(&part, &e, all, 1, late, 3, &options, NULL), RM_OK);
    assert_true(part.observed[0] == 0 && part.observed[1] == 0 && part.observed[2] == 0);
    for (int k = 0; k < 13; k++)
        days[k] = k + 1;
    assert_int_equal(run(&part, &e, space_edges, 1, days, 12, &options, NULL), RM_OK);
    int64_t sum = 0;
    for (int k = 0; k < 6; k++)
        sum += part.observed[k];
    assert_int_equal(sum, whole.observed[1]);
}

static void assert_same(const table *a, const table *b)
{
    assert_memory_equal(a, b, sizeof *a);
}

/* Moved by a power of two, turned by 90 degrees, in another order, with other threads, with other
 * day numbers: not a bit may change, p-values included. Turning sorts the events differently, so
 * its permutations are others and only what is exact is compared. */
static void test_what_must_not_matter(void **state)
{
    (void)state;
    static events e, other;
    table usual, got;
    scatter(&e, MANY, 7);
    run_usual(&usual, &e, RM_EUCLIDEAN, 1, 299);
    for (int threads = 2; threads <= 4; threads += 2) {
        run_usual(&got, &e, RM_EUCLIDEAN, threads, 299);
        assert_same(&got, &usual);
    }
    other = e;
    for (int i = 0; i < MANY; i++) {
        other.x[i] += 1048576;
        other.y[i] -= 4194304;
        other.day[i] += 15000;
    }
    run_usual(&got, &other, RM_EUCLIDEAN, 2, 299);
    assert_same(&got, &usual);
    for (int i = 0; i < MANY; i++) {
        other.x[i] = e.x[(i * 3) % MANY];
        other.y[i] = e.y[(i * 3) % MANY];
        other.day[i] = e.day[(i * 3) % MANY];
    }
    run_usual(&got, &other, RM_EUCLIDEAN, 2, 299);
    assert_same(&got, &usual);
    for (int i = 0; i < MANY; i++) {
        other.x[i] = -e.y[i];
        other.y[i] = e.x[i];
        other.day[i] = e.day[i];
    }
    run_usual(&got, &other, RM_EUCLIDEAN, 2, 299);
    assert_memory_equal(got.observed, usual.observed, sizeof got.observed);
    assert_memory_equal(got.expected, usual.expected, sizeof got.expected);
}

/* The mean over permutations comes to the exact expectation, and another seed gives other runs. */
static void test_permutations(void **state)
{
    (void)state;
    static events e;
    table got, again;
    rm_knox_options options = RM_KNOX_OPTIONS_INIT;
    scatter(&e, 300, 8);
    run_usual(&got, &e, RM_EUCLIDEAN, 2, 20000);
    for (int cell = 0; cell < CELLS; cell++) {
        double spread = sqrt(fmin(got.expected[cell], 2000.0)) + 0.1;
        assert_true(fabs(got.mean[cell] - got.expected[cell]) < 6 * spread / sqrt(20000));
        assert_true(got.p[cell] >= 1 / 20001.0 && got.p[cell] <= 1);
    }
    options.permutations = 20000;
    options.seed = 2;
    assert_int_equal(run(&again, &e, space_edges, S, time_edges, T, &options, NULL), RM_OK);
    assert_memory_not_equal(again.mean, got.mean, sizeof got.mean);
    options.permutations = 0;
    assert_int_equal(run(&again, &e, space_edges, S, time_edges, T, &options, NULL), RM_OK);
    assert_true(isnan(again.mean[0]) && isnan(again.p[0]));
    assert_memory_equal(again.observed, got.observed, sizeof got.observed);
}

/* Three events on days 0, 0, 5, the last two at one place: of the three equally likely choices of
 * who shares day 0, one puts it on the pair in question. */
static void test_exact_p(void **state)
{
    (void)state;
    const events e = {{0, 500, 500}, {0, 0, 0}, {5, 0, 0}, 3};
    const double space[] = {0, 1}, time[] = {0, 1};
    rm_knox_options options = RM_KNOX_OPTIONS_INIT;
    table got;
    options.permutations = 30000;
    assert_int_equal(run(&got, &e, space, 1, time, 1, &options, NULL), RM_OK);
    assert_int_equal(got.observed[0], 1);
    assert_true(fabs(got.p[0] - 1.0 / 3) < 4 * sqrt(2.0 / 9 / 30000));
    assert_true(fabs(got.mean[0] - 1.0 / 3) < 4 * sqrt(2.0 / 9 / 30000));
}

/* 40 events each followed within 50 m and 5 days by another: the table must say so, and the list
 * must hold them. */
static void test_planted(void **state)
{
    (void)state;
    static events e;
    int64_t earlier[MANY], later[MANY], found = 0, planted = 0;
    double distance[MANY];
    const double space[] = {0, 60}, time[] = {0, 7};
    table got;
    scatter(&e, 300, 9);
    for (int i = 0; i < 40; i++) {
        e.x[300 + i] = e.x[i * 7] + 16;
        e.y[300 + i] = e.y[i * 7] - 16;
        e.day[300 + i] = e.day[i * 7] + 1 + i % 5;
    }
    e.count = 340;
    run_usual(&got, &e, RM_EUCLIDEAN, 2, 999);
    assert_true(got.observed[2 * T + 1] >= 40 && got.p[2 * T + 1] == 0.001);
    assert_true(got.ratio[2 * T + 1] > 2);
    assert_int_equal(rm_near_repeats(earlier, later, distance, MANY, &found, e.x, e.y, e.day, 340,
                                     space, time, NULL, NULL),
                     RM_OK);
    int64_t table_count = 0;
    for (int s = 0; s < 3; s++)
        table_count += got.observed[s * T] + got.observed[s * T + 1];
    assert_int_equal(found, table_count);
    for (int64_t k = 0; k < found; k++) {
        int64_t a = earlier[k], b = later[k];
        assert_true(e.day[a] < e.day[b] || (e.day[a] == e.day[b] && a < b));
        assert_true(fabs(distance[k] - hypot(e.x[a] - e.x[b], e.y[a] - e.y[b])) < 1e-12);
        if (k > 0)
            assert_true(earlier[k - 1] < a || (earlier[k - 1] == a && later[k - 1] < b));
        planted += b >= 300 && a == (b - 300) * 7;
    }
    assert_int_equal(planted, 40);
    int64_t first = -1, second = -1, again = 0;
    assert_int_equal(rm_near_repeats(&first, &second, NULL, 1, &again, e.x, e.y, e.day, 340, space,
                                     time, NULL, NULL),
                     RM_OK);
    assert_true(again == found && first == earlier[0] && second == later[0]);
    assert_int_equal(
        rm_near_repeats(NULL, NULL, NULL, 0, &again, e.x, e.y, e.day, 340, space, time, NULL, NULL),
        RM_OK);
    assert_int_equal(again, found);
    assert_int_equal(
        rm_near_repeats(NULL, NULL, NULL, 0, &again, NULL, NULL, NULL, 0, space, time, NULL, NULL),
        RM_OK);
    assert_int_equal(again, 0);
}

typedef struct pair {
    int64_t earlier, later;
    double distance;
} pair;

static bool is_near(pair *out, const events *e, int a, int b, const double space[2],
                    const double time[2], int32_t metric)
{
    double dx = e->x[a] - e->x[b], dy = e->y[a] - e->y[b];
    double d = metric == RM_MANHATTAN ? fabs(dx) + fabs(dy) : sqrt(dx * dx + dy * dy);
    double days = fabs((double)e->day[a] - (double)e->day[b]);
    bool turned = e->day[b] < e->day[a];
    *out = (pair){turned ? b : a, turned ? a : b, d};
    return d >= space[0] && d < space[1] && days >= time[0] && days < time[1];
}

static int by_rows(const void *left, const void *right)
{
    const pair *a = left, *b = right;
    if (a->earlier != b->earlier)
        return a->earlier < b->earlier ? -1 : 1;
    return (a->later > b->later) - (a->later < b->later);
}

static void check_repeats(const events *e, const double space[2], const double time[2],
                          int32_t metric, int32_t threads)
{
    enum { MOST = 5000 };
    static pair expected[MOST + 1];
    static int64_t earlier[MOST], later[MOST];
    static double distance[MOST];
    int64_t pairs = 0, found = -1;
    rm_knox_options options = RM_KNOX_OPTIONS_INIT;
    rm_error err;
    options.metric = metric;
    options.threads = threads;
    options.permutations = -1; /* of no account */
    for (int a = 0; a < e->count; a++) {
        for (int b = a + 1; b < e->count; b++)
            pairs += is_near(&expected[pairs], e, a, b, space, time, metric);
    }
    qsort(expected, (size_t)pairs, sizeof *expected, by_rows);
    if (rm_near_repeats(earlier, later, distance, MOST, &found, e->x, e->y, e->day, e->count, space,
                        time, &options, &err) != RM_OK)
        fail_msg("%s", err.message);
    assert_int_equal(found, pairs);
    for (int64_t k = 0; k < pairs; k++) {
        assert_int_equal(earlier[k], expected[k].earlier);
        assert_int_equal(later[k], expected[k].later);
        assert_true(distance[k] == expected[k].distance);
    }
}

static void test_repeats_of_all_pairs(void **state)
{
    (void)state;
    static events e;
    const double space[][2] = {{0, 80}, {20, 200}, {0, 0.25}};
    const double time[][2] = {{0, 1}, {0.5, 30.5}, {7, INFINITY}, {1e9, 1e10}};
    for (int count = 0; count <= 100; count += count < 4 ? 1 : 32) {
        scatter(&e, count, (uint64_t)count + 1);
        for (int i = 0; i < 12; i++) {
            check_repeats(&e, space[i % 3], time[i / 3], RM_EUCLIDEAN, 1 + i % 4);
            check_repeats(&e, space[i % 3], time[i / 3], RM_MANHATTAN, 1);
        }
    }
    e.day[5] = INT32_MAX; /* as far apart as days can be */
    e.day[6] = INT32_MIN + 1;
    for (int i = 0; i < 12; i++)
        check_repeats(&e, space[i % 3], time[i / 3], RM_EUCLIDEAN, 2);
    scatter(&e, MANY, 7); /* more than a chunk */
    for (int threads = 1; threads <= 4; threads++)
        check_repeats(&e, space[0], time[1], RM_EUCLIDEAN, threads);
}

/* Closed bounds: exactly 5 m and exactly 1 day are close. Of 6 pairs 3 are close in space, 3 in
 * time and 3 in both; the mean is 3 * 3 / 6. P(X >= 3) = 1 - e^-1.5 (1 + 1.5 + 1.125). */
static void test_closed(void **state)
{
    (void)state;
    const double x[] = {0, 0, 3, 100}, y[] = {0, 0, 4, 0};
    const int32_t day[] = {0, 0, 1, 10};
    rm_knox_result got;
    assert_int_equal(rm_knox_test(&got, x, y, day, 4, 5, 1, NULL, NULL), RM_OK);
    assert_true(got.pairs == 6 && got.close_space == 3 && got.close_time == 3 && got.close == 3);
    assert_true(got.expected == 1.5 && got.ratio == 2);
    assert_true(fabs(got.p_poisson - (1 - exp(-1.5) * 3.625)) < 1e-14);
    assert_true(fabs(got.p_above - (1 - exp(-1.5) * (3.625 + 0.5625))) < 1e-14);
    assert_int_equal(rm_knox_test(&got, x, y, day, 4, 4.999, 0, NULL, NULL), RM_OK);
    assert_true(got.close_space == 1 && got.close_time == 1 && got.close == 1);
    assert_int_equal(rm_knox_test(&got, x, y, day, 4, 0, 0, NULL, NULL), RM_OK);
    assert_int_equal(got.close, 1);
}

/* All at one place on one day; more events at one place than a block of pairs holds. */
static void test_all_the_same(void **state)
{
    (void)state;
    static events e;
    table got;
    memset(&e, 0, sizeof e);
    e.count = MANY;
    run_usual(&got, &e, RM_EUCLIDEAN, 2, 99);
    assert_int_equal(got.observed[0], MANY * (MANY - 1) / 2);
    assert_true(got.p[0] == 1 && got.mean[0] == MANY * (MANY - 1) / 2 && got.ratio[0] == 1);
    for (int cell = 1; cell < CELLS; cell++)
        assert_true(got.observed[cell] == 0 && got.p[cell] == 1);
}

static void test_labels(void **state)
{
    (void)state;
    char label[32], tiny[4];
    assert_int_equal(rm_knox_label(label, sizeof label, 0, 0.01, NULL), RM_OK);
    assert_string_equal(label, "[0,0.01)");
    assert_int_equal(rm_knox_label(label, sizeof label, 600, INFINITY, NULL), RM_OK);
    assert_string_equal(label, "[600,inf)");
    assert_int_equal(rm_knox_label(tiny, sizeof tiny, 600, 800, NULL), RM_OK);
    assert_string_equal(tiny, "[60");
    assert_int_equal(rm_knox_label(NULL, 5, 0, 1, NULL), RM_EINVAL);
}

static void refuse(rm_status status, const char *message, int64_t row, const events *e,
                   const double *space, int s, const double *time, int t)
{
    rm_error err;
    table got;
    memset(&got, 7, sizeof got);
    int64_t before = got.observed[0];
    assert_int_equal(rm_knox(got.observed, NULL, NULL, NULL, got.p, e->x, e->y, e->day, e->count,
                             space, s, time, t, NULL, &err),
                     status);
    assert_string_equal(err.message, message);
    assert_int_equal(err.row, row);
    assert_true(got.observed[0] == before);
}

static void test_bad_events(void **state)
{
    (void)state;
    static events e;
    const char *coordinate = "a coordinate of row 3 is missing or not finite; leave the row out";
    scatter(&e, 10, 1);
    e.count = 0;
    refuse(RM_EDATA, "there are 0 events; pairs need at least 2", -1, &e, space_edges, S,
           time_edges, T);
    e.count = 1;
    refuse(RM_EDATA, "there are 1 events; pairs need at least 2", -1, &e, space_edges, S,
           time_edges, T);
    e.count = 10;
    e.x[3] = NAN;
    refuse(RM_EINVAL, coordinate, 3, &e, space_edges, S, time_edges, T);
    e.x[3] = 1;
    e.y[3] = -INFINITY;
    refuse(RM_EINVAL, coordinate, 3, &e, space_edges, S, time_edges, T);
    e.y[3] = 1;
    e.day[4] = INT32_MIN;
    refuse(RM_EINVAL, "row 4 has no day; leave the row out", 4, &e, space_edges, S, time_edges, T);
    e.day[4] = 900000;
    refuse(RM_ELIMIT,
           "the day of row 4 is more than 65535 days after the first; look for a wrong date", 4, &e,
           space_edges, S, time_edges, T);
    e.day[4] = e.day[5] + 65000;
    table got;
    assert_int_equal(run(&got, &e, space_edges, S, time_edges, T, NULL, NULL), RM_OK);
}

static void test_bad_bands(void **state)
{
    (void)state;
    static events e;
    const double falling[] = {0, 20, 10}, equal[] = {0, 5, 5}, negative[] = {-1, 5, 10};
    const double missing[] = {0, NAN, 10}, early[] = {0, INFINITY, INFINITY};
    const char *edge0 =
        "distance edge 0 is negative, missing or not finite; only the last may be infinite";
    scatter(&e, 10, 1);
    refuse(RM_EINVAL, "distance edge 2 is not above the one before it", -1, &e, falling, 2,
           time_edges, T);
    refuse(RM_EINVAL, "day edge 2 is not above the one before it", -1, &e, space_edges, S, equal,
           2);
    refuse(RM_EINVAL, edge0, -1, &e, negative, 2, time_edges, T);
    refuse(RM_EINVAL,
           "day edge 1 is negative, missing or not finite; only the last may be infinite", -1, &e,
           space_edges, S, missing, 2);
    refuse(RM_EINVAL,
           "distance edge 1 is negative, missing or not finite; only the last may be infinite", -1,
           &e, early, 2, time_edges, T);
    refuse(RM_EINVAL, "there are 0 distance bands; 1 to 100", -1, &e, space_edges, 0, time_edges,
           T);
    refuse(RM_EINVAL, "there are 101 day bands; 1 to 100", -1, &e, space_edges, S, time_edges, 101);
    refuse(RM_EINVAL, "the edges of the bands are NULL", -1, &e, NULL, S, time_edges, T);
}

static void test_bad_options(void **state)
{
    (void)state;
    static events e;
    table got;
    rm_error err;
    rm_knox_result result;
    int64_t found;
    rm_knox_options options = RM_KNOX_OPTIONS_INIT;
    const double open[] = {0, INFINITY};
    scatter(&e, 10, 1);
    options.metric = 2;
    assert_int_equal(run(&got, &e, space_edges, S, time_edges, T, &options, &err), RM_EINVAL);
    assert_string_equal(err.message, "metric 2 does not exist; RM_EUCLIDEAN or RM_MANHATTAN");
    assert_int_equal(rm_near_repeats(NULL, NULL, NULL, 0, &found, e.x, e.y, e.day, 10, space_edges,
                                     time_edges, &options, &err),
                     RM_EINVAL);
    assert_string_equal(err.message, "metric 2 does not exist; RM_EUCLIDEAN or RM_MANHATTAN");
    options.metric = 0;
    options.threads = 65;
    assert_int_equal(rm_near_repeats(NULL, NULL, NULL, 0, &found, e.x, e.y, e.day, 10, space_edges,
                                     time_edges, &options, &err),
                     RM_EINVAL);
    assert_string_equal(err.message, "threads is 65; 0 (all cores) to 64");
    options.threads = 0;
    options.permutations = -1;
    assert_int_equal(run(&got, &e, space_edges, S, time_edges, T, &options, &err), RM_EINVAL);
    assert_string_equal(err.message, "permutations is -1; 0 to 10000000");
    rm_knox_options_init(&options);
    options.size = 3;
    assert_int_equal(run(&got, &e, space_edges, S, time_edges, T, &options, &err), RM_EINVAL);
    assert_string_equal(err.message, "rm_knox_options.size is 3; begin with RM_KNOX_OPTIONS_INIT");
    assert_int_equal(rm_knox_test(&result, e.x, e.y, e.day, 10, -1, 1, NULL, &err), RM_EINVAL);
    assert_string_equal(err.message, "metres or days is negative, missing or not finite");
    assert_int_equal(
        rm_near_repeats(NULL, NULL, NULL, 0, &found, e.x, e.y, e.day, 10, open, open, NULL, &err),
        RM_EINVAL);
    assert_string_equal(err.message, "the distance band is open-ended, which would list all pairs");
    assert_int_equal(rm_near_repeats(NULL, NULL, NULL, 5, &found, e.x, e.y, e.day, 10, space_edges,
                                     time_edges, NULL, &err),
                     RM_EINVAL);
}

/* 24,000 events at one place are 288 million pairs. */
static void test_too_many_pairs(void **state)
{
    (void)state;
    enum { CROWD = 24000 };
    static double x[CROWD], y[CROWD];
    static int32_t day[CROWD];
    int64_t observed[1];
    rm_error err;
    const double near[] = {0, 1}, all[] = {0, INFINITY};
    assert_int_equal(
        rm_knox(observed, NULL, NULL, NULL, NULL, x, y, day, CROWD, near, 1, all, 1, NULL, &err),
        RM_ELIMIT);
    assert_string_equal(err.message,
                        "more than 268435456 pairs lie within the distance bands; take smaller "
                        "bands");
    observed[0] = -5;
    assert_int_equal(
        rm_near_repeats(NULL, NULL, NULL, 0, observed, x, y, day, CROWD, near, all, NULL, &err),
        RM_ELIMIT);
    assert_string_equal(err.message,
                        "more than 268435456 pairs lie within the bands; take smaller bands");
    assert_int_equal(observed[0], -5);
    for (int i = 0; i < CROWD; i++)
        day[i] = 2 * i; /* near in space alone, so few are listed */
    assert_int_equal(rm_near_repeats(NULL, NULL, NULL, 0, observed, x, y, day, CROWD, near,
                                     (const double[]){0, 3}, NULL, &err),
                     RM_OK);
    assert_int_equal(observed[0], CROWD - 1);
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
    static events e;
    table got;
    rm_error err;
    double reached = 0;
    rm_knox_options options = RM_KNOX_OPTIONS_INIT;
    options.permutations = 1000000; /* whole, they would take seconds */
    options.progress = stop_soon;
    options.progress_user = &reached;
    scatter(&e, 200, 3);
    assert_int_equal(run(&got, &e, space_edges, S, time_edges, T, &options, &err), RM_ECANCELLED);
    assert_true(reached > 0.001 && reached < 1 && got.observed[0] == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_by_hand),        cmocka_unit_test(test_all_pairs),
        cmocka_unit_test(test_other_bands),    cmocka_unit_test(test_what_must_not_matter),
        cmocka_unit_test(test_permutations),   cmocka_unit_test(test_exact_p),
        cmocka_unit_test(test_planted),        cmocka_unit_test(test_repeats_of_all_pairs),
        cmocka_unit_test(test_closed),         cmocka_unit_test(test_all_the_same),
        cmocka_unit_test(test_labels),         cmocka_unit_test(test_bad_events),
        cmocka_unit_test(test_bad_bands),      cmocka_unit_test(test_bad_options),
        cmocka_unit_test(test_too_many_pairs), cmocka_unit_test(test_cancel),
    };
    return cmocka_run_group_tests_name("stats_knox", tests, NULL, NULL);
}
