/* A folder for one test, and what is left in it. */
#ifndef RM_TESTS_UNIT_SCRATCH_H
#define RM_TESTS_UNIT_SCRATCH_H

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char scratch_folder[256];

static int scratch_setup(void **state)
{
    const char *tmp = getenv("TMPDIR");
    (void)state;
    snprintf(scratch_folder, sizeof scratch_folder, "%s/riskmap-test-XXXXXX", tmp ? tmp : "/tmp");
    return mkdtemp(scratch_folder) ? 0 : -1;
}

static const char *scratch_path(const char *name)
{
    static char path[512];
    snprintf(path, sizeof path, "%s/%s", scratch_folder, name);
    return path;
}

/* How many files are there; *only (may be NULL, 256 bytes) is the name of one. */
static int scratch_count(char *only)
{
    DIR *folder = opendir(scratch_folder);
    int count = 0;
    for (struct dirent *entry; folder && (entry = readdir(folder));) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        if (only)
            snprintf(only, 256, "%s", entry->d_name);
        count++;
    }
    if (folder)
        closedir(folder);
    return count;
}

static int scratch_teardown(void **state)
{
    char name[256];
    (void)state;
    while (scratch_count(name) > 0) {
        if (unlink(scratch_path(name)) != 0)
            return -1;
    }
    return rmdir(scratch_folder);
}

#endif
