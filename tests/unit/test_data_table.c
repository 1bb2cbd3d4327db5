#include "base/date.h"
#include "data/table.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static rm_error err;

#define OK(call) assert_int_equal((call), RM_OK)

enum { WHOLE, REAL, TEXT, DATE, TIME };

static void make_columns(rm_table *table)
{
    OK(rm_table_add_column(table, "whole", RM_INT64, &err));
    OK(rm_table_add_column(table, "real", RM_FLOAT64, &err));
    OK(rm_table_add_column(table, "text", RM_TEXT, &err));
    OK(rm_table_add_column(table, "date", RM_DATE, &err));
    OK(rm_table_add_column(table, "time", RM_DATETIME, &err));
}

static void add_text(rm_column *column, int64_t row, const char *text)
{
    OK(rm_column_add_text(column, row, text, (int64_t)strlen(text), &err));
}

/* Cell (column, row) is missing by a rule that leaves each bit of a byte in both states. */
static bool rule_missing(int column, int row)
{
    return row >= 13 && (row * (column + 3) / 7) % 3 == 1;
}

static void add_rule_row(rm_table *t, int row)
{
    char text[16] = "";
    memset(text, 'a' + row % 26, (size_t)(row % 11));
    for (int c = 0; c < t->count; c++)
        if (rule_missing(c, row))
            OK(rm_column_add_missing(&t->columns[c], row, &err));
        else if (c == WHOLE || c == TIME)
            OK(rm_column_add_int64(&t->columns[c], row, row * 1000003LL, &err));
        else if (c == REAL)
            OK(rm_column_add_double(&t->columns[c], row, row / 8.0, &err));
        else if (c == DATE)
            OK(rm_column_add_date(&t->columns[c], row, row - 50, &err));
        else
            add_text(&t->columns[c], row, text);
    t->rows++;
}

static void check_rule_row(const rm_table *t, int64_t at, int row)
{
    for (int c = 0; c < t->count; c++)
        assert_int_equal(rm_column_missing(&t->columns[c], at), rule_missing(c, row));
    if (!rule_missing(WHOLE, row))
        assert_int_equal(t->columns[WHOLE].data.i64[at], row * 1000003LL);
    if (!rule_missing(REAL, row))
        assert_true(t->columns[REAL].data.f64[at] == row / 8.0);
    if (!rule_missing(DATE, row))
        assert_int_equal(t->columns[DATE].data.i32[at], row - 50);
    int64_t length;
    const char *text = rm_column_text(&t->columns[TEXT], at, &length);
    assert_int_equal(length, rule_missing(TEXT, row) ? 0 : row % 11);
    for (int64_t i = 0; i < length; i++)
        assert_int_equal(text[i], 'a' + row % 26);
}

static void test_cells_come_back(void **state)
{
    (void)state;
    rm_table t = {0};
    make_columns(&t);
    for (int round = 0; round < 2; round++) {
        for (int row = 0; row < 13; row++)
            add_rule_row(&t, row);
        for (int c = 0; c < t.count; c++)
            assert_null(t.columns[c].valid); /* none while nothing is missing */
        for (int row = 13; row < 3000; row++)
            add_rule_row(&t, row);
        for (int row = 0; row < 3000; row++)
            check_rule_row(&t, row, row);
        rm_table_reset(&t);
        assert_int_equal(t.rows, 0);
        assert_int_equal(t.count, 5);
        for (int c = 0; c < t.count; c++)
            assert_null(t.columns[c].valid);
    }
    rm_table_clear(&t);
    assert_int_equal(t.count, 0);
}

static void test_bits_past_the_end_are_zero(void **state)
{
    (void)state;
    rm_table t = {0};
    OK(rm_table_add_column(&t, "a", RM_INT64, &err));
    for (int row = 0; row < 11; row++)
        OK(rm_column_add_int64(&t.columns[0], row, 1, &err));
    OK(rm_column_add_missing(&t.columns[0], 11, &err));
    OK(rm_column_add_int64(&t.columns[0], 12, 1, &err));
    assert_int_equal(t.columns[0].valid[0], 0xff);
    assert_int_equal(t.columns[0].valid[1], 0x17);
    rm_table_clear(&t);
}

static void test_nan_is_missing(void **state)
{
    (void)state;
    rm_table t = {0};
    OK(rm_table_add_column(&t, "a", RM_FLOAT64, &err));
    OK(rm_column_add_double(&t.columns[0], 0, NAN, &err));
    assert_null(t.columns[0].valid);
    assert_true(rm_column_missing(&t.columns[0], 0));
    rm_table_clear(&t);
}

static void test_find(void **state)
{
    (void)state;
    rm_table t = {0};
    OK(rm_table_add_column(&t, "Naam", RM_TEXT, &err));
    OK(rm_table_add_column(&t, "naam", RM_TEXT, &err));
    OK(rm_table_add_column(&t, "Bouwjaar", RM_INT64, &err));
    assert_int_equal(rm_table_find(&t, "naam"), 1);
    assert_int_equal(rm_table_find(&t, "NAAM"), 0);
    assert_int_equal(rm_table_find(&t, "bouwJAAR"), 2);
    assert_int_equal(rm_table_find(&t, "bouw"), -1);
    rm_table_clear(&t);
}

static void test_numbers(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        double value;
        bool bad;
    } cases[] = {{"12", 12.0, false},          {"-1.5e3", -1500.0, false}, {"3,25", 3.25, false},
                 {" 7 ", 7.0, false},          {"", NAN, false},           {"  ", NAN, false},
                 {"1.234,56", 1234.56, false}, {"twee", NAN, true},        {"nan", NAN, true},
                 {"12 13", NAN, true},         {"0x10", NAN, true}};
    rm_table t = {0};
    bool bad;
    make_columns(&t);
    for (int i = 0; i < (int)(sizeof cases / sizeof *cases); i++) {
        add_text(&t.columns[TEXT], i, cases[i].text);
        double value = rm_column_number(&t.columns[TEXT], i, &bad);
        assert_true(value == cases[i].value || (isnan(value) && isnan(cases[i].value)));
        assert_int_equal(bad, cases[i].bad);
    }
    OK(rm_column_add_int64(&t.columns[WHOLE], 0, -5, &err));
    OK(rm_column_add_double(&t.columns[REAL], 0, 2.5, &err));
    OK(rm_column_add_date(&t.columns[DATE], 0, 20454, &err));
    OK(rm_column_add_int64(&t.columns[TIME], 0, 86400000LL * 3 / 2, &err));
    assert_true(rm_column_number(&t.columns[WHOLE], 0, NULL) == -5.0);
    assert_true(rm_column_number(&t.columns[REAL], 0, NULL) == 2.5);
    assert_true(rm_column_number(&t.columns[DATE], 0, NULL) == 20454.0);
    assert_true(rm_column_number(&t.columns[TIME], 0, NULL) == 1.5);
    for (int c = 0; c < t.count; c++) {
        rm_table_reset(&t);
        OK(rm_column_add_missing(&t.columns[c], 0, &err));
        assert_true(isnan(rm_column_number(&t.columns[c], 0, &bad)) && !bad);
        assert_int_equal(rm_column_date(&t.columns[c], 0, &bad), RM_NO_DATE);
        assert_false(bad);
    }
    rm_table_clear(&t);
}

static void test_dates(void **state)
{
    (void)state;
    const int32_t year = rm_date_from_civil(1998, 1, 1);
    const struct {
        const char *text;
        int32_t date;
        bool bad;
    } cases[] = {
        {"1998-01-01", year, false}, {"1-1-1998", year, false},       {"01/01/1998", year, false},
        {"1998", year, false},       {" 1998 ", year, false},         {"", RM_NO_DATE, false},
        {"998", RM_NO_DATE, true},   {"31-2-1998", RM_NO_DATE, true}, {"ooit", RM_NO_DATE, true}};
    rm_table t = {0};
    bool bad;
    make_columns(&t);
    for (int i = 0; i < (int)(sizeof cases / sizeof *cases); i++) {
        add_text(&t.columns[TEXT], i, cases[i].text);
        assert_int_equal(rm_column_date(&t.columns[TEXT], i, &bad), cases[i].date);
        assert_int_equal(bad, cases[i].bad);
    }
    const int64_t wholes[] = {1998, 999, 10000};
    const double reals[] = {1998.0, 1998.5, INFINITY};
    const int64_t times[] = {0, -1, 86399999};
    const int32_t time_dates[] = {0, -1, 0};
    for (int i = 0; i < 3; i++) {
        OK(rm_column_add_int64(&t.columns[WHOLE], i, wholes[i], &err));
        OK(rm_column_add_double(&t.columns[REAL], i, reals[i], &err));
        OK(rm_column_add_int64(&t.columns[TIME], i, times[i], &err));
        int32_t expected = i == 0 ? year : RM_NO_DATE;
        assert_int_equal(rm_column_date(&t.columns[WHOLE], i, &bad), expected);
        assert_int_equal(bad, i != 0);
        assert_int_equal(rm_column_date(&t.columns[REAL], i, &bad), expected);
        assert_int_equal(bad, i != 0);
        assert_int_equal(rm_column_date(&t.columns[TIME], i, NULL), time_dates[i]);
    }
    rm_table_clear(&t);
}

static void check_form(const char *const *texts, rm_date_form form, const int32_t *dates)
{
    rm_table t = {0};
    OK(rm_table_add_column(&t, "datum", RM_TEXT, &err));
    for (int i = 0; texts[i]; i++, t.rows++)
        add_text(&t.columns[0], i, texts[i]);
    assert_int_equal(rm_column_date_form(&t.columns[0], t.rows), form);
    t.columns[0].dates = form;
    for (int i = 0; texts[i]; i++)
        assert_int_equal(rm_column_date(&t.columns[0], i, NULL), dates[i]);
    rm_table copy = {0};
    OK(rm_table_copy_columns(&copy, &t, &err));
    assert_int_equal(copy.columns[0].dates, form);
    rm_table_clear(&copy);
    rm_table_clear(&t);
}

static void test_columns_show_how_they_mean_dates(void **state)
{
    (void)state;
    const int32_t april_3 = rm_date_from_civil(2025, 4, 3), march_4 = april_3 - 30,
                  march_14 = april_3 - 20, none = RM_NO_DATE;
    check_form((const char *[]){"3/4/2025", "1998", "", NULL}, RM_DATES_DAY_FIRST,
               (int32_t[]){april_3, rm_date_from_civil(1998, 1, 1), none});
    check_form(
        (const char *[]){"3/4/2025", "3/14/2025", "2025-04-03", "4-apr-2025", "1998", NULL},
        RM_DATES_MONTH_FIRST,
        (int32_t[]){march_4, march_14, april_3, april_3 + 1, rm_date_from_civil(1998, 1, 1)});
    /* both ways: day first, and what then has no month is no date */
    check_form((const char *[]){"3/4/2025", "3/14/2025", "14/3/2025", NULL}, RM_DATES_DAY_FIRST,
               (int32_t[]){april_3, none, march_14});
    /* what is no date either way shows nothing */
    check_form((const char *[]){"3/4/2025", "3/32/2025", NULL}, RM_DATES_DAY_FIRST,
               (int32_t[]){april_3, none});
    check_form((const char *[]){"45750", "45719.5", "3/4/2025", "", "1998", NULL}, RM_DATES_SERIAL,
               (int32_t[]){april_3, march_4 - 1, april_3, none, rm_date_from_civil(1998, 1, 1)});
    check_form((const char *[]){"45750", "900000", "12", NULL}, RM_DATES_DAY_FIRST,
               (int32_t[]){none, none, none});
}

static void test_rows_move_between_tables(void **state)
{
    (void)state;
    rm_table from = {0}, to = {0}, other = {0};
    make_columns(&from);
    for (int row = 0; row < 500; row++)
        add_rule_row(&from, row);
    OK(rm_table_copy_columns(&to, &from, &err));
    assert_int_equal(to.rows, 0);
    for (int row = 499; row >= 0; row--)
        OK(rm_table_add_row(&to, &from, row, &err));
    OK(rm_table_add_all(&to, &from, &err));
    assert_int_equal(to.rows, 1000);
    for (int row = 0; row < 500; row++) {
        check_rule_row(&to, 499 - row, row);
        check_rule_row(&to, 500 + row, row);
    }
    OK(rm_table_add_column(&other, "a", RM_DATE, &err));
    assert_int_equal(rm_table_add_row(&other, &from, 0, &err), RM_EINVAL);
    assert_int_equal(rm_table_add_all(&other, &from, &err), RM_EINVAL);
    rm_table_clear(&from);
    rm_table_clear(&to);
    rm_table_clear(&other);
}

/* Bitmaps that begin anywhere, behind rows that have one already and rows that have none. */
static void test_bitmaps_are_appended_at_any_bit(void **state)
{
    (void)state;
    const uint8_t bits[] = {0xA5, 0x3C, 0x00, 0xFF, 0x81, 0x18, 0x66, 0x5A};
    for (int64_t before = 0; before < 18; before++)
        for (int64_t first = 0; first < 9; first++)
            for (int64_t count = 0; count < 40; count += 3)
                for (int kind = 0; kind < 4; kind++) {
                    rm_column column = {.type = RM_INT64};
                    const uint8_t *valid = kind & 1 ? bits : NULL;
                    for (int64_t row = 0; row < before; row++)
                        if ((kind & 2) && row % 3 == 1)
                            OK(rm_column_add_missing(&column, row, &err));
                        else
                            OK(rm_column_add_int64(&column, row, row, &err));
                    OK(rm_column_reserve(&column, before, count, 0, &err));
                    OK(rm_column_mark(&column, before, count, valid, first, &err));
                    for (int64_t row = 0; row < before + count; row++) {
                        int64_t at = first + row - before;
                        bool missing = row < before ? (kind & 2) && row % 3 == 1
                                                    : valid && !(bits[at / 8] >> at % 8 & 1);
                        assert_int_equal(rm_column_missing(&column, row), missing);
                    }
                    if (kind == 0)
                        assert_null(column.valid);
                    int64_t end = before + count;
                    if (column.valid && end % 8 > 0) /* bits past the end are zero */
                        assert_int_equal(column.valid[end / 8] >> end % 8, 0);
                    rm_release(column.valid);
                    rm_release(column.data.any);
                }
}

static void test_several_tables_at_once(void **state)
{
    (void)state;
    for (int threads = 1; threads <= 4; threads *= 2) {
        rm_table from[4] = {{0}}, to = {0};
        const rm_table *const all[] = {&from[0], &from[1], &from[2], &from[3]};
        const int rows[] = {13, 0, 200, 7};
        int next = 0;
        for (int t = 0; t < 4; t++) {
            make_columns(&from[t]);
            for (int row = 0; row < rows[t]; row++)
                add_rule_row(&from[t], row);
        }
        OK(rm_table_copy_columns(&to, &from[0], &err));
        OK(rm_table_add_row(&to, &from[0], 5, &err));
        OK(rm_table_add_many(&to, all, 4, threads, &err));
        assert_int_equal(to.rows, 221);
        check_rule_row(&to, next++, 5);
        for (int t = 0; t < 4; t++)
            for (int row = 0; row < rows[t]; row++)
                check_rule_row(&to, next++, row);
        for (int t = 0; t < 4; t++)
            rm_table_clear(&from[t]);
        rm_table_clear(&to);
    }
}

static void test_too_much_text_is_refused(void **state)
{
    (void)state;
    rm_table t = {0};
    OK(rm_table_add_column(&t, "a", RM_TEXT, &err));
    add_text(&t.columns[0], 0, "x");
    assert_int_equal(rm_column_add_text(&t.columns[0], 1, "", INT32_MAX, &err), RM_ELIMIT);
    assert_string_equal(err.message,
                        "column a: more than 2147483647 bytes of text; split the layer");
    rm_table_clear(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cells_come_back),
        cmocka_unit_test(test_bits_past_the_end_are_zero),
        cmocka_unit_test(test_nan_is_missing),
        cmocka_unit_test(test_find),
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_dates),
        cmocka_unit_test(test_columns_show_how_they_mean_dates),
        cmocka_unit_test(test_rows_move_between_tables),
        cmocka_unit_test(test_bitmaps_are_appended_at_any_bit),
        cmocka_unit_test(test_several_tables_at_once),
        cmocka_unit_test(test_too_much_text_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
