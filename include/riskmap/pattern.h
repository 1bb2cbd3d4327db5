/* Patterns of points, in space and in time: Knox and near repeats, the nearest-neighbour index,
 * Ripley's K and L. Part of riskmap.h.
 *
 * Plain arrays: x[count] and y[count] in metres, in one plane (not degrees, which no function here
 * can tell from metres), day[count] a whole number of days such as days since 1970-01-01. A
 * coordinate that is NaN or not finite, and a missing day (INT32_MIN), is RM_EINVAL with its row:
 * leave such rows out. Fewer than 2 points is RM_EDATA. Points at the same place count as points,
 * at distance 0. All functions are thread-safe; outcomes are the same for any number of threads
 * and any order of the points, and random draws depend on the seed alone. */
#ifndef RISKMAP_PATTERN_H
#define RISKMAP_PATTERN_H

#include "riskmap/status.h"

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/** How distances are measured. */
enum {
    RM_EUCLIDEAN = 0, /**< sqrt(dx^2 + dy^2) */
    RM_MANHATTAN = 1  /**< |dx| + |dy|, as the Near Repeat Calculator does by default */
};

/** Options of rm_knox, rm_knox_test and rm_near_repeats. Begin with RM_KNOX_OPTIONS_INIT or
 * rm_knox_options_init. */
typedef struct rm_knox_options {
    uint32_t size;        /**< sizeof(rm_knox_options) */
    int32_t metric;       /**< RM_EUCLIDEAN or RM_MANHATTAN */
    int32_t permutations; /**< of the dates, at most 10,000,000; 0: none, and no p-values */
    int32_t threads;      /**< 0: as many as there are cores */
    uint64_t seed;
    rm_progress_fn progress;
    void *progress_user;
} rm_knox_options;
/* clang-format off */
#define RM_KNOX_OPTIONS_INIT {sizeof(rm_knox_options), 0, 999, 0, 1, NULL, NULL}
/* clang-format on */
RM_API void rm_knox_options_init(rm_knox_options *options);

/**
 * The Knox table: unordered pairs of points by distance and by days between (Knox 1964; near
 * repeats as Johnson and others 2007).
 *
 * Bands are half-open: band k holds edges[k] <= d < edges[k + 1]. space[space_bands + 1] in metres
 * and time[time_bands + 1] in days are ascending and not negative; the last edge may be INFINITY,
 * which makes that band open-ended. Pairs beyond a last finite edge, or before the first, are in no
 * band. 1 to 100 bands each. Same place and same day are bands like others: {0, 0.01, 200, ...}
 * sets pairs at the same place apart, {0, 1, 7, ...} pairs of the same day.
 *
 * The Near Repeat Calculator 1.3 labels its bands "1 to 200" and counts [0.01, 200), and days "2 to
 * 2" are [1, 2): give the edges 0, 0.01, 200, 400 and 0, 1, 2, 3 for what it counts, 201, 401 and
 * 2, 3, 4 for what it says. The R package NearRepeat has half-open bands as here. surveillance's
 * knox closes its bands (d <= eps): see rm_knox_test.
 *
 * Each output holds space_bands * time_bands cells, cell [s * time_bands + t]; all but observed may
 * be NULL:
 * - observed: pairs
 * - expected: row total * column total / all pairs, the exact mean over all permutations of the
 *   dates (the Near Repeat Calculator's ratio has the mean of its own 99 or 999 runs instead:
 *   that is `mean`)
 * - ratio: observed / expected, NaN where that is 0
 * - mean: over the permutations made; NaN without any
 * - p: (permutations with at least as many pairs + 1) / (permutations + 1), one-sided; NaN without.
 *   Cells are not corrected for being many.
 *
 * @return RM_EINVAL: a coordinate, day or band; RM_EDATA: fewer than 2 points; RM_ELIMIT: more than
 * 2^28 pairs below the last finite edge (they are listed), days more than 65,535 apart (a wrong
 * date, likely), more than 2^31 - 1 points; RM_ECANCELLED, RM_ENOMEM
 */
RM_API rm_status rm_knox(int64_t *observed, double *expected, double *ratio, double *mean,
                         double *p, const double *x, const double *y, const int32_t *day,
                         int64_t count, const double *space, int32_t space_bands,
                         const double *time, int32_t time_bands, const rm_knox_options *options,
                         rm_error *err);

/** "[0,200)" or "[600,inf)" into label, cut to size - 1 bytes and ended with 0; size at least 1. */
RM_API rm_status rm_knox_label(char *label, size_t size, double from, double to, rm_error *err);

/** What rm_knox_test found. */
typedef struct rm_knox_result {
    int64_t pairs;       /**< all: n (n - 1) / 2 */
    int64_t close_space; /**< pairs with d <= metres */
    int64_t close_time;  /**< pairs with at most `days` between */
    int64_t close;       /**< pairs with both */
    double expected;     /**< close_space * close_time / pairs */
    double ratio;        /**< close / expected; NaN where that is 0 */
    double mean;         /**< of `close` over the permutations; NaN without any */
    double p;            /**< as rm_knox; NaN without permutations */
    double p_poisson;    /**< P(X >= close), X Poisson with the mean `expected` (Knox 1964) */
    double p_above;      /**< P(X > close), which surveillance's knox gives as its Poisson p-value;
                              too small, as it leaves out what was observed */
} rm_knox_result;

/**
 * Knox's test of one distance and one time, both closed: a pair is close when d <= metres and at
 * most `days` days lie between (as surveillance's knox in R). For half-open bounds take rm_knox
 * with the edges {0, metres, INFINITY} and {0, days, INFINITY}.
 * @return as rm_knox
 */
RM_API rm_status rm_knox_test(rm_knox_result *out, const double *x, const double *y,
                              const int32_t *day, int64_t count, double metres, double days,
                              const rm_knox_options *options, rm_error *err);

/**
 * The near repeats themselves: the pairs with a distance in [space[0], space[1]) and days between
 * in [time[0], time[1]), the edges as in rm_knox but space[1] finite. earlier[k] is the row of the
 * first event of pair k (of one day: the lower row), later[k] the other; sorted by earlier, then
 * later. At most `room` are written, *found says how many there are; room = 0, with NULL for the
 * arrays, counts them, in less time. distance may be NULL. Of the options metric, threads and
 * progress count, permutations and seed do not; NULL: defaults.
 * @return as rm_knox, but RM_ELIMIT for more than 2^28 near repeats, and days may be any number
 * apart; fewer than 2 points have no pairs
 */
RM_API rm_status rm_near_repeats(int64_t *earlier, int64_t *later, double *distance, int64_t room,
                                 int64_t *found, const double *x, const double *y,
                                 const int32_t *day, int64_t count, const double space[2],
                                 const double time[2], const rm_knox_options *options,
                                 rm_error *err);

/** Options of rm_nearest_neighbours, rm_nearest_index and rm_nearest_index_within. Begin with
 * RM_NEAREST_OPTIONS_INIT or rm_nearest_options_init. */
typedef struct rm_nearest_options {
    uint32_t size;     /**< sizeof(rm_nearest_options) */
    int32_t threads;   /**< 0: as many as there are cores */
    int32_t cdf_steps; /**< of rm_nearest_index_within alone, which tells what it is; 0: no grid */
    int32_t reserved;  /**< 0 */
    rm_progress_fn progress;
    void *progress_user;
} rm_nearest_options;
/* clang-format off */
#define RM_NEAREST_OPTIONS_INIT {sizeof(rm_nearest_options), 0, 0, 0, NULL, NULL}
/* clang-format on */
RM_API void rm_nearest_options_init(rm_nearest_options *options);

/**
 * The nearest other point of every point: its row (of those equally near the lowest), its distance,
 * and the distance of the second nearest (equal to the first in a tie; NaN with 2 points). nearest,
 * distance and second may be NULL; options NULL: defaults. spatstat's nnwhich breaks ties in its
 * own way.
 * @return RM_EINVAL, RM_EDATA; RM_ELIMIT: more than 2^31 - 1 points; RM_ECANCELLED, RM_ENOMEM
 */
RM_API rm_status rm_nearest_neighbours(int64_t *nearest, double *distance, double *second,
                                       const double *x, const double *y, int64_t count,
                                       const rm_nearest_options *options, rm_error *err);

/** What rm_nearest_index and rm_nearest_index_within found. */
typedef struct rm_nearest_result {
    int64_t count;
    double mean;     /**< of the distances to the nearest point */
    double expected; /**< 0.5 / sqrt(n / A): complete spatial randomness, no edge */
    double ratio;    /**< mean / expected; below 1 clustered, above 1 regular */
    double error;    /**< standard error of the mean: sqrt((4 - pi) A / (4 pi)) / n */
    double z;        /**< (mean - expected) / error */
    double p;        /**< of z, two-sided, normal */
    /** The same with Donnelly's correction for the edge; NaN without a perimeter. */
    double donnelly_expected, donnelly_ratio, donnelly_error, donnelly_z, donnelly_p;
    /** The mean by the distribution that Kaplan and Meier's estimate gives, and that / expected;
     * NaN but from rm_nearest_index_within. */
    double cdf_mean, cdf_ratio;
} rm_nearest_result;

/**
 * The nearest-neighbour index of Clark and Evans (1954), as ArcGIS's Average Nearest Neighbor:
 * 0.26136 / sqrt(n^2 / A) is the standard error. area: of the study area, > 0, in square metres;
 * there is no default, because the index says little without the right one (ArcGIS takes the
 * smallest rectangle around the points). The points are not checked to lie within it.
 *
 * perimeter > 0 adds Donnelly's (1978) correction, made for rectangles: expected = 0.5 sqrt(A / n)
 * + (0.0514 + 0.041 / sqrt(n)) P / n, error = sqrt(0.0703 A / n^2 + 0.037 P sqrt(A / n^5)); 0
 * leaves it out. spatstat's clarkevans has 0.0412 for 0.041: its ratio is mean / (donnelly_expected
 * + 0.0002 P / (n sqrt(n))). options NULL: defaults.
 * @return as rm_nearest_neighbours
 */
RM_API rm_status rm_nearest_index(rm_nearest_result *out, const double *x, const double *y,
                                  int64_t count, double area, double perimeter,
                                  const rm_nearest_options *options, rm_error *err);

/**
 * A study area: flat rings, ring k being the vertices ring[k] .. ring[k + 1] - 1 of x and y. A
 * place lies within it when it lies within an odd number of rings, so holes and parts need no mark
 * and the direction of a ring does not matter. Rings are closed by themselves; they must not cross
 * one another or themselves (not checked). Borrowed.
 */
typedef struct rm_pattern_window {
    const double *x, *y;
    const int64_t *ring; /**< [rings + 1], ring[0] = 0 */
    int64_t rings;
} rm_pattern_window;

/**
 * The same for points in a study area whose shape is known: area and perimeter are its own, and the
 * mean is also corrected for the edge whatever the shape. A nearest point further away than the
 * border is not known to be the nearest, so its distance is taken as cut off there: with
 * o = min(distance to the nearest point, distance to the border), which is an event where the first
 * is not the larger, Kaplan and Meier's estimate gives G(d), the distribution of the distances
 * (Baddeley and Gill 1997). cdf_mean is the mean by dG, over what of G the points reach (divided by
 * its last value); NaN where every distance is cut off.
 *
 * cdf_steps = 0 in the options takes the distances as they are. spatstat's clarkevans(correction =
 * "cdf") puts them on a grid of 512 steps up to min(sqrt(ln(100,000) A / (pi n)), half the diagonal
 * of the box), drops what is beyond and counts each step's share at its beginning, so its mean is
 * about half a step too low: cdf_steps = 512 gives its figure. At most 1,000,000.
 *
 * A point outside the study area is RM_EINVAL with its row, as in rm_ripley_k. Time grows with
 * points * vertices. options NULL: defaults.
 * @return as rm_nearest_neighbours, and RM_ELIMIT as rm_ripley_k
 */
RM_API rm_status rm_nearest_index_within(rm_nearest_result *out, const double *x, const double *y,
                                         int64_t count, const rm_pattern_window *window,
                                         const rm_nearest_options *options, rm_error *err);

/** What is done about neighbours that would lie outside the study area. */
enum {
    RM_RIPLEY_NONE = 0,      /**< nothing: too low at larger r */
    RM_RIPLEY_BORDER = 1,    /**< only points at least r from the border (reduced sample) */
    RM_RIPLEY_TRANSLATE = 2, /**< weight A / |W and W shifted by the pair| (Ohser and Stoyan) */
    RM_RIPLEY_ISOTROPIC = 3  /**< weight 1 / share of the circle within W (Ripley) */
};

/** Options of rm_ripley_k and rm_ripley_envelope. Begin with RM_RIPLEY_OPTIONS_INIT or
 * rm_ripley_options_init. */
typedef struct rm_ripley_options {
    uint32_t size;       /**< sizeof(rm_ripley_options) */
    int32_t correction;  /**< RM_RIPLEY_NONE to RM_RIPLEY_ISOTROPIC */
    double max_weight;   /**< no weight is larger; at least 1, INFINITY: no bound */
    int32_t simulations; /**< of rm_ripley_envelope: 1 to 100,000 */
    int32_t rank;        /**< the envelope is that of the rank-th lowest and highest */
    int32_t threads;     /**< 0: as many as there are cores */
    int32_t reserved;    /**< 0 */
    uint64_t seed;
    rm_progress_fn progress;
    void *progress_user;
} rm_ripley_options;
/* clang-format off */
#define RM_RIPLEY_OPTIONS_INIT {sizeof(rm_ripley_options), RM_RIPLEY_ISOTROPIC, 100.0, 99, 1, 0, 0, 1, NULL, NULL}
/* clang-format on */
RM_API void rm_ripley_options_init(rm_ripley_options *options);

/**
 * Ripley's K and L = sqrt(K / pi) at the distances r[r_count] (ascending, not negative, at most
 * 100,000 of them), of points in a study area. k or l may be NULL.
 *
 * K(r) = A / (n (n - 1)) * the sum over i != j of w_ij [d_ij <= r]: lambda^2 is estimated by
 * n (n - 1) / A^2, as spatstat's Kest does; for n^2 / A^2 multiply by (n - 1) / n. With
 * RM_RIPLEY_BORDER it is the number of pairs (i, j), d_ij <= r, over those i that lie at least r
 * from the border, divided by their number and by n / A; NaN at an r at which no point is left.
 * Kest's "border" takes those i that lie further from it than the r before this one on its own
 * grid, and of their neighbours those no further away than the border: the same when that grid is
 * fine enough. max_weight = 100 is spatstat's maxedgewt. Under complete randomness K = pi r^2 and
 * L = r, whatever the correction but RM_RIPLEY_NONE.
 *
 * RM_RIPLEY_TRANSLATE takes a time proportional to the vertices for every pair (30 us for 500 of
 * them on one core), RM_RIPLEY_ISOTROPIC only for pairs further apart than from the border.
 *
 * A point outside the study area is RM_EINVAL with its row (on its border it is inside, within a
 * billionth of the extent): outside, it would have no weight.
 * @return RM_EINVAL, RM_EDATA, RM_ELIMIT: a study area too intricate to hold; RM_ECANCELLED,
 * RM_ENOMEM
 */
RM_API rm_status rm_ripley_k(double *k, double *l, const double *r, int64_t r_count,
                             const double *x, const double *y, int64_t count,
                             const rm_pattern_window *window, const rm_ripley_options *options,
                             rm_error *err);

/** What rm_ripley_envelope found about the whole curve. */
typedef struct rm_ripley_result {
    double area;      /**< of the study area */
    double deviation; /**< the largest |L(r) - r| of the points */
    double critical;  /**< the rank-th largest of the simulations': the global band is r +- this */
    double p;         /**< (simulations that deviate at least as much + 1) / (simulations + 1) */
} rm_ripley_result;

/**
 * Is the pattern more clustered or more regular than chance? Simulates complete randomness, as many
 * points in the same study area. l[r_count]: the points' own L (may be NULL); low and high
 * [r_count]: the pointwise envelope, of L too (K = pi L^2): at each r by itself a random pattern
 * leaves it with a chance of 2 rank / (simulations + 1), so somewhere on the curve it does so far
 * more often; the test of the whole curve is *out (the maximum absolute deviation test of Ripley
 * 1977 on L). out, low and high may be NULL. An r at which L is NaN takes no part.
 * spatstat's envelope draws a random number of points unless fix.n = TRUE; here it is fixed.
 * @return as rm_ripley_k
 */
RM_API rm_status rm_ripley_envelope(rm_ripley_result *out, double *l, double *low, double *high,
                                    const double *r, int64_t r_count, const double *x,
                                    const double *y, int64_t count, const rm_pattern_window *window,
                                    const rm_ripley_options *options, rm_error *err);

#ifdef __cplusplus
}
#endif
#endif
