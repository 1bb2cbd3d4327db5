/* The first lines of a delimited text file: what its columns are and what stands in them. */
#ifndef RM_IO_TEXT_DELIMITED_HEAD_H
#define RM_IO_TEXT_DELIMITED_HEAD_H

#include "io/reader.h"
#include "io/text/csv_parse.h"

typedef struct rm_csv_head {
    char delimiter;
    char **names; /* as they stand there, without blanks around them */
    int32_t count;
    int64_t size; /* where the data rows begin */
} rm_csv_head;

/* Reads the head of a file. text: its first bytes, RM_CSV_BEFORE and RM_CSV_BEHIND readable around
 * them; whole: there are no more. RM_EFORMAT tells what it is instead of delimited text. */
rm_status rm_csv_head_read(rm_csv_head *out, const char *text, int64_t size, bool whole,
                           const char *shown, rm_error *err);
void rm_csv_head_clear(rm_csv_head *head);

/* The complete records of a text behind the head, as a table of text with all columns, of which
 * only those wanted are filled; records with more cells than the head are left out. RM_CSV_BEFORE
 * and RM_CSV_BEHIND as above. */
rm_status rm_csv_sample(rm_table *out, const rm_csv_head *head, const char *text, int64_t size,
                        const bool *wanted, rm_error *err);

#endif
