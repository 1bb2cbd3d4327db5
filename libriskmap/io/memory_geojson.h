/* GeoJSON that is a text in memory. */
#ifndef RM_IO_MEMORY_GEOJSON_H
#define RM_IO_MEMORY_GEOJSON_H

#include "data/source.h"

/* All features and fields, as GDAL's driver reads them from a file, in the order of the text; clean
 * is called for every batch. crs (NULL: none) wins over what the text says. Fields that are not
 * read are issues. Progress (may be NULL) is reported; GDAL parses a FeatureCollection in pieces,
 * and a text that is one feature or geometry whole, which cannot be stopped. RM_EFORMAT with where
 * the text goes wrong; no message and no issue quotes it. */
rm_status rm_read_geojson(rm_layer **out, const char *text, size_t length, const char *crs,
                          rm_rows_fn clean, rm_progress *progress, rm_error *err);

#endif
