/* The tables of a result beside its areas. */
#ifndef RM_OUTPUT_RESULT_TABLES_H
#define RM_OUTPUT_RESULT_TABLES_H

#include "io/geopackage.h"
#include "output/words.h"

rm_status rm_write_indicators(rm_gpkg *gpkg, const rm_result *result, rm_error *err);
rm_status rm_write_contributions(rm_gpkg *gpkg, const rm_result *result, rm_progress *progress,
                                 rm_error *err);
rm_status rm_write_issues(rm_gpkg *gpkg, const rm_result *result, rm_error *err);
rm_status rm_write_layers(rm_gpkg *gpkg, const rm_result *result, rm_error *err);
rm_status rm_write_run(rm_gpkg *gpkg, const rm_result *result, rm_error *err);

#endif
