/* The target areas: read whole, checked, named. */
#ifndef RM_MODEL_AREAS_H
#define RM_MODEL_AREAS_H

#include "geo/join.h"
#include "model/plan.h"
#include "model/run.h"

/* Fills result->areas, ids, names, area_m2, issues, and the provenance of the areas' layer.
 * RM_EDATA: no areas, or ids that are not unique. Areas without a usable polygon keep their row. */
rm_status rm_areas_read(rm_result *result, const rm_plan *plan, const rm_run_request *request,
                        rm_error *err);
/* Adds an issue for every pair of areas that overlap by more than 1 m2. */
rm_status rm_areas_report_overlaps(rm_result *result, const rm_join *join, int threads,
                                   rm_progress *progress, rm_error *err);

#endif
