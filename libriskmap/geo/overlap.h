/* One area against one feature: what overlay and cover have in common. */
#ifndef RM_GEO_OVERLAP_H
#define RM_GEO_OVERLAP_H

#include "geo/bands.h"
#include "geo/join_index.h"

/* An area whose box a feature's box touches. */
typedef struct rm_candidate {
    int32_t area;
    bool holds; /* the whole box lies in the area, by the grid */
} rm_candidate;

/* Scratch memory of one worker. Start with {0}. */
typedef struct rm_overlap {
    rm_slab slab;
    rm_candidate *candidates;
    int64_t count, capacity;
} rm_overlap;

void rm_overlap_clear(rm_overlap *overlap);

/* Fills candidates with the polygon areas that a box may meet, each once. */
rm_status rm_overlap_candidates(rm_overlap *overlap, const rm_join *join, rm_box box,
                                rm_error *err);
/* For every cell of the grid whether no two areas, which are valid polygons, can overlap in it:
 * RM_CELL_SETTLED. */
enum { RM_CELL_SETTLED = 2 };
rm_status rm_overlap_cells(uint8_t **cells, const rm_join *join, int threads, rm_error *err);
/* Fills candidates with the areas of higher number that share a cell that is not settled with an
 * area; perhaps with others, too. */
rm_status rm_overlap_rivals(rm_overlap *overlap, const rm_join *join, const uint8_t *cells,
                            int32_t area, rm_error *err);
/* Adds the edges of an area that matter in the slab's window, as its next owner. */
rm_status rm_overlap_feed_area(rm_slab *slab, const rm_join *join, int32_t area, rm_error *err);
/* The area of the intersection of an area and a feature; 0 when it is no more than rounding. */
rm_status rm_overlap_m2(rm_overlap *overlap, const rm_join *join, int32_t area,
                        const rm_bands *evidence, int64_t feature, rm_box box, double *m2,
                        rm_error *err);

/* The same for two areas; 0 when there is no room for more than the tolerance. */
rm_status rm_overlap_areas_m2(rm_overlap *overlap, const rm_join *join, int32_t a, int32_t b,
                              double tolerance, double *m2, rm_error *err);

static inline rm_box rm_box_common(rm_box a, rm_box b)
{
    return (rm_box){a.xmin > b.xmin ? a.xmin : b.xmin, a.ymin > b.ymin ? a.ymin : b.ymin,
                    a.xmax < b.xmax ? a.xmax : b.xmax, a.ymax < b.ymax ? a.ymax : b.ymax};
}

static inline int64_t rm_feature_points(const rm_geometry *geometry, int64_t feature)
{
    int32_t begin = geometry->part_ring[geometry->feature_part[feature]];
    int32_t end = geometry->part_ring[geometry->feature_part[feature + 1]];

    return geometry->ring_point[end] - geometry->ring_point[begin];
}

/* From so many coordinates on a feature is one loop over its areas, shared by all threads. */
enum { RM_GIANT = 4096 };

static inline bool rm_is_giant(const rm_bands *features, int64_t feature)
{
    return rm_bands_has(features, feature) &&
           rm_feature_points(features->geometry, feature) >= RM_GIANT;
}

/* The share of the coordinates that giants do not have. */
double rm_share_of_others(const rm_bands *features);

#endif
