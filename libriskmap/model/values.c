#include "model/values.h"

#include "base/date.h"
#include "geo/nearest.h"

#include <math.h>
#include <string.h>

double rm_value_age(const rm_column *column, int64_t row, int32_t as_of, bool *bad)
{
    int32_t year, month, day;
    rm_date_to_civil(as_of, &year, &month, &day);
    if (column->type == RM_INT64 || column->type == RM_FLOAT64) {
        double built = rm_column_number(column, row, bad);
        return built > 1005 && built <= year ? year - built : NAN;
    }
    int32_t date = rm_column_date(column, row, bad);
    if (date == RM_NO_DATE || date > as_of)
        return NAN;
    int32_t years = rm_date_years(date, as_of);
    return years < year - 1005 ? years : NAN;
}

static double tally_total(const rm_tally *tally, int64_t area)
{
    return tally->sum ? rm_sum_value(&tally->sum[area]) : tally->features[area];
}

static rm_status check_overflow(const rm_tally *tally, int64_t count, rm_error *err)
{
    for (int64_t a = 0; tally->sum && a < count; a++)
        if (rm_sum_overflowed(&tally->sum[a]))
            return rm_fail(err, RM_ELIMIT, "the sum in an area runs over 2^86; check the field");
    return RM_OK;
}

static rm_status rates(rm_outcome *outcome, const rm_indicator *indicator,
                       const rm_measured *measured, rm_error *err)
{
    double *events = NULL, *exposure = NULL;
    rm_status status = RM_NEW(&events, measured->count, err);
    if (status == RM_OK)
        status = RM_NEW(&exposure, measured->count, err);
    if (status == RM_OK) {
        for (int64_t a = 0; a < measured->count; a++) {
            events[a] = tally_total(measured->first, a);
            exposure[a] = measured->second->features[a];
        }
        if (measured->prior)
            outcome->prior = *measured->prior;
        else if (indicator->shrink)
            status = rm_rate_fit(&outcome->prior, events, exposure, measured->count, err);
    }
    if (status == RM_OK) {
        rm_rate_apply(outcome->value, events, exposure, measured->count, indicator->min_per,
                      indicator->shrink ? &outcome->prior : NULL);
        for (int64_t a = 0; a < measured->count; a++)
            outcome->value[a] *= indicator->per_units;
    }
    rm_release(events);
    rm_release(exposure);
    return status;
}

static double one_value(const rm_indicator *indicator, const rm_measured *measured, int64_t area)
{
    const rm_tally *tally = measured->first;
    double total = tally_total(tally, area), ground = measured->ground_m2[area];
    switch (indicator->measure) {
    case RM_MEASURE_DENSITY:
        return ground > 0 ? total / (ground / 1e6) : NAN;
    case RM_MEASURE_MEAN:
    case RM_MEASURE_AGE:
        return tally->features[area] ? total / tally->features[area] : NAN;
    case RM_MEASURE_SHARE: {
        double all = tally_total(measured->second, area);
        return all > 0 ? total / all : NAN;
    }
    default:
        return total;
    }
}

static void copy_counts(rm_outcome *outcome, const rm_tally *tally, int64_t count)
{
    if (tally->features)
        memcpy(outcome->features, tally->features, (size_t)count * sizeof *outcome->features);
    if (tally->missing)
        memcpy(outcome->missing, tally->missing, (size_t)count * sizeof *outcome->missing);
}

static rm_status covers(rm_outcome *outcome, const rm_measured *measured,
                        const rm_run_request *request, rm_error *err)
{
    int64_t *features = NULL;
    RM_TRY(RM_NEW(&features, measured->count, err));
    rm_status status = rm_cover_finish(measured->first->cover, outcome->value, features,
                                       request->threads, request->progress, err);
    for (int64_t a = 0; status == RM_OK && a < measured->count; a++) {
        double share = outcome->value[a] / measured->ground_m2[a];
        /* rounding may pass 1 by a last digit; a share may not */
        outcome->value[a] = measured->ground_m2[a] > 0 ? fmin(share, 1.0) : NAN;
        outcome->features[a] = features[a] < INT32_MAX ? (int32_t)features[a] : INT32_MAX;
    }
    rm_release(features);
    return status;
}

static rm_status distances(rm_outcome *outcome, const rm_indicator *indicator,
                           const rm_measured *measured, const rm_run_request *request,
                           rm_error *err)
{
    RM_TRY(rm_nearest_distances(outcome->value, NULL, measured->areas, &measured->first->near,
                                request->threads, request->progress, err));
    for (int64_t a = 0; a < measured->count; a++) {
        outcome->features[a] = !isnan(outcome->value[a]);
        if (indicator->decay_m > 0)
            outcome->value[a] = exp(-outcome->value[a] / indicator->decay_m);
    }
    return RM_OK;
}

rm_status rm_values_compute(rm_outcome *outcome, const rm_indicator *indicator,
                            const rm_measured *measured, const rm_run_request *request,
                            rm_error *err)
{
    if (indicator->measure == RM_MEASURE_COVER)
        return covers(outcome, measured, request, err);
    if (indicator->measure == RM_MEASURE_NEAREST)
        return distances(outcome, indicator, measured, request, err);
    RM_TRY(check_overflow(measured->first, measured->count, err));
    copy_counts(outcome, measured->first, measured->count);
    if (indicator->measure == RM_MEASURE_RATE) {
        RM_TRY(rates(outcome, indicator, measured, err));
    } else if (indicator->measure == RM_MEASURE_MEDIAN) {
        RM_TRY(rm_tally_medians(measured->first, outcome->value, measured->count, err));
    } else {
        for (int64_t a = 0; a < measured->count; a++)
            outcome->value[a] = one_value(indicator, measured, a);
    }
    return RM_OK;
}

rm_status rm_values_own(rm_outcome *outcome, const rm_indicator *indicator, const rm_column *column,
                        const int64_t *ids, int64_t count, int32_t as_of, rm_issues *issues,
                        rm_error *err)
{
    for (int64_t a = 0; a < count; a++) {
        bool bad = false;
        double value = indicator->measure == RM_MEASURE_AGE ? rm_value_age(column, a, as_of, &bad)
                                                            : rm_column_number(column, a, &bad);
        if (isinf(value)) {
            bad = true;
            value = NAN;
        }
        if (bad)
            RM_TRY(rm_issues_add(issues, RM_ISSUE_NO_NUMBER, ids[a], 0, 0, indicator->field, err));
        outcome->value[a] = value;
        outcome->features[a] = !isnan(value);
        outcome->missing[a] = isnan(value);
    }
    return RM_OK;
}
