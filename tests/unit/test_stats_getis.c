/* Getis and Ord's G against double loops over a dense matrix and every order of a few values. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lattices.h"

#include "stats/autocorrelation/getis.h"

static rm_autocorrelation_options defaults(void)
{
    return (rm_autocorrelation_options){.size = sizeof(rm_autocorrelation_options), .threads = 1};
}

static double general(const lattice_case *c, double w[MOST_ITEMS][MOST_ITEMS], const double *x)
{
    double linked = 0.0, all = 0.0;
    for (int i = 0; i < c->n; i++) {
        for (int j = 0; j < c->n; j++) {
            linked += w[i][j] * x[i] * x[j];
            all += i == j ? 0.0 : x[i] * x[j];
        }
    }
    return linked / all;
}

static void every_order(const lattice_case *c, double w[MOST_ITEMS][MOST_ITEMS], double *order,
                        int k, double sums[2])
{
    if (k == c->n - 1) {
        double g = general(c, w, order);
        sums[0] += g;
        sums[1] += g * g;
        return;
    }
    for (int i = k; i < c->n; i++) {
        double swap = order[k];
        order[k] = order[i];
        order[i] = swap;
        every_order(c, w, order, k + 1, sums);
        order[i] = order[k];
        order[k] = swap;
    }
}

static void test_general_is_every_order(void **state)
{
    static double w[MOST_ITEMS][MOST_ITEMS];
    static lattice_case c;
    (void)state;
    for (int style = RM_STYLE_ROW; style <= RM_STYLE_GIVEN; style++) {
        rm_autocorrelation_options options = defaults();
        double order[MOST_ITEMS], sums[2] = {0};
        rm_lattice lattice;
        rm_global g;
        case_random(&c, 5, ASYMMETRIC, 0.9, 11);
        case_matrix(w, &c, style == RM_STYLE_ROW, 0.0);
        memcpy(order, c.x, sizeof c.x);
        every_order(&c, w, order, 0, sums);
        options.style = style;
        assert_int_equal(rm_lattice_new(&lattice, &c.weights, c.x, 5, NULL, NULL), RM_OK);
        assert_int_equal(rm_getis_global(&g, &lattice, &options, NULL, NULL), RM_OK);
        assert_close(g.statistic, general(&c, w, c.x), 1e-12);
        assert_close(g.expected, sums[0] / 120.0, 1e-12);
        assert_close(g.variance, sums[1] / 120.0 - pow(sums[0] / 120.0, 2), 1e-10);
        rm_lattice_clear(&lattice);
    }
}

static void test_general_refuses_negative_values(void **state)
{
    static lattice_case c;
    rm_autocorrelation_options options = defaults();
    rm_lattice lattice;
    rm_global g = {.statistic = 7.0};
    rm_error err;
    (void)state;
    case_random(&c, 10, BINARY, 0.5, 1);
    c.x[0] = NAN;
    c.x[4] = -1.0;
    assert_int_equal(rm_lattice_new(&lattice, &c.weights, c.x, 10, NULL, NULL), RM_OK);
    assert_int_equal(rm_getis_global(&g, &lattice, &options, NULL, &err), RM_EINVAL);
    assert_int_equal(err.row, 4);
    assert_string_equal(err.message, "the value of row 4 is negative; the general G is for values "
                                     "of 0 and more");
    assert_true(g.statistic == 7.0);
    rm_lattice_clear(&lattice);
}

typedef struct local {
    double statistic[MOST_ITEMS], expected[MOST_ITEMS], variance[MOST_ITEMS], z[MOST_ITEMS];
    double p[MOST_ITEMS], p_ge[MOST_ITEMS];
    uint8_t quadrant[MOST_ITEMS];
} local;

static void local_g(local *a, const lattice_case *c, int star, int style, int permutations)
{
    rm_lattice lattice;
    rm_local_out out = RM_LOCAL_OUT_INIT;
    rm_autocorrelation_options options = defaults();
    options.style = style;
    options.permutations = permutations;
    out.statistic = a->statistic;
    out.expected = a->expected;
    out.variance = a->variance;
    out.z = a->z;
    out.p = a->p;
    out.p_ge = permutations ? a->p_ge : NULL;
    out.quadrant = a->quadrant;
    assert_int_equal(rm_lattice_new(&lattice, &c->weights, c->x, c->n, NULL, NULL), RM_OK);
    assert_int_equal(rm_getis_local(&out, &lattice, star, &options, NULL, NULL), RM_OK);
    rm_lattice_clear(&lattice);
}

/* Ord and Getis 1995, (14) and (15), as printed: moments over those that may be neighbours. */
static void check_item(const local *a, const lattice_case *c, double w[MOST_ITEMS][MOST_ITEMS],
                       int i, int star)
{
    double lag = 0.0, sum = 0.0, squares = 0.0, total = 0.0, total_squares = 0.0, among = 0.0;
    for (int j = 0; j < c->n; j++) {
        if (j == i && !star)
            continue;
        lag += w[i][j] * c->x[j];
        sum += w[i][j];
        squares += w[i][j] * w[i][j];
        total += c->x[j];
        total_squares += c->x[j] * c->x[j];
        among++;
    }
    double mean = total / among, s = sqrt(total_squares / among - mean * mean);
    double sd = s * sqrt((among * squares - sum * sum) / (among - 1.0));
    assert_close(a->statistic[i], lag / total, 1e-12);
    assert_close(a->expected[i], sum / among, 1e-12);
    assert_close(a->variance[i], pow(sd / total, 2), 1e-11);
    assert_close(a->z[i], (lag - sum * mean) / sd, 1e-10);
    assert_close(a->p[i], erfc(fabs(a->z[i]) / sqrt(2.0)), 1e-12);
    assert_int_equal(a->quadrant[i], a->z[i] > 0.0 ? RM_LISA_HIGH_HIGH : RM_LISA_LOW_LOW);
}

static void test_local_by_double_loop(void **state)
{
    static double w[MOST_ITEMS][MOST_ITEMS];
    static lattice_case c;
    (void)state;
    for (int k = 0; k < 8; k++) {
        int star = k & 4 ? 1 : 0, style = k & 2 ? RM_STYLE_GIVEN : RM_STYLE_ROW;
        local a;
        case_random(&c, 30, k & 1 ? ASYMMETRIC : BINARY, 0.2, 40 + (uint64_t)k);
        case_matrix(w, &c, style == RM_STYLE_ROW, star);
        local_g(&a, &c, star, style, 0);
        for (int i = 0; i < c.n; i++) {
            if (c.start[i] < c.start[i + 1])
                check_item(&a, &c, w, i, star);
        }
    }
}

/* G has nothing to say of an island; G* has the item itself, but nothing to permute. */
static void test_island(void **state)
{
    static lattice_case c;
    local a;
    (void)state;
    case_random(&c, 20, BINARY, 0.4, 5);
    local_g(&a, &c, 0, RM_STYLE_ROW, 9);
    assert_true(isnan(a.statistic[19]) && isnan(a.z[19]) && isnan(a.p_ge[19]));
    assert_int_equal(a.quadrant[19], RM_LISA_NO_NEIGHBOURS);
    local_g(&a, &c, 1, RM_STYLE_ROW, 9);
    double sd = sqrt(moment_of(c.x, 20, 2)), mean = mean_of(c.x, 20);
    assert_close(a.z[19], (c.x[19] - mean) / sd, 1e-12);
    assert_close(a.statistic[19], c.x[19] / (20.0 * mean), 1e-12);
    assert_true(isnan(a.p_ge[19]) && !isnan(a.p_ge[0]));
    assert_int_equal(a.quadrant[19], RM_LISA_NO_NEIGHBOURS);
}

/* Values around 0: shares of a total of 0 say nothing, z does. */
static void test_total_of_zero(void **state)
{
    lattice_case c = {.n = 5, .x = {-3, -1, 0, 1, 3}};
    local a;
    (void)state;
    for (int i = 0; i < 4; i++)
        c.w[i][i + 1] = c.w[i + 1][i] = 1.0;
    case_rows(&c, 1);
    local_g(&a, &c, 1, RM_STYLE_ROW, 0);
    for (int i = 0; i < 5; i++)
        assert_true(isnan(a.statistic[i]) && isnan(a.variance[i]) && !isnan(a.z[i]));
    assert_true(a.z[0] < 0.0 && a.z[4] == -a.z[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_general_is_every_order),
        cmocka_unit_test(test_general_refuses_negative_values),
        cmocka_unit_test(test_local_by_double_loop),
        cmocka_unit_test(test_island),
        cmocka_unit_test(test_total_of_zero),
    };
    return cmocka_run_group_tests_name("stats_getis", tests, NULL, NULL);
}
