#include "riskmap/match.h"

#include "output/check/match_folder.h"

static const char *text_or_empty(const char *text)
{
    return text ? text : "";
}

static rm_status check_layer(const rm_match *match, int32_t layer, rm_error *err)
{
    if (layer >= 0 && layer < match->model->layer_count)
        return RM_OK;
    return rm_fail(err, RM_EINVAL, "layer %d does not exist; there are %d, counted from 0", layer,
                   match->model->layer_count);
}

static rm_status check_source(const rm_match *match, int32_t source, rm_error *err)
{
    if (source >= 0 && source < match->source_count)
        return RM_OK;
    return rm_fail(err, RM_EINVAL, "source %d does not exist; there are %d, counted from 0", source,
                   (int)match->source_count);
}

rm_status rm_match_folder(rm_match **out, const rm_model *model, const char *folder,
                          rm_progress_fn progress, void *progress_user, rm_error *err)
{
    rm_progress reporting;
    if (!out || !model || !folder || !*folder)
        return rm_fail(err, RM_EINVAL,
                       "rm_match_folder: out, model and folder must not be NULL or empty");
    rm_progress_start(&reporting, progress, progress_user);
    return rm_match_make(out, model, folder, &reporting, err);
}

void rm_match_free(rm_match *match)
{
    rm_match_clear(match);
}

int32_t rm_match_source_count(const rm_match *match)
{
    return (int32_t)match->source_count;
}

rm_status rm_match_source_at(const rm_match *match, int32_t index, rm_match_source *out,
                             rm_error *err)
{
    RM_TRY(check_source(match, index, err));
    const rm_found_source *source = &match->sources[index];
    const rm_profile *profile = source->profile;
    *out = (rm_match_source){.path = source->path,
                             .layer = text_or_empty(source->layer),
                             .taken_for = profile ? profile->title : "",
                             .taken_for_en = !profile            ? ""
                                             : profile->title_en ? profile->title_en
                                                                 : profile->title,
                             .geometry_type = text_or_empty(source->geometry_type),
                             .problem = text_or_empty(source->problem),
                             .features = source->features};
    return RM_OK;
}

int32_t rm_match_layer_count(const rm_match *match)
{
    return match->model->layer_count;
}

rm_status rm_match_layer(const rm_match *match, int32_t layer, rm_matched_layer *out, rm_error *err)
{
    RM_TRY(check_layer(match, layer, err));
    const rm_layer_match *found = &match->layers[layer];
    *out = (rm_matched_layer){.name = match->model->layers[layer].name,
                              .fields = text_or_empty(found->fields.data),
                              .source = found->source,
                              .state = (int32_t)found->state,
                              .chosen = found->chosen,
                              .fit_count = found->fit_count};
    return RM_OK;
}

int32_t rm_match_fit(const rm_match *match, int32_t layer, int32_t index)
{
    if (check_layer(match, layer, NULL) != RM_OK || index < 0 ||
        index >= match->layers[layer].fit_count)
        return -1;
    return match->layers[layer].fits[index].source;
}

rm_status rm_match_choose(rm_match *match, int32_t layer, int32_t source, rm_error *err)
{
    RM_TRY(check_layer(match, layer, err));
    if (source >= 0)
        RM_TRY(check_source(match, source, err));
    if (source >= 0 && match->sources[source].problem)
        return rm_fail(err, RM_EINVAL, "%s cannot be read: %s", match->sources[source].path,
                       match->sources[source].problem);
    rm_layer_match *found = &match->layers[layer];
    found->chosen = source < 0 ? -1 : source;
    found->state = source >= 0 ? RM_MATCH_TAKEN : found->there ? RM_MATCH_KEPT : RM_MATCH_MISSING;
    rm_release(found->given);
    found->given = NULL;
    return rm_match_name_source(match, layer, err);
}

rm_status rm_match_give(rm_match *match, const char *layer, const char *source, rm_error *err)
{
    char *copy = NULL;
    int32_t number = layer ? rm_model_find_layer(match->model, layer) : -1;
    if (number < 0 || !source || !*source)
        return rm_fail(err, number < 0 ? RM_ENOTFOUND : RM_EINVAL,
                       number < 0 ? "the model has no layer \"%s\"" : "layer \"%s\" has no source",
                       text_or_empty(layer));
    RM_TRY(rm_copy_text(&copy, source, err));
    rm_layer_match *found = &match->layers[number];
    rm_release(found->given);
    found->given = copy;
    found->chosen = -1;
    found->state = RM_MATCH_TAKEN;
    return rm_match_name_source(match, number, err);
}

rm_status rm_match_write(const rm_match *match, const char *path, int32_t overwrite, rm_error *err)
{
    if (!match || !path || !*path)
        return rm_fail(err, RM_EINVAL, "there is no match or no path to write to");
    return rm_match_save(match, path, overwrite != 0, err);
}
