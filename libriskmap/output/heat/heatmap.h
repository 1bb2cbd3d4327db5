/* A heat map: points, bandwidth, raster, values. */
#ifndef RM_OUTPUT_HEATMAP_H
#define RM_OUTPUT_HEATMAP_H

#include "base/inputs.h"
#include "output/heat/area.h"
#include "output/heat/edge.h"
#include "output/point_set.h"
#include "stats/density/bandwidth.h"
#include "stats/density/density.h"

/* RM_HEAT_TRIM: adaptive bandwidths are at most this many times their median, as in sparr. */
enum { RM_HEAT_PERIODS = 2, RM_HEAT_TRIM = 5 };

/* Cells that are kept at most of each period, unless stated otherwise: 256 MB. */
enum { RM_HEAT_KEPT_MOST = 64000000 };

typedef struct rm_heat_period {
    int32_t from, until;
    int64_t points;
    double weight, highest;
    rm_surface *surface;
    float *values; /* [kept.rows * kept.columns] */
} rm_heat_period;

struct rm_heatmap {                          /* opaque to the public */
    rm_heatmap_options as;                   /* as it was asked for, without its texts */
    char *crs, *time, *where, *within, *per; /* owned; NULL: not asked for */
    char *unit, *unit_en;
    rm_inputs inputs;
    rm_heat_area area;
    rm_point_set points; /* the account; the coordinates are gone once the surfaces are made */
    double bandwidth;
    rm_bandwidth_fit fit; /* of cross-validation; its score is NaN without */
    rm_surface *below;    /* points of the denominator; NULL: per km2 */
    rm_heat_edge edge;    /* of edge correction; empty: none */
    rm_grid grid;
    /* What is kept of it for classes, pictures and contours: all of it when it has at most so many
     * cells as may be kept, else the mean of factor x factor cells. */
    int64_t factor;
    rm_grid kept;
    rm_heat_period periods[RM_HEAT_PERIODS];
    int32_t period_count;
    bool shielded;
};

/* options: checked, with a target CRS, as_of and threads. kept_most: cells. */
rm_status rm_heatmap_build(rm_heatmap **out, const char *points, const rm_heatmap_options *options,
                           int64_t kept_most, rm_progress *progress, rm_error *err);

/* Rows of the whole raster of one period, as rm_raster_rows_fn has them. */
rm_status rm_heatmap_rows(const rm_heatmap *heatmap, int32_t period, float *out, int64_t first,
                          int64_t rows, rm_progress *progress, rm_error *err);

#endif
