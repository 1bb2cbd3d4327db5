#include "json.h"

#include <math.h>
#include <stdio.h>

struct json_object *json_number(double value)
{
    return isfinite(value) ? json_object_new_double(value) : NULL;
}

void json_add_text(struct json_object *out, const char *key, const char *text)
{
    json_object_object_add(out, key, text[0] ? json_object_new_string(text) : NULL);
}

void json_print(struct json_object *object)
{
    puts(json_object_to_json_string_ext(object,
                                        JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE));
    json_object_put(object);
}
