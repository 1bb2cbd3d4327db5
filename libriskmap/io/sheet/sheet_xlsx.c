/* The list as a workbook: Office Open XML (ECMA-376), written here and not by GDAL's driver, which
 * knows no bold headings, no widths, no decimals and no frozen first row. GDAL packs the zip, and
 * reads the result to check it. */
#include "base/date.h"
#include "io/gdal/env.h"
#include "io/sheet/sheet_write.h"

#include <cpl_conv.h>
#include <cpl_vsi.h>
#include <gdal.h>
#include <ogr_api.h>
#include <string.h>

enum {
    MOST_ROWS = 1048576,
    MOST_COLUMNS = 16384,
    MOST_TEXT = 32767, /* bytes here, so never too many characters */
    MEASURED_ROWS = 200,
    WIDEST = 60,
    EPOCH = 25569,  /* 1 January 1970 counted in days of the workbook */
    FIRST_DAY = 61, /* 1 March 1900: before it the count has a 29 February 1900 */
    DAY_MS = 86400000
};

/* Numbers of the cell formats in styles.xml; DECIMALS + d has d decimals. */
enum { FORMAT_PLAIN, FORMAT_HEADING, FORMAT_TEXT, FORMAT_DATE, FORMAT_DATETIME, FORMAT_DECIMALS };

#define XML        "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n"
#define MAIN_NS    "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
#define TYPE_NS    "application/vnd.openxmlformats-officedocument.spreadsheetml"
#define REL_NS     "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
#define PACKAGE_NS "http://schemas.openxmlformats.org/package/2006"

static const struct {
    const char *name, *text;
} parts[] = {
    {"[Content_Types].xml", XML
     "<Types xmlns=\"" PACKAGE_NS "/content-types\"><Default Extension=\"rels\" "
     "ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/><Default "
     "Extension=\"xml\" ContentType=\"application/xml\"/><Override PartName=\"/xl/workbook.xml\" "
     "ContentType=\"" TYPE_NS ".sheet.main+xml\"/><Override PartName=\"/xl/worksheets/sheet1.xml\" "
     "ContentType=\"" TYPE_NS ".worksheet+xml\"/><Override PartName=\"/xl/styles.xml\" "
     "ContentType=\"" TYPE_NS ".styles+xml\"/></Types>"},
    {"_rels/.rels",
     XML "<Relationships xmlns=\"" PACKAGE_NS "/relationships\"><Relationship Id=\"rId1\" "
         "Type=\"" REL_NS "/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>"},
    {"xl/workbook.xml",
     XML "<workbook xmlns=\"" MAIN_NS "\" xmlns:r=\"" REL_NS
         "\"><sheets><sheet name=\"riskmap\" sheetId=\"1\" r:id=\"rId1\"/></sheets>"
         "</workbook>"},
    {"xl/_rels/workbook.xml.rels",
     XML "<Relationships xmlns=\"" PACKAGE_NS
         "/relationships\"><Relationship Id=\"rId1\" Type=\"" REL_NS
         "/worksheet\" Target=\"worksheets/sheet1.xml\"/><Relationship Id=\"rId2\" Type=\"" REL_NS
         "/styles\" Target=\"styles.xml\"/></Relationships>"},
};
static const char sheet_part[] = "xl/worksheets/sheet1.xml";

static void make_styles(rm_text *out)
{
    rm_text_add(
        out,
        XML "<styleSheet xmlns=\"" MAIN_NS "\"><numFmts count=\"12\"><numFmt numFmtId=\"164\" "
            "formatCode=\"dd\\-mm\\-yyyy\"/><numFmt numFmtId=\"165\" formatCode=\"dd\\-mm\\-yyyy\\ "
            "hh:mm:ss\"/>");
    for (int d = 0; d < 10; d++)
        rm_text_addf(out, "<numFmt numFmtId=\"%d\" formatCode=\"0%s%.*s\"/>", 166 + d, d ? "." : "",
                     d, "000000000");
    rm_text_add(
        out, "</numFmts><fonts count=\"2\"><font><sz val=\"11\"/><name val=\"Calibri\"/></font>"
             "<font><b/><sz val=\"11\"/><name val=\"Calibri\"/></font></fonts><fills count=\"2\">"
             "<fill><patternFill patternType=\"none\"/></fill><fill><patternFill "
             "patternType=\"gray125\"/></fill></fills><borders count=\"1\"><border><left/><right/>"
             "<top/><bottom/><diagonal/></border></borders><cellStyleXfs count=\"1\"><xf "
             "numFmtId=\"0\" fontId=\"0\" fillId=\"0\" borderId=\"0\"/></cellStyleXfs><cellXfs "
             "count=\"15\"><xf numFmtId=\"0\" fontId=\"0\" fillId=\"0\" borderId=\"0\" xfId=\"0\"/>"
             "<xf numFmtId=\"49\" fontId=\"1\" fillId=\"0\" borderId=\"0\" xfId=\"0\" "
             "applyNumberFormat=\"1\" applyFont=\"1\" applyAlignment=\"1\"><alignment "
             "vertical=\"top\" wrapText=\"1\"/></xf>");
    const int formats[] = {49, 164, 165};
    for (int f = 0; f < 13; f++)
        rm_text_addf(out,
                     "<xf numFmtId=\"%d\" fontId=\"0\" fillId=\"0\" borderId=\"0\" xfId=\"0\" "
                     "applyNumberFormat=\"1\"/>",
                     f < 3 ? formats[f] : 166 + f - 3);
    rm_text_add(out, "</cellXfs></styleSheet>");
}

/* What XML cannot hold as it is, or not at all: how many bytes at text, and what
 * stands for them. */
static size_t special(const char *text, const char **instead)
{
    const unsigned char *c = (const unsigned char *)text;
    bool no_character = c[0] == 0xEF && c[1] == 0xBF && c[2] >= 0xBE; /* U+FFFE, U+FFFF */
    if (*c == '&')
        *instead = "&amp;";
    else if (*c == '<')
        *instead = "&lt;";
    else if (*c == '>')
        *instead = "&gt;";
    else if (*c == '\r')
        *instead = c[1] == '\n' ? "" : "\n";
    else if (no_character || (*c < 0x20 && *c != '\t' && *c != '\n'))
        *instead = "\xEF\xBF\xBD";
    else
        return 0;
    return no_character ? 3 : 1;
}

static void add_escaped(rm_text *out, const char *text)
{
    rm_text sound = {0};
    rm_sheet_add_clean(&sound, text);
    out->failed |= sound.failed;
    if (sound.data && sound.length > MOST_TEXT)
        sound.data[rm_utf8_valid(sound.data, MOST_TEXT)] = '\0';
    const char *from = sound.data ? sound.data : "", *at = from;
    while (*at) {
        const char *instead;
        size_t size = special(at, &instead);
        if (size > 0) {
            rm_text_add_n(out, from, at - from);
            rm_text_add(out, instead);
            from = at + size;
        }
        at += size > 0 ? size : 1;
    }
    rm_text_add_n(out, from, at - from);
    rm_text_clear(&sound);
}

static void add_reference(rm_text *out, int32_t column, int64_t row)
{
    char letters[8];
    int at = (int)sizeof letters - 1;
    letters[at] = '\0';
    for (int32_t rest = column + 1; rest > 0; rest = (rest - 1) / 26)
        letters[--at] = (char)('A' + (rest - 1) % 26);
    rm_text_addf(out, "%s%lld", letters + at, (long long)row);
}

static void add_text(rm_text *out, int32_t column, int64_t row, int format, const char *text)
{
    rm_text_add(out, "<c r=\"");
    add_reference(out, column, row);
    rm_text_addf(out, "\" s=\"%d\" t=\"inlineStr\"><is><t xml:space=\"preserve\">", format);
    add_escaped(out, text);
    rm_text_add(out, "</t></is></c>");
}

static void add_number(rm_text *out, int32_t column, int64_t row, int format, double value)
{
    rm_text_add(out, "<c r=\"");
    add_reference(out, column, row);
    rm_text_addf(out, "\" s=\"%d\"><v>", format);
    rm_text_add_double(out, value);
    rm_text_add(out, "</v></c>");
}

/* `part` of the day has gone. The count of days before March 1900 is not the calendar's. */
static void add_day(rm_text *out, int32_t column, int64_t row, int format, int64_t date,
                    double part)
{
    char text[16];
    if (date + EPOCH >= FIRST_DAY) {
        add_number(out, column, row, format, (double)(date + EPOCH) + part);
        return;
    }
    rm_date_format((int32_t)date, text);
    add_text(out, column, row, FORMAT_TEXT, text);
}

static void add_whole(rm_text *out, int32_t column, int64_t row, int64_t value)
{
    rm_text digits = {0};
    if (!rm_sheet_too_long(value)) {
        add_number(out, column, row, FORMAT_DECIMALS, (double)value);
        return;
    }
    rm_text_addf(&digits, "%lld", (long long)value);
    add_text(out, column, row, FORMAT_TEXT, digits.data ? digits.data : "");
    out->failed |= digits.failed;
    rm_text_clear(&digits);
}

static void add_datetime(rm_text *out, int32_t column, int64_t row, int64_t ms)
{
    int64_t days = ms / DAY_MS, rest = ms % DAY_MS;
    if (rest < 0) {
        rest += DAY_MS;
        days--;
    }
    add_day(out, column, row, FORMAT_DATETIME, days, (double)rest / DAY_MS);
}

static void add_cell(const rm_sheet *sheet, int32_t field, int64_t row, rm_text *out)
{
    const rm_cell *cell = &sheet->cells[field];
    int decimals = rm_sheet_decimals(sheet, field);

    if (rm_sheet_missing(sheet, field))
        return;
    switch (sheet->fields[field].type) {
    case RM_INT64:
        add_whole(out, field, row, cell->i64);
        break;
    case RM_FLOAT64:
        add_number(out, field, row, decimals < 0 ? FORMAT_PLAIN : FORMAT_DECIMALS + decimals,
                   cell->f64);
        break;
    case RM_TEXT:
        add_text(out, field, row, FORMAT_TEXT, cell->text);
        break;
    case RM_DATE:
        add_day(out, field, row, FORMAT_DATE, cell->i64, 0.0);
        break;
    case RM_DATETIME:
        add_datetime(out, field, row, cell->i64);
        break;
    }
}

static int width_of(const char *text)
{
    int width = 0;
    for (; *text && width < WIDEST; text++)
        width += ((unsigned char)*text & 0xc0) != 0x80;
    return width;
}

/* Headings wrap, so half of one will do; the first rows show how long texts get. */
static rm_status add_columns(const rm_sheet *sheet, rm_text *out, rm_error *err)
{
    int *widths = NULL;
    rm_status status = RM_NEW(&widths, sheet->field_count, err);

    for (int32_t f = 0; f < sheet->field_count && status == RM_OK; f++)
        widths[f] = 10 + width_of(rm_sheet_heading(sheet, f)) / 3;
    for (int64_t row = 0; row < sheet->rows && row < MEASURED_ROWS && status == RM_OK; row++) {
        status = rm_sheet_row(sheet, row, err);
        for (int32_t f = 0; f < sheet->field_count && status == RM_OK; f++) {
            bool text = sheet->fields[f].type == RM_TEXT && !rm_sheet_missing(sheet, f);
            int width = text ? 2 + width_of(sheet->cells[f].text) : 0;
            widths[f] = width > widths[f] ? width : widths[f];
        }
    }
    if (status == RM_OK && sheet->field_count > 0) {
        rm_text_add(out, "<cols>");
        for (int32_t f = 0; f < sheet->field_count; f++)
            rm_text_addf(out, "<col min=\"%d\" max=\"%d\" width=\"%d\" customWidth=\"1\"/>",
                         (int)f + 1, (int)f + 1, widths[f]);
        rm_text_add(out, "</cols>");
    }
    rm_release(widths);
    return status;
}

static void add_headings(const rm_sheet *sheet, rm_text *out)
{
    rm_text_add(out, "<row r=\"1\">");
    for (int32_t f = 0; f < sheet->field_count; f++)
        add_text(out, f, 1, FORMAT_HEADING, rm_sheet_heading(sheet, f));
    rm_text_add(out, "</row>");
}

static void add_end(const rm_sheet *sheet, rm_text *out)
{
    for (int32_t n = 0; n < sheet->note_count; n++) {
        int64_t row = sheet->rows + 3 + n; /* an empty one between */
        rm_text_addf(out, "<row r=\"%lld\">", (long long)row);
        add_text(out, 0, row, FORMAT_PLAIN, sheet->notes[n]);
        rm_text_add(out, "</row>");
    }
    rm_text_add(out, "</sheetData>");
    if (sheet->field_count > 0) {
        rm_text_add(out, "<autoFilter ref=\"A1:");
        add_reference(out, sheet->field_count - 1, sheet->rows + 1);
        rm_text_add(out, "\"/>");
    }
    rm_text_add(out, "</worksheet>");
}

static rm_status make_sheet(const rm_sheet *sheet, rm_sheet_sink *sink, rm_error *err)
{
    rm_text *out = &sink->text;
    rm_text_add(out, XML "<worksheet xmlns=\"" MAIN_NS "\"><sheetViews><sheetView "
                         "workbookViewId=\"0\"><pane ySplit=\"1\" topLeftCell=\"A2\" "
                         "activePane=\"bottomLeft\" state=\"frozen\"/></sheetView></sheetViews>");
    RM_TRY(add_columns(sheet, out, err));
    rm_text_add(out, "<sheetData>");
    add_headings(sheet, out);
    for (int64_t row = 0; row < sheet->rows && !sink->broken && !out->failed; row++) {
        RM_TRY(rm_sheet_row(sheet, row, err));
        rm_text_addf(out, "<row r=\"%lld\">", (long long)(row + 2));
        for (int32_t f = 0; f < sheet->field_count; f++)
            add_cell(sheet, f, row + 2, out);
        rm_text_add(out, "</row>");
        rm_sheet_sink_drain(sink, false);
    }
    add_end(sheet, out);
    return RM_OK;
}

static bool put(void *handle, const char *bytes, size_t size)
{
    return CPLWriteFileInZip(handle, bytes, (int)size) == CE_None;
}

static bool compare(void *handle, const char *bytes, size_t size)
{
    char buffer[4096];
    while (size > 0) {
        size_t part = size < sizeof buffer ? size : sizeof buffer;
        if (VSIFReadL(buffer, 1, part, handle) != part || memcmp(buffer, bytes, part) != 0)
            return false;
        bytes += part;
        size -= part;
    }
    return true;
}

static rm_status fail_write(const rm_sheet *sheet, const rm_gdal_ears *ears, rm_error *err)
{
    return rm_fail(err, RM_EIO, "cannot write %s: the system refused a write; is the disk full? %s",
                   sheet->path, ears->heard);
}

/* One part of the package; the sheet itself when text is NULL. */
static rm_status write_part(const rm_sheet *sheet, void *zip, const char *name, const char *text,
                            const rm_gdal_ears *ears, rm_error *err)
{
    rm_sheet_sink sink = {.transfer = put, .handle = zip};
    rm_status status = RM_OK;

    if (CPLCreateFileInZip(zip, name, NULL) != CE_None)
        return fail_write(sheet, ears, err);
    if (text)
        rm_text_add(&sink.text, text);
    else
        status = make_sheet(sheet, &sink, err);
    rm_sheet_sink_drain(&sink, true);
    sink.broken |= CPLCloseFileInZip(zip) != CE_None;
    if (status != RM_OK) {
        rm_text_clear(&sink.text);
        return status;
    }
    return rm_sheet_sink_close(&sink, sheet->path, false, err);
}

static rm_status write_parts(const rm_sheet *sheet, void *zip, const rm_gdal_ears *ears,
                             rm_error *err)
{
    rm_text styles = {0};

    for (size_t p = 0; p < sizeof parts / sizeof *parts; p++)
        RM_TRY(write_part(sheet, zip, parts[p].name, parts[p].text, ears, err));
    make_styles(&styles);
    rm_status status = rm_text_status(&styles, err);
    if (status == RM_OK)
        status = write_part(sheet, zip, "xl/styles.xml", styles.data, ears, err);
    rm_text_clear(&styles);
    return status == RM_OK ? write_part(sheet, zip, sheet_part, NULL, ears, err) : status;
}

rm_status rm_sheet_write_xlsx(const rm_sheet *sheet, rm_error *err)
{
    rm_gdal_ears ears;
    rm_status status;

    if (sheet->rows + 2 + sheet->note_count > MOST_ROWS || sheet->field_count > MOST_COLUMNS)
        return rm_fail(err, RM_ELIMIT,
                       "%s: a workbook holds %d rows and %d columns; write a .csv, or fewer rows",
                       sheet->path, MOST_ROWS, MOST_COLUMNS);
    rm_gdal_enter(&ears);
    void *zip = CPLCreateZip(sheet->temporary, NULL);
    if (!zip) {
        status = fail_write(sheet, &ears, err);
    } else {
        status = write_parts(sheet, zip, &ears, err);
        if (CPLCloseZip(zip) != CE_None && status == RM_OK)
            status = fail_write(sheet, &ears, err);
    }
    rm_gdal_leave(&ears);
    return status;
}

static rm_status compare_sheet(const rm_sheet *sheet, rm_error *err)
{
    rm_text name = {0};
    char byte;

    rm_text_addf(&name, "/vsizip/{%s}/%s", sheet->temporary, sheet_part);
    RM_TRY(rm_text_status(&name, err));
    VSILFILE *file = VSIFOpenL(name.data, "rb");
    rm_text_clear(&name);
    if (!file)
        return rm_fail(err, RM_EIO, "%s was written, but cannot be read back", sheet->path);
    rm_sheet_sink sink = {.transfer = compare, .handle = file};
    rm_status status = make_sheet(sheet, &sink, err);
    rm_sheet_sink_drain(&sink, true);
    sink.broken |= VSIFReadL(&byte, 1, 1, file) != 0;
    (void)VSIFCloseL(file);
    if (status != RM_OK) {
        rm_text_clear(&sink.text);
        return status;
    }
    return rm_sheet_sink_close(&sink, sheet->path, true, err);
}

/* As another program sees it: rows below the headings, the empty one and the notes among them. */
static rm_status count_rows(const rm_sheet *sheet, const rm_gdal_ears *ears, rm_error *err)
{
    static const char *const drivers[] = {"XLSX", NULL};
    int64_t expected = sheet->rows + (sheet->note_count > 0 ? 1 + sheet->note_count : 0),
            found = -1;

    expected += expected == 0; /* a heading with nothing below it is taken for a row */
    GDALDatasetH data =
        GDALOpenEx(sheet->temporary, GDAL_OF_VECTOR | GDAL_OF_READONLY, drivers, NULL, NULL);
    if (data && GDALDatasetGetLayerCount(data) == 1)
        found = (int64_t)OGR_L_GetFeatureCount(GDALDatasetGetLayer(data, 0), 1);
    GDALClose(data);
    if (found == expected)
        return RM_OK;
    return rm_fail(err, RM_EIO, "%s was written, but GDAL reads %lld of its %lld rows %s",
                   sheet->path, (long long)found, (long long)expected, ears->heard);
}

rm_status rm_sheet_check_xlsx(const rm_sheet *sheet, rm_error *err)
{
    rm_gdal_ears ears;

    rm_gdal_enter(&ears);
    CPLSetThreadLocalConfigOption("OGR_XLSX_HEADERS",
                                  "FORCE"); /* all text: it would not see them */
    rm_status status = compare_sheet(sheet, err);
    if (status == RM_OK)
        status = count_rows(sheet, &ears, err);
    CPLSetThreadLocalConfigOption("OGR_XLSX_HEADERS", NULL);
    rm_gdal_leave(&ears);
    return status;
}
