#include "inspect_json.h"

#include "common.h"
#include "json.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static void add_integer(struct json_object *out, const char *key, int64_t value)
{
    json_object_object_add(out, key, json_object_new_int64(value));
}

static struct json_object *json_date(int32_t date)
{
    char text[16];
    if (date == INT32_MIN)
        return NULL;
    write_date(date, text);
    return json_object_new_string(text);
}

static struct json_object *json_field(const rm_inspected_field *field)
{
    struct json_object *out = json_object_new_object();
    json_add_text(out, "name", field->name);
    json_add_text(out, "type", field->type);
    add_integer(out, "missing", field->missing);
    add_integer(out, "sentinels", field->sentinels);
    add_integer(out, "numbers", field->numbers);
    add_integer(out, "dates", field->dates);
    json_object_object_add(out, "lowest", json_number(field->lowest));
    json_object_object_add(out, "highest", json_number(field->highest));
    json_object_object_add(out, "first_date", json_date(field->first_date));
    json_object_object_add(out, "last_date", json_date(field->last_date));
    return out;
}

static struct json_object *json_roles(const rm_inspection *inspection, int32_t number)
{
    struct json_object *out = json_object_new_array();
    rm_inspected_role role;
    for (int32_t r = 0; rm_inspection_role(inspection, number, r, &role, NULL) == RM_OK; r++) {
        struct json_object *one = json_object_new_object();
        json_add_text(one, "role", role.role);
        json_add_text(one, "column", role.column);
        json_add_text(one, "sure", role.sure);
        json_object_array_add(out, one);
    }
    return out;
}

static struct json_object *json_layer(const rm_inspection *inspection, int32_t number)
{
    rm_inspected_layer layer;
    rm_inspected_field field;
    struct json_object *out = json_object_new_object(), *fields = json_object_new_array();
    struct json_object *extent = NULL;
    if (rm_inspection_layer(inspection, number, &layer, NULL) != RM_OK)
        return out;
    for (int i = 0; i < 4 && !isnan(layer.extent[0]); i++) {
        extent = extent ? extent : json_object_new_array();
        json_object_array_add(extent, json_number(layer.extent[i]));
    }
    for (int32_t f = 0; f < layer.field_count; f++)
        if (rm_inspection_field(inspection, number, f, &field, NULL) == RM_OK)
            json_object_array_add(fields, json_field(&field));
    json_add_text(out, "name", layer.name);
    json_add_text(out, "geometry_type", layer.geometry_type);
    json_add_text(out, "taken_for", words(layer.taken_for, layer.taken_for_en));
    json_add_text(out, "profile", layer.profile);
    json_add_text(out, "profile_why", words(layer.profile_why, layer.profile_why_en));
    json_add_text(out, "problem", layer.problem);
    json_object_object_add(out, "listed_only", json_object_new_boolean(layer.listed_only));
    add_integer(out, "features", layer.features);
    json_add_text(out, "crs", layer.crs);
    json_add_text(out, "crs_operation", layer.crs_operation);
    json_object_object_add(out, "crs_accuracy_m", json_number(layer.crs_accuracy_m));
    json_add_text(out, "missing_grid", layer.missing_grid);
    json_add_text(out, "crs_problem", layer.crs_problem);
    json_add_text(out, "looks_like", layer.looks_like);
    json_object_object_add(out, "extent", extent);
    add_integer(out, "without_geometry", layer.without_geometry);
    add_integer(out, "invalid", layer.invalid);
    add_integer(out, "outside", layer.outside);
    add_integer(out, "bad_rows", layer.bad_rows);
    add_integer(out, "ended", layer.ended);
    json_object_object_add(out, "roles", json_roles(inspection, number));
    json_add_text(out, "xy_crs", layer.xy_crs);
    json_object_object_add(out, "xy_swapped", json_object_new_boolean(layer.xy_swapped));
    add_integer(out, "swapped_rows", layer.swapped_rows);
    json_object_object_add(out, "fields", fields);
    return out;
}

void print_json(const rm_inspection *inspection, const char *source)
{
    struct json_object *out = json_object_new_object(), *layers = json_object_new_array();
    for (int32_t l = 0; l < rm_inspection_layer_count(inspection); l++)
        json_object_array_add(layers, json_layer(inspection, l));
    json_add_text(out, "source", source);
    json_add_text(out, "driver", rm_inspection_driver(inspection));
    json_object_object_add(out, "layers", layers);
    json_print(out);
}
