#include "stats/rate/double_double.h"

#include <math.h>

rm_dd rm_dd_sum(double a, double b)
{
    double sum = a + b, of_b = sum - a;
    return (rm_dd){sum, (a - (sum - of_b)) + (b - of_b)};
}

rm_dd rm_dd_product(double a, double b)
{
    double product = a * b;
    return (rm_dd){product, fma(a, b, -product)};
}

static rm_dd tidy(double high, double low)
{
    double sum = high + low;
    return (rm_dd){sum, low - (sum - high)};
}

rm_dd rm_dd_add(rm_dd a, rm_dd b)
{
    rm_dd high = rm_dd_sum(a.high, b.high), low = rm_dd_sum(a.low, b.low);
    high = tidy(high.high, high.low + low.high);
    return tidy(high.high, high.low + low.low);
}

rm_dd rm_dd_multiply(rm_dd a, rm_dd b)
{
    rm_dd product = rm_dd_product(a.high, b.high);
    return tidy(product.high, product.low + (a.high * b.low + a.low * b.high));
}

rm_dd rm_dd_divide(rm_dd a, rm_dd b)
{
    double first = a.high / b.high;
    rm_dd taken = rm_dd_multiply((rm_dd){first, 0.0}, b);
    rm_dd rest = rm_dd_add(a, (rm_dd){-taken.high, -taken.low});
    double second = rest.high / b.high;
    taken = rm_dd_multiply((rm_dd){second, 0.0}, b);
    rest = rm_dd_add(rest, (rm_dd){-taken.high, -taken.low});
    rm_dd quotient = tidy(first, second);
    return tidy(quotient.high, quotient.low + rest.high / b.high);
}

/* log m = 2 atanh s = 2 s (1 + s^2 / 3 + s^4 / 5 + ...) with s = (m - 1) / (m + 1); m lies within
 * sqrt(1/2) .. sqrt(2), so s^2 < 0.0295, and what the ninth and later terms lack is below 1e-28. */
static rm_dd log_mantissa(rm_dd m)
{
    enum { EXACT = 9, TERMS = 22 };
    static const rm_dd share[EXACT] = {{0x1p+0, 0.0},
                                       {0x1.5555555555555p-2, 0x1.5555555555555p-56},
                                       {0x1.999999999999ap-3, -0x1.999999999999ap-57},
                                       {0x1.2492492492492p-3, 0x1.2492492492492p-57},
                                       {0x1.c71c71c71c71cp-4, 0x1.c71c71c71c71cp-58},
                                       {0x1.745d1745d1746p-4, -0x1.745d1745d1746p-59},
                                       {0x1.3b13b13b13b14p-4, -0x1.3b13b13b13b14p-58},
                                       {0x1.1111111111111p-4, 0x1.1111111111111p-60},
                                       {0x1.e1e1e1e1e1e1ep-5, 0x1.e1e1e1e1e1e1ep-61}};
    rm_dd s = rm_dd_divide(rm_dd_add(m, (rm_dd){-1.0, 0.0}), rm_dd_add(m, (rm_dd){1.0, 0.0}));
    rm_dd square = rm_dd_multiply(s, s);
    double rest = 0.0;

    for (int term = TERMS - 1; term >= EXACT; term--)
        rest = rest * square.high + 1.0 / (2 * term + 1);
    rm_dd sum = {rest, 0.0};
    for (int term = EXACT - 1; term >= 0; term--)
        sum = rm_dd_add(rm_dd_multiply(sum, square), share[term]);
    sum = rm_dd_multiply(sum, s);
    return (rm_dd){2.0 * sum.high, 2.0 * sum.low};
}

rm_dd rm_dd_log(rm_dd x)
{
    const rm_dd log_two = {0x1.62e42fefa39efp-1, 0x1.abc9e3b39803fp-56};
    int exponent;
    double mantissa = frexp(x.high, &exponent);

    if (mantissa < 0.70710678118654752) {
        mantissa *= 2.0;
        exponent--;
    }
    rm_dd log = log_mantissa((rm_dd){mantissa, ldexp(x.low, -exponent)});
    return rm_dd_add(rm_dd_multiply(log_two, (rm_dd){exponent, 0.0}), log);
}

double rm_dd_exp(rm_dd x)
{
    double power = exp(x.high);
    return power > 0.0 ? power + power * x.low : 0.0;
}
