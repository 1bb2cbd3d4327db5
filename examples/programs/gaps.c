#include "gaps.h"

#include "layout.h"

#include <stdio.h>
#include <string.h>

enum { LINE = 2048 };

const char *layer_state_word(int32_t state)
{
    switch (state) {
    case RM_CHECK_PRESENT:
        return words("aanwezig", "present");
    case RM_CHECK_INCOMPLETE:
        return words("ONVOLLEDIG", "INCOMPLETE");
    case RM_CHECK_TOO_OLD:
        return words("TE OUD", "TOO OLD");
    case RM_CHECK_LACKING:
        return words("ONBRUIKBAAR", "UNUSABLE");
    case RM_CHECK_MISSING:
        return words("ONTBREEKT", "MISSING");
    default:
        return words("ongebruikt", "unused");
    }
}

const char *layer_state_name(int32_t state)
{
    static const char *const NAMES[] = {"present", "incomplete", "too-old",
                                        "lacking", "missing",    "unused"};
    return NAMES[state];
}

void describe_date(char *out, size_t size, const rm_checked_layer *layer)
{
    char date[16];
    const char *by = layer->dated_by;
    write_date(layer->data_date, date);
    if (strncmp(by, "field ", 6) == 0)
        snprintf(out, size, words("%s (veld %s)", "%s (field %s)"), date, by + 6);
    else
        snprintf(out, size, "%s (%s)", date,
                 strcmp(by, "file") == 0 ? words("bestand", "file") : "metadata");
}

static void add_percentage(char *line, double share)
{
    char number[NUMBER_ROOM];
    format_fixed(number, 100 * share, share > 0 && share < 0.1 ? 1 : 0);
    snprintf(line + strlen(line), LINE - strlen(line), "%s%%", number);
}

static void print_item(const char *line)
{
    fputs("  - ", stdout);
    print_wrapped(stdout, line, 4, 4);
}

/* The indicators that fall out because of this layer, with their share of the weight. */
static double fallen_of(const rm_checklist *list, const char *layer, char *names)
{
    rm_checked_indicator indicator;
    double total = 0, lost = 0;
    names[0] = '\0';
    for (int32_t k = 0; k < rm_checklist_indicator_count(list); k++) {
        if (rm_checklist_indicator(list, k, &indicator, NULL) != RM_OK)
            continue;
        total += indicator.weight;
        if (!indicator.problem[0] || strcmp(indicator.problem_layer, layer) != 0)
            continue;
        lost += indicator.weight;
        snprintf(names + strlen(names), LINE - strlen(names), "%s%s", names[0] ? "; " : "",
                 words(indicator.label, indicator.label_en));
    }
    return total > 0 ? lost / total : 0;
}

static void print_unusable(const rm_checklist *list, const rm_checked_layer *layer)
{
    char line[LINE], names[LINE];
    double lost = fallen_of(list, layer->name, names);
    snprintf(line, sizeof line, "%s %s", layer->name,
             layer->state == RM_CHECK_MISSING
                 ? words("ontbreekt", "is missing")
                 : words("is er, maar is zo niet te gebruiken", "is there and cannot be used so"));
    if (layer->areas) {
        snprintf(line + strlen(line), sizeof line - strlen(line), "%s",
                 words(": zonder de gebieden is er niets te berekenen",
                       ": without the areas there is nothing to compute"));
    } else if (names[0]) {
        snprintf(line + strlen(line), sizeof line - strlen(line), "%s ",
                 words(": er valt", ": lost is"));
        add_percentage(line, lost);
        snprintf(line + strlen(line), sizeof line - strlen(line),
                 words(" van het gewicht weg (%s)", " of the weight (%s)"), names);
    }
    print_item(line);
}

static void print_old(const rm_checked_layer *layer, int32_t today)
{
    char line[LINE], date[LINE / 4], age[NUMBER_ROOM], most[NUMBER_ROOM];
    describe_date(date, sizeof date, layer);
    format_count(age, today - layer->data_date);
    format_number(most, layer->max_age_days);
    snprintf(line, sizeof line,
             words("%s is te oud: van %s, %s dagen oud; het model staat %s dagen toe. Erop rust ",
                   "%s is too old: of %s, %s days old; the model allows %s days. On it rests "),
             layer->name, date, age, most);
    add_percentage(line, layer->weight_share);
    snprintf(line + strlen(line), sizeof line - strlen(line), "%s",
             words(" van het gewicht", " of the weight"));
    print_item(line);
}

static void print_incomplete(const rm_checklist *list, const rm_checked_layer *layer)
{
    rm_checked_field field;
    for (int32_t f = 0; f < rm_checklist_field_count(list); f++) {
        char line[LINE], filled[NUMBER_ROOM], rows[NUMBER_ROOM];
        if (rm_checklist_field(list, f, &field, NULL) != RM_OK || field.enough ||
            strcmp(field.layer, layer->name) != 0)
            continue;
        format_count(filled, field.filled);
        format_count(rows, field.rows);
        snprintf(line, sizeof line,
                 words("%s is onvolledig: veld %s is gevuld bij %s van %s (",
                       "%s is incomplete: field %s is filled in %s of %s ("),
                 layer->name, field.field, filled, rows);
        add_percentage(line, (double)field.filled / (double)field.rows);
        snprintf(line + strlen(line), sizeof line - strlen(line), ")");
        print_item(line);
    }
}

static void print_below(const rm_check_effect *effect)
{
    char line[LINE], below[NUMBER_ROOM], areas[NUMBER_ROOM];
    if (effect->areas < 0) {
        print_item(words("hoeveel gebieden geen score krijgen is zo niet te zeggen",
                         "how many areas get no score cannot be told so"));
        return;
    }
    if (effect->below == 0) {
        print_item(words("daarmee alleen komt geen gebied onder die grens",
                         "for that alone no area comes below it"));
        return;
    }
    format_count(below, effect->below);
    format_count(areas, effect->areas);
    snprintf(line, sizeof line,
             words("onder die grens %s %s%s van de %s gebieden, en %s dan geen score",
                   "below that %s %s%s of %s areas, and %s no score then"),
             effect->below == 1 ? words("komt", "comes") : words("komen", "come"),
             effect->at_least ? words("ten minste ", "at least ") : "", below, areas,
             effect->below == 1 ? words("krijgt", "gets") : words("krijgen", "get"));
    print_item(line);
}

static void print_effect(const rm_checklist *list)
{
    rm_check_effect effect;
    char line[LINE] = "";
    if (rm_checklist_effect(list, &effect, NULL) != RM_OK)
        return;
    if (effect.fallen > 0)
        snprintf(line, sizeof line,
                 effect.fallen == 1 ? words("zonder de %d indicator die wegvalt blijft ",
                                            "without the %d indicator that falls out ")
                                    : words("zonder de %d indicatoren die wegvallen blijft ",
                                            "without the %d indicators that fall out "),
                 effect.fallen);
    else
        snprintf(line, sizeof line, "%s",
                 words("er valt geen indicator weg: er is ", "no indicator falls out: "));
    add_percentage(line, effect.coverage);
    snprintf(line + strlen(line), sizeof line - strlen(line), "%s ",
             words(" van het gewicht over; het model vraagt per gebied ten minste",
                   " of the weight is left; the model asks of each area at least"));
    add_percentage(line, effect.min_coverage);
    print_item(line);
    print_below(&effect);
}

static bool has_gap(const rm_checked_layer *layer)
{
    return layer->state != RM_CHECK_PRESENT && layer->state != RM_CHECK_UNUSED;
}

static bool print_gaps_of(const rm_checklist *list, int32_t number, bool first, int32_t today)
{
    rm_checked_layer layer;
    if (rm_checklist_layer(list, number, &layer, NULL) != RM_OK || !has_gap(&layer))
        return false;
    if (first)
        printf("\n%s\n",
               words("Gaten, en wat ze doen met de score", "Gaps, and what they do to the score"));
    if (layer.state == RM_CHECK_MISSING || layer.state == RM_CHECK_LACKING)
        print_unusable(list, &layer);
    if (layer.too_old)
        print_old(&layer, today);
    if (layer.incomplete)
        print_incomplete(list, &layer);
    return true;
}

void print_gaps(const rm_checklist *list)
{
    bool any = false;
    int32_t today = day_today();
    for (int32_t l = 0; l < rm_checklist_layer_count(list); l++)
        any |= print_gaps_of(list, l, !any, today);
    if (any)
        print_effect(list);
}

struct json_object *json_checked_fields(const rm_checklist *list)
{
    struct json_object *out = json_object_new_array();
    rm_checked_field field;
    for (int32_t f = 0; f < rm_checklist_field_count(list); f++) {
        struct json_object *one = json_object_new_object();
        if (rm_checklist_field(list, f, &field, NULL) == RM_OK) {
            json_object_object_add(one, "layer", json_object_new_string(field.layer));
            json_object_object_add(one, "field", json_object_new_string(field.field));
            json_object_object_add(one, "rows", json_object_new_int64(field.rows));
            json_object_object_add(one, "filled", json_object_new_int64(field.filled));
            json_object_object_add(one, "enough", json_object_new_boolean(field.enough));
        }
        json_object_array_add(out, one);
    }
    return out;
}

struct json_object *json_effect(const rm_checklist *list)
{
    struct json_object *out = json_object_new_object();
    rm_check_effect effect;
    if (rm_checklist_effect(list, &effect, NULL) != RM_OK)
        return out;
    json_object_object_add(out, "fallen", json_object_new_int(effect.fallen));
    json_object_object_add(out, "lost_share", json_object_new_double(effect.lost_share));
    json_object_object_add(out, "coverage", json_object_new_double(effect.coverage));
    json_object_object_add(out, "min_coverage", json_object_new_double(effect.min_coverage));
    json_object_object_add(out, "areas",
                           effect.areas < 0 ? NULL : json_object_new_int64(effect.areas));
    json_object_object_add(out, "below",
                           effect.below < 0 ? NULL : json_object_new_int64(effect.below));
    json_object_object_add(out, "at_least", json_object_new_boolean(effect.at_least));
    return out;
}
