/* Time zones by name, from the machine's own database (RFC 9636, which /usr/share/zoneinfo or
 * $TZDIR holds). */
#ifndef RM_BASE_ZONE_H
#define RM_BASE_ZONE_H

#include "base/memory.h"

/* Read-only once opened. */
typedef struct rm_zone rm_zone;

/* "Europe/Amsterdam", "UTC" or "+01:00". RM_ENOTFOUND: the machine has no zone of this name;
 * RM_EFORMAT: its file is damaged. */
rm_status rm_zone_open(rm_zone **out, const char *name, rm_error *err);
/* Seconds that clocks in the zone are ahead of UTC at an instant (seconds since 1970, UTC). */
int64_t rm_zone_offset(const rm_zone *zone, int64_t instant);
void rm_zone_free(rm_zone *zone);

#endif
