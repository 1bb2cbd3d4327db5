/* What riskmap-heatmap tells of the map it made. */
#ifndef RISKMAP_PROGRAMS_HEAT_REPORT_H
#define RISKMAP_PROGRAMS_HEAT_REPORT_H

#include "common.h"

void print_heat(const rm_heatmap *heatmap, const char *path);
void print_heat_json(const rm_heatmap *heatmap, const char *path);

/* A file that was written, to be told with the rest. */
void tell_written(const char *path);
/* After a failure: all files of a map or none. */
void remove_written(void);
/* They are told, or no longer there. */
void forget_written(void);

#endif
