#include "io/text/delimited_head.h"

#include <string.h>

static rm_status check_kind(const char *text, int64_t size, const char *shown, rm_error *err)
{
    static const struct {
        const char *begin, *what;
        size_t length;
    } others[] = {{"PK\3\4", "a zip file or workbook", 4},
                  {"\xD0\xCF\x11\xE0", "an old workbook (.xls)", 4},
                  {"SQLite format 3", "a GeoPackage or SQLite database", 15},
                  {"%PDF-", "a PDF document", 5},
                  {"{\\rtf", "a text with layout (RTF)", 5}};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        if ((size_t)size >= others[i].length &&
            memcmp(text, others[i].begin, others[i].length) == 0)
            return rm_fail(err, RM_EFORMAT,
                           "%s is %s, not delimited text; save it as CSV UTF-8 or give it the "
                           "right ending",
                           shown, others[i].what);
    while (size > 0 && strchr(" \t\r\n", *text)) {
        text++;
        size--;
    }
    bool marked = size >= 2 && text[0] == '<' &&
                  (text[1] == '!' || text[1] == '?' || memcmp(text, "<h", 2) == 0);
    if (marked)
        return rm_fail(err, RM_EFORMAT,
                       "%s is a web page or XML, not delimited text; save it as CSV UTF-8", shown);
    return RM_OK;
}

/* "sep=;" in the first line, as spreadsheets write and read it. */
static int64_t separator_line(const char *text, int64_t size, char *delimiter)
{
    if (size < 6 || (memcmp(text, "sep=", 4) != 0 && memcmp(text, "SEP=", 4) != 0))
        return 0;
    int64_t end = 5;
    if (text[end] == '\r')
        end++;
    if (end >= size || text[end] != '\n' || !strchr(";,|\t", text[4]))
        return 0;
    *delimiter = text[4];
    return end + 1;
}

static rm_status add_name(rm_csv_head *head, const rm_csv_cell *cell, int64_t *capacity,
                          rm_error *err)
{
    rm_text raw = {0}, name = {0};
    if (cell->raw)
        rm_csv_unquote(&raw, cell);
    else
        rm_text_add_n(&raw, cell->at, cell->length);
    const char *at = raw.data;
    int64_t length = raw.length;
    while (length > 0 && (*at == ' ' || *at == '\t')) {
        at++;
        length--;
    }
    while (length > 0 && (at[length - 1] == ' ' || at[length - 1] == '\t'))
        length--;
    if (length > 0)
        (void)rm_csv_decode(&name, at, length);
    rm_status status = rm_text_status(&raw, err);
    if (status == RM_OK)
        status = rm_text_status(&name, err);
    if (status == RM_OK)
        status = RM_GROW(&head->names, capacity, (int64_t)head->count + 1, err);
    if (status == RM_OK)
        status = rm_copy_text(&head->names[head->count], name.data ? name.data : "", err);
    if (status == RM_OK)
        head->count++;
    rm_text_clear(&raw);
    rm_text_clear(&name);
    return status;
}

/* A first line of numbers alone names nothing. */
static bool all_numbers(const rm_csv_head *head)
{
    double value;
    for (int32_t i = 0; i < head->count; i++)
        if (!rm_parse_number(head->names[i], (int64_t)strlen(head->names[i]), &value))
            return false;
    return head->count > 0;
}

static rm_status read_names(rm_csv_head *head, const char *text, int64_t size, const char *shown,
                            rm_error *err)
{
    enum { MOST_COLUMNS = 4096 };
    rm_csv_cell *cells = NULL;
    rm_csv_scan scan;
    int64_t count = 0, capacity = 0;
    bool beyond;
    RM_TRY(RM_NEW(&cells, MOST_COLUMNS, err));
    rm_csv_start(&scan, text, size, head->delimiter);
    rm_status status = RM_OK;
    if (!rm_csv_record(&scan, cells, MOST_COLUMNS, &count, &beyond))
        status =
            rm_fail(err, RM_EFORMAT, "%s is empty; its first line must name the columns", shown);
    else if (count > MOST_COLUMNS)
        status = rm_fail(err, RM_EFORMAT, "%s has %lld columns; at most %d are read", shown,
                         (long long)count, MOST_COLUMNS);
    for (int64_t i = 0; status == RM_OK && i < count; i++)
        status = add_name(head, &cells[i], &capacity, err);
    head->size += scan.at;
    rm_release(cells);
    if (status == RM_OK && all_numbers(head))
        status = rm_fail(err, RM_EFORMAT,
                         "%s begins with numbers; its first line must name the columns", shown);
    return status;
}

rm_status rm_csv_head_read(rm_csv_head *out, const char *text, int64_t size, bool whole,
                           const char *shown, rm_error *err)
{
    rm_csv_head head = {0};

    if (size >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0)
        head.size = 3;
    RM_TRY(check_kind(text + head.size, size - head.size, shown, err));
    int64_t separator = separator_line(text + head.size, size - head.size, &head.delimiter);
    head.size += separator;
    if (separator == 0)
        head.delimiter = rm_csv_delimiter(text + head.size, size - head.size);
    /* on a copy, because what stands before the names is to look like the begin of a line */
    char *copy = NULL;
    int64_t length = size - head.size, end = 0, records = 0;
    RM_TRY(RM_NEW_ZERO(&copy, length + 1 + RM_CSV_BEFORE + RM_CSV_BEHIND, err));
    memset(copy, '\n', RM_CSV_BEFORE);
    memcpy(copy + RM_CSV_BEFORE, text + head.size, (size_t)length);
    if (whole && length > 0)
        copy[RM_CSV_BEFORE + length++] = '\n';
    (void)rm_csv_cut(copy + RM_CSV_BEFORE, length, head.delimiter, &end, &records);
    rm_status status = RM_OK;
    if (end == 0 && length > 0)
        status = rm_fail(err, RM_EFORMAT,
                         "%s: the first line, which must name the columns, does not end", shown);
    if (status == RM_OK)
        status = read_names(&head, copy + RM_CSV_BEFORE, end, shown, err);
    rm_release(copy);
    if (head.size > size)
        head.size = size;
    if (status != RM_OK)
        rm_csv_head_clear(&head);
    else
        *out = head;
    return status;
}

void rm_csv_head_clear(rm_csv_head *head)
{
    for (int32_t i = 0; i < head->count; i++)
        rm_release(head->names[i]);
    rm_release(head->names);
    *head = (rm_csv_head){0};
}

static rm_status add_cell(rm_column *column, int64_t row, const rm_csv_cell *cell, rm_text *raw,
                          rm_text *decoded, rm_error *err)
{
    raw->length = decoded->length = 0;
    if (cell->raw)
        rm_csv_unquote(raw, cell);
    else
        rm_text_add_n(raw, cell->at, cell->length);
    if (raw->length == 0)
        return rm_column_add_missing(column, row, err);
    (void)rm_csv_decode(decoded, raw->data, raw->length);
    RM_TRY(rm_text_status(raw, err));
    RM_TRY(rm_text_status(decoded, err));
    return rm_column_add_text(column, row, decoded->data, decoded->length, err);
}

static rm_status add_records(rm_table *out, rm_csv_scan *scan, rm_csv_cell *cells,
                             const bool *wanted, rm_error *err)
{
    rm_text raw = {0}, decoded = {0};
    rm_status status = RM_OK;
    int64_t count;
    bool beyond;
    while (status == RM_OK && rm_csv_record(scan, cells, out->count, &count, &beyond)) {
        if (beyond)
            continue;
        for (int32_t c = 0; status == RM_OK && c < out->count; c++)
            status = c < count && wanted[c]
                         ? add_cell(&out->columns[c], out->rows, &cells[c], &raw, &decoded, err)
                         : rm_column_add_missing(&out->columns[c], out->rows, err);
        if (status == RM_OK)
            out->rows++;
    }
    rm_text_clear(&raw);
    rm_text_clear(&decoded);
    return status;
}

rm_status rm_csv_sample(rm_table *out, const rm_csv_head *head, const char *text, int64_t size,
                        const bool *wanted, rm_error *err)
{
    rm_table sample = {0};
    rm_csv_cell *cells = NULL;
    rm_csv_scan scan;
    int64_t end, records;
    (void)rm_csv_cut(text, size, head->delimiter, &end, &records);
    rm_csv_start(&scan, text, end, head->delimiter);
    rm_status status = RM_NEW(&cells, head->count, err);
    for (int32_t i = 0; status == RM_OK && i < head->count; i++)
        status = rm_table_add_column(&sample, head->names[i], RM_TEXT, err);
    if (status == RM_OK)
        status = add_records(&sample, &scan, cells, wanted, err);
    rm_release(cells);
    if (status == RM_OK)
        *out = sample;
    else
        rm_table_clear(&sample);
    return status;
}
