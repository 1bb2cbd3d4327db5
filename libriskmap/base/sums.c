#include "base/sums.h"

#include <math.h>

#define LIMIT ((rm_int128)1 << 126) /* 2^86 in quanta */

static void add_quanta(rm_sum *sum, rm_int128 quanta)
{
    if (sum->value == RM_SUM_OVERFLOW)
        return;
    rm_int128 value = sum->value + quanta;
    sum->value = value > -LIMIT && value < LIMIT ? value : RM_SUM_OVERFLOW;
}

void rm_sum_add_any(rm_sum *sum, double x)
{
    double magnitude = fabs(x);
    if (!(magnitude < 0x1p86)) {
        sum->value = RM_SUM_OVERFLOW;
    } else if (magnitude < 0x1p22) {
        add_quanta(sum, llrint(x * 0x1p40));
    } else {
        /* 53 bits from 2^22 on reach down to 2^-30 at most, so the shift is to the left. */
        int exponent;
        double fraction = frexp(x, &exponent);
        rm_int128 mantissa = (int64_t)ldexp(fraction, 53);
        add_quanta(sum, mantissa * ((rm_int128)1 << (exponent - 53 + 40)));
    }
}

void rm_sum_merge(rm_sum *sum, const rm_sum *other)
{
    if (other->value == RM_SUM_OVERFLOW)
        sum->value = RM_SUM_OVERFLOW;
    else
        add_quanta(sum, other->value);
}

bool rm_sum_overflowed(const rm_sum *sum)
{
    return sum->value == RM_SUM_OVERFLOW;
}

double rm_sum_value(const rm_sum *sum)
{
    if (sum->value == RM_SUM_OVERFLOW)
        return NAN;
    return (double)sum->value * 0x1p-40;
}
