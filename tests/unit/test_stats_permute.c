/* Conditional permutations against every choice there is, in both modes; ties; the same for any
 * number of threads. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "lattices.h"

#include "stats/autocorrelation/permute.h"
#include "stats/autocorrelation/permute_core.h"

/* Every ordered choice of k of the others for item i: how many sums are at least as large and at
 * most as large as the observed one, and the moments of all. */
typedef struct enumeration {
    const lattice_case *c;
    int item, k;
    double z[MOST_ITEMS], weight[MOST_ITEMS], observed, larger, smaller, all, sum, squares;
} enumeration;

static void enumerate(enumeration *e, int q, uint64_t used, double sum)
{
    if (q == e->k) {
        double slack = 1e-9;
        e->all++;
        e->larger += sum >= e->observed - slack;
        e->smaller += sum <= e->observed + slack;
        e->sum += sum;
        e->squares += sum * sum;
        return;
    }
    for (int j = 0; j < e->c->n; j++) {
        if (j != e->item && !(used >> j & 1))
            enumerate(e, q + 1, used | UINT64_C(1) << j, sum + e->weight[q] * e->z[j]);
    }
}

static void enumerate_item(enumeration *e, const lattice_case *c, int item)
{
    *e = (enumeration){.c = c, .item = item};
    for (int j = 0; j < c->n; j++)
        e->z[j] = c->x[j] - mean_of(c->x, c->n);
    for (int j = 0; j < c->n; j++) {
        if (c->w[item][j] == 0.0)
            continue;
        e->weight[e->k++] = c->w[item][j];
        e->observed += c->w[item][j] * e->z[j];
    }
    enumerate(e, 0, 0, 0.0);
}

static void permute(rm_permuted *out, const lattice_case *c, int32_t draws, int32_t permutations,
                    uint64_t seed, int threads)
{
    rm_lattice lattice;
    rm_autocorrelation_options options = {
        .draws = draws, .permutations = permutations, .threads = threads, .seed = seed};
    assert_int_equal(rm_lattice_new(&lattice, &c->weights, c->x, c->n, NULL, NULL), RM_OK);
    assert_int_equal(rm_permute(out, &lattice, &options, true, NULL, NULL), RM_OK);
    double unit = ldexp(1.0, lattice.exponent);
    for (int i = 0; i < c->n; i++) {
        out->mean[i] *= unit;
        out->sd[i] *= unit;
    }
    rm_lattice_clear(&lattice);
}

static void assert_share(double got, double all, double expected)
{
    if (!(fabs(got / all - expected) <= 5.0 * sqrt(expected * (1.0 - expected) / all) + 1e-12))
        fail_msg("%g of %g is not a share of %g", got, all, expected);
}

static void check_enumerated(const lattice_case *c, int32_t draws, int32_t permutations)
{
    rm_permuted got;
    permute(&got, c, draws, permutations, 5, 1);
    for (int i = 0; i < c->n; i++) {
        enumeration e;
        if (c->start[i] == c->start[i + 1]) {
            assert_true(got.drawn[i] == 0 && isnan(got.mean[i]) && isnan(got.sd[i]));
            continue;
        }
        enumerate_item(&e, c, i);
        double drawn = got.drawn[i], mean = e.sum / e.all;
        double sd = sqrt(e.squares / e.all - mean * mean);
        assert_true(drawn <= permutations && drawn >= 0.4 * permutations);
        assert_share(got.larger[i], drawn, e.larger / e.all);
        assert_share(got.smaller[i], drawn, e.smaller / e.all);
        assert_true(fabs(got.mean[i] - mean) <= 5.0 * sd / sqrt(drawn) + 1e-9);
        assert_true(fabs(got.sd[i] - sd) <= 5.0 * sd / sqrt(drawn) + 1e-6);
    }
    rm_permuted_clear(&got);
}

/* Counts with many ties, and weights that differ: with so few items most choices hold one twice, so
 * the shuffler is at work, and with more items the batches are. */
static void test_every_choice(void **state)
{
    static lattice_case c;
    (void)state;
    for (uint64_t seed = 0; seed < 4; seed++) {
        case_random(&c, 9, seed & 1 ? ASYMMETRIC : BINARY, 0.5, seed);
        check_enumerated(&c, RM_DRAWS_OWN, 20000);
        check_enumerated(&c, RM_DRAWS_SHARED, 99999);
    }
    case_random(&c, 20, BINARY, 0.1, 9);
    for (int i = 0; i < c.n; i++)
        assert_true(c.start[i + 1] - c.start[i] <= 5);
    check_enumerated(&c, RM_DRAWS_OWN, 20000);
    check_enumerated(&c, RM_DRAWS_SHARED, 99999);
}

/* All neighbours of all: there is one choice, and it is the observed one. */
static void test_one_choice_is_always_a_tie(void **state)
{
    static lattice_case c;
    (void)state;
    for (int kind = 0; kind < 2; kind++) {
        rm_permuted got;
        memset(&c, 0, sizeof c);
        c.n = 12;
        for (int i = 0; i < c.n; i++) {
            c.x[i] = sqrt(i + 0.7) * 1e5;
            for (int j = 0; j < c.n; j++)
                c.w[i][j] = i != j ? 0.3 : 0.0;
        }
        case_rows(&c, kind);
        permute(&got, &c, RM_DRAWS_OWN, 999, 1, 1);
        for (int i = 0; i < c.n; i++)
            assert_true(got.larger[i] == 999 && got.smaller[i] == 999 && got.sd[i] < 1e-6);
        rm_permuted_clear(&got);
    }
}

/* Two values, weights that differ by rounding noise only in how they add up: 0.1 + 0.2 + 0.3 and
 * 0.3 + 0.2 + 0.1 are one sum. */
static void test_sums_that_differ_by_rounding_are_ties(void **state)
{
    static lattice_case c;
    rm_permuted got;
    enumeration e;
    (void)state;
    memset(&c, 0, sizeof c);
    c.n = 10;
    for (int i = 0; i < c.n; i++)
        c.x[i] = i < 5 ? 0.1 : 0.7;
    c.w[0][1] = 0.1;
    c.w[0][2] = 0.2;
    c.w[0][6] = 0.3;
    c.w[0][7] = 0.6;
    c.w[1][0] = 1.0;
    case_rows(&c, 0);
    enumerate_item(&e, &c, 0);
    for (int32_t draws = RM_DRAWS_OWN; draws <= RM_DRAWS_SHARED; draws++) {
        permute(&got, &c, draws, 99999, 3, 1);
        assert_share(got.larger[0], got.drawn[0], e.larger / e.all);
        assert_share(got.smaller[0], got.drawn[0], e.smaller / e.all);
        assert_true(got.larger[0] + got.smaller[0] > got.drawn[0]); /* some in both */
        rm_permuted_clear(&got);
    }
}

/* A ring of many items with 2 to 80 neighbours, one of them linked to more than half. */
enum { RING = 600 };
static int64_t ring_start[RING + 1];
static int32_t ring_to[RING * 100];
static double ring_weight[RING * 100], ring_value[RING];
static rm_weights ring;

static void make_ring(void)
{
    int64_t link = 0;
    for (int i = 0; i < RING; i++) {
        int reach = i % 97 == 0 ? 40 : 1 + i % 5;
        ring_start[i] = link;
        ring_value[i] = floor(20.0 * rm_random_unit(1, 1, (uint64_t)i) + 5.0 * sin(i / 60.0));
        for (int j = 0; j < RING; j++) {
            int apart = abs(i - j) < RING - abs(i - j) ? abs(i - j) : RING - abs(i - j);
            if (apart == 0 || (i == 7 ? j % 3 == 0 : apart > reach))
                continue;
            ring_weight[link] = i % 2 ? 0.5 : 1.0 / apart;
            ring_to[link++] = j;
        }
    }
    ring_start[RING] = link;
    ring = (rm_weights){RING, ring_start, ring_to, NULL};
}

static void permute_ring(rm_permuted *out, int weighted, int32_t draws, int32_t permutations,
                         int threads)
{
    rm_lattice lattice;
    rm_autocorrelation_options options = {
        .draws = draws, .permutations = permutations, .threads = threads, .seed = 77};
    ring.weight = weighted ? ring_weight : NULL;
    assert_int_equal(rm_lattice_new(&lattice, &ring, ring_value, RING, NULL, NULL), RM_OK);
    assert_int_equal(rm_permute(out, &lattice, &options, true, NULL, NULL), RM_OK);
    rm_lattice_clear(&lattice);
}

static void assert_same(const rm_permuted *a, const rm_permuted *b)
{
    assert_memory_equal(a->larger, b->larger, RING * sizeof(int32_t));
    assert_memory_equal(a->smaller, b->smaller, RING * sizeof(int32_t));
    assert_memory_equal(a->drawn, b->drawn, RING * sizeof(int32_t));
    assert_memory_equal(a->mean, b->mean, RING * sizeof(double));
    assert_memory_equal(a->sd, b->sd, RING * sizeof(double));
}

static void test_threads_give_the_same(void **state)
{
    (void)state;
    make_ring();
    for (int k = 0; k < 4; k++) {
        int32_t draws = k & 1, permutations = k & 1 ? 99999 : 99;
        rm_permuted one, more;
        permute_ring(&one, k >> 1, draws, permutations, 1);
        for (int threads = 2; threads <= 4; threads += 2) {
            permute_ring(&more, k >> 1, draws, permutations, threads);
            assert_same(&one, &more);
            rm_permuted_clear(&more);
        }
        rm_permuted_clear(&one);
    }
}

/* The stated error of the shared table: for each item sqrt(p (1 - p) / m), for the number of items
 * below a limit much more than with own draws, but little in itself. */
static void test_shared_errs_as_stated(void **state)
{
    rm_permuted own, shared;
    double error = 0.0, expected = 0.0;
    int below[2] = {0};
    (void)state;
    make_ring();
    for (int weighted = 0; weighted < 2; weighted++) {
        permute_ring(&own, weighted, RM_DRAWS_OWN, 2999, 2);
        permute_ring(&shared, weighted, RM_DRAWS_SHARED, 99999, 2);
        for (int i = 0; i < RING; i++) {
            double a = own.larger[i] / 2999.0, b = (double)shared.larger[i] / shared.drawn[i];
            double p = (a + 30.0 * b) / 31.0;
            double variance = p * (1.0 - p) * (1.0 / 2999.0 + 1.0 / shared.drawn[i]);
            assert_true(fabs(a - b) <= 5.5 * sqrt(variance) + 1e-4);
            error += (a - b) * (a - b);
            expected += variance;
            below[0] += a < 0.05;
            below[1] += b < 0.05;
        }
        rm_permuted_clear(&own);
        rm_permuted_clear(&shared);
    }
    assert_in_range((int)(1000.0 * error / expected), 800, 1200);
    assert_in_range(below[0], 2 * RING / 50, 2 * RING / 3);
    assert_true(abs(below[0] - below[1]) <= 2 * RING / 200);
}

/* The same table answers with the item itself left out exactly: with few items that is a third of
 * the rows. */
static void test_own_rows_are_left_out(void **state)
{
    static lattice_case c;
    rm_permuted got;
    (void)state;
    case_random(&c, 9, BINARY, 0.5, 0);
    permute(&got, &c, RM_DRAWS_SHARED, 99999, 5, 1);
    for (int i = 0; i < c.n; i++) {
        double k = (double)(c.start[i + 1] - c.start[i]);
        if (k > 0.0 && 2.0 * k <= c.n)
            assert_share(got.drawn[i], 99999.0, 1.0 - k / c.n);
        else
            assert_int_equal(got.drawn[i], k > 0.0 ? 99999 : 0);
    }
    rm_permuted_clear(&got);
}

static void test_shuffler_is_fair_and_undone(void **state)
{
    enum { OF = 6, DRAWS = 60000 };
    int seen[OF][OF] = {{0}};
    rm_shuffler s;
    (void)state;
    assert_int_equal(rm_shuffler_new(&s, OF, 2, NULL), RM_OK);
    for (uint64_t n = 0; n < DRAWS; n++) {
        rm_shuffler_draw(&s, 2, 1, 2, n);
        seen[s.order[0]][s.order[1]]++;
        rm_shuffler_undo(&s, 2);
        for (int i = 0; i < OF; i++)
            assert_int_equal(s.order[i], i);
    }
    for (int i = 0; i < OF; i++) {
        for (int j = 0; j < OF; j++)
            assert_share(seen[i][j], DRAWS, i == j ? 0.0 : 1.0 / 30.0);
    }
    rm_shuffler_clear(&s);
}

static void test_p_of_counts(void **state)
{
    (void)state;
    rm_permuted_p p = rm_permuted_p_of(9, 990, 999);
    assert_true(p.ge == 0.01 && p.le == 0.991 && p.folded == 0.01 && p.two_sided == 0.02);
    p = rm_permuted_p_of(990, 9, 999);
    assert_true(p.ge == 0.991 && p.le == 0.01 && p.folded == 0.01 && p.two_sided == 0.02);
    p = rm_permuted_p_of(999, 999, 999); /* all ties: folded is too small, as documented */
    assert_true(p.ge == 1.0 && p.le == 1.0 && p.folded == 0.001 && p.two_sided == 1.0);
    p = rm_permuted_p_of(0, 0, 0);
    assert_true(isnan(p.ge) && isnan(p.le) && isnan(p.folded) && isnan(p.two_sided));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_choice),
        cmocka_unit_test(test_one_choice_is_always_a_tie),
        cmocka_unit_test(test_sums_that_differ_by_rounding_are_ties),
        cmocka_unit_test(test_threads_give_the_same),
        cmocka_unit_test(test_shared_errs_as_stated),
        cmocka_unit_test(test_own_rows_are_left_out),
        cmocka_unit_test(test_shuffler_is_fair_and_undone),
        cmocka_unit_test(test_p_of_counts),
    };
    return cmocka_run_group_tests_name("stats_permute", tests, NULL, NULL);
}
