#include "model/model_indicator.h"

#include "base/date.h"
#include "data/quote.h"
#include "model/subjects.h"

#include <string.h>

#define PLACE(kind, member) kind, offsetof(rm_indicator, member)
#define OTHER               RM_FIELD_OTHER, 0

static const rm_model_field indicator_fields[] = {
    {"name", PLACE(RM_FIELD_NAME, name),
     "a short name for its column, such as \"reports_per_100\""},
    {"pillar", PLACE(RM_FIELD_NAME, pillar),
     "what it belongs to, such as \"structure\" or \"signals\""},
    {"measure", OTHER, "what is measured, such as \"count\""},
    {"of", OTHER, NULL},
    {"where", PLACE(RM_FIELD_WORDS, where), NULL},
    {"field", PLACE(RM_FIELD_WORDS, field), NULL},
    {"per", OTHER, NULL},
    {"per_units", PLACE(RM_FIELD_ABOVE_0, per_units), NULL},
    {"min_per", PLACE(RM_FIELD_FROM_0, min_per), NULL},
    {"shrink", OTHER, NULL},
    {"by", OTHER, NULL},
    {"within_m", PLACE(RM_FIELD_FROM_0, within_m), NULL},
    {"from", PLACE(RM_FIELD_DAY, from), NULL},
    {"until", PLACE(RM_FIELD_DAY, until), NULL},
    {"half_life_days", PLACE(RM_FIELD_ABOVE_0, half_life_days), NULL},
    {"decay_m", PLACE(RM_FIELD_ABOVE_0, decay_m), NULL},
    {"scale", OTHER, "minmax, zscore, rank, percentile or fixed"},
    {"bounds", OTHER, NULL},
    {"weight", PLACE(RM_FIELD_FROM_0, weight), "a number, 0 or more"},
    {"direction", OTHER, "\"+\" when more is riskier, \"-\" when less is"},
    {"label", PLACE(RM_FIELD_WORDS, label), "a few words that people see"},
    {"label_en", PLACE(RM_FIELD_WORDS, label_en), NULL},
    {"why", PLACE(RM_FIELD_WORDS, why), "why it counts, with the source that says so"},
    {"why_en", PLACE(RM_FIELD_WORDS, why_en), NULL},
};

/* Which rule of the measure lets a key be used. */
typedef struct rm_key_use {
    const char *key;
    size_t allowed; /* offset of a bool in rm_measure_rule */
    bool evidence;  /* only with `of` */
} rm_key_use;

static const rm_key_use key_uses[] = {
    {"of", offsetof(rm_measure_rule, of_allowed), false},
    {"where", offsetof(rm_measure_rule, of_allowed), true},
    {"field", offsetof(rm_measure_rule, field_allowed), false},
    {"per", offsetof(rm_measure_rule, per_needed), false},
    {"per_units", offsetof(rm_measure_rule, per_needed), false},
    {"min_per", offsetof(rm_measure_rule, per_needed), false},
    {"shrink", offsetof(rm_measure_rule, per_needed), false},
    {"by", offsetof(rm_measure_rule, points), true},
    {"within_m", offsetof(rm_measure_rule, within_allowed), true},
    {"from", offsetof(rm_measure_rule, time_allowed), false},
    {"until", offsetof(rm_measure_rule, time_allowed), false},
    {"half_life_days", offsetof(rm_measure_rule, half_life_allowed), false},
    {"decay_m", offsetof(rm_measure_rule, decay_allowed), false},
};

static bool rule_allows(const rm_measure_rule *rule, size_t offset)
{
    return *(const bool *)((const char *)rule + offset);
}

/* ---- what other parts of the reader use too ---- */

rm_status rm_model_read_filter(const rm_model_file *file, const rm_json *where, rm_filter **out)
{
    rm_error why;
    rm_status status = rm_filter_parse(out, where->text, &why);
    if (status == RM_ENOMEM)
        return rm_fail_memory(file->err);
    if (status != RM_OK)
        return rm_model_fail(file, where, "%s", why.message);
    status = rm_subject_check_filter(file, where, *out);
    if (status != RM_OK) {
        rm_filter_free(*out);
        *out = NULL;
    }
    return status;
}

rm_status rm_model_read_layer_name(const rm_model_file *file, const rm_json *node,
                                   const rm_model *model, int32_t *out)
{
    const char **names;
    RM_TRY(RM_NEW(&names, model->layer_count, file->err));
    for (int32_t i = 0; i < model->layer_count; i++)
        names[i] = model->layers[i].name;
    rm_status status = rm_model_choice(file, node, "layer", names, model->layer_count, out);
    rm_release(names);
    return status;
}

/* ---- keys against the measure ---- */

static rm_status fail_use(const rm_model_file *file, const rm_json *node, const rm_key_use *use,
                          const rm_measure_rule *rule)
{
    rm_text list = {0};
    for (int32_t m = 0; m < RM_MEASURES; m++) {
        const rm_measure_rule *other = rm_measure_rule_of(m);
        if (rule_allows(other, use->allowed))
            rm_text_addf(&list, "%s%s", list.length ? ", " : "", other->name);
    }
    rm_status status = rm_text_status(&list, file->err);
    if (status == RM_OK)
        status = rm_model_fail(file, node,
                               "the measure \"%s\" cannot use this key; take it out (it is for %s)",
                               rule->name, list.data);
    rm_text_clear(&list);
    return status;
}

static rm_status check_allowed(const rm_model_file *file, const rm_json *node,
                               const rm_measure_rule *rule)
{
    for (size_t k = 0; k < sizeof key_uses / sizeof *key_uses; k++) {
        const rm_json *key = rm_json_member(node, key_uses[k].key);
        if (key && !rule_allows(rule, key_uses[k].allowed))
            return fail_use(file, key, &key_uses[k], rule);
    }
    return RM_OK;
}

static rm_status check_needed(const rm_model_file *file, const rm_json *node,
                              const rm_measure_rule *rule)
{
    const struct {
        const char *key, *what;
        bool needed;
    } keys[] = {{"of", "the layer that is measured", rule->of_needed},
                {"field", "the field with the value", rule->field_needed},
                {"per", "the layer whose features are the exposure", rule->per_needed},
                {"where", "which features make the share", rule->where_needed}};
    for (size_t k = 0; k < sizeof keys / sizeof *keys; k++)
        if (keys[k].needed && !rm_json_member(node, keys[k].key))
            return rm_model_fail(file, node, "\"%s\" is missing: the measure \"%s\" needs %s",
                                 keys[k].key, rule->name, keys[k].what);
    return RM_OK;
}

/* Age does without `of`, but then nothing is counted. */
static rm_status check_evidence(const rm_model_file *file, const rm_json *node,
                                const rm_measure_rule *rule)
{
    for (size_t k = 0; k < sizeof key_uses / sizeof *key_uses; k++) {
        const rm_json *key = rm_json_member(node, key_uses[k].key);
        if (key && key_uses[k].evidence && !rm_json_member(node, "of"))
            return rm_model_fail(
                file, key,
                "without \"of\" the %s is that of the area itself, which has no use "
                "for this key; take it out or name a layer in \"of\"",
                rule->name);
    }
    return RM_OK;
}

static rm_status read_measure(const rm_model_file *file, const rm_json *node,
                              rm_indicator *indicator)
{
    const char *names[RM_MEASURES];
    for (int32_t m = 0; m < RM_MEASURES; m++)
        names[m] = rm_measure_rule_of(m)->name;
    int32_t measure;
    RM_TRY(rm_model_choice(file, rm_json_member(node, "measure"), "measure", names, RM_MEASURES,
                           &measure));
    indicator->measure = (rm_measure)measure;
    const rm_measure_rule *rule = rm_measure_rule_of(indicator->measure);
    RM_TRY(check_allowed(file, node, rule));
    RM_TRY(check_needed(file, node, rule));
    return check_evidence(file, node, rule);
}

/* ---- single keys ---- */

static rm_status read_layers(const rm_model_file *file, const rm_json *node, const rm_model *model,
                             rm_indicator *indicator)
{
    const rm_json *of = rm_json_member(node, "of"), *per = rm_json_member(node, "per");
    if (of)
        RM_TRY(rm_model_read_layer_name(file, of, model, &indicator->of));
    if (per)
        RM_TRY(rm_model_read_layer_name(file, per, model, &indicator->per));
    static const char *const dated[] = {"from", "until", "half_life_days"};
    for (size_t k = 0; k < sizeof dated / sizeof *dated; k++) {
        const rm_json *key = rm_json_member(node, dated[k]);
        if (key && !model->layers[indicator->of].time)
            return rm_model_fail(file, key,
                                 "the layer \"%s\" has no \"time\", the field that holds the date",
                                 model->layers[indicator->of].name);
    }
    const rm_json *until = rm_json_member(node, "until");
    if (until && indicator->from != RM_NO_DATE && indicator->until < indicator->from)
        return rm_model_fail(file, until, "lies before \"from\"");
    return RM_OK;
}

static rm_status read_bounds(const rm_model_file *file, const rm_json *node,
                             rm_indicator *indicator)
{
    const rm_json *bounds = rm_json_member(node, "bounds");
    if (indicator->scale != RM_SCALE_FIXED)
        return bounds ? rm_model_fail(file, bounds,
                                      "only the scale \"fixed\" has bounds; take them out")
                      : RM_OK;
    if (!bounds)
        return rm_model_fail(
            file, node,
            "\"bounds\" is missing: the scale \"fixed\" needs [low, high], the values that "
            "become 0 and 1");
    RM_TRY(rm_model_kind(file, bounds, RM_JSON_LIST));
    if (bounds->count != 2)
        return rm_model_fail(file, bounds, "must be two numbers, [low, high]");
    const rm_json *low = bounds->first, *high = low->next;
    RM_TRY(rm_model_kind(file, low, RM_JSON_NUMBER));
    RM_TRY(rm_model_kind(file, high, RM_JSON_NUMBER));
    if (low->number >= high->number)
        return rm_model_fail(file, bounds, "the first must be less than the second");
    indicator->bounds[0] = low->number;
    indicator->bounds[1] = high->number;
    return RM_OK;
}

static rm_status read_choices(const rm_model_file *file, const rm_json *node,
                              rm_indicator *indicator)
{
    static const char *const shrinks[] = {"none", "eb"}, *const ways[] = {"point", "intersects"},
                             *const directions[] = {"-", "+"};
    const rm_json *shrink = rm_json_member(node, "shrink"), *by = rm_json_member(node, "by");
    int32_t choice;
    if (shrink) {
        RM_TRY(rm_model_choice(file, shrink, "way to shrink", shrinks, 2, &choice));
        indicator->shrink = choice == 1;
    }
    if (by) {
        RM_TRY(rm_model_choice(file, by, "way to count", ways, 2, &choice));
        indicator->intersects = choice == 1;
    }
    RM_TRY(rm_model_choice(file, rm_json_member(node, "direction"), "direction", directions, 2,
                           &choice));
    indicator->direction = choice == 1 ? 1 : -1;
    RM_TRY(rm_model_choice(file, rm_json_member(node, "scale"), "scale", rm_scale_names, RM_SCALES,
                           &choice));
    indicator->scale = (rm_scale)choice;
    return RM_OK;
}

static bool ends_with(const char *text, const char *ending)
{
    size_t length = strlen(text), wanted = strlen(ending);
    return length >= wanted && strcmp(text + length - wanted, ending) == 0;
}

static rm_status check_name(const rm_model_file *file, const rm_json *node, const rm_model *model,
                            const rm_indicator *indicator)
{
    static const char *const taken[] = {"fid",       "geom",  "id",      "name",
                                        "type",      "score", "rank",    "rank_low",
                                        "rank_high", "class", "coverage"};
    const rm_json *name = rm_json_member(node, "name");
    for (size_t k = 0; k < sizeof taken / sizeof *taken; k++)
        if (strcmp(indicator->name, taken[k]) == 0)
            return rm_model_fail(file, name,
                                 "\"%s\" is a column of every result; choose another name",
                                 indicator->name);
    if (ends_with(indicator->name, "_score") || ends_with(indicator->name, "_rank"))
        return rm_model_fail(
            file, name, "a name may not end in _score or _rank: the columns of the pillars do");
    for (int32_t k = 0; k < model->indicator_count; k++)
        if (strcmp(indicator->name, model->indicators[k].name) == 0)
            return rm_model_fail(file, name, "\"%s\" is the name of indicators[%d] too, on line %d",
                                 indicator->name, k, model->indicators[k].line);
    return RM_OK;
}

/* What a label says is prose, and no ground. */
static rm_status check_subject(const rm_model_file *file, const rm_json *node,
                               const rm_indicator *indicator)
{
    RM_TRY(rm_subject_check(file, rm_json_member(node, "name"), indicator->name));
    if (!indicator->field)
        return RM_OK;
    return rm_subject_check(file, rm_json_member(node, "field"), indicator->field);
}

rm_status rm_model_read_indicator(const rm_model_file *file, const rm_json *node,
                                  const rm_model *model, rm_indicator *indicator)
{
    indicator->of = indicator->per = -1;
    indicator->per_units = 1;
    indicator->shrink = true;
    indicator->from = indicator->until = RM_NO_DATE;
    indicator->line = node->line;
    RM_TRY(rm_model_fields(file, node, indicator_fields,
                           (int32_t)(sizeof indicator_fields / sizeof *indicator_fields),
                           indicator));
    RM_TRY(check_name(file, node, model, indicator));
    RM_TRY(read_measure(file, node, indicator));
    RM_TRY(read_layers(file, node, model, indicator));
    RM_TRY(read_choices(file, node, indicator));
    RM_TRY(read_bounds(file, node, indicator));
    RM_TRY(check_subject(file, node, indicator));
    const rm_json *where = rm_json_member(node, "where");
    return where ? rm_model_read_filter(file, where, &indicator->filter) : RM_OK;
}
