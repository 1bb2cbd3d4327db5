/* Files that were read are known again by any road. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scratch.h"

#include "base/inputs.h"

static void make_file(const char *name)
{
    FILE *file = fopen(scratch_path(name), "w");
    assert_non_null(file);
    assert_int_equal(fclose(file), 0);
}

static void assert_refused(const rm_inputs *inputs, const char *target)
{
    rm_error err = {0};
    assert_int_equal(rm_inputs_refuse(inputs, target, &err), RM_EINVAL);
    assert_int_equal(strncmp(err.message, target, strlen(target)), 0);
    assert_non_null(strstr(err.message, "is one of the files that were read, and would be "
                                        "replaced: choose another name"));
}

static void any_road_leads_to_the_same_file(void **state)
{
    rm_inputs inputs = {0};
    char points[512], other[600];
    (void)state;
    make_file("points.gpkg");
    make_file("areas.gpkg");
    snprintf(points, sizeof points, "%s", scratch_path("points.gpkg"));
    snprintf(other, sizeof other, "%s|layername=wijken", scratch_path("areas.gpkg"));
    assert_int_equal(rm_inputs_add(&inputs, points, NULL), RM_OK);
    assert_int_equal(rm_inputs_add(&inputs, other, NULL), RM_OK);
    assert_int_equal(inputs.count, 2);
    assert_refused(&inputs, points);
    assert_refused(&inputs, scratch_path("areas.gpkg"));
    assert_refused(&inputs, scratch_path(".//points.gpkg"));
    assert_int_equal(symlink("points.gpkg", scratch_path("soft.gpkg")), 0);
    assert_refused(&inputs, scratch_path("soft.gpkg"));
    assert_int_equal(link(points, scratch_path("hard.gpkg")), 0);
    assert_refused(&inputs, scratch_path("hard.gpkg"));
    make_file("new.gpkg");
    assert_int_equal(rm_inputs_refuse(&inputs, scratch_path("new.gpkg"), NULL), RM_OK);
    assert_int_equal(rm_inputs_refuse(&inputs, scratch_path("none.gpkg"), NULL), RM_OK);
    rm_inputs_clear(&inputs);
    assert_int_equal(rm_inputs_refuse(&inputs, points, NULL), RM_OK);
}

/* Also when it was written anew under its name in the meantime. */
static void a_name_is_kept_whole(void **state)
{
    rm_inputs inputs = {0};
    char *here = getcwd(NULL, 0);
    (void)state;
    assert_non_null(here);
    make_file("points.csv");
    assert_int_equal(chdir(scratch_folder), 0);
    assert_int_equal(rm_inputs_add(&inputs, "points.csv", NULL), RM_OK);
    assert_int_equal(chdir(here), 0);
    free(here);
    assert_refused(&inputs, scratch_path("points.csv"));
    make_file("anew.csv");
    char *anew = strdup(scratch_path("anew.csv"));
    assert_int_equal(rename(anew, scratch_path("points.csv")), 0);
    free(anew);
    assert_refused(&inputs, scratch_path("points.csv"));
    rm_inputs_clear(&inputs);
}

static void what_is_no_file_is_passed_over(void **state)
{
    static const char *const none[] = {NULL,
                                       "",
                                       "no such file.csv",
                                       "WFS:https://example.org/wfs",
                                       "PG:host=db dbname=x",
                                       "the layer in memory",
                                       "/vsizip/x.zip/y.csv"};
    rm_inputs inputs = {0};
    (void)state;
    for (size_t n = 0; n < sizeof none / sizeof *none; n++)
        assert_int_equal(rm_inputs_add(&inputs, none[n], NULL), RM_OK);
    assert_int_equal(inputs.count, 0);
    assert_null(inputs.path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(any_road_leads_to_the_same_file, scratch_setup,
                                        scratch_teardown),
        cmocka_unit_test_setup_teardown(a_name_is_kept_whole, scratch_setup, scratch_teardown),
        cmocka_unit_test(what_is_no_file_is_passed_over),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
