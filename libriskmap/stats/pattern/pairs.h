/* Finding the pairs of points within a distance: points in strips, sorted along them. */
#ifndef RM_STATS_PAIRS_H
#define RM_STATS_PAIRS_H

#include "base/memory.h"
#include "base/progress.h"

/* Points in the order of strip, x, y: an order that the places alone decide, so what is summed in
 * it does not depend on the order of the input. Strips and not cells, because they take no memory
 * for the empty parts of an extent that one wrong point made large. Read-only once made. */
typedef struct rm_strips {
    int64_t count;
    double reach;
    double *x, *y;
    int32_t *id;    /* the place of each in the input */
    int32_t *strip; /* which of the strips that hold points; sorted */
    int64_t *start; /* [strips + 1] */
    bool *joined;   /* the next strip that holds points is also the next in space */
    int32_t strips;
} rm_strips;

/* RM_EINVAL with its row for a coordinate that is not finite, or beyond 1e100, whose square would
 * not be; for a reach that is negative or not finite. RM_ELIMIT above 2^31 - 1 points. worker: of
 * the loop that this is done in, 0 outside of one. */
rm_status rm_strips_new(rm_strips *out, const double *x, const double *y, int64_t count,
                        double reach, int worker, rm_progress *progress, rm_error *err);
void rm_strips_clear(rm_strips *strips);

/* range[0..1][begin, end): every point after k (in the order of the strips) that can lie within
 * reach of it, by either metric. So each unordered pair comes up once. */
void rm_strips_after(int64_t range[2][2], const rm_strips *strips, int64_t k);

/* The check that rm_strips_new makes. */
rm_status rm_check_points(const double *x, const double *y, int64_t count, rm_error *err);

#endif
