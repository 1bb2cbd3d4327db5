/* What the cells of one field come to: counts and ranges, never a cell. */
#ifndef RM_OUTPUT_FIELD_COUNTS_H
#define RM_OUTPUT_FIELD_COUNTS_H

#include "data/person.h"

typedef struct rm_field_counts {
    int64_t missing, sentinels, numbers, dates;
    double lowest, highest;
    int32_t first_date, last_date; /* RM_NO_DATE without dates */
    int32_t until, newest;         /* the last date that is not after until; RM_NO_DATE for none */
    unsigned rules;                /* rm_sentinels_of the name */
    rm_person person;              /* RM_PERSON_KINDS: no persons, as far as can be seen */
} rm_field_counts;

/* until is INT32_MAX then, and may be set before the first batch. */
void rm_field_counts_start(rm_field_counts *counts, const char *name);
void rm_field_counts_add(rm_field_counts *counts, const rm_column *column, int64_t rows);
/* The order of merging does not matter. */
void rm_field_counts_merge(rm_field_counts *counts, const rm_field_counts *other);
/* Once all is merged: what lies between what is not for a column of persons. */
void rm_field_counts_end(rm_field_counts *counts);

#endif
