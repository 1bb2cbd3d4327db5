/* Text: growing, JSON strings, UTF-8 and the nearest name. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/text.h"

#include <stdio.h>
#include <string.h>

static void a_text_grows(void **state)
{
    (void)state;
    rm_error err;
    rm_text text = {0};
    rm_text_add(&text, "");
    assert_string_equal(text.data, "");
    for (int i = 0; i < 1000; i++)
        rm_text_addf(&text, "%d,", i);
    rm_text_add_n(&text, "end of it", 3);
    assert_int_equal(text.length, 10 * 2 + 90 * 3 + 900 * 4 + 3);
    assert_int_equal(strlen(text.data), text.length);
    assert_int_equal(strncmp(text.data, "0,1,2,", 6), 0);
    assert_string_equal(text.data + text.length - 8, ",999,end");
    assert_int_equal(rm_text_status(&text, &err), RM_OK);
    rm_text_clear(&text);
    assert_null(text.data);
    assert_int_equal(text.length, 0);
    rm_text_clear(&text);
}

static void a_long_piece_is_formatted_whole(void **state)
{
    (void)state;
    char piece[1001];
    memset(piece, 'x', 1000);
    for (int n = 250; n <= 1000; n += (n < 260 ? 1 : 370)) {
        rm_text text = {0};
        rm_text_add(&text, "a");
        rm_text_addf(&text, "%.*s|%d", n, piece, 42);
        assert_int_equal(text.length, n + 4);
        assert_string_equal(text.data + n, "x|42");
        rm_text_clear(&text);
    }
}

static void a_failure_is_remembered(void **state)
{
    (void)state;
    rm_error err;
    rm_text text = {0};
    rm_text_add(&text, "abc");
    rm_text_add_n(&text, "x", INT64_MAX - 2);
    rm_text_add(&text, "def");
    rm_text_addf(&text, "%d", 1);
    assert_string_equal(text.data, "abc");
    assert_int_equal(rm_text_status(&text, &err), RM_ENOMEM);
    assert_int_equal(err.code, RM_ENOMEM);
    rm_text_clear(&text);
    assert_false(text.failed);
}

static void check_json(const char *value, const char *expected)
{
    rm_text text = {0};
    rm_text_add_json(&text, value);
    assert_string_equal(text.data, expected);
    rm_text_clear(&text);
}

static void json_strings_are_escaped(void **state)
{
    (void)state;
    check_json("", "\"\"");
    check_json("plain", "\"plain\"");
    check_json("a\"b\\c/d", "\"a\\\"b\\\\c/d\"");
    check_json("\n\r\t\b\f\x01\x1f\x7f", "\"\\n\\r\\t\\b\\f\\u0001\\u001f\\u007f\"");
    check_json("caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x8f\xa0",
               "\"caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x8f\xa0\"");
    check_json("\xff"
               "a\xc3",
               "\"\xef\xbf\xbd"
               "a\xef\xbf\xbd\"");
    check_json("\xe2\x82\"", "\"\xef\xbf\xbd\xef\xbf\xbd\\\"\"");
}

static void valid_utf8_is_valid_whole(void **state)
{
    (void)state;
    const char *valid[] = {
        "",
        "ascii text that is long enough for eight at a time",
        "\xc2\x80",
        "\xdf\xbf",
        "\xe0\xa0\x80",
        "\xed\x9f\xbf",
        "\xee\x80\x80",
        "\xef\xbf\xbf",
        "\xf0\x90\x80\x80",
        "\xf4\x8f\xbf\xbf",
    };
    for (size_t i = 0; i < sizeof valid / sizeof *valid; i++)
        assert_int_equal(rm_utf8_valid(valid[i], (int64_t)strlen(valid[i])), strlen(valid[i]));
    assert_int_equal(rm_utf8_valid("a\0b", 3), 3);
}

static void invalid_utf8_stops_the_prefix(void **state)
{
    (void)state;
    const char *wrong[] = {
        "\x80",
        "\xbf",
        "\xc0\x80",
        "\xc1\xbf",
        "\xc2",
        "\xc2\x20",
        "\xc2\xc2",
        "\xe0\x9f\xbf",
        "\xe2\x82",
        "\xe2\x28\xa1",
        "\xe2\x82\x28",
        "\xed\xa0\x80",
        "\xed\xbf\xbf",
        "\xf0\x8f\xbf\xbf",
        "\xf0\x9f\x8f",
        "\xf0\x28\x8c\xbc",
        "\xf0\x90\x28\xbc",
        "\xf0\x90\x8c\x28",
        "\xf4\x90\x80\x80",
        "\xf5\x80\x80\x80",
        "\xff",
        "\xfe",
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        for (size_t shift = 0; shift < 20; shift++) {
            char text[32];
            memset(text, 'a', shift);
            strcpy(text + shift, wrong[i]);
            if (rm_utf8_valid(text, (int64_t)strlen(text)) != (int64_t)shift)
                fail_msg("sequence %zu after %zu", i, shift);
        }
    }
}

static void case_is_left_aside_in_ascii_alone(void **state)
{
    (void)state;
    assert_true(rm_text_equal_nocase("", ""));
    assert_true(rm_text_equal_nocase("EPSG:28992", "epsg:28992"));
    assert_true(rm_text_equal_nocase("Zz", "zZ"));
    assert_false(rm_text_equal_nocase("abc", "ab"));
    assert_false(rm_text_equal_nocase("ab", "abc"));
    assert_false(rm_text_equal_nocase("[", "{"));
    assert_false(rm_text_equal_nocase("@", "`"));
    assert_false(rm_text_equal_nocase("\xc3\x89", "\xc3\xa9"));
}

static void the_nearest_name_is_found(void **state)
{
    (void)state;
    const char *names[] = {"meldingen", "adressen", "parken", "wegen", "id", "naam"};
    const int64_t n = 6;
    assert_string_equal(rm_text_nearest("melding", names, n), "meldingen");
    assert_string_equal(rm_text_nearest("MELDINGEN", names, n), "meldingen");
    assert_string_equal(rm_text_nearest("adresen", names, n), "adressen");
    assert_string_equal(rm_text_nearest("praken", names, n), "parken");
    assert_string_equal(rm_text_nearest("wege", names, n), "wegen");
    assert_string_equal(rm_text_nearest("nam", names, n), "naam");
    assert_string_equal(rm_text_nearest("ids", names, n), "id");
    assert_null(rm_text_nearest("xy", names, n));
    assert_null(rm_text_nearest("", names, n));
    assert_null(rm_text_nearest("q", names, n));
    assert_null(rm_text_nearest("gebouwen_oud", names, n));
    assert_null(rm_text_nearest("wegen", names, 0));
    char longest[200];
    memset(longest, 'w', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    assert_null(rm_text_nearest(longest, names, n));
    const char *long_names[] = {longest, "wegen"};
    assert_string_equal(rm_text_nearest("wegn", long_names, 2), "wegen");
    longest[64] = '\0';
    assert_string_equal(rm_text_nearest(longest + 1, long_names, 2), longest);
}

static void the_nearer_of_two_names_wins(void **state)
{
    (void)state;
    const char *names[] = {"afstand_x", "afstand_ab", "afstand_a"};
    assert_string_equal(rm_text_nearest("afstand_a", names, 3), "afstand_a");
    assert_string_equal(rm_text_nearest("afstand_y", names, 3), "afstand_x");
    assert_string_equal(rm_text_nearest("afstandab", names, 3), "afstand_ab");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_text_grows),
        cmocka_unit_test(a_long_piece_is_formatted_whole),
        cmocka_unit_test(a_failure_is_remembered),
        cmocka_unit_test(json_strings_are_escaped),
        cmocka_unit_test(valid_utf8_is_valid_whole),
        cmocka_unit_test(invalid_utf8_stops_the_prefix),
        cmocka_unit_test(case_is_left_aside_in_ascii_alone),
        cmocka_unit_test(the_nearest_name_is_found),
        cmocka_unit_test(the_nearer_of_two_names_wins),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
