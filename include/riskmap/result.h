/* Running a model, and what comes out. Part of riskmap.h. */
#ifndef RISKMAP_RESULT_H
#define RISKMAP_RESULT_H

#include "riskmap/layer.h"
#include "riskmap/model.h"

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Scores with their reasons, in memory. Read-only: any number of threads may read it. */
typedef struct rm_result rm_result;

/** Options of rm_run. Begin with RM_RUN_OPTIONS_INIT or rm_run_options_init. */
typedef struct rm_run_options {
    uint32_t size;          /**< sizeof(rm_run_options) */
    int32_t threads;        /**< 0: as many as there are cores; 1: starts none; at most 64 */
    int32_t only_best;      /**< not 0: fail where the best coordinate operation lacks its grid */
    int32_t as_of;          /**< day number (days since 1970-01-01); INT32_MIN: today */
    int32_t override_count; /**< how many layers are taken from elsewhere */
    int32_t reserved;       /**< 0 */
    const char *const *override_names;   /**< names of layers in the model */
    const char *const *override_sources; /**< their sources, as paths; "file.gpkg|layername=naam"
                                              names the layer in it */
    const char *reference;   /**< an earlier result (.gpkg) whose scaling is used again, or NULL */
    const char *command;     /**< recorded in the result's table `run`, or NULL */
    rm_progress_fn progress; /**< or NULL */
    void *progress_user;
    /** Layers of the model that are in memory, in place of their sources: [memory_count] names and
     * layers, which must not change while the call runs. Their own CRS holds; fields are found by
     * their names, as in a file. */
    const char *const *memory_names;
    const rm_layer *const *memory_layers;
    int32_t memory_count;
    int32_t reserved2; /**< 0 */
} rm_run_options;

/* clang-format off */
#define RM_RUN_OPTIONS_INIT {sizeof(rm_run_options), 0, 0, INT32_MIN, 0, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, 0}
/* clang-format on */
RM_API void rm_run_options_init(rm_run_options *options);

/**
 * Reads the layers of a model, lays the evidence over the areas, scores every area.
 * options may be NULL. The outcome does not depend on the number of threads.
 * @return any status; on failure *out is untouched
 */
RM_API rm_status rm_run(rm_result **out, const rm_model *model, const rm_run_options *options,
                        rm_error *err);
RM_API void rm_result_free(rm_result *result);

/** Not 0 when a shielded layer was touched: whatever is written from this result is AFGESCHERMD. */
RM_API int32_t rm_result_is_shielded(const rm_result *result);

RM_API int64_t rm_result_area_count(const rm_result *result);
/** Areas with a rank; the others lack data (coverage below min_coverage) or geometry. */
RM_API int64_t rm_result_ranked_count(const rm_result *result);

/** One area. Texts are borrowed from the result. */
typedef struct rm_area {
    int64_t fid;      /**< feature id in its source, and in the written result */
    const char *id;   /**< the model's id field, else the feature id as text */
    const char *name; /**< "" when it has none */
    const char *type; /**< as the model says, or "" */
    double score;     /**< NaN: not scored */
    double coverage;  /**< weight of the indicators present over the total weight, 0..1 */
    double area_m2;   /**< NaN without geometry */
    int32_t rank;     /**< 1 is the highest; 0: not ranked */
    int32_t class_;   /**< 1 (lowest) to 5 or as many as the model has; 0: none */
} rm_area;
/** index 0 .. count-1. @return RM_EINVAL when it is not */
RM_API rm_status rm_result_area(const rm_result *result, int64_t index, rm_area *out,
                                rm_error *err);
/** The index of the area with this rank order, position 0 being the highest score; areas of equal
 * rank follow in the order of the source. -1 past the ranked ones. */
RM_API int64_t rm_result_ranked(const rm_result *result, int64_t position);

RM_API int32_t rm_result_indicator_count(const rm_result *result);
/** One indicator. Texts are borrowed from the result. */
typedef struct rm_result_indicator {
    const char *name;
    const char *label;    /**< Dutch */
    const char *label_en; /**< English; the Dutch one where the model has none */
    const char *why;      /**< Dutch reason with its source */
    const char *why_en;
    const char *pillar;
    const char *measure;
    const char *scale;
    double weight;
    double scale_a;    /**< minimum, mean or lower bound; NaN where the scale has none */
    double scale_b;    /**< maximum, standard deviation or upper bound */
    int32_t direction; /**< +1, -1 */
    int32_t decimals;  /**< for showing a value */
    char unit[32];     /**< Dutch, such as "per 100" or "m"; "" for none; shares read "%" but are
                            0..1 in value */
    char unit_en[32];
} rm_result_indicator;
RM_API rm_status rm_result_indicator_at(const rm_result *result, int32_t index,
                                        rm_result_indicator *out, rm_error *err);

/** What one indicator did to one area. */
typedef struct rm_contribution {
    double value;        /**< in the indicator's unit; NaN: missing */
    double scaled;       /**< NaN: missing */
    double contribution; /**< they add up to the score (geometric: to its logarithm) within 1e-12 */
    int64_t features;    /**< evidence behind the value */
    int64_t missing;     /**< evidence that lacked what was needed */
} rm_contribution;
RM_API rm_status rm_result_contribution(const rm_result *result, int64_t area, int32_t indicator,
                                        rm_contribution *out, rm_error *err);
/** Indicator numbers of one area by weight in its score, the heaviest first (linear: by
 * contribution; geometric: by how far it lifts the score above the middle of its scale). Only those
 * present are given; returns how many were written (at most room). */
RM_API int32_t rm_result_reasons(const rm_result *result, int64_t area, int32_t *indicators,
                                 int32_t room);

/** One reason in words, such as "Meldingen per 100 adressen: 12,4 (draagt 0,21 bij; 18 objecten)".
 * language: "nl" or "en" (NULL: nl). Cut to size. */
RM_API rm_status rm_result_reason_text(const rm_result *result, int64_t area, int32_t indicator,
                                       const char *language, char *out, size_t size, rm_error *err);

RM_API int32_t rm_result_pillar_count(const rm_result *result);
/** Borrowed; NULL out of range. */
RM_API const char *rm_result_pillar(const rm_result *result, int32_t pillar);
/** Sub-score of a pillar (NaN: none) and its rank (0: none; may be NULL). */
RM_API rm_status rm_result_pillar_score(const rm_result *result, int64_t area, int32_t pillar,
                                        double *score, int32_t *rank, rm_error *err);

RM_API int64_t rm_result_issue_count(const rm_result *result);
/** One issue. Texts are borrowed, except message, which is written into the struct. */
typedef struct rm_result_issue {
    const char *severity; /**< "note", "warning", "rejected" */
    const char *code;     /**< such as "not-finite" */
    const char *layer;    /**< "" when about no layer */
    int64_t feature;      /**< -1 when about no feature */
    char message[256];
} rm_result_issue;
RM_API rm_status rm_result_issue_at(const rm_result *result, int64_t index, rm_result_issue *out,
                                    rm_error *err);

RM_API int32_t rm_result_layer_count(const rm_result *result);
/** The factsheet of a layer in this run. total = ended + outside + filtered + left_out + read; read
 * = used + rejected. Of a layer that was placed by address, the match rate is address_exact +
 * address_number over the sum of the four. */
typedef struct rm_result_layer {
    const char *name, *source, *driver, *fingerprint;
    const char *crs, *crs_operation, *missing_grid; /**< "" where there is none */
    double crs_accuracy_m;                          /**< NaN: not stated */
    int64_t total, outside, filtered, read, used, rejected;
    int32_t first_date, last_date; /**< INT32_MIN: no dates used */
    int32_t shielded;
    int32_t located;     /**< not 0: its rows were placed by address */
    const char *profile; /**< what the source was taken for, such as bag-light.pand; "": nothing */
    int64_t ended;       /**< history: features that are no longer in force */
    int64_t left_out;    /**< by the rules for reports */
    int64_t address_exact;     /**< placed at the address as written */
    int64_t address_number;    /**< placed by postcode and house number alone */
    int64_t address_ambiguous; /**< not placed: several addresses far apart */
    int64_t address_unknown;   /**< not placed: no such address, or none given */
} rm_result_layer;
RM_API rm_status rm_result_layer_at(const rm_result *result, int32_t index, rm_result_layer *out,
                                    rm_error *err);

/**
 * One table of a result as rm_result_write has it, as a layer of its own: "areas" (with geometry,
 * scores, ranks, pillars, indicators), "indicators", "contributions", "issues", "layers" or "run".
 * rm_layer_to_arrow hands it on; rm_layer_free frees it, and it outlives the result.
 * language: as for rm_result_write.
 * @return RM_ENOTFOUND: no such table; RM_EINVAL, RM_ENOMEM
 */
RM_API rm_status rm_result_table(rm_layer **out, const rm_result *result, const char *table,
                                 const char *language, rm_error *err);

/** The line that every output carries: what a score is not. language: "nl" or "en". */
RM_API rm_status rm_result_disclaimer(const rm_result *result, const char *language, char *out,
                                      size_t size, rm_error *err);

/** Options of the writers. */
typedef struct rm_write_options {
    uint32_t size;        /**< sizeof(rm_write_options) */
    int32_t overwrite;    /**< not 0: replace an existing file */
    const char *language; /**< "nl" (default when NULL) or "en": titles, reasons */
    int64_t rows;         /**< rm_result_write_table: how many places from the top; 0: all ranked */
    rm_progress_fn progress;
    void *progress_user;
    const char *schema; /**< of a database: where the tables come; NULL: "riskmap" */
} rm_write_options;
/* clang-format off */
#define RM_WRITE_OPTIONS_INIT {sizeof(rm_write_options), 0, NULL, 0, NULL, NULL, NULL}
/* clang-format on */
RM_API void rm_write_options_init(rm_write_options *options);

/**
 * Writes the result as a GeoPackage that opens styled in QGIS: areas, indicators, contributions,
 * reasons, issues, layers, run, layer_styles. Temporary file, checked, renamed; options may be
 * NULL. A path of the form "PG:host=... dbname=..." or "postgresql://user@host/database" writes the
 * same tables to a PostGIS database, in one transaction.
 * @return RM_EINVAL (a file that does not end in .gpkg, a folder, or a file that was read, which is
 *         never written over), RM_EEXISTS, RM_ENOTFOUND (no such folder), RM_EIO (disk full), ...;
 *         nothing is left behind
 */
RM_API rm_status rm_result_write(const rm_result *result, const char *path,
                                 const rm_write_options *options, rm_error *err);
/**
 * What rm_result_write would refuse of a path, known before the computing. A file: its ending, its
 * folder, and whether it is there already. A PostGIS database: whether it can be reached, has
 * PostGIS, and holds no such tables yet; the password comes from PGPASSWORD or ~/.pgpass, never
 * from the path.
 */
RM_API rm_status rm_result_write_check(const char *path, const rm_write_options *options,
                                       rm_error *err);
/** Writes the list for the meeting: .xlsx or .csv by the ending of path. Another ending is
 * RM_EINVAL; for the rest as rm_result_write. */
RM_API rm_status rm_result_write_table(const rm_result *result, const char *path,
                                       const rm_write_options *options, rm_error *err);

#ifdef __cplusplus
}
#endif
#endif
