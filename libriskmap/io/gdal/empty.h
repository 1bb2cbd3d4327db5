/* GML of a key register without any object, as a delivery has it for what an area does not have: a
 * layer without features, with the fields that it would have. GDAL opens nothing of it. */
#ifndef RM_IO_GDAL_EMPTY_H
#define RM_IO_GDAL_EMPTY_H

#include "io/gdal/gml_table.h"

#include <gdal.h>
#include <stdbool.h>

/* Whether a file is whole, and so short and without a member that no object can stand in it. */
bool rm_gml_is_empty(const char *located);
/* In memory; NULL when there is no memory. */
GDALDatasetH rm_gml_empty(const char *located, const rm_gml_family *family);

#endif
