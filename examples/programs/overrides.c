#define _POSIX_C_SOURCE 200809L
#include "overrides.h"

#include "common.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

void free_overrides(overrides *taken)
{
    for (int o = 0; o < taken->count; o++)
        free((void *)(uintptr_t)taken->names[o]);
    free(taken->names);
    free(taken->sources);
}

int split_overrides(overrides *out, char *const *given)
{
    int count = 0;
    while (given && given[count])
        count++;
    out->names = calloc((size_t)count + 1, sizeof *out->names);
    out->sources = calloc((size_t)count + 1, sizeof *out->sources);
    for (int o = 0; o < count && out->names && out->sources; o++) {
        char *name = strdup(given[o]);
        char *sign = name ? strchr(name, '=') : NULL;
        out->names[o] = name;
        out->count = o + 1;
        if (!sign || sign == name || !sign[1])
            return usage_error("--layer takes NAME=SOURCE", given[o]);
        *sign = '\0';
        out->sources[o] = sign + 1;
    }
    return EXIT_FINE;
}
