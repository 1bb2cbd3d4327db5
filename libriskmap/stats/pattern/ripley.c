#include "stats/pattern/ripley.h"

#include "stats/blocks.h"
#include "stats/order.h"
#include "stats/pattern/pairs.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { CHUNK = 256, MOST_DISTANCES = 100000 };
static const char BORDER[] = "border of the study area", WEIGHING[] = "weighing pairs",
                  SIMULATING[] = "simulating randomness";

rm_status rm_ripley_check(const rm_ripley *how, rm_error *err)
{
    if (how->r_count < 1 || how->r_count > MOST_DISTANCES)
        return rm_fail(err, RM_EINVAL, "there are %lld distances r; 1 to %d",
                       (long long)how->r_count, MOST_DISTANCES);
    for (int64_t k = 0; k < how->r_count; k++) {
        if (!(how->r[k] >= 0 && how->r[k] <= 1e100))
            return rm_fail(err, RM_EINVAL, "distance r %lld is negative, missing or not finite",
                           (long long)k);
        if (k > 0 && !(how->r[k - 1] < how->r[k]))
            return rm_fail(err, RM_EINVAL, "distance r %lld is not above the one before it",
                           (long long)k);
    }
    if (how->correction < RM_RIPLEY_NONE || how->correction > RM_RIPLEY_ISOTROPIC)
        return rm_fail(err, RM_EINVAL,
                       "correction %d does not exist; RM_RIPLEY_NONE to RM_RIPLEY_ISOTROPIC",
                       how->correction);
    if (!(how->max_weight >= 1))
        return rm_fail(err, RM_EINVAL, "the largest weight is below 1 or missing");
    return RM_OK;
}

/* One pass over the pairs. Every chunk has r_count bins of its own, which are added up in the order
 * of the chunks: the sum does not depend on threads, nor, the strips being sorted by place, on the
 * order of the points. */
typedef struct pass {
    const rm_ripley *how;
    rm_strips strips;
    double *border;  /* distance to the border, in the order of the strips; NULL: not needed */
    double *bins;    /* [chunks * r_count] weight of the pairs whose d is first reached by r */
    double *scratch; /* [threads * scratch_size] */
    int64_t scratch_size;
    rm_progress *progress; /* asked in between, by the worker of the outermost loop */
    int first_worker;
} pass;

/* The first r that is at least d, or r_count. */
static int64_t bin_of(const rm_ripley *how, double d)
{
    return rm_count_below(how->r, how->r_count, d, false);
}

/* The first r beyond a point's distance to the border. */
static int64_t bin_beyond(const rm_ripley *how, double border)
{
    return rm_count_below(how->r, how->r_count, border, true);
}

static double capped(double weight, const rm_ripley *how)
{
    return weight < how->max_weight ? weight : how->max_weight;
}

static double isotropic_weight(const pass *p, int64_t i, double d, double *scratch)
{
    if (d <= p->border[i])
        return 1;
    double share = rm_window_arc(p->how->window, p->strips.x[i], p->strips.y[i], d, scratch);
    return capped(1 / share, p->how);
}

/* Point i counts a neighbour at d for the r from d up to its own distance to the border. */
static void add_within_border(const pass *p, double *bins, int64_t i, double d)
{
    int64_t from = bin_of(p->how, d), until = bin_beyond(p->how, p->border[i]);
    if (from < until) {
        bins[from] += 1;
        if (until < p->how->r_count)
            bins[until] -= 1;
    }
}

static void add_pair(const pass *p, double *bins, int64_t i, int64_t j, double *scratch)
{
    const rm_ripley *how = p->how;
    double dx = p->strips.x[i] - p->strips.x[j], dy = p->strips.y[i] - p->strips.y[j];
    double d = sqrt(dx * dx + dy * dy), weight = 2;
    if (d > how->r[how->r_count - 1])
        return;
    if (how->correction == RM_RIPLEY_BORDER) {
        add_within_border(p, bins, i, d);
        add_within_border(p, bins, j, d);
        return;
    }
    if (how->correction == RM_RIPLEY_ISOTROPIC)
        weight = isotropic_weight(p, i, d, scratch) + isotropic_weight(p, j, d, scratch);
    else if (how->correction == RM_RIPLEY_TRANSLATE)
        weight =
            2 * capped(rm_window_area(how->window) / rm_window_overlap(how->window, dx, dy), how);
    bins[bin_of(how, d)] += weight;
}

/* How many pairs are weighed between two looks at the progress: weights take a time that goes with
 * the sides of the study area. */
static int64_t pairs_a_tick(const pass *p)
{
    bool plain = p->how->correction == RM_RIPLEY_NONE || p->how->correction == RM_RIPLEY_BORDER;
    return 1 + (1 << 16) / (plain ? 1 : 1 + p->scratch_size);
}

static rm_status pass_chunk(void *context, int64_t begin, int64_t end, int worker, rm_error *err)
{
    pass *p = context;
    double *bins = p->bins + begin / CHUNK * p->how->r_count;
    double *scratch = p->scratch + worker * p->scratch_size;
    int64_t room = pairs_a_tick(p), left = 0;
    for (int64_t i = begin; i < end; i++) {
        int64_t range[2][2];
        rm_strips_after(range, &p->strips, i);
        for (int part = 0; part < 2; part++) {
            for (int64_t j = range[part][0]; j < range[part][1]; j++) {
                if (left-- == 0) {
                    left = room;
                    RM_TRY(rm_progress_check(p->progress, p->first_worker + worker, WEIGHING, err));
                }
                add_pair(p, bins, i, j, scratch);
            }
        }
    }
    return RM_OK;
}

static rm_status border_chunk(void *context, int64_t begin, int64_t end, int worker, rm_error *err)
{
    pass *p = context;
    RM_TRY(rm_progress_check(p->progress, p->first_worker + worker, BORDER, err));
    for (int64_t i = begin; i < end; i++)
        RM_TRY(rm_window_inside(&p->border[i], p->how->window, p->strips.x[i], p->strips.y[i],
                                p->strips.id[i], err));
    return RM_OK;
}

/* Bins become K. */
static rm_status finish(double *k, const pass *p, rm_error *err)
{
    const rm_ripley *how = p->how;
    int64_t count = p->strips.count, chunks = (count + CHUNK - 1) / CHUNK;
    double n = (double)count, area = rm_window_area(how->window), sum = 0;
    for (int64_t b = 0; b < how->r_count; b++) {
        double bin = 0;
        RM_TRY(rm_progress_check(p->progress, p->first_worker, WEIGHING, err));
        for (int64_t c = 0; c < chunks; c++)
            bin += p->bins[c * how->r_count + b];
        sum += bin;
        k[b] = sum * area / (n * (n - 1));
        if (how->correction == RM_RIPLEY_BORDER) {
            int64_t left = 0;
            for (int64_t i = 0; i < count; i++)
                left += p->border[i] >= how->r[b];
            k[b] = left > 0 ? sum * area / (n * (double)left) : NAN;
        }
    }
    return RM_OK;
}

static rm_status run_pass(pass *p, int threads, rm_progress *progress, rm_error *err)
{
    int64_t count = p->strips.count, chunks = (count + CHUNK - 1) / CHUNK;
    RM_TRY(RM_NEW(&p->border, count, err));
    RM_TRY(RM_NEW_ZERO(&p->bins, chunks * p->how->r_count, err));
    p->scratch_size = rm_window_scratch(p->how->window);
    RM_TRY(RM_NEW(&p->scratch, threads * p->scratch_size, err));
    rm_stage whole = rm_progress_present(progress);
    rm_progress_part(progress, whole, 0, 0.2);
    RM_TRY(rm_parallel(count, rm_window_chunk(p->how->window), threads, border_chunk, p, progress,
                       BORDER, err));
    rm_progress_part(progress, whole, 0.2, 1);
    return rm_parallel(count, CHUNK, threads, pass_chunk, p, progress, WEIGHING, err);
}

static rm_status curve_of(double *k, pass *p, const double *x, const double *y, int64_t count,
                          int threads, rm_progress *progress, rm_error *err)
{
    RM_TRY(rm_strips_new(&p->strips, x, y, count, p->how->r[p->how->r_count - 1], p->first_worker,
                         p->progress, err));
    rm_status status = run_pass(p, threads, progress, err);
    if (status == RM_OK)
        status = finish(k, p, err);
    rm_strips_clear(&p->strips);
    rm_release(p->border);
    rm_release(p->bins);
    rm_release(p->scratch);
    return status;
}

rm_status rm_ripley_curve(double *k, const rm_ripley *how, const double *x, const double *y,
                          int64_t count, int threads, rm_progress *progress, rm_error *err)
{
    pass p = {.how = how, .progress = progress};
    if (count < 2)
        return rm_fail(err, RM_EDATA, "there are %lld points; pairs need at least 2",
                       (long long)count);
    return curve_of(k, &p, x, y, count, rm_threads(threads), progress, err);
}

void rm_ripley_l(double *l, const double *k, int64_t count)
{
    for (int64_t i = 0; i < count; i++)
        l[i] = sqrt(k[i] / 3.14159265358979323846);
}

typedef struct simulation {
    const rm_ripley *how;
    const rm_ripley_runs *runs;
    int64_t count;
    double *place; /* [threads * 2 * count] */
    double *l;     /* [simulations * r_count] */
    rm_progress *progress;
} simulation;

static rm_status draw(double *x, double *y, const simulation *s, int64_t run, int worker,
                      rm_error *err)
{
    const rm_asking asking = {s->progress, worker, SIMULATING};
    for (int64_t i = 0, end; i < s->count;) {
        RM_TRY(rm_next_block(&end, i, s->count, &asking, err));
        for (; i < end; i++) {
            double at[2];
            rm_window_draw(at, s->how->window, s->runs->seed, (uint64_t)run, (uint64_t)i);
            x[i] = at[0];
            y[i] = at[1];
        }
    }
    return RM_OK;
}

static rm_status simulate_chunk(void *context, int64_t begin, int64_t end, int worker,
                                rm_error *err)
{
    simulation *s = context;
    double *x = s->place + 2 * s->count * worker, *y = x + s->count;
    for (int64_t run = begin; run < end; run++) {
        double *l = s->l + run * s->how->r_count;
        RM_TRY(draw(x, y, s, run, worker, err));
        pass p = {.how = s->how, .progress = s->progress, .first_worker = worker};
        RM_TRY(curve_of(l, &p, x, y, s->count, 1, NULL, err));
        rm_ripley_l(l, l, s->how->r_count);
    }
    return RM_OK;
}

/* The pointwise envelope; NaN where fewer than `rank` simulations have a value. */
static rm_status envelope(double *low, double *high, double *row, const simulation *s,
                          rm_error *err)
{
    int64_t runs = s->runs->simulations, rank = s->runs->rank;
    for (int64_t b = 0; b < s->how->r_count; b++) {
        int64_t present = 0;
        RM_TRY(rm_progress_tick(s->progress, SIMULATING, err));
        for (int64_t run = 0; run < runs; run++) {
            row[run] = s->l[run * s->how->r_count + b];
            present += !isnan(row[run]);
        }
        qsort(row, (size_t)runs, sizeof *row, rm_compare_doubles);
        low[b] = present >= rank ? row[rank - 1] : NAN;
        high[b] = present >= rank ? row[present - rank] : NAN;
    }
    return RM_OK;
}

static double deviation(const double *l, const double *observed, const rm_ripley *how)
{
    double most = 0;
    for (int64_t b = 0; b < how->r_count; b++) {
        double here = fabs(l[b] - how->r[b]);
        if (!isnan(observed[b]) && here > most)
            most = here;
    }
    return most;
}

static rm_status judge(rm_ripley_result *out, double *row, const double *observed,
                       const simulation *s, rm_error *err)
{
    int64_t runs = s->runs->simulations, least = 0;
    double observed_deviation = deviation(observed, observed, s->how);
    for (int64_t run = 0; run < runs; run++) {
        RM_TRY(rm_progress_tick(s->progress, SIMULATING, err));
        row[run] = deviation(s->l + run * s->how->r_count, observed, s->how);
        least += row[run] >= observed_deviation;
    }
    qsort(row, (size_t)runs, sizeof *row, rm_compare_doubles);
    *out = (rm_ripley_result){.area = rm_window_area(s->how->window),
                              .deviation = observed_deviation,
                              .critical = row[runs - s->runs->rank],
                              .p = (double)(least + 1) / (double)(runs + 1)};
    return RM_OK;
}

rm_status rm_ripley_simulate(rm_ripley_result *out, double *low, double *high,
                             const double *observed, int64_t count, const rm_ripley *how,
                             const rm_ripley_runs *runs, rm_progress *progress, rm_error *err)
{
    simulation s = {.how = how, .runs = runs, .count = count, .progress = progress};
    double *row = NULL;
    int threads = rm_threads(runs->threads);
    if (runs->simulations < 1 || runs->simulations > 100000)
        return rm_fail(err, RM_EINVAL, "there are %d simulations; 1 to 100000", runs->simulations);
    if (runs->rank < 1 || 2 * (int64_t)runs->rank > (int64_t)runs->simulations + 1)
        return rm_fail(err, RM_EINVAL, "rank %d of %d simulations; 1 to half of them", runs->rank,
                       runs->simulations);
    if (threads > runs->simulations)
        threads = runs->simulations;
    rm_status status = RM_NEW(&s.place, threads * 2 * count, err);
    if (status == RM_OK)
        status = RM_NEW(&s.l, runs->simulations * how->r_count, err);
    if (status == RM_OK)
        status = RM_NEW(&row, runs->simulations, err);
    if (status == RM_OK)
        status = rm_parallel(runs->simulations, 1, threads, simulate_chunk, &s, progress,
                             SIMULATING, err);
    if (status == RM_OK)
        status = envelope(low, high, row, &s, err);
    if (status == RM_OK)
        status = judge(out, row, observed, &s, err);
    rm_release(s.place);
    rm_release(s.l);
    rm_release(row);
    return status;
}
