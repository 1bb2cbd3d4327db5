/* The area of A inside the union of E1..Ek, within a window. Edges are cut to the window; what a
 * polygon does left of the window is kept as parity alone. The window is cut into horizontal slabs
 * between the heights where an edge begins, ends or crosses another, and the lengths inside are
 * summed at the middle of each slab, which is exact for straight edges. No point of intersection is
 * constructed, so a rounding error costs a sliver of its own size and nothing else; edges that are
 * equal bit by bit cost nothing at all. The outcome does not depend on the order of edges or
 * owners, to the last bit. */
#ifndef RM_GEO_SLAB_H
#define RM_GEO_SLAB_H

#include "data/geometry.h"

/* A piece of an edge within the window, upward (ya < yb), with the window's corner as origin. */
typedef struct rm_piece {
    double xa, ya, xb, yb;
} rm_piece;

typedef struct rm_slab_edge {
    double ya, yb, xa, xb, slope;
    int32_t owner;
} rm_slab_edge;

/* A height where a slab ends, and the edge that begins there, or -1. */
typedef struct rm_slab_event {
    double height;
    int32_t edge;
} rm_slab_event;

/* An edge that crosses the slab at hand, with its x at the bottom, the middle and the top. */
typedef struct rm_slab_active {
    double middle, bottom, top;
    int32_t edge;
} rm_slab_active;

/* Scratch memory of one worker, to be used over and over. Start with {0}. */
typedef struct rm_slab {
    double left, bottom, width, height; /* of the window */
    rm_slab_edge *edges;
    int64_t edge_count, edges_capacity;
    uint8_t *base; /* [owners] parity at the window's lower left corner; owner 0 is A */
    uint8_t *odd;  /* [owners] parity while walking */
    int64_t base_capacity, odd_capacity;
    int32_t owners, base_depth;
    /* Level edges matter to no slab, but to who would cut the pieces anew with
     * another left side. */
    bool keep_levels;
    rm_piece *levels;
    int64_t level_count, levels_capacity;
    rm_slab_event *events;
    double *cuts;
    int64_t events_capacity, cuts_capacity, cut_count;
    rm_slab_active *active, *turned;
    int64_t active_capacity, turned_capacity, active_count;
} rm_slab;

void rm_slab_clear(rm_slab *slab);

/* Starts anew with a window, which must not be empty, and no owner. */
void rm_slab_open(rm_slab *slab, rm_box window);
/* Begins the next owner and makes room for so many of its edges. The first owner is A. */
rm_status rm_slab_owner(rm_slab *slab, int64_t edges, rm_error *err);
/* Adds an edge of the present owner. All edges that touch the window must come, and those left of
 * it whose heights include the window's bottom; others may. */
void rm_slab_edge_add(rm_slab *slab, double x0, double y0, double x1, double y1);
/* Adds all edges of a polygon feature as the next owner. */
rm_status rm_slab_feature(rm_slab *slab, const rm_geometry *geometry, int64_t feature,
                          rm_error *err);
/* Adds a piece of the present owner that was taken from a slab with the same window. */
void rm_slab_piece_add(rm_slab *slab, rm_piece piece);
/* Copies all pieces, the level ones included when keep_levels was set before they came. With
 * out == NULL only counts them. */
int64_t rm_slab_take(const rm_slab *slab, rm_piece *out);
/* The area of A inside the union of the other owners; of A alone when there is no other owner. */
rm_status rm_slab_area(rm_slab *slab, double *m2, rm_error *err);

/* Whether the present owner has no part in the window. */
static inline bool rm_slab_owner_is_absent(const rm_slab *slab, int64_t edges_before)
{
    return slab->edge_count == edges_before && !slab->base[slab->owners - 1];
}

/* Areas below this are rounding: slivers between outlines that run along each other, for
 * coordinates of the size of the window's. */
double rm_slab_noise(rm_box window);

#endif
