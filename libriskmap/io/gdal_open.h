/* Opening a data set through GDAL: which file inside an archive, which driver,
 * with which options. */
#ifndef RM_IO_GDAL_OPEN_H
#define RM_IO_GDAL_OPEN_H

#include "io/gdal_env.h"
#include "io/reader.h"

#include <gdal.h>

/* The files of a .zip that can hold layers. */
typedef struct rm_archive {
    char **members;
    int32_t count;
} rm_archive;
void rm_archive_clear(rm_archive *archive);

/* Where GDAL finds a source: .zip becomes /vsizip/, .gz /vsigzip/. `layer` (may be NULL) picks a
 * file of that name from an archive that holds several, and *picked tells that it did; an archive
 * of several files with none picked gives *out = NULL and the files in *archive. RM_EUNSUPPORTED
 * for what would go to the network. The caller is inside rm_gdal_enter, as for all that follows. */
rm_status rm_gdal_locate(char **out, bool *picked, rm_archive *archive, const char *source,
                         const char *layer, rm_error *err);
/* Opens what rm_gdal_locate found. `shown` names it in messages. */
rm_status rm_gdal_open(GDALDatasetH *out, const char *located, const char *shown,
                       const rm_gdal_ears *ears, rm_error *err);
/* The definition of a layer's CRS, NULL when it states none; *swapped: y comes before x. */
rm_status rm_gdal_crs(char **out, bool *swapped, OGRLayerH layer, rm_error *err);

#endif
