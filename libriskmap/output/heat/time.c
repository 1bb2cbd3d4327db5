#include "output/heat/time.h"

#include "base/date.h"
#include "base/text.h"
#include "output/inspect/guesses.h"
#include "output/whole_layer.h"

bool rm_heat_needs_dates(const rm_heatmap_options *options)
{
    return options->time || options->from != RM_NO_DATE || options->until != RM_NO_DATE ||
           options->compare_from != RM_NO_DATE || options->compare_until != RM_NO_DATE ||
           options->half_life_days > 0 || options->distinct != RM_COUNT_ALL;
}

static const char *only_date(const rm_table *columns)
{
    const char *found = NULL;
    for (int32_t c = 0; c < columns->count; c++) {
        if (columns->columns[c].type != RM_DATE && columns->columns[c].type != RM_DATETIME)
            continue;
        if (found)
            return NULL;
        found = columns->columns[c].name;
    }
    return found;
}

static const char *guessed_date(const rm_guesses *guesses)
{
    for (int32_t g = 0; g < guesses->count; g++)
        if (guesses->items[g].role == RM_ROLE_DATE)
            return guesses->items[g].column;
    return NULL;
}

static rm_status no_date_field(const rm_table *columns, rm_error *err)
{
    rm_text names = {0};
    for (int32_t c = 0; c < columns->count; c++)
        rm_text_addf(&names, "%s%s", c ? ", " : "", columns->columns[c].name);
    rm_status status = rm_fail(err, RM_EINVAL,
                               "a period or half-life needs to know which field holds the date; "
                               "name it as the time. The fields are: %.600s",
                               names.data ? names.data : "none");
    rm_release(names.data);
    return status;
}

static rm_status find_time(char **out, const rm_listing *listing, const char *source,
                           const char *layer, rm_error *err)
{
    rm_guesses guesses = {0};
    const rm_listed_layer *listed = rm_listed_layer_of(listing, layer);
    if (!listed)
        return RM_OK; /* opening it will say what is wrong */
    const char *date = only_date(&listed->columns);
    rm_status status = RM_OK;
    if (!date) {
        status = rm_guesses_read(&guesses, source, layer, listing->driver, err);
        date = guessed_date(&guesses);
    }
    if (status == RM_OK)
        status = date ? rm_copy_text(out, date, err) : no_date_field(&listed->columns, err);
    rm_guesses_clear(&guesses);
    return status;
}

/* A layer in memory is a table, whatever it was read from, and its fields may be texts. */
static rm_status find_time_in_memory(char **out, const rm_layer *layer, rm_error *err)
{
    enum { SAMPLE = 1000 };
    rm_table sample = {0};
    rm_roles roles;
    const char *date = only_date(&layer->rows.table);
    rm_status status = RM_OK;
    if (!date) {
        RM_TRY(rm_roles_sample_memory(&sample, layer, SAMPLE, err));
        status = rm_roles_guess(&roles, &sample, err);
        if (status == RM_OK && roles.of[RM_ROLE_DATE].column >= 0)
            date = sample.columns[roles.of[RM_ROLE_DATE].column].name;
    }
    if (status == RM_OK)
        status = date ? rm_copy_text(out, date, err) : no_date_field(&layer->rows.table, err);
    rm_table_clear(&sample);
    return status;
}

rm_status rm_heat_time(char **out, const char *source, const rm_heatmap_options *options,
                       rm_error *err)
{
    rm_listing listing = {0};
    *out = NULL;
    if (options->time || !rm_heat_needs_dates(options))
        return rm_copy_text(out, options->time, err);
    if (options->memory_points)
        return find_time_in_memory(out, options->memory_points, err);
    RM_TRY(rm_list(&listing, source, err));
    rm_status status = find_time(out, &listing, source, options->layer, err);
    rm_listing_clear(&listing);
    return status;
}
