/* The factsheet of made-up sources, word for word, and what it keeps to itself. */
#define _GNU_SOURCE
#include "base/date.h"
#include "base/file.h"
#include "base/text.h"
#include "io/about.h"
#include "output/inspect/duplicates.h"

#include "riskmap/riskmap.h"

#include <fcntl.h>
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
    /* 2026-03-04 */
    struct timespec times[2] = {{1772582400, 0}, {1772582400, 0}};
    assert_int_equal(utimensat(AT_FDCWD, scratch_path(name), times, 0), 0);
}

static char *read_text(const char *name)
{
    rm_error err = {0};
    char *text = NULL;
    int64_t size;
    if (rm_file_read(&text, &size, scratch_path(name), 1 << 20, &err) != RM_OK)
        fail_msg("%s", err.message);
    return text;
}

static rm_status write_sheet(const char *source, const char *crs, const char *out,
                             rm_factsheet_options options, rm_error *err)
{
    rm_inspection *found = NULL;
    rm_inspect_options how = RM_INSPECT_OPTIONS_INIT;
    char from[512], to[512];
    snprintf(from, sizeof from, "%s", scratch_path(source));
    snprintf(to, sizeof to, "%s", scratch_path(out));
    how.crs = crs;
    how.duplicates = 1;
    if (rm_inspect(&found, from, &how, err) != RM_OK)
        fail_msg("%s", err->message);
    options.today = rm_date_from_civil(2026, 11, 22);
    rm_status status = rm_inspection_write_factsheet(found, from, to, &options, err);
    rm_inspection_free(found);
    return status;
}

static void assert_sheet(const char *source, const char *crs, rm_factsheet_options options,
                         const char *expected)
{
    rm_error err = {0};
    options.overwrite = 1;
    if (write_sheet(source, crs, "uit.md", options, &err) != RM_OK)
        fail_msg("%s", err.message);
    char *text = read_text("uit.md");
    assert_string_equal(text, expected);
    rm_release(text);
}

static const char REPORTS[] = "meldingnummer;datum;soort;bsn;bouwjaar;x;y\n"
                              "1;01-02-2024;drugs;123456782;1005;200010;500010\n"
                              "2;05-06-2025;afval;111222333;1950;213110;507020\n"
                              "2;05-06-2025;afval;111222333;1950;213110;507020\n"
                              "4;01-01-2031;;123456782;;200310;500020\n";

static void test_a_shielded_source_in_dutch(void **state)
{
    (void)state;
    rm_factsheet_options options = RM_FACTSHEET_OPTIONS_INIT;
    write_text("meldingen.csv", REPORTS);
    write_text("meldingen.csv.md",
               "# Meldingen\n- **Licentie:** alleen binnen het convenant\n- Eigenaar: gemeente | "
               "Woldermark\nPeildatum: 2026-02-28\nEigenaar: een ander\n");
    assert_sheet(
        "meldingen.csv", "EPSG:28992", options,
        "# Factsheet: meldingen.csv\n"
        "\n| | |\n|---|---|\n"
        "| Naam | niet vermeld |\n"
        "| Eigenaar | gemeente \\| Woldermark |\n"
        "| Licentie | alleen binnen het convenant |\n"
        "| Vermeld in | meldingen.csv.md |\n"
        "| Datum van de gegevens | 2026-02-28 (vermeld); bestand van 2026-03-04 |\n"
        "| Bestand | Delimited text, 0,2 kB |\n"
        "| Classificatie | **AFGESCHERMD**: niet open verklaard; hier staan geen waarden in, de "
        "ligging op 10 km en data per maand |\n"
        "| Opgesteld | 2026-11-22 |\n"
        "\n## meldingen\n"
        "\n| | |\n|---|---|\n"
        "| Classificatie | AFGESCHERMD |\n"
        "| Herkend als | meldingen: datum en coördinaten (heeft datum, x en y) |\n"
        "| Velden die riskmap kent | `datum`, `x`, `y` |\n"
        "| Objecten | 4 (Point) |\n"
        "| Van kracht | 100% |\n"
        "| Nieuwste datum | 2025-06 in `datum` |\n"
        "| Dubbele rijen | 1 |\n"
        "| Dubbele kenmerken | 1 in `meldingnummer` |\n"
        "| Geometrie | alles in orde |\n"
        "| CRS | EPSG:28992 |\n"
        "| Omvang | x 200000 t/m 220000, y 500000 t/m 510000 (op 10 km) |\n"
        "\n| Veld | Soort | Gevuld | Ontbreekt | Waarden |\n"
        "|---|---|---:|---:|---|\n"
        "| `meldingnummer` | tekst | 100% | 0 |  |\n"
        "| `datum` | tekst | 100% | 0 |  |\n"
        "| `soort` | tekst | 75% | 1 |  |\n"
        "| `bsn` | tekst | 100% | 0 | persoonsgegeven: nooit gelezen voor een score |\n"
        "| `bouwjaar` | tekst | 50% | 2 |  |\n"
        "| `x` | tekst | 100% | 0 |  |\n"
        "| `y` | tekst | 100% | 0 |  |\n"
        "\nGevuld telt waarden die voor \"ontbreekt\" staan (-99997, GM0000, bouwjaar 1005 en "
        "9999) als leeg.\n");
    struct stat info;
    assert_int_equal(stat(scratch_path("uit.md"), &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
    char *json = read_text("uit.json");
    assert_non_null(strstr(json, "\"extent\": [200000, 500000, 220000, 510000]"));
    assert_non_null(strstr(json, "\"extent_rounded_to_m\": 10000"));
    assert_non_null(strstr(json, "\"newest_date\": \"2025-06\""));
    assert_non_null(strstr(json, "\"classification\": \"shielded\""));
    const char *const cells[] = {"213110", "drugs", "afval", "123456782", "1950", "2031", "lowest"};
    for (size_t c = 0; c < sizeof cells / sizeof *cells; c++)
        assert_null(strstr(json, cells[c]));
    rm_release(json);
}

static const char PARKS[] =
    "{\"type\": \"FeatureCollection\", \"name\": \"parken\", \"title\": \"Holiday parks\", "
    "\"licence\": \"CC0\", \"publisher\": \"Municipality <b>of Woldermark</b>\",\n"
    "\"crs\": {\"type\": \"name\", \"properties\": {\"name\": \"urn:ogc:def:crs:EPSG::28992\"}},\n"
    "\"features\": [\n"
    "{\"type\": \"Feature\", \"properties\": {\"id\": \"a\", \"huizen\": 1250, \"open\": "
    "\"2020-01-05\", \"licence\": \"cell\", \"naam | `x`\": \"a\"}, \"geometry\": {\"type\": "
    "\"Polygon\", \"coordinates\": [[[200000.75,500000],[200050,500000],[200050,500050],"
    "[200000.75,500000]]]}},\n"
    "{\"type\": \"Feature\", \"properties\": {\"id\": \"b\", \"huizen\": 7.25, \"open\": null, "
    "\"licence\": \"cell\", \"naam | `x`\": null}, \"geometry\": null}]}\n";

static void test_an_open_source_in_english(void **state)
{
    (void)state;
    rm_factsheet_options options = RM_FACTSHEET_OPTIONS_INIT;
    options.open = 1;
    options.language = "en";
    write_text("parken.geojson", PARKS);
    assert_sheet(
        "parken.geojson", NULL, options,
        "# Factsheet: parken.geojson\n"
        "\n| | |\n|---|---|\n"
        "| Name | Holiday parks |\n"
        "| Owner | Municipality \\<b\\>of Woldermark\\</b\\> |\n"
        "| Licence | CC0 |\n"
        "| Stated in | GeoJSON |\n"
        "| Date of the data | not stated; file of 2026-03-04 |\n"
        "| File | GeoJSON, 0.6 kB |\n"
        "| Classification | open |\n"
        "| Made on | 2026-11-22 |\n"
        "\n## parken\n"
        "\n| | |\n|---|---|\n"
        "| Taken for | nothing known: fields under their own names |\n"
        "| Features | 2 (Polygon) |\n"
        "| In force | 100% |\n"
        "| Newest date | 2020-01-05 in `open` |\n"
        "| Duplicate rows | 0 |\n"
        "| Duplicate ids | 0 in `id` |\n"
        "| Geometry | 1 without usable geometry |\n"
        "| CRS | EPSG:28992 |\n"
        "| Extent | x 200001 to 200050, y 500000 to 500050 |\n"
        "\n| Field | Type | Filled | Missing | Values |\n"
        "|---|---|---:|---:|---|\n"
        "| `id` | text | 100% | 0 |  |\n"
        "| `huizen` | real | 100% | 0 | 7.250 to 1250 |\n"
        "| `open` | date | 50% | 1 | 2020-01-05 to 2020-01-05 |\n"
        "| `licence` | text | 100% | 0 |  |\n"
        "| `naam \\| 'x'` | text | 50% | 1 |  |\n"
        "\nFilled counts values that stand for \"missing\" (-99997, GM0000, building years 1005 "
        "and 9999) as empty.\n");
}

static const char MODEL[] =
    "{\"riskmap\": 1, \"name\": \"proef\", \"purpose\": \"proef\", \"layers\": {\"parken\": "
    "{\"source\": \"parken.geojson\", \"classification\": \"open\"}, \"meldingen\": {\"source\": "
    "\"meldingen.csv\", \"crs\": \"EPSG:28992\", \"time\": \"datum\"}}, \"areas\": {\"layer\": "
    "\"parken\", \"id\": \"id\"}, \"indicators\": [{\"name\": \"aantal\", \"pillar\": \"signals\", "
    "\"measure\": \"count\", \"of\": \"meldingen\", \"scale\": \"minmax\", \"weight\": 1, "
    "\"direction\": \"+\", \"label\": \"Aantal\", \"label_en\": \"Count\", \"why\": \"proef\"}, "
    "{\"name\": \"huizen\", \"pillar\": \"structure\", \"measure\": \"attribute\", \"field\": "
    "\"huizen\", \"scale\": \"minmax\", \"weight\": 1, \"direction\": \"+\", \"label\": "
    "\"Huizen\", \"why\": \"proef\"}]}";

static void test_the_model_says_what_it_is_for(void **state)
{
    (void)state;
    rm_error err = {0};
    rm_factsheet_options options = RM_FACTSHEET_OPTIONS_INIT;
    rm_model *model = NULL;
    write_text("parken.geojson", PARKS);
    write_text("meldingen.csv", REPORTS);
    char base[512];
    snprintf(base, sizeof base, "%s", scratch_path("model.json"));
    if (rm_model_parse(&model, MODEL, base, &err) != RM_OK)
        fail_msg("%s", err.message);
    options.model = model;
    assert_int_equal(write_sheet("parken.geojson", NULL, "parken.md", options, &err), RM_OK);
    char *text = read_text("parken.md");
    assert_non_null(strstr(text, "| In het model als `parken` | de gebieden; Huizen |"));
    assert_non_null(strstr(text, "| Classificatie | open |")); /* the model says so */
    rm_release(text);
    options.open = 1; /* and of this one that it is not */
    options.language = "en";
    assert_int_equal(write_sheet("meldingen.csv", "EPSG:28992", "meldingen.json", options, &err),
                     RM_OK);
    text = read_text("meldingen.md");
    assert_non_null(strstr(text, "| In the model as `meldingen` | Count |"));
    assert_non_null(strstr(text, "AFGESCHERMD"));
    rm_release(text);
    text = read_text("meldingen.json");
    assert_non_null(strstr(text, "\"used_by\": [{\"layer\": \"meldingen\", \"areas\": false, "
                                 "\"indicators\": [\"aantal\"]}]"));
    rm_release(text);
    write_text("ander.geojson", PARKS);
    assert_int_equal(write_sheet("ander.geojson", NULL, "ander.md", options, &err), RM_OK);
    text = read_text("ander.md");
    assert_non_null(strstr(text, "| In the model | not used |"));
    rm_release(text);
    rm_model_free(model);
}

static void test_both_files_or_neither(void **state)
{
    (void)state;
    rm_error err = {0};
    rm_factsheet_options options = RM_FACTSHEET_OPTIONS_INIT;
    write_text("parken.geojson", PARKS);
    write_text("uit.json", "{}");
    assert_int_equal(write_sheet("parken.geojson", NULL, "uit.md", options, &err), RM_EEXISTS);
    assert_non_null(strstr(err.message, "uit.json exists already"));
    assert_int_equal(scratch_count(NULL), 2);
    assert_int_equal(write_sheet("parken.geojson", NULL, "geen/uit.md", options, &err),
                     RM_ENOTFOUND);
    assert_int_equal(scratch_count(NULL), 2);
    /* the source is called as one of the two would be */
    write_text("zelf.json", PARKS);
    options.overwrite = 1;
    assert_int_equal(write_sheet("zelf.json", NULL, "zelf.md", options, &err), RM_EINVAL);
    assert_non_null(strstr(err.message, "is one of the files that were read"));
    assert_int_equal(scratch_count(NULL), 3);
    options.language = "fr";
    assert_int_equal(write_sheet("zelf.json", NULL, "uit", options, &err), RM_EINVAL);
    options.language = NULL;
    assert_int_equal(write_sheet("zelf.json", NULL, "uit", options, &err), RM_OK);
    assert_int_equal(scratch_count(NULL), 4);
}

/* ---- what sources say of themselves ---- */

static rm_about about_of(rm_status (*reader)(rm_about *, const char *, int64_t, rm_error *),
                         const char *text)
{
    rm_about about = {.date = RM_NO_DATE};
    rm_error err = {0};
    assert_int_equal(reader(&about, text, (int64_t)strlen(text), &err), RM_OK);
    return about;
}

static void assert_about(rm_about about, const char *title, const char *owner, const char *licence,
                         int32_t date)
{
    const char *const found[] = {about.title, about.owner, about.licence};
    const char *const wanted[] = {title, owner, licence};
    for (int i = 0; i < 3; i++) {
        if (wanted[i])
            assert_string_equal(found[i] ? found[i] : "nothing", wanted[i]);
        else
            assert_null(found[i]);
    }
    assert_int_equal(about.date, date);
    rm_about_clear(&about);
}

static void test_metadata_of_many_kinds(void **state)
{
    (void)state;
    int32_t day = rm_date_from_civil(2025, 12, 31);
    assert_about(
        about_of(rm_about_from_xml,
                 "<?xml version=\"1.0\"?><gmd:MD_Metadata xmlns:gmd=\"a\" xmlns:gco=\"b\">"
                 "<gmd:contact><gmd:CI_ResponsibleParty><gmd:individualName><gco:CharacterString>"
                 "J. Jansen</gco:CharacterString></gmd:individualName><gmd:organisationName>"
                 "<gco:CharacterString>Provincie\n  Woldermark</gco:CharacterString>"
                 "</gmd:organisationName></gmd:CI_ResponsibleParty></gmd:contact><gmd:dateStamp>"
                 "<gco:Date>2025-12-31</gco:Date></gmd:dateStamp><gmd:title>"
                 "<gco:CharacterString>Parken</gco:CharacterString></gmd:title>"
                 "<gmd:otherConstraints><gmx:Anchor>CC BY 4.0</gmx:Anchor></gmd:otherConstraints>"
                 "</gmd:MD_Metadata>"),
        "Parken", "Provincie Woldermark", "CC BY 4.0", day);
    assert_about(about_of(rm_about_from_xml,
                          "<cp:coreProperties><dc:title>Lijst</dc:title><dc:creator>J. Jansen"
                          "</dc:creator><dcterms:modified>2025-12-31T10:00:00Z</dcterms:modified>"
                          "</cp:coreProperties>"),
                 "Lijst", NULL, NULL, day);
    assert_about(about_of(rm_about_from_lines,
                          "Titel: Lijst\r\n\r\nBronhouder :  Gemeente\r\n* License: CC0\r\nzin met "
                          "een lange dubbele punt: niets\r\ndatum: 31-12-2025\r\n"),
                 "Lijst", "Gemeente", "CC0", day);
    assert_about(about_of(rm_about_from_lines, "eigenaar: Provincie Frysl\xe2n\n"), NULL,
                 "Provincie Fryslân", NULL, RM_NO_DATE);
    assert_about(about_of(rm_about_from_json,
                          "{\"a\": {\"licence\": \"deeper\"}, \"x\\\"y\": 1, \"list\": [\"owner\", "
                          "\"z\"], \"licentie\" : \"CC0\", \"date\":\"2025-12-31\", \"features\": "
                          "[{\"title\": \"cell\"}], \"title\": \"behind\"}"),
                 NULL, NULL, "CC0", day);
}

static void test_hostile_metadata_says_nothing(void **state)
{
    (void)state;
    static const char *const texts[] = {"",
                                        "{",
                                        "{\"title",
                                        "{\"title\": \"",
                                        "{\"title\": \"\\",
                                        "[\"title\"]",
                                        "\"title\": \"x",
                                        "<a",
                                        "<a><title>",
                                        "<!DOCTYPE a [<!ENTITY b \"c\">]><title>&b;</title",
                                        ":",
                                        "title:",
                                        "title",
                                        "\xff\xfe\x00"};
    for (size_t t = 0; t < sizeof texts / sizeof *texts; t++) {
        assert_about(about_of(rm_about_from_json, texts[t]), NULL, NULL, NULL, RM_NO_DATE);
        assert_about(about_of(rm_about_from_lines, texts[t]), NULL, NULL, NULL, RM_NO_DATE);
        rm_about about = about_of(rm_about_from_xml, texts[t]);
        rm_about_clear(&about);
    }
    rm_text deep = {0};
    for (int i = 0; i < 100000; i++)
        rm_text_add(&deep, "<a>");
    rm_text_add(&deep, "<title>x</title>");
    assert_about(about_of(rm_about_from_xml, deep.data), NULL, NULL, NULL, RM_NO_DATE);
    rm_text_clear(&deep);
}

/* ---- duplicates ---- */

static void add_row(rm_rows *rows, const char *text, double x)
{
    rm_error err;
    int64_t row = rows->table.rows;
    assert_int_equal(
        rm_column_add_text(&rows->table.columns[0], row, text, (int64_t)strlen(text), &err), RM_OK);
    assert_int_equal(rm_column_add_double(&rows->table.columns[1], row, x, &err), RM_OK);
    assert_int_equal(rm_geometry_add_point(&rows->geometry, x, 1, &err), RM_OK);
    rows->table.rows++;
}

static void test_duplicates_are_counted_beyond_the_first(void **state)
{
    (void)state;
    rm_rows rows = {0};
    rm_hashes hashes = {0}, cells = {0};
    rm_error err;
    assert_int_equal(rm_table_add_column(&rows.table, "a", RM_TEXT, &err), RM_OK);
    assert_int_equal(rm_table_add_column(&rows.table, "b", RM_FLOAT64, &err), RM_OK);
    const char *const texts[] = {"", "a", "ab", "abcdefgh", "abcdefghi", "b"};
    for (int pass = 0; pass < 3; pass++)
        for (size_t t = 0; t < 6; t++)
            add_row(&rows, texts[t], pass == 2 ? 7 : pass == 1 ? -0.0 : 0.0);
    assert_int_equal(rm_hash_rows(&hashes, &rows, &err), RM_OK);
    assert_int_equal(rm_hashes_repeated(&hashes), 6);
    assert_int_equal(rm_hash_cells(&cells, &rows.table.columns[0], 18, &err), RM_OK);
    assert_int_equal(rm_hashes_add_all(&cells, &cells, &err), RM_OK);
    assert_int_equal(rm_hashes_repeated(&cells), 30);
    rm_hashes_clear(&hashes);
    rm_hashes_clear(&cells);
    /* 100,000 different rows */
    rm_rows_reset(&rows);
    char name[16];
    for (int i = 0; i < 100000; i++) {
        snprintf(name, sizeof name, "%d", i / 10);
        add_row(&rows, name, i % 10);
    }
    assert_int_equal(rm_hash_rows(&hashes, &rows, &err), RM_OK);
    assert_int_equal(rm_hashes_repeated(&hashes), 0);
    rm_hashes_clear(&hashes);
    rm_rows_clear(&rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_a_shielded_source_in_dutch, scratch_setup,
                                        scratch_teardown),
        cmocka_unit_test_setup_teardown(test_an_open_source_in_english, scratch_setup,
                                        scratch_teardown),
        cmocka_unit_test_setup_teardown(test_the_model_says_what_it_is_for, scratch_setup,
                                        scratch_teardown),
        cmocka_unit_test_setup_teardown(test_both_files_or_neither, scratch_setup,
                                        scratch_teardown),
        cmocka_unit_test(test_metadata_of_many_kinds),
        cmocka_unit_test(test_hostile_metadata_says_nothing),
        cmocka_unit_test(test_duplicates_are_counted_beyond_the_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
