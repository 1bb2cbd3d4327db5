/* A balanced k-d tree over points: for those that lie close together, far apart or in one place. */
#ifndef RM_GEO_POINT_TREE_H
#define RM_GEO_POINT_TREE_H

#include "base/parallel.h"
#include "data/geometry.h"

/* The box of the points of a node, and the least of their numbers. */
typedef struct rm_point_node {
    rm_box box;
    int32_t least;
} rm_point_node;

/* Node k of a level holds the points from count * k >> level to count * (k + 1) >> level; it stands
 * at nodes[(1 << level) + k], and its children at twice that and one more. Points in one place are
 * parted by their numbers. */
typedef struct rm_point_tree {
    int64_t count; /* points with finite coordinates */
    double *x, *y; /* [count] node by node */
    int32_t *item; /* [count] their numbers */
    rm_point_node *nodes;
    int levels; /* the leaves are those of this level */
} rm_point_tree;

/* Points whose coordinates are not finite are left out. Progress (may be NULL) ticks. */
rm_status rm_point_tree_build(rm_point_tree *out, const double *x, const double *y, int64_t count,
                              int threads, rm_progress *progress, rm_error *err);
void rm_point_tree_clear(rm_point_tree *tree);

static inline void rm_point_tree_range(const rm_point_tree *tree, int level, int64_t node,
                                       int64_t *begin, int64_t *end)
{
    int64_t k = node - ((int64_t)1 << level);

    *begin = tree->count * k >> level;
    *end = tree->count * (k + 1) >> level;
}

/* Squared distances of the point (x, y) to the nearest and to the farthest place of a box. Rounding
 * is monotone, so that no point of the box comes out nearer or farther. */
static inline double rm_box_near2(const rm_box *box, double x, double y)
{
    double dx = rm_max(rm_max(box->xmin - x, x - box->xmax), 0.0);
    double dy = rm_max(rm_max(box->ymin - y, y - box->ymax), 0.0);

    return dx * dx + dy * dy;
}

static inline double rm_box_far2(const rm_box *box, double x, double y)
{
    double dx = rm_max(x - box->xmin, box->xmax - x), dy = rm_max(y - box->ymin, box->ymax - y);

    return dx * dx + dy * dy;
}

#endif
