/* Cutting areas into bands, sketches and cells, a share of them at a time. */
#ifndef RM_GEO_JOIN_CUT_H
#define RM_GEO_JOIN_CUT_H

#include "geo/join_index.h"

/* Cells in a row that an area has the same entry for: a stretch that its outline touches, or that
 * lies wholly inside. */
typedef struct rm_span {
    int32_t cell, count;
    int32_t entry; /* where its sketch stands in the cut; ~area: inside */
} rm_span;

/* What became of a share of the areas. Start with {0}. */
typedef struct rm_cut {
    rm_span *spans;
    rm_edge_run *runs;
    int32_t *band_runs; /* the number of runs of each band */
    uint32_t *sketches;
    int64_t span_count, span_capacity, run_count, run_capacity, band_count, band_capacity;
    int64_t sketch_count, sketch_capacity;
    int32_t first_run, first_band, first_sketch; /* where they stand in the end */
} rm_cut;

/* A run of edges in one row of the area at hand. */
typedef struct rm_row_run {
    int32_t row, start, count;
} rm_row_run;

/* A coordinate of the area at hand. */
typedef struct rm_corner {
    double x, y;         /* in cells */
    int32_t column, row; /* in the area's box */
    uint32_t units;      /* as its sketches hold it */
} rm_corner;

/* What one worker needs to cut an area, kept for the next. Start with {0}. */
typedef struct rm_cut_scratch {
    rm_row_run *found;
    int64_t found_count, found_capacity;
    int32_t *open; /* for each row: where its open run starts and ends, then its first run */
    int64_t open_capacity;
    uint8_t *touched; /* for each cell of the area's box */
    int64_t touched_capacity;
    rm_corner *corners; /* the area's coordinates, from first_corner on */
    int64_t first_corner, corners_capacity;
} rm_cut_scratch;

/* An area's box in cells. */
typedef struct rm_cell_box {
    int32_t column, row, columns, rows;
} rm_cell_box;

rm_cell_box rm_cells_of(const rm_join *join, int64_t area);
int64_t rm_points_of(const rm_geometry *geometry, int64_t feature);

/* Appends the bands of an area that has a geometry, and for a polygon its sketches and spans. */
rm_status rm_cut_area(const rm_join *join, int64_t area, rm_cut_scratch *s, rm_cut *c,
                      rm_error *err);

/* Sets touched, the cells of a box row by row, to 1 wherever the edge between two corners comes.
 * The corners lie in the columns of the box; in rows that it lacks nothing is set. */
void rm_mark_edge(const rm_join *join, rm_cell_box box, const rm_corner *a, const rm_corner *b,
                  uint8_t *touched);

/* Gives back what a cut that is done has not used. */
void rm_cut_close(rm_cut *cut);
void rm_cut_clear(rm_cut *cut);
void rm_cut_scratch_clear(rm_cut_scratch *scratch);

#endif
