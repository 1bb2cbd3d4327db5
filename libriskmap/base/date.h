/* Day numbers (days since 1970-01-01, proleptic Gregorian), as Arrow's date32. */
#ifndef RM_BASE_DATE_H
#define RM_BASE_DATE_H

#include <stdbool.h>
#include <stdint.h>

#define RM_NO_DATE INT32_MIN

int32_t rm_date_from_civil(int32_t year, int32_t month,
                           int32_t day); /* RM_NO_DATE if no such day */
void rm_date_to_civil(int32_t date, int32_t *year, int32_t *month, int32_t *day);

/* Reads yyyy-mm-dd, yyyymmdd, d-m-yyyy and d/m/yyyy, each with an optional time behind it after a
 * space or T, which is checked and left aside: h:mm, hh:mm:ss, a fraction, hhmm or hhmmss, and a
 * zone (Z, +hh, +hh:mm). The date is the one written, in its own zone. RM_NO_DATE when it is
 * anything else, spaces around it included. */
int32_t rm_date_parse(const char *text, int64_t length);
void rm_date_format(int32_t date, char out[16]); /* yyyy-mm-dd, or "" for RM_NO_DATE */

/* Whole calendar years from `from` to `to`, as a birthday counts (29 February counts on 1 March in
 * a common year), rounded down, so negative when from lies after to. RM_NO_DATE when either is. */
int32_t rm_date_years(int32_t from, int32_t to);
int32_t rm_date_today(void); /* local date */

#endif
