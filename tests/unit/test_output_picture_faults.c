/* A picture whose first, second, ... allocation fails: no memory, no file, nothing kept. */
#define _GNU_SOURCE
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "failing.h"

#include "output/picture/picture.h"

#include "fonts.h"
#include "scratch.h"

static rm_layer water, names;

static rm_status one_picture(rm_error *err)
{
    float values[12];
    rm_heat_classes classes;
    const rm_context_layer context[] = {{&water, RM_CONTEXT_WATER, -1},
                                        {&water, RM_CONTEXT_BOUNDARY, -1},
                                        {&names, RM_CONTEXT_NAME, 0}};
    for (int i = 0; i < 12; i++)
        values[i] = (float)i;
    RM_TRY(rm_heat_classes_make(&classes, values, 12, 3, err));
    rm_picture picture = {.grid = {0, 300, 100, 4, 3},
                          .values = values,
                          .classes = &classes,
                          .title = "Een titel op twee regels, want hij is lang genoeg",
                          .subtitle = "caf\xc3\xa9",
                          .unit = "meldingen per km\xc2\xb2",
                          .footer = "Bron",
                          .context = context,
                          .context_count = 3,
                          .width = 400,
                          .height = 300,
                          .shielded = true,
                          .threads = 1};
    rm_status status = rm_picture_write(&picture, scratch_path("a.png"), true, err);
    assert_int_equal(scratch_count(NULL), status == RM_OK);
    (void)unlink(scratch_path("a.png"));
    return status;
}

static void test_picture_without_memory(void **state)
{
    const double x[] = {-50, 450, 450, -50, -50}, y[] = {40, 60, 120, 120, 40};
    rm_error err = {0};
    (void)state;
    if (!rm_picture_possible())
        skip();
    assert_int_equal(rm_geometry_add_feature(&water.rows.geometry, RM_KIND_POLYGON, &err), RM_OK);
    assert_int_equal(rm_geometry_add_part(&water.rows.geometry, &err), RM_OK);
    assert_int_equal(rm_geometry_add_ring(&water.rows.geometry, x, y, 5, &err), RM_OK);
    assert_int_equal(rm_geometry_add_point(&names.rows.geometry, 200, 200, &err), RM_OK);
    assert_int_equal(rm_table_add_column(&names.rows.table, "naam", RM_TEXT, &err), RM_OK);
    assert_int_equal(rm_column_add_text(&names.rows.table.columns[0], 0, "Dorp", 4, &err), RM_OK);
    names.rows.table.rows = 1;
    torture(one_picture, 50);
    rm_rows_clear(&water.rows);
    rm_rows_clear(&names.rows);
}

static rm_status one_style(rm_error *err)
{
    const rm_heat_classes classes = {.bounds = {1, 2}, .count = 1};
    rm_text text = {0};
    rm_heat_style_qml(&text, &classes, "per km\xc2\xb2", RM_DUTCH);
    rm_status status = rm_text_status(&text, err);
    rm_text_clear(&text);
    return status;
}

static void test_style_without_memory(void **state)
{
    (void)state;
    torture(one_style, 4);
}

static int forget(void **state)
{
    forget_fonts();
    return scratch_teardown(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_picture_without_memory),
        cmocka_unit_test(test_style_without_memory),
    };
    return cmocka_run_group_tests(tests, scratch_setup, forget);
}
