/* What rm_check says of a model, held against what rm_run then does. */
#define _GNU_SOURCE
#include "base/text.h"

#include "riskmap/riskmap.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "scratch.h"

static void write_text(const char *name, const char *text)
{
    FILE *file = fopen(scratch_path(name), "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, strlen(text), file), strlen(text));
    assert_int_equal(fclose(file), 0);
}

#define HEAD                                                                                       \
    "{\"type\": \"FeatureCollection\", \"crs\": {\"type\": \"name\", \"properties\": {\"name\": "  \
    "\"urn:ogc:def:crs:EPSG::28992\"}}, \"features\": ["
#define SQUARE(x, id)                                                                              \
    "{\"type\": \"Feature\", \"properties\": {\"code\": \"" id "\", \"naam\": \"n" id              \
    "\", \"jaar\": 1970}, \"geometry\": {\"type\": \"Polygon\", \"coordinates\": [[[" x            \
    "00,500000],[" x "50,500000],[" x "50,500050],[" x "00,500050],[" x "00,500000]]]}}"

static int setup(void **state)
{
    if (scratch_setup(state) != 0)
        return -1;
    write_text("parken.geojson", HEAD SQUARE("2000", "a") "," SQUARE("2001", "b") "]}\n");
    write_text("leeg.geojson", HEAD "]}\n");
    write_text("meldingen.csv", "nr;datum;soort;aantal;x;y\n1;01-02-2024;drugs;3;200010;500010\n"
                                "2;05-06-2024;afval;4;200110;500020\n");
    write_text("kaal.csv", "nr;soort\n1;drugs\n");
    return 0;
}

/* Layers and indicators are given, the rest is always the same. */
static rm_model *read_model(const char *layers, const char *areas, const char *indicators)
{
    rm_error err = {0};
    rm_model *model = NULL;
    rm_text text = {0};
    char base[512];
    snprintf(base, sizeof base, "%s", scratch_path("model.json"));
    rm_text_addf(
        &text,
        "{\"riskmap\": 1, \"name\": \"proef\", \"purpose\": \"proef\", \"legal_basis\": \"geen\", "
        "\"retain_until\": \"2027-12-31\", \"crs\": \"EPSG:28992\", \"layers\": {%s}, "
        "\"areas\": {%s}, \"indicators\": [%s], \"score\": {\"aggregate\": \"linear\"}, "
        "\"version\": \"1.0\", \"decided_by\": \"niemand\", \"decided_on\": \"2026-11-01\"}",
        layers, areas, indicators);
    if (rm_model_parse(&model, text.data, base, &err) != RM_OK)
        fail_msg("%s", err.message);
    rm_text_clear(&text);
    return model;
}

#define PARKS "\"parken\": {\"source\": \"parken.geojson\", \"classification\": \"open\"}"
#define REPORTS                                                                                    \
    "\"meldingen\": {\"source\": \"meldingen.csv\", \"crs\": \"EPSG:28992\", \"time\": \"datum\"}"
#define AREAS "\"layer\": \"parken\", \"id\": \"code\", \"name\": \"naam\""
#define INDICATOR(name, rest)                                                                      \
    "{\"name\": \"" name "\", \"pillar\": \"signals\", \"scale\": \"minmax\", \"weight\": 1, "     \
    "\"direction\": \"+\", \"label\": \"" name "\", \"why\": \"proef\", " rest "}"
#define COUNT INDICATOR("aantal", "\"measure\": \"count\", \"of\": \"meldingen\"")

static rm_checklist *check(const rm_model *model, const rm_run_options *options)
{
    rm_error err = {0};
    rm_checklist *list = NULL;
    if (rm_check(&list, model, options, &err) != RM_OK)
        fail_msg("%s", err.message);
    return list;
}

static rm_checked_layer layer_of(const rm_checklist *list, const char *name)
{
    rm_checked_layer out;
    for (int32_t l = 0; l < rm_checklist_layer_count(list); l++) {
        assert_int_equal(rm_checklist_layer(list, l, &out, NULL), RM_OK);
        if (strcmp(out.name, name) == 0)
            return out;
    }
    fail_msg("there is no layer %s", name);
    return out;
}

static rm_checked_indicator indicator_of(const rm_checklist *list, const char *name)
{
    rm_checked_indicator out;
    for (int32_t k = 0; k < rm_checklist_indicator_count(list); k++) {
        assert_int_equal(rm_checklist_indicator(list, k, &out, NULL), RM_OK);
        if (strcmp(out.name, name) == 0)
            return out;
    }
    fail_msg("there is no indicator %s", name);
    return out;
}

static void assert_finding(const rm_checklist *list, const char *layer, const char *message)
{
    rm_checked_finding finding;
    for (int32_t f = 0; f < rm_checklist_finding_count(list); f++) {
        assert_int_equal(rm_checklist_finding(list, f, &finding, NULL), RM_OK);
        if (strcmp(finding.layer, layer) == 0 && strstr(finding.message, message))
            return;
    }
    for (int32_t f = 0; f < rm_checklist_finding_count(list); f++)
        if (rm_checklist_finding(list, f, &finding, NULL) == RM_OK)
            print_message("%s: %s\n", finding.layer, finding.message);
    fail_msg("no finding about %s says \"%s\"", layer, message);
}

/* A run fails exactly when there are problems, and for a reason that stands among the findings. */
static void assert_run_agrees(const rm_model *model, const rm_checklist *list)
{
    rm_error err = {0};
    rm_result *result = NULL;
    rm_status status = rm_run(&result, model, NULL, &err);
    rm_result_free(result);
    if (rm_checklist_problem_count(list) == 0) {
        if (status != RM_OK)
            fail_msg("check found nothing, and run says: %s", err.message);
        return;
    }
    if (status == RM_OK)
        fail_msg("check found problems, and run none");
    rm_checked_finding finding;
    for (int32_t f = 0; f < rm_checklist_finding_count(list); f++)
        if (rm_checklist_finding(list, f, &finding, NULL) == RM_OK &&
            strstr(err.message, finding.message))
            return;
    fail_msg("run says what check does not: %s", err.message);
}

static void test_nothing_wrong(void **state)
{
    (void)state;
    rm_model *model = read_model(
        PARKS ", " REPORTS ", \"ongebruikt\": {\"source\": \"bestaat-niet.gpkg\"}", AREAS,
        COUNT "," INDICATOR(
            "soort",
            "\"measure\": \"share\", \"of\": \"meldingen\", \"where\": "
            "\"soort = 'drugs'\"") "," INDICATOR("leeftijd",
                                                 "\"measure\": \"age\", \"field\": "
                                                 "\"jaar\"") "," INDICATOR("som", "\"measure\": "
                                                                                  "\"sum\", "
                                                                                  "\"of\": "
                                                                                  "\"meldingen\","
                                                                                  " \"field\": "
                                                                                  "\"aantal\", "
                                                                                  "\"from\": "
                                                                                  "\"2024-01-"
                                                                                  "01\""));
    rm_checklist *list = check(model, NULL);
    assert_int_equal(rm_checklist_problem_count(list), 0);
    rm_checked_layer layer = layer_of(list, "parken");
    assert_string_equal(layer.fields, "code, naam, jaar");
    assert_string_equal(layer.driver, "GeoJSON");
    assert_string_equal(layer.geometry_type, "Polygon");
    assert_string_equal(layer.crs, "EPSG:28992");
    assert_string_equal(layer.source, scratch_path("parken.geojson"));
    assert_int_equal(layer.features, 2);
    assert_true(layer.crs_accuracy_m == 0);
    assert_true(layer.used && layer.areas && !layer.shielded);
    layer = layer_of(list, "meldingen");
    assert_string_equal(layer.fields, "datum, soort, aantal");
    assert_int_equal(layer.features, -1);
    assert_true(layer.used && !layer.areas && layer.shielded);
    layer = layer_of(list, "ongebruikt");
    assert_false(layer.used);
    assert_non_null(strstr(layer.problem, "does not exist"));
    assert_int_equal(rm_checklist_finding_count(list), 1);
    assert_string_equal(indicator_of(list, "som").measure, "sum");
    assert_run_agrees(model, list);
    rm_checklist_free(list);
    rm_model_free(model);
}

typedef struct bad_case {
    const char *name, *layers, *areas, *indicators;
    const char *layer, *message; /* of one finding */
    int problems;
} bad_case;

static const bad_case BAD[] = {
    {"missing file",
     PARKS ", \"meldingen\": {\"source\": \"melding.csv\", \"crs\": \"EPSG:28992\"}", AREAS, COUNT,
     "meldingen", "did you mean \"meldingen.csv\"?", 2},
    {"missing layer",
     PARKS ", \"meldingen\": {\"source\": \"parken.geojson\", \"layer\": \"park\"}", AREAS, COUNT,
     "meldingen", "has no layer \"park\"; did you mean \"parken\"?", 2},
    {"missing field", PARKS ", " REPORTS, AREAS,
     COUNT
     "," INDICATOR("som", "\"measure\": \"sum\", \"of\": \"meldingen\", \"field\": \"antal\""),
     "meldingen", "has no field \"antal\"; did you mean \"aantal\"?", 2},
    {"missing time",
     PARKS ", \"meldingen\": {\"source\": \"meldingen.csv\", \"crs\": \"EPSG:28992\", "
           "\"time\": \"dag\"}",
     AREAS,
     INDICATOR("recent", "\"measure\": \"count\", \"of\": \"meldingen\", \"from\": \"2024-01-01\""),
     "meldingen", "has no field \"dag\"", 2},
    {"missing id", PARKS ", " REPORTS, "\"layer\": \"parken\", \"id\": \"kode\"", COUNT, "parken",
     "did you mean \"code\"?", 2},
    {"missing own field", PARKS ", " REPORTS, AREAS,
     COUNT "," INDICATOR("leeftijd", "\"measure\": \"age\", \"field\": \"jaartal\""), "parken",
     "has no field \"jaartal\"", 2},
    {"no crs", PARKS ", \"meldingen\": {\"source\": \"meldingen.csv\"}", AREAS, COUNT, "meldingen",
     "states no coordinate reference system", 2},
    {"no crs and no field", PARKS ", \"meldingen\": {\"source\": \"meldingen.csv\"}", AREAS,
     INDICATOR("som", "\"measure\": \"sum\", \"of\": \"meldingen\", \"field\": \"antal\""),
     "meldingen", "has no field \"antal\"", 2},
    {"no coordinates", PARKS ", \"meldingen\": {\"source\": \"kaal.csv\", \"crs\": \"EPSG:28992\"}",
     AREAS, COUNT, "meldingen", "kaal.csv", 2},
    {"text for a number", PARKS ", " REPORTS, AREAS,
     INDICATOR("f", "\"measure\": \"count\", \"of\": \"parken\", \"where\": \"jaar = 'oud'\""),
     "parken", "field \"jaar\" holds whole numbers", 1},
    {"layer's own where",
     PARKS ", \"meldingen\": {\"source\": \"meldingen.csv\", \"crs\": "
           "\"EPSG:28992\", \"where\": \"sort = 'drugs'\"}",
     AREAS, COUNT, "meldingen", "has no field \"sort\"; did you mean \"soort\"?", 2},
    {"points as areas", "\"parken\": {\"source\": \"meldingen.csv\", \"crs\": \"EPSG:28992\"}",
     "\"layer\": \"parken\"", INDICATOR("n", "\"measure\": \"count\", \"of\": \"parken\""),
     "parken", "areas must be polygons", 2},
};

static void test_each_kind_of_trouble(void **state)
{
    (void)state;
    for (size_t b = 0; b < sizeof BAD / sizeof *BAD; b++) {
        rm_model *model = read_model(BAD[b].layers, BAD[b].areas, BAD[b].indicators);
        rm_checklist *list = check(model, NULL);
        print_message("%s\n", BAD[b].name);
        assert_finding(list, BAD[b].layer, BAD[b].message);
        assert_int_equal(rm_checklist_problem_count(list), BAD[b].problems);
        if (strcmp(BAD[b].name, "points as areas") != 0)
            assert_run_agrees(model, list);
        rm_checklist_free(list);
        rm_model_free(model);
    }
}

static void test_only_what_needs_it_is_stopped(void **state)
{
    (void)state;
    rm_model *model = read_model(
        PARKS ", " REPORTS, AREAS,
        COUNT "," INDICATOR(
            "som", "\"measure\": \"sum\", \"of\": \"meldingen\", "
                   "\"field\": \"antal\"") "," INDICATOR("deel", "\"measure\": \"share\", "
                                                                 "\"of\": \"meldingen\", "
                                                                 "\"where\": \"sort = "
                                                                 "'drugs'\"") "," INDICATOR("de"
                                                                                            "kk"
                                                                                            "in"
                                                                                            "g",
                                                                                            "\""
                                                                                            "me"
                                                                                            "as"
                                                                                            "ur"
                                                                                            "e"
                                                                                            "\""
                                                                                            ": "
                                                                                            "\""
                                                                                            "co"
                                                                                            "ve"
                                                                                            "r"
                                                                                            "\""
                                                                                            ", "
                                                                                            "\""
                                                                                            "of"
                                                                                            "\""
                                                                                            ": "
                                                                                            "\""
                                                                                            "me"
                                                                                            "ld"
                                                                                            "in"
                                                                                            "ge"
                                                                                            "n"
                                                                                            "\""));
    rm_checklist *list = check(model, NULL);
    assert_string_equal(indicator_of(list, "aantal").problem, "");
    rm_checked_indicator stopped = indicator_of(list, "som");
    assert_non_null(strstr(stopped.problem, "antal"));
    assert_string_equal(stopped.problem_layer, "meldingen");
    assert_non_null(strstr(indicator_of(list, "deel").problem, "sort"));
    stopped = indicator_of(list, "dekking");
    assert_non_null(strstr(stopped.problem, "needs polygons"));
    assert_string_equal(stopped.problem_layer, "");
    assert_int_equal(rm_checklist_finding_count(list), 3);
    assert_int_equal(rm_checklist_problem_count(list), 4);
    rm_checklist_free(list);
    rm_model_free(model);
}

static void test_areas_stop_everything_but_hide_nothing(void **state)
{
    (void)state;
    rm_model *model = read_model("\"parken\": {\"source\": \"weg.geojson\"}, " REPORTS, AREAS,
                                 COUNT "," INDICATOR("som", "\"measure\": \"sum\", \"of\": "
                                                            "\"meldingen\", \"field\": \"antal\""));
    rm_checklist *list = check(model, NULL);
    assert_string_equal(indicator_of(list, "aantal").problem_layer, "parken");
    assert_string_equal(indicator_of(list, "som").problem_layer, "meldingen");
    assert_run_agrees(model, list);
    rm_checklist_free(list);
    rm_model_free(model);

    model = read_model("\"parken\": {\"source\": \"leeg.geojson\"}", "\"layer\": \"parken\"",
                       INDICATOR("n", "\"measure\": \"count\", \"of\": \"parken\""));
    list = check(model, NULL);
    assert_finding(list, "parken", "there are no areas to score");
    assert_int_equal(rm_checklist_finding_count(list), 1);
    rm_checklist_free(list);
    rm_model_free(model);
}

static void test_a_layer_from_elsewhere(void **state)
{
    (void)state;
    rm_model *model =
        read_model(PARKS ", \"meldingen\": {\"source\": \"nergens.csv\", \"crs\": \"EPSG:28992\"}",
                   AREAS, COUNT);
    char path[512];
    snprintf(path, sizeof path, "%s", scratch_path("meldingen.csv"));
    const char *names[] = {"meldingen"}, *sources[] = {path};
    rm_run_options options = RM_RUN_OPTIONS_INIT;
    options.override_count = 1;
    options.override_names = names;
    options.override_sources = sources;
    rm_checklist *list = check(model, &options);
    assert_int_equal(rm_checklist_problem_count(list), 0);
    assert_string_equal(layer_of(list, "meldingen").source, path);
    rm_checklist_free(list);
    names[0] = "melding";
    rm_error err = {0};
    list = (rm_checklist *)&err;
    assert_int_equal(rm_check(&list, model, &options, &err), RM_ENOTFOUND);
    assert_ptr_equal(list, &err);
    assert_non_null(strstr(err.message, "\"melding\""));
    rm_model_free(model);
}

static rm_layer *read_layer(const char *name, const char *crs)
{
    rm_error err = {0};
    rm_layer *layer = NULL;
    rm_read_options options = RM_READ_OPTIONS_INIT;
    options.column_count = -1;
    options.crs = crs;
    if (rm_layer_read(&layer, scratch_path(name), &options, &err) != RM_OK)
        fail_msg("%s", err.message);
    return layer;
}

static rm_run_options in_memory(const char *const *names, const rm_layer *const *layers,
                                int32_t count)
{
    rm_run_options options = RM_RUN_OPTIONS_INIT;
    options.as_of = 20758;
    options.memory_names = names;
    options.memory_layers = layers;
    options.memory_count = count;
    return options;
}

static rm_checklist *measure(const rm_model *model, const rm_run_options *options)
{
    rm_error err = {0};
    rm_checklist *list = check(model, options);
    if (rm_checklist_measure(list, model, options, 0.9, &err) != RM_OK)
        fail_msg("%s", err.message);
    return list;
}

#define NEEDS                                                                                      \
    COUNT "," INDICATOR("leeftijd", "\"measure\": \"age\", \"field\": \"jaar\"") "," INDICATOR(    \
        "som", "\"measure\": \"sum\", \"of\": \"meldingen\", \"field\": \"aantal\", \"from\": "    \
               "\"2024-01-01\"")

/* The model's files are not there, and nobody asks for them: the rest is found as in the files. */
static void test_layers_in_memory_are_no_missing_files(void **state)
{
    (void)state;
    static const char *const names[] = {"parken", "meldingen"};
    rm_error err = {0};
    rm_result *result = NULL;
    rm_layer *parks = read_layer("parken.geojson", NULL);
    rm_layer *reports = read_layer("meldingen.csv", "EPSG:28992");
    const rm_layer *const layers[] = {parks, reports};
    rm_model *there = read_model(PARKS ", " REPORTS, AREAS, NEEDS);
    rm_model *gone = read_model(
        "\"parken\": {\"source\": \"weg.geojson\", \"classification\": \"open\"}, \"meldingen\": "
        "{\"source\": \"weg.csv\", \"time\": \"datum\"}",
        AREAS, NEEDS);
    rm_run_options options = in_memory(names, layers, 2), of_files = in_memory(NULL, NULL, 0);
    rm_checklist *files = measure(there, &of_files), *list = measure(gone, &options);
    assert_int_equal(rm_checklist_problem_count(list), 0);
    assert_int_equal(rm_checklist_finding_count(list), 0);
    rm_checked_layer layer = layer_of(list, "parken");
    assert_string_equal(layer.source, "parken");
    assert_string_equal(layer.driver, "Memory");
    assert_string_equal(layer.geometry_type, "Polygon");
    assert_string_equal(layer.crs, "EPSG:28992");
    assert_string_equal(layer.fields, "code, naam, jaar");
    assert_int_equal(layer.features, 2);
    assert_int_equal(layer.state, RM_CHECK_PRESENT);
    assert_int_equal(layer.data_date, INT32_MIN); /* there is no file that has one */
    assert_string_equal(layer.dated_by, "");
    layer = layer_of(list, "meldingen");
    assert_string_equal(layer.geometry_type, "Point");
    assert_int_equal(layer.state, RM_CHECK_PRESENT);
    assert_string_equal(layer.dated_by, "field datum");
    assert_int_equal(layer.data_date, layer_of(files, "meldingen").data_date);
    assert_int_equal(rm_checklist_field_count(list), rm_checklist_field_count(files));
    assert_true(rm_checklist_field_count(list) > 0);
    for (int32_t f = 0; f < rm_checklist_field_count(list); f++) {
        rm_checked_field a, b;
        assert_int_equal(rm_checklist_field(list, f, &a, &err), RM_OK);
        assert_int_equal(rm_checklist_field(files, f, &b, &err), RM_OK);
        assert_string_equal(a.field, b.field);
        assert_int_equal(a.rows, b.rows);
        assert_int_equal(a.filled, b.filled);
    }
    assert_int_equal(rm_run(&result, gone, &options, &err), RM_OK);
    rm_result_free(result);
    rm_checklist_free(files);
    rm_checklist_free(list);
    rm_model_free(there);
    rm_model_free(gone);
    rm_layer_free(parks);
    rm_layer_free(reports);
}

static void test_what_layers_in_memory_lack(void **state)
{
    (void)state;
    static const double x[] = {200010}, y[] = {500010};
    static const char *const names[] = {"meldingen"}, *const areas[] = {"parken"};
    rm_error err = {0};
    rm_layer *bare = NULL, *nowhere = NULL;
    char path[512];
    snprintf(path, sizeof path, "%s", scratch_path("meldingen.csv"));
    const char *const sources[] = {path};
    assert_int_equal(rm_layer_from_points(&bare, x, y, 1, "EPSG:28992", &err), RM_OK);
    assert_int_equal(rm_layer_from_points(&nowhere, x, y, 1, NULL, &err), RM_OK);
    const rm_layer *const bares[] = {bare}, *const nowheres[] = {nowhere};
    rm_model *model = read_model(
        PARKS ", \"meldingen\": {\"source\": \"weg.csv\", \"time\": \"datum\"}", AREAS, NEEDS);
    rm_run_options options = in_memory(names, bares, 1);
    options.override_count = 1; /* the layer in memory wins over an override of the same */
    options.override_names = names;
    options.override_sources = sources;
    rm_checklist *list = measure(model, &options);
    assert_int_equal(layer_of(list, "meldingen").state, RM_CHECK_LACKING);
    assert_finding(list, "meldingen", "\"datum\"");
    assert_finding(list, "meldingen", "\"aantal\"");
    assert_string_equal(indicator_of(list, "leeftijd").problem, "");
    rm_checklist_free(list);
    options = in_memory(names, nowheres, 1);
    list = measure(model, &options);
    assert_finding(list, "meldingen", "states no coordinate reference system");
    rm_checklist_free(list);
    options = in_memory(areas, bares, 1);
    list = measure(model, &options);
    assert_finding(list, "parken", "areas must be polygons, and these are of type Point");
    rm_checklist_free(list);
    rm_model_free(model);
    rm_layer_free(bare);
    rm_layer_free(nowhere);
}

static void test_only_best_is_about_the_grid(void **state)
{
    (void)state;
    write_text("lonlat.csv", "nr;lon;lat\n1;6.1;52.2\n");
    rm_model *model =
        read_model(PARKS ", \"meldingen\": {\"source\": \"lonlat.csv\"}", AREAS, COUNT);
    rm_run_options options = RM_RUN_OPTIONS_INIT;
    rm_checklist *list = check(model, &options);
    rm_checked_layer layer = layer_of(list, "meldingen");
    bool missing = layer.missing_grid[0] != '\0';
    assert_string_equal(layer.crs, "EPSG:4258");
    assert_true(missing ? layer.crs_accuracy_m > 0.01 : layer.crs_accuracy_m <= 0.01);
    assert_int_equal(rm_checklist_problem_count(list), 0);
    rm_checklist_free(list);
    options.only_best = 1;
    list = check(model, &options);
    assert_int_equal(rm_checklist_problem_count(list), missing ? 2 : 0);
    if (missing)
        assert_finding(list, "meldingen", "projsync --file");
    rm_checklist_free(list);
    rm_model_free(model);
}

static int stop_at_once(double fraction, const char *message, void *user)
{
    (void)fraction, (void)message, (void)user;
    return 1;
}

static void test_arguments_and_cancel(void **state)
{
    (void)state;
    rm_error err = {0};
    rm_checklist *list = (rm_checklist *)&err;
    rm_checked_layer layer;
    rm_checked_indicator indicator;
    rm_checked_finding finding;
    rm_run_options options = RM_RUN_OPTIONS_INIT;
    rm_model *model = read_model(PARKS ", " REPORTS, AREAS, COUNT);
    assert_int_equal(rm_check(&list, NULL, NULL, &err), RM_EINVAL);
    assert_int_equal(rm_check(NULL, model, NULL, &err), RM_EINVAL);
    options.threads = -1;
    assert_int_equal(rm_check(&list, model, &options, &err), RM_EINVAL);
    options.threads = 1;
    options.progress = stop_at_once;
    assert_int_equal(rm_check(&list, model, &options, &err), RM_ECANCELLED);
    assert_ptr_equal(list, &err);
    list = check(model, NULL);
    assert_int_equal(rm_checklist_layer(list, 2, &layer, NULL), RM_EINVAL);
    assert_int_equal(rm_checklist_indicator(list, -1, &indicator, NULL), RM_EINVAL);
    assert_int_equal(rm_checklist_finding(list, 0, &finding, NULL), RM_EINVAL);
    rm_checklist_free(list);
    rm_checklist_free(NULL);
    rm_model_free(model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_wrong),
        cmocka_unit_test(test_each_kind_of_trouble),
        cmocka_unit_test(test_only_what_needs_it_is_stopped),
        cmocka_unit_test(test_areas_stop_everything_but_hide_nothing),
        cmocka_unit_test(test_a_layer_from_elsewhere),
        cmocka_unit_test(test_layers_in_memory_are_no_missing_files),
        cmocka_unit_test(test_what_layers_in_memory_lack),
        cmocka_unit_test(test_only_best_is_about_the_grid),
        cmocka_unit_test(test_arguments_and_cancel),
    };
    return cmocka_run_group_tests(tests, setup, scratch_teardown);
}
