#include "data/arrow.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "arrow_arrays.h"

static void assert_text(const rm_rows *rows, int64_t row, const char *expected)
{
    int64_t length;
    const char *text = rm_column_text(&rows->table.columns[0], row, &length);
    assert_int_equal(rm_column_missing(&rows->table.columns[0], row), expected == NULL);
    assert_int_equal(length, expected ? strlen(expected) : 0);
    assert_memory_equal(text, expected ? expected : "", (size_t)length);
}

/* Elements 0..7 of each format are 0..7 (booleans: odd ones true); the slice begins at 1 + 2. */
static void test_numbers_of_every_width_in_slices(void **state)
{
    (void)state;
    const int8_t i8[] = {0, 1, 2, -3, 4, 5, 6, 7};
    const uint8_t u8[] = {0, 1, 2, 253, 4, 5, 6, 7}, bits[] = {0xAA};
    const int16_t i16[] = {0, 1, 2, -3, 4, 5, 6, 7};
    const uint16_t u16[] = {0, 1, 2, 65533, 4, 5, 6, 7};
    const int32_t i32[] = {0, 1, 2, -3, 4, 5, 6, 7};
    const uint32_t u32[] = {0, 1, 2, 4294967293U, 4, 5, 6, 7};
    const int64_t i64[] = {0, 1, 2, -3, 4, 5, 6, 7};
    const uint64_t u64[] = {0, 1, 2, INT64_MAX, 4, 5, 6, 7};
    const float f32[] = {0.0F, 1.0F, 2.0F, 0.5F, 4.0F, 5.0F, 6.0F, 7.0F};
    const double f64[] = {0.0, 1.0, 2.0, 0.1, 4.0, 5.0, 6.0, 7.0};
    const struct {
        const char *format;
        const void *data;
        double third, fifth;
    } cases[] = {{"c", i8, -3.0, 5.0},  {"C", u8, 253.0, 5.0},
                 {"s", i16, -3.0, 5.0}, {"S", u16, 65533.0, 5.0},
                 {"i", i32, -3.0, 5.0}, {"I", u32, 4294967293.0, 5.0},
                 {"l", i64, -3.0, 5.0}, {"L", u64, 9223372036854775807.0, 5.0},
                 {"f", f32, 0.5, 5.0},  {"g", f64, 0.1, 5.0},
                 {"b", bits, 1.0, 1.0}};
    const uint8_t valid[] = {0xEF}; /* element 4 is null */
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        rm_rows rows = {0};
        child c;
        make_child(&c, "c", cases[i].format, 7, 1, valid, cases[i].data, NULL);
        OK(append_one(&rows, &c, 2, 3));
        OK(append_one(&rows, &c, 2, 3)); /* and again behind it */
        assert_int_equal(rows.table.rows, 6);
        for (int64_t row = 0; row < 6; row += 3) {
            const rm_column *column = &rows.table.columns[0];
            assert_true(rm_column_number(column, row, NULL) == cases[i].third);
            assert_true(rm_column_missing(column, row + 1));
            assert_true(rm_column_number(column, row + 2, NULL) == cases[i].fifth);
            assert_int_equal(rows.ids[row], 1);
            assert_int_equal(rows.ids[row + 2], 3);
        }
        rm_rows_clear(&rows);
    }
}

static void test_null_count_zero_means_all_there(void **state)
{
    (void)state;
    const int64_t data[] = {1, 2, 3};
    const uint8_t valid[] = {0};
    rm_rows rows = {0};
    child c;
    make_child(&c, "c", "l", 3, 0, valid, data, NULL);
    c.array.null_count = 0;
    OK(append_one(&rows, &c, 0, 3));
    assert_false(rm_column_missing(&rows.table.columns[0], 1));
    rm_rows_clear(&rows);
}

static void test_null_struct_rows_are_missing(void **state)
{
    (void)state;
    const int64_t data[] = {1, 2, 3, 4};
    const uint8_t valid[] = {0x0B}; /* row 2 of the struct's own array is null */
    const int columns[] = {0};
    const rm_arrow_plan plan = {-1, -1, columns, 1, NULL, NULL};
    rm_rows rows = {0};
    batch b;
    child c;
    make_child(&c, "c", "l", 4, 0, NULL, data, NULL);
    make_batch(&b, &c, 1, 1, 3);
    b.array.null_count = 1;
    b.valid[0] = valid;
    OK(rm_table_add_column(&rows.table, "c", RM_INT64, &err));
    OK(rm_arrow_append(&rows, &plan, &b.schema, &b.array, &err));
    assert_int_equal(rows.table.columns[0].data.i64[0], 2);
    assert_true(rm_column_missing(&rows.table.columns[0], 1));
    assert_int_equal(rows.table.columns[0].data.i64[2], 4);
    rm_rows_clear(&rows);
}

static void test_unsigned_beyond_int64_is_an_issue(void **state)
{
    (void)state;
    const uint64_t data[] = {5, (uint64_t)INT64_MAX + 1};
    rm_rows rows = {0};
    child c;
    make_child(&c, "c", "L", 2, 0, NULL, data, NULL);
    OK(append_one(&rows, &c, 0, 2));
    assert_false(rm_column_missing(&rows.table.columns[0], 0));
    assert_true(rm_column_missing(&rows.table.columns[0], 1));
    assert_int_equal(rows.issues.count, 1);
    assert_int_equal(rows.issues.items[0].code, RM_ISSUE_NO_NUMBER);
    assert_int_equal(rows.issues.items[0].feature, 2);
    rm_rows_clear(&rows);
}

static void test_text_in_slices(void **state)
{
    (void)state;
    const int32_t small[] = {0, 1, 1, 4, 9, 9};
    const int64_t large[] = {0, 1, 1, 4, 9, 9};
    const uint8_t valid[] = {0x17}; /* element 3 is null */
    for (int i = 0; i < 2; i++) {
        rm_rows rows = {0};
        child c;
        make_child(&c, "c", i ? "U" : "u", 4, 1, valid, i ? (const void *)large : small,
                   "abcdefghi");
        OK(append_one(&rows, &c, 0, 4));
        assert_text(&rows, 0, "");
        assert_text(&rows, 1, "bcd");
        assert_text(&rows, 2, NULL);
        assert_text(&rows, 3, "");
        rm_rows_clear(&rows);
    }
}

static void test_text_that_is_no_utf8_is_replaced(void **state)
{
    (void)state;
    const int32_t offsets[] = {0, 5, 8, 9};
    rm_rows rows = {0};
    child c;
    make_child(&c, "c", "u", 3, 0, NULL, offsets, "caf\xE9!ab\xC3\xA9");
    OK(append_one(&rows, &c, 0, 3));
    assert_text(&rows, 0, "caf\xEF\xBF\xBD!");
    assert_text(&rows, 1, "ab\xEF\xBF\xBD"); /* a letter cut in two by the offsets */
    assert_text(&rows, 2, "\xEF\xBF\xBD");
    assert_int_equal(rows.issues.count, 3);
    assert_int_equal(rows.issues.items[0].code, RM_ISSUE_BAD_TEXT);
    assert_null(rows.issues.items[0].text);
    rm_rows_clear(&rows);
}

static void test_dictionary(void **state)
{
    (void)state;
    const int32_t offsets[] = {0, 3, 5, 7};
    const int8_t keys[] = {9, 2, 0, 1, 0};
    const uint8_t valid[] = {0x17}, words_valid[] = {0x06}; /* key 3 and word 0 are null */
    rm_rows rows = {0};
    child c, words;
    make_child(&words, "", "u", 2, 1, words_valid, offsets, "xyzabcd");
    make_child(&c, "c", "c", 4, 1, valid, keys, NULL);
    c.schema.dictionary = &words.schema;
    c.array.dictionary = &words.array;
    assert_int_equal(append_one(&rows, &c, 0, 4), RM_EFORMAT); /* key 2 of a slice of two words */
    assert_string_equal(err.message, "column c: an index lies outside its dictionary");
    rm_rows_clear(&rows);
    words.array.offset = 0;
    words.array.length = 3;
    OK(append_one(&rows, &c, 0, 4));
    assert_text(&rows, 0, "cd");
    assert_text(&rows, 1, NULL);
    assert_text(&rows, 2, NULL);
    assert_text(&rows, 3, NULL);
    rm_rows_clear(&rows);
    const int8_t slice_keys[] = {9, 1, 0, 0, 1};
    words.array.offset = 1;
    words.array.length = 2;
    c.buffers[1] = slice_keys;
    OK(append_one(&rows, &c, 0, 4));
    assert_text(&rows, 0, "cd");
    assert_text(&rows, 1, "ab");
    assert_text(&rows, 2, NULL);
    assert_text(&rows, 3, "cd");
    rm_rows_clear(&rows);
}

static void test_lists_are_joined(void **state)
{
    (void)state;
    const int32_t word_offsets[] = {0, 1, 3, 3, 6, 7};
    const uint8_t words_valid[] = {0x1B}; /* word 2 is null */
    const int32_t small[] = {0, 1, 3, 3, 4};
    const int64_t large[] = {0, 1, 3, 3, 4};
    const uint8_t valid[] = {0x0F};
    for (int i = 0; i < 2; i++) {
        rm_rows rows = {0};
        child c, words;
        make_child(&words, "item", "u", 4, 1, words_valid, word_offsets, "abbcccd");
        make_child(&c, "c", i ? "+L" : "+l", 4, 0, valid, i ? (const void *)large : small, NULL);
        struct ArrowSchema *schemas[] = {&words.schema};
        struct ArrowArray *arrays[] = {&words.array};
        c.schema.n_children = c.array.n_children = 1;
        c.schema.children = schemas;
        c.array.children = arrays;
        OK(append_one(&rows, &c, 0, 4));
        assert_text(&rows, 0, "bb");
        assert_text(&rows, 1, "ccc"); /* the null word leaves no comma */
        assert_text(&rows, 2, "");
        assert_text(&rows, 3, "d");
        rm_rows_clear(&rows);
    }
}

static void test_list_joins_with_commas(void **state)
{
    (void)state;
    const int32_t word_offsets[] = {0, 1, 2, 3}, offsets[] = {0, 3};
    rm_rows rows = {0};
    child c, words;
    make_child(&words, "item", "u", 3, 0, NULL, word_offsets, "abc");
    make_child(&c, "c", "+l", 1, 0, NULL, offsets, NULL);
    struct ArrowSchema *schemas[] = {&words.schema};
    struct ArrowArray *arrays[] = {&words.array};
    c.schema.n_children = c.array.n_children = 1;
    c.schema.children = schemas;
    c.array.children = arrays;
    OK(append_one(&rows, &c, 0, 1));
    assert_text(&rows, 0, "a,b,c");
    rm_rows_clear(&rows);
}

static void test_dates_and_times(void **state)
{
    (void)state;
    const int32_t days[] = {20454, -1};
    const int64_t ms[] = {86400000LL * 20454 + 5, -1};
    const int64_t s[] = {-2, INT64_MAX}, us[] = {-1, 1999}, ns[] = {-1, 1999999};
    const struct {
        const char *format;
        const void *data;
        rm_type type;
        int64_t first, second;
    } cases[] = {{"tdD", days, RM_DATE, 20454, -1},
                 {"tdm", ms, RM_DATE, 20454, -1},
                 {"tss:", s, RM_DATETIME, -2000, INT64_MIN},
                 {"tsm:UTC", ms, RM_DATETIME, 86400000LL * 20454 + 5, -1},
                 {"tsu:", us, RM_DATETIME, -1, 1},
                 {"tsn:", ns, RM_DATETIME, -1, 1}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        rm_rows rows = {0};
        child c;
        make_child(&c, "c", cases[i].format, 2, 0, NULL, cases[i].data, NULL);
        OK(append_one(&rows, &c, 0, 2));
        const rm_column *column = &rows.table.columns[0];
        assert_int_equal(column->type, cases[i].type);
        int64_t cells[2] = {0, 0};
        for (int row = 0; row < 2; row++)
            cells[row] = column->type == RM_DATE ? column->data.i32[row] : column->data.i64[row];
        assert_int_equal(cells[0], cases[i].first);
        if (cases[i].second == INT64_MIN) /* too far off for milliseconds */
            assert_true(rm_column_missing(column, 1));
        else
            assert_int_equal(cells[1], cases[i].second);
        rm_rows_clear(&rows);
    }
}

static void test_null_type(void **state)
{
    (void)state;
    rm_rows rows = {0};
    child c;
    make_child(&c, "c", "n", 2, 0, NULL, NULL, NULL);
    c.array.n_buffers = 0;
    OK(append_one(&rows, &c, 0, 2));
    assert_text(&rows, 1, NULL);
    rm_rows_clear(&rows);
}

static void assert_refused(const char *format, const char *message)
{
    child c;
    rm_type type;
    make_child(&c, "soort", format, 0, 0, NULL, NULL, NULL);
    assert_int_equal(rm_arrow_type(&c.schema, &type, &err), RM_EUNSUPPORTED);
    assert_string_equal(err.message, message);
}

static void test_types_that_are_refused(void **state)
{
    (void)state;
    assert_refused("z", "column soort: binary type (Arrow \"z\") is not read");
    assert_refused("w:16", "column soort: fixed-size binary type (Arrow \"w:16\") is not read");
    assert_refused("+s", "column soort: struct type (Arrow \"+s\") is not read");
    assert_refused("tDs", "column soort: duration type (Arrow \"tDs\") is not read");
    assert_refused("d:10,2,48", "column soort: this type (Arrow \"d:10,2,48\") is not read");
    assert_refused("ttx", "column soort: this type (Arrow \"ttx\") is not read");
    assert_refused("tsm:Europe/Woldermark",
                   "column soort: this machine does not know the time zone "
                   "\"Europe/Woldermark\"; convert it to local time without a zone");
}

static void test_arrays_that_do_not_fit(void **state)
{
    (void)state;
    const int64_t data[] = {1, 2, 3};
    const int32_t backwards[] = {0, 3, 1};
    const int columns[] = {1};
    const rm_arrow_plan plan = {-1, -1, columns, 1, NULL, NULL};
    rm_rows rows = {0};
    batch b;
    child c;
    make_child(&c, "c", "l", 3, 0, NULL, data, NULL);
    assert_int_equal(append_one(&rows, &c, 1, 3), RM_EFORMAT);
    assert_string_equal(err.message, "column c: the Arrow array does not fit its schema");
    c.buffers[1] = NULL;
    assert_int_equal(append_one(&rows, &c, 0, 3), RM_EFORMAT);
    make_child(&c, "c", "g", 3, 0, NULL, data, NULL);
    assert_int_equal(append_one(&rows, &c, 0, 3), RM_EINVAL);
    assert_string_equal(err.message, "column c: its type is not the one it was opened with");
    make_batch(&b, &c, 1, 0, 3);
    assert_int_equal(rm_arrow_append(&rows, &plan, &b.schema, &b.array, &err), RM_EINVAL);
    assert_string_equal(err.message, "Arrow stream: there is no column 1");
    b.schema.format = "+l";
    assert_int_equal(rm_arrow_append(&rows, &plan, &b.schema, &b.array, &err), RM_EFORMAT);
    rm_rows_clear(&rows);
    make_child(&c, "c", "u", 2, 0, NULL, backwards, "abc");
    assert_int_equal(append_one(&rows, &c, 0, 2), RM_EFORMAT);
    assert_string_equal(err.message, "column c: its Arrow offsets run backwards");
    rm_rows_clear(&rows);
}

/* Stands in for GDAL: every curve is the point (7, 7). */
static rm_status stroke(void *context, const uint8_t *wkb, int64_t size, rm_geometry *geometry,
                        rm_issue_code *verdict, rm_error *error)
{
    (void)wkb;
    assert_int_equal(size, 9);
    ++*(int *)context;
    *verdict = RM_ISSUE_CODES;
    return rm_geometry_add_point(geometry, 7.0, 7.0, error);
}

static void test_geometry_ids_and_curves(void **state)
{
    (void)state;
    enum { point = 21, curve = 9, rows_count = 5 };
    uint8_t wkb[2 * point + curve + 3] = {0};
    const double xy[] = {1.0, 2.0, NAN, 4.0};
    for (int i = 0; i < 2; i++) {
        wkb[i * point] = wkb[i * point + 1] = 1;
        memcpy(wkb + i * point + 5, xy + (ptrdiff_t)2 * i, 16);
    }
    wkb[2 * point] = 1;
    wkb[2 * point + 1] = 8;
    /* a point, one with NaN, a null, a curve, rubbish */
    const int32_t offsets[] = {
        0, point, 2 * point, 2 * point, 2 * point + curve, 2 * point + curve + 3};
    const uint8_t valid[] = {0x1B}, id_valid[] = {0x0F};
    const int32_t ids[] = {50, 51, 52, 53, 54};
    for (int stroked = 0; stroked < 2; stroked++) {
        int calls = 0;
        rm_rows rows = {0};
        child c[2];
        batch b;
        make_child(&c[0], "fid", "i", rows_count, 0, id_valid, ids, NULL);
        make_child(&c[1], "geom", "z", rows_count, 0, valid, offsets, wkb);
        make_batch(&b, c, 2, 0, rows_count);
        const rm_arrow_plan plan = {1, 0, NULL, 900, stroked ? stroke : NULL, &calls};
        OK(rm_arrow_append(&rows, &plan, &b.schema, &b.array, &err));
        assert_int_equal(rows.table.rows, rows_count);
        assert_int_equal(rows.geometry.features, rows_count);
        assert_int_equal(rows.ids[3], 53);
        assert_int_equal(rows.ids[4], 904); /* without an id of its own */
        assert_int_equal(rows.geometry.kind[0], RM_KIND_POINT);
        assert_int_equal(rows.geometry.kind[3], stroked ? RM_KIND_POINT : RM_KIND_NONE);
        assert_int_equal(calls, stroked);
        assert_int_equal(rows.issues.count, stroked ? 3 : 4);
        assert_int_equal(rows.issues.items[0].code, RM_ISSUE_NOT_FINITE);
        assert_int_equal(rows.issues.items[0].feature, 51);
        assert_int_equal(rows.issues.items[1].code, RM_ISSUE_NO_GEOMETRY);
        assert_int_equal(rows.issues.items[2].code, RM_ISSUE_MALFORMED);
        rm_rows_clear(&rows);
    }
}

static void add_layer_row(rm_rows *rows, int64_t row)
{
    rm_column *columns = rows->table.columns;
    char text[16] = "";
    memset(text, 'a' + (int)(row % 26), (size_t)(row % 9));
    OK(rm_rows_add_id(rows, row, 3 * row + 1, &err));
    for (int c = 0; c < rows->table.count; c++)
        if ((row + c) % 6 == 5)
            OK(rm_column_add_missing(&columns[c], row, &err));
        else if (c == 0 || c == 4)
            OK(rm_column_add_int64(&columns[c], row, row * 1000003, &err));
        else if (c == 1)
            OK(rm_column_add_double(&columns[c], row, row % 4 ? (double)row / 3.0 : NAN, &err));
        else if (c == 2)
            OK(rm_column_add_text(&columns[c], row, text, (int64_t)strlen(text), &err));
        else
            OK(rm_column_add_date(&columns[c], row, (int32_t)row - 9, &err));
    const double xs[] = {(double)row, (double)row + 1.0, (double)row, (double)row};
    const double ys[] = {0.0, 0.0, 1.0, 0.0};
    if (row % 7 == 3) {
        OK(rm_geometry_add_feature(&rows->geometry, RM_KIND_NONE, &err));
    } else if (row % 7 == 4) {
        OK(rm_geometry_add_feature(&rows->geometry, RM_KIND_POLYGON, &err));
        for (int part = 0; part < 2; part++) {
            OK(rm_geometry_add_part(&rows->geometry, &err));
            OK(rm_geometry_add_ring(&rows->geometry, xs, ys, 4, &err));
        }
    } else {
        OK(rm_geometry_add_point(&rows->geometry, (double)row, -1.0, &err));
    }
    rows->table.rows++;
}

static rm_layer *make_layer(int64_t count, const char *crs)
{
    rm_layer *layer = NULL;
    OK(RM_NEW_ZERO(&layer, 1, &err));
    OK(rm_copy_text(&layer->crs, crs, &err));
    OK(rm_table_add_column(&layer->rows.table, "whole", RM_INT64, &err));
    OK(rm_table_add_column(&layer->rows.table, "real", RM_FLOAT64, &err));
    OK(rm_table_add_column(&layer->rows.table, "text", RM_TEXT, &err));
    OK(rm_table_add_column(&layer->rows.table, "date", RM_DATE, &err));
    OK(rm_table_add_column(&layer->rows.table, "time", RM_DATETIME, &err));
    for (int64_t row = 0; row < count; row++)
        add_layer_row(&layer->rows, row);
    return layer;
}

static void assert_same_rows(const rm_rows *a, const rm_rows *b)
{
    uint8_t left[256], right[256];
    assert_int_equal(a->table.rows, b->table.rows);
    assert_memory_equal(a->ids, b->ids, (size_t)a->table.rows * sizeof *a->ids);
    int64_t step = a->table.rows > 1000 ? 61 : 1; /* meets every kind of row */
    for (int64_t row = 0; row < a->table.rows; row += step) {
        for (int32_t c = 0; c < a->table.count; c++) {
            const rm_column *ca = &a->table.columns[c], *cb = &b->table.columns[c];
            assert_int_equal(rm_column_missing(ca, row), rm_column_missing(cb, row));
            if (rm_column_missing(ca, row))
                continue;
            if (ca->type != RM_TEXT) {
                assert_true(rm_column_number(ca, row, NULL) == rm_column_number(cb, row, NULL));
                continue;
            }
            int64_t la, lb;
            const char *ta = rm_column_text(ca, row, &la), *tb = rm_column_text(cb, row, &lb);
            assert_int_equal(la, lb);
            assert_memory_equal(ta, tb, (size_t)la);
        }
        int64_t size = rm_geometry_wkb(&a->geometry, row, false, left);
        assert_int_equal(rm_geometry_wkb(&b->geometry, row, false, right), size);
        assert_memory_equal(left, right, (size_t)size);
    }
}

static void read_back(rm_rows *rows, struct ArrowArrayStream *stream, int *batches)
{
    struct ArrowSchema schema;
    struct ArrowArray array;
    rm_type type;
    const int columns[] = {1, 2, 3, 4, 5};
    assert_int_equal(stream->get_schema(stream, &schema), 0);
    assert_int_equal(schema.n_children, 7);
    assert_string_equal(schema.children[0]->name, "fid");
    assert_int_equal(rm_arrow_geometry_column(&schema), 6);
    for (int c = 1; c <= 5; c++) {
        OK(rm_arrow_type(schema.children[c], &type, &err));
        OK(rm_table_add_column(&rows->table, schema.children[c]->name, type, &err));
    }
    const rm_arrow_plan plan = {6, 0, columns, 0, NULL, NULL};
    for (*batches = 0;; ++*batches) {
        assert_int_equal(stream->get_next(stream, &array), 0);
        if (!array.release)
            break;
        OK(rm_arrow_append(rows, &plan, &schema, &array, &err));
        array.release(&array);
        assert_null(array.release);
    }
    schema.release(&schema);
    assert_null(schema.release);
}

static void test_round_trip(void **state)
{
    (void)state;
    const int64_t counts[] = {0, 1, 9, 524291};
    const int expected[] = {0, 1, 1, 2};
    for (int i = 0; i < 4; i++) {
        rm_layer *layer = make_layer(counts[i], "EPSG:28992");
        struct ArrowArrayStream stream;
        rm_rows rows = {0};
        int batches;
        OK(rm_arrow_export(&stream, layer, layer->crs, &err));
        read_back(&rows, &stream, &batches);
        assert_int_equal(batches, expected[i]);
        if (counts[i] > 0)
            assert_same_rows(&layer->rows, &rows);
        assert_null(stream.get_last_error(&stream));
        stream.release(&stream);
        assert_null(stream.release);
        rm_rows_clear(&rows);
        rm_layer_free(layer);
    }
}

static void assert_geometry_metadata(const char *crs, const char *expected)
{
    rm_layer *layer = make_layer(1, crs);
    struct ArrowArrayStream stream;
    struct ArrowSchema schema;
    OK(rm_arrow_export(&stream, layer, layer->crs, &err));
    assert_int_equal(stream.get_schema(&stream, &schema), 0);
    const char *at = schema.children[6]->metadata;
    const char *const texts[] = {"ARROW:extension:name", "geoarrow.wkb", "ARROW:extension:metadata",
                                 expected};
    int32_t number;
    memcpy(&number, at, sizeof number);
    assert_int_equal(number, 2);
    at += sizeof number;
    for (int i = 0; i < 4; i++) {
        memcpy(&number, at, sizeof number);
        assert_int_equal(number, strlen(texts[i]));
        assert_memory_equal(at + sizeof number, texts[i], (size_t)number);
        at += sizeof number + (size_t)number;
    }
    schema.release(&schema);
    stream.release(&stream);
    rm_layer_free(layer);
}

static void test_crs_in_metadata(void **state)
{
    (void)state;
    assert_geometry_metadata("EPSG:28992", "{\"crs\":\"EPSG:28992\"}");
    assert_geometry_metadata("{\"type\":\"ProjectedCRS\"}",
                             "{\"crs\":{\"type\":\"ProjectedCRS\"}}");
    assert_geometry_metadata(NULL, "{}");
}

/* Consumers may take a child out of its batch and keep it after the batch, the stream and the layer
 * are gone. */
static void test_children_outlive_their_batch(void **state)
{
    (void)state;
    rm_layer *layer = make_layer(20, NULL);
    struct ArrowArrayStream stream;
    struct ArrowArray array, taken;
    OK(rm_arrow_export(&stream, layer, layer->crs, &err));
    assert_int_equal(stream.get_next(&stream, &array), 0);
    taken = *array.children[0];
    array.children[0]->release = NULL;
    array.release(&array);
    stream.release(&stream);
    rm_layer_free(layer);
    assert_int_equal(taken.length, 20);
    assert_int_equal(((const int64_t *)taken.buffers[1])[19], 58);
    taken.release(&taken);
    assert_null(taken.release);
}

static void test_null_counts_are_exact(void **state)
{
    (void)state;
    rm_layer *layer = make_layer(70, NULL);
    struct ArrowArrayStream stream;
    struct ArrowArray array;
    OK(rm_arrow_export(&stream, layer, layer->crs, &err));
    assert_int_equal(stream.get_next(&stream, &array), 0);
    for (int c = 0; c < 7; c++) {
        const struct ArrowArray *column = array.children[c];
        const uint8_t *valid = column->buffers[0];
        int64_t nulls = 0;
        for (int64_t i = 0; valid && i < column->length; i++)
            nulls += !(valid[i >> 3] >> (i & 7) & 1);
        assert_int_equal(column->null_count, nulls);
        assert_int_equal(valid == NULL, c == 0);
    }
    assert_int_equal(array.children[6]->null_count, 10);
    array.release(&array);
    stream.release(&stream);
    rm_layer_free(layer);
}

static void test_other_binary_is_no_geometry(void **state)
{
    (void)state;
    static const char metadata[] = "\1\0\0\0\x14\0\0\0ARROW:extension:name\7\0\0\0ogc.wkb";
    static const char other[] = "\1\0\0\0\x14\0\0\0ARROW:extension:name\7\0\0\0ogc.wkt";
    child c[2];
    batch b;
    make_child(&c[0], "a", "z", 0, 0, NULL, NULL, NULL);
    make_child(&c[1], "b", "Z", 0, 0, NULL, NULL, NULL);
    make_batch(&b, c, 2, 0, 0);
    assert_int_equal(rm_arrow_geometry_column(&b.schema), -1);
    c[0].schema.metadata = other;
    assert_int_equal(rm_arrow_geometry_column(&b.schema), -1);
    c[1].schema.metadata = metadata;
    assert_int_equal(rm_arrow_geometry_column(&b.schema), 1);
    c[1].schema.format = "u";
    assert_int_equal(rm_arrow_geometry_column(&b.schema), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers_of_every_width_in_slices),
        cmocka_unit_test(test_null_count_zero_means_all_there),
        cmocka_unit_test(test_null_struct_rows_are_missing),
        cmocka_unit_test(test_unsigned_beyond_int64_is_an_issue),
        cmocka_unit_test(test_text_in_slices),
        cmocka_unit_test(test_text_that_is_no_utf8_is_replaced),
        cmocka_unit_test(test_dictionary),
        cmocka_unit_test(test_lists_are_joined),
        cmocka_unit_test(test_list_joins_with_commas),
        cmocka_unit_test(test_dates_and_times),
        cmocka_unit_test(test_null_type),
        cmocka_unit_test(test_types_that_are_refused),
        cmocka_unit_test(test_arrays_that_do_not_fit),
        cmocka_unit_test(test_geometry_ids_and_curves),
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_crs_in_metadata),
        cmocka_unit_test(test_children_outlive_their_batch),
        cmocka_unit_test(test_null_counts_are_exact),
        cmocka_unit_test(test_other_binary_is_no_geometry),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
