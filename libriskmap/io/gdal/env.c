#include "io/gdal/env.h"

#include "io/gdal/memory_text.h"

#include <cpl_conv.h>
#include <cpl_error.h>
#include <cpl_http.h>
#include <cpl_multiproc.h>
#include <gdal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

/* What GDAL would do on its own account, and must not: leave files beside the input, read ahead
 * with threads of its own (3.6 loses the order of GeoPackage batches), go to the network. */
static const char *const options[][2] = {
    {"CPL_VSIL_GZIP_WRITE_PROPERTIES", "NO"},
    {"OGR_GPKG_NUM_THREADS", "1"},
    {"GML_DOWNLOAD_WFS_SCHEMA", "NO"},
    {"GML_DOWNLOAD_SCHEMA", "NO"},
    {"GML_SKIP_RESOLVE_ELEMS", "ALL"}, /* or it follows links out of the file */
    /* functions are not called from views, and a damaged page is not trusted */
    {"OGR_SQLITE_PRAGMA", "trusted_schema=OFF,cell_size_check=ON,mmap_size=0"},
    {"GML_FIELDTYPES", "ALWAYS_STRING"},
    {"GML_SRS_DIMENSION_IF_MISSING",
     "2"}, /* for GDAL, coordinates are in 3D until told otherwise */
    {"GDAL_PAM_ENABLED", "NO"},
    {"CPL_VSIL_CURL_ALLOWED_FILENAME", "none"}, /* a path in a file or schema may lead there too */
    {"OGR_XLSX_HEADERS", "FORCE"},
    {"OGR_XLSX_FIELD_TYPES", "STRING"},
    {"OGR_ODS_HEADERS", "FORCE"},
    {"OGR_ODS_FIELD_TYPES", "STRING"},
};
enum { OPTIONS = sizeof options / sizeof options[0] };

static void one_line(char *out, size_t size, const char *message)
{
    snprintf(out, size, "%s", message);
    rm_redact(out);
    for (char *p = out; *p; p++)
        if (*p == '\n' || *p == '\r' || *p == '\t')
            *p = ' ';
    out[rm_utf8_valid(out, (int64_t)strlen(out))] = '\0';
}

static void note_warning(rm_gdal_ears *ears, const char *message)
{
    char line[sizeof ears->warned[0]];
    one_line(line, sizeof line, message);
    ears->warnings++;
    for (int i = 0; i < ears->warned_count; i++)
        if (strcmp(ears->warned[i], line) == 0)
            return;
    if (ears->warned_count < RM_GDAL_WARNED)
        memcpy(ears->warned[ears->warned_count++], line, sizeof line);
}

static void CPL_STDCALL listen(CPLErr severity, CPLErrorNum number, const char *message)
{
    (void)number;
    rm_gdal_ears *ears = CPLGetErrorHandlerUserData();
    if (severity == CE_Warning)
        note_warning(ears, message);
    else if (severity >= CE_Failure)
        one_line(ears->heard, sizeof ears->heard, message);
}

/* A file can name an address for its CRS or its schema, and GDAL would go there. Services put a
 * callback of their own on top of this one. */
static CPLHTTPResult *refuse_fetch(const char *url, CSLConstList list, GDALProgressFunc progress,
                                   void *progress_user, CPLHTTPFetchWriteFunc write,
                                   void *write_user, void *user)
{
    (void)list, (void)progress, (void)progress_user, (void)write, (void)write_user, (void)user;
    CPLHTTPResult *result = CPLCalloc(1, sizeof *result);
    result->nStatus = 1;
    result->pszErrBuf = CPLStrdup("nothing is fetched for a file");
    CPLError(CE_Warning, CPLE_AppDefined,
             "the file refers to %s, and nothing is fetched for a file", url ? url : "an address");
    return result;
}

/* Two threads inside GDALAllRegister crash it (3.6), and a third beside them misses drivers. */
static void register_drivers(void)
{
    static CPLMutex *mutex; /* which GDAL makes, whoever comes first */
    static atomic_bool done;
    if (atomic_load(&done) && GDALGetDriverCount() > 0)
        return;
    CPLCreateOrAcquireMutex(&mutex, 1000.0);
    GDALAllRegister();
    if (!atomic_load(&done))
        rm_memory_text_register();
    atomic_store(&done, true);
    CPLReleaseMutex(mutex);
}

void rm_gdal_enter(rm_gdal_ears *ears)
{
    memset(ears, 0, sizeof *ears);
    CPLPushErrorHandlerEx(listen, ears);
    CPLHTTPPushFetchCallback(refuse_fetch, NULL);
    for (int i = 0; i < OPTIONS; i++) {
        if (CPLGetThreadLocalConfigOption(options[i][0], NULL))
            continue;
        CPLSetThreadLocalConfigOption(options[i][0], options[i][1]);
        ears->options |= 1U << i;
    }
    register_drivers();
}

void rm_gdal_leave(rm_gdal_ears *ears)
{
    for (int i = 0; i < OPTIONS; i++)
        if (ears->options & 1U << i)
            CPLSetThreadLocalConfigOption(options[i][0], NULL);
    ears->options = 0;
    CPLHTTPPopFetchCallback();
    CPLPopErrorHandler();
    CPLErrorReset();
}

/* What agencies send, old MapInfo tables and drawings (DXF) among it. Not VRT, which is told by
 * its content to open other files, nor what talks to databases or the network, nor formats whose
 * layers are pictures of a map (DGN, PDF). */
const char *const *rm_gdal_drivers(void)
{
    static const char *const drivers[] = {"GPKG",        "ESRI Shapefile",
                                          "GeoJSON",     "GeoJSONSeq",
                                          "TopoJSON",    "ESRIJSON",
                                          "FlatGeobuf",  "LVBAG",
                                          "GML",         "SQLite",
                                          "OpenFileGDB", "MapInfo File",
                                          "LIBKML",      "KML",
                                          "GPX",         "DXF",
                                          "Parquet",     "Arrow",
                                          "JSONFG",      "XLSX",
                                          "ODS",         NULL};
    return drivers;
}
