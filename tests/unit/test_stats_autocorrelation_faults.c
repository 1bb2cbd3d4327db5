/* Spatial autocorrelation with every allocation made to fail in turn: an error, no leak, outputs
 * untouched. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "failing.h"

#include "lattices.h"

#include "stats/autocorrelation/getis.h"
#include "stats/autocorrelation/hotspot.h"
#include "stats/autocorrelation/moran.h"

static lattice_case c;
static rm_autocorrelation_options options = {.threads = 1, .permutations = 99};

static rm_status with_lattice(rm_status (*function)(const rm_lattice *, rm_error *), rm_error *err)
{
    rm_lattice lattice = {.items = -5};
    rm_status status = rm_lattice_new(&lattice, &c.weights, c.x, c.n, NULL, err);
    if (status != RM_OK) {
        assert_true(lattice.items == -5);
        return status;
    }
    status = function(&lattice, err);
    rm_lattice_clear(&lattice);
    return status;
}

static rm_status whole(const rm_lattice *lattice, rm_error *err)
{
    rm_global g = {.statistic = -5.0};
    rm_status status = rm_moran_global(&g, lattice, &options, NULL, err);
    assert_true(status == RM_OK || g.statistic == -5.0);
    return status == RM_OK ? rm_getis_global(&g, lattice, &options, NULL, err) : status;
}

static rm_status local(const rm_lattice *lattice, rm_error *err)
{
    double p[MOST_ITEMS] = {-5.0}, sd[MOST_ITEMS];
    rm_local_out out = RM_LOCAL_OUT_INIT;
    out.p_ge = p;
    out.permuted_sd = sd;
    rm_status status = rm_moran_local(&out, lattice, &options, NULL, err);
    assert_true(status == RM_OK || p[0] == -5.0);
    return status == RM_OK ? rm_getis_local(&out, lattice, true, &options, NULL, err) : status;
}

static rm_status run_whole(rm_error *err)
{
    return with_lattice(whole, err);
}

static rm_status run_local(rm_error *err)
{
    return with_lattice(local, err);
}

static rm_status adjust(rm_error *err)
{
    double adjusted[MOST_ITEMS] = {-5.0}, p[MOST_ITEMS] = {0.1};
    rm_status status = rm_adjust_p(adjusted, p, MOST_ITEMS, err);
    assert_true(status == RM_OK || adjusted[0] == -5.0);
    return status;
}

static void test_all(void **state)
{
    (void)state;
    case_random(&c, 30, ASYMMETRIC, 0.3, 1);
    c.x[5] = NAN;
    torture(run_whole, 8);
    for (int k = 0; k < 4; k++) {
        options.draws = k & 1;
        c.weights.weight = k & 2 ? c.weight : NULL;
        torture(run_local, 10);
    }
    torture(adjust, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_all)};
    return cmocka_run_group_tests_name("stats_autocorrelation_faults", tests, NULL, NULL);
}
