/* Layers in memory in place of the sources of a model: the same scores, to the bit. */
#include "riskmap/riskmap.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { NOVEMBER = 20758 }; /* 2026-11-01 */

static rm_error err;
#define OK(call)                                                                                   \
    do {                                                                                           \
        if ((call) != RM_OK)                                                                       \
            fail_msg("%s", err.message);                                                           \
    } while (0)

static const char *example(const char *name)
{
    static char path[4096];
    const char *folder = getenv("RISKMAP_EXAMPLES");
    assert_non_null(folder);
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static rm_layer *read_layer(const char *name, const char *layer, const char *crs,
                            const char *target)
{
    rm_layer *out = NULL;
    rm_read_options options = RM_READ_OPTIONS_INIT;
    options.layer = layer;
    options.crs = crs;
    options.target_crs = target;
    options.column_count = -1;
    OK(rm_layer_read(&out, example(name), &options, &err));
    return out;
}

static rm_result *run(const char *const *names, const rm_layer *const *layers, int32_t count,
                      int32_t threads)
{
    rm_model *model = NULL;
    rm_result *result = NULL;
    rm_run_options options = RM_RUN_OPTIONS_INIT;
    options.as_of = NOVEMBER;
    options.threads = threads;
    options.memory_names = names;
    options.memory_layers = layers;
    options.memory_count = count;
    OK(rm_model_read(&model, example("models/vakantieparken.json"), &err));
    OK(rm_run(&result, model, &options, &err));
    rm_model_free(model);
    return result;
}

static void assert_same(const rm_result *a, const rm_result *b)
{
    assert_int_equal(rm_result_area_count(a), rm_result_area_count(b));
    assert_true(rm_result_ranked_count(a) > 0);
    for (int64_t i = 0; i < rm_result_area_count(a); i++) {
        rm_area p, q;
        OK(rm_result_area(a, i, &p, &err));
        OK(rm_result_area(b, i, &q, &err));
        assert_string_equal(p.id, q.id);
        assert_memory_equal(&p.score, &q.score, sizeof p.score);
        assert_int_equal(p.rank, q.rank);
        for (int32_t k = 0; k < rm_result_indicator_count(a); k++) {
            rm_contribution c, d;
            OK(rm_result_contribution(a, i, k, &c, &err));
            OK(rm_result_contribution(b, i, k, &d, &err));
            assert_memory_equal(&c.value, &d.value, sizeof c.value);
            assert_int_equal(c.features, d.features);
        }
    }
}

/* What was found when a layer was made is told as if it were read now. */
static void assert_same_issues(const rm_result *a, const rm_result *b)
{
    assert_true(rm_result_issue_count(a) > 0);
    assert_int_equal(rm_result_issue_count(a), rm_result_issue_count(b));
    for (int64_t i = 0; i < rm_result_issue_count(a); i++) {
        rm_result_issue p, q;
        OK(rm_result_issue_at(a, i, &p, &err));
        OK(rm_result_issue_at(b, i, &q, &err));
        assert_string_equal(p.layer, q.layer);
        assert_string_equal(p.code, q.code);
        assert_int_equal(p.feature, q.feature);
        assert_string_equal(p.message, q.message);
    }
}

static void test_the_same_scores(void **state)
{
    (void)state;
    static const char *const names[] = {"parken", "adressen", "meldingen", "natuur"};
    rm_layer *layers[] = {read_layer("data/vakantieparken.geojson", NULL, NULL, NULL),
                          read_layer("data/bag-light.gpkg", "verblijfsobject", NULL, NULL),
                          read_layer("data/meldingen.csv", NULL, "EPSG:28992", NULL),
                          read_layer("data/natura2000.geojson", NULL, NULL, NULL)};
    rm_result *from_files = run(NULL, NULL, 0, 2);
    for (int32_t threads = 1; threads <= 4; threads *= 2) {
        rm_result *from_memory = run(names, (const rm_layer *const *)layers, 4, threads);
        assert_same(from_files, from_memory);
        assert_same_issues(from_files, from_memory);
        rm_result_free(from_memory);
    }
    rm_result_free(from_files);
    for (int l = 0; l < 4; l++)
        rm_layer_free(layers[l]);
}

static int32_t field_of(const rm_layer *layer, const char *name)
{
    for (int32_t f = 0; f < rm_layer_field_count(layer); f++)
        if (strcmp(rm_layer_field_name(layer, f), name) == 0)
            return f;
    fail_msg("no field %s", name);
    return -1;
}

static void test_a_result_as_layers(void **state)
{
    (void)state;
    rm_layer *areas = NULL, *parts = NULL, *none = NULL;
    rm_result *result = run(NULL, NULL, 0, 2);
    OK(rm_result_table(&areas, result, "areas", NULL, &err));
    OK(rm_result_table(&parts, result, "contributions", "en", &err));
    assert_int_equal(rm_layer_feature_count(areas), rm_result_area_count(result));
    assert_string_equal(rm_layer_crs(areas), "EPSG:28992");
    int32_t score = field_of(areas, "score"), id = field_of(areas, "id");
    for (int64_t a = 0; a < rm_result_area_count(result); a++) {
        rm_area place;
        int64_t length;
        OK(rm_result_area(result, a, &place, &err));
        double value = rm_layer_number(areas, a, score);
        assert_memory_equal(&value, &place.score, sizeof value);
        const char *text = rm_layer_text(areas, a, id, &length);
        assert_int_equal(length, strlen(place.id));
        assert_memory_equal(text, place.id, (size_t)length);
    }
    assert_int_equal(rm_layer_feature_count(parts),
                     rm_result_area_count(result) * rm_result_indicator_count(result));
    assert_int_equal(rm_result_table(&none, result, "reden", NULL, &err), RM_ENOTFOUND);
    assert_non_null(strstr(err.message, "contributions"));
    rm_result_free(result);
    rm_layer_free(areas); /* they outlive it */
    rm_layer_free(parts);
}

static void expect(const char *const *names, const rm_layer *const *layers, int32_t count,
                   rm_status status, const char *says)
{
    rm_model *model = NULL;
    rm_result *result = NULL;
    rm_run_options options = RM_RUN_OPTIONS_INIT;
    options.memory_names = names;
    options.memory_layers = layers;
    options.memory_count = count;
    OK(rm_model_read(&model, example("models/vakantieparken.json"), &err));
    assert_int_equal(rm_run(&result, model, &options, &err), status);
    if (!strstr(err.message, says))
        fail_msg("\"%s\" does not say \"%s\"", err.message, says);
    assert_null(result);
    rm_model_free(model);
}

static void test_what_is_wrong_is_said(void **state)
{
    (void)state;
    static const double x[] = {208000}, y[] = {475000};
    static const char *const unknown[] = {"melding"}, *const known[] = {"meldingen"};
    rm_layer *points = NULL, *nowhere = NULL;
    OK(rm_layer_from_points(&points, x, y, 1, "EPSG:28992", &err));
    OK(rm_layer_from_points(&nowhere, x, y, 1, NULL, &err));
    const rm_layer *layer[] = {points}, *no_crs[] = {nowhere}, *none[] = {NULL};
    expect(unknown, layer, 1, RM_ENOTFOUND, "did you mean \"meldingen\"");
    expect(known, none, 1, RM_EINVAL, "layer 0 in memory");
    expect(known, NULL, 1, RM_EINVAL, "memory_count is 1");
    expect(known, NULL, -1, RM_EINVAL, "memory_count is -1");
    expect(known, layer, 1, RM_ENOTFOUND, "datum"); /* a field that the model asks for */
    static const char *const border[] = {"grens"};
    expect(border, no_crs, 1, RM_ECRS, "states no coordinate reference system");
    rm_layer_free(points);
    rm_layer_free(nowhere);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_the_same_scores),
                                       cmocka_unit_test(test_a_result_as_layers),
                                       cmocka_unit_test(test_what_is_wrong_is_said)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
