#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "data/layer.h"
#include "riskmap/weights.h"
#include "shapes.h"

/* Three squares: two side by side, one on its own; and a feature without geometry. */
static rm_layer *make_layer(const char *crs)
{
    rm_layer *layer = NULL;

    OK(rm_layer_from_points(&layer, NULL, NULL, 0, crs, NULL));
    add_rectangle(&layer->rows.geometry, 0, 0, 10, 10);
    add_rectangle(&layer->rows.geometry, 10.0005, 0, 10, 10);
    OK(rm_geometry_add_feature(&layer->rows.geometry, RM_KIND_NONE, NULL));
    add_rectangle(&layer->rows.geometry, 50, 0, 10, 10);
    return layer;
}

static void contiguity(void **state)
{
    rm_layer *layer = make_layer("EPSG:28992");
    rm_weights *weights = NULL;
    rm_contiguity_options options;
    int32_t islands[4], component[4];
    int64_t count = -1;
    const double *weight = (const double *)"";

    (void)state;
    OK(rm_weights_contiguity(&weights, layer, NULL, NULL));
    assert_int_equal(rm_weights_count(weights), 4);
    assert_int_equal(rm_weights_links(weights), 2);
    const int32_t *to = rm_weights_of(weights, 0, &count, &weight);
    assert_int_equal(count, 1);
    assert_int_equal(to[0], 1);
    assert_null(weight);
    assert_null(rm_weights_of(weights, 4, &count, &weight));
    assert_int_equal(count, 0);
    assert_null(rm_weights_of(weights, -1, NULL, NULL));
    assert_int_equal(rm_weights_islands(weights, NULL), 2);
    assert_int_equal(rm_weights_islands(weights, islands), 2);
    assert_true(islands[0] == 2 && islands[1] == 3);
    OK(rm_weights_components(component, &count, weights, NULL));
    assert_int_equal(count, 3);
    assert_memory_equal(component, ((int32_t[]){0, 0, 1, 2}), sizeof component);
    assert_int_equal(rm_weights_is_symmetric(weights), 1);
    rm_weights_free(weights);
    rm_contiguity_options_init(&options);
    assert_true(options.tolerance_m == 0.001 && options.kind == RM_CONTIGUITY_QUEEN);
    options.kind = RM_CONTIGUITY_ROOK;
    options.tolerance_m = 0;
    OK(rm_weights_contiguity(&weights, layer, &options, NULL));
    assert_int_equal(rm_weights_links(weights), 0);
    rm_weights_free(weights);
    rm_weights_free(NULL);
    rm_layer_free(layer);
}

static void refuse(const rm_layer *layer, const rm_contiguity_options *options, rm_status status,
                   const char *message)
{
    rm_weights *weights = NULL;
    rm_error why = {0};

    assert_int_equal(rm_weights_contiguity(&weights, layer, options, &why), status);
    if (!strstr(why.message, message))
        fail_msg("%s", why.message);
    assert_null(weights);
}

static int stop_at_once(double fraction, const char *message, void *user)
{
    (void)fraction;
    (void)message;
    (void)user;
    return 1;
}

static void refused_for_contiguity(void **state)
{
    rm_layer *layer = make_layer("EPSG:28992"), *degrees = make_layer("EPSG:4258");
    rm_layer *unknown = make_layer(NULL);
    rm_contiguity_options options = RM_CONTIGUITY_OPTIONS_INIT;
    rm_weights *weights = NULL;

    (void)state;
    refuse(NULL, NULL, RM_EINVAL, "NULL");
    refuse(degrees, NULL, RM_ECRS, "degree");
    options.threads = 65;
    refuse(layer, &options, RM_EINVAL, "threads is 65");
    options.threads = 1;
    options.kind = 3;
    refuse(layer, &options, RM_EINVAL, "kind of contiguity is 3");
    options.kind = 0;
    options.tolerance_m = -1;
    refuse(layer, &options, RM_EINVAL, "tolerance is -1");
    options.tolerance_m = 0;
    options.progress = stop_at_once;
    refuse(layer, &options, RM_ECANCELLED, "");
    options.size = 3;
    refuse(layer, &options, RM_EINVAL, "RM_CONTIGUITY_OPTIONS_INIT");
    OK(rm_weights_contiguity(&weights, unknown, NULL, NULL));
    rm_weights_free(weights);
    rm_layer_free(layer);
    rm_layer_free(degrees);
    rm_layer_free(unknown);
}

static void by_distance(void **state)
{
    rm_layer *layer = make_layer("EPSG:28992"), *degrees = make_layer("EPSG:4326");
    rm_weights *weights = NULL;
    rm_neighbour_options options;
    rm_error why;
    double x[4] = {7, 7, 7, 7}, y[4];
    const double *weight;
    int64_t count;

    (void)state;
    assert_int_equal(rm_layer_places(x, y, degrees, &why), RM_ECRS);
    assert_true(x[0] == 7);
    assert_int_equal(rm_layer_places(NULL, y, layer, &why), RM_EINVAL);
    OK(rm_layer_places(x, y, layer, NULL));
    assert_true(x[0] == 5 && y[0] == 5 && x[3] == 55 && isnan(x[2]) && isnan(y[2]));
    OK(rm_weights_band(&weights, x, y, 4, 20, NULL, NULL));
    assert_int_equal(rm_weights_links(weights), 2);
    assert_int_equal(rm_weights_islands(weights, NULL), 2);
    rm_weights_free(weights);
    rm_neighbour_options_init(&options);
    options.weight = RM_WEIGHT_INVERSE_DISTANCE;
    OK(rm_weights_nearest(&weights, x, y, 4, 1, &options, NULL));
    assert_int_equal(rm_weights_of(weights, 3, &count, &weight)[0], 1);
    assert_true(count == 1 && weight[0] == 1 / (x[3] - x[1]));
    rm_weights_free(weights);
    weights = NULL;
    assert_int_equal(rm_weights_nearest(&weights, x, y, 4, 3, NULL, &why), RM_EINVAL);
    assert_int_equal(rm_weights_band(&weights, x, NULL, 4, 3, NULL, &why), RM_EINVAL);
    options.threads = -1;
    assert_int_equal(rm_weights_band(&weights, x, y, 4, 3, &options, &why), RM_EINVAL);
    assert_string_equal(why.message, "threads is -1; 0 (all cores) to 64");
    options.threads = 1;
    options.progress = stop_at_once;
    assert_int_equal(rm_weights_nearest(&weights, x, y, 4, 1, &options, &why), RM_ECANCELLED);
    assert_null(weights);
    rm_layer_free(layer);
    rm_layer_free(degrees);
}

static void from_links(void **state)
{
    rm_weights *weights = NULL;
    rm_error why;

    (void)state;
    OK(rm_weights_from_links(&weights, 3, (int32_t[]){2}, (int32_t[]){0}, NULL, 1, NULL));
    assert_int_equal(rm_weights_links(weights), 1);
    assert_int_equal(rm_weights_is_symmetric(weights), 0);
    rm_weights_free(weights);
    OK(rm_weights_from_links(&weights, 3, NULL, NULL, NULL, 0, NULL));
    assert_int_equal(rm_weights_islands(weights, NULL), 3);
    rm_weights_free(weights);
    weights = NULL;
    assert_int_equal(rm_weights_from_links(&weights, 3, NULL, NULL, NULL, 1, &why), RM_EINVAL);
    assert_int_equal(rm_weights_from_links(&weights, -1, NULL, NULL, NULL, 0, &why), RM_EINVAL);
    assert_int_equal(
        rm_weights_from_links(&weights, 3, (int32_t[]){2}, (int32_t[]){2}, NULL, 1, &why),
        RM_EINVAL);
    assert_null(weights);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(contiguity),
        cmocka_unit_test(refused_for_contiguity),
        cmocka_unit_test(by_distance),
        cmocka_unit_test(from_links),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
