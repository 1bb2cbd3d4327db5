#include "stats/rate/probability.h"

#include "stats/rate/double_double.h"

#include <math.h>
#include <stdbool.h>

#define TINY        1e-300 /* stands for 0 in a continued fraction */
#define PRECISION   1e-16
#define MOST_TERMS  10000000 /* nothing needs as many; so that no loop is without end */
#define SMALLEST    1e-305   /* quantiles beyond these are 0 and infinite */
#define LARGEST     1e305
#define STIRLING    16.0 /* from here on Stirling's series is exact */
#define UNIFORM     1e4  /* from here on the expansion of Temme */
#define UNIFORM_FAR 0.15 /* where x lies within this share of a */

static const double root_two_pi = 2.5066282746310005024;

static const rm_tails not_a_number = {NAN, NAN};

/* ---- the normal distribution ---------------------------------------------------------------- */

/* erfc(x.high + x.low): its derivative takes care of what erfc does not see. */
static double erfc_dd(rm_dd x)
{
    double value = erfc(x.high);
    return value - 1.1283791670955125739 * exp(-x.high * x.high) * x.low;
}

/* z / sqrt(2) */
static rm_dd over_root_two(double z)
{
    const double high = 0x1.6a09e667f3bcdp-1, low = -0x1.bdd3413b26456p-55;
    rm_dd product = rm_dd_product(z, high);
    product.low += z * low;
    return product;
}

double rm_normal_upper(double z)
{
    return isinf(z) ? (z > 0.0 ? 0.0 : 1.0) : 0.5 * erfc_dd(over_root_two(z));
}

double rm_normal_two_sided(double z)
{
    return isinf(z) ? 0.0 : erfc_dd(over_root_two(fabs(z)));
}

/* ---- what the gamma and the beta distribution are made of ----------------------------------- */

/* a^a e^-a / Gamma(a + 1), the probability of a where it is the mean of a Poisson distribution. */
static double peak(double a)
{
    static const double series[] = {1.0 / 12,   -1.0 / 360,        1.0 / 1260, -1.0 / 1680,
                                    1.0 / 1188, -691.0 / 360360.0, 1.0 / 156};
    double error = 0.0;

    if (a < STIRLING) {
        double factorial = 1.0;
        if (a == floor(a))
            for (int i = 2; i <= (int)a; i++)
                factorial *= i;
        else
            factorial = tgamma(a + 1.0);
        return pow(a, a) * exp(-a) / factorial;
    }
    for (int k = 6; k >= 0; k--)
        error = error / (a * a) + series[k];
    return exp(-error / a) / (root_two_pi * sqrt(a));
}

/* a log(x / a) + a - x, which is 0 at x = a and negative elsewhere. */
static rm_dd deviance(double a, rm_dd x)
{
    if (a == 0.0)
        return (rm_dd){-x.high, -x.low};
    rm_dd log = rm_dd_log(rm_dd_divide(x, (rm_dd){a, 0.0}));
    rm_dd part = rm_dd_multiply((rm_dd){a, 0.0}, log);
    rm_dd away = rm_dd_add((rm_dd){a, 0.0}, (rm_dd){-x.high, -x.low});
    return rm_dd_add(part, away);
}

/* x^a e^-x / Gamma(a + 1) (Loader 2000) */
static double poisson_mass(double a, double x)
{
    return rm_dd_exp(deviance(a, (rm_dd){x, 0.0})) * peak(a);
}

/* x^a y^b Gamma(a + b + 1) / Gamma(a + 1) / Gamma(b + 1), x and y brought to a sum of 1 */
static double binomial_mass(double a, double b, double x, double y)
{
    double n = a + b;
    rm_dd exponent = rm_dd_add(deviance(a, rm_dd_product(n, x)), deviance(b, rm_dd_product(n, y)));
    return rm_dd_exp(exponent) * (peak(a) * peak(b) / peak(n));
}

/* ---- gamma ---------------------------------------------------------------------------------- */

/* The expansion of Temme (1979; DLMF 8.12) for large a: erfc and a correction. */
static rm_tails gamma_uniform(double a, double x, double *mass)
{
    enum { ROWS = 4, DEGREES = 13 };
    static const double table[ROWS][DEGREES] = {
        {-0.3333333333333333, 0.08333333333333333, -0.014814814814814815, 0.0011574074074074073,
         0.0003527336860670194, -0.0001787551440329218, 3.919263178522438e-05,
         -2.185448510679992e-06, -1.85406221071516e-06, 8.296711340953087e-07,
         -1.7665952736826078e-07, 6.707853543401498e-09, 1.0261809784240309e-08},
        {-0.001851851851851852, -0.003472222222222222, 0.0026455026455026454,
         -0.0009902263374485596, 0.00020576131687242798, -4.018775720164609e-07,
         -1.8098550334489977e-05, 7.64916091608111e-06, -1.6120900894563446e-06,
         4.647127802807434e-09},
        {0.004133597883597883, -0.0026813271604938273, 0.0007716049382716049,
         2.0093878600823047e-06, -0.0001073665322636516, 5.2923448829120125e-05,
         -1.2760635188618728e-05},
        {0.0006494341563786008, 0.00022947209362139917, -0.0004691894943952557,
         0.00026772063206283885}};
    rm_dd exponent = deviance(a, (rm_dd){x, 0.0});
    double square = exponent.high < 0.0 ? -exponent.high : 0.0; /* a eta^2 / 2 */
    rm_dd root = {sqrt(square), 0.0};
    if (root.high > 0.0)
        root.low = (-exponent.low - fma(root.high, root.high, -square)) / (2.0 * root.high);
    double eta = (x < a ? -1.0 : 1.0) * sqrt(2.0 * square / a), correction = 0.0;
    for (int k = ROWS - 1; k >= 0; k--) {
        double sum = 0.0;
        for (int n = DEGREES - 1; n >= 0; n--)
            sum = sum * eta + table[k][n];
        correction = correction / a + sum;
    }
    double power = rm_dd_exp(exponent);
    *mass = power * peak(a);
    correction *= power / (root_two_pi * sqrt(a));
    double tail = 0.5 * erfc_dd(root) + (x < a ? -correction : correction);
    return x < a ? (rm_tails){tail, 1.0 - tail} : (rm_tails){1.0 - tail, tail};
}

/* P(a, x) = x^a e^-x / Gamma(a + 1) (1 + x / (a + 1) (1 + x / (a + 2) (1 + ...))), from the inside
 * outwards, so that roundings do not add up. */
static double gamma_series(double a, double x, double mass)
{
    double term = 1.0, sum = 1.0;
    int terms = 0;
    while (term > PRECISION * sum) {
        term *= x / (a + ++terms);
        sum += term;
    }
    for (sum = 1.0; terms > 0; terms--)
        sum = 1.0 + sum * (x / (a + terms));
    return mass * sum;
}

/* Q(a, x) = x^a e^-x / Gamma(a) / (b(0) + c(1) / (b(1) + c(2) / (b(2) + ...))) with b(k) = x + 1 -
 * a + 2 k, c(k) = k (a - k): Lentz's method finds how many terms it takes, and they are then worked
 * from the inside outwards, so that roundings do not add up. */
static double gamma_fraction(double a, double x, double mass)
{
    double first = x + 1.0 - a, upward = first, downward = 0.0, change = 0.0;
    int terms = 0;

    while (fabs(change - 1.0) > PRECISION) {
        double k = ++terms, b = first + 2.0 * k, c = k * (a - k);
        downward = b + c * downward;
        downward = 1.0 / (fabs(downward) < TINY ? TINY : downward);
        upward = b + c / (fabs(upward) < TINY ? TINY : upward);
        change = upward * downward;
        if (c == 0.0 || terms >= MOST_TERMS)
            break;
    }
    double value = first + 2.0 * terms;
    for (int k = terms; k > 0; k--)
        value = first + 2.0 * (k - 1) + k * (a - k) / value;
    return mass * a / value;
}

/* x above 0 and finite; *mass becomes x^a e^-x / Gamma(a + 1), which the slope is made of. */
static rm_tails gamma_with_mass(double a, double x, double *mass)
{
    if (a >= UNIFORM && fabs(x - a) < UNIFORM_FAR * a)
        return gamma_uniform(a, x, mass);
    *mass = poisson_mass(a, x);
    if (x < a + 1.0) {
        double lower = gamma_series(a, x, *mass);
        return (rm_tails){lower, 1.0 - lower};
    }
    double upper = gamma_fraction(a, x, *mass);
    return (rm_tails){1.0 - upper, upper};
}

rm_tails rm_gamma_tails(double a, double x)
{
    double mass;
    if (!(a > 0.0) || isinf(a) || !(x >= 0.0))
        return not_a_number;
    if (x == 0.0)
        return (rm_tails){0.0, 1.0};
    if (isinf(x))
        return (rm_tails){1.0, 0.0};
    return gamma_with_mass(a, x, &mass);
}

/* ---- beta ----------------------------------------------------------------------------------- */

/* I_x(a, b) for x <= a / (a + b) or little more, by the continued fraction of DiDonato and Morris
 * (1992, eq. 9), all of whose terms are positive while they matter. */
static double beta_fraction(double a, double b, double x, double y, double mass)
{
    double away = a > b ? (a + b) * y - b : a - (a + b) * x;
    double last_top = 0.0, last_bottom = 1.0, top = 1.0, bottom = a / (a + 1.0) * (away + 1.0);
    double before = 0.0, ratio = 1.0 / bottom;

    for (int term = 1; fabs(ratio - before) > PRECISION * ratio && term < MOST_TERMS; term++) {
        double n = term, step = a + 2.0 * n - 1.0, w = n * (b - n) * x;
        double alpha = (a + n - 1.0) / step * ((a + b + n - 1.0) / step) * w * x;
        double beta = n + w / step + (a + n) / (step + 2.0) * (away + 1.0 + n * (1.0 + y));
        double next_top = alpha * last_top + beta * top;
        double next_bottom = alpha * last_bottom + beta * bottom;
        before = ratio;
        ratio = next_top / next_bottom;
        last_top = top / next_bottom;
        last_bottom = bottom / next_bottom;
        top = ratio;
        bottom = 1.0;
    }
    return mass * (a / (a + b)) * b * ratio;
}

/* x and y above 0; *mass becomes x^a y^b Gamma(a + b + 1) / Gamma(a + 1) / Gamma(b + 1). */
static rm_tails beta_with_mass(double a, double b, double x, double y, double *mass)
{
    *mass = binomial_mass(a, b, x, y);
    if (b * x <= a * y) { /* x <= a / (a + b) */
        double lower = beta_fraction(a, b, x, y, *mass);
        return (rm_tails){lower, 1.0 - lower};
    }
    double upper = beta_fraction(b, a, y, x, *mass);
    return (rm_tails){1.0 - upper, upper};
}

rm_tails rm_beta_tails(double a, double b, double x, double y)
{
    double mass;
    if (!(a > 0.0 && b > 0.0) || isinf(a) || isinf(b) || !(x >= 0.0 && y >= 0.0) || x > 1.0 ||
        y > 1.0)
        return not_a_number;
    if (x == 0.0)
        return (rm_tails){0.0, 1.0};
    if (y == 0.0)
        return (rm_tails){1.0, 0.0};
    return beta_with_mass(a, b, x, y, &mass);
}

/* ---- inverses ------------------------------------------------------------------------------- */

/* A tail at x > 0, and how fast it grows with log x; both distributions have tails whose logarithm
 * is concave in log x (or in the log of the odds), so that Newton's method on it cannot go astray.
 */
typedef struct tail_search {
    double a, b; /* b = 0: gamma */
    bool upper;
    double target;
} tail_search;

static double tail_at(const tail_search *search, double x, double *slope)
{
    double a = search->a, b = search->b, mass;
    rm_tails tails;

    if (b == 0.0) {
        tails = gamma_with_mass(a, x, &mass);
        *slope = a * mass;
    } else {
        double y = 1.0 / (1.0 + x);
        tails = beta_with_mass(a, b, x / (1.0 + x), y, &mass);
        *slope = a / (a + b) * b * mass;
    }
    if (search->upper)
        *slope = -*slope;
    return search->upper ? tails.upper : tails.lower;
}

/* Where a normal distribution has p above it, to 5e-4 (Abramowitz and Stegun 26.2.23); p <= 1/2. */
static double rough_normal(double p)
{
    double t = sqrt(-2.0 * log(p));
    return t - (2.515517 + t * (0.802853 + t * 0.010328)) /
                   (1.0 + t * (1.432788 + t * (0.189269 + t * 0.001308)));
}

/* Near the answer: Wilson and Hilferty's cube for gamma, and where that does not go, as for beta,
 * normal in the logarithm. */
static double first_guess(const tail_search *search)
{
    double a = search->a, b = search->b, z = rough_normal(search->target);
    z = search->upper ? z : -z;
    double root = 1.0 - 1.0 / (9.0 * a) + z / (3.0 * sqrt(a));
    if (b == 0.0 && root > 0.2)
        return a * root * root * root;
    return b == 0.0 ? a * exp(z / sqrt(a)) : a / b * exp(z * sqrt(1.0 / a + 1.0 / b));
}

/* What to add to log x; infinite or NaN where the tail or its slope is too small to be held. */
static double newton_step(const tail_search *search, double tail, double slope)
{
    double off = (search->target - tail) / tail;
    double log_off = fabs(off) < 0.5 ? log1p(off) : log(search->target / tail);
    return log_off * (tail / slope);
}

/* Newton's method between bounds, halving the logarithm where it leaves them or knows no way. */
static double search_tail(const tail_search *search, double x)
{
    double low = 0.0, high = INFINITY;

    for (int round = 0; round < 2000 && x > SMALLEST && x < LARGEST; round++) {
        double slope, tail = tail_at(search, x, &slope);
        if (tail == search->target)
            return x;
        if ((tail < search->target) == search->upper)
            high = x;
        else
            low = x;
        double step = newton_step(search, tail, slope);
        double next = x * exp(fmin(step, 1.0)); /* the upper tail of gamma falls off ever faster */
        if (fabs(step * slope) < 1e-9 * tail)
            return next; /* the error is now the square of that */
        if (!(next > low && next < high))
            next = low == 0.0 ? x / 16.0 : isinf(high) ? x * 16.0 : sqrt(low) * sqrt(high);
        if (next == x)
            break;
        x = next;
    }
    return x <= SMALLEST ? 0.0 : x >= LARGEST ? INFINITY : x;
}

/* Of the two tails the smaller is looked for: the larger says little. */
static double quantile(double a, double b, bool upper, double p)
{
    if (!(a > 0.0 && isfinite(a) && p >= 0.0 && p <= 1.0))
        return NAN;
    if (p == 0.0 || p == 1.0)
        return upper == (p == 0.0) ? INFINITY : 0.0;
    tail_search search = {a, b, upper != (p > 0.5), p > 0.5 ? 1.0 - p : p};
    double guess = first_guess(&search);
    return search_tail(&search, guess > SMALLEST && guess < LARGEST ? guess : b == 0.0 ? a : a / b);
}

double rm_gamma_lower_quantile(double a, double p)
{
    return quantile(a, 0.0, false, p);
}

double rm_gamma_upper_quantile(double a, double p)
{
    return quantile(a, 0.0, true, p);
}

double rm_beta_lower_odds(double a, double b, double p)
{
    return b > 0.0 && isfinite(b) ? quantile(a, b, false, p) : NAN;
}

double rm_beta_upper_odds(double a, double b, double p)
{
    return b > 0.0 && isfinite(b) ? quantile(a, b, true, p) : NAN;
}

/* ---- counts --------------------------------------------------------------------------------- */

double rm_poisson_at_most(double count, double mean)
{
    return count < 0.0 ? 0.0 : rm_gamma_tails(count + 1.0, mean).upper;
}

double rm_poisson_at_least(double count, double mean)
{
    return count <= 0.0 ? 1.0 : rm_gamma_tails(count, mean).lower;
}

double rm_binomial_at_most(double count, double n, double p, double q)
{
    if (count < 0.0 || count >= n)
        return count < 0.0 ? 0.0 : 1.0;
    return rm_beta_tails(count + 1.0, n - count, p, q).upper;
}

double rm_binomial_at_least(double count, double n, double p, double q)
{
    if (count <= 0.0 || count > n)
        return count <= 0.0 ? 1.0 : 0.0;
    return rm_beta_tails(count, n - count + 1.0, p, q).lower;
}

double rm_binomial_exactly(double count, double n, double p, double q)
{
    if (count < 0.0 || count > n)
        return 0.0;
    if (p == 0.0 || q == 0.0)
        return count == (p == 0.0 ? 0.0 : n) ? 1.0 : 0.0;
    return binomial_mass(count, n - count, p, q);
}

/* The first count from the mode to the end (0 or n) that is no more probable than limit; one past
 * the end if there is none. Probabilities fall all the way. */
static double first_unlikely(double mode, double end, double n, double p, double q, double limit)
{
    double near = mode, far = end;
    if (rm_binomial_exactly(end, n, p, q) > limit)
        return end == 0.0 ? -1.0 : n + 1.0;
    while (fabs(far - near) > 1.0) {
        double middle = floor(0.5 * (near + far));
        if (rm_binomial_exactly(middle, n, p, q) > limit)
            near = middle;
        else
            far = middle;
    }
    return far;
}

double rm_binomial_as_unlikely(double count, double n, double p, double q)
{
    double mode = fmin(n, floor((n + 1.0) * p));
    double limit = rm_binomial_exactly(count, n, p, q) * (1.0 + 1e-7);

    if (rm_binomial_exactly(mode, n, p, q) <= limit)
        return 1.0;
    double above = count > mode ? count : first_unlikely(mode, n, n, p, q, limit);
    double below = count < mode ? count : first_unlikely(mode, 0.0, n, p, q, limit);
    return fmin(1.0, rm_binomial_at_least(above, n, p, q) + rm_binomial_at_most(below, n, p, q));
}
