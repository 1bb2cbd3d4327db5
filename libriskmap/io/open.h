/* Opening a source, whatever it is. */
#ifndef RM_IO_OPEN_H
#define RM_IO_OPEN_H

#include "data/source.h"

/* Chooses the reader: delimited text (.csv, .tsv, .txt, also .gz) by our own, GeoPackage tables
 * straight from SQLite where they are plain, everything else through GDAL from a list of drivers.
 * An rm_open_fn; context is not used. */
rm_status rm_open(void *context, const rm_request *request, rm_source **out, rm_error *err);

/* Also one such file in a zip. *out = NULL with RM_OK when the source is none, by its name. */
rm_status rm_open_delimited(const rm_request *request, rm_source **out, rm_error *err);
/* A sheet of a workbook (.xlsx, .xlsm, .ods) as text; *out as above. */
rm_status rm_open_workbook(const rm_request *request, rm_source **out, rm_error *err);
bool rm_is_workbook(const char *source);
/* *out = NULL with RM_OK when the table is not plain enough: GDAL takes it then. */
rm_status rm_open_geopackage(const rm_request *request, rm_source **out, rm_error *err);
rm_status rm_open_gdal(const rm_request *request, rm_source **out, rm_error *err);
/* request->memory. */
rm_status rm_open_memory(const rm_request *request, rm_source **out, rm_error *err);

/* What is in a source, without reading its features: for inspect and check. */
typedef struct rm_listed_layer {
    char *name;
    char *geometry_type; /* "Polygon", "None", ... */
    char *crs;           /* code or name; NULL: none stated */
    int64_t features;    /* -1: not known without reading */
    rm_table columns;    /* no rows */
} rm_listed_layer;
typedef struct rm_listing {
    char *driver;
    rm_listed_layer *layers;
    int32_t count;
} rm_listing;
rm_status rm_list(rm_listing *out, const char *source, rm_error *err);
void rm_listing_clear(rm_listing *listing);

#endif
