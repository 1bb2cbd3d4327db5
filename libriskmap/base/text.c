#define _GNU_SOURCE
#include "base/text.h"

#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* The C locale comes from the library's own table, and is set for this thread and
 * this call alone. */
int rm_vformat(char *buffer, size_t size, const char *format, va_list arguments)
{
    locale_t plain = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    locale_t before = plain != (locale_t)0 ? uselocale(plain) : (locale_t)0;
    int length = vsnprintf(buffer, size, format, arguments);
    if (plain != (locale_t)0) {
        uselocale(before);
        freelocale(plain);
    }
    return length;
}

static bool reserve(rm_text *text, int64_t more)
{
    if (text->failed || more < 0 || more > INT64_MAX - 1 - text->length ||
        RM_GROW(&text->data, &text->capacity, text->length + more + 1, NULL) != RM_OK)
        text->failed = true;
    return !text->failed;
}

void rm_text_add_n(rm_text *text, const char *piece, int64_t length)
{
    if (!reserve(text, length))
        return;
    if (length > 0)
        memcpy(text->data + text->length, piece, (size_t)length);
    text->length += length;
    text->data[text->length] = '\0';
}

void rm_text_add(rm_text *text, const char *piece)
{
    rm_text_add_n(text, piece, (int64_t)strlen(piece));
}

void rm_text_addf(rm_text *text, const char *format, ...)
{
    char first[256];
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int length = rm_vformat(first, sizeof first, format, arguments);
    if (length < 0) {
        text->failed = true;
    } else if (length < (int)sizeof first) {
        rm_text_add_n(text, first, length);
    } else if (reserve(text, length)) {
        (void)rm_vformat(text->data + text->length, (size_t)length + 1, format, again);
        text->length += length;
    }
    va_end(again);
    va_end(arguments);
}

void rm_text_add_int64(rm_text *text, int64_t value)
{
    char digits[20];
    int at = sizeof digits;
    uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    do {
        digits[--at] = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest > 0);
    if (value < 0)
        digits[--at] = '-';
    rm_text_add_n(text, digits + at, (int64_t)sizeof digits - at);
}

/* The bytes of `value` up to `end` that need no escape. */
static int64_t plain_bytes(const char *value, int64_t end)
{
    int64_t n = 0;
    while (n < end && (unsigned char)value[n] >= 0x20 && (unsigned char)value[n] != 0x7F &&
           value[n] != '"' && value[n] != '\\')
        n++;
    return n;
}

static void add_escaped(rm_text *text, unsigned char c)
{
    static const char names[] = "\"\"\\\\\nn\rr\tt\bb\ff";
    for (const char *n = names; *n != '\0'; n += 2) {
        if ((unsigned char)n[0] == c) {
            const char escape[2] = {'\\', n[1]};
            rm_text_add_n(text, escape, 2);
            return;
        }
    }
    rm_text_addf(text, "\\u%04x", (unsigned)c);
}

void rm_text_add_json(rm_text *text, const char *value)
{
    int64_t length = (int64_t)strlen(value);
    int64_t at = 0;
    rm_text_add_n(text, "\"", 1);
    while (at < length) {
        int64_t valid = at + rm_utf8_valid(value + at, length - at);
        while (at < valid) {
            int64_t plain = plain_bytes(value + at, valid - at);
            rm_text_add_n(text, value + at, plain);
            at += plain;
            if (at < valid)
                add_escaped(text, (unsigned char)value[at++]);
        }
        if (at < length) {
            rm_text_add(text, "\xEF\xBF\xBD");
            at++;
        }
    }
    rm_text_add_n(text, "\"", 1);
}

void rm_text_add_json_double(rm_text *text, double value)
{
    if (isfinite(value))
        rm_text_add_double(text, value);
    else
        rm_text_add(text, "null");
}

rm_status rm_text_status(const rm_text *text, rm_error *err)
{
    return text->failed ? rm_fail_memory(err) : RM_OK;
}

void rm_text_clear(rm_text *text)
{
    rm_release(text->data);
    *text = (rm_text){0};
}

static bool continues(const unsigned char *s, int64_t n)
{
    for (int64_t i = 1; i < n; i++) {
        if ((s[i] & 0xC0) != 0x80)
            return false;
    }
    return true;
}

/* Bytes of the sequence at s (1 to 4), or 0 when it is none of Unicode's table 3-7. */
static int64_t sequence(const unsigned char *s, int64_t room)
{
    if (s[0] < 0x80)
        return 1;
    int64_t n = s[0] < 0xC2 ? 0 : s[0] < 0xE0 ? 2 : s[0] < 0xF0 ? 3 : s[0] < 0xF5 ? 4 : 0;
    if (n == 0 || n > room || !continues(s, n))
        return 0;
    bool overlong = (s[0] == 0xE0 && s[1] < 0xA0) || (s[0] == 0xF0 && s[1] < 0x90);
    bool surrogate = s[0] == 0xED && s[1] >= 0xA0;
    bool beyond = s[0] == 0xF4 && s[1] >= 0x90;
    return overlong || surrogate || beyond ? 0 : n;
}

int64_t rm_utf8_valid(const char *text, int64_t length)
{
    const unsigned char *s = (const unsigned char *)text;
    int64_t at = 0;
    while (at < length) {
        uint64_t eight;
        if (length - at >= 8) {
            memcpy(&eight, s + at, 8);
            if ((eight & 0x8080808080808080u) == 0) {
                at += 8;
                continue;
            }
        }
        int64_t n = sequence(s + at, length - at);
        if (n == 0)
            break;
        at += n;
    }
    return at;
}

static unsigned char lower(char c)
{
    return (unsigned char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

bool rm_text_equal_nocase(const char *a, const char *b)
{
    while (*a != '\0' && lower(*a) == lower(*b)) {
        a++;
        b++;
    }
    return *a == *b;
}

enum { LONGEST_NAME = 64 };

/* Edits (insert, delete, replace, swap two neighbours) that make a into b, both at most
 * LONGEST_NAME bytes; row i - 1 and i - 2 are kept beside row i. */
static int64_t edits(const char *a, int64_t a_length, const char *b, int64_t b_length)
{
    int64_t rows[3][LONGEST_NAME + 1];
    for (int64_t k = 0; k <= b_length; k++)
        rows[0][k] = k;
    for (int64_t i = 1; i <= a_length; i++) {
        int64_t *row = rows[i % 3], *above = rows[(i + 2) % 3], *before = rows[(i + 1) % 3];
        row[0] = i;
        for (int64_t k = 1; k <= b_length; k++) {
            bool same = lower(a[i - 1]) == lower(b[k - 1]);
            int64_t best = above[k - 1] + !same;
            best = above[k] + 1 < best ? above[k] + 1 : best;
            best = row[k - 1] + 1 < best ? row[k - 1] + 1 : best;
            if (i > 1 && k > 1 && lower(a[i - 1]) == lower(b[k - 2]) &&
                lower(a[i - 2]) == lower(b[k - 1]) && before[k - 2] + 1 < best)
                best = before[k - 2] + 1;
            row[k] = best;
        }
    }
    return rows[a_length % 3][b_length];
}

const char *rm_text_nearest(const char *wanted, const char *const *names, int64_t count)
{
    int64_t length = (int64_t)strlen(wanted);
    int64_t most = length / 3 > 2 ? length / 3 : 2;
    /* Of a name of two letters, two edits leave nothing. */
    if (most >= length)
        most = length - 1;
    const char *nearest = NULL;
    for (int64_t i = 0; i < count; i++) {
        int64_t other = (int64_t)strlen(names[i]);
        if (length > LONGEST_NAME || other > LONGEST_NAME)
            continue;
        int64_t distance = edits(wanted, length, names[i], other);
        if (distance <= most) {
            nearest = names[i];
            most = distance - 1;
        }
    }
    return nearest;
}
