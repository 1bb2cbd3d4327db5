#include "geo_oracle.h"

#include "geo/contiguity.h"
#include "geo/shared_border.h"

#include <string.h>

#define MM 0.001

static bool is_symmetric(const rm_weights *weights)
{
    bool symmetric;
    assert_int_equal(rm_weights_symmetric(&symmetric, weights, NULL, NULL), RM_OK);
    return symmetric;
}

static rm_weights contiguity(const rm_geometry *g, int32_t kind, double tolerance, int threads)
{
    rm_weights made = {0};
    rm_error why = {0};

    if (rm_contiguity(&made, g, kind, tolerance, threads, NULL, &why) != RM_OK)
        fail_msg("%s", why.message);
    return made;
}

static bool are_linked(const rm_weights *w, int32_t a, int32_t b)
{
    for (int64_t l = w->start[a]; l < w->start[a + 1]; l++)
        if (w->to[l] == b)
            return true;
    return false;
}

/* Whether the first two areas are neighbours. */
static bool meet(const rm_geometry *g, int32_t kind, double tolerance)
{
    rm_weights w = contiguity(g, kind, tolerance, 1);
    bool linked = are_linked(&w, 0, 1);

    assert_int_equal(w.count, g->features);
    assert_int_equal(w.start[w.count], w.start[1] * 2); /* of two areas: no one else */
    assert_int_equal(linked, are_linked(&w, 1, 0));
    rm_weights_clear(&w);
    return linked;
}

static void expect(rm_geometry *g, double tolerance, bool queen, bool rook)
{
    assert_int_equal(meet(g, RM_CONTIGUITY_QUEEN, tolerance), queen);
    assert_int_equal(meet(g, RM_CONTIGUITY_ROOK, tolerance), rook);
}

static void pair_of_boxes(rm_geometry *g, double x0, double y0, double x1, double y1)
{
    rm_geometry_reset(g);
    add_box(g, 200000, 400000, 200010, 400010);
    add_box(g, 200000 + x0, 400000 + y0, 200000 + x1, 400000 + y1);
}

static void edges_and_corners(void **state)
{
    rm_geometry g = {0};

    (void)state;
    pair_of_boxes(&g, 10, 0, 20, 10); /* a whole edge, vertices in common */
    expect(&g, 0, true, true);
    expect(&g, MM, true, true);
    pair_of_boxes(&g, 10, 10, 20, 20); /* a corner */
    expect(&g, 0, true, false);
    expect(&g, MM, true, false);
    expect(&g, 1, true, false);
    pair_of_boxes(&g, 10, 4, 20, 6); /* both corners in the middle of an edge */
    expect(&g, 0, true, true);
    expect(&g, MM, true, true);
    pair_of_boxes(&g, 10, 4, 20, 24); /* one corner each */
    expect(&g, 0, true, true);
    pair_of_boxes(&g, 11, 0, 20, 10); /* 1 m apart */
    expect(&g, MM, false, false);
    expect(&g, 0.99, false, false);
    expect(&g, 1.01, true, true);
    rm_geometry_clear(&g);
}

static void t_junction_at_a_point(void **state)
{
    rm_geometry g = {0};

    (void)state;
    add_box(&g, 0, 0, 10, 10);
    begin_polygon(&g); /* a triangle whose top lies in the middle of an edge */
    begin_part(&g);
    add_ring(&g, (double[]){10, 14, 14, 10}, (double[]){5, 3, 7, 5}, 4);
    expect(&g, 0, true, false);
    expect(&g, MM, true, false);
    rm_geometry_clear(&g);
}

/* Two edges that leave a common corner at an angle of half a degree are no border. */
static void sharp_corner(void **state)
{
    rm_geometry g = {0};

    (void)state;
    begin_polygon(&g);
    begin_part(&g);
    add_ring(&g, (double[]){0, 100, 100, 0}, (double[]){0, 0, -50, 0}, 4);
    begin_polygon(&g);
    begin_part(&g);
    add_ring(&g, (double[]){0, 100, 100, 0}, (double[]){0, 0.8, 50, 0}, 4);
    expect(&g, 0, true, false);
    expect(&g, MM, true, false);
    expect(&g, 0.5, true, false);
    expect(&g, 0.9, true, true);
    rm_geometry_clear(&g);
}

static void slivers(void **state)
{
    rm_geometry g = {0};

    (void)state;
    pair_of_boxes(&g, 10.0005, 0, 20, 10); /* a gap of 0.5 mm */
    expect(&g, 0, false, false);
    expect(&g, MM, true, true);
    pair_of_boxes(&g, 10.005, 0, 20, 10); /* of 5 mm */
    expect(&g, MM, false, false);
    expect(&g, 0.01, true, true);
    pair_of_boxes(&g, 9.9995, 0, 20, 10); /* overlaps of the same */
    expect(&g, MM, true, true);
    pair_of_boxes(&g, 9.995, 2, 20, 8);
    expect(&g, MM, true, false); /* areas that overlap meet, along no common border */
    expect(&g, 0.01, true, true);
    pair_of_boxes(&g, 10.0005, 3, 20, 7); /* a gap and T-junctions */
    expect(&g, MM, true, true);
    pair_of_boxes(&g, 10.0005, 10.0005, 20, 20); /* corner to corner, and one in the other */
    expect(&g, MM, true, false);
    pair_of_boxes(&g, 9.9995, 9.9995, 20, 20);
    expect(&g, MM, true, false);
    rm_geometry_clear(&g);
}

static void stretches_of_border(void **state)
{
    rm_geometry g = {0};

    (void)state;
    pair_of_boxes(&g, 10, 9.98, 20, 20); /* along 2 cm */
    expect(&g, MM, true, true);
    expect(&g, 0.015, true, true);
    expect(&g, 0.05, true, false);
    assert_true(rm_segments_stretch((rm_segment){0, 0, 10, 0}, (rm_segment){4, 0, 20, 0}, 0) == 6);
    assert_true(rm_segments_stretch((rm_segment){0, 0, 10, 0}, (rm_segment){20, 1, 4, 1}, 1) == 6);
    assert_true(rm_segments_stretch((rm_segment){0, 0, 10, 0}, (rm_segment){20, 1, 4, 1}, .9) == 0);
    assert_true(rm_segments_stretch((rm_segment){0, 0, 10, 0}, (rm_segment){10, 0, 20, 0}, 1) == 0);
    assert_true(rm_segments_stretch((rm_segment){0, 0, 10, 0}, (rm_segment){5, -5, 5, 5}, 1) == 0);
    rm_geometry_clear(&g);
}

/* Along a border of edges shorter than the tolerance, and round a corner of such edges. */
static void edges_shorter_than_the_tolerance(void **state)
{
    rm_geometry g = {0};
    double x[203], y[203];

    (void)state;
    add_box(&g, 0, 0, 10, 10);
    for (int i = 0; i <= 200; i++) {
        x[i] = 10.2;
        y[i] = 0.05 * i;
    }
    x[201] = 20;
    y[201] = 0;
    x[202] = x[0];
    y[202] = y[0];
    begin_polygon(&g);
    begin_part(&g);
    add_ring(&g, x, y, 203);
    expect(&g, 0.3, true, true);
    expect(&g, 0.1, false, false);
    rm_geometry_reset(&g);
    add_box(&g, 0, 0, 10, 10);
    for (int i = 0; i <= 100; i++) { /* a right angle whose corner is at (10, 10) */
        x[i] = 15 - 0.05 * i;
        y[i] = 10;
        x[200 - i] = 10;
        y[200 - i] = 15 - 0.05 * i;
    }
    x[201] = x[0];
    y[201] = y[0];
    begin_polygon(&g);
    begin_part(&g);
    add_ring(&g, x, y, 202);
    expect(&g, 0.3, true, false);
    rm_geometry_clear(&g);
}

static void one_inside_another(void **state)
{
    rm_geometry g = {0};

    (void)state;
    pair_of_boxes(&g, 2, 2, 8, 8);
    expect(&g, 0, true, false);
    expect(&g, MM, true, false);
    pair_of_boxes(&g, -5, -5, 15, 15);
    expect(&g, MM, true, false);
    rm_geometry_reset(&g); /* in a hole, with a gap and filling it */
    begin_polygon(&g);
    begin_part(&g);
    add_box_ring(&g, 0, 0, 10, 10);
    add_box_ring(&g, 2, 2, 8, 8);
    add_box(&g, 3, 3, 7, 7);
    expect(&g, MM, false, false);
    expect(&g, 1.5, true, true);
    rm_geometry_reset(&g);
    begin_polygon(&g);
    begin_part(&g);
    add_box_ring(&g, 0, 0, 10, 10);
    add_box_ring(&g, 2, 2, 8, 8);
    add_box(&g, 2, 2, 8, 8);
    expect(&g, 0, true, true);
    rm_geometry_clear(&g);
}

static void parts_and_equal_areas(void **state)
{
    rm_geometry g = {0};

    (void)state;
    begin_polygon(&g); /* the second part lies against the other area */
    begin_part(&g);
    add_box_ring(&g, 500, 500, 510, 510);
    begin_part(&g);
    add_box_ring(&g, 10, 0, 20, 10);
    add_box(&g, 0, 0, 10, 10);
    expect(&g, MM, true, true);
    rm_geometry_reset(&g);
    begin_polygon(&g); /* the second part lies in the other area */
    begin_part(&g);
    add_box_ring(&g, 500, 500, 510, 510);
    begin_part(&g);
    add_box_ring(&g, 4, 4, 6, 6);
    add_box(&g, 0, 0, 10, 10);
    expect(&g, MM, true, false);
    pair_of_boxes(&g, 0, 0, 10, 10);
    expect(&g, 0, true, true);
    expect(&g, MM, true, true);
    rm_geometry_clear(&g);
}

static void without_geometry(void **state)
{
    rm_geometry g = {0};
    int32_t islands[5];

    (void)state;
    rm_weights w = contiguity(&g, RM_CONTIGUITY_QUEEN, MM, 2);
    assert_int_equal(w.count, 0);
    assert_int_equal(w.start[0], 0);
    rm_weights_clear(&w);
    assert_int_equal(rm_geometry_add_feature(&g, RM_KIND_NONE, NULL), RM_OK);
    add_box(&g, 0, 0, 10, 10);
    assert_int_equal(rm_geometry_add_feature(&g, RM_KIND_NONE, NULL), RM_OK);
    add_box(&g, 10, 0, 20, 10);
    add_box(&g, 100, 0, 120, 10);
    for (int32_t kind = RM_CONTIGUITY_QUEEN; kind <= RM_CONTIGUITY_ROOK; kind++) {
        w = contiguity(&g, kind, MM, 2);
        assert_int_equal(w.start[5], 2);
        assert_true(are_linked(&w, 1, 3) && are_linked(&w, 3, 1));
        assert_int_equal(rm_weights_list_islands(&w, islands), 3);
        assert_true(islands[0] == 0 && islands[1] == 2 && islands[2] == 4);
        rm_weights_clear(&w);
    }
    rm_geometry_clear(&g);
}

/* Every pair of segments of every pair of areas. */
static bool plain_rook(const rm_geometry *g, int64_t a, int64_t b, double tolerance)
{
    double sum = 0.0;
    int32_t i = g->ring_point[g->part_ring[g->feature_part[a]]];
    int32_t i_end = g->ring_point[g->part_ring[g->feature_part[a + 1]]] - 1;
    int32_t k_begin = g->ring_point[g->part_ring[g->feature_part[b]]];
    int32_t k_end = g->ring_point[g->part_ring[g->feature_part[b + 1]]] - 1;

    for (; i < i_end; i++) {
        double most = 0.0;
        for (int32_t k = k_begin; k < k_end; k++) {
            double length = rm_segments_stretch(
                (rm_segment){g->x[i], g->y[i], g->x[i + 1], g->y[i + 1]},
                (rm_segment){g->x[k], g->y[k], g->x[k + 1], g->y[k + 1]}, tolerance);
            if (length > tolerance)
                return true;
            most = fmax(most, length);
        }
        sum += most;
    }
    return sum > 8 * tolerance;
}

static void check_against_all_pairs(const rm_geometry *g, double tolerance, bool simple)
{
    GEOSContextHandle_t geos = GEOS_init_r();
    GEOSGeometry **all = geos_all(geos, g);
    rm_weights queen = contiguity(g, RM_CONTIGUITY_QUEEN, tolerance, 2);
    rm_weights rook = contiguity(g, RM_CONTIGUITY_ROOK, tolerance, 2);

    for (int32_t a = 0; a < g->features; a++) {
        for (int32_t b = 0; b < g->features; b++) {
            double d;

            if (a == b)
                continue;
            assert_int_equal(GEOSDistance_r(geos, all[a], all[b], &d), 1);
            if (are_linked(&queen, a, b) != (d <= tolerance))
                fail_msg("queen: areas %d and %d, %.12g apart", a, b, d);
            if (simple && are_linked(&rook, a, b) !=
                              (plain_rook(g, a, b, tolerance) || plain_rook(g, b, a, tolerance)))
                fail_msg("rook: areas %d and %d", a, b);
        }
    }
    assert_true(is_symmetric(&queen));
    rm_weights_clear(&queen);
    rm_weights_clear(&rook);
    geos_free_all(geos, all, g->features);
    GEOS_finish_r(geos);
}

static void at_random_against_geos(void **state)
{
    (void)state;
    for (uint64_t round = 0; round < 16; round++) {
        dice d = {round, 0};
        rm_geometry g = {0};

        for (int i = 0; i < 120; i++)
            add_any_polygon(&g, &d, roll(&d, 200000, 201000), roll(&d, 400000, 401000),
                            round & 1 ? 40 : 200);
        check_against_all_pairs(&g, 3.0 * (double)(round / 4), false);
        rm_geometry_clear(&g);
    }
}

/* For a map of square cells: corners that are moved, the same for all their cells
 * up to a crack of their own, and vertices put into some edges. */
typedef struct map {
    dice dice;
    double crack;
} map;

static double shift_of(int column, int row, uint64_t axis)
{
    return 30 * (rm_random_unit(77, axis, (uint64_t)(row * 1000 + column)) - 0.5);
}

static void add_corner(map *m, double *x, double *y, int *count, double column, double row)
{
    int c = (int)column, r = (int)row;
    double fc = column - c, fr = row - r;
    double sx =
        shift_of(c, r, 1) * (1 - fc - fr) + shift_of(c + 1, r, 1) * fc + shift_of(c, r + 1, 1) * fr;
    double sy =
        shift_of(c, r, 2) * (1 - fc - fr) + shift_of(c + 1, r, 2) * fc + shift_of(c, r + 1, 2) * fr;

    x[*count] = 200000 + 100 * column + sx + roll(&m->dice, -1, 1) * m->crack;
    y[(*count)++] = 400000 + 100 * row + sy + roll(&m->dice, -1, 1) * m->crack;
}

static void add_cell(map *m, rm_geometry *g, int column, int row)
{
    static const double dx[4] = {0, 1, 1, 0}, dy[4] = {0, 0, 1, 1};
    double x[32], y[32];
    int count = 0;

    for (int corner = 0; corner < 4; corner++) {
        int next = (corner + 1) % 4, between = roll_below(&m->dice, 4);
        add_corner(m, x, y, &count, column + dx[corner], row + dy[corner]);
        for (int i = 1; i <= between; i++) {
            double t = (double)i / (between + 1);
            add_corner(m, x, y, &count, column + dx[corner] + t * (dx[next] - dx[corner]),
                       row + dy[corner] + t * (dy[next] - dy[corner]));
        }
    }
    x[count] = x[0];
    y[count] = y[0];
    begin_polygon(g);
    begin_part(g);
    add_ring(g, x, y, count + 1);
}

static void make_map(rm_geometry *g, uint64_t seed, int side, double crack)
{
    map m = {{seed, 0}, crack};

    for (int row = 0; row < side; row++)
        for (int column = 0; column < side; column++)
            add_cell(&m, g, column, row);
}

/* Cracks, overlaps and T-junctions everywhere: the neighbours of a chess board all the same. */
static void cracked_maps(void **state)
{
    enum { SIDE = 12 };

    (void)state;
    for (uint64_t round = 0; round < 6; round++) {
        rm_geometry g = {0};
        make_map(&g, round, SIDE, 0.0003);
        rm_weights queen = contiguity(&g, RM_CONTIGUITY_QUEEN, MM, 2);
        rm_weights rook = contiguity(&g, RM_CONTIGUITY_ROOK, MM, 2);
        for (int a = 0; a < SIDE * SIDE; a++) {
            for (int b = 0; b < SIDE * SIDE; b++) {
                int columns = abs(a % SIDE - b % SIDE), rows = abs(a / SIDE - b / SIDE);
                assert_int_equal(are_linked(&queen, a, b), a != b && columns <= 1 && rows <= 1);
                assert_int_equal(are_linked(&rook, a, b), columns + rows == 1);
            }
        }
        assert_true(is_symmetric(&rook));
        rm_weights_clear(&queen);
        rm_weights_clear(&rook);
        check_against_all_pairs(&g, MM, true);
        check_against_all_pairs(&g, 0.0002, true);
        rm_geometry_clear(&g);
    }
}

static void assert_same(const rm_weights *one, const rm_weights *other)
{
    assert_int_equal(one->count, other->count);
    assert_memory_equal(one->start, other->start, (size_t)(one->count + 1) * sizeof *one->start);
    assert_memory_equal(one->to, other->to, (size_t)one->start[one->count] * sizeof *one->to);
    assert_null(one->weight);
    assert_null(other->weight);
}

static void threads_change_nothing(void **state)
{
    rm_geometry g = {0};

    (void)state;
    make_map(&g, 9, 70, 0.0006);
    for (int32_t kind = RM_CONTIGUITY_QUEEN; kind <= RM_CONTIGUITY_ROOK; kind++) {
        rm_weights one = contiguity(&g, kind, MM, 1);
        for (int64_t i = 0; i < one.count; i++)
            for (int64_t l = one.start[i]; l < one.start[i + 1]; l++) {
                assert_true(one.to[l] != i);
                assert_true(l == one.start[i] || one.to[l] > one.to[l - 1]);
            }
        for (int threads = 2; threads <= 4; threads++) {
            rm_weights other = contiguity(&g, kind, MM, threads);
            assert_same(&one, &other);
            rm_weights_clear(&other);
        }
        rm_weights_clear(&one);
    }
    rm_geometry_clear(&g);
}

/* A tolerance near to which many distances lie, so that what is decided hangs on every bit. */
static void order_changes_nothing(void **state)
{
    rm_geometry g = {0}, turned = {0};

    (void)state;
    make_map(&g, 10, 30, 0.001);
    for (int64_t f = g.features - 1; f >= 0; f--)
        assert_int_equal(rm_geometry_add_copy(&turned, &g, f, NULL), RM_OK);
    for (int32_t kind = RM_CONTIGUITY_QUEEN; kind <= RM_CONTIGUITY_ROOK; kind++) {
        rm_weights one = contiguity(&g, kind, MM, 2), other = contiguity(&turned, kind, MM, 2);
        int64_t last = one.count - 1;
        assert_int_equal(one.start[one.count], other.start[one.count]);
        for (int64_t i = 0; i < one.count; i++)
            for (int64_t l = one.start[i]; l < one.start[i + 1]; l++)
                assert_true(are_linked(&other, (int32_t)(last - i), (int32_t)(last - one.to[l])));
        rm_weights_clear(&one);
        rm_weights_clear(&other);
    }
    rm_geometry_clear(&g);
    rm_geometry_clear(&turned);
}

/* On whole 2^-20ths a shift by a power of two and a turn by 90 degrees lose nothing. */
static void moved_and_turned(void **state)
{
    rm_geometry g = {0};

    (void)state;
    make_map(&g, 11, 30, 0.0004);
    for (int64_t i = 0; i < g.points; i++) {
        g.x[i] = round(g.x[i] * 1048576.0) / 1048576.0;
        g.y[i] = round(g.y[i] * 1048576.0) / 1048576.0;
    }
    rm_weights queen = contiguity(&g, RM_CONTIGUITY_QUEEN, MM, 2);
    rm_weights rook = contiguity(&g, RM_CONTIGUITY_ROOK, MM, 2);
    for (int64_t i = 0; i < g.points; i++) {
        double x = g.x[i] + 131072.0;
        g.x[i] = -(g.y[i] + 131072.0);
        g.y[i] = x;
    }
    rm_weights queen_turned = contiguity(&g, RM_CONTIGUITY_QUEEN, MM, 2);
    rm_weights rook_turned = contiguity(&g, RM_CONTIGUITY_ROOK, MM, 2);
    assert_same(&queen, &queen_turned);
    assert_same(&rook, &rook_turned);
    rm_weights_clear(&queen);
    rm_weights_clear(&rook);
    rm_weights_clear(&queen_turned);
    rm_weights_clear(&rook_turned);
    rm_geometry_clear(&g);
}

static int stop_at_once(double fraction, const char *message, void *user)
{
    (void)fraction;
    (void)message;
    (void)user;
    return 1;
}

static int stop_later(double fraction, const char *message, void *user)
{
    int *left = user;
    (void)fraction;
    (void)message;
    return --*left < 0;
}

static void refused(void **state)
{
    static const double wrong[] = {-1, NAN, INFINITY};
    rm_geometry g = {0};
    rm_weights w = {0};
    rm_error why;
    rm_progress progress;
    int left = 2;

    (void)state;
    add_box(&g, 0, 0, 10, 10);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(rm_contiguity(&w, &g, 0, wrong[i], 1, NULL, &why), RM_EINVAL);
        assert_non_null(strstr(why.message, "tolerance is"));
    }
    assert_int_equal(rm_contiguity(&w, &g, 2, MM, 1, NULL, &why), RM_EINVAL);
    assert_string_equal(why.message, "kind of contiguity is 2; 0 (queen) or 1 (rook)");
    rm_progress_start(&progress, stop_at_once, NULL);
    assert_int_equal(rm_contiguity(&w, &g, 0, MM, 1, &progress, &why), RM_ECANCELLED);
    rm_progress_start(&progress, stop_later, &left); /* in the middle */
    assert_int_equal(rm_contiguity(&w, &g, 0, MM, 1, &progress, &why), RM_ECANCELLED);
    assert_int_equal(rm_geometry_add_point(&g, 1, 1, NULL), RM_OK);
    assert_int_equal(rm_contiguity(&w, &g, 0, MM, 1, NULL, &why), RM_EDATA);
    assert_int_equal(why.row, 1);
    assert_non_null(strstr(why.message, "feature 1 is a point"));
    assert_true(w.count == 0 && !w.start && !w.to);
    rm_geometry_clear(&g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(edges_and_corners),
        cmocka_unit_test(t_junction_at_a_point),
        cmocka_unit_test(sharp_corner),
        cmocka_unit_test(slivers),
        cmocka_unit_test(stretches_of_border),
        cmocka_unit_test(edges_shorter_than_the_tolerance),
        cmocka_unit_test(one_inside_another),
        cmocka_unit_test(parts_and_equal_areas),
        cmocka_unit_test(without_geometry),
        cmocka_unit_test(at_random_against_geos),
        cmocka_unit_test(cracked_maps),
        cmocka_unit_test(threads_change_nothing),
        cmocka_unit_test(order_changes_nothing),
        cmocka_unit_test(moved_and_turned),
        cmocka_unit_test(refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
