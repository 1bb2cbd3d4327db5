/* One table of what is written, kept in memory as a layer. */
#ifndef RM_IO_MEMORY_SINK_H
#define RM_IO_MEMORY_SINK_H

#include "io/sink.h"

typedef struct rm_memory_sink {
    const char *wanted; /* the name of the table; all others are passed over */
    const char *crs;    /* of its geometry, when it has any */
    rm_layer *layer;    /* NULL until it comes by; the caller frees it */
} rm_memory_sink;

/* Borrows *memory. Views, styles and metadata are passed over. */
rm_sink rm_memory_sink_of(rm_memory_sink *memory);

#endif
