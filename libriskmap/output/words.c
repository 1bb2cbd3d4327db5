#include "output/words.h"

#include <math.h>
#include <string.h>

rm_status rm_language_read(rm_language *out, const char *name, rm_error *err)
{
    if (!name || strcmp(name, "nl") == 0)
        *out = RM_DUTCH;
    else if (strcmp(name, "en") == 0)
        *out = RM_ENGLISH;
    else
        return rm_fail(err, RM_EINVAL, "\"%s\" is no language of riskmap; use nl or en", name);
    return RM_OK;
}

const char *rm_indicator_label(const rm_indicator *indicator, rm_language language)
{
    return language == RM_ENGLISH && indicator->label_en ? indicator->label_en : indicator->label;
}

const char *rm_indicator_why(const rm_indicator *indicator, rm_language language)
{
    return language == RM_ENGLISH && indicator->why_en ? indicator->why_en : indicator->why;
}

static bool is_percentage(const rm_indicator *indicator)
{
    return indicator->measure == RM_MEASURE_SHARE || indicator->measure == RM_MEASURE_COVER;
}

void rm_indicator_unit(const rm_indicator *indicator, rm_language language, rm_text *out)
{
    const rm_measure_rule *rule = rm_measure_rule_of(indicator->measure);
    if (is_percentage(indicator)) {
        rm_text_add(out, "%");
    } else if (indicator->measure == RM_MEASURE_RATE) {
        rm_text_add(out, "per ");
        rm_text_add_double(out, indicator->per_units);
    } else if (indicator->measure != RM_MEASURE_NEAREST || indicator->decay_m <= 0) {
        rm_text_add(out, language == RM_ENGLISH ? rule->unit_en : rule->unit_nl);
    }
}

const char *rm_pillar_label(const char *pillar, rm_language language)
{
    static const char *const WORDS[][3] = {{"structure", "Structuur", "Structure"},
                                           {"signals", "Signalen", "Signals"}};
    for (size_t w = 0; w < sizeof WORDS / sizeof *WORDS; w++)
        if (strcmp(pillar, WORDS[w][0]) == 0)
            return WORDS[w][language == RM_ENGLISH ? 2 : 1];
    return pillar;
}

void rm_words_number(rm_text *out, double value, int decimals, rm_language language)
{
    char number[64];
    rm_format_fixed(number, sizeof number, value, decimals, language == RM_DUTCH);
    rm_text_add(out, number);
}

static int decimals_of(const rm_indicator *indicator, double value)
{
    bool as_found = indicator->measure == RM_MEASURE_ATTRIBUTE ||
                    indicator->measure == RM_MEASURE_SUM || indicator->measure == RM_MEASURE_MEDIAN;
    if (as_found && value == floor(value))
        return 0; /* 38 owners, not 38,0 */
    if (is_percentage(indicator))
        return 1;
    if (indicator->measure == RM_MEASURE_NEAREST && indicator->decay_m > 0)
        return 3;
    if (indicator->measure == RM_MEASURE_COUNT && indicator->half_life_days <= 0)
        return 0;
    return rm_measure_rule_of(indicator->measure)->decimals;
}

/* 12,4 per 100; shares as a percentage. */
static void words_value(rm_text *out, const rm_indicator *indicator, double value,
                        rm_language language)
{
    if (isnan(value)) {
        rm_text_add(out, language == RM_ENGLISH ? "unknown" : "onbekend");
        return;
    }
    rm_words_number(out, is_percentage(indicator) ? value * 100 : value,
                    decimals_of(indicator, value), language);
    int64_t before = out->length;
    rm_text unit = {0};
    rm_indicator_unit(indicator, language, &unit);
    if (unit.length > 0 && indicator->measure != RM_MEASURE_COUNT) {
        rm_text_add(out, " ");
        rm_text_add(out, unit.data);
    }
    out->failed |= unit.failed || out->length < before;
    rm_text_clear(&unit);
}

void rm_words_reason(rm_text *out, const rm_result *result, int64_t area, int32_t indicator,
                     rm_language language)
{
    const rm_indicator *rule = &result->model->indicators[indicator];
    const rm_outcome *outcome = &result->outcomes[indicator];
    bool english = language == RM_ENGLISH;
    rm_text_add(out, rm_indicator_label(rule, language));
    rm_text_add(out, ": ");
    words_value(out, rule, outcome->value[area], language);
    if (isnan(outcome->contribution[area]))
        return;
    rm_text_add(out, english ? " (adds " : " (draagt ");
    rm_words_number(out, outcome->contribution[area], 2, language);
    rm_text_add(out, english ? "" : " bij");
    bool counted =
        rule->of >= 0 && rule->measure != RM_MEASURE_NEAREST && rule->measure != RM_MEASURE_COUNT;
    int32_t features = outcome->features[area];
    if (counted && features > 0)
        rm_text_addf(out, english ? "; %d %s" : "; %d %s", features,
                     english ? (features == 1 ? "object" : "objects")
                             : (features == 1 ? "object" : "objecten"));
    rm_text_add(out, ")");
}

void rm_words_disclaimer(rm_text *out, const rm_result *result, rm_language language)
{
    long long areas = (long long)result->areas->rows.table.rows;
    if (language == RM_ENGLISH)
        rm_text_addf(
            out,
            "A figure that compares these %lld areas; no suspicion, and by itself no ground "
            "for an inspection.",
            areas);
    else
        rm_text_addf(
            out,
            "Vergelijkend cijfer binnen deze %lld gebieden; geen verdenking en op zichzelf "
            "geen grond voor een controle.",
            areas);
}

const char *rm_words_shielded(rm_language language)
{
    return language == RM_ENGLISH ? "AFGESCHERMD (shielded): made with data that were not declared "
                                    "open; do not pass on."
                                  : "AFGESCHERMD: gemaakt met gegevens die niet openbaar zijn "
                                    "verklaard; niet verspreiden.";
}

/* What a reason is ordered by. Geometric contributions are logarithms, at most 0: what counts there
 * is how far one lies above the middle of the scale. */
static double weight_of_reason(const rm_result *result, int64_t area, int32_t indicator)
{
    double contribution = result->outcomes[indicator].contribution[area];
    if (!result->model->geometric)
        return contribution;
    double scaled = result->outcomes[indicator].scaled[area];
    double weight = result->model->indicators[indicator].weight;
    return weight * (log(fmax(scaled, result->model->floor)) - log(0.5));
}

int32_t rm_reasons_in_order(const rm_result *result, int64_t area, int32_t *indicators,
                            int32_t room)
{
    int32_t count = 0;
    for (int32_t k = 0; k < result->model->indicator_count; k++) {
        if (isnan(result->outcomes[k].contribution[area]) ||
            result->model->indicators[k].weight == 0)
            continue;
        double weight = weight_of_reason(result, area, k);
        int32_t at = count < room ? count++ : room;
        while (at > 0 && weight_of_reason(result, area, indicators[at - 1]) < weight) {
            if (at < room)
                indicators[at] = indicators[at - 1];
            at--;
        }
        if (at < room)
            indicators[at] = k;
    }
    return count;
}
