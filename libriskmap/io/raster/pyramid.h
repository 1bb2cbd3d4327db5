/* What is made of the rows of a raster while they pass: statistics, the rows of every overview, and
 * a checksum of each level by which a written file is known to hold the same. */
#ifndef RM_IO_RASTER_PYRAMID_H
#define RM_IO_RASTER_PYRAMID_H

#include "base/memory.h"

enum { RM_PYRAMID_LEVELS = 32, RM_TILE = 512 };

/* Rows `first` .. of overview `level` (1: the first), of the raster's own cell type. */
typedef rm_status (*rm_pyramid_fn)(void *context, int level, const void *cells, int64_t first,
                                   int64_t rows, rm_error *err);

typedef struct rm_pyramid_level {
    int64_t columns, rows;
    int64_t seen;    /* rows that have passed */
    void *band;      /* rows that wait until there are band_rows of them; level 0 has none */
    int64_t waiting; /* how many */
    uint64_t checksum;
} rm_pyramid_level;

/* Over the cells with a value; mean and deviation (of the population) by Chan's updating. */
typedef struct rm_raster_statistics {
    int64_t count;
    double minimum, maximum, mean, squares; /* squares: sum of squared distances to the mean */
} rm_raster_statistics;

typedef struct rm_pyramid {
    bool bytes;        /* uint8 with 0 as nodata, else float32 with NaN */
    int64_t band_rows; /* a multiple of 4: pairs of rows do not straddle bands */
    int count;         /* levels, the raster itself included */
    rm_pyramid_level level[RM_PYRAMID_LEVELS];
    rm_raster_statistics statistics;
    int threads;
    rm_pyramid_fn sink;
    void *context;
} rm_pyramid;

/* Halves the sides, rounded up, until neither is over a tile. */
int rm_pyramid_count(int64_t columns, int64_t rows);
rm_status rm_pyramid_begin(rm_pyramid *pyramid, int64_t columns, int64_t rows, bool bytes,
                           int64_t band_rows, int threads, rm_pyramid_fn sink, void *context,
                           rm_error *err);
/* The next band of level 0 from the north: band_rows of them, but for the last band. An infinite
 * value is RM_EINVAL with its row in the raster. */
rm_status rm_pyramid_add(rm_pyramid *pyramid, const void *cells, int64_t rows, rm_error *err);
void rm_pyramid_clear(rm_pyramid *pyramid);

/* What a piece of a row adds to the checksum of its level: at most RM_TILE cells that begin at a
 * multiple of RM_TILE. A sum, so that tiles may be read in any order. */
uint64_t rm_pyramid_checksum(const void *cells, int64_t bytes, int64_t row, int64_t tile);

#endif
