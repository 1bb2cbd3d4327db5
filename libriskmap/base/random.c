#include "base/random.h"

double rm_random_unit(uint64_t seed, uint64_t stream, uint64_t counter)
{
    return (double)(rm_random_bits(seed, stream, counter) >> 11) * 0x1p-53;
}

/* Lemire, "Fast random integer generation in an interval" (2019): the high word of bits * bound is
 * the draw, and the few bits whose low word is below 2^64 mod bound are drawn again. A second try
 * takes the block's other word and later ones other keys, so no draw of another counter is used. */
uint64_t rm_random_below(uint64_t seed, uint64_t stream, uint64_t counter, uint64_t bound)
{
    uint64_t block[2] = {0, 0};
    uint64_t threshold = 0;
    for (uint64_t attempt = 0;; attempt++) {
        if (attempt % 2 == 0)
            rm_random_block(seed + attempt / 2 * 0xBB67AE8584CAA73Bu, stream, counter, block);
        rm_uint128 product = (rm_uint128)block[attempt % 2] * bound;
        uint64_t low = (uint64_t)product;
        if (attempt == 0 && low < bound)
            threshold = (0 - bound) % bound;
        if (low >= bound || low >= threshold)
            return (uint64_t)(product >> 64);
    }
}
