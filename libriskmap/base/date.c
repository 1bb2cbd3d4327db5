#define _POSIX_C_SOURCE 200809L
#include "base/date.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

static bool is_leap(int32_t year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int32_t month_days(int32_t year, int32_t month)
{
    static const int8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return days[month - 1] + (month == 2 && is_leap(year));
}

/* Years are counted from 1 March, so that the leap day is the last of its year, in eras of 400
 * years (146097 days). 719468 is the day number of 1970-01-01 from 0000-03-01. */
int32_t rm_date_from_civil(int32_t year, int32_t month, int32_t day)
{
    if (month < 1 || month > 12 || day < 1 || day > month_days(year, month))
        return RM_NO_DATE;
    int64_t y = (int64_t)year - (month <= 2);
    int64_t era = (y >= 0 ? y : y - 399) / 400;
    int64_t year_of_era = y - era * 400;
    int64_t day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    int64_t date = era * 146097 + day_of_era - 719468;
    return date > INT32_MIN && date <= INT32_MAX ? (int32_t)date : RM_NO_DATE;
}

void rm_date_to_civil(int32_t date, int32_t *year, int32_t *month, int32_t *day)
{
    int64_t z = (int64_t)date + 719468;
    int64_t era = (z >= 0 ? z : z - 146096) / 146097;
    int64_t day_of_era = z - era * 146097;
    int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t shifted = (5 * day_of_year + 2) / 153;
    *day = (int32_t)(day_of_year - (153 * shifted + 2) / 5 + 1);
    *month = (int32_t)(shifted < 10 ? shifted + 3 : shifted - 9);
    *year = (int32_t)(year_of_era + era * 400 + (*month <= 2));
}

void rm_date_format(int32_t date, char out[16])
{
    if (date == RM_NO_DATE) {
        out[0] = '\0';
        return;
    }
    int32_t year, month, day;
    char text[40];
    rm_date_to_civil(date, &year, &month, &day);
    /* The widest is -5877641-06-23; the copy lets a compiler see that it fits. */
    snprintf(text, sizeof text, "%04d-%02d-%02d", (int)year, (int)month, (int)day);
    memcpy(out, text, 15);
    out[15] = '\0';
}

int32_t rm_date_years(int32_t from, int32_t to)
{
    if (from == RM_NO_DATE || to == RM_NO_DATE)
        return RM_NO_DATE;
    int32_t from_year, from_month, from_day, to_year, to_month, to_day;
    rm_date_to_civil(from, &from_year, &from_month, &from_day);
    rm_date_to_civil(to, &to_year, &to_month, &to_day);
    bool before = to_month < from_month || (to_month == from_month && to_day < from_day);
    return to_year - from_year - before;
}

int32_t rm_date_today(void)
{
    time_t now = time(NULL);
    struct tm local;
    if (localtime_r(&now, &local) == NULL)
        return (int32_t)(now / 86400);
    return rm_date_from_civil(local.tm_year + 1900, local.tm_mon + 1, local.tm_mday);
}
