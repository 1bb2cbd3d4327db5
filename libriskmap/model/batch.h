/* One batch of evidence on its way to the areas: filtered, cleaned, dated, and seen through the
 * eyes of each task. Each worker has its own. */
#ifndef RM_MODEL_BATCH_H
#define RM_MODEL_BATCH_H

#include "model/run.h"
#include "model/tally.h"

/* What a layer came to; added up over batches. */
typedef struct rm_layer_counts {
    int64_t filtered, read, used, rejected;
    int32_t first_date, last_date;
    int64_t lost, first_lost; /* reports at a known place, the smallest id among them */
} rm_layer_counts;

typedef struct rm_batch {
    rm_rows rows;
    uint8_t *used;   /* [rows] passed the layer's where, and is sound */
    uint8_t *mask;   /* [rows] scratch of the filters */
    int32_t *date;   /* [rows], when the layer has a time column */
    double *x, *y;   /* [rows] the place of each feature */
    uint8_t *counts; /* [tasks][rows] */
    double *value;   /* [tasks][rows] */
    uint8_t *skip;   /* [rows] scratch of the meetings */
    rm_hits hits;
    rm_hit *sorted; /* the hits by stripe of areas */
    int64_t used_capacity, mask_capacity, date_capacity, x_capacity, y_capacity, counts_capacity,
        value_capacity, skip_capacity, sorted_capacity;
    rm_layer_counts counted;
} rm_batch;

extern const rm_layer_counts rm_no_counts;

/* Filters, cleans and dates rows that were just read, and fills the views of all tasks. as_of and
 * progress: see rm_run_request; worker: who asks it. */
rm_status rm_batch_prepare(rm_batch *batch, const rm_model *model, const rm_layer_plan *plan,
                           const rm_run_request *request, int worker, rm_error *err);
/* The view of a task; value is NULL for tasks that only count. */
rm_batch_view rm_batch_view_of(const rm_batch *batch, const rm_model *model,
                               const rm_layer_plan *plan, int32_t task);
/* Fills batch->hits with who meets whom. */
rm_status rm_batch_meet(rm_batch *batch, const rm_layer_plan *plan, int32_t meeting,
                        const rm_join *join, rm_error *err);
/* Adds up two counts of the same layer. */
void rm_layer_counts_add(rm_layer_counts *sum, const rm_layer_counts *counts);
void rm_batch_clear(rm_batch *batch);

#endif
