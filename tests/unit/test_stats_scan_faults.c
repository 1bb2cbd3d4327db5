/* A scan with every allocation made to fail in turn: an error, no leak, the output untouched. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "failing.h"

#include "stats/scan/scan.h"

enum { AREAS = 9, STEPS = 6 };

static rm_status scan(int32_t steps, bool by_step, rm_error *err)
{
    double x[AREAS], y[AREAS], population[AREAS * STEPS];
    int32_t cases[AREAS * STEPS];
    rm_scan_options options = RM_SCAN_OPTIONS_INIT;
    static char untouched;
    rm_scan *out = (rm_scan *)&untouched, *before = out;
    for (int32_t i = 0; i < AREAS; i++) {
        x[i] = i % 3;
        y[i] = i / 3;
    }
    for (int32_t i = 0; i < AREAS * STEPS; i++) {
        population[i] = 10 + i % 4;
        cases[i] = i % 5 == 0;
    }
    rm_scan_input input = {x, y, population, cases, AREAS, steps, by_step};
    options.replicates = 40;
    options.rates = RM_SCAN_BOTH;
    options.threads = 1; /* the allocator counts on one thread */
    rm_status status = rm_scan_run(&out, &input, &options, err);
    if (status == RM_OK)
        rm_scan_free(out);
    else
        assert_ptr_equal(out, before);
    return status;
}

static rm_status in_space(rm_error *err)
{
    return scan(1, false, err);
}

static rm_status in_time(rm_error *err)
{
    return scan(STEPS, true, err);
}

static void test_all(void **state)
{
    (void)state;
    torture(in_space, 30);
    torture(in_time, 30);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_all)};
    return cmocka_run_group_tests_name("stats_scan_faults", tests, NULL, NULL);
}
