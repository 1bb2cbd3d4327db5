/* What the columns of a table of reports are for: guessed from their names first and from what
 * stands in them second. Guesses are shown before they are used, and what a model names wins. */
#ifndef RM_IO_ROLES_H
#define RM_IO_ROLES_H

#include "data/source.h"

typedef enum rm_role {
    RM_ROLE_X, /* easting or longitude */
    RM_ROLE_Y,
    RM_ROLE_DATE, /* with or without a time */
    RM_ROLE_TIME, /* of the day, alone */
    RM_ROLE_POSTCODE,
    RM_ROLE_NUMBER,   /* house number */
    RM_ROLE_LETTER,   /* behind the number */
    RM_ROLE_ADDITION, /* behind the letter */
    RM_ROLE_LINE,     /* street, number and what follows: "Dorpsstraat 12a" */
    RM_ROLE_STREET,
    RM_ROLE_PLACE, /* town or village */
    RM_ROLE_WEIGHT,
    RM_ROLE_ID,
    RM_ROLES
} rm_role;

typedef enum rm_sure {
    RM_SURE_NOT,
    RM_SURE_CONTENT, /* what stands in it fits no other role; its name says nothing */
    RM_SURE_NAME,    /* its name alone: nothing stands in it, or what does fits badly */
    RM_SURE_BOTH,    /* name and content */
} rm_sure;

typedef struct rm_roles {
    struct {
        int32_t column; /* -1: none */
        rm_sure sure;
    } of[RM_ROLES];
    const char *crs; /* what the names of x and y, else their content, say: "EPSG:28992",
                        "EPSG:4258", or NULL */
    bool crs_named;  /* the names say it */
    bool swapped;    /* the columns named x hold y in every row that shows it: read them so */
    int64_t shown;   /* rows of the sample that show it */
} rm_roles;

/* sample: a table with the names of the columns and some rows of them, or none. */
rm_status rm_roles_guess(rm_roles *out, const rm_table *sample, rm_error *err);
/* The first rows of a source, at most `rows`, with all columns that can be read and hold no
 * persons; for guessing. layer may be NULL. */
rm_status rm_roles_sample(rm_table *out, const char *source, const char *layer, int64_t rows,
                          rm_error *err);
/* The same of a layer in memory. */
rm_status rm_roles_sample_memory(rm_table *out, const rm_layer *layer, int64_t rows, rm_error *err);

/* The columns of x and y by their names alone: -1 for none. crs as in rm_roles; plain_first: names
 * that say nothing about the CRS come before those that do. */
void rm_roles_named_xy(const char *const *names, int32_t count, bool plain_first, int *x, int *y,
                       const char **crs);
/* What two names, given by the model, say about the CRS; NULL: nothing. */
const char *rm_roles_axes_crs(const char *x, const char *y);
/* Whether x and y stand in each other's columns, for a CRS of this code: counts the rows that show
 * it. Never when one row fits as it is named. */
bool rm_roles_swapped(const rm_table *sample, int32_t x, int32_t y, const char *crs,
                      int64_t *shown);

const char *rm_role_name(rm_role role); /* "x", "house number", ... */
const char *rm_sure_name(rm_sure sure); /* "name and content", "name", "content", "" */

#endif
