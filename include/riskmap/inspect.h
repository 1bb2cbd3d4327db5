/* Looking before computing: what is in a source, and what a model will make of its sources. Part of
 * riskmap.h. */
#ifndef RISKMAP_INSPECT_H
#define RISKMAP_INSPECT_H

#include "riskmap/model.h"
#include "riskmap/result.h"

#ifdef __cplusplus
extern "C" {
#endif

/** What is in a source. Read-only; texts are borrowed from it. */
typedef struct rm_inspection rm_inspection;

/** Options of rm_inspect. Begin with RM_INSPECT_OPTIONS_INIT or rm_inspect_options_init. */
typedef struct rm_inspect_options {
    uint32_t size;          /**< sizeof(rm_inspect_options) */
    int32_t threads;        /**< 0: as many as there are cores; at most 64 */
    const char *layer;      /**< look at this layer alone, or NULL */
    const char *crs;        /**< of a source that states none, or states a wrong one; or NULL */
    const char *target_crs; /**< NULL: EPSG:28992 */
    rm_progress_fn progress;
    void *progress_user;
    int32_t duplicates; /**< not 0: count duplicate rows and ids too, in 16 bytes a row */
} rm_inspect_options;
/* clang-format off */
#define RM_INSPECT_OPTIONS_INIT {sizeof(rm_inspect_options), 0, NULL, NULL, NULL, NULL, NULL, 0}
/* clang-format on */
RM_API void rm_inspect_options_init(rm_inspect_options *options);

/**
 * Reads every layer of a source once, completely, in batches: memory does not grow with the source.
 * A layer that cannot be brought to the target CRS is read again as it is. options may be NULL. The
 * outcome does not depend on the number of threads.
 * @return RM_ENOTFOUND (no such file or layer), RM_EFORMAT, RM_ECRS (crs or target_crs is unknown),
 *         RM_ECANCELLED, RM_ENOMEM; what is wrong with one layer of several is in its `problem`
 */
RM_API rm_status rm_inspect(rm_inspection **out, const char *source,
                            const rm_inspect_options *options, rm_error *err);
RM_API void rm_inspection_free(rm_inspection *inspection);

RM_API const char *rm_inspection_driver(const rm_inspection *inspection);
RM_API int32_t rm_inspection_layer_count(const rm_inspection *inspection);

/** One layer as it was found. */
typedef struct rm_inspected_layer {
    const char *name;
    const char *geometry_type; /**< "Point", "Polygon", "None", ... */
    const char *taken_for;     /**< "BAG light: verblijfsobject", or "" when nothing is recognised;
                                    Dutch, as the data are */
    const char *taken_for_en;  /**< the same in English where there is a word for it */
    const char *problem;       /**< why it could not be read; "" when it was */
    const char *crs;           /**< "" when none is stated */
    const char
        *crs_operation;       /**< how it would be brought to the target CRS; "" when it is there */
    const char *missing_grid; /**< of a better operation; "" when there is none */
    const char *crs_problem;  /**< why it cannot be brought there; "" when it can */
    const char *looks_like; /**< with a crs_problem: the reading that puts most features in or near
                                 the Netherlands, such as "EPSG:28992" or "EPSG:4258 with x and y
                                 swapped"; "" when none does */
    double crs_accuracy_m;  /**< NaN: not stated, or it cannot be brought there */
    double extent[4];       /**< xmin, ymin, xmax, ymax in the target CRS, or in its own where it
                                 cannot be brought there; NaN without geometry */
    int64_t features;
    int64_t without_geometry; /**< null, empty, malformed, not finite */
    int64_t invalid;          /**< polygons that are not valid, rings and lines open or too short */
    int64_t outside;          /**< outside the target CRS's area of use */
    int64_t bad_rows;         /**< delimited text: more cells than the header, so nothing is read */
    int32_t field_count;
    int64_t ended;          /**< history that is no longer in force, not among the features */
    int64_t duplicate_rows; /**< all fields and the geometry equal those of an earlier one; -1: not
                                 counted */
    int64_t duplicate_ids;  /**< ids that an earlier feature has; -1: not counted, or no id known */
    const char *id_field;   /**< the field that is the id; "" when none is known */
    const char *profile;    /**< "lvbag.pand", by which its fields have canonical names; "" */
    const char *profile_why; /**< "heeft oorspronkelijkBouwjaar en ..."; "" */
    const char *profile_why_en;
    int32_t listed_only;  /**< not 0: a service was asked what it has, and no feature was read; name
                               the layer to read it. features: -1 when the service does not say */
    int64_t swapped_rows; /**< not 0: the columns named x and y hold each other's, as so many of the
                               first rows show, and are read the other way round */
    int32_t role_count;   /**< delimited text and workbooks: columns whose role was guessed */
    const char *xy_crs;   /**< what the columns of x and y are named or look like; "" */
    int32_t xy_swapped;   /**< not 0: by their names and content they hold each other's */
} rm_inspected_layer;
RM_API rm_status rm_inspection_layer(const rm_inspection *inspection, int32_t index,
                                     rm_inspected_layer *out, rm_error *err);

/** What a column seems to be for, by the first rows. Without a word in the model x and y are those
 * that are named so, and the parts of an address are as guessed; a date is named with "time". */
typedef struct rm_inspected_role {
    const char *role; /**< "x", "y", "date", "time", "postcode", "house number", "house letter",
                           "addition", "address line", "street", "place", "weight" or "id" */
    const char *column;
    const char *sure; /**< "name and content", "name" (nothing stands in it, or what does fits
                           badly) or "content" (its name says nothing) */
} rm_inspected_role;
RM_API rm_status rm_inspection_role(const rm_inspection *inspection, int32_t layer, int32_t index,
                                    rm_inspected_role *out, rm_error *err);

/** One field. Counts only: no cell is quoted. */
typedef struct rm_inspected_field {
    const char *name;
    const char *type;  /**< "integer", "real", "text", "date", "datetime" */
    int64_t missing;   /**< null, and text without anything but blanks */
    int64_t sentinels; /**< -99997 and below, GM0000, building years 1005 and 9999 */
    int64_t numbers;   /**< cells that can be read as a number, sentinels left aside; dates are
                            not */
    int64_t dates;     /**< cells that can be read as a date; a year alone is a number */
    double lowest;     /**< number; NaN without numbers */
    double highest;
    int32_t first_date; /**< INT32_MIN without dates */
    int32_t last_date;
    const char *person; /**< "telephone numbers": a column of persons, by its name or by what its
                             first cells look like; no model reads it, and lowest to last_date are
                             left out. "" for other columns */
} rm_inspected_field;
RM_API rm_status rm_inspection_field(const rm_inspection *inspection, int32_t layer, int32_t field,
                                     rm_inspected_field *out, rm_error *err);

/** Options of rm_inspection_write_factsheet. Begin with RM_FACTSHEET_OPTIONS_INIT or
 * rm_factsheet_options_init. */
typedef struct rm_factsheet_options {
    uint32_t size;         /**< sizeof(rm_factsheet_options) */
    int32_t open;          /**< not 0: the source is declared open; otherwise it is shielded */
    int32_t overwrite;     /**< not 0: replaces existing files */
    int32_t today;         /**< the day number that it is made on; INT32_MIN: today */
    const char *language;  /**< "nl" (NULL) or "en" */
    const rm_model *model; /**< says which indicators use it, and how its layers are classified; or
                                NULL */
} rm_factsheet_options;
/* clang-format off */
#define RM_FACTSHEET_OPTIONS_INIT {sizeof(rm_factsheet_options), 0, 0, INT32_MIN, NULL, NULL}
/* clang-format on */
RM_API void rm_factsheet_options_init(rm_factsheet_options *options);

/**
 * Writes a factsheet of a source that was inspected (with duplicates, or it tells none): path.md
 * and path.json with the same facts, both or neither; an ending .md or .json of path is taken off
 * first. Owner, licence and date are read from the source's own metadata or from a metadata file
 * beside it. Of what is not declared open no value is shown: no extremes, the extent in steps of
 * 10 km, dates by the month; and the files can be read by their owner alone. options may be NULL.
 * @return RM_EEXISTS (without overwrite), RM_EINVAL (a language, or path is the source itself),
 *         RM_ENOTFOUND (the folder does not exist), RM_EIO, RM_ENOMEM
 */
RM_API rm_status rm_inspection_write_factsheet(const rm_inspection *inspection, const char *source,
                                               const char *path,
                                               const rm_factsheet_options *options, rm_error *err);

/** What a model will make of its sources. Read-only; texts are borrowed from it. */
typedef struct rm_checklist rm_checklist;

/**
 * Opens every source that the model names, exactly as rm_run does (nothing is read), and says what
 * is there and what is not. Only trouble with the options or memory is a failure; missing sources,
 * layers and fields are findings. Layers that the options give in memory are looked at in place of
 * their sources. options may be NULL; its reference is not looked at.
 * @return RM_EINVAL, RM_ENOTFOUND (an override of a layer that the model does not have),
 *         RM_ECANCELLED, RM_ENOMEM
 */
RM_API rm_status rm_check(rm_checklist **out, const rm_model *model, const rm_run_options *options,
                          rm_error *err);
RM_API void rm_checklist_free(rm_checklist *checklist);
/** Layers and indicators that cannot be used as they are. 0: rm_run can begin. A layer that nothing
 * names is not counted. */
RM_API int32_t rm_checklist_problem_count(const rm_checklist *checklist);

/** How a layer stands. */
typedef enum rm_check_state {
    RM_CHECK_PRESENT = 0,
    RM_CHECK_INCOMPLETE = 1, /**< it can be used, and a field is not filled far enough */
    RM_CHECK_TOO_OLD = 2,    /**< it can be used, and is older than the model allows */
    RM_CHECK_LACKING = 3,    /**< it is there and cannot be used: a field is missing, say */
    RM_CHECK_MISSING = 4,    /**< the file or the layer in it is not there, or cannot be opened */
    RM_CHECK_UNUSED = 5      /**< nothing names it */
} rm_check_state;

/**
 * Goes on where rm_check stopped: reads the fields that indicators use (no geometry), and says how
 * far they are filled, how old the data are, and what every gap does to the score. The model and
 * the options are those of rm_check. complete_from: a field filled for a smaller share of its rows
 * is incomplete (0 to 1). The date of a layer is the newest in its `time` field that is not after
 * as_of, else the one that its metadata state, else that of the file; a layer in memory has no more
 * than the first.
 * @return RM_EINVAL, RM_ECANCELLED, RM_ENOMEM; what cannot be read is a finding of rm_check already
 */
RM_API rm_status rm_checklist_measure(rm_checklist *checklist, const rm_model *model,
                                      const rm_run_options *options, double complete_from,
                                      rm_error *err);

/** A field that an indicator uses, by rm_checklist_measure. */
typedef struct rm_checked_field {
    const char *layer;
    const char *field;
    int64_t rows; /**< that pass the layer's where */
    int64_t filled;
    int32_t enough; /**< not 0: at least complete_from of them */
} rm_checked_field;
RM_API int32_t rm_checklist_field_count(const rm_checklist *checklist);
RM_API rm_status rm_checklist_field(const rm_checklist *checklist, int32_t index,
                                    rm_checked_field *out, rm_error *err);

/** What the gaps do to the score if it were computed without the indicators that fall out. */
typedef struct rm_check_effect {
    double lost_share;   /**< of the weight: of the indicators that cannot be computed */
    double coverage;     /**< what is left, 0 to 1 */
    double min_coverage; /**< an area below it gets no score */
    int64_t areas;       /**< -1: not known */
    int64_t below;       /**< areas that get no score for these gaps and for empty fields of their
                              own; -1: not known */
    int32_t at_least;    /**< not 0: more may follow, for what is found around an area is not known
                              before a run */
    int32_t fallen;      /**< indicators that cannot be computed */
} rm_check_effect;
RM_API rm_status rm_checklist_effect(const rm_checklist *checklist, rm_check_effect *out,
                                     rm_error *err);

/** One layer of the model. */
typedef struct rm_checked_layer {
    const char *name;
    const char *source;        /**< as it will be opened, secrets redacted; of a layer in memory its
                                    name */
    const char *driver;        /**< "" when it could not be opened, as what follows */
    const char *geometry_type; /**< "Point", "Polygon", ...; "" when not known */
    const char *fields;        /**< the fields that the model needs, separated by ", " */
    const char *crs;
    const char *crs_operation; /**< "" when it is in the model's CRS already */
    const char *missing_grid;  /**< of a better operation */
    const char *problem;       /**< the first one; "" when it can be used */
    double crs_accuracy_m;     /**< NaN: not stated or not known */
    int64_t features;          /**< -1: not known without reading */
    int32_t used;              /**< not 0: areas or an indicator name it */
    int32_t areas;             /**< not 0: these are the areas */
    int32_t shielded;
    int32_t state;        /**< an rm_check_state; the worst that holds */
    int32_t too_old;      /**< not 0: older than the model allows */
    int32_t incomplete;   /**< not 0: a field that indicators use is not filled far enough */
    int32_t data_date;    /**< INT32_MIN: not known; as what follows, by rm_checklist_measure */
    const char *dated_by; /**< "field datum", "metadata" or "file"; "" when not known */
    double max_age_days;  /**< as the model has it; 0: no limit */
    double weight_share;  /**< of the score's weight: of the indicators that need this layer */
} rm_checked_layer;
RM_API int32_t rm_checklist_layer_count(const rm_checklist *checklist);
RM_API rm_status rm_checklist_layer(const rm_checklist *checklist, int32_t index,
                                    rm_checked_layer *out, rm_error *err);

/** One indicator of the model. */
typedef struct rm_checked_indicator {
    const char *name;
    const char *label;    /**< Dutch */
    const char *label_en; /**< English; the Dutch one where the model has none */
    const char *measure;
    const char *problem;       /**< "" when it can be computed */
    const char *problem_layer; /**< the layer whose problem it is; "" when it is its own */
    double weight;
} rm_checked_indicator;
RM_API int32_t rm_checklist_indicator_count(const rm_checklist *checklist);
RM_API rm_status rm_checklist_indicator(const rm_checklist *checklist, int32_t index,
                                        rm_checked_indicator *out, rm_error *err);

/** One thing that is wrong, said once however many indicators it stops. */
typedef struct rm_checked_finding {
    const char *layer;     /**< "" when about none */
    const char *indicator; /**< "" when about none in particular */
    const char *message;   /**< one line: what is wrong, where, what to do */
} rm_checked_finding;
RM_API int32_t rm_checklist_finding_count(const rm_checklist *checklist);
RM_API rm_status rm_checklist_finding(const rm_checklist *checklist, int32_t index,
                                      rm_checked_finding *out, rm_error *err);

#ifdef __cplusplus
}
#endif
#endif
