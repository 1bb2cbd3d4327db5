/* The tables of a result beside its areas. */
#ifndef RM_OUTPUT_RESULT_TABLES_H
#define RM_OUTPUT_RESULT_TABLES_H

#include "io/sink.h"
#include "output/words.h"

rm_status rm_write_indicators(const rm_sink *sink, const rm_result *result, rm_error *err);
rm_status rm_write_contributions(const rm_sink *sink, const rm_result *result,
                                 rm_progress *progress, rm_error *err);
rm_status rm_write_issues(const rm_sink *sink, const rm_result *result, rm_error *err);
rm_status rm_write_layers(const rm_sink *sink, const rm_result *result, rm_error *err);
rm_status rm_write_run(const rm_sink *sink, const rm_result *result, rm_error *err);

#endif
