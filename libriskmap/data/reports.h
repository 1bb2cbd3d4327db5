/* Rules for reports: what is done with rows that say the same twice, that cannot be dated right,
 * that lie out of reach, and with spots that hold more reports than a place can draw.
 *
 * The rules are a source around another one. Which of two equal rows counts, and whether a spot
 * holds too much, is known only when all rows are: so the first call of next reads all that the
 * inner source has, with all its workers, filtered, once, and the rows wait in memory as they were
 * asked for (the columns of the model and a point). Beside them stand 64 bytes each while a rule is
 * applied: a million reports of two columns take 0.14 GB and 0.35 s more than without rules. They
 * are not read twice: a service may answer otherwise the second time, and looking up addresses
 * costs more than the memory. Layers without rules are not held: they stream. */
#ifndef RM_DATA_REPORTS_H
#define RM_DATA_REPORTS_H

#include "data/source.h"

/* How many reports of one place count: all, one in an ISO week, one in a day. */
typedef enum rm_distinct {
    RM_DISTINCT_NONE,
    RM_DISTINCT_PLACE_WEEK,
    RM_DISTINCT_PLACE_DAY
} rm_distinct;

/* What a rule does not leave out is kept, and found all the same: counted and listed. The rules are
 * applied in this order, each to what those before it kept: before 1900, outside, duplicates,
 * spots, distinct. Rows without a usable place, and rows dated after as_of unless they are kept,
 * take no part: whoever counts them rejects them. */
typedef struct rm_report_rules {
    bool drop_duplicates;  /* the same place and the same cell in every column that was asked for;
                              the row with the smallest id stays */
    bool drop_before_1900; /* dated before 1900-01-01 */
    bool drop_outside;     /* wholly outside the region; counted as outside, not as left out */
    bool drop_spots;       /* see spot_share */
    bool keep_future;      /* dated after as_of: they count where no date is needed */
    rm_distinct distinct;  /* the row with the smallest id counts; undated rows all count */
    double spot_share;     /* a spot is one coordinate, rounded to 0.1 m, that holds at least this
                              share of the reports and at least 10; a known place always is one */
    /* filled in for a run */
    int32_t time_column;     /* of the request, with the date; -1: none */
    const rm_filter *filter; /* rows that do not pass take no part; NULL: all pass. Borrowed for as
                                long as the source lives */
    bool has_region;
    rm_box region; /* in the request's target CRS */
} rm_report_rules;

/* Takes `inner` over, also on failure. request->reports must be set; the outcome is the same for
 * any number of workers of the inner source. */
rm_status rm_reports_wrap(rm_source **out, rm_source *inner, const rm_request *request,
                          rm_error *err);

/* Places where reports stand that have no place: the origin of RD coordinates (the tower of
 * Amersfoort), which is what a lost coordinate becomes. crs: that of x and y, may be NULL. */
bool rm_reports_in_rd(const char *crs);
/* Whether a feature is a point at such a place. */
bool rm_reports_at_known_place(const rm_geometry *geometry, int64_t feature);
/* Lists a spot: how many of all reports, whether it is a known place, whether they are left out. */
rm_status rm_reports_list_spot(rm_issues *issues, int64_t first, int64_t count, int64_t all,
                               bool known, bool left_out, rm_error *err);

#endif
