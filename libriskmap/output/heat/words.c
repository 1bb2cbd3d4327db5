#include "output/heat/words.h"

#include "base/date.h"

#include <math.h>
#include <string.h>

const char *rm_heat_kernel_name(int32_t kernel, rm_language language)
{
    static const char *const names[][2] = {{"quartische kern", "quartic kernel"},
                                           {"gaussische kern", "gaussian kernel"},
                                           {"epanechnikovkern", "epanechnikov kernel"},
                                           {"triweightkern", "triweight kernel"},
                                           {"uniforme kern", "uniform kernel"}};
    return names[kernel][language == RM_ENGLISH];
}

void rm_heat_unit(rm_text *out, const rm_heatmap *heatmap, rm_language language)
{
    bool english = language == RM_ENGLISH;
    if (!heatmap->below) {
        rm_text_add(out, english ? "reports per km²" : "meldingen per km²");
        return;
    }
    rm_text_add(out, english ? "reports per " : "meldingen per ");
    rm_words_number(out, heatmap->as.per_units, 0, language);
    rm_text_add(out, english ? " addresses or objects" : " adressen of objecten");
}

static void add_day(rm_text *out, int32_t date)
{
    char day[16];
    rm_date_format(date, day);
    rm_text_add(out, day);
}

static void add_period(rm_text *out, const rm_heat_period *period, rm_language language)
{
    bool english = language == RM_ENGLISH;
    if (period->from == RM_NO_DATE && period->until == RM_NO_DATE)
        return;
    rm_text_add(out, ", ");
    if (period->from == RM_NO_DATE)
        rm_text_add(out, english ? "up to " : "t/m ");
    else
        add_day(out, period->from);
    if (period->from != RM_NO_DATE)
        rm_text_add(out, period->until == RM_NO_DATE ? (english ? " and later" : " en later")
                         : english                   ? " to "
                                                     : " t/m ");
    if (period->until != RM_NO_DATE)
        add_day(out, period->until);
}

static void add_metres(rm_text *out, double value, rm_language language)
{
    rm_words_number(out, value, value == floor(value) || value >= 100 ? 0 : 1, language);
}

void rm_heat_subtitle(rm_text *out, const rm_heatmap *heatmap, int32_t period, rm_language language)
{
    bool english = language == RM_ENGLISH;
    const rm_heat_period *shown = &heatmap->periods[period];
    rm_text_add_int64(out, shown->points);
    rm_text_add(out, english ? " reports" : " meldingen");
    add_period(out, shown, language);
    rm_text_addf(out, "; %s, ", rm_heat_kernel_name(heatmap->as.kernel, language));
    if (heatmap->as.kernel == RM_KERNEL_GAUSSIAN)
        rm_text_add(out, "sigma ");
    else
        rm_text_add(out, english ? "radius " : "straal ");
    add_metres(out, heatmap->bandwidth, language);
    rm_text_add(out, " m");
    if (heatmap->as.adaptive)
        rm_text_add(out, english ? " (adaptive)" : " (wisselend)");
    rm_text_add(out, english ? ", cell " : ", cel ");
    add_metres(out, heatmap->grid.cell, language);
    rm_text_add(out, " m");
}

const char *rm_heat_disclaimer(rm_language language)
{
    return language == RM_ENGLISH
               ? "Shows where reports were made, not what happened there; no suspicion, and by "
                 "itself no ground for an inspection."
               : "Toont waar meldingen zijn gedaan, niet wat er gebeurde; geen verdenking en op "
                 "zichzelf geen grond voor een controle.";
}

/* ---- tags ---- */

static void add_tag(rm_heat_tags *tags, const char *name, const char *value)
{
    rm_text_add_n(&tags->names, name, (int64_t)strlen(name) + 1);
    rm_text_add_n(&tags->values, value, (int64_t)strlen(value) + 1);
    tags->count++;
}

static void add_number_tag(rm_heat_tags *tags, const char *name, double value)
{
    rm_text text = {0};
    rm_text_add_double(&text, value);
    tags->values.failed |= text.failed;
    add_tag(tags, name, text.data ? text.data : "");
    rm_text_clear(&text);
}

static void add_date_tag(rm_heat_tags *tags, const char *name, int32_t date)
{
    char day[16];
    if (date == RM_NO_DATE)
        return;
    rm_date_format(date, day);
    add_tag(tags, name, day);
}

static void add_bandwidth_tags(rm_heat_tags *tags, const rm_heatmap *heatmap)
{
    static const char *const kernels[] = {"quartic", "gaussian", "epanechnikov", "triweight",
                                          "uniform"};
    static const char *const origins[] = {"stated", "rule of the standard distance (ArcGIS)",
                                          "cross-validation, likelihood, places left out"};
    static const char *const edges[] = {"none", "uniform", "Jones-Diggle"};
    const rm_heatmap_options *as = &heatmap->as;
    rm_surface_method how = rm_surface_how(heatmap->periods[0].surface);
    add_tag(tags, "RISKMAP_KERNEL", kernels[as->kernel]);
    add_number_tag(tags, "RISKMAP_BANDWIDTH_M", heatmap->bandwidth);
    add_tag(tags, "RISKMAP_BANDWIDTH_BY", origins[as->bandwidth_by]);
    if (as->bandwidth_by == RM_BANDWIDTH_CROSS_VALIDATION)
        add_number_tag(tags, "RISKMAP_BANDWIDTH_SCORE", heatmap->fit.score);
    add_tag(tags, "RISKMAP_BANDWIDTH_ADAPTIVE", as->adaptive ? "Abramson" : "no");
    if (as->adaptive) {
        add_number_tag(tags, "RISKMAP_PILOT_SIGMA_M",
                       heatmap->bandwidth / rm_bandwidth_factor(as->kernel));
        add_number_tag(tags, "RISKMAP_TRIM", RM_HEAT_TRIM);
    }
    add_tag(tags, "RISKMAP_EDGE_CORRECTION", edges[as->edge]);
    add_tag(tags, "RISKMAP_METHOD", how.name);
    add_number_tag(tags, "RISKMAP_METHOD_ERROR", how.error);
}

static void add_point_tags(rm_heat_tags *tags, const rm_heatmap *heatmap, int32_t period)
{
    const rm_heat_period *shown = &heatmap->periods[period];
    if (heatmap->points.provenance.source)
        add_tag(tags, "RISKMAP_SOURCE", heatmap->points.provenance.source);
    if (heatmap->where)
        add_tag(tags, "RISKMAP_WHERE", heatmap->where);
    if (heatmap->time)
        add_tag(tags, "RISKMAP_TIME", heatmap->time);
    add_date_tag(tags, "RISKMAP_FROM", shown->from);
    add_date_tag(tags, "RISKMAP_UNTIL", shown->until);
    if (heatmap->as.half_life_days > 0) {
        add_number_tag(tags, "RISKMAP_HALF_LIFE_DAYS", heatmap->as.half_life_days);
        add_date_tag(tags, "RISKMAP_AS_OF", heatmap->as.as_of);
    }
    add_number_tag(tags, "RISKMAP_POINTS", (double)shown->points);
    add_number_tag(tags, "RISKMAP_WEIGHT", shown->weight);
    if (heatmap->within)
        add_tag(tags, "RISKMAP_WITHIN", heatmap->within);
    if (heatmap->per) {
        add_tag(tags, "RISKMAP_PER", heatmap->per);
        add_number_tag(tags, "RISKMAP_PER_UNITS", heatmap->as.per_units);
        add_number_tag(tags, "RISKMAP_PER_FLOOR_PER_KM2", heatmap->as.per_floor);
    }
}

static rm_status point_at_tags(rm_heat_tags *tags, rm_error *err)
{
    RM_TRY(rm_text_status(&tags->names, err));
    RM_TRY(rm_text_status(&tags->values, err));
    RM_TRY(RM_NEW(&tags->tags, tags->count, err));
    const char *name = tags->names.data, *value = tags->values.data;
    for (int32_t t = 0; t < tags->count; t++) {
        tags->tags[t] = (rm_raster_tag){name, value};
        name += strlen(name) + 1;
        value += strlen(value) + 1;
    }
    return RM_OK;
}

rm_status rm_heat_tags_make(rm_heat_tags *out, const rm_heatmap *heatmap, int32_t period,
                            rm_error *err)
{
    rm_text unit = {0};
    *out = (rm_heat_tags){0};
    rm_heat_unit(&unit, heatmap, RM_ENGLISH);
    add_tag(out, "RISKMAP_VERSION", rm_version());
    add_tag(out, "RISKMAP_UNIT", unit.data ? unit.data : "");
    add_bandwidth_tags(out, heatmap);
    add_point_tags(out, heatmap, period);
    add_tag(out, "RISKMAP_CLASSIFICATION",
            heatmap->shielded ? "AFGESCHERMD (shielded)" : "open, as stated by the maker");
    add_tag(out, "RISKMAP_NOTE", rm_heat_disclaimer(RM_ENGLISH));
    rm_status status = rm_text_status(&unit, err);
    rm_text_clear(&unit);
    if (status == RM_OK)
        status = point_at_tags(out, err);
    if (status != RM_OK)
        rm_heat_tags_clear(out);
    return status;
}

void rm_heat_tags_clear(rm_heat_tags *tags)
{
    rm_text_clear(&tags->names);
    rm_text_clear(&tags->values);
    rm_release(tags->tags);
    *tags = (rm_heat_tags){0};
}
