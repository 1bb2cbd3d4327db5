#include "geo_oracle.h"

#include "geo/bands.h"
#include "geo/overlap.h"
#include "geo/overlay.h"
#include "geo/slab.h"

#include <stdio.h>
#include <string.h>

/* m2 of every pair, [area * features + feature]; written by one worker each. */
typedef struct matrix {
    double *m2;
    int64_t features;
    int twice;
} matrix;

static rm_status note_pair(void *context, int worker, int32_t area, int32_t feature, double m2,
                           rm_error *err)
{
    matrix *m = context;
    double *cell = &m->m2[area * m->features + feature];

    (void)worker;
    (void)err;
    if (*cell != 0.0)
        m->twice++;
    *cell = m2;
    return RM_OK;
}

static matrix overlay(const rm_geometry *areas, const rm_geometry *evidence, int threads)
{
    rm_join *join = NULL;
    rm_error err;
    matrix m = {calloc((size_t)(areas->features * evidence->features), sizeof(double)),
                evidence->features, 0};

    assert_int_equal(rm_join_build(&join, areas, threads, NULL, &err), RM_OK);
    assert_int_equal(rm_overlay_pairs(join, evidence, threads, note_pair, &m, NULL, &err), RM_OK);
    assert_int_equal(m.twice, 0);
    rm_join_free(join);
    return m;
}

static double overlay_one(const rm_geometry *areas, const rm_geometry *evidence)
{
    matrix m = overlay(areas, evidence, 1);
    double m2 = m.m2[0];

    free(m.m2);
    return m2;
}

static void check_against_geos(const rm_geometry *areas, const rm_geometry *evidence)
{
    GEOSContextHandle_t geos = GEOS_init_r();
    GEOSGeometry **a = geos_all(geos, areas), **e = geos_all(geos, evidence);
    matrix m = overlay(areas, evidence, 2);

    for (int64_t i = 0; i < areas->features; i++)
        for (int64_t k = 0; k < evidence->features; k++)
            assert_area(m.m2[i * m.features + k], geos_common_area(geos, a[i], e[k]));
    free(m.m2);
    geos_free_all(geos, a, areas->features);
    geos_free_all(geos, e, evidence->features);
    GEOS_finish_r(geos);
}

static void known_areas(void **state)
{
    rm_geometry a = {0}, e = {0};

    (void)state;
    add_box(&a, 0, 0, 10, 10);
    add_box(&e, 5, 5, 20, 8);
    assert_true(overlay_one(&a, &e) == 15.0);
    rm_geometry_reset(&e);
    add_box(&e, 0, 0, 10, 10); /* identical */
    assert_true(overlay_one(&a, &e) == 100.0);
    rm_geometry_reset(&e);
    add_box(&e, -5, -5, 15, 15); /* holds the area */
    assert_true(overlay_one(&a, &e) == 100.0);
    rm_geometry_reset(&e);
    add_box(&e, 2, 2, 4, 5); /* held by it */
    assert_true(overlay_one(&a, &e) == 6.0);
    rm_geometry_reset(&e);
    begin_polygon(&e); /* a triangle through the middle */
    begin_part(&e);
    add_ring(&e, (double[]){0, 20, 0, 0}, (double[]){0, 0, 20, 0}, 4);
    assert_true(fabs(overlay_one(&a, &e) - 100.0) < 1e-9);
    rm_geometry_reset(&e);
    begin_polygon(&e); /* a diamond on its corner */
    begin_part(&e);
    add_ring(&e, (double[]){10, 14, 10, 6, 10}, (double[]){6, 10, 14, 10, 6}, 5);
    assert_true(fabs(overlay_one(&a, &e) - 8.0) < 1e-12);
    rm_geometry_clear(&a);
    rm_geometry_clear(&e);
}

static void borders_only(void **state)
{
    rm_geometry a = {0}, e = {0};

    (void)state;
    add_box(&a, 0, 0, 10, 10);
    add_box(&e, 10, 0, 20, 10); /* a shared edge */
    assert_true(overlay_one(&a, &e) == 0.0);
    rm_geometry_reset(&e);
    add_box(&e, 10, 10, 20, 20); /* a shared corner */
    assert_true(overlay_one(&a, &e) == 0.0);
    rm_geometry_reset(&e);
    begin_polygon(&e); /* lies in the hole of a ring round the area */
    begin_part(&e);
    add_box_ring(&e, -10, -10, 20, 20);
    add_box_ring(&e, 0, 0, 10, 10);
    assert_true(overlay_one(&a, &e) == 0.0);
    rm_geometry_clear(&a);
    rm_geometry_clear(&e);
}

static void holes_and_parts(void **state)
{
    rm_geometry a = {0}, e = {0};

    (void)state;
    begin_polygon(&a);
    begin_part(&a);
    add_box_ring(&a, 200000, 500000, 200100, 500100);
    add_box_ring(&a, 200040, 500040, 200060, 500060);
    begin_part(&a);
    add_box_ring(&a, 200200, 500000, 200300, 500100);
    add_box(&e, 200050, 500050, 200250, 500060);
    /* the first part: 50 x 10 less 10 x 10 of the hole; the second 50 x 10 */
    assert_true(fabs(overlay_one(&a, &e) - 900.0) < 1e-9);
    rm_geometry_clear(&a);
    rm_geometry_clear(&e);
}

/* Two triangles of value 8 and 4 make a square of 2 x 2; its quarters get their shares. */
static void areal_weights(void **state)
{
    rm_geometry quarters = {0}, triangles = {0};
    const double values[] = {8.0, 4.0}, expected[] = {4.0, 3.0, 3.0, 2.0};

    (void)state;
    begin_polygon(&triangles);
    begin_part(&triangles);
    add_ring(&triangles, (double[]){0, 2, 0, 0}, (double[]){0, 0, 2, 0}, 4);
    begin_polygon(&triangles);
    begin_part(&triangles);
    add_ring(&triangles, (double[]){2, 2, 0, 2}, (double[]){0, 2, 2, 0}, 4);
    for (int i = 0; i < 4; i++)
        add_box(&quarters, i & 1, i >> 1, (i & 1) + 1, (i >> 1) + 1);
    matrix m = overlay(&quarters, &triangles, 1);
    for (int i = 0; i < 4; i++) {
        double value = 0.0;

        for (int k = 0; k < 2; k++)
            value += values[k] * m.m2[2 * i + k] / rm_geometry_area(&triangles, k);
        assert_true(fabs(value - expected[i]) < 1e-12);
    }
    free(m.m2);
    rm_geometry_clear(&quarters);
    rm_geometry_clear(&triangles);
}

static void at_random_against_geos(void **state)
{
    (void)state;
    for (uint64_t round = 0; round < 12; round++) {
        dice d = {round, 0};
        rm_geometry areas = {0}, evidence = {0};

        for (int i = 0; i < 40; i++) {
            double size = exp(roll(&d, 2.0, 6.0));

            add_any_polygon(&areas, &d, roll(&d, 200000, 201000), roll(&d, 500000, 501000), size);
            size = exp(roll(&d, 2.0, 6.0));
            add_any_polygon(&evidence, &d, roll(&d, 200000, 201000), roll(&d, 500000, 501000),
                            size);
        }
        check_against_geos(&areas, &evidence);
        check_against_geos(&areas, &areas);
        rm_geometry_clear(&areas);
        rm_geometry_clear(&evidence);
    }
}

/* Rows of a turned grid whose cells meet in T-junctions: no corner lies exactly on the edge of its
 * neighbour, and shared corners are equal bit by bit. */
static void add_bricks(rm_geometry *g, int rows, int columns, double angle)
{
    double c = cos(angle), s = sin(angle);

    for (int r = 0; r < rows; r++) {
        for (int k = 0; k < columns; k++) {
            double left = 20.0 * k + (r & 1 ? 7.0 : 0.0), low = 10.0 * r, x[5], y[5];
            const double u[5] = {left, left + 20.0, left + 20.0, left, left};
            const double v[5] = {low, low, low + 10.0, low + 10.0, low};

            for (int i = 0; i < 5; i++) {
                x[i] = 200000.0 + u[i] * c - v[i] * s;
                y[i] = 500000.0 + u[i] * s + v[i] * c;
            }
            begin_polygon(g);
            begin_part(g);
            add_ring(g, x, y, 5);
        }
    }
}

static void bricks_meet_themselves_alone(void **state)
{
    (void)state;
    for (int turn = 0; turn < 8; turn++) {
        rm_geometry g = {0};

        add_bricks(&g, 9, 9, 0.1 + 0.37 * turn);
        matrix m = overlay(&g, &g, 2);
        for (int64_t i = 0; i < g.features; i++)
            for (int64_t k = 0; k < g.features; k++)
                assert_true(i == k ? fabs(m.m2[i * m.features + k] - 200.0) < 1e-6
                                   : m.m2[i * m.features + k] == 0.0);
        free(m.m2);
        rm_geometry_clear(&g);
    }
}

/* A long outline in many pieces, against areas of all sizes: rows of edges, giants, and areas that
 * no edge touches. */
static void large_evidence(void **state)
{
    rm_geometry areas = {0}, evidence = {0};
    dice d = {77, 0};

    (void)state;
    begin_polygon(&evidence);
    for (int i = 0; i < 4; i++) {
        begin_part(&evidence);
        add_star_ring(&evidence, &d, 200000 + 2500 * (i & 1), 500000 + 2500 * (i >> 1), 900, 1000,
                      1500);
        add_star_ring(&evidence, &d, 200000 + 2500 * (i & 1), 500000 + 2500 * (i >> 1), 200, 300,
                      200);
    }
    add_star(&evidence, &d, 201000, 501000, 500, 1500, 700);
    for (int i = 0; i < 300; i++)
        add_any_polygon(&areas, &d, roll(&d, 198500, 203500), roll(&d, 498500, 503500),
                        exp(roll(&d, 1.0, 7.0)));
    check_against_geos(&areas, &evidence);
    check_against_geos(&evidence, &areas);
    rm_geometry_clear(&areas);
    rm_geometry_clear(&evidence);
}

/* Far more areas in one spot than the grid is asked for. */
static void areas_on_a_heap(void **state)
{
    rm_geometry areas = {0}, evidence = {0};

    (void)state;
    for (int i = 0; i < 300; i++)
        add_box(&areas, 0, 0, 10 + i, 10);
    add_box(&evidence, 1, 1, 3, 2);
    add_box(&evidence, 8, 8, 14, 12);
    matrix m = overlay(&areas, &evidence, 2);
    for (int i = 0; i < 300; i++) {
        assert_true(m.m2[2 * i] == 2.0);
        assert_true(m.m2[2 * i + 1] == 2.0 * (i < 4 ? 2 + i : 6));
    }
    free(m.m2);
    rm_geometry_clear(&areas);
    rm_geometry_clear(&evidence);
}

static void make_crowd(rm_geometry *areas, rm_geometry *evidence, uint64_t seed)
{
    dice d = {seed, 0};

    for (int i = 0; i < 60; i++)
        add_any_polygon(areas, &d, roll(&d, 1000, 2000), roll(&d, 1000, 2000),
                        exp(roll(&d, 2.0, 6.0)));
    for (int i = 0; i < 400; i++)
        add_any_polygon(evidence, &d, roll(&d, 1000, 2000), roll(&d, 1000, 2000),
                        exp(roll(&d, 1.0, 5.0)));
}

static void threads_and_order_change_nothing(void **state)
{
    rm_geometry areas = {0}, evidence = {0}, turned_a = {0}, turned_e = {0};

    (void)state;
    make_crowd(&areas, &evidence, 5);
    for (int64_t f = areas.features - 1; f >= 0; f--)
        assert_int_equal(rm_geometry_add_copy(&turned_a, &areas, f, NULL), RM_OK);
    for (int64_t f = evidence.features - 1; f >= 0; f--)
        assert_int_equal(rm_geometry_add_copy(&turned_e, &evidence, f, NULL), RM_OK);
    matrix one = overlay(&areas, &evidence, 1), two = overlay(&areas, &evidence, 2),
           four = overlay(&areas, &evidence, 4), turned = overlay(&turned_a, &turned_e, 2);
    int64_t count = areas.features * evidence.features;

    assert_memory_equal(one.m2, two.m2, (size_t)count * sizeof(double));
    assert_memory_equal(one.m2, four.m2, (size_t)count * sizeof(double));
    for (int64_t i = 0; i < count; i++)
        assert_true(one.m2[i] == turned.m2[count - 1 - i]);
    free(one.m2);
    free(two.m2);
    free(four.m2);
    free(turned.m2);
    rm_geometry_clear(&areas);
    rm_geometry_clear(&evidence);
    rm_geometry_clear(&turned_a);
    rm_geometry_clear(&turned_e);
}

/* Rounds to 1/64, moves, turns by 90 degrees when asked: without loss, so nothing may change. */
static void move(rm_geometry *g, double dx, bool turn)
{
    for (int64_t i = 0; i < g->points; i++) {
        double x = round(g->x[i] * 64.0) / 64.0 + dx, y = round(g->y[i] * 64.0) / 64.0 + dx;

        g->x[i] = turn ? -y : x;
        g->y[i] = turn ? x : y;
    }
}

static void moved_and_turned(void **state)
{
    rm_geometry areas = {0}, evidence = {0};

    (void)state;
    make_crowd(&areas, &evidence, 6);
    move(&areas, 0.0, false);
    move(&evidence, 0.0, false);
    int64_t count = areas.features * evidence.features;
    matrix here = overlay(&areas, &evidence, 1);
    move(&areas, 262144.0, false);
    move(&evidence, 262144.0, false);
    matrix there = overlay(&areas, &evidence, 1);
    move(&areas, 0.0, true);
    move(&evidence, 0.0, true);
    matrix turned = overlay(&areas, &evidence, 1);

    /* the noise floor grows with the coordinates: slivers below it may drop out */
    for (int64_t i = 0; i < count; i++) {
        assert_true(there.m2[i] == here.m2[i] || (there.m2[i] == 0.0 && here.m2[i] < 1e-4));
        assert_true(fabs(turned.m2[i] - there.m2[i]) <= 1e-9 * there.m2[i] + 1e-6);
    }
    free(here.m2);
    free(there.m2);
    free(turned.m2);
    rm_geometry_clear(&areas);
    rm_geometry_clear(&evidence);
}

static void features_of_other_kinds_are_passed_over(void **state)
{
    rm_geometry areas = {0}, evidence = {0};
    double line_x[] = {1.0, 9.0}, line_y[] = {1.0, 9.0};

    (void)state;
    assert_int_equal(rm_geometry_add_feature(&areas, RM_KIND_NONE, NULL), RM_OK);
    add_box(&areas, 0, 0, 10, 10);
    assert_int_equal(rm_geometry_add_point(&areas, 5, 5, NULL), RM_OK);
    assert_int_equal(rm_geometry_add_feature(&evidence, RM_KIND_NONE, NULL), RM_OK);
    assert_int_equal(rm_geometry_add_point(&evidence, 5, 5, NULL), RM_OK);
    assert_int_equal(rm_geometry_add_feature(&evidence, RM_KIND_LINE, NULL), RM_OK);
    begin_part(&evidence);
    add_ring(&evidence, line_x, line_y, 2);
    add_box(&evidence, 4, 4, 6, 6);
    matrix m = overlay(&areas, &evidence, 1);
    for (int i = 0; i < 12; i++)
        assert_true(m.m2[i] == (i == 7 ? 4.0 : 0.0));
    free(m.m2);
    rm_geometry_reset(&evidence);
    m = overlay(&areas, &evidence, 2); /* no evidence at all */
    free(m.m2);
    rm_geometry_clear(&areas);
    rm_geometry_clear(&evidence);
}

static rm_status refuse(void *context, int worker, int32_t area, int32_t feature, double m2,
                        rm_error *err)
{
    (void)context;
    (void)worker;
    (void)m2;
    return rm_fail_row(err, RM_ELIMIT, feature, "no room for area %d", area);
}

static int stop_at_once(double fraction, const char *message, void *user)
{
    (void)fraction;
    (void)message;
    (void)user;
    return 1;
}

static void failures_come_back(void **state)
{
    rm_geometry areas = {0}, evidence = {0};
    rm_join *join = NULL;
    rm_progress progress;
    rm_error err;
    matrix m = {calloc(10000, sizeof(double)), 1, 0};

    (void)state;
    make_crowd(&areas, &evidence, 7);
    assert_int_equal(rm_join_build(&join, &areas, 1, NULL, &err), RM_OK);
    assert_int_equal(rm_overlay_pairs(join, &evidence, 2, refuse, NULL, NULL, &err), RM_ELIMIT);
    assert_non_null(strstr(err.message, "no room for area"));
    rm_progress_start(&progress, stop_at_once, NULL);
    assert_int_equal(rm_overlay_pairs(join, &evidence, 1, refuse, NULL, &progress, &err),
                     RM_ECANCELLED);
    assert_int_equal(rm_overlay_self(join, 0.0, 2, refuse, NULL, NULL, &err), RM_ELIMIT);
    free(m.m2);
    rm_join_free(join);
    rm_geometry_clear(&areas);
    rm_geometry_clear(&evidence);
}

static void areas_that_overlap(void **state)
{
    GEOSContextHandle_t geos = GEOS_init_r();
    rm_geometry areas = {0};
    rm_join *join = NULL;
    dice d = {21, 0};

    (void)state;
    for (int i = 0; i < 120; i++)
        add_any_polygon(&areas, &d, roll(&d, 200000, 201000), roll(&d, 500000, 501000),
                        exp(roll(&d, 2.0, 6.0)));
    GEOSGeometry **a = geos_all(geos, &areas);
    assert_int_equal(rm_join_build(&join, &areas, 2, NULL, NULL), RM_OK);
    for (int threads = 1; threads <= 4; threads *= 2) {
        matrix m = {calloc(120 * 120, sizeof(double)), 120, 0};

        assert_int_equal(rm_overlay_self(join, 0.01, threads, note_pair, &m, NULL, NULL), RM_OK);
        assert_int_equal(m.twice, 0);
        for (int i = 0; i < 120; i++) {
            for (int k = 0; k < 120; k++) {
                double expected = i < k ? geos_common_area(geos, a[i], a[k]) : 0.0;

                assert_area(m.m2[i * 120 + k], expected > 0.01 ? expected : 0.0);
            }
        }
        free(m.m2);
    }
    rm_join_free(join);
    geos_free_all(geos, a, areas.features);
    rm_geometry_clear(&areas);
    GEOS_finish_r(geos);
}

static void bricks_do_not_overlap(void **state)
{
    rm_geometry g = {0};
    rm_join *join = NULL;

    (void)state;
    add_bricks(&g, 30, 30, 0.3);
    assert_int_equal(rm_join_build(&join, &g, 2, NULL, NULL), RM_OK);
    assert_int_equal(rm_overlay_self(join, 0.0, 2, refuse, NULL, NULL, NULL), RM_OK);
    rm_join_free(join);
    rm_geometry_clear(&g);
}

/* side x side areas of 8 corners that share their edges bit by bit; some are left out, some run the
 * other way round. */
static void add_lattice(rm_geometry *g, dice *d, int side, double left, double low, double size,
                        int left_out)
{
    enum { MOST = 2 * 30 + 1 };
    static double x[MOST][MOST], y[MOST][MOST];
    static const int up[9] = {0, 0, 0, 1, 2, 2, 2, 1, 0}, right[9] = {0, 1, 2, 2, 2, 1, 0, 0, 0};

    for (int r = 0; r <= 2 * side; r++) {
        for (int k = 0; k <= 2 * side; k++) {
            x[r][k] = left + 0.5 * size * (k + roll(d, -0.2, 0.2));
            y[r][k] = low + 0.5 * size * (r + roll(d, -0.2, 0.2));
        }
    }
    for (int i = 0; i < side * side; i++) {
        int r = 2 * (i / side), k = 2 * (i % side), back = roll_below(d, 2);
        double ring_x[9], ring_y[9];

        if (roll_below(d, 100) < left_out)
            continue;
        for (int c = 0; c < 9; c++) {
            int at = back ? 8 - c : c;

            ring_x[c] = x[r + up[at]][k + right[at]];
            ring_y[c] = y[r + up[at]][k + right[at]];
        }
        begin_polygon(g);
        begin_part(g);
        add_ring(g, ring_x, ring_y, 9);
    }
}

/* What overlaps by the pairs that settled cells leave, against all pairs. Returns how many do. */
static int check_self(const rm_geometry *areas)
{
    const double tolerance = 0.01;
    matrix all = overlay(areas, areas, 2);
    int64_t n = areas->features;
    rm_join *join = NULL;
    int count = 0;

    assert_int_equal(rm_join_build(&join, areas, 2, NULL, NULL), RM_OK);
    for (int threads = 1; threads <= 4; threads *= 2) {
        matrix m = {calloc((size_t)(n * n), sizeof(double)), n, 0};

        assert_int_equal(rm_overlay_self(join, tolerance, threads, note_pair, &m, NULL, NULL),
                         RM_OK);
        assert_int_equal(m.twice, 0);
        count = 0;
        for (int64_t i = 0; i < n * n; i++) {
            double expected = i / n < i % n && all.m2[i] > tolerance ? all.m2[i] : 0.0;

            assert_area(m.m2[i], expected);
            count += expected > 0.0;
        }
        free(m.m2);
    }
    rm_join_free(join);
    free(all.m2);
    return count;
}

static void lattices_overlap_where_they_do(void **state)
{
    (void)state;
    for (uint64_t round = 0; round < 24; round++) {
        rm_geometry g = {0};
        dice d = {round, 0};
        int side = 6 + roll_below(&d, 8);

        add_lattice(&g, &d, side, 200000, 500000, 50, round % 3 == 0 ? 0 : 25);
        if (round % 4 == 0) /* so that many areas share a cell */
            add_box(&g, 300000, 600000, 310000, 610000);
        assert_int_equal(check_self(&g), 0);
        assert_int_equal(rm_geometry_add_copy(&g, &g, g.features / 2, NULL), RM_OK);
        assert_int_equal(check_self(&g), 1); /* one twice */
        int64_t moved = g.feature_part[g.features / 3];
        g.x[g.ring_point[moved] + 3] += 20.0; /* one corner into its neighbours */
        assert_true(check_self(&g) >= 1);
        add_lattice(&g, &d, side, 200010, 500020, 50, 25); /* a layer on top of all */
        assert_true(check_self(&g) > side * side);
        rm_geometry_clear(&g);
    }
}

/* An island fits its lake exactly, then lies across its shore, then on dry land. */
static void islands_in_lakes(void **state)
{
    (void)state;
    for (int shift = 0; shift < 3; shift++) {
        rm_geometry g = {0};

        begin_polygon(&g);
        begin_part(&g);
        add_box_ring(&g, 200000, 500000, 200100, 500100);
        add_box_ring(&g, 200020, 500020, 200040, 500040);
        add_box(&g, 200020 + 10 * shift * shift, 500020, 200040 + 10 * shift * shift, 500040);
        add_box(&g, 200100, 500000, 200200, 500100);
        assert_int_equal(check_self(&g), shift > 0);
        rm_geometry_clear(&g);
    }
}

/* Areas that fit need no pair to be looked at but along the rim. */
static void cells_of_a_lattice_are_settled(void **state)
{
    rm_geometry g = {0};
    rm_join *join = NULL;
    uint8_t *cells = NULL;
    dice d = {4, 0};
    int64_t settled = 0;

    (void)state;
    add_lattice(&g, &d, 30, 200000, 500000, 50, 0);
    assert_int_equal(rm_join_build(&join, &g, 1, NULL, NULL), RM_OK);
    assert_int_equal(rm_overlap_cells(&cells, join, 2, NULL), RM_OK);
    int64_t count = (int64_t)join->columns * join->rows;
    for (int64_t i = 0; i < count; i++)
        settled += cells[i] == RM_CELL_SETTLED;
    assert_true(settled > count - 4 * (join->columns + join->rows));
    assert_true(settled < count);
    rm_release(cells);
    rm_join_free(join);
    rm_geometry_clear(&g);
}

/* The kernel itself: any window cuts out what GEOS cuts out. */
static void any_window(void **state)
{
    GEOSContextHandle_t geos = GEOS_init_r();
    rm_slab slab = {0};
    dice d = {99, 0};

    (void)state;
    for (int round = 0; round < 1500; round++) {
        rm_geometry g = {0}, frame = {0};
        double m2, x = roll(&d, 200000, 200100), y = roll(&d, 500000, 500100);
        rm_box window = {x, y, x + roll(&d, 0.01, 60), y + roll(&d, 0.01, 60)};

        add_any_polygon(&g, &d, 200050, 500050, 100);
        if (round % 3 == 0) { /* the corner of the window on a corner of the polygon */
            window.xmin = g.x[g.points / 2];
            window.ymin = g.y[g.points / 2];
            window.xmax = window.xmin + 10;
            window.ymax = window.ymin + 10;
        }
        add_box(&frame, window.xmin, window.ymin, window.xmax, window.ymax);
        GEOSGeometry *a = geos_feature(geos, &g, 0), *b = geos_feature(geos, &frame, 0);
        rm_slab_open(&slab, window);
        assert_int_equal(rm_slab_feature(&slab, &g, 0, NULL), RM_OK);
        assert_int_equal(rm_slab_area(&slab, &m2, NULL), RM_OK);
        assert_area(m2, geos_common_area(geos, a, b));
        GEOSGeom_destroy_r(geos, a);
        GEOSGeom_destroy_r(geos, b);
        rm_geometry_clear(&g);
        rm_geometry_clear(&frame);
    }
    rm_slab_clear(&slab);
    GEOS_finish_r(geos);
}

/* Rows of edges know a point as all the edges do, on the outline too. */
static void points_by_rows(void **state)
{
    rm_geometry g = {0};
    rm_bands bands;
    dice d = {55, 0};

    (void)state;
    add_star(&g, &d, 200000, 500000, 50, 100, 500);
    begin_polygon(&g);
    begin_part(&g);
    add_box_ring(&g, 199900, 499900, 200100, 500100);
    for (int i = 0; i < 20; i++)
        add_box_ring(&g, 199910 + 9 * i, 499910, 199915 + 9 * i, 500090);
    add_box(&g, 199950, 499950, 200050, 500050); /* too small for rows */
    assert_int_equal(rm_bands_build(&bands, &g, NULL, NULL), RM_OK);
    assert_true(rm_bands_has(&bands, 0) && rm_bands_has(&bands, 1) && !rm_bands_has(&bands, 2));
    for (int f = 0; f < 3; f++) {
        for (int64_t i = 0; i + 1 < g.points; i++) {
            double x = 0.5 * (g.x[i] + g.x[i + 1]), y = 0.5 * (g.y[i] + g.y[i + 1]);

            assert_int_equal(rm_bands_side(&bands, f, g.x[i], g.y[i]),
                             rm_point_in_polygon(&g, f, g.x[i], g.y[i]));
            assert_int_equal(rm_bands_side(&bands, f, x, y), rm_point_in_polygon(&g, f, x, y));
            x = roll(&d, 199890, 200110);
            assert_int_equal(rm_bands_side(&bands, f, x, y), rm_point_in_polygon(&g, f, x, y));
        }
    }
    rm_bands_clear(&bands);
    rm_geometry_clear(&g);
}

static void empty_windows(void **state)
{
    rm_slab slab = {0};
    rm_geometry g = {0};
    double m2 = 7.0;

    (void)state;
    add_box(&g, 0, 0, 10, 10);
    rm_slab_open(&slab, (rm_box){2, 2, 2, 8});
    assert_int_equal(rm_slab_feature(&slab, &g, 0, NULL), RM_OK);
    assert_int_equal(rm_slab_area(&slab, &m2, NULL), RM_OK);
    assert_true(m2 == 0.0);
    rm_slab_open(&slab, (rm_box){2, 2, 4, 8});
    assert_int_equal(rm_slab_area(&slab, &m2, NULL), RM_OK); /* no owner */
    assert_true(m2 == 0.0);
    assert_int_equal(rm_slab_feature(&slab, &g, 0, NULL), RM_OK);
    assert_true(slab.edge_count == 0 && slab.base[0]); /* holds all of the window */
    assert_int_equal(rm_slab_area(&slab, &m2, NULL), RM_OK);
    assert_true(m2 == 12.0);
    rm_slab_clear(&slab);
    rm_geometry_clear(&g);
}

static void buffers(void **state)
{
    rm_geometry areas = {0}, one = {0}, four = {0};
    rm_error err;

    (void)state;
    add_box(&areas, 200000, 500000, 200100, 500050);
    assert_int_equal(rm_geometry_add_feature(&areas, RM_KIND_NONE, NULL), RM_OK);
    begin_polygon(&areas); /* a hole that closes, and a part that merges with the first */
    begin_part(&areas);
    add_box_ring(&areas, 300000, 500000, 300100, 500100);
    add_box_ring(&areas, 300040, 500040, 300050, 500050);
    begin_part(&areas);
    add_box_ring(&areas, 300110, 500000, 300200, 500100);
    for (int i = 0; i < 200; i++)
        add_box(&areas, 100.0 * i, 0, 100.0 * i + 10, 10);
    assert_int_equal(rm_buffer(&one, &areas, 10.0, 1, &err), RM_OK);
    assert_int_equal(rm_buffer(&four, &areas, 10.0, 4, &err), RM_OK);
    assert_int_equal(one.features, areas.features);
    double expected = 100.0 * 50.0 + 300.0 * 10.0 + 3.141592653589793 * 100.0;
    assert_true(fabs(rm_geometry_area(&one, 0) - expected) < 1e-4 * expected);
    assert_int_equal(one.kind[1], RM_KIND_NONE);
    assert_int_equal(one.feature_part[3] - one.feature_part[2], 1);
    assert_int_equal(one.points, four.points);
    assert_memory_equal(one.x, four.x, (size_t)one.points * sizeof *one.x);
    assert_memory_equal(one.y, four.y, (size_t)one.points * sizeof *one.y);
    assert_int_equal(rm_buffer(&one, &areas, -20.0, 2, &err),
                     RM_OK); /* inward: small ones vanish */
    assert_true(fabs(rm_geometry_area(&one, 0) - 600.0) < 1e-6);
    assert_int_equal(one.kind[5], RM_KIND_NONE);
    rm_geometry_clear(&areas);
    rm_geometry_clear(&one);
    rm_geometry_clear(&four);
}

static void buffers_refuse_what_is_not_finite(void **state)
{
    rm_geometry areas = {0}, out = {0};
    rm_error err;

    (void)state;
    add_box(&areas, 0, 0, 10, 10);
    assert_int_equal(rm_buffer(&out, &areas, NAN, 1, &err), RM_EINVAL);
    assert_string_equal(err.message, "a buffer needs a finite number of metres");
    areas.x[2] = INFINITY;
    assert_int_equal(rm_buffer(&out, &areas, 1.0, 1, &err), RM_EDATA);
    assert_int_equal(err.row, 0);
    assert_string_equal(err.message, "area 0 has a coordinate that is not finite; leave it out");
    assert_int_equal(out.features, 0);
    rm_geometry_clear(&areas);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_areas),
        cmocka_unit_test(borders_only),
        cmocka_unit_test(holes_and_parts),
        cmocka_unit_test(areal_weights),
        cmocka_unit_test(at_random_against_geos),
        cmocka_unit_test(bricks_meet_themselves_alone),
        cmocka_unit_test(large_evidence),
        cmocka_unit_test(areas_on_a_heap),
        cmocka_unit_test(threads_and_order_change_nothing),
        cmocka_unit_test(moved_and_turned),
        cmocka_unit_test(features_of_other_kinds_are_passed_over),
        cmocka_unit_test(failures_come_back),
        cmocka_unit_test(areas_that_overlap),
        cmocka_unit_test(bricks_do_not_overlap),
        cmocka_unit_test(lattices_overlap_where_they_do),
        cmocka_unit_test(islands_in_lakes),
        cmocka_unit_test(cells_of_a_lattice_are_settled),
        cmocka_unit_test(any_window),
        cmocka_unit_test(points_by_rows),
        cmocka_unit_test(empty_windows),
        cmocka_unit_test(buffers),
        cmocka_unit_test(buffers_refuse_what_is_not_finite),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
