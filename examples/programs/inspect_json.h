/* An inspection as JSON. */
#ifndef INSPECT_JSON_H
#define INSPECT_JSON_H

#include <riskmap/riskmap.h>

void print_json(const rm_inspection *inspection, const char *source);

#endif
