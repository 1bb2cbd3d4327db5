#include "io/about.h"

#include "base/date.h"
#include "base/file.h"
#include "base/text.h"
#include "io/gdal/open.h"

#include <cpl_vsi.h>
#include <ogr_api.h>
#include <string.h>

enum { MOST_BYTES = 1 << 20, HEAD_BYTES = 1 << 16, MOST_ITEMS = 16 };

typedef rm_status (*about_reader)(rm_about *about, const char *text, int64_t length, rm_error *err);

/* The first `limit` bytes of a file, or nothing where it is larger and must be whole. */
static rm_status read_head(char **out, int64_t *size, const char *path, int64_t limit, bool whole,
                           rm_error *err)
{
    *out = NULL;
    VSILFILE *file = rm_file_is_folder(path) ? NULL : VSIFOpenL(path, "rb");
    if (!file)
        return RM_OK;
    bool fits = !whole || (VSIFSeekL(file, 0, SEEK_END) == 0 && (int64_t)VSIFTellL(file) <= limit &&
                           VSIFSeekL(file, 0, SEEK_SET) == 0);
    rm_status status = fits ? RM_NEW(out, limit + 1, err) : RM_OK;
    if (status == RM_OK && fits) {
        *size = (int64_t)VSIFReadL(*out, 1, (size_t)limit, file);
        (*out)[*size] = '\0';
    }
    (void)VSIFCloseL(file);
    return status;
}

/* Whether `reader` found something new in the file; its name is then where it stands. */
static rm_status read_file(rm_about *about, const char *path, const char *named, int64_t limit,
                           bool whole, about_reader reader, rm_error *err)
{
    char *text = NULL;
    int64_t size = 0;
    rm_about before = *about;
    RM_TRY(read_head(&text, &size, path, limit, whole, err));
    rm_status status = RM_OK;
    /* a factsheet of ours says nothing new */
    if (text && strncmp(text, "# Factsheet", 11) != 0)
        status = reader(about, text, size, err);
    bool news = about->title != before.title || about->owner != before.owner ||
                about->licence != before.licence || about->date != before.date;
    if (status == RM_OK && news && !about->from)
        status = rm_copy_text(&about->from, named, err);
    rm_release(text);
    return status;
}

/* ---- beside it ---- */

static int64_t stem_length(const char *path)
{
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    const char *point = strrchr(name, '.');
    return point && point != name ? point - path : (int64_t)strlen(path);
}

static rm_status read_beside(rm_about *about, const char *path, const char *ending, bool with_all,
                             about_reader reader, rm_error *err)
{
    rm_text name = {0};
    rm_text_add_n(&name, path, with_all ? (int64_t)strlen(path) : stem_length(path));
    rm_text_add(&name, ending);
    rm_status status = rm_text_status(&name, err);
    if (status == RM_OK && strcmp(name.data, path) != 0) {
        const char *slash = strrchr(name.data, '/');
        status = read_file(about, name.data, slash ? slash + 1 : name.data, MOST_BYTES, true,
                           reader, err);
    }
    rm_text_clear(&name);
    return status;
}

static rm_status look_beside(rm_about *about, const char *path, rm_error *err)
{
    for (int with_all = 1; with_all >= 0; with_all--) {
        RM_TRY(read_beside(about, path, ".xml", with_all, rm_about_from_xml, err));
        RM_TRY(read_beside(about, path, ".txt", with_all, rm_about_from_lines, err));
        RM_TRY(read_beside(about, path, ".md", with_all, rm_about_from_lines, err));
    }
    return RM_OK;
}

/* ---- inside it ---- */

static rm_status take_text(char **out, const char *text, rm_error *err)
{
    return *out || !text || !*text ? RM_OK : rm_copy_text(out, text, err);
}

static rm_status read_items(rm_about *about, GDALDatasetH data, const char *layer, rm_error *err)
{
    char **items = GDALGetMetadata(data, NULL);
    for (int i = 0; i < MOST_ITEMS && items && items[i]; i++) {
        const char *value = strchr(items[i], '=');
        if (!value || strncmp(items[i], "GPKG_METADATA_ITEM", 18) != 0)
            continue;
        value += 1 + strspn(value + 1, " \t\r\n");
        int64_t size = (int64_t)strlen(value);
        if (size > MOST_BYTES)
            continue;
        RM_TRY(*value == '<' ? rm_about_from_xml(about, value, size, err)
                             : rm_about_from_lines(about, value, size, err));
    }
    OGRLayerH one = layer ? GDALDatasetGetLayerByName(data, layer) : NULL;
    if (!one && GDALDatasetGetLayerCount(data) == 1)
        one = GDALDatasetGetLayer(data, 0);
    if (one)
        RM_TRY(take_text(&about->title, GDALGetMetadataItem(one, "DESCRIPTION", NULL), err));
    return RM_OK;
}

static rm_status read_geopackage(rm_about *about, const char *path, const char *layer,
                                 const rm_gdal_ears *ears, rm_error *err)
{
    rm_gdal_data data = {0};
    rm_error why;
    rm_status status = rm_gdal_open(&data, path, path, ears, &why);
    if (status != RM_OK)
        return status == RM_ENOMEM ? rm_fail_memory(err) : RM_OK;
    status = read_items(about, data.data, layer, err);
    rm_gdal_close(&data);
    if (status == RM_OK && (about->title || about->owner || about->licence))
        status = take_text(&about->from, "GeoPackage", err);
    return status;
}

static rm_status read_workbook(rm_about *about, const char *path, rm_error *err)
{
    static const char *const PARTS[] = {"core", "app"};
    rm_status status = RM_OK;
    for (int p = 0; p < 2 && status == RM_OK; p++) {
        rm_text name = {0};
        rm_text_addf(&name, "/vsizip/{%s}/docProps/%s.xml", path, PARTS[p]);
        status = rm_text_status(&name, err);
        if (status == RM_OK)
            status = read_file(about, name.data, "XLSX", MOST_BYTES, true, rm_about_from_xml, err);
        rm_text_clear(&name);
    }
    return status;
}

static rm_status look_inside(rm_about *about, const char *path, const char *layer, rm_error *err)
{
    rm_gdal_ears ears;
    rm_status status = RM_OK;
    rm_gdal_enter(&ears);
    if (rm_ends_with(path, ".gpkg"))
        status = read_geopackage(about, path, layer, &ears, err);
    else if (rm_ends_with(path, ".xlsx"))
        status = read_workbook(about, path, err);
    else if (rm_ends_with(path, ".geojson") || rm_ends_with(path, ".json"))
        status = read_file(about, path, "GeoJSON", HEAD_BYTES, false, rm_about_from_json, err);
    if (status == RM_OK)
        status = look_beside(about, path, err);
    rm_gdal_leave(&ears);
    return status;
}

rm_status rm_about_read(rm_about *out, const char *path, const char *layer, rm_error *err)
{
    rm_about about = {.date = RM_NO_DATE};
    rm_status status = RM_OK;
    if (!strstr(path, "://") && strncmp(path, "/vsi", 4) != 0)
        status = look_inside(&about, path, layer, err);
    if (status == RM_OK)
        *out = about;
    else
        rm_about_clear(&about);
    return status;
}
