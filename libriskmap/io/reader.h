/* What the readers share: finding layers and fields by name, the CRS, placing rows, provenance. */
#ifndef RM_IO_READER_H
#define RM_IO_READER_H

#include "io/crs.h"
#include "io/profile_rows.h"

/* One per cursor, so that workers never write to the same place. */
typedef struct rm_lane {
    rm_crs_transformer *transformer; /* NULL: coordinates stay as they are */
    rm_crs_seen seen;
    rm_profile_stage stage;
    int64_t total, outside, ended;
} rm_lane;

/* The first member of every reader. */
typedef struct rm_reader {
    rm_source source;
    char *shown; /* the source as messages name it, without secrets */
    bool geometry, has_extent, routed;
    bool counted; /* columns of persons are not refused */
    rm_box extent;
    rm_crs_route route;
    rm_profile_plan plan;
    rm_lane *lanes; /* [source.cursors] */
} rm_reader;

/* Takes name, layer (may be NULL), driver and the fingerprint of the file into the provenance;
 * refuses columns that hold persons by their name. */
rm_status rm_reader_init(rm_reader *reader, const rm_request *request, const char *layer,
                         const char *driver, rm_error *err);
/* definition: what the source itself says, NULL when it says nothing. The request's CRS wins: it is
 * how a wrong label is put right. Does nothing for attributes alone. */
rm_status rm_reader_set_crs(rm_reader *reader, const rm_request *request, const char *definition,
                            rm_error *err);
/* Finds the source's profile and the request's columns among those it has (no rows). After it
 * plan.read are the columns to be read, from the fields plan.fields, and source.columns those that
 * are delivered. layer may be NULL: the name of the file counts. */
rm_status rm_reader_choose(rm_reader *reader, const rm_request *request, const char *layer,
                           const rm_table *have, rm_error *err);
/* Again when the type, or the form of dates, of a column in plan.read has been changed. */
rm_status rm_reader_settle(rm_reader *reader, rm_error *err);
rm_status rm_reader_set_cursors(rm_reader *reader, int cursors, rm_error *err);
/* Empties rows and sees to it that they have the columns. */
rm_status rm_reader_start(const rm_reader *reader, rm_rows *rows, rm_error *err);
/* Before each batch is read, after rm_reader_start: gives rows the columns plan.read. */
rm_status rm_reader_prepare(rm_reader *reader, int worker, rm_rows *rows, rm_error *err);
/* Counts the rows, brings them to their place, leaves out those that are no longer in force and
 * gives the rest the columns that are delivered; refuses those that hold persons by content. */
rm_status rm_reader_place(rm_reader *reader, int worker, rm_rows *rows, rm_error *err);
rm_status rm_reader_finish(rm_source *source, rm_error *err); /* the usual rm_source.finish */
void rm_reader_clear(rm_reader *reader);                      /* all but the memory of reader */

/* The number of the field that is meant by `wanted`: the exact name, else the only one that differs
 * in case. RM_ENOTFOUND with the nearest name, or all of them. */
rm_status rm_find_field(int *out, const char *wanted, const char *const *names, int64_t count,
                        const char *shown, rm_error *err);
/* The layer that the request means. Without a name it is the only one, where geometry is wanted the
 * only one that has any. Tables of styles do not count. */
typedef struct rm_layer_choice {
    const char *name;
    bool geometry;
} rm_layer_choice;
rm_status rm_find_layer(int *out, const rm_request *request, const rm_layer_choice *layers,
                        int64_t count, const char *shown, rm_error *err);

/* "file.gpkg|layername=naam" in two; *layer stays NULL when none is named. Both owned. */
rm_status rm_split_source(const char *source, char **path, char **layer, rm_error *err);
/* Whether a name ends so, whatever the case. */
bool rm_ends_with(const char *text, const char *ending);
/* A source as messages name it: without secrets. Owned. */
rm_status rm_shown(char **out, const char *source, rm_error *err);
/* Whether our own reader takes it: .csv, .tsv and .txt, also .gz. */
bool rm_is_delimited(const char *path);
/* RM_ENOTFOUND, with the nearest name in its folder, when a file does not exist. */
rm_status rm_check_file(const char *path, rm_error *err);

/* Appends the WKB of one feature and its issue, if any; curves are stroked by OGR, so the caller is
 * inside rm_gdal_enter where those may come. */
rm_status rm_rows_add_wkb(rm_rows *rows, int64_t id, const uint8_t *wkb, int64_t size,
                          rm_error *err);
/* Appends a text cell; bytes that are no UTF-8 become U+FFFD, with an issue.
 * rows->ids[row] is set. */
rm_status rm_rows_add_text(rm_rows *rows, rm_column *column, int64_t row, const char *text,
                           int64_t length, rm_error *err);
/* An rm_stroke_fn. */
rm_status rm_stroke(void *context, const uint8_t *wkb, int64_t size, rm_geometry *geometry,
                    rm_issue_code *verdict, rm_error *err);

#endif
