/* Moran and Geary on Columbus crime against spdep and exact enumeration (golden/columbus-moran).
 * Its committed twins are tests/unit/test_stats_moran.c and test_stats_permute.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "columbus.h"

#define TOLERANCE 1e-10 /* relative, as its README states */

typedef struct columbus {
    links queen, knn4;
    csv_table expected, global, permuted;
    double crime[AREAS];
} columbus;

static columbus c;

static int read_all(void)
{
    if (!csv_read(&c.expected, "columbus-moran/expected.csv"))
        return 0;
    assert_true(csv_read(&c.global, "columbus-moran/expected_global.csv"));
    assert_true(csv_read(&c.permuted, "columbus-moran/expected_perm.csv"));
    assert_true(read_links(&c.queen, "columbus-moran/queen_pairs.csv", AREAS));
    assert_true(read_links(&c.knn4, "columbus-moran/knn4_pairs.csv", AREAS));
    read_column(c.crime, &c.expected, "x");
    return 1;
}

static void free_all(void)
{
    csv_free(&c.expected);
    csv_free(&c.global);
    csv_free(&c.permuted);
}

static void assert_near(double got, double expected)
{
    if (!(fabs(got - expected) <= TOLERANCE * fabs(expected)))
        fail_msg("%.17g is not %.17g", got, expected);
}

static void check_global(const links *l, const char *weights, const char *style)
{
    rm_autocorrelation_options options = RM_AUTOCORRELATION_OPTIONS_INIT;
    rm_global moran, normal, geary;
    options.style = style[0] == 'W' ? RM_STYLE_ROW : RM_STYLE_GIVEN;
    assert_int_equal(rm_moran(&moran, &l->weights, c.crime, AREAS, &options, NULL), RM_OK);
    assert_int_equal(rm_geary(&geary, &l->weights, c.crime, AREAS, &options, NULL), RM_OK);
    options.assumption = RM_NORMALITY;
    assert_int_equal(rm_moran(&normal, &l->weights, c.crime, AREAS, &options, NULL), RM_OK);
    const struct {
        const char *name;
        double got;
    } all[] = {
        {"n", (double)moran.items},
        {"S0", moran.s0},
        {"S1", moran.s1},
        {"S2", moran.s2},
        {"I", moran.statistic},
        {"EI", moran.expected},
        {"VI_randomisation", moran.variance},
        {"z_randomisation", moran.z},
        {"p2_randomisation", moran.p},
        {"VI_normality", normal.variance},
        {"z_normality", normal.z},
        {"p2_normality", normal.p},
        {"geary_C", geary.statistic},
        {"geary_VC", geary.variance},
        {"geary_z", geary.z},
    };
    assert_int_equal(sizeof all / sizeof *all + 2, c.global.columns);
    for (size_t k = 0; k < sizeof all / sizeof *all; k++)
        assert_near(all[k].got, of_whole(&c.global, weights, style, all[k].name));
    assert_true(normal.statistic == moran.statistic && normal.expected == moran.expected);
}

static void test_global(void **state)
{
    (void)state;
    if (!read_all())
        skip();
    assert_int_equal(c.global.rows, 3);
    check_global(&c.queen, "queen", "W");
    check_global(&c.queen, "queen", "B");
    check_global(&c.knn4, "knn4", "W");
    free_all();
}

typedef struct local {
    double statistic[AREAS], expected[AREAS], variance[AREAS], z[AREAS], p[AREAS];
    double ge[AREAS], le[AREAS], folded[AREAS], two_sided[AREAS], mean[AREAS], sd[AREAS];
    uint8_t quadrant[AREAS];
} local;

static void local_moran(local *a, const rm_autocorrelation_options *options, int permute)
{
    rm_local_out out = RM_LOCAL_OUT_INIT;
    out.statistic = a->statistic;
    out.expected = a->expected;
    out.variance = a->variance;
    out.z = a->z;
    out.p = a->p;
    out.quadrant = a->quadrant;
    if (permute) {
        out.p_ge = a->ge;
        out.p_le = a->le;
        out.p_folded = a->folded;
        out.p_two_sided = a->two_sided;
        out.permuted_mean = a->mean;
        out.permuted_sd = a->sd;
    }
    assert_int_equal(rm_local_moran(&out, &c.queen.weights, c.crime, AREAS, options, NULL), RM_OK);
}

static void test_local_conditional(void **state)
{
    local a;
    double adjusted[AREAS];
    (void)state;
    if (!read_all())
        skip();
    local_moran(&a, NULL, 0);
    assert_column(a.statistic, &c.expected, "Ii", TOLERANCE, 0.0);
    assert_column(a.expected, &c.expected, "E_cond", TOLERANCE, 0.0);
    assert_column(a.variance, &c.expected, "V_cond", TOLERANCE, 0.0);
    assert_column(a.z, &c.expected, "Z_cond", TOLERANCE, 0.0);
    assert_column(a.p, &c.expected, "p2_cond", TOLERANCE, 0.0);
    assert_int_equal(rm_false_discovery(adjusted, a.p, AREAS, NULL), RM_OK);
    assert_column(adjusted, &c.expected, "fdr_bh_p2_cond", TOLERANCE, 0.0);
    free_all();
}

static void test_local_total(void **state)
{
    rm_autocorrelation_options options = RM_AUTOCORRELATION_OPTIONS_INIT;
    local a;
    (void)state;
    if (!read_all())
        skip();
    options.variance = RM_VARIANCE_TOTAL;
    local_moran(&a, &options, 0);
    assert_column(a.statistic, &c.expected, "Ii", TOLERANCE, 0.0);
    assert_column(a.expected, &c.expected, "E_rand", TOLERANCE, 0.0);
    assert_column(a.variance, &c.expected, "V_rand", TOLERANCE, 0.0);
    assert_column(a.z, &c.expected, "Z_rand", TOLERANCE, 0.0);
    assert_column(a.p, &c.expected, "p2_rand", TOLERANCE, 0.0);
    free_all();
}

/* esda and GeoDa divide by n - 1: I is (n - 1) / n times spdep's, z the same. */
static void test_local_scale_of_esda(void **state)
{
    rm_autocorrelation_options options = RM_AUTOCORRELATION_OPTIONS_INIT;
    local a;
    (void)state;
    if (!read_all())
        skip();
    options.scale = RM_MORAN_N_MINUS_1;
    local_moran(&a, &options, 0);
    for (int i = 0; i < AREAS; i++) {
        a.statistic[i] *= AREAS / (AREAS - 1.0);
        a.expected[i] *= AREAS / (AREAS - 1.0);
    }
    assert_column(a.statistic, &c.expected, "Ii", TOLERANCE, 0.0);
    assert_column(a.expected, &c.expected, "E_cond", TOLERANCE, 0.0);
    assert_column(a.z, &c.expected, "Z_cond", TOLERANCE, 0.0);
    free_all();
}

static void test_quadrants(void **state)
{
    static const char *const names[] = {"", "High-High", "Low-Low", "Low-High", "High-Low"};
    local a;
    (void)state;
    if (!read_all())
        skip();
    local_moran(&a, NULL, 0);
    for (int i = 0; i < AREAS; i++) {
        assert_in_range(a.quadrant[i], RM_LISA_HIGH_HIGH, RM_LISA_HIGH_LOW);
        assert_string_equal(names[a.quadrant[i]],
                            csv_text(&c.expected, i, csv_column(&c.expected, "quadrant")));
    }
    free_all();
}

/* The rule of the README for p by chance against p by enumeration or 1e6 draws. */
static void assert_by_chance(const double *got, const char *name, double m)
{
    double expected[AREAS];
    read_column(expected, &c.permuted, name);
    int method = csv_column(&c.permuted, "method");
    for (int i = 0; i < AREAS; i++) {
        double p = expected[i],
               reference = strcmp(csv_text(&c.permuted, i, method), "exact") == 0 ? 0.0 : 1e-6;
        double most = 4.0 * sqrt(p * (1.0 - p) * (1.0 / m + reference)) + 2.0 / (m + 1.0);
        if (strcmp(name, "p_two_sided") == 0) /* twice a p of half the size */
            most = 8.0 * sqrt(p / 2.0 * (1.0 - p / 2.0) * (1.0 / m + reference)) + 4.0 / (m + 1.0);
        if (!(fabs(got[i] - p) <= most))
            fail_msg("%s of area %d with m = %g: %g is not %g", name, i + 1, m, got[i], p);
    }
}

/* m: permutations that count for an area. */
static void check_permuted(const local *a, double m)
{
    double variance[AREAS], mean[AREAS], neighbours[AREAS];
    assert_column(a->statistic, &c.permuted, "Ii", TOLERANCE, 0.0);
    assert_by_chance(a->ge, "p_ge", m);
    assert_by_chance(a->le, "p_le", m);
    assert_by_chance(a->folded, "p_folded_geoda", m);
    assert_by_chance(a->two_sided, "p_two_sided", m);
    read_column(mean, &c.permuted, "perm_mean");
    read_column(variance, &c.permuted, "perm_var");
    read_column(neighbours, &c.permuted, "k");
    for (int i = 0; i < AREAS; i++) {
        assert_int_equal((int)neighbours[i], (int)(c.queen.start[i + 1] - c.queen.start[i]));
        assert_true(fabs(a->mean[i] - mean[i]) <= 5.0 * sqrt(variance[i] / m));
        assert_true(fabs(a->sd[i] / sqrt(variance[i]) - 1.0) <= 5.0 / sqrt(m));
    }
}

static void run_permuted(int32_t draws, int32_t permutations, uint64_t seed, double m)
{
    rm_autocorrelation_options options = RM_AUTOCORRELATION_OPTIONS_INIT;
    local a;
    if (!read_all())
        skip();
    options.draws = draws;
    options.permutations = permutations;
    options.seed = seed;
    local_moran(&a, &options, 1);
    check_permuted(&a, m);
    free_all();
}

static void test_permuted_9999(void **state)
{
    (void)state;
    run_permuted(RM_DRAWS_OWN, 9999, 20240101, 9999.0);
}

static void test_permuted_99999(void **state)
{
    (void)state;
    run_permuted(RM_DRAWS_OWN, 99999, 1, 99999.0);
}

/* Of the table's rows those without the area count: with at most 10 neighbours of 49 areas 39 in
 * 49. */
static void test_permuted_shared(void **state)
{
    (void)state;
    run_permuted(RM_DRAWS_SHARED, 99999, 1, 99999.0 * 39.0 / 49.0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_global),         cmocka_unit_test(test_local_conditional),
        cmocka_unit_test(test_local_total),    cmocka_unit_test(test_local_scale_of_esda),
        cmocka_unit_test(test_quadrants),      cmocka_unit_test(test_permuted_9999),
        cmocka_unit_test(test_permuted_99999), cmocka_unit_test(test_permuted_shared),
    };
    return cmocka_run_group_tests_name("golden_columbus_moran", tests, NULL, NULL);
}
