/* Every Arrow type that becomes a field, and geometry as lists of coordinates. */
#include "data/arrow.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "arrow_arrays.h"

static void assert_number(const rm_rows *rows, int64_t row, double expected)
{
    double value = rm_column_number(&rows->table.columns[0], row, NULL);
    if (!(value == expected || (isnan(value) && isnan(expected))))
        fail_msg("row %d is %.17g, not %.17g", (int)row, value, expected);
}

static void assert_text(const rm_rows *rows, int64_t row, const char *expected)
{
    int64_t length;
    const char *text = rm_column_text(&rows->table.columns[0], row, &length);
    assert_int_equal(rm_column_missing(&rows->table.columns[0], row), expected == NULL);
    assert_int_equal(length, expected ? strlen(expected) : 0);
    assert_memory_equal(text, expected ? expected : "", (size_t)length);
}

static void test_half_floats(void **state)
{
    (void)state;
    const uint16_t data[] = {0x3C00, 0xC100, 0x0001, 0x8000, 0x7BFF, 0x7C00, 0xFC00, 0x7E00};
    const double expected[] = {1, -2.5, 0x1p-24, -0.0, 65504, INFINITY, -INFINITY, NAN};
    rm_rows rows = {0};
    child c;
    make_child(&c, "c", "e", 8, 0, NULL, data, NULL);
    OK(append_one(&rows, &c, 0, 8));
    for (int i = 0; i < 8; i++)
        assert_number(&rows, i, expected[i]);
    rm_rows_clear(&rows);
}

static void expect_decimal(const char *format, const void *data, double first, double second)
{
    rm_rows rows = {0};
    child c;
    make_child(&c, "c", format, 2, 0, NULL, data, NULL);
    OK(append_one(&rows, &c, 0, 2));
    assert_int_equal(rows.table.columns[0].type, RM_FLOAT64);
    assert_number(&rows, 0, first);
    assert_number(&rows, 1, second);
    rm_rows_clear(&rows);
}

static void test_decimals(void **state)
{
    (void)state;
    const int32_t narrow[] = {1234, -1};
    const int64_t words[] = {-7, INT64_MAX};
    const uint64_t wide[] = {110, 0, (uint64_t)-12345, UINT64_MAX};
    /* 2^127 - 1 and -2^127 */
    const uint64_t ends[] = {UINT64_MAX, INT64_MAX, 0, (uint64_t)1 << 63};
    const uint64_t widest[] = {5, 0, 0, 0, 0, 0, 0, (uint64_t)1 << 63}; /* 5 and -2^255 */
    expect_decimal("d:9,3,32", narrow, 1.234, -0.001);
    expect_decimal("d:18,0,64", words, -7, 9223372036854775807.0);
    expect_decimal("d:19,2", wide, 1.1, -123.45); /* the doubles nearest to the decimals */
    expect_decimal("d:38,-2,128", wide, 11000, -1234500);
    expect_decimal("d:38,0", ends, 0x1p127, -0x1p127);
    expect_decimal("d:76,1,256", widest, 0.5,
                   -5789604461865809771178549250434395392663499233282028201972879200395656481996.8);
}

/* Short texts stand in the view itself, long ones in one of two buffers. */
static void test_text_views(void **state)
{
    (void)state;
    static const char first[] = "..a text of twenty-three", second[] = "thirteen long";
    const int64_t sizes[] = {sizeof first - 1, sizeof second - 1};
    int32_t views[5][4] = {{2, 0, 0, 0}, {22, 0, 0, 2}, {0, 0, 0, 0}, {13, 0, 1, 0}, {12, 0, 0, 0}};
    const uint8_t valid[] = {0x1B};
    rm_rows rows = {0};
    child c;
    memcpy(&views[0][1], "ab", 2);
    memcpy(&views[4][1], "abcdefghijkl", 12);
    make_child(&c, "c", "vu", 5, 0, valid, views, first);
    c.buffers[3] = second;
    c.buffers[4] = sizes;
    c.array.n_buffers = 5;
    OK(append_one(&rows, &c, 0, 5));
    assert_text(&rows, 0, "ab");
    assert_text(&rows, 1, "a text of twenty-three");
    assert_text(&rows, 2, NULL);
    assert_text(&rows, 3, "thirteen long");
    assert_text(&rows, 4, "abcdefghijkl");
    rm_rows_clear(&rows);
    const int32_t bad[][3] = {{23, 0, 2}, {13, 2, 0}, {13, -1, 0},
                              {13, 1, 1}, {-1, 0, 0}, {13, 0, -1}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        views[1][0] = bad[i][0];
        views[1][2] = bad[i][1];
        views[1][3] = bad[i][2];
        assert_int_equal(append_one(&rows, &c, 0, 5), RM_EFORMAT);
        assert_string_equal(err.message, "column c: an Arrow view lies outside its buffers");
        rm_rows_clear(&rows);
    }
}

static void test_dictionaries_of_any_values(void **state)
{
    (void)state;
    const double reals[] = {9, 1.5, -2};
    const int32_t days[] = {9, 20000, -1};
    const uint8_t keys[] = {1, 0, 1}, valid[] = {0x05};
    rm_rows rows = {0};
    child c, words;
    make_child(&words, NULL, "g", 2, 1, NULL, reals, NULL);
    make_child(&c, "c", "C", 3, 0, valid, keys, NULL);
    c.schema.dictionary = &words.schema;
    c.array.dictionary = &words.array;
    OK(append_one(&rows, &c, 0, 3));
    assert_number(&rows, 0, -2);
    assert_number(&rows, 1, NAN);
    assert_number(&rows, 2, -2);
    rm_rows_clear(&rows);
    make_child(&words, NULL, "tdD", 2, 1, NULL, days, NULL);
    OK(append_one(&rows, &c, 0, 3));
    assert_int_equal(rows.table.columns[0].type, RM_DATE);
    assert_int_equal(rows.table.columns[0].data.i32[2], -1);
    rm_rows_clear(&rows);
    rm_type type;
    words.schema.format = "+s";
    assert_int_equal(rm_arrow_type(&c.schema, &type, &err), RM_EUNSUPPORTED);
    assert_string_equal(err.message, "column c: struct type (Arrow \"+s\") is not read");
}

static void expect_list(const char *format, const void *data, const char *first, const char *second)
{
    const int32_t offsets[] = {0, 2, 3};
    const uint8_t there[] = {0x07};
    rm_rows rows = {0};
    child c, items;
    make_child(&items, "item", format, 3, 0, there, data, NULL);
    make_child(&c, "c", "+l", 2, 0, NULL, offsets, NULL);
    struct ArrowSchema *schemas[] = {&items.schema};
    struct ArrowArray *arrays[] = {&items.array};
    c.schema.n_children = c.array.n_children = 1;
    c.schema.children = schemas;
    c.array.children = arrays;
    OK(append_one(&rows, &c, 0, 2));
    assert_text(&rows, 0, first);
    assert_text(&rows, 1, second);
    rm_rows_clear(&rows);
}

static void test_lists_of_numbers(void **state)
{
    (void)state;
    const int16_t whole[] = {-1, 2, 3};
    const float small[] = {0.5F, 2, 3};
    const double real[] = {0.1, 2, 1e300};
    const uint64_t large[] = {1, UINT64_MAX, 3};
    expect_list("s", whole, "-1,2", "3");
    expect_list("f", small, "0.5,2", "3");
    expect_list("g", real, "0.1,2", "1e+300");
    expect_list("L", large, "1,18446744073709551615", "3");
}

static void test_times_of_day(void **state)
{
    (void)state;
    const int32_t s[] = {50700, 86400}, ms[] = {50700250, -1};
    const int64_t us[] = {50700250999, 0}, ns[] = {86399999999999, 1000000};
    const struct {
        const char *format;
        const void *data;
        const char *first, *second;
    } cases[] = {{"tts", s, "14:05:00", NULL},
                 {"ttm", ms, "14:05:00.250", NULL},
                 {"ttu", us, "14:05:00.250", "00:00:00"},
                 {"ttn", ns, "23:59:59.999", "00:00:00.001"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        rm_rows rows = {0};
        child c;
        make_child(&c, "c", cases[i].format, 2, 0, NULL, cases[i].data, NULL);
        OK(append_one(&rows, &c, 0, 2));
        assert_text(&rows, 0, cases[i].first);
        assert_text(&rows, 1, cases[i].second);
        rm_rows_clear(&rows);
    }
}

static void test_zones_give_their_own_clocks(void **state)
{
    (void)state;
    const int64_t s[] = {1719786600, -1, INT64_MAX / 1000}; /* 2024-06-30 22:30 UTC */
    rm_rows rows = {0};
    rm_type type;
    child c;
    make_child(&c, "c", "tss:+02:00", 3, 0, NULL, s, NULL);
    OK(append_one(&rows, &c, 0, 3));
    assert_int_equal(rows.table.columns[0].data.i64[0], (1719786600LL + 7200) * 1000);
    assert_int_equal(rows.table.columns[0].data.i64[1], 7199000);
    assert_true(rm_column_missing(&rows.table.columns[0], 2)); /* past what milliseconds hold */
    rm_rows_clear(&rows);
    c.schema.format = "tss:Europe/Amsterdam";
    if (rm_arrow_type(&c.schema, &type, &err) != RM_OK) {
        print_message("this machine has no time zones\n");
        skip();
    }
    OK(append_one(&rows, &c, 0, 2));
    assert_int_equal(rm_column_date(&rows.table.columns[0], 0, NULL), 19905); /* 1 July */
    rm_rows_clear(&rows);
}

/* Whole columns are copied where that is safe. A struct with a bitmap keeps it from being done, so
 * both ways are held against one another: every type, slice and pattern of nulls. */
static void test_whole_columns_equal_single_cells(void **state)
{
    (void)state;
    enum { N = 200 };
    static const char *const formats[] = {"b",   "c",    "C",    "s",    "S",      "i",
                                          "I",   "l",    "L",    "f",    "g",      "tdD",
                                          "tdm", "tss:", "tsm:", "tsu:", "tsn:UTC"};
    static union {
        uint8_t bytes[8 * (N + 1)];
        uint64_t words[N + 1];
    } data;
    uint8_t valid[N / 8 + 1], all[N / 8 + 1];
    memset(all, 0xff, sizeof all);
    srand(5);
    for (size_t i = 0; i < sizeof data.bytes; i++)
        data.bytes[i] = (uint8_t)(rand() & 255);
    for (int round = 0; round < 40; round++) {
        int64_t offset = rand() % 20, skip = rand() % 20, count = rand() % (N - 40);
        for (size_t i = 0; i < sizeof valid; i++)
            valid[i] = (uint8_t)(rand() & rand() & 255);
        for (size_t f = 0; f < sizeof formats / sizeof *formats; f++) {
            rm_rows whole = {0}, single = {0};
            const int columns[] = {0};
            const rm_arrow_plan plan = {-1, -1, columns, 1, NULL, NULL};
            rm_type type;
            batch b;
            child c;
            make_child(&c, "c", formats[f], N - offset, offset, round % 3 ? valid : NULL,
                       data.words, NULL);
            OK(rm_arrow_type(&c.schema, &type, &err));
            for (int twice = 0; twice < 2; twice++) { /* the second begins at any bit */
                OK(append_one(&whole, &c, skip, count));
                make_batch(&b, &c, 1, skip, count);
                b.valid[0] = all;
                b.array.null_count = -1;
                if (twice == 0)
                    OK(rm_table_add_column(&single.table, "c", type, &err));
                OK(rm_arrow_append(&single, &plan, &b.schema, &b.array, &err));
            }
            const rm_column *x = &whole.table.columns[0], *y = &single.table.columns[0];
            size_t size = type == RM_DATE ? 4 : 8;
            for (int64_t row = 0; row < 2 * count; row++)
                assert_int_equal(rm_column_missing(x, row), rm_column_missing(y, row));
            for (int64_t row = 0; row < 2 * count; row++)
                if (type != RM_FLOAT64 || !rm_column_missing(x, row)) /* NaNs differ */
                    assert_memory_equal((char *)x->data.any + (size_t)row * size,
                                        (char *)y->data.any + (size_t)row * size, size);
            assert_int_equal(whole.issues.count, single.issues.count);
            rm_rows_clear(&whole);
            rm_rows_clear(&single);
        }
    }
}

/* The same of text, where a letter may be cut, a null may hold bytes, and bytes may be no UTF-8. */
static void test_whole_texts_equal_single_cells(void **state)
{
    (void)state;
    enum { N = 60 };
    static const char pool[] = "abc\xC3\xA9"
                               "defg\xE2\x82\xAC"
                               "hij";
    char bytes[8 * N + 8];
    uint8_t valid[N / 8 + 1], all[N / 8 + 1];
    memset(all, 0xff, sizeof all);
    srand(6);
    for (int round = 0; round < 400; round++) {
        int32_t small[N + 1] = {0};
        int64_t large[N + 1] = {0};
        for (size_t i = 0; i < sizeof bytes; i++)
            bytes[i] = round % 2 ? pool[i % (sizeof pool - 1)] : (char)('a' + i % 26);
        if (round % 7 == 0)
            bytes[rand() % 100] = (char)0xFF;
        for (size_t i = 0; i < sizeof valid; i++)
            valid[i] = round % 3 ? (uint8_t)(rand() & 255) : 0xff;
        for (int i = 0; i < N; i++) {
            bool there = valid[i >> 3] >> (i & 7) & 1;
            small[i + 1] = small[i] + (there || round % 5 == 0 ? rand() % 8 : 0);
            large[i + 1] = small[i + 1];
        }
        rm_rows whole = {0}, single = {0};
        const int columns[] = {0};
        const rm_arrow_plan plan = {-1, -1, columns, 1, NULL, NULL};
        batch b;
        child c;
        make_child(&c, "c", round & 1 ? "U" : "u", N - 3, 3, valid,
                   round & 1 ? (const void *)large : small, bytes);
        for (int twice = 0; twice < 2; twice++) {
            OK(append_one(&whole, &c, 2, N - 9));
            make_batch(&b, &c, 1, 2, N - 9);
            b.valid[0] = all;
            b.array.null_count = -1;
            if (twice == 0)
                OK(rm_table_add_column(&single.table, "c", RM_TEXT, &err));
            OK(rm_arrow_append(&single, &plan, &b.schema, &b.array, &err));
        }
        const rm_column *x = &whole.table.columns[0], *y = &single.table.columns[0];
        for (int64_t row = 0; row < 2 * (N - 9); row++) {
            assert_int_equal(rm_column_missing(x, row), rm_column_missing(y, row));
            assert_int_equal(x->offsets[row + 1], y->offsets[row + 1]);
        }
        assert_memory_equal(x->data.text, y->data.text, (size_t)x->offsets[2 * (N - 9)]);
        assert_int_equal(whole.issues.count, single.issues.count);
        rm_rows_clear(&whole);
        rm_rows_clear(&single);
    }
}

static void test_some_rows_of_an_array(void **state)
{
    (void)state;
    const int32_t data[] = {0, 1, 2, 3, 4, 5};
    const int columns[] = {0};
    const rm_arrow_plan plan = {-1, -1, columns, 100, NULL, NULL};
    rm_rows rows = {0};
    batch b;
    child c;
    make_child(&c, "c", "i", 6, 0, NULL, data, NULL);
    make_batch(&b, &c, 1, 1, 5);
    OK(rm_table_add_column(&rows.table, "c", RM_INT64, &err));
    OK(rm_arrow_append_some(&rows, &plan, &b.schema, &b.array, 3, 2, &err));
    OK(rm_arrow_append_some(&rows, &plan, &b.schema, &b.array, 0, 1, &err));
    assert_int_equal(rows.table.rows, 3);
    const int64_t values[] = {4, 5, 1}, ids[] = {103, 104, 100};
    assert_memory_equal(rows.table.columns[0].data.i64, values, sizeof values);
    assert_memory_equal(rows.ids, ids, sizeof ids);
    assert_int_equal(rm_arrow_append_some(&rows, &plan, &b.schema, &b.array, 3, 3, &err),
                     RM_EFORMAT);
    rm_rows_clear(&rows);
}

/* ---- geometry as lists of coordinates ---- */

/* Coordinates 0 to 9: x = i, y = 10 + i, but 5 is nowhere and 6 is infinite. */
static double xs[10], ys[10], both[30];

typedef struct nest {
    child level[4], x, y;
    struct ArrowSchema *schemas[4][2];
    struct ArrowArray *arrays[4][2];
    char metadata[128];
} nest;

/* lists: offsets of each level, the outermost first; the coordinates at the bottom begin one
 * element into their buffers. */
static void make_nest(nest *n, const char *name, const int32_t *const *lists, const int *lengths,
                      int count, bool interleaved, const uint8_t *valid)
{
    for (int i = 0; i < 10; i++) {
        xs[i] = i == 5 ? NAN : i == 6 ? INFINITY : i;
        ys[i] = i == 5 ? NAN : 10 + i;
        both[3 * i] = xs[i];
        both[3 * i + 1] = ys[i];
        both[3 * i + 2] = 99; /* a height, left aside */
    }
    memset(n, 0, sizeof *n);
    for (int l = 0; l < count; l++)
        make_child(&n->level[l], "geometry", "+l", lengths[l], 0, l == 0 ? valid : NULL, lists[l],
                   NULL);
    child *bottom = &n->level[count];
    make_child(bottom, "geometry", interleaved ? "+w:3" : "+s", 8, 1, count == 0 ? valid : NULL,
               NULL, NULL);
    bottom->array.n_buffers = 1;
    make_child(&n->x, "x", "g", interleaved ? 30 : 10, 0, NULL, interleaved ? both : xs, NULL);
    make_child(&n->y, "y", "g", 10, 0, NULL, ys, NULL);
    for (int l = 0; l <= count; l++) {
        bool last = l == count;
        n->schemas[l][0] = last ? &n->x.schema : &n->level[l + 1].schema;
        n->arrays[l][0] = last ? &n->x.array : &n->level[l + 1].array;
        n->schemas[l][1] = &n->y.schema;
        n->arrays[l][1] = &n->y.array;
        n->level[l].schema.children = n->schemas[l];
        n->level[l].array.children = n->arrays[l];
        n->level[l].schema.n_children = n->level[l].array.n_children = last && !interleaved ? 2 : 1;
    }
    const int32_t pairs = 1, key = 20, size = (int32_t)strlen(name);
    memcpy(n->metadata, &pairs, 4);
    memcpy(n->metadata + 4, &key, 4);
    memcpy(n->metadata + 8, "ARROW:extension:name", 20);
    memcpy(n->metadata + 28, &size, 4);
    memcpy(n->metadata + 32, name, (size_t)size);
    n->level[0].schema.metadata = n->metadata;
}

/* "P((1 11)) L((1 11,2 12)) A((...)) -" and so on, with the codes of issues behind. */
static void describe(const rm_rows *rows, char *out)
{
    const rm_geometry *g = &rows->geometry;
    out[0] = '\0';
    for (int64_t f = 0; f < g->features; f++) {
        out += sprintf(out, "%s%c", f ? " " : "", "-PLA"[g->kind[f]]);
        for (int32_t p = g->feature_part[f]; p < g->feature_part[f + 1]; p++) {
            out += sprintf(out, "(");
            for (int32_t r = g->part_ring[p]; r < g->part_ring[p + 1]; r++) {
                out += sprintf(out, "(");
                for (int32_t i = g->ring_point[r]; i < g->ring_point[r + 1]; i++) {
                    assert_true(g->y[i] == g->x[i] + 10);
                    out += sprintf(out, "%g", g->x[i]);
                }
                out += sprintf(out, ")");
            }
            out += sprintf(out, ")");
        }
    }
    for (int64_t i = 0; i < rows->issues.count; i++)
        out += sprintf(out, " %d:%s", (int)rows->issues.items[i].feature,
                       rm_issue_code_name((rm_issue_code)rows->issues.items[i].code));
}

static void expect_native(const char *name, const int32_t *const *lists, const int *lengths,
                          int count, int64_t skip, int64_t rows_wanted, const uint8_t *valid,
                          const char *expected)
{
    for (int interleaved = 0; interleaved < 2; interleaved++) {
        const rm_arrow_plan plan = {0, -1, NULL, 0, NULL, NULL};
        char found[512];
        rm_rows rows = {0};
        nest n;
        batch b;
        make_nest(&n, name, lists, lengths, count, interleaved, valid);
        make_batch(&b, n.level, 1, skip, rows_wanted);
        assert_int_equal(rm_arrow_geometry_column(&b.schema), 0);
        OK(rm_arrow_append(&rows, &plan, &b.schema, &b.array, &err));
        describe(&rows, found);
        assert_string_equal(found, expected);
        rm_rows_clear(&rows);
    }
}

static void test_native_points(void **state)
{
    (void)state;
    const uint8_t valid[] = {0xF7}; /* the bottom begins at 1: element 2 is null */
    expect_native("geoarrow.point", NULL, NULL, 0, 0, 3, NULL, "P((1)) P((2)) P((3))");
    expect_native("geoarrow.point", NULL, NULL, 0, 1, 5, valid,
                  "P((2)) - P((4)) - - 1:no-geometry 3:no-geometry 4:not-finite");
}

static void test_native_lines_and_multipoints(void **state)
{
    (void)state;
    const int32_t offsets[] = {0, 2, 2, 4, 6, 8};
    const int32_t *const lists[] = {offsets};
    const int lengths[] = {5};
    expect_native("geoarrow.linestring", lists, lengths, 1, 0, 5, NULL,
                  "L((12)) - L((34)) - L((78)) 1:no-geometry 3:not-finite");
    expect_native("geoarrow.linestring", lists, lengths, 1, 2, 1, NULL, "L((34))");
    /* a point that is nowhere falls out of several, one that is infinite does not */
    const int32_t points[] = {0, 2, 5, 6};
    const int32_t *const point_lists[] = {points};
    const int three[] = {3};
    expect_native("geoarrow.multipoint", point_lists, three, 1, 0, 3, NULL,
                  "P((1))((2)) P((3))((4)) - 2:not-finite");
}

static void test_native_polygons(void **state)
{
    (void)state;
    /* two rings, none, one; rings of 2, 1, 1 coordinates (4 is the last sound one) */
    const int32_t polygons[] = {0, 2, 2, 3}, rings[] = {0, 2, 3, 4};
    const int32_t *const lists[] = {polygons, rings};
    const int lengths[] = {3, 3};
    expect_native("geoarrow.polygon", lists, lengths, 2, 0, 3, NULL,
                  "A((12)(3)) - A((4)) 1:no-geometry");
    expect_native("geoarrow.multilinestring", lists, lengths, 2, 0, 3, NULL,
                  "L((12))((3)) - L((4)) 1:no-geometry");
    /* an empty shell with a hole is damaged; an empty ring behind the shell falls out */
    const int32_t odd[] = {0, 2, 4}, odd_rings[] = {0, 0, 2, 4, 4};
    const int32_t *const odd_lists[] = {odd, odd_rings};
    const int odd_lengths[] = {2, 4};
    expect_native("geoarrow.polygon", odd_lists, odd_lengths, 2, 0, 2, NULL,
                  "- A((34)) 0:malformed");
    const int32_t multi[] = {0, 2, 2, 3};
    const int32_t *const multi_lists[] = {multi, polygons, rings};
    const int multi_lengths[] = {3, 3, 3};
    expect_native("geoarrow.multipolygon", multi_lists, multi_lengths, 3, 0, 3, NULL,
                  "A((12)(3)) - A((4)) 1:no-geometry");
}

static void test_native_offsets_are_not_trusted(void **state)
{
    (void)state;
    const rm_arrow_plan plan = {0, -1, NULL, 0, NULL, NULL};
    const int32_t past[] = {0, 9}, backwards[] = {3, 1}, polygons[] = {0, 4}, rings[] = {0, 1};
    const int32_t *const bad[][2] = {{past}, {backwards}, {polygons, rings}};
    const char *const says[] = {"column geometry: an Arrow offset lies past the end",
                                "column geometry: its Arrow offsets run backwards",
                                "column geometry: an Arrow offset lies past the end"};
    const int lengths[] = {1, 1};
    for (int i = 0; i < 3; i++) {
        rm_rows rows = {0};
        nest n;
        batch b;
        make_nest(&n, i == 2 ? "geoarrow.polygon" : "geoarrow.linestring", bad[i], lengths,
                  i == 2 ? 2 : 1, false, NULL);
        make_batch(&b, n.level, 1, 0, 1);
        assert_int_equal(rm_arrow_append(&rows, &plan, &b.schema, &b.array, &err), RM_EFORMAT);
        assert_string_equal(err.message, says[i]);
        rm_rows_clear(&rows);
    }
    nest n; /* coordinates that are fewer than their struct, or of another type */
    rm_rows rows = {0};
    batch b;
    make_nest(&n, "geoarrow.point", NULL, NULL, 0, false, NULL);
    make_batch(&b, n.level, 1, 0, 1);
    n.y.array.length = 8;
    assert_int_equal(rm_arrow_append(&rows, &plan, &b.schema, &b.array, &err), RM_EFORMAT);
    rm_rows_clear(&rows);
    n.y.schema.format = "f";
    assert_int_equal(rm_arrow_geometry_column(&b.schema), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_half_floats),
        cmocka_unit_test(test_decimals),
        cmocka_unit_test(test_text_views),
        cmocka_unit_test(test_dictionaries_of_any_values),
        cmocka_unit_test(test_lists_of_numbers),
        cmocka_unit_test(test_times_of_day),
        cmocka_unit_test(test_zones_give_their_own_clocks),
        cmocka_unit_test(test_whole_columns_equal_single_cells),
        cmocka_unit_test(test_whole_texts_equal_single_cells),
        cmocka_unit_test(test_some_rows_of_an_array),
        cmocka_unit_test(test_native_points),
        cmocka_unit_test(test_native_lines_and_multipoints),
        cmocka_unit_test(test_native_polygons),
        cmocka_unit_test(test_native_offsets_are_not_trusted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
