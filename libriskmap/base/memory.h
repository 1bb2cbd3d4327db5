/* Every allocation of the library goes through these, so that a test can make each of them fail:
 * compile with -DRM_ALLOC_PREFIX=name_ and provide name_malloc, name_calloc, name_realloc and
 * name_free. */
#ifndef RM_BASE_MEMORY_H
#define RM_BASE_MEMORY_H

#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* NULL only when there is no memory: a size of 0 gives a pointer that can be freed.
 * From 4 MiB on rm_alloc and rm_alloc_zero ask for huge pages, and rm_alloc begins on one: with 4
 * KiB pages two threads on one large array run slower than one. Zeroed memory is only touched where
 * it is used. rm_resize asks for none, so an array whose size is known is better made whole. */
void *rm_alloc(size_t size);
void *rm_alloc_zero(size_t count, size_t size);
void *rm_resize(void *memory, size_t size);
void rm_release(void *memory);

/* How many bytes the machine has in all, in use or not. */
int64_t rm_memory_size(void);

/* *pointer = room for count elements of its own type; RM_ENOMEM with a message when there is none
 * or count * size overflows. On failure *pointer is NULL. */
#define RM_NEW(pointer, count, err)                                                                \
    rm_new((void **)(pointer), (count), sizeof **(pointer), false, (err))
#define RM_NEW_ZERO(pointer, count, err)                                                           \
    rm_new((void **)(pointer), (count), sizeof **(pointer), true, (err))
rm_status rm_new(void **pointer, int64_t count, size_t size, bool zero, rm_error *err);

/* Makes *pointer hold at least `need` elements, growing by half; *capacity counts elements.
 * On failure both stay as they were. */
#define RM_GROW(pointer, capacity, need, err)                                                      \
    rm_grow((void **)(pointer), (capacity), (need), sizeof **(pointer), (err))
rm_status rm_grow(void **pointer, int64_t *capacity, int64_t need, size_t size, rm_error *err);

/* A copy of text (NULL gives NULL in *out). */
rm_status rm_copy_text(char **out, const char *text, rm_error *err);

#endif
