#include "output/heat/heatmap.h"

#include "base/redact.h"
#include "base/text.h"
#include "io/crs.h"
#include "output/heat/grid.h"
#include "output/heat/period.h"
#include "output/heat/time.h"
#include "output/heat/values.h"
#include "output/heat/words.h"
#include "output/whole_layer.h"
#include "stats/density/bandwidth.h"

#include <math.h>

/* ---- reading ---- */

static rm_status keep_texts(rm_heatmap *heatmap, const rm_heatmap_options *options, rm_error *err)
{
    heatmap->as = *options;
    heatmap->as.layer = heatmap->as.crs = heatmap->as.x = heatmap->as.y = NULL;
    heatmap->as.target_crs = heatmap->as.where = heatmap->as.time = heatmap->as.weight = NULL;
    heatmap->as.locate = heatmap->as.locate_layer = NULL;
    heatmap->as.boundaries = heatmap->as.boundaries_layer = heatmap->as.within = NULL;
    heatmap->as.per = heatmap->as.per_layer = heatmap->as.per_where = NULL;
    heatmap->as.memory_points = heatmap->as.memory_boundaries = NULL;
    heatmap->as.memory_per = heatmap->as.memory_locate = NULL;
    RM_TRY(rm_crs_code(&heatmap->crs, options->target_crs, err));
    RM_TRY(rm_copy_text(&heatmap->where, options->where, err));
    RM_TRY(rm_copy_text(&heatmap->within, options->within, err));
    RM_TRY(rm_copy_text(&heatmap->per, options->memory_per ? RM_IN_MEMORY : options->per, err));
    if (heatmap->per)
        rm_redact(heatmap->per);
    heatmap->shielded = !options->open;
    return RM_OK;
}

static rm_status keep_inputs(rm_inputs *inputs, const char *points,
                             const rm_heatmap_options *options, rm_error *err)
{
    RM_TRY(rm_note_input(inputs, points, options->memory_points, err));
    RM_TRY(rm_note_input(inputs, options->boundaries, options->memory_boundaries, err));
    RM_TRY(rm_note_input(inputs, options->per, options->memory_per, err));
    return rm_note_input(inputs, options->locate, options->memory_locate, err);
}

static bool wants_rules(const rm_heatmap_options *options)
{
    return options->leave_out_duplicates || options->leave_out_spots ||
           options->distinct != RM_COUNT_ALL;
}

static rm_status read_points(rm_heatmap *heatmap, const char *source,
                             const rm_heatmap_options *options, rm_progress *progress,
                             rm_error *err)
{
    static const rm_distinct distinct[] = {RM_DISTINCT_NONE, RM_DISTINCT_PLACE_WEEK,
                                           RM_DISTINCT_PLACE_DAY};
    RM_TRY(rm_heat_time(&heatmap->time, source, options, err));
    rm_report_rules rules = {.drop_duplicates = options->leave_out_duplicates != 0,
                             .drop_spots = options->leave_out_spots != 0,
                             .distinct = distinct[options->distinct],
                             .spot_share = 0.01};
    rm_point_set_wanted wanted = {.source = source,
                                  .memory = options->memory_points,
                                  .layer = options->layer,
                                  .crs = options->crs,
                                  .x = options->x,
                                  .y = options->y,
                                  .target_crs = options->target_crs,
                                  .where = options->where,
                                  .time = heatmap->time,
                                  .weight = options->weight,
                                  .locate = options->memory_locate ? RM_IN_MEMORY : options->locate,
                                  .memory_locate = options->memory_locate,
                                  .locate_layer = options->locate_layer,
                                  .rules = wants_rules(options) ? &rules : NULL,
                                  .as_of = options->as_of,
                                  .only_best = options->only_best != 0,
                                  .shielded = !options->open,
                                  .threads = options->threads};
    RM_TRY(rm_point_set_read(&heatmap->points, &wanted, progress, err));
    if (!heatmap->time && rm_heat_needs_dates(options))
        return rm_fail(err, RM_EINVAL,
                       "which field of %s holds the date cannot be told; name it as the time",
                       source);
    return RM_OK;
}

/* ---- bandwidth and raster ---- */

static rm_density_points as_points(const rm_heat_chosen *chosen)
{
    return (rm_density_points){chosen->x, chosen->y, chosen->weight, chosen->bandwidth,
                               chosen->count};
}

static rm_status fit_bandwidth(rm_heatmap *heatmap, const rm_heat_chosen *chosen,
                               rm_progress *progress, rm_error *err)
{
    rm_density_points points = as_points(chosen);
    rm_validation how = {.criterion = RM_VALIDATE_LIKELIHOOD, .leave = RM_LEAVE_PLACE};
    heatmap->fit = (rm_bandwidth_fit){.score = NAN};
    heatmap->bandwidth = heatmap->as.bandwidth;
    if (heatmap->as.bandwidth_by == RM_BANDWIDTH_RULE)
        return rm_rule_bandwidth(&heatmap->bandwidth, &points, heatmap->as.kernel, RM_RULE_DISTANCE,
                                 err);
    if (heatmap->as.bandwidth_by == RM_BANDWIDTH_CROSS_VALIDATION) {
        RM_TRY(rm_validate_bandwidth(&heatmap->fit, &points, &how, heatmap->as.threads, progress,
                                     err));
        heatmap->bandwidth = heatmap->fit.bandwidth * rm_bandwidth_factor(heatmap->as.kernel);
    }
    return RM_OK;
}

/* What lies around the study area adds to the heat at its edge, but it does not count, and the
 * bandwidth is not made for it: of a province's reports, those of one municipality. */
static rm_status choose_bandwidth(rm_heatmap *heatmap, const rm_heat_chosen *chosen,
                                  rm_progress *progress, rm_error *err)
{
    rm_heat_chosen inside[RM_HEAT_PERIODS] = {{0}, {0}};
    rm_status status = RM_OK;
    for (int32_t p = 0; p < heatmap->period_count && status == RM_OK; p++)
        status = rm_heat_choose_inside(&inside[p], &heatmap->periods[p], &chosen[p], &heatmap->area,
                                       progress, err);
    bool none = heatmap->area.join && inside[0].count == 0;
    if (status == RM_OK && none && heatmap->as.bandwidth_by != RM_BANDWIDTH_GIVEN)
        status = rm_fail(err, RM_EDATA,
                         "none of the %lld points lies in the study area: look whether it is the "
                         "right area and period, or give a bandwidth for a map without heat",
                         (long long)chosen[0].count);
    if (status == RM_OK)
        status =
            fit_bandwidth(heatmap, heatmap->area.join ? &inside[0] : &chosen[0], progress, err);
    for (int32_t p = 0; p < heatmap->period_count; p++)
        rm_heat_chosen_clear(&inside[p]);
    return status;
}

static void part_of_period(rm_progress *progress, rm_stage whole, const rm_heatmap *heatmap,
                           int32_t period)
{
    rm_progress_part(progress, whole, (double)period / heatmap->period_count,
                     (period + 1.0) / heatmap->period_count);
}

/* Abramson, with the chosen bandwidth both as the pilot (as a gaussian's) and as the middle. */
static rm_status adapt_bandwidths(rm_heatmap *heatmap, rm_heat_chosen *chosen,
                                  rm_progress *progress, rm_error *err)
{
    double pilot = heatmap->bandwidth / rm_bandwidth_factor(heatmap->as.kernel);
    rm_stage whole = rm_progress_present(progress);
    for (int32_t p = 0; heatmap->as.adaptive && p < heatmap->period_count; p++) {
        rm_density_points points = as_points(&chosen[p]);
        part_of_period(progress, whole, heatmap, p);
        RM_TRY(RM_NEW(&chosen[p].bandwidth, points.count, err));
        RM_TRY(rm_adaptive_bandwidths(chosen[p].bandwidth, &points, pilot, heatmap->bandwidth,
                                      RM_HEAT_TRIM, heatmap->as.threads, progress, err));
    }
    return RM_OK;
}

static rm_box box_of_points(const rm_heat_chosen *chosen, int32_t count, double reach)
{
    rm_box box = RM_BOX_EMPTY;
    for (int32_t p = 0; p < count; p++)
        for (int64_t i = 0; i < chosen[p].count; i++) {
            double x = chosen[p].x[i], y = chosen[p].y[i];
            if (rm_box_is_empty(box))
                box = (rm_box){x, y, x, y};
            box = (rm_box){rm_min(box.xmin, x), rm_min(box.ymin, y), rm_max(box.xmax, x),
                           rm_max(box.ymax, y)};
        }
    if (rm_box_is_empty(box))
        return box;
    return (rm_box){box.xmin - reach, box.ymin - reach, box.xmax + reach, box.ymax + reach};
}

static rm_status choose_grid(rm_heatmap *heatmap, const rm_heat_chosen *chosen, int64_t kept_most,
                             rm_error *err)
{
    const double *given = heatmap->as.extent;
    double cell = heatmap->as.cell > 0 ? heatmap->as.cell : rm_heat_cell(heatmap->bandwidth);
    rm_box box = {given[0], given[1], given[2], given[3]};
    bool stated = box.xmin != 0 || box.ymin != 0 || box.xmax != 0 || box.ymax != 0;
    /* a gaussian has no end: three sigma hold 99% of it */
    double reach = heatmap->bandwidth * (heatmap->as.kernel == RM_KERNEL_GAUSSIAN ? 3.0 : 1.0);
    if (!stated && heatmap->area.layer)
        box = rm_geometry_extent(&heatmap->area.layer->rows.geometry);
    else if (!stated)
        box = box_of_points(chosen, heatmap->period_count, reach);
    RM_TRY(rm_heat_grid_make(&heatmap->grid, box, cell, err));
    double cells = (double)heatmap->grid.columns * (double)heatmap->grid.rows;
    heatmap->factor = 1;
    if (cells > (double)kept_most)
        heatmap->factor = (int64_t)ceil(sqrt(cells / (double)kept_most));
    heatmap->kept = rm_heat_grid_coarser(&heatmap->grid, heatmap->factor);
    return RM_OK;
}

/* ---- surfaces ---- */

static rm_status make_below(rm_heatmap *heatmap, const rm_heatmap_options *options,
                            rm_progress *progress, rm_error *err)
{
    rm_point_set below = {0};
    rm_point_set_wanted wanted = {.source = options->memory_per ? RM_IN_MEMORY : options->per,
                                  .memory = options->memory_per,
                                  .layer = options->per_layer,
                                  .where = options->per_where,
                                  .target_crs = options->target_crs,
                                  .as_of = options->as_of,
                                  .only_best = options->only_best != 0,
                                  .shielded = true,
                                  .addresses = true,
                                  .threads = options->threads};
    if (!wanted.source)
        return RM_OK;
    rm_stage whole = rm_progress_present(progress);
    rm_progress_part(progress, whole, 0.0, 0.8);
    rm_status status = rm_point_set_read(&below, &wanted, progress, err);
    if (status != RM_OK && status != RM_ECANCELLED)
        status = rm_fail_within(err, status, "the layer to count per");
    rm_density_points points = {.x = below.x, .y = below.y, .count = below.count};
    rm_progress_part(progress, whole, 0.8, 1.0);
    if (status == RM_OK)
        status = rm_surface_new(&heatmap->below, &heatmap->grid, &points, heatmap->as.kernel,
                                heatmap->bandwidth, heatmap->as.threads, progress, err);
    rm_point_set_clear(&below);
    return status;
}

static rm_status choose_periods(rm_heatmap *heatmap, rm_heat_chosen *chosen, rm_progress *progress,
                                rm_error *err)
{
    const rm_heatmap_options *as = &heatmap->as;
    bool inside_only = as->edge != RM_EDGE_NONE;
    heatmap->periods[0] = (rm_heat_period){.from = as->from, .until = as->until};
    heatmap->periods[1] = (rm_heat_period){.from = as->compare_from, .until = as->compare_until};
    heatmap->period_count = as->compare_from != INT32_MIN || as->compare_until != INT32_MIN ? 2 : 1;
    for (int32_t p = 0; p < heatmap->period_count; p++)
        RM_TRY(
            rm_heat_choose(&chosen[p], &heatmap->periods[p], heatmap, inside_only, progress, err));
    rm_point_set_release(&heatmap->points);
    return RM_OK;
}

/* Jones and Diggle: a point weighs as much more as its kernel loses beyond the area. */
static rm_status weigh_by_edge(rm_heatmap *heatmap, rm_heat_chosen *chosen, rm_progress *progress,
                               rm_error *err)
{
    double *mass = NULL;
    RM_TRY(RM_NEW(&mass, chosen->count, err));
    rm_status status = rm_edge_mass(mass, heatmap->edge.edge, chosen->x, chosen->y, chosen->count,
                                    heatmap->as.kernel, heatmap->bandwidth, chosen->bandwidth,
                                    heatmap->as.threads, progress, err);
    if (status == RM_OK && !chosen->weight)
        status = rm_heat_weigh_alike(chosen, err);
    for (int64_t i = 0; status == RM_OK && i < chosen->count; i++)
        if (!isnan(mass[i])) /* in a sliver where two areas overlap, which is no loss */
            chosen->weight[i] /= mass[i];
    rm_release(mass);
    return status;
}

static rm_status correct_edges(rm_heatmap *heatmap, rm_heat_chosen *chosen, rm_progress *progress,
                               rm_error *err)
{
    if (heatmap->as.edge == RM_EDGE_NONE)
        return RM_OK;
    rm_stage whole = rm_progress_present(progress), half = {(whole.from + whole.to) / 2, whole.to};
    rm_progress_part(progress, whole, 0.0, 0.5);
    RM_TRY(rm_heat_edge_make(&heatmap->edge, &heatmap->area, heatmap->bandwidth,
                             heatmap->as.threads, progress, err));
    for (int32_t p = 0; heatmap->as.edge == RM_EDGE_DIGGLE && p < heatmap->period_count; p++) {
        part_of_period(progress, half, heatmap, p);
        RM_TRY(weigh_by_edge(heatmap, &chosen[p], progress, err));
    }
    return RM_OK;
}

static rm_status make_surfaces(rm_heatmap *heatmap, rm_heat_chosen *chosen, rm_progress *progress,
                               rm_error *err)
{
    rm_stage whole = rm_progress_present(progress);
    for (int32_t p = 0; p < heatmap->period_count; p++) {
        rm_density_points points = as_points(&chosen[p]);
        part_of_period(progress, whole, heatmap, p);
        RM_TRY(rm_surface_new(&heatmap->periods[p].surface, &heatmap->grid, &points,
                              heatmap->as.kernel, heatmap->bandwidth, heatmap->as.threads, progress,
                              err));
    }
    return RM_OK;
}

static rm_status draw(rm_heatmap *heatmap, rm_heat_chosen *chosen,
                      const rm_heatmap_options *options, int64_t kept_most, rm_progress *progress,
                      rm_error *err)
{
    rm_progress_stage(progress, 0.5, 0.58);
    RM_TRY(choose_periods(heatmap, chosen, progress, err));
    RM_TRY(choose_bandwidth(heatmap, chosen, progress, err));
    rm_progress_stage(progress, 0.58, 0.6);
    RM_TRY(adapt_bandwidths(heatmap, chosen, progress, err));
    RM_TRY(choose_grid(heatmap, chosen, kept_most, err));
    rm_progress_stage(progress, 0.6, 0.65);
    RM_TRY(make_below(heatmap, options, progress, err));
    rm_progress_stage(progress, 0.65, 0.7);
    RM_TRY(correct_edges(heatmap, chosen, progress, err));
    rm_progress_stage(progress, 0.7, 0.8);
    RM_TRY(make_surfaces(heatmap, chosen, progress, err));
    rm_progress_stage(progress, 0.8, 1.0);
    return rm_heat_keep_values(heatmap, progress, err);
}

static rm_status build(rm_heatmap *heatmap, const char *points, const rm_heatmap_options *options,
                       int64_t kept_most, rm_progress *progress, rm_error *err)
{
    rm_heat_chosen chosen[RM_HEAT_PERIODS] = {{0}, {0}};
    RM_TRY(rm_crs_require_metres(options->target_crs, err));
    RM_TRY(keep_texts(heatmap, options, err));
    RM_TRY(keep_inputs(&heatmap->inputs, points, options, err));
    RM_TRY(rm_heat_area_read(&heatmap->area, options, progress, err));
    rm_progress_stage(progress, 0.0, 0.5);
    RM_TRY(read_points(heatmap, points, options, progress, err));
    rm_status status = draw(heatmap, chosen, options, kept_most, progress, err);
    for (int32_t p = 0; p < RM_HEAT_PERIODS; p++)
        rm_heat_chosen_clear(&chosen[p]);
    return status;
}

static rm_status name_units(rm_heatmap *heatmap, rm_error *err)
{
    rm_text unit = {0}, unit_en = {0};
    rm_heat_unit(&unit, heatmap, RM_DUTCH);
    rm_heat_unit(&unit_en, heatmap, RM_ENGLISH);
    heatmap->unit = unit.data;
    heatmap->unit_en = unit_en.data;
    RM_TRY(rm_text_status(&unit, err));
    return rm_text_status(&unit_en, err);
}

rm_status rm_heatmap_build(rm_heatmap **out, const char *points, const rm_heatmap_options *options,
                           int64_t kept_most, rm_progress *progress, rm_error *err)
{
    rm_heatmap *heatmap = NULL;
    RM_TRY(RM_NEW_ZERO(&heatmap, 1, err));
    rm_status status = build(heatmap, points, options, kept_most, progress, err);
    if (status == RM_OK)
        status = name_units(heatmap, err);
    if (status == RM_OK)
        *out = heatmap;
    else
        rm_heatmap_free(heatmap);
    return status;
}

void rm_heatmap_free(rm_heatmap *heatmap)
{
    if (!heatmap)
        return;
    for (int32_t p = 0; p < RM_HEAT_PERIODS; p++) {
        rm_surface_free(heatmap->periods[p].surface);
        rm_release(heatmap->periods[p].values);
    }
    rm_surface_free(heatmap->below);
    rm_heat_edge_clear(&heatmap->edge);
    rm_point_set_clear(&heatmap->points);
    rm_heat_area_clear(&heatmap->area);
    rm_inputs_clear(&heatmap->inputs);
    rm_release(heatmap->crs);
    rm_release(heatmap->time);
    rm_release(heatmap->where);
    rm_release(heatmap->within);
    rm_release(heatmap->per);
    rm_release(heatmap->unit);
    rm_release(heatmap->unit_en);
    rm_release(heatmap);
}
