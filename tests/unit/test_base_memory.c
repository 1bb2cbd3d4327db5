/* The error a caller owns, and the memory it comes from. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/memory.h"

#include <string.h>

static void every_status_has_a_name(void **state)
{
    (void)state;
    assert_string_equal(rm_status_name(RM_OK), "RM_OK");
    assert_string_equal(rm_status_name(RM_EINVAL), "RM_EINVAL");
    assert_string_equal(rm_status_name(RM_EUNSUPPORTED), "RM_EUNSUPPORTED");
    assert_string_equal(rm_status_name(13), "RM_?");
    assert_string_equal(rm_status_name(-1), "RM_?");
    for (rm_status a = 0; a <= 12; a++) {
        for (rm_status b = 0; b < a; b++)
            assert_string_not_equal(rm_status_name(a), rm_status_name(b));
    }
}

static void the_version_has_three_numbers(void **state)
{
    (void)state;
    assert_int_equal(strspn(rm_version(), "0123456789."), strlen(rm_version()));
    assert_non_null(strchr(strchr(rm_version(), '.') + 1, '.'));
}

static void the_error_is_frozen(void **state)
{
    (void)state;
    assert_int_equal(sizeof(rm_error), 1024);
    assert_int_equal(offsetof(rm_error, row), 8);
    assert_int_equal(offsetof(rm_error, message), 16);
}

static void a_failure_fills_the_error(void **state)
{
    (void)state;
    rm_error err = {.code = 99, .reserved = 99, .row = 99};
    assert_int_equal(rm_fail(&err, RM_EIO, "layer %s: %.1f", "wegen", 1.5), RM_EIO);
    assert_int_equal(err.code, RM_EIO);
    assert_int_equal(err.reserved, 0);
    assert_int_equal(err.row, -1);
    assert_string_equal(err.message, "layer wegen: 1.5");
    assert_int_equal(rm_fail_row(&err, RM_EDATA, 7, "no date"), RM_EDATA);
    assert_int_equal(err.row, 7);
    assert_int_equal(rm_fail(NULL, RM_EIO, "%d", 1), RM_EIO);
    assert_int_equal(rm_fail_row(NULL, RM_EDATA, 7, "%d", 1), RM_EDATA);
    assert_int_equal(rm_fail_within(NULL, RM_EDATA, "%d", 1), RM_EDATA);
    assert_int_equal(rm_fail_memory(&err), RM_ENOMEM);
    assert_non_null(strstr(err.message, "memory"));
}

static void a_message_may_quote_the_one_before(void **state)
{
    (void)state;
    rm_error err;
    rm_fail_row(&err, RM_EDATA, 3, "inner");
    rm_fail_row(&err, RM_EIO, 4, "outer of %s!", err.message);
    assert_string_equal(err.message, "outer of inner!");
    rm_fail_within(&err, RM_EMODEL, "model %s", "a.json");
    assert_string_equal(err.message, "model a.json: outer of inner!");
    assert_int_equal(err.row, 4);
    assert_int_equal(err.code, RM_EMODEL);
}

static void a_message_is_one_line_of_utf8(void **state)
{
    (void)state;
    rm_error err;
    rm_fail(&err, RM_EIO,
            "a\nb\tc\x7f\xff"
            "caf\xc3\xa9\xc3");
    assert_string_equal(err.message, "a b c ?caf\xc3\xa9?");
}

static void a_long_message_is_cut_between_characters(void **state)
{
    (void)state;
    rm_error err;
    char text[1500];
    for (size_t shift = 0; shift < 3; shift++) {
        memset(text, 'x', shift);
        for (size_t i = shift; i + 3 < sizeof text; i += 3)
            memcpy(text + i, "\xe2\x82\xac", 4);
        rm_fail(&err, RM_EIO, "%s", text);
        size_t length = strlen(err.message);
        assert_int_equal(length, shift + (1007 - shift) / 3 * 3);
        assert_memory_equal(err.message, text, length);
        rm_fail_within(&err, RM_EIO, "y");
        length = strlen(err.message);
        assert_int_equal(length, 3 + shift + (1004 - shift) / 3 * 3);
        assert_memory_equal(err.message + 3, text, length - 3);
    }
}

static void a_size_of_zero_can_be_freed(void **state)
{
    (void)state;
    void *a = rm_alloc(0), *b = rm_alloc_zero(0, 8), *c = rm_alloc_zero(8, 0);
    assert_true(a != NULL && b != NULL && c != NULL);
    a = rm_resize(a, 0);
    assert_non_null(a);
    rm_release(a);
    rm_release(b);
    rm_release(c);
    rm_release(NULL);
}

static void large_blocks_lie_on_huge_pages(void **state)
{
    (void)state;
    size_t size = (size_t)4 << 20;
    unsigned char *block = rm_alloc(size);
    assert_non_null(block);
    assert_int_equal((uintptr_t)block % ((uintptr_t)2 << 20), 0);
    for (size_t i = 0; i < size; i += 4096)
        block[i] = (unsigned char)(i >> 12);
    block = rm_resize(block, 3 * size);
    assert_non_null(block);
    for (size_t i = 0; i < size; i += 4096)
        assert_int_equal(block[i], (unsigned char)(i >> 12));
    block[3 * size - 1] = 1;
    block = rm_resize(block, 8192);
    assert_int_equal(block[4096], 1);
    rm_release(block);
}

static void zeroed_blocks_are_zero(void **state)
{
    (void)state;
    for (size_t size = 1; size <= (size_t)16 << 20; size *= 16) {
        unsigned char *dirty = rm_alloc(size);
        memset(dirty, 0xA5, size);
        rm_release(dirty);
        unsigned char *block = rm_alloc_zero(size, 1);
        assert_non_null(block);
        for (size_t i = 0; i < size; i++) {
            if (block[i] != 0)
                fail_msg("byte %zu of %zu", i, size);
        }
        rm_release(block);
    }
}

static void what_does_not_fit_is_no_memory(void **state)
{
    (void)state;
    rm_error err;
    double dummy, *array = &dummy;
    assert_null(rm_alloc(SIZE_MAX));
    assert_null(rm_alloc((size_t)PTRDIFF_MAX + 1));
    assert_null(rm_alloc_zero(SIZE_MAX / 2, 4));
    assert_null(rm_resize(NULL, SIZE_MAX));
    assert_int_equal(RM_NEW(&array, INT64_MAX / 4, &err), RM_ENOMEM);
    assert_null(array);
    assert_int_equal(err.code, RM_ENOMEM);
    array = &dummy;
    assert_int_equal(RM_NEW_ZERO(&array, -1, &err), RM_ENOMEM);
    assert_null(array);
}

static void growing_keeps_what_is_there(void **state)
{
    (void)state;
    rm_error err;
    int32_t *array = NULL;
    int64_t capacity = 0, grown = 0;
    for (int32_t i = 0; i < 3000000; i++) {
        int64_t before = capacity;
        assert_int_equal(RM_GROW(&array, &capacity, i + 1, &err), RM_OK);
        grown += capacity != before;
        array[i] = i;
    }
    assert_true(capacity >= 3000000 && capacity < 4500000);
    assert_in_range(grown, 20, 40);
    for (int32_t i = 0; i < 3000000; i++) {
        if (array[i] != i)
            fail_msg("element %d", (int)i);
    }
    int32_t *kept = array;
    int64_t kept_capacity = capacity;
    assert_int_equal(RM_GROW(&array, &capacity, INT64_MAX / 2, &err), RM_ENOMEM);
    assert_ptr_equal(array, kept);
    assert_int_equal(capacity, kept_capacity);
    rm_release(array);
}

static void text_is_copied(void **state)
{
    (void)state;
    rm_error err;
    char *copy = NULL;
    assert_int_equal(rm_copy_text(&copy, "parken", &err), RM_OK);
    assert_string_equal(copy, "parken");
    rm_release(copy);
    assert_int_equal(rm_copy_text(&copy, NULL, &err), RM_OK);
    assert_null(copy);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_status_has_a_name),
        cmocka_unit_test(the_version_has_three_numbers),
        cmocka_unit_test(the_error_is_frozen),
        cmocka_unit_test(a_failure_fills_the_error),
        cmocka_unit_test(a_message_may_quote_the_one_before),
        cmocka_unit_test(a_message_is_one_line_of_utf8),
        cmocka_unit_test(a_long_message_is_cut_between_characters),
        cmocka_unit_test(a_size_of_zero_can_be_freed),
        cmocka_unit_test(large_blocks_lie_on_huge_pages),
        cmocka_unit_test(zeroed_blocks_are_zero),
        cmocka_unit_test(what_does_not_fit_is_no_memory),
        cmocka_unit_test(growing_keeps_what_is_there),
        cmocka_unit_test(text_is_copied),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
