#include "riskmap/density.h"

#include "api/options.h"
#include "base/parallel.h"
#include "stats/density/bandwidth.h"
#include "stats/density/edge.h"

#include <math.h>
#include <string.h>

void rm_density_options_init(rm_density_options *options)
{
    *options = (rm_density_options)RM_DENSITY_OPTIONS_INIT;
}

void rm_validation_options_init(rm_validation_options *options)
{
    *options = (rm_validation_options)RM_VALIDATION_OPTIONS_INIT;
}

void rm_adaptive_options_init(rm_adaptive_options *options)
{
    *options = (rm_adaptive_options)RM_ADAPTIVE_OPTIONS_INIT;
}

static rm_status check_arrays(const double *x, const double *y, int64_t count, int32_t threads,
                              rm_error *err)
{
    if (count < 0 || (count > 0 && (!x || !y)))
        return rm_fail(err, RM_EINVAL, "x or y is NULL, or count is %lld", (long long)count);
    if (threads < 0 || threads > 64)
        return rm_fail(err, RM_EINVAL, "threads is %d; 0 (all cores) to 64", threads);
    return RM_OK;
}

/* --- density --- */

typedef struct rm_density_call {
    rm_density_options options;
    rm_progress progress;
    rm_density_points points;
    rm_edge *edge;   /* NULL without */
    double *weights; /* of Diggle's correction */
} rm_density_call;

static void call_clear(rm_density_call *call)
{
    rm_edge_free(call->edge);
    rm_release(call->weights);
}

static rm_status check_edge(const rm_density_options *o, rm_error *err)
{
    if (o->edge < RM_EDGE_NONE || o->edge > RM_EDGE_DIGGLE)
        return rm_fail(err, RM_EINVAL, "there is no edge correction %d; RM_EDGE_NONE is 0",
                       o->edge);
    if (o->edge == RM_EDGE_NONE)
        return RM_OK;
    if (o->ring_count < 1 || !o->ring_x || !o->ring_y || !o->ring_starts)
        return rm_fail(err, RM_EINVAL, "an edge correction needs the rings of the study area");
    if (o->edge == RM_EDGE_UNIFORM && o->bandwidths)
        return rm_fail(err, RM_EINVAL,
                       "RM_EDGE_UNIFORM needs one bandwidth; with one a point take RM_EDGE_DIGGLE");
    return RM_OK;
}

/* Weights of 0 for what lies outside, divided by the mass for Diggle. */
static rm_status weigh_by_edge(rm_density_call *call, rm_error *err)
{
    const rm_density_options *o = &call->options;
    int64_t count = call->points.count, outside = 0;
    RM_TRY(RM_NEW(&call->weights, count, err));
    RM_TRY(rm_edge_mass(call->weights, call->edge, call->points.x, call->points.y, count, o->kernel,
                        o->bandwidth, o->bandwidths, o->threads, &call->progress, err));
    for (int64_t i = 0; i < count; i++) {
        double weight = o->weights ? o->weights[i] : 1, mass = call->weights[i];
        bool out = isnan(mass);
        if (out && !o->outside)
            return rm_fail_row(err, RM_EDATA, i,
                               "point %lld lies outside the study area; leave such points out, or "
                               "have them counted (outside)",
                               (long long)i);
        outside += out;
        call->weights[i] = out ? 0 : o->edge == RM_EDGE_DIGGLE ? weight / mass : weight;
    }
    call->points.weight = call->weights;
    if (o->outside)
        *o->outside = outside;
    return RM_OK;
}

static rm_status check_bandwidth(double bandwidth, int64_t i, rm_error *err)
{
    if (bandwidth > 0 && isfinite(bandwidth))
        return RM_OK;
    return rm_fail_row(err, RM_EINVAL, i,
                       "the bandwidth of point %lld is not a finite number above 0", (long long)i);
}

static double typical_reach(const rm_density_call *call)
{
    double sum = 0;
    if (!call->points.bandwidth)
        return call->options.bandwidth;
    for (int64_t i = 0; i < call->points.count; i++)
        sum += call->points.bandwidth[i];
    return call->points.count > 0 ? sum / (double)call->points.count : 1;
}

static rm_status call_open(rm_density_call *call, const double *x, const double *y, int64_t count,
                           const rm_density_options *options, rm_error *err)
{
    rm_density_options *o = &call->options;
    rm_density_options_init(o);
    RM_TRY(RM_TAKE_OPTIONS(o, options, rm_density_options, RM_DENSITY_OPTIONS_INIT, progress_user,
                           err));
    RM_TRY(check_arrays(x, y, count, o->threads, err));
    RM_TRY(rm_kernel_check(o->kernel, o->bandwidths ? 1 : o->bandwidth, err));
    RM_TRY(check_edge(o, err));
    call->points = (rm_density_points){
        .x = x, .y = y, .weight = o->weights, .bandwidth = o->bandwidths, .count = count};
    rm_progress_start(&call->progress, o->progress, o->progress_user);
    if (o->edge == RM_EDGE_NONE)
        return RM_OK;
    for (int64_t i = 0; i < count; i++) {
        RM_TRY(rm_check_point(&call->points, i, err));
        if (o->bandwidths)
            RM_TRY(check_bandwidth(o->bandwidths[i], i, err));
    }
    rm_edge_rings rings = {
        .x = o->ring_x, .y = o->ring_y, .start = o->ring_starts, .rings = o->ring_count};
    rm_progress_stage(&call->progress, 0, 0.1);
    RM_TRY(rm_edge_new(&call->edge, &rings, typical_reach(call), &call->progress, err));
    return weigh_by_edge(call, err);
}

/* f / e for the uniform correction; NaN outside the area for both. */
static void correct(double *density, const double *mass, int64_t count, int32_t edge)
{
    for (int64_t i = 0; i < count; i++) {
        if (isnan(mass[i]))
            density[i] = NAN;
        else if (edge == RM_EDGE_UNIFORM)
            density[i] /= mass[i];
    }
}

enum { BAND_ROWS = 64 };

static rm_status correct_grid(double *out, const rm_grid *grid, rm_density_call *call,
                              rm_error *err)
{
    const rm_density_options *o = &call->options;
    double *mass = NULL, h = call->points.bandwidth ? typical_reach(call) : o->bandwidth;
    rm_status status = RM_NEW(&mass, BAND_ROWS * grid->columns, err);
    for (int64_t first = 0; first < grid->rows && status == RM_OK; first += BAND_ROWS) {
        int64_t rows = grid->rows - first < BAND_ROWS ? grid->rows - first : BAND_ROWS;
        rm_progress_stage(&call->progress, 0.5 + 0.5 * (double)first / (double)grid->rows,
                          0.5 + 0.5 * (double)(first + rows) / (double)grid->rows);
        status = rm_edge_mass_rows(mass, call->edge, grid, first, rows, o->kernel, h, o->threads,
                                   &call->progress, err);
        if (status == RM_OK)
            correct(out + first * grid->columns, mass, rows * grid->columns, o->edge);
    }
    rm_release(mass);
    return status;
}

static rm_status compute_grid(double *out, const rm_grid *grid, rm_density_call *call,
                              rm_error *err)
{
    const rm_density_options *o = &call->options;
    rm_surface *surface = NULL;
    rm_progress_stage(&call->progress, call->edge ? 0.1 : 0, call->edge ? 0.2 : 0.1);
    RM_TRY(rm_surface_new(&surface, grid, &call->points, o->kernel, o->bandwidth, o->threads,
                          &call->progress, err));
    rm_progress_stage(&call->progress, call->edge ? 0.2 : 0.1, call->edge ? 0.5 : 1);
    rm_status status =
        rm_surface_rows(out, surface, 0, grid->rows, o->threads, &call->progress, err);
    rm_surface_free(surface);
    return status == RM_OK && call->edge ? correct_grid(out, grid, call, err) : status;
}

rm_status rm_density_grid(double *out, const rm_grid *grid, const double *x, const double *y,
                          int64_t count, const rm_density_options *options, rm_error *err)
{
    rm_density_call call = {0};
    if (!out || !grid)
        return rm_fail(err, RM_EINVAL, "out or grid is NULL");
    rm_status status = call_open(&call, x, y, count, options, err);
    if (status == RM_OK)
        status = compute_grid(out, grid, &call, err);
    call_clear(&call);
    return status;
}

static rm_status compute_places(double *density, const double *x, const double *y, int64_t count,
                                rm_density_call *call, rm_error *err)
{
    const rm_density_options *o = &call->options;
    double *mass = NULL, h = call->points.bandwidth ? typical_reach(call) : o->bandwidth;
    rm_progress_stage(&call->progress, call->edge ? 0.1 : 0, call->edge ? 0.6 : 1);
    RM_TRY(rm_density_at(density, x, y, count, &call->points, o->kernel, o->bandwidth, o->threads,
                         &call->progress, err));
    if (!call->edge)
        return RM_OK;
    RM_TRY(RM_NEW(&mass, count, err));
    rm_progress_stage(&call->progress, 0.6, 1);
    rm_status status = rm_edge_mass(mass, call->edge, x, y, count, o->kernel, h, NULL, o->threads,
                                    &call->progress, err);
    if (status == RM_OK)
        correct(density, mass, count, o->edge);
    rm_release(mass);
    return status;
}

rm_status rm_density_places(double *out, const double *place_x, const double *place_y,
                            int64_t places, const double *x, const double *y, int64_t count,
                            const rm_density_options *options, rm_error *err)
{
    rm_density_call call = {0};
    double *density = NULL;
    if (places < 0 || (places > 0 && (!out || !place_x || !place_y)))
        return rm_fail(err, RM_EINVAL, "out, place_x or place_y is NULL, or places is %lld",
                       (long long)places);
    rm_status status = call_open(&call, x, y, count, options, err);
    if (status == RM_OK)
        status = RM_NEW(&density, places, err);
    if (status == RM_OK)
        status = compute_places(density, place_x, place_y, places, &call, err);
    if (status == RM_OK && places > 0)
        memcpy(out, density, (size_t)places * sizeof *out);
    rm_release(density);
    call_clear(&call);
    return status;
}

rm_status rm_density_ratio(double *out, const double *numerator, const double *denominator,
                           int64_t count, double per, double floor, rm_error *err)
{
    if (count < 0 || (count > 0 && (!out || !numerator || !denominator)))
        return rm_fail(err, RM_EINVAL, "an array is NULL, or count is %lld", (long long)count);
    if (!(per > 0 && isfinite(per)) || !(floor >= 0 && isfinite(floor)))
        return rm_fail(
            err, RM_EINVAL,
            "per is %g and floor %g; give finite numbers, per above 0 and floor not below", per,
            floor);
    for (int64_t i = 0; i < count; i++) {
        double below = denominator[i];
        out[i] = below >= floor && below > 0 ? numerator[i] / below * per : NAN;
    }
    return RM_OK;
}

/* --- bandwidths --- */

rm_status rm_bandwidth_rule(double *bandwidth, const double *x, const double *y,
                            const double *weights, int64_t count, int32_t kernel, int32_t rule,
                            rm_error *err)
{
    rm_density_points points = {.x = x, .y = y, .weight = weights, .count = count};
    if (!bandwidth)
        return rm_fail(err, RM_EINVAL, "bandwidth is NULL");
    RM_TRY(check_arrays(x, y, count, 0, err));
    return rm_rule_bandwidth(bandwidth, &points, kernel, rule, err);
}

rm_status rm_bandwidth_cross_validate(rm_bandwidth_fit *out, const double *x, const double *y,
                                      int64_t count, int32_t kernel,
                                      const rm_validation_options *options, rm_error *err)
{
    rm_validation_options o;
    rm_bandwidth_fit fit;
    rm_progress progress;
    if (!out)
        return rm_fail(err, RM_EINVAL, "out is NULL");
    rm_validation_options_init(&o);
    RM_TRY(RM_TAKE_OPTIONS(&o, options, rm_validation_options, RM_VALIDATION_OPTIONS_INIT,
                           progress_user, err));
    RM_TRY(check_arrays(x, y, count, o.threads, err));
    RM_TRY(rm_kernel_check(kernel, 1, err));
    double factor = rm_bandwidth_factor(kernel);
    rm_density_points points = {.x = x, .y = y, .weight = o.weights, .count = count};
    rm_validation how = {.criterion = o.criterion,
                         .leave = o.leave,
                         .lowest = o.lowest / factor,
                         .highest = o.highest / factor};
    rm_progress_start(&progress, o.progress, o.progress_user);
    RM_TRY(rm_validate_bandwidth(&fit, &points, &how, o.threads, &progress, err));
    fit.bandwidth *= factor;
    *out = fit;
    return RM_OK;
}

rm_status rm_bandwidth_adaptive(double *bandwidths, const double *x, const double *y, int64_t count,
                                double global, const rm_adaptive_options *options, rm_error *err)
{
    rm_adaptive_options o;
    rm_progress progress;
    rm_adaptive_options_init(&o);
    RM_TRY(RM_TAKE_OPTIONS(&o, options, rm_adaptive_options, RM_ADAPTIVE_OPTIONS_INIT,
                           progress_user, err));
    RM_TRY(check_arrays(x, y, count, o.threads, err));
    if (count > 0 && !bandwidths)
        return rm_fail(err, RM_EINVAL, "bandwidths is NULL");
    rm_density_points points = {.x = x, .y = y, .weight = o.weights, .count = count};
    rm_progress_start(&progress, o.progress, o.progress_user);
    return rm_adaptive_bandwidths(bandwidths, &points, o.pilot, global, o.trim, o.threads,
                                  &progress, err);
}

rm_status rm_half_life_weights(double *weights, const double *age_days, int64_t count,
                               double half_life, rm_error *err)
{
    if (count < 0 || (count > 0 && (!weights || !age_days)))
        return rm_fail(err, RM_EINVAL, "an array is NULL, or count is %lld", (long long)count);
    return rm_half_life(weights, age_days, count, half_life, err);
}
