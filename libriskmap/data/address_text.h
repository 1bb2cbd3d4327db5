/* What the parts that read addresses share. */
#ifndef RM_DATA_ADDRESS_TEXT_H
#define RM_DATA_ADDRESS_TEXT_H

#include "data/address.h"

/* Lower case without diacritics; every kind of blank, dash and apostrophe becomes the plain one.
 * What has no such letter keeps its bytes. Cut to size; returns the length. */
int64_t rm_address_fold(char *out, int64_t size, const char *text, int64_t length);

static inline bool rm_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static inline bool rm_is_letter(char c) /* of folded text */
{
    return (c >= 'a' && c <= 'z') || (unsigned char)c >= 0x80;
}

/* The characters of a suffix while it is put together. */
typedef struct rm_suffix_builder {
    char text[64];
    int length;
} rm_suffix_builder;
/* Adds the letters and digits of folded text; what does not fit is left out. */
void rm_suffix_add(rm_suffix_builder *suffix, const char *folded, int64_t length);
uint64_t rm_suffix_pack(const rm_suffix_builder *suffix);

/* A bijection that spreads its input over all bits. */
static inline uint64_t rm_mix(uint64_t value)
{
    value ^= value >> 30;
    value *= UINT64_C(0xbf58476d1ce4e5b9);
    value ^= value >> 27;
    value *= UINT64_C(0x94d049bb133111eb);
    return value ^ value >> 31;
}

#endif
