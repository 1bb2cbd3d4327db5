#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/date.h"
#include "base/text.h"
#include "model/model.h"
#include "riskmap/model.h"

/* One indicator a line, so that a message's line and path can be foretold. */
static const char base[] =
    "{\"riskmap\": 1, \"name\": \"parks-2026\", \"title\": \"Parken\",\n"
    "\"purpose\": \"prioriteren\", \"retain_until\": \"2027-12-31\",\n"
    "\"layers\": {\n"
    "\"parks\": {\"source\": \"parks.gpkg\", \"where\": \"kind = 'holiday'\", \"classification\": "
    "\"open\"},\n"
    "\"reports\": {\"source\": \"r.csv\", \"time\": \"date\", \"x\": \"rd_x\", \"y\": \"rd_y\", "
    "\"origin\": \"reported\"},\n"
    "\"roads\": {\"source\": \"roads.gpkg\", \"layer\": \"main\", \"crs\": \"EPSG:4258\", "
    "\"classification\": \"shielded\"}},\n"
    "\"areas\": {\"layer\": \"parks\", \"id\": \"code\", \"name\": \"naam\", \"type\": "
    "\"holiday-park\"},\n"
    "\"indicators\": [\n"
    "{\"name\": \"n_reports\", \"pillar\": \"signals\", \"measure\": \"rate\", \"of\": "
    "\"reports\", \"per\": \"roads\", "
    "\"per_units\": 100, \"min_per\": 10, \"shrink\": \"none\", \"by\": \"intersects\", "
    "\"within_m\": 50, "
    "\"from\": \"2024-01-01\", \"until\": \"2024-12-31\", \"half_life_days\": 365, \"where\": "
    "\"kind <> 'test'\", "
    "\"scale\": \"percentile\", \"weight\": 2, \"direction\": \"+\", \"label\": \"Meldingen\", "
    "\"why\": \"omdat\"},\n"
    "{\"name\": \"far\", \"pillar\": \"structure\", \"measure\": \"nearest\", \"of\": \"roads\", "
    "\"decay_m\": 2000, "
    "\"scale\": \"fixed\", \"bounds\": [0, 1], \"weight\": 0, \"direction\": \"-\", \"label\": "
    "\"Ver\", \"label_en\": \"Far\", "
    "\"why\": \"weg\", \"why_en\": \"road\"},\n"
    "{\"name\": \"built\", \"pillar\": \"structure\", \"measure\": \"age\", \"field\": "
    "\"bouwjaar\", \"scale\": \"minmax\", "
    "\"weight\": 1.5, \"direction\": \"+\", \"label\": \"Leeftijd\", \"why\": \"oud\"}],\n"
    "\"score\": {\"aggregate\": \"geometric\", \"missing\": \"leave\", \"min_coverage\": 0.5, "
    "\"classes\": [0.25, 0.5], \"floor\": 0.05},\n"
    "\"version\": \"1.0\", \"decided_by\": \"MT\", \"decided_on\": \"2026-11-01\", "
    "\"legal_basis\": \"Wpg\", \"$schema\": \"s.json\"}\n";

/* The base with the first `find` replaced. */
static char *edited(const char *find, const char *replace)
{
    const char *at = strstr(base, find);
    if (!at)
        fail_msg("not in the base: %s", find);
    size_t size = sizeof base + strlen(replace) + 1, before = (size_t)(at - base);
    char *text = malloc(size);
    memcpy(text, base, before);
    snprintf(text + before, size - before, "%s%s", replace, at + strlen(find));
    return text;
}

static rm_model *read_text(const char *text)
{
    rm_error err = {0};
    rm_model *model = NULL;
    if (rm_model_from_text(&model, text, (int64_t)strlen(text), "m/parks.json", &err) != RM_OK)
        fail_msg("%s", err.message);
    return model;
}

static void test_everything(void **state)
{
    (void)state;
    rm_model *m = read_text(base);
    assert_string_equal(m->path, "m/parks.json");
    assert_string_equal(m->text, base);
    assert_string_equal(m->name, "parks-2026");
    assert_string_equal(m->title, "Parken");
    assert_string_equal(m->purpose, "prioriteren");
    assert_string_equal(m->legal_basis, "Wpg");
    assert_string_equal(m->retain_until, "2027-12-31");
    assert_string_equal(m->crs, "EPSG:28992");
    assert_string_equal(m->version, "1.0");
    assert_string_equal(m->decided_by, "MT");
    assert_string_equal(m->decided_on, "2026-11-01");
    assert_int_equal(m->layer_count, 3);
    assert_int_equal(m->areas_layer, 0);
    assert_string_equal(m->areas_id, "code");
    assert_string_equal(m->areas_name, "naam");
    assert_string_equal(m->areas_type, "holiday-park");
    assert_true(m->geometric);
    assert_false(m->reweight);
    assert_true(m->min_coverage == 1.0 && m->floor == 0.05);
    assert_int_equal(m->class_count, 2);
    assert_true(m->classes[0] == 0.25 && m->classes[1] == 0.5);
    const rm_model_layer *l = m->layers;
    assert_string_equal(l[0].name, "parks");
    assert_string_equal(l[0].source, "parks.gpkg");
    assert_string_equal(l[0].where, "kind = 'holiday'");
    assert_string_equal(rm_filter_field(l[0].filter, 0), "kind");
    assert_false(l[0].shielded);
    assert_int_equal(l[0].line, 4);
    assert_null(l[0].time);
    assert_null(l[0].origin);
    assert_true(l[1].shielded); /* not declared */
    assert_string_equal(l[1].time, "date");
    assert_string_equal(l[1].x, "rd_x");
    assert_string_equal(l[1].y, "rd_y");
    assert_string_equal(l[1].origin, "reported");
    assert_null(l[1].filter);
    assert_true(l[2].shielded);
    assert_string_equal(l[2].layer, "main");
    assert_string_equal(l[2].crs, "EPSG:4258");
    assert_int_equal(rm_model_find_layer(m, "roads"), 2);
    assert_int_equal(rm_model_find_layer(m, "Roads"), -1);
    rm_model_free(m);
    rm_model_free(NULL);
}

static void test_indicators(void **state)
{
    (void)state;
    rm_model *m = read_text(base);
    assert_int_equal(m->indicator_count, 3);
    const rm_indicator *k = m->indicators;
    assert_string_equal(k[0].name, "n_reports");
    assert_string_equal(k[0].pillar, "signals");
    assert_int_equal(k[0].measure, RM_MEASURE_RATE);
    assert_int_equal(k[0].of, 1);
    assert_int_equal(k[0].per, 2);
    assert_true(k[0].per_units == 100 && k[0].min_per == 10 && k[0].within_m == 50);
    assert_true(k[0].half_life_days == 365 && k[0].decay_m == 0 && k[0].weight == 2);
    assert_false(k[0].shrink);
    assert_true(k[0].intersects);
    assert_int_equal(k[0].from, rm_date_from_civil(2024, 1, 1));
    assert_int_equal(k[0].until, rm_date_from_civil(2024, 12, 31));
    assert_string_equal(k[0].where, "kind <> 'test'");
    assert_int_equal(rm_filter_field_count(k[0].filter), 1);
    assert_int_equal(k[0].scale, RM_SCALE_PERCENTILE);
    assert_int_equal(k[0].direction, 1);
    assert_int_equal(k[0].line, 9);
    assert_string_equal(k[0].label, "Meldingen");
    assert_null(k[0].label_en);
    assert_int_equal(k[1].measure, RM_MEASURE_NEAREST);
    assert_true(k[1].decay_m == 2000 && k[1].bounds[0] == 0 && k[1].bounds[1] == 1);
    assert_int_equal(k[1].scale, RM_SCALE_FIXED);
    assert_int_equal(k[1].direction, -1);
    assert_string_equal(k[1].label_en, "Far");
    assert_string_equal(k[1].why_en, "road");
    assert_int_equal(k[2].measure, RM_MEASURE_AGE);
    assert_int_equal(k[2].of, -1);
    assert_int_equal(k[2].per, -1);
    assert_string_equal(k[2].field, "bouwjaar");
    /* what is not said */
    assert_true(k[2].per_units == 1 && k[2].min_per == 0 && k[2].within_m == 0);
    assert_true(k[2].half_life_days == 0 && k[2].shrink && !k[2].intersects);
    assert_int_equal(k[2].from, RM_NO_DATE);
    assert_int_equal(k[2].until, RM_NO_DATE);
    assert_null(k[2].filter);
    rm_model_free(m);
}

static void test_defaults(void **state)
{
    (void)state;
    rm_model *m = read_text("{\"riskmap\": 1.0, \"name\": \"a\", \"purpose\": \"b\", \"crs\": "
                            "\"EPSG:25831\", \"layers\": {\"a\": "
                            "{\"source\": \"a\"}}, \"areas\": {\"layer\": \"a\"}, \"indicators\": "
                            "[{\"name\": \"c\", \"pillar\": "
                            "\"p\", \"measure\": \"count\", \"of\": \"a\", \"scale\": \"zscore\", "
                            "\"weight\": 1, \"direction\": "
                            "\"+\", \"label\": \"L\", \"why\": \"W\"}]}");
    assert_string_equal(m->crs, "EPSG:25831");
    assert_null(m->title);
    assert_null(m->areas_id);
    assert_false(m->geometric);
    assert_true(m->reweight);
    assert_true(m->min_coverage == 0.6 && m->floor == 0.01);
    assert_int_equal(m->class_count, 4);
    assert_true(m->classes[0] == 0.2 && m->classes[1] == 0.4 && m->classes[2] == 0.6 &&
                m->classes[3] == 0.8);
    assert_true(m->layers[0].shielded);
    rm_model_free(m);
}

/* ---- every message ---- */

typedef struct wrong {
    const char *find, *replace, *message;
} wrong;

static void check_wrong(const wrong *cases, size_t count)
{
    for (size_t k = 0; k < count; k++) {
        char *text = edited(cases[k].find, cases[k].replace);
        rm_error err = {0};
        rm_model *model = (rm_model *)&err;
        rm_status status = rm_model_from_text(&model, text, (int64_t)strlen(text), "m.json", &err);
        if (status != RM_EMODEL)
            fail_msg("%s -> %s: status %d", cases[k].find, cases[k].replace, (int)status);
        assert_ptr_equal(model, &err);
        assert_string_equal(err.message, cases[k].message);
        assert_int_equal(rm_model_from_text(&model, text, (int64_t)strlen(text), NULL, NULL),
                         RM_EMODEL);
        free(text);
    }
}

#define CHECK_WRONG(cases) check_wrong((cases), sizeof(cases) / sizeof *(cases))

static void test_wrong_top(void **state)
{
    (void)state;
    static const wrong cases[] = {
        {"\"riskmap\": 1,", "\"riskmap\": 2,",
         "m.json, line 1, riskmap: this version of riskmap reads format 1 and no other"},
        {"\"riskmap\": 1,", "\"riskmap\": \"1\",",
         "m.json, line 1, riskmap: must be a number, not a text"},
        {"\"riskmap\": 1,", "\"riskmap\": true,",
         "m.json, line 1, riskmap: must be a number, not true or false"},
        {"\"riskmap\": 1,", "",
         "m.json, line 1: \"riskmap\" is missing: the version of this format, 1"},
        {"\"name\": \"parks-2026\",", "",
         "m.json, line 1: \"name\" is missing: a short name for the model, such as "
         "\"holiday-parks\""},
        {"parks-2026", "Parks 2026",
         "m.json, line 1, name: \"Parks 2026\" must be small letters and digits in words joined by "
         "- or _, 100 characters at most; \"title\" is for people"},
        {"parks-2026", "parks-",
         "m.json, line 1, name: \"parks-\" must be small letters and digits in words joined by - "
         "or _, 100 characters at most; \"title\" is for people"},
        {"\"parks-2026\"", "5", "m.json, line 1, name: must be a text, not a number"},
        {"\"purpose\": \"prioriteren\",", "",
         "m.json, line 1: \"purpose\" is missing: what the scores are for"},
        {"prioriteren", " \\t\\n", "m.json, line 2, purpose: is blank; say what belongs here"},
        {"\"Parken\"", "null", "m.json, line 1, title: must be a text, not null"},
        {"2027-12-31", "2027-02-30",
         "m.json, line 2, retain_until: \"2027-02-30\" is no date; write it as 2026-01-31"},
        {"2027-12-31", "31-12-2027",
         "m.json, line 2, retain_until: \"31-12-2027\" is no date; write it as 2026-01-31"},
        {"2026-11-01", "20261101",
         "m.json, line 13, decided_on: \"20261101\" is no date; write it as 2026-01-31"},
        {"\"purpose\"", "\"purpse\"",
         "m.json, line 2, purpse: there is no such key here; did you mean \"purpose\"?"},
        {"\"version\"", "\"quux\"",
         "m.json, line 13, quux: there is no such key here; there is riskmap, name, purpose, "
         "layers, areas, indicators, title, legal_basis, retain_until, crs, score, version, "
         "decided_by, decided_on, $schema"},
        {"\"s.json\"", "[]", "m.json, line 13, $schema: must be a text, not a list [ ]"},
        {"\"layers\"", "\"Layer\"",
         "m.json, line 3, Layer: there is no such key here; did you mean \"layers\"?"},
        {"\"version\": \"1.0\",", "\"version\": \"1.0\", \"version\": \"1.1\",",
         "m.json, line 13: version stands here for the second time, after line 13"},
        {"\"version\": \"1.0\",", "\"version\": NaN,",
         "m.json, line 13: a number must be finite; JSON has no NaN and no Infinity"},
    };
    CHECK_WRONG(cases);
    rm_error err;
    rm_model *model;
    assert_int_equal(rm_model_from_text(&model, "[]", 2, NULL, &err), RM_EMODEL);
    assert_string_equal(err.message, "model, line 1: must be an object { }, not a list [ ]");
    assert_int_equal(rm_model_from_text(&model, "", 0, NULL, &err), RM_EMODEL);
    assert_string_equal(err.message, "model, line 1: the file is empty");
}

static void test_wrong_layers(void **state)
{
    (void)state;
    static const wrong cases[] = {
        {"\"source\": \"r.csv\", ", "",
         "m.json, line 5, layers.reports: \"source\" is missing: the file or address that holds "
         "it"},
        {"\"r.csv\"", "\"\"",
         "m.json, line 5, layers.reports.source: is blank; say what belongs here"},
        {"\"time\": \"date\"", "\"tijd\": \"date\"",
         "m.json, line 5, layers.reports.tijd: there is no such key here; did you mean \"time\"?"},
        {"\"time\": \"date\"", "\"colour\": \"date\"",
         "m.json, line 5, layers.reports.colour: there is no such key here; there is source, "
         "layer, where, classification, origin, time, x, y, crs, profile, locate, address, "
         "reports, max_age_days"},
        {"\"open\"", "\"public\"",
         "m.json, line 4, layers.parks.classification: \"public\" is no classification (open, "
         "shielded)"},
        {"\"open\"", "\"opn\"",
         "m.json, line 4, layers.parks.classification: \"opn\" is no classification; did you mean "
         "\"open\"? (open, shielded)"},
        {"\"open\"", "true",
         "m.json, line 4, layers.parks.classification: must be a text, not true or false"},
        {"\"reported\"", "\"rumour\"",
         "m.json, line 5, layers.reports.origin: \"rumour\" is no origin (registered, reported)"},
        {"\"x\": \"rd_x\", ", "",
         "m.json, line 5, layers.reports: \"x\" is missing: \"x\" and \"y\" come together"},
        {"\"y\": \"rd_y\", ", "",
         "m.json, line 5, layers.reports: \"y\" is missing: \"x\" and \"y\" come together"},
        {"kind = 'holiday'", "kind = holiday",
         "m.json, line 4, layers.parks.where: character 8: expected a text in 'single quotes' or a "
         "number, found \"holiday\""},
        {"\"roads\": {", "\"ro ads\": {",
         "m.json, line 6, layers.ro ads: a layer's name is letters, digits, _ and -, a letter "
         "first, 64 characters at most"},
        {"\"roads\": {", "\"\": {",
         "m.json, line 6, layers.: a layer's name is letters, digits, _ and -, a letter first, 64 "
         "characters at most"},
        {"\"roads\": {", "\"1roads\": {",
         "m.json, line 6, layers.1roads: a layer's name is letters, digits, _ and -, a letter "
         "first, 64 characters at most"},
        {"{\"source\": \"roads.gpkg\", \"layer\": \"main\", \"crs\": \"EPSG:4258\", "
         "\"classification\": \"shielded\"}",
         "\"roads.gpkg\"", "m.json, line 6, layers.roads: must be an object { }, not a text"},
        {"\"layer\": \"parks\",", "\"layer\": \"park\",",
         "m.json, line 7, areas.layer: \"park\" is no layer; did you mean \"parks\"? (parks, "
         "reports, roads)"},
        {"\"layer\": \"parks\",", "",
         "m.json, line 7, areas: \"layer\" is missing: the name of the layer with the areas"},
        {"\"type\": \"holiday-park\"", "\"sort\": \"holiday-park\"",
         "m.json, line 7, areas.sort: there is no such key here; there is layer, id, name, type"},
        {"\"code\"", "7", "m.json, line 7, areas.id: must be a text, not a number"},
    };
    CHECK_WRONG(cases);
}

#define REPORTS(more) "\"origin\": \"reported\"", "\"origin\": \"reported\", " more

static void test_wrong_addresses(void **state)
{
    (void)state;
    static const wrong cases[] = {
        {REPORTS("\"locate\": \"road\""),
         "m.json, line 5, layers.reports.locate: \"road\" is no layer; did you mean \"roads\"? "
         "(parks, reports, roads)"},
        {REPORTS("\"locate\": \"reports\""),
         "m.json, line 5, layers.reports.locate: is this layer itself; name the layer that holds "
         "the addresses"},
        {REPORTS("\"locate\": true"),
         "m.json, line 5, layers.reports.locate: must be a text, not true or false"},
        {"\"main\"",
         "\"main\", \"locate\": \"other\"}, \"other\": {\"source\": \"a\", "
         "\"locate\": \"parks\"",
         "m.json, line 6, layers.roads.locate: layer \"other\" gets its own places by \"locate\"; "
         "name a layer that holds the addresses and their places"},
        {"\"kind = 'holiday'\"", "\"a = 1\", \"locate\": \"roads\"",
         "m.json, line 7, areas.layer: areas are polygons, and this layer states \"locate\", which "
         "is for reports; take it out, or name another layer"},
        {REPORTS("\"address\": {\"line\": \"adres\"}"),
         "m.json, line 5, layers.reports: \"locate\" is missing: the layer with the addresses that "
         "\"address\" is looked up in"},
        {REPORTS("\"locate\": \"roads\", \"address\": {}"),
         "m.json, line 5, layers.reports.address: names no column; take it out, and they are "
         "guessed by their names"},
        {REPORTS("\"locate\": \"roads\", \"address\": {\"huisnummer\": \"nr\"}"),
         "m.json, line 5, layers.reports.address.huisnummer: there is no such key here; there is "
         "postcode, number, letter, addition, line, street, place"},
        {REPORTS("\"locate\": \"roads\", \"address\": {\"postcod\": \"pc\"}"),
         "m.json, line 5, layers.reports.address.postcod: there is no such key here; did you mean "
         "\"postcode\"?"},
        {REPORTS("\"max_age_days\": 0"),
         "m.json, line 5, layers.reports.max_age_days: must be above 0"},
        {REPORTS("\"profile\": \"\""),
         "m.json, line 5, layers.reports.profile: is blank; say what belongs here"},
    };
    CHECK_WRONG(cases);
}

static void test_wrong_rules(void **state)
{
    (void)state;
    static const wrong cases[] = {
        {REPORTS("\"reports\": {\"before-1900\": \"keep\"}"),
         "m.json, line 5, layers.reports.reports.before-1900: there is no such key here; did you "
         "mean \"before_1900\"?"},
        {REPORTS("\"reports\": {\"duplicates\": \"leave out\"}"),
         "m.json, line 5, layers.reports.reports.duplicates: \"leave out\" is no rule; did you "
         "mean \"leave-out\"? (keep, leave-out)"},
        {REPORTS("\"reports\": {\"spots\": false}"),
         "m.json, line 5, layers.reports.reports.spots: must be a text, not true or false"},
        {REPORTS("\"reports\": {\"spot_share\": 1}"),
         "m.json, line 5, layers.reports.reports.spot_share: must be above 0 and below 1"},
        {REPORTS("\"reports\": {\"distinct_by\": \"week\"}"),
         "m.json, line 5, layers.reports.reports.distinct_by: \"week\" is no way to count a place "
         "once (none, place-week, place-day)"},
        {"\"main\"", "\"main\", \"reports\": {\"distinct_by\": \"place-week\"}",
         "m.json, line 6, layers.roads.reports.distinct_by: the layer has no \"time\": name the "
         "column with the date"},
        {"\"main\"", "\"main\", \"reports\": {\"future\": \"keep\"}",
         "m.json, line 6, layers.roads.reports.future: the layer has no \"time\": name the column "
         "with the date"},
        {"\"kind = 'holiday'\"", "\"a = 1\", \"reports\": {}",
         "m.json, line 7, areas.layer: areas are polygons, and this layer states \"reports\", "
         "which is for reports; take it out, or name another layer"},
    };
    CHECK_WRONG(cases);
}

static void test_reports(void **state)
{
    (void)state;
    char *text = edited(
        REPORTS("\"profile\": \"none\", \"locate\": \"roads\", \"address\": {\"postcode\": "
                "\"pc\", \"number\": \"nr\", \"letter\": \"l\", \"addition\": \"t\", \"line\": "
                "\"adres\", \"street\": \"straat\", \"place\": \"plaats\"}, \"reports\": "
                "{\"duplicates\": \"leave-out\", \"future\": \"keep\", \"before_1900\": "
                "\"leave-out\", \"outside\": \"leave-out\", \"spots\": \"leave-out\", "
                "\"spot_share\": 0.05, \"distinct_by\": \"place-day\"}"));
    rm_model *model = read_text(text);
    const rm_model_layer *layer = &model->layers[1];
    assert_string_equal(layer->profile, "none");
    assert_int_equal(layer->locate, 2);
    const char *const parts[] = {layer->postcode,     layer->number, layer->letter, layer->addition,
                                 layer->address_line, layer->street, layer->place};
    const char *const wanted[] = {"pc", "nr", "l", "t", "adres", "straat", "plaats"};
    for (size_t p = 0; p < sizeof parts / sizeof *parts; p++)
        assert_string_equal(parts[p], wanted[p]);
    const rm_report_rules *rules = &layer->reports;
    assert_true(layer->reported && rules->drop_duplicates && rules->keep_future &&
                rules->drop_before_1900 && rules->drop_outside && rules->drop_spots);
    assert_int_equal(rules->distinct, RM_DISTINCT_PLACE_DAY);
    assert_true(rules->spot_share == 0.05);
    for (int l = 0; l < 3; l += 2) {
        rules = &model->layers[l].reports;
        assert_false(model->layers[l].reported || rules->drop_duplicates || rules->keep_future ||
                     rules->drop_before_1900 || rules->drop_outside || rules->drop_spots);
        assert_int_equal(model->layers[l].locate, -1);
        assert_int_equal(rules->distinct, RM_DISTINCT_NONE);
        assert_true(rules->spot_share == 0.01);
    }
    rm_model_free(model);
    free(text);
}

static void test_wrong_values(void **state)
{
    (void)state;
    static const wrong cases[] = {
        {"\"n_reports\"", "\"Reports\"",
         "m.json, line 9, indicators[0].name: \"Reports\" becomes part of a column's name: a to z, "
         "0 to 9 and _, a letter first, 48 characters at most"},
        {"\"n_reports\"", "\"a123456789b123456789c123456789d123456789e12345678\"",
         "m.json, line 9, indicators[0].name: \"a123456789b123456789c123456789d123456789...\" "
         "becomes part of a column's name: a to z, 0 to 9 and _, a letter first, 48 characters at "
         "most"},
        {"\"signals\"", "\"sig nals\"",
         "m.json, line 9, indicators[0].pillar: \"sig nals\" becomes part of a column's name: a to "
         "z, 0 to 9 and _, a letter first, 48 characters at most"},
        {"\"n_reports\"", "\"rank_low\"",
         "m.json, line 9, indicators[0].name: \"rank_low\" is a column of every result; choose "
         "another name"},
        {"\"n_reports\"", "\"my_score\"",
         "m.json, line 9, indicators[0].name: a name may not end in _score or _rank: the columns "
         "of the pillars do"},
        {"\"n_reports\"", "\"a_rank\"",
         "m.json, line 9, indicators[0].name: a name may not end in _score or _rank: the columns "
         "of the pillars do"},
        {"\"far\"", "\"n_reports\"",
         "m.json, line 10, indicators[1].name: \"n_reports\" is the name of indicators[0] too, on "
         "line 9"},
        {"\"rate\"", "\"rat\"",
         "m.json, line 9, indicators[0].measure: \"rat\" is no measure; did you mean \"rate\"? "
         "(count, density, sum, mean, median, share, cover, nearest, rate, age, attribute)"},
        {"\"percentile\"", "\"minmx\"",
         "m.json, line 9, indicators[0].scale: \"minmx\" is no scale; did you mean \"minmax\"? "
         "(minmax, zscore, rank, percentile, fixed)"},
        {"\"percentile\"", "5",
         "m.json, line 9, indicators[0].scale: must be a text, not a number"},
        {"\"of\": \"reports\"", "\"of\": \"report\"",
         "m.json, line 9, indicators[0].of: \"report\" is no layer; did you mean \"reports\"? "
         "(parks, reports, roads)"},
        {"\"per\": \"roads\"", "\"per\": \"houses\"",
         "m.json, line 9, indicators[0].per: \"houses\" is no layer (parks, reports, roads)"},
        {"\"per_units\": 100", "\"per_units\": 0",
         "m.json, line 9, indicators[0].per_units: must be above 0"},
        {"\"min_per\": 10", "\"min_per\": -1",
         "m.json, line 9, indicators[0].min_per: must be 0 or more"},
        {"\"min_per\": 10", "\"min_per\": \"10\"",
         "m.json, line 9, indicators[0].min_per: must be a number, not a text"},
        {"\"none\"", "\"no\"",
         "m.json, line 9, indicators[0].shrink: \"no\" is no way to shrink (none, eb)"},
        {"\"intersects\"", "\"area\"",
         "m.json, line 9, indicators[0].by: \"area\" is no way to count (point, intersects)"},
        {"\"within_m\": 50", "\"within_m\": -50",
         "m.json, line 9, indicators[0].within_m: must be 0 or more"},
        {"2024-01-01", "2025-01-01", "m.json, line 9, indicators[0].until: lies before \"from\""},
        {"2024-01-01", "vorig jaar",
         "m.json, line 9, indicators[0].from: \"vorig jaar\" is no date; write it as 2026-01-31"},
        {"365", "0", "m.json, line 9, indicators[0].half_life_days: must be above 0"},
        {"2000", "-5", "m.json, line 10, indicators[1].decay_m: must be above 0"},
        {"\"weight\": 2", "\"weight\": -2",
         "m.json, line 9, indicators[0].weight: must be 0 or more"},
        {"\"weight\": 2", "\"weight\": null",
         "m.json, line 9, indicators[0].weight: must be a number, not null"},
        {"\"weight\": 2, ", "",
         "m.json, line 9, indicators[0]: \"weight\" is missing: a number, 0 or more"},
        {"\"direction\": \"-\"", "\"direction\": \"min\"",
         "m.json, line 10, indicators[1].direction: \"min\" is no direction (-, +)"},
        {"\"direction\": \"-\"", "\"direction\": -1",
         "m.json, line 10, indicators[1].direction: must be a text, not a number"},
        {"\"why\": \"weg\", ", "",
         "m.json, line 10, indicators[1]: \"why\" is missing: why it counts, with the source that "
         "says so"},
        {"\"why\": \"weg\"", "\"why\": \"  \"",
         "m.json, line 10, indicators[1].why: is blank; say what belongs here"},
        {"\"label\": \"Ver\"", "\"label\": \"\"",
         "m.json, line 10, indicators[1].label: is blank; say what belongs here"},
        {"kind <> 'test'", "kind = NULL",
         "m.json, line 9, indicators[0].where: character 8: nothing equals NULL; write IS NULL or "
         "IS NOT NULL"},
        {"\"bounds\": [0, 1], ", "",
         "m.json, line 10, indicators[1]: \"bounds\" is missing: the scale \"fixed\" needs [low, "
         "high], the values that become 0 and 1"},
        {"[0, 1]", "[1, 1]",
         "m.json, line 10, indicators[1].bounds: the first must be less than the second"},
        {"[0, 1]", "[0, 1, 2]",
         "m.json, line 10, indicators[1].bounds: must be two numbers, [low, high]"},
        {"[0, 1]", "[0, \"1\"]",
         "m.json, line 10, indicators[1].bounds[1]: must be a number, not a text"},
        {"[0, 1]", "1", "m.json, line 10, indicators[1].bounds: must be a list [ ], not a number"},
        {"\"fixed\"", "\"minmax\"",
         "m.json, line 10, indicators[1].bounds: only the scale \"fixed\" has bounds; take them "
         "out"},
        {"\"scale\": \"percentile\", \"weight\": 2", "\"scale\": \"zscore\", \"weight\": 2",
         "m.json, line 9, indicators[0].scale: the geometric aggregate needs values from 0 to 1; "
         "take minmax, percentile or fixed"},
    };
    CHECK_WRONG(cases);
}

static void test_wrong_for_measure(void **state)
{
    (void)state;
    static const wrong cases[] = {
        {"\"rate\"", "\"count\"",
         "m.json, line 9, indicators[0].per: the measure \"count\" cannot use this key; take it "
         "out (it is for rate)"},
        {"\"nearest\"", "\"cover\"",
         "m.json, line 10, indicators[1].decay_m: the measure \"cover\" cannot use this key; take "
         "it out (it is for nearest)"},
        {"\"age\"", "\"attribute\", \"of\": \"roads\"",
         "m.json, line 11, indicators[2].of: the measure \"attribute\" cannot use this key; take "
         "it out (it is for count, density, sum, mean, median, share, cover, nearest, rate, age)"},
        {"\"age\"", "\"nearest\", \"of\": \"roads\"",
         "m.json, line 11, indicators[2].field: the measure \"nearest\" cannot use this key; take "
         "it out (it is for sum, mean, median, age, attribute)"},
        {"\"age\"", "\"age\", \"within_m\": 5",
         "m.json, line 11, indicators[2].within_m: without \"of\" the age is that of the area "
         "itself, which has no use for this key; take it out or name a layer in \"of\""},
        {"\"age\"", "\"age\", \"where\": \"a = 1\"",
         "m.json, line 11, indicators[2].where: without \"of\" the age is that of the area itself, "
         "which has no use for this key; take it out or name a layer in \"of\""},
        {"\"age\"", "\"attribute\", \"by\": \"point\"",
         "m.json, line 11, indicators[2].by: the measure \"attribute\" cannot use this key; take "
         "it out (it is for count, density, sum, mean, median, share, rate, age)"},
        {"\"age\"", "\"median\", \"of\": \"reports\", \"half_life_days\": 5",
         "m.json, line 11, indicators[2].half_life_days: the measure \"median\" cannot use this "
         "key; take it out (it is for count, density, sum, rate)"},
        {"\"age\"", "\"age\", \"of\": \"reports\", \"from\": \"2024-01-01\"",
         "m.json, line 11, indicators[2].from: the measure \"age\" cannot use this key; take it "
         "out (it is for count, density, sum, mean, median, share, rate)"},
        {"\"age\"", "\"mean\", \"of\": \"roads\", \"until\": \"2024-01-01\"",
         "m.json, line 11, indicators[2].until: the layer \"roads\" has no \"time\", the field "
         "that holds the date"},
        {"\"age\"", "\"sum\", \"of\": \"parks\", \"half_life_days\": 10",
         "m.json, line 11, indicators[2].half_life_days: the layer \"parks\" has no \"time\", the "
         "field that holds the date"},
        {"\"of\": \"reports\", ", "",
         "m.json, line 9, indicators[0]: \"of\" is missing: the measure \"rate\" needs the layer "
         "that is measured"},
        {"\"of\": \"roads\", ", "",
         "m.json, line 10, indicators[1]: \"of\" is missing: the measure \"nearest\" needs the "
         "layer that is measured"},
        {"\"field\": \"bouwjaar\", ", "",
         "m.json, line 11, indicators[2]: \"field\" is missing: the measure \"age\" needs the "
         "field with the value"},
        {"\"per\": \"roads\", ", "",
         "m.json, line 9, indicators[0]: \"per\" is missing: the measure \"rate\" needs the layer "
         "whose features are the exposure"},
        {"\"measure\": \"nearest\", \"of\": \"roads\", \"decay_m\": 2000",
         "\"measure\": \"share\", \"of\": \"roads\"",
         "m.json, line 10, indicators[1]: \"where\" is missing: the measure \"share\" needs which "
         "features make the share"},
    };
    CHECK_WRONG(cases);
}

static void test_wrong_score(void **state)
{
    (void)state;
    static const wrong cases[] = {
        {"\"geometric\"", "\"harmonic\"",
         "m.json, line 12, score.aggregate: \"harmonic\" is no aggregate (linear, geometric)"},
        {"\"geometric\"", "\"linear\"",
         "m.json, line 12, score.floor: only the geometric aggregate has a floor; take it out"},
        {"\"aggregate\": \"geometric\", ", "",
         "m.json, line 12, score.floor: only the geometric aggregate has a floor; take it out"},
        {"\"leave\"", "\"drop\"",
         "m.json, line 12, score.missing: \"drop\" is no way with missing values (leave, "
         "reweight)"},
        {"0.5,", "1.01,", "m.json, line 12, score.min_coverage: must be from 0 to 1"},
        {"0.05", "0", "m.json, line 12, score.floor: must be above 0 and below 1"},
        {"0.05", "1", "m.json, line 12, score.floor: must be above 0 and below 1"},
        {"[0.25, 0.5]", "[]", "m.json, line 12, score.classes: must be a list of 1 to 8 numbers"},
        {"[0.25, 0.5]", "[0.1,0.2,0.3,0.4,0.5,0.6,0.7,0.8,0.9]",
         "m.json, line 12, score.classes: must be a list of 1 to 8 numbers"},
        {"[0.25, 0.5]", "[0.5, 0.25]",
         "m.json, line 12, score.classes[1]: must be more than the one before it"},
        {"[0.25, 0.5]", "[0.25, 0.25]",
         "m.json, line 12, score.classes[1]: must be more than the one before it"},
        {"[0.25, 0.5]", "[0.25, 1]",
         "m.json, line 12, score.classes[1]: must be above 0 and below 1"},
        {"[0.25, 0.5]", "[0, 0.5]",
         "m.json, line 12, score.classes[0]: must be above 0 and below 1"},
        {"[0.25, 0.5]", "[\"a\"]",
         "m.json, line 12, score.classes[0]: must be a number, not a text"},
        {"[0.25, 0.5]", "5", "m.json, line 12, score.classes: must be a list [ ], not a number"},
        {"\"classes\"", "\"clases\"",
         "m.json, line 12, score.clases: there is no such key here; did you mean \"classes\"?"},
    };
    CHECK_WRONG(cases);
}

/* What an edit at one place cannot make. */
static void test_wrong_whole(void **state)
{
    (void)state;
    rm_error err;
    rm_model *model;
    static const char head[] = "{\"riskmap\": 1, \"name\": \"a\", \"purpose\": \"b\", \"layers\": ";
    static const struct {
        const char *rest, *message;
    } cases[] = {
        {"{}, \"areas\": {\"layer\": \"a\"}, \"indicators\": []}",
         "model, line 1, layers: must hold 1 to 256 layers"},
        {"[], \"areas\": {\"layer\": \"a\"}, \"indicators\": []}",
         "model, line 1, layers: must be an object { }, not a list [ ]"},
        {"{\"a\": {\"source\": \"s\"}}, \"areas\": {\"layer\": \"a\"},\n\"indicators\": []}",
         "model, line 2, indicators: must hold 1 to 256 indicators"},
        {"{\"a\": {\"source\": \"s\"}}, \"areas\": {\"layer\": \"a\"},\n\"indicators\": {}}",
         "model, line 2, indicators: must be a list [ ], not an object { }"},
        {"{\"a\": {\"source\": \"s\"}}, \"areas\": {\"layer\": \"a\"},\n\"indicators\": [5]}",
         "model, line 2, indicators[0]: must be an object { }, not a number"},
        {"{\"a\": {\"source\": \"s\"}}, \"areas\": \"a\", \"indicators\": []}",
         "model, line 1, areas: must be an object { }, not a text"},
        {"{\"a\": {\"source\": \"s\"}}, \"areas\": {\"layer\": \"a\"}, \"indicators\":\n "
         "[{\"name\": \"n\", \"pillar\": \"p\", \"measure\": \"count\", \"of\": \"a\", \"scale\": "
         "\"rank\", \"weight\": 0, \"direction\": \"+\", \"label\": \"l\", \"why\": \"w\"}]}",
         "model, line 2, indicators: every weight is 0; give one of them more"},
    };
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        char text[1000];
        snprintf(text, sizeof text, "%s%s", head, cases[k].rest);
        assert_int_equal(rm_model_from_text(&model, text, (int64_t)strlen(text), NULL, &err),
                         RM_EMODEL);
        assert_string_equal(err.message, cases[k].message);
    }
}

/* A model of `count` layers and indicators. */
static char *many(int count)
{
    rm_text text = {0};
    rm_text_add(&text, "{\"riskmap\": 1, \"name\": \"a\", \"purpose\": \"b\", \"layers\": {\"a\": "
                       "{\"source\": \"s\"}},\"areas\": {\"layer\": \"a\"}, \"indicators\": [");
    for (int i = 0; i < count; i++)
        rm_text_addf(&text,
                     "%s{\"name\": \"n%d\", \"pillar\": \"p\", \"measure\": \"count\", \"of\": "
                     "\"a\", \"scale\": \"rank\", \"weight\": 1, \"direction\": \"+\", \"label\": "
                     "\"l\", \"why\": \"w\"}",
                     i ? "," : "", i);
    rm_text_add(&text, "]}");
    return text.data;
}

static void test_many(void **state)
{
    (void)state;
    rm_error err;
    rm_model *model;
    char *text = many(256);
    assert_int_equal(rm_model_from_text(&model, text, (int64_t)strlen(text), NULL, &err), RM_OK);
    assert_int_equal(model->indicator_count, 256);
    rm_model_free(model);
    rm_release(text);
    text = many(257);
    assert_int_equal(rm_model_from_text(&model, text, (int64_t)strlen(text), NULL, &err),
                     RM_EMODEL);
    assert_string_equal(err.message, "model, line 1, indicators: must hold 1 to 256 indicators");
    rm_release(text);
}

/* The rows of the table may not contradict one another. */
static void test_rules(void **state)
{
    (void)state;
    for (int m = 0; m < RM_MEASURES; m++) {
        const rm_measure_rule *rule = rm_measure_rule_of((rm_measure)m);
        assert_non_null(rule->name);
        assert_non_null(rule->unit_nl);
        assert_non_null(rule->unit_en);
        assert_in_range(rule->decimals, 0, 6);
        assert_true(rule->of_allowed || !rule->of_needed);
        assert_true(rule->field_allowed || !rule->field_needed);
        assert_true(rule->of_needed ||
                    !(rule->where_needed || rule->per_needed || rule->time_allowed ||
                      rule->half_life_allowed || rule->decay_allowed));
        assert_true(rule->time_allowed || !rule->half_life_allowed);
        for (int other = 0; other < m; other++)
            assert_string_not_equal(rule->name, rm_measure_rule_of((rm_measure)other)->name);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_everything),   cmocka_unit_test(test_indicators),
        cmocka_unit_test(test_defaults),     cmocka_unit_test(test_wrong_top),
        cmocka_unit_test(test_wrong_layers), cmocka_unit_test(test_wrong_addresses),
        cmocka_unit_test(test_wrong_rules),  cmocka_unit_test(test_reports),
        cmocka_unit_test(test_wrong_values), cmocka_unit_test(test_wrong_for_measure),
        cmocka_unit_test(test_wrong_score),  cmocka_unit_test(test_wrong_whole),
        cmocka_unit_test(test_many),         cmocka_unit_test(test_rules),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
