/* A list for a meeting, as CSV or XLSX. */
#ifndef RM_IO_SHEET_H
#define RM_IO_SHEET_H

#include "io/geopackage.h"

/* By the ending of path. .csv: UTF-8 with BOM, semicolons, decimal comma, quoted where needed; a text
 * cell that a spreadsheet would run (= + - @) or would turn into a rounded number (ten digits and
 * more) is written so that it stays text. .xlsx: through GDAL; text stays text, numbers are numbers.
 * The titles of the fields are the headings. `notes` lines come below the table. decimals: per field,
 * for reals. Temporary file, read back and checked, renamed. */
rm_status rm_sheet_write(const char *path, bool overwrite, bool shielded, const rm_field *fields,
                         const int *decimals, int32_t field_count, int64_t rows, rm_row_fn row,
                         void *context, const char *const *notes, int32_t note_count, rm_error *err);

#endif
