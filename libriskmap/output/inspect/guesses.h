/* What riskmap takes the columns of a table for, shown before it is used. */
#ifndef RM_OUTPUT_GUESSES_H
#define RM_OUTPUT_GUESSES_H

#include "io/roles.h"

typedef struct rm_guessed {
    rm_role role;
    char *column; /* owned */
    rm_sure sure;
} rm_guessed;

typedef struct rm_guesses {
    rm_guessed items[RM_ROLES]; /* in the order of the roles */
    int32_t count;
    const char *crs; /* of x and y, as in rm_roles; NULL */
    bool swapped;    /* the columns named x and y hold each other's */
} rm_guesses;

/* By the first rows of a layer of delimited text or of a workbook; nothing for other sources, and
 * for a layer that cannot be read. */
rm_status rm_guesses_read(rm_guesses *out, const char *path, const char *layer, const char *driver,
                          rm_error *err);
void rm_guesses_clear(rm_guesses *guesses);

#endif
