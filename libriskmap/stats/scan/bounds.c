#include "stats/scan/bounds.h"

#include "base/parallel.h"

#include <math.h>

/* A threshold may be too low, which costs time, but never too high. */
static const double LLR_SLACK = 1e-6, SHARE_SLACK = 1e-9;

double rm_scan_llr(const rm_scan_model *model, bool low, int32_t c, double expected)
{
    double all = model->cases, in = c, out = all - in, outside = all - expected;
    if (low ? in >= expected : in <= expected || c < model->min_cases)
        return 0.0;
    if (outside <= 0.0)
        return 0.0;
    double llr = 0.0;
    if (c > 0)
        llr += in * log(in / expected);
    if (out > 0.0)
        llr += out * log(out / outside);
    return llr > 0.0 ? llr : 0.0;
}

double rm_scan_expected(const rm_scan_model *model, double population, int32_t lane)
{
    double expected = (double)model->cases * population / model->zones->total;
    int32_t length = rm_scan_length(model, lane);
    return length == model->steps ? expected : expected * length / model->steps;
}

typedef struct bound_work {
    rm_scan_model *model;
    rm_scan_centre *centres;
    rm_scan_side *side;
    int number;           /* of the side */
    double lowest, ratio; /* of the buckets' shares: bucket b begins at lowest * exp(b * ratio) */
    double *logarithm;    /* [cases + 1], or NULL when there are too many */
    double **sums;        /* [threads][steps + 1]: what the circle expects up to each step */
} bound_work;

/* The least (low: the most) that the cylinders of each lane expect, from sums up to each step. */
static double extreme(const rm_scan_model *model, const double *sums, int32_t lane, bool low)
{
    int32_t length = rm_scan_length(model, lane);
    int32_t first = model->prospective ? model->steps - length : 0;
    double most = sums[first + length] - sums[first];
    for (int32_t t = first + 1; t + length <= model->steps; t++) {
        double here = sums[t + length] - sums[t];
        if (low ? here > most : here < most)
            most = here;
    }
    return most;
}

static void add_expected(double *sums, const rm_scan_model *model, int32_t area)
{
    const double *own = model->expected + (int64_t)area * (model->steps + 1);
    for (int32_t t = 0; t <= model->steps; t++)
        sums[t] += own[t];
}

static void fill_shape(bound_work *work)
{
    const rm_scan_model *model = work->model;
    double *sums = work->sums[0];
    for (int32_t t = 0; t <= model->steps; t++)
        sums[t] = 0.0;
    if (model->expected)
        for (int32_t a = 0; a < model->areas; a++)
            add_expected(sums, model, a);
    for (int32_t lane = 0; lane < model->lanes; lane++) {
        if (model->expected)
            work->side->shape[lane] = extreme(model, sums, lane, work->side->low) / model->cases;
        else
            work->side->shape[lane] = (double)rm_scan_length(model, lane) / model->steps;
    }
}

/* The share by which the shape may be multiplied without a threshold becoming too high. */
static double safe_share(const bound_work *work, const double *sums)
{
    const rm_scan_model *model = work->model;
    bool low = work->side->low;
    double share = low ? 0.0 : 1.0;
    for (int32_t lane = 0; lane < model->lanes; lane++) {
        double shape = work->side->shape[lane] * model->cases;
        if (!(shape > 0.0))
            continue;
        double here = extreme(model, sums, lane, low) / shape;
        if (low ? here > share : here < share)
            share = here;
    }
    return share;
}

static uint16_t bucket_of(const bound_work *work, double share)
{
    if (!(share > work->lowest))
        return 0;
    double place = work->ratio > 0.0 ? floor(log(share / work->lowest) / work->ratio) : 0.0;
    return place < work->side->buckets ? (uint16_t)place : (uint16_t)(work->side->buckets - 1);
}

static rm_status fill_buckets(void *context, int64_t begin, int64_t end, int worker, rm_error *err)
{
    bound_work *work = context;
    const rm_scan_model *model = work->model;
    double *sums = work->sums[worker];
    (void)err;
    for (int64_t c = begin; c < end; c++) {
        rm_scan_centre *centre = &work->centres[c];
        uint16_t *bucket = centre->bucket + (int64_t)work->number * centre->count;
        for (int32_t t = 0; t <= model->steps; t++)
            sums[t] = 0.0;
        for (int32_t k = 0; k < centre->count; k++) {
            double share = centre->population[k] / model->zones->total;
            if (model->expected)
                add_expected(sums, model, centre->member[k]);
            bucket[k] = RM_SCAN_NO_CIRCLE;
            if (share > 0.0) /* neither NaN nor without population */
                bucket[k] = bucket_of(work, model->expected ? safe_share(work, sums) : share);
        }
    }
    return RM_OK;
}

/* The share that stands for bucket b: not more (low: not less) than any in it. */
static double bucket_share(const bound_work *work, int32_t b)
{
    double share;
    if (work->side->low) {
        share = work->lowest * exp((b + 1) * work->ratio) * (1.0 + SHARE_SLACK);
        return share < 1.0 && b + 1 < work->side->buckets ? share : 1.0;
    }
    share = work->lowest * exp(b * work->ratio) * (1.0 - SHARE_SLACK);
    return b == 0 && work->model->expected ? 0.0 : share;
}

static double log_of(const bound_work *work, int32_t count)
{
    if (work->logarithm)
        return work->logarithm[count];
    return count > 0 ? log(count) : 0.0;
}

/* The LLR of a count of the sweep, which is negative on the low side. On its side of what is
 * expected it grows without end, also where all cases are expected inside. */
static double count_llr(const bound_work *work, int64_t count, double log_in, double log_out)
{
    int32_t in = (int32_t)(count < 0 ? -count : count), out = work->model->cases - in;
    return in * (log_of(work, in) - log_in) + out * (log_of(work, out) - log_out);
}

/* The thresholds of one lane and bucket for all levels: as the level rises the threshold does, so
 * it is found by steps that double and then halve. */
static void fill_column(const bound_work *work, int32_t lane, int32_t b)
{
    const rm_scan_model *model = work->model;
    const rm_scan_side *side = work->side;
    double expected = model->cases * work->side->shape[lane] * bucket_share(work, b);
    double outside = model->cases - expected;
    double log_in = log(expected > 0.0 ? expected : 1e-300);
    double log_out = log(outside > 0.0 ? outside : 1e-300);
    int64_t end = side->low ? 1 : (int64_t)model->cases + 1; /* never reached */
    int64_t count = side->low ? -(int64_t)ceil(expected) + 1 : (int64_t)floor(expected) + 1;
    if (!side->low && count < model->min_cases)
        count = model->min_cases;
    if (side->low && count < -(int64_t)model->cases)
        count = -(int64_t)model->cases;
    for (int32_t level = 0; level < RM_SCAN_LEVELS; level++) {
        double wanted = level / 4.0 - LLR_SLACK;
        for (int64_t step = 1; step > 0;) {
            bool below = count + step <= end &&
                         !(count_llr(work, count + step - 1, log_in, log_out) > wanted);
            count += below ? step : 0;
            step = below ? 2 * step : step / 2;
        }
        if (count > end)
            count = end;
        int64_t place = ((int64_t)level * side->buckets + b) * model->stride + lane;
        if (model->wide)
            ((int32_t *)side->threshold)[place] = (int32_t)count;
        else
            ((int16_t *)side->threshold)[place] = (int16_t)count;
    }
}

static rm_status fill_thresholds(void *context, int64_t begin, int64_t end, int worker,
                                 rm_error *err)
{
    bound_work *work = context;
    (void)worker;
    (void)err;
    for (int64_t b = begin; b < end; b++)
        for (int32_t lane = 0; lane < work->model->lanes; lane++)
            fill_column(work, lane, (int32_t)b);
    return RM_OK;
}

/* Lanes that pad a block: no count reaches them. */
static void fill_padding(const bound_work *work)
{
    const rm_scan_model *model = work->model;
    int64_t rows = (int64_t)RM_SCAN_LEVELS * work->side->buckets;
    for (int64_t row = 0; row < rows; row++) {
        for (int32_t lane = model->lanes; lane < model->stride; lane++) {
            if (model->wide)
                ((int32_t *)work->side->threshold)[row * model->stride + lane] = RM_SCAN_NEVER_32;
            else
                ((int16_t *)work->side->threshold)[row * model->stride + lane] = RM_SCAN_NEVER_16;
        }
    }
}

/* Buckets in geometric steps from the smallest to the largest share of a circle. */
static void choose_buckets(bound_work *work)
{
    const rm_scan_zones *zones = work->model->zones;
    double least = INFINITY, most = 0.0;
    for (int32_t c = 0; c < zones->areas; c++) {
        const rm_scan_centre *centre = &zones->centre[c];
        for (int32_t k = 0; k < centre->count; k++) {
            double share = centre->population[k] / zones->total;
            least = share > 0.0 && share < least ? share : least;
            most = share > most ? share : most;
        }
    }
    int64_t room = ((int64_t)1 << 25) / (RM_SCAN_LEVELS * work->model->stride);
    int64_t buckets = zones->circles < 1024 ? zones->circles : 1024;
    buckets = buckets < room ? buckets : room;
    work->side->buckets = buckets < 16 ? 16 : (int32_t)buckets;
    work->lowest = least <= most ? least : 1.0;
    work->ratio = least < most ? log(most / least) / work->side->buckets : 0.0;
}

static rm_status make_side(bound_work *work, int threads, rm_progress *progress, rm_error *err)
{
    const rm_scan_model *model = work->model;
    rm_scan_side *side = work->side;
    choose_buckets(work);
    int64_t places = (int64_t)RM_SCAN_LEVELS * side->buckets * model->stride;
    RM_TRY(RM_NEW_ZERO(&side->shape, model->stride, err));
    RM_TRY(rm_new(&side->threshold, places, model->wide ? sizeof(int32_t) : sizeof(int16_t), true,
                  err));
    fill_shape(work);
    RM_TRY(rm_parallel(model->areas, 4, threads, fill_buckets, work, progress,
                       "expected cases of the circles", err));
    fill_padding(work);
    return rm_parallel(side->buckets, 8, threads, fill_thresholds, work, progress,
                       "thresholds of the scan", err);
}

rm_status rm_scan_bounds_make(rm_scan_model *model, rm_scan_centre *centres, int threads,
                              rm_progress *progress, rm_error *err)
{
    bound_work work = {.model = model, .centres = centres};
    rm_status status = RM_NEW_ZERO(&work.sums, threads, err);
    for (int t = 0; t < threads && status == RM_OK; t++)
        status = RM_NEW(&work.sums[t], model->steps + 1, err);
    if (status == RM_OK && model->cases <= 1 << 20)
        status = RM_NEW(&work.logarithm, model->cases + 1, err);
    for (int32_t c = 0; status == RM_OK && work.logarithm && c <= model->cases; c++)
        work.logarithm[c] = c > 0 ? log((double)c) : 0.0;
    for (int s = 0; s < model->sides && status == RM_OK; s++) {
        work.side = &model->side[s];
        work.number = s;
        status = make_side(&work, threads, progress, err);
    }
    for (int t = 0; work.sums && t < threads; t++)
        rm_release(work.sums[t]);
    rm_release(work.sums);
    rm_release(work.logarithm);
    if (status != RM_OK)
        rm_scan_bounds_clear(model);
    return status;
}

void rm_scan_bounds_clear(rm_scan_model *model)
{
    for (int s = 0; s < 2; s++) {
        rm_release(model->side[s].shape);
        rm_release(model->side[s].threshold);
        model->side[s].shape = NULL;
        model->side[s].threshold = NULL;
    }
}
