/* Day numbers (days since 1970-01-01, proleptic Gregorian), as Arrow's date32. */
#ifndef RM_BASE_DATE_H
#define RM_BASE_DATE_H

#include <stdbool.h>
#include <stdint.h>

#define RM_NO_DATE INT32_MIN

int32_t rm_date_from_civil(int32_t year, int32_t month,
                           int32_t day); /* RM_NO_DATE if no such day */
void rm_date_to_civil(int32_t date, int32_t *year, int32_t *month, int32_t *day);

/* What stands before what in a date of three numbers whose year comes last. */
typedef enum rm_date_order { RM_DAY_FIRST, RM_MONTH_FIRST } rm_date_order;

/* Reads a date as people and systems write it:
 *   yyyy-mm-dd, yyyy/mm/dd, yyyymmdd; d-m-yyyy, d/m/yyyy, d.m.yyyy, and with two digits of the
 *   year, 00 to 49 in this century and 50 to 99 in the last one, as spreadsheets do;
 *   3 maart 2025, 3 mrt. 2025, 3-mrt-2025, maandag 3 maart 2025, March 3, 2025, and all of these in
 *   Dutch or English, names shortened or not, in any case;
 * each with an optional time behind it, which is checked: h:mm, hh:mm:ss, a fraction, hhmm, hhmmss,
 * 12u30, 12.30 uur, 2:05 PM, "om 14:05 uur", and a zone (Z, +hh, +hh:mm). The date and the time are
 * those written, in their own zone. Of 3/4/2025 the day comes first, unless a whole column shows
 * otherwise (rm_column.dates). A day that no month has (31-2), a month 13 and anything else is no
 * date; so are blanks around it. */
int32_t rm_date_parse(const char *text, int64_t length); /* day first; RM_NO_DATE: none */
/* The same with its order, in milliseconds since 1970-01-01 00:00; midnight without a time. */
bool rm_datetime_parse(const char *text, int64_t length, rm_date_order order, int64_t *ms);
/* Of a date in numbers with the year last, its two first numbers as they stand; false for all other
 * text. It is how a column shows which order it keeps. */
bool rm_date_parts(const char *text, int64_t length, int32_t *first, int32_t *second);
/* A serial number of a spreadsheet (45719.5 is 2025-03-03 at noon) as a date, for 20000 (1954) to
 * 80000 (2119); RM_NO_DATE for any other number. */
int32_t rm_date_from_serial(double serial);
void rm_date_format(int32_t date, char out[16]); /* yyyy-mm-dd, or "" for RM_NO_DATE */

/* Whole calendar years from `from` to `to`, as a birthday counts (29 February counts on 1 March in
 * a common year), rounded down, so negative when from lies after to. RM_NO_DATE when either is. */
int32_t rm_date_years(int32_t from, int32_t to);
int32_t rm_date_today(void); /* local date */

#endif
