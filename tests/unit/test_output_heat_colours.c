/* Classes of a heat map: bounds and labels by hand, colours that can be told apart, a style that
 * says the same. */
#define _GNU_SOURCE
#include "output/heat/colours.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static rm_heat_classes made(const float *values, int64_t count, int32_t classes)
{
    rm_heat_classes out;
    rm_error err = {0};
    memset(&out, 0x55, sizeof out);
    if (rm_heat_classes_make(&out, values, count, classes, &err) != RM_OK)
        fail_msg("%s", err.message);
    return out;
}

static void expect_label(const rm_heat_classes *classes, int32_t class_, rm_language language,
                         const char *expected)
{
    char label[64];
    rm_heat_class_label(label, sizeof label, classes, class_, language);
    assert_string_equal(label, expected);
}

/* ---- bounds ---- */

/* 1, 2, ... 1000: those from 50 on count, 951 of them. Of these 0.8^1.5, 0.6^1.5, 0.4^1.5 and
 * 0.2^1.5 are left from 320, 558, 759 and 915 on, which are read as 320, 550, 750 and 900. */
static void test_bounds_by_hand(void **state)
{
    static const double BOUNDS[] = {50, 320, 550, 750, 900, 1000};
    float values[1000];
    (void)state;
    for (int i = 0; i < 1000; i++)
        values[i] = (float)(1000 - i);
    rm_heat_classes classes = made(values, 1000, 5);
    assert_int_equal(classes.count, 5);
    for (int c = 0; c <= 5; c++)
        assert_true(classes.bounds[c] == BOUNDS[c]);
    expect_label(&classes, 0, RM_DUTCH, "onder 50");
    expect_label(&classes, 1, RM_DUTCH, "50 – 320");
    expect_label(&classes, 5, RM_DUTCH, "900 – 1.000");
    expect_label(&classes, 5, RM_ENGLISH, "900 – 1,000");
    expect_label(&classes, 0, RM_ENGLISH, "below 50");
}

static void test_few_distinct_values_each_have_a_class(void **state)
{
    const float values[] = {0, 1, 1, 1, 1, 1, 1, 1, 1, 2, 3, NAN, -4};
    (void)state;
    rm_heat_classes classes = made(values, sizeof values / sizeof *values, 5);
    assert_int_equal(classes.count, 3);
    for (int v = 1; v <= 3; v++) {
        assert_true(classes.bounds[v - 1] == v);
        assert_int_equal(rm_heat_class(&classes, v), v);
    }
    assert_int_equal(rm_heat_class(&classes, 0), 0);
    assert_int_equal(rm_heat_class(&classes, 0.999), 0);
    assert_int_equal(rm_heat_class(&classes, NAN), 0);
    assert_int_equal(rm_heat_class(&classes, -INFINITY), 0);
    assert_int_equal(rm_heat_class(&classes, 1e9), 3); /* another map on the same legend */
    expect_label(&classes, 3, RM_DUTCH, "3");
    expect_label(&classes, 2, RM_DUTCH, "2 – 3");
}

static void test_a_flat_raster_has_one_class(void **state)
{
    static const float FLAT[] = {0.7f, 4.97f, 5, 1e-30f, 123456};
    static const char *const LABELS[] = {"0,7", "4,9 – 4,97", "5", NULL, "120.000 – 124.000"};
    (void)state;
    for (int f = 0; f < 5; f++) {
        float values[10];
        for (int i = 0; i < 10; i++)
            values[i] = FLAT[f];
        rm_heat_classes classes = made(values, 10, 9);
        assert_int_equal(classes.count, 1);
        assert_int_equal(rm_heat_class(&classes, FLAT[f]), 1);
        assert_true((float)classes.bounds[0] <= FLAT[f] && classes.bounds[0] >= 0.9 * FLAT[f]);
        if (LABELS[f])
            expect_label(&classes, 1, RM_DUTCH, LABELS[f]);
    }
}

static void test_nothing_above_zero_is_no_class(void **state)
{
    const float none[] = {0, -1, NAN, NAN, INFINITY, 0};
    (void)state;
    for (int64_t count = 0; count <= 6; count++) {
        rm_heat_classes classes = made(none, count, 5);
        assert_int_equal(classes.count, 0);
        assert_int_equal(rm_heat_class(&classes, 3), 0);
        expect_label(&classes, 0, RM_DUTCH, "geen waarden");
        expect_label(&classes, 0, RM_ENGLISH, "no values");
    }
}

static bool is_readable(double value)
{
    double scaled = value;
    while (scaled >= 100)
        scaled /= 10;
    while (scaled < 10)
        scaled *= 10;
    return fabs(scaled - round(scaled)) < 1e-9;
}

static uint32_t next_random(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

/* Whatever the values: bounds ascend, have two digits at most, and from 5% of the highest value on
 * nothing is left out. */
static void test_bounds_of_any_values(void **state)
{
    uint32_t seed = 7;
    float values[400];
    (void)state;
    for (int run = 0; run < 300; run++) {
        double power = 0.3 + run % 12, scale = pow(10, run % 21 - 10);
        int distinct = 1 + (int)(next_random(&seed) % 300), wanted = 3 + run % 7;
        float highest = 0;
        for (int i = 0; i < 400; i++) {
            double share = (double)(next_random(&seed) % (uint32_t)distinct + 1) / distinct;
            values[i] = (float)(pow(share, power) * scale);
            highest = fmaxf(highest, values[i]);
        }
        rm_heat_classes classes = made(values, 400, wanted);
        assert_in_range(classes.count, 1, wanted);
        assert_true(classes.bounds[classes.count] == highest);
        for (int c = 0; c < classes.count; c++) {
            assert_true(is_readable(classes.bounds[c]));
            assert_true((float)classes.bounds[c] <= highest);
            assert_true(c == 0 || classes.bounds[c] > classes.bounds[c - 1]);
        }
        for (int i = 0; i < 400; i++)
            assert_true(values[i] < 0.05f * highest || rm_heat_class(&classes, values[i]) > 0);
    }
}

static void test_order_and_scale_of_the_values_mean_nothing(void **state)
{
    float values[500], other[500];
    uint32_t seed = 3;
    (void)state;
    for (int i = 0; i < 500; i++)
        values[i] = (float)(next_random(&seed) % 4096);
    for (int i = 0; i < 500; i++)
        other[i] = 1000 * values[(i * 7 + 3) % 500];
    rm_heat_classes one = made(values, 500, 7), two = made(other, 500, 7);
    assert_int_equal(one.count, two.count);
    for (int c = 0; c < one.count; c++)
        assert_float_equal(two.bounds[c], 1000 * one.bounds[c], 1e-6 * two.bounds[c]);
}

static void test_bound_is_in_its_class_as_a_float(void **state)
{
    const float values[] = {0.1f, 0.2f, 0.3f, 0.6f, 0.7f, 1.1f};
    (void)state;
    rm_heat_classes classes = made(values, 6, 9);
    assert_int_equal(classes.count, 6);
    for (int i = 0; i < 6; i++)
        assert_int_equal(rm_heat_class(&classes, values[i]), i + 1);
    expect_label(&classes, 5, RM_DUTCH, "0,7 – 1,1");
    expect_label(&classes, 5, RM_ENGLISH, "0.7 – 1.1");
}

static void test_class_count_out_of_range(void **state)
{
    const float values[] = {1};
    rm_heat_classes classes = {.count = 77};
    rm_error err = {0};
    (void)state;
    assert_int_equal(rm_heat_classes_make(&classes, values, 1, 2, &err), RM_EINVAL);
    assert_string_equal(err.message, "a heat map has 3 to 9 classes, not 2");
    assert_int_equal(rm_heat_classes_make(&classes, values, 1, 10, &err), RM_EINVAL);
    assert_int_equal(classes.count, 77);
}

static void test_label_is_cut_between_characters(void **state)
{
    const float values[] = {1, 2, 3};
    char label[8];
    (void)state;
    rm_heat_classes classes = made(values, 3, 3);
    memset(label, 'x', sizeof label);
    rm_heat_class_label(label, 4, &classes, 1, RM_DUTCH); /* "1 " and a third of the dash */
    assert_string_equal(label, "1 ");
    assert_int_equal(label[4], 'x');
    rm_heat_class_label(label, 1, &classes, 1, RM_DUTCH);
    assert_string_equal(label, "");
    rm_heat_class_label(label, 0, &classes, 1, RM_DUTCH);
}

/* ---- colours ---- */

static double linear(double channel)
{
    channel /= 255;
    return channel <= 0.04045 ? channel / 12.92 : pow((channel + 0.055) / 1.055, 2.4);
}

static double lightness_of(double y)
{
    return y > 0.008856 ? 116 * cbrt(y) - 16 : 903.3 * y;
}

/* CIE lightness as the eye has it, as one without red cones has it and as one without green ones
 * (Vienot, Brettel and Mollon 1999: both see the same yellow for red and green, weighted
 * otherwise). */
static void lightness(const rm_colour *colour, double ground, double out[3])
{
    double share = colour->alpha / 255.0;
    double red = linear(colour->red * share + ground * (1 - share));
    double green = linear(colour->green * share + ground * (1 - share));
    double blue = linear(colour->blue * share + ground * (1 - share));
    double protan = 0.1124 * red + 0.8876 * green, deutan = 0.2928 * red + 0.7072 * green;
    out[0] = lightness_of(0.2126 * red + 0.7152 * green + 0.0722 * blue);
    out[1] = lightness_of(0.9278 * protan + 0.0722 * blue);
    out[2] = lightness_of(0.9278 * deutan + 0.0722 * blue);
}

static void test_every_class_is_darker_than_the_one_below(void **state)
{
    static const double LEAST[] = {0, 0, 0, 20, 13, 10, 8, 6.5, 5.5, 5};
    float values[2000];
    (void)state;
    for (int i = 0; i < 2000; i++)
        values[i] = (float)(i + 1);
    for (int32_t count = 3; count <= 9; count++) {
        rm_heat_classes classes = made(values, 2000, count);
        assert_int_equal(classes.count, count);
        for (int ground = 235; ground <= 255; ground += 10) {
            double before[3] = {97, 97, 97}, here[3];
            for (int32_t c = 0; c < count; c++) {
                lightness(&classes.colours[c], ground, here);
                for (int eye = 0; eye < 3 && c > 0; eye++)
                    if (before[eye] - here[eye] < LEAST[count])
                        fail_msg("%d classes: class %d is %.1f darker on %d for eye %d", (int)count,
                                 (int)c + 1, before[eye] - here[eye], ground, eye);
                memcpy(before, here, sizeof here);
            }
        }
        assert_true(classes.colours[0].alpha < 200 && classes.colours[0].blue < 200);
        assert_true(classes.colours[count - 1].red == 128 && classes.colours[count - 1].green == 0);
    }
}

/* ---- the style ---- */

static int count_of(const char *text, const char *piece)
{
    int count = 0;
    for (; (text = strstr(text, piece)); text++)
        count++;
    return count;
}

/* Tags open and close in order, and attributes have their quotes. */
static void expect_well_formed(const char *text)
{
    char open[64][64];
    int depth = 0;
    const char *at = strstr(text, "<qgis");
    assert_non_null(at);
    for (; (at = strchr(at, '<')); at++) {
        const char *end = strchr(at, '>');
        assert_non_null(end);
        int quotes = 0;
        for (const char *c = at; c < end; c++)
            quotes += *c == '"';
        assert_int_equal(quotes % 2, 0);
        size_t length = strcspn(at + 1, " />");
        if (at[1] == '/') {
            length = (size_t)(end - at) - 2;
            assert_true(depth > 0 && strlen(open[depth - 1]) == length);
            assert_memory_equal(open[--depth], at + 2, length);
        } else if (end[-1] != '/') {
            assert_true(depth < 64 && length < 64);
            memcpy(open[depth], at + 1, length);
            open[depth++][length] = '\0';
        }
    }
    assert_int_equal(depth, 0);
}

static void test_style_of_three_classes(void **state)
{
    const float values[] = {0.5f, 0.7f, 2};
    rm_text text = {0};
    (void)state;
    rm_heat_classes classes = made(values, 3, 3);
    rm_heat_style_qml(&text, &classes, "meldingen < \"km\"\x01\xff", RM_DUTCH);
    assert_false(text.failed);
    expect_well_formed(text.data);
    assert_int_equal(count_of(text.data, "<item "), 4);
    assert_int_equal(count_of(text.data, "alpha=\"0\""), 1);
    assert_non_null(strstr(text.data, "type=\"singlebandpseudocolor\""));
    assert_non_null(strstr(text.data, "colorRampType=\"DISCRETE\""));
    assert_non_null(strstr(text.data, "label=\"onder 0,5 meldingen &lt; &quot;km&quot; \""));
    assert_non_null(strstr(text.data, "label=\"0,7 – 2 meldingen"));
    assert_non_null(strstr(text.data, "value=\"inf\" color=\"#800026\" alpha=\"240\" label=\"2 "));
    /* the last float below 0.5 */
    assert_non_null(strstr(text.data, "value=\"0.4999999701976776\""));
    rm_text_clear(&text);
}

static void test_style_without_classes(void **state)
{
    rm_heat_classes none = {.count = 0};
    rm_text text = {0};
    (void)state;
    rm_heat_style_qml(&text, &none, NULL, RM_ENGLISH);
    expect_well_formed(text.data);
    assert_int_equal(count_of(text.data, "<item "), 1);
    assert_non_null(
        strstr(text.data, "value=\"inf\" color=\"#ffffff\" alpha=\"0\" label=\"no values\""));
    rm_text_clear(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bounds_by_hand),
        cmocka_unit_test(test_few_distinct_values_each_have_a_class),
        cmocka_unit_test(test_a_flat_raster_has_one_class),
        cmocka_unit_test(test_nothing_above_zero_is_no_class),
        cmocka_unit_test(test_bounds_of_any_values),
        cmocka_unit_test(test_order_and_scale_of_the_values_mean_nothing),
        cmocka_unit_test(test_bound_is_in_its_class_as_a_float),
        cmocka_unit_test(test_class_count_out_of_range),
        cmocka_unit_test(test_label_is_cut_between_characters),
        cmocka_unit_test(test_every_class_is_darker_than_the_one_below),
        cmocka_unit_test(test_style_of_three_classes),
        cmocka_unit_test(test_style_without_classes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
