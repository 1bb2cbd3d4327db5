#include "stats/order.h"

#include <math.h>
#include <string.h>

enum { DIGIT_BITS = 11, DIGITS = 6, DIGIT_VALUES = 1 << DIGIT_BITS, SMALL = 48 };
enum { VALUES_A_TICK = 1 << 12 };

/* The end of the block that begins at i, and a tick before it: inner loops stay plain. */
static rm_status next_block(int64_t *end, int64_t i, int64_t count, rm_progress *progress,
                            rm_error *err)
{
    *end = count - i < VALUES_A_TICK ? count : i + VALUES_A_TICK;
    return rm_progress_tick(progress, "sorting", err);
}

/* Negative values upside down, the sign bit on its head. */
static uint64_t key_of(double value)
{
    uint64_t bits;
    value += 0.0; /* -0 equals 0, so it must have the same key */
    memcpy(&bits, &value, sizeof bits);
    return bits >> 63 ? ~bits : bits | UINT64_C(1) << 63;
}

int rm_compare_doubles(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;
    if (isnan(a) || isnan(b))
        return isnan(a) - isnan(b);
    return (a > b) - (a < b);
}

double rm_keyed_value(rm_keyed keyed)
{
    double value;
    uint64_t bits = keyed.key >> 63 ? keyed.key & ~(UINT64_C(1) << 63) : ~keyed.key;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static unsigned digit_of(uint64_t key, int digit)
{
    return (unsigned)(key >> (digit * DIGIT_BITS)) & (DIGIT_VALUES - 1);
}

static void sort_small(rm_keyed *items, int64_t count)
{
    for (int64_t i = 1; i < count; i++) {
        rm_keyed item = items[i];
        int64_t j = i;
        for (; j > 0 && items[j - 1].key > item.key; j--)
            items[j] = items[j - 1];
        items[j] = item;
    }
}

/* Turns counts into starting positions; false when all keys share this digit and nothing moves. */
static bool digit_starts(int64_t *histogram, int64_t count)
{
    int64_t start = 0;
    for (int v = 0; v < DIGIT_VALUES; v++) {
        int64_t size = histogram[v];
        if (size == count)
            return false;
        histogram[v] = start;
        start += size;
    }
    return true;
}

/* Radix sort, lowest digit first. *items and *other change places when the passes are odd. */
static rm_status sort_radix(rm_keyed **items, rm_keyed **other, int64_t *histogram, int64_t count,
                            rm_progress *progress, rm_error *err)
{
    for (int64_t i = 0, end; i < count;) {
        RM_TRY(next_block(&end, i, count, progress, err));
        /* huge pages are cleared one by one here, or the first pass, which writes all over them,
         * would have them cleared all at once */
        (*other)[i].key = 0;
        for (; i < end; i++) {
            for (int d = 0; d < DIGITS; d++)
                histogram[d * DIGIT_VALUES + digit_of((*items)[i].key, d)]++;
        }
    }
    for (int d = 0; d < DIGITS; d++) {
        int64_t *place = histogram + d * DIGIT_VALUES;
        if (!digit_starts(place, count))
            continue;
        for (int64_t i = 0, end; i < count;) {
            RM_TRY(next_block(&end, i, count, progress, err));
            for (; i < end; i++)
                (*other)[place[digit_of((*items)[i].key, d)]++] = (*items)[i];
        }
        rm_keyed *swap = *items;
        *items = *other;
        *other = swap;
    }
    return RM_OK;
}

static rm_status collect_present(rm_keyed *items, int64_t *present, const double *values,
                                 int64_t count, const char *what, rm_progress *progress,
                                 rm_error *err)
{
    int64_t found = 0;
    for (int64_t i = 0, end; i < count;) {
        RM_TRY(next_block(&end, i, count, progress, err));
        for (; i < end; i++) {
            if (isnan(values[i]))
                continue;
            if (isinf(values[i]))
                return rm_refuse_infinite(values, count, what, err);
            items[found].key = key_of(values[i]);
            items[found++].index = (int32_t)i;
        }
    }
    *present = found;
    return RM_OK;
}

rm_status rm_sort_present(rm_keyed **out, int64_t *present, const double *values, int64_t count,
                          const char *what, rm_progress *progress, rm_error *err)
{
    rm_keyed *items = NULL, *other = NULL;
    int64_t *histogram = NULL;
    int64_t found = 0;
    rm_status status;

    if (count < 0 || count > INT32_MAX)
        return rm_fail(err, RM_ELIMIT, "%s: %lld values; at most 2147483647 can be sorted", what,
                       (long long)count);
    if ((status = RM_NEW(&items, count, err)) != RM_OK)
        goto cleanup;
    if ((status = collect_present(items, &found, values, count, what, progress, err)) != RM_OK)
        goto cleanup;
    if (found <= SMALL) {
        sort_small(items, found);
    } else {
        if ((status = RM_NEW(&other, found, err)) != RM_OK)
            goto cleanup;
        if ((status = RM_NEW_ZERO(&histogram, DIGITS * DIGIT_VALUES, err)) != RM_OK)
            goto cleanup;
        if ((status = sort_radix(&items, &other, histogram, found, progress, err)) != RM_OK)
            goto cleanup;
    }
    *out = items;
    *present = found;
    items = NULL;
cleanup:
    rm_release(items);
    rm_release(other);
    rm_release(histogram);
    return status;
}

rm_status rm_refuse_infinite(const double *values, int64_t count, const char *what, rm_error *err)
{
    for (int64_t i = 0; i < count; i++) {
        if (isinf(values[i]))
            return rm_fail_row(err, RM_EINVAL, i,
                               "%s of row %lld is infinite; give a number, or NaN for missing",
                               what, (long long)i);
    }
    return RM_OK;
}

void rm_exact_add(rm_exact *sum, double value)
{
    int kept = 0;
    for (int i = 0; i < sum->count; i++) {
        double part = sum->parts[i];
        double large = fabs(value) < fabs(part) ? part : value;
        double small = fabs(value) < fabs(part) ? value : part;
        double high = large + small;
        double low = small - (high - large); /* exact: what high lost */
        if (low != 0.0)
            sum->parts[kept++] = low;
        value = high;
    }
    sum->parts[kept++] = value;
    sum->count = kept;
    if (!isfinite(value)) {
        sum->overflowed = true;
        sum->count = 0; /* the remaining additions stay harmless */
    }
}

double rm_exact_value(const rm_exact *sum)
{
    double high = 0.0, low = 0.0;
    int i = sum->count;

    if (sum->overflowed)
        return NAN;
    while (i > 0 && low == 0.0) {
        double large = high, small = sum->parts[--i];
        high = large + small;
        low = small - (high - large);
    }
    /* Half-way between two doubles: the parts below decide which way to round. */
    if (i > 0 &&
        ((low < 0.0 && sum->parts[i - 1] < 0.0) || (low > 0.0 && sum->parts[i - 1] > 0.0))) {
        double doubled = low * 2.0, rounded = high + doubled;
        if (doubled == rounded - high)
            high = rounded;
    }
    return high;
}
