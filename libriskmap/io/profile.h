/* Which source a layer is, by its names alone, and what follows from that: canonical names, what is
 * in force, which values stand for "missing". The sources themselves are in profile_table.c. */
#ifndef RM_IO_PROFILE_H
#define RM_IO_PROFILE_H

#include "base/text.h"
#include "data/table.h"

/* Lists of names are separated by commas; case does not matter, and a * at either end of a name
 * stands for anything. */

typedef enum rm_profile_kind {
    RM_PROFILE_PLAIN, /* as it is */
    RM_PROFILE_ID,    /* delivered as text, "NL.IMBAG.Pand." taken off, zeros put back in front */
    RM_PROFILE_YEAR,
    RM_PROFILE_AREA, /* in square metres by its canonical name, as it is by its own */
    RM_PROFILE_LIST, /* text, values separated by a comma without a blank */
    RM_PROFILE_IDS,  /* a list of ids */
    RM_PROFILE_DATE,
} rm_profile_kind;

typedef struct rm_profile_field {
    const char *name;   /* canonical, without source and object: "bouwjaar" */
    const char *fields; /* what sources call it; the first that is there is taken */
    rm_profile_kind kind;
    int digits;           /* of an id that is digits alone; 0: as many as there are */
    const char *hectares; /* more names for it, of fields that hold hectares; NULL: none */
} rm_profile_field;

typedef enum rm_current_kind {
    RM_MUST_BE_EMPTY,
    RM_MUST_NOT_HAVE_ENDED, /* a date, as_of or before it; without as_of any date before 9999 */
    RM_MUST_HAVE_BEGUN,     /* a date after as_of; without as_of it is not looked at */
    RM_MUST_BE,             /* one of the values; an empty field is unknown and stays */
    RM_MUST_NOT_BE,
} rm_current_kind;

typedef struct rm_current_rule {
    rm_current_kind kind;
    const char *fields; /* the first that is there; none: nothing can have ended */
    const char *values;
} rm_current_rule;

/* Bits for rm_is_sentinel. */
enum {
    RM_SENTINEL_STATISTICS = 1, /* -99997 and below */
    RM_SENTINEL_MUNICIPALITY = 2,
    RM_SENTINEL_YEARS = 4 | 8, /* building years */
};

enum { RM_PROFILE_FIELDS = 8 };
typedef struct rm_profile {
    const char *name;     /* "lvbag.pand" */
    const char *family;   /* "bag": what is behind the point of the name is the object */
    const char *title;    /* Dutch: "LVBAG: Pand" */
    const char *title_en; /* NULL: the same */
    const char *layer;    /* its layer's name; NULL: whatever it is */
    const char *identify[RM_PROFILE_FIELDS]; /* all of these must be there */
    const rm_profile_field *fields;          /* ends with a NULL name; NULL: none */
    const rm_current_rule *current;          /* ends with NULL fields; NULL: everything is */
    unsigned sentinels;
    const char *note, *note_en; /* what to know before using it; NULL: nothing */
} rm_profile;

/* All of them, in the order in which they are tried. */
const rm_profile *rm_profile_table(int32_t *count);

/* The profile that a layer fits; NULL when it fits none. layer may be NULL. */
const rm_profile *rm_profile_match(const char *layer, const rm_table *columns);
/* By its name; RM_EINVAL with the nearest one. */
rm_status rm_profile_find(const rm_profile **out, const char *name, rm_error *err);
/* Adds why it fits, as "it has oorspronkelijkBouwjaar, voorkomenIdentificatie and ...", with the
 * layer's own names; what it lacks where it does not. */
void rm_profile_why(rm_text *out, const rm_profile *profile, const rm_table *columns, bool english);
/* Fails with the identifying fields that are not there. */
rm_status rm_profile_check(const rm_profile *profile, const rm_table *columns, const char *shown,
                           rm_error *err);

/* The column that is meant by a name: "bag.pand.bouwjaar" or "bouwjaar", as canonical names; -1:
 * none. *field is what the profile says of it. profile may be NULL. */
int32_t rm_profile_resolve(const rm_profile *profile, const char *wanted, const rm_table *columns,
                           const rm_profile_field **field);
/* What the profile says of a column by the column's own name; NULL: nothing. */
const rm_profile_field *rm_profile_field_of(const rm_profile *profile, const char *column);
/* Whether a column's values are hectares of an area field. */
bool rm_profile_in_hectares(const rm_profile_field *field, const char *column);
/* The column of a rule, -1: none. */
int32_t rm_profile_rule_column(const rm_current_rule *rule, const rm_table *columns);
/* Whether one of the names in a list is this one. list may be NULL. */
bool rm_name_fits(const char *name, int64_t length, const char *list);
/* Whether a name has the form of a canonical one, of whatever source: "bag.pand.anything". */
bool rm_profile_is_canonical(const char *wanted);

/* The rules for missing values that hold for a field of this name, whatever its source. */
unsigned rm_sentinels_of(const char *field);
/* The numbers of these rules; how many ranges. */
enum { RM_SENTINEL_RANGES = 4 };
typedef struct rm_sentinel_range {
    double low, high;
} rm_sentinel_range;
int rm_sentinel_ranges(unsigned rules, rm_sentinel_range out[RM_SENTINEL_RANGES]);
bool rm_is_sentinel(unsigned rules, double number);
bool rm_is_sentinel_text(unsigned rules, const char *text, int64_t length);

#endif
