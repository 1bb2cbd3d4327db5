/* What went wrong on the way, as rows: nothing is dropped in silence. */
#ifndef RM_DATA_ISSUE_H
#define RM_DATA_ISSUE_H

#include "base/memory.h"

/* The severities and codes of the issues table; rm_issue_code_name gives the text
 * that users see. */
typedef enum rm_severity { RM_NOTE, RM_WARNING, RM_REJECTED } rm_severity;

typedef enum rm_issue_code {
    RM_ISSUE_NO_GEOMETRY,      /* null or empty */
    RM_ISSUE_MALFORMED,        /* geometry bytes that are no WKB */
    RM_ISSUE_NOT_FINITE,       /* NaN or Inf among the coordinates */
    RM_ISSUE_MIXED_COLLECTION, /* a collection of points, lines and polygons together */
    RM_ISSUE_UNCLOSED,         /* a ring whose ends lie a metres apart, over 1 mm */
    RM_ISSUE_CLOSED,           /* a gap of a metres, at most 1 mm, was closed */
    RM_ISSUE_TOO_FEW_POINTS,   /* a ring or line of fewer points than it takes */
    RM_ISSUE_REPAIRED,         /* invalid; area a m2 before, b after the repair; text: the reason */
    RM_ISSUE_NOT_REPAIRABLE,   /* invalid, and nothing was left of it; text: the reason */
    RM_ISSUE_OUTSIDE_CRS,      /* outside the area of use of the CRS */
    RM_ISSUE_NOT_TRANSFORMED,  /* PROJ gives no coordinate for it */
    RM_ISSUE_NO_COORDINATE,    /* text: an empty or unreadable x or y */
    RM_ISSUE_BAD_ROW,          /* delimited text: another number of cells (a) than the header (b) */
    RM_ISSUE_BAD_TEXT,         /* text that is neither UTF-8 nor Windows-1252; replaced */
    RM_ISSUE_NO_DATE,          /* no usable date where one is needed */
    RM_ISSUE_FUTURE,           /* a date after as_of */
    RM_ISSUE_NO_NUMBER,        /* a value that is no number where one is needed */
    RM_ISSUE_NOT_POLYGON,      /* a point or line where only a polygon will do */
    RM_ISSUE_OVERLAP,          /* two areas overlap: this one with feature a, over b m2 */
    RM_ISSUE_NO_ID,            /* an area without an id; the feature id serves */
    RM_ISSUE_CONSTANT,         /* an indicator with one value everywhere: no scaled value */
    RM_ISSUE_FLOOR,            /* geometric: the floor was used for a areas */
    RM_ISSUE_NO_EVIDENCE,      /* a layer of which no feature could be used */
    RM_ISSUE_SOURCE,           /* a driver's own warning; text */
    RM_ISSUE_OFFICIAL_AREA,    /* the outline is a m2, the register says b m2 */
    RM_ISSUE_SWAPPED,          /* x and y stood in each other's columns, as a rows show */
    RM_ISSUE_FUTURE_KEPT,      /* a date after as_of, kept by a rule */
    RM_ISSUE_BEFORE_1900,      /* a date before 1900; text: kept or left out */
    RM_ISSUE_OUTSIDE_REGION,   /* a reports lie outside the region of the areas */
    RM_ISSUE_DUPLICATE,        /* a report that is the same as report a; text: kept or left out */
    RM_ISSUE_SPOT,             /* a reports on one spot, b per cent; text: kept or left out */
    RM_ISSUE_REPEATED,         /* left out: report a is of the same place and week or day */
    RM_ISSUE_NO_ADDRESS,       /* nothing to look for: no postcode or street, or no house number */
    RM_ISSUE_ADDRESS_UNKNOWN,  /* no such address */
    RM_ISSUE_ADDRESS_NUMBER,   /* placed on the house number alone: one of a, up to b m apart */
    RM_ISSUE_ADDRESS_AMBIGUOUS, /* a candidates, up to b m apart */
    RM_ISSUE_ADDRESS_LAYER,     /* a rows of the address layer that nothing can be found at */
    RM_ISSUE_COLUMN,            /* a column of a type that is not read; text: its name and type */
    RM_ISSUE_FID,               /* a column fid that cannot tell features apart; text: why */
    RM_ISSUE_CODES
} rm_issue_code;

typedef struct rm_issue {
    int32_t code;     /* rm_issue_code */
    int32_t severity; /* rm_severity */
    int32_t layer;    /* number of the layer in the model, or -1 */
    int64_t feature;  /* the source's feature id (data row of a text file, from 1), or -1 */
    double a, b;      /* see the code */
    char *text;       /* owned; never the content of a shielded cell; may be NULL */
} rm_issue;

typedef struct rm_issues {
    rm_issue *items;
    int64_t count;
    int64_t capacity;
} rm_issues;

rm_severity rm_issue_severity(rm_issue_code code);
const char *rm_severity_name(rm_severity severity); /* "note", "warning", "rejected" */
const char *rm_issue_code_name(rm_issue_code code); /* "no-geometry" */
/* Writes the English sentence of an issue, e.g. "the ring is open by 0.350 m; feature left out". */
void rm_issue_message(const rm_issue *issue, char *out, size_t size);

/* layer is -1 until the engine sets it. text (may be NULL) is copied. */
rm_status rm_issues_add(rm_issues *issues, rm_issue_code code, int64_t feature, double a, double b,
                        const char *text, rm_error *err);
/* Moves all issues of `from` behind those of `issues`, setting their layer; `from`
 * is then empty. */
rm_status rm_issues_take(rm_issues *issues, rm_issues *from, int32_t layer, rm_error *err);
void rm_issues_sort(rm_issues *issues); /* by layer, feature, code: one order for any threading */
void rm_issues_clear(rm_issues *issues);

#endif
