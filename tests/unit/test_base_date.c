/* Day numbers against a calendar that counts the days one by one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/date.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static int32_t parse(const char *text)
{
    return rm_date_parse(text, (int64_t)strlen(text));
}

static void every_day_from_1600_to_2500(void **state)
{
    (void)state;
    static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int32_t expected = -135140; /* 1600-01-01 */
    for (int32_t year = 1600; year <= 2500; year++) {
        bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
        for (int32_t month = 1; month <= 12; month++) {
            int32_t days = lengths[month - 1] + (month == 2 && leap);
            for (int32_t day = 1; day <= days; day++, expected++) {
                int32_t y, m, d;
                assert_int_equal(rm_date_from_civil(year, month, day), expected);
                rm_date_to_civil(expected, &y, &m, &d);
                assert_true(y == year && m == month && d == day);
            }
            assert_int_equal(rm_date_from_civil(year, month, days + 1), RM_NO_DATE);
            assert_int_equal(rm_date_from_civil(year, month, 0), RM_NO_DATE);
        }
    }
    assert_int_equal(rm_date_from_civil(1970, 1, 1), 0);
    assert_int_equal(rm_date_from_civil(2000, 3, 1), 11017);
    assert_int_equal(rm_date_from_civil(2024, 13, 1), RM_NO_DATE);
    assert_int_equal(rm_date_from_civil(2024, 0, 1), RM_NO_DATE);
}

static void the_ends_of_the_range(void **state)
{
    (void)state;
    const int32_t ends[] = {INT32_MAX, INT32_MAX - 1, INT32_MIN + 1, INT32_MIN + 2, -719529};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        int32_t y, m, d;
        rm_date_to_civil(ends[i], &y, &m, &d);
        assert_int_equal(rm_date_from_civil(y, m, d), ends[i]);
    }
    assert_int_equal(rm_date_from_civil(5881580, 7, 12), RM_NO_DATE);
    assert_int_equal(rm_date_from_civil(INT32_MAX, 1, 1), RM_NO_DATE);
    assert_int_equal(rm_date_from_civil(INT32_MIN, 1, 1), RM_NO_DATE);
}

static void each_notation_is_read(void **state)
{
    (void)state;
    const char *same[] = {
        "2024-02-29",
        "20240229",
        "29-2-2024",
        "29-02-2024",
        "29/2/2024",
        "29/02/2024",
        "2024-02-29 10:30",
        "2024-02-29T10:30:00",
        "2024-02-29T23:59:60Z",
        "2024-02-29T10:30:00.123456+01:00",
        "2024-02-29T10:30:00,5-0330",
        "2024-02-29T10:30+02",
        "20240229T103000Z",
        "20240229 1030",
        "29-2-2024 9:05",
        "29/02/2024 09:05:07",
        "2024/02/29",
        "2024/02/29 10:30:00+01",
        "29.02.2024",
        "29.2.2024 10.30",
        "29-2-24",
        "29-02-2024 12u30",
        "29-02-2024, 12.30 uur",
        "29 februari 2024",
        "29 feb. 2024",
        "29 FEB 2024",
        "29-feb-2024",
        "29-feb-24",
        "29 februari 2024 om 14:05 uur",
        "donderdag 29 februari 2024 om 14:05 uur",
        "do. 29 feb. 2024, 14:05",
        "do 29-2-2024 14:05",
        "Thursday, 29 February 2024",
        "February 29, 2024",
        "Feb 29 2024 2:05 PM",
        "29\xC2\xA0"
        "februari\xC2\xA0"
        "2024",
    };
    for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
        if (parse(same[i]) != rm_date_from_civil(2024, 2, 29))
            fail_msg("%s", same[i]);
    }
    assert_int_equal(parse("3-1-2024"), rm_date_from_civil(2024, 1, 3));
    assert_int_equal(rm_date_parse("2024-02-291", 10), rm_date_from_civil(2024, 2, 29));
    assert_int_equal(rm_date_parse("202402291", 8), rm_date_from_civil(2024, 2, 29));
}

static void anything_else_is_no_date(void **state)
{
    (void)state;
    const char *wrong[] = {
        "",
        "2024",
        "2023-02-29",
        "2024-2-29",
        "2024/02-29",
        "2024-02-30",
        "2024-13-01",
        "2024-02-29 ",
        " 2024-02-29",
        "2024-02-29T",
        "2024-02-29T1",
        "2024-02-29T24:00",
        "2024-02-29T10:60",
        "2024-02-29T10:30:61",
        "2024-02-29T10:30:00.",
        "2024-02-29T10:30:00X",
        "2024-02-29T10:30:00Zx",
        "2024-02-29T10:30:00+1",
        "2024-02-29T10:30:00+15:00",
        "2024-02-29T10:30:00+01:60",
        "2024-02-29T10:30:00+01:0",
        "2024-02-29T10:30:00+01:00x",
        "2024-02-29x10:30",
        "2024-0229",
        "202402-29",
        "2024022",
        "202402291",
        "29-2/2024",
        "29.2-2024",
        "29-2-4",
        "29-2-024",
        "129-2-2024",
        "31 februari 2024",
        "29 februar1 2024",
        "29 fe 2024",
        "29februari",
        "29 februari",
        "februari 2024",
        "februari 29",
        "donderdag",
        "donderdag 2024-02-29x",
        "29 februari 2024 om",
        "29 februari 2024 om 25:00 uur",
        "29-02-2024 12u60",
        "29-02-2024 13:05 PM",
        "29-02-2024 0:05 AM",
        "29-02-2024 12:05 dagen",
        "29-feb 2024",
        "29-02-2024 ,12:05",
        "2/29/2024",
        "29-002-2024",
        "29-2-20245",
        "32-1-2024",
        "1-13-2024",
        "0-1-2024",
        "-1-1-2024",
        "vandaag",
        "-",
        "/",
        "1",
        "1-",
        "1-1-",
        "0000-00-00",
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        if (parse(wrong[i]) != RM_NO_DATE)
            fail_msg("%s", wrong[i]);
    }
}

static void each_month_in_two_languages(void **state)
{
    (void)state;
    static const char *const names[12][4] = {
        {"januari", "January", "jan", "Jan."},
        {"februari", "February", "feb", "febr."},
        {"maart", "March", "mrt", "mar"},
        {"april", "APRIL", "apr", "Apr."},
        {"mei", "May", "Mei", "MAY"},
        {"juni", "June", "jun", "jun."},
        {"juli", "July", "jul", "jul."},
        {"augustus", "August", "aug", "aug."},
        {"september", "September", "sep", "sept."},
        {"oktober", "October", "okt", "oct"},
        {"november", "November", "nov", "nov."},
        {"december", "December", "dec", "dec."},
    };
    for (int m = 0; m < 12; m++)
        for (int i = 0; i < 4; i++) {
            char text[64];
            snprintf(text, sizeof text, "3 %s 2025", names[m][i]);
            assert_int_equal(parse(text), rm_date_from_civil(2025, m + 1, 3));
            snprintf(text, sizeof text, "zo. 3 %s 2025 12:30", names[m][i]);
            assert_int_equal(parse(text), rm_date_from_civil(2025, m + 1, 3));
        }
}

static void times_are_kept(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t ms;
    } cases[] = {
        {"1970-01-02", 86400000},
        {"1970-01-01T12:30", 45000000},
        {"1-1-1970 12:30:15.25", 45015250},
        {"1-1-1970 12:30:15,123456Z", 45015123},
        {"1-1-1970 12u30", 45000000},
        {"1-1-1970 1:05 PM", 47100000},
        {"1-1-1970 12:05 AM", 300000},
        {"31-12-1969 23:59:59.999", -1},
        {"donderdag 1 januari 1970 om 14:05 uur", 50700000},
        {"19700101T000001", 1000},
    };
    int64_t ms;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ms = -7;
        assert_true(
            rm_datetime_parse(cases[i].text, (int64_t)strlen(cases[i].text), RM_DAY_FIRST, &ms));
        assert_int_equal(ms, cases[i].ms);
    }
    assert_true(rm_datetime_parse("1/13/1970", 9, RM_MONTH_FIRST, &ms));
    assert_int_equal(ms, 12 * INT64_C(86400000));
    assert_false(rm_datetime_parse("13/1/1970", 9, RM_MONTH_FIRST, &ms));
    assert_true(rm_datetime_parse("1970-01-13", 10, RM_MONTH_FIRST, &ms));
}

static void two_digits_of_a_year(void **state)
{
    (void)state;
    assert_int_equal(parse("1-2-00"), rm_date_from_civil(2000, 2, 1));
    assert_int_equal(parse("1-2-49"), rm_date_from_civil(2049, 2, 1));
    assert_int_equal(parse("1-2-50"), rm_date_from_civil(1950, 2, 1));
    assert_int_equal(parse("1/2/99"), rm_date_from_civil(1999, 2, 1));
}

static void parts_and_serials(void **state)
{
    (void)state;
    int32_t first, second;
    assert_true(rm_date_parts("3/14/2025 14:05", 15, &first, &second));
    assert_true(first == 3 && second == 14);
    assert_false(rm_date_parts("2025-03-14", 10, &first, &second));
    assert_false(rm_date_parts("3/14-2025", 9, &first, &second));
    assert_false(rm_date_parts("3/14", 4, &first, &second));
    assert_int_equal(rm_date_from_serial(45719), rm_date_from_civil(2025, 3, 3));
    assert_int_equal(rm_date_from_serial(45719.99), rm_date_from_civil(2025, 3, 3));
    assert_int_equal(rm_date_from_serial(25569), 0);
    assert_int_equal(rm_date_from_serial(19999), RM_NO_DATE);
    assert_int_equal(rm_date_from_serial(80000.5), RM_NO_DATE);
    assert_int_equal(rm_date_from_serial(NAN), RM_NO_DATE);
}

static void every_prefix_stays_within_its_length(void **state)
{
    (void)state;
    const char *text = "2024-02-29T10:30:00.123456+01:00";
    for (size_t n = 0; n <= strlen(text); n++) {
        char *copy = test_malloc(n + 1);
        memcpy(copy, text, n);
        copy[n] = '9';
        bool whole = n == 10 || n == 16 || n == 19 || (n >= 21 && n <= 26) || n == 29 || n == 32;
        assert_int_equal(rm_date_parse(copy, (int64_t)n) != RM_NO_DATE, whole);
        test_free(copy);
    }
}

static void a_date_is_written(void **state)
{
    (void)state;
    char text[16];
    rm_date_format(rm_date_from_civil(2024, 2, 9), text);
    assert_string_equal(text, "2024-02-09");
    rm_date_format(rm_date_from_civil(7, 1, 1), text);
    assert_string_equal(text, "0007-01-01");
    rm_date_format(RM_NO_DATE, text);
    assert_string_equal(text, "");
    rm_date_format(INT32_MIN + 1, text);
    assert_string_equal(text, "-5877641-06-24");
    rm_date_format(INT32_MAX, text);
    assert_string_equal(text, "5881580-07-11");
}

static int32_t years(const char *from, const char *to)
{
    return rm_date_years(parse(from), parse(to));
}

static void years_count_as_birthdays_do(void **state)
{
    (void)state;
    assert_int_equal(years("2000-06-15", "2024-06-14"), 23);
    assert_int_equal(years("2000-06-15", "2024-06-15"), 24);
    assert_int_equal(years("2000-02-29", "2023-02-28"), 22);
    assert_int_equal(years("2000-02-29", "2023-03-01"), 23);
    assert_int_equal(years("2000-02-29", "2024-02-29"), 24);
    assert_int_equal(years("2024-06-15", "2024-06-15"), 0);
    assert_int_equal(years("2024-06-15", "2024-06-14"), -1);
    assert_int_equal(years("2024-06-15", "2023-06-15"), -1);
    assert_int_equal(years("2024-06-15", "2023-06-14"), -2);
    assert_int_equal(rm_date_years(RM_NO_DATE, 0), RM_NO_DATE);
    assert_int_equal(rm_date_years(0, RM_NO_DATE), RM_NO_DATE);
}

static void today_is_within_a_day_of_utc(void **state)
{
    (void)state;
    int32_t utc = (int32_t)(time(NULL) / 86400);
    assert_true(rm_date_today() >= utc - 1 && rm_date_today() <= utc + 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_day_from_1600_to_2500),
        cmocka_unit_test(the_ends_of_the_range),
        cmocka_unit_test(each_notation_is_read),
        cmocka_unit_test(anything_else_is_no_date),
        cmocka_unit_test(each_month_in_two_languages),
        cmocka_unit_test(times_are_kept),
        cmocka_unit_test(two_digits_of_a_year),
        cmocka_unit_test(parts_and_serials),
        cmocka_unit_test(every_prefix_stays_within_its_length),
        cmocka_unit_test(a_date_is_written),
        cmocka_unit_test(years_count_as_birthdays_do),
        cmocka_unit_test(today_is_within_a_day_of_utc),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
