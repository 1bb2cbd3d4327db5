#include "geo_oracle.h"

#include "feature_distance.h"
#include "geo/nearest.h"

#include <stdio.h>
#include <string.h>

static void add_line(rm_geometry *g, dice *d, double cx, double cy, double size, int points)
{
    double x[64], y[64];

    for (int i = 0; i < points; i++) {
        x[i] = cx + roll(d, -0.5, 0.5) * size;
        y[i] = cy + roll(d, -0.5, 0.5) * size;
    }
    assert_int_equal(rm_geometry_add_feature(g, RM_KIND_LINE, NULL), RM_OK);
    begin_part(g);
    add_ring(g, x, y, points);
}

/* Points, points together, lines and polygons. */
static void add_anything(rm_geometry *g, dice *d, double low, double high, double size)
{
    double x = roll(d, low, high), y = roll(d, low, high);

    switch (roll_below(d, 5)) {
    case 0:
        assert_int_equal(rm_geometry_add_point(g, x, y, NULL), RM_OK);
        break;
    case 1:
        assert_int_equal(rm_geometry_add_feature(g, RM_KIND_POINT, NULL), RM_OK);
        for (int i = 0; i < 3; i++) {
            begin_part(g);
            add_ring(g, (double[]){x + i * size}, (double[]){y}, 1);
        }
        break;
    case 2:
        add_line(g, d, x, y, size, 2 + roll_below(d, 40));
        break;
    default:
        add_any_polygon(g, d, x, y, size);
    }
}

static void check_against_geos(const rm_geometry *areas, const rm_geometry *evidence)
{
    GEOSContextHandle_t geos = GEOS_init_r();
    GEOSGeometry **a = geos_all(geos, areas), **e = geos_all(geos, evidence);
    double *distance = calloc((size_t)areas->features, sizeof *distance);
    double *plain = calloc((size_t)areas->features, sizeof *plain);
    int32_t *which = calloc((size_t)areas->features, sizeof *which);

    assert_int_equal(rm_nearest_distances(distance, which, areas, evidence, 2, NULL, NULL), RM_OK);
    assert_int_equal(rm_nearest_distances(plain, NULL, areas, evidence, 1, NULL, NULL), RM_OK);
    assert_memory_equal(plain, distance, (size_t)areas->features * sizeof *plain);
    for (int64_t i = 0; i < areas->features; i++) {
        double best = INFINITY, d;
        int64_t first = -1;

        for (int64_t k = 0; k < evidence->features; k++) {
            assert_int_equal(GEOSDistance_r(geos, a[i], e[k], &d), 1);
            if (d < best)
                first = k;
            best = d < best ? d : best;
        }
        if (!(fabs(distance[i] - best) <= 1e-9 * best + 1e-9))
            fail_msg("area %d: %.12g instead of %.12g", (int)i, distance[i], best);
        GEOSDistance_r(geos, a[i], e[which[i]], &d);
        assert_true(fabs(d - best) <= 1e-9 * best + 1e-9);
        if (best == 0.0)
            assert_true(which[i] <= first);
    }
    free(distance);
    free(plain);
    free(which);
    geos_free_all(geos, a, areas->features);
    geos_free_all(geos, e, evidence->features);
    GEOS_finish_r(geos);
}

static void at_random_against_geos(void **state)
{
    (void)state;
    for (uint64_t round = 0; round < 20; round++) {
        dice d = {round, 0};
        rm_geometry areas = {0}, evidence = {0};
        double size = round < 10 ? 60 : 400;

        for (int i = 0; i < 80; i++)
            add_anything(&areas, &d, 200000, 201000, size);
        for (int i = 0; i < 5 + 10 * (int)round; i++)
            add_anything(&evidence, &d, 200000, 201000, round & 1 ? 60 : 10);
        check_against_geos(&areas, &evidence);
        check_against_geos(&evidence, &areas);
        rm_geometry_clear(&areas);
        rm_geometry_clear(&evidence);
    }
}

/* Far from the areas, and so close together that a look round meets too many. */
static void clusters(void **state)
{
    rm_geometry areas = {0}, evidence = {0};
    dice d = {8, 0};

    (void)state;
    for (int i = 0; i < 300; i++)
        assert_int_equal(
            rm_geometry_add_point(&evidence, 1000 + roll(&d, 0, 1), 2000 + roll(&d, 0, 1), NULL),
            RM_OK);
    for (int i = 0; i < 100; i++)
        add_anything(&areas, &d, 0, 5000, 300);
    check_against_geos(&areas, &evidence);
    rm_geometry_clear(&areas);
    rm_geometry_clear(&evidence);
}

/* The least of all pairs of segments; a single point is a segment of no length. */
static double plain_distance2(const rm_geometry *a, int64_t fa, const rm_geometry *b, int64_t fb)
{
    double best = INFINITY;

    if (feature_distance2(a, fa, b, fb, 0) == 0)
        return 0.0;
    int32_t r = a->part_ring[a->feature_part[fa]], r_end = a->part_ring[a->feature_part[fa + 1]];
    for (; r < r_end; r++) {
        int32_t i = a->ring_point[r], i_end = a->ring_point[r + 1];

        for (int32_t i_step = i_end - i > 1; i < i_end - i_step; i++) {
            int32_t t = b->part_ring[b->feature_part[fb]];
            int32_t t_end = b->part_ring[b->feature_part[fb + 1]];

            for (; t < t_end; t++) {
                int32_t j = b->ring_point[t], j_end = b->ring_point[t + 1];

                for (int32_t j_step = j_end - j > 1; j < j_end - j_step; j++)
                    best = fmin(best, rm_segment_distance2(a->x[i], a->y[i], a->x[i + i_step],
                                                           a->y[i + i_step], b->x[j], b->y[j],
                                                           b->x[j + j_step], b->y[j + j_step]));
            }
        }
    }
    return best;
}

/* To the last bit, and of equals the lowest number. */
static void check_against_all_pairs(const rm_geometry *areas, const rm_geometry *evidence)
{
    static double distance[512];
    static int32_t which[512];

    assert_int_equal(rm_nearest_distances(distance, which, areas, evidence, 1, NULL, NULL), RM_OK);
    for (int64_t i = 0; i < areas->features; i++) {
        double best = INFINITY;
        int32_t first = -1;

        for (int32_t k = 0; k < evidence->features; k++) {
            double d2 = plain_distance2(areas, i, evidence, k);

            if (d2 < best)
                first = k;
            best = fmin(d2, best);
        }
        if (distance[i] != sqrt(best) || which[i] != first)
            fail_msg("area %d: %.17g of %d instead of %.17g of %d", (int)i, distance[i],
                     (int)which[i], sqrt(best), (int)first);
    }
}

static void all_pairs_to_the_last_bit(void **state)
{
    (void)state;
    for (uint64_t turn = 0; turn < 24; turn++) {
        dice d = {100 + turn, 0};
        rm_geometry areas = {0}, evidence = {0};
        double far = turn % 3 == 0 ? 30000 : 0; /* much of the evidence about as far */
        double size = turn & 1 ? 20 : 200;

        for (int i = 0; i < 120; i++)
            add_anything(&areas, &d, 200000, 201500, 40);
        for (int i = 0; i < 60; i++)
            add_anything(&evidence, &d, 200000 + far, 201500 + far, size);
        for (int64_t i = 0; turn % 4 == 0 && i < areas.points; i++) { /* ties, touching, upright */
            areas.x[i] = round(areas.x[i] / 4) * 4;
            areas.y[i] = round(areas.y[i] / 4) * 4;
        }
        for (int64_t i = 0; turn % 4 == 0 && i < evidence.points; i++) {
            evidence.x[i] = round(evidence.x[i] / 4) * 4;
            evidence.y[i] = round(evidence.y[i] / 4) * 4;
        }
        check_against_all_pairs(&areas, &evidence);
        check_against_all_pairs(&evidence, &areas);
        rm_geometry_clear(&areas);
        rm_geometry_clear(&evidence);
    }
}

static void one_holds_the_other(void **state)
{
    rm_geometry areas = {0}, evidence = {0};
    dice d = {9, 0};
    double distance[4];
    int32_t which[4];

    (void)state;
    add_box(&areas, 0, 0, 10, 10);         /* in the first of evidence, not near its border */
    add_box(&areas, 2000, 0, 2900, 900);   /* holds the point */
    add_box(&areas, 3999, -1, 4001, 1);    /* in the hole */
    add_star(&areas, &d, 0, 0, 1, 2, 200); /* many corners, in the first too */
    add_star(&evidence, &d, 0, 0, 500, 600, 2000);
    assert_int_equal(rm_geometry_add_point(&evidence, 2450, 450, NULL), RM_OK);
    begin_polygon(&evidence);
    begin_part(&evidence);
    add_box_ring(&evidence, 3900, -100, 4100, 100);
    add_box_ring(&evidence, 3990, -10, 4010, 10);
    assert_int_equal(rm_nearest_distances(distance, which, &areas, &evidence, 1, NULL, NULL),
                     RM_OK);
    assert_true(distance[0] == 0.0 && which[0] == 0);
    assert_true(distance[1] == 0.0 && which[1] == 1);
    assert_true(distance[2] == 9.0 && which[2] == 2);
    assert_true(distance[3] == 0.0 && which[3] == 0);
    rm_geometry_clear(&areas);
    rm_geometry_clear(&evidence);
}

static void lowest_number_among_equals(void **state)
{
    rm_geometry areas = {0}, evidence = {0};
    double distance[2];
    int32_t which[2];

    (void)state;
    assert_int_equal(rm_geometry_add_point(&areas, 0, 0, NULL), RM_OK);
    add_box(&areas, 100, 100, 200, 200);
    for (int i = 0; i < 100; i++) { /* all 5 from the first area; a hundred inside the second */
        double x = i % 4 == 0 ? 3 : i % 4 == 1 ? -3 : i % 4 == 2 ? 4 : -4;

        assert_int_equal(rm_geometry_add_point(&evidence, x, fabs(x) == 3 ? 4 : -3, NULL), RM_OK);
        add_box(&evidence, 110 + 0.5 * i, 110, 111 + 0.5 * i, 120);
    }
    for (int threads = 1; threads <= 4; threads *= 2) {
        assert_int_equal(
            rm_nearest_distances(distance, which, &areas, &evidence, threads, NULL, NULL), RM_OK);
        assert_true(distance[0] == 5.0 && which[0] == 0);
        assert_true(distance[1] == 0.0 && which[1] == 1);
    }
    rm_geometry_clear(&areas);
    rm_geometry_clear(&evidence);
}

static void nothing_to_measure(void **state)
{
    rm_geometry areas = {0}, evidence = {0};
    double distance[2] = {7, 7};
    int32_t which[2] = {7, 7};

    (void)state;
    assert_int_equal(rm_geometry_add_point(&areas, 1, 1, NULL), RM_OK);
    assert_int_equal(rm_geometry_add_feature(&areas, RM_KIND_NONE, NULL), RM_OK);
    assert_int_equal(rm_nearest_distances(distance, which, &areas, &evidence, 1, NULL, NULL),
                     RM_OK);
    assert_true(isnan(distance[0]) && which[0] == -1);
    assert_int_equal(rm_geometry_add_feature(&evidence, RM_KIND_NONE, NULL), RM_OK);
    assert_int_equal(rm_nearest_distances(distance, which, &areas, &evidence, 2, NULL, NULL),
                     RM_OK);
    assert_true(isnan(distance[0]) && which[0] == -1);
    assert_int_equal(rm_geometry_add_point(&evidence, 4, 5, NULL), RM_OK);
    assert_int_equal(rm_nearest_distances(distance, which, &areas, &evidence, 2, NULL, NULL),
                     RM_OK);
    assert_true(distance[0] == 5.0 && which[0] == 1);
    assert_true(isnan(distance[1]) && which[1] == -1);
    rm_geometry_reset(&areas);
    assert_int_equal(rm_nearest_distances(distance, which, &areas, &evidence, 1, NULL, NULL),
                     RM_OK);
    rm_geometry_clear(&areas);
    rm_geometry_clear(&evidence);
}

static void make_crowd(rm_geometry *areas, rm_geometry *evidence, uint64_t seed)
{
    dice d = {seed, 0};

    for (int i = 0; i < 1500; i++)
        add_anything(areas, &d, 1000, 5000, 20);
    for (int i = 0; i < 3000; i++)
        add_anything(evidence, &d, 1000, 5000, 10);
}

static void threads_and_order_change_nothing(void **state)
{
    rm_geometry areas = {0}, evidence = {0}, turned = {0};
    static double one[1500], other[1500];
    static int32_t one_which[1500], other_which[1500];

    (void)state;
    make_crowd(&areas, &evidence, 31);
    assert_int_equal(rm_nearest_distances(one, one_which, &areas, &evidence, 1, NULL, NULL), RM_OK);
    for (int threads = 2; threads <= 4; threads *= 2) {
        assert_int_equal(
            rm_nearest_distances(other, other_which, &areas, &evidence, threads, NULL, NULL),
            RM_OK);
        assert_memory_equal(one, other, sizeof one);
        assert_memory_equal(one_which, other_which, sizeof one_which);
    }
    for (int64_t f = areas.features - 1; f >= 0; f--)
        assert_int_equal(rm_geometry_add_copy(&turned, &areas, f, NULL), RM_OK);
    assert_int_equal(rm_nearest_distances(other, other_which, &turned, &evidence, 2, NULL, NULL),
                     RM_OK);
    for (int i = 0; i < 1500; i++)
        assert_true(one[i] == other[1499 - i] && one_which[i] == other_which[1499 - i]);
    rm_geometry_clear(&areas);
    rm_geometry_clear(&evidence);
    rm_geometry_clear(&turned);
}

/* On whole 64ths a shift by a power of two and a turn by 90 degrees lose nothing. */
static void moved_and_turned(void **state)
{
    rm_geometry layers[2] = {{0}, {0}};
    static double here[1500], there[1500];

    (void)state;
    make_crowd(&layers[0], &layers[1], 32);
    for (int k = 0; k < 2; k++) {
        for (int64_t i = 0; i < layers[k].points; i++) {
            layers[k].x[i] = round(layers[k].x[i] * 64.0) / 64.0;
            layers[k].y[i] = round(layers[k].y[i] * 64.0) / 64.0;
        }
    }
    assert_int_equal(rm_nearest_distances(here, NULL, &layers[0], &layers[1], 2, NULL, NULL),
                     RM_OK);
    for (int k = 0; k < 2; k++) {
        for (int64_t i = 0; i < layers[k].points; i++) {
            double x = layers[k].x[i] + 131072.0;

            layers[k].x[i] = -(layers[k].y[i] + 131072.0);
            layers[k].y[i] = x;
        }
    }
    assert_int_equal(rm_nearest_distances(there, NULL, &layers[0], &layers[1], 2, NULL, NULL),
                     RM_OK);
    for (int i = 0; i < 1500; i++)
        assert_true(fabs(here[i] - there[i]) <= 1e-12 * here[i]);
    rm_geometry_clear(&layers[0]);
    rm_geometry_clear(&layers[1]);
}

static int stop_at_once(double fraction, const char *message, void *user)
{
    (void)fraction;
    (void)message;
    (void)user;
    return 1;
}

static void cancelling(void **state)
{
    rm_geometry areas = {0};
    rm_progress progress;
    double distance[1];

    (void)state;
    add_box(&areas, 0, 0, 1, 1);
    rm_progress_start(&progress, stop_at_once, NULL);
    assert_int_equal(rm_nearest_distances(distance, NULL, &areas, &areas, 1, &progress, NULL),
                     RM_ECANCELLED);
    rm_geometry_clear(&areas);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(at_random_against_geos),
        cmocka_unit_test(clusters),
        cmocka_unit_test(all_pairs_to_the_last_bit),
        cmocka_unit_test(one_holds_the_other),
        cmocka_unit_test(lowest_number_among_equals),
        cmocka_unit_test(nothing_to_measure),
        cmocka_unit_test(threads_and_order_change_nothing),
        cmocka_unit_test(moved_and_turned),
        cmocka_unit_test(cancelling),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
