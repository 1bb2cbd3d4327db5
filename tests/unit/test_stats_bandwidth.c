/* Bandwidths by rule, by cross-validation and by Abramson, against sums by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "stats/density/bandwidth.h"

static const double pi = 3.14159265358979323846;

enum { POINTS = 150 };
static double px[POINTS], py[POINTS], weight[POINTS];
static const rm_density_points plain = {px, py, NULL, NULL, POINTS};
static const rm_density_points weighted = {px, py, weight, NULL, POINTS};

static int make_points(void **state)
{
    (void)state;
    for (int i = 0; i < POINTS; i++) {
        double r = sqrt(-2 * log(1 - rm_random_unit(1, 1, (uint64_t)i)));
        double turn = 2 * pi * rm_random_unit(1, 2, (uint64_t)i);
        px[i] = 100000 + 300 * r * cos(turn) + i % 3 * 900;
        py[i] = 400000 + 200 * r * sin(turn);
        weight[i] = 0.5 + rm_random_unit(1, 3, (uint64_t)i);
    }
    return 0;
}

static bool near(double a, double b, double share)
{
    return fabs(a - b) <= share * fabs(b);
}

static void test_factor(void **state)
{
    (void)state;
    assert_true(rm_bandwidth_factor(RM_KERNEL_GAUSSIAN) == 1);
    assert_true(near(rm_bandwidth_factor(RM_KERNEL_QUARTIC), sqrt(8), 1e-15));
    assert_true(near(rm_bandwidth_factor(RM_KERNEL_EPANECHNIKOV), sqrt(6), 1e-15));
    assert_true(near(rm_bandwidth_factor(RM_KERNEL_TRIWEIGHT), sqrt(10), 1e-15));
    assert_true(near(rm_bandwidth_factor(RM_KERNEL_UNIFORM), 2, 1e-15));
    /* The variance along x of a kernel of R = 1 by polar quadrature: half of the mean of d^2. */
    for (int32_t kernel = 0; kernel < 5; kernel++) {
        static const int power[] = {2, 0, 1, 3, 0};
        double sum = 0, factor = rm_bandwidth_factor(kernel);
        for (double r = 0.0005; r < 1 && kernel != RM_KERNEL_GAUSSIAN; r += 0.001)
            sum += 0.001 * 2 * (power[kernel] + 1) * pow(1 - r * r, power[kernel]) * r * r * r / 2;
        if (kernel != RM_KERNEL_GAUSSIAN)
            assert_true(near(1 / (factor * factor), sum, 1e-4));
    }
}

/* Corners of a rectangle of 6 by 8: variances 12 and 64/3 with n - 1. */
static void test_rules_by_hand(void **state)
{
    double x[] = {0, 6, 6, 0}, y[] = {0, 0, 8, 8}, w[] = {2, 2, 2, 2}, h;
    rm_density_points p = {x, y, NULL, NULL, 4};
    rm_error err = {0};
    (void)state;
    double sigma = sqrt((12 + 64.0 / 3) / 2) * pow(4, -1.0 / 6);
    assert_int_equal(rm_rule_bandwidth(&h, &p, RM_KERNEL_GAUSSIAN, RM_RULE_REFERENCE, &err), RM_OK);
    assert_true(near(h, sigma, 1e-14));
    assert_int_equal(rm_rule_bandwidth(&h, &p, RM_KERNEL_QUARTIC, RM_RULE_REFERENCE, &err), RM_OK);
    assert_true(near(h, sigma * sqrt(8), 1e-14));
    /* The quartiles are 0 and 6 (8): 6 / 1.349 is wider than the standard deviation. */
    assert_int_equal(rm_rule_bandwidth(&h, &p, RM_KERNEL_GAUSSIAN, RM_RULE_ROBUST, &err), RM_OK);
    assert_true(near(h, sigma, 1e-14));
    /* All four lie 5 from the centre, and so do the standard and the median distance. */
    assert_int_equal(rm_rule_bandwidth(&h, &p, RM_KERNEL_QUARTIC, RM_RULE_DISTANCE, &err), RM_OK);
    assert_true(near(h, 0.9 * 5 * pow(4, -0.2), 1e-14));
    p.weight = w;
    assert_int_equal(rm_rule_bandwidth(&h, &p, RM_KERNEL_GAUSSIAN, RM_RULE_REFERENCE, &err), RM_OK);
    assert_true(near(h, sigma, 1e-14));
    assert_int_equal(rm_rule_bandwidth(&h, &p, RM_KERNEL_UNIFORM, RM_RULE_DISTANCE, &err), RM_OK);
    assert_true(near(h, 0.9 * 5 * pow(8, -0.2) / sqrt(8) * 2, 1e-14));
}

/* A far outlier moves the standard deviation and not the quartiles. */
static void test_robust(void **state)
{
    double x[101], y[101], h, plain_h;
    rm_density_points p = {x, y, NULL, NULL, 101};
    rm_error err = {0};
    (void)state;
    for (int i = 0; i < 101; i++)
        x[i] = y[i] = i;
    x[100] = 1e6;
    assert_int_equal(rm_rule_bandwidth(&h, &p, 1, RM_RULE_ROBUST, &err), RM_OK);
    assert_int_equal(rm_rule_bandwidth(&plain_h, &p, 1, RM_RULE_REFERENCE, &err), RM_OK);
    double sx = 50 / 1.349, sy = sqrt(101 * 102 / 12.0);
    assert_true(
        near(h, sqrt((sx * sx + fmin(sy, sx) * fmin(sy, sx)) / 2) * pow(101, -1.0 / 6), 0.02));
    assert_true(plain_h > 1000 * h);
}

/* The definitions, term by term. */
static double squares(const rm_density_points *p, double s)
{
    double total = 0, square = 0, mean = 0;
    for (int i = 0; i < p->count; i++)
        total += p->weight ? p->weight[i] : 1;
    for (int i = 0; i < p->count; i++) {
        double wi = p->weight ? p->weight[i] : 1, without = 0;
        for (int j = 0; j < p->count; j++) {
            double wj = p->weight ? p->weight[j] : 1;
            double d2 = pow(p->x[i] - p->x[j], 2) + pow(p->y[i] - p->y[j], 2);
            square += wi * wj * exp(-d2 / (4 * s * s)) / (4 * pi * s * s);
            without += i != j ? wj * exp(-d2 / (2 * s * s)) / (2 * pi * s * s) : 0;
        }
        mean += wi * without / (total - wi) / total;
    }
    return square / (total * total) - 2 * mean;
}

static double likelihood(const rm_density_points *p, double s)
{
    double total = 0, sum = 0;
    for (int i = 0; i < p->count; i++)
        total += p->weight ? p->weight[i] : 1;
    for (int i = 0; i < p->count; i++) {
        double wi = p->weight ? p->weight[i] : 1, without = 0;
        for (int j = 0; j < p->count; j++) {
            double wj = p->weight ? p->weight[j] : 1;
            double d2 = pow(p->x[i] - p->x[j], 2) + pow(p->y[i] - p->y[j], 2);
            without += i != j ? wj * exp(-d2 / (2 * s * s)) / (2 * pi * s * s) : 0;
        }
        sum -= wi * log(without / (total - wi)) / total;
    }
    return sum;
}

static void test_scores_are_the_definitions(void **state)
{
    rm_error err = {0};
    (void)state;
    for (double sigma = 100; sigma < 2000; sigma *= 2.3) {
        for (int k = 0; k < 4; k++) {
            const rm_density_points *p = k % 2 ? &weighted : &plain;
            double score;
            assert_int_equal(
                rm_validation_score(&score, p, RM_VALIDATE_SQUARES, k / 2, sigma, 2, NULL, &err),
                RM_OK);
            assert_true(fabs(score - squares(p, sigma)) <= 1e-12 / (sigma * sigma));
            assert_int_equal(
                rm_validation_score(&score, p, RM_VALIDATE_LIKELIHOOD, k / 2, sigma, 1, NULL, &err),
                RM_OK);
            assert_true(near(score, likelihood(p, sigma), 1e-9));
        }
    }
}

/* A place with three points, left out at once and one by one. */
static void test_leave_place_and_point(void **state)
{
    double x[] = {0, 0, 0, 40, 90, 50}, y[] = {0, 0, 0, 30, 10, 80}, w[] = {1, 2, 1, 3, 1, 2};
    double jx[] = {0, 40, 90, 50}, jy[] = {0, 30, 10, 80}, jw[] = {4, 3, 1, 2}, score;
    rm_density_points p = {x, y, w, NULL, 6}, joined = {jx, jy, jw, NULL, 4};
    rm_error err = {0};
    (void)state;
    assert_int_equal(rm_validation_score(&score, &p, 0, RM_LEAVE_POINT, 30, 1, NULL, &err), RM_OK);
    assert_true(near(score, squares(&p, 30), 1e-12));
    assert_int_equal(rm_validation_score(&score, &p, 0, RM_LEAVE_PLACE, 30, 1, NULL, &err), RM_OK);
    assert_true(near(score, squares(&joined, 30), 1e-12));
    assert_int_equal(rm_validation_score(&score, &p, 1, RM_LEAVE_POINT, 30, 1, NULL, &err), RM_OK);
    assert_true(near(score, likelihood(&p, 30), 1e-12));
    assert_int_equal(rm_validation_score(&score, &p, 1, RM_LEAVE_PLACE, 30, 1, NULL, &err), RM_OK);
    assert_true(near(score, likelihood(&joined, 30), 1e-12));
    /* Isolated: without the point there is nothing left. */
    x[3] = 1e9;
    assert_int_equal(rm_validation_score(&score, &p, 1, RM_LEAVE_PLACE, 30, 1, NULL, &err), RM_OK);
    assert_true(isinf(score));
}

/* No candidate of a fine scale beats what the search finds. */
static void test_search(void **state)
{
    rm_error err = {0};
    (void)state;
    for (int32_t criterion = 0; criterion < 2; criterion++) {
        rm_validation how = {criterion, RM_LEAVE_PLACE, 0, 0};
        rm_bandwidth_fit fit, again;
        assert_int_equal(rm_validate_bandwidth(&fit, &plain, &how, 2, NULL, &err), RM_OK);
        assert_int_equal(rm_validate_bandwidth(&again, &plain, &how, 1, NULL, &err), RM_OK);
        assert_memory_equal(&fit, &again, sizeof fit);
        assert_int_equal(fit.places, POINTS);
        assert_int_equal(fit.coincident, 0);
        assert_int_equal(fit.at_end, 0);
        double best = INFINITY, at = 0;
        for (double s = 10; s < 1500; s *= 1.01) {
            double here = criterion ? likelihood(&plain, s) : squares(&plain, s);
            if (here < best) {
                best = here;
                at = s;
            }
        }
        assert_true(near(fit.bandwidth, at, 0.012));
        assert_true(fit.score <= best + 1e-12 * fabs(best));
    }
}

static void test_ends_of_the_search(void **state)
{
    rm_validation low = {0, 0, 2000, 4000}, high = {0, 0, 1, 20};
    rm_bandwidth_fit fit;
    rm_error err = {0};
    (void)state;
    assert_int_equal(rm_validate_bandwidth(&fit, &plain, &low, 2, NULL, &err), RM_OK);
    assert_int_equal(fit.at_end, -1);
    assert_true(fit.bandwidth == 2000);
    assert_int_equal(rm_validate_bandwidth(&fit, &plain, &high, 2, NULL, &err), RM_OK);
    assert_int_equal(fit.at_end, 1);
}

/* Reports at shared addresses: one by one the best bandwidth is 0, which is said. */
static void test_coincident(void **state)
{
    double x[POINTS], y[POINTS];
    rm_density_points p = {x, y, NULL, NULL, POINTS};
    rm_validation point = {0, RM_LEAVE_POINT, 0, 0}, place = {0, RM_LEAVE_PLACE, 0, 0};
    rm_bandwidth_fit fit = {.bandwidth = -5};
    rm_error err = {0};
    (void)state;
    for (int i = 0; i < POINTS; i++) {
        x[i] = px[i / 3];
        y[i] = py[i / 3];
    }
    assert_int_equal(rm_validate_bandwidth(&fit, &p, &point, 2, NULL, &err), RM_EDATA);
    assert_non_null(strstr(err.message, "150 of 150 points share"));
    assert_true(fit.bandwidth == -5);
    point.criterion = RM_VALIDATE_LIKELIHOOD;
    assert_int_equal(rm_validate_bandwidth(&fit, &p, &point, 2, NULL, &err), RM_EDATA);
    assert_int_equal(rm_validate_bandwidth(&fit, &p, &place, 2, NULL, &err), RM_OK);
    assert_int_equal(fit.places, 50);
    assert_int_equal(fit.coincident, 150);
    assert_true(fit.bandwidth > 20);
}

static void test_adaptive(void **state)
{
    double h[POINTS], f[POINTS], mean = 0, total = 0, sorted[POINTS];
    rm_error err = {0};
    (void)state;
    assert_int_equal(rm_adaptive_bandwidths(h, &weighted, 250, 80, 0, 2, NULL, &err), RM_OK);
    for (int i = 0; i < POINTS; i++) {
        f[i] = 0;
        for (int j = 0; j < POINTS; j++) {
            double d2 = pow(px[i] - px[j], 2) + pow(py[i] - py[j], 2);
            f[i] += weight[j] * exp(-d2 / (2 * 250 * 250.0)) / (2 * pi * 250 * 250.0);
        }
        total += weight[i];
    }
    for (int i = 0; i < POINTS; i++)
        mean += weight[i] * log(pow(f[i] / total, -0.5)) / total;
    for (int i = 0; i < POINTS; i++)
        assert_true(near(h[i], 80 * pow(f[i] / total, -0.5) / exp(mean), 1e-11));
    memcpy(sorted, h, sizeof h);
    for (int i = 1; i < POINTS; i++) {
        double v = sorted[i];
        int k = i;
        for (; k > 0 && sorted[k - 1] > v; k--)
            sorted[k] = sorted[k - 1];
        sorted[k] = v;
    }
    double most = 1.2 * (sorted[74] + sorted[75]) / 2;
    double trimmed[POINTS];
    int cut = 0;
    assert_int_equal(rm_adaptive_bandwidths(trimmed, &weighted, 250, 80, 1.2, 1, NULL, &err),
                     RM_OK);
    for (int i = 0; i < POINTS; i++) {
        assert_true(near(trimmed[i], fmin(h[i], most), 1e-15));
        cut += h[i] > most;
    }
    assert_true(cut > 0 && cut < 75);
}

static void test_half_life(void **state)
{
    double age[] = {0, 30, 60, 15}, out[] = {-5, -5, -5, -5};
    rm_error err = {0};
    (void)state;
    assert_int_equal(rm_half_life(out, age, 4, 30, &err), RM_OK);
    assert_true(out[0] == 1 && out[1] == 0.5 && out[2] == 0.25 && near(out[3], sqrt(0.5), 1e-15));
    assert_int_equal(rm_half_life(out, age, 4, 0, &err), RM_EINVAL);
    assert_non_null(strstr(err.message, "the half-life is 0 days"));
    age[2] = -1;
    assert_int_equal(rm_half_life(out, age, 4, 30, &err), RM_EINVAL);
    assert_int_equal(err.row, 2);
    age[2] = NAN;
    assert_int_equal(rm_half_life(out, age, 4, 30, &err), RM_EINVAL);
    assert_true(out[2] == 0.25);
}

static void test_bad_input(void **state)
{
    double x[] = {5, 5, 5}, y[] = {7, 7, 7}, w[] = {0, 0, 0}, h = -5, hs[] = {-5, -5, -5};
    rm_density_points p = {x, y, NULL, NULL, 3}, none = {NULL, NULL, NULL, NULL, 0};
    rm_validation how = {0, 0, 0, 0};
    rm_bandwidth_fit fit = {.bandwidth = -5};
    rm_error err = {0};
    (void)state;
    for (int32_t rule = 0; rule < 3; rule++) {
        assert_int_equal(rm_rule_bandwidth(&h, &p, 0, rule, &err), RM_EDATA);
        assert_non_null(strstr(err.message, "all 3 points lie at one place"));
        assert_int_equal(rm_rule_bandwidth(&h, &none, 0, rule, &err), RM_EDATA);
        assert_non_null(strstr(err.message, "no points that weigh anything"));
    }
    assert_int_equal(rm_rule_bandwidth(&h, &p, 0, 3, &err), RM_EINVAL);
    assert_int_equal(rm_rule_bandwidth(&h, &p, 9, 0, &err), RM_EINVAL);
    assert_int_equal(rm_validate_bandwidth(&fit, &p, &how, 1, NULL, &err), RM_EDATA);
    assert_non_null(strstr(err.message, "at 1 place(s)"));
    assert_int_equal(rm_validate_bandwidth(&fit, &none, &how, 1, NULL, &err), RM_EDATA);
    how.lowest = -1;
    assert_int_equal(rm_validate_bandwidth(&fit, &plain, &how, 1, NULL, &err), RM_EINVAL);
    how = (rm_validation){2, 0, 0, 0};
    assert_int_equal(rm_validate_bandwidth(&fit, &plain, &how, 1, NULL, &err), RM_EINVAL);
    how = (rm_validation){0, 2, 0, 0};
    assert_int_equal(rm_validate_bandwidth(&fit, &plain, &how, 1, NULL, &err), RM_EINVAL);
    assert_int_equal(rm_adaptive_bandwidths(hs, &p, 0, 1, 0, 1, NULL, &err), RM_EINVAL);
    assert_int_equal(rm_adaptive_bandwidths(hs, &p, 1, NAN, 0, 1, NULL, &err), RM_EINVAL);
    assert_int_equal(rm_adaptive_bandwidths(hs, &p, 1, 1, -1, 1, NULL, &err), RM_EINVAL);
    assert_int_equal(rm_adaptive_bandwidths(hs, &none, 1, 1, 0, 1, NULL, &err), RM_OK);
    p.weight = w;
    assert_int_equal(rm_rule_bandwidth(&h, &p, 0, 0, &err), RM_EDATA);
    assert_int_equal(rm_adaptive_bandwidths(hs, &p, 1, 1, 0, 1, NULL, &err), RM_EDATA);
    w[1] = -1;
    assert_int_equal(rm_rule_bandwidth(&h, &p, 0, 0, &err), RM_EINVAL);
    assert_int_equal(err.row, 1);
    y[0] = NAN;
    assert_int_equal(rm_validate_bandwidth(&fit, &p, &(rm_validation){0, 0, 0, 0}, 1, NULL, &err),
                     RM_EINVAL);
    assert_int_equal(err.row, 0);
    assert_true(h == -5 && hs[0] == -5 && fit.bandwidth == -5);
}

static int stop_at(double fraction, const char *message, void *user)
{
    int *calls = user;
    (void)fraction;
    (void)message;
    return ++*calls > 1;
}

static void test_cancelled(void **state)
{
    rm_validation how = {0, 0, 0, 0};
    rm_bandwidth_fit fit = {.bandwidth = -5};
    rm_progress progress;
    rm_error err = {0};
    double h[POINTS] = {-5};
    int calls = 0;
    (void)state;
    rm_progress_start(&progress, stop_at, &calls);
    assert_int_equal(rm_validate_bandwidth(&fit, &plain, &how, 2, &progress, &err), RM_ECANCELLED);
    calls = 0;
    rm_progress_start(&progress, stop_at, &calls);
    assert_int_equal(rm_adaptive_bandwidths(h, &plain, 100, 50, 0, 2, &progress, &err),
                     RM_ECANCELLED);
    assert_true(h[0] == -5 && fit.bandwidth == -5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_factor),
        cmocka_unit_test(test_rules_by_hand),
        cmocka_unit_test(test_robust),
        cmocka_unit_test(test_scores_are_the_definitions),
        cmocka_unit_test(test_leave_place_and_point),
        cmocka_unit_test(test_search),
        cmocka_unit_test(test_ends_of_the_search),
        cmocka_unit_test(test_coincident),
        cmocka_unit_test(test_adaptive),
        cmocka_unit_test(test_half_life),
        cmocka_unit_test(test_bad_input),
        cmocka_unit_test(test_cancelled),
    };
    return cmocka_run_group_tests_name("stats_bandwidth", tests, make_points, NULL);
}
