/* Columns that hold persons: recognised by name and by content, so that no model reads them. Places
 * are scored, never persons. */
#ifndef RM_DATA_PERSON_H
#define RM_DATA_PERSON_H

#include "data/table.h"

typedef enum rm_person {
    RM_PERSON_BSN,
    RM_PERSON_NAME,
    RM_PERSON_BIRTH,
    RM_PERSON_PHONE,
    RM_PERSON_EMAIL,
    RM_PERSON_ACCOUNT,  /* bank accounts */
    RM_PERSON_DOCUMENT, /* passports, driving licences */
    RM_PERSON_PLATE,    /* number plates of vehicles */
    RM_PERSON_KINDS     /* none of these */
} rm_person;

/* "citizen service numbers (BSN)" */
const char *rm_person_words(rm_person kind);

/* By the words of the name, Dutch and English. "naam" alone is that of a place, a street or a firm,
 * and so are its compounds, unless another word says whose name it is; numbers of, and whether
 * there is, are no persons ("aantal_telefoons", "email_bekend"). */
rm_person rm_person_by_name(const char *name);

/* By the first RM_PERSON_ROWS cells of a column of text or integers: nine in ten of the filled
 * cells are BSNs (8 or 9 digits that pass the 11-test), e-mail addresses, Dutch telephone numbers
 * or IBANs (by their mod 97). Random numbers pass the 11-test one time in eleven, so it takes
 * RM_PERSON_DISTINCT different cells, and with fewer there is no verdict. Names and dates of birth
 * cannot be told by content. RSIN, the number of a firm, is a BSN by its form. */
enum { RM_PERSON_ROWS = 1000, RM_PERSON_DISTINCT = 10 };
rm_person rm_person_by_content(const rm_column *column, int64_t rows);

/* RM_EDATA when a column of that name holds persons by it. `shown` is the source in the message. */
rm_status rm_person_check_name(const char *name, const char *shown, rm_error *err);
/* RM_EDATA when a column of these rows holds persons by content. No cell is quoted. */
rm_status rm_person_check_rows(const rm_table *table, const char *shown, rm_error *err);

#endif
