/* The files that something was read from, so that it is not written over them. */
#ifndef RM_BASE_INPUTS_H
#define RM_BASE_INPUTS_H

#include "base/memory.h"

typedef struct rm_inputs {
    char **path; /* whole, so that another working folder later does not matter */
    int64_t count, capacity;
} rm_inputs;

/* source: as it was given, with or without "|layername=..."; what is no file that is there (NULL, a
 * service, a database, a name) is passed over. */
rm_status rm_inputs_add(rm_inputs *inputs, const char *source, rm_error *err);
/* RM_EINVAL when target leads to one of them, by whatever road: it would be gone. */
rm_status rm_inputs_refuse(const rm_inputs *inputs, const char *target, rm_error *err);
void rm_inputs_clear(rm_inputs *inputs);

/* The same for a single one. */
rm_status rm_input_refuse(const char *target, const char *source, rm_error *err);

#endif
