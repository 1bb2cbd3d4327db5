/* Rasters on a disk without room, however much or little of the file fits. Not for valgrind: after
 * a refused write GDAL goes on with what it meant to read back. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/random.h"
#include "io/raster/cog.h"
#include "scratch.h"

enum { COLUMNS = 520, ROWS = 700 };

static rm_status give_rows(void *context, float *out, int64_t first, int64_t rows, rm_error *err)
{
    (void)context, (void)err;
    for (int64_t i = 0; i < rows * COLUMNS; i++)
        out[i] = (float)(rm_random_bits(7, 1, (uint64_t)(first * COLUMNS + i)) >> 40);
    return RM_OK;
}

static rm_status write_with_room(int64_t memory, rlim_t room, rm_error *err)
{
    const rm_raster_about about = {.grid = {200000.0, 500000.0, 25.0, COLUMNS, ROWS},
                                   .crs = "EPSG:28992"};
    struct rlimit before, little;
    char path[512];
    snprintf(path, sizeof path, "%s", scratch_path("a.tif"));
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    little = (struct rlimit){room, before.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &little), 0);
    rm_status status = rm_cog_write(path, &about, give_rows, NULL, memory, false, 2, NULL, err);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    return status;
}

static void assert_full(int64_t memory, rlim_t room)
{
    rm_error err = {0};
    rm_status status = write_with_room(memory, room, &err);
    if (status != RM_EIO || !strstr(err.message, "is there room on the disk?"))
        fail_msg("%d with room for %d: %s", (int)status, (int)room, err.message);
    assert_int_equal(scratch_count(NULL), 0);
}

static void test_in_memory(void **state)
{
    const rlim_t rooms[] = {0, 100, 1000, 5000, 200000, 1000000};
    (void)state;
    for (int r = 0; r < 6; r++)
        assert_full(0, rooms[r]);
    assert_int_equal(write_with_room(0, 2000000, NULL), RM_OK);
}

static void test_by_a_temporary_file(void **state)
{
    const rlim_t rooms[] = {0, 100, 1000, 5000, 200000, 1000000};
    (void)state;
    for (int r = 0; r < 6; r++)
        assert_full(1000000, rooms[r]);
    assert_int_equal(write_with_room(1000000, RLIM_INFINITY, NULL), RM_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_in_memory, scratch_setup, scratch_teardown),
        cmocka_unit_test_setup_teardown(test_by_a_temporary_file, scratch_setup, scratch_teardown),
    };
    (void)signal(SIGXFSZ, SIG_IGN);
    return cmocka_run_group_tests_name("full_disk", tests, NULL, NULL);
}
