/* What areas are called. */
#ifndef RM_MODEL_LABELS_H
#define RM_MODEL_LABELS_H

#include "data/layer.h"

/* One NUL-terminated text per area: text + at[area]. */
typedef struct rm_labels {
    char *text;
    int64_t *at;
} rm_labels;

/* The cells of a column as text (-1: none). ids: a missing one is the feature id, with an issue
 * where there is a column; otherwise it is empty. On failure *out is to be cleared too. */
rm_status rm_labels_make(rm_labels *out, rm_layer *layer, int32_t column, bool ids, rm_error *err);
void rm_labels_clear(rm_labels *labels);

#endif
