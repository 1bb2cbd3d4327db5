#include "geo/robust.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/sums.h"
#include "shapes.h"

static int sign(double value)
{
    return (value > 0) - (value < 0);
}

/* The true sign for coordinates that are whole multiples of 1 / scale. */
static int true_sign(const double *p, double scale)
{
    rm_int128 q[6];

    for (int i = 0; i < 6; i++)
        q[i] = (rm_int128)(p[i] * scale);
    rm_int128 det = (q[0] - q[4]) * (q[3] - q[5]) - (q[1] - q[5]) * (q[2] - q[4]);
    return (det > 0) - (det < 0);
}

static double orient(const double *p)
{
    return rm_orient(p[0], p[1], p[2], p[3], p[4], p[5]);
}

static void test_sides(void **state)
{
    (void)state;
    assert_true(rm_orient(0, 0, 1, 0, 0, 1) > 0);
    assert_true(rm_orient(0, 0, 1, 0, 0, -1) < 0);
    assert_true(rm_orient(0, 0, 1, 0, 7, 0) == 0);
    assert_true(rm_orient(1, 1, 1, 1, 5, 9) == 0);
    assert_true(rm_orient(0, 0, 4, 3, 4, 3) == 0);
}

/* Points a few units in the last place apart around a line through (12, 12) and (24, 24): the plain
 * formula gets hundreds of these wrong. */
static void test_last_places(void **state)
{
    int wrong = 0, naive_wrong = 0, on_line = 0;

    (void)state;
    for (int i = 0; i < 256; i++) {
        for (int j = 0; j < 256; j++) {
            double p[6] = {0.5 + i * 0x1p-53, 0.5 + j * 0x1p-53, 12, 12, 24, 24};
            int truth = true_sign(p, 0x1p53);

            wrong += sign(orient(p)) != truth;
            naive_wrong +=
                sign((p[0] - p[4]) * (p[3] - p[5]) - (p[1] - p[5]) * (p[2] - p[4])) != truth;
            on_line += truth == 0;
        }
    }
    assert_int_equal(wrong, 0);
    assert_true(naive_wrong > 100);
    assert_true(on_line > 100);
}

/* Random triples, near one line on purpose, with coordinates far apart in size. */
static void test_random_against_integers(void **state)
{
    draws d = {11, 0};

    (void)state;
    for (int k = 0; k < 200000; k++) {
        double p[6], size = k % 2 ? 1.0 : 0x1p-20;

        for (int i = 0; i < 4; i++)
            p[i] = draw(&d, -500.0, 500.0) * (i < 2 ? size : 1.0);
        double t = draw(&d, -1.0, 2.0);
        p[4] = p[0] + t * (p[2] - p[0]);
        p[5] = p[1] + t * (p[3] - p[1]);
        for (int i = 0; i < 6; i++)
            p[i] = round(p[i] * 0x1p50) * 0x1p-50;
        int truth = true_sign(p, 0x1p50);

        assert_int_equal(sign(orient(p)), truth);
        assert_int_equal(sign(rm_orient(p[2], p[3], p[4], p[5], p[0], p[1])), truth);
        assert_int_equal(sign(rm_orient(p[2], p[3], p[0], p[1], p[4], p[5])), -truth);
        assert_int_equal(sign(rm_orient_exact(p[0], p[1], p[2], p[3], p[4], p[5])), truth);
    }
}

/* A point made by hand just beside a long edge in RD coordinates. */
static void test_in_rd(void **state)
{
    (void)state;
    assert_true(rm_orient(155000, 463000, 155003, 463009, 155001, 463003) == 0);
    assert_true(rm_orient(155000, 463000, 155003, 463009, nextafter(155001, 0), 463003) > 0);
    assert_true(rm_orient(155000, 463000, 155003, 463009, nextafter(155001, 1e9), 463003) < 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sides),
        cmocka_unit_test(test_last_places),
        cmocka_unit_test(test_random_against_integers),
        cmocka_unit_test(test_in_rd),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
