/* An allocator that fails when told to. Includes the library's memory.c in its own place, whose
 * object is then not linked: include this once, behind cmocka and before anything else of the
 * library. */
#ifndef RM_TESTS_FAILING_H
#define RM_TESTS_FAILING_H

#include <stdint.h>
#include <stdlib.h>

#define RM_ALLOC_PREFIX failing_
#include "base/memory.c"

static int64_t fail_after = INT64_MAX; /* allocations to grant before they fail */
static int64_t alive;                  /* allocations not released */

static bool refuse(void)
{
    return fail_after-- <= 0;
}

void *failing_malloc(size_t size)
{
    void *memory = refuse() ? NULL : malloc(size);
    alive += memory != NULL;
    return memory;
}

void *failing_calloc(size_t count, size_t size)
{
    void *memory = refuse() ? NULL : calloc(count, size);
    alive += memory != NULL;
    return memory;
}

void *failing_realloc(void *memory, size_t size)
{
    void *moved = refuse() ? NULL : realloc(memory, size);
    alive += memory == NULL && moved != NULL;
    return moved;
}

void failing_free(void *memory)
{
    alive -= memory != NULL;
    free(memory);
}

/* Runs `once` with its first, second, ... allocation failing until none is left to fail; `once`
 * gives back what it made, and comes out with `end` when it has all its memory. What is wrong in
 * itself stays wrong when there is no memory to say all of it, and some things are done without. */
static inline void torture_to(rm_status (*once)(rm_error *err), rm_status end, int at_least)
{
    for (int failures = 0;; failures++) {
        rm_error why = {0};
        int64_t before = alive;
        fail_after = failures;
        rm_status status = once(&why);
        bool failed = fail_after < 0;
        fail_after = INT64_MAX;
        assert_int_equal(alive, before);
        if (status != RM_OK)
            assert_int_equal(why.code, status);
        if (!failed) {
            assert_int_equal(status, end);
            assert_true(failures >= at_least);
            return;
        }
        if (status != end)
            assert_int_equal(status, RM_ENOMEM);
    }
}

static inline void torture(rm_status (*once)(rm_error *err), int at_least)
{
    torture_to(once, RM_OK, at_least);
}

#endif
