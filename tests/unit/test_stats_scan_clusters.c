/* Which cylinders a scan in space and time lists, against the rules applied to all of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "riskmap/scan.h"

enum { AREAS = 9, STEPS = 20, LONGEST = 10, MOST = AREAS * AREAS * STEPS * LONGEST };

typedef struct cylinder {
    double llr;
    int32_t centre, count, start, end;
    uint32_t areas;
} cylinder;

typedef struct region {
    double x[AREAS], y[AREAS], population[AREAS * STEPS];
    int32_t cases[AREAS * STEPS], by_step, longest;
    double total, all;
} region;

static double people(const region *r, int32_t a, int32_t t)
{
    return r->by_step ? r->population[a * STEPS + t] : r->population[a] / STEPS;
}

static region make_region(uint64_t stream, int32_t by_step)
{
    region r = {.by_step = by_step, .longest = LONGEST};
    uint64_t n = 0;
    for (int a = 0; a < AREAS; a++) {
        r.x[a] = rm_random_unit(5, stream, n++);
        r.y[a] = rm_random_unit(5, stream, n++);
        for (int i = 0; i < (by_step ? STEPS : 1); i++)
            r.population[a * (by_step ? STEPS : 1) + i] =
                1 + floor(900 * rm_random_unit(5, stream, n++));
        for (int t = 0; t < STEPS; t++) {
            double u = rm_random_unit(5, stream, n++);
            r.cases[a * STEPS + t] = (int32_t)(9 * u * u * u * u);
            r.all += r.cases[a * STEPS + t];
        }
    }
    for (int a = 0; a < AREAS; a++)
        for (int t = 0; t < STEPS; t++)
            r.total += people(&r, a, t);
    return r;
}

static double llr_of(double c, double e, double all, int32_t rates)
{
    bool high = rates != RM_SCAN_LOW && c > e && c >= 2, low = rates != RM_SCAN_HIGH && c < e;
    if (!high && !low)
        return 0;
    return (c > 0 ? c * log(c / e) : 0) + (c < all ? (all - c) * log((all - c) / (all - e)) : 0);
}

/* The windows of one circle. */
static int add_windows(cylinder *out, const region *r, cylinder circle, int32_t rates)
{
    int count = 0;
    for (circle.start = 0; circle.start < STEPS; circle.start++) {
        double c = 0, held = 0;
        for (circle.end = circle.start; circle.end < STEPS; circle.end++) {
            if (circle.end - circle.start >= r->longest)
                break;
            for (int a = 0; a < AREAS; a++) {
                if (circle.areas >> a & 1) {
                    c += r->cases[a * STEPS + circle.end];
                    held += people(r, a, circle.end);
                }
            }
            circle.llr = llr_of(c, r->all * held / r->total, r->all, rates);
            if (circle.llr > 0)
                out[count++] = circle;
        }
    }
    return count;
}

static int all_cylinders(cylinder *out, const region *r, int32_t centre, int32_t rates)
{
    cylinder circle = {.centre = centre};
    double held = 0;
    int count = 0;
    for (;;) {
        double least = INFINITY;
        int next = -1;
        for (int a = 0; a < AREAS; a++) {
            double d = hypot(r->x[a] - r->x[centre], r->y[a] - r->y[centre]);
            if (!(circle.areas >> a & 1) && d < least) {
                least = d;
                next = a;
            }
        }
        for (int t = 0; t < STEPS && next >= 0; t++)
            held += people(r, next, t);
        if (next < 0 || held > 0.5 * r->total)
            return count;
        circle.areas |= 1u << next;
        circle.count++;
        count += add_windows(out + count, r, circle, rates);
    }
}

/* Whether a comes before b, both of one centre when `within`. */
static bool before(const cylinder *a, const cylinder *b, bool within)
{
    if (fabs(a->llr - b->llr) > 1e-9)
        return a->llr > b->llr;
    if (a->count != b->count)
        return a->count < b->count;
    if (!within && a->centre != b->centre)
        return a->centre < b->centre;
    if (within && a->end - a->start != b->end - b->start)
        return a->end - a->start < b->end - b->start;
    return a->start < b->start;
}

static bool near_in_time(const cylinder *a, const cylinder *b, int32_t gap)
{
    return a->start <= b->end + gap && b->start <= a->end + gap;
}

/* The cylinders of one centre that the rule offers: the best, then with RM_SCAN_PERIODS the best
 * of those that keep their distance from all before. */
static int offers(cylinder *out, const region *r, int32_t centre, int32_t rates, int32_t rule)
{
    static cylinder every[MOST];
    int count = 0, all = all_cylinders(every, r, centre, rates);
    for (;;) {
        const cylinder *best = NULL;
        for (int i = 0; i < all; i++) {
            bool fits = count == 0 || (every[i].llr > 1 && every[i].end < STEPS - 1);
            for (int k = 0; k < count && fits; k++)
                fits = !near_in_time(&every[i], &out[k], 1);
            if (fits && (!best || before(&every[i], best, true)))
                best = &every[i];
        }
        if (!best)
            return count;
        out[count++] = *best;
        if (rule != RM_SCAN_PERIODS)
            return count;
    }
}

static int expected_list(cylinder *list, const region *r, int32_t rates, int32_t rule)
{
    cylinder all[AREAS * STEPS];
    int count = 0, kept = 0;
    for (int c = 0; c < AREAS; c++)
        count += offers(all + count, r, c, rates, rule);
    for (;;) {
        const cylinder *best = NULL;
        for (int i = 0; i < count; i++) {
            bool fits = true;
            for (int k = 0; k < kept && fits; k++)
                fits = !((all[i].areas & list[k].areas) &&
                         (rule == RM_SCAN_APART || near_in_time(&all[i], &list[k], 0)));
            if (fits && (!best || before(&all[i], best, false)))
                best = &all[i];
        }
        if (!best)
            return kept;
        list[kept++] = *best;
    }
}

static rm_scan *scan(const region *r, const rm_scan_options *options)
{
    rm_scan *found = NULL;
    rm_error err;
    if (rm_scan_space_time(&found, r->x, r->y, r->population, r->by_step, r->cases, AREAS, STEPS,
                           options, &err) != RM_OK)
        fail_msg("%s", err.message);
    return found;
}

static int compare(const region *r, const rm_scan_options *options)
{
    cylinder list[AREAS * STEPS];
    int count = expected_list(list, r, options->rates, options->secondary);
    rm_scan *found = scan(r, options);
    assert_int_equal(rm_scan_cluster_count(found), count);
    for (int i = 0; i < count; i++) {
        rm_scan_cluster cluster;
        uint32_t areas = 0;
        assert_int_equal(rm_scan_cluster_at(found, i, &cluster, NULL), RM_OK);
        for (int m = 0; m < cluster.area_count; m++)
            areas |= 1u << rm_scan_cluster_members(found, i)[m];
        assert_true(fabs(cluster.llr - list[i].llr) <= 1e-9 * (1 + list[i].llr));
        assert_int_equal(areas, list[i].areas);
        assert_int_equal(cluster.t_start, list[i].start);
        assert_int_equal(cluster.t_end, list[i].end);
    }
    rm_scan_free(found);
    return count;
}

static void test_rules(void **state)
{
    int32_t counts[3] = {0, 0, 0};
    (void)state;
    for (int variant = 0; variant < 36; variant++) {
        rm_scan_options options = RM_SCAN_OPTIONS_INIT;
        region r = make_region((uint64_t)variant / 3, variant % 2);
        options.replicates = 0;
        options.threads = 1 + variant % 2;
        options.secondary = variant % 3;
        options.rates = RM_SCAN_HIGH + variant / 3 % 3;
        options.max_time_share = variant % 4 == 0 ? 0.1 : 0.5;
        r.longest = variant % 4 == 0 ? 2 : LONGEST;
        counts[options.secondary] += compare(&r, &options);
    }
    assert_true(counts[RM_SCAN_PERIODS] > counts[RM_SCAN_ONE_EACH]);
    assert_true(counts[RM_SCAN_ONE_EACH] > counts[RM_SCAN_APART]);
}

/* A prospective scan offers one cylinder per centre, whatever the rule; and each cluster has the p
 * of its own LLR. */
static void test_prospective_and_p(void **state)
{
    rm_scan_options options = RM_SCAN_OPTIONS_INIT;
    region r = make_region(3, 0);
    (void)state;
    options.replicates = 99;
    options.prospective = 1;
    rm_scan *a = scan(&r, &options);
    options.secondary = RM_SCAN_ONE_EACH;
    rm_scan *b = scan(&r, &options);
    assert_true(rm_scan_cluster_count(a) > 0);
    assert_int_equal(rm_scan_cluster_count(a), rm_scan_cluster_count(b));
    rm_scan_free(b);
    rm_scan_free(a);
    options.prospective = 0;
    options.secondary = RM_SCAN_PERIODS;
    a = scan(&r, &options);
    assert_true(rm_scan_cluster_count(a) > 3);
    for (int32_t i = 0; i < rm_scan_cluster_count(a); i++) {
        rm_scan_cluster cluster;
        int32_t reached = 1;
        assert_int_equal(rm_scan_cluster_at(a, i, &cluster, NULL), RM_OK);
        for (int k = 0; k < 99; k++)
            reached += rm_scan_maxima(a)[k] >= cluster.llr;
        assert_true(cluster.p == reached / 100.0);
    }
    rm_scan_free(a);
}

static void test_bad_rule(void **state)
{
    rm_scan_options options = RM_SCAN_OPTIONS_INIT;
    region r = make_region(4, 0);
    rm_scan *found = NULL;
    rm_error err;
    (void)state;
    options.secondary = 3;
    assert_int_equal(rm_scan_space_time(&found, r.x, r.y, r.population, 0, r.cases, AREAS, STEPS,
                                        &options, &err),
                     RM_EINVAL);
    assert_non_null(strstr(err.message, "secondary is 3"));
    assert_null(found);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rules),
        cmocka_unit_test(test_prospective_and_p),
        cmocka_unit_test(test_bad_rule),
    };
    return cmocka_run_group_tests_name("stats_scan_clusters", tests, NULL, NULL);
}
