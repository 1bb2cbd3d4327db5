/* What a PNG says of itself. */
#include "output/picture/page.h"

#include <string.h>

enum { HEADER_END = 8 + 25 }; /* the signature and IHDR, which comes first and has one size */

static uint32_t crc_of(const char *data, int64_t length)
{
    uint32_t crc = 0xffffffffu;
    for (int64_t i = 0; i < length; i++) {
        crc ^= (uint8_t)data[i];
        for (int bit = 0; bit < 8; bit++)
            crc = (crc >> 1) ^ ((crc & 1) ? 0xedb88320u : 0);
    }
    return ~crc;
}

static void add_number(rm_text *out, uint32_t number)
{
    char bytes[4] = {(char)(number >> 24), (char)(number >> 16), (char)(number >> 8), (char)number};
    rm_text_add_n(out, bytes, 4);
}

static bool is_ascii(const char *text)
{
    for (; *text; text++)
        if ((uint8_t)*text >= 0x80)
            return false;
    return true;
}

rm_status rm_png_add_text(rm_text *png, const char *keyword, const char *text, rm_error *err)
{
    bool ascii = is_ascii(text);
    rm_text chunk = {0}, whole = {0};
    rm_text_add(&chunk, ascii ? "tEXt" : "iTXt");
    rm_text_add_n(&chunk, keyword, (int64_t)strlen(keyword) + 1);
    if (!ascii)
        rm_text_add_n(&chunk, "\0\0\0", 4); /* plain; no language; no keyword in it */
    rm_text_add(&chunk, text);
    if (!chunk.failed && png->length >= HEADER_END) {
        rm_text_add_n(&whole, png->data, HEADER_END);
        add_number(&whole, (uint32_t)(chunk.length - 4));
        rm_text_add_n(&whole, chunk.data, chunk.length);
        add_number(&whole, crc_of(chunk.data, chunk.length));
        rm_text_add_n(&whole, png->data + HEADER_END, png->length - HEADER_END);
    }
    whole.failed |= chunk.failed;
    rm_text_clear(&chunk);
    rm_status status = rm_text_status(&whole, err);
    if (status == RM_OK && whole.length > 0) {
        rm_text_clear(png);
        *png = whole;
    } else {
        rm_text_clear(&whole);
    }
    return status;
}
