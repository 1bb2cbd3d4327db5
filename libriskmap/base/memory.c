#define _GNU_SOURCE
#include "base/memory.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#ifdef RM_ALLOC_PREFIX

#define RM_PASTE_(a, b) a##b
#define RM_PASTE(a, b)  RM_PASTE_(a, b)
#define raw_malloc      RM_PASTE(RM_ALLOC_PREFIX, malloc)
#define raw_calloc      RM_PASTE(RM_ALLOC_PREFIX, calloc)
#define raw_realloc     RM_PASTE(RM_ALLOC_PREFIX, realloc)
#define raw_free        RM_PASTE(RM_ALLOC_PREFIX, free)

void *raw_malloc(size_t size);
void *raw_calloc(size_t count, size_t size);
void *raw_realloc(void *memory, size_t size);
void raw_free(void *memory);

static void *large_alloc(size_t size)
{
    return raw_malloc(size);
}

#else

#define raw_malloc  malloc
#define raw_calloc  calloc
#define raw_realloc realloc
#define raw_free    free

#define HUGE_PAGE ((size_t)2 << 20)

static void *large_alloc(size_t size)
{
    void *memory = NULL;
    if (posix_memalign(&memory, HUGE_PAGE, size) != 0)
        return NULL;
    return memory;
}

#endif

#define LARGE ((size_t)4 << 20)

/* Asks for huge pages where a block covers them wholly. A refusal only costs speed. */
static void ask_huge_pages(void *memory, size_t size)
{
#if defined(MADV_HUGEPAGE) && !defined(RM_ALLOC_PREFIX)
    uintptr_t begin = ((uintptr_t)memory + HUGE_PAGE - 1) & ~(uintptr_t)(HUGE_PAGE - 1);
    uintptr_t end = ((uintptr_t)memory + size) & ~(uintptr_t)(HUGE_PAGE - 1);
    if (memory != NULL && end > begin)
        (void)madvise((char *)memory + (begin - (uintptr_t)memory), end - begin, MADV_HUGEPAGE);
#else
    (void)memory;
    (void)size;
#endif
}

void *rm_alloc(size_t size)
{
    if (size > PTRDIFF_MAX)
        return NULL;
    if (size < LARGE)
        return raw_malloc(size > 0 ? size : 1);
    void *memory = large_alloc(size);
    ask_huge_pages(memory, size);
    return memory;
}

/* Not by way of large_alloc: calloc knows which memory is zero already, so that an array of which
 * little is used costs little, and the threads that fill it share the page faults. */
void *rm_alloc_zero(size_t count, size_t size)
{
    if (size != 0 && count > PTRDIFF_MAX / size)
        return NULL;
    size_t total = count * size;
    void *memory = raw_calloc(total > 0 ? total : 1, 1);
    if (total >= LARGE)
        ask_huge_pages(memory, total);
    return memory;
}

/* Asks for no huge pages: realloc moves small ones without copying, and splits large ones. An array
 * that grew to 160 MB took three times as long with them. */
void *rm_resize(void *memory, size_t size)
{
    if (size > PTRDIFF_MAX)
        return NULL;
    if (memory == NULL)
        return rm_alloc(size);
    return raw_realloc(memory, size > 0 ? size : 1);
}

void rm_release(void *memory)
{
    raw_free(memory);
}

/* The pointers behind void ** have other types, so they are read and written as bytes. */
static void *load_pointer(void **pointer)
{
    void *value;
    memcpy(&value, (void *)pointer, sizeof value);
    return value;
}

static void store_pointer(void **pointer, void *value)
{
    memcpy((void *)pointer, &value, sizeof value);
}

static bool fits(int64_t count, size_t size)
{
    return count >= 0 && (size == 0 || (uint64_t)count <= (uint64_t)PTRDIFF_MAX / size);
}

rm_status rm_new(void **pointer, int64_t count, size_t size, bool zero, rm_error *err)
{
    void *memory = NULL;
    if (fits(count, size))
        memory = zero ? rm_alloc_zero((size_t)count, size) : rm_alloc((size_t)count * size);
    store_pointer(pointer, memory);
    return memory != NULL ? RM_OK : rm_fail_memory(err);
}

rm_status rm_grow(void **pointer, int64_t *capacity, int64_t need, size_t size, rm_error *err)
{
    if (need <= *capacity)
        return RM_OK;
    int64_t wanted = *capacity < INT64_MAX / 2 ? *capacity + *capacity / 2 : need;
    if (wanted < need)
        wanted = need;
    if (wanted < 16)
        wanted = 16;
    if (!fits(wanted, size))
        wanted = need;
    void *moved = NULL;
    if (fits(wanted, size))
        moved = rm_resize(load_pointer(pointer), (size_t)wanted * size);
    if (moved == NULL)
        return rm_fail_memory(err);
    store_pointer(pointer, moved);
    *capacity = wanted;
    return RM_OK;
}

rm_status rm_copy_text(char **out, const char *text, rm_error *err)
{
    if (text == NULL) {
        *out = NULL;
        return RM_OK;
    }
    size_t size = strlen(text) + 1;
    char *copy = rm_alloc(size);
    if (copy == NULL)
        return rm_fail_memory(err);
    memcpy(copy, text, size);
    *out = copy;
    return RM_OK;
}

int64_t rm_memory_size(void)
{
    int64_t pages = sysconf(_SC_PHYS_PAGES), size = sysconf(_SC_PAGESIZE);
    /* a system that does not tell: what any has that this is run on */
    return pages > 0 && size > 0 ? pages * size : (int64_t)4 << 30;
}
