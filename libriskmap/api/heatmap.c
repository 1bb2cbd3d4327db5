#include "riskmap/heatmap.h"

#include "api/options.h"
#include "base/date.h"
#include "output/heat/write.h"

#include <math.h>
#include <string.h>

void rm_heatmap_options_init(rm_heatmap_options *options)
{
    *options = (rm_heatmap_options)RM_HEATMAP_OPTIONS_INIT;
}

void rm_heatmap_write_init(rm_heatmap_write_options *options)
{
    *options = (rm_heatmap_write_options)RM_HEATMAP_WRITE_INIT;
}

/* ---- making ---- */

static rm_status check_bandwidth(const rm_heatmap_options *options, rm_error *err)
{
    if (options->bandwidth_by < RM_BANDWIDTH_GIVEN ||
        options->bandwidth_by > RM_BANDWIDTH_CROSS_VALIDATION)
        return rm_fail(err, RM_EINVAL,
                       "bandwidth_by %d does not exist; RM_BANDWIDTH_GIVEN to "
                       "RM_BANDWIDTH_CROSS_VALIDATION",
                       options->bandwidth_by);
    if (options->bandwidth_by == RM_BANDWIDTH_GIVEN &&
        !(options->bandwidth > 0 && options->bandwidth < INFINITY))
        return rm_fail(err, RM_EINVAL,
                       "the bandwidth is %g m; it must be above 0, such as 500, or be chosen by "
                       "rule or cross-validation",
                       options->bandwidth);
    if (!(options->cell >= 0 && options->cell < INFINITY))
        return rm_fail(
            err, RM_EINVAL,
            "the cell is %g m; it must be above 0, or 0 for a twentieth of the bandwidth",
            options->cell);
    return RM_OK;
}

static rm_status check_extent(const double extent[4], rm_error *err)
{
    bool none = extent[0] == 0 && extent[1] == 0 && extent[2] == 0 && extent[3] == 0;
    if (none || (extent[0] < extent[2] && extent[1] < extent[3] &&
                 isfinite(extent[2] - extent[0]) && isfinite(extent[3] - extent[1])))
        return RM_OK;
    return rm_fail(err, RM_EINVAL,
                   "the extent %g, %g, %g, %g is none; give xmin, ymin, xmax, ymax in metres",
                   extent[0], extent[1], extent[2], extent[3]);
}

static rm_status check_period(const char *what, int32_t from, int32_t until, rm_error *err)
{
    if (from == RM_NO_DATE || until == RM_NO_DATE || from <= until)
        return RM_OK;
    return rm_fail(err, RM_EINVAL, "%s ends before it begins; turn its days around", what);
}

static rm_status check_kinds(const rm_heatmap_options *options, rm_error *err)
{
    if (options->kernel < RM_KERNEL_QUARTIC || options->kernel > RM_KERNEL_UNIFORM)
        return rm_fail(err, RM_EINVAL,
                       "kernel %d does not exist; RM_KERNEL_QUARTIC to RM_KERNEL_UNIFORM",
                       options->kernel);
    if (options->edge < RM_EDGE_NONE || options->edge > RM_EDGE_DIGGLE)
        return rm_fail(err, RM_EINVAL, "edge %d does not exist; RM_EDGE_NONE to RM_EDGE_DIGGLE",
                       options->edge);
    bool bounded = options->boundaries || options->memory_boundaries;
    if (options->edge != RM_EDGE_NONE && !bounded)
        return rm_fail(err, RM_EINVAL, "edge correction needs a study area: give boundaries");
    if (options->edge == RM_EDGE_UNIFORM && options->adaptive)
        return rm_fail(err, RM_EINVAL,
                       "RM_EDGE_UNIFORM needs one bandwidth; with adaptive ones take "
                       "RM_EDGE_DIGGLE");
    if (options->within && !bounded)
        return rm_fail(err, RM_EINVAL,
                       "\"%s\" is looked for in a layer of boundaries, and there is none",
                       options->within);
    if (options->distinct < RM_COUNT_ALL || options->distinct > RM_COUNT_ONE_A_DAY)
        return rm_fail(err, RM_EINVAL,
                       "distinct %d does not exist; RM_COUNT_ALL to RM_COUNT_ONE_A_DAY",
                       options->distinct);
    return RM_OK;
}

static rm_status check_numbers(const rm_heatmap_options *options, rm_error *err)
{
    if (options->threads < 0 || options->threads > 64)
        return rm_fail(err, RM_EINVAL, "threads is %d; 0 (all cores) to 64", options->threads);
    if (!(options->half_life_days >= 0 && options->half_life_days < INFINITY))
        return rm_fail(err, RM_EINVAL, "the half-life is %g days; 0 or more",
                       options->half_life_days);
    if (!(options->per_units > 0 && options->per_units < INFINITY))
        return rm_fail(err, RM_EINVAL, "per_units is %g; it must be above 0", options->per_units);
    if (!(options->per_floor >= 0 && options->per_floor < INFINITY))
        return rm_fail(err, RM_EINVAL, "per_floor is %g a km2; 0 or more", options->per_floor);
    return RM_OK;
}

static rm_status check_layers(const char *points, const rm_heatmap_options *options, rm_error *err)
{
    const rm_given_layer given[] = {
        {"points", points, "memory_points", options->memory_points, "layer", options->layer},
        {"points", points, "memory_points", options->memory_points, "x", options->x},
        {"points", points, "memory_points", options->memory_points, "y", options->y},
        {"boundaries", options->boundaries, "memory_boundaries", options->memory_boundaries,
         "boundaries_layer", options->boundaries_layer},
        {"per", options->per, "memory_per", options->memory_per, "per_layer", options->per_layer},
        {"locate", options->locate, "memory_locate", options->memory_locate, "locate_layer",
         options->locate_layer}};
    if ((!points || !*points) && !options->memory_points)
        return rm_fail(err, RM_EINVAL,
                       "there is no source of points: give their path, or memory_points");
    return rm_check_given(given, (int)(sizeof given / sizeof *given), err);
}

static rm_status options_read(rm_heatmap_options *out, const char *points,
                              const rm_heatmap_options *options, rm_error *err)
{
    rm_heatmap_options_init(out);
    RM_TRY(RM_TAKE_OPTIONS(out, options, rm_heatmap_options, RM_HEATMAP_OPTIONS_INIT, layer, err));
    RM_TRY(check_numbers(out, err));
    RM_TRY(check_layers(points, out, err));
    RM_TRY(check_kinds(out, err));
    RM_TRY(check_bandwidth(out, err));
    RM_TRY(check_extent(out->extent, err));
    RM_TRY(check_period("the period", out->from, out->until, err));
    RM_TRY(check_period("the period to compare with", out->compare_from, out->compare_until, err));
    if (!out->target_crs)
        out->target_crs = "EPSG:28992";
    if (out->as_of == RM_NO_DATE)
        out->as_of = rm_date_today();
    out->threads = rm_threads(out->threads);
    return RM_OK;
}

rm_status rm_heatmap_make(rm_heatmap **out, const char *points, const rm_heatmap_options *options,
                          rm_error *err)
{
    rm_heatmap_options taken;
    rm_progress progress;
    if (!out)
        return rm_fail(err, RM_EINVAL, "rm_heatmap_make: out must not be NULL");
    RM_TRY(options_read(&taken, points, options, err));
    if (taken.memory_points)
        points = "the layer of points in memory";
    rm_progress_start(&progress, taken.progress, taken.progress_user);
    RM_TRY(rm_progress_report(&progress, 0.0, points, err));
    return rm_heatmap_build(out, points, &taken, RM_HEAT_KEPT_MOST, &progress, err);
}

/* ---- looking ---- */

void rm_heatmap_facts_of(const rm_heatmap *heatmap, rm_heatmap_facts *out)
{
    const rm_provenance *account = &heatmap->points.provenance;
    rm_surface_method how = rm_surface_how(heatmap->periods[0].surface);
    *out = (rm_heatmap_facts){.grid = heatmap->grid,
                              .crs = heatmap->crs,
                              .unit = heatmap->unit,
                              .unit_en = heatmap->unit_en,
                              .time = heatmap->time ? heatmap->time : "",
                              .guessed_crs =
                                  heatmap->points.guessed_crs ? heatmap->points.guessed_crs : "",
                              .bandwidth = heatmap->bandwidth,
                              .score = heatmap->fit.score,
                              .at_end = heatmap->fit.at_end,
                              .method = how.name,
                              .error = how.error,
                              .shielded = heatmap->shielded,
                              .periods = heatmap->period_count,
                              .total = account->total,
                              .ended = account->ended,
                              .outside = account->outside,
                              .filtered = account->filtered,
                              .left_out = account->left_out,
                              .read = account->read,
                              .used = account->used,
                              .rejected = account->rejected,
                              .undated = heatmap->points.undated,
                              .ahead = heatmap->points.ahead,
                              .unweighted = heatmap->points.unweighted,
                              .spot = heatmap->points.spot,
                              .spot_known = heatmap->points.spot_known,
                              .placed_by_address = account->address_exact + account->address_number,
                              .not_placed = account->address_ambiguous + account->address_unknown,
                              .by_rule = heatmap->as.bandwidth_by == RM_BANDWIDTH_RULE,
                              .disclaimer = rm_heat_disclaimer(RM_DUTCH),
                              .disclaimer_en = rm_heat_disclaimer(RM_ENGLISH)};
}

static rm_status check_periods(const rm_heatmap *heatmap, int32_t period, rm_error *err)
{
    if (heatmap && period >= 0 && period < heatmap->period_count)
        return RM_OK;
    return rm_fail(err, RM_EINVAL, "period %d does not exist; there are %d, counted from 0", period,
                   heatmap ? heatmap->period_count : 0);
}

rm_status rm_heatmap_period_at(const rm_heatmap *heatmap, int32_t period, rm_heatmap_period *out,
                               rm_error *err)
{
    RM_TRY(check_periods(heatmap, period, err));
    if (!out)
        return rm_fail(err, RM_EINVAL, "rm_heatmap_period_at: out must not be NULL");
    const rm_heat_period *of = &heatmap->periods[period];
    *out = (rm_heatmap_period){of->from, of->until, of->points, of->weight, of->highest};
    return RM_OK;
}

rm_status rm_heatmap_values(float *values, const rm_heatmap *heatmap, int32_t period, rm_error *err)
{
    RM_TRY(check_periods(heatmap, period, err));
    if (!values)
        return rm_fail(err, RM_EINVAL, "there is no array for the values");
    return rm_heatmap_rows(heatmap, period, values, 0, heatmap->grid.rows, NULL, err);
}

/* ---- writing ---- */

static rm_status write_options_read(rm_heatmap_write_options *out,
                                    const rm_heatmap_write_options *options, rm_error *err)
{
    rm_heatmap_write_init(out);
    RM_TRY(RM_TAKE_OPTIONS(out, options, rm_heatmap_write_options, RM_HEATMAP_WRITE_INIT, language,
                           err));
    if (out->classes < 3 || out->classes > RM_HEAT_CLASSES_MOST)
        return rm_fail(err, RM_EINVAL, "classes is %d; 3 to %d", out->classes,
                       RM_HEAT_CLASSES_MOST);
    if (out->context_count < 0 || (out->context_count > 0 && !out->context_sources))
        return rm_fail(err, RM_EINVAL, "context_count is %d but the sources are missing",
                       out->context_count);
    for (int32_t c = 0; c < out->context_count; c++)
        if (!out->context_sources[c])
            return rm_fail(err, RM_EINVAL, "context %d has no source", c);
    for (int32_t c = 0; out->context_kinds && c < out->context_count; c++)
        if (out->context_kinds[c] < RM_CONTEXT_AUTO || out->context_kinds[c] > RM_CONTEXT_BUILT)
            return rm_fail(err, RM_EINVAL,
                           "context %d is of kind %d; RM_CONTEXT_AUTO to RM_CONTEXT_BUILT", c,
                           out->context_kinds[c]);
    if (out->threads < 0 || out->threads > 64)
        return rm_fail(err, RM_EINVAL, "threads is %d; 0 (all cores) to 64", out->threads);
    return RM_OK;
}

typedef rm_status (*rm_heat_write_fn)(const rm_heatmap *heatmap, int32_t period, const char *path,
                                      const rm_heat_writing *writing, rm_error *err);

static rm_status write_with(rm_heat_write_fn function, const rm_heatmap *heatmap, int32_t period,
                            const char *path, const rm_heatmap_write_options *options,
                            rm_error *err)
{
    rm_heatmap_write_options taken;
    rm_progress progress;
    rm_heat_writing writing = {.options = &taken, .progress = &progress};
    RM_TRY(check_periods(heatmap, period, err));
    if (!path || !*path)
        return rm_fail(err, RM_EINVAL, "there is no path to write to");
    RM_TRY(write_options_read(&taken, options, err));
    RM_TRY(rm_inputs_refuse(&heatmap->inputs, path, err));
    RM_TRY(rm_language_read(&writing.language, taken.language, err));
    rm_progress_start(&progress, taken.progress, taken.progress_user);
    return function(heatmap, period, path, &writing, err);
}

rm_status rm_heatmap_write_raster(const rm_heatmap *heatmap, int32_t period, const char *path,
                                  const rm_heatmap_write_options *options, rm_error *err)
{
    return write_with(rm_heat_write_raster, heatmap, period, path, options, err);
}

rm_status rm_heatmap_write_classes(const rm_heatmap *heatmap, int32_t period, const char *path,
                                   const rm_heatmap_write_options *options, rm_error *err)
{
    return write_with(rm_heat_write_classes, heatmap, period, path, options, err);
}

rm_status rm_heatmap_write_picture(const rm_heatmap *heatmap, int32_t period, const char *path,
                                   const rm_heatmap_write_options *options, rm_error *err)
{
    return write_with(rm_heat_write_picture, heatmap, period, path, options, err);
}

rm_status rm_heatmap_write_contours(const rm_heatmap *heatmap, int32_t period, const char *path,
                                    const rm_heatmap_write_options *options, rm_error *err)
{
    return write_with(rm_heat_write_contours, heatmap, period, path, options, err);
}

rm_status rm_heatmap_contours(rm_layer **out, const rm_heatmap *heatmap, int32_t period,
                              rm_progress_fn function, void *user, rm_error *err)
{
    rm_progress progress;
    RM_TRY(check_periods(heatmap, period, err));
    if (!out)
        return rm_fail(err, RM_EINVAL, "rm_heatmap_contours: out must not be NULL");
    rm_progress_start(&progress, function, user);
    return rm_heat_take_contours(out, heatmap, period, &progress, err);
}
