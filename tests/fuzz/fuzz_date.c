/* Feeds bytes to everything that reads dates and numbers: what is read must be within bounds, the
 * same with and without its time, and read again from how it is written. Links libriskmap_base.a;
 * start it with corpus/date and -max_len=64. */
#include "base/date.h"
#include "base/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void need(bool condition)
{
    if (!condition)
        abort();
}

static void check_date(int32_t date)
{
    int32_t year, month, day;
    char text[16];
    rm_date_to_civil(date, &year, &month, &day);
    need(month >= 1 && month <= 12 && day >= 1 && day <= 31);
    need(rm_date_from_civil(year, month, day) == date);
    rm_date_format(date, text);
    if (year >= 1000 && year <= 9999)
        need(rm_date_parse(text, (int64_t)strlen(text)) == date);
}

static void check_times(const char *text, int64_t length, int32_t date)
{
    for (int order = 0; order < 2; order++) {
        int64_t ms;
        if (!rm_datetime_parse(text, length, (rm_date_order)order, &ms)) {
            need(order != RM_DAY_FIRST || date == RM_NO_DATE);
            continue;
        }
        int64_t day = ms / 86400000 - (ms % 86400000 < 0);
        need(day >= INT32_MIN && day <= INT32_MAX);
        check_date((int32_t)day);
        /* 24:00 is the next day by its time, and not by its date */
        if (order == RM_DAY_FIRST)
            need(date != RM_NO_DATE && (day == date || day == date + 1));
    }
}

static void check_numbers(const char *text, int64_t length)
{
    double value, again;
    int64_t whole;
    for (int comma = 0; comma < 2; comma++) {
        if (!rm_parse_double(text, length, comma, &value))
            continue;
        rm_text out = {0};
        need(isfinite(value));
        rm_text_add_double(&out, value);
        need(!out.failed && rm_parse_double(out.data, out.length, false, &again));
        need(again == value);
        rm_text_clear(&out);
    }
    if (rm_parse_int64(text, length, &whole))
        need(rm_parse_double(text, length, false, &value) &&
             fabs(value - (double)whole) <= fabs(value) * 1e-15);
    if (rm_parse_number(text, length, &value))
        need(isfinite(value));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    /* a copy of its own size, so that reading past the end is seen */
    char *text = malloc(size + 1);
    int32_t first, second;
    need(text != NULL);
    memcpy(text, data, size);
    int64_t length = (int64_t)size;
    int32_t date = rm_date_parse(text, length);
    if (date != RM_NO_DATE)
        check_date(date);
    check_times(text, length, date);
    if (rm_date_parts(text, length, &first, &second))
        need(first >= 0 && second >= 0 && first <= 99 && second <= 99);
    check_numbers(text, length);
    free(text);
    return 0;
}
