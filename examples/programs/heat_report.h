/* What riskmap-heatmap tells of the map it made. */
#ifndef RISKMAP_PROGRAMS_HEAT_REPORT_H
#define RISKMAP_PROGRAMS_HEAT_REPORT_H

#include "common.h"

void print_heat(const rm_heatmap *heatmap, const char *path);
void print_heat_json(const rm_heatmap *heatmap, const char *path);

#endif
