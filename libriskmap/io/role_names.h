/* The names that columns of reports have. */
#ifndef RM_IO_ROLE_NAMES_H
#define RM_IO_ROLE_NAMES_H

#include "io/roles.h"

/* How well a name fits a role: 0 best, -1 not at all. whole: the name is one of those known, apart
 * from case, blanks and marks; else it has one of them in it ("locatie_postcode"). */
int rm_role_name_rank(const char *name, rm_role role, bool whole);
/* Names as short as "nr", which mean this only beside the rest of an address. */
bool rm_role_name_is_weak(const char *name);

#endif
