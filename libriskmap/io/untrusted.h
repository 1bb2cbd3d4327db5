/* Looking at a file that came from anywhere, before a driver does. */
#ifndef RM_IO_UNTRUSTED_H
#define RM_IO_UNTRUSTED_H

#include "base/text.h"

/* Refuses what a file has no business to be: archives and compressed files that unpack beyond the
 * limits (io/untrusted_limits.h), workbooks whose XML declares entities, databases that would have
 * a driver compute or read other files. RM_ELIMIT, RM_EFORMAT or RM_EUNSUPPORTED with what to do.
 * located: as GDAL knows it, also inside archives. The caller is inside rm_gdal_enter. */
rm_status rm_untrusted_check(const char *located, const char *shown, rm_error *err);

/* RM_ELIMIT once what came out of a file of `packed` bytes is over what it may be. */
rm_status rm_unpacked_check(int64_t packed, int64_t unpacked, const char *shown, rm_error *err);

#endif
