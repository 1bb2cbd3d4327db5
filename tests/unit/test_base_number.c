/* Numbers from and to text against the C library, in the C locale and in a Dutch one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/random.h"
#include "base/text.h"

#include <float.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool parse(const char *text, double *out)
{
    return rm_parse_double(text, (int64_t)strlen(text), false, out);
}

static void check_value(const char *text, double expected)
{
    double value = 12345;
    if (!parse(text, &value) || memcmp(&value, &expected, sizeof value) != 0)
        fail_msg("\"%s\" gave %a and not %a", text, value, expected);
}

static void numbers_are_read(void **state)
{
    (void)state;
    check_value("0", 0);
    check_value("-0", -0.0);
    check_value("-12.5e3", -12500);
    check_value("+1", 1);
    check_value(".5", 0.5);
    check_value("5.", 5);
    check_value("1E2", 100);
    check_value("1e+2", 100);
    check_value("1e-2", 0.01);
    check_value("000123.4500", 123.45);
    check_value("9007199254740992", 9007199254740992.0);
    check_value("9007199254740993", 9007199254740992.0);
    check_value("9007199254740995", 9007199254740996.0);
    check_value("18446744073709551615", 18446744073709551616.0);
    check_value("123456789012345678901234567890", 1.2345678901234568e29);
    check_value("1e22", 1e22);
    check_value("1e23", 1e23);
    check_value("1e-23", 1e-23);
    check_value("1e308", 1e308);
    check_value("1.7976931348623157e308", DBL_MAX);
    check_value("2.2250738585072014e-308", DBL_MIN);
    check_value("5e-324", 0x1p-1074);
    check_value("2e-324", 0);
    check_value("-1e-400", -0.0);
    check_value("0e999999999999999999999", 0);
    check_value("1e-999999999999999999999", 0);
    check_value("52.123456789012345678", 52.123456789012345678);
}

static void what_is_no_number_is_refused(void **state)
{
    (void)state;
    const char *wrong[] = {
        "",
        " ",
        "-",
        "+",
        ".",
        "-.",
        "e5",
        ".e5",
        "1e",
        "1e+",
        "1e-",
        "1e5.",
        "1 ",
        " 1",
        "1 000",
        "1,5",
        "1.000,5",
        "1..2",
        "1.2.3",
        "--1",
        "+-1",
        "1-",
        "0x10",
        "0x1p3",
        "nan",
        "NaN",
        "inf",
        "-inf",
        "1e309",
        "-1e309",
        "1.8e308",
        "infinity",
        "1f",
        "1d0",
        "1_000",
        "1e5e5",
        "1e999999999999999999999",
        "1\n",
        "\342\210\2221",
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        double value = 12345;
        if (parse(wrong[i], &value) || value != 12345)
            fail_msg("\"%s\" was taken for %g", wrong[i], value);
    }
    double value = 12345;
    assert_false(rm_parse_double("1\0002", 3, false, &value));
    assert_true(rm_parse_double("12", 1, false, &value));
    assert_true(value == 1);
}

static void numbers_as_people_write_them(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        double value; /* NAN: none */
    } cases[] = {
        {"12", 12},
        {"-1.5e3", -1500},
        {"1,5", 1.5},
        {"-0,25", -0.25},
        {"155.000,50", 155000.5},
        {"463,000.5", 463000.5},
        {"-1.234.567,8", -1234567.8},
        {"1.250.000", 1250000},
        {"1,250,000", 1250000},
        {"1.234", 1.234},
        {"1,234", 1.234},
        {"155 000", 155000},
        {"155 000,5", 155000.5},
        {"1\xC2\xA0"
         "250\xC2\xA0"
         "000.5",
         1250000.5},
        {"1\xE2\x80\xAF"
         "250,5",
         1250.5},
        {"1\xA0"
         "250,5",
         1250.5},
        {" \t12,5\xC2\xA0", 12.5},
        {"\xC2\xA0"
         "12",
         12},
        {"+7", 7},
        {"", NAN},
        {" ", NAN},
        {",", NAN},
        {".", NAN},
        {"-", NAN},
        {"EUR 5", NAN},
        {"5%", NAN},
        {"12 13", NAN},
        {"1 2345", NAN},
        {"1234 567", NAN},
        {" 12 345 6", NAN},
        {"15.50.000,5", NAN},
        {"1.2345,6", NAN},
        {"1.234,56.7", NAN},
        {"1,234,56", NAN},
        {"1.25.000", NAN},
        {".250.000", NAN},
        {"1 250.000,5", NAN},
        {"1.250,000.5", NAN},
        {"1 250 000,5,5", NAN},
        {"1.250.000e3", NAN},
        {"1- 250", NAN},
        {"1.250.000.000.000.000.000.000.000.000.000.000.000.000.000.000.000.000.000.000.000.000."
         "000",
         NAN},
        {"nan", NAN},
        {"0x10", NAN},
        {"1\xC2", NAN},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        double value = NAN;
        bool read = rm_parse_number(cases[i].text, (int64_t)strlen(cases[i].text), &value);
        if (read != !isnan(cases[i].value) || (read && value != cases[i].value))
            fail_msg("%s: %d %g", cases[i].text, read, value);
    }
}

static void the_decimal_sign_can_be_a_comma(void **state)
{
    (void)state;
    double value = 0;
    assert_true(rm_parse_double("-3,14", 5, true, &value));
    assert_true(value == -3.14);
    assert_true(rm_parse_double("0,1234567890123456789012", 24, true, &value));
    assert_true(value == 0.1234567890123456789012);
    assert_true(rm_parse_double("12", 2, true, &value));
    assert_false(rm_parse_double("3.14", 4, true, &value));
    assert_false(rm_parse_double("1.000,5", 7, true, &value));
    assert_false(rm_parse_double("1,2,3", 5, true, &value));
}

static void random_decimals_read_as_strtod_does(void **state)
{
    (void)state;
    char *before = test_malloc(64);
    snprintf(before, 64, "%s", setlocale(LC_NUMERIC, NULL));
    setlocale(LC_NUMERIC, "C");
    for (uint64_t i = 0; i < 200000; i++) {
        char text[64];
        uint64_t digits = rm_random_bits(1, 0, i) >> rm_random_below(1, 1, i, 64);
        int decimals = (int)rm_random_below(1, 2, i, 20);
        int exponent = (int)rm_random_below(1, 3, i, 680) - 340;
        const char *sign = i % 2 == 0 ? "" : "-";
        uint64_t fraction = rm_random_bits(1, 4, i) % 1000000000000000000u;
        if (i % 4 == 0)
            snprintf(text, sizeof text, "%s%llue%d", sign, (unsigned long long)digits, exponent);
        else if (i % 4 == 1)
            snprintf(text, sizeof text, "%s%llu.%0*d", sign, (unsigned long long)(digits >> 40),
                     decimals, (int)(fraction % 100000));
        else
            snprintf(text, sizeof text, "%s%llu.%018llue%d", sign, (unsigned long long)digits,
                     (unsigned long long)fraction, exponent / 10);
        double expected = strtod(text, NULL), value = 12345;
        bool ok = parse(text, &value);
        if (ok != (bool)isfinite(expected) || (ok && memcmp(&value, &expected, sizeof value) != 0))
            fail_msg("\"%s\" gave %a and not %a", text, value, expected);
    }
    setlocale(LC_NUMERIC, before);
    test_free(before);
}

/* Halfway between 1 and the next double, in 54 digits, with what decides it 5000 digits further. */
static void a_digit_far_away_decides(void **state)
{
    (void)state;
    const char half[] = "1.00000000000000011102230246251565404236316680908203125";
    char text[6000];
    memset(text, '0', sizeof text);
    memcpy(text, half, strlen(half));
    double value = 0;
    assert_true(rm_parse_double(text, 5000, false, &value));
    assert_true(value == 1);
    text[4999] = '1';
    assert_true(rm_parse_double(text, 5000, false, &value));
    assert_true(value == 1 + DBL_EPSILON);
}

static void zeros_and_exponents_cancel(void **state)
{
    (void)state;
    char text[6000];
    double value = 0;
    memset(text, '0', sizeof text);
    text[1] = '.';
    memcpy(text + 5001, "7e5000", 6);
    assert_true(rm_parse_double(text, 5007, false, &value));
    assert_true(value == 7);
    memset(text, '0', sizeof text);
    text[0] = '7';
    memcpy(text + 5001, "e-5000", 6);
    assert_true(rm_parse_double(text, 5007, false, &value));
    assert_true(value == 7);
}

static void integers_are_read(void **state)
{
    (void)state;
    int64_t value = 0;
    assert_true(rm_parse_int64("0", 1, &value) && value == 0);
    assert_true(rm_parse_int64("-0", 2, &value) && value == 0);
    assert_true(rm_parse_int64("+12", 3, &value) && value == 12);
    assert_true(rm_parse_int64("0012", 4, &value) && value == 12);
    assert_true(rm_parse_int64("9223372036854775807", 19, &value) && value == INT64_MAX);
    assert_true(rm_parse_int64("-9223372036854775808", 20, &value) && value == INT64_MIN);
    value = 5;
    const char *wrong[] = {"",
                           "-",
                           "+",
                           "1.0",
                           "1e3",
                           " 1",
                           "1 ",
                           "0x1",
                           "9223372036854775808",
                           "-9223372036854775809",
                           "99999999999999999999999"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        if (rm_parse_int64(wrong[i], (int64_t)strlen(wrong[i]), &value) || value != 5)
            fail_msg("\"%s\"", wrong[i]);
    }
}

static void check_text(double value, const char *expected)
{
    rm_text text = {0};
    rm_text_add_double(&text, value);
    assert_string_equal(text.data, expected);
    rm_text_clear(&text);
}

static void numbers_are_written_as_short_as_can_be(void **state)
{
    (void)state;
    check_text(0, "0");
    check_text(-0.0, "-0");
    check_text(-17, "-17");
    check_text(123456789012345, "123456789012345");
    check_text(0.1, "0.1");
    check_text(0.1 + 0.2, "0.30000000000000004");
    check_text(1.0 / 3, "0.3333333333333333");
    check_text(155000.25, "155000.25");
    check_text(1e22, "1e+22");
    check_text(1e-7, "1e-07");
    check_text(DBL_MAX, "1.7976931348623157e+308");
    check_text(0x1p-1074, "5e-324");
    check_text(DBL_MIN, "2.2250738585072014e-308");
    check_text(NAN, "NaN");
    check_text(INFINITY, "Inf");
    check_text(-INFINITY, "-Inf");
}

static void json_has_no_infinities(void **state)
{
    (void)state;
    rm_text text = {0};
    rm_text_add_json_double(&text, NAN);
    rm_text_add_json_double(&text, -INFINITY);
    rm_text_add_json_double(&text, -1.5);
    assert_string_equal(text.data, "nullnull-1.5");
    rm_text_clear(&text);
}

static void what_is_written_reads_back(void **state)
{
    (void)state;
    rm_text text = {0};
    for (uint64_t i = 0; i < 100000; i++) {
        uint64_t bits = rm_random_bits(2, 0, i);
        double value, back = 0;
        memcpy(&value, &bits, sizeof value);
        if (i % 3 == 1)
            value = rm_random_unit(2, 1, i);
        if (i % 3 == 2)
            value = (double)(int64_t)(bits >> 30) / 1000;
        if (!isfinite(value))
            continue;
        text.length = 0;
        rm_text_add_double(&text, value);
        if (!parse(text.data, &back) || memcmp(&back, &value, sizeof value) != 0)
            fail_msg("%a gave \"%s\"", value, text.data);
    }
    rm_text_clear(&text);
}

static void check_fixed(double value, int decimals, bool comma, const char *expected)
{
    char text[400];
    assert_int_equal(rm_format_fixed(text, sizeof text, value, decimals, comma), strlen(expected));
    assert_string_equal(text, expected);
}

static void fixed_decimals(void **state)
{
    (void)state;
    check_fixed(3.14159, 2, false, "3.14");
    check_fixed(3.14159, 2, true, "3,14");
    check_fixed(-3.14159, 0, true, "-3");
    check_fixed(2.5, 0, false, "2");
    check_fixed(-0.004, 2, true, "0,00");
    check_fixed(-0.0, 0, true, "0");
    check_fixed(-0.006, 2, true, "-0,01");
    check_fixed(1, -5, false, "1");
    check_fixed(0.5, 99, false, "0.500000000000000000000000000000");
    check_fixed(NAN, 2, true, "NaN");
    check_fixed(-INFINITY, 2, true, "-Inf");
    char small[4];
    assert_int_equal(rm_format_fixed(small, sizeof small, 123.456, 2, true), 6);
    assert_string_equal(small, "123");
    assert_int_equal(rm_format_fixed(NULL, 0, -DBL_MAX, 30, true), 1 + 309 + 1 + 30);
}

static void text_formats_numbers_in_the_c_locale(void **state)
{
    (void)state;
    rm_error err;
    rm_text text = {0};
    rm_text_addf(&text, "%.2f|%g", 1234.5, 0.25);
    assert_string_equal(text.data, "1234.50|0.25");
    rm_text_clear(&text);
    rm_fail(&err, RM_EDATA, "weight %g", 0.5);
    assert_string_equal(err.message, "weight 0.5");
}

static int dutch(void **state)
{
    (void)state;
    char text[16];
    if (setlocale(LC_ALL, "nl_NL.UTF-8") == NULL) {
        print_message("the locale nl_NL.UTF-8 is not installed\n");
        return 0;
    }
    snprintf(text, sizeof text, "%.1f", 0.5);
    return strcmp(text, "0,5") == 0 ? 0 : -1;
}

/* The caller's locale must be what it was: its own numbers still have its decimal sign. */
static void the_callers_locale_stays(void **state)
{
    (void)state;
    char before[16], after[16];
    snprintf(before, sizeof before, "%.1f", 0.5);
    text_formats_numbers_in_the_c_locale(NULL);
    check_value("0.1234567890123456789", 0.1234567890123456789);
    snprintf(after, sizeof after, "%.1f", 0.5);
    assert_string_equal(before, after);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_read),
        cmocka_unit_test(what_is_no_number_is_refused),
        cmocka_unit_test(numbers_as_people_write_them),
        cmocka_unit_test(the_decimal_sign_can_be_a_comma),
        cmocka_unit_test(random_decimals_read_as_strtod_does),
        cmocka_unit_test(a_digit_far_away_decides),
        cmocka_unit_test(zeros_and_exponents_cancel),
        cmocka_unit_test(integers_are_read),
        cmocka_unit_test(numbers_are_written_as_short_as_can_be),
        cmocka_unit_test(json_has_no_infinities),
        cmocka_unit_test(what_is_written_reads_back),
        cmocka_unit_test(fixed_decimals),
        cmocka_unit_test(text_formats_numbers_in_the_c_locale),
        cmocka_unit_test(the_callers_locale_stays),
    };
    setlocale(LC_ALL, "");
    int failed = cmocka_run_group_tests_name("environment locale", tests, NULL, NULL);
    return failed + cmocka_run_group_tests_name("Dutch locale", tests, dutch, NULL);
}
