/* Long loops that ask in between whether to go on. */
#ifndef RM_STATS_BLOCKS_H
#define RM_STATS_BLOCKS_H

#include "base/progress.h"

#include <stdint.h>

/* Who asks: worker 0 of a loop reports to the caller, the others look whether to stop. */
typedef struct rm_asking {
    rm_progress *progress; /* may be NULL */
    int worker;
    const char *message;
} rm_asking;

enum { RM_BLOCK = 1 << 14 };

/* *end: that of the block that begins at i, having asked. So inner loops stay plain. */
static inline rm_status rm_next_block(int64_t *end, int64_t i, int64_t count,
                                      const rm_asking *asking, rm_error *err)
{
    *end = count - i < RM_BLOCK ? count : i + RM_BLOCK;
    if (asking->progress == NULL)
        return RM_OK;
    return rm_progress_check(asking->progress, asking->worker, asking->message, err);
}

#endif
