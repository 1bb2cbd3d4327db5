/* Which libraries did the reading: for the record of a run. */
#ifndef RM_IO_GDAL_VERSIONS_H
#define RM_IO_GDAL_VERSIONS_H

#include "base/text.h"

/* "GDAL 3.6.2, PROJ 9.1.1, GEOS 3.11.1, SQLite 3.40.1", as they run, not as they were compiled. */
void rm_io_versions(rm_text *out);

#endif
