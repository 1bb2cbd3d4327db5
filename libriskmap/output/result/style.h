/* How QGIS shows a result. */
#ifndef RM_OUTPUT_STYLE_H
#define RM_OUTPUT_STYLE_H

#include "output/words.h"

/* A QML style for the table `areas`: one colour a class, grey where there is no score, aliases for
 * the columns, which are given as pairs of name and words. */
void rm_style_qml(rm_text *out, const rm_result *result, const char *const *names,
                  const char *const *words, int32_t count, rm_language language);

/* Text as it may stand in XML, in quotes too; control characters become blanks. */
void rm_style_add_xml(rm_text *out, const char *text);

#endif
