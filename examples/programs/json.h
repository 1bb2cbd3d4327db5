/* JSON for other programs, as every program prints it. */
#ifndef RISKMAP_PROGRAMS_JSON_H
#define RISKMAP_PROGRAMS_JSON_H

#include <json-c/json.h>

struct json_object *json_number(double value); /* null for what is no number */
/* null for "" */
void json_add_text(struct json_object *out, const char *key, const char *text);
/* Prints it, and lets it go. */
void json_print(struct json_object *object);

#endif
