/* The list as delimited text, as a Dutch spreadsheet expects it. */
#include "base/date.h"
#include "io/sheet/sheet_write.h"

#include <stdio.h>
#include <string.h>

/* Nothing but digits and what belongs to numbers, dates, times and percentages. */
static bool looks_numeric(const char *text)
{
    text += *text == '+' || *text == '-';
    return *text >= '0' && *text <= '9' && text[strspn(text, "0123456789.,:/-eE%")] == '\0';
}

/* A spreadsheet would make another value of it: 0153 becomes 153, 12-2 a day in February, 12E5 a
 * million, and of 0153100000212345 the last digits become zeros. A short whole number stays itself.
 */
static bool would_change(const char *text)
{
    size_t digits = strspn(text, "0123456789");
    return looks_numeric(text) &&
           (text[digits] != '\0' || digits >= 10 || (text[0] == '0' && digits > 1));
}

/* OWASP, "CSV injection": the characters with which a cell is taken for a formula. */
static bool would_run(const char *text)
{
    return *text != '\0' && strchr("=+-@\t\r", *text) != NULL;
}

static void add_quoted(rm_text *out, const char *text)
{
    size_t length = strlen(text);
    bool quote = length > 0 &&
                 (strpbrk(text, ";\"\r\n") != NULL || text[0] == ' ' || text[length - 1] == ' ');
    if (!quote) {
        rm_text_add_n(out, text, (int64_t)length);
        return;
    }
    rm_text_add(out, "\"");
    for (const char *rest = text; *rest;) {
        size_t plain = strcspn(rest, "\"");
        rm_text_add_n(out, rest, (int64_t)plain);
        rest += plain;
        if (*rest) {
            rm_text_add(out, "\"\"");
            rest++;
        }
    }
    rm_text_add(out, "\"");
}

/* ="0153" is the one form that a spreadsheet shows as the text 0153; its content is digits and
 * signs alone, so nothing can hide in it. The others get an apostrophe. */
static void add_text(rm_text *out, const char *text)
{
    rm_text cell = {0};
    bool changed = would_change(text);
    if (changed)
        rm_text_add(&cell, "=\"");
    else if (would_run(text))
        rm_text_add(&cell, "'");
    rm_sheet_add_clean(&cell, text);
    if (changed)
        rm_text_add(&cell, "\"");
    if (cell.data)
        add_quoted(out, cell.data);
    out->failed |= cell.failed;
    rm_text_clear(&cell);
}

static void add_number(rm_text *out, double value, int decimals)
{
    char buffer[400]; /* 309 digits before the comma, 9 behind it */
    if (decimals >= 0) {
        (void)rm_format_fixed(buffer, sizeof buffer, value, decimals, true);
        /* -0,00 is 0,00 */
        bool zero = buffer[strspn(buffer, "-0,")] == '\0';
        rm_text_add(out, zero && buffer[0] == '-' ? buffer + 1 : buffer);
        return;
    }
    int64_t before = out->length;
    rm_text_add_double(out, value);
    char *point = out->failed ? NULL : strchr(out->data + before, '.');
    if (point)
        *point = ',';
}

static void add_date(rm_text *out, int64_t date)
{
    int32_t year, month, day;
    rm_date_to_civil((int32_t)date, &year, &month, &day);
    rm_text_addf(out, "%02d-%02d-%04d", (int)day, (int)month, (int)year);
}

static void add_datetime(rm_text *out, int64_t ms)
{
    int64_t days = ms / 86400000, rest = ms % 86400000;
    if (rest < 0) {
        rest += 86400000;
        days--;
    }
    add_date(out, days);
    rm_text_addf(out, " %02d:%02d:%02d", (int)(rest / 3600000), (int)(rest / 60000 % 60),
                 (int)(rest / 1000 % 60));
}

static void add_cell(const rm_sheet *sheet, int32_t field, rm_text *out)
{
    const rm_cell *cell = &sheet->cells[field];
    if (rm_sheet_missing(sheet, field))
        return;
    switch (sheet->fields[field].type) {
    case RM_INT64:
        if (rm_sheet_too_long(cell->i64))
            rm_text_addf(out, "\"=\"\"%lld\"\"\"", (long long)cell->i64);
        else
            rm_text_addf(out, "%lld", (long long)cell->i64);
        break;
    case RM_FLOAT64:
        add_number(out, cell->f64, rm_sheet_decimals(sheet, field));
        break;
    case RM_TEXT:
        add_text(out, cell->text);
        break;
    case RM_DATE:
        add_date(out, cell->i64);
        break;
    case RM_DATETIME:
        add_datetime(out, cell->i64);
        break;
    }
}

static rm_status make(const rm_sheet *sheet, rm_sheet_sink *sink, rm_error *err)
{
    rm_text_add(&sink->text, "\xEF\xBB\xBF");
    for (int32_t f = 0; f < sheet->field_count; f++) {
        rm_text_add(&sink->text, f ? ";" : "");
        add_text(&sink->text, rm_sheet_heading(sheet, f));
    }
    rm_text_add(&sink->text, "\r\n");
    for (int64_t row = 0; row < sheet->rows && !sink->broken && !sink->text.failed; row++) {
        RM_TRY(rm_sheet_row(sheet, row, err));
        for (int32_t f = 0; f < sheet->field_count; f++) {
            rm_text_add(&sink->text, f ? ";" : "");
            add_cell(sheet, f, &sink->text);
        }
        rm_text_add(&sink->text, "\r\n");
        rm_sheet_sink_drain(sink, false);
    }
    for (int32_t n = 0; n < sheet->note_count; n++) {
        rm_text_add(&sink->text, n ? "" : "\r\n");
        add_text(&sink->text, sheet->notes[n]);
        rm_text_add(&sink->text, "\r\n");
    }
    return RM_OK;
}

static bool put(void *handle, const char *bytes, size_t size)
{
    return fwrite(bytes, 1, size, handle) == size;
}

static bool compare(void *handle, const char *bytes, size_t size)
{
    char buffer[4096];
    while (size > 0) {
        size_t part = size < sizeof buffer ? size : sizeof buffer;
        if (fread(buffer, 1, part, handle) != part || memcmp(buffer, bytes, part) != 0)
            return false;
        bytes += part;
        size -= part;
    }
    return true;
}

static rm_status pass(const rm_sheet *sheet, bool reading, rm_error *err)
{
    FILE *file = fopen(sheet->temporary, reading ? "rb" : "wb");
    if (!file)
        return rm_fail(err, RM_EIO, "cannot %s %s", reading ? "read back" : "write", sheet->path);
    rm_sheet_sink sink = {.transfer = reading ? compare : put, .handle = file};
    rm_status made = make(sheet, &sink, err);
    rm_sheet_sink_drain(&sink, true);
    if (reading)
        sink.broken |= fgetc(file) != EOF;
    sink.broken |= fclose(file) != 0; /* the last write happens here */
    if (made != RM_OK) {
        rm_text_clear(&sink.text);
        return made;
    }
    return rm_sheet_sink_close(&sink, sheet->path, reading, err);
}

rm_status rm_sheet_write_csv(const rm_sheet *sheet, rm_error *err)
{
    return pass(sheet, false, err);
}

rm_status rm_sheet_check_csv(const rm_sheet *sheet, rm_error *err)
{
    return pass(sheet, true, err);
}
