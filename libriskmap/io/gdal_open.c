#include "io/gdal_open.h"

#include "base/file.h"
#include "io/gpkg_table.h"

#include <cpl_conv.h>
#include <cpl_string.h>
#include <cpl_vsi.h>
#include <ogr_api.h>
#include <ogr_srs_api.h>
#include <string.h>

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static bool ends_with_any(const char *text, const char *const *endings)
{
    for (; *endings; endings++)
        if (rm_ends_with(text, *endings))
            return true;
    return false;
}

/* GDAL's virtual paths that stay on this machine. */
static bool stays_here(const char *path)
{
    static const char *const local[] = {"/vsizip/", "/vsigzip/", "/vsitar/",    "/vsimem/",
                                        "/vsi7z/",  "/vsirar/",  "/vsisubfile/"};
    if (strstr(path, "://"))
        return false;
    for (const char *at = strstr(path, "/vsi"); at; at = strstr(at + 1, "/vsi")) {
        bool known = false;
        for (size_t i = 0; i < sizeof local / sizeof local[0]; i++)
            known = known || strncmp(at, local[i], strlen(local[i])) == 0;
        if (!known)
            return false;
    }
    return true;
}

void rm_archive_clear(rm_archive *archive)
{
    for (int32_t i = 0; i < archive->count; i++)
        rm_release(archive->members[i]);
    rm_release(archive->members);
    *archive = (rm_archive){0};
}

/* Members that can be opened, without what archivers and editors leave between them. */
static rm_status list_archive(rm_archive *out, const char *folder, rm_error *err)
{
    static const char *const known[] = {".gpkg", ".shp", ".geojson",  ".json", ".geojsonl", ".fgb",
                                        ".gml",  ".xml", ".tab",      ".mif",  ".kml",      ".kmz",
                                        ".gpx",  ".dxf", ".parquet",  ".zip",  ".sqlite",   ".gdb",
                                        ".xlsx", ".ods", ".topojson", NULL};
    int64_t capacity = 0;
    rm_status status = RM_OK;
    char **names = VSIReadDirRecursive(folder);
    for (int i = 0; names && names[i] && status == RM_OK; i++) {
        char *name = names[i];
        size_t length = strlen(name);
        if (length > 0 && name[length - 1] == '/')
            name[length - 1] = '\0';
        bool inside_gdb = strstr(name, ".gdb/") != NULL;
        if (strncmp(name, "__MACOSX", 8) == 0 || base_name(name)[0] == '.' || inside_gdb ||
            !ends_with_any(name, known))
            continue;
        status = RM_GROW(&out->members, &capacity, (int64_t)out->count + 1, err);
        if (status == RM_OK)
            status = rm_copy_text(&out->members[out->count], name, err);
        if (status == RM_OK)
            out->count++;
    }
    CSLDestroy(names);
    return status;
}

/* The member whose name, without folder and ending, is that of the layer; -1: none. */
static int32_t find_member(const rm_archive *archive, const char *layer)
{
    for (int32_t i = 0; layer && i < archive->count; i++)
        if (rm_text_equal_nocase(CPLGetBasename(archive->members[i]), layer))
            return i;
    return -1;
}

static bool all_xml(const rm_archive *archive)
{
    for (int32_t i = 0; i < archive->count; i++)
        if (!rm_ends_with(archive->members[i], ".xml"))
            return false;
    return archive->count > 0;
}

/* zip: the path of the archive as GDAL knows it, possibly inside another one. */
static rm_status locate_in_zip(char **out, bool *picked, rm_archive *archive, const char *zip,
                               const char *layer, rm_error *err)
{
    rm_archive found = {0};
    rm_text folder = {0};
    rm_text_addf(&folder, "/vsizip/{%s}", zip);
    rm_status status = rm_text_status(&folder, err);
    if (status == RM_OK)
        status = list_archive(&found, folder.data, err);
    int32_t member = status == RM_OK ? find_member(&found, layer) : -1;
    if (status == RM_OK && found.count == 0) {
        status = rm_fail(err, RM_EFORMAT,
                         "%s holds no file that can be read as a layer; delimited text is read as "
                         ".csv or .csv.gz: unpack it",
                         zip);
    } else if (status == RM_OK && member < 0 && found.count > 1 && !all_xml(&found)) {
        *archive = found;
        found = (rm_archive){0};
    } else if (status == RM_OK) {
        *picked = *picked || member >= 0;
        if (!all_xml(&found) || found.count == 1 || member >= 0)
            rm_text_addf(&folder, "/%s", found.members[member >= 0 ? member : 0]);
        status = rm_text_status(&folder, err);
        bool nested = status == RM_OK && rm_ends_with(folder.data, ".zip");
        if (status == RM_OK)
            status = nested ? locate_in_zip(out, picked, archive, folder.data, layer, err)
                            : rm_copy_text(out, folder.data, err);
    }
    rm_archive_clear(&found);
    rm_text_clear(&folder);
    return status;
}

/* "archive.zip/member": the archive must be a file. */
static rm_status locate_member(char **out, const char *source, rm_error *err)
{
    for (const char *dot = source; *dot; dot++) {
        if (strncmp(dot, ".zip/", 5) != 0 && strncmp(dot, ".ZIP/", 5) != 0)
            continue;
        rm_text path = {0};
        rm_text_add_n(&path, source, dot + 4 - source);
        bool file = !path.failed && rm_file_exists(path.data) && !rm_file_is_folder(path.data);
        rm_text_clear(&path);
        if (!file)
            continue;
        rm_text_add(&path, "/vsizip/{");
        rm_text_add_n(&path, source, dot + 4 - source);
        rm_text_addf(&path, "}%s", dot + 4);
        rm_status status = rm_text_status(&path, err);
        if (status == RM_OK)
            status = rm_copy_text(out, path.data, err);
        rm_text_clear(&path);
        return status;
    }
    return RM_OK;
}

static rm_status locate_gzip(char **out, const char *source, rm_error *err)
{
    rm_text path = {0};
    rm_text_addf(&path, "/vsigzip/%s", source);
    rm_status status = rm_text_status(&path, err);
    if (status == RM_OK)
        status = rm_copy_text(out, path.data, err);
    rm_text_clear(&path);
    return status;
}

rm_status rm_gdal_locate(char **out, bool *picked, rm_archive *archive, const char *source,
                         const char *layer, rm_error *err)
{
    char *member = NULL;
    bool own = strncmp(source, "/vsi", 4) != 0;
    *picked = false;
    *out = NULL;
    if (!stays_here(source)) {
        char *shown = NULL;
        RM_TRY(rm_shown(&shown, source, err));
        rm_fail(
            err, RM_EUNSUPPORTED,
            "%s is not on this machine, and nothing is read over the network: download it first",
            shown);
        rm_release(shown);
        return RM_EUNSUPPORTED;
    }
    if (own)
        RM_TRY(locate_member(&member, source, err));
    const char *path = member ? member : source;
    rm_status status;
    if (rm_ends_with(path, ".zip") && !rm_file_is_folder(path))
        status = locate_in_zip(out, picked, archive, path, layer, err);
    else if (own && !member && rm_ends_with(path, ".gz"))
        status = locate_gzip(out, path, err);
    else
        status = rm_copy_text(out, path, err);
    rm_release(member);
    return status;
}

static const char *const *open_options(const char *driver, const char *located)
{
    static const char *const gml[] = {"WRITE_GFS=NO", "DOWNLOAD_SCHEMA=NO", "READ_MODE=STANDARD",
                                      NULL};
    static const char *const wal[] = {"IMMUTABLE=YES", NULL};
    if (strcmp(driver, "GML") == 0)
        return gml;
    if (strcmp(driver, "GPKG") == 0 && rm_gpkg_is_settled_wal(located))
        return wal;
    return NULL;
}

rm_status rm_gdal_open(GDALDatasetH *out, const char *located, const char *shown,
                       const rm_gdal_ears *ears, rm_error *err)
{
    const char *const *drivers = rm_gdal_drivers();
    GDALAllRegister(); /* another thread may be in the midst of it */
    GDALDriverH driver = GDALIdentifyDriverEx(located, GDAL_OF_VECTOR, drivers, NULL);
    const char *name = driver ? GDALGetDriverShortName(driver) : "";
    GDALDatasetH data =
        GDALOpenEx(located, GDAL_OF_VECTOR | GDAL_OF_READONLY | GDAL_OF_VERBOSE_ERROR, drivers,
                   open_options(name, located), NULL);
    if (!data)
        return rm_fail(err, RM_EFORMAT, "%s cannot be opened as a layer%s%.300s%s", shown,
                       ears->heard[0] ? " (" : "", ears->heard, ears->heard[0] ? ")" : "");
    *out = data;
    return RM_OK;
}

/* GDAL gives x before y unless the layer's mapping says that it follows the order of the axes. */
static bool follows_axes(OGRSpatialReferenceH srs)
{
    int count = 0;
    const int *mapping = OSRGetDataAxisToSRSAxisMapping(srs, &count);
    bool y_first = OSREPSGTreatsAsLatLong(srs) || OSREPSGTreatsAsNorthingEasting(srs);
    return y_first && mapping && count >= 2 && mapping[0] == 1;
}

rm_status rm_gdal_crs(char **out, bool *swapped, OGRLayerH layer, rm_error *err)
{
    static const char *const options[] = {"FORMAT=WKT2_2018", "MULTILINE=NO", NULL};
    OGRSpatialReferenceH srs = OGR_L_GetSpatialRef(layer);
    *out = NULL;
    *swapped = false;
    if (!srs || OSRIsLocal(srs))
        return RM_OK;
    const char *name = OSRGetName(srs);
    if (name && strncmp(name, "Undefined ", 10) == 0)
        return RM_OK;
    *swapped = follows_axes(srs);
    const char *authority = OSRGetAuthorityName(srs, NULL), *code = OSRGetAuthorityCode(srs, NULL);
    rm_status status;
    if (authority && code) {
        rm_text text = {0};
        rm_text_addf(&text, "%s:%s", authority, code);
        status = rm_text_status(&text, err);
        if (status == RM_OK)
            status = rm_copy_text(out, text.data, err);
        rm_text_clear(&text);
        return status;
    }
    char *wkt = NULL;
    if (OSRExportToWktEx(srs, &wkt, options) != OGRERR_NONE || !wkt || !wkt[0])
        status = RM_OK;
    else
        status = rm_copy_text(out, wkt, err);
    CPLFree(wkt);
    return status;
}
