#include "base/file.h"
#include "base/folder.h"
#include "base/inputs.h"
#include "io/reader.h"
#include "model/json.h"
#include "output/check/match_folder.h"

#include <string.h>

/* The model's text while its layers are named anew, from front to back. */
typedef struct rewriting {
    rm_text *out;
    const rm_match *match;
    const char *path; /* of the new file */
    int64_t done;     /* how much of the old text is in out */
} rewriting;

static void copy_until(rewriting *all, int64_t end)
{
    rm_text_add_n(all->out, all->match->model->text + all->done, end - all->done);
    all->done = end;
}

static void replace(rewriting *all, const rm_json *value, const char *text)
{
    copy_until(all, value->begin);
    rm_text_add_json(all->out, text);
    all->done = value->end;
}

/* A source of the user's is beside the user; what the model names is beside the model. */
static rm_status road_to(char **out, const rewriting *all, const char *source, bool of_model,
                         rm_error *err)
{
    const rm_model *model = all->match->model;
    char *there = NULL;
    RM_TRY(rm_path_beside(&there, of_model && model->path ? model->path : "", source, err));
    rm_status status = strncmp(there, "PG:", 3) == 0 ? rm_copy_text(out, there, err)
                                                     : rm_path_from(out, all->path, there, err);
    rm_release(there);
    return status;
}

/* JSON is UTF-8; the name of a file need not be. */
static rm_status refuse_bytes(const char *named, rm_error *err)
{
    int64_t length = (int64_t)strlen(named);
    if (rm_utf8_valid(named, length) == length)
        return RM_OK;
    return rm_fail(err, RM_EINVAL,
                   "the name of %s is not UTF-8, so no model can name it; rename it", named);
}

/* What a layer is to be read from. */
typedef struct target {
    char *path, *layer; /* layer NULL: whatever the model says */
    bool of_model;
} target;

static rm_status target_of(target *out, const rewriting *all, const rm_json *source, int32_t number,
                           rm_error *err)
{
    const rm_layer_match *layer = &all->match->layers[number];
    const rm_found_source *found = layer->chosen >= 0 ? &all->match->sources[layer->chosen] : NULL;
    out->of_model = !found && !layer->given;
    if (layer->given)
        return rm_split_source(layer->given, &out->path, &out->layer, err);
    RM_TRY(rm_copy_text(&out->path, found ? found->path : source->text, err));
    return rm_copy_text(&out->layer, found ? found->layer : NULL, err);
}

static void write_source(rewriting *all, const rm_json *source, const char *named)
{
    /* where nothing moves, the model's own spelling stays */
    if (strcmp(named, source->text) != 0)
        replace(all, source, named);
}

/* The keys may stand in either order; "layer" comes behind the source where there was none. */
static void write_target(rewriting *all, const rm_json *node, const char *named, const char *layer,
                         bool only)
{
    const rm_json *source = rm_json_member(node, "source"), *inside = rm_json_member(node, "layer");
    if (inside && layer && inside->begin < source->begin)
        replace(all, inside, layer);
    write_source(all, source, named);
    if (inside && layer && inside->begin > source->begin) {
        replace(all, inside, layer);
    } else if (!inside && layer && !only) {
        copy_until(all, source->end);
        rm_text_add(all->out, ", \"layer\": ");
        rm_text_add_json(all->out, layer);
    }
}

static rm_status rewrite_layer(rewriting *all, const rm_json *node, int32_t number, rm_error *err)
{
    const rm_layer_match *layer = &all->match->layers[number];
    target to = {0};
    char *named = NULL;
    rm_status status = target_of(&to, all, rm_json_member(node, "source"), number, err);
    if (status == RM_OK)
        status = road_to(&named, all, to.path, to.of_model, err);
    if (status == RM_OK)
        status = refuse_bytes(named, err);
    if (status == RM_OK)
        write_target(all, node, named, to.layer,
                     layer->chosen >= 0 && all->match->sources[layer->chosen].only);
    rm_release(named);
    rm_release(to.path);
    rm_release(to.layer);
    return status;
}

static rm_status rewrite(rewriting *all, const rm_json *root, rm_error *err)
{
    const rm_json *layers = rm_json_member(root, "layers");
    int32_t number = 0;
    for (const rm_json *node = layers->first; node; node = node->next)
        RM_TRY(rewrite_layer(all, node, number++, err));
    copy_until(all, (int64_t)strlen(all->match->model->text));
    return rm_text_status(all->out, err);
}

/* The model's text with the sources of the match, named from `path`. */
static rm_status new_text(rm_text *out, const rm_match *match, const char *path, rm_error *err)
{
    const char *text = match->model->text;
    rm_json *root = NULL;
    rewriting all = {.out = out, .match = match, .path = path};
    RM_TRY(rm_json_parse(&root, text, (int64_t)strlen(text), err));
    rm_status status = rewrite(&all, root, err);
    rm_json_free(root);
    return status;
}

static rm_status refuse_sources(const rm_match *match, const char *path, rm_error *err)
{
    for (int64_t s = 0; s < match->source_count; s++)
        RM_TRY(rm_input_refuse(path, match->sources[s].path, err));
    return RM_OK;
}

rm_status rm_match_save(const rm_match *match, const char *path, bool overwrite, rm_error *err)
{
    rm_text text = {0};
    rm_model *again = NULL;
    char *temporary = NULL;
    RM_TRY(refuse_sources(match, path, err));
    RM_TRY(rm_file_check_target(path, NULL, overwrite, err));
    rm_status status = new_text(&text, match, path, err);
    if (status == RM_OK) /* what is written must be a model again */
        status = rm_model_from_text(&again, text.data, text.length, path, err);
    rm_model_free(again);
    if (status == RM_OK)
        status = rm_file_prepare(&temporary, path, text.data, text.length, err);
    if (status == RM_OK)
        status = rm_file_publish(temporary, path, overwrite, false, err);
    if (status != RM_OK)
        rm_file_remove(temporary);
    rm_release(temporary);
    rm_text_clear(&text);
    return status;
}
