#define _GNU_SOURCE
#include "base/inputs.h"

#include "base/file.h"
#include "base/text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static rm_status add_whole(rm_inputs *inputs, const char *file, rm_error *err)
{
    char *whole = realpath(file, NULL);
    if (!whole)
        return errno == ENOMEM ? rm_fail_memory(err) : RM_OK;
    rm_status status = RM_GROW(&inputs->path, &inputs->capacity, inputs->count + 1, err);
    if (status == RM_OK)
        status = rm_copy_text(&inputs->path[inputs->count], whole, err);
    inputs->count += status == RM_OK;
    free(whole);
    return status;
}

rm_status rm_inputs_add(rm_inputs *inputs, const char *source, rm_error *err)
{
    rm_text file = {0};
    if (!source || !*source)
        return RM_OK;
    const char *layer = strstr(source, "|layername=");
    rm_text_add_n(&file, source, layer ? layer - source : (int64_t)strlen(source));
    rm_status status = rm_text_status(&file, err);
    if (status == RM_OK)
        status = add_whole(inputs, file.data, err);
    rm_text_clear(&file);
    return status;
}

rm_status rm_input_refuse(const char *target, const char *source, rm_error *err)
{
    if (!rm_file_same(target, source))
        return RM_OK;
    return rm_fail(err, RM_EINVAL,
                   "%s is one of the files that were read, and would be replaced: choose another "
                   "name",
                   target);
}

rm_status rm_inputs_refuse(const rm_inputs *inputs, const char *target, rm_error *err)
{
    for (int64_t i = 0; i < inputs->count; i++)
        RM_TRY(rm_input_refuse(target, inputs->path[i], err));
    return RM_OK;
}

void rm_inputs_clear(rm_inputs *inputs)
{
    for (int64_t i = 0; i < inputs->count; i++)
        rm_release(inputs->path[i]);
    rm_release(inputs->path);
    *inputs = (rm_inputs){0};
}
