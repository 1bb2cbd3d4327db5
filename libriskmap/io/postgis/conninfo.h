/* A PostgreSQL database as a model names it, without its password. */
#ifndef RM_IO_POSTGIS_CONNINFO_H
#define RM_IO_POSTGIS_CONNINFO_H

#include "base/text.h"

/* "PG:..." or "postgresql://..." */
bool rm_is_postgres(const char *source);
/* Appends libpq's own form, every value quoted, with a limit on the time that connecting may take.
 * Only settings that say where the database is and who asks are taken: RM_EINVAL for a password,
 * which belongs in PGPASSWORD or ~/.pgpass, and for everything else. */
rm_status rm_conninfo_read(rm_text *out, const char *source, rm_error *err);

#endif
