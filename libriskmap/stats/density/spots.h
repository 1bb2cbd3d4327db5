/* Points sorted for density: by class of bandwidth, band of rows, x, y, so that every sum over them
 * runs in one order whatever order they came in. */
#ifndef RM_STATS_DENSITY_SPOTS_H
#define RM_STATS_DENSITY_SPOTS_H

#include "stats/density/density.h"

enum { RM_SPOT_CLASSES = 32 };

/* In cells: x to the right and y downwards from the centre of cell (0, 0). Points with equal
 * coordinates and bandwidth are one. */
typedef struct rm_spot {
    double x, y, weight, bandwidth;
} rm_spot;

typedef struct rm_spots {
    rm_spot *spot;
    int64_t count;                 /* that give something to the raster, equal ones once */
    int32_t classes;               /* 1 unless bandwidths differ */
    int64_t bands;                 /* the first holds all above the raster, the last all below */
    int64_t band_rows;             /* rows of a band */
    int64_t *begin, *end;          /* [classes * bands] into spot */
    double reach[RM_SPOT_CLASSES]; /* the longest of the class, in cells; < 0 where it is empty */
    double heaviest;               /* weight */
    double total;                  /* of the weights, in the sorted order */
} rm_spots;

/* A point reaches cut * bandwidth; those that do not reach the raster are left out. */
rm_status rm_spots_new(rm_spots *out, const rm_grid *grid, const rm_density_points *points,
                       double bandwidth, double cut, int threads, rm_progress *progress,
                       rm_error *err);
void rm_spots_clear(rm_spots *spots);

/* The bands in which points within reach of rows row0..row1 (inclusive) lie. */
void rm_spots_bands(const rm_spots *spots, double reach, int64_t row0, int64_t row1, int64_t *first,
                    int64_t *last);
/* The points begin..end of one band with x from low to high. */
void rm_spots_between(const rm_spots *spots, int32_t class, int64_t band, double low, double high,
                      int64_t *begin, int64_t *end);

#endif
