/* Kernel density of points. Part of riskmap.h. */
#ifndef RISKMAP_DENSITY_H
#define RISKMAP_DENSITY_H

#include "riskmap/status.h"

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * A raster of square cells: row 0 is the northernmost, column 0 the westernmost. left and top are
 * the outer corner of cell (0, 0), so the centre of (row, column) is at left + (column + 0.5) *
 * cell, top - (row + 0.5) * cell. Values lie row after row.
 */
typedef struct rm_grid {
    double left, top; /**< in units of the CRS */
    double cell;      /**< side of a cell, > 0 */
    int64_t columns, rows;
} rm_grid;

/** With R the bandwidth and u = (d / R)^2; each integrates to 1 over the plane. */
enum {
    RM_KERNEL_QUARTIC = 0,      /**< 3 / (pi R^2) (1 - u)^2, 0 from R on */
    RM_KERNEL_GAUSSIAN = 1,     /**< 1 / (2 pi R^2) exp(-u / 2): R is sigma */
    RM_KERNEL_EPANECHNIKOV = 2, /**< 2 / (pi R^2) (1 - u) */
    RM_KERNEL_TRIWEIGHT = 3,    /**< 4 / (pi R^2) (1 - u)^3 */
    RM_KERNEL_UNIFORM = 4       /**< 1 / (pi R^2) */
};

/** What is done about the part of a kernel that falls outside the study area. */
enum {
    RM_EDGE_NONE = 0,
    RM_EDGE_UNIFORM = 1, /**< f(q) / e(q), e(q) the mass within the area of a kernel at q */
    RM_EDGE_DIGGLE = 2   /**< every point weighs 1 / e(x): the map adds up to the points */
};

/** How a bandwidth is found by rule. */
enum {
    RM_RULE_REFERENCE =
        0,               /**< normal reference: sigma = s n^(-1/6), s^2 the mean of the variances */
    RM_RULE_ROBUST = 1,  /**< as that, with the smaller of s and IQR / 1.349 along each axis */
    RM_RULE_DISTANCE = 2 /**< ArcGIS's default: 0.9 min(SD, D_m / sqrt(ln 2)) n^(-1/5) */
};

/** What cross-validation makes as small as can be. */
enum {
    RM_VALIDATE_SQUARES = 0,   /**< integral of f^2 - 2 mean of f without i at i (LSCV) */
    RM_VALIDATE_LIKELIHOOD = 1 /**< - mean of the logarithm of f without i at i */
};
enum {
    RM_LEAVE_PLACE = 0, /**< leave out all points that share the coordinates */
    RM_LEAVE_POINT = 1  /**< leave out one point: the bandwidth falls to 0 where many coincide */
};

/** What a density is computed with. Begin with RM_DENSITY_OPTIONS_INIT or rm_density_options_init.
 */
typedef struct rm_density_options {
    uint32_t size;            /**< sizeof (rm_density_options) */
    int32_t kernel;           /**< RM_KERNEL_...; quartic */
    int32_t threads;          /**< 0: all cores; the answer does not depend on it */
    int32_t edge;             /**< RM_EDGE_...; none */
    double bandwidth;         /**< in units of the CRS, > 0: radius, or sigma of the gaussian */
    const double *weights;    /**< [count], >= 0, or NULL: all 1 */
    const double *bandwidths; /**< [count], > 0: one a point (adaptive); NULL: bandwidth */
    /** The study area, with edge: ring r is ring_x, ring_y [ring_starts[r] .. ring_starts[r + 1]),
     * closed or not, in any direction. A place is inside when an odd number of rings holds it. */
    const double *ring_x, *ring_y;
    const int64_t *ring_starts; /**< [ring_count + 1] */
    int64_t ring_count;
    /** With edge: how many points outside the study area were left out. NULL refuses them
     * (RM_EDATA, with the row of the first). */
    int64_t *outside;
    rm_progress_fn progress; /**< may be NULL */
    void *progress_user;
} rm_density_options;
/* clang-format off */
#define RM_DENSITY_OPTIONS_INIT \
    {sizeof(rm_density_options), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}
/* clang-format on */
RM_API void rm_density_options_init(rm_density_options *options);

/**
 * The density of points at the centres of the cells of a raster: out[rows * columns], row after row
 * from the north. Thread-safe.
 *
 * Unit: points (their weights) per square unit of the CRS; with metres times 1e6 it is per square
 * kilometre. Over the plane it adds up to the weights, as in GRASS v.kernel and spatstat; QGIS's
 * raw heat map is not normalised (times 3 / (pi R^2) for its quartic), and its scaled quartic
 * (3.22) is 7.25 times this. The bandwidth is the radius R of a compact kernel and the sigma of the
 * gaussian; GRASS cuts the gaussian off at its radius and takes a fourth of that as sigma; spatstat
 * gives any kernel by the standard deviation along an axis: R = sigma * sqrt(8) for the quartic,
 * sqrt(6) epanechnikov, sqrt(10) triweight, 2 uniform. The points are taken where they are, not
 * moved to the middle of a cell.
 *
 * Accuracy: 1e-9 of what a point gives at its centre, or better. The gaussian is cut off at 7.43
 * sigma, where it is 1e-12 of that. The outcome is the same, to the last bit, for any order of the
 * points and any number of threads.
 *
 * Edge: a study area loses what kernels carry over its boundary. RM_EDGE_UNIFORM divides by the
 * mass e of the kernel within the area at the cell (Diggle 1985; spatstat's default);
 * RM_EDGE_DIGGLE divides each point by e at the point (Jones 1993; spatstat diggle=TRUE), so that
 * the map adds up to the points. sparr makes the whole map add up to 1 instead. e is exact to
 * 1e-10. Cells whose centre lies outside the area are NaN.
 *
 * RM_EINVAL: a bandwidth that is not a finite number above 0, weights below 0, numbers that are not
 * finite (error row: the point); edge without rings; RM_EDGE_UNIFORM with bandwidths of each point,
 * for which no mass at a cell is defined. No points at all give zeros. A bandwidth below half a
 * cell misses points between the centres. out is undefined on failure: it may be larger than could
 * be kept twice.
 */
RM_API rm_status rm_density_grid(double *out, const rm_grid *grid, const double *x, const double *y,
                                 int64_t count, const rm_density_options *options, rm_error *err);

/**
 * The same density at places of one's own choice: out[places] at place_x, place_y; the gaussian is
 * not cut off. Untouched on failure. For the time, points within reach times places. Thread-safe.
 */
RM_API rm_status rm_density_places(double *out, const double *place_x, const double *place_y,
                                   int64_t places, const double *x, const double *y, int64_t count,
                                   const rm_density_options *options, rm_error *err);

/**
 * Dual density: out[i] = numerator[i] / denominator[i] * per, such as reports per 1,000 addresses,
 * both densities with the same bandwidth; NaN where the denominator is below floor (>= 0), is 0, or
 * either is NaN. out may be one of the two. Thread-safe.
 */
RM_API rm_status rm_density_ratio(double *out, const double *numerator, const double *denominator,
                                  int64_t count, double per, double floor, rm_error *err);

/**
 * A bandwidth by rule. n is (sum w)^2 / sum w^2 with weights. In two dimensions Scott's and
 * Silverman's normal reference rules are one and the same, of factor 1; Scott (bw.scott of
 * spatstat) has one sigma an axis, this the square root of the mean variance (Silverman
 * 1986, 4.3.2). The rules give the sigma of a gaussian, made the radius of a compact kernel by
 * equal standard deviations. RM_RULE_DISTANCE gives the radius of the quartic (n: the sum of the
 * weights; D_m the median distance from the mean centre, SD the standard distance). Rules presume
 * one cluster: they smooth away what many hot spots show. RM_EDATA: no points, or all at one place.
 * Thread-safe.
 */
RM_API rm_status rm_bandwidth_rule(double *bandwidth, const double *x, const double *y,
                                   const double *weights, int64_t count, int32_t kernel,
                                   int32_t rule, rm_error *err);

/** What cross-validation came to. */
typedef struct rm_bandwidth_fit {
    double bandwidth;   /**< of the kernel that was asked for */
    double score;       /**< the criterion there */
    int64_t places;     /**< distinct coordinates */
    int64_t coincident; /**< points that share their coordinates with another */
    int32_t at_end;     /**< -1: the narrowest candidate was the best, 1: the widest; else 0 */
    int32_t reserved;
} rm_bandwidth_fit;

typedef struct rm_validation_options {
    uint32_t size;
    int32_t criterion; /**< RM_VALIDATE_... */
    int32_t leave;     /**< RM_LEAVE_... */
    int32_t threads;
    double lowest, highest; /**< bandwidths of the kernel to try between; 0: a 128th of the
                               reference rule and twice that */
    const double *weights;  /**< may be NULL */
    rm_progress_fn progress;
    void *progress_user;
} rm_validation_options;
#define RM_VALIDATION_OPTIONS_INIT                                                                 \
    {                                                                                              \
        sizeof(rm_validation_options), 0, 0, 0, 0, 0, 0, 0, 0                                      \
    }
RM_API void rm_validation_options_init(rm_validation_options *options);

/**
 * A bandwidth by leave-one-out cross-validation. What is optimised is the sigma of a gaussian,
 * without edge correction, over candidates a fourth root of 2 apart and then by golden section
 * about the best one; for a compact kernel it is made a radius by equal standard deviations.
 *
 * Reports at equal coordinates make the classical criterion best at a bandwidth of 0. By default
 * whole places are left out, which does not suffer from that; RM_LEAVE_POINT is refused (RM_EDATA,
 * with their number) where it would fall to 0. Coordinates rounded to a raster do the same in a
 * milder way: look at at_end. Thread-safe.
 */
RM_API rm_status rm_bandwidth_cross_validate(rm_bandwidth_fit *out, const double *x,
                                             const double *y, int64_t count, int32_t kernel,
                                             const rm_validation_options *options, rm_error *err);

/** Adaptive bandwidths. */
typedef struct rm_adaptive_options {
    uint32_t size;
    int32_t threads;
    double pilot;          /**< sigma of the gaussian that gives the pilot density, > 0 */
    double trim;           /**< bandwidths are at most this many times their median; 0: none */
    const double *weights; /**< may be NULL */
    rm_progress_fn progress;
    void *progress_user;
} rm_adaptive_options;
#define RM_ADAPTIVE_OPTIONS_INIT                                                                   \
    {                                                                                              \
        sizeof(rm_adaptive_options), 0, 0, 0, 0, 0, 0                                              \
    }
RM_API void rm_adaptive_options_init(rm_adaptive_options *options);

/**
 * Abramson's (1982) bandwidths: bandwidths[i] = global f_i^(-1/2) / gamma, f_i the pilot density at
 * point i, itself included, divided by the sum of the weights, without edge correction; gamma the
 * geometric mean of f_i^(-1/2) over the weights. global is for the kernel that will be used, the
 * pilot always gaussian. spatstat's bw.abram agrees to 1e-12; sparr's pilot is edge-corrected.
 * RM_EINVAL: pilot or global not a finite number above 0. Thread-safe.
 */
RM_API rm_status rm_bandwidth_adaptive(double *bandwidths, const double *x, const double *y,
                                       int64_t count, double global,
                                       const rm_adaptive_options *options, rm_error *err);

/**
 * weights[i] = 2^(-age_days[i] / half_life). RM_EINVAL for a half-life not above 0, and for an age
 * that is negative or not finite, with its row. Thread-safe.
 */
RM_API rm_status rm_half_life_weights(double *weights, const double *age_days, int64_t count,
                                      double half_life, rm_error *err);

#ifdef __cplusplus
}
#endif
#endif
