/* What a model asks of each layer: columns, joins, tallies. Made before any evidence is read. */
#ifndef RM_MODEL_PLAN_H
#define RM_MODEL_PLAN_H

#include "model/model.h"

/* How evidence meets areas. Indicators that meet them in the same way share one join. */
typedef struct rm_meeting {
    bool touching;   /* every area it touches, instead of the one where its place lies */
    double within_m; /* 0: the area itself */
} rm_meeting;

typedef enum rm_task_kind {
    RM_TASK_TALLY,  /* count, and sum values or weights */
    RM_TASK_MEDIAN, /* keep every value */
    RM_TASK_COVER,
    RM_TASK_NEAREST
} rm_task_kind;

/* One indicator's wish of one layer; rate and share make two tallies each. */
typedef struct rm_task {
    int32_t indicator;
    bool second; /* the denominator: exposure of a rate, all features of a share */
    rm_task_kind kind;
    int32_t meeting; /* number in the layer's meetings; -1 for cover and nearest */
    int32_t field;   /* column in the request, -1: none */
    bool age;        /* the field is a date, its value the age in years */
    bool dated;      /* from, until or half_life_days are used */
} rm_task;

typedef struct rm_layer_plan {
    int32_t layer;        /* number in the model */
    const char **columns; /* borrowed from the model */
    int32_t column_count;
    int32_t time_column; /* -1: none */
    bool needs_date;     /* a task of this layer is dated */
    bool unbounded;      /* nearest: nothing may be left out by extent */
    double reach_m;      /* the largest within_m */
    rm_meeting *meetings;
    int32_t meeting_count;
    rm_task *tasks;
    int32_t task_count;
} rm_layer_plan;

typedef struct rm_plan {
    rm_layer_plan areas; /* the area layer's own fields: no tasks */
    int32_t id_column, name_column;
    int32_t *own_field; /* [indicators] column of the areas' own field, -1 when it has evidence */
    rm_layer_plan *evidence; /* one per layer that an indicator names */
    int32_t evidence_count;
} rm_plan;

rm_status rm_plan_make(rm_plan *out, const rm_model *model, rm_error *err);
void rm_plan_clear(rm_plan *plan);
/* What a layer by itself asks for: the fields of its where, and its date. */
rm_status rm_layer_plan_make(rm_layer_plan *out, const rm_model *model, int32_t layer,
                             rm_error *err);
void rm_layer_plan_clear(rm_layer_plan *plan);

#endif
