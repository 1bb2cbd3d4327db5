/* The seam between reading and computing: an abstract stream of batches. Files, Arrow streams and
 * memory all look like this; what computes does not know which it has. */
#ifndef RM_DATA_SOURCE_H
#define RM_DATA_SOURCE_H

#include "base/progress.h"
#include "data/filter.h"
#include "data/layer.h"

struct rm_report_rules; /* data/reports.h */

/* The columns of an address; NULL: guess by name and content. */
typedef struct rm_address_fields {
    const char *postcode, *number, *letter, *addition;
    const char *line; /* street, number and what follows in one column: "Dorpsstraat 12a" */
    const char *street, *place;
} rm_address_fields;

/* What a reader is asked for. Borrowed for the time of the call that opens a source. */
typedef struct rm_request {
    const char *source;     /* path or URL, already resolved against the model file */
    const rm_layer *memory; /* rows that are in memory already: `source` is only their name. They
                               must outlive the source */
    const char
        *layer;      /* the layer in it; NULL: the only one (an error that names them if several) */
    const char *crs; /* for sources that carry none; NULL otherwise */
    const char *x, *y; /* columns with the coordinates (delimited text); NULL: guess by name */
    const char *const *columns; /* the fields wanted, and no others are read */
    int32_t column_count;
    bool geometry;          /* false: attributes alone */
    const rm_box *extent;   /* in target_crs: rows with a sound geometry wholly outside are only
                               counted (provenance.outside); NULL: everything. Rows without a usable
                               geometry are always delivered */
    const char *target_crs; /* coordinates arrive in it; NULL: leave them as they are */
    bool only_best;         /* fail when the best operation's grid is missing */
    bool shielded;          /* messages must not quote cells */
    int32_t threads;        /* how many workers may call next at once; the source may take fewer */
    const char
        *profile; /* NULL: recognised by its columns; "none": taken as it is; else its name */
    const struct rm_request *locate; /* the address layer that gives each row its place; NULL: its
                                 own geometry or coordinates do */
    rm_address_fields address;       /* with locate */
    const struct rm_report_rules *reports; /* NULL: none */
    const rm_filter
        *filter;   /* of an address layer: the addresses that count; its fields are among
                      the columns. NULL: all. Other layers are filtered by who reads them */
    int32_t as_of; /* what is in force is judged on this day; 0: nothing that ever ended */
    bool counted;  /* cells are only counted, so columns of persons may be read, and values
                      that stand for "missing" are delivered: for inspect alone */
} rm_request;

typedef struct rm_source rm_source;
struct rm_source {
    /* Fills rows (reset first, columns set up in the order of the request) with the next batch,
     * about 16,000 to 65,536 rows; no rows at the end, for good. `worker` is 0 .. cursors-1; calls
     * with different workers may run at once, calls with the same one may not. Row-level trouble is
     * in rows->issues and leaves RM_KIND_NONE; a status other than RM_OK ends the stream. Batches
     * come in no fixed order when cursors > 1. */
    rm_status (*next)(rm_source *source, int worker, rm_rows *rows, rm_error *err);
    /* Called once, after the last batch: completes the provenance (total, outside) and fails when
     * what was seen as a whole cannot be right (every feature outside the CRS's area of use). */
    rm_status (*finish)(rm_source *source, rm_error *err);
    void (*free)(rm_source *source);
    int cursors;
    double fraction;       /* how far it is, 0..1, a hint for progress */
    rm_progress *progress; /* set by who collects it: hears of every batch; may be NULL */
    rm_table columns;      /* no rows: names and types as they will be delivered */
    char *crs; /* of the coordinates as they are, where no other was asked for: a code, else the
                  whole definition, of which the provenance has the name. NULL: none */
    rm_provenance provenance;
    rm_provenance addresses; /* with request->locate: of the address layer, complete after finish;
                                read = used + rejected. Otherwise empty */
};

/* Reads everything that is left into a layer, with as many workers as the source has cursors; rows
 * keep the order of the source. With a filter only the rows that pass are kept, and the others are
 * counted as filtered; clean (may be NULL) is called for every batch by the worker that read it,
 * and asks the source's progress as rm_progress_check does.
 * Then finishes the source and copies its provenance. Leaves name, crs and boxes to the caller.
 * Takes nothing over: the caller frees the source. */
typedef rm_status (*rm_rows_fn)(rm_rows *rows, rm_progress *progress, int worker, rm_error *err);
rm_status rm_source_collect(rm_layer **out, rm_source *source, const rm_filter *filter,
                            rm_rows_fn clean, rm_error *err);
void rm_source_free(rm_source *source); /* NULL allowed */

/* Opens a source; `context` belongs to whoever provides the function. This is how model, which must
 * not know io, gets its data. */
typedef rm_status (*rm_open_fn)(void *context, const rm_request *request, rm_source **out,
                                rm_error *err);

#endif
