/* A list for a meeting, as CSV or XLSX. */
#ifndef RM_IO_SHEET_SHEET_H
#define RM_IO_SHEET_SHEET_H

#include "io/gpkg/geopackage.h"

/* By the ending of path. The titles of the fields are the headings. decimals: per field, for reals;
 * -1 (or decimals = NULL): as many as it takes. `notes` lines come below the table, after an empty
 * one.
 *
 * .csv: UTF-8 with BOM, semicolons, decimal comma, dates as dd-mm-jjjj, lines end in CR LF, quoted
 * where needed. A text that a spreadsheet would turn into another number or a date (0153, 12-2,
 * 12E5, ten digits and more) is written as ="0153", which it shows as the text 0153; one that it
 * would run (begins with = + - @, tab, CR) gets an apostrophe. Whole numbers of over 15 digits are
 * written as ids are.
 * .xlsx: bold headings that stay in sight, a filter, widths; text stays text (at most 32767 bytes
 * of it), numbers are numbers with their decimals, dates are dates.
 *
 * Temporary file, read back and compared, renamed: row is called for every row again, and must give
 * the same. On failure nothing is left behind. RM_EINVAL for another ending, a folder, an infinite
 * real; RM_EEXISTS; RM_ELIMIT for more rows than a workbook holds; RM_EIO. */
rm_status rm_sheet_write(const char *path, bool overwrite, bool shielded, const rm_field *fields,
                         const int *decimals, int32_t field_count, int64_t rows, rm_row_fn row,
                         void *context, const char *const *notes, int32_t note_count,
                         rm_error *err);
/* What rm_sheet_write would refuse of a path, before there is anything to write. */
rm_status rm_sheet_check_target(const char *path, bool overwrite, rm_error *err);

#endif
