/* Spatial weights: which items are neighbours of which, and how much each counts, as compressed
 * sparse rows. */
#ifndef RM_BASE_WEIGHTS_H
#define RM_BASE_WEIGHTS_H

#include "base/memory.h"

typedef struct rm_weights { /* opaque to the public */
    int64_t count;          /* items */
    int64_t *start; /* [count + 1]: the neighbours of item i are start[i] .. start[i + 1] - 1 */
    int32_t *to;    /* ascending within an item, never the item itself, no double ones */
    double *weight; /* NULL: all 1 */
} rm_weights;

void rm_weights_clear(rm_weights *weights); /* empties and frees the arrays */

#endif
