/* Rasters and contours through the public API. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "riskmap/riskmap.h"
#include "scratch.h"
#include "telling.h"

static const float values[] = {0, 0, 0, 0, 0, 4, 8, 0, 0, 0, 0, NAN};
static const rm_grid grid = {1000.0, 2000.0, 10.0, 4, 3};

static void test_write(void **state)
{
    (void)state;
    const char *const names[] = {"RISKMAP_MADE_BY"}, *const texts[] = {"hand"};
    rm_raster_options options;
    rm_error err = {0};
    rm_raster_options_init(&options);
    options.tag_names = names;
    options.tag_values = texts;
    options.tag_count = 1;
    options.unit = "m";
    char path[512];
    snprintf(path, sizeof path, "%s", scratch_path("a.tif"));
    assert_int_equal(rm_raster_write(path, values, &grid, "EPSG:28992", &options, &err), RM_OK);
    assert_int_equal(scratch_count(NULL), 1);
    assert_int_equal(rm_raster_write(path, values, &grid, NULL, NULL, &err), RM_EEXISTS);
    options.overwrite = 1;
    options.shielded = 1;
    assert_int_equal(rm_raster_write(path, values, &grid, NULL, &options, &err), RM_OK);
    struct stat info;
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
}

static int stop(double fraction, const char *message, void *user)
{
    (void)fraction, (void)message, (void)user;
    return 1;
}

static void test_write_refusals(void **state)
{
    (void)state;
    rm_raster_options options = RM_RASTER_OPTIONS_INIT;
    const char *path = scratch_path("a.tif");
    rm_error err = {0};
    assert_int_equal(rm_raster_write(path, NULL, &grid, NULL, NULL, &err), RM_EINVAL);
    assert_non_null(strstr(err.message, "no values"));
    options.tag_count = 2;
    assert_int_equal(rm_raster_write(path, values, &grid, NULL, &options, &err), RM_EINVAL);
    assert_non_null(strstr(err.message, "tag_count is 2"));
    options = (rm_raster_options)RM_RASTER_OPTIONS_INIT;
    options.threads = -1;
    assert_int_equal(rm_raster_write(path, values, &grid, NULL, &options, &err), RM_EINVAL);
    options = (rm_raster_options)RM_RASTER_OPTIONS_INIT;
    options.size = 2;
    assert_int_equal(rm_raster_write(path, values, &grid, NULL, &options, &err), RM_EINVAL);
    assert_non_null(strstr(err.message, "RM_RASTER_OPTIONS_INIT"));
    options = (rm_raster_options)RM_RASTER_OPTIONS_INIT;
    options.progress = stop;
    assert_int_equal(rm_raster_write(path, values, &grid, NULL, &options, &err), RM_ECANCELLED);
    assert_int_equal(scratch_count(NULL), 0);
}

static void test_contours(void **state)
{
    (void)state;
    const double levels[] = {9.0, 2.0};
    rm_layer *layer = NULL;
    rm_error err = {0};
    assert_int_equal(rm_contours(&layer, values, &grid, "EPSG:28992", levels, 2, NULL, NULL, &err),
                     RM_OK);
    assert_int_equal(rm_layer_feature_count(layer), 2);
    assert_string_equal(rm_layer_crs(layer), "EPSG:28992");
    assert_int_equal(rm_layer_field_count(layer), 2);
    assert_string_equal(rm_layer_field_name(layer, 0), "level");
    assert_string_equal(rm_layer_field_name(layer, 1), "area_m2");
    assert_float_equal(rm_layer_number(layer, 0, 0), 9.0, 0.0);
    assert_float_equal(rm_layer_number(layer, 0, 1), 0.0, 0.0);
    assert_float_equal(rm_layer_number(layer, 1, 0), 2.0, 0.0);
    assert_true(rm_layer_number(layer, 1, 1) > 100.0);
    double extent[4];
    rm_layer_extent(layer, extent);
    assert_float_equal(extent[0], 1010.0, 1e-9); /* half-way from 0 to 4 */
    assert_float_equal(extent[2], 1032.5, 1e-9); /* three quarters from 8 to 0 */
    rm_layer_free(layer);
}

static void test_contour_refusals(void **state)
{
    (void)state;
    const double level = NAN;
    rm_layer *layer = NULL;
    rm_error err = {0};
    assert_int_equal(rm_contours(&layer, values, &grid, NULL, &level, 1, NULL, NULL, &err),
                     RM_EINVAL);
    assert_null(layer);
    assert_int_equal(rm_contours(&layer, values, &grid, NULL, NULL, 1, NULL, NULL, &err),
                     RM_EINVAL);
    assert_non_null(strstr(err.message, "no levels"));
    assert_int_equal(rm_contours(&layer, values, &grid, NULL, NULL, 0, NULL, NULL, &err), RM_OK);
    assert_int_equal(rm_layer_feature_count(layer), 0);
    rm_layer_free(layer);
}

/* A checkerboard: every cell has a ring of its own. */
static rm_status draw_checkers(telling *told, rm_error *err)
{
    enum { SIDE = 600 };
    static float checkers[SIDE * SIDE];
    const rm_grid board = {0.0, 6000.0, 10.0, SIDE, SIDE};
    const double level = 0.5;
    rm_layer *layer = NULL;
    for (int i = 0; i < SIDE * SIDE; i++)
        checkers[i] = (float)((i / SIDE + i) % 2);
    rm_status status = rm_contours(&layer, checkers, &board, NULL, &level, 1, tell, told, err);
    rm_layer_free(layer);
    return status;
}

static void test_contours_can_be_stopped(void **state)
{
    (void)state;
    assert_can_be_stopped(draw_checkers);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, scratch_setup, scratch_teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_write),
        TEST(test_write_refusals),
        TEST(test_contours),
        TEST(test_contour_refusals),
        TEST(test_contours_can_be_stopped),
    };
    return cmocka_run_group_tests_name("api_raster", tests, NULL, NULL);
}
