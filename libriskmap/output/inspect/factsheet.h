/* One page about a source: what it is, how complete, what riskmap uses it for. */
#ifndef RM_OUTPUT_FACTSHEET_H
#define RM_OUTPUT_FACTSHEET_H

#include "io/about.h"
#include "model/model.h"
#include "output/inspect/inspect.h"
#include "output/words.h"

/* A layer of the model that is read from a layer of the source. */
typedef struct rm_factsheet_use {
    int32_t found, layer;
} rm_factsheet_use;

typedef struct rm_factsheet {
    const rm_inspection *inspection; /* with duplicates counted */
    const char *source;              /* the name of the file, without its folder */
    rm_about about;
    int64_t bytes;     /* -1: not known */
    int32_t file_date; /* RM_NO_DATE: not known */
    int32_t today;
    const rm_model *model;  /* NULL: none was given */
    rm_factsheet_use *uses; /* with a model */
    int32_t use_count;
    bool *open; /* [inspection->count] */
} rm_factsheet;

/* Of a shielded layer no value is shown: no extremes, the extent in steps of RM_COARSE_M, dates by
 * the month. Columns of persons show nothing but how far they are filled, open or not. */
enum { RM_COARSE_M = 10000 };
rm_box rm_factsheet_extent(const rm_factsheet *sheet, int32_t layer); /* empty: not shown */
/* The field with the newest date that is not in the future, and that date; -1: none. */
int32_t rm_factsheet_newest(const rm_factsheet *sheet, int32_t layer, int32_t *date);
/* Whether a field's extremes may be shown: as numbers, as dates. */
bool rm_factsheet_shows(const rm_factsheet *sheet, int32_t layer, int32_t field, bool *dates);
/* The fields of a layer as a table without rows, for looking names up. */
rm_status rm_factsheet_columns(rm_table *out, const rm_found_layer *layer, rm_error *err);

rm_status rm_factsheet_markdown(rm_text *out, const rm_factsheet *sheet, rm_language language,
                                rm_error *err);
rm_status rm_factsheet_json(rm_text *out, const rm_factsheet *sheet, rm_language language,
                            rm_error *err);

/* Makes both and writes them: `path` with its ending .md or .json taken off, and each of the two
 * put on. Both are there at the end or neither. */
typedef struct rm_factsheet_request {
    const rm_inspection *inspection;
    const char *source; /* that was inspected */
    const rm_model *model;
    bool open, overwrite;
    rm_language language;
    int32_t today;
} rm_factsheet_request;
rm_status rm_factsheet_write(const rm_factsheet_request *request, const char *path, rm_error *err);

#endif
