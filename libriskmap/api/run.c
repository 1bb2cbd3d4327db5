#include "api/options.h"

#include "base/date.h"
#include "base/parallel.h"
#include "base/text.h"
#include "io/gdal/env.h"
#include "io/gpkg/geopackage.h"
#include "io/open.h"
#include "model/run.h"
#include "output/result/write.h"
#include "output/whole_layer.h"

#include <string.h>

void rm_run_options_init(rm_run_options *options)
{
    *options = (rm_run_options)RM_RUN_OPTIONS_INIT;
}

void rm_write_options_init(rm_write_options *options)
{
    *options = (rm_write_options)RM_WRITE_OPTIONS_INIT;
}

static rm_status no_such_layer(const rm_model *model, const char *name, rm_error *err)
{
    const char **names = NULL;
    RM_TRY(RM_NEW(&names, model->layer_count, err));
    for (int32_t l = 0; l < model->layer_count; l++)
        names[l] = model->layers[l].name;
    const char *near = rm_text_nearest(name, names, model->layer_count);
    rm_release(names);
    if (near)
        return rm_fail(err, RM_ENOTFOUND, "the model has no layer \"%s\"; did you mean \"%s\"?",
                       name, near);
    return rm_fail(err, RM_ENOTFOUND, "the model has no layer \"%s\"", name);
}

static rm_status check_layer_name(const rm_model *model, const char *name, rm_error *err)
{
    return rm_model_find_layer(model, name) < 0 ? no_such_layer(model, name, err) : RM_OK;
}

static rm_status check_overrides(const rm_model *model, const rm_run_options *options,
                                 rm_error *err)
{
    if (options->override_count < 0 ||
        (options->override_count > 0 && (!options->override_names || !options->override_sources)))
        return rm_fail(err, RM_EINVAL, "override_count is %d but the names or sources are missing",
                       options->override_count);
    for (int32_t o = 0; o < options->override_count; o++) {
        const char *name = options->override_names[o];
        if (!name || !options->override_sources[o])
            return rm_fail(err, RM_EINVAL, "override %d has no name or no source", o);
        RM_TRY(check_layer_name(model, name, err));
    }
    return RM_OK;
}

static rm_status check_memory(const rm_model *model, const rm_run_options *options, rm_error *err)
{
    if (options->memory_count < 0 ||
        (options->memory_count > 0 && (!options->memory_names || !options->memory_layers)))
        return rm_fail(err, RM_EINVAL, "memory_count is %d but the names or layers are missing",
                       options->memory_count);
    for (int32_t m = 0; m < options->memory_count; m++) {
        if (!options->memory_names[m] || !options->memory_layers[m])
            return rm_fail(err, RM_EINVAL, "layer %d in memory has no name, or is NULL", m);
        RM_TRY(check_layer_name(model, options->memory_names[m], err));
    }
    return RM_OK;
}

rm_status rm_run_options_read(rm_run_options *out, const rm_model *model,
                              const rm_run_options *options, rm_error *err)
{
    rm_run_options_init(out);
    if (!model)
        return rm_fail(err, RM_EINVAL, "there is no model");
    RM_TRY(RM_TAKE_OPTIONS(out, options, rm_run_options, RM_RUN_OPTIONS_INIT, as_of, err));
    if (out->threads < 0 || out->threads > 64)
        return rm_fail(err, RM_EINVAL, "threads is %d; 0 (all cores) to 64", out->threads);
    RM_TRY(check_overrides(model, out, err));
    return check_memory(model, out, err);
}

rm_status rm_run_overrides(rm_override **out, int32_t *count, const rm_run_options *options,
                           rm_error *err)
{
    int32_t from_memory = options->memory_count, at = 0;
    *count = from_memory + options->override_count;
    RM_TRY(RM_NEW(out, *count, err));
    for (int32_t m = 0; m < from_memory; m++) /* first, so that they win */
        (*out)[at++] = (rm_override){options->memory_names[m], NULL, options->memory_layers[m]};
    for (int32_t o = 0; o < options->override_count; o++)
        (*out)[at++] =
            (rm_override){options->override_names[o], options->override_sources[o], NULL};
    return RM_OK;
}

/* What is never written over, not even when asked: it would be gone. */
static rm_status keep_inputs(rm_result *result, const rm_run_options *options, rm_error *err)
{
    rm_inputs *inputs = &result->inputs;
    for (int32_t l = 0; l < result->model->layer_count; l++)
        RM_TRY(rm_inputs_add(inputs, result->layers[l].source, err));
    for (int32_t m = 0; m < options->memory_count; m++)
        RM_TRY(rm_note_input(inputs, NULL, options->memory_layers[m], err));
    RM_TRY(rm_inputs_add(inputs, result->model->path, err));
    return rm_inputs_add(inputs, result->reference, err);
}

static rm_status run_with(rm_result **out, const rm_model *model, const rm_run_options *options,
                          rm_error *err)
{
    rm_progress progress;
    rm_override *overrides = NULL;
    rm_result *result = NULL;
    char *command = NULL;
    RM_TRY(rm_copy_text(&command, options->command, err));
    if (command)
        rm_redact(command); /* it is recorded in the result */
    int32_t given = 0;
    rm_status status = rm_run_overrides(&overrides, &given, options, err);
    if (status != RM_OK) {
        rm_release(command);
        return status;
    }
    rm_progress_start(&progress, options->progress, options->progress_user);
    rm_run_request request = {.threads = rm_threads(options->threads),
                              .only_best = options->only_best != 0,
                              .as_of =
                                  options->as_of == RM_NO_DATE ? rm_date_today() : options->as_of,
                              .overrides = overrides,
                              .override_count = given,
                              .reference = options->reference,
                              .command = command,
                              .open = rm_open,
                              .progress = &progress};
    status = rm_model_run(&result, model, &request, err);
    rm_release(overrides);
    rm_release(command);
    if (status == RM_OK)
        status = keep_inputs(result, options, err);
    if (status == RM_OK)
        *out = result;
    else
        rm_result_clear(result);
    return status;
}

rm_status rm_run(rm_result **out, const rm_model *model, const rm_run_options *options,
                 rm_error *err)
{
    rm_run_options taken;
    RM_TRY(rm_run_options_read(&taken, model, options, err));
    return run_with(out, model, &taken, err);
}

static rm_status take_write_options(rm_write_options *out, const rm_write_options *options,
                                    rm_error *err)
{
    rm_write_options_init(out);
    RM_TRY(RM_TAKE_OPTIONS(out, options, rm_write_options, RM_WRITE_OPTIONS_INIT, language, err));
    if (out->rows < 0)
        return rm_fail(err, RM_EINVAL, "rows is %lld; 0 (all) or more", (long long)out->rows);
    return RM_OK;
}

static rm_status write_options_read(rm_write_options *out, const rm_result *result,
                                    const char *path, const rm_write_options *options,
                                    rm_error *err)
{
    if (!result || !path || !*path)
        return rm_fail(err, RM_EINVAL, "there is no result or no path to write to");
    RM_TRY(rm_inputs_refuse(&result->inputs, path, err));
    return take_write_options(out, options, err);
}

rm_status rm_result_table(rm_layer **out, const rm_result *result, const char *table,
                          const char *language, rm_error *err)
{
    rm_language chosen;
    if (!out || !result || !table)
        return rm_fail(err, RM_EINVAL, "there is no result, no name of a table, or out is NULL");
    RM_TRY(rm_language_read(&chosen, language, err));
    return rm_take_result_table(out, result, table, chosen, err);
}

rm_status rm_result_write_check(const char *path, const rm_write_options *options, rm_error *err)
{
    rm_write_options taken;
    if (!path || !*path)
        return rm_fail(err, RM_EINVAL, "there is no path to write to");
    RM_TRY(take_write_options(&taken, options, err));
    return rm_is_database(path) ? rm_check_postgis(path, taken.schema, taken.overwrite != 0, err)
                                : rm_gpkg_check_target(path, taken.overwrite != 0, err);
}

rm_status rm_result_write(const rm_result *result, const char *path,
                          const rm_write_options *options, rm_error *err)
{
    rm_write_options taken;
    rm_language language;
    rm_progress progress;
    RM_TRY(write_options_read(&taken, result, path, options, err));
    RM_TRY(rm_language_read(&language, taken.language, err));
    rm_progress_start(&progress, taken.progress, taken.progress_user);
    if (rm_is_database(path))
        return rm_write_to_postgis(result, path, taken.schema, taken.overwrite != 0, language,
                                   &progress, err);
    return rm_write_result(result, path, taken.overwrite != 0, language, &progress, err);
}

rm_status rm_result_write_table(const rm_result *result, const char *path,
                                const rm_write_options *options, rm_error *err)
{
    rm_write_options taken;
    rm_language language;
    rm_progress progress;
    RM_TRY(write_options_read(&taken, result, path, options, err));
    RM_TRY(rm_language_read(&language, taken.language, err));
    rm_progress_start(&progress, taken.progress, taken.progress_user);
    return rm_write_meeting_list(result, path, taken.overwrite != 0, language, taken.rows,
                                 &progress, err);
}
