/* Spatial weights: which items are neighbours of which, and how much each counts, as compressed
 * sparse rows. */
#ifndef RM_BASE_WEIGHTS_H
#define RM_BASE_WEIGHTS_H

#include "base/memory.h"
#include "base/progress.h"

typedef struct rm_weights { /* opaque to the public */
    int64_t count;          /* items */
    int64_t *start; /* [count + 1]: the neighbours of item i are start[i] .. start[i + 1] - 1 */
    int32_t *to;    /* ascending within an item, never the item itself, no double ones */
    double *weight; /* NULL: all 1 */
} rm_weights;

void rm_weights_clear(rm_weights *weights); /* empties and frees the arrays */

/* Ascending; quickest for a few, as most rows are. */
void rm_sort_items(int32_t *items, int64_t count);

/* Two items that are neighbours of each other. */
typedef struct rm_pair {
    int32_t a, b;
} rm_pair;

/* Pairs in any order and either way round, the same one perhaps often. Start with {0}. */
typedef struct rm_pairs {
    rm_pair *items;
    int64_t count, capacity;
} rm_pairs;

rm_status rm_pairs_add(rm_pairs *pairs, int32_t a, int32_t b, rm_error *err);
void rm_pairs_clear(rm_pairs *pairs);

/* Symmetric weights of 1 from the pairs of several lists, each of which is emptied on the way. */
rm_status rm_weights_from_pairs(rm_weights *out, int64_t count, rm_pairs *lists, int list_count,
                                int threads, rm_error *err);
/* Weights from links in any order: from[l] has to[l] as a neighbour, weight[l] (NULL: 1) is finite
 * and not below 0. RM_EINVAL with its row for a link that leads nowhere, to itself, or is there
 * twice. Progress (may be NULL) is reported. */
rm_status rm_weights_from_list(rm_weights *out, int64_t count, const int32_t *from,
                               const int32_t *to, const double *weight, int64_t links,
                               rm_progress *progress, rm_error *err);

/* Whether every link has one back that weighs as much. Progress (may be NULL) is reported. */
rm_status rm_weights_symmetric(bool *symmetric, const rm_weights *weights, rm_progress *progress,
                               rm_error *err);
/* The items without neighbours of their own; writes them, ascending, when items is not NULL. */
int64_t rm_weights_list_islands(const rm_weights *weights, int32_t *items);
/* component[item] (may be NULL) counts from 0 in the order of the lowest item of each; links count
 * either way. An island is one of its own. */
rm_status rm_weights_find_components(int32_t *component, int64_t *count, const rm_weights *weights,
                                     rm_error *err);

#endif
