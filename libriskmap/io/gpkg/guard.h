/* SQLite on files that came from anywhere. */
#ifndef RM_IO_GPKG_GUARD_H
#define RM_IO_GPKG_GUARD_H

#include "base/status.h"

#include <sqlite3.h>

/* For a connection that only reads tables: a damaged or hostile file can neither have functions or
 * views run nor make SQLite use more memory than is reasonable. */
void rm_sqlite_harden(sqlite3 *db);

/* Looks at a database before GDAL opens it, which runs its views and connects its virtual tables:
 * refuses system tables that are views, views that recurse or fill memory, and virtual tables of
 * kinds that read other files. located: also inside an archive. RM_EUNSUPPORTED, or RM_ELIMIT when
 * looking takes too long. What is damaged is left to who opens it. */
rm_status rm_sqlite_look(const char *located, const char *shown, rm_error *err);

#endif
