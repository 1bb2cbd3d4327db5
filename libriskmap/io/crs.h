/* Coordinate reference systems through PROJ: one transformer per thread. */
#ifndef RM_IO_CRS_H
#define RM_IO_CRS_H

#include "data/source.h"

/* What is known about bringing one CRS to another. Texts are owned. */
typedef struct rm_crs_route {
    char *source, *target; /* "EPSG:4258", or the name when there is no code */
    char *operation;       /* NULL: the same CRS, nothing to do */
    char *pipeline;        /* the operation as a PROJ string, x before y; NULL with operation */
    double accuracy_m;     /* 0 for none needed, NaN when PROJ does not state it */
    char *missing_grid;    /* of a better operation */
    double missing_accuracy_m;
    rm_box target_use; /* the target's area of use in its own units, a little widened */
    bool source_geographic;
} rm_crs_route;

/* A definition is "EPSG:28992", WKT or PROJJSON. WGS 84 lon/lat (EPSG:4326, CRS84) to a Dutch
 * target is taken for ETRS89 (EPSG:4258), as Dutch data are: the route says so. RM_ECRS: unknown
 * CRS, no operation, or only_best and its grid is missing (names the grid and how to get it). */
rm_status rm_crs_route_find(rm_crs_route *out, const char *source, const char *target,
                            bool only_best, rm_error *err);
void rm_crs_route_clear(rm_crs_route *route);

/* Not thread-safe: one per worker. Coordinates are x/easting/longitude first, always. */
typedef struct rm_crs_transformer rm_crs_transformer;
rm_status rm_crs_transformer_new(rm_crs_transformer **out, const rm_crs_route *route,
                                 rm_error *err);
/* In place; what PROJ cannot transform becomes NaN. */
void rm_crs_transform(rm_crs_transformer *transformer, double *x, double *y, int64_t count);
void rm_crs_transformer_free(rm_crs_transformer *transformer);
bool rm_crs_transforms(const rm_crs_transformer *transformer); /* false: the same CRS */
/* Copies coordinates aside before they are transformed; valid until the next call. */
rm_status rm_crs_keep_raw(rm_crs_transformer *transformer, const double *x, const double *y,
                          int64_t count, const double **raw_x, const double **raw_y, rm_error *err);

/* PROJJSON for Arrow metadata. Owned by the caller, as are all these texts. */
rm_status rm_crs_projjson(char **out, const char *definition, rm_error *err);
/* The short form "EPSG:28992" when the definition has one (or is recognised as one),
 * else its name */
rm_status rm_crs_code(char **out, const char *definition, rm_error *err);
/* The short form, else the whole definition, which says more than its name. */
rm_status rm_crs_name(char **out, const char *definition, rm_error *err);
/* RM_ECRS unless its coordinates are metres: names its unit (degrees, feet) and what to do. */
rm_status rm_crs_require_metres(const char *definition, rm_error *err);

/* The last step of every reader: transforms the rows' coordinates, rejects what lies outside the
 * area of use (issues RM_ISSUE_OUTSIDE_CRS, RM_ISSUE_NOT_TRANSFORMED), and takes out what has a
 * sound geometry wholly outside `extent` (counted in *outside). Keeps in `seen` what it needs to
 * tell, when every feature missed, which reading would have been plausible. */
typedef struct rm_crs_seen {
    int64_t inside, missed;
    rm_box raw; /* extent of the raw coordinates that missed */
} rm_crs_seen;
rm_status rm_crs_place_rows(rm_rows *rows, rm_crs_transformer *transformer,
                            const rm_crs_route *route, const rm_box *extent, int64_t *outside,
                            rm_crs_seen *seen, rm_error *err);
/* RM_ECRS when nothing lay inside and something missed: says what the coordinates look like
 * (lon/lat labelled RD, swapped axes) and what to write. */
rm_status rm_crs_judge(const rm_crs_seen *seen, const rm_crs_route *route, const char *source,
                       rm_error *err);

#endif
