/* Distribution functions, exact to some 1e-14 of the answer, however small that is, wherever the
 * arguments determine it so well. None uses lgamma, which writes a global. */
#ifndef RM_STATS_PROBABILITY_H
#define RM_STATS_PROBABILITY_H

/* Both sides, because 1 - lower loses what a small upper is made of. */
typedef struct rm_tails {
    double lower; /* P(X <= x) */
    double upper; /* P(X > x) */
} rm_tails;

double rm_normal_upper(double z);     /* P(Z >= z) */
double rm_normal_two_sided(double z); /* P(|Z| >= |z|) */

/* The regularised incomplete gamma functions P(a, x) and Q(a, x); a > 0, x >= 0 (infinite too).
 * NaN for anything else. For a < 1 and x < 1 the upper one is right to 1e-15 only, not relatively.
 */
rm_tails rm_gamma_tails(double a, double x);
/* The x at which P(a, x), or Q(a, x), is p; below 1e-305 it is 0. NaN when p is not within 0..1 or
 * a is not finite and above 0. */
double rm_gamma_lower_quantile(double a, double p);
double rm_gamma_upper_quantile(double a, double p);

/* The regularised incomplete beta function I_x(a, b), and 1 - it; a, b > 0, finite. y = 1 - x is
 * given too, because near 1 it says more than x does. NaN for anything else. Takes of the order of
 * sqrt(min(a, b)) steps at worst. */
rm_tails rm_beta_tails(double a, double b, double x, double y);
/* The odds x / (1 - x) at which I_x(a, b), or 1 - it, is p; 0 below 1e-305, infinite above 1e305,
 * and NaN as above. */
double rm_beta_lower_odds(double a, double b, double p);
double rm_beta_upper_odds(double a, double b, double p);

/* Counts are whole numbers held in doubles; not checked. Below 0 and beyond n count as the sure
 * and the impossible. */
double rm_poisson_at_most(double count, double mean);                   /* P(X <= count) */
double rm_poisson_at_least(double count, double mean);                  /* P(X >= count) */
double rm_binomial_at_most(double count, double n, double p, double q); /* q = 1 - p */
double rm_binomial_at_least(double count, double n, double p, double q);
double rm_binomial_exactly(double count, double n, double p, double q);
/* The sum of the probabilities of all outcomes that are no more probable than count (by 1e-7, so
 * that what is equal but for rounding is equal). */
double rm_binomial_as_unlikely(double count, double n, double p, double q);

#endif
