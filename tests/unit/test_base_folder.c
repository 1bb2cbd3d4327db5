/* Walking folders, and the road from one file to another. */
#define _GNU_SOURCE
#include "base/file.h"
#include "base/folder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scratch.h"

static void write_file(const char *name)
{
    FILE *file = fopen(scratch_path(name), "wb");
    assert_non_null(file);
    assert_int_equal(fclose(file), 0);
}

static void make_folder(const char *name)
{
    assert_int_equal(mkdir(scratch_path(name), 0700), 0);
}

static bool is_gdb(const char *path)
{
    size_t length = strlen(path);
    return length > 4 && strcmp(path + length - 4, ".gdb") == 0;
}

static void forget(const char *name)
{
    if (unlink(scratch_path(name)) != 0)
        (void)rmdir(scratch_path(name));
}

static void assert_entries(const rm_folder *found, const char *const *names, int64_t count)
{
    assert_int_equal(found->count, count);
    for (int64_t i = 0; i < count; i++)
        assert_string_equal(found->entries[i].path, scratch_path(names[i]));
}

static void test_files_come_in_order_and_loops_end(void **state)
{
    (void)state;
    rm_folder found = {0};
    rm_error err = {0};
    make_folder("sub");
    make_folder("sub/deep");
    make_folder("x.gdb");
    write_file("b.csv");
    write_file("a.csv");
    write_file(".hidden");
    write_file("sub/c.csv");
    write_file("sub/deep/d.csv");
    write_file("x.gdb/inside");
    assert_int_equal(symlink("..", scratch_path("sub/up")), 0);
    assert_int_equal(symlink("nowhere", scratch_path("dangling")), 0);
    assert_int_equal(symlink("a.csv", scratch_path("link.csv")), 0);
    assert_int_equal(mkfifo(scratch_path("pipe.csv"), 0600), 0);

    assert_int_equal(rm_folder_list(&found, scratch_folder, 8, 100, is_gdb, &err), RM_OK);
    const char *const all[] = {"a.csv",     "b.csv",          "link.csv",
                               "sub/c.csv", "sub/deep/d.csv", "x.gdb"};
    assert_entries(&found, all, 6);
    rm_folder_clear(&found);

    assert_int_equal(rm_folder_list(&found, scratch_folder, 1, 100, is_gdb, &err), RM_OK);
    const char *const shallow[] = {"a.csv", "b.csv", "link.csv", "sub/c.csv", "x.gdb"};
    assert_entries(&found, shallow, 5);
    rm_folder_clear(&found);

    assert_int_equal(rm_folder_list(&found, scratch_folder, 8, 5, is_gdb, &err), RM_ELIMIT);
    assert_non_null(strstr(err.message, "holds more than 5 files"));
    assert_int_equal(rm_folder_list(&found, scratch_path("a.csv"), 8, 5, is_gdb, &err),
                     RM_ENOTFOUND);
    assert_non_null(strstr(err.message, "is no folder"));
    assert_int_equal(rm_folder_list(&found, scratch_path("gone"), 8, 5, is_gdb, &err),
                     RM_ENOTFOUND);
    assert_non_null(strstr(err.message, "does not exist"));

    const char *const made[] = {
        "x.gdb/inside", "sub/deep/d.csv", "sub/c.csv", "sub/up", "sub/deep", "sub",    "x.gdb",
        "dangling",     "link.csv",       "pipe.csv",  "a.csv",  "b.csv",    ".hidden"};
    for (size_t m = 0; m < sizeof made / sizeof *made; m++)
        forget(made[m]);
}

static void assert_road(const char *file, const char *path, const char *expected)
{
    rm_error err = {0};
    char *out = NULL, *back = NULL;
    char from[512];
    snprintf(from, sizeof from, "%s", scratch_path(file));
    if (rm_path_from(&out, from, path, &err) != RM_OK)
        fail_msg("%s", err.message);
    assert_string_equal(out, expected);
    assert_int_equal(rm_path_beside(&back, from, out, &err), RM_OK);
    if (rm_file_exists(path))
        assert_true(rm_file_same(back, path));
    rm_release(out);
    rm_release(back);
}

static void test_roads(void **state)
{
    (void)state;
    char path[512];
    rm_error err = {0};
    char *out = NULL;
    make_folder("one");
    make_folder("one/two");
    make_folder("one-more");
    write_file("one/a.csv");
    write_file("one-more/b.csv");
    write_file("c.csv");
    snprintf(path, sizeof path, "%s", scratch_path("one/a.csv"));
    assert_road("mine.json", path, "one/a.csv");
    assert_road("one/mine.json", path, "a.csv");
    assert_road("one/two/mine.json", path, "../a.csv");
    assert_road("one-more/mine.json", path, "../one/a.csv");
    snprintf(path, sizeof path, "%s", scratch_path("one/two/../../one-more/b.csv"));
    assert_road("one/mine.json", path, "../one-more/b.csv");
    snprintf(path, sizeof path, "%s", scratch_path("c.csv"));
    assert_road("one/two/mine.json", path, "../../c.csv");
    /* what is not there yet, in a folder that is; in one that is not */
    snprintf(path, sizeof path, "%s", scratch_path("one/later.gpkg"));
    assert_road("mine.json", path, "one/later.gpkg");
    assert_road("mine.json", "gone/away.gpkg", "gone/away.gpkg");
    /* no path of a file system, and nothing shared but the root */
    assert_road("mine.json", "https://example.org/wfs", "https://example.org/wfs");
    assert_road("mine.json", "/vsizip/a.zip/b.gml", "/vsizip/a.zip/b.gml");
    assert_road("mine.json", "/etc/hostname", "/etc/hostname");
    assert_int_equal(rm_path_from(&out, scratch_path("none/mine.json"), path, &err), RM_ENOTFOUND);
    assert_non_null(strstr(err.message, "make it first"));
    assert_null(out);
    const char *const made[] = {"one/two",        "one/a.csv", "one",
                                "one-more/b.csv", "one-more",  "c.csv"};
    for (size_t m = 0; m < sizeof made / sizeof *made; m++)
        forget(made[m]);
}

static void test_a_folder_that_cannot_be_entered(void **state)
{
    (void)state;
    rm_folder found = {0};
    rm_error err = {0};
    if (geteuid() == 0) {
        print_message("skipped: root enters every folder\n");
        skip();
    }
    make_folder("closed");
    assert_int_equal(chmod(scratch_path("closed"), 0), 0);
    assert_int_equal(rm_folder_list(&found, scratch_folder, 8, 100, is_gdb, &err), RM_OK);
    assert_int_equal(found.count, 1);
    assert_true(found.entries[0].unreadable);
    rm_folder_clear(&found);
    assert_int_equal(chmod(scratch_path("closed"), 0700), 0);
    forget("closed");
}

static void test_a_file_is_prepared_beside_its_place(void **state)
{
    (void)state;
    rm_error err = {0};
    char *temporary = NULL, *text = NULL;
    int64_t size = 0;
    char path[512];
    snprintf(path, sizeof path, "%s", scratch_path("out.md"));
    assert_int_equal(rm_file_prepare(&temporary, path, "tekst\n", 6, &err), RM_OK);
    assert_false(rm_file_exists(path));
    assert_int_equal(rm_file_publish(temporary, path, false, false, &err), RM_OK);
    assert_int_equal(rm_file_read(&text, &size, path, 100, &err), RM_OK);
    assert_string_equal(text, "tekst\n");
    rm_release(text);
    rm_release(temporary);
    forget("out.md");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_files_come_in_order_and_loops_end, scratch_setup,
                                        scratch_teardown),
        cmocka_unit_test_setup_teardown(test_roads, scratch_setup, scratch_teardown),
        cmocka_unit_test_setup_teardown(test_a_folder_that_cannot_be_entered, scratch_setup,
                                        scratch_teardown),
        cmocka_unit_test_setup_teardown(test_a_file_is_prepared_beside_its_place, scratch_setup,
                                        scratch_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
