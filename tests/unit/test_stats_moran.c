/* Moran's I and Geary's C against double loops over a dense matrix, worked cases, and what is
 * refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lattices.h"

#include "stats/autocorrelation/moran.h"

static rm_autocorrelation_options defaults(void)
{
    return (rm_autocorrelation_options){.size = sizeof(rm_autocorrelation_options), .threads = 1};
}

/* Four in a row, 1 2 3 6: worked by hand. z = -2 -1 0 3, sum z^2 = 14, S0 = 6,
 * sum w z z = 2 (2 + 0 + 0) = 4: I = 4 / 6 * 4 / 14; sum w (x - x)^2 = 2 (1 + 1 + 9) = 22:
 * C = 3 / 12 * 22 / 14. S1 = 12, S2 = 4 + 16 + 16 + 4 = 40. */
static void test_by_hand(void **state)
{
    lattice_case c = {.n = 4, .x = {1, 2, 3, 6}};
    rm_autocorrelation_options options = defaults();
    rm_lattice lattice;
    rm_global moran, geary;
    (void)state;
    for (int i = 0; i < 3; i++)
        c.w[i][i + 1] = c.w[i + 1][i] = 1.0;
    case_rows(&c, 1);
    options.style = RM_STYLE_GIVEN;
    options.assumption = RM_NORMALITY;
    assert_int_equal(rm_lattice_new(&lattice, &c.weights, c.x, 4, NULL, NULL), RM_OK);
    assert_int_equal(rm_moran_global(&moran, &lattice, &options, NULL, NULL), RM_OK);
    assert_int_equal(rm_geary_global(&geary, &lattice, &options, NULL, NULL), RM_OK);
    assert_true(moran.s0 == 6.0 && moran.s1 == 12.0 && moran.s2 == 40.0);
    assert_close(moran.statistic, 4.0 / 6.0 * 4.0 / 14.0, 1e-14);
    assert_close(moran.expected, -1.0 / 3.0, 1e-14);
    /* (16 * 12 - 4 * 40 + 3 * 36) / (15 * 36) - 1 / 9 */
    assert_close(moran.variance, 140.0 / 540.0 - 1.0 / 9.0, 1e-13);
    assert_close(geary.statistic, 3.0 / 12.0 * 22.0 / 14.0, 1e-14);
    /* ((24 + 40) 3 - 4 * 36) / (2 * 5 * 36) */
    assert_close(geary.variance, 48.0 / 360.0, 1e-13);
    assert_true(geary.z > 0.0); /* alike neighbours */
    assert_true(moran.items == 4 && moran.islands == 0);
    rm_lattice_clear(&lattice);
}

/* Exact moments by trying every order of five values. */
static void permute_all(const lattice_case *c, double w[MOST_ITEMS][MOST_ITEMS], double *order,
                        int k, double sums[4])
{
    double cross = 0.0, contrast = 0.0, s0 = 0.0, mean = mean_of(order, c->n);
    for (int i = k; i < c->n && k < c->n - 1; i++) {
        double swap = order[k];
        order[k] = order[i];
        order[i] = swap;
        permute_all(c, w, order, k + 1, sums);
        order[i] = order[k];
        order[k] = swap;
    }
    if (k < c->n - 1)
        return;
    for (int i = 0; i < c->n; i++) {
        for (int j = 0; j < c->n; j++) {
            s0 += w[i][j];
            cross += w[i][j] * (order[i] - mean) * (order[j] - mean);
            contrast += w[i][j] * (order[i] - order[j]) * (order[i] - order[j]);
        }
    }
    double square = moment_of(order, c->n, 2) * c->n;
    double moran = c->n / s0 * cross / square;
    double geary = (c->n - 1) / (2.0 * s0) * contrast / square;
    sums[0] += moran;
    sums[1] += moran * moran;
    sums[2] += geary;
    sums[3] += geary * geary;
}

static void test_randomisation_is_every_order(void **state)
{
    static double w[MOST_ITEMS][MOST_ITEMS];
    lattice_case c;
    (void)state;
    for (int style = RM_STYLE_ROW; style <= RM_STYLE_GIVEN; style++) {
        rm_autocorrelation_options options = defaults();
        double order[MOST_ITEMS], sums[4] = {0}, all = 120.0;
        rm_lattice lattice;
        rm_global moran, geary;
        case_random(&c, 5, ASYMMETRIC, 0.9, 7);
        case_matrix(w, &c, style == RM_STYLE_ROW, 0.0);
        memcpy(order, c.x, sizeof c.x);
        permute_all(&c, w, order, 0, sums);
        options.style = style;
        assert_int_equal(rm_lattice_new(&lattice, &c.weights, c.x, 5, NULL, NULL), RM_OK);
        assert_int_equal(rm_moran_global(&moran, &lattice, &options, NULL, NULL), RM_OK);
        assert_int_equal(rm_geary_global(&geary, &lattice, &options, NULL, NULL), RM_OK);
        assert_close(moran.expected, sums[0] / all, 1e-12);
        assert_close(moran.variance, sums[1] / all - pow(sums[0] / all, 2), 1e-11);
        assert_close(geary.expected, sums[2] / all, 1e-12);
        assert_close(geary.variance, sums[3] / all - pow(sums[2] / all, 2), 1e-11);
        assert_close(moran.p, erfc(fabs(moran.z) / sqrt(2.0)), 1e-14);
        assert_int_equal(moran.islands, 1);
        rm_lattice_clear(&lattice);
    }
}

typedef struct local {
    double statistic[MOST_ITEMS], expected[MOST_ITEMS], variance[MOST_ITEMS], z[MOST_ITEMS];
    uint8_t quadrant[MOST_ITEMS];
} local;

static void local_moran(local *a, const lattice_case *c, const rm_autocorrelation_options *options)
{
    rm_lattice lattice;
    rm_local_out out = RM_LOCAL_OUT_INIT;
    out.statistic = a->statistic;
    out.expected = a->expected;
    out.variance = a->variance;
    out.z = a->z;
    out.quadrant = a->quadrant;
    assert_int_equal(rm_lattice_new(&lattice, &c->weights, c->x, c->n, NULL, NULL), RM_OK);
    assert_int_equal(rm_moran_local(&out, &lattice, options, NULL, NULL), RM_OK);
    rm_lattice_clear(&lattice);
}

/* Anselin 1995 and Sokal et al. 1998 as printed, with m2 = sum z^2 / n. */
static void check_item(const local *a, const lattice_case *c, double w[MOST_ITEMS][MOST_ITEMS],
                       int i, int total, double scale)
{
    double n = c->n, mean = mean_of(c->x, c->n), m2 = moment_of(c->x, c->n, 2);
    double z = c->x[i] - mean, lag = 0.0, sum = 0.0, squares = 0.0, expected, variance;
    for (int j = 0; j < c->n; j++) {
        lag += w[i][j] * (c->x[j] - mean);
        sum += w[i][j];
        squares += w[i][j] * w[i][j];
    }
    if (total) {
        double b2 = moment_of(c->x, c->n, 4) / (m2 * m2);
        expected = -sum / (n - 1.0);
        variance = squares * (n - b2) / (n - 1.0) +
                   (sum * sum - squares) * (2.0 * b2 - n) / ((n - 1.0) * (n - 2.0)) -
                   expected * expected;
    } else {
        expected = -z * z * sum / ((n - 1.0) * m2);
        variance = pow(z / m2, 2) * (n / (n - 2.0)) * (squares - sum * sum / (n - 1.0)) *
                   (m2 - z * z / (n - 1.0));
    }
    assert_close(a->statistic[i], z * lag / m2 * scale, 1e-12);
    assert_close(a->expected[i], expected * scale, 1e-12);
    assert_close(a->variance[i], variance * scale * scale, 1e-11);
    assert_close(a->z[i], (z * lag / m2 - expected) / sqrt(variance), 1e-11);
    assert_int_equal(a->quadrant[i], z > 0.0 ? (lag > 0.0 ? 1 : 4) : (lag > 0.0 ? 3 : 2));
}

static void test_local_by_double_loop(void **state)
{
    static double w[MOST_ITEMS][MOST_ITEMS];
    static lattice_case c;
    (void)state;
    for (int k = 0; k < 16; k++) {
        rm_autocorrelation_options options = defaults();
        local a;
        case_random(&c, 30, k & 1 ? ASYMMETRIC : BINARY, 0.2, 100 + (uint64_t)k);
        options.style = k & 2 ? RM_STYLE_GIVEN : RM_STYLE_ROW;
        options.variance = k & 4 ? RM_VARIANCE_TOTAL : RM_VARIANCE_CONDITIONAL;
        options.scale = k & 8 ? RM_MORAN_N_MINUS_1 : RM_MORAN_N;
        case_matrix(w, &c, options.style == RM_STYLE_ROW, 0.0);
        local_moran(&a, &c, &options);
        for (int i = 0; i < c.n; i++) {
            if (c.start[i] < c.start[i + 1])
                check_item(&a, &c, w, i, options.variance, k & 8 ? 29.0 / 30.0 : 1.0);
        }
    }
}

static void test_island_is_nan(void **state)
{
    static lattice_case c;
    rm_autocorrelation_options options = defaults();
    local a;
    (void)state;
    case_random(&c, 20, BINARY, 0.5, 3);
    local_moran(&a, &c, &options);
    assert_true(isnan(a.statistic[19]) && isnan(a.expected[19]) && isnan(a.variance[19]));
    assert_true(isnan(a.z[19]));
    assert_int_equal(a.quadrant[19], RM_LISA_NO_NEIGHBOURS);
}

/* Where nothing else can come out: at the mean, one peak among equal values, all neighbours of
 * all. */
static void test_no_variance_is_nan(void **state)
{
    lattice_case c = {.n = 5, .x = {1, 2, 3, 4, 5}};
    rm_autocorrelation_options options = defaults();
    local a;
    (void)state;
    for (int i = 0; i < 4; i++)
        c.w[i][i + 1] = c.w[i + 1][i] = 1.0;
    case_rows(&c, 1);
    local_moran(&a, &c, &options);
    assert_true(a.statistic[2] == 0.0 && isnan(a.z[2]) && !isnan(a.z[1]));
    for (int i = 0; i < 5; i++)
        c.x[i] = i == 1 ? 1e6 / 3.0 : 0.1;
    local_moran(&a, &c, &options);
    assert_true(isnan(a.z[1]) && a.variance[1] == 0.0 && !isnan(a.z[0]));
    for (int i = 0; i < 5; i++) {
        c.x[i] = sqrt(i + 0.3);
        for (int j = 0; j < 5; j++)
            c.w[i][j] = i == j ? 0.0 : 0.1;
    }
    case_rows(&c, 0);
    local_moran(&a, &c, &options);
    for (int i = 0; i < 5; i++)
        assert_true(isnan(a.z[i]) && a.variance[i] == 0.0);
}

static void test_three_values_have_no_kurtosis_to_go_by(void **state)
{
    lattice_case c = {.n = 3, .x = {1, 2, 4}};
    rm_autocorrelation_options options = defaults();
    rm_lattice lattice;
    rm_global moran, geary;
    (void)state;
    c.w[0][1] = c.w[1][0] = c.w[1][2] = 1.0;
    case_rows(&c, 1);
    assert_int_equal(rm_lattice_new(&lattice, &c.weights, c.x, 3, NULL, NULL), RM_OK);
    assert_int_equal(rm_moran_global(&moran, &lattice, &options, NULL, NULL), RM_OK);
    assert_int_equal(rm_geary_global(&geary, &lattice, &options, NULL, NULL), RM_OK);
    assert_true(isnan(moran.variance) && isnan(moran.z) && isnan(moran.p));
    assert_true(isnan(geary.variance) && isnan(geary.z) && !isnan(geary.statistic));
    rm_lattice_clear(&lattice);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_by_hand),
        cmocka_unit_test(test_randomisation_is_every_order),
        cmocka_unit_test(test_local_by_double_loop),
        cmocka_unit_test(test_island_is_nan),
        cmocka_unit_test(test_no_variance_is_nan),
        cmocka_unit_test(test_three_values_have_no_kurtosis_to_go_by),
    };
    return cmocka_run_group_tests_name("stats_moran", tests, NULL, NULL);
}
