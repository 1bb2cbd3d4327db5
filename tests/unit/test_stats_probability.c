/* Distribution functions against values to 20 digits, made with mpmath at 60: sums over the smaller
 * tail term by term, and inverses by Newton's method on those. */
#include "stats/rate/double_double.h"
#include "stats/rate/probability.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define TOLERANCE    1e-14 /* relative */
#define COUNT(array) ((int)(sizeof(array) / sizeof *(array)))

/* z, P(Z >= z), P(|Z| >= |z|) */
static const double normal[][3] = {
    {0.0, 5.0e-1, 1.0},
    {0.5, 3.0853753872598689636e-1, 6.1707507745197379272e-1},
    {1.0, 1.5865525393145705141e-1, 3.1731050786291410283e-1},
    {1.96, 2.4997895148220436213e-2, 4.9995790296440872426e-2},
    {2.5758293035489004, 5.0000000000000054487e-3, 1.0000000000000010897e-2},
    {5.0, 2.8665157187919391167e-7, 5.7330314375838782335e-7},
    {8.0, 6.2209605742717841235e-16, 1.2441921148543568247e-15},
    {20.0, 2.7536241186062336951e-89, 5.5072482372124673902e-89},
    {37.5, 4.6053530095819548438e-308, 9.2107060191639096877e-308},
    {-1.0, 8.4134474606854294859e-1, 3.1731050786291410283e-1},
    {-6.0, 9.9999999901341235496e-1, 1.9731752900753962814e-9},
};
/* a, x, P(a, x), Q(a, x) */
static const double gamma_[][4] = {
    {0.5, 0.25, 5.2049987781304653768e-1, 4.7950012218695346232e-1},
    {0.5, 6.0, 9.994679944948607503e-1, 5.3200550513924969929e-4},
    {1.0, 1e-20, 9.9999999999999994515e-21, 9.9999999999999999999e-1},
    {1.0, 0.5, 3.934693402873665764e-1, 6.065306597126334236e-1},
    {1.0, 700.0, 1.0, 9.8596765437597708567e-305},
    {2.5, 1.0, 1.5085496391539036377e-1, 8.4914503608460963623e-1},
    {3.0, 0.001, 1.6654171665278076385e-10, 9.9999999983345828335e-1},
    {10.0, 3.0, 1.1024881301154797421e-3, 9.9889751186988452026e-1},
    {15.0, 16.0, 6.3247264023443507017e-1, 3.6752735976556492983e-1},
    {16.0, 15.0, 4.3191042439145617976e-1, 5.6808957560854382024e-1},
    {17.0, 40.0, 9.9998581512561917814e-1, 1.4184874380821862683e-5},
    {33.5, 20.25, 4.2877105361714916323e-3, 9.9571228946382850837e-1},
    {75.0, 50.954032377840484, 9.494138719719989953e-4, 9.99050586128028001e-1},
    {75.0, 100.0, 9.9602681402917838867e-1, 3.9731859708216113254e-3},
    {100.0, 100.0, 5.1329879827914866486e-1, 4.8670120172085133514e-1},
    {999.0, 700.0, 1.4545510468371620343e-26, 1.0},
    {5000.0, 5000.0, 5.0188063403381735535e-1, 4.9811936596618264465e-1},
    {5000.0, 5600.0, 9.9999999999999984894e-1, 1.5105660300761264678e-16},
    {9999.0, 9500.0, 1.9639571383538083349e-7, 9.9999980360428616462e-1},
    {10000.0, 8600.0, 2.8163181007900138257e-49, 1.0},
    {10000.0, 9950.0, 3.0941788486118259421e-1, 6.9058211513881740579e-1},
    {10000.0, 10000.0, 5.0132980833995520038e-1, 4.9867019166004479962e-1},
    {12345.0, 12900.0, 9.9999957857319319927e-1, 4.2142680680072941758e-7},
    {100000.0, 99000.0, 7.5741992117476797412e-4, 9.9924258007882523203e-1},
    {100000.0, 111500.0, 1.0, 1.3805208727035584629e-269},
    {1000000.0, 1000000.0, 5.0013298076087259124e-1, 4.9986701923912740876e-1},
    {1000000.0, 995000.0, 2.7495803592700707538e-7, 9.9999972504196407299e-1},
};
/* a, b, x, I_x(a, b), 1 - I_x(a, b) */
static const double beta[][5] = {
    {0.5, 0.5, 0.25, 3.3333333333333333333e-1, 6.6666666666666666667e-1},
    {1.0, 1.0, 0.3, 2.999999999999999889e-1, 7.000000000000000111e-1},
    {1.0, 5.0, 1e-10, 4.9999999990000001823e-10, 9.999999995000000001e-1},
    {2.5, 1.5, 0.75, 6.6666666666666666667e-1, 3.3333333333333333333e-1},
    {7.25, 40.5, 0.125, 3.2747364130444084536e-1, 6.7252635869555915464e-1},
    {3.0, 1.0, 0.99, 9.7029899999999997388e-1, 2.9701000000000026115e-2},
    {1.0, 142.0, 0.005, 5.0923061161453699672e-1, 4.9076938838546300328e-1},
    {75.0, 68.0, 0.4375, 1.8502081485120521255e-2, 9.8149791851487947875e-1},
    {75.0, 68.0, 0.75, 9.9999999669102113131e-1, 3.3089788686874548074e-9},
    {500.0, 501.0, 0.5, 5.1261250908918040095e-1, 4.8738749091081959905e-1},
    {20.0, 981.0, 0.0625, 9.9999999995917338087e-1, 4.0826619130492852356e-11},
    {9900.0, 10101.0, 0.5, 9.2238386273589668575e-1, 7.7616137264103314253e-2},
    {5013.0, 94988.0, 0.05, 4.2721344389316915566e-1, 5.7278655610683084434e-1},
    {1000.0, 999001.0, 0.0009765625, 2.3061593260231853428e-1, 7.6938406739768146572e-1},
    {500000.0, 500001.0, 0.5, 5.0039894218066587504e-1, 4.9960105781933412496e-1},
    {497500.0, 502501.0, 0.5, 9.999997148462387017e-1, 2.8515376129829949153e-7},
    {430.0, 100000000.0, 4e-06, 7.1384420956160798681e-2, 9.2861557904383920132e-1},
};
/* a, p, x with P(a, x) = p, x with Q(a, x) = p */
static const double gamma_inverse[][4] = {
    {1.0, 0.5, 6.9314718055994530942e-1, 6.9314718055994530942e-1},
    {1.0, 0.025, 2.5317807984289876827e-2, 3.6888794541139362473},
    {1.0, 1e-300, 1.0000000000000000251e-300, 6.9077552789821370518e+2},
    {3.0, 1e-10, 8.4361056248472744303e-4, 2.91459014788295182e+1},
    {10.0, 0.05, 5.4254056970912926375, 1.5705216422115463162e+1},
    {75.0, 0.025, 5.8992257701451452036e+1, 9.2900223501896630223e+1},
    {76.0, 0.025, 5.9879355876453593999e+1, 9.401314944883276815e+1},
    {76.0, 0.005, 5.5422919821959727291e+1, 1.0032837816504786102e+2},
    {1000.0, 0.975, 1.0629211512248877479e+3, 9.3897301840769522714e+2},
    {20000.0, 0.025, 1.9723767600607052572e+4, 2.0278126698463333965e+4},
};
/* a, b, p, odds with I = p, odds with 1 - I = p */
static const double beta_inverse[][5] = {
    {1.0, 1.0, 0.25, 3.3333333333333333333e-1, 3.0},
    {1.0, 1.0, 1e-10, 1.0000000001000000364e-10, 9.9999999989999996357e+9},
    {2.0, 5.0, 0.5, 3.5952685376928984336e-1, 3.5952685376928984336e-1},
    {75.0, 68.0, 0.025, 7.9438593614313388322e-1, 1.5354717310917141424},
    {76.0, 67.0, 0.025, 8.1709433875031266505e-1, 1.5801937163993391647},
    {75.0, 68.0, 1e-12, 3.3146141353479395653e-1, 3.760971131186803232},
    {1.0, 5000.0, 0.975, 7.380481143978741271e-4, 5.0635744167076402466e-6},
    {1000.0, 3.0, 0.05, 1.5849543453619534536e+2, 1.2236777238359414088e+3},
    {4000.0, 90000.0, 0.025, 4.3048808790338641791e-2, 4.5863986319134302768e-2},
};
/* count, n, p (q is exact), P(X <= count), P(X >= count), P(X = count), of all as unlikely: by
 * fractions of whole numbers */
static const double binomial[][7] = {
    {3, 10, 0.25, 0.7758750915527344, 0.4744071960449219, 0.25028228759765625, 0.7184324264526367},
    {0, 5, 0.5, 0.03125, 1.0, 0.03125, 0.0625},
    {17, 20, 0.5, 0.9997987747192383, 0.0012884140014648438, 0.001087188720703125,
     0.0025768280029296875},
    {7, 7, 0.75, 1.0, 0.13348388671875, 0.13348388671875, 0.20404052734375},
    {4, 30, 0.125, 0.6812016086805267, 0.526614513659087, 0.20781612233961363, 0.7844869842404006},
};

static void assert_relative(double got, double expected)
{
    if (!(fabs(got - expected) <= TOLERANCE * fabs(expected)))
        fail_msg("%.17g is not %.17g (%.2g)", got, expected, fabs(got / expected - 1.0));
}

static void test_normal(void **state)
{
    (void)state;
    for (int i = 0; i < COUNT(normal); i++) {
        assert_relative(rm_normal_upper(normal[i][0]), normal[i][1]);
        assert_relative(rm_normal_two_sided(normal[i][0]), normal[i][2]);
    }
    assert_true(rm_normal_upper(INFINITY) == 0.0 && rm_normal_upper(-INFINITY) == 1.0);
    assert_true(rm_normal_two_sided(-INFINITY) == 0.0 && isnan(rm_normal_two_sided(NAN)));
}

static void test_gamma(void **state)
{
    (void)state;
    for (int i = 0; i < COUNT(gamma_); i++) {
        rm_tails tails = rm_gamma_tails(gamma_[i][0], gamma_[i][1]);
        assert_relative(tails.lower, gamma_[i][2]);
        assert_relative(tails.upper, gamma_[i][3]);
    }
}

static void test_gamma_ends(void **state)
{
    (void)state;
    rm_tails tails = rm_gamma_tails(3.0, 0.0);
    assert_true(tails.lower == 0.0 && tails.upper == 1.0);
    tails = rm_gamma_tails(3.0, INFINITY);
    assert_true(tails.lower == 1.0 && tails.upper == 0.0);
    tails = rm_gamma_tails(3.0, 1e300);
    assert_true(tails.lower == 1.0 && tails.upper == 0.0);
    const double bad[][2] = {{0, 1}, {-1, 1}, {NAN, 1}, {INFINITY, 1}, {1, -1}, {1, NAN}};
    for (int i = 0; i < COUNT(bad); i++) {
        tails = rm_gamma_tails(bad[i][0], bad[i][1]);
        assert_true(isnan(tails.lower) && isnan(tails.upper));
    }
}

/* Where one way of working gives way to another nothing may jump. */
static void test_gamma_seams(void **state)
{
    (void)state;
    const double at[][2] = {
        {16, 17}, {9999.999, 9000}, {10000, 8500}, {10000, 11500}, {20000, 23000}};
    for (int i = 0; i < COUNT(at); i++) {
        double a = at[i][0], x = at[i][1], slight = 1e-9;
        rm_tails below = rm_gamma_tails(a, x * (1.0 - slight)),
                 above = rm_gamma_tails(a, x * (1.0 + slight));
        rm_tails here = rm_gamma_tails(a, x);
        double lower = 0.5 * (below.lower + above.lower), upper = 0.5 * (below.upper + above.upper);
        assert_true(fabs(lower / here.lower - 1.0) < 1e-11 &&
                    fabs(upper / here.upper - 1.0) < 1e-11);
        assert_true(below.lower <= above.lower && below.upper >= above.upper);
    }
}

static void test_beta(void **state)
{
    (void)state;
    for (int i = 0; i < COUNT(beta); i++) {
        double a = beta[i][0], b = beta[i][1], x = beta[i][2];
        rm_tails tails = rm_beta_tails(a, b, x, 1.0 - x), turned = rm_beta_tails(b, a, 1.0 - x, x);
        assert_relative(tails.lower, beta[i][3]);
        assert_relative(tails.upper, beta[i][4]);
        assert_relative(turned.upper, beta[i][3]);
        assert_relative(turned.lower, beta[i][4]);
    }
}

static void test_beta_ends(void **state)
{
    (void)state;
    rm_tails tails = rm_beta_tails(3.0, 4.0, 0.0, 1.0);
    assert_true(tails.lower == 0.0 && tails.upper == 1.0);
    tails = rm_beta_tails(3.0, 4.0, 1.0, 0.0);
    assert_true(tails.lower == 1.0 && tails.upper == 0.0);
    const double bad[][3] = {{0, 1, .5},  {1, -1, .5}, {NAN, 1, .5}, {1, INFINITY, .5},
                             {1, 1, -.5}, {1, 1, 1.5}, {1, 1, NAN}};
    for (int i = 0; i < COUNT(bad); i++) {
        tails = rm_beta_tails(bad[i][0], bad[i][1], bad[i][2], 1.0 - bad[i][2]);
        assert_true(isnan(tails.lower) && isnan(tails.upper));
    }
}

static void test_gamma_inverse(void **state)
{
    (void)state;
    for (int i = 0; i < COUNT(gamma_inverse); i++) {
        double a = gamma_inverse[i][0], p = gamma_inverse[i][1];
        assert_relative(rm_gamma_lower_quantile(a, p), gamma_inverse[i][2]);
        assert_relative(rm_gamma_upper_quantile(a, p), gamma_inverse[i][3]);
    }
    assert_true(rm_gamma_lower_quantile(2.0, 0.0) == 0.0);
    assert_true(isinf(rm_gamma_lower_quantile(2.0, 1.0)));
    assert_true(isinf(rm_gamma_upper_quantile(2.0, 0.0)));
    assert_true(rm_gamma_upper_quantile(2.0, 1.0) == 0.0);
    assert_true(isnan(rm_gamma_lower_quantile(0.0, 0.5)) &&
                isnan(rm_gamma_upper_quantile(1.0, 1.5)));
    assert_true(isnan(rm_gamma_lower_quantile(1.0, NAN)) &&
                isnan(rm_gamma_upper_quantile(NAN, 0.5)));
}

static void test_beta_inverse(void **state)
{
    (void)state;
    for (int i = 0; i < COUNT(beta_inverse); i++) {
        double a = beta_inverse[i][0], b = beta_inverse[i][1], p = beta_inverse[i][2];
        assert_relative(rm_beta_lower_odds(a, b, p), beta_inverse[i][3]);
        assert_relative(rm_beta_upper_odds(a, b, p), beta_inverse[i][4]);
    }
    assert_true(rm_beta_lower_odds(2.0, 3.0, 0.0) == 0.0);
    assert_true(isinf(rm_beta_upper_odds(2.0, 3.0, 0.0)));
    assert_true(isnan(rm_beta_lower_odds(2.0, 0.0, 0.5)) &&
                isnan(rm_beta_upper_odds(2.0, 3.0, -0.1)));
}

/* Quantiles and tails are each other's inverse, over all sizes of count. */
static void test_inverses_return(void **state)
{
    (void)state;
    const double p[] = {1e-250, 1e-30, 0.0005, 0.025, 0.5, 0.9, 0.9995};
    for (double a = 1.0; a < 1e13; a *= 9.7)
        for (int i = 0; i < COUNT(p); i++) {
            /* a relative error of x of 2e-16 is one of up to sqrt(a) * 1e-15 in the tail */
            double slack = 1e-13 + 1e-14 * sqrt(a) * (1.0 - log(p[i]));
            double lower = rm_gamma_tails(a, rm_gamma_lower_quantile(a, p[i])).lower;
            double upper = rm_gamma_tails(a, rm_gamma_upper_quantile(a, p[i])).upper;
            assert_true(fabs(lower / p[i] - 1.0) < slack && fabs(upper / p[i] - 1.0) < slack);
        }
}

/* From the far ends, where first guesses are beyond what doubles hold. */
static void test_inverses_far_out(void **state)
{
    (void)state;
    const double shapes[] = {1e-8, 0.01, 0.3, 1, 7, 300, 1e5},
                 p[] = {1e-290, 1e-20, 1e-3, 0.4, 0.7};
    for (int i = 0; i < COUNT(shapes); i++)
        for (int j = 0; j < COUNT(p); j++) {
            double a = shapes[i], x = rm_gamma_lower_quantile(a, p[j]);
            double back = rm_gamma_tails(a, x).lower;
            assert_true(x == 0.0 ? rm_gamma_tails(a, 1e-300).lower >= p[j]
                                 : fabs(back / p[j] - 1.0) < 1e-8);
            for (int k = 3; a >= 1.0 && k < COUNT(shapes); k++) {
                double odds = rm_beta_upper_odds(a, shapes[k], p[j]);
                assert_true(odds > 0.0 && isfinite(odds));
                back = rm_beta_tails(a, shapes[k], odds / (1.0 + odds), 1.0 / (1.0 + odds)).upper;
                assert_true(fabs(back / p[j] - 1.0) < 1e-8);
            }
        }
    assert_true(rm_gamma_lower_quantile(1e-8, 1e-20) == 0.0);
}

static void test_binomial(void **state)
{
    (void)state;
    for (int i = 0; i < COUNT(binomial); i++) {
        double k = binomial[i][0], n = binomial[i][1], p = binomial[i][2], q = 1.0 - p;
        assert_relative(rm_binomial_at_most(k, n, p, q), binomial[i][3]);
        assert_relative(rm_binomial_at_least(k, n, p, q), binomial[i][4]);
        assert_relative(rm_binomial_exactly(k, n, p, q), binomial[i][5]);
        assert_relative(rm_binomial_as_unlikely(k, n, p, q), binomial[i][6]);
        assert_relative(rm_binomial_as_unlikely(n - k, n, q, p), binomial[i][6]);
    }
    assert_true(rm_binomial_at_most(-1, 5, 0.5, 0.5) == 0.0 &&
                rm_binomial_at_most(5, 5, 0.5, 0.5) == 1.0);
    assert_true(rm_binomial_at_least(6, 5, 0.5, 0.5) == 0.0 &&
                rm_binomial_at_least(0, 5, 0.5, 0.5) == 1.0);
    assert_true(rm_binomial_exactly(0, 5, 0.0, 1.0) == 1.0 &&
                rm_binomial_exactly(6, 5, 0.5, 0.5) == 0.0);
    assert_true(rm_binomial_as_unlikely(0, 0, 0.5, 0.5) == 1.0);
}

/* All outcomes of one n, against the sum over them. */
static void test_as_unlikely_by_sum(void **state)
{
    (void)state;
    const double chances[] = {0.0078125, 0.4375, 0.5, 0.96875};
    for (int c = 0; c < COUNT(chances); c++)
        for (int n = 1; n <= 40; n++)
            for (int k = 0; k <= n; k++) {
                double p = chances[c], q = 1.0 - p, sum = 0.0;
                double own = rm_binomial_exactly(k, n, p, q);
                for (int j = 0; j <= n; j++) {
                    double other = rm_binomial_exactly(j, n, p, q);
                    sum += other <= own * (1.0 + 1e-7) ? other : 0.0;
                }
                assert_true(fabs(rm_binomial_as_unlikely(k, n, p, q) - fmin(1.0, sum)) < 1e-13);
            }
}

static void test_poisson(void **state)
{
    (void)state;
    double e2 = exp(-2.0); /* counts 0, 1, 2 of mean 2: e^-2 (1, 2, 2) */
    assert_relative(rm_poisson_at_most(0, 2.0), e2);
    assert_relative(rm_poisson_at_most(2, 2.0), 5.0 * e2);
    assert_relative(rm_poisson_at_least(2, 2.0), 1.0 - 3.0 * e2);
    assert_true(rm_poisson_at_least(0, 2.0) == 1.0 && rm_poisson_at_most(-1, 2.0) == 0.0);
    assert_true(rm_poisson_at_most(0, 0.0) == 1.0 && rm_poisson_at_least(1, 0.0) == 0.0);
}

/* log 2 to 32 digits, and of numbers on either side of the seam. */
static void test_double_double(void **state)
{
    (void)state;
    rm_dd two = rm_dd_log((rm_dd){2.0, 0.0}), ten = rm_dd_log((rm_dd){10.0, 0.0});
    assert_true(two.high == 0x1.62e42fefa39efp-1 && fabs(two.low - 0x1.abc9e3b39803fp-56) < 1e-32);
    assert_true(ten.high == 2.302585092994045684 && fabs(ten.low + 2.1707562233822494e-16) < 1e-31);
    for (double x = 0.01; x < 100.0; x *= 1.07) {
        rm_dd log_x = rm_dd_log((rm_dd){x, 0.0});
        rm_dd half = rm_dd_log((rm_dd){0.5 * x, 0.0});
        rm_dd sum = rm_dd_add(half, two);
        assert_true(fabs((sum.high - log_x.high) + (sum.low - log_x.low)) < 1e-30);
        rm_dd third = rm_dd_divide((rm_dd){x, 0.0}, (rm_dd){3.0, 0.0});
        rm_dd whole = rm_dd_multiply(third, (rm_dd){3.0, 0.0});
        assert_true(fabs((whole.high - x) + whole.low) < 1e-30 * x);
    }
    assert_true(rm_dd_exp((rm_dd){-800.0, 1e-20}) == 0.0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_normal),
        cmocka_unit_test(test_gamma),
        cmocka_unit_test(test_gamma_ends),
        cmocka_unit_test(test_gamma_seams),
        cmocka_unit_test(test_beta),
        cmocka_unit_test(test_beta_ends),
        cmocka_unit_test(test_gamma_inverse),
        cmocka_unit_test(test_beta_inverse),
        cmocka_unit_test(test_inverses_return),
        cmocka_unit_test(test_inverses_far_out),
        cmocka_unit_test(test_binomial),
        cmocka_unit_test(test_as_unlikely_by_sum),
        cmocka_unit_test(test_poisson),
        cmocka_unit_test(test_double_double),
    };
    return cmocka_run_group_tests_name("stats_probability", tests, NULL, NULL);
}
