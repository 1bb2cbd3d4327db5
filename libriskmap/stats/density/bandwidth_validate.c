/* Cross-validation of the sigma of a gaussian. */
#include "base/memory.h"
#include "stats/density/bandwidth.h"
#include "stats/density/inner.h"
#include "stats/order.h"

#include <math.h>

enum { STEPS_PER_DOUBLING = 4, GOLDEN_STEPS = 14, MOST_CANDIDATES = 4000, PLACES_A_TICK = 1 << 16 };

static const char *const MESSAGE = "cross-validation";

typedef struct located {
    double x, y, weight;
} located;

/* Points by place: each distinct coordinate once, with the points that it has. */
typedef struct places {
    located *point; /* sorted */
    int64_t *begin; /* [count + 1] into point */
    double *x, *y, *weight;
    int64_t count, points;
    double total, squares; /* of the weights; sum of w^2 over points */
    double pairs;          /* sum of w_i w_j over pairs i != j of points at one place */
    int64_t coincident;    /* points that are not alone at their place */
} places;

static void places_clear(places *p)
{
    rm_release(p->point);
    rm_release(p->begin);
    rm_release(p->x);
    rm_release(p->y);
    rm_release(p->weight);
}

static bool before(const located *a, const located *b)
{
    if (a->x != b->x)
        return a->x < b->x;
    return a->y != b->y ? a->y < b->y : a->weight < b->weight;
}

/* Merges runs of `width` of from into to. */
static void merge_runs(located *to, const located *from, int64_t count, int64_t width)
{
    for (int64_t begin = 0; begin < count; begin += 2 * width) {
        int64_t middle = begin + width < count ? begin + width : count;
        int64_t end = begin + 2 * width < count ? begin + 2 * width : count, a = begin, b = middle;
        for (int64_t k = begin; k < end; k++)
            to[k] = a < middle && (b >= end || !before(&from[b], &from[a])) ? from[a++] : from[b++];
    }
}

static rm_status sort_located(located **points, int64_t count, rm_progress *progress, rm_error *err)
{
    located *other = NULL;
    RM_TRY(RM_NEW(&other, count, err));
    rm_status status = RM_OK;
    for (int64_t width = 1; width < count && status == RM_OK; width *= 2) {
        merge_runs(other, *points, count, width);
        located *swapped = *points;
        *points = other;
        other = swapped;
        status = rm_progress_tick(progress, MESSAGE, err);
    }
    rm_release(other);
    return status;
}

static void take_places(places *out)
{
    const located *all = out->point;
    for (int64_t i = 0; i < out->points;) {
        double weight = 0, squares = 0;
        int64_t begin = i, k = out->count++;
        for (; i < out->points && all[i].x == all[begin].x && all[i].y == all[begin].y; i++) {
            weight += all[i].weight;
            squares += all[i].weight * all[i].weight;
        }
        out->x[k] = all[begin].x;
        out->y[k] = all[begin].y;
        out->weight[k] = weight;
        out->begin[k] = begin;
        out->squares += squares;
        out->pairs += weight * weight - squares;
        if (i - begin > 1)
            out->coincident += i - begin;
    }
    out->begin[out->count] = out->points;
}

static rm_status read_points(places *out, const rm_density_points *p, rm_progress *progress,
                             rm_error *err)
{
    rm_exact sum = {0};
    RM_TRY(RM_NEW(&out->point, p->count, err));
    for (int64_t i = 0; i < p->count; i++) {
        double w = p->weight ? p->weight[i] : 1;
        RM_TRY(rm_check_point(p, i, err));
        if (w == 0)
            continue;
        out->point[out->points++] = (located){p->x[i], p->y[i], w};
        rm_exact_add(&sum, w);
    }
    out->total = rm_exact_value(&sum);
    return sort_located(&out->point, out->points, progress, err);
}

static rm_status places_new(places *out, const rm_density_points *points, rm_progress *progress,
                            rm_error *err)
{
    RM_TRY(read_points(out, points, progress, err));
    RM_TRY(RM_NEW(&out->begin, out->points + 1, err));
    RM_TRY(RM_NEW(&out->x, out->points, err));
    RM_TRY(RM_NEW(&out->y, out->points, err));
    RM_TRY(RM_NEW(&out->weight, out->points, err));
    take_places(out);
    if (out->count < 2)
        return rm_fail(err, RM_EDATA,
                       "the points lie at %lld place(s): cross-validation leaves one out and needs "
                       "two or more; give a bandwidth",
                       (long long)out->count);
    return RM_OK;
}

/* sum[i] = sum_j W_j exp(-d^2 / (2 sigma^2)) over places, itself included. */
static rm_status sums_at(double *sum, const places *p, double sigma, int threads,
                         rm_progress *progress, rm_error *err)
{
    rm_density_points points = {.x = p->x, .y = p->y, .weight = p->weight, .count = p->count};
    RM_TRY(rm_density_own(sum, &points, sigma, threads, progress, err));
    for (int64_t i = 0; i < p->count; i++)
        sum[i] *= 2 * RM_PI * sigma * sigma;
    return RM_OK;
}

/* What is left out at once at place i: the place, or its points one by one. */
static double left_out(const places *p, int64_t i, int64_t k, int32_t leave)
{
    return leave == RM_LEAVE_PLACE ? p->weight[i] : p->point[k].weight;
}

static int64_t turns(const places *p, int64_t i, int32_t leave)
{
    return leave == RM_LEAVE_PLACE ? p->begin[i] + 1 : p->begin[i + 1];
}

static rm_status tick(rm_progress *progress, int64_t i, rm_error *err)
{
    return i % PLACES_A_TICK == 0 ? rm_progress_tick(progress, MESSAGE, err) : RM_OK;
}

/* The mean over the weights of the density that the others give. */
static rm_status mean_left_out(double *mean, const places *p, const double *sum, int32_t leave,
                               double sigma, rm_progress *progress, rm_error *err)
{
    rm_exact total = {0};
    for (int64_t i = 0; i < p->count; i++) {
        RM_TRY(tick(progress, i, err));
        for (int64_t k = p->begin[i]; k < turns(p, i, leave); k++) {
            double w = left_out(p, i, k, leave);
            rm_exact_add(&total, w * fmax(sum[i] - w, 0) / (p->total - w));
        }
    }
    *mean = rm_exact_value(&total) / p->total / (2 * RM_PI * sigma * sigma);
    return RM_OK;
}

static rm_status likelihood(double *score, const places *p, const double *sum, int32_t leave,
                            double sigma, rm_progress *progress, rm_error *err)
{
    rm_exact total = {0};
    *score = INFINITY;
    for (int64_t i = 0; i < p->count; i++) {
        RM_TRY(tick(progress, i, err));
        for (int64_t k = p->begin[i]; k < turns(p, i, leave); k++) {
            double w = left_out(p, i, k, leave), f = (sum[i] - w) / (p->total - w);
            /* What is left of the sum by its rounding is no density. */
            if (!(f > 1e-14))
                return RM_OK;
            rm_exact_add(&total, w * log(f / (2 * RM_PI * sigma * sigma)));
        }
    }
    *score = -rm_exact_value(&total) / p->total;
    return RM_OK;
}

/* wide: the sums at sigma * sqrt(2), for the integral of the square. */
static rm_status score_of(double *score, const places *p, const double *sum, const double *wide,
                          const rm_validation *how, double sigma, rm_progress *progress,
                          rm_error *err)
{
    if (how->criterion == RM_VALIDATE_LIKELIHOOD)
        return likelihood(score, p, sum, how->leave, sigma, progress, err);
    rm_exact square = {0};
    double mean;
    for (int64_t i = 0; i < p->count; i++)
        rm_exact_add(&square, p->weight[i] / p->total * (wide[i] / p->total));
    RM_TRY(mean_left_out(&mean, p, sum, how->leave, sigma, progress, err));
    *score = rm_exact_value(&square) / (4 * RM_PI * sigma * sigma) - 2 * mean;
    return RM_OK;
}

static rm_status check_criterion(int32_t criterion, int32_t leave, rm_error *err)
{
    if (criterion < RM_VALIDATE_SQUARES || criterion > RM_VALIDATE_LIKELIHOOD)
        return rm_fail(err, RM_EINVAL, "there is no criterion %d; RM_VALIDATE_SQUARES is 0",
                       criterion);
    if (leave < RM_LEAVE_PLACE || leave > RM_LEAVE_POINT)
        return rm_fail(err, RM_EINVAL, "leave is %d; RM_LEAVE_PLACE is 0, RM_LEAVE_POINT 1", leave);
    return RM_OK;
}

typedef struct search {
    const places *places;
    const rm_validation *how;
    int threads;
    rm_progress *progress;
    rm_stage whole;
    double turns; /* densities at all places, at most */
    double *sum, *wide;
} search;

static rm_status score_at(double *score, search *s, double sigma, rm_error *err)
{
    bool squares = s->how->criterion == RM_VALIDATE_SQUARES;
    rm_stage whole = rm_progress_present(s->progress);
    rm_progress_part(s->progress, whole, 0.0, squares ? 0.5 : 1.0);
    RM_TRY(sums_at(s->sum, s->places, sigma, s->threads, s->progress, err));
    rm_progress_part(s->progress, whole, squares ? 0.5 : 1.0, 1.0);
    if (squares)
        RM_TRY(sums_at(s->wide, s->places, sigma * sqrt(2), s->threads, s->progress, err));
    return score_of(score, s->places, s->sum, s->wide, s->how, sigma, s->progress, err);
}

static rm_status search_new(search *s, rm_error *err)
{
    RM_TRY(RM_NEW(&s->sum, s->places->count, err));
    return RM_NEW(&s->wide, s->places->count, err);
}

/* Candidates a fourth root of 2 apart; the sums at sigma * sqrt(2) are those of the next but one.
 */
static rm_status try_candidates(double *best, double *score, int32_t *at, int32_t count, search *s,
                                double lowest, rm_error *err)
{
    double *kept = NULL;
    int64_t n = s->places->count;
    RM_TRY(RM_NEW(&kept, 3 * n, err));
    rm_status status = RM_OK;
    *score = INFINITY;
    for (int32_t k = 0; k < count + 2 && status == RM_OK; k++) {
        rm_progress_part(s->progress, s->whole, k / s->turns, (k + 1) / s->turns);
        status = sums_at(kept + k % 3 * n, s->places, lowest * exp2((double)k / STEPS_PER_DOUBLING),
                         s->threads, s->progress, err);
        if (status != RM_OK || k < 2)
            continue;
        double sigma = lowest * exp2((k - 2.0) / STEPS_PER_DOUBLING), here;
        status = score_of(&here, s->places, kept + (k - 2) % 3 * n, kept + k % 3 * n, s->how, sigma,
                          s->progress, err);
        if (status == RM_OK && here < *score) {
            *score = here;
            *best = sigma;
            *at = k - 2;
        }
    }
    rm_release(kept);
    return status;
}

/* Golden section between the neighbours of the best candidate, in the logarithm. */
static rm_status refine(double *best, double *score, search *s, int32_t done, rm_error *err)
{
    const double golden = 0.61803398874989485;
    double a = log(*best) - log(2) / STEPS_PER_DOUBLING,
           b = log(*best) + log(2) / STEPS_PER_DOUBLING;
    double x[2] = {b - golden * (b - a), a + golden * (b - a)}, f[2];
    for (int k = 0; k < 2; k++, done++) {
        rm_progress_part(s->progress, s->whole, done / s->turns, (done + 1) / s->turns);
        RM_TRY(score_at(&f[k], s, exp(x[k]), err));
    }
    for (int step = 0; step < GOLDEN_STEPS; step++, done++) {
        int worse = f[0] < f[1] ? 1 : 0;
        rm_progress_part(s->progress, s->whole, done / s->turns, (done + 1) / s->turns);
        if (worse)
            b = x[1];
        else
            a = x[0];
        x[worse] = x[!worse];
        f[worse] = f[!worse];
        x[!worse] = worse ? b - golden * (b - a) : a + golden * (b - a);
        RM_TRY(score_at(&f[!worse], s, exp(x[!worse]), err));
    }
    for (int k = 0; k < 2; k++) {
        if (f[k] < *score) {
            *score = f[k];
            *best = exp(x[k]);
        }
    }
    return RM_OK;
}

/* As sigma goes to 0 the criterion of squares goes to (sum w^2 + pairs) / 4 - pairs over pi sigma^2
 * W^2, pairs running over points at one place: to minus infinity when they are many. The likelihood
 * has no bound as soon as every point shares its place, and one that grows without end otherwise
 * stops at the candidates. */
static rm_status refuse_collapse(const places *p, const rm_validation *how, rm_error *err)
{
    if (how->leave != RM_LEAVE_POINT)
        return RM_OK;
    bool collapses = how->criterion == RM_VALIDATE_SQUARES ? p->pairs > p->squares / 3
                                                           : p->coincident == p->points;
    if (!collapses)
        return RM_OK;
    return rm_fail(
        err, RM_EDATA,
        "%lld of %lld points share their coordinates with another, so that leaving out one "
        "point makes the best bandwidth 0; leave out whole places instead",
        (long long)p->coincident, (long long)p->points);
}

static rm_status find_best(rm_bandwidth_fit *out, search *s, double lowest, double highest,
                           rm_error *err)
{
    double best = 0, score = INFINITY;
    int32_t at = 0;
    int32_t count = (int32_t)ceil(log2(highest / lowest) * STEPS_PER_DOUBLING - 1e-9) + 1;
    if (count > MOST_CANDIDATES)
        return rm_fail(err, RM_EINVAL, "bandwidths of %g to %g are too far apart", lowest, highest);
    s->whole = rm_progress_present(s->progress);
    s->turns = count + 2 + 2 + GOLDEN_STEPS;
    RM_TRY(try_candidates(&best, &score, &at, count, s, lowest, err));
    if (!isfinite(score))
        return rm_fail(
            err, RM_EDATA,
            "no bandwidth from %g to %g gives every point that is left out a density; try "
            "wider ones",
            lowest, highest);
    if (count > 1 && at > 0 && at < count - 1)
        RM_TRY(refine(&best, &score, s, count + 2, err));
    rm_progress_part(s->progress, s->whole, 0.0, 1.0);
    RM_TRY(rm_progress_report(s->progress, 1, MESSAGE, err));
    *out = (rm_bandwidth_fit){.bandwidth = best,
                              .score = score,
                              .places = s->places->count,
                              .coincident = s->places->coincident};
    if (count > 1)
        out->at_end = at == 0 ? -1 : at == count - 1 ? 1 : 0;
    return RM_OK;
}

rm_status rm_validate_bandwidth(rm_bandwidth_fit *out, const rm_density_points *points,
                                const rm_validation *how, int threads, rm_progress *progress,
                                rm_error *err)
{
    places p = {0};
    search s = {.places = &p, .how = how, .threads = rm_threads(threads), .progress = progress};
    double lowest = how->lowest, highest = how->highest, reference;
    RM_TRY(check_criterion(how->criterion, how->leave, err));
    if (!(lowest >= 0 && highest >= 0 && isfinite(lowest) && isfinite(highest)) ||
        (lowest > 0 && highest > 0 && lowest > highest))
        return rm_fail(err, RM_EINVAL,
                       "bandwidths from %g to %g; give two numbers above 0, the lowest first, or 0",
                       lowest, highest);
    rm_status status = places_new(&p, points, progress, err);
    if (status == RM_OK)
        status = rm_progress_tick(progress, MESSAGE, err);
    if (status == RM_OK)
        status = refuse_collapse(&p, how, err);
    if (status == RM_OK)
        status = rm_rule_bandwidth(&reference, points, RM_KERNEL_GAUSSIAN, RM_RULE_REFERENCE, err);
    if (status == RM_OK)
        status = rm_progress_tick(progress, MESSAGE, err);
    if (status == RM_OK)
        status = search_new(&s, err);
    if (status == RM_OK) {
        lowest = lowest > 0 ? lowest : fmin(reference / 128, highest > 0 ? highest : INFINITY);
        highest = highest > 0 ? highest : fmax(2 * reference, lowest);
        status = find_best(out, &s, lowest, highest, err);
    }
    rm_release(s.sum);
    rm_release(s.wide);
    places_clear(&p);
    return status;
}

rm_status rm_validation_score(double *score, const rm_density_points *points, int32_t criterion,
                              int32_t leave, double sigma, int threads, rm_progress *progress,
                              rm_error *err)
{
    places p = {0};
    rm_validation how = {.criterion = criterion, .leave = leave};
    search s = {.places = &p, .how = &how, .threads = rm_threads(threads), .progress = progress};
    RM_TRY(check_criterion(criterion, leave, err));
    RM_TRY(rm_kernel_check(RM_KERNEL_GAUSSIAN, sigma, err));
    rm_status status = places_new(&p, points, progress, err);
    if (status == RM_OK)
        status = search_new(&s, err);
    if (status == RM_OK)
        status = score_at(score, &s, sigma, err);
    rm_release(s.sum);
    rm_release(s.wide);
    places_clear(&p);
    return status;
}
