/* The rules for reports against a plain calculation, in any order of batches, with any number of
 * workers, and with every allocation made to fail. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "failing.h"

#include "base/date.h"
#include "base/random.h"
#include "data/reports.h"

/* A report as the tests see it; x is NaN for one without a place. */
typedef struct report {
    double x, y;
    int32_t date; /* RM_NO_DATE: none */
    const char *kind;
} report;

/* A source of reports, ids from 1, in batches that come in no order. */
typedef struct fake {
    rm_source source;
    const report *reports;
    int64_t count, size, taken[4];
    int batches;
} fake;

static rm_status add_report(rm_rows *rows, const report *one, int64_t id, rm_error *err)
{
    int64_t row = rows->table.rows;
    RM_TRY(rm_rows_add_id(rows, row, id, err));
    if (isnan(one->x)) {
        RM_TRY(rm_geometry_add_feature(&rows->geometry, RM_KIND_NONE, err));
        RM_TRY(rm_issues_add(&rows->issues, RM_ISSUE_NO_GEOMETRY, id, 0, 0, NULL, err));
    } else {
        RM_TRY(rm_geometry_add_point(&rows->geometry, one->x, one->y, err));
    }
    RM_TRY(one->date == RM_NO_DATE
               ? rm_column_add_missing(&rows->table.columns[0], row, err)
               : rm_column_add_date(&rows->table.columns[0], row, one->date, err));
    RM_TRY(one->kind ? rm_column_add_text(&rows->table.columns[1], row, one->kind,
                                          (int64_t)strlen(one->kind), err)
                     : rm_column_add_missing(&rows->table.columns[1], row, err));
    rows->table.rows++;
    return RM_OK;
}

/* Worker w has batches w, w + cursors, ...; the first one comes last. */
static rm_status fake_next(rm_source *source, int worker, rm_rows *rows, rm_error *err)
{
    fake *from = (fake *)source;
    rm_rows_reset(rows);
    if (rows->table.count == 0)
        RM_TRY(rm_table_copy_columns(&rows->table, &source->columns, err));
    int64_t mine = (from->batches - worker + source->cursors - 1) / source->cursors;
    if (from->taken[worker] >= mine)
        return RM_OK;
    int64_t turn = source->cursors > 1 ? mine - 1 - from->taken[worker] : from->taken[worker];
    int64_t begin = (turn * source->cursors + worker) * from->size;
    from->taken[worker]++;
    for (int64_t r = begin; r < begin + from->size && r < from->count; r++)
        RM_TRY(add_report(rows, &from->reports[r], r + 1, err));
    return RM_OK;
}

static rm_status fake_finish(rm_source *source, rm_error *err)
{
    (void)err;
    source->provenance.total = ((fake *)source)->count;
    return RM_OK;
}

static void fake_free(rm_source *source)
{
    rm_table_clear(&source->columns);
    rm_provenance_clear(&source->provenance);
    rm_release(source);
}

static rm_status fake_new(rm_source **out, const report *reports, int64_t count, int cursors,
                          int64_t size, rm_error *err)
{
    fake *from = NULL;
    RM_TRY(RM_NEW_ZERO(&from, 1, err));
    from->source = (rm_source){
        .next = fake_next, .finish = fake_finish, .free = fake_free, .cursors = cursors};
    from->reports = reports;
    from->count = count;
    from->size = size;
    from->batches = (int)((count + size - 1) / size);
    rm_status status = rm_table_add_column(&from->source.columns, "date", RM_DATE, err);
    if (status == RM_OK)
        status = rm_table_add_column(&from->source.columns, "kind", RM_TEXT, err);
    if (status == RM_OK)
        status = rm_copy_text(&from->source.provenance.source, "reports.csv", err);
    if (status == RM_OK)
        *out = &from->source;
    else
        fake_free(&from->source);
    return status;
}

static rm_status read_rules(rm_layer **out, const report *reports, int64_t count,
                            const rm_report_rules *rules, int32_t as_of, int cursors, int64_t size,
                            rm_error *err)
{
    static const char *const columns[] = {"date", "kind"};
    rm_request request = {.columns = columns,
                          .column_count = 2,
                          .geometry = true,
                          .target_crs = "epsg:28992",
                          .reports = rules,
                          .as_of = as_of};
    rm_source *source = NULL;
    RM_TRY(fake_new(&source, reports, count, cursors, size, err));
    RM_TRY(rm_reports_wrap(&source, source, &request, err));
    assert_string_equal(source->provenance.source, "reports.csv");
    assert_int_equal(source->cursors, 1);
    rm_status status = rm_source_collect(out, source, NULL, NULL, err);
    rm_source_free(source);
    return status;
}

static rm_layer *judged(const report *reports, int64_t count, const rm_report_rules *rules,
                        int32_t as_of)
{
    rm_layer *layer = NULL;
    rm_error err = {0};
    if (read_rules(&layer, reports, count, rules, as_of, 1, 1000, &err) != RM_OK)
        fail_msg("%s", err.message);
    return layer;
}

#define COUNT(array) ((int64_t)(sizeof(array) / sizeof *(array)))
#define RULES        .spot_share = 0.01, .time_column = 0

/* The ids that are left, such as "1 3 4". */
static void assert_left(const rm_layer *layer, const char *ids)
{
    char found[400] = "", *at = found;
    for (int64_t r = 0; r < layer->rows.table.rows; r++)
        at += sprintf(at, "%s%d", r ? " " : "", (int)layer->rows.ids[r]);
    assert_string_equal(found, ids);
    assert_int_equal(layer->rows.geometry.features, layer->rows.table.rows);
    assert_int_equal(layer->provenance.total,
                     layer->provenance.outside + layer->provenance.filtered +
                         layer->provenance.left_out + layer->rows.table.rows);
}

/* The issues as lines: "3 duplicate rejected: the place and ...". */
static void assert_found(rm_layer *layer, const char *lines)
{
    char found[2000] = "", *at = found, message[256];
    rm_issues_sort(&layer->rows.issues);
    for (int64_t i = 0; i < layer->rows.issues.count; i++) {
        const rm_issue *issue = &layer->rows.issues.items[i];
        rm_issue_message(issue, message, sizeof message);
        at += sprintf(at, "%d %s %s: %s\n", (int)issue->feature,
                      rm_issue_code_name((rm_issue_code)issue->code),
                      rm_severity_name((rm_severity)issue->severity), message);
    }
    assert_string_equal(found, lines);
}

static int32_t day(int32_t year, int32_t month, int32_t number)
{
    return rm_date_from_civil(year, month, number);
}

static void test_duplicates(void **state)
{
    (void)state;
    const report reports[] = {{200000, 500000, 19000, "a"},
                              {200000, 500000, 19000, "b"},
                              {200000, 500000, 19000, "a"},
                              {200000, 500000.001, 19000, "a"},
                              {200000, 500000, 19001, "a"},
                              {200000, 500000, 19000, NULL},
                              {200100, 500000, RM_NO_DATE, "a"},
                              {200000, 500000, 19000, NULL},
                              {200000, 500000, 19000, "a"},
                              {200000, 500000, 19000, ""},
                              {NAN, 0, 19000, "a"},
                              {NAN, 0, 19000, "a"},
                              {200100, 500000, 19000, "a"}};
    rm_report_rules keep = {RULES}, drop = {RULES, .drop_duplicates = true};
    rm_layer *layer = judged(reports, COUNT(reports), &keep, 0);
    assert_left(layer, "1 2 3 4 5 6 7 8 9 10 11 12 13");
    assert_found(
        layer, "3 duplicate warning: the place and every value that is used are those of report 1 "
               "(kept)\n"
               "8 duplicate warning: the place and every value that is used are those of report 6 "
               "(kept)\n"
               "9 duplicate warning: the place and every value that is used are those of report 1 "
               "(kept)\n"
               "11 no-geometry rejected: the geometry is null or empty; feature left out\n"
               "12 no-geometry rejected: the geometry is null or empty; feature left out\n");
    assert_int_equal(layer->provenance.left_out, 0);
    rm_layer_free(layer);
    layer = judged(reports, COUNT(reports), &drop, 0);
    assert_left(layer, "1 2 4 5 6 7 10 11 12 13");
    assert_int_equal(layer->provenance.left_out, 3);
    rm_layer_free(layer);
}

static void test_dates(void **state)
{
    (void)state;
    const report reports[] = {
        {200000, 500000, day(1899, 12, 31), "a"}, {200100, 500000, day(1900, 1, 1), "a"},
        {200200, 500000, RM_NO_DATE, "a"},        {200300, 500000, day(2026, 1, 2), "a"},
        {200300, 500000, day(2026, 1, 2), "a"},   {NAN, 0, day(1026, 1, 1), "a"}};
    const char *const nothing =
        "6 no-geometry rejected: the geometry is null or empty; feature left out\n";
    char lines[400];
    rm_report_rules keep = {RULES}, drop = {RULES, .drop_before_1900 = true};
    rm_layer *layer = judged(reports, COUNT(reports), &keep, day(2026, 1, 1));
    assert_left(layer, "1 2 3 4 5 6");
    snprintf(lines, sizeof lines, "1 before-1900 warning: its date lies before 1900 (kept)\n%s",
             nothing);
    assert_found(layer, lines);
    rm_layer_free(layer);
    layer = judged(reports, COUNT(reports), &drop, day(2026, 1, 1));
    assert_left(layer, "2 3 4 5 6");
    snprintf(lines, sizeof lines,
             "1 before-1900 rejected: its date lies before 1900 (left out)\n%s", nothing);
    assert_found(layer, lines);
    rm_layer_free(layer);
    /* what lies ahead takes part where it is kept */
    rm_report_rules ahead = {RULES, .keep_future = true, .drop_duplicates = true};
    layer = judged(reports, COUNT(reports), &ahead, day(2026, 1, 1));
    assert_left(layer, "1 2 3 4 6");
    rm_layer_free(layer);
}

static void test_outside(void **state)
{
    (void)state;
    const report reports[] = {{200000, 500000, 19000, "a"},
                              {200100, 500100, 19000, "b"},
                              {200100.1, 500000, 19000, "c"},
                              {NAN, 0, 19000, "d"}};
    const char *const nothing =
        "4 no-geometry rejected: the geometry is null or empty; feature left out\n";
    char lines[300];
    rm_report_rules rules = {RULES, .has_region = true, .region = {200000, 500000, 200100, 500100}};
    rm_layer *layer = judged(reports, COUNT(reports), &rules, 0);
    assert_left(layer, "1 2 3 4");
    snprintf(lines, sizeof lines,
             "-1 outside-region note: 1 reports lie outside the region of the areas\n%s", nothing);
    assert_found(layer, lines);
    rm_layer_free(layer);
    rules.drop_outside = true;
    layer = judged(reports, COUNT(reports), &rules, 0);
    assert_left(layer, "1 2 4");
    assert_found(layer, nothing);
    assert_int_equal(layer->provenance.outside, 1);
    assert_int_equal(layer->provenance.left_out, 0);
    rm_layer_free(layer);
}

/* n reports far apart, then `spot` within one decimetre, then `lost` around the origin of RD. */
static int64_t make_spots(report *reports, int n, int spot, int lost)
{
    int64_t count = 0;
    for (int i = 0; i < n; i++)
        reports[count++] = (report){200000 + 7 * i, 500000, 19000 + i, "a"};
    for (int i = 0; i < spot; i++)
        reports[count++] = (report){210000.04 - 0.08 * (i % 2), 510000, 19000 + i, "a"};
    for (int i = 0; i < lost; i++)
        reports[count++] = (report){155000 + 0.7 * (i % 2), 463000 - 0.7 * (i % 2), 19000 + i, "a"};
    return count;
}

static void test_spots(void **state)
{
    (void)state;
    report reports[1200];
    rm_report_rules rules = {.spot_share = 0.05, .time_column = 0};
    /* ten and a share of one in twenty: both are needed */
    const struct {
        int n, spot;
        bool is_spot;
    } cases[] = {
        {100, 9, false}, {100, 10, true}, {190, 10, true}, {191, 10, false}, {0, 10, true}};
    for (int c = 0; c < COUNT(cases); c++) {
        int64_t count = make_spots(reports, cases[c].n, cases[c].spot, 0);
        rm_layer *layer = judged(reports, count, &rules, 0);
        assert_int_equal(layer->rows.issues.count, cases[c].is_spot);
        assert_int_equal(layer->rows.table.rows, count);
        rm_layer_free(layer);
    }
    int64_t count = make_spots(reports, 80, 18, 2);
    rm_layer *layer = judged(reports, count, &rules, 0);
    assert_found(
        layer, "81 spot warning: one spot holds 18 reports, 18.0 per cent of all (kept)\n"
               "99 spot warning: one spot holds 2 reports, 2.0 per cent of all (the origin of RD, "
               "where lost coordinates come to lie; kept)\n");
    rm_layer_free(layer);
    rules.drop_spots = true;
    layer = judged(reports, count, &rules, 0);
    assert_found(layer,
                 "81 spot rejected: one spot holds 18 reports, 18.0 per cent of all (left out)\n"
                 "99 spot rejected: one spot holds 2 reports, 2.0 per cent of all (the origin of "
                 "RD, where lost coordinates come to lie; left out)\n");
    assert_int_equal(layer->rows.table.rows, 80);
    assert_int_equal(layer->provenance.left_out, 20);
    rm_layer_free(layer);
}

static void test_distinct(void **state)
{
    (void)state;
    /* 2026-01-01 is a Thursday of week 1, 2025-12-29 its Monday, 2026-01-04 its Sunday */
    const report reports[] = {
        {200000, 500000, day(2025, 12, 28), "a"},    {200000, 500000, day(2026, 1, 4), "a"},
        {200000.04, 500000, day(2025, 12, 29), "b"}, {200000, 500000, day(2026, 1, 1), "c"},
        {200000, 500000, day(2026, 1, 5), "a"},      {200000, 500001, day(2026, 1, 1), "a"},
        {200000, 500000, RM_NO_DATE, "a"},           {200000, 500000, RM_NO_DATE, "b"},
        {200000, 500000, day(2026, 1, 1), "d"},      {200000, 500000, day(1969, 12, 28), "a"},
        {200000, 500000, day(1969, 12, 29), "a"},    {200000, 500000, day(1970, 1, 4), "a"}};
    rm_report_rules rules = {RULES, .distinct = RM_DISTINCT_PLACE_WEEK};
    rm_layer *layer = judged(reports, COUNT(reports), &rules, 0);
    assert_left(layer, "1 2 5 6 7 8 10 11");
    const char *const week = "report 2 is of the same place in the same period, which counts once; "
                             "left out\n";
    char lines[700];
    snprintf(
        lines, sizeof lines,
        "1 spot warning: one spot holds 11 reports, 91.7 per cent of all (kept)\n"
        "3 repeated rejected: %s4 repeated rejected: %s9 repeated rejected: %s"
        "12 repeated rejected: report 11 is of the same place in the same period, which counts "
        "once; left out\n",
        week, week, week);
    assert_found(layer, lines);
    rm_layer_free(layer);
    rules.distinct = RM_DISTINCT_PLACE_DAY;
    layer = judged(reports, COUNT(reports), &rules, 0);
    assert_left(layer, "1 2 3 4 5 6 7 8 10 11 12");
    rm_layer_free(layer);
    /* a row that is rejected later, for its date, does not stand for its week */
    rules.distinct = RM_DISTINCT_PLACE_WEEK;
    layer = judged(reports, COUNT(reports), &rules, day(2026, 1, 2));
    assert_left(layer, "1 2 3 5 6 7 8 10 11");
    rm_layer_free(layer);
}

static void test_filter(void **state)
{
    (void)state;
    /* the row that the filter takes away would stand for the week and be the first of two equals */
    const report reports[] = {
        {200000, 500000, 19000, "b"}, {200000, 500000, 19000, "a"}, {200000, 500000, 19000, "a"}};
    rm_report_rules rules = {RULES, .distinct = RM_DISTINCT_PLACE_DAY};
    rm_filter *filter = NULL;
    assert_int_equal(rm_filter_parse(&filter, "kind = 'a'", NULL), RM_OK);
    rules.filter = filter;
    rm_layer *layer = judged(reports, COUNT(reports), &rules, 0);
    assert_int_equal(layer->rows.table.rows, 1);
    assert_int_equal(layer->rows.ids[0], 2);
    assert_int_equal(layer->provenance.left_out, 1);
    rm_layer_free(layer);
    rm_filter_free(filter);
}

/* ---- at random, against a plain calculation ---- */

static bool same_kind(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

static bool same_report(const report *a, const report *b)
{
    return a->x == b->x && a->y == b->y && a->date == b->date && same_kind(a->kind, b->kind);
}

static bool same_spot(const report *a, const report *b)
{
    return floor(a->x * 10 + 0.5) == floor(b->x * 10 + 0.5) &&
           floor(a->y * 10 + 0.5) == floor(b->y * 10 + 0.5);
}

static bool same_period(const report *a, const report *b, rm_distinct distinct)
{
    if (distinct == RM_DISTINCT_PLACE_DAY)
        return a->date == b->date;
    return floor((a->date + 3) / 7.0) == floor((b->date + 3) / 7.0);
}

/* keep[i] of every report, rule by rule as the header has them. */
static void plain(uint8_t *keep, const report *reports, int64_t count, const rm_report_rules *rules,
                  int32_t as_of)
{
    uint8_t *part = malloc((size_t)count), *spot = calloc((size_t)count, 1);
    int64_t parts = 0;
    for (int64_t i = 0; i < count; i++) {
        const report *one = &reports[i];
        keep[i] = 1;
        part[i] = !isnan(one->x) && (rules->keep_future || one->date <= as_of);
        if (part[i] && rules->drop_before_1900 && one->date != RM_NO_DATE &&
            one->date < day(1900, 1, 1))
            keep[i] = part[i] = 0;
    }
    for (int64_t i = 0; i < count && rules->drop_duplicates; i++)
        for (int64_t k = 0; k < i && part[i]; k++)
            if (part[k] && same_report(&reports[i], &reports[k]))
                keep[i] = part[i] = 0;
    for (int64_t i = 0; i < count; i++)
        parts += part[i];
    for (int64_t i = 0; i < count && rules->drop_spots; i++) {
        int64_t here = 0;
        for (int64_t k = 0; k < count && part[i]; k++)
            here += part[k] && same_spot(&reports[i], &reports[k]);
        spot[i] = here >= 10 && (double)here >= rules->spot_share * (double)parts;
    }
    for (int64_t i = 0; i < count; i++)
        if (spot[i])
            keep[i] = part[i] = 0;
    for (int64_t i = 0; i < count && rules->distinct != RM_DISTINCT_NONE; i++)
        for (int64_t k = 0; k < i && part[i] && reports[i].date != RM_NO_DATE; k++)
            if (part[k] && reports[k].date != RM_NO_DATE && same_spot(&reports[i], &reports[k]) &&
                same_period(&reports[i], &reports[k], rules->distinct))
                keep[i] = part[i] = 0;
    free(part);
    free(spot);
}

enum { MANY = 600 };

static void make_random(report *reports, uint64_t seed)
{
    static const char *const kinds[] = {"drugs", "overlast", "", NULL};
    for (uint64_t i = 0; i < MANY; i++) {
        uint64_t spot = rm_random_below(seed, i, 0, 30);
        if (spot > 25)
            spot = 0;
        reports[i] =
            (report){210000 + 50 * (double)spot + 0.04 * (double)rm_random_below(seed, i, 1, 3),
                     480000, 20000 + (int32_t)rm_random_below(seed, i, 2, 25),
                     kinds[rm_random_below(seed, i, 3, 4)]};
        if (rm_random_below(seed, i, 4, 20) == 0)
            reports[i].date = RM_NO_DATE;
        if (rm_random_below(seed, i, 5, 30) == 0)
            reports[i].x = NAN;
        if (rm_random_below(seed, i, 6, 30) == 0)
            reports[i].date = -30000;
    }
}

static void assert_same_layers(const rm_layer *a, const rm_layer *b)
{
    assert_int_equal(a->rows.table.rows, b->rows.table.rows);
    assert_memory_equal(a->rows.ids, b->rows.ids, (size_t)a->rows.table.rows * sizeof *a->rows.ids);
    assert_int_equal(a->rows.issues.count, b->rows.issues.count);
    for (int64_t i = 0; i < a->rows.issues.count; i++) {
        const rm_issue *x = &a->rows.issues.items[i], *y = &b->rows.issues.items[i];
        assert_true(x->code == y->code && x->severity == y->severity && x->feature == y->feature &&
                    x->a == y->a && x->b == y->b);
    }
    assert_int_equal(a->provenance.left_out, b->provenance.left_out);
}

static void test_random(void **state)
{
    (void)state;
    static const rm_distinct distinct[] = {RM_DISTINCT_NONE, RM_DISTINCT_PLACE_WEEK,
                                           RM_DISTINCT_PLACE_DAY};
    report reports[MANY];
    uint8_t keep[MANY];
    for (uint64_t seed = 1; seed <= 48; seed++) {
        make_random(reports, seed);
        rm_report_rules rules = {.spot_share = 0.06,
                                 .time_column = 0,
                                 .drop_duplicates = seed & 1,
                                 .drop_spots = seed & 2,
                                 .drop_before_1900 = seed & 4,
                                 .keep_future = seed & 8,
                                 .distinct = distinct[seed % 3]};
        int32_t as_of = 20015;
        plain(keep, reports, MANY, &rules, as_of);
        rm_layer *first = judged(reports, MANY, &rules, as_of);
        int64_t row = 0;
        for (int64_t i = 0; i < MANY; i++)
            if (keep[i]) {
                assert_true(row < first->rows.table.rows);
                assert_int_equal(first->rows.ids[row++], i + 1);
            }
        assert_int_equal(row, first->rows.table.rows);
        assert_int_equal(first->provenance.left_out, MANY - row);
        rm_issues_sort(&first->rows.issues);
        for (int cursors = 1; cursors <= 4; cursors++) {
            rm_layer *other = NULL;
            rm_error err;
            assert_int_equal(
                read_rules(&other, reports, MANY, &rules, as_of, cursors, cursors * 37, &err),
                RM_OK);
            rm_issues_sort(&other->rows.issues);
            assert_same_layers(first, other);
            rm_layer_free(other);
        }
        rm_layer_free(first);
    }
}

/* More rows than a batch holds come in several, none twice. */
static void test_many(void **state)
{
    (void)state;
    enum { ROWS = 70000 };
    report *reports = malloc(ROWS * sizeof *reports);
    for (int i = 0; i < ROWS; i++)
        reports[i] = (report){100000 + i % 35000, 450000, 19000, i % 7 ? "a" : "b"};
    rm_report_rules rules = {RULES, .distinct = RM_DISTINCT_PLACE_DAY};
    rm_layer *layer = NULL;
    rm_error err;
    assert_int_equal(read_rules(&layer, reports, ROWS, &rules, 20000, 4, 5000, &err), RM_OK);
    assert_int_equal(layer->rows.table.rows, 35000);
    for (int64_t r = 0; r < 35000; r++)
        assert_int_equal(layer->rows.ids[r], r + 1);
    rm_layer_free(layer);
    free(reports);
}

/* ---- lines and polygons ---- */

static rm_status line_next(rm_source *source, int worker, rm_rows *rows, rm_error *err)
{
    static const double x[] = {200000, 200100}, y[] = {500000, 500000}, far[] = {500000, 500001};
    fake *from = (fake *)source;
    rm_rows_reset(rows);
    if (rows->table.count == 0)
        RM_TRY(rm_table_copy_columns(&rows->table, &source->columns, err));
    for (int64_t r = 0; r < 4 && from->taken[worker] == 0; r++) {
        RM_TRY(rm_rows_add_id(rows, r, r + 1, err));
        if (r == 3) {
            RM_TRY(rm_geometry_add_point(&rows->geometry, 200050, 500000, err));
        } else {
            RM_TRY(rm_geometry_add_feature(&rows->geometry, RM_KIND_LINE, err));
            RM_TRY(rm_geometry_add_part(&rows->geometry, err));
            RM_TRY(rm_geometry_add_ring(&rows->geometry, x, r == 1 ? far : y, 2, err));
        }
        RM_TRY(rm_column_add_date(&rows->table.columns[0], r, 19000, err));
        RM_TRY(rm_column_add_text(&rows->table.columns[1], r, "a", 1, err));
        rows->table.rows++;
    }
    from->taken[worker] = 1;
    return RM_OK;
}

static void test_lines(void **state)
{
    (void)state;
    for (int distinct = 0; distinct < 2; distinct++) {
        rm_report_rules rules = {RULES, .drop_duplicates = true,
                                 .distinct = distinct ? RM_DISTINCT_PLACE_DAY : RM_DISTINCT_NONE};
        rm_request request = {.reports = &rules, .geometry = true, .column_count = 2};
        rm_source *source = NULL;
        rm_layer *layer = NULL;
        assert_int_equal(fake_new(&source, NULL, 4, 1, 4, NULL), RM_OK);
        source->next = line_next;
        assert_int_equal(rm_reports_wrap(&source, source, &request, NULL), RM_OK);
        assert_int_equal(rm_source_collect(&layer, source, NULL, NULL, NULL), RM_OK);
        /* the third is the first; the point lies in the middle of the first, where it counts as */
        assert_left(layer, distinct ? "1 2" : "1 2 4");
        rm_layer_free(layer);
        rm_source_free(source);
    }
}

static rm_status read_once(rm_error *err)
{
    static report reports[60];
    rm_layer *layer = NULL;
    rm_report_rules rules = {RULES, .drop_duplicates = true, .drop_spots = true,
                             .distinct = RM_DISTINCT_PLACE_WEEK};
    for (int i = 0; i < 60; i++)
        reports[i] =
            (report){i == 5 ? NAN : 200000 + i / 2 * (i % 5 > 0), 500000, 19000 + i % 2, "a"};
    RM_TRY(read_rules(&layer, reports, 60, &rules, 20000, 1, 25, err));
    assert_int_equal(layer->rows.table.rows + layer->provenance.left_out, 60);
    assert_true(layer->provenance.left_out > 10);
    rm_layer_free(layer);
    return RM_OK;
}

static void test_faults(void **state)
{
    (void)state;
    torture(read_once, 50);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_duplicates), cmocka_unit_test(test_dates),
        cmocka_unit_test(test_outside),    cmocka_unit_test(test_spots),
        cmocka_unit_test(test_distinct),   cmocka_unit_test(test_filter),
        cmocka_unit_test(test_random),     cmocka_unit_test(test_many),
        cmocka_unit_test(test_lines),      cmocka_unit_test(test_faults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
