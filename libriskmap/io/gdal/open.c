#include "io/gdal/open.h"

#include "base/file.h"
#include "io/gdal/empty.h"
#include "io/gpkg/table.h"
#include "io/untrusted.h"

#include <cpl_conv.h>
#include <cpl_string.h>
#include <cpl_vsi.h>
#include <ogr_api.h>
#include <ogr_srs_api.h>
#include <string.h>

/* A folder with nothing but the parts of a BAG delivery that hold no objects has the word of the
 * first. */
static rm_status look_in_folder(rm_xml_head *out, const char *folder, rm_error *err)
{
    char **names = rm_file_is_folder(folder) ? VSIReadDir(folder) : NULL;
    rm_status status = RM_OK;
    for (int i = 0; names && names[i] && status == RM_OK && !out->what; i++)
        if (rm_ends_with(names[i], ".xml"))
            status = rm_xml_look(out, CPLFormFilename(folder, names[i], NULL), folder, err);
    CSLDestroy(names);
    return status;
}

static rm_status fail_part(const char *shown, const char *what, rm_error *err)
{
    return rm_fail(err, RM_EUNSUPPORTED,
                   "%s holds no objects of the BAG but %s: take a full extract (standlevering), "
                   "whose parts are named like 9999PND15092020.zip",
                   shown, what);
}

static rm_status fail_open(const char *located, const char *shown, const rm_xml_head *head,
                           const rm_gdal_ears *ears, rm_error *err)
{
    const char *heard = ears->heard;
    rm_xml_head inside = {0};
    if (head->kind == RM_XML_GML)
        return rm_says_damaged(heard)
                   ? rm_fail(err, RM_EFORMAT, "%s is damaged: %.300s", shown, heard)
                   : rm_fail(err, RM_EFORMAT,
                             "%s is GML that holds no objects: there is nothing to read", shown);
    RM_TRY(look_in_folder(&inside, located, err));
    if (inside.what)
        return fail_part(shown, inside.what, err);
    return rm_fail(err, RM_EFORMAT, "%s cannot be opened as a layer%s%.300s%s", shown,
                   heard[0] ? " (" : "", heard, heard[0] ? ")" : "");
}

/* The schema of a family names all its kinds of objects; a file mostly holds one. New workbooks
 * come with sheets that nobody fills: GDAL 3.6 leaves out only the last ones, 3.10 none. */
static bool holds_anything(OGRLayerH layer, bool templated, bool sheets)
{
    if (sheets)
        return OGR_FD_GetFieldCount(OGR_L_GetLayerDefn(layer)) > 0;
    return !templated || OGR_L_GetFeatureCount(layer, 0) > 0;
}

static rm_status collect_layers(rm_gdal_data *data, bool templated, rm_error *err)
{
    int count = GDALDatasetGetLayerCount(data->data);
    const char *driver = rm_gdal_driver(data);
    bool sheets = strcmp(driver, "XLSX") == 0 || strcmp(driver, "ODS") == 0;
    RM_TRY(RM_NEW(&data->layers, count, err));
    for (int i = 0; i < count; i++) {
        OGRLayerH layer = GDALDatasetGetLayer(data->data, i);
        if (holds_anything(layer, templated, sheets))
            data->layers[data->layer_count++] = layer;
    }
    return RM_OK;
}

static rm_status open_gml(rm_gdal_data *out, const char *located, const char *shown,
                          const rm_xml_head *head, const rm_gdal_ears *ears, bool templated,
                          rm_error *err)
{
    static const char *const driver[] = {"GML", NULL};
    RM_TRY(rm_gml_room_make(&out->room, located, head, templated, err));
    out->data =
        GDALOpenEx(out->room.path, GDAL_OF_VECTOR | GDAL_OF_READONLY | GDAL_OF_VERBOSE_ERROR,
                   driver, (const char *const *)out->room.options, NULL);
    if (!out->data && templated && !rm_says_damaged(ears->heard))
        return RM_OK; /* GDAL opens nothing without objects */
    if (!out->data)
        return fail_open(located, shown, head, ears, err);
    out->family = head->family;
    out->choices = templated;
    return collect_layers(out, templated, err);
}

static rm_status open_other(rm_gdal_data *out, const char *located, const char *shown,
                            const rm_xml_head *head, const rm_gdal_ears *ears, rm_error *err)
{
    static const char *const wal[] = {"IMMUTABLE=YES", NULL};
    static const char *const raw[] = {"ENCODING=", NULL};
    const unsigned flags = GDAL_OF_VECTOR | GDAL_OF_READONLY | GDAL_OF_VERBOSE_ERROR;
    const char *const *drivers = rm_gdal_drivers();
    GDALDriverH driver = GDALIdentifyDriverEx(located, GDAL_OF_VECTOR, drivers, NULL);
    const char *name = driver ? GDALGetDriverShortName(driver) : "";
    bool settled = strcmp(name, "GPKG") == 0 && rm_gpkg_is_settled_wal(located);
    out->data = GDALOpenEx(located, flags, drivers, settled ? wal : NULL, NULL);
    if (!out->data)
        return fail_open(located, shown, head, ears, err);
    if (rm_shapes_lack_encoding(out->data)) {
        GDALDatasetH again = GDALOpenEx(located, flags, drivers, raw, NULL);
        if (again) {
            GDALClose(out->data);
            out->data = again;
            out->raw_text = true;
        }
    }
    return collect_layers(out, false, err);
}

static rm_status open_empty(rm_gdal_data *out, const char *located, const rm_xml_head *head,
                            rm_error *err)
{
    rm_gdal_close(out);
    out->data = rm_gml_empty(located, head->family);
    out->family = head->family;
    return out->data ? collect_layers(out, false, err) : rm_fail_memory(err);
}

static rm_status open_looked(rm_gdal_data *out, const char *located, const char *shown,
                             const rm_xml_head *head, const rm_gdal_ears *ears, rm_error *err)
{
    if (head->kind == RM_XML_LVBAG_OTHER)
        return fail_part(shown, head->what, err);
    if (head->kind != RM_XML_GML)
        return open_other(out, located, shown, head, ears, err);
    bool templated = head->family != NULL;
    if (templated && rm_gml_is_empty(located))
        return open_empty(out, located, head, err);
    RM_TRY(open_gml(out, located, shown, head, ears, templated, err));
    if (templated && out->layer_count == 0 && !rm_says_damaged(ears->heard)) {
        rm_gdal_close(out); /* objects of a kind that the schema does not have */
        RM_TRY(open_gml(out, located, shown, head, ears, false, err));
    }
    return out->layer_count > 0 ? RM_OK : fail_open(located, shown, head, ears, err);
}

static rm_status open_service(rm_gdal_data *out, const char *source, const char *shown,
                              const rm_gdal_ears *ears, rm_error *err)
{
    rm_gdal_data data = {0};
    RM_TRY(rm_service_open(&data.service, &data.data, source, shown, ears, err));
    rm_service_enter(data.service);
    rm_status status = collect_layers(&data, false, err);
    rm_service_leave(data.service);
    if (status != RM_OK)
        rm_gdal_close(&data);
    else
        *out = data;
    return status;
}

rm_status rm_gdal_open(rm_gdal_data *out, const char *located, const char *shown,
                       const rm_gdal_ears *ears, rm_error *err)
{
    rm_gdal_data data = {0};
    rm_xml_head head;
    if (rm_is_service(located))
        return open_service(out, located, shown, ears, err);
    RM_TRY(rm_untrusted_check(located, shown, err));
    RM_TRY(rm_xml_look(&head, located, shown, err));
    rm_status status = open_looked(&data, located, shown, &head, ears, err);
    if (status == RM_OK && rm_says_damaged(ears->heard))
        status = rm_fail(err, RM_EFORMAT, "%s is damaged: %.300s", shown, ears->heard);
    if (status != RM_OK)
        rm_gdal_close(&data);
    else
        *out = data;
    return status;
}

void rm_gdal_narrow(rm_gdal_data *data, const char *layer)
{
    OGRLayerH found = NULL;
    if (layer && data->service && data->layer_count > 0 && rm_ends_with(layer, ")"))
        found = GDALDatasetGetLayerByName(data->data, layer);
    if (found) {
        data->layers[0] = found;
        data->layer_count = 1;
    }
}

void rm_gdal_close(rm_gdal_data *data)
{
    rm_service_enter(data->service);
    if (data->data)
        GDALClose(data->data);
    rm_service_leave(data->service);
    rm_service_free(data->service);
    rm_gml_room_clear(&data->room);
    rm_release(data->layers);
    *data = (rm_gdal_data){0};
}

/* What of GML stands in memory is GML all the same. */
const char *rm_gdal_driver(const rm_gdal_data *data)
{
    return data->family ? "GML" : GDALGetDriverShortName(GDALGetDatasetDriver(data->data));
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
