#include "columns.h"

#include "common.h"
#include "layout.h"

#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

enum { LINE = 1024 };

static const char *role_word(const char *role)
{
    static const char *const DUTCH[][2] = {{"date", "datum"},
                                           {"time", "tijd"},
                                           {"house number", "huisnummer"},
                                           {"house letter", "huisletter"},
                                           {"addition", "toevoeging"},
                                           {"address line", "adresregel"},
                                           {"street", "straat"},
                                           {"place", "plaats"},
                                           {"weight", "gewicht"},
                                           {"id", "nummer"}};
    for (size_t r = 0; r < sizeof DUTCH / sizeof *DUTCH && !english(); r++)
        if (strcmp(role, DUTCH[r][0]) == 0)
            return DUTCH[r][1];
    return role;
}

static const char *sure_word(const char *sure)
{
    return strcmp(sure, "name") == 0      ? words("alleen de naam", "name alone")
           : strcmp(sure, "content") == 0 ? words("alleen de inhoud", "content alone")
                                          : words("naam en inhoud", "name and content");
}

/* false: no column has this role. */
static bool find_role(const rm_inspection *inspection, int32_t number, const char *role,
                      rm_inspected_role *out)
{
    for (int32_t r = 0; rm_inspection_role(inspection, number, r, out, NULL) == RM_OK; r++)
        if (strcmp(out->role, role) == 0)
            return true;
    return false;
}

static void add_key(char line[LINE], const char *key, const char *value)
{
    struct json_object *text = json_object_new_string(value);
    size_t used = strlen(line);
    snprintf(line + used, LINE - used, "%s\"%s\": %s", used ? ", " : "", key,
             json_object_to_json_string_ext(text, JSON_C_TO_STRING_NOSLASHESCAPE));
    json_object_put(text);
}

static bool has_address(const rm_inspection *inspection, int32_t number)
{
    rm_inspected_role role;
    bool numbered = find_role(inspection, number, "house number", &role) &&
                    (find_role(inspection, number, "postcode", &role) ||
                     find_role(inspection, number, "street", &role));
    return numbered || find_role(inspection, number, "address line", &role);
}

/* What a layer of the model needs besides its source; "" when nothing. */
static void model_keys(char line[LINE], const rm_inspection *inspection, int32_t number,
                       const rm_inspected_layer *layer)
{
    rm_inspected_role x, y, date;
    bool dated = find_role(inspection, number, "date", &date);
    bool placed = find_role(inspection, number, "x", &x) && find_role(inspection, number, "y", &y);
    line[0] = '\0';
    bool swapped = layer->xy_swapped && layer->swapped_rows == 0;
    if (placed && (swapped || strcmp(x.sure, "content") == 0)) {
        add_key(line, "x", swapped ? y.column : x.column);
        add_key(line, "y", swapped ? x.column : y.column);
    }
    if (placed && !layer->crs[0] && layer->xy_crs[0])
        add_key(line, "crs", layer->xy_crs);
    if (!placed && dated && has_address(inspection, number))
        add_key(line, "locate", words("<laag met adressen>", "<layer of addresses>"));
    if (dated)
        add_key(line, "time", date.column);
}

static void swapped_line(char line[LINE], const rm_inspected_layer *layer)
{
    char count[NUMBER_ROOM];
    format_count(count, layer->swapped_rows);
    if (layer->swapped_rows > 0)
        snprintf(line, LINE,
                 words("x en y staan in elkaars kolom, zoals %s van de eerste rijen laten zien, en "
                       "worden andersom gelezen, tenzij het model \"x\" en \"y\" noemt",
                       "x and y stand in each other's columns, as %s of the first rows show, and "
                       "are read the other way round unless the model names \"x\" and \"y\""),
                 count);
    else
        snprintf(line, LINE, "%s",
                 words("x en y lijken in elkaars kolom te staan: noem ze in het model andersom",
                       "x and y seem to stand in each other's columns: name them the other way "
                       "round in the model"));
}

typedef struct place {
    int indent, label;
} place;

static void print_line(place at, const char *label, const char *text)
{
    printf("%*s", at.indent, "");
    print_cell(label, at.label, false);
    print_wrapped(stdout, text, at.indent + at.label, at.indent + at.label);
}

void print_columns(const rm_inspection *inspection, int32_t number, const rm_inspected_layer *layer,
                   int indent, int label)
{
    rm_inspected_role role;
    char line[LINE];
    const char *heading = words("kolommen", "columns");
    place at = {indent, label};
    for (int32_t r = 0; r < layer->role_count; r++)
        if (rm_inspection_role(inspection, number, r, &role, NULL) == RM_OK) {
            snprintf(line, sizeof line, "%s: %s (%s)", role_word(role.role), role.column,
                     sure_word(role.sure));
            print_line(at, heading, line);
            heading = "";
        }
    if (layer->swapped_rows > 0 || layer->xy_swapped) {
        swapped_line(line, layer);
        print_line(at, "", line);
    }
    bool nowhere = !find_role(inspection, number, "x", &role) && !has_address(inspection, number);
    if (nowhere && find_role(inspection, number, "date", &role))
        print_line(at, "",
                   words("geen plaats gevonden: geen x en y, en geen adres",
                         "no place was found: no x and y, and no address"));
    model_keys(line, inspection, number, layer);
    if (line[0])
        print_line(at, words("in het model", "in the model"), line);
}
