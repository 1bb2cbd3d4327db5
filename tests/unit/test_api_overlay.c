/* The C API of laying over: known outcomes, options, threads, and stopping at any call. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/memory.h"
#include "base/text.h"
#include "data/layer.h"
#include "riskmap/overlay.h"

#include <math.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { SIDE = 12, AREAS = SIDE * SIDE, CORNERS = 5000 };

static rm_error err;

/* ---- layers ---- */

static rm_layer *new_layer(void)
{
    rm_layer *layer = NULL;
    assert_int_equal(RM_NEW_ZERO(&layer, 1, &err), RM_OK);
    return layer;
}

static void add_ring(rm_layer *layer, const double *x, const double *y, int count)
{
    rm_geometry *g = &layer->rows.geometry;
    int64_t row = layer->rows.table.rows;
    assert_int_equal(rm_geometry_add_feature(g, RM_KIND_POLYGON, &err), RM_OK);
    assert_int_equal(rm_geometry_add_part(g, &err), RM_OK);
    assert_int_equal(rm_geometry_add_ring(g, x, y, count, &err), RM_OK);
    assert_int_equal(rm_rows_add_id(&layer->rows, row, row + 1, &err), RM_OK);
    layer->rows.table.rows++;
}

static void add_square(rm_layer *layer, double x, double y, double side)
{
    const double xs[] = {x, x + side, x + side, x, x}, ys[] = {y, y, y + side, y + side, y};
    add_ring(layer, xs, ys, 5);
}

/* A ring of so many corners that it is work for all threads. */
static void add_disc(rm_layer *layer, double x, double y, double radius)
{
    static double xs[CORNERS + 1], ys[CORNERS + 1];
    for (int i = 0; i <= CORNERS; i++) {
        double angle = 2 * M_PI * (i % CORNERS) / CORNERS;
        xs[i] = x + radius * cos(angle);
        ys[i] = y + radius * sin(angle);
    }
    add_ring(layer, xs, ys, CORNERS + 1);
}

/* Squares of 10 m without gaps. */
static rm_layer *squares(void)
{
    rm_layer *layer = new_layer();
    for (int a = 0; a < AREAS; a++)
        add_square(layer, 10.0 * (a % SIDE), 10.0 * (a / SIDE), 10);
    return layer;
}

/* In square 0 one of 4 m2, over squares 1 and 2 one of 16 m2, and far away one. */
static rm_layer *buildings(void)
{
    rm_layer *layer = new_layer();
    add_square(layer, 2, 2, 2);
    add_square(layer, 18, 3, 4);
    add_square(layer, 18, 3, 4);
    add_square(layer, 1000, 55, 1);
    return layer;
}

/* ---- the four calls alike ---- */

enum { COUNT, SUM, UNION, NEAREST, CALLS };

static rm_status lay_over(int call, double *out, const rm_layer *areas, const rm_layer *evidence,
                          const rm_overlay_options *options)
{
    if (call == COUNT)
        return rm_count_in_areas((int64_t *)(void *)out, areas, evidence, options, &err);
    if (call == NEAREST)
        return rm_nearest_to_areas(out, areas, evidence, options, &err);
    return rm_cover_of_areas(out, areas, evidence, call == SUM, options, &err);
}

static void test_known(void **state)
{
    rm_layer *areas = squares(), *evidence = buildings();
    double m2[AREAS];
    int64_t counts[AREAS];
    (void)state;
    assert_int_equal(rm_count_in_areas(counts, areas, evidence, NULL, &err), RM_OK);
    assert_true(counts[0] == 1 && counts[1] == 2 && counts[2] == 2 && counts[3] == 0);
    assert_int_equal(rm_cover_of_areas(m2, areas, evidence, 0, NULL, &err), RM_OK);
    assert_true(fabs(m2[0] - 4) < 1e-11 && fabs(m2[1] - 8) < 1e-11 && fabs(m2[2] - 8) < 1e-11);
    assert_true(m2[3] == 0 && m2[AREAS - 1] == 0);
    assert_int_equal(rm_cover_of_areas(m2, areas, evidence, 1, NULL, &err), RM_OK);
    assert_true(fabs(m2[0] - 4) < 1e-11 && fabs(m2[1] - 16) < 1e-11 && fabs(m2[2] - 16) < 1e-11);
    assert_int_equal(rm_nearest_to_areas(m2, areas, evidence, NULL, &err), RM_OK);
    assert_true(m2[0] == 0 && m2[1] == 0 && m2[3] == 8 && m2[5 * SIDE] == hypot(8, 43));
    rm_layer_free(areas);
    rm_layer_free(evidence);
}

/* ---- options ---- */

static void test_options(void **state)
{
    rm_layer *areas = squares(), *evidence = buildings();
    rm_overlay_options by_call = {.threads = 9}, options = RM_OVERLAY_OPTIONS_INIT;
    const uint32_t sizes[] = {0, 4, offsetof(rm_overlay_options, progress) - 1, 4097, UINT32_MAX};
    double out[AREAS];
    (void)state;
    rm_overlay_options_init(&by_call);
    assert_true(by_call.size == sizeof by_call && by_call.threads == 0 && !by_call.progress);
    for (int call = 0; call < CALLS; call++) {
        for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
            options.size = sizes[s];
            assert_int_equal(lay_over(call, out, areas, evidence, &options), RM_EINVAL);
            assert_non_null(strstr(err.message, "begin with RM_OVERLAY_OPTIONS_INIT"));
        }
        rm_overlay_options_init(&options);
        options.threads = 65;
        assert_int_equal(lay_over(call, out, areas, evidence, &options), RM_EINVAL);
        assert_string_equal(err.message, "threads is 65; 0 (all cores) to 64");
        options.threads = -1;
        assert_int_equal(lay_over(call, out, areas, evidence, &options), RM_EINVAL);
        assert_int_equal(lay_over(call, NULL, areas, evidence, NULL), RM_EINVAL);
        assert_int_equal(lay_over(call, out, NULL, evidence, NULL), RM_EINVAL);
        assert_int_equal(lay_over(call, out, areas, NULL, NULL), RM_EINVAL);
        assert_non_null(strstr(err.message, "is NULL"));
    }
    rm_layer_free(areas);
    rm_layer_free(evidence);
}

/* What lies behind the end of an older version is not looked at: here it would be called. */
static void test_older_struct(void **state)
{
    rm_layer *areas = squares(), *evidence = buildings();
    rm_overlay_options options = RM_OVERLAY_OPTIONS_INIT;
    double out[AREAS];
    (void)state;
    options.size = offsetof(rm_overlay_options, progress);
    memset((char *)&options + options.size, 0xff, sizeof options - options.size);
    for (int call = 0; call < CALLS; call++)
        assert_int_equal(lay_over(call, out, areas, evidence, &options), RM_OK);
    rm_layer_free(areas);
    rm_layer_free(evidence);
}

static void set_crs(rm_layer *layer, const char *crs)
{
    rm_release(layer->crs);
    layer->crs = NULL;
    assert_int_equal(rm_copy_text(&layer->crs, crs, &err), RM_OK);
}

/* Two of them, that of the evidence alone, and none. */
static void test_crs(void **state)
{
    rm_layer *areas = squares(), *evidence = buildings();
    double out[AREAS];
    (void)state;
    for (int call = 0; call < CALLS; call++) {
        set_crs(areas, "EPSG:28992");
        set_crs(evidence, "EPSG:4258");
        assert_int_equal(lay_over(call, out, areas, evidence, NULL), RM_ECRS);
        assert_non_null(
            strstr(err.message, "bring both to one, with target_crs where they are read"));
        set_crs(areas, NULL);
        assert_int_equal(lay_over(call, out, areas, evidence, NULL),
                         call == COUNT ? RM_OK : RM_ECRS);
        set_crs(evidence, NULL);
        assert_int_equal(lay_over(call, out, areas, evidence, NULL), RM_OK);
    }
    rm_layer_free(areas);
    rm_layer_free(evidence);
}

/* ---- large work ---- */

/* Areas and evidence small and large, so that every way of sharing the work is taken: rings of
 * thousands of corners, and an area that so much lies in that all threads share it. */
static rm_layer *large_areas(void)
{
    rm_layer *layer = squares();
    add_disc(layer, 60, 60, 70);
    return layer;
}

static rm_layer *large_evidence(void)
{
    rm_layer *layer = buildings();
    for (int k = 0; k < 64 * 64; k++)
        add_square(layer, 1.75 * (k % 64), 1.75 * (k / 64), 1.25);
    add_disc(layer, 30, 30, 25);
    add_disc(layer, 80, 75, 31);
    return layer;
}

static void test_threads(void **state)
{
    rm_layer *areas = large_areas(), *evidence = large_evidence();
    double one[AREAS + 1], other[AREAS + 1];
    (void)state;
    for (int call = 0; call < CALLS; call++)
        for (int32_t threads = 1; threads <= 4; threads *= 2) {
            rm_overlay_options options = RM_OVERLAY_OPTIONS_INIT;
            options.threads = threads;
            assert_int_equal(lay_over(call, threads == 1 ? one : other, areas, evidence, &options),
                             RM_OK);
            if (threads > 1)
                assert_memory_equal(one, other, sizeof one);
        }
    rm_layer_free(areas);
    rm_layer_free(evidence);
}

/* The union of what covers everything is everything, and never more than the sum. */
static void test_large_union(void **state)
{
    rm_layer *areas = large_areas(), *evidence = large_evidence();
    double together[AREAS + 1], apart[AREAS + 1];
    (void)state;
    assert_int_equal(rm_cover_of_areas(together, areas, evidence, 0, NULL, &err), RM_OK);
    assert_int_equal(rm_cover_of_areas(apart, areas, evidence, 1, NULL, &err), RM_OK);
    /* square (3, 3) lies in the first disc as a whole */
    assert_true(fabs(together[3 * SIDE + 3] - 100) < 1e-9 && apart[3 * SIDE + 3] > 101);
    double disc = rm_geometry_area(&areas->rows.geometry, AREAS);
    assert_true(together[AREAS] < disc);
    for (int a = 0; a <= AREAS; a++)
        assert_true(together[a] <= apart[a] + 1e-9);
    double all = 0;
    for (int a = 0; a < AREAS; a++)
        all += together[a];
    /* all evidence but the far building lies in the squares: areas of their union */
    add_square(areas, -40, -40, 300);
    double whole[AREAS + 2];
    assert_int_equal(rm_cover_of_areas(whole, areas, evidence, 0, NULL, &err), RM_OK);
    assert_true(fabs(whole[AREAS + 1] - all) < 1e-8);
    rm_layer_free(areas);
    rm_layer_free(evidence);
}

/* ---- progress ---- */

typedef struct listening {
    int calls, stop_at; /* -1: never */
    double last;
    pthread_t caller;
    bool back, elsewhere;
} listening;

static int listen_to(double fraction, const char *message, void *user)
{
    listening *ear = user;
    (void)message;
    ear->back |= !(fraction >= ear->last && fraction <= 1);
    ear->last = fraction;
    ear->elsewhere |= !pthread_equal(ear->caller, pthread_self());
    return ear->calls++ == ear->stop_at;
}

/* Every call of the callback stops once, and nothing has been written then. */
static void test_stopped(void **state)
{
    rm_layer *areas = large_areas(), *evidence = large_evidence();
    (void)state;
    for (int call = 0; call < CALLS; call++)
        for (int32_t threads = 1; threads <= 2; threads++) {
            bool stopped = true;
            for (int at = 0; stopped; at++) {
                rm_overlay_options options = RM_OVERLAY_OPTIONS_INIT;
                listening ear = {.stop_at = at, .caller = pthread_self()};
                double out[AREAS + 1], before[AREAS + 1];
                memset(out, 0x5a, sizeof out);
                memcpy(before, out, sizeof out);
                options.threads = threads;
                options.progress = listen_to;
                options.progress_user = &ear;
                rm_status status = lay_over(call, out, areas, evidence, &options);
                stopped = ear.calls > at;
                assert_int_equal(status, stopped ? RM_ECANCELLED : RM_OK);
                assert_false(ear.back || ear.elsewhere);
                if (stopped) {
                    assert_int_equal(ear.calls, at + 1);
                    assert_memory_equal(out, before, sizeof out);
                    assert_non_null(strstr(err.message, "cancelled"));
                } else {
                    assert_true(at >= 3 && ear.last == 1);
                }
            }
        }
    rm_layer_free(areas);
    rm_layer_free(evidence);
}

/* Listening changes nothing. */
static void test_listening(void **state)
{
    rm_layer *areas = large_areas(), *evidence = large_evidence();
    double silent[AREAS + 1], told[AREAS + 1];
    (void)state;
    for (int call = 0; call < CALLS; call++) {
        rm_overlay_options options = RM_OVERLAY_OPTIONS_INIT;
        listening ear = {.stop_at = -1, .caller = pthread_self()};
        assert_int_equal(lay_over(call, silent, areas, evidence, &options), RM_OK);
        options.progress = listen_to;
        options.progress_user = &ear;
        assert_int_equal(lay_over(call, told, areas, evidence, &options), RM_OK);
        assert_memory_equal(silent, told, sizeof told);
    }
    rm_layer_free(areas);
    rm_layer_free(evidence);
}

static void test_nothing(void **state)
{
    rm_layer *areas = squares(), *none = new_layer();
    double out[AREAS];
    int64_t counts[AREAS];
    (void)state;
    for (int call = 0; call < CALLS; call++)
        assert_int_equal(lay_over(call, out, none, areas, NULL), RM_OK);
    assert_int_equal(rm_count_in_areas(counts, areas, none, NULL, &err), RM_OK);
    assert_int_equal(counts[5], 0);
    assert_int_equal(rm_cover_of_areas(out, areas, none, 0, NULL, &err), RM_OK);
    assert_true(out[5] == 0);
    assert_int_equal(rm_nearest_to_areas(out, areas, none, NULL, &err), RM_OK);
    assert_true(isnan(out[5]));
    rm_layer_free(areas);
    rm_layer_free(none);
}

static void test_measuring_wants_metres(void **state)
{
    (void)state;
    rm_layer *areas = new_layer();
    double measured = 7;
    int64_t counted = 7;
    add_square(areas, 5, 52, 1);
    assert_int_equal(rm_copy_text(&areas->crs, "EPSG:4326", &err), RM_OK);
    assert_int_equal(rm_cover_of_areas(&measured, areas, areas, 0, NULL, &err), RM_ECRS);
    assert_non_null(strstr(err.message, "EPSG:4326 are in degree"));
    assert_int_equal(rm_nearest_to_areas(&measured, areas, areas, NULL, &err), RM_ECRS);
    assert_true(measured == 7);
    assert_int_equal(rm_count_in_areas(&counted, areas, areas, NULL, &err), RM_OK);
    assert_int_equal(counted, 1);
    rm_layer_free(areas);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known),        cmocka_unit_test(test_options),
        cmocka_unit_test(test_older_struct), cmocka_unit_test(test_crs),
        cmocka_unit_test(test_threads),      cmocka_unit_test(test_large_union),
        cmocka_unit_test(test_stopped),      cmocka_unit_test(test_listening),
        cmocka_unit_test(test_nothing),      cmocka_unit_test(test_measuring_wants_metres),
    };
    return cmocka_run_group_tests_name("api_overlay", tests, NULL, NULL);
}
