/* Reading dates and times; declared in base/date.h. */
#include "base/date.h"

#include <stddef.h>

typedef struct cursor {
    const char *at, *end;
} cursor;

static bool take(cursor *c, char wanted)
{
    if (c->at == c->end || *c->at != wanted)
        return false;
    c->at++;
    return true;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Spaces, and those that do not break (U+00A0). */
static bool take_blanks(cursor *c)
{
    const char *begin = c->at;
    for (;;) {
        if (c->at < c->end && *c->at == ' ')
            c->at++;
        else if (c->end - c->at >= 2 && (unsigned char)c->at[0] == 0xc2 &&
                 (unsigned char)c->at[1] == 0xa0)
            c->at += 2;
        else
            return c->at > begin;
    }
}

/* A number of at least `least` and at most `most` digits; -1 when there are fewer. */
static int32_t digits(cursor *c, int least, int most)
{
    int32_t value = 0;
    int count = 0;
    while (count < most && c->at < c->end && is_digit(*c->at)) {
        value = value * 10 + (*c->at++ - '0');
        count++;
    }
    return count >= least ? value : -1;
}

/* A run of letters, in lower case; what does not fit `out` is no word of ours. */
static bool take_word(cursor *c, char out[16])
{
    int count = 0;
    while (c->at < c->end && is_letter(*c->at)) {
        if (count == 15)
            return false;
        out[count++] = (char)(*c->at++ | 0x20);
    }
    out[count] = '\0';
    return count > 0;
}

static bool same_word(const char *a, const char *b)
{
    while (*a && *a == *b) {
        a++;
        b++;
    }
    return *a == *b;
}

/* At least `least` letters of a name, from its begin. */
static bool shortens(const char *word, const char *name, int least)
{
    int count = 0;
    while (word[count] && word[count] == name[count])
        count++;
    return !word[count] && (count >= least || !name[count]);
}

/* 1 to 12, or 0. */
static int32_t month_of(const char *word)
{
    static const char *const names[12][3] = {
        {"januari", "january", NULL}, {"februari", "february", NULL}, {"maart", "march", "mrt"},
        {"april", NULL, NULL},        {"mei", "may", NULL},           {"juni", "june", NULL},
        {"juli", "july", NULL},       {"augustus", "august", NULL},   {"september", NULL, NULL},
        {"oktober", "october", NULL}, {"november", NULL, NULL},       {"december", NULL, NULL},
    };
    for (int32_t m = 0; m < 12; m++)
        for (int i = 0; i < 3 && names[m][i]; i++)
            if (shortens(word, names[m][i], 3))
                return m + 1;
    return 0;
}

static bool is_weekday(const char *word)
{
    static const char *const dutch[] = {"maandag", "dinsdag",  "woensdag", "donderdag",
                                        "vrijdag", "zaterdag", "zondag"};
    static const char *const english[] = {"monday", "tuesday",  "wednesday", "thursday",
                                          "friday", "saturday", "sunday"};
    for (int i = 0; i < 7; i++)
        if (shortens(word, dutch[i], 2) || shortens(word, english[i], 3))
            return true;
    return false;
}

/* Z, +hh, +hhmm or +hh:mm, or nothing. */
static bool take_zone(cursor *c)
{
    if (take(c, 'Z'))
        return true;
    if (!take(c, '+') && !take(c, '-'))
        return true;
    int32_t hours = digits(c, 2, 2);
    if (hours < 0 || hours > 14)
        return false;
    if (c->at == c->end)
        return true;
    take(c, ':');
    int32_t minutes = digits(c, 2, 2);
    return minutes >= 0 && minutes < 60;
}

/* " uur", "u", " PM" behind a time; the hour is then of twelve. */
static bool take_unit(cursor *c, int32_t *hour)
{
    char word[16];
    cursor ahead = *c;
    take_blanks(&ahead);
    if (!take_word(&ahead, word) || same_word(word, "z"))
        return true;
    bool after_noon = same_word(word, "pm");
    if (after_noon || same_word(word, "am")) {
        if (*hour < 1 || *hour > 12)
            return false;
        *hour = *hour % 12 + (after_noon ? 12 : 0);
    } else if (!same_word(word, "uur") && !same_word(word, "u") && !same_word(word, "h")) {
        return false;
    }
    *c = ahead;
    return true;
}

/* Thousandths of what stands behind the decimal sign. */
static int32_t take_fraction(cursor *c)
{
    int32_t value = 0, scale = 100;
    int count = 0;
    for (; count < 9 && c->at < c->end && is_digit(*c->at); count++, scale /= 10)
        value += (*c->at++ - '0') * scale;
    return count > 0 ? value : -1;
}

static char take_time_mark(cursor *c)
{
    static const char marks[] = ":.uUhH";
    for (int i = 0; marks[i]; i++)
        if (take(c, marks[i]))
            return marks[i];
    return '\0';
}

static bool take_seconds(cursor *c, int32_t *second, int32_t *milli)
{
    *second = digits(c, 2, 2);
    if (*second < 0 || *second > 60)
        return false;
    if (take(c, '.') || take(c, ','))
        *milli = take_fraction(c);
    return *milli >= 0;
}

/* A time that is all that is left, in milliseconds; -1: it is none. */
static int64_t take_time(cursor *c)
{
    int32_t hour = digits(c, 1, 2), second = 0, milli = 0;
    char mark = take_time_mark(c);
    int32_t minute = digits(c, 2, 2);
    if (hour < 0 || minute < 0 || minute > 59)
        return -1;
    bool more =
        mark ? (mark == ':' || mark == '.') && take(c, mark) : c->at < c->end && is_digit(*c->at);
    if (more && !take_seconds(c, &second, &milli))
        return -1;
    if (!take_unit(c, &hour) || hour > 23 || !take_zone(c) || c->at != c->end)
        return -1;
    return ((hour * 60 + minute) * 60 + second) * INT64_C(1000) + milli;
}

static int32_t full_year(int32_t year, int64_t written)
{
    if (year < 0 || (written != 2 && written != 4))
        return -1;
    return written == 4 ? year : year + (year < 50 ? 2000 : 1900);
}

static int32_t take_year(cursor *c)
{
    const char *begin = c->at;
    int32_t year = digits(c, 2, 4);
    return full_year(year, c->at - begin);
}

static int32_t from_parts(int32_t year, int32_t month, int32_t day)
{
    if (year < 0 || month < 0 || day < 0)
        return RM_NO_DATE;
    return rm_date_from_civil(year, month, day);
}

static bool skip_words(cursor *c)
{
    take(c, '.');
    take(c, ',');
    return take_blanks(c) || (c->at < c->end && is_digit(*c->at));
}

/* "maart 2025" behind the day, with blanks or dashes between. */
static int32_t take_named_month(cursor *c, int32_t day)
{
    char word[16], mark = take(c, '-') ? '-' : ' ';
    if (mark == ' ') {
        take(c, '.');
        take_blanks(c);
    }
    if (!take_word(c, word))
        return RM_NO_DATE;
    int32_t month = month_of(word);
    take(c, '.');
    if (month == 0 || !(mark == '-' ? take(c, '-') : skip_words(c)))
        return RM_NO_DATE;
    return from_parts(take_year(c), month, day);
}

static int32_t take_year_last(cursor *c, rm_date_order order)
{
    int32_t first = digits(c, 1, 2);
    char mark = c->at < c->end ? *c->at : '\0';
    bool named = mark == ' ' || is_letter(mark) || (unsigned char)mark == 0xc2 ||
                 (c->end - c->at >= 2 && !is_digit(c->at[1]));
    if (named)
        return take_named_month(c, first);
    if (mark != '-' && mark != '/' && mark != '.')
        return RM_NO_DATE;
    c->at++;
    int32_t second = digits(c, 1, 2);
    if (!take(c, mark))
        return RM_NO_DATE;
    int32_t year = take_year(c);
    bool month_first = order == RM_MONTH_FIRST;
    return from_parts(year, month_first ? first : second, month_first ? second : first);
}

static int32_t take_year_first(cursor *c, bool marked)
{
    int32_t year = digits(c, 4, 4);
    char mark = c->at < c->end && *c->at == '/' ? '/' : '-';
    if (marked && !take(c, mark))
        return RM_NO_DATE;
    int32_t month = digits(c, 2, 2);
    if (marked && !take(c, mark))
        return RM_NO_DATE;
    return from_parts(year, month, digits(c, 2, 2));
}

/* "March 3, 2025", and what stands behind the name of a day. */
static int32_t take_words(cursor *c, rm_date_order order)
{
    char word[16];
    if (!take_word(c, word))
        return RM_NO_DATE;
    if (is_weekday(word) && skip_words(c)) {
        if (c->at < c->end && is_digit(*c->at))
            return take_year_last(c, order);
        if (!take_word(c, word))
            return RM_NO_DATE;
    }
    int32_t month = month_of(word);
    if (month == 0 || !skip_words(c))
        return RM_NO_DATE;
    int32_t day = digits(c, 1, 2);
    bool apart = take(c, ',');
    return take_blanks(c) || apart ? from_parts(take_year(c), month, day) : RM_NO_DATE;
}

static int32_t take_date(cursor *c, rm_date_order order)
{
    int64_t leading = 0, length = c->end - c->at;
    while (leading < length && leading < 9 && is_digit(c->at[leading]))
        leading++;
    if (leading == 1 || leading == 2)
        return take_year_last(c, order);
    if (leading == 4 || leading == 8)
        return take_year_first(c, leading == 4);
    return leading == 0 ? take_words(c, order) : RM_NO_DATE;
}

/* The blank, T, comma or "om" between a date and its time. */
static bool take_gap(cursor *c)
{
    if (take(c, 'T'))
        return true;
    take(c, ',');
    if (!take_blanks(c))
        return false;
    cursor ahead = *c;
    char word[16];
    if (take_word(&ahead, word) && (same_word(word, "om") || same_word(word, "at"))) {
        *c = ahead;
        return take_blanks(c);
    }
    return true;
}

static bool parse(const char *text, int64_t length, rm_date_order order, int32_t *date,
                  int64_t *time)
{
    cursor c = {text, text + length};
    *time = 0;
    *date = take_date(&c, order);
    if (*date == RM_NO_DATE || c.at == c.end)
        return *date != RM_NO_DATE;
    if (!take_gap(&c))
        return false;
    *time = take_time(&c);
    return *time >= 0;
}

int32_t rm_date_parse(const char *text, int64_t length)
{
    int32_t date;
    int64_t time;
    return parse(text, length, RM_DAY_FIRST, &date, &time) ? date : RM_NO_DATE;
}

bool rm_datetime_parse(const char *text, int64_t length, rm_date_order order, int64_t *ms)
{
    int32_t date;
    int64_t time;
    if (!parse(text, length, order, &date, &time))
        return false;
    *ms = (int64_t)date * 86400000 + time;
    return true;
}

bool rm_date_parts(const char *text, int64_t length, int32_t *first, int32_t *second)
{
    cursor c = {text, text + length};
    int32_t one = digits(&c, 1, 2);
    char mark = c.at < c.end ? *c.at : '\0';
    if (one < 0 || (mark != '-' && mark != '/' && mark != '.'))
        return false;
    c.at++;
    int32_t two = digits(&c, 1, 2);
    if (two < 0 || !take(&c, mark) || take_year(&c) < 0)
        return false;
    *first = one;
    *second = two;
    return true;
}

int32_t rm_date_from_serial(double serial)
{
    enum { SERIAL_OF_1970 = 25569 };
    if (!(serial >= 20000 && serial <= 80000))
        return RM_NO_DATE;
    return (int32_t)serial - SERIAL_OF_1970;
}
