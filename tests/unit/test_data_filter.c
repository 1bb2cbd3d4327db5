#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/date.h"
#include "base/random.h"
#include "base/text.h"
#include "data/filter.h"

#include <math.h>

enum { N, F, T, D, M, COLUMNS }; /* whole number, number, text, date, datetime */

#define DAY INT64_C(86400000)

static void add_columns(rm_table *table)
{
    rm_error err;
    assert_int_equal(rm_table_add_column(table, "n", RM_INT64, &err), RM_OK);
    assert_int_equal(rm_table_add_column(table, "f", RM_FLOAT64, &err), RM_OK);
    assert_int_equal(rm_table_add_column(table, "t", RM_TEXT, &err), RM_OK);
    assert_int_equal(rm_table_add_column(table, "d", RM_DATE, &err), RM_OK);
    assert_int_equal(rm_table_add_column(table, "m", RM_DATETIME, &err), RM_OK);
}

/* A row; n = INT64_MIN, f = NAN, t = NULL, d = RM_NO_DATE and m = INT64_MIN are missing. */
static void add_row(rm_table *table, int64_t n, double f, const char *t, int32_t d, int64_t m)
{
    rm_error err;
    rm_column *c = table->columns;
    int64_t row = table->rows;
    rm_status status = n == INT64_MIN ? rm_column_add_missing(&c[N], row, &err)
                                      : rm_column_add_int64(&c[N], row, n, &err);
    assert_int_equal(status, RM_OK);
    assert_int_equal(rm_column_add_double(&c[F], row, f, &err), RM_OK);
    status = !t ? rm_column_add_missing(&c[T], row, &err)
                : rm_column_add_text(&c[T], row, t, (int64_t)strlen(t), &err);
    assert_int_equal(status, RM_OK);
    status = d == RM_NO_DATE ? rm_column_add_missing(&c[D], row, &err)
                             : rm_column_add_date(&c[D], row, d, &err);
    assert_int_equal(status, RM_OK);
    status = m == INT64_MIN ? rm_column_add_missing(&c[M], row, &err)
                            : rm_column_add_int64(&c[M], row, m, &err);
    assert_int_equal(status, RM_OK);
    table->rows++;
}

static int32_t day(const char *text)
{
    return rm_date_parse(text, (int64_t)strlen(text));
}

static void apply(const char *where, const rm_table *table, uint8_t *mask)
{
    rm_error err = {0};
    rm_filter *filter = NULL;
    if (rm_filter_parse(&filter, where, &err) != RM_OK)
        fail_msg("%s: %s", where, err.message);
    if (rm_filter_apply(filter, table, mask, &err) != RM_OK)
        fail_msg("%s: %s", where, err.message);
    rm_filter_free(filter);
}

/* The rows that pass, as "0110". */
static void passes(const rm_table *table, const char *where, const char *expected)
{
    uint8_t mask[64];
    char got[65] = "";
    apply(where, table, mask);
    for (int64_t i = 0; i < table->rows; i++)
        got[i] = (char)('0' + mask[i]);
    got[table->rows] = '\0';
    if (strcmp(got, expected) != 0)
        fail_msg("%s: got %s, expected %s", where, got, expected);
}

static void small_table(rm_table *table)
{
    *table = (rm_table){0};
    add_columns(table);
    add_row(table, 1, 1.5, "Rijssen", day("2024-01-31"), day("2024-01-31") * DAY);
    add_row(table, 2, -2.5, "rijssen", day("2024-02-01"), day("2024-01-31") * DAY + DAY - 1);
    add_row(table, 3, 0.0, "100%", day("1969-12-31"), day("1969-12-31") * DAY + 1);
    add_row(table, INT64_MIN, NAN, NULL, RM_NO_DATE, INT64_MIN);
    add_row(table, -7, 7.0, "3,5", day("2000-02-29"), day("2024-02-01") * DAY);
    add_row(table, 9007199254740993, 1e300, "", day("2024-01-31"), -1);
}

/* ---- three values ---- */

/* YES, NO and UNKNOWN as tests on a row where n = 1 and f is missing. */
static const char *const values[] = {"n = 0", "f = 0", "n = 1"};

static int value_of(const rm_table *row, const char *where)
{
    uint8_t yes, no;
    char negated[400];
    apply(where, row, &yes);
    snprintf(negated, sizeof negated, "NOT (%s)", where);
    apply(negated, row, &no);
    assert_false(yes && no);
    return yes ? 2 : no ? 0 : 1;
}

static void test_truth_tables(void **state)
{
    (void)state;
    rm_table row = {0};
    add_columns(&row);
    add_row(&row, 1, NAN, NULL, RM_NO_DATE, INT64_MIN);
    static const int and_table[3][3] = {{0, 0, 0}, {0, 1, 1}, {0, 1, 2}};
    static const int or_table[3][3] = {{0, 1, 2}, {1, 1, 2}, {2, 2, 2}};
    for (int a = 0; a < 3; a++) {
        assert_int_equal(value_of(&row, values[a]), a);
        for (int b = 0; b < 3; b++) {
            char where[100];
            snprintf(where, sizeof where, "%s AND %s", values[a], values[b]);
            assert_int_equal(value_of(&row, where), and_table[a][b]);
            snprintf(where, sizeof where, "%s OR %s", values[a], values[b]);
            assert_int_equal(value_of(&row, where), or_table[a][b]);
        }
    }
    /* every test on a missing value is unknown, but for IS NULL */
    static const char *const unknown[] = {"t = 'a'",
                                          "t <> 'a'",
                                          "t < 'a'",
                                          "t IN ('a')",
                                          "t NOT IN ('a')",
                                          "t LIKE '%'",
                                          "t NOT LIKE 'a'",
                                          "t BETWEEN 'a' AND 'b'",
                                          "t NOT BETWEEN 'a' AND 'b'",
                                          "t = 1",
                                          "t IN (1)",
                                          "f <> 1",
                                          "f IN (1)",
                                          "d = '2024-01-01'",
                                          "d NOT IN ('2024-01-01')",
                                          "m > '2024-01-01'"};
    for (size_t k = 0; k < sizeof unknown / sizeof *unknown; k++)
        assert_int_equal(value_of(&row, unknown[k]), 1);
    assert_int_equal(value_of(&row, "t IS NULL"), 2);
    assert_int_equal(value_of(&row, "f IS NOT NULL"), 0);
    assert_int_equal(value_of(&row, "n IS NULL"), 0);
    rm_table_clear(&row);
}

static void test_precedence(void **state)
{
    (void)state;
    rm_table row = {0};
    add_columns(&row);
    add_row(&row, 1, 1, "a", 0, 0);
    for (int bits = 0; bits < 8; bits++) {
        int a = bits & 1, b = bits >> 1 & 1, c = bits >> 2 & 1;
        char where[200];
        uint8_t got;
        snprintf(where, sizeof where, "n=%d or f=%d and n=%d", a, b, c);
        apply(where, &row, &got);
        assert_int_equal(got, a || (b && c));
        snprintf(where, sizeof where, "(n=%d OR f=%d) AND n=%d", a, b, c);
        apply(where, &row, &got);
        assert_int_equal(got, (a || b) && c);
        snprintf(where, sizeof where, "NOT n=%d AND f=%d Or nOt not NOT (n=%d)", a, b, c);
        apply(where, &row, &got);
        assert_int_equal(got, (!a && b) || !c);
    }
    /* the AND of BETWEEN is not the AND between tests */
    passes(&row, "n BETWEEN 0 AND 1 AND f BETWEEN 2 AND 3 OR n=1", "1");
    passes(&row, "n BETWEEN 0 AND 1 AND f BETWEEN 2 AND 3", "0");
    rm_table_clear(&row);
}

/* ---- every test on every type ---- */

static void test_whole_numbers(void **state)
{
    (void)state;
    rm_table t;
    small_table(&t);
    passes(&t, "n = 2", "010000");
    passes(&t, "n <> 2", "101011");
    passes(&t, "n != 2", "101011");
    passes(&t, "n < 2", "100010");
    passes(&t, "n <= 2", "110010");
    passes(&t, "n > 2", "001001");
    passes(&t, "n >= 2", "011001");
    passes(&t, "n > 1.5", "011001");
    passes(&t, "n <= 1.5", "100010");
    passes(&t, "n = 1.5", "000000");
    passes(&t, "n <> 1.5", "111011");
    passes(&t, "n BETWEEN 1.5 AND 3", "011000");
    passes(&t, "n NOT BETWEEN 1.5 AND 3", "100011");
    passes(&t, "n BETWEEN 3 AND 1", "000000");
    passes(&t, "n IN (3, 1, 2.5, -7)", "101010");
    passes(&t, "n NOT IN (3, 1, 2.5, -7)", "010001");
    passes(&t, "n = +2 OR n = -7", "010010");
    passes(&t, "n = 2e0 OR n = .3e1", "011000");
    /* neighbours beyond 2^53 are told apart */
    passes(&t, "n = 9007199254740993", "000001");
    passes(&t, "n = 9007199254740992", "000000");
    passes(&t, "n IN (9007199254740992, 9007199254740994)", "000000");
    passes(&t, "n < 9007199254740993", "111010");
    /* literals beyond every int64 */
    passes(&t, "n < 1e30", "111011");
    passes(&t, "n > 1e30", "000000");
    passes(&t, "n >= -1e30", "111011");
    passes(&t, "n <= -1e30", "000000");
    passes(&t, "n BETWEEN -1e30 AND 1e30", "111011");
    passes(&t, "n BETWEEN 1e30 AND 2e30", "000000");
    passes(&t, "n = 1e30", "000000");
    passes(&t, "n IN (1e30, -1e30, 1)", "100000");
    passes(&t, "n > 9223372036854775807", "000000");
    passes(&t, "n >= 9223372036854775807", "000000");
    passes(&t, "n <= 9223372036854775807", "111011");
    passes(&t, "n < -9223372036854775808", "000000");
    passes(&t, "n > -9223372036854775808", "111011");
    rm_table_clear(&t);
    /* the ends of int64 themselves; INT64_MIN + 1, because add_row takes the last as missing */
    add_columns(&t);
    add_row(&t, INT64_MAX, 0, "", 0, 0);
    add_row(&t, INT64_MIN + 1, 0, "", 0, 0);
    passes(&t, "n > 9223372036854775807", "00");
    passes(&t, "n >= 9223372036854775807", "10");
    passes(&t, "n > 9223372036854775806", "10");
    passes(&t, "n < 1e19", "11");
    passes(&t, "n < -9223372036854775807", "00");
    passes(&t, "n <= -9223372036854775807", "01");
    t.columns[N].data.i64[1] = INT64_MIN;
    passes(&t, "n < -9223372036854775808", "00");
    passes(&t, "n <= -9223372036854775808", "01");
    rm_table_clear(&t);
}

static void test_numbers(void **state)
{
    (void)state;
    rm_table t;
    small_table(&t);
    passes(&t, "f = 1.5", "100000");
    passes(&t, "f <> 1.5", "011011");
    passes(&t, "f < 0", "010000");
    passes(&t, "f <= 0", "011000");
    passes(&t, "f > 0", "100011");
    passes(&t, "f >= 0", "101011");
    passes(&t, "f > -0.0", "100011");
    passes(&t, "f BETWEEN -2.5 AND 1.5", "111000");
    passes(&t, "f IN (7, 1e300, 3)", "000011");
    passes(&t, "f NOT IN (7, 1e300, 3)", "111000");
    passes(&t, "f IS NULL", "000100");
    passes(&t, "f IS NOT NULL", "111011");
    passes(&t, "n IS NULL OR t IS NULL", "000100");
    rm_table_clear(&t);
}

static void test_texts(void **state)
{
    (void)state;
    rm_table t;
    small_table(&t);
    passes(&t, "t = 'Rijssen'", "100000");
    passes(&t, "t <> 'Rijssen'", "011011");
    passes(&t, "t < 'Rijssen'", "001011");
    passes(&t, "t <= 'Rijssen'", "101011");
    passes(&t, "t > 'Rijssen'", "010000");
    passes(&t, "t >= 'Rijssen'", "110000");
    passes(&t, "t = ''", "000001");
    passes(&t, "t BETWEEN '1' AND 'S'", "101010");
    passes(&t, "t IN ('rijssen', '', 'Rijssen', 'x')", "110001");
    passes(&t, "t NOT IN ('rijssen', '', 'Rijssen', 'x')", "001010");
    /* numbers: "3,5" is one, the others are none and so unknown */
    passes(&t, "t = 3.5", "000010");
    passes(&t, "t <> 3.5", "000000");
    passes(&t, "t < 4", "000010");
    passes(&t, "t BETWEEN 3 AND 4", "000010");
    passes(&t, "t IN (3.5, 'Rijssen')", "100010");
    passes(&t, "t NOT IN (4, 'Rijssen')", "000010");
    rm_table_clear(&t);
}

static void test_like(void **state)
{
    (void)state;
    static const struct {
        const char *text, *pattern;
        bool like;
    } cases[] = {{"abc", "abc", true},
                 {"abc", "ABC", false},
                 {"abc", "a%", true},
                 {"abc", "%c", true},
                 {"abc", "%b%", true},
                 {"abc", "_b_", true},
                 {"abc", "__", false},
                 {"abc", "____", false},
                 {"", "%", true},
                 {"", "", true},
                 {"", "_", false},
                 {"a", "", false},
                 {"abc", "%%%", true},
                 {"abc", "a%%c", true},
                 {"aab", "%ab", true},
                 {"abab", "%ab", true},
                 {"ababx", "%ab", false},
                 {"mississippi", "m%iss%pi", true},
                 {"mississippi", "%iss%iss%iss%", false},
                 {"Friësland", "Fri_sland", true},
                 {"Fri\xC3\xAB", "Fri__", false},
                 {"ë", "_", true},
                 {"ëë", "%_", true},
                 {"a%b", "a%b", true},
                 {"axb", "a_b", true},
                 {"ab", "a_b", false},
                 {"abcabd", "a%_bd", true},
                 {"€uro", "_uro", true},
                 {"it's", "it''s", true}};
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        rm_table row = {0};
        add_columns(&row);
        add_row(&row, 0, 0, cases[k].text, 0, 0);
        char where[100];
        snprintf(where, sizeof where, "t LIKE '%s'", cases[k].pattern);
        passes(&row, where, cases[k].like ? "1" : "0");
        snprintf(where, sizeof where, "t not like '%s'", cases[k].pattern);
        passes(&row, where, cases[k].like ? "0" : "1");
        rm_table_clear(&row);
    }
}

/* A pattern that takes exponential time when it is tried by recursion. */
static void test_like_hostile(void **state)
{
    (void)state;
    char text[20001], where[200] = "t LIKE '";
    memset(text, 'a', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    for (int i = 0; i < 30; i++)
        strcat(where, "%a");
    strcat(where, "b'");
    rm_table row = {0};
    add_columns(&row);
    add_row(&row, 0, 0, text, 0, 0);
    passes(&row, where, "0");
    rm_table_clear(&row);
}

static void test_dates(void **state)
{
    (void)state;
    rm_table t;
    small_table(&t);
    passes(&t, "d = '2024-01-31'", "100001");
    passes(&t, "d <> '31-1-2024'", "011010");
    passes(&t, "d < '2024-01-31'", "001010");
    passes(&t, "d <= '2024-01-31'", "101011");
    passes(&t, "d > '2024-01-31'", "010000");
    passes(&t, "d >= '2024-01-31'", "110001");
    passes(&t, "d BETWEEN '1969-12-31' AND '29/2/2000'", "001010");
    passes(&t, "d IN ('31-1-2024', '2000-02-29', '19691231')", "101011");
    passes(&t, "d NOT IN ('31-1-2024', '2000-02-29')", "011000");
    passes(&t, "d IS NULL", "000100");
    /* with a time the whole day counts, before 1970 too */
    passes(&t, "m = '2024-01-31'", "110000");
    passes(&t, "m <> '2024-01-31'", "001011");
    passes(&t, "m < '2024-01-31'", "001001");
    passes(&t, "m <= '2024-01-31'", "111001");
    passes(&t, "m > '2024-01-31'", "000010");
    passes(&t, "m >= '2024-01-31'", "110010");
    passes(&t, "m = '1969-12-31'", "001001");
    passes(&t, "m IN ('1969-12-31', '2024-02-01')", "001011");
    passes(&t, "m BETWEEN '1969-12-31' AND '2024-01-31'", "111001");
    rm_table_clear(&t);
}

static void test_fields(void **state)
{
    (void)state;
    rm_error err;
    rm_filter *filter;
    assert_int_equal(rm_filter_parse(&filter,
                                     " n=1 AND (\"n\"=2 OR naam IS NULL) AND \"a \"\"b\" = 'x'\n",
                                     &err),
                     RM_OK);
    assert_int_equal(rm_filter_field_count(filter), 3);
    assert_string_equal(rm_filter_field(filter, 0), "n");
    assert_string_equal(rm_filter_field(filter, 1), "naam");
    assert_string_equal(rm_filter_field(filter, 2), "a \"b");
    rm_filter_free(filter);
    /* bytes above ASCII belong to a bare name; a keyword does between quotes */
    assert_int_equal(
        rm_filter_parse(&filter, "coördinaat > 1 and \"like\" like 'a' or innovatie in (1)", &err),
        RM_OK);
    assert_int_equal(rm_filter_field_count(filter), 3);
    assert_string_equal(rm_filter_field(filter, 0), "coördinaat");
    assert_string_equal(rm_filter_field(filter, 1), "like");
    rm_filter_free(filter);
    assert_int_equal(
        rm_filter_parse(&filter, "bag.pand.bouwjaar>1990 and a.b2 is null or n > .5", &err), RM_OK);
    assert_int_equal(rm_filter_field_count(filter), 3);
    assert_string_equal(rm_filter_field(filter, 0), "bag.pand.bouwjaar");
    assert_string_equal(rm_filter_field(filter, 1), "a.b2");
    rm_filter_free(filter);
    rm_filter_free(NULL);
}

/* ---- messages ---- */

static void test_parse_messages(void **state)
{
    (void)state;
    static const struct {
        const char *where, *message;
    } cases[] = {
        {"", "the filter is empty; leave it out to take every feature"},
        {" \t\n", "the filter is empty; leave it out to take every feature"},
        {"naam",
         "character 5: expected =, <>, <, <=, >, >=, IN, BETWEEN, LIKE or IS, found the end"},
        {"naam ~ 'a'",
         "character 6: expected =, <>, <, <=, >, >=, IN, BETWEEN, LIKE or IS, found \"~\""},
        {"naam == 'a'", "character 7: expected a text in 'single quotes' or a number, found \"=\""},
        {"naam = \"Rijssen\"",
         "character 8: expected a text in 'single quotes' or a number, found \"\"Rijssen\"\""},
        {"naam = Rijssen",
         "character 8: expected a text in 'single quotes' or a number, found \"Rijssen\""},
        {"naäm =", "character 7: expected a text in 'single quotes' or a number, found the end"},
        {"naam = null", "character 8: nothing equals NULL; write IS NULL or IS NOT NULL"},
        {"naam IN ('a', NULL)", "character 15: nothing equals NULL; write IS NULL or IS NOT NULL"},
        {"open = true", "character 8: true is written 1 and false 0"},
        {"naam = 'Rijs", "character 8: this text has no closing '"},
        {"\"naam = 1", "character 1: this field name has no closing \""},
        {"\"\" = 1", "character 1: a field without a name"},
        {"n > 1,5",
         "character 6: expected AND, OR or the end (numbers take a decimal point), found \",\""},
        {"bag. = 1",
         "character 4: expected =, <>, <, <=, >, >=, IN, BETWEEN, LIKE or IS, found \".\""},
        {"bag.1 = 1",
         "character 4: expected =, <>, <, <=, >, >=, IN, BETWEEN, LIKE or IS, found \".1\""},
        {"n > 1.5.2", "character 5: \"1.5.2\" is no number"},
        {"n > 12abc", "character 5: \"12abc\" is no number"},
        {"n > -", "character 5: \"-\" is no number"},
        {"n > 1e999", "character 5: \"1e999\" is no number"},
        {"n > 0x10", "character 5: \"0x10\" is no number"},
        {"n > +-1", "character 5: \"+\" is no number"},
        {"n = 1 n = 2", "character 7: expected AND, OR or the end, found \"n\""},
        {"n = 1 AND",
         "character 10: expected a field name (in \"double quotes\" when it is a keyword or "
         "holds other signs), found the end"},
        {"AND = 1",
         "character 1: expected a field name (in \"double quotes\" when it is a keyword or "
         "holds other signs), found \"AND\""},
        {"1 = n",
         "character 1: expected a field name (in \"double quotes\" when it is a keyword or "
         "holds other signs), found \"1\""},
        {"(n = 1", "character 7: expected AND, OR or \")\", found the end"},
        {"n = 1)", "character 6: expected AND, OR or the end, found \")\""},
        {"n IN 1", "character 6: expected \"(\" after IN, found \"1\""},
        {"n IN ()", "character 7: expected a text in 'single quotes' or a number, found \")\""},
        {"n IN (1 2)", "character 9: expected a comma or \")\", found \"2\""},
        {"n BETWEEN 1", "character 12: expected AND and the upper bound of BETWEEN, found the end"},
        {"n BETWEEN 1 AND 'b'",
         "character 11: BETWEEN takes two texts or two numbers, not one of each"},
        {"n LIKE 5", "character 8: expected a pattern in 'single quotes' after LIKE, found \"5\""},
        {"n IS 5", "character 6: expected NULL or NOT NULL after IS, found \"5\""},
        {"n NOT 5", "character 7: expected IN, BETWEEN or LIKE after NOT, found \"5\""},
        {"n = 'a\xFF'", "character 7 is not UTF-8"},
        {"n = 1; DROP", "character 6: expected AND, OR or the end, found \";\""},
        {"n =\n\x01", "character 5: expected a text in 'single quotes' or a number, found \"?\""},
    };
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        rm_error err = {0};
        rm_filter *filter = (rm_filter *)&err;
        assert_int_equal(rm_filter_parse(&filter, cases[k].where, &err), RM_EMODEL);
        assert_ptr_equal(filter, &err);
        assert_string_equal(err.message, cases[k].message);
        assert_int_equal(rm_filter_parse(&filter, cases[k].where, NULL), RM_EMODEL);
    }
}

static void test_limits(void **state)
{
    (void)state;
    rm_error err;
    rm_filter *filter;
    char nested[300];
    for (int levels = 64; levels <= 65; levels++) {
        memset(nested, '(', (size_t)levels);
        strcpy(nested + levels, "n=1");
        memset(nested + levels + 3, ')', (size_t)levels);
        nested[2 * levels + 3] = '\0';
        rm_status status = rm_filter_parse(&filter, nested, &err);
        assert_int_equal(status, levels == 64 ? RM_OK : RM_EMODEL);
        if (status == RM_OK)
            rm_filter_free(filter);
    }
    assert_string_equal(err.message, "character 65: more than 64 brackets inside one another");
    rm_text many = {0};
    for (int i = 0; i < 257; i++)
        rm_text_addf(&many, "%sf%d = 1", i ? " OR " : "", i);
    assert_int_equal(rm_filter_parse(&filter, many.data, &err), RM_EMODEL);
    assert_string_equal(err.message, "more than 256 fields in one filter");
    rm_text_clear(&many);
}

static void test_check_messages(void **state)
{
    (void)state;
    static const struct {
        const char *where;
        rm_status status;
        const char *message;
    } cases[] = {
        {"provincie = 'a'", RM_ENOTFOUND, "no field \"provincie\"; did you mean \"provincien\"?"},
        {"zzzzzzzz = 'a'", RM_ENOTFOUND,
         "no field \"zzzzzzzz\"; the fields are \"n\", \"f\", \"t\", \"d\", \"m\", \"provincien\""},
        {"n = '1'", RM_EMODEL,
         "field \"n\" holds whole numbers, and \"1\" is text; write a number without quotes"},
        {"f IN (1, 'a')", RM_EMODEL,
         "field \"f\" holds numbers, and \"a\" is text; write a number without quotes"},
        {"n LIKE '1%'", RM_EMODEL, "field \"n\" holds whole numbers, and LIKE is for text"},
        {"d LIKE '2024%'", RM_EMODEL, "field \"d\" holds dates, and LIKE is for text"},
        {"d > 2020", RM_EMODEL,
         "field \"d\" holds dates; compare it with one, such as '2026-01-31'"},
        {"d = '2024-02-30'", RM_EMODEL,
         "field \"d\" holds dates, and \"2024-02-30\" is no date without a time, such as "
         "'2026-01-31'"},
        {"m >= '2024-02-01 12:00'", RM_EMODEL,
         "field \"m\" holds dates, and \"2024-02-01 12:00\" is no date without a time, such as "
         "'2026-01-31'"},
        {"d IN ('2024-02-01', 'gisteren')", RM_EMODEL,
         "field \"d\" holds dates, and \"gisteren\" is no date without a time, such as "
         "'2026-01-31'"},
    };
    rm_error err;
    rm_table table = {0}, none = {0};
    add_columns(&table);
    assert_int_equal(rm_table_add_column(&table, "provincien", RM_TEXT, &err), RM_OK);
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        rm_filter *filter;
        uint8_t mask;
        assert_int_equal(rm_filter_parse(&filter, cases[k].where, &err), RM_OK);
        assert_int_equal(rm_filter_check(filter, &table, &err), cases[k].status);
        assert_string_equal(err.message, cases[k].message);
        err.message[0] = '\0';
        assert_int_equal(rm_filter_apply(filter, &table, &mask, &err), cases[k].status);
        assert_string_equal(err.message, cases[k].message);
        rm_filter_free(filter);
    }
    rm_filter *filter;
    assert_int_equal(rm_filter_parse(&filter, "N IS NULL AND T = 1 AND d > '20240101'", &err),
                     RM_OK);
    assert_int_equal(rm_filter_check(filter, &table, &err), RM_OK); /* case of names is ignored */
    assert_int_equal(rm_filter_check(filter, &none, &err), RM_ENOTFOUND);
    assert_string_equal(err.message, "no field \"N\": there are no fields at all");
    rm_filter_free(filter);
    rm_table_clear(&table);
}

/* ---- random filters against a slow evaluation, row by row, of what was generated ---- */

#define ROWS 5000 /* over two blocks, the last one not whole */

typedef struct cell_text {
    const char *text;
    double number;
} cell_text;

static const cell_text pool[] = {{"a", NAN}, {"b", NAN},        {"ab", NAN},   {"", NAN},
                                 {"A", NAN}, {"12", 12},        {"3,5", 3.5},  {"3.5", 3.5},
                                 {"-1", -1}, {"\xC3\xAB", NAN}, {"abab", NAN}, {"b\xC3\xAB", NAN}};
#define POOL ((int)(sizeof pool / sizeof *pool))

typedef struct sample {
    int64_t n[ROWS];
    double f[ROWS];
    int t[ROWS]; /* number in the pool, -1 missing */
    int32_t d[ROWS];
    int64_t m[ROWS];
    uint64_t draws;
} sample;

static int draw(sample *s, int below)
{
    return (int)rm_random_below(17, 1, s->draws++, (uint64_t)below);
}

static void fill(sample *s, rm_table *table)
{
    add_columns(table);
    for (int i = 0; i < ROWS; i++) {
        s->n[i] = draw(s, 8) ? draw(s, 9) - 4 : INT64_MIN;
        s->f[i] = draw(s, 8) ? (draw(s, 17) - 8) / 2.0 : NAN;
        s->t[i] = draw(s, 8) ? draw(s, POOL) : -1;
        s->d[i] = draw(s, 8) ? draw(s, 9) - 4 : RM_NO_DATE;
        s->m[i] = draw(s, 8) ? draw(s, 9 * 3) * (DAY / 3) - 4 * DAY : INT64_MIN;
        add_row(table, s->n[i], s->f[i], s->t[i] < 0 ? NULL : pool[s->t[i]].text, s->d[i], s->m[i]);
    }
}

/* Order of a cell against a literal; false when the cell says nothing. */
static bool order(const sample *s, int column, int row, bool as_text, double number,
                  const char *text, int *out)
{
    double x = NAN;
    if (column == N)
        x = s->n[row] == INT64_MIN ? NAN : (double)s->n[row];
    else if (column == F)
        x = s->f[row];
    else if (column == D)
        x = s->d[row] == RM_NO_DATE ? NAN : s->d[row];
    else if (column == M)
        x = s->m[row] == INT64_MIN ? NAN : floor((double)s->m[row] / (double)DAY);
    else if (s->t[row] >= 0 && as_text) {
        int o = strcmp(pool[s->t[row]].text, text);
        *out = (o > 0) - (o < 0);
        return true;
    } else if (s->t[row] >= 0)
        x = pool[s->t[row]].number;
    *out = (x > number) - (x < number);
    return !isnan(x);
}

typedef struct literal {
    bool as_text;
    double number;
    const char *text;
    char written[40];
} literal;

static literal draw_literal(sample *s, int column, int as_text)
{
    literal l = {.as_text = as_text != 0};
    if (column == T && as_text) {
        l.text = pool[draw(s, POOL)].text;
        snprintf(l.written, sizeof l.written, "'%s'", l.text);
        return l;
    }
    int halves = draw(s, 21) - 10;
    if (column == D || column == M) {
        char date[16];
        l.number = halves / 2;
        rm_date_format(halves / 2, date);
        snprintf(l.written, sizeof l.written, "'%s'", date);
    } else {
        l.number = halves / 2.0;
        snprintf(l.written, sizeof l.written, "%s%d.%d", halves < 0 ? "-" : "", abs(halves) / 2,
                 abs(halves) % 2 * 5);
    }
    return l;
}

static int three(bool known, bool yes)
{
    return known ? 2 * yes : 1;
}

/* Writes a random test and gives its value for each row. */
static void draw_test(sample *s, rm_text *where, uint8_t *value)
{
    static const char *const signs[] = {"=", "<>", "<", "<=", ">", ">=", "!="};
    static const char names[] = "nftdm";
    int column = draw(s, COLUMNS), kind = draw(s, 10), as_text = draw(s, 2);
    literal a = draw_literal(s, column, as_text), b = draw_literal(s, column, as_text);
    if (kind < 7) {
        rm_text_addf(where, "%c %s %s", names[column], signs[kind], a.written);
    } else if (kind == 7) {
        rm_text_addf(where, "%c BETWEEN %s AND %s", names[column], a.written, b.written);
    } else if (kind == 8) {
        b = draw_literal(s, column, draw(s, 2));
        rm_text_addf(where, "%c NOT IN (%s,%s)", names[column], a.written, b.written);
    } else {
        rm_text_addf(where, "%c IS NULL", names[column]);
    }
    for (int i = 0; i < ROWS; i++) {
        int oa = 0, ob = 0;
        bool ka = order(s, column, i, a.as_text, a.number, a.text, &oa);
        bool kb = order(s, column, i, b.as_text, b.number, b.text, &ob);
        bool results[] = {oa == 0, oa != 0, oa<0, oa <= 0, oa> 0, oa >= 0, oa != 0};
        if (kind < 7) {
            value[i] = (uint8_t)three(ka, results[kind]);
        } else if (kind == 7) {
            value[i] = (uint8_t)three(ka && kb, oa >= 0 && ob <= 0);
        } else if (kind == 8) {
            int ia = three(ka, oa == 0), ib = three(kb, ob == 0);
            value[i] = (uint8_t)(2 - (ia > ib ? ia : ib));
        } else {
            bool missing = column == N   ? s->n[i] == INT64_MIN
                           : column == F ? isnan(s->f[i])
                           : column == T ? s->t[i] < 0
                           : column == D ? s->d[i] == RM_NO_DATE
                                         : s->m[i] == INT64_MIN;
            value[i] = (uint8_t)(2 * missing);
        }
    }
}

static void draw_tree(sample *s, rm_text *where, uint8_t *value, int depth)
{
    int kind = depth == 0 ? 0 : draw(s, 4);
    if (kind == 0) {
        draw_test(s, where, value);
        return;
    }
    rm_text_add(where, kind == 1 ? "NOT (" : "(");
    draw_tree(s, where, value, depth - 1);
    rm_text_add(where, ")");
    if (kind == 1) {
        for (int i = 0; i < ROWS; i++)
            value[i] = (uint8_t)(2 - value[i]);
        return;
    }
    uint8_t *other = malloc(ROWS);
    rm_text_add(where, kind == 2 ? " AND (" : " OR (");
    draw_tree(s, where, other, depth - 1);
    rm_text_add(where, ")");
    for (int i = 0; i < ROWS; i++) {
        bool less = value[i] < other[i];
        value[i] = (kind == 2) == less ? value[i] : other[i];
    }
    free(other);
}

static void test_random(void **state)
{
    (void)state;
    sample *s = calloc(1, sizeof *s);
    rm_table table = {0};
    uint8_t *value = malloc(ROWS), *mask = malloc(ROWS);
    fill(s, &table);
    int64_t passed = 0;
    for (int round = 0; round < 300; round++) {
        rm_text where = {0};
        draw_tree(s, &where, value, 4);
        apply(where.data, &table, mask);
        for (int i = 0; i < ROWS; i++) {
            if (mask[i] != (value[i] == 2))
                fail_msg("row %d of %s", i, where.data);
            passed += mask[i];
        }
        rm_text_clear(&where);
    }
    assert_in_range(passed, 300 * ROWS / 10, 300 * ROWS * 9 / 10);
    free(mask);
    free(value);
    free(s);
    rm_table_clear(&table);
}

/* A row's answer may not depend on the rows around it. */
static void test_rows_stand_alone(void **state)
{
    (void)state;
    rm_table all = {0}, one = {0};
    rm_error err;
    uint8_t whole[6], single;
    small_table(&all);
    add_columns(&one);
    const char *where =
        "(n > 1 OR NOT t LIKE '%s%') AND (f <> 7 OR d IN ('2000-02-29')) OR m IS NULL";
    apply(where, &all, whole);
    for (int64_t i = 0; i < all.rows; i++) {
        rm_table_reset(&one);
        assert_int_equal(rm_table_add_row(&one, &all, i, &err), RM_OK);
        one.rows = 1;
        apply(where, &one, &single);
        assert_int_equal(single, whole[i]);
    }
    rm_table_reset(&one);
    apply(where, &one, NULL); /* no rows at all */
    rm_table_clear(&one);
    rm_table_clear(&all);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_truth_tables),  cmocka_unit_test(test_precedence),
        cmocka_unit_test(test_whole_numbers), cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_texts),         cmocka_unit_test(test_like),
        cmocka_unit_test(test_like_hostile),  cmocka_unit_test(test_dates),
        cmocka_unit_test(test_fields),        cmocka_unit_test(test_parse_messages),
        cmocka_unit_test(test_limits),        cmocka_unit_test(test_check_messages),
        cmocka_unit_test(test_random),        cmocka_unit_test(test_rows_stand_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
