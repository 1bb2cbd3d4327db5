/* Feeds bytes to the model reader: JSON, keys, filters and checks. What it refuses must come with
 * one line of sound UTF-8; what it accepts must be accepted again. Links libriskmap_model.a,
 * libriskmap_data.a and libriskmap_base.a; start it with corpus/model and -max_len=4096. */
#include "base/text.h"
#include "model/model.h"
#include "riskmap/model.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void need(bool condition)
{
    if (!condition)
        abort();
}

static void check_model(const rm_model *model)
{
    need(model->layer_count > 0 && model->indicator_count > 0);
    need(model->areas_layer >= 0 && model->areas_layer < model->layer_count);
    for (int32_t k = 0; k < model->indicator_count; k++) {
        const rm_indicator *indicator = &model->indicators[k];
        const rm_measure_rule *rule = rm_measure_rule_of(indicator->measure);
        need(indicator->of < model->layer_count && (indicator->of >= 0 || !rule->of_needed));
        need(indicator->per < model->layer_count && (indicator->per >= 0) == rule->per_needed);
        need((indicator->field != NULL) == rule->field_needed);
        need(indicator->weight >= 0 && indicator->name && indicator->label && indicator->why);
        need((indicator->where != NULL) == (indicator->filter != NULL));
    }
    for (int32_t b = 0; b < model->class_count; b++)
        need(model->classes[b] > (b ? model->classes[b - 1] : 0) && model->classes[b] < 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    rm_model *model = NULL, *again = NULL;
    rm_error err;
    if (rm_model_from_text(&model, (const char *)data, (int64_t)size, NULL, &err) == RM_OK) {
        check_model(model);
        need(rm_model_from_text(&again, model->text, (int64_t)size, model->path, &err) == RM_OK);
        rm_model_free(again);
        rm_model_free(model);
    } else {
        int64_t length = (int64_t)strlen(err.message);
        need(model == NULL && length > 0 && rm_utf8_valid(err.message, length) == length);
        need(!strpbrk(err.message, "\n\r\t"));
    }
    return 0;
}
