/* Fields that must hold numbers, and do not. */
#ifndef RM_OUTPUT_NUMBER_FIELD_H
#define RM_OUTPUT_NUMBER_FIELD_H

#include "data/table.h"

/* Whether a column can hold numbers: dates cannot, texts can. */
rm_status rm_check_number_type(const rm_column *column, const char *use, rm_error *err);
/* The same, and of texts that there is a number among the cells, or no text at all. use: what the
 * field is wanted for, "a weight". */
rm_status rm_check_number_cells(const rm_column *column, int64_t rows, const char *use,
                                rm_error *err);
/* RM_EINVAL: what it holds, and what to do. */
rm_status rm_refuse_number_field(const rm_column *column, const char *use, rm_error *err);

#endif
