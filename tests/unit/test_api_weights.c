#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "data/layer.h"
#include "riskmap/weights.h"
#include "shapes.h"
#include "telling.h"

static int32_t is_symmetric(const rm_weights *weights)
{
    int32_t symmetric;
    assert_int_equal(rm_weights_is_symmetric(&symmetric, weights, NULL, NULL, NULL), RM_OK);
    return symmetric;
}

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
    assert_int_equal(is_symmetric(weights), 1);
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
    assert_int_equal(rm_layer_places(x, y, degrees, NULL, NULL, &why), RM_ECRS);
    assert_true(x[0] == 7);
    assert_int_equal(rm_layer_places(NULL, y, layer, NULL, NULL, &why), RM_EINVAL);
    OK(rm_layer_places(x, y, layer, NULL, NULL, NULL));
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
    OK(rm_weights_from_links(&weights, 3, (int32_t[]){2}, (int32_t[]){0}, NULL, 1, NULL, NULL,
                             NULL));
    assert_int_equal(rm_weights_links(weights), 1);
    assert_int_equal(is_symmetric(weights), 0);
    rm_weights_free(weights);
    OK(rm_weights_from_links(&weights, 3, NULL, NULL, NULL, 0, NULL, NULL, NULL));
    assert_int_equal(rm_weights_islands(weights, NULL), 3);
    rm_weights_free(weights);
    weights = NULL;
    assert_int_equal(rm_weights_from_links(&weights, 3, NULL, NULL, NULL, 1, NULL, NULL, &why),
                     RM_EINVAL);
    assert_int_equal(rm_weights_from_links(&weights, -1, NULL, NULL, NULL, 0, NULL, NULL, &why),
                     RM_EINVAL);
    assert_int_equal(rm_weights_from_links(&weights, 3, (int32_t[]){2}, (int32_t[]){2}, NULL, 1,
                                           NULL, NULL, &why),
                     RM_EINVAL);
    assert_null(weights);
}

/* ---- stopping ---- */

enum { RING = 300000 }; /* items, each the neighbour of the next and of the one before */

static rm_status link_ring(rm_weights **out, telling *told, rm_error *err)
{
    static int32_t from[2 * RING], to[2 * RING];
    for (int32_t i = 0; i < RING; i++) {
        from[i] = to[RING + i] = i;
        to[i] = from[RING + i] = (i + 1) % RING;
    }
    return rm_weights_from_links(out, RING, from, to, NULL, 2 * (int64_t)RING, told ? tell : NULL,
                                 told, err);
}

static rm_status make_ring(telling *told, rm_error *err)
{
    rm_weights *weights = NULL;
    rm_status status = link_ring(&weights, told, err);
    if (status == RM_OK) {
        int64_t count;
        const int32_t *to = rm_weights_of(weights, RING - 1, &count, NULL);
        assert_true(count == 2 && to[0] == 0 && to[1] == RING - 2);
    } else {
        assert_null(weights);
    }
    rm_weights_free(weights);
    return status;
}

/* One item with all others as neighbours, in no order. */
static rm_status make_star(telling *told, rm_error *err)
{
    static int32_t from[RING], to[RING];
    rm_weights *weights = NULL;
    for (int64_t l = 0; l < RING; l++)
        to[l] = (int32_t)(1 + l * 7919 % RING);
    rm_status status =
        rm_weights_from_links(&weights, RING + 1, from, to, NULL, RING, tell, told, err);
    if (status == RM_OK) {
        const int32_t *row = rm_weights_of(weights, 0, NULL, NULL);
        for (int32_t i = 0; i < RING; i++)
            assert_int_equal(row[i], i + 1);
    }
    rm_weights_free(weights);
    return status;
}

static rm_status look_at_ring(telling *told, rm_error *err)
{
    rm_weights *weights = NULL;
    int32_t symmetric = -1;
    OK(link_ring(&weights, NULL, NULL));
    rm_status status = rm_weights_is_symmetric(&symmetric, weights, tell, told, err);
    assert_int_equal(symmetric, status == RM_OK ? 1 : -1);
    rm_weights_free(weights);
    return status;
}

static rm_status place_many(telling *told, rm_error *err)
{
    static double x[RING], y[RING], px[RING], py[RING];
    rm_layer *layer = NULL;
    for (int32_t i = 0; i < RING; i++) {
        x[i] = i;
        px[i] = -1.0;
    }
    OK(rm_layer_from_points(&layer, x, y, RING, NULL, NULL));
    rm_status status = rm_layer_places(px, py, layer, tell, told, err);
    assert_true(px[RING - 1] == (status == RM_OK ? RING - 1 : -1));
    rm_layer_free(layer);
    return status;
}

static void can_be_stopped(void **state)
{
    (void)state;
    assert_can_be_stopped(make_ring);
    assert_can_be_stopped(make_star);
    assert_can_be_stopped(look_at_ring);
    assert_can_be_stopped(place_many);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(contiguity),     cmocka_unit_test(refused_for_contiguity),
        cmocka_unit_test(by_distance),    cmocka_unit_test(from_links),
        cmocka_unit_test(can_be_stopped),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
