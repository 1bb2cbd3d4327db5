/* Areas of intersection, and values carried over by them, against sf and geopandas on the counties
 * of North Carolina (golden/areal-overlay). Its committed twin, worked by hand, is areal_weights in
 * tests/unit/test_geo_overlay.c. */
#include "geo/overlay.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "csv.h"

#define TOLERANCE 1e-9 /* relative, as its README states */

enum { SOURCES = 100, TARGETS = 41 };

typedef struct golden_layer {
    rm_geometry geometry;
    int ids[SOURCES];
    double values[3][SOURCES]; /* BIR74, SID74, rate74; of the source alone */
} golden_layer;

static double common[TARGETS][SOURCES]; /* m2 of target and source */

static void assert_relative(double got, double expected)
{
    if (!(fabs(got - expected) <= TOLERANCE * fabs(expected)))
        fail_msg("%.17g is not %.17g", got, expected);
}

/* The geometry of a GeoPackage is WKB behind a header whose length hangs on its envelope. */
static void add_geometry(rm_geometry *geometry, const uint8_t *blob, int size)
{
    static const int envelopes[] = {0, 32, 48, 48, 64};
    int header = 8 + envelopes[blob[3] >> 1 & 7];
    rm_issue_code verdict;
    bool curve;

    assert_int_equal(
        rm_geometry_add_wkb(geometry, blob + header, size - header, &verdict, &curve, NULL), RM_OK);
    assert_int_equal(verdict, RM_ISSUE_CODES);
}

static void read_layer(golden_layer *layer, const char *name, const char *query, int count)
{
    char uri[4096];
    sqlite3 *database;
    sqlite3_stmt *rows;
    int row = 0;

    snprintf(uri, sizeof uri, "file:%s/golden/areal-overlay/%s.gpkg?immutable=1",
             getenv("RISKMAP_SHARED"), name);
    assert_int_equal(sqlite3_open_v2(uri, &database, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, NULL),
                     SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(database, query, -1, &rows, NULL), SQLITE_OK);
    for (; sqlite3_step(rows) == SQLITE_ROW; row++) {
        assert_true(row < count);
        add_geometry(&layer->geometry, sqlite3_column_blob(rows, 0), sqlite3_column_bytes(rows, 0));
        layer->ids[row] = sqlite3_column_int(rows, 1);
        for (int v = 0; v < 3; v++)
            layer->values[v][row] = sqlite3_column_double(rows, 2 + v);
    }
    assert_int_equal(row, count);
    sqlite3_finalize(rows);
    sqlite3_close(database);
}

static rm_status note(void *context, int worker, int32_t area, int32_t feature, double m2,
                      rm_error *err)
{
    (void)context;
    (void)worker;
    (void)err;
    common[area][feature] = m2;
    return RM_OK;
}

static int place_of(const golden_layer *layer, int count, double id)
{
    for (int i = 0; i < count; i++)
        if (layer->ids[i] == (int)id)
            return i;
    fail_msg("id %g is not in the layer", id);
    return -1;
}

/* Every pair that is listed has its area, and there are no others. */
static void check_pairs(const csv_table *table, const golden_layer *source,
                        const golden_layer *target)
{
    int found = 0;

    for (int row = 0; row < table->rows; row++) {
        int s = place_of(source, SOURCES, csv_number(table, row, csv_column(table, "src_id")));
        int t = place_of(target, TARGETS, csv_number(table, row, csv_column(table, "tgt_id")));

        assert_relative(common[t][s], csv_number(table, row, csv_column(table, "a")));
        assert_relative(rm_geometry_area(&source->geometry, s),
                        csv_number(table, row, csv_column(table, "src_area")));
    }
    for (int t = 0; t < TARGETS; t++)
        for (int s = 0; s < SOURCES; s++)
            found += common[t][s] > 0.0;
    assert_int_equal(found, table->rows);
}

static void check_values(const csv_table *table, const golden_layer *source,
                         const golden_layer *target)
{
    for (int row = 0; row < table->rows; row++) {
        int t = place_of(target, TARGETS, csv_number(table, row, csv_column(table, "tgt_id")));
        double covered = 0.0, births = 0.0, deaths = 0.0, rate = 0.0;

        for (int s = 0; s < SOURCES; s++) {
            double share = common[t][s] / rm_geometry_area(&source->geometry, s);

            covered += common[t][s];
            births += source->values[0][s] * share;
            deaths += source->values[1][s] * share;
            rate += source->values[2][s] * common[t][s];
        }
        assert_relative(covered, csv_number(table, row, csv_column(table, "covered_area")));
        assert_relative(births, csv_number(table, row, csv_column(table, "BIR74_extensive")));
        assert_relative(deaths, csv_number(table, row, csv_column(table, "SID74_extensive")));
        assert_relative(rate / covered,
                        csv_number(table, row, csv_column(table, "rate74_intensive_over_covered")));
        assert_relative(rate / rm_geometry_area(&target->geometry, t),
                        csv_number(table, row, csv_column(table, "rate74_intensive_over_target")));
    }
}

static void check_cover(const csv_table *table, const rm_join *join, const golden_layer *source,
                        const golden_layer *target)
{
    rm_cover *cover = NULL;
    double m2[TARGETS];
    int64_t features[TARGETS];

    assert_int_equal(rm_cover_new(&cover, join, NULL), RM_OK);
    assert_int_equal(rm_cover_add(cover, &source->geometry, NULL, 1, NULL, NULL), RM_OK);
    assert_int_equal(rm_cover_finish(cover, m2, features, 2, NULL, NULL), RM_OK);
    for (int row = 0; row < table->rows; row++) {
        int t = place_of(target, TARGETS, csv_number(table, row, csv_column(table, "tgt_id")));

        assert_relative(m2[t], csv_number(table, row, csv_column(table, "covered_area")));
    }
    rm_cover_free(cover);
}

static void counties_and_squares(void **state)
{
    static golden_layer source, target;
    csv_table pairs, values;
    rm_join *join = NULL;

    (void)state;
    if (!csv_read(&pairs, "areal-overlay/expected_intersections.csv"))
        skip();
    if (!csv_read(&values, "areal-overlay/expected.csv"))
        fail_msg("half a golden case");
    read_layer(&source, "source", "SELECT geom, src_id, BIR74, SID74, rate74 FROM source", SOURCES);
    read_layer(&target, "target", "SELECT geom, tgt_id, 0, 0, 0 FROM target", TARGETS);
    assert_int_equal(rm_join_build(&join, &target.geometry, 2, NULL, NULL), RM_OK);
    assert_int_equal(rm_overlay_pairs(join, &source.geometry, 2, note, NULL, NULL, NULL), RM_OK);
    check_pairs(&pairs, &source, &target);
    check_values(&values, &source, &target);
    check_cover(&values, join, &source, &target);
    rm_join_free(join);
    rm_geometry_clear(&source.geometry);
    rm_geometry_clear(&target.geometry);
    csv_free(&pairs);
    csv_free(&values);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(counties_and_squares)};

    return cmocka_run_group_tests_name("golden_areal_overlay", tests, NULL, NULL);
}
