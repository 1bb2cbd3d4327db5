/* Listing a source with what stands in its archive. */
#ifndef RM_OUTPUT_MEMBERS_H
#define RM_OUTPUT_MEMBERS_H

#include "io/open.h"

/* As rm_list, and of an archive with several files every one that holds a single layer is looked
 * into. One that holds several stays as it is, and opening it will say what to write instead. */
rm_status rm_list_members(rm_listing *out, const char *path, rm_error *err);

#endif
