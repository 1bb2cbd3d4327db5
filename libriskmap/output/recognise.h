/* What riskmap takes a layer for, and which values stand for "missing", by names alone. */
#ifndef RM_OUTPUT_RECOGNISE_H
#define RM_OUTPUT_RECOGNISE_H

#include "data/table.h"

/* "BAG light: verblijfsobject"; "" when nothing is recognised. Never NULL, never to be freed. */
const char *rm_recognise(const char *layer, const rm_table *columns, bool english);

/* Where coordinates would have to be read so that they lie in or near the Netherlands: RM_READINGS
 * places to count in, and what each of them is called. */
enum { RM_READINGS = 5 };
int rm_reading_of(double x, double y); /* -1: none of them */
const char *rm_reading_name(int reading);

/* The rules for missing values that hold for a field of this name, as bits for rm_is_sentinel. */
unsigned rm_sentinels_of(const char *field);
bool rm_is_sentinel(unsigned rules, double number);
bool rm_is_sentinel_text(unsigned rules, const char *text, int64_t length);

#endif
