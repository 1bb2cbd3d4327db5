/* A text in memory as a file of GDAL, which tells how far it was read and ends when it is told to
 * stop: a driver that parses a file in pieces can be stopped so, one that wants it whole cannot. */
#ifndef RM_IO_GDAL_MEMORY_TEXT_H
#define RM_IO_GDAL_MEMORY_TEXT_H

#include "base/progress.h"

#include <stdbool.h>
#include <stddef.h>

typedef struct rm_memory_text {
    const char *text; /* [length], not copied */
    size_t length;
    rm_progress *progress; /* may be NULL: hears how far the text was read */
    bool lacked_memory;    /* GDAL could not open it for want of that */
    struct rm_memory_text *before;
    char path[64]; /* where GDAL finds it, in this thread and until rm_memory_text_leave */
} rm_memory_text;

/* Once, before anything else. The caller sees to it that no one else registers anything. */
void rm_memory_text_register(void);
/* ending: ".geojson". Nesting is allowed. */
void rm_memory_text_enter(rm_memory_text *text, const char *ending);
void rm_memory_text_leave(rm_memory_text *text);

#endif
