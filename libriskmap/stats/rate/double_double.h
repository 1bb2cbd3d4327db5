/* A number held as the sum of two doubles, some 32 digits: for exponents, of which an error of
 * 1e-16 is one of 1e-14 in the exponential of 100. */
#ifndef RM_STATS_DOUBLE_DOUBLE_H
#define RM_STATS_DOUBLE_DOUBLE_H

typedef struct rm_dd {
    double high, low; /* |low| is at most half a unit in the last place of high */
} rm_dd;

rm_dd rm_dd_sum(double a, double b);     /* exact */
rm_dd rm_dd_product(double a, double b); /* exact */
rm_dd rm_dd_add(rm_dd a, rm_dd b);
rm_dd rm_dd_multiply(rm_dd a, rm_dd b);
rm_dd rm_dd_divide(rm_dd a, rm_dd b);
rm_dd rm_dd_log(rm_dd x); /* of x > 0, normal numbers */
double rm_dd_exp(rm_dd x);

#endif
