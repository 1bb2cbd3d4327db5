/* Sums whose outcome does not depend on the order: 128-bit fixed point with a quantum of 2^-40. */
#ifndef RM_BASE_SUMS_H
#define RM_BASE_SUMS_H

#include <stdbool.h>
#include <stdint.h>

__extension__ typedef __int128 rm_int128;
__extension__ typedef unsigned __int128 rm_uint128;

typedef struct rm_sum {
    rm_int128 value; /* in quanta of 2^-40; RM_SUM_OVERFLOW once it ran over, and stays so */
} rm_sum;

#define RM_SUM_OVERFLOW (-2 * ((rm_int128)1 << 126))

/* Whatever x and the sum are; rm_sum_add takes the common case out of it. */
void rm_sum_add_any(rm_sum *sum, double x);

/* Adds x rounded to the nearest quantum (halves to even). x must be finite: what is not counts as
 * an overflow. Overflow (|sum| >= 2^86) is remembered. */
static inline void rm_sum_add(rm_sum *sum, double x)
{
    int64_t high = (int64_t)(sum->value >> 64);
    bool small = x > -2048.0 && x < 2048.0 && high > -((int64_t)1 << 60) && high < (int64_t)1 << 60;
    if (small) {
        /* Below 2^51 quanta, adding and taking off 1.5 * 2^52 rounds as the processor rounds. */
        const double shift = 6755399441055744.0;
        sum->value += (int64_t)((x * 1099511627776.0 + shift) - shift);
    } else {
        rm_sum_add_any(sum, x);
    }
}

void rm_sum_merge(rm_sum *sum, const rm_sum *other);
bool rm_sum_overflowed(const rm_sum *sum);
double rm_sum_value(const rm_sum *sum); /* nearest double; NaN after an overflow */

#endif
