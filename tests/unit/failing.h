/* An allocator that fails when told to. Includes the library's memory.c in its own place, whose
 * object is then not linked: include this once, before anything else of the library. */
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

#endif
