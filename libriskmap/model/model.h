/* The model file: which layers, which areas, which indicators, how they combine. */
#ifndef RM_MODEL_MODEL_H
#define RM_MODEL_MODEL_H

#include "data/reports.h"
#include "stats/scale.h"

typedef enum rm_measure {
    RM_MEASURE_COUNT,
    RM_MEASURE_DENSITY, /* features per km2 */
    RM_MEASURE_SUM,
    RM_MEASURE_MEAN,
    RM_MEASURE_MEDIAN,
    RM_MEASURE_SHARE,
    RM_MEASURE_COVER,
    RM_MEASURE_NEAREST,
    RM_MEASURE_RATE,
    RM_MEASURE_AGE,
    RM_MEASURE_ATTRIBUTE,
    RM_MEASURES
} rm_measure;

/* What a measure is and needs: one row of the table in measures.c, which reader, plan,
 * documentation and schema test all read. */
typedef struct rm_measure_rule {
    const char *name;
    bool of_needed,
        of_allowed; /* age may do without `of` (the area's own field); where needs `of` */
    bool field_needed, field_allowed;
    bool where_needed;
    bool per_needed;        /* and per_units, min_per, shrink allowed */
    bool points;            /* evidence counts by place or by touching: `by` */
    bool polygons;          /* evidence must be polygons */
    bool time_allowed;      /* from, until */
    bool half_life_allowed; /* half_life_days */
    bool within_allowed;
    bool decay_allowed;            /* decay_m */
    const char *unit_nl, *unit_en; /* "": the unit of the field */
    int decimals;                  /* for showing */
} rm_measure_rule;
const rm_measure_rule *rm_measure_rule_of(rm_measure measure);

typedef struct rm_model_layer {
    char *name, *source, *layer, *where, *crs, *x, *y, *time, *origin;
    char *profile;     /* NULL: recognised by its fields; "none": taken as it is */
    rm_filter *filter; /* of where; NULL: everything */
    int32_t locate;    /* number of the layer with the addresses, -1: none */
    char *postcode, *number, *letter, *addition, *address_line, *street, *place; /* with locate */
    bool reported;           /* it states rules for reports */
    rm_report_rules reports; /* as far as the model states them */
    double max_age_days;     /* older data are a finding of rm_check; 0: no limit */
    bool shielded;           /* unless declared open */
    int32_t line;
} rm_model_layer;

typedef struct rm_indicator {
    char *name, *pillar, *field, *where, *label, *label_en, *why, *why_en;
    rm_filter *filter;
    rm_measure measure;
    int32_t of, per;       /* layer numbers, -1: none */
    double per_units;      /* 1 unless stated */
    double min_per;        /* 0 unless stated */
    bool shrink;           /* rate: empirical Bayes */
    bool intersects;       /* "by": "intersects" */
    double within_m;       /* 0: the area itself */
    int32_t from, until;   /* RM_NO_DATE: open */
    double half_life_days; /* 0: none */
    double decay_m;        /* nearest: the value is exp(-distance / decay_m); 0: the distance */
    rm_scale scale;
    double bounds[2]; /* fixed */
    double weight;
    int32_t direction; /* +1, -1 */
    int32_t line;
} rm_indicator;

struct rm_model {
    char *path; /* of the file, or NULL */
    char *text; /* as it was read */
    char *name, *title, *purpose, *legal_basis, *retain_until, *crs, *version, *decided_by,
        *decided_on;
    rm_model_layer *layers;
    int32_t layer_count;
    int32_t areas_layer;
    char *areas_id, *areas_name, *areas_type;
    rm_indicator *indicators;
    int32_t indicator_count;
    bool geometric, reweight;
    double min_coverage, floor;
    double *classes;
    int32_t class_count; /* breaks */
};
typedef struct rm_model rm_model;

/* text is not taken over. path (may be NULL) is for messages and relative sources. Errors read
 * vakantieparken.json, line 31, indicators[2].scale: "minmx" is no scale; did you mean "minmax"? */
rm_status rm_model_from_text(rm_model **out, const char *text, int64_t length, const char *path,
                             rm_error *err);
int32_t rm_model_find_layer(const rm_model *model, const char *name); /* -1 */

#endif
