/* Rasters and contours with every allocation made to fail in turn: an error, no leak, no file left
 * behind. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "failing.h"

#include "io/raster/cog.h"
#include "io/raster/contour.h"
#include "scratch.h"

enum { COLUMNS = 530, ROWS = 40 };
static const rm_grid grid = {200000.0, 500000.0, 25.0, COLUMNS, ROWS};
static int64_t memory;
static int32_t colours;

static float value_at(int64_t row, int64_t column)
{
    return (float)((row * 7 + column * 3) % 11 / 4);
}

static rm_status give_rows(void *context, float *out, int64_t first, int64_t rows, rm_error *err)
{
    (void)context, (void)err;
    for (int64_t i = 0; i < rows * COLUMNS; i++)
        out[i] = value_at(first + i / COLUMNS, i % COLUMNS);
    return RM_OK;
}

static rm_status write_raster(rm_error *err)
{
    static const rm_colour palette[3] = {{0, 0, 0, 0}, {9, 9, 9, 255}, {200, 0, 0, 255}};
    const rm_raster_about about = {.grid = grid,
                                   .crs = "EPSG:28992",
                                   .description = "proef",
                                   .palette = palette,
                                   .palette_count = colours};
    char path[512];
    snprintf(path, sizeof path, "%s", scratch_path("a.tif"));
    rm_status status = rm_cog_write(path, &about, give_rows, NULL, memory, false, 1, NULL, err);
    assert_int_equal(scratch_count(NULL), status == RM_OK ? 1 : 0);
    if (status == RM_OK)
        assert_int_equal(remove(path), 0);
    return status;
}

static void test_raster(void **state)
{
    (void)state;
    for (int way = 0; way < 4; way++) {
        memory = way % 2 ? 140000 : 0; /* by a temporary file, too */
        colours = way / 2 * 3;
        torture(write_raster, 15);
    }
}

static rm_status draw(rm_error *err)
{
    static float values[COLUMNS * ROWS];
    const double levels[] = {0.5, 1.5};
    rm_geometry out = {0};
    for (int64_t i = 0; i < COLUMNS * ROWS; i++)
        values[i] = value_at(i / COLUMNS, i % COLUMNS);
    rm_status status = rm_contour(&out, values, &grid, levels, 2, NULL, err);
    if (status == RM_OK)
        assert_int_equal(out.features, 2);
    else
        assert_int_equal(out.features, 0);
    rm_geometry_clear(&out);
    return status;
}

static void test_contour(void **state)
{
    (void)state;
    torture(draw, 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_raster, scratch_setup, scratch_teardown),
        cmocka_unit_test(test_contour),
    };
    return cmocka_run_group_tests_name("io_raster_faults", tests, NULL, NULL);
}
