/* The scan statistic against brute force over every cylinder, by hand, turned and shifted, and with
 * everything it must refuse. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "riskmap/scan.h"
#include "stats/scan/draw.h"

enum { MOST = 40, STEPS = 40 };

typedef struct region {
    double x[MOST], y[MOST], population[MOST * STEPS];
    int32_t cases[MOST * STEPS];
    int32_t areas, steps;
    int32_t by_step;
    double total;
    int64_t all;
} region;

static double unit(uint64_t stream, uint64_t number)
{
    return rm_random_unit(77, stream, number);
}

/* Coordinates are multiples of 1/64 in 0..64, so that shifts and turns are exact. */
static region make_region(uint64_t stream, int32_t areas, int32_t steps, int32_t by_step,
                          int32_t most_cases)
{
    region r = {.areas = areas, .steps = steps, .by_step = by_step};
    uint64_t n = 0;
    for (int32_t a = 0; a < areas; a++) {
        r.x[a] = floor(unit(stream, n++) * 4096.0) / 64.0;
        r.y[a] = floor(unit(stream, n++) * 4096.0) / 64.0;
        for (int32_t t = 0; t < (by_step ? steps : 1); t++) {
            r.population[a * (by_step ? steps : 1) + t] = 1.0 + floor(unit(stream, n++) * 900.0);
            r.total += r.population[a * (by_step ? steps : 1) + t];
        }
        for (int32_t t = 0; t < steps; t++) {
            double u = unit(stream, n++);
            r.cases[a * steps + t] = (int32_t)(u * u * u * (most_cases + 1));
            r.all += r.cases[a * steps + t];
        }
    }
    return r;
}

static rm_status run(rm_scan **out, const region *r, const rm_scan_options *options, rm_error *err)
{
    if (r->steps == 1)
        return rm_scan_space(out, r->x, r->y, r->population, r->cases, r->areas, options, err);
    return rm_scan_space_time(out, r->x, r->y, r->population, r->by_step, r->cases, r->areas,
                              r->steps, options, err);
}

static rm_scan *scan(const region *r, const rm_scan_options *options)
{
    rm_scan *found = NULL;
    rm_error err = {0};
    if (run(&found, r, options, &err) != RM_OK)
        fail_msg("%s", err.message);
    return found;
}

/* By the definition, and nothing else. */
static double llr_of(double c, double e, double all, const rm_scan_options *options)
{
    bool high = options->rates != RM_SCAN_LOW && c > e && c >= options->min_cases;
    bool low = options->rates != RM_SCAN_HIGH && c < e;
    if (e >= all || !(high || low))
        return 0.0;
    return (c > 0 ? c * log(c / e) : 0.0) +
           (c < all ? (all - c) * log((all - c) / (all - e)) : 0.0);
}

static double best_window(const region *r, const bool *inside, const rm_scan_options *options)
{
    int32_t longest = r->steps == 1 ? 1 : (int32_t)floor(r->steps * options->max_time_share + 1e-9);
    double best = 0.0;
    for (int32_t start = 0; start < r->steps; start++) {
        for (int32_t end = start; end < r->steps; end++) {
            bool whole = start == 0 && end == r->steps - 1 && options->purely_spatial;
            double c = 0.0, people = 0.0;
            if ((end - start >= longest && !whole) || (options->prospective && end < r->steps - 1))
                continue;
            for (int32_t a = 0; a < r->areas; a++) {
                for (int32_t t = start; t <= end && inside[a]; t++) {
                    c += r->cases[a * r->steps + t];
                    people +=
                        r->by_step ? r->population[a * r->steps + t] : r->population[a] / r->steps;
                }
            }
            double llr = llr_of(c, (double)r->all * people / r->total, (double)r->all, options);
            best = llr > best ? llr : best;
        }
    }
    return best;
}

static double population_of(const region *r, int32_t a)
{
    double people = r->by_step ? 0.0 : r->population[a];
    for (int32_t t = 0; r->by_step && t < r->steps; t++)
        people += r->population[a * r->steps + t];
    return people;
}

/* Every circle round one centre: its areas are those at most as far as each other area. */
static double brute(const region *r, int32_t centre, const rm_scan_options *options)
{
    double best = 0.0;
    for (int32_t rim = 0; rim < r->areas; rim++) {
        bool inside[MOST];
        double held = 0.0;
        double reach = hypot(r->x[rim] - r->x[centre], r->y[rim] - r->y[centre]);
        for (int32_t a = 0; a < r->areas; a++) {
            inside[a] = hypot(r->x[a] - r->x[centre], r->y[a] - r->y[centre]) <= reach;
            held += inside[a] ? population_of(r, a) : 0.0;
        }
        if (held > options->max_population_share * r->total ||
            (options->max_radius > 0.0 && reach > options->max_radius))
            continue;
        double here = best_window(r, inside, options);
        best = here > best ? here : best;
    }
    return best;
}

static rm_scan_options options_of(int32_t replicates)
{
    rm_scan_options options = RM_SCAN_OPTIONS_INIT;
    options.replicates = replicates;
    options.ties_together = 1; /* brute force knows circles only */
    options.threads = 1;
    return options;
}

static void compare_brute(const region *r, const rm_scan_options *options)
{
    rm_scan *found = scan(r, options);
    double highest = 0.0;
    for (int32_t c = 0; c < r->areas; c++) {
        rm_scan_cluster best;
        double expected = brute(r, c, options);
        assert_int_equal(rm_scan_centre_at(found, c, &best, NULL), RM_OK);
        assert_true(fabs(best.llr - expected) <= 1e-9 * (1.0 + expected));
        highest = expected > highest ? expected : highest;
        double cases = 0.0, people = 0.0;
        for (int32_t m = 0; m < best.area_count; m++) {
            int32_t a = rm_scan_centre_members(found, c)[m];
            people += population_of(r, a);
            for (int32_t t = best.t_start; t <= best.t_end; t++)
                cases += r->cases[a * r->steps + t];
        }
        assert_true(cases == (double)best.cases && people == best.population);
    }
    if (highest > 0.0) {
        rm_scan_cluster first;
        assert_int_equal(rm_scan_cluster_at(found, 0, &first, NULL), RM_OK);
        assert_true(fabs(first.llr - highest) <= 1e-9 * (1.0 + highest));
    } else {
        assert_int_equal(rm_scan_cluster_count(found), 0);
    }
    rm_scan_free(found);
}

/* Each option, on sparse and on dense counts, with series shorter and longer than a block. */
static void test_brute_force(void **state)
{
    static const int32_t steps[] = {1, 5, 9, 17, 40};
    (void)state;
    for (int s = 0; s < 5; s++) {
        for (int variant = 0; variant < 12; variant++) {
            rm_scan_options options = options_of(0);
            uint64_t stream = (uint64_t)(100 * s + variant);
            int32_t most = variant % 2 ? 6 : variant % 3 ? 1 : 60;
            region r = make_region(stream, steps[s] == 40 ? 9 : 14, steps[s],
                                   variant >= 6 && steps[s] > 1, most);
            options.rates = 1 + variant % 3;
            options.prospective = variant % 4 == 1;
            options.purely_spatial = variant % 4 >= 2;
            options.max_time_share = variant % 5 == 0 ? 1.0 : variant % 5 == 1 ? 0.2 : 0.5;
            options.max_population_share = variant == 4 ? 1.0 : variant % 2 ? 0.5 : 0.3;
            options.max_radius = variant == 7 ? 20.0 : 0.0;
            options.min_cases = 1 + variant % 3;
            if (r.all > 0)
                compare_brute(&r, &options);
        }
    }
}

/* The counts of a large scan take 32 bits: the same data, cases times a number, give LLR times it.
 */
static void test_wide_counts(void **state)
{
    (void)state;
    for (int variant = 0; variant < 6; variant++) {
        rm_scan_options options = options_of(0);
        region r = make_region((uint64_t)variant + 900, 12, variant % 2 ? 9 : 1, 0, 20);
        int32_t times = variant < 2 ? 1000 : 100000;
        options.rates = 1 + variant % 3;
        options.min_cases = 1;
        rm_scan *small = scan(&r, &options);
        for (int32_t i = 0; i < r.areas * r.steps; i++)
            r.cases[i] *= times;
        r.all *= times;
        assert_true(r.all > 16000);
        rm_scan *large = scan(&r, &options);
        for (int32_t c = 0; c < r.areas; c++) {
            rm_scan_cluster a, b;
            assert_int_equal(rm_scan_centre_at(small, c, &a, NULL), RM_OK);
            assert_int_equal(rm_scan_centre_at(large, c, &b, NULL), RM_OK);
            assert_true(fabs(a.llr * times - b.llr) <= 1e-8 * (1.0 + b.llr));
            assert_int_equal(a.area_count, b.area_count);
        }
        rm_scan_free(small);
        rm_scan_free(large);
    }
}

/* Four areas on a line, 25 people each, 10 cases of which 7 lie in the first: worked by hand. */
static void test_by_hand(void **state)
{
    const double x[] = {0, 10, 25, 45}, y[] = {0, 0, 0, 0}, people[] = {25, 25, 25, 25};
    const int32_t cases[] = {7, 1, 1, 1};
    rm_scan_options options = options_of(0);
    rm_scan *found = NULL;
    rm_scan_cluster c;
    rm_scan_summary about;
    rm_error err;
    (void)state;
    assert_int_equal(rm_scan_space(&found, x, y, people, cases, 4, &options, &err), RM_OK);
    assert_int_equal(rm_scan_cluster_at(found, 0, &c, &err), RM_OK);
    assert_true(fabs(c.llr - (7 * log(7 / 2.5) + 3 * log(3 / 7.5))) < 1e-12);
    assert_int_equal(c.centre, 0);
    assert_int_equal(c.area_count, 1);
    assert_int_equal(c.cases, 7);
    assert_true(c.expected == 2.5 && c.population == 25 && c.radius == 0);
    assert_true(fabs(c.observed_expected - 2.8) < 1e-12);
    assert_true(fabs(c.relative_risk - 2.8 / 0.4) < 1e-12);
    assert_true(isnan(c.p));
    assert_int_equal(c.t_start, 0);
    assert_int_equal(c.t_end, 0);
    rm_scan_about(found, &about);
    assert_int_equal(about.zones, 8); /* each alone, and with its nearest */
    assert_true(about.population == 100 && about.cases == 10 && about.steps == 1);
    assert_int_equal(rm_scan_cluster_at(found, about.clusters, &c, &err), RM_EINVAL);
    assert_int_equal(rm_scan_centre_at(found, 4, &c, &err), RM_EINVAL);
    assert_null(rm_scan_cluster_members(found, -1));
    assert_null(rm_scan_centre_members(found, 4));
    rm_scan_free(found);
    rm_scan_free(NULL);
}

/* All cases in one area: an infinite relative risk, and a p-value that cannot be smaller. */
static void test_all_in_one(void **state)
{
    region r = make_region(5, 20, 10, 0, 0);
    rm_scan_options options = options_of(99);
    rm_scan_cluster c;
    (void)state;
    r.population[3] = 10;
    r.cases[3 * 10 + 4] = 30;
    rm_scan *found = scan(&r, &options);
    assert_int_equal(rm_scan_cluster_count(found), 1);
    assert_int_equal(rm_scan_cluster_at(found, 0, &c, NULL), RM_OK);
    assert_true(isinf(c.relative_risk) && c.centre == 3 && c.t_start == 4 && c.t_end == 4);
    assert_true(c.p == 0.01);
    rm_scan_free(found);
}

static void test_planted_cluster(void **state)
{
    region r = make_region(6, 30, 12, 0, 1);
    rm_scan_options options = options_of(199);
    rm_scan_cluster c;
    (void)state;
    for (int32_t a = 0; a < r.areas; a++) {
        r.population[a] = 100;
        if (hypot(r.x[a] - r.x[11], r.y[a] - r.y[11]) <= 12.0)
            for (int32_t t = 5; t <= 7; t++)
                r.cases[a * 12 + t] += 4;
    }
    rm_scan *found = scan(&r, &options);
    assert_int_equal(rm_scan_cluster_at(found, 0, &c, NULL), RM_OK);
    assert_int_equal(c.t_start, 5);
    assert_int_equal(c.t_end, 7);
    bool holds = false;
    for (int32_t m = 0; m < c.area_count; m++)
        holds |= rm_scan_cluster_members(found, 0)[m] == 11;
    assert_true(holds && c.p == 1.0 / 200 && !c.low);
    rm_scan_free(found);
}

/* The cases of a replicate, dealt as the scan deals them; then the maximum by brute force. */
static double brute_replicate(const region *r, const rm_scan_options *options, uint64_t replicate)
{
    region dealt = *r;
    rm_scan_sampler sampler;
    bool by_area = r->steps > 1 && !r->by_step;
    int32_t cells = by_area ? r->areas : r->areas * r->steps;
    double most = 0.0;
    assert_int_equal(rm_scan_sampler_make(&sampler, r->population, r->total, cells,
                                          by_area ? r->steps : 1, NULL),
                     RM_OK);
    memset(dealt.cases, 0, sizeof dealt.cases);
    for (int64_t c = 0; c < r->all; c++) {
        uint64_t word[2];
        if (by_area) {
            rm_random_block(options->seed, replicate, (uint64_t)c, word);
            int32_t a = rm_scan_pick(&sampler, word[0]);
            dealt.cases[a * r->steps + (int32_t)((rm_uint128)word[1] * (uint64_t)r->steps >> 64)]++;
        } else {
            rm_random_block(options->seed, replicate, (uint64_t)c / 2, word);
            dealt.cases[rm_scan_pick(&sampler, word[c % 2])]++;
        }
    }
    rm_scan_sampler_clear(&sampler);
    for (int32_t c = 0; c < r->areas; c++) {
        double here = brute(&dealt, c, options);
        most = here > most ? here : most;
    }
    return most;
}

static void test_replicates_by_brute_force(void **state)
{
    (void)state;
    for (int variant = 0; variant < 9; variant++) {
        rm_scan_options options = options_of(variant < 3 ? 70 : 12);
        int32_t steps = variant < 3 ? 1 : 9;
        region r = make_region((uint64_t)variant + 300, 12, steps, variant >= 6, 4);
        int32_t reached = 0;
        rm_scan_cluster first;
        options.rates = 1 + variant % 3;
        options.seed = 1234567 + (uint64_t)variant;
        rm_scan *found = scan(&r, &options);
        assert_int_equal(rm_scan_cluster_at(found, 0, &first, NULL), RM_OK);
        for (int32_t i = 0; i < options.replicates; i++) {
            double expected = brute_replicate(&r, &options, (uint64_t)i);
            assert_true(fabs(rm_scan_maxima(found)[i] - expected) <= 1e-9 * (1.0 + expected));
            reached += rm_scan_maxima(found)[i] >= first.llr;
        }
        assert_true(first.p == (reached + 1.0) / (options.replicates + 1.0));
        rm_scan_free(found);
    }
}

/* Counts of 32 bits in the replicates, by step and in lanes. */
static void test_wide_replicates(void **state)
{
    (void)state;
    for (int variant = 0; variant < 6; variant++) {
        rm_scan_options options = options_of(variant % 2 ? 3 : 34);
        region r = make_region((uint64_t)variant + 500, 10, variant % 2 ? 18 : 1, 0, 20);
        int32_t times = 17000 / (int32_t)r.all + 1;
        for (int32_t i = 0; i < r.areas * r.steps; i++)
            r.cases[i] *= times;
        r.all *= times;
        options.rates = 1 + variant / 2;
        rm_scan *found = scan(&r, &options);
        for (int32_t i = 0; i < options.replicates; i++) {
            double expected = brute_replicate(&r, &options, (uint64_t)i);
            assert_true(fabs(rm_scan_maxima(found)[i] - expected) <= 1e-8 * (1.0 + expected));
        }
        rm_scan_free(found);
    }
}

/* Shares of an alias table: each cell gets what its weight says, and none without weight. */
static void test_sampler(void **state)
{
    const double weight[] = {1, 0, 7, 2, 0.5, 0, 5.5};
    rm_scan_sampler sampler;
    int64_t count[7] = {0};
    (void)state;
    assert_int_equal(rm_scan_sampler_make(&sampler, weight, 16.0, 7, 1, NULL), RM_OK);
    for (uint64_t i = 0; i < 160000; i++)
        count[rm_scan_pick(&sampler, rm_random_bits(9, 9, i))]++;
    for (int i = 0; i < 7; i++) {
        double expected = weight[i] * 10000.0;
        assert_true(fabs((double)count[i] - expected) <= 5.0 * sqrt(expected));
    }
    rm_scan_sampler_clear(&sampler);
}

static void assert_same(const rm_scan *a, const rm_scan *b)
{
    rm_scan_summary one, two;
    rm_scan_about(a, &one);
    rm_scan_about(b, &two);
    assert_memory_equal(&one, &two, sizeof one);
    assert_memory_equal(rm_scan_maxima(a), rm_scan_maxima(b),
                        (size_t)one.replicates * sizeof(double));
    for (int32_t i = 0; i < one.clusters; i++) {
        rm_scan_cluster c, d;
        assert_int_equal(rm_scan_cluster_at(a, i, &c, NULL), RM_OK);
        assert_int_equal(rm_scan_cluster_at(b, i, &d, NULL), RM_OK);
        assert_memory_equal(&c, &d, sizeof c);
        assert_memory_equal(rm_scan_cluster_members(a, i), rm_scan_cluster_members(b, i),
                            (size_t)c.area_count * sizeof(int32_t));
    }
}

/* To the bit. */
static void test_threads(void **state)
{
    (void)state;
    for (int variant = 0; variant < 4; variant++) {
        region r = make_region(40 + (uint64_t)variant, 40, variant % 2 ? 20 : 1, 0, 3);
        rm_scan_options options = options_of(variant % 2 ? 150 : 500);
        options.stop_after = variant >= 2 ? 40 : 0;
        rm_scan *one = scan(&r, &options);
        for (int32_t threads = 2; threads <= 4; threads += 2) {
            options.threads = threads;
            rm_scan *more = scan(&r, &options);
            assert_same(one, more);
            rm_scan_free(more);
        }
        rm_scan_free(one);
    }
}

/* Besag and Clifford: it ends with the replicate that makes the number full; p is that share. */
static void test_early_stop(void **state)
{
    region r = make_region(50, 25, 1, 0, 3);
    rm_scan_options options = options_of(2000);
    rm_scan_summary about, full;
    rm_scan_cluster first, same;
    (void)state;
    for (int32_t a = 0; a < r.areas; a++) /* hardly a cluster */
        r.cases[a] = (int32_t)(r.population[a] / 50.0) + (a == 7 ? 6 : 0);
    rm_scan *all = scan(&r, &options);
    options.stop_after = 30;
    rm_scan *stopped = scan(&r, &options);
    rm_scan_about(all, &full);
    rm_scan_about(stopped, &about);
    assert_int_equal(full.stopped, 0);
    assert_int_equal(full.replicates, 2000);
    assert_int_equal(about.stopped, 1);
    assert_int_equal(about.replicates_asked, 2000);
    assert_true(about.replicates < 2000);
    assert_memory_equal(rm_scan_maxima(all), rm_scan_maxima(stopped),
                        (size_t)about.replicates * sizeof(double));
    assert_int_equal(rm_scan_cluster_at(stopped, 0, &first, NULL), RM_OK);
    assert_true(rm_scan_maxima(stopped)[about.replicates - 1] >= first.llr);
    assert_true(first.p == 30.0 / about.replicates);
    int32_t reached = 0;
    assert_int_equal(rm_scan_cluster_at(stopped, 1, &same, NULL), RM_OK);
    for (int32_t i = 0; i < about.replicates; i++)
        reached += rm_scan_maxima(stopped)[i] >= same.llr;
    assert_true(same.p == (double)reached / about.replicates);
    rm_scan_free(stopped);
    options.stop_after = 2001; /* never full */
    stopped = scan(&r, &options);
    assert_int_equal(rm_scan_cluster_at(stopped, 0, &first, NULL), RM_OK);
    assert_int_equal(rm_scan_cluster_at(all, 0, &same, NULL), RM_OK);
    rm_scan_about(stopped, &about);
    assert_true(first.p == same.p && about.stopped == 0 && about.replicates == 2000);
    rm_scan_free(stopped);
    rm_scan_free(all);
}

/* Shift, quarter turn and twice the population: everything equal to the bit, the population apart.
 */
static void test_moved(void **state)
{
    rm_scan_options options = options_of(60);
    region r = make_region(60, 30, 10, 0, 3);
    rm_scan *base = scan(&r, &options);
    (void)state;
    region shifted = r, turned = r, doubled = r;
    for (int32_t a = 0; a < r.areas; a++) {
        shifted.x[a] += 262144.0;
        shifted.y[a] += 524288.0;
        turned.x[a] = -r.y[a];
        turned.y[a] = r.x[a];
        doubled.population[a] *= 2.0;
    }
    region *moved[] = {&shifted, &turned, &doubled};
    for (int m = 0; m < 3; m++) {
        rm_scan *other = scan(moved[m], &options);
        assert_memory_equal(rm_scan_maxima(base), rm_scan_maxima(other), 60 * sizeof(double));
        assert_int_equal(rm_scan_cluster_count(base), rm_scan_cluster_count(other));
        for (int32_t i = 0; i < rm_scan_cluster_count(base); i++) {
            rm_scan_cluster c, d;
            assert_int_equal(rm_scan_cluster_at(base, i, &c, NULL), RM_OK);
            assert_int_equal(rm_scan_cluster_at(other, i, &d, NULL), RM_OK);
            d.population = c.population;
            assert_memory_equal(&c, &d, sizeof c);
        }
        rm_scan_free(other);
    }
    rm_scan_free(base);
}

/* The areas in another order: the same zones, so the same LLR to the bit. */
static void test_permuted(void **state)
{
    for (int ties = 0; ties < 2; ties++) {
        rm_scan_options options = options_of(0);
        region r = make_region(70, 37, 6, 0, 3), other = r;
        options.ties_together = ties;
        r.x[4] = r.x[5], r.y[4] = r.y[5]; /* two at one place */
        for (int32_t a = 0; a < 37; a++) {
            int32_t to = a * 5 % 37;
            other.x[to] = r.x[a];
            other.y[to] = r.y[a];
            other.population[to] = r.population[a];
            memcpy(other.cases + to * 6, r.cases + a * 6, 6 * sizeof(int32_t));
        }
        rm_scan *one = scan(&r, &options), *two = scan(&other, &options);
        for (int32_t a = 0; a < 37; a++) {
            rm_scan_cluster c, d;
            assert_int_equal(rm_scan_centre_at(one, a, &c, NULL), RM_OK);
            assert_int_equal(rm_scan_centre_at(two, a * 5 % 37, &d, NULL), RM_OK);
            assert_true(c.llr == d.llr && c.cases == d.cases && c.area_count == d.area_count);
        }
        rm_scan_free(one);
        rm_scan_free(two);
    }
    (void)state;
}

/* Four corners of a square round a centre: one after the other by x, then y; or together. */
static void test_ties(void **state)
{
    const double x[] = {0, 1, 1, -1, -1, 9}, y[] = {0, 1, -1, 1, -1, 9};
    const double people[] = {10, 10, 10, 10, 10, 100};
    const int32_t cases[] = {1, 0, 0, 0, 8, 1};
    rm_scan_options options = RM_SCAN_OPTIONS_INIT;
    rm_scan *found = NULL;
    rm_scan_cluster c;
    (void)state;
    options.replicates = 0;
    assert_int_equal(rm_scan_space(&found, x, y, people, cases, 6, &options, NULL), RM_OK);
    assert_int_equal(rm_scan_centre_at(found, 0, &c, NULL), RM_OK);
    assert_int_equal(c.area_count, 2); /* itself and the corner at (-1, -1) */
    assert_int_equal(rm_scan_centre_members(found, 0)[1], 4);
    assert_int_equal(c.zones, 5);
    rm_scan_free(found);
    options.ties_together = 1;
    assert_int_equal(rm_scan_space(&found, x, y, people, cases, 6, &options, NULL), RM_OK);
    assert_int_equal(rm_scan_centre_at(found, 0, &c, NULL), RM_OK);
    assert_int_equal(c.area_count, 5);
    assert_int_equal(c.zones, 2);
    rm_scan_free(found);
}

static void test_rows_add_up(void **state)
{
    region r = make_region(80, 10, 5, 0, 4);
    rm_scan_options options = options_of(20);
    int32_t area[400], step[400], count[400];
    int64_t rows = 0, singles = 0;
    (void)state;
    for (int32_t i = 0; i < 50; i++) {
        for (int32_t k = 0; k < r.cases[i]; k++) {
            area[singles] = i / 5;
            step[singles++] = i % 5;
        }
    }
    rm_scan *dense = scan(&r, &options), *other = NULL;
    assert_int_equal(rm_scan_space_time_rows(&other, r.x, r.y, r.population, 0, area, step, NULL,
                                             singles, 10, 5, &options, NULL),
                     RM_OK);
    assert_same(dense, other);
    rm_scan_free(other);
    for (int32_t i = 49; i >= 0; i--) {
        area[rows] = i / 5;
        step[rows] = i % 5;
        count[rows++] = r.cases[i];
    }
    assert_int_equal(rm_scan_space_time_rows(&other, r.x, r.y, r.population, 0, area, step, count,
                                             rows, 10, 5, &options, NULL),
                     RM_OK);
    assert_same(dense, other);
    rm_scan_free(other);
    rm_scan_free(dense);
}

static void refuse(const region *r, const rm_scan_options *options, int64_t row, const char *words)
{
    static char mark;
    rm_scan *untouched = (rm_scan *)&mark;
    rm_error err = {0};
    assert_int_equal(run(&untouched, r, options, &err), RM_EINVAL);
    assert_ptr_equal(untouched, &mark);
    assert_int_equal(err.row, row);
    if (!strstr(err.message, words))
        fail_msg("\"%s\" does not say \"%s\"", err.message, words);
}

static void test_bad_data(void **state)
{
    const region good = make_region(90, 6, 4, 0, 3);
    rm_scan_options options = options_of(9);
    region bad = good;
    (void)state;
    bad.areas = 0;
    refuse(&bad, &options, -1, "no areas");
    bad = good;
    memset(bad.cases, 0, sizeof bad.cases);
    refuse(&bad, &options, -1, "no cases");
    for (int32_t a = 0; a < 6; a++)
        bad.x[a] = bad.y[a] = 1.0;
    bad.cases[0] = 3;
    refuse(&bad, &options, -1, "no circle holds at most 0.5 of the population");
    bad = good;
    bad.x[4] = NAN;
    refuse(&bad, &options, 4, "coordinates of area 4");
    bad = good;
    bad.y[2] = INFINITY;
    refuse(&bad, &options, 2, "coordinates of area 2");
    static const double populations[] = {-1.0, NAN, INFINITY};
    for (int i = 0; i < 3; i++) {
        bad = good;
        bad.population[3] = populations[i];
        refuse(&bad, &options, 3, "population of area 3 is negative or not finite");
    }
    bad = good;
    memset(bad.population, 0, sizeof bad.population);
    memset(bad.cases, 0, sizeof bad.cases);
    refuse(&bad, &options, -1, "add up to nothing");
    bad = good;
    bad.population[2] = 0.0;
    bad.cases[2 * 4] = 0;
    bad.cases[2 * 4 + 1] = 1;
    refuse(&bad, &options, 9, "area 2 has cases in step 1, but no population");
    bad = good;
    bad.cases[7] = -1;
    refuse(&bad, &options, 7, "area 1 in step 3 is negative");
    bad = good;
    bad.cases[7] = 1000000001;
    refuse(&bad, &options, -1, "at most 1000000000");
    bad = make_region(91, 6, 4, 1, 3);
    bad.population[5] = 0.0;
    bad.cases[5] = 2;
    refuse(&bad, &options, 5, "area 1 has cases in step 1, but no population");
}

/* An area without people or cases is a place to stand, and nothing else. */
static void test_empty_area(void **state)
{
    region r = make_region(92, 9, 6, 0, 4);
    rm_scan_options options = options_of(30);
    (void)state;
    for (int32_t t = 0; t < 6; t++) {
        r.all -= r.cases[2 * 6 + t];
        r.cases[2 * 6 + t] = 0;
    }
    r.total -= r.population[2];
    r.population[2] = 0.0;
    for (int32_t rates = 1; rates <= 3; rates++) {
        options.rates = rates;
        compare_brute(&r, &options);
    }
}

static void test_bad_options(void **state)
{
    const region r = make_region(93, 6, 4, 0, 3);
    static const double shares[] = {0.0, -0.1, 1.5, NAN};
    rm_scan_options bad;
    (void)state;
    for (int i = 0; i < 4; i++) {
        bad = options_of(9);
        bad.max_population_share = shares[i];
        refuse(&r, &bad, -1, "max_population_share");
        bad = options_of(9);
        bad.max_time_share = shares[i];
        refuse(&r, &bad, -1, "max_time_share");
    }
    bad = options_of(9);
    bad.max_time_share = 0.2;
    refuse(&r, &bad, -1, "leaves not one step");
    bad = options_of(-1);
    refuse(&r, &bad, -1, "replicates is -1");
    bad = options_of(9);
    bad.rates = 4;
    refuse(&r, &bad, -1, "rates is 4");
    bad = options_of(9);
    bad.max_radius = -1.0;
    refuse(&r, &bad, -1, "max_radius");
    bad = options_of(9);
    bad.min_cases = 0;
    refuse(&r, &bad, -1, "min_cases");
    bad = options_of(9);
    bad.stop_after = -1;
    refuse(&r, &bad, -1, "stop_after");
    bad = options_of(9);
    bad.threads = 65;
    refuse(&r, &bad, -1, "threads is 65");
    bad = options_of(9);
    bad.size = 3;
    refuse(&r, &bad, -1, "RM_SCAN_OPTIONS_INIT");
}

static void test_bad_calls(void **state)
{
    const region r = make_region(94, 6, 4, 0, 3);
    const int32_t area[] = {0, 6}, step[] = {0, 0}, count[] = {INT32_MAX, 1}, same[] = {0, 0};
    const int32_t negative[] = {1, -1};
    rm_scan *none = NULL;
    rm_error err;
    (void)state;
    assert_int_equal(
        rm_scan_space_time(&none, r.x, r.y, r.population, 0, r.cases, 6, 1, NULL, &err), RM_EINVAL);
    assert_non_null(strstr(err.message, "rm_scan_space"));
    assert_int_equal(rm_scan_space(&none, NULL, r.y, r.population, r.cases, 6, NULL, &err),
                     RM_EINVAL);
    assert_int_equal(rm_scan_space_time_rows(&none, r.x, r.y, r.population, 0, area, step, NULL, 2,
                                             6, 4, NULL, &err),
                     RM_EINVAL);
    assert_int_equal(err.row, 1);
    assert_int_equal(rm_scan_space_time_rows(&none, r.x, r.y, r.population, 0, same, step, count, 2,
                                             6, 4, NULL, &err),
                     RM_EINVAL);
    assert_int_equal(err.row, 1);
    assert_int_equal(rm_scan_space_time_rows(&none, r.x, r.y, r.population, 0, same, step, negative,
                                             2, 6, 4, NULL, &err),
                     RM_EINVAL);
    assert_non_null(strstr(err.message, "negative"));
    assert_int_equal(rm_scan_space_time_rows(&none, r.x, r.y, r.population, 0, NULL, step, NULL, 2,
                                             6, 4, NULL, &err),
                     RM_EINVAL);
    assert_null(none);
}

static int stop_late(double fraction, const char *message, void *user)
{
    (void)message;
    *(double *)user = fraction;
    return fraction > 0.1;
}

static void test_cancel(void **state)
{
    const region r = make_region(95, 40, 40, 0, 3);
    rm_scan_options options = options_of(1000000);
    rm_scan *none = NULL;
    rm_error err;
    double last = 0.0;
    (void)state;
    options.progress = stop_late;
    options.progress_user = &last;
    for (options.threads = 1; options.threads <= 2; options.threads++) {
        assert_int_equal(run(&none, &r, &options, &err), RM_ECANCELLED);
        assert_null(none);
        assert_true(last > 0.1 && last < 1.0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_by_hand),
        cmocka_unit_test(test_brute_force),
        cmocka_unit_test(test_wide_counts),
        cmocka_unit_test(test_all_in_one),
        cmocka_unit_test(test_planted_cluster),
        cmocka_unit_test(test_sampler),
        cmocka_unit_test(test_replicates_by_brute_force),
        cmocka_unit_test(test_wide_replicates),
        cmocka_unit_test(test_threads),
        cmocka_unit_test(test_early_stop),
        cmocka_unit_test(test_moved),
        cmocka_unit_test(test_permuted),
        cmocka_unit_test(test_ties),
        cmocka_unit_test(test_rows_add_up),
        cmocka_unit_test(test_empty_area),
        cmocka_unit_test(test_bad_data),
        cmocka_unit_test(test_bad_options),
        cmocka_unit_test(test_bad_calls),
        cmocka_unit_test(test_cancel),
    };
    return cmocka_run_group_tests_name("stats_scan", tests, NULL, NULL);
}
