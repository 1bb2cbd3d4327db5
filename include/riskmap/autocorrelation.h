/* Spatial autocorrelation and hot spots: Moran, Geary, Getis-Ord. Part of riskmap.h.
 *
 * Arrays have one entry for each item of the weights. x is a value, z = x - mean, w_ij the weight
 * of neighbour j of item i, n the items that have a value, W_i = sum_j w_ij, k_i the number of i's
 * neighbours.
 *
 * Missing values (NaN) are left out as if the item were not there: it does not count in n, it is
 * dropped from the lists of its neighbours (before rows are standardised), and its own answers are
 * NaN. Links that weigh 0 are left out likewise. Refused with RM_EINVAL: infinite values; negative
 * weights and weights that are not finite or outside 1e-100 .. 1e100 (with their row); values that
 * are all the same; fewer than 3 values; no link at all between items with a value.
 *
 * Islands (items without neighbours) stay in n, also in the global statistics. spdep leaves them
 * out of n there (adjust.n); esda does not.
 *
 * Everything here is thread-safe; threads = 0 takes all cores, and the answers are equal to the
 * last bit for any number of them. All outputs stay untouched on failure. */
#ifndef RISKMAP_AUTOCORRELATION_H
#define RISKMAP_AUTOCORRELATION_H

#include "riskmap/status.h"

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Which items are neighbours, and how much each counts: riskmap/weights.h makes them. */
typedef struct rm_weights rm_weights;

/** What is done to the weights first. */
enum {
    RM_STYLE_ROW = 0,  /**< W: those of one item are divided by their sum */
    RM_STYLE_GIVEN = 1 /**< B where they are 0 and 1: as they are */
};

/** The divisor of m2 = sum z^2 / n in local Moran; z and p do not depend on it. */
enum {
    RM_MORAN_N = 0,        /**< n: spdep's default (mlvar = TRUE) */
    RM_MORAN_N_MINUS_1 = 1 /**< n - 1: esda and GeoDa; every I is (n - 1) / n times the other */
};

/** Under which hypothesis the expectation and variance of local Moran are taken. */
enum {
    /** x_i stays, the others change places (Sokal, Oden and Thomson 1998): spdep since 1.2. */
    RM_VARIANCE_CONDITIONAL = 0,
    /** All change places (Anselin 1995): spdep's conditional = FALSE. */
    RM_VARIANCE_TOTAL = 1
};

/** Under which assumption the variance of global Moran and Geary is taken. */
enum {
    RM_RANDOMISATION = 0, /**< the values are those there are, in any order (Cliff and Ord 1981) */
    RM_NORMALITY = 1      /**< each value is drawn from one normal distribution */
};

/** Where the conditional permutations come from. */
enum {
    /** Every item has its own. What GeoDa, esda and spdep do. */
    RM_DRAWS_OWN = 0,
    /**
     * All items share one large table, from which the rows that hold the item itself are left out.
     * For each item alone the answer is as good as with own draws: its standard error is
     * sqrt(p (1 - p) / permutations), 0.0007 at p = 0.05 and 0.0003 at p = 0.01 with 99,999. But
     * items with as many neighbours err in the same direction, so the number of items below a limit
     * errs as a whole; hence at least 99,999 permutations. Items with more neighbours than half the
     * items, or than 2^26 / permutations (671 with 99,999), get own draws all the same. One row of
     * equal weights costs one search in a sorted list; weights that differ cost permutations times
     * neighbours multiplications.
     */
    RM_DRAWS_SHARED = 1
};

/** Begin with RM_AUTOCORRELATION_OPTIONS_INIT or rm_autocorrelation_options_init. */
typedef struct rm_autocorrelation_options {
    uint32_t size;        /**< sizeof(rm_autocorrelation_options) */
    int32_t style;        /**< RM_STYLE_... */
    int32_t assumption;   /**< RM_RANDOMISATION or RM_NORMALITY: rm_moran and rm_geary */
    int32_t scale;        /**< RM_MORAN_...: rm_local_moran */
    int32_t variance;     /**< RM_VARIANCE_...: rm_local_moran */
    int32_t draws;        /**< RM_DRAWS_... */
    int32_t permutations; /**< 0: 999 with own draws, 99,999 with a shared table; to 9,999,999 */
    int32_t threads;      /**< 0: as many as there are cores, to 64 */
    uint64_t seed;        /**< the same seed, the same permutations */
    rm_progress_fn progress;
    void *progress_user;
} rm_autocorrelation_options;
/* clang-format off */
#define RM_AUTOCORRELATION_OPTIONS_INIT {sizeof(rm_autocorrelation_options), 0, 0, 0, 0, 0, 0, 0, 1, NULL, NULL}
/* clang-format on */
RM_API void rm_autocorrelation_options_init(rm_autocorrelation_options *options);

/** A statistic of the whole map. */
typedef struct rm_global {
    double statistic, expected, variance;
    double z;               /**< away from expected, in standard deviations */
    double p;               /**< two-sided, by the normal distribution */
    double s0, s1, s2;      /**< of the weights (Cliff and Ord 1981) */
    int64_t items, islands; /**< with a value; of those without neighbours */
} rm_global;

/**
 * Global Moran's I = (n / S0) sum_ij w_ij z_i z_j / sum z^2. With fewer than 4 values the variance
 * under randomisation is NaN.
 */
RM_API rm_status rm_moran(rm_global *out, const rm_weights *weights, const double *values,
                          int64_t count, const rm_autocorrelation_options *options, rm_error *err);

/**
 * Geary's C = (n - 1) / (2 S0) sum_ij w_ij (x_i - x_j)^2 / sum z^2, 1 expected. z is positive where
 * neighbours are alike (C < 1), as in spdep; esda has the opposite sign.
 */
RM_API rm_status rm_geary(rm_global *out, const rm_weights *weights, const double *values,
                          int64_t count, const rm_autocorrelation_options *options, rm_error *err);

/**
 * Getis and Ord's general G = sum_ij w_ij x_i x_j / sum_{i != j} x_i x_j, with the variance of
 * Getis and Ord 1992 as corrected in spdep (B1correct = TRUE). Weights are mostly taken as given:
 * set style to RM_STYLE_GIVEN. RM_EINVAL with its row for a negative value. Needs 4 values
 * (variance NaN with 3).
 */
RM_API rm_status rm_general_g(rm_global *out, const rm_weights *weights, const double *values,
                              int64_t count, const rm_autocorrelation_options *options,
                              rm_error *err);

/** Local Moran's quadrants and the classes of a LISA map, with GeoDa's numbers. */
enum {
    RM_LISA_NOT_SIGNIFICANT = 0,
    RM_LISA_HIGH_HIGH = 1,
    RM_LISA_LOW_LOW = 2,
    RM_LISA_LOW_HIGH = 3, /**< a low item among high ones */
    RM_LISA_HIGH_LOW = 4,
    RM_LISA_UNDEFINED = 5,    /**< no value */
    RM_LISA_NO_NEIGHBOURS = 6 /**< GeoDa: isolated */
};

/**
 * The caller's arrays, [count] each, or NULL for what is not wanted. Permutations are made only
 * when an array for them is given. Begin with RM_LOCAL_OUT_INIT.
 */
typedef struct rm_local_out {
    uint32_t size;     /**< sizeof(rm_local_out) */
    uint32_t reserved; /**< 0 */
    double *statistic; /**< I_i, or G_i as a share of the total */
    double *expected, *variance;
    double *z; /**< NaN where the variance is 0: nothing else can come out */
    double *p; /**< two-sided, by the normal distribution */
    /**
     * Conditional permutations: x_i stays, its k_i neighbours are drawn without replacement from
     * the other n - 1 values (spdep to 1.2-7 draws with replacement). Of m permutations g are at
     * least as large as what was observed and l at most as large; equal ones count in both. Rows of
     * equal weights are compared exactly (values as multiples of 2^-52 k of their range, k the most
     * neighbours of an item); else sums closer than (k_i + 2) 2^-52 W_i times the range are equal.
     */
    double *p_ge; /**< (g + 1) / (m + 1) */
    double *p_le; /**< (l + 1) / (m + 1) */
    /**
     * (min(g, m - g) + 1) / (m + 1), the pseudo p of GeoDa and esda: about half of a two-sided one.
     * With many ties it is too small: where every permutation equals what was observed it is
     * 1 / (m + 1).
     */
    double *p_folded;
    double *p_two_sided;                 /**< min(1, 2 min(p_ge, p_le)) */
    double *permuted_mean, *permuted_sd; /**< of the permuted statistics; sd with m - 1 */
    uint8_t *quadrant;                   /**< RM_LISA_HIGH_HIGH .. RM_LISA_NO_NEIGHBOURS */
    int64_t *islands;                    /**< one number: items with a value but no neighbours */
    int64_t *missing;                    /**< one number: items without a value */
} rm_local_out;
/* clang-format off */
#define RM_LOCAL_OUT_INIT {sizeof(rm_local_out), 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL}
/* clang-format on */

/**
 * Local Moran's I_i = z_i sum_j w_ij z_j / m2 (Anselin 1995). Islands: NaN (spdep: 0).
 *
 * quadrant: sign of z_i, sign of the lag sum_j w_ij z_j, above 0 being high (GeoDa, esda). spdep
 * compares the lag with the mean of all lags.
 *
 * An item exactly at the mean has I_i = 0 in every permutation: z and p are NaN, p_ge and p_le 1.
 */
RM_API rm_status rm_local_moran(const rm_local_out *out, const rm_weights *weights,
                                const double *values, int64_t count,
                                const rm_autocorrelation_options *options, rm_error *err);

/**
 * Getis and Ord's local G (Ord and Getis 1995). star = 0: G_i, the neighbours without i itself,
 * moments over the other n - 1 values. star = 1: G*_i, i among its neighbours with w_ii = 1 before
 * rows are standardised (spdep's include.self; esda takes the largest weight of the row when rows
 * are standardised), moments over all n, s dividing by n. ArcGIS' hot spots are G*.
 *
 * z = (sum_j w_ij x_j - W_i mean) / (s sqrt((N S_i - W_i^2) / (N - 1))), S_i = sum_j w_ij^2, N = n
 * for G* and n - 1 for G. It does not depend on the style. esda has W (N - W) instead, which is
 * right for weights of 0 and 1 alone: its analytic z of standardised rows is off by up to 2.6.
 *
 * statistic = sum_j w_ij x_j / sum_j x_j, NaN (with its variance and permuted mean and sd) where
 * that sum is 0. Islands: G_i is NaN. G*_i is that of the item alone, as in spdep;
 * nothing can be permuted, so what comes of permutations is NaN.
 *
 * quadrant: RM_LISA_HIGH_HIGH where z > 0, else RM_LISA_LOW_LOW (GeoDa); RM_LISA_NO_NEIGHBOURS.
 */
RM_API rm_status rm_local_g(const rm_local_out *out, const rm_weights *weights,
                            const double *values, int64_t count, int32_t star,
                            const rm_autocorrelation_options *options, rm_error *err);

/**
 * adjusted[i]: p[i] after Benjamini and Hochberg (1995), as R's p.adjust(p, "BH"): what is at most
 * q holds on average at most a share q of false discoveries. NaN stays NaN and does not count as a
 * test. May be the same array. RM_EINVAL with its row for p outside 0..1.
 */
RM_API rm_status rm_false_discovery(double *adjusted, const double *p, int64_t count,
                                    rm_error *err);

enum { RM_NO_BIN = -128 };

/**
 * bins[i]: ArcGIS' Gi_Bin, the sign of z[i] times 3 where p < 0.01, 2 below 0.05, 1 below 0.10,
 * else 0; RM_NO_BIN where z or p is NaN. Adjusted p give ArcGIS' false discovery rate correction,
 * two-sided ones of permutations are as welcome.
 */
RM_API rm_status rm_hotspot_bins(int8_t *bins, const double *z, const double *p, int64_t count,
                                 rm_error *err);

/**
 * classes[i] = quadrant[i] where p[i] <= level, else RM_LISA_NOT_SIGNIFICANT, also where p
 * is NaN; RM_LISA_UNDEFINED and RM_LISA_NO_NEIGHBOURS stay. May be the same array. level: 0..1.
 */
RM_API rm_status rm_lisa_classes(uint8_t *classes, const uint8_t *quadrant, const double *p,
                                 int64_t count, double level, rm_error *err);

#ifdef __cplusplus
}
#endif
#endif
