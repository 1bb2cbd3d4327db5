#include "io/gdal/formats.h"

#include "base/file.h"
#include "io/reader.h"

#include <cpl_conv.h>
#include <cpl_string.h>
#include <cpl_vsi.h>
#include <stdio.h>
#include <string.h>

enum { HEAD = 1 << 16 };

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Reads the first bytes; *size = 0 for what is no file. */
static rm_status read_head(char **out, size_t *size, const char *located, rm_error *err)
{
    *size = 0;
    RM_TRY(RM_NEW_ZERO(out, HEAD + 1, err));
    VSILFILE *file = rm_file_is_folder(located) ? NULL : VSIFOpenL(located, "rb");
    if (!file)
        return RM_OK;
    *size = VSIFReadL(*out, 1, HEAD, file);
    VSIFCloseL(file);
    return RM_OK;
}

static const char *behind(const char *at, const char *mark)
{
    const char *found = strstr(at, mark);
    return found ? found + strlen(mark) : NULL;
}

typedef enum prolog { PROLOG_ENDS, PROLOG_ENTITIES, PROLOG_TOO_LONG, PROLOG_NO_XML } prolog;

/* Goes past declaration, comments and document type to the root element. A document type may only
 * stand there, so what is refused here cannot come later. */
static prolog find_root(const char **root, const char *text, bool whole)
{
    const char *at = text;
    if (strncmp(at, "\xEF\xBB\xBF", 3) == 0)
        at += 3;
    for (bool first = true;; first = false) {
        while (is_blank(*at))
            at++;
        if (*at == '\0' && !first && !whole)
            return PROLOG_TOO_LONG;
        if (*at != '<')
            return PROLOG_NO_XML;
        const char *end = NULL;
        if (strncmp(at, "<?", 2) == 0) {
            end = behind(at, "?>");
        } else if (strncmp(at, "<!--", 4) == 0) {
            end = behind(at, "-->");
        } else if (strncmp(at, "<!DOCTYPE", 9) == 0) {
            end = behind(at, ">");
            size_t length = end ? (size_t)(end - at) : strlen(at);
            if (memchr(at, '[', length))
                return PROLOG_ENTITIES;
        } else {
            *root = at;
            return PROLOG_ENDS;
        }
        if (!end)
            return whole ? PROLOG_NO_XML : PROLOG_TOO_LONG;
        at = end;
    }
}

/* The parts of a BAG delivery that hold no objects, by what stands in their first bytes. */
static const char *lvbag_other(const char *text)
{
    static const char *const parts[][2] = {
        {"mutatielevering-generiek", "mutations of the BAG"},
        {"extract-deelbestand-mutaties", "mutations of the BAG"},
        {"lvbag/extract-levering", "the delivery document of a BAG extract"},
        {"gwr-deelbestand", "which towns lie in which municipality"},
        {"gwr-bestand:", "which towns lie in which municipality"},
        {"<sl-bag-extract:kenmerkInOnderzoek", "what the BAG has under investigation"},
    };
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        if (strstr(text, parts[i][0]))
            return parts[i][1];
    return NULL;
}

static void judge(rm_xml_head *out, const char *root)
{
    static const char objects[] = "/schemas/lvbag/extract-deelbestand-lvc/";
    out->kind = RM_XML_OTHER;
    out->what = lvbag_other(root);
    if (out->what)
        out->kind = RM_XML_LVBAG_OTHER;
    else if (strstr(root, objects))
        out->kind = RM_XML_LVBAG;
    else if (strstr(root, "opengis.net/gml"))
        out->kind = RM_XML_GML;
    if (out->kind != RM_XML_GML)
        return;
    size_t namespaces = strcspn(root, ">");
    for (const rm_gml_family *family = rm_gml_families(); family->mark && !out->family; family++) {
        const char *mark = strstr(root, family->mark);
        if (mark && (size_t)(mark - root) < namespaces)
            out->family = family;
    }
}

rm_status rm_xml_look(rm_xml_head *out, const char *located, const char *shown, rm_error *err)
{
    char *text = NULL;
    size_t size = 0;
    const char *root = NULL;
    *out = (rm_xml_head){0};
    rm_status status = read_head(&text, &size, located, err);
    prolog found = PROLOG_NO_XML;
    if (status == RM_OK && size > 0)
        found = find_root(&root, text, size < HEAD);
    if (found == PROLOG_ENDS)
        judge(out, root);
    else if (found == PROLOG_ENTITIES)
        status = rm_fail(err, RM_EFORMAT,
                         "%s is not read: it declares XML entities in a document type, which data "
                         "does not need and which can fill all memory",
                         shown);
    else if (found == PROLOG_TOO_LONG)
        status = rm_fail(err, RM_EFORMAT,
                         "%s is not read: the XML does not begin within its first 64 KB", shown);
    rm_release(text);
    return status;
}

/* "name=path:type" as a property of a GFS schema. Everything comes from our own table. */
static void add_property(rm_text *out, const char *field, size_t length)
{
    static const char *const types[][2] = {
        {":int", "Integer"}, {":real", "Real"}, {":list", "StringList"}};
    const char *type = "String";
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        size_t tail = strlen(types[i][0]);
        if (length > tail && strncmp(field + length - tail, types[i][0], tail) == 0) {
            type = types[i][1];
            length -= tail;
            break;
        }
    }
    const char *equals = memchr(field, '=', length);
    size_t name = equals ? (size_t)(equals - field) : length;
    const char *path = equals ? equals + 1 : field;
    rm_text_addf(out,
                 "<PropertyDefn><Name>%.*s</Name><ElementPath>%.*s</ElementPath>"
                 "<Type>%s</Type></PropertyDefn>",
                 (int)name, field, (int)(length - (size_t)(path - field)), path, type);
}

static void add_geometry(rm_text *out, const char *path, size_t length)
{
    const char *name = path + length;
    while (name > path && name[-1] != '|')
        name--;
    rm_text_addf(out,
                 "<GeomPropertyDefn><Name>%.*s</Name><ElementPath>%.*s</ElementPath>"
                 "<Type>Unknown</Type></GeomPropertyDefn>",
                 (int)(length - (size_t)(name - path)), name, (int)length, path);
}

static void add_each(rm_text *out, const char *list, void (*add)(rm_text *, const char *, size_t))
{
    for (size_t length; *list; list += length) {
        list += strspn(list, " ");
        length = strcspn(list, " ");
        if (length > 0)
            add(out, list, length);
    }
}

/* All these sources are in RD, and most do not say so. */
static rm_status write_schema(rm_text *out, const rm_gml_family *family, rm_error *err)
{
    rm_text_add(out, "<GMLFeatureClassList>\n");
    for (const rm_gml_object *object = family->objects; object->element; object++) {
        rm_text_addf(out, "<GMLFeatureClass><Name>%s</Name><ElementPath>%s</ElementPath>",
                     object->element, object->element);
        add_each(out, object->geometry, add_geometry);
        if (object->geometry[0])
            rm_text_add(out, "<SRSName>EPSG:28992</SRSName>");
        else
            rm_text_add(out, "<GeometryType>100</GeometryType>"); /* none */
        add_each(out, family->fields, add_property);
        add_each(out, object->fields, add_property);
        rm_text_add(out, "</GMLFeatureClass>\n");
    }
    rm_text_add(out, "</GMLFeatureClassList>\n");
    return rm_text_status(out, err);
}

static rm_status put_file(const char *path, const rm_text *content, rm_error *err)
{
    VSILFILE *file = VSIFOpenL(path, "wb");
    size_t written = file ? VSIFWriteL(content->data, 1, (size_t)content->length, file) : 0;
    bool closed = file && VSIFCloseL(file) == 0;
    if (!closed || written != (size_t)content->length)
        return rm_fail(err, RM_ENOMEM, "no memory for the schema of a GML file");
    return RM_OK;
}

/* The file by another name: one stretch that is all of it. */
static rm_status write_alias(rm_text *out, const char *located, rm_error *err)
{
    VSILFILE *file = VSIFOpenL(located, "rb");
    bool sized = file && VSIFSeekL(file, 0, SEEK_END) == 0;
    long long size = sized ? (long long)VSIFTellL(file) : 0;
    if (file)
        VSIFCloseL(file);
    if (!sized)
        return rm_fail(err, RM_EIO, "the size of a GML file cannot be found: is it damaged?");
    char *escaped = CPLEscapeString(located, -1, CPLES_XML);
    rm_text_addf(out,
                 "<VSISparseFile><Length>%lld</Length><SubfileRegion><Filename relative=\"0\">"
                 "%s</Filename><DestinationOffset>0</DestinationOffset><SourceOffset>0"
                 "</SourceOffset><RegionLength>%lld</RegionLength></SubfileRegion></VSISparseFile>",
                 size, escaped, size);
    CPLFree(escaped);
    return rm_text_status(out, err);
}

/* The .xsd that many GML files come with, "x.xsd" of "x.gml", gives their fields a type. */
static void add_xsd(rm_gml_room *room, const char *located)
{
    const char *beside = CPLResetExtension(located, "xsd");
    VSILFILE *file = VSIFOpenL(beside, "rb");
    bool there = file != NULL;
    if (file)
        VSIFCloseL(file);
    /* a name that is not there keeps GDAL from looking elsewhere */
    room->options = CSLSetNameValue(room->options, "XSD",
                                    there ? beside : CPLFormFilename(room->folder, "none", "xsd"));
}

static rm_status fill_room(rm_gml_room *room, const char *located, const rm_gml_family *family,
                           rm_error *err)
{
    rm_text alias = {0}, schema = {0};
    const char *file = CPLFormFilename(room->folder, "input", "gml");
    rm_status status = write_alias(&alias, located, err);
    if (status == RM_OK)
        status = put_file(file, &alias, err);
    rm_text_clear(&alias);
    rm_text_addf(&alias, "/vsisparse/%s/input.gml", room->folder);
    if (status == RM_OK)
        status = rm_text_status(&alias, err);
    if (status == RM_OK)
        status = rm_copy_text(&room->path, alias.data, err);
    if (status == RM_OK && family)
        status = write_schema(&schema, family, err);
    if (status == RM_OK && family) {
        file = CPLFormFilename(room->folder, "schema", "gfs");
        room->options = CSLSetNameValue(room->options, "GFS_TEMPLATE", file);
        status = put_file(file, &schema, err);
    }
    rm_text_clear(&alias);
    rm_text_clear(&schema);
    return status;
}

rm_status rm_gml_room_make(rm_gml_room *out, const char *located, const rm_xml_head *head,
                           bool templated, rm_error *err)
{
    enum { NAME = 64 };
    rm_gml_room room = {0};
    RM_TRY(RM_NEW_ZERO(&room.folder, NAME, err));
    /* no two threads have the same address at a time */
    snprintf(room.folder, NAME, "/vsimem/riskmap-%p", (void *)room.folder);
    room.options = CSLSetNameValue(room.options, "WRITE_GFS", "NO");
    room.options = CSLSetNameValue(room.options, "DOWNLOAD_SCHEMA", "NO");
    room.options = CSLSetNameValue(room.options, "READ_MODE", "STANDARD");
    rm_status status = fill_room(&room, located, templated ? head->family : NULL, err);
    if (status == RM_OK)
        add_xsd(&room, located);
    if (status != RM_OK)
        rm_gml_room_clear(&room);
    else
        *out = room;
    return status;
}

void rm_gml_room_clear(rm_gml_room *room)
{
    if (room->folder)
        VSIRmdirRecursive(room->folder);
    CSLDestroy(room->options);
    rm_release(room->folder);
    rm_release(room->path);
    *room = (rm_gml_room){0};
}

const char *rm_gml_element(const rm_gml_family *family, const char *name)
{
    const char *tail = strrchr(name, '_');
    for (const rm_gml_object *object = family->objects; object->element; object++)
        if (rm_text_equal_nocase(object->name, name) ||
            (tail && rm_text_equal_nocase(object->name, tail + 1)))
            return object->element;
    return NULL;
}

/* Four digits of the municipality, 9999 for the country, three letters, eight digits of the day:
 * so the parts of every extract are named. */
const char *rm_lvbag_part(const char *file)
{
    static const char *const codes[][2] = {
        {"LIG", "Ligplaats"},  {"NUM", "Nummeraanduiding"}, {"OPR", "Openbareruimte"},
        {"PND", "Pand"},       {"STA", "Standplaats"},      {"VBO", "Verblijfsobject"},
        {"WPL", "Woonplaats"},
    };
    static const char *const without[] = {"Leveringsdocument-BAG", "GEM-WPL-RELATIE",
                                          "9999InOnderzoek", "9999Inactief", "9999NietBag"};
    const char *slash = strrchr(file, '/'), *name = slash ? slash + 1 : file;
    for (size_t i = 0; i < sizeof without / sizeof without[0]; i++)
        if (strncmp(name, without[i], strlen(without[i])) == 0)
            return "";
    static const char digits[] = "0123456789";
    if (strspn(name, digits) != 4 || strlen(name) < 15 || strspn(name + 7, digits) != 8)
        return NULL;
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++)
        if (strncmp(name + 4, codes[i][0], 3) == 0)
            return codes[i][1];
    return NULL;
}

OGRwkbGeometryType rm_gdal_geometry_type(OGRLayerH layer)
{
    static const char *const placeless[] = {"Nummeraanduiding", "Openbareruimte"};
    OGRwkbGeometryType type = OGR_L_GetGeomType(layer);
    OGRFeatureDefnH fields = OGR_L_GetLayerDefn(layer);
    if (type != wkbUnknown || OGR_FD_GetFieldIndex(fields, "voorkomenIdentificatie") < 0)
        return type;
    for (size_t i = 0; i < sizeof placeless / sizeof placeless[0]; i++)
        if (strcmp(OGR_L_GetName(layer), placeless[i]) == 0)
            return wkbNone;
    return type;
}

bool rm_shapes_lack_encoding(GDALDatasetH data)
{
    static const char domain[] = "SHAPEFILE", ansi[] = "87"; /* "the machine's own", so: unknown */
    int count = GDALDatasetGetLayerCount(data);
    if (strcmp(GDALGetDriverShortName(GDALGetDatasetDriver(data)), "ESRI Shapefile") != 0)
        return false;
    for (int i = 0; i < count; i++) {
        OGRLayerH layer = GDALDatasetGetLayer(data, i);
        const char *ldid = GDALGetMetadataItem(layer, "LDID_VALUE", domain);
        if (GDALGetMetadataItem(layer, "ENCODING_FROM_CPG", domain) ||
            (ldid && strcmp(ldid, ansi) != 0))
            return false;
    }
    return count > 0;
}

bool rm_says_damaged(const char *message)
{
    return strstr(message, "arsing of") && strstr(message, "failed");
}
