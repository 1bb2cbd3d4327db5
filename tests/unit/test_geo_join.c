#include "geo/join.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "feature_distance.h"
#include "geo/join_index.h"
#include "shapes.h"

#include <string.h>

/* hits as a table [rows][areas] of how often */
static uint8_t *table_of(const rm_hits *hits, int64_t rows, int64_t areas)
{
    uint8_t *table = calloc((size_t)(rows * areas + 1), 1);

    for (int64_t i = 0; i < hits->count; i++) {
        assert_in_range(hits->items[i].row, 0, rows - 1);
        assert_in_range(hits->items[i].area, 0, areas - 1);
        table[hits->items[i].row * areas + hits->items[i].area]++;
    }
    return table;
}

static bool holds(const rm_geometry *areas, int64_t area, double x, double y)
{
    return areas->kind[area] == RM_KIND_POLYGON &&
           rm_point_in_polygon(areas, area, x, y) != RM_OUTSIDE;
}

/* Every pair by all edges, against the join on 1, 2 and 4 threads. Returns the number of hits. */
static int64_t check_points(const rm_geometry *areas, const double *x, const double *y,
                            int64_t count)
{
    int64_t total = 0;

    for (int threads = 1; threads <= 4; threads *= 2) {
        rm_join *join = NULL;
        rm_hits hits = {0};

        OK(rm_join_build(&join, areas, threads, NULL, NULL));
        OK(rm_join_points(join, x, y, NULL, count, &hits, NULL));
        uint8_t *table = table_of(&hits, count, areas->features);
        for (int64_t i = 0; i < count; i++) {
            for (int64_t a = 0; a < areas->features; a++)
                assert_int_equal(table[i * areas->features + a], holds(areas, a, x[i], y[i]));
        }
        total = hits.count;
        free(table);
        rm_hits_clear(&hits);
        rm_join_free(join);
    }
    return total;
}

/* Random points, and the points that are hard: corners, middles of edges, the same height as a
 * corner, one place in the last digit beside it, and the lines of the grid. */
static int64_t hard_points(const rm_geometry *areas, uint64_t seed, double **x, double **y)
{
    int64_t room = 9 * areas->points + 3000, count = 0;
    draws d = {seed, 0};
    rm_box e = rm_geometry_extent(areas);
    rm_join *join = NULL;

    *x = malloc((size_t)room * sizeof **x);
    *y = malloc((size_t)room * sizeof **y);
#define POINT(px, py) ((*x)[count] = (px), (*y)[count++] = (py))
    for (int64_t i = 0; i + 1 < areas->points; i++) {
        double ax = areas->x[i], ay = areas->y[i], bx = areas->x[i + 1], by = areas->y[i + 1];

        POINT(ax, ay);
        POINT((ax + bx) / 2, (ay + by) / 2);
        POINT(draw(&d, e.xmin, e.xmax), ay);
        POINT(ax, draw(&d, e.ymin, e.ymax));
        POINT(nextafter(ax, e.xmax + 1), ay);
        POINT(ax, nextafter(ay, e.ymin - 1));
    }
    OK(rm_join_build(&join, areas, 1, NULL, NULL));
    for (int i = 0; i < 1000; i++) {
        double size = join->scale > 0 ? 1 / join->scale : 0;
        double line = e.xmin + draw_below(&d, join->columns + 1) * size;

        POINT(draw(&d, e.xmin - 1, e.xmax + 1), draw(&d, e.ymin - 1, e.ymax + 1));
        POINT(line, draw(&d, e.ymin, e.ymax));
    }
    rm_join_free(join);
    return count;
}

static int64_t check_hard_points(const rm_geometry *areas, uint64_t seed)
{
    double *x, *y;
    int64_t count = hard_points(areas, seed, &x, &y), hits = check_points(areas, x, y, count);

    free(x);
    free(y);
    return hits;
}

/* A field of squares that share their borders, some cut from a neighbour as a hole. */
static void make_field(rm_geometry *g, int side, double size)
{
    for (int r = 0; r < side; r++) {
        for (int c = 0; c < side; c++) {
            double x = 155000 + c * size, y = 463000 + r * size;

            add_rectangle(g, x, y, size, size);
            if ((r + c) % 5 == 0) {
                RING(g, x + size / 4, y + size / 4, x + size / 2, y + size / 4, x + size / 2,
                     y + size / 2, x + size / 4, y + size / 4);
                SHAPE(g, RM_KIND_POLYGON, x + size / 4, y + size / 4, x + size / 2, y + size / 4,
                      x + size / 2, y + size / 2, x + size / 4, y + size / 4);
            }
        }
    }
}

static void make_stars(rm_geometry *g, uint64_t seed, int count, double extent, double r,
                       double step)
{
    draws d = {seed, 0};

    for (int i = 0; i < count; i++) {
        double x = draw(&d, 0, extent), y = draw(&d, 0, extent);

        if (i % 13 == 12)
            OK(rm_geometry_add_feature(g, RM_KIND_POLYGON, NULL)); /* no geometry */
        add_star(g, &d, x, y, r * draw(&d, 0.05, 1.0), 3 + draw_below(&d, 40), step);
        if (i % 7 == 6) {
            OK(rm_geometry_add_part(g, NULL));
            add_star_ring(g, &d, x + 2.5 * r, y, r, 9, step);
        }
    }
}

static void test_field(void **state)
{
    rm_geometry g = {0};

    (void)state;
    make_field(&g, 9, 100.0);
    assert_true(check_hard_points(&g, 1) > 4 * 8 * 8);
    rm_geometry_clear(&g);
    make_field(&g, 7, 0.1); /* sizes that are no binary fraction */
    check_hard_points(&g, 2);
    rm_geometry_clear(&g);
}

static void test_shared_corner_hits_all(void **state)
{
    rm_geometry g = {0};
    rm_join *join = NULL;
    rm_hits hits = {0};
    double x[] = {155100, 155150, 155100}, y[] = {463100, 463100, 463250};

    (void)state;
    make_field(&g, 4, 100.0);
    OK(rm_join_build(&join, &g, 1, NULL, NULL));
    OK(rm_join_points(join, x, y, NULL, 1, &hits, NULL));
    assert_int_equal(hits.count, 4);
    OK(rm_join_points(join, x + 1, y + 1, NULL, 1, &hits, NULL)); /* appends */
    assert_int_equal(hits.count, 6);
    assert_int_equal(hits.items[5].row, 0);
    hits.count = 0;
    OK(rm_join_points(join, x, y, (uint8_t[]){1, 0, 1}, 3, &hits, NULL));
    assert_int_equal(hits.count, 2);
    assert_int_equal(hits.items[0].row, 1);
    rm_hits_clear(&hits);
    rm_join_free(join);
    rm_geometry_clear(&g);
}

static void test_stars(void **state)
{
    rm_geometry g = {0};

    (void)state;
    make_stars(&g, 3, 120, 1000, 60, 0.0); /* overlapping a little */
    assert_true(check_hard_points(&g, 3) > 500);
    rm_geometry_clear(&g);
    make_stars(&g, 4, 60, 1000, 900, 0.0); /* a pile */
    check_hard_points(&g, 4);
    rm_geometry_clear(&g);
    make_stars(&g, 5, 80, 60, 15, 1.0); /* whole numbers, edges on one line, invalid ones too */
    check_hard_points(&g, 5);
    rm_geometry_clear(&g);
}

/* Slivers along the lines of the grid, an edge of which crosses a line at a very small angle:
 * where, is lost in rounding. Points on and beside such edges. */
static void test_slivers_on_grid_lines(void **state)
{
    enum { SLIVERS = 60, POINTS = 6000 };
    static double x[POINTS], y[POINTS];
    rm_geometry g = {0};
    rm_join *join = NULL;
    draws d = {61, 0};

    (void)state;
    add_rectangle(&g, 0, 0, 977.7, 977.7);
    for (int i = 0; i < SLIVERS; i++) /* to be shaped when the grid is known */
        SHAPE(&g, RM_KIND_POLYGON, 0, 0, 1, 0, 1, 1, 0, 0);
    OK(rm_join_build(&join, &g, 1, NULL, NULL));
    for (int i = 0; i < SLIVERS; i++) {
        double *px = g.x + 5 + 4 * i, *py = g.y + 5 + 4 * i;
        double line = (1 + draw_below(&d, join->rows - 2)) / join->scale;
        double tilt = pow(10, draw(&d, -13, -9));

        px[0] = px[3] = draw(&d, 0, 400);
        px[1] = px[0] + draw(&d, 100, 500);
        px[2] = px[0] + draw(&d, 100, 500);
        py[0] = py[3] = line - tilt * draw(&d, 0, 1);
        py[1] = line + tilt * draw(&d, 0, 1);
        py[2] = py[1] + tilt * draw(&d, 0, 1);
    }
    rm_join_free(join);
    for (int i = 0; i < POINTS; i++) {
        int k = 5 + 4 * (i % SLIVERS) + draw_below(&d, 3);
        double t = draw(&d, 0, 1);

        x[i] = g.x[k] + t * (g.x[k + 1] - g.x[k]);
        y[i] = g.y[k] + t * (g.y[k + 1] - g.y[k]);
        if (i % 3 == 1)
            y[i] = nextafter(y[i], i % 2 ? 0 : 1e9);
    }
    assert_true(check_points(&g, x, y, POINTS) > POINTS);
    rm_geometry_clear(&g);
}

/* Corners put in the middle of edges turn an area of one band into one of many, and
 * change no hit. */
static void test_one_band_and_many(void **state)
{
    enum { CORNERS = 9, POINTS = 4000 };
    static double x[POINTS], y[POINTS];
    draws d = {31, 0};

    (void)state;
    for (int round = 0; round < 10; round++) {
        rm_geometry few = {0}, many = {0};
        rm_join *joins[2] = {NULL, NULL};
        uint8_t *tables[2];

        for (int i = 0; i < 20; i++) {
            double ring_x[4 * CORNERS + 1], ring_y[4 * CORNERS + 1];

            add_star(&few, &d, draw_below(&d, 1000), draw_below(&d, 1000), 80, CORNERS, 4.0);
            int64_t first = few.points - CORNERS - 1;
            for (int c = 0; c <= 4 * CORNERS; c++) { /* on whole numbers: quarters are exact */
                int64_t from = first + c / 4, to = from + (c < 4 * CORNERS);

                ring_x[c] = few.x[from] + (few.x[to] - few.x[from]) * (c % 4) / 4;
                ring_y[c] = few.y[from] + (few.y[to] - few.y[from]) * (c % 4) / 4;
            }
            open_feature(&many, RM_KIND_POLYGON);
            OK(rm_geometry_add_ring(&many, ring_x, ring_y, 4 * CORNERS + 1, NULL));
        }
        for (int i = 0; i < POINTS; i++) {
            x[i] = draw_below(&d, 1000);
            y[i] = draw_below(&d, 1000);
        }
        OK(rm_join_build(&joins[0], &few, 1, NULL, NULL));
        OK(rm_join_build(&joins[1], &many, 1, NULL, NULL));
        assert_int_equal(joins[0]->area_band[1], 1);
        assert_true(joins[1]->area_band[1] > 1);
        for (int k = 0; k < 2; k++) {
            rm_hits hits = {0};

            OK(rm_join_points(joins[k], x, y, NULL, POINTS, &hits, NULL));
            OK(rm_join_within(joins[k], x, y, NULL, POINTS, 12.0, &hits, NULL));
            tables[k] = table_of(&hits, POINTS, few.features);
            assert_true(hits.count > POINTS / 4);
            rm_hits_clear(&hits);
            rm_join_free(joins[k]);
        }
        assert_memory_equal(tables[0], tables[1], (size_t)(POINTS * few.features));
        free(tables[0]);
        free(tables[1]);
        rm_geometry_clear(&few);
        rm_geometry_clear(&many);
    }
}

static void test_few_and_very_unequal(void **state)
{
    rm_geometry g = {0};
    draws d = {6, 0};

    (void)state;
    add_star(&g, &d, 0, 0, 1e6, 400, 0.0);
    add_rectangle(&g, 10, 10, 1e-3, 1e-3);
    add_rectangle(&g, 5e5, -3e5, 1e-9, 2e5);
    add_star(&g, &d, 20, 20, 1.0, 200, 0.0);
    check_hard_points(&g, 6);
    rm_geometry_clear(&g);
}

static void test_degenerate_extents(void **state)
{
    rm_geometry g = {0};

    (void)state;
    check_hard_points(&g, 0); /* no areas at all */
    OK(rm_geometry_add_feature(&g, RM_KIND_POLYGON, NULL));
    rm_join *join = NULL;
    rm_hits hits = {0};
    OK(rm_join_build(&join, &g, 1, NULL, NULL));
    OK(rm_join_points(join, (double[]){1, 0}, (double[]){1, 0}, NULL, 2, &hits, NULL));
    OK(rm_join_within(join, (double[]){1}, (double[]){1}, NULL, 1, INFINITY, &hits, NULL));
    assert_int_equal(hits.count, 0);
    assert_true(rm_box_is_empty(rm_join_extent(join)));
    rm_join_free(join);
    rm_join_free(NULL);
    rm_geometry_clear(&g);

    SHAPE(&g, RM_KIND_POLYGON, 5, 5, 9, 5, 7, 5, 5, 5); /* a flat one */
    check_hard_points(&g, 1);
    rm_geometry_clear(&g);
    SHAPE(&g, RM_KIND_POLYGON, 5, 5, 5, 5, 5, 5, 5, 5); /* one spot */
    check_hard_points(&g, 1);
    rm_geometry_clear(&g);
    double u = nextafter(155000, 1e9) - 155000; /* cells smaller than the last digit */
    add_rectangle(&g, 155000, 463000, 3 * u, 9 * u);
    add_rectangle(&g, 155000 + 3 * u, 463000, 2 * u, 4 * u);
    check_hard_points(&g, 2);
    rm_geometry_clear(&g);
    add_rectangle(&g, -1e9, 0, 2e9, 1e-6); /* a thread */
    add_rectangle(&g, 3, -1e9, 1e-6, 2e9);
    check_hard_points(&g, 3);
    rm_geometry_clear(&g);
}

static void test_pile_of_areas_stays_small(void **state)
{
    rm_geometry g = {0};
    rm_join *join = NULL;

    (void)state;
    for (int i = 0; i < 3000; i++)
        add_rectangle(&g, 0.001 * i, 0.001 * i, 1000, 1000);
    OK(rm_join_build(&join, &g, 2, NULL, NULL));
    assert_true((int64_t)join->columns * join->rows < 4096);
    rm_join_free(join);
    double x[] = {500, 0, 1002.999, 2.5}, y[] = {500, 0, 1002.999, 3};
    assert_int_equal(check_points(&g, x, y, 4), 3000 + 1 + 1 + 2501);
    rm_geometry_clear(&g);
}

static void test_nan_and_far_points(void **state)
{
    rm_geometry g = {0};
    rm_join *join = NULL;
    rm_hits hits = {0};
    double x[] = {NAN, 155050, INFINITY, -INFINITY, 1e300, NAN};
    double y[] = {463050, NAN, 463050, 463050, -1e300, NAN};

    (void)state;
    make_field(&g, 3, 100.0);
    OK(rm_join_build(&join, &g, 1, NULL, NULL));
    OK(rm_join_points(join, x, y, NULL, 6, &hits, NULL));
    OK(rm_join_within(join, x, y, NULL, 6, 1e4, &hits, NULL));
    assert_int_equal(hits.count, 0);
    rm_join_free(join);
    rm_geometry_clear(&g);
}

/* Moving everything by a power of two, doubling it and turning it by 90 degrees change nothing. */
static void test_moved_scaled_and_turned(void **state)
{
    rm_geometry g = {0};
    int64_t hits[4];

    (void)state;
    for (int k = 0; k < 4; k++) {
        double *x, *y;

        rm_geometry_clear(&g);
        make_stars(&g, 8, 60, 64, 16, 0.125);
        int64_t count = 4000;
        x = malloc((size_t)count * sizeof *x);
        y = malloc((size_t)count * sizeof *y);
        draws d = {9, 0};
        for (int64_t i = 0; i < count; i++) {
            double px = 0.125 * draw_below(&d, 640), py = 0.125 * draw_below(&d, 640);

            x[i] = k == 1 ? px + 65536 : k == 2 ? 2 * px : k == 3 ? -py : px;
            y[i] = k == 1 ? py + 65536 : k == 2 ? 2 * py : k == 3 ? px : py;
        }
        transform(&g, k == 2 ? 2 : 1, k == 3, k == 1 ? 65536 : 0, k == 1 ? 65536 : 0);
        hits[k] = check_points(&g, x, y, count);
        free(x);
        free(y);
    }
    assert_true(hits[0] > 1000);
    assert_true(hits[0] == hits[1] && hits[0] == hits[2] && hits[0] == hits[3]);
    rm_geometry_clear(&g);
}

static void make_evidence(rm_geometry *g, uint64_t seed, int count, double extent, double r)
{
    draws d = {seed, 0};

    for (int i = 0; i < count; i++) {
        double x = draw(&d, -0.1 * extent, 1.1 * extent), y = draw(&d, -0.1 * extent, 1.1 * extent);

        if (i % 17 == 16)
            OK(rm_geometry_add_feature(g, RM_KIND_LINE, NULL));
        add_anything(g, &d, x, y, r * draw(&d, 0.01, 1.0));
    }
}

/* Against all pairs, by the distance that GEOS has checked elsewhere. */
static int64_t check_near(const rm_geometry *areas, const rm_geometry *evidence, double metres)
{
    rm_join *join = NULL;
    rm_hits hits = {0};

    OK(rm_join_build(&join, areas, 1, NULL, NULL));
    if (metres == 0)
        OK(rm_join_touching(join, evidence, NULL, &hits, NULL));
    else
        OK(rm_join_touching_within(join, evidence, NULL, metres, &hits, NULL));
    uint8_t *table = table_of(&hits, evidence->features, areas->features);
    for (int64_t i = 0; i < evidence->features; i++) {
        for (int64_t a = 0; a < areas->features; a++) {
            double d2 = feature_distance2(areas, a, evidence, i, INFINITY);

            assert_int_equal(table[i * areas->features + a], d2 <= metres * metres);
        }
    }
    free(table);
    int64_t total = hits.count;
    rm_hits_clear(&hits);
    rm_join_free(join);
    return total;
}

static void test_touching_and_within(void **state)
{
    rm_geometry areas = {0}, evidence = {0};

    (void)state;
    make_stars(&areas, 21, 70, 1000, 80, 0.0);
    make_evidence(&evidence, 22, 250, 1000, 60);
    int64_t touching = check_near(&areas, &evidence, 0);
    int64_t near = check_near(&areas, &evidence, 25), all = check_near(&areas, &evidence, 1e7);
    assert_true(touching > 100 && near > touching + 50 && all > near);
    rm_geometry_clear(&evidence);
    make_evidence(&evidence, 23, 8, 1000, 900); /* large ones, holding areas whole */
    check_near(&areas, &evidence, 0);
    check_near(&areas, &evidence, 10);
    rm_geometry_clear(&areas);
    make_evidence(&areas, 24, 60, 1000, 100); /* areas of any kind */
    check_near(&areas, &evidence, 0);
    check_near(&areas, &evidence, 40);
    rm_geometry_clear(&areas);
    rm_geometry_clear(&evidence);
}

static void test_touching_field_by_its_own_outlines(void **state)
{
    rm_geometry areas = {0}, lines = {0};

    (void)state;
    make_field(&areas, 6, 100.0);
    SHAPE(&lines, RM_KIND_LINE, 155100, 463000, 155100, 463600);        /* along borders */
    SHAPE(&lines, RM_KIND_LINE, 155000, 463000, 155600, 463600);        /* through corners */
    SHAPE(&lines, RM_KIND_LINE, 155110, 463110, 155190, 463190);        /* inside */
    SHAPE(&lines, RM_KIND_LINE, 154000, 463000, 155000, 463000);        /* up to a corner */
    SHAPE(&lines, RM_KIND_LINE, 154000, 462999, 156000, 462999.999999); /* just past all */
    add_rectangle(&lines, 155200, 463300, 100, 100);                    /* on top of one */
    OK(rm_geometry_add_point(&lines, 155300, 463300, NULL));
    check_near(&areas, &lines, 0);
    check_near(&areas, &lines, 1e-6);
    check_near(&areas, &lines, 100);
    rm_geometry_clear(&areas);
    rm_geometry_clear(&lines);
}

static void test_touching_against_geos(void **state)
{
    rm_geometry areas = {0}, evidence = {0};
    GEOSContextHandle_t h = GEOS_init_r();
    rm_join *join = NULL;
    rm_hits hits = {0};

    (void)state;
    make_stars(&areas, 31, 40, 500, 60, 0.0);
    make_evidence(&evidence, 32, 120, 500, 40);
    OK(rm_join_build(&join, &areas, 2, NULL, NULL));
    OK(rm_join_touching(join, &evidence, NULL, &hits, NULL));
    uint8_t *table = table_of(&hits, evidence.features, areas.features);
    for (int64_t i = 0; i < evidence.features; i++) {
        GEOSGeometry *e = to_geos(h, &evidence, i);

        for (int64_t a = 0; a < areas.features; a++) {
            GEOSGeometry *area = to_geos(h, &areas, a);

            assert_int_equal(table[i * areas.features + a], GEOSIntersects_r(h, area, e));
            GEOSGeom_destroy_r(h, area);
        }
        GEOSGeom_destroy_r(h, e);
    }
    free(table);
    rm_hits_clear(&hits);
    rm_join_free(join);
    GEOS_finish_r(h);
    rm_geometry_clear(&areas);
    rm_geometry_clear(&evidence);
}

static void test_points_within(void **state)
{
    static const double distances[] = {0, 0.001, 10, 50, 3000, INFINITY};
    rm_geometry areas = {0}, points = {0};
    draws d = {41, 0};

    (void)state;
    make_evidence(&areas, 40, 60, 1000, 80);
    for (int corners = 63; corners < 67; corners++) /* on both sides of what is measured whole */
        add_star(&areas, &d, draw(&d, 0, 1000), draw(&d, 0, 1000), 150, corners, 0.0);
    for (int i = 0; i < 400; i++)
        OK(rm_geometry_add_point(&points, draw(&d, -100, 1100), draw(&d, -100, 1100), NULL));
    for (size_t k = 0; k < sizeof distances / sizeof *distances; k++) {
        rm_join *join = NULL;
        rm_hits hits = {0};

        OK(rm_join_build(&join, &areas, 1, NULL, NULL));
        OK(rm_join_within(join, points.x, points.y, NULL, points.features, distances[k], &hits,
                          NULL));
        uint8_t *table = table_of(&hits, points.features, areas.features);
        for (int64_t i = 0; i < points.features; i++) {
            for (int64_t a = 0; a < areas.features; a++)
                assert_int_equal(table[i * areas.features + a],
                                 areas.kind[a] != RM_KIND_NONE &&
                                     feature_distance2(&areas, a, &points, i, INFINITY) <=
                                         distances[k] * distances[k]);
        }
        free(table);
        rm_hits_clear(&hits);
        rm_join_free(join);
    }
    rm_geometry_clear(&areas);
    rm_geometry_clear(&points);
}

static void test_exactly_at_the_distance(void **state)
{
    rm_geometry g = {0};
    rm_join *join = NULL;
    rm_hits hits = {0};
    double x[] = {13, 15, 15, 13, 5, -25}, y[] = {14, 5, 0.3, 14.000001, 15.000001, 5};

    (void)state;
    add_rectangle(&g, 0, 0, 10, 10);
    OK(rm_join_build(&join, &g, 1, NULL, NULL));
    OK(rm_join_within(join, x, y, NULL, 6, 5, &hits, NULL));
    assert_int_equal(hits.count, 3);
    hits.count = 0;
    OK(rm_join_within(join, x, y, (uint8_t[]){1, 0, 0, 0, 0, 0}, 6, 25, &hits, NULL));
    assert_int_equal(hits.count, 5);
    rm_hits_clear(&hits);
    rm_join_free(join);
    rm_geometry_clear(&g);
}

static void test_bad_arguments(void **state)
{
    rm_geometry g = {0};
    rm_join *join = NULL;
    rm_hits hits = {0};
    rm_error err = {0};
    double x = 0, y = 0;

    (void)state;
    add_rectangle(&g, 0, 0, 10, 10);
    OK(rm_join_build(&join, &g, 1, NULL, NULL));
    assert_int_equal(rm_join_within(join, &x, &y, NULL, 1, -1, &hits, &err), RM_EINVAL);
    assert_string_equal(err.message,
                        "the distance is negative or no number; give 0 metres or more");
    assert_int_equal(rm_join_within(join, &x, &y, NULL, 1, NAN, &hits, &err), RM_EINVAL);
    assert_int_equal(rm_join_touching_within(join, &g, NULL, -0.5, &hits, &err), RM_EINVAL);
    assert_int_equal(rm_join_points(join, &x, &y, NULL, (int64_t)1 << 31, &hits, &err), RM_ELIMIT);
    assert_string_equal(err.message,
                        "2147483648 rows in one batch, more than 2147483647; use smaller batches");
    assert_int_equal(hits.count, 0);
    rm_join_free(join);
    rm_geometry_clear(&g);
}

/* ---- batches ---- */

enum { MANY = 3 * 65536 + 7, STOP = 65536 };

typedef struct batches {
    uint8_t *times; /* how often each row was hit */
    int64_t calls, next, stop_at;
} batches;

static rm_status take_batch(void *context, int64_t first, const rm_hit *hits, int64_t count,
                            rm_error *err)
{
    batches *taken = context;

    assert_int_equal(first, taken->next);
    taken->next += 65536;
    taken->calls++;
    for (int64_t h = 0; h < count; h++)
        taken->times[first + hits[h].row]++;
    return first == taken->stop_at ? rm_fail(err, RM_EDATA, "far enough") : RM_OK;
}

static int stop_at_once(double fraction, const char *message, void *user)
{
    (void)fraction, (void)user;
    assert_string_equal(message, "points");
    return 1;
}

static void test_many_points_in_batches(void **state)
{
    rm_geometry g = {0};
    rm_join *join = NULL;
    rm_progress progress;
    rm_error err = {0};
    double *x = malloc(MANY * sizeof *x), *y = malloc(MANY * sizeof *y);
    batches taken = {.times = calloc(MANY, 1), .stop_at = -1};

    (void)state;
    add_rectangle(&g, 0, 0, 10, 10);
    add_rectangle(&g, 5, 0, 10, 10); /* over the first: points in both are hit twice */
    OK(rm_join_build(&join, &g, 1, NULL, NULL));
    for (int64_t i = 0; i < MANY; i++) {
        x[i] = (double)(i % 20);
        y[i] = 5;
    }
    OK(rm_join_each(join, x, y, MANY, NULL, "points", take_batch, &taken, NULL));
    assert_int_equal(taken.calls, 4);
    for (int64_t i = 0; i < MANY; i++)
        assert_int_equal(taken.times[i], (x[i] <= 10) + (x[i] >= 5 && x[i] <= 15));
    taken = (batches){.times = taken.times, .stop_at = STOP};
    assert_int_equal(rm_join_each(join, x, y, MANY, NULL, "points", take_batch, &taken, &err),
                     RM_EDATA);
    assert_string_equal(err.message, "far enough");
    assert_int_equal(taken.calls, 2);
    taken = (batches){.times = taken.times, .stop_at = -1};
    rm_progress_start(&progress, stop_at_once, NULL);
    assert_int_equal(rm_join_each(join, x, y, MANY, &progress, "points", take_batch, &taken, &err),
                     RM_ECANCELLED);
    assert_int_equal(taken.calls, 0);
    taken = (batches){.times = taken.times, .stop_at = -1};
    OK(rm_join_each(join, x, y, 0, NULL, "points", take_batch, &taken, NULL));
    assert_int_equal(taken.calls, 0);
    free(taken.times);
    free(x);
    free(y);
    rm_join_free(join);
    rm_geometry_clear(&g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_field),
        cmocka_unit_test(test_shared_corner_hits_all),
        cmocka_unit_test(test_stars),
        cmocka_unit_test(test_slivers_on_grid_lines),
        cmocka_unit_test(test_one_band_and_many),
        cmocka_unit_test(test_few_and_very_unequal),
        cmocka_unit_test(test_degenerate_extents),
        cmocka_unit_test(test_pile_of_areas_stays_small),
        cmocka_unit_test(test_nan_and_far_points),
        cmocka_unit_test(test_moved_scaled_and_turned),
        cmocka_unit_test(test_touching_and_within),
        cmocka_unit_test(test_touching_field_by_its_own_outlines),
        cmocka_unit_test(test_touching_against_geos),
        cmocka_unit_test(test_points_within),
        cmocka_unit_test(test_exactly_at_the_distance),
        cmocka_unit_test(test_bad_arguments),
        cmocka_unit_test(test_many_points_in_batches),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
