/* --layer NAME=SOURCE, as often as it was given. */
#ifndef RISKMAP_PROGRAMS_OVERRIDES_H
#define RISKMAP_PROGRAMS_OVERRIDES_H

typedef struct overrides {
    const char **names, **sources;
    int count;
} overrides;

/* given: NULL-terminated, may be NULL. EXIT_FINE, or EXIT_USAGE with its message. */
int split_overrides(overrides *out, char *const *given);
void free_overrides(overrides *taken);

#endif
