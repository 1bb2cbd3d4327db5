/* What a source says of itself: who it is from and what may be done with it. */
#ifndef RM_IO_ABOUT_H
#define RM_IO_ABOUT_H

#include "base/memory.h"

/* Texts are owned, on one line, and NULL where nothing is stated. */
typedef struct rm_about {
    char *title, *owner, *licence;
    char *from;   /* where that stands: "GeoPackage", the name of a file beside it */
    int32_t date; /* of the data, as stated; RM_NO_DATE */
} rm_about;

/* Reads what is cheap and certain: the metadata and contents tables of a GeoPackage, the members of
 * a GeoJSON before its features, the properties of an XLSX (title and company, not the author, who
 * is a person), and a metadata file of the same name beside it: .xml (ISO 19139 or Dublin Core),
 * .txt or .md with lines such as "licentie: CC0". layer (may be NULL) is the one that is looked at.
 * What cannot be read is not stated: the status is for memory alone. */
rm_status rm_about_read(rm_about *out, const char *path, const char *layer, rm_error *err);
void rm_about_clear(rm_about *about);

/* The same of a text that was read: XML, or lines "key: value". For the readers and their tests. */
rm_status rm_about_from_xml(rm_about *about, const char *text, int64_t length, rm_error *err);
rm_status rm_about_from_lines(rm_about *about, const char *text, int64_t length, rm_error *err);
rm_status rm_about_from_json(rm_about *about, const char *text, int64_t length, rm_error *err);

#endif
