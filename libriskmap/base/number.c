/* Numbers from and to text; declared in base/text.h. */
#include "base/text.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* More significant digits than these cannot decide a rounding, except by being there at all. */
enum { MOST_DIGITS = 780 };

typedef struct decimal {
    bool negative;
    uint64_t mantissa;   /* of the first 19 significant digits */
    int64_t significant; /* how many there are, without leading zeros */
    int64_t exponent;    /* value = digits read as one integer * 10^exponent */
    const char *digits;  /* where the digits begin and end, with the decimal sign among them */
    const char *digits_end;
} decimal;

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool scan_exponent(const char *at, const char *end, int64_t *out)
{
    bool negative = at < end && *at == '-';
    if (at < end && (*at == '-' || *at == '+'))
        at++;
    if (at == end)
        return false;
    int64_t value = 0;
    for (; at < end; at++) {
        if (!is_digit(*at))
            return false;
        if (value < INT64_MAX / 100)
            value = value * 10 + (*at - '0');
    }
    *out = negative ? -value : value;
    return true;
}

static bool scan(const char *at, const char *end, char sign, decimal *out)
{
    *out = (decimal){.negative = at < end && *at == '-'};
    if (at < end && (*at == '-' || *at == '+'))
        at++;
    out->digits = at;
    bool point = false;
    int64_t count = 0, behind = 0;
    for (; at < end && (is_digit(*at) || (*at == sign && !point)); at++) {
        if (*at == sign) {
            point = true;
            continue;
        }
        count++;
        behind += point;
        if (out->significant == 0 && *at == '0')
            continue;
        if (out->significant < 19)
            out->mantissa = out->mantissa * 10 + (uint64_t)(*at - '0');
        out->significant++;
    }
    out->digits_end = at;
    if (count == 0)
        return false;
    int64_t exponent = 0;
    if (at < end && ((*at != 'e' && *at != 'E') || !scan_exponent(at + 1, end, &exponent)))
        return false;
    out->exponent = exponent - behind;
    return true;
}

/* Any number of digits by way of strtod, which rounds correctly: the digits as an integer,
 * shortened with a 1 behind them when one of those left out is not 0, and the exponent. Without a
 * decimal sign there is nothing in it that a locale could read otherwise. */
static double convert_any(const decimal *d)
{
    char text[MOST_DIGITS + 40];
    int64_t used = 0, seen = 0;
    bool more = false;
    for (const char *at = d->digits; at < d->digits_end; at++) {
        if (!is_digit(*at) || (seen == 0 && *at == '0'))
            continue;
        if (++seen <= MOST_DIGITS)
            text[used++] = *at;
        else
            more = more || *at != '0';
    }
    int64_t exponent = d->exponent + (seen - used);
    if (more) {
        text[used++] = '1';
        exponent--;
    }
    exponent = exponent < -100000 ? -100000 : exponent > 100000 ? 100000 : exponent;
    snprintf(text + used, 24, "e%d", (int)exponent);
    return strtod(text, NULL);
}

static double power_of_ten(int64_t exponent)
{
    static const double powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                    1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                    1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    return powers[exponent];
}

bool rm_parse_double(const char *text, int64_t length, bool comma, double *out)
{
    decimal d;
    if (!scan(text, text + length, comma ? ',' : '.', &d))
        return false;
    double value;
    /* Clinger's fast path: mantissa and power are exact, so the one operation rounds correctly. */
    bool exact = d.significant <= 19 && d.mantissa <= (uint64_t)1 << 53 && d.exponent >= -22 &&
                 d.exponent <= 22 && FLT_EVAL_METHOD == 0;
    if (d.significant == 0)
        value = 0;
    else if (exact && d.exponent < 0)
        value = (double)d.mantissa / power_of_ten(-d.exponent);
    else if (exact)
        value = (double)d.mantissa * power_of_ten(d.exponent);
    else
        value = convert_any(&d);
    if (!isfinite(value))
        return false;
    *out = d.negative ? -value : value;
    return true;
}

/* A blank at the begin of a text: a space, a tab, or one that does not break as UTF-8 (U+00A0,
 * U+202F) or Windows-1252 has it. Its bytes, or 0. */
static int64_t blank_at(const char *text, int64_t length)
{
    const unsigned char *b = (const unsigned char *)text;
    if (length >= 1 && (b[0] == ' ' || b[0] == '\t' || b[0] == 0xa0))
        return 1;
    if (length >= 2 && b[0] == 0xc2 && b[1] == 0xa0)
        return 2;
    return length >= 3 && b[0] == 0xe2 && b[1] == 0x80 && b[2] == 0xaf ? 3 : 0;
}

static int64_t blank_before(const char *text, int64_t length)
{
    for (int64_t n = length < 3 ? length : 3; n > 0; n--)
        if (blank_at(text + length - n, n) == n)
            return n;
    return 0;
}

const char *rm_trim(const char *text, int64_t *length)
{
    int64_t blank;
    while ((blank = blank_at(text, *length)) > 0) {
        text += blank;
        *length -= blank;
    }
    while ((blank = blank_before(text, *length)) > 0)
        *length -= blank;
    return text;
}

/* What separates the thousands and what the decimals; '\0': nothing does. Blanks count as ' '. */
typedef struct notation {
    char thousands, decimal;
} notation;

/* Of commas and points the last kind is the decimal sign, unless it stands there twice. */
static bool find_notation(const char *text, int64_t length, notation *out)
{
    int commas = 0, points = 0;
    char last = '\0';
    bool blanks = false;
    for (int64_t i = 0; i < length; i++) {
        commas += text[i] == ',';
        points += text[i] == '.';
        blanks = blanks || blank_at(text + i, length - i) > 0;
        if (text[i] == ',' || text[i] == '.')
            last = text[i];
    }
    char other = last == ',' ? '.' : ',';
    int lasts = last == ',' ? commas : points, others = last == ',' ? points : commas;
    if (others > 0 && (lasts > 1 || blanks))
        return false;
    if (lasts > 1 && blanks)
        return false;
    if (lasts > 1)
        *out = (notation){last, '\0'};
    else
        *out = (notation){others > 0 ? other : blanks ? ' ' : '\0', last};
    return true;
}

/* Copies a number without the sign that stands before every group of three digits of its whole
 * part; false when it does not, or when there are more bytes than any number of people has. */
static bool strip_thousands(const char *text, int64_t length, notation n, char *out, int64_t room,
                            int64_t *out_length)
{
    int64_t used = 0, group = 0;
    bool whole = true, seen = false;
    for (int64_t i = 0; i < length;) {
        int64_t blank = n.thousands == ' ' ? blank_at(text + i, length - i) : 0;
        if (blank > 0 || (text[i] == n.thousands && whole)) {
            if (!whole || group == 0 || group > 3 || (seen && group != 3))
                return false;
            seen = true;
            group = 0;
            i += blank > 0 ? blank : 1;
            continue;
        }
        bool sign = i == 0 && (text[i] == '-' || text[i] == '+');
        if (text[i] == n.decimal && whole) {
            if (seen && group != 3)
                return false;
            whole = false;
        } else if (!is_digit(text[i]) && !sign) {
            return false;
        }
        group += is_digit(text[i]);
        if (used == room)
            return false;
        out[used++] = text[i++];
    }
    *out_length = used;
    return seen && (!whole || group == 3);
}

bool rm_parse_number(const char *text, int64_t length, double *out)
{
    char digits_only[64];
    notation n;
    int64_t count;
    text = rm_trim(text, &length);
    if (rm_parse_double(text, length, false, out))
        return true;
    if (!find_notation(text, length, &n))
        return false;
    if (n.thousands == '\0')
        return rm_parse_double(text, length, n.decimal == ',', out);
    return strip_thousands(text, length, n, digits_only, (int64_t)sizeof digits_only, &count) &&
           rm_parse_double(digits_only, count, n.decimal == ',', out);
}

bool rm_parse_int64(const char *text, int64_t length, int64_t *out)
{
    const char *at = text, *end = text + length;
    bool negative = at < end && *at == '-';
    if (at < end && (*at == '-' || *at == '+'))
        at++;
    if (at == end)
        return false;
    uint64_t most = (uint64_t)INT64_MAX + negative;
    uint64_t value = 0;
    for (; at < end; at++) {
        if (!is_digit(*at))
            return false;
        uint64_t digit = (uint64_t)(*at - '0');
        if (value > (most - digit) / 10)
            return false;
        value = value * 10 + digit;
    }
    /* Not -(int64_t)value, which the lowest number does not survive. */
    *out = negative && value > 0 ? -(int64_t)(value - 1) - 1 : (int64_t)value;
    return true;
}

static int format_plain(char *buffer, size_t size, const char *format, ...) RM_PRINTF(3, 4);
static int format_plain(char *buffer, size_t size, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int length = rm_vformat(buffer, size, format, arguments);
    va_end(arguments);
    return length;
}

static const char *not_finite(double value)
{
    return isnan(value) ? "NaN" : value > 0 ? "Inf" : "-Inf";
}

void rm_text_add_double(rm_text *text, double value)
{
    if (!isfinite(value)) {
        rm_text_add(text, not_finite(value));
        return;
    }
    char digits[40];
    /* Whole numbers, the most frequent, need no search. */
    if (fabs(value) < 1e15 && value == nearbyint(value) && !(value == 0 && signbit(value))) {
        rm_text_add_n(text, digits, snprintf(digits, sizeof digits, "%lld", (long long)value));
        return;
    }
    /* Subnormal numbers have fewer than 15 digits worth writing. */
    int precision = fabs(value) < DBL_MIN ? 1 : 15;
    int length = 0;
    for (; precision <= 17; precision++) {
        double back = 0;
        length = format_plain(digits, sizeof digits, "%.*g", precision, value);
        if (rm_parse_double(digits, length, false, &back) && back == value)
            break;
    }
    rm_text_add_n(text, digits, length);
}

int rm_format_fixed(char *buffer, size_t size, double value, int decimals, bool decimal_comma)
{
    char text[384]; /* a sign, the 309 digits of DBL_MAX, the decimal sign and 30 decimals */
    if (!isfinite(value))
        return snprintf(buffer, size, "%s", not_finite(value));
    decimals = decimals < 0 ? 0 : decimals > 30 ? 30 : decimals;
    int length = format_plain(text, sizeof text, "%.*f", decimals, value);
    char *point = strchr(text, '.');
    if (point != NULL && decimal_comma)
        *point = ',';
    bool zero = text[strspn(text, "-0.,")] == '\0';
    bool minus = zero && text[0] == '-';
    (void)snprintf(buffer, size, "%s", text + minus);
    return length - minus;
}
