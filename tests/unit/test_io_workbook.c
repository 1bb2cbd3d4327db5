/* Workbooks as sources: cells of every kind as the text that a person sees. */
#define _GNU_SOURCE
#include "base/date.h"
#include "base/text.h"
#include "io/open.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <gdal.h>
#include <ogr_api.h>

#include "scratch.h"

static rm_error err;

enum { ID, X, Y, DAY, MOMENT, WORDS, FIELDS };

static void add_field(OGRLayerH sheet, const char *name, OGRFieldType type)
{
    OGRFieldDefnH field = OGR_Fld_Create(name, type);
    assert_int_equal(OGR_L_CreateField(sheet, field, 0), OGRERR_NONE);
    OGR_Fld_Destroy(field);
}

static void add_fields(OGRLayerH sheet)
{
    static const char *const names[] = {"bag_id", "rd_x", "rd_y", "datum", "tijdstip", "tekst"};
    static const OGRFieldType types[] = {OFTInteger64, OFTReal,     OFTReal,
                                         OFTDate,      OFTDateTime, OFTString};
    for (int i = 0; i < FIELDS; i++)
        add_field(sheet, names[i], types[i]);
}

static void add_row(OGRLayerH sheet, int k)
{
    OGRFeatureH f = OGR_F_Create(OGR_L_GetLayerDefn(sheet));
    OGR_F_SetFieldInteger64(f, ID, INT64_C(1234567890123) + k);
    OGR_F_SetFieldDouble(f, X, 210000.25 + k);
    OGR_F_SetFieldDouble(f, Y, 500000.0 - k);
    OGR_F_SetFieldDateTime(f, DAY, 2025, 3, 3 + k, 0, 0, 0, 0);
    OGR_F_SetFieldDateTime(f, MOMENT, 2025, 3, 3, 14, 5 + k, 30, 0);
    OGR_F_SetFieldString(f, WORDS, k == 0 ? "0012" : "caf\xC3\xA9");
    assert_int_equal(OGR_L_CreateFeature(sheet, f), OGRERR_NONE);
    OGR_F_Destroy(f);
}

/* A sheet with rows between two without any, and between two rows one that is empty. */
static void write_workbook(const char *path, const char *driver)
{
    GDALAllRegister();
    GDALDatasetH data = GDALCreate(GDALGetDriverByName(driver), path, 0, 0, 0, GDT_Unknown, NULL);
    OGRLayerH sheet = GDALDatasetCreateLayer(data, "Blad0", NULL, wkbNone, NULL);
    add_field(sheet, "leeg", OFTString);
    sheet = GDALDatasetCreateLayer(data, "Meldingen", NULL, wkbNone, NULL);
    add_fields(sheet);
    add_row(sheet, 0);
    OGRFeatureH empty = OGR_F_Create(OGR_L_GetLayerDefn(sheet));
    assert_int_equal(OGR_L_CreateFeature(sheet, empty), OGRERR_NONE);
    OGR_F_Destroy(empty);
    add_row(sheet, 1);
    sheet = GDALDatasetCreateLayer(data, "Blad2", NULL, wkbNone, NULL);
    add_field(sheet, "leeg", OFTString);
    GDALClose(data);
}

static const char *text(const rm_layer *layer, int column, int64_t row)
{
    static char out[4][64];
    static int next;
    int64_t length;
    const char *at = rm_column_text(&layer->rows.table.columns[column], row, &length);
    char *to = out[next++ % 4];
    snprintf(to, 64, "%.*s", (int)length, at);
    return to;
}

static void check_workbook(const char *path)
{
    static const char *const columns[] = {"tekst", "bag_id", "datum", "tijdstip", "rd_x"};
    rm_request request = {.source = path,
                          .columns = columns,
                          .column_count = 5,
                          .geometry = true,
                          .target_crs = "EPSG:28992",
                          .threads = 4};
    rm_source *source = NULL;
    rm_layer *layer = NULL;
    if (rm_open(NULL, &request, &source, &err) != RM_OK ||
        rm_source_collect(&layer, source, NULL, NULL, &err) != RM_OK)
        fail_msg("%s", err.message);
    const rm_rows *rows = &layer->rows;
    assert_int_equal(rows->table.rows, 2);
    assert_int_equal(rows->issues.count, 0);
    assert_string_equal(layer->provenance.layer, "Meldingen");
    assert_string_equal(layer->provenance.crs, "EPSG:28992");
    assert_string_equal(text(layer, 0, 0), "0012");
    assert_string_equal(text(layer, 0, 1), "caf\xC3\xA9");
    assert_string_equal(text(layer, 1, 0), "1234567890123");
    assert_true(rm_column_number(&rows->table.columns[4], 0, NULL) == 210000.25);
    for (int k = 0; k < 2; k++) {
        int32_t day = rm_date_from_civil(2025, 3, 3);
        assert_int_equal(rm_column_date(&rows->table.columns[2], k, NULL), day + k);
        assert_int_equal(rm_column_date(&rows->table.columns[3], k, NULL), day);
        assert_true(rows->geometry.x[k] == 210000.25 + k && rows->geometry.y[k] == 500000.0 - k);
    }
    /* the row of the sheet, with the heading as the first */
    assert_int_equal(rows->ids[0], 2);
    assert_int_equal(rows->ids[1], 4);
    rm_layer_free(layer);
    rm_source_free(source);
}

static void cells_come_as_people_see_them(void **state)
{
    (void)state;
    static const char *const names[] = {"t.xlsx", "t.ods"}, *const drivers[] = {"XLSX", "ODS"};
    for (int i = 0; i < 2; i++) {
        char path[512];
        snprintf(path, sizeof path, "%s", scratch_path(names[i]));
        write_workbook(path, drivers[i]);
        check_workbook(path);
    }
}

static void a_workbook_is_listed(void **state)
{
    (void)state;
    char path[512];
    snprintf(path, sizeof path, "%s", scratch_path("t.xlsx"));
    write_workbook(path, "XLSX");
    rm_listing list = {0};
    assert_int_equal(rm_list(&list, path, &err), RM_OK);
    assert_string_equal(list.driver, "XLSX");
    assert_string_equal(list.layers[0].name, "Meldingen");
    assert_string_equal(list.layers[0].geometry_type, "Point");
    assert_string_equal(list.layers[0].crs, "EPSG:28992");
    for (int i = 0; i < FIELDS; i++)
        assert_int_equal(list.layers[0].columns.columns[i].type, RM_TEXT);
    rm_listing_clear(&list);
}

static void expect(const rm_request *request, rm_status status, const char *says)
{
    rm_source *source = NULL;
    rm_status got = rm_open(NULL, request, &source, &err);
    if (got != status || !strstr(err.message, says))
        fail_msg("expected %d %s, got %d %s", (int)status, says, (int)got, err.message);
    assert_null(source);
}

static void what_is_not_there_is_said(void **state)
{
    (void)state;
    char path[512];
    snprintf(path, sizeof path, "%s", scratch_path("t.xlsx"));
    write_workbook(path, "XLSX");
    static const char *const columns[] = {"datun"};
    rm_request request = {.source = path, .columns = columns, .column_count = 1};
    expect(&request, RM_ENOTFOUND, "did you mean \"datum\"?");
    request.column_count = 0;
    request.layer = "Melding";
    expect(&request, RM_ENOTFOUND, "did you mean \"Meldingen\"?");
    request.layer = "Blad2";
    request.geometry = true;
    expect(&request, RM_ENOTFOUND, "it has \"Meldingen\"");
    request.layer = NULL;
    request.x = "rd_x";
    expect(&request, RM_EINVAL, "must both be named, or neither");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(cells_come_as_people_see_them, scratch_setup,
                                        scratch_teardown),
        cmocka_unit_test_setup_teardown(a_workbook_is_listed, scratch_setup, scratch_teardown),
        cmocka_unit_test_setup_teardown(what_is_not_there_is_said, scratch_setup, scratch_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
