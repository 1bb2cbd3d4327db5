/* Pairs of events by distance and by days between, and what permuting the dates makes of them. */
#ifndef RM_STATS_KNOX_H
#define RM_STATS_KNOX_H

#include "base/progress.h"
#include "riskmap/pattern.h"

/* Events. Borrowed. */
typedef struct rm_events {
    const double *x, *y;
    const int32_t *day; /* INT32_MIN: missing, which is refused */
    int64_t count;
    int32_t metric; /* RM_EUCLIDEAN or RM_MANHATTAN */
} rm_events;

/* Ascending edges, bands + 1 of them, half-open bands; the last edge may be INFINITY. Borrowed. */
typedef struct rm_knox_bands {
    const double *edge;
    int32_t count;
} rm_knox_bands;

enum { RM_MOST_BANDS = 100, RM_MOST_DAYS = 65535 };

/* How the dates are permuted. */
typedef struct rm_knox_runs {
    int32_t permutations;
    uint64_t seed;
    int threads;
} rm_knox_runs;

/* Cells [s * time.count + t]. Zero it first; rm_knox_table_clear releases. */
typedef struct rm_knox_table {
    int64_t *observed;
    int64_t *row;    /* [space.count] pairs in the band, whatever the days between */
    int64_t *column; /* [time.count] */
    int64_t *sum;    /* over the permutations */
    int64_t *least;  /* permutations with at least as many as observed */
    int64_t pairs;   /* all: n (n - 1) / 2 */
} rm_knox_table;

/* See rm_knox; exact counts, so the outcome does not depend on threads or on the order of events.
 * On failure *table is as it was. */
rm_status rm_knox_count(rm_knox_table *table, const rm_events *events, rm_knox_bands space,
                        rm_knox_bands time, const rm_knox_runs *runs, rm_progress *progress,
                        rm_error *err);
void rm_knox_table_clear(rm_knox_table *table);

#endif
