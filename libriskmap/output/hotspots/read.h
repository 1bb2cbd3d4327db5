/* What hot spots are computed from. */
#ifndef RM_OUTPUT_HOTSPOTS_READ_H
#define RM_OUTPUT_HOTSPOTS_READ_H

#include "output/hotspots/hotspots.h"

/* Reads the areas with the fields that are needed, counts points in them, and makes the values:
 * hotspots->areas, events, exposure, value and what the facts say of them. */
rm_status rm_hotspots_read(rm_hotspots *hotspots, const char *areas,
                           const rm_hotspots_options *options, rm_progress *progress,
                           rm_error *err);

#endif
