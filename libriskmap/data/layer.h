/* Rows with geometry: a batch is what a source hands over at a time, a layer is all of it. */
#ifndef RM_DATA_LAYER_H
#define RM_DATA_LAYER_H

#include "data/geometry.h"
#include "data/table.h"

#include "riskmap/layer.h"

typedef struct rm_rows {
    rm_geometry geometry; /* features == rows, or 0 when no geometry was asked for */
    int64_t *ids;         /* [rows] feature id of the source; data row of a text file, from 1 */
    int64_t ids_capacity;
    rm_table table;
    rm_issues issues; /* of these rows, found while reading */
} rm_rows;

rm_status rm_rows_add_id(rm_rows *rows, int64_t row, int64_t id, rm_error *err);
/* Appends row `row` of another set of rows with the same columns (not its issues). */
rm_status rm_rows_add_copy(rm_rows *rows, const rm_rows *from, int64_t row, rm_error *err);
/* Appends all rows of another set with the same columns, and moves its issues. */
rm_status rm_rows_add_all(rm_rows *rows, rm_rows *from, rm_error *err);
/* The same for several sets, in their order, which are then empty. */
rm_status rm_rows_add_many(rm_rows *rows, rm_rows *const *from, int64_t count, int threads,
                           rm_error *err);
/* Of rows that are numbered from 0, in their issues too: makes a column of RM_INT64 the feature
 * ids, which is then no column any more. Where a cell is missing or below 0, or two are equal, it
 * stays one, with an issue. */
rm_status rm_rows_take_ids(rm_rows *rows, int32_t number, rm_error *err);
void rm_rows_reset(rm_rows *rows);
void rm_rows_clear(rm_rows *rows);

/* Where rows came from and how: the row of the result's table `layers`. Texts are owned, may be
 * NULL */
typedef struct rm_provenance {
    char *source; /* as the user wrote it, secrets redacted */
    char *layer;  /* the layer inside it */
    char *driver;
    char *fingerprint;     /* "size 1234, modified 2026-01-01T12:00:00Z" */
    char *crs;             /* the source's own CRS, e.g. "EPSG:4258" or the name in its WKT */
    char *crs_operation;   /* PROJ's description of the transformation, NULL when none was needed */
    double crs_accuracy_m; /* its stated accuracy; 0 without a transformation, NaN when unknown */
    char *missing_grid;    /* a grid that a better operation needs and this machine lacks */
    char *profile;         /* the source it was taken for, "bag-light.pand"; NULL: none */
    /* total = ended + outside + filtered + left_out + read; read = used + rejected */
    int64_t total, outside, filtered, read, used, rejected;
    int64_t ended;    /* history: features that are no longer in force */
    int64_t left_out; /* by the rules for reports */
    /* placed by address: as written; on the house number alone; one of several; not at all */
    int64_t address_exact, address_number, address_ambiguous, address_unknown;
    int32_t first_date, last_date; /* RM_NO_DATE when no date was used */
    bool shielded;
} rm_provenance;

rm_status rm_provenance_copy(rm_provenance *out, const rm_provenance *from, rm_error *err);
void rm_provenance_clear(rm_provenance *provenance);

struct rm_layer { /* opaque to the public */
    char *name;
    rm_rows rows;
    char *crs; /* the CRS the coordinates are in now */
    rm_provenance provenance;
};

#endif
