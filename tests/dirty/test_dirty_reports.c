/* Dirty reports as they come: every row of reports.csv, in the file of files.csv that it belongs
 * to, with the place, date and verdict that it must get; every file of malformed.csv with what must
 * be said of it. In the tables \n, \r, \t, \\ and \xHH stand for bytes. */
#define _GNU_SOURCE
#include "base/date.h"
#include "base/text.h"
#include "io/open.h"

#include <locale.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <cpl_conv.h>
#include <cpl_vsi.h>
#include <gdal.h>
#include <ogr_api.h>
#include <zlib.h>

#include "scratch.h"

static rm_error err;

/* ---- the tables ---- */

static rm_layer *read_table(const char *name, const char *const *columns, int32_t count)
{
    char path[1024];
    snprintf(path, sizeof path, "%s/%s", getenv("RISKMAP_DIRTY"), name);
    rm_request request = {.source = path, .columns = columns, .column_count = count};
    rm_source *source = NULL;
    rm_layer *layer = NULL;
    if (rm_open(NULL, &request, &source, &err) != RM_OK ||
        rm_source_collect(&layer, source, NULL, NULL, &err) != RM_OK)
        fail_msg("%s", err.message);
    rm_source_free(source);
    return layer;
}

/* A cell as a string, "" when it is missing. Of the last few calls. */
static const char *cell(const rm_layer *layer, int32_t column, int64_t row)
{
    static char kept[16][2048];
    static int next;
    char *out = kept[next++ % 16];
    const rm_column *c = &layer->rows.table.columns[column];
    int64_t length = 0;
    const char *text = rm_column_missing(c, row) ? "" : rm_column_text(c, row, &length);
    snprintf(out, sizeof kept[0], "%.*s", (int)length, text);
    return out;
}

static int hex(char c)
{
    return c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
}

static void add_escaped(rm_text *out, const char *text)
{
    for (; *text; text++) {
        char byte = *text;
        if (byte == '\\') {
            switch (*++text) {
            case 'n':
                byte = '\n';
                break;
            case 'r':
                byte = '\r';
                break;
            case 't':
                byte = '\t';
                break;
            case 'x':
                byte = (char)(hex(text[1]) * 16 + hex(text[2]));
                text += 2;
                break;
            default:
                byte = *text;
            }
        }
        rm_text_add_n(out, &byte, 1);
    }
}

static void write_bytes(const char *path, const char *bytes, int64_t size)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, (size_t)size, file), size);
    assert_int_equal(fclose(file), 0);
}

/* ---- the files of reports ---- */

enum { FILE_NAME, HEADER, ENCODING, CRS, TARGET, DATE_COLUMN, ADDRESS, SAYS, FILE_COLUMNS };
static const char *const file_columns[] = {"file",   "header", "encoding", "crs",
                                           "target", "date",   "address",  "says"};
enum { OF_FILE, ROW, PLACE, DATE, VERDICT, WHY, ROW_COLUMNS };
static const char *const row_columns[] = {"file", "row", "place", "date", "verdict", "why"};

static uint32_t next_code(const char **at)
{
    const unsigned char *p = (const unsigned char *)*at;
    int more = p[0] < 0x80 ? 0 : p[0] < 0xe0 ? 1 : p[0] < 0xf0 ? 2 : 3;
    uint32_t code = more == 0 ? p[0] : p[0] & (0x3fU >> more);
    for (int i = 1; i <= more; i++)
        code = code << 6 | (p[i] & 0x3f);
    *at += more + 1;
    return code;
}

static void add_unit(rm_text *out, uint32_t unit, bool big)
{
    char bytes[2] = {(char)(big ? unit >> 8 : unit & 0xff), (char)(big ? unit & 0xff : unit >> 8)};
    rm_text_add_n(out, bytes, 2);
}

static void add_encoded(rm_text *out, const rm_text *text, const char *encoding)
{
    bool big = strcmp(encoding, "utf-16be") == 0, wide = big || strcmp(encoding, "utf-16le") == 0;
    if (strcmp(encoding, "bom") == 0)
        rm_text_add(out, "\xEF\xBB\xBF");
    if (wide)
        add_unit(out, 0xfeff, big);
    for (const char *at = text->data, *end = at + text->length; at < end;) {
        const char *begin = at;
        uint32_t code = next_code(&at);
        char byte = (char)(code == 0x20ac ? 0x80 : code);
        if (wide && code >= 0x10000) {
            add_unit(out, 0xd800 + ((code - 0x10000) >> 10), big);
            add_unit(out, 0xdc00 + ((code - 0x10000) & 0x3ff), big);
        } else if (wide) {
            add_unit(out, code, big);
        } else if (strcmp(encoding, "windows-1252") == 0) {
            rm_text_add_n(out, &byte, 1);
        } else if (code == '\n' && strcmp(encoding, "mac") == 0) {
            rm_text_add(out, "\r");
        } else if (code == '\n' && strcmp(encoding, "crlf") == 0) {
            rm_text_add(out, "\r\n");
        } else {
            rm_text_add_n(out, begin, at - begin);
        }
    }
    assert_int_equal(rm_text_status(out, &err), RM_OK);
}

typedef struct one_file {
    const rm_layer *files, *reports;
    int64_t file;      /* its row in files */
    int64_t rows[200]; /* its rows in reports */
    int64_t count;
} one_file;

static void find_rows(one_file *f)
{
    f->count = 0;
    for (int64_t i = 0; i < f->reports->rows.table.rows; i++) {
        if (strcmp(cell(f->reports, OF_FILE, i), cell(f->files, FILE_NAME, f->file)) != 0)
            continue;
        assert_true(f->count < 200);
        f->rows[f->count++] = i;
    }
    assert_true(f->count > 0);
}

static void write_reports(const one_file *f, const char *path)
{
    rm_text plain = {0}, bytes = {0};
    add_escaped(&plain, cell(f->files, HEADER, f->file));
    for (int64_t i = 0; i < f->count; i++) {
        rm_text_add(&plain, "\n");
        add_escaped(&plain, cell(f->reports, ROW, f->rows[i]));
    }
    rm_text_add(&plain, "\n");
    add_encoded(&bytes, &plain, cell(f->files, ENCODING, f->file));
    write_bytes(path, bytes.data, bytes.length);
    rm_text_clear(&plain);
    rm_text_clear(&bytes);
}

/* What was found out about a row: its verdict, in the words of the table. */
static const char *verdict_of(const rm_layer *layer, int64_t row, bool address)
{
    static const struct {
        int32_t code;
        const char *verdict;
    } verdicts[] = {{RM_ISSUE_NO_COORDINATE, "no-coordinate"},
                    {RM_ISSUE_OUTSIDE_CRS, "outside-crs"},
                    {RM_ISSUE_BAD_ROW, "bad-row"},
                    {RM_ISSUE_ADDRESS_NUMBER, "number"},
                    {RM_ISSUE_ADDRESS_AMBIGUOUS, "ambiguous"},
                    {RM_ISSUE_ADDRESS_UNKNOWN, "unknown"},
                    {RM_ISSUE_NO_ADDRESS, "no-address"}};
    const char *found = NULL;
    for (int64_t i = 0; i < layer->rows.issues.count; i++) {
        const rm_issue *issue = &layer->rows.issues.items[i];
        for (size_t k = 0; k < sizeof verdicts / sizeof verdicts[0]; k++)
            if (issue->feature == layer->rows.ids[row] && issue->code == verdicts[k].code)
                found = verdicts[k].verdict;
    }
    if (found)
        return found;
    return layer->rows.geometry.kind[row] == RM_KIND_NONE ? "nothing said"
           : address                                      ? "exact"
                                                          : "placed";
}

static void place_of(char out[64], const rm_layer *layer, int64_t row)
{
    const rm_geometry *g = &layer->rows.geometry;
    out[0] = '\0';
    if (g->kind[row] != RM_KIND_POINT)
        return;
    int32_t at = g->ring_point[g->part_ring[g->feature_part[row]]];
    char x[32], y[32];
    rm_format_fixed(x, sizeof x, g->x[at], 3, false);
    rm_format_fixed(y, sizeof y, g->y[at], 3, false);
    snprintf(out, 64, "%s,%s", x, y);
}

static bool same_place(const char *got, const char *wanted)
{
    double x[2] = {0, 0}, y[2] = {0, 0};
    if (!*got || !*wanted)
        return !*got && !*wanted;
    for (int i = 0; i < 2; i++) {
        const char *text = i == 0 ? got : wanted, *comma = strchr(text, ',');
        assert_true(rm_parse_double(text, comma - text, false, &x[i]));
        assert_true(rm_parse_double(comma + 1, (int64_t)strlen(comma + 1), false, &y[i]));
    }
    return fabs(x[0] - x[1]) < 0.0015 && fabs(y[0] - y[1]) < 0.0015;
}

/* Compares one row; counts what went wrong and prints it. */
static int check_row(const one_file *f, const rm_layer *layer, int64_t row, int64_t report)
{
    char place[64], date[16];
    bool address = cell(f->files, ADDRESS, f->file)[0] != '\0';
    const char *want_date = cell(f->reports, DATE, report);
    const char *want_verdict = cell(f->reports, VERDICT, report);
    place_of(place, layer, row);
    rm_date_format(rm_column_date(&layer->rows.table.columns[0], row, NULL), date);
    const char *verdict = verdict_of(layer, row, address && strcmp(want_verdict, "placed") != 0);
    if (same_place(place, cell(f->reports, PLACE, report)) &&
        strcmp(date[0] ? date : "-", want_date) == 0 && strcmp(verdict, want_verdict) == 0)
        return 0;
    print_error("%s, %s (%s):\n  wanted %s %s [%s]\n  got    %s %s [%s]\n",
                cell(f->files, FILE_NAME, f->file), cell(f->reports, ROW, report),
                cell(f->reports, WHY, report), want_verdict, want_date,
                cell(f->reports, PLACE, report), verdict, date[0] ? date : "-", place);
    return 1;
}

static rm_layer *read_reports(const one_file *f, const char *path, int threads)
{
    char column[64], target[32], crs[32], addresses[1024];
    snprintf(column, sizeof column, "%s", cell(f->files, DATE_COLUMN, f->file));
    snprintf(target, sizeof target, "%s", cell(f->files, TARGET, f->file));
    snprintf(crs, sizeof crs, "%s", cell(f->files, CRS, f->file));
    snprintf(addresses, sizeof addresses, "%s/addresses.csv", getenv("RISKMAP_DIRTY"));
    const char *columns[] = {column};
    rm_request layer_of_addresses = {.source = addresses,
                                     .geometry = true,
                                     .crs = "EPSG:28992",
                                     .target_crs = "EPSG:28992",
                                     .threads = 1};
    rm_request request = {.source = path,
                          .columns = columns,
                          .column_count = 1,
                          .geometry = true,
                          .crs = crs[0] ? crs : NULL,
                          .target_crs = target,
                          .threads = threads};
    if (cell(f->files, ADDRESS, f->file)[0])
        request.locate = &layer_of_addresses;
    rm_source *source = NULL;
    rm_layer *layer = NULL;
    if (rm_open(NULL, &request, &source, &err) != RM_OK ||
        rm_source_collect(&layer, source, NULL, NULL, &err) != RM_OK)
        fail_msg("%s: %s", cell(f->files, FILE_NAME, f->file), err.message);
    rm_source_free(source);
    return layer;
}

static int count_issues(const rm_layer *layer, rm_issue_code code)
{
    int count = 0;
    for (int64_t i = 0; i < layer->rows.issues.count; i++)
        count += layer->rows.issues.items[i].code == (int32_t)code;
    return count;
}

static int check_file(const one_file *f, const char *path, int threads)
{
    rm_layer *layer = read_reports(f, path, threads);
    int wrong = 0;
    assert_int_equal(layer->rows.table.rows, f->count);
    assert_int_equal(layer->provenance.total, f->count);
    for (int64_t row = 0; row < f->count; row++)
        wrong += check_row(f, layer, row, f->rows[row]);
    bool swapped = strcmp(cell(f->files, SAYS, f->file), "swapped") == 0;
    assert_int_equal(count_issues(layer, RM_ISSUE_SWAPPED), swapped);
    assert_int_equal(count_issues(layer, RM_ISSUE_BAD_TEXT), 0);
    rm_layer_free(layer);
    return wrong;
}

static void each_row_has_its_place_date_and_verdict(void **state)
{
    (void)state;
    rm_layer *files = read_table("files.csv", file_columns, FILE_COLUMNS);
    rm_layer *reports = read_table("reports.csv", row_columns, ROW_COLUMNS);
    int wrong = 0;
    int64_t seen = 0;
    char path[512];
    snprintf(path, sizeof path, "%s", scratch_path("meldingen.csv"));
    assert_true(reports->rows.table.rows >= 120);
    for (int64_t i = 0; i < files->rows.table.rows; i++) {
        one_file f = {.files = files, .reports = reports, .file = i};
        find_rows(&f);
        write_reports(&f, path);
        for (int threads = 1; threads <= 2; threads++)
            wrong += check_file(&f, path, threads);
        seen += f.count;
    }
    assert_int_equal(seen, reports->rows.table.rows);
    assert_int_equal(wrong, 0);
    rm_layer_free(files);
    rm_layer_free(reports);
}

/* ---- the same reports in other forms ---- */

static void add_field(OGRLayerH sheet, const char *name)
{
    OGRFieldDefnH field = OGR_Fld_Create(name, OFTString);
    assert_int_equal(OGR_L_CreateField(sheet, field, 0), OGRERR_NONE);
    OGR_Fld_Destroy(field);
}

/* The cells of a file of delimited text as a workbook, all of them text. */
static void copy_to_workbook(const char *text_path, const char *path, const char *driver)
{
    rm_listing listing = {0};
    const char *names[16];
    if (rm_list(&listing, text_path, &err) != RM_OK)
        fail_msg("%s", err.message);
    const rm_table *columns = &listing.layers[0].columns;
    for (int32_t i = 0; i < columns->count; i++)
        names[i] = columns->columns[i].name;
    rm_request request = {.source = text_path, .columns = names, .column_count = columns->count};
    rm_source *source = NULL;
    rm_layer *layer = NULL;
    assert_int_equal(rm_open(NULL, &request, &source, &err), RM_OK);
    assert_int_equal(rm_source_collect(&layer, source, NULL, NULL, &err), RM_OK);
    GDALAllRegister();
    GDALDatasetH data = GDALCreate(GDALGetDriverByName(driver), path, 0, 0, 0, GDT_Unknown, NULL);
    OGRLayerH sheet = GDALDatasetCreateLayer(data, "Blad1", NULL, wkbNone, NULL);
    for (int32_t i = 0; i < columns->count; i++)
        add_field(sheet, names[i]);
    for (int64_t row = 0; row < layer->rows.table.rows; row++) {
        OGRFeatureH feature = OGR_F_Create(OGR_L_GetLayerDefn(sheet));
        for (int32_t i = 0; i < columns->count; i++)
            if (!rm_column_missing(&layer->rows.table.columns[i], row))
                OGR_F_SetFieldString(feature, i, cell(layer, i, row));
        assert_int_equal(OGR_L_CreateFeature(sheet, feature), OGRERR_NONE);
        OGR_F_Destroy(feature);
    }
    GDALClose(data);
    rm_layer_free(layer);
    rm_source_free(source);
    rm_listing_clear(&listing);
}

/* Rows without any content are none in a workbook, and those that spill over cannot be. */
static bool in_workbook(const one_file *f, int64_t report)
{
    const char *row = cell(f->reports, ROW, report);
    return strcmp(cell(f->reports, VERDICT, report), "bad-row") != 0 &&
           row[strspn(row, ";, ")] != '\0' && !strstr(row, "\\x00");
}

static int check_as_workbook(one_file *f, const char *text, const char *path, const char *driver)
{
    int wrong = 0;
    int64_t row = 0, kept = 0;
    for (int64_t i = 0; i < f->count; i++)
        if (in_workbook(f, f->rows[i]))
            f->rows[kept++] = f->rows[i];
    f->count = kept;
    write_reports(f, text);
    copy_to_workbook(text, path, driver);
    rm_layer *layer = read_reports(f, path, 1);
    assert_int_equal(layer->rows.table.rows, f->count);
    for (; row < f->count; row++)
        wrong += check_row(f, layer, row, f->rows[row]);
    bool swapped = strcmp(cell(f->files, SAYS, f->file), "swapped") == 0;
    assert_int_equal(count_issues(layer, RM_ISSUE_SWAPPED), swapped);
    rm_layer_free(layer);
    return wrong;
}

static void workbooks_say_the_same(void **state)
{
    (void)state;
    static const char *const drivers[] = {"XLSX", "ODS"};
    static const char *const names[] = {"meldingen.xlsx", "meldingen.ods"};
    rm_layer *files = read_table("files.csv", file_columns, FILE_COLUMNS);
    rm_layer *reports = read_table("reports.csv", row_columns, ROW_COLUMNS);
    int wrong = 0;
    char text[512], path[512];
    snprintf(text, sizeof text, "%s", scratch_path("meldingen.csv"));
    for (int64_t i = 0; i < files->rows.table.rows; i++) {
        one_file f = {.files = files, .reports = reports, .file = i};
        int kind = (int)(i % 2);
        snprintf(path, sizeof path, "%s", scratch_path(names[kind]));
        find_rows(&f);
        wrong += check_as_workbook(&f, text, path, drivers[kind]);
        unlink(path);
    }
    assert_int_equal(wrong, 0);
    rm_layer_free(files);
    rm_layer_free(reports);
}

static void zip_file(const char *path, const char *member, const char *bytes, int64_t size)
{
    char inside[1024];
    snprintf(inside, sizeof inside, "/vsizip/%s/%s", path, member);
    VSILFILE *file = VSIFOpenL(inside, "wb");
    assert_non_null(file);
    assert_int_equal(VSIFWriteL(bytes, 1, (size_t)size, file), size);
    assert_int_equal(VSIFCloseL(file), 0);
}

static void zips_say_the_same(void **state)
{
    (void)state;
    rm_layer *files = read_table("files.csv", file_columns, FILE_COLUMNS);
    rm_layer *reports = read_table("reports.csv", row_columns, ROW_COLUMNS);
    char text[512], path[512], member[600], bytes[65536];
    snprintf(text, sizeof text, "%s", scratch_path("meldingen.csv"));
    snprintf(path, sizeof path, "%s", scratch_path("meldingen.zip"));
    snprintf(member, sizeof member, "%s/map/Meldingen 2025.csv", path);
    int wrong = 0;
    for (int64_t i = 0; i < 3; i++) {
        one_file f = {.files = files, .reports = reports, .file = i};
        find_rows(&f);
        write_reports(&f, text);
        FILE *file = fopen(text, "rb");
        size_t size = fread(bytes, 1, sizeof bytes, file);
        fclose(file);
        unlink(path);
        zip_file(path, "LEES MIJ.txt", "Toelichting\n", 12);
        zip_file(path, "map/Meldingen 2025.csv", bytes, (int64_t)size);
        wrong += check_file(&f, path, 2);
        wrong += check_file(&f, member, 1);
    }
    assert_int_equal(wrong, 0);
    rm_layer_free(files);
    rm_layer_free(reports);
}

/* ---- malformed files ---- */

enum { NAME, MAKE, CONTENT, COLUMNS, X, Y, M_CRS, M_TARGET, M_SAYS, M_WHY, MALFORMED_COLUMNS };
static const char *const malformed_columns[] = {"name", "make", "content", "columns", "x",
                                                "y",    "crs",  "target",  "says",    "why"};

static void make_sheets(const char *path, int count)
{
    GDALAllRegister();
    GDALDatasetH data = GDALCreate(GDALGetDriverByName("XLSX"), path, 0, 0, 0, GDT_Unknown, NULL);
    for (int i = 0; i < count; i++) {
        char name[16];
        snprintf(name, sizeof name, "Blad%d", i + 1);
        OGRLayerH sheet = GDALDatasetCreateLayer(data, name, NULL, wkbNone, NULL);
        add_field(sheet, "x");
        OGRFeatureH feature = OGR_F_Create(OGR_L_GetLayerDefn(sheet));
        OGR_F_SetFieldString(feature, 0, "1");
        assert_int_equal(OGR_L_CreateFeature(sheet, feature), OGRERR_NONE);
        OGR_F_Destroy(feature);
    }
    GDALClose(data);
}

/* The bytes compressed, less the last eight. */
static void make_cut_gzip(const char *path, const rm_text *bytes)
{
    char packed[4096];
    gzFile zipped = gzopen(path, "wb");
    gzwrite(zipped, bytes->data, (unsigned)bytes->length);
    gzclose(zipped);
    FILE *file = fopen(path, "rb");
    size_t size = fread(packed, 1, sizeof packed, file);
    fclose(file);
    write_bytes(path, packed, (int64_t)size - 8);
}

static void make_file(const char *path, const char *make, const char *content)
{
    rm_text bytes = {0};
    rm_text_add(&bytes, "");
    if (strcmp(make, "wide") == 0) {
        for (int i = 0; i < atoi(content); i++)
            rm_text_addf(&bytes, "%sk%d", i ? ";" : "", i);
        rm_text_add(&bytes, "\n");
    } else {
        add_escaped(&bytes, content);
    }
    if (strcmp(make, "zip") == 0) {
        char list[256];
        snprintf(list, sizeof list, "%s", content);
        for (char *name = strtok(list, " "); name; name = strtok(NULL, " "))
            zip_file(path, name, "x;y\n1;2\n", 8);
    } else if (strcmp(make, "sheets") == 0) {
        make_sheets(path, atoi(content));
    } else if (strcmp(make, "cut gzip") == 0) {
        make_cut_gzip(path, &bytes);
    } else if (strcmp(make, "nothing") != 0) {
        write_bytes(path, bytes.data, bytes.length);
    }
    rm_text_clear(&bytes);
}

static const char *or_null(const char *text)
{
    return text[0] ? text : NULL;
}

static int check_malformed(const rm_layer *table, int64_t row)
{
    char path[512];
    const char *columns[] = {cell(table, COLUMNS, row)};
    snprintf(path, sizeof path, "%s", scratch_path(cell(table, NAME, row)));
    make_file(path, cell(table, MAKE, row), cell(table, CONTENT, row));
    rm_request request = {.source = path,
                          .columns = columns,
                          .column_count = columns[0][0] != '\0',
                          .geometry = true,
                          .threads = 2,
                          .x = or_null(cell(table, X, row)),
                          .y = or_null(cell(table, Y, row)),
                          .crs = or_null(cell(table, M_CRS, row)),
                          .target_crs = or_null(cell(table, M_TARGET, row))};
    rm_source *source = NULL;
    rm_layer *layer = NULL;
    err.message[0] = '\0';
    rm_status status = rm_open(NULL, &request, &source, &err);
    if (status == RM_OK)
        status = rm_source_collect(&layer, source, NULL, NULL, &err);
    rm_layer_free(layer);
    rm_source_free(source);
    if (access(path, F_OK) == 0)
        unlink(path);
    assert_null(strpbrk(err.message, "\n\r"));
    if (status != RM_OK && strstr(err.message, cell(table, M_SAYS, row)) &&
        strstr(err.message, scratch_folder))
        return 0;
    print_error("%s:\n  wanted ... %s\n  got    %s\n", cell(table, M_WHY, row),
                cell(table, M_SAYS, row), status == RM_OK ? "no error" : err.message);
    return 1;
}

static void each_malformed_file_has_its_message(void **state)
{
    (void)state;
    rm_layer *table = read_table("malformed.csv", malformed_columns, MALFORMED_COLUMNS);
    int wrong = 0;
    assert_true(table->rows.table.rows >= 30);
    for (int64_t row = 0; row < table->rows.table.rows; row++)
        wrong += check_malformed(table, row);
    assert_int_equal(wrong, 0);
    rm_layer_free(table);
}

int main(void)
{
    (void)setlocale(LC_ALL, "");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(each_row_has_its_place_date_and_verdict, scratch_setup,
                                        scratch_teardown),
        cmocka_unit_test_setup_teardown(workbooks_say_the_same, scratch_setup, scratch_teardown),
        cmocka_unit_test_setup_teardown(zips_say_the_same, scratch_setup, scratch_teardown),
        cmocka_unit_test_setup_teardown(each_malformed_file_has_its_message, scratch_setup,
                                        scratch_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
