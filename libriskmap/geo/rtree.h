/* A packed R-tree over boxes in Hilbert order: built once, then only read. float32 boxes rounded
 * outward, so a query never misses what doubles would find. */
#ifndef RM_GEO_RTREE_H
#define RM_GEO_RTREE_H

#include "base/progress.h"
#include "data/geometry.h"

typedef struct rm_rtree rm_rtree;

/* Empty boxes are left out. Progress ticks. */
rm_status rm_rtree_build(rm_rtree **out, const rm_box *boxes, int64_t count, int threads,
                         rm_progress *progress, rm_error *err);
void rm_rtree_free(rm_rtree *tree);

/* Calls visit for every item whose (outward rounded) box touches the box; stops when it returns
 * false. Order is fixed for a given tree. */
typedef bool (*rm_visit_fn)(void *context, int32_t item);
void rm_rtree_query(const rm_rtree *tree, rm_box box, rm_visit_fn visit, void *context);

/* Visits items by growing box-to-box distance for as long as that lower bound is <= the bound that
 * visit returned last (start: bound; squared metres), so ties are visited too. visit computes the
 * true squared distance and returns the new bound; a negative one ends the search. RM_ENOMEM is
 * possible: the queue is on the heap beyond 256 entries. */
typedef double (*rm_nearest_fn)(void *context, int32_t item, double bound);
rm_status rm_rtree_nearest(const rm_rtree *tree, rm_box box, double bound, rm_nearest_fn visit,
                           void *context, rm_error *err);
/* The same in the order of the tree, and some items just over the bound as well: without a queue,
 * and so faster where the first bound is tight. */
void rm_rtree_around(const rm_rtree *tree, rm_box box, double bound, rm_nearest_fn visit,
                     void *context);

/* Calls visit for every item whose box comes within a distance of the point, and some just beyond;
 * whole: the box surely lies within it as a whole. Stops when it returns false. */
typedef bool (*rm_within_fn)(void *context, int32_t item, bool whole);
void rm_rtree_within(const rm_rtree *tree, double x, double y, double distance, rm_within_fn visit,
                     void *context);

#endif
