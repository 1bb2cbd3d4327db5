/* A profile at work on the rows of a source: which columns are read for those that are wanted, and
 * what is done with each batch. Costs nothing for columns of which the profile says nothing. */
#ifndef RM_IO_PROFILE_ROWS_H
#define RM_IO_PROFILE_ROWS_H

#include "data/source.h"
#include "io/profile.h"

typedef struct rm_column_work {
    const rm_profile_field *field; /* NULL: nothing is known of it */
    bool hectares;
    unsigned sentinels;
} rm_column_work;

typedef struct rm_rule_work {
    const rm_current_rule *rule;
    int32_t column; /* in read */
} rm_rule_work;

typedef struct rm_profile_plan {
    const rm_profile *profile; /* NULL: none, or nothing is asked of it */
    int32_t *fields;           /* [read.count] the source's columns */
    rm_table read;             /* as they are read: those wanted, then those that rules need */
    int32_t wanted;
    rm_column_work *work; /* [wanted] */
    rm_rule_work *rules;
    int32_t rule_count, as_of;
    bool active; /* something has to be done with the rows */
    bool staged; /* rows are read into columns other than those delivered */
} rm_profile_plan;

/* Of one cursor. */
typedef struct rm_profile_stage {
    rm_table read, given;
    rm_column spare;
    uint8_t *mask;
    int64_t mask_capacity;
} rm_profile_stage;

/* have: the source's columns, no rows. Fails when the request names a profile that is not there or
 * does not fit, or a column that is not there. */
rm_status rm_profile_plan_make(rm_profile_plan *plan, const rm_request *request, const char *layer,
                               const rm_table *have, const char *shown, rm_error *err);
/* After the types in plan->read are known: the columns as they are delivered. Again when they
 * change. */
rm_status rm_profile_plan_settle(rm_profile_plan *plan, rm_table *delivered, rm_error *err);
void rm_profile_plan_clear(rm_profile_plan *plan);

/* Around the reading of a batch: gives rows the columns that are read, and those that are delivered
 * with the rows that are in force. */
rm_status rm_profile_before(const rm_profile_plan *plan, rm_profile_stage *stage, rm_rows *rows,
                            rm_error *err);
rm_status rm_profile_after(const rm_profile_plan *plan, rm_profile_stage *stage, rm_rows *rows,
                           int64_t *ended, rm_error *err);
void rm_profile_stage_clear(rm_profile_stage *stage);

#endif
