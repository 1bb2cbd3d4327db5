/* Rates per exposure: shrunk, with exact intervals, compared with what was to be expected, and
 * between two periods. Part of riskmap.h.
 *
 * events[i] happened on exposure[i] (inhabitants, addresses, km2, or a year's events of the whole
 * country). NaN means missing: such an area gets NaN and counts nowhere. So does an area whose
 * exposure is 0, because it has no rate. Negative and infinite values are RM_EINVAL with their row.
 * Outputs are written only on success, and may be NULL where that is said. All functions are
 * thread-safe. */
#ifndef RISKMAP_RATES_H
#define RISKMAP_RATES_H

#include "riskmap/weights.h"

#ifdef __cplusplus
extern "C" {
#endif

/** How a rate is estimated from events n on exposure x, with p = n / x. */
enum {
    RM_RATE_CRUDE = 0, /**< p */
    /** Global empirical Bayes (Marshall 1991), events as Poisson: with m areas, b = sum n / sum x,
     * s2 = sum x (p - b)^2 / sum x, a = max(0, s2 - b / (sum x / m)): b + a (p - b) / (a + b / x).
     * As spdep's EBest, esda's Empirical_Bayes and GeoDa. */
    RM_RATE_GLOBAL = 1,
    /** The same with events as binomial: for exposures that each have the event once at most. With
     * v = b (1 - b) and xm the mean exposure: b + r (p - b), r = x (s2 - v / xm) /
     * ((x - 1) s2 + v (1 - x / xm)). As spdep's EBest(family = "binomial"), which however lets r
     * be negative, and so estimates further from p than b is, when there is less variance than
     * chance gives; here r is then 0. */
    RM_RATE_GLOBAL_BINOMIAL = 2
};

/**
 * rate[i] by one of the methods above. Areas below min_exposure get NaN, but count in b, s2 and xm.
 * Without any event the estimate is 0.
 * @return RM_EINVAL; RM_RATE_GLOBAL_BINOMIAL: also for more events than exposure, and for an
 * exposure between 0 and 1
 */
RM_API rm_status rm_rates(double *rate, const double *events, const double *exposure, int64_t count,
                          double min_exposure, int32_t method, rm_error *err);

/**
 * Local empirical Bayes (Marshall 1991): rate[i] is shrunk towards mean[i], the rate of its
 * neighbourhood: the area and its neighbours, with what of them has a rate. Everything is as for
 * RM_RATE_GLOBAL, summed over that neighbourhood, and the deviations within it are from mean[i];
 * variance[i] is its a. Where that is 0 the estimate is mean[i] (an island's: its own rate), and
 * where nothing happened 0.
 * spdep's EBlocal with geoda = TRUE, esda's Spatial_Empirical_Bayes and GeoDa do the same. spdep's
 * default takes each neighbour's deviation from the mean of that neighbour's own neighbourhood
 * instead, which differs by up to 39 % (Auckland) and is not offered: what it centres on is not
 * the mean that it shrinks towards.
 * Only who is a neighbour counts, not how much: a link of weight 0 is none, all others are equal.
 * mean, variance and progress may be NULL. count must be that of the weights.
 * @return RM_EINVAL, RM_ECANCELLED, RM_ENOMEM
 */
RM_API rm_status rm_rates_local(double *rate, double *mean, double *variance, const double *events,
                                const double *exposure, int64_t count, const rm_weights *weights,
                                rm_progress_fn progress, void *progress_user, rm_error *err);

/**
 * Rates as deviates, z[i] = (p - b) / sqrt(a + b / x) (Assuncao and Reis 1999), whose variance does
 * not depend on the exposure: Moran's I of z is their EBI (rm_moran; z centred on its own mean, as
 * in GeoDa and spdep's EBImoran.mc). a and b are those of RM_RATE_GLOBAL, so a is not negative (as
 * in spdep; esda's assuncao_rate takes it as it is, and can then draw the root of a negative
 * number). 0 everywhere when there are no events.
 * @return RM_EINVAL
 */
RM_API rm_status rm_rate_deviates(double *z, const double *events, const double *exposure,
                                  int64_t count, rm_error *err);

/**
 * The probability map (Choynowski 1959): expected[i] = b x, with b the rate of all areas together;
 * relative_risk[i] = n / expected (spdep's probmap: times 100), NaN when there are no events at
 * all; at_most[i] = P(X <= n) and at_least[i] = P(X >= n) for X Poisson with mean expected[i].
 * spdep's probmap gives at_most by default, and for alternative = "greater" P(X > n), which is
 * 1 - at_most; at_least counts n itself, as a p-value does. b is taken as known, and is made from
 * the areas themselves: no test with a level, but a way to see which areas stand out. Any of the
 * outputs may be NULL, and progress.
 * @return RM_EINVAL; also for events that are not whole numbers; RM_ECANCELLED, RM_ENOMEM
 */
RM_API rm_status rm_probability_map(double *expected, double *relative_risk, double *at_most,
                                    double *at_least, const double *events, const double *exposure,
                                    int64_t count, rm_progress_fn progress, void *progress_user,
                                    rm_error *err);

/** What "as far off as this, to either side" means. */
enum {
    /** Twice the smaller of the two one-sided p-values, 1 at most: agrees with the interval, which
     * leaves out 1 exactly when this is below 1 - confidence. */
    RM_TWO_SIDED_DOUBLED = 0,
    /** The probability of all outcomes that are no more probable than this one (R's binom.test,
     * scipy's binomtest): often smaller, and may contradict the interval. */
    RM_TWO_SIDED_LIKELIHOOD = 1
};

/** Options of rm_rate_intervals and rm_rate_change. Begin with RM_EXACT_OPTIONS_INIT. */
typedef struct rm_exact_options {
    uint32_t size;     /**< sizeof(rm_exact_options) */
    int32_t two_sided; /**< RM_TWO_SIDED_DOUBLED (default) or RM_TWO_SIDED_LIKELIHOOD */
    double confidence; /**< between 0 and 1; default 0.95 */
    int32_t threads;   /**< 0: as many as there are cores; the outcome does not depend on it */
    int32_t reserved;  /**< 0 */
    rm_progress_fn progress;
    void *progress_user;
} rm_exact_options;
/* clang-format off */
#define RM_EXACT_OPTIONS_INIT {sizeof(rm_exact_options), RM_TWO_SIDED_DOUBLED, 0.95, 0, 0, NULL, NULL}
/* clang-format on */
RM_API void rm_exact_options_init(rm_exact_options *options);

/**
 * Crude rates n / x with the exact Poisson interval (Garwood 1936): lower is the rate at which
 * P(X >= n) is (1 - confidence) / 2, and 0 for n = 0; upper that at which P(X <= n) is. "Exact"
 * means at least the stated confidence, usually more. R's poisson.test and epitools' pois.exact
 * give the same. rate may be NULL; options NULL: defaults.
 * @return RM_EINVAL, also with the row of events that are not a whole number: weighted or decayed
 * counts are not Poisson, and an interval would promise what it cannot keep; RM_ECANCELLED,
 * RM_ENOMEM
 */
RM_API rm_status rm_rate_intervals(double *rate, double *lower, double *upper, const double *events,
                                   const double *exposure, int64_t count,
                                   const rm_exact_options *options, rm_error *err);

/** Where rm_rate_change writes, [count] each; NULL: not wanted. Begin with RM_CHANGE_INIT. */
typedef struct rm_change {
    uint32_t size;     /**< sizeof(rm_change) */
    uint32_t reserved; /**< 0 */
    double *expected;  /**< c1 e2 / e1: what the second period would have had at the first's rate */
    double *ratio;     /**< (c2 / e2) / (c1 / e1): infinite for c1 = 0, NaN when c2 = 0 too */
    double *lower;     /**< of the interval of the ratio; 0 for c2 = 0 */
    double *upper;     /**< infinite for c1 = 0 */
    double *greater;   /**< p-value, one-sided: c2 or more */
    double *less;      /**< p-value, one-sided: c2 or fewer */
    double *two_sided; /**< p-value */
} rm_change;
#define RM_CHANGE_INIT                                                                             \
    {                                                                                              \
        sizeof(rm_change), 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL                             \
    }

/**
 * Change between two periods: c1 events on exposure e1 before, c2 on e2 after. Given their sum, c2
 * is binomial with n = c1 + c2 and probability e2 / (e1 + e2) when the rates are equal
 * (Przyborowski and Wilenski 1940): an exact test of one count against another, both of them
 * samples. The interval of the ratio is that of Clopper and Pearson (1934) for the binomial
 * probability, as odds, times e1 / e2. R's poisson.test(c(c2, c1), c(e2, e1)) gives the same ratio,
 * interval and one-sided p, and its two-sided p with RM_TWO_SIDED_LIKELIHOOD.
 *
 * Against a national trend the exposures are the national counts of the two periods, the same for
 * every area: then ratio tells how the area changed beside the country, and expected what the
 * national trend would have made of c1. Deventer's reports on drugs, 67, 58 and 75 in 2020 to 2022
 * against 13466, 12722 and 10241 in the country, Deventer included, are a test:
 *
 *     before       expected  ratio   one-sided  two-sided  two-sided by likelihood
 *     2020            50.95  1.472      0.0132     0.0265                   0.0221
 *     2021            46.69  1.606      0.0041     0.0083                   0.0068
 *     2020 + 2021     48.88  1.534      0.0025     0.0050                   0.0045
 *
 * Which period comes before is a choice that moves p by a factor of five here: name it, and show
 * the others. What the figures condition on: on the area's own c1 + c2, and on the national counts
 * as if they were known, which costs little as long as the area is a small part of the country
 * (with the national counts as samples too, Fisher's test on 75 of 10241 and 67 of 13466 gives
 * 0.0130). The country includes the area; without it (exposures 13399 and 10166) the ratio is 1.475
 * and p 0.0128. A Poisson test of 75 on a mean of 50.95 gives 0.00095: that is too sure, as it
 * takes the 67 behind that mean for a law of nature, and is not offered.
 *
 * Many areas are many tests: correct them together (rm_false_discovery). p is 1 when nothing
 * happened in either period. An area with an exposure of 0, or anything missing, gets NaN
 * everywhere. Takes longer with larger counts: of the order of the square root of c1 + c2. options
 * NULL: defaults.
 * @return RM_EINVAL, also for counts that are not whole (their row), or above 2^31; RM_ECANCELLED,
 * RM_ENOMEM
 */
RM_API rm_status rm_rate_change(const rm_change *change, const double *c1, const double *e1,
                                const double *c2, const double *e2, int64_t count,
                                const rm_exact_options *options, rm_error *err);

#ifdef __cplusplus
}
#endif
#endif
