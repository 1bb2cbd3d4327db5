/* Points alone, read from whatever riskmap reads, with an account of what was left out
 * and why. */
#ifndef RM_OUTPUT_POINT_SET_H
#define RM_OUTPUT_POINT_SET_H

#include "base/parallel.h"
#include "data/reports.h"
#include "geo/join.h"

/* What is read. Borrowed; NULL: not wanted. */
typedef struct rm_point_set_wanted {
    const char *source, *layer, *crs, *x, *y;
    const rm_layer *memory; /* instead of source, which is only its name then; its own CRS holds */
    const char *target_crs; /* in metres */
    const char *where;
    const char *time;                  /* the field with the date */
    const char *weight;                /* the field that says how much a point counts */
    const char *locate, *locate_layer; /* the address layer that gives rows their place */
    const rm_layer *memory_locate;     /* as memory */
    const rm_report_rules *rules;      /* duplicates, spots, distinct; NULL: rows stream */
    int32_t as_of;                     /* dates after it are rejected */
    bool only_best, shielded;
    bool addresses; /* of several layers and no name: that of the addresses, as with locate */
    int threads;
} rm_point_set_wanted;

/* Points with a usable place, in no fixed order. */
typedef struct rm_point_set {
    double *x, *y;
    double *weight; /* NULL: all 1 */
    int32_t *date;  /* NULL when no time was asked for; never RM_NO_DATE */
    int64_t count;
    char *guessed_crs; /* of a table that states none, by what stands in x and y; NULL: stated */
    rm_provenance provenance; /* used = count */
    rm_provenance addresses;  /* with locate */
    int64_t undated, ahead;   /* of those rejected: no usable date; a date after as_of */
    int64_t unweighted;       /* of those rejected: no usable weight, or one below 0 */
    /* the fullest spot: points at one coordinate, rounded to 0.1 m */
    int64_t spot;
    bool spot_known; /* it is where lost coordinates come to lie */
} rm_point_set;

/* Lines and polygons count by a point on their surface. RM_ENOTFOUND: a field that is not there,
 * named with those that are near. */
rm_status rm_point_set_read(rm_point_set *out, const rm_point_set_wanted *source,
                            rm_progress *progress, rm_error *err);
/* The coordinates go, the account stays. */
void rm_point_set_release(rm_point_set *points);
void rm_point_set_clear(rm_point_set *points);

#endif
