/* Postcodes, suffixes, and the normal form of streets and places. */
#include "data/address_text.h"

#include <string.h>

enum { NORMAL = 128 }; /* bytes of a normal form; no street comes near */

/* U+00C0 .. U+017F, two letters each. */
static const char latin[] = "a a a a a a aec e e e e i i i i d n o o o o o   o u u u u y thss"
                            "a a a a a a aec e e e e i i i i d n o o o o o   o u u u u y thy "
                            "a a a a a a c c c c c c c c d d d d e e e e e e e e e e g g g g "
                            "g g g g h h h h i i i i i i i i i i ijijj j k k k l l l l l l l "
                            "l l l n n n n n n n n n o o o o o o oeoer r r r r r s s s s s s "
                            "s s t t t t t t u u u u u u u u u u u u w w y y y z z z z z z s ";

/* A character of two or three bytes as plain ones; NULL: it has none. */
static const char *plain_of(const unsigned char *at, int64_t length, int *size)
{
    static const struct {
        const char *bytes, *plain;
    } others[] = {
        {"\xC2\xA0", " "},     {"\xE2\x80\xAF", " "}, {"\xE2\x80\x89", " "}, {"\xE2\x80\x98", "'"},
        {"\xE2\x80\x99", "'"}, {"\xC2\xB4", "'"},     {"\xE2\x80\x90", "-"}, {"\xE2\x80\x91", "-"},
        {"\xE2\x80\x93", "-"}, {"\xE2\x80\x94", "-"}, {"\xE2\x88\x92", "-"},
    };
    bool combining = at[0] == 0xCC || (at[0] == 0xCD && length > 1 && at[1] < 0xB0);
    if (combining && length > 1) {
        *size = 2;
        return "";
    }
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        size_t n = strlen(others[i].bytes);
        if ((size_t)length >= n && memcmp(at, others[i].bytes, n) == 0) {
            *size = (int)n;
            return others[i].plain;
        }
    }
    return NULL;
}

static int64_t add_latin(char *out, int64_t size, const unsigned char *at)
{
    int64_t n = 0;
    unsigned index = ((at[0] & 0x1FU) << 6 | (at[1] & 0x3FU)) - 0xC0U;
    for (int k = 0; k < 2 && n < size; k++)
        if (latin[2 * index + (unsigned)k] != ' ')
            out[n++] = latin[2 * index + (unsigned)k];
    return n;
}

int64_t rm_address_fold(char *out, int64_t size, const char *text, int64_t length)
{
    int64_t n = 0;
    for (int64_t i = 0; i < length && n < size;) {
        const unsigned char *at = (const unsigned char *)text + i;
        int taken = 1;
        if (*at < 0x80) {
            bool capital = *at >= 'A' && *at <= 'Z';
            out[n++] = *at < ' ' ? ' ' : *at == '`' ? '\'' : (char)(capital ? *at + 32 : *at);
        } else if (*at >= 0xC3 && *at <= 0xC5 && i + 1 < length) {
            n += add_latin(out + n, size - n, at);
            taken = 2;
        } else {
            const char *plain = plain_of(at, length - i, &taken);
            if (!plain)
                out[n++] = (char)*at;
            else if (*plain)
                out[n++] = *plain;
        }
        i += taken;
    }
    return n;
}

uint32_t rm_postcode(const char *text, int64_t length)
{
    char folded[32];
    int64_t n = rm_address_fold(folded, sizeof folded, text, length), at = 0;
    uint32_t digits = 0, letters = 0;
    while (at < n && folded[at] == ' ')
        at++;
    if (n - at > 3 && memcmp(folded + at, "nl-", 3) == 0)
        at += 3;
    for (int k = 0; k < 4; k++, at++) {
        if (at >= n || !rm_is_digit(folded[at]))
            return 0;
        digits = digits * 10 + (uint32_t)(folded[at] - '0');
    }
    while (at < n && strchr(" -.", folded[at]))
        at++;
    for (int k = 0; k < 2; k++, at++) {
        if (at >= n || folded[at] < 'a' || folded[at] > 'z')
            return 0;
        letters = letters * 26 + (uint32_t)(folded[at] - 'a');
    }
    while (at < n && strchr(" .,", folded[at]))
        at++;
    return at == n && digits >= 1000 ? digits * 676 + letters : 0;
}

void rm_suffix_add(rm_suffix_builder *suffix, const char *folded, int64_t length)
{
    for (int64_t i = 0; i < length && suffix->length < (int)sizeof suffix->text; i++) {
        char c = folded[i];
        if (rm_is_digit(c))
            suffix->text[suffix->length++] = c;
        else if (c >= 'a' && c <= 'z')
            suffix->text[suffix->length++] = (char)(c - 32);
    }
}

static uint64_t hash_bytes(const char *text, int64_t length)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (int64_t i = 0; i < length; i++)
        hash = (hash ^ (unsigned char)text[i]) * UINT64_C(0x100000001b3);
    return rm_mix(hash);
}

/* Digits are 1..10 and letters 11..36 of base 37, of which 12 fit in 63 bits. */
uint64_t rm_suffix_pack(const rm_suffix_builder *suffix)
{
    uint64_t packed = 0;
    if (suffix->length > 12)
        return hash_bytes(suffix->text, suffix->length) | UINT64_C(1) << 63;
    for (int i = 0; i < suffix->length; i++) {
        char c = suffix->text[i];
        packed = packed * 37 + (uint64_t)(rm_is_digit(c) ? c - '0' + 1 : c - 'A' + 11);
    }
    return packed;
}

uint64_t rm_suffix(const char *text, int64_t length)
{
    static const char *const nothing[] = {"NVT", "GEEN", "NULL", "NONE", "NAN", "ONBEKEND"};
    char folded[96];
    rm_suffix_builder suffix = {.length = 0};
    rm_suffix_add(&suffix, folded, rm_address_fold(folded, sizeof folded, text, length));
    for (size_t i = 0; i < sizeof nothing / sizeof *nothing; i++)
        if ((size_t)suffix.length == strlen(nothing[i]) &&
            memcmp(suffix.text, nothing[i], (size_t)suffix.length) == 0)
            return 0;
    return rm_suffix_pack(&suffix);
}

void rm_suffix_text(uint64_t suffix, char out[16])
{
    char reversed[16];
    int n = 0;
    if (suffix >> 63) {
        memcpy(out, "?", 2);
        return;
    }
    for (; suffix > 0; suffix /= 37) {
        char digit = (char)(suffix % 37);
        reversed[n++] = (char)(digit <= 10 ? '0' + digit - 1 : 'A' + digit - 11);
    }
    for (int i = 0; i < n; i++)
        out[i] = reversed[n - 1 - i];
    out[n] = '\0';
}

typedef struct pair {
    const char *from, *to;
} pair;

/* Whole words, to the shortest of the forms in use. */
static const pair street_words[] = {
    {"burgemeester", "burg"},
    {"burgem", "burg"},
    {"burgm", "burg"},
    {"bgm", "burg"},
    {"dokter", "dr"},
    {"doctor", "dr"},
    {"dominee", "ds"},
    {"professor", "prof"},
    {"ingenieur", "ir"},
    {"meester", "mr"},
    {"pastoor", "past"},
    {"pater", "p"},
    {"kapelaan", "kap"},
    {"sint", "st"},
    {"jonkheer", "jhr"},
    {"generaal", "gen"},
    {"kapitein", "kapt"},
    {"luitenant", "lt"},
    {"admiraal", "adm"},
    {"president", "pres"},
    {"minister", "min"},
    {"kardinaal", "kard"},
    {"monseigneur", "mgr"},
    {"koningin", "kon"},
    {"prinses", "pr"},
    {"prins", "pr"},
    {"graaf", "gr"},
    {"nwe", "nieuwe"},
    {"nw", "nieuwe"},
    {"eerste", "1e"},
    {"1ste", "1e"},
    {"tweede", "2e"},
    {"2de", "2e"},
    {"derde", "3e"},
    {"3de", "3e"},
    {"vierde", "4e"},
    {"4de", "4e"},
    {"vijfde", "5e"},
    {"5de", "5e"},
    {"van", "v"},
    {"vd", "vd"},
    {"vdr", "vd"},
    {"vh", "vt"},
    {"de", "d"},
    {"den", "d"},
    {"der", "d"},
    {"het", "t"},
};

/* The ends of words. */
static const pair street_ends[] = {
    {"straat", "str"}, {"laan", "ln"}, {"weg", "wg"},      {"plein", "pln"},
    {"dijk", "dk"},    {"kade", "kd"}, {"singel", "sngl"}, {"gracht", "gr"},
};

typedef struct normal {
    char text[NORMAL];
    size_t length;
} normal;

static void put(normal *out, const char *text, size_t length)
{
    size_t room = sizeof out->text - out->length;
    length = length < room ? length : room;
    memcpy(out->text + out->length, text, length);
    out->length += length;
}

static bool ends_so(const normal *out, size_t begin, const char *end)
{
    size_t n = strlen(end);
    return out->length >= begin + n && memcmp(out->text + out->length - n, end, n) == 0;
}

/* "straatweg" has two ends: the word before the last end is looked at too. */
static void shorten_end(normal *out, size_t begin)
{
    for (size_t i = 0; i < sizeof street_ends / sizeof *street_ends; i++) {
        const pair *end = &street_ends[i];
        if (!ends_so(out, begin, end->from))
            continue;
        out->length -= strlen(end->from);
        if (ends_so(out, begin, "straat"))
            out->length -= strlen("aat");
        put(out, end->to, strlen(end->to));
        return;
    }
}

static void put_street_word(normal *out, const char *word, size_t length)
{
    size_t begin = out->length;
    for (size_t i = 0; i < sizeof street_words / sizeof *street_words; i++)
        if (strlen(street_words[i].from) == length &&
            memcmp(street_words[i].from, word, length) == 0) {
            put(out, street_words[i].to, strlen(street_words[i].to));
            return;
        }
    put(out, word, length);
    shorten_end(out, begin);
}

static bool is_one_of(const char *word, size_t length, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strlen(words[i]) == length && memcmp(words[i], word, length) == 0)
            return true;
    return false;
}

static void put_place_word(normal *out, const char *word, size_t length)
{
    static const char *const provinces[] = {"ov", "o",  "gld", "gd", "nh",  "zh", "nb", "lb",
                                            "ut", "fr", "gn",  "dr", "zld", "l",  "nbr"};
    if (length == 4 && memcmp(word, "sint", 4) == 0)
        put(out, "st", 2);
    else if (out->length == 0 ||
             !is_one_of(word, length, provinces, sizeof provinces / sizeof *provinces))
        put(out, word, length);
}

typedef void (*word_fn)(normal *out, const char *word, size_t length);

/* Words are letters and digits; apostrophes do not part them. */
static void normalise(normal *out, const char *text, int64_t length, word_fn put_word)
{
    char folded[256], word[64];
    size_t n = 0;
    int64_t size = rm_address_fold(folded, sizeof folded, text, length);
    out->length = 0;
    for (int64_t i = 0; i <= size; i++) {
        char c = i < size ? folded[i] : ' ';
        bool part = rm_is_letter(c) || rm_is_digit(c);
        if (n > 0 && (n == sizeof word || (!part && c != '\''))) {
            put_word(out, word, n);
            n = 0;
        }
        if (part)
            word[n++] = c;
    }
}

uint64_t rm_street(const char *text, int64_t length)
{
    normal street;
    normalise(&street, text, length, put_street_word);
    return street.length == 0 ? 0 : hash_bytes(street.text, (int64_t)street.length) | 1U;
}

uint64_t rm_place(const char *text, int64_t length)
{
    static const pair names[] = {{"denhaag", "sgravenhage"}, {"denbosch", "shertogenbosch"}};
    normal place;
    normalise(&place, text, length, put_place_word);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (place.length == strlen(names[i].from) &&
            memcmp(place.text, names[i].from, place.length) == 0) {
            place.length = 0;
            put(&place, names[i].to, strlen(names[i].to));
        }
    return place.length == 0 ? 0 : hash_bytes(place.text, (int64_t)place.length) | 1U;
}
