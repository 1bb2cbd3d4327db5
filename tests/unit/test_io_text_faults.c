/* Reading reports when there is no memory, at every allocation in turn: an error, never a crash,
 * and nothing is left behind. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <gdal.h>
#include <ogr_api.h>

#include "failing.h"

#include "io/open.h"
#include "io/roles.h"
#include "scratch.h"

static char path[512];

static rm_status read_all(rm_error *err)
{
    static const char *const columns[] = {"datum", "tekst"};
    rm_request request = {.source = path,
                          .columns = columns,
                          .column_count = 2,
                          .geometry = true,
                          .threads = 1,
                          .profile = "none"};
    rm_source *source = NULL;
    rm_layer *layer = NULL;
    rm_status status = rm_open(NULL, &request, &source, err);
    if (status == RM_OK)
        status = rm_source_collect(&layer, source, NULL, NULL, err);
    if (status == RM_OK)
        assert_int_equal(layer->rows.table.rows, 2);
    rm_layer_free(layer);
    rm_source_free(source);
    return status;
}

static rm_status guess(rm_error *err)
{
    rm_table sample = {0};
    rm_roles roles;
    rm_status status = rm_roles_sample(&sample, path, NULL, 10, err);
    if (status == RM_OK)
        status = rm_roles_guess(&roles, &sample, err);
    rm_table_clear(&sample);
    return status;
}

static rm_status fail_to_find_points(rm_error *err)
{
    rm_request request = {.source = path, .geometry = true, .threads = 1};
    rm_source *source = NULL;
    rm_status status = rm_open(NULL, &request, &source, err);
    rm_source_free(source);
    return status;
}

static void write_bytes(const char *bytes, size_t size)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

#define REPORTS                                                                                    \
    "lon;lat;datum;tekst\n\"52,5\";6.1;3/14/2025;\"zei \"\"nee\"\"\"\n52.4;;3-4-2025;caf\xE9\n"

static void delimited_text(void **state)
{
    (void)state;
    snprintf(path, sizeof path, "%s", scratch_path("t.csv"));
    write_bytes(REPORTS, sizeof REPORTS - 1);
    torture(read_all, 10);
    torture(guess, 10);
    static const char unnamed[] = "k;oost;noord\n1;210000;500000\n";
    write_bytes(unnamed, sizeof unnamed - 1);
    torture_to(fail_to_find_points, RM_ENOTFOUND, 10);
}

static void text_in_a_zip(void **state)
{
    (void)state;
    char member[600];
    snprintf(path, sizeof path, "%s", scratch_path("t.zip"));
    snprintf(member, sizeof member, "/vsizip/%s/map/t.csv", path);
    VSILFILE *file = VSIFOpenL(member, "wb");
    assert_non_null(file);
    assert_int_equal(VSIFWriteL(REPORTS, 1, sizeof REPORTS - 1, file), sizeof REPORTS - 1);
    VSIFCloseL(file);
    torture(read_all, 10);
}

static void a_workbook(void **state)
{
    (void)state;
    static const char *const names[] = {"x", "y", "datum", "tekst"};
    static const char *const cells[2][4] = {{"500000", "210000", "45719", "a"},
                                            {"500001", "", "45720", "b"}};
    snprintf(path, sizeof path, "%s", scratch_path("t.xlsx"));
    GDALAllRegister();
    GDALDatasetH data = GDALCreate(GDALGetDriverByName("XLSX"), path, 0, 0, 0, GDT_Unknown, NULL);
    OGRLayerH sheet = GDALDatasetCreateLayer(data, "Blad1", NULL, wkbNone, NULL);
    for (int i = 0; i < 4; i++) {
        OGRFieldDefnH field = OGR_Fld_Create(names[i], OFTString);
        OGR_L_CreateField(sheet, field, 0);
        OGR_Fld_Destroy(field);
    }
    for (int row = 0; row < 2; row++) {
        OGRFeatureH feature = OGR_F_Create(OGR_L_GetLayerDefn(sheet));
        for (int i = 0; i < 4; i++)
            OGR_F_SetFieldString(feature, i, cells[row][i]);
        assert_int_equal(OGR_L_CreateFeature(sheet, feature), OGRERR_NONE);
        OGR_F_Destroy(feature);
    }
    GDALClose(data);
    torture(read_all, 10);
    torture(guess, 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(delimited_text, scratch_setup, scratch_teardown),
        cmocka_unit_test_setup_teardown(text_in_a_zip, scratch_setup, scratch_teardown),
        cmocka_unit_test_setup_teardown(a_workbook, scratch_setup, scratch_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
