#include "riskmap/model.h"

#include "base/file.h"
#include "model/model.h"

#include <string.h>

#define MAX_BYTES (INT64_C(16) << 20)

rm_status rm_model_read(rm_model **out, const char *path, rm_error *err)
{
    if (!out || !path)
        return rm_fail(err, RM_EINVAL, "rm_model_read: out and path must not be NULL");
    char *text;
    int64_t size;
    RM_TRY(rm_file_read(&text, &size, path, MAX_BYTES, err));
    rm_status status = rm_model_from_text(out, text, size, path, err);
    rm_release(text);
    return status;
}

rm_status rm_model_parse(rm_model **out, const char *text, const char *base, rm_error *err)
{
    if (!out || !text)
        return rm_fail(err, RM_EINVAL, "rm_model_parse: out and text must not be NULL");
    size_t length = strlen(text);
    if (length > (size_t)MAX_BYTES)
        return rm_fail(err, RM_ELIMIT, "the model is larger than 16 MiB");
    return rm_model_from_text(out, text, (int64_t)length, base, err);
}

const char *rm_model_name(const rm_model *model)
{
    return model->name;
}

const char *rm_model_title(const rm_model *model)
{
    return model->title ? model->title : "";
}

const char *rm_model_text(const rm_model *model)
{
    return model->text;
}

int32_t rm_model_layer_count(const rm_model *model)
{
    return model->layer_count;
}

const char *rm_model_layer_name(const rm_model *model, int32_t index)
{
    return index >= 0 && index < model->layer_count ? model->layers[index].name : NULL;
}

int32_t rm_model_indicator_count(const rm_model *model)
{
    return model->indicator_count;
}

double rm_model_min_coverage(const rm_model *model)
{
    return model->min_coverage;
}
