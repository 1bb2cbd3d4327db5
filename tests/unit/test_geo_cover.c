#include "geo_oracle.h"

#include "geo/overlay.h"

#include <string.h>

typedef struct outcome {
    double *m2;
    int64_t *features;
} outcome;

static void outcome_free(outcome *o)
{
    free(o->m2);
    free(o->features);
}

/* Adds the evidence in the given batches, one after another. */
static outcome cover(const rm_geometry *areas, const rm_geometry *batches, int batch_count,
                     int threads)
{
    rm_join *join = NULL;
    rm_cover *c = NULL;
    rm_error err;
    outcome o = {calloc((size_t)areas->features, sizeof(double)),
                 calloc((size_t)areas->features, sizeof(int64_t))};

    assert_int_equal(rm_join_build(&join, areas, threads, NULL, &err), RM_OK);
    assert_int_equal(rm_cover_new(&c, join, &err), RM_OK);
    for (int i = 0; i < batch_count; i++)
        assert_int_equal(rm_cover_add(c, &batches[i], NULL, 1, NULL, &err), RM_OK);
    assert_int_equal(rm_cover_finish(c, o.m2, o.features, threads, NULL, &err), RM_OK);
    rm_cover_free(c);
    rm_join_free(join);
    return o;
}

static void assert_same(const outcome *a, const outcome *b, int64_t areas)
{
    assert_memory_equal(a->m2, b->m2, (size_t)areas * sizeof(double));
    assert_memory_equal(a->features, b->features, (size_t)areas * sizeof(int64_t));
}

/* What GEOS makes of it: the union first, then each area. */
static void check_against_geos(const rm_geometry *areas, const rm_geometry *evidence)
{
    GEOSContextHandle_t geos = GEOS_init_r();
    GEOSGeometry **a = geos_all(geos, areas), **e = geos_all(geos, evidence);
    GEOSGeometry *all =
        GEOSGeom_createCollection_r(geos, GEOS_GEOMETRYCOLLECTION, e, (unsigned)evidence->features);
    GEOSGeometry *merged = GEOSUnaryUnion_r(geos, all);
    outcome o = cover(areas, evidence, 1, 2);

    assert_non_null(merged);
    for (int64_t i = 0; i < areas->features; i++) {
        int64_t count = 0;

        for (int64_t k = 0; k < evidence->features; k++)
            count += geos_common_area(geos, a[i], GEOSGetGeometryN_r(geos, all, (int)k)) > 1e-6;
        assert_area(o.m2[i], geos_common_area(geos, a[i], merged));
        assert_int_equal(o.features[i], count);
    }
    outcome_free(&o);
    free(e);
    GEOSGeom_destroy_r(geos, merged);
    GEOSGeom_destroy_r(geos, all);
    geos_free_all(geos, a, areas->features);
    GEOS_finish_r(geos);
}

static void known_cover(void **state)
{
    rm_geometry areas = {0}, evidence = {0};

    (void)state;
    add_box(&areas, 0, 0, 10, 10);
    add_box(&areas, 20, 0, 30, 10);
    add_box(&areas, 40, 0, 50, 10);
    add_box(&areas, 60, 0, 70, 10);
    add_box(&evidence, 2, 2, 6, 6);
    add_box(&evidence, 2, 2, 6, 6);     /* the same again */
    add_box(&evidence, 4, 4, 8, 8);     /* laps over both */
    add_box(&evidence, 19, -1, 31, 11); /* holds the second area */
    add_box(&evidence, 22, 2, 23, 3);
    add_box(&evidence, 35, 0, 40, 10); /* only touches the third */
    outcome o = cover(&areas, &evidence, 1, 1);
    assert_true(o.m2[0] == 28.0 && o.features[0] == 3);
    assert_true(o.m2[1] == 100.0 && o.features[1] == 2);
    assert_true(o.m2[2] == 0.0 && o.features[2] == 0);
    assert_true(o.m2[3] == 0.0 && o.features[3] == 0);
    outcome_free(&o);
    rm_geometry_clear(&areas);
    rm_geometry_clear(&evidence);
}

static void make_crowd(rm_geometry *areas, rm_geometry *evidence, uint64_t seed, int count)
{
    dice d = {seed, 0};

    for (int i = 0; i < 30; i++)
        add_any_polygon(areas, &d, roll(&d, 200000, 201000), roll(&d, 500000, 501000),
                        exp(roll(&d, 2.0, 6.5)));
    for (int i = 0; i < count; i++)
        add_any_polygon(evidence, &d, roll(&d, 200000, 201000), roll(&d, 500000, 501000),
                        exp(roll(&d, 1.0, 5.0)));
}

static void at_random_against_geos(void **state)
{
    (void)state;
    for (uint64_t round = 0; round < 10; round++) {
        rm_geometry areas = {0}, evidence = {0};

        make_crowd(&areas, &evidence, round, 60);
        check_against_geos(&areas, &evidence);
        rm_geometry_clear(&areas);
        rm_geometry_clear(&evidence);
    }
}

/* So many edges in one area that it is cut into tiles, on one thread and on several. */
static void many_edges_in_one_area(void **state)
{
    rm_geometry areas = {0}, evidence = {0};
    dice d = {3, 0};

    (void)state;
    add_star(&areas, &d, 200500, 500500, 300, 600, 60);
    add_box(&areas, 200000, 500000, 201000, 501000);
    add_star(&areas, &d, 200500, 500500, 590, 600, 3000);
    for (int i = 0; i < 700; i++)
        add_any_polygon(&evidence, &d, roll(&d, 199900, 201100), roll(&d, 499900, 501100),
                        exp(roll(&d, 2.0, 5.0)));
    add_star(&evidence, &d, 200400, 500400, 250, 300, 5000);
    add_box(&evidence, 199950, 499950, 200080, 500070); /* holds a corner of the areas' boxes */
    check_against_geos(&areas, &evidence);
    outcome one = cover(&areas, &evidence, 1, 1), two = cover(&areas, &evidence, 1, 2),
            four = cover(&areas, &evidence, 1, 4);
    assert_same(&one, &two, areas.features);
    assert_same(&one, &four, areas.features);
    outcome_free(&one);
    outcome_free(&two);
    outcome_free(&four);
    rm_geometry_clear(&areas);
    rm_geometry_clear(&evidence);
}

/* Evidence cut into tiny squares that fill the area without a gap. */
static void a_mosaic_fills_the_area(void **state)
{
    rm_geometry areas = {0}, evidence = {0};

    (void)state;
    add_box(&areas, 1000, 2000, 1064, 2064);
    for (int i = 0; i < 64; i++)
        for (int k = 0; k < 64; k++)
            add_box(&evidence, 1000 + i, 2000 + k, 1001 + i, 2001 + k);
    outcome o = cover(&areas, &evidence, 1, 2);
    assert_true(o.m2[0] == 4096.0 && o.features[0] == 4096);
    outcome_free(&o);
    rm_geometry_clear(&areas);
    rm_geometry_clear(&evidence);
}

/* An edge whose ends are one step of a double apart in height, and which passes the left side of
 * the area: nothing of it is left but that it joins its neighbours. */
static void a_nearly_level_edge(void **state)
{
    rm_geometry areas = {0}, evidence = {0};
    double y = 30.0; /* of the same step in the area's own coordinates */

    (void)state;
    add_box(&areas, 200000, 0, 200064, 64);
    begin_polygon(&evidence);
    begin_part(&evidence);
    add_ring(&evidence, (double[]){199000, 200050, 200050, 199000, 199000},
             (double[]){y, nextafter(y, INFINITY), 40, 40, y}, 5);
    for (int i = 0; i < 300; i++) /* so many pieces that there are tiles */
        add_box(&evidence, 200010 + i % 20, 31 + i / 50, 200011 + i % 20, 32 + i / 50);
    outcome o = cover(&areas, &evidence, 1, 1);
    assert_true(fabs(o.m2[0] - 500.0) < 1e-6);
    outcome_free(&o);
    rm_geometry_clear(&areas);
    rm_geometry_clear(&evidence);
}

static void batches_and_order_change_nothing(void **state)
{
    rm_geometry areas = {0}, evidence = {0}, turned = {0}, batches[3] = {{0}, {0}, {0}};

    (void)state;
    make_crowd(&areas, &evidence, 44, 500);
    for (int64_t f = evidence.features - 1; f >= 0; f--) {
        assert_int_equal(rm_geometry_add_copy(&turned, &evidence, f, NULL), RM_OK);
        assert_int_equal(rm_geometry_add_copy(&batches[f % 3], &evidence, f, NULL), RM_OK);
    }
    outcome a = cover(&areas, &evidence, 1, 1), b = cover(&areas, &turned, 1, 2),
            c = cover(&areas, batches, 3, 4);
    assert_same(&a, &b, areas.features);
    assert_same(&a, &c, areas.features);
    outcome_free(&a);
    outcome_free(&b);
    outcome_free(&c);
    for (int i = 0; i < 3; i++)
        rm_geometry_clear(&batches[i]);
    rm_geometry_clear(&areas);
    rm_geometry_clear(&evidence);
    rm_geometry_clear(&turned);
}

typedef struct adding {
    rm_cover *cover;
    const rm_geometry *batches;
} adding;

static rm_status add_batch(void *context, int worker, rm_error *err)
{
    const adding *a = context;

    return rm_cover_add(a->cover, &a->batches[worker], NULL, 1, NULL, err);
}

static void several_threads_add(void **state)
{
    rm_geometry areas = {0}, evidence = {0}, batches[4] = {{0}, {0}, {0}, {0}};
    rm_join *join = NULL;
    rm_cover *c = NULL;

    (void)state;
    make_crowd(&areas, &evidence, 45, 400);
    for (int64_t f = 0; f < evidence.features; f++)
        assert_int_equal(rm_geometry_add_copy(&batches[f % 4], &evidence, f, NULL), RM_OK);
    outcome expected = cover(&areas, &evidence, 1, 1);
    assert_int_equal(rm_join_build(&join, &areas, 2, NULL, NULL), RM_OK);
    assert_int_equal(rm_cover_new(&c, join, NULL), RM_OK);
    adding a = {c, batches};
    assert_int_equal(rm_workers(4, add_batch, &a, NULL), RM_OK);
    outcome o = {calloc(30, sizeof(double)), calloc(30, sizeof(int64_t))};
    assert_int_equal(rm_cover_finish(c, o.m2, o.features, 2, NULL, NULL), RM_OK);
    assert_same(&expected, &o, areas.features);
    outcome_free(&o);
    outcome_free(&expected);
    rm_cover_free(c);
    rm_join_free(join);
    for (int i = 0; i < 4; i++)
        rm_geometry_clear(&batches[i]);
    rm_geometry_clear(&areas);
    rm_geometry_clear(&evidence);
}

static void rows_to_skip(void **state)
{
    rm_geometry areas = {0}, evidence = {0};
    rm_join *join = NULL;
    rm_cover *c = NULL;
    const uint8_t skip[] = {0, 1, 0, 0};
    double m2[2];
    int64_t features[2];

    (void)state;
    add_box(&areas, 0, 0, 10, 10);
    assert_int_equal(rm_geometry_add_feature(&areas, RM_KIND_NONE, NULL), RM_OK);
    add_box(&evidence, 0, 0, 1, 1);
    add_box(&evidence, 2, 2, 4, 4);
    assert_int_equal(rm_geometry_add_point(&evidence, 5, 5, NULL), RM_OK);
    add_box(&evidence, 8, 8, 12, 12);
    assert_int_equal(rm_join_build(&join, &areas, 1, NULL, NULL), RM_OK);
    assert_int_equal(rm_cover_new(&c, join, NULL), RM_OK);
    assert_int_equal(rm_cover_add(c, &evidence, skip, 1, NULL, NULL), RM_OK);
    assert_int_equal(rm_cover_finish(c, m2, features, 1, NULL, NULL), RM_OK);
    assert_true(m2[0] == 5.0 && features[0] == 2);
    assert_true(m2[1] == 0.0 && features[1] == 0);
    rm_cover_free(c);
    rm_join_free(join);
    rm_cover_free(NULL);
    rm_geometry_clear(&areas);
    rm_geometry_clear(&evidence);
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
    rm_join *join = NULL;
    rm_cover *c = NULL;
    rm_progress progress;
    double m2[1];
    int64_t features[1];

    (void)state;
    add_box(&areas, 0, 0, 10, 10);
    assert_int_equal(rm_join_build(&join, &areas, 1, NULL, NULL), RM_OK);
    assert_int_equal(rm_cover_new(&c, join, NULL), RM_OK);
    assert_int_equal(rm_cover_add(c, &areas, NULL, 1, NULL, NULL), RM_OK);
    rm_progress_start(&progress, stop_at_once, NULL);
    assert_int_equal(rm_cover_finish(c, m2, features, 1, &progress, NULL), RM_ECANCELLED);
    rm_cover_free(c);
    rm_join_free(join);
    rm_geometry_clear(&areas);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_cover),
        cmocka_unit_test(at_random_against_geos),
        cmocka_unit_test(many_edges_in_one_area),
        cmocka_unit_test(a_mosaic_fills_the_area),
        cmocka_unit_test(a_nearly_level_edge),
        cmocka_unit_test(batches_and_order_change_nothing),
        cmocka_unit_test(several_threads_add),
        cmocka_unit_test(rows_to_skip),
        cmocka_unit_test(cancelling),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
