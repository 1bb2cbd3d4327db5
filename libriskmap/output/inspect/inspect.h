/* What is in a source: every layer read once in batches, and counted. */
#ifndef RM_OUTPUT_INSPECT_H
#define RM_OUTPUT_INSPECT_H

#include "base/progress.h"
#include "data/geometry.h"
#include "output/inspect/field_counts.h"
#include "output/inspect/guesses.h"

#include "riskmap/inspect.h"

typedef struct rm_found_field {
    char *name;
    rm_type type;
    rm_field_counts counts;
} rm_found_field;

/* Texts are owned and may be NULL. */
typedef struct rm_found_layer {
    char *name, *geometry_type, *crs, *crs_operation, *missing_grid, *crs_problem, *problem;
    char *profile_why, *profile_why_en;
    const char *taken_for, *taken_for_en, *looks_like, *profile; /* never NULL */
    double crs_accuracy_m;
    rm_box extent;
    int64_t features, without_geometry, invalid, outside, bad_rows;
    int64_t ended;                         /* history, left aside */
    int64_t duplicate_rows, duplicate_ids; /* beyond the first of each; -1: not counted */
    int32_t id_field;                      /* -1: no field is known to be the id */
    bool listed_only;                      /* nothing was read */
    int64_t swapped;                       /* rows that show it; x and y were read so. 0: not */
    rm_guesses guesses;
    rm_found_field *fields;
    int32_t field_count;
} rm_found_layer;

struct rm_inspection {
    char *driver;
    rm_found_layer *layers;
    int32_t count;
};

typedef struct rm_inspect_request {
    const char *source, *layer, *crs, *target_crs; /* layer and crs may be NULL */
    bool duplicates;                               /* counts them, which takes memory */
    int32_t today;                                 /* dates after it are not the newest */
    int threads;                                   /* 1.. */
    rm_progress *progress;
} rm_inspect_request;

rm_status rm_inspect_source(rm_inspection **out, const rm_inspect_request *request, rm_error *err);
void rm_inspection_clear(rm_inspection *inspection); /* frees it; NULL allowed */

#endif
