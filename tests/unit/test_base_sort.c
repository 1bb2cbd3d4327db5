/* Sorting that can be stopped, against what qsort makes of the same. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/sort.h"

enum { MOST = 200000 };

typedef struct item {
    int32_t key, number;
    char rest[5];
} item;

static int compare(const void *a, const void *b)
{
    const item *x = a, *y = b;
    return x->key != y->key ? (x->key > y->key) - (x->key < y->key)
                            : (x->number > y->number) - (x->number < y->number);
}

static item *make(int64_t count, uint32_t keys)
{
    item *items = calloc((size_t)count + 1, sizeof *items);
    uint32_t random = 1;
    for (int64_t i = 0; i < count; i++) {
        random = random * 1664525u + 1013904223u;
        items[i].key = keys > 0 ? (int32_t)((random >> 8) % keys) : (int32_t)i;
        items[i].number = (int32_t)(count - i);
        items[i].rest[4] = (char)i;
    }
    return items;
}

static void assert_as_qsort(int64_t count, uint32_t keys)
{
    item *ours = make(count, keys), *theirs = make(count, keys);
    assert_int_equal(rm_sort(ours, count, sizeof *ours, compare, NULL, 0, NULL, NULL), RM_OK);
    qsort(theirs, (size_t)count, sizeof *theirs, compare);
    assert_memory_equal(ours, theirs, (size_t)count * sizeof *ours);
    free(ours);
    free(theirs);
}

static void test_as_qsort(void **state)
{
    (void)state;
    static const int64_t counts[] = {0, 1, 2, 16384, 16385, 32768, 32769, 49152, 100000, MOST};
    for (size_t c = 0; c < sizeof counts / sizeof *counts; c++) {
        assert_as_qsort(counts[c], 0); /* in order */
        assert_as_qsort(counts[c], 3);
        assert_as_qsort(counts[c], UINT32_MAX >> 8);
    }
}

static void test_backwards(void **state)
{
    (void)state;
    item *items = make(MOST, 1);
    assert_int_equal(rm_sort(items, MOST, sizeof *items, compare, NULL, 0, NULL, NULL), RM_OK);
    for (int i = 0; i < MOST; i++)
        assert_int_equal(items[i].number, i + 1);
    free(items);
}

static int stop(double fraction, const char *message, void *user)
{
    (void)fraction;
    assert_string_equal(message, "names");
    ++*(int *)user;
    return 1;
}

static void test_stopped(void **state)
{
    (void)state;
    rm_progress progress;
    int calls = 0;
    item *items = make(MOST, 1000);
    rm_progress_start(&progress, stop, &calls);
    assert_int_equal(rm_sort(items, MOST, sizeof *items, compare, &progress, 0, "names", NULL),
                     RM_ECANCELLED);
    /* a worker that is not the calling thread says nothing, and stops */
    assert_int_equal(rm_sort(items, MOST, sizeof *items, compare, &progress, 1, "names", NULL),
                     RM_ECANCELLED);
    assert_int_equal(calls, 1);
    free(items);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_as_qsort),
        cmocka_unit_test(test_backwards),
        cmocka_unit_test(test_stopped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
