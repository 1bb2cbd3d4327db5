#include "riskmap/result.h"

#include "base/text.h"
#include "model/run.h"
#include "output/words.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const char *text_or_empty(const char *text)
{
    return text ? text : "";
}

static rm_status check_index(const char *what, int64_t index, int64_t count, rm_error *err)
{
    if (index >= 0 && index < count)
        return RM_OK;
    return rm_fail(err, RM_EINVAL, "%s %lld does not exist; there are %lld, counted from 0", what,
                   (long long)index, (long long)count);
}

static int64_t areas_of(const rm_result *result)
{
    return result->areas->rows.table.rows;
}

/* Copies text into the caller's buffer, cut on a UTF-8 boundary. */
static rm_status copy_out(rm_text *text, char *out, size_t size, rm_error *err)
{
    rm_status status = rm_text_status(text, err);
    if (status == RM_OK && size > 0) {
        int64_t length = text->length < (int64_t)size ? text->length : (int64_t)size - 1;
        length = rm_utf8_valid(text->data, length);
        if (length > 0)
            memcpy(out, text->data, (size_t)length);
        out[length] = '\0';
    }
    rm_text_clear(text);
    return status;
}

void rm_result_free(rm_result *result)
{
    rm_result_clear(result);
}

int32_t rm_result_is_shielded(const rm_result *result)
{
    return result->shielded;
}

int64_t rm_result_area_count(const rm_result *result)
{
    return areas_of(result);
}

int64_t rm_result_ranked_count(const rm_result *result)
{
    return result->ranked;
}

rm_status rm_result_area(const rm_result *result, int64_t index, rm_area *out, rm_error *err)
{
    RM_TRY(check_index("area", index, areas_of(result), err));
    *out = (rm_area){.fid = result->areas->rows.ids[index],
                     .id = result->ids.text + result->ids.at[index],
                     .name = result->names.text + result->names.at[index],
                     .type = text_or_empty(result->model->areas_type),
                     .score = result->score[index],
                     .coverage = result->coverage[index],
                     .area_m2 = result->area_m2[index],
                     .rank = result->rank[index],
                     .class_ = result->class_[index]};
    return RM_OK;
}

int64_t rm_result_ranked(const rm_result *result, int64_t position)
{
    return position >= 0 && position < result->ranked ? result->order[position] : -1;
}

int32_t rm_result_indicator_count(const rm_result *result)
{
    return result->model->indicator_count;
}

rm_status rm_result_indicator_at(const rm_result *result, int32_t index, rm_result_indicator *out,
                                 rm_error *err)
{
    RM_TRY(check_index("indicator", index, result->model->indicator_count, err));
    const rm_indicator *indicator = &result->model->indicators[index];
    const rm_scaling *scaling = &result->outcomes[index].scaling;
    bool ranked = indicator->scale == RM_SCALE_RANK || indicator->scale == RM_SCALE_PERCENTILE;
    *out = (rm_result_indicator){.name = indicator->name,
                                 .label = indicator->label,
                                 .label_en = rm_indicator_label(indicator, RM_ENGLISH),
                                 .why = indicator->why,
                                 .why_en = rm_indicator_why(indicator, RM_ENGLISH),
                                 .pillar = indicator->pillar,
                                 .measure = rm_measure_rule_of(indicator->measure)->name,
                                 .scale = rm_scale_names[indicator->scale],
                                 .weight = indicator->weight,
                                 .scale_a = ranked ? NAN : scaling->a,
                                 .scale_b = ranked ? NAN : scaling->b,
                                 .direction = indicator->direction,
                                 .decimals = rm_measure_rule_of(indicator->measure)->decimals};
    rm_text unit = {0}, unit_en = {0};
    rm_indicator_unit(indicator, RM_DUTCH, &unit);
    rm_indicator_unit(indicator, RM_ENGLISH, &unit_en);
    RM_TRY(copy_out(&unit, out->unit, sizeof out->unit, err));
    return copy_out(&unit_en, out->unit_en, sizeof out->unit_en, err);
}

rm_status rm_result_contribution(const rm_result *result, int64_t area, int32_t indicator,
                                 rm_contribution *out, rm_error *err)
{
    RM_TRY(check_index("area", area, areas_of(result), err));
    RM_TRY(check_index("indicator", indicator, result->model->indicator_count, err));
    const rm_outcome *outcome = &result->outcomes[indicator];
    *out = (rm_contribution){.value = outcome->value[area],
                             .scaled = outcome->scaled[area],
                             .contribution = outcome->contribution[area],
                             .features = outcome->features[area],
                             .missing = outcome->missing[area]};
    return RM_OK;
}

int32_t rm_result_reasons(const rm_result *result, int64_t area, int32_t *indicators, int32_t room)
{
    if (area < 0 || area >= areas_of(result) || room <= 0)
        return 0;
    return rm_reasons_in_order(result, area, indicators, room);
}

rm_status rm_result_reason_text(const rm_result *result, int64_t area, int32_t indicator,
                                const char *language, char *out, size_t size, rm_error *err)
{
    rm_text text = {0};
    rm_language chosen;
    RM_TRY(check_index("area", area, areas_of(result), err));
    RM_TRY(check_index("indicator", indicator, result->model->indicator_count, err));
    RM_TRY(rm_language_read(&chosen, language, err));
    rm_words_reason(&text, result, area, indicator, chosen);
    return copy_out(&text, out, size, err);
}

rm_status rm_result_disclaimer(const rm_result *result, const char *language, char *out,
                               size_t size, rm_error *err)
{
    rm_text text = {0};
    rm_language chosen;
    RM_TRY(rm_language_read(&chosen, language, err));
    rm_words_disclaimer(&text, result, chosen);
    return copy_out(&text, out, size, err);
}

int32_t rm_result_pillar_count(const rm_result *result)
{
    return result->pillar_count;
}

const char *rm_result_pillar(const rm_result *result, int32_t pillar)
{
    return pillar >= 0 && pillar < result->pillar_count ? result->pillars[pillar].name : NULL;
}

rm_status rm_result_pillar_score(const rm_result *result, int64_t area, int32_t pillar,
                                 double *score, int32_t *rank, rm_error *err)
{
    RM_TRY(check_index("area", area, areas_of(result), err));
    RM_TRY(check_index("pillar", pillar, result->pillar_count, err));
    *score = result->pillars[pillar].score[area];
    if (rank)
        *rank = result->pillars[pillar].rank[area];
    return RM_OK;
}

int64_t rm_result_issue_count(const rm_result *result)
{
    return result->issues.count;
}

rm_status rm_result_issue_at(const rm_result *result, int64_t index, rm_result_issue *out,
                             rm_error *err)
{
    RM_TRY(check_index("issue", index, result->issues.count, err));
    const rm_issue *issue = &result->issues.items[index];
    *out =
        (rm_result_issue){.severity = rm_severity_name((rm_severity)issue->severity),
                          .code = rm_issue_code_name((rm_issue_code)issue->code),
                          .layer = issue->layer < 0 ? "" : result->model->layers[issue->layer].name,
                          .feature = issue->feature};
    rm_issue_message(issue, out->message, sizeof out->message);
    return RM_OK;
}

int32_t rm_result_layer_count(const rm_result *result)
{
    return result->model->layer_count;
}

rm_status rm_result_layer_at(const rm_result *result, int32_t index, rm_result_layer *out,
                             rm_error *err)
{
    RM_TRY(check_index("layer", index, result->model->layer_count, err));
    const rm_provenance *layer = &result->layers[index];
    *out = (rm_result_layer){.name = result->model->layers[index].name,
                             .source = text_or_empty(layer->source),
                             .driver = text_or_empty(layer->driver),
                             .fingerprint = text_or_empty(layer->fingerprint),
                             .crs = text_or_empty(layer->crs),
                             .crs_operation = text_or_empty(layer->crs_operation),
                             .missing_grid = text_or_empty(layer->missing_grid),
                             .crs_accuracy_m = layer->crs_accuracy_m,
                             .total = layer->total,
                             .outside = layer->outside,
                             .filtered = layer->filtered,
                             .read = layer->read,
                             .used = layer->used,
                             .rejected = layer->rejected,
                             .first_date = layer->first_date,
                             .last_date = layer->last_date,
                             .shielded = layer->shielded,
                             .located = result->model->layers[index].locate >= 0,
                             .profile = text_or_empty(layer->profile),
                             .ended = layer->ended,
                             .left_out = layer->left_out,
                             .address_exact = layer->address_exact,
                             .address_number = layer->address_number,
                             .address_ambiguous = layer->address_ambiguous,
                             .address_unknown = layer->address_unknown};
    return RM_OK;
}
