#include "io/gdal/versions.h"

#include <gdal.h>
#include <ogr_api.h>
#include <proj.h>
#include <sqlite3.h>

void rm_io_versions(rm_text *out)
{
    int major = 0, minor = 0, patch = 0;
    rm_text_addf(out, "GDAL %s, PROJ %s", GDALVersionInfo("RELEASE_NAME"), proj_info().version);
    if (OGRGetGEOSVersion(&major, &minor, &patch))
        rm_text_addf(out, ", GEOS %d.%d.%d", major, minor, patch);
    rm_text_addf(out, ", SQLite %s", sqlite3_libversion());
}
