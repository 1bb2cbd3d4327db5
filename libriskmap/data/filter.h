/* `where`: a fixed subset of SQL's WHERE, with the same meaning whatever the source.
 *   expr    = and { OR and } ;  and = not { AND not } ;  not = [NOT] primary
 *   primary = "(" expr ")" | field test
 *   test    = ( = | <> | != | < | <= | > | >= ) literal | [NOT] IN "(" literal {"," literal} ")"
 *           | [NOT] BETWEEN literal AND literal | [NOT] LIKE 'pattern' | IS [NOT] NULL
 * A field is a bare name, points between its parts allowed, or "quoted"; a literal is 'text' (''
 * for a quote) or a number. Keywords in any case; text compares by bytes, case-sensitive; in LIKE %
 * is any text and _ one character. NULL follows SQL's three values: a row passes only when the
 * whole is true. A number compared with a text column reads the text as a number (no number: NULL);
 * a text compared with a numeric column is an error. A date column compares with a text that is a
 * date without a time, and so does a date with a time, by its day. Whole numbers compare exactly,
 * also beyond 2^53. At most 64 brackets inside one another and 256 fields. Errors are RM_EMODEL
 * unless stated. */
#ifndef RM_DATA_FILTER_H
#define RM_DATA_FILTER_H

#include "data/table.h"

typedef struct rm_filter rm_filter;

/* The error names the position and what was expected there: "character 8: expected ...". */
rm_status rm_filter_parse(rm_filter **out, const char *text, rm_error *err);
/* The fields it uses, each once. */
int32_t rm_filter_field_count(const rm_filter *filter);
const char *rm_filter_field(const rm_filter *filter, int32_t index);
/* Checks fields and literals against the columns of a table (rows not needed): a field that does
 * not exist is RM_ENOTFOUND with the nearest name that does. */
rm_status rm_filter_check(const rm_filter *filter, const rm_table *columns, rm_error *err);
/* mask[row] = 1 when the row passes, else 0. */
rm_status rm_filter_apply(const rm_filter *filter, const rm_table *table, uint8_t *mask,
                          rm_error *err);
void rm_filter_free(rm_filter *filter);

#endif
