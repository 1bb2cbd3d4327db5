/* From p to classes that a map shows. See riskmap/autocorrelation.h. */
#ifndef RM_STATS_HOTSPOT_H
#define RM_STATS_HOTSPOT_H

#include "base/memory.h"
#include "riskmap/autocorrelation.h"

rm_status rm_adjust_p(double *adjusted, const double *p, int64_t count, rm_error *err);
void rm_bin_items(int8_t *bins, const double *z, const double *p, int64_t count);
void rm_classify_items(uint8_t *classes, const uint8_t *quadrant, const double *p, int64_t count,
                       double level);

#endif
