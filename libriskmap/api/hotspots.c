#include "riskmap/hotspots.h"

#include "api/options.h"
#include "output/hotspots/hotspots.h"

#include <math.h>
#include <stdio.h>

void rm_hotspots_options_init(rm_hotspots_options *options)
{
    *options = (rm_hotspots_options)RM_HOTSPOTS_OPTIONS_INIT;
}

static rm_status check_choices(const rm_hotspots_options *options, rm_error *err)
{
    if (options->statistic < RM_HOTSPOTS_GI_STAR || options->statistic > RM_HOTSPOTS_LOCAL_MORAN)
        return rm_fail(err, RM_EINVAL,
                       "statistic %d does not exist; RM_HOTSPOTS_GI_STAR or "
                       "RM_HOTSPOTS_LOCAL_MORAN",
                       options->statistic);
    if (options->neighbours < RM_NEIGHBOURS_QUEEN || options->neighbours > RM_NEIGHBOURS_NEAREST)
        return rm_fail(err, RM_EINVAL,
                       "neighbours %d does not exist; RM_NEIGHBOURS_QUEEN to RM_NEIGHBOURS_NEAREST",
                       options->neighbours);
    if (options->p_by < RM_P_SHARED || options->p_by > RM_P_ANALYTIC)
        return rm_fail(err, RM_EINVAL, "p_by %d does not exist; RM_P_SHARED to RM_P_ANALYTIC",
                       options->p_by);
    return RM_OK;
}

static rm_status check_value(const rm_hotspots_options *options, rm_error *err)
{
    bool counted = options->count || options->memory_count;
    bool per = options->per || options->memory_per;
    if ((options->field != NULL) == counted)
        return rm_fail(err, RM_EINVAL,
                       "give either the field that holds the value of an area, or the points to "
                       "count in the areas");
    if (per && options->per_field)
        return rm_fail(err, RM_EINVAL, "the exposure is a field or points to count, not both");
    if (!(options->per_units > 0 && options->per_units < INFINITY))
        return rm_fail(err, RM_EINVAL, "per_units is %g; it must be above 0", options->per_units);
    return RM_OK;
}

static rm_status check_layers(const char *areas, const rm_hotspots_options *options, rm_error *err)
{
    const rm_given_layer given[] = {
        {"areas", areas, "memory_areas", options->memory_areas, "layer", options->layer},
        {"count", options->count, "memory_count", options->memory_count, "count_layer",
         options->count_layer},
        {"per", options->per, "memory_per", options->memory_per, "per_layer", options->per_layer}};
    if ((!areas || !*areas) && !options->memory_areas)
        return rm_fail(err, RM_EINVAL,
                       "there is no source of areas: give their path, or memory_areas");
    return rm_check_given(given, (int)(sizeof given / sizeof *given), err);
}

static rm_status check_numbers(const rm_hotspots_options *options, rm_error *err)
{
    if (options->threads < 0 || options->threads > 64)
        return rm_fail(err, RM_EINVAL, "threads is %d; 0 (all cores) to 64", options->threads);
    if (!(options->tolerance_m >= 0 && options->tolerance_m < INFINITY))
        return rm_fail(err, RM_EINVAL, "the tolerance is %g m; 0 or more", options->tolerance_m);
    if (options->neighbours == RM_NEIGHBOURS_BAND &&
        !(options->metres > 0 && options->metres < INFINITY))
        return rm_fail(err, RM_EINVAL, "the band of neighbours is %g m; it must be above 0",
                       options->metres);
    if (options->neighbours == RM_NEIGHBOURS_NEAREST && options->nearest < 1)
        return rm_fail(err, RM_EINVAL, "nearest is %d; at least 1", options->nearest);
    if (options->permutations < 0 || options->permutations > 9999999)
        return rm_fail(err, RM_EINVAL, "permutations is %d; 0 (as many as fit) to 9,999,999",
                       options->permutations);
    if (options->p_by == RM_P_SHARED && options->permutations > 0 && options->permutations < 99999)
        return rm_fail(err, RM_EINVAL,
                       "permutations is %d; a shared table needs 99999 or more, for its error is "
                       "the same for all areas: take RM_P_OWN for fewer",
                       options->permutations);
    return RM_OK;
}

rm_status rm_hotspots_make(rm_hotspots **out, const char *areas, const rm_hotspots_options *options,
                           rm_error *err)
{
    rm_hotspots_options taken = RM_HOTSPOTS_OPTIONS_INIT;
    rm_progress progress;
    if (!out)
        return rm_fail(err, RM_EINVAL, "rm_hotspots_make: out must not be NULL");
    RM_TRY(RM_TAKE_OPTIONS(&taken, options, rm_hotspots_options, RM_HOTSPOTS_OPTIONS_INIT, layer,
                           err));
    RM_TRY(check_choices(&taken, err));
    RM_TRY(check_numbers(&taken, err));
    RM_TRY(check_layers(areas, &taken, err));
    RM_TRY(check_value(&taken, err));
    if (!taken.target_crs)
        taken.target_crs = "EPSG:28992";
    taken.threads = rm_threads(taken.threads);
    if (taken.memory_areas)
        areas = "the layer of areas in memory";
    rm_progress_start(&progress, taken.progress, taken.progress_user);
    RM_TRY(rm_progress_report(&progress, 0.0, areas, err));
    return rm_hotspots_build(out, areas, &taken, &progress, err);
}

int64_t rm_hotspots_count(const rm_hotspots *hotspots)
{
    return hotspots->areas->rows.table.rows;
}

rm_status rm_hotspots_at(const rm_hotspots *hotspots, int64_t area, rm_hotspot *out, rm_error *err)
{
    if (!hotspots || !out)
        return rm_fail(err, RM_EINVAL, "hotspots or out is NULL");
    if (area < 0 || area >= rm_hotspots_count(hotspots))
        return rm_fail(err, RM_EINVAL, "area %lld does not exist; there are %lld, counted from 0",
                       (long long)area, (long long)rm_hotspots_count(hotspots));
    const int64_t *start = hotspots->weights.start;
    *out = (rm_hotspot){.id = hotspots->ids.text + hotspots->ids.at[area],
                        .name = hotspots->names.text + hotspots->names.at[area],
                        .feature = hotspots->areas->rows.ids[area],
                        .value = hotspots->value[area],
                        .events = hotspots->events[area],
                        .exposure = hotspots->exposure ? hotspots->exposure[area] : NAN,
                        .statistic = hotspots->statistic[area],
                        .z = hotspots->z[area],
                        .p = hotspots->p[area],
                        .p_corrected = hotspots->corrected[area],
                        .class_ = hotspots->class_[area],
                        .neighbours = (int32_t)(start[area + 1] - start[area])};
    return RM_OK;
}

void rm_hotspots_facts_of(const rm_hotspots *hotspots, rm_hotspots_facts *out)
{
    *out = hotspots->facts;
    out->disclaimer = rm_hotspots_disclaimer(RM_DUTCH);
    out->disclaimer_en = rm_hotspots_disclaimer(RM_ENGLISH);
}

rm_status rm_hotspots_class_text(const rm_hotspots *hotspots, int32_t class_, const char *language,
                                 char *text, size_t size, rm_error *err)
{
    rm_language chosen;
    RM_TRY(rm_language_read(&chosen, language, err));
    if (!hotspots || !text || size == 0)
        return rm_fail(err, RM_EINVAL, "hotspots is NULL, or there is no room for the text");
    snprintf(text, size, "%s", rm_hotspots_class_words(hotspots, class_, chosen));
    return RM_OK;
}

rm_status rm_hotspots_write(const rm_hotspots *hotspots, const char *path, int32_t overwrite,
                            const char *language, rm_error *err)
{
    rm_language chosen;
    if (!hotspots || !path || !*path)
        return rm_fail(err, RM_EINVAL, "hotspots is NULL, or there is no path to write to");
    RM_TRY(rm_language_read(&chosen, language, err));
    return rm_hotspots_write_file(hotspots, path, overwrite != 0, chosen, err);
}

rm_status rm_hotspots_layer(rm_layer **out, const rm_hotspots *hotspots, const char *language,
                            rm_error *err)
{
    rm_language chosen;
    if (!out || !hotspots)
        return rm_fail(err, RM_EINVAL, "hotspots or out is NULL");
    RM_TRY(rm_language_read(&chosen, language, err));
    return rm_hotspots_take_layer(out, hotspots, chosen, err);
}
