/* Base with every allocation made to fail in turn: an error, no leak, outputs untouched. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "failing.h"

#include "base/file.h"
#include "base/inputs.h"
#include "base/parallel.h"
#include "base/sort.h"
#include "base/text.h"

static rm_status write_text(rm_error *err)
{
    rm_text text = {0};
    for (int i = 0; i < 100; i++) {
        rm_text_addf(&text, "%d: %0300d", i, i);
        rm_text_add_json(&text, "a\nb");
        rm_text_add_double(&text, 0.1 * i);
    }
    rm_status status = rm_text_status(&text, err);
    rm_text_clear(&text);
    return status;
}

static rm_status read_file(rm_error *err)
{
    char *data = NULL;
    int64_t size = -1;
    rm_status status = rm_file_read(&data, &size, "/proc/self/maps", 1 << 20, err);
    if (status != RM_OK)
        assert_true(data == NULL && size == -1);
    rm_release(data);
    return status;
}

static rm_status publish(rm_error *err)
{
    char *temporary = NULL, *goal = NULL;
    rm_status status = rm_file_temporary(&temporary, "torture.txt", err);
    if (status != RM_OK)
        assert_null(temporary);
    if (status == RM_OK)
        status = rm_path_beside(&goal, temporary, "torture.txt", err);
    if (status == RM_OK)
        status = rm_file_publish(temporary, goal, true, false, err);
    if (status == RM_OK)
        rm_file_remove(goal);
    rm_file_remove(temporary);
    rm_release(temporary);
    rm_release(goal);
    return status;
}

static rm_status look_at_target(rm_error *err)
{
    static const rm_file_kind text = {"a text", {".txt"}};
    return rm_file_check_target("/tmp/torture.txt", &text, true, err);
}

static rm_status keep_inputs(rm_error *err)
{
    rm_inputs inputs = {0};
    rm_status status = rm_inputs_add(&inputs, "/proc/self/maps|layername=x", err);
    if (status == RM_OK)
        status = rm_inputs_add(&inputs, "/proc/self/stat", err);
    if (status == RM_OK)
        status = rm_inputs_refuse(&inputs, "torture.txt", err);
    rm_inputs_clear(&inputs);
    return status;
}

static rm_status nothing(void *context, int64_t begin, int64_t end, int worker, rm_error *err)
{
    (void)context;
    (void)begin;
    (void)end;
    (void)worker;
    (void)err;
    return RM_OK;
}

static rm_status loop_and_lock(rm_error *err)
{
    rm_mutex *mutex = NULL;
    RM_TRY(rm_mutex_new(&mutex, err));
    rm_status status = rm_parallel(10, 1, 3, nothing, NULL, NULL, NULL, err);
    rm_mutex_free(mutex);
    return status;
}

static int compare_numbers(const void *a, const void *b)
{
    return *(const int *)a - *(const int *)b;
}

static rm_status sort_many(rm_error *err)
{
    enum { MANY = 20000 };
    static int numbers[MANY];
    for (int i = 0; i < MANY; i++)
        numbers[i] = i;
    return rm_sort(numbers, MANY, sizeof *numbers, compare_numbers, NULL, 0, NULL, err);
}

static rm_status arrays(rm_error *err)
{
    double *a = NULL;
    char *b = NULL;
    int32_t *c = NULL;
    int64_t capacity = 0;
    rm_status status = RM_NEW(&a, 1000000, err);
    if (status == RM_OK)
        status = rm_copy_text(&b, "abc", err);
    for (int64_t i = 0; i < 100 && status == RM_OK; i++)
        status = RM_GROW(&c, &capacity, i + 1, err);
    rm_release(a);
    rm_release(b);
    rm_release(c);
    return status;
}

static void text_survives(void **state)
{
    (void)state;
    torture(write_text, 5);
}

static void sorting_survives(void **state)
{
    (void)state;
    torture(sort_many, 1);
}

static void reading_survives(void **state)
{
    (void)state;
    torture(read_file, 1);
}

static void publishing_survives(void **state)
{
    (void)state;
    torture(publish, 3);
}

static void targets_survive(void **state)
{
    (void)state;
    torture(look_at_target, 1);
}

static void inputs_survive(void **state)
{
    (void)state;
    torture(keep_inputs, 5);
}

static void loops_survive(void **state)
{
    (void)state;
    torture(loop_and_lock, 2);
}

static void arrays_survive(void **state)
{
    (void)state;
    torture(arrays, 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_survives),    cmocka_unit_test(sorting_survives),
        cmocka_unit_test(reading_survives), cmocka_unit_test(publishing_survives),
        cmocka_unit_test(loops_survive),    cmocka_unit_test(arrays_survive),
        cmocka_unit_test(targets_survive),  cmocka_unit_test(inputs_survive),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
