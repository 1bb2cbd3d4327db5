/* Points from columns of text: what delimited text and workbooks share. */
#ifndef RM_IO_POINTS_H
#define RM_IO_POINTS_H

#include "io/reader.h"
#include "io/roles.h"

typedef struct rm_points {
    int x, y;        /* columns of the source, or -1 for both */
    const char *crs; /* what their names say, or NULL */
    bool named;      /* by the request, which is then taken at its word */
    bool swapped;    /* the column named x holds y */
    int64_t shown;   /* rows of the sample that show it */
} rm_points;

/* The columns of the request, else those that are named so; -1 when there are none. */
rm_status rm_points_find(rm_points *out, const rm_request *request, const char *const *names,
                         int32_t count, const char *shown, rm_error *err);
/* RM_ENOTFOUND: there are none, and what the content of others looks like. */
rm_status rm_points_fail(const rm_table *sample, const char *shown, rm_error *err);
/* Once the CRS is known: whether x and y stand in each other's columns. */
void rm_points_weigh(rm_points *points, const rm_table *sample, const char *crs);
/* What the rows with the first of a source carry: that it is so. */
rm_status rm_points_tell(const rm_points *points, rm_rows *rows, rm_error *err);

/* Appends the point of a row whose id is set, or none with its issue. */
typedef struct rm_point_cells {
    const char *x, *y;
    int64_t x_length, y_length;
} rm_point_cells;
rm_status rm_points_add(const rm_points *points, rm_rows *rows, const rm_point_cells *cells,
                        rm_error *err);

/* Notes at the columns of a source how the sample's columns of that name mean their dates. */
void rm_points_note_dates(rm_table *columns, const int32_t *from, const rm_table *sample);

#endif
