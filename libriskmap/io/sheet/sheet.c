/* A list as a file: which kind, under a temporary name, checked, and then under its own. */
#include "base/file.h"
#include "io/sheet/sheet_write.h"

#include <math.h>
#include <string.h>

enum { SINK_SIZE = 65536 };

rm_status rm_sheet_row(const rm_sheet *sheet, int64_t row, rm_error *err)
{
    memset(sheet->cells, 0, (size_t)sheet->field_count * sizeof *sheet->cells);
    RM_TRY(sheet->row(sheet->context, row, sheet->cells, err));
    for (int32_t f = 0; f < sheet->field_count; f++) {
        if (sheet->fields[f].type == RM_FLOAT64 && !sheet->cells[f].missing &&
            isinf(sheet->cells[f].f64))
            return rm_fail_row(err, RM_EINVAL, row,
                               "cannot write %s: \"%s\" of row %lld is infinite", sheet->path,
                               sheet->fields[f].name, (long long)row);
    }
    return RM_OK;
}

const char *rm_sheet_heading(const rm_sheet *sheet, int32_t field)
{
    return sheet->fields[field].title ? sheet->fields[field].title : sheet->fields[field].name;
}

bool rm_sheet_missing(const rm_sheet *sheet, int32_t field)
{
    const rm_cell *cell = &sheet->cells[field];
    if (cell->missing)
        return true;
    switch (sheet->fields[field].type) {
    case RM_FLOAT64:
        return isnan(cell->f64);
    case RM_TEXT:
        return !cell->text || cell->text[0] == '\0';
    case RM_DATE:
        return cell->i64 <= INT32_MIN || cell->i64 > INT32_MAX;
    case RM_DATETIME:
        return cell->i64 / 86400000 <= INT32_MIN || cell->i64 / 86400000 >= INT32_MAX;
    case RM_INT64:
        break;
    }
    return false;
}

int rm_sheet_decimals(const rm_sheet *sheet, int32_t field)
{
    int decimals = sheet->decimals ? sheet->decimals[field] : -1;
    return decimals > 9 ? 9 : decimals;
}

bool rm_sheet_too_long(int64_t number)
{
    return number > INT64_C(999999999999999) || number < -INT64_C(999999999999999);
}

void rm_sheet_add_clean(rm_text *out, const char *text)
{
    int64_t length = (int64_t)strlen(text);
    while (length > 0) {
        int64_t valid = rm_utf8_valid(text, length);
        rm_text_add_n(out, text, valid);
        if (valid < length) {
            rm_text_add(out, "\xEF\xBF\xBD");
            valid++;
        }
        text += valid;
        length -= valid;
    }
}

void rm_sheet_sink_drain(rm_sheet_sink *sink, bool all)
{
    if (sink->text.failed || sink->text.length == 0 || (!all && sink->text.length < SINK_SIZE))
        return;
    sink->broken |= !sink->transfer(sink->handle, sink->text.data, (size_t)sink->text.length);
    sink->text.length = 0;
}

rm_status rm_sheet_sink_close(rm_sheet_sink *sink, const char *path, bool reading, rm_error *err)
{
    rm_sheet_sink_drain(sink, true);
    rm_status status = rm_text_status(&sink->text, err);
    rm_text_clear(&sink->text);
    if (status != RM_OK || !sink->broken)
        return status;
    if (reading)
        return rm_fail(
            err, RM_EIO,
            "%s was written, but reading it back gives something else; is the disk sound?", path);
    return rm_fail(err, RM_EIO, "cannot write %s: the system refused a write; is the disk full?",
                   path);
}

static rm_status write_checked(const rm_sheet *sheet, rm_error *err)
{
    if (rm_text_equal_nocase(strrchr(sheet->path, '.'), ".csv")) {
        RM_TRY(rm_sheet_write_csv(sheet, err));
        return rm_sheet_check_csv(sheet, err);
    }
    RM_TRY(rm_sheet_write_xlsx(sheet, err));
    return rm_sheet_check_xlsx(sheet, err);
}

rm_status rm_sheet_check_target(const char *path, bool overwrite, rm_error *err)
{
    static const rm_file_kind list = {"a list", {".csv", ".xlsx"}};
    return rm_file_check_target(path, &list, overwrite, err);
}

rm_status rm_sheet_write(const char *path, bool overwrite, bool shielded, const rm_field *fields,
                         const int *decimals, int32_t field_count, int64_t rows, rm_row_fn row,
                         void *context, const char *const *notes, int32_t note_count, rm_error *err)
{
    rm_sheet sheet = {.path = path,
                      .fields = fields,
                      .decimals = decimals,
                      .field_count = field_count,
                      .rows = rows,
                      .row = row,
                      .context = context,
                      .notes = notes,
                      .note_count = note_count};
    char *temporary = NULL;

    RM_TRY(rm_sheet_check_target(path, overwrite, err));
    RM_TRY(RM_NEW(&sheet.cells, field_count, err));
    rm_status status = rm_file_temporary(&temporary, path, err);
    sheet.temporary = temporary;
    if (status == RM_OK)
        status = write_checked(&sheet, err);
    if (status == RM_OK)
        status = rm_file_publish(temporary, path, overwrite, shielded, err);
    if (status != RM_OK)
        rm_file_remove(temporary);
    rm_release(temporary);
    rm_release(sheet.cells);
    return status;
}
