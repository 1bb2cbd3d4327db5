#include "geo_oracle.h"

#include "geo/neighbours.h"

#include <string.h>

static const rm_linking plain = {.threads = 1};

static bool is_symmetric(const rm_weights *weights)
{
    bool symmetric;
    assert_int_equal(rm_weights_symmetric(&symmetric, weights, NULL, NULL), RM_OK);
    return symmetric;
}

static bool are_linked(const rm_weights *w, int64_t a, int32_t b)
{
    for (int64_t l = w->start[a]; l < w->start[a + 1]; l++)
        if (w->to[l] == b)
            return true;
    return false;
}

static rm_weights band_of(const double *x, const double *y, int64_t count, double band,
                          const rm_linking *how)
{
    rm_weights made = {0};
    rm_error why = {0};

    if (rm_neighbours_band(&made, x, y, count, band, how, &why) != RM_OK)
        fail_msg("%s", why.message);
    return made;
}

static rm_weights nearest_of(const double *x, const double *y, int64_t count, int32_t k,
                             const rm_linking *how)
{
    rm_weights made = {0};
    rm_error why = {0};

    if (rm_neighbours_nearest(&made, x, y, count, k, how, &why) != RM_OK)
        fail_msg("%s", why.message);
    return made;
}

static void assert_row(const rm_weights *w, int64_t item, int count, const int32_t *expected)
{
    assert_int_equal(w->start[item + 1] - w->start[item], count);
    if (count > 0)
        assert_memory_equal(w->to + w->start[item], expected, (size_t)count * sizeof *expected);
}

#define ROW(w, item, ...)                                                                          \
    assert_row((w), (item), (int)(sizeof(int32_t[]){__VA_ARGS__} / sizeof(int32_t)),               \
               (int32_t[]){__VA_ARGS__})

static void a_band_is_closed(void **state)
{
    const double x[] = {0, 3, 6.5, 3, 100}, y[] = {0, 0, 0, 4, 100};

    (void)state;
    rm_weights w = band_of(x, y, 5, 4, &plain);
    ROW(&w, 0, 1);
    ROW(&w, 1, 0, 2, 3);
    ROW(&w, 2, 1);
    ROW(&w, 3, 1);
    assert_row(&w, 4, 0, NULL);
    assert_int_equal(rm_weights_list_islands(&w, NULL), 1);
    rm_weights_clear(&w);
    w = band_of(x, y, 5, 5, &plain); /* 3, 4, 5 */
    ROW(&w, 0, 1, 3);
    rm_weights_clear(&w);
    w = band_of(x, y, 5, nextafter(5, 0), &plain);
    ROW(&w, 0, 1);
    rm_weights_clear(&w);
}

/* A band that is the distance of two points holds them, whatever its square rounds to. */
static void bands_that_are_distances(void **state)
{
    dice d = {5, 0};

    (void)state;
    for (int i = 0; i < 2000; i++) {
        double x[2], y[2];

        for (int p = 0; p < 2; p++) {
            x[p] = roll(&d, 200000, 200100);
            y[p] = roll(&d, 400000, 400100);
        }
        double dx = x[0] - x[1], dy = y[0] - y[1], band = sqrt(dx * dx + dy * dy);
        rm_weights w = band_of(x, y, 2, band, &plain);
        assert_int_equal(w.start[2], 2);
        rm_weights_clear(&w);
        w = band_of(x, y, 2, nextafter(band, 0), &plain);
        assert_int_equal(w.start[2], 0);
        rm_weights_clear(&w);
    }
    rm_weights w = band_of((double[]){0, 1e-170, 1}, (double[]){0, 0, 0}, 3, 1e-200, &plain);
    assert_true(w.start[3] <= 2); /* squares that vanish */
    rm_weights_clear(&w);
    w = band_of((double[]){0, 1e150, 1}, (double[]){0, 0, 0}, 3, 1e300, &plain);
    assert_int_equal(w.start[3], 6);
    rm_weights_clear(&w);
}

static void ties_take_the_lowest_number(void **state)
{
    const double x[] = {0, 1, -1, 0, 0, 5}, y[] = {0, 0, 0, 1, -1, 5};

    (void)state;
    rm_weights w = nearest_of(x, y, 6, 2, &plain);
    ROW(&w, 0, 1, 2);
    ROW(&w, 1, 0, 3);
    ROW(&w, 3, 0, 1);
    rm_weights_clear(&w);
    w = nearest_of(x, y, 6, 5, &plain);
    ROW(&w, 5, 0, 1, 2, 3, 4);
    rm_weights_clear(&w);
}

static void points_in_one_place(void **state)
{
    enum { COUNT = 3000 };
    static double x[COUNT], y[COUNT];

    (void)state;
    for (int i = 0; i < COUNT; i++)
        x[i] = y[i] = 200000;
    rm_weights w = nearest_of(x, y, COUNT, 3, &plain);
    ROW(&w, 0, 1, 2, 3);
    ROW(&w, 2, 0, 1, 3);
    for (int i = 3; i < COUNT; i++)
        ROW(&w, i, 0, 1, 2);
    rm_weights_clear(&w);
    w = band_of(x, y, 100, 1, &plain);
    assert_int_equal(w.start[100], 9900);
    rm_weights_clear(&w);
}

static void weights_by_distance(void **state)
{
    const double x[] = {0, 4, 0, 0}, y[] = {0, 0, 2, 2};
    rm_linking how = {.weight = RM_WEIGHT_INVERSE_DISTANCE, .least = 0.5, .threads = 1};
    rm_weights w = band_of(x, y, 4, 4, &how), none = {0};
    rm_error why;

    (void)state;
    ROW(&w, 0, 1, 2, 3);
    assert_true(w.weight[0] == 0.25 && w.weight[1] == 0.5 && w.weight[2] == 0.5);
    ROW(&w, 2, 0, 3);
    assert_true(w.weight[w.start[2]] == 0.5 && w.weight[w.start[2] + 1] == 2.0);
    assert_true(is_symmetric(&w));
    rm_weights_clear(&w);
    w = nearest_of(x, y, 4, 1, &how);
    assert_true(w.weight[0] == 0.5 && w.weight[1] == 0.25 && w.weight[2] == 2.0);
    assert_false(is_symmetric(&w));
    rm_weights_clear(&w);
    how.least = 0;
    assert_int_equal(rm_neighbours_band(&none, x, y, 4, 4, &how, &why), RM_EDATA);
    assert_int_equal(why.row, 2);
    assert_non_null(strstr(why.message, "points 2 and 3 lie in the same place"));
    assert_int_equal(rm_neighbours_nearest(&none, x, y, 4, 2, &how, &why), RM_EDATA);
    assert_null(none.start);
}

/* Of every kind: scattered, on a grid full of ties, and in heaps far apart. */
static void make_points(double *x, double *y, int count, uint64_t seed)
{
    dice d = {seed, 0};

    for (int i = 0; i < count; i++) {
        x[i] = roll(&d, 200000, 201000);
        y[i] = roll(&d, 400000, 401000);
        if (seed % 3 == 1) {
            x[i] = round(x[i] / 50) * 50;
            y[i] = round(y[i] / 50) * 50;
        } else if (seed % 3 == 2) {
            x[i] = 1e5 * (i % 7) + 1e-3 * (x[i] - 200000);
            y[i] = 1e5 * (i % 3) + 1e-3 * (y[i] - 400000);
        }
        if (i % 97 == 3)
            x[i] = i % 2 ? NAN : INFINITY;
        if (i % 101 == 7)
            y[i] = NAN;
    }
}

static bool is_usable(double x, double y)
{
    return isfinite(x) && isfinite(y);
}

static void check_band(const double *x, const double *y, int count, double band)
{
    rm_weights w = band_of(x, y, count, band, &plain);

    for (int i = 0; i < count; i++) {
        int64_t at = w.start[i];

        for (int k = 0; k < count; k++) {
            double dx = x[i] - x[k], dy = y[i] - y[k];

            if (k == i || !(sqrt(dx * dx + dy * dy) <= band))
                continue;
            assert_true(at < w.start[i + 1]);
            assert_int_equal(w.to[at++], k);
        }
        assert_int_equal(at, w.start[i + 1]);
    }
    assert_true(is_symmetric(&w));
    rm_weights_clear(&w);
}

static void check_nearest(const double *x, const double *y, int count, int32_t k)
{
    rm_weights w = nearest_of(x, y, count, k, &plain);

    for (int i = 0; i < count; i++) {
        assert_int_equal(w.start[i + 1] - w.start[i], is_usable(x[i], y[i]) ? k : 0);
        for (int n = 0; n < count && is_usable(x[i], y[i]); n++) {
            double dx = x[i] - x[n], dy = y[i] - y[n], d2 = dx * dx + dy * dy;
            int nearer = 0;

            for (int m = 0; m < count; m++) {
                double ex = x[i] - x[m], ey = y[i] - y[m], e2 = ex * ex + ey * ey;
                nearer += m != i && (e2 < d2 || (e2 == d2 && m < n));
            }
            bool chosen = n != i && is_usable(x[n], y[n]) && nearer < k;
            if (are_linked(&w, i, n) != chosen)
                fail_msg("point %d and %d of %d", i, n, count);
        }
    }
    rm_weights_clear(&w);
}

static void against_all_pairs(void **state)
{
    enum { COUNT = 420 };
    static double x[COUNT], y[COUNT];

    (void)state;
    for (uint64_t seed = 0; seed < 6; seed++) {
        make_points(x, y, COUNT, seed);
        check_band(x, y, COUNT, seed % 3 == 2 ? 0.1 : 50);
        check_band(x, y, COUNT, 400);
        check_band(x, y, COUNT, 1e6);
        check_nearest(x, y, COUNT, 1);
        check_nearest(x, y, COUNT, 8);
        check_nearest(x, y, COUNT, 100);
    }
    make_points(x, y, 13, 0);
    check_nearest(x, y, 13, 4);
    check_band(x, y, 2, 10);
}

static void assert_same(const rm_weights *one, const rm_weights *other)
{
    int64_t links = one->start[one->count];

    assert_memory_equal(one->start, other->start, (size_t)(one->count + 1) * sizeof *one->start);
    assert_memory_equal(one->to, other->to, (size_t)links * sizeof *one->to);
    if (one->weight)
        assert_memory_equal(one->weight, other->weight, (size_t)links * sizeof *one->weight);
}

static void threads_and_place_change_nothing(void **state)
{
    enum { COUNT = 20000 };
    static double x[COUNT], y[COUNT];
    rm_linking how = {RM_WEIGHT_INVERSE_DISTANCE, 0.01, 0, 1, NULL};

    (void)state;
    for (uint64_t seed = 0; seed < 3; seed++) {
        make_points(x, y, COUNT, seed);
        for (int i = 0; i < COUNT; i++) { /* so that moving loses nothing */
            x[i] = round(x[i] * 1024) / 1024;
            y[i] = round(y[i] * 1024) / 1024;
        }
        how.threads = 1;
        rm_weights band = band_of(x, y, COUNT, 0.125, &how);
        rm_weights nearest = nearest_of(x, y, COUNT, 5, &how);
        for (how.threads = 2; how.threads <= 4; how.threads++) {
            for (int i = 0; i < COUNT; i++) {
                double kept = x[i] + 262144.0;
                x[i] = -y[i];
                y[i] = kept;
            }
            rm_weights other = band_of(x, y, COUNT, 0.125, &how);
            assert_same(&band, &other);
            rm_weights_clear(&other);
            other = nearest_of(x, y, COUNT, 5, &how);
            assert_same(&nearest, &other);
            rm_weights_clear(&other);
        }
        rm_weights_clear(&band);
        rm_weights_clear(&nearest);
    }
}

static void order_changes_nothing(void **state)
{
    enum { COUNT = 3000 };
    static double x[COUNT], y[COUNT], bx[COUNT], by[COUNT];

    (void)state;
    make_points(x, y, COUNT, 0);
    for (int i = 0; i < COUNT; i++) {
        bx[i] = x[COUNT - 1 - i];
        by[i] = y[COUNT - 1 - i];
    }
    for (int turn = 0; turn < 2; turn++) {
        rm_weights one =
            turn ? nearest_of(x, y, COUNT, 6, &plain) : band_of(x, y, COUNT, 60, &plain);
        rm_weights other =
            turn ? nearest_of(bx, by, COUNT, 6, &plain) : band_of(bx, by, COUNT, 60, &plain);
        assert_int_equal(one.start[COUNT], other.start[COUNT]);
        for (int64_t i = 0; i < COUNT; i++)
            for (int64_t l = one.start[i]; l < one.start[i + 1]; l++)
                assert_true(are_linked(&other, COUNT - 1 - i, COUNT - 1 - one.to[l]));
        rm_weights_clear(&one);
        rm_weights_clear(&other);
    }
}

static void refuse_band(const double *x, const double *y, int64_t count, double band,
                        const rm_linking *how, rm_status status, const char *message)
{
    rm_weights w = {0};
    rm_error why = {0};

    assert_int_equal(rm_neighbours_band(&w, x, y, count, band, how, &why), status);
    if (!strstr(why.message, message))
        fail_msg("%s", why.message);
    assert_true(!w.start && !w.to);
}

static void refuse_nearest(const double *x, const double *y, int64_t count, int32_t k,
                           rm_status status, const char *message)
{
    rm_weights w = {0};
    rm_error why = {0};

    assert_int_equal(rm_neighbours_nearest(&w, x, y, count, k, &plain, &why), status);
    if (!strstr(why.message, message))
        fail_msg("%s", why.message);
    assert_true(!w.start && !w.to);
}

static int stop_at_once(double fraction, const char *message, void *user)
{
    (void)fraction;
    (void)message;
    (void)user;
    return 1;
}

static void refused(void **state)
{
    const double x[] = {0, 1, NAN}, y[] = {0, 1, 2}, nowhere[] = {NAN, INFINITY, NAN};
    rm_progress progress;
    rm_linking how = plain;

    (void)state;
    refuse_band(x, y, 3, 0, &plain, RM_EINVAL, "the band is 0 m");
    refuse_band(x, y, 3, -5, &plain, RM_EINVAL, "the band is -5 m");
    refuse_band(x, y, 3, NAN, &plain, RM_EINVAL, "the band is");
    refuse_band(x, y, 3, INFINITY, &plain, RM_EINVAL, "the band is inf m");
    refuse_band(x, y, 0, 5, &plain, RM_EINVAL, "there are no points");
    refuse_band(nowhere, y, 3, 5, &plain, RM_EINVAL, "none of the 3 points has usable");
    refuse_nearest(x, y, 0, 1, RM_EINVAL, "there are no points");
    refuse_nearest(x, y, 3, 0, RM_EINVAL, "k is 0");
    refuse_nearest(x, y, 3, 2, RM_EINVAL, "k is 2 and 2 points have usable coordinates");
    refuse_nearest(nowhere, y, 3, 1, RM_EINVAL, "none of the 3 points has usable");
    how.weight = 2;
    refuse_band(x, y, 3, 5, &how, RM_EINVAL, "weight is 2");
    how = (rm_linking){.least = -1, .threads = 1};
    refuse_band(x, y, 3, 5, &how, RM_EINVAL, "the least distance is -1 m");
    how = (rm_linking){.most_links = -1, .threads = 1};
    refuse_band(x, y, 3, 5, &how, RM_EINVAL, "most_links is -1");
    how.most_links = 1;
    refuse_band(x, y, 3, 5, &how, RM_ELIMIT,
                "a band of 5 m gives 2 links, more than the 1 allowed");
    how = (rm_linking){.threads = 1, .progress = &progress};
    rm_progress_start(&progress, stop_at_once, NULL);
    refuse_band(x, y, 3, 5, &how, RM_ECANCELLED, "");
}

typedef struct counting {
    rm_progress progress;
    int indexing, stop_at;
} counting;

static int count_indexing(double fraction, const char *message, void *user)
{
    counting *c = user;
    (void)fraction;
    c->progress.last = -1; /* as if long ago, so that every tick is heard of */
    if (strcmp(message, "index") != 0)
        return 0;
    return c->indexing++ == c->stop_at;
}

/* Parting all points takes several rounds, each of which is reported, in every node. */
static void stopped_indexing(void **state)
{
    enum { COUNT = 70000 };
    double *x = calloc(COUNT, sizeof *x), *y = calloc(COUNT, sizeof *y);

    (void)state;
    for (int i = 0; i < COUNT; i++) {
        x[i] = 1000.0 * rm_random_unit(1, 1, (uint64_t)i);
        y[i] = 1000.0 * rm_random_unit(1, 2, (uint64_t)i);
    }
    for (int k = 0; k < 40; k += 3) {
        counting c = {.stop_at = k};
        rm_linking how = {.threads = 1, .progress = &c.progress};
        rm_weights w = {0};
        rm_error why = {0};
        rm_progress_start(&c.progress, count_indexing, &c);
        assert_int_equal(rm_neighbours_nearest(&w, x, y, COUNT, 1, &how, &why), RM_ECANCELLED);
        assert_true(!w.start && !w.to && c.indexing == k + 1);
    }
    free(x);
    free(y);
}

/* 10^11 links: counted at once, and refused. */
static void more_than_memory(void **state)
{
    enum { COUNT = 400000 };
    double *x = calloc(COUNT, sizeof *x);

    (void)state;
    refuse_band(x, x, COUNT, 1, &(rm_linking){.threads = 1, .most_links = (int64_t)1 << 31},
                RM_ELIMIT, "gives 159999600000 links");
    free(x);
}

static void from_links(void **state)
{
    const int32_t from[] = {3, 0, 0, 1}, to[] = {0, 3, 1, 0};
    const double weight[] = {3, 0.5, 2, 0}, wrong[] = {1, -1, 1, 1};
    rm_weights w = {0}, none = {0};
    rm_error why;
    int32_t component[5], islands[5];
    int64_t count;

    (void)state;
    assert_int_equal(rm_weights_from_list(&w, 5, from, to, weight, 4, NULL, &why), RM_OK);
    ROW(&w, 0, 1, 3);
    ROW(&w, 1, 0);
    ROW(&w, 3, 0);
    assert_true(w.weight[0] == 2 && w.weight[1] == 0.5 && w.weight[2] == 0 && w.weight[3] == 3);
    assert_false(is_symmetric(&w));
    assert_int_equal(rm_weights_list_islands(&w, islands), 2);
    assert_true(islands[0] == 2 && islands[1] == 4);
    assert_int_equal(rm_weights_find_components(component, &count, &w, NULL), RM_OK);
    assert_int_equal(count, 3);
    assert_memory_equal(component, ((int32_t[]){0, 0, 1, 0, 2}), sizeof component);
    rm_weights_clear(&w);
    assert_int_equal(rm_weights_from_list(&w, 5, from, to, NULL, 4, NULL, &why), RM_OK);
    assert_null(w.weight);
    assert_true(is_symmetric(&w));
    rm_weights_clear(&w);
    assert_int_equal(rm_weights_from_list(&none, 3, from, to, NULL, 4, NULL, &why), RM_EINVAL);
    assert_string_equal(why.message, "link 0 leads from 3 to 0; items are numbered 0 to 2");
    assert_int_equal(rm_weights_from_list(&none, 5, from, from, NULL, 4, NULL, &why), RM_EINVAL);
    assert_non_null(strstr(why.message, "link 0 leads from item 3 to itself"));
    assert_int_equal(rm_weights_from_list(&none, 5, from, to, wrong, 4, NULL, &why), RM_EINVAL);
    assert_int_equal(why.row, 1);
    assert_non_null(strstr(why.message, "the weight of link 1 is -1"));
    assert_int_equal(rm_weights_from_list(&none, 5, (int32_t[]){1, 0, 1}, (int32_t[]){2, 1, 2},
                                          NULL, 3, NULL, &why),
                     RM_EINVAL);
    assert_int_equal(why.row, 2);
    assert_non_null(strstr(why.message, "links 0 and 2 both lead from item 1 to 2"));
    assert_null(none.start);
}

static void components_of_a_chain(void **state)
{
    enum { COUNT = 1000 };
    static int32_t from[COUNT], to[COUNT], component[COUNT];
    rm_weights w = {0};
    int64_t count;

    (void)state;
    for (int i = 0; i < COUNT; i++) { /* back to front, one way, in steps of 2: odd and even */
        from[i] = (i + 2) % COUNT;
        to[i] = i;
    }
    assert_int_equal(rm_weights_from_list(&w, COUNT, from, to, NULL, COUNT, NULL, NULL), RM_OK);
    assert_int_equal(rm_weights_find_components(component, &count, &w, NULL), RM_OK);
    assert_int_equal(count, 2);
    for (int i = 0; i < COUNT; i++)
        assert_int_equal(component[i], i % 2);
    rm_weights_clear(&w);
}

typedef struct changing {
    rm_progress progress;
    int32_t *from;
    int calls, at;
} changing;

static int change(double fraction, const char *message, void *user)
{
    changing *c = user;
    (void)fraction;
    (void)message;
    c->progress.last = -1; /* as if long ago, so that every report is heard of */
    for (int i = 0; c->calls == c->at && i < 4; i++)
        c->from[i] = i < 2 ? 0 : 1000000;
    c->calls++;
    return 0;
}

static void links_that_change_are_refused(void **state)
{
    (void)state;
    static const int32_t to[] = {1, 2, 3, 4};
    int refused = 0;
    for (int at = 0; at < 6; at++) {
        int32_t from[] = {0, 1, 2, 3};
        changing c = {.from = from, .at = at};
        rm_weights w = {0};
        rm_error why = {0};
        rm_progress_start(&c.progress, change, &c);
        rm_status status = rm_weights_from_list(&w, 5, from, to, NULL, 4, &c.progress, &why);
        refused += strstr(why.message, "changed while they were read") != NULL;
        assert_true(status == RM_OK || (status == RM_EINVAL && w.to == NULL));
        rm_weights_clear(&w);
    }
    assert_int_equal(refused, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_band_is_closed),
        cmocka_unit_test(bands_that_are_distances),
        cmocka_unit_test(ties_take_the_lowest_number),
        cmocka_unit_test(points_in_one_place),
        cmocka_unit_test(weights_by_distance),
        cmocka_unit_test(against_all_pairs),
        cmocka_unit_test(threads_and_place_change_nothing),
        cmocka_unit_test(order_changes_nothing),
        cmocka_unit_test(refused),
        cmocka_unit_test(stopped_indexing),
        cmocka_unit_test(more_than_memory),
        cmocka_unit_test(from_links),
        cmocka_unit_test(links_that_change_are_refused),
        cmocka_unit_test(components_of_a_chain),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
