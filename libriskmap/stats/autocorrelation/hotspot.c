#include "stats/autocorrelation/hotspot.h"

#include "stats/order.h"

#include <math.h>

rm_status rm_adjust_p(double *adjusted, const double *p, int64_t count, rm_error *err)
{
    rm_keyed *sorted = NULL;
    int64_t tests;
    for (int64_t i = 0; i < count; i++) {
        if (p[i] < 0.0 || p[i] > 1.0)
            return rm_fail_row(err, RM_EINVAL, i, "p of row %lld lies outside 0 to 1",
                               (long long)i);
    }
    RM_TRY(rm_sort_present(&sorted, &tests, p, count, "p", NULL, err));
    double lowest = 1.0;
    for (int64_t i = 0; i < count; i++)
        adjusted[i] = isnan(p[i]) ? NAN : p[i];
    for (int64_t rank = tests; rank > 0; rank--) {
        double *here = &adjusted[sorted[rank - 1].index];
        double raised = (double)tests / (double)rank * *here;
        lowest = raised < lowest ? raised : lowest;
        *here = lowest;
    }
    rm_release(sorted);
    return RM_OK;
}

void rm_bin_items(int8_t *bins, const double *z, const double *p, int64_t count)
{
    for (int64_t i = 0; i < count; i++) {
        int bin = (p[i] < 0.10) + (p[i] < 0.05) + (p[i] < 0.01);
        if (isnan(z[i]) || isnan(p[i]))
            bins[i] = RM_NO_BIN;
        else
            bins[i] = (int8_t)(z[i] > 0.0 ? bin : z[i] < 0.0 ? -bin : 0);
    }
}

void rm_classify_items(uint8_t *classes, const uint8_t *quadrant, const double *p, int64_t count,
                       double level)
{
    for (int64_t i = 0; i < count; i++) {
        bool settled = quadrant[i] >= RM_LISA_UNDEFINED || p[i] <= level;
        classes[i] = settled ? quadrant[i] : (uint8_t)RM_LISA_NOT_SIGNIFICANT;
    }
}
