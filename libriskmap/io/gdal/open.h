/* Opening a data set through GDAL: which file inside an archive, which driver,
 * with which options. */
#ifndef RM_IO_GDAL_OPEN_H
#define RM_IO_GDAL_OPEN_H

#include "io/gdal/env.h"
#include "io/gdal/formats.h"
#include "io/reader.h"
#include "io/service/service.h"

#include <gdal.h>
#include <ogr_api.h>

/* The files of a .zip that can hold layers. */
typedef struct rm_archive {
    char **members;
    int32_t count;
} rm_archive;
void rm_archive_clear(rm_archive *archive);

/* Where GDAL finds a source: .zip becomes /vsizip/, .gz /vsigzip/, a BAG extract the part with the
 * objects. `layer` (may be NULL) picks a file of that name from an archive that holds several, and
 * *picked tells that it did; an archive of several files with none picked gives *out = NULL and the
 * files in *archive. RM_EUNSUPPORTED for what would go to the network. The caller is inside
 * rm_gdal_enter, as for all that follows. */
rm_status rm_gdal_locate(char **out, bool *picked, rm_archive *archive, const char *source,
                         const char *layer, rm_error *err);

/* An open data set. Start with {0}. */
typedef struct rm_gdal_data {
    GDALDatasetH data;
    OGRLayerH *layers; /* those that hold anything */
    int layer_count;
    const rm_gml_family *family; /* of GML; NULL: none that we know */
    bool choices;  /* its geometry fields are alternatives: the first that is there is the one */
    bool raw_text; /* text comes as it is written: UTF-8 or Windows-1252 */
    rm_gml_room room;
    rm_service *service; /* NULL: a file. Calls for data and layers are inside rm_service_enter */
} rm_gdal_data;
/* Opens what rm_gdal_locate found. `shown` names it in messages. */
rm_status rm_gdal_open(rm_gdal_data *out, const char *located, const char *shown,
                       const rm_gdal_ears *ears, rm_error *err);
void rm_gdal_close(rm_gdal_data *data);
const char *rm_gdal_driver(const rm_gdal_data *data); /* "GML" */
/* Leaves the one layer that a database knows by a name which its list does not show:
 * "table(geometry column)". */
void rm_gdal_narrow(rm_gdal_data *data, const char *layer);
/* The definition of a layer's CRS, NULL when it states none; *swapped: y comes before x. */
rm_status rm_gdal_crs(char **out, bool *swapped, OGRLayerH layer, rm_error *err);

#endif
