/* Leaving rows out. */
#ifndef RM_DATA_KEEP_H
#define RM_DATA_KEEP_H

#include "data/layer.h"

/* Drops what was found while reading the rows with mask[row] == 0: it is nobody's concern. */
rm_status rm_rows_drop_issues(rm_rows *rows, const uint8_t *mask, rm_error *err);
/* Keeps the rows with mask[row] != 0, and the issues found while reading them. */
rm_status rm_rows_keep(rm_rows *rows, const uint8_t *mask, rm_error *err);

#endif
