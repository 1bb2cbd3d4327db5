/* Counter-based random numbers: draw k of stream s under a seed is a pure function of the three, so
 * any thread can make any draw and the outcome does not depend on who made it.
 * Source: Philox 2x64-10 of Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as
 * 1, 2, 3" (SC 2011), with the seed as key and (stream, counter) as counter. */
#ifndef RM_BASE_RANDOM_H
#define RM_BASE_RANDOM_H

#include "base/sums.h"

#include <stdint.h>

static inline void rm_random_round(uint64_t *left, uint64_t *right, uint64_t key)
{
    rm_uint128 product = (rm_uint128)*left * 0xD2B74407B1CE6E93u;
    *left = (uint64_t)(product >> 64) ^ key ^ *right;
    *right = (uint64_t)product;
}

/* Both words of a block, 128 independent bits. Here so that it is inlined: loops that draw much
 * take both words, and blocks that do not wait for one another overlap in the processor. */
static inline void rm_random_block(uint64_t seed, uint64_t stream, uint64_t counter,
                                   uint64_t out[2])
{
    uint64_t key = seed;
    out[0] = counter;
    out[1] = stream;
    for (int round = 0; round < 10; round++, key += 0x9E3779B97F4A7C15u)
        rm_random_round(&out[0], &out[1], key);
}

/* The blocks of counter and counter + 1, made side by side: a quarter faster than one by one. */
static inline void rm_random_two_blocks(uint64_t seed, uint64_t stream, uint64_t counter,
                                        uint64_t out[4])
{
    uint64_t key = seed;
    out[0] = counter;
    out[2] = counter + 1;
    out[1] = out[3] = stream;
    for (int round = 0; round < 10; round++, key += 0x9E3779B97F4A7C15u) {
        rm_random_round(&out[0], &out[1], key);
        rm_random_round(&out[2], &out[3], key);
    }
}

/* The first word of the block. */
static inline uint64_t rm_random_bits(uint64_t seed, uint64_t stream, uint64_t counter)
{
    uint64_t block[2];
    rm_random_block(seed, stream, counter, block);
    return block[0];
}

double rm_random_unit(uint64_t seed, uint64_t stream, uint64_t counter); /* [0, 1), 53 bits */
/* Unbiased, 0 .. bound-1; bound > 0. */
uint64_t rm_random_below(uint64_t seed, uint64_t stream, uint64_t counter, uint64_t bound);

#endif
