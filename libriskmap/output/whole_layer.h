/* Reading one layer of a source as a whole. */
#ifndef RM_OUTPUT_WHOLE_LAYER_H
#define RM_OUTPUT_WHOLE_LAYER_H

#include "data/layer.h"
#include "data/source.h"
#include "io/open.h"

/* With some of its fields, brought to a CRS, cleaned (geometry that cannot be used is gone and an
 * issue). extent and filter may be NULL. */
rm_status rm_read_whole_layer(rm_layer **out, const char *source, const char *layer,
                              const char *const *columns, int32_t column_count, const char *crs,
                              const rm_box *extent, const rm_filter *filter, bool only_best,
                              int threads, rm_error *err);

/* The one that opening takes for a name (NULL: the first), in any case as GDAL has it; NULL: none
 * that is listed so, though opening may know it. */
const rm_listed_layer *rm_listed_layer_of(const rm_listing *listing, const char *layer);

#endif
