/* Delimited text in memory: which dialect it is, where records end, which cells they have. A quote
 * opens a cell only as its first byte; "" inside stands for one; what follows the closing quote up
 * to the delimiter belongs to the cell. Records without a byte in them are no records. */
#ifndef RM_IO_TEXT_CSV_PARSE_H
#define RM_IO_TEXT_CSV_PARSE_H

#include "base/text.h"

/* Bytes that must be readable before and behind the text of rm_csv_cut and rm_csv_scan; the two
 * before it are '\n'. */
enum { RM_CSV_BEFORE = 2, RM_CSV_BEHIND = 64 };

/* The delimiter among ; tab | , by how evenly it divides the first lines; ';' when
 * none is there. */
char rm_csv_delimiter(const char *text, int64_t size);

/* Finds where the last complete record ends (0: there is none) and how many there are. The text
 * begins at the begin of a record. False when a quote is still open at the end of the text. */
bool rm_csv_cut(const char *text, int64_t size, char delimiter, int64_t *end, int64_t *records);

typedef struct rm_csv_cell {
    const char *at;
    int64_t length;
    bool raw; /* with its quotes still: rm_csv_unquote takes them off */
} rm_csv_cell;

typedef struct rm_csv_scan {
    const char *text;
    int64_t size, at; /* at: the begin of the next record */
    int64_t block;    /* where the 64 bytes begin that mask is about */
    uint64_t mask;    /* delimiters, quotes and newlines in them, not yet passed */
    char delimiter;
} rm_csv_scan;

/* The text holds complete records alone, as rm_csv_cut found them. */
void rm_csv_start(rm_csv_scan *scan, const char *text, int64_t size, char delimiter);
/* The next record: fills the first `room` cells and counts all; *beyond: one past `room` has
 * content. False at the end. */
bool rm_csv_record(rm_csv_scan *scan, rm_csv_cell *cells, int64_t room, int64_t *count,
                   bool *beyond);
/* Appends the content of a raw cell. */
void rm_csv_unquote(rm_text *out, const rm_csv_cell *cell);

/* Appends text as UTF-8: as it is when it is valid, else from Windows-1252. False when a byte is
 * neither (a NUL, or one of the five that Windows-1252 lacks), which becomes U+FFFD. */
bool rm_csv_decode(rm_text *out, const char *text, int64_t length);

#endif
