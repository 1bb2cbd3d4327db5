/* Which file a source means: one inside an archive, a part of an extract, the file itself. */
#include "io/gdal/open.h"

#include "base/file.h"
#include "io/service/service.h"

#include <cpl_conv.h>
#include <cpl_string.h>
#include <cpl_vsi.h>
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
    static const char *const local[] = {"/vsizip/", "/vsigzip/", "/vsimem/"};
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

static rm_status add_member(rm_archive *out, int64_t *capacity, const char *name, rm_error *err)
{
    RM_TRY(RM_GROW(&out->members, capacity, (int64_t)out->count + 1, err));
    RM_TRY(rm_copy_text(&out->members[out->count], name, err));
    out->count++;
    return RM_OK;
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
        const char *part = rm_lvbag_part(name);
        if (strncmp(name, "__MACOSX", 8) == 0 || base_name(name)[0] == '.' || inside_gdb ||
            !ends_with_any(name, known) || (part && !part[0]))
            continue;
        status = add_member(out, &capacity, name, err);
    }
    CSLDestroy(names);
    return status;
}

/* The zipped parts of a BAG extract in a folder. */
static rm_status list_parts(rm_archive *out, const char *folder, rm_error *err)
{
    int64_t capacity = 0;
    rm_status status = RM_OK;
    char **names = VSIReadDir(folder);
    for (int i = 0; names && names[i] && status == RM_OK; i++) {
        const char *part = rm_lvbag_part(names[i]);
        if (part && part[0] && rm_ends_with(names[i], ".zip"))
            status = add_member(out, &capacity, names[i], err);
    }
    CSLDestroy(names);
    return status;
}

/* How well a file name fits that of a layer: it is it, it is the part of an extract with those
 * objects, or it ends in it, as bgt_pand does in pand. */
static int fits_layer(const char *member, const char *layer)
{
    const char *name = CPLGetBasename(member), *part = rm_lvbag_part(member);
    size_t length = strlen(name), tail = strlen(layer);
    if (rm_text_equal_nocase(name, layer))
        return 3;
    if (part)
        return rm_ends_with(member, ".zip") && rm_text_equal_nocase(part, layer) ? 2 : 0;
    return length > tail && name[length - tail - 1] == '_' && rm_ends_with(name, layer) ? 1 : 0;
}

/* The one member that fits a layer's name best; -1: none, or several equally well. */
static int32_t find_member(const rm_archive *archive, const char *layer)
{
    int32_t found = -1;
    int best = 0;
    for (int32_t i = 0; layer && i < archive->count; i++) {
        int fit = fits_layer(archive->members[i], layer);
        if (fit > 0 && fit >= best) {
            found = fit > best || fit == 3 ? i : -1;
            best = fit;
        }
    }
    return found;
}

static bool all_xml(const rm_archive *archive)
{
    for (int32_t i = 0; i < archive->count; i++)
        if (!rm_ends_with(archive->members[i], ".xml"))
            return false;
    return archive->count > 0;
}

/* The folder that all members lie in, with a slash before it; nothing when they lie in several or
 * in none. */
static void add_common_folder(rm_text *path, const rm_archive *archive)
{
    const char *first = archive->members[0];
    int64_t length = base_name(first) - first;
    for (int32_t i = 0; i < archive->count; i++) {
        const char *member = archive->members[i];
        if (base_name(member) - member != length || strncmp(member, first, (size_t)length) != 0)
            return;
    }
    if (length > 0) {
        rm_text_add(path, "/");
        rm_text_add_n(path, first, length - 1);
    }
}

static rm_status locate_in_zip(char **out, bool *picked, rm_archive *archive, const char *zip,
                               const char *layer, rm_error *err);

/* folder: a folder, or an archive as one; found: what it holds. A BAG extract of many XML files is
 * opened as a whole. */
static rm_status locate_within(char **out, bool *picked, rm_archive *archive, const char *folder,
                               rm_archive *found, const char *layer, rm_error *err)
{
    int32_t member = find_member(found, layer);
    bool whole = all_xml(found) && found->count > 1 && member < 0;
    if (member < 0 && found->count > 1 && !whole) {
        *archive = *found;
        *found = (rm_archive){0};
        return RM_OK;
    }
    rm_text path = {0};
    rm_text_add(&path, folder);
    if (whole)
        add_common_folder(&path, found);
    else
        rm_text_addf(&path, "/%s", found->members[member >= 0 ? member : 0]);
    *picked = *picked || member >= 0;
    rm_status status = rm_text_status(&path, err);
    if (status == RM_OK)
        status = rm_ends_with(path.data, ".zip")
                     ? locate_in_zip(out, picked, archive, path.data, layer, err)
                     : rm_copy_text(out, path.data, err);
    rm_text_clear(&path);
    return status;
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
    if (status == RM_OK && found.count == 0)
        status = rm_fail(err, RM_EFORMAT,
                         "%s holds no file that can be read as a layer: it is empty, damaged, or "
                         "of another kind",
                         zip);
    else if (status == RM_OK)
        status = locate_within(out, picked, archive, folder.data, &found, layer, err);
    rm_archive_clear(&found);
    rm_text_clear(&folder);
    return status;
}

/* A folder is for the drivers, unless it is an extract of the BAG still in its parts. */
static rm_status locate_in_folder(char **out, bool *picked, rm_archive *archive, const char *folder,
                                  const char *layer, rm_error *err)
{
    rm_archive found = {0};
    rm_status status = list_parts(&found, folder, err);
    if (status == RM_OK)
        status = found.count > 0 ? locate_within(out, picked, archive, folder, &found, layer, err)
                                 : rm_copy_text(out, folder, err);
    rm_archive_clear(&found);
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
    if (rm_is_service(source))
        return rm_copy_text(out, source, err);
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
    if (own && !member && rm_file_is_folder(path))
        status = locate_in_folder(out, picked, archive, path, layer, err);
    else if (rm_ends_with(path, ".zip"))
        status = locate_in_zip(out, picked, archive, path, layer, err);
    else if (own && !member && rm_ends_with(path, ".gz"))
        status = locate_gzip(out, path, err);
    else
        status = rm_copy_text(out, path, err);
    rm_release(member);
    return status;
}
