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

static void torture(rm_status (*once)(rm_error *err), int at_least)
{
    for (int failures = 0;; failures++) {
        rm_error err = {0};
        int64_t before = alive;
        fail_after = failures;
        rm_status status = once(&err);
        fail_after = INT64_MAX;
        assert_int_equal(alive, before);
        assert_int_equal(scratch_count(NULL), status == RM_OK ? 1 : 0);
        if (status == RM_OK) {
            assert_true(failures >= at_least);
            return;
        }
        assert_int_equal(status, RM_ENOMEM);
        assert_int_equal(err.code, RM_ENOMEM);
    }
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
        rm_gpkg_create(&gpkg, scratch_path("uit.gpkg"), "EPSG:28992", false, false, err);
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
    return rm_sheet_write(scratch_path("uit.csv"), false, false, fields, NULL, 3, 3, make_row, NULL,
                          notes, 1, err);
}

static rm_status write_xlsx(rm_error *err)
{
    return rm_sheet_write(scratch_path("uit.xlsx"), false, false, fields, NULL, 3, 3, make_row,
                          NULL, notes, 1, err);
}

static void test_geopackage(void **state)
{
    (void)state;
    torture(write_geopackage, 15);
}

static void test_csv(void **state)
{
    (void)state;
    torture(write_csv, 10);
}

static void test_xlsx(void **state)
{
    (void)state;
    torture(write_xlsx, 10);
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
