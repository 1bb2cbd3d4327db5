/* Validity of polygons and their repair. */
#ifndef RM_GEO_VALID_H
#define RM_GEO_VALID_H

#include "base/progress.h"
#include "data/layer.h"

/* Checks every polygon feature of rows (OGC simple features: rings simple, holes inside their
 * shell, shells apart) with a sweep of our own that never passes an invalid one; what it suspects
 * goes to GEOS, which decides, names the reason, and repairs by its structure method (points and
 * lines that fall out are dropped). Repaired features replace the old ones (rows keep their
 * numbers); each is an issue RM_ISSUE_REPAIRED (a, b = area before, after; text = reason and place
 * left out) or RM_ISSUE_NOT_REPAIRABLE, after which the feature is RM_KIND_NONE. Rings must be
 * closed, coordinates finite (rm_geometry_close_rings comes first). Not parallel: called per batch
 * by a worker, which asks for progress (may be NULL) as rm_progress_check does. Only GEOS, with one
 * feature at a time, cannot be stopped: what interrupts it is of the whole process. */
rm_status rm_rows_make_valid(rm_rows *rows, rm_progress *progress, int worker, rm_error *err);

/* rm_geometry_close_rings, then rm_rows_make_valid: what is done to all features before they are
 * used. */
rm_status rm_rows_clean(rm_rows *rows, rm_progress *progress, int worker, rm_error *err);

/* Who looks at polygons, and may be told to stop. */
typedef struct rm_looking {
    rm_progress *progress; /* may be NULL */
    int worker;
    int64_t steps;    /* since it last asked */
    rm_status status; /* RM_ECANCELLED: it was told to stop */
    rm_error *err;
} rm_looking;
/* After so many steps of a few nanoseconds; whether to stop. */
bool rm_looking_stops(rm_looking *looking, int64_t steps);

/* One polygon feature: is it valid by our own sweep? false means "ask GEOS"; so does a lack of
 * memory, and being told to stop (looking may be NULL). */
bool rm_polygon_surely_valid(const rm_geometry *geometry, int64_t feature, rm_looking *looking);

#endif
