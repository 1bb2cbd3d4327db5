/* The writers with every allocation made to fail in turn: an error, no leak, no
 * file left behind. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "failing.h"

#include "io/sheet/sheet.h"
#include "scratch.h"

static rm_status (*writing)(rm_error *err);
static const char *written;

static rm_status whole_or_nothing(rm_error *err)
{
    rm_status status = writing(err);
    assert_int_equal(scratch_count(NULL), status == RM_OK ? 1 : 0);
    if (status == RM_OK)
        assert_int_equal(remove(scratch_path(written)), 0);
    return status;
}

static const rm_field fields[] = {{"tekst", RM_TEXT, "Tekst", "uitleg"},
                                  {"getal", RM_FLOAT64, "Getal", NULL},
                                  {"dag", RM_DATE, NULL, NULL}};

static rm_status make_row(void *context, int64_t row, rm_cell *cells, rm_error *err)
{
    (void)context;
    (void)err;
    cells[0].text = row % 2 ? "0153100000212345" : "fout \xFF byte";
    cells[1].f64 = (double)row;
    cells[2].i64 = row;
    return RM_OK;
}

static rm_geometry squares;

static int setup(void **state)
{
    const double xs[] = {0, 1, 1, 0, 0}, ys[] = {0, 0, 1, 1, 0};
    rm_status status = RM_OK;
    for (int i = 0; i < 100 && status == RM_OK; i++) {
        status = rm_geometry_add_feature(&squares, RM_KIND_POLYGON, NULL);
        if (status == RM_OK)
            status = rm_geometry_add_part(&squares, NULL);
        if (status == RM_OK)
            status = rm_geometry_add_ring(&squares, xs, ys, 5, NULL);
    }
    return status == RM_OK ? scratch_setup(state) : -1;
}

static int teardown(void **state)
{
    rm_geometry_clear(&squares);
    return scratch_teardown(state);
}

static rm_status write_geopackage(rm_error *err)
{
    rm_gpkg *gpkg = NULL;
    rm_status status =
        rm_gpkg_create(&gpkg, scratch_path(written), "EPSG:28992", false, false, err);
    if (status == RM_OK)
        status = rm_gpkg_add_features(gpkg, "areas", NULL, NULL, &squares, NULL, true, fields, 3,
                                      make_row, NULL, NULL, err);
    if (status == RM_OK)
        status =
            rm_gpkg_add_table(gpkg, "rijen", NULL, NULL, fields, 3, 4, make_row, NULL, NULL, err);
    if (status == RM_OK)
        status = rm_gpkg_add_view(gpkg, "kijk", NULL, "SELECT fid, tekst FROM rijen", err);
    if (status == RM_OK)
        status = rm_gpkg_add_style(gpkg, "areas", "stijl", "<qgis/>", NULL, err);
    if (status == RM_OK)
        status = rm_gpkg_add_metadata(gpkg, "text/plain", "tekst", err);
    if (status == RM_OK)
        status = rm_gpkg_finish(gpkg, err);
    rm_gpkg_free(gpkg);
    return status;
}

static const char *const notes[] = {"let op"};

static rm_status write_csv(rm_error *err)
{
    return rm_sheet_write(scratch_path(written), false, false, fields, NULL, 3, 3, make_row, NULL,
                          notes, 1, err);
}

static rm_status write_xlsx(rm_error *err)
{
    return rm_sheet_write(scratch_path(written), false, false, fields, NULL, 3, 3, make_row, NULL,
                          notes, 1, err);
}

static void test_geopackage(void **state)
{
    (void)state;
    writing = write_geopackage;
    written = "uit.gpkg";
    torture(whole_or_nothing, 15);
}

static void test_csv(void **state)
{
    (void)state;
    writing = write_csv;
    written = "uit.csv";
    torture(whole_or_nothing, 10);
}

static void test_xlsx(void **state)
{
    (void)state;
    writing = write_xlsx;
    written = "uit.xlsx";
    torture(whole_or_nothing, 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_geopackage, setup, teardown),
        cmocka_unit_test_setup_teardown(test_csv, setup, teardown),
        cmocka_unit_test_setup_teardown(test_xlsx, setup, teardown),
    };
    return cmocka_run_group_tests_name("io_write_faults", tests, NULL, NULL);
}
