#include "io/gdal/empty.h"

#include "io/gdal/formats.h"

#include <cpl_conv.h>
#include <cpl_vsi.h>
#include <ogr_srs_api.h>
#include <string.h>

/* Whether the last tag is one that ends an element. */
static bool is_whole(const char *text)
{
    const char *tag = strrchr(text, '<'), *end = strrchr(text, '>');
    return tag && end && end > tag && (tag[1] == '/' || end[-1] == '/');
}

bool rm_gml_is_empty(const char *located)
{
    enum { MOST = 4096 };
    char text[MOST + 1];
    VSILFILE *file = VSIFOpenL(located, "rb");
    size_t size = file ? VSIFReadL(text, 1, MOST, file) : MOST;
    if (file)
        VSIFCloseL(file);
    if (size == MOST)
        return false;
    text[size] = '\0';
    return strlen(text) == size && is_whole(text) && !strstr(text, "ember");
}

static OGRFieldType type_of(const char *field, size_t length)
{
    const char *colon = memchr(field, ':', length);
    if (colon && strncmp(colon, ":int", 4) == 0)
        return OFTInteger;
    return colon && strncmp(colon, ":real", 5) == 0 ? OFTReal : OFTString;
}

/* Each of a list as io/gdal/gml_table.h writes them. */
static void add_fields(OGRLayerH layer, const char *list)
{
    for (size_t length; *list; list += length) {
        char name[80] = "";
        list += strspn(list, " ");
        length = strcspn(list, " ");
        size_t end = strcspn(list, "=: ");
        if (end == 0 || end >= sizeof name)
            continue;
        memcpy(name, list, end);
        OGRFieldDefnH field = OGR_Fld_Create(name, type_of(list, length));
        OGR_L_CreateField(layer, field, 0);
        OGR_Fld_Destroy(field);
    }
}

static const rm_gml_object *object_of(const rm_gml_family *family, const char *name)
{
    const char *element = rm_gml_element(family, name);
    const rm_gml_object *object = family->objects;
    while (object->element && !(element && strcmp(object->element, element) == 0))
        object++;
    return object;
}

GDALDatasetH rm_gml_empty(const char *located, const rm_gml_family *family)
{
    GDALDriverH driver = GDALGetDriverByName("Memory");
    driver = driver ? driver : GDALGetDriverByName("MEM"); /* which holds layers since GDAL 3.11 */
    GDALDatasetH data = driver ? GDALCreate(driver, "", 0, 0, 0, GDT_Unknown, NULL) : NULL;
    const char *name = CPLGetBasename(located);
    const rm_gml_object *object = object_of(family, name);
    bool placeless = object->element && !object->geometry[0];
    OGRSpatialReferenceH rd = OSRNewSpatialReference(NULL);
    OGRLayerH layer = NULL;
    if (data && OSRImportFromEPSG(rd, 28992) == OGRERR_NONE)
        layer = GDALDatasetCreateLayer(data, object->element ? object->element : name, rd,
                                       placeless ? wkbNone : wkbUnknown, NULL);
    OSRDestroySpatialReference(rd);
    if (!layer) {
        GDALClose(data);
        return NULL;
    }
    add_fields(layer, "gml_id");
    add_fields(layer, family->fields);
    if (object->element)
        add_fields(layer, object->fields);
    return data;
}
