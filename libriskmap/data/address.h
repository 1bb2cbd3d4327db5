/* Dutch addresses: reading them as people write them, and finding them in an address layer. */
#ifndef RM_DATA_ADDRESS_H
#define RM_DATA_ADDRESS_H

#include "base/memory.h"

/* An address ready to be looked up. Suffixes are the letter and the addition joined, in capitals
 * and without separators ("12 a-2": number 12, suffix "A2"), packed so that shorter ones are less
 * and those of one length are in the order of their characters. Streets and places are 64-bit
 * hashes of their normal form, of which two may be taken for different. */
typedef struct rm_address {
    uint32_t postcode; /* packed; 0: none */
    int32_t number;    /* 1..99999; 0: none */
    uint64_t suffix;   /* packed; 0: none */
    uint64_t street, place;
    bool alone; /* the number alone counts: the first of several ("12 t/m 16"), or "t.o. 12" */
    bool opposite;
    bool range; /* "12-14": suffix 14 when there is such an address, otherwise the first of two */
} rm_address;

/* "7411 aa", "7411-AA" -> packed; 0 when it is none. */
uint32_t rm_postcode(const char *text, int64_t length);
/* Letters and digits alone, in capitals, without diacritics; "-", "n.v.t." and the like are none.
 * Past 12 characters it is a hash, which no text is given for ("?"). */
uint64_t rm_suffix(const char *text, int64_t length);
void rm_suffix_text(uint64_t suffix, char out[16]);
/* 0 when nothing is left. "Burg. v.d. Berg-laan", "BURGEMEESTER VAN DEN BERGLAAN" and "Burg v d
 * Bergln" are one street; "Den Bosch" and "'s-Hertogenbosch" one place. */
uint64_t rm_street(const char *text, int64_t length);
uint64_t rm_place(const char *text, int64_t length);

/* A text cell; {NULL, 0}: missing. */
typedef struct rm_address_cell {
    const char *text;
    int64_t length;
} rm_address_cell;

/* The cells of one row; any of them may be missing. number may hold a suffix too, street a number,
 * and line all of it: "Dorpsstraat 12a, 7411 AA Deventer". */
typedef struct rm_address_cells {
    rm_address_cell postcode, number, letter, addition, line, street, place;
} rm_address_cells;

/* Reads a line: "1e Dwarsstraat 3 hs", "Plein 1940-1945 7 II". Where it holds them, the street, the
 * postcode and the place are set too. False when there is no house number; street and the rest are
 * set all the same. */
bool rm_address_line(rm_address *out, const char *text, int64_t length);
/* The whole row: cells of their own win over what a line says. */
void rm_address_read(rm_address *out, const rm_address_cells *cells);
/* Whether there is enough to look for: a number, and a postcode or a street. */
bool rm_address_complete(const rm_address *address);

/* The addresses of a layer while they come in; one for each worker that brings some. */
typedef struct rm_address_row {
    uint64_t street, place, suffix;
    double x, y;
    uint32_t postcode;
    int32_t number;
} rm_address_row;
typedef struct rm_address_rows {
    rm_address_row *items;
    int64_t count, capacity;
} rm_address_rows;
/* Takes one in. False in *used (may be NULL) when it has no number, or neither postcode nor street
 * and place, or no finite point: it is then left out. */
rm_status rm_address_rows_add(rm_address_rows *rows, const rm_address *address, double x, double y,
                              bool *used, rm_error *err);
void rm_address_rows_clear(rm_address_rows *rows);

/* Finds addresses by postcode + number + suffix and by street + number + suffix + place, in some 45
 * bytes an address for the first and 25 for the second. Read-only once made; the same for any order
 * of the rows and any number of threads. */
typedef struct rm_address_index rm_address_index;
/* streets: by street too. Empties the rows as it goes, also on failure. */
rm_status rm_address_index_make(rm_address_index **out, rm_address_rows *rows, int32_t row_sets,
                                bool streets, int threads, rm_error *err);
void rm_address_index_free(rm_address_index *index);

typedef enum rm_address_verdict {
    RM_ADDRESS_EXACT,     /* postcode (or street and place), number and suffix: one address, or
                             several within 1 m of each other */
    RM_ADDRESS_NUMBER,    /* no such suffix; those with the number lie within 50 m of each other:
                             the one with the shortest, then smallest suffix */
    RM_ADDRESS_AMBIGUOUS, /* candidates lie further apart, or several places have such a street and
                             none is given: no point */
    RM_ADDRESS_UNKNOWN,   /* no such postcode and number */
    RM_ADDRESS_NONE       /* there is nothing to look for */
} rm_address_verdict;

typedef struct rm_address_match {
    rm_address_verdict verdict;
    int64_t candidates; /* of a number alone, or ambiguous: how many */
    double apart_m; /* the two furthest of them; of more than 512 the diagonal of their extent */
    double x, y;    /* NaN when there is no point */
} rm_address_match;

/* The postcode decides where there is one; without it the street does. Many at once hide the waits
 * for memory. */
void rm_address_find_all(rm_address_match *out, const rm_address_index *index,
                         const rm_address *addresses, int64_t count);

#endif
