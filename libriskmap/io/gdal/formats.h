/* What a file is, by its first bytes, and what GDAL must be told to read it as that. */
#ifndef RM_IO_GDAL_FORMATS_H
#define RM_IO_GDAL_FORMATS_H

#include "base/text.h"
#include "io/gdal/gml_table.h"

#include <gdal.h>
#include <ogr_api.h>

typedef enum rm_xml_kind {
    RM_XML_NONE, /* no XML, or not a file */
    RM_XML_OTHER,
    RM_XML_GML,
    RM_XML_LVBAG,       /* objects of the BAG */
    RM_XML_LVBAG_OTHER, /* a delivery document, mutations, what is under investigation, ... */
} rm_xml_kind;

typedef struct rm_xml_head {
    rm_xml_kind kind;
    const rm_gml_family *family; /* of GML; NULL: none that we know */
    const char *what;            /* RM_XML_LVBAG_OTHER: what it is, in words */
} rm_xml_head;

/* Looks at the start of what GDAL calls `located`. Fails for XML that declares entities: no source
 * needs them, and a few lines of them fill any memory. */
rm_status rm_xml_look(rm_xml_head *out, const char *located, const char *shown, rm_error *err);

/* A private folder in memory through which GDAL reads one GML file, so that what lies beside the
 * file (.gfs, .resolved.gml) changes nothing and nothing is written there. Start with {0}. */
typedef struct rm_gml_room {
    char *folder;
    char *path;     /* what to open */
    char **options; /* what to open it with */
} rm_gml_room;
/* templated: with our own schema, where the family has one. */
rm_status rm_gml_room_make(rm_gml_room *out, const char *located, const rm_xml_head *head,
                           bool templated, rm_error *err);
void rm_gml_room_clear(rm_gml_room *room);

/* The element of an object by what people call it, "pand" or "bgt_pand"; NULL: none. */
const char *rm_gml_element(const rm_gml_family *family, const char *name);

/* The object of the BAG in a part of an extract, by the part's file name: "0221PND15092020.zip"
 * holds "Pand". "" for parts that hold no objects, NULL for other files. */
const char *rm_lvbag_part(const char *file);

/* wkbNone also for the objects of the BAG that have no place, of which GDAL says that they might.
 */
OGRwkbGeometryType rm_gdal_geometry_type(OGRLayerH layer);

/* Whether this is shapefiles none of which says how its text is written. GDAL would take it for
 * ISO-8859-1, in which UTF-8 is garbled and Windows-1252 loses its euro signs. */
bool rm_shapes_lack_encoding(GDALDatasetH data);

/* Whether a message says that a file is damaged as XML, so that what was read is not all of it. */
bool rm_says_damaged(const char *message);

#endif
