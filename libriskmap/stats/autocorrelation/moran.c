#include "stats/autocorrelation/moran.h"

#include "stats/autocorrelation/local.h"
#include "stats/rate/probability.h"

#include <math.h>

enum { ITEMS_A_CHUNK = 4096 };

typedef struct summing {
    const rm_lattice *lattice;
    double unit;
    double *factor;        /* [items] */
    rm_link_sums *partial; /* [chunks] s1 and s2 left aside */
    double *squares;       /* [chunks] of w_ij (w_ij + w_ji) */
} summing;

/* The weight that j gives i, by search: lists of neighbours ascend. */
static double weight_back(const summing *s, int64_t j, int64_t i)
{
    const rm_lattice *lattice = s->lattice;
    int64_t low = lattice->start[j], high = lattice->start[j + 1];
    while (low < high) {
        int64_t middle = low + (high - low) / 2;
        if (lattice->to[middle] < i)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == lattice->start[j + 1] || lattice->to[low] != i)
        return 0.0;
    return s->factor[j] * (lattice->weight ? lattice->weight[low] : 1.0);
}

static rm_status sum_chunk(void *context, int64_t begin, int64_t end, int worker, rm_error *err)
{
    summing *s = context;
    const rm_lattice *lattice = s->lattice;
    rm_link_sums sums = {0};
    double squares = 0.0;
    (void)worker;
    (void)err;
    for (int64_t i = begin; i < end; i++) {
        for (int64_t e = lattice->start[i]; e < lattice->start[i + 1]; e++) {
            int64_t j = lattice->to[e];
            double weight = s->factor[i] * (lattice->weight ? lattice->weight[e] : 1.0);
            double apart = lattice->z[i] - lattice->z[j];
            sums.s0 += weight;
            squares += weight * (weight + weight_back(s, j, i));
            sums.cross += weight * lattice->z[i] * lattice->z[j];
            sums.contrast += weight * apart * apart;
            sums.product += weight * (lattice->value[i] / s->unit) * (lattice->value[j] / s->unit);
        }
    }
    s->partial[begin / ITEMS_A_CHUNK] = sums;
    s->squares[begin / ITEMS_A_CHUNK] = squares;
    return RM_OK;
}

/* S2: squares of what an item gives and gets together. */
static double sum_given_and_got(const summing *s, double *both)
{
    const rm_lattice *lattice = s->lattice;
    double sum = 0.0;
    for (int64_t i = 0; i < lattice->items; i++) {
        for (int64_t e = lattice->start[i]; e < lattice->start[i + 1]; e++) {
            double weight = s->factor[i] * (lattice->weight ? lattice->weight[e] : 1.0);
            both[i] += weight;
            both[lattice->to[e]] += weight;
        }
    }
    for (int64_t i = 0; i < lattice->items; i++)
        sum += both[i] * both[i];
    return sum;
}

static rm_status sum_all(rm_link_sums *out, summing *s, double **both, int32_t style, int threads,
                         rm_progress *progress, rm_error *err)
{
    int64_t items = s->lattice->items, chunks = (items + ITEMS_A_CHUNK - 1) / ITEMS_A_CHUNK;
    rm_link_sums sums = {0};
    RM_TRY(RM_NEW(&s->factor, items, err));
    RM_TRY(RM_NEW(&s->partial, chunks, err));
    RM_TRY(RM_NEW(&s->squares, chunks, err));
    RM_TRY(RM_NEW_ZERO(both, items, err));
    for (int64_t i = 0; i < items; i++)
        s->factor[i] = rm_lattice_around(s->lattice, i, style, 0.0).factor;
    RM_TRY(
        rm_parallel(items, ITEMS_A_CHUNK, threads, sum_chunk, s, progress, "autocorrelation", err));
    for (int64_t c = 0; c < chunks; c++) {
        sums.s0 += s->partial[c].s0;
        sums.s1 += s->squares[c];
        sums.cross += s->partial[c].cross;
        sums.contrast += s->partial[c].contrast;
        sums.product += s->partial[c].product;
    }
    sums.s2 = sum_given_and_got(s, *both);
    *out = sums;
    return RM_OK;
}

rm_status rm_sum_links(rm_link_sums *out, const rm_lattice *lattice, int32_t style, double unit,
                       int threads, rm_progress *progress, rm_error *err)
{
    summing s = {.lattice = lattice, .unit = unit};
    double *both = NULL;
    rm_status status = sum_all(out, &s, &both, style, threads, progress, err);
    rm_release(s.factor);
    rm_release(s.partial);
    rm_release(s.squares);
    rm_release(both);
    return status;
}

rm_global rm_global_of(double statistic, double expected, double variance, const rm_link_sums *sums,
                       const rm_lattice *lattice)
{
    double z = variance > 0.0 ? (statistic - expected) / sqrt(variance) : NAN;
    return (rm_global){
        statistic, expected,       variance,        z, rm_normal_two_sided(z), sums->s0, sums->s1,
        sums->s2,  lattice->items, lattice->islands};
}

static double kurtosis(const rm_lattice *lattice)
{
    double n = (double)lattice->items;
    return lattice->fourths * n / (lattice->squares * lattice->squares);
}

static double moran_variance(const rm_lattice *lattice, const rm_link_sums *sums,
                             int32_t assumption)
{
    double n = (double)lattice->items, k = kurtosis(lattice);
    double s1 = sums->s1, s2 = sums->s2, square = sums->s0 * sums->s0;
    double expected = -1.0 / (n - 1.0);
    if (assumption == RM_NORMALITY)
        return (n * n * s1 - n * s2 + 3.0 * square) / ((n * n - 1.0) * square) -
               expected * expected;
    if (lattice->items < 4)
        return NAN;
    double all = n * ((n * n - 3.0 * n + 3.0) * s1 - n * s2 + 3.0 * square);
    double peaked = k * ((n * n - n) * s1 - 2.0 * n * s2 + 6.0 * square);
    return (all - peaked) / ((n - 1.0) * (n - 2.0) * (n - 3.0) * square) - expected * expected;
}

rm_status rm_moran_global(rm_global *out, const rm_lattice *lattice,
                          const rm_autocorrelation_options *options, rm_progress *progress,
                          rm_error *err)
{
    rm_link_sums sums;
    double n = (double)lattice->items;
    RM_TRY(rm_sum_links(&sums, lattice, options->style, 1.0, rm_threads(options->threads), progress,
                        err));
    double variance = moran_variance(lattice, &sums, options->assumption);
    *out = rm_global_of(n / sums.s0 * sums.cross / lattice->squares, -1.0 / (n - 1.0), variance,
                        &sums, lattice);
    return RM_OK;
}

static double geary_variance(const rm_lattice *lattice, const rm_link_sums *sums,
                             int32_t assumption)
{
    double n = (double)lattice->items, k = kurtosis(lattice);
    double s1 = sums->s1, s2 = sums->s2, square = sums->s0 * sums->s0;
    if (assumption == RM_NORMALITY)
        return ((2.0 * s1 + s2) * (n - 1.0) - 4.0 * square) / (2.0 * (n + 1.0) * square);
    if (lattice->items < 4)
        return NAN;
    double first = (n - 1.0) * s1 * (n * n - 3.0 * n + 3.0 - k * (n - 1.0));
    double second = 0.25 * (n - 1.0) * s2 * (n * n + 3.0 * n - 6.0 - k * (n * n - n + 2.0));
    double third = square * (n * n - 3.0 - k * (n - 1.0) * (n - 1.0));
    return (first - second + third) / (n * (n - 2.0) * (n - 3.0) * square);
}

rm_status rm_geary_global(rm_global *out, const rm_lattice *lattice,
                          const rm_autocorrelation_options *options, rm_progress *progress,
                          rm_error *err)
{
    rm_link_sums sums;
    double n = (double)lattice->items;
    RM_TRY(rm_sum_links(&sums, lattice, options->style, 1.0, rm_threads(options->threads), progress,
                        err));
    double c = (n - 1.0) / (2.0 * sums.s0) * sums.contrast / lattice->squares;
    *out =
        rm_global_of(c, 1.0, geary_variance(lattice, &sums, options->assumption), &sums, lattice);
    out->z = -out->z; /* alike neighbours make C small */
    return RM_OK;
}

static uint8_t quadrant_of(double z, double lag)
{
    if (z > 0.0)
        return lag > 0.0 ? RM_LISA_HIGH_HIGH : RM_LISA_HIGH_LOW;
    return lag > 0.0 ? RM_LISA_LOW_HIGH : RM_LISA_LOW_LOW;
}

/* Expectation and variance, on the scale that divides by n. */
static void moran_moments(rm_local_item *item, const rm_lattice *lattice, const rm_around *around,
                          double z, int32_t variance)
{
    double n = (double)lattice->items, m2 = lattice->squares / n;
    double w2 = around->squares, square = around->weight * around->weight;
    if (variance == RM_VARIANCE_CONDITIONAL) {
        item->expected = -z * z * around->weight / ((n - 1.0) * m2);
        item->variance = z / m2 * (z / m2) * rm_lattice_variance_of_others(lattice, z) *
                         rm_weight_spread(n - 1.0, around->weight, w2) / (n - 2.0);
    } else {
        double k = kurtosis(lattice);
        item->expected = -around->weight / (n - 1.0);
        item->variance = (n - k) / (n - 1.0) * w2 +
                         (2.0 * k - n) / ((n - 1.0) * (n - 2.0)) * (square - w2) -
                         item->expected * item->expected;
    }
}

/* The statistic falls as the lag rises where z is negative; where it is 0 nothing changes it. */
static void moran_permuted(rm_local_item *item, const rm_permuted *permuted, int64_t i, double z,
                           double slope)
{
    int64_t larger = permuted->larger[i], smaller = permuted->smaller[i];
    int64_t drawn = permuted->drawn[i];
    if (z > 0.0)
        item->p = rm_permuted_p_of(larger, smaller, drawn);
    else if (z < 0.0)
        item->p = rm_permuted_p_of(smaller, larger, drawn);
    else
        item->p = rm_permuted_p_of(drawn, drawn, drawn);
    if (!permuted->mean)
        return;
    item->permuted_mean = slope * permuted->mean[i];
    item->permuted_sd = fabs(slope) * permuted->sd[i];
}

typedef struct local_moran {
    const rm_lattice *lattice;
    const rm_autocorrelation_options *options;
    const rm_permuted *permuted; /* or NULL */
} local_moran;

static rm_local_item moran_item(const void *context, int64_t i)
{
    const local_moran *m = context;
    const rm_lattice *lattice = m->lattice;
    const rm_autocorrelation_options *options = m->options;
    double n = (double)lattice->items, z = lattice->z[i], m2 = lattice->squares / n;
    double scale = options->scale == RM_MORAN_N_MINUS_1 ? (n - 1.0) / n : 1.0;
    rm_around around = rm_lattice_around(lattice, i, options->style, 0.0);
    rm_local_item item = rm_local_item_none(RM_LISA_NO_NEIGHBOURS);
    if (lattice->start[i] == lattice->start[i + 1])
        return item;
    item.statistic = z * around.lag / m2 * scale;
    moran_moments(&item, lattice, &around, z, options->variance);
    item.expected *= scale;
    item.variance *= scale * scale;
    if (item.variance > 0.0)
        item.z = (item.statistic - item.expected) / sqrt(item.variance);
    if (m->permuted)
        moran_permuted(&item, m->permuted, i, z, z * around.factor / m2 * scale);
    item.quadrant = quadrant_of(z, around.lag);
    return item;
}

rm_status rm_moran_local(const rm_local_out *out, const rm_lattice *lattice,
                         const rm_autocorrelation_options *options, rm_progress *progress,
                         rm_error *err)
{
    rm_permuted permuted = {0};
    bool permute = rm_local_wants_permutations(out);
    if (permute)
        RM_TRY(rm_permute(&permuted, lattice, options, rm_local_wants_moments(out), progress, err));
    local_moran moran = {lattice, options, permute ? &permuted : NULL};
    rm_status status =
        rm_local_write(out, lattice, moran_item, &moran, rm_threads(options->threads), err);
    rm_permuted_clear(&permuted);
    return status;
}
