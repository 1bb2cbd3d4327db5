/* Files: reading, temporary names, safe replacement. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/file.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static char folder[256];

static const char *in_folder(const char *name)
{
    static char paths[4][512];
    static int next;
    char *path = paths[next++ % 4];
    snprintf(path, sizeof paths[0], "%s/%s", folder, name);
    return path;
}

static void put(const char *path, const char *content, size_t length)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(content, 1, length, file), length);
    assert_int_equal(fclose(file), 0);
}

static void assert_holds(const char *path, const char *content)
{
    rm_error err;
    char *data = NULL;
    int64_t size = 0;
    assert_int_equal(rm_file_read(&data, &size, path, 1 << 20, &err), RM_OK);
    assert_int_equal(size, strlen(content));
    assert_string_equal(data, content);
    rm_release(data);
}

static int entries(void)
{
    int count = 0;
    DIR *d = opendir(folder);
    for (struct dirent *e = readdir(d); e != NULL; e = readdir(d))
        count += strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0;
    closedir(d);
    return count;
}

static mode_t mode_of(const char *path)
{
    struct stat info;
    assert_int_equal(stat(path, &info), 0);
    return info.st_mode & 07777;
}

static int make_folder(void **state)
{
    (void)state;
    const char *base = getenv("TMPDIR");
    snprintf(folder, sizeof folder, "%s/riskmap-test-XXXXXX", base != NULL ? base : "/tmp");
    return mkdtemp(folder) != NULL ? 0 : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    DIR *d = opendir(folder);
    for (struct dirent *e = readdir(d); e != NULL; e = readdir(d)) {
        if (unlinkat(dirfd(d), e->d_name, 0) != 0)
            (void)unlinkat(dirfd(d), e->d_name, AT_REMOVEDIR);
    }
    closedir(d);
    return rmdir(folder);
}

static void a_file_is_read_whole(void **state)
{
    (void)state;
    const int64_t sizes[] = {0, 1, 15, 4095, 4096, 4097, 1 << 20};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        rm_error err;
        char *content = test_malloc((size_t)sizes[i] + 1), *data = NULL;
        int64_t size = -1;
        for (int64_t k = 0; k < sizes[i]; k++)
            content[k] = (char)(k * 7 >> 3);
        put(in_folder("a.bin"), content, (size_t)sizes[i]);
        assert_int_equal(rm_file_read(&data, &size, in_folder("a.bin"), sizes[i], &err), RM_OK);
        assert_int_equal(size, sizes[i]);
        assert_int_equal(data[size], '\0');
        if (size > 0)
            assert_memory_equal(data, content, (size_t)size);
        rm_release(data);
        test_free(content);
    }
}

static void a_file_over_the_limit_is_refused(void **state)
{
    (void)state;
    rm_error err;
    char *data = NULL;
    int64_t size = -1;
    put(in_folder("a.txt"), "0123456789", 10);
    assert_int_equal(rm_file_read(&data, &size, in_folder("a.txt"), 9, &err), RM_ELIMIT);
    assert_non_null(strstr(err.message, "9 bytes"));
    assert_non_null(strstr(err.message, "a.txt"));
    assert_null(data);
    assert_int_equal(size, -1);
    /* A size of 0 in the folder of processes says nothing of the length. */
    assert_int_equal(rm_file_read(&data, &size, "/proc/self/status", 8, &err), RM_ELIMIT);
    assert_int_equal(rm_file_read(&data, &size, "/proc/self/status", 1 << 20, &err), RM_OK);
    assert_true(size > 100 && (int64_t)strlen(data) == size);
    rm_release(data);
}

static void what_cannot_be_read_is_said(void **state)
{
    (void)state;
    rm_error err;
    char *data = NULL;
    int64_t size = -1;
    assert_int_equal(rm_file_read(&data, &size, in_folder("none.json"), 100, &err), RM_ENOTFOUND);
    assert_non_null(strstr(err.message, "none.json: No such file or directory"));
    assert_int_equal(rm_file_read(&data, &size, in_folder("a.txt/b"), 100, &err), RM_ENOTFOUND);
    assert_int_equal(rm_file_read(&data, &size, folder, 100, &err), RM_EIO);
    assert_non_null(strstr(err.message, "folder"));
    assert_null(data);
    assert_int_equal(size, -1);
}

static void a_file_is_looked_at(void **state)
{
    (void)state;
    rm_error err;
    int64_t size = -1, modified = -1;
    put(in_folder("b.txt"), "abc", 3);
    assert_true(rm_file_exists(in_folder("b.txt")));
    assert_false(rm_file_is_folder(in_folder("b.txt")));
    assert_true(rm_file_exists(folder));
    assert_true(rm_file_is_folder(folder));
    assert_false(rm_file_exists(in_folder("none")));
    assert_false(rm_file_is_folder(in_folder("none")));
    assert_int_equal(rm_file_stat(in_folder("b.txt"), &size, &modified, &err), RM_OK);
    assert_int_equal(size, 3);
    assert_true(modified >= time(NULL) - 60 && modified <= time(NULL) + 60);
    size = -1;
    assert_int_equal(rm_file_stat(in_folder("none"), &size, &modified, &err), RM_ENOTFOUND);
    assert_int_equal(size, -1);
    assert_non_null(strstr(err.message, "none"));
    rm_file_remove(in_folder("b.txt"));
    assert_false(rm_file_exists(in_folder("b.txt")));
    rm_file_remove(in_folder("b.txt"));
    rm_file_remove(NULL);
}

static void a_temporary_file_lies_beside_its_goal(void **state)
{
    (void)state;
    rm_error err;
    char *first = NULL, *second = NULL;
    const char *goal = in_folder("result.v1.gpkg");
    assert_int_equal(rm_file_temporary(&first, goal, &err), RM_OK);
    assert_int_equal(rm_file_temporary(&second, goal, &err), RM_OK);
    assert_string_not_equal(first, second);
    assert_int_equal(strncmp(first, folder, strlen(folder)), 0);
    assert_string_equal(first + strlen(first) - 5, ".gpkg");
    assert_int_equal(mode_of(first), 0600);
    assert_holds(first, "");
    rm_file_remove(first);
    rm_file_remove(second);
    rm_release(first);
    rm_release(second);
    first = NULL;
    assert_int_equal(rm_file_temporary(&first, in_folder("no/such/a.gpkg"), &err), RM_ENOTFOUND);
    assert_non_null(strstr(err.message, "no/such/a.gpkg"));
    assert_null(first);
}

static void names_without_ending_or_folder(void **state)
{
    (void)state;
    rm_error err;
    char *temporary = NULL;
    char *here = getcwd(NULL, 0);
    assert_int_equal(chdir(folder), 0);
    const char *goals[] = {"plain", ".hidden", "ending.far-too-long-to-be-one"};
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(rm_file_temporary(&temporary, goals[i], &err), RM_OK);
        assert_null(strchr(temporary, '/'));
        assert_null(strchr(temporary, '.'));
        put(temporary, "x", 1);
        assert_int_equal(rm_file_publish(temporary, goals[i], false, false, &err), RM_OK);
        assert_holds(goals[i], "x");
        rm_file_remove(goals[i]);
        rm_release(temporary);
    }
    assert_int_equal(chdir(here), 0);
    free(here);
}

static char *made(const char *goal, const char *content)
{
    rm_error err;
    char *temporary = NULL;
    assert_int_equal(rm_file_temporary(&temporary, goal, &err), RM_OK);
    put(temporary, content, strlen(content));
    return temporary;
}

static void publishing_moves_the_file_and_sets_its_mode(void **state)
{
    (void)state;
    const mode_t masks[] = {0022, 0002, 0077};
    for (size_t i = 0; i < 3; i++) {
        for (int shielded = 0; shielded <= 1; shielded++) {
            rm_error err;
            const char *goal = in_folder("new.gpkg");
            int before = entries();
            char *temporary = made(goal, "content");
            mode_t old = umask(masks[i]);
            rm_status status = rm_file_publish(temporary, goal, false, shielded, &err);
            assert_int_equal(umask(old), masks[i]);
            assert_int_equal(status, RM_OK);
            assert_holds(goal, "content");
            assert_int_equal(mode_of(goal), shielded ? 0600 : 0666 & ~masks[i]);
            assert_false(rm_file_exists(temporary));
            assert_int_equal(entries(), before + 1);
            rm_file_remove(goal);
            rm_release(temporary);
        }
    }
}

static void an_existing_file_stays_unless_asked(void **state)
{
    (void)state;
    rm_error err;
    const char *goal = in_folder("old.gpkg");
    put(goal, "old", 3);
    char *temporary = made(goal, "new");
    assert_int_equal(rm_file_publish(temporary, goal, false, false, &err), RM_EEXISTS);
    assert_non_null(strstr(err.message, "old.gpkg exists already"));
    assert_holds(goal, "old");
    assert_holds(temporary, "new");
    assert_int_equal(rm_file_publish(temporary, goal, true, false, &err), RM_OK);
    assert_holds(goal, "new");
    assert_false(rm_file_exists(temporary));
    rm_release(temporary);
    /* A link that leads nowhere is a name that exists. */
    assert_int_equal(symlink("nowhere", in_folder("link.gpkg")), 0);
    temporary = made(goal, "new");
    assert_int_equal(rm_file_publish(temporary, in_folder("link.gpkg"), false, false, &err),
                     RM_EEXISTS);
    rm_file_remove(temporary);
    rm_release(temporary);
}

static void refuse_target(const char *name, const rm_file_kind *kind, bool overwrite,
                          rm_status code, const char *words)
{
    rm_error err = {0};
    int before = entries();
    rm_status status = rm_file_check_target(in_folder(name), kind, overwrite, &err);
    if (status != code || !strstr(err.message, words))
        fail_msg("%s: %d, \"%s\"", name, status, err.message);
    assert_int_equal(entries(), before);
}

static void a_target_is_judged_before_it_is_made(void **state)
{
    (void)state;
    const rm_file_kind raster = {"a raster", {".tif", ".tiff"}}, gpkg = {"a map", {".gpkg"}};
    const char *const good[] = {"free.tif", "free.TIFF", "free.gpkg.tif"};
    const char *const bad[] = {"free.gpkg", "free", "tif", ".tif", "free.tif.gz", "free.ti"};
    for (size_t g = 0; g < sizeof good / sizeof *good; g++)
        assert_int_equal(rm_file_check_target(in_folder(good[g]), &raster, false, NULL), RM_OK);
    for (size_t b = 0; b < sizeof bad / sizeof *bad; b++)
        refuse_target(bad[b], &raster, true, RM_EINVAL,
                      ": a raster is written as .tif or .tiff; give the name such an ending");
    refuse_target("free.tif", &gpkg, true, RM_EINVAL, "a map is written as .gpkg; give the name");
    assert_int_equal(rm_file_check_target(in_folder("free"), NULL, false, NULL), RM_OK);
    put(in_folder("taken.tif"), "old", 3);
    refuse_target("taken.tif", &raster, false, RM_EEXISTS,
                  "taken.tif exists already: choose another name or ask to overwrite it "
                  "(overwrite; of a program: --overwrite)");
    assert_int_equal(rm_file_check_target(in_folder("taken.tif"), &raster, true, NULL), RM_OK);
    assert_int_equal(symlink("nowhere", in_folder("dangling.tif")), 0);
    refuse_target("dangling.tif", &raster, false, RM_EEXISTS, "exists already");
    assert_int_equal(mkdir(in_folder("map.tif"), 0700), 0);
    for (int overwrite = 0; overwrite <= 1; overwrite++) {
        refuse_target("map.tif", &raster, overwrite, RM_EINVAL,
                      "map.tif is a folder; give the name of a file");
        refuse_target("no/such.tif", &raster, overwrite, RM_ENOTFOUND,
                      "such.tif does not exist: make it first, or name another");
        refuse_target("taken.tif/a.tif", &raster, overwrite, RM_ENOTFOUND, "does not exist");
    }
}

static void a_shielded_result_replaces_an_open_one_shielded(void **state)
{
    (void)state;
    rm_error err;
    const char *goal = in_folder("shielded.gpkg");
    put(goal, "old", 3);
    assert_int_equal(chmod(goal, 0644), 0);
    char *temporary = made(goal, "new");
    assert_int_equal(chmod(temporary, 0644), 0);
    assert_int_equal(rm_file_publish(temporary, goal, true, true, &err), RM_OK);
    assert_int_equal(mode_of(goal), 0600);
    rm_release(temporary);
}

static void a_goal_that_cannot_be_is_said(void **state)
{
    (void)state;
    rm_error err;
    const char *goal = in_folder("sub");
    assert_int_equal(mkdir(goal, 0700), 0);
    char *temporary = made(goal, "new");
    int before = entries();
    for (int overwrite = 0; overwrite <= 1; overwrite++) {
        assert_int_equal(rm_file_publish(temporary, goal, overwrite, false, &err), RM_EINVAL);
        assert_non_null(strstr(err.message, "sub is a folder; give the name of a file"));
    }
    assert_int_equal(rm_file_publish(temporary, in_folder("no/such"), true, false, &err),
                     RM_ENOTFOUND);
    assert_int_equal(entries(), before);
    rm_file_remove(temporary);
    assert_int_equal(rm_file_publish(temporary, in_folder("x"), true, false, &err), RM_ENOTFOUND);
    assert_int_equal(entries(), before - 1);
    rm_release(temporary);
}

static void check_beside(const char *file, const char *path, const char *expected)
{
    rm_error err;
    char *joined = NULL;
    assert_int_equal(rm_path_beside(&joined, file, path, &err), RM_OK);
    assert_string_equal(joined, expected);
    rm_release(joined);
}

static void a_path_is_taken_beside_a_file(void **state)
{
    (void)state;
    check_beside("models/a.json", "b.gpkg", "models/b.gpkg");
    check_beside("/x/models/a.json", "../b.gpkg", "/x/models/../b.gpkg");
    check_beside("a.json", "b.gpkg", "b.gpkg");
    check_beside("models/a.json", "/data/b.gpkg", "/data/b.gpkg");
    check_beside("models/a.json", "https://example.org/b", "https://example.org/b");
    check_beside("models/a.json", "/vsizip/b.zip", "/vsizip/b.zip");
    check_beside("/a.json", "b", "/b");
    check_beside(NULL, "b", "b");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_is_read_whole),
        cmocka_unit_test(a_file_over_the_limit_is_refused),
        cmocka_unit_test(what_cannot_be_read_is_said),
        cmocka_unit_test(a_file_is_looked_at),
        cmocka_unit_test(a_temporary_file_lies_beside_its_goal),
        cmocka_unit_test(names_without_ending_or_folder),
        cmocka_unit_test(publishing_moves_the_file_and_sets_its_mode),
        cmocka_unit_test(an_existing_file_stays_unless_asked),
        cmocka_unit_test(a_target_is_judged_before_it_is_made),
        cmocka_unit_test(a_shielded_result_replaces_an_open_one_shielded),
        cmocka_unit_test(a_goal_that_cannot_be_is_said),
        cmocka_unit_test(a_path_is_taken_beside_a_file),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
