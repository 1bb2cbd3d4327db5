/* A result as files. */
#ifndef RM_OUTPUT_RESULT_WRITE_H
#define RM_OUTPUT_RESULT_WRITE_H

#include "output/words.h"

/* The GeoPackage of DESIGN: areas, indicators, contributions, reasons, issues,
 * layers, run, style. */
rm_status rm_write_result(const rm_result *result, const char *path, bool overwrite,
                          rm_language language, rm_progress *progress, rm_error *err);

/* The same tables in a PostGIS database, "PG:..." or "postgresql://..."; schema: NULL is
 * "riskmap". */
bool rm_is_database(const char *path);
rm_status rm_write_to_postgis(const rm_result *result, const char *target, const char *schema,
                              bool overwrite, rm_language language, rm_progress *progress,
                              rm_error *err);
/* What rm_write_to_postgis would refuse, before a result is there to write. */
rm_status rm_check_postgis(const char *target, const char *schema, bool overwrite, rm_error *err);

/* One of its tables ("areas", "indicators", "contributions", "issues", "layers", "run") as a layer;
 * RM_ENOTFOUND for another name. */
rm_status rm_take_result_table(rm_layer **out, const rm_result *result, const char *table,
                               rm_language language, rm_error *err);

/* The list for the meeting: the first `rows` ranked areas (0: all), .xlsx or .csv. */
rm_status rm_write_meeting_list(const rm_result *result, const char *path, bool overwrite,
                                rm_language language, int64_t rows, rm_progress *progress,
                                rm_error *err);

#endif
