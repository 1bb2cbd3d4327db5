/* A layer goes out as an Arrow stream and comes back. */
#include "riskmap/riskmap.h"

#include "riskmap/arrow_abi.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "arrow_arrays.h"
#include "telling.h"

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
    OK(rm_layer_from_arrow(&back, &stream, "EPSG:4258", NULL, NULL,
                           &err)); /* what the stream says wins */
    assert_string_equal(rm_layer_crs(back), "EPSG:28992");
    assert_int_equal(rm_layer_feature_count(back), 2);
    rm_layer_free(back);
    rm_layer_free(layer);
}

static void test_a_stream_without_crs_takes_the_given_one(void **state)
{
    (void)state;
    rm_layer *layer = NULL, *back = NULL;
    struct ArrowArrayStream stream;
    OK(rm_layer_from_points(&layer, x, y, 2, NULL, &err));
    OK(rm_layer_to_arrow(layer, &stream, &err));
    OK(rm_layer_from_arrow(&back, &stream, "EPSG:28992", NULL, NULL, &err));
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
    assert_int_equal(rm_layer_from_arrow(&back, &stream, NULL, NULL, NULL, &err), RM_EFORMAT);
    assert_non_null(strstr(err.message, "the metadata of the geometry column"));
    assert_null(back);
    assert_null(stream.release);
    rm_layer_free(layer);
}

static void test_no_two_columns_have_one_name(void **state)
{
    (void)state;
    static const char text[] =
        "{\"type\":\"Feature\",\"geometry\":{\"type\":\"Point\",\"coordinates\":[5,52]},"
        "\"properties\":{\"geometry\":\"a\",\"geometry_\":1,\"fid\":\"b\"}}";
    static const char *const names[] = {"fid_", "geometry", "geometry_", "fid", "geometry__"};
    rm_layer *layer = NULL;
    struct ArrowArrayStream stream;
    struct ArrowSchema schema;
    OK(rm_layer_from_geojson(&layer, text, sizeof text - 1, NULL, NULL, NULL, &err));
    OK(rm_layer_to_arrow(layer, &stream, &err));
    assert_int_equal(stream.get_schema(&stream, &schema), 0);
    assert_int_equal(schema.n_children, 5);
    for (int c = 0; c < 5; c++)
        assert_string_equal(schema.children[c]->name, names[c]);
    schema.release(&schema);
    stream.release(&stream);
    rm_layer_free(layer);
}

/* ---- streams made by hand ---- */

enum { POINT = 21, MANY = 70000 };

typedef struct made {
    const struct ArrowSchema *schema;
    struct ArrowArray *batches;
    int count, next, schemas_out, released;
} made;

static void release_made_schema(struct ArrowSchema *schema)
{
    --*(int *)schema->private_data;
    schema->release = NULL;
}

static int made_schema(struct ArrowArrayStream *stream, struct ArrowSchema *out)
{
    made *m = stream->private_data;
    *out = *m->schema;
    out->release = release_made_schema;
    out->private_data = &m->schemas_out;
    m->schemas_out++;
    return 0;
}

static void release_made_array(struct ArrowArray *array)
{
    ++*(int *)array->private_data;
    array->release = NULL;
}

static int made_next(struct ArrowArrayStream *stream, struct ArrowArray *out)
{
    made *m = stream->private_data;
    memset(out, 0, sizeof *out);
    if (m->next == m->count)
        return 0;
    *out = m->batches[m->next++];
    out->release = release_made_array;
    out->private_data = &m->released;
    return 0;
}

static const char *made_error(struct ArrowArrayStream *stream)
{
    (void)stream;
    return "the cable was pulled";
}

static void release_made(struct ArrowArrayStream *stream)
{
    stream->release = NULL;
}

/* Reads the stream, and sees to it that everything was released. */
static rm_status take(rm_layer **out, made *m, const char *crs)
{
    struct ArrowArrayStream stream = {made_schema, made_next, made_error, release_made, m};
    *out = NULL;
    rm_status status = rm_layer_from_arrow(out, &stream, crs, NULL, NULL, &err);
    assert_null(stream.release);
    assert_int_equal(m->schemas_out, 0);
    assert_int_equal(m->released, m->next);
    return status;
}

static uint8_t wkb[MANY * POINT];
static int32_t wkb_offsets[MANY + 1], numbers[MANY];

static void make_points(void)
{
    for (int i = 0; i < MANY; i++) {
        double xy[] = {200000 + i, 450000 + i};
        wkb[i * POINT] = wkb[i * POINT + 1] = 1;
        memcpy(wkb + (size_t)i * POINT + 5, xy, sizeof xy);
        wkb_offsets[i + 1] = (i + 1) * POINT;
        numbers[i] = i;
    }
}

/* The metadata of a column: an extension and what it says, each NULL for none. */
static const char *metadata(const char *extension, const char *says)
{
    static char out[4096];
    const char *const texts[] = {"ARROW:extension:name", extension, "ARROW:extension:metadata",
                                 says};
    int32_t pairs = (extension != NULL) + (says != NULL);
    char *at = out + sizeof pairs;
    memcpy(out, &pairs, sizeof pairs);
    for (int t = 0; t < 4; t++) {
        if (!texts[t | 1])
            continue;
        int32_t size = (int32_t)strlen(texts[t]);
        memcpy(at, &size, sizeof size);
        memcpy(at + sizeof size, texts[t], (size_t)size);
        at += sizeof size + (size_t)size;
    }
    return out;
}

/* A table of numbers ("n") and points ("geometry"), in batches of so many rows. */
typedef struct table {
    child children[2];
    batch whole;
    struct ArrowArray batches[8];
    made stream;
} table;

static void make_table(table *t, const char *extension, const char *says, const int *rows,
                       int count)
{
    make_points();
    memset(t, 0, sizeof *t);
    make_child(&t->children[0], "n", "i", MANY, 0, NULL, numbers, NULL);
    make_child(&t->children[1], "geometry", "z", MANY, 0, NULL, wkb_offsets, wkb);
    t->children[1].schema.metadata = metadata(extension, says);
    make_batch(&t->whole, t->children, 2, 0, 0);
    int64_t at = 0;
    for (int b = 0; b < count; b++) { /* slices of the same children */
        t->batches[b] = t->whole.array;
        t->batches[b].offset = at;
        t->batches[b].length = rows[b];
        at += rows[b];
    }
    t->stream = (made){&t->whole.schema, t->batches, count, 0, 0, 0};
}

static void assert_points(const rm_layer *layer, int64_t count)
{
    rm_column_view view;
    assert_int_equal(rm_layer_feature_count(layer), count);
    OK(rm_layer_column(layer, 0, &view, &err));
    assert_int_equal(view.count, count);
    assert_int_equal(view.missing, 0);
    for (int64_t i = 0; i < count; i++) {
        assert_int_equal(((const int64_t *)view.values)[i], i);
        assert_int_equal(rm_layer_fids(layer)[i], i);
    }
    if (count > 0) {
        double extent[4];
        rm_layer_extent(layer, extent);
        assert_true(extent[0] == 200000 && extent[3] == 450000 + (double)(count - 1));
    }
}

/* Said by the stream, or beside one that says none. */
static void test_a_crs_that_proj_does_not_know_is_refused(void **state)
{
    (void)state;
    static const int rows[] = {2};
    static const char *const bad[] = {"site grid", "EPSG:99999", "28992", ""};
    for (size_t b = 0; b < sizeof bad / sizeof *bad; b++) {
        rm_layer *layer = NULL;
        table t;
        assert_int_equal(rm_layer_from_points(&layer, x, y, 2, bad[b], &err), RM_ECRS);
        assert_non_null(strstr(err.message, "is no coordinate reference system"));
        make_table(&t, "geoarrow.wkb", NULL, rows, 1);
        assert_int_equal(take(&layer, &t.stream, bad[b]), RM_ECRS);
        assert_null(layer);
    }
    rm_layer *layer;
    table t;
    make_table(&t, "geoarrow.wkb", "{\"crs\":\"site grid\"}", rows, 1);
    assert_int_equal(take(&layer, &t.stream, "EPSG:28992"), RM_ECRS);
    assert_non_null(strstr(err.message, "\"site grid\" is no coordinate reference system"));
}

/* However it is written, a layer has its code. */
static void test_a_given_crs_gets_its_code(void **state)
{
    (void)state;
    static const char *const forms[] = {"EPSG:28992", "epsg:28992", "EPSG:7415",
                                        "urn:ogc:def:crs:EPSG::28992"};
    for (size_t f = 0; f < sizeof forms / sizeof *forms; f++) {
        static const int rows[] = {2};
        rm_layer *layer;
        table t;
        OK(rm_layer_from_points(&layer, x, y, 2, forms[f], &err));
        assert_string_equal(rm_layer_crs(layer), "EPSG:28992");
        rm_layer_free(layer);
        make_table(&t, "geoarrow.wkb", NULL, rows, 1);
        OK(take(&layer, &t.stream, forms[f]));
        assert_string_equal(rm_layer_crs(layer), "EPSG:28992");
        rm_layer_free(layer);
    }
}

/* However the rows come, the layer is the same: cut into chunks, and a chunk for every batch. */
static void test_batches_of_any_size(void **state)
{
    (void)state;
    static const struct {
        int count, rows[4];
    } cases[] = {{0, {0}},       {1, {0}},    {1, {1}},
                 {3, {5, 0, 7}}, {1, {MANY}}, {4, {16384, 1, 40000, 13615}}};
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        rm_layer *layer;
        table t;
        int64_t all = 0;
        for (int b = 0; b < cases[c].count; b++)
            all += cases[c].rows[b];
        make_table(&t, "geoarrow.wkb", "{\"crs\":\"EPSG:28992\"}", cases[c].rows, cases[c].count);
        OK(take(&layer, &t.stream, NULL));
        assert_points(layer, all);
        assert_string_equal(rm_layer_crs(layer), "EPSG:28992");
        assert_int_equal(rm_layer_issue_count(layer), 0);
        rm_layer_free(layer);
    }
}

static const int three[] = {3};

static void test_a_stream_is_used_once(void **state)
{
    (void)state;
    rm_layer *layer = NULL;
    struct ArrowArrayStream used = {made_schema, made_next, made_error, NULL, NULL};
    assert_int_equal(rm_layer_from_arrow(&layer, &used, NULL, NULL, NULL, &err), RM_EINVAL);
    assert_non_null(strstr(err.message, "was used already"));
    assert_int_equal(rm_layer_from_arrow(&layer, NULL, NULL, NULL, NULL, &err), RM_EINVAL);
    assert_null(layer);
}

static int failing_next(struct ArrowArrayStream *stream, struct ArrowArray *out)
{
    made *m = stream->private_data;
    return m->next == 1 ? 5 : made_next(stream, out);
}

static void test_a_stream_that_fails_has_its_words(void **state)
{
    (void)state;
    rm_layer *layer = NULL;
    table t;
    make_table(&t, "ogc.wkb", NULL, (const int[]){3, 4}, 2);
    struct ArrowArrayStream stream = {made_schema, failing_next, made_error, release_made,
                                      &t.stream};
    assert_int_equal(rm_layer_from_arrow(&layer, &stream, NULL, NULL, NULL, &err), RM_EIO);
    assert_string_equal(err.message, "the Arrow stream failed with 5: the cable was pulled");
    assert_int_equal(t.stream.released, 1);
    assert_int_equal(t.stream.schemas_out, 0);
    assert_null(stream.release);
    assert_null(layer);
}

/* Nothing, again and again. */
static int empty_next(struct ArrowArrayStream *stream, struct ArrowArray *out)
{
    made *m = stream->private_data;
    *out = m->batches[0];
    out->release = release_made_array;
    out->private_data = &m->released;
    m->next++;
    return 0;
}

static void test_a_stream_without_end_is_given_up(void **state)
{
    (void)state;
    rm_layer *layer = NULL;
    table t;
    make_table(&t, "ogc.wkb", NULL, (const int[]){0}, 1);
    struct ArrowArrayStream stream = {made_schema, empty_next, made_error, release_made, &t.stream};
    assert_int_equal(rm_layer_from_arrow(&layer, &stream, NULL, NULL, NULL, &err), RM_EIO);
    assert_string_equal(err.message, "the Arrow stream gives empty batches and does not end");
    assert_int_equal(t.stream.released, t.stream.next);
    assert_null(layer);
}

static void test_where_the_geometry_is(void **state)
{
    (void)state;
    rm_layer *layer;
    table t;
    make_table(&t, NULL, NULL, three, 1); /* no extension, but the name */
    OK(take(&layer, &t.stream, "EPSG:28992"));
    assert_points(layer, 3);
    rm_layer_free(layer);
    make_table(&t, NULL, NULL, three, 1);
    t.children[1].schema.name = "vorm"; /* the only one of bytes */
    OK(take(&layer, &t.stream, NULL));
    assert_points(layer, 3);
    rm_layer_free(layer);
    make_table(&t, NULL, NULL, three, 1);
    t.children[1].schema.format = "u";
    assert_int_equal(take(&layer, &t.stream, NULL), RM_EFORMAT);
    assert_non_null(strstr(err.message, "has no geometry column: none of its 2 columns"));
    make_table(&t, "geoarrow.geometry", NULL, three, 1);
    assert_int_equal(take(&layer, &t.stream, NULL), RM_EUNSUPPORTED);
    assert_non_null(strstr(err.message, "column geometry holds geometry as geoarrow.geometry"));
    assert_non_null(strstr(err.message, "to_arrow(geometry_encoding=\"WKB\")"));
    make_table(&t, "geoarrow.wkb", NULL, three, 1);
    t.whole.schema.format = "i";
    assert_int_equal(take(&layer, &t.stream, NULL), RM_EFORMAT);
    assert_non_null(strstr(err.message, "is no table"));
}

/* GeoParquet's metadata name the column among several, and its CRS. */
static void test_geoparquet(void **state)
{
    (void)state;
    static const struct {
        const char *geo, *crs;
    } cases[] = {
        {"{\"primary_column\":\"b\",\"columns\":{\"b\":{\"crs\":\"EPSG:28992\"}}}", "EPSG:28992"},
        {"{\"primary_column\":\"b\",\"columns\":{\"b\":{}}}", "OGC:CRS84"},
        {"{\"primary_column\":\"b\",\"columns\":{\"b\":{\"crs\":null}}}", "EPSG:4258"},
    };
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        char geo[256];
        const int32_t pairs = 1, key = 3, size = (int32_t)strlen(cases[c].geo);
        rm_layer *layer;
        table t;
        make_table(&t, NULL, NULL, three, 1);
        memcpy(geo, &pairs, 4);
        memcpy(geo + 4, &key, 4);
        memcpy(geo + 8, "geo", 3);
        memcpy(geo + 11, &size, 4);
        memcpy(geo + 15, cases[c].geo, (size_t)size);
        t.whole.schema.metadata = geo;
        t.children[1].schema.name = "b";
        t.children[0].schema.format = "z"; /* another one of bytes, before it */
        t.children[0].array.n_buffers = 3;
        OK(take(&layer, &t.stream, "EPSG:4258"));
        assert_int_equal(rm_layer_feature_count(layer), 3);
        assert_string_equal(rm_layer_crs(layer), cases[c].crs);
        assert_int_equal(rm_layer_field_count(layer), 0);
        assert_int_equal(rm_layer_issue_count(layer), 1);
        rm_layer_free(layer);
    }
}

static void test_every_form_of_a_crs(void **state)
{
    (void)state;
    static const struct {
        const char *says, *crs;
    } cases[] = {
        {NULL, "EPSG:4258"},
        {"", "EPSG:4258"},
        {"{}", "EPSG:4258"},
        {"{\"crs\":null}", "EPSG:4258"},
        {"{\"crs\":\"EPSG:28992\",\"crs_type\":\"authority_code\"}", "EPSG:28992"},
        {"{\"crs\":\"28992\",\"crs_type\":\"srid\"}", "EPSG:28992"},
        {"{\"crs\":\"OGC:CRS84\"}", "OGC:CRS84"},
        {"{\"crs\":\"GEOGCRS[\\\"WGS 84\\\",DATUM[\\\"World Geodetic System 1984\\\",ELLIPSOID"
         "[\\\"WGS 84\\\",6378137,298.257223563]],CS[ellipsoidal,2],AXIS[\\\"lat\\\",north],AXIS"
         "[\\\"lon\\\",east],UNIT[\\\"degree\\\",0.0174532925199433],ID[\\\"EPSG\\\",4326]]\","
         "\"crs_type\":\"wkt2:2019\"}",
         "EPSG:4326"},
    };
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        rm_layer *layer;
        table t;
        make_table(&t, "geoarrow.wkb", cases[c].says, three, 1);
        OK(take(&layer, &t.stream, "EPSG:4258"));
        assert_string_equal(rm_layer_crs(layer), cases[c].crs);
        rm_layer_free(layer);
    }
}

/* What has no code stays as it is written, and goes out and comes back so. */
static void test_a_crs_without_a_code_is_kept_whole(void **state)
{
    (void)state;
    static const char says[] =
        "{\"crs\":{\"type\":\"ProjectedCRS\",\"name\":\"site grid\",\"base_crs\":{\"name\":\"x\","
        "\"datum\":{\"type\":\"GeodeticReferenceFrame\",\"name\":\"x\",\"ellipsoid\":{\"name\":"
        "\"Bessel 1841\",\"semi_major_axis\":6377397.155,\"inverse_flattening\":299.1528128}},"
        "\"coordinate_system\":{\"subtype\":\"ellipsoidal\",\"axis\":[{\"name\":\"Latitude\","
        "\"abbreviation\":\"lat\",\"direction\":\"north\",\"unit\":\"degree\"},{\"name\":"
        "\"Longitude\",\"abbreviation\":\"lon\",\"direction\":\"east\",\"unit\":\"degree\"}]}},"
        "\"conversion\":{\"name\":\"x\",\"method\":{\"name\":\"Transverse Mercator\"},"
        "\"parameters\":[{\"name\":\"Latitude of natural "
        "origin\",\"value\":52,\"unit\":\"degree\"},"
        "{\"name\":\"Longitude of natural origin\",\"value\":5,\"unit\":\"degree\"}]},"
        "\"coordinate_system\":{\"subtype\":\"Cartesian\",\"axis\":[{\"name\":\"Easting\","
        "\"abbreviation\":\"E\",\"direction\":\"east\",\"unit\":\"metre\"},{\"name\":\"Northing\","
        "\"abbreviation\":\"N\",\"direction\":\"north\",\"unit\":\"metre\"}]}}}";
    rm_layer *layer, *back = NULL;
    struct ArrowArrayStream stream;
    table t;
    make_table(&t, "geoarrow.wkb", says, three, 1);
    OK(take(&layer, &t.stream, NULL));
    assert_non_null(strstr(rm_layer_crs(layer), "\"site grid\""));
    assert_int_equal(rm_layer_crs(layer)[0], '{');
    OK(rm_layer_to_arrow(layer, &stream, &err));
    OK(rm_layer_from_arrow(&back, &stream, NULL, NULL, NULL, &err));
    assert_non_null(strstr(rm_layer_crs(back), "\"site grid\""));
    rm_layer_free(back);
    rm_layer_free(layer);
}

static void test_columns_that_are_left_out_are_named(void **state)
{
    (void)state;
    rm_layer *layer;
    rm_layer_issue issue;
    table t;
    make_table(&t, "geoarrow.wkb", NULL, three, 1);
    t.children[0].schema.name = "bbox";
    t.children[0].schema.format = "+s";
    t.children[0].array.n_buffers = 1;
    OK(take(&layer, &t.stream, NULL));
    assert_int_equal(rm_layer_feature_count(layer), 3);
    assert_int_equal(rm_layer_field_count(layer), 0);
    assert_int_equal(rm_layer_issue_count(layer), 1);
    OK(rm_layer_issue_at(layer, 0, &issue, &err));
    assert_string_equal(issue.severity, "warning");
    assert_string_equal(issue.code, "column");
    assert_int_equal(issue.feature, -1);
    assert_string_equal(
        issue.message,
        "a column is not among the fields, as its type is not read (bbox: Arrow \"+s\")");
    assert_int_equal(rm_layer_issue_at(layer, 1, &issue, &err), RM_EINVAL);
    assert_string_equal(err.message, "issue 1 does not exist; there are 1");
    rm_layer_free(layer);
}

static void test_fid_is_the_feature_id(void **state)
{
    (void)state;
    rm_layer *layer;
    table t;
    make_table(&t, "geoarrow.wkb", NULL, three, 1);
    t.children[0].schema.name = "fid";
    t.batches[0].offset = 7;
    OK(take(&layer, &t.stream, NULL));
    assert_int_equal(rm_layer_field_count(layer), 0);
    assert_int_equal(rm_layer_fids(layer)[2], 9);
    rm_layer_free(layer);
    make_table(&t, "geoarrow.wkb", NULL, three, 1);
    t.children[0].schema.name = "fid"; /* a float is a field like any other */
    t.children[0].schema.format = "f";
    OK(take(&layer, &t.stream, NULL));
    assert_int_equal(rm_layer_field_count(layer), 1);
    assert_int_equal(rm_layer_fids(layer)[2], 2);
    rm_layer_free(layer);
}

/* What is no number of a feature stays a field, and is said. */
static void assert_fid_is_a_field(const int32_t *fids, const uint8_t *valid, const char *why)
{
    rm_layer *layer;
    rm_layer_issue issue;
    table t;
    make_table(&t, "geoarrow.wkb", NULL, (const int[]){2, 3}, 2);
    t.children[0].schema.name = "fid";
    t.children[0].buffers[0] = valid;
    t.children[0].buffers[1] = fids;
    OK(take(&layer, &t.stream, NULL));
    assert_string_equal(rm_layer_field_name(layer, 0), "fid");
    for (int i = 0; i < 5; i++) {
        assert_int_equal(rm_layer_fids(layer)[i], i);
        if (!valid)
            assert_true(rm_layer_number(layer, i, 0) == fids[i]);
    }
    assert_int_equal(rm_layer_issue_count(layer), 1);
    OK(rm_layer_issue_at(layer, 0, &issue, &err));
    assert_string_equal(issue.severity, "warning");
    assert_string_equal(issue.code, "feature-id");
    assert_int_equal(issue.feature, -1);
    assert_non_null(strstr(issue.message, why));
    rm_layer_free(layer);
}

static void test_a_fid_that_numbers_nothing_is_a_field(void **state)
{
    (void)state;
    const uint8_t valid[] = {0x1b};
    assert_fid_is_a_field((const int32_t[]){1, 2, 3, 4, 1}, NULL, "(two rows have the same)");
    assert_fid_is_a_field((const int32_t[]){7, 7, 7, 7, 7}, NULL, "(two rows have the same)");
    assert_fid_is_a_field((const int32_t[]){1, 2, 3, 4, 5}, valid, "(a row has none)");
    assert_fid_is_a_field((const int32_t[]){1, 2, -3, 4, 5}, NULL, "(one is below 0)");
}

/* Rows of another order, in which rows 1 and 3 have no geometry. */
static void test_issues_name_the_feature_id(void **state)
{
    (void)state;
    static const int32_t fids[] = {90, 5, 40, 0, 7};
    static const uint8_t valid[] = {0x15};
    rm_layer *layer;
    rm_layer_issue issue;
    table t;
    make_table(&t, "geoarrow.wkb", NULL, (const int[]){2, 3}, 2);
    t.children[0].schema.name = "fid";
    t.children[0].buffers[1] = fids;
    t.children[1].buffers[0] = valid;
    OK(take(&layer, &t.stream, NULL));
    assert_int_equal(rm_layer_field_count(layer), 0);
    for (int i = 0; i < 5; i++)
        assert_int_equal(rm_layer_fids(layer)[i], fids[i]);
    assert_int_equal(rm_layer_issue_count(layer), 2);
    for (int i = 0; i < 2; i++) {
        OK(rm_layer_issue_at(layer, i, &issue, &err));
        assert_int_equal(issue.feature, fids[2 * i + 1]);
    }
    rm_layer_free(layer);
}

/* Which of them the fields are by name would be anyone's guess. */
static void test_names_must_be_there_once(void **state)
{
    (void)state;
    rm_layer *layer;
    child children[3];
    table t;
    make_table(&t, "geoarrow.wkb", NULL, three, 1);
    memcpy(children, t.children, sizeof t.children);
    make_child(&children[2], "n", "i", MANY, 0, NULL, numbers, NULL);
    for (int c = 0; c < 2; c++)
        children[c].array.buffers = children[c].buffers;
    make_batch(&t.whole, children, 3, 0, 3);
    t.batches[0] = t.whole.array;
    t.stream = (made){&t.whole.schema, t.batches, 1, 0, 0, 0};
    assert_int_equal(take(&layer, &t.stream, NULL), RM_EDATA);
    assert_string_equal(err.message,
                        "two columns of the Arrow stream are called \"n\"; rename or drop one");
    children[2].schema.name = "N"; /* names are the same to the letter or not at all */
    t.stream = (made){&t.whole.schema, t.batches, 1, 0, 0, 0};
    OK(take(&layer, &t.stream, NULL));
    assert_int_equal(rm_layer_field_count(layer), 2);
    rm_layer_free(layer);
}

/* A quarter circle, which has no WKB of straight lines: it is stroked. */
static void test_curves_are_stroked(void **state)
{
    (void)state;
    static uint8_t curve[5 + 4 + 48] = {1, 8, 0, 0, 0, 3};
    static const int32_t offsets[] = {0, sizeof curve};
    const double arc[] = {1, 0, 0.70710678118654752, 0.70710678118654752, 0, 1};
    rm_layer *layer;
    table t;
    memcpy(curve + 9, arc, sizeof arc);
    make_table(&t, "geoarrow.wkb", NULL, (const int[]){1}, 1);
    t.children[1].buffers[1] = offsets;
    t.children[1].buffers[2] = curve;
    OK(take(&layer, &t.stream, NULL));
    assert_int_equal(rm_layer_issue_count(layer), 0);
    double extent[4];
    rm_layer_extent(layer, extent);
    assert_true(extent[2] == 1 && extent[3] == 1);
    rm_layer_free(layer);
}

/* A bow tie in each chunk is repaired there, under its own number. */
static void test_polygons_are_cleaned(void **state)
{
    (void)state;
    enum { RING = 9 + 4 + 80 };
    static uint8_t bow[RING] = {1, 3, 0, 0, 0, 1, 0, 0, 0, 5};
    static int32_t offsets[MANY + 1];
    const double ring[] = {0, 0, 2, 2, 2, 0, 0, 2, 0, 0};
    static uint8_t bytes[MANY * POINT + 3 * RING];
    const int at[] = {3, 20000, 69999};
    rm_layer *layer;
    rm_layer_issue issue;
    table t;
    memcpy(bow + 13, ring, sizeof ring);
    make_table(&t, "geoarrow.wkb", NULL, (const int[]){MANY}, 1);
    for (int i = 0; i < MANY; i++) {
        bool is_bow = i == at[0] || i == at[1] || i == at[2];
        int size = is_bow ? RING : POINT;
        memcpy(bytes + offsets[i], is_bow ? bow : wkb + (size_t)i * POINT, (size_t)size);
        offsets[i + 1] = offsets[i] + size;
    }
    t.children[1].buffers[1] = offsets;
    t.children[1].buffers[2] = bytes;
    OK(take(&layer, &t.stream, NULL));
    assert_int_equal(rm_layer_issue_count(layer), 3);
    for (int i = 0; i < 3; i++) {
        OK(rm_layer_issue_at(layer, i, &issue, &err));
        assert_string_equal(issue.code, "repaired");
        assert_int_equal(issue.feature, at[i]);
    }
    rm_layer_free(layer);
}

static rm_status take_many(telling *told, rm_error *why)
{
    static const int rows[] = {40000, 20000, 10000};
    rm_layer *layer = NULL;
    table t;
    make_table(&t, "geoarrow.wkb", "{\"crs\":\"EPSG:28992\"}", rows, 3);
    struct ArrowArrayStream stream = {made_schema, made_next, made_error, release_made, &t.stream};
    rm_status status = rm_layer_from_arrow(&layer, &stream, NULL, tell, told, why);
    assert_null(stream.release);
    assert_int_equal(t.stream.released, t.stream.next);
    if (status == RM_OK)
        assert_int_equal(rm_layer_feature_count(layer), MANY);
    else
        assert_null(layer);
    rm_layer_free(layer);
    return status;
}

static void test_a_stream_can_be_stopped(void **state)
{
    (void)state;
    assert_can_be_stopped(take_many);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_crs_travels_as_projjson),
        cmocka_unit_test(test_a_crs_that_proj_does_not_know_is_refused),
        cmocka_unit_test(test_a_given_crs_gets_its_code),
        cmocka_unit_test(test_a_stream_without_crs_takes_the_given_one),
        cmocka_unit_test(test_metadata_that_is_no_json_is_refused),
        cmocka_unit_test(test_batches_of_any_size),
        cmocka_unit_test(test_a_stream_is_used_once),
        cmocka_unit_test(test_a_stream_that_fails_has_its_words),
        cmocka_unit_test(test_a_stream_without_end_is_given_up),
        cmocka_unit_test(test_where_the_geometry_is),
        cmocka_unit_test(test_geoparquet),
        cmocka_unit_test(test_every_form_of_a_crs),
        cmocka_unit_test(test_a_crs_without_a_code_is_kept_whole),
        cmocka_unit_test(test_columns_that_are_left_out_are_named),
        cmocka_unit_test(test_fid_is_the_feature_id),
        cmocka_unit_test(test_a_fid_that_numbers_nothing_is_a_field),
        cmocka_unit_test(test_issues_name_the_feature_id),
        cmocka_unit_test(test_names_must_be_there_once),
        cmocka_unit_test(test_curves_are_stroked),
        cmocka_unit_test(test_polygons_are_cleaned),
        cmocka_unit_test(test_no_two_columns_have_one_name),
        cmocka_unit_test(test_a_stream_can_be_stopped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
