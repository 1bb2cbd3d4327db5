/* Feeds bytes to the reader of delimited text: as a file, read by one cursor and by two, and in
 * memory, cut in two pieces at any place, where the records must be the same as in one piece and
 * those of a plain state machine. Links libriskmap_io.a, libriskmap_data.a, libriskmap_base.a,
 * GDAL, PROJ, SQLite and zlib; start it with corpus/delimited and -max_len=2048. */
#define _GNU_SOURCE
#include "io/open.h"
#include "io/text/csv_parse.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void need(bool condition)
{
    if (!condition)
        abort();
}

static char *padded(const uint8_t *data, size_t size)
{
    char *memory = calloc(1, size + RM_CSV_BEFORE + RM_CSV_BEHIND);
    need(memory != NULL);
    memset(memory, '\n', RM_CSV_BEFORE);
    memcpy(memory + RM_CSV_BEFORE, data, size);
    return memory;
}

/* Appends every cell of the complete records, and tells how many bytes those took. */
static int64_t scan_piece(rm_text *out, const uint8_t *data, size_t size, char delimiter)
{
    enum { ROOM = 3000 };
    static rm_csv_cell cells[ROOM];
    char *memory = padded(data, size);
    int64_t end, records, found = 0, count;
    bool beyond;
    rm_csv_scan scan;
    (void)rm_csv_cut(memory + RM_CSV_BEFORE, (int64_t)size, delimiter, &end, &records);
    need(end >= 0 && end <= (int64_t)size);
    rm_csv_start(&scan, memory + RM_CSV_BEFORE, end, delimiter);
    while (rm_csv_record(&scan, cells, ROOM, &count, &beyond)) {
        need(count >= 1 && count <= ROOM);
        for (int64_t i = 0; i < count; i++) {
            double value;
            rm_text_add(out, "<");
            if (cells[i].raw)
                rm_csv_unquote(out, &cells[i]);
            else
                rm_text_add_n(out, cells[i].at, cells[i].length);
            rm_text_add(out, ">");
            (void)rm_parse_number(cells[i].at, cells[i].length, &value);
        }
        rm_text_add(out, "\n");
        found++;
    }
    need(found == records);
    free(memory);
    return end;
}

/* The same text by the rules, a byte at a time. */
static void scan_plainly(rm_text *out, const uint8_t *data, int64_t end, char delimiter)
{
    int64_t at = 0;
    while (at < end) {
        if (data[at] == '\n' || (data[at] == '\r' && at + 1 < end && data[at + 1] == '\n')) {
            at += data[at] == '\r' ? 2 : 1;
            continue;
        }
        for (bool last = false; !last;) {
            bool quoted = data[at] == '"';
            rm_text cell = {0};
            at += quoted;
            for (; quoted || (data[at] != (uint8_t)delimiter && data[at] != '\n'); at++) {
                if (quoted && data[at] == '"' && !(at + 1 < end && data[at + 1] == '"')) {
                    quoted = false;
                    continue;
                }
                at += quoted && data[at] == '"';
                rm_text_add_n(&cell, (const char *)data + at, 1);
            }
            last = data[at++] == '\n';
            if (last && cell.length > 0 && data[at - 2] == '\r')
                cell.length--;
            rm_text_add(out, "<");
            rm_text_add_n(out, cell.data, cell.length);
            rm_text_add(out, ">");
            rm_text_clear(&cell);
        }
        rm_text_add(out, "\n");
    }
}

static void check_pieces(const uint8_t *data, size_t size, char delimiter, size_t split)
{
    rm_text whole = {0}, parts = {0}, plain = {0};
    int64_t end = scan_piece(&whole, data, size, delimiter);
    int64_t first = scan_piece(&parts, data, split, delimiter);
    need(first <= end);
    need(first + scan_piece(&parts, data + first, size - (size_t)first, delimiter) == end);
    scan_plainly(&plain, data, end, delimiter);
    need(whole.length == parts.length && whole.length == plain.length);
    need(whole.length == 0 || memcmp(whole.data, parts.data, (size_t)whole.length) == 0);
    need(whole.length == 0 || memcmp(whole.data, plain.data, (size_t)whole.length) == 0);
    rm_text_clear(&whole);
    rm_text_clear(&parts);
    rm_text_clear(&plain);
}

static void check_rows(const rm_layer *layer)
{
    const rm_rows *rows = &layer->rows;
    need(layer->provenance.total == rows->table.rows);
    need(rows->geometry.features == 0 || rows->geometry.features == rows->table.rows);
    for (int64_t i = 0; i < rows->table.rows; i++) {
        int64_t length;
        need(rows->ids[i] == i + 1);
        for (int32_t c = 0; c < rows->table.count; c++) {
            const char *text = rm_column_text(&rows->table.columns[c], i, &length);
            need(rm_utf8_valid(text, length) == length);
            need(length == 0 || !memchr(text, 0, (size_t)length));
        }
    }
    for (int64_t i = 0; i < rows->issues.count; i++)
        need(rows->issues.items[i].feature >= 1 &&
             rows->issues.items[i].feature <= rows->table.rows);
}

static void check_file(const char *path, const char *const *columns, int32_t count, bool geometry)
{
    rm_request request = {.source = path, .columns = columns, .column_count = count};
    request.geometry = geometry;
    request.threads = 2;
    rm_source *source = NULL;
    rm_layer *layer = NULL;
    rm_error err = {0};
    rm_status status = rm_open_delimited(&request, &source, &err);
    if (status == RM_OK)
        status = rm_source_collect(&layer, source, NULL, NULL, &err);
    if (status == RM_OK) {
        check_rows(layer);
    } else {
        int64_t length = (int64_t)strlen(err.message);
        need(length > 0 && rm_utf8_valid(err.message, length) == length);
        need(!strpbrk(err.message, "\n\r"));
    }
    rm_layer_free(layer);
    rm_source_free(source);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char delimiters[] = ";,\t|";
    static const char *const columns[] = {"a", "x"};
    const char *folder = getenv("TMPDIR");
    char path[512];
    rm_listing listing = {0};
    if (size < 2)
        return 0;
    check_pieces(data + 2, size - 2, delimiters[data[0] & 3], data[1] % (size - 1));
    snprintf(path, sizeof path, "%s/fuzz-delimited-%d.csv", folder ? folder : ".", (int)getpid());
    FILE *file = fopen(path, "wb");
    need(file && fwrite(data + 2, 1, size - 2, file) == size - 2 && fclose(file) == 0);
    check_file(path, columns, 2, true);
    check_file(path, columns, 1, false);
    if (rm_list(&listing, path, NULL) == RM_OK)
        rm_listing_clear(&listing);
    unlink(path);
    return 0;
}
