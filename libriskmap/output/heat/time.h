/* Which field of the points holds the date. */
#ifndef RM_OUTPUT_HEAT_TIME_H
#define RM_OUTPUT_HEAT_TIME_H

#include "output/heat/heatmap.h"

/* Whether a period, a half-life or the like asks for them. */
bool rm_heat_needs_dates(const rm_heatmap_options *options);

/* The field stated, else the only field of dates, else what riskmap takes for the date of a table
 * of reports. *out (owned) is NULL when no option needs dates, or the layer is not listed.
 * RM_EINVAL: no field, or several, could hold them; names the fields. */
rm_status rm_heat_time(char **out, const char *source, const rm_heatmap_options *options,
                       rm_error *err);

#endif
