#include "output/inspect/guesses.h"

#include "base/text.h"
#include "io/open.h"

#include <string.h>

enum { SAMPLE = 1000 };

static rm_status take(rm_guesses *out, const rm_roles *roles, const rm_table *sample, rm_error *err)
{
    for (int r = 0; r < RM_ROLES; r++) {
        int32_t column = roles->of[r].column;
        if (column < 0)
            continue;
        rm_guessed *item = &out->items[out->count];
        RM_TRY(rm_copy_text(&item->column, sample->columns[column].name, err));
        item->role = (rm_role)r;
        item->sure = roles->of[r].sure;
        out->count++;
    }
    out->crs = roles->crs;
    out->swapped = roles->swapped;
    return RM_OK;
}

rm_status rm_guesses_read(rm_guesses *out, const char *path, const char *layer, const char *driver,
                          rm_error *err)
{
    rm_table sample = {0};
    rm_roles roles;
    rm_error why = {0};
    if (strcmp(driver, "Delimited text") != 0 && !rm_is_workbook(path))
        return RM_OK;
    rm_status status = rm_roles_sample(&sample, path, layer, SAMPLE, &why);
    if (status == RM_OK)
        status = rm_roles_guess(&roles, &sample, &why);
    if (status == RM_OK)
        status = take(out, &roles, &sample, &why);
    rm_table_clear(&sample);
    return status == RM_ENOMEM ? rm_fail_memory(err) : RM_OK;
}

void rm_guesses_clear(rm_guesses *guesses)
{
    for (int32_t i = 0; i < guesses->count; i++)
        rm_release(guesses->items[i].column);
    *guesses = (rm_guesses){.count = 0};
}
