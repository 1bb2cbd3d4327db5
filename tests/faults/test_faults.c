/* The whole flow with its first, second, third, ... allocation failing: always RM_ENOMEM with a
 * message, nothing leaked, outputs untouched, no file left behind. One allocation fails and those
 * after it succeed, so that whoever goes on regardless is found out. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "torture.h"

/* ---- a small model with something of everything ---- */

static const char HEAD[] =
    "{\"riskmap\": 1, \"name\": \"m\", \"purpose\": \"p\", \"layers\": {"
    "\"areas\": {\"source\": \"areas.geojson\", \"classification\": \"open\"}, "
    "\"points\": {\"source\": \"points.csv\", \"crs\": \"EPSG:28992\", \"time\": \"day\", "
    "\"where\": \"kind <> 'z'\"}, "
    "\"shapes\": {\"source\": \"shapes.geojson\", \"classification\": \"open\"}, "
    "\"spots\": {\"source\": \"spots.csv\", \"classification\": \"open\"}, "
    "\"homes\": {\"source\": \"homes.csv\", \"crs\": \"EPSG:28992\", \"where\": \"kind <> 'z'\"}, "
    "\"told\": {\"source\": \"told.csv\", \"time\": \"day\", \"locate\": \"homes\", \"where\": "
    "\"kind <> 'z'\", \"reports\": {\"duplicates\": \"leave-out\", \"before_1900\": \"leave-out\", "
    "\"spots\": \"leave-out\", \"spot_share\": 0.3, \"distinct_by\": \"place-week\"}}}, "
    "\"areas\": {\"layer\": \"areas\", \"id\": \"code\", \"name\": \"code\"}, "
    "\"score\": {\"aggregate\": \"geometric\", \"min_coverage\": 0.3}, \"indicators\": [\n";

static const char *const INDICATORS[] = {
    "count\", \"of\": \"points\", \"half_life_days\": 300",
    "count\", \"of\": \"points\", \"within_m\": 90, \"where\": \"kind = 'a'\"",
    "median\", \"of\": \"points\", \"field\": \"value\"",
    "share\", \"of\": \"points\", \"where\": \"kind IN ('a', 'b')\"",
    "rate\", \"of\": \"points\", \"per\": \"shapes\"",
    "count\", \"of\": \"shapes\", \"by\": \"intersects\"",
    "density\", \"of\": \"shapes\", \"within_m\": 50",
    "cover\", \"of\": \"shapes\"",
    "cover\", \"of\": \"shapes\", \"within_m\": 40",
    "nearest\", \"of\": \"shapes\"",
    "nearest\", \"of\": \"spots\", \"decay_m\": 500",
    "count\", \"of\": \"told\"",
    "age\", \"field\": \"year\""};

static void write_model(void)
{
    FILE *file = fopen(scratch_path("model.json"), "w");
    assert_non_null(file);
    fputs(HEAD, file);
    for (size_t k = 0; k < sizeof INDICATORS / sizeof *INDICATORS; k++)
        fprintf(file,
                "%s{\"name\": \"i%d\", \"pillar\": \"p\", \"scale\": \"percentile\", "
                "\"weight\": 1, \"direction\": \"+\", \"label\": \"l\", \"why\": \"w\", "
                "\"measure\": \"%s}\n",
                k ? ", " : "", (int)k, INDICATORS[k]);
    fputs("]}\n", file);
    assert_int_equal(fclose(file), 0);
}

/* Squares of 100 m at `step` metres from one another; one of them a bow tie, one open by 0.3 mm. */
static void write_squares(const char *name, double step, int count)
{
    FILE *file = fopen(scratch_path(name), "w");
    assert_non_null(file);
    fprintf(file, "{\"type\": \"FeatureCollection\", \"crs\": {\"type\": \"name\", \"properties\": "
                  "{\"name\": \"urn:ogc:def:crs:EPSG::28992\"}}, \"features\": [\n");
    for (int k = 0; k < count; k++) {
        double x = 200000 + k * step, y = 475000, tie = k == 1 ? 100 : 0, gap = k == 2 ? 0.0003 : 0;
        fprintf(file,
                "%s{\"type\": \"Feature\", \"properties\": {\"code\": \"A%d\", \"year\": %d}, "
                "\"geometry\": {\"type\": \"Polygon\", \"coordinates\": [[[%.1f, %.1f], "
                "[%.1f, %.1f], [%.1f, %.1f], [%.1f, %.1f], [%.1f, %.4f]]]}}\n",
                k ? ", " : "", k, 1960 + k, x, y, x + 100, y + tie, x + 100, y + 100 - tie, x,
                y + 100, x, y + gap);
    }
    fprintf(file, "]}\n");
    assert_int_equal(fclose(file), 0);
}

/* Some rows without a place, a date or a number, and one of the future. */
static void write_points(void)
{
    FILE *file = fopen(scratch_path("points.csv"), "w");
    assert_non_null(file);
    fprintf(file, "day;kind;value;x;y\n");
    for (int n = 0; n < 60; n++)
        fprintf(file, "%02d-03-2025;%c;%d,5;%d,00;%d,00\n", n % 28 + 1, 'a' + n % 3, n,
                199950 + 15 * n, 474990 + 17 * (n % 7));
    fprintf(file, "01-03-2025;a;1;;\nnever;a;x;200010,0;475010,0\n"
                  "01-03-2030;a;1;200010,0;475010,0\n");
    assert_int_equal(fclose(file), 0);
}

/* Addresses, and reports of them: of an address that is not there, twice the same, a spot. */
static void write_told(void)
{
    FILE *homes = fopen(scratch_path("homes.csv"), "w"),
         *told = fopen(scratch_path("told.csv"), "w");
    assert_true(homes && told);
    fprintf(homes, "postcode;huisnummer;huisletter;kind;x;y\n");
    fprintf(told, "postcode;huisnummer;kind;day\n7500 xx;1;a;01-03-2025\n;;a;01-03-2025\n");
    for (int n = 0; n < 20; n++) {
        fprintf(homes, "7500AB;%d;%s;%c;%d,0;475050,0\n", n + 1, n % 3 ? "" : "A", 'a' + n % 2,
                200010 + 10 * n);
        fprintf(told, "7500AB;%d%s;%c;%02d-03-2025\n7500ab;7;a;%02d-04-2025\n", n + 1,
                n % 3 ? "" : "a", 'a' + n % 2, n / 2 + 1, n / 2 + 1);
    }
    fprintf(told, "7500AB;9;a;01-03-1025\n7500AB;9;a;01-03-2035\n");
    assert_int_equal(fclose(homes), 0);
    assert_int_equal(fclose(told), 0);
}

static void write_spots(void)
{
    FILE *file = fopen(scratch_path("spots.csv"), "w");
    assert_non_null(file);
    fprintf(file, "longitude,latitude\n6.05,52.26\n6.06,52.27\n0,0\n");
    assert_int_equal(fclose(file), 0);
}

static const char *const INPUTS[] = {"areas.geojson", "model.json", "points.csv", "shapes.geojson",
                                     "spots.csv",     "old.gpkg",   "homes.csv",  "told.csv"};

static rm_status score_to(const char *name, rm_error *err);

static int setup(void **state)
{
    rm_error err;
    if (scratch_setup(state) != 0)
        return -1;
    inputs = INPUTS;
    input_count = sizeof INPUTS / sizeof *INPUTS;
    write_model();
    write_points();
    write_spots();
    write_told();
    write_squares("areas.geojson", 150, 6);
    write_squares("shapes.geojson", 70, 12);
    return score_to("old.gpkg", &err) == RM_OK ? 0 : -1;
}

/* ---- what is tried ---- */

static int threads = 1;
static bool again; /* scale as an earlier result did */

static rm_status run_model(rm_result **out, rm_model **model, rm_error *err)
{
    static char reference[512];
    rm_run_options options = RM_RUN_OPTIONS_INIT;
    snprintf(reference, sizeof reference, "%s", scratch_path("old.gpkg"));
    options.threads = threads;
    options.as_of = 20393; /* 2025-11-01 */
    options.reference = again ? reference : NULL;
    options.command = "test";
    rm_status status = rm_model_read(model, scratch_path("model.json"), err);
    return status == RM_OK ? rm_run(out, *model, &options, err) : status;
}

static rm_status score_and(rm_status (*write)(const rm_result *, const char *,
                                              const rm_write_options *, rm_error *),
                           const char *name, rm_error *err)
{
    rm_model *model = NULL;
    rm_result *result = NULL;
    rm_status status = run_model(&result, &model, err);
    assert_true((result != NULL) == (status == RM_OK));
    if (status == RM_OK)
        status = write(result, scratch_path(name), NULL, err);
    rm_result_free(result);
    rm_model_free(model);
    return status;
}

static rm_status score_to(const char *name, rm_error *err)
{
    return score_and(rm_result_write, name, err);
}

static rm_status score_gpkg(rm_error *err)
{
    return score_to("new.gpkg", err);
}

static rm_status score_csv(rm_error *err)
{
    return score_and(rm_result_write_table, "new.csv", err);
}

static rm_status score_xlsx(rm_error *err)
{
    return score_and(rm_result_write_table, "new.xlsx", err);
}

static rm_status check(rm_error *err)
{
    rm_model *model = NULL;
    rm_checklist *checklist = NULL;
    rm_status status = rm_model_read(&model, scratch_path("model.json"), err);
    if (status == RM_OK)
        status = rm_check(&checklist, model, NULL, err);
    assert_true((checklist != NULL) == (status == RM_OK));
    if (status == RM_OK)
        status = rm_checklist_measure(checklist, model, NULL, 0.9, err);
    if (checklist)
        assert_int_equal(rm_checklist_problem_count(checklist), 0);
    rm_checklist_free(checklist);
    rm_model_free(model);
    return status;
}

static rm_status inspect(rm_error *err)
{
    static const char *const SOURCES[] = {"points.csv", "shapes.geojson", "old.gpkg"};
    rm_status status = RM_OK;
    for (size_t s = 0; s < sizeof SOURCES / sizeof *SOURCES && status == RM_OK; s++) {
        rm_inspection *inspection = NULL;
        rm_inspect_options options = RM_INSPECT_OPTIONS_INIT;
        options.threads = threads;
        options.crs = s == 0 ? "EPSG:28992" : NULL;
        status = rm_inspect(&inspection, scratch_path(SOURCES[s]), &options, err);
        assert_true((inspection != NULL) == (status == RM_OK));
        rm_inspection_free(inspection);
    }
    return status;
}

/* The model with the sources of the folder that it stands in. */
static rm_status match(rm_error *err)
{
    rm_model *model = NULL;
    rm_match *found = NULL;
    rm_status status = rm_model_read(&model, scratch_path("model.json"), err);
    if (status == RM_OK)
        status = rm_match_folder(&found, model, scratch_folder, NULL, NULL, err);
    assert_true((found != NULL) == (status == RM_OK));
    if (status == RM_OK)
        status = rm_match_write(found, scratch_path("mine.json"), 0, err);
    rm_match_free(found);
    rm_model_free(model);
    return status;
}

/* Two files, both or neither. */
static rm_status factsheet(rm_error *err)
{
    static const char *const SHEETS[] = {"sheet.md", "sheet.json"};
    rm_model *model = NULL;
    rm_inspection *inspection = NULL;
    rm_inspect_options options = RM_INSPECT_OPTIONS_INIT;
    rm_factsheet_options how = RM_FACTSHEET_OPTIONS_INIT;
    char source[512];
    snprintf(source, sizeof source, "%s", scratch_path("areas.geojson"));
    options.duplicates = 1;
    options.threads = threads;
    rm_status status = rm_model_read(&model, scratch_path("model.json"), err);
    how.model = model;
    if (status == RM_OK)
        status = rm_inspect(&inspection, source, &options, err);
    if (status == RM_OK)
        status =
            rm_inspection_write_factsheet(inspection, source, scratch_path("sheet.md"), &how, err);
    for (size_t s = 0; s < 2; s++)
        assert_true((unlink(scratch_path(SHEETS[s])) == 0) == (status == RM_OK));
    rm_inspection_free(inspection);
    rm_model_free(model);
    return status;
}

static rm_status layer(rm_error *err)
{
    rm_layer *read = NULL, *back = NULL;
    struct ArrowArrayStream stream = {0};
    rm_status status = rm_layer_read(&read, scratch_path("shapes.geojson"), NULL, err);
    if (status == RM_OK)
        status = rm_layer_to_arrow(read, &stream, err);
    if (status == RM_OK)
        status = rm_layer_from_arrow(&back, &stream, NULL, NULL, NULL, err);
    rm_layer_free(back);
    rm_layer_free(read);
    return status;
}

static rm_status geojson(rm_error *err)
{
    static const char text[] =
        "{\"type\":\"FeatureCollection\",\"features\":[{\"type\":\"Feature\",\"properties\":{\"a\":"
        "1,"
        "\"b\":\"x\",\"c\":[1,2]},\"geometry\":{\"type\":\"Polygon\",\"coordinates\":[[[0,0],[2,2],"
        "[2,0],[0,2],[0,0]]]}},{\"type\":\"Feature\",\"properties\":{\"a\":null},\"geometry\":{"
        "\"type\":\"Point\",\"coordinates\":[\"x\",2]}}]}";
    rm_layer *read = NULL;
    rm_status status =
        rm_layer_from_geojson(&read, text, sizeof text - 1, "EPSG:28992", NULL, NULL, err);
    rm_layer_free(read);
    return status;
}

static void test_score(void **state)
{
    (void)state;
    torture(score_gpkg, "new.gpkg", 11);
}

static void test_score_two_threads(void **state)
{
    (void)state;
    threads = 2;
    torture(score_gpkg, "new.gpkg", 23);
    threads = 1;
}

static void test_reference_and_lists(void **state)
{
    (void)state;
    again = true;
    torture(score_csv, "new.csv", 17);
    torture(score_xlsx, "new.xlsx", 19);
    again = false;
}

static void test_check(void **state)
{
    (void)state;
    torture(check, NULL, 7);
}

static void test_inspect(void **state)
{
    (void)state;
    torture(inspect, NULL, 13);
}

static void test_match(void **state)
{
    (void)state;
    torture(match, "mine.json", 11);
}

static void test_factsheet(void **state)
{
    (void)state;
    torture(factsheet, NULL, 3);
}

static void test_layer(void **state)
{
    (void)state;
    torture(layer, NULL, 1);
}

static void test_geojson(void **state)
{
    (void)state;
    torture(geojson, NULL, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_layer),
        cmocka_unit_test(test_geojson),
        cmocka_unit_test(test_check),
        cmocka_unit_test(test_inspect),
        cmocka_unit_test(test_match),
        cmocka_unit_test(test_factsheet),
        cmocka_unit_test(test_score),
        cmocka_unit_test(test_score_two_threads),
        cmocka_unit_test(test_reference_and_lists),
    };
    return cmocka_run_group_tests(tests, setup, scratch_teardown);
}
