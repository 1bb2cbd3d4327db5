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
