#include "riskmap/autocorrelation.h"

#include "api/options.h"
#include "stats/autocorrelation/getis.h"
#include "stats/autocorrelation/hotspot.h"
#include "stats/autocorrelation/moran.h"

enum { OWN_PERMUTATIONS = 999, SHARED_PERMUTATIONS = 99999, MOST_PERMUTATIONS = 9999999 };

void rm_autocorrelation_options_init(rm_autocorrelation_options *options)
{
    *options = (rm_autocorrelation_options)RM_AUTOCORRELATION_OPTIONS_INIT;
}

static rm_status check_choice(int32_t value, const char *what, const char *names, rm_error *err)
{
    if (value < 0 || value > 1)
        return rm_fail(err, RM_EINVAL, "%s %d does not exist; %s", what, value, names);
    return RM_OK;
}

static rm_status check_permutations(rm_autocorrelation_options *options, rm_error *err)
{
    int32_t least = options->draws == RM_DRAWS_SHARED ? SHARED_PERMUTATIONS : 1;
    if (options->permutations == 0)
        options->permutations =
            options->draws == RM_DRAWS_SHARED ? SHARED_PERMUTATIONS : OWN_PERMUTATIONS;
    if (options->permutations < least && options->draws == RM_DRAWS_SHARED)
        return rm_fail(err, RM_EINVAL,
                       "permutations is %d; a shared table needs 99999 or more, for its error is "
                       "the same for all items",
                       options->permutations);
    if (options->permutations < least || options->permutations > MOST_PERMUTATIONS)
        return rm_fail(err, RM_EINVAL, "permutations is %d; 0 (the default) to 9999999",
                       options->permutations);
    return RM_OK;
}

static rm_status take_options(rm_autocorrelation_options *out,
                              const rm_autocorrelation_options *given, rm_error *err)
{
    rm_autocorrelation_options_init(out);
    RM_TRY(RM_TAKE_OPTIONS(out, given, rm_autocorrelation_options, RM_AUTOCORRELATION_OPTIONS_INIT,
                           progress_user, err));
    RM_TRY(check_choice(out->style, "style", "RM_STYLE_ROW or RM_STYLE_GIVEN", err));
    RM_TRY(check_choice(out->assumption, "assumption", "RM_RANDOMISATION or RM_NORMALITY", err));
    RM_TRY(check_choice(out->scale, "scale", "RM_MORAN_N or RM_MORAN_N_MINUS_1", err));
    RM_TRY(check_choice(out->variance, "variance", "RM_VARIANCE_CONDITIONAL or RM_VARIANCE_TOTAL",
                        err));
    RM_TRY(check_choice(out->draws, "draws", "RM_DRAWS_OWN or RM_DRAWS_SHARED", err));
    if (out->threads < 0 || out->threads > 64)
        return rm_fail(err, RM_EINVAL, "threads is %d; 0 (all cores) to 64", out->threads);
    return check_permutations(out, err);
}

typedef struct prepared {
    rm_autocorrelation_options options;
    rm_lattice lattice;
    rm_progress progress;
} prepared;

static rm_status prepare(prepared *out, const void *answer, const rm_weights *weights,
                         const double *values, int64_t count,
                         const rm_autocorrelation_options *options, rm_error *err)
{
    if (!answer || !weights || count < 0 || (count > 0 && !values))
        return rm_fail(err, RM_EINVAL,
                       "the weights, the values or the place for the outcome is NULL, or count is "
                       "%lld",
                       (long long)count);
    RM_TRY(take_options(&out->options, options, err));
    rm_progress_start(&out->progress, out->options.progress, out->options.progress_user);
    RM_TRY(rm_progress_report(&out->progress, 0.0, "autocorrelation", err));
    return rm_lattice_new(&out->lattice, weights, values, count, &out->progress, err);
}

typedef rm_status (*global_fn)(rm_global *out, const rm_lattice *lattice,
                               const rm_autocorrelation_options *options, rm_progress *progress,
                               rm_error *err);

static rm_status run_global(rm_global *out, global_fn function, const rm_weights *weights,
                            const double *values, int64_t count,
                            const rm_autocorrelation_options *options, rm_error *err)
{
    prepared p;
    RM_TRY(prepare(&p, out, weights, values, count, options, err));
    rm_status status = function(out, &p.lattice, &p.options, &p.progress, err);
    rm_lattice_clear(&p.lattice);
    return status;
}

rm_status rm_moran(rm_global *out, const rm_weights *weights, const double *values, int64_t count,
                   const rm_autocorrelation_options *options, rm_error *err)
{
    return run_global(out, rm_moran_global, weights, values, count, options, err);
}

rm_status rm_geary(rm_global *out, const rm_weights *weights, const double *values, int64_t count,
                   const rm_autocorrelation_options *options, rm_error *err)
{
    return run_global(out, rm_geary_global, weights, values, count, options, err);
}

rm_status rm_general_g(rm_global *out, const rm_weights *weights, const double *values,
                       int64_t count, const rm_autocorrelation_options *options, rm_error *err)
{
    return run_global(out, rm_getis_global, weights, values, count, options, err);
}

static rm_status take_out(rm_local_out *taken, const rm_local_out *out, rm_error *err)
{
    *taken = (rm_local_out)RM_LOCAL_OUT_INIT;
    if (!out)
        return rm_fail(err, RM_EINVAL, "there is no place for the outcome: out is NULL");
    return rm_take_options(taken, sizeof *taken, out, sizeof *taken, "rm_local_out",
                           "RM_LOCAL_OUT_INIT", err);
}

rm_status rm_local_moran(const rm_local_out *out, const rm_weights *weights, const double *values,
                         int64_t count, const rm_autocorrelation_options *options, rm_error *err)
{
    prepared p;
    rm_local_out taken;
    RM_TRY(take_out(&taken, out, err));
    RM_TRY(prepare(&p, out, weights, values, count, options, err));
    rm_status status = rm_moran_local(&taken, &p.lattice, &p.options, &p.progress, err);
    rm_lattice_clear(&p.lattice);
    return status;
}

rm_status rm_local_g(const rm_local_out *out, const rm_weights *weights, const double *values,
                     int64_t count, int32_t star, const rm_autocorrelation_options *options,
                     rm_error *err)
{
    prepared p;
    rm_local_out taken;
    RM_TRY(take_out(&taken, out, err));
    RM_TRY(prepare(&p, out, weights, values, count, options, err));
    rm_status status = rm_getis_local(&taken, &p.lattice, star != 0, &p.options, &p.progress, err);
    rm_lattice_clear(&p.lattice);
    return status;
}

static rm_status check_arrays(bool present, int64_t count, rm_error *err)
{
    if (count < 0 || (count > 0 && !present))
        return rm_fail(err, RM_EINVAL, "an array is NULL, or count is %lld", (long long)count);
    return RM_OK;
}

rm_status rm_false_discovery(double *adjusted, const double *p, int64_t count, rm_error *err)
{
    RM_TRY(check_arrays(adjusted && p, count, err));
    return rm_adjust_p(adjusted, p, count, err);
}

rm_status rm_hotspot_bins(int8_t *bins, const double *z, const double *p, int64_t count,
                          rm_error *err)
{
    RM_TRY(check_arrays(bins && z && p, count, err));
    rm_bin_items(bins, z, p, count);
    return RM_OK;
}

rm_status rm_lisa_classes(uint8_t *classes, const uint8_t *quadrant, const double *p, int64_t count,
                          double level, rm_error *err)
{
    RM_TRY(check_arrays(classes && quadrant && p, count, err));
    if (!(level >= 0.0 && level <= 1.0))
        return rm_fail(err, RM_EINVAL, "the level is %g; it must lie from 0 to 1", level);
    rm_classify_items(classes, quadrant, p, count, level);
    return RM_OK;
}
