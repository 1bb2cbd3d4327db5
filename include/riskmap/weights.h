/* Spatial weights: which areas or points are neighbours of which. Part of riskmap.h.
 *
 * Weights are kept as compressed sparse rows: for each item its neighbours in ascending order, and
 * a weight for each link. No item is its own neighbour: the methods that want it (Gi*) add it
 * themselves. Nothing is row-standardised: the methods that want it do so themselves, and say so.
 * Items are numbered from 0, in the order of the features or points.
 *
 * An item without neighbours is an island. Islands are no error: they are counted and listed
 * (rm_weights_islands), and the methods say what they make of them. */
#ifndef RISKMAP_WEIGHTS_H
#define RISKMAP_WEIGHTS_H

#include "riskmap/layer.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Read-only once made: any number of threads may read it. */
typedef struct rm_weights rm_weights;

/** Which areas are contiguous. */
enum {
    /** Their distance is at most the tolerance: boundaries that touch, be it in one point, and
     * areas that overlap or lie one inside the other. */
    RM_CONTIGUITY_QUEEN = 0,
    /** Their boundaries run along each other, within the tolerance, over a stretch longer than the
     * tolerance. Along a single pair of edges that is taken literally; stretches that are put
     * together from edges shorter than the tolerance must add up to more than eight times it, as
     * around a corner of such edges everything is near to everything. Areas that merely cross, or
     * lie inside one another without a common border, are no rook neighbours. */
    RM_CONTIGUITY_ROOK = 1
};

/** Options of rm_weights_contiguity. Begin with RM_CONTIGUITY_OPTIONS_INIT. */
typedef struct rm_contiguity_options {
    uint32_t size;      /**< sizeof(rm_contiguity_options) */
    int32_t kind;       /**< RM_CONTIGUITY_QUEEN (default) or RM_CONTIGUITY_ROOK */
    double tolerance_m; /**< default 0.001; 0: exactly, on the coordinates as they are */
    int32_t threads;    /**< 0: as many as there are cores; the outcome does not depend on it */
    int32_t reserved;   /**< 0 */
    rm_progress_fn progress;
    void *progress_user;
} rm_contiguity_options;
/* clang-format off */
#define RM_CONTIGUITY_OPTIONS_INIT {sizeof(rm_contiguity_options), RM_CONTIGUITY_QUEEN, 0.001, 0, 0, NULL, NULL}
/* clang-format on */
RM_API void rm_contiguity_options_init(rm_contiguity_options *options);

/**
 * Contiguity of polygons: symmetric weights of 1. Decided on the boundaries themselves, so a corner
 * of one in the middle of an edge of the other (T-junction), and gaps and overlaps up to the
 * tolerance, are found; what lies just at the tolerance is decided by rounding. Multi-part areas
 * are neighbours by any of their parts, holes count as boundary. Areas without geometry are
 * islands.
 *
 * How others define it: libpysal (Queen, Rook.from_dataframe) and GeoDa without a precision
 * threshold take areas for neighbours that have a vertex (queen) or two consecutive vertices (rook)
 * in common bit for bit, and so miss T-junctions and every gap; GeoDa's threshold and libpysal's
 * fuzzy_contiguity snap or buffer. spdep's poly2nb looks for vertices of the one within snap
 * (sqrt(.Machine$double.eps), 1.5e-8 units, up to 1.3-5; 10 mm since) of vertices of the other: one
 * for queen, two for rook, wherever these two lie. On a clean tessellation all find the same
 * (tested on data that spdep and libpysal were run on); rook may differ where two vertices are
 * shared but no edge is. Only here do overlap and containment count without common vertices.
 * tolerance_m = 0 comes nearest to the others.
 * @return RM_EINVAL, RM_EDATA: a feature is a point or a line (its row), RM_ECRS: the layer's
 * coordinates are not in metres (not checked when it states no CRS), RM_ECANCELLED, RM_ENOMEM
 */
RM_API rm_status rm_weights_contiguity(rm_weights **out, const rm_layer *areas,
                                       const rm_contiguity_options *options, rm_error *err);

/** What a link by distance weighs. */
enum {
    RM_WEIGHT_ONE = 0,
    RM_WEIGHT_INVERSE_DISTANCE = 1 /**< 1 / metres */
};

/** Options of rm_weights_band and rm_weights_nearest. Begin with RM_NEIGHBOUR_OPTIONS_INIT. */
typedef struct rm_neighbour_options {
    uint32_t size;  /**< sizeof(rm_neighbour_options) */
    int32_t weight; /**< RM_WEIGHT_ONE (default) or RM_WEIGHT_INVERSE_DISTANCE */
    /** RM_WEIGHT_INVERSE_DISTANCE: a smaller distance counts as this one. With 0 (the default)
     * points in the same place, whose weight would be infinite, are refused. */
    double least_m;
    /** RM_ELIMIT when there would be more; 0: as many as fit in half of the machine's memory. */
    int64_t most_links;
    int32_t threads;  /**< 0: as many as there are cores; the outcome does not depend on it */
    int32_t reserved; /**< 0 */
    rm_progress_fn progress;
    void *progress_user;
} rm_neighbour_options;
/* clang-format off */
#define RM_NEIGHBOUR_OPTIONS_INIT {sizeof(rm_neighbour_options), RM_WEIGHT_ONE, 0.0, 0, 0, 0, NULL, NULL}
/* clang-format on */
RM_API void rm_neighbour_options_init(rm_neighbour_options *options);

/**
 * Distance band: points are neighbours when they are at most `metres` apart (closed, on the
 * distance rounded to a double, so that a band equal to a distance between two points holds them).
 * Points in the same place are neighbours. NaN or infinite coordinates make an island. Symmetric.
 * libpysal (DistanceBand), spdep (dnearneigh, with its default bounds) and GeoDa are closed, too.
 * The links are counted before memory is taken for them.
 * @return RM_EINVAL: no points, a band that is not above 0 and finite; RM_ELIMIT: too many links,
 * with their number; RM_EDATA: points in the same place with RM_WEIGHT_INVERSE_DISTANCE and no
 * least_m; RM_ECANCELLED, RM_ENOMEM
 */
RM_API rm_status rm_weights_band(rm_weights **out, const double *x, const double *y, int64_t count,
                                 double metres, const rm_neighbour_options *options, rm_error *err);

/**
 * The k nearest: each point with usable coordinates has exactly k neighbours. Of equal distances
 * those with the lowest number are taken (libpysal and GeoDa leave that to their trees, spdep's
 * knearneigh warns of it); points in the same place are neighbours at distance 0. Not symmetric.
 * NaN or infinite coordinates make an island, which is no one's neighbour.
 * @return RM_EINVAL: no points, k below 1 or not below the number of usable points; RM_ELIMIT,
 * RM_EDATA as rm_weights_band; RM_ECANCELLED, RM_ENOMEM
 */
RM_API rm_status rm_weights_nearest(rm_weights **out, const double *x, const double *y,
                                    int64_t count, int32_t k, const rm_neighbour_options *options,
                                    rm_error *err);

/**
 * x[features], y[features]: a point on the surface of each feature of a layer, for rm_weights_band
 * and rm_weights_nearest; the points themselves of a layer of points, NaN without geometry. Others
 * often take centroids, which may lie outside an area. progress may be NULL.
 * @return RM_ECRS: the layer's coordinates are not in metres (not checked when it states no CRS),
 * RM_EINVAL, RM_ECANCELLED, RM_ENOMEM
 */
RM_API rm_status rm_layer_places(double *x, double *y, const rm_layer *layer,
                                 rm_progress_fn progress, void *progress_user, rm_error *err);

/**
 * Weights from elsewhere (a .gal or .gwt file): item from[l] has to[l] as a neighbour that weighs
 * weight[l] (NULL: 1), in any order. Copied. progress may be NULL.
 * @return RM_EINVAL, with its row: a link to an item that is not there, to itself, twice the same,
 * or of a weight that is not finite or below 0; RM_ECANCELLED, RM_ENOMEM
 */
RM_API rm_status rm_weights_from_links(rm_weights **out, int64_t count, const int32_t *from,
                                       const int32_t *to, const double *weight, int64_t links,
                                       rm_progress_fn progress, void *progress_user, rm_error *err);

RM_API void rm_weights_free(rm_weights *weights);

RM_API int64_t rm_weights_count(const rm_weights *weights); /**< items */
/** Links, each direction for itself: a pair of neighbours is two. */
RM_API int64_t rm_weights_links(const rm_weights *weights);
/** The neighbours of an item, ascending; borrowed. *weight gets theirs, or NULL when all weigh 1;
 * both outputs may be NULL. NULL and 0 for an item that does not exist. */
RM_API const int32_t *rm_weights_of(const rm_weights *weights, int64_t item, int64_t *count,
                                    const double **weight);
/** How many items have no neighbours; writes them to items, ascending, unless that is NULL. */
RM_API int64_t rm_weights_islands(const rm_weights *weights, int32_t *items);
/** *symmetric: 1 when every link has one back that weighs as much, 0 when not. progress may be
 * NULL. @return RM_ECANCELLED, RM_EINVAL */
RM_API rm_status rm_weights_is_symmetric(int32_t *symmetric, const rm_weights *weights,
                                         rm_progress_fn progress, void *progress_user,
                                         rm_error *err);
/** The connected components, links taken either way, islands included: their number, and unless
 * component is NULL for each item the one it belongs to, numbered in the order of their lowest
 * items. */
RM_API rm_status rm_weights_components(int32_t *component, int64_t *count,
                                       const rm_weights *weights, rm_error *err);

#ifdef __cplusplus
}
#endif
#endif
