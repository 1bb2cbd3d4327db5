/* Clusters by Kulldorff's scan statistic: in space, and in space and time. Part of riskmap.h. */
#ifndef RISKMAP_SCAN_H
#define RISKMAP_SCAN_H

#include "riskmap/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/** What a scan found. Read-only once made: any number of threads may read it. */
typedef struct rm_scan rm_scan;

/** Which clusters are looked for. */
enum {
    RM_SCAN_HIGH = 1, /**< more cases than expected */
    RM_SCAN_LOW = 2,  /**< fewer */
    RM_SCAN_BOTH = 3
};

/** Which cylinders of a scan in space and time become clusters, behind the most likely one. In
 * space alone all are the same. */
enum {
    /** SaTScan 10.3: each centre offers its best cylinder, then the best one before and the best
     * one after it, and so on between those, each with an LLR above 1 and a step away from the
     * others of its centre; the ones after the best leave out the last step (as SaTScan counts). A
     * cluster shares no area in the same step with a more likely one. A prospective scan offers one
     * cylinder per centre. */
    RM_SCAN_PERIODS = 0,
    /** Each centre offers its best cylinder alone; overlap as above. */
    RM_SCAN_ONE_EACH = 1,
    /** Each centre offers its best cylinder alone, and clusters share no area at all, whatever the
     * steps: SaTScan 9's "no geographical overlap". */
    RM_SCAN_APART = 2
};

/** Options of the scans. Begin with RM_SCAN_OPTIONS_INIT or rm_scan_options_init. */
typedef struct rm_scan_options {
    uint32_t size;               /**< sizeof(rm_scan_options) */
    int32_t rates;               /**< RM_SCAN_HIGH (the default), RM_SCAN_LOW, RM_SCAN_BOTH */
    double max_population_share; /**< of a circle, above 0 to 1; 0.5 */
    double max_radius;           /**< of a circle, in metres; infinite or 0: no such bound */
    double max_time_share;       /**< of a cylinder's height, above 0 to 1; 0.5 */
    int32_t min_cases;           /**< of a cluster of high rates, 1 or more; 2, as SaTScan */
    int32_t prospective;         /**< not 0: only cylinders that reach the last step */
    int32_t purely_spatial;      /**< not 0: cylinders over the whole period as well */
    int32_t ties_together; /**< not 0: areas at one distance enter a circle together (see below) */
    int32_t replicates;    /**< 0 (no p-values) to 10,000,000; 999 */
    int32_t stop_after;    /**< 0: never stop early; else how many replicates must reach the most
                              likely cluster before the rest is left out */
    int32_t threads;   /**< 0: as many as there are cores; the answer is the same for any number */
    int32_t secondary; /**< RM_SCAN_PERIODS (the default), RM_SCAN_ONE_EACH, RM_SCAN_APART */
    uint64_t seed;     /**< of the replicates */
    rm_progress_fn progress;
    void *progress_user;
} rm_scan_options;
/* clang-format off */
#define RM_SCAN_OPTIONS_INIT {sizeof(rm_scan_options), RM_SCAN_HIGH, 0.5, 0.0, 0.5, 2, 0, 0, 0, 999, 0, 0, 0, 1, NULL, NULL}
/* clang-format on */
RM_API void rm_scan_options_init(rm_scan_options *options);

/**
 * Kulldorff's spatial scan, Poisson model (Kulldorff 1997): where lie more cases than the
 * population explains?
 *
 * x[areas], y[areas]: the areas' centres in metres (planar: longitude and latitude would make
 * ellipses of the circles, and are not told apart here). population[areas]: people at risk, or
 * expected cases on any scale; 0 or more, together above 0. cases[areas]: 0 or more, together 1 to
 * 1,000,000,000; NULL is refused.
 *
 * Zones: round every area the areas nearest to it, itself included, one after the other, as long as
 * they hold at most max_population_share of the population and lie within max_radius.
 * With C cases in all, c of them in a zone that expects E = C population / all population:
 * LLR = c ln(c/E) + (C-c) ln((C-c)/(C-E)) where c > E and c >= min_cases, else 0 (RM_SCAN_LOW:
 * where c < E). Each centre keeps its best zone (ties: the smaller); these, by falling LLR (ties:
 * fewer areas, then the lower centre), are the clusters, less those that share an area with one
 * before them. In space and time see `secondary`.
 *
 * p-values: `replicates` times C cases are dealt over the areas by their expected numbers, and the
 * largest LLR of all zones is kept; p = (how many of them reach the cluster's LLR + 1) /
 * (replicates + 1), for secondary clusters as well, so theirs are on the safe side. The replicates
 * depend on the seed alone. With stop_after = h > 0 the replicates end when h of them have reached
 * the most likely cluster (Besag and Clifford 1991): with m done by then p = (how many of the m
 * reach it) / m, which is h / m for the most likely one; otherwise p is as above.
 * rm_scan_about tells which.
 *
 * Where packages differ. SaTScan: as here; of areas at one distance the one with the smaller x,
 * then y, comes first, and areas at one place are one (ties_together makes all areas at one
 * distance enter together instead, so that the outcome does not depend on how the map is turned).
 * Its lists end where p becomes 1: leave those out. It counts centres in the order of their ids as
 * texts ("10" before "9"): where two centres offer the same areas, that decides which is named.
 * smerc: the same LLR, but its secondary clusters come from all zones, not one per centre, so it
 * can list more; rm_scan_centre_at gives what the selection is made from here. SpatialEpi 1.2.8
 * cuts the totals of cases and expected cases to whole numbers, so its LLR is lower; not offered.
 *
 * Time grows with replicates x (zones + cases), memory with the square of the areas.
 * @return RM_EINVAL with its row: coordinates or population not finite, population or cases
 * negative, cases without population; without: nothing to scan, an option out of its range, no
 * circle small enough; RM_ECANCELLED; RM_ENOMEM
 */
RM_API rm_status rm_scan_space(rm_scan **out, const double *x, const double *y,
                               const double *population, const int32_t *cases, int32_t areas,
                               const rm_scan_options *options, rm_error *err);

/**
 * The space-time scan (Kulldorff and others 1998; prospective: Kulldorff 2001): cylinders that
 * stand on the circles of rm_scan_space and last 1 to floor(steps * max_time_share) steps. All else
 * as there.
 *
 * population: [areas], the same in every step, or with population_by_step not 0 [areas * steps],
 * area by area, in the same order as cases; circles are bounded by the sum over the steps.
 * cases[areas * steps]: area by area. steps: 2 or more, equally long or not (then
 * population_by_step should say how much each expects).
 * E = C population of the cylinder / all population.
 * Cylinders of all areas (pure time) are not looked at; those over the whole period (pure space)
 * with purely_spatial alone or max_time_share = 1. With prospective not 0 the replicates, too, are
 * scanned for cylinders that reach the last step alone; the p-value is that of one
 * look and is not adjusted for looking every day. To be on the safe side, count the maxima of a
 * scan that is not prospective: they are of all cylinders.
 * @return as rm_scan_space; RM_EINVAL: fewer than 2 steps. Rows of errors count areas (population)
 * or area * steps + step (cases, population by step).
 */
RM_API rm_status rm_scan_space_time(rm_scan **out, const double *x, const double *y,
                                    const double *population, int32_t population_by_step,
                                    const int32_t *cases, int32_t areas, int32_t steps,
                                    const rm_scan_options *options, rm_error *err);

/**
 * The same from rows: area[rows] (0 .. areas-1), step[rows] (0 .. steps-1), count[rows] (NULL: each
 * row is one case). Rows for the same area and step add up. Rows of errors are rows of these.
 */
RM_API rm_status rm_scan_space_time_rows(rm_scan **out, const double *x, const double *y,
                                         const double *population, int32_t population_by_step,
                                         const int32_t *area, const int32_t *step,
                                         const int32_t *count, int64_t rows, int32_t areas,
                                         int32_t steps, const rm_scan_options *options,
                                         rm_error *err);

RM_API void rm_scan_free(rm_scan *scan);

/** The scan as a whole. */
typedef struct rm_scan_summary {
    int64_t cases;
    double population;        /**< of all areas; summed over the steps when it was given by step */
    int64_t zones;            /**< circles */
    int32_t areas, steps;     /**< steps is 1 for a scan in space */
    int32_t longest;          /**< steps of the longest cylinder that is not purely spatial */
    int32_t clusters;         /**< rm_scan_cluster_count */
    int32_t replicates;       /**< that were done, and that rm_scan_maxima holds */
    int32_t replicates_asked; /**< as the options said */
    int32_t stopped;          /**< 1: stopped early; p-values are then of Besag and Clifford */
    int32_t reserved;         /**< 0 */
} rm_scan_summary;
RM_API void rm_scan_about(const rm_scan *scan, rm_scan_summary *out);

/** A cluster, or the best zone of a centre. */
typedef struct rm_scan_cluster {
    int32_t centre;         /**< the area in whose centre the circle stands */
    int32_t area_count;     /**< areas inside */
    int32_t t_start, t_end; /**< first and last step, from 0; 0 and 0 for a scan in space */
    int32_t low;            /**< 1: fewer cases than expected */
    int32_t zones;          /**< circles that were looked at round this centre */
    int64_t cases;
    double radius;     /**< metres from the centre to the farthest area */
    double population; /**< of the circle; summed over all steps when it was given by step */
    double expected;
    double observed_expected; /**< cases / expected */
    double relative_risk;     /**< inside against outside; infinite when all cases lie inside */
    double llr;
    double p; /**< NaN without replicates */
} rm_scan_cluster;

/** Clusters without overlap, the most likely first. 0 when no zone has an LLR above 0. */
RM_API int32_t rm_scan_cluster_count(const rm_scan *scan);
/** @return RM_EINVAL out of range */
RM_API rm_status rm_scan_cluster_at(const rm_scan *scan, int32_t index, rm_scan_cluster *out,
                                    rm_error *err);
/** Its areas, nearest to the centre first; cluster_at's area_count of them. Borrowed; NULL out of
 * range. */
RM_API const int32_t *rm_scan_cluster_members(const rm_scan *scan, int32_t index);

/** The best zone of every centre 0 .. areas-1; p against the same maxima. Where none has an LLR
 * above 0, llr and area_count are 0, and the rest is 0 or NaN. */
RM_API rm_status rm_scan_centre_at(const rm_scan *scan, int32_t centre, rm_scan_cluster *out,
                                   rm_error *err);
/** Borrowed; NULL out of range. */
RM_API const int32_t *rm_scan_centre_members(const rm_scan *scan, int32_t centre);

/** The largest LLR of each replicate, in their order; rm_scan_summary.replicates of them.
 * Borrowed. */
RM_API const double *rm_scan_maxima(const rm_scan *scan);

#ifdef __cplusplus
}
#endif
#endif
