/* Features one by one, for the drivers that have no Arrow code of their own. GDAL's general one
 * goes through features too, and before 3.8.6 brings dates before 1970 a day late (GDAL issue
 * 9636). */
#ifndef RM_IO_GDAL_FEATURES_H
#define RM_IO_GDAL_FEATURES_H

#include "io/gdal/open.h"

#include <gdal.h>
#include <ogr_api.h>

/* The type that a field is delivered as; false for what is not delivered. */
bool rm_gdal_field_type(OGRFieldDefnH field, rm_type *out);
/* Adds a column of that type under the field's name. */
rm_status rm_gdal_add_column(rm_table *out, const rm_gdal_data *data, OGRFieldDefnH field,
                             rm_type type, rm_error *err);
/* Whether the driver's own Arrow code can be used for these fields of the layer. That of FlatGeobuf
 * loses true booleans before 3.8.3 (GDAL issue 8998); that of GeoPackage does too, and does not
 * know the blobs of SpatiaLite that some files hold. */
bool rm_gdal_has_arrow(GDALDatasetH data, OGRLayerH layer, const int *fields, int32_t count);
/* Appends the next features; fields[c] is the field that feeds column c. *ended: there are no more.
 * Progress (may be NULL) ticks. The caller is inside rm_gdal_enter. */
rm_status rm_gdal_read_features(const rm_gdal_data *data, OGRLayerH layer, const int *fields,
                                bool geometry, rm_rows *rows, bool *ended, rm_progress *progress,
                                rm_error *err);
/* The number of features; -1 when the driver would have to read them all. */
int64_t rm_gdal_count(OGRLayerH layer);

#endif
