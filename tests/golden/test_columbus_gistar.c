/* Getis-Ord Gi, Gi*, general G, bins and false discovery on Columbus crime against spdep, and the
 * six points of esda (golden/columbus-gistar). Its committed twins are
 * tests/unit/test_stats_getis.c and test_stats_hotspot.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "columbus.h"

#define TOLERANCE 1e-9 /* as its README states */

typedef struct columbus {
    links queen, knn4, band;
    csv_table expected, global;
    double crime[AREAS];
} columbus;

static columbus c;

static int read_all(void)
{
    if (!csv_read(&c.expected, "columbus-gistar/expected.csv"))
        return 0;
    assert_true(csv_read(&c.global, "columbus-gistar/expected_global.csv"));
    assert_true(read_links(&c.queen, "columbus-gistar/queen_pairs.csv", AREAS));
    assert_true(read_links(&c.knn4, "columbus-gistar/knn4_pairs.csv", AREAS));
    assert_true(read_links(&c.band, "columbus-gistar/band_pairs.csv", AREAS));
    read_column(c.crime, &c.expected, "x");
    return 1;
}

static void free_all(void)
{
    csv_free(&c.expected);
    csv_free(&c.global);
}

typedef struct local {
    double statistic[AREAS], expected[AREAS], variance[AREAS], z[AREAS], p[AREAS];
} local;

static void local_g(local *a, const links *l, int star, int style)
{
    rm_autocorrelation_options options = RM_AUTOCORRELATION_OPTIONS_INIT;
    rm_local_out out = RM_LOCAL_OUT_INIT;
    options.style = style;
    out.statistic = a->statistic;
    out.expected = a->expected;
    out.variance = a->variance;
    out.z = a->z;
    out.p = a->p;
    assert_int_equal(rm_local_g(&out, &l->weights, c.crime, AREAS, star, &options, NULL), RM_OK);
}

static void check_column(const double *got, const char *what, const char *weights, int star,
                         int style, double relative, double absolute)
{
    char name[64];
    const char *z = strcmp(what, "z") == 0 ? "_z" : "";
    snprintf(name, sizeof name, "%sGi%s%s_%s_%s", *z ? "" : what, star ? "Star" : "", z, weights,
             style == RM_STYLE_ROW ? "W" : "B");
    assert_column(got, &c.expected, name, relative, absolute);
}

static int check_local(const links *l, const char *weights)
{
    int columns = 0;
    for (int star = 0; star <= 1; star++) {
        for (int style = RM_STYLE_ROW; style <= RM_STYLE_GIVEN; style++) {
            local a;
            local_g(&a, l, star, style);
            check_column(a.z, "z", weights, star, style, 0.0, TOLERANCE);
            check_column(a.statistic, "", weights, star, style, TOLERANCE, 0.0);
            check_column(a.expected, "E", weights, star, style, TOLERANCE, 0.0);
            check_column(a.variance, "V", weights, star, style, TOLERANCE, 0.0);
            columns += 4;
        }
    }
    return columns;
}

static void test_local(void **state)
{
    (void)state;
    if (!read_all())
        skip();
    int columns = check_local(&c.queen, "queen") + check_local(&c.knn4, "knn4") +
                  check_local(&c.band, "band");
    /* with id, x and the four columns of the next test that is every column */
    assert_int_equal(columns + 6, c.expected.columns);
    free_all();
}

static void assert_bins(const int8_t *bins, const char *name)
{
    double expected[AREAS];
    read_column(expected, &c.expected, name);
    for (int i = 0; i < AREAS; i++)
        assert_int_equal(bins[i], (int)expected[i]);
}

static void test_bins(void **state)
{
    local a;
    double adjusted[AREAS];
    int8_t bins[AREAS];
    (void)state;
    if (!read_all())
        skip();
    local_g(&a, &c.queen, 1, RM_STYLE_GIVEN);
    assert_column(a.p, &c.expected, "p2_GiStar_queen_B", 0.0, TOLERANCE);
    assert_int_equal(rm_false_discovery(adjusted, a.p, AREAS, NULL), RM_OK);
    assert_column(adjusted, &c.expected, "bh_GiStar_queen_B", 0.0, TOLERANCE);
    assert_int_equal(rm_hotspot_bins(bins, a.z, a.p, AREAS, NULL), RM_OK);
    assert_bins(bins, "bin_raw_GiStar_queen_B");
    assert_int_equal(rm_hotspot_bins(bins, a.z, adjusted, AREAS, NULL), RM_OK);
    assert_bins(bins, "bin_bh_GiStar_queen_B");
    free_all();
}

static void test_general(void **state)
{
    rm_autocorrelation_options options = RM_AUTOCORRELATION_OPTIONS_INIT;
    rm_global g;
    (void)state;
    if (!read_all())
        skip();
    options.style = RM_STYLE_GIVEN;
    assert_int_equal(rm_general_g(&g, &c.queen.weights, c.crime, AREAS, &options, NULL), RM_OK);
    const struct {
        const char *name;
        double got;
    } all[] = {{"G", g.statistic}, {"EG", g.expected}, {"VG", g.variance}, {"z", g.z}, {"p2", g.p}};
    assert_int_equal(c.global.rows, 1);
    assert_int_equal(sizeof all / sizeof *all + 3, c.global.columns); /* and the distance */
    for (int k = 0; k < 5; k++) {
        double expected = of_whole(&c.global, "queen", "B", all[k].name);
        if (!(fabs(all[k].got - expected) <= TOLERANCE * fabs(expected)))
            fail_msg("%s: %.17g is not %.17g", all[k].name, all[k].got, expected);
    }
    free_all();
}

/* The pairs of the band are those within the distance that the case states. */
static void test_band(void **state)
{
    csv_table centroids;
    double x[AREAS], y[AREAS];
    (void)state;
    if (!read_all())
        skip();
    assert_true(csv_read(&centroids, "columbus-gistar/centroids.csv"));
    read_column(x, &centroids, "cx");
    read_column(y, &centroids, "cy");
    double most = csv_number(&c.global, 0, csv_column(&c.global, "band_distance"));
    int64_t link = 0;
    for (int i = 0; i < AREAS; i++) {
        for (int j = 0; j < AREAS; j++) {
            bool near = i != j && hypot(x[i] - x[j], y[i] - y[j]) <= most * (1.0 + 1e-12);
            bool linked = link < c.band.start[i + 1] && c.band.to[link] == j;
            assert_int_equal(near, linked);
            link += linked;
        }
    }
    csv_free(&centroids);
    free_all();
}

static void test_six_points(void **state)
{
    enum { POINTS = 6 };
    csv_table table;
    links l = {.weights = {.count = POINTS}};
    double value[POINTS], z[POINTS];
    int32_t link = 0;
    (void)state;
    if (!csv_read(&table, "columbus-gistar/micro_6points.csv"))
        skip();
    assert_int_equal(table.rows, POINTS);
    for (int i = 0; i < POINTS; i++) {
        value[i] = csv_number(&table, i, 3);
        l.start[i] = link;
        for (int j = 0; j < POINTS; j++) {
            double dx = csv_number(&table, i, 1) - csv_number(&table, j, 1);
            double dy = csv_number(&table, i, 2) - csv_number(&table, j, 2);
            if (i != j && hypot(dx, dy) <= 15.0)
                l.to[link++] = j;
        }
    }
    l.start[POINTS] = link;
    l.weights = (rm_weights){.count = POINTS, .start = l.start, .to = l.to};
    for (int star = 0; star <= 1; star++) {
        rm_local_out out = RM_LOCAL_OUT_INIT;
        out.z = z;
        assert_int_equal(rm_local_g(&out, &l.weights, value, POINTS, star, NULL, NULL), RM_OK);
        for (int i = 0; i < POINTS; i++) /* printed with 8 digits behind the point */
            assert_true(fabs(z[i] - csv_number(&table, i, 4 + star)) <= 1e-8);
    }
    csv_free(&table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_local),      cmocka_unit_test(test_bins),
        cmocka_unit_test(test_general),    cmocka_unit_test(test_band),
        cmocka_unit_test(test_six_points),
    };
    return cmocka_run_group_tests_name("golden_columbus_gistar", tests, NULL, NULL);
}
