#include "stats/autocorrelation/getis.h"

#include "stats/autocorrelation/local.h"
#include "stats/autocorrelation/moran.h"
#include "stats/order.h"

#include <math.h>

static double total_of(const rm_lattice *lattice)
{
    rm_exact sum = {0};
    for (int64_t i = 0; i < lattice->items; i++)
        rm_exact_add(&sum, lattice->value[i]);
    return rm_exact_value(&sum);
}

typedef struct powers {
    double first, second, third, fourth; /* sums of x, x^2, x^3, x^4, x in units of its mean */
} powers;

static powers powers_of(const rm_lattice *lattice, double unit)
{
    rm_exact sum[4] = {{{0}, 0, false}};
    for (int64_t i = 0; i < lattice->items; i++) {
        double x = lattice->value[i] / unit;
        rm_exact_add(&sum[0], x);
        rm_exact_add(&sum[1], x * x);
        rm_exact_add(&sum[2], x * x * x);
        rm_exact_add(&sum[3], x * x * x * x);
    }
    return (powers){rm_exact_value(&sum[0]), rm_exact_value(&sum[1]), rm_exact_value(&sum[2]),
                    rm_exact_value(&sum[3])};
}

static double general_variance(const rm_lattice *lattice, const rm_link_sums *sums, const powers *x,
                               double expected)
{
    double n = (double)lattice->items, s1 = sums->s1, s2 = sums->s2, square = sums->s0 * sums->s0;
    if (lattice->items < 4)
        return NAN;
    double b0 = (n * n - 3.0 * n + 3.0) * s1 - n * s2 + 3.0 * square;
    double b1 = -((n * n - n) * s1 - 2.0 * n * s2 + 6.0 * square);
    double b2 = -(2.0 * n * s1 - (n + 3.0) * s2 + 6.0 * square);
    double b3 = 4.0 * (n - 1.0) * s1 - 2.0 * (n + 1.0) * s2 + 8.0 * square;
    double b4 = s1 - s2 + square;
    double first = x->first, pairs = first * first - x->second;
    double moments = b0 * x->second * x->second + b1 * x->fourth + b2 * first * first * x->second +
                     b3 * first * x->third + b4 * first * first * first * first;
    return moments / (pairs * pairs * n * (n - 1.0) * (n - 2.0) * (n - 3.0)) - expected * expected;
}

rm_status rm_getis_global(rm_global *out, const rm_lattice *lattice,
                          const rm_autocorrelation_options *options, rm_progress *progress,
                          rm_error *err)
{
    rm_link_sums sums;
    double n = (double)lattice->items, unit = total_of(lattice) / n;
    for (int64_t i = 0; i < lattice->items; i++) {
        long long row = rm_lattice_row(lattice, i);
        if (lattice->value[i] < 0.0)
            return rm_fail_row(err, RM_EINVAL, row,
                               "the value of row %lld is negative; the general G is for values of "
                               "0 and more",
                               row);
    }
    if (!isfinite(unit))
        return rm_fail(err, RM_EINVAL, "the values are too large to be added up");
    RM_TRY(rm_sum_links(&sums, lattice, options->style, unit, rm_threads(options->threads),
                        progress, err));
    powers x = powers_of(lattice, unit);
    double expected = sums.s0 / (n * (n - 1.0));
    *out = rm_global_of(sums.product / (x.first * x.first - x.second), expected,
                        general_variance(lattice, &sums, &x, expected), &sums, lattice);
    return RM_OK;
}

typedef struct getis {
    const rm_lattice *lattice;
    const rm_permuted *permuted; /* or NULL */
    int32_t style;
    bool star;
    double total; /* of the values */
} getis;

/* z: how far the lag is from what the mean would make it. Among the others of G, the deviations sum
 * to -z_i. */
static void getis_z(rm_local_item *item, const getis *g, const rm_around *around, int64_t i)
{
    const rm_lattice *lattice = g->lattice;
    double z = lattice->z[i], n = (double)lattice->items;
    double among = g->star ? n : n - 1.0; /* over how many values the moments are taken */
    double mean = g->star ? 0.0 : -z / among;
    double variance = g->star ? lattice->squares / n : rm_lattice_variance_of_others(lattice, z);
    variance *= rm_weight_spread(among, around->weight, around->squares) / (among - 1.0);
    if (variance > 0.0)
        item->z = (around->lag - around->weight * mean) / sqrt(variance);
    item->expected = around->weight / among;
    item->variance = variance;
}

/* From sums of z to shares of the total. */
static void getis_share(rm_local_item *item, const getis *g, const rm_around *around, int64_t i)
{
    const rm_lattice *lattice = g->lattice;
    double self = g->star ? 1.0 : 0.0, total = g->total - (g->star ? 0.0 : lattice->value[i]);
    double sum = self * lattice->value[i];
    for (int64_t e = lattice->start[i]; e < lattice->start[i + 1]; e++)
        sum += (lattice->weight ? lattice->weight[e] : 1.0) * lattice->value[lattice->to[e]];
    /* half of 2^exponent, which itself may be beyond a double */
    double share = total != 0.0 ? 2.0 * (ldexp(0.5, lattice->exponent) / total) : NAN;
    item->statistic = total != 0.0 ? sum * around->factor / total : NAN;
    item->variance *= share * share;
    if (!g->permuted || !g->permuted->mean || lattice->start[i] == lattice->start[i + 1])
        return;
    /* The permuted sums are of z = value - mean of all; the mean of all adds its own part. */
    double base = (ldexp(lattice->mean, lattice->exponent) + lattice->lowest) / total *
                  (around->weight - self * around->factor);
    double fixed = self * around->factor * lattice->value[i] / total;
    item->permuted_mean = fixed + base + share * around->factor * g->permuted->mean[i];
    item->permuted_sd = fabs(share) * around->factor * g->permuted->sd[i];
}

static rm_local_item getis_item(const void *context, int64_t i)
{
    const getis *g = context;
    bool island = g->lattice->start[i] == g->lattice->start[i + 1];
    rm_local_item item = rm_local_item_none(RM_LISA_NO_NEIGHBOURS);
    if (island && !g->star)
        return item;
    rm_around around = rm_lattice_around(g->lattice, i, g->style, g->star ? 1.0 : 0.0);
    getis_z(&item, g, &around, i);
    getis_share(&item, g, &around, i);
    if (island)
        return item;
    item.quadrant = item.z > 0.0 ? RM_LISA_HIGH_HIGH : RM_LISA_LOW_LOW;
    if (g->permuted)
        item.p = rm_permuted_p_of(g->permuted->larger[i], g->permuted->smaller[i],
                                  g->permuted->drawn[i]);
    return item;
}

rm_status rm_getis_local(const rm_local_out *out, const rm_lattice *lattice, bool star,
                         const rm_autocorrelation_options *options, rm_progress *progress,
                         rm_error *err)
{
    rm_permuted permuted = {0};
    bool permute = rm_local_wants_permutations(out);
    getis g = {lattice, permute ? &permuted : NULL, options->style, star, total_of(lattice)};
    if (permute)
        RM_TRY(rm_permute(&permuted, lattice, options, rm_local_wants_moments(out), progress, err));
    rm_status status =
        rm_local_write(out, lattice, getis_item, &g, rm_threads(options->threads), err);
    rm_permuted_clear(&permuted);
    return status;
}
