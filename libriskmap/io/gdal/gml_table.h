/* The GML of the Dutch key registers: which element of an object is its geometry, and which hold
 * its fields. GDAL alone takes the last geometry that it meets, and parcels become points. */
#ifndef RM_IO_GDAL_GML_TABLE_H
#define RM_IO_GDAL_GML_TABLE_H

/* Lists are separated by blanks; a path in the XML has a bar between its elements. A field is
 * "name", "name=path" or either with :int, :real or :list behind it; otherwise it is text, because
 * ids and codes lose their zeros as numbers. */
typedef struct rm_gml_object {
    const char *element;  /* the element of the object, and the name of its layer */
    const char *name;     /* what the files and the people call it */
    const char *geometry; /* paths; the first that an object has is taken */
    const char *fields;   /* besides those of its family */
} rm_gml_object;

typedef struct rm_gml_family {
    const char *mark;             /* stands in the namespaces of the root element */
    const char *fields;           /* that all its objects have */
    const rm_gml_object *objects; /* ends with a NULL element */
} rm_gml_family;

/* All of them, in the order in which they are tried; ends with a NULL mark. */
const rm_gml_family *rm_gml_families(void);

#endif
