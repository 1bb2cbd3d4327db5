/* The inside of rm_join, for the files that build it and ask it. */
#ifndef RM_GEO_JOIN_INDEX_H
#define RM_GEO_JOIN_INDEX_H

#include "geo/join.h"
#include "geo/rtree.h"

/* A run of edges of one ring: edges start .. start+count-1, edge i going from coordinate i to i+1.
 * count 0 is a single point. */
typedef struct rm_edge_run {
    int32_t start, count;
} rm_edge_run;

/* The head of a sketch: a band once more, in one piece and on whole numbers, small enough to lie in
 * a cache line or two. A point that the sketch cannot place is placed by the band. Behind the head,
 * for each run: twice the number of its edges, plus 1 for the last run, and its edges + 1
 * coordinates, each x + 65536 y. */
typedef struct rm_sketch {
    int32_t area;
    int32_t column, row; /* the lower left cell of the area: its origin */
    float scale;         /* its units per cell: 65535 to the longer side of the area */
} rm_sketch;

#define RM_SKETCH_HEAD (sizeof(rm_sketch) / sizeof(uint32_t))
/* How far ahead a sketch is fetched, and so what stands free behind the last one. */
#define RM_SKETCH_AHEAD 16

struct rm_join {
    const rm_geometry *areas; /* borrowed */
    rm_box extent;
    rm_box *boxes; /* [areas] */
    bool only_polygons;

    double scale; /* cells per unit of length */
    int32_t columns, rows;
    int32_t *cells; /* [rows * columns] 0: empty; a + 1: wholly inside area a and touched by no
                       other; -p: list at lists[p] */
    /* A list is the number of its entries, then the entries: where the sketch of an area's band in
     * the cell's row stands in sketches, or ~area when the cell lies wholly inside. */
    int32_t *lists;

    /* Area a has bands area_band[a] .., one for each grid row from first_row[a] on; a band holds
     * every edge that touches its row. An area of few points has one band for all its rows. */
    int32_t *area_band; /* [areas + 1] */
    int32_t *first_row; /* [areas] */
    int32_t *band_run;  /* [bands + 1] */
    rm_edge_run *runs;
    uint32_t *sketches;

    rm_rtree *tree; /* of boxes */
};

/* Rows and columns come from one and the same rounded, monotone function for vertices and points,
 * so an edge lies in the rows between those of its ends whatever the rounding. Coordinates outside
 * the extent get the nearest row or column. */
static inline int32_t rm_grid_index(double cell, int32_t count)
{
    return cell >= (double)count ? count - 1 : cell > 0.0 ? (int32_t)cell : 0;
}

static inline int32_t rm_join_row(const rm_join *join, double y)
{
    return rm_grid_index((y - join->extent.ymin) * join->scale, join->rows);
}

static inline int32_t rm_join_column(const rm_join *join, double x)
{
    return rm_grid_index((x - join->extent.xmin) * join->scale, join->columns);
}

/* Whole sketch units along one axis of a place in cells. Rounded, but monotone: what has more units
 * lies farther on, and what has as many may lie either way. */
static inline int32_t rm_sketch_units(double cell, int32_t origin, float scale)
{
    double units = (cell - origin) * (double)scale;

    return units >= 65535.0 ? 65535 : units > 0.0 ? (int32_t)units : 0;
}

static inline int32_t rm_join_entry_area(const rm_join *join, int32_t entry)
{
    return entry < 0 ? ~entry : (int32_t)join->sketches[entry]; /* the head begins with it */
}

/* The band of an area for a row that its box reaches. */
static inline int32_t rm_join_band(const rm_join *join, int32_t area, int32_t row)
{
    int32_t base = join->area_band[area];

    return join->area_band[area + 1] - base == 1 ? base : base + row - join->first_row[area];
}

/* The bands of an area that hold its edges between two rows, end exclusive; an empty range when it
 * has several and none there. */
static inline void rm_join_bands(const rm_join *join, int32_t area, int32_t first_row,
                                 int32_t last_row, int32_t *begin, int32_t *end)
{
    int32_t base = join->area_band[area], count = join->area_band[area + 1] - base;
    int32_t from = first_row - join->first_row[area], to = last_row - join->first_row[area] + 1;

    if (count == 1) {
        from = 0;
        to = 1;
    }
    from = from < 0 ? 0 : from;
    to = to > count ? count : to;
    *begin = base + from;
    *end = to > from ? base + to : base + from;
}

/* Where a point lies with regard to the polygon whose band for the point's row is given. Exact. */
rm_side rm_band_side(const rm_geometry *areas, const rm_edge_run *runs, int32_t count, double x,
                     double y);
/* The same for a point anywhere. */
rm_side rm_join_side(const rm_join *join, int32_t area, double x, double y);

/* Counts the edges between `count` + 1 consecutive coordinates that cross the ray from the point to
 * the right; true when the point lies on one of them. Exact. */
bool rm_cross_edges(const double *x, const double *y, int32_t count, double px, double py,
                    unsigned *crossings);

rm_status rm_hits_add(rm_hits *hits, int32_t area, int64_t row, rm_error *err);

#endif
