/* Random numbers against the published vectors, and sums against exact arithmetic. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/random.h"

#include <math.h>

/* The vectors "philox2x64 10" of the authors' kat_vectors: counter words, key, block. */
static void the_published_vectors(void **state)
{
    (void)state;
    static const uint64_t vectors[][5] = {
        {0, 0, 0, 0xca00a0459843d731, 0x66c24222c9a845b5},
        {UINT64_MAX, UINT64_MAX, UINT64_MAX, 0x65b021d60cd8310f, 0x4d02f3222f86df20},
        {0x243f6a8885a308d3, 0x13198a2e03707344, 0xa4093822299f31d0, 0x0a5e742c2997341c,
         0xb0f883d38000de5d},
    };
    for (size_t i = 0; i < 3; i++) {
        uint64_t block[2];
        rm_random_block(vectors[i][2], vectors[i][1], vectors[i][0], block);
        assert_int_equal(block[0], vectors[i][3]);
        assert_int_equal(block[1], vectors[i][4]);
        assert_int_equal(rm_random_bits(vectors[i][2], vectors[i][1], vectors[i][0]),
                         vectors[i][3]);
        uint64_t two[4], next[2];
        rm_random_two_blocks(vectors[i][2], vectors[i][1], vectors[i][0], two);
        rm_random_block(vectors[i][2], vectors[i][1], vectors[i][0] + 1, next);
        assert_memory_equal(two, block, sizeof block);
        assert_memory_equal(two + 2, next, sizeof next);
    }
}

static void each_argument_changes_about_half_the_bits(void **state)
{
    (void)state;
    for (int which = 0; which < 3; which++) {
        int64_t changed = 0;
        for (uint64_t i = 0; i < 64000; i++) {
            uint64_t flip = (uint64_t)1 << (i % 64);
            uint64_t a = rm_random_bits(1, 2, i);
            uint64_t b = rm_random_bits(1 ^ (which == 0 ? flip : 0), 2 ^ (which == 1 ? flip : 0),
                                        i ^ (which == 2 ? flip : 0));
            for (uint64_t x = a ^ b; x != 0; x &= x - 1)
                changed++;
        }
        /* Binomial(64 * 64000, 1/2): the standard deviation is 1012. */
        assert_in_range(changed, 32 * 64000 - 5000, 32 * 64000 + 5000);
    }
}

static void the_unit_interval_is_filled_evenly(void **state)
{
    (void)state;
    int64_t bins[100] = {0};
    double sum = 0;
    for (uint64_t i = 0; i < 1000000; i++) {
        double u = rm_random_unit(7, 0, i);
        assert_true(u >= 0 && u < 1);
        bins[(int)(u * 100)]++;
        sum += u;
    }
    assert_true(fabs(sum / 1e6 - 0.5) < 5 * sqrt(1 / 12e6));
    double chi2 = 0;
    for (int i = 0; i < 100; i++)
        chi2 += (double)((bins[i] - 10000) * (bins[i] - 10000)) / 10000;
    assert_true(chi2 > 50 && chi2 < 170);
}

static void below_a_bound_all_are_equally_likely(void **state)
{
    (void)state;
    int64_t seen[6] = {0};
    for (uint64_t i = 0; i < 600000; i++)
        seen[rm_random_below(3, 4, i, 6)]++;
    for (int i = 0; i < 6; i++)
        assert_in_range(seen[i], 100000 - 1500, 100000 + 1500);
    assert_int_equal(rm_random_below(3, 4, 5, 1), 0);
}

/* A bound of 3/4 of the range makes a quarter of the draws be drawn again; without that, the
 * numbers that three divides would come twice as often as the others. */
static void a_large_bound_is_unbiased(void **state)
{
    (void)state;
    const uint64_t bound = (uint64_t)3 << 62;
    int64_t thirds[3] = {0}, residues[3] = {0};
    for (uint64_t i = 0; i < 300000; i++) {
        uint64_t draw = rm_random_below(9, 1, i, bound);
        assert_true(draw < bound);
        thirds[draw >> 62]++;
        residues[draw % 3]++;
    }
    for (int i = 0; i < 3; i++) {
        assert_in_range(thirds[i], 100000 - 1500, 100000 + 1500);
        assert_in_range(residues[i], 100000 - 1500, 100000 + 1500);
    }
}

static double noise(uint64_t i)
{
    return ldexp(rm_random_unit(11, 0, i) - 0.5, (int)rm_random_below(11, 1, i, 60) - 30);
}

static void the_order_does_not_matter(void **state)
{
    (void)state;
    rm_sum forward = {0}, backward = {0}, parts[3] = {{0}, {0}, {0}};
    for (uint64_t i = 0; i < 10000; i++) {
        rm_sum_add(&forward, noise(i));
        rm_sum_add(&backward, noise(9999 - i));
        rm_sum_add(&parts[i * 7 % 3], noise(i));
    }
    rm_sum_merge(&parts[2], &parts[0]);
    rm_sum_merge(&parts[2], &parts[1]);
    assert_true(forward.value == backward.value);
    assert_true(forward.value == parts[2].value);
    assert_true(forward.value != 0);
}

static void small_and_large_take_the_same_value(void **state)
{
    (void)state;
    for (uint64_t i = 0; i < 200000; i++) {
        double x = ldexp(rm_random_unit(12, 0, i) - 0.5, (int)rm_random_below(12, 1, i, 60) - 45);
        rm_sum fast = {0}, any = {0};
        rm_sum_add(&fast, x);
        rm_sum_add_any(&any, x);
        assert_true(fast.value == any.value);
        assert_true(fabs(rm_sum_value(&fast) - x) <= 0x1p-41);
    }
}

static rm_int128 quanta(double x)
{
    rm_sum sum = {0};
    rm_sum_add(&sum, x);
    return sum.value;
}

static void quanta_are_rounded_to_nearest_even(void **state)
{
    (void)state;
    assert_true(quanta(0x1p-40) == 1);
    assert_true(quanta(0x1p-41) == 0);
    assert_true(quanta(0x1.8p-40) == 2);
    assert_true(quanta(-0x1.8p-40) == -2);
    assert_true(quanta(0x1.4p-39) == 2);
    assert_true(quanta(0x1.000001p-41) == 1);
    assert_true(quanta(-0x1.000001p-41) == -1);
    assert_true(quanta(0x1p-1074) == 0);
    assert_true(quanta(-0.0) == 0);
}

static void the_borders_of_the_paths(void **state)
{
    (void)state;
    for (int exponent = 8; exponent < 86; exponent++) {
        double x = ldexp(1, exponent);
        rm_int128 exact = (rm_int128)1 << (exponent + 40);
        assert_true(quanta(x) == exact);
        assert_true(quanta(-x) == -exact);
        rm_int128 below = (rm_int128)ldexp(nextafter(x, 0), 40);
        if (exponent >= 13)
            assert_true(quanta(nextafter(x, 0)) == below);
    }
    assert_true(quanta(1234567.5) == (rm_int128)12345675 * ((rm_int128)1 << 40) / 10);
}

static void the_value_is_the_nearest_double(void **state)
{
    (void)state;
    rm_sum sum = {0};
    assert_true(rm_sum_value(&sum) == 0);
    for (int i = 0; i < 10; i++)
        rm_sum_add(&sum, 0.1);
    assert_true(fabs(rm_sum_value(&sum) - 1) < 1e-11);
    /* 2^60 + 1/2 lies between doubles 256 apart; 2^60 + 128 + 1/2 is nearer to the upper one. */
    rm_sum tie = {0};
    rm_sum_add(&tie, 0x1p60);
    rm_sum_add(&tie, 0.5);
    assert_true(rm_sum_value(&tie) == 0x1p60);
    rm_sum_add(&tie, 128);
    assert_true(rm_sum_value(&tie) == 0x1p60 + 256);
    rm_sum_add(&tie, -0x1p60);
    assert_true(rm_sum_value(&tie) == 128.5);
}

static void an_overflow_is_remembered(void **state)
{
    (void)state;
    const double wrong[] = {0x1p86, -0x1p86, INFINITY, -INFINITY, NAN, 1e300};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        rm_sum sum = {0}, other = {0};
        rm_sum_add(&sum, 5);
        assert_false(rm_sum_overflowed(&sum));
        rm_sum_add(&sum, wrong[i]);
        assert_true(rm_sum_overflowed(&sum));
        assert_true(isnan(rm_sum_value(&sum)));
        rm_sum_add(&sum, 1);
        rm_sum_add(&sum, -0x1p80);
        assert_true(rm_sum_overflowed(&sum));
        rm_sum_merge(&other, &sum);
        assert_true(rm_sum_overflowed(&other));
        rm_sum fresh = {0};
        rm_sum_merge(&other, &fresh);
        assert_true(rm_sum_overflowed(&other));
    }
}

static void many_large_ones_run_over(void **state)
{
    (void)state;
    for (int sign = -1; sign <= 1; sign += 2) {
        rm_sum sum = {0}, twice;
        for (int i = 0; i < 3; i++)
            rm_sum_add(&sum, sign * 0x1p84);
        assert_true(rm_sum_value(&sum) == sign * 3 * 0x1p84);
        twice = sum;
        rm_sum_merge(&twice, &sum);
        assert_true(rm_sum_overflowed(&twice));
        /* A sum close to the limit takes a small number by the general path. */
        rm_sum_add(&sum, 0.5);
        rm_sum_add(&sum, sign * -3 * 0x1p84);
        assert_true(rm_sum_value(&sum) == 0.5);
        for (int i = 0; i < 4; i++)
            rm_sum_add(&sum, sign * 0x1p84);
        rm_sum_add(&sum, sign * 0x1p62);
        assert_true(rm_sum_overflowed(&sum));
    }
}

static void small_ones_run_over_too(void **state)
{
    (void)state;
    for (int sign = -1; sign <= 1; sign += 2) {
        rm_sum sum = {0};
        rm_sum_add(&sum, sign * (0x1p86 - 0x1p33));
        for (int i = 1; i < 1 << 23; i++)
            rm_sum_add(&sum, sign * 1024);
        assert_false(rm_sum_overflowed(&sum));
        rm_sum_add(&sum, sign * 1024);
        assert_true(rm_sum_overflowed(&sum));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_published_vectors),
        cmocka_unit_test(each_argument_changes_about_half_the_bits),
        cmocka_unit_test(the_unit_interval_is_filled_evenly),
        cmocka_unit_test(below_a_bound_all_are_equally_likely),
        cmocka_unit_test(a_large_bound_is_unbiased),
        cmocka_unit_test(the_order_does_not_matter),
        cmocka_unit_test(small_and_large_take_the_same_value),
        cmocka_unit_test(quanta_are_rounded_to_nearest_even),
        cmocka_unit_test(the_borders_of_the_paths),
        cmocka_unit_test(the_value_is_the_nearest_double),
        cmocka_unit_test(an_overflow_is_remembered),
        cmocka_unit_test(many_large_ones_run_over),
        cmocka_unit_test(small_ones_run_over_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
