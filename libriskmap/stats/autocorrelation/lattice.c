#include "stats/autocorrelation/lattice.h"

#include "riskmap/autocorrelation.h"
#include "stats/order.h"

#include <float.h>
#include <math.h>

static const char *const MESSAGE = "autocorrelation";

/* Their squares and products stay within the range of a double. */
static const double least_weight = 1e-100, most_weight = 1e100;

static rm_status check_weights(bool *some_zero, const rm_weights *weights, rm_error *err)
{
    *some_zero = false;
    if (!weights->weight)
        return RM_OK;
    for (int64_t i = 0; i < weights->count; i++) {
        for (int64_t e = weights->start[i]; e < weights->start[i + 1]; e++) {
            double weight = weights->weight[e];
            *some_zero |= weight == 0.0;
            if (weight == 0.0 || (weight >= least_weight && weight <= most_weight))
                continue;
            return rm_fail_row(err, RM_EINVAL, i,
                               "a weight of row %lld is %s; it must be 0 or from 1e-100 to 1e100",
                               (long long)i,
                               isnan(weight)  ? "not a number"
                               : weight < 0.0 ? "negative"
                               : weight < 1.0 ? "too small"
                                              : "too large");
        }
    }
    return RM_OK;
}

static int64_t count_present(const double *values, int64_t count)
{
    int64_t present = 0;
    for (int64_t i = 0; i < count; i++)
        present += !isnan(values[i]);
    return present;
}

static bool link_counts(const rm_weights *weights, const int32_t *item, int64_t link)
{
    return item[weights->to[link]] >= 0 && (!weights->weight || weights->weight[link] != 0.0);
}

typedef struct compacted {
    int32_t *item; /* [rows] number of a row's item, or -1 */
    int32_t *row;
    int64_t *start;
    int32_t *to;
    double *weight, *value;
} compacted;

/* There are as many values as were counted, or they are not those. */
static rm_status refuse_changed(rm_error *err)
{
    return rm_fail(err, RM_EINVAL,
                   "the values changed while they were read; leave the arrays as they are until "
                   "the call returns");
}

static rm_status number_items(compacted *c, const double *values, int64_t rows, int64_t items,
                              rm_error *err)
{
    int32_t next = 0;
    RM_TRY(RM_NEW(&c->item, rows, err));
    RM_TRY(RM_NEW(&c->row, items, err));
    RM_TRY(RM_NEW(&c->value, items, err));
    for (int64_t i = 0; i < rows; i++) {
        double value = values[i];
        c->item[i] = isnan(value) ? -1 : next;
        if (c->item[i] < 0)
            continue;
        if (next == items)
            return refuse_changed(err);
        c->row[next] = (int32_t)i;
        c->value[next++] = value;
    }
    return next == items ? RM_OK : refuse_changed(err);
}

static rm_status copy_links(compacted *c, const rm_weights *weights, int64_t items, rm_error *err)
{
    int64_t links = 0;
    RM_TRY(RM_NEW(&c->start, items + 1, err));
    for (int64_t i = 0; i < items; i++) {
        c->start[i] = links;
        for (int64_t e = weights->start[c->row[i]]; e < weights->start[c->row[i] + 1]; e++)
            links += link_counts(weights, c->item, e);
    }
    c->start[items] = links;
    RM_TRY(RM_NEW(&c->to, links, err));
    if (weights->weight)
        RM_TRY(RM_NEW(&c->weight, links, err));
    for (int64_t i = 0, next = 0; i < items; i++) {
        for (int64_t e = weights->start[c->row[i]]; e < weights->start[c->row[i] + 1]; e++) {
            if (!link_counts(weights, c->item, e))
                continue;
            c->to[next] = c->item[weights->to[e]];
            if (weights->weight)
                c->weight[next] = weights->weight[e];
            next++;
        }
    }
    return RM_OK;
}

/* Without the rows that have no value and the links that weigh nothing. */
static rm_status compact(rm_lattice *lattice, const rm_weights *weights, const double *values,
                         rm_error *err)
{
    compacted c = {0};
    rm_status status = number_items(&c, values, lattice->rows, lattice->items, err);
    if (status == RM_OK)
        status = copy_links(&c, weights, lattice->items, err);
    rm_release(c.item);
    void *own[] = {c.row, c.start, c.to, c.weight, c.value};
    for (int k = 0; k < 5; k++)
        lattice->own[k] = own[k];
    lattice->row = c.row;
    lattice->start = c.start;
    lattice->to = c.to;
    lattice->weight = c.weight;
    lattice->value = c.value;
    return status;
}

static void borrow(rm_lattice *lattice, const rm_weights *weights, const double *values)
{
    lattice->start = weights->start;
    lattice->to = weights->to;
    lattice->weight = weights->weight;
    lattice->value = values;
}

double rm_lattice_above(const rm_lattice *lattice, int64_t item)
{
    return ldexp(lattice->value[item] - lattice->lowest, -lattice->exponent);
}

/* Measured from the lowest value, in units of their range: a mean far from 0 then costs no digits,
 * and squares neither overflow nor vanish. */
static rm_status standardise(rm_lattice *lattice, rm_error *err)
{
    rm_exact sum = {0}, squares = {0}, fourths = {0};
    double lowest = lattice->value[0], highest = lowest;
    for (int64_t i = 1; i < lattice->items; i++) {
        lowest = lattice->value[i] < lowest ? lattice->value[i] : lowest;
        highest = lattice->value[i] > highest ? lattice->value[i] : highest;
    }
    if (lowest == highest)
        return rm_fail(err, RM_EINVAL, "all values are the same: there is no pattern to look for");
    if (!isfinite(highest - lowest))
        return rm_fail(err, RM_EINVAL, "the values lie too far apart for a double");
    int exponent;
    (void)frexp(highest - lowest, &exponent);
    lattice->exponent = exponent;
    lattice->lowest = lowest;
    RM_TRY(RM_NEW(&lattice->z, lattice->items, err));
    for (int64_t i = 0; i < lattice->items; i++) {
        lattice->z[i] = rm_lattice_above(lattice, i);
        rm_exact_add(&sum, lattice->z[i]);
    }
    lattice->mean = rm_exact_value(&sum) / (double)lattice->items;
    for (int64_t i = 0; i < lattice->items; i++) {
        double z = lattice->z[i] -= lattice->mean;
        rm_exact_add(&squares, z * z);
        rm_exact_add(&fourths, z * z * z * z);
    }
    lattice->squares = rm_exact_value(&squares);
    lattice->fourths = rm_exact_value(&fourths);
    return RM_OK;
}

static rm_status count_links(rm_lattice *lattice, rm_error *err)
{
    for (int64_t i = 0; i < lattice->items; i++) {
        int64_t neighbours = lattice->start[i + 1] - lattice->start[i];
        lattice->islands += neighbours == 0;
        lattice->most = neighbours > lattice->most ? neighbours : lattice->most;
    }
    if (lattice->most == 0)
        return rm_fail(err, RM_EINVAL,
                       "no item with a value has a neighbour with a value and a weight above 0; "
                       "are the weights made of these items?");
    return RM_OK;
}

static rm_status make(rm_lattice *lattice, const rm_weights *weights, const double *values,
                      rm_progress *progress, rm_error *err)
{
    bool some_zero;
    RM_TRY(check_weights(&some_zero, weights, err));
    RM_TRY(rm_progress_tick(progress, MESSAGE, err));
    RM_TRY(rm_refuse_infinite(values, lattice->rows, "the value", err));
    lattice->items = count_present(values, lattice->rows);
    if (lattice->items < 3)
        return rm_fail(err, RM_EINVAL, "there are %lld values; at least 3 are needed",
                       (long long)lattice->items);
    if (some_zero || lattice->items < lattice->rows)
        RM_TRY(compact(lattice, weights, values, err));
    else
        borrow(lattice, weights, values);
    RM_TRY(rm_progress_tick(progress, MESSAGE, err));
    RM_TRY(standardise(lattice, err));
    RM_TRY(rm_progress_tick(progress, MESSAGE, err));
    return count_links(lattice, err);
}

rm_status rm_lattice_new(rm_lattice *out, const rm_weights *weights, const double *values,
                         int64_t count, rm_progress *progress, rm_error *err)
{
    rm_lattice lattice = {.rows = count};
    if (count != weights->count)
        return rm_fail(err, RM_EINVAL, "there are %lld values, but the weights are of %lld items",
                       (long long)count, (long long)weights->count);
    if (count > INT32_MAX)
        return rm_fail(err, RM_ELIMIT, "there are %lld items; at most 2147483647 can be taken",
                       (long long)count);
    rm_status status = make(&lattice, weights, values, progress, err);
    if (status == RM_OK)
        *out = lattice;
    else
        rm_lattice_clear(&lattice);
    return status;
}

void rm_lattice_clear(rm_lattice *lattice)
{
    for (int k = 0; k < 5; k++)
        rm_release(lattice->own[k]);
    rm_release(lattice->z);
    *lattice = (rm_lattice){0};
}

rm_around rm_lattice_around(const rm_lattice *lattice, int64_t item, int32_t style, double self)
{
    int64_t begin = lattice->start[item], end = lattice->start[item + 1];
    rm_around around = {self, self * self, self * lattice->z[item], 1.0};
    for (int64_t e = begin; e < end; e++) {
        double weight = lattice->weight ? lattice->weight[e] : 1.0;
        around.weight += weight;
        around.squares += weight * weight;
        around.lag += weight * lattice->z[lattice->to[e]];
    }
    if (style == RM_STYLE_ROW) {
        around.factor = around.weight > 0.0 ? 1.0 / around.weight : 0.0;
        around.lag *= around.factor;
        around.squares *= around.factor * around.factor;
        around.weight = around.weight > 0.0 ? 1.0 : 0.0;
    }
    return around;
}

double rm_lattice_variance_of_others(const rm_lattice *lattice, double z)
{
    double others = (double)(lattice->items - 1);
    double left = lattice->squares - z * z * ((double)lattice->items / others);
    return left > 16.0 * DBL_EPSILON * lattice->squares ? left / others : 0.0;
}

double rm_weight_spread(double count, double weight, double squares)
{
    double spread = count * squares - weight * weight;
    return spread > 1e-12 * weight * weight ? spread : 0.0;
}
