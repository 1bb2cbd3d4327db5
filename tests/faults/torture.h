/* An allocator that fails when told to, for the library that is built with it, and what fails every
 * allocation in turn. Include it behind cmocka. */
#ifndef RM_TESTS_FAULTS_TORTURE_H
#define RM_TESTS_FAULTS_TORTURE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "scratch.h"

#include "riskmap/riskmap.h"

/* ---- the allocator ---- */

static atomic_llong calls, failing = -1, alive;

static bool refuse(void)
{
    return atomic_fetch_add(&calls, 1) == atomic_load(&failing);
}

void *fault_malloc(size_t size);
void *fault_calloc(size_t count, size_t size);
void *fault_realloc(void *memory, size_t size);
void fault_free(void *memory);

void *fault_malloc(size_t size)
{
    void *memory = refuse() ? NULL : malloc(size);
    atomic_fetch_add(&alive, memory != NULL);
    return memory;
}

void *fault_calloc(size_t count, size_t size)
{
    void *memory = refuse() ? NULL : calloc(count, size);
    atomic_fetch_add(&alive, memory != NULL);
    return memory;
}

void *fault_realloc(void *memory, size_t size)
{
    void *moved = refuse() ? NULL : realloc(memory, size);
    atomic_fetch_add(&alive, memory == NULL && moved != NULL);
    return moved;
}

void fault_free(void *memory)
{
    atomic_fetch_sub(&alive, memory != NULL);
    free(memory);
}

/* ---- torture ---- */

/* The files of the scratch folder that the test itself made. */
static const char *const *inputs;
static int input_count;

/* Whether there is a file that was there neither before nor asked for; new ones are removed. */
static bool other_files(const char *asked_for, bool succeeded)
{
    bool other = false;
    DIR *folder = opendir(scratch_folder);
    assert_non_null(folder);
    for (struct dirent *entry; (entry = readdir(folder));) {
        bool known = entry->d_name[0] == '.';
        for (int k = 0; k < input_count; k++)
            known |= strcmp(entry->d_name, inputs[k]) == 0;
        if (known)
            continue;
        bool wanted = asked_for && succeeded && strcmp(entry->d_name, asked_for) == 0;
        if (!wanted)
            print_message("left behind: %s\n", entry->d_name);
        other |= !wanted;
        (void)unlink(scratch_path(entry->d_name));
    }
    closedir(folder);
    return other;
}

static void fail_at(rm_status (*once)(rm_error *err), long long number, const char *file,
                    bool *reached)
{
    rm_error err = {0};
    long long before = atomic_load(&alive);
    atomic_store(&calls, 0);
    atomic_store(&failing, number);
    rm_status status = once(&err);
    atomic_store(&failing, -1);
    *reached = atomic_load(&calls) > number;
    bool wrong = *reached ? status != RM_ENOMEM && status != RM_OK : status != RM_OK;
    wrong |= status != RM_OK && (err.code != status || !err.message[0]);
    wrong |= atomic_load(&alive) != before || other_files(file, status == RM_OK);
    if (wrong)
        print_message("allocation %lld: status %d, \"%s\", %lld blocks leaked\n", number, status,
                      err.message, atomic_load(&alive) - before);
    assert_false(wrong);
}

/* One allocation in `stride`, so that the whole takes seconds; the strides are primes, so that what
 * one test passes over another meets. RISKMAP_EVERY_FAULT=1 in the environment tries them all. */
static void torture(rm_status (*once)(rm_error *err), const char *file, int stride)
{
    bool reached = true;
    int tried = 0;
    if (getenv("RISKMAP_EVERY_FAULT"))
        stride = 1;
    for (long long number = 0; reached; number += stride, tried++)
        fail_at(once, number, file, &reached);
    print_message("%d of %lld allocations failed\n", tried - 1, (long long)atomic_load(&calls));
    assert_true(tried > 20);
}

#endif
