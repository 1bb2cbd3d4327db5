/* Scaling, ranks and quantiles with every allocation made to fail in turn: an error, no leak,
 * outputs untouched. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "failing.h"

#include "stats/aggregate.h"
#include "stats/scale.h"

enum { MANY = 100 };
static double values[MANY];

static rm_status scale(rm_error *err)
{
    rm_scaling scaling = {.method = RM_SCALE_PERCENTILE, .direction = -1, .a = 7};
    rm_status status = rm_scaling_fit(&scaling, values, MANY, NULL, err);
    if (status != RM_OK)
        assert_true(scaling.a == 7 && !scaling.sorted && scaling.count == 0);
    rm_scaling_clear(&scaling);
    return status;
}

static rm_status rank(rm_error *err)
{
    int32_t ranks[MANY] = {-5};
    int64_t ranked = -5;
    rm_status status = rm_rank_descending(ranks, values, MANY, &ranked, err);
    if (status != RM_OK)
        assert_true(ranks[0] == -5 && ranked == -5);
    return status;
}

static rm_status quantiles(rm_error *err)
{
    const double p[] = {0.5};
    double breaks[] = {-5};
    rm_status status = rm_quantiles(breaks, p, 1, values, MANY, err);
    if (status != RM_OK)
        assert_true(breaks[0] == -5);
    return status;
}

static void test_all(void **state)
{
    rm_status (*const calls[])(rm_error *) = {scale, rank, quantiles};
    (void)state;
    for (int i = 0; i < MANY; i++)
        values[i] = (double)(i * 37 % MANY);
    for (int c = 0; c < 3; c++)
        torture(calls[c], 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_all)};
    return cmocka_run_group_tests_name("stats_faults", tests, NULL, NULL);
}
