/* The list for the meeting: its bytes as CSV, its cells as a workbook, and nothing left after a
 * failure. */
#define _GNU_SOURCE
#include "base/file.h"
#include "io/gdal/env.h"
#include "io/sheet/sheet.h"

#include <cpl_conv.h>
#include <cpl_minixml.h>
#include <cpl_vsi.h>
#include <gdal.h>
#include <locale.h>
#include <math.h>
#include <ogr_api.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/resource.h>

#include <cmocka.h>

#include "scratch.h"

#define OK(call) assert_status((call), &err, __LINE__)
static void assert_status(rm_status status, const rm_error *err, int line)
{
    if (status != RM_OK)
        fail_msg("line %d: status %d, %s", line, (int)status, err->message);
}

static const rm_field fields[] = {
    {"rank", RM_INT64, "Rang", NULL},     {"id", RM_TEXT, "Kenmerk; BAG", NULL},
    {"score", RM_FLOAT64, "Score", NULL}, {"raw", RM_FLOAT64, NULL, NULL},
    {"seen", RM_DATE, "Gezien", NULL},    {"at", RM_DATETIME, "Gemeten", NULL},
};
enum { FIELDS = sizeof fields / sizeof *fields };
static const int decimals[] = {0, 0, 2, -1, 0, 0};
static const char *const notes[] = {"Vergelijkend cijfer; geen verdenking.", "=AFGESCHERMD()"};

/* What a text is written as in CSV. */
static const struct {
    const char *text, *csv;
} texts[] = {
    {"De Weide", "De Weide"},
    {"0153100000212345", "\"=\"\"0153100000212345\"\"\""},
    {"1234567890", "\"=\"\"1234567890\"\"\""},
    {"123456789", "123456789"},
    {"0", "0"},
    {"0153", "\"=\"\"0153\"\"\""},
    {"12-2", "\"=\"\"12-2\"\"\""},
    {"12E5", "\"=\"\"12E5\"\"\""},
    {"1.5", "\"=\"\"1.5\"\"\""},
    {"12a", "12a"},
    {"7 bis", "7 bis"},
    {"+31612345678", "\"=\"\"+31612345678\"\"\""},
    {"=1+1", "'=1+1"},
    {"=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"},
    {"=\"a\";b", "\"'=\"\"a\"\";b\""},
    {"+een", "'+een"},
    {"-", "'-"},
    {"@SUM(A1)", "'@SUM(A1)"},
    {"\tx", "'\tx"},
    {"a;b", "\"a;b\""},
    {"zeg \"ja\"", "\"zeg \"\"ja\"\"\""},
    {"regel 1\nregel 2", "\"regel 1\nregel 2\""},
    {" spatie", "\" spatie\""},
    {"Caf\xC3\xA9 <&>", "Caf\xC3\xA9 <&>"},
    {"fout \xFF byte", "fout \xEF\xBF\xBD byte"},
    {"", ""},
    {NULL, ""},
};
enum { ROWS = sizeof texts / sizeof *texts };

static rm_status make_row(void *context, int64_t row, rm_cell *cells, rm_error *err)
{
    (void)context;
    (void)err;
    for (int f = 0; f < FIELDS; f++)
        assert_true(!cells[f].missing && !cells[f].i64 && !cells[f].text && cells[f].f64 == 0.0);
    cells[0].i64 = row == 1 ? INT64_C(9007199254740993) : row + 1;
    cells[1].text = texts[row].text;
    cells[2].f64 = row == 0 ? 1234.5678 : row == 1 ? -0.001 : NAN;
    cells[3].f64 = row == 0 ? 0.1 : row == 1 ? 1e-7 : 2.0;
    cells[4].i64 = row == 0   ? 19723
                   : row == 1 ? INT32_MIN
                              : -40000; /* 2024-01-01, none, 1860-06-26 */
    cells[5].i64 = row == 0 ? INT64_C(1704067200000) + 45296000 : -1;
    cells[5].missing = row > 1;
    return RM_OK;
}

static void write_list(const char *name)
{
    rm_error err;
    OK(rm_sheet_write(scratch_path(name), true, false, fields, decimals, FIELDS, ROWS, make_row,
                      NULL, notes, 2, &err));
}

static void test_csv(void **state)
{
    (void)state;
    char expected[4096], *found = NULL;
    int64_t size;
    rm_error err;
    size_t used =
        (size_t)snprintf(expected, sizeof expected,
                         "\xEF\xBB\xBFRang;\"Kenmerk; BAG\";Score;raw;Gezien;Gemeten\r\n");
    for (int r = 0; r < ROWS; r++) {
        char rank[8];
        snprintf(rank, sizeof rank, "%d", r + 1);
        used += (size_t)snprintf(expected + used, sizeof expected - used, "%s;%s;%s;%s;%s;%s\r\n",
                                 r == 1 ? "\"=\"\"9007199254740993\"\"\"" : rank, texts[r].csv,
                                 r == 0   ? "1234,57"
                                 : r == 1 ? "0,00"
                                          : "",
                                 r == 0   ? "0,1"
                                 : r == 1 ? "1e-07"
                                          : "2",
                                 r == 0   ? "01-01-2024"
                                 : r == 1 ? ""
                                          : "26-06-1860",
                                 r == 0   ? "01-01-2024 12:34:56"
                                 : r == 1 ? "31-12-1969 23:59:59"
                                          : "");
    }
    snprintf(expected + used, sizeof expected - used,
             "\r\n\"Vergelijkend cijfer; geen verdenking.\"\r\n'=AFGESCHERMD()\r\n");
    write_list("lijst.csv");
    OK(rm_file_read(&found, &size, scratch_path("lijst.csv"), 100000, &err));
    assert_string_equal(found, expected);
    rm_release(found);
    assert_int_equal(scratch_count(NULL), 1);
}

/* More than one buffer, so that writing and comparing go in pieces. */
static rm_status plain_row(void *context, int64_t row, rm_cell *cells, rm_error *err)
{
    static const char *const word[] = {"een", "twee", "drie"};
    (void)err;
    if (context)
        ++*(int64_t *)context;
    cells[0].i64 = row;
    cells[1].text = word[row % 3];
    cells[2].f64 = 0.25 * (double)row;
    return RM_OK;
}

static void test_long_lists(void **state)
{
    (void)state;
    const char *const files[] = {"lang.csv", "LANG.XLSX"};
    for (int f = 0; f < 2; f++) {
        int64_t calls = 0;
        rm_error err;
        OK(rm_sheet_write(scratch_path(files[f]), false, false, fields, NULL, 3, 30000, plain_row,
                          &calls, NULL, 0, &err));
        assert_true(calls >= 60000); /* written, and read back */
    }
    char *found = NULL;
    int64_t size;
    rm_error err;
    OK(rm_file_read(&found, &size, scratch_path("lang.csv"), 10000000, &err));
    assert_non_null(strstr(found, "\r\n29999;drie;7499,75\r\n"));
    rm_release(found);
    assert_int_equal(scratch_count(NULL), 2);
}

static OGRFeatureH next_row(OGRLayerH layer)
{
    OGRFeatureH feature = OGR_L_GetNextFeature(layer);
    assert_non_null(feature);
    return feature;
}

static void test_xlsx(void **state)
{
    (void)state;
    rm_gdal_ears ears;
    write_list("lijst.xlsx");
    assert_int_equal(scratch_count(NULL), 1);
    rm_gdal_enter(&ears);
    CPLSetThreadLocalConfigOption("OGR_XLSX_HEADERS", "FORCE");
    CPLSetThreadLocalConfigOption("OGR_XLSX_FIELD_TYPES", "AUTO");
    GDALDatasetH data = GDALOpenEx(scratch_path("lijst.xlsx"), GDAL_OF_VECTOR, NULL, NULL, NULL);
    assert_non_null(data);
    OGRLayerH layer = GDALDatasetGetLayer(data, 0);
    OGRFeatureDefnH definition = OGR_L_GetLayerDefn(layer);
    assert_string_equal(OGR_L_GetName(layer), "riskmap");
    for (int f = 0; f < FIELDS; f++)
        assert_string_equal(OGR_Fld_GetNameRef(OGR_FD_GetFieldDefn(definition, f)),
                            fields[f].title ? fields[f].title : fields[f].name);
    assert_int_equal(OGR_Fld_GetType(OGR_FD_GetFieldDefn(definition, 1)), OFTString);
    assert_int_equal(OGR_Fld_GetType(OGR_FD_GetFieldDefn(definition, 2)), OFTReal);
    for (int r = 0; r < ROWS; r++) {
        OGRFeatureH feature = next_row(layer);
        const char *text = texts[r].text ? texts[r].text : "";
        assert_string_equal(OGR_F_GetFieldAsString(feature, 1),
                            strchr(text, '\xFF') ? "fout \xEF\xBF\xBD byte" : text);
        assert_true(OGR_F_IsFieldSetAndNotNull(feature, 2) == (r < 2));
        if (r < 2)
            assert_true(OGR_F_GetFieldAsDouble(feature, 2) == (r == 0 ? 1234.5678 : -0.001));
        assert_true(OGR_F_GetFieldAsDouble(feature, 3) == (r == 0 ? 0.1 : r == 1 ? 1e-7 : 2.0));
        if (r == 0) {
            assert_string_equal(OGR_F_GetFieldAsString(feature, 0), "1");
            assert_string_equal(OGR_F_GetFieldAsString(feature, 4), "2024/01/01");
            assert_string_equal(OGR_F_GetFieldAsString(feature, 5), "2024/01/01 12:34:56");
        } else if (r == 1) {
            assert_string_equal(OGR_F_GetFieldAsString(feature, 0), "9007199254740993");
        } else {
            assert_string_equal(OGR_F_GetFieldAsString(feature, 4), "1860-06-26");
        }
        OGR_F_Destroy(feature);
    }
    OGR_F_Destroy(next_row(layer));
    for (int n = 0; n < 2; n++) {
        OGRFeatureH feature = next_row(layer);
        assert_string_equal(OGR_F_GetFieldAsString(feature, 0), notes[n]);
        OGR_F_Destroy(feature);
    }
    assert_null(OGR_L_GetNextFeature(layer));
    GDALClose(data);
    CPLSetThreadLocalConfigOption("OGR_XLSX_HEADERS", NULL);
    assert_string_equal(ears.heard, "");
    rm_gdal_leave(&ears);
}

/* The text of one part of a workbook. */
static const char *part_of(const char *workbook, const char *part)
{
    static char text[65536];
    char name[700];
    snprintf(name, sizeof name, "/vsizip/{%s}/%s", scratch_path(workbook), part);
    VSILFILE *file = VSIFOpenL(name, "rb");
    assert_non_null(file);
    text[VSIFReadL(text, 1, sizeof text - 1, file)] = '\0';
    VSIFCloseL(file);
    return text;
}

static void test_xlsx_parts(void **state)
{
    (void)state;
    const char *const all[] = {"[Content_Types].xml", "_rels/.rels",
                               "xl/workbook.xml",     "xl/_rels/workbook.xml.rels",
                               "xl/styles.xml",       "xl/worksheets/sheet1.xml"};
    write_list("lijst.xlsx");
    for (int p = 0; p < 6; p++) {
        CPLXMLNode *tree = CPLParseXMLString(part_of("lijst.xlsx", all[p]));
        assert_non_null(tree);
        CPLDestroyXMLNode(tree);
    }
    const char *sheet = part_of("lijst.xlsx", "xl/worksheets/sheet1.xml");
    const char *const pieces[] = {
        "state=\"frozen\"",
        "<autoFilter ref=\"A1:F28\"/>",
        "<c r=\"A1\" s=\"1\" t=\"inlineStr\"><is><t xml:space=\"preserve\">Rang</t></is></c>",
        ("<c r=\"B3\" s=\"2\" t=\"inlineStr\"><is><t "
         "xml:space=\"preserve\">0153100000212345</t></is></c>"),
        "<c r=\"A2\" s=\"5\"><v>1</v></c>",
        "<c r=\"C2\" s=\"7\"><v>1234.5678</v></c>",
        "<c r=\"D2\" s=\"0\"><v>0.1</v></c>",
        "<c r=\"E2\" s=\"3\"><v>45292</v></c>",
        "Caf\xC3\xA9 &lt;&amp;&gt;",
    };
    for (size_t p = 0; p < sizeof pieces / sizeof *pieces; p++) {
        if (!strstr(sheet, pieces[p]))
            fail_msg("not in the sheet: %s", pieces[p]);
    }
    assert_non_null(strstr(part_of("lijst.xlsx", "xl/styles.xml"),
                           "<numFmt numFmtId=\"168\" formatCode=\"0.00\"/>"));
}

static rm_status odd_row(void *context, int64_t row, rm_cell *cells, rm_error *err)
{
    static char longest[40001];
    (void)context;
    (void)row;
    (void)err;
    memset(longest, 'x', sizeof longest - 1);
    memcpy(longest + 32766, "\xC3\xA9", 2); /* a character across the limit */
    cells[0].text = "a\x01"
                    "b\r\nc\rd\xEF\xBF\xBF";
    cells[1].text = longest;
    return RM_OK;
}

static void test_what_xml_cannot_hold(void **state)
{
    (void)state;
    const rm_field two[] = {{"a", RM_TEXT, "A & B", NULL}, {"b", RM_TEXT, NULL, NULL}};
    rm_error err;
    OK(rm_sheet_write(scratch_path("raar.xlsx"), false, false, two, NULL, 2, 1, odd_row, NULL, NULL,
                      0, &err));
    const char *sheet = part_of("raar.xlsx", "xl/worksheets/sheet1.xml");
    assert_non_null(strstr(sheet, ">A &amp; B<"));
    assert_non_null(strstr(sheet, ">a\xEF\xBF\xBD"
                                  "b\nc\nd\xEF\xBF\xBD<"));
    const char *xs = strstr(sheet, "xxxx");
    assert_int_equal(strspn(xs, "x"), 32766);
    assert_int_equal(xs[32766], '<');
}

static void test_columns(void **state)
{
    (void)state;
    enum { WIDE = 800 };
    static rm_field wide[WIDE];
    static char names[WIDE][16];
    rm_error err;
    for (int f = 0; f < WIDE; f++) {
        snprintf(names[f], sizeof names[f], "f%d", f);
        wide[f] = (rm_field){names[f], RM_TEXT, NULL, NULL};
    }
    OK(rm_sheet_write(scratch_path("breed.xlsx"), false, false, wide, NULL, WIDE, 1, plain_row,
                      NULL, NULL, 0, &err));
    const char *sheet = part_of("breed.xlsx", "xl/worksheets/sheet1.xml");
    assert_non_null(strstr(sheet, "customWidth=\"1\"/></cols>"));
    rm_gdal_ears ears;
    rm_gdal_enter(&ears);
    CPLSetThreadLocalConfigOption("OGR_XLSX_HEADERS", "FORCE");
    GDALDatasetH data = GDALOpenEx(scratch_path("breed.xlsx"), GDAL_OF_VECTOR, NULL, NULL, NULL);
    OGRFeatureDefnH definition = OGR_L_GetLayerDefn(GDALDatasetGetLayer(data, 0));
    assert_int_equal(OGR_FD_GetFieldCount(definition), WIDE);
    for (int f = 0; f < WIDE; f++) /* Z is followed by AA, ZZ by AAA */
        assert_string_equal(OGR_Fld_GetNameRef(OGR_FD_GetFieldDefn(definition, f)), names[f]);
    GDALClose(data);
    CPLSetThreadLocalConfigOption("OGR_XLSX_HEADERS", NULL);
    rm_gdal_leave(&ears);
}

static rm_status bad_row(void *context, int64_t row, rm_cell *cells, rm_error *err)
{
    cells[2].f64 = row == 3 && !context ? INFINITY : 0.0;
    return row == 5 ? rm_fail(err, RM_EDATA, "row five") : RM_OK;
}

/* Gives another value each time: what is read back differs. */
static rm_status fickle_row(void *context, int64_t row, rm_cell *cells, rm_error *err)
{
    (void)row;
    (void)err;
    cells[0].i64 = ++*(int64_t *)context;
    return RM_OK;
}

static void test_refusals(void **state)
{
    (void)state;
    const char *const names[] = {"mis.csv", "mis.xlsx"};
    rm_error err;
    struct stat info;
    for (int n = 0; n < 2; n++) {
        const char *path = scratch_path(names[n]);
        int64_t calls = 0;
        assert_int_equal(
            rm_sheet_write(path, false, false, fields, NULL, 3, 5, bad_row, NULL, NULL, 0, &err),
            RM_EINVAL);
        assert_int_equal(err.row, 3);
        assert_non_null(strstr(err.message, "\"score\" of row 3 is infinite"));
        assert_int_equal(
            rm_sheet_write(path, false, false, fields, NULL, 3, 9, bad_row, &calls, NULL, 0, &err),
            RM_EDATA);
        assert_string_equal(err.message, "row five");
        assert_int_equal(rm_sheet_write(path, false, false, fields, NULL, 1, 9, fickle_row, &calls,
                                        NULL, 0, &err),
                         RM_EIO);
        assert_non_null(strstr(err.message, "reading it back gives something else"));
        assert_int_equal(scratch_count(NULL), 0);
        mode_t mask = umask(022);
        OK(rm_sheet_write(path, false, true, fields, NULL, 3, 2, plain_row, NULL, notes, 2, &err));
        assert_int_equal(stat(path, &info), 0);
        assert_int_equal(info.st_mode & 0777, 0600);
        assert_int_equal(
            rm_sheet_write(path, false, false, fields, NULL, 3, 2, plain_row, NULL, NULL, 0, &err),
            RM_EEXISTS);
        assert_non_null(
            strstr(err.message, "exists already: choose another name or ask to overwrite"));
        OK(rm_sheet_write(path, true, false, fields, NULL, 3, 2, plain_row, NULL, NULL, 0, &err));
        assert_int_equal(stat(path, &info), 0);
        assert_int_equal(info.st_mode & 0777, 0644);
        umask(mask);
        assert_int_equal(unlink(path), 0);
    }
    const char *path = scratch_path("lijst.ods");
    assert_int_equal(
        rm_sheet_write(path, false, false, fields, NULL, 3, 2, plain_row, NULL, NULL, 0, &err),
        RM_EINVAL);
    assert_non_null(strstr(err.message, "a list is written as .csv or .xlsx"));
    assert_int_equal(rm_sheet_write(scratch_path("nergens/x.csv"), false, false, fields, NULL, 3, 2,
                                    plain_row, NULL, NULL, 0, &err),
                     RM_ENOTFOUND);
    assert_int_equal(rm_sheet_write(scratch_path("x.xlsx"), false, false, fields, NULL, 3, 1048576,
                                    plain_row, NULL, NULL, 0, &err),
                     RM_ELIMIT);
    assert_non_null(strstr(err.message, "a workbook holds 1048576 rows"));
    assert_int_equal(scratch_count(NULL), 0);
}

static void test_full_disk(void **state)
{
    (void)state;
    const char *const names[] = {"vol.csv", "vol.xlsx"};
    struct rlimit before, limit;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);
    for (int n = 0; n < 2; n++) {
        int refused = 0, written = 0;
        for (rlim_t size = 0; size <= 160000; size += 10000) {
            rm_error err = {0};
            limit = before;
            limit.rlim_cur = size;
            assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
            rm_status status = rm_sheet_write(scratch_path(names[n]), false, false, fields, NULL, 3,
                                              6000, plain_row, NULL, NULL, 0, &err);
            assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
            refused += status != RM_OK;
            written += status == RM_OK;
            if (status != RM_OK && (status != RM_EIO || !strstr(err.message, "disk")))
                fail_msg("at %ld bytes: %d, %s", (long)size, (int)status, err.message);
            assert_int_equal(scratch_count(NULL), status == RM_OK ? 1 : 0);
            if (status == RM_OK)
                assert_int_equal(unlink(scratch_path(names[n])), 0);
        }
        assert_true(refused > 2 && written > 0);
    }
    signal(SIGXFSZ, handler);
}

int main(void)
{
    (void)setlocale(LC_ALL, "");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_csv, scratch_setup, scratch_teardown),
        cmocka_unit_test_setup_teardown(test_long_lists, scratch_setup, scratch_teardown),
        cmocka_unit_test_setup_teardown(test_xlsx, scratch_setup, scratch_teardown),
        cmocka_unit_test_setup_teardown(test_xlsx_parts, scratch_setup, scratch_teardown),
        cmocka_unit_test_setup_teardown(test_what_xml_cannot_hold, scratch_setup, scratch_teardown),
        cmocka_unit_test_setup_teardown(test_columns, scratch_setup, scratch_teardown),
        cmocka_unit_test_setup_teardown(test_refusals, scratch_setup, scratch_teardown),
        cmocka_unit_test_setup_teardown(test_full_disk, scratch_setup, scratch_teardown),
    };
    return cmocka_run_group_tests_name("io_sheet", tests, NULL, NULL);
}
