#include "output/hotspots/hotspots.h"

#include "base/redact.h"
#include "geo/contiguity.h"
#include "geo/neighbours.h"
#include "geo/place.h"
#include "io/crs.h"
#include "output/hotspots/read.h"
#include "output/whole_layer.h"
#include "stats/autocorrelation/getis.h"
#include "stats/autocorrelation/hotspot.h"
#include "stats/autocorrelation/moran.h"

#include <math.h>
#include <string.h>

static const double LEVEL = 0.05;

/* ---- what it is called ---- */

static rm_status keep_texts(rm_hotspots *hotspots, const rm_hotspots_options *options,
                            rm_error *err)
{
    const char *field = options->field;
    hotspots->as = *options;
    hotspots->as.layer = hotspots->as.where = hotspots->as.id = hotspots->as.name = NULL;
    hotspots->as.target_crs = hotspots->as.field = hotspots->as.per_field = NULL;
    hotspots->as.count = hotspots->as.count_layer = hotspots->as.count_where = NULL;
    hotspots->as.per = hotspots->as.per_layer = hotspots->as.per_where = NULL;
    hotspots->as.memory_areas = hotspots->as.memory_count = hotspots->as.memory_per = NULL;
    RM_TRY(rm_copy_text(&hotspots->what, field ? field : "meldingen", err));
    RM_TRY(rm_copy_text(&hotspots->what_en, field ? field : "reports", err));
    const char *per = options->memory_per ? RM_IN_MEMORY : options->per;
    RM_TRY(rm_copy_text(&hotspots->per, options->per_field ? options->per_field : per, err));
    if (hotspots->per)
        rm_redact(hotspots->per);
    hotspots->facts.shielded = !options->open;
    return RM_OK;
}

static rm_status keep_inputs(rm_inputs *inputs, const char *areas,
                             const rm_hotspots_options *options, rm_error *err)
{
    RM_TRY(rm_note_input(inputs, areas, options->memory_areas, err));
    RM_TRY(rm_note_input(inputs, options->count, options->memory_count, err));
    return rm_note_input(inputs, options->per, options->memory_per, err);
}

const char *rm_hotspots_class_words(const rm_hotspots *hotspots, int32_t class_,
                                    rm_language language)
{
    static const char *const bins[7][2] = {
        {"koude plek, 99% zeker", "cold spot, 99% confidence"},
        {"koude plek, 95% zeker", "cold spot, 95% confidence"},
        {"koude plek, 90% zeker", "cold spot, 90% confidence"},
        {"niet te onderscheiden van toeval", "not to be told from chance"},
        {"hotspot, 90% zeker", "hot spot, 90% confidence"},
        {"hotspot, 95% zeker", "hot spot, 95% confidence"},
        {"hotspot, 99% zeker", "hot spot, 99% confidence"}};
    static const char *const lisa[7][2] = {
        {"niet te onderscheiden van toeval", "not to be told from chance"},
        {"hoog te midden van hoog", "high among high"},
        {"laag te midden van laag", "low among low"},
        {"laag te midden van hoog", "low among high"},
        {"hoog te midden van laag", "high among low"},
        {"geen waarde", "no value"},
        {"geen buren", "no neighbours"}};
    bool english = language == RM_ENGLISH;
    if (hotspots->as.statistic == RM_HOTSPOTS_LOCAL_MORAN && class_ >= 0 && class_ < 7)
        return lisa[class_][english];
    if (hotspots->as.statistic == RM_HOTSPOTS_GI_STAR && class_ >= -3 && class_ <= 3)
        return bins[class_ + 3][english];
    return english ? "no value" : "geen waarde";
}

/* ---- neighbours ---- */

static rm_status neighbours_by_distance(rm_hotspots *hotspots, rm_progress *progress, rm_error *err)
{
    const rm_hotspots_options *as = &hotspots->as;
    const rm_geometry *areas = &hotspots->areas->rows.geometry;
    rm_linking how = {.threads = as->threads, .progress = progress};
    double *x = NULL, *y = NULL;
    rm_status status = RM_NEW(&x, areas->features, err);
    if (status == RM_OK)
        status = RM_NEW(&y, areas->features, err);
    if (status == RM_OK)
        status = rm_place_points(areas, x, y, err);
    if (status == RM_OK && as->neighbours == RM_NEIGHBOURS_BAND)
        status =
            rm_neighbours_band(&hotspots->weights, x, y, areas->features, as->metres, &how, err);
    else if (status == RM_OK)
        status = rm_neighbours_nearest(&hotspots->weights, x, y, areas->features, as->nearest, &how,
                                       err);
    rm_release(x);
    rm_release(y);
    return status;
}

static rm_status find_neighbours(rm_hotspots *hotspots, rm_progress *progress, rm_error *err)
{
    const rm_hotspots_options *as = &hotspots->as;
    const rm_geometry *areas = &hotspots->areas->rows.geometry;
    if (as->neighbours == RM_NEIGHBOURS_QUEEN || as->neighbours == RM_NEIGHBOURS_ROOK)
        RM_TRY(rm_contiguity(&hotspots->weights, areas,
                             as->neighbours == RM_NEIGHBOURS_QUEEN ? RM_CONTIGUITY_QUEEN
                                                                   : RM_CONTIGUITY_ROOK,
                             as->tolerance_m, as->threads, progress, err));
    else
        RM_TRY(neighbours_by_distance(hotspots, progress, err));
    hotspots->facts.links = hotspots->weights.start[hotspots->weights.count];
    hotspots->facts.islands = rm_weights_list_islands(&hotspots->weights, NULL);
    if (hotspots->facts.links == 0)
        return rm_fail(err, RM_EDATA,
                       "no two of the %lld areas are neighbours: take the nearest (8), metres "
                       "(1000m) or a larger tolerance",
                       (long long)areas->features);
    return RM_OK;
}

/* ---- the statistic ---- */

static rm_autocorrelation_options how_to_permute(const rm_hotspots_options *as)
{
    rm_autocorrelation_options how = RM_AUTOCORRELATION_OPTIONS_INIT;
    how.style = RM_STYLE_ROW;
    how.draws = as->p_by == RM_P_OWN ? RM_DRAWS_OWN : RM_DRAWS_SHARED;
    how.permutations = as->permutations;
    if (how.permutations == 0)
        how.permutations = as->p_by == RM_P_OWN ? 999 : 99999;
    how.threads = as->threads;
    how.seed = as->seed;
    return how;
}

static rm_status compute(rm_hotspots *hotspots, const rm_lattice *lattice, rm_progress *progress,
                         rm_error *err)
{
    rm_autocorrelation_options how = how_to_permute(&hotspots->as);
    rm_local_out out = RM_LOCAL_OUT_INIT;
    out.statistic = hotspots->statistic;
    out.z = hotspots->z;
    out.quadrant = hotspots->quadrant;
    if (hotspots->as.p_by == RM_P_ANALYTIC)
        out.p = hotspots->p;
    else
        out.p_two_sided = hotspots->p;
    RM_TRY(rm_moran_global(&hotspots->facts.moran, lattice, &how, NULL, err));
    return hotspots->as.statistic == RM_HOTSPOTS_GI_STAR
               ? rm_getis_local(&out, lattice, true, &how, progress, err)
               : rm_moran_local(&out, lattice, &how, progress, err);
}

static rm_status make_arrays(rm_hotspots *hotspots, rm_error *err)
{
    int64_t count = hotspots->areas->rows.table.rows;
    RM_TRY(RM_NEW(&hotspots->statistic, count, err));
    RM_TRY(RM_NEW(&hotspots->z, count, err));
    RM_TRY(RM_NEW(&hotspots->p, count, err));
    RM_TRY(RM_NEW(&hotspots->corrected, count, err));
    RM_TRY(RM_NEW(&hotspots->quadrant, count, err));
    return RM_NEW(&hotspots->class_, count, err);
}

static rm_status classify(rm_hotspots *hotspots, rm_error *err)
{
    int64_t count = hotspots->areas->rows.table.rows;
    const double *p = hotspots->as.uncorrected ? hotspots->p : hotspots->corrected;
    int8_t *bins = NULL;
    uint8_t *classes = NULL;
    rm_status status = RM_NEW(&bins, count, err);
    if (status == RM_OK)
        status = RM_NEW(&classes, count, err);
    if (status == RM_OK) {
        rm_bin_items(bins, hotspots->z, p, count);
        rm_classify_items(classes, hotspots->quadrant, p, count, LEVEL);
        bool gi = hotspots->as.statistic == RM_HOTSPOTS_GI_STAR;
        for (int64_t a = 0; a < count; a++)
            hotspots->class_[a] = gi ? bins[a] : classes[a];
    }
    rm_release(bins);
    rm_release(classes);
    return status;
}

static void count_classes(rm_hotspots *hotspots)
{
    rm_hotspots_facts *facts = &hotspots->facts;
    bool gi = hotspots->as.statistic == RM_HOTSPOTS_GI_STAR;
    int64_t tested = 0;
    facts->least_p_corrected = NAN;
    for (int64_t a = 0; a < hotspots->areas->rows.table.rows; a++) {
        int32_t class_ = hotspots->class_[a];
        facts->hot += gi ? class_ > 0 : class_ == RM_LISA_HIGH_HIGH;
        facts->cold += gi ? class_ < 0 && class_ != RM_NO_BIN : class_ == RM_LISA_LOW_LOW;
        facts->outliers += !gi && (class_ == RM_LISA_LOW_HIGH || class_ == RM_LISA_HIGH_LOW);
        facts->uncorrected += hotspots->p[a] < LEVEL;
        tested += !isnan(hotspots->p[a]);
        if (!(hotspots->corrected[a] >= facts->least_p_corrected) && !isnan(hotspots->corrected[a]))
            facts->least_p_corrected = hotspots->corrected[a];
    }
    facts->expected_by_chance = LEVEL * (double)tested;
    facts->permutations =
        hotspots->as.p_by == RM_P_ANALYTIC ? 0 : how_to_permute(&hotspots->as).permutations;
}

static rm_status build(rm_hotspots *hotspots, const char *areas, const rm_hotspots_options *options,
                       rm_progress *progress, rm_error *err)
{
    rm_lattice lattice;
    RM_TRY(rm_crs_require_metres(options->target_crs, err));
    RM_TRY(keep_texts(hotspots, options, err));
    RM_TRY(keep_inputs(&hotspots->inputs, areas, options, err));
    rm_progress_stage(progress, 0.0, 0.4);
    RM_TRY(rm_hotspots_read(hotspots, areas, options, progress, err));
    rm_progress_stage(progress, 0.4, 0.6);
    RM_TRY(find_neighbours(hotspots, progress, err));
    RM_TRY(make_arrays(hotspots, err));
    RM_TRY(rm_lattice_new(&lattice, &hotspots->weights, hotspots->value,
                          hotspots->areas->rows.table.rows, progress, err));
    rm_progress_stage(progress, 0.6, 1.0);
    rm_status status = compute(hotspots, &lattice, progress, err);
    rm_lattice_clear(&lattice);
    if (status == RM_OK)
        status =
            rm_adjust_p(hotspots->corrected, hotspots->p, hotspots->areas->rows.table.rows, err);
    if (status == RM_OK)
        status = classify(hotspots, err);
    if (status == RM_OK)
        count_classes(hotspots);
    return status;
}

rm_status rm_hotspots_build(rm_hotspots **out, const char *areas,
                            const rm_hotspots_options *options, rm_progress *progress,
                            rm_error *err)
{
    rm_hotspots *hotspots = NULL;
    RM_TRY(RM_NEW_ZERO(&hotspots, 1, err));
    rm_status status = build(hotspots, areas, options, progress, err);
    if (status == RM_OK)
        *out = hotspots;
    else
        rm_hotspots_free(hotspots);
    return status;
}

void rm_hotspots_free(rm_hotspots *hotspots)
{
    if (!hotspots)
        return;
    rm_labels_clear(&hotspots->ids);
    rm_labels_clear(&hotspots->names);
    rm_inputs_clear(&hotspots->inputs);
    rm_layer_free(hotspots->areas);
    rm_weights_clear(&hotspots->weights);
    rm_release(hotspots->what);
    rm_release(hotspots->what_en);
    rm_release(hotspots->per);
    rm_release(hotspots->value);
    rm_release(hotspots->events);
    rm_release(hotspots->exposure);
    rm_release(hotspots->statistic);
    rm_release(hotspots->z);
    rm_release(hotspots->p);
    rm_release(hotspots->corrected);
    rm_release(hotspots->quadrant);
    rm_release(hotspots->class_);
    rm_release(hotspots);
}
