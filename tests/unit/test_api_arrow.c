/* A layer goes out as an Arrow stream and comes back. */
#include "riskmap/riskmap.h"

#include "riskmap/arrow_abi.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static rm_error err;
#define OK(call) assert_int_equal(call, RM_OK)

static const double x[] = {220000, 221000}, y[] = {480000, 481000};

/* The value of one key of the geometry's metadata; free it. */
static char *metadata_of(struct ArrowArrayStream *stream, const char *wanted)
{
    struct ArrowSchema schema;
    char *found = NULL;
    assert_int_equal(stream->get_schema(stream, &schema), 0);
    const char *at = schema.children[schema.n_children - 1]->metadata;
    int32_t pairs, size;
    memcpy(&pairs, at, sizeof pairs);
    at += sizeof pairs;
    for (int32_t p = 0; p < pairs; p++) {
        memcpy(&size, at, sizeof size);
        int hit =
            (size_t)size == strlen(wanted) && memcmp(at + sizeof size, wanted, (size_t)size) == 0;
        at += sizeof size + (size_t)size;
        memcpy(&size, at, sizeof size);
        if (hit) {
            found = calloc(1, (size_t)size + 1);
            memcpy(found, at + sizeof size, (size_t)size);
        }
        at += sizeof size + (size_t)size;
    }
    schema.release(&schema);
    return found;
}

static void test_the_crs_travels_as_projjson(void **state)
{
    (void)state;
    rm_layer *layer = NULL, *back = NULL;
    struct ArrowArrayStream stream;
    OK(rm_layer_from_points(&layer, x, y, 2, "EPSG:28992", &err));
    OK(rm_layer_to_arrow(layer, &stream, &err));
    char *metadata = metadata_of(&stream, "ARROW:extension:metadata");
    assert_non_null(strstr(metadata, "\"crs\":{"));
    assert_non_null(strstr(metadata, "Amersfoort / RD New"));
    free(metadata);
    OK(rm_layer_from_arrow(&back, &stream, "EPSG:4258", &err)); /* what the stream says wins */
    assert_string_equal(rm_layer_crs(back), "EPSG:28992");
    assert_int_equal(rm_layer_feature_count(back), 2);
    rm_layer_free(back);
    rm_layer_free(layer);
}

static void test_an_unknown_crs_stays_a_name(void **state)
{
    (void)state;
    rm_layer *layer = NULL, *back = NULL;
    struct ArrowArrayStream stream;
    OK(rm_layer_from_points(&layer, x, y, 2, "site grid", &err));
    OK(rm_layer_to_arrow(layer, &stream, &err));
    char *metadata = metadata_of(&stream, "ARROW:extension:metadata");
    assert_string_equal(metadata, "{\"crs\":\"site grid\"}");
    free(metadata);
    assert_int_equal(rm_layer_from_arrow(&back, &stream, NULL, &err), RM_ECRS);
    assert_non_null(strstr(err.message, "\"site grid\" is no coordinate reference system"));
    rm_layer_free(layer);
}

static void test_a_stream_without_crs_takes_the_given_one(void **state)
{
    (void)state;
    rm_layer *layer = NULL, *back = NULL;
    struct ArrowArrayStream stream;
    OK(rm_layer_from_points(&layer, x, y, 2, NULL, &err));
    OK(rm_layer_to_arrow(layer, &stream, &err));
    OK(rm_layer_from_arrow(&back, &stream, "EPSG:28992", &err));
    assert_string_equal(rm_layer_crs(back), "EPSG:28992");
    rm_layer_free(back);
    rm_layer_free(layer);
}

static int (*plain_schema)(struct ArrowArrayStream *, struct ArrowSchema *);

/* The schema with its "crs" bitten in two. */
static int broken_schema(struct ArrowArrayStream *stream, struct ArrowSchema *schema)
{
    int code = plain_schema(stream, schema);
    char *at = (char *)schema->children[schema->n_children - 1]->metadata;
    for (int i = 0; i < 4096; i++)
        if (memcmp(at + i, "{\"crs\"", 6) == 0) {
            at[i] = ',';
            break;
        }
    return code;
}

static void test_metadata_that_is_no_json_is_refused(void **state)
{
    (void)state;
    rm_layer *layer = NULL, *back = NULL;
    struct ArrowArrayStream stream;
    OK(rm_layer_from_points(&layer, x, y, 2, "EPSG:28992", &err));
    OK(rm_layer_to_arrow(layer, &stream, &err));
    plain_schema = stream.get_schema;
    stream.get_schema = broken_schema;
    assert_int_equal(rm_layer_from_arrow(&back, &stream, NULL, &err), RM_EFORMAT);
    assert_non_null(strstr(err.message, "the metadata of the geometry column"));
    assert_null(back);
    assert_null(stream.release);
    rm_layer_free(layer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_crs_travels_as_projjson),
        cmocka_unit_test(test_an_unknown_crs_stays_a_name),
        cmocka_unit_test(test_a_stream_without_crs_takes_the_given_one),
        cmocka_unit_test(test_metadata_that_is_no_json_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
