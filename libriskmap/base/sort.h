/* Sorting that can be stopped. */
#ifndef RM_BASE_SORT_H
#define RM_BASE_SORT_H

#include "base/memory.h"
#include "base/progress.h"

/* As qsort, in about its time; quicker where the items are in order. compare must tell all items
 * apart. Asks for progress (may be NULL) as rm_progress_check does. When it fails the items stand
 * in any order, some of them perhaps twice. */
rm_status rm_sort(void *items, int64_t count, size_t size,
                  int (*compare)(const void *, const void *), rm_progress *progress, int worker,
                  const char *message, rm_error *err);

#endif
