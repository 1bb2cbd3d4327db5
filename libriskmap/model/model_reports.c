#include "model/model_reports.h"

#include "model/model_indicator.h"

#define COUNT(array) ((int32_t)(sizeof(array) / sizeof *(array)))

#define ADDRESS(member) RM_FIELD_WORDS, offsetof(rm_model_layer, member)
static const rm_model_field address_fields[] = {
    {"postcode", ADDRESS(postcode), NULL}, {"number", ADDRESS(number), NULL},
    {"letter", ADDRESS(letter), NULL},     {"addition", ADDRESS(addition), NULL},
    {"line", ADDRESS(address_line), NULL}, {"street", ADDRESS(street), NULL},
    {"place", ADDRESS(place), NULL},
};

#define OTHER RM_FIELD_OTHER, 0
static const rm_model_field report_fields[] = {
    {"duplicates", OTHER, NULL},
    {"future", OTHER, NULL},
    {"before_1900", OTHER, NULL},
    {"outside", OTHER, NULL},
    {"spots", OTHER, NULL},
    {"spot_share", RM_FIELD_BETWEEN, offsetof(rm_report_rules, spot_share), NULL},
    {"distinct_by", OTHER, NULL},
};

rm_status rm_model_read_address(const rm_model_file *file, const rm_json *node,
                                rm_model_layer *layer)
{
    const rm_json *address = rm_json_member(node, "address");
    if (!address)
        return RM_OK;
    RM_TRY(rm_model_fields(file, address, address_fields, COUNT(address_fields), layer));
    if (address->count == 0)
        return rm_model_fail(file, address,
                             "names no column; take it out, and they are guessed by their names");
    if (!rm_json_member(node, "locate"))
        return rm_model_fail(file, node,
                             "\"locate\" is missing: the layer with the addresses that \"address\" "
                             "is looked up in");
    return RM_OK;
}

/* *drop stays as it is where the model says nothing. */
static rm_status read_rule(const rm_model_file *file, const rm_json *reports, const char *key,
                           bool *drop)
{
    static const char *const ways[] = {"keep", "leave-out"};
    const rm_json *rule = rm_json_member(reports, key);
    int32_t choice;
    if (!rule)
        return RM_OK;
    RM_TRY(rm_model_choice(file, rule, "rule", ways, COUNT(ways), &choice));
    *drop = choice == 1;
    return RM_OK;
}

/* Rules on dates say nothing about a layer whose dates nobody knows. */
static rm_status check_time(const rm_model_file *file, const rm_json *reports,
                            const rm_model_layer *layer)
{
    static const char *const keys[] = {"future", "before_1900", "distinct_by"};
    for (int32_t k = 0; k < COUNT(keys) && !layer->time; k++) {
        const rm_json *rule = rm_json_member(reports, keys[k]);
        if (rule && (k < 2 || layer->reports.distinct != RM_DISTINCT_NONE))
            return rm_model_fail(file, rule,
                                 "the layer has no \"time\": name the column with the date");
    }
    return RM_OK;
}

rm_status rm_model_read_reports(const rm_model_file *file, const rm_json *node,
                                rm_model_layer *layer)
{
    static const char *const periods[] = {"none", "place-week", "place-day"};
    static const rm_distinct kinds[] = {RM_DISTINCT_NONE, RM_DISTINCT_PLACE_WEEK,
                                        RM_DISTINCT_PLACE_DAY};
    const rm_json *reports = rm_json_member(node, "reports");
    rm_report_rules *rules = &layer->reports;
    bool drop_future = true;
    *rules = (rm_report_rules){.spot_share = 0.01, .time_column = -1};
    if (!reports)
        return RM_OK;
    layer->reported = true;
    RM_TRY(rm_model_fields(file, reports, report_fields, COUNT(report_fields), rules));
    RM_TRY(read_rule(file, reports, "duplicates", &rules->drop_duplicates));
    RM_TRY(read_rule(file, reports, "future", &drop_future));
    RM_TRY(read_rule(file, reports, "before_1900", &rules->drop_before_1900));
    RM_TRY(read_rule(file, reports, "outside", &rules->drop_outside));
    RM_TRY(read_rule(file, reports, "spots", &rules->drop_spots));
    rules->keep_future = !drop_future;
    const rm_json *distinct = rm_json_member(reports, "distinct_by");
    int32_t choice = 0;
    if (distinct)
        RM_TRY(rm_model_choice(file, distinct, "way to count a place once", periods, COUNT(periods),
                               &choice));
    rules->distinct = kinds[choice];
    return check_time(file, reports, layer);
}

static rm_status read_locate(const rm_model_file *file, const rm_json *node, const rm_json *layers,
                             rm_model *model, int32_t number)
{
    const rm_json *locate = rm_json_member(node, "locate");
    model->layers[number].locate = -1;
    if (!locate)
        return RM_OK;
    int32_t found;
    RM_TRY(rm_model_read_layer_name(file, locate, model, &found));
    if (found == number)
        return rm_model_fail(file, locate,
                             "is this layer itself; name the layer that holds the addresses");
    const rm_json *other = layers->first;
    for (int32_t i = 0; i < found; i++)
        other = other->next;
    if (rm_json_member(other, "locate"))
        return rm_model_fail(file, locate,
                             "layer \"%s\" gets its own places by \"locate\"; name a layer that "
                             "holds the addresses and their places",
                             model->layers[found].name);
    model->layers[number].locate = found;
    return RM_OK;
}

rm_status rm_model_read_locate(const rm_model_file *file, const rm_json *layers, rm_model *model)
{
    const rm_json *node = layers->first;
    for (int32_t i = 0; i < model->layer_count; i++, node = node->next)
        RM_TRY(read_locate(file, node, layers, model, i));
    return RM_OK;
}
