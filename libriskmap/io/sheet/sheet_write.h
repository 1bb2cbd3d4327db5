/* What the two kinds of list share. */
#ifndef RM_IO_SHEET_SHEET_WRITE_H
#define RM_IO_SHEET_SHEET_WRITE_H

#include "base/text.h"
#include "io/sheet/sheet.h"

typedef struct rm_sheet {
    const char *path, *temporary;
    const rm_field *fields;
    const int *decimals; /* NULL: as many as it takes */
    int32_t field_count;
    int64_t rows;
    rm_row_fn row;
    void *context;
    const char *const *notes;
    int32_t note_count;
    rm_cell *cells; /* [field_count], of the present row */
} rm_sheet;

rm_status rm_sheet_row(const rm_sheet *sheet, int64_t row, rm_error *err);
const char *rm_sheet_heading(const rm_sheet *sheet, int32_t field);
bool rm_sheet_missing(const rm_sheet *sheet, int32_t field);
int rm_sheet_decimals(const rm_sheet *sheet, int32_t field); /* -1: as many as it takes */
/* A whole number of more digits than a spreadsheet keeps, which has to be written as text. */
bool rm_sheet_too_long(int64_t number);
/* Appends text as sound UTF-8. */
void rm_sheet_add_clean(rm_text *out, const char *text);

/* Text on its way to a file, or on its way to being compared with what a file holds: the same code
 * makes it both times. */
typedef bool (*rm_sheet_sink_fn)(void *handle, const char *bytes, size_t size);
typedef struct rm_sheet_sink {
    rm_text text;
    rm_sheet_sink_fn transfer;
    void *handle;
    bool broken; /* a transfer failed; later ones do nothing */
} rm_sheet_sink;
void rm_sheet_sink_drain(rm_sheet_sink *sink,
                         bool all); /* hands on what is there, when it is worth it or all */
/* RM_EIO when a transfer failed, RM_ENOMEM when there was no memory; frees the text. */
rm_status rm_sheet_sink_close(rm_sheet_sink *sink, const char *path, bool reading, rm_error *err);

rm_status rm_sheet_write_csv(const rm_sheet *sheet, rm_error *err);
rm_status rm_sheet_check_csv(const rm_sheet *sheet, rm_error *err);
rm_status rm_sheet_write_xlsx(const rm_sheet *sheet, rm_error *err);
rm_status rm_sheet_check_xlsx(const rm_sheet *sheet, rm_error *err);

#endif
