#include "data/quote.h"

#include <string.h>

#define MAX_CHARACTERS 40
#define MAX_BYTES      190 /* in case the text is no UTF-8 and one character seems endless */

rm_quote rm_quoted(const char *text, int64_t length)
{
    rm_quote out;
    size_t used = 0;
    int64_t i = 0;
    out.text[used++] = '"';
    for (int32_t n = 0; i < length && n < MAX_CHARACTERS && used < MAX_BYTES; n++) {
        do {
            char c = text[i++];
            out.text[used++] = (unsigned char)c < 0x20 || c == 0x7f ? '?' : c;
        } while (i < length && ((unsigned char)text[i] & 0xC0) == 0x80 && used < MAX_BYTES);
    }
    memcpy(out.text + used, i < length ? "...\"" : "\"", i < length ? 5 : 2);
    return out;
}

rm_quote rm_quoted_text(const char *text)
{
    return rm_quoted(text, (int64_t)strlen(text));
}
