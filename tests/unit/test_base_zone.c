/* Zones of the machine, and made-up ones: the file format is RFC 9636, the rules are those of POSIX
 * TZ. */
#define _GNU_SOURCE
#include "base/zone.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "scratch.h"

static rm_error err;

static int64_t offset(const char *name, int64_t instant)
{
    rm_zone *zone = NULL;
    if (rm_zone_open(&zone, name, &err) != RM_OK)
        fail_msg("%s: %s", name, err.message);
    int64_t seconds = rm_zone_offset(zone, instant);
    rm_zone_free(zone);
    return seconds;
}

static void test_fixed_ones(void **state)
{
    (void)state;
    static const char *const utc[] = {"", "UTC", "Etc/UTC", "Z", "GMT", "+00:00"};
    for (size_t i = 0; i < sizeof utc / sizeof *utc; i++)
        assert_int_equal(offset(utc[i], 1700000000), 0);
    assert_int_equal(offset("+01:00", 0), 3600);
    assert_int_equal(offset("-03:30", 0), -12600);
    assert_int_equal(offset("+0545", 0), 20700);
    assert_int_equal(offset("-11", 0), -39600);
}

/* The clocks of the Netherlands, to the second; far years follow the rule at the end of the file.
 */
static void test_summer_time(void **state)
{
    (void)state;
    const int64_t march = 1711846800, october = 1729990800; /* 2024, both at 01:00 UTC */
    unsetenv("TZDIR");
    rm_zone *zone = NULL;
    if (rm_zone_open(&zone, "Europe/Amsterdam", &err) != RM_OK) {
        print_message("this machine has no time zones: %s\n", err.message);
        skip();
    }
    assert_int_equal(rm_zone_offset(zone, march - 1), 3600);
    assert_int_equal(rm_zone_offset(zone, march), 7200);
    assert_int_equal(rm_zone_offset(zone, october - 1), 7200);
    assert_int_equal(rm_zone_offset(zone, october), 3600);
    assert_int_equal(rm_zone_offset(zone, 4118083200), 7200); /* 2100-07-01 */
    assert_int_equal(rm_zone_offset(zone, 4102444800), 3600); /* 2100-01-01 */
    assert_int_equal(rm_zone_offset(zone, 15638400), 3600);   /* 1970-07-01: none that year */
    rm_zone_free(zone);
}

/* A file of one change, from the first type to the second, with a rule behind it. */
static void write_zone(const char *name, int64_t at, int32_t first, int32_t second,
                       const char *rule)
{
    const char head[20] = "TZif2";
    FILE *file = fopen(scratch_path(name), "wb");
    assert_non_null(file);
    for (int block = 0; block < 2; block++) {
        const uint8_t counts[] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, (uint8_t)block,
                                  0, 0, 0, 2, 0, 0, 0, 4};
        fwrite(head, 1, sizeof head, file);
        fwrite(counts, 1, sizeof counts, file);
        for (int i = 7; i >= 0 && block == 1; i--)
            fputc((int)((uint64_t)at >> 8 * i & 255), file);
        if (block == 1)
            fputc(1, file);
        for (int type = 0; type < 2; type++) {
            uint32_t seconds = (uint32_t)(type == 0 ? first : second);
            for (int i = 3; i >= 0; i--)
                fputc((int)(seconds >> 8 * i & 255), file);
            fputc(0, file);
            fputc(0, file);
        }
        fwrite("AAA", 1, 4, file);
    }
    fprintf(file, "\n%s\n", rule);
    assert_int_equal(fclose(file), 0);
    setenv("TZDIR", scratch_path(""), 1);
}

enum { DAY = 86400 };

static void test_what_files_and_rules_say(void **state)
{
    (void)state;
    write_zone("Plain", 1000, -600, 1200, "");
    assert_int_equal(offset("Plain", 999), -600);
    assert_int_equal(offset("Plain", 1000), 1200);
    assert_int_equal(offset("Plain", 4000000000), 1200);
    write_zone("North", 0, 0, 3600, "XXX-1YYY,M3.5.0,M10.5.0/3");
    assert_int_equal(offset("North", 1711846799), 3600);
    assert_int_equal(offset("North", 1711846800), 7200);
    assert_int_equal(offset("North", 1729990800), 3600);
    /* the year begins in summer: 2023-12-31, 2024-07-01, and the hour of the change in April */
    write_zone("South", 0, 0, 36000, "<+10>-10<+11>,M10.1.0,M4.1.0/3");
    assert_int_equal(offset("South", 1703980800), 39600);
    assert_int_equal(offset("South", 1719792000), 36000);
    assert_int_equal(offset("South", 1712419199), 39600);
    assert_int_equal(offset("South", 1712419200), 36000);
    /* days of the year, with and without 29 February; clocks past midnight and before it */
    write_zone("Days", 0, 0, 0, "AAA0BBB-0:30,J60/26:00,300/-1:30:15");
    const int64_t y2024 = 19723LL * DAY, y2023 = y2024 - 365LL * DAY;
    assert_int_equal(offset("Days", y2024 + 61LL * DAY + 7199), 0); /* 1 March is day J60 */
    assert_int_equal(offset("Days", y2024 + 61LL * DAY + 7200), 1800);
    assert_int_equal(offset("Days", y2023 + 60LL * DAY + 7200), 1800);
    assert_int_equal(offset("Days", y2024 + 300LL * DAY - 5415 - 1800 - 1), 1800);
    assert_int_equal(offset("Days", y2024 + 300LL * DAY - 5415 - 1800), 0);
    write_zone("Fixed", 0, 0, 0, "AAA3:15");
    assert_int_equal(offset("Fixed", 5), -11700);
    unsetenv("TZDIR");
}

static void refuse(const char *name, rm_status status, const char *message)
{
    rm_zone *zone = NULL;
    assert_int_equal(rm_zone_open(&zone, name, &err), status);
    assert_string_equal(err.message, message);
    assert_null(zone);
}

static void test_bad_names_and_files(void **state)
{
    (void)state;
    static const char damaged[] = "the file of the time zone \"Bad\" is damaged";
    setenv("TZDIR", scratch_path(""), 1);
    refuse("../Plain", RM_ENOTFOUND, "there is no time zone of this name");
    refuse("/etc/passwd", RM_ENOTFOUND, "there is no time zone of this name");
    refuse("Woldermark", RM_ENOTFOUND, "this machine has no time zone \"Woldermark\"");
    refuse("+1:3x", RM_ENOTFOUND, "there is no time zone of this name");
    static const char *const rules[] = {
        "AA1",   "AAA",   "AAA1BBB",    "AAA1BBB,M13.1.0,M1.1.0", "AAA1BBB,M3.1.0",
        "AAA1 ", "<AAA1", "AAA1BBB,J,1"};
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        write_zone("Bad", 0, 0, 0, rules[i]);
        refuse("Bad", RM_EFORMAT, damaged);
    }
    char whole[256];
    write_zone("Bad", 0, 0, 0, "AAA1");
    FILE *file = fopen(scratch_path("Bad"), "rb");
    size_t length = fread(whole, 1, sizeof whole, file);
    fclose(file);
    for (size_t size = 0; size < length; size++) { /* cut off at every place */
        file = fopen(scratch_path("Bad"), "wb");
        fwrite(whole, 1, size, file);
        fclose(file);
        refuse("Bad", RM_EFORMAT, damaged);
    }
    unsetenv("TZDIR");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_fixed_ones),
                                       cmocka_unit_test(test_summer_time),
                                       cmocka_unit_test(test_what_files_and_rules_say),
                                       cmocka_unit_test(test_bad_names_and_files)};
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
