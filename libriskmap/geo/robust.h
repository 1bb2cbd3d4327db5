/* Predicates whose sign is right. */
#ifndef RM_GEO_ROBUST_H
#define RM_GEO_ROBUST_H

/* (3 + 16 u) u with u = 2^-53: |det| above this times the size of its two products has the right
 * sign. */
#define RM_ORIENT_BOUND 3.3306690738754716e-16

/* The slow half of rm_orient, for the triples that its filter cannot decide. */
double rm_orient_exact(double ax, double ay, double bx, double by, double cx, double cy);

/* > 0 when c lies left of the line a -> b, < 0 right, 0 exactly on it; about twice the area of the
 * triangle. A floating-point filter with a proven error bound, then exact expansion arithmetic
 * (after Shewchuk 1997). Not checked: finiteness. Needs coordinates that are 0 or of a size between
 * 1e-140 and 1e150, where no product overflows or loses its tail. */
static inline double rm_orient(double ax, double ay, double bx, double by, double cx, double cy)
{
    double left = (ax - cx) * (by - cy);
    double right = (ay - cy) * (bx - cx);
    double det = left - right;
    double size = (left < 0 ? -left : left) + (right < 0 ? -right : right);
    double bound = RM_ORIENT_BOUND * size;

    /* strict, so that an underflow to 0 is never taken for an answer */
    if (det > bound || -det > bound)
        return det;
    return rm_orient_exact(ax, ay, bx, by, cx, cy);
}

#endif
