#include "data/term.h"

#include <string.h>

static bool is_small(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static bool is_capital(char c)
{
    return c >= 'A' && c <= 'Z';
}

/* The letter without its accent of the two bytes of U+00C0 to U+00FF, 0 when it is no letter. */
static char plain_letter(unsigned char second)
{
    /* clang-format off */
    static const char plain[] =
        "AAAAAAACEEEEIIII" "DNOOOOO\0OUUUUYTS" "aaaaaaaceeeeiiii" "dnooooo\0ouuuuyty";
    /* clang-format on */
    return plain[second & 0x3f];
}

/* The next letter or digit as ASCII; 0 at what is neither. *size: how many bytes it took. */
static char next_letter(const char *at, int *size)
{
    unsigned char c = (unsigned char)at[0];
    *size = 1;
    if (is_small(at[0]) || is_capital(at[0]))
        return at[0];
    if (c == 0xc3 && ((unsigned char)at[1] & 0xc0) == 0x80) {
        *size = 2;
        return plain_letter((unsigned char)at[1]);
    }
    return 0;
}

static void end_word(rm_terms *out, int *length, int begin)
{
    if (*length == begin)
        return;
    out->at[out->count++] = (unsigned char)begin;
    out->words[(*length)++] = '\0';
}

void rm_terms_split(rm_terms *out, const char *identifier)
{
    int length = 0, begin = 0, size;
    char before = 0;
    out->count = 0;
    for (const char *at = identifier;
         *at && length < RM_TERM_ROOM - 2 && out->count < RM_TERM_WORDS; at += size) {
        char c = next_letter(at, &size);
        if (c == 0 || (is_capital(c) && is_small(before))) {
            end_word(out, &length, begin);
            begin = length;
        }
        if (c != 0)
            out->words[length++] = is_capital(c) ? (char)(c + ('a' - 'A')) : c;
        before = c;
    }
    if (out->count < RM_TERM_WORDS)
        end_word(out, &length, begin);
    else
        length = begin;
    out->words[length] = '\0';
    memcpy(out->whole, out->words, sizeof out->whole);
    for (int i = 0; i + 1 < length; i++)
        if (out->whole[i] == '\0')
            out->whole[i] = '_';
}

/* A pattern of `length` bytes against one word. */
static bool fits_word(const char *word, const char *pattern, size_t length)
{
    bool before = length > 0 && pattern[0] == '*';
    bool behind = length > 1 && pattern[length - 1] == '*';
    size_t size = strlen(word), fixed = length - before - behind;
    pattern += before;
    if (size < fixed || (!before && !behind && size != fixed))
        return false;
    size_t first = before && !behind ? size - fixed : 0, last = before ? size - fixed : 0;
    for (size_t at = first; at <= last; at++)
        if (memcmp(word + at, pattern, fixed) == 0)
            return true;
    return false;
}

/* A group: patterns with | between them. */
static bool fits_group(const rm_terms *terms, const char *group, size_t length)
{
    for (size_t at = 0; at < length;) {
        size_t size = at;
        while (size < length && group[size] != '|')
            size++;
        for (int w = 0; w < terms->count; w++)
            if (fits_word(terms->words + terms->at[w], group + at, size - at))
                return true;
        at = size + 1;
    }
    return false;
}

bool rm_term_fits(const rm_terms *terms, const rm_term_rule *rule)
{
    for (const char *at = rule->needs; *at; at += *at == ' ') {
        size_t length = strcspn(at, " ");
        if (!fits_group(terms, at, length))
            return false;
        at += length;
    }
    for (const char *at = rule->unless ? rule->unless : ""; *at; at += *at == ' ') {
        size_t length = strcspn(at, " ");
        if (fits_group(terms, at, length))
            return false;
        at += length;
    }
    return true;
}

int rm_term_meaning(const rm_terms *terms, const rm_term_rule *rules, int count)
{
    for (int r = 0; r < count; r++)
        if (rm_term_fits(terms, &rules[r]))
            return rules[r].meaning;
    return -1;
}

/* Without the number behind a name: StatLine counts its columns, and years are added. */
static size_t without_number(const char *text, size_t length)
{
    size_t shorter = length;
    while (shorter > 0 && text[shorter - 1] >= '0' && text[shorter - 1] <= '9')
        shorter--;
    if (shorter > 0 && text[shorter - 1] == '_')
        shorter--;
    return shorter;
}

bool rm_term_in_list(const rm_terms *terms, const char *codes)
{
    for (int w = 0; w < terms->count; w++) {
        const char *rest =
            terms->whole + terms->at[w]; /* words and whole are alike but for the _ */
        size_t length = strlen(rest), shorter = without_number(rest, length);
        for (const char *at = codes; *at; at += *at == ' ') {
            size_t size = strcspn(at, " ");
            if (size > 0 && (size == length || size == shorter) && memcmp(at, rest, size) == 0)
                return true;
            at += size;
        }
    }
    return false;
}
