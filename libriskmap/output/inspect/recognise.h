/* What riskmap takes a layer for by its names, and its coordinates by their size. */
#ifndef RM_OUTPUT_RECOGNISE_H
#define RM_OUTPUT_RECOGNISE_H

#include "io/profile.h"

/* "BAG light: verblijfsobject"; "" when nothing is recognised. Never NULL, never to be freed. */
const char *rm_recognise(const char *layer, const rm_table *columns, bool english);

/* Where coordinates would have to be read so that they lie in or near the Netherlands: RM_READINGS
 * places to count in, and what each of them is called. */
enum { RM_READINGS = 5 };
int rm_reading_of(double x, double y); /* -1: none of them */
const char *rm_reading_name(int reading);

#endif
