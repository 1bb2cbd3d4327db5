#include "io/open.h"

#include "base/file.h"
#include "data/reports.h"
#include "io/address/locate.h"
#include "io/gdal/env.h"
#include "io/reader.h"
#include "io/service/service.h"

#include <cpl_conv.h>
#include <cpl_string.h>
#include <string.h>

bool rm_is_delimited(const char *path)
{
    static const char *const endings[] = {".csv", ".tsv", ".txt", ".csv.gz", ".tsv.gz", ".txt.gz"};
    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++)
        if (rm_ends_with(path, endings[i]))
            return strncmp(path, "/vsi", 4) != 0 && !strstr(path, ".zip/");
    return false;
}

/* The file in the same folder whose name is nearest; *out stays NULL when none is near. */
static rm_status nearest_file(char **out, const char *path, rm_error *err)
{
    rm_gdal_ears ears;
    rm_gdal_enter(&ears);
    char *folder = CPLStrdup(CPLGetPath(path));
    char **names = VSIReadDir(folder[0] ? folder : ".");
    int count = CSLCount(names);
    const char *near = rm_text_nearest(CPLGetFilename(path), (const char *const *)names, count);
    rm_status status = near ? rm_copy_text(out, near, err) : RM_OK;
    CSLDestroy(names);
    CPLFree(folder);
    rm_gdal_leave(&ears);
    return status;
}

/* Virtual paths and members of archives are left to GDAL. */
rm_status rm_check_file(const char *path, rm_error *err)
{
    if (strncmp(path, "/vsi", 4) == 0 || strstr(path, "://") || rm_file_exists(path))
        return RM_OK;
    if (strstr(path, ".zip/") || strstr(path, ".ZIP/"))
        return RM_OK;
    char *near = NULL, *shown = NULL;
    RM_TRY(rm_shown(&shown, path, err));
    rm_status status = nearest_file(&near, path, err);
    if (status == RM_OK && near)
        status = rm_fail(err, RM_ENOTFOUND, "%s does not exist; did you mean \"%s\"?", shown, near);
    else if (status == RM_OK)
        status = rm_fail(err, RM_ENOTFOUND, "%s does not exist", shown);
    rm_release(near);
    rm_release(shown);
    return status;
}

static rm_status open_path(const rm_request *request, rm_source **out, rm_error *err)
{
    if (request->memory)
        return rm_open_memory(request, out, err);
    if (rm_is_service(request->source))
        return rm_open_gdal(request, out, err);
    RM_TRY(rm_check_file(request->source, err));
    RM_TRY(rm_open_delimited(request, out, err));
    if (!*out)
        RM_TRY(rm_open_workbook(request, out, err));
    if (*out)
        return RM_OK;
    if (strncmp(request->source, "/vsi", 4) != 0) {
        rm_source *plain = NULL;
        RM_TRY(rm_open_geopackage(request, &plain, err));
        if (plain) {
            *out = plain;
            return RM_OK;
        }
    }
    return rm_open_gdal(request, out, err);
}

rm_status rm_open(void *context, const rm_request *request, rm_source **out, rm_error *err)
{
    (void)context;
    char *path = NULL, *layer = NULL;
    if (!request->memory)
        RM_TRY(rm_split_source(request->source, &path, &layer, err));
    rm_request whole = *request;
    if (path)
        whole.source = path;
    if (!whole.layer)
        whole.layer = layer;
    rm_source *source = NULL;
    rm_status status =
        request->locate ? rm_open_located(&whole, &source, err) : open_path(&whole, &source, err);
    rm_release(path);
    rm_release(layer);
    if (status == RM_OK && request->reports)
        status = rm_reports_wrap(&source, source, request, err);
    if (status == RM_OK)
        *out = source;
    return status;
}
