#include "geo/valid.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "shapes.h"

#include <stdio.h>
#include <string.h>

static void test_by_hand(void **state)
{
    rm_geometry g = {0};
    int64_t sure, unsure;

    (void)state;
    add_rectangle(&g, 0, 0, 10, 10);
    SHAPE(&g, RM_KIND_POLYGON, 0, 0, 5, 0, 0, 5, 0, 0);
    SHAPE(&g, RM_KIND_POLYGON, 0, 0, 0, 0, 5, 0, 5, 0, 0, 5, 0, 5, 0, 0);   /* repeated points */
    SHAPE(&g, RM_KIND_POLYGON, 0, 0, 5, 0, 10, 0, 10, 5, 0, 5, 0, 2, 0, 0); /* straight corners */
    SHAPE(&g, RM_KIND_POLYGON, 0, 0, 10, 0, 10, 10, 5, 1, 0, 10, 0, 0);     /* concave */
    SHAPE(&g, RM_KIND_POLYGON, 0, 0, 9, 0, 3, 3, 0, 9, 0, 0);               /* concave, four */
    add_rectangle(&g, 0, 0, 10, 10);
    RING(&g, 2, 2, 4, 2, 4, 4, 2, 2);
    RING(&g, 5, 5, 7, 5, 7, 7, 5, 5);
    add_rectangle(&g, 0, 0, 10, 10); /* an island in a lake, and a part beside it */
    RING(&g, 2, 2, 8, 2, 8, 8, 2, 8, 2, 2);
    OK(rm_geometry_add_part(&g, NULL));
    RING(&g, 3, 3, 5, 3, 5, 5, 3, 5, 3, 3);
    OK(rm_geometry_add_part(&g, NULL));
    RING(&g, 13, 3, 15, 3, 15, 5, 13, 5, 13, 3);
    sure = g.features;

    SHAPE(&g, RM_KIND_POLYGON, 0, 0, 10, 10, 10, 0, 0, 10, 0, 0);       /* bow tie */
    SHAPE(&g, RM_KIND_POLYGON, 0, 0, 10, 0, 5, 0, 5, 5, 0, 0);          /* spike */
    SHAPE(&g, RM_KIND_POLYGON, 0, 0, 10, 0, 10, 10, 5, 0, 0, 10, 0, 0); /* touches itself */
    SHAPE(&g, RM_KIND_POLYGON, 0, 0, 5, 5, 0, 0, 5, 5, 0, 0);           /* there and back */
    SHAPE(&g, RM_KIND_POLYGON, 0, 0, 1, 0, 2, 0, 0, 0);                 /* flat */
    SHAPE(&g, RM_KIND_POLYGON, 1, 1, 1, 1, 1, 1, 1, 1);                 /* one spot */
    SHAPE(&g, RM_KIND_POLYGON, 0, 0, 10, 0, 10, 10, 0, 10);             /* open */
    SHAPE(&g, RM_KIND_POLYGON, 0, 0, 10, 0, 0, 0);                      /* too short */
    SHAPE(&g, RM_KIND_POLYGON, 0, 0, NAN, 0, 10, 10, 0, 0);             /* not finite */
    SHAPE(&g, RM_KIND_POLYGON, 0, 0, INFINITY, 0, 10, 10, 0, 10, 0, 0); /* not finite */
    SHAPE(&g, RM_KIND_POLYGON, 0, 3, 4, -3, -4, 2, 4, 2, -4, -3, 0, 3); /* pentagram */
    add_rectangle(&g, 0, 0, 10, 10);                                    /* hole outside */
    RING(&g, 12, 2, 14, 2, 14, 4, 12, 2);
    add_rectangle(&g, 0, 0, 10, 10); /* hole across the shell */
    RING(&g, 8, 2, 14, 2, 14, 4, 8, 2);
    add_rectangle(&g, 0, 0, 10, 10); /* hole in a hole */
    RING(&g, 2, 2, 8, 2, 8, 8, 2, 8, 2, 2);
    RING(&g, 3, 3, 5, 3, 5, 5, 3, 3);
    add_rectangle(&g, 0, 0, 10, 10); /* part in a part */
    OK(rm_geometry_add_part(&g, NULL));
    RING(&g, 3, 3, 5, 3, 5, 5, 3, 3);
    add_rectangle(&g, 3, 3, 2, 2); /* the same the other way round */
    OK(rm_geometry_add_part(&g, NULL));
    RING(&g, 0, 0, 10, 0, 10, 10, 0, 10, 0, 0);
    add_rectangle(&g, 0, 0, 10, 10); /* parts side by side along a border */
    OK(rm_geometry_add_part(&g, NULL));
    RING(&g, 10, 2, 14, 2, 14, 4, 10, 4, 10, 2);
    OK(rm_geometry_add_feature(&g, RM_KIND_POLYGON, NULL));
    SHAPE(&g, RM_KIND_LINE, 0, 0, 1, 1);
    unsure = g.features - sure;

    for (int64_t i = 0; i < sure; i++)
        assert_true(rm_polygon_surely_valid(&g, i, NULL));
    for (int64_t i = sure; i < sure + unsure; i++)
        assert_false(rm_polygon_surely_valid(&g, i, NULL));
    rm_geometry_clear(&g);
}

/* A feature of random rings on a few whole numbers, so that every kind of touching occurs. */
static void add_random_rings(rm_geometry *g, draws *d)
{
    int parts = draw_below(d, 4) == 0 ? 2 : 1, grid = 3 + draw_below(d, 6);

    for (int part = 0; part < parts; part++) {
        int rings = draw_below(d, 3) == 0 ? 1 + draw_below(d, 3) : 1;

        if (part == 0)
            open_feature(g, RM_KIND_POLYGON);
        else
            OK(rm_geometry_add_part(g, NULL));
        for (int r = 0; r < rings; r++) {
            double xy[32];
            int corners = 3 + draw_below(d, 6);
            double scale = r > 0 ? 0.5 : 1.0;

            for (int i = 0; i < corners; i++) {
                xy[2 * i] = scale * draw_below(d, grid);
                xy[2 * i + 1] = scale * draw_below(d, grid);
            }
            xy[2 * corners] = xy[0];
            xy[2 * corners + 1] = xy[1];
            add_ring_of(g, corners + 1, xy);
        }
    }
}

static void quiet(const char *message, void *data)
{
    (void)message;
    (void)data;
}

static GEOSContextHandle_t quiet_geos(void)
{
    GEOSContextHandle_t h = GEOS_init_r();

    GEOSContext_setErrorMessageHandler_r(h, quiet, NULL);
    GEOSContext_setNoticeMessageHandler_r(h, quiet, NULL);
    return h;
}

static bool geos_says_valid(GEOSContextHandle_t h, const rm_geometry *g, int64_t feature)
{
    GEOSGeometry *shape = to_geos(h, g, feature);
    bool valid = shape != NULL && GEOSisValid_r(h, shape) == 1;

    GEOSGeom_destroy_r(h, shape);
    return valid;
}

static void test_never_passes_what_geos_rejects(void **state)
{
    GEOSContextHandle_t h = quiet_geos();
    rm_geometry g = {0};
    draws d = {17, 0};
    int sure = 0, valid = 0;

    (void)state;
    for (int i = 0; i < 60000; i++) {
        rm_geometry_reset(&g);
        add_random_rings(&g, &d);
        bool ours = rm_polygon_surely_valid(&g, 0, NULL), theirs = geos_says_valid(h, &g, 0);

        assert_true(theirs || !ours);
        sure += ours;
        valid += theirs;
    }
    assert_true(sure > 4000);
    assert_true(valid > sure && sure > 0.6 * valid); /* the others touch at a point */
    GEOS_finish_r(h);
    rm_geometry_clear(&g);
}

static void exchange(rm_geometry *g, int64_t a, int64_t b)
{
    double x = g->x[a], y = g->y[a];

    g->x[a] = g->x[b];
    g->y[a] = g->y[b];
    g->x[b] = x;
    g->y[b] = y;
}

/* Many corners, so that the sweep does it: sound stars, and stars with two corners exchanged. */
static void test_sweep_against_geos(void **state)
{
    GEOSContextHandle_t h = quiet_geos();
    rm_geometry g = {0};
    draws d = {19, 0};
    int broken = 0;

    (void)state;
    for (int i = 0; i < 600; i++) {
        int corners = 60 + draw_below(&d, 300);

        rm_geometry_reset(&g);
        add_star(&g, &d, 155000, 463000, 1000, corners, 0.0);
        assert_true(rm_polygon_surely_valid(&g, 0, NULL));
        exchange(&g, 1 + draw_below(&d, corners - 2), 1 + draw_below(&d, corners - 2));
        bool theirs = geos_says_valid(h, &g, 0);

        assert_int_equal(rm_polygon_surely_valid(&g, 0, NULL), theirs);
        broken += !theirs;
    }
    assert_true(broken > 400);
    GEOS_finish_r(h);
    rm_geometry_clear(&g);
}

/* Corners put in on straight edges change nothing, but take a small ring to the sweep. */
static void test_few_and_many_edges_agree(void **state)
{
    rm_geometry g = {0};
    draws d = {23, 0};
    int sure = 0;

    (void)state;
    for (int i = 0; i < 3000; i++) {
        double x[512], y[512];
        int count = 0;

        rm_geometry_reset(&g);
        int corners = 5 + draw_below(&d, 5);
        add_star(&g, &d, 0, 0, 8, corners, 1.0);
        if (i % 2 == 1) /* two corners exchanged */
            exchange(&g, 1 + draw_below(&d, corners - 2), 1 + draw_below(&d, corners - 2));
        for (int64_t k = 0; k + 1 < g.points; k++) {
            for (int part = 0; part < 32; part++) {
                x[count] = g.x[k] + (g.x[k + 1] - g.x[k]) * part / 32;
                y[count++] = g.y[k] + (g.y[k + 1] - g.y[k]) * part / 32;
            }
        }
        x[count] = x[0];
        y[count++] = y[0];
        open_feature(&g, RM_KIND_POLYGON);
        OK(rm_geometry_add_ring(&g, x, y, count, NULL));
        bool small = rm_polygon_surely_valid(&g, 0, NULL);
        assert_int_equal(rm_polygon_surely_valid(&g, 1, NULL), small);
        sure += small;
    }
    assert_true(sure > 1600 && sure < 2600);
    rm_geometry_clear(&g);
}

/* ---- boxes in boxes ---- */

enum { MOST_BOXES = 400 };

typedef struct boxes {
    double x[MOST_BOXES], y[MOST_BOXES], size[MOST_BOXES];
    int parent[MOST_BOXES], depth[MOST_BOXES],
        shell[MOST_BOXES]; /* shell: its own number, or whose hole */
    int count, most;
} boxes;

/* Fills a square with up to 9 boxes that touch nothing, and these again. */
static void put_boxes(boxes *b, draws *d, double x, double y, double size, int parent)
{
    double cell = size / 3;

    for (int i = 0; i < 9; i++) {
        if (b->count == b->most || cell < 4 || draw_below(d, 3) == 0)
            continue;
        int box = b->count++;
        b->x[box] = x + i % 3 * cell + cell / 16;
        b->y[box] = y + i / 3 * cell + cell / 16;
        b->size[box] =
            cell * (draw_below(d, 2) == 0 ? 0.8 : 0.7); /* so that heights differ, and do not */
        b->parent[box] = parent;
        b->depth[box] = parent < 0 ? 0 : b->depth[parent] + 1;
        b->shell[box] = b->depth[box] % 2 == 0 ? box : parent;
        put_boxes(b, d, b->x[box], b->y[box], b->size[box], box);
    }
}

/* One box goes to a shell that is not its own, or becomes a part. */
static void misplace(boxes *b, draws *d)
{
    int box = draw_below(d, b->count), shell = draw_below(d, b->count);

    for (int i = 0; i < b->count; i++)
        if (b->shell[i] == box)
            b->shell[i] = i;
    b->shell[box] = b->shell[shell] == shell ? shell : box;
}

static void add_box_ring(rm_geometry *g, draws *d, const boxes *b, int box)
{
    static const double corner[4][2] = {{0, 0}, {1, 0}, {1, 1}, {0, 1}};
    double xy[10];
    int begin = draw_below(d, 4), way = draw_below(d, 2) == 0 ? 1 : 3;

    for (int i = 0; i < 5; i++) {
        const double *at = corner[(begin + i * way) % 4];
        xy[2 * i] = b->x[box] + at[0] * b->size[box];
        xy[2 * i + 1] = b->y[box] + at[1] * b->size[box];
    }
    add_ring_of(g, 5, xy);
}

static void add_boxes(rm_geometry *g, draws *d, const boxes *b)
{
    open_feature(g, RM_KIND_POLYGON);
    for (int shell = 0, parts = 0; shell < b->count; shell++) {
        if (b->shell[shell] != shell)
            continue;
        if (parts++ > 0)
            OK(rm_geometry_add_part(g, NULL));
        add_box_ring(g, d, b, shell);
        for (int hole = 0; hole < b->count; hole++)
            if (hole != shell && b->shell[hole] == shell)
                add_box_ring(g, d, b, hole);
    }
}

/* Islands in lakes on islands, few and many, sound and with one box misplaced: as no two touch, it
 * is sure of all that are valid. */
static void test_nests_as_geos_has_them(void **state)
{
    GEOSContextHandle_t h = quiet_geos();
    rm_geometry g = {0};
    draws d = {31, 0};
    int sound = 0, all = 0;

    (void)state;
    for (int i = 0; i < 4000; i++) {
        boxes b = {.most = i % 4 == 0 ? MOST_BOXES : 2 + draw_below(&d, 30)};
        put_boxes(&b, &d, 155000, 463000, 810, -1);
        if (b.count == 0)
            continue;
        if (i % 2 == 0)
            misplace(&b, &d);
        rm_geometry_reset(&g);
        add_boxes(&g, &d, &b);
        bool theirs = geos_says_valid(h, &g, 0);
        assert_true(theirs || i % 2 == 0);
        assert_int_equal(rm_polygon_surely_valid(&g, 0, NULL), theirs);
        sound += theirs;
        all++;
    }
    assert_true(all > 3900 && all - sound > 1000);
    GEOS_finish_r(h);
    rm_geometry_clear(&g);
}

static void set_ids(rm_rows *rows)
{
    for (int64_t i = 0; i < rows->geometry.features; i++)
        OK(rm_rows_add_id(rows, i, 100 + i, NULL));
}

static void test_repair(void **state)
{
    rm_rows rows = {0};
    rm_geometry *g = &rows.geometry;

    (void)state;
    add_rectangle(g, 0, 0, 10, 10);
    SHAPE(g, RM_KIND_POLYGON, 0, 0, 10, 10, 10, 0, 0, 10, 0, 0);       /* bow tie: 50 m2 */
    SHAPE(g, RM_KIND_POLYGON, 0, 0, 10, 0, 10, 10, 5, 0, 0, 10, 0, 0); /* touches itself */
    SHAPE(g, RM_KIND_POLYGON, 0, 0, 5, 5, 0, 0, 5, 5, 0, 0);           /* nothing is left */
    SHAPE(g, RM_KIND_POLYGON, 0, 0, NAN, 0, 10, 10, 0, 0);             /* nor here */
    OK(rm_geometry_add_point(g, 1, 2, NULL));
    OK(rm_geometry_add_feature(g, RM_KIND_POLYGON, NULL));
    add_rectangle(g, 0, 0, 10, 10); /* overlapping parts */
    OK(rm_geometry_add_part(g, NULL));
    RING(g, 5, 5, 15, 5, 15, 15, 5, 15, 5, 5);
    add_rectangle(g, 0, 0, 10, 10); /* valid, but only GEOS is sure: a hole touches the shell */
    RING(g, 0, 5, 3, 3, 3, 7, 0, 5);
    SHAPE(g, RM_KIND_POLYGON, 0, 0, 10, 0, 10, 10, 10, 14, 10, 10, 0, 10, 0, 0); /* a whisker */
    set_ids(&rows);
    OK(rm_rows_make_valid(&rows, NULL, 0, NULL));

    static const struct {
        int64_t feature;
        int32_t code;
        double before, after;
        const char *text;
    } expected[] = {
        {101, RM_ISSUE_REPAIRED, 0, 50, "Self-intersection"},
        {102, RM_ISSUE_REPAIRED, 50, 50, "Ring Self-intersection"},
        {103, RM_ISSUE_NOT_REPAIRABLE, 0, 0, "Self-intersection"},
        {104, RM_ISSUE_NOT_REPAIRABLE, NAN, 0, "a coordinate is not finite"},
        {107, RM_ISSUE_REPAIRED, 200, 175, "Self-intersection"},
        {109, RM_ISSUE_REPAIRED, 100, 100, "Ring Self-intersection"},
    };
    int64_t count = sizeof expected / sizeof *expected;
    assert_int_equal(rows.issues.count, count);
    for (int64_t i = 0; i < count; i++) {
        const rm_issue *issue = &rows.issues.items[i];

        assert_int_equal(issue->feature, expected[i].feature);
        assert_int_equal(issue->code, expected[i].code);
        assert_true(isnan(expected[i].before) || fabs(issue->a - expected[i].before) < 1e-9);
        assert_true(fabs(issue->b - expected[i].after) < 1e-9);
        assert_string_equal(issue->text, expected[i].text);
    }
    assert_int_equal(g->features, 10);
    assert_int_equal(g->kind[3], RM_KIND_NONE);
    assert_int_equal(g->kind[4], RM_KIND_NONE);
    assert_int_equal(g->kind[5], RM_KIND_POINT);
    assert_int_equal(g->kind[6], RM_KIND_NONE);
    assert_true(rm_geometry_area(g, 0) == 100 && rm_geometry_area(g, 8) == 94);

    GEOSContextHandle_t h = quiet_geos();
    for (int64_t i = 0; i < g->features; i++)
        assert_true(g->kind[i] != RM_KIND_POLYGON || geos_says_valid(h, g, i));
    GEOS_finish_r(h);
    rm_issues_clear(&rows.issues);
    OK(rm_rows_make_valid(&rows, NULL, 0, NULL)); /* a second time there is nothing to do */
    assert_int_equal(rows.issues.count, 0);
    rm_rows_clear(&rows);
}

/* Whatever the rings, what comes out is valid and the rows keep their numbers. */
static void test_random_repairs_are_valid(void **state)
{
    GEOSContextHandle_t h = quiet_geos();
    rm_rows rows = {0};
    draws d = {29, 0};

    (void)state;
    for (int i = 0; i < 3000; i++)
        add_random_rings(&rows.geometry, &d);
    rm_geometry before = {0};
    for (int64_t i = 0; i < 3000; i++)
        OK(rm_geometry_add_copy(&before, &rows.geometry, i, NULL));
    set_ids(&rows);
    OK(rm_rows_make_valid(&rows, NULL, 0, NULL));
    int64_t issue = 0, repaired = 0;
    for (int64_t i = 0; i < 3000; i++) {
        bool was_valid = geos_says_valid(h, &before, i);
        bool noted = issue < rows.issues.count && rows.issues.items[issue].feature == 100 + i;

        assert_int_equal(was_valid, !noted);
        issue += noted;
        if (noted && rows.geometry.kind[i] == RM_KIND_NONE)
            continue;
        assert_true(geos_says_valid(h, &rows.geometry, i));
        repaired += noted;
        if (was_valid)
            assert_true(rm_geometry_area(&before, i) == rm_geometry_area(&rows.geometry, i));
    }
    assert_int_equal(issue, rows.issues.count);
    assert_true(repaired > 500);
    rm_geometry_clear(&before);
    rm_rows_clear(&rows);
    GEOS_finish_r(h);
}

static void test_real_rings(void **state)
{
    const char *shared = getenv("RISKMAP_SHARED");
    char path[1024], line[65536];
    FILE *file = NULL;

    (void)state;
    if (shared != NULL) {
        snprintf(path, sizeof path, "%s/data/bag/invalid-geoms/bag_invalid_panden.csv", shared);
        file = fopen(path, "r");
    }
    if (file == NULL) {
        printf("skipped: no real invalid rings beside the checkout\n");
        skip();
    }
    GEOSContextHandle_t h = quiet_geos();
    rm_rows rows = {0};
    while (fgets(line, sizeof line, file) != NULL) {
        const char *wkt = strstr(line, "POLYGON");
        size_t size = 0;
        rm_issue_code verdict;
        bool curve;

        if (wkt == NULL)
            continue;
        GEOSGeometry *shape = GEOSGeomFromWKT_r(h, wkt);
        unsigned char *wkb = GEOSGeomToWKB_buf_r(h, shape, &size);
        OK(rm_geometry_add_wkb(&rows.geometry, wkb, (int64_t)size, &verdict, &curve, NULL));
        GEOSFree_r(h, wkb);
        GEOSGeom_destroy_r(h, shape);
    }
    fclose(file);
    set_ids(&rows);
    assert_true(rows.geometry.features >= 2);
    OK(rm_rows_make_valid(&rows, NULL, 0, NULL));
    assert_int_equal(rows.issues.count, rows.geometry.features);
    for (int64_t i = 0; i < rows.issues.count; i++) {
        assert_int_equal(rows.issues.items[i].code, RM_ISSUE_REPAIRED);
        assert_true(rows.issues.items[i].b > 50);
        assert_true(geos_says_valid(h, &rows.geometry, i));
    }
    GEOS_finish_r(h);
    rm_rows_clear(&rows);
}

static int stop(double fraction, const char *message, void *user)
{
    (void)fraction, (void)message, (void)user;
    return 1;
}

/* One polygon of many parts, and many polygons that GEOS must look at. */
static void test_stopping(void **state)
{
    rm_rows rows = {0};
    rm_progress progress;
    rm_error err = {0};

    (void)state;
    OK(rm_geometry_add_feature(&rows.geometry, RM_KIND_POLYGON, NULL));
    for (int i = 0; i < 2000; i++) {
        double x = 20.0 * (i % 50), y = 20.0 * (i / 50);
        OK(rm_geometry_add_part(&rows.geometry, NULL));
        RING(&rows.geometry, x, y, x + 10, y, x + 10, y + 10, x, y + 10, x, y);
    }
    set_ids(&rows);
    rm_progress_start(&progress, stop, NULL);
    assert_int_equal(rm_rows_make_valid(&rows, &progress, 0, &err), RM_ECANCELLED);
    assert_non_null(strstr(err.message, "cancelled"));
    /* a worker beside the calling thread stops as well */
    assert_int_equal(rm_rows_make_valid(&rows, &progress, 1, &err), RM_ECANCELLED);
    OK(rm_rows_make_valid(&rows, NULL, 0, NULL));
    assert_int_equal(rows.issues.count, 0);
    rm_rows_clear(&rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_by_hand),
        cmocka_unit_test(test_never_passes_what_geos_rejects),
        cmocka_unit_test(test_sweep_against_geos),
        cmocka_unit_test(test_few_and_many_edges_agree),
        cmocka_unit_test(test_nests_as_geos_has_them),
        cmocka_unit_test(test_repair),
        cmocka_unit_test(test_random_repairs_are_valid),
        cmocka_unit_test(test_real_rings),
        cmocka_unit_test(test_stopping),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
