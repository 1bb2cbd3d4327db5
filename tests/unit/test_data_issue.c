#include "data/issue.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static rm_error err;

#define OK(call) assert_int_equal((call), RM_OK)

static void assert_message(rm_issue_code code, double a, double b, char *text, const char *expected)
{
    char message[256];
    const rm_issue issue = {(int32_t)code, 0, -1, 1, a, b, text};
    rm_issue_message(&issue, message, sizeof message);
    assert_string_equal(message, expected);
}

static void test_sentences(void **state)
{
    (void)state;
    char reason[] = "Self-intersection";
    assert_message(RM_ISSUE_UNCLOSED, 0.35, 0.0, NULL,
                   "the ring is open by 0.350 m; feature left out");
    assert_message(RM_ISSUE_TOO_FEW_POINTS, 3.0, 4.0, NULL,
                   "a ring or line has 3 points and needs 4; feature left out");
    assert_message(RM_ISSUE_REPAIRED, 12.5, 12.0, reason,
                   "the polygon was invalid (Self-intersection) and has been repaired; its area "
                   "was 12.50 m2 and is 12.00 m2");
    assert_message(RM_ISSUE_REPAIRED, 1.0, 2.0, NULL,
                   "the polygon was invalid and has been repaired; its area was 1.00 m2 and is "
                   "2.00 m2");
    assert_message(RM_ISSUE_OVERLAP, 1234567.0, 89.126, NULL,
                   "the area overlaps area 1234567 over 89.13 m2");
    assert_message(RM_ISSUE_BAD_ROW, 7.0, 8.0, NULL,
                   "the row has 7 cells where the header has 8; row left out");
}

static void test_every_code_has_words(void **state)
{
    (void)state;
    for (int code = 0; code < RM_ISSUE_CODES; code++) {
        char message[256];
        const rm_issue issue = {code, 0, -1, 1, 1e300, -1e300, NULL};
        const char *name = rm_issue_code_name((rm_issue_code)code);
        assert_non_null(name);
        assert_true(strlen(name) > 3 && strchr(name, ' ') == NULL);
        for (int other = 0; other < code; other++)
            assert_string_not_equal(name, rm_issue_code_name((rm_issue_code)other));
        rm_issue_message(&issue, message, sizeof message);
        assert_true(strlen(message) > 15);
        assert_null(strchr(message, '%'));
        /* what is rejected says that it is left out, and nothing else does */
        bool rejected = rm_issue_severity((rm_issue_code)code) == RM_REJECTED;
        if (strlen(message) < sizeof message - 1)
            assert_int_equal(strstr(message, "left out") != NULL, rejected);
    }
    assert_string_equal(rm_issue_code_name(RM_ISSUE_NO_GEOMETRY), "no-geometry");
    assert_string_equal(rm_issue_code_name(RM_ISSUE_CODES), "?");
}

static void test_long_message_is_cut_on_a_character(void **state)
{
    (void)state;
    char text[] = "\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9", message[32];
    const rm_issue issue = {RM_ISSUE_SOURCE, 0, -1, 1, 0.0, 0.0, text};
    for (size_t size = 1; size <= sizeof message; size++) {
        memset(message, '!', sizeof message);
        rm_issue_message(&issue, message, size);
        size_t length = strlen(message);
        assert_true(length < size);
        if (length > 18)
            assert_int_equal((length - 18) % 2, 0); /* "the driver warns: " and whole letters */
        for (size_t i = size; i < sizeof message; i++)
            assert_int_equal(message[i], '!');
    }
}

static void test_take_and_sort(void **state)
{
    (void)state;
    rm_issues all = {0}, batch = {0};
    OK(rm_issues_add(&batch, RM_ISSUE_REPAIRED, 9, 2.0, 1.0, "b", &err));
    OK(rm_issues_add(&batch, RM_ISSUE_REPAIRED, 9, 2.0, 1.0, "a", &err));
    OK(rm_issues_add(&batch, RM_ISSUE_MALFORMED, 9, 0.0, 0.0, NULL, &err));
    OK(rm_issues_add(&batch, RM_ISSUE_SOURCE, -1, 0.0, 0.0, "w", &err));
    assert_int_equal(batch.items[0].layer, -1);
    assert_int_equal(batch.items[2].severity, RM_REJECTED);
    OK(rm_issues_take(&all, &batch, 1, &err));
    assert_int_equal(batch.count, 0);
    OK(rm_issues_add(&batch, RM_ISSUE_CLOSED, 3, 0.5, 0.0, NULL, &err));
    OK(rm_issues_take(&all, &batch, 0, &err));
    OK(rm_issues_take(&all, &batch, 0, &err));
    rm_issues_sort(&all);
    assert_int_equal(all.count, 5);
    assert_int_equal(all.items[0].layer, 0);
    assert_int_equal(all.items[1].feature, -1);
    assert_int_equal(all.items[2].code, RM_ISSUE_MALFORMED);
    assert_string_equal(all.items[3].text, "a");
    assert_string_equal(all.items[4].text, "b");
    rm_issues_clear(&all);
    rm_issues_clear(&batch);
    assert_null(all.items);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sentences),
        cmocka_unit_test(test_every_code_has_words),
        cmocka_unit_test(test_long_message_is_cut_on_a_character),
        cmocka_unit_test(test_take_and_sort),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
